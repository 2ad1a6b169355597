//! The way a sensitive value came: from the device or the reply it is from, through every name it went by.

use super::origin::{Origin, Origins, Source};
use crate::language::builtin::row::{Builtin, Does, Owner, Pure};
use crate::language::check::body::{UnitFacts, path};
use crate::language::check::checked::{BuiltinRef, LocalId, Meaning, Target};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Expression, ExpressionKind, StringPart};
use crate::language::types::{Level, Type};
use crate::script_error::finding::{Finding, Label};
use crate::script_error::source::{FileId, Place, Span};
use crate::script_error::words::Said;

/// So many places are worth reading.
const STEPS_MAX: usize = 8;

/// Of so many values that may be the one, the most sensitive is followed.
const WAYS_MAX: usize = 64;

/// One file, as far as the way of a value goes.
#[derive(Clone, Copy)]
pub(super) struct Trail<'a, 't> {
    /// The program's declarations.
    pub(super) all: &'a Declarations<'t>,
    /// What the file means.
    pub(super) facts: &'t UnitFacts,
    /// Where its names get their values.
    pub(super) origins: &'a Origins<'t>,
    /// The file.
    pub(super) file: FileId,
}

impl<'t> Trail<'_, 't> {
    /// Adds the places where the value of an expression came along.
    pub(super) fn add(&self, finding: &mut Finding, value: &'t Expression) {
        let mut at = Some(value);
        for _ in 0..STEPS_MAX {
            let Some(value) = at else { return };
            at = self.step(finding, value);
        }
    }

    /// Says where one expression has its value from, and gives the expression to go on with.
    fn step(&self, finding: &mut Finding, value: &'t Expression) -> Option<&'t Expression> {
        let meaning = self.facts.meanings.get(value.id.0 as usize)?;
        match (meaning, &value.kind) {
            (Meaning::Local(id), _) => {
                let origins = self.origins.names.get(id)?;
                // Of several values the most sensitive one counts.
                let origin = origins
                    .iter()
                    .take(WAYS_MAX)
                    .max_by_key(|origin| (self.source_level(origin), std::cmp::Reverse(origin.name.start)))?;
                self.name(finding, *id, origin)
            }
            (Meaning::RecordField(_), ExpressionKind::Member { object, .. }) => Some(object),
            (Meaning::MessageField { number, .. }, ExpressionKind::Member { object, .. }) => {
                let of = self.facts.types.get(object.id.0 as usize);
                let (zh, en) = match of {
                    Some(Type::Reply(_)) => ("应答", "the reply"),
                    _ => ("报文", "the message"),
                };
                self.say(finding, value.span, format!("取自{zh}的 F{number}"), format!("field {number} of {en}"));
                Some(object)
            }
            (Meaning::Builtin(BuiltinRef(row)), ExpressionKind::Member { object, .. }) => {
                if matches!(row.owner, Owner::Device(_)) {
                    self.name_builtin(finding, value.span, row);
                    return None;
                }
                (!row.lowers).then_some(object)
            }
            (Meaning::Call { target, .. }, ExpressionKind::Call { callee, arguments }) => {
                let values = arguments.iter().map(|argument| &argument.value);
                match target {
                    Target::Builtin(BuiltinRef(row)) => {
                        // A builtin that only passes on what it took is a step, not the source.
                        let passed = self.highest(values).filter(|_| !row.lowers && row.level == Level::Public);
                        if passed.is_none() {
                            self.name_builtin(finding, callee.span, row);
                        }
                        passed
                    }
                    Target::Function(id) => {
                        let signature = self.all.signature(*id)?;
                        let span = self.all.function_names.get(usize::from(id.0))?;
                        let place = Place { file: signature.file, span: *span };
                        let name = path(callee).unwrap_or_default();
                        push(finding, place, format!("由 {name} 给出"), format!("given by `{name}`"));
                        self.highest(self.origins.given.get(id).into_iter().flatten().copied())
                    }
                    Target::Record(_) | Target::Variant { .. } | Target::Error(_) => self.highest(values),
                }
            }
            (_, ExpressionKind::Index { object, .. }) => Some(object),
            (_, ExpressionKind::List(members)) => self.highest(members.iter()),
            (_, ExpressionKind::Message { fields, .. }) => self.highest(fields.iter().map(|(_, value)| value)),
            (_, ExpressionKind::Text(text)) => self.highest(text.parts.iter().filter_map(|part| match part {
                StringPart::Value(value) => Some(value.as_ref()),
                StringPart::Text(_) => None,
            })),
            _ => None,
        }
    }

    fn name(&self, finding: &mut Finding, id: LocalId, origin: &Origin<'t>) -> Option<&'t Expression> {
        let (words, next) = match origin.source {
            Source::Value { value, .. } => {
                // A name for what a device just gave is no step of its own: the device is named on the same line.
                let direct = matches!(
                    self.facts.meanings.get(value.id.0 as usize),
                    Some(Meaning::Call { target: Target::Builtin(_), .. } | Meaning::Builtin(_))
                );
                (if direct { None } else { Some(("经此传来", "passed on under this name")) }, Some(value))
            }
            Source::Member(list) => (Some(("是其中一个", "one of the list's members")), Some(list)),
            Source::Inside(subject) => (Some(("在此取出", "taken out here")), Some(subject)),
            Source::Parameter => {
                self.say(finding, origin.name, "由此参数传入", "comes in by this parameter");
                let given = self.given(id)?;
                self.say(finding, given.span, "在此交给该参数", "handed to that parameter here");
                return Some(given);
            }
        };
        if let Some((zh, en)) = words {
            self.say(finding, origin.name, zh, en);
        }
        next
    }

    /// What the file's own calls hand in for a parameter: of several the most sensitive.
    fn given(&self, id: LocalId) -> Option<&'t Expression> {
        let function = self.facts.locals.get(id.0 as usize)?.function;
        let signature = self.all.signature(function)?;
        let parameter = signature.parameter_locals.iter().position(|local| *local == id)?;
        let calls = self.origins.calls.get(&function).into_iter().flatten().take(WAYS_MAX);
        let given = calls.filter_map(|call| {
            let ExpressionKind::Call { arguments: written, .. } = &call.kind else { return None };
            let Meaning::Call { arguments, .. } = self.facts.meanings.get(call.id.0 as usize)? else { return None };
            let place = arguments.get(parameter).copied().flatten()?;
            written.get(usize::from(place)).map(|argument| &argument.value)
        });
        self.highest(given)
    }

    fn name_builtin(&self, finding: &mut Finding, span: Span, row: &Builtin) {
        if row.does == Does::Pure(Pure::Mask) {
            self.say(finding, span, "在此屏蔽", "masked here");
            return;
        }
        let name = match row.owner {
            Owner::Device(device) => format!("{device}.{}", row.name),
            Owner::Nobody | Owner::Value(_) => row.name.to_string(),
        };
        self.say(finding, span, format!("来自 {name}"), format!("comes from `{name}`"));
    }

    /// The most sensitive of several values, if one of them is.
    fn highest(&self, values: impl Iterator<Item = &'t Expression>) -> Option<&'t Expression> {
        values
            .take(WAYS_MAX)
            .filter(|value| self.level(value) > Level::Public)
            .max_by_key(|value| (self.level(value), std::cmp::Reverse(value.span.start)))
    }

    fn source_level(&self, origin: &Origin<'t>) -> Level {
        match origin.source {
            Source::Value { value, .. } | Source::Member(value) | Source::Inside(value) => self.level(value),
            Source::Parameter => Level::Public,
        }
    }

    fn level(&self, value: &Expression) -> Level {
        let ty = self.facts.types.get(value.id.0 as usize);
        ty.map_or(Level::Public, |ty| self.all.levels.of_type(ty))
    }

    fn say(&self, finding: &mut Finding, span: Span, zh: impl Into<String>, en: impl Into<String>) {
        push(finding, Place { file: self.file, span }, zh, en);
    }
}

/// Adds a place that is not named yet and not part of what the finding is about.
fn push(finding: &mut Finding, place: Place, zh: impl Into<String>, en: impl Into<String>) {
    let primary = finding.at.place;
    let inside =
        primary.file == place.file && primary.span.start <= place.span.start && place.span.end <= primary.span.end;
    let known = inside || finding.labels.iter().any(|label| label.place == place);
    if !known {
        finding.labels.push(Label { place, text: Said::new(zh, en) });
    }
}
