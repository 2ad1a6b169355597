//! Between a real terminal and a real host: passes messages on, shows both sides, and spoils what it is told to.

use super::address::Address;
use super::door;
use super::line;
use super::proxy_rule::{Action, Rules, Side};
use super::server::Server;
use super::stream::{Stream, accept, dial};
use crate::payment::iso8583::cut::FrameReader;
use crate::payment::iso8583::decode_error::DecodeError;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::frame::unframe;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::unpack::unpack;
use crate::script_error::words::Said;
use rustls::{ClientConfig, ServerConfig};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::select;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep_until, timeout};

/// Connections at once; more are closed at the door.
const CONNECTIONS_MOST: usize = 1024;
/// Messages of one connection that may wait for their time.
const DUE_MOST: usize = 64;
/// How long a side may take to take a message.
const WRITE: Duration = Duration::from_secs(10);
/// How long both sides may be silent.
const IDLE: Duration = Duration::from_secs(600);
/// Bytes read at once.
const PIECE: usize = 1024;

/// What a proxy is made of.
pub struct ProxySetup {
    /// How messages are written.
    pub dialect: Dialect,
    /// Where the host is.
    pub target: Address,
    /// Whom to trust there.
    pub target_tls: Option<Arc<ClientConfig>>,
    /// The certificate shown to terminals; `None` for plain TCP.
    pub tls: Option<Arc<ServerConfig>>,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event<'e> {
    /// A terminal connected.
    Opened {
        /// The number of the connection, from 1.
        connection: u64,
        /// From where.
        peer: SocketAddr,
    },
    /// The host could not be reached for it.
    Unreachable {
        /// The number of the connection.
        connection: u64,
        /// Why.
        why: Said,
    },
    /// A message came.
    Message {
        /// The number of the connection.
        connection: u64,
        /// Which way it goes.
        side: Side,
        /// The message, or where the bytes stop being one.
        message: &'e Result<Message, DecodeError>,
        /// The rules that struck it.
        struck: &'e [String],
    },
    /// Bytes that cannot be cut into frames; from here on they are passed on as they come.
    NotCut {
        /// The number of the connection.
        connection: u64,
        /// Which way they go.
        side: Side,
        /// Why.
        error: DecodeError,
    },
    /// Both connections ended.
    Closed {
        /// The number of the connection.
        connection: u64,
        /// Which side began it; `None` for a rule, or the end of the proxy.
        by: Option<Side>,
        /// Messages that were still waiting for their time or for the next one.
        lost: usize,
    },
}

/// Who is told what happens.
pub type Watch = Box<dyn FnMut(&Event<'_>)>;

/// What a line from the keyboard does; false ends the proxy.
pub type Command = Box<dyn FnMut(&str, &mut Rules) -> bool>;

struct Shared {
    setup: ProxySetup,
    rules: RefCell<Rules>,
    watch: RefCell<Watch>,
    open: Cell<usize>,
}

impl Shared {
    fn tell(&self, event: &Event<'_>) {
        (self.watch.borrow_mut())(event);
    }
}

impl Server {
    /// Passes messages on between whoever connects here and the target, until a line or a signal ends it.
    pub fn relay(
        self,
        setup: ProxySetup,
        rules: Rules,
        lines: UnboundedReceiver<String>,
        mut command: Command,
        watch: Watch,
    ) {
        let (runtime, listener, signals) = self.into_parts();
        let shared =
            Rc::new(Shared { setup, rules: RefCell::new(rules), watch: RefCell::new(watch), open: Cell::new(0) });
        let tasks = LocalSet::new();
        tasks.block_on(&runtime, async move {
            let (at_the_keyboard, at_the_door) = (Rc::clone(&shared), Rc::clone(&shared));
            let mut number = 0;
            let enter = move |socket, peer, stopped| {
                if at_the_door.open.get() < CONNECTIONS_MOST {
                    number += 1;
                    at_the_door.open.set(at_the_door.open.get() + 1);
                    spawn_local(attend(Rc::clone(&at_the_door), socket, peer, number, stopped));
                }
            };
            let command = move |line: &str| command(line, &mut at_the_keyboard.rules.borrow_mut());
            door::keep(listener, signals, lines, command, enter, || shared.open.get()).await;
        });
    }
}

async fn attend(
    shared: Rc<Shared>,
    socket: TcpStream,
    peer: SocketAddr,
    connection: u64,
    stopped: watch::Receiver<()>,
) {
    shared.tell(&Event::Opened { connection, peer });
    if let Ok(mut terminal) = accept(socket, shared.setup.tls.as_ref()).await {
        match dial(&shared.setup.target, shared.setup.target_tls.as_ref()).await {
            Ok(mut host) => {
                let (by, lost) = pass(&shared, &mut terminal, &mut host, connection, stopped).await;
                shared.tell(&Event::Closed { connection, by, lost });
                let _ = timeout(Duration::from_secs(1), host.shutdown()).await;
            }
            Err(error) => shared.tell(&Event::Unreachable { connection, why: line::words(&error) }),
        }
        let _ = timeout(Duration::from_secs(1), terminal.shutdown()).await;
    }
    shared.open.set(shared.open.get() - 1);
}

/// One direction of a connection.
struct Way {
    side: Side,
    reader: FrameReader,
    /// Nothing can be told apart any more: bytes go on as they come.
    raw: bool,
    /// A message that waits until the next one has gone by.
    held: Option<Vec<u8>>,
}

impl Way {
    fn new(side: Side, dialect: &Dialect) -> Way {
        Way { side, reader: FrameReader::new(dialect), raw: false, held: None }
    }
}

/// What goes on at once, and whether everything ends behind it.
#[derive(Default)]
struct Passed {
    bytes: Vec<u8>,
    ends: bool,
}

type Due = Vec<(Instant, Side, Vec<u8>)>;

/// Passes messages both ways until a side ends. Gives the side, and how many messages were still waiting.
async fn pass(
    shared: &Shared,
    terminal: &mut Stream,
    host: &mut Stream,
    connection: u64,
    mut stopped: watch::Receiver<()>,
) -> (Option<Side>, usize) {
    let mut ways = [Way::new(Side::Request, &shared.setup.dialect), Way::new(Side::Response, &shared.setup.dialect)];
    let mut due: Due = Vec::new();
    let mut ended: Option<Side> = None;
    let (mut from_terminal, mut from_host) = ([0; PIECE], [0; PIECE]);
    let mut quiet_until = Instant::now() + IDLE;
    let lost = |ways: &[Way; 2], due: &Due| due.len() + ways.iter().filter(|way| way.held.is_some()).count();
    loop {
        // What the side that is gone has sent before still gets there; what is for it does not.
        if let Some(side) = ended
            && !due.iter().any(|(_, way, _)| *way == side)
        {
            return (ended, lost(&ways, &due));
        }
        let next = due.iter().map(|(at, ..)| *at).min();
        let (side, count) = select! {
            biased;
            _ = stopped.changed() => return (None, lost(&ways, &due)),
            () = sleep_until(next.unwrap_or(quiet_until)) => {
                if next.is_none() {
                    return (None, lost(&ways, &due));
                }
                let now = Instant::now();
                for (_, side, bytes) in due.extract_if(.., |(at, ..)| *at <= now) {
                    let to = if side == Side::Request { &mut *host } else { &mut *terminal };
                    if !write(to, &bytes).await {
                        return (Some(opposite(side)), lost(&ways, &Vec::new()));
                    }
                }
                continue;
            }
            read = terminal.read(&mut from_terminal), if ended.is_none() && due.len() < DUE_MOST => {
                (Side::Request, read.unwrap_or(0))
            }
            read = host.read(&mut from_host), if ended.is_none() && due.len() < DUE_MOST => {
                (Side::Response, read.unwrap_or(0))
            }
        };
        if count == 0 {
            ended = Some(side);
            continue;
        }
        quiet_until = Instant::now() + IDLE;
        let [requests, responses] = &mut ways;
        let (way, piece, to) = match side {
            Side::Request => (requests, &from_terminal, &mut *host),
            Side::Response => (responses, &from_host, &mut *terminal),
        };
        let passed = judge(shared, way, piece.get(..count).unwrap_or_default(), connection, &mut due);
        if !passed.bytes.is_empty() && !write(to, &passed.bytes).await {
            return (Some(opposite(side)), lost(&ways, &due));
        }
        if passed.ends {
            return (None, lost(&ways, &due));
        }
    }
}

/// Takes what came one way, and says what goes on.
fn judge(shared: &Shared, way: &mut Way, piece: &[u8], connection: u64, due: &mut Due) -> Passed {
    let mut passed = Passed::default();
    if way.raw {
        passed.bytes.extend_from_slice(piece);
        return passed;
    }
    way.reader.push(piece);
    loop {
        let frame = match way.reader.next_frame() {
            Ok(Some(frame)) => frame.to_vec(),
            Ok(None) => return passed,
            Err(error) => {
                shared.tell(&Event::NotCut { connection, side: way.side, error });
                way.raw = true;
                passed.bytes.extend_from_slice(&way.reader.rest());
                return passed;
            }
        };
        let dialect = &shared.setup.dialect;
        let message = unframe(dialect, &frame).and_then(|framed| unpack(framed.body, dialect));
        let (mti, stan) = match &message {
            Ok(message) => (Some(message.mti), message.text(11)),
            Err(_) => (None, None),
        };
        let struck = shared.rules.borrow_mut().meet(way.side, mti, stan);
        let names: Vec<String> = struck.iter().map(|(_, name)| name.clone()).collect();
        shared.tell(&Event::Message { connection, side: way.side, message: &message, struck: &names });
        spoil(way, frame, &struck, &mut passed, due);
        if passed.ends {
            return passed;
        }
    }
}

/// Does to a frame what the rules say, in the order in which they were given.
fn spoil(way: &mut Way, mut frame: Vec<u8>, struck: &[(Action, String)], passed: &mut Passed, due: &mut Due) {
    let (mut copies, mut delay) = (1, None);
    for (action, _) in struck {
        match *action {
            Action::Drop => copies = 0,
            Action::Delay(ms) => delay = Some(ms),
            Action::Duplicate => copies *= 2,
            Action::Corrupt(at) => {
                let middle = frame.len() / 2;
                if let Some(byte) = frame.get_mut(at.unwrap_or(middle)) {
                    *byte ^= 0x5A;
                }
            }
            Action::Truncate(bytes) => {
                let keep = if bytes == usize::MAX { frame.len() / 2 } else { bytes.min(frame.len()) };
                passed.bytes.extend_from_slice(frame.get(..keep).unwrap_or_default());
                passed.ends = true;
                return;
            }
            Action::Close => {
                passed.ends = true;
                return;
            }
            Action::Reorder if way.held.is_none() => {
                way.held = Some(frame);
                return;
            }
            Action::Reorder => {}
        }
    }
    for _ in 0..copies {
        match delay {
            Some(ms) => due.push((Instant::now() + Duration::from_millis(ms), way.side, frame.clone())),
            None => passed.bytes.extend_from_slice(&frame),
        }
    }
    if let Some(held) = way.held.take() {
        passed.bytes.extend_from_slice(&held);
    }
}

fn opposite(side: Side) -> Side {
    match side {
        Side::Request => Side::Response,
        Side::Response => Side::Request,
    }
}

async fn write(to: &mut Stream, bytes: &[u8]) -> bool {
    let written = timeout(WRITE, async {
        to.write_all(bytes).await?;
        to.flush().await
    });
    matches!(written.await, Ok(Ok(())))
}
