//! TLS for the baselines: a certificate of the run's own, made anew each time.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client};

const NAME: &str = "localhost";

/// Makes a certificate for servers in this folder.
pub(crate) fn make(folder: &Path) -> Result<()> {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
    fs::write(folder.join("cert.der"), made.cert.der())?;
    Ok(fs::write(folder.join("key.der"), made.signing_key.serialize_der())?)
}

pub(crate) fn acceptor(folder: &Path) -> Result<TlsAcceptor> {
    let key = PrivateKeyDer::try_from(fs::read(folder.join("key.der"))?).map_err(anyhow::Error::msg)?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate(folder)?], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

pub(crate) fn connector(folder: &Path) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(folder)?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

pub(crate) async fn connect(connector: &TlsConnector, port: u16) -> Result<client::TlsStream<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    connector.connect(ServerName::try_from(NAME)?, stream).await.context("Failed to connect to a baseline's server")
}

fn certificate(folder: &Path) -> Result<CertificateDer<'static>> {
    Ok(CertificateDer::from(fs::read(folder.join("cert.der"))?))
}
