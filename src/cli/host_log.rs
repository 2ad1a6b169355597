//! What `till host` shows: a line for every message, and what the keyboard asks for.

use crate::cli::host::of_host;
use crate::cli::style::{Console, Format, counted};
use crate::payment::iso8583::decode_error::DecodeError;
use crate::run::message_words::of_unpack;
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Language, Said};
use crate::world::host::centre::Centre;
use crate::world::host::delivery::{Decision, Delivery, Handled, Seen};
use crate::world::host::ledger::Difference;
use crate::world::net::server::{Counts, End, Event};
use crate::world::port::calendar::Moment;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;

/// Shows what a host does.
pub(super) struct HostLog {
    console: Console,
    quiet: bool,
}

impl HostLog {
    /// A log on this console; a quiet one shows the beginning and the end.
    pub(super) fn new(console: Console, quiet: bool) -> HostLog {
        HostLog { console, quiet }
    }

    /// Could part of it not be written?
    pub(super) fn lost(&self) -> bool {
        self.console.lost().is_some()
    }

    /// The first lines: where it listens, and that nothing of it is real.
    pub(super) fn listening(&self, address: SocketAddr, dialect: &str, tls: bool, ca: Option<&Path>, open: bool) {
        let console = &self.console;
        let scheme = if tls { "tls" } else { "tcp" };
        if console.format == Format::Json {
            self.json(json!({
                "event": "listening",
                "address": format!("{scheme}://{address}"),
                "dialect": dialect,
                "ca": ca.map(|ca| ca.display().to_string()),
                "simulated": true,
            }));
            return;
        }
        console.line(&console.bold(&match console.style.language {
            Language::Zh => format!("模拟主机（{dialect}）在 {scheme}://{address} 上监听"),
            Language::En => format!("simulated host ({dialect}) listening on {scheme}://{address}"),
        }));
        if let Some(ca) = ca {
            let said = console.say("终端须信任的测试证书：--tls-ca ", "test certificate for terminals: --tls-ca ");
            console.line(&format!("{said}{}", ca.display()));
        }
        if open {
            console.line(&console.painted("33", console.say(
                "注意：任何能连上此机器的人都能使用它。它是模拟主机，只有测试密钥，不核对来者，切勿放到生产网络上。",
                "Careful: whoever can reach this machine can use it. It is a simulator with test keys and asks nobody who they are; keep it off production networks.",
            )));
        }
        console.line(&console.dim(console.say(
            "不涉及真实资金。输入 help 看可用的命令，Ctrl-C 结束。",
            "No real money. Type help for what it understands, Ctrl-C to end.",
        )));
    }

    /// Something happened.
    pub(super) fn event(&self, event: &Event<'_>) {
        if self.quiet {
            return;
        }
        match event {
            Event::Opened { connection, peer } if self.is_json() => {
                self.json(json!({"event": "opened", "connection": connection, "peer": peer.to_string()}));
            }
            Event::Opened { connection, peer } if self.console.format == Format::Full => {
                self.dim(*connection, &format!("{} {peer}", self.console.say("连接来自", "connected from")));
            }
            Event::Opened { .. } => {}
            Event::Handled { connection, now_ms, handled } => self.handled(*connection, *now_ms, handled),
            Event::NotCut { connection, now_ms, error } => self.unreadable(*connection, *now_ms, error, true),
            Event::NotTaken { connection } if self.is_json() => {
                self.json(json!({"event": "not_taken", "connection": connection}));
            }
            Event::NotTaken { connection } => self.warn(
                *connection,
                self.console.say("应答没有送达：对方已断开", "the reply was not taken: the other side is gone"),
            ),
            Event::Closed { connection, end, messages } => self.closed(*connection, end, *messages),
            Event::Full { peer } if self.is_json() => {
                self.json(json!({"event": "turned_away", "peer": peer.to_string()}));
            }
            Event::Full { peer } => {
                let said = self.console.say("连接已满，不再接受", "too many connections; turned away");
                self.console.line(&self.console.painted("33", &format!("{said} {peer}")));
            }
        }
    }

    /// Does what a line says; false ends the host.
    pub(super) fn command(&self, line: &str, centre: &mut Centre) -> bool {
        let console = &self.console;
        let (word, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        match word {
            "" => {}
            "quit" | "exit" => return false,
            "fault" => match of_host(rest.trim()) {
                Ok(fault) => {
                    centre.faults.set_named(fault, rest.trim());
                    console.line(&format!("{} {}", console.say("已设置", "set:"), rest.trim()));
                }
                Err(failure) => console.refusal(&ScriptError::of(failure.code, failure.facts)),
            },
            "faults" => {
                let names = centre.faults.names();
                if names.is_empty() {
                    console.line(console.say("没有设置故障", "no fault is set"));
                }
                names.iter().for_each(|name| console.line(name));
            }
            "clear" => {
                for name in centre.faults.names() {
                    centre.faults.take_named(&name);
                }
                console.line(console.say("故障已清除", "every fault is taken away"));
            }
            "ledger" => self.ledger(centre),
            _ => console.line(console.say(
                "fault 名称（如 fault silent:0200#2）、faults、clear、ledger、quit",
                "fault NAME (such as fault silent:0200#2), faults, clear, ledger, quit",
            )),
        }
        true
    }

    /// The last lines: what was done, and what stands in the books.
    pub(super) fn summary(&self, centre: &Centre, counts: Counts) {
        let Counts { connections, turned_away, messages, unreadable, not_taken } = counts;
        if self.is_json() {
            self.json(json!({
                "event": "summary", "connections": connections, "turned_away": turned_away, "messages": messages,
                "unreadable": unreadable, "not_taken": not_taken,
            }));
        } else {
            self.console.line(&match self.console.style.language {
                Language::Zh => format!(
                    "已结束：{connections} 个连接，{messages} 个报文，{unreadable} 个无法解析，{not_taken} 个应答没有送达。"
                ),
                Language::En => format!(
                    "ended: {}, {}, {unreadable} unreadable, {} not taken.",
                    counted(connections, "connection"),
                    counted(messages, "message"),
                    if not_taken == 1 { "1 reply".to_owned() } else { format!("{not_taken} replies") }
                ),
            });
        }
        self.ledger(centre);
    }

    fn ledger(&self, centre: &Centre) {
        let console = &self.console;
        let standing = centre.standing();
        if standing.is_empty() && !self.is_json() {
            console.line(console.say("账上没有交易", "the books are empty"));
        }
        let is_empty = standing.is_empty();
        for books in standing {
            if self.is_json() {
                let live: Vec<Value> = books
                    .live
                    .iter()
                    .map(|(stan, amount)| json!({"stan": format!("{stan:06}"), "amount": amount.to_string()}))
                    .collect();
                self.json(json!({
                    "event": "books", "terminal": books.terminal, "batch": format!("{:06}", books.batch),
                    "signed_in": books.signed_in, "live": live, "taken_back": books.taken_back,
                    "declined": books.declined, "total": books.total.map(|amount| amount.to_string()),
                    "differences": books.differences.iter().map(difference).collect::<Vec<_>>(),
                }));
                continue;
            }
            let (approved, declined, reversed) = (books.live.len(), books.declined, books.taken_back);
            let total = books.total.map_or_else(|| "0".to_owned(), |amount| amount.to_string());
            let (terminal, batch) = (books.terminal.escape_debug(), books.batch);
            console.line(&match console.style.language {
                Language::Zh => format!(
                    "终端 {terminal} · 成功 {approved} · 未成 {declined} · 已冲正 {reversed} · 批次 {batch:06} 主机 {total}"
                ),
                Language::En => format!(
                    "terminal {terminal} · approved {approved} · declined {declined} · reversed {reversed} · batch {batch:06} host {total}"
                ),
            });
            for (stan, amount) in books.live.iter().rev().take(20).rev() {
                console.line(&format!("   {stan:06}  {amount}"));
            }
            for found in &books.differences {
                let numbers = |lines: &[(u32, i64)]| {
                    let all: Vec<String> = lines.iter().map(|(stan, _)| format!("{stan:06}")).collect();
                    if all.is_empty() { "-".to_owned() } else { all.join(" ") }
                };
                let (terminal, host) = (numbers(&found.only_terminal), numbers(&found.only_host));
                console.line(&console.painted(
                    "33",
                    &match console.style.language {
                        Language::Zh => {
                            format!("   批次 {:06} 对账不符：只有终端有 {terminal}；只有主机有 {host}", found.batch)
                        }
                        Language::En => {
                            format!(
                                "   batch {:06} differs: only the terminal has {terminal}; only the host has {host}",
                                found.batch
                            )
                        }
                    },
                ));
            }
        }
        if !is_empty && !self.is_json() {
            // A host knows one side only, so nothing here can be called consistent.
            console.line(&console.dim(console.say(
                "这只是主机一方的账；与终端日志逐笔对账用 till reconcile。",
                "These are the host's books alone; till reconcile holds a terminal's journal against them.",
            )));
        }
    }

    fn handled(&self, connection: u64, now_ms: i64, handled: &Handled) {
        let seen = match &handled.seen {
            Ok(seen) => seen,
            Err(error) => {
                return self.unreadable(connection, now_ms, error, !matches!(handled.delivery, Delivery::Silence));
            }
        };
        let (word, decided) = decided(seen.decision);
        let (line_word, on_line) = delivered(&handled.delivery);
        if self.is_json() {
            self.json(json!({
                "event": "message", "connection": connection, "at": at(now_ms), "mti": seen.mti.to_string(),
                "terminal": seen.terminal, "stan": seen.stan, "amount": seen.amount.map(|amount| amount.to_string()),
                "card": seen.card, "code": seen.code.map(|code| code.to_string()), "decision": word,
                "delivery": line_word, "fault": seen.fault,
            }));
            return;
        }
        self.console.line(&self.row(connection, now_ms, seen, &decided, on_line));
    }

    fn row(&self, connection: u64, now_ms: i64, seen: &Seen, decided: &Said, on_line: Option<Said>) -> String {
        let console = &self.console;
        let language = console.style.language;
        let mut parts = vec![format!("{} #{connection} {}", clock(now_ms), seen.mti)];
        parts.extend(seen.terminal.as_ref().map(|terminal| terminal.escape_debug().to_string()));
        parts.extend(seen.stan.clone());
        parts.extend(seen.amount.map(|amount| amount.to_string()));
        parts.extend(seen.card.clone());
        let code = seen.code.map_or("--".to_owned(), |code| code.to_string());
        parts.push(format!("-> {code} {}", decided.in_language(language)));
        parts.extend(on_line.map(|said| said.in_language(language).to_owned()));
        parts.extend(seen.fault.as_ref().map(|name| format!("[{} {name}]", console.say("故障", "fault"))));
        let text = parts.join("  ");
        match seen.decision {
            Decision::Refused => console.painted("33", &text),
            _ if seen.fault.is_some() => console.painted("33", &text),
            _ => text,
        }
    }

    fn unreadable(&self, connection: u64, now_ms: i64, error: &DecodeError, closes: bool) {
        if self.is_json() {
            self.json(json!({
                "event": "unreadable", "connection": connection, "at": at(now_ms), "layer": error.layer.word(),
                "field": error.field, "offset": error.offset, "needed": error.needed, "available": error.available,
                "detail": error.to_string(), "closed": closes,
            }));
            return;
        }
        let console = &self.console;
        let (head, end) = if closes {
            (console.say("无法解析，断开", "cannot be read; closed"), "")
        } else {
            (console.say("无法解析，不予理睬（--strict）", "cannot be read; ignored (--strict)"), "")
        };
        let detail = of_unpack(error);
        let text = format!(
            "{} #{connection} {head}{}{}{end}",
            clock(now_ms),
            console.say("：", ": "),
            detail.in_language(console.style.language)
        );
        console.line(&console.painted("31", &text));
    }

    fn closed(&self, connection: u64, end: &End, messages: u64) {
        let (word, said) = match end {
            End::Closed => ("closed", None),
            End::Stopped => ("stopped", None),
            End::Broken => ("broken", None),
            End::Idle => ("idle", Some(Said::new("太久没有报文，断开", "silent for too long; closed"))),
            End::Half(bytes) => (
                "half",
                Some(Said::new(
                    format!("对方在报文中途断开，只有 {bytes} 字节"),
                    format!("closed by the other side within a message, after {bytes} bytes of it"),
                )),
            ),
            End::Slow(bytes) => (
                "slow",
                Some(Said::new(
                    format!("报文没有及时收全（{bytes} 字节），断开"),
                    format!("the message did not end in time ({bytes} bytes of it); closed"),
                )),
            ),
            End::Failed(why) => ("failed", Some(why.clone())),
        };
        if self.is_json() {
            let detail = said.map(|said| json!({"zh": said.zh, "en": said.en}));
            self.json(json!({
                "event": "closed", "connection": connection, "end": word, "messages": messages, "detail": detail,
            }));
            return;
        }
        match said {
            Some(said) => self.warn(connection, said.in_language(self.console.style.language)),
            None if self.console.format == Format::Full => self.dim(connection, self.console.say("断开", "closed")),
            None => {}
        }
    }

    fn is_json(&self) -> bool {
        self.console.format == Format::Json
    }

    fn json(&self, event: Value) {
        let mut line = json!({"v": 1, "kind": "host"});
        if let (Value::Object(line), Value::Object(event)) = (&mut line, event) {
            line.extend(event);
        }
        self.console.line(&line.to_string());
    }

    fn dim(&self, connection: u64, text: &str) {
        self.console.line(&self.console.dim(&format!("#{connection} {text}")));
    }

    fn warn(&self, connection: u64, text: &str) {
        self.console.line(&self.console.painted("33", &format!("#{connection} {text}")));
    }
}

/// What an upload showed.
fn difference(found: &Difference) -> Value {
    let lines = |lines: &[(u32, i64)]| -> Vec<Value> {
        lines.iter().map(|(stan, minor)| json!({"stan": format!("{stan:06}"), "minor": minor})).collect()
    };
    json!({
        "batch": format!("{:06}", found.batch),
        "only_terminal": lines(&found.only_terminal),
        "only_host": lines(&found.only_host),
    })
}

fn decided(decision: Decision) -> (&'static str, Said) {
    match decision {
        Decision::Booked => ("booked", Said::new("已入账", "booked")),
        Decision::Answered => ("answered", Said::new("已回答", "answered")),
        Decision::Refused => ("refused", Said::new("未入账", "not booked")),
        Decision::TakenBack => ("taken_back", Said::new("已冲正", "taken back")),
        Decision::NothingToTakeBack => ("nothing_to_take_back", Said::new("没有原交易", "nothing to take back")),
        Decision::SignedIn => ("signed_in", Said::new("下发工作密钥", "work keys handed out")),
        Decision::Compared => ("compared", Said::new("已对账", "totals compared")),
        Decision::Uploaded => ("uploaded", Said::new("已收下明细", "details taken")),
        Decision::Managed => ("managed", Said::new("网络管理", "network management")),
        Decision::Ignored => ("ignored", Said::new("没有处理", "not looked at")),
    }
}

/// What became of the reply, where it is not simply on its way.
fn delivered(delivery: &Delivery) -> (&'static str, Option<Said>) {
    match delivery {
        Delivery::Reply { after_ms: None, .. } => ("sent", None),
        Delivery::Reply { after_ms: Some(ms), .. } => {
            ("late", Some(Said::new(format!("{} 秒后才发", ms / 1000), format!("sent {} s later", ms / 1000))))
        }
        Delivery::Silence => ("withheld", Some(Said::new("不应答", "no reply"))),
        Delivery::Break { .. } => ("broken", Some(Said::new("中途断线", "line broken"))),
    }
}

/// The time of the day, to the millisecond.
fn clock(now_ms: i64) -> String {
    let Moment { hour, minute, second, .. } = Moment::from_ms(now_ms);
    format!("{hour:02}:{minute:02}:{second:02}.{:03}", now_ms.rem_euclid(1000))
}

/// Date and time, for programs.
fn at(now_ms: i64) -> String {
    let Moment { year, month, day, .. } = Moment::from_ms(now_ms);
    format!("{year:04}-{month:02}-{day:02}T{}", clock(now_ms))
}
