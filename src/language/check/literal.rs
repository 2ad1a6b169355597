//! Strings and the values in them.

use super::body::{Body, How, path};
use super::declarations::Declarations;
use super::scope::Declared;
use crate::language::syntax::tree::{Expression, ExpressionKind, StringLiteral, StringPart};
use crate::language::types::{Type, Types};
use crate::script_error::catalogue::types as codes;
use crate::script_error::code::Fact;
use crate::script_error::source::FileId;
use crate::script_error::words::Said;
use smol_str::SmolStr;

impl Body<'_> {
    /// The type of a string: digits if it can hold nothing else, otherwise text.
    pub(crate) fn string(&mut self, string: &StringLiteral) -> Type {
        // What is cut or searched is the text, not the value in it: that became text before.
        let sink = self.sink.take().filter(|sink| sink.how != How::TakenApart);
        let mut digits = Some(0_u16);
        let mut open = false;
        let mut length = 0_usize;
        for part in &string.parts {
            match part {
                StringPart::Text(text) => {
                    length += text.len();
                    if text.bytes().all(|byte| byte.is_ascii_digit()) {
                        let more = u16::try_from(text.len()).ok();
                        digits = digits.and_then(|count| count.checked_add(more?));
                    } else {
                        digits = None;
                    }
                }
                StringPart::Value(value) => {
                    length += 1;
                    let ty = self.infer(value, None);
                    match ty {
                        Type::Digits(0) => open = true,
                        Type::Digits(more) => {
                            digits = digits.and_then(|count| count.checked_add(more));
                        }
                        _ => digits = None,
                    }
                    self.sink = sink.clone();
                    self.printable(value, &ty);
                    self.sink = None;
                }
            }
        }
        match digits {
            Some(_) if length == 0 => Type::Text,
            Some(_) if open => Type::Digits(0),
            Some(count) => Type::Digits(count),
            None => Type::Text,
        }
    }

    /// Reports a value that cannot become part of a text.
    pub(crate) fn printable(&mut self, value: &Expression, ty: &Type) {
        if is_printable(&self.all.types, ty) {
            return;
        }
        if self.is_secret(ty) {
            self.secret(value, ty);
            return;
        }
        let finding = match ty {
            Type::Optional(_) => {
                self.mismatch(value, super::expression::without_optional(ty), ty);
                return;
            }
            _ => self
                .error(codes::TYPE_MISMATCH, value.span)
                .fact("expected", Fact::Said(Said::new("可写成文字的值", "a value that can be written as text")))
                .text("found", self.written(ty)),
        };
        let finding = match ty {
            Type::Nothing => finding.label("此调用不给出值", "this call gives no value"),
            Type::Phrase => finding.label(
                "句子有两种语言，不能放进一段文字",
                "a sentence is in two languages and cannot become part of one text",
            ),
            _ => finding,
        };
        self.report(finding);
    }
}

/// True if a value of this type can be written into a text.
pub(crate) fn is_printable(types: &Types, ty: &Type) -> bool {
    match ty {
        Type::Text
        | Type::Digits(_)
        | Type::Int
        | Type::Amount
        | Type::Bool
        | Type::Duration
        | Type::Percent
        | Type::Time
        | Type::ResponseCode
        | Type::Mti
        | Type::Kcv
        | Type::Expiry
        | Type::Bytes
        | Type::Unknown
        | Type::Never => true,
        Type::Union(at) => types
            .unions
            .get(usize::from(*at))
            .is_some_and(|union| union.variants.iter().all(|(_, payload)| payload.is_none())),
        _ => false,
    }
}

/// The text of a string without values, written out or as the constant of this file that stands for it.
pub(crate) fn plain_text(all: &Declarations<'_>, file: FileId, value: &Expression) -> Option<SmolStr> {
    match &value.kind {
        ExpressionKind::Text(string) => string.plain().map(SmolStr::new),
        ExpressionKind::Name(name) => {
            let entry = all.scope(file)?.names.get(name)?;
            match entry.what {
                Declared::Constant(id) => all.known.get(usize::from(id.0))?.text.clone(),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The root of a value in a sentence: `t` for `{t.amount}`.
pub(crate) fn root(value: &Expression) -> Option<SmolStr> {
    let path = path(value)?;
    path.split('.').next().map(SmolStr::new)
}
