//! What scripts ask of the terminal's day: the batch, its settlement, and the notices that are kept and sent.

use crate::language::builtin::row::Op;
use crate::language::vm::value::Value;
use crate::payment::amount::Amount;
use crate::payment::iso8583::canonical::canonical;
use crate::payment::iso8583::pack::pack;
use crate::run::content::RunMessage;
use crate::run::devices::Stop;
use crate::run::exchange::{does_not_fit, rule_of};
use crate::run::fixtures;
use crate::run::happening::Happening;
use crate::run::recovery::Which;
use crate::run::session::Session;
use crate::run::upload;
use crate::run::wire::{misused, to_wire};
use crate::script_error::catalogue::{limits, network, types};
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::calendar::Moment;
use crate::world::port::day::{Notice, Refused};
use crate::world::port::failure::Failure;
use crate::world::port::journal::{JournalState, Totals};
use crate::world::port::power::PowerPoint;
use crate::world::port::record::{Booked, DueReversal, Kind, Record, RequestFacts};

/// Places in field 48 of a settlement reply where the results stand: cards of this country, foreign ones.
const RESULTS: [usize; 2] = [30, 61];
/// Notices, adjustments and refunds; script results.
const NOTICES: [u16; 2] = [220, 620];

/// Answers one request. Arguments come in the order of the builtin's row.
pub(super) fn answer(session: &mut Session<'_>, op: Op, arguments: &[Value]) -> Result<Value, Stop> {
    use Value::{Int, List, Message, Text};
    match (op, arguments) {
        (Op::HostCommand, []) => Ok(Int(i64::from(std::mem::take(&mut session.host_command)))),
        (Op::StoreLimits, []) => limits_of(session),
        (Op::NoticesOffline, []) => offline(session),
        (Op::KeypadSupervisor, [Int(within)]) => {
            let waited = session.ports.keypad.supervisor(*within);
            Ok(Value::Bool(session.pass(waited)?))
        }
        (Op::HostTakeParameters, [Value::Sealed { number, .. }]) => {
            let parameters = session.vault.open(*number).ok_or_else(|| misused("the parameters are gone"))?;
            let parameters = String::from_utf8_lossy(parameters).into_owned();
            session.ports.parameters.take(&parameters);
            Ok(Value::Nothing)
        }
        (Op::BatchFind, [Text(stan)]) => {
            let stan = stan.parse().unwrap_or(0);
            Ok(found(session, |state| state.find_booked(stan)))
        }
        (Op::BatchFindReference, [Text(reference)]) => Ok(found(session, |state| {
            state.in_batch().filter(|booked| booked.reference.as_deref() == Some(reference.trim())).last()
        })),
        (Op::BatchLast, []) => Ok(found(session, |state| state.in_batch().last())),
        (Op::BatchTotals, []) => totals(session),
        (Op::BatchSettling, []) => Ok(Value::Bool(session.ports.journal.state().day.settlement.is_some())),
        (Op::BatchBalanced, []) => {
            Ok(Value::Bool(session.ports.journal.state().day.settlement.is_some_and(|settlement| settlement.balanced)))
        }
        (Op::BatchReconcile, [Text(details)]) => reconcile(session, details),
        (Op::BatchReconcile, [_]) => reconcile(session, ""),
        (Op::BatchClose, []) => close(session),
        (Op::NoticesKeep, [Message { mti, fields }, books]) => keep(session, RunMessage::Kept(*mti, fields), books),
        (Op::NoticesSend, [Int(within)]) => Ok(Int(session.send_notices(Which::All, *within)? as i64)),
        (Op::NoticesWaiting, []) => Ok(Int(session.ports.journal.state().day.notices.len() as i64)),
        (Op::NoticesAnswer, [Text(stan)]) => {
            let answered = &session.ports.journal.state().day.answered;
            let code = stan.parse().ok().and_then(|stan: u32| answered.get(&stan));
            Ok(code.map_or(Value::None, |code| Value::Code(*code)))
        }
        (Op::NoticesTrouble, []) => Ok(Text(trouble(session))),
        (Op::NoticesRefused, []) => {
            let refused = &session.ports.journal.state().day.refused;
            Ok(List(refused.iter().map(refusal).collect()))
        }
        _ => match upload::answer(session, op, arguments) {
            Some(answered) => answered,
            None => fixtures::answer(session, op, arguments),
        },
    }
}

/// The limits among the terminal's parameters.
fn limits_of(session: &Session<'_>) -> Result<Value, Stop> {
    let Some(currency) = session.home_currency() else { return Err(misused("there is no currency").into()) };
    let parameters = &session.ports.parameters;
    Ok(Value::Record(vec![
        Value::Int(i64::from(parameters.batch_limit)),
        Value::Int(i64::from(parameters.offline_count)),
        Value::Amount(Amount::new(parameters.offline_amount, currency)),
    ]))
}

/// Offline sales that wait to be sent. One in another currency than the first counts, and is no part of the sum.
fn offline(session: &Session<'_>) -> Result<Value, Stop> {
    let booked = session.ports.journal.state().day.notices.iter().filter_map(|notice| notice.booked.as_ref());
    let sales: Vec<Amount> = booked.filter(|booked| booked.kind == Kind::Offline).map(|booked| booked.amount).collect();
    let currency = sales.first().map(|amount| amount.currency).or_else(|| session.home_currency());
    let Some(currency) = currency else { return Err(misused("there is no currency").into()) };
    let mut sum = Amount::zero(currency);
    for amount in sales.iter().filter(|amount| amount.currency == currency) {
        sum = sum
            .checked_add(*amount)
            .map_err(|_| Failure::new(limits::OVERFLOW).text("operation", "notices.offline"))?;
    }
    Ok(Value::Record(vec![Value::Int(sales.len() as i64), Value::Amount(sum)]))
}

/// A transaction of the batch as a script sees it.
fn found<'j>(session: &'j Session<'_>, find: impl FnOnce(&'j JournalState) -> Option<&'j Booked>) -> Value {
    let state = session.ports.journal.state();
    let Some(booked) = find(state) else { return Value::None };
    let text = |text: String| Value::Text(text);
    let optional = |text: &Option<String>| text.clone().map_or(Value::None, Value::Text);
    let moment = Moment::from_ms(booked.at_ms);
    let tag = Kind::ALL.iter().position(|kind| *kind == booked.kind).unwrap_or(0) as u8;
    Value::Record(vec![
        text(format!("{:06}", booked.stan)),
        text(format!("{:06}", booked.batch)),
        Value::Variant { tag, payload: None },
        Value::Amount(booked.amount),
        text(booked.card.clone()),
        optional(&booked.reference),
        optional(&booked.authorisation),
        text(moment.date()),
        text(moment.time()),
        Value::Bool(state.day.taken_back.contains_key(&booked.stan)),
        text(format!("{:06}{:06}{}", booked.batch, booked.stan, moment.date())),
    ])
}

/// How many notices are named one by one; a text has its limits.
const NAMED_MOST: usize = 20;

/// The notices that wait, and what came of the last try of each. One that was not tried yet has `-`.
fn trouble(session: &Session<'_>) -> String {
    let notices = &session.ports.journal.state().day.notices;
    let named = notices.iter().take(NAMED_MOST).map(|notice| {
        let why = session.troubles.get(&notice.due.stan).map_or("-", String::as_str);
        format!("{:06} {why}", notice.due.stan)
    });
    let more = (notices.len() > NAMED_MOST).then(|| format!("+{}", notices.len() - NAMED_MOST));
    named.chain(more).collect::<Vec<_>>().join(", ")
}

fn refusal(refused: &Refused) -> Value {
    Value::Record(vec![
        Value::Text(format!("{:06}", refused.stan)),
        refused.amount.map_or(Value::None, Value::Amount),
        Value::Code(refused.by),
    ])
}

/// Both kinds of card together for people, apart for the host.
fn totals(session: &Session<'_>) -> Result<Value, Stop> {
    let overflow = || Failure::new(limits::OVERFLOW).text("operation", "batch.totals");
    let state = session.ports.journal.state();
    let home = state.totals(false).map_err(|_| overflow())?;
    let foreign = state.totals(true).map_err(|_| overflow())?;
    let currency = state.in_batch().next().map(|booked| booked.amount.currency).or_else(|| session.home_currency());
    let Some(currency) = currency else { return Err(misused("there is no currency").into()) };
    let sum = |one: i64, other: i64| one.checked_add(other).map(|minor| Value::Amount(Amount::new(minor, currency)));
    Ok(Value::Record(vec![
        Value::Int(i64::from(home.debits) + i64::from(foreign.debits)),
        sum(home.debit, foreign.debit).ok_or_else(overflow)?,
        Value::Int(i64::from(home.credits) + i64::from(foreign.credits)),
        sum(home.credit, foreign.credit).ok_or_else(overflow)?,
        Value::Text(format!("{}{}", details(home), details(foreign))),
    ]))
}

/// One half of field 48: amounts in twelve digits, counts in three, and no result yet. What has more digits than that
/// cannot be settled in one batch, and the host will say that the totals differ.
fn details(totals: Totals) -> String {
    let Totals { debit, debits, credit, credits } = totals;
    let amount = |minor: i64| minor.clamp(0, 999_999_999_999);
    let count = |count: u32| count.min(999);
    format!("{:012}{:03}{:012}{:03}0", amount(debit), count(debits), amount(credit), count(credits))
}

/// Keeps what the host said of the totals.
fn reconcile(session: &mut Session<'_>, details: &str) -> Result<Value, Stop> {
    let unreadable = |zh: String, en: String| {
        Stop::Failed(Failure::new(limits::SETTLEMENT_UNREADABLE).fact("detail", Fact::Said(Said::new(zh, en))))
    };
    // What a script made up is no answer of the host.
    if session.settlement.take().is_none_or(|answered| answered != details) {
        return Err(unreadable("主机没有这样应答".to_owned(), "the host has not answered so".to_owned()));
    }
    let mut balanced = true;
    for place in RESULTS {
        match details.as_bytes().get(place) {
            Some(b'1') => {}
            // A host may leave the second half away, or say nothing of foreign cards where there are none.
            Some(b'0') | None if place == RESULTS[1] => {}
            Some(b'2') => balanced = false,
            Some(b'3') => {
                return Err(unreadable("主机答 3：对账出错".to_owned(), "the host says 3: an error".to_owned()));
            }
            Some(_) | None => {
                let at = place + 1;
                return Err(unreadable(
                    format!("第 48 域第 {at} 位没有 1、2、3"),
                    format!("place {at} of field 48 holds none of 1, 2, 3"),
                ));
            }
        }
    }
    session.ports.journal.append(Record::Settled { balanced })?;
    session.happen(Happening::Settled { balanced });
    Ok(Value::Bool(balanced))
}

/// `T8103`, and why.
pub(super) fn not_reconciled(zh: &str, en: &str) -> Stop {
    Stop::Failed(Failure::new(limits::NOT_RECONCILED).fact("reason", Fact::Said(Said::new(zh, en))))
}

/// Keeps a batch number that a host gave. What this batch holds must have been settled first.
pub(super) fn set_batch(session: &mut Session<'_>, number: u32) -> Result<Value, Stop> {
    let state = session.ports.journal.state();
    // A restored journal keeps the number that the restore gave it until it was held against the host's books.
    if state.fenced {
        return Ok(Value::Nothing);
    }
    let over = state.day.settlement.is_some() && !state.needs_upload();
    let holds = state.in_batch().next().is_some()
        || state.day.settlement.is_some()
        || !state.day.notices.is_empty()
        || !state.chips.is_empty();
    if number != state.batch && holds && !over {
        return Err(not_reconciled("本批次还没有结算", "the batch has not been settled"));
    }
    // Its transactions would be counted, settled and uploaded once more.
    if number != state.batch && state.booked.iter().any(|booked| booked.batch == number) {
        return Err(not_reconciled("这个批次已经用过", "a batch of this number was there before"));
    }
    session.ports.journal.append(Record::Batch { number })?;
    Ok(Value::Nothing)
}

/// Raises the batch number, if nothing of this batch is left to be told to the host.
fn close(session: &mut Session<'_>) -> Result<Value, Stop> {
    let state = session.ports.journal.state();
    if state.day.settlement.is_none() {
        return Err(not_reconciled("本批次还没有结算", "the batch has not been settled"));
    }
    upload::complete(state)?;
    if !state.pending.is_empty() {
        return Err(not_reconciled("还有待发的冲正", "a reversal still waits"));
    }
    if !state.day.notices.is_empty() {
        return Err(not_reconciled("还有待发的通知", "a notice still waits"));
    }
    let next = state.next_batch();
    session.ports.journal.append(Record::Batch { number: next })?;
    session.happen(Happening::BatchClosed { next });
    Ok(Value::Nothing)
}

/// Keeps a notice: it is on the disk before anything of it is sent.
fn keep(session: &mut Session<'_>, kept: RunMessage<'_>, books: &Value) -> Result<Value, Stop> {
    let mti = kept.mti();
    let Some(dialect) = session.program.dialect.as_ref() else {
        return Err(Failure::new(types::NO_DIALECT).into());
    };
    let misused_as = |zh: &str, en: &str| {
        Stop::Failed(Failure::new(limits::NOTICE_MISUSED).fact("detail", Fact::Said(Said::new(zh, en))))
    };
    let message = to_wire(kept, &session.vault)?;
    if !NOTICES.contains(&mti.0) || rule_of(dialect, &message).is_some_and(|rule| rule.moves_money) {
        return Err(misused_as("只有 0220 与 0620 是通知", "only 0220 and 0620 are notices"));
    }
    // What cannot be packed would wait for ever, and no batch could be settled any more.
    canonical(&message, dialect).and_then(|message| pack(&message, dialect)).map_err(|error| does_not_fit(&error))?;
    let kind = match books {
        Value::Variant { tag, .. } => Kind::from_tag(*tag),
        _ => None,
    };
    let state = session.ports.journal.state();
    if state.day.settlement.is_some() {
        return Err(Failure::new(network::SETTLEMENT_UNFINISHED).into());
    }
    let batch = state.batch;
    let amount = kept.amount();
    let adjusts = match (kind, mti.0, amount) {
        (None, 220, Some(_)) => {
            let original = original_in(kept, batch).and_then(|stan| state.find_booked(stan));
            let Some(original) = original.filter(|booked| !state.day.taken_back.contains_key(&booked.stan)) else {
                return Err(misused_as(
                    "第 61 域所指的不是本批次有效的交易",
                    "field 61 names no transaction that stands in this batch",
                ));
            };
            Some((original.stan, original.amount))
        }
        _ => None,
    };
    let at_ms = session.ports.clock.now_ms();
    let facts = RequestFacts { mti, batch, amount, at_ms };
    let mut due = DueReversal::seal(&message, dialect, facts, &session.ports.seal)?;
    due.name = rule_of(dialect, &message).map(|rule| rule.name.clone()).unwrap_or_default();
    due.card = kept.card();
    let stan = due.stan;
    let booked = kind.zip(amount).map(|(kind, amount)| Booked {
        stan,
        batch,
        kind,
        amount,
        card: due.card.clone(),
        reference: None,
        authorisation: kept.text(38),
        at_ms,
    });
    session.cut_at(PowerPoint::BeforeJournal)?;
    // The slip that follows is of what this books; that of a tip is of no transaction of its own.
    let is_booked = booked.is_some();
    session.ports.journal.append(Record::Noticed(Box::new(Notice { due, booked, adjusts })))?;
    session.booked = is_booked.then_some(stan);
    session.happen(Happening::NoticeKept { stan, kind, adjusts: adjusts.map(|(original, _)| original) });
    session.cut_at(PowerPoint::AfterJournal)?;
    Ok(Value::Nothing)
}

/// The trace number in field 61, if the batch in front of it is this one.
pub(super) fn original_in(message: RunMessage<'_>, batch: u32) -> Option<u32> {
    let text = message.text(61)?;
    let of_batch: u32 = text.get(..6)?.parse().ok()?;
    (of_batch == batch).then(|| text.get(6..12)?.parse().ok())?
}
