use super::{LIMIT, Observations, OutputError, Parser};
use crate::proto::v1::{CallObservation, Observation, Received};
use prost::Message;

fn observation(case: &str) -> Vec<u8> {
    Observation { case: case.to_owned(), ..Default::default() }.encode_length_delimited_to_vec()
}

#[tokio::test]
async fn observations_come_one_by_one_however_the_pipe_cuts_them() {
    let bytes = [observation("a"), observation("b")].concat();
    for cut in 0..=bytes.len() {
        let (first, second) = bytes.split_at(cut);
        let pipe = tokio::io::AsyncReadExt::chain(first, second);
        let mut observations = Observations::new(pipe);
        assert_eq!(observations.next().await.unwrap().case, "a");
        assert_eq!(observations.next().await.unwrap().case, "b");
        assert!(matches!(observations.next().await, Err(OutputError::Ended)));
    }
}

#[tokio::test]
async fn other_output_is_refused_and_shown_escaped() {
    let mut observations = Observations::new(&b"panic: \x1b[31moops and a good deal more than that\n"[..]);
    let error = observations.next().await.unwrap_err().to_string();
    assert!(error.contains("\\x1b[31m"), "{error}");
}

#[tokio::test]
async fn an_observation_cut_short_is_told_from_an_end() {
    let bytes = observation("abc");
    let mut observations = Observations::new(&bytes[..3]);
    assert!(matches!(observations.next().await, Err(OutputError::Truncated(_))));
}

#[tokio::test]
async fn a_length_beyond_the_limit_is_not_waited_for() {
    let mut observations = Observations::new(&[0xff, 0xff, 0xff, 0xff, 0x0f][..]);
    let error = observations.next().await.unwrap_err();
    assert!(matches!(error, OutputError::TooLarge { length: 0xffff_ffff, .. }), "{error}");
    assert!(error.to_string().contains(&LIMIT.to_string()), "{error}");
}

#[test]
fn a_length_within_the_limit_allocates_nothing() {
    let mut parser = Parser::default();
    prost::encode_length_delimiter(LIMIT, parser.buffer()).unwrap();
    assert!(matches!(parser.next(), Ok(None)));
    assert!(parser.buffer().capacity() < 100, "{}", parser.buffer().capacity());
}

#[test]
fn the_largest_observation_of_the_smallest_parts_is_bounded() {
    // A call of which nothing is known: its field number and a length of 0. A list that grows doubles, and is copied once.
    let call = size_of::<CallObservation>().max(size_of::<Received>());
    assert!(LIMIT / 2 * call * 3 < 384 << 20, "{call} bytes a call");
    let calls = vec![CallObservation::default(); LIMIT / 2 - 8];
    let mut parser = Parser::default();
    parser.buffer().extend(Observation { calls, ..Default::default() }.encode_length_delimited_to_vec());
    assert_eq!(parser.next().unwrap().unwrap().calls.len(), LIMIT / 2 - 8);
}
