//! Whether a request carries the data of a chip, which then has the last word.
//!
//! Told is only what is certain: the data are those of a card whose reading takes chips, and on no way to the `commit` was
//! that chip shown the answer.

use super::order::Calls;
use super::path::Paths;
use super::region::What;
use super::walk::Walk;
use crate::language::builtin::row::{Does, Op};
use crate::language::builtin::shapes;
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{Meaning, Target};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Expression, ExpressionKind, ItemKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::language::types::Type;
use crate::script_error::catalogue::reversal;
use crate::script_error::source::{Place, Span};
use crate::world::port::card_reader::Entry;

impl Walk<'_> {
    /// The data in a message of a card that may have been read by its chip.
    pub(super) fn chip_data(&self, message: &Expression) -> Option<Place> {
        let ExpressionKind::Message { fields, .. } = &message.kind else { return None };
        let is_data = |value: &Expression| match self.facts.types.get(value.id.0 as usize) {
            Some(Type::Optional(of)) => **of == Type::ChipData,
            ty => ty == Some(&Type::ChipData),
        };
        let (_, value) = fields.iter().find(|(_, value)| is_data(value))?;
        // The data as they were read: `c.tags`, `reading.card.tags`.
        let ExpressionKind::Member { object, .. } = &value.kind else { return None };
        let is_card = self.facts.types.get(object.id.0 as usize) == Some(&Type::Record(shapes::CARD));
        let mut root = object.as_ref();
        while let ExpressionKind::Member { object, .. } = &root.kind {
            root = object;
        }
        let Some(Meaning::Local(id)) = self.meaning(root).filter(|_| is_card) else { return None };
        let by_chip = self.cards.get(id).copied().unwrap_or(self.given_chips);
        by_chip.then(|| self.place(value.span))
    }

    /// Is a card read here, and may it be by its chip? `None` for anything else, and where the ways are not written out.
    pub(super) fn read_by_chip(&self, value: &Expression) -> Option<bool> {
        takes_chips(self.facts, value)
    }

    /// A transaction is booked: a chip that went into it should have been asked.
    pub(super) fn committed(&mut self, span: Span, paths: &Paths) {
        let data = self.region.as_ref().and_then(|region| region.chip);
        let undecided = paths.undecided();
        if let Some(data) = data.filter(|_| !paths.asked() && !undecided.is_empty()) {
            self.pend(reversal::CHIP_NOT_ASKED, span, What::Unasked(data), &undecided);
        }
    }
}

/// Does a reading of a card take chips? `None` for what reads no card, and for ways that are not written out.
fn takes_chips(facts: &UnitFacts, value: &Expression) -> Option<bool> {
    let meaning = |value: &Expression| facts.meanings.get(value.id.0 as usize);
    let Some(Meaning::Call { target: Target::Builtin(row), .. }) = meaning(value) else { return None };
    let ExpressionKind::Call { arguments, .. } = &value.kind else { return None };
    if row.0.does != Does::Request(Op::CardRead) {
        return None;
    }
    let named =
        |name: &str| arguments.iter().find(|given| given.label.as_ref().is_some_and(|label| label.text == name));
    let ExpressionKind::List(ways) = &named("accept")?.value.kind else { return None };
    let tag = |way: &Expression| match meaning(way) {
        Some(Meaning::Variant { union: shapes::ENTRY, tag }) => Some(*tag),
        _ => None,
    };
    let tags: Option<Vec<u8>> = ways.iter().map(tag).collect();
    Some(tags?.contains(&Entry::Chip.tag()))
}

/// Of every function by its number: may a card that is handed to it have been read by its chip? So it is where it, or a flow
/// by way of which it is called, reads such cards, itself or by way of others. What tests call says nothing.
pub(super) fn handed_on(all: &Declarations<'_>, facts: &[UnitFacts], calls: &Calls) -> Vec<bool> {
    let mut known = calls.by_way_of_calls(all, |file, item| {
        let Some(facts) = facts.get(usize::from(file.0)) else { return false };
        let mut reads = Reads { facts, chips: false };
        all.lead(file, item, &mut reads);
        reads.chips
    });
    for (at, function) in all.functions.iter().enumerate() {
        let is_test = all.item(function.file, function.item).is_some_and(|item| matches!(item.kind, ItemKind::Test(_)));
        if let Some(slot) = known.get_mut(at).filter(|_| is_test) {
            *slot = false;
        }
    }
    for at in calls.callees_first().into_iter().rev() {
        if known.get(at) == Some(&true) {
            for to in calls.by(at) {
                if let Some(slot) = known.get_mut(*to) {
                    *slot = true;
                }
            }
        }
    }
    known
}

struct Reads<'r> {
    facts: &'r UnitFacts,
    chips: bool,
}

impl<'t> Visitor<'t> for Reads<'_> {
    const LOOKS: Looks = Looks::CALL;

    fn expression(&mut self, expression: &'t Expression) {
        self.chips |= takes_chips(self.facts, expression) == Some(true);
    }
}
