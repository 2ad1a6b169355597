//! What is compared, and the line that says how it stands.

use super::compare::{host_total, sum};
use super::violation::Violation;
use crate::payment::amount::Amount;
use crate::script_error::words::{Language, Words};
use crate::world::host::ledger::Ledger;
use crate::world::host::way::Line;
use crate::world::port::journal::JournalState;
use crate::world::simulation::Simulation;
use crate::world::terminal::printer::Printed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The three books, and what went over the line.
#[derive(Clone, Copy, Debug)]
pub struct Books<'a> {
    /// What all records of the terminal's journal say.
    pub journal: &'a JournalState,
    /// What the host remembers of this terminal.
    pub ledger: &'a Ledger,
    /// The slips, in the order in which they were printed; `None` where nobody kept them.
    pub paper: Option<&'a [Printed]>,
    /// What went over the line.
    pub line: Option<&'a Line>,
    /// Trace numbers of transactions that a chip declined after the host had approved; `None` where nobody knows.
    pub chip_declined: Option<&'a BTreeSet<u32>>,
}

/// Counts what came of transactions, for the line that people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Transactions: requests for money that were about to leave, and what was booked or reversed without one in the same run.
    pub begun: u64,
    /// They stand.
    pub approved: u64,
    /// The host said no, or nothing had left.
    pub declined: u64,
    /// The host confirmed their reversal.
    pub reversed: u64,
    /// Slips that were printed.
    pub slips: u64,
}

/// How terminal and host stand to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What came of transactions.
    pub tally: Tally,
    /// Reversals that wait, and requests about which nothing is decided.
    pub unknown: u64,
    /// Slips that are owed.
    pub owed: u64,
    /// Notices that the host has not answered.
    #[serde(default)]
    pub unheard: u64,
    /// What the terminal's batch adds up to.
    pub batch: Option<Amount>,
    /// What the host has of the same batch; `None` where it cannot be asked.
    pub host: Option<Amount>,
    /// True if nothing is wrong between them; `None` where the host cannot be asked.
    pub consistent: Option<bool>,
}

impl Standing {
    /// Of a simulated world. A host elsewhere cannot be asked for its books.
    pub fn of(world: &Simulation, tally: Tally) -> Standing {
        Standing::with_wrong(world, tally).0
    }

    /// As `of`, with everything that is wrong, apart from what waits to be sent.
    pub fn with_wrong(world: &Simulation, tally: Tally) -> (Standing, Vec<Violation>) {
        world.look(|stage| {
            let journal = world.ports.journal.state();
            // Where a journal is older than this world, the paper of its first transactions has been torn off.
            let paper = (!world.is_kept()).then_some(stage.paper.slips.as_slice());
            let books = Books {
                journal,
                ledger: &stage.acquirer.ledger,
                paper,
                line: Some(&stage.line),
                chip_declined: Some(&stage.chip_declined),
            };
            let is_here = !stage.host_is_elsewhere;
            // What waits is told as such; it makes nothing inconsistent before it was tried.
            let mut wrong = if is_here { super::compare::audit(books) } else { Vec::new() };
            wrong.retain(|found| !found.is_waiting(journal));
            let unknown = journal.pending.len() as u64;
            // A reversal of an earlier run closed in this one, and an offline sale, are transactions of this line too.
            let told = tally.approved + tally.declined + tally.reversed + unknown;
            let standing = Standing {
                tally: Tally { begun: tally.begun.max(told), ..tally },
                unknown,
                owed: journal.slips().len() as u64,
                unheard: journal.day.notices.len() as u64,
                batch: sum(journal.in_batch().map(|booked| (booked.amount, booked.kind.sign()))),
                host: is_here.then(|| host_total(books)).flatten(),
                consistent: is_here.then_some(wrong.is_empty()),
            };
            (standing, wrong)
        })
    }

    /// Takes in how it stands in another world: counts and sums add up, and all is consistent only if each is.
    ///
    /// Amounts of another currency than the first stay out of the sums; the simulated host takes one currency only.
    pub fn add(&mut self, other: &Standing) {
        let Tally { begun, approved, declined, reversed, slips } = other.tally;
        self.tally.begun += begun;
        self.tally.approved += approved;
        self.tally.declined += declined;
        self.tally.reversed += reversed;
        self.tally.slips += slips;
        self.unknown += other.unknown;
        self.owed += other.owed;
        self.unheard += other.unheard;
        let both = |one: Option<Amount>, more: Option<Amount>| match (one, more) {
            (Some(one), Some(more)) => Some(one.checked_add(more).unwrap_or(one)),
            (one, more) => one.or(more),
        };
        self.batch = both(self.batch, other.batch);
        self.host = both(self.host, other.host);
        self.consistent = match (self.consistent, other.consistent) {
            (Some(one), Some(more)) => Some(one && more),
            (one, more) => one.or(more),
        };
    }

    /// `sales 12 · approved 10 · declined 1 · reversed 1 · unknown 0 · slips 10 · batch ¥… = host ¥… CONSISTENT`
    pub fn line(&self, language: Language) -> String {
        let mut line = self.counts(language);
        self.sides(&mut line, language);
        line
    }

    /// The line without the totals.
    pub fn counts(&self, language: Language) -> String {
        let Tally { begun, approved, declined, reversed, slips } = self.tally;
        let mut line = match language {
            Language::Zh => format!(
                "交易 {begun} · 成功 {approved} · 未成 {declined} · 已冲正 {reversed} · 未明 {} · 签购单 {slips}",
                self.unknown
            ),
            Language::En => format!(
                "sales {begun} · approved {approved} · declined {declined} · reversed {reversed} · unknown {} · slips {slips}",
                self.unknown
            ),
        };
        if self.owed > 0 {
            let words = Words { zh: " · 待补打 {n}", en: " · slips owed {n}" };
            line.push_str(&words.in_language(language).replace("{n}", &self.owed.to_string()));
        }
        if self.unheard > 0 {
            let words = Words { zh: " · 待上送 {n}", en: " · notices unheard {n}" };
            line.push_str(&words.in_language(language).replace("{n}", &self.unheard.to_string()));
        }
        line
    }

    fn sides(&self, line: &mut String, language: Language) {
        let shown = |amount: Option<Amount>| amount.map_or_else(|| "0".to_owned(), |amount| amount.to_string());
        let words = Words { zh: " · 批次 {b}", en: " · batch {b}" };
        line.push_str(&words.in_language(language).replace("{b}", &shown(self.batch)));
        if let Some(consistent) = self.consistent {
            let words = Words { zh: " {s} 主机 {h} {w}", en: " {s} host {h} {w}" };
            let sign = if shown(self.batch) == shown(self.host) { "=" } else { "≠" };
            let word = match consistent {
                // Nothing is wrong, and nothing is over: the reversal has to go out first.
                true if self.unknown > 0 => Words { zh: "待冲正", en: "OPEN" },
                true if self.unheard > 0 => Words { zh: "待上送", en: "OPEN" },
                true => Words { zh: "一致", en: "CONSISTENT" },
                false => Words { zh: "不一致", en: "INCONSISTENT" },
            };
            let text = words.in_language(language).replace("{s}", sign).replace("{h}", &shown(self.host));
            line.push_str(&text.replace("{w}", word.in_language(language)));
        }
    }
}
