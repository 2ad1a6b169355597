//! Merchant numbers, fees and what is found on slips.

use proptest::prelude::proptest;
use std::collections::{BTreeMap, BTreeSet};
use tillscript::payment::merchant::division::{percent, yuan};
use tillscript::payment::merchant::examine::examine;
use tillscript::payment::merchant::facts::{self, Facts, Fee, ROWS};
use tillscript::payment::merchant::fee::{CardKind, Part, RULES, parts, rate, rules_of};
use tillscript::payment::merchant::finding::Strength;
use tillscript::payment::merchant::institution::{self, INSTITUTIONS};
use tillscript::payment::merchant::number::{MerchantNumber, NumberFault};
use tillscript::payment::merchant::region::{self, PROVINCES};
use tillscript::payment::merchant::trade::{self, Class, TRADES};

fn told(pairs: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
    pairs.iter().map(|(id, text)| (*id, (*text).to_owned())).collect()
}

fn ids(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, Strength)> {
    let report = examine(&Facts::read(&told(pairs)).unwrap());
    report.findings.iter().map(|finding| (finding.id, finding.strength)).collect()
}

#[test]
fn tables_say_each_thing_once() {
    let codes: BTreeSet<&str> = INSTITUTIONS.iter().map(|row| row.code).collect();
    assert_eq!(codes.len(), INSTITUTIONS.len());
    assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit())));
    assert_eq!(PROVINCES.len(), 31);
    let administrative: BTreeSet<u8> = PROVINCES.iter().map(|row| row.administrative).collect();
    assert_eq!(administrative.len(), 31);
    // Interbank ranges follow each other; only Chongqing lies in Sichuan's.
    for pair in PROVINCES.windows(2) {
        let follows = pair[1].interbank.0 == pair[0].interbank.1 + 1;
        assert!(follows || pair[1].zh == "四川", "{} {}", pair[0].zh, pair[1].zh);
    }
    assert!(TRADES.is_sorted_by(|left, right| left.mcc < right.mcc));
    for (at, row) in ROWS.iter().enumerate() {
        for other in &ROWS[at + 1..] {
            let names = |row: &facts::Row| -> BTreeSet<&str> { row.labels.iter().copied().chain([row.id]).collect() };
            assert!(names(row).is_disjoint(&names(other)), "{} {}", row.id, other.id);
        }
    }
}

#[test]
fn every_row_is_found_by_its_own_names() {
    for row in INSTITUTIONS {
        for said in row.said.iter().chain([&row.zh, &row.code]) {
            assert!(institution::meant(said).iter().any(|found| found.zh == row.zh), "{said}");
        }
    }
    for row in PROVINCES {
        assert_eq!(region::meant(row.zh), Some(row));
        assert_eq!(region::meant(row.en), Some(row));
        assert!(row.cities.iter().all(|city| region::meant(&format!("{city}市")) == Some(row)));
    }
    for row in TRADES {
        assert_eq!(trade::meant(row.zh), Some(row), "{}", row.zh);
        assert_eq!(trade::meant(row.en), Some(row), "{}", row.en);
        assert_eq!(trade::meant(&format!("{:04}", row.mcc)), Some(row));
        for said in row.said {
            assert!(trade::meant(said).is_some_and(|found| found.group == row.group), "{said}");
        }
    }
    assert_eq!(trade::meant("barber"), None, "a word inside another is none");
    assert_eq!(institution::meant("银联商务").iter().filter(|row| row.code == "001").count(), 0);
}

#[test]
fn a_number_has_four_parts() {
    let number = MerchantNumber::read("898 3100-5812 m594").unwrap();
    let all = (number.text(), number.institution(), number.region(), number.trade(), number.serial());
    assert_eq!(all, ("89831005812M594", "898", "3100", "5812", "M594"));
    assert_eq!(MerchantNumber::read(""), Err(NumberFault::Length(0)));
    assert_eq!(MerchantNumber::read("12345678"), Err(NumberFault::Length(8)));
    assert_eq!(MerchantNumber::read("89831O058120001"), Err(NumberFault::Letter(6)));
    assert_eq!(MerchantNumber::read("89831005812000一"), Err(NumberFault::Character(15)));
}

/// The published example: 10 000 yuan, debit: issuer 13, network 3.25 from this side.
#[test]
fn fees_divide_by_the_rules_of_their_day() {
    let rules = &RULES[0];
    let divided = parts(rules, Class::Standard, CardKind::Debit, 1_000_000, 6_000);
    assert_eq!((divided.issuer, divided.network, divided.acquirer), (1300, 325, 4375));
    let divided = parts(rules, Class::Standard, CardKind::Credit, 1_000_000, 6_000);
    assert_eq!((divided.issuer, divided.network, divided.acquirer), (4500, 325, 1175));
    let divided = parts(rules, Class::PublicBenefit, CardKind::Credit, 1_000_000, 0);
    assert_eq!((divided.issuer, divided.network, divided.acquirer), (0, 0, 0));
    assert_eq!(Part { millionths: 3500, cap: Some(1300) }.of(371_428), 1300);
    assert_eq!(Part { millionths: 3500, cap: Some(1300) }.of(371_285), 1299);
    assert_eq!(Part { millionths: 3500, cap: None }.of(i64::MAX), 32_281_802_128_991_715);
    assert_eq!(rules_of(None), Some(rules));
    assert_eq!(rules_of(Some((2016, 9, 6))), Some(rules));
    assert_eq!(rules_of(Some((2016, 9, 5))), None);
    assert_eq!((rate(10_000, 60), rate(0, 60), rate(1, i64::MAX)), (Some(6000), None, None));
    assert_eq!(
        (percent(6000), percent(3800), percent(325), percent(10_000)),
        ("0.6%".into(), "0.38%".into(), "0.0325%".into(), "1%".into())
    );
    assert_eq!((yuan(5), yuan(-183), yuan(100)), ("0.05".into(), "-1.83".into(), "1.00".into()));
}

#[test]
fn facts_are_read_as_people_write_them() {
    let facts = Facts::read(&told(&[
        ("amount", "RMB １,０００.５元"),
        ("fee", "0.6％"),
        ("card", "信用卡"),
        ("date", "2024/02/29 13:01:02"),
        ("points", "没有"),
        ("machine-from", "电销"),
    ]))
    .unwrap();
    assert_eq!((facts.amount, facts.fee, facts.card), (Some(100_050), Some(Fee::Rate(6000)), Some(CardKind::Credit)));
    assert_eq!((facts.date, facts.points), (Some((2024, 2, 29)), Some(false)));
    for wrong in ["1.005", "-1", "0", "0.00", "", "abc", "12345678901", "1e3", ".5"] {
        let read = Facts::read(&told(&[("amount", wrong)]));
        assert!(read.is_err() || wrong.is_empty(), "{wrong}");
    }
    for wrong in ["2023-02-29", "2026-13-01", "2026-00-10", "1999-12-31", "26-1-1", "2026-1-1-1", "2026-04-31"] {
        assert!(Facts::read(&told(&[("date", wrong)])).is_err(), "{wrong}");
    }
    let wrong = Facts::read(&told(&[("amount", "x"), ("fee", "y"), ("card", "z")])).unwrap_err();
    assert_eq!(wrong.iter().map(|one| one.id).collect::<Vec<_>>(), ["amount", "fee", "card"]);
}

#[test]
fn a_slip_typed_off_is_read_line_by_line() {
    let (told, unused) = facts::from_lines(
        "商户编号(MERCHANT NO.)：898310058120001\r\n商户编号: 111\n终端编号/TERMINAL NO. 12345678\n\nAMOUNT: RMB 1.00\n账单金额＝2\n\
         账单金额:2.00\n# remark\n授权码: 123456\namounts 9\n交易金额：\n手续费（元）：0.01",
    );
    assert_eq!(told["number"], "898310058120001");
    assert_eq!(told["terminal"], "TERMINAL NO. 12345678");
    assert_eq!((told["amount"].as_str(), told["fee"].as_str()), ("RMB 1.00", "0.01"));
    assert_eq!((told.len(), unused), (5, 3), "{told:?}");
}

type Told = &'static [(&'static str, &'static str)];

/// Each finding by the facts that bring it about, and the same facts in order, which bring none.
#[test]
fn each_finding_has_its_facts_and_its_silence() {
    use Strength::{Certain, Medium, Note, Strong, Weak};
    const N: &str = "898310058120001";
    let cases: &[(&str, Strength, Told, Told)] = &[
        ("number-shape", Certain, &[("number", "1")], &[("number", N)]),
        ("terminal-shape", Certain, &[("terminal", "1234567")], &[("terminal", "1234567A")]),
        (
            "amount-differs",
            Certain,
            &[("amount", "1"), ("app-amount", "1.01")],
            &[("amount", "1"), ("app-amount", "1.00")],
        ),
        (
            "number-differs",
            Strong,
            &[("number", N), ("app-number", "898310058120002")],
            &[("number", N), ("app-number", N)],
        ),
        (
            "name-differs",
            Strong,
            &[("name", "老张面馆"), ("app-name", "惠民超市")],
            &[("name", "老张（面馆）有限公司"), ("app-name", "老张面馆")],
        ),
        (
            "name-differs",
            Weak,
            &[("name", "老张面馆"), ("app-name", "上海老张面馆")],
            &[("name", "ＡＢ"), ("app-name", "a b")],
        ),
        (
            "licence-name-differs",
            Medium,
            &[("name", "老张面馆"), ("licence-name", "惠民")],
            &[("name", "惠民"), ("licence-name", "惠民")],
        ),
        (
            "institution-differs",
            Strong,
            &[("number", N), ("acquirer", "拉卡拉")],
            &[("number", N), ("acquirer", "银联商务股份有限公司")],
        ),
        ("institution-unknown", Weak, &[("number", "999310058120001")], &[("number", N)]),
        ("acquirer-unknown", Note, &[("number", N), ("acquirer", "某支付")], &[("number", N), ("acquirer", "802")]),
        ("region-differs", Medium, &[("number", N), ("place", "广州")], &[("number", N), ("place", "上海")]),
        ("place-unknown", Note, &[("number", N), ("place", "某地")], &[("number", N), ("place", "南京")]),
        (
            "trade-cheaper",
            Strong,
            &[("number", "898310054110001"), ("trade", "餐馆")],
            &[("number", N), ("trade", "餐馆")],
        ),
        (
            "trade-differs",
            Medium,
            &[("number", N), ("trade", "服装")],
            &[("number", "898310099990001"), ("trade", "服装")],
        ),
        ("trade-differs", Weak, &[("number", N), ("trade", "快餐")], &[("number", N), ("trade", "饭店")]),
        ("trade-unknown", Note, &[("number", N), ("trade", "炼金")], &[("number", N), ("trade", "5812")]),
        ("fee-zero", Strong, &[("fee", "0%")], &[("fee", "0%"), ("trade", "医院")]),
        (
            "fee-below-cost",
            Medium,
            &[("amount", "1000"), ("fee", "3"), ("card", "credit")],
            &[("amount", "1000"), ("fee", "6"), ("card", "credit")],
        ),
        ("fee-discounted", Weak, &[("fee", "0.38%")], &[("fee", "0.38%"), ("trade", "超市")]),
        ("fee-high", Medium, &[("fee", "0.72%")], &[("fee", "0.65%")]),
        (
            "fee-uncapped",
            Weak,
            &[("amount", "100000"), ("fee", "0.6%"), ("card", "debit")],
            &[("amount", "3000"), ("fee", "0.6%"), ("card", "debit")],
        ),
        (
            "fee-before-rules",
            Note,
            &[("fee", "1.25%"), ("date", "2014-01-01")],
            &[("fee", "0.6%"), ("date", "2026-01-01")],
        ),
        ("no-points", Weak, &[("points", "no"), ("card", "credit")], &[("points", "no"), ("card", "debit")]),
        ("machine-from", Medium, &[("machine-from", "online")], &[("machine-from", "acquirer")]),
        ("machine-from", Note, &[("machine-from", "agent")], &[]),
    ];
    for (id, strength, facts, in_order) in cases {
        assert_eq!(ids(facts), [(*id, *strength)], "{facts:?}");
        assert_eq!(ids(in_order), [], "{in_order:?}");
    }
}

proptest! {
    /// Whatever is told, there is an answer.
    #[test]
    fn any_facts_and_any_text_end(texts in proptest::collection::vec(".{0,40}", ROWS.len()), page in "(.{0,30}\n){0,20}") {
        let told: BTreeMap<&'static str, String> = ROWS.iter().map(|row| row.id).zip(texts).collect();
        if let Ok(facts) = Facts::read(&told) {
            examine(&facts);
        }
        facts::from_lines(&page);
    }
}
