//! The tree of one file, as the checker and the compiler read it.
//!
//! Every node carries the bytes it stands for. Expressions are numbered within their file, so that the checker
//! can lay types and meanings beside them (`ExpressionId` is an index), and the tree itself never changes.

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

/// A wire dialect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DialectItem {
    /// Its name.
    pub name: Name,
    /// After `extends`.
    pub extends: Option<Name>,
    /// In the order written.
    pub clauses: Vec<DialectClause>,
}

/// One clause of a dialect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum DialectClause {
    /// `form bcd`, `form ascii bitmap binary lengths bcd`.
    Form {
        /// The three choices together.
        form: Name,
        /// Those that differ: `mti`, `bitmap` or `lengths`, and how.
        choices: Vec<(Name, Name)>,
    },
    /// `framing length 2 binary inclusive tpdu x"…" header x"…"`: each part optional, in this order.
    Framing {
        /// Bytes of the length.
        length: Option<(u64, Span)>,
        /// How it is written, and whether it counts itself.
        length_words: Vec<Name>,
        /// TPDU bytes.
        tpdu: Option<(Vec<u8>, Span)>,
        /// Header bytes.
        header: Option<(Vec<u8>, Span)>,
        /// The whole clause.
        span: Span,
    },
    /// `approved 00 10 11`.
    Approved(Vec<Name>),
    /// `mac cup_ecb`.
    Mac(Name),
    /// `fields { | … | }`, the head row first.
    Fields(Vec<TableRow>),
    /// `header { | … | }`: what the header is made of.
    Header(Vec<TableRow>, Span),
    /// `parts F60 row { | … | }`, `parts F48.AS row { | … | }`.
    Parts(Box<PartsClause>),
    /// `without F5 F6`: fields of the base that this dialect does not have.
    Without(Vec<FieldName>),
    /// `message 0200 for "000000" sale { … }`.
    Message(Box<MessageClause>),
    /// `reversal 0400 { … }`.
    Reversal(ReversalClause),
}

/// What a field is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartsClause {
    /// The field.
    pub field: FieldName,
    /// Behind the dot of `F48.AS`: the part that is made of parts itself.
    pub part: Option<Name>,
    /// After `for`: the request in which it is so, and its reply.
    pub mti: Option<Name>,
    /// `row`, `bits`, `tags` or `ber`.
    pub kind: Name,
    /// What follows the kind: `8 hex` of bits, `2 3` of tags.
    pub options: Vec<Name>,
    /// The table, the head row first.
    pub rows: Vec<TableRow>,
}

/// `F39` and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldName {
    /// 0 to 255 as written; the checker says whether the dialect has it.
    pub number: u8,
    /// Where.
    pub span: Span,
}

/// Rules for one message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageClause {
    /// The message type as written, four digits.
    pub mti: Name,
    /// The string after `for`: how field 3 must begin.
    pub processing: Option<StringLiteral>,
    /// Its short name.
    pub name: Name,
    /// Its names for people.
    pub words: Bilingual,
    /// `needs F3 F4 …`.
    pub needs: Vec<FieldName>,
    /// `may F14 …`.
    pub may: Vec<FieldName>,
    /// `reply F37 F39 …`.
    pub reply: Vec<FieldName>,
    /// `echoes F3 F11 …`.
    pub echoes: Vec<FieldName>,
    /// `match F11 F41 …`.
    pub match_key: Vec<FieldName>,
    /// `moves_money`.
    pub moves_money: bool,
    /// `mac` as a word of its own.
    pub mac: bool,
    /// `wait 60s`, in milliseconds.
    pub wait_ms: Option<i64>,
    /// The whole clause.
    pub span: Span,
}

/// Rules for reversals.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReversalClause {
    /// The message type as written.
    pub mti: Name,
    /// `copies F2 F3 …`.
    pub copies: Vec<FieldName>,
    /// `reason default 06 timeout 98 mac A0`: pairs of exit and code.
    pub reasons: Vec<(Name, Name)>,
    /// `accepts 00 12 25`.
    pub accepts: Vec<Name>,
    /// The whole clause.
    pub span: Span,
}

/// A test in the language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Test {
    /// What it says it proves.
    pub title: StringLiteral,
    /// Its statements.
    pub body: Block,
}

/// Statements in braces.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Block {
    /// In the order written. If the block has a value, it is that of the last one, an expression.
    pub statements: Vec<Statement>,
    /// From `{` to `}`.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// All of it.
    pub span: Span,
    /// `@allow(…)` in front of it.
    pub annotations: Vec<Annotation>,
}

/// What a statement does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum StatementKind {
    /// `let x: T = e on …`
    Let {
        /// The new name.
        name: Name,
        /// The type, if written.
        ty: Option<TypeExpression>,
        /// The value.
        value: Expression,
        /// What happens when the value's call fails.
        handlers: Vec<Handler>,
        /// True for `var`: may be assigned again.
        changeable: bool,
    },
    /// `x = e on …`
    Assign {
        /// A `var`.
        name: Name,
        /// The new value.
        value: Expression,
        /// What happens when the value's call fails.
        handlers: Vec<Handler>,
    },
    /// `repeat 3 times { … }`
    Repeat {
        /// How often.
        times: Expression,
        /// What.
        body: Block,
    },
    /// `for x in xs { … }`
    For {
        /// The name for each member.
        name: Name,
        /// The list.
        list: Expression,
        /// What to do with each.
        body: Block,
    },
    /// `reversible request by message 0400 from request { … } { … }`
    Reversible {
        /// The request whose reversal is journalled.
        request: Expression,
        /// The reversal, if the dialect's rule is overridden.
        by: Option<Expression>,
        /// What happens under its protection.
        body: Block,
    },
    /// `return e`
    Return(Option<Expression>),
    /// `fail Timeout` or `fail SerialMismatch(registered: …)`
    Fail(Expression),
    /// `step "…"`
    Step(StringLiteral),
    /// `commit t`
    Commit(Expression),
    /// `discard`
    Discard,
    /// `reverse`
    Reverse,
    /// `given host.replies(…)`, in tests
    Given(Expression),
    /// `expect e`, in tests
    Expect(Expression),
    /// `break`
    Break,
    /// A call, an `if` or a `match`.
    Expression {
        /// The expression.
        value: Expression,
        /// What happens when its call fails.
        handlers: Vec<Handler>,
    },
}

/// `on timeout, cancel retry 3 every 2s => …`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Handler {
    /// Which errors.
    pub errors: HandledErrors,
    /// How often to try again first.
    pub retry: Option<Retry>,
    /// What then; none: the error travels on.
    pub body: Option<Arm>,
    /// All of it.
    pub span: Span,
}

/// Which errors a handler takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum HandledErrors {
    /// By name: conditions in snake_case, declared errors in CamelCase.
    Named(Vec<Name>),
    /// `other`, with a name for the error if one is written.
    Other(Option<Name>),
}

/// `retry 3 every 2s`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Retry {
    /// How often.
    pub times: Expression,
    /// Pause before each.
    pub every: Option<Expression>,
}

/// What stands behind `=>`: a block or one statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Arm {
    /// `{ … }`
    Block(Block),
    /// One statement; an expression gives the value.
    Statement(Box<Statement>),
}

/// A string that may hold values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StringLiteral {
    /// In the order written.
    pub parts: Vec<StringPart>,
    /// With its quotes.
    pub span: Span,
}

/// A part of a string.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum StringPart {
    /// Text, escapes resolved.
    Text(SmolStr),
    /// `{expression}`
    Value(Box<Expression>),
}

impl StringLiteral {
    /// The text, if the string holds no values.
    pub fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [StringPart::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// An expression.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expression {
    /// Its number in the file.
    pub id: ExpressionId,
    /// What it is.
    pub kind: ExpressionKind,
    /// All of it.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ExpressionKind {
    /// `true`, `false`
    Bool(bool),
    /// `42`
    Int(i64),
    /// `12.50 CNY`: digits without the point, how many stood behind it, the currency's letters.
    Amount {
        /// All digits: 1250.
        digits: i64,
        /// 2.
        decimals: u8,
        /// `CNY`, as written.
        currency: Name,
    },
    /// `20%` in hundredths of a percent: 2000.
    Percent(i64),
    /// `60s`, `500ms`, `2min` in milliseconds.
    Duration(i64),
    /// `"…{x}…"`
    Text(StringLiteral),
    /// `x"6985"`
    Bytes(Vec<u8>),
    /// `#9F26`
    Tag(u32),
    /// `0200`: four digits with a leading zero.
    Mti(u16),
    /// `none`
    None,
    /// A name.
    Name(SmolStr),
    /// `[a, b]`
    List(Vec<Expression>),
    /// `message 0200 from e { F4: a }`
    Message {
        /// The message type as written.
        mti: Name,
        /// The message to copy from.
        from: Option<Box<Expression>>,
        /// Field and value, in the order written.
        fields: Vec<(FieldName, Expression)>,
    },
    /// `f(a, within: b)`
    Call {
        /// A name or a member.
        callee: Box<Expression>,
        /// In the order written.
        arguments: Vec<Argument>,
    },
    /// `a.b`
    Member {
        /// What stands before the dot.
        object: Box<Expression>,
        /// Any word, reserved or not.
        name: Name,
    },
    /// `a[i]`
    Index {
        /// The list.
        object: Box<Expression>,
        /// From 0.
        index: Box<Expression>,
    },
    /// `not a`, `-a`
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// Of what.
        operand: Box<Expression>,
    },
    /// `a + b`
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// Left.
        left: Box<Expression>,
        /// Right.
        right: Box<Expression>,
    },
    /// `if c { … } else { … }`
    If {
        /// The condition.
        condition: Box<Expression>,
        /// If true.
        then: Block,
        /// If false; `else if` is a block of one `if`.
        otherwise: Option<Block>,
    },
    /// `match e { … }`
    Match {
        /// Of what.
        subject: Box<Expression>,
        /// In the order written.
        arms: Vec<MatchArm>,
    },
}

/// One argument of a call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Argument {
    /// `within` in `within: 60s`; any word. `F4` in `host.replies(F4: …)` too.
    pub label: Option<Name>,
    /// The value.
    pub value: Expression,
}

/// `not` or `-`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnaryOperator {
    /// `not`
    Not,
    /// `-`
    Negate,
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BinaryOperator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl BinaryOperator {
    /// As written.
    pub fn sign(self) -> &'static str {
        match self {
            BinaryOperator::Or => "or",
            BinaryOperator::And => "and",
            BinaryOperator::Equal => "==",
            BinaryOperator::NotEqual => "!=",
            BinaryOperator::Less => "<",
            BinaryOperator::LessOrEqual => "<=",
            BinaryOperator::Greater => ">",
            BinaryOperator::GreaterOrEqual => ">=",
            BinaryOperator::In => "in",
            BinaryOperator::Add => "+",
            BinaryOperator::Subtract => "-",
            BinaryOperator::Multiply => "*",
            BinaryOperator::Divide => "/",
        }
    }
}

/// One arm of a `match`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MatchArm {
    /// Any of these.
    pub patterns: Vec<Pattern>,
    /// What then.
    pub body: Arm,
    /// All of it.
    pub span: Span,
    /// `@allow(…)` in front of it.
    pub annotations: Vec<Annotation>,
}

/// A pattern.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pattern {
    /// What it matches.
    pub kind: PatternKind,
    /// Where.
    pub span: Span,
}

/// What a pattern matches.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum PatternKind {
    /// A variant, a response code by name, a category, a constant; `approved(t)` binds the payload.
    Name {
        /// The name.
        name: Name,
        /// The name for the payload.
        binds: Option<Name>,
    },
    /// A literal: number, string, amount, `true`, MTI …
    Literal(Box<Expression>),
    /// `none`
    None,
    /// `some x`: a `T?` that has a value, bound to `x`.
    Some(Name),
    /// `other`, with a name for the value if one is written.
    Other(Option<Name>),
}
