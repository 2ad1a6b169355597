//! The flows of a program, each after those it calls.

use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{FunctionId, Meaning, Target};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::Expression;
use crate::language::syntax::visit::{Looks, Visitor};
use crate::script_error::source::FileId;

/// Which functions each function calls, by their numbers, in the order written.
pub(crate) struct Calls(Vec<Vec<usize>>);

impl Calls {
    /// Looks through every function once.
    pub(crate) fn of(all: &Declarations<'_>, facts: &[UnitFacts]) -> Calls {
        let calls = all.functions.iter().map(|function| {
            let Some(facts) = facts.get(usize::from(function.file.0)) else { return Vec::new() };
            let mut found = Found { facts, calls: Vec::new() };
            all.lead(function.file, function.item, &mut found);
            found.calls
        });
        Calls(calls.collect())
    }

    /// Those that a function calls, by their numbers.
    pub(crate) fn by(&self, function: usize) -> &[usize] {
        self.0.get(function).map_or(&[], Vec::as_slice)
    }

    /// Every function by its number, callees first. Circles are cut somewhere: they were reported.
    pub(crate) fn callees_first(&self) -> Vec<usize> {
        in_order(&self.0)
    }

    /// As `callees_first`, but what one function calls is gone through by number.
    pub(crate) fn callees_by_number(&self) -> Vec<usize> {
        let mut calls = self.0.clone();
        calls.iter_mut().for_each(|calls| calls.sort_unstable());
        in_order(&calls)
    }

    /// Of every function by its number: does it hold for itself, or for one that it calls, however far? It is asked by
    /// the function's file and the place of its item there.
    pub(crate) fn by_way_of_calls(&self, all: &Declarations<'_>, holds: impl Fn(FileId, usize) -> bool) -> Vec<bool> {
        let mut known = vec![false; self.0.len()];
        for at in self.callees_first() {
            let Some(function) = all.functions.get(at) else { continue };
            let called = self.0.get(at).into_iter().flatten().any(|to| known.get(*to) == Some(&true));
            if let Some(slot) = known.get_mut(at) {
                *slot = called || holds(function.file, function.item);
            }
        }
        known
    }
}

fn in_order(calls: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; calls.len()];
    let mut order = Vec::with_capacity(calls.len());
    for start in 0..calls.len() {
        let mut stack = Vec::new();
        if enter(&mut seen, start) {
            stack.push((start, 0));
        }
        while let Some((at, next)) = stack.last_mut() {
            match calls.get(*at).and_then(|calls| calls.get(*next)).copied() {
                Some(to) => {
                    *next += 1;
                    if enter(&mut seen, to) {
                        stack.push((to, 0));
                    }
                }
                None => {
                    order.push(*at);
                    stack.pop();
                }
            }
        }
    }
    order
}

fn enter(seen: &mut [bool], at: usize) -> bool {
    seen.get_mut(at).is_some_and(|seen| !std::mem::replace(seen, true))
}

struct Found<'c> {
    facts: &'c UnitFacts,
    calls: Vec<usize>,
}

impl<'t> Visitor<'t> for Found<'_> {
    const LOOKS: Looks = Looks::CALL;

    fn expression(&mut self, expression: &'t Expression) {
        let meaning = self.facts.meanings.get(expression.id.0 as usize);
        if let Some(Meaning::Call { target: Target::Function(FunctionId(id)), .. }) = meaning {
            self.calls.push(usize::from(*id));
        }
    }
}
