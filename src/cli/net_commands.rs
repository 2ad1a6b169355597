//! The commands that open sockets: what the command line may say of them.

use crate::cli::commands::{flag, path_option};
use crate::cli::style::Format;
use crate::cli::{diagnose, host, proxy, run};
use crate::script_error::words::Language;
use crate::world::net::proxy_rule;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::path::PathBuf;

/// One of two texts, by the reader's language.
fn say(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

/// Adds to `run` where the host is.
pub(super) fn with_host(run: Command, language: Language) -> Command {
    let say = |zh, en| say(language, zh, en);
    run.arg(
        word(
            "host",
            "tcp://… | tls://…",
            say(
                "主机地址；不写则用本进程内的模拟主机",
                "Where the host is; the simulated one in this process unless told",
            ),
        )
        .conflicts_with("replay"),
    )
    .arg(
        word(
            "backup-host",
            "tcp://… | tls://…",
            say("连不上时改用的地址", "Where else it is, if it cannot be reached there"),
        )
        .requires("host"),
    )
    .arg(path_option("tls-ca", "FILE", say("信任的 CA（PEM）", "The CA to trust (PEM)")).requires("host"))
    .arg(flag("keep-line", say("所有报文用同一个连接", "One connection for all messages")).requires("host"))
}

/// What the command line of `run` says of a host elsewhere.
pub(super) fn remote_wanted(matches: &ArgMatches) -> run::RemoteWanted {
    run::RemoteWanted {
        hosts: ["host", "backup-host"].iter().filter_map(|id| matches.get_one::<String>(id).cloned()).collect(),
        tls_ca: matches.get_one::<PathBuf>("tls-ca").cloned(),
        keep_line: matches.get_flag("keep-line"),
    }
}

/// The commands.
pub(super) fn commands(language: Language) -> Vec<Command> {
    vec![host_command(language), proxy_command(language), diagnose_command(language)]
}

fn host_command(language: Language) -> Command {
    let say = |zh, en| say(language, zh, en);
    let command = Command::new("host")
        .about(say("在端口上运行模拟主机", "Run the simulated host on a port"))
        .arg(
            word(
                "listen",
                "HOST:PORT",
                say("监听的地址；端口 0 由系统挑选", "Where to listen; port 0 lets the system choose"),
            )
            .default_value("127.0.0.1:9009")
            .hide_default_value(true),
        )
        .arg(flag(
            "open-to-network",
            say("允许其他机器连接（默认只限本机）", "Let other machines connect; this one only unless told"),
        ));
    command
        .arg(dialect_option(language))
        .arg(tls_option(language))
        .arg(path_option(
            "accounts",
            "FILE",
            say("卡与余额：每行一个卡档名或文件，后面可写金额", "Cards and balances: a profile or file a line, an amount behind it"),
        ))
        .arg(faults_option(language))
        .arg(flag(
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
        .arg(flag("quiet", say("不逐个显示报文", "No line for each message")))
        .arg(format_option(language))
        .after_help(say(
            "示例：\n  till host\n  till host --fault silent:0200#2\n  till host --tls self 测试CA.pem\n  till run scripts/start_of_day.till --host tcp://127.0.0.1:9009\n\n运行中可输入：fault 名称、faults、clear、ledger、quit。见 docs/host.md。",
            "Examples:\n  till host\n  till host --fault silent:0200#2\n  till host --tls self ca.pem\n  till run scripts/start_of_day.till --host tcp://127.0.0.1:9009\n\nWhile it runs it takes: fault NAME, faults, clear, ledger, quit. See docs/host.md.",
        ))
}

fn proxy_command(language: Language) -> Command {
    let say = |zh, en| say(language, zh, en);
    let rules: Vec<String> = proxy_rule::ROWS
        .iter()
        .map(|row| if row.value.is_empty() { row.name.to_owned() } else { format!("{}[={}]", row.name, row.value) })
        .collect();
    let command = Command::new("proxy")
        .about(say("在终端与主机之间转发报文，可设置故障", "Stand between a terminal and a host, and spoil messages"))
        .arg(positional("listen", "LISTEN", say("终端连接的地址", "Where the terminal connects")))
        .arg(positional("target", "TARGET", say("主机地址", "Where the host is")))
        .arg(flag(
            "open-to-network",
            say("允许其他机器连接（默认只限本机）", "Let other machines connect; this one only unless told"),
        ))
        .arg(dialect_option(language))
        .arg(tls_option(language))
        .arg(path_option("tls-ca", "FILE", say("在主机一侧信任的 CA（PEM）", "The CA to trust at the host (PEM)")))
        .arg(faults_option(language))
        .arg(format_option(language));
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

/// What the command line says of a proxy.
pub(super) fn proxy_wanted(matches: &ArgMatches) -> proxy::Wanted {
    let text = |id| matches.get_one::<String>(id).cloned().unwrap_or_default();
    proxy::Wanted {
        listen: text("listen"),
        target: text("target"),
        open_to_network: matches.get_flag("open-to-network"),
        dialect: text("dialect"),
        tls: paths(matches, "tls"),
        tls_ca: matches.get_one::<PathBuf>("tls-ca").cloned(),
        faults: texts(matches, "fault"),
    }
}

fn diagnose_command(language: Language) -> Command {
    let say = |zh, en| say(language, zh, en);
    Command::new("diagnose")
        .about(say("查主机为何不应答，并给出改法", "Find out why a host does not answer, and what would mend it"))
        .arg(positional("address", "ADDRESS", say("主机地址", "Where the host is")))
        .arg(dialect_option(language))
        .arg(path_option("tls-ca", "FILE", say("信任的 CA（PEM）", "The CA to trust (PEM)")))
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
        .arg(format_option(language))
        .after_help(say(
            "示例：\n  till diagnose 10.0.0.7:9009 --dialect cn_pos\n  till diagnose tls://pos.example:9009 --tls-ca ca.pem\n\n只发送回响测试，不动账。见 docs/host.md。",
            "Examples:\n  till diagnose 10.0.0.7:9009 --dialect cn_pos\n  till diagnose tls://pos.example:9009 --tls-ca ca.pem\n\nOnly echoes are sent; no money moves. See docs/host.md.",
        ))
}

/// What the command line says of a diagnosis.
pub(super) fn diagnose_wanted(matches: &ArgMatches) -> diagnose::Wanted {
    let text = |id| matches.get_one::<String>(id).cloned().unwrap_or_default();
    diagnose::Wanted {
        address: text("address"),
        dialect: text("dialect"),
        tls_ca: matches.get_one::<PathBuf>("tls-ca").cloned(),
        terminal: text("terminal"),
        merchant: text("merchant"),
        within: matches.get_one::<u64>("within").copied().unwrap_or(3),
    }
}

/// What the command line says of a host.
pub(super) fn host_wanted(matches: &ArgMatches) -> host::Wanted {
    let text = |id| matches.get_one::<String>(id).cloned();
    host::Wanted {
        listen: text("listen").unwrap_or_default(),
        open_to_network: matches.get_flag("open-to-network"),
        dialect: text("dialect").unwrap_or_default(),
        tls: paths(matches, "tls"),
        accounts: matches.get_one::<PathBuf>("accounts").cloned(),
        faults: texts(matches, "fault"),
        strict: matches.get_flag("strict"),
        seed: matches.get_one::<u64>("seed").copied().unwrap_or(0),
        clock: text("clock"),
        connections: matches.get_one::<u64>("connections").and_then(|count| usize::try_from(*count).ok()),
        quiet: matches.get_flag("quiet"),
    }
}

fn positional(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).required(true).value_name(value).help(help)
}

fn word(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn dialect_option(language: Language) -> Arg {
    let help = say(language, "方言名，或声明它的 .till 文件", "A dialect's name, or the .till file that declares it");
    word("dialect", "NAME|FILE", help).default_value("cn_pos").hide_default_value(true)
}

fn tls_option(language: Language) -> Arg {
    Arg::new("tls")
        .long("tls")
        .value_names(["CERT|self", "KEY"])
        .num_args(1..=2)
        .value_parser(value_parser!(PathBuf))
        .help(say(
            language,
            "用 TLS：证书与私钥（PEM）；self 则现做一张测试证书，CA 写到其后的文件",
            "Speak TLS: certificate and key (PEM); `self` makes one for tests and writes its CA to the file behind it",
        ))
}

fn faults_option(language: Language) -> Arg {
    Arg::new("fault").long("fault").value_name("NAME").action(ArgAction::Append).help(say(
        language,
        "按名称设置故障，可写多次",
        "Make something go wrong, by name; may be given more than once",
    ))
}

fn format_option(language: Language) -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(Format::WORDS)
        .help(say(language, "输出形式：full、short、json、cashier", "Form of the output"))
        .hide_possible_values(language == Language::Zh)
}

fn texts(matches: &ArgMatches, id: &str) -> Vec<String> {
    matches.get_many::<String>(id).map(|texts| texts.cloned().collect()).unwrap_or_default()
}

fn paths(matches: &ArgMatches, id: &str) -> Vec<PathBuf> {
    matches.get_many::<PathBuf>(id).map(|paths| paths.cloned().collect()).unwrap_or_default()
}
