//! A connection with or without TLS, as the servers here see it.

use super::address::Address;
use super::tls;
use rustls::{ClientConfig, ServerConfig};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// How long connecting to a host may take.
const DIAL: Duration = Duration::from_secs(10);
/// How long a client may take for its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A connection that was accepted, or made to a host.
pub enum Stream {
    /// Plain.
    Plain(TcpStream),
    /// With TLS, as the server of it.
    Served(Box<tokio_rustls::server::TlsStream<TcpStream>>),
    /// With TLS, as the client of it.
    Dialled(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

/// Takes a connection over, and shakes hands where TLS is asked for.
pub async fn accept(socket: TcpStream, tls: Option<&Arc<ServerConfig>>) -> io::Result<Stream> {
    // A reply is one small segment; waiting for more to put into it only costs time.
    let _ = socket.set_nodelay(true);
    let Some(config) = tls else { return Ok(Stream::Plain(socket)) };
    let shaken = timeout(HANDSHAKE, TlsAcceptor::from(Arc::clone(config)).accept(socket)).await;
    shaken.map_err(|_| io::ErrorKind::TimedOut)?.map(|stream| Stream::Served(Box::new(stream)))
}

/// Connects to a host, with TLS where its address asks for it.
pub async fn dial(address: &Address, tls: Option<&Arc<ClientConfig>>) -> io::Result<Stream> {
    let other = |text: &str| io::Error::other(text.to_owned());
    let dialled = async {
        let socket = TcpStream::connect(address.socket()).await?;
        let _ = socket.set_nodelay(true);
        if !address.tls {
            return Ok(Stream::Plain(socket));
        }
        let config = tls.ok_or_else(|| other("--tls-ca"))?;
        let name = tls::name_of(address).map_err(|said| other(&said.en))?;
        let stream = TlsConnector::from(Arc::clone(config)).connect(name, socket).await?;
        Ok(Stream::Dialled(Box::new(stream)))
    };
    timeout(DIAL, dialled).await.map_err(|_| io::ErrorKind::TimedOut)?
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Served(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Dialled(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Served(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Dialled(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Served(stream) => Pin::new(stream).poll_flush(context),
            Stream::Dialled(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Served(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Dialled(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
