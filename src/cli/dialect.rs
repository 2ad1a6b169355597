//! A dialect by its name or by the file that declares it, for the commands that speak to a socket.

use crate::cli::check::report;
use crate::cli::exit::Exit;
use crate::cli::style::Console;
use crate::payment::iso8583::cut::is_cuttable;
use crate::payment::iso8583::dialect::Dialect;
use crate::run::program::build;
use crate::run::world::dialect_named;
use crate::script_error::catalogue::network;
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use std::path::Path;

/// The dialect that a word on the command line means; what is wrong with it is shown.
pub fn dialect(console: &Console, word: &str) -> Result<Dialect, Exit> {
    let path = Path::new(word);
    let refuse = |failure: Failure| {
        console.refusal(&ScriptError::of(failure.code, failure.facts));
        Exit::Usage
    };
    if path.extension().is_none_or(|extension| extension != "till") {
        return dialect_named(word).map_err(refuse);
    }
    let built = build(path);
    let Some(program) = built.program else {
        return Err(report(console, &built).max(Exit::Refused));
    };
    program.dialect.ok_or_else(|| {
        let hint = Said::new("此文件没有声明方言。", "The file declares no dialect.");
        refuse(Failure::new(network::UNKNOWN_DIALECT).text("name", word).fact("hint", Fact::Said(hint)))
    })
}

/// As `dialect`, of those whose messages can go over a connection.
pub fn dialect_on_a_line(console: &Console, word: &str) -> Result<Dialect, Exit> {
    let dialect = dialect(console, word)?;
    if !is_cuttable(&dialect) {
        let facts = vec![("dialect", Fact::Text(dialect.name.clone()))];
        console.refusal(&ScriptError::of(network::NO_LENGTH_IN_FRONT, facts));
        return Err(Exit::Refused);
    }
    Ok(dialect)
}
