//! The simulated chip in the reader: its cryptograms, what it thinks of the issuer's answer, what it does with scripts.
//!
//! The cryptography is real, the keys are TEST keys: the issuer can check what the chip says, and the chip what the issuer
//! says. Its risk management is simulated: beyond the issuer's answer it decides what its faults say.

use super::card_reader::chip_is_broken;
use crate::payment::amount::Amount;
use crate::payment::emv::cryptogram::Covered;
use crate::payment::emv::issuer_script::{self, IssuerScript, ScriptOutcome};
use crate::payment::emv::tag::Tag;
use crate::payment::emv::tlv::{self, Reader};
use crate::payment::keys::transaction_key::TransactionKey;
use crate::script_error::catalogue::{card, hardware};
use crate::script_error::code::Code;
use crate::world::fault::Fault;
use crate::world::port::calendar::Moment;
use crate::world::port::card_reader::{ChipAnswer, ChipVerdict, Entry, HostSaid, IssuerProof};
use crate::world::port::failure::Failure;
use crate::world::port::waited::Waited;
use crate::world::profile::{CardProfile, Flag};
use crate::world::stage::Stage;
use std::sync::Arc;
use zeroize::Zeroizing;

/// How long the chip takes for its answer.
const THINKING_MS: i64 = 500;

/// What a chip says to a command that it does not take: conditions not satisfied. And to one that it takes.
const REFUSES: [u8; 2] = [0x69, 0x85];
const TAKES: [u8; 2] = [0x90, 0x00];

/// Scripts of one reply that are looked at and reported. What a terminal has to take, 128 bytes, holds no more that do
/// anything; the results of many more would not fit into field 55 of their notice.
const SCRIPTS_MOST: usize = 20;

/// Bits of byte 5 of the TVR: the issuer's answer was wrong; a script failed before the second GENERATE AC, or after it.
const NOT_AUTHENTIC: u8 = 0x40;
const FAILED_BEFORE: u8 = 0x20;
const FAILED_AFTER: u8 = 0x10;

/// What the issuer authenticates with.
const ISSUER_AUTHENTICATION: Tag = Tag::new(0x91);
/// Bytes of its cryptogram; the response code that it is about follows.
const RESPONSE_CRYPTOGRAM: usize = 8;

/// The response code of an offline approval, tag 8A.
const OFFLINE_APPROVED: &[u8] = b"Y1";

/// Transactions that a simulated card has behind it when it comes into the world.
const MADE_BEFORE: u16 = 41;

/// A chip's answer, when it comes.
pub(super) type Answered = Waited<Result<Option<ChipAnswer>, Failure>>;

/// What a chip said first, which it remembers until it is shown the issuer's answer.
#[derive(Clone, Debug)]
pub struct Asked {
    covered: Covered,
    cryptogram: [u8; 8],
    key: Option<Arc<TransactionKey>>,
}

/// The first GENERATE AC when the card is read: it asks the issuer (ARQC). Gives what field 55 of a request carries.
pub(super) fn ask(stage: &mut Stage, card: &CardProfile, amount: Option<Amount>) -> Zeroizing<Vec<u8>> {
    first(stage, card, amount, ChipVerdict::Arqc)
}

/// The end of a transaction: the issuer's answer, scripts 71, the second GENERATE AC, scripts 72.
pub(super) fn complete(stage: &mut Stage, said: &HostSaid, within_ms: i64) -> Answered {
    let Some(Asked { mut covered, cryptogram, key }) = stage.asked.clone().filter(|_| is_in_reader(stage)) else {
        return Waited::new(0, Ok(None));
    };
    let at = THINKING_MS.min(within_ms);
    if let Some(code) = objection(stage, true) {
        return Waited::new(at, Err(Failure::new(code)));
    }
    let tags: &[u8] = said.tags.as_deref().map_or(&[], |tags| tags.as_slice());
    let reading = tlv::read(tags, Reader::Lenient);
    let data = tlv::find(&reading.nodes, ISSUER_AUTHENTICATION).map(|node| node.value);
    let issuer = match (data, &key) {
        (None, _) => IssuerProof::Missing,
        (Some(data), Some(key)) if proves(key, cryptogram, data, said.code) => IssuerProof::Right,
        (Some(_), _) => IssuerProof::Wrong,
    };
    let convinced = match issuer {
        IssuerProof::Right => true,
        IssuerProof::Wrong => false,
        IssuerProof::Missing => asks_no_proof(stage),
    };
    let declines = stage.faults.has(Fault::ChipDeclines);
    let verdict = if said.approved && convinced && !declines { ChipVerdict::Tc } else { ChipVerdict::Aac };
    if verdict == ChipVerdict::Aac && said.approved {
        stage.chip_declined.extend(said.of);
    }
    let mut scripts = issuer_script::scripts(&reading.nodes);
    scripts.truncate(SCRIPTS_MOST);
    let status = if stage.faults.has(Fault::ScriptFails) { REFUSES } else { TAKES };
    let (mut results, mut failed) = (Vec::new(), if issuer == IssuerProof::Wrong { NOT_AUTHENTIC } else { 0 });
    let mut final_cryptogram = [0; 8];
    for before in [true, false] {
        for (script, faults) in scripts.iter().filter(|(script, _)| script.before_second == before) {
            let outcome = if faults.is_empty() { run(script, status) } else { ScriptOutcome::NotPerformed };
            if outcome != ScriptOutcome::Performed {
                failed |= if before { FAILED_BEFORE } else { FAILED_AFTER };
            }
            results.extend(issuer_script::result(outcome, script.identifier));
        }
        if before {
            // What a script behind it comes to is in no cryptogram.
            covered.verification = [0, 0, 0, 0, failed];
            covered.card_verification = card_verification(ChipVerdict::Arqc, Some((verdict, issuer)));
            final_cryptogram = cryptogram_of(key.as_deref(), &covered);
        }
    }
    // As a script result has them: no amount, as the original has it.
    let mut tags = Vec::with_capacity(128);
    put(&mut tags, 0x9F33, &CAPABILITIES);
    put(&mut tags, 0x95, &[0, 0, 0, 0, failed]);
    put(&mut tags, 0x9F37, &covered.unpredictable);
    put(&mut tags, 0x9F1E, SERIAL);
    put(&mut tags, 0x9F10, &issuer_data(&covered));
    put(&mut tags, 0x9F26, &final_cryptogram);
    put(&mut tags, 0x9F27, &[verdict.cryptogram_information()]);
    put(&mut tags, 0x9F36, &covered.counter);
    put(&mut tags, 0x82, &covered.profile);
    put(&mut tags, 0xDF31, &results);
    put(&mut tags, 0x9F1A, &covered.country);
    put(&mut tags, 0x9A, &covered.date);
    let scripts = u32::try_from(scripts.len()).unwrap_or(u32::MAX);
    Waited::new(at, Ok(Some(ChipAnswer { verdict, tags: Zeroizing::new(tags), scripts, issuer: Some(issuer) })))
}

/// The first GENERATE AC asks for a TC: a transaction of its own, whatever the card said when it was read.
pub(super) fn decide(stage: &mut Stage, amount: Amount, within_ms: i64) -> Answered {
    let in_reader = stage.in_reader.as_ref().filter(|presented| presented.entry == Some(Entry::Chip));
    let Some(card) = in_reader.map(|presented| presented.card.clone()) else {
        return Waited::new(0, Ok(None));
    };
    let at = THINKING_MS.min(within_ms);
    if let Some(code) = objection(stage, false) {
        return Waited::new(at, Err(Failure::new(code)));
    }
    let verdict = stage.faults.find(|fault| match fault {
        Fault::ChipOffline(verdict) => Some(*verdict),
        _ => None,
    });
    let verdict = verdict.unwrap_or(ChipVerdict::Tc);
    let mut tags = first(stage, &card, Some(amount), verdict);
    if verdict == ChipVerdict::Tc {
        put(&mut tags, 0x8A, OFFLINE_APPROVED);
    }
    Waited::new(at, Ok(Some(ChipAnswer { verdict, tags, scripts: 0, issuer: None })))
}

/// Does the issuer's answer prove that it is the issuer's, and about the response code that the terminal has?
fn proves(key: &TransactionKey, cryptogram: [u8; 8], data: &[u8], code: Option<[u8; 2]>) -> bool {
    let Some((response, about)) = data.split_at_checked(RESPONSE_CRYPTOGRAM) else { return false };
    // Some issuers leave the code out: then it is the terminal's.
    code.is_some_and(|code| (about.is_empty() || about == code) && key.answers(cryptogram, code, response))
}

/// Cards of ours want their issuer to prove itself. A host elsewhere does not have to know their keys.
fn asks_no_proof(stage: &Stage) -> bool {
    let in_reader = stage.in_reader.as_ref();
    stage.host_is_elsewhere || in_reader.is_some_and(|presented| presented.card.has(Flag::UncheckedChip))
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
const PROFILE: [u8; 2] = [0x7C, 0x00];
const COUNTRY: [u8; 2] = [0x01, 0x56];
const SERIAL: &[u8] = b"SIM00107";

/// A first GENERATE AC: the card counts a transaction, and answers with this verdict and its cryptogram.
fn first(stage: &mut Stage, card: &CardProfile, amount: Option<Amount>, verdict: ChipVerdict) -> Zeroizing<Vec<u8>> {
    let count = stage.counters.entry(Arc::clone(&card.account)).or_insert(MADE_BEFORE);
    *count = count.wrapping_add(1);
    let counter = *count;
    let all: u32 = stage.counters.values().map(|count| u32::from(*count)).sum();
    // The terminal's chance is that of the world's seed, as all chance here is.
    let base = *stage.chance.get_or_insert_with(|| stage.acquirer.owner.number("unpredictable number", 0));
    let [a, b, c, d, ..] = mixed(base, all).to_be_bytes();
    let covered = Covered {
        amount: decimal(amount.map_or(0, |amount| amount.minor)),
        country: COUNTRY,
        currency: decimal(i64::from(amount.map_or(156, |amount| amount.currency.numeric()))),
        date: date(stage.now_ms),
        unpredictable: [a, b, c, d],
        profile: PROFILE,
        counter: counter.to_be_bytes(),
        card_verification: card_verification(verdict, None),
        ..Covered::default()
    };
    let key = stage.acquirer.card_keys.transaction(card, counter);
    let mut cryptogram = cryptogram_of(key.as_deref(), &covered);
    if stage.faults.has(Fault::BadCryptogram) {
        cryptogram = cryptogram.map(|byte| !byte);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(160));
    put(&mut bytes, 0x9F26, &cryptogram);
    put(&mut bytes, 0x9F27, &[verdict.cryptogram_information()]);
    put(&mut bytes, 0x9F10, &issuer_data(&covered));
    put(&mut bytes, 0x9F37, &covered.unpredictable);
    put(&mut bytes, 0x9F36, &covered.counter);
    put(&mut bytes, 0x95, &covered.verification);
    put(&mut bytes, 0x9A, &covered.date);
    put(&mut bytes, 0x9C, &covered.kind);
    put(&mut bytes, 0x9F02, &covered.amount);
    put(&mut bytes, 0x5F2A, &covered.currency);
    put(&mut bytes, 0x82, &covered.profile);
    put(&mut bytes, 0x9F1A, &covered.country);
    put(&mut bytes, 0x9F03, &covered.other);
    put(&mut bytes, 0x9F33, &CAPABILITIES);
    put(&mut bytes, 0x9F1E, SERIAL);
    stage.asked = Some(Asked { covered, cryptogram, key });
    bytes
}

/// The cryptogram; zeros from a card that has no key, which nobody takes for one.
fn cryptogram_of(key: Option<&TransactionKey>, covered: &Covered) -> [u8; 8] {
    key.map_or([0; 8], |key| key.cryptogram(&covered.bytes()))
}

/// The card verification results: what it answered first, and at the end, and what it thinks of its issuer then.
fn card_verification(first: ChipVerdict, end: Option<(ChipVerdict, IssuerProof)>) -> [u8; 4] {
    let answers = |verdict| match verdict {
        ChipVerdict::Aac => 0b00,
        ChipVerdict::Tc => 0b01,
        ChipVerdict::Arqc => 0b10,
    };
    // A second answer that was not asked for is written as an ARQC.
    let second = end.map_or(0b10, |(verdict, _)| answers(verdict));
    let (wrong, missing) = match end {
        Some((_, IssuerProof::Wrong)) => (0x08, 0),
        Some((_, IssuerProof::Missing)) => (0, 0x04),
        _ => (0, 0),
    };
    [0x03, second << 6 | answers(first) << 4 | wrong, missing, 0]
}

/// 9F10: length, index of the key, version of the cryptogram, card verification results, algorithm (01: triple DES).
fn issuer_data(covered: &Covered) -> [u8; 8] {
    let [a, b, c, d] = covered.card_verification;
    [0x07, 0x01, 0x01, a, b, c, d, 0x01]
}

/// A number that nobody guesses from the one before: splitmix64.
fn mixed(base: u64, count: u32) -> u64 {
    let mut mixed = base.wrapping_add(u64::from(count).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

/// Year, month, day.
fn date(now_ms: i64) -> [u8; 3] {
    let moment = Moment::from_ms(now_ms);
    decimal(moment.year.rem_euclid(100) * 10_000 + i64::from(moment.month) * 100 + i64::from(moment.day))
}

/// A number as digits, two in a byte, the leftmost dropped where there are too many.
fn decimal<const N: usize>(number: i64) -> [u8; N] {
    let mut left = number.unsigned_abs();
    let mut bytes = [0; N];
    for byte in bytes.iter_mut().rev() {
        let pair = (left % 100) as u8;
        *byte = ((pair / 10) << 4) | (pair % 10);
        left /= 100;
    }
    bytes
}

/// Appends a tag with its value.
fn put(bytes: &mut Vec<u8>, tag: u32, value: &[u8]) {
    // INVARIANT: every value here is shorter than 65536 bytes, the only thing that can be wrong.
    let _ = tlv::push(bytes, Tag::new(tag), value);
}
