//! `till keys`: check values, PIN blocks, MACs and key blocks of test keys.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::keys_answer::{Answer, Refusal};
use crate::cli::style::Console;
use crate::cli::{keys_card, keys_compute, keys_solve};
use crate::script_error::words::{Language, Words};
use clap::{Arg, ArgMatches, Command};

/// `till keys` on the command line.
pub const COMMAND: Row = Row {
    name: "keys",
    about: Words {
        zh: "测试密钥的工具：校验值、PIN 块、MAC、密钥块",
        en: "Tools for test keys: check values, PIN blocks, MACs",
    },
    define,
    go,
};

/// A tool: its name, what it does, its options, and the doing.
#[derive(Clone, Copy)]
pub struct Tool {
    /// What is typed behind `till keys`.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: Words,
    /// Its options: name, the value's name, what it is. A value's name of `""` is a flag.
    pub options: &'static [(&'static str, &'static str, Words)],
    /// How to call it.
    pub example: &'static str,
    /// Does it.
    pub go: fn(&ArgMatches, &mut Answer) -> Result<(), Refusal>,
}

/// Every tool, in the order of the help.
fn tools() -> impl Iterator<Item = &'static Tool> {
    keys_compute::TOOLS.iter().chain(keys_card::TOOLS)
}

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let command = command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(tools().map(|tool| tool_command(tool, language)))
        .subcommand(keys_solve::command(language))
        .after_help(say(
            "密钥、PIN、卡号与数据：直接写，写 @文件名，或写 - 从标准输入读。只用测试密钥。\n说明见 docs/keys.md。",
            "Keys, PINs, card numbers and data: as they are, as @FILE, or as - for standard input. Test keys only.\ndocs/keys.md says more.",
        ));
    command.arg(command::format_of(language, &["full", "json"]).global(true))
}

fn tool_command(tool: &'static Tool, language: Language) -> Command {
    let say = command::say(language);
    let heading = say("示例", "Example");
    let colon = say("：", ":");
    Command::new(tool.name)
        .about(tool.about.in_language(language))
        .args(tool.options.iter().map(|(name, value, about)| option(name, value, about.in_language(language))))
        .after_help(format!("{heading}{colon}\n  {}", tool.example))
}

/// One option; without a value's name it is a flag.
pub fn option(name: &'static str, value: &'static str, about: &'static str) -> Arg {
    match value {
        "" => command::flag(name, about),
        // A hyphen alone is standard input.
        value => Arg::new(name).long(name).value_name(value).allow_hyphen_values(true).help(about),
    }
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let Some((name, matches)) = matches.subcommand() else { return Exit::Usage };
    if name == keys_solve::NAME {
        return keys_solve::go(console, matches);
    }
    let Some(tool) = tools().find(|tool| tool.name == name) else { return Exit::Usage };
    let mut answer = Answer::default();
    let done = (tool.go)(matches, &mut answer);
    answer.end(console, done)
}
