//! How long a text in a field is, where it is put together from parts whose length is known.

use super::program::Look;
use super::values::{Seen, Values};
use crate::language::builtin::row::{Does, Pure};
use crate::language::syntax::tree::{Block, Expression, ExpressionKind, StatementKind, StringPart};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::language::types::Type;
use crate::payment::iso8583::field::{Class, Field, Holds, Length, Padding};
use crate::script_error::catalogue::{data, types};
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Place;
use crate::script_error::words::Said;

/// How many expressions are looked into for one field; a text may name another one many times.
const LOOKS_MAX: usize = 200;
/// A longer text than any field takes is not looked through.
const TEXT_MAX: usize = 4_096;
/// How many parts are told apart in a finding.
const PARTS_MAX: usize = 4;
/// Fewer hexadecimal digits are more likely a number.
const HEX_MIN: usize = 8;

/// Looks at every message of an item.
pub(super) fn check<'v>(look: &Look<'_, 'v>, findings: &mut Vec<Finding>) {
    look.lead(&mut Texts { look, findings });
}

struct Texts<'m, 'l, 'v> {
    look: &'m Look<'l, 'v>,
    findings: &'m mut Vec<Finding>,
}

impl<'v> Visitor<'v> for Texts<'_, '_, 'v> {
    const LOOKS: Looks = Looks::MESSAGE;

    fn expression(&mut self, expression: &'v Expression) {
        let ExpressionKind::Message { fields, .. } = &expression.kind else {
            return;
        };
        let values = self.look.values;
        let Some(dialect) = &values.all.dialect else {
            return;
        };
        for (name, value) in fields {
            let seen = Seen { file: self.look.file, expression: value };
            let Some(field) = dialect.field(name.number) else {
                continue;
            };
            if self.look.errors.within(self.look.file, name.span.to(value.span)) {
                continue;
            }
            let found = wrong_length(values, field, seen)
                .or_else(|| wrong_piece(values, field, seen))
                .or_else(|| hex_as_text(values, field, seen));
            self.findings.extend(found);
        }
    }
}

/// What is known of a text.
#[derive(Clone, Debug, Default)]
struct Shape {
    least: usize,
    most: usize,
    /// The parts that make up the length, for the finding.
    parts: Vec<(Place, usize)>,
}

impl Shape {
    fn exactly(count: usize, place: Place) -> Shape {
        Shape { least: count, most: count, parts: vec![(place, count)] }
    }
}

/// The shape of a text; `None` where nothing is known.
fn shape<'v>(values: &Values<'v>, seen: Seen<'v>, looks: &mut usize) -> Option<Shape> {
    *looks = looks.checked_sub(1)?;
    let ty = match values.type_of(seen) {
        Type::Optional(of) => of.as_ref(),
        of => of,
    };
    if let Type::Digits(count) = ty
        && *count > 0
        && !matches!(values.root(seen).expression.kind, ExpressionKind::Text(_))
    {
        return Some(Shape::exactly(usize::from(*count), seen.place()));
    }
    let root = values.root(seen);
    match &root.expression.kind {
        ExpressionKind::Text(text) => {
            if let Some(plain) = text.plain() {
                return Some(Shape::exactly(length(plain), root.place()));
            }
            let mut whole = Shape::default();
            let mut written = 0;
            for part in &text.parts {
                match part {
                    StringPart::Text(text) => written += length(text),
                    StringPart::Value(value) => {
                        let part = Seen { file: root.file, expression: value };
                        let part = part_shape(values, part, looks)?;
                        whole.least = whole.least.saturating_add(part.least);
                        whole.most = whole.most.saturating_add(part.most);
                        let here = Place { file: root.file, span: value.span };
                        whole.parts.push((here, part.most));
                    }
                }
            }
            whole.least = whole.least.saturating_add(written);
            whole.most = whole.most.saturating_add(written);
            Some(whole)
        }
        ExpressionKind::Call { .. } => {
            let Does::Pure(does) = values.builtin(root)?.does else { return None };
            match does {
                Pure::ZeroPad => {
                    let width = values.argument(root, 1)?;
                    let count = usize::try_from(values.int(width)?).ok()?;
                    Some(Shape::exactly(count, width.place()))
                }
                Pure::ToDigits => shape(values, values.argument(root, 0)?, looks),
                Pure::Part => {
                    let length = values.argument(root, 2)?;
                    let count = usize::try_from(values.int(length)?).ok()?;
                    let from = values.argument(root, 1).and_then(|from| values.int(from));
                    let least = match (values.argument(root, 0).and_then(|text| shape(values, text, looks)), from) {
                        (Some(of), Some(from)) => {
                            let left = of.least.saturating_sub(usize::try_from(from).unwrap_or(usize::MAX));
                            left.min(count)
                        }
                        _ => 0,
                    };
                    Some(Shape { least, most: count, parts: vec![(length.place(), count)] })
                }
                Pure::Hex => match &values.root(values.argument(root, 0)?).expression.kind {
                    ExpressionKind::Bytes(bytes) => Some(Shape::exactly(bytes.len().saturating_mul(2), root.place())),
                    _ => None,
                },
                _ => None,
            }
        }
        ExpressionKind::Member { .. } => match values.builtin(root)?.does {
            Does::Pure(Pure::AmountCurrency) => Some(Shape::exactly(3, root.place())),
            Does::Pure(Pure::CodeText) => Some(Shape::exactly(2, root.place())),
            _ => None,
        },
        ExpressionKind::If { then, otherwise: Some(otherwise), .. } => {
            let one = shape(values, Seen { file: root.file, expression: last(then)? }, looks)?;
            let other = shape(values, Seen { file: root.file, expression: last(otherwise)? }, looks)?;
            let mut parts = one.parts;
            parts.extend(other.parts);
            Some(Shape { least: one.least.min(other.least), most: one.most.max(other.most), parts })
        }
        _ => None,
    }
}

/// How many characters; for what no field takes, at least as many.
fn length(text: &str) -> usize {
    if text.len() > TEXT_MAX { text.len() / 4 } else { text.chars().count() }
}

/// A value written into a text.
fn part_shape<'v>(values: &Values<'v>, seen: Seen<'v>, looks: &mut usize) -> Option<Shape> {
    match values.type_of(seen) {
        Type::Int => {
            let count = values.int(seen)?.to_string().len();
            Some(Shape::exactly(count, seen.place()))
        }
        Type::ResponseCode => Some(Shape::exactly(2, seen.place())),
        Type::Expiry => Some(Shape::exactly(4, seen.place())),
        Type::Mti => Some(Shape::exactly(4, seen.place())),
        Type::Text | Type::Digits(_) => shape(values, seen, looks),
        _ => None,
    }
}

fn last(block: &Block) -> Option<&Expression> {
    match &block.statements.last()?.kind {
        StatementKind::Expression { value, handlers } if handlers.is_empty() => Some(value),
        _ => None,
    }
}

/// Was the length seen where the message was first read?
fn is_read_already<'v>(values: &Values<'v>, seen: Seen<'v>) -> bool {
    let bare = match values.type_of(seen) {
        Type::Optional(of) => of.as_ref(),
        of => of,
    };
    matches!(bare, Type::Digits(count) if *count > 0)
        || matches!(seen.expression.kind, ExpressionKind::Bytes(_))
        || crate::language::check::literal::plain_text(values.all, seen.file, seen.expression).is_some()
}

fn wrong_length<'v>(values: &Values<'v>, field: &Field, seen: Seen<'v>) -> Option<Finding> {
    if is_read_already(values, seen) {
        return None;
    }
    let root = values.root(seen);
    let shape = match &root.expression.kind {
        ExpressionKind::Bytes(bytes) => Shape::exactly(bytes.len(), root.place()),
        _ => shape(values, seen, &mut { LOOKS_MAX })?,
    };
    let max = usize::from(field.length.max());
    let exact = matches!(field.length, Length::Fixed { .. })
        && (field.class == Class::Digits || field.padding == Padding::None);
    let (found, many) = if shape.least > max {
        (shape.least, true)
    } else if exact && shape.most < max {
        (shape.most, false)
    } else {
        return None;
    };
    let expected = if exact {
        Said::new(max.to_string(), max.to_string())
    } else {
        Said::new(format!("不超过 {max}"), format!("at most {max}"))
    };
    let finding = Finding::error(types::FIELD_LENGTH, seen.place())
        .fact("field", Fact::Field(field.number))
        .fact("expected", Fact::Said(expected))
        .fact("found", Fact::Count(found as i64));
    let bound = if many { ("至少", "at least ") } else { ("至多", "at most ") };
    let bound = if shape.least == shape.most { ("", "") } else { bound };
    let mut finding = finding.label(format!("{}{found} 位", bound.0), format!("{}{found} long", bound.1));
    for (place, count) in shape.parts.iter().take(PARTS_MAX) {
        if *place != seen.place() {
            finding = finding.also(*place, format!("其中 {count} 位"), format!("{count} of them"));
        }
    }
    Some(finding)
}

/// A sign in the written pieces of a text that the field cannot hold.
fn wrong_piece<'v>(values: &Values<'v>, field: &Field, seen: Seen<'v>) -> Option<Finding> {
    if !matches!(field.class, Class::Digits | Class::Alphanumeric) {
        return None;
    }
    let root = values.root(seen);
    let ExpressionKind::Text(text) = &root.expression.kind else {
        return None;
    };
    if is_read_already(values, seen) && text.plain().is_some() && std::ptr::eq(root.expression, seen.expression) {
        return None;
    }
    let written = text.parts.iter().take(LOOKS_MAX).filter_map(|part| match part {
        StringPart::Text(text) => Some(text.as_str()).filter(|text| text.len() <= TEXT_MAX),
        StringPart::Value(_) => None,
    });
    let sign = written
        .flat_map(str::chars)
        .find(|sign| u8::try_from(*sign).map_or(true, |byte| !field.class.allows(1, byte)))?;
    let class = if field.class == Class::Digits { "n" } else { "an" };
    let finding = Finding::error(types::FIELD_TYPE, seen.place())
        .fact("field", Fact::Field(field.number))
        .text("expected", class)
        .fact("found", Fact::Said(Said::new(format!("字符“{sign}”"), format!("the character `{sign}`"))));
    let finding = if std::ptr::eq(root.expression, seen.expression) {
        finding
    } else {
        finding.also(root.place(), "在此写出", "written here")
    };
    Some(finding.note(
        "类型 an 只有字母与数字，n 只有数字；主机遇到其他字符以格式错（30）拒绝",
        "class `an` has letters and digits only, `n` only digits; hosts answer anything else with 30, format error",
    ))
}

/// Hexadecimal digits in quotes, in a field that holds bytes: each digit would be sent as a character.
fn hex_as_text<'v>(values: &Values<'v>, field: &Field, seen: Seen<'v>) -> Option<Finding> {
    if field.class != Class::Bytes || !matches!(field.holds, Holds::Keys | Holds::Plain | Holds::ChipData) {
        return None;
    }
    let root = values.root(seen);
    let ExpressionKind::Text(text) = &root.expression.kind else {
        return None;
    };
    let text = text.plain().filter(|text| text.len() <= TEXT_MAX)?;
    let digits: String = text.chars().filter(|sign| *sign != ' ').collect();
    let is_hex = digits.len() >= HEX_MIN
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        && digits.bytes().any(|byte| byte.is_ascii_alphabetic());
    if !is_hex {
        return None;
    }
    let finding = Finding::warning(data::HEX_AS_TEXT, seen.place())
        .fact("field", Fact::Field(field.number))
        .fact("count", Fact::Count(digits.len() as i64))
        .note(
            "引号里的每个字符占一个字节：“9F26”是四个字节 39 46 32 36",
            "in quotes each character is a byte: \"9F26\" is the four bytes 39 46 32 36",
        );
    let finding =
        if root.place() == seen.place() { finding } else { finding.also(root.place(), "在此写出", "written here") };
    if digits.len() % 2 == 1 {
        return Some(finding.help(
            "字节由成对的十六进制数字组成，此处为奇数个：先补足，再写成 x\"…\"",
            "bytes are pairs of hexadecimal digits and this is an odd number: complete it, then write x\"...\"",
        ));
    }
    let edit = Edit { place: root.place(), replacement: format!("x\"{digits}\"") };
    Some(finding.edits(vec![edit], false, "写成字节", "write it as bytes"))
}
