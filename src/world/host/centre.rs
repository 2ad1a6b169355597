//! The acquirer's centre: many terminals, each with its own books and batch, one set of accounts.

use super::acquirer::{Acquirer, Identity, Request};
use super::delivery::{Delivery, Handled, deliver_request};
use super::ledger::{Account, Difference, Ledger};
use crate::payment::amount::Amount;
use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::frame::unframe;
use crate::world::fault::{Fault, Faults};
use crate::world::profile::CardProfile;
use crate::world::simulation::SERIAL;
use crate::world::test_keys::{CardKeys, KeyOwner, ReadyKeys};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Terminals a centre that is not strict takes on; more are strangers (97).
const TERMINALS_MOST: usize = 10_000;
/// Trace numbers a centre remembers: a stranger must not fill the memory. Then it falls silent, as its books are full.
const NUMBERS_MOST: usize = 500_000;

/// What a centre is made of.
#[derive(Clone, Debug)]
pub struct CentreSetup {
    /// How messages are written.
    pub dialect: Dialect,
    /// Keys and all else that is made up follow from it; a terminal of the same seed has the same master key.
    pub seed: u64,
    /// Only the terminals below are served, and what is framed for somebody else is not answered.
    pub strict: bool,
    /// The terminals on record.
    pub terminals: Vec<Identity>,
    /// Cards their issuers know.
    pub cards: Vec<CardProfile>,
}

/// What is kept for one terminal.
#[derive(Debug)]
struct Books {
    identity: Identity,
    owner: KeyOwner,
    ledger: Ledger,
}

/// What stands in the books of one terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The terminal.
    pub terminal: String,
    /// Its batch.
    pub batch: u32,
    /// Is it signed in?
    pub signed_in: bool,
    /// Trace number and amount of every transaction that stands.
    pub live: Vec<(u32, Amount)>,
    /// Approved and taken back since.
    pub taken_back: usize,
    /// Refused: their numbers are used up.
    pub declined: usize,
    /// What its batch adds up to; `None` for an empty one.
    pub total: Option<Amount>,
    /// What uploads showed: the books of terminal and host differ.
    pub differences: Vec<Difference>,
}

/// The centre.
#[derive(Debug)]
pub struct Centre {
    acquirer: Acquirer,
    accounts: BTreeMap<Arc<str>, Account>,
    books: BTreeMap<String, Books>,
    strict: bool,
    numbers: usize,
    /// What goes wrong.
    pub faults: Faults,
}

impl Centre {
    /// A centre with empty books.
    pub fn new(setup: CentreSetup) -> Centre {
        let identity = Identity { terminal: String::new(), merchant: String::new(), serial: SERIAL.to_owned() };
        let acquirer = Acquirer {
            dialect: setup.dialect,
            owner: KeyOwner { seed: setup.seed, terminal: String::new() },
            identity,
            ledger: Ledger::default(),
            cards: setup.cards,
            received: Vec::new(),
            scripted: VecDeque::new(),
            keys: ReadyKeys::default(),
            card_keys: CardKeys::default(),
            heard: None,
        };
        let mut centre = Centre {
            acquirer,
            accounts: BTreeMap::new(),
            books: BTreeMap::new(),
            strict: setup.strict,
            numbers: 0,
            faults: Faults::default(),
        };
        for identity in setup.terminals {
            centre.take_on(identity);
        }
        centre
    }

    /// How messages are written.
    pub fn dialect(&self) -> &Dialect {
        &self.acquirer.dialect
    }

    /// Takes a frame and answers it.
    pub fn receive(&mut self, frame: &[u8], now_ms: i64) -> Handled {
        let read = if self.strict { self.is_for_us(frame) } else { Ok(()) };
        let request = match read.and_then(|()| self.acquirer.read(frame)) {
            Ok(request) => request,
            Err(error) => {
                // Strict hosts throw such bytes away without a word; others at least end the line.
                let delivery = if self.strict { Delivery::Silence } else { Delivery::Break { bytes: Vec::new() } };
                return Handled { delivery, seen: Err(error) };
            }
        };
        let terminal = self.terminal_of(&request);
        let full = self.numbers >= NUMBERS_MOST;
        if full {
            self.faults.set_named(Fault::HostDown, FULL);
        }
        let Centre { acquirer, accounts, books, faults, .. } = self;
        let mut swap = |acquirer: &mut Acquirer| {
            if let Some(books) = books.get_mut(&terminal) {
                std::mem::swap(&mut acquirer.identity, &mut books.identity);
                std::mem::swap(&mut acquirer.owner, &mut books.owner);
                std::mem::swap(&mut acquirer.ledger, &mut books.ledger);
            }
        };
        // The acquirer sits down at the books of the terminal; the accounts are the same at all of them.
        swap(acquirer);
        std::mem::swap(&mut acquirer.ledger.accounts, accounts);
        let before = acquirer.ledger.remembered();
        let handled = deliver_request(acquirer, faults, &request, now_ms);
        let more = acquirer.ledger.remembered().saturating_sub(before);
        std::mem::swap(&mut acquirer.ledger.accounts, accounts);
        swap(acquirer);
        acquirer.received.clear();
        self.numbers += more;
        if full {
            self.faults.take_named(FULL);
        }
        handled
    }

    /// What stands, terminal by terminal; those that never came are left out.
    pub fn standing(&self) -> Vec<Standing> {
        let books = self.books.values().filter(|books| books.ledger.sequence > 0 || books.ledger.remembered() > 0);
        books
            .map(|books| {
                let live: Vec<_> = books.ledger.live().into_iter().map(|line| (line.stan, line.amount)).collect();
                Standing {
                    terminal: books.identity.terminal.clone(),
                    batch: books.ledger.batch,
                    signed_in: books.ledger.signed_in,
                    taken_back: books.ledger.taken_back(),
                    declined: books.ledger.declined.len(),
                    total: books.ledger.total(books.ledger.batch),
                    differences: books.ledger.differences.clone(),
                    live,
                }
            })
            .collect()
    }

    /// The books of one terminal, to be held against its journal.
    pub fn ledger(&self, terminal: &str) -> Option<&Ledger> {
        self.books.get(terminal).map(|books| &books.ledger)
    }

    /// True if TPDU and header are those of the dialect: message class and version, and the address it was sent to.
    fn is_for_us(&self, frame: &[u8]) -> Result<(), DecodeError> {
        let framing = &self.acquirer.dialect.framing;
        let framed = unframe(&self.acquirer.dialect, frame)?;
        let foreign = |layer, offset: usize, needed: usize| {
            let offset = framing.length_width() + offset;
            let problem = DecodeProblem::Foreign;
            Err(DecodeError {
                layer,
                field: None,
                part: None,
                inner: None,
                offset,
                needed,
                available: needed,
                problem,
                suspect: None,
            })
        };
        if framed.tpdu.get(..3) != framing.tpdu.get(..3) {
            return foreign(Layer::Frame, 0, framing.tpdu.len());
        }
        if framed.header.get(..2) != framing.header.get(..2) {
            return foreign(Layer::Header, framing.tpdu.len(), framing.header.len());
        }
        Ok(())
    }

    /// Whose books a request is for. A terminal that nobody knows gets its own, unless the centre is strict.
    fn terminal_of(&mut self, request: &Request) -> String {
        let known = |terminal: &str| self.books.contains_key(terminal);
        let terminal = request.message.text(41).unwrap_or_default().to_owned();
        if known(&terminal) {
            return terminal;
        }
        if self.strict || terminal.is_empty() || self.books.len() >= TERMINALS_MOST {
            // At the books of another it is refused: 97.
            return self.books.keys().next().cloned().unwrap_or_default();
        }
        let merchant = request.message.text(42).unwrap_or_default().to_owned();
        self.take_on(Identity { terminal: terminal.clone(), merchant, serial: SERIAL.to_owned() });
        terminal
    }

    fn take_on(&mut self, identity: Identity) {
        let owner = KeyOwner { seed: self.acquirer.owner.seed, terminal: identity.terminal.clone() };
        let terminal = identity.terminal.clone();
        self.books.insert(terminal, Books { identity, owner, ledger: Ledger::default() });
    }
}

/// What the log calls the silence of a full centre.
const FULL: &str = "books-full";
