//! What digits stand for: a date, a time, a trace number, an expiry.

use super::values::{Seen, Values};
use crate::language::syntax::tree::{ExpressionKind, StringPart};
use crate::language::types::Type;
use crate::payment::iso8583::field::Holds;
use crate::script_error::words::Said;

/// What digits stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// MMDD.
    Date,
    /// hhmmss.
    Time,
    /// YYMM.
    Expiry,
    /// A trace number.
    Trace,
}

impl Kind {
    /// What a field of a dialect asks for.
    pub(super) fn held(holds: Holds) -> Option<Kind> {
        Some(match holds {
            Holds::Date => Kind::Date,
            Holds::Time => Kind::Time,
            Holds::Expiry => Kind::Expiry,
            Holds::Stan => Kind::Trace,
            _ => return None,
        })
    }

    /// What an expression gives; `None` where that cannot be told.
    pub(super) fn of<'v>(values: &Values<'v>, seen: Seen<'v>) -> Option<Kind> {
        let root = values.likely_root(seen);
        if let Some((number, _)) = values.message_field(root) {
            let field = values.all.dialect.as_ref()?.field(number)?;
            return Kind::held(field.holds);
        }
        if values.asks(root, crate::language::builtin::row::Op::HostNextStan) {
            return Some(Kind::Trace);
        }
        match values.type_of(root) {
            Type::Expiry => Some(Kind::Expiry),
            Type::Optional(of) if **of == Type::Expiry => Some(Kind::Expiry),
            _ => None,
        }
    }

    /// What the first part of a text gives: a date in front of a time sorts as a date does.
    pub(super) fn leading<'v>(values: &Values<'v>, seen: Seen<'v>) -> Option<Kind> {
        if let Some(kind) = Kind::of(values, seen) {
            return Some(kind);
        }
        let root = values.root(seen);
        match &root.expression.kind {
            ExpressionKind::Text(text) => match text.parts.first()? {
                StringPart::Value(value) => Kind::of(values, Seen { file: root.file, expression: value }),
                StringPart::Text(_) => None,
            },
            _ => None,
        }
    }

    /// For a sentence.
    pub(super) fn said(self) -> Said {
        match self {
            Kind::Date => Said::new("日期（MMDD）", "a date (MMDD)"),
            Kind::Time => Said::new("时间（hhmmss）", "a time of day (hhmmss)"),
            Kind::Expiry => Said::new("有效期（YYMM）", "an expiry (YYMM)"),
            Kind::Trace => Said::new("流水号", "a trace number"),
        }
    }

    /// Could these digits stand for it?
    pub(super) fn allows(self, digits: &str) -> bool {
        // All zeros say that there is none.
        if digits.bytes().all(|byte| byte == b'0') {
            return true;
        }
        let Some(pairs) = pairs(digits) else {
            // Its length is somebody else's concern.
            return true;
        };
        match (self, pairs.as_slice()) {
            (Kind::Date, [month, day]) => is_day(*month, *day),
            (Kind::Expiry, [_, month]) => (1..=12).contains(month),
            (Kind::Time, [hour, minute, second]) => *hour < 24 && *minute < 60 && *second < 60,
            _ => true,
        }
    }

    /// The same digits with their halves changed over, if they can stand for it so.
    pub(super) fn turned(self, digits: &str) -> Option<String> {
        if self == Kind::Time || digits.len() != 4 {
            return None;
        }
        let (front, back) = (digits.get(..2)?, digits.get(2..)?);
        let turned = format!("{back}{front}");
        self.allows(&turned).then_some(turned)
    }
}

/// `1231` as 12 and 31.
fn pairs(digits: &str) -> Option<Vec<u8>> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.len() % 2 == 1 || digits.len() > 6 {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2)?.parse().ok()).collect()
}

/// Is there such a day in any year?
fn is_day(month: u8, day: u8) -> bool {
    let most = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=most).contains(&day)
}
