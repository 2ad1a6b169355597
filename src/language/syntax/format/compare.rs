//! Two trees compared by what they say: where things stand and how expressions are numbered does not count.

use super::super::tree::{
    Annotation, Argument, Arm, Bilingual, BinaryOperator, Block, Cell, Codes, Constant, DialectClause, DialectItem,
    Edition, ErrorItem, Expression, ExpressionKind, FieldName, Flow, Function, HandledErrors, Handler, Import, Item,
    ItemKind, MatchArm, MessageClause, Name, Parameter, PartsClause, Pattern, PatternKind, Receipt, ReceiptLine,
    Record, Retry, ReversalClause, Statement, StatementKind, StringLiteral, StringPart, Table, TableRow, Test,
    TextItem, Tree, TypeExpression, TypeKind, UnaryOperator, Union, Variant,
};
use crate::script_error::source::Span;
use smol_str::SmolStr;

/// Do two trees say the same?
pub fn same(one: &Tree, other: &Tree) -> bool {
    one.same(other)
}

/// Do two blocks say the same?
pub(crate) fn same_blocks(one: &Block, other: &Block) -> bool {
    one.same(other)
}

trait Same {
    fn same(&self, other: &Self) -> bool;
}

/// Values that are compared as they are.
macro_rules! plain {
    ($($ty:ty),* $(,)?) => {$(
        impl Same for $ty {
            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }
    )*};
}

/// Structures: every field is named, those behind `without` do not count.
macro_rules! fields {
    ($($ty:ident { $($field:ident),* $(; without $($place:ident),*)? })*) => {$(
        impl Same for $ty {
            fn same(&self, other: &Self) -> bool {
                // Named one by one, so that a new field cannot be forgotten here.
                let $ty { $($field,)* $($($place: _,)*)? } = self;
                $($field.same(&other.$field))&&*
            }
        }
    )*};
}

/// Unions: every variant is named with its parts.
macro_rules! variants {
    ($($ty:ident {
        $($unit:ident,)* ;
        $($tuple:ident($($part:ident / $part2:ident),*),)* ;
        $($shape:ident { $($field:ident / $field2:ident),* },)*
    })*) => {$(
        impl Same for $ty {
            fn same(&self, other: &Self) -> bool {
                match (self, other) {
                    $(($ty::$unit, $ty::$unit) => true,)*
                    $(($ty::$tuple($($part),*), $ty::$tuple($($part2),*)) => $($part.same($part2))&&*,)*
                    $(($ty::$shape { $($field),* }, $ty::$shape { $($field: $field2),* }) => $($field.same($field2))&&*,)*
                    // Named one by one, so that a new variant cannot be forgotten here.
                    $(($ty::$unit, _) => false,)*
                    $(($ty::$tuple(..), _) => false,)*
                    $(($ty::$shape { .. }, _) => false,)*
                }
            }
        }
    )*};
}

plain!(bool, u8, u16, u32, u64, i64, SmolStr, Vec<u8>, BinaryOperator, UnaryOperator);

impl Same for Span {
    fn same(&self, _: &Self) -> bool {
        true
    }
}

impl<T: Same> Same for Option<T> {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(other)) => one.same(other),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T: Same> Same for Box<T> {
    fn same(&self, other: &Self) -> bool {
        (**self).same(other)
    }
}

impl<A: Same, B: Same> Same for (A, B) {
    fn same(&self, other: &Self) -> bool {
        self.0.same(&other.0) && self.1.same(&other.1)
    }
}

macro_rules! lists {
    ($($ty:ty),* $(,)?) => {$(
        impl Same for Vec<$ty> {
            fn same(&self, other: &Self) -> bool {
                self.len() == other.len() && self.iter().zip(other).all(|(one, other)| one.same(other))
            }
        }
    )*};
}

lists!(
    SmolStr,
    Import,
    Item,
    Name,
    Annotation,
    Expression,
    Parameter,
    Variant,
    (Name, Bilingual),
    TableRow,
    Cell,
    (Pattern, Expression),
    ReceiptLine,
    DialectClause,
    FieldName,
    (Name, Name),
    Statement,
    Handler,
    StringPart,
    (FieldName, Expression),
    Argument,
    MatchArm,
    Pattern,
);

fields! {
    Name { text; without span }
    Tree { edition, imports, items, broken, import_lost, expressions; without file, doubtful }
    Edition { number; without span }
    Import { path, alias; without span }
    Item { docs, annotations, public, kind; without span }
    Annotation { name, arguments; without span }
    Parameter { name, ty }
    TypeExpression { kind; without span }
    Flow { name, parameters, gives, uses, body; without head }
    Function { name, parameters, gives, body }
    Constant { name, ty, value }
    Union { name, variants }
    Variant { name, payload }
    Record { name, fields }
    Bilingual { zh, en; without span }
    TextItem { name, parameters, words }
    ErrorItem { name, parameters, code, layer, guidance }
    Codes { name, extends, rows }
    TableRow { cells; without span }
    Cell { text, quoted; without span }
    Table { name, parameter, gives, rows }
    Receipt { name, parameters, lines }
    DialectItem { name, extends, clauses }
    PartsClause { field, part, mti, kind, options, rows }
    FieldName { number; without span }
    MessageClause {
        mti, processing, name, words, needs, may, reply, echoes, match_key, moves_money, mac, wait_ms; without span
    }
    ReversalClause { mti, copies, reasons, accepts; without span }
    Test { title, body }
    Block { statements; without span }
    Statement { kind, annotations; without span }
    Handler { errors, retry, body; without span }
    Retry { times, every }
    StringLiteral { parts; without span }
    Expression { kind; without id, span }
    Argument { label, value }
    MatchArm { patterns, body, annotations; without span }
    Pattern { kind; without span }
}

variants! {
    TypeKind {
        ;
        Digits(a / b),
        List(a / b),
        Optional(a / b),
        ;
        Named { module / module2, name / name2 },
    }
    ItemKind {
        ;
        Flow(a / b),
        Function(a / b),
        Constant(a / b),
        Union(a / b),
        Record(a / b),
        Text(a / b),
        Error(a / b),
        Codes(a / b),
        Table(a / b),
        Receipt(a / b),
        Dialect(a / b),
        Test(a / b),
        ;
    }
    ReceiptLine {
        ;
        Centre(a / b),
        Line(a / b),
        Row(a / b, c / d),
        Rule(a / b),
        Space(a / b),
        ;
        If { condition / condition2, then / then2, otherwise / otherwise2 },
    }
    DialectClause {
        ;
        Approved(a / b),
        Mac(a / b),
        Fields(a / b),
        Header(a / b, at / at2),
        Parts(a / b),
        Without(a / b),
        Message(a / b),
        Reversal(a / b),
        ;
        Form { form / form2, choices / choices2 },
        Framing { length / length2, length_words / length_words2, tpdu / tpdu2, header / header2, span / span2 },
    }
    StatementKind {
        Discard,
        Reverse,
        Break,
        ;
        Return(a / b),
        Fail(a / b),
        Step(a / b),
        Commit(a / b),
        Given(a / b),
        Expect(a / b),
        ;
        Let { name / name2, ty / ty2, value / value2, handlers / handlers2, changeable / changeable2 },
        Assign { name / name2, value / value2, handlers / handlers2 },
        Repeat { times / times2, body / body2 },
        For { name / name2, list / list2, body / body2 },
        Reversible { request / request2, by / by2, body / body2 },
        Expression { value / value2, handlers / handlers2 },
    }
    HandledErrors {
        ;
        Named(a / b),
        Other(a / b),
        ;
    }
    Arm {
        ;
        Block(a / b),
        Statement(a / b),
        ;
    }
    StringPart {
        ;
        Text(a / b),
        Value(a / b),
        ;
    }
    ExpressionKind {
        None,
        ;
        Bool(a / b),
        Int(a / b),
        Percent(a / b),
        Duration(a / b),
        Text(a / b),
        Bytes(a / b),
        Tag(a / b),
        Mti(a / b),
        Name(a / b),
        List(a / b),
        ;
        Amount { digits / digits2, decimals / decimals2, currency / currency2 },
        Message { mti / mti2, from / from2, fields / fields2 },
        Call { callee / callee2, arguments / arguments2 },
        Member { object / object2, name / name2 },
        Index { object / object2, index / index2 },
        Unary { operator / operator2, operand / operand2 },
        Binary { operator / operator2, operator_span / operator_span2, left / left2, right / right2 },
        If { condition / condition2, then / then2, otherwise / otherwise2 },
        Match { subject / subject2, arms / arms2 },
    }
    PatternKind {
        None,
        ;
        Literal(a / b),
        Some(a / b),
        Other(a / b),
        ;
        Name { name / name2, binds / binds2 },
    }
}
