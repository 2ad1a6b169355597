//! `till explain`: what a code means and what to do.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::style::Console;
use crate::language::check::codes;
use crate::language::library;
use crate::payment::iso8583::response::{Category, ResponseCode};
use crate::run::source_files;
use crate::script_error::catalogue::issuer;
use crate::script_error::code::Code;
use crate::script_error::explain;
use crate::script_error::words::{Language, Words};
use clap::{Arg, ArgMatches, Command};

/// `till explain` on the command line.
pub const COMMAND: Row =
    Row { name: "explain", about: Words { zh: "解释错误码或应答码", en: "Explain a code" }, define, go };

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(Arg::new("code").required(true).value_name("CODE").help(say("如 T5101 或 51", "Such as T5101 or 51")))
        .after_help(say(
            "示例：\n  till explain T5101\n  till explain 51",
            "Examples:\n  till explain T5101\n  till explain 51",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    explain(console, &command::text(matches, "code").unwrap_or_default())
}

/// Writes the page of a code: `T5101`, or a response code such as `51`.
pub fn explain(console: &Console, word: &str) -> Exit {
    let wanted = word.trim().to_uppercase();
    if let Some(page) = explain::page(&wanted, console.style.language) {
        console.line(page.trim_end());
        return Exit::Fine;
    }
    if let Some(page) = response(console, &wanted) {
        console.line(&page);
        return Exit::Fine;
    }
    if wanted.strip_prefix('E').is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())) {
        console.line(&console.say(
            "{c} 是脚本自己声明的错误：含义与各人该做什么，写在报错那个脚本的 error 声明里，报错时也已列出。",
            "{c} is declared by the script that raised it: its `error` declaration says what it means and who does what, and so does the report.",
        ).replace("{c}", &wanted));
        return Exit::Usage;
    }
    let near = explain::suggestion(&wanted);
    let mut line = match console.style.language {
        crate::script_error::words::Language::Zh => format!("没有错误码“{word}”。"),
        crate::script_error::words::Language::En => format!("There is no code `{word}`."),
    };
    if let Some(near) = near {
        line.push_str(&console.say("是否想查 {}？", " Did you mean {}?").replace("{}", near));
    }
    line.push_str(console.say(
        "可查 T 开头的错误码（如 T5101）和应答码（如 51）。",
        " Try a code that begins with T, such as T5101, or a response code, such as 51.",
    ));
    console.line(&line);
    Exit::Usage
}

/// The code of the page about a category; an approval has none.
fn category_page(category: Category) -> Option<Code> {
    match category {
        Category::Accept => None,
        Category::Decline => Some(issuer::DECLINED),
        Category::Capture => Some(issuer::CARD_TO_RETAIN),
        Category::Rekey => Some(issuer::SIGN_IN_AGAIN),
        Category::Retry => Some(issuer::TRY_LATER),
        Category::Refer => Some(issuer::CALL_ISSUER),
    }
}

/// What a response code means in each table of the library.
fn response(console: &Console, word: &str) -> Option<String> {
    let code = ResponseCode::parse(word)?;
    let mut page = Vec::new();
    for file in library::FILES.iter().filter(|file| file.path.ends_with(".codes")) {
        let path = file.path;
        let files = source_files::from_text(path, file.text);
        let (tables, _) = codes::tables(&files.units);
        for (_, table) in tables.iter().filter(|(_, table)| path.starts_with(table.name.as_str())) {
            let Some(row) = table.row(code) else { continue };
            let (meaning, cashier) = (console.say(&row.zh, &row.en), console.say(&row.cashier_zh, &row.cashier_en));
            page.push(format!("{code}  {meaning}"));
            page.push(format!("   {}: {}", console.say("码表", "table"), table.name));
            page.push(format!("   {}: {}", console.say("名称", "name"), row.name));
            page.push(format!("   {}: {}", console.say("类别", "category"), row.category.word()));
            if !cashier.is_empty() {
                page.push(format!("   {}: {cashier}", console.say("收银员", "cashier")));
            }
            if let Some(category) = category_page(row.category) {
                page.push(format!(
                    "   {}: till explain {category}",
                    console.say("这一类怎么办", "what this category asks for")
                ));
            }
        }
    }
    (!page.is_empty()).then(|| page.join("\n"))
}
