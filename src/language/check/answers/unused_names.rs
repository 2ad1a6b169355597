//! Names in a body that nothing reads, never change, or hide another.

use super::look::{self, Look};
use crate::language::builtin::row::Op;
use crate::language::check::checked::LocalId;
use crate::language::syntax::tree::{
    Expression, ExpressionKind, HandledErrors, Handler, Item, ItemKind, MatchArm, Name, Pattern, PatternKind,
    Statement, StatementKind,
};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::script_error::catalogue::answers as found;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;
use foldhash::HashSet;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// Looks through an item. In a sketch only names that hide others are told of.
pub(super) fn check<'l>(look: &mut Look<'l>, at: usize, item: &'l Item, sketch: bool) {
    let mut names = Names::default();
    look.roll.lead(at, &mut Collect { look, names: &mut names });
    shadows(look, item, &names);
    if sketch {
        return;
    }
    let parameters = look::parameters(item).iter().map(|parameter| (&parameter.name, Kind::Parameter));
    let all: Vec<(&Name, Kind<'_>)> = parameters.chain(std::mem::take(&mut names.declared)).collect();
    for (name, kind) in all {
        one(look, &names, name, kind);
    }
    for span in &names.dropped {
        answer_dropped(look, *span, "应答在此丢弃", "the answer is dropped here");
    }
}

/// How a name came about.
#[derive(Clone, Copy)]
enum Kind<'t> {
    Parameter,
    Let { statement: &'t Statement, value: &'t Expression, changeable: bool },
    For,
    Pattern(&'t Pattern),
    Handler(&'t Handler),
}

#[derive(Default)]
struct Names<'t> {
    declared: Vec<(&'t Name, Kind<'t>)>,
    read: HashSet<LocalId>,
    written: BTreeMap<LocalId, Vec<Span>>,
    /// Names that are mentioned without it being known what they mean here.
    mentioned: BTreeSet<SmolStr>,
    /// `some x` of a value called x itself: the same value, known to be there.
    narrowing: BTreeSet<u32>,
    /// Calls of the host whose reply is not even named.
    dropped: Vec<Span>,
}

struct Collect<'c, 'l, 't> {
    look: &'c Look<'l>,
    names: &'c mut Names<'t>,
}

impl<'t> Visitor<'t> for Collect<'_, '_, 't> {
    const LOOKS: Looks = Looks::STATEMENT.and(Looks::NAME).and(Looks::MATCH).and(Looks::ARM).and(Looks::HANDLER);

    fn statement(&mut self, statement: &'t Statement) {
        match &statement.kind {
            StatementKind::Let { name, value, changeable, .. } => {
                self.names.declared.push((name, Kind::Let { statement, value, changeable: *changeable }));
            }
            StatementKind::For { name, .. } => self.names.declared.push((name, Kind::For)),
            StatementKind::Assign { name, .. } => {
                if let Some(id) = self.look.facts.declared.get(&name.span.start) {
                    self.names.written.entry(*id).or_default().push(name.span);
                }
            }
            StatementKind::Expression { value, .. } if look::asks(self.look.facts, value, Op::HostSend) => {
                self.names.dropped.push(value.span);
            }
            _ => {}
        }
    }

    fn expression(&mut self, expression: &'t Expression) {
        match &expression.kind {
            ExpressionKind::Name(name) => match look::local(self.look.facts, expression) {
                Some(local) => {
                    self.names.read.insert(local);
                }
                None => {
                    self.names.mentioned.insert(name.clone());
                }
            },
            ExpressionKind::Match { subject, arms } => {
                let ExpressionKind::Name(of) = &subject.kind else { return };
                for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
                    if let PatternKind::Some(name) = &pattern.kind
                        && name.text == *of
                    {
                        self.names.narrowing.insert(name.span.start);
                    }
                }
            }
            _ => {}
        }
    }

    fn arm(&mut self, arm: &'t MatchArm) {
        for pattern in &arm.patterns {
            if let PatternKind::Name { binds: Some(name), .. }
            | PatternKind::Some(name)
            | PatternKind::Other(Some(name)) = &pattern.kind
            {
                self.names.declared.push((name, Kind::Pattern(pattern)));
            }
        }
    }

    fn handler(&mut self, handler: &'t Handler) {
        if let HandledErrors::Other(Some(name)) = &handler.errors {
            self.names.declared.push((name, Kind::Handler(handler)));
        }
    }
}

fn one(look: &mut Look<'_>, names: &Names<'_>, name: &Name, kind: Kind<'_>) {
    let Some(id) = look.facts.declared.get(&name.span.start).copied() else {
        return;
    };
    if name.text.starts_with('_') || names.mentioned.contains(&name.text) {
        return;
    }
    let written = names.written.get(&id).map_or(&[][..], Vec::as_slice);
    if names.read.contains(&id) {
        // Where an inner name hides it, that is what is wrong, and is told of.
        let hidden = look.facts.shadows.values().any(|(outer, _)| *outer == id);
        if let (Kind::Let { statement, changeable: true, .. }, [], false) = (kind, written, hidden) {
            never_changed(look, name, statement);
        }
        return;
    }
    if let Kind::Let { value, .. } = kind
        && look::asks(look.facts, value, Op::HostSend)
    {
        answer_dropped(look, name.span, "此后没有再提到它", "not mentioned again");
        return;
    }
    let finding = Finding::warning(found::NAME_UNUSED, look.place(name.span)).text("name", name.text.as_str());
    let at = |span: Span, replacement: String| vec![Edit { place: look.place(span), replacement }];
    let keep = |finding: Finding| {
        finding.edits(
            at(name.span, format!("_{}", name.text)),
            false,
            "有意不用，就以 _ 开头",
            "if this is meant, begin it with `_`",
        )
    };
    let finding = match kind {
        Kind::Let { statement, value, .. } => {
            let finding = written.iter().take(3).fold(finding, |finding, span| {
                finding.also(look.place(*span), "在此赋值，没有人读", "set here, and nobody reads it")
            });
            if written.is_empty() && handlerless(statement) && look::has_no_effect(look.facts, value) {
                finding.edits(at(statement.span, String::new()), true, "删去这一行", "delete the line")
            } else {
                keep(finding)
            }
        }
        Kind::Pattern(pattern) => match &pattern.kind {
            PatternKind::Name { name: variant, .. } => {
                let rest = Span { start: variant.span.end, end: pattern.span.end };
                finding.edits(at(rest, String::new()), true, "去掉它", "leave it out")
            }
            PatternKind::Other(_) => {
                let rest = Span { start: pattern.span.start + "other".len() as u32, end: pattern.span.end };
                finding.edits(at(rest, String::new()), true, "去掉它", "leave it out")
            }
            _ => keep(finding),
        },
        Kind::Handler(handler) => {
            let finding = finding.label("错误的内容没有人看", "nobody looks at the error");
            let usual = handler.span.start + "on other ".len() as u32 == name.span.start;
            let start = if usual { name.span.start - 1 } else { name.span.start };
            let rest = Span { start, end: name.span.end };
            finding.edits(at(rest, String::new()), true, "去掉它", "leave it out")
        }
        Kind::Parameter | Kind::For => keep(finding),
    };
    look.findings.push(finding);
}

fn handlerless(statement: &Statement) -> bool {
    matches!(&statement.kind, StatementKind::Let { handlers, .. } if handlers.is_empty())
}

fn never_changed(look: &mut Look<'_>, name: &Name, statement: &Statement) {
    let word = Span { start: statement.span.start, end: statement.span.start + "var".len() as u32 };
    let finding = Finding::warning(found::VAR_NEVER_CHANGED, look.place(name.span))
        .text("name", name.text.as_str())
        .edit(word, "let", "改为 let", "write `let`");
    look.findings.push(finding);
}

fn answer_dropped(look: &mut Look<'_>, span: Span, zh: &str, en: &str) {
    let finding = Finding::warning(found::ANSWER_NOT_READ, look.place(span))
        .label(zh, en)
        .note(
            "拒绝、留卡、重新签到都在应答码里",
            "a decline, an order to keep the card or to sign in again all stand in its code",
        )
        .help("用 match reply.code 处理每一类", "handle each category with `match reply.code`");
    look.findings.push(finding);
}

/// Names declared while another of the same name is there.
fn shadows(look: &mut Look<'_>, item: &Item, names: &Names<'_>) {
    if matches!(item.kind, ItemKind::Test(_)) {
        return;
    }
    let inside = look.facts.shadows.range(item.span.start..item.span.end);
    let hidden: Vec<(u32, LocalId, Span)> = inside.map(|(at, (outer, span))| (*at, *outer, *span)).collect();
    for (at, outer, span) in hidden {
        let inner = look.facts.declared.get(&at).and_then(|id| look.facts.locals.get(id.0 as usize));
        let (Some(inner), Some(outer)) = (inner, look.facts.locals.get(outer.0 as usize)) else {
            continue;
        };
        if inner.name.starts_with('_') || names.narrowing.contains(&at) {
            continue;
        }
        let own = Span { start: at, end: at + inner.name.len() as u32 };
        let finding = Finding::warning(found::NAME_SHADOWS, look.place(own))
            .text("name", inner.name.as_str())
            .label("只在这个块里有效", "holds in this block only")
            .also(look.place(span), "外层的在此，不会改变", "the one outside, which does not change");
        let finding = if outer.changeable {
            finding.help("本想改变它，就去掉 let", "to change that one, leave out `let`")
        } else {
            finding
        };
        look.findings.push(finding);
    }
}
