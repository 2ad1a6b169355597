//! What the commands that open sockets take on the command line.

use crate::cli::command;
use crate::cli::exit::Exit;
use crate::cli::message::wanted::dialect as named;
use crate::cli::style::Console;
use crate::payment::iso8583::cut::is_cuttable;
use crate::payment::iso8583::dialect::Dialect;
use crate::script_error::catalogue::network;
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::words::Language;
use clap::{Arg, ArgAction, value_parser};
use std::path::PathBuf;

/// A word that must be given.
pub(super) fn positional(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).required(true).value_name(value).help(help)
}

/// An option with a word.
pub(super) fn word(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// `--dialect`.
pub(super) fn dialect_option(language: Language) -> Arg {
    let help =
        command::say(language)("方言名，或声明它的 .till 文件", "A dialect's name, or the .till file that declares it");
    word("dialect", "NAME|FILE", help).default_value("cn_pos").hide_default_value(true)
}

/// `--tls`.
pub(super) fn tls_option(language: Language) -> Arg {
    Arg::new("tls")
        .long("tls")
        .value_names(["CERT|self", "KEY"])
        .num_args(1..=2)
        .value_parser(value_parser!(PathBuf))
        .help(command::say(language)(
            "用 TLS：证书与私钥（PEM）；self 则现做一张测试证书，CA 写到其后的文件",
            "Speak TLS: certificate and key (PEM); `self` makes one for tests and writes its CA to the file behind it",
        ))
}

/// `--fault`.
pub(super) fn faults_option(language: Language) -> Arg {
    Arg::new("fault").long("fault").value_name("NAME").action(ArgAction::Append).help(command::say(language)(
        "按名称设置故障，可写多次",
        "Make something go wrong, by name; may be given more than once",
    ))
}

/// The dialect that a word on the command line means; its messages can go over a connection. What is wrong is shown.
pub(super) fn dialect_on_a_line(console: &Console, word: &str) -> Result<Dialect, Exit> {
    let dialect = named(console, word)?.dialect;
    if !is_cuttable(&dialect) {
        let facts = vec![("dialect", Fact::Text(dialect.name.clone()))];
        console.refusal(&ScriptError::of(network::NO_LENGTH_IN_FRONT, facts));
        return Err(Exit::Refused);
    }
    Ok(dialect)
}
