//! Literals, around the places where values change their form.

use super::writer::{Ty, Writer};

const INTS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "10",
    "12",
    "60",
    "100",
    "255",
    "1000",
    "32767",
    "2147483647",
    "2147483648",
    "9223372036854775807",
];
const WORDS: &[&str] = &[
    "a",
    "ab",
    "sixsix",
    "seven_7",
    "eight_88",
    "支付",
    "中文八个",
    "say \\\"hi\\\"",
    "tab\\there",
    "brace \\{x\\}",
    "back\\\\slash",
    "a somewhat longer text, of more than forty-eight characters in all",
    "支付终端的流程须写明每一步做什么、出错时怎么办、钱款在哪里，缺一不可，否则收银员不知道如何是好才对",
];
pub(super) const CODES: &[&str] = &[
    "approved_00",
    "call_issuer",
    "pick_up",
    "not_honoured",
    "approved_vip",
    "lost_card",
    "poor",
    "bad_pin",
    "no_issuer",
    "no_switch",
    "sign_again",
];
/// Errors of the catalogue without facts that have to be given.
pub(super) const ERRORS: &[&str] =
    &["Timeout", "NoLine", "Cancelled", "NoInput", "LineDropped", "BadMac", "NotSignedIn", "JournalFailed", "Overflow"];

impl Writer {
    /// A literal of a type that has literals.
    pub(super) fn literal(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => (if self.dice.percent(50) { "true" } else { "false" }).into(),
            Ty::Int if self.dice.percent(85) => INTS[self.dice.below(12)].into(),
            Ty::Int => INTS[self.dice.below(INTS.len())].into(),
            Ty::Text => format!("\"{}\"", WORDS[self.dice.below(WORDS.len())]),
            Ty::Digits(length) => {
                let length = if *length == 0 { 1 + self.dice.below(9) } else { usize::from(*length) };
                let digits: String = (0..length).map(|_| char::from(b'0' + self.dice.below(3) as u8)).collect();
                format!("\"{digits}\"")
            }
            Ty::Bytes if self.dice.percent(30) => (*self.dice.one(&["#9F26", "#5A", "#57", "#DF8129"])).into(),
            Ty::Bytes => (*self.dice.one(&["x\"\"", "x\"00\"", "x\"6985\"", "x\"00FF10A0B0C0D0E0F0\""])).into(),
            Ty::Amount => self.amount(),
            Ty::Percent => (*self.dice.one(&["0%", "0.6%", "20%", "33.33%", "50%", "100%", "1.25%", "250%"])).into(),
            Ty::Duration => (*self.dice.one(&["0s", "1s", "500ms", "60s", "2min", "1h", "1500ms"])).into(),
            Ty::Mti => (*self.dice.one(&["0200", "0800", "0000", "0210"])).into(),
            // A code's name alone is read only where a code is surely wanted.
            Ty::Code => format!("trade.as_code({})", self.dice.one(CODES)),
            other => unreachable!("{other:?} has no literals"),
        }
    }

    fn amount(&mut self) -> String {
        let decimals = match self.home {
            "JPY" => 0,
            "KWD" => 3,
            _ => 2,
        };
        let minor: u64 = *self.dice.one(&[0, 1, 2, 5, 15, 25, 99, 100, 125, 1_000, 12_345, 1_000_000, 999_999_999_999]);
        let unit = 10_u64.pow(decimals);
        let point =
            if decimals == 0 { String::new() } else { format!(".{:0width$}", minor % unit, width = decimals as usize) };
        format!("{}{point} {}", minor / unit, self.home)
    }

    /// Has the type literals?
    pub(super) fn has_literals(ty: &Ty) -> bool {
        matches!(
            ty,
            Ty::Bool
                | Ty::Int
                | Ty::Text
                | Ty::Digits(_)
                | Ty::Bytes
                | Ty::Amount
                | Ty::Percent
                | Ty::Duration
                | Ty::Mti
                | Ty::Code
        )
    }
}
