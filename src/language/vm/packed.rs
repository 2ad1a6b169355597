//! A run that waits, as small as it goes: for a million terminals in one process.
//!
//! What it holds is the run without the registers that nobody reads again, in one piece of memory. It never leaves the
//! process, so it carries neither version nor checksum; to write a run down is `to_bytes`.
//!
//! It is a row of words (`words`) and the bytes of the texts. The program says what the words are: which functions are
//! running says how many registers there are, and where they stand says which of them are needed.

use super::failure::Failures;
use super::frame::Frame;
use super::limits::Limits;
use super::live::{self, Registers};
use super::money::{Decision, Money, Region, Sent};
use super::prepared::{Prepared, Routine};
use super::raise::Handled;
use super::request::Purpose;
use super::run::{Run, State};
use super::snapshot::SnapshotError;
use super::words::{self, Reader, Writer};
use crate::language::bytecode::program::Program;
use serde::{Deserialize, Serialize};

/// A run that was packed: it takes its bytes and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Box<[u8]>);

/// What most runs that wait have nothing of.
#[derive(Serialize, Deserialize)]
struct Rest {
    state: State,
    handled: Vec<Handled>,
    failures: Failures,
    outcome: Vec<Frame>,
}

const DAMAGED: SnapshotError = SnapshotError::Damaged;

/// A run that takes no more is written without taking memory first.
const SHORT: usize = 1024;

/// What is there besides the words that every run has: bits of the first word.
const HAS_LIMITS: u64 = 1;
const HAS_GRANT: u64 = 2;
const HAS_MONEY: u64 = 4;
const HAS_REST: u64 = 8;

impl Packed {
    /// How many bytes it takes.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// The run again, of the program it was packed with.
    pub fn unpack(&self, program: &Program) -> Result<Run, SnapshotError> {
        let mut run = Run::empty();
        run.unpack(self, program)?;
        Ok(run)
    }
}

/// The registers that are needed where a function stands; `None`: all of them.
fn needed<'p>(program: &Program, routine: &'p Routine, frame: &Frame) -> Option<&'p Registers> {
    let live = routine.live.get_or_init(|| live::of_function(program, frame.function.into()).into());
    live.get(frame.pc as usize)
}

impl Run {
    /// The run, packed. Registers that are not read again and that no error would show come back empty.
    pub fn pack(&self, program: &Program) -> Packed {
        let prepared = Prepared::of(program);
        let waits = self.rest.state == State::Waiting(Purpose::Builtin);
        let plain =
            waits && self.rest.handled.is_empty() && self.rest.failures.count() == 0 && self.rest.outcome.is_empty();
        let mut has = 0;
        has |= if self.rest.limits == Limits::default() { 0 } else { HAS_LIMITS };
        has |= if self.rest.granted == u64::MAX { 0 } else { HAS_GRANT };
        has |= if self.rest.money == Money::default() { 0 } else { HAS_MONEY };
        has |= if plain { 0 } else { HAS_REST };

        let cells = self.rest.heap.cells.get(prepared.cells.len()..).unwrap_or_default();
        let (registers, texts) = (self.stack.used(), self.rest.heap.bytes.as_slice());
        let words = 16 + 3 * self.rest.frames.len() + registers.len() + cells.len();
        let room = words::room(words) + texts.len();
        let (mut short, mut long) = ([0; SHORT], Vec::new());
        let mut writer = Writer::new(match short.get_mut(..room) {
            Some(short) => short,
            None => {
                long.resize(room, 0);
                &mut long
            }
        });
        let first = u64::from(self.entry) | has << 16 | (self.rest.frames.len() as u64) << 24;
        writer.pair(first, self.rest.spent);
        writer.pair(self.rest.requests.into(), self.rest.heap.elsewhere.into());
        if has & HAS_LIMITS != 0 {
            let Limits { heap_bytes, text_bytes, list_members, depth, errors_kept } = self.rest.limits;
            let rest = u64::from(list_members) | u64::from(depth) << 32 | u64::from(errors_kept) << 48;
            writer.pair(u64::from(heap_bytes) | u64::from(text_bytes) << 32, rest);
        }
        if has & HAS_GRANT != 0 {
            writer.pair(self.rest.granted, 0);
        }
        if has & HAS_MONEY != 0 {
            let Money { region, last, request, depth, range } = self.rest.money;
            writer.pair(region_number(region) | decision_number(last) << 4 | u64::from(depth) << 8, request);
            writer.pair(range.0.into(), range.1.into());
        }
        for frame in &self.rest.frames {
            writer.pair(u64::from(frame.function) | u64::from(frame.pc) << 16, frame.step.into());
        }
        let mut registers = registers;
        for frame in &self.rest.frames {
            let Some(routine) = prepared.routines.get(usize::from(frame.function)) else { continue };
            let (own, others) = registers.split_at_checked(routine.registers).unwrap_or((registers, &[]));
            match needed(program, routine, frame) {
                Some(needed) => {
                    let mut needed = needed.below(own.len()).map(|at| own.get(at).copied().unwrap_or(0));
                    while let Some(first) = needed.next() {
                        writer.pair(first, needed.next().unwrap_or(0));
                    }
                }
                None => writer.row(own),
            }
            registers = others;
        }
        writer.pair(cells.len() as u64, texts.len() as u64);
        writer.row(cells);
        writer.bytes(texts);
        let written = writer.end();
        if plain {
            return Packed(written.into());
        }
        let rest = Rest {
            state: self.rest.state,
            handled: self.rest.handled.clone(),
            failures: self.rest.failures.clone(),
            outcome: self.rest.outcome.clone(),
        };
        // INVARIANT: a run holds nothing that cannot be written; without this it would not be unpacked.
        Packed(postcard::to_extend(&rest, written.to_vec()).unwrap_or_default().into())
    }

    /// Becomes the run that was packed, in the memory it has. If it cannot, as of another program, it has ended.
    pub fn unpack(&mut self, packed: &Packed, program: &Program) -> Result<(), SnapshotError> {
        let done = self.take_up(packed, program);
        if done.is_none() {
            self.rest.frames.clear();
            self.stack.use_first(0);
            self.rest.state = State::Finished(0);
        }
        done.ok_or(DAMAGED)
    }

    fn take_up(&mut self, packed: &Packed, program: &Program) -> Option<()> {
        let prepared = Prepared::of(program);
        let mut reader = Reader::new(&packed.0);
        let [first, spent] = reader.pair()?;
        let [requests, elsewhere] = reader.pair()?;
        self.entry = first as u16;
        let (has, frames) = (first >> 16 & 0xFF, first >> 24);
        (self.rest.spent, self.rest.requests) = (spent, requests as u32);
        self.rest.limits = Limits::default();
        if has & HAS_LIMITS != 0 {
            let [bytes, rest] = reader.pair()?;
            self.rest.limits = Limits {
                heap_bytes: bytes as u32,
                text_bytes: (bytes >> 32) as u32,
                list_members: rest as u32,
                depth: (rest >> 32) as u16,
                errors_kept: (rest >> 48) as u16,
            };
        }
        self.rest.granted = if has & HAS_GRANT != 0 { reader.pair()?[0] } else { u64::MAX };
        self.rest.money = Money::default();
        if has & HAS_MONEY != 0 {
            let [standing, request] = reader.pair()?;
            let [from, to] = reader.pair()?;
            self.rest.money = Money {
                region: region_of(standing & 0xF)?,
                last: decision_of(standing >> 4 & 0xF)?,
                request,
                depth: (standing >> 8) as u16,
                range: (from as u32, to as u32),
            };
        }
        self.rest.frames.clear();
        let mut base = 0;
        for _ in 0..frames {
            let [place, step] = reader.pair()?;
            let function = place as u16;
            self.rest.frames.push(Frame { function, pc: (place >> 16) as u32, base, step: step as u32 });
            base += prepared.routines.get(usize::from(function))?.registers as u32;
        }
        self.stack.begin(base as usize);
        for frame in &self.rest.frames {
            let routine = prepared.routines.get(usize::from(frame.function))?;
            let own = self.stack.part(frame.base, routine.registers)?;
            match needed(program, routine, frame) {
                Some(needed) => {
                    let mut needed = needed.below(own.len());
                    while let Some(at) = needed.next() {
                        let [first, second] = reader.pair()?;
                        *own.get_mut(at)? = first;
                        if let Some(at) = needed.next() {
                            *own.get_mut(at)? = second;
                        }
                    }
                }
                None => reader.row(own)?,
            }
        }
        let [cells, texts] = reader.pair()?;
        // Two cells take a byte at least.
        let cells = usize::try_from(cells).ok().filter(|count| count / 2 <= packed.size())?;
        self.rest.heap.begin(&prepared.cells);
        self.rest.heap.elsewhere = elsewhere as u32;
        let known = self.rest.heap.cells.len();
        self.rest.heap.cells.resize(known + cells, 0);
        reader.row(self.rest.heap.cells.get_mut(known..)?)?;
        let (texts, rest) = reader.rest().split_at_checked(usize::try_from(texts).ok()?)?;
        self.rest.heap.bytes.extend_from_slice(texts);
        self.rest.state = State::Waiting(Purpose::Builtin);
        self.rest.handled.clear();
        self.rest.outcome.clear();
        self.rest.failures.clear();
        if has & HAS_REST != 0 {
            let rest: Rest = postcard::from_bytes(rest).ok()?;
            (self.rest.state, self.rest.handled, self.rest.outcome) = (rest.state, rest.handled, rest.outcome);
            self.rest.failures = rest.failures;
        }
        Some(())
    }
}

fn region_number(region: Region) -> u64 {
    match region {
        Region::Closed => 0,
        Region::Open(Sent::No) => 1,
        Region::Open(Sent::Perhaps) => 2,
        Region::Open(Sent::Refused) => 3,
        Region::Decided(decision) => 4 + decision_number(Some(decision)),
    }
}

fn region_of(number: u64) -> Option<Region> {
    Some(match number {
        0 => Region::Closed,
        1 => Region::Open(Sent::No),
        2 => Region::Open(Sent::Perhaps),
        3 => Region::Open(Sent::Refused),
        _ => Region::Decided(decision_of(number.checked_sub(4)?)??),
    })
}

fn decision_number(decision: Option<Decision>) -> u64 {
    match decision {
        None => 0,
        Some(Decision::Committed) => 1,
        Some(Decision::Discarded) => 2,
        Some(Decision::Reversed) => 3,
    }
}

fn decision_of(number: u64) -> Option<Option<Decision>> {
    Some(match number {
        0 => None,
        1 => Some(Decision::Committed),
        2 => Some(Decision::Discarded),
        3 => Some(Decision::Reversed),
        _ => return None,
    })
}
