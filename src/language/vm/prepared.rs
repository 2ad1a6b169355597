//! A program as the machine runs it: worked out once, when it first runs.

use super::answer::Part;
use super::frame::Frame;
use super::jumps::Jumps;
use super::live::Registers;
use super::pool::{self, Pool};
use super::shape::Plan;
use super::slip::Slip;
use super::step::{Load, Put, Step};
use super::table::Table;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Program;
use std::sync::OnceLock;

/// Everything that can be looked up before a run.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) routines: Vec<Routine>,
    /// What steps set that set several registers.
    pub(super) loads: Vec<Load>,
    /// What steps set that gather several registers.
    pub(super) puts: Vec<Put>,
    /// The first cells of every run.
    pub(super) cells: Vec<u64>,
    /// Lines of slips that steps lay down together.
    pub(super) slips: Vec<Slip>,
    /// For each switch of the program.
    pub(super) switches: Vec<Jumps>,
    /// For each shape of the program.
    pub(super) shapes: Vec<Plan>,
    /// For each record of the program, what its fields have to be when the world answers one.
    pub(super) records: Vec<Box<[Part]>>,
}

/// One function.
#[derive(Debug)]
pub(super) struct Routine {
    pub(super) steps: Vec<Step>,
    pub(super) registers: usize,
    /// What it gives, if it only looks something up.
    pub(super) table: Option<Box<Table>>,
    /// What its arguments have to be.
    pub(super) parameters: Box<[Part]>,
    /// For each instruction the registers that are needed there; worked out when a run is first packed.
    pub(super) live: OnceLock<Box<[Registers]>>,
}

/// Of a program whose place is taken by something else, which never happens.
static NOTHING: Prepared = Prepared {
    routines: Vec::new(),
    loads: Vec::new(),
    puts: Vec::new(),
    cells: Vec::new(),
    slips: Vec::new(),
    switches: Vec::new(),
    shapes: Vec::new(),
    records: Vec::new(),
};

impl Prepared {
    /// Of this program.
    pub(super) fn of(program: &Program) -> &Prepared {
        program.worked_out.get_or_make(|| Prepared::new(program)).unwrap_or(&NOTHING)
    }

    /// The step that a frame is at.
    #[inline]
    pub(super) fn step(&self, frame: Frame) -> Option<&Step> {
        self.routines.get(usize::from(frame.function))?.steps.get(frame.pc as usize)
    }

    fn new(program: &Program) -> Prepared {
        let mut pool = Pool::default();
        let routines = program
            .functions
            .iter()
            .map(|function| Routine {
                steps: pool::steps(program, function, &mut pool),
                registers: function.registers.len(),
                table: Table::of(program, function).map(Box::new),
                parameters: function.parameters.iter().map(|ty| Part::of(ty, &program.types)).collect(),
                live: OnceLock::new(),
            })
            .collect();
        let shapes = program.shapes.iter().map(Plan::of).collect();
        let types = &program.types;
        let records = types.records.iter();
        let records = records.map(|record| record.fields.iter().map(|(_, ty)| Part::of(ty, types)).collect()).collect();
        let Pool { loads, puts, cells, slips, .. } = pool;
        Prepared { routines, loads, puts, cells, slips, switches: switches(program), shapes, records }
    }
}

/// A switch belongs to one instruction, which says what it is on.
fn switches(program: &Program) -> Vec<Jumps> {
    let mut on_texts = vec![false; program.switches.len()];
    for instruction in program.functions.iter().flat_map(|function| &function.code) {
        if let Instruction::SwitchText { table, .. } = instruction
            && let Some(on_text) = on_texts.get_mut(usize::from(*table))
        {
            *on_text = true;
        }
    }
    let switches = program.switches.iter().zip(on_texts);
    switches
        .map(|(switch, on_text)| if on_text { Jumps::of_texts(program, switch) } else { Jumps::of_words(switch) })
        .collect()
}
