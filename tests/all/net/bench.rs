//! Hosts for tests: the simulated one in a thread, and hand-made ones that behave badly.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tillscript::payment::iso8583::dialect::{Dialect, Mti};
use tillscript::payment::iso8583::frame::{frame, frame_reply, unframe};
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::pack;
use tillscript::payment::iso8583::unpack::unpack;
use tillscript::run::exchange::exchange;
use tillscript::run::happening::Happening;
use tillscript::run::world::library_dialect;
use tillscript::world::fault;
use tillscript::world::host::acquirer::Identity;
use tillscript::world::host::centre::{Centre, CentreSetup, Standing};
use tillscript::world::host::ledger::Ledger;
use tillscript::world::net::address::Address;
use tillscript::world::net::remote::RemoteSetup;
use tillscript::world::net::server::{Counts, Event, Server, ServerSetup};
use tillscript::world::port::calendar::Moment;
use tillscript::world::port::failure::Failure;
use tillscript::world::profile;
use tillscript::world::simulation::{SERIAL, Setup, Simulation, TERMINAL};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Longer than anything here takes on a busy machine; only a test that fails waits so long.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// The simulated host in a thread of its own.
pub(super) struct Host {
    pub(super) address: SocketAddr,
    lines: UnboundedSender<String>,
    ledgers: mpsc::Receiver<Ledger>,
    thread: Option<JoinHandle<(Vec<Standing>, Counts)>>,
    /// What the host told of, as the events print for a programmer.
    pub(super) events: Arc<Mutex<Vec<String>>>,
}

/// In the hour in which simulated terminals begin: the hour stands in reference numbers.
pub(super) fn start_ms() -> i64 {
    Moment { year: 2026, month: 1, day: 5, hour: 9, minute: 17, second: 33 }.to_ms()
}

pub(super) fn dialect() -> Dialect {
    library_dialect().expect("a dialect")
}

impl Host {
    /// With these faults.
    pub(super) fn with(faults: &[&str]) -> Host {
        Host::start(ServerSetup::new(start_ms()), faults, false)
    }

    pub(super) fn start(setup: ServerSetup, faults: &[&str], strict: bool) -> Host {
        let faults: Vec<String> = faults.iter().map(|name| (*name).to_owned()).collect();
        let (lines, take) = unbounded_channel();
        let (give, address) = mpsc::channel();
        let (hand_out, ledgers) = mpsc::channel();
        let events = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&events);
        let thread = thread::spawn(move || {
            let usual = Setup::new(dialect());
            let terminals = vec![Identity {
                terminal: usual.parameters.terminal_id,
                merchant: usual.parameters.merchant_id,
                serial: SERIAL.to_owned(),
            }];
            let cards = profile::shipped();
            let mut centre = Centre::new(CentreSetup { dialect: usual.dialect, seed: 0, strict, terminals, cards });
            for name in &faults {
                centre.faults.set_named(fault::parse(name).expect("a fault"), name);
            }
            let server = Server::bind("127.0.0.1:0").expect("a port");
            give.send(server.address()).expect("somebody waits");
            let watch = move |event: &Event<'_>| seen.lock().expect("events").push(format!("{event:?}"));
            let command = move |line: &str, centre: &mut Centre| {
                if line == "ledger" {
                    let _ = hand_out.send(centre.ledger(TERMINAL).cloned().unwrap_or_default());
                }
                line != "quit"
            };
            let (centre, counts) = server.run(setup, centre, take, Box::new(command), Box::new(watch));
            (centre.standing(), counts)
        });
        let address = address.recv_timeout(LONG).expect("the host listens");
        Host { address, lines, ledgers, thread: Some(thread), events }
    }

    /// The books of the usual terminal, as they are now.
    pub(super) fn ledger(&self) -> Ledger {
        self.lines.send("ledger".to_owned()).expect("the host runs");
        self.ledgers.recv_timeout(LONG).expect("its books")
    }

    /// Ends it; what stands in its books, and what it counted.
    pub(super) fn end(mut self) -> (Vec<Standing>, Counts) {
        let _ = self.lines.send("quit".to_owned());
        self.thread.take().expect("it runs").join().expect("the host does not panic")
    }

    /// Waits until it told of something whose print holds this text.
    pub(super) fn tells(&self, text: &str) {
        for _ in 0..LONG.as_millis() / 10 {
            if self.events.lock().expect("events").iter().any(|event| event.contains(text)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the host never told of {text}: {:#?}", self.events.lock().expect("events"));
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.lines.send("quit".to_owned());
    }
}

/// A hand-made host: what it does with its first connection, and with each one after it.
pub(super) fn rogue(behave: impl Fn(usize, TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for (number, socket) in listener.incoming().enumerate() {
            let Ok(socket) = socket else { return };
            let _ = socket.set_read_timeout(Some(LONG));
            behave(number, socket);
        }
    });
    address
}

/// Reads one frame off a socket: two bytes of length, then as many.
pub(super) fn read_frame(socket: &mut TcpStream) -> Option<Vec<u8>> {
    let mut frame = vec![0; 2];
    socket.read_exact(&mut frame).ok()?;
    let length = usize::from(frame[0]) << 8 | usize::from(frame[1]);
    frame.resize(2 + length, 0);
    socket.read_exact(&mut frame[2..]).ok()?;
    Some(frame)
}

/// The frame that answers a request with 00, after `change` has had a look at it.
pub(super) fn answer_to(request: &[u8], change: impl FnOnce(&mut Message)) -> Vec<u8> {
    let dialect = dialect();
    let framed = unframe(&dialect, request).expect("a frame");
    let request = unpack(framed.body, &dialect).expect("a message");
    let mut reply = Message::new(request.mti.reply());
    for (number, value) in request.iter().filter(|(number, _)| [11, 41, 42, 60].contains(number)) {
        reply.set(number, value.as_bytes());
    }
    for (number, text) in [(12, "090000"), (13, "0105"), (39, "00")] {
        reply.set(number, text);
    }
    change(&mut reply);
    let body = pack(&reply, &dialect).expect("a reply");
    frame_reply(&dialect, &body, 0).expect("a frame").to_vec()
}

/// An echo with this trace number: no money, no keys, no MAC.
pub(super) fn echo(stan: &str) -> Message {
    let mut message = Message::new(Mti(820));
    for (number, text) in [(11, stan), (41, "10000007"), (42, "898310053110007"), (60, "00000001301")] {
        message.set(number, text);
    }
    message
}

pub(super) fn echo_frame(stan: &str) -> Vec<u8> {
    let dialect = dialect();
    let body = pack(&echo(stan), &dialect).expect("an echo");
    frame(&dialect, &body, 0).expect("a frame").to_vec()
}

pub(super) fn tcp(address: SocketAddr) -> Address {
    Address::parse(&format!("tcp://{address}")).expect("an address")
}

/// An address where nothing listens.
pub(super) fn nobody() -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    tcp(listener.local_addr().expect("an address"))
}

/// A terminal whose host is there.
pub(super) fn terminal(remote: RemoteSetup) -> Simulation {
    let mut simulation = Simulation::start(Setup::new(dialect())).expect("a world");
    simulation.connect(remote);
    simulation
}

/// Sends an echo and gives what came of it, and what was shown.
pub(super) fn ask(
    simulation: &mut Simulation,
    stan: &str,
    within: Duration,
) -> (Result<Message, Failure>, Vec<Happening>) {
    let mut seen = Vec::new();
    let within_ms = i64::try_from(within.as_millis()).expect("a wait");
    let result =
        exchange(&mut simulation.ports, &dialect(), echo(stan), within_ms, &mut |happening| seen.push(happening));
    (result, seen)
}

/// An open connection.
pub(super) fn dial(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).expect("a connection");
    socket.set_read_timeout(Some(LONG)).expect("a limit");
    socket
}

/// Sends bytes and reads one frame.
pub(super) fn say(socket: &mut TcpStream, bytes: &[u8]) -> Option<Vec<u8>> {
    socket.write_all(bytes).ok()?;
    read_frame(socket)
}

/// A folder of its own, removed when dropped.
pub(super) struct Folder(pub(super) PathBuf);

static FOLDERS: AtomicU32 = AtomicU32::new(0);

impl Folder {
    pub(super) fn new() -> Folder {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("till-net-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
