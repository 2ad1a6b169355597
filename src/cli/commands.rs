//! The commands: what the command line may say, and where each goes.

use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::cli::{build, check, disassemble, explain, fmt, language, run, test};
#[cfg(feature = "net")]
use crate::cli::{diagnose, host, net_commands, proxy};
use crate::script_error::nearest::nearest;
use crate::script_error::words::Language;
use crate::script_error::wrap::wrap;
use crate::world::{fault, profile};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let language = language::chosen();
    let hook = std::panic::take_hook();
    // A panic is our defect. Its text may hold whatever was being worked on, so only the place is shown.
    std::panic::set_hook(Box::new(move |info| {
        if std::env::var_os("RUST_BACKTRACE").is_some() {
            hook(info);
            return;
        }
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let said = "please report it with the command and the script";
        let _ = writeln!(std::io::stderr(), "error[T9001]: internal defect at {place}; {said}");
    }));
    match std::panic::catch_unwind(|| dispatch(language, std::env::args_os())) {
        Ok(exit) => exit.into(),
        Err(_) => Exit::Defect.into(),
    }
}

/// Does what these words say.
fn dispatch(language: Language, words: impl IntoIterator<Item = OsString>) -> Exit {
    let matches = match command(language).try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) => return usage(language, &error),
    };
    let Some((name, matches)) = matches.subcommand() else { return Exit::Usage };
    let format = matches.try_get_one::<String>("format").ok().flatten().and_then(|word| Format::parse(word));
    let console = Console::new(language, format.unwrap_or_default());
    let paths =
        |id| matches.get_many::<PathBuf>(id).map(|paths| paths.cloned().collect::<Vec<_>>()).unwrap_or_default();
    let path = |id| matches.get_one::<PathBuf>(id).cloned();
    let text = |id| matches.get_one::<String>(id).cloned();
    let exit = match name {
        "run" => run::run(&console, &wanted(matches)),
        "check" => {
            let [fix, dry_run, deny_warnings] = ["fix", "dry-run", "deny-warnings"].map(|id| matches.get_flag(id));
            let cost = matches.get_flag("cost");
            check::check(&console, &check::Wanted { paths: paths("files"), cost, fix, dry_run, deny_warnings })
        }
        "test" => {
            let seed = matches.get_one::<u64>("seed").copied().unwrap_or(0);
            test::test(&console, &paths("files"), text("filter").as_deref(), seed)
        }
        "fmt" => fmt::fmt(&console, &paths("files"), matches.get_flag("check")),
        "build" => build::build(&console, &path("file").unwrap_or_default(), path("output"), matches.get_flag("strip")),
        "disassemble" => disassemble::disassemble(&console, &path("file").unwrap_or_default()),
        "explain" => explain::explain(&console, &text("code").unwrap_or_default()),
        #[cfg(feature = "net")]
        "host" => return host::host(console, &net_commands::host_wanted(matches)),
        #[cfg(feature = "net")]
        "proxy" => return proxy::proxy(console, &net_commands::proxy_wanted(matches)),
        #[cfg(feature = "net")]
        "diagnose" => diagnose::diagnose(&console, &net_commands::diagnose_wanted(matches)),
        _ => Exit::Usage,
    };
    match console.lost() {
        None => exit,
        Some(detail) => {
            let said = console.say("输出没有写全：", "part of the output could not be written: ");
            // Nobody may be there to read this either.
            let _ = writeln!(std::io::stderr(), "error[T7006]: {said}{detail}");
            exit.max(Exit::Surroundings)
        }
    }
}

fn wanted(matches: &ArgMatches) -> run::Wanted {
    let path = |id| matches.get_one::<PathBuf>(id).cloned();
    let texts = |id| matches.get_many::<String>(id).map(|texts| texts.cloned().collect()).unwrap_or_default();
    run::Wanted {
        file: path("file").unwrap_or_default(),
        words: texts("words"),
        card: matches.get_one::<String>("card").cloned(),
        faults: texts("fault"),
        scenario: path("scenario"),
        journal: path("journal"),
        seed: matches.get_one::<u64>("seed").copied(),
        trace: path("trace"),
        replay: path("replay"),
        real_time: matches.get_flag("real-time"),
        #[cfg(feature = "net")]
        remote: net_commands::remote_wanted(matches),
    }
}

/// Writes help, the version, or what is wrong with the command line.
fn usage(language: Language, error: &clap::Error) -> Exit {
    let exit = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Fine,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Exit::Usage,
        ErrorKind::InvalidSubcommand => {
            let word = context(error, ContextKind::InvalidSubcommand);
            let command = command(language);
            let near = nearest(&word, command.get_subcommands().map(Command::get_name)).map(str::to_string);
            let mut said = match language {
                Language::En => format!("error: there is no command `{word}`."),
                Language::Zh => format!("没有命令“{word}”。"),
            };
            if let Some(near) = near {
                said.push_str(&match language {
                    Language::En => format!(" Did you mean `{near}`?"),
                    Language::Zh => format!("是否想写“{near}”？"),
                });
            }
            let _ = writeln!(std::io::stderr(), "{said}\n{}", try_help(language));
            return Exit::Usage;
        }
        _ if language == Language::Zh => {
            let _ = writeln!(std::io::stderr(), "{}", in_chinese(error));
            return Exit::Usage;
        }
        _ => Exit::Usage,
    };
    if language == Language::Zh {
        // What clap writes of itself in the line of usage.
        let help = error.render().to_string().replace("[OPTIONS]", "[选项]").replace("<COMMAND>", "<命令>");
        let _ = write!(std::io::stdout(), "{help}");
    } else {
        let _ = error.print();
    }
    exit
}

fn try_help(language: Language) -> &'static str {
    match language {
        Language::En => "Try `till --help`.",
        Language::Zh => "用 till --help 查看用法。",
    }
}

/// One of the words that belong to an error; empty if it has none of the kind.
fn context(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        _ => String::new(),
    }
}

/// What clap says, in Chinese.
fn in_chinese(error: &clap::Error) -> String {
    let context = |kind| context(error, kind);
    let (argument, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    let mut said = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有选项“{argument}”。"),
        ErrorKind::MissingRequiredArgument => format!("缺少：{argument}。"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("“{argument}”不能是“{value}”。"),
        ErrorKind::ArgumentConflict => {
            format!("“{argument}”不能与“{}”同时使用。", context(ContextKind::PriorArg))
        }
        _ => return error.to_string(),
    };
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        let near = context(kind);
        if !near.is_empty() {
            said.push_str(&format!("是否想写“{near}”？"));
        }
    }
    let valid = context(ContextKind::ValidValue);
    if !valid.is_empty() {
        said.push_str(&format!("可以是：{valid}。"));
    }
    said.push('\n');
    said.push_str(try_help(Language::Zh));
    said
}

/// Everything the command line may say, in the reader's language.
pub fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| match language {
        Language::Zh => zh,
        Language::En => en,
    };
    let lang = Arg::new("lang")
        .long("lang")
        .value_name("zh|en")
        .value_parser(["zh", "en"])
        .global(true)
        .hide_possible_values(true)
        .help(say("语言；也可用 TILL_LANG 设置", "Language; TILL_LANG sets it too"));
    let format = || {
        Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .value_parser(Format::WORDS)
            .help(say("输出形式：full、short、json、cashier", "Form of the output"))
            .hide_possible_values(language == Language::Zh)
    };
    let file =
        |help| Arg::new("file").required(true).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help);
    let files = |help| {
        Arg::new("files")
            .required(true)
            .num_args(1..)
            .value_name("FILES")
            .value_parser(value_parser!(PathBuf))
            .help(help)
    };
    let seed = || {
        Arg::new("seed").long("seed").value_name("N").value_parser(value_parser!(u64)).help(say(
            "模拟世界的种子；同一种子结果相同",
            "Seed of the simulated world; the same seed gives the same run",
        ))
    };
    let run = Command::new("run")
        .about(say("在模拟终端上运行流程", "Run a flow on the simulated terminal"))
        .arg(file(say("脚本（.till）或字节码（.tillc）", "A script (.till) or bytecode (.tillc)")))
        .arg(
            Arg::new("words")
                .num_args(0..)
                .value_name("FLOW | NAME=VALUE")
                .help(say("流程名，以及 参数名=值", "The flow's name, then its parameters")),
        )
        .arg(Arg::new("card").long("card").value_name("NAME|FILE").help(say("出示的卡：卡档名或文件", "The card that is presented: a profile or a file")))
        .arg(
            Arg::new("fault")
                .long("fault")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help(say("按名称设置故障，可写多次", "Make something go wrong, by name; may be given more than once")),
        )
        .arg(path_option("scenario", "FILE", say("场景文件：故障、卡、按键", "A scenario file: faults, cards, keys pressed")))
        .arg(path_option("journal", "DIR", say("日志与模拟世界保存的目录；下次接着用", "Keep journal and world in this folder; the next run goes on with them")))
        .arg(format())
        .arg(seed())
        .arg(path_option("trace", "FILE", say("写下运行记录", "Write a trace of the run")))
        .arg(path_option("replay", "FILE", say("重放运行记录", "Run a trace again")).conflicts_with_all(["journal", "trace", "fault", "card", "scenario"]))
        .arg(
            Arg::new("real-time")
                .long("real-time")
                .action(ArgAction::SetTrue)
                .help(say("按真实时间等待，便于观看", "Wait in real time, for eyes")),
        )
        .after_help(say(
            "示例：\n  till run scripts/start_of_day.till\n  till run scripts/sale.till amount=100.00CNY --fault reply:51 --lang zh\n  till run scripts/sale.till amount=100.00CNY --fault silent --journal 日志\n  till run scripts/sale.till amount=8.00CNY --trace 一笔.trace\n  till run scripts/sale.till --replay 一笔.trace\n",
            "Examples:\n  till run scripts/start_of_day.till\n  till run scripts/sale.till amount=100.00CNY --fault reply:51 --lang en\n  till run scripts/sale.till amount=100.00CNY --fault silent --journal journal\n  till run scripts/sale.till amount=8.00CNY --trace one.trace\n  till run scripts/sale.till --replay one.trace\n",
        ));
    #[cfg(feature = "net")]
    let run = net_commands::with_host(run, language);
    let run = with_names(run, language);
    let check = Command::new("check")
        .about(say("检查脚本，列出全部问题", "Check scripts; every finding at once"))
        .arg(
            files(say("脚本或文件夹；不写则检查当前文件夹", "Scripts or folders; the current folder unless told"))
                .required(false)
                .num_args(0..),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(Format::WORDS_OF_CHECK)
                .help(say("输出形式：full、short、json、sarif、cashier", "Form of the output"))
                .hide_possible_values(language == Language::Zh),
        )
        .arg(flag(
            "cost",
            say("每个 pub 流程最多等多久、执行多少指令", "How long each public flow may wait, and how much it can execute"),
        ))
        .arg(flag("fix", say("修正无须作者决定之处", "Mend what needs no decision of the author")))
        .arg(
            flag(
                "dry-run",
                say("与 --fix 同用：只列出会修正什么", "With --fix: change nothing, list what would be mended"),
            )
            .requires("fix"),
        )
        .arg(flag("deny-warnings", say("有警告则以 1 结束", "End with 1 if there are warnings")))
        .after_help(say(
            "示例：\n  till check scripts\n  till check --cost scripts/sale.till\n  till check 我的.till --fix\n  till check --format sarif > till.sarif",
            "Examples:\n  till check scripts\n  till check --cost scripts/sale.till\n  till check mine.till --fix\n  till check --format sarif > till.sarif",
        ));
    let test = Command::new("test")
        .about(say("运行脚本里的测试", "Run the tests of scripts"))
        .arg(files(say("脚本", "Scripts")))
        .arg(
            Arg::new("filter")
                .long("filter")
                .value_name("TEXT")
                .help(say("只运行标题含此文本的测试", "Only tests whose titles hold this text")),
        )
        .arg(format())
        .arg(seed())
        .after_help(say(
            "示例：\n  till test scripts/*.till\n  till test scripts/sale.till --filter 余额不足",
            "Examples:\n  till test scripts/*.till\n  till test scripts/sale.till --filter 余额不足",
        ));
    let fmt = Command::new("fmt")
        .about(say("把脚本排成统一格式", "Put scripts into the one style"))
        .arg(files(say("脚本或文件夹；- 表示标准输入", "Scripts or folders; - is standard input")))
        .arg(Arg::new("check").long("check").action(ArgAction::SetTrue).help(say(
            "不改文件，只列出待格式化的，有则以 1 结束",
            "Change nothing; list what would change and end with 1",
        )))
        .arg(format())
        .after_help(say(
            "示例：\n  till fmt 我的.till\n  till fmt --check scripts\n  till fmt - < 我的.till",
            "Examples:\n  till fmt mine.till\n  till fmt --check scripts\n  till fmt - < mine.till",
        ));
    let build = Command::new("build")
        .about(say("编译为字节码文件", "Compile to a bytecode file"))
        .arg(file(say("脚本", "A script")))
        .arg(
            path_option(
                "output",
                "FILE",
                say(
                    "写到哪里；不写则与脚本同名，扩展名 .tillc",
                    "Where to write it; beside the script as .tillc unless told",
                ),
            )
            .short('o'),
        )
        .arg(
            Arg::new("strip")
                .long("strip")
                .action(ArgAction::SetTrue)
                .help(say("调试信息另存为 .tilld", "Put the debug section into a .tilld file beside it")),
        )
        .arg(format())
        .after_help(say(
            "示例：\n  till build scripts/sale.till -o sale.tillc\n  till run sale.tillc amount=1.00CNY",
            "Examples:\n  till build scripts/sale.till -o sale.tillc\n  till run sale.tillc amount=1.00CNY",
        ));
    let disassemble = Command::new("disassemble")
        .about(say("列出指令", "List a program's instructions"))
        .arg(file(say("脚本或字节码文件", "A script or a bytecode file")))
        .after_help(say(
            "示例：\n  till disassemble scripts/sale.till",
            "Examples:\n  till disassemble scripts/sale.till",
        ));
    let explain = Command::new("explain")
        .about(say("解释错误码或应答码", "Explain a code"))
        .arg(Arg::new("code").required(true).value_name("CODE").help(say("如 T5101 或 51", "Such as T5101 or 51")))
        .after_help(say(
            "示例：\n  till explain T5101\n  till explain 51",
            "Examples:\n  till explain T5101\n  till explain 51",
        ));
    let till = Command::new("till")
        .version(env!("CARGO_PKG_VERSION"))
        .about(say(
            "支付终端流程的语言与工具：编写、检查、运行、测试、解释。",
            "Write, check, run, test and explain payment-terminal flows.",
        ))
        .after_help(say(
            "示例：\n  till run scripts/start_of_day.till\n  till explain T5101",
            "Examples:\n  till run scripts/start_of_day.till\n  till explain T5101",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .arg(lang)
        .subcommands([run, check, test, fmt, build, disassemble, explain]);
    #[cfg(feature = "net")]
    let till = till.subcommands(net_commands::commands(language));
    till.map_in_chinese(language)
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

pub(super) fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

pub(super) fn path_option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf)).help(help)
}

/// Headings that clap writes itself.
trait InChinese {
    /// Translates them, if the reader reads Chinese.
    fn map_in_chinese(self, language: Language) -> Command;
}

impl InChinese for Command {
    fn map_in_chinese(self, language: Language) -> Command {
        if language == Language::En {
            return self;
        }
        const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";
        let one = |command: Command| {
            let command = command
                .help_template(TEMPLATE)
                .subcommand_help_heading("命令")
                .disable_help_flag(true)
                .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助"));
            command.mut_args(|argument| {
                let heading = if argument.is_positional() { "参数" } else { "选项" };
                argument.help_heading(heading)
            })
        };
        let command = one(self).disable_version_flag(true).arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help("显示版本")
                .help_heading("选项"),
        );
        command.mut_subcommands(one)
    }
}
