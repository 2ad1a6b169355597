//! Every code we know, one file per layer of the house.

use super::code::{Code, Row};
use std::sync::LazyLock;

macro_rules! rows {
    ($( $(#[doc = $doc:literal])* $code:ident $constant:ident $name:ident ($($fact:ident: $kind:ident),*) $layer:ident $(on $word:ident)? {
        title { zh $tzh:literal en $ten:literal }
        $( fix { zh $fzh:literal en $fen:literal } )?
        $( cashier { zh $czh:literal en $cen:literal } cardholder { zh $hzh:literal en $hen:literal } support { zh $szh:literal en $sen:literal } retry $retry:ident )?
        about { zh $azh:literal en $aen:literal }
        example $example:literal
    } )*) => {
        $( #[doc = $ten] pub const $constant: $crate::script_error::code::Code = $crate::script_error::code::Code(stringify!($code)); )*
        /// The rows of this file.
        pub const ROWS: &[$crate::script_error::code::Row] = &[ $( $crate::script_error::code::Row {
            code: $constant,
            name: stringify!($name),
            layer: $crate::script_error::code::Layer::$layer,
            facts: &[ $( (stringify!($fact), $crate::script_error::code::FactKind::$kind) ),* ],
            title: $crate::script_error::words::Words { zh: $tzh, en: $ten },
            $( help: $crate::script_error::code::Help::Author { fix: $crate::script_error::words::Words { zh: $fzh, en: $fen } }, )?
            $( help: $crate::script_error::code::Help::People {
                cashier: $crate::script_error::words::Words { zh: $czh, en: $cen },
                cardholder: $crate::script_error::words::Words { zh: $hzh, en: $hen },
                support: $crate::script_error::words::Words { zh: $szh, en: $sen },
                retry: $crate::script_error::code::Retry::$retry,
            }, )?
            word: super::caught_as(stringify!($($word)?)),
            about: $crate::script_error::words::Words { zh: $azh, en: $aen },
            example: $example,
        } ),* ];
    };
}
use rows;

pub mod answers;
pub mod bytecode;
pub mod card;
pub mod data;
pub mod flow;
pub mod hardware;
pub mod internal;
pub mod issuer;
pub mod key_material;
pub mod keys;
pub mod limits;
pub mod network;
pub mod person;
pub mod readiness;
pub mod reversal;
pub mod secrets;
pub mod source;
pub mod storage;
pub mod types;
pub mod waiting;
pub mod wire;

/// Every row, in the order of the codes.
pub fn all() -> impl Iterator<Item = &'static Row> {
    ALL.iter().copied()
}

/// The rows of every file; one layer may have several.
static ALL: LazyLock<Vec<&'static Row>> = LazyLock::new(|| {
    let files = [
        source::ROWS,
        types::ROWS,
        flow::ROWS,
        answers::ROWS,
        waiting::ROWS,
        secrets::ROWS,
        reversal::ROWS,
        data::ROWS,
        bytecode::ROWS,
        person::ROWS,
        issuer::ROWS,
        card::ROWS,
        keys::ROWS,
        key_material::ROWS,
        network::ROWS,
        wire::ROWS,
        hardware::ROWS,
        storage::ROWS,
        readiness::ROWS,
        limits::ROWS,
        internal::ROWS,
    ];
    let mut all: Vec<&'static Row> = files.into_iter().flatten().collect();
    all.sort_by_key(|row| row.code);
    all
});

/// The rows that a script can catch, by their words; those of one word in the order of the codes.
static BY_WORD: LazyLock<Vec<(&'static str, &'static Row)>> = LazyLock::new(|| {
    let mut words: Vec<(&'static str, &'static Row)> = all().filter_map(|row| Some((row.word?, row))).collect();
    words.sort_by_key(|(word, _)| *word);
    words
});

/// The row of a code.
pub fn row(code: Code) -> Option<&'static Row> {
    find(code.0)
}

/// The row of a code written out, `T4102`.
pub fn find(code: &str) -> Option<&'static Row> {
    let at = ALL.binary_search_by(|row| row.code.0.cmp(code)).ok()?;
    ALL.get(at).copied()
}

/// The row with this CamelCase name, `Timeout`.
pub fn named(name: &str) -> Option<&'static Row> {
    all().find(|row| row.name == name)
}

/// The rows a script's `on word =>` catches; `timeout` is both a person's and the host's.
pub fn caught_by(word: &str) -> impl Iterator<Item = &'static Row> + '_ {
    let first = BY_WORD.partition_point(|(other, _)| *other < word);
    let rows = BY_WORD.get(first..).unwrap_or_default().iter();
    rows.take_while(move |(other, _)| *other == word).map(|(_, row)| *row)
}

const fn caught_as(word: &'static str) -> Option<&'static str> {
    if word.is_empty() { None } else { Some(word) }
}
