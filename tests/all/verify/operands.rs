//! What each instruction takes and gives: right as it stands, and each operand one past what it may be.

use super::values::{KIND, VALUE, program};
use tillscript::language::builtin;
use tillscript::language::builtin::row::{Does, Of, Op, Owner, Pure};
use tillscript::language::builtin::shapes;
use tillscript::language::bytecode::instruction::{Instruction as I, Show};
use tillscript::language::bytecode::program::{Program, Shape, Switch};
use tillscript::language::bytecode::structure;
use tillscript::language::types::Type;
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;

const INDEX: &str = "an index names nothing";
const COUNT: &str = "number of values";
const REGISTER: &str = "no such register";
const BACK: I = I::ReturnNothing {};

// Registers by what they hold.
const INT: u8 = 0;
const TEXT: u8 = 1;
const AMOUNT: u8 = 2;
const BOOL: u8 = 3;
const CODE: u8 = 4;
const MTI: u8 = 5;
const DURATION: u8 = 6;
const ERROR: u8 = 7;
const OUTCOME: u8 = 8;
const ENTRY: u8 = 9;
const TXN: u8 = 10;
const LINE: u8 = 11;
const PHRASE: u8 = 12;
const RECEIPT: u8 = 13;
const TEXTS: u8 = 14;
const INTS: u8 = 15;
const SOME_INT: u8 = 16;
const SOME_MESSAGE: u8 = 17;
const MESSAGE: u8 = 18;
const NOTHING: u8 = 20;
/// Digits and an amount: what `LINE` is made of.
const OF_LINE: u8 = 21;
/// Two texts.
const TWO_TEXTS: u8 = 23;
/// What `TXN` is made of.
const OF_TXN: u8 = 25;
const PERCENT: u8 = 29;
const TIME: u8 = 30;
const BYTES: u8 = 31;

fn registers() -> Vec<Type> {
    vec![
        Type::Int,
        Type::Text,
        Type::Amount,
        Type::Bool,
        Type::ResponseCode,
        Type::Mti,
        Type::Duration,
        Type::Error,
        Type::Union(shapes::OUTCOME),
        Type::Union(shapes::ENTRY),
        Type::Record(shapes::TXN),
        Type::Record(shapes::LEDGER_LINE),
        Type::Phrase,
        Type::Receipt,
        Type::list(Type::Text),
        Type::list(Type::Int),
        Type::optional(Type::Int),
        Type::optional(Type::Message(None)),
        Type::Message(None),
        Type::Reply(None),
        Type::Nothing,
        Type::Digits(6),
        Type::Amount,
        Type::Text,
        Type::Text,
        Type::Union(shapes::TXN_KIND),
        Type::Amount,
        Type::Message(None),
        Type::Reply(None),
        Type::Percent,
        Type::Time,
        Type::Bytes,
    ]
}

/// One instruction over these registers; its words are 0, 1, 256, all bits, and an amount.
fn with(instruction: I) -> Program {
    let mut program = program(&registers(), &[instruction, BACK]);
    let amount = Amount::new(10_000, Currency::CNY).to_bits().expect("an amount");
    program.words = vec![0, 1, 256, u64::MAX, amount];
    program.shapes =
        vec![Shape { mti: Mti(200), fields: vec![(3, 0, Type::Digits(6)), (4, 1, Type::Amount)], copies: vec![] }];
    program
}

/// What the structure says of it; empty if nothing.
fn said(program: &Program) -> String {
    structure::check(program).err().map(|error| error.detail.en).unwrap_or_default()
}

/// The first is right, each of the others is told as it stands beside it.
#[track_caller]
fn told(right: I, wrong: &[(I, &str)]) {
    assert_eq!(said(&with(right)), "", "{right:?}");
    for (wrong, wanted) in wrong {
        let found = said(&with(*wrong));
        assert!(found.contains(wanted), "{wrong:?}: {found:?}, not {wanted}");
    }
}

#[test]
fn records_and_unions_are_made_of_their_parts_and_taken_apart() {
    let record = |to, base, count| I::MakeRecord { to, base, count };
    told(
        record(LINE, OF_LINE, 2),
        &[
            (record(LINE, OF_LINE + 1, 2), KIND),
            (record(LINE, OF_LINE, 1), COUNT),
            (record(LINE, OF_LINE, 3), COUNT),
            (record(LINE, BYTES, 2), REGISTER),
            (record(INT, OF_LINE, 2), KIND),
        ],
    );
    told(record(TXN, OF_TXN, 4), &[(record(TXN, OF_TXN - 1, 4), KIND)]);
    told(record(PHRASE, TWO_TEXTS, 2), &[(record(PHRASE, TWO_TEXTS - 1, 2), KIND), (record(PHRASE, TEXT, 1), COUNT)]);
    let field = |to, record, index| I::GetField { to, record, index };
    told(field(AMOUNT, LINE, 1), &[(field(AMOUNT, LINE, 0), KIND), (field(AMOUNT, LINE, 2), INDEX)]);
    told(field(TEXT, LINE, 0), &[(field(TEXT, LINE, 1), KIND)]);
    told(field(TEXT, PHRASE, 1), &[(field(TEXT, PHRASE, 2), INDEX), (field(INT, PHRASE, 1), KIND)]);
    use shapes::outcome::{DECLINED, DONE, FAILED};
    let variant = |to, tag, value| I::MakeVariant { to, tag, value };
    told(
        variant(OUTCOME, DECLINED, CODE),
        &[
            (variant(OUTCOME, DECLINED, INT), KIND),
            (variant(OUTCOME, DONE, CODE), KIND),
            (variant(OUTCOME, FAILED + 1, CODE), INDEX),
        ],
    );
    let outcome = |to, tag, value| I::MakeOutcome { to, tag, value };
    told(
        outcome(OUTCOME, DECLINED, CODE),
        &[
            (outcome(OUTCOME, DECLINED, INT), KIND),
            (outcome(ENTRY, 0, INT), KIND),
            (outcome(OUTCOME, FAILED + 1, INT), INDEX),
        ],
    );
    told(outcome(OUTCOME, DONE, INT), &[]);
    let payload = |to, tag| I::GetPayload { to, from: OUTCOME, tag };
    told(
        payload(CODE, DECLINED),
        &[(payload(INT, DECLINED), KIND), (payload(CODE, DONE), KIND), (payload(CODE, FAILED + 1), INDEX)],
    );
}

/// Makes an instruction of its registers.
type OfThree = fn(u8, u8, u8) -> I;
type OfOne = fn(u8) -> I;

/// Each operand in turn is a register of another kind, and one that is not there.
#[test]
fn operands_are_of_the_kind_that_the_row_says() {
    let three: [(OfThree, u8, u8); 8] = [
        (|to, left, right| I::AddAmount { to, left, right }, AMOUNT, AMOUNT),
        (|to, left, right| I::SubtractAmount { to, left, right }, AMOUNT, AMOUNT),
        (|to, left, right| I::EqualAmount { to, left, right }, BOOL, AMOUNT),
        (|to, left, right| I::LessAmount { to, left, right }, BOOL, AMOUNT),
        (|to, left, right| I::LessOrEqualAmount { to, left, right }, BOOL, AMOUNT),
        (|to, left, right| I::EqualText { to, left, right }, BOOL, TEXT),
        (|to, left, right| I::LessText { to, left, right }, BOOL, TEXT),
        (|to, left, right| I::JoinLists { to, left, right }, TEXTS, TEXTS),
    ];
    for (make, to, of) in three {
        told(
            make(to, of, of),
            &[(make(ERROR, of, of), KIND), (make(to, ERROR, of), KIND), (make(to, of, ERROR), KIND)],
        );
        told(
            make(to, of, of),
            &[(make(99, of, of), REGISTER), (make(to, 99, of), REGISTER), (make(to, of, 99), REGISTER)],
        );
    }
    let one: [(OfOne, u8); 12] = [
        (|on| I::NegateAmount { to: AMOUNT, from: on }, AMOUNT),
        (|on| I::NegateAmount { to: on, from: AMOUNT }, AMOUNT),
        (|on| I::MultiplyAmount { to: AMOUNT, left: on, right: INT }, AMOUNT),
        (|on| I::JumpIfNone { test: on, target: 1 }, SOME_INT),
        (|on| I::LoadNone { to: on }, SOME_INT),
        (|on| I::ListLength { to: INT, list: on }, TEXTS),
        (|on| I::GetMessageField { to: TEXT, message: on, field: 1 }, MESSAGE),
        (|on| I::FindMessageField { to: SOME_INT, message: on, field: 1 }, MESSAGE),
        (|on| I::FindMessageField { to: on, message: MESSAGE, field: 1 }, SOME_INT),
        (|on| I::OpenReversal { request: on, by: SOME_MESSAGE }, MESSAGE),
        (|on| I::IsError { to: BOOL, value: on, error: 0 }, ERROR),
        (|on| I::Fail { error: on }, ERROR),
    ];
    for (make, on) in one {
        told(make(on), &[(make(PHRASE), KIND), (make(99), REGISTER)]);
    }
}

#[test]
fn boxes_and_lists_hold_what_they_say() {
    told(I::MakeSome { to: SOME_INT, from: INT }, &[(I::MakeSome { to: SOME_INT, from: TEXT }, KIND)]);
    told(I::GetSome { to: INT, from: SOME_INT }, &[(I::GetSome { to: TEXT, from: SOME_INT }, KIND)]);
    let list = |to, base, count| I::MakeList { to, base, count };
    told(
        list(TEXTS, TWO_TEXTS, 2),
        &[
            (list(INTS, TWO_TEXTS, 2), KIND),
            (list(TEXTS, TWO_TEXTS - 1, 2), KIND),
            (list(TEXTS, BYTES, 2), REGISTER),
            (list(RECEIPT, TEXT, 1), KIND),
            (list(RECEIPT, LINE, 1), KIND),
        ],
    );
    told(list(RECEIPT, TEXT, 0), &[]);
    let join = |left, right| I::JoinLists { to: TEXTS, left, right };
    told(join(TEXTS, TEXTS), &[(join(INTS, TEXTS), KIND), (join(TEXTS, INTS), KIND)]);
    let among = |item, list| I::Contains { to: BOOL, item, list };
    told(among(TEXT, TEXTS), &[(among(INT, TEXTS), KIND), (among(TEXT, RECEIPT), KIND)]);
    let deep = |left, right| I::EqualDeep { to: BOOL, left, right };
    // Digits are texts, whichever side they stand on.
    told(deep(OF_LINE, TEXT), &[(deep(TEXTS, INTS), KIND)]);
    told(deep(TEXT, OF_LINE), &[]);
}

#[test]
fn messages_errors_and_ways_out_take_what_is_theirs() {
    told(
        I::OpenReversal { request: MESSAGE, by: SOME_MESSAGE },
        &[(I::OpenReversal { request: MESSAGE, by: SOME_INT }, KIND)],
    );
    told(I::Commit { txn: TXN }, &[(I::Commit { txn: LINE }, KIND)]);
    let get = |to, field| I::GetMessageField { to, message: MESSAGE, field };
    told(get(TEXT, 1), &[(get(TEXT, 0), INDEX), (get(TEXT, 129), INDEX), (get(NOTHING, 1), KIND)]);
    told(get(TEXT, 128), &[]);
    let find = |field| I::FindMessageField { to: SOME_INT, message: MESSAGE, field };
    told(find(128), &[(find(0), INDEX), (find(129), INDEX)]);
    let make = |base, shape| I::MakeMessage { to: MESSAGE, base, shape };
    told(make(OF_LINE, 0), &[(make(OF_LINE, 1), INDEX), (make(OF_LINE + 1, 0), KIND), (make(BYTES, 0), KIND)]);
    let over = |base, shape| I::MakeMessageFrom { to: MESSAGE, from: MESSAGE, base, shape };
    told(over(OF_LINE, 0), &[(over(OF_LINE, 1), INDEX), (over(OF_LINE + 1, 0), KIND)]);
    let is = |error| I::IsError { to: BOOL, value: ERROR, error };
    told(is(0), &[(is(1), INDEX)]);
    let build = |error| I::MakeError { to: ERROR, base: TEXT, error };
    told(build(0), &[(build(1), INDEX)]);
    let ends = |gives: Type, last: I| {
        let mut program = program(&registers(), &[last]);
        program.functions[0].gives = gives;
        said(&program)
    };
    assert_eq!(ends(Type::Int, I::Return { from: INT }), "");
    assert!(ends(Type::Int, I::Return { from: TEXT }).contains(KIND));
    assert!(ends(Type::Int, BACK).contains(KIND));
    assert_eq!(ends(Type::Nothing, BACK), "");
}

#[test]
fn words_are_values_of_their_registers() {
    let number = |to, value| I::LoadInt { to, value };
    told(number(BOOL, 1), &[(number(BOOL, 2), VALUE), (number(BOOL, -1), VALUE)]);
    told(number(BOOL, 0), &[]);
    told(number(MTI, 9_999), &[(number(MTI, 10_000), VALUE), (number(MTI, -1), VALUE)]);
    told(number(CODE, 0x3030), &[(number(CODE, 0), VALUE), (number(CODE, 0x30_3030), VALUE)]);
    for any in [INT, DURATION, PERCENT, TIME] {
        told(number(any, -1), &[]);
    }
    let word = |to, word| I::LoadWord { to, word };
    told(word(INT, 3), &[(word(INT, 5), INDEX), (word(TEXT, 0), KIND), (word(ERROR, 0), KIND), (word(TXN, 0), KIND)]);
    told(word(AMOUNT, 4), &[(word(AMOUNT, 0), VALUE), (word(AMOUNT, 3), VALUE)]);
    // A variant without a value; 256 is no tag, although its lowest byte is one.
    told(word(OUTCOME, 0), &[(word(OUTCOME, 1), VALUE), (word(OUTCOME, 2), VALUE)]);
    told(word(ENTRY, 1), &[(word(ENTRY, 2), VALUE), (word(ENTRY, 3), VALUE)]);
}

#[test]
fn each_form_of_writing_takes_its_own_type() {
    let forms = [
        (Show::Int, &[INT][..]),
        (Show::Bool, &[BOOL]),
        (Show::Amount, &[AMOUNT, OF_LINE + 1, OF_TXN + 1]),
        (Show::Duration, &[DURATION]),
        (Show::Percent, &[PERCENT]),
        (Show::Time, &[TIME]),
        (Show::ResponseCode, &[CODE]),
        (Show::Mti, &[MTI]),
        (Show::Union, &[OUTCOME, ENTRY, OF_TXN]),
        (Show::Bytes, &[TEXT, OF_LINE, TWO_TEXTS, TWO_TEXTS + 1, BYTES]),
    ];
    for (form, takes) in forms {
        for from in 0..registers().len() as u8 {
            let found = said(&with(I::ToText { to: TEXT, from, show: form as u8 }));
            assert_eq!(found.is_empty(), takes.contains(&from), "{form:?} of register {from}: {found}");
        }
    }
    assert!(said(&with(I::ToText { to: TEXT, from: INT, show: 0 })).contains(INDEX));
    assert!(said(&with(I::ToText { to: TEXT, from: INT, show: 11 })).contains(INDEX));
}

#[test]
fn a_pause_takes_one_length_of_time() {
    let sleep = |to, base, count| I::Request { to, op: Op::Sleep.number(), base, count };
    told(
        sleep(NOTHING, DURATION, 1),
        &[
            (sleep(NOTHING, DURATION, 0), COUNT),
            (sleep(NOTHING, DURATION, 2), COUNT),
            (sleep(NOTHING, INT, 1), KIND),
            (sleep(INT, DURATION, 1), KIND),
        ],
    );
}

/// Every text and every tag of a table is there; a word may be any.
#[test]
fn the_cases_of_a_switch_name_something() {
    let switch = |instruction: I, keys: &[u64]| {
        let mut program = program(&registers(), &[instruction, BACK]);
        let cases = keys.iter().map(|key| (*key, 1)).collect();
        program.switches = vec![Switch { cases, otherwise: 1 }];
        said(&program)
    };
    // Four texts.
    let text = I::SwitchText { on: TEXT, table: 0 };
    assert_eq!(switch(text, &[0, 3]), "");
    assert!(switch(text, &[0, 4]).contains(INDEX));
    // Four ways of entry.
    let tag = I::SwitchTag { on: ENTRY, table: 0 };
    assert_eq!(switch(tag, &[0, 3]), "");
    assert!(switch(tag, &[0, 4]).contains(INDEX));
    let word = I::SwitchWord { on: INT, table: 0 };
    assert_eq!(switch(word, &[0, 4, u64::MAX]), "");
    assert!(switch(word, &[4, 4]).contains("not sorted"));
    assert!(switch(I::SwitchWord { on: INT, table: 1 }, &[]).contains(INDEX));
    assert!(switch(I::SwitchWord { on: TEXT, table: 0 }, &[]).contains(KIND));
    assert!(switch(I::SwitchText { on: INT, table: 0 }, &[]).contains(KIND));
    // A table belongs to one instruction.
    let both = |second: u16| {
        let word = |table| I::SwitchWord { on: INT, table };
        let mut program = program(&registers(), &[word(0), word(second), BACK]);
        program.switches = vec![Switch { cases: vec![(1, 2)], otherwise: 2 }; 2];
        said(&program)
    };
    assert_eq!(both(1), "");
    assert!(both(0).contains(INDEX));
}

/// A value of each owner's kind.
fn object(of: Of) -> Type {
    match of {
        Of::Text => Type::Text,
        Of::List => Type::list(Type::Text),
        Of::Amount => Type::Amount,
        Of::Reply => Type::Reply(None),
        Of::Message => Type::Message(None),
        Of::ResponseCode => Type::ResponseCode,
        Of::Error => Type::Error,
    }
}

#[test]
fn every_builtin_takes_and_gives_what_its_row_says() {
    for row in builtin::all() {
        let mut right: Vec<Type> = match row.owner {
            Owner::Value(of) => vec![object(of)],
            _ => vec![],
        };
        right.extend(row.takes.iter().map(|takes| {
            let ty = takes.ty.to_type();
            if takes.optional { Type::optional(ty) } else { ty }
        }));
        let count = right.len() as u8;
        let call = |given: &[Type], count: u8, gives: Type| {
            // One more register than is asked for, so that a row of one more is a row all the same.
            let mut registers = given.to_vec();
            registers.extend([gives, Type::Receipt]);
            let to = registers.len() as u8 - 2;
            let call = match row.does {
                Does::Pure(native) => I::CallPure { to, native: native.number(), base: 0, count },
                Does::Request(op) => I::Request { to, op: op.number(), base: 0, count },
            };
            said(&program(&registers, &[call, BACK]))
        };
        let name = row.name;
        let gives = row.gives.to_type();
        assert_eq!(call(&right, count, gives.clone()), "", "{name}");
        for at in 0..right.len() {
            // No builtin takes one of these.
            for other in [Type::Never, Type::Kcv] {
                let mut wrong = right.clone();
                if other == Type::Kcv && matches!(wrong[at], Type::Text | Type::Kcv) {
                    continue;
                }
                wrong[at] = other;
                assert!(call(&wrong, count, gives.clone()).contains(KIND), "{name}, value {at}");
            }
        }
        if count > 0 {
            assert!(call(&right, count - 1, gives.clone()).contains(COUNT), "{name} with too little");
        }
        let more = call(&right, count + 1, gives.clone());
        // What a fixture is given last are fields, and what stands there are none.
        assert!(more.contains(if row.fixture { KIND } else { COUNT }), "{name} with too much: {more}");
        let other = if gives == Type::Never { Type::Int } else { Type::Never };
        assert!(call(&right, count, other).contains(KIND), "{name} into another type");
        // Digits as many as the register says: from the two builtins that count them, from no other.
        let counts = matches!(row.does, Does::Pure(Pure::ToDigits | Pure::ZeroPad));
        let seven = call(&right, count, Type::Digits(7));
        assert_eq!(seven.is_empty(), counts || gives == Type::Digits(7), "{name} into seven digits: {seven}");
        if row.fixture {
            let mut fields = right.clone();
            fields.push(Type::Message(None));
            assert_eq!(call(&fields, count + 1, gives.clone()), "", "{name} with fields");
            fields.push(Type::Message(None));
            assert!(call(&fields, count + 2, gives).contains(COUNT), "{name} with fields twice");
        }
    }
    let zeros = |to: Type| {
        let call = I::CallPure { to: 2, native: Pure::ZeroPad.number(), base: 0, count: 2 };
        said(&program(&[Type::Int, Type::Int, to], &[call, BACK]))
    };
    assert_eq!(zeros(Type::Digits(6)), "");
    assert!(zeros(Type::Bytes).contains(KIND));
}
