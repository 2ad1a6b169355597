//! How often a loop can turn, read from its code: a counter that only grows, held against a number.
//!
//! INVARIANT: nothing is believed of the compiler. A loop has a bound only if its counter is set before the loop is
//! entered, is written in the loop by one `AddIntConstant` of one alone, and no turn ends without passing both that and
//! the comparison; else it has none, and only what a run is granted ends it.

use super::program::Granted;
use super::work::Sizes;
use crate::language::bytecode::instruction::{Instruction, Role};
use crate::language::bytecode::program::{Function, Program};
use std::collections::BTreeSet;

/// A loop of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Where each turn begins.
    pub(super) top: u32,
    /// The `Loop`.
    pub(super) end: u32,
    /// How often it can go back; `None`: nobody knows.
    pub(super) times: Option<u64>,
    /// Does the length of a list that is not known say how often?
    pub(super) by_list: bool,
}

/// One function's code, and where it goes.
pub(super) struct Flow<'p> {
    pub(super) program: &'p Program,
    pub(super) function: &'p Function,
    /// For each instruction the places it goes to, errors that are handled included.
    edges: Vec<Vec<u32>>,
    /// The way back, without the `Loop`s.
    into: Vec<Vec<u32>>,
    /// The register each instruction writes.
    written: Vec<Option<u8>>,
    /// Where a handler begins, and the register its error comes into.
    caught: BTreeSet<(u32, u8)>,
    /// Where a loop begins.
    tops: BTreeSet<u32>,
}

/// So many edges by way of handlers are looked at; a program with more has no bound.
const HANDLED_MOST: usize = 1 << 20;

impl<'p> Flow<'p> {
    /// Reads a function; `None` if it is too tangled.
    pub(super) fn of(program: &'p Program, function: &'p Function) -> Option<Flow<'p>> {
        let length = function.code.len();
        let mut edges: Vec<Vec<u32>> = vec![Vec::new(); length];
        for (at, instruction) in function.code.iter().enumerate() {
            let at = at as u32;
            let Some(to) = edges.get_mut(at as usize) else { continue };
            match *instruction {
                Instruction::Jump { target } => to.push(target),
                Instruction::Loop { .. }
                | Instruction::Return { .. }
                | Instruction::ReturnNothing {}
                | Instruction::Fail { .. } => {}
                Instruction::JumpIf { target, .. }
                | Instruction::JumpUnless { target, .. }
                | Instruction::JumpIfNone { target, .. }
                | Instruction::JumpUnlessLess { target, .. } => to.extend([at + 1, target]),
                Instruction::SwitchWord { table, .. }
                | Instruction::SwitchText { table, .. }
                | Instruction::SwitchTag { table, .. } => {
                    let table = program.switches.get(usize::from(table))?;
                    to.push(table.otherwise);
                    to.extend(table.cases.iter().map(|(_, target)| *target));
                }
                _ => to.push(at + 1),
            }
        }
        let handled: usize = function.handlers.iter().map(|row| (row.to.saturating_sub(row.from)) as usize).sum();
        if handled > HANDLED_MOST {
            return None;
        }
        for row in &function.handlers {
            for at in row.from..row.to {
                edges.get_mut(at as usize)?.push(row.target);
            }
        }
        let mut into = vec![Vec::new(); length];
        for (at, to) in edges.iter().enumerate() {
            for target in to {
                into.get_mut(*target as usize)?.push(at as u32);
            }
        }
        let written = function
            .code
            .iter()
            .map(|instruction| {
                let operands = instruction.operands();
                let written = operands.iter().find(|operand| operand.role == Role::Write);
                written.and_then(|operand| u8::try_from(operand.value).ok())
            })
            .collect();
        let caught = function.handlers.iter().map(|row| (row.target, row.error)).collect();
        let tops = function
            .code
            .iter()
            .filter_map(|instruction| match instruction {
                Instruction::Loop { target, .. } => Some(*target),
                _ => None,
            })
            .collect();
        Some(Flow { program, function, edges, into, written, caught, tops })
    }

    /// Where an instruction goes; a `Loop` goes nowhere here.
    pub(super) fn edges(&self, at: u32) -> &[u32] {
        self.edges.get(at as usize).map_or(&[], Vec::as_slice)
    }

    fn code(&self, at: u32) -> Option<Instruction> {
        self.function.code.get(at as usize).copied()
    }

    /// The loops, outer before inner.
    pub(super) fn loops(&self, sizes: &Sizes, granted: &Granted) -> Vec<Turn> {
        let mut loops: Vec<Turn> = self
            .function
            .code
            .iter()
            .enumerate()
            .filter_map(|(end, instruction)| match instruction {
                Instruction::Loop { target, .. } => {
                    Some(Turn { top: *target, end: end as u32, times: None, by_list: false })
                }
                _ => None,
            })
            .collect();
        loops.sort_by_key(|turn| (turn.top, std::cmp::Reverse(turn.end)));
        let mut whole = 0;
        let mut last = None;
        for turn in &mut loops {
            if last != Some(turn.top) {
                last = Some(turn.top);
                whole = turn.end;
            }
            (turn.times, turn.by_list) = match self.times(*turn, whole, sizes, granted) {
                Some((times, by_list)) => (Some(times), by_list),
                None => (None, false),
            };
        }
        loops
    }

    /// How often a loop can go back. `whole`: the end of the outermost loop with the same top.
    fn times(&self, turn: Turn, whole: u32, sizes: &Sizes, granted: &Granted) -> Option<(u64, bool)> {
        let inside = |at: u32| (turn.top..=whole).contains(&at);
        // From outside it is entered by its top alone, from the instruction before; or in a place from which no turn
        // can end, such as a handler's body that shares its range.
        let first = turn.top.checked_sub(1)?;
        let turning = self.turning(turn.top, whole);
        for (at, turning) in (turn.top..=whole).zip(turning) {
            let from_outside = |from: &u32| !(inside(*from) || at == turn.top && *from == first);
            if turning && self.into.get(at as usize)?.iter().any(from_outside) {
                return None;
            }
        }
        (turn.top..=turn.end).find_map(|at| {
            let Some(Instruction::JumpUnlessLess { left: counter, right, target }) = self.code(at) else { return None };
            if target == at + 1 || !self.counts(turn, whole, at, counter) || !self.starts_at_nothing(turn.top, counter)
            {
                return None;
            }
            self.limit(turn, whole, at, right, sizes, granted)
        })
    }

    /// For each place of a range: can a turn go on from there to its end?
    fn turning(&self, top: u32, whole: u32) -> Vec<bool> {
        let mut turning = vec![false; (whole - top) as usize + 1];
        for at in (top..=whole).rev() {
            let goes_back = matches!(self.code(at), Some(Instruction::Loop { target, .. }) if target >= top);
            let goes_on = |to: &u32| {
                let place = to.checked_sub(top).and_then(|place| turning.get(place as usize));
                place.copied().unwrap_or(false)
            };
            let one = goes_back || self.edges(at).iter().any(goes_on);
            if let Some(place) = turning.get_mut((at - top) as usize) {
                *place = one;
            }
        }
        turning
    }

    /// Does this register grow by one with each turn, and no turn ends unless it was less than the limit?
    fn counts(&self, turn: Turn, whole: u32, compared: u32, counter: u8) -> bool {
        let mut writes = (turn.top..=whole).filter(|at| self.writes(*at, counter));
        let (Some(grows), None) = (writes.next(), writes.next()) else { return false };
        let by_one = matches!(
            self.code(grows),
            Some(Instruction::AddIntConstant { to, left, value: 1 }) if to == counter && left == counter
        );
        by_one
            && (turn.top..=turn.end).contains(&grows)
            && !self.ends_without(turn, |at, to| at == grows && to == grows.saturating_add(1))
            && !self.ends_without(turn, |at, to| at == compared && to == compared.saturating_add(1))
    }

    /// Can a turn reach its `Loop` without going this way?
    fn ends_without(&self, turn: Turn, way: impl Fn(u32, u32) -> bool) -> bool {
        let length = (turn.end - turn.top) as usize + 1;
        let mut reached = vec![false; length];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for at in turn.top..=turn.end {
            if !reached.get((at - turn.top) as usize).copied().unwrap_or(false) {
                continue;
            }
            if at == turn.end {
                return true;
            }
            for to in self.edges(at).iter().filter(|to| !way(at, **to)) {
                let place = to.checked_sub(turn.top).and_then(|place| reached.get_mut(place as usize));
                if let Some(reached) = place {
                    *reached = true;
                }
            }
        }
        false
    }

    /// Is the register set to a number that is not negative on the straight way into the loop?
    fn starts_at_nothing(&self, top: u32, counter: u8) -> bool {
        matches!(self.set_between(0, top, counter), Some(Set::Number(0..)))
    }

    /// What the comparison holds the counter against.
    fn limit(
        &self,
        turn: Turn,
        whole: u32,
        compared: u32,
        right: u8,
        sizes: &Sizes,
        granted: &Granted,
    ) -> Option<(u64, bool)> {
        let inside = (turn.top..=whole).any(|at| self.writes(at, right));
        // Written in the loop, it has to be written straight before; else before the loop.
        let set =
            if inside { self.set_between(turn.top, compared, right) } else { self.set_between(0, turn.top, right) };
        match set? {
            Set::Number(number) => Some((u64::try_from(number).unwrap_or(0), false)),
            Set::Length(list) => {
                let members = sizes.get(list).min(granted.list_members);
                Some((members, members >= granted.list_members))
            }
        }
    }

    /// What set a register on the straight way from one place to another: nothing may come in between.
    fn set_between(&self, from: u32, to: u32, register: u8) -> Option<Set> {
        let mut at = to;
        while at > from {
            // Whatever comes to this place from elsewhere may not have passed what is above it. A `Loop` comes to the
            // place itself, and what it leads to was written in no turn.
            let before = at - 1;
            if self.into.get(at as usize)?.iter().any(|from| *from != before) {
                return None;
            }
            if at != to && self.tops.contains(&at) {
                return None;
            }
            at = before;
            if self.writes(at, register) {
                return match self.code(at)? {
                    Instruction::LoadInt { value, .. } => Some(Set::Number(value.into())),
                    Instruction::LoadWord { word, .. } => {
                        self.program.words.get(word as usize).map(|word| Set::Number(*word as i64))
                    }
                    Instruction::ListLength { list, .. } => Some(Set::Length(list)),
                    _ => None,
                };
            }
        }
        None
    }

    fn writes(&self, at: u32, register: u8) -> bool {
        self.written.get(at as usize).copied().flatten() == Some(register) || self.caught.contains(&(at, register))
    }

    /// Where handlers begin.
    pub(super) fn is_handler(&self, at: u32) -> bool {
        self.caught.range((at, 0)..=(at, u8::MAX)).next().is_some()
    }
}

/// What a register was set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    /// A number.
    Number(i64),
    /// The length of the list in this register.
    Length(u8),
}
