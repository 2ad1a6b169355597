//! What the names of each file stand for.

use super::checked::{ConstantId, FunctionId, Unit};
use crate::language::syntax::tree::Name;
use crate::script_error::source::{FileId, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What an item's name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declared {
    /// A flow, fn, text, receipt or table.
    Function(FunctionId),
    /// A `const`.
    Constant(ConstantId),
    /// An `error`; index into `Checked::errors`.
    Error(u16),
    /// A record, by its place among the types.
    Record(u16),
    /// A union, by its place among the types.
    Union(u16),
}

/// A declared name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// What it stands for.
    pub(crate) what: Declared,
    /// May other files use it?
    pub(crate) public: bool,
    /// Where its name stands.
    pub(crate) span: Span,
}

/// An import, under the name the file uses for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Module {
    /// The file; `None` where none was found, which is reported already.
    pub(crate) file: Option<FileId>,
    /// Where the import stands.
    pub(crate) span: Span,
}

/// The names of one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Its items.
    pub(crate) names: BTreeMap<SmolStr, Entry>,
    /// Its imports.
    pub(crate) modules: BTreeMap<SmolStr, Module>,
    /// Names whose items could not be read; using them is no further finding.
    pub(crate) broken: BTreeSet<SmolStr>,
}

/// The name a file uses for an import: the alias, or the last word of the path.
pub(crate) fn import_name(import: &crate::language::syntax::tree::Import) -> Option<&Name> {
    import.alias.as_ref().or_else(|| import.path.last())
}

/// What a name of another file turned out to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    /// It is there and public.
    Item(FileId, Entry),
    /// It is there, but not for others.
    Private(FileId, Entry),
    /// Already reported: the file or the item could not be read.
    Reported,
    /// It is not there.
    Missing,
}

/// Looks for a name in an imported file.
pub(crate) fn in_module(scopes: &[Scope], module: Module, name: &str) -> Found {
    let Some(file) = module.file else {
        return Found::Reported;
    };
    let Some(scope) = scopes.get(usize::from(file.0)) else {
        return Found::Reported;
    };
    match scope.names.get(name) {
        Some(entry) if entry.public => Found::Item(file, *entry),
        Some(entry) => Found::Private(file, *entry),
        None if scope.broken.contains(name) => Found::Reported,
        None => Found::Missing,
    }
}

/// The item an import lends under its own name: `import sign_in` allows `sign_in()`.
pub(crate) fn lent(scopes: &[Scope], units: &[Unit], module: Module) -> Option<Found> {
    let file = module.file?;
    let unit = units.get(usize::from(file.0))?;
    match in_module(scopes, module, &unit.name) {
        Found::Item(file, entry) if matches!(entry.what, Declared::Function(_)) => Some(Found::Item(file, entry)),
        Found::Reported => Some(Found::Reported),
        Found::Private(file, entry) if matches!(entry.what, Declared::Function(_)) => Some(Found::Private(file, entry)),
        _ => None,
    }
}
