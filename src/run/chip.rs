//! The chip in the reader has its say: after the host, or in its place.

use crate::language::vm::value::Value;
use crate::payment::amount::Amount;
use crate::run::certificate;
use crate::run::content::{Content, RunMessage};
use crate::run::devices::{Stop, hidden};
use crate::run::happening::Happening;
use crate::run::session::Session;
use crate::world::port::card_reader::{ChipAnswer, ChipVerdict, HostSaid, IssuerProof};
use zeroize::Zeroizing;

/// Field 55.
const CHIP_DATA: u8 = 55;

/// Shows the chip the host's answer.
pub(super) fn complete(session: &mut Session<'_>, reply: RunMessage<'_>, within_ms: i64) -> Result<Value, Stop> {
    let dialect = session.program.dialect.as_ref();
    let approved = dialect.zip(reply.code()).is_some_and(|(dialect, code)| dialect.approves(code));
    let tags = match reply.field(CHIP_DATA) {
        Some(Content::Sealed(sealed, _)) => session.vault.open(sealed).map(<[u8]>::to_vec),
        // A dialect that does not know it for chip data has it in the clear.
        Some(Content::Bytes(bytes)) => Some(bytes.as_bytes().to_vec()),
        _ => None,
    };
    let tags = tags.map(Zeroizing::new);
    let code = reply.code().map(|code| code.0);
    let said = HostSaid { approved, code, tags, of: session.open.or(session.booked) };
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
    // A decline is nobody's to prove.
    let answer = answer.map(|answer| ChipAnswer {
        issuer: answer.issuer.filter(|issuer| approved || *issuer != IssuerProof::Missing),
        ..answer
    });
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
    let Some(ChipAnswer { verdict, tags, scripts, issuer }) = answer else { return Value::None };
    let issuer = issuer.and_then(IssuerProof::trouble).map(Into::into);
    session.happen(Happening::Chip { verdict: verdict.word().into(), scripts, issuer });
    let number = session.vault.seal(&tags);
    Value::Record(vec![Value::Variant { tag: verdict.tag(), payload: None }, hidden(number), Value::Bool(scripts > 0)])
}
