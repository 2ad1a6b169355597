//! The one function that holds journal, ledger and paper against each other.

use super::books::Books;
use super::violation::{Minor, Violation, Wrong};
use crate::payment::amount::Amount;
use crate::world::host::ledger::{Authorisation, Standing};
use crate::world::port::day::Notice;
use crate::world::port::journal::JournalState;
use crate::world::port::record::{Booked, Kind};
use std::collections::BTreeMap;

/// Everything that is wrong between the three books, worst first.
///
/// Booked transactions and live authorisations are matched by batch and trace number; where a dialect sends no batch, by
/// trace number. What the terminal's journal has put aside with an older batch is not looked at.
pub fn audit(books: Books<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    transactions(books, &mut found);
    for pending in &books.journal.pending {
        let mut violation = Violation::at(Wrong::Pending, pending.due.batch, pending.due.stan);
        violation.terminal = pending.due.amount.map(minor);
        found.push(violation);
    }
    for notice in &books.journal.day.notices {
        let mut violation = Violation::at(Wrong::Pending, notice.due.batch, notice.due.stan);
        violation.terminal = notice.due.amount.map(minor);
        found.push(violation);
    }
    paper(books, &mut found);
    for (batch, stan) in books.line.into_iter().flat_map(|line| line.reused()) {
        let batch = batch.get(2..8).and_then(|batch| batch.parse().ok()).unwrap_or(0);
        found.push(Violation::at(Wrong::StanReused, batch, stan.parse().unwrap_or(0)));
    }
    certificates(books, &mut found);
    let is_settled = found.iter().all(|violation| !violation.what.is_about_transactions());
    let (terminal, host) = (terminal_total(books.journal), host_total(books));
    if is_settled && terminal.map_or(0, |sum| sum.minor) != host.map_or(0, |sum| sum.minor) {
        let mut violation = Violation::of(Wrong::TotalsDiffer, "");
        (violation.terminal, violation.host) = (terminal.map(minor), host.map(minor));
        found.push(violation);
    }
    found.sort();
    found.dedup();
    found
}

impl Wrong {
    /// One transaction is wrong, so the totals must be.
    fn is_about_transactions(self) -> bool {
        matches!(
            self,
            Wrong::Doubled
                | Wrong::Orphan
                | Wrong::Lost
                | Wrong::ChipDeclined
                | Wrong::AmountsDiffer
                | Wrong::Pending
                | Wrong::HostKeptIt
                | Wrong::HostLacksIt
        )
    }
}

impl Violation {
    /// True for what is no harm as long as a reversal of it waits in this journal.
    pub fn is_waiting(&self, journal: &JournalState) -> bool {
        let waits = journal.pending(self.stan).is_some();
        self.what == Wrong::Pending || waits && self.what == Wrong::Orphan
    }
}

/// An amount as violations hold it.
pub(super) fn minor(amount: Amount) -> Minor {
    (amount.minor, amount.currency.numeric())
}

/// Booked by the terminal, and money moved or kept aside by it.
fn moves(booked: &Booked) -> bool {
    booked.kind != Kind::Balance
}

/// A host's answer to a message that it has already.
const HAD_ALREADY: [u8; 2] = *b"94";

/// The host said of the notice of this transaction that it has it already.
fn was_had_already(journal: &JournalState, batch: u32, stan: u32) -> bool {
    journal.answer_to(batch, stan).is_some_and(|by| by.0 == HAD_ALREADY)
}

/// The host refused a notice of this number; one that names no batch may be of any.
fn was_refused(journal: &JournalState, batch: Option<u32>, stan: u32) -> bool {
    let past = journal.past.refused.iter().map(|(of, refused)| (*of, refused));
    let mut all = past.chain(journal.day.refused.iter().map(|refused| (journal.batch, refused)));
    all.any(|(of, refused)| refused.stan == stan && batch.is_none_or(|batch| batch == of))
}

/// A notice of this transaction, or one that changes it, has not been heard by the host yet.
fn is_unheard(journal: &JournalState, stan: u32) -> bool {
    let about =
        |notice: &Notice| notice.due.stan == stan || notice.adjusts.is_some_and(|(adjusted, _)| adjusted == stan);
    journal.day.notices.iter().any(about)
}

fn transactions(books: Books<'_>, found: &mut Vec<Violation>) {
    let Books { journal, ledger, .. } = books;
    let mut live: BTreeMap<(Option<u32>, u32), Vec<&Authorisation>> = BTreeMap::new();
    for authorisation in ledger.authorisations.iter().filter(|authorisation| authorisation.is_live()) {
        live.entry((authorisation.batch, authorisation.stan)).or_default().push(authorisation);
    }
    for authorisations in live.values().filter(|authorisations| authorisations.len() > 1) {
        if let Some(first) = authorisations.first() {
            let mut violation = Violation::at(Wrong::Doubled, first.batch.unwrap_or(0), first.stan);
            violation.host = Some(minor(first.amount));
            found.push(violation);
        }
    }
    for booked in journal.booked.iter().filter(|booked| moves(booked)) {
        let at = [Some(booked.batch), None].into_iter().find(|batch| live.contains_key(&(*batch, booked.stan)));
        let mut violation = Violation::at(Wrong::Lost, booked.batch, booked.stan);
        violation.terminal = Some(minor(booked.amount));
        if books.chip_declined.is_some_and(|declined| declined.contains(&booked.stan)) {
            found.push(Violation { what: Wrong::ChipDeclined, ..violation.clone() });
        }
        match at.and_then(|batch| live.remove(&(batch, booked.stan))) {
            // That a notice of it waits is told already.
            None if is_unheard(journal, booked.stan) => {}
            None => {
                if was_had_already(journal, booked.batch, booked.stan) {
                    violation.what = Wrong::HostLacksIt;
                }
                found.push(violation);
            }
            Some(authorisations) => {
                let other = authorisations.iter().find(|other| other.amount != booked.amount);
                if let Some(other) = other.filter(|_| !is_unheard(journal, booked.stan)) {
                    let is_adjusted = journal.day.adjusted.contains(&(booked.batch, booked.stan));
                    let had_already = || {
                        let past = journal.past.answered.iter().filter(|((batch, _), _)| *batch == booked.batch);
                        let today = journal.day.answered.values().filter(|_| booked.batch == journal.batch);
                        past.map(|(_, by)| by).chain(today).any(|by| by.0 == HAD_ALREADY)
                    };
                    let was_refused = || journal.refused_in(booked.batch).any(|it| it.amount == Some(other.amount));
                    violation.what = match is_adjusted {
                        true if was_refused() => Wrong::HostKeptIt,
                        true if had_already() => Wrong::HostLacksIt,
                        _ => Wrong::AmountsDiffer,
                    };
                    violation.host = Some(minor(other.amount));
                    found.push(violation);
                }
            }
        }
    }
    // Batches that the journal has put aside cannot be compared any more.
    let oldest = journal.booked.iter().map(|booked| booked.batch).chain([journal.batch]).min().unwrap_or(0);
    for authorisation in live.into_values().flatten() {
        if authorisation.batch.is_none_or(|batch| batch >= oldest || batch == journal.batch) {
            let batch = authorisation.batch.unwrap_or(0);
            let was_confirmed = books.line.is_some_and(|line| line.is_confirmed(batch, authorisation.stan));
            let was_refused = was_refused(journal, authorisation.batch, authorisation.stan);
            let what = if was_confirmed || was_refused { Wrong::HostKeptIt } else { Wrong::Orphan };
            let mut violation = Violation::at(what, batch, authorisation.stan);
            violation.host = Some(minor(authorisation.amount));
            found.push(violation);
        }
    }
}

/// Of every transaction that a chip said yes to, the host has the certificate once its batch is closed, and has it once.
fn certificates(books: Books<'_>, found: &mut Vec<Violation>) {
    let Books { journal, ledger, .. } = books;
    // Closed on both sides: a batch that a restore left behind was never uploaded, and the host has not closed it.
    let is_closed = |batch: u32| {
        let settled = ledger.settled.is_some_and(|settled| settled.batch == batch && settled.over);
        batch != journal.batch && (settled || batch != ledger.batch)
    };
    let stands = |seen: &&Authorisation| seen.chip.is_some() && seen.standing != Standing::Reversed;
    for seen in ledger.authorisations.iter().filter(stands) {
        let Some(batch) = seen.batch else { continue };
        let what = match seen.certificates {
            0 if !is_closed(batch) => continue,
            // The terminal took it back, and the host said so: what it keeps all the same was never booked.
            0 if books.line.is_some_and(|line| line.is_confirmed(batch, seen.stan)) => continue,
            0 if books.line.is_some_and(|line| line.is_certified(batch, seen.stan)) => Wrong::HostLacksCertificate,
            0 => Wrong::CertificateMissing,
            1 => continue,
            _ => Wrong::CertificateDoubled,
        };
        let mut violation = Violation::at(what, batch, seen.stan);
        violation.host = Some(minor(seen.amount));
        found.push(violation);
    }
}

fn paper(books: Books<'_>, found: &mut Vec<Violation>) {
    let Some(paper) = books.paper else { return };
    let journal = books.journal;
    for booked in journal.booked.iter().filter(|booked| moves(booked)) {
        let own: Vec<_> = paper.iter().filter(|slip| slip.of == Some(booked.stan)).collect();
        let is_owed = journal.owed.iter().any(|owed| owed.stan == booked.stan && owed.batch == booked.batch);
        if !is_owed && !own.iter().any(|slip| slip.is_whole) {
            found.push(Violation::at(Wrong::SlipMissing, booked.batch, booked.stan));
        }
        let originals: Vec<_> = own.iter().filter(|slip| slip.is_whole && !slip.is_marked).collect();
        let twice = |at: usize| originals.iter().take(at).any(|other| other.text == originals[at].text);
        if (1..originals.len()).any(twice) {
            found.push(Violation::at(Wrong::SlipDoubled, booked.batch, booked.stan));
        }
        let other_amount = |slip: &&&crate::world::terminal::printer::Printed| {
            slip.is_whole && !slip.amounts.is_empty() && !slip.amounts.contains(&booked.amount)
        };
        // The slip of the sale has the amount before the tip; the tip has a slip of its own.
        let is_adjusted = journal.day.adjusted.contains(&(booked.batch, booked.stan));
        if let Some(slip) = own.iter().find(other_amount).filter(|_| !is_adjusted) {
            let mut violation = Violation::at(Wrong::SlipAmount, booked.batch, booked.stan);
            violation.terminal = Some(minor(booked.amount));
            violation.host = slip.amounts.first().copied().map(minor);
            found.push(violation);
        }
    }
    // Numbers rise: a slip from before everything that the journal still holds is of a batch that it has put aside.
    let first = journal.booked.iter().min_by_key(|booked| booked.batch);
    let is_put_aside = |stan: u32| first.map_or(journal.batch > 2, |first| first.batch > 1 && stan < first.stan);
    for slip in paper.iter().filter(|slip| slip.is_whole) {
        let Some(stan) = slip.of else { continue };
        // What the host refused afterwards stands on the slip of the settlement; its own slip is out.
        if journal.booked.iter().any(|booked| booked.stan == stan) || was_refused(journal, None, stan) {
            continue;
        }
        if !is_put_aside(stan) {
            found.push(Violation::at(Wrong::SlipOfNothing, journal.batch, stan));
        } else if let Some(batch) = batch_of_nothing(books, stan) {
            found.push(Violation::at(Wrong::SlipOfNothing, batch, stan));
        }
    }
}

/// The batch of a slip whose transaction the journal has put aside, if it is about nothing: the host never approved a request of
/// this number, or a reversal took it back. The host's books have all batches.
///
/// Nothing is said of a number under which a notice was sent, as what the host answered to that is put aside with it; nor where
/// nobody knows what went over the line.
fn batch_of_nothing(books: Books<'_>, stan: u32) -> Option<u32> {
    let batch = books.line?.asked(stan)?;
    let stands = |seen: &Authorisation| seen.stan == stan && seen.standing != Standing::Reversed;
    (!books.ledger.authorisations.iter().any(stands)).then_some(batch)
}

/// Sums amounts with their signs; `None` for none at all, and for a sum that no amount can hold.
pub(super) fn sum(amounts: impl Iterator<Item = (Amount, i64)>) -> Option<Amount> {
    let mut total: Option<Amount> = None;
    for (amount, sign) in amounts {
        let signed = amount.checked_mul(sign).ok()?;
        total = Some(match total {
            Some(sum) => sum.checked_add(signed).ok()?,
            None => signed,
        });
    }
    total
}

fn terminal_total(journal: &JournalState) -> Option<Amount> {
    sum(journal.in_batch().map(|booked| (booked.amount, booked.kind.sign())))
}

/// What stands at the host of the terminal's batch.
pub(super) fn host_total(books: Books<'_>) -> Option<Amount> {
    books.ledger.total(books.journal.batch)
}
