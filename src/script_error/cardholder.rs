//! What the cardholder is told first: whether money was taken.

use super::error::Money;
use super::handbook::entry::MoneyState;
use super::words::{Said, Words};

/// How a sentence may begin that says where the money is, Chinese and English. One whose Chinese begins with one of
/// these begins so in English too; tests/all/texts.rs holds every text to it.
pub const OPENINGS: &[Words] = &[
    Words { zh: "没有扣款", en: "You were not charged" },
    Words { zh: "没有多扣款", en: "You were not charged more" },
    Words { zh: "这一次没有扣款", en: "This try took nothing" },
    Words { zh: "没有转出", en: "Nothing was transferred" },
    Words { zh: "没有办成，钱没有动", en: "It was not done and no money moved" },
    Words { zh: "钱没有动", en: "No money moved" },
    Words { zh: "密码没有变", en: "Your PIN is unchanged" },
    Words { zh: "与您的付款无关", en: "This does not concern your payment" },
    Words { zh: "已付", en: "You have paid" },
    Words { zh: "您已付款", en: "You have paid" },
];

/// True for a sentence that begins with where the money is.
pub fn begins_with_the_money(said: &Said) -> bool {
    OPENINGS.iter().any(|opening| said.zh.starts_with(opening.zh))
}

/// The sentence with where the money is in front, unless it begins so itself. A sentence is written before anybody knows
/// in which run it will be shown; only the run knows whether money moved.
pub fn money_first(said: &Said, money: Money) -> Said {
    behind(money_sentence(money), said)
}

/// The same for a page of the handbook; a state that depends on more puts nothing in front.
pub(super) fn state_first(said: &Said, state: MoneyState) -> Said {
    let money = match state {
        MoneyState::NotMoved | MoneyState::NoTransaction => Money::NotMoved,
        MoneyState::Moved => Money::Moved,
        MoneyState::ReversalQueued => Money::ReversalQueued,
        MoneyState::Unknown | MoneyState::Depends => return said.clone(),
    };
    money_first(said, money)
}

fn behind(front: Words, said: &Said) -> Said {
    if begins_with_the_money(said) {
        return said.clone();
    }
    if said.is_empty() {
        return front.into();
    }
    Said::new(format!("{}{}", front.zh, said.zh), format!("{} {}", front.en, said.en))
}

/// Where the money is, as its owner is told.
fn money_sentence(money: Money) -> Words {
    match money {
        Money::NotMoved => Words { zh: "没有扣款。", en: "You were not charged." },
        Money::Moved => Words { zh: "已付款，交易有效。", en: "You have paid; the payment stands." },
        Money::TakenBack => Words {
            zh: "撤销有效，原来扣的钱会退回。",
            en: "The void stands; what you had paid comes back.",
        },
        Money::Credited => Words {
            zh: "退货有效，钱会退到您的卡上。",
            en: "The refund stands; the money goes back to your card.",
        },
        Money::Held => Words {
            zh: "预授权有效，金额已冻结，没有扣款。",
            en: "The pre-authorisation stands; the amount is held, not charged.",
        },
        Money::Reversed => Words { zh: "已冲正，没有留下扣款。", en: "It was reversed; no charge remains." },
        Money::ReversalQueued => Words {
            zh: "若已扣款，会自动退回，请先不要再付。",
            en: "If you were charged, it comes back by itself; please do not pay again yet.",
        },
    }
}
