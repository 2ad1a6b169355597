//! The simulated chip in the reader: what it decides, and what it does with an issuer's scripts.
//!
//! Its decisions follow its faults, not the issuer's data: cryptograms are made up, and no issuer authentication is done.

use super::card_reader::chip_is_broken;
use crate::payment::amount::Amount;
use crate::payment::emv::issuer_script::{self, IssuerScript, ScriptOutcome};
use crate::payment::emv::tag::Tag;
use crate::payment::emv::tlv::{self, Reader};
use crate::script_error::catalogue::{card, hardware};
use crate::script_error::code::Code;
use crate::world::fault::Fault;
use crate::world::port::calendar::Moment;
use crate::world::port::card_reader::{ChipAnswer, ChipVerdict, Entry, HostSaid};
use crate::world::port::failure::Failure;
use crate::world::port::waited::Waited;
use crate::world::stage::Stage;
use zeroize::Zeroizing;

/// How long the chip takes for its answer.
const THINKING_MS: i64 = 500;

/// What a chip says to a command that it does not take: conditions not satisfied. And to one that it takes.
const REFUSES: [u8; 2] = [0x69, 0x85];
const TAKES: [u8; 2] = [0x90, 0x00];

/// Scripts of one reply that are looked at and reported. What a terminal has to take, 128 bytes, holds no more that do
/// anything; the results of many more would not fit into field 55 of their notice.
const SCRIPTS_MOST: usize = 20;

/// Bits of byte 5 of the TVR: a script failed before the second GENERATE AC, or after it.
const FAILED_BEFORE: u8 = 0x20;
const FAILED_AFTER: u8 = 0x10;

/// The response code of an offline approval, tag 8A.
const OFFLINE_APPROVED: &[u8] = b"Y1";

/// A chip's answer, when it comes.
pub(super) type Answered = Waited<Result<Option<ChipAnswer>, Failure>>;

/// The end of a transaction: scripts 71, the second GENERATE AC, scripts 72.
pub(super) fn complete(stage: &mut Stage, said: &HostSaid, within_ms: i64) -> Answered {
    if !is_in_reader(stage) {
        return Waited::new(0, Ok(None));
    }
    let at = THINKING_MS.min(within_ms);
    if let Some(code) = objection(stage, true) {
        return Waited::new(at, Err(Failure::new(code)));
    }
    let declines = stage.faults.has(Fault::ChipDeclines);
    let verdict = if said.approved && !declines { ChipVerdict::Tc } else { ChipVerdict::Aac };
    if verdict == ChipVerdict::Aac && said.approved {
        stage.chip_declined.extend(said.of);
    }
    let tags: &[u8] = said.tags.as_deref().map_or(&[], |tags| tags.as_slice());
    let reading = tlv::read(tags, Reader::Lenient);
    let mut scripts = issuer_script::scripts(&reading.nodes);
    scripts.truncate(SCRIPTS_MOST);
    let status = if stage.faults.has(Fault::ScriptFails) { REFUSES } else { TAKES };
    let (mut results, mut failed) = (Vec::new(), 0);
    for before in [true, false] {
        for (script, faults) in scripts.iter().filter(|(script, _)| script.before_second == before) {
            let outcome = if faults.is_empty() { run(script, status) } else { ScriptOutcome::NotPerformed };
            if outcome != ScriptOutcome::Performed {
                failed |= if before { FAILED_BEFORE } else { FAILED_AFTER };
            }
            results.extend(issuer_script::result(outcome, script.identifier));
        }
    }
    // As a script result has them: no amount, as the original has it.
    let cryptogram = cryptogram(0, stage.now_ms);
    let mut tags = Vec::new();
    put(&mut tags, 0x9F33, &CAPABILITIES);
    put(&mut tags, 0x95, &[0, 0, 0, 0, failed]);
    put(&mut tags, 0x9F37, cryptogram.get(4..).unwrap_or(&[]));
    put(&mut tags, 0x9F1E, b"SIM00107");
    put(&mut tags, 0x9F10, &ISSUER_DATA);
    put(&mut tags, 0x9F26, &cryptogram);
    put(&mut tags, 0x9F27, &[verdict.cryptogram_information()]);
    put(&mut tags, 0x9F36, &COUNTER);
    put(&mut tags, 0x82, &PROFILE);
    put(&mut tags, 0xDF31, &results);
    put(&mut tags, 0x9F1A, &COUNTRY);
    put(&mut tags, 0x9A, &date(stage.now_ms));
    let scripts = u32::try_from(scripts.len()).unwrap_or(u32::MAX);
    Waited::new(at, Ok(Some(ChipAnswer { verdict, tags: Zeroizing::new(tags), scripts })))
}

/// The first GENERATE AC asks for a TC.
pub(super) fn decide(stage: &mut Stage, amount: Amount, within_ms: i64) -> Answered {
    if !is_in_reader(stage) {
        return Waited::new(0, Ok(None));
    }
    let at = THINKING_MS.min(within_ms);
    if let Some(code) = objection(stage, false) {
        return Waited::new(at, Err(Failure::new(code)));
    }
    let verdict = stage.faults.find(|fault| match fault {
        Fault::ChipOffline(verdict) => Some(*verdict),
        _ => None,
    });
    let verdict = verdict.unwrap_or(ChipVerdict::Tc);
    let mut tags = tags(Some(amount), stage.now_ms, verdict);
    if verdict == ChipVerdict::Tc {
        put(&mut tags, 0x8A, OFFLINE_APPROVED);
    }
    Waited::new(at, Ok(Some(ChipAnswer { verdict, tags: Zeroizing::new(tags), scripts: 0 })))
}

/// Gives the commands to the chip until it refuses one.
fn run(script: &IssuerScript<'_>, status: [u8; 2]) -> ScriptOutcome {
    let refused = script.commands.iter().position(|_| !issuer_script::goes_on(status));
    // A script has a few commands; fifteen stands for that and all later ones.
    refused.map_or(ScriptOutcome::Performed, |at| ScriptOutcome::Failed(u8::try_from(at + 1).unwrap_or(15)))
}

fn is_in_reader(stage: &Stage) -> bool {
    stage.in_reader.as_ref().is_some_and(|presented| presented.entry == Some(Entry::Chip))
}

/// What keeps the chip from answering, if anything does.
fn objection(stage: &Stage, is_late: bool) -> Option<Code> {
    if stage.faults.has(Fault::ReaderFault) {
        return Some(hardware::READER_FAULT);
    }
    if stage.faults.has(Fault::CardPulled) || is_late && stage.faults.has(Fault::CardPulledLate) {
        return Some(card::CARD_REMOVED);
    }
    let broken = stage.in_reader.as_ref().is_some_and(|presented| chip_is_broken(stage, &presented.card));
    broken.then_some(card::CHIP_UNREADABLE)
}

/// What the chip and the terminal are, as every message says it.
const CAPABILITIES: [u8; 3] = [0xE0, 0xE1, 0xC8];
const ISSUER_DATA: [u8; 7] = [0x07, 0x01, 0x01, 0x03, 0xA0, 0x00, 0x00];
const COUNTER: [u8; 2] = [0x00, 0x2A];
const PROFILE: [u8; 2] = [0x7C, 0x00];
const COUNTRY: [u8; 2] = [0x01, 0x56];

/// Chip data as field 55 of a request carries it: well formed, but with a made-up cryptogram and without card data.
pub(super) fn tags(amount: Option<Amount>, now_ms: i64, verdict: ChipVerdict) -> Vec<u8> {
    let minor = amount.map_or(0, |amount| amount.minor);
    let currency = amount.map_or(156, |amount| amount.currency.numeric());
    let cryptogram = cryptogram(minor, now_ms);
    let mut bytes = Vec::new();
    put(&mut bytes, 0x9F26, &cryptogram);
    put(&mut bytes, 0x9F27, &[verdict.cryptogram_information()]);
    put(&mut bytes, 0x9F10, &ISSUER_DATA);
    put(&mut bytes, 0x9F37, cryptogram.get(4..).unwrap_or(&[]));
    put(&mut bytes, 0x9F36, &COUNTER);
    put(&mut bytes, 0x95, &[0; 5]);
    put(&mut bytes, 0x9A, &date(now_ms));
    put(&mut bytes, 0x9C, &[0x00]);
    put(&mut bytes, 0x9F02, &bcd(&format!("{minor:012}")));
    put(&mut bytes, 0x5F2A, &bcd(&format!("{currency:04}")));
    put(&mut bytes, 0x82, &PROFILE);
    put(&mut bytes, 0x9F1A, &COUNTRY);
    put(&mut bytes, 0x9F03, &[0; 6]);
    put(&mut bytes, 0x9F33, &CAPABILITIES);
    bytes
}

/// Eight bytes that look like a cryptogram; nobody can check them.
fn cryptogram(minor: i64, now_ms: i64) -> [u8; 8] {
    (now_ms ^ minor.rotate_left(17)).wrapping_mul(0x5DEE_CE66_D1CE_4E5B).to_be_bytes()
}

/// Year, month, day.
fn date(now_ms: i64) -> Vec<u8> {
    let moment = Moment::from_ms(now_ms);
    bcd(&format!("{:02}{}", moment.year.rem_euclid(100), moment.date()))
}

fn bcd(digits: &str) -> Vec<u8> {
    crate::payment::hex::decode(digits.as_bytes()).map(|bytes| bytes.to_vec()).unwrap_or_default()
}

/// Appends a tag with its value.
fn put(bytes: &mut Vec<u8>, tag: u32, value: &[u8]) {
    // INVARIANT: every value here is shorter than 65536 bytes, the only thing that can be wrong.
    let _ = tlv::push(bytes, Tag::new(tag), value);
}
