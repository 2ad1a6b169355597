//! A compiled program: what the file holds and the machine runs.

use super::instruction::Instruction;
use super::worked_out::WorkedOut;
use crate::language::types::{Type, Types};
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::payment::iso8583::response::CodeTable;
use crate::script_error::source::{FileId, Span};
use crate::script_error::words::Language;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A program. Immutable; any number of runs share it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Name of the file it was compiled from, for people.
    pub name: SmolStr,
    /// The language's edition.
    pub edition: u8,
    /// Records and unions.
    pub types: Types,
    /// Constant words.
    pub words: Vec<u64>,
    /// Constant texts and bytes, one after another.
    pub bytes: Vec<u8>,
    /// Where each constant text lies in `bytes`: start and length.
    pub texts: Vec<(u32, u32)>,
    /// Shapes of messages.
    pub shapes: Vec<Shape>,
    /// Tables for switches.
    pub switches: Vec<Switch>,
    /// Errors the program can build, raise or handle.
    pub errors: Vec<ErrorRow>,
    /// Functions; calls go by index.
    pub functions: Vec<Function>,
    /// What a user can start: public flows of the entry file, then tests.
    pub entries: Vec<Entry>,
    /// What it needs.
    pub manifest: Manifest,
    /// The dialect in force.
    pub dialect: Option<Dialect>,
    /// The response codes in force.
    pub codes: CodeTable,
    /// Spans and names; `None` when stripped.
    pub debug: Option<Debug>,
    /// Ties a stripped program to its debug section: first 16 bytes of the SHA-256 of all other sections.
    pub debug_id: [u8; 16],
    /// SHA-256 of all sections but the debug section; empty before it is written or read.
    pub hash: [u8; 32],
    /// What the machine works out of it.
    pub worked_out: WorkedOut,
}

/// What can be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// A flow's name or a test's title.
    pub name: SmolStr,
    /// The function.
    pub function: u16,
    /// Names of its parameters; types are in the function.
    pub parameters: Vec<SmolStr>,
    /// True for a test.
    pub test: bool,
    /// Names of annotations on it, `every_crash_point`.
    pub annotations: Vec<SmolStr>,
}

/// What a program needs before it may run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Devices, sorted.
    pub capabilities: Vec<SmolStr>,
    /// Name of the dialect; empty if it sends nothing.
    pub dialect: SmolStr,
    /// Message types it sends, sorted.
    pub messages: Vec<Mti>,
}

/// Which fields a message literal sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The message type; 0 for the field lists of fixtures.
    pub mti: Mti,
    /// Fields in ascending order, the register each value lies in (counted from the base), and its type.
    /// A value of an optional type that is none leaves the field out.
    pub fields: Vec<(u8, u8, Type)>,
    /// For `message … from m`: fields taken from `m` if they are not set, ascending.
    pub copies: Vec<u8>,
}

/// Where a switch goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// Sorted by key: a word, a tag, or for texts the index into `Program::texts`.
    pub cases: Vec<(u64, u32)>,
    /// For every other value.
    pub otherwise: u32,
}

/// An error of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRow {
    /// `T5101` or `E4102`.
    pub code: SmolStr,
    /// CamelCase.
    pub name: SmolStr,
    /// Names of its facts, in order.
    pub facts: Vec<SmolStr>,
    /// For a script's own error: its words. Ours are in the catalogue; most errors of a program are ours, so these lie apart.
    pub declared: Option<Box<DeclaredWords>>,
}

/// The words of a script's error, Chinese and English, with `{fact}` places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredWords {
    /// Word of its layer.
    pub layer: SmolStr,
    /// The fact in one line.
    pub title: (SmolStr, SmolStr),
    /// At the terminal.
    pub cashier: (SmolStr, SmolStr),
    /// The card's owner.
    pub cardholder: (SmolStr, SmolStr),
    /// The engineer on the telephone.
    pub support: (SmolStr, SmolStr),
}

/// One function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name, for traces.
    pub name: SmolStr,
    /// Types of its parameters: registers 0 and up.
    pub parameters: Vec<Type>,
    /// What it gives.
    pub gives: Type,
    /// Type of each register, at most 255; parameters first.
    pub registers: Vec<Type>,
    /// Its instructions.
    pub code: Vec<Instruction>,
    /// Instructions that a call is charged with besides its own loops.
    pub cost: u32,
    /// Sorted so that an inner region comes before an outer one: the first that fits is taken.
    pub handlers: Vec<HandlerRow>,
    /// Instructions that belong to a reversible region, [from, to).
    pub regions: Vec<(u32, u32)>,
    /// Where its instructions come from: (first instruction, span), ascending. Empty when stripped.
    pub lines: Vec<(u32, Span)>,
    /// Its file; meaningless when stripped.
    pub file: FileId,
}

/// What happens when an instruction in [from, to) raises one of these errors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlerRow {
    /// First instruction.
    pub from: u32,
    /// One past the last.
    pub to: u32,
    /// Indexes into `Program::errors`; empty: every error.
    pub errors: Vec<u16>,
    /// Where it goes on.
    pub target: u32,
    /// The register (of type Error) that takes the error.
    pub error: u8,
}

/// Names for people; can be stripped and kept beside the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debug {
    /// The id of the program it belongs to.
    pub id: [u8; 16],
    /// Name and line starts of each file.
    pub files: Vec<(String, Vec<u32>)>,
    /// For each function: name of each register that has one and may be shown, with the range of instructions where it holds it.
    pub names: Vec<Vec<(u8, SmolStr, u32, u32)>>,
    /// For each function: its line table, (first instruction, span), and its file.
    pub lines: Vec<(FileId, Vec<(u32, Span)>)>,
}

/// The words of a language out of a pair (Chinese, English).
pub fn of_pair(pair: &(SmolStr, SmolStr), language: Language) -> &str {
    match language {
        Language::Zh => &pair.0,
        Language::En => &pair.1,
    }
}
