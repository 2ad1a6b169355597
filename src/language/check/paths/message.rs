//! Which message an expression is, seen through names and the flows that make or pass it on.

use super::region::Region;
use super::summary::{Gives, Summary, Written};
use super::walk::Walk;
use crate::language::builtin::row::{Does, Op};
use crate::language::check::checked::{LocalId, Meaning, Target};
use crate::language::check::money::moves_money;
use crate::language::check::statement::written_message;
use crate::language::syntax::tree::{Argument, Expression, ExpressionKind};
use crate::language::types::Type;
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::source::{Place, Span};
use smol_str::SmolStr;

/// Field 3.
const PROCESSING: u8 = 3;
/// Field 4.
const AMOUNT: u8 = 4;
/// Field 11.
const TRACE_NUMBER: u8 = 11;
/// So many calls are seen through, one in the arguments of the other.
const CALLS_MAX: usize = 16;

/// Where a message comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// It is a local that nothing more is known of: a parameter, or any other name.
    Local(LocalId),
    /// It is written out.
    Written(Written),
    /// Nobody can say.
    Unknown,
}

/// Which message a call sends.
pub(super) enum Sends {
    /// The request of the region.
    Request,
    /// Another one; what it is, if it moves money.
    Other(Option<String>),
    /// One that may be the request or not.
    Unknown,
}

/// A call of a flow: its summary, its arguments, and for each parameter the place of its argument.
pub(super) type FlowCall<'w, 'e> = (&'w Summary, &'e [Argument], &'w [Option<u16>]);

impl Walk<'_> {
    /// Where a message comes from.
    pub(super) fn source(&self, expression: &Expression) -> Source {
        let mut at = expression;
        for _ in 0..CALLS_MAX {
            if let Some((mti, processing)) = written_message(self.all, self.file, at) {
                let place = Place { file: self.file, span: at.span };
                let processing = processing.or_else(|| self.copied_processing(at, mti));
                let (fresh, chip) = (self.fresh(at), self.chip_data(at));
                return Source::Written(Written { mti, processing, fresh, chip, place });
            }
            if let Some(local) = self.local(at) {
                let written = self.messages.get(&local).filter(|_| !self.is_request(local));
                return written.map_or(Source::Local(local), |written| Source::Written(written.clone()));
            }
            let Some((summary, arguments, places)) = self.called_flow(at) else {
                return Source::Unknown;
            };
            match &summary.gives {
                Gives::Message(written) => return Source::Written(written.clone()),
                Gives::Parameter(number) => match argument(arguments, places, *number) {
                    Some(argument) => at = argument,
                    None => return Source::Unknown,
                },
                _ => return Source::Unknown,
            }
        }
        Source::Unknown
    }

    /// Field 3 of a message that copies it from another of its type: `message 0200 from request { F11: … }`.
    fn copied_processing(&self, message: &Expression, mti: Mti) -> Option<SmolStr> {
        let ExpressionKind::Message { from: Some(from), fields, .. } = &message.kind else {
            return None;
        };
        if fields.iter().any(|(field, _)| field.number == PROCESSING) {
            return None;
        }
        let first = self.messages.get(&self.local(from)?)?;
        first.processing.clone().filter(|_| first.mti == mti)
    }

    /// The flow that an expression calls, with its arguments and their places.
    pub(super) fn called_flow<'e>(&self, expression: &'e Expression) -> Option<FlowCall<'_, 'e>> {
        match (self.meaning(expression), &expression.kind) {
            (
                Some(Meaning::Call { target: Target::Function(id), arguments: places, .. }),
                ExpressionKind::Call { arguments, .. },
            ) => Some((self.known.get(id)?, arguments, places)),
            _ => None,
        }
    }

    /// Where the number of a message is drawn, if it carries an amount and a number that nobody used before.
    fn fresh(&self, message: &Expression) -> Option<Place> {
        let ExpressionKind::Message { fields, .. } = &message.kind else {
            return None;
        };
        let field = |wanted: u8| fields.iter().find(|(field, _)| field.number == wanted).map(|(_, value)| value);
        field(AMOUNT)?;
        Some(Place { file: self.file, span: self.drawn(field(TRACE_NUMBER)?)? })
    }

    /// Where a trace number was drawn, if it was drawn in this body.
    pub(super) fn drawn(&self, value: &Expression) -> Option<Span> {
        match self.meaning(value)? {
            Meaning::Call { target: Target::Builtin(row), .. } if row.0.does == Does::Request(Op::HostNextStan) => {
                Some(value.span)
            }
            Meaning::Local(id) => self.numbers.get(id).copied(),
            _ => None,
        }
    }

    fn is_request(&self, local: LocalId) -> bool {
        self.region.as_ref().is_some_and(|region| region.request == Some(local))
    }

    /// Which message a call sends, seen from the region around.
    pub(super) fn sends(&self, message: &Expression) -> Sends {
        let Some(region) = &self.region else {
            return Sends::Other(None);
        };
        match self.source(message) {
            Source::Local(local) => self.sends_local(region, local),
            Source::Written(written) => Sends::Other(self.money(&written)),
            Source::Unknown => Sends::Unknown,
        }
    }

    fn sends_local(&self, region: &Region, local: LocalId) -> Sends {
        if region.request == Some(local) {
            return Sends::Request;
        }
        // What is handed in is not what is written here, and each parameter is a message of its own: a caller that
        // hands the same one over twice is told so where it matters.
        if self.parameters.contains(&local) { Sends::Other(None) } else { Sends::Unknown }
    }

    /// What a message is, if it moves money.
    pub(super) fn money(&self, written: &Written) -> Option<String> {
        let dialect = self.all.dialect.as_ref()?;
        let processing = written.processing.as_deref();
        if !moves_money(dialect, written.mti, processing) {
            return None;
        }
        let rule = dialect.rule(written.mti, processing);
        Some(rule.map_or(written.mti.to_string(), |rule| format!("{} {}", written.mti, rule.name)))
    }

    /// Which parameter of this flow a local is.
    pub(super) fn parameter(&self, local: LocalId) -> Option<usize> {
        self.parameters.iter().position(|parameter| *parameter == local)
    }

    /// What a way out gives back with this value.
    pub(super) fn given_back(&self, value: &Expression) -> Gives {
        if matches!(value.kind, ExpressionKind::None) {
            return Gives::Nothing;
        }
        if self.handed && self.is_reply(value) {
            return Gives::Reply;
        }
        if self.handed && self.is_code(value) {
            return Gives::Code;
        }
        match self.source(value) {
            Source::Local(local) => self.parameter(local).map_or(Gives::Other, Gives::Parameter),
            Source::Written(written) => Gives::Message(written),
            Source::Unknown => Gives::Other,
        }
    }

    /// Is it the reply to the request?
    pub(super) fn is_reply(&self, expression: &Expression) -> bool {
        match (&expression.kind, self.meaning(expression)) {
            (ExpressionKind::Name(_), Some(Meaning::Local(id))) => self.replies.contains(id),
            (ExpressionKind::Call { arguments, .. }, Some(Meaning::Call { target: Target::Builtin(row), .. })) => {
                row.0.does == Does::Request(Op::HostSend)
                    && arguments.first().is_some_and(|message| {
                        self.region.is_some() && !matches!(self.sends(&message.value), Sends::Other(_))
                    })
            }
            _ => self.passes(expression, &Gives::Reply, |walk, value| walk.is_reply(value)),
        }
    }

    /// Does a call give back something of the request, or a parameter that is that?
    pub(super) fn passes(
        &self,
        expression: &Expression,
        wanted: &Gives,
        is_it: impl Fn(&Self, &Expression) -> bool,
    ) -> bool {
        let Some((summary, arguments, places)) = self.called_flow(expression) else {
            return false;
        };
        if let Gives::Parameter(number) = summary.gives {
            // A name only: what stands in calls in calls is not seen through.
            return argument(arguments, places, number)
                .is_some_and(|value| matches!(value.kind, ExpressionKind::Name(_)) && is_it(self, value));
        }
        let handed = self.handed_over(summary, arguments, places);
        match handed.as_slice() {
            [(number, _)] => summary.with.get(number).is_some_and(|treatment| treatment.gives == *wanted),
            _ => false,
        }
    }

    /// The parameters of a flow that get the request here; true: for certain.
    pub(super) fn handed_over(
        &self,
        summary: &Summary,
        arguments: &[Argument],
        places: &[Option<u16>],
    ) -> Vec<(usize, bool)> {
        if self.region.is_none() {
            return Vec::new();
        }
        let numbers = summary.with.keys();
        numbers
            .filter_map(|number| match self.sends(argument(arguments, places, *number)?) {
                Sends::Request => Some((*number, true)),
                Sends::Unknown => Some((*number, false)),
                Sends::Other(_) => None,
            })
            .collect()
    }

    /// Can the request lie in one of these values?
    pub(super) fn may_hold_request(&self, arguments: &[Argument]) -> bool {
        arguments.iter().any(|argument| {
            let ty = self.facts.types.get(argument.value.id.0 as usize).unwrap_or(&Type::Unknown);
            match ty {
                // A message by itself is followed.
                Type::Message(_) => false,
                ty => self.holds_message(ty),
            }
        })
    }

    fn holds_message(&self, ty: &Type) -> bool {
        let types = &self.all.types;
        let (mut records, mut unions) = (vec![false; types.records.len()], vec![false; types.unions.len()]);
        let mut open = vec![ty];
        while let Some(ty) = open.pop() {
            match ty {
                Type::Message(_) => return true,
                Type::List(of) | Type::Optional(of) => open.push(of),
                Type::Record(at) => {
                    let seen = records.get_mut(usize::from(*at));
                    if let (Some(seen @ false), Some(record)) = (seen, types.records.get(usize::from(*at))) {
                        *seen = true;
                        open.extend(record.fields.iter().map(|(_, ty)| ty));
                    }
                }
                Type::Union(at) => {
                    let seen = unions.get_mut(usize::from(*at));
                    if let (Some(seen @ false), Some(union)) = (seen, types.unions.get(usize::from(*at))) {
                        *seen = true;
                        open.extend(union.variants.iter().filter_map(|(_, ty)| ty.as_ref()));
                    }
                }
                _ => {}
            }
        }
        false
    }
}

/// The argument for a parameter.
pub(super) fn argument<'e>(arguments: &'e [Argument], places: &[Option<u16>], number: usize) -> Option<&'e Expression> {
    let place = places.get(number).copied().flatten()?;
    arguments.get(usize::from(place)).map(|argument| &argument.value)
}
