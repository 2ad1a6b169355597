//! The journal's side of `reversible`: recorded before anything leaves, decided in one record.

use crate::language::vm::value::Value;
use crate::language::vm::view::View;
use crate::payment::amount::Amount;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::response::ResponseCode;
use crate::run::certificate::{self, Asked};
use crate::run::content::{Content, RunMessage};
use crate::run::day::original_in;
use crate::run::devices::Stop;
use crate::run::exchange::{PARTLY_APPROVED, rule_of};
use crate::run::happening::Happening;
use crate::run::session::Session;
use crate::run::wire::{misused, stan_of, to_wire};
use crate::script_error::catalogue::{keys, limits, network, storage, types};
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::chips::BookedChip;
use crate::world::port::day::BookedOver;
use crate::world::port::failure::Failure;
use crate::world::port::power::PowerPoint;
use crate::world::port::record::{Booked, DueReversal, Kind, Record, RequestFacts};

/// Records the reversal of a request; the run goes on only when it is on the disk.
pub(super) fn open(
    session: &mut Session<'_>,
    asked: RunMessage<'_>,
    by: Option<RunMessage<'_>>,
) -> Result<Value, Stop> {
    let Some(dialect) = session.program.dialect.as_ref() else {
        return Err(Failure::new(types::NO_DIALECT).into());
    };
    // A restored journal does not know what was done after its backup.
    if session.ports.journal.state().fenced {
        return Err(Failure::new(storage::RECONCILE_FIRST).into());
    }
    if session.ports.journal.state().day.settlement.is_some() {
        return Err(Failure::new(network::SETTLEMENT_UNFINISHED).into());
    }
    let request = to_wire(asked, &session.vault)?;
    let reversal = match by {
        Some(by) => to_wire(by, &session.vault)?,
        None => reversal_of(&request, dialect)?,
    };
    let facts = RequestFacts {
        mti: asked.mti(),
        batch: session.ports.journal.state().batch,
        amount: asked.any_amount(),
        at_ms: session.ports.clock.now_ms(),
    };
    let mut due = DueReversal::seal(&reversal, dialect, facts, &session.ports.seal)?;
    due.name = rule_of(dialect, &request).map(|rule| rule.name.clone()).unwrap_or_default();
    due.card = asked.card();
    let stan = due.stan;
    if stan_of(&request) != Some(stan) {
        return Err(Failure::new(limits::REVERSIBLE_MISUSED)
            .fact(
                "detail",
                Fact::Said(Said::new(
                    "冲正没有沿用原请求的流水号",
                    "the reversal does not repeat the trace number of its request",
                )),
            )
            .into());
    }
    // What waits from earlier goes first. If it cannot, this request is not even intended: nothing is recorded, and
    // the queue does not grow by a reversal for something that never left.
    session.send_pending()?;
    session.cut_at(PowerPoint::BeforeJournal)?;
    session.ports.journal.append(Record::ReversalDue(due))?;
    (session.open, session.booked) = (Some(stan), None);
    session.handed_over = false;
    session.chip_declined = None;
    (session.asked_chip, session.chip_approved) = (Asked::of(asked), None);
    session.happen(Happening::ReversalRecorded { stan });
    session.cut_at(PowerPoint::AfterJournal)?;
    Ok(Value::Nothing)
}

/// Field 63.
pub(super) const SCHEME: u8 = 63;

/// Field 63 of an approval begins with the card organisation; CUP is this country's.
pub(super) fn is_foreign(scheme: &str) -> bool {
    scheme.len() >= 3 && !scheme.starts_with("CUP")
}

/// The reversal of a request by the dialect's rule: same trace number, the fields the rule copies. Of BER-TLV those elements
/// that the dialect declares for the reversal's own message type, where it declares any.
fn reversal_of(request: &Message, dialect: &Dialect) -> Result<Message, Failure> {
    let rule = dialect.reversal.as_ref().ok_or_else(|| {
        Failure::new(limits::REVERSIBLE_MISUSED)
            .fact("detail", Fact::Said(Said::new("方言没有冲正规则", "the dialect has no rule for reversals")))
    })?;
    let mut reversal = Message::new(rule.mti);
    for (number, value) in request.iter().filter(|(number, _)| rule.copied.contains(*number)) {
        let own = dialect.field(number).and_then(|field| field.layouts.iter().find(|own| own.mti == Some(rule.mti)));
        match own.and_then(|own| own.declared_of(value.as_bytes())) {
            Some(kept) if kept.is_empty() => {}
            Some(kept) => reversal.set(number, kept.as_slice()),
            None => reversal.set(number, value.as_bytes()),
        }
    }
    Ok(reversal)
}

/// A transaction as a script wants it booked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Txn<'m> {
    kind: u8,
    amount: Amount,
    request: RunMessage<'m>,
    reply: RunMessage<'m>,
}

impl<'m> Txn<'m> {
    /// Out of the record that the machine holds.
    pub(super) fn seen(txn: View<'m>) -> Option<Txn<'m>> {
        let message = |at| txn.field(at).and_then(RunMessage::seen);
        let (kind, amount) = (txn.field(0)?.tag()?, txn.field(1)?.as_amount()?);
        Some(Txn { kind, amount, request: message(2)?, reply: message(3)? })
    }

    /// Out of one that was kept.
    pub(super) fn of(txn: &'m [Value]) -> Option<Txn<'m>> {
        let [Value::Variant { tag: kind, .. }, Value::Amount(amount), request, reply] = txn else { return None };
        Some(Txn { kind: *kind, amount: *amount, request: RunMessage::of(request)?, reply: RunMessage::of(reply)? })
    }
}

/// Books the transaction and clears its reversal, in one record.
pub(super) fn commit(session: &mut Session<'_>, txn: Option<Txn<'_>>) -> Result<Value, Stop> {
    let Some(Txn { kind, amount, request, reply }) = txn else {
        return Err(misused("the transaction to commit is none").into());
    };
    let (Some(stan), Some(kind)) = (session.open, Kind::from_tag(kind)) else {
        return Err(Failure::new(limits::REVERSIBLE_MISUSED)
            .fact("detail", Fact::Said(Said::new("没有可以 commit 的交易", "nothing is open to commit")))
            .into());
    };
    // What is booked is what was asked for and answered: this request, its reply, its amount.
    let number = format!("{stan:06}");
    // Where a part was approved, the part is booked; the reply was checked when it came.
    let is_part = reply.code() == Some(PARTLY_APPROVED);
    let asked = if is_part { reply } else { request }.amount();
    // A dialect may match replies by other fields; one that repeats the trace number must repeat the right one.
    let other_reply = matches!(reply.field(11), Some(Content::Text(_))) && !reply.says(11, &number);
    if !request.says(11, &number) || other_reply || asked.is_some_and(|asked| asked != amount) {
        return Err(Failure::new(limits::REVERSIBLE_MISUSED)
            .fact(
                "detail",
                Fact::Said(Said::new(
                    "commit 的交易与已发送的请求不符（流水号或金额）",
                    "the transaction to commit is not the one that was sent (trace number or amount)",
                )),
            )
            .into());
    }
    // Whatever way a program took here: what the host did not approve is no money.
    let dialect = session.program.dialect.as_ref();
    let approves = dialect.is_some_and(|dialect| reply.code().is_some_and(|code| dialect.approves(code)));
    if !approves {
        return Err(Failure::new(limits::REVERSIBLE_MISUSED)
            .fact(
                "detail",
                Fact::Said(Said::new("主机没有批准，不能入账", "the host did not approve what was to be committed")),
            )
            .into());
    }
    // The host's yes is not the last word where a chip was asked.
    if session.chip_declined == Some(stan) {
        return Err(Failure::new(limits::REVERSIBLE_MISUSED)
            .fact("detail", Fact::Said(Said::new("芯片拒绝了，不能入账", "the chip declined what was to be committed")))
            .into());
    }
    let booked = Booked {
        stan,
        batch: session.ports.journal.state().batch,
        kind,
        amount,
        card: request.card(),
        reference: reply.text(37),
        authorisation: reply.text(38),
        at_ms: session.ports.clock.now_ms(),
    };
    let takes_back = if kind.takes_back() { original_in(request, booked.batch) } else { None };
    let foreign = reply.text(SCHEME).is_some_and(|scheme| is_foreign(&scheme));
    // The certificate is in the same record: no power cut leaves a transaction without it.
    let proof = certificate::of_booking(session, stan, amount);
    let record = match proof {
        Some(proof) => {
            Record::BookedChip(Box::new(BookedChip { over: BookedOver { booked, takes_back, foreign }, proof }))
        }
        None if takes_back.is_some() || foreign => {
            Record::BookedOver(Box::new(BookedOver { booked, takes_back, foreign }))
        }
        None => Record::Booked(booked),
    };
    session.ports.journal.append(record)?;
    (session.open, session.booked) = (None, Some(stan));
    session.happen(Happening::Booked { stan, kind });
    session.cut_at(PowerPoint::AfterCommit)?;
    Ok(Value::Nothing)
}

/// Drops the reversal. The machine has made sure that it may be dropped.
pub(super) fn discard(session: &mut Session<'_>) -> Result<Value, Stop> {
    let Some(stan) = session.open else {
        return Err(Failure::new(limits::REVERSIBLE_MISUSED)
            .fact("detail", Fact::Said(Said::new("没有可以 discard 的交易", "nothing is open to discard")))
            .into());
    };
    session.ports.journal.append(Record::Discarded { stan })?;
    session.open = None;
    session.happen(Happening::Discarded { stan });
    Ok(Value::Nothing)
}

/// Decides for the reversal; `cause` is the code of the error that made it so, if one did.
///
/// An error that comes before a byte of the request was handed to the line leaves nothing to reverse: the host never
/// heard of it. Then the reversal is dropped, and the journal says why. If the power goes before that record is on the
/// disk, the reversal is still there and goes out, which is needless and harmless. What the script itself decided, and a
/// `discard` that the machine did not believe, stay reversals.
pub(super) fn reverse(session: &mut Session<'_>, cause: Option<&Value>) -> Result<Value, Stop> {
    let Some(stan) = session.open.take() else { return Ok(Value::Nothing) };
    if let Some(Value::Text(cause)) = cause.filter(|_| !session.handed_over)
        && cause != limits::DISCARD_UNSAFE.0
    {
        // If that cannot be written, the reversal stands, as after every other error.
        if session.ports.journal.append(Record::NeverSent { stan, cause: cause.clone() }).is_ok() {
            session.happen(Happening::NeverSent { stan, cause: cause.clone() });
            return Ok(Value::Nothing);
        }
    }
    let rule = session.program.dialect.as_ref().and_then(|dialect| dialect.reversal.as_ref());
    let reason = rule.map_or(ResponseCode(*b"06"), |rule| match cause {
        Some(Value::Text(code)) if code == network::TIMEOUT.0 => rule.reason_timeout,
        Some(Value::Text(code)) if code == keys::BAD_MAC.0 => rule.reason_mac,
        _ => rule.reason_default,
    });
    // The reversal itself is on the disk since before the request left; only its reason is new. If the disk fails now,
    // the default reason goes out, and the money is as safe as before.
    let written = session.ports.journal.append(Record::ReversalReason { stan, reason });
    session.happen(Happening::ReversalQueued { stan, reason: reason.to_string() });
    written.map(|()| Value::Nothing).map_err(Stop::from)
}
