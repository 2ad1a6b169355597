//! Devices, keys, clock and software.

use super::verdict::Finding;
use crate::payment::percent;
use crate::script_error::catalogue::{hardware, keys, readiness};
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::calendar::Moment;
use crate::world::port::failure::Failure;
use crate::world::port::pin_pad::KeySlot;
use crate::world::port::ports::Ports;

/// No terminal of ours was at work before: the clock has lost its time.
const FIRST_YEAR: i64 = 2025;
/// Nor will this program be, so much later.
const LAST_YEAR: i64 = 2099;
/// The index of the only master key.
const MASTER_INDEX: i64 = 1;
/// The work keys without which nothing that moves money can be sent.
const NEEDED_KEYS: [KeySlot; 2] = [KeySlot::Pik, KeySlot::Mak];

fn unknown_before_use() -> Finding {
    Finding::not_checked("这台设备用了才知道", "this device only knows when it is used")
}

pub(super) fn printing(ports: &mut Ports) -> Finding {
    match ports.printer.ready() {
        Some(ready) => Finding::of(ready, "有纸，打印头正常", "paper in, print head fine"),
        None => unknown_before_use(),
    }
}

pub(super) fn card_reader(ports: &mut Ports) -> Finding {
    match ports.card.ready() {
        Some(ready) => Finding::of(ready, "有应答；没有试卡", "answers; no card was tried"),
        None => unknown_before_use(),
    }
}

pub(super) fn pin_pad(ports: &mut Ports) -> Finding {
    match ports.pin_pad.ready() {
        Some(ready) => Finding::of(ready, "已连接，未锁定", "connected, not locked"),
        None => unknown_before_use(),
    }
}

pub(super) fn serial_number(ports: &mut Ports) -> Finding {
    let attached = match ports.pin_pad.serial() {
        Ok(attached) => attached,
        Err(failure) => return Finding::failed(failure),
    };
    match ports.pin_pad.registered() {
        Some(registered) if registered == attached => {
            Finding::ok(format!("{attached}，与登记相符"), format!("{attached}, as registered"))
        }
        Some(registered) => {
            let failure = Failure::new(readiness::PIN_PAD_NOT_REGISTERED);
            Finding::failed(failure.text("registered", registered).text("attached", attached))
        }
        None => Finding::not_checked(
            format!("{attached}；签到时主机才核对"),
            format!("{attached}; only a sign-in compares it with the record"),
        ),
    }
}

/// `needed` in ten-thousandths. From twice as much downwards it is time to plug the terminal in.
pub(super) fn power(ports: &mut Ports, needed: i64) -> Finding {
    let (level, on_mains) = (ports.battery.level(), ports.battery.on_mains());
    let low = |needed: i64| {
        Failure::new(hardware::LOW_BATTERY).text("level", percent::shown(level)).text("needed", percent::shown(needed))
    };
    let shown = percent::shown(level);
    if on_mains {
        Finding::ok(format!("{shown}，接着电源"), format!("{shown}, on mains power"))
    } else if level < needed {
        Finding::failed(low(needed))
    } else if level < needed.saturating_mul(2) {
        Finding::warning(low(needed)).saying(Said::new(
            format!("{shown}，未接电源；低于 {} 就不能交易", percent::shown(needed)),
            format!("{shown}, not on mains power; below {} it cannot work", percent::shown(needed)),
        ))
    } else {
        Finding::ok(format!("{shown}，未接电源"), format!("{shown}, not on mains power"))
    }
}

pub(super) fn time_of_day(ports: &mut Ports) -> Finding {
    let now_ms = ports.clock.now_ms();
    let year = Moment::from_ms(now_ms).year;
    let wrong = |detail: Said| {
        let failure = Failure::new(readiness::CLOCK_WRONG);
        Finding::failed(failure.text("found", written(now_ms)).fact("detail", Fact::Said(detail)))
    };
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return wrong(Said::new(format!("{year} 年不可能"), format!("it cannot be {year}")));
    }
    let state = ports.journal.state();
    let booked = state.booked.iter().map(|booked| booked.at_ms);
    let newest = booked.chain(state.pending.iter().map(|pending| pending.due.at_ms)).max();
    match newest.filter(|newest| now_ms < *newest) {
        Some(newest) => {
            let newest = written(newest);
            wrong(Said::new(
                format!("日志里已有 {newest} 的交易"),
                format!("the journal has a transaction of {newest}"),
            ))
        }
        None => Finding::ok(written(now_ms), written(now_ms)),
    }
}

/// `2026-01-05 09:00:00`.
pub(super) fn written(at_ms: i64) -> String {
    let Moment { year, month, day, hour, minute, second } = Moment::from_ms(at_ms);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

pub(super) fn software(ports: &mut Ports, needed: &str) -> Finding {
    match ports.parameters.require_software(needed) {
        Ok(()) => {
            let found = &ports.parameters.software;
            Finding::ok(format!("{found}，要求 {needed}"), format!("{found}; {needed} is needed"))
        }
        Err(failure) => Finding::failed(failure),
    }
}

pub(super) fn master_key(ports: &mut Ports) -> Finding {
    match ports.pin_pad.holds(KeySlot::Tmk) {
        Ok(Some(true)) => Finding::ok("已灌注", "loaded"),
        Ok(Some(false)) => Finding::failed(Failure::new(keys::NO_MASTER_KEY).fact("index", Fact::Count(MASTER_INDEX))),
        Ok(None) => unknown_before_use(),
        Err(failure) => Finding::failed(failure),
    }
}

pub(super) fn work_keys(ports: &mut Ports) -> Finding {
    let (mut present, mut missing) = (Vec::new(), Vec::new());
    for slot in [KeySlot::Pik, KeySlot::Mak, KeySlot::Tdk] {
        match ports.pin_pad.holds(slot) {
            Ok(Some(true)) => present.push(slot.word()),
            Ok(Some(false)) if NEEDED_KEYS.contains(&slot) => missing.push(slot.word()),
            Ok(Some(false)) => {}
            Ok(None) => return unknown_before_use(),
            Err(failure) => return Finding::failed(failure),
        }
    }
    if missing.is_empty() {
        let present = present.join(" ");
        return Finding::ok(
            format!("{present} 都在；与主机是否一致，下一笔交易的 MAC 才知道"),
            format!("{present} are there; the MAC of the next transaction shows whether the host has the same"),
        );
    }
    let missing = missing.join(" ");
    Finding::failed(Failure::new(keys::NOT_SIGNED_IN))
        .saying(Said::new(format!("缺少 {missing}"), format!("missing: {missing}")))
}
