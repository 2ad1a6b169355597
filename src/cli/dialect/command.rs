//! What the command line of `till dialect` may say.

use crate::cli::command::{self, Row};
use crate::cli::dialect::wanted::{Wanted, dialects};
use crate::cli::exit::Exit;
use crate::cli::style::Console;
use crate::script_error::words::{Language, Words};
use clap::{Arg, ArgMatches, Command};

/// `till dialect` on the command line.
pub const COMMAND: Row = Row {
    name: "dialect",
    about: Words {
        zh: "把其他工具的报文规格导入为方言，或导出",
        en: "Import message specifications of other tools as dialects, and export them",
    },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(
            Arg::new("what")
                .required(true)
                .value_name("WHAT")
                .value_parser(["import", "export"])
                .hide_possible_values(true)
                .help(say("import 导入，export 导出", "import or export")),
        )
        .arg(Arg::new("word").required(true).value_name("FILE|NAME").help(say(
            "导入：jPOS GenericPackager 的 XML 或 moov-io 的 JSON；导出：方言名或 .till 文件",
            "To import: XML of jPOS GenericPackager or JSON of moov-io; to export: a dialect's name or a .till file",
        )))
        .arg(Arg::new("name").long("name").value_name("NAME").help(say("导入后方言的名字", "The name of the imported dialect")))
        .arg(command::format(language))
        .after_help(say(
            "示例：\n  till dialect import iso87binary.xml --name our_bank > our_bank.till\n  till dialect export cn_pos > cn_pos.json",
            "Examples:\n  till dialect import iso87binary.xml --name our_bank > our_bank.till\n  till dialect export cn_pos > cn_pos.json",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let text = |id| command::text(matches, id);
    let wanted =
        Wanted { what: text("what").unwrap_or_default(), word: text("word").unwrap_or_default(), name: text("name") };
    dialects(console, &wanted)
}
