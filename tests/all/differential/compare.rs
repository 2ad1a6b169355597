//! One program, both sides.

use super::build::{Built, TRADE};
use super::coverage::Coverage;
use super::dice::Dice;
use super::machine;
use super::planted::Planted;
use super::reference::evaluator::Evaluator;
use super::reference::value::Value;
use super::seen::{self, Finish, Seen};
use super::world::{Scripted, value_of};
use tillscript::language::check::checked::{FunctionId, FunctionKind};
use tillscript::language::vm::value::Value as Border;

/// What came of running a program on both sides.
pub(super) struct Compared {
    pub(super) runs: usize,
    pub(super) limits: usize,
    /// The first run that differed.
    pub(super) differs: Option<String>,
}

/// Runs a program with inputs of its own on both sides.
pub(super) fn run_both(
    text: &str,
    built: &Built,
    seed: u64,
    planted: Option<Planted>,
    coverage: &mut Coverage,
) -> Compared {
    let mut compared = Compared { runs: 0, limits: 0, differs: None };
    let functions = built.checked.functions.iter().enumerate();
    let entries = functions.filter(|(_, signature)| {
        signature.file.0 == 0 && (signature.kind == FunctionKind::Test || signature.public && signature.name == "main")
    });
    for (at, signature) in entries {
        let turns = if signature.kind == FunctionKind::Test { 1 } else { 3 };
        for turn in 0..turns {
            let seed = seed.wrapping_mul(31).wrapping_add(turn + 1);
            let mut dice = Dice::new(seed ^ 0xA5A5);
            let types = &built.checked.types;
            let arguments: Vec<Border> =
                signature.parameters.iter().map(|(_, ty)| value_of(types, ty, &mut dice)).collect();
            let (machine, reference) = both(text, built, at as u16, &arguments, seed, planted, coverage);
            compared.runs += 1;
            if seen::is_limit(&machine) {
                compared.limits += 1;
            } else if machine != reference {
                let page = seen::side_by_side(text, &machine, &reference);
                compared.differs = Some(format!("{} with {arguments:?}, world {seed}\n{page}", signature.name));
                return compared;
            }
        }
    }
    compared
}

/// What the machine and the reference do with a function.
pub(super) fn both(
    text: &str,
    built: &Built,
    function: u16,
    arguments: &[Border],
    seed: u64,
    planted: Option<Planted>,
    coverage: &mut Coverage,
) -> (Seen, Seen) {
    let types = &built.checked.types;
    let mut world = Scripted { types, seed, asked: 0 };
    let machine = machine::run(&built.program, function, arguments, &mut world);
    let mut world = Scripted { types, seed, asked: 0 };
    let texts = [text, TRADE];
    let mut evaluator = Evaluator::new(&built.checked, &texts, &mut world, planted);
    let ended = evaluator.run(FunctionId(function), arguments.iter().map(Value::from_border).collect());
    coverage.kinds.append(&mut evaluator.seen);
    if let Finish::Failed(faults) = &machine.finish
        && let Some(fault) = faults.first()
    {
        // Declared errors have numbers of their own in each program.
        let code = if fault.code.starts_with('E') { "declared".into() } else { fault.code.clone() };
        *coverage.errors.entry(code).or_default() += 1;
    }
    (machine, seen::of_reference(evaluator, ended))
}
