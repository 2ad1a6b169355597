//! `till diagnose`: why a host does not answer, and the edit that would mend it.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::host::refuse;
use crate::cli::line_options::{dialect_on_a_line, dialect_option, positional, word};
use crate::cli::proxy::trust;
use crate::cli::show::padded;
use crate::cli::style::{Console, Format};
use crate::run::diagnose::{Diagnosis, Layer, Question, diagnose as ask};
use crate::script_error::words::{Language, Said, Words};
use crate::world::net::address::Address;
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// `till diagnose` on the command line.
pub const COMMAND: Row = Row {
    name: "diagnose",
    about: Words {
        zh: "查主机为何不应答，并给出改法",
        en: "Find out why a host does not answer, and what would mend it",
    },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(positional("address", "ADDRESS", say("主机地址", "Where the host is")))
        .arg(dialect_option(language))
        .arg(command::path_option("tls-ca", "FILE", say("信任的 CA（PEM）", "The CA to trust (PEM)")))
        .arg(word("terminal", "NUMBER", say("终端号", "The terminal's number")).default_value("10000007").hide_default_value(true))
        .arg(
            word("merchant", "NUMBER", say("商户号", "The merchant's number"))
                .default_value("898310053110007")
                .hide_default_value(true),
        )
        .arg(
            Arg::new("within")
                .long("within")
                .value_name("SECONDS")
                .value_parser(value_parser!(u64).range(1..=120))
                .help(say("每次尝试等多少秒；默认 3", "How long each try waits; 3 unless told")),
        )
        .arg(command::format(language))
        .after_help(say(
            "示例：\n  till diagnose 10.0.0.7:9009 --dialect cn_pos\n  till diagnose tls://pos.example:9009 --tls-ca ca.pem\n\n只发送回响测试，不动账。见 docs/host.md。",
            "Examples:\n  till diagnose 10.0.0.7:9009 --dialect cn_pos\n  till diagnose tls://pos.example:9009 --tls-ca ca.pem\n\nOnly echoes are sent; no money moves. See docs/host.md.",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    diagnose(console, &wanted(matches))
}

/// What the command line says of a diagnosis.
fn wanted(matches: &ArgMatches) -> Wanted {
    let text = |id| matches.get_one::<String>(id).cloned().unwrap_or_default();
    Wanted {
        address: text("address"),
        dialect: text("dialect"),
        tls_ca: matches.get_one::<PathBuf>("tls-ca").cloned(),
        terminal: text("terminal"),
        merchant: text("merchant"),
        within: matches.get_one::<u64>("within").copied().unwrap_or(3),
    }
}

/// What the command line said.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Where the host is said to be.
    pub address: String,
    /// The dialect's name, or a file.
    pub dialect: String,
    /// Whom to trust over TLS.
    pub tls_ca: Option<PathBuf>,
    /// The terminal's number.
    pub terminal: String,
    /// The merchant's number.
    pub merchant: String,
    /// How long each try waits, in seconds.
    pub within: u64,
}

/// Asks, and shows what was found.
pub fn diagnose(console: &Console, wanted: &Wanted) -> Exit {
    let dialect = match dialect_on_a_line(console, &wanted.dialect) {
        Ok(dialect) => dialect,
        Err(exit) => return exit,
    };
    let prepared = Address::parse(&wanted.address).and_then(|address| {
        let tls = trust(&address, wanted.tls_ca.as_deref())?;
        Ok((address, tls))
    });
    let (address, tls) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return refuse(console, failure),
    };
    let question = Question {
        address,
        tls,
        dialect,
        terminal: wanted.terminal.clone(),
        merchant: wanted.merchant.clone(),
        within: Duration::from_secs(wanted.within),
    };
    if console.format == Format::Full {
        console.line(&console.bold(&format!("{} ({})", question.address, question.dialect.name)));
        console.line(
            &console
                .dim(console.say("只发送回响测试（08xx），不动账。", "Only echoes (08xx) are sent; no money moves.")),
        );
    }
    let found = ask(&question);
    if console.format == Format::Json {
        console.line(&json_of(&question, &found));
    } else {
        page(console, &found);
    }
    if found.fails.is_none() { Exit::Fine } else { Exit::Failed }
}

fn page(console: &Console, found: &Diagnosis) {
    let language = console.style.language;
    let row = |layer: Layer, verdict: &str, said: &Said| {
        format!("{}{}{}", padded(layer.word(), 9), padded(verdict, 7), said.in_language(language))
    };
    for (layer, said) in &found.right {
        console.line(&row(*layer, console.say("正确", "ok"), said));
    }
    let Some((layer, why)) = &found.fails else {
        console.line(&console.painted("32", console.say("各层都对。", "Every layer is right.")));
        return;
    };
    console.line(&console.painted("31", &row(*layer, console.say("错误", "FAIL"), why)));
    match &found.edit {
        Some(edit) => {
            let said = console.say("改法：", "mend it: ");
            console.line(&format!("{said}{}", edit.in_language(language)));
        }
        None => console.line(console.say(
            "没有找到有效的改法。请向主机方核对地址、帧格式与报文头，并查看其日志。",
            "No edit was found that works. Compare address, framing and header with those who run the host, and look at its log.",
        )),
    }
}

fn json_of(question: &Question, found: &Diagnosis) -> String {
    let both = |said: &Said| json!({"zh": said.zh, "en": said.en});
    let right =
        found.right.iter().map(|(layer, said)| json!({"layer": layer.word(), "ok": true, "detail": both(said)}));
    let wrong =
        found.fails.iter().map(|(layer, said)| json!({"layer": layer.word(), "ok": false, "detail": both(said)}));
    json!({
        "v": 1,
        "kind": "diagnosis",
        "address": question.address.to_string(),
        "dialect": question.dialect.name,
        "layers": right.chain(wrong).collect::<Vec<_>>(),
        "fails": found.fails.as_ref().map(|(layer, _)| layer.word()),
        "edit": found.edit.as_ref().map(both),
    })
    .to_string()
}
