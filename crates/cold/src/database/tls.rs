//! TLS as `sslmode` asks for it, which means what it means to libpq.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use postgres::config::SslMode;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::DatabaseError;

/// What is demanded of a connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Demand {
    pub mode: SslMode,
    check: Check,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Check {
    /// Encrypted, with whoever is there.
    None,
    /// With a server whose certificate an authority of this file made.
    Authority(PathBuf),
    /// And made for this host; without a file, by an authority that the machine trusts.
    Host(Option<PathBuf>),
}

impl Demand {
    /// From `sslmode` and `sslrootcert`, as they were given.
    pub fn parse(mode: Option<&str>, root: Option<&str>) -> Result<Demand, DatabaseError> {
        if root == Some("system") {
            return match mode {
                None | Some("verify-full") => Ok(Demand { mode: SslMode::Require, check: Check::Host(None) }),
                Some(mode) => Err(DatabaseError::new(format!(
                    "sslmode={mode} checks no host, so that anybody's certificate would do: sslrootcert=system takes verify-full"
                ))),
            };
        }
        let root = root.map(PathBuf::from);
        let check = match (mode, root) {
            (Some("require"), None) => Check::None,
            (Some("require" | "verify-ca"), Some(root)) => Check::Authority(root),
            (Some("verify-ca"), None) => return Err(DatabaseError::new("sslmode=verify-ca needs sslrootcert")),
            (Some("verify-full"), root) => Check::Host(root),
            (Some("disable"), _) => return Ok(Demand { mode: SslMode::Disable, check: Check::None }),
            (None | Some("prefer" | "allow"), _) => return Ok(Demand { mode: SslMode::Prefer, check: Check::None }),
            (Some(other), _) => return Err(DatabaseError::new(format!("sslmode={other} is not known"))),
        };
        Ok(Demand { mode: SslMode::Require, check })
    }

    pub fn connector(&self) -> Result<MakeRustlsConnect, DatabaseError> {
        // The one that the object stores bring along.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let of_authority = |root: Option<&Path>| {
            let roots = Arc::new(roots(root)?);
            WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build().map_err(unusable)
        };
        let verifier: Arc<dyn ServerCertVerifier> = match &self.check {
            Check::None => Arc::new(Anybody { provider: provider.clone(), authority: None }),
            Check::Authority(root) => {
                Arc::new(Anybody { provider: provider.clone(), authority: Some(of_authority(Some(root))?) })
            }
            Check::Host(root) => of_authority(root.as_deref())?,
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

fn unusable(error: impl std::fmt::Display) -> DatabaseError {
    DatabaseError::new(format!("TLS cannot be set up: {error}"))
}

fn roots(file: Option<&Path>) -> Result<RootCertStore, DatabaseError> {
    let certificates = match file {
        Some(file) => CertificateDer::pem_file_iter(file)
            .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
            .map_err(|error| DatabaseError::new(format!("sslrootcert {}: {error}", file.display())))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() { Err(DatabaseError::new("there is no certificate to trust")) } else { Ok(roots) }
}

/// Takes a certificate for whatever host it was made; where an authority is named, only its.
#[derive(Debug)]
struct Anybody {
    provider: Arc<CryptoProvider>,
    authority: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        match authority.verify_server_cert(certificate, intermediates, name, stapled, now) {
            // The name is looked at last, when all else is right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_means_what_it_means_to_libpq() {
        let demand = |mode, root| Demand::parse(Some(mode), root).unwrap();
        let root = || PathBuf::from("/root.crt");
        assert_eq!(Demand::parse(None, None).unwrap().mode, SslMode::Prefer);
        assert_eq!(demand("disable", None).mode, SslMode::Disable);
        assert_eq!(demand("require", None), Demand { mode: SslMode::Require, check: Check::None });
        assert_eq!(demand("require", Some("/root.crt")).check, Check::Authority(root()));
        assert_eq!(demand("verify-ca", Some("/root.crt")).check, Check::Authority(root()));
        assert_eq!(demand("verify-full", Some("/root.crt")).check, Check::Host(Some(root())));
        assert_eq!(demand("verify-full", Some("system")).check, Check::Host(None));
        assert_eq!(Demand::parse(None, Some("system")).unwrap(), demand("verify-full", None));
        for mode in ["disable", "prefer", "require", "verify-ca"] {
            assert!(Demand::parse(Some(mode), Some("system")).is_err(), "{mode}");
        }
        assert!(Demand::parse(Some("verify-ca"), None).is_err());
        assert!(Demand::parse(Some("verify"), None).is_err());
    }
}
