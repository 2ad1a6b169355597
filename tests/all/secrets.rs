//! The levels of secrets: their order, what types have them, and what the rows of the builtins say.

use std::sync::Arc;
use tillscript::language::builtin;
use tillscript::language::builtin::row::{Builtin, Does, Owner, Ty};
use tillscript::language::builtin::shapes;
use tillscript::language::types::{Level, Levels, RecordType, Type, Types, UnionType};

/// The only builtins that give less than they take, each with what it lets out.
const LOWERS: &[(&str, &str)] = &[
    ("mask", "the first six and last four digits"),
    ("luhn_valid", "whether the check digit is right"),
    ("pinpad.load", "the key's check value"),
    ("card.complete", "the chip's verdict, and chip data that the terminal makes itself"),
    ("List.length", "how many there are"),
    ("Reply.code", "field 39"),
    ("Reply.mti", "the message type"),
    ("Message.mti", "the message type"),
    ("Error.code", "the code, no fact"),
    ("Error.name", "the name, no fact"),
];

/// Devices that people or files read from; and what makes sentences.
const CLEAR: &[&str] =
    &["screen", "keypad", "printer", "store", "beeper", "battery", "clock", "log", "batch", "journal"];

fn name(row: &Builtin) -> String {
    match row.owner {
        Owner::Device(device) => format!("{device}.{}", row.name),
        Owner::Nobody => row.name.to_string(),
        Owner::Value(of) => format!("{of:?}.{}", row.name),
    }
}

fn levels() -> Levels {
    Levels::of(&shapes::types())
}

fn of(ty: Ty) -> Level {
    levels().of_type(&ty.to_type())
}

/// The highest level a row may be given.
fn taken(row: &Builtin) -> Level {
    let object = match row.owner {
        Owner::Value(of) => of.most(),
        _ => Level::Public,
    };
    row.takes.iter().map(|takes| takes.most).fold(object, Level::max)
}

#[test]
fn levels_are_in_order() {
    assert!(Level::ALL.is_sorted_by(|low, high| low < high));
    let secret: Vec<Level> = Level::ALL.into_iter().filter(|level| level.is_secret()).collect();
    assert_eq!(secret, [Level::CardNumber, Level::Secret, Level::Key]);
}

#[test]
fn what_holds_a_secret_is_one() {
    let levels = levels();
    let level = |ty: &Type| levels.of_type(ty);
    assert_eq!(level(&Type::Text), Level::Public);
    assert_eq!(level(&Type::Expiry), Level::Masked);
    assert_eq!(level(&Type::list(Type::optional(Type::Pan))), Level::CardNumber);
    assert_eq!(level(&Type::Record(shapes::CARD)), Level::Secret);
    assert_eq!(level(&Type::Record(shapes::KEY_BUNDLE)), Level::Key);
    assert_eq!(level(&Type::Record(shapes::LEDGER_LINE)), Level::Public);
    assert_eq!(level(&Type::Union(shapes::OUTCOME)), Level::Key);
    assert_eq!(level(&Type::Union(shapes::ENTRY)), Level::Public);
}

#[test]
fn a_reply_is_as_high_as_any_of_its_fields() {
    let levels = levels();
    let reply = levels.of_type(&Type::Reply(None));
    for ty in [Type::Pan, Type::Track, Type::PinBlock, Type::Keys, Type::ChipData, Type::Cryptogram] {
        assert!(levels.of_type(&ty).is_secret() && levels.of_type(&ty) <= reply, "{ty:?}");
    }
}

#[test]
fn levels_rise_through_records_and_unions_whatever_their_order() {
    let record =
        |at: usize, ty: Type| Arc::new(RecordType { name: format!("R{at}").into(), fields: vec![("next".into(), ty)] });
    let count = 60_000_u16;
    // Each holds the one behind it, the last a key; and two hold each other.
    let mut types = Types::default();
    for at in 0..count {
        let last = at + 1 == count;
        types.records.push(record(usize::from(at), if last { Type::Keys } else { Type::Record(at + 1) }));
    }
    types.unions = [
        UnionType { name: "A".into(), variants: vec![("a".into(), Some(Type::Union(1))), ("b".into(), None)] },
        UnionType { name: "B".into(), variants: vec![("c".into(), Some(Type::list(Type::Union(0))))] },
        UnionType {
            name: "C".into(),
            variants: vec![("d".into(), Some(Type::Union(2))), ("e".into(), Some(Type::Pan))],
        },
    ]
    .map(Arc::new)
    .to_vec();
    let levels = Levels::of(&types);
    assert_eq!(levels.of_type(&Type::Record(0)), Level::Key);
    assert_eq!(levels.of_type(&Type::Union(0)), Level::Public);
    assert_eq!(levels.of_type(&Type::Union(2)), Level::CardNumber);
    assert_eq!(levels.of_type(&Type::Record(u16::MAX)), Level::Public);
}

#[test]
fn rows_take_what_their_types_say() {
    for row in builtin::all() {
        for takes in row.takes {
            assert!(of(takes.ty) <= takes.most, "{}: `{}` takes less than its type is", name(row), takes.name);
            // A type that is sealed says exactly how high it is; only text can be higher than its type.
            let exact = of(takes.ty).is_secret();
            assert!(!exact || of(takes.ty) == takes.most, "{}: `{}` takes more than it needs", name(row), takes.name);
            assert!(exact || !takes.most.is_secret(), "{}: `{}` takes secrets as text", name(row), takes.name);
        }
        assert!(of(row.gives) <= row.level, "{}: gives less than its type is", name(row));
    }
}

#[test]
fn only_builtins_on_the_list_lower() {
    for row in builtin::all() {
        let listed = LOWERS.iter().any(|(lowering, _)| *lowering == name(row));
        assert_eq!(row.lowers, listed, "{}", name(row));
        // Whatever a row gives is at least as high as what it took, but for those.
        for given in Level::ALL.into_iter().filter(|level| *level <= taken(row)) {
            assert!(row.lowers || row.gives_level(given) >= given, "{}", name(row));
        }
        // What a type cannot carry on has to be said to be lower.
        let gives = Levels::of(&shapes::types()).of_type(&row.gives.to_type());
        let nothing = row.gives.to_type() == Type::Nothing;
        assert!(!taken(row).is_secret() || nothing || gives.is_secret() || row.lowers, "{} lowers unsaid", name(row));
    }
    assert_eq!(LOWERS.len(), builtin::all().filter(|row| row.lowers).count());
}

#[test]
fn no_clear_sink_takes_more_than_masked() {
    for row in builtin::all() {
        let clear = match row.owner {
            Owner::Device(device) => CLEAR.contains(&device) || row.fixture,
            Owner::Nobody => row.name == "phrase",
            Owner::Value(_) => false,
        };
        assert!(!clear || taken(row) <= Level::CLEAR, "{} shows what is sealed", name(row));
        // Of what is worked out at once, only these see a sealed value at all.
        if let (Does::Pure(_), Owner::Nobody) = (row.does, row.owner) {
            assert_eq!(taken(row).is_secret(), ["mask", "luhn_valid"].contains(&row.name), "{}", name(row));
        }
    }
}
