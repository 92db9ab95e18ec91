use crate::model::{Authority, ServerConfig};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

/// What the servers' certificates are for, besides each server's own name.
const NAMES: &str = "*.test.google.fr";

/// The certificates of one run, made for it and worth nothing after it: the authority that signs the servers' certificates, and
/// a stranger that signs none.
pub(super) struct Certificates {
    authority: CertifiedIssuer<'static, KeyPair>,
    stranger: String,
}

/// A server's certificate and its key, in PEM.
pub(super) struct Leaf {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Certificates {
    pub(super) fn mint() -> Result<Certificates, rcgen::Error> {
        let authority = issuer("interop test authority")?;
        let stranger = issuer("interop stranger")?.pem();
        Ok(Certificates { authority, stranger })
    }

    /// The certificate of an authority, in PEM.
    pub(super) fn authority(&self, which: Authority) -> String {
        match which {
            Authority::Run => self.authority.pem(),
            Authority::Stranger => self.stranger.clone(),
        }
    }

    /// A certificate for a server, expired where its setting says so.
    pub(super) fn leaf(&self, host: &str, config: ServerConfig) -> Result<Leaf, rcgen::Error> {
        let mut params = CertificateParams::new(vec![NAMES.to_owned(), host.to_owned()])?;
        params.distinguished_name = name(host);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = match config {
            ServerConfig::Expired => days(-30, -1),
            ServerConfig::Plaintext | ServerConfig::Tls => days(-1, 30),
        };
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.authority)?.pem();
        Ok(Leaf { certificate, key: key.serialize_pem() })
    }
}

fn issuer(common_name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = name(common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = days(-60, 60);
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// From so many days after today to so many.
fn days(from: i64, to: i64) -> (OffsetDateTime, OffsetDateTime) {
    let now = OffsetDateTime::now_utc();
    (now + Duration::days(from), now + Duration::days(to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio_rustls::rustls::client::WebPkiServerVerifier;
    use tokio_rustls::rustls::client::danger::ServerCertVerifier;
    use tokio_rustls::rustls::crypto::ring::default_provider;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use tokio_rustls::rustls::{CertificateError, Error, RootCertStore};

    /// What a client that trusts this authority says of a server's certificate.
    fn verified(authority: &str, leaf: &Leaf, name: &str) -> Result<(), Error> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider()));
        let certificate = CertificateDer::from_pem_slice(leaf.certificate.as_bytes()).unwrap();
        let name = ServerName::try_from(name).unwrap();
        verifier.build().unwrap().verify_server_cert(&certificate, &[], &name, &[], UnixTime::now()).map(drop)
    }

    #[test]
    fn a_certificate_is_good_for_its_names_its_authority_and_its_time() {
        let certificates = Certificates::mint().unwrap();
        let (run, stranger) = (certificates.authority(Authority::Run), certificates.authority(Authority::Stranger));
        let leaf = certificates.leaf("go-server", ServerConfig::Tls).unwrap();
        assert_eq!(verified(&run, &leaf, crate::model::SERVER_NAME), Ok(()));
        assert_eq!(verified(&run, &leaf, "go-server"), Ok(()));
        let refused = |result: Result<(), Error>| {
            let Err(Error::InvalidCertificate(error)) = result else { panic!("{result:?}") };
            error
        };
        assert!(matches!(
            refused(verified(&run, &leaf, "foo.example.test")),
            CertificateError::NotValidForNameContext { .. }
        ));
        assert_eq!(refused(verified(&stranger, &leaf, "go-server")), CertificateError::UnknownIssuer);
        let expired = certificates.leaf("go-server", ServerConfig::Expired).unwrap();
        assert!(matches!(refused(verified(&run, &expired, "go-server")), CertificateError::ExpiredContext { .. }));
    }
}
