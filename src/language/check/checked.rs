//! What the checker hands to the compiler: the trees, and what every name and expression means.
//!
//! Meanings are laid beside the tree by expression number; where a name is no expression (a declaration, a pattern, an
//! assignment's target, a handler's error), the byte where it starts is its key.

use super::waiting::wait::FlowWait;
use crate::language::builtin::row::Builtin;
use crate::language::syntax::tree::{ExpressionId, Tree};
use crate::language::types::{Type, Types};
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::{Category, CodeTable, ResponseCode};
use crate::script_error::code::{Code, Layer};
use crate::script_error::source::FileId;
use crate::script_error::words::Said;
use foldhash::fast::FixedState;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// One parsed file and where its imports lead.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The last word of its path: `sale`, `codes`.
    pub name: SmolStr,
    /// Its whole path: `cn_pos.codes`.
    pub path: SmolStr,
    /// Its tree; `tree.file` is its place in the list of units.
    pub tree: Tree,
    /// For each import the file it leads to; `None` where none was found (already reported).
    pub imports: Vec<Option<FileId>>,
    /// True for files of the standard library.
    pub library: bool,
}

/// A whole program without findings of severity error.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The files; index is `FileId`.
    pub units: Vec<CheckedUnit>,
    /// The file the user named.
    pub entry: FileId,
    /// Records and unions.
    pub types: Types,
    /// Everything that becomes a function.
    pub functions: Vec<FunctionSignature>,
    /// `const` items.
    pub constants: Vec<ConstantMeaning>,
    /// Declared errors.
    pub errors: Vec<DeclaredError>,
    /// The dialect in force, bases included.
    pub dialect: Option<Dialect>,
    /// The response codes in force, bases included.
    pub codes: CodeTable,
    /// How long each public flow of the entry may keep somebody waiting.
    pub waits: Vec<FlowWait>,
}

/// What is known by the byte where something stands in a file.
pub type ByPlace<T> = HashMap<u32, T, FixedState>;

/// One file and what it means.
#[derive(Clone, Debug)]
pub struct CheckedUnit {
    /// As parsed.
    pub unit: Unit,
    /// Type of each expression, by `ExpressionId`.
    pub types: Vec<Type>,
    /// Meaning of each expression, by `ExpressionId`.
    pub meanings: Vec<Meaning>,
    /// Every local of every function of this file.
    pub locals: Vec<Local>,
    /// Which local a name declares or an assignment sets, by the byte the name starts at.
    pub declared: ByPlace<LocalId>,
    /// Meaning of each pattern, by the byte it starts at.
    pub patterns: ByPlace<PatternMeaning>,
    /// Errors each handler takes, by the byte the handler starts at.
    pub handlers: ByPlace<HandlerMeaning>,
    /// The function of each item that has one, by the item's place in the tree.
    pub functions: BTreeMap<usize, FunctionId>,
}

impl CheckedUnit {
    /// The type of an expression.
    pub fn type_of(&self, id: ExpressionId) -> &Type {
        self.types.get(id.0 as usize).unwrap_or(&Type::Unknown)
    }

    /// What an expression means.
    pub fn meaning(&self, id: ExpressionId) -> &Meaning {
        self.meanings.get(id.0 as usize).unwrap_or(&Meaning::Plain)
    }
}

/// Index into `Checked::functions`, and of the function in bytecode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u16);

/// Index into `CheckedUnit::locals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// Index into `Checked::constants`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConstantId(pub u16);

/// What kind of item a function comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// `flow`
    Flow,
    /// `fn`
    Function,
    /// `text`: gives a Phrase.
    Text,
    /// `receipt`: gives a Receipt.
    Receipt,
    /// `table`: gives `V` if it has an `other` row, else `V?`.
    Table,
    /// `test`
    Test,
}

/// Something that becomes a function.
#[derive(Clone, Debug)]
pub struct FunctionSignature {
    /// Its name; a test's title.
    pub name: SmolStr,
    /// Its file.
    pub file: FileId,
    /// Its item in the file's tree.
    pub item: usize,
    /// What it is.
    pub kind: FunctionKind,
    /// Names and types, in order; each is also a local.
    pub parameters: Vec<(SmolStr, Type)>,
    /// The locals of the parameters, in order.
    pub parameter_locals: Vec<LocalId>,
    /// What it gives.
    pub gives: Type,
    /// Does `pub` stand in front?
    pub public: bool,
    /// Devices it touches, itself or through calls; sorted.
    pub uses: Vec<&'static str>,
    /// Errors that can leave it; sorted, limits excluded.
    pub errors: Vec<ErrorRef>,
}

/// A constant.
#[derive(Clone, Debug)]
pub struct ConstantMeaning {
    /// Its file.
    pub file: FileId,
    /// Its item in the file's tree.
    pub item: usize,
    /// Its type.
    pub ty: Type,
}

/// A declared error.
#[derive(Clone, Debug)]
pub struct DeclaredError {
    /// CamelCase.
    pub name: SmolStr,
    /// `E4102`.
    pub code: SmolStr,
    /// Its layer.
    pub layer: Layer,
    /// Its facts.
    pub parameters: Vec<(SmolStr, Type)>,
    /// The fact in one line; the cashier's sentence if the script has no `title`.
    pub title: Said,
    /// With `{fact}` places.
    pub cashier: Said,
    /// With `{fact}` places.
    pub cardholder: Said,
    /// With `{fact}` places.
    pub support: Said,
}

/// One error, built in or declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorRef {
    /// A row of the catalogue.
    Catalogue(Code),
    /// Index into `Checked::errors`.
    Declared(u16),
}

/// What an expression means.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Meaning {
    /// What its kind says: a literal, an operator, an `if` …
    #[default]
    Plain,
    /// A parameter or a `let`. If the expression's type is `T` and the local's is `T?`, it was narrowed: unbox it.
    Local(LocalId),
    /// A `const`.
    Constant(ConstantId),
    /// A text or table named without a call: call it with no arguments.
    Function(FunctionId),
    /// A variant without a value.
    Variant {
        /// The union.
        union: u16,
        /// The variant.
        tag: u8,
    },
    /// An error without facts, as a value.
    Error(ErrorRef),
    /// A response code by name.
    Code(ResponseCode),
    /// A string literal where a response code is asked for has this meaning too.
    /// A record's field.
    RecordField(u8),
    /// A field of a message or a reply. Optional: gives `none` if it is not there.
    MessageField {
        /// The field.
        number: u8,
        /// Gives `T?`.
        optional: bool,
    },
    /// A property of a device or a member of a value.
    Builtin(BuiltinRef),
    /// A call.
    Call {
        /// Of what.
        target: Target,
        /// With what.
        arguments: Arguments,
    },
    /// A module's or a device's name; never has a value.
    Place,
}

/// What a call is given: for each parameter the argument's place in the source; `None`: left out, pass `none`. There is a
/// meaning for each expression, and few are calls, so this lies beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments(Option<Box<Given>>);

#[derive(Clone, Debug, PartialEq)]
struct Given {
    places: Vec<Option<u16>>,
    fields: Vec<(u8, u16)>,
}

impl Arguments {
    /// The places of the parameters' arguments; for fixtures field numbers and the places of their arguments too.
    pub fn new(places: Vec<Option<u16>>, fields: Vec<(u8, u16)>) -> Arguments {
        let nothing = places.is_empty() && fields.is_empty();
        Arguments((!nothing).then(|| Box::new(Given { places, fields })))
    }

    /// For fixtures: field numbers and the places of their arguments.
    pub fn fields(&self) -> &[(u8, u16)] {
        self.0.as_ref().map_or(&[], |given| &given.fields)
    }
}

impl std::ops::Deref for Arguments {
    type Target = [Option<u16>];

    fn deref(&self) -> &[Option<u16>] {
        self.0.as_ref().map_or(&[], |given| &given.places)
    }
}

/// A row of the builtins.
#[derive(Clone, Copy, Debug)]
pub struct BuiltinRef(pub &'static Builtin);

impl PartialEq for BuiltinRef {
    fn eq(&self, other: &BuiltinRef) -> bool {
        self.0.does == other.0.does
    }
}

/// What a call calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// A flow, fn, text, table or receipt.
    Function(FunctionId),
    /// A builtin.
    Builtin(BuiltinRef),
    /// A record is built.
    Record(u16),
    /// A variant with a value is built.
    Variant {
        /// The union.
        union: u16,
        /// The variant.
        tag: u8,
    },
    /// An error with facts is built.
    Error(ErrorRef),
}

/// A parameter or a name bound in a body.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: SmolStr,
    /// Its type.
    pub ty: Type,
    /// Whose.
    pub function: FunctionId,
    /// True for `var`.
    pub changeable: bool,
}

/// What a pattern matches.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternMeaning {
    /// A variant; its payload is bound to the local.
    Variant {
        /// The union.
        union: u16,
        /// The variant.
        tag: u8,
        /// The name for the payload.
        binds: Option<LocalId>,
    },
    /// Every code of a category.
    Category(Category),
    /// One response code.
    Code(ResponseCode),
    /// A literal; compare with its expression.
    Literal,
    /// A constant; compare with its value.
    Constant(ConstantId),
    /// An error by name.
    Error(ErrorRef),
    /// `none`.
    None,
    /// `some x`.
    Some(LocalId),
    /// `other`, with a local for the value.
    Other(Option<LocalId>),
}

/// Which errors a handler takes.
#[derive(Clone, Debug, PartialEq)]
pub struct HandlerMeaning {
    /// The errors; empty and `all`: every one.
    pub errors: Vec<ErrorRef>,
    /// True for `other`.
    pub all: bool,
    /// The local for the error in `other e`.
    pub binds: Option<LocalId>,
}
