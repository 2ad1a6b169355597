//! Calls: of functions, builtins, records, variants and errors.

use super::argument::{Bound, Callee, Wanted};
use super::body::{Body, How, Room, Sink, path};
use super::checked::{Arguments, BuiltinRef, ErrorRef, FunctionId, FunctionKind, Meaning, Target};
use super::effect::Effect;
use super::member::Before;
use super::scope::{self, Declared, Found};
use crate::language::builtin;
use crate::language::builtin::row::{Builtin, Does, Op, Owner, Pure};
use crate::language::builtin::shapes;
use crate::language::syntax::tree::{Argument, Expression, ExpressionKind, Name};
use crate::language::types::{Level, Type};
use crate::script_error::catalogue;
use crate::script_error::catalogue::types as codes;
use crate::script_error::code::FactKind;
use crate::script_error::source::Span;
use smol_str::{SmolStr, SmolStrBuilder};

/// What a call may call.
enum Called {
    Function(FunctionId),
    Builtin(&'static Builtin),
    Record(u16),
    Variant(u16),
    Error(ErrorRef),
    /// Reported, or the name of something that cannot be called.
    Nothing,
}

impl Body<'_> {
    /// The type of a call, and its meaning.
    pub(crate) fn call(
        &mut self,
        expression: &Expression,
        callee: &Expression,
        arguments: &[Argument],
        hint: Option<&Type>,
    ) -> Type {
        match self.called(callee, hint) {
            Called::Nothing => {
                self.arguments_of_nothing(arguments);
                Type::Unknown
            }
            Called::Function(id) => self.call_function(expression, callee, id, arguments),
            Called::Builtin(row) => self.call_builtin(expression, callee, row, arguments, hint),
            Called::Record(at) => self.build_record(expression, callee, at, arguments),
            Called::Variant(union) => {
                let name = last_word(callee);
                self.build_variant(expression, union, &name, arguments)
            }
            Called::Error(error) => self.build_error(expression, error, arguments),
        }
    }

    fn called(&mut self, callee: &Expression, hint: Option<&Type>) -> Called {
        match &callee.kind {
            ExpressionKind::Name(name) => self.called_name(callee, name, hint),
            ExpressionKind::Member { object, name } => match self.before_dot(object) {
                Before::Device(device) => {
                    self.mean(object.id, Meaning::Place);
                    match builtin::of_device(device, &name.text) {
                        Some(row) if row.property => {
                            self.touch_unheard(device, callee.span);
                            self.not_callable(&format!("{device}.{}", row.name), callee.span);
                            Called::Nothing
                        }
                        Some(row) => Called::Builtin(row),
                        None => {
                            self.not_on_device(device, name);
                            Called::Nothing
                        }
                    }
                }
                Before::Module(module) => {
                    self.mean(object.id, Meaning::Place);
                    let all = self.all;
                    let found = scope::in_module(&all.scopes, module, &name.text);
                    match self.public(found, &name.text, name.span) {
                        Found::Item(_, entry) => self.called_item(entry.what, callee),
                        Found::Missing => {
                            self.not_in_module(object, module, name);
                            Called::Nothing
                        }
                        _ => Called::Nothing,
                    }
                }
                Before::Value => self.called_value(callee, name),
            },
            _ => {
                self.infer(callee, None);
                self.not_callable("(…)", callee.span);
                Called::Nothing
            }
        }
    }

    /// No value has a method: what it has is read without brackets.
    fn called_value(&mut self, callee: &Expression, name: &Name) -> Called {
        let ty = self.infer(callee, None);
        if ty != Type::Unknown {
            self.not_callable(&name.text, callee.span);
        }
        Called::Nothing
    }

    fn called_name(&mut self, callee: &Expression, name: &str, hint: Option<&Type>) -> Called {
        if self.local_named(name).is_some() {
            self.infer(callee, None);
            self.not_callable(name, callee.span);
            return Called::Nothing;
        }
        if let Some(Type::Union(union)) = hint
            && self.all.variant(*union, name).is_some()
        {
            return Called::Variant(*union);
        }
        let Some(scope) = self.scope() else {
            return Called::Nothing;
        };
        if let Some(entry) = scope.names.get(name) {
            return self.called_item(entry.what, callee);
        }
        if scope.broken.contains(name) {
            return Called::Nothing;
        }
        if let Some(module) = scope.modules.get(name).copied() {
            let all = self.all;
            match scope::lent(&all.scopes, all.units, module) {
                Some(found) => {
                    return match self.public(found, name, callee.span) {
                        Found::Item(_, entry) => self.called_item(entry.what, callee),
                        _ => Called::Nothing,
                    };
                }
                None if module.file.is_none() => return Called::Nothing,
                None => {}
            }
        }
        if let Some(row) = builtin::function(name) {
            return Called::Builtin(row);
        }
        if let Some(Type::Record(at)) = self.all.shape(name) {
            return Called::Record(at);
        }
        if let Some(error) = self.error_named(name) {
            return Called::Error(error);
        }
        if let Some(union) = self.all.union_with(name) {
            return Called::Variant(union);
        }
        let is_place =
            scope.modules.contains_key(name) || builtin::row::DEVICES.iter().any(|device| device.name == name);
        if is_place {
            self.not_callable(name, callee.span);
        } else {
            self.unknown_name(callee.span, name, hint);
        }
        Called::Nothing
    }

    /// Reads the arguments of a call that is not known. Names that nothing else would give a meaning to are not told of:
    /// what the call takes might have.
    fn arguments_of_nothing(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            let before = self.findings.len();
            self.infer(&argument.value, None);
            let is_name = matches!(argument.value.kind, ExpressionKind::Name(_));
            let without_cure = self.findings.get(before).is_some_and(|finding| finding.cures.is_empty());
            if is_name && without_cure {
                self.findings.truncate(before);
            }
        }
    }

    fn called_item(&mut self, what: Declared, callee: &Expression) -> Called {
        match what {
            Declared::Function(id) => Called::Function(id),
            Declared::Record(at) => Called::Record(at),
            Declared::Error(at) => Called::Error(ErrorRef::Declared(at)),
            Declared::Constant(_) | Declared::Union(_) => {
                self.not_callable(&path(callee).unwrap_or_default(), callee.span);
                Called::Nothing
            }
        }
    }

    fn not_callable(&mut self, name: &str, span: Span) {
        let finding = self.error(codes::NOT_CALLABLE, span).text("name", name);
        self.report(finding);
    }

    fn call_function(
        &mut self,
        expression: &Expression,
        callee: &Expression,
        id: FunctionId,
        arguments: &[Argument],
    ) -> Type {
        let Some(signature) = self.all.signature(id) else {
            return Type::Unknown;
        };
        let name = path(callee).unwrap_or_default();
        let computes = matches!(self.room, Room::Pure | Room::Constant);
        if computes && (signature.kind == FunctionKind::Flow || self.room == Room::Constant) {
            self.impure(&name, callee.span);
        }
        let wanted: Vec<Wanted> = signature
            .parameters
            .iter()
            .map(|(name, ty)| Wanted {
                name: name.clone(),
                ty: ty.clone(),
                optional: false,
                labelled: false,
                most: Level::Key,
            })
            .collect();
        let bound = self.arguments(&Callee::new(name, expression.span, &wanted), arguments);
        self.mean_call(expression, Target::Function(id), bound);
        self.calls(expression.id, id, expression.span);
        signature.gives.clone()
    }

    fn call_builtin(
        &mut self,
        expression: &Expression,
        callee: &Expression,
        row: &'static Builtin,
        arguments: &[Argument],
        hint: Option<&Type>,
    ) -> Type {
        let name = match row.owner {
            Owner::Device(device) => {
                let mut name = SmolStrBuilder::new();
                [device, ".", row.name].into_iter().for_each(|part| name.push_str(part));
                name.finish()
            }
            Owner::Nobody | Owner::Value(_) => SmolStr::new_static(row.name),
        };
        if row.fixture && self.room != Room::Test {
            self.only_in_tests(&name, callee.span);
        }
        if self.room == Room::Constant && row.owner == Owner::Nobody {
            self.impure(&name, callee.span);
        }
        let wanted: Vec<Wanted> = row
            .takes
            .iter()
            .map(|takes| Wanted {
                name: SmolStr::new_static(takes.name),
                ty: takes.ty.to_type(),
                optional: takes.optional,
                labelled: takes.labelled,
                most: takes.most,
            })
            .collect();
        let mut called = Callee::new(name.clone(), expression.span, &wanted);
        called.waits = row.waits;
        called.fields = matches!(row.does, Does::Request(Op::GivenHostReplies | Op::SawHostReceived));
        called.compares = row.does == Does::Request(Op::SawHostReceived);
        called.sink = sink(row, callee.span);
        let bound = self.arguments(&called, arguments);
        let message = bound.places.first().copied().flatten().and_then(|place| arguments.get(usize::from(place)));
        let mut gives = row.gives.to_type();
        if row.does == Does::Request(Op::HostSend)
            && let Some(message) = message
        {
            if let Type::Message(mti) = self.type_of(message.value.id) {
                gives = Type::Reply(mti);
            }
            self.money_moves_inside(&message.value, expression.span);
        }
        if let Some(count) = self.digits_given(row, &bound, arguments, hint) {
            gives = Type::Digits(count);
        }
        self.mean_call(expression, Target::Builtin(BuiltinRef(row)), bound);
        if let Owner::Device(device) = row.owner
            && !row.fixture
        {
            self.touch(device, &name, callee.span);
        }
        self.doings.effects.push(Effect::Builtin { by: expression.id, row });
        gives
    }

    /// How many digits a call gives, where that is known: `zero_pad` as many as its width, `digits` as many as are
    /// asked for; a run fails where the text has more or less.
    fn digits_given(&self, row: &Builtin, bound: &Bound, arguments: &[Argument], hint: Option<&Type>) -> Option<u16> {
        match row.does {
            Does::Pure(Pure::ToDigits) => match hint.map(super::expression::without_optional) {
                Some(Type::Digits(count)) => Some(*count),
                _ => None,
            },
            Does::Pure(Pure::ZeroPad) => {
                let width = bound.places.get(1).copied().flatten().and_then(|at| arguments.get(usize::from(at)))?;
                let width = super::constant::int(self.all, self.file, &width.value)?;
                u16::try_from(width).ok().filter(|width| (1..=999).contains(width))
            }
            _ => None,
        }
    }

    fn build_record(&mut self, expression: &Expression, callee: &Expression, at: u16, arguments: &[Argument]) -> Type {
        let Some(record) = self.all.types.records.get(usize::from(at)) else {
            return Type::Unknown;
        };
        if self.room == Room::Constant {
            self.impure(&record.name, callee.span);
        }
        let shape = shapes::RECORDS.get(usize::from(at));
        if shape.is_some_and(|shape| !shape.built_by_scripts) {
            let finding = self
                .error(codes::NOT_CALLABLE, callee.span)
                .text("name", record.name.as_str())
                .label("只由设备给出，脚本不能构造", "comes from devices only; a script cannot build it");
            self.report(finding);
            for argument in arguments {
                self.infer(&argument.value, None);
            }
            return Type::Record(at);
        }
        let wanted: Vec<Wanted> = record
            .fields
            .iter()
            .map(|(name, ty)| Wanted {
                name: name.clone(),
                ty: ty.clone(),
                optional: matches!(ty, Type::Optional(_)),
                labelled: false,
                most: Level::Key,
            })
            .collect();
        let name = path(callee).unwrap_or_default();
        let bound = self.arguments(&Callee::new(name, expression.span, &wanted), arguments);
        self.mean_call(expression, Target::Record(at), bound);
        Type::Record(at)
    }

    fn build_variant(&mut self, expression: &Expression, union: u16, name: &str, arguments: &[Argument]) -> Type {
        let Some((tag, payload)) = self.all.variant(union, name) else {
            return Type::Unknown;
        };
        if self.room == Room::Constant {
            self.impure(name, expression.span);
        }
        let wanted: Vec<Wanted> = payload
            .map(|ty| Wanted {
                name: "value".into(),
                ty: ty.clone(),
                optional: false,
                labelled: false,
                most: Level::Key,
            })
            .into_iter()
            .collect();
        let bound = self.arguments(&Callee::new(name, expression.span, &wanted), arguments);
        self.mean_call(expression, Target::Variant { union, tag }, bound);
        Type::Union(union)
    }

    fn build_error(&mut self, expression: &Expression, error: ErrorRef, arguments: &[Argument]) -> Type {
        if self.room == Room::Constant {
            self.impure(&self.error_name(error), expression.span);
        }
        let wanted: Vec<Wanted> = match error {
            ErrorRef::Declared(at) => {
                let declared = self.all.errors.get(usize::from(at));
                declared.map_or(Vec::new(), |declared| {
                    let facts = declared.parameters.iter();
                    facts
                        .map(|(name, ty)| Wanted {
                            name: name.clone(),
                            ty: ty.clone(),
                            optional: false,
                            labelled: false,
                            most: Level::CLEAR,
                        })
                        .collect()
                })
            }
            // The language's own errors fill their facts where they happen; a script that raises one may give them.
            ErrorRef::Catalogue(code) => catalogue::row(code).map_or(Vec::new(), |row| {
                row.facts
                    .iter()
                    .map(|(name, kind)| Wanted {
                        name: (*name).into(),
                        ty: match kind {
                            FactKind::Text | FactKind::Name => Type::Text,
                            FactKind::Count | FactKind::Field => Type::Int,
                            FactKind::Duration => Type::Duration,
                            FactKind::Mti => Type::Mti,
                        },
                        optional: true,
                        labelled: false,
                        most: Level::CLEAR,
                    })
                    .collect()
            }),
        };
        let name = self.error_name(error);
        let mut callee = Callee::new(name, expression.span, &wanted);
        callee.sink = Some(Sink { name: "error".into(), span: expression.span, how: How::Fact });
        let bound = self.arguments(&callee, arguments);
        self.mean_call(expression, Target::Error(error), bound);
        Type::Error
    }

    fn mean_call(&mut self, expression: &Expression, target: Target, bound: Bound) {
        self.mean(expression.id, Meaning::Call { target, arguments: Arguments::new(bound.places, bound.fields) });
    }
}

/// Where the arguments of a builtin go, for what is said of one that is too sensitive for it.
fn sink(row: &Builtin, span: Span) -> Option<Sink> {
    let (name, how) = match (row.owner, row.does) {
        // Nothing that may be seen goes to the pads and the host; what they take has its own type.
        (Owner::Device("card" | "pinpad" | "host"), _) => return None,
        (Owner::Device(device), _) => (device, How::Shown),
        (_, Does::Pure(Pure::PhraseOf)) => (row.name, How::Shown),
        (_, Does::Pure(Pure::Mask | Pure::LuhnValid)) => return None,
        _ => (row.name, How::TakenApart),
    };
    Some(Sink { name: name.into(), span, how })
}

/// The last word of a name or a path.
fn last_word(callee: &Expression) -> String {
    match &callee.kind {
        ExpressionKind::Name(name) => name.to_string(),
        ExpressionKind::Member { name, .. } => name.text.to_string(),
        _ => String::new(),
    }
}
