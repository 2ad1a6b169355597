//! What a script asks the doctor, and where each answer comes from.

use super::verdict::{Finding, tell};
use super::{books, equipment, host};
use crate::language::builtin::doctor::Probe;
use crate::language::builtin::row::Op;
use crate::language::vm::value::Value;
use crate::run::devices::Stop;
use crate::run::session::Session;
use crate::run::wire::misused;
use crate::world::port::failure::Failure;

/// What the doctor knows of a session beside its ports.
#[derive(Clone, Debug, Default)]
pub struct Examination {
    /// Why the terminal's own journal could not be opened; the session then works on an empty one in memory.
    pub unopened: Option<Failure>,
    /// How many checks of this run have failed.
    pub failed: u32,
}

/// Answers one request. Arguments come in the order of the builtin's row.
pub(in crate::run) fn answer(session: &mut Session<'_>, op: Op, arguments: &[Value]) -> Result<Value, Stop> {
    match (op, arguments) {
        (Op::DoctorCheck, [Value::Variant { tag, payload }]) => {
            let Some(probe) = Probe::from_tag(*tag) else { return Err(misused("there is no such probe").into()) };
            let found = look(session, probe, payload.as_deref())?;
            Ok(Value::Bool(tell(session, probe.word(), probe.name(), found)))
        }
        (Op::DoctorAskHost, [Value::Int(within)]) => Ok(Value::Bool(host::ask(session, *within))),
        (Op::DoctorFailed, []) => Ok(Value::Int(i64::from(session.examination.failed))),
        _ => Err(misused(op.word()).into()),
    }
}

/// Looks at one thing.
fn look(session: &mut Session<'_>, probe: Probe, limit: Option<&Value>) -> Result<Finding, Stop> {
    let number = || match limit {
        Some(Value::Int(number)) => Ok(*number),
        _ => Err(misused("a probe lacks its limit")),
    };
    if let Some(failure) = &session.examination.unopened
        && let Some(found) = books::without_a_journal(probe, failure)
    {
        return Ok(found);
    }
    let ports = &mut session.ports;
    Ok(match probe {
        Probe::Printing => equipment::printing(ports),
        Probe::CardReader => equipment::card_reader(ports),
        Probe::PinPad => equipment::pin_pad(ports),
        Probe::SerialNumber => equipment::serial_number(ports),
        Probe::Power => equipment::power(ports, number()?),
        Probe::TimeOfDay => equipment::time_of_day(ports),
        Probe::Software => match limit {
            Some(Value::Text(needed)) => equipment::software(ports, needed),
            _ => return Err(misused("a probe lacks its version").into()),
        },
        Probe::MasterKey => equipment::master_key(ports),
        Probe::WorkKeys => equipment::work_keys(ports),
        Probe::Storage => books::storage(ports),
        Probe::SignedIn => books::signed_in(ports),
        Probe::JournalChain => books::journal_chain(ports),
        Probe::WaitingReversals => books::waiting_reversals(ports),
        Probe::WaitingResults => books::waiting_notices(ports, true),
        Probe::WaitingNotices => books::waiting_notices(ports, false),
        Probe::OpenSettlement => books::open_settlement(ports),
        Probe::BatchAge => books::batch_age(ports),
        Probe::BatchRoom => books::batch_room(ports, number()?),
    })
}
