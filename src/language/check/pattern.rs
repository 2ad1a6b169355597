//! `match`: what each pattern means, and whether every case is covered.

use super::body::{Body, path};
use super::checked::PatternMeaning;
use super::coverage::Coverage;
use super::expression::Want;
use super::name::is_of_runs;
use super::scope::Declared;
use crate::language::syntax::tree::{Arm, Expression, ExpressionKind, MatchArm, Name, Pattern, PatternKind};
use crate::language::types::Type;
use crate::payment::iso8583::response::{Category, ResponseCode};
use crate::script_error::catalogue;
use crate::script_error::catalogue::{flow, types as codes};
use crate::script_error::source::Span;

impl Body<'_> {
    /// The type of a `match`, as a value or as a statement.
    pub(crate) fn match_arms(&mut self, span: Span, subject: &Expression, arms: &[MatchArm], want: &Want) -> Type {
        let mut ty = self.infer(subject, None);
        if !can_be_matched(&ty) {
            self.wrong_operand("match", subject, &ty);
            if ty.is_sealed() {
                ty = Type::Unknown;
            }
        }
        let mut coverage = Coverage::new(&ty);
        let mut ways = Vec::with_capacity(arms.len());
        for arm in arms {
            let way = self.in_block(|body| {
                for pattern in &arm.patterns {
                    body.covered_before(&mut coverage, pattern);
                    let meaning = body.pattern(pattern, &ty, arm.patterns.len() > 1);
                    body.cover(&mut coverage, pattern, meaning.as_ref());
                    if let Some(meaning) = meaning {
                        body.facts.patterns.insert(pattern.span.start, meaning);
                    }
                }
                body.arm(&arm.body, want)
            });
            ways.push((way, arm.span));
        }
        let head = Span { start: span.start, end: subject.span.end };
        let complete = self.exhaustive(&coverage, &ty, head, path(subject), arms.last());
        if ways.is_empty() {
            return Type::Nothing;
        }
        let ty = self.join(&ways, want);
        // With cases missing or not understood nobody can tell whether all of them leave.
        if ty == Type::Never && !complete { Type::Unknown } else { ty }
    }

    /// The key of a table's row.
    pub(crate) fn table_key(&mut self, coverage: &mut Coverage, pattern: &Pattern, of: &Type) {
        let meaning = self.pattern(pattern, of, false);
        self.cover(coverage, pattern, meaning.as_ref());
        if let Some(meaning) = meaning {
            self.facts.patterns.insert(pattern.span.start, meaning);
        }
    }

    /// What stands behind `=>`.
    pub(crate) fn arm(&mut self, arm: &Arm, want: &Want) -> Type {
        match arm {
            Arm::Block(block) => self.block(block, want),
            Arm::Statement(statement) => {
                self.in_block(|body| body.statements(std::slice::from_ref(statement), statement.span, want))
            }
        }
    }

    /// What a pattern means; `None` if that was reported or cannot be told.
    fn pattern(&mut self, pattern: &Pattern, of: &Type, several: bool) -> Option<PatternMeaning> {
        match &pattern.kind {
            PatternKind::Other(name) => {
                let local = name.as_ref().map(|name| self.declare(name, of.clone(), false));
                Some(PatternMeaning::Other(local))
            }
            PatternKind::None => {
                self.optional_pattern(pattern, of)?;
                Some(PatternMeaning::None)
            }
            PatternKind::Some(name) => {
                let inner = self.optional_pattern(pattern, of);
                let local = self.declare(name, inner.clone().unwrap_or(Type::Unknown), false);
                inner.map(|_| PatternMeaning::Some(local))
            }
            PatternKind::Literal(value) => {
                if *of == Type::ResponseCode
                    && let ExpressionKind::Text(text) = &value.kind
                    && let Some(code) = text.plain().and_then(ResponseCode::parse)
                {
                    self.infer(value, Some(of));
                    return Some(PatternMeaning::Code(code));
                }
                if of.is_sealed() {
                    self.infer(value, None);
                    self.secret_decides(value.span, of);
                    return None;
                }
                self.expect(value, of);
                Some(PatternMeaning::Literal)
            }
            PatternKind::Name { name, binds } => self.named_pattern(pattern, name, binds.as_ref(), of, several),
        }
    }

    /// The type behind `T?`, where the value matched is one.
    fn optional_pattern(&mut self, pattern: &Pattern, of: &Type) -> Option<Type> {
        match of {
            Type::Optional(inner) => Some((**inner).clone()),
            Type::Unknown | Type::Never => None,
            _ => {
                let finding = self
                    .error(codes::TYPE_MISMATCH, pattern.span)
                    .text("expected", self.written(of))
                    .text("found", "some / none")
                    .label("此值不会是 none", "this value is never `none`");
                self.report(finding);
                None
            }
        }
    }

    fn named_pattern(
        &mut self,
        pattern: &Pattern,
        name: &Name,
        binds: Option<&Name>,
        of: &Type,
        several: bool,
    ) -> Option<PatternMeaning> {
        if let Type::Union(union) = of {
            let Some((tag, payload)) = self.all.variant(*union, &name.text) else {
                let all = self.all;
                let unions = &all.types.unions;
                let known: Vec<&str> = unions
                    .get(usize::from(*union))
                    .map_or(Vec::new(), |union| union.variants.iter().map(|(name, _)| name.as_str()).collect());
                self.unknown_pattern(name, of, &known);
                self.bind_unknown(binds);
                return None;
            };
            let payload = payload.cloned();
            let local = match (binds, payload) {
                (None, _) => None,
                (Some(binds), Some(ty)) => Some(self.declare(binds, ty, false)),
                (Some(binds), None) => {
                    let finding = self
                        .error(codes::TOO_MANY_ARGUMENTS, binds.span)
                        .text("callee", name.text.as_str())
                        .fact("most", crate::script_error::code::Fact::Count(0))
                        .label("此变体不带值", "this variant carries nothing");
                    self.report(finding);
                    self.bind_unknown(Some(binds));
                    None
                }
            };
            if several && let Some(binds) = binds {
                let finding = self
                    .error(codes::TOO_MANY_ARGUMENTS, binds.span)
                    .text("callee", name.text.as_str())
                    .fact("most", crate::script_error::code::Fact::Count(0))
                    .label("多个情况共用一支时不能取值", "an arm for several cases cannot take the value of one");
                self.report(finding);
            }
            return Some(PatternMeaning::Variant { union: *union, tag, binds: local });
        }
        self.bind_unknown(binds);
        if matches!(of, Type::Unknown | Type::Never) {
            return None;
        }
        if *of == Type::ResponseCode {
            if let Some(category) = Category::parse(&name.text) {
                return Some(PatternMeaning::Category(category));
            }
            if let Some(row) = self.all.codes.named(&name.text) {
                return Some(PatternMeaning::Code(row.code));
            }
        }
        let entry = self.scope().and_then(|scope| scope.names.get(&name.text));
        if let Some(Declared::Constant(id)) = entry.map(|entry| entry.what) {
            let ty = self.all.constants.get(usize::from(id.0)).map_or(Type::Unknown, |constant| constant.ty.clone());
            if !ty.fits(of) {
                let finding = self
                    .error(codes::TYPE_MISMATCH, pattern.span)
                    .text("expected", self.written(of))
                    .text("found", self.written(&ty));
                self.report(finding);
                return None;
            }
            return Some(PatternMeaning::Constant(id));
        }
        if *of == Type::Error
            && let Some(error) = self.error_named(&name.text)
        {
            return Some(PatternMeaning::Error(error));
        }
        if self.scope().is_some_and(|scope| scope.broken.contains(&name.text)) {
            return None;
        }
        let all = self.all;
        let known: Vec<&str> = match of {
            Type::ResponseCode => {
                let mut known: Vec<&str> = Category::ALL.map(Category::word).to_vec();
                known.extend(all.codes.rows.iter().map(|row| row.name.as_str()));
                known
            }
            Type::Error => catalogue::all()
                .filter(|row| is_of_runs(row.layer))
                .map(|row| row.name)
                .chain(all.errors.iter().map(|error| error.name.as_str()))
                .collect(),
            Type::Optional(_) => vec!["some", "none"],
            _ => Vec::new(),
        };
        self.unknown_pattern(name, of, &known);
        None
    }

    fn bind_unknown(&mut self, binds: Option<&Name>) {
        if let Some(binds) = binds {
            self.declare(binds, Type::Unknown, false);
        }
    }

    fn unknown_pattern(&mut self, name: &Name, of: &Type, known: &[&str]) {
        let finding = self.error(codes::UNKNOWN_NAME, name.span).text("name", name.text.as_str());
        let meant = self.meant(&name.text, known);
        let finding = match meant {
            Some(meant) => finding.did_you_mean(name.span, meant),
            None if *of == Type::ResponseCode && self.all.codes.rows.is_empty() => {
                return self.no_codes(name.span, &name.text);
            }
            None if matches!(of, Type::Optional(_)) => finding.help(
                "可能没有的值写 some x 与 none",
                "a value that may be missing is matched with `some x` and `none`",
            ),
            None if !known.is_empty() && known.len() <= 12 => {
                finding.note(format!("可用：{}", known.join("、")), format!("there are: {}", known.join(", ")))
            }
            None => finding,
        };
        self.report(finding);
    }

    /// Reports an arm behind `other`, which takes everything.
    fn covered_before(&mut self, coverage: &mut Coverage, pattern: &Pattern) {
        if coverage.other && !coverage.said_unreachable {
            coverage.said_unreachable = true;
            let finding = crate::script_error::finding::Finding::warning(flow::UNREACHABLE, self.place(pattern.span))
                .label("other 已包含一切", "`other` takes everything already");
            self.report(finding);
        }
    }
}

fn can_be_matched(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Bool
            | Type::Int
            | Type::Text
            | Type::Digits(_)
            | Type::Bytes
            | Type::Amount
            | Type::Percent
            | Type::Duration
            | Type::Time
            | Type::Optional(_)
            | Type::Union(_)
            | Type::ResponseCode
            | Type::Mti
            | Type::Kcv
            | Type::Expiry
            | Type::Error
            | Type::Unknown
            | Type::Never
    )
}
