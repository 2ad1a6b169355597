//! The line to a host elsewhere: connect, send, wait, each with its deadline; a second address where the first is not there.

use super::address::Address;
use super::line::{Came, Line, NotOpened};
use crate::payment::iso8583::dialect::Dialect;
use crate::script_error::words::Said;
use crate::world::host::link::{CONNECT_MS, line_fails, no_line};
use crate::world::port::host_link::{HostLink, LinkAddress, LinkFailure, LinkNote, NotReached, closed_after};
use crate::world::port::waited::Waited;
use crate::world::stage::SharedStage;
use rustls::ClientConfig;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Lines of earlier exchanges that are still listened to.
const EARLIER_MOST: usize = 8;
/// Notes that are kept until somebody asks.
const NOTES_MOST: usize = 256;

/// Where the host is, and how long each part may take.
#[derive(Clone)]
pub struct RemoteSetup {
    /// Its addresses, in the order in which they are tried. They lead to one host: one set of books.
    pub addresses: Vec<Address>,
    /// Whom to trust, where an address asks for TLS.
    pub tls: Option<Arc<ClientConfig>>,
    /// One connection for all messages, instead of one for each.
    pub keep: bool,
    /// How long connecting to one address may take.
    pub connect: Duration,
    /// How long handing the request over may take.
    pub send: Duration,
}

impl RemoteSetup {
    /// A host at these addresses, with the deadlines that terminals use.
    pub fn new(addresses: Vec<Address>) -> RemoteSetup {
        RemoteSetup {
            addresses,
            tls: None,
            keep: false,
            connect: Duration::from_secs(10),
            send: Duration::from_secs(10),
        }
    }
}

/// The line. Waits are real; the faults of the simulated line come first.
pub struct RemoteLink {
    setup: RemoteSetup,
    dialect: Dialect,
    stage: SharedStage,
    current: Option<Line>,
    /// An exchange is under way on it.
    waiting: bool,
    /// The last exchange on it had its answer.
    answered: bool,
    /// Lines of earlier exchanges, and whether each had its answer.
    earlier: VecDeque<(Line, bool)>,
    /// Which address served last.
    serving: usize,
    notes: VecDeque<LinkNote>,
    detail: Option<Said>,
}

impl RemoteLink {
    /// A line that is opened with the first message.
    pub fn new(setup: RemoteSetup, dialect: Dialect, stage: SharedStage) -> RemoteLink {
        RemoteLink {
            setup,
            dialect,
            stage,
            current: None,
            waiting: false,
            answered: false,
            earlier: VecDeque::new(),
            serving: 0,
            notes: VecDeque::new(),
            detail: None,
        }
    }

    fn transfer(&mut self, frame: &[u8], deadline: Instant) -> Result<Vec<u8>, LinkFailure> {
        self.detail = None;
        self.put_aside();
        let mut failed = None;
        // A kept line first; one that turns out to be dead is no reason to go to another address.
        if let Some(line) = self.current.take() {
            match self.send(line, frame, deadline) {
                Err(Some(why)) => failed = Some(why),
                Err(None) => return Err(LinkFailure::Dropped),
                Ok(()) => return self.wait(deadline),
            }
        }
        let count = self.setup.addresses.len();
        let first = self.serving;
        for at in (first..count).chain(0..first) {
            let line = match self.open(at, deadline) {
                Some(Ok(line)) => line,
                Some(Err(why)) => {
                    failed = Some(why);
                    continue;
                }
                None => break,
            };
            if at != self.serving {
                let address = self.setup.addresses.get(at).map(ToString::to_string).unwrap_or_default();
                self.note(LinkNote::Backup { address });
                self.serving = at;
            }
            match self.send(line, frame, deadline) {
                Err(Some(why)) => failed = Some(why),
                Err(None) => return Err(LinkFailure::Dropped),
                Ok(()) => return self.wait(deadline),
            }
        }
        self.detail = failed;
        Err(LinkFailure::NoLine)
    }

    /// Hands the request over. `Err` with a reason: not one byte was, and another line may be tried; without: some were.
    fn send(&mut self, mut line: Line, frame: &[u8], deadline: Instant) -> Result<(), Option<Said>> {
        match line.send(frame, deadline.min(Instant::now() + self.setup.send)) {
            Ok(()) => {
                self.current = Some(line);
                (self.waiting, self.answered) = (true, false);
                Ok(())
            }
            Err(not_sent) if !not_sent.handed_over => Err(Some(not_sent.why)),
            Err(not_sent) => {
                self.detail = Some(not_sent.why);
                Err(None)
            }
        }
    }

    /// Opens a line to one address; `None` once the time is up.
    fn open(&mut self, at: usize, deadline: Instant) -> Option<Result<Line, Said>> {
        let address = self.setup.addresses.get(at)?.clone();
        let until = deadline.min(Instant::now() + self.setup.connect);
        if Instant::now() >= until {
            return None;
        }
        match Line::open(&address, self.setup.tls.as_ref(), &self.dialect, until) {
            Ok(line) => Some(Ok(line)),
            Err(not_opened) => {
                let why = not_opened.why().clone();
                self.note(LinkNote::Unreachable { address: address.to_string(), why: why.clone() });
                Some(Err(Said::new(format!("{address} {}", why.zh), format!("{address}: {}", why.en))))
            }
        }
    }

    /// Waits on the line at hand for the next frame.
    fn wait(&mut self, deadline: Instant) -> Result<Vec<u8>, LinkFailure> {
        let Some(line) = &mut self.current else {
            return Err(LinkFailure::Dropped);
        };
        match line.receive(deadline) {
            Came::Frame(frame) | Came::Garbage(frame) => Ok(frame),
            Came::Late { unfinished } => {
                self.detail = (unfinished > 0).then(|| {
                    Said::new(
                        format!("只收到 {unfinished} 字节，不是完整的报文"),
                        format!("{unfinished} bytes came, which are no whole message"),
                    )
                });
                Err(LinkFailure::Timeout)
            }
            Came::Closed { unfinished, why } => {
                self.current = None;
                self.detail = Some(why.unwrap_or_else(|| closed_after(unfinished)));
                Err(LinkFailure::Dropped)
            }
        }
    }

    /// The line of the last exchange is listened to a little longer, or serves again.
    fn put_aside(&mut self) {
        self.listen();
        if let Some(line) = self.current.take_if(|line| !self.setup.keep || line.is_closed()) {
            self.earlier.push_back((line, self.answered));
        }
        // Whose answer came has nothing more to say, most of the time; who still owes one is kept longer.
        while self.earlier.len() > EARLIER_MOST {
            let at = self.earlier.iter().position(|(_, answered)| *answered).unwrap_or(0);
            self.earlier.remove(at);
        }
    }

    /// Takes what has come on lines where nobody waits.
    fn listen(&mut self) {
        let mut found = Vec::new();
        for (line, answered) in &mut self.earlier {
            found.extend(line.poll().into_iter().map(|frame| (frame, *answered)));
        }
        self.earlier.retain(|(line, _)| !line.is_closed());
        if let Some(line) = &mut self.current {
            found.extend(line.poll().into_iter().map(|frame| (frame, self.answered)));
        }
        for (frame, answered) in found {
            self.note(LinkNote::Stray { frame, answered });
        }
    }

    fn note(&mut self, note: LinkNote) {
        if self.notes.len() < NOTES_MOST {
            self.notes.push_back(note);
        }
    }
}

impl HostLink for RemoteLink {
    fn exchange(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        if line_fails(&mut self.stage.borrow_mut().faults) {
            self.detail = None;
            return Waited::new(CONNECT_MS.min(within_ms), Err(LinkFailure::NoLine));
        }
        let began = Instant::now();
        let result = self.transfer(frame, began + milliseconds(within_ms));
        Waited::new(since(began), result)
    }

    fn more(&mut self, within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        let began = Instant::now();
        let result = self.wait(began + milliseconds(within_ms));
        Waited::new(since(began), result)
    }

    fn over(&mut self, answered: bool) {
        (self.waiting, self.answered) = (false, answered);
    }

    fn detail(&mut self) -> Option<Said> {
        self.detail.take()
    }

    fn addresses(&self) -> Vec<LinkAddress> {
        let written = |address: &Address| LinkAddress { text: address.to_string(), tls: address.tls };
        self.setup.addresses.iter().map(written).collect()
    }

    fn begin_with(&mut self, at: usize) {
        self.serving = at.min(self.setup.addresses.len().saturating_sub(1));
        self.current = None;
    }

    fn reach(&mut self, at: usize, within_ms: i64) -> Waited<Result<(), NotReached>> {
        if line_fails(&mut self.stage.borrow_mut().faults) {
            return Waited::new(CONNECT_MS.min(within_ms), Err(no_line()));
        }
        let began = Instant::now();
        let until = began + milliseconds(within_ms).min(self.setup.connect);
        let Some(address) = self.setup.addresses.get(at) else { return Waited::new(0, Err(no_line())) };
        let opened = Line::open(address, self.setup.tls.as_ref(), &self.dialect, until);
        let result = opened.map(|_| ()).map_err(|not_opened| NotReached {
            at_tls: matches!(not_opened, NotOpened::Tls { .. }),
            why: not_opened.why().clone(),
        });
        Waited::new(since(began), result)
    }

    fn notes(&mut self) -> Vec<LinkNote> {
        // Between a request and its answer the line belongs to the exchange.
        if !self.waiting {
            self.listen();
        }
        self.notes.drain(..).collect()
    }
}

fn milliseconds(count: i64) -> Duration {
    // A day is longer than any wait, and what is added to a moment must not overflow.
    Duration::from_millis(count.clamp(0, 86_400_000) as u64)
}

fn since(began: Instant) -> i64 {
    i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX)
}
