//! The simulated printer: slips as text.

use super::battery;
use crate::payment::percent;
use crate::script_error::catalogue::hardware;
use crate::script_error::source::display_width;
use crate::script_error::words::Language;
use crate::script_error::wrap::wrap;
use crate::world::fault::Fault;
use crate::world::port::failure::Failure;
use crate::world::port::power::PowerPoint;
use crate::world::port::printer::{Printer, Slip, SlipLine};
use crate::world::stage::{SharedStage, Stage};

/// What came out of the printer.
#[derive(Clone, Debug)]
pub struct Paper {
    /// How many columns a line has: 32 or 48.
    pub columns: usize,
    /// Every slip as text, in the terminal's language; one torn off by a power cut is among them.
    pub printed: Vec<String>,
}

impl Default for Paper {
    fn default() -> Paper {
        Paper { columns: 32, printed: Vec::new() }
    }
}

/// Below this, in ten-thousandths, the battery cannot drive the print head.
const BATTERY_NEEDED: i64 = 500;

/// A printer that keeps what it prints.
pub struct SimulatedPrinter(pub SharedStage);

impl Printer for SimulatedPrinter {
    fn print(&mut self, slip: &Slip) -> Result<(), Failure> {
        let mut stage = self.0.borrow_mut();
        can_print(&stage)?;
        let mut lines = lines(slip, stage.paper.columns, stage.language);
        if stage.faults.take_one(Fault::PowerCut(PowerPoint::InPrint)) {
            lines.truncate(lines.len() / 2);
            stage.paper.printed.push(lines.join("\n"));
            return Err(PowerPoint::InPrint.failure());
        }
        stage.paper.printed.push(lines.join("\n"));
        stage.slips.push(slip.clone());
        Ok(())
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

/// A slip as it looks on paper.
pub fn render(slip: &Slip, columns: usize, language: Language) -> String {
    lines(slip, columns, language).join("\n")
}

/// True if any line of the slip says this, in either language. A row is its label, a space and its value.
pub fn says(slip: &Slip, text: &str) -> bool {
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

fn lines(slip: &Slip, columns: usize, language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    for line in &slip.lines {
        match line {
            SlipLine::Centre(said) => {
                for part in wrap(said.in_language(language), columns) {
                    let margin = columns.saturating_sub(display_width(&part)) / 2;
                    lines.push(format!("{}{part}", " ".repeat(margin)));
                }
            }
            SlipLine::Line(said) => lines.extend(wrap(said.in_language(language), columns)),
            SlipLine::Row { label, value } => {
                let (label, value) = (label.in_language(language), value.in_language(language));
                let taken = display_width(label) + display_width(value);
                if taken < columns {
                    lines.push(format!("{label}{}{value}", " ".repeat(columns - taken)));
                } else {
                    // Both do not fit in one line: the value gets its own, still on the right.
                    lines.extend(wrap(label, columns));
                    for part in wrap(value, columns) {
                        let margin = columns.saturating_sub(display_width(&part));
                        lines.push(format!("{}{part}", " ".repeat(margin)));
                    }
                }
            }
            SlipLine::Rule => lines.push("-".repeat(columns)),
            SlipLine::Space => lines.push(String::new()),
        }
    }
    lines
}
