//! Expressions: each gives a value.

use super::super::planted::Planted;
use super::evaluator::{Done, Evaluator, Stop};
use super::show;
use super::value::{Message, Value, same};
use std::rc::Rc;
use tillscript::language::check::checked::{ConstantId, ErrorRef, Meaning, Target};
use tillscript::language::syntax::tree::{
    BinaryOperator, Block, Expression, ExpressionKind, FieldName, ItemKind, UnaryOperator,
};
use tillscript::language::types::Type;

impl<'c> Evaluator<'c, '_> {
    /// The value of an expression.
    pub(super) fn value(&mut self, expression: &'c Expression) -> Done {
        let before = self.at(expression.span);
        let done = self.plain_value(expression);
        self.at(before);
        done
    }

    fn plain_value(&mut self, expression: &'c Expression) -> Done {
        if matches!(expression.kind, ExpressionKind::None) {
            self.seen.insert("expression none");
            return Ok(Value::None);
        }
        match self.unit().meaning(expression.id) {
            Meaning::Plain => self.structure(expression),
            Meaning::Local(local) => {
                self.seen.insert("meaning local");
                Ok(self.local(*local))
            }
            Meaning::Constant(id) => {
                self.seen.insert("meaning constant");
                self.constant(*id)
            }
            Meaning::Function(_) | Meaning::Builtin(_) => {
                let prepared = self.prepare(expression)?;
                self.perform(prepared)
            }
            Meaning::Variant { union, tag } => {
                self.seen.insert("meaning variant");
                Ok(self.variant(*union, *tag, None))
            }
            Meaning::Error(error) => {
                self.seen.insert("meaning error");
                Ok(self.error(*error, Vec::new()))
            }
            Meaning::Code(code) => {
                self.seen.insert("meaning response code");
                Ok(Value::Code(code.to_string()))
            }
            Meaning::RecordField(index) => {
                self.seen.insert("meaning record field");
                let Value::Record(fields) = self.object(expression)? else { unreachable!("a record was checked") };
                Ok(fields[usize::from(*index)].clone())
            }
            Meaning::MessageField { number, optional } => {
                let Value::Message(message) = self.object(expression)? else { unreachable!("a message was checked") };
                self.seen.insert(if *optional { "meaning field that may lack" } else { "meaning field" });
                match message.fields.iter().find(|(known, _)| known == number) {
                    Some((_, value)) => Ok(value.clone()),
                    None if *optional => Ok(Value::None),
                    None => Err(self.raise_plain("T5105", &[("field", format!("F{number}"))])),
                }
            }
            Meaning::Call { target: Target::Function(_) | Target::Builtin(_), .. } => {
                let prepared = self.prepare(expression)?;
                self.perform(prepared)
            }
            Meaning::Call { target, arguments, .. } => self.built(*target, expression, arguments),
            Meaning::Place => unreachable!("a place has no value"),
        }
    }

    /// The value of a constant, worked out anew where it is used.
    pub(super) fn constant(&mut self, id: ConstantId) -> Done {
        let constant = &self.checked.constants[usize::from(id.0)];
        let item = &self.checked.units[usize::from(constant.file.0)].unit.tree.items[constant.item];
        let ItemKind::Constant(item) = &item.kind else { unreachable!("a constant's item is one") };
        self.elsewhere.push(constant.file.0);
        let done = self.value(&item.value);
        self.elsewhere.pop();
        done
    }

    /// The value before a dot.
    pub(super) fn object(&mut self, expression: &'c Expression) -> Done {
        match &expression.kind {
            ExpressionKind::Member { object, .. } => self.value(object),
            _ => unreachable!("a member has an object"),
        }
    }

    /// A variant; one of `Outcome` that tells of a way out remembers where.
    pub(super) fn variant(&mut self, union: u16, tag: u8, carried: Option<Value>) -> Value {
        const OUTCOME: u16 = 0;
        const DECLINED_CANCELLED_FAILED: std::ops::RangeInclusive<u8> = 2..=4;
        if union == OUTCOME && DECLINED_CANCELLED_FAILED.contains(&tag) {
            self.outcome = self.running(false);
        }
        Value::Variant(tag, carried.map(Box::new))
    }

    /// A record, a variant with a value, or an error with facts: what is given is worked out in the order written.
    fn built(&mut self, target: Target, expression: &'c Expression, places: &[Option<u16>]) -> Done {
        let ExpressionKind::Call { arguments, .. } = &expression.kind else { unreachable!("a call is written") };
        let types = &self.checked.types;
        let mut values = Vec::new();
        for argument in arguments {
            let value = self.value(&argument.value)?;
            let ty = self.type_of(&argument.value);
            let as_fact = matches!(target, Target::Error(_));
            values.push(if as_fact { Value::Text(self.as_fact(ty, &value)) } else { value });
        }
        let mut given = places.iter().map(|place| place.map(|place| values[usize::from(place)].clone()));
        Ok(match target {
            Target::Record(at) => {
                self.seen.insert("call of a record");
                let fields = types.records[usize::from(at)].fields.len();
                Value::Record((0..fields).map(|_| given.next().flatten().unwrap_or(Value::None)).collect())
            }
            Target::Variant { union, tag } => {
                self.seen.insert("call of a variant");
                let carried = given.next().flatten();
                self.variant(union, tag, carried)
            }
            Target::Error(error) => {
                self.seen.insert("call of an error");
                let facts = given.map(|fact| fact.map_or(String::new(), |fact| fact.text().into())).collect();
                self.error(error, facts)
            }
            Target::Function(_) | Target::Builtin(_) => unreachable!("these are performed"),
        })
    }

    /// A fact of an error, as text.
    pub(super) fn as_fact(&self, ty: &Type, value: &Value) -> String {
        match (ty, value) {
            (Type::Optional(_), Value::None) => String::new(),
            (Type::Optional(of), value) => self.as_fact(of, value),
            (Type::Pan, Value::Sealed(_, masked, _)) => masked.clone(),
            (_, Value::Error(fault)) => self.name_of(&fault.code),
            (_, Value::List(_) | Value::Record(_) | Value::Message(_) | Value::Phrase(..) | Value::Slip(_)) => {
                "…".into()
            }
            (_, Value::Sealed(..)) => "…".into(),
            (ty, value) => show::in_text(&self.checked.types, ty, value),
        }
    }

    fn structure(&mut self, expression: &'c Expression) -> Done {
        Ok(match &expression.kind {
            ExpressionKind::Bool(truth) => {
                self.seen.insert("expression bool");
                Value::Truth(*truth)
            }
            ExpressionKind::Int(number) => {
                self.seen.insert("expression int");
                Value::Number(i128::from(*number))
            }
            ExpressionKind::Percent(number) => {
                self.seen.insert("expression percent");
                Value::Number(i128::from(*number))
            }
            ExpressionKind::Duration(number) => {
                self.seen.insert("expression duration");
                Value::Number(i128::from(*number))
            }
            ExpressionKind::Amount { digits, currency, .. } => {
                self.seen.insert("expression amount");
                let row = super::value::CURRENCIES.iter().find(|row| row.0 == currency.text);
                Value::Money(i128::from(*digits), row.expect("a currency of the table").0)
            }
            ExpressionKind::Text(string) => {
                self.seen.insert("expression text");
                Value::Text(self.string(string)?)
            }
            ExpressionKind::Bytes(bytes) => {
                self.seen.insert("expression bytes");
                Value::Bytes(bytes.clone())
            }
            ExpressionKind::Tag(tag) => {
                self.seen.insert("expression tag");
                let written = format!("{tag:X}");
                let even = if written.len() % 2 == 1 { format!("0{written}") } else { written };
                let pairs = even.as_bytes().chunks(2);
                let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex");
                Value::Bytes(pairs.map(byte).collect())
            }
            ExpressionKind::Mti(mti) => {
                self.seen.insert("expression mti");
                Value::Mti(*mti)
            }
            ExpressionKind::List(members) => {
                self.seen.insert("expression list");
                let members: Result<Vec<Value>, Stop> = members.iter().map(|member| self.value(member)).collect();
                Value::List(members?)
            }
            ExpressionKind::Message { mti, from, fields } => self.message(&mti.text, from.as_deref(), fields)?,
            ExpressionKind::Index { object, index } => {
                self.seen.insert("expression index");
                let Value::List(members) = self.value(object)? else { unreachable!("a list was checked") };
                let index = self.value(index)?.number();
                let member = usize::try_from(index).ok().and_then(|at| members.get(at));
                match member {
                    Some(member) => member.clone(),
                    None => {
                        let facts = [("index", index.to_string()), ("length", members.len().to_string())];
                        return Err(self.raise_plain("T8009", &facts));
                    }
                }
            }
            ExpressionKind::Unary { operator: UnaryOperator::Not, operand } => {
                self.seen.insert("operator not");
                Value::Truth(!self.value(operand)?.truth())
            }
            ExpressionKind::Unary { operator: UnaryOperator::Negate, operand } => {
                self.seen.insert("operator negate");
                let value = self.value(operand)?;
                self.negated(value)?
            }
            ExpressionKind::Binary { operator, left, right, .. } => self.binary(*operator, left, right)?,
            ExpressionKind::If { condition, then, otherwise } => self.choose(condition, then, otherwise.as_ref())?,
            ExpressionKind::Match { subject, arms } => self.match_value(subject, arms)?,
            ExpressionKind::None
            | ExpressionKind::Name(_)
            | ExpressionKind::Member { .. }
            | ExpressionKind::Call { .. } => {
                unreachable!("these have a meaning")
            }
        })
    }

    fn choose(&mut self, condition: &'c Expression, then: &'c Block, otherwise: Option<&'c Block>) -> Done {
        self.seen.insert("expression if");
        if self.value(condition)?.truth() {
            return self.block(then);
        }
        match otherwise {
            Some(otherwise) => self.block(otherwise),
            None => Ok(Value::Nothing),
        }
    }

    fn binary(&mut self, operator: BinaryOperator, left: &'c Expression, right: &'c Expression) -> Done {
        self.seen.insert(match operator {
            BinaryOperator::Or => "operator or",
            BinaryOperator::And => "operator and",
            BinaryOperator::Equal => "operator ==",
            BinaryOperator::NotEqual => "operator !=",
            BinaryOperator::Less => "operator <",
            BinaryOperator::LessOrEqual => "operator <=",
            BinaryOperator::Greater => "operator >",
            BinaryOperator::GreaterOrEqual => "operator >=",
            BinaryOperator::In => "operator in",
            BinaryOperator::Add => "operator +",
            BinaryOperator::Subtract => "operator -",
            BinaryOperator::Multiply => "operator *",
            BinaryOperator::Divide => "operator /",
        });
        match operator {
            BinaryOperator::And | BinaryOperator::Or => {
                let decides = operator == BinaryOperator::Or;
                let first = self.value(left)?.truth();
                if first == decides && self.planted != Some(Planted::BothSides) {
                    return Ok(Value::Truth(first));
                }
                let second = self.value(right)?.truth();
                Ok(Value::Truth(if decides { first || second } else { first && second }))
            }
            BinaryOperator::Equal => Ok(Value::Truth(self.equal(left, right)?)),
            BinaryOperator::NotEqual => Ok(Value::Truth(!self.equal(left, right)?)),
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => {
                let (first, second) = (self.value(left)?, self.value(right)?);
                self.ordered(operator, &first, &second)
            }
            BinaryOperator::In => {
                let first = self.value(left)?;
                let Value::List(members) = self.value(right)? else { unreachable!("a list was checked") };
                Ok(Value::Truth(members.iter().any(|member| same(member, &first))))
            }
            BinaryOperator::Add | BinaryOperator::Subtract | BinaryOperator::Multiply | BinaryOperator::Divide => {
                let (first, second) = if self.planted == Some(Planted::RightFirst) {
                    let second = self.value(right)?;
                    (self.value(left)?, second)
                } else {
                    (self.value(left)?, self.value(right)?)
                };
                let percent = *self.type_of(right) == Type::Percent && *self.type_of(left) == Type::Amount;
                self.calculated(operator, first, second, percent)
            }
        }
    }

    /// `==`. Against a variant, an error or `failed(Error)` by name it is a test: an error's facts do not count.
    pub(super) fn equal(&mut self, left: &'c Expression, right: &'c Expression) -> Result<bool, Stop> {
        for (subject, by) in [(left, right), (right, left)] {
            if let Some(test) = self.test(subject, by) {
                let value = self.value(subject)?;
                return Ok(self.passes(&value, &test));
            }
        }
        let (first, second) = (self.value(left)?, self.value(right)?);
        self.compared(left, right, &first, &second)
    }

    /// Are two values equal? Plain amounts in two currencies cannot be asked.
    pub(super) fn compared(
        &mut self,
        left: &Expression,
        right: &Expression,
        first: &Value,
        second: &Value,
    ) -> Result<bool, Stop> {
        if let (Type::Amount, Type::Amount, Value::Money(_, one), Value::Money(_, other)) =
            (self.type_of(left), self.type_of(right), first, second)
            && one != other
        {
            return Err(self.raise_plain("T8008", &[("left", one.to_string()), ("right", other.to_string())]));
        }
        Ok(same(first, second))
    }

    /// What a value is tested for, if the other side only names it.
    pub(super) fn test(&self, subject: &Expression, by: &Expression) -> Option<Test> {
        let has = self.type_of(subject);
        if matches!(by.kind, ExpressionKind::None) {
            return matches!(has, Type::Optional(_)).then_some(Test::None);
        }
        match (self.unit().meaning(by.id), has) {
            (Meaning::Variant { tag, .. }, Type::Union(_)) => Some(Test::Tag(*tag)),
            (Meaning::Error(error), Type::Error) => Some(Test::Error(self.code_of(*error))),
            (Meaning::Call { target: Target::Variant { tag, .. }, .. }, Type::Union(_)) => {
                let ExpressionKind::Call { arguments, .. } = &by.kind else { return None };
                match self.unit().meaning(arguments.first()?.value.id) {
                    Meaning::Error(error) => Some(Test::TagOfError(*tag, self.code_of(*error))),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Does the value pass the test?
    pub(super) fn passes(&self, value: &Value, test: &Test) -> bool {
        match (value, test) {
            (Value::None, Test::None) => true,
            (Value::Variant(tag, _), Test::Tag(wanted)) => tag == wanted,
            (Value::Error(fault), Test::Error(code)) => fault.code == *code,
            (Value::Variant(tag, Some(carried)), Test::TagOfError(wanted, code)) => {
                tag == wanted && matches!(&**carried, Value::Error(fault) if fault.code == *code)
            }
            _ => false,
        }
    }

    fn message(&mut self, mti: &str, from: Option<&'c Expression>, fields: &'c [(FieldName, Expression)]) -> Done {
        self.seen.insert(if from.is_some() { "expression message from" } else { "expression message" });
        let mti: u16 = mti.parse().expect("four digits");
        let mut laid: Vec<(u8, Value)> = Vec::new();
        if let Some(from) = from {
            let Value::Message(source) = self.value(from)? else { unreachable!("a message was checked") };
            let dialect = self.checked.dialect.as_ref().expect("a message needs a dialect");
            let reversal = dialect.reversal.as_ref().filter(|reversal| reversal.mti.0 == mti);
            let takes = |number: u8| match reversal {
                Some(reversal) => reversal.copied.contains(number),
                None => dialect
                    .messages
                    .iter()
                    .any(|rule| rule.mti.0 == mti && (rule.needed.contains(number) || rule.optional.contains(number))),
            };
            laid.extend(source.fields.iter().filter(|(number, _)| takes(*number)).cloned());
        }
        for (field, value) in fields {
            let value = self.value(value)?;
            laid.retain(|(number, _)| *number != field.number);
            if !matches!(value, Value::None) || self.planted == Some(Planted::NoneIsSent) {
                laid.push((field.number, value));
            }
        }
        laid.sort_by_key(|(number, _)| *number);
        Ok(Value::Message(Rc::new(Message { mti, fields: laid })))
    }

    /// The name of an error's code.
    pub(super) fn name_of(&self, code: &str) -> String {
        let declared = self.checked.errors.iter().find(|error| error.code == code);
        match declared {
            Some(error) => error.name.to_string(),
            None => tillscript::script_error::catalogue::find(code).map_or(String::new(), |row| row.name.into()),
        }
    }

    /// Is it one call of a function or a builtin?
    pub(super) fn is_call(&self, expression: &Expression) -> bool {
        match self.unit().meaning(expression.id) {
            Meaning::Call { target: Target::Function(_) | Target::Builtin(_), .. } => {
                matches!(expression.kind, ExpressionKind::Call { .. })
            }
            _ => false,
        }
    }

    /// An error by its reference, for patterns.
    pub(super) fn is_error(&self, value: &Value, error: ErrorRef) -> bool {
        matches!(value, Value::Error(fault) if fault.code == self.code_of(error))
    }
}

/// What a value is tested for without a second value.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// `== none`
    None,
    /// `== chip`
    Tag(u8),
    /// `== failed(Timeout)`
    TagOfError(u8, String),
    /// `== Timeout`
    Error(String),
}
