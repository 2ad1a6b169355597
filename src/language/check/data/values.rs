//! Where a value comes from: through names, to the expression that first gives it.

use crate::language::builtin::row::{Builtin, Does, Op, Pure};
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{ConstantId, LocalId, Meaning, PatternMeaning, Target};
use crate::language::check::constant;
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Argument, Expression, ExpressionKind, ItemKind, Name, Statement, StatementKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::language::types::Type;
use crate::script_error::source::{FileId, Place};
use std::collections::BTreeMap;

/// How many names are followed; what lies further counts as unknown.
const STEPS_MAX: usize = 32;

/// An expression and its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'v> {
    /// Where it is written.
    pub(super) file: FileId,
    /// As written.
    pub(super) expression: &'v Expression,
}

impl Seen<'_> {
    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        Place { file: self.file, span: self.expression.span }
    }
}

/// How deep two values are compared.
const DEPTH_MAX: usize = 12;

/// How two values relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// They are one value.
    Same,
    /// They never are.
    Different,
    /// They come from different places and may be equal by chance.
    Other,
    /// Nobody can tell.
    Unknown,
}

/// What is known of the values of a whole program.
pub(super) struct Values<'v> {
    /// The program.
    pub(super) all: &'v Declarations<'v>,
    facts: &'v [UnitFacts],
    lets: Vec<BTreeMap<LocalId, Bound<'v>>>,
}

/// What a `let` stands for.
struct Bound<'v> {
    value: &'v Expression,
    /// False where a handler may give another value.
    sure: bool,
}

impl<'v> Values<'v> {
    /// Gathers every `let` of every file.
    pub(super) fn new(all: &'v Declarations<'v>, facts: &'v [UnitFacts]) -> Values<'v> {
        let lets = all.units.iter().zip(&all.rolls).zip(facts).map(|((unit, roll), facts)| {
            let mut gather = Lets { facts, found: BTreeMap::new() };
            for (at, item) in unit.tree.items.iter().enumerate() {
                if matches!(item.kind, ItemKind::Flow(_) | ItemKind::Function(_)) {
                    roll.lead(at, &mut gather);
                }
            }
            gather.found
        });
        Values { all, facts, lets: lets.collect() }
    }

    /// What an expression means.
    pub(super) fn meaning(&self, seen: Seen<'v>) -> Option<&'v Meaning> {
        self.facts.get(usize::from(seen.file.0))?.meanings.get(seen.expression.id.0 as usize)
    }

    /// The type of an expression.
    pub(super) fn type_of(&self, seen: Seen<'v>) -> &'v Type {
        let facts = self.facts.get(usize::from(seen.file.0));
        facts.and_then(|facts| facts.types.get(seen.expression.id.0 as usize)).unwrap_or(&Type::Unknown)
    }

    /// The local that a name declares or sets.
    pub(super) fn declared(&self, file: FileId, name: &Name) -> Option<LocalId> {
        self.facts.get(usize::from(file.0))?.declared.get(&name.span.start).copied()
    }

    /// The local an expression is the name of.
    pub(super) fn local(&self, seen: Seen<'v>) -> Option<LocalId> {
        match (&seen.expression.kind, self.meaning(seen)?) {
            (ExpressionKind::Name(_), Meaning::Local(id)) => Some(*id),
            _ => None,
        }
    }

    /// True for a `var`.
    pub(super) fn is_changeable(&self, file: FileId, local: LocalId) -> bool {
        let facts = self.facts.get(usize::from(file.0));
        facts.and_then(|facts| facts.locals.get(local.0 as usize)).is_none_or(|local| local.changeable)
    }

    /// The builtin that a call or a property uses.
    pub(super) fn builtin(&self, seen: Seen<'v>) -> Option<&'static Builtin> {
        match self.meaning(seen)? {
            Meaning::Builtin(row) | Meaning::Call { target: Target::Builtin(row), .. } => Some(row.0),
            _ => None,
        }
    }

    /// Is it a call of this operation?
    pub(super) fn asks(&self, seen: Seen<'v>, op: Op) -> bool {
        self.builtin(seen).is_some_and(|row| row.does == Does::Request(op))
    }

    /// The argument for a parameter of a call.
    pub(super) fn argument(&self, seen: Seen<'v>, parameter: usize) -> Option<Seen<'v>> {
        let Meaning::Call { arguments: places, .. } = self.meaning(seen)? else {
            return None;
        };
        let place = places.get(parameter).copied().flatten()?;
        let arguments: &'v [Argument] = match &seen.expression.kind {
            ExpressionKind::Call { arguments, .. } => arguments,
            _ => return None,
        };
        let argument = arguments.get(usize::from(place))?;
        Some(Seen { file: seen.file, expression: &argument.value })
    }

    /// The object of `object.member`, if that is one of these builtins.
    pub(super) fn member(&self, seen: Seen<'v>, of: Pure) -> Option<Seen<'v>> {
        let is = self.builtin(seen).is_some_and(|row| row.does == Does::Pure(of));
        match &seen.expression.kind {
            ExpressionKind::Member { object, .. } if is => Some(Seen { file: seen.file, expression: object }),
            _ => None,
        }
    }

    /// The number and the object of `reply.F13`.
    pub(super) fn message_field(&self, seen: Seen<'v>) -> Option<(u8, Seen<'v>)> {
        match (&seen.expression.kind, self.meaning(seen)?) {
            (ExpressionKind::Member { object, .. }, Meaning::MessageField { number, .. }) => {
                Some((*number, Seen { file: seen.file, expression: object }))
            }
            _ => None,
        }
    }

    /// The expression that first gives the value: names are followed through `let` and `const`.
    pub(super) fn root(&self, seen: Seen<'v>) -> Seen<'v> {
        self.followed(seen, false)
    }

    /// As `root`, but also through names whose value a handler may replace.
    pub(super) fn likely_root(&self, seen: Seen<'v>) -> Seen<'v> {
        self.followed(seen, true)
    }

    fn followed(&self, seen: Seen<'v>, unsure_too: bool) -> Seen<'v> {
        let mut at = seen;
        for _ in 0..STEPS_MAX {
            let next = match self.meaning(at) {
                Some(Meaning::Local(id)) if matches!(at.expression.kind, ExpressionKind::Name(_)) => {
                    let lets = self.lets.get(usize::from(at.file.0));
                    let bound = lets.and_then(|lets| lets.get(id)).filter(|bound| bound.sure || unsure_too);
                    bound.map(|bound| Seen { file: at.file, expression: bound.value })
                }
                Some(Meaning::Constant(id)) => self.constant(*id),
                _ => None,
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    fn constant(&self, id: ConstantId) -> Option<Seen<'v>> {
        let meaning = self.all.constants.get(usize::from(id.0))?;
        match &self.all.item(meaning.file, meaning.item)?.kind {
            ItemKind::Constant(constant) => Some(Seen { file: meaning.file, expression: &constant.value }),
            _ => None,
        }
    }

    /// The text an expression stands for, if it is known without running it.
    pub(super) fn text(&self, seen: Seen<'v>) -> Option<&'v str> {
        match &self.root(seen).expression.kind {
            ExpressionKind::Text(text) => text.plain(),
            _ => None,
        }
    }

    /// The whole number an expression stands for, if it is known without running it.
    pub(super) fn int(&self, seen: Seen<'v>) -> Option<i64> {
        let root = self.root(seen);
        constant::int(self.all, root.file, root.expression)
    }

    /// The message literal that an expression stands for.
    pub(super) fn literal(&self, seen: Seen<'v>) -> Option<Literal<'v>> {
        let root = self.root(seen);
        match &root.expression.kind {
            ExpressionKind::Message { mti, from, fields } => Some(Literal {
                seen: root,
                mti,
                from: from.as_deref().map(|from| Seen { file: root.file, expression: from }),
                fields,
            }),
            _ => None,
        }
    }

    /// The request that a reply answers, where the reply's `let` is a call of `host.send`.
    pub(super) fn request_of(&self, reply: Seen<'v>) -> Option<Seen<'v>> {
        let call = self.likely_root(reply);
        if self.asks(call, Op::HostSend) { self.argument(call, 0) } else { None }
    }

    /// How two values relate.
    pub(super) fn relation(&self, one: Seen<'v>, other: Seen<'v>) -> Relation {
        self.related(one, other, DEPTH_MAX)
    }

    fn related(&self, one: Seen<'v>, other: Seen<'v>, depth: usize) -> Relation {
        let Some(depth) = depth.checked_sub(1) else {
            return Relation::Unknown;
        };
        let (one, other) = (self.root(one), self.root(other));
        if std::ptr::eq(one.expression, other.expression) {
            return Relation::Same;
        }
        if let (Some(left), Some(right)) = (self.local(one), self.local(other))
            && one.file == other.file
        {
            return match left == right {
                true if self.is_changeable(one.file, left) => Relation::Unknown,
                true => Relation::Same,
                false => Relation::Other,
            };
        }
        // A trace number is never given out twice.
        if self.asks(one, Op::HostNextStan) && self.asks(other, Op::HostNextStan) {
            return Relation::Different;
        }
        let literal = |same: bool| if same { Relation::Same } else { Relation::Different };
        let within = |seen: Seen<'v>, expression: &'v Expression| Seen { file: seen.file, expression };
        match (&one.expression.kind, &other.expression.kind) {
            (ExpressionKind::Text(left), ExpressionKind::Text(right)) => match (left.plain(), right.plain()) {
                (Some(left), Some(right)) => literal(left == right),
                _ => Relation::Unknown,
            },
            (ExpressionKind::Int(left), ExpressionKind::Int(right)) => literal(left == right),
            (ExpressionKind::Percent(left), ExpressionKind::Percent(right)) => literal(left == right),
            (
                ExpressionKind::Amount { digits: left, currency: of_left, .. },
                ExpressionKind::Amount { digits: right, currency: of_right, .. },
            ) => literal(left == right && of_left.text == of_right.text),
            (ExpressionKind::Member { object: left, name }, ExpressionKind::Member { object: right, name: member })
                if name.text == member.text =>
            {
                match (self.device(within(one, left)), self.device(within(other, right))) {
                    (Some(left), Some(right)) if left == right => Relation::Same,
                    (None, None) => self.related(within(one, left), within(other, right), depth),
                    _ => Relation::Unknown,
                }
            }
            (
                ExpressionKind::Binary { operator, left, right, .. },
                ExpressionKind::Binary { operator: sign, left: left_2, right: right_2, .. },
            ) if operator == sign => {
                let left = self.related(within(one, left), within(other, left_2), depth);
                let right = self.related(within(one, right), within(other, right_2), depth);
                match (left, right) {
                    (Relation::Same, Relation::Same) => Relation::Same,
                    (Relation::Unknown, _) | (_, Relation::Unknown) => Relation::Unknown,
                    _ => Relation::Other,
                }
            }
            // Something is added to it, or taken away.
            (ExpressionKind::Binary { left, .. }, _)
                if self.related(within(one, left), other, depth) == Relation::Same =>
            {
                Relation::Other
            }
            (_, ExpressionKind::Binary { left, .. })
                if self.related(one, within(other, left), depth) == Relation::Same =>
            {
                Relation::Other
            }
            _ => Relation::Unknown,
        }
    }

    /// The device before a dot.
    fn device(&self, seen: Seen<'v>) -> Option<&'v str> {
        match (&seen.expression.kind, self.meaning(seen)) {
            (ExpressionKind::Name(name), Some(Meaning::Place)) => Some(name),
            _ => None,
        }
    }
}

/// A message written out.
#[derive(Clone, Copy)]
pub(super) struct Literal<'v> {
    /// The whole of it.
    pub(super) seen: Seen<'v>,
    /// Its type as written.
    pub(super) mti: &'v Name,
    /// What stands after `from`.
    pub(super) from: Option<Seen<'v>>,
    /// Its fields.
    pub(super) fields: &'v [(crate::language::syntax::tree::FieldName, Expression)],
}

impl<'v> Literal<'v> {
    /// The value of a field that is written out.
    pub(super) fn field(&self, number: u8) -> Option<Seen<'v>> {
        let (_, value) = self.fields.iter().find(|(name, _)| name.number == number)?;
        Some(Seen { file: self.seen.file, expression: value })
    }
}

struct Lets<'f, 'v> {
    facts: &'f UnitFacts,
    found: BTreeMap<LocalId, Bound<'v>>,
}

impl<'v> Visitor<'v> for Lets<'_, 'v> {
    const LOOKS: Looks = Looks::STATEMENT.and(Looks::MATCH);

    fn statement(&mut self, statement: &'v Statement) {
        if let StatementKind::Let { name, value, handlers, changeable: false, .. } = &statement.kind
            && let Some(id) = self.facts.declared.get(&name.span.start)
        {
            self.found.insert(*id, Bound { value, sure: handlers.is_empty() });
        }
    }

    fn expression(&mut self, expression: &'v Expression) {
        let ExpressionKind::Match { subject, arms } = &expression.kind else {
            return;
        };
        for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
            if let Some(PatternMeaning::Some(id)) = self.facts.patterns.get(&pattern.span.start) {
                self.found.insert(*id, Bound { value: subject, sure: true });
            }
        }
    }
}
