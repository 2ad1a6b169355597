//! Hunts planted defects: the whole matrix first, then days at random.

use super::rows::{Defect, ROWS, Row};
use crate::language::bytecode::program::Program;
use crate::run::program::build_text;
use crate::run::torture::engine::{Options, torture};
use crate::run::torture::plan::Choice;
use crate::run::torture::random::Calendar;
use crate::run::torture::subject::{Subject, setup, subjects};
use crate::script_error::catalogue::internal;
use crate::world::audit::violation::Wrong;
use crate::world::crash::outside::Plant;
use crate::world::port::failure::Failure;

/// The flow that the defects are planted in.
const SHOP: &str = include_str!("shop.till");
/// The flow that closes a batch, for defects of that.
const CLOSING: &str = include_str!("closing.till");

/// Sales that are tried where the matrix finds nothing.
const SALES: u64 = 20_000;

/// How a defect was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caught {
    /// By the matrix: as what, after so many crash points.
    Matrix {
        /// The violation.
        what: Wrong,
        /// What went wrong and where the power went, in a line.
        way: String,
        /// Crash points that were looked at.
        points: u64,
    },
    /// By days at random.
    Random {
        /// The violation.
        what: Wrong,
        /// Sales until then.
        sales: u64,
    },
    /// Not at all.
    No,
}

/// Hunts one.
pub fn hunt(row: &Row) -> Result<Caught, Failure> {
    let (name, text) = match row.defect {
        Defect::ClosingTerminal(_) | Defect::ClosingScript(_) => ("closing.till", CLOSING),
        _ => ("shop.till", SHOP),
    };
    let mut text = text.to_owned();
    if let Defect::Script(edits) | Defect::ClosingScript(edits) = row.defect {
        for (from, to) in edits {
            if !text.contains(from) {
                return Err(defect(row, "its place in the flow is gone"));
            }
            text = text.replacen(from, to, 1);
        }
    }
    let built = build_text(name, &text);
    let Some(program) = built.program else { return Err(defect(row, "the checker refuses the flow")) };
    let plant = match row.defect {
        Defect::Disk(flaws) => Plant { flaws, ..Plant::default() },
        _ => Plant::default(),
    };
    let change = |world: &mut crate::world::simulation::Simulation| {
        if let Defect::Terminal(change) | Defect::ClosingTerminal(change) = row.defect {
            change(world);
        }
    };
    let plant = Plant { world: Some(&change), ..plant };
    let setup = setup(&program, 0)?;
    let subjects = subjects_of(&program, &setup)?;
    // Each part of the matrix that is enough for most defects is tried before a larger one.
    for (choice, crashes) in [(Choice::None, 1), (Choice::All, 1)] {
        let options = Options { crashes, stop_at_first: true, ..Options::new(choice) };
        for subject in &subjects {
            let report = torture(subject, &options, plant, &mut |_| {})?;
            if let Some(found) = report.found.iter().find(|found| !found.violation.what.is_of_host()) {
                let mut way = found.origin.plan.shown();
                if let Some((cut, _)) = found.origin.cut {
                    way.push_str(&format!(", cut@{}", cut.at));
                }
                if let Some((then, _)) = &found.origin.then {
                    way.push_str(&format!(", then {}", then.shown()));
                }
                return Ok(Caught::Matrix { what: found.violation.what, way, points: report.points });
            }
        }
    }
    let mut calendar = Calendar::new(&subjects, &Choice::All, plant)?;
    let days = calendar.days(7, SALES, &mut |_| {});
    Ok(match days.wrong.as_ref().and_then(|wrong| wrong.violations.first()) {
        Some(violation) => Caught::Random { what: violation.what, sales: days.sales },
        None => Caught::No,
    })
}

/// The defects, without the harmless changes.
pub fn defects() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(|row| row.is_wrong)
}

fn subjects_of<'p>(program: &'p Program, setup: &crate::world::simulation::Setup) -> Result<Vec<Subject<'p>>, Failure> {
    let (found, _) = subjects(program, setup);
    if found.is_empty() {
        return Err(Failure::new(internal::INTERNAL_DEFECT).text("detail", "the shop has no flow"));
    }
    Ok(found)
}

fn defect(row: &Row, detail: &str) -> Failure {
    Failure::new(internal::INTERNAL_DEFECT).text("detail", format!("{}: {detail}", row.name))
}
