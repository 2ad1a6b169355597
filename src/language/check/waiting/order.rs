//! Functions so that each comes after those it calls.

use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{FunctionId, Meaning, Target};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::Expression;
use crate::language::syntax::visit::{self, Visitor};
use std::collections::BTreeSet;

/// The functions a body calls.
struct Calls<'f> {
    facts: &'f UnitFacts,
    found: BTreeSet<FunctionId>,
}

impl<'t> Visitor<'t> for Calls<'_> {
    fn expression(&mut self, expression: &'t Expression) {
        if let Some(Meaning::Call { target: Target::Function(id), .. }) =
            self.facts.meanings.get(expression.id.0 as usize)
        {
            self.found.insert(*id);
        }
    }
}

/// Callees before callers. Where functions call each other in a circle, which was reported, it is cut.
pub(super) fn callees_first(all: &Declarations<'_>, facts: &[UnitFacts]) -> Vec<FunctionId> {
    let calls: Vec<Vec<FunctionId>> = all
        .functions
        .iter()
        .map(|signature| {
            let (Some(item), Some(facts)) =
                (all.item(signature.file, signature.item), facts.get(usize::from(signature.file.0)))
            else {
                return Vec::new();
            };
            let mut calls = Calls { facts, found: BTreeSet::new() };
            visit::item(item, &mut calls);
            calls.found.into_iter().collect()
        })
        .collect();
    let mut seen = vec![false; calls.len()];
    let mut order = Vec::with_capacity(calls.len());
    for start in 0..calls.len() {
        let mut open: Vec<(usize, usize)> = Vec::new();
        enter(&mut seen, &mut open, start);
        while let Some((at, next)) = open.last_mut() {
            match calls.get(*at).and_then(|calls| calls.get(*next)) {
                Some(call) => {
                    *next += 1;
                    let to = usize::from(call.0);
                    enter(&mut seen, &mut open, to);
                }
                None => {
                    order.push(FunctionId(u16::try_from(*at).unwrap_or(u16::MAX)));
                    open.pop();
                }
            }
        }
    }
    order
}

fn enter(seen: &mut [bool], open: &mut Vec<(usize, usize)>, at: usize) {
    if let Some(seen) = seen.get_mut(at)
        && !*seen
    {
        *seen = true;
        open.push((at, 0));
    }
}
