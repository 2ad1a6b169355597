//! What only tests ask: `given` sets the world up, `expect` looks at it.

use crate::language::builtin::row::Op;
use crate::language::vm::value::Value;
use crate::payment::card::Pin;
use crate::payment::iso8583::canonical::canonical_value;
use crate::payment::iso8583::dialect::Dialect;
use crate::run::content::RunMessage;
use crate::run::devices::Stop;
use crate::run::session::Session;
use crate::run::wire::{from_wire, misused, to_wire};
use crate::world::host::ledger::LedgerLine;
use crate::world::port::card_reader::Entry;
use crate::world::simulation::Simulation;

/// Answers what `given` and `expect` ask of the simulated world.
pub(super) fn answer(session: &mut Session<'_>, op: Op, arguments: &[Value]) -> Result<Value, Stop> {
    let program = session.program;
    let vault = &mut session.vault;
    let Some(world) = session.ports.simulation() else {
        return Err(misused("tests need the simulated world").into());
    };
    match (op, arguments) {
        (Op::GivenCardInserts, [Value::Text(card), pin]) => present(world, card, Entry::Chip, pin),
        (Op::GivenCardTaps, [Value::Text(card), pin]) => present(world, card, Entry::Tap, pin),
        (Op::GivenCardSwipes, [Value::Text(card), pin]) => present(world, card, Entry::Stripe, pin),
        (Op::GivenHostReplies, [Value::Message { mti, fields }]) => {
            let message = to_wire(RunMessage::Kept(*mti, fields), vault)?;
            let fields = message.iter().map(|(number, value)| (number, value.as_bytes().to_vec())).collect();
            world.reply_with(fields);
            Ok(Value::Nothing)
        }
        (Op::GivenHostSilent, [Value::Int(milliseconds)]) => {
            world.silent_for(*milliseconds);
            Ok(Value::Nothing)
        }
        (Op::GivenFault, [Value::Text(name)]) => {
            world.set_fault(name)?;
            Ok(Value::Nothing)
        }
        (Op::SawScreen, [Value::Text(text)]) => Ok(Value::Bool(world.shows(text))),
        (Op::SawPrinter, [Value::Text(text)]) => Ok(Value::Bool(world.printed(text))),
        (Op::SawHostReceived, [Value::Mti(mti), Value::Message { fields, .. }]) => {
            let wanted = to_wire(RunMessage::Kept(*mti, fields), vault)?;
            let Some(dialect) = program.dialect.as_ref() else { return Ok(Value::None) };
            let wanted: Vec<(u8, Vec<u8>)> = wanted
                .iter()
                .map(|(number, value)| (number, as_host_reads(dialect, number, value.as_bytes())))
                .collect();
            let found = world.received(*mti, &wanted);
            Ok(found.map_or(Value::None, |message| from_wire(&message, dialect, None, vault)))
        }
        (Op::SawHostOrder, []) => Ok(Value::List(world.order().into_iter().map(Value::Mti).collect())),
        (Op::SawHostLedger, []) => Ok(ledger(&world.host_ledger())),
        (Op::SawBatchLedger, []) => Ok(ledger(&world.batch_ledger())),
        _ => Err(misused(op.word()).into()),
    }
}

fn present(world: &mut Simulation, card: &str, entry: Entry, pin: &Value) -> Result<Value, Stop> {
    let pin = match pin {
        Value::Text(digits) => Some(Pin::parse(digits).map_err(|error| misused(&error.to_string()))?),
        _ => None,
    };
    world.present(card, Some(entry), pin)?;
    Ok(Value::Nothing)
}

fn ledger(lines: &[LedgerLine]) -> Value {
    let line =
        |line: &LedgerLine| Value::Record(vec![Value::Text(format!("{:06}", line.stan)), Value::Amount(line.amount)]);
    Value::List(lines.iter().map(line).collect())
}

/// A value as the host finds it in the message: padded as the field says.
fn as_host_reads(dialect: &Dialect, number: u8, value: &[u8]) -> Vec<u8> {
    dialect
        .field(number)
        .and_then(|field| canonical_value(field, value).ok())
        .map_or_else(|| value.to_vec(), |value| value.as_bytes().to_vec())
}
