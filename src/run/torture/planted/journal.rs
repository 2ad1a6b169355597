//! A journal that does something wrong on its way to the disk, or when the terminal starts.

use crate::payment::amount::Amount;
use crate::payment::iso8583::response::ResponseCode;
use crate::world::port::failure::Failure;
use crate::world::port::journal::{Journal, JournalState};
use crate::world::port::record::{Booked, DueReversal, Kind, PendingReversal, PlainField, Record};
use crate::world::simulation::Simulation;

/// What is done instead of writing a record.
pub type Rule = fn(&mut Tampered, Record) -> Result<(), Failure>;

/// A journal behind which another one stands. What the terminal sees of it is what it believes to have written.
pub struct Tampered {
    inner: Box<dyn Journal>,
    believed: JournalState,
    rule: Rule,
    /// Records that are put off.
    late: Vec<Record>,
}

impl Journal for Tampered {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        let rule = self.rule;
        let told = record.clone();
        rule(self, record)?;
        self.believed.apply(&told);
        Ok(())
    }

    fn state(&self) -> &JournalState {
        &self.believed
    }
}

impl Tampered {
    fn write(&mut self, record: Record) -> Result<(), Failure> {
        self.inner.append(record)
    }

    fn due(&self, stan: u32) -> Option<&DueReversal> {
        self.believed.pending(stan).map(|pending| &pending.due)
    }
}

/// Puts a rule in front of a terminal's journal.
pub fn with(world: &mut Simulation, rule: Rule) {
    let nothing: Box<dyn Journal> = Box::new(crate::world::journal::memory::MemoryJournal::default());
    let inner = std::mem::replace(&mut world.ports.journal, nothing);
    let believed = inner.state().clone();
    world.ports.journal = Box::new(Tampered { inner, believed, rule, late: Vec::new() });
}

/// Lets what the terminal believes at its start be something else.
pub fn believing(world: &mut Simulation, change: impl FnOnce(&mut JournalState)) {
    let nothing: Box<dyn Journal> = Box::new(crate::world::journal::memory::MemoryJournal::default());
    let inner = std::mem::replace(&mut world.ports.journal, nothing);
    let mut believed = inner.state().clone();
    change(&mut believed);
    world.ports.journal = Box::new(Tampered { inner, believed, rule: Tampered::write, late: Vec::new() });
}

/// Closes reversals at the start that nobody has confirmed.
pub fn closing(world: &mut Simulation, which: impl Fn(&PendingReversal) -> bool) {
    let stans: Vec<u32> =
        world.ports.journal.state().pending.iter().filter(|it| which(it)).map(|it| it.due.stan).collect();
    for stan in stans {
        let _ = world.ports.journal.append(closed(stan));
    }
}

/// As if the host had confirmed it.
pub fn closed(stan: u32) -> Record {
    Record::ReversalClosed { stan, by: ResponseCode(*b"00") }
}

/// Another value in a field of every reversal that waits.
pub fn change_field(state: &mut JournalState, number: u8, value: &[u8]) {
    for pending in &mut state.pending {
        match pending.due.fields.iter_mut().find(|field| field.number == number) {
            Some(field) => field.value = value.to_vec(),
            None => pending.due.fields.push(PlainField { number, value: value.to_vec() }),
        }
    }
}

/// The reversal is not written at all.
pub fn due_not_written(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if matches!(record, Record::ReversalDue(_)) { Ok(()) } else { journal.write(record) }
}

/// The reversal is written with the next record: after the request has left.
pub fn due_written_late(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if matches!(record, Record::ReversalDue(_)) {
        journal.late.push(record);
        return Ok(());
    }
    for late in std::mem::take(&mut journal.late) {
        journal.write(late)?;
    }
    journal.write(record)
}

/// The trace number is counted in memory only.
pub fn stan_not_written(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if matches!(record, Record::StanTaken { .. }) { Ok(()) } else { journal.write(record) }
}

/// The booking is not written.
pub fn booking_not_written(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if matches!(record, Record::Booked(_)) { Ok(()) } else { journal.write(record) }
}

/// The booking is written with the next record.
pub fn booking_written_late(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if matches!(record, Record::Booked(_)) {
        journal.late.push(record);
        return Ok(());
    }
    for late in std::mem::take(&mut journal.late) {
        journal.write(late)?;
    }
    journal.write(record)
}

/// The reversal is cleared in one record, the booking made in another.
pub fn booking_in_two(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if let Record::Booked(booked) = &record {
        journal.write(Record::Discarded { stan: booked.stan })?;
    }
    journal.write(record)
}

/// The transaction is booked without what its chip said.
pub fn certificate_not_written(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    match record {
        Record::BookedChip(chip) => journal.write(Record::Booked(chip.over.booked)),
        other => journal.write(other),
    }
}

/// What the host has of an upload is counted in memory only.
pub fn upload_not_written(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if matches!(record, Record::Uploaded { .. }) { Ok(()) } else { journal.write(record) }
}

/// It is booked twice.
pub fn booked_twice(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if matches!(record, Record::Booked(_)) {
        journal.write(record.clone())?;
    }
    journal.write(record)
}

fn booked_otherwise(journal: &mut Tampered, record: Record, change: impl FnOnce(&mut Booked)) -> Result<(), Failure> {
    match record {
        Record::Booked(mut booked) => {
            change(&mut booked);
            journal.write(Record::Booked(booked))
        }
        other => journal.write(other),
    }
}

/// One minor unit more is booked.
pub fn amount_changed(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    booked_otherwise(journal, record, |booked| {
        booked.amount = Amount::new(booked.amount.minor + 1, booked.amount.currency);
    })
}

/// A sale is booked as a refund.
pub fn kind_changed(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    booked_otherwise(journal, record, |booked| booked.kind = Kind::Refund)
}

/// It is booked in another batch.
pub fn batch_changed(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    booked_otherwise(journal, record, |booked| booked.batch += 1)
}

/// An approval is dropped.
pub fn approval_dropped(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    match record {
        Record::Booked(booked) => journal.write(Record::Discarded { stan: booked.stan }),
        other => journal.write(other),
    }
}

/// A decline is booked.
pub fn decline_booked(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    let Record::Discarded { stan } = record else { return journal.write(record) };
    let Some(due) = journal.due(stan) else { return journal.write(Record::Discarded { stan }) };
    let booked = Booked {
        stan,
        batch: due.batch,
        kind: Kind::Sale,
        amount: due.amount.unwrap_or(Amount::zero(crate::payment::currency::Currency::CNY)),
        card: due.card.clone(),
        reference: None,
        authorisation: None,
        at_ms: due.at_ms,
    };
    journal.write(Record::Booked(booked))
}

/// What the disk refuses is taken as written.
pub fn refusal_ignored(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    let _ = journal.write(record);
    Ok(())
}

/// A reversal counts as done as soon as it is sent.
pub fn closed_when_sent(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    match record {
        Record::ReversalSent { stan, .. } => {
            journal.write(record)?;
            journal.write(closed(stan))
        }
        other => journal.write(other),
    }
}

/// A reversal that will be needed because of a time-out is dropped.
pub fn timeout_dropped(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    match record {
        Record::ReversalReason { stan, reason } if reason.0 == *b"98" => journal.write(Record::Discarded { stan }),
        other => journal.write(other),
    }
}

/// A reversal that will be needed because of a wrong MAC is dropped.
pub fn wrong_mac_dropped(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    match record {
        Record::ReversalReason { stan, reason } if reason.0 == *b"A0" => journal.write(Record::Discarded { stan }),
        other => journal.write(other),
    }
}

/// A slip counts as printed before printing has begun.
pub fn slip_printed_too_soon(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    match record {
        Record::PrintStarted { stan } => {
            journal.write(record)?;
            journal.write(Record::Printed { stan })
        }
        other => journal.write(other),
    }
}

/// Records that say nothing about money: without them all is still well.
pub fn reason_not_written(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if matches!(record, Record::ReversalReason { .. }) { Ok(()) } else { journal.write(record) }
}

/// That a decline needs no reversal is not written: it is reversed needlessly, and nothing is lost.
pub fn discard_not_written(journal: &mut Tampered, record: Record) -> Result<(), Failure> {
    if matches!(record, Record::Discarded { .. }) { Ok(()) } else { journal.write(record) }
}
