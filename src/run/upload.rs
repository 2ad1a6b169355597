//! The upload of a batch: details eight at a time, then what chips said, one by one. After a break it goes on with what the host has
//! not confirmed.

use crate::language::builtin::row::Op;
use crate::language::vm::value::Value;
use crate::payment::card::Pan;
use crate::payment::iso8583::response::ResponseCode;
use crate::run::day::not_reconciled;
use crate::run::devices::{Stop, hidden};
use crate::run::session::Session;
use crate::run::wire::misused;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::day::Settlement;
use crate::world::port::failure::Failure;
use crate::world::port::journal::JournalState;
use crate::world::port::record::{Booked, Kind, Record};

/// Transactions in one part of an upload: as many as field 48 holds.
const PART_MOST: i64 = 8;

/// Answers one request of an upload; `None` for one that is about something else.
pub(super) fn answer(session: &mut Session<'_>, op: Op, arguments: &[Value]) -> Option<Result<Value, Stop>> {
    Some(match (op, arguments) {
        (Op::BatchNextUpload, [Value::Int(most)]) => Ok(next_part(session.ports.journal.state(), *most)),
        (Op::BatchMarkUploaded, [Value::Record(part)]) => match part.get(2) {
            Some(Value::List(stans)) => mark(session, stans),
            _ => Err(misused("no part of an upload").into()),
        },
        (Op::BatchNextChip, []) => next_chip(session),
        (Op::BatchMarkChip, [Value::Text(stan)]) => {
            // A number of which nothing is kept changes nothing.
            let kept = stan.parse().is_ok_and(|stan| session.ports.journal.state().chips.has(stan));
            if kept { mark(session, arguments) } else { Ok(Value::Nothing) }
        }
        (Op::BatchRefuseChip, [Value::Text(stan), Value::Code(by)]) => refuse(session, stan, *by),
        (Op::BatchChipsRefused, []) => Ok(Value::Int(session.ports.journal.state().chips.refused.len() as i64)),
        (Op::BatchDispute, [Value::Code(by)]) => dispute(session, *by),
        (Op::BatchUploadAnew, []) => anew(session),
        (Op::BatchDisputed, []) => Ok(Value::Bool(session.ports.journal.state().chips.differs.is_some())),
        (Op::BatchUploads, []) => Ok(Value::Int(session.ports.journal.state().day.uploaded.len() as i64)),
        (Op::BatchNeedsUpload, []) => Ok(Value::Bool(session.ports.journal.state().needs_upload())),
        (Op::BatchEndUpload, []) => end(session),
        _ => return None,
    })
}

/// The host has these.
fn mark(session: &mut Session<'_>, stans: &[Value]) -> Result<Value, Stop> {
    let number = |stan: &Value| match stan {
        Value::Text(stan) => stan.parse().ok(),
        _ => None,
    };
    let stans = stans.iter().filter_map(number).collect();
    session.ports.journal.append(Record::Uploaded { stans })?;
    Ok(Value::Nothing)
}

/// The host refuses what a chip said, for good. Only after a settlement: before it a host refuses everything.
fn refuse(session: &mut Session<'_>, stan: &str, by: ResponseCode) -> Result<Value, Stop> {
    let state = session.ports.journal.state();
    settled(state)?;
    if let Some(stan) = stan.parse().ok().filter(|stan| state.chips.has(*stan)) {
        session.ports.journal.append(Record::UploadRefused { stan: Some(stan), by })?;
    }
    Ok(Value::Nothing)
}

/// The host does not accept the count: all but what it refused is told again.
fn anew(session: &mut Session<'_>) -> Result<Value, Stop> {
    let state = session.ports.journal.state();
    if settled(state)?.uploaded {
        return Err(not_reconciled("批上送已经报完", "the upload is complete"));
    }
    session.ports.journal.append(Record::UploadAnew)?;
    Ok(Value::Nothing)
}

/// The host refuses the end although the totals agreed: it counts otherwise. What the terminal had to tell is told.
fn dispute(session: &mut Session<'_>, by: ResponseCode) -> Result<Value, Stop> {
    let state = session.ports.journal.state();
    all_told(state)?;
    if !settled(state)?.balanced {
        return Err(not_reconciled(
            "对账不平，主机不认批上送",
            "the totals differ and the host does not accept the upload",
        ));
    }
    session.ports.journal.append(Record::UploadRefused { stan: None, by })?;
    Ok(Value::Nothing)
}

fn end(session: &mut Session<'_>) -> Result<Value, Stop> {
    all_told(session.ports.journal.state())?;
    session.ports.journal.append(Record::UploadEnded)?;
    Ok(Value::Nothing)
}

/// The settlement of the batch, or `T8103`.
fn settled(state: &JournalState) -> Result<Settlement, Stop> {
    state.day.settlement.ok_or_else(|| not_reconciled("本批次还没有结算", "the batch has not been settled"))
}

/// Only the end of the upload is left to be told, or `T8103`.
fn all_told(state: &JournalState) -> Result<(), Stop> {
    let settlement = settled(state)?;
    if !settlement.balanced && state.to_upload().next().is_some() {
        return Err(not_reconciled("还有明细没有上送", "not every transaction is uploaded"));
    }
    if state.chips.next(&state.day.uploaded).is_some() {
        return Err(chips_wait());
    }
    Ok(())
}

/// `T8103`: what chips said is still to be told.
pub(super) fn chips_wait() -> Stop {
    not_reconciled("还有芯片的证书没有上送", "certificates of chips are not uploaded yet")
}

/// Where a transaction stands in an upload: sales and voids, then refunds, then completions that were told afterwards.
fn rank(state: &JournalState, booked: &Booked) -> u8 {
    match booked.kind {
        Kind::Offline => 0,
        Kind::Refund => 2,
        Kind::Completion if state.day.answered.contains_key(&booked.stan) => 3,
        _ => 1,
    }
}

/// The next part of an upload. The journal keeps no whole card number of a finished transaction, so an item carries what
/// the slip shows of it, with a zero for every digit that is hidden; the host finds it by trace number and amount.
fn next_part(state: &JournalState, most: i64) -> Value {
    let most = most.clamp(1, PART_MOST) as usize;
    let mut part: Vec<&Booked> = state.to_upload().collect();
    part.sort_by_key(|booked| rank(state, booked));
    part.truncate(most);
    if part.is_empty() {
        return Value::None;
    }
    let mut items = format!("{:02}", part.len());
    for booked in &part {
        items.push_str(&item(state, booked.stan, &booked.card, booked.amount.minor));
    }
    let stans = part.iter().map(|booked| Value::Text(format!("{:06}", booked.stan))).collect();
    Value::Record(vec![Value::Int(part.len() as i64), Value::Text(items), Value::List(stans)])
}

/// Forty digits: type 2, trace number 6, card 20, amount 12.
fn item(state: &JournalState, stan: u32, masked: &str, minor: i64) -> String {
    let foreign = if state.day.foreign.contains(&stan) { "01" } else { "00" };
    let card: String = masked.chars().map(|sign| if sign.is_ascii_digit() { sign } else { '0' }).take(20).collect();
    format!("{foreign}{stan:06}{card:0>20}{:012}", minor.max(0))
}

/// What a chip said and the host is to hear next.
fn next_chip(session: &mut Session<'_>) -> Result<Value, Stop> {
    let state = session.ports.journal.state();
    let Some(proof) = state.chips.next(&state.day.uploaded) else { return Ok(Value::None) };
    let stan = proof.stan;
    let Some(content) = proof.open(&session.ports.seal) else {
        let detail =
            Said::new(format!("{stan:06} 的芯片数据无法解开"), format!("the chip data of {stan:06} cannot be opened"));
        return Err(Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(detail)).into());
    };
    let pan = std::str::from_utf8(&content.card).ok().and_then(|digits| Pan::parse(digits).ok());
    let (masked, sound) = pan.map_or_else(|| (String::new(), false), |pan| (pan.masked(), pan.passes_luhn()));
    let text = |text: String| if text.is_empty() { Value::None } else { Value::Text(text) };
    let details = format!("01{}", item(state, stan, &masked, proof.amount.minor));
    let (verdict, amount) = (proof.verdict.tag(), proof.amount);
    Ok(Value::Record(vec![
        Value::Text(format!("{stan:06}")),
        Value::Variant { tag: verdict, payload: None },
        Value::Amount(amount),
        Value::Sealed { number: session.vault.seal(&content.card), masked, sound },
        text(content.entry_mode),
        text(content.sequence),
        hidden(session.vault.seal(&content.chip)),
        Value::Text(details),
    ]))
}

/// Nothing is left to be uploaded, or `T8103`.
pub(super) fn complete(state: &JournalState) -> Result<(), Stop> {
    if state.chips.next(&state.day.uploaded).is_some() {
        return Err(chips_wait());
    }
    if state.needs_upload() {
        let balanced = state.day.settlement.is_some_and(|settlement| settlement.balanced);
        return Err(match balanced {
            true => not_reconciled("批上送没有报完", "the end of the upload is not told yet"),
            false => not_reconciled("对账不平，批上送没有完成", "the totals differ and the upload is not complete"),
        });
    }
    Ok(())
}
