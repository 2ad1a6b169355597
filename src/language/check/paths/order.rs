//! The flows of a program, each after those it calls.

use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{FunctionId, Meaning, Target};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Expression, Item};
use crate::language::syntax::visit::{self, Visitor};

/// Every function by its number, callees first. Circles are cut somewhere: they were reported.
pub(super) fn callees_first(all: &Declarations<'_>, facts: &[UnitFacts]) -> Vec<usize> {
    let calls: Vec<Vec<usize>> = all
        .functions
        .iter()
        .map(|function| {
            let file = usize::from(function.file.0);
            match (all.item(function.file, function.item), facts.get(file)) {
                (Some(item), Some(facts)) => calls_of(item, facts),
                _ => Vec::new(),
            }
        })
        .collect();
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

/// Of every function by its number: does it hold for itself, or for one that it calls, however far?
pub(crate) fn by_way_of_calls(all: &Declarations<'_>, facts: &[UnitFacts], holds: impl Fn(&Item) -> bool) -> Vec<bool> {
    let mut known = vec![false; all.functions.len()];
    for at in callees_first(all, facts) {
        let Some(function) = all.functions.get(at) else { continue };
        let Some((item, facts)) = all.item(function.file, function.item).zip(facts.get(usize::from(function.file.0)))
        else {
            continue;
        };
        let called = calls_of(item, facts).into_iter().any(|to| known.get(to) == Some(&true));
        if let Some(slot) = known.get_mut(at) {
            *slot = called || holds(item);
        }
    }
    known
}

fn enter(seen: &mut [bool], at: usize) -> bool {
    seen.get_mut(at).is_some_and(|seen| !std::mem::replace(seen, true))
}

fn calls_of(item: &Item, facts: &UnitFacts) -> Vec<usize> {
    struct Calls<'c> {
        facts: &'c UnitFacts,
        calls: Vec<usize>,
    }
    impl<'t> Visitor<'t> for Calls<'_> {
        fn expression(&mut self, expression: &'t Expression) {
            let meaning = self.facts.meanings.get(expression.id.0 as usize);
            if let Some(Meaning::Call { target: Target::Function(FunctionId(id)), .. }) = meaning {
                self.calls.push(usize::from(*id));
            }
        }
    }
    let mut calls = Calls { facts, calls: Vec::new() };
    visit::item(item, &mut calls);
    calls.calls
}
