//! Steps: a function's instructions as the loop runs them, one for one, with all looked up that can be.
//!
//! A step stands at the place of its instruction. Some do the work of the instructions behind them too and go on
//! behind those; these stand there all the same, for whoever jumps to them.

use super::answer::Part;
use super::request;
use super::slip::Slip;
use super::slot;
use super::table::Table;
use crate::language::builtin::row::Pure;
use crate::language::bytecode::cost::long_way;
use crate::language::bytecode::instruction::{Instruction, Show};
use crate::language::bytecode::program::{Function, Program};
use crate::language::types::{Kind, Type};
use std::collections::BTreeMap;

/// One step. What is rare stays an instruction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Load {
        to: u8,
        slot: u64,
    },
    /// Sets several, as `Prepared::loads` says from one on, and stands for so many loads. It sets `LOADS_MOST` of them:
    /// those behind do it again, or it sets one several times.
    Loads {
        count: u8,
        first: u32,
    },
    /// A list that never changes: its members are set as by `Loads`, so many from one on; then the list among the cells.
    List {
        to: u8,
        count: u8,
        list: u32,
        first: u32,
    },
    Move {
        to: u8,
        from: u8,
    },
    AddInt {
        to: u8,
        left: u8,
        right: u8,
    },
    SubtractInt {
        to: u8,
        left: u8,
        right: u8,
    },
    MultiplyInt {
        to: u8,
        left: u8,
        right: u8,
    },
    AddIntConstant {
        to: u8,
        left: u8,
        value: i32,
    },
    EqualWord {
        to: u8,
        left: u8,
        right: u8,
    },
    LessInt {
        to: u8,
        left: u8,
        right: u8,
    },
    LessOrEqualInt {
        to: u8,
        left: u8,
        right: u8,
    },
    EqualText {
        to: u8,
        left: u8,
        right: u8,
    },
    Not {
        to: u8,
        from: u8,
    },

    Jump {
        target: u32,
    },
    JumpIf {
        test: u8,
        target: u32,
    },
    JumpUnless {
        test: u8,
        target: u32,
    },
    JumpUnlessLess {
        left: u8,
        right: u8,
        target: u32,
    },
    /// Sets a number and goes if one number is not less than the other: `LoadInt`, `JumpUnlessLess`.
    LoadJumpUnlessLess {
        to: u8,
        left: u8,
        right: u8,
        value: i32,
        target: u32,
    },
    /// A sum that is held against a constant: `AddInt`, `LoadInt`, `JumpUnlessLess`.
    AddJumpUnlessLess {
        to: u8,
        left: u8,
        right: u8,
        bound: u8,
        value: i32,
        target: u32,
    },
    Loop {
        cost: u32,
        target: u32,
    },
    /// The end of a turn and the test for the next: `AddIntConstant` of 1, `Loop`, and the `JumpUnlessLess` it leads to.
    Turn {
        turn: u8,
        times: u8,
        cost: u32,
        body: u32,
        end: u32,
    },
    /// `AddIntConstant` of a register to itself, and `Turn`.
    AddTurn {
        to: u8,
        value: i8,
        turn: u8,
        times: u8,
        cost: u16,
        body: u32,
        end: u32,
    },
    SwitchWord {
        on: u8,
        table: u16,
    },
    SwitchTag {
        on: u8,
        table: u16,
    },
    SwitchText {
        on: u8,
        table: u16,
    },

    MakeRecord {
        to: u8,
        base: u8,
        count: u8,
    },
    GetField {
        to: u8,
        record: u8,
        index: u8,
    },
    /// A line of a slip: three loads from `first` on, a field into the register `base` and 3, and the record of the four.
    Row {
        to: u8,
        base: u8,
        record: u8,
        index: u8,
        first: u32,
    },
    /// So many registers, set one after another as `Prepared::puts` says from one on.
    Gather {
        count: u8,
        first: u32,
    },
    /// An optional that needs a box, which is there.
    Box {
        to: u8,
        from: u8,
    },
    /// Lines of a slip that are laid down together: index into `Prepared::slips`.
    Slip {
        slip: u16,
    },
    GetItem {
        to: u8,
        list: u8,
        index: u8,
    },
    JoinTexts {
        to: u8,
        base: u8,
        count: u8,
    },
    /// `ToText` of a number.
    IntToText {
        to: u8,
        from: u8,
    },
    ToText {
        to: u8,
        from: u8,
        show: u8,
    },
    MakeMessage {
        to: u8,
        base: u8,
        shape: u16,
    },
    FindMessageField {
        to: u8,
        message: u8,
        field: u8,
    },
    /// `FindMessageField` of a text: of so many digits, or any if 0.
    FindText {
        to: u8,
        message: u8,
        field: u8,
        digits: u8,
    },
    /// Of an optional that needs no box.
    GetSome {
        to: u8,
        from: u8,
    },
    /// What is there or something else: `JumpIfNone`, `GetSome`, `Move`, `Jump`.
    TakeSome {
        test: u8,
        to: u8,
        also: u8,
        none: u32,
        target: u32,
    },

    Call(Called),
    /// Of a function that only looks something up.
    LookUp(Called),
    CallPure(NativeCall),
    /// `mask`, `luhn_valid`, `reply.code` and `amount.currency_number`, which nearly every sale asks for.
    Mask {
        to: u8,
        from: u8,
    },
    LuhnValid {
        to: u8,
        from: u8,
    },
    ReplyCode {
        to: u8,
        from: u8,
    },
    CurrencyNumber {
        to: u8,
        from: u8,
    },
    /// `part` of the three registers from a base on.
    Part {
        to: u8,
        base: u8,
    },
    Return {
        from: u8,
    },
    ReturnNothing,
    /// What is asked for, where its answer goes, and what that is; `nothing`: it may be none at all; `plain`: no money
    /// hangs on it, so it is given out at once, with so many registers in use.
    Request {
        op: u8,
        base: u8,
        to: u8,
        registers: u8,
        gives: Part,
        nothing: bool,
        plain: bool,
    },
    Name {
        text: u32,
    },
    /// A jump that does not lead on, which only forged code has.
    Back,
    Rare(Instruction),
}

/// A call: its arguments lie from `base` on, and are there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called {
    pub(super) to: u8,
    pub(super) base: u8,
    /// Registers of the caller.
    pub(super) callers: u8,
    /// Arguments.
    pub(super) parameters: u8,
    /// Registers of the function.
    pub(super) registers: u8,
    pub(super) function: u16,
    pub(super) cost: u32,
}

/// A builtin that gives something at once: its arguments lie from `base` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct NativeCall {
    pub(super) to: u8,
    pub(super) native: Pure,
    pub(super) base: u8,
    pub(super) count: u8,
}

// INVARIANT: a cache line holds four steps.
const _: () = assert!(size_of::<Step>() == 16);

/// Loads that one step does: as many as are as quick as one.
pub(super) const LOADS_MOST: usize = 4;

/// A register that is set, and to what.
pub(super) type Load = (u8, u64);

/// A register that is set, and from where.
#[derive(Clone, Copy, Debug)]
pub(super) enum Put {
    Slot { to: u8, slot: u64 },
    Move { to: u8, from: u8 },
    Field { to: u8, record: u8, index: u8 },
}

/// The steps of a function; what several of its steps set goes into `pool`.
pub(super) fn steps(program: &Program, function: &Function, pool: &mut Pool) -> Vec<Step> {
    let instructions = function.code.iter().enumerate();
    let mut steps: Vec<Step> =
        instructions.map(|(at, instruction)| step(program, function, at, *instruction)).collect();
    let mut at = 0;
    while at < steps.len() {
        let rest = steps.get(at..).unwrap_or_default();
        let run: Vec<Load> = rest.iter().map_while(Step::load).take(usize::from(u8::MAX)).collect();
        if !run.is_empty() {
            let used = used_by(rest.get(run.len()..).unwrap_or_default(), &run);
            pool.fuse(steps.get_mut(at..).unwrap_or_default(), &run, used);
        }
        at += run.len().max(1);
    }
    pool.lay_slips(program, function, &mut steps);
    pool.gather(program, function, &mut steps);
    steps
}

/// The register that an instruction sets to a constant, and the constant.
pub(super) fn constant(program: &Program, instruction: Instruction) -> Option<Load> {
    Some(match instruction {
        Instruction::LoadInt { to, value } => (to, i64::from(value) as u64),
        Instruction::LoadWord { to, word } => (to, *program.words.get(word as usize)?),
        Instruction::LoadText { to, text } => (to, text_slot(program, text)?),
        Instruction::LoadNone { to } => (to, 0),
        _ => return None,
    })
}

/// What loads are for, if the steps behind them say so: the last of them, and the step that does all.
#[derive(Clone, Copy)]
enum Use {
    Row { to: u8, base: u8, record: u8, index: u8 },
    List { to: u8, count: u8 },
}

fn used_by(behind: &[Step], run: &[Load]) -> Option<Use> {
    // The last so many set consecutive registers.
    let sets = |base: u8, count: usize| {
        let last = run.len().checked_sub(count).and_then(|from| run.get(from..)).unwrap_or_default();
        last.len() == count && last.iter().zip(base..).all(|((to, _), register)| *to == register)
    };
    match *behind {
        [Step::GetField { to: field, record, index }, Step::MakeRecord { to, base, count: 4 }, ..]
            if sets(base, 3) && base.checked_add(3) == Some(field) =>
        {
            Some(Use::Row { to, base, record, index })
        }
        [Step::Rare(Instruction::MakeList { to, base, count }), ..] if count > 0 && sets(base, count.into()) => {
            Some(Use::List { to, count })
        }
        _ => None,
    }
}

/// What steps point to.
#[derive(Debug)]
pub(super) struct Pool {
    /// What steps set that set several registers.
    pub(super) loads: Vec<Load>,
    /// What steps set that gather several.
    pub(super) puts: Vec<Put>,
    /// The first cells of every run: one that nobody uses, and the lists that never change.
    pub(super) cells: Vec<u64>,
    /// Lines of slips that are laid down together.
    pub(super) slips: Vec<Slip>,
    lists: BTreeMap<Vec<u64>, u32>,
}

/// Every run carries the lists that never change; past this many members, the others are built where they are used.
const CELLS_MOST: usize = 512;

impl Default for Pool {
    fn default() -> Pool {
        Pool { loads: Vec::new(), puts: Vec::new(), cells: vec![0], slips: Vec::new(), lists: BTreeMap::new() }
    }
}

impl Pool {
    /// Puts a step that lays lines down together in place of the first of their instructions.
    fn lay_slips(&mut self, program: &Program, function: &Function, steps: &mut [Step]) {
        let mut at = 0;
        while let Some(step) = steps.get_mut(at) {
            let number = u16::try_from(self.slips.len());
            match (Slip::at(program, function, at), number) {
                (Some(slip), Ok(number)) => {
                    *step = Step::Slip { slip: number };
                    at = slip.end as usize;
                    self.slips.push(slip);
                }
                _ => at += 1,
            }
        }
    }

    /// Puts a step that sets several registers in place of the first of moves, fields of records and loads that follow
    /// one another, if it saves a step.
    fn gather(&mut self, program: &Program, function: &Function, steps: &mut [Step]) {
        let mut at = 0;
        while at < steps.len() {
            let (mut puts, mut dispatched) = (Vec::new(), 0);
            // A step that sets several registers at once is one dispatch for all of them.
            let mut next = at;
            while puts.len() < usize::from(u8::MAX)
                && let Some(step) = steps.get(next)
                && let Some(count) = step.puts()
            {
                let own = function.code.get(next..next + count).unwrap_or_default();
                let Some(own) = own.iter().map(|one| put(program, *one)).collect::<Option<Vec<Put>>>() else { break };
                if puts.len() + own.len() > usize::from(u8::MAX) {
                    break;
                }
                puts.extend(own);
                next += count;
                dispatched += 1;
            }
            if dispatched > 1
                && let Some(step) = steps.get_mut(at)
            {
                *step = Step::Gather { count: puts.len() as u8, first: self.puts.len() as u32 };
                self.puts.append(&mut puts);
            }
            at = next.max(at + 1);
        }
    }

    /// Puts steps that set several registers at once in place of loads. Whoever jumps to one of them sets only what
    /// follows.
    fn fuse(&mut self, steps: &mut [Step], run: &[Load], used: Option<Use>) {
        let first = self.loads.len() as u32;
        let own = match used {
            None => None,
            Some(Use::Row { to, base, record, index }) => {
                let from = run.len() - 3;
                Some((from, Step::Row { to, base, record, index, first: first + from as u32 }))
            }
            Some(Use::List { to, count }) => {
                let from = run.len() - usize::from(count);
                let members = run.iter().skip(from).map(|(_, slot)| *slot).collect();
                self.list(members).map(|list| (from, Step::List { to, count, list, first: first + from as u32 }))
            }
        };
        for number in 0..run.len() {
            let end = own.map_or(run.len(), |(from, _)| if number < from { from } else { run.len() });
            let Some(step) = steps.get_mut(number) else { continue };
            match own {
                Some((from, fused)) if number == from => *step = fused,
                _ if end - number > 1 => {
                    let count = (end - number).min(LOADS_MOST) as u8;
                    *step = Step::Loads { count, first: first + number as u32 };
                }
                _ => {}
            }
        }
        self.loads.extend(run);
        self.loads.extend(run.last().into_iter().cycle().take(LOADS_MOST - 1));
    }

    /// The first cell of a list with these members; `None` if there are enough of them.
    fn list(&mut self, members: Vec<u64>) -> Option<u32> {
        if let Some(known) = self.lists.get(&members) {
            return Some(*known);
        }
        let at = self.cells.len();
        if at + members.len() > CELLS_MOST {
            return None;
        }
        self.cells.extend(&members);
        self.lists.insert(members, at as u32);
        Some(at as u32)
    }
}

/// What an instruction does that only sets a register.
fn put(program: &Program, instruction: Instruction) -> Option<Put> {
    Some(match instruction {
        Instruction::Move { to, from } => Put::Move { to, from },
        Instruction::GetField { to, record, index } => Put::Field { to, record, index },
        instruction => constant(program, instruction).map(|(to, slot)| Put::Slot { to, slot })?,
    })
}

impl Step {
    /// How many instructions it does, if they only set registers.
    fn puts(&self) -> Option<usize> {
        match self {
            Step::Load { .. } | Step::Move { .. } | Step::GetField { .. } => Some(1),
            Step::Loads { count, .. } => Some((*count).into()),
            _ => None,
        }
    }

    fn load(&self) -> Option<Load> {
        match self {
            Step::Load { to, slot } => Some((*to, *slot)),
            _ => None,
        }
    }
}

fn step(program: &Program, function: &Function, at: usize, instruction: Instruction) -> Step {
    let (code, callers) = (function.code.as_slice(), function.registers.len());
    // Only `Loop` goes back, and it is charged for: otherwise a run could go round for nothing.
    let on = |target: u32, step: Step| if target as usize > at { step } else { Step::Back };
    let next = code.get(at + 1).copied();
    match instruction {
        Instruction::LoadInt { to, value } => match next {
            Some(Instruction::JumpUnlessLess { left, right, target }) if target as usize > at + 1 => {
                Step::LoadJumpUnlessLess { to, left, right, value, target }
            }
            _ => Step::Load { to, slot: i64::from(value) as u64 },
        },
        Instruction::LoadWord { .. } | Instruction::LoadText { .. } | Instruction::LoadNone { .. } => {
            match constant(program, instruction) {
                Some((to, slot)) => Step::Load { to, slot },
                None => Step::Rare(instruction),
            }
        }
        Instruction::Move { to, from } => Step::Move { to, from },
        Instruction::AddInt { to, left, right } => match code.get(at + 1..at + 3) {
            Some(
                &[
                    Instruction::LoadInt { to: bound, value },
                    Instruction::JumpUnlessLess { left: than, right: sum, target },
                ],
            ) if than == bound && sum == to && bound != to && target as usize > at + 2 => {
                Step::AddJumpUnlessLess { to, left, right, bound, value, target }
            }
            _ => Step::AddInt { to, left, right },
        },
        Instruction::SubtractInt { to, left, right } => Step::SubtractInt { to, left, right },
        Instruction::MultiplyInt { to, left, right } => Step::MultiplyInt { to, left, right },
        Instruction::AddIntConstant { to, left, value } => {
            let fused = turn(code, at, instruction).or_else(|| add_turn(code, at, instruction));
            fused.unwrap_or(Step::AddIntConstant { to, left, value })
        }
        Instruction::EqualWord { to, left, right } => Step::EqualWord { to, left, right },
        Instruction::LessInt { to, left, right } => Step::LessInt { to, left, right },
        Instruction::LessOrEqualInt { to, left, right } => Step::LessOrEqualInt { to, left, right },
        Instruction::EqualText { to, left, right } => Step::EqualText { to, left, right },
        Instruction::Not { to, from } => Step::Not { to, from },
        Instruction::Jump { target } => on(target, Step::Jump { target }),
        Instruction::JumpIf { test, target } => on(target, Step::JumpIf { test, target }),
        Instruction::JumpUnless { test, target } => on(target, Step::JumpUnless { test, target }),
        Instruction::JumpIfNone { test, target } => {
            on(target, take_some(function, at, test, target).unwrap_or(Step::JumpUnless { test, target }))
        }
        Instruction::GetSome { to, from } if needs_no_box(function, to) => Step::GetSome { to, from },
        Instruction::JumpUnlessLess { left, right, target } => on(target, Step::JumpUnlessLess { left, right, target }),
        Instruction::Loop { cost, target } => Step::Loop { cost: turn_cost(at, cost, target), target },
        Instruction::SwitchWord { on, table } => switched(program, at, table, Step::SwitchWord { on, table }),
        Instruction::SwitchTag { on, table } => switched(program, at, table, Step::SwitchTag { on, table }),
        Instruction::SwitchText { on, table } => switched(program, at, table, Step::SwitchText { on, table }),
        Instruction::MakeRecord { to, base, count } => Step::MakeRecord { to, base, count },
        Instruction::GetField { to, record, index } => Step::GetField { to, record, index },
        Instruction::GetItem { to, list, index } => Step::GetItem { to, list, index },
        Instruction::JoinTexts { to, base, count } => Step::JoinTexts { to, base, count },
        Instruction::ToText { to, from, show } if show == Show::Int as u8 => Step::IntToText { to, from },
        Instruction::ToText { to, from, show } => Step::ToText { to, from, show },
        Instruction::MakeMessage { to, base, shape } => Step::MakeMessage { to, base, shape },
        Instruction::FindMessageField { to, message, field } => match digits(function, to) {
            Some(digits) => Step::FindText { to, message, field, digits },
            None => Step::FindMessageField { to, message, field },
        },
        Instruction::Call { to, base, function } => match called(program, callers, to, base, function) {
            Some(call) if looks_up(program, function) => Step::LookUp(call),
            Some(call) => Step::Call(call),
            None => Step::Rare(instruction),
        },
        Instruction::MakeSome { to, from } => match needs_no_box(function, from) {
            true => Step::Move { to, from },
            false => Step::Box { to, from },
        },
        Instruction::CallPure { to, native, base, count } => match Pure::from_number(native) {
            Some(Pure::Mask) if count == 1 => Step::Mask { to, from: base },
            Some(Pure::LuhnValid) if count == 1 => Step::LuhnValid { to, from: base },
            Some(Pure::ReplyCode) if count == 1 => Step::ReplyCode { to, from: base },
            Some(Pure::AmountCurrencyNumber) if count == 1 => Step::CurrencyNumber { to, from: base },
            Some(Pure::Part) if count == 3 => Step::Part { to, base },
            Some(native) => Step::CallPure(NativeCall { to, native, base, count }),
            None => Step::Rare(instruction),
        },
        Instruction::Return { from } => Step::Return { from },
        Instruction::ReturnNothing {} => Step::ReturnNothing,
        Instruction::Request { op, base, to, .. } => {
            let ty = function.registers.get(usize::from(to));
            let gives = ty.map_or(Part::Other, |ty| Part::of(ty, &program.types));
            let nothing = ty.is_none_or(|ty| ty.kind() == Kind::Nothing) || request::gives_nothing(op);
            let plain = request::is_plain(op) && u8::try_from(callers).is_ok();
            Step::Request { op, base, to, registers: callers as u8, gives, nothing, plain }
        }
        Instruction::Step { text } => Step::Name { text },
        rare => Step::Rare(rare),
    }
}

/// A switch all of whose ways lead on.
fn switched(program: &Program, at: usize, table: u16, step: Step) -> Step {
    let leads_on = |target: u32| target as usize > at;
    match program.switches.get(usize::from(table)) {
        Some(switch) if !switch.cases.iter().all(|(_, target)| leads_on(*target)) => Step::Back,
        Some(switch) if !leads_on(switch.otherwise) => Step::Back,
        _ => step,
    }
}

/// The end of a turn of a counted loop, if it is one.
fn turn(code: &[Instruction], at: usize, instruction: Instruction) -> Option<Step> {
    let Instruction::AddIntConstant { to: turn, left, value: 1 } = instruction else { return None };
    let Some(Instruction::Loop { cost, target }) = code.get(at + 1) else { return None };
    let top = code.get(*target as usize)?;
    match *top {
        Instruction::JumpUnlessLess { left: counted, right: times, target: end }
            if left == turn && counted == turn && end > *target =>
        {
            Some(Step::Turn { turn, times, cost: turn_cost(at + 1, *cost, *target), body: *target + 1, end })
        }
        _ => None,
    }
}

/// The end of a turn with a sum before it.
fn add_turn(code: &[Instruction], at: usize, instruction: Instruction) -> Option<Step> {
    let Instruction::AddIntConstant { to, left, value } = instruction else { return None };
    let Step::Turn { turn, times, cost, body, end } = turn(code, at + 1, *code.get(at + 1)?)? else { return None };
    let (value, cost) = (i8::try_from(value).ok()?, u16::try_from(cost).ok()?);
    (to == left && to != turn).then_some(Step::AddTurn { to, value, turn, times, cost, body, end })
}

/// What is there or something else, if that is what follows a test for none.
fn take_some(function: &Function, at: usize, test: u8, none: u32) -> Option<Step> {
    match function.code.get(at + 1..at + 4)? {
        &[
            Instruction::GetSome { to, from },
            Instruction::Move { to: also, from: moved },
            Instruction::Jump { target },
        ] if from == test && moved == to && target as usize > at + 3 && needs_no_box(function, to) => {
            Some(Step::TakeSome { test, to, also, none, target })
        }
        _ => None,
    }
}

/// Does a value of this register lie in an optional as it is?
pub(super) fn needs_no_box(function: &Function, register: u8) -> bool {
    let ty = function.registers.get(usize::from(register));
    ty.is_some_and(|ty| !matches!(ty.kind(), Kind::Word | Kind::Amount | Kind::Union))
}

/// How many digits a field must have that is looked for as a text, 0 for any text; `None` if it takes more to see that
/// it fits.
pub(super) fn digits(function: &Function, register: u8) -> Option<u8> {
    let Some(Type::Optional(of)) = function.registers.get(usize::from(register)) else { return None };
    match of.as_ref() {
        Type::Text | Type::Expiry | Type::Kcv => Some(0),
        Type::Digits(count @ 1..=7) => Some(*count as u8),
        _ => None,
    }
}

/// A turn that the compiler thinks free still counts, and so does a long one that says it is short.
fn turn_cost(at: usize, cost: u8, target: u32) -> u32 {
    let way = long_way((at as u32).saturating_sub(target));
    u32::from(cost).max(u32::try_from(way).unwrap_or(u32::MAX))
}

/// A call of a function that is there, whose registers are no more than a window and whose arguments lie in its caller's.
fn called(program: &Program, callers: usize, to: u8, base: u8, function: u16) -> Option<Called> {
    let called = program.functions.get(usize::from(function))?;
    let parameters = u8::try_from(called.parameters.len()).ok()?;
    let registers = u8::try_from(called.registers.len()).ok()?;
    let callers = u8::try_from(callers).ok()?;
    if parameters > registers || base.checked_add(parameters)? > callers {
        return None;
    }
    let way = u32::try_from(long_way(called.code.len() as u32)).unwrap_or(u32::MAX);
    Some(Called { to, base, callers, parameters, registers, function, cost: called.cost.max(way) })
}

/// Is this a function that only looks something up?
fn looks_up(program: &Program, function: u16) -> bool {
    program.functions.get(usize::from(function)).is_some_and(|function| Table::of(program, function).is_some())
}

/// The slot of a constant text.
fn text_slot(program: &Program, text: u32) -> Option<u64> {
    let (start, length) = *program.texts.get(text as usize)?;
    if length as usize > slot::INLINE_MAX {
        return Some(slot::constant_text(start, length));
    }
    let start = start as usize;
    slot::inline(program.bytes.get(start..start.checked_add(length as usize)?).unwrap_or_default())
}
