//! A wire dialect as it is written.

use super::tree::{Bilingual, Name, StringLiteral, TableRow};
use crate::script_error::source::Span;
use serde::{Deserialize, Serialize};

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
