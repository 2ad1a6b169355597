//! Records and unions that would contain themselves.

use super::declarations::Declarations;
use super::scope::Declared;
use crate::language::syntax::tree::{Item, ItemKind, Name};
use crate::language::types::Type;
use crate::script_error::catalogue::types as codes;
use crate::script_error::finding::Finding;
use crate::script_error::source::Place;
use std::collections::{BTreeMap, BTreeSet};

/// Reports every record and union of the program from which it can be reached again.
pub(crate) fn report(all: &Declarations<'_>, findings: &mut Vec<Finding>) {
    let circular = circular(all);
    if circular.is_empty() {
        return;
    }
    let mut reported: BTreeSet<Node> = BTreeSet::new();
    let mut said = 0;
    for unit in all.units {
        for (at, item) in unit.tree.items.iter().enumerate() {
            let Some(node) = all.numbers.get(&(unit.tree.file, at)).copied().and_then(node) else {
                continue;
            };
            // One finding for one circle: what it passes through is not said again.
            if !circular.contains(&node) || reported.contains(&node) || said == FINDINGS_MAX {
                continue;
            }
            let cycle = reach(all, node);
            if cycle.is_empty() {
                continue;
            }
            said += 1;
            reported.extend(cycle);
            if let Some(name) = name(item) {
                let place = Place { file: unit.tree.file, span: name.span };
                findings.push(Finding::error(codes::TYPE_IN_ITSELF, place).text("name", name.text.as_str()));
            }
        }
    }
}

/// Following a circle costs as much as the program is large, so only so many are told apart.
const FINDINGS_MAX: usize = 16;

/// Every type that is in a circle or leads into one: what is left when types without open parts are taken away.
fn circular(all: &Declarations<'_>) -> BTreeSet<Node> {
    let mut open: BTreeMap<Node, usize> = BTreeMap::new();
    let mut holders: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
    let nodes: Vec<Node> = all.numbers.values().copied().filter_map(node).collect();
    for node in &nodes {
        let parts = parts(all, *node);
        open.insert(*node, parts.len());
        for part in parts {
            holders.entry(part).or_default().push(*node);
        }
    }
    // The language's own records and unions hold nothing of a script's.
    let own: BTreeSet<Node> = nodes.iter().copied().collect();
    let mut closed: Vec<Node> = holders.keys().copied().filter(|node| !own.contains(node)).collect();
    closed.extend(nodes.iter().copied().filter(|node| open.get(node) == Some(&0)));
    while let Some(node) = closed.pop() {
        open.remove(&node);
        for holder in holders.get(&node).into_iter().flatten() {
            if let Some(count) = open.get_mut(holder) {
                *count -= 1;
                if *count == 0 {
                    closed.push(*holder);
                }
            }
        }
    }
    open.into_keys().collect()
}

/// A record (false) or a union (true), and its place among the types.
type Node = (bool, u16);

fn node(declared: Declared) -> Option<Node> {
    match declared {
        Declared::Record(at) => Some((false, at)),
        Declared::Union(at) => Some((true, at)),
        _ => None,
    }
}

fn name(item: &Item) -> Option<&Name> {
    match &item.kind {
        ItemKind::Record(record) => Some(&record.name),
        ItemKind::Union(union) => Some(&union.name),
        _ => None,
    }
}

/// Everything reached from a type, if it can be reached from itself; empty otherwise.
fn reach(all: &Declarations<'_>, from: Node) -> BTreeSet<Node> {
    let mut seen = BTreeSet::new();
    let mut next = parts(all, from);
    while let Some(node) = next.pop() {
        if seen.insert(node) {
            next.extend(parts(all, node));
        }
    }
    if seen.contains(&from) { seen } else { BTreeSet::new() }
}

fn parts(all: &Declarations<'_>, (union, at): Node) -> Vec<Node> {
    let types: Vec<&Type> = if union {
        let union = all.types.unions.get(usize::from(at));
        union.map_or(Vec::new(), |union| union.variants.iter().filter_map(|(_, ty)| ty.as_ref()).collect())
    } else {
        let record = all.types.records.get(usize::from(at));
        record.map_or(Vec::new(), |record| record.fields.iter().map(|(_, ty)| ty).collect())
    };
    types.into_iter().filter_map(inner).collect()
}

/// The record or union a type holds, through lists and `?`.
fn inner(ty: &Type) -> Option<Node> {
    let mut at = ty;
    loop {
        match at {
            Type::List(of) | Type::Optional(of) => at = of,
            Type::Record(record) => return Some((false, *record)),
            Type::Union(union) => return Some((true, *union)),
            _ => return None,
        }
    }
}
