//! `till message guess`: which dialect bytes are written in, and why.

use crate::cli::exit::Exit;
use crate::cli::message::input;
use crate::cli::message::wanted::Wanted;
use crate::cli::style::{Console, Format, counted};
use crate::payment::iso8583::decode::Begin;
use crate::payment::iso8583::guess::{Guess, guess as rank};
use crate::run::known_dialects::{Known, Unknown, all, load};
use crate::run::message_words::of_unpack;
use crate::run::wire_words::{code, of_begin, of_remark, remark_word};
use crate::script_error::words::Said;
use serde_json::json;

/// Below this, nothing is claimed.
const LIKELY: u8 = 50;

/// The dialects of the library, and the one the command line adds.
fn known(console: &Console, more: Option<&str>) -> Result<Vec<Known>, Exit> {
    let mut found = all();
    if let (Some(word), Ok(known)) = (more, &mut found)
        && !known.iter().any(|known| known.dialect.name == word)
    {
        match load(word) {
            Ok(own) => known.insert(0, own),
            Err(unknown) => found = Err(unknown),
        }
    }
    found.map_err(|unknown| {
        match unknown {
            Unknown::Refused(error) => console.refusal(&error),
            Unknown::Findings(sources, findings) => {
                findings.iter().for_each(|finding| console.finding(finding, &sources));
            }
        }
        Exit::Refused
    })
}

/// The dialect that fits best, and how well.
pub fn best(console: &Console, bytes: &[u8]) -> Result<(Known, u8, Option<Begin>), Exit> {
    let known = known(console, None)?;
    let ranked = rank(bytes, known.iter().map(|known| &known.dialect));
    let first = ranked.first();
    let (at, fit) = first.map_or((0, 0), |guess| (guess.dialect, guess.fit));
    // Where nothing reads it, what it begins with is better taken from its looks.
    let begin = first.filter(|guess| guess.decoded.is_ok()).map(|guess| guess.decoded.begin);
    known.into_iter().nth(at).map(|known| (known, fit, begin)).ok_or(Exit::Defect)
}

/// Why this dialect was taken.
pub fn reasons(console: &Console, name: &str, fit: u8) -> String {
    let zh = format!("没有指明方言，按最相符的 {name} 解（{fit}%）；till message guess 可看其余，--dialect 可指明");
    let en = format!(
        "no dialect was given; {name} fits best ({fit} %). `till message guess` shows the others, --dialect chooses"
    );
    console.say(&zh, &en).to_owned()
}

/// Ranks the known dialects.
pub fn guess(console: &Console, wanted: &Wanted) -> Exit {
    let bytes = match input::bytes(console, &wanted.words, wanted.reading) {
        Ok(bytes) => bytes,
        Err(exit) => return exit,
    };
    let known = match known(console, wanted.dialect.as_deref()) {
        Ok(known) => known,
        Err(exit) => return exit,
    };
    let ranked = rank(&bytes, known.iter().map(|known| &known.dialect));
    let name = |guess: &Guess| known.get(guess.dialect).map_or("", |known| known.dialect.name.as_str());
    let likely = ranked.first().is_some_and(|guess| guess.fit >= LIKELY);
    if console.format == Format::Json {
        let list: Vec<_> = ranked
            .iter()
            .map(|guess| {
                let why = why(guess);
                json!({
                    "dialect": name(guess),
                    "fit": guess.fit,
                    "ok": guess.decoded.is_ok(),
                    "begin": guess.decoded.begin.word(),
                    "mti": guess.decoded.mti.map(|mti| mti.to_string()),
                    "fields": guess.decoded.fields.len(),
                    "error": guess.decoded.problems.first().map(|problem| code(problem).0.to_string()),
                    "warnings": guess.remarks.iter().map(|remark| remark_word(*remark).0).collect::<Vec<_>>(),
                    "zh": why.zh,
                    "en": why.en,
                })
            })
            .collect();
        console.line(&json!({ "ok": likely, "guesses": list }).to_string());
    } else {
        for guess in &ranked {
            let head = format!("{:>3} %  {}", guess.fit, name(guess));
            console.line(&if guess.fit >= LIKELY { console.bold(&head) } else { head });
            let why = why(guess);
            let room = console.style.width.saturating_sub(7).max(20);
            for line in crate::script_error::wrap::wrap(why.in_language(console.style.language), room) {
                console.line(&format!("       {line}"));
            }
        }
        if !likely {
            console.line(console.say(
                "没有一个读得通。可用 --begin frame|tpdu|header|body 指明从哪里开始，或 --dialect 加上自己的方言。",
                "None of them reads it. Say where it begins with --begin frame|tpdu|header|body, or add a dialect of your own with --dialect.",
            ));
        }
    }
    if likely { Exit::Fine } else { Exit::Refused }
}

/// What speaks for a dialect, and what against it.
fn why(guess: &Guess) -> Said {
    let decoded = &guess.decoded;
    let Some(mti) = decoded.mti.filter(|mti| mti.is_usual()) else {
        return Said::new("没有读出报文类型", "no message type was found");
    };
    let begin = of_begin(decoded.begin);
    let mut said = Said::new(
        format!("{mti}，{}，{} 个域", begin.zh, decoded.fields.len()),
        format!("{mti} {}, {}", begin.en, counted(decoded.fields.len(), "field")),
    );
    let mut add = |more: Said, sign: (&str, &str)| {
        said.zh.push_str(sign.0);
        said.zh.push_str(&more.zh);
        said.en.push_str(sign.1);
        said.en.push_str(&more.en);
    };
    match decoded.problems.first() {
        None => add(Said::new("，读到最后一个字节", ", read to the last byte"), ("", "")),
        Some(problem) => add(of_unpack(problem), ("；", "; ")),
    }
    for remark in guess.remarks.iter().take(2) {
        add(of_remark(*remark), ("；", "; "));
    }
    said
}
