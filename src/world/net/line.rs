//! One connection of a terminal to a host, with a deadline for everything.
//!
//! What decides about money is whether a byte of the request was handed to the kernel. Sockets are written here and
//! nowhere else, through a counter.

use super::address::Address;
use super::tls;
use crate::payment::iso8583::cut::FrameReader;
use crate::payment::iso8583::dialect::Dialect;
use crate::script_error::words::Said;
use rustls::{ClientConfig, ClientConnection};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Numbers of one name that are tried.
const NUMBERS_MOST: usize = 4;
/// Bytes read at once.
const PIECE: usize = 4096;

/// Why no connection was made.
#[derive(Debug)]
pub enum NotOpened {
    /// Not even TCP.
    Tcp(Said),
    /// TCP yes, TLS no. `plain`: what answers does not speak TLS.
    Tls {
        /// Why.
        why: Said,
        /// True if what answers does not speak TLS.
        plain: bool,
    },
}

impl NotOpened {
    /// Why, in words.
    pub fn why(&self) -> &Said {
        match self {
            NotOpened::Tcp(why) | NotOpened::Tls { why, .. } => why,
        }
    }
}

/// Why a request was not sent whole.
#[derive(Debug)]
pub struct NotSent {
    /// True if a byte of it was handed to the kernel: the host may have it.
    pub handed_over: bool,
    /// Why.
    pub why: Said,
}

/// What came.
#[derive(Debug)]
pub enum Came {
    /// A whole frame.
    Frame(Vec<u8>),
    /// Bytes that are no frame; nothing more can be told apart on this line.
    Garbage(Vec<u8>),
    /// Nothing whole before the deadline; so many bytes of an unfinished frame.
    Late {
        /// Bytes of an unfinished frame.
        unfinished: usize,
    },
    /// The connection ended.
    Closed {
        /// Bytes of an unfinished frame.
        unfinished: usize,
        /// Why, if not simply closed.
        why: Option<Said>,
    },
}

/// A connection.
pub struct Line {
    socket: Counted,
    tls: Option<Box<ClientConnection>>,
    reader: FrameReader,
    closed: bool,
}

/// A socket that counts what it hands to the kernel.
struct Counted {
    socket: TcpStream,
    handed: usize,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let handed = self.socket.write(bytes)?;
        self.handed += handed;
        Ok(handed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Line {
    /// Connects, with TLS where the address asks for it. Not a byte of any request has left when this returns.
    pub fn open(
        address: &Address,
        tls: Option<&Arc<ClientConfig>>,
        dialect: &Dialect,
        deadline: Instant,
    ) -> Result<Line, NotOpened> {
        let socket = connect(address, deadline).map_err(NotOpened::Tcp)?;
        // A request is one small segment; waiting for more to put into it only costs time.
        let _ = socket.set_nodelay(true);
        let mut line =
            Line { socket: Counted { socket, handed: 0 }, tls: None, reader: FrameReader::new(dialect), closed: false };
        if address.tls {
            let refused = |why| NotOpened::Tls { why, plain: false };
            let config = tls.ok_or_else(|| {
                refused(Said::new("没有给出可信任的 CA（--tls-ca）", "no trusted CA was given (--tls-ca)"))
            })?;
            let name = tls::name_of(address).map_err(refused)?;
            let connection = ClientConnection::new(Arc::clone(config), name)
                .map_err(|error| NotOpened::Tls { why: tls::words(&error), plain: tls::is_no_tls(&error) })?;
            line.tls = Some(Box::new(connection));
            line.shake_hands(deadline)?;
        }
        // The bytes of the handshake are none of the request.
        line.socket.handed = 0;
        Ok(line)
    }

    /// Hands a frame to the kernel.
    pub fn send(&mut self, frame: &[u8], deadline: Instant) -> Result<(), NotSent> {
        self.socket.handed = 0;
        let sent = match &mut self.tls {
            None => write_all(&mut self.socket, frame, deadline),
            Some(connection) => connection.writer().write_all(frame).and_then(|()| {
                while connection.wants_write() {
                    limit_write(&self.socket.socket, deadline)?;
                    match connection.write_tls(&mut self.socket) {
                        Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                        _ => {}
                    }
                }
                Ok(())
            }),
        };
        sent.map_err(|error| {
            self.closed = true;
            NotSent { handed_over: self.socket.handed > 0, why: words(&error) }
        })
    }

    /// Waits for the next frame.
    pub fn receive(&mut self, deadline: Instant) -> Came {
        loop {
            match self.reader.next_frame() {
                Ok(Some(frame)) => return Came::Frame(frame.to_vec()),
                Ok(None) => {}
                Err(_) => {
                    self.closed = true;
                    return Came::Garbage(self.reader.rest().to_vec());
                }
            }
            let unfinished = self.reader.unfinished();
            if self.closed {
                return Came::Closed { unfinished, why: None };
            }
            match self.piece(deadline) {
                Ok(0) => self.closed = true,
                Ok(_) => {}
                Err(error) if is_late(&error) => {
                    if Instant::now() >= deadline {
                        return Came::Late { unfinished };
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.closed = true;
                    // Some end a TLS line without saying goodbye; that is an end like any other.
                    let plain_end = error.kind() == ErrorKind::UnexpectedEof;
                    return Came::Closed { unfinished, why: (!plain_end).then(|| words(&error)) };
                }
            }
        }
    }

    /// Every frame that is there already, without waiting.
    pub fn poll(&mut self) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        while !self.closed && frames.len() < 64 {
            match self.receive(Instant::now()) {
                Came::Frame(frame) | Came::Garbage(frame) => frames.push(frame),
                Came::Late { .. } | Came::Closed { .. } => break,
            }
        }
        frames
    }

    /// True if nothing can be sent on it any more.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// What is there of a frame that is not whole.
    pub fn unfinished(&mut self) -> Vec<u8> {
        self.reader.rest().to_vec()
    }

    /// Reads what there is into the reader; 0 at the end.
    fn piece(&mut self, deadline: Instant) -> io::Result<usize> {
        let mut piece = zeroize::Zeroizing::new([0; PIECE]);
        let Some(connection) = &mut self.tls else {
            limit_read(&self.socket.socket, deadline)?;
            let count = self.socket.socket.read(&mut *piece)?;
            self.reader.push(piece.get(..count).unwrap_or_default());
            return Ok(count);
        };
        match connection.reader().read(&mut *piece) {
            Ok(count) => {
                self.reader.push(piece.get(..count).unwrap_or_default());
                return Ok(count);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        limit_read(&self.socket.socket, deadline)?;
        if connection.read_tls(&mut self.socket.socket)? == 0 {
            return Ok(0);
        }
        connection.process_new_packets().map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        // Something came; whether it holds a byte for us the next turn says.
        Ok(1)
    }

    fn shake_hands(&mut self, deadline: Instant) -> Result<(), NotOpened> {
        let Some(connection) = &mut self.tls else { return Ok(()) };
        let failed = |error: io::Error| {
            let of_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            match of_tls {
                Some(error) => NotOpened::Tls { why: tls::words(error), plain: tls::is_no_tls(error) },
                None if is_late(&error) => {
                    let why = Said::new("TLS 握手没有及时完成", "the TLS handshake did not end in time");
                    NotOpened::Tls { why, plain: true }
                }
                None => {
                    let why = Said::new("对方在 TLS 握手中断开", "the other side broke off in the TLS handshake");
                    NotOpened::Tls { why, plain: true }
                }
            }
        };
        while connection.is_handshaking() || connection.wants_write() {
            if Instant::now() >= deadline {
                return Err(failed(ErrorKind::TimedOut.into()));
            }
            let step = if connection.wants_write() {
                limit_write(&self.socket.socket, deadline)
                    .and_then(|()| connection.write_tls(&mut self.socket).map(|_| ()))
            } else {
                limit_read(&self.socket.socket, deadline).and_then(|()| {
                    match connection.read_tls(&mut self.socket.socket)? {
                        0 => Err(ErrorKind::UnexpectedEof.into()),
                        _ => Ok(()),
                    }
                })
            };
            let processed = step.and_then(|()| {
                connection.process_new_packets().map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
            });
            match processed {
                Ok(_) => {}
                Err(error) if is_late(&error) || error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    // The other side should learn why: its log is where the error is looked for.
                    let _ = connection.write_tls(&mut self.socket);
                    return Err(failed(error));
                }
            }
        }
        Ok(())
    }
}

/// Connects by TCP: every number of the name in turn, each with its share of the time.
fn connect(address: &Address, deadline: Instant) -> Result<TcpStream, Said> {
    let numbers = resolve(address, deadline)?;
    let mut failed = Said::new("主机名没有地址", "the host's name has no address");
    for (at, number) in numbers.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(numbers.len() - at).unwrap_or(1);
        if share.is_zero() {
            return Err(words(&ErrorKind::TimedOut.into()));
        }
        match TcpStream::connect_timeout(number, share) {
            Ok(socket) => return Ok(socket),
            Err(error) => failed = words(&error),
        }
    }
    Err(failed)
}

/// The numbers of a name. The system's resolver knows no deadline, so it is asked by a thread that may be left behind.
fn resolve(address: &Address, deadline: Instant) -> Result<Vec<SocketAddr>, Said> {
    if let Some(ip) = address.ip() {
        return Ok(vec![SocketAddr::new(ip, address.port)]);
    }
    let (give, take) = mpsc::channel();
    let (host, port) = (address.host.clone(), address.port);
    thread::spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs();
        let _ = give.send(found.map(|found| found.take(NUMBERS_MOST).collect::<Vec<_>>()));
    });
    match take.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(Ok(numbers)) => Ok(numbers),
        _ => Err(Said::new("主机名无法解析", "the host's name cannot be resolved")),
    }
}

fn write_all(socket: &mut Counted, mut rest: &[u8], deadline: Instant) -> io::Result<()> {
    while !rest.is_empty() {
        limit_write(&socket.socket, deadline)?;
        match socket.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn limit_write(socket: &TcpStream, deadline: Instant) -> io::Result<()> {
    match deadline.saturating_duration_since(Instant::now()) {
        left if left.is_zero() => Err(ErrorKind::TimedOut.into()),
        left => socket.set_write_timeout(Some(left)),
    }
}

fn limit_read(socket: &TcpStream, deadline: Instant) -> io::Result<()> {
    // What is there already is read even at the deadline.
    let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    socket.set_read_timeout(Some(left))
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// What the system says, in words.
pub fn words(error: &io::Error) -> Said {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            Said::new("连接被拒绝：该端口上没有程序在听", "the connection was refused: nothing listens on that port")
        }
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Said::new("没有及时连上", "there was no answer in time"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            Said::new("没有通往该地址的网络", "no network leads to that address")
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Said::new("对方重置了连接", "the other side reset the connection")
        }
        ErrorKind::AddrInUse => Said::new("端口已被另一个程序占用", "the port is in use by another program"),
        ErrorKind::AddrNotAvailable => Said::new("这不是本机的地址", "this is no address of this machine"),
        ErrorKind::PermissionDenied => Said::new("没有权限", "permission denied"),
        _ => {
            let text = error.to_string();
            Said::new(text.clone(), text)
        }
    }
}
