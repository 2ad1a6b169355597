//! The simulated host as a server: many connections, one thread, nothing that a client sends can hold it up.

use super::door;
use super::line;
use super::stream::{Stream, accept};
use crate::payment::iso8583::cut::FrameReader;
use crate::payment::iso8583::decode_error::DecodeError;
use crate::payment::iso8583::dialect::Dialect;
use crate::script_error::words::Said;
use crate::world::host::centre::Centre;
use crate::world::host::delivery::{Delivery, Handled};
use rustls::ServerConfig;
use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::select;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep_until, timeout};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// Replies of one connection that may wait for their time.
const DUE_MOST: usize = 64;
/// How long a client may take to take a reply.
const WRITE: Duration = Duration::from_secs(10);
/// Bytes read at once; each connection has them.
const PIECE: usize = 1024;

/// How a server treats its clients.
#[derive(Clone)]
pub struct ServerSetup {
    /// Its certificate; `None` for plain TCP.
    pub tls: Option<Arc<ServerConfig>>,
    /// Connections at once; more are closed at the door.
    pub connections_most: usize,
    /// How long a connection may be silent between messages.
    pub idle: Duration,
    /// How long a message may take from its first byte to its last.
    pub message: Duration,
    /// The host's time at the beginning, in milliseconds since 1970. It runs on from there.
    pub now_ms: i64,
}

impl ServerSetup {
    /// The usual limits.
    pub fn new(now_ms: i64) -> ServerSetup {
        ServerSetup {
            tls: None,
            connections_most: 4096,
            idle: Duration::from_secs(300),
            message: Duration::from_secs(15),
            now_ms,
        }
    }
}

/// Something that happened.
#[derive(Debug)]
pub enum Event<'e> {
    /// Somebody connected.
    Opened {
        /// The number of the connection, from 1.
        connection: u64,
        /// From where.
        peer: SocketAddr,
    },
    /// A message came, or bytes that are none.
    Handled {
        /// The number of the connection.
        connection: u64,
        /// The host's time.
        now_ms: i64,
        /// What came of it.
        handled: &'e Handled,
    },
    /// Bytes that cannot be cut into frames; the connection is closed.
    NotCut {
        /// The number of the connection.
        connection: u64,
        /// The host's time.
        now_ms: i64,
        /// Why.
        error: DecodeError,
    },
    /// A reply that nobody took.
    NotTaken {
        /// The number of the connection.
        connection: u64,
    },
    /// A connection ended.
    Closed {
        /// The number of the connection.
        connection: u64,
        /// How.
        end: End,
        /// Messages that came on it.
        messages: u64,
    },
    /// Too many connections; this one was closed at once.
    Full {
        /// From where.
        peer: SocketAddr,
    },
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The client closed it between messages.
    Closed,
    /// The client closed it within a message, of which so many bytes were there.
    Half(usize),
    /// No whole message in time, of which so many bytes were there.
    Slow(usize),
    /// Silent for too long.
    Idle,
    /// The host ended it: a fault, or bytes that it cannot read.
    Broken,
    /// The server stopped.
    Stopped,
    /// TLS or the network failed.
    Failed(Said),
}

/// What a server did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were taken.
    pub connections: u64,
    /// Connections that were closed at the door.
    pub turned_away: u64,
    /// Messages that could be read.
    pub messages: u64,
    /// Frames or bytes that could not be read.
    pub unreadable: u64,
    /// Replies that nobody took.
    pub not_taken: u64,
}

/// Who is told what happens.
pub type Watch = Box<dyn FnMut(&Event<'_>)>;

/// What a line from the keyboard does; false ends the server.
pub type Command = Box<dyn FnMut(&str, &mut Centre) -> bool>;

/// A server that listens and has not begun.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
    signals: Signals,
}

/// What all connections share.
struct Shared {
    setup: ServerSetup,
    dialect: Dialect,
    centre: RefCell<Centre>,
    watch: RefCell<Watch>,
    counts: RefCell<Counts>,
    open: Cell<usize>,
    began: Instant,
}

impl Shared {
    fn tell(&self, event: &Event<'_>) {
        (self.watch.borrow_mut())(event);
    }

    fn now_ms(&self) -> i64 {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.setup.now_ms.saturating_add(passed)
    }
}

impl Server {
    /// Listens. Port 0 lets the system choose a free one.
    pub fn bind(address: &str) -> Result<Server, Said> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| line::words(&error))?;
        let numbers: Vec<SocketAddr> = address.to_socket_addrs().map_err(|error| line::words(&error))?.collect();
        let unknown = || Said::new("没有这个地址", "there is no such address");
        let number = *numbers.first().ok_or_else(unknown)?;
        let listener = runtime.block_on(async {
            let socket = if number.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            // A port that a server has just left is free at once.
            #[cfg(unix)]
            socket.set_reuseaddr(true)?;
            socket.bind(number)?;
            socket.listen(BACKLOG)
        });
        let listener = listener.map_err(|error| line::words(&error))?;
        let address = listener.local_addr().map_err(|error| line::words(&error))?;
        Ok(Server { runtime, listener, address, signals: Signals::none() })
    }

    /// Ends at Ctrl-C and SIGTERM from here on.
    pub fn catch_signals(&mut self) {
        let _inside = self.runtime.enter();
        self.signals = Signals::caught();
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it is made of, for another kind of server.
    pub(super) fn into_parts(self) -> (Runtime, TcpListener, Signals) {
        (self.runtime, self.listener, self.signals)
    }

    /// Serves until a line or a signal ends it. Gives back the centre as it is then, and what was done.
    pub fn run(
        self,
        setup: ServerSetup,
        centre: Centre,
        lines: UnboundedReceiver<String>,
        command: Command,
        watch: Watch,
    ) -> (Centre, Counts) {
        let dialect = centre.dialect().clone();
        let shared = Rc::new(Shared {
            setup,
            dialect,
            centre: RefCell::new(centre),
            watch: RefCell::new(watch),
            counts: RefCell::default(),
            open: Cell::new(0),
            began: Instant::now(),
        });
        let tasks = LocalSet::new();
        tasks.block_on(&self.runtime, serve(Rc::clone(&shared), self.listener, self.signals, lines, command));
        // Connections that have not ended by now are dropped with the tasks.
        drop(tasks);
        match Rc::try_unwrap(shared) {
            Ok(shared) => (shared.centre.into_inner(), shared.counts.into_inner()),
            Err(_) => unreachable!("every task is gone"),
        }
    }
}

async fn serve(
    shared: Rc<Shared>,
    listener: TcpListener,
    signals: Signals,
    lines: UnboundedReceiver<String>,
    mut command: Command,
) {
    let (at_the_keyboard, at_the_door) = (Rc::clone(&shared), Rc::clone(&shared));
    let mut number = 0;
    let enter = move |socket, peer, stopped| {
        let shared = &at_the_door;
        if shared.open.get() >= shared.setup.connections_most {
            shared.counts.borrow_mut().turned_away += 1;
            shared.tell(&Event::Full { peer });
            return;
        }
        number += 1;
        shared.open.set(shared.open.get() + 1);
        shared.counts.borrow_mut().connections += 1;
        spawn_local(attend(Rc::clone(shared), socket, peer, number, stopped));
    };
    let command = move |line: &str| command(line, &mut at_the_keyboard.centre.borrow_mut());
    door::keep(listener, signals, lines, command, enter, || shared.open.get()).await;
}

/// One connection from its beginning to its end.
async fn attend(
    shared: Rc<Shared>,
    socket: TcpStream,
    peer: SocketAddr,
    connection: u64,
    stopped: watch::Receiver<()>,
) {
    shared.tell(&Event::Opened { connection, peer });
    let mut messages = 0;
    let end = match accept(socket, shared.setup.tls.as_ref()).await {
        Ok(mut stream) => {
            let end = converse(&shared, &mut stream, connection, &mut messages, stopped).await;
            let _ = timeout(Duration::from_secs(1), stream.shutdown()).await;
            end
        }
        Err(error) => End::Failed(tls_words(&error)),
    };
    shared.tell(&Event::Closed { connection, end, messages });
    shared.open.set(shared.open.get() - 1);
}

async fn converse(
    shared: &Shared,
    stream: &mut Stream,
    connection: u64,
    messages: &mut u64,
    mut stopped: watch::Receiver<()>,
) -> End {
    let mut reader = FrameReader::new(&shared.dialect);
    let mut due: Vec<(Instant, Vec<u8>)> = Vec::new();
    let mut piece = [0; PIECE];
    let mut quiet_until = Instant::now() + shared.setup.idle;
    loop {
        let next = due.iter().map(|(at, _)| *at).min();
        let count = select! {
            biased;
            _ = stopped.changed() => return End::Stopped,
            () = sleep_until(next.unwrap_or(quiet_until)), if next.is_some() => {
                let now = Instant::now();
                for (_, bytes) in due.extract_if(.., |(at, _)| *at <= now) {
                    if write(stream, &bytes).await.is_err() {
                        shared.counts.borrow_mut().not_taken += 1;
                        shared.tell(&Event::NotTaken { connection });
                        return End::Closed;
                    }
                }
                continue;
            }
            read = stream.read(&mut piece), if due.len() < DUE_MOST => match read {
                Ok(count) => count,
                Err(error) if is_end(&error) => 0,
                Err(error) => return End::Failed(line::words(&error)),
            },
            () = sleep_until(quiet_until), if next.is_none() => {
                let there = reader.unfinished();
                return if there > 0 { End::Slow(there) } else { End::Idle };
            }
        };
        if count == 0 {
            // What was to come late comes to a line that is closed.
            for _ in &due {
                shared.counts.borrow_mut().not_taken += 1;
                shared.tell(&Event::NotTaken { connection });
            }
            let there = reader.unfinished();
            return if there > 0 { End::Half(there) } else { End::Closed };
        }
        let begun = reader.unfinished() > 0;
        reader.push(piece.get(..count).unwrap_or_default());
        let Answers { bytes, breaks, whole } = answer(shared, &mut reader, connection, messages, &mut due);
        if !bytes.is_empty() && write(stream, &bytes).await.is_err() {
            shared.counts.borrow_mut().not_taken += 1;
            shared.tell(&Event::NotTaken { connection });
            return End::Closed;
        }
        if breaks {
            return End::Broken;
        }
        // A message has its time from its first byte on, however slowly the others trickle in.
        if reader.unfinished() == 0 {
            quiet_until = Instant::now() + shared.setup.idle;
        } else if whole || !begun {
            quiet_until = Instant::now() + shared.setup.message;
        }
    }
}

/// What goes back at once.
struct Answers {
    bytes: Vec<u8>,
    /// The connection ends behind them.
    breaks: bool,
    /// A whole message was among what came.
    whole: bool,
}

/// Answers every whole frame that is there.
fn answer(
    shared: &Shared,
    reader: &mut FrameReader,
    connection: u64,
    messages: &mut u64,
    due: &mut Vec<(Instant, Vec<u8>)>,
) -> Answers {
    let mut answers = Answers { bytes: Vec::new(), breaks: false, whole: false };
    loop {
        let frame = match reader.next_frame() {
            Ok(Some(frame)) => frame,
            Ok(None) => return answers,
            Err(error) => {
                shared.counts.borrow_mut().unreadable += 1;
                shared.tell(&Event::NotCut { connection, now_ms: shared.now_ms(), error });
                answers.breaks = true;
                return answers;
            }
        };
        answers.whole = true;
        *messages += 1;
        let now_ms = shared.now_ms();
        let handled = shared.centre.borrow_mut().receive(&frame, now_ms);
        {
            let mut counts = shared.counts.borrow_mut();
            if handled.seen.is_ok() {
                counts.messages += 1;
            } else {
                counts.unreadable += 1;
            }
        }
        shared.tell(&Event::Handled { connection, now_ms, handled: &handled });
        match handled.delivery {
            Delivery::Silence => {}
            Delivery::Reply { after_ms: None, bytes } => answers.bytes.extend_from_slice(&bytes),
            Delivery::Reply { after_ms: Some(after_ms), bytes } => {
                let after = Duration::from_millis(after_ms.clamp(0, 86_400_000) as u64);
                due.push((Instant::now() + after, bytes));
            }
            Delivery::Break { bytes } => {
                answers.bytes.extend_from_slice(&bytes);
                answers.breaks = true;
                return answers;
            }
        }
    }
}

async fn write(stream: &mut Stream, bytes: &[u8]) -> io::Result<()> {
    let written = timeout(WRITE, async {
        stream.write_all(bytes).await?;
        stream.flush().await
    });
    written.await.map_err(|_| ErrorKind::TimedOut)?
}

fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

fn tls_words(error: &io::Error) -> Said {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidMessage(_)) => Said::new("客户端说的不是 TLS", "the client does not speak TLS"),
        Some(other) => Said::new(format!("TLS 失败：{other}"), format!("TLS failed: {other}")),
        None => {
            let words = line::words(error);
            Said::new(
                format!("TLS 握手未完成：{}", words.zh),
                format!("the TLS handshake was not finished: {}", words.en),
            )
        }
    }
}

/// Ctrl-C and SIGTERM, where they are wanted. What comes between two looks is not lost.
pub(super) struct Signals {
    #[cfg(unix)]
    wanted: Option<[tokio::signal::unix::Signal; 2]>,
    #[cfg(not(unix))]
    wanted: bool,
}

impl Signals {
    fn none() -> Signals {
        #[cfg(unix)]
        return Signals { wanted: None };
        #[cfg(not(unix))]
        Signals { wanted: false }
    }

    fn caught() -> Signals {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let both = || Some([signal(SignalKind::interrupt()).ok()?, signal(SignalKind::terminate()).ok()?]);
            Signals { wanted: both() }
        }
        #[cfg(not(unix))]
        Signals { wanted: true }
    }

    /// Waits for one; for ever where they are not wanted.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        match &mut self.wanted {
            Some([interrupt, terminate]) => select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            None => std::future::pending().await,
        }
        #[cfg(not(unix))]
        match self.wanted {
            true => {
                let _ = tokio::signal::ctrl_c().await;
            }
            false => std::future::pending().await,
        }
    }
}
