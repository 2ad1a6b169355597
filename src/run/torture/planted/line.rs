//! Lines, printers and PIN pads that do something wrong.

use super::journal::closed;
use crate::payment::amount::Amount;
use crate::payment::card::Pan;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::frame::unframe;
use crate::payment::iso8583::unpack::unpack;
use crate::payment::keys::check_value::CheckValue;
use crate::payment::keys::mac::MacAlgorithm;
use crate::payment::keys::pin_block::EncryptedPinBlock;
use crate::payment::keys::sign_in::WrappedKey;
use crate::script_error::catalogue::hardware;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use crate::world::port::host_link::{HostLink, LinkFailure};
use crate::world::port::journal::{Journal, JournalState};
use crate::world::port::pin_pad::{KeySlot, PinPad};
use crate::world::port::printer::{Printer, Slip, SlipLine};
use crate::world::port::record::Record;
use crate::world::port::waited::Waited;
use crate::world::simulation::Simulation;
use std::cell::RefCell;
use std::rc::Rc;

/// What a wrong line makes of an exchange.
pub type Exchanged = Waited<Result<Vec<u8>, LinkFailure>>;
type Carry = fn(&mut dyn HostLink, &[u8], i64) -> Exchanged;

struct WrongLine {
    inner: Box<dyn HostLink>,
    carry: Carry,
}

impl HostLink for WrongLine {
    fn exchange(&mut self, frame: &[u8], within_ms: i64) -> Exchanged {
        (self.carry)(self.inner.as_mut(), frame, within_ms)
    }

    fn more(&mut self, within_ms: i64) -> Exchanged {
        self.inner.more(within_ms)
    }
}

struct Nothing;

impl HostLink for Nothing {
    fn exchange(&mut self, _: &[u8], _: i64) -> Exchanged {
        Waited::new(0, Err(LinkFailure::NoLine))
    }
}

/// Puts a wrong line in the place of the right one.
pub fn with_line(world: &mut Simulation, carry: Carry) {
    let inner = std::mem::replace(&mut world.ports.host, Box::new(Nothing));
    world.ports.host = Box::new(WrongLine { inner, carry });
}

fn told_as_no_line(exchanged: Exchanged, which: LinkFailure) -> Exchanged {
    match exchanged.result {
        Err(failure) if failure == which => Waited::new(exchanged.after_ms, Err(LinkFailure::NoLine)),
        result => Waited::new(exchanged.after_ms, result),
    }
}

/// A line that breaks counts as if nothing had left.
pub fn send_error_is_no_line(inner: &mut dyn HostLink, frame: &[u8], within_ms: i64) -> Exchanged {
    told_as_no_line(inner.exchange(frame, within_ms), LinkFailure::Dropped)
}

/// Silence counts as if nothing had left.
pub fn timeout_is_no_line(inner: &mut dyn HostLink, frame: &[u8], within_ms: i64) -> Exchanged {
    told_as_no_line(inner.exchange(frame, within_ms), LinkFailure::Timeout)
}

fn again(inner: &mut dyn HostLink, frame: &[u8], within_ms: i64, which: LinkFailure) -> Exchanged {
    let first = inner.exchange(frame, within_ms);
    if first.result == Err(which) { inner.exchange(frame, within_ms) } else { first }
}

/// Without an answer the same request is sent again at once.
pub fn sent_again_after_timeout(inner: &mut dyn HostLink, frame: &[u8], within_ms: i64) -> Exchanged {
    again(inner, frame, within_ms, LinkFailure::Timeout)
}

/// On a line that breaks the same request is sent again at once.
pub fn sent_again_after_break(inner: &mut dyn HostLink, frame: &[u8], within_ms: i64) -> Exchanged {
    again(inner, frame, within_ms, LinkFailure::Dropped)
}

/// The request is sent twice, to be sure.
pub fn sent_twice(inner: &mut dyn HostLink, frame: &[u8], within_ms: i64) -> Exchanged {
    let _ = inner.exchange(frame, within_ms);
    inner.exchange(frame, within_ms)
}

/// A journal that the line can write to as well.
#[derive(Clone)]
struct Both(Rc<RefCell<(Box<dyn Journal>, JournalState)>>);

struct BothJournal {
    both: Both,
    seen: JournalState,
}

impl Journal for BothJournal {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        let mut both = self.both.0.borrow_mut();
        both.0.append(record)?;
        let state = both.0.state().clone();
        both.1 = state.clone();
        self.seen = state;
        Ok(())
    }

    fn state(&self) -> &JournalState {
        &self.seen
    }
}

struct Closing {
    inner: Box<dyn HostLink>,
    both: Both,
    dialect: Dialect,
    /// Anything that comes closes the reversal, not only what can be read.
    by_anything: bool,
}

impl HostLink for Closing {
    fn exchange(&mut self, frame: &[u8], within_ms: i64) -> Exchanged {
        let exchanged = self.inner.exchange(frame, within_ms);
        let read = |bytes: &[u8]| {
            let framed = unframe(&self.dialect, bytes).ok()?;
            unpack(framed.body, &self.dialect).ok()
        };
        let is_reversal =
            read(frame).filter(|message| self.dialect.reversal.as_ref().is_some_and(|rule| rule.mti == message.mti));
        let stan = is_reversal.and_then(|message| message.text(11)?.parse().ok());
        if let (Some(stan), Ok(reply)) = (stan, &exchanged.result)
            && (self.by_anything || read(reply).is_some())
        {
            let _ = self.both.0.borrow_mut().0.append(closed(stan));
        }
        exchanged
    }

    fn more(&mut self, within_ms: i64) -> Exchanged {
        self.inner.more(within_ms)
    }
}

/// Any answer to a reversal closes it; with `by_anything` bytes that are no answer do too.
pub fn any_answer_closes(world: &mut Simulation, by_anything: bool) {
    let nothing: Box<dyn Journal> = Box::new(crate::world::journal::memory::MemoryJournal::default());
    let journal = std::mem::replace(&mut world.ports.journal, nothing);
    let seen = journal.state().clone();
    let both = Both(Rc::new(RefCell::new((journal, seen.clone()))));
    world.ports.journal = Box::new(BothJournal { both: both.clone(), seen });
    let dialect = world.look(|stage| stage.acquirer.dialect.clone());
    let inner = std::mem::replace(&mut world.ports.host, Box::new(Nothing));
    world.ports.host = Box::new(Closing { inner, both, dialect, by_anything });
}

type Print = fn(&mut dyn Printer, &Slip) -> Result<(), Failure>;

struct WrongPrinter {
    inner: Box<dyn Printer>,
    print: Print,
}

impl Printer for WrongPrinter {
    fn print(&mut self, slip: &Slip) -> Result<(), Failure> {
        (self.print)(self.inner.as_mut(), slip)
    }
}

struct NoPrinter;

impl Printer for NoPrinter {
    fn print(&mut self, _: &Slip) -> Result<(), Failure> {
        Ok(())
    }
}

/// Puts a wrong printer in the place of the right one.
pub fn with_printer(world: &mut Simulation, print: Print) {
    let inner = std::mem::replace(&mut world.ports.printer, Box::new(NoPrinter));
    world.ports.printer = Box::new(WrongPrinter { inner, print });
}

/// Every slip comes out twice, neither marked.
pub fn prints_twice(inner: &mut dyn Printer, slip: &Slip) -> Result<(), Failure> {
    inner.print(slip)?;
    inner.print(slip)
}

/// Nothing comes out.
pub fn prints_nothing(_: &mut dyn Printer, _: &Slip) -> Result<(), Failure> {
    Ok(())
}

/// The amount on the slip is another.
pub fn prints_another_amount(inner: &mut dyn Printer, slip: &Slip) -> Result<(), Failure> {
    let mut other = slip.clone();
    for line in &mut other.lines {
        if let SlipLine::Row { value, .. } = line
            && let Ok(amount) = Amount::parse(&value.en.replace(' ', ""))
        {
            let more = Amount::new(amount.minor + 100, amount.currency).to_string();
            *value = Said::new(more.clone(), more).into();
        }
    }
    inner.print(&other)
}

/// Believes any MAC; without a pad inside it can nothing.
struct TrustingPad(Option<Box<dyn PinPad>>);

impl TrustingPad {
    fn pad(&mut self) -> Result<&mut dyn PinPad, Failure> {
        match &mut self.0 {
            Some(pad) => Ok(pad.as_mut()),
            None => Err(Failure::new(hardware::PIN_PAD_UNPLUGGED)),
        }
    }
}

impl PinPad for TrustingPad {
    fn serial(&mut self) -> Result<String, Failure> {
        self.pad()?.serial()
    }

    fn enter_pin(
        &mut self,
        pan: &Pan,
        digits: u8,
        amount: Option<Amount>,
        within_ms: i64,
    ) -> Waited<Result<EncryptedPinBlock, Failure>> {
        match self.pad() {
            Ok(pad) => pad.enter_pin(pan, digits, amount, within_ms),
            Err(failure) => Waited::new(0, Err(failure)),
        }
    }

    fn read_keys(&mut self, bundle: &[u8]) -> Result<Vec<WrappedKey>, Failure> {
        self.pad()?.read_keys(bundle)
    }

    fn load(&mut self, slot: KeySlot, cryptogram: &[u8], under: KeySlot) -> Result<CheckValue, Failure> {
        self.pad()?.load(slot, cryptogram, under)
    }

    fn activate_keys(&mut self) -> Result<(), Failure> {
        self.pad()?.activate_keys()
    }

    fn drop_keys(&mut self) -> Result<(), Failure> {
        self.pad()?.drop_keys()
    }

    fn erase_work_keys(&mut self) -> Result<(), Failure> {
        self.pad()?.erase_work_keys()
    }

    fn mac(&mut self, algorithm: MacAlgorithm, data: &[u8]) -> Result<[u8; 8], Failure> {
        self.pad()?.mac(algorithm, data)
    }

    fn verify_mac(&mut self, _: MacAlgorithm, _: &[u8], _: &[u8]) -> Result<bool, Failure> {
        Ok(true)
    }
}

/// Any MAC is right.
pub fn trusts_any_mac(world: &mut Simulation) {
    let inner = std::mem::replace(&mut world.ports.pin_pad, Box::new(TrustingPad(None)));
    world.ports.pin_pad = Box::new(TrustingPad(Some(inner)));
}
