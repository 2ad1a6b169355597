//! Arms and handlers that nothing is left for.

use super::look::{self, Look};
use crate::language::check::checked::{ErrorRef, FunctionKind, Meaning, PatternMeaning, Target};
use crate::language::syntax::tree::{Expression, ExpressionKind, Handler, MatchArm, Pattern, Statement, StatementKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::language::types::Type;
use crate::payment::iso8583::response::Category;
use crate::script_error::catalogue::answers as found;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Looks through an item.
pub(super) fn check(look: &mut Look<'_>, at: usize) {
    look.roll.lead(at, &mut Never { look });
}

struct Never<'n, 'l> {
    look: &'n mut Look<'l>,
}

impl<'t> Visitor<'t> for Never<'_, '_> {
    const LOOKS: Looks = Looks::STATEMENT.and(Looks::MATCH);

    fn statement(&mut self, statement: &'t Statement) {
        if let StatementKind::Let { value, handlers, .. }
        | StatementKind::Assign { value, handlers, .. }
        | StatementKind::Expression { value, handlers } = &statement.kind
        {
            self.handlers(value, handlers);
        }
    }

    fn expression(&mut self, expression: &'t Expression) {
        if let ExpressionKind::Match { subject, arms } = &expression.kind {
            self.arms(subject, arms);
        }
    }
}

impl Never<'_, '_> {
    fn tell(&mut self, at: Span, name: &str, first: Span, zh: &str, en: &str) {
        let finding = Finding::warning(found::NEVER_MATCHES, self.look.place(at))
            .text("name", name)
            .label("没有什么留给它", "nothing is left for this")
            .also(self.look.place(first), zh, en);
        self.look.findings.push(finding);
    }

    /// `other` behind arms that take everything, and one value under two names.
    fn arms(&mut self, subject: &Expression, arms: &[MatchArm]) {
        let facts = self.look.facts;
        let ty = look::type_of(facts, subject);
        let mut left = Left::of(self.look, ty);
        let mut values: BTreeMap<String, Span> = BTreeMap::new();
        for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
            let Some(meaning) = facts.patterns.get(&pattern.span.start) else {
                return;
            };
            if let PatternMeaning::Other(_) = meaning {
                if left.as_ref().is_some_and(Left::is_empty)
                    && let Some(first) = arms.first().and_then(|arm| arm.patterns.first())
                {
                    let (zh, en) = ("从这里起的各支已包含一切", "the arms from here on take everything");
                    self.tell(pattern.span, "other", first.span, zh, en);
                }
                return;
            }
            if let Some(value) = self.value(pattern, meaning) {
                match values.get(&value) {
                    Some(first) => {
                        let (first, name) = (*first, self.name(pattern));
                        self.tell(pattern.span, &name, first, "同一个值", "this is the same value");
                    }
                    None => {
                        values.insert(value, pattern.span);
                    }
                }
            }
            if let Some(left) = &mut left {
                left.take(pattern, meaning);
            }
        }
    }

    /// A constant or a literal of which two can be the same; two literals alike were told of before.
    fn value(&self, pattern: &Pattern, meaning: &PatternMeaning) -> Option<String> {
        use crate::language::syntax::tree::PatternKind;
        match (meaning, &pattern.kind) {
            (PatternMeaning::Constant(id), _) => {
                let known = self.look.all.known.get(usize::from(id.0))?;
                let text = known.text.as_ref().map(|text| format!("{text:?}"));
                known.int.map(|int| int.to_string()).or(text)
            }
            (PatternMeaning::Literal, PatternKind::Literal(value)) => match &value.kind {
                ExpressionKind::Int(value) => Some(value.to_string()),
                ExpressionKind::Text(text) => text.plain().map(|text| format!("{text:?}")),
                _ => None,
            },
            _ => None,
        }
    }

    fn name(&self, pattern: &Pattern) -> String {
        use crate::language::syntax::tree::PatternKind;
        match &pattern.kind {
            PatternKind::Name { name, .. } => name.text.to_string(),
            PatternKind::Literal(value) => match &value.kind {
                ExpressionKind::Int(value) => value.to_string(),
                ExpressionKind::Text(text) => text.plain().unwrap_or_default().to_string(),
                _ => String::new(),
            },
            _ => String::new(),
        }
    }

    /// A handler whose errors are all taken by those before it.
    fn handlers(&mut self, value: &Expression, handlers: &[Handler]) {
        if handlers.len() < 2 {
            return;
        }
        let facts = self.look.facts;
        let raised = self.raised(value);
        let mut taken: BTreeMap<ErrorRef, Span> = BTreeMap::new();
        let mut everything: Option<Span> = None;
        for handler in handlers {
            let Some(meaning) = facts.handlers.get(&handler.span.start) else {
                return;
            };
            let head = look::head(handler);
            if let Some(first) = everything {
                self.tell(head, &words(handler), first, "other 在此已取走一切", "`other` takes everything here");
                return;
            }
            if meaning.all {
                everything = Some(head);
                continue;
            }
            let can = |error: &&ErrorRef| raised.as_ref().is_none_or(|raised| raised.contains(*error));
            let own: Vec<ErrorRef> = meaning.errors.iter().filter(can).copied().collect();
            let first = own.first().and_then(|error| taken.get(error)).copied();
            if let (Some(first), true) = (first, own.iter().all(|error| taken.contains_key(error))) {
                self.tell(head, &words(handler), first, "这些错误在此已处理", "these errors are taken here");
            }
            for error in own {
                taken.entry(error).or_insert(head);
            }
        }
    }

    fn raised(&self, value: &Expression) -> Option<BTreeSet<ErrorRef>> {
        let facts = self.look.facts;
        if let Some(row) = look::builtin(facts, value) {
            return Some(row.errors.iter().copied().map(ErrorRef::Catalogue).collect());
        }
        match look::meaning(facts, value) {
            Some(Meaning::Call { target: Target::Function(id), .. }) => {
                let signature = self.look.all.signature(*id)?;
                let is_flow = signature.kind == FunctionKind::Flow;
                is_flow.then(|| signature.errors.iter().copied().collect())
            }
            _ => None,
        }
    }
}

fn words(handler: &Handler) -> String {
    use crate::language::syntax::tree::HandledErrors;
    match &handler.errors {
        HandledErrors::Named(names) => names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", "),
        HandledErrors::Other(_) => "other".to_string(),
    }
}

/// Cases that no arm has taken.
struct Left(BTreeSet<String>);

impl Left {
    /// All cases of a type; none where they cannot be counted.
    fn of(look: &Look<'_>, ty: &Type) -> Option<Left> {
        let all = match ty {
            Type::Bool => BTreeSet::from(["true".to_string(), "false".to_string()]),
            Type::Optional(_) => BTreeSet::from(["some".to_string(), "none".to_string()]),
            Type::ResponseCode => Category::ALL.into_iter().map(|category| category.word().to_string()).collect(),
            Type::Union(at) => {
                let union = look.all.types.unions.get(usize::from(*at))?;
                (0..union.variants.len()).map(|tag| tag.to_string()).collect()
            }
            _ => return None,
        };
        Some(Left(all))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, pattern: &Pattern, meaning: &PatternMeaning) {
        use crate::language::syntax::tree::PatternKind;
        let taken = match (meaning, &pattern.kind) {
            (PatternMeaning::Variant { tag, .. }, _) => tag.to_string(),
            (PatternMeaning::Category(category), _) => category.word().to_string(),
            (PatternMeaning::None, _) => "none".to_string(),
            (PatternMeaning::Some(_), _) => "some".to_string(),
            (PatternMeaning::Literal, PatternKind::Literal(value)) => match value.kind {
                ExpressionKind::Bool(value) => value.to_string(),
                _ => return,
            },
            _ => return,
        };
        self.0.remove(&taken);
    }
}
