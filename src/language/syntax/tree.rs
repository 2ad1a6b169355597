//! The tree of one file, as the checker and the compiler read it: items here, dialects, statements and expressions beside it.
//!
//! Every node carries the bytes it stands for. Expressions are numbered within their file, so that the checker
//! can lay types and meanings beside them (`ExpressionId` is an index), and the tree itself never changes.

pub use super::tree_dialect::*;
pub use super::tree_expression::*;
pub use super::tree_statement::*;

use crate::script_error::source::{FileId, Span};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The word, in NFC.
    pub text: SmolStr,
    /// Where.
    pub span: Span,
}

/// Index of an expression in its file: 0 to `Tree::expressions` - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExpressionId(pub u32);

/// One file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tree {
    /// Which file.
    pub file: FileId,
    /// `edition 1`, if the file says so.
    pub edition: Option<Edition>,
    /// In the order written.
    pub imports: Vec<Import>,
    /// In the order written. Items that could not be parsed are left out, their names are in `broken`.
    pub items: Vec<Item>,
    /// Names that items with a syntax error would have declared; using them is no further finding.
    pub broken: Vec<SmolStr>,
    /// Lines whose structure was not understood; what is found wrong there besides follows from it.
    pub doubtful: Vec<Span>,
    /// Was something in front of the first item not understood, an import perhaps? Then nobody knows which names there are.
    pub import_lost: bool,
    /// How many expressions the file has.
    pub expressions: u32,
}

/// `edition 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// The number.
    pub number: u32,
    /// Where.
    pub span: Span,
}

/// `import cn_pos.codes as codes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// `cn_pos`, `codes`.
    pub path: Vec<Name>,
    /// The name after `as`.
    pub alias: Option<Name>,
    /// The whole line.
    pub span: Span,
}

/// A declaration with what stands in front of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    /// The lines of the doc comment, without `///`.
    pub docs: Vec<SmolStr>,
    /// `@name(…)`, in the order written.
    pub annotations: Vec<Annotation>,
    /// Does `pub` stand in front?
    pub public: bool,
    /// What it declares.
    pub kind: ItemKind,
    /// From `pub` or the item word to its end; docs and annotations excluded.
    pub span: Span,
}

/// `@allow(T0302, "reason")`, `@every_crash_point`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Annotation {
    /// The word after `@`.
    pub name: Name,
    /// What stands in parentheses.
    pub arguments: Vec<Expression>,
    /// From `@` to the end.
    pub span: Span,
}

/// What an item declares.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ItemKind {
    /// `flow sale(amount: Amount) -> Outcome uses host { … }`
    Flow(Flow),
    /// `fn with_tip(a: Amount) -> Amount = a + 1.00 CNY`
    Function(Function),
    /// `const LIMIT = 1000.00 CNY`
    Constant(Constant),
    /// `type Answer = yes | no | later(Duration)`
    Union(Union),
    /// `record Merchant(number: Text, name: Text)`
    Record(Record),
    /// `text signing_in { zh "…" en "…" }`
    Text(TextItem),
    /// `error SerialMismatch(registered: Text) E4103 keys { … }`
    Error(ErrorItem),
    /// `codes cn_pos extends iso1987 { | … | }`
    Codes(Codes),
    /// `table entry_digits(entry: Entry) -> Digits(2) { | chip | "05" | }`
    Table(Table),
    /// `receipt sale_slip(t: Txn) { … }`
    Receipt(Receipt),
    /// `dialect cn_pos extends iso1987 { … }`
    Dialect(DialectItem),
    /// `test "…" { … }`
    Test(Test),
}

/// A named parameter or record field.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpression,
}

/// A written type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TypeExpression {
    /// What is written.
    pub kind: TypeKind,
    /// Where.
    pub span: Span,
}

/// A written type, without its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TypeKind {
    /// `Amount`, `Txn`, `receipts.Line`.
    Named {
        /// The module before the dot.
        module: Option<Name>,
        /// The name.
        name: Name,
    },
    /// `Digits(6)`.
    Digits(u16),
    /// `List[T]`.
    List(Box<TypeExpression>),
    /// `T?`.
    Optional(Box<TypeExpression>),
}

/// A flow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flow {
    /// Its name.
    pub name: Name,
    /// In the order written.
    pub parameters: Vec<Parameter>,
    /// The type after `->`; none: it gives nothing.
    pub gives: Option<TypeExpression>,
    /// The devices after `uses`; none where there is no `uses`.
    pub uses: Option<Vec<Name>>,
    /// Its statements.
    pub body: Block,
    /// From `flow` to the end of the signature.
    pub head: Span,
}

/// A pure function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// In the order written.
    pub parameters: Vec<Parameter>,
    /// The type after `->`.
    pub gives: TypeExpression,
    /// The expression after `=`.
    pub body: Expression,
}

/// A constant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Constant {
    /// Its name.
    pub name: Name,
    /// The type after `:`, if written.
    pub ty: Option<TypeExpression>,
    /// The value.
    pub value: Expression,
}

/// A union.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Union {
    /// Its name.
    pub name: Name,
    /// At least one.
    pub variants: Vec<Variant>,
}

/// One variant of a union.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// Its name.
    pub name: Name,
    /// The type in parentheses.
    pub payload: Option<TypeExpression>,
}

/// A record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Its name.
    pub name: Name,
    /// In the order written.
    pub fields: Vec<Parameter>,
}

/// A sentence in each language; `None` where one is missing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Bilingual {
    /// After `zh`.
    pub zh: Option<StringLiteral>,
    /// After `en`.
    pub en: Option<StringLiteral>,
    /// Both, or where they should stand.
    pub span: Span,
}

/// A text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TextItem {
    /// Its name.
    pub name: Name,
    /// Values its sentences may use.
    pub parameters: Vec<Parameter>,
    /// The sentences.
    pub words: Bilingual,
}

/// An error of a script.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ErrorItem {
    /// Its name, in CamelCase.
    pub name: Name,
    /// Its facts.
    pub parameters: Vec<Parameter>,
    /// `E4102`.
    pub code: Name,
    /// `keys`.
    pub layer: Name,
    /// `title`, `cashier`, `cardholder`, `support`, each with its sentences, in the order written.
    pub guidance: Vec<(Name, Bilingual)>,
}

/// A table of response codes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Codes {
    /// Its name.
    pub name: Name,
    /// After `extends`.
    pub extends: Option<Name>,
    /// The rows, the head row first.
    pub rows: Vec<TableRow>,
}

/// One row of any table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableRow {
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The whole row.
    pub span: Span,
}

/// One cell of a `codes` table or of `fields`: words, or one string.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The text, trimmed; a string's escapes resolved.
    pub text: SmolStr,
    /// True if it was written in quotes.
    pub quoted: bool,
    /// Where.
    pub span: Span,
}

/// A table of constants, called like a function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// Its one parameter.
    pub parameter: Parameter,
    /// The type of its values.
    pub gives: TypeExpression,
    /// Key pattern and value; a row whose key is `other` comes last.
    pub rows: Vec<(Pattern, Expression)>,
}

/// A slip.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// Its name.
    pub name: Name,
    /// Values its lines may use.
    pub parameters: Vec<Parameter>,
    /// In the order written.
    pub lines: Vec<ReceiptLine>,
}

/// One line of a slip, or a choice between lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ReceiptLine {
    /// `centre zh "…" en "…"`: in the middle, double height.
    Centre(Bilingual),
    /// `line zh "…" en "…"`: from the left.
    Line(Bilingual),
    /// `row zh "卡号" en "CARD NO." = mask(t.pan)`: label left, value right. The value is a Text, an Amount or Digits.
    Row(Bilingual, Expression),
    /// `rule`: a line of dashes.
    Rule(Span),
    /// `space`: an empty line.
    Space(Span),
    /// `if condition { … } else { … }`.
    If {
        /// The condition.
        condition: Expression,
        /// Lines if true.
        then: Vec<ReceiptLine>,
        /// Lines if false.
        otherwise: Vec<ReceiptLine>,
    },
}
