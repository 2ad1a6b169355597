//! Which type a written type is.

use super::declarations::{Declarations, worth_suggesting};
use super::scope::{self, Declared, Found};
use crate::language::syntax::tree::{Name, TypeExpression, TypeKind};
use crate::language::types::Type;
use crate::script_error::catalogue::types as codes;
use crate::script_error::finding::Finding;
use crate::script_error::nearest::nearest;
use crate::script_error::source::{FileId, Place};

/// Types without parts, as a script writes them.
const NAMED: &[(&str, Type)] = &[
    ("Bool", Type::Bool),
    ("Int", Type::Int),
    ("Text", Type::Text),
    ("Digits", Type::Digits(0)),
    ("Bytes", Type::Bytes),
    ("Amount", Type::Amount),
    ("Percent", Type::Percent),
    ("Duration", Type::Duration),
    ("Time", Type::Time),
    ("Pan", Type::Pan),
    ("Track2", Type::Track),
    ("Expiry", Type::Expiry),
    ("PinBlock", Type::PinBlock),
    ("Keys", Type::Keys),
    ("ChipData", Type::ChipData),
    ("Cryptogram", Type::Cryptogram),
    ("Kcv", Type::Kcv),
    // A trace number is six digits; a reference number is text, since hosts put letters into it.
    ("Stan", Type::Digits(6)),
    ("Rrn", Type::Text),
    ("Mti", Type::Mti),
    ("Message", Type::Message(None)),
    ("Reply", Type::Reply(None)),
    ("ResponseCode", Type::ResponseCode),
    ("Phrase", Type::Phrase),
    ("Receipt", Type::Receipt),
    ("Error", Type::Error),
];

/// True if the language itself has a type of this name.
pub(crate) fn is_built_in(name: &str) -> bool {
    NAMED.iter().any(|(known, _)| *known == name)
}

/// The type that is written; `Unknown` if there is none, which is then reported.
pub(crate) fn resolve(
    declarations: &Declarations<'_>,
    file: FileId,
    written: &TypeExpression,
    findings: &mut Vec<Finding>,
) -> Type {
    match &written.kind {
        TypeKind::Digits(count) => Type::Digits(*count),
        TypeKind::List(of) => Type::list(resolve(declarations, file, of, findings)),
        TypeKind::Optional(of) => Type::optional(resolve(declarations, file, of, findings)),
        TypeKind::Named { module, name } => named(declarations, file, module.as_ref(), name, findings),
    }
}

fn named(
    declarations: &Declarations<'_>,
    file: FileId,
    module: Option<&Name>,
    name: &Name,
    findings: &mut Vec<Finding>,
) -> Type {
    let Some(scope) = declarations.scope(file) else {
        return Type::Unknown;
    };
    let place = Place { file, span: name.span };
    if let Some(module) = module {
        let Some(import) = scope.modules.get(&module.text) else {
            findings.push(
                Finding::error(codes::UNKNOWN_NAME, Place { file, span: module.span })
                    .text("name", module.text.as_str())
                    .label("没有这样的 import", "nothing is imported by this name"),
            );
            return Type::Unknown;
        };
        return match scope::in_module(&declarations.scopes, *import, &name.text) {
            Found::Item(_, entry) => match of_declared(entry.what) {
                Some(ty) => ty,
                None => {
                    findings.push(unknown(declarations, file, name, findings.len()));
                    Type::Unknown
                }
            },
            Found::Private(other, entry) => {
                findings.push(Finding::error(codes::NOT_PUBLIC, place).text("name", name.text.as_str()).also(
                    Place { file: other, span: entry.span },
                    "在此声明",
                    "declared here",
                ));
                Type::Unknown
            }
            Found::Reported => Type::Unknown,
            Found::Missing => {
                findings.push(unknown(declarations, file, name, findings.len()));
                Type::Unknown
            }
        };
    }
    if let Some(ty) = scope.names.get(&name.text).and_then(|entry| of_declared(entry.what)) {
        return ty;
    }
    if let Some((_, ty)) = NAMED.iter().find(|(known, _)| *known == name.text) {
        return ty.clone();
    }
    if let Some(ty) = declarations.shape(&name.text) {
        return ty;
    }
    if !scope.broken.contains(&name.text) {
        findings.push(unknown(declarations, file, name, findings.len()));
    }
    Type::Unknown
}

fn of_declared(what: Declared) -> Option<Type> {
    match what {
        Declared::Record(at) => Some(Type::Record(at)),
        Declared::Union(at) => Some(Type::Union(at)),
        Declared::Function(_) | Declared::Constant(_) | Declared::Error(_) => None,
    }
}

fn unknown(declarations: &Declarations<'_>, file: FileId, name: &Name, findings: usize) -> Finding {
    let finding = Finding::error(codes::UNKNOWN_TYPE, Place { file, span: name.span }).text("name", name.text.as_str());
    let known = NAMED.iter().map(|(known, _)| *known).chain(declarations.type_names());
    let meant =
        worth_suggesting(findings, NAMED.len() + declarations.types.records.len() + declarations.types.unions.len())
            .then(|| nearest(&name.text, known))
            .flatten();
    match meant {
        Some(meant) => finding.did_you_mean(name.span, meant),
        None => finding,
    }
}
