//! What a bare name means.

use super::body::{Body, Room, path};
use super::checked::{ErrorRef, FunctionKind, Meaning};
use super::declarations::worth_suggesting;
use super::scope::{self, Declared, Entry, Found};
use crate::language::builtin;
use crate::language::builtin::row::DEVICES;
use crate::language::syntax::tree::Expression;
use crate::language::types::Type;
use crate::payment::iso8583::response::Category;
use crate::script_error::catalogue;
use crate::script_error::catalogue::{source, types as codes};
use crate::script_error::code::{Code, Layer};
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;

/// In so many imports a name without its module is looked for; a file with more is hostile.
const MODULES_MAX: usize = 256;

impl Body<'_> {
    /// The type of a name as a value, and its meaning.
    ///
    /// A name is looked for in this order: a local; a variant of the wanted union; a response code where one is
    /// wanted; an item of the file; what an import lends under its own name; an error; a variant that only one
    /// union has. A device or a module is no value.
    pub(crate) fn name(&mut self, expression: &Expression, name: &str, hint: Option<&Type>) -> Type {
        if let Some(ty) = self.local_value(expression, name) {
            return ty;
        }
        if let Some(Type::Union(union)) = hint
            && self.all.variant(*union, name).is_some()
        {
            return self.bare_variant(expression, *union, name);
        }
        if hint == Some(&Type::ResponseCode)
            && !self.is_constant(name, &Type::ResponseCode)
            && let Some(ty) = self.code_value(expression, name)
        {
            return ty;
        }
        let Some(scope) = self.scope() else {
            return Type::Unknown;
        };
        if let Some(entry) = scope.names.get(name) {
            return self.item_value(expression, *entry, hint);
        }
        if scope.broken.contains(name) {
            return Type::Unknown;
        }
        if let Some(module) = scope.modules.get(name).copied() {
            let all = self.all;
            return match scope::lent(&all.scopes, all.units, module) {
                Some(found) => match self.public(found, name, expression.span) {
                    Found::Item(_, entry) => self.item_value(expression, entry, hint),
                    _ => Type::Unknown,
                },
                None if module.file.is_none() => Type::Unknown,
                None => self.not_a_value(expression, name, &format!("{name}.…")),
            };
        }
        if let Some(device) = DEVICES.iter().find(|device| device.name == name) {
            self.touch_unheard(device.name, expression.span);
            return self.not_a_value(expression, name, &format!("{name}.…"));
        }
        if let Some(row) = builtin::function(name) {
            return self.not_a_value(expression, name, &format!("{}(…)", row.name));
        }
        if let Some(error) = self.error_named(name) {
            return self.bare_error(expression, error);
        }
        if let Some(union) = self.all.union_with(name) {
            return self.bare_variant(expression, union, name);
        }
        self.unknown_name(expression.span, name, hint);
        Type::Unknown
    }

    /// The value of a local, if the name is one.
    fn local_value(&mut self, expression: &Expression, name: &str) -> Option<Type> {
        let id = self.local_named(name)?;
        if self.room == Room::Constant {
            self.impure(name, expression.span);
        }
        let ty = self.local(id).map_or(Type::Unknown, |local| local.ty.clone());
        self.mean(expression.id, Meaning::Local(id));
        Some(match ty {
            Type::Optional(of) if self.is_narrowed(id) => of.as_ref().clone(),
            ty => ty,
        })
    }

    /// Is the name a constant of this type in this file?
    fn is_constant(&self, name: &str, wanted: &Type) -> bool {
        let entry = self.scope().and_then(|scope| scope.names.get(name));
        matches!(entry.map(|entry| entry.what), Some(Declared::Constant(id))
            if self.all.constants.get(usize::from(id.0)).is_some_and(|constant| constant.ty == *wanted))
    }

    /// A response code by its name, if there is one.
    fn code_value(&mut self, expression: &Expression, name: &str) -> Option<Type> {
        let code = self.all.codes.named(name)?.code;
        self.mean(expression.id, Meaning::Code(code));
        Some(Type::ResponseCode)
    }

    /// A variant without its value: as a value only if it has none, or where any of its kind is meant.
    pub(crate) fn bare_variant(&mut self, expression: &Expression, union: u16, name: &str) -> Type {
        let Some((tag, payload)) = self.all.variant(union, name) else {
            return Type::Unknown;
        };
        if let Some(payload) = payload
            && !self.comparing
        {
            let payload = self.written(payload);
            let finding = self
                .error(codes::MISSING_ARGUMENT, expression.span)
                .text("callee", name)
                .text("name", payload.as_str())
                .label(format!("此变体带一个 {payload}"), format!("this variant carries {payload}"));
            self.report(finding);
        }
        self.mean(expression.id, Meaning::Variant { union, tag });
        Type::Union(union)
    }

    /// An item of this or another file as a value.
    pub(crate) fn item_value(&mut self, expression: &Expression, entry: Entry, _hint: Option<&Type>) -> Type {
        let written = path(expression).unwrap_or_default();
        match entry.what {
            Declared::Constant(id) => {
                let at = usize::from(id.0);
                self.mean(expression.id, Meaning::Constant(id));
                self.currency = self.all.known.get(at).and_then(|known| known.currency);
                self.all.constants.get(at).map_or(Type::Unknown, |constant| constant.ty.clone())
            }
            Declared::Function(id) => {
                let Some(signature) = self.all.signature(id) else {
                    return Type::Unknown;
                };
                let without_call = matches!(signature.kind, FunctionKind::Text | FunctionKind::Receipt);
                if without_call && signature.parameters.is_empty() {
                    if self.room == Room::Constant {
                        self.impure(&written, expression.span);
                    }
                    let gives = signature.gives.clone();
                    self.mean(expression.id, Meaning::Function(id));
                    self.calls(expression.id, id, expression.span);
                    return gives;
                }
                self.not_a_value(expression, &written, &format!("{written}(…)"))
            }
            Declared::Error(at) => self.bare_error(expression, ErrorRef::Declared(at)),
            Declared::Record(_) => self.not_a_value(expression, &written, &format!("{written}(…)")),
            Declared::Union(at) => {
                let variant = self.all.types.unions.get(usize::from(at));
                let example = variant
                    .and_then(|union| union.variants.first())
                    .map_or(String::new(), |(name, _)| name.to_string());
                self.not_a_value(expression, &written, &example)
            }
        }
    }

    /// An error without facts as a value. One that needs facts is complete only where any of its kind is meant.
    pub(crate) fn bare_error(&mut self, expression: &Expression, error: ErrorRef) -> Type {
        if let ErrorRef::Declared(at) = error
            && !self.comparing
            && let Some(declared) = self.all.errors.get(usize::from(at))
            && !declared.parameters.is_empty()
        {
            let missing: Vec<&str> = declared.parameters.iter().map(|(name, _)| name.as_str()).collect();
            let finding = self
                .error(codes::MISSING_ARGUMENT, expression.span)
                .text("callee", declared.name.as_str())
                .text("name", missing.join(", "))
                .label("此错误带有内容", "this error carries facts");
            self.report(finding);
        }
        self.mean(expression.id, Meaning::Error(error));
        Type::Error
    }

    /// The error of this name: declared here, in an import, or one of the language's that a run can raise.
    pub(crate) fn error_named(&self, name: &str) -> Option<ErrorRef> {
        let all = self.all;
        let scope = self.scope()?;
        if let Some(entry) = scope.names.get(name) {
            return match entry.what {
                Declared::Error(at) => Some(ErrorRef::Declared(at)),
                _ => None,
            };
        }
        // An error leaves its file by being raised, so whoever imports the file may name it, `pub` or not.
        let imported = scope.modules.values().take(MODULES_MAX).find_map(|module| {
            match scope::in_module(&all.scopes, *module, name) {
                Found::Item(_, entry) | Found::Private(_, entry) => match entry.what {
                    Declared::Error(at) => Some(ErrorRef::Declared(at)),
                    _ => None,
                },
                _ => None,
            }
        });
        imported.or_else(|| {
            catalogue::named(name).filter(|row| is_of_runs(row.layer)).map(|row| ErrorRef::Catalogue(row.code))
        })
    }

    /// Reports something that is named where a value is wanted.
    pub(crate) fn not_a_value(&mut self, expression: &Expression, found: &str, expected: &str) -> Type {
        let finding =
            self.error(source::EXPECTED_OTHER, expression.span).text("expected", expected).text("found", found);
        self.report(finding);
        Type::Unknown
    }

    /// Reports a name that stands for nothing, with what was probably meant.
    pub(crate) fn unknown_name(&mut self, span: Span, name: &str, hint: Option<&Type>) {
        let finding = self.error(codes::UNKNOWN_NAME, span).text("name", name);
        let finding = if hint == Some(&Type::ResponseCode) && Category::parse(name).is_some() {
            finding.label(
                "这是应答码的类别，只能写在 match 里",
                "this is a category of response codes; only a `match` can name it",
            )
        } else if let Some(finding) = self.elsewhere(finding.clone(), span, name) {
            finding
        } else if hint == Some(&Type::ResponseCode) && self.all.codes.rows.is_empty() {
            return self.no_codes(span, name);
        } else {
            self.did_you_mean(finding, span, name, hint)
        };
        self.report(finding);
    }

    /// Is the name public in a file that is imported? Then it only lacks its module.
    fn elsewhere(&self, finding: Finding, span: Span, name: &str) -> Option<Finding> {
        let all = self.all;
        let modules = self.scope()?.modules.iter().take(MODULES_MAX);
        let mut holding =
            modules.filter(|(_, import)| matches!(scope::in_module(&all.scopes, **import, name), Found::Item(..)));
        let (module, _) = holding.next()?;
        let only = holding.next().is_none();
        let edit = Edit { place: self.place(span), replacement: format!("{module}.{name}") };
        Some(finding.edits(vec![edit], only, format!("它在 {module} 里"), format!("it is in `{module}`")))
    }

    fn did_you_mean(&self, finding: Finding, span: Span, name: &str, hint: Option<&Type>) -> Finding {
        let items = self.scope().map_or(0, |scope| scope.names.len() + scope.modules.len());
        let count = self.local_count() + items + self.all.variants.len();
        if !worth_suggesting(self.findings.len(), count) {
            return finding;
        }
        let mut known: Vec<&str> = self.local_names().collect();
        if let Some(scope) = self.scope() {
            known.extend(scope.names.keys().map(|name| name.as_str()));
            known.extend(scope.modules.keys().map(|name| name.as_str()));
        }
        known.extend(DEVICES.iter().map(|device| device.name));
        known.extend(builtin::functions::ROWS.iter().map(|row| row.name));
        if hint == Some(&Type::ResponseCode) {
            known.extend(self.all.codes.rows.iter().map(|row| row.name.as_str()));
        }
        let unions = self.all.types.unions.iter();
        known.extend(unions.flat_map(|union| union.variants.iter().map(|(name, _)| name.as_str())));
        if name.starts_with(char::is_uppercase) {
            known.extend(catalogue::all().filter(|row| is_of_runs(row.layer)).map(|row| row.name));
        }
        match self.meant(name, &known) {
            Some(meant) => finding.did_you_mean(span, meant),
            None => finding,
        }
    }
}

/// True for the layers whose errors happen in a run of a script.
pub(crate) fn is_of_runs(layer: Layer) -> bool {
    Layer::OF_SCRIPTS.contains(&layer)
}

/// The machine's own limits: they end a run, and no script can catch them.
pub(crate) fn ends_the_run(code: Code) -> bool {
    code.0.starts_with("T9") || matches!(code.0, "T8001" | "T8002" | "T8003" | "T8004" | "T8005")
}
