//! The simulated world for a program: its own dialect, or the library's where it has none.

use crate::language::bytecode::program::Program;
use crate::language::check::dialect::dialects;
use crate::language::library;
use crate::language::ready;
use crate::payment::iso8583::dialect::Dialect;
use crate::run::source_files;
use crate::script_error::catalogue::internal;
use crate::world::port::failure::Failure;

/// The module whose dialect a program without one gets; nothing is ever sent in it.
const LIBRARY_DIALECT: &str = "cn_pos.dialect";

/// The dialect the simulated host of a program speaks.
pub fn dialect_of(program: &Program) -> Result<Dialect, Failure> {
    match &program.dialect {
        Some(dialect) => Ok(dialect.clone()),
        None => library_dialect(),
    }
}

/// The dialect of the library's fictional acquirer.
pub fn library_dialect() -> Result<Dialect, Failure> {
    let missing = || Failure::new(internal::INTERNAL_DEFECT).text("detail", LIBRARY_DIALECT);
    if let Some(dialect) = ready::dialect(LIBRARY_DIALECT) {
        return Ok(dialect);
    }
    let file = library::find(LIBRARY_DIALECT).ok_or_else(missing)?;
    let files = source_files::from_text(LIBRARY_DIALECT, file.text);
    let (found, _) = dialects(&files.units);
    found
        .into_iter()
        .map(|(_, dialect)| dialect)
        .find(|dialect| LIBRARY_DIALECT.starts_with(&dialect.name))
        .ok_or_else(missing)
}
