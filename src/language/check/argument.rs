//! Which argument of a call is for which parameter.

use super::body::{Body, How, Sink};
use super::member::field_number;
use crate::language::syntax::tree::{Argument, Name};
use crate::language::types::{Level, Type};
use crate::script_error::catalogue::{flow, secrets, types as codes};
use crate::script_error::code::Fact;
use crate::script_error::finding::Edit;
use crate::script_error::source::Span;
use smol_str::SmolStr;

/// A parameter of what is called.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) name: SmolStr,
    /// Its type.
    pub(crate) ty: Type,
    /// May be left out.
    pub(crate) optional: bool,
    /// Must be written with its name.
    pub(crate) labelled: bool,
    /// The highest level it takes.
    pub(crate) most: Level,
}

/// What is called.
pub(crate) struct Callee<'c> {
    /// As the call writes it.
    pub(crate) name: SmolStr,
    /// The whole call.
    pub(crate) span: Span,
    /// Its parameters.
    pub(crate) wanted: &'c [Wanted],
    /// Does it wait?
    pub(crate) waits: bool,
    /// Does it take `F39: …`?
    pub(crate) fields: bool,
    /// Does it compare those fields?
    pub(crate) compares: bool,
    /// Where its arguments go, if it matters how far they may.
    pub(crate) sink: Option<Sink>,
}

impl<'c> Callee<'c> {
    /// Something that neither waits nor takes fields nor shows anything.
    pub(crate) fn new(name: impl Into<SmolStr>, span: Span, wanted: &'c [Wanted]) -> Callee<'c> {
        Callee { name: name.into(), span, wanted, waits: false, fields: false, compares: false, sink: None }
    }
}

/// For each parameter the place of its argument; and the fields of fixtures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bound {
    /// For each parameter; `None`: left out.
    pub(crate) places: Vec<Option<u16>>,
    /// Field numbers and the places of their arguments.
    pub(crate) fields: Vec<(u8, u16)>,
}

impl Body<'_> {
    /// Lays the arguments beside the parameters, checks their types, and reports what is missing or too much.
    pub(crate) fn arguments(&mut self, callee: &Callee<'_>, arguments: &[Argument]) -> Bound {
        let mut bound = Bound { places: vec![None; callee.wanted.len()], fields: Vec::new() };
        let mut surplus = 0;
        for (at, argument) in arguments.iter().enumerate() {
            let place = u16::try_from(at).unwrap_or(u16::MAX);
            match &argument.label {
                Some(label) => match callee.wanted.iter().position(|w| w.name == label.text) {
                    Some(parameter) => {
                        self.take(callee, parameter, argument, place, &mut bound, Some(label));
                    }
                    None => match field_number(&label.text) {
                        Some(number) if callee.fields => {
                            self.fixture_field(callee, label, number, argument);
                            bound.fields.push((number, place));
                        }
                        // A misspelt label is still for its parameter, so that this is not missing too.
                        _ => match self.unknown_label(callee, label, &bound) {
                            Some(parameter) => self.take(callee, parameter, argument, place, &mut bound, None),
                            None => {
                                self.infer(&argument.value, None);
                            }
                        },
                    },
                },
                None => {
                    let next = (callee.wanted.iter().zip(&bound.places))
                        .position(|(wanted, taken)| taken.is_none() && !wanted.labelled);
                    match next {
                        Some(parameter) => {
                            self.take(callee, parameter, argument, place, &mut bound, None);
                        }
                        None => {
                            if !self.only_lacks_label(callee, argument, place, &mut bound) {
                                self.infer(&argument.value, None);
                                surplus += 1;
                                if surplus == 1 {
                                    self.too_many(callee, argument);
                                }
                            }
                        }
                    }
                }
            }
        }
        self.missing(callee, arguments, &bound, surplus > 0);
        bound
    }

    /// Lays one argument beside one parameter.
    fn take(
        &mut self,
        callee: &Callee<'_>,
        parameter: usize,
        argument: &Argument,
        place: u16,
        bound: &mut Bound,
        label: Option<&Name>,
    ) {
        let Some(wanted) = callee.wanted.get(parameter) else {
            return;
        };
        let Some(taken) = bound.places.get_mut(parameter) else {
            return;
        };
        if taken.is_some() {
            let span = label.map_or(argument.value.span, |label| label.span);
            let finding = self
                .error(codes::UNKNOWN_ARGUMENT, span)
                .text("callee", callee.name.as_str())
                .text("name", wanted.name.as_str())
                .label("同一参数给了两次", "this one is given already");
            self.report(finding);
            self.infer(&argument.value, None);
            return;
        }
        *taken = Some(place);
        let sink = callee.sink.clone().map(|sink| match sink.how {
            How::Fact => Sink { name: wanted.name.clone(), ..sink },
            _ => sink,
        });
        self.sink = sink.clone();
        let found = self.infer(&argument.value, Some(&wanted.ty));
        self.sink = None;
        let fits = found.fits(&wanted.ty)
            // An argument that may be left out may also be `none`.
            || wanted.optional && matches!(&found, Type::Optional(of) if of.fits(&wanted.ty));
        let too_high = self.all.levels.of_type(&found) > wanted.most;
        if fits && !too_high {
            return;
        }
        self.sink = sink;
        if fits || too_high && self.sink.is_some() {
            self.secret(&argument.value, &found);
        } else {
            self.mismatch(&argument.value, &wanted.ty, &found);
        }
        self.sink = None;
    }

    fn fixture_field(&mut self, callee: &Callee<'_>, label: &Name, number: u8, argument: &Argument) {
        let all = self.all;
        let Some(dialect) = &all.dialect else {
            self.infer(&argument.value, None);
            self.no_dialect(label.span);
            return;
        };
        match super::message::field_type(dialect, number) {
            Some(ty) if callee.compares && self.is_secret(&ty) => {
                self.infer(&argument.value, None);
                let finding = self
                    .error(secrets::SECRET_IN_TEST, label.span)
                    .fact("what", Fact::Said(super::type_words::sensitive(&all.types, &ty)))
                    .fact("field", Fact::Field(number))
                    .also(self.place(argument.value.span), "与此值比较", "compared with this");
                self.report(finding);
            }
            Some(ty) => {
                self.expect_field(&argument.value, number, &ty);
            }
            None => {
                self.infer(&argument.value, None);
                let finding = self
                    .error(codes::FIELD_UNKNOWN, label.span)
                    .fact("field", Fact::Field(number))
                    .text("dialect", dialect.name.as_str());
                self.report(finding);
            }
        }
    }

    /// A field of a prepared reply. Text is taken for anything that is written in characters, and bytes for what a run
    /// only ever holds sealed: tests prepare wrong answers too.
    fn expect_field(&mut self, value: &crate::language::syntax::tree::Expression, number: u8, wanted: &Type) {
        let found = self.infer(value, Some(wanted));
        let textual = matches!(found, Type::Text | Type::Digits(_)) && !matches!(wanted, Type::Amount | Type::Bytes);
        let raw = found == Type::Bytes && wanted.is_sealed();
        if !textual && !raw && !found.fits(wanted) {
            let finding = self
                .error(codes::FIELD_TYPE, value.span)
                .fact("field", Fact::Field(number))
                .text("expected", self.written(wanted))
                .text("found", self.written(&found));
            self.report(finding);
        }
    }

    /// Reports a label that no parameter has; gives the parameter that is probably meant.
    fn unknown_label(&mut self, callee: &Callee<'_>, label: &Name, bound: &Bound) -> Option<usize> {
        let finding = self
            .error(codes::UNKNOWN_ARGUMENT, label.span)
            .text("callee", callee.name.as_str())
            .text("name", label.text.as_str());
        let open: Vec<&str> = (callee.wanted.iter().zip(&bound.places))
            .filter(|(_, taken)| taken.is_none())
            .map(|(wanted, _)| wanted.name.as_str())
            .collect();
        let meant = match (self.meant(&label.text, &open), open.as_slice()) {
            (Some(meant), _) => Some(meant),
            (None, [only]) => Some(*only),
            (None, _) => None,
        };
        let finding = match meant {
            Some(meant) => finding.did_you_mean(label.span, meant),
            None if open.is_empty() => finding,
            None => {
                finding.note(format!("还可以写：{}", open.join("、")), format!("it still takes: {}", open.join(", ")))
            }
        };
        self.report(finding);
        callee.wanted.iter().position(|wanted| Some(wanted.name.as_str()) == meant)
    }

    /// An argument that only lacks its label: `host.send(request, 60s)`.
    fn only_lacks_label(&mut self, callee: &Callee<'_>, argument: &Argument, place: u16, bound: &mut Bound) -> bool {
        let open: Vec<usize> = (callee.wanted.iter().zip(&bound.places))
            .enumerate()
            .filter(|(_, (wanted, taken))| taken.is_none() && wanted.labelled)
            .map(|(at, _)| at)
            .collect();
        let Some(first) = open.first().and_then(|at| callee.wanted.get(*at)) else {
            return false;
        };
        let found = self.infer(&argument.value, Some(&first.ty));
        let mut fits = open.into_iter().filter(|at| callee.wanted.get(*at).is_some_and(|w| found.fits(&w.ty)));
        let fitting = fits.next();
        let only = fits.next().is_none();
        let Some(wanted) = fitting.and_then(|at| callee.wanted.get(at)) else {
            return false;
        };
        let start = argument.value.span.start;
        let edit = Edit { place: self.place(Span { start, end: start }), replacement: format!("{}: ", wanted.name) };
        let finding = self
            .error(codes::MISSING_ARGUMENT, argument.value.span)
            .text("callee", callee.name.as_str())
            .text("name", format!("{}:", wanted.name))
            .label("此参数须写名称", "this argument has to carry its name")
            .edits(vec![edit], only, "写上名称", "write its name");
        self.report(finding);
        if let Some(taken) = fitting.and_then(|at| bound.places.get_mut(at)) {
            *taken = Some(place);
        }
        true
    }

    fn too_many(&mut self, callee: &Callee<'_>, argument: &Argument) {
        let finding = self
            .error(codes::TOO_MANY_ARGUMENTS, argument.value.span)
            .text("callee", callee.name.as_str())
            .fact("most", Fact::Count(callee.wanted.len() as i64));
        self.report(finding);
    }

    /// Reports what is left out: a time limit by itself, everything else in one finding.
    fn missing(&mut self, callee: &Callee<'_>, arguments: &[Argument], bound: &Bound, surplus: bool) {
        let lacking: Vec<&Wanted> = (callee.wanted.iter().zip(&bound.places))
            .filter(|(wanted, taken)| taken.is_none() && !wanted.optional)
            .map(|(wanted, _)| wanted)
            .collect();
        let is_limit = |wanted: &Wanted| callee.waits && wanted.name == "within";
        if lacking.iter().any(|wanted| is_limit(wanted)) {
            let finding = self
                .error(flow::WAIT_WITHOUT_LIMIT, callee.span)
                .text("call", callee.name.as_str())
                .label("缺少 within:", "no `within:`");
            // What the dialect recommends is right for the message; any other limit is the author's to choose.
            let (finding, limit, known) = match self.recommended(arguments) {
                Some((dialect, mti, seconds)) => (
                    finding.note(
                        format!("流程不得无限等待；方言 {dialect} 对 {mti:04} 建议 {seconds}s"),
                        format!(
                            "a flow may not wait for ever; the dialect `{dialect}` recommends {seconds}s for {mti:04}"
                        ),
                    ),
                    format!("within: {seconds}s"),
                    true,
                ),
                None => {
                    (finding.note("流程不得无限等待", "a flow may not wait for ever"), "within: 60s".to_string(), false)
                }
            };
            let finding =
                finding.edits(vec![self.insertion(callee, arguments, &limit)], known, "加上时限", "add a limit");
            self.report(finding);
        }
        let others: Vec<&&Wanted> = lacking.iter().filter(|wanted| !is_limit(wanted)).collect();
        if others.is_empty() || surplus {
            return;
        }
        let names: Vec<&str> = others.iter().map(|wanted| wanted.name.as_str()).collect();
        let pieces: Vec<String> = others.iter().map(|wanted| format!("{}: {}", wanted.name, sample(wanted))).collect();
        let finding = self
            .error(codes::MISSING_ARGUMENT, callee.span)
            .text("callee", callee.name.as_str())
            .text("name", names.join(", "))
            .edits(
                vec![self.insertion(callee, arguments, &pieces.join(", "))],
                false,
                "补上参数",
                "add what is missing",
            );
        self.report(finding);
    }

    /// How long the dialect would wait for the reply to the message that is sent, if it always says the same.
    fn recommended(&self, arguments: &[Argument]) -> Option<(&str, u16, u16)> {
        let dialect = self.all.dialect.as_ref()?;
        let mti = arguments.iter().find_map(|argument| match self.type_of(argument.value.id) {
            Type::Message(mti) => mti,
            _ => None,
        })?;
        let mut waits = dialect.messages.iter().filter(|rule| rule.mti == mti).map(|rule| rule.wait_s);
        let first = waits.next()?;
        waits.all(|other| other == first).then_some((dialect.name.as_str(), mti.0, first))
    }

    /// Puts arguments behind those that are there.
    fn insertion(&self, callee: &Callee<'_>, arguments: &[Argument], text: &str) -> Edit {
        let (at, replacement) = match arguments.last() {
            Some(last) => (last.value.span.end, format!(", {text}")),
            None => (callee.span.end.saturating_sub(1), text.to_string()),
        };
        Edit { place: self.place(Span { start: at, end: at }), replacement }
    }
}

/// A value of the parameter's type, to be replaced by the author's.
fn sample(wanted: &Wanted) -> String {
    match &wanted.ty {
        Type::Bool => "true".to_string(),
        Type::Int => "1".to_string(),
        Type::Amount => "1.00 CNY".to_string(),
        Type::Duration => "60s".to_string(),
        Type::Percent => "10%".to_string(),
        Type::Digits(count) if *count > 0 => format!("\"{}\"", "0".repeat(usize::from(*count).min(32))),
        Type::Text | Type::Digits(_) => "\"\"".to_string(),
        Type::List(_) => "[]".to_string(),
        _ => wanted.name.to_string(),
    }
}
