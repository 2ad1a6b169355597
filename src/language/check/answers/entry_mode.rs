//! An entry mode in field 22 that does not come from how the card was read.

use super::look::{self, Look};
use super::walk::root;
use crate::language::builtin::row::Op;
use crate::language::builtin::shapes;
use crate::language::check::checked::{ErrorRef, LocalId, Meaning};
use crate::language::check::literal;
use crate::language::syntax::tree::{
    Arm, Expression, ExpressionKind, Handler, Item, ItemKind, Statement, StatementKind,
};
use crate::language::syntax::visit::{self, Looks, Visitor};
use crate::language::types::Type;
use crate::script_error::catalogue::{answers as found, card};
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The field that says how the card was read.
const ENTRY_MODE: u8 = 22;

/// Fields that come from the card: number, expiry, sequence, track 2, chip data.
const FROM_CARD: [u8; 5] = [2, 14, 23, 35, 55];

/// What the first two digits of field 22 say, and the ways of reading a card they fit: the variants of `Entry`.
const MODES: [(&str, &[&str]); 7] = [
    ("01", &["manual"]),
    ("02", &["stripe"]),
    ("05", &["chip"]),
    ("07", &["tap"]),
    ("80", &["stripe"]),
    ("90", &["stripe"]),
    ("91", &["tap"]),
];

/// Looks through a flow.
pub(super) fn check(look: &mut Look<'_>, at: usize, item: &Item) {
    if matches!(item.kind, ItemKind::Flow(_)) {
        let roll = look.roll;
        let mut modes = Modes { look, cards: BTreeMap::new(), values: BTreeMap::new(), told: BTreeSet::new() };
        roll.lead(at, &mut modes);
    }
}

/// How a card was read.
struct Reading {
    /// The words in `accept`, those of a handler's second reading too.
    entries: BTreeSet<String>,
    accept: Span,
    /// The reading that takes the stripe because the chip could not be read.
    fallback: Option<Span>,
}

struct Modes<'m, 'l> {
    look: &'m mut Look<'l>,
    cards: BTreeMap<LocalId, Reading>,
    /// What each name is made of.
    values: BTreeMap<LocalId, BTreeSet<LocalId>>,
    /// Names set on the way through a handler: they tell how the card was read.
    told: BTreeSet<LocalId>,
}

impl<'t> Visitor<'t> for Modes<'_, '_> {
    const LOOKS: Looks = Looks::STATEMENT.and(Looks::HANDLER).and(Looks::MESSAGE);

    fn statement(&mut self, statement: &'t Statement) {
        let facts = self.look.facts;
        if let StatementKind::Let { name, value, handlers, .. } | StatementKind::Assign { name, value, handlers } =
            &statement.kind
            && let Some(id) = facts.declared.get(&name.span.start)
        {
            let made_of = locals(self.look, value);
            self.values.entry(*id).or_default().extend(made_of);
            if let Some(reading) = self.reading(value, handlers) {
                self.cards.insert(*id, reading);
            }
        }
    }

    fn handler(&mut self, handler: &'t Handler) {
        if let Some(Arm::Block(block)) = &handler.body {
            for statement in &block.statements {
                if let StatementKind::Assign { name, .. } = &statement.kind
                    && let Some(id) = self.look.facts.declared.get(&name.span.start)
                {
                    self.told.insert(*id);
                }
            }
        }
    }

    fn expression(&mut self, expression: &'t Expression) {
        if let ExpressionKind::Message { fields, .. } = &expression.kind {
            let Some((_, mode)) = fields.iter().find(|(field, _)| field.number == ENTRY_MODE) else {
                return;
            };
            let card = fields.iter().filter(|(field, _)| FROM_CARD.contains(&field.number)).find_map(|(_, value)| {
                let local = look::local(self.look.facts, root(value))?;
                self.cards.contains_key(&local).then_some((local, value))
            });
            if let Some((card, value)) = card {
                self.mode(card, value, mode);
            }
        }
    }
}

impl Modes<'_, '_> {
    fn reading(&self, value: &Expression, handlers: &[Handler]) -> Option<Reading> {
        let look = &*self.look;
        let (mut entries, accept) = accepted(look, value)?;
        let mut fallback = None;
        for handler in handlers {
            let meaning = look.facts.handlers.get(&handler.span.start)?;
            let chip = ErrorRef::Catalogue(card::CHIP_UNREADABLE);
            let last = handler.body.as_ref().map(look::arm_statements).and_then(<[Statement]>::last);
            let Some(StatementKind::Expression { value, .. }) = last.map(|last| &last.kind) else {
                continue;
            };
            if let Some((more, _)) = accepted(look, value) {
                if meaning.all || meaning.errors.contains(&chip) {
                    fallback = Some(value.span);
                }
                entries.extend(more);
            }
        }
        Some(Reading { entries, accept, fallback })
    }

    fn mode(&mut self, card: LocalId, value: &Expression, mode: &Expression) {
        let look = &*self.look;
        let Some(reading) = self.cards.get(&card) else { return };
        let written = literal::plain_text(look.all, look.unit.tree.file, mode);
        let known = written
            .as_ref()
            .and_then(|text| MODES.iter().find(|(digits, _)| text.starts_with(digits)).map(|(_, entries)| *entries));
        match (&written, known) {
            // A mode nobody here knows the meaning of.
            (Some(_), None) => return,
            (Some(_), Some(entries)) => {
                if reading.entries.iter().all(|entry| entries.contains(&entry.as_str())) {
                    return;
                }
            }
            (None, _) => {
                if reading.entries.len() < 2 || self.depends(mode, card) {
                    return;
                }
            }
        }
        let words: Vec<&str> = reading.entries.iter().map(String::as_str).collect();
        let (zh, en) = (words.join("、"), words.join(", "));
        let finding = Finding::warning(found::ENTRY_MODE_FIXED, look.place(mode.span))
            .fact("field", Fact::Field(ENTRY_MODE))
            .also(look.place(value.span), "卡由此而来", "the card comes from here");
        let finding = match known {
            Some(entries) => {
                finding.label(format!("总是写 {}", entries.join("、")), format!("always says {}", entries.join(", ")))
            }
            None => finding.label("与卡的读入方式无关", "has nothing to do with how the card was read"),
        };
        let finding = match reading.fallback {
            Some(fallback) => finding
                .also(look.place(fallback), "芯片读不出时改刷磁条", "the stripe is taken when the chip cannot be read")
                .note(
                    "降级的磁条交易须写 02；银联规范还要在 60.5 写 2",
                    "a fallback to the stripe is sent as 02; the UnionPay rules also want a 2 in 60.5",
                ),
            None => {
                finding.also(look.place(reading.accept), format!("可能读到：{zh}"), format!("may be read as: {en}"))
            }
        };
        let finding = match look.facts.locals.get(card.0 as usize) {
            Some(local) => match self.cure(mode, written.as_deref(), &local.name) {
                Some((span, replacement)) => {
                    let edit = Edit { place: look.place(span), replacement };
                    finding.edits(vec![edit], false, "由读入方式得出", "make it from how the card was read")
                }
                None => finding,
            },
            None => finding,
        };
        self.look.findings.push(finding);
    }

    /// The same mode, made from the card: the entry in a call of `entry_mode`, or the call in place of a constant.
    fn cure(&self, mode: &Expression, written: Option<&str>, card: &str) -> Option<(Span, String)> {
        if let ExpressionKind::Call { arguments, .. } = &mode.kind {
            let entry = arguments.iter().find(|argument| {
                matches!(
                    look::meaning(self.look.facts, &argument.value),
                    Some(Meaning::Variant { union: shapes::ENTRY, .. })
                )
            });
            return entry.map(|entry| (entry.value.span, format!("{card}.entry")));
        }
        let has_pin = match written?.as_bytes() {
            [_, _, b'1'] => true,
            [_, _, b'2'] => false,
            _ => return None,
        };
        let scope = self.look.all.scope(self.look.unit.tree.file)?;
        let known = scope.modules.contains_key("numbers");
        known.then(|| (mode.span, format!("numbers.entry_mode({card}.entry, {has_pin})")))
    }

    /// Is the value made of the card, or of something noted while it was read?
    fn depends(&self, value: &Expression, card: LocalId) -> bool {
        let mut open: Vec<LocalId> = locals(self.look, value).into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(local) = open.pop() {
            if local == card || self.told.contains(&local) || self.is_entry(local) {
                return true;
            }
            if seen.insert(local) {
                open.extend(self.values.get(&local).into_iter().flatten());
            }
        }
        false
    }

    /// A parameter or a name that says itself how a card was read.
    fn is_entry(&self, local: LocalId) -> bool {
        if self.values.contains_key(&local) {
            return false;
        }
        let ty = self.look.facts.locals.get(local.0 as usize).map(|local| &local.ty);
        matches!(ty, Some(Type::Union(shapes::ENTRY) | Type::Record(shapes::CARD) | Type::Digits(_) | Type::Text))
    }
}

/// The words after `accept:` of a reading.
fn accepted(look: &Look<'_>, value: &Expression) -> Option<(BTreeSet<String>, Span)> {
    if !look::asks(look.facts, value, Op::CardRead) {
        return None;
    }
    let accept = look::argument(look.facts, value, "accept")?;
    let ExpressionKind::List(members) = &accept.kind else {
        return None;
    };
    let words: Option<BTreeSet<String>> = members
        .iter()
        .map(|member| match look::meaning(look.facts, member) {
            Some(Meaning::Variant { union: shapes::ENTRY, tag }) => {
                let union = look.all.types.unions.get(usize::from(shapes::ENTRY))?;
                union.variants.get(usize::from(*tag)).map(|(name, _)| name.to_string())
            }
            _ => None,
        })
        .collect();
    Some((words?, accept.span))
}

/// Every local in an expression.
fn locals(look: &Look<'_>, expression: &Expression) -> BTreeSet<LocalId> {
    struct Locals<'p, 'l> {
        look: &'p Look<'l>,
        found: BTreeSet<LocalId>,
    }
    impl<'t> Visitor<'t> for Locals<'_, '_> {
        fn expression(&mut self, expression: &'t Expression) {
            self.found.extend(look::local(self.look.facts, expression));
        }
    }
    let mut locals = Locals { look, found: BTreeSet::new() };
    visit::expression(expression, &mut locals);
    locals.found
}
