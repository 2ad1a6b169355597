//! A world made of chance: the same seed tells both sides the same, request by request.

use super::dice::Dice;
use super::reference::evaluator::{Told, World};
use super::reference::value::CURRENCIES;
use tillscript::language::builtin;
use tillscript::language::builtin::row::{Builtin, Does, Op};
use tillscript::language::types::{Type, Types};
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::response::ResponseCode;

/// Answers by a seed and the number of the request.
#[derive(Debug)]
pub(super) struct Scripted<'t> {
    pub(super) types: &'t Types,
    pub(super) seed: u64,
    pub(super) asked: u64,
}

/// Texts of all lengths: empty, around the seven bytes that a word holds, long, in both scripts.
const TEXTS: &[&str] = &[
    "",
    "a",
    "CUP",
    "sixsix",
    "seven77",
    "eight888",
    "八个字节还多",
    "{braces}",
    "say \"yes\"",
    "two\nlines",
    "tab\tand\\",
    "123456",
    "000000",
    "the quick brown fox jumps over the lazy dog and then over another one",
    "支付终端的流程须写明每一步做什么、出错时怎么办、钱款在哪里，缺一不可，否则收银员不知如何是好",
    "0202156C000000012345",
    "0201156C0000000000010202392D000000000777",
    "0202000C000000000001",
    "0202156X000000000001",
];

const NUMBERS: &[i64] =
    &[0, 1, -1, 2, 3, 7, 10, 60, 100, -100, 1_000, 999_999, 2_147_483_647, -2_147_483_648, i64::MAX, i64::MIN];

const MINORS: &[i64] = &[
    0,
    1,
    2,
    5,
    15,
    25,
    -5,
    -25,
    99,
    100,
    12_345,
    -12_345,
    1_000_000,
    999_999_999_999,
    -999_999_999_999,
    9_007_199_254_740_991,
    -9_007_199_254_740_992,
];

/// Codes that the generated table has, and some that it lacks.
const CODES: &[&str] = &["00", "11", "05", "51", "55", "04", "41", "97", "91", "96", "01", "02", "ZZ", "z9"];

fn one_of(dice: &mut Dice, words: &'static [&'static str]) -> &'static str {
    words[dice.below(words.len())]
}

/// A value of a type.
pub(super) fn value_of(types: &Types, ty: &Type, dice: &mut Dice) -> Value {
    let digits = |dice: &mut Dice, length: usize| -> String {
        (0..length).map(|_| char::from(b'0' + dice.below(10) as u8)).collect()
    };
    match ty {
        Type::Bool => Value::Bool(dice.percent(50)),
        Type::Int if dice.percent(60) => Value::Int(dice.below(12) as i64 - 3),
        Type::Int | Type::Percent | Type::Duration => Value::Int(*dice.one(NUMBERS)),
        Type::Time => Value::Int(match dice.below(4) {
            0 => 0,
            1 => 1_709_164_799_999,
            2 => 4_102_444_800_000,
            _ => 1_767_000_000_000 + dice.below(40_000_000) as i64 * 1_000,
        }),
        Type::Text => Value::Text(one_of(dice, TEXTS).to_string()),
        Type::Expiry => Value::Text(digits(dice, 4)),
        Type::Kcv => Value::Text(dice.one(&["82E136", "08D7B4", "000000"]).to_string()),
        Type::Digits(0) => {
            let length = dice.below(12);
            Value::Text(digits(dice, length))
        }
        Type::Digits(length) => Value::Text(digits(dice, usize::from(*length))),
        Type::Bytes => Value::Bytes((0..dice.below(12)).map(|_| dice.next() as u8).collect()),
        Type::Amount => {
            let home = if dice.percent(85) { 0 } else { dice.below(CURRENCIES.len()) };
            let minor = if dice.percent(50) { dice.below(20_000) as i64 } else { *dice.one(MINORS) };
            Value::Amount(Amount::new(minor, Currency::from_numeric(CURRENCIES[home].1).expect("a currency")))
        }
        Type::List(of) => Value::List((0..dice.below(5)).map(|_| value_of(types, of, dice)).collect()),
        Type::Optional(_) if dice.percent(35) => Value::None,
        Type::Optional(of) => value_of(types, of, dice),
        Type::Record(at) => {
            let record = &types.records[usize::from(*at)];
            Value::Record(record.fields.iter().map(|(_, ty)| value_of(types, ty, dice)).collect())
        }
        Type::Union(at) => {
            let union = &types.unions[usize::from(*at)];
            // The world makes no errors and no transactions.
            let made = |ty: &Option<Type>| !matches!(ty, Some(Type::Error | Type::Record(0)));
            let tags: Vec<usize> = (0..union.variants.len()).filter(|tag| made(&union.variants[*tag].1)).collect();
            let tag = *dice.one(&tags);
            let payload = union.variants[tag].1.as_ref().map(|ty| Box::new(value_of(types, ty, dice)));
            Value::Variant { tag: tag as u8, payload }
        }
        Type::ResponseCode => Value::Code(ResponseCode::parse(one_of(dice, CODES)).expect("a code")),
        Type::Mti => Value::Mti(Mti(*dice.one(&[0, 200, 210, 800, 9999]))),
        Type::Pan | Type::Track | Type::PinBlock | Type::Keys | Type::Cryptogram | Type::ChipData => Value::Sealed {
            number: dice.below(6) as u32 + 1,
            masked: dice.one(&["622202******1234", "621700*********9876", "******"]).to_string(),
            sound: dice.percent(70),
        },
        Type::Phrase => Value::Phrase { zh: one_of(dice, TEXTS).to_string(), en: one_of(dice, TEXTS).to_string() },
        Type::Reply(_) | Type::Message(_) => reply(types, 210, dice),
        Type::Nothing => Value::Nothing,
        other => unreachable!("the world has no {other:?}"),
    }
}

/// A reply with the fields that the generated dialect promises, most of the time.
fn reply(types: &Types, mti: u16, dice: &mut Dice) -> Value {
    let always: &[(u8, Type)] = &[
        (4, Type::Amount),
        (11, Type::Digits(6)),
        (37, Type::Text),
        (38, Type::Text),
        (39, Type::ResponseCode),
        (41, Type::Text),
        (54, Type::Text),
        (59, Type::Bytes),
        (60, Type::Digits(0)),
        (62, Type::Keys),
    ];
    let mut fields = Vec::new();
    for (number, ty) in always {
        let kept = if [11, 39].contains(number) { 96 } else { 75 };
        if dice.percent(kept) {
            let mut value = value_of(types, ty, dice);
            // Bytes that happen to be characters cross the border as characters; these never are.
            if let Value::Bytes(bytes) = &mut value {
                bytes.insert(0, 0xFF);
            }
            fields.push((*number, value));
        }
    }
    Value::Message { mti: Mti(mti), fields }
}

/// The row whose request an op is.
pub(super) fn row_of(op: Op) -> Option<&'static Builtin> {
    builtin::all().find(|row| row.does == Does::Request(op))
}

impl World for Scripted<'_> {
    fn answer(&mut self, op: Op, arguments: &[Value]) -> Told {
        self.asked += 1;
        let mut dice = Dice::new(self.seed ^ self.asked.wrapping_mul(0xD134_2543_DE82_EF95));
        let row = row_of(op);
        let errors = row.map_or(&[][..], |row| row.errors);
        let fails = match op {
            Op::Sleep => 2,
            Op::ReverseOpen | Op::Commit | Op::Discard | Op::Reverse => 6,
            Op::HostSend => 30,
            _ => 20,
        };
        if dice.percent(fails) && (!errors.is_empty() || row.is_none()) {
            let code = if errors.is_empty() || dice.percent(4) {
                *dice.one(&["T7001", "T7002", "T6201", "T8101"])
            } else {
                dice.one(errors).0
            };
            let facts = match dice.below(3) {
                0 => Vec::new(),
                1 => vec![("after".into(), "60秒".into(), "60s".into())],
                _ => vec![
                    ("field".into(), "第 11 域".into(), "F11".into()),
                    ("detail".into(), "细节".into(), "a detail".into()),
                ],
            };
            return Told::Failed(code.into(), facts);
        }
        let gives = row.map_or(Type::Nothing, |row| row.gives.to_type());
        Told::Value(match (op, arguments.first()) {
            (Op::HostSend, Some(Value::Message { mti, .. })) => reply(self.types, mti.0 + 10, &mut dice),
            (Op::SawHostReceived, _) if dice.percent(40) => Value::None,
            _ => value_of(self.types, &gives, &mut dice),
        })
    }
}
