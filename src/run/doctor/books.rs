//! Journal, disk, batch, and what waits in the journal.

use super::equipment::written;
use super::verdict::Finding;
use crate::language::builtin::doctor::Probe;
use crate::run::recovery::SCRIPT_RESULT;
use crate::script_error::catalogue::{keys, network, readiness, storage};
use crate::script_error::code::{Code, Fact};
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use crate::world::port::ports::Ports;

const HOUR_MS: i64 = 3_600_000;
/// A batch is settled once a day.
const DAY_HOURS: i64 = 24;

/// What is said where the terminal's own journal could not be opened; `None` for what needs none.
pub(super) fn without_a_journal(probe: Probe, failure: &Failure) -> Option<Finding> {
    match probe {
        Probe::JournalChain => Some(Finding::failed(failure.clone())),
        Probe::Storage if [storage::STORAGE_FULL, storage::CANNOT_WRITE].contains(&failure.code) => {
            Some(Finding::failed(failure.clone()))
        }
        // The clock and the work keys of a simulated terminal lie beside its journal.
        Probe::Storage
        | Probe::TimeOfDay
        | Probe::WorkKeys
        | Probe::SignedIn
        | Probe::WaitingReversals
        | Probe::WaitingResults
        | Probe::WaitingNotices
        | Probe::OpenSettlement
        | Probe::BatchAge
        | Probe::BatchRoom => Some(Finding::not_checked("日志打不开", "the journal cannot be opened")),
        Probe::Printing
        | Probe::CardReader
        | Probe::PinPad
        | Probe::SerialNumber
        | Probe::Power
        | Probe::Software
        | Probe::MasterKey => None,
    }
}

pub(super) fn storage(ports: &mut Ports) -> Finding {
    match ports.journal.room() {
        Some(room) => Finding::of(room, "试写落盘成功", "a trial write reached the disk"),
        None => Finding::not_checked(
            "日志在内存里；--journal 目录才有磁盘可试",
            "the journal is in memory; with --journal DIR there is a disk to try",
        ),
    }
}

pub(super) fn journal_chain(ports: &mut Ports) -> Finding {
    match ports.journal.verify() {
        Some(Ok(records)) => {
            Finding::ok(format!("{records} 条记录，校验链完整"), format!("{records} records, the chain is whole"))
        }
        Some(Err(failure)) => Finding::failed(failure),
        None => Finding::not_checked(
            "日志在内存里；--journal 目录才有校验链",
            "the journal is in memory; with --journal DIR there is a chain",
        ),
    }
}

pub(super) fn signed_in(ports: &mut Ports) -> Finding {
    let signed_in = ports.journal.state().signed_in;
    let result = if signed_in { Ok(()) } else { Err(Failure::new(keys::NOT_SIGNED_IN)) };
    Finding::of(result, "已签到", "signed in")
}

pub(super) fn waiting_reversals(ports: &mut Ports) -> Finding {
    let pending = &ports.journal.state().pending;
    let Some(oldest) = pending.iter().map(|pending| pending.due.at_ms).min() else {
        return Finding::ok("没有待发的", "none waits");
    };
    Finding::warning(waits(readiness::REVERSALS_WAIT, pending.len(), oldest))
}

/// Script results, or all other notices.
pub(super) fn waiting_notices(ports: &mut Ports, results: bool) -> Finding {
    let notices = &ports.journal.state().day.notices;
    let those = || notices.iter().filter(|notice| (notice.due.mti.0 == SCRIPT_RESULT) == results);
    let Some(oldest) = those().map(|notice| notice.due.at_ms).min() else {
        return Finding::ok("没有待送的", "none waits");
    };
    Finding::warning(waits(readiness::NOTICES_WAIT, those().count(), oldest))
}

fn waits(code: Code, count: usize, oldest_ms: i64) -> Failure {
    Failure::new(code).fact("count", Fact::Count(count as i64)).text("oldest", written(oldest_ms))
}

pub(super) fn open_settlement(ports: &mut Ports) -> Finding {
    let open = ports.journal.state().day.settlement.is_some();
    let result = if open { Err(Failure::new(network::SETTLEMENT_UNFINISHED)) } else { Ok(()) };
    Finding::of(result, "没有做了一半的", "none is half done")
}

pub(super) fn batch_age(ports: &mut Ports) -> Finding {
    let now_ms = ports.clock.now_ms();
    let state = ports.journal.state();
    let batch = state.batch;
    let Some(first) = state.in_batch().map(|booked| booked.at_ms).min() else {
        return Finding::ok(format!("批次 {batch:06}，空的"), format!("batch {batch:06}, empty"));
    };
    let (hours, since) = ((now_ms - first).max(0) / HOUR_MS, written(first));
    if hours < DAY_HOURS {
        return Finding::ok(format!("批次 {batch:06}，第一笔在 {since}"), format!("batch {batch:06}, begun {since}"));
    }
    let failure = Failure::new(readiness::BATCH_OLD).text("since", since);
    Finding::warning(failure.fact("hours", Fact::Count(hours)))
}

/// `limit`: as many transactions as the terminal's batch holds. From nine tenths of it on it is time to settle.
pub(super) fn batch_room(ports: &mut Ports, limit: i64) -> Finding {
    let count = ports.journal.state().batch_count() as i64;
    if count.saturating_mul(10) < limit.saturating_mul(9) {
        return Finding::ok(format!("{count} 笔，最多 {limit} 笔"), format!("{count} of {limit} transactions"));
    }
    let failure = Failure::new(readiness::BATCH_FILLING);
    let failure = failure.fact("count", Fact::Count(count)).fact("limit", Fact::Count(limit));
    if count < limit {
        return Finding::warning(failure);
    }
    Finding::failed(failure).saying(Said::new(
        format!("批次已满：{count} 笔，最多 {limit} 笔"),
        format!("the batch is full: {count} of {limit} transactions"),
    ))
}
