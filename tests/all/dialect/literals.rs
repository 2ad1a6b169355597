//! Message literals against the dialect.

use super::{described, library_dialect};
use tillscript::language::check::message::{check_literal, field_type, reply_has, request_has};
use tillscript::language::syntax::parse::parse;
use tillscript::language::syntax::tree::{Expression, ExpressionKind, ItemKind};
use tillscript::language::types::Type;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::script_error::source::{FileId, Source, Sources};

/// The type the checker would give: literals by what is written, names by what they are called here.
fn type_of(value: &Expression) -> (Type, Option<&str>) {
    match &value.kind {
        ExpressionKind::Text(text) => match text.plain() {
            Some(plain) if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) => {
                (Type::Digits(plain.len() as u16), Some(plain))
            }
            plain => (Type::Text, plain),
        },
        ExpressionKind::Amount { .. } => (Type::Amount, None),
        ExpressionKind::Bytes(_) => (Type::Bytes, None),
        ExpressionKind::Int(_) => (Type::Int, None),
        ExpressionKind::Bool(_) => (Type::Bool, None),
        ExpressionKind::Name(name) => (
            match name.as_str() {
                "pan" => Type::Pan,
                "track" => Type::Track,
                "track_or_none" => Type::optional(Type::Track),
                "pin_or_none" => Type::optional(Type::PinBlock),
                "expiry_or_none" => Type::optional(Type::Expiry),
                "keys" => Type::Keys,
                "stan" => Type::Digits(6),
                "some_digits" => Type::Digits(0),
                "digits_11" => Type::Digits(11),
                "code" => Type::ResponseCode,
                "text" => Type::Text,
                _ => Type::Unknown,
            },
            None,
        ),
        _ => (Type::Unknown, None),
    }
}

/// What is said about one message literal in `cn_pos`.
fn said(literal: &str) -> String {
    said_in("cn_pos", literal)
}

fn said_in(dialect: &str, literal: &str) -> String {
    let text = format!("fn f() -> Message = {literal}\n");
    let mut sources = Sources::default();
    let file = sources.add(Source::new("own", text.as_str()));
    let parsed = parse(FileId(0), &text);
    assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
    let Some(ItemKind::Function(function)) = parsed.tree.items.first().map(|item| &item.kind) else {
        panic!("no function");
    };
    let ExpressionKind::Message { mti, from, fields } = &function.body.kind else {
        panic!("no message");
    };
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| {
            let (ty, plain) = type_of(value);
            (*name, value, ty, plain)
        })
        .collect();
    let mut findings = Vec::new();
    check_literal(library_dialect(dialect), file, mti, from.is_some(), &fields, &mut findings);
    described(&sources, &findings)
}

const SALE: &str =
    "F3: \"000000\" F4: 1.00 CNY F11: stan F22: \"051\" F25: \"00\" F41: text F42: text F49: \"156\" F60: digits_11";

fn sale(with: &str) -> String {
    said(&format!("message 0200 {{ {SALE} {with} }}"))
}

#[test]
fn right_messages_give_no_findings() {
    assert_eq!(sale("F2: pan F14: expiry_or_none F35: track_or_none F52: pin_or_none F55: x\"9F2608\""), "no findings");
    assert_eq!(
        said("message 0800 { F11: stan F41: text F42: text F60: digits_11 F62: \"Sequence No16\" F63: text }"),
        "no findings"
    );
    assert_eq!(said("message 0820 { F41: \"10000007\" F42: text F60: \"00000001301\" }"), "no findings");
    assert_eq!(said("message 0400 from request { F39: \"98\" }"), "no findings");
    assert_eq!(said("message 0400 from request { F39: code F4: 2.00 CNY }"), "no findings");
    // A processing code that is known only in the run: what all rules agree on.
    assert_eq!(
        said(
            "message 0200 { F3: stan F11: stan F22: \"051\" F25: \"00\" F41: text F42: text F49: \"156\" F60: digits_11 F37: text }"
        ),
        "no findings"
    );
}

#[test]
fn wrong_messages() {
    let page = [
        ("unknown message", said("message 0201 { }")),
        ("unknown message, not near", said("message 0700 { F11: stan }")),
        ("unknown processing code", said("message 0200 { F3: \"990000\" }")),
        ("field the dialect lacks", sale("F127: text")),
        ("field 1", sale("F1: text")),
        ("twice", sale("F11: stan")),
        ("field 64", sale("F64: x\"0000000000000000\"")),
        ("not carried", sale("F90: text")),
        ("not carried by this message", said("message 0800 { F11: stan F41: text F42: text F60: digits_11 F63: text F4: 1.00 CNY }")),
        ("missing", said("message 0200 { F3: \"000000\" F4: 1.00 CNY F22: \"051\" F25: \"00\" F49: \"156\" }")),
        ("missing one", said("message 0800 { F11: stan F41: text F42: text F60: digits_11 }")),
        ("missing processing code", said("message 0200 { F11: stan F22: \"051\" F25: \"00\" F41: text F42: text F49: \"156\" F60: digits_11 }")),
        ("digits for an amount", said("message 0200 { F4: \"000000000100\" F3: \"000000\" F11: stan F22: \"051\" F25: \"00\" F41: text F42: text F49: \"156\" F60: digits_11 }")),
        ("whole number for digits", said("message 0820 { F11: 17 F41: text F42: text F60: digits_11 }")),
        ("digits too short", said("message 0820 { F11: \"17\" F41: text F42: text F60: digits_11 }")),
        ("digits too long", said("message 0820 { F11: digits_11 F41: text F42: text F60: digits_11 }")),
        ("digits of any length", said("message 0820 { F11: some_digits F41: text F42: text F60: digits_11 }")),
        ("text too long", said("message 0820 { F41: \"123456789\" F42: text F60: digits_11 }")),
        ("variable field too long", said("message 0820 { F41: text F42: text F60: \"00000000000000000000\" }")),
        ("bytes too long", sale("F58: text")),
        ("a letter among digits", said("message 0820 { F41: text F42: text F60: \"22-000001\" }")),
        ("a sign in letters and digits", said("message 0200 { F3: \"200000\" F4: 1.00 CNY F11: stan F22: \"051\" F25: \"00\" F37: \"12-34\" F41: text F42: text F49: \"156\" F60: digits_11 F61: text }")),
        ("a card number in an ordinary field", sale("F63: pan")),
        ("a track in the card number's field", sale("F2: track")),
        ("a track that may be missing in an ordinary field", sale("F63: track_or_none")),
        ("keys in an ordinary field", sale("F63: keys")),
        ("text for a card number", sale("F2: \"6222020012345678\"")),
        ("text for a PIN block", sale("F52: text")),
        ("a reason that is no code", said("message 0400 from request { F39: \"987\" }")),
    ]
    .map(|(what, page)| format!("{what}\n{page}\n"))
    .join("\n");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dialect");
    insta::with_settings!({
        snapshot_path => folder,
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("wrong-messages", page);
    });
}

#[test]
fn types_of_fields() {
    let dialect = library_dialect("cn_pos");
    for (number, ty) in [
        (2, Some(Type::Pan)),
        (3, Some(Type::Digits(6))),
        (4, Some(Type::Amount)),
        (11, Some(Type::Digits(6))),
        (12, Some(Type::Digits(6))),
        (13, Some(Type::Digits(4))),
        (14, Some(Type::Expiry)),
        (22, Some(Type::Digits(3))),
        (32, Some(Type::Digits(0))),
        (35, Some(Type::Track)),
        (37, Some(Type::Text)),
        (39, Some(Type::ResponseCode)),
        (41, Some(Type::Text)),
        (52, Some(Type::PinBlock)),
        (55, Some(Type::ChipData)),
        (59, Some(Type::Text)),
        (60, Some(Type::Digits(0))),
        (62, Some(Type::Keys)),
        (64, None),
        (7, None),
        (0, None),
        (255, None),
    ] {
        assert_eq!(field_type(dialect, number), ty, "F{number}");
    }
}

#[test]
fn fields_that_are_always_there() {
    let dialect = library_dialect("cn_pos");
    let sign_in = Some(Mti(800));
    assert!(reply_has(dialect, sign_in, 12) && reply_has(dialect, sign_in, 13) && reply_has(dialect, sign_in, 39));
    assert!(!reply_has(dialect, sign_in, 62) && !reply_has(dialect, sign_in, 59));
    assert!(
        reply_has(dialect, Some(Mti(200)), 37) && !reply_has(dialect, Some(Mti(200)), 54),
        "a balance has it, a sale not"
    );
    assert!(!reply_has(dialect, None, 39) && !reply_has(dialect, Some(Mti(700)), 39));
    assert!(request_has(dialect, Some(Mti(200)), 3) && !request_has(dialect, Some(Mti(200)), 4));
    assert!(!request_has(dialect, None, 3));
}
