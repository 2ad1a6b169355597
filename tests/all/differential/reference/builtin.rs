//! Calls of functions and builtins: first what they are given, then the call itself.

use super::evaluator::{Catches, Done, Evaluator, Stop, Told};
use super::value::{Message, Value, currency};
use std::rc::Rc;
use tillscript::language::builtin::row::{Builtin, Does, Op, Owner, Pure};
use tillscript::language::check::checked::{FunctionId, FunctionKind, Meaning, Target};
use tillscript::language::syntax::tree::{Expression, ExpressionKind};
use tillscript::language::types::Type;

/// A call with all that it is given.
#[derive(Clone, Debug)]
pub(super) enum Prepared {
    /// Of a function of the program.
    Function(FunctionId, Vec<Value>),
    /// Of a builtin; for `length`, whether it counts bytes.
    Builtin(&'static Builtin, Vec<Value>),
}

impl<'c> Evaluator<'c, '_> {
    /// Works out what a call is given, in the order written.
    pub(super) fn prepare(&mut self, expression: &'c Expression) -> Result<Prepared, Stop> {
        let before = self.at(expression.span);
        let prepared = self.prepared(expression);
        self.at(before);
        prepared
    }

    fn prepared(&mut self, expression: &'c Expression) -> Result<Prepared, Stop> {
        match self.unit().meaning(expression.id) {
            Meaning::Function(function) => Ok(Prepared::Function(*function, Vec::new())),
            Meaning::Builtin(row) => {
                let mut given = Vec::new();
                if let Owner::Value(_) = row.0.owner {
                    given.push(self.object(expression)?);
                }
                Ok(Prepared::Builtin(row.0, given))
            }
            Meaning::Call { target, arguments: places } => {
                let ExpressionKind::Call { arguments, .. } = &expression.kind else {
                    unreachable!("a call is written")
                };
                let fields = places.fields();
                let of_fields: Vec<u16> = fields.iter().map(|(_, place)| *place).collect();
                let mut values = vec![Value::None; arguments.len()];
                // What a fixture is told of fields comes last.
                for last in [false, true] {
                    for (at, argument) in arguments.iter().enumerate() {
                        if of_fields.contains(&(at as u16)) == last {
                            values[at] = self.value(&argument.value)?;
                        }
                    }
                }
                let value = |place: &Option<u16>| place.map_or(Value::None, |at| values[usize::from(at)].clone());
                let mut given: Vec<Value> = places.iter().map(value).collect();
                match target {
                    Target::Function(function) => Ok(Prepared::Function(*function, given)),
                    Target::Builtin(row) => {
                        if matches!(row.0.does, Does::Request(Op::GivenHostReplies | Op::SawHostReceived)) {
                            let mut laid: Vec<(u8, Value)> = fields
                                .iter()
                                .map(|(number, place)| (*number, values[usize::from(*place)].clone()))
                                .collect();
                            laid.sort_by_key(|(number, _)| *number);
                            given.push(Value::Message(Rc::new(Message { mti: 0, fields: laid })));
                        }
                        Ok(Prepared::Builtin(row.0, given))
                    }
                    _ => unreachable!("only functions and builtins are performed"),
                }
            }
            _ => unreachable!("only calls are prepared"),
        }
    }

    /// Performs a call.
    pub(super) fn perform(&mut self, prepared: Prepared) -> Done {
        match prepared {
            Prepared::Function(function, given) => self.perform_function(function, given),
            Prepared::Builtin(row, given) => {
                self.guarding = false;
                let name = match row.does {
                    Does::Request(op) => op.word(),
                    Does::Pure(pure) => pure.word(),
                };
                self.seen.insert(name);
                match row.does {
                    Does::Request(op) => self.request(op, given),
                    Does::Pure(pure) => self.pure(pure, given),
                }
            }
        }
    }

    /// In a test a flow that fails gives `failed(error)`, unless the test handles the error itself.
    fn perform_function(&mut self, function: FunctionId, given: Vec<Value>) -> Done {
        const FAILED: u8 = 4;
        const OUTCOME: u16 = 0;
        let signature = &self.checked.functions[usize::from(function.0)];
        self.seen.insert(match signature.kind {
            FunctionKind::Flow => "call of a flow",
            FunctionKind::Function => "call of a fn",
            FunctionKind::Text => "call of a text",
            FunctionKind::Receipt => "call of a receipt",
            FunctionKind::Table => "call of a table",
            FunctionKind::Test => "call of a test",
        });
        let catches_all: Catches = None;
        let handled_by_script = std::mem::take(&mut self.guarding);
        let becomes_outcome = self.in_test()
            && signature.kind == FunctionKind::Flow
            && signature.gives == Type::Union(OUTCOME)
            && !handled_by_script;
        if !becomes_outcome {
            return self.call(function, given);
        }
        match self.caught(catches_all, |this| this.call(function, given)) {
            Err(Stop::Fail(fault)) if fault.handled => Ok(self.variant(OUTCOME, FAILED, Some(Value::Error(fault)))),
            other => other,
        }
    }

    fn request(&mut self, op: Op, given: Vec<Value>) -> Done {
        let message = match (op, given.first()) {
            (Op::HostSend, Some(Value::Message(message))) => Some(message.clone()),
            _ => None,
        };
        if let Some(message) = &message {
            self.sending(message)?;
        }
        let told = self.ask(op, given.iter().map(Value::to_border).collect());
        if let Some(message) = &message {
            self.sent(message, &told);
        }
        match told {
            Told::Value(value) => Ok(Value::from_border(&value)),
            Told::Failed(code, facts) => Err(self.raise(&code, facts)),
        }
    }

    fn pure(&mut self, pure: Pure, given: Vec<Value>) -> Done {
        let given = given.as_slice();
        Ok(match (pure, given) {
            (Pure::Mask, [Value::Sealed(_, masked, _)]) => Value::Text(masked.clone()),
            (Pure::LuhnValid, [Value::Sealed(_, _, sound)]) => Value::Truth(*sound),
            (Pure::ToDigits, [Value::Text(text)]) => {
                if text.chars().all(|sign| sign.is_ascii_digit()) {
                    Value::Text(text.clone())
                } else {
                    return Err(self.raise_plain("T8010", &[("length", text.len().to_string())]));
                }
            }
            (Pure::ZeroPad, [Value::Number(number), Value::Number(width)]) => {
                let digits = number.to_string();
                let missing = width - digits.len() as i128;
                if *number < 0 || missing < 0 || *width > 65_536 {
                    return Err(self.raise_plain("T8010", &[("length", width.to_string())]));
                }
                Value::Text("0".repeat(usize::try_from(missing).expect("a width")) + &digits)
            }
            (Pure::Part, [Value::Text(text), Value::Number(from), Value::Number(length)]) => {
                let (from, length) = ((*from).max(0), (*length).max(0));
                let inside = |at: usize| (from..from + length).contains(&(at as i128));
                Value::Text(text.chars().enumerate().filter(|(at, _)| inside(*at)).map(|(_, sign)| sign).collect())
            }
            (Pure::Contains, [Value::Text(text), Value::Text(piece)]) => {
                let (text, piece) = (text.as_bytes(), piece.as_bytes());
                Value::Truth(piece.is_empty() || text.windows(piece.len().max(1)).any(|window| window == piece))
            }
            (Pure::StartsWith, [Value::Text(text), Value::Text(piece)]) => {
                Value::Truth(text.as_bytes().iter().take(piece.len()).eq(piece.as_bytes()))
            }
            (Pure::Hex, [Value::Bytes(bytes)]) => Value::Text(bytes.iter().map(|byte| format!("{byte:02X}")).collect()),
            (Pure::AvailableBalance, [Value::Text(text)]) => available(text),
            (Pure::TextLength, [Value::Text(text)]) => Value::Number(text.chars().count() as i128),
            (Pure::TextLength, [Value::Bytes(bytes)]) => Value::Number(bytes.len() as i128),
            (Pure::ListLength, [Value::List(members)]) => Value::Number(members.len() as i128),
            (Pure::AmountMinor, [Value::Money(minor, _)]) => Value::Number(*minor),
            (Pure::AmountCurrency, [Value::Money(_, letters)]) => Value::Text(letters.to_string()),
            (Pure::AmountCurrencyNumber, [Value::Money(_, letters)]) => {
                Value::Text(format!("{:03}", currency(letters).0))
            }
            (Pure::ReplyCode, [Value::Message(message)]) => {
                match message.fields.iter().find(|(number, _)| *number == 39) {
                    Some((_, Value::Code(code))) => Value::Code(code.clone()),
                    _ => return Err(self.raise_plain("T5105", &[("field", "F39".into())])),
                }
            }
            (Pure::ReplyMti | Pure::MessageMti, [Value::Message(message)]) => Value::Mti(message.mti),
            (Pure::CodeText, [Value::Code(code)]) => Value::Text(code.clone()),
            (Pure::CodeMeaning, [Value::Code(code)]) => {
                let row = self.checked.codes.rows.iter().find(|row| row.code.to_string() == *code);
                match row {
                    Some(row) => Value::Phrase(row.zh.clone(), row.en.clone()),
                    None => Value::Phrase(format!("未知应答码 {code}"), format!("unknown response code {code}")),
                }
            }
            (Pure::ErrorCode, [Value::Error(fault)]) => Value::Text(fault.code.clone()),
            (Pure::ErrorName, [Value::Error(fault)]) => Value::Text(self.name_of(&fault.code)),
            (Pure::PhraseOf, [Value::Text(zh), Value::Text(en)]) => Value::Phrase(zh.clone(), en.clone()),
            other => unreachable!("arguments were checked: {other:?}"),
        })
    }
}

/// The available balance: the only group of twenty whose third and fourth characters are `02`.
fn available(text: &str) -> Value {
    let signs: Vec<char> = text.chars().collect();
    let mut found = Value::None;
    for group in signs.chunks(20) {
        if group.len() != 20 || !text.is_ascii() {
            return Value::None;
        }
        if group[2..4] != ['0', '2'] || !matches!(found, Value::None) {
            continue;
        }
        let number = |signs: &[char]| signs.iter().collect::<String>().parse::<u64>().ok();
        let digits = group[4..7].iter().chain(&group[8..20]).all(char::is_ascii_digit);
        let (Some(currency), Some(minor), true) = (number(&group[4..7]), number(&group[8..20]), digits) else {
            return Value::None;
        };
        let Some(row) = super::value::CURRENCIES.iter().find(|row| u64::from(row.1) == currency) else {
            return Value::None;
        };
        found = match group[7] {
            'C' => Value::Money(i128::from(minor), row.0),
            'D' => Value::Money(-i128::from(minor), row.0),
            _ => return Value::None,
        };
    }
    found
}
