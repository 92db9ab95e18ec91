use super::view::{Kind, blocks};
use super::{Broken, text};
use crate::wire::Connection;

/// What a `grpc-timeout` value means in nanoseconds: 1 to 8 digits and a unit of `H M S m u n`, nothing otherwise.
///
/// Zero is returned as zero: that it must not be sent is for W11 to say.
pub fn timeout_ns(value: &[u8]) -> Option<u128> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    let nanoseconds: u128 = match unit {
        b'H' => 3_600_000_000_000,
        b'M' => 60_000_000_000,
        b'S' => 1_000_000_000,
        b'm' => 1_000_000,
        b'u' => 1_000,
        b'n' => 1,
        _ => return None,
    };
    let number = digits
        .iter()
        .try_fold(0_u128, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u128::from(digit - b'0')))?;
    Some(number.saturating_mul(nanoseconds))
}

pub(super) fn w11(connection: &Connection) -> Vec<Broken> {
    let mut broken = Vec::new();
    for seen in blocks(connection).filter(|seen| seen.kind == Kind::Request) {
        for value in seen.block.all("grpc-timeout") {
            let expected = match timeout_ns(value) {
                None => "grpc-timeout of 1 to 8 digits and a unit of H M S m u n",
                Some(0) => "grpc-timeout above zero",
                Some(_) => continue,
            };
            broken.push(seen.broken(expected, text::field(b"grpc-timeout", value)));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_unit() {
        for (value, expected) in [
            ("2H", 7_200_000_000_000),
            ("3M", 180_000_000_000),
            ("1S", 1_000_000_000),
            ("1010m", 1_010_000_000),
            ("100000u", 100_000_000),
            ("00000001n", 1),
            ("0n", 0),
            ("99999999H", 359_999_996_400_000_000_000),
        ] {
            assert_eq!(timeout_ns(value.as_bytes()), Some(expected), "{value}");
        }
    }

    #[test]
    fn refuses_other_forms() {
        for value in ["", "S", "1", "123456789m", "1s", "-1S", "+1S", "1.5S", " 1S", "1S ", "1h", "1\u{b5}"] {
            assert_eq!(timeout_ns(value.as_bytes()), None, "{value}");
        }
    }
}
