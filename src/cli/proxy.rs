//! `till proxy`: between a real terminal and a real host, both sides decoded, and spoilt as asked.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::host::{keyboard, listen, refuse};
use crate::cli::line_options::{dialect_on_a_line, dialect_option, faults_option, positional, tls_option};
use crate::cli::show::show_fields;
use crate::cli::style::{Console, Format, counted};
use crate::payment::iso8583::decode_error::DecodeError;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::message::Message;
use crate::run::happening::shown_fields;
use crate::run::message_words::of_unpack;
use crate::script_error::catalogue::network;
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Language, Said, Words};
use crate::world::net::address::Address;
use crate::world::net::proxy::{Event, ProxySetup};
use crate::world::net::proxy_rule::{self, Rules, Side};
use crate::world::net::tls;
use crate::world::port::failure::Failure;
use clap::{ArgMatches, Command};
use rustls::ClientConfig;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// `till proxy` on the command line.
pub const COMMAND: Row = Row {
    name: "proxy",
    about: Words {
        zh: "在终端与主机之间转发报文，可设置故障",
        en: "Stand between a terminal and a host, and spoil messages",
    },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let rules: Vec<String> = proxy_rule::ROWS
        .iter()
        .map(|row| if row.value.is_empty() { row.name.to_owned() } else { format!("{}[={}]", row.name, row.value) })
        .collect();
    let command = command
        .arg(positional("listen", "LISTEN", say("终端连接的地址", "Where the terminal connects")))
        .arg(positional("target", "TARGET", say("主机地址", "Where the host is")))
        .arg(command::flag(
            "open-to-network",
            say("允许其他机器连接（默认只限本机）", "Let other machines connect; this one only unless told"),
        ))
        .arg(dialect_option(language))
        .arg(tls_option(language))
        .arg(command::path_option(
            "tls-ca",
            "FILE",
            say("在主机一侧信任的 CA（PEM）", "The CA to trust at the host (PEM)"),
        ))
        .arg(faults_option(language))
        .arg(command::format(language));
    let (head, tail) = match language {
        Language::Zh => (
            "示例：\n  till proxy 127.0.0.1:9010 tcp://127.0.0.1:9009 --fault drop-response:0210\n  till proxy 127.0.0.1:9010 tcp://127.0.0.1:9009 --fault delay-response:0210=5s --fault corrupt-request:0200#2\n\n规则：",
            "\n写作 动作-request 或 动作-response，可加 :报文类型、#第几个、@流水号、=值。见 docs/host.md。",
        ),
        Language::En => (
            "Examples:\n  till proxy 127.0.0.1:9010 tcp://127.0.0.1:9009 --fault drop-response:0210\n  till proxy 127.0.0.1:9010 tcp://127.0.0.1:9009 --fault delay-response:0210=5s --fault corrupt-request:0200#2\n\nRules: ",
            "\nWritten ACTION-request or ACTION-response; :MTI, #N, @STAN and =VALUE may follow. See docs/host.md.",
        ),
    };
    command.after_help(format!("{head}{}{tail}", rules.join(", ")))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    proxy(console, &wanted(matches))
}

/// What the command line says of a proxy.
fn wanted(matches: &ArgMatches) -> Wanted {
    let text = |id| matches.get_one::<String>(id).cloned().unwrap_or_default();
    Wanted {
        listen: text("listen"),
        target: text("target"),
        open_to_network: matches.get_flag("open-to-network"),
        dialect: text("dialect"),
        tls: command::paths(matches, "tls"),
        tls_ca: matches.get_one::<PathBuf>("tls-ca").cloned(),
        faults: command::texts(matches, "fault"),
    }
}

/// What the command line said.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Where terminals connect.
    pub listen: String,
    /// Where the host is.
    pub target: String,
    /// Others than this machine may connect.
    pub open_to_network: bool,
    /// The dialect's name, or a file.
    pub dialect: String,
    /// Certificate and key shown to terminals, or `self`; empty for plain TCP.
    pub tls: Vec<PathBuf>,
    /// Whom to trust at the host.
    pub tls_ca: Option<PathBuf>,
    /// Rules by name.
    pub faults: Vec<String>,
}

/// Passes messages on until it is told to end.
pub fn proxy(console: &Console, wanted: &Wanted) -> Exit {
    let dialect = match dialect_on_a_line(console, &wanted.dialect) {
        Ok(dialect) => dialect,
        Err(exit) => return exit,
    };
    let prepared = rules(wanted).and_then(|rules| {
        let target = Address::parse(&wanted.target)?;
        let trusted = trust(&target, wanted.tls_ca.as_deref())?;
        let (server, certificate) = listen(&wanted.listen, wanted.open_to_network, &wanted.tls)?;
        Ok((rules, target, trusted, server, certificate))
    });
    let (rules, target, target_tls, mut server, certificate) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return refuse(console, failure),
    };
    server.catch_signals();
    let log = Rc::new(ProxyLog { console: console.again(), dialect: dialect.clone() });
    log.listening(&format!("{}://{}", scheme(certificate.config.is_some()), server.address()), &target);
    if let Some(ca) = &certificate.ca {
        log.console.line(&format!("--tls-ca {}", ca.display()));
    }
    let setup = ProxySetup { dialect, target, target_tls, tls: certificate.config };
    let (watching, typing) = (Rc::clone(&log), Rc::clone(&log));
    server.relay(
        setup,
        rules,
        keyboard(),
        Box::new(move |line, rules| typing.command(line, rules)),
        Box::new(move |event| watching.event(event)),
    );
    if log.console.lost().is_some() { Exit::Surroundings } else { Exit::Fine }
}

/// Whom to trust, where the address asks for TLS.
pub(super) fn trust(address: &Address, ca: Option<&Path>) -> Result<Option<Arc<ClientConfig>>, Failure> {
    match (address.tls, ca) {
        (false, _) => Ok(None),
        (true, Some(ca)) => tls::client(ca).map(Some),
        (true, None) => {
            let detail = Said::new("tls:// 地址须写明信任的 CA", "a tls:// address needs the CA to trust");
            Err(Failure::new(network::TLS_UNUSABLE).text("path", "--tls-ca").fact("detail", Fact::Said(detail)))
        }
    }
}

fn rules(wanted: &Wanted) -> Result<Rules, Failure> {
    wanted.faults.iter().map(|name| proxy_rule::parse(name)).collect::<Result<_, _>>().map(Rules)
}

fn scheme(tls: bool) -> &'static str {
    if tls { "tls" } else { "tcp" }
}

struct ProxyLog {
    console: Console,
    dialect: Dialect,
}

impl ProxyLog {
    fn listening(&self, address: &str, target: &Address) {
        let console = &self.console;
        if self.is_json() {
            self.json(json!({
                "event": "listening", "address": address, "target": target.to_string(), "dialect": self.dialect.name,
            }));
            return;
        }
        console.line(&console.bold(&match console.style.language {
            Language::Zh => format!("代理在 {address} 上监听，转发到 {target}（{}）", self.dialect.name),
            Language::En => format!("proxy listening on {address}, passing on to {target} ({})", self.dialect.name),
        }));
        console.line(&console.dim(console.say(
            "卡号与密钥只显示屏蔽后的形式。输入 fault 规则、faults、clear 或 quit。",
            "Card data and keys are masked. It takes: fault RULE, faults, clear, quit.",
        )));
    }

    fn command(&self, line: &str, rules: &mut Rules) -> bool {
        let console = &self.console;
        let (word, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        match word {
            "" => {}
            "quit" | "exit" => return false,
            "fault" => match proxy_rule::parse(rest.trim()) {
                Ok(rule) => {
                    rules.0.push(rule);
                    console.line(&format!("{} {}", console.say("已设置", "set:"), rest.trim()));
                }
                Err(failure) => console.refusal(&ScriptError::of(failure.code, failure.facts)),
            },
            "faults" if rules.0.is_empty() => console.line(console.say("没有设置规则", "no rule is set")),
            "faults" => rules.0.iter().for_each(|rule| console.line(&rule.name)),
            "clear" => {
                rules.0.clear();
                console.line(console.say("规则已清除", "every rule is taken away"));
            }
            _ => console.line(console.say(
                "fault 规则（如 fault drop-response:0210）、faults、clear、quit",
                "fault RULE (such as fault drop-response:0210), faults, clear, quit",
            )),
        }
        true
    }

    fn event(&self, event: &Event<'_>) {
        let console = &self.console;
        match event {
            Event::Opened { connection, peer } if self.is_json() => {
                self.json(json!({"event": "opened", "connection": connection, "peer": peer.to_string()}));
            }
            Event::Opened { connection, peer } => {
                let said = console.say("连接来自", "connected from");
                console.line(&console.dim(&format!("#{connection} {said} {peer}")));
            }
            Event::Unreachable { connection, why } if self.is_json() => {
                self.json(json!({"event": "unreachable", "connection": connection, "zh": why.zh, "en": why.en}));
            }
            Event::Unreachable { connection, why } => {
                let said = console.say("连不上主机：", "the host cannot be reached: ");
                let text = format!("#{connection} {said}{}", why.in_language(console.style.language));
                console.line(&console.painted("31", &text));
            }
            Event::Message { connection, side, message, struck } => match message {
                Ok(message) => self.message(*connection, *side, message, struck),
                Err(error) => self.unreadable(*connection, *side, error, struck),
            },
            Event::NotCut { connection, side, error } => self.unreadable(*connection, *side, error, &[]),
            Event::Closed { connection, by, lost } if self.is_json() => {
                let by = by.map(|side| if side == Side::Request { "terminal" } else { "host" });
                self.json(json!({"event": "closed", "connection": connection, "by": by, "lost": lost}));
            }
            Event::Closed { connection, by, lost } => {
                let said = match by {
                    Some(Side::Request) => console.say("终端断开", "closed by the terminal"),
                    Some(Side::Response) => console.say("主机断开", "closed by the host"),
                    None => console.say("由代理断开", "closed by the proxy"),
                };
                let mut text = format!("#{connection} {said}");
                if *lost > 0 {
                    text.push_str(&match console.style.language {
                        Language::Zh => format!("，{lost} 个报文没有传到"),
                        Language::En => format!(", {} not passed on", counted(lost, "message")),
                    });
                }
                console.line(&console.dim(&text));
            }
        }
    }

    fn message(&self, connection: u64, side: Side, message: &Message, struck: &[String]) {
        let console = &self.console;
        let fields = shown_fields(message, &self.dialect);
        if self.is_json() {
            let fields: serde_json::Map<String, Value> = fields
                .iter()
                .map(|field| {
                    let value = json!({
                        "name": {"zh": field.name.zh, "en": field.name.en},
                        "value": {"zh": field.value.zh, "en": field.value.en},
                    });
                    (field.number.to_string(), value)
                })
                .collect();
            self.json(json!({
                "event": "message", "connection": connection, "side": word(side), "mti": message.mti.to_string(),
                "fields": fields, "struck": struck,
            }));
            return;
        }
        let stan = message.text(11).unwrap_or("");
        let text = format!("#{connection} {} {}  {stan}{}", arrow(side), message.mti, self.struck(struck));
        console.line(&console.painted(if struck.is_empty() { "36" } else { "33" }, &text));
        if console.format == Format::Full {
            show_fields(console, &fields);
        }
    }

    fn unreadable(&self, connection: u64, side: Side, error: &DecodeError, struck: &[String]) {
        let console = &self.console;
        if self.is_json() {
            self.json(json!({
                "event": "unreadable", "connection": connection, "side": word(side), "layer": error.layer.word(),
                "field": error.field, "offset": error.offset, "detail": error.to_string(), "struck": struck,
            }));
            return;
        }
        let detail = of_unpack(error);
        let text = format!(
            "#{connection} {} {}{}{}",
            arrow(side),
            console.say("无法解析：", "cannot be read: "),
            detail.in_language(console.style.language),
            self.struck(struck)
        );
        console.line(&console.painted("31", &text));
    }

    fn struck(&self, struck: &[String]) -> String {
        if struck.is_empty() { String::new() } else { format!("  [{}]", struck.join(", ")) }
    }

    fn is_json(&self) -> bool {
        self.console.format == Format::Json
    }

    fn json(&self, event: Value) {
        let mut line = json!({"v": 1, "kind": "proxy"});
        if let (Value::Object(line), Value::Object(event)) = (&mut line, event) {
            line.extend(event);
        }
        self.console.line(&line.to_string());
    }
}

fn arrow(side: Side) -> &'static str {
    match side {
        Side::Request => "->",
        Side::Response => "<-",
    }
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Request => "request",
        Side::Response => "response",
    }
}
