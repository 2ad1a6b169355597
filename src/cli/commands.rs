//! The commands: what the command line may say, and where each goes.

use crate::cli::command::{Row, say};
use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::cli::{
    audit, build, bundle, check, dialect, disassemble, doctor, explain, fleet, fmt, journal, keys, language, message,
    reconcile, reproduce, run, test, tlv, torture,
};
#[cfg(feature = "net")]
use crate::cli::{diagnose, host, proxy};
use crate::script_error::nearest::nearest;
use crate::script_error::words::Language;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

/// Every command, in the order of the help.
const COMMANDS: &[Row] = &[
    run::COMMAND,
    check::COMMAND,
    test::COMMAND,
    torture::COMMAND,
    fleet::COMMAND,
    fmt::COMMAND,
    build::COMMAND,
    disassemble::COMMAND,
    explain::COMMAND,
    reproduce::COMMAND,
    audit::COMMAND,
    tlv::COMMAND,
    keys::COMMAND,
    journal::COMMAND,
    bundle::COMMAND,
    reconcile::COMMAND,
    doctor::COMMAND,
    message::command::COMMAND,
    dialect::command::COMMAND,
    #[cfg(feature = "net")]
    host::COMMAND,
    #[cfg(feature = "net")]
    proxy::COMMAND,
    #[cfg(feature = "net")]
    diagnose::COMMAND,
];

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
    let words: Vec<OsString> = words.into_iter().collect();
    let matches = match one_command(language, &words) {
        Some(matches) => matches,
        None => match command(language).try_get_matches_from(words) {
            Ok(matches) => matches,
            Err(error) => return usage(language, &error),
        },
    };
    let Some((name, matches)) = matches.subcommand() else { return Exit::Usage };
    let Some(row) = COMMANDS.iter().find(|row| row.name == name) else { return Exit::Usage };
    let format = matches.try_get_one::<String>("format").ok().flatten().and_then(|word| Format::parse(word));
    let console = Console::new(language, format.unwrap_or_default());
    let exit = (row.go)(&console, matches);
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

/// What the words say, if they are right and begin with a command: the others need not be described then, nor any help.
fn one_command(language: Language, words: &[OsString]) -> Option<ArgMatches> {
    let row = COMMANDS.iter().find(|row| words.get(1).is_some_and(|word| word == row.name))?;
    with_commands(language, std::slice::from_ref(row), false).try_get_matches_from(words).ok()
}

/// A line of words, typed as if by somebody.
pub enum Typed {
    /// A run, still to be done.
    Run(Box<run::Wanted>),
    /// Another command, done.
    Other(Exit),
}

/// What a line of words asks for: a command and its arguments, without `till`.
pub fn typed(console: &Console, line: &str) -> Result<Typed, Exit> {
    let language = console.style.language;
    let words = std::iter::once("till").chain(line.split(' ').filter(|word| !word.is_empty()));
    let matches = command(language).try_get_matches_from(words).map_err(|error| usage(language, &error))?;
    let Some((name, matches)) = matches.subcommand() else { return Err(Exit::Usage) };
    if name == run::COMMAND.name {
        return Ok(Typed::Run(Box::new(run::wanted(matches))));
    }
    let row = COMMANDS.iter().find(|row| row.name == name).ok_or(Exit::Usage)?;
    Ok(Typed::Other((row.go)(console, matches)))
}

/// Writes help, the version, or what is wrong with the command line.
fn usage(language: Language, error: &clap::Error) -> Exit {
    let exit = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Fine,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Exit::Usage,
        ErrorKind::InvalidSubcommand => {
            let word = context(error, ContextKind::InvalidSubcommand);
            let command = command(language);
            let near = near_command(&command, &word);
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

/// The command most like a word, with the commands that have others below them: `keys kcv`.
fn near_command(command: &Command, word: &str) -> Option<String> {
    let below = command.get_subcommands().flat_map(|outer| {
        outer.get_subcommands().map(|inner| (inner.get_name(), format!("{} {}", outer.get_name(), inner.get_name())))
    });
    let all: Vec<(&str, String)> =
        command.get_subcommands().map(|outer| (outer.get_name(), outer.get_name().to_owned())).chain(below).collect();
    let near = nearest(word, all.iter().map(|(name, _)| *name))?;
    all.iter().find(|(name, _)| *name == near).map(|(_, whole)| whole.clone())
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
        ErrorKind::MissingSubcommand => format!("还须写明：{}。", context(ContextKind::ValidSubcommand)),
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
    with_commands(language, COMMANDS, true).map_in_chinese(language)
}

fn with_commands(language: Language, commands: &[Row], help: bool) -> Command {
    let say = say(language);
    let lang = Arg::new("lang")
        .long("lang")
        .value_name("zh|en")
        .value_parser(["zh", "en"])
        .global(true)
        .hide_possible_values(true)
        .help(say("语言；也可用 TILL_LANG 设置", "Language; TILL_LANG sets it too"));
    Command::new("till")
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
        .subcommands(commands.iter().map(|row| {
            let command = Command::new(row.name).about(row.about.in_language(language));
            (row.define)(command.disable_help_flag(!help), language)
        }))
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
        fn one(command: Command) -> Command {
            let command = command
                .help_template(TEMPLATE)
                .subcommand_help_heading("命令")
                .disable_help_flag(true)
                .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助"));
            let command = command.mut_args(|argument| {
                let heading = if argument.is_positional() { "参数" } else { "选项" };
                argument.help_heading(heading)
            });
            command.mut_subcommands(one)
        }
        one(self).disable_version_flag(true).arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help("显示版本")
                .help_heading("选项"),
        )
    }
}
