//! Values that a `var` is given and that nothing reads.

use super::look::{self, Look};
use crate::language::check::checked::LocalId;
use crate::language::syntax::tree::{
    Arm, Expression, ExpressionKind, Handler, Item, MatchArm, Statement, StatementKind,
};
use crate::language::syntax::visit::{self, Looks, Visitor};
use crate::script_error::catalogue::answers as found;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Looks through a flow or a test.
pub(super) fn check(look: &mut Look<'_>, at: usize, item: &Item) {
    let Some(body) = look::body(item) else { return };
    let mut stores = Stores { look, uses: Uses::default(), guards: 0, loops: Vec::new(), replaced: Vec::new() };
    stores.block(&body.statements);
    look.roll.lead(at, &mut stores);
    let (uses, replaced) = (stores.uses, stores.replaced);
    tell(look, &uses, replaced);
}

/// Where each local is read and set.
#[derive(Default)]
struct Uses {
    reads: BTreeMap<LocalId, Vec<u32>>,
    /// Each assignment: the name, the whole statement, and the loops around it.
    writes: Vec<(LocalId, Span, Span, Vec<Span>)>,
    /// Where each `var` is declared.
    declared: BTreeMap<LocalId, u32>,
}

struct Stores<'s, 'l> {
    look: &'s Look<'l>,
    uses: Uses,
    /// How many choices with handlers are around: an error can leave them anywhere.
    guards: usize,
    loops: Vec<Span>,
    /// A value that is given and replaced before anything reads it.
    replaced: Vec<(LocalId, Span, Span)>,
}

impl<'t> Visitor<'t> for Stores<'_, '_> {
    const LOOKS: Looks =
        Looks::STATEMENT.and(Looks::LEFT_STATEMENT).and(Looks::NAME).and(Looks::IF).and(Looks::ARM).and(Looks::HANDLER);

    fn statement(&mut self, statement: &'t Statement) {
        let declared = &self.look.facts.declared;
        match &statement.kind {
            StatementKind::Let { name, changeable: true, .. } => {
                if let Some(id) = declared.get(&name.span.start) {
                    self.uses.declared.insert(*id, name.span.start);
                }
            }
            StatementKind::Assign { name, .. } => {
                if let Some(id) = declared.get(&name.span.start) {
                    self.uses.writes.push((*id, name.span, statement.span, self.loops.clone()));
                }
            }
            StatementKind::Repeat { body, .. } | StatementKind::For { body, .. } => {
                self.loops.push(statement.span);
                self.block(&body.statements);
            }
            StatementKind::Reversible { body, .. } => self.block(&body.statements),
            _ => {}
        }
        match around(statement) {
            Around::Nothing => {}
            Around::Guard => self.guards += 1,
            Around::Retry => {
                self.guards += 1;
                self.loops.push(statement.span);
            }
        }
    }

    fn leave_statement(&mut self, statement: &'t Statement) {
        if matches!(statement.kind, StatementKind::Repeat { .. } | StatementKind::For { .. }) {
            self.loops.pop();
        }
        match around(statement) {
            Around::Nothing => {}
            Around::Guard => self.guards -= 1,
            Around::Retry => {
                self.guards -= 1;
                self.loops.pop();
            }
        }
    }

    fn expression(&mut self, expression: &'t Expression) {
        match &expression.kind {
            ExpressionKind::Name(_) => {
                if let Some(id) = look::local(self.look.facts, expression) {
                    self.uses.reads.entry(id).or_default().push(expression.span.start);
                }
            }
            ExpressionKind::If { then, otherwise, .. } => {
                self.block(&then.statements);
                if let Some(otherwise) = otherwise {
                    self.block(&otherwise.statements);
                }
            }
            _ => {}
        }
    }

    fn arm(&mut self, arm: &'t MatchArm) {
        self.block(look::arm_statements(&arm.body));
    }

    fn handler(&mut self, handler: &'t Handler) {
        if let Some(Arm::Block(block)) = &handler.body {
            self.block(&block.statements);
        }
    }
}

/// What a statement is to what stands in it.
enum Around {
    Nothing,
    /// An error can leave it at any place and come to a handler.
    Guard,
    /// It can be gone through again.
    Retry,
}

fn around(statement: &Statement) -> Around {
    let (StatementKind::Let { value, handlers, .. }
    | StatementKind::Assign { value, handlers, .. }
    | StatementKind::Expression { value, handlers }) = &statement.kind
    else {
        return Around::Nothing;
    };
    let is_choice = matches!(value.kind, ExpressionKind::If { .. } | ExpressionKind::Match { .. });
    if handlers.iter().any(|handler| handler.retry.is_some()) {
        Around::Retry
    } else if is_choice && !handlers.is_empty() {
        Around::Guard
    } else {
        Around::Nothing
    }
}

impl Stores<'_, '_> {
    /// Statements in order: a value given in one and replaced in a later one.
    fn block(&mut self, statements: &[Statement]) {
        if self.guards > 0 {
            return;
        }
        let writes = |statement: &Statement| {
            matches!(statement.kind, StatementKind::Assign { .. } | StatementKind::Let { changeable: true, .. })
        };
        if statements.iter().filter(|statement| writes(statement)).count() < 2 {
            return;
        }
        let mut last: BTreeMap<LocalId, Span> = BTreeMap::new();
        for statement in statements {
            let inside = inside(self.look, statement);
            if inside.breaks {
                last.clear();
            }
            let own = match &statement.kind {
                StatementKind::Assign { name, handlers, .. }
                | StatementKind::Let { name, handlers, changeable: true, .. } => {
                    let id = self.look.facts.declared.get(&name.span.start).copied();
                    id.map(|id| (id, name.span, handlers.is_empty()))
                }
                _ => None,
            };
            for id in &inside.reads {
                last.remove(id);
            }
            for id in inside.writes.iter().filter(|id| own.is_none_or(|(own, ..)| own != **id)) {
                last.remove(id);
            }
            if let Some((id, span, sure)) = own {
                if let (Some(first), true) = (last.remove(&id), sure) {
                    self.replaced.push((id, first, span));
                }
                if sure {
                    last.insert(id, span);
                }
            }
        }
    }
}

/// What a statement holds.
#[derive(Default)]
struct Inside {
    reads: BTreeSet<LocalId>,
    writes: BTreeSet<LocalId>,
    breaks: bool,
}

fn inside(look: &Look<'_>, statement: &Statement) -> Inside {
    struct Reads<'p, 'l> {
        look: &'p Look<'l>,
        inside: Inside,
    }
    impl<'t> Visitor<'t> for Reads<'_, '_> {
        fn statement(&mut self, statement: &'t Statement) {
            match &statement.kind {
                StatementKind::Assign { name, .. } => {
                    self.inside.writes.extend(self.look.facts.declared.get(&name.span.start));
                }
                StatementKind::Break => self.inside.breaks = true,
                _ => {}
            }
        }
        fn expression(&mut self, expression: &'t Expression) {
            self.inside.reads.extend(look::local(self.look.facts, expression));
        }
    }
    let mut reads = Reads { look, inside: Inside::default() };
    visit::statement(statement, &mut reads);
    reads.inside
}

fn tell(look: &mut Look<'_>, uses: &Uses, replaced: Vec<(LocalId, Span, Span)>) {
    let mut said = BTreeSet::new();
    for (id, first, second) in replaced {
        let read = uses.reads.contains_key(&id);
        if let Some(name) = named(look, id).filter(|_| read && said.insert(first)) {
            let finding = Finding::warning(found::VALUE_NEVER_READ, look.place(first))
                .text("name", name)
                .label("这个值没有被读到", "this value is never read")
                .also(look.place(second), "在此被覆盖", "replaced here");
            look.findings.push(finding);
        }
    }
    for (id, span, whole, loops) in &uses.writes {
        let (Some(reads), Some(declared)) = (uses.reads.get(id), uses.declared.get(id)) else {
            continue;
        };
        let later = reads.iter().any(|read| *read >= whole.end);
        let around = |turn: &Span| {
            // A name declared in the loop is a new one in every turn.
            !(turn.start..turn.end).contains(declared) && reads.iter().any(|read| (turn.start..turn.end).contains(read))
        };
        if later || loops.iter().any(around) || !said.insert(*span) {
            continue;
        }
        if let Some(name) = named(look, *id) {
            let finding = Finding::warning(found::VALUE_NEVER_READ, look.place(*span))
                .text("name", name)
                .label("此后没有读取", "nothing reads it after this");
            look.findings.push(finding);
        }
    }
}

fn named(look: &Look<'_>, id: LocalId) -> Option<String> {
    let name = look.facts.locals.get(id.0 as usize).map(|local| local.name.to_string());
    name.filter(|name| !name.starts_with('_'))
}
