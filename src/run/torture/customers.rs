//! Who comes to the terminal on a day at random, and with which card.
//!
//! Shares are estimates of a shop in a Chinese town, not of any statistics: chips inserted and taps about even, some stripes
//! still, few cards of other countries, few that are declined.

use crate::world::port::card_reader::Entry;
use crate::world::port::failure::Failure;
use crate::world::profile;
use crate::world::stage::Presented;

/// A kind of customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Customer {
    /// The card: the name of a profile that comes with the program.
    pub card: &'static str,
    /// How it is presented; `None` for whichever way of those asked for the card has, the chip first.
    pub entry: Option<Entry>,
    /// How many in a hundred.
    pub share: u64,
}

const fn customer(card: &'static str, entry: Option<Entry>, share: u64) -> Customer {
    Customer { card, entry, share }
}

/// The plain customer's place in `ROWS`: the card with which a script is tried first.
pub const PLAIN: usize = 0;

/// All kinds of customers. Cards that are inserted are swiped instead where a chip fails and the terminal asks for that; of those
/// that can only be tapped or swiped nothing has to be said.
pub const ROWS: &[Customer] = &[
    customer("debit", None, 25),
    customer("credit", None, 18),
    customer("unreadable-chip", None, 2),
    customer("debit", Some(Entry::Tap), 13),
    customer("credit", Some(Entry::Tap), 11),
    customer("tap-only", None, 11),
    customer("stripe-only", None, 10),
    customer("foreign", None, 5),
    customer("poor", None, 3),
    customer("lost", None, 2),
];

impl Customer {
    /// Of a number below `all`: whose turn it is.
    pub fn at(number: u64) -> usize {
        let mut left = number;
        let is = |row: &Customer| match left.checked_sub(row.share) {
            Some(less) => {
                left = less;
                false
            }
            None => true,
        };
        ROWS.iter().position(is).unwrap_or(PLAIN)
    }

    /// All shares.
    pub fn all() -> u64 {
        ROWS.iter().map(|row| row.share).sum()
    }

    /// The card in the customer's hand.
    pub fn presents(&self) -> Result<Presented, Failure> {
        Ok(Presented { card: profile::find(self.card)?, entry: self.entry, pin: None })
    }
}
