//! The simulated world for a program: its own dialect, or the library's where it has none.

use crate::language::bytecode::program::Program;
use crate::language::check::dialect::dialects;
use crate::language::library;
use crate::payment::iso8583::dialect::Dialect;
use crate::run::source_files;
use crate::script_error::catalogue::{internal, network};
use crate::script_error::code::Fact;
use crate::script_error::nearest::{did_you_mean, nearest_or_begun};
use crate::script_error::words::Said;
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
    in_library(LIBRARY_DIALECT).ok_or_else(|| Failure::new(internal::INTERNAL_DEFECT).text("detail", LIBRARY_DIALECT))
}

/// A dialect of the library by its name; `T5205` with the nearest name where there is none.
pub fn dialect_named(name: &str) -> Result<Dialect, Failure> {
    let found = names().any(|known| known == name).then(|| in_library(&format!("{name}{MODULE}"))).flatten();
    found.ok_or_else(|| {
        let hint = match nearest_or_begun(name, names()) {
            Some(near) => did_you_mean(near),
            None => {
                let all = names().collect::<Vec<_>>().join(", ");
                Said::new(
                    format!("随附的方言：{all}；也可写一个 .till 文件。"),
                    format!("The library has {all}; a .till file will do too."),
                )
            }
        };
        Failure::new(network::UNKNOWN_DIALECT).text("name", name).fact("hint", Fact::Said(hint))
    })
}

/// How the modules of dialects end.
const MODULE: &str = ".dialect";

fn names() -> impl Iterator<Item = &'static str> {
    library::FILES.iter().filter_map(|file| file.path.strip_suffix(MODULE))
}

fn in_library(module: &str) -> Option<Dialect> {
    let file = library::find(module)?;
    let files = source_files::from_text(module, file.text);
    let (found, _) = dialects(&files.units);
    found.into_iter().map(|(_, dialect)| dialect).find(|dialect| module.strip_suffix(MODULE) == Some(&dialect.name))
}
