//! What a person knows of a sale and its slip: the facts by name, how people write them, and what was understood.

use crate::payment::merchant::fee::CardKind;
use crate::payment::merchant::institution::{self, Institution};
use crate::payment::merchant::number::LENGTH;
use crate::payment::merchant::region::{self, Province};
use crate::payment::merchant::trade::{self, Trade};
use std::collections::BTreeMap;

/// A fact that may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name, as an option and in a file.
    pub id: &'static str,
    /// How slips and people call it, in small letters, longest first.
    pub labels: &'static [&'static str],
    /// The question, in Chinese.
    pub ask_zh: &'static str,
    /// The question, in English.
    pub ask_en: &'static str,
}

macro_rules! rows {
    ($( $id:literal [$($label:literal),*] $zh:literal $en:literal )*) => {
        /// Every fact, in the order of the questions.
        pub const ROWS: &[Row] = &[ $( Row { id: $id, labels: &[$($label),*], ask_zh: $zh, ask_en: $en } ),* ];
    };
}

rows! {
    "number" ["商户编号", "商户号", "merchant no", "merchant number"]
        "签购单上的商户编号（15 位）" "the merchant number on the slip (15 characters)"
    "terminal" ["终端编号", "终端号", "terminal no", "terminal number"]
        "签购单上的终端编号（8 位）" "the terminal number on the slip (8 characters)"
    "name" ["商户名称", "商户名", "merchant name"]
        "签购单上的商户名称" "the merchant's name on the slip"
    "licence-name" ["执照名称", "营业执照", "licence name"]
        "营业执照上的名称" "the name on the business licence"
    "trade" ["经营类别", "行业", "trade", "mcc"]
        "店里实际做什么（如 餐馆、服装，或 4 位 MCC）" "what the shop really sells (restaurant, clothes, or an MCC of 4 digits)"
    "place" ["所在地", "省份", "地区", "place", "province"]
        "店在哪个省市" "the province or city of the shop"
    "acquirer" ["收单机构", "收单行", "acquirer"]
        "合同或机器上的收单机构（名称或 3 位代码）" "the acquirer of the contract or on the machine (its name or 3 digits)"
    "amount" ["交易金额", "金额", "amount"]
        "签购单上的金额（元）" "the amount on the slip, in yuan"
    "fee" ["手续费", "费率", "fee"]
        "手续费（元，或百分数如 0.6%）" "the fee, in yuan or as a percentage such as 0.6%"
    "card" ["卡种", "card"]
        "借记卡还是贷记卡（debit、credit）" "a debit or a credit card (debit, credit)"
    "date" ["交易日期", "日期", "date"]
        "交易日期（如 2026-11-29）" "the day of the sale (such as 2026-11-29)"
    "app-number" ["账单商户编号", "云闪付商户编号", "app number"]
        "持卡人云闪付或银行记录里的商户编号" "the merchant number in the cardholder's app or bank record"
    "app-name" ["账单商户名称", "云闪付商户名称", "app name"]
        "持卡人记录里的商户名称" "the merchant's name in the cardholder's record"
    "app-amount" ["账单金额", "云闪付金额", "app amount"]
        "持卡人记录里的金额（元）" "the amount in the cardholder's record, in yuan"
    "points" ["积分", "points"]
        "这笔贷记卡消费有没有积分（yes、no）" "whether the credit card gave points for it (yes, no)"
    "machine-from" ["机器来源", "machine from"]
        "机器从哪里来（acquirer 收单机构、agent 代理、online 网上或电话）" "where the machine came from (acquirer, agent, online)"
}

/// A text that is not what its fact needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which fact.
    pub id: &'static str,
    /// What would be read, in Chinese.
    pub wanted_zh: &'static str,
    /// What would be read, in English.
    pub wanted_en: &'static str,
}

/// A fee as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fee {
    /// Fen.
    Fen(i64),
    /// Millionths of the amount.
    Rate(i64),
}

/// Where a machine came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineFrom {
    /// The acquirer itself.
    Acquirer,
    /// A seller for it.
    Agent,
    /// Bought on the net or after a call.
    Online,
}

/// The facts, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Merchant number on the slip, as written.
    pub number: Option<String>,
    /// Terminal number on the slip.
    pub terminal: Option<String>,
    /// Name on the slip.
    pub name: Option<String>,
    /// Name on the licence.
    pub licence_name: Option<String>,
    /// The shop's trade as told, and which is meant.
    pub trade: Option<(String, Option<&'static Trade>)>,
    /// The shop's place as told, and its province.
    pub place: Option<(String, Option<&'static Province>)>,
    /// The contract's acquirer as told, and which are meant.
    pub acquirer: Option<(String, Vec<&'static Institution>)>,
    /// Fen.
    pub amount: Option<i64>,
    /// What was taken from the merchant.
    pub fee: Option<Fee>,
    /// Debit or credit.
    pub card: Option<CardKind>,
    /// Year, month, day.
    pub date: Option<(u16, u8, u8)>,
    /// Merchant number in the cardholder's record, as written.
    pub app_number: Option<String>,
    /// Name in the cardholder's record.
    pub app_name: Option<String>,
    /// Fen.
    pub app_amount: Option<i64>,
    /// Whether points were given.
    pub points: Option<bool>,
    /// Where the machine came from.
    pub machine_from: Option<MachineFrom>,
}

/// The most characters of one fact that are kept.
pub const FACT_CHARACTERS_MAX: usize = 80;

impl Facts {
    /// Understands facts by their names. All that cannot be read are told at once.
    pub fn read(told: &BTreeMap<&'static str, String>) -> Result<Facts, Vec<Unreadable>> {
        let mut wrong = Vec::new();
        let said = |id: &str| told.get(id).map(|text| text.trim()).filter(|text| !text.is_empty());
        let text =
            |id: &str| said(id).map(|text| without_cards(&text.chars().take(FACT_CHARACTERS_MAX).collect::<String>()));
        let facts = Facts {
            number: text("number"),
            terminal: text("terminal"),
            name: text("name"),
            licence_name: text("licence-name"),
            trade: text("trade").map(|said| (said.clone(), trade::meant(&said))),
            place: text("place").map(|said| (said.clone(), region::meant(&said))),
            acquirer: text("acquirer").map(|said| (said.clone(), institution::meant(&said))),
            amount: read(said("amount"), fen, &mut wrong, &AMOUNT),
            fee: read(said("fee"), fee, &mut wrong, &FEE),
            card: read(said("card"), card, &mut wrong, &CARD),
            date: read(said("date"), date, &mut wrong, &DATE),
            app_number: text("app-number"),
            app_name: text("app-name"),
            app_amount: read(said("app-amount"), fen, &mut wrong, &APP_AMOUNT),
            points: read(said("points"), yes, &mut wrong, &POINTS),
            machine_from: read(said("machine-from"), machine, &mut wrong, &MACHINE),
        };
        if wrong.is_empty() { Ok(facts) } else { Err(wrong) }
    }
}

const AMOUNT: Unreadable = Unreadable {
    id: "amount",
    wanted_zh: "金额，如 128.00，大于 0，最多 10 位整数、两位小数",
    wanted_en: "an amount such as 128.00, above zero, at most 10 digits and 2 decimals",
};
const APP_AMOUNT: Unreadable = Unreadable { id: "app-amount", ..AMOUNT };
const FEE: Unreadable = Unreadable {
    id: "fee",
    wanted_zh: "手续费：元（如 0.77）或百分数（如 0.6%）",
    wanted_en: "a fee: yuan such as 0.77, or a percentage such as 0.6%",
};
const CARD: Unreadable =
    Unreadable { id: "card", wanted_zh: "debit（借记卡）或 credit（贷记卡）", wanted_en: "debit or credit" };
const DATE: Unreadable = Unreadable {
    id: "date",
    wanted_zh: "日期，如 2026-11-29 或 2026/11/29",
    wanted_en: "a day such as 2026-11-29 or 2026/11/29",
};
const POINTS: Unreadable =
    Unreadable { id: "points", wanted_zh: "yes（有）或 no（没有）", wanted_en: "yes or no" };
const MACHINE: Unreadable = Unreadable {
    id: "machine-from",
    wanted_zh: "acquirer（收单机构）、agent（代理）或 online（网上、电话）",
    wanted_en: "acquirer, agent or online",
};

fn read<T>(
    said: Option<&str>,
    by: impl Fn(&str) -> Option<T>,
    wrong: &mut Vec<Unreadable>,
    wanted: &Unreadable,
) -> Option<T> {
    let said = said?;
    let found = by(said);
    if found.is_none() {
        wrong.push(wanted.clone());
    }
    found
}

/// Digits with at most so many decimals, as a whole number of the smallest unit.
fn decimal(text: &str, whole_max: usize, decimals: u32) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > whole_max || rest.len() > decimals as usize || !digits(whole) || !digits(rest)
    {
        return None;
    }
    let scale = 10_i64.pow(decimals);
    let padded = format!("{rest:0<width$}", width = decimals as usize);
    let behind: i64 = if padded.is_empty() { 0 } else { padded.parse().ok()? };
    whole.parse::<i64>().ok()?.checked_mul(scale)?.checked_add(behind)
}

/// A number as people write it: currency signs, separators of thousands and white space left out, full-width made plain.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' | '．' | '％' | '，' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    };
    let mut text: String = text.chars().map(narrow).collect::<String>().to_lowercase();
    for sign in ["rmb", "cny", "人民币", "¥", "￥", "元", ",", ":", "："] {
        text = text.replace(sign, "");
    }
    text.split_whitespace().collect()
}

fn fen(text: &str) -> Option<i64> {
    decimal(&plain(text), 10, 2).filter(|fen| *fen > 0)
}

fn fee(text: &str) -> Option<Fee> {
    let text = plain(text);
    match text.strip_suffix('%') {
        // A hundredth is ten thousand millionths.
        Some(percent) => decimal(percent, 2, 4).map(Fee::Rate),
        None => decimal(&text, 8, 2).map(Fee::Fen),
    }
}

fn card(text: &str) -> Option<CardKind> {
    match text.to_lowercase().as_str() {
        "debit" | "借记" | "借记卡" | "储蓄卡" => Some(CardKind::Debit),
        "credit" | "贷记" | "贷记卡" | "信用卡" => Some(CardKind::Credit),
        _ => None,
    }
}

fn date(text: &str) -> Option<(u16, u8, u8)> {
    let day = text.split_whitespace().next()?;
    let mut parts = day.split(['-', '/', '.']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let (year, month, day): (u16, u8, u8) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    ((1..=days).contains(&day) && year >= 2000).then_some((year, month, day))
}

fn yes(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "有" | "是" => Some(true),
        "no" | "n" | "没有" | "无" | "没" | "否" => Some(false),
        _ => None,
    }
}

fn machine(text: &str) -> Option<MachineFrom> {
    match text.to_lowercase().as_str() {
        "acquirer" | "bank" | "收单机构" | "银行" | "支付公司" => Some(MachineFrom::Acquirer),
        "agent" | "代理" | "代理商" | "业务员" => Some(MachineFrom::Agent),
        "online" | "网上" | "网购" | "电话" | "电销" => Some(MachineFrom::Online),
        _ => None,
    }
}

/// A text with every run of digits that could be a card number masked; blanks and hyphens do not end a run.
pub fn without_cards(text: &str) -> String {
    let mut shown: Vec<char> = text.chars().collect();
    let mut run: Vec<usize> = Vec::new();
    for at in 0..=shown.len() {
        match shown.get(at) {
            Some(c) if c.is_ascii_digit() => run.push(at),
            Some(' ' | '-') if !run.is_empty() => {}
            _ => {
                if run.len() > LENGTH {
                    run.iter().skip(6).rev().skip(4).for_each(|place| shown[*place] = '*');
                }
                run.clear();
            }
        }
    }
    shown.into_iter().collect()
}

/// Facts from a text: a line each, its name or the word on the slip in front. Also gives how many lines were of no use:
/// a slip pasted as a whole has many.
pub fn from_lines(text: &str) -> (BTreeMap<&'static str, String>, usize) {
    let mut told = BTreeMap::new();
    let mut unused = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match named(line) {
            // The first copy of a slip counts; the second says the same.
            Some((id, value)) => {
                told.entry(id).or_insert(value);
            }
            None => unused += 1,
        }
    }
    (told, unused)
}

/// The fact that a line names, and what it says. The longest name that fits decides: 账单金额 is not 金额.
fn named(line: &str) -> Option<(&'static str, String)> {
    // A slip has the label in both languages: 商户编号(MERCHANT NO.): 898…
    let small = line.to_lowercase();
    let ids = ROWS.iter().flat_map(|row| row.labels.iter().copied().chain([row.id]).map(move |label| (row.id, label)));
    let fits = |label: &str| {
        let behind = small.strip_prefix(label)?;
        let ends = behind.chars().next().is_none_or(|c| !c.is_alphanumeric() || !label.is_ascii());
        ends.then_some(label.len())
    };
    let (id, _, at) = ids
        .filter_map(|(id, label)| fits(label).map(|at| (id, label, at)))
        .max_by_key(|(_, label, _)| label.chars().count())?;
    let mut rest = line.get(at..)?.trim_start();
    // The English label in brackets or behind a slash, as receipts have it.
    if let Some((_, behind)) = rest.strip_prefix(['(', '（']).and_then(|inside| inside.split_once([')', '）'])) {
        rest = behind;
    }
    let value =
        rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ':' | '：' | '=' | '/')).trim();
    (!value.is_empty()).then(|| (id, value.to_owned()))
}
