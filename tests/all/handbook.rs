//! The handbook: every entry whole, every code and every screen text in it, every question answered.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tillscript::language::check::codes;
use tillscript::language::library;
use tillscript::run::source_files;
use tillscript::script_error::catalogue;
use tillscript::script_error::explain::{Wanted, entry_page};
use tillscript::script_error::handbook::entry::{Class, Entry, Origin, TABLES, Trial};
use tillscript::script_error::handbook::find::find;
use tillscript::script_error::handbook::hear::{core, plain};
use tillscript::script_error::handbook::shelf;
use tillscript::script_error::source::display_width;
use tillscript::script_error::words::{Audience, Language, Said};

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/explain").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn none(what_to_do: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what_to_do}\n  {}", found.join("\n  "));
}

fn sentences(entry: &Entry) -> Vec<(&'static str, &Said)> {
    let mut all = vec![("title", &entry.title), ("money", &entry.money_said)];
    all.extend(entry.about.iter().map(|said| ("about", said)));
    all.extend(entry.why.iter().map(|cause| ("why", &cause.said)));
    all.extend(entry.why.iter().filter_map(|cause| cause.tell.as_ref()).map(|said| ("tell", said)));
    all.extend(entry.cashier.iter().map(|said| ("cashier", said)));
    all.extend(entry.cardholder.iter().map(|said| ("cardholder", said)));
    all.extend(entry.support.iter().map(|said| ("support", said)));
    all.extend(entry.author.iter().map(|said| ("author", said)));
    all.extend(entry.avoid.iter().map(|said| ("avoid", said)));
    all.extend(entry.ask.iter().map(|said| ("ask", said)));
    all.extend(entry.stop.iter().map(|said| ("stop", said)));
    all.extend(entry.slip.iter().map(|said| ("slip", said)));
    all
}

/// True for entries that people at a terminal meet; findings in a script are their author's.
fn at_the_terminal(entry: &Entry) -> bool {
    entry.origin != Origin::Script
}

#[test]
fn the_files_can_be_read() {
    none("Mend these lines of the entries.", shelf::complaints().to_vec());
    assert!(shelf::all().iter().filter(|entry| entry.row.is_none()).count() >= 230);
    assert!(shelf::all().iter().filter(|entry| at_the_terminal(entry)).count() >= 290);
}

#[test]
fn every_entry_is_whole() {
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    for entry in shelf::all() {
        let id = entry.id;
        if !ids.insert(id) {
            found.push(format!("{id} is there twice"));
        }
        for (what, said) in sentences(entry) {
            if said.zh.trim().is_empty() || said.en.trim().is_empty() {
                found.push(format!("{id}: {what} is empty in a language"));
            }
            if said.zh.is_ascii() && what != "title" {
                found.push(format!("{id}: {what} has no Chinese: {}", said.zh));
            }
        }
        for (table, listed) in
            entry.codes.iter().flat_map(|listed| listed.tables.iter().map(move |table| (table, listed)))
        {
            if !TABLES.iter().any(|(word, _)| word == table) {
                found.push(format!("{id}: there is no table {table} for {}", listed.code));
            }
        }
        for other in &entry.see {
            if shelf::find(other).is_none() {
                found.push(format!("{id}: `see` names {other}, which is not there"));
            }
        }
        if entry.why.is_empty() && entry.about.is_none() {
            found.push(format!("{id}: does not say why"));
        }
        if matches!(&entry.trial, Trial::NotYet(why) if why.is_empty()) {
            found.push(format!("{id}: neither shown nor said why not"));
        }
        if !at_the_terminal(entry) {
            continue;
        }
        for (what, empty) in [
            ("the cashier", entry.cashier.is_empty()),
            ("the cardholder", entry.cardholder.is_empty()),
            ("support", entry.support.is_empty()),
        ] {
            if empty {
                found.push(format!("{id}: says nothing to {what}"));
            }
        }
        // What a script or its limits did is said by what the code is; anything else has causes to be told apart.
        if entry.why.is_empty() && entry.origin.class() != Class::Software {
            found.push(format!("{id}: names no cause"));
        }
        if entry.row.is_none() && entry.avoid.is_empty() {
            found.push(format!("{id}: does not say what not to do"));
        }
    }
    none("An entry says everything, in both languages, and names only what is there.", found);
}

#[test]
fn every_code_of_ours_has_an_entry() {
    for row in catalogue::all() {
        assert_eq!(shelf::find(row.code.0).map(|entry| entry.id), Some(row.code.0));
        assert_eq!(shelf::find(row.name).map(|entry| entry.id), Some(row.code.0), "{}", row.name);
    }
}

/// What a script that ships declares, it declares for people, who look it up.
#[test]
fn every_declared_code_of_a_shipped_script_has_an_entry() {
    let mut found = Vec::new();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let folders = [scripts.clone(), scripts.join("library/cn_pos")];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    for path in files.filter(|path| path.extension().is_some_and(|extension| extension == "till")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let declares = |line: &&str| line.starts_with("error ") || line.starts_with("pub error ");
        for line in fs::read_to_string(&path).unwrap().lines().filter(declares) {
            let code = line.split_whitespace().rev().find(|word| word.len() == 5 && word.starts_with('E')).unwrap();
            if shelf::find(code).is_none() {
                found.push(format!("{name}.till: {code}"));
            }
        }
    }
    none("Write entries for these.", found);
}

#[test]
fn every_response_code_of_the_library_has_an_entry() {
    let mut found = Vec::new();
    for file in library::FILES.iter().filter(|file| file.path.ends_with(".codes")) {
        let name = file.path.trim_end_matches(".codes");
        let files = source_files::from_text(file.path, file.text);
        let (tables, _) = codes::tables(&files.units);
        for (_, table) in tables.iter().filter(|(_, table)| table.name == name) {
            for row in &table.rows {
                if shelf::of_response(&row.code.to_string(), Some(name)).len() != 1 {
                    found.push(format!("{} in {name}: wants one entry", row.code));
                }
            }
        }
    }
    none("A code of the library has one entry that names its table.", found);
}

/// Rows of a file with a head, by its column names.
fn rows(name: &str) -> Vec<Vec<String>> {
    let text = file(name);
    text.lines().skip(1).map(cells).collect()
}

/// The cells of a line; a cell in quotes may hold commas.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for sign in line.chars() {
        match sign {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

#[test]
fn every_known_response_code_has_an_entry() {
    let found = rows("response_codes.csv")
        .into_iter()
        .filter(|row| shelf::of_response(&row[0], None).is_empty())
        .map(|row| format!("{}: {}", row[0], row[1]))
        .collect();
    none("Write entries for these codes.", found);
}

/// Every text of a real terminal is a name of some entry, or has a name of one in it.
#[test]
fn every_screen_text_is_a_name() {
    let names: BTreeSet<String> = shelf::all()
        .iter()
        .flat_map(|entry| entry.names.iter().chain(&entry.screens))
        .map(|name| plain(name))
        .collect();
    let mut found = Vec::new();
    let mut count = 0;
    for row in rows("screen_texts.csv") {
        for text in row[1].split(" / ").chain(row[2].split(" / ")) {
            // In brackets stands whose terminal it is, and nothing else where it shows no text of its own.
            if text.starts_with('(') && text.ends_with(')') {
                continue;
            }
            let text = text.split_once(") ").map_or(text, |(_, text)| text).trim();
            // A row may list several texts.
            let known = |text: &str| {
                names.contains(&plain(text)) || find(text, None).answers.first().is_some_and(|best| best.score > 0.6)
            };
            let parts = if known(text) { vec![text] } else { text.split(", ").collect() };
            count += parts.len();
            found.extend(parts.into_iter().filter(|part| !known(part)).map(|part| format!("{}: {part}", row[0])));
        }
    }
    assert!(count > 200, "{count}");
    none("No entry is called so.", found);
}

/// Eighty columns at most, and what a narrow terminal has where it has less.
#[test]
fn pages_fit_the_terminal() {
    let mut found = Vec::new();
    for entry in shelf::all().iter().filter(|entry| entry.row.is_none()) {
        for (language, width) in [(Language::Zh, 80), (Language::En, 80), (Language::Zh, 32), (Language::En, 32)] {
            for audience in [None, Some(Audience::Cashier), Some(Audience::Cardholder), Some(Audience::Support)] {
                let page = entry_page(entry, Wanted { language, audience, width, tables: &[] });
                let wide = page.lines().filter(|line| !line.starts_with("    till ") && display_width(line) > width);
                found.extend(wide.map(|line| format!("{}: {width}: {line}", entry.id)));
            }
        }
    }
    none("These lines are too wide.", found);
}

struct Case {
    id: String,
    question: String,
    aside: bool,
}

/// The first sample keeps every fifth line aside, the second every other.
const SAMPLES: &[(&str, usize)] = &[("queries.txt", 5), ("second.txt", 2)];

fn cases(name: &str, every: usize) -> Vec<Case> {
    file(name)
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .enumerate()
        .map(|(at, line)| {
            let (id, question) = line.split_once(" | ").expect("ID | question");
            Case { id: id.into(), question: question.into(), aside: at % every == every - 1 }
        })
        .collect()
}

fn first(question: &str) -> String {
    find(question, None).answers.first().map_or("?".into(), |best| best.entry.id.into())
}

#[test]
fn questions_are_answered() {
    for (name, every) in SAMPLES {
        sample_is_answered(name, *every);
    }
}

fn sample_is_answered(sample: &str, every: usize) {
    let cases = cases(sample, every);
    let mut missed: Vec<(bool, String)> = Vec::new();
    for case in &cases {
        let seen = first(&case.question);
        if seen != case.id {
            missed.push((case.aside, format!("{}: {} wanted, {seen} came", case.question, case.id)));
        }
    }
    let show = std::env::var_os("TILL_SHOW_ASIDE").is_some();
    for aside in [false, true] {
        let all = cases.iter().filter(|case| case.aside == aside).count();
        let wrong: Vec<&String> = missed.iter().filter(|(at, _)| *at == aside).map(|(_, line)| line).collect();
        let name = if aside { "kept aside" } else { "tuned by" };
        println!("{sample}, {name}: {} of {all} questions have their entry first", all - wrong.len());
        if !aside || show {
            wrong.iter().for_each(|line| println!("  {line}"));
        }
        let least = if aside { 85 } else { 97 };
        assert!((all - wrong.len()) * 100 >= all * least, "{sample}, {name}: fewer than {least} %");
    }
}

#[test]
fn a_table_decides_what_a_code_means() {
    let first = |table| find("77", Some(table)).answers.first().map(|best| best.entry.id);
    assert_eq!(first("cn_pos"), Some("77"));
    assert_eq!(first("mastercard"), Some("77.mastercard"));
    assert_eq!(find("05", Some("iso1987")).answers.first().map(|best| best.entry.id), Some("05.old"));
    let both: Vec<&str> = find("77", None).answers.iter().map(|answer| answer.entry.id).collect();
    assert_eq!(both, ["77", "77.mastercard"]);
    // A table that lacks the code does not answer for it, nor is the code said to have no meaning.
    let none = find("51", Some("emv"));
    assert!(none.answers.is_empty() && none.unlisted.is_none());
    assert_eq!(none.choices.first().map(|choice| choice.entry.id), Some("51"));
}

#[test]
fn what_has_no_public_meaning_is_said_to_have_none() {
    let found = find("M9", None);
    assert_eq!(found.unlisted.as_deref(), Some("M9"));
    assert_eq!(find("E9999", None).declared.as_deref(), Some("E9999"));
    assert!(find("E9999", None).answers.is_empty());
}

#[test]
fn anything_may_be_asked() {
    let long = "余额不足 ".repeat(20_000);
    let deep = "[".repeat(100_000);
    for question in [
        "",
        " ",
        "\0",
        "{",
        "{\"code\":1}",
        "zhuangzhuangzhuangzhuangzhuangzhuangzhuang",
        &long,
        &deep,
        "💳💳",
        "a\u{301}",
    ] {
        find(question, None);
        find(question, Some("visa"));
    }
    assert_eq!(core("怎么办"), "怎么办");
}

// ── The pages under docs/errors ──

const MARK: &str = "<!-- Written by tests/all/handbook.rs from src/script_error/handbook. Change the entries, then run TILL_BLESS=1 cargo test handbook. -->";

fn check_page(name: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors").join(name);
    if std::env::var_os("TILL_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, wanted).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let line = found.lines().zip(wanted.lines()).take_while(|(found, wanted)| found == wanted).count() + 1;
    assert!(
        found == wanted,
        "docs/errors/{name} differs from the handbook at line {line}; run: TILL_BLESS=1 cargo test handbook"
    );
}

#[test]
fn pages_say_what_the_handbook_says() {
    check_page("README.md", &index());
    for language in [Language::Zh, Language::En] {
        for origin in Origin::ALL {
            let name = format!("{}/{}.md", language.word(), origin.word());
            check_page(&name, &origin_page(origin, language));
        }
    }
}

fn entries_of(origin: Origin) -> impl Iterator<Item = &'static Entry> {
    shelf::all().iter().filter(move |entry| entry.origin == origin)
}

/// A heading's anchor, as the pages are shown by most hosts: its id comes first, so that alone is enough.
fn anchor(entry: &Entry) -> String {
    entry.id.to_lowercase().replace('.', "-")
}

fn index() -> String {
    let all = shelf::all();
    let people = all.iter().filter(|entry| at_the_terminal(entry)).count();
    let mut page = format!(
        "# 错误大全 Everything a terminal can say\n\n{MARK}\n\n\
         共 {} 条，其中 {people} 条是终端前会遇到的，其余是写脚本时的问题。`till explain 余额不足` 用原话就能查，`till reproduce 51` 在模拟终端上看它发生。\n\
         {} entries: {people} that people at a terminal meet, the others are found in scripts before they run. \
         `till explain call issuer` finds one by what the screen says; `till reproduce 51` shows it on the simulated terminal.\n\n\
         | | 中文 | English | |\n|---|---|---|---|\n",
        all.len(),
        all.len()
    );
    for origin in Origin::ALL {
        let (name, count) = (origin.name(), entries_of(origin).count());
        let word = origin.word();
        writeln!(page, "| {count} | [{}](zh/{word}.md) | [{}](en/{word}.md) | `{word}` |", name.zh, name.en).unwrap();
    }
    for origin in Origin::ALL.into_iter().filter(|origin| *origin != Origin::Script) {
        let (name, word) = (origin.name(), origin.word());
        write!(page, "\n## {} {}\n\n| | 中文 | English |\n|---|---|---|\n", name.zh, name.en).unwrap();
        for entry in entries_of(origin) {
            let (title, id) = (&entry.title, anchor(entry));
            writeln!(
                page,
                "| `{}` | [{}](zh/{word}.md#{id}) | [{}](en/{word}.md#{id}) |",
                entry.id,
                cell(&title.zh),
                cell(&title.en)
            )
            .unwrap();
        }
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn origin_page(origin: Origin, language: Language) -> String {
    let name = origin.name().in_language(language);
    let back = if language == Language::Zh { "全部条目" } else { "All entries" };
    let mut page = format!("# {name}\n\n{MARK}\n\n[{back}](../README.md)\n");
    for entry in entries_of(origin) {
        entry_part(&mut page, entry, language);
    }
    page
}

fn entry_part(page: &mut String, entry: &Entry, language: Language) {
    let say = |zh: &'static str, en: &'static str| if language == Language::Zh { zh } else { en };
    let of = |said: &Said| cell(said.in_language(language));
    write!(page, "\n<a id=\"{}\"></a>\n\n## {} {}\n\n", anchor(entry), entry.id, of(&entry.title)).unwrap();
    writeln!(page, "**{}** {}", say("钱款：", "Money:"), of(&entry.money_said)).unwrap();
    if !entry.screens.is_empty() {
        let screens: Vec<String> = entry.screens.iter().map(|screen| format!("`{screen}`")).collect();
        write!(page, "\n{} {}\n", say("屏幕：", "Screen:"), screens.join(" ")).unwrap();
    }
    if let Some(about) = &entry.about {
        write!(page, "\n{}\n", of(about)).unwrap();
    }
    let mut list = |heading: &str, steps: &[Said], numbered: bool| {
        if steps.is_empty() {
            return;
        }
        write!(page, "\n**{heading}**\n\n").unwrap();
        for (at, step) in steps.iter().enumerate() {
            let mark = if numbered && steps.len() > 1 { format!("{}.", at + 1) } else { "-".into() };
            writeln!(page, "{mark} {}", of(step)).unwrap();
        }
    };
    list(say("收银员", "Cashier"), &entry.cashier, true);
    list(say("持卡人", "Cardholder"), &entry.cardholder, true);
    list(say("技术支持", "Support"), &entry.support, true);
    list(say("脚本作者", "Author of the script"), &entry.author, true);
    list(say("不要", "Do not"), &entry.avoid, false);
    list(say("何时停下、找谁", "When to stop, whom to call"), entry.stop.as_slice(), false);
    list(say("下一步要问", "Ask next"), &entry.ask, false);
    if !entry.why.is_empty() {
        write!(
            page,
            "\n| {} | {} |\n|---|---|\n",
            say("原因，最可能的在前", "Why, the likeliest first"),
            say("怎么看", "To tell")
        )
        .unwrap();
        for cause in &entry.why {
            let tell = cause.tell.as_ref().map(of).unwrap_or_default();
            writeln!(page, "| {} | {tell} |", of(&cause.said)).unwrap();
        }
    }
    let mut last = Vec::new();
    if let Some(slip) = &entry.slip {
        last.push(format!("{} {}", say("签购单：", "Slip:"), of(slip)));
    }
    for listed in &entry.codes {
        let names: Vec<&str> = listed
            .tables
            .iter()
            .filter_map(|table| TABLES.iter().find(|(word, _)| word == table))
            .map(|(_, words)| words.in_language(language))
            .collect();
        last.push(format!("{} `{}`: {}", say("码表", "Table"), listed.code, names.join(say("、", ", "))));
    }
    last.push(format!("{} {}", say("把握：", "How sure:"), entry.sure.sentence().in_language(language)));
    last.push(match &entry.trial {
        Trial::NotYet(why) => format!("{} {}", say("还不能重现：", "Not reproduced yet:"), of(why)),
        _ => format!("{} `till reproduce {}`", say("看它发生：", "See it happen:"), entry.id),
    });
    let near: Vec<String> = entry
        .see
        .iter()
        .filter_map(|id| shelf::find(id))
        .map(|other| {
            let page = if other.origin == entry.origin { String::new() } else { format!("{}.md", other.origin.word()) };
            format!("[{}]({page}#{})", other.id, anchor(other))
        })
        .collect();
    if !near.is_empty() {
        last.push(format!("{} {}", say("相关：", "Related:"), near.join(", ")));
    }
    write!(page, "\n{}\n", last.join("  \n")).unwrap();
}

// ── Every scenario ──

/// Entries whose scenario ends in the code of a shipped script, which puts its own words on what it was told, or which
/// end well.
const SHOWN_AS: &[(&str, &str)] = &[
    ("00", "approved"),
    ("10", "approved"),
    ("11", "approved"),
    ("97", "E5097"),
    ("q-switched-merchant", "898440054110007"),
    ("A2", "approved"),
    ("A4", "approved"),
    ("A5", "approved"),
    ("A6", "approved"),
    ("Y1", "(TC)"),
    ("Z1", "E3005"),
    ("T2101", "declined[51]"),
    ("T2102", "declined[04]"),
    ("T2103", "declined[A0]"),
    ("T2104", "declined[91]"),
    ("T2105", "declined[01]"),
    ("T2106", "declined[ZZ]"),
    ("T2107", "declined[96]"),
    ("T4001", "E4002"),
    ("T4004", "E4104"),
    ("T5001", "E5002"),
    ("T6101", "approved"),
    ("T6102", "approved"),
    ("T6103", "approved"),
    // What the doctor tells is no error of a run.
    ("T5131", "T5131"),
    ("T5132", "T5132"),
    ("T7020", "T7020"),
    ("q-can-it-work", "T6401"),
];

/// What `till reproduce --all` writes.
fn everything_reproduced(language: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_till"))
        .args(["reproduce", "--all", "--lang", language])
        .env_remove("TILL_LANG")
        .env("COLUMNS", "100")
        .output()
        .expect("till starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The pages, by id: each begins with the id and the title of its entry.
fn parts(page: &str, language: Language) -> Vec<(&'static Entry, String)> {
    let mut parts: Vec<(&Entry, String)> = Vec::new();
    let mut wanted = shelf::all()
        .iter()
        .filter(|entry| at_the_terminal(entry) && !matches!(entry.trial, Trial::NotYet(_)))
        .peekable();
    for line in page.lines() {
        let head = |entry: &&Entry| line == format!("{}  {}", entry.id, entry.title.in_language(language));
        if let Some(entry) = wanted.next_if(head) {
            parts.push((entry, String::new()));
        } else if let Some((_, text)) = parts.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    assert!(wanted.next().is_none(), "an entry was not shown");
    parts
}

/// What an outsider sees of a run: commands, screens, slips, errors, the journal and the money.
fn seen(text: &str) -> String {
    let fronts = [
        "$ till",
        "   screen",
        "   屏幕",
        "   journal",
        "   账",
        "   |  AMOUNT",
        "   |  金额",
        "->",
        "<-",
        "error[",
        "warning[",
        "declined[",
        "outcome",
        "结果",
        "reversals waiting",
        "待发冲正",
        "money",
        "钱款",
        "!!",
    ];
    text.lines()
        .filter(|line| fronts.iter().any(|front| line.starts_with(front)))
        .map(|line| format!("  {line}\n"))
        .collect()
}

#[test]
fn every_scenario_shows_its_entry() {
    for (word, language) in [("en", Language::En), ("zh", Language::Zh)] {
        let page = everything_reproduced(word);
        let parts = parts(&page, language);
        assert!(parts.len() > 180, "{} scenarios", parts.len());
        let mut snapshot = String::new();
        let mut wrong = Vec::new();
        for (entry, text) in &parts {
            let shown = SHOWN_AS.iter().find(|(id, _)| *id == entry.id).map(|(_, shown)| *shown);
            let wanted = match (shown, entry.row, entry.codes.first()) {
                (Some("approved"), ..) => say(language, "交易成功", "approved").to_owned(),
                (Some(shown), ..) => shown.to_owned(),
                // A command that runs no flow writes for its own reader; tests/all/examples.rs tries those.
                (None, Some(row), _) if !row.example.starts_with("till run ") => String::new(),
                (None, Some(row), _) => format!("[{}]", row.code),
                (None, None, Some(listed)) if !listed.tables.contains(&"reversal") => {
                    format!("declined[{}]", listed.code)
                }
                (None, None, Some(listed)) => format!("{}{}", say(language, "原因 ", "reason "), listed.code),
                (None, None, None) if entry.code().is_some() => format!("[{}]", entry.id),
                (None, None, None) => say(language, "钱款", "money").to_owned(),
            };
            if !text.contains(&wanted) {
                wrong.push(format!("{}: shows no {wanted}", entry.id));
            }
            snapshot.push_str(&format!("{}  {}\n{}\n", entry.id, entry.title.in_language(language), seen(text)));
        }
        none("These scenarios show something else.", wrong);
        insta::with_settings!({ snapshot_path => "../explain", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("scenarios-{word}"), snapshot);
        });
    }
}

fn say(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    if language == Language::Zh { zh } else { en }
}
