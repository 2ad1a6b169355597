//! A command as one row, and the words of the command line that several commands take.

use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::script_error::words::{Language, Words};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::path::PathBuf;

/// A command of the program. Each lies in the file of its command; the table in `commands.rs` lists them.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What is typed.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: Words,
    /// Adds what may follow, in the reader's language.
    pub define: fn(Command, Language) -> Command,
    /// Does it.
    pub go: fn(&Console, &ArgMatches) -> Exit,
}

/// The words in the reader's language.
pub fn say(language: Language) -> impl Fn(&'static str, &'static str) -> &'static str + Copy {
    move |zh, en| Words { zh, en }.in_language(language)
}

/// `--format`, with these words.
pub fn format_of(language: Language, words: &[&'static str]) -> Arg {
    let help = match language {
        Language::Zh => format!("输出形式：{}", words.join("、")),
        Language::En => "Form of the output".to_owned(),
    };
    Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(words.to_vec())
        .help(help)
        .hide_possible_values(language == Language::Zh)
}

/// `--format`, for what most commands write.
pub fn format(language: Language) -> Arg {
    format_of(language, &Format::WORDS)
}

/// One file, which must be named.
pub fn file(help: &'static str) -> Arg {
    Arg::new("file").required(true).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
}

/// A program, and which of its flows is run with what.
pub fn flow(language: Language) -> [Arg; 2] {
    let say = say(language);
    [
        file(say("脚本（.till）或字节码（.tillc）", "A script (.till) or bytecode (.tillc)")),
        Arg::new("words")
            .num_args(0..)
            .value_name("FLOW | NAME=VALUE")
            .help(say("流程名，以及 参数名=值", "The flow's name, then its parameters")),
    ]
}

/// Files, at least one.
pub fn files(help: &'static str) -> Arg {
    Arg::new("files").required(true).num_args(1..).value_name("FILES").value_parser(value_parser!(PathBuf)).help(help)
}

/// `--seed`.
pub fn seed(language: Language) -> Arg {
    Arg::new("seed").long("seed").value_name("N").value_parser(value_parser!(u64)).help(say(language)(
        "模拟世界的种子；同一种子结果相同",
        "Seed of the simulated world; the same seed gives the same run",
    ))
}

/// An option without a value.
pub fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// An option whose value is a path.
pub fn path_option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf)).help(help)
}

/// The path given under a name.
pub fn path(matches: &ArgMatches, id: &str) -> Option<PathBuf> {
    matches.get_one::<PathBuf>(id).cloned()
}

/// All paths given under a name.
pub fn paths(matches: &ArgMatches, id: &str) -> Vec<PathBuf> {
    matches.get_many::<PathBuf>(id).map(|paths| paths.cloned().collect()).unwrap_or_default()
}

/// The word given under a name.
pub fn text(matches: &ArgMatches, id: &str) -> Option<String> {
    matches.get_one::<String>(id).cloned()
}

/// All words given under a name.
pub fn texts(matches: &ArgMatches, id: &str) -> Vec<String> {
    matches.get_many::<String>(id).map(|texts| texts.cloned().collect()).unwrap_or_default()
}
