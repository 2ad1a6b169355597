//! `till run`: runs a flow on the simulated terminal and shows it as it happens.

use crate::cli::check::report;
use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
#[cfg(feature = "net")]
use crate::cli::line_options::word;
use crate::cli::profile as spending_page;
use crate::cli::run_end::show_end;
use crate::cli::show::happening;
use crate::cli::style::{Console, Format};
use crate::cli::values::{Wrong, arguments};
use crate::language::bytecode::program::{Entry, Program};
use crate::language::vm::value::Value;
#[cfg(feature = "net")]
use crate::payment::iso8583::cut::is_cuttable;
use crate::payment::iso8583::dialect::Dialect;
use crate::run::happening::Happening;
use crate::run::program;
use crate::run::report::hexadecimal;
use crate::run::session::Session;
use crate::run::spending::Spending;
use crate::run::trace::{Head, Recorder, Replay, TRACE_BYTES_MAX};
use crate::run::world::dialect_of;
use crate::script_error::catalogue::{internal, network, storage};
use crate::script_error::code::Fact;
use crate::script_error::error::{Money, ScriptError};
use crate::script_error::nearest::{did_you_mean, nearest};
use crate::script_error::source::Sources;
use crate::script_error::words::Said;
use crate::script_error::words::{Language, Words};
use crate::script_error::wrap::wrap;
use crate::world::fault;
#[cfg(feature = "net")]
use crate::world::net::{address::Address, remote::RemoteSetup, tls};
use crate::world::port::failure::Failure;
use crate::world::profile;
use crate::world::scenario;
use crate::world::simulation::{Setup, Simulation};
use crate::world::stage::Presented;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::{Path, PathBuf};

/// `till run` on the command line.
pub const COMMAND: Row = Row {
    name: "run",
    about: Words { zh: "在模拟终端上运行流程", en: "Run a flow on the simulated terminal" },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let command = command
        .args(command::flow(language))
        .arg(Arg::new("card").long("card").value_name("NAME|FILE").help(say("出示的卡：卡档名或文件", "The card that is presented: a profile or a file")))
        .arg(
            Arg::new("fault")
                .long("fault")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help(say("按名称设置故障，可写多次", "Make something go wrong, by name; may be given more than once")),
        )
        .arg(command::path_option("scenario", "FILE", say("场景文件：故障、卡、按键", "A scenario file: faults, cards, keys pressed")))
        .arg(command::path_option("journal", "DIR", say("日志与模拟世界保存的目录；下次接着用", "Keep journal and world in this folder; the next run goes on with them")))
        .arg(command::format(language))
        .arg(command::seed(language))
        .arg(command::path_option("trace", "FILE", say("写下运行记录", "Write a trace of the run")))
        .arg(command::path_option("replay", "FILE", say("重放运行记录", "Run a trace again")).conflicts_with_all(["journal", "trace", "fault", "card", "scenario"]))
        .arg(
            Arg::new("real-time")
                .long("real-time")
                .action(ArgAction::SetTrue)
                .help(say("按真实时间等待，便于观看", "Wait in real time, for eyes")),
        )
        .arg(
            Arg::new("profile")
                .long("profile")
                .action(ArgAction::SetTrue)
                .help(say("显示各步骤、各设备用了多少指令与时间", "Show instructions and waiting by step and by device")),
        )
        .after_help(say(
            "示例：\n  till run scripts/start_of_day.till\n  till run scripts/sale.till amount=100.00CNY --fault reply:51 --lang zh\n  till run scripts/sale.till amount=100.00CNY --fault silent --journal 日志\n  till run scripts/sale.till amount=8.00CNY --trace 一笔.trace\n  till run scripts/sale.till --replay 一笔.trace\n",
            "Examples:\n  till run scripts/start_of_day.till\n  till run scripts/sale.till amount=100.00CNY --fault reply:51 --lang en\n  till run scripts/sale.till amount=100.00CNY --fault silent --journal journal\n  till run scripts/sale.till amount=8.00CNY --trace one.trace\n  till run scripts/sale.till --replay one.trace\n",
        ));
    #[cfg(feature = "net")]
    let command = with_host(command, language).mut_arg("host", |host| host.conflicts_with("replay"));
    // Without help nobody reads them, and they take longer than the rest of the command line.
    if command.is_disable_help_flag_set() { command } else { with_names(command, language) }
}

/// Adds where the host is.
#[cfg(feature = "net")]
pub(super) fn with_host(run: Command, language: Language) -> Command {
    let say = command::say(language);
    run.arg(word(
        "host",
        "tcp://… | tls://…",
        say("主机地址；不写则用本进程内的模拟主机", "Where the host is; the simulated one in this process unless told"),
    ))
    .arg(
        word(
            "backup-host",
            "tcp://… | tls://…",
            say("连不上时改用的地址", "Where else it is, if it cannot be reached there"),
        )
        .requires("host"),
    )
    .arg(command::path_option("tls-ca", "FILE", say("信任的 CA（PEM）", "The CA to trust (PEM)")).requires("host"))
    .arg(command::flag("keep-line", say("所有报文用同一个连接", "One connection for all messages")).requires("host"))
}

/// What the command line of `run` says of a host elsewhere.
#[cfg(feature = "net")]
pub(super) fn remote_wanted(matches: &ArgMatches) -> RemoteWanted {
    RemoteWanted {
        hosts: ["host", "backup-host"].iter().filter_map(|id| matches.get_one::<String>(id).cloned()).collect(),
        tls_ca: matches.get_one::<PathBuf>("tls-ca").cloned(),
        keep_line: matches.get_flag("keep-line"),
    }
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    run(console, &wanted(matches))
}

/// What the words of a command line ask for.
pub fn wanted(matches: &ArgMatches) -> Wanted {
    let path = |id| command::path(matches, id);
    let texts = |id| command::texts(matches, id);
    Wanted {
        file: path("file").unwrap_or_default(),
        words: texts("words"),
        card: command::text(matches, "card"),
        faults: texts("fault"),
        scenario: path("scenario"),
        journal: path("journal"),
        seed: matches.get_one::<u64>("seed").copied(),
        trace: path("trace"),
        replay: path("replay"),
        replay_text: None,
        real_time: matches.get_flag("real-time"),
        #[cfg(feature = "net")]
        remote: remote_wanted(matches),
        profile: matches.get_flag("profile"),
    }
}

/// Adds the names of faults and cards to the help of `run`, from their tables.
fn with_names(run: Command, language: Language) -> Command {
    let (faults, cards) = match language {
        Language::Zh => ("故障", "卡"),
        Language::En => ("Faults", "Cards"),
    };
    let names: Vec<String> = fault::ROWS
        .iter()
        .map(|row| if row.value.is_empty() { row.name.to_string() } else { format!("{}[:{}]", row.name, row.value) })
        .collect();
    let cards_known: Vec<&str> = profile::names().collect();
    let mut help = run.get_after_help().map(ToString::to_string).unwrap_or_default();
    for (title, words) in [(faults, names.join(", ")), (cards, cards_known.join(", "))] {
        help.push_str(&format!("\n{title}:\n"));
        for line in wrap(&words, 90) {
            help.push_str(&format!("  {line}\n"));
        }
    }
    help.push_str(match language {
        Language::Zh => "\n各项含义见 docs/simulated-world.md。",
        Language::En => "\ndocs/simulated-world.md says what each does.",
    });
    run.after_help(help)
}

/// What the command line said.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The script or bytecode file.
    pub file: PathBuf,
    /// A flow's name, and `name=value` words.
    pub words: Vec<String>,
    /// A card's profile or file.
    pub card: Option<String>,
    /// Faults by name.
    pub faults: Vec<String>,
    /// A scenario file.
    pub scenario: Option<PathBuf>,
    /// Where journal and world are kept.
    pub journal: Option<PathBuf>,
    /// The seed.
    pub seed: Option<u64>,
    /// Where a trace goes.
    pub trace: Option<PathBuf>,
    /// A trace to run again.
    pub replay: Option<PathBuf>,
    /// The text of a trace to run again.
    pub replay_text: Option<String>,
    /// Pace waiting for eyes.
    pub real_time: bool,
    /// Show what the run spent.
    pub profile: bool,
    /// The host elsewhere.
    #[cfg(feature = "net")]
    pub remote: RemoteWanted,
}

/// What the command line said of a host elsewhere.
#[cfg(feature = "net")]
#[derive(Debug, Default)]
pub struct RemoteWanted {
    /// Where it is, and where else; empty for the simulated one in this process.
    pub hosts: Vec<String>,
    /// Whom to trust over TLS.
    pub tls_ca: Option<PathBuf>,
    /// One connection for all messages.
    pub keep_line: bool,
}

impl Wanted {
    /// The address of the host elsewhere, as it was written.
    fn host(&self) -> Option<&str> {
        #[cfg(feature = "net")]
        return self.remote.hosts.first().map(String::as_str);
        #[cfg(not(feature = "net"))]
        None
    }
}

/// Runs a flow.
pub fn run(console: &Console, wanted: &Wanted) -> Exit {
    match load(console, &wanted.file) {
        Ok((program, sources, exit)) => exit.max(run_built(console, wanted, &program, &sources)),
        Err(exit) => exit,
    }
}

/// Runs a flow of a program that is built already.
pub fn run_built(console: &Console, wanted: &Wanted, program: &Program, sources: &Sources) -> Exit {
    match prepare(program, wanted) {
        Ok(prepared) => play(console, wanted, program, sources, prepared),
        Err(refusal) => {
            console.refusal(&ScriptError::of(refusal.failure.code, refusal.failure.facts));
            refusal.exit
        }
    }
}

/// Why a run does not start.
pub(super) struct Refusal {
    /// What is wrong.
    pub(super) failure: Failure,
    /// What the command ends with.
    pub(super) exit: Exit,
}

impl Refusal {
    fn usage(failure: Failure) -> Refusal {
        Refusal { failure, exit: Exit::Usage }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Refusal {
        let exit = match failure.code {
            code if code == storage::UNKNOWN_FAULT || code == storage::UNKNOWN_CARD => Exit::Usage,
            code if code == network::BAD_ADDRESS => Exit::Usage,
            code if code == network::NO_LENGTH_IN_FRONT => Exit::Refused,
            code if code == internal::INTERNAL_DEFECT => Exit::Defect,
            _ => Exit::Surroundings,
        };
        Refusal { failure, exit }
    }
}

impl From<Wrong> for Refusal {
    fn from((code, facts): Wrong) -> Refusal {
        Refusal::usage(Failure { code, facts })
    }
}

/// The program of a file, script or bytecode; what keeps it from running is shown.
pub fn load(console: &Console, file: &Path) -> Result<(Program, Sources, Exit), Exit> {
    if file.extension().is_some_and(|extension| extension == "tillc") {
        return program::load(file).map(|(program, sources)| (program, sources, Exit::Fine)).map_err(|error| {
            console.refusal(&error);
            if error.code == storage::CANNOT_READ.0 { Exit::Surroundings } else { Exit::Refused }
        });
    }
    let mut built = program::build(file);
    // Warnings are the checker's business; a run shows what keeps it from running.
    let exit = match built.program {
        Some(_) => Exit::Fine,
        None => report(console, &built),
    };
    match built.program.take() {
        Some(program) => Ok((program, built.sources, exit)),
        None => Err(exit.max(Exit::Refused)),
    }
}

/// Everything a run needs.
struct Prepared {
    entry: Entry,
    values: Vec<Value>,
    simulation: Simulation,
    seed: u64,
    replay: Option<Replay>,
}

fn prepare(program: &Program, wanted: &Wanted) -> Result<Prepared, Refusal> {
    let (name, words) = match wanted.words.split_first() {
        Some((first, rest)) if !first.contains('=') => (Some(first.as_str()), rest),
        _ => (None, wanted.words.as_slice()),
    };
    let replay = match &wanted.replay_text {
        Some(text) => Some(Replay::read(text)?),
        None => wanted.replay.as_deref().map(read_trace).transpose()?,
    };
    if let Some(replay) = &replay
        && replay.head.program != hexadecimal(&program.hash)
    {
        return Err(Failure::new(storage::BAD_TRACE).text("detail", "the trace is of another program").into());
    }
    let name = name.or(replay.as_ref().map(|replay| replay.head.flow.as_str()));
    // A trace of torture may be that of a test.
    let test = replay.as_ref().and(name).and_then(|name| program.entries.iter().find(|entry| entry.name == name));
    let entry = match test {
        Some(entry) => entry.clone(),
        None => flow(program, name)?,
    };
    let types = program.functions.get(usize::from(entry.function)).map(|function| function.parameters.as_slice());
    let values = match &replay {
        Some(replay) => replay.head.arguments.clone(),
        None => arguments(&entry.parameters, types.unwrap_or_default(), &program.types, words)?,
    };
    let mut setup = setup(dialect_of(program)?, wanted)?;
    if replay.is_some() {
        setup.directory = None;
    }
    let seed = setup.seed;
    #[cfg(feature = "net")]
    let remote = remote(wanted, &setup)?;
    #[cfg_attr(not(feature = "net"), allow(unused_mut))]
    let mut simulation = Simulation::start(setup)?;
    // The simulated host lives in the same folder: a disk that cannot keep what it books must not let it book.
    simulation.save()?;
    #[cfg(feature = "net")]
    if let Some(remote) = remote {
        simulation.connect(remote);
    }
    Ok(Prepared { entry, values, simulation, seed, replay })
}

/// The world that the command line asks for.
pub(super) fn setup(dialect: Dialect, wanted: &Wanted) -> Result<Setup, Refusal> {
    let mut setup = Setup::new(dialect);
    if let Some(path) = &wanted.scenario {
        let shown = path.display().to_string();
        let text = read_text(path, 1 << 20)
            .map_err(|detail| Failure::new(storage::CANNOT_READ).text("path", shown.clone()).text("detail", detail))?;
        setup.apply(scenario::parse(&shown, &text)?);
    }
    if let Some(seed) = wanted.seed {
        setup.seed = seed;
    }
    setup.directory = wanted.journal.clone();
    if let Some(card) = &wanted.card {
        // A number on a command line stands in `ps` and in the shell's history.
        if card.bytes().filter(u8::is_ascii_digit).count() >= 13 && !card.contains(['/', '\\', '.']) {
            let hint = Said::new(
                "命令行上不写卡号：它会留在历史记录里。请写卡档名或文件。",
                "No card number on a command line: it stays in its history. Give a profile or a file.",
            );
            let failure = Failure::new(storage::UNKNOWN_CARD).text("name", "***").fact("hint", Fact::Said(hint));
            return Err(Refusal::usage(failure));
        }
        setup.cards = vec![Presented { card: profile::load(card)?, entry: None, pin: None }];
    }
    for name in &wanted.faults {
        setup.faults.push(fault::parse(name)?);
    }
    Ok(setup)
}

/// The host elsewhere that was asked for. Its faults are its own: here only those of the terminal and its line hold.
#[cfg(feature = "net")]
pub(super) fn remote(wanted: &Wanted, setup: &Setup) -> Result<Option<RemoteSetup>, Refusal> {
    let addresses: Vec<Address> =
        wanted.remote.hosts.iter().map(|text| Address::parse(text)).collect::<Result<_, Failure>>()?;
    if addresses.is_empty() {
        return Ok(None);
    }
    if !is_cuttable(&setup.dialect) {
        return Err(Failure::new(network::NO_LENGTH_IN_FRONT).text("dialect", setup.dialect.name.clone()).into());
    }
    if let Some(fault) = setup.faults.iter().find(|fault| fault.is_on_the_way()) {
        let name = wanted.faults.iter().find(|name| fault::parse(name).is_ok_and(|known| known == *fault));
        let hint = Said::new(
            "这是模拟线路的故障：与别处的主机之间请用 till proxy。",
            "That is a fault of the simulated line: on the way to a host elsewhere, `till proxy` does such things.",
        );
        let name = name.cloned().unwrap_or_else(|| "scenario".to_owned());
        let failure = Failure::new(storage::UNKNOWN_FAULT).text("name", name).fact("hint", Fact::Said(hint));
        return Err(Refusal::usage(failure));
    }
    if let Some(fault) = setup.faults.iter().find(|fault| !fault.is_of_terminal()) {
        let name = wanted.faults.iter().find(|name| fault::parse(name).is_ok_and(|known| known == *fault));
        let hint = Said::new(
            "这是主机的故障：写在 till host --fault 上。",
            "That is a fault of the host: give it to `till host --fault`.",
        );
        let name = name.cloned().unwrap_or_else(|| "scenario".to_owned());
        let failure = Failure::new(storage::UNKNOWN_FAULT).text("name", name).fact("hint", Fact::Said(hint));
        return Err(Refusal::usage(failure));
    }
    let mut remote = RemoteSetup::new(addresses);
    remote.keep = wanted.remote.keep_line;
    if remote.addresses.iter().any(|address| address.tls) {
        let ca = wanted.remote.tls_ca.as_deref().ok_or_else(|| {
            let detail = Said::new("tls:// 地址须写明信任的 CA", "a tls:// address needs the CA to trust");
            Failure::new(network::TLS_UNUSABLE).text("path", "--tls-ca").fact("detail", Fact::Said(detail))
        })?;
        remote.tls = Some(tls::client(ca)?);
    }
    Ok(Some(remote))
}

pub(super) fn flow(program: &Program, name: Option<&str>) -> Result<Entry, Refusal> {
    if let Some(entry) = program::flow(program, name) {
        return Ok(entry.clone());
    }
    let names = || program.entries.iter().filter(|entry| !entry.test).map(|entry| entry.name.as_str());
    let known = names().collect::<Vec<_>>().join(", ");
    let hint = match name.and_then(|name| nearest(name, names())) {
        Some(near) => did_you_mean(near),
        None if known.is_empty() => Said::new(
            "只有 pub 流程能从外部运行，此程序一个也没有。",
            "Only `pub` flows can be run from outside, and there is none.",
        ),
        None => Said::new(format!("可运行的流程：{known}。"), format!("Flows that can be run: {known}.")),
    };
    // Without a name the flow that is named like its file was meant.
    let stem = Path::new(program.name.as_str()).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = name.map(str::to_owned).or(stem).unwrap_or_default();
    let failure = Failure::new(storage::UNKNOWN_FLOW).text("name", name).fact("hint", Fact::Said(hint));
    Err(Refusal::usage(failure))
}

fn play(console: &Console, wanted: &Wanted, program: &Program, sources: &Sources, prepared: Prepared) -> Exit {
    let Prepared { entry, values, simulation, seed, replay } = prepared;
    let kept = replay.as_ref().map_or(wanted.journal.is_some(), |replay| replay.head.kept);
    let mut watch = |what: &Happening| {
        if console.format == Format::Full {
            happening(console, what);
        }
    };
    if console.format == Format::Full {
        console.line(
            &console.dim(&match wanted.host() {
                None => console
                    .say("模拟终端与模拟主机，不涉及真实资金。", "Simulated terminal, simulated host; no real money.")
                    .to_owned(),
                Some(host) => format!(
                    "{}{host}",
                    console.say(
                        "模拟终端，测试密钥与测试卡；主机在 ",
                        "Simulated terminal with test keys and test cards; the host is at ",
                    )
                ),
            }),
        );
    }
    let mut session = Session::simulated(program, simulation, &mut watch);
    session.real_time = wanted.real_time;
    if !wanted.real_time {
        console.write_together();
    }
    session.spending = wanted.profile.then(Spending::default);
    if let Some(path) = &wanted.trace {
        let mut head = Head::new(
            hexadecimal(&program.hash),
            program.name.to_string(),
            entry.name.to_string(),
            values.clone(),
            seed,
        );
        head.kept = kept;
        match File::create(path) {
            Ok(file) => session.record(Recorder::start(Box::new(BufWriter::new(file)), &head)),
            Err(error) => return cannot_write(console, path, &error.to_string(), None),
        }
    }
    if let Some(replay) = replay {
        session.replay(replay);
    }
    let ended = session.run(entry.function, &values);
    let at_ms = session.now_ms();
    let terminal = session.terminal();
    let recorder = session.take_recorder();
    let spending = session.spending.take();
    let replayed = wanted.replay.is_some() || wanted.replay_text.is_some();
    let saved = match session.ports.simulation() {
        Some(world) if !replayed => world.save(),
        _ => Ok(()),
    };
    drop(session);
    // The money line stays the last one.
    if let Some(spending) = &spending {
        spending_page::show(console, spending);
    }
    let mut exit = show_end(console, &ended, sources, kept);
    let recorder = recorder.map(|mut recorder| {
        recorder.books.clone_from(&ended.books);
        recorder
    });
    if let (Some(recorder), Some(path)) = (recorder, &wanted.trace)
        && let Err(detail) = recorder.end(ended.money.word(), ended.pending, &terminal, at_ms)
    {
        exit = exit.max(cannot_write(console, path, &detail, Some((ended.money, sources))));
    }
    if let Err(failure) = saved {
        let mut error = ScriptError::of(failure.code, failure.facts);
        error.money = ended.money;
        console.script_error(&error, sources);
        exit = exit.max(Exit::Surroundings);
    }
    exit
}

/// A file that cannot be written. After a run, whatever it did with the money, it did.
fn cannot_write(console: &Console, path: &Path, detail: &str, money: Option<(Money, &Sources)>) -> Exit {
    let facts = vec![("path", Fact::Text(path.display().to_string())), ("detail", Fact::Text(detail.into()))];
    let mut error = ScriptError::of(storage::CANNOT_WRITE, facts);
    match money {
        Some((money, sources)) => {
            error.money = money;
            console.script_error(&error, sources);
        }
        None => console.refusal(&error),
    }
    Exit::Surroundings
}

fn read_trace(path: &Path) -> Result<Replay, Refusal> {
    let text = read_text(path, TRACE_BYTES_MAX).map_err(|detail| {
        Failure::new(storage::CANNOT_READ).text("path", path.display().to_string()).text("detail", detail)
    })?;
    Ok(Replay::read(&text)?)
}

fn read_text(path: &Path, most: u64) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut text = String::new();
    let read = file.take(most + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if read as u64 > most { Err(format!("> {most} bytes")) } else { Ok(text) }
}
