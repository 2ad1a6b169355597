//! Currencies of ISO 4217 with the decimals they have.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;
use thiserror::Error;

/// A currency we know, such as CNY.
///
/// There is no other way to have one than from the table, so its name and its decimals are always known.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "&'static str")]
pub struct Currency(&'static Row);

/// Numeric code, name, decimals.
struct Row(u16, &'static str, u8);

impl Currency {
    /// The renminbi.
    pub const CNY: Currency = Currency(&Row(156, "CNY", 2));

    /// The currency named by three capitals.
    pub fn parse(alpha: &str) -> Option<Currency> {
        // A journal that is read back names its currency with every amount, and mostly this one.
        if alpha == Currency::CNY.0.1 {
            return Some(Currency::CNY);
        }
        ROWS.iter().find(|row| row.1 == alpha).map(Currency)
    }

    /// The currency with this number, as it stands in field 49.
    pub fn from_numeric(numeric: u16) -> Option<Currency> {
        // Every amount that a run adds or shows is looked up here, so there is a place for each number.
        const PLACES: [u8; 1000] = {
            let mut places = [0; 1000];
            let mut at = 0;
            while at < ROWS.len() {
                places[ROWS[at].0 as usize] = at as u8;
                at += 1;
            }
            places
        };
        let row = ROWS.get(usize::from(*PLACES.get(usize::from(numeric))?))?;
        (row.0 == numeric).then_some(Currency(row))
    }

    /// Every currency of the table, by number.
    pub fn all() -> impl Iterator<Item = Currency> {
        ROWS.iter().map(Currency)
    }

    /// The number, at most 999.
    pub fn numeric(self) -> u16 {
        self.0.0
    }

    /// Three capitals.
    pub fn alpha(self) -> &'static str {
        self.0.1
    }

    /// How many decimals the currency has: 2 for CNY, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u8 {
        self.0.2
    }
}

impl PartialEq for Currency {
    fn eq(&self, other: &Currency) -> bool {
        self.numeric() == other.numeric()
    }
}

impl Eq for Currency {}

impl std::hash::Hash for Currency {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.numeric().hash(state);
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.alpha())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.alpha())
    }
}

/// The name is in no row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{name} is no currency of the table")]
pub struct UnknownCurrency {
    /// What was given.
    pub name: String,
}

impl TryFrom<SmolStr> for Currency {
    type Error = UnknownCurrency;

    fn try_from(name: SmolStr) -> Result<Currency, UnknownCurrency> {
        Currency::parse(&name).ok_or_else(|| UnknownCurrency { name: name.to_string() })
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> &'static str {
        currency.alpha()
    }
}

/// ISO 4217, sorted by number.
const ROWS: &[Row] = &[
    Row(8, "ALL", 2),
    Row(12, "DZD", 2),
    Row(32, "ARS", 2),
    Row(36, "AUD", 2),
    Row(44, "BSD", 2),
    Row(48, "BHD", 3),
    Row(50, "BDT", 2),
    Row(51, "AMD", 2),
    Row(52, "BBD", 2),
    Row(60, "BMD", 2),
    Row(64, "BTN", 2),
    Row(68, "BOB", 2),
    Row(72, "BWP", 2),
    Row(84, "BZD", 2),
    Row(90, "SBD", 2),
    Row(96, "BND", 2),
    Row(104, "MMK", 2),
    Row(108, "BIF", 0),
    Row(116, "KHR", 2),
    Row(124, "CAD", 2),
    Row(136, "KYD", 2),
    Row(144, "LKR", 2),
    Row(152, "CLP", 0),
    Row(156, "CNY", 2),
    Row(170, "COP", 2),
    Row(174, "KMF", 0),
    Row(188, "CRC", 2),
    Row(192, "CUP", 2),
    Row(203, "CZK", 2),
    Row(208, "DKK", 2),
    Row(214, "DOP", 2),
    Row(230, "ETB", 2),
    Row(242, "FJD", 2),
    Row(262, "DJF", 0),
    Row(270, "GMD", 2),
    Row(292, "GIP", 2),
    Row(320, "GTQ", 2),
    Row(324, "GNF", 0),
    Row(328, "GYD", 2),
    Row(332, "HTG", 2),
    Row(340, "HNL", 2),
    Row(344, "HKD", 2),
    Row(348, "HUF", 2),
    Row(352, "ISK", 0),
    Row(356, "INR", 2),
    Row(360, "IDR", 2),
    Row(364, "IRR", 2),
    Row(368, "IQD", 3),
    Row(376, "ILS", 2),
    Row(388, "JMD", 2),
    Row(392, "JPY", 0),
    Row(398, "KZT", 2),
    Row(400, "JOD", 3),
    Row(404, "KES", 2),
    Row(408, "KPW", 2),
    Row(410, "KRW", 0),
    Row(414, "KWD", 3),
    Row(417, "KGS", 2),
    Row(418, "LAK", 2),
    Row(422, "LBP", 2),
    Row(434, "LYD", 3),
    Row(446, "MOP", 2),
    Row(454, "MWK", 2),
    Row(458, "MYR", 2),
    Row(462, "MVR", 2),
    Row(480, "MUR", 2),
    Row(484, "MXN", 2),
    Row(496, "MNT", 2),
    Row(498, "MDL", 2),
    Row(504, "MAD", 2),
    Row(512, "OMR", 3),
    Row(516, "NAD", 2),
    Row(524, "NPR", 2),
    Row(554, "NZD", 2),
    Row(566, "NGN", 2),
    Row(578, "NOK", 2),
    Row(586, "PKR", 2),
    Row(590, "PAB", 2),
    Row(598, "PGK", 2),
    Row(600, "PYG", 0),
    Row(604, "PEN", 2),
    Row(608, "PHP", 2),
    Row(634, "QAR", 2),
    Row(643, "RUB", 2),
    Row(646, "RWF", 0),
    Row(682, "SAR", 2),
    Row(702, "SGD", 2),
    Row(704, "VND", 0),
    Row(710, "ZAR", 2),
    Row(752, "SEK", 2),
    Row(756, "CHF", 2),
    Row(764, "THB", 2),
    Row(776, "TOP", 2),
    Row(784, "AED", 2),
    Row(788, "TND", 3),
    Row(800, "UGX", 0),
    Row(807, "MKD", 2),
    Row(818, "EGP", 2),
    Row(826, "GBP", 2),
    Row(834, "TZS", 2),
    Row(840, "USD", 2),
    Row(858, "UYU", 2),
    Row(860, "UZS", 2),
    Row(901, "TWD", 2),
    Row(936, "GHS", 2),
    Row(941, "RSD", 2),
    Row(944, "AZN", 2),
    Row(946, "RON", 2),
    Row(949, "TRY", 2),
    Row(950, "XAF", 0),
    Row(952, "XOF", 0),
    Row(953, "XPF", 0),
    Row(971, "AFN", 2),
    Row(972, "TJS", 2),
    Row(975, "BGN", 2),
    Row(978, "EUR", 2),
    Row(980, "UAH", 2),
    Row(981, "GEL", 2),
    Row(985, "PLN", 2),
    Row(986, "BRL", 2),
];
