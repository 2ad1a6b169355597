//! What is tortured: a flow with arguments, or a test of a script.

use crate::language::bytecode::program::{Entry, Program};
use crate::language::types::Type;
use crate::language::vm::value::Value;
use crate::payment::amount::Amount;
use crate::run::suite::EVERY_CRASH_POINT;
use crate::run::world::dialect_of;
use crate::world::port::failure::Failure;
use crate::world::profile;
use crate::world::simulation::Setup;
use crate::world::stage::Presented;

/// One flow, or one test.
#[derive(Clone)]
pub struct Subject<'p> {
    /// The program.
    pub program: &'p Program,
    /// Where it begins.
    pub entry: &'p Entry,
    /// What it is given.
    pub values: Vec<Value>,
    /// Its world.
    pub setup: Setup,
}

/// A flow that cannot be started from here, and the parameter that nobody can hand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The flow.
    pub flow: String,
    /// Its parameter.
    pub parameter: String,
    /// The parameter's type as scripts write it.
    pub ty: String,
}

/// The amount that flows are given.
const AMOUNT: &str = "100.00CNY";

impl<'p> Subject<'p> {
    /// This flow or test; an error names the parameter that nobody can hand in.
    pub fn of(program: &'p Program, entry: &'p Entry, setup: &Setup) -> Result<Subject<'p>, LeftOut> {
        let function = program.functions.get(usize::from(entry.function));
        let types = function.map(|function| function.parameters.as_slice()).unwrap_or_default();
        let mut values = Vec::with_capacity(types.len());
        for (at, ty) in types.iter().enumerate() {
            let Some(value) = some_value(ty, program) else {
                let parameter = entry.parameters.get(at).map(ToString::to_string).unwrap_or_default();
                return Err(LeftOut { flow: entry.name.to_string(), parameter, ty: program.types.written(ty) });
            };
            values.push(value);
        }
        Ok(Subject { program, entry, values, setup: setup.clone() })
    }

    /// As people write the call.
    pub fn name(&self) -> String {
        self.entry.name.to_string()
    }
}

/// The world of a program's subjects: this seed, and the cards named one by one.
pub fn setup(program: &Program, seed: u64) -> Result<Setup, Failure> {
    let mut setup = Setup::new(dialect_of(program)?);
    setup.seed = seed;
    setup.cards = vec![Presented { card: profile::find("debit")?, entry: None, pin: None }];
    // A flow that asks for a number gets one; most ask for the trace number of the first transaction.
    setup.inputs.digits = std::iter::repeat_n("000001".to_owned(), 8).collect();
    Ok(setup)
}

/// Every flow that can be run from outside, and every test marked `@every_crash_point`.
pub fn subjects<'p>(program: &'p Program, setup: &Setup) -> (Vec<Subject<'p>>, Vec<LeftOut>) {
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    let marked =
        |entry: &&Entry| !entry.test || entry.annotations.iter().any(|annotation| annotation == EVERY_CRASH_POINT);
    for entry in program.entries.iter().filter(marked) {
        match Subject::of(program, entry, setup) {
            Ok(subject) => found.push(subject),
            Err(why) => left_out.push(why),
        }
    }
    (found, left_out)
}

/// Some value of a type; `None` for what only devices and flows make.
fn some_value(ty: &Type, program: &Program) -> Option<Value> {
    match ty {
        Type::Amount => Amount::parse(AMOUNT).ok().map(Value::Amount),
        Type::Int => Some(Value::Int(1)),
        Type::Duration => Some(Value::Int(1_000)),
        Type::Bool => Some(Value::Bool(true)),
        Type::Text => Some(Value::Text("000001".into())),
        Type::Digits(0) => Some(Value::Text("000001".into())),
        Type::Digits(length) => Some(Value::Text(format!("{:0>width$}", 1, width = usize::from(*length)))),
        Type::Optional(_) => Some(Value::None),
        Type::Union(at) => {
            let variants = &program.types.unions.get(usize::from(*at))?.variants;
            let tag = variants.iter().position(|(_, payload)| payload.is_none())?;
            Some(Value::Variant { tag: u8::try_from(tag).ok()?, payload: None })
        }
        _ => None,
    }
}
