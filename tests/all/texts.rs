//! Every text read as its reader would: one short sentence for the cashier, the money first for the cardholder, the
//! words of the glossary for everybody, and the same in Chinese and English.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tillscript::language::check::codes;
use tillscript::language::library;
use tillscript::run::program::build;
use tillscript::run::source_files;
use tillscript::script_error::cardholder::{OPENINGS, begins_with_the_money, money_first};
use tillscript::script_error::catalogue;
use tillscript::script_error::code::{FactKind, Help};
use tillscript::script_error::error::Money;
use tillscript::script_error::handbook::entry::{Entry, MoneyState, Origin};
use tillscript::script_error::handbook::shelf;
use tillscript::script_error::source::display_width;
use tillscript::script_error::words::{Language, Said};
use tillscript::world::terminal::screen::Glass;

/// Where a text stands, what it is for, and the text.
struct Text {
    place: String,
    part: &'static str,
    said: Said,
}

fn none(what_to_do: &str, found: &[String]) {
    assert!(found.is_empty(), "{what_to_do}\n  {}", found.join("\n  "));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The parts of an entry, in the words of the entries' files.
fn parts(entry: &Entry) -> Vec<(&'static str, &Said)> {
    let mut all = vec![("title", &entry.title), ("money", &entry.money_said)];
    all.extend(entry.about.iter().map(|said| ("about", said)));
    all.extend(entry.why.iter().map(|cause| ("why", &cause.said)));
    all.extend(entry.why.iter().filter_map(|cause| cause.tell.as_ref()).map(|said| ("tell", said)));
    for (part, steps) in [
        ("cashier", &entry.cashier),
        ("cardholder", &entry.cardholder),
        ("support", &entry.support),
        ("author", &entry.author),
        ("avoid", &entry.avoid),
        ("ask", &entry.ask),
    ] {
        all.extend(steps.iter().map(|said| (part, said)));
    }
    all.extend(entry.stop.iter().map(|said| ("stop", said)));
    all.extend(entry.slip.iter().map(|said| ("slip", said)));
    all
}

fn of_the_handbook() -> Vec<Text> {
    let text = |entry: &Entry, part, said: &Said| Text { place: entry.id.into(), part, said: said.clone() };
    shelf::all()
        .iter()
        .flat_map(|entry| parts(entry).into_iter().map(|(part, said)| text(entry, part, said)).collect::<Vec<_>>())
        .collect()
}

/// The scripts that ship.
fn scripts() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("scripts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "till"))
        .collect();
    files.sort();
    files
}

/// The errors that the shipped scripts and their library declare, each once.
fn declared() -> Vec<Text> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for path in scripts() {
        let program = build(&path).program.unwrap_or_else(|| panic!("{} does not build", path.display()));
        for row in &program.errors {
            let Some(words) = &row.declared else { continue };
            if !seen.insert(row.code.to_string()) {
                continue;
            }
            for (part, (zh, en)) in [
                ("title", &words.title),
                ("cashier", &words.cashier),
                ("cardholder", &words.cardholder),
                ("support", &words.support),
            ] {
                found.push(Text { place: row.code.to_string(), part, said: Said::new(zh.as_str(), en.as_str()) });
            }
        }
    }
    assert!(found.len() > 80, "{}", found.len());
    found
}

/// What the tables of response codes of the library say: meanings and what the cashier does.
fn tables() -> Vec<Text> {
    let mut found = Vec::new();
    for file in library::FILES.iter().filter(|file| file.path.ends_with(".codes")) {
        let files = source_files::from_text(file.path, file.text);
        let (tables, _) = codes::tables(&files.units);
        for (_, table) in &tables {
            for row in &table.rows {
                let place = format!("{} in {}", row.code, table.name);
                let meaning = Said::new(row.zh.as_str(), row.en.as_str());
                found.push(Text { place: place.clone(), part: "meaning", said: meaning });
                if !row.cashier_zh.is_empty() {
                    let said = Said::new(row.cashier_zh.as_str(), row.cashier_en.as_str());
                    found.push(Text { place, part: "cashier", said });
                }
            }
        }
    }
    assert!(found.len() > 150, "{}", found.len());
    found
}

/// The `text` items of the shipped scripts and the library: what a flow puts on the screen.
fn of_the_screen() -> Vec<Text> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("scripts")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "till") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            let quoted = |line: &str, word: &str| {
                let rest = line.trim().strip_prefix(word)?.trim();
                Some(rest.strip_prefix('"')?.strip_suffix('"')?.to_owned())
            };
            for at in (0..lines.len()).filter(|at| lines[*at].trim_start_matches("pub ").starts_with("text ")) {
                let pair = lines.get(at + 1).and_then(|line| quoted(line, "zh"));
                let pair = pair.zip(lines.get(at + 2).and_then(|line| quoted(line, "en")));
                let (zh, en) = pair.unwrap_or_else(|| panic!("{}:{}", path.display(), at + 1));
                let place = format!("{}:{}", path.strip_prefix(root()).unwrap().display(), at + 1);
                found.push(Text { place, part: "text", said: Said::new(zh, en) });
            }
        }
    }
    assert!(found.len() > 30, "{}", found.len());
    found
}

/// A text with its places filled by something of the usual length.
fn filled(text: &str) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((front, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').expect("a place ends");
        whole.push_str(front);
        whole.push_str(match name {
            "amount" | "total" | "limit" | "most" | "part" | "rest" | "net" => "1234.50 CNY",
            "kcv" => "C6B3B45A",
            "slot" => "MAK",
            "batch" | "stan" | "number" => "000017",
            _ => "12",
        });
        rest = behind;
    }
    whole + rest
}

/// Everything that a cashier is told first: of an entry the first step, of an error its sentence.
fn for_the_cashier() -> Vec<Text> {
    let first = |entry: &Entry| {
        let said = entry.cashier.first()?.clone();
        Some(Text { place: entry.id.into(), part: "cashier", said })
    };
    let mut all: Vec<Text> = shelf::all().iter().filter_map(first).collect();
    all.extend(declared());
    all.extend(tables());
    all.retain(|text| text.part == "cashier");
    all
}

/// Two lines of eight Chinese characters, half of the smallest screen there is, and as much English as says the same.
const CASHIER_COLUMNS: usize = 32;
const CASHIER_LETTERS: usize = 60;

#[test]
fn the_cashier_reads_one_short_sentence() {
    let all = for_the_cashier();
    assert!(all.len() > 400, "{}", all.len());
    let mut found = Vec::new();
    for text in all {
        let (zh, en) = (filled(&text.said.zh), filled(&text.said.en));
        if display_width(&zh) > CASHIER_COLUMNS || en.chars().count() > CASHIER_LETTERS {
            let (columns, letters) = (display_width(&zh), en.chars().count());
            found.push(format!("{}: {columns} columns, {letters} letters: {zh} {en}", text.place));
        }
        let ends = |text: &str, sign: char| text.ends_with(sign) && text.matches(sign).count() == 1;
        if !ends(&zh, '。') || !ends(&en, '.') {
            found.push(format!("{}: is not one sentence: {zh} {en}", text.place));
        }
    }
    none("One short sentence; what else there is to do is a step of its own in the handbook.", &found);
}

/// What a flow shows is cut off where the screen ends.
#[test]
fn what_is_shown_fits_the_screen() {
    let mut found = Vec::new();
    let meanings = tables().into_iter().filter(|text| text.part == "meaning");
    for text in of_the_screen().into_iter().chain(meanings) {
        let said = Said::new(filled(&text.said.zh), filled(&text.said.en));
        let screen = Glass::default();
        let lines = screen.lines;
        let tall = Glass { lines: 100, now: Some(said), ..screen };
        for language in [Language::Zh, Language::En] {
            let picture = tall.picture(language);
            if picture.len() > lines {
                found.push(format!("{}: {} lines: {}", text.place, picture.len(), picture.join(" / ")));
            }
        }
    }
    none("The screen has four lines of sixteen columns.", &found);
}

/// How a cardholder's sentence may begin where it is not known whether money was taken: what to do meanwhile.
const NOT_KNOWN: &[(&str, &str)] = &[
    ("请先不要再付", "Please do not pay again"),
    ("还没有结果", "There is no result yet"),
    ("还没有付成", "It is not paid yet"),
    ("没有批准", "It was not approved"),
    ("这一次没有扣款", "This try took nothing"),
];

/// What is said of a reversal: that the money comes back.
const COMES_BACK: (&str, &str) = ("退回", "comes back");

#[test]
fn the_cardholder_learns_first_where_the_money_is() {
    let mut found = Vec::new();
    let people = |entry: &&Entry| entry.origin != Origin::Script;
    for entry in shelf::all().iter().filter(people) {
        // Whom to call is about no payment.
        if entry.id == "q-whom-to-call" {
            continue;
        }
        let Some(first) = entry.cardholder.first() else { continue };
        let begins = |zh: &str, en: &str| first.zh.starts_with(zh) && first.en.starts_with(en);
        let known = OPENINGS.iter().any(|opening| begins(opening.zh, opening.en));
        let fine = match entry.money {
            MoneyState::NotMoved | MoneyState::NoTransaction | MoneyState::Moved => known,
            MoneyState::ReversalQueued => first.zh.contains(COMES_BACK.0) && first.en.contains(COMES_BACK.1),
            // A row of ours is completed by the run that shows it.
            MoneyState::Unknown | MoneyState::Depends => {
                entry.row.is_some()
                    || known
                    || NOT_KNOWN.iter().any(|(zh, en)| begins(zh, en))
                    || first.zh.contains(COMES_BACK.0) && first.en.contains(COMES_BACK.1)
            }
        };
        if !fine {
            found.push(format!("{} ({}): {} | {}", entry.id, entry.money.word(), first.zh, first.en));
        }
    }
    none("Say first whether money was taken; where nobody knows, what to do meanwhile.", &found);
}

/// A sentence that begins with the money in one language does so in the other, or the run would say it twice.
#[test]
fn openings_agree_in_both_languages() {
    let mut found = Vec::new();
    let rows = catalogue::all().filter_map(|row| match row.help {
        Help::People { cardholder, .. } => {
            let said = Said::new(cardholder.zh, cardholder.en);
            Some(Text { place: row.code.to_string(), part: "cardholder", said })
        }
        Help::Author { .. } => None,
    });
    for text in rows.chain(declared()).filter(|text| text.part == "cardholder") {
        for money in Money::ALL {
            let told = money_first(&text.said, money);
            assert!(told.zh.ends_with(&text.said.zh) && told.en.ends_with(&text.said.en));
            assert_eq!(begins_with_the_money(&text.said), told == text.said, "{}: {told:?}", text.place);
        }
        let (zh, en) = (&text.said.zh, &text.said.en);
        let in_zh = OPENINGS.iter().any(|opening| zh.starts_with(opening.zh));
        let in_en = OPENINGS.iter().any(|opening| en.starts_with(opening.en));
        if in_zh != in_en {
            found.push(format!("{}: {zh} | {en}", text.place));
        }
    }
    none("Only one of the two begins with the money.", &found);
}

/// A number before a noun in the plural goes wrong at one.
#[test]
fn a_count_stands_before_no_plural() {
    let mut found = Vec::new();
    let mut look = |place: &str, text: &str, name: &str| {
        let Some((_, behind)) = text.split_once(&format!("{{{name}}} ")) else { return };
        let word: String = behind.chars().take_while(char::is_ascii_alphabetic).collect();
        if word.ends_with('s') && !["is", "was", "has", "times"].contains(&word.as_str()) {
            found.push(format!("{place}: {text}"));
        }
    };
    for row in catalogue::all() {
        // Of a limit there is always more than one, and so of the hours of a batch that is too old.
        let counts = row.facts.iter().filter(|(_, kind)| *kind == FactKind::Count);
        for (name, _) in counts.filter(|(name, _)| !["limit", "hours"].contains(name)) {
            look(row.code.0, row.title.en, name);
        }
    }
    for text in declared().into_iter().chain(of_the_screen()) {
        for name in ["count", "waiting", "failed", "most"] {
            look(&text.place, &text.said.en, name);
        }
    }
    for text in of_the_handbook() {
        if text.said.en.contains("(s)") {
            found.push(format!("{}: {}", text.place, text.said.en));
        }
    }
    none("Write `notices waiting: {count}`.", &found);
}

/// Words for which the glossary has another one.
const NOT_OUR_WORDS: &[(&str, &str)] = &[
    ("店员", "收银员"),
    ("顾客", "持卡人"),
    ("发卡方", "发卡行"),
    ("发卡银行", "发卡行"),
    ("收单行", "收单机构"),
    ("收单方", "收单机构"),
    ("交换中心", "转接中心"),
    ("重打印", "补打"),
    ("重印", "补打"),
    ("凭条", "小票"),
    ("密码器", "密码键盘"),
    ("检验值", "校验值"),
    ("customer ", "cardholder"),
    ("clerk", "cashier"),
    ("terminal id", "terminal number"),
    ("keypad of the pin", "PIN pad"),
    ("issuing bank", "issuer"),
    ("acquiring bank", "acquirer"),
    ("receipt", "slip"),
    ("log-on", "sign-in"),
    ("checksum value", "check value"),
    ("preauthori", "pre-authorisation"),
];

/// What other tables call a code stands in its title, and what is quoted is quoted.
const IN_THEIR_WORDS: &[&str] = &["17", "18"];

#[test]
fn every_text_uses_the_words_of_the_glossary() {
    let mut found = Vec::new();
    for text in of_the_handbook().into_iter().chain(declared()).chain(tables()).chain(of_the_screen()) {
        // A script is code, and `receipt` a word of the language.
        if IN_THEIR_WORDS.contains(&text.place.as_str()) || text.place.starts_with("T0") {
            continue;
        }
        for (word, instead) in NOT_OUR_WORDS {
            if text.said.zh.contains(word) || text.said.en.to_lowercase().contains(word) {
                found.push(format!("{}: {} says {word}; the glossary has {instead}", text.place, text.part));
            }
        }
    }
    none("One word, one meaning.", &found);
}

/// What a Chinese term is in English, wherever it stands: any of these words.
const PAIRS: &[(&str, &[&str])] = &[
    ("发卡行", &["issuer", "bank"]),
    ("收单机构", &["acquirer"]),
    ("转接中心", &["switch", "upstream"]),
    ("密码键盘", &["pin pad"]),
    ("冲正", &["revers"]),
    ("签到", &["sign"]),
    ("结算", &["settl", "end of day"]),
    ("批上送", &["upload"]),
    ("批次", &["batch"]),
    ("流水号", &["trace number", "stan"]),
    ("参考号", &["reference"]),
    ("授权码", &["authorisation"]),
    ("凭证号", &["voucher", "number"]),
    ("应答码", &["code"]),
    ("主密钥", &["master key", "master-key"]),
    ("工作密钥", &["work key"]),
    ("校验值", &["check value"]),
    ("串号", &["serial"]),
    ("终端号", &["terminal"]),
    ("商户号", &["merchant"]),
    ("撤销", &["void", "revo", "undo", "withdr"]),
    ("退货", &["refund"]),
    ("预授权", &["pre-auth"]),
    ("小票", &["slip", "reprint"]),
    ("补打", &["reprint", "print"]),
    ("芯片", &["chip"]),
    ("磁条", &["stripe", "swip"]),
];

#[test]
fn chinese_and_english_name_the_same_things() {
    let mut found = Vec::new();
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    for (term, _) in PAIRS {
        // The number of a merchant or a terminal is explained under the merchant and the terminal.
        assert!(glossary.contains(term), "{term} is not in the glossary");
    }
    for text in of_the_handbook().into_iter().chain(declared()).chain(tables()).chain(of_the_screen()) {
        let english = text.said.en.to_lowercase();
        for (term, words) in PAIRS {
            if text.said.zh.contains(term) && !words.iter().any(|word| english.contains(word)) {
                found.push(format!("{} {}: {term}: {} | {}", text.place, text.part, text.said.zh, text.said.en));
            }
        }
    }
    none("The English lacks what the Chinese says, or says it in another word.", &found);
}

/// A number that one language gives, the other gives too: codes, fields, times, limits.
#[test]
fn chinese_and_english_give_the_same_numbers() {
    let numbers = |text: &str| {
        let mut all = BTreeSet::new();
        let mut number = String::new();
        for sign in text.chars().chain([' ']) {
            if sign.is_ascii_digit() {
                number.push(sign);
            } else if !number.is_empty() {
                // Small counts are often words.
                let small = number.len() == 1;
                let number = std::mem::take(&mut number);
                if !small {
                    all.insert(number);
                }
            }
        }
        all
    };
    let mut found = Vec::new();
    for text in of_the_handbook().into_iter().chain(declared()) {
        if numbers(&text.said.zh) != numbers(&text.said.en) {
            found.push(format!("{} {}: {} | {}", text.place, text.part, text.said.zh, text.said.en));
        }
    }
    none("The two give different numbers.", &found);
}

/// A term stands once in the glossary; two words for a thing are two things.
#[test]
fn the_glossary_has_each_term_once() {
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut rows = 0;
    for line in glossary.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| 中文")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 3, "{line}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{line}");
        rows += 1;
        if !seen.insert(cells[0].to_owned()) {
            found.push(cells[0].to_owned());
        }
        let english = cells[1].to_lowercase();
        if english != cells[0].to_lowercase() && !seen.insert(english.clone()) {
            found.push(english);
        }
    }
    assert!(rows > 100, "{rows}");
    none("These stand there twice.", &found);
}

/// What an entry says to support tells one cause from another, or names what to look at.
#[test]
fn support_gets_a_check() {
    let short = |said: &Said| display_width(&said.zh) < 12 || said.en.split_whitespace().count() < 3;
    let found: Vec<String> = shelf::all()
        .iter()
        .filter(|entry| entry.origin != Origin::Script && entry.support.iter().all(short))
        .map(|entry| format!("{}: {:?}", entry.id, entry.support))
        .collect();
    none("Say what to look at.", &found);
}

#[test]
fn chinese_prose_has_chinese_punctuation() {
    let mut found = Vec::new();
    for text in of_the_handbook().into_iter().chain(declared()).chain(tables()).chain(of_the_screen()) {
        let signs: Vec<char> = text.said.zh.chars().collect();
        for pair in signs.windows(2) {
            let is_han = ('\u{4E00}'..='\u{9FFF}').contains(&pair[0]);
            if is_han && matches!(pair[1], ',' | ';' | ':' | '?' | '!' | '(' | ')') {
                found.push(format!("{}: {}", text.place, text.said.zh));
            }
        }
    }
    none("Chinese punctuation in Chinese.", &found);
}

/// What a program that asks gets, whatever was asked: a code, a text, a question, a pasted line, a tag, nothing.
#[test]
fn explain_answers_programs_in_one_shape() {
    let pasted = "error[T5101]: no answer to 0200 within 60 s";
    for (question, id) in [
        ("51", Some("51")),
        ("余额不足", Some("51")),
        ("pos机脚本错误是什么意思", Some("q-script-error")),
        (pasted, Some("T5101")),
        ("M9", Some("T2106")),
        ("TVR 0000008000", Some("95")),
        ("asdfghjkl", None),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_till"))
            .args(["explain", "--format", "json", question])
            .output()
            .expect("till starts");
        let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let results = value["results"].as_array().expect("results");
        assert_eq!(results.first().and_then(|first| first["id"].as_str()), id, "{question}");
        assert_eq!(output.status.success(), id.is_some(), "{question}");
        for result in results {
            for key in ["id", "class", "money"] {
                assert!(result[key].is_string(), "{question}: {key}: {result}");
            }
            assert!(result["code"].is_string() || result["code"].is_null(), "{question}: {result}");
            assert!(result["score"].is_number() && result["guidance"].is_object(), "{question}: {result}");
            let pair = |value: &Value| value["zh"].is_string() && value["en"].is_string();
            assert!(pair(&result["title"]), "{question}: {result}");
            assert!(result["avoid"].as_array().expect("avoid").iter().all(pair), "{question}: {result}");
        }
    }
}
