//! The walk over a function: every register is written before it is read, and no region is left open.
//!
//! Jumps go forward, and only `Loop` goes back; so the code is walked once, in its order. Where ways meet, what is known
//! is what holds on both. At the top of a loop it is assumed that a turn takes no register away and decides about money
//! where it can; the `Loop` at its end has to prove that.

use super::calls::Reach;
use super::reads;
use super::state::{Money, State, States, Written};
use crate::language::bytecode::fits::Fault;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program};

const UNWRITTEN: Fault = ("读取了可能尚未写入的寄存器", "a register is read that may not have been written");
const LOOP: Fault = ("循环从中间进入", "a loop is entered in its middle");
const GUARD: Fault = ("错误处理的范围交错", "the ranges of two handlers cross");
const REGION: Fault = ("冲正区的范围与指令不符", "the range of a reversible region does not fit its instructions");
const SECOND: Fault = ("冲正区内又开启冲正区", "a reversible region is opened inside another");
const CROSSES: Fault = ("未离开冲正区就跳出其范围", "a way goes out of a reversible region without leaving it");
const OUTSIDE: Fault = ("冲正区之外处理冲正", "a decision about money stands outside a reversible region");
const UNDECIDED: Fault = ("返回时冲正区仍未离开", "the function returns and its reversible region is still open");

/// A fault, and its instruction if it is one's.
type Wrong = (Option<u32>, Fault);

/// What holds wherever an error may come from that a handler takes.
#[derive(Clone, Copy, Debug)]
struct Guarded {
    to: u32,
    /// Index of the handler.
    row: usize,
    /// `None` until an instruction can be reached.
    written: Option<Written>,
    /// The last region, by index, in which an error may come, or none.
    region: Option<usize>,
    /// Where the money may stand there.
    money: Money,
    /// May an error come from outside that region?
    elsewhere: bool,
}

impl Guarded {
    fn join(&mut self, written: &Written, region: Option<usize>, money: Money, elsewhere: bool) {
        match &mut self.written {
            Some(known) => known.meet(written),
            None => {
                self.written = Some(*written);
                self.region = region;
            }
        }
        // Instructions come in order, so an earlier region does not come back.
        if self.region != region {
            self.region = region;
            self.money = Money::NOWHERE;
            self.elsewhere = true;
        }
        self.money = self.money.or(money);
        self.elsewhere |= elsewhere;
    }
}

/// Walks over the functions of a program; its room is used again for each.
#[derive(Debug)]
pub(super) struct Walk<'p> {
    program: &'p Program,
    reaches: &'p [Reach],
    /// What is known before each instruction.
    states: States,
    /// For each instruction: how many decisions about money stand before it.
    decisions: Vec<u32>,
    /// For each instruction: the `Loop` furthest behind that comes back to it.
    ends: Vec<Option<u32>>,
    guards: Vec<Guarded>,
    /// Places and ways looked at so far: what the time of the proof goes by.
    pub(super) looked_at: u64,
}

impl<'p> Walk<'p> {
    /// A walk over this program.
    pub(super) fn new(program: &'p Program, reaches: &'p [Reach]) -> Walk<'p> {
        Walk {
            program,
            reaches,
            states: States::default(),
            decisions: Vec::new(),
            ends: Vec::new(),
            guards: Vec::new(),
            looked_at: 0,
        }
    }

    /// Walks over one function.
    pub(super) fn function(&mut self, function: &Function) -> Result<(), Wrong> {
        self.prepare(function);
        regions_fit(function)?;
        // Rows that begin first come first; of those that begin together, the widest.
        let mut rows: Vec<usize> = (0..function.handlers.len()).collect();
        rows.sort_by_key(|row| function.handlers.get(*row).map(|row| (row.from, std::cmp::Reverse(row.to))));
        let mut rows = rows.into_iter().peekable();
        let mut coming = function.regions.iter().enumerate().peekable();
        let mut region: Option<(usize, &(u32, u32))> = None;
        let start = State { written: Written::first(function.parameters.len()), money: Money::CLOSED };
        self.states.meet(0, &start);
        for (pc, instruction) in function.code.iter().enumerate() {
            let pc = pc as u32;
            self.looked_at += 1;
            self.close_guards(function, pc);
            while let Some(row) = rows.next_if(|row| function.handlers.get(*row).is_some_and(|row| row.from <= pc)) {
                self.open_guard(function, row)?;
            }
            if region.is_some_and(|(_, (_, to))| *to <= pc) {
                region = None;
            }
            if let Some(next) = coming.next_if(|(_, (from, _))| *from <= pc) {
                region = Some(next);
            }
            let Some(mut state) = self.states.get(pc) else { continue };
            self.widen(pc, &mut state);
            let inside = region.map(|(at, _)| at);
            let here = |fault| (Some(pc), fault);
            self.instruction(function, pc, *instruction, state, inside).map_err(here)?;
        }
        Ok(())
    }

    fn prepare(&mut self, function: &Function) {
        let length = function.code.len();
        self.guards.clear();
        self.states.clear(function.registers.len(), length);
        self.ends.clear();
        self.ends.resize(length, None);
        self.decisions.clear();
        self.decisions.reserve(length);
        let mut decisions = 0;
        for (pc, instruction) in function.code.iter().enumerate() {
            self.decisions.push(decisions);
            decisions += u32::from(decides(*instruction));
            if let Instruction::Loop { target, .. } = instruction
                && let Some(end) = self.ends.get_mut(*target as usize)
            {
                *end = Some(pc as u32);
            }
        }
    }

    /// At the top of a loop: an earlier turn may have decided.
    fn widen(&mut self, pc: u32, state: &mut State) {
        let before = |at: u32| self.decisions.get(at as usize).copied().unwrap_or(0);
        if let Some(end) = self.ends.get(pc as usize).copied().flatten()
            && state.money.may_be_inside()
            && before(end) > before(pc)
        {
            state.money = state.money.or(Money::DECIDED);
        }
        self.states.set(pc, state);
    }

    fn open_guard(&mut self, function: &Function, row: usize) -> Result<(), Wrong> {
        let Some(handler) = function.handlers.get(row) else { return Ok(()) };
        self.looked_at += 1;
        if self.guards.last().is_some_and(|around| around.to < handler.to) {
            return Err((Some(handler.from), GUARD));
        }
        self.guards.push(Guarded {
            to: handler.to,
            row,
            written: None,
            region: None,
            money: Money::NOWHERE,
            elsewhere: false,
        });
        Ok(())
    }

    /// Handlers whose instructions end here: what they guard is known, so their bodies can begin.
    fn close_guards(&mut self, function: &Function, pc: u32) {
        while let Some(guard) = self.guards.pop_if(|guard| guard.to <= pc) {
            self.looked_at += 1;
            let (Some(mut written), Some(handler)) = (guard.written, function.handlers.get(guard.row)) else {
                continue;
            };
            if let Some(around) = self.guards.last_mut() {
                around.join(&written, guard.region, guard.money, guard.elsewhere);
            }
            written.insert(handler.error);
            // An error that leaves a region reverses, if nothing was decided, and closes it.
            let lands_in = region_at(function, handler.target);
            let money = match lands_in {
                Some(_) if lands_in == guard.region && guard.elsewhere => guard.money.or(Money::CLOSED),
                Some(_) if lands_in == guard.region => guard.money,
                _ => Money::CLOSED,
            };
            self.states.meet(handler.target, &State { written, money });
        }
    }

    fn instruction(
        &mut self,
        function: &Function,
        pc: u32,
        instruction: Instruction,
        state: State,
        region: Option<usize>,
    ) -> Result<(), Fault> {
        if reads::first_unready(self.program, instruction, |register| state.written.contains(register)).is_some() {
            return Err(UNWRITTEN);
        }
        let money = self.money_after(function, pc, instruction, state.money)?;
        let raises = !matches!(
            instruction,
            Instruction::Jump { .. } | Instruction::Return { .. } | Instruction::ReturnNothing {}
        );
        if let Some(guard) = self.guards.last_mut()
            && raises
        {
            // A decision may stand although its answer is an error. A region that is left is closed, whatever the
            // answer; the machine refuses what a handler inside would then decide.
            let raised = if decides(instruction) { state.money.or(money) } else { state.money };
            guard.join(&state.written, region, raised, false);
        }
        let mut after = State { money, ..state };
        if let Some(register) = reads::written(instruction) {
            after.written.insert(register);
        }
        let mut go = |target: u32| {
            self.looked_at += 1;
            let opens = matches!(instruction, Instruction::OpenReversal { .. });
            if after.money.may_be_inside() && !opens && region_at(function, target) != region {
                return Err(CROSSES);
            }
            self.states.meet(target, &after);
            Ok(())
        };
        match instruction {
            Instruction::Jump { target } => go(target),
            Instruction::JumpIf { target, .. }
            | Instruction::JumpUnless { target, .. }
            | Instruction::JumpIfNone { target, .. }
            | Instruction::JumpUnlessLess { target, .. } => {
                go(target)?;
                go(pc + 1)
            }
            Instruction::SwitchWord { table, .. }
            | Instruction::SwitchText { table, .. }
            | Instruction::SwitchTag { table, .. } => {
                let Some(switch) = self.program.switches.get(usize::from(table)) else { return Ok(()) };
                go(switch.otherwise)?;
                switch.cases.iter().try_for_each(|(_, target)| go(*target))
            }
            Instruction::Loop { target, .. } => {
                let crosses = after.money.may_be_inside() && region_at(function, target) != region;
                match self.states.get(target) {
                    _ if crosses => Err(CROSSES),
                    Some(top) if after.written.covers(&top.written) && after.money.is_among(top.money) => Ok(()),
                    _ => Err(LOOP),
                }
            }
            Instruction::Return { .. } | Instruction::ReturnNothing {} | Instruction::Fail { .. } => Ok(()),
            _ => go(pc + 1),
        }
    }

    /// Where the money stands behind an instruction.
    fn money_after(
        &self,
        function: &Function,
        pc: u32,
        instruction: Instruction,
        money: Money,
    ) -> Result<Money, Fault> {
        match instruction {
            Instruction::OpenReversal { .. } if money.may_be_inside() => Err(SECOND),
            Instruction::OpenReversal { .. } => {
                let begins = region_at(function, pc + 1).and_then(|at| function.regions.get(at));
                if begins.is_some_and(|(from, _)| *from == pc + 1) { Ok(Money::OPEN) } else { Err(REGION) }
            }
            Instruction::Call { function: called, .. } if money.may_be_inside() => {
                let opens = self.reaches.get(usize::from(called)).is_some_and(|reach| reach.opens);
                if opens { Err(SECOND) } else { Ok(money) }
            }
            Instruction::LeaveReversal {} if money.may_be_closed() => Err(OUTSIDE),
            Instruction::LeaveReversal {} => Ok(Money::CLOSED),
            decision if decides(decision) => {
                if money.may_be_closed() {
                    Err(OUTSIDE)
                } else {
                    Ok(Money::DECIDED)
                }
            }
            Instruction::Return { .. } | Instruction::ReturnNothing {} if money.may_be_inside() => Err(UNDECIDED),
            _ => Ok(money),
        }
    }
}

fn decides(instruction: Instruction) -> bool {
    matches!(instruction, Instruction::Commit { .. } | Instruction::Discard {} | Instruction::Reverse {})
}

/// The region an instruction belongs to, by index; they are sorted and apart.
fn region_at(function: &Function, pc: u32) -> Option<usize> {
    let at = function.regions.partition_point(|(from, _)| *from <= pc).checked_sub(1)?;
    function.regions.get(at).filter(|(_, to)| pc < *to).map(|_| at)
}

/// Each region begins behind the instruction that opens it.
fn regions_fit(function: &Function) -> Result<(), Wrong> {
    for (from, _) in &function.regions {
        let opening = from.checked_sub(1).and_then(|at| function.code.get(at as usize));
        if !matches!(opening, Some(Instruction::OpenReversal { .. })) {
            return Err((Some(*from), REGION));
        }
    }
    Ok(())
}
