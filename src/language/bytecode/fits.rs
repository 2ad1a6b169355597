//! What may lie in which register: the checks of single instructions that the table of instructions cannot express.

use super::instruction::{Instruction, Show};
use super::program::{Function, Program, Shape};
use crate::language::builtin;
use crate::language::builtin::row::{Builtin, Does, Of, Op, Owner, Pure};
use crate::language::builtin::shapes;
use crate::language::types::{Kind, Type};
use crate::payment::amount::Amount;
use crate::payment::iso8583::response::ResponseCode;

/// Why an instruction is refused: Chinese, English.
pub(super) type Fault = (&'static str, &'static str);

const REGISTER: Fault = ("寄存器不存在", "there is no such register");
const KIND: Fault = ("寄存器的类型不符", "a register holds another type than the instruction works on");
const INDEX: Fault = ("编号不存在", "an index names nothing");
const COUNT: Fault = ("值的个数不符", "the number of values is wrong");
const VALUE: Fault = ("常量不是这个类型的值", "a constant is no value of its register's type");

/// True if a value of one type may be moved into a register of the other.
pub(super) fn moves(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Optional(from), Type::Optional(to)) | (Type::List(from), Type::List(to)) => {
            **from == Type::Unknown || moves(from, to)
        }
        (Type::Message(_), Type::Message(_)) | (Type::Reply(_), Type::Reply(_)) => true,
        // Digits are text; a text is not digits until somebody has looked.
        (Type::Digits(_) | Type::Kcv | Type::Expiry, Type::Text) | (Type::Digits(_), Type::Digits(0)) => true,
        (from, to) => from == to,
    }
}

/// The builtins by the numbers of their requests and natives.
#[derive(Debug)]
pub(super) struct Numbered {
    requests: [Option<&'static Builtin>; 256],
    natives: [Option<&'static Builtin>; 256],
}

impl Numbered {
    /// All of them.
    pub(super) fn new() -> Numbered {
        let mut numbered = Numbered { requests: [None; 256], natives: [None; 256] };
        for row in builtin::all() {
            let (rows, number) = match row.does {
                Does::Request(op) => (&mut numbered.requests, op.number()),
                Does::Pure(native) => (&mut numbered.natives, native.number()),
            };
            if let Some(place) = rows.get_mut(usize::from(number)) {
                *place = Some(row);
            }
        }
        numbered
    }

    /// The builtin that gives out this request.
    pub(super) fn request(&self, op: u8) -> Option<&'static Builtin> {
        self.requests.get(usize::from(op)).copied().flatten()
    }
}

/// What a constant text is made of; looked at once, however often it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Bytes that are no characters.
    Bytes,
    /// Characters.
    Characters,
    /// Digits and nothing else.
    Digits,
}

impl Holds {
    /// What these bytes are.
    pub(super) fn of(bytes: &[u8]) -> Holds {
        match std::str::from_utf8(bytes) {
            Err(_) => Holds::Bytes,
            Ok(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => Holds::Digits,
            Ok(_) => Holds::Characters,
        }
    }
}

/// One function's registers, and the program around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'p> {
    /// The program.
    pub(super) program: &'p Program,
    /// The function.
    pub(super) function: &'p Function,
    /// What each constant text is made of.
    pub(super) texts: &'p [Holds],
    /// The builtins.
    pub(super) numbered: &'p Numbered,
}

type Checked = Result<(), Fault>;

impl<'p> Frame<'p> {
    /// The type of a register.
    pub(super) fn ty(&self, register: u8) -> Result<&'p Type, Fault> {
        self.function.registers.get(usize::from(register)).ok_or(REGISTER)
    }

    /// The registers from `base` on. A row of none begins in the function too: the machine takes no call that does not.
    fn row(&self, base: u8, count: usize) -> Result<&'p [Type], Fault> {
        let base = usize::from(base);
        self.function.registers.get(base..base + count).ok_or(REGISTER)
    }

    fn need(&self, from: &Type, to: &Type) -> Checked {
        if moves(from, to) { Ok(()) } else { Err(KIND) }
    }

    fn each(&self, from: &[Type], to: impl Iterator<Item = Type>) -> Checked {
        for (from, to) in from.iter().zip(to) {
            self.need(from, &to)?;
        }
        Ok(())
    }

    /// What the roles and kinds of the operands do not say.
    pub(super) fn check(&self, instruction: Instruction) -> Checked {
        match instruction {
            Instruction::Move { to, from } => self.need(self.ty(from)?, self.ty(to)?),
            Instruction::EqualDeep { left, right, .. } => {
                let (left, right) = (self.ty(left)?, self.ty(right)?);
                self.need(left, right).or_else(|_| self.need(right, left))
            }
            Instruction::LoadInt { to, value } => self.word(i64::from(value) as u64, self.ty(to)?),
            Instruction::LoadWord { to, word } => {
                let word = self.program.words.get(word as usize).copied().ok_or(INDEX)?;
                self.word(word, self.ty(to)?)
            }
            Instruction::LoadText { to, text } => self.text(text, self.ty(to)?),
            Instruction::Step { text } => self.text(text, &Type::Text),
            Instruction::Contains { item, list, .. } => match self.ty(list)? {
                Type::List(of) => self.need(self.ty(item)?, of),
                _ => Err(KIND),
            },
            Instruction::MakeRecord { to, base, count } => {
                let fields = self.fields(self.ty(to)?)?;
                if fields.len() != usize::from(count) {
                    return Err(COUNT);
                }
                self.each(self.row(base, fields.len())?, fields.into_iter())
            }
            Instruction::GetField { to, record, index } => {
                let fields = self.fields(self.ty(record)?)?;
                let field = fields.get(usize::from(index)).ok_or(INDEX)?;
                self.need(field, self.ty(to)?)
            }
            Instruction::MakeVariant { to, tag, value } => {
                let payload = self.payload(self.ty(to)?, tag)?.ok_or(KIND)?;
                self.need(self.ty(value)?, payload)
            }
            Instruction::MakeOutcome { to, tag, value } => {
                let ty = self.ty(to)?;
                if *ty != Type::Union(shapes::OUTCOME) {
                    return Err(KIND);
                }
                let value = self.ty(value)?;
                match self.payload(ty, tag)? {
                    Some(payload) => self.need(value, payload),
                    None => Ok(()),
                }
            }
            Instruction::GetPayload { to, from, tag } => {
                let payload = self.payload(self.ty(from)?, tag)?.ok_or(KIND)?;
                self.need(payload, self.ty(to)?)
            }
            Instruction::MakeSome { to, from } => match self.ty(to)? {
                Type::Optional(of) => self.need(self.ty(from)?, of),
                _ => Err(KIND),
            },
            Instruction::GetSome { to, from } => match self.ty(from)? {
                Type::Optional(of) => self.need(of, self.ty(to)?),
                _ => Err(KIND),
            },
            Instruction::MakeList { to, base, count } => {
                let members = self.row(base, usize::from(count))?;
                match self.ty(to)? {
                    Type::List(of) => self.each(members, std::iter::repeat_n((**of).clone(), members.len())),
                    Type::Receipt => members.iter().try_for_each(|line| self.line(line)),
                    _ => Err(KIND),
                }
            }
            Instruction::JoinLists { to, left, right } => {
                let to = self.ty(to)?;
                self.need(self.ty(left)?, to)?;
                self.need(self.ty(right)?, to)
            }
            Instruction::GetItem { to, list, .. } => match self.ty(list)? {
                Type::List(of) => self.need(of, self.ty(to)?),
                _ => Err(KIND),
            },
            Instruction::JoinTexts { to, base, count } => {
                let texts = self.row(base, usize::from(count))?;
                if texts.iter().all(is_written) && joins(texts, self.ty(to)?) { Ok(()) } else { Err(KIND) }
            }
            Instruction::ToText { from, show, .. } => {
                let show = Show::from_number(show).ok_or(INDEX)?;
                let from = self.ty(from)?;
                if shows(show, from) { Ok(()) } else { Err(KIND) }
            }
            Instruction::MakeMessage { base, shape, .. } | Instruction::MakeMessageFrom { base, shape, .. } => {
                let shape = self.program.shapes.get(usize::from(shape)).ok_or(INDEX)?;
                self.shape(base, shape)
            }
            Instruction::GetMessageField { to, field, .. } => {
                if matches!(self.ty(to)?.kind(), Kind::Nothing) {
                    return Err(KIND);
                }
                self.field(field)
            }
            Instruction::FindMessageField { field, .. } => self.field(field),
            Instruction::Call { to, base, function } => {
                let called = self.program.functions.get(usize::from(function)).ok_or(INDEX)?;
                let given = self.row(base, called.parameters.len())?;
                self.each(given, called.parameters.iter().cloned())?;
                self.need(&called.gives, self.ty(to)?)
            }
            Instruction::CallPure { to, native, base, count } => {
                Pure::from_number(native).ok_or(INDEX)?;
                let row = self.numbered.natives.get(usize::from(native));
                let row = row.copied().flatten().ok_or(INDEX)?;
                self.builtin(row, self.row(base, usize::from(count))?, self.ty(to)?)
            }
            Instruction::Request { to, op, base, count } => {
                let given = self.row(base, usize::from(count))?;
                let to = self.ty(to)?;
                match Op::from_number(op).ok_or(INDEX)? {
                    Op::Sleep if given.len() != 1 => Err(COUNT),
                    Op::Sleep => {
                        self.each(given, std::iter::once(Type::Duration))?;
                        self.need(&Type::Nothing, to)
                    }
                    // Statements give these out, through instructions of their own.
                    op => {
                        let row = self.numbered.requests.get(usize::from(op.number()));
                        let row = row.copied().flatten().ok_or(INDEX)?;
                        self.builtin(row, given, to)
                    }
                }
            }
            Instruction::Return { from } => self.need(self.ty(from)?, &self.function.gives),
            Instruction::ReturnNothing {} if self.function.gives != Type::Nothing => Err(KIND),
            Instruction::OpenReversal { by, .. } => match self.ty(by)? {
                Type::Optional(of) => self.need(of, &Type::Message(None)),
                _ => Err(KIND),
            },
            Instruction::Commit { txn } => self.need(self.ty(txn)?, &Type::Record(shapes::TXN)),
            Instruction::MakeError { base, error, .. } => {
                let row = self.program.errors.get(usize::from(error)).ok_or(INDEX)?;
                let facts = self.row(base, row.facts.len())?;
                if facts.iter().all(is_written) { Ok(()) } else { Err(KIND) }
            }
            _ => Ok(()),
        }
    }

    /// The types of a record's fields.
    fn fields(&self, ty: &Type) -> Result<Vec<Type>, Fault> {
        match ty {
            Type::Phrase => Ok(vec![Type::Text, Type::Text]),
            Type::Record(at) => {
                let record = self.program.types.records.get(usize::from(*at));
                let record = record.ok_or(INDEX)?;
                Ok(record.fields.iter().map(|(_, ty)| ty.clone()).collect())
            }
            _ => Err(KIND),
        }
    }

    /// The type a variant carries.
    fn payload(&self, ty: &Type, tag: u8) -> Result<Option<&'p Type>, Fault> {
        let Type::Union(at) = ty else {
            return Err(KIND);
        };
        let union = self.program.types.unions.get(usize::from(*at));
        let variant = union.ok_or(INDEX)?.variants.get(usize::from(tag));
        Ok(variant.ok_or(INDEX)?.1.as_ref())
    }

    /// A line of a slip: form, Chinese, English, value.
    fn line(&self, ty: &Type) -> Checked {
        let fields = self.fields(ty)?;
        if fields == [Type::Int, Type::Text, Type::Text, Type::Text] { Ok(()) } else { Err(KIND) }
    }

    fn text(&self, text: u32, ty: &Type) -> Checked {
        let holds = self.texts.get(text as usize).ok_or(INDEX)?;
        let right = match ty {
            Type::Bytes => true,
            Type::Digits(0) => *holds == Holds::Digits,
            Type::Digits(count) => {
                let length = self.program.texts.get(text as usize).map(|(_, length)| *length);
                *holds == Holds::Digits && length == Some(u32::from(*count))
            }
            _ => *holds != Holds::Bytes,
        };
        if right { Ok(()) } else { Err(VALUE) }
    }

    fn word(&self, word: u64, ty: &Type) -> Checked {
        let right = match ty {
            Type::Bool => word <= 1,
            Type::Mti => word <= 9_999,
            Type::ResponseCode => ResponseCode::from_bits(word).is_some(),
            Type::Amount => Amount::from_bits(word).is_some(),
            Type::Union(_) => match u8::try_from(word) {
                Ok(tag) => self.payload(ty, tag)?.is_none(),
                Err(_) => false,
            },
            other if other.kind() == Kind::Word => true,
            _ => return Err(KIND),
        };
        if right { Ok(()) } else { Err(VALUE) }
    }

    fn field(&self, field: u8) -> Checked {
        if (1..=128).contains(&field) { Ok(()) } else { Err(INDEX) }
    }

    fn shape(&self, base: u8, shape: &Shape) -> Checked {
        for (_, offset, ty) in &shape.fields {
            let register = base.checked_add(*offset).ok_or(REGISTER)?;
            self.need(self.ty(register)?, ty)?;
        }
        Ok(())
    }

    fn builtin(&self, row: &'static Builtin, given: &[Type], to: &Type) -> Checked {
        let mut given = given;
        if let Owner::Value(of) = row.owner {
            let (object, rest) = given.split_first().ok_or(COUNT)?;
            if !is(of, object) {
                return Err(KIND);
            }
            given = rest;
        }
        // A fixture may be given fields, last.
        let fields = given.len().checked_sub(row.takes.len()).ok_or(COUNT)?;
        if fields > usize::from(row.fixture) {
            return Err(COUNT);
        }
        let takes = row.takes.iter().map(|takes| {
            let ty = takes.ty.to_type();
            if takes.optional { Type::optional(ty) } else { ty }
        });
        let all = takes.chain((fields > 0).then_some(Type::Message(None)));
        self.each(given, all)?;
        self.need(&given_by(row, to), to)
    }
}

/// What a builtin gives into this register: digits come as long as the register says, for the machine counts them.
fn given_by(row: &Builtin, to: &Type) -> Type {
    match (row.does, to) {
        (Does::Pure(Pure::ToDigits | Pure::ZeroPad), Type::Digits(_)) => to.clone(),
        _ => row.gives.to_type(),
    }
}

/// Characters, whatever more is known of them.
fn is_written(ty: &Type) -> bool {
    ty.kind() == Kind::Text && *ty != Type::Bytes
}

/// Is what these are joined to of that type? Digits are made of digits only, and as many as there are in the parts.
fn joins(parts: &[Type], ty: &Type) -> bool {
    let count = |part: &Type| match part {
        Type::Digits(count) => Some(u64::from(*count)),
        _ => None,
    };
    match ty {
        Type::Text => true,
        Type::Digits(0) => parts.iter().all(|part| count(part).is_some()),
        Type::Digits(wanted) => {
            let all: Option<Vec<u64>> = parts.iter().map(count).collect();
            all.is_some_and(|all| !all.contains(&0) && all.iter().sum::<u64>() == u64::from(*wanted))
        }
        _ => false,
    }
}

fn is(of: Of, ty: &Type) -> bool {
    match of {
        Of::Text => ty.kind() == Kind::Text,
        Of::List => ty.kind() == Kind::List,
        Of::Amount => *ty == Type::Amount,
        Of::Reply => matches!(ty, Type::Reply(_)),
        Of::Message => matches!(ty, Type::Message(_)),
        Of::ResponseCode => *ty == Type::ResponseCode,
        Of::Error => *ty == Type::Error,
    }
}

fn shows(show: Show, ty: &Type) -> bool {
    match show {
        Show::Int => *ty == Type::Int,
        Show::Bool => *ty == Type::Bool,
        Show::Amount => *ty == Type::Amount,
        Show::Duration => *ty == Type::Duration,
        Show::Percent => *ty == Type::Percent,
        Show::Time => *ty == Type::Time,
        Show::ResponseCode => *ty == Type::ResponseCode,
        Show::Mti => *ty == Type::Mti,
        Show::Union => matches!(ty, Type::Union(_)),
        Show::Bytes => ty.kind() == Kind::Text,
    }
}
