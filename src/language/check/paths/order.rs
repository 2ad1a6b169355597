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
