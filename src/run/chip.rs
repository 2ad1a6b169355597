//! The chip in the reader has its say: after the host, or in its place.

use crate::language::vm::value::Value;
use crate::payment::amount::Amount;
use crate::run::certificate;
use crate::run::devices::{Stop, hidden};
use crate::run::exchange::RESPONSE_CODE;
use crate::run::happening::Happening;
use crate::run::session::Session;
use crate::world::port::card_reader::{ChipAnswer, ChipVerdict, HostSaid};
use zeroize::Zeroizing;

/// Field 55.
const CHIP_DATA: u8 = 55;

/// Shows the chip the host's answer.
pub(super) fn complete(session: &mut Session<'_>, reply: &[(u8, Value)], within_ms: i64) -> Result<Value, Stop> {
    let code = reply.iter().find_map(|(number, value)| match value {
        Value::Code(code) if *number == RESPONSE_CODE => Some(*code),
        _ => None,
    });
    let dialect = session.program.dialect.as_ref();
    let approved = dialect.zip(code).is_some_and(|(dialect, code)| dialect.approves(code));
    let tags = reply.iter().find_map(|(number, value)| match value {
        Value::Sealed { number: sealed, .. } if *number == CHIP_DATA => session.vault.open(*sealed),
        // A dialect that does not know it for chip data has it in the clear.
        Value::Bytes(bytes) if *number == CHIP_DATA => Some(bytes.as_slice()),
        _ => None,
    });
    let tags = tags.map(|tags| Zeroizing::new(tags.to_vec()));
    let said = HostSaid { approved, tags, of: session.open.or(session.booked) };
    let waited = session.ports.card.complete(&said, within_ms);
    let answer = session.pass(waited)?;
    if let (Some(answer), Some(stan)) = (&answer, session.open) {
        match answer.verdict {
            ChipVerdict::Tc => session.chip_approved = Some(answer.tags.clone()),
            _ => {
                session.chip_declined = Some(stan);
                session.chip_approved = None;
            }
        }
        // Where the host had said no, the chip was told so and has nothing to decide.
        if answer.verdict == ChipVerdict::Aac && approved {
            certificate::keep_decline(session, stan, &answer.tags);
        }
    }
    Ok(answered(session, answer))
}

/// Asks the chip to approve without the host.
pub(super) fn decide(session: &mut Session<'_>, amount: Amount, within_ms: i64) -> Result<Value, Stop> {
    let waited = session.ports.card.decide(amount, within_ms);
    let answer = session.pass(waited)?;
    if let Some(answer) = answer.as_ref().filter(|answer| answer.verdict == ChipVerdict::Aac) {
        certificate::keep_offline_decline(session, amount, &answer.tags);
    }
    Ok(answered(session, answer))
}

/// A chip's answer as a run holds it: its data are a number of the vault.
fn answered(session: &mut Session<'_>, answer: Option<ChipAnswer>) -> Value {
    let Some(ChipAnswer { verdict, tags, scripts }) = answer else { return Value::None };
    session.happen(Happening::Chip { verdict: verdict.word().into(), scripts });
    let number = session.vault.seal(&tags);
    Value::Record(vec![Value::Variant { tag: verdict.tag(), payload: None }, hidden(number), Value::Bool(scripts > 0)])
}
