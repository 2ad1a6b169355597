//! Pending reversals: sent before anything else, closed only by an authenticated reply that accepts them.

use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::{Category, CodeTable, ResponseCode};
use crate::run::exchange::{RESPONSE_CODE, exchange};
use crate::run::happening::Happening;
use crate::run::reversible::{SCHEME, is_foreign};
use crate::script_error::catalogue::network;
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::words::Said;
use crate::world::port::day::Notice;
use crate::world::port::failure::Failure;
use crate::world::port::ports::Ports;
use crate::world::port::record::Record;
use std::collections::BTreeMap;

/// Sends every pending reversal but the one of `open`, oldest first; stops at the first that is not confirmed.
///
/// `Ok` holds the trace numbers that were closed. An error means that a reversal still waits: no financial request may
/// be sent. There is no give-up count and no day limit.
pub fn send_pending(
    ports: &mut Ports,
    dialect: &Dialect,
    open: Option<u32>,
    watch: &mut dyn FnMut(Happening),
) -> Result<Vec<u32>, Failure> {
    let Some(rule) = &dialect.reversal else { return Ok(Vec::new()) };
    let waiting: Vec<_> =
        ports.journal.state().pending.iter().filter(|pending| Some(pending.due.stan) != open).cloned().collect();
    let within_ms = dialect.reversal_wait_ms();
    let mut closed = Vec::new();
    for pending in waiting {
        let stan = pending.due.stan;
        let mut reversal = pending.due.open(&ports.seal)?;
        let reason = pending.reason.unwrap_or(rule.reason_default);
        reversal.set(RESPONSE_CODE, reason.0.as_slice());
        ports.journal.append(Record::ReversalSent { stan, attempt: pending.attempts.saturating_add(1) })?;
        watch(Happening::ReversalSent { stan });
        let reply = exchange(ports, dialect, reversal, within_ms, watch).map_err(|failure| {
            let code = failure.code;
            let Said { zh, en } = ScriptError::of(code, failure.facts).title;
            unfinished(Said::new(format!("{zh}（{code}）"), format!("{en} ({code})")))
        })?;
        let code = reply.text(RESPONSE_CODE).and_then(ResponseCode::parse);
        match code {
            Some(by) if rule.accepted.contains(&by) => {
                ports.journal.append(Record::ReversalClosed { stan, by })?;
                watch(Happening::ReversalClosed { stan, by: by.to_string() });
                closed.push(stan);
            }
            Some(code) => {
                return Err(unfinished(Said::new(
                    format!("冲正应答码 {code}"),
                    format!("the host answered it with {code}"),
                )));
            }
            None => return Err(unfinished(Said::new("冲正应答没有应答码", "its reply has no response code"))),
        }
    }
    Ok(closed)
}

/// Which notices are to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Script results only: what goes before a reversal and a transaction.
    ScriptResults,
    /// All, script results first.
    All,
}

/// The message type of a script result.
pub(super) const SCRIPT_RESULT: u16 = 620;
/// What a host says to a notice that it has already.
const DUPLICATE: ResponseCode = ResponseCode(*b"94");

/// Sends notices that wait, oldest first, and gives how many still wait.
///
/// No answer is no error: the notice stays and goes again next time, and does not hold up those behind it. 94 and every approval
/// mean that the host has it. `within_ms` is for all of them together. A code that asks for a sign-in or for patience keeps it waiting; any other refuses it.
/// What keeps one waiting goes to `troubles`, by trace number: the code of an error, or field 39.
pub fn send_notices(
    ports: &mut Ports,
    dialect: &Dialect,
    codes: &CodeTable,
    which: Which,
    within_ms: i64,
    troubles: &mut BTreeMap<u32, String>,
    watch: &mut dyn FnMut(Happening),
) -> Result<usize, Failure> {
    let is_result = |notice: &&Notice| notice.due.mti.0 == SCRIPT_RESULT;
    let notices = &ports.journal.state().day.notices;
    let mut waiting: Vec<Notice> = notices.iter().filter(is_result).cloned().collect();
    if which == Which::All {
        waiting.extend(notices.iter().filter(|notice| !is_result(notice)).cloned());
    }
    let until = ports.clock.now_ms().saturating_add(within_ms);
    for notice in waiting {
        let left_ms = until.saturating_sub(ports.clock.now_ms());
        if left_ms <= 0 {
            break;
        }
        let stan = notice.due.stan;
        let message = notice.due.open(&ports.seal)?;
        let reply = match exchange(ports, dialect, message, left_ms, watch) {
            Ok(reply) => reply,
            Err(failure) => {
                troubles.insert(stan, failure.code.to_string());
                // Without a line nothing else gets through either.
                if failure.code == network::NO_LINE {
                    break;
                }
                continue;
            }
        };
        let Some(by) = reply.text(RESPONSE_CODE).and_then(ResponseCode::parse) else {
            // A dialect may let such a reply through; it says neither yes nor no.
            troubles.insert(stan, network::REPLY_INCOMPLETE.to_string());
            continue;
        };
        troubles.insert(stan, by.to_string());
        let taken = by == DUPLICATE || dialect.approves(by);
        if !taken && matches!(codes.category(by), Category::Rekey | Category::Retry) {
            break;
        }
        let text = |number| reply.text(number).map(str::to_owned);
        let (reference, authorisation) = (text(37), text(38));
        // Before the answer: a host that is asked again may say no more than that it has it.
        if taken && reply.text(SCHEME).is_some_and(is_foreign) {
            ports.journal.append(Record::Foreign { stan })?;
        }
        ports.journal.append(Record::NoticeAnswered { stan, by, taken, reference, authorisation })?;
        watch(Happening::NoticeAnswered { stan, by: by.to_string(), taken });
    }
    Ok(ports.journal.state().day.notices.len())
}

fn unfinished(reason: Said) -> Failure {
    Failure::new(network::REVERSAL_UNFINISHED).fact("reason", Fact::Said(reason))
}
