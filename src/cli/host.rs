//! `till host`: the simulated acquirer on a socket, a line for every message.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::host_log::HostLog;
use crate::cli::line_options::{dialect_on_a_line, dialect_option, faults_option, tls_option, word};
use crate::cli::style::Console;
use crate::script_error::catalogue::{network, storage};
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Language, Said, Words};
use crate::world::fault;
use crate::world::host::accounts;
use crate::world::host::acquirer::Identity;
use crate::world::host::centre::{Centre, CentreSetup};
use crate::world::net::address::Address;
use crate::world::net::server::{Server, ServerSetup};
use crate::world::net::tls;
use crate::world::port::failure::Failure;
use crate::world::profile;
use crate::world::scenario::moment;
use crate::world::simulation::{SERIAL, Setup};
use clap::{Arg, ArgMatches, Command, value_parser};
use rustls::ServerConfig;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The file that a self-made certificate goes to unless told.
const CA_FILE: &str = "till-host-ca.pem";
/// The longest accounts file, in bytes.
const ACCOUNTS_MOST: u64 = 4 << 20;

/// `till host` on the command line.
pub const COMMAND: Row = Row {
    name: "host",
    about: Words { zh: "在端口上运行模拟主机", en: "Run the simulated host on a port" },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let command = command
        .arg(
            word(
                "listen",
                "HOST:PORT",
                say("监听的地址；端口 0 由系统挑选", "Where to listen; port 0 lets the system choose"),
            )
            .default_value("127.0.0.1:9009")
            .hide_default_value(true),
        )
        .arg(command::flag(
            "open-to-network",
            say("允许其他机器连接（默认只限本机）", "Let other machines connect; this one only unless told"),
        ));
    command
        .arg(dialect_option(language))
        .arg(tls_option(language))
        .arg(command::path_option(
            "accounts",
            "FILE",
            say("卡与余额：每行一个卡档名或文件，后面可写金额", "Cards and balances: a profile or file a line, an amount behind it"),
        ))
        .arg(faults_option(language))
        .arg(command::flag(
            "strict",
            say(
                "只认登记的终端；帧或报文头不符的不予理睬",
                "Serve the terminal on record only; ignore what is framed for somebody else",
            ),
        ))
        .arg(
            Arg::new("seed")
                .long("seed")
                .value_name("N")
                .value_parser(value_parser!(u64))
                .help(say("测试密钥的种子，须与终端相同", "Seed of the test keys; that of the terminal")),
        )
        .arg(word("clock", "TIME", say("主机时间，如 2026-01-05 09:00:00", "The host's time, such as 2026-01-05 09:00:00")))
        .arg(
            Arg::new("connections")
                .long("connections")
                .value_name("N")
                .value_parser(value_parser!(u64).range(1..=100_000))
                .help(say("同时最多的连接数；默认 4096", "Connections at once; 4096 unless told")),
        )
        .arg(command::flag("quiet", say("不逐个显示报文", "No line for each message")))
        .arg(command::format(language))
        .after_help(say(
            "示例：\n  till host\n  till host --fault silent:0200#2\n  till host --tls self 测试CA.pem\n  till run scripts/start_of_day.till --host tcp://127.0.0.1:9009\n\n运行中可输入：fault 名称、faults、clear、ledger、quit。见 docs/host.md。",
            "Examples:\n  till host\n  till host --fault silent:0200#2\n  till host --tls self ca.pem\n  till run scripts/start_of_day.till --host tcp://127.0.0.1:9009\n\nWhile it runs it takes: fault NAME, faults, clear, ledger, quit. See docs/host.md.",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    host(console, &wanted(matches))
}

/// What the command line says of a host.
fn wanted(matches: &ArgMatches) -> Wanted {
    let text = |id| matches.get_one::<String>(id).cloned();
    Wanted {
        listen: text("listen").unwrap_or_default(),
        open_to_network: matches.get_flag("open-to-network"),
        dialect: text("dialect").unwrap_or_default(),
        tls: command::paths(matches, "tls"),
        accounts: matches.get_one::<PathBuf>("accounts").cloned(),
        faults: command::texts(matches, "fault"),
        strict: matches.get_flag("strict"),
        seed: matches.get_one::<u64>("seed").copied().unwrap_or(0),
        clock: text("clock"),
        connections: matches.get_one::<u64>("connections").and_then(|count| usize::try_from(*count).ok()),
        quiet: matches.get_flag("quiet"),
    }
}

/// What the command line said.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Where to listen: `HOST:PORT`.
    pub listen: String,
    /// Others than this machine may connect.
    pub open_to_network: bool,
    /// The dialect's name, or a file.
    pub dialect: String,
    /// Certificate and key, or `self` and where the CA goes; empty for plain TCP.
    pub tls: Vec<PathBuf>,
    /// Cards and balances.
    pub accounts: Option<PathBuf>,
    /// Faults by name.
    pub faults: Vec<String>,
    /// Serve the terminal on record only.
    pub strict: bool,
    /// The seed of the keys.
    pub seed: u64,
    /// The host's time at the beginning.
    pub clock: Option<String>,
    /// Connections at once.
    pub connections: Option<usize>,
    /// No line for each message.
    pub quiet: bool,
}

/// Serves until it is told to end.
pub fn host(console: &Console, wanted: &Wanted) -> Exit {
    let dialect = match dialect_on_a_line(console, &wanted.dialect) {
        Ok(dialect) => dialect,
        Err(exit) => return exit,
    };
    let name = dialect.name.clone();
    let prepared = centre(wanted, dialect).and_then(|centre| {
        let (server, tls) = listen(&wanted.listen, wanted.open_to_network, &wanted.tls)?;
        Ok((centre, server, tls, clock(wanted)?))
    });
    let (centre, mut server, tls, now_ms) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return refuse(console, failure),
    };
    let mut setup = ServerSetup::new(now_ms);
    setup.tls = tls.config;
    setup.connections_most = wanted.connections.unwrap_or(setup.connections_most);
    server.catch_signals();
    let log = Rc::new(HostLog::new(console.again(), wanted.quiet));
    log.listening(server.address(), &name, setup.tls.is_some(), tls.ca.as_deref(), wanted.open_to_network);
    let (watching, typing) = (Rc::clone(&log), Rc::clone(&log));
    let (centre, counts) = server.run(
        setup,
        centre,
        keyboard(),
        Box::new(move |line, centre| typing.command(line, centre)),
        Box::new(move |event| watching.event(event)),
    );
    log.summary(&centre, counts);
    if log.lost() { Exit::Surroundings } else { Exit::Fine }
}

/// Shows why it does not start.
pub(super) fn refuse(console: &Console, failure: Failure) -> Exit {
    let usage = [network::BAD_ADDRESS, storage::UNKNOWN_FAULT, storage::ARGUMENT_WRONG];
    let exit = if usage.contains(&failure.code) { Exit::Usage } else { Exit::Surroundings };
    console.refusal(&ScriptError::of(failure.code, failure.facts));
    exit
}

fn centre(wanted: &Wanted, dialect: crate::payment::iso8583::dialect::Dialect) -> Result<Centre, Failure> {
    let mut cards = profile::shipped();
    if let Some(path) = &wanted.accounts {
        accounts::read(&path.display().to_string(), &read_text(path, ACCOUNTS_MOST)?, &mut cards)?;
    }
    let usual = Setup::new(dialect);
    let identity = Identity {
        terminal: usual.parameters.terminal_id,
        merchant: usual.parameters.merchant_id,
        serial: SERIAL.to_owned(),
    };
    let mut centre = Centre::new(CentreSetup {
        dialect: usual.dialect,
        seed: wanted.seed,
        strict: wanted.strict,
        terminals: vec![identity],
        cards,
    });
    for name in &wanted.faults {
        centre.faults.set_named(of_host(name)?, name);
    }
    Ok(centre)
}

/// A fault that a host can have; `T7104` for those of a terminal.
pub(super) fn of_host(name: &str) -> Result<fault::Fault, Failure> {
    let fault = fault::parse(name)?;
    if fault.is_of_terminal() {
        let hint = Said::new(
            "这是终端或线路的故障：写在 till run 上。",
            "That is a fault of the terminal or its line: give it to `till run`.",
        );
        return Err(Failure::new(storage::UNKNOWN_FAULT).text("name", name).fact("hint", Fact::Said(hint)));
    }
    Ok(fault)
}

/// The certificate of a server, and the file of the CA where it was made up here.
#[derive(Default)]
pub(super) struct Certificate {
    pub(super) config: Option<Arc<ServerConfig>>,
    pub(super) ca: Option<PathBuf>,
}

/// Listens, on this machine only unless told otherwise.
pub(super) fn listen(address: &str, open_to_network: bool, tls: &[PathBuf]) -> Result<(Server, Certificate), Failure> {
    let parsed = Address::parse(address)?;
    let cannot =
        |detail: Said| Failure::new(network::CANNOT_LISTEN).text("address", address).fact("detail", Fact::Said(detail));
    if !parsed.is_loopback() && !open_to_network {
        return Err(cannot(Said::new(
            "不是环回地址，须写 --open-to-network",
            "it is no loopback address; that needs --open-to-network",
        )));
    }
    let certificate = certificate(&parsed, tls)?;
    Ok((Server::bind(&parsed.socket()).map_err(cannot)?, certificate))
}

fn certificate(address: &Address, tls: &[PathBuf]) -> Result<Certificate, Failure> {
    let own = |ca: &Path| {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        if !names.contains(&address.host) {
            names.push(address.host.clone());
        }
        let (config, pem) = tls::self_signed(&names)?;
        std::fs::write(ca, pem).map_err(|error| {
            Failure::new(storage::CANNOT_WRITE).text("path", ca.display().to_string()).text("detail", error.to_string())
        })?;
        Ok(Certificate { config: Some(config), ca: Some(ca.to_owned()) })
    };
    match tls {
        [] => Ok(Certificate::default()),
        [one] if one.as_os_str() == "self" => own(Path::new(CA_FILE)),
        [one, ca] if one.as_os_str() == "self" => own(ca),
        [certificate, key] => Ok(Certificate { config: Some(tls::server(certificate, key)?), ca: None }),
        _ => {
            let detail = Said::new("写 --tls 证书 私钥，或 --tls self", "it reads --tls CERT KEY, or --tls self");
            Err(Failure::new(storage::ARGUMENT_WRONG).text("name", "--tls").fact("detail", Fact::Said(detail)))
        }
    }
}

/// The host's time at the beginning: what was asked for, or that of this machine, by universal time.
fn clock(wanted: &Wanted) -> Result<i64, Failure> {
    match &wanted.clock {
        Some(text) => moment(text).ok_or_else(|| {
            let detail = Said::new("应写作 2026-01-05 09:00:00", "it should read 2026-01-05 09:00:00");
            Failure::new(storage::ARGUMENT_WRONG).text("name", "--clock").fact("detail", Fact::Said(detail))
        }),
        None => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Ok(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        }
    }
}

/// Lines typed at the keyboard. The thread waits for the next one and ends with the program.
pub(super) fn keyboard() -> UnboundedReceiver<String> {
    let (give, take) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if give.send(line).is_err() {
                return;
            }
        }
    });
    take
}

fn read_text(path: &Path, most: u64) -> Result<String, Failure> {
    let cannot = |detail: String| {
        Failure::new(storage::CANNOT_READ).text("path", path.display().to_string()).text("detail", detail)
    };
    let length = std::fs::metadata(path).map_err(|error| cannot(error.to_string()))?.len();
    if length > most {
        return Err(cannot(format!("> {most} bytes")));
    }
    std::fs::read_to_string(path).map_err(|error| cannot(error.to_string()))
}
