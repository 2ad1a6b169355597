//! The dialects that a person can name: those of the library, and the one that a file declares.

use crate::language::check::checked::Unit;
use crate::language::check::{codes, dialect};
use crate::language::library;
use crate::language::ready;
use crate::language::syntax::tree::ItemKind;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::{CodeTable, ResponseCode};
use crate::run::source_files::{self, Files};
use crate::script_error::catalogue::{internal, wire};
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::{FileId, Sources};
use std::path::Path;

/// A dialect and what its response codes mean.
#[derive(Clone, Debug)]
pub struct Known {
    /// The dialect.
    pub dialect: Dialect,
    /// The codes of the same name, or those of the nearest base that has some.
    pub codes: CodeTable,
}

/// Why there is no dialect.
#[derive(Debug)]
pub enum Unknown {
    /// Nothing has this name.
    Refused(Box<ScriptError>),
    /// The file has mistakes.
    Findings(Sources, Vec<Finding>),
}

/// The dialect whose response codes serve where a dialect has none of its own.
const BASE: &str = "iso1987";
/// The ending of the modules that declare a dialect.
const ENDING: &str = ".dialect";

/// The names of the library's dialects, in the order of the library.
pub fn names() -> impl Iterator<Item = &'static str> {
    library::FILES.iter().filter_map(|file| file.path.strip_suffix(ENDING))
}

/// Every dialect of the library.
pub fn all() -> Result<Vec<Known>, Unknown> {
    names().map(load).collect()
}

/// The dialect that a word names: one of the library, or a file that declares one.
pub fn load(word: &str) -> Result<Known, Unknown> {
    if names().any(|name| name == word) {
        // What is kept of the library, as most often.
        let codes = [word, BASE].into_iter().find_map(|name| ready::codes(&format!("{name}.codes")));
        if let (Some(dialect), Some(codes)) = (ready::dialect(&format!("{word}{ENDING}")), codes) {
            return Ok(Known { dialect, codes });
        }
        let imports: String = [ENDING, ".codes"]
            .iter()
            .map(|ending| format!("{word}{ending}"))
            .filter(|path| library::find(path).is_some())
            .map(|path| format!("import {path}\n"))
            .collect();
        // The codes of a base serve where a dialect has none of its own.
        let bases = if library::find(&format!("{word}.codes")).is_some() { "" } else { "import iso1987.codes\n" };
        let script = format!("edition 1\n\n{imports}{bases}");
        return of(source_files::from_text_reading_all("dialect.till", &script), Some(word));
    }
    let path = Path::new(word);
    if path.extension().is_some_and(|extension| extension == "till") || path.is_file() {
        let files = source_files::read(path);
        return match imported(&files) {
            Some(name) => load(name),
            None => of(files, None),
        };
    }
    let known = names().collect::<Vec<_>>().join(", ");
    let facts = vec![("name", Fact::Text(word.to_owned())), ("known", Fact::Text(known))];
    Err(Unknown::Refused(Box::new(ScriptError::of(wire::NO_SUCH_DIALECT, facts))))
}

/// The dialect of the library that a script brings in, where it declares none of its own.
fn imported(files: &Files) -> Option<&'static str> {
    let declares = |unit: &Unit| {
        unit.tree.items.iter().find_map(|item| match &item.kind {
            ItemKind::Dialect(dialect) => Some(dialect.name.text.clone()),
            _ => None,
        })
    };
    if files.units.iter().any(|unit| !unit.library && declares(unit).is_some()) {
        return None;
    }
    let found: Vec<_> = files.units.iter().filter_map(declares).collect();
    // Bases come in behind what extends them.
    names().find(|name| found.first().is_some_and(|found| found == name))
}

/// The dialect that a script declares; its imports come from the library.
pub fn from_text(script: &str) -> Result<Known, Unknown> {
    of(source_files::from_text("imported.till", script), None)
}

/// The dialect of this name, or the last one that the first file declares, or the last one it brings in.
fn of(files: Files, name: Option<&str>) -> Result<Known, Unknown> {
    let Files { sources, units, mut findings } = files;
    let (dialects, found) = dialect::dialects(&units);
    findings.extend(found);
    let (tables, found) = codes::tables(&units);
    findings.extend(found);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Unknown::Findings(sources, findings));
    }
    let own = |file: FileId, dialect: &Dialect| match name {
        Some(name) => dialect.name == name,
        None => file == FileId(0),
    };
    let chosen = dialects.iter().rev().find(|(file, dialect)| own(*file, dialect)).or(dialects.last());
    let Some((_, dialect)) = chosen else {
        let known = names().collect::<Vec<_>>().join(", ");
        let shown = sources.file(FileId(0)).map_or(String::new(), |source| source.name.clone());
        let facts = vec![("name", Fact::Text(shown)), ("known", Fact::Text(known))];
        return Err(Unknown::Refused(Box::new(ScriptError::of(wire::NO_SUCH_DIALECT, facts))));
    };
    let mut lineage = Some(dialect.name.as_str());
    let mut codes = None;
    while let (Some(name), None) = (lineage, &codes) {
        codes = tables.iter().find(|(_, table)| table.name == name).map(|(_, table)| table.clone());
        lineage = dialects.iter().find(|(_, known)| known.name == name).and_then(|(_, known)| known.base.as_deref());
    }
    let codes = codes.or_else(|| tables.last().map(|(_, table)| table.clone())).unwrap_or_default();
    Ok(Known { dialect: dialect.clone(), codes })
}

impl Known {
    /// What a response code means; `None` if the table does not have it.
    pub fn meaning(&self, code: &str) -> Option<(&str, &str)> {
        let row = self.codes.row(ResponseCode::parse(code)?)?;
        Some((&row.zh, &row.en))
    }
}

/// A defect of this program, for what the library itself must hold.
pub fn defect(detail: &str) -> Box<ScriptError> {
    Box::new(ScriptError::of(internal::INTERNAL_DEFECT, vec![("detail", Fact::Text(detail.to_owned()))]))
}
