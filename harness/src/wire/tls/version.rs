use std::fmt;

/// A version of TLS as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TlsVersion(pub u16);

impl TlsVersion {
    /// TLS 1.2 (RFC 5246), the oldest that HTTP/2 may use (RFC 9113 section 9.2).
    pub const TLS_1_2: TlsVersion = TlsVersion(0x0303);
    /// TLS 1.3 (RFC 8446).
    pub const TLS_1_3: TlsVersion = TlsVersion(0x0304);

    /// Whether it is a value that no version will ever have (RFC 8701), which some clients offer to see that servers
    /// ignore what they do not know.
    pub fn is_grease(self) -> bool {
        let [high, low] = self.0.to_be_bytes();
        high == low && high & 0x0f == 0x0a
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x0300 => f.pad("SSL 3.0"),
            0x0301 => f.pad("TLS 1.0"),
            0x0302 => f.pad("TLS 1.1"),
            0x0303 => f.pad("TLS 1.2"),
            0x0304 => f.pad("TLS 1.3"),
            other => f.pad(&format!("0x{other:04x}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_people_write_them() {
        let text: Vec<_> = (0x02ff..=0x0305).map(|version| TlsVersion(version).to_string()).collect();
        assert_eq!(text, ["0x02ff", "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3", "0x0305"]);
    }

    #[test]
    fn there_are_sixteen_grease_values() {
        let all: Vec<_> = (0..=u16::MAX).filter(|version| TlsVersion(*version).is_grease()).collect();
        assert_eq!(all.len(), 16);
        assert_eq!((all.first(), all.last()), (Some(&0x0a0a), Some(&0xfafa)));
    }
}
