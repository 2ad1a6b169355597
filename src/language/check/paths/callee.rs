//! Calls of flows: what they do to the request, to other messages and to the customer, read off their summaries.

use super::call::sent;
use super::message::{Sends, Source, argument};
use super::path::{Decided, Known, Path, Paths};
use super::region::What;
use super::step::{self, Steps};
use super::summary::{Gives, Summary, Treatment, behind};
use super::walk::Walk;
use crate::language::check::checked::{ErrorRef, FunctionId, FunctionKind, FunctionSignature};
use crate::language::syntax::tree::{Argument, Expression};
use crate::language::types::Type;
use crate::script_error::catalogue::{flow, reversal};
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::{Place, Span};
use crate::script_error::words::Said;
use std::rc::Rc;

/// A call of a flow.
pub(super) struct Call<'c> {
    /// Which.
    pub(super) id: FunctionId,
    /// What it is given.
    pub(super) arguments: &'c [Argument],
    /// For each parameter the place of its argument.
    pub(super) places: &'c [Option<u16>],
    /// Where.
    pub(super) span: Span,
}

impl Walk<'_> {
    /// The paths behind a call of a function.
    pub(super) fn called(&mut self, call: &Call<'_>, paths: Paths) -> Paths {
        let (all, known) = (self.all, self.known);
        let Some(signature) = all.signature(call.id).filter(|signature| signature.kind == FunctionKind::Flow) else {
            return paths;
        };
        let Some(summary) = known.get(&call.id) else {
            // There is an error in it, or it calls itself.
            if let Some(region) = &mut self.region {
                region.unknown = true;
            }
            self.raise_each(signature.errors.iter().copied(), &paths);
            self.raise_any(&paths);
            return paths;
        };
        self.summary.asks_chip |= summary.asks_chip;
        let paths = if summary.asks_chip { paths.asking() } else { paths };
        if self.region.is_none() {
            self.called_outside(call, signature, summary);
        } else if !self.handed && self.other_money(call, signature, summary, &paths) {
            // What was told of is taken as if it were meant.
            return sent(&paths, Known::Answered, call.span);
        }
        let handed = self.handed_over(summary, call.arguments, call.places);
        let treated: Vec<(&Treatment, bool)> = handed
            .iter()
            .filter_map(|(number, certain)| Some((summary.with.get(number)?, *certain)))
            .filter(|(treatment, _)| treatment.sends() || treatment.hidden.is_some())
            .collect();
        match treated.as_slice() {
            [] => {
                let hidden = summary.unknown.as_ref().filter(|_| self.region.is_some() && handed.is_empty());
                if let Some(steps) = hidden.filter(|_| self.may_hold_request(call.arguments)) {
                    self.hidden(call, signature, false, steps, &paths);
                }
                self.hand_out(call, signature, &paths, handed.first().and_then(|(number, _)| summary.with.get(number)));
                self.raise_each(signature.errors.iter().copied(), &paths);
                self.raise_limits(&paths);
                paths
            }
            [(treatment, certain)] => self.treated(call, signature, treatment, *certain, paths),
            [(treatment, _), ..] => {
                let steps = treatment.anywhere().into_values().find(|steps| !steps.is_empty());
                self.hidden(call, signature, true, &steps.unwrap_or_else(|| Rc::from([])), &paths);
                self.raise_each(signature.errors.iter().copied(), &paths);
                self.raise_limits(&paths);
                paths
            }
        }
    }

    /// The request goes into a flow that sends it.
    fn treated(
        &mut self,
        call: &Call<'_>,
        signature: &FunctionSignature,
        treatment: &Treatment,
        certain: bool,
        paths: Paths,
    ) -> Paths {
        if let Some(steps) = &treatment.hidden {
            self.hidden(call, signature, false, steps, &paths);
        }
        if treatment.sends() {
            let again = paths.only(|path| path.known != Known::Unsent || path.decided != Decided::Nothing);
            if !again.is_empty() {
                let retried = again.each().find_map(|(_, trail)| trail.retried);
                self.pend(flow::SENT_AGAIN, retried.unwrap_or(call.span), What::SentAgain, &again);
            } else if let Some(steps) = &treatment.again {
                let flow = signature.name.to_string();
                let sent = behind(&paths, &treatment.anywhere(), call.span, None);
                self.pend(flow::SENT_AGAIN, call.span, What::SentInside { flow, steps: steps.clone() }, &sent);
            }
        }
        self.hand_out(call, signature, &paths, Some(treatment));
        let perhaps = |reached: Paths| {
            let mut reached = reached;
            if !certain {
                reached.join(&paths);
            }
            reached
        };
        for error in &signature.errors {
            let reached = match treatment.raised.get(error) {
                Some(reached) => behind(&paths, reached, call.span, None),
                // In a circle of calls, or where errors are too many to be told apart.
                None => behind(&paths, &treatment.anywhere(), call.span, None),
            };
            self.raise(*error, &perhaps(reached));
        }
        if !treatment.any.is_empty() {
            self.raise_any(&perhaps(behind(&paths, &treatment.any, call.span, None)));
        }
        self.raise_limits(&perhaps(behind(&paths, &treatment.anywhere(), call.span, None)));
        let optional = is_optional(&signature.gives);
        let mut left = behind(&paths, &treatment.returned, call.span, optional.then_some(false));
        left.join(&behind(&paths, &treatment.none, call.span, optional.then_some(true)));
        if optional {
            self.optional.insert(call.span);
        }
        if is_reply(&signature.gives) && treatment.gives != Gives::Reply {
            self.strangers.insert(call.span, signature.name.to_string());
        }
        perhaps(left)
    }

    /// The request is handed over in a way that cannot be followed.
    fn hidden(&mut self, call: &Call<'_>, signature: &FunctionSignature, twice: bool, steps: &Steps, paths: &Paths) {
        let flow = signature.name.to_string();
        let what = What::Hidden { flow, twice, steps: steps.clone() };
        self.pend(reversal::REQUEST_OUT_OF_SIGHT, call.span, what, paths);
    }

    /// Money that moves in a flow that is called outside every `reversible`.
    fn called_outside(&mut self, call: &Call<'_>, signature: &FunctionSignature, summary: &Summary) {
        let place = self.place(call.span);
        if let Some(steps) = &summary.unknown {
            self.summary.unknown.get_or_insert_with(|| step::then(place, step::CALLED, steps));
        }
        self.sent_beside(call, signature, summary);
        if let Some(steps) = &summary.books {
            self.summary.books.get_or_insert_with(|| step::then(place, step::CALLED, steps));
        }
        for (number, steps) in &summary.sends {
            let Some(value) = argument(call.arguments, call.places, *number) else {
                continue;
            };
            match self.source(value) {
                Source::Written(written) => {
                    let Some(message) = self.money(&written) else {
                        self.booked(&written, &step::then(place, step::CALLED, steps));
                        continue;
                    };
                    if self.is_told(call.span) {
                        continue;
                    }
                    let finding = Finding::error(flow::MONEY_OUTSIDE_REVERSIBLE, place).text("message", message).label(
                        format!("“{}”会发送它；若无应答，无从冲正", signature.name),
                        format!("`{}` sends it; with no answer, nothing could be reversed", signature.name),
                    );
                    let finding = step::show(finding, steps);
                    let finding = self.written_at(finding, written.place, call.span);
                    self.findings.push(finding.help(
                        "用 reversible 请求 { ... } 包住这次调用与判断",
                        "wrap this call and the decision in `reversible request { ... }`",
                    ));
                }
                Source::Local(local) => self.passes_on(local, &step::then(place, step::CALLED, steps)),
                Source::Unknown => {
                    self.summary.unknown.get_or_insert_with(|| step::then(place, step::CALLED, steps));
                }
            }
        }
    }

    /// Notes that a local is sent outside every `reversible`: if it was handed in, callers have to know.
    pub(super) fn passes_on(&mut self, local: crate::language::check::checked::LocalId, steps: &Steps) {
        match self.parameter(local) {
            Some(number) => {
                self.summary.sends.entry(number).or_insert_with(|| steps.clone());
            }
            None => {
                self.summary.unknown.get_or_insert_with(|| steps.clone());
            }
        }
    }

    /// Adds where a message was written, if that is not the place itself.
    pub(super) fn written_at(&self, finding: Finding, written: Place, near: Span) -> Finding {
        let here = written.file == self.file && written.span.start >= near.start && written.span.end <= near.end;
        if here { finding } else { finding.also(written, step::WRITTEN.zh, step::WRITTEN.en) }
    }

    /// Another message that moves money goes into a flow that sends it.
    fn other_money(
        &mut self,
        call: &Call<'_>,
        signature: &FunctionSignature,
        summary: &Summary,
        paths: &Paths,
    ) -> bool {
        let mut found = false;
        for (number, steps) in &summary.sends {
            let Some(value) = argument(call.arguments, call.places, *number) else {
                continue;
            };
            if let Sends::Other(Some(message)) = self.sends(value) {
                let by = Some((signature.name.to_string(), steps.clone()));
                self.pend(flow::SENT_AGAIN, call.span, What::Another { message, by }, paths);
                found = true;
            }
            self.beside(value, &step::then(self.place(call.span), step::CALLED, steps));
        }
        found
    }

    /// Notes that a message that was handed in is sent inside a `reversible` about another.
    pub(super) fn beside(&mut self, message: &Expression, steps: &Steps) {
        let request = self.region.as_ref().and_then(|region| region.request);
        if let Source::Local(local) = self.source(message)
            && Some(local) != request
            && let Some(number) = self.parameter(local)
        {
            self.summary.beside.entry(number).or_insert_with(|| steps.clone());
        }
    }

    /// A message that moves money goes into a flow that sends it while another request is undecided there.
    fn sent_beside(&mut self, call: &Call<'_>, signature: &FunctionSignature, summary: &Summary) {
        for (number, steps) in &summary.beside {
            let Some(value) = argument(call.arguments, call.places, *number) else {
                continue;
            };
            let place = self.place(call.span);
            match self.source(value) {
                Source::Written(written) => {
                    let Some(message) = self.money(&written).filter(|_| !self.is_told(call.span)) else { continue };
                    let finding = Finding::error(flow::SENT_AGAIN, place)
                        .fact(
                            "danger",
                            Fact::Said(Said::new("同时留下两笔未决", "would leave two transactions undecided")),
                        )
                        .label(
                            format!("“{}”会发送 {message}，那里另一笔尚待决定", signature.name),
                            format!("`{}` sends {message} while another request is undecided there", signature.name),
                        );
                    let finding = step::show(finding, steps);
                    let finding = self.written_at(finding, written.place, call.span);
                    self.findings.push(
                        finding
                            .help("先离开 reversible，再另起一笔", "leave that `reversible` first, then begin another"),
                    );
                }
                Source::Local(local) => {
                    if let Some(number) = self.parameter(local) {
                        let steps = step::then(place, step::CALLED, steps);
                        self.summary.beside.entry(number).or_insert(steps);
                    }
                }
                Source::Unknown => {}
            }
        }
    }

    /// What the flow hands to the customer, seen from here.
    fn hand_out(
        &mut self,
        call: &Call<'_>,
        signature: &FunctionSignature,
        paths: &Paths,
        treatment: Option<&Treatment>,
    ) {
        let plain = self.known.get(&call.id).map(|summary| &summary.outputs);
        let Some(outputs) = treatment.map(|treatment| &treatment.outputs).or(plain) else {
            return;
        };
        for ((word, known), steps) in outputs {
            let there = paths.moved(|path, trail| match known {
                Known::Unsent => (path, trail),
                known => (Path { known: *known, ..path }, trail),
            });
            self.output(&there, call.span, word, &signature.name, Some(steps));
        }
    }

    /// Something that the customer keeps leaves the terminal.
    pub(super) fn output(&mut self, paths: &Paths, span: Span, word: &'static str, call: &str, steps: Option<&Steps>) {
        let place = self.place(span);
        let inside = match steps {
            Some(steps) => step::then(place, step::CALLED, steps),
            None => step::one(place, step::OUTPUT),
        };
        if self.region.is_none() {
            self.hands_out(word, Known::Unsent, inside);
            return;
        }
        if self.handed {
            for known in paths.known() {
                self.hands_out(word, known, inside.clone());
            }
            return;
        }
        let early = paths.undecided().only(|path| matches!(path.known, Known::Approved | Known::Answered));
        if !early.is_empty() {
            let steps = steps.cloned().unwrap_or_else(|| Rc::from([]));
            self.pend(flow::OUTPUT_BEFORE_COMMIT, span, What::Output { call: call.to_string(), steps }, &early);
        }
    }

    /// Was an error found at this very place?
    pub(super) fn is_told(&self, span: Span) -> bool {
        super::program::is_broken(self.errors, self.file.0, span)
    }

    /// Raises errors on the same paths.
    pub(super) fn raise_each(&mut self, errors: impl IntoIterator<Item = ErrorRef>, paths: &Paths) {
        for error in errors {
            self.raise(error, paths);
        }
    }
}

fn is_optional(gives: &Type) -> bool {
    matches!(gives, Type::Optional(of) if matches!(**of, Type::Reply(_)))
}

fn is_reply(gives: &Type) -> bool {
    matches!(gives, Type::Reply(_)) || is_optional(gives)
}
