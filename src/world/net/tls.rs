//! TLS: whom a terminal trusts, and the certificate a simulated host shows. The one file that knows `rustls`.

use super::address::Address;
use crate::script_error::catalogue::network;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{CertificateError, ClientConfig, Error, RootCertStore, ServerConfig};
use std::path::Path;
use std::sync::Arc;

/// Certificates one file may hold.
const CERTIFICATES_MOST: usize = 64;
/// The largest file of certificates or keys, in bytes.
const FILE_MOST: u64 = 1 << 20;

/// What a terminal needs to speak TLS: it trusts this file's certificates and no others, not those of the machine.
pub fn client(ca: &Path) -> Result<Arc<ClientConfig>, Failure> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(ca)? {
        roots.add(certificate).map_err(|error| unusable(ca, &error.to_string()))?;
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(ca, &error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// A client that trusts nobody: it can learn that somebody speaks TLS, and no more.
pub fn trusting_nobody() -> Result<Arc<ClientConfig>, Failure> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(Path::new("-"), &error.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// What a host needs to speak TLS: its certificate with those between it and the CA, and its key, both PEM.
pub fn server(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, Failure> {
    let chain = certificates(certificate)?;
    let bytes = read(key)?;
    let secret = PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| unusable(key, &error.to_string()))?;
    server_config(chain, secret).map_err(|error| unusable(certificate, &error.to_string()))
}

/// A host with a certificate made up for this start, and the PEM that a terminal has to trust. For tests only.
pub fn self_signed(names: &[String]) -> Result<(Arc<ServerConfig>, String), Failure> {
    let here = Path::new("self");
    let failed = |error: rcgen::Error| unusable(here, &error.to_string());
    let mut params = CertificateParams::new(names.to_vec()).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, "TILL SIMULATED HOST, TEST ONLY");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 12, 31);
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = params.self_signed(&key).map_err(failed)?;
    let secret = PrivateKeyDer::try_from(key.serialize_der()).map_err(|error| unusable(here, error))?;
    let config = server_config(vec![certificate.der().clone()], secret);
    Ok((config.map_err(|error| unusable(here, &error.to_string()))?, certificate.pem()))
}

/// The name that the host's certificate has to carry.
pub fn name_of(address: &Address) -> Result<ServerName<'static>, Said> {
    ServerName::try_from(address.host.clone())
        .map_err(|_| Said::new("此主机名不能用于 TLS", "the host's name cannot be used for TLS"))
}

/// What went wrong with TLS, in words.
pub fn words(error: &Error) -> Said {
    match error {
        // One that names a trusted CA and is not signed by it is no better than one that names another.
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => Said::new(
            "主机的证书不是由所信任的 CA 签发的（--tls-ca）",
            "the host's certificate is not signed by a trusted CA (--tls-ca)",
        ),
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            Said::new("主机的证书已过期", "the host's certificate has expired")
        }
        Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            Said::new(
                "主机的证书尚未生效；查终端时间",
                "the host's certificate is not valid yet; check the terminal's clock",
            )
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Said::new("主机的证书是另一个名称的", "the host's certificate is for another name"),
        Error::InvalidMessage(_) => Said::new("对方说的不是 TLS", "what answers there does not speak TLS"),
        other => Said::new(format!("TLS 失败：{other}"), format!("TLS failed: {other}")),
    }
}

/// True if what answers does not speak TLS at all.
pub fn is_no_tls(error: &Error) -> bool {
    matches!(error, Error::InvalidMessage(_))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(default_provider())
}

fn server_config(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Arc<ServerConfig>, Error> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let bytes = read(path)?;
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        found.push(certificate.map_err(|error| unusable(path, &error.to_string()))?);
        if found.len() > CERTIFICATES_MOST {
            return Err(unusable(path, "> 64"));
        }
    }
    if found.is_empty() { Err(unusable(path, "no CERTIFICATE")) } else { Ok(found) }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let length = std::fs::metadata(path).map_err(|error| unusable(path, &error.to_string()))?.len();
    if length > FILE_MOST {
        return Err(unusable(path, "> 1 MiB"));
    }
    std::fs::read(path).map_err(|error| unusable(path, &error.to_string()))
}

fn unusable(path: &Path, detail: &str) -> Failure {
    Failure::new(network::TLS_UNUSABLE).text("path", path.display().to_string()).text("detail", detail)
}
