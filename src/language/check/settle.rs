//! What holds across calls: recursion, errors that travel, devices, and `reversible` inside `reversible`.

use super::checked::{ErrorRef, FunctionId, FunctionKind};
use super::declarations::Declarations;
use super::effect::{Doings, Effect, ErrorSet, HandledName};
use crate::language::builtin::row::{Builtin, DEVICES};
use crate::language::builtin::shapes;
use crate::language::syntax::tree::{Flow, ItemKind};
use crate::language::types::Type;
use crate::script_error::catalogue::{answers, flow};
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::nearest::nearest;
use crate::script_error::source::{FileId, Place, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a function with all that it calls.
#[derive(Clone, Debug, Default)]
struct Settled {
    errors: ErrorSet,
    /// Each device, and where the function touches it or calls what does.
    devices: BTreeMap<&'static str, Touch>,
    opens: Option<Place>,
    commits: bool,
}

#[derive(Clone, Copy, Debug)]
struct Touch {
    span: Span,
    by: Option<FunctionId>,
}

/// Works out what every function can do with all that it calls, and fills it into the signatures.
pub(crate) fn settle(all: &mut Declarations<'_>, doings: &[Doings], findings: &mut Vec<Finding>) {
    let order = order(all, doings, findings);
    let mut settled: Vec<Settled> = vec![Settled::default(); doings.len()];
    for at in order {
        let Some(own) = doings.get(at) else { continue };
        let one = one(all, at, own, &settled, findings);
        if let Some(signature) = all.functions.get_mut(at) {
            signature.uses = one.devices.keys().copied().collect();
            signature.errors = one.errors.known.iter().copied().collect();
        }
        if let Some(place) = settled.get_mut(at) {
            *place = one;
        }
    }
    for (at, one) in settled.iter().enumerate() {
        capabilities(all, at, one, findings);
    }
}

fn one(all: &Declarations<'_>, at: usize, own: &Doings, settled: &[Settled], findings: &mut Vec<Finding>) -> Settled {
    let signature = all.functions.get(at);
    let file = signature.map_or(FileId(0), |signature| signature.file);
    let mut result =
        Settled { commits: own.commits, opens: own.opens.map(|span| Place { file, span }), ..Settled::default() };
    for (device, span) in &own.devices {
        let touch = Touch { span: *span, by: None };
        result.devices.entry(device).or_insert(touch);
    }
    for call in &own.calls {
        let Some(called) = settled.get(usize::from(call.function.0)) else {
            continue;
        };
        for device in called.devices.keys() {
            let touch = Touch { span: call.span, by: Some(call.function) };
            result.devices.entry(device).or_insert(touch);
        }
        result.commits |= called.commits;
        let Some(opens) = called.opens else { continue };
        if call.in_reversible {
            let name = all.signature(call.function).map_or("", |signature| signature.name.as_str());
            findings.push(
                Finding::error(flow::NESTED_REVERSIBLE, Place { file, span: call.span })
                    .label(format!("“{name}”里有 reversible"), format!("`{name}` holds a `reversible`"))
                    .also(opens, "在此", "here"),
            );
        }
        result.opens.get_or_insert(opens);
    }
    let mut raised = Raised {
        all,
        settled,
        file,
        in_test: signature.is_some_and(|signature| signature.kind == FunctionKind::Test),
        findings,
    };
    result.errors = raised.of(&own.effects, None);
    result
}

/// Works out which errors effects raise, and reports handlers that never can.
struct Raised<'r> {
    all: &'r Declarations<'r>,
    settled: &'r [Settled],
    file: FileId,
    in_test: bool,
    findings: &'r mut Vec<Finding>,
}

impl Raised<'_> {
    /// The errors of effects in order; `caught` are those an `other e` around has caught.
    fn of(&mut self, effects: &[Effect], caught: Option<&ErrorSet>) -> ErrorSet {
        let mut set = ErrorSet::default();
        for effect in effects {
            match effect {
                Effect::Builtin { row, .. } => set.extend(of_builtin(row)),
                Effect::Call { function, .. } => {
                    // In a test an error becomes the outcome `failed`, where the flow gives one.
                    let outcome = self
                        .all
                        .signature(*function)
                        .is_some_and(|signature| signature.gives == Type::Union(shapes::OUTCOME));
                    if !(self.in_test && outcome)
                        && let Some(called) = self.settled.get(usize::from(function.0))
                    {
                        set.join(&called.errors);
                    }
                }
                Effect::Fail(error) => set.extend([*error]),
                Effect::FailAgain => match caught {
                    Some(caught) => set.join(caught),
                    None => set.any = true,
                },
                Effect::Guarded { given, body, handlers } => {
                    let mut left = self.of(body, caught);
                    let all_errors = left.clone();
                    for handler in handlers {
                        let mut here = ErrorSet::default();
                        for name in &handler.names {
                            let can = name.errors.iter().any(|error| all_errors.known.contains(error));
                            if !can && !all_errors.any {
                                self.never(name, given);
                            }
                            for error in &name.errors {
                                if left.known.remove(error) || left.any {
                                    here.known.insert(*error);
                                }
                            }
                        }
                        if let Some(span) = handler.all {
                            if all_errors.is_empty() {
                                self.too_late(span, given, |set| !set.is_empty());
                            }
                            here = std::mem::take(&mut left);
                        }
                        match &handler.body {
                            Some(body) => {
                                let raised = self.of(body, Some(&here));
                                set.join(&raised);
                            }
                            None => set.join(&here),
                        }
                    }
                    set.join(&left);
                }
            }
        }
        set
    }

    /// A handler for an error that the guarded call does not raise.
    fn never(&mut self, name: &HandledName, given: &[(Span, Effect)]) {
        let told =
            self.too_late(name.span, given, |set| set.any || name.errors.iter().any(|error| set.known.contains(error)));
        if !told {
            let place = Place { file: self.file, span: name.span };
            self.findings.push(Finding::warning(flow::HANDLER_NEVER_USED, place).text("name", name.name.as_str()));
        }
    }

    /// Tells of a handler that is meant for something the guarded call is given, and which fails before it.
    fn too_late(&mut self, at: Span, given: &[(Span, Effect)], meant: impl Fn(&ErrorSet) -> bool) -> bool {
        for (span, effect) in given {
            if !meant(&self.of(std::slice::from_ref(effect), None)) {
                continue;
            }
            let called = match effect {
                Effect::Builtin { row, .. } => row.name,
                Effect::Call { function, .. } => {
                    self.all.signature(*function).map_or("", |signature| signature.name.as_str())
                }
                _ => continue,
            };
            let place = |span: Span| Place { file: self.file, span };
            let finding = Finding::warning(answers::HANDLER_TOO_LATE, place(at))
                .text("call", called)
                .label("只管外层调用本身", "guards the outer call alone")
                .also(place(*span), "先于它执行，出错就直接离开", "comes before it; its error goes on its way");
            self.findings.push(finding);
            return true;
        }
        false
    }
}

fn of_builtin(row: &'static Builtin) -> impl Iterator<Item = ErrorRef> {
    row.errors.iter().copied().map(ErrorRef::Catalogue)
}

/// So many circles are told apart; whoever opens one looks again.
const CIRCLES_MAX: usize = 32;

/// The functions so that each comes after those it calls. A circle is reported once, and cut.
fn order(all: &Declarations<'_>, doings: &[Doings], findings: &mut Vec<Finding>) -> Vec<usize> {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut state = vec![State::New; doings.len()];
    let mut order = Vec::with_capacity(doings.len());
    let mut circles = 0;
    for start in 0..doings.len() {
        if state.get(start) != Some(&State::New) {
            continue;
        }
        if let Some(place) = state.get_mut(start) {
            *place = State::Open;
        }
        // Each function with the place of the call to follow next.
        let mut stack: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((at, next)) = stack.last_mut() {
            let at = *at;
            let call = doings.get(at).and_then(|doings| doings.calls.get(*next));
            *next += 1;
            let Some(call) = call else {
                if let Some(place) = state.get_mut(at) {
                    *place = State::Done;
                }
                order.push(at);
                stack.pop();
                continue;
            };
            let to = usize::from(call.function.0);
            match state.get(to) {
                Some(State::New) => {
                    if let Some(place) = state.get_mut(to) {
                        *place = State::Open;
                    }
                    stack.push((to, 0));
                }
                Some(State::Open) if circles < CIRCLES_MAX => {
                    circles += 1;
                    let from = stack.iter().position(|(on, _)| *on == to).unwrap_or(0);
                    let circle: Vec<(usize, usize)> =
                        stack.iter().skip(from).map(|(on, next)| (*on, next - 1)).collect();
                    findings.extend(circle_found(all, doings, &circle));
                }
                _ => {}
            }
        }
    }
    order
}

/// The finding for functions that call each other in a circle: at the first, with every call.
fn circle_found(all: &Declarations<'_>, doings: &[Doings], circle: &[(usize, usize)]) -> Option<Finding> {
    let places: Vec<(Place, &str)> = circle
        .iter()
        .filter_map(|(at, call)| {
            let signature = all.functions.get(*at)?;
            let call = doings.get(*at)?.calls.get(*call)?;
            let called = all.signature(call.function)?;
            let place = Place { file: signature.file, span: call.span };
            Some((place, called.name.as_str()))
        })
        .collect();
    let first = circle.first().and_then(|(at, _)| all.functions.get(*at))?;
    let ((place, called), rest) = places.split_first()?;
    let mut finding = Finding::error(flow::RECURSION, *place)
        .text("flow", first.name.as_str())
        .label(format!("调用“{called}”"), format!("calls `{called}`"));
    // A long circle is clear from its first calls.
    for (place, called) in rest.iter().take(8) {
        finding = finding.also(*place, format!("再调用“{called}”"), format!("which calls `{called}`"));
    }
    Some(finding)
}

/// `uses`: complete where it has to be, and nothing too much.
fn capabilities(all: &Declarations<'_>, at: usize, settled: &Settled, findings: &mut Vec<Finding>) {
    let Some(signature) = all.functions.get(at) else {
        return;
    };
    let file = signature.file;
    let Some(ItemKind::Flow(item)) = all.item(file, signature.item).map(|item| &item.kind) else {
        return;
    };
    let listed: BTreeSet<&str> = item.uses.iter().flatten().map(|name| name.text.as_str()).collect();
    unknown_devices(file, item, findings);
    if !signature.public && item.uses.is_none() {
        return;
    }
    let missing: Vec<(&'static str, Touch)> = settled
        .devices
        .iter()
        .filter(|(device, _)| !listed.contains(*device))
        .map(|(device, touch)| (*device, *touch))
        .collect();
    uses_missing(all, file, item, missing, findings);
    for (place, name) in item.uses.iter().flatten().enumerate() {
        let device = name.text.as_str();
        let touched = settled.devices.contains_key(device) || (device == "batch" && settled.commits);
        let known = DEVICES.iter().any(|row| row.name == device);
        if touched || !known {
            continue;
        }
        let finding = Finding::warning(flow::USES_UNUSED, Place { file, span: name.span }).text("device", device);
        findings.push(match without(item, place) {
            Some(span) => finding.edit(span, "", "删去它", "remove it"),
            None => finding,
        });
    }
}

/// The span to delete so that one device leaves the list; `None` for the only one, whose `uses` goes too.
fn without(item: &Flow, place: usize) -> Option<Span> {
    let uses = item.uses.as_ref()?;
    let name = uses.get(place)?;
    if let Some(next) = uses.get(place + 1) {
        return Some(Span { start: name.span.start, end: next.span.start });
    }
    let before = uses.get(place.checked_sub(1)?)?;
    Some(Span { start: before.span.end, end: name.span.end })
}

fn unknown_devices(file: FileId, item: &Flow, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for name in item.uses.iter().flatten() {
        if let Some(span) = seen.insert(&name.text, name.span) {
            let first = Place { file, span };
            findings.push(super::declare::twice(file, name, first));
            continue;
        }
        if DEVICES.iter().any(|device| device.name == name.text) {
            continue;
        }
        let place = Place { file, span: name.span };
        let finding = Finding::error(flow::UNKNOWN_DEVICE, place).text("name", name.text.as_str());
        let devices = DEVICES.iter().map(|device| device.name);
        findings.push(match nearest(&name.text, devices) {
            Some(meant) => finding.did_you_mean(name.span, meant),
            None => finding,
        });
    }
}

fn uses_missing(
    all: &Declarations<'_>,
    file: FileId,
    item: &Flow,
    mut missing: Vec<(&'static str, Touch)>,
    findings: &mut Vec<Finding>,
) {
    missing.sort_by_key(|(device, touch)| (touch.span, *device));
    let Some((_, first)) = missing.first() else {
        return;
    };
    let place = |span: Span| Place { file, span };
    let names: Vec<&str> = missing.iter().map(|(device, _)| *device).collect();
    let called = |touch: &Touch| touch.by.and_then(|id| all.signature(id)).map(|signature| signature.name.as_str());
    let words = |device: &str, touch: &Touch| match called(touch) {
        Some(name) => (format!("“{name}”用到 {device}"), format!("`{name}` uses `{device}`")),
        None => (format!("用到 {device}"), format!("uses `{device}`")),
    };
    let (zh, en) = words(names.first().copied().unwrap_or_default(), first);
    let mut finding =
        Finding::error(flow::USES_MISSING, place(first.span)).text("device", names.join(", ")).label(zh, en);
    for (device, touch) in missing.iter().skip(1) {
        let (zh, en) = words(device, touch);
        finding = finding.also(place(touch.span), zh, en);
    }
    let listed = match item.uses.as_deref() {
        Some([first, .., last]) => first.span.to(last.span),
        Some([only]) => only.span,
        _ => item.head,
    };
    finding = finding.also(
        place(listed),
        "流程可使用的设备；部署清单与测试由此准备",
        "what the flow may touch; manifest and tests are made from this list",
    );
    let (at, text) = match item.uses.as_ref().and_then(|uses| uses.last()) {
        Some(last) => (last.span.end, format!(", {}", names.join(", "))),
        None => (item.head.end, format!(" uses {}", names.join(", "))),
    };
    findings.push(finding.edits(
        vec![Edit { place: place(Span { start: at, end: at }), replacement: text }],
        true,
        "补上",
        "add it",
    ));
}
