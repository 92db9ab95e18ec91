use super::{Observations, OutputError};
use crate::proto::v1::Observation;
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
    assert!(matches!(observations.next().await, Err(OutputError::NotAnObservation(_))));
}
