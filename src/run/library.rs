//! Makes what is kept of the standard library from its texts.

use crate::language::check::{codes, dialect};
use crate::language::library::{FILES, LibraryFile};
use crate::language::ready::{self, Made};
use crate::run::source_files;

/// The bytes of `scripts/library/ready.bin`; `Err` says what is wrong with the library.
pub fn made() -> Result<Vec<u8>, String> {
    let files: Result<Vec<(LibraryFile, Made)>, String> = FILES.iter().map(|file| Ok((*file, one(file)?))).collect();
    ready::pack(&files?).map_err(|error| error.to_string())
}

fn one(file: &LibraryFile) -> Result<Made, String> {
    // A script that imports the file and nothing else: its second file is the one, and its bases are behind it.
    let script = format!("edition 1\n\nimport {}\n", file.path);
    let files = source_files::from_text_reading_all("one.till", &script);
    let (dialects, of_dialects) = dialect::dialects(&files.units);
    let (tables, of_tables) = codes::tables(&files.units);
    if let Some(finding) = files.findings.iter().chain(&of_dialects).chain(&of_tables).next() {
        return Err(format!("{}: {finding:?}", file.name));
    }
    let unit = files.units.into_iter().nth(1).ok_or_else(|| format!("{}: not found", file.name))?;
    let own = unit.tree.file;
    Ok(Made {
        dialect: dialects.into_iter().find(|(at, _)| *at == own).map(|(_, dialect)| dialect),
        codes: tables.into_iter().find(|(at, _)| *at == own).map(|(_, table)| table),
        tree: unit.tree,
    })
}
