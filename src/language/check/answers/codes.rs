//! Response codes that are judged by their characters, and approvals that are not taken for approvals.

use super::look::{self, Look};
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{LocalId, PatternMeaning};
use crate::language::check::literal;
use crate::language::syntax::tree::{
    BinaryOperator, Expression, ExpressionKind, Item, ItemKind, MatchArm, PatternKind, Statement, StatementKind,
};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::language::types::Type;
use crate::payment::iso8583::response::{Category, ResponseCode};
use crate::script_error::catalogue::answers as found;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;
use std::collections::BTreeMap;

/// The approval every host knows; asking for any other one alone is asking for something special.
const PLAIN: ResponseCode = ResponseCode(*b"00");

/// So many codes are named in one sentence.
const CODES_MAX: usize = 8;

/// Looks through what only computes; flows are followed path by path elsewhere.
pub(super) fn check(look: &mut Look<'_>, at: usize, item: &Item) {
    let is_flow = matches!(item.kind, ItemKind::Flow(_) | ItemKind::Test(_));
    look.roll.lead(at, &mut Codes { look, texts: BTreeMap::new(), is_flow });
}

struct Codes<'c, 'l> {
    look: &'c mut Look<'l>,
    /// Names that hold the two characters of a code, and where they were taken.
    texts: BTreeMap<LocalId, Span>,
    is_flow: bool,
}

impl<'t> Visitor<'t> for Codes<'_, '_> {
    const LOOKS: Looks = Looks::LEFT_STATEMENT.and(Looks::BINARY).and(Looks::MATCH);

    fn leave_statement(&mut self, statement: &'t Statement) {
        if let StatementKind::Let { name, value, changeable: false, .. } = &statement.kind
            && look::text_of_code(self.look.facts, value).is_some()
            && let Some(id) = self.look.facts.declared.get(&name.span.start)
        {
            self.texts.insert(*id, value.span);
        }
    }

    fn expression(&mut self, expression: &'t Expression) {
        let facts = self.look.facts;
        match &expression.kind {
            ExpressionKind::Binary { operator, left, right, .. } => {
                if let Some((code, named)) = compared(facts, *operator, left, right) {
                    if !self.is_flow {
                        tell_compared(self.look, expression, *operator, code, &named);
                    }
                    return;
                }
                let equal = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
                if equal {
                    self.text(left, Some(right));
                    self.text(right, Some(left));
                } else if *operator == BinaryOperator::In {
                    self.text(left, None);
                }
            }
            ExpressionKind::Match { subject, arms } => {
                if *look::type_of(facts, subject) == Type::ResponseCode && !self.is_flow {
                    tell_matched(self.look, arms);
                }
                self.text(subject, None);
            }
            _ => {}
        }
    }
}

impl Codes<'_, '_> {
    /// The characters of a code that are compared with something known.
    fn text(&mut self, text: &Expression, with: Option<&Expression>) {
        let look = &mut *self.look;
        let file = look.unit.tree.file;
        let literal = match with {
            Some(with) => match literal::plain_text(look.all, file, with) {
                Some(literal) => Some(literal),
                None => return,
            },
            None => None,
        };
        let code = literal.as_deref().and_then(ResponseCode::parse);
        let finding = Finding::warning(found::CODE_AS_TEXT, look.place(text.span));
        let object = look::text_of_code(look.facts, text);
        let taken = look::local(look.facts, text).and_then(|local| self.texts.get(&local).copied());
        let finding =
            match (object, taken) {
                (Some(_), _) => finding.label("这只是两个字符", "only its two characters"),
                (None, Some(taken)) => finding
                    .label("这只是应答码的两个字符", "only the two characters of a code")
                    .also(look.place(taken), "在此取出", "taken here"),
                (None, None) => return,
            };
        let finding = match (&literal, code) {
            (Some(literal), None) => finding.note(
                format!("“{literal}”不是两位应答码，永远不会相等"),
                format!("`{literal}` is no response code of two characters, so they are never equal"),
            ),
            (_, Some(code)) => approvals_note(look, finding, code),
            _ => finding.note(
                "应答码本身就能比较，名称与类别来自码表",
                "a code can be compared as it is; names and categories come from the table",
            ),
        };
        let finding = match object {
            Some(object) if code.is_some() || with.is_none() => {
                let dot = Span { start: object.span.end, end: text.span.end };
                let edit = Edit { place: look.place(dot), replacement: String::new() };
                finding.edits(vec![edit], code.is_some(), "直接比较应答码", "compare the code itself")
            }
            _ => finding.help("直接比较 reply.code，或用 match", "compare `reply.code` itself, or use `match`"),
        };
        look.findings.push(finding);
    }
}

/// The code that is compared, and the codes by name that it is compared with.
pub(super) fn compared<'e>(
    facts: &UnitFacts,
    operator: BinaryOperator,
    left: &'e Expression,
    right: &'e Expression,
) -> Option<(&'e Expression, Vec<ResponseCode>)> {
    let is_code = |value: &Expression| {
        *look::type_of(facts, value) == Type::ResponseCode && look::named_codes(facts, value).is_none()
    };
    match operator {
        BinaryOperator::Equal | BinaryOperator::NotEqual => {
            let sides = [(left, right), (right, left)];
            sides.into_iter().find_map(|(code, named)| {
                let named = is_code(code).then(|| look::named_codes(facts, named)).flatten()?;
                Some((code, named))
            })
        }
        BinaryOperator::In if is_code(left) => Some((left, look::named_codes(facts, right)?)),
        _ => None,
    }
}

/// Tells of a comparison that takes some approvals and leaves out others.
pub(super) fn tell_compared(
    look: &mut Look<'_>,
    whole: &Expression,
    operator: BinaryOperator,
    code: &Expression,
    named: &[ResponseCode],
) {
    let approved = look::approved(look.all);
    let lost: Vec<ResponseCode> = approved.iter().copied().filter(|code| !named.contains(code)).collect();
    // A set with declines in it asks something else.
    let plain = named.contains(&PLAIN) && named.iter().all(|code| approved.contains(code));
    if !plain || lost.is_empty() || look.said_on_paths(whole.span) || !look.said.insert(whole.span) {
        return;
    }
    let finding = Finding::warning(found::APPROVALS_LOST, look.place(whole.span)).text("codes", shown(&lost));
    let finding = if operator == BinaryOperator::NotEqual {
        finding.label("这些应答码也走到这里，如同被拒绝", "these codes take this way too, as if they were declines")
    } else {
        finding.label("只有这里写的才算批准", "only what is written here counts as approved")
    };
    let finding = meanings(look, finding, &lost);
    let subject = crate::language::check::body::path(code);
    let finding = match (subject, operator) {
        (Some(subject), operator) => {
            let all: Vec<String> = approved.iter().map(|code| look::code_name(look.all, *code)).collect();
            let not = if operator == BinaryOperator::NotEqual { "not " } else { "" };
            let (open, close) = if not.is_empty() { ("", "") } else { ("(", ")") };
            let edit = Edit {
                place: look.place(whole.span),
                replacement: format!("{not}{open}{subject} in [{}]{close}", all.join(", ")),
            };
            finding.edits(vec![edit], false, "列出全部批准的应答码", "list every code that approves").by_hand()
        }
        _ => finding,
    };
    let finding =
        finding.help("或用 match：accept 一支就是全部批准", "or use `match`: its arm `accept` takes all of them");
    look.findings.push(finding);
}

/// Tells of a `match` in which `other` takes approvals.
pub(super) fn tell_matched(look: &mut Look<'_>, arms: &[MatchArm]) {
    let approved = look::approved(look.all);
    let mut named: Vec<ResponseCode> = Vec::new();
    let mut plain = None;
    for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
        match look.facts.patterns.get(&pattern.span.start) {
            Some(PatternMeaning::Category(Category::Accept)) | None => return,
            Some(PatternMeaning::Code(code)) => {
                if *code == PLAIN && approved.contains(code) {
                    plain = Some(pattern);
                }
                named.push(*code);
            }
            Some(PatternMeaning::Other(_)) => break,
            _ => {}
        }
    }
    let other = arms.iter().flat_map(|arm| &arm.patterns).find(|arm| matches!(arm.kind, PatternKind::Other(_)));
    let (Some(plain), Some(other)) = (plain, other) else {
        return;
    };
    let lost: Vec<ResponseCode> = approved.iter().copied().filter(|code| !named.contains(code)).collect();
    if lost.is_empty() || look.said_on_paths(plain.span) || !look.said.insert(plain.span) {
        return;
    }
    let finding = Finding::warning(found::APPROVALS_LOST, look.place(plain.span))
        .text("codes", shown(&lost))
        .label("只有这一个应答码", "this one code only")
        .also(look.place(other.span), "其余的批准落到这里", "the other approvals end up here");
    let finding = meanings(look, finding, &lost);
    let edit = Edit { place: look.place(plain.span), replacement: "accept".to_string() };
    let finding = finding.edits(vec![edit], false, "用 accept 取全部批准", "take all of them with `accept`").by_hand();
    look.findings.push(finding);
}

fn shown(codes: &[ResponseCode]) -> String {
    let mut shown: Vec<String> = codes.iter().take(CODES_MAX).map(ToString::to_string).collect();
    if codes.len() > CODES_MAX {
        shown.push("...".to_string());
    }
    shown.join(", ")
}

/// What the first of the codes that are left out mean.
fn meanings(look: &Look<'_>, finding: Finding, lost: &[ResponseCode]) -> Finding {
    let rows: Vec<_> = lost.iter().filter_map(|code| look.all.codes.row(*code)).take(2).collect();
    if rows.is_empty() {
        return finding;
    }
    let zh: Vec<String> = rows.iter().map(|row| format!("{} {}", row.code, row.zh)).collect();
    let en: Vec<String> = rows.iter().map(|row| format!("{} {}", row.code, row.en)).collect();
    finding.note(
        format!("其中 {}：主机已扣款", zh.join("；")),
        format!("such as {}: the host has taken the money", en.join("; ")),
    )
}

fn approvals_note(look: &Look<'_>, finding: Finding, code: ResponseCode) -> Finding {
    let approved = look::approved(look.all);
    if approved.len() > 1 && approved.contains(&code) {
        let all = shown(&approved);
        return finding
            .note(format!("批准的应答码不只这一个：{all}"), format!("it is not the only code that approves: {all}"));
    }
    let name = look::code_name(look.all, code);
    finding.note(format!("这个应答码可写成 {name}"), format!("this code can be written `{name}`"))
}
