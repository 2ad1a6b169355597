//! What is said where a value of one type stands for another.

use super::body::Body;
use crate::language::syntax::tree::{Expression, ExpressionKind};
use crate::language::types::Type;
use crate::script_error::catalogue::{flow, types as codes};
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;
use crate::script_error::words::Said;

impl Body<'_> {
    /// Reports that a value of one type stands where another is wanted.
    pub(crate) fn mismatch(&mut self, expression: &Expression, wanted: &Type, found: &Type) {
        if !self.secret_instead(expression, wanted, found) {
            let finding = self.mismatch_at(expression, wanted, found);
            self.report(finding);
        }
    }

    fn mismatch_at(&self, expression: &Expression, wanted: &Type, found: &Type) -> Finding {
        let span = expression.span;
        if matches!(expression.kind, ExpressionKind::None) {
            return self.error(codes::TYPE_MISMATCH, span).text("expected", self.written(wanted)).text("found", "none");
        }
        if *wanted == Type::list(Type::Unknown) {
            return self
                .error(codes::TYPE_MISMATCH, span)
                .fact("expected", Fact::Said(Said::new("列表", "a list")))
                .text("found", self.written(found));
        }
        match (found, wanted) {
            (Type::Optional(of), _) if of.fits(wanted) => {
                let finding = self
                    .error(codes::OPTIONAL_NOT_CHECKED, span)
                    .text("type", self.written(found))
                    .label("可能没有值", "there may be no value");
                if let (ExpressionKind::Member { name, .. }, Type::ResponseCode) = (&expression.kind, wanted) {
                    return finding
                        .note("取用应答时已保证有第 39 域", "a reply is only taken if it has field 39")
                        .edit(name.span, "code", "改用 code", "use `code`");
                }
                // Only a name that cannot change stays checked; a field or a `var` has to be named first.
                let checkable = self.stays_checked(expression).then(|| super::body::path(expression)).flatten();
                match checkable {
                    Some(name) => finding.help(
                        format!("先判断：if {name} != none {{ … }}"),
                        format!("check it first: `if {name} != none {{ ... }}`"),
                    ),
                    None => {
                        finding.help("先用 let 存下，再与 none 比较", "name it with `let`, then compare it with `none`")
                    }
                }
            }
            (Type::Digits(found), Type::Digits(wanted)) if *found > 0 && *wanted > 0 => self
                .error(codes::DIGITS_LENGTH, span)
                .fact("expected", Fact::Count(i64::from(*wanted)))
                .fact("found", Fact::Count(i64::from(*found))),
            _ => {
                let finding = self
                    .error(codes::TYPE_MISMATCH, span)
                    .text("expected", self.written(wanted))
                    .text("found", self.written(found));
                match (found, wanted) {
                    (Type::Track | Type::PinBlock | Type::ChipData | Type::Keys | Type::Cryptogram, Type::Pan) => {
                        finding.help("只有卡号有屏蔽形式", "only a card number has a masked form")
                    }
                    (Type::Text | Type::Digits(_), Type::Phrase) => finding.help(
                        "用 text 声明两种语言的句子，或写 phrase(zh: …, en: …)",
                        "declare a `text` in both languages, or write `phrase(zh: ..., en: ...)`",
                    ),
                    (Type::Digits(4 | 6) | Type::Text, Type::Time) => finding.help(
                        "主机的月日没有年份：用 day_near(reply.F13, clock.now()) 补上",
                        "a host's month and day have no year: add it with `day_near(reply.F13, clock.now())`",
                    ),
                    _ => finding,
                }
            }
        }
    }

    /// Adds the cure that masks a card number.
    pub(crate) fn masked(&self, finding: Finding, span: Span) -> Finding {
        self.with_mask(finding, span, true)
    }

    /// The same where the masked form may not be what is meant.
    pub(crate) fn masked_by_hand(&self, finding: Finding, span: Span) -> Finding {
        self.with_mask(finding, span, false)
    }

    fn with_mask(&self, finding: Finding, span: Span, safe: bool) -> Finding {
        let at = |offset: u32| self.place(Span { start: offset, end: offset });
        finding.edits(
            vec![
                Edit { place: at(span.start), replacement: "mask(".to_string() },
                Edit { place: at(span.end), replacement: ")".to_string() },
            ],
            safe,
            "屏蔽后显示 622202******5678",
            "mask it: shows 622202******5678",
        )
    }

    /// Reports a statement that stands where only tests may have it.
    pub(crate) fn only_in_tests(&mut self, word: &str, span: Span) {
        let finding = self.error(flow::STATEMENT_OUTSIDE_TEST, span).text("word", word);
        self.report(finding);
    }
}
