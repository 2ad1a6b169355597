//! How a fee divides, and what of it is worth a word.

use crate::payment::merchant::examine::add;
use crate::payment::merchant::facts::{Facts, Fee};
use crate::payment::merchant::fee::{self, ABOVE_USUAL, CardKind, Parts, Rules};
use crate::payment::merchant::finding::{Finding, Strength};
use crate::payment::merchant::pair::Pair;
use crate::payment::merchant::trade::Class;

/// Millionths; a difference below is rounding.
const ROUNDING: i64 = 60;

/// How a fee divides.
#[derive(Clone, Debug)]
pub struct Division {
    /// The rules of the day.
    pub rules: &'static Rules,
    /// The class that was assumed: of the shop's trade, or the standard one.
    pub class: Class,
    /// Fen.
    pub amount: i64,
    /// Fen.
    pub fee: i64,
    /// Millionths of the amount.
    pub rate: i64,
    /// The parts; none while debit or credit is not known.
    pub parts: Option<Parts>,
}

/// Fen as yuan.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}

/// Millionths as a percentage with no more decimals than it needs, at most four.
pub fn percent(millionths: i64) -> String {
    let (whole, rest) = (millionths / 10_000, (millionths % 10_000).abs());
    let decimals = format!("{rest:04}");
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() { format!("{whole}%") } else { format!("{whole}.{decimals}%") }
}

pub(super) fn divide(facts: &Facts, found: &mut Vec<Finding>) -> Option<Division> {
    let told = facts.fee?;
    let Some(rules) = fee::rules_of(facts.date) else {
        add(
            found,
            "fee-before-rules",
            Strength::Note,
            Pair::new(
                "这一天还没有现行的价格规定（2016-09-06 起），手续费没有判断",
                "the day lies before the price rules in force (2016-09-06); the fee was not judged",
            ),
            Pair::new("那时费率按行业定", "fees went by trade then"),
            Pair::new("查当时的合同", "look into the contract of that time"),
        );
        return None;
    };
    let class = match &facts.trade {
        Some((_, Some(trade))) => trade.class,
        _ => Class::Standard,
    };
    let (rate, fee) = match (told, facts.amount) {
        (Fee::Rate(rate), Some(amount)) => {
            // As an acquirer does: to the fen, half up.
            let exact = (i128::from(amount) * i128::from(rate) + 500_000) / 1_000_000;
            (rate, Some(i64::try_from(exact).unwrap_or(i64::MAX)))
        }
        (Fee::Rate(rate), None) => (rate, None),
        (Fee::Fen(fee), Some(amount)) => (fee::rate(amount, fee)?, Some(fee)),
        (Fee::Fen(_), None) => return None,
    };
    let division = match (facts.amount, fee) {
        (Some(amount), Some(fee)) => Some(Division {
            rules,
            class,
            amount,
            fee,
            rate,
            parts: facts.card.map(|card| fee::parts(rules, class, card, amount, fee)),
        }),
        _ => None,
    };
    judge(rules, class, rate, division.as_ref(), facts.card, found);
    division
}

fn judge(
    rules: &Rules,
    class: Class,
    rate: i64,
    division: Option<&Division>,
    card: Option<CardKind>,
    found: &mut Vec<Finding>,
) {
    let parts = division.and_then(|division| division.parts);
    let contract = || Pair::new("对照收单合同上的费率", "compare with the fee in the contract");
    if class == Class::Standard && rate == 0 {
        add(
            found,
            "fee-zero",
            Strength::Strong,
            Pair::new("标准类商户却没有手续费", "a standard shop, and no fee"),
            Pair::new(
                "发卡行与转接方仍要收费：有人替你付，或交易记在公益类商户名下。零费率是跳码的常见诱饵",
                "issuer and network still take theirs: somebody else pays, or the sale is booked under a public benefit merchant. No fee is the usual bait",
            ),
            contract(),
        );
    } else if let (Class::Standard, Some(parts)) = (class, parts)
        && parts.acquirer < 0
    {
        add(
            found,
            "fee-below-cost",
            Strength::Medium,
            Pair::new(
                format!("手续费不够付给发卡行与转接方的上限，差 {} 元", yuan(-parts.acquirer)),
                format!("the fee does not cover what issuer and network may take, by {} yuan", yuan(-parts.acquirer)),
            ),
            Pair::new(
                "收单机构贴钱做活动，或交易以优惠类、公益类商户清算",
                "the acquirer pays for a promotion, or the sale is cleared under a discounted or public benefit merchant",
            ),
            contract(),
        );
    } else if class == Class::Standard && (rate - rules.usual_discounted).abs() <= ROUNDING {
        add(
            found,
            "fee-discounted",
            Strength::Weak,
            Pair::new(
                format!("费率约 {}，是优惠类的常见价，店是标准类", percent(rate)),
                format!(
                    "the fee is about {}, usual for the discounted class; the shop is of the standard one",
                    percent(rate)
                ),
            ),
            Pair::new(
                "云闪付小额优惠也是这个价；否则登记的类别不符",
                "small sales by app have this price too; otherwise the filed class is wrong",
            ),
            contract(),
        );
    }
    let usual = if class == Class::Standard { rules.usual } else { rules.usual_discounted };
    if rate > usual + ABOVE_USUAL {
        add(
            found,
            "fee-high",
            Strength::Medium,
            Pair::new(
                format!("费率 {}，高于常见的约 {}", percent(rate), percent(usual)),
                format!("the fee is {}, above the usual of about {}", percent(rate), percent(usual)),
            ),
            Pair::new(
                "收单费由市场定，并不违规；常见原因是另加的“秒到”费或被悄悄调高",
                "the acquirer's part is free by rule; usual reasons are an added fee for instant payout, or a rise that was not told",
            ),
            contract(),
        );
    }
    if card == Some(CardKind::Debit)
        && let (Some(division), Some(cap)) = (division, rules.debit.cap)
        && rules.debit.of(division.amount) == cap
        && rate + ROUNDING >= rules.usual
    {
        add(
            found,
            "fee-uncapped",
            Strength::Weak,
            Pair::new(
                format!("借记卡大额，发卡行最多收 {} 元，手续费却随金额一直涨", yuan(cap)),
                format!(
                    "a large debit sale: the issuer takes at most {} yuan, yet the fee grows with the amount",
                    yuan(cap)
                ),
            ),
            Pair::new(
                "封顶是对发卡行的，收单机构可以不封顶；多数合同对借记卡封顶",
                "the cap binds the issuer, not the acquirer; most contracts cap debit cards",
            ),
            contract(),
        );
    }
}
