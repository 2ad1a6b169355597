//! Whether the arms of a `match` cover every case.

use super::body::Body;
use super::checked::{ErrorRef, PatternMeaning};
use crate::language::syntax::tree::{ExpressionKind, MatchArm, Pattern, PatternKind};
use crate::language::types::Type;
use crate::payment::iso8583::response::{Category, CodeTable, ResponseCode};
use crate::script_error::catalogue::flow;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;
use crate::script_error::words::Said;
use std::collections::{BTreeMap, BTreeSet};

/// The categories somebody has to act on; `other` must not swallow them unseen.
const NEED_ACTION: [Category; 2] = [Category::Capture, Category::Rekey];

/// What the arms so far cover.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    /// Is there an arm for everything else?
    pub(crate) other: bool,
    /// Was it said already that what follows is never reached?
    pub(crate) said_unreachable: bool,
    tags: BTreeSet<u8>,
    categories: BTreeSet<Category>,
    codes: BTreeSet<ResponseCode>,
    literals: BTreeSet<String>,
    some: bool,
    none: bool,
    /// A pattern could not be understood, so nothing is said about what is missing.
    broken: bool,
    /// Where each case was taken first.
    first: BTreeMap<String, Span>,
    all_broken: bool,
    about_codes: bool,
}

impl Coverage {
    /// Nothing yet, for a value of this type.
    pub(crate) fn new(of: &Type) -> Coverage {
        Coverage {
            all_broken: matches!(of, Type::Unknown | Type::Never),
            about_codes: *of == Type::ResponseCode,
            ..Coverage::default()
        }
    }
}

impl Body<'_> {
    /// Takes in a pattern; one that is covered already is reported.
    pub(crate) fn cover(&mut self, coverage: &mut Coverage, pattern: &Pattern, meaning: Option<&PatternMeaning>) {
        let Some(meaning) = meaning else {
            coverage.broken = true;
            return;
        };
        let new = match meaning {
            PatternMeaning::Variant { tag, .. } => coverage.tags.insert(*tag),
            PatternMeaning::Category(category) => coverage.categories.insert(*category),
            PatternMeaning::Code(code) => {
                coverage.codes.insert(*code) && !coverage.categories.contains(&self.all.codes.category(*code))
            }
            PatternMeaning::None => !std::mem::replace(&mut coverage.none, true),
            PatternMeaning::Some(_) => !std::mem::replace(&mut coverage.some, true),
            PatternMeaning::Constant(id) => coverage.literals.insert(format!("const {}", id.0)),
            PatternMeaning::Error(error) => coverage.literals.insert(error_case(*error)),
            PatternMeaning::Literal => literal(pattern).is_none_or(|literal| coverage.literals.insert(literal)),
            PatternMeaning::Other(_) => {
                if !coverage.other {
                    self.hides_action(coverage, pattern);
                }
                coverage.other = true;
                true
            }
        };
        let case = |word: &str| word.to_string();
        let (case, wider) = match meaning {
            PatternMeaning::Category(category) => (case(category.word()), None),
            PatternMeaning::Code(code) => {
                (format!("code {code}"), Some(self.all.codes.category(*code).word().to_string()))
            }
            PatternMeaning::Variant { tag, .. } => (format!("variant {tag}"), None),
            PatternMeaning::None => (case("none"), None),
            PatternMeaning::Some(_) => (case("some"), None),
            PatternMeaning::Constant(id) => (format!("const {}", id.0), None),
            PatternMeaning::Error(error) => (error_case(*error), None),
            PatternMeaning::Literal => (literal(pattern).unwrap_or_default(), None),
            PatternMeaning::Other(_) => (case("other"), None),
        };
        if new {
            coverage.first.entry(case).or_insert(pattern.span);
        } else {
            let first = coverage.first.get(&case).copied();
            let category = wider.as_ref().and_then(|category| coverage.first.get(category)).copied();
            let name = match &pattern.kind {
                PatternKind::Name { name, .. } => name.text.to_string(),
                PatternKind::None => "none".to_string(),
                PatternKind::Some(_) => "some".to_string(),
                PatternKind::Other(_) => "other".to_string(),
                PatternKind::Literal(_) => literal(pattern).unwrap_or_default(),
            };
            let finding = self.error(flow::DUPLICATE_ARM, pattern.span).text("name", name);
            let finding = match (first, category, wider) {
                (Some(first), _, _) => finding.also(self.place(first), "在此已处理", "taken here already"),
                (None, Some(category), Some(word)) => finding.also(
                    self.place(category),
                    format!("它属于 {word}，在此已处理"),
                    format!("it is one of `{word}`, which is taken here"),
                ),
                _ => finding,
            };
            self.report(finding);
        }
    }

    /// Warns where `other` is about to take a category that somebody has to act on.
    fn hides_action(&mut self, coverage: &Coverage, pattern: &Pattern) {
        if coverage.broken || coverage.all_broken || !coverage.about_codes {
            return;
        }
        let table = &self.all.codes;
        let hidden: Vec<Category> =
            NEED_ACTION.into_iter().filter(|category| !coverage.covers(table, *category)).collect();
        if hidden.is_empty() {
            return;
        }
        let words: Vec<&str> = hidden.iter().map(|category| category.word()).collect();
        let arms: String = words.iter().map(|word| format!("{word} => {{}}\n    ")).collect();
        let count = |category: &Category| coverage.open_codes(table, *category).len();
        let zh: Vec<String> =
            hidden.iter().map(|category| format!("{}（{} 个）", category.word(), count(category))).collect();
        let en: Vec<String> =
            hidden.iter().map(|category| format!("`{}` ({} codes)", category.word(), count(category))).collect();
        let finding = Finding::warning(flow::OTHER_HIDES_ACTION, self.place(pattern.span))
            .text("categories", words.join(", "))
            .label(format!("包含 {}", zh.join("与 ")), format!("catches {}", en.join(" and ")))
            .note("其余应答码不改变收银员的动作", "no other code changes what the cashier must do")
            .edits(
                vec![Edit {
                    place: self.place(Span { start: pattern.span.start, end: pattern.span.start }),
                    replacement: arms,
                }],
                false,
                "写明这些类别，或在其前加 @allow(T0302, \"理由\")",
                "name these categories, or put `@allow(T0302, \"reason\")` before it",
            );
        self.report(finding);
    }

    /// Reports the cases that no arm covers. True if every case is known to be covered.
    pub(crate) fn exhaustive(
        &mut self,
        coverage: &Coverage,
        of: &Type,
        head: Span,
        subject: Option<String>,
        last: Option<&MatchArm>,
    ) -> bool {
        if coverage.broken || coverage.all_broken {
            return false;
        }
        if coverage.other {
            return true;
        }
        let before = self.findings.len();
        let subject = subject.unwrap_or_default();
        match of {
            Type::ResponseCode => self.codes_exhaustive(coverage, head, &subject, last),
            Type::Union(at) => {
                let union = self.all.types.unions.get(usize::from(*at));
                let missing: Vec<(String, bool)> = union.map_or(Vec::new(), |union| {
                    (union.variants.iter().enumerate())
                        .filter(|(tag, _)| u8::try_from(*tag).is_ok_and(|tag| !coverage.tags.contains(&tag)))
                        .map(|(_, (name, payload))| (name.to_string(), payload.is_some()))
                        .collect()
                });
                self.missing_cases(missing, head, last);
            }
            Type::Optional(_) => {
                let mut missing = Vec::new();
                if !coverage.some {
                    missing.push(("some".to_string(), true));
                }
                if !coverage.none {
                    missing.push(("none".to_string(), false));
                }
                self.missing_cases(missing, head, last);
            }
            _ => self.missing_cases(vec![("other".to_string(), false)], head, last),
        }
        self.findings.len() == before
    }

    fn missing_cases(&mut self, missing: Vec<(String, bool)>, head: Span, last: Option<&MatchArm>) {
        if missing.is_empty() {
            return;
        }
        let names: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
        let arms: Vec<String> = missing
            .iter()
            .map(|(name, carries)| match (name.as_str(), carries) {
                ("some", _) => "some value".to_string(),
                (name, true) => format!("{name}(value)"),
                (name, false) => name.to_string(),
            })
            .collect();
        let finding = self.error(flow::MATCH_NOT_EXHAUSTIVE, head).text("missing", names.join(", "));
        let finding = self.adding_arms(finding, &arms, last, "补上这些情况", "add these cases");
        self.report(finding);
    }

    fn codes_exhaustive(&mut self, coverage: &Coverage, head: Span, subject: &str, last: Option<&MatchArm>) {
        let table = &self.all.codes;
        let missing: Vec<Category> =
            Category::ALL.into_iter().filter(|category| !coverage.covers(table, *category)).collect();
        if missing.is_empty() {
            return;
        }
        let words: Vec<&str> = missing.iter().map(|category| category.word()).collect();
        let mut finding = self.error(flow::MATCH_NOT_EXHAUSTIVE, head).text("missing", words.join(", "));
        if !table.rows.is_empty() {
            let open: usize = (missing.iter()).map(|category| coverage.open_codes(table, *category).len()).sum();
            let all = table.rows.len();
            finding = finding.label(
                format!("“{subject}”是 ResponseCode，共 {all} 个取值，尚有 {open} 个未处理"),
                format!("`{subject}` is a ResponseCode with {all} named values; {open} are not handled"),
            );
        }
        for category in [Category::Capture, Category::Rekey, Category::Retry] {
            if missing.contains(&category) {
                let why = why(category);
                let codes = shown(&coverage.open_codes(table, category));
                finding = finding.note(
                    format!("类别 {}{}：{}", category.word(), codes.zh, why.zh),
                    format!("category `{}`{}: {}", category.word(), codes.en, why.en),
                );
            }
        }
        let mut arms: Vec<String> = NEED_ACTION
            .into_iter()
            .filter(|category| missing.contains(category))
            .map(|category| category.word().to_string())
            .collect();
        if missing.iter().any(|category| !NEED_ACTION.contains(category)) {
            arms.push("other".to_string());
        }
        let finding = self
            .adding_arms(
                finding,
                &arms,
                last,
                "先处理需要动作的类别，再用 other 处理其余",
                "handle the categories that need action, then the rest",
            )
            .help("运行 till explain T0301 查看应答码与类别", "run `till explain T0301` for codes and categories");
        self.report(finding);
    }

    fn adding_arms(&self, finding: Finding, arms: &[String], last: Option<&MatchArm>, zh: &str, en: &str) -> Finding {
        let Some(last) = last else {
            return finding;
        };
        let text: String = arms.iter().map(|arm| format!("\n    {arm} => {{}}")).collect();
        let end = Span { start: last.span.end, end: last.span.end };
        finding.edits(vec![Edit { place: self.place(end), replacement: text }], false, zh, en)
    }
}

impl Coverage {
    /// Is every code of a category covered, by its word or one by one?
    fn covers(&self, table: &CodeTable, category: Category) -> bool {
        if self.categories.contains(&category) {
            return true;
        }
        // Codes that no table names are declines, so a list of names never covers `decline`; and without a table
        // nothing is known of any category.
        if category == Category::Decline || table.rows.is_empty() {
            return false;
        }
        self.open_codes(table, category).is_empty()
    }

    /// The codes of a category that no arm names.
    fn open_codes(&self, table: &CodeTable, category: Category) -> Vec<ResponseCode> {
        (table.rows.iter())
            .filter(|row| row.category == category && !self.codes.contains(&row.code))
            .map(|row| row.code)
            .collect()
    }
}

fn why(category: Category) -> Said {
    match category {
        Category::Capture => Said::new("必须没收卡片", "the card must be kept"),
        Category::Rekey => Said::new("工作密钥失步，须重新签到", "work keys are out of step, sign in again"),
        Category::Retry => Said::new("主机或发卡行不可用", "host or issuer unavailable"),
        Category::Accept | Category::Decline | Category::Refer => Said::default(),
    }
}

/// The first codes of a category in brackets.
fn shown(codes: &[ResponseCode]) -> Said {
    if codes.is_empty() {
        return Said::default();
    }
    let first: Vec<String> = codes.iter().take(6).map(ToString::to_string).collect();
    let more = codes.len() > first.len();
    Said::new(
        format!("（{}{}）", first.join("、"), if more { " …" } else { "" }),
        format!(" ({}{})", first.join(", "), if more { " ..." } else { "" }),
    )
}

/// An error in a form that no other error has.
fn error_case(error: ErrorRef) -> String {
    match error {
        ErrorRef::Catalogue(code) => format!("error {}", code.0),
        ErrorRef::Declared(number) => format!("error {number}"),
    }
}

/// A literal in a form that is the same for equal literals.
fn literal(pattern: &Pattern) -> Option<String> {
    let PatternKind::Literal(value) = &pattern.kind else {
        return None;
    };
    Some(match &value.kind {
        ExpressionKind::Bool(value) => value.to_string(),
        ExpressionKind::Int(value) => value.to_string(),
        ExpressionKind::Percent(value) => format!("{value}%"),
        ExpressionKind::Duration(value) => format!("{value}ms"),
        ExpressionKind::Mti(value) => format!("{value:04}"),
        ExpressionKind::Text(text) => format!("\"{}\"", text.plain()?),
        ExpressionKind::Amount { digits, currency, .. } => format!("{digits} {}", currency.text),
        ExpressionKind::Bytes(bytes) => format!("{bytes:?}"),
        _ => return None,
    })
}
