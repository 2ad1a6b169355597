//! What a proxy does to which messages: `drop-response:0210`, `delay-response:0210=5s`, `corrupt-request:0200#2`.

use crate::payment::iso8583::dialect::Mti;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::nearest::nearest_or_begun;
use crate::script_error::words::{Said, Words};
use crate::world::port::failure::Failure;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// From the terminal to the host.
    Request,
    /// From the host to the terminal.
    Response,
}

/// What is done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It goes no further.
    Drop,
    /// It goes on after so many milliseconds.
    Delay(u64),
    /// It goes on twice.
    Duplicate,
    /// It goes on behind the next one of its direction.
    Reorder,
    /// Only its first so many bytes go on; then both connections end.
    Truncate(usize),
    /// One byte of it is changed: the one at this place, else the one in the middle.
    Corrupt(Option<usize>),
    /// Both connections end; it goes no further.
    Close,
}

/// One action of the table.
pub struct ActionRow {
    /// As it is written before `-request` or `-response`.
    pub name: &'static str,
    /// What may stand behind `=`; empty if nothing may.
    pub value: &'static str,
    /// What it does.
    pub about: Words,
    /// The action a value makes; `None` for a value that cannot be. The value is empty where none is written.
    pub make: fn(&str) -> Option<Action>,
}

macro_rules! actions {
    ($( $name:literal $value:literal $zh:literal $en:literal $make:expr; )*) => {
        /// Everything a proxy can do to a message.
        pub const ROWS: &[ActionRow] = &[ $( ActionRow {
            name: $name,
            value: $value,
            about: Words { zh: $zh, en: $en },
            make: $make,
        } ),* ];
    };
}

actions! {
    "drop" "" "不再传下去。" "It goes no further." |value| plain(value, Action::Drop);
    "delay" "SECONDS" "过若干秒才传下去；不写为 5 秒。" "It goes on some seconds later: 5 unless told." |value| milliseconds(value).map(Action::Delay);
    "duplicate" "" "传下去两次。" "It goes on twice." |value| plain(value, Action::Duplicate);
    "reorder" "" "等同方向的下一个报文过去之后再传。" "It goes on behind the next one of its direction." |value| plain(value, Action::Reorder);
    "truncate" "BYTES" "只传前若干字节便断开；不写为一半。" "Only its first bytes go on, then the line ends: half of it unless told." |value| optional(value).map(|bytes| Action::Truncate(bytes.unwrap_or(usize::MAX)));
    "corrupt" "BYTE" "改动其中一个字节；不写为正中一个。" "One byte of it is changed: the middle one unless told." |value| optional(value).map(Action::Corrupt);
    "close" "" "断开两边的连接。" "Both connections end." |value| plain(value, Action::Close);
}

/// A rule: what is done, and to which messages.
#[derive(Clone, Debug)]
pub struct Rule {
    /// As it was written.
    pub name: String,
    action: Action,
    side: Side,
    mti: Option<Mti>,
    nth: u32,
    stan: Option<String>,
    met: u32,
}

/// Reads `ACTION-SIDE[:MTI][#N][@STAN][=VALUE]`; `T7104` says what is wrong.
pub fn parse(text: &str) -> Result<Rule, Failure> {
    let (head, value) = text.split_once('=').unwrap_or((text, ""));
    let (head, stan) = match head.split_once('@') {
        Some((head, stan)) => (head, Some(stan)),
        None => (head, None),
    };
    let (head, nth) = match head.split_once('#') {
        Some((head, nth)) => (head, Some(nth)),
        None => (head, None),
    };
    let (head, mti) = match head.split_once(':') {
        Some((head, mti)) => (head, Some(mti)),
        None => (head, None),
    };
    let wrong = |hint: Said| Failure::new(storage::UNKNOWN_FAULT).text("name", text).fact("hint", Fact::Said(hint));
    let form = || {
        wrong(Said::new(
            "写作 drop-response:0210，可加 #次数、@流水号、=值。",
            "It reads drop-response:0210; #N, @STAN and =VALUE may follow.",
        ))
    };
    let (action, side) = head.rsplit_once('-').ok_or_else(form)?;
    let side = match side {
        "request" => Side::Request,
        "response" => Side::Response,
        _ => return Err(form()),
    };
    let row = ROWS.iter().find(|row| row.name == action).ok_or_else(|| {
        let names = || ROWS.iter().map(|row| row.name);
        let known = names().collect::<Vec<_>>().join(", ");
        match nearest_or_begun(action, names()) {
            Some(near) => wrong(Said::new(format!("是否想写 {near}？"), format!("Did you mean {near}?"))),
            None => wrong(Said::new(format!("可以是：{known}。"), format!("There are: {known}."))),
        }
    })?;
    let action = (row.make)(value).ok_or_else(form)?;
    let mti = mti.map(|mti| Mti::parse(mti).ok_or_else(form)).transpose()?;
    let nth = match nth {
        None => 0,
        Some(nth) => nth.parse().ok().filter(|nth| *nth > 0).ok_or_else(form)?,
    };
    let all_digits = |stan: &str| stan.len() == 6 && stan.bytes().all(|byte| byte.is_ascii_digit());
    let stan = stan.map(|stan| all_digits(stan).then(|| stan.to_owned()).ok_or_else(form)).transpose()?;
    Ok(Rule { name: text.to_owned(), action, side, mti, nth, stan, met: 0 })
}

fn plain(value: &str, action: Action) -> Option<Action> {
    value.is_empty().then_some(action)
}

fn optional(value: &str) -> Option<Option<usize>> {
    if value.is_empty() { Some(None) } else { value.parse().ok().map(Some) }
}

fn milliseconds(value: &str) -> Option<u64> {
    let (number, scale) = match (value.strip_suffix("ms"), value.strip_suffix('s')) {
        _ if value.is_empty() => return Some(5_000),
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 1_000),
        (None, None) => (value, 1_000),
    };
    number.parse::<u64>().ok()?.checked_mul(scale).filter(|ms| *ms <= 86_400_000)
}

/// The rules of a proxy.
#[derive(Clone, Debug, Default)]
pub struct Rules(pub Vec<Rule>);

impl Rules {
    /// What is done to a message, and by which rules. Every rule that is about such messages counts it.
    pub fn meet(&mut self, side: Side, mti: Option<Mti>, stan: Option<&str>) -> Vec<(Action, String)> {
        let mut struck = Vec::new();
        for rule in &mut self.0 {
            let other_type = rule.mti.is_some_and(|wanted| Some(wanted) != mti);
            let other_number = rule.stan.as_deref().is_some_and(|wanted| Some(wanted) != stan);
            if rule.side != side || other_type || other_number {
                continue;
            }
            rule.met = rule.met.saturating_add(1);
            if rule.nth == 0 || rule.nth == rule.met {
                struck.push((rule.action, rule.name.clone()));
            }
        }
        struck
    }
}
