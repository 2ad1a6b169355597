//! The simulated printer: slips as text.

use super::battery;
use crate::payment::amount::Amount;
use crate::payment::percent;
use crate::script_error::catalogue::hardware;
use crate::script_error::source::display_width;
use crate::script_error::words::Language;
use crate::script_error::wrap::wrap;
use crate::world::crash::camera::{self, Moment, PrintStep};
use crate::world::fault::Fault;
use crate::world::port::failure::Failure;
use crate::world::port::power::PowerPoint;
use crate::world::port::printer::{Printer, Slip, SlipLine};
use crate::world::stage::{SharedStage, Stage};
use foldhash::quality::FixedState;
use std::hash::BuildHasher;

/// What came out of the printer.
#[derive(Clone, Debug)]
pub struct Paper {
    /// How many columns a line has: 32 or 48.
    pub columns: usize,
    /// Every slip as text, in the terminal's language; one torn off by a power cut is among them.
    pub printed: Vec<String>,
    /// What an auditor picks up of each.
    pub slips: Vec<Printed>,
    /// Nobody reads what is printed: only what an auditor picks up is kept.
    pub is_unread: bool,
    /// The sheet that slips which nobody keeps are printed on, one after the other.
    pub(in crate::world) sheet: String,
}

/// A slip as an auditor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The trace number of its transaction; `None` for a slip that is about none.
    pub of: Option<u32>,
    /// False for one that a power cut tore off.
    pub is_whole: bool,
    /// Says that it is a copy: 重印 or DUPLICATE.
    pub is_marked: bool,
    /// The amounts on it.
    pub amounts: Vec<Amount>,
    /// Its text, so that two equal ones are known.
    pub text: u64,
}

/// Words that mark a copy.
const MARKS: [&str; 2] = ["重印", "DUPLICATE"];

impl Printed {
    fn of(slip: &Slip<'_>, paper: &str, is_whole: bool) -> Printed {
        let mut amounts = Vec::new();
        // The first byte of a mark is rare on a slip, and quickly looked for.
        let is_marked = MARKS.iter().any(|mark| {
            mark.bytes().next().is_some_and(|first| paper.as_bytes().contains(&first)) && paper.contains(mark)
        });
        for line in paper.split('\n').filter(|_| is_whole) {
            // The last two words of a row may be an amount and its currency.
            let line = line.trim_end_matches(' ');
            // A currency is three capitals: most lines end otherwise, and need no closer look.
            if !line.as_bytes().last().is_some_and(u8::is_ascii_uppercase) {
                continue;
            }
            if let Some((before, currency)) = line.rsplit_once(' ') {
                let before = before.trim_end_matches(' ');
                let number = before.rsplit_once(' ').map_or(before, |(_, number)| number);
                if number.as_bytes().last().is_some_and(u8::is_ascii_digit) {
                    amounts.extend(Amount::parse(&format!("{number}{currency}")).ok());
                }
            }
        }
        // Compared within one process only, with a fixed seed.
        let text = FixedState::default().hash_one(paper);
        Printed { of: slip.of, is_whole, is_marked, amounts, text }
    }

    /// All of it as bytes, for telling two papers apart.
    pub fn fingerprint(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.of.unwrap_or(0).to_le_bytes());
        into.extend([u8::from(self.is_whole), u8::from(self.is_marked)]);
        for amount in &self.amounts {
            into.extend_from_slice(&amount.minor.to_le_bytes());
        }
    }
}

impl Default for Paper {
    fn default() -> Paper {
        Paper { columns: 32, printed: Vec::new(), slips: Vec::new(), is_unread: false, sheet: String::new() }
    }
}

/// Below this, in ten-thousandths, the battery cannot drive the print head.
const BATTERY_NEEDED: i64 = 500;

/// A printer that keeps what it prints.
pub struct SimulatedPrinter(pub SharedStage);

impl Printer for SimulatedPrinter {
    fn print(&mut self, slip: &Slip<'_>) -> Result<(), Failure> {
        let mut stage = self.0.borrow_mut();
        can_print(&stage)?;
        let mut paper = std::mem::take(&mut stage.paper.sheet);
        paper.clear();
        render_onto(&mut paper, slip, stage.paper.columns, stage.language);
        if stage.camera.is_some() {
            let printed = on_the_bench(&mut stage, slip, &paper);
            stage.paper.sheet = paper;
            return printed;
        }
        if stage.faults.take_one(Fault::PowerCut(PowerPoint::InPrint)) {
            let half = half(&paper);
            stage.paper.slips.push(Printed::of(slip, half, false));
            stage.paper.printed.push(half.to_owned());
            return Err(PowerPoint::InPrint.failure());
        }
        stage.paper.slips.push(Printed::of(slip, &paper, true));
        stage.paper.printed.push(paper);
        stage.slips.push(slip.kept());
        Ok(())
    }

    fn only_language(&self) -> Option<Language> {
        let stage = self.0.borrow();
        stage.paper.is_unread.then_some(stage.language)
    }

    fn ready(&mut self) -> Option<Result<(), Failure>> {
        Some(can_print(&self.0.borrow()))
    }
}

/// What keeps the printer from printing, if anything does.
fn can_print(stage: &Stage) -> Result<(), Failure> {
    let faults = [
        (Fault::PaperOut, hardware::PAPER_OUT),
        (Fault::PrinterFault, hardware::PRINTER_FAULT),
        (Fault::PrinterHot, hardware::PRINTER_HOT),
    ];
    if let Some((_, code)) = faults.into_iter().find(|(fault, _)| stage.faults.has(*fault)) {
        return Err(Failure::new(code));
    }
    let level = battery::level(stage);
    if level < BATTERY_NEEDED {
        return Err(Failure::new(hardware::LOW_BATTERY)
            .text("level", percent::shown(level))
            .text("needed", percent::shown(BATTERY_NEEDED)));
    }
    Ok(())
}

/// On a test bench the power may go when half of the slip is out, and when all of it is.
fn on_the_bench(stage: &mut Stage, slip: &Slip<'_>, paper: &str) -> Result<(), Failure> {
    // Half a slip is on the paper for one moment only: where nobody looks, it need not be put there.
    let (is_seen, is_off) =
        stage.camera.as_ref().map_or((false, false), |camera| (camera.borrow().looks(), camera.borrow().is_off()));
    if is_off {
        return Err(PowerPoint::InPrint.failure());
    }
    if is_seen {
        stage.paper.slips.push(Printed::of(slip, half(paper), false));
    }
    if camera::pass_held(stage, Moment::Print(PrintStep::Half)) {
        return Err(PowerPoint::InPrint.failure());
    }
    if is_seen {
        stage.paper.slips.pop();
    }
    stage.paper.slips.push(Printed::of(slip, paper, true));
    if camera::pass_held(stage, Moment::Print(PrintStep::Whole)) {
        return Err(PowerPoint::InPrint.failure());
    }
    if !stage.paper.is_unread {
        stage.slips.push(slip.kept());
    }
    Ok(())
}

/// The first half of the lines, as a power cut leaves them.
fn half(paper: &str) -> &str {
    let lines = paper.split('\n').count();
    let end = match lines / 2 {
        0 => 0,
        kept => paper.match_indices('\n').nth(kept - 1).map_or(paper.len(), |(at, _)| at),
    };
    paper.get(..end).unwrap_or(paper)
}

/// True if any line of the slip says this, in either language. A row is its label, a space and its value.
pub fn says(slip: &Slip<'_>, text: &str) -> bool {
    [Language::Zh, Language::En].into_iter().any(|language| {
        slip.lines.iter().any(|line| match line {
            SlipLine::Centre(said) | SlipLine::Line(said) => said.in_language(language).contains(text),
            SlipLine::Row { label, value } => {
                let (label, value) = (label.in_language(language), value.in_language(language));
                format!("{label} {value}").contains(text)
            }
            SlipLine::Rule | SlipLine::Space => false,
        })
    })
}

/// A slip as it looks on paper, in one piece: a slip is printed at every sale, and a text for each of its lines was most of
/// what printing cost.
pub fn render(slip: &Slip<'_>, columns: usize, language: Language) -> String {
    let mut paper = String::new();
    render_onto(&mut paper, slip, columns, language);
    paper
}

fn render_onto(paper: &mut String, slip: &Slip<'_>, columns: usize, language: Language) {
    paper.reserve(slip.lines.len() * (columns + 16));
    for (at, line) in slip.lines.iter().enumerate() {
        if at > 0 {
            paper.push('\n');
        }
        match line {
            SlipLine::Centre(said) => {
                set(said.in_language(language), columns, paper, |width| columns.saturating_sub(width) / 2);
            }
            SlipLine::Line(said) => set(said.in_language(language), columns, paper, |_| 0),
            SlipLine::Row { label, value } => {
                let (label, value) = (label.in_language(language), value.in_language(language));
                let taken = display_width(label) + display_width(value);
                if taken < columns {
                    paper.push_str(label);
                    pad(columns - taken, paper);
                    paper.push_str(value);
                } else {
                    // Both do not fit in one line: the value gets its own, still on the right.
                    set(label, columns, paper, |_| 0);
                    paper.push('\n');
                    set(value, columns, paper, |width| columns.saturating_sub(width));
                }
            }
            SlipLine::Rule => fill(DASHES, columns, paper),
            SlipLine::Space => {}
        }
    }
}

/// Puts a text on the paper, broken where it is too long, each line behind a margin that follows from its width.
fn set(text: &str, columns: usize, paper: &mut String, margin: impl Fn(usize) -> usize) {
    let width = display_width(text);
    if width <= columns && !text.contains('\n') {
        let kept = text.trim_end();
        let width = if kept.len() == text.len() { width } else { display_width(kept) };
        pad(margin(width), paper);
        paper.push_str(kept);
        return;
    }
    for (at, part) in wrap(text, columns).into_iter().enumerate() {
        if at > 0 {
            paper.push('\n');
        }
        pad(margin(display_width(&part)), paper);
        paper.push_str(&part);
    }
}

const BLANK: &str = "                                                                ";
const DASHES: &str = "----------------------------------------------------------------";

fn pad(spaces: usize, paper: &mut String) {
    fill(BLANK, spaces, paper);
}

/// So many signs of a text that has one sign only.
fn fill(signs: &str, mut count: usize, paper: &mut String) {
    while count > 0 {
        let some = signs.get(..count).unwrap_or(signs);
        paper.push_str(some);
        count -= some.len();
    }
}
