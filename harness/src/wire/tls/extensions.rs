use super::TlsVersion;
use tls_parser::{
    SNIType, TlsExtension, TlsExtensionType, parse_tls_client_hello_extension, parse_tls_extension_unknown,
};

/// The extensions of a hello that are read; the first of each type counts.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) server_name: Option<String>,
    pub(super) alpn: Option<Vec<Vec<u8>>>,
    pub(super) versions: Option<Vec<TlsVersion>>,
}

impl Extensions {
    /// Reads a list of extensions. The contents of other types are passed over, whatever they are: the parser of all
    /// would give up at the first one it cannot read.
    pub(super) fn parse(mut list: &[u8]) -> Result<Extensions, String> {
        let mut extensions = Extensions::default();
        while !list.is_empty() {
            let (rest, extension) =
                parse_tls_extension_unknown(list).map_err(|_| "whose extensions do not fit their length".to_owned())?;
            if let TlsExtension::Unknown(kind, _) = extension {
                extensions.read(kind, list)?;
            }
            list = rest;
        }
        Ok(extensions)
    }

    /// Reads the extension that `list` begins with.
    fn read(&mut self, kind: TlsExtensionType, list: &[u8]) -> Result<(), String> {
        let known = matches!(
            kind,
            TlsExtensionType::ServerName
                | TlsExtensionType::ApplicationLayerProtocolNegotiation
                | TlsExtensionType::SupportedVersions
        );
        if !known {
            return Ok(());
        }
        let (_, extension) =
            parse_tls_client_hello_extension(list).map_err(|_| format!("whose extension {} cannot be read", kind.0))?;
        if let TlsExtension::SNI(names) = extension {
            let host = names.into_iter().find(|(kind, _)| *kind == SNIType::HostName);
            let host = host.map(|(_, name)| String::from_utf8_lossy(name).into_owned());
            self.server_name = self.server_name.take().or(host);
        } else if let TlsExtension::ALPN(protocols) = extension {
            self.alpn.get_or_insert_with(|| protocols.into_iter().map(<[u8]>::to_vec).collect());
        } else if let TlsExtension::SupportedVersions(versions) = extension {
            self.versions.get_or_insert_with(|| versions.into_iter().map(|version| TlsVersion(version.0)).collect());
        }
        Ok(())
    }
}
