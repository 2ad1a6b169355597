//! The instructions: one table that writes the enum, the file form, the text form, the checks and the reference page.
//!
//! Registers are 64-bit slots with one static type each. An instruction takes eight bytes in memory.
//! Numbers are part of the file format: append only, never reuse.

use crate::language::types::Kind;
use std::ops::Deref;

/// What an operand is. The structural check reads these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A register that is read.
    Read,
    /// A register that is written.
    Write,
    /// The first of consecutive registers that are read; another operand or table says how many.
    Base,
    /// A small number.
    Count,
    /// A signed number.
    Number,
    /// Index into `Program::words`.
    Word,
    /// Index into `Program::texts`.
    Text,
    /// An instruction of this function to go to.
    Jump,
    /// Index into `Program::functions`.
    Function,
    /// Index into `Program::switches`.
    Switch,
    /// Index into `Program::shapes`.
    Shape,
    /// Index into `Program::errors`.
    Error,
    /// Number of an `Op`.
    Op,
    /// Number of a `Pure`.
    Native,
    /// Number of a message field.
    Field,
    /// Number of a `Show`.
    Show,
}

/// What a register operand must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// No register, or whatever the tables say.
    Any,
    /// The same as the other operands marked so.
    Same,
    /// This kind.
    Kind(Kind),
}

/// One operand of one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub role: Role,
    /// What its register holds.
    pub holds: Holds,
    /// Its value; a signed number as its bits.
    pub value: u32,
}

/// No instruction has more operands.
pub(super) const OPERANDS_MOST: usize = 4;

/// The operands of one instruction, in place: the checks ask for those of every instruction.
#[derive(Clone, Copy, Debug)]
pub struct Operands {
    list: [Operand; OPERANDS_MOST],
    count: usize,
}

impl Operands {
    #[inline(always)]
    fn of(operands: &[Operand]) -> Operands {
        const NONE: Operand = Operand { name: "", role: Role::Count, holds: Holds::Any, value: 0 };
        let mut list = [NONE; OPERANDS_MOST];
        list.iter_mut().zip(operands).for_each(|(place, operand)| *place = *operand);
        Operands { list, count: operands.len() }
    }
}

impl Deref for Operands {
    type Target = [Operand];

    #[inline]
    fn deref(&self) -> &[Operand] {
        self.list.get(..self.count).unwrap_or_default()
    }
}

impl IntoIterator for Operands {
    type Item = Operand;
    type IntoIter = std::iter::Take<std::array::IntoIter<Operand, OPERANDS_MOST>>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter().take(self.count)
    }
}

/// One row, for the reference page and the file reader.
#[derive(Clone, Copy, Debug)]
pub struct InstructionRow {
    /// Number in the file.
    pub number: u8,
    /// Name in the text form.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Name, role and kind of each operand.
    pub operands: &'static [(&'static str, Role, Holds)],
}

/// Which kind of value `ToText` writes. Part of the file format: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Show {
    /// A decimal number.
    Int = 1,
    /// `true`, `false`.
    Bool = 2,
    /// `100.00 CNY`.
    Amount = 3,
    /// `60s`, `500ms`.
    Duration = 4,
    /// `20%`.
    Percent = 5,
    /// `2026-01-05 09:00:00`.
    Time = 6,
    /// Two characters.
    ResponseCode = 7,
    /// Four digits.
    Mti = 8,
    /// A variant's name; the union is the operand `of`.
    Union = 9,
    /// Bytes in hexadecimal.
    Bytes = 10,
}

impl Show {
    /// The one with this number.
    pub fn from_number(number: u8) -> Option<Show> {
        Some(match number {
            1 => Show::Int,
            2 => Show::Bool,
            3 => Show::Amount,
            4 => Show::Duration,
            5 => Show::Percent,
            6 => Show::Time,
            7 => Show::ResponseCode,
            8 => Show::Mti,
            9 => Show::Union,
            10 => Show::Bytes,
            _ => return None,
        })
    }
}

/// Rust type of an operand by its role.
#[allow(non_camel_case_types, unreachable_pub, missing_docs)]
mod operand {
    pub type Read = u8;
    pub type Write = u8;
    pub type Base = u8;
    pub type Count = u8;
    pub type Number = i32;
    pub type Word = u32;
    pub type Text = u32;
    pub type Jump = u32;
    pub type Function = u16;
    pub type Switch = u16;
    pub type Shape = u16;
    pub type Error = u16;
    pub type Op = u8;
    pub type Native = u8;
    pub type Field = u8;
    pub type Show = u8;
}

macro_rules! holds {
    () => {
        Holds::Any
    };
    (Any) => {
        Holds::Any
    };
    (Same) => {
        Holds::Same
    };
    ($kind:ident) => {
        Holds::Kind(Kind::$kind)
    };
}

macro_rules! instructions {
    ($( #[doc = $about:literal] $name:ident = $number:literal { $( $operand:ident: $role:ident $(($kind:ident))? ),* } )*) => {
        /// One instruction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "operands are documented by their roles")]
        pub enum Instruction { $( #[doc = $about] $name { $( $operand: operand::$role ),* }, )* }

        /// Every row, by number.
        pub const ROWS: &[InstructionRow] = &[ $( InstructionRow {
            number: $number,
            name: stringify!($name),
            about: $about,
            operands: &[ $( (stringify!($operand), Role::$role, holds!($($kind)?)) ),* ],
        } ),* ];

        impl Instruction {
            /// Number in the file.
            pub fn number(self) -> u8 {
                match self { $( Instruction::$name { .. } => $number, )* }
            }

            /// Its row.
            pub fn row(self) -> &'static InstructionRow {
                const BY_NUMBER: [u8; 256] = {
                    let mut places = [0u8; 256];
                    let mut at = 0;
                    while at < ROWS.len() {
                        places[ROWS[at].number as usize] = at as u8;
                        at += 1;
                    }
                    places
                };
                &ROWS[usize::from(BY_NUMBER[usize::from(self.number())])]
            }

            /// Its operands, in the order of the row.
            #[allow(clippy::unnecessary_cast)]
            #[inline]
            pub fn operands(self) -> Operands {
                match self { $( Instruction::$name { $( $operand ),* } => Operands::of(&[ $( Operand {
                    name: stringify!($operand),
                    role: Role::$role,
                    holds: holds!($($kind)?),
                    value: $operand as u32,
                } ),* ]), )* }
            }

            /// Shows each operand with its role, in the order of the row.
            #[allow(clippy::unnecessary_cast)]
            #[inline(always)]
            pub(super) fn each_operand(self, mut show: impl FnMut(Role, u32)) {
                match self { $( Instruction::$name { $( $operand ),* } => { $( show(Role::$role, $operand as u32); )* } )* }
            }

            /// The instruction with this number, its operands taken one by one from `next`; `None` for an unknown number
            /// or an operand too large for its place.
            pub fn read(number: u8, mut next: impl FnMut() -> Option<u32>) -> Option<Instruction> {
                match number {
                    $( $number => Some(Instruction::$name { $( $operand: fit(next()?)? ),* }), )*
                    _ => None,
                }
            }
        }
    };
}

/// An operand as the file holds it, if it fits its place.
fn fit<T: FromOperand>(value: u32) -> Option<T> {
    T::from_operand(value)
}

/// How a number in the file becomes an operand.
trait FromOperand: Sized {
    /// `None` if it does not fit.
    fn from_operand(value: u32) -> Option<Self>;
}

impl FromOperand for u8 {
    fn from_operand(value: u32) -> Option<u8> {
        value.try_into().ok()
    }
}

impl FromOperand for u16 {
    fn from_operand(value: u32) -> Option<u16> {
        value.try_into().ok()
    }
}

impl FromOperand for u32 {
    fn from_operand(value: u32) -> Option<u32> {
        Some(value)
    }
}

impl FromOperand for i32 {
    fn from_operand(value: u32) -> Option<i32> {
        Some(value as i32)
    }
}

instructions! {
    /// Copies a register.
    Move = 1 { to: Write(Same), from: Read(Same) }
    /// Sets a small whole number (also Bool, Duration, Percent, ResponseCode, Mti).
    LoadInt = 2 { to: Write(Word), value: Number }
    /// Sets a constant word of any kind that needs no heap: Int, Amount, Union without a value.
    LoadWord = 3 { to: Write, word: Word }
    /// Sets a constant text or bytes.
    LoadText = 4 { to: Write(Text), text: Text }
    /// Sets `none`.
    LoadNone = 5 { to: Write(Optional) }

    /// Adds, checked.
    AddInt = 10 { to: Write(Word), left: Read(Word), right: Read(Word) }
    /// Subtracts, checked.
    SubtractInt = 11 { to: Write(Word), left: Read(Word), right: Read(Word) }
    /// Multiplies, checked.
    MultiplyInt = 12 { to: Write(Word), left: Read(Word), right: Read(Word) }
    /// Divides towards zero, checked.
    DivideInt = 13 { to: Write(Word), left: Read(Word), right: Read(Word) }
    /// Negates, checked.
    NegateInt = 14 { to: Write(Word), from: Read(Word) }
    /// Adds a small constant, checked.
    AddIntConstant = 15 { to: Write(Word), left: Read(Word), value: Number }
    /// Adds amounts of one currency, checked.
    AddAmount = 16 { to: Write(Amount), left: Read(Amount), right: Read(Amount) }
    /// Subtracts amounts of one currency, checked.
    SubtractAmount = 17 { to: Write(Amount), left: Read(Amount), right: Read(Amount) }
    /// Multiplies an amount by a whole number, checked.
    MultiplyAmount = 18 { to: Write(Amount), left: Read(Amount), right: Read(Word) }
    /// Divides an amount by a whole number, half away from zero.
    DivideAmount = 19 { to: Write(Amount), left: Read(Amount), right: Read(Word) }
    /// Takes a percentage of an amount, half away from zero.
    PercentOfAmount = 20 { to: Write(Amount), left: Read(Amount), right: Read(Word) }
    /// Negates an amount.
    NegateAmount = 21 { to: Write(Amount), from: Read(Amount) }

    /// Are two words equal?
    EqualWord = 30 { to: Write(Word), left: Read(Word), right: Read(Word) }
    /// Is one number less than the other?
    LessInt = 31 { to: Write(Word), left: Read(Word), right: Read(Word) }
    /// Is one number less than or equal to the other?
    LessOrEqualInt = 32 { to: Write(Word), left: Read(Word), right: Read(Word) }
    /// Are two amounts equal? Different currencies are an error.
    EqualAmount = 33 { to: Write(Word), left: Read(Amount), right: Read(Amount) }
    /// Is one amount less than the other? Different currencies are an error.
    LessAmount = 34 { to: Write(Word), left: Read(Amount), right: Read(Amount) }
    /// Is one amount less than or equal to the other? Different currencies are an error.
    LessOrEqualAmount = 35 { to: Write(Word), left: Read(Amount), right: Read(Amount) }
    /// Are two texts equal?
    EqualText = 36 { to: Write(Word), left: Read(Text), right: Read(Text) }
    /// Does one text sort before the other, byte by byte?
    LessText = 37 { to: Write(Word), left: Read(Text), right: Read(Text) }
    /// Are two values of one type equal, part by part (lists, records, unions, optionals, amounts by currency too)?
    EqualDeep = 38 { to: Write(Word), left: Read(Same), right: Read(Same) }
    /// Logical not.
    Not = 39 { to: Write(Word), from: Read(Word) }
    /// Is the value a member of the list?
    Contains = 40 { to: Write(Word), item: Read, list: Read(List) }

    /// Goes to an instruction further on.
    Jump = 50 { target: Jump }
    /// Goes on if true.
    JumpIf = 51 { test: Read(Word), target: Jump }
    /// Goes on if false.
    JumpUnless = 52 { test: Read(Word), target: Jump }
    /// Goes if the optional is none.
    JumpIfNone = 53 { test: Read(Optional), target: Jump }
    /// Goes back; charges `cost` instructions.
    Loop = 54 { cost: Count, target: Jump }
    /// Goes where the switch table says for this word.
    SwitchWord = 55 { on: Read(Word), table: Switch }
    /// Goes where the switch table says for this text.
    SwitchText = 56 { on: Read(Text), table: Switch }
    /// Goes where the switch table says for this union's tag.
    SwitchTag = 57 { on: Read(Union), table: Switch }
    /// Goes if one number is not less than the other.
    JumpUnlessLess = 58 { left: Read(Word), right: Read(Word), target: Jump }

    /// Builds a record of `count` registers from `base`.
    MakeRecord = 70 { to: Write(Record), base: Base, count: Count }
    /// Reads a field of a record.
    GetField = 71 { to: Write, record: Read(Record), index: Count }
    /// Builds a union's variant with a value.
    MakeVariant = 72 { to: Write(Union), tag: Count, value: Read }
    /// Builds a variant of `Outcome` and remembers where; `value` is read only if the variant has one.
    MakeOutcome = 73 { to: Write(Union), tag: Count, value: Read }
    /// Reads a variant's value. The tag was tested before.
    GetPayload = 74 { to: Write, from: Read(Union), tag: Count }
    /// Puts a value into an optional.
    MakeSome = 75 { to: Write(Optional), from: Read }
    /// Takes the value out of an optional that is not none.
    GetSome = 76 { to: Write, from: Read(Optional) }
    /// Builds a list of `count` registers from `base`.
    MakeList = 77 { to: Write(List), base: Base, count: Count }
    /// Joins two lists.
    JoinLists = 78 { to: Write(List), left: Read(List), right: Read(List) }
    /// Reads a member of a list, from 0.
    GetItem = 79 { to: Write, list: Read(List), index: Read(Word) }
    /// How many members a list has.
    ListLength = 80 { to: Write(Word), list: Read(List) }

    /// Joins `count` texts from `base`.
    JoinTexts = 90 { to: Write(Text), base: Base, count: Count }
    /// Writes a value as text.
    ToText = 91 { to: Write(Text), from: Read, show: Show }

    /// Builds a message by a shape; its values lie from `base` on, optionals that are none are left out.
    MakeMessage = 100 { to: Write(Message), base: Base, shape: Shape }
    /// Builds a message by a shape over another: fields the shape's `copies` names come from there first.
    MakeMessageFrom = 101 { to: Write(Message), from: Read(Message), base: Base, shape: Shape }
    /// Reads a field that must be there.
    GetMessageField = 102 { to: Write, message: Read(Message), field: Field }
    /// Reads a field that may be missing.
    FindMessageField = 103 { to: Write(Optional), message: Read(Message), field: Field }

    /// Calls a function; its arguments lie from `base` on, its result comes into `to`.
    Call = 110 { to: Write, base: Base, function: Function }
    /// Does something pure; its arguments lie from `base` on.
    CallPure = 111 { to: Write, native: Native, base: Base, count: Count }
    /// Returns a value.
    Return = 112 { from: Read }
    /// Returns nothing.
    ReturnNothing = 113 { }
    /// Stops the run and gives out a request; the answer comes into `to`.
    Request = 114 { to: Write, op: Op, base: Base, count: Count }

    /// Opens a reversible region: the reversal is recorded and acknowledged before anything else happens. `by`: the reversal's message, or none for the dialect's rule.
    OpenReversal = 120 { request: Read(Message), by: Read(Optional) }
    /// Books the transaction and clears the reversal, in one record.
    Commit = 121 { txn: Read(Record) }
    /// Drops the reversal: nothing was taken.
    Discard = 122 { }
    /// Decides for the reversal.
    Reverse = 123 { }
    /// Leaves the region: if nothing was decided, the reversal stands.
    LeaveReversal = 124 { }

    /// Builds an error value with its facts, texts from `base` on.
    MakeError = 130 { to: Write(Error), base: Base, error: Error }
    /// Raises an error value.
    Fail = 131 { error: Read(Error) }
    /// Is the error this one? For handlers and `match`.
    IsError = 132 { to: Write(Word), value: Read(Error), error: Error }

    /// Names the phase for traces.
    Step = 140 { text: Text }
}

// INVARIANT: an instruction fills one 64-bit word, so that a cache line holds eight of them.
const _: () = assert!(size_of::<Instruction>() == 8);
