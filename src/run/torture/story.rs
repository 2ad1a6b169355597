//! Plays the shortest way to a violation once more, with the power really cut, and tells it.

use super::bench::{Bench, Use, Watch};
use super::plan::Plan;
use super::recover::{self, Verdict};
use super::report::Origin;
use super::subject::Subject;
use crate::run::happening::Happening;
use crate::run::report::{Ended, Result as RunResult, hexadecimal};
use crate::run::trace::{Head, Recorder};
use crate::script_error::error::ScriptError;
use crate::script_error::words::Said;
use crate::world::audit::violation::Violation;
use crate::world::crash::camera::{CutHere, DiskStep, Moment, PrintStep, Wire};
use crate::world::crash::disk::Tear;
use crate::world::crash::outside::Plant;
use crate::world::port::failure::Failure;
use std::io::Write;

/// One line of a story.
#[derive(Clone, Debug)]
pub enum Line {
    /// What was done.
    Told(Said),
    /// What happened.
    Happened(Box<Happening>),
    /// How the run ended, with the line of the script.
    Ended(Box<ScriptError>),
}

/// A story that was played.
#[derive(Clone, Debug)]
pub struct Story {
    /// From the beginning.
    pub lines: Vec<Line>,
    /// What is wrong in the end.
    pub violations: Vec<Violation>,
    /// Why the trace could not be written, if so.
    pub damage: Option<String>,
}

/// Plays it. What the run asked and was told goes to `trace`, and after that what happened at the next start.
pub fn play(
    subject: &Subject<'_>,
    plant: Plant<'_>,
    origin: &Origin,
    trace: Option<Box<dyn Write>>,
) -> Result<Story, Failure> {
    let mut bench = Bench::new(subject, plant)?;
    let first = std::rc::Rc::clone(&bench.first);
    let mut lines = vec![Line::Told(given(subject, &origin.plan))];
    let watch = origin.cut.map_or(Watch::Count, |(cut, _)| Watch::Cut(cut));
    let mut terminal = bench.enter(&first, &origin.plan, watch)?;
    let hash = hexadecimal(&subject.program.hash);
    let head =
        Head::new(hash, subject.program.name.to_string(), subject.name(), subject.values.clone(), subject.setup.seed);
    let mut recorder = trace.map(|to| Recorder::start(to, &head));
    terminal.read_messages();
    let ended =
        with(&mut terminal, &mut recorder, &mut lines, |session| session.run(subject.entry.function, &subject.values));
    tell_end(&mut lines, ended.as_ref());
    if let Some((cut, moment)) = origin.cut {
        lines.push(Line::Told(power_went(moment, cut)));
    }
    if let Some((plan, cut)) = &origin.then {
        lines.push(Line::Told(started(plan)));
        let watch = cut.map_or(Watch::Count, |(cut, _)| Watch::Cut(cut));
        if terminal.start_again(plan, watch).is_ok() {
            with(&mut terminal, &mut recorder, &mut lines, |session| session.restart());
        }
        if let Some((cut, moment)) = cut {
            lines.push(Line::Told(power_went(*moment, *cut)));
        }
    }
    lines.push(Line::Told(started(&Plan::default())));
    let verdict = match terminal.start_again(&Plan::default(), Watch::Count) {
        Ok(()) => {
            let mut seen = |happening: &Happening| {
                if is_told(happening) {
                    lines.push(Line::Happened(Box::new(happening.clone())));
                }
                if let Some(recorder) = &mut recorder {
                    recorder.happened(happening);
                }
            };
            recover::quiet(&mut terminal, true, &mut seen)
        }
        Err(failure) => recover::unreadable(failure),
    };
    let Verdict { violations, .. } = verdict;
    let (money, pending) = ended.map_or(("not_moved", 0), |ended| (ended.money.word(), ended.pending));
    let terminal_id = subject.setup.parameters.terminal_id.clone();
    let damage = recorder.and_then(|recorder| recorder.end(money, pending, &terminal_id, 0).err());
    Ok(Story { lines, violations, damage })
}

fn with<T>(
    terminal: &mut Use<'_, '_, '_>,
    recorder: &mut Option<Recorder>,
    lines: &mut Vec<Line>,
    call: impl FnOnce(&mut crate::run::session::Session<'_>) -> T,
) -> Option<T> {
    let mut seen = |happening: &Happening| {
        if is_told(happening) {
            lines.push(Line::Happened(Box::new(happening.clone())));
        }
    };
    terminal.session(&mut seen, |session| {
        if let Some(recorder) = recorder.take() {
            session.record(recorder);
        }
        let result = call(session);
        *recorder = session.take_recorder();
        result
    })
}

/// What a reader needs to follow the money.
fn is_told(happening: &Happening) -> bool {
    !matches!(
        happening,
        Happening::Screen { .. }
            | Happening::Beep
            | Happening::Log { .. }
            | Happening::Card { .. }
            | Happening::PinEntered
            | Happening::KeyChecked { .. }
            | Happening::PowerCut { .. }
    )
}

fn tell_end(lines: &mut Vec<Line>, ended: Option<&Ended>) {
    match ended.map(|ended| &ended.result) {
        Some(RunResult::Failed(error) | RunResult::PowerCut(error)) => lines.push(Line::Ended(error.clone())),
        Some(RunResult::Approved(_)) => lines.push(Line::Told(Said::new("流程：交易成功", "the flow ends: approved"))),
        Some(RunResult::Declined(declined)) => lines.push(Line::Told(Said::new(
            format!("流程：被拒绝 {}", declined.response),
            format!("the flow ends: declined {}", declined.response),
        ))),
        Some(RunResult::Done(_)) => lines.push(Line::Told(Said::new("流程结束", "the flow ends"))),
        Some(RunResult::Cancelled) | None => {}
    }
}

fn given(subject: &Subject<'_>, plan: &Plan) -> Said {
    let name = subject.name();
    match plan.weight() {
        0 => Said::new(format!("运行 {name}，没有故障"), format!("{name} runs, nothing goes wrong")),
        _ => {
            let faults = plan.shown();
            Said::new(format!("运行 {name}，故障：{faults}"), format!("{name} runs with the fault {faults}"))
        }
    }
}

fn started(plan: &Plan) -> Said {
    match plan.weight() {
        0 => Said::new("终端重新启动，故障已排除", "the terminal starts again, and nothing goes wrong any more"),
        _ => {
            let faults = plan.shown();
            Said::new(
                format!("终端重新启动，故障：{faults}"),
                format!("the terminal starts again, with the fault {faults}"),
            )
        }
    }
}

/// The power went: when, and what became of what was being written.
pub fn power_went(moment: Moment, cut: CutHere) -> Said {
    let (zh, en) = match moment {
        Moment::Request { number, done: false } => {
            return Said::new(
                format!("断电：第 {number} 个请求之前（第 {} 时刻）", cut.at),
                format!("the power goes before request {number} (moment {})", cut.at),
            );
        }
        Moment::Request { number, done: true } => {
            return Said::new(
                format!("断电：第 {number} 个请求之后（第 {} 时刻）", cut.at),
                format!("the power goes after request {number} (moment {})", cut.at),
            );
        }
        Moment::Disk(DiskStep::Written) => ("日志写了还没有落盘", "a record is written and not yet synced"),
        Moment::Disk(DiskStep::Synced) => ("日志刚落盘", "a record is on the disk"),
        Moment::Disk(DiskStep::Cut) => ("日志刚截去末尾", "the end of the journal has just been cut off"),
        Moment::Disk(DiskStep::Prepared) => ("日志换段之前", "a new segment is about to take over"),
        Moment::Disk(DiskStep::Turned) => ("日志刚换段", "a new segment has taken over"),
        Moment::Disk(DiskStep::Wiped) => ("旧段的卡片数据刚擦除", "card data of the old segment is erased"),
        Moment::Wire(Wire::HandedOver) => ("报文正要发出", "a message is about to leave"),
        Moment::Wire(Wire::AtHost) => {
            ("主机已处理，终端还不知道", "the host has dealt with it, and the terminal does not know yet")
        }
        Moment::Wire(Wire::Answered) => ("终端刚得到应答或超时", "the terminal has its reply, or has given up"),
        Moment::Print(PrintStep::Half) => ("签购单打了一半", "half of the slip is printed"),
        Moment::Print(PrintStep::Whole) => ("签购单刚打完", "the slip is printed"),
        Moment::End => ("流程结束之后", "the run is over"),
    };
    let (tear_zh, tear_en) = match cut.tear {
        Tear::Lost => ("".to_owned(), "".to_owned()),
        Tear::Kept => ("，未落盘的都在".to_owned(), "; what was not synced is there".to_owned()),
        Tear::LastOnly => ("，只有最后一次写入在".to_owned(), "; only the last write is there".to_owned()),
        Tear::Torn { bytes, zeros: false } => {
            (format!("，只写下 {bytes} 字节"), format!("; {bytes} bytes of it are there"))
        }
        Tear::Torn { bytes, zeros: true } => {
            (format!("，写下 {bytes} 字节，其余为零"), format!("; {bytes} bytes of it are there, then zeros"))
        }
        Tear::Holed { sector } => {
            let sector = sector + 1;
            (format!("，其中第 {sector} 个扇区没有写下"), format!("; all of it is there but sector {sector}"))
        }
    };
    Said::new(
        format!("断电：{zh}{tear_zh}（第 {} 时刻）", cut.at),
        format!("the power goes: {en}{tear_en} (moment {})", cut.at),
    )
}
