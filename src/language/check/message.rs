//! Message literals against the dialect: fields, types, lengths, and what a message needs.

use crate::language::check::dialect_rules::PROCESSING;
use crate::language::check::dialect_words::{CLASSES, word};
use crate::language::check::type_words::sensitive;
use crate::language::syntax::tree::{Expression, ExpressionKind, FieldName, Name};
use crate::language::types::{Levels, Type, Types};
use crate::payment::iso8583::dialect::{Dialect, FieldSet, MessageRule, Mti};
use crate::payment::iso8583::field::{Class, Field, Holds, Length, Padding};
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::catalogue::{secrets, types};
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::nearest::distance;
use crate::script_error::source::{FileId, Place, Span};
use crate::script_error::words::Said;

/// One field of a literal: its name, its value, the value's type, and its characters where they are written out.
pub type LiteralField<'a> = (FieldName, &'a Expression, Type, Option<&'a str>);

/// What a script puts into a field and gets out of it; `None` where the dialect has no such field or no script may touch it.
pub fn field_type(dialect: &Dialect, number: u8) -> Option<Type> {
    dialect.field(number).and_then(held)
}

fn held(field: &Field) -> Option<Type> {
    Some(match field.holds {
        Holds::Mac => return None,
        Holds::Pan => Type::Pan,
        Holds::Track => Type::Track,
        Holds::PinBlock => Type::PinBlock,
        Holds::Keys => Type::Keys,
        Holds::ChipData => Type::ChipData,
        Holds::Amount => Type::Amount,
        Holds::ResponseCode => Type::ResponseCode,
        Holds::Expiry => Type::Expiry,
        Holds::Stan | Holds::Time => Type::Digits(6),
        Holds::Date => Type::Digits(4),
        Holds::Rrn => Type::Text,
        Holds::Plain => match (field.class, field.length) {
            (Class::Digits, Length::Fixed { max }) => Type::Digits(max),
            (Class::Digits, Length::Variable { .. }) => Type::Digits(0),
            (Class::Bytes, _) => Type::Bytes,
            _ => Type::Text,
        },
    })
}

/// Must the accepted reply to this request have the field?
pub fn reply_has(dialect: &Dialect, request: Option<Mti>, number: u8) -> bool {
    in_every_rule(dialect, request, number, |rule| rule.reply_needed)
}

/// Must a request of this type have the field?
pub fn request_has(dialect: &Dialect, request: Option<Mti>, number: u8) -> bool {
    in_every_rule(dialect, request, number, |rule| rule.needed)
}

fn in_every_rule(dialect: &Dialect, mti: Option<Mti>, number: u8, set: impl Fn(&MessageRule) -> FieldSet) -> bool {
    let Some(mti) = mti else { return false };
    let mut rules = dialect.messages.iter().filter(|rule| rule.mti == mti).peekable();
    rules.peek().is_some() && rules.all(|rule| set(rule).contains(number))
}

/// Checks `message 0200 from … { F4: … }`.
pub fn check_literal(
    dialect: &Dialect,
    file: FileId,
    mti: &Name,
    from: bool,
    fields: &[LiteralField<'_>],
    findings: &mut Vec<Finding>,
) {
    let place = |span: Span| Place { file, span };
    let Some(known) = known_type(dialect, mti) else {
        findings.push(unknown_message(dialect, place(mti.span), mti));
        return;
    };
    let rules = match rules(dialect, known, from, fields) {
        Ok(rules) => rules,
        Err((at, code)) => {
            findings.push(unknown_processing(dialect, place(at), known, code));
            return;
        }
    };
    let mut given: Vec<FieldName> = Vec::new();
    for field in fields {
        let name = field.0;
        if let Some(first) = given.iter().find(|known| known.number == name.number) {
            findings.push(
                Finding::error(types::DUPLICATE_FIELD, place(name.span)).fact("field", Fact::Field(name.number)).also(
                    place(first.span),
                    "第一次在此",
                    "the first one",
                ),
            );
            continue;
        }
        given.push(name);
        let Some(row) = dialect.field(name.number) else {
            findings.push(unknown_field(dialect, place(name.span), name.number));
            continue;
        };
        let Some(wanted) = held(row) else {
            findings.push(rules.not_carried(place(name.span), name.number).note(
                "MAC 由密码键盘在发送时计算，脚本不写",
                "the PIN pad computes the MAC when the message is sent; a script never writes it",
            ));
            continue;
        };
        if !rules.allows(name.number) {
            findings.push(
                rules.not_carried(place(name.span), name.number).note(
                    format!("可带的域：{}", list(rules.carried())),
                    format!("it carries {}", list(rules.carried())),
                ),
            );
            continue;
        }
        if let Some(finding) = wrong_value(row, &wanted, field, file) {
            findings.push(finding);
        }
    }
    if !from {
        let missing: Vec<u8> =
            rules.needed.iter().filter(|number| !given.iter().any(|name| name.number == *number)).collect();
        if let Some(finding) = missing_fields(dialect, place(mti.span), &rules.title, &missing) {
            findings.push(finding);
        }
    }
}

/// The message type, if this dialect may send it.
fn known_type(dialect: &Dialect, mti: &Name) -> Option<Mti> {
    Mti::parse(&mti.text).filter(|mti| {
        let reversal = dialect.reversal.as_ref();
        reversal.is_some_and(|reversal| reversal.mti == *mti) || dialect.messages.iter().any(|rule| rule.mti == *mti)
    })
}

/// What the rules that may hold for a literal say together.
struct Rules {
    /// `0200 sale`.
    title: String,
    needed: FieldSet,
    /// `None`: anything, as no rule says.
    allowed: Option<FieldSet>,
}

impl Rules {
    fn allows(&self, number: u8) -> bool {
        self.allowed.is_none_or(|allowed| allowed.contains(number))
    }

    fn carried(&self) -> impl Iterator<Item = u8> + use<> {
        self.allowed.unwrap_or_default().iter()
    }

    fn not_carried(&self, at: Place, number: u8) -> Finding {
        Finding::error(types::FIELD_NOT_IN_MESSAGE, at)
            .fact("field", Fact::Field(number))
            .text("message", self.title.as_str())
    }
}

/// The rule chosen by the processing code. Where it is not written out, only what all rules of the type agree on is
/// needed, and what any of them carries is allowed. `Err`: a processing code that no rule knows, and its place.
fn rules<'a>(dialect: &Dialect, mti: Mti, from: bool, fields: &[LiteralField<'a>]) -> Result<Rules, (Span, &'a str)> {
    let processing = fields.iter().find(|field| field.0.number == PROCESSING);
    let written = processing.and_then(|field| field.3);
    let of_type: Vec<&MessageRule> = dialect.messages.iter().filter(|rule| rule.mti == mti).collect();
    let one = dialect.rule(mti, written);
    let mut chosen: Vec<&MessageRule> = match (one, processing, written) {
        (Some(rule), _, Some(_)) | (Some(rule), None, None) if !from => vec![rule],
        (None, Some(field), Some(code)) if !of_type.is_empty() => {
            return Err((field.1.span, code));
        }
        _ => of_type,
    };
    let copied = dialect.reversal.as_ref().filter(|reversal| reversal.mti == mti).map(|reversal| reversal.copied);
    let title = match chosen.as_slice() {
        [rule] => format!("{mti} {}", rule.name),
        _ => mti.to_string(),
    };
    let needed = chosen.iter().map(|rule| rule.needed.0).reduce(|all, one| all & one).unwrap_or(0);
    let mut allowed = chosen.drain(..).map(|rule| rule.needed.0 | rule.optional.0).reduce(|all, one| all | one);
    if let (Some(allowed), Some(copied)) = (&mut allowed, copied) {
        *allowed |= copied.0;
    }
    Ok(Rules { title, needed: FieldSet(needed), allowed: allowed.map(FieldSet) })
}

fn unknown_message(dialect: &Dialect, at: Place, mti: &Name) -> Finding {
    let fact = Mti::parse(&mti.text).map_or(Fact::Text(mti.text.to_string()), |mti| Fact::Mti(mti.0));
    let mut known: Vec<Mti> = dialect.messages.iter().map(|rule| rule.mti).collect();
    known.sort_unstable();
    known.dedup();
    let words: Vec<String> = known.iter().map(Mti::to_string).collect();
    let finding = Finding::error(types::MESSAGE_UNKNOWN, at)
        .fact("mti", fact)
        .text("dialect", dialect.name.as_str())
        .note(format!("可发送：{}", words.join("、")), format!("it may send {}", words.join(", ")));
    // One wrong digit is a slip of the hand, if only one message is that near.
    let mut near = words.iter().filter(|word| distance(&mti.text, word, 1) == 1);
    match (near.next(), near.next()) {
        (Some(near), None) => finding.help(format!("是不是 {near}？"), format!("did you mean `{near}`?")),
        _ => finding,
    }
}

fn unknown_processing(dialect: &Dialect, at: Place, mti: Mti, code: &str) -> Finding {
    let known: Vec<String> = dialect
        .messages
        .iter()
        .filter(|rule| rule.mti == mti)
        .filter_map(|rule| rule.processing.as_ref().map(|begins| (begins, rule)))
        .map(|(begins, rule)| format!("{begins}… {}", rule.name))
        .collect();
    Finding::error(types::MESSAGE_UNKNOWN, at)
        .fact(
            "mti",
            Fact::Said(Said::new(format!("{mti}（处理码 {code}）"), format!("{mti} for the processing code {code}"))),
        )
        .text("dialect", dialect.name.as_str())
        .note(
            format!("处理码的开头：{}", known.join("、")),
            format!("processing codes begin with {}", known.join(", ")),
        )
}

fn unknown_field(dialect: &Dialect, at: Place, number: u8) -> Finding {
    let finding = Finding::error(types::FIELD_UNKNOWN, at)
        .fact("field", Fact::Field(number))
        .text("dialect", dialect.name.as_str());
    let below = dialect.fields.iter().rev().find(|field| field.number < number);
    let above = dialect.fields.iter().find(|field| field.number > number);
    let neighbours: Vec<&Field> = below.into_iter().chain(above).collect();
    if neighbours.is_empty() {
        return finding;
    }
    let each = |name: fn(&Field) -> &str, and: &str| {
        let named: Vec<String> = neighbours.iter().map(|field| format!("F{} {}", field.number, name(field))).collect();
        named.join(and)
    };
    finding.note(
        format!("相邻的域：{}", each(|field| &field.zh, "、")),
        format!("its neighbours are {}", each(|field| &field.en, " and ")),
    )
}

fn missing_fields(dialect: &Dialect, at: Place, title: &str, missing: &[u8]) -> Option<Finding> {
    let (first, more) = missing.split_first()?;
    let mut finding =
        Finding::error(types::FIELD_MISSING, at).fact("field", Fact::Field(*first)).text("message", title);
    if !more.is_empty() {
        finding = finding.note(
            format!("还缺：{}", list(more.iter().copied())),
            format!("it also lacks {}", list(more.iter().copied())),
        );
    }
    let each = |name: fn(&Field) -> &str, and: &str| {
        let named: Vec<String> = missing
            .iter()
            .filter_map(|number| dialect.field(*number))
            .map(|field| match usual(field) {
                Some(value) => format!("F{}: {value}", field.number),
                None => format!("F{} {}", field.number, name(field)),
            })
            .collect();
        named.join(and)
    };
    Some(
        finding
            .help(format!("补上 {}", each(|field| &field.zh, "、")), format!("add {}", each(|field| &field.en, ", "))),
    )
}

/// What scripts usually put there, where it is the same everywhere.
fn usual(field: &Field) -> Option<&'static str> {
    match (field.number, field.holds) {
        (_, Holds::Stan) => Some("host.next_stan()"),
        (41, _) => Some("store.terminal_id"),
        (42, _) => Some("store.merchant_id"),
        _ => None,
    }
}

fn list(numbers: impl Iterator<Item = u8>) -> String {
    let names: Vec<String> = numbers.map(|number| format!("F{number}")).collect();
    names.join(" ")
}

/// What is wrong with the value of a field: a secret that does not belong there, a type, a length, a character.
fn wrong_value(
    field: &Field,
    wanted: &Type,
    (name, value, ty, literal): &LiteralField<'_>,
    file: FileId,
) -> Option<Finding> {
    let at = Place { file, span: value.span };
    let bare = match ty {
        Type::Optional(of) => of.as_ref(),
        of => of,
    };
    if matches!(bare, Type::Unknown | Type::Never) {
        return None;
    }
    if Levels::default().of_type(bare).is_secret() && bare != wanted {
        let what = sensitive(&Types::default(), bare);
        return Some(
            Finding::error(secrets::SECRET_IN_FIELD, at)
                .fact("field", Fact::Field(name.number))
                .fact("what", Fact::Said(what))
                .label(format!("{} 属敏感数据", written(bare)), format!("{} is sensitive", written(bare)))
                .note(format!("F{}：{}", field.number, field.zh), format!("F{}: {}", field.number, field.en)),
        );
    }
    if !suits(bare, wanted, *literal) {
        return Some(wrong_type(field, wanted, bare, value, at));
    }
    wrong_length(field, bare, value, *literal, at).or_else(|| wrong_character(field, *literal, at))
}

/// May a value of this type stand in a field that holds the wanted one? Lengths are looked at afterwards.
fn suits(ty: &Type, wanted: &Type, literal: Option<&str>) -> bool {
    match (ty, wanted) {
        // A length that is not known before the run may be right; one that is known is compared below.
        (Type::Digits(found), Type::Digits(wanted)) => *found != 0 || *wanted == 0,
        (Type::Digits(4), Type::Expiry) => true,
        // Requests carry what is no secret in the field that brings keys back, such as a serial number.
        (Type::Text | Type::Digits(_) | Type::Bytes, Type::Keys) => true,
        // Bytes a script wrote itself are no card's.
        (Type::Bytes, Type::ChipData) => true,
        (Type::Text | Type::Digits(_), Type::ResponseCode) => literal.and_then(ResponseCode::parse).is_some(),
        _ => ty.fits(wanted),
    }
}

fn wrong_type(field: &Field, wanted: &Type, found: &Type, value: &Expression, at: Place) -> Finding {
    let finding = Finding::error(types::FIELD_TYPE, at)
        .fact("field", Fact::Field(field.number))
        .text("expected", written(wanted))
        .text("found", written(found))
        .note(format!("F{}：{}", field.number, field.zh), format!("F{}: {}", field.number, field.en));
    match (wanted, found, &value.kind) {
        (Type::Amount, Type::Digits(_) | Type::Int, _) => finding.help(
            "金额必须带币种，如 100.00 CNY；换算成最小货币单位由方言完成",
            "an amount carries its currency, such as `100.00 CNY`; the dialect turns it into minor units",
        ),
        (Type::Bytes | Type::ChipData, Type::Text | Type::Digits(_), ExpressionKind::Text(text)) => {
            let digits = text.plain().unwrap_or_default();
            let is_hex = !digits.is_empty() && digits.len() % 2 == 0 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            if is_hex {
                let edit = Edit { place: at, replacement: format!("x\"{digits}\"") };
                finding.edits(vec![edit], false, "写成字节", "write it as bytes")
            } else {
                finding.help("字节写成 x\"9F26\"", "bytes are written `x\"9F26\"`")
            }
        }
        (Type::Digits(wanted), Type::Int, ExpressionKind::Int(number)) => {
            let digits = format!("{number:0width$}", width = usize::from(*wanted));
            let edit = Edit { place: at, replacement: format!("\"{digits}\"") };
            finding.edits(
                vec![edit],
                // Where zeros have to be added, the number may stand for something else.
                number.to_string().len() == usize::from(*wanted),
                "数字串写在引号里，前导零才不会丢",
                "write digits in quotes, so that leading zeros stay",
            )
        }
        _ => finding,
    }
}

fn wrong_length(field: &Field, ty: &Type, value: &Expression, literal: Option<&str>, at: Place) -> Option<Finding> {
    let found = match (literal, ty, &value.kind) {
        (Some(text), ..) => text.len(),
        (None, Type::Digits(n), _) if *n > 0 => usize::from(*n),
        (None, _, ExpressionKind::Bytes(bytes)) => bytes.len(),
        _ => return None,
    };
    let max = usize::from(field.length.max());
    let exact = matches!(field.length, Length::Fixed { .. })
        && (field.class == Class::Digits || field.padding == Padding::None);
    if found <= max && (!exact || found == max) {
        return None;
    }
    let expected = if exact {
        Said::new(max.to_string(), max.to_string())
    } else {
        Said::new(format!("不超过 {max}"), format!("at most {max}"))
    };
    Some(
        Finding::error(types::FIELD_LENGTH, at)
            .fact("field", Fact::Field(field.number))
            .fact("expected", Fact::Said(expected))
            .fact("found", Fact::Count(found as i64)),
    )
}

fn wrong_character(field: &Field, literal: Option<&str>, at: Place) -> Option<Finding> {
    let text = literal?;
    let (_, sign) = text
        .char_indices()
        .enumerate()
        .find(|(place, (_, sign))| {
            !u8::try_from(*sign)
                .map_or(matches!(field.class, Class::Text | Class::Bytes), |byte| field.class.allows(*place, byte))
        })
        .map(|(_, found)| found)?;
    let class = word(CLASSES, field.class);
    Some(
        Finding::error(types::FIELD_TYPE, at)
            .fact("field", Fact::Field(field.number))
            .text("expected", class)
            .fact("found", Fact::Said(Said::new(format!("字符“{sign}”"), format!("the character `{sign}`")))),
    )
}

fn written(ty: &Type) -> String {
    Types::default().written(ty)
}
