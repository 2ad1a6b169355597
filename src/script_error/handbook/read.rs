//! Reads the entries from their files.
//!
//! ```text
//! == 51
//! code: 51 @ cn_pos iso1987
//! title: 可用余额不足 | Not enough money in the account
//! names: 余额不足; 钱不够; insufficient funds
//! why: 账户余额低于金额 | The balance is below the amount
//! tell: 换一张卡就成 | Another card works
//! cashier: 请换一张卡。 | Ask for another card.
//! ```
//!
//! A key stands in front of each line, and ` | ` between Chinese and English; a key may come again where there can be
//! several. What `like: ID` does not find in its own entry it takes from that one. An entry that is headed with a code
//! of ours adds to what the code's row says. Nothing here is read unless somebody asks.

use super::entry::{Cause, Entry, ListedCode, MoneyState, Origin, Sure, Trial};
use crate::script_error::cardholder::state_first;
use crate::script_error::catalogue;
use crate::script_error::code::{Help, Row};
use crate::script_error::explain::both_languages;
use crate::script_error::words::Said;
use std::collections::BTreeMap;

/// One entry as it is written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The file and the line of its head, for whoever has to mend it.
    place: String,
    lines: Vec<(&'static str, &'static str)>,
}

impl Written {
    fn all(&self, key: &str) -> impl Iterator<Item = &'static str> {
        self.lines.iter().filter(move |(name, _)| *name == key).map(|(_, value)| *value)
    }

    fn has(&self, key: &str) -> bool {
        self.lines.iter().any(|(name, _)| *name == key)
    }
}

/// Every key there is.
const KEYS: &[&str] = &[
    "code",
    "title",
    "names",
    "screen",
    "from",
    "money",
    "why",
    "tell",
    "cashier",
    "cardholder",
    "support",
    "avoid",
    "wrong",
    "stop",
    "slip",
    "ask",
    "see",
    "sure",
    "try",
    "notry",
    "like",
];

/// An entry is like another, and that one like a third; further nobody can follow.
const LIKE_DEEPEST: usize = 4;

/// Keys that are of one entry only and are not taken from another.
const OWN: &[&str] = &["code", "title", "names", "screen", "like", "try", "notry"];

/// The entries of some files, by id in the order written, and what is wrong with them.
pub(super) fn written(files: &[(&'static str, &'static str)]) -> (Vec<(&'static str, Written)>, Vec<String>) {
    let mut entries: Vec<(&'static str, Written)> = Vec::new();
    let mut wrong = Vec::new();
    for (file, text) in files {
        for (at, line) in text.lines().enumerate() {
            let place = || format!("{file}:{}", at + 1);
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(id) = line.strip_prefix("== ") {
                entries.push((id.trim(), Written { place: place(), lines: Vec::new() }));
                continue;
            }
            let Some((key, value)) = line.split_once(": ") else {
                wrong.push(format!("{}: this is no `key: value`", place()));
                continue;
            };
            if !KEYS.contains(&key) {
                wrong.push(format!("{}: there is no key `{key}`", place()));
            }
            match entries.last_mut() {
                Some((_, entry)) => entry.lines.push((key, value.trim())),
                None => wrong.push(format!("{}: no entry is open", place())),
            }
        }
    }
    (entries, wrong)
}

/// The entries, made whole: rows of ours joined in, `like` followed. And what is wrong with them.
pub(super) fn entries(files: &[(&'static str, &'static str)]) -> (Vec<Entry>, Vec<String>) {
    let (mut written, mut wrong) = written(files);
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, (id, entry)) in written.iter().enumerate() {
        if by_id.insert(id, at).is_some() {
            wrong.push(format!("{}: `{id}` is there twice", entry.place));
        }
    }
    for at in 0..written.len() {
        let taken = borrowed(&written, &by_id, at, &mut wrong);
        written[at].1.lines.extend(taken);
    }
    let mut found = Vec::new();
    for row in catalogue::all() {
        let extra = by_id.get(row.code.0).map(|at| &written[*at].1);
        found.push(of_row(row, extra, &mut wrong));
    }
    for (id, entry) in &written {
        if catalogue::find(id).is_none() {
            let mut whole = Entry::blank(id);
            fill(&mut whole, entry, &mut wrong);
            show_by_reply(&mut whole);
            found.push(whole);
        }
    }
    (found, wrong)
}

/// What an entry takes from the one it is like, and that one from the next.
fn borrowed(
    written: &[(&'static str, Written)],
    by_id: &BTreeMap<&str, usize>,
    at: usize,
    wrong: &mut Vec<String>,
) -> Vec<(&'static str, &'static str)> {
    let own = &written[at].1;
    let mut taken: Vec<(&'static str, &'static str)> = Vec::new();
    let mut model = own;
    for _ in 0..LIKE_DEEPEST {
        let Some(like) = model.all("like").next() else { return taken };
        let Some(&next) = by_id.get(like) else {
            wrong.push(format!("{}: there is no `{like}`", model.place));
            return taken;
        };
        model = &written[next].1;
        let has = |key: &str, taken: &[(&str, &str)]| own.has(key) || taken.iter().any(|(name, _)| *name == key);
        let causes = has("why", &taken);
        let more: Vec<_> = model
            .lines
            .iter()
            .filter(|(key, _)| !OWN.contains(key) && !has(key, &taken) && (*key != "tell" || !causes))
            .copied()
            .collect();
        taken.extend(more);
    }
    wrong.push(format!("{}: `like` leads in a circle or too far", own.place));
    taken
}

/// A code of ours: its row's sentences come first.
fn of_row(row: &'static Row, extra: Option<&Written>, wrong: &mut Vec<String>) -> Entry {
    let mut entry = Entry::blank(row.code.0);
    let said = |words| both_languages(row, words);
    entry.title = said(row.title);
    entry.row = Some(row);
    entry.origin = Entry::origin_of(row);
    entry.about = Some(said(row.about));
    match row.help {
        Help::Author { fix } => {
            entry.money = MoneyState::NoTransaction;
            entry.author = vec![said(fix)];
        }
        Help::People { cashier, cardholder, support, .. } => {
            entry.money_said = Said::new("看报错里的钱款一行。", "The money line of the report says.");
            entry.cashier = vec![said(cashier)];
            entry.cardholder = vec![said(cardholder)];
            entry.support = vec![said(support)];
        }
    }
    // The example of its row shows it.
    entry.trial = Trial::Runs(Vec::new());
    if let Some(extra) = extra {
        fill(&mut entry, extra, wrong);
    }
    if entry.money_said.is_empty() {
        entry.money_said = entry.money.sentence().into();
    }
    // A row is written for every run that may show it; the entry knows where the money is.
    if let Some(first) = entry.cardholder.first_mut() {
        *first = state_first(first, entry.money);
    }
    entry
}

/// Tables of codes that no reply carries in field 39.
const NOT_IN_A_REPLY: &[&str] = &["emv", "reversal"];

/// An answer of a host that names nothing better is shown by a host that gives it.
fn show_by_reply(entry: &mut Entry) {
    let Some(listed) = entry.codes.first() else { return };
    let unsaid = matches!(&entry.trial, Trial::NotYet(why) if why.is_empty());
    if unsaid && !NOT_IN_A_REPLY.iter().any(|table| listed.tables.contains(table)) {
        entry.trial = Trial::Reply(listed.code);
    }
}

fn fill(entry: &mut Entry, from: &Written, wrong: &mut Vec<String>) {
    let mut complain = |what: String| wrong.push(format!("{}: {what}", from.place));
    for (key, value) in &from.lines {
        let value: &'static str = value;
        match *key {
            "names" => entry.names.extend(listed(value)),
            "screen" => entry.screens.extend(listed(value)),
            "see" => entry.see.extend(value.split_whitespace()),
            "try" => match &mut entry.trial {
                Trial::Runs(lines) => lines.push(value),
                trial => *trial = Trial::Runs(vec![value]),
            },
            "code" => {
                let (code, tables) = value.split_once(" @ ").unwrap_or((value, ""));
                let tables = tables.split_whitespace().collect();
                entry.codes.push(ListedCode { code, tables });
            }
            "from" => match Origin::parse(value) {
                Some(origin) => entry.origin = origin,
                None => complain(format!("`{value}` is no origin")),
            },
            "sure" => match Sure::parse(value) {
                Some(sure) => entry.sure = sure,
                None => complain(format!("`{value}` is no degree of being sure")),
            },
            "money" => {
                let (word, sentence) = value.split_once(" = ").map_or((value, None), |(word, rest)| (word, Some(rest)));
                match MoneyState::parse(word) {
                    Some(state) => entry.money = state,
                    None => complain(format!("`{word}` is no state of the money")),
                }
                entry.money_said = match sentence.map(pair) {
                    None => entry.money.sentence().into(),
                    Some(Some(said)) => said,
                    Some(None) => {
                        complain(format!("`{key}` wants Chinese | English"));
                        continue;
                    }
                };
            }
            "like" => {}
            _ => {
                let Some(said) = pair(value) else {
                    complain(format!("`{key}` wants Chinese | English: {value}"));
                    continue;
                };
                match *key {
                    "title" => entry.title = said,
                    "why" => entry.why.push(Cause { said, tell: None }),
                    "tell" => match entry.why.last_mut() {
                        Some(cause) => cause.tell = Some(said),
                        None => complain("`tell` without `why`".into()),
                    },
                    "cashier" => entry.cashier.push(said),
                    "cardholder" => entry.cardholder.push(said),
                    "support" => entry.support.push(said),
                    "avoid" => entry.avoid.push(said),
                    "wrong" => {
                        let wrong = Said::new(format!("错误说法：{}", said.zh), format!("Wrong advice: {}", said.en));
                        entry.avoid.push(wrong);
                    }
                    "stop" => entry.stop = Some(said),
                    "slip" => entry.slip = Some(said),
                    "ask" => entry.ask.push(said),
                    "notry" => entry.trial = Trial::NotYet(said),
                    _ => {}
                }
            }
        }
    }
}

/// `中文 | English`
fn pair(value: &str) -> Option<Said> {
    let (zh, en) = value.split_once(" | ")?;
    let (zh, en) = (zh.trim(), en.trim());
    (!zh.is_empty() && !en.is_empty() && !en.contains(" | ")).then(|| Said::new(zh, en))
}

fn listed(value: &'static str) -> impl Iterator<Item = &'static str> {
    value.split(';').map(str::trim).filter(|name| !name.is_empty())
}
