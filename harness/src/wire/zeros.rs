const ZEROS: &[u8] = &[0; 4 << 10];

/// Whether all bytes are zeros, as in the bodies of messages. To compare is what the C library does fastest, whatever this crate is
/// optimised for.
pub fn are_zeros(bytes: &[u8]) -> bool {
    bytes.chunks(ZEROS.len()).all(|chunk| *chunk == ZEROS[..chunk.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_octet_is_enough_wherever_it_is() {
        for length in [0, 1, ZEROS.len() - 1, ZEROS.len(), 2 * ZEROS.len() + 1] {
            let mut bytes = vec![0; length];
            assert!(are_zeros(&bytes));
            for at in [0, length / 2, length.saturating_sub(1)] {
                if let Some(octet) = bytes.get_mut(at) {
                    *octet = 1;
                    assert!(!are_zeros(&bytes), "{at} of {length}");
                    bytes[at] = 0;
                }
            }
        }
    }
}
