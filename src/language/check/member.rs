//! What stands behind a dot.

use super::body::{Body, Room};
use super::checked::{BuiltinRef, Meaning};
use super::effect::Effect;
use super::scope::{self, Found, Module};
use crate::language::builtin;
use crate::language::builtin::row::{Builtin, DEVICES, Of, Owner};
use crate::language::syntax::tree::{Expression, ExpressionKind, Name};
use crate::language::types::{Kind, Type};
use crate::script_error::catalogue::{source, types as codes};
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;

/// What stands before a dot.
pub(crate) enum Before {
    /// A value.
    Value,
    /// A device.
    Device(&'static str),
    /// An imported file.
    Module(Module),
}

impl Body<'_> {
    /// What stands before a dot: a value, a device or a module. A local hides an item, an item a device, a device
    /// a module.
    pub(crate) fn before_dot(&self, object: &Expression) -> Before {
        let ExpressionKind::Name(name) = &object.kind else {
            return Before::Value;
        };
        if self.local_named(name).is_some() {
            return Before::Value;
        }
        let Some(scope) = self.scope() else {
            return Before::Value;
        };
        let device = DEVICES.iter().find(|device| device.name == *name);
        let module = scope.modules.get(name).copied();
        if let Some(entry) = scope.names.get(name)
            && !(matches!(entry.what, scope::Declared::Function(_)) && (device.is_some() || module.is_some()))
        {
            return Before::Value;
        }
        if let Some(device) = device {
            return Before::Device(device.name);
        }
        module.map_or(Before::Value, Before::Module)
    }

    /// The type of `object.name`, and its meaning.
    pub(crate) fn member(
        &mut self,
        expression: &Expression,
        object: &Expression,
        name: &Name,
        hint: Option<&Type>,
    ) -> Type {
        match self.before_dot(object) {
            Before::Device(device) => {
                self.mean(object.id, Meaning::Place);
                self.device_property(expression, device, name)
            }
            Before::Module(module) => {
                self.mean(object.id, Meaning::Place);
                let all = self.all;
                let found = scope::in_module(&all.scopes, module, &name.text);
                match self.public(found, &name.text, name.span) {
                    Found::Item(_, entry) => self.item_value(expression, entry, hint),
                    Found::Missing => {
                        self.not_in_module(object, module, name);
                        Type::Unknown
                    }
                    _ => Type::Unknown,
                }
            }
            Before::Value => {
                let of = self.infer(object, None);
                self.truths = super::body::Truths::default();
                self.currency = None;
                self.value_member(expression, object, &of, name)
            }
        }
    }

    fn device_property(&mut self, expression: &Expression, device: &'static str, name: &Name) -> Type {
        let Some(row) = builtin::of_device(device, &name.text) else {
            self.not_on_device(device, name);
            return Type::Unknown;
        };
        let written = format!("{device}.{}", row.name);
        if !row.property {
            self.touch_unheard(device, expression.span);
            let finding = self
                .error(source::EXPECTED_OTHER, expression.span)
                .text("expected", if row.takes.is_empty() { format!("{written}()") } else { format!("{written}(…)") })
                .text("found", written.as_str());
            let finding = if row.takes.is_empty() {
                let end = Span { start: expression.span.end, end: expression.span.end };
                finding.edit(end, "()", "补上括号", "add the brackets")
            } else {
                finding
            };
            self.report(finding);
            return Type::Unknown;
        }
        self.touch(device, &written, expression.span);
        self.mean(expression.id, Meaning::Builtin(BuiltinRef(row)));
        self.doings.effects.push(Effect::Builtin { by: expression.id, row });
        row.gives.to_type()
    }

    fn value_member(&mut self, expression: &Expression, object: &Expression, of: &Type, name: &Name) -> Type {
        match of {
            Type::Unknown | Type::Never => return Type::Unknown,
            sealed if sealed.kind() == Kind::Sealed => {
                self.secret_apart(object, of, &format!(".{}", name.text));
                return Type::Unknown;
            }
            Type::Optional(inner) => {
                self.mismatch(object, inner, of);
                return Type::Unknown;
            }
            Type::Record(at) => {
                let record = self.all.types.records.get(usize::from(*at));
                let field = record.and_then(|record| {
                    let place = record.fields.iter().position(|(field, _)| *field == name.text)?;
                    let (_, ty) = record.fields.get(place)?;
                    Some((u8::try_from(place).ok()?, ty.clone()))
                });
                return match field {
                    Some((place, ty)) => {
                        self.mean(expression.id, Meaning::RecordField(place));
                        ty
                    }
                    None => {
                        self.no_member(of, name);
                        Type::Unknown
                    }
                };
            }
            Type::Message(_) | Type::Reply(_) => {
                if let Some(number) = field_number(&name.text) {
                    return self.message_field(expression, of, name, number);
                }
            }
            _ => {}
        }
        match value_row(of, &name.text) {
            Some(row) => {
                self.mean(expression.id, Meaning::Builtin(BuiltinRef(row)));
                row.gives.to_type()
            }
            None => {
                self.no_member(of, name);
                Type::Unknown
            }
        }
    }

    fn message_field(&mut self, expression: &Expression, of: &Type, name: &Name, number: u8) -> Type {
        let all = self.all;
        let Some(dialect) = &all.dialect else {
            self.no_dialect(name.span);
            return Type::Unknown;
        };
        let Some(ty) = super::message::field_type(dialect, number) else {
            let finding = self
                .error(codes::FIELD_UNKNOWN, name.span)
                .fact("field", Fact::Field(number))
                .text("dialect", dialect.name.as_str());
            self.report(finding);
            return Type::Unknown;
        };
        let present = match of {
            Type::Reply(request) => super::message::reply_has(dialect, *request, number),
            Type::Message(mti) => super::message::request_has(dialect, *mti, number),
            _ => false,
        };
        self.mean(expression.id, Meaning::MessageField { number, optional: !present });
        if present { ty } else { Type::optional(ty) }
    }

    fn no_member(&mut self, of: &Type, name: &Name) {
        let written = self.written(of);
        let mut known: Vec<&str> = Vec::new();
        if let Type::Record(at) = of
            && let Some(record) = self.all.types.records.get(usize::from(*at))
        {
            known.extend(record.fields.iter().map(|(field, _)| field.as_str()));
        }
        known.extend(builtin::members::ROWS.iter().filter(|row| value_row(of, row.name).is_some()).map(|row| row.name));
        let finding =
            self.error(codes::UNKNOWN_MEMBER, name.span).text("member", name.text.as_str()).text("type", written);
        let finding = self.with_members(finding, name, &known);
        self.report(finding);
    }

    /// Reports a method or property that a device lacks.
    pub(crate) fn not_on_device(&mut self, device: &'static str, name: &Name) {
        self.touch_unheard(device, name.span);
        let in_test = self.room == Room::Test;
        let known: Vec<&str> = builtin::all()
            .filter(|row| row.owner == Owner::Device(device) && (in_test || !row.fixture))
            .map(|row| row.name)
            .collect();
        let finding =
            self.error(codes::UNKNOWN_MEMBER, name.span).text("member", name.text.as_str()).text("type", device);
        let finding = self.with_members(finding, name, &known);
        self.report(finding);
    }

    /// Reports a name that an imported file lacks.
    pub(crate) fn not_in_module(&mut self, object: &Expression, module: Module, name: &Name) {
        let all = self.all;
        let scope = module.file.and_then(|file| all.scope(file));
        let known: Vec<&str> = scope.map_or(Vec::new(), |scope| {
            let public = scope.names.iter().filter(|(_, entry)| entry.public);
            public.map(|(name, _)| name.as_str()).collect()
        });
        let finding = self
            .error(codes::UNKNOWN_MEMBER, name.span)
            .text("member", name.text.as_str())
            .text("type", super::body::path(object).unwrap_or_default());
        let finding = self.with_members(finding, name, &known);
        self.report(finding);
    }

    /// Adds what was probably meant, or else what there is, if that is not much.
    fn with_members(&self, finding: Finding, name: &Name, known: &[&str]) -> Finding {
        if let Some(meant) = self.meant(&name.text, known) {
            return finding.did_you_mean(name.span, meant);
        }
        if known.is_empty() || known.len() > 12 {
            return finding;
        }
        finding.note(format!("可用：{}", known.join("、")), format!("there are: {}", known.join(", ")))
    }
}

/// The number in `F39`.
pub(crate) fn field_number(name: &str) -> Option<u8> {
    let digits = name.strip_prefix('F')?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if plain { digits.parse().ok() } else { None }
}

/// The row of a member that values of a type have.
pub(crate) fn value_row(of: &Type, name: &str) -> Option<&'static Builtin> {
    let owner = match of {
        Type::Text | Type::Digits(_) | Type::Bytes => Of::Text,
        Type::List(_) => Of::List,
        Type::Amount => Of::Amount,
        Type::Reply(_) => Of::Reply,
        Type::Message(_) => Of::Message,
        Type::ResponseCode => Of::ResponseCode,
        Type::Error => Of::Error,
        _ => return None,
    };
    builtin::members::ROWS.iter().find(|row| row.owner == Owner::Value(owner) && row.name == name)
}
