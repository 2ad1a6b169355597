//! Which declaration builds on which: bases before those that extend them.

use crate::language::check::cells::Complaints;
use crate::language::check::checked::Unit;
use crate::language::syntax::tree::Name;
use crate::script_error::code::Code;
use crate::script_error::finding::Finding;
use crate::script_error::nearest::nearest;
use crate::script_error::source::{FileId, Place};

/// What a declaration extends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Nothing.
    None,
    /// The declaration with this index.
    Item(usize),
    /// Something that is not there or comes back to itself; reported.
    Unknown,
}

/// Declarations of one kind that a program may have. Each holds a copy of its base, so their number is what costs.
const ITEMS_MAX: usize = 64;

/// One declaration: its file, its name, and what stands after `extends`.
pub(super) type Head<'t> = (FileId, &'t Name, Option<&'t Name>);

/// The declarations in an order in which each comes after its base. `code` is that of what is wrong with them.
pub(super) fn lineage(
    heads: &[Head<'_>],
    units: &[Unit],
    code: Code,
    findings: &mut Vec<Finding>,
) -> Vec<(usize, Base)> {
    if let Some((file, name, _)) = heads.get(ITEMS_MAX) {
        Complaints::new(code, *file, findings).add(
            name.span,
            format!("一个程序最多 {ITEMS_MAX} 个这样的声明"),
            format!("a program has at most {ITEMS_MAX} such declarations"),
        );
    }
    let heads = heads.get(..ITEMS_MAX).unwrap_or(heads);
    let mut bases: Vec<Base> = Vec::with_capacity(heads.len());
    for (at, (file, _, extends)) in heads.iter().enumerate() {
        let Some(extends) = extends else {
            bases.push(Base::None);
            continue;
        };
        let base = find(heads, at, extends);
        if base == Base::Unknown && !is_broken(units, extends) {
            let mut complaints = Complaints::new(code, *file, findings);
            let mut finding = complaints.detail(
                extends.span,
                format!("找不到基础“{}”", extends.text),
                format!("there is no `{}` to extend", extends.text),
            );
            let known =
                heads.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, (_, name, _))| name.text.as_str());
            finding = match nearest(&extends.text, known) {
                Some(near) => finding.guess(extends.span, near, format!("改为 {near}"), format!("write `{near}`")),
                None => finding.help("在文件开头用 import 引入声明它的文件", "import the file that declares it"),
            };
            complaints.push(finding);
        }
        bases.push(base);
    }
    cut_cycles(heads, &mut bases, code, findings);
    order(&bases)
}

/// The declaration of this name: of the same file first, never the one that asks.
fn find(heads: &[Head<'_>], asking: usize, extends: &Name) -> Base {
    let own_file = heads.get(asking).map(|(file, _, _)| *file);
    let named = |same_file: bool| {
        heads.iter().enumerate().position(|(at, (file, name, _))| {
            at != asking && name.text == extends.text && (!same_file || Some(*file) == own_file)
        })
    };
    let to_itself = heads.get(asking).is_some_and(|(_, name, _)| name.text == extends.text);
    match named(true).or_else(|| named(false)) {
        Some(at) => Base::Item(at),
        // Found as a circle of one.
        None if to_itself => Base::Item(asking),
        None => Base::Unknown,
    }
}

/// A declaration of that name had a syntax error, which is reported already.
fn is_broken(units: &[Unit], name: &Name) -> bool {
    units.iter().any(|unit| unit.tree.broken.contains(&name.text))
}

/// Reports every circle once, at the `extends` that closes it, and opens it there.
fn cut_cycles(heads: &[Head<'_>], bases: &mut [Base], code: Code, findings: &mut Vec<Finding>) {
    for start in 0..bases.len() {
        let mut path = vec![start];
        let mut at = start;
        while let Some(Base::Item(next)) = bases.get(at).copied() {
            let Some(entry) = path.iter().position(|known| *known == next) else {
                path.push(next);
                at = next;
                continue;
            };
            let circle = path.get(entry..).unwrap_or_default();
            report(heads, at, circle, code, findings);
            if let Some(base) = bases.get_mut(at) {
                *base = Base::Unknown;
            }
        }
    }
}

fn report(heads: &[Head<'_>], closing: usize, circle: &[usize], code: Code, findings: &mut Vec<Finding>) {
    let Some((file, _, Some(extends))) = heads.get(closing) else {
        return;
    };
    let mut names: Vec<&str> =
        circle.iter().filter_map(|at| heads.get(*at)).map(|(_, name, _)| name.text.as_str()).collect();
    names.extend(names.first().copied());
    let mut complaints = Complaints::new(code, *file, findings);
    let chain = names.join(" → ");
    let mut finding = complaints.detail(
        extends.span,
        format!("extends 绕回自身：{chain}"),
        format!("`extends` comes back to where it began: {}", names.join(" -> ")),
    );
    for other in circle.iter().filter(|other| **other != closing) {
        if let Some((file, _, Some(extends))) = heads.get(*other) {
            let place = Place { file: *file, span: extends.span };
            finding = finding.also(place, "经过此处", "by way of this");
        }
    }
    complaints.push(finding);
}

/// Without circles, each after its base.
fn order(bases: &[Base]) -> Vec<(usize, Base)> {
    let mut done = vec![false; bases.len()];
    let mut ordered = Vec::with_capacity(bases.len());
    for start in 0..bases.len() {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(item) = at.filter(|item| done.get(*item) == Some(&false)) {
            path.push(item);
            at = match bases.get(item) {
                Some(Base::Item(next)) => Some(*next),
                _ => None,
            };
        }
        for item in path.into_iter().rev() {
            if let Some(slot) = done.get_mut(item) {
                *slot = true;
            }
            ordered.push((item, bases.get(item).copied().unwrap_or(Base::None)));
        }
    }
    ordered
}
