use super::{BLOCK, PIECE, STEP, Squeezer};
use crate::wire::limits;
use proptest::prelude::*;
use std::io::Read;

/// What the library reads of it, with as little memory as a capture is read with.
fn read(compressed: &[u8]) -> Vec<u8> {
    let mut decoder = zstd::Decoder::new(compressed).unwrap();
    decoder.window_log_max(limits::CAPTURE_WINDOW_LOG).unwrap();
    let mut plain = Vec::new();
    decoder.read_to_end(&mut plain).unwrap();
    plain
}

fn squeezed(parts: &[&[u8]]) -> Vec<u8> {
    let mut squeezer = Squeezer::new();
    parts.iter().for_each(|part| squeezer.push(part));
    squeezer.end();
    squeezer.take(Vec::new())
}

#[test]
fn a_mebibyte_of_zeros_is_eight_blocks() {
    assert_eq!(squeezed(&[&[0; 1 << 20]]).len(), 6 + 8 * 4 + 3);
    assert_eq!(squeezed(&[]).len(), 6 + 3);
}

#[test]
fn what_is_no_zeros_grows_by_its_headers() {
    let noise = vec![7; 10 * BLOCK + 1];
    let compressed = squeezed(&[&noise]);
    assert_eq!(compressed.len(), 6 + noise.len() + 11 * 3 + 3);
    assert_eq!(read(&compressed), noise);
}

/// Zeros, or none of them.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![0..2 * PIECE, 0..3 * STEP, BLOCK - 100..BLOCK + 100];
    (length, prop::option::of(1..=255_u8)).prop_map(|(length, octet)| vec![octet.unwrap_or_default(); length])
}

proptest! {
    #[test]
    fn what_is_read_is_what_was_pushed(parts in prop::collection::vec((part(), any::<bool>()), 0..12)) {
        let mut squeezer = Squeezer::new();
        let (mut compressed, mut plain) = (Vec::new(), Vec::new());
        for (part, taken) in parts {
            squeezer.push(&part);
            plain.extend(part);
            if taken {
                compressed.extend(squeezer.take(Vec::new()));
            }
        }
        squeezer.end();
        compressed.extend(squeezer.take(Vec::new()));
        prop_assert!(read(&compressed) == plain);
    }

    #[test]
    fn however_it_is_cut(bytes in prop::collection::vec(prop_oneof![8 => Just(0_u8), 1 => any::<u8>()], 0..5_000), cut: prop::sample::Index) {
        let (start, end) = bytes.split_at(cut.index(bytes.len() + 1));
        prop_assert_eq!(read(&squeezed(&[start, end])), bytes);
    }
}
