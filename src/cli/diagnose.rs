//! `till diagnose`: why a host does not answer, and the edit that would mend it.

use crate::cli::dialect::dialect_on_a_line;
use crate::cli::exit::Exit;
use crate::cli::host::refuse;
use crate::cli::proxy::trust;
use crate::cli::show::padded;
use crate::cli::style::{Console, Format};
use crate::run::diagnose::{Diagnosis, Layer, Question, diagnose as ask};
use crate::script_error::words::Said;
use crate::world::net::address::Address;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

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
