//! The types of values, and the records and unions of a program.

use crate::payment::iso8583::dialect::Mti;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::Arc;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// 64 bits, checked.
    Int,
    /// Characters.
    Text,
    /// Text of digits only; 0: any length. Usable wherever a `Text` is asked for.
    Digits(u16),
    /// Bytes.
    Bytes,
    /// Money: minor units and currency in one word.
    Amount,
    /// Hundredths of a percent.
    Percent,
    /// Milliseconds.
    Duration,
    /// Milliseconds since 1970 on the terminal's clock.
    Time,
    /// A list.
    List(Arc<Type>),
    /// A value or `none`. Never of another optional.
    Optional(Arc<Type>),
    /// A record; index into `Types::records`.
    Record(u16),
    /// A union; index into `Types::unions`.
    Union(u16),
    /// A message to send; its type where it is known.
    Message(Option<Mti>),
    /// A matched and checked reply; the message type of the *request* where it is known.
    Reply(Option<Mti>),
    /// Field 39.
    ResponseCode,
    /// A message type.
    Mti,
    /// A card number. Sealed: a run holds a reference and the masked form, never the digits.
    Pan,
    /// Track data. Sealed.
    Track,
    /// Expiry of a card, YYMM.
    Expiry,
    /// An encrypted PIN block. Sealed.
    PinBlock,
    /// Work keys under the master key, as field 62 brings them. Sealed.
    Keys,
    /// One work key under the master key. Sealed.
    Cryptogram,
    /// Chip data for field 55. Sealed: card data may be in it.
    ChipData,
    /// A key's check value, hexadecimal.
    Kcv,
    /// A sentence in both languages; which one is chosen when it is shown.
    Phrase,
    /// A slip in both languages.
    Receipt,
    /// A declared or built-in error with its facts.
    Error,
    /// No value: what a flow without `->` gives.
    Nothing,
    /// What `return` and `fail` give: they never go on.
    Never,
    /// Type of something already reported; fits everything, so that one mistake gives one finding.
    Unknown,
}

/// How far a value may go. Whoever takes a level takes every lower one; only a builtin that says so gives less than it
/// took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Anybody may read it.
    #[default]
    Public,
    /// Card data in a form that may be shown: the masked number, the expiry.
    Masked,
    /// A whole card number.
    CardNumber,
    /// What nobody but the issuer may keep: tracks, chip data, the check code on the back, PIN blocks.
    Secret,
    /// Keys; and messages, which may carry any of these.
    Key,
}

impl Level {
    /// All, from the lowest to the highest.
    pub const ALL: [Level; 5] = [Level::Public, Level::Masked, Level::CardNumber, Level::Secret, Level::Key];
    /// The highest that may be read in the clear: on a screen or a slip, in a log, a text or an error.
    pub const CLEAR: Level = Level::Masked;

    /// May nobody read it in the clear?
    pub fn is_secret(self) -> bool {
        self > Level::CLEAR
    }
}

/// How a value of a type lies in a 64-bit slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// The value itself: Bool, Int, Percent, Duration, Time, ResponseCode, Mti.
    Word,
    /// Money: minor units << 10 | numeric currency.
    Amount,
    /// A reference to bytes: Text, Digits, Bytes, Expiry, Kcv.
    Text,
    /// A reference to cells: List.
    List,
    /// Index of the first cell: Record, Phrase.
    Record,
    /// Tag in the low 8 bits, index of the payload's cell above; 0 above if it has none.
    Union,
    /// 0 is none; a word or an amount lies in a cell, anything else is itself.
    Optional,
    /// Index of the first cell of a message or a reply.
    Message,
    /// Index of two cells: number in the vault, masked text.
    Sealed,
    /// A reference to cells: lines of a slip.
    Receipt,
    /// Index into the run's errors.
    Error,
    /// Nothing is ever read from it.
    Nothing,
}

impl Type {
    /// A list of these.
    pub fn list(of: Type) -> Type {
        Type::List(Arc::new(of))
    }

    /// One of these or `none`.
    pub fn optional(of: Type) -> Type {
        match of {
            Type::Optional(_) | Type::Unknown => of,
            of => Type::Optional(Arc::new(of)),
        }
    }

    /// How a value lies in a slot.
    pub fn kind(&self) -> Kind {
        match self {
            Type::Bool | Type::Int | Type::Percent | Type::Duration | Type::Time | Type::ResponseCode | Type::Mti => {
                Kind::Word
            }
            Type::Amount => Kind::Amount,
            Type::Text | Type::Digits(_) | Type::Bytes | Type::Expiry | Type::Kcv => Kind::Text,
            Type::List(_) => Kind::List,
            Type::Record(_) | Type::Phrase => Kind::Record,
            Type::Union(_) => Kind::Union,
            Type::Optional(_) => Kind::Optional,
            Type::Message(_) | Type::Reply(_) => Kind::Message,
            Type::Pan | Type::Track | Type::PinBlock | Type::Keys | Type::Cryptogram | Type::ChipData => Kind::Sealed,
            Type::Receipt => Kind::Receipt,
            Type::Error => Kind::Error,
            Type::Nothing | Type::Never | Type::Unknown => Kind::Nothing,
        }
    }

    /// True for what a run holds sealed: a number in the vault and a masked text. What records and unions hold, and how
    /// far a value may go, `Levels` knows.
    pub fn is_sealed(&self) -> bool {
        match self {
            Type::List(of) | Type::Optional(of) => of.is_sealed(),
            other => other.kind() == Kind::Sealed,
        }
    }

    /// The type without the lists and optionals around it.
    pub fn innermost(&self) -> &Type {
        let mut ty = self;
        while let Type::List(of) | Type::Optional(of) = ty {
            ty = of;
        }
        ty
    }

    /// The level of a type that is made of no others.
    fn own_level(&self) -> Level {
        match self {
            Type::Expiry => Level::Masked,
            Type::Pan => Level::CardNumber,
            Type::Track | Type::PinBlock | Type::ChipData => Level::Secret,
            Type::Keys | Type::Cryptogram | Type::Message(_) | Type::Reply(_) => Level::Key,
            _ => Level::Public,
        }
    }

    /// True if a value of type `self` may stand where `wanted` is asked for.
    pub fn fits(&self, wanted: &Type) -> bool {
        match (self, wanted) {
            (Type::Unknown | Type::Never, _) | (_, Type::Unknown) => true,
            (Type::Digits(_) | Type::Kcv | Type::Expiry, Type::Text) => true,
            (Type::Digits(_), Type::Digits(0)) => true,
            (Type::Optional(of), Type::Optional(wanted)) => of.fits(wanted),
            // A value stands for itself where `T?` is asked for; the compiler puts it in its box.
            (of, Type::Optional(wanted)) => of.fits(wanted),
            // The members of a list stay as they are: one that is no optional does not get its box.
            (Type::List(of), Type::List(wanted)) => {
                let boxed = |ty: &Type| matches!(ty, Type::Optional(_) | Type::Unknown | Type::Never);
                of.fits(wanted) && (boxed(of) || !matches!(**wanted, Type::Optional(_)))
            }
            (Type::Message(_), Type::Message(None)) | (Type::Reply(_), Type::Reply(None)) => true,
            (of, wanted) => of == wanted,
        }
    }
}

/// A record: named fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordType {
    /// Its name.
    pub name: SmolStr,
    /// In the order declared.
    pub fields: Vec<(SmolStr, Type)>,
}

/// A union: variants, each with at most one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnionType {
    /// Its name.
    pub name: SmolStr,
    /// In the order declared; at most 255.
    pub variants: Vec<(SmolStr, Option<Type>)>,
}

/// The records and unions of a program: ours first, at fixed places, then the script's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Types {
    /// Records. Ours are the same for every program, so programs share them.
    pub records: Vec<Arc<RecordType>>,
    /// Unions, shared alike.
    pub unions: Vec<Arc<UnionType>>,
}

impl Types {
    /// The type as a script writes it: `List[Digits(6)]`, `Txn?`.
    pub fn written(&self, ty: &Type) -> String {
        match ty {
            Type::Digits(0) => "Digits".into(),
            Type::Digits(n) => format!("Digits({n})"),
            Type::List(of) => format!("List[{}]", self.written(of)),
            Type::Optional(of) => format!("{}?", self.written(of)),
            Type::Record(at) => {
                self.records.get(usize::from(*at)).map_or("Record".into(), |record| record.name.to_string())
            }
            Type::Union(at) => self.unions.get(usize::from(*at)).map_or("Union".into(), |union| union.name.to_string()),
            Type::Message(_) => "Message".into(),
            Type::Reply(_) => "Reply".into(),
            // The type holds any track; a script can name only the second.
            Type::Track => "Track2".into(),
            other => format!("{other:?}"),
        }
    }
}

/// The level of every type of a program, those of records and unions worked out once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Records, then unions.
    levels: Vec<Level>,
    /// How many are records.
    records: usize,
}

impl Levels {
    /// Works out the levels of all records and unions: each has the highest of what it holds.
    ///
    /// Takes as long as the types are large. A type that holds itself, which only hostile bytecode has, does no harm.
    pub fn of(types: &Types) -> Levels {
        let records = types.records.len();
        let count = records + types.unions.len();
        let mut levels = Levels { levels: vec![Level::Public; count], records };
        let mut holders: Vec<Vec<usize>> = vec![Vec::new(); count];
        let mut risen: Vec<(usize, Level)> = Vec::new();
        let of_records = types.records.iter().map(|record| record.fields.iter().map(|(_, ty)| ty).collect());
        let of_unions =
            types.unions.iter().map(|union| union.variants.iter().filter_map(|(_, ty)| ty.as_ref()).collect());
        for (holder, parts) in of_records.chain(of_unions).enumerate() {
            let parts: Vec<&Type> = parts;
            for part in parts {
                match levels.place(part.innermost()) {
                    Some(place) => holders.get_mut(place).into_iter().for_each(|holders| holders.push(holder)),
                    None => risen.push((holder, part.innermost().own_level())),
                }
            }
        }
        while let Some((at, level)) = risen.pop() {
            // A level only rises, so each type comes here again at most once for each.
            if let Some(known) = levels.levels.get_mut(at)
                && *known < level
            {
                *known = level;
                risen.extend(holders.get(at).into_iter().flatten().map(|holder| (*holder, level)));
            }
        }
        levels
    }

    /// The lowest level that a value of a type can have. A text may be higher, by what it was made from.
    pub fn of_type(&self, ty: &Type) -> Level {
        let ty = ty.innermost();
        match self.place(ty) {
            Some(place) => self.levels.get(place).copied().unwrap_or_default(),
            None => ty.own_level(),
        }
    }

    fn place(&self, ty: &Type) -> Option<usize> {
        match ty {
            Type::Record(at) => Some(usize::from(*at)),
            Type::Union(at) => Some(self.records + usize::from(*at)),
            _ => None,
        }
    }
}
