//! What the command line of `till message` may say.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::message::input::Reading;
use crate::cli::message::wanted::{Wanted, message};
use crate::cli::style::Console;
use crate::payment::iso8583::decode::Begin;
use crate::script_error::words::{Language, Words};
use clap::{Arg, ArgMatches, Command};

/// The words behind `till message`.
const WHAT: [&str; 5] = ["decode", "encode", "diff", "redact", "guess"];
/// The words of `--begin`.
const BEGINS: [&str; 4] = ["frame", "tpdu", "header", "body"];

/// `till message` on the command line.
pub const COMMAND: Row = Row {
    name: "message",
    about: Words {
        zh: "拆解、生成、比较、脱敏 ISO 8583 报文",
        en: "Take ISO 8583 messages apart, write, compare and redact them",
    },
    define,
    go,
};

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    message(console, &wanted(matches))
}

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(
            Arg::new("what")
                .required(true)
                .value_name("WHAT")
                .value_parser(WHAT)
                .hide_possible_values(true)
                .help(say("decode 拆解，encode 生成，diff 比较，redact 脱敏，guess 猜方言", "decode, encode, diff, redact or guess (which dialect)")),
        )
        .arg(Arg::new("words").num_args(0..).value_name("INPUT").help(say(
            "十六进制（可带空格）、文件或 -；encode 读 JSON",
            "Hexadecimal with or without spaces, a file, or -; encode reads JSON",
        )))
        .arg(
            Arg::new("dialect")
                .long("dialect")
                .value_name("NAME|FILE")
                .help(say("方言：标准库里的名字或 .till 文件；不写则猜", "The dialect: a name of the library or a .till file; guessed if not said")),
        )
        .arg(
            Arg::new("begin")
                .long("begin")
                .value_name("WHERE")
                .value_parser(BEGINS)
                .hide_possible_values(true)
                .help(say("输入从哪里开始：frame、tpdu、header、body", "What input begins with: frame, tpdu, header or body")),
        )
        .arg(Arg::new("mac_key").long("mac-key").value_name("HEX|@FILE|-").help(say(
            "decode：用这个密钥核对 MAC；encode：用它计算 MAC",
            "decode: verify the MAC with this key; encode: compute it",
        )))
        .arg(command::flag("hex", say("输入是十六进制", "Input is hexadecimal")).conflicts_with("raw"))
        .arg(command::flag("raw", say("输入是原始字节", "Input is the bytes themselves")))
        .arg(command::flag("reveal", say("显示卡片数据，只用于测试数据", "Show card data; for test data only")))
        .arg(command::format(language))
        .after_help(say(
            "示例：\n  till message decode --dialect cn_pos 0800...\n  till message decode 收到.bin --format json\n  till message guess 60000300...\n  till message diff 一.hex 二.hex --dialect cn_pos\n  till message redact 收到.bin > 可分享.hex",
            "Examples:\n  till message decode --dialect cn_pos 0800...\n  till message decode came.bin --format json\n  till message guess 60000300...\n  till message diff one.hex two.hex --dialect cn_pos\n  till message redact came.bin > to-share.hex",
        ))
}

/// What a command line that was understood says.
pub fn wanted(matches: &ArgMatches) -> Wanted {
    let text = |id| command::text(matches, id);
    Wanted {
        what: text("what").unwrap_or_default(),
        words: command::texts(matches, "words"),
        dialect: text("dialect"),
        begin: text("begin").and_then(|word| Begin::parse(&word)),
        reading: match (matches.get_flag("hex"), matches.get_flag("raw")) {
            (true, _) => Some(Reading::Hex),
            (_, true) => Some(Reading::Raw),
            _ => None,
        },
        mac_key: text("mac_key"),
        reveal: matches.get_flag("reveal"),
    }
}
