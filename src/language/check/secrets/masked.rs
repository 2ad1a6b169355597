//! A masked card number that is used as if it were the number itself.

use super::origin::Source;
use super::trail::Trail;
use crate::language::builtin::row::{Does, Pure};
use crate::language::check::checked::{BuiltinRef, Meaning, Target};
use crate::language::check::literal::plain_text;
use crate::language::syntax::tree::{
    BinaryOperator, Block, Expression, ExpressionKind, MatchArm, PatternKind, StatementKind,
};
use crate::language::types::Type;
use crate::script_error::catalogue::{secrets, types};
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::{Place, Span};
use crate::script_error::words::Said;

/// The mask shows the first six digits and the last four; a longer row of digits is nowhere in it.
const DIGITS_SHOWN: usize = 6;

/// So many values are followed before it counts as unknown.
const VALUES_MAX: usize = 64;

impl<'t> Trail<'_, 't> {
    /// Says of a mismatch that what stands there is a masked number, where that is what is wrong.
    pub(super) fn explain_mismatch(&self, finding: &mut Finding, value: &'t Expression) {
        let about_type = [types::TYPE_MISMATCH, types::FIELD_TYPE].contains(&finding.code);
        let wants_number = finding
            .facts
            .iter()
            .any(|(name, fact)| *name == "expected" && matches!(fact, Fact::Text(text) if text == "Pan"));
        if !about_type || !wants_number || !self.is_masked(value) {
            return;
        }
        let field = finding.facts.iter().find_map(|(_, fact)| match fact {
            Fact::Field(number) => Some(*number),
            _ => None,
        });
        let used = match field {
            Some(number) => Said::new(format!("F{number} 要卡号本身"), format!("F{number} wants the number itself")),
            None => Said::new("这里要卡号本身", "the number itself is wanted here"),
        };
        let mut told = self.misuse(value, used);
        if let Some((call, number)) = self.mask_call(value) {
            let gone = |start: u32, end: u32| Edit {
                place: Place { file: self.file, span: Span { start, end } },
                replacement: String::new(),
            };
            told = told.edits(
                vec![gone(call.start, number.start), gone(number.end, call.end)],
                true,
                "直接给卡号，不屏蔽",
                "give the number itself, not masked",
            );
        }
        *finding = told;
    }

    /// Reports a masked number that is compared with a whole one, searched for it or turned into digits.
    pub(super) fn misuses(&self, used: &'t Expression) -> Option<Finding> {
        match &used.kind {
            ExpressionKind::Call { arguments, .. } => {
                let native = self.native(used)?;
                let text = &arguments.first()?.value;
                match native {
                    Pure::ToDigits if self.is_masked(text) => {
                        let used =
                            Said::new("其中有 *，转成数字必定出错", "it has stars in it, so `digits` always fails");
                        Some(self.misuse(text, used))
                    }
                    Pure::Contains | Pure::StartsWith => {
                        let piece = &arguments.get(1)?.value;
                        let never =
                            Said::new("找不到这么长的一串数字", "so many digits in a row are never found in it");
                        self.against(text, piece, never)
                    }
                    _ => None,
                }
            }
            ExpressionKind::Binary { operator, left, right, .. } => {
                let never = || Said::new("永远不等于完整的卡号", "it never equals a whole one");
                match operator {
                    BinaryOperator::Equal | BinaryOperator::NotEqual => {
                        self.against(left, right, never()).or_else(|| self.against(right, left, never()))
                    }
                    BinaryOperator::In => match &right.kind {
                        ExpressionKind::List(members) => {
                            members.iter().find_map(|member| self.against(left, member, never()))
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            ExpressionKind::Match { subject, arms } => {
                let never = || Said::new("永远不等于完整的卡号", "it never equals a whole one");
                literals(arms).find_map(|literal| self.against(subject, literal, never()))
            }
            _ => None,
        }
    }

    /// A masked number beside a row of digits that it cannot hold.
    fn against(&self, value: &'t Expression, digits: &'t Expression, used: Said) -> Option<Finding> {
        let text = plain_text(self.all, self.file, digits)?;
        let whole = text.len() > DIGITS_SHOWN && text.bytes().all(|byte| byte.is_ascii_digit());
        (whole && self.is_masked(value)).then(|| {
            let place = Place { file: self.file, span: digits.span };
            self.misuse(value, used).also(place, "完整的数字", "digits without a star")
        })
    }

    fn misuse(&self, value: &'t Expression, used: Said) -> Finding {
        let place = Place { file: self.file, span: value.span };
        let mut finding = Finding::error(secrets::MASKED_AS_CARD_NUMBER, place)
            .fact("use", Fact::Said(used))
            .label("形如 622202******5678", "such as 622202******5678");
        self.add(&mut finding, value);
        finding
    }

    /// The call of `mask` that stands at this place, and its argument.
    fn mask_call(&self, value: &Expression) -> Option<(Span, Span)> {
        match &value.kind {
            ExpressionKind::Call { arguments, .. } if self.native(value) == Some(Pure::Mask) => {
                Some((value.span, arguments.first()?.value.span))
            }
            _ => None,
        }
    }

    fn native(&self, value: &Expression) -> Option<Pure> {
        match self.facts.meanings.get(value.id.0 as usize) {
            Some(Meaning::Call { target: Target::Builtin(BuiltinRef(row)), .. }) => match row.does {
                Does::Pure(native) => Some(native),
                Does::Request(_) => None,
            },
            _ => None,
        }
    }

    /// Is the value a masked number, whichever way it came? Unknown counts as no.
    fn is_masked(&self, value: &'t Expression) -> bool {
        let mut open = vec![value];
        let mut seen = 0;
        while let Some(value) = open.pop() {
            seen += 1;
            let textual = matches!(self.facts.types.get(value.id.0 as usize), Some(Type::Text));
            if seen > VALUES_MAX || !textual {
                return false;
            }
            if self.native(value) == Some(Pure::Mask) {
                continue;
            }
            match (self.facts.meanings.get(value.id.0 as usize), &value.kind) {
                (Some(Meaning::Local(id)), _) => {
                    let Some(origins) = self.origins.names.get(id) else { return false };
                    for origin in origins {
                        match origin.source {
                            Source::Value { value, certain: true } => open.push(value),
                            _ => return false,
                        }
                    }
                }
                (Some(Meaning::Call { target: Target::Function(id), .. }), _) => match self.origins.given.get(id) {
                    Some(given) => open.extend(given),
                    None => return false,
                },
                (_, ExpressionKind::If { then, otherwise: Some(otherwise), .. }) => {
                    for block in [then, otherwise] {
                        match last(block) {
                            Some(value) => open.push(value),
                            None => return false,
                        }
                    }
                }
                _ => return false,
            }
        }
        true
    }
}

/// The value of a block: its last statement.
fn last(block: &Block) -> Option<&Expression> {
    match &block.statements.last()?.kind {
        StatementKind::Expression { value, handlers } if handlers.is_empty() => Some(value),
        _ => None,
    }
}

fn literals(arms: &[MatchArm]) -> impl Iterator<Item = &Expression> {
    arms.iter().flat_map(|arm| &arm.patterns).filter_map(|pattern| match &pattern.kind {
        PatternKind::Literal(value) => Some(value.as_ref()),
        _ => None,
    })
}
