//! The way to the host, layer by layer. Only echoes are sent.

use super::equipment::written;
use super::verdict::{Finding, tell};
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::response::ResponseCode;
use crate::run::echo::echo;
use crate::run::exchange::{RESPONSE_CODE, exchange};
use crate::run::happening::Happening;
use crate::run::session::Session;
use crate::script_error::catalogue::{keys, network, readiness};
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::fill::said;
use crate::script_error::words::{Said, Words};
use crate::world::port::calendar::Moment;
use crate::world::port::failure::Failure;
use crate::world::port::host_link::LinkAddress;

/// Tries to reach an address before it counts as not there: lines that come and go are common.
const TRIES: u32 = 3;
/// The clocks of host and terminal may be apart by so much.
const APART_MS: i64 = 120_000;

/// What is told of the way to the host.
#[derive(Clone, Copy)]
enum Layer {
    Line,
    Tls,
    Frame,
    Echo,
    Backup,
    Clock,
}

impl Layer {
    fn word(self) -> &'static str {
        match self {
            Layer::Line => "line",
            Layer::Tls => "tls",
            Layer::Frame => "frame",
            Layer::Echo => "echo",
            Layer::Backup => "backup_host",
            Layer::Clock => "host_clock",
        }
    }

    fn name(self) -> Words {
        match self {
            Layer::Line => Words { zh: "线路", en: "line" },
            Layer::Tls => Words { zh: "TLS", en: "TLS" },
            Layer::Frame => Words { zh: "报文帧", en: "frame" },
            Layer::Echo => Words { zh: "回响", en: "echo" },
            Layer::Backup => Words { zh: "备用主机", en: "backup host" },
            Layer::Clock => Words { zh: "主机时间", en: "host's time" },
        }
    }
}

/// What came of asking one address.
struct Reached {
    line: Finding,
    tls: Finding,
    frame: Finding,
    echo: Finding,
    /// The host's date and time, where its reply had them.
    clock: Option<(String, String)>,
}

impl Reached {
    fn works(&self) -> bool {
        self.echo.is_ok()
    }

    /// The first layer that is not as it should be.
    fn first_fault(&self) -> Option<&Finding> {
        [&self.line, &self.tls, &self.frame, &self.echo].into_iter().find(|finding| finding.failure.is_some())
    }

    /// The line failed, or TLS on it; nothing further was tried.
    fn cut_off(line: Finding, tls: Finding) -> Reached {
        let behind = || Finding::not_checked("没有连上", "there is no line");
        Reached { line, tls, frame: behind(), echo: behind(), clock: None }
    }
}

/// Asks every address of the host, tells what was found, and gives whether any of them works.
pub(super) fn ask(session: &mut Session<'_>, within_ms: i64) -> bool {
    let program = session.program;
    let parameters = &session.ports.parameters;
    let asked = program.dialect.as_ref().map(|dialect| {
        let request = echo(dialect, &parameters.terminal_id, &parameters.merchant_id);
        request.map(|request| (dialect, request))
    });
    let (dialect, request) = match asked {
        Some(Some(asked)) => asked,
        Some(None) => {
            return nothing_to_ask(session, "方言没有不动账的回响报文（08xx）", "the dialect has no echo (08xx)");
        }
        None => return nothing_to_ask(session, "脚本没有导入方言", "the script imports no dialect"),
    };
    let addresses = session.ports.host.addresses();
    let share_ms = within_ms / addresses.len().max(1) as i64;
    let main = reach(session, dialect, &request, 0, addresses.first(), share_ms);
    let backups: Vec<(&LinkAddress, Reached)> = addresses
        .iter()
        .enumerate()
        .skip(1)
        .map(|(at, address)| (address, reach(session, dialect, &request, at, Some(address), share_ms)))
        .collect();
    session.ports.host.begin_with(0);
    let stands_in = backups.iter().any(|(_, reached)| reached.works());
    let works = main.works() || stands_in;
    let clock = main.clock.clone().or_else(|| backups.iter().find_map(|(_, reached)| reached.clock.clone()));
    let backup = backup(&backups, main.works());
    // Where another address works, the terminal does.
    let weigh = |finding: Finding| if stands_in { finding.softened() } else { finding };
    for (layer, finding) in
        [(Layer::Line, main.line), (Layer::Tls, main.tls), (Layer::Frame, main.frame), (Layer::Echo, main.echo)]
    {
        tell(session, layer.word(), layer.name(), weigh(finding));
    }
    tell(session, Layer::Backup.word(), Layer::Backup.name(), backup);
    let clock = match session.examination.unopened {
        // The clock of a simulated terminal lies beside its journal.
        Some(_) => Finding::not_checked("日志打不开", "the journal cannot be opened"),
        None => host_clock(session.ports.clock.now_ms(), clock),
    };
    tell(session, Layer::Clock.word(), Layer::Clock.name(), clock);
    works
}

/// Nothing of the host can be looked at.
fn nothing_to_ask(session: &mut Session<'_>, zh: &str, en: &str) -> bool {
    tell(session, Layer::Echo.word(), Layer::Echo.name(), Finding::not_checked(zh, en));
    false
}

/// Connects to one address, then sends the echo there.
fn reach(
    session: &mut Session<'_>,
    dialect: &Dialect,
    request: &Message,
    at: usize,
    address: Option<&LinkAddress>,
    within_ms: i64,
) -> Reached {
    let mut left_ms = within_ms;
    let mut tries = 0;
    let unreachable = loop {
        tries += 1;
        let waited = session.ports.host.reach(at, left_ms);
        session.ports.clock.elapse(waited.after_ms);
        left_ms -= waited.after_ms;
        match waited.result {
            Ok(()) => break None,
            // TLS does not mend itself, and nobody waits for a line longer than was said.
            Err(why) if why.at_tls || tries >= TRIES || left_ms <= 0 => break Some(why),
            Err(_) => {}
        }
    };
    let place = |said: Said| match address {
        Some(address) => Said::new(format!("{}：{}", address.text, said.zh), format!("{}: {}", address.text, said.en)),
        None => said,
    };
    if let Some(not_reached) = unreachable {
        let why = place(not_reached.why.clone());
        let failed =
            Finding::failed(Failure::new(network::NO_LINE).fact("reason", Fact::Said(not_reached.why))).saying(why);
        return if not_reached.at_tls {
            Reached::cut_off(line_found(address, tries), failed)
        } else {
            Reached::cut_off(failed, Finding::not_checked("没有连上", "there is no line"))
        };
    }
    session.ports.host.begin_with(at);
    let mut seen = Vec::new();
    let began_ms = session.ports.clock.now_ms();
    let result =
        exchange(&mut session.ports, dialect, request.clone(), left_ms.max(1), &mut |happening| seen.push(happening));
    let took_ms = session.ports.clock.now_ms() - began_ms;
    let elsewhere = seen.iter().any(|happening| matches!(happening, Happening::Backup { .. }));
    for happening in seen {
        session.happen(happening);
    }
    let (line, tls) = (line_found(address, tries), tls_found(address));
    match result {
        // The line was there a moment ago, and another address took the echo.
        Ok(_) if elsewhere => Reached::cut_off(
            Finding::failed(Failure::new(network::NO_LINE))
                .saying(place(Said::new("线路时通时断", "the line comes and goes"))),
            tls,
        ),
        Ok(reply) => {
            let frame = Finding::ok("应答读得通，匹配域相符", "the reply can be read and answers the echo");
            let clock = reply.text(13).zip(reply.text(12)).map(|(date, time)| (date.to_owned(), time.to_owned()));
            Reached { line, tls, frame, echo: echo_found(&reply, dialect, took_ms), clock }
        }
        Err(failure) if failure.code == network::NO_LINE => {
            Reached::cut_off(Finding::failed(failure), Finding::not_checked("没有连上", "there is no line"))
        }
        Err(failure) => {
            let (frame, echo) = unanswered(failure);
            Reached { line, tls, frame, echo, clock: None }
        }
    }
}

fn line_found(address: Option<&LinkAddress>, tries: u32) -> Finding {
    let where_to = match address {
        Some(address) => Said::new(format!("{}，已连上", address.text), format!("{}, connected", address.text)),
        None => Said::new("进程内的模拟线路", "simulated, in this process"),
    };
    if tries == 1 {
        return Finding::ok(where_to.zh, where_to.en);
    }
    let reason = Said::new(format!("第 {tries} 次才连上"), format!("only try {tries} got through"));
    Finding::warning(Failure::new(network::NO_LINE).fact("reason", Fact::Said(reason.clone())))
        .saying(Said::new(format!("{}，{}", where_to.zh, reason.zh), format!("{}; {}", where_to.en, reason.en)))
}

fn tls_found(address: Option<&LinkAddress>) -> Finding {
    match address {
        Some(address) if address.tls => Finding::ok("握手完成，证书可信", "handshake done, certificate trusted"),
        Some(_) => Finding::not_checked("地址写的是不加密的 TCP", "the address says plain TCP"),
        None => Finding::not_checked("模拟线路没有 TLS", "a simulated line has none"),
    }
}

fn echo_found(reply: &Message, dialect: &Dialect, took_ms: i64) -> Finding {
    match reply.text(RESPONSE_CODE).and_then(ResponseCode::parse) {
        Some(code) if dialect.approves(code) => {
            Finding::ok(format!("应答码 {code}，{took_ms} 毫秒"), format!("response code {code}, {took_ms} ms"))
        }
        Some(code) => Finding::failed(Failure::new(readiness::ECHO_REFUSED).text("code", code.to_string())),
        None => Finding::failed(Failure::new(network::REPLY_INCOMPLETE).fact("field", Fact::Field(RESPONSE_CODE))),
    }
}

/// No usable reply: which of the two layers is at fault. No money is in it, whatever the code says of a transaction.
fn unanswered(failure: Failure) -> (Finding, Finding) {
    let code = failure.code;
    let detail = failure.facts.iter().find_map(|(name, fact)| (*name == "detail").then(|| said(fact)));
    let Said { zh, en } = ScriptError::of(code, failure.facts).title;
    // Some titles hold the detail already.
    let detail = detail.filter(|detail| !en.contains(&detail.en));
    let reason = match detail {
        Some(detail) => Said::new(format!("{zh}，{}（{code}）", detail.zh), format!("{en}, {} ({code})", detail.en)),
        None => Said::new(format!("{zh}（{code}）"), format!("{en} ({code})")),
    };
    let failed = Finding::failed(Failure::new(readiness::ECHO_UNANSWERED).fact("reason", Fact::Said(reason.clone())))
        .saying(reason);
    match code {
        // What a host closes on without a word, and what cannot be read, is a matter of length, TPDU and header.
        network::LINE_DROPPED | network::GARBLED_REPLY => {
            (failed, Finding::not_checked("没有读得通的应答", "no reply can be read"))
        }
        network::REPLY_MISMATCH | network::REPLY_INCOMPLETE | keys::BAD_MAC => {
            (Finding::ok("应答读得通", "the reply can be read"), failed)
        }
        _ => (Finding::not_checked("没有应答", "no reply came"), failed),
    }
}

fn backup(backups: &[(&LinkAddress, Reached)], main_works: bool) -> Finding {
    let faulty = backups.iter().find(|(_, reached)| !reached.works());
    match (backups, faulty) {
        ([], _) => Finding::not_checked("没有给出备用地址", "no other address was given"),
        (_, Some((address, reached))) => {
            let fault = reached.first_fault();
            let failure = fault.and_then(|fault| fault.failure.clone());
            let failure = failure.unwrap_or_else(|| Failure::new(network::NO_LINE));
            let finding = if main_works { Finding::warning(failure) } else { Finding::failed(failure) };
            let found = fault.and_then(|fault| fault.found.clone()).or_else(|| {
                let failure = finding.failure.clone();
                failure.map(|failure| ScriptError::of(failure.code, failure.facts).title)
            });
            let Said { zh, en } = found.unwrap_or_default();
            let address = &address.text;
            // What is said of a line names its address already.
            if zh.starts_with(address.as_str()) {
                return finding.saying(Said::new(zh, en));
            }
            finding.saying(Said::new(format!("{address}：{zh}"), format!("{address}: {en}")))
        }
        (all, None) => {
            let texts: Vec<&str> = all.iter().map(|(address, _)| address.text.as_str()).collect();
            let texts = texts.join(" ");
            Finding::ok(format!("{texts}，回响正常"), format!("{texts}, echo answered"))
        }
    }
}

/// Compares the clocks. A reply has no year, so the nearest one is taken.
fn host_clock(now_ms: i64, host: Option<(String, String)>) -> Finding {
    let Some((date, time)) = host else {
        return Finding::not_checked("应答里没有主机时间", "no reply gave the host's time");
    };
    let year = Moment::from_ms(now_ms).year;
    let moments = (year - 1..=year + 1).filter_map(|year| Moment::parse(year, &date, &time)).map(Moment::to_ms);
    let Some(host_ms) = moments.min_by_key(|host_ms| (host_ms - now_ms).abs()) else {
        return Finding::not_checked("应答里的主机时间不是时间", "the host's time is no time");
    };
    let seconds = (now_ms - host_ms) / 1_000;
    if (now_ms - host_ms).abs() <= APART_MS {
        return Finding::ok(format!("相差 {} 秒", seconds.abs()), format!("{} s apart", seconds.abs()));
    }
    let (zh, en) = if seconds > 0 { ("快", "ahead of") } else { ("慢", "behind") };
    let apart = apart(seconds.unsigned_abs());
    let detail = Said::new(format!("比主机{zh} {}", apart.zh), format!("{en} the host by {}", apart.en));
    Finding::warning(
        Failure::new(readiness::CLOCK_WRONG).text("found", written(now_ms)).fact("detail", Fact::Said(detail)),
    )
}

fn apart(seconds: u64) -> Said {
    match seconds {
        0..7_200 => Said::new(format!("{} 分钟", seconds / 60), format!("{} minutes", seconds / 60)),
        7_200..172_800 => Said::new(format!("{} 小时", seconds / 3_600), format!("{} hours", seconds / 3_600)),
        _ => Said::new(
            format!("{} 天（应答不带年份）", seconds / 86_400),
            format!("{} days (replies carry no year)", seconds / 86_400),
        ),
    }
}
