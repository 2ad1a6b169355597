//! What a sale costs the merchant, and who gets which part.
//!
//! Source: 发改价格〔2016〕557号, in force since 2016-09-06: the issuer's fee is capped at 0.35 % (13 yuan) for debit and
//! 0.45 % for credit cards, the network's at 0.0325 % (3.25 yuan) from each side, and the acquirer's is left to the
//! market. These are upper bounds: a part may be smaller.

use crate::payment::merchant::trade::Class;

/// Debit or credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// 借记卡.
    Debit,
    /// 贷记卡.
    Credit,
}

/// A part of the fee: a rate in millionths, and the most it can be, in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Millionths of the amount.
    pub millionths: i64,
    /// Fen; none is no cap.
    pub cap: Option<i64>,
}

/// One set of rules, with the day since which they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Year, month, day.
    pub since: (u16, u8, u8),
    /// Where they stand.
    pub source: &'static str,
    /// Issuer, debit.
    pub debit: Part,
    /// Issuer, credit.
    pub credit: Part,
    /// Network, from each side.
    pub network: Part,
    /// What merchants of the standard class usually pay in all, in millionths. From public price pages, not from a rule.
    pub usual: i64,
    /// The same for the discounted class.
    pub usual_discounted: i64,
}

/// The rules, latest first.
pub const RULES: &[Rules] = &[Rules {
    since: (2016, 9, 6),
    source: "发改价格〔2016〕557号",
    debit: Part { millionths: 3500, cap: Some(1300) },
    credit: Part { millionths: 4500, cap: None },
    network: Part { millionths: 325, cap: Some(325) },
    usual: 6000,
    usual_discounted: 3800,
}];

/// A total that lies this much above the usual is worth asking about, in millionths.
pub const ABOVE_USUAL: i64 = 500;

impl Part {
    /// This part of an amount in fen, rounded to the fen, half up.
    pub fn of(self, amount: i64) -> i64 {
        let exact = i128::from(amount) * i128::from(self.millionths);
        let fen = i64::try_from((exact + 500_000) / 1_000_000).unwrap_or(i64::MAX);
        self.cap.map_or(fen, |cap| fen.min(cap))
    }
}

/// The rules of a day; none before the first.
pub fn rules_of(day: Option<(u16, u8, u8)>) -> Option<&'static Rules> {
    match day {
        None => RULES.first(),
        Some(day) => RULES.iter().find(|rules| rules.since <= day),
    }
}

/// Who gets what of a fee at most, in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The issuer, at most.
    pub issuer: i64,
    /// The network from the acquirer, at most. The issuer pays as much again out of its own part.
    pub network: i64,
    /// What is left for the acquirer, at least; below zero it pays for the sale.
    pub acquirer: i64,
}

/// The parts of a fee on an amount, both in fen, at the highest prices that the rules allow for this class.
pub fn parts(rules: &Rules, class: Class, card: CardKind, amount: i64, fee: i64) -> Parts {
    let issuer = match card {
        CardKind::Debit => rules.debit,
        CardKind::Credit => rules.credit,
    };
    let (issuer, network) = match class {
        Class::PublicBenefit => (0, 0),
        Class::Standard | Class::Discounted => (issuer.of(amount), rules.network.of(amount)),
    };
    Parts { issuer, network, acquirer: fee.saturating_sub(issuer).saturating_sub(network) }
}

/// A fee as millionths of its amount, rounded down; none for no amount.
pub fn rate(amount: i64, fee: i64) -> Option<i64> {
    let exact = (i128::from(fee) * 1_000_000).checked_div(i128::from(amount))?;
    i64::try_from(exact).ok()
}
