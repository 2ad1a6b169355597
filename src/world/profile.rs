//! Card profiles: test cards as files, and what the simulated issuer knows about each.

use crate::payment::amount::Amount;
use crate::payment::card::{Expiry, Pan, Pin, Track2};
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::nearest::{did_you_mean, nearest_or_begun};
use crate::script_error::words::Said;
use crate::world::port::card_reader::Entry;
use crate::world::port::failure::Failure;
use std::fmt;
use std::io::Read;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A card file has some ten lines; what is longer is read no further, and is none.
const SIZE_MAX: u64 = 64 << 10;

/// The cards that come with the program.
const SHIPPED: &[(&str, &str)] = &[
    ("debit", include_str!("../../scripts/cards/debit.card")),
    ("credit", include_str!("../../scripts/cards/credit.card")),
    ("poor", include_str!("../../scripts/cards/poor.card")),
    ("prepaid", include_str!("../../scripts/cards/prepaid.card")),
    ("foreign", include_str!("../../scripts/cards/foreign.card")),
    ("stripe-only", include_str!("../../scripts/cards/stripe-only.card")),
    ("tap-only", include_str!("../../scripts/cards/tap-only.card")),
    ("lost", include_str!("../../scripts/cards/lost.card")),
    ("stolen", include_str!("../../scripts/cards/stolen.card")),
    ("special", include_str!("../../scripts/cards/special.card")),
    ("risky", include_str!("../../scripts/cards/risky.card")),
    ("restricted", include_str!("../../scripts/cards/restricted.card")),
    ("no-sales", include_str!("../../scripts/cards/no-sales.card")),
    ("dormant", include_str!("../../scripts/cards/dormant.card")),
    ("expired", include_str!("../../scripts/cards/expired.card")),
    ("blocked", include_str!("../../scripts/cards/blocked.card")),
    ("unreadable-chip", include_str!("../../scripts/cards/unreadable-chip.card")),
    ("unsupported", include_str!("../../scripts/cards/unsupported.card")),
];

/// What a card or its account is known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the word beside each says it; `docs/simulated-world.md` lists them")]
pub enum Flag {
    TypeNotSupported,
    NoRefund,
    Capture,
    CaptureSpecial,
    Stolen,
    HighRisk,
    Restricted,
    Dormant,
    Blocked,
    UnknownApplication,
    UnreadableChip,
    UnreadableStripe,
    UncheckedChip,
    Foreign,
}

/// Words of flags; the issuer's answer where it is the issuer who objects.
const FLAGS: &[(Flag, &str, Option<&str>)] = &[
    (Flag::TypeNotSupported, "type-not-supported", Some("57")),
    (Flag::NoRefund, "no-refund", None),
    (Flag::Capture, "capture", Some("41")),
    (Flag::CaptureSpecial, "capture-special", Some("07")),
    (Flag::Stolen, "stolen", Some("43")),
    (Flag::HighRisk, "high-risk", Some("34")),
    (Flag::Restricted, "restricted", Some("62")),
    (Flag::Dormant, "dormant", Some("21")),
    (Flag::Blocked, "blocked", None),
    (Flag::UnknownApplication, "unknown-application", None),
    (Flag::UnreadableChip, "unreadable-chip", None),
    (Flag::UnreadableStripe, "unreadable-stripe", None),
    (Flag::UncheckedChip, "unchecked-chip", None),
    (Flag::Foreign, "foreign", None),
];

/// Which kind of account a card draws on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Money that is there.
    Debit,
    /// A credit line.
    Credit,
    /// Money that was paid in beforehand.
    Prepaid,
}

/// A test card. Prints masked. Copies share what they hold: reader, host and every reply hand it on.
#[derive(Clone)]
pub struct CardProfile(Arc<Profile>);

/// What a test card holds.
#[derive(Clone)]
pub struct Profile {
    /// The name on the command line.
    pub name: String,
    /// What the host knows its account by: name and masked number, as two files may have one name.
    pub account: Arc<str>,
    /// The card number.
    pub pan: Pan,
    /// Track 2.
    pub track2: Track2,
    /// The expiry.
    pub expiry: Expiry,
    /// The PIN; `None` for a card without.
    pub pin: Option<Pin>,
    /// The card sequence number, three digits.
    pub sequence: String,
    /// How the card can be read.
    pub interfaces: Vec<Entry>,
    /// Which kind of account.
    pub kind: AccountKind,
    /// What is on the account at the beginning.
    pub balance: Amount,
    /// The most one transaction may take.
    pub limit: Option<Amount>,
    /// What card or account are known for.
    pub flags: Vec<Flag>,
    /// False for a number the issuer does not know.
    pub known: bool,
}

impl fmt::Debug for CardProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<card {}: {}>", self.name, self.pan)
    }
}

impl Deref for CardProfile {
    type Target = Profile;

    fn deref(&self) -> &Profile {
        &self.0
    }
}

impl DerefMut for CardProfile {
    /// Only this copy changes.
    fn deref_mut(&mut self) -> &mut Profile {
        Arc::make_mut(&mut self.0)
    }
}

impl Profile {
    /// Is the card or its account known for this?
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// The answer of the issuer to any transaction of this card, if it objects to all of them.
    pub fn objection(&self) -> Option<&'static str> {
        FLAGS.iter().filter(|(flag, ..)| self.has(*flag)).find_map(|(_, _, code)| *code)
    }
}

/// The names of the cards that come with the program.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// Every card that comes with the program.
pub fn shipped() -> Vec<CardProfile> {
    // INVARIANT: every shipped file can be read; a test reads them all.
    SHIPPED.iter().filter_map(|(name, text)| parse(name, name, text).ok()).collect()
}

/// The card of this number that comes with the program, if there is one. Only that one is read.
pub fn shipped_with(pan: &Pan) -> Option<CardProfile> {
    let number = |text: &str| {
        let line = text.lines().filter_map(|line| line.split_once('=')).find(|(key, _)| key.trim() == "pan")?;
        Pan::parse(line.1.trim()).ok()
    };
    let (name, text) = SHIPPED.iter().find(|(_, text)| number(text).as_ref() == Some(pan))?;
    parse(name, name, text).ok()
}

/// The card of a name, or with a number; `T7105` with the nearest name where there is none.
///
/// A number that no shipped card has makes a card that its issuer does not know.
pub fn find(name: &str) -> Result<CardProfile, Failure> {
    if let Some((name, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        return parse(name, name, text);
    }
    if let Ok(pan) = Pan::parse(name) {
        return shipped_with(&pan).map_or_else(|| unknown_number(pan), Ok);
    }
    let hint = match nearest_or_begun(name, names()) {
        Some(near) => did_you_mean(near),
        None => {
            let known = names().collect::<Vec<_>>().join(", ");
            Said::new(
                format!("现有：{known}；也可写卡片文件的路径。"),
                format!("There are: {known}; or give the path of a card file."),
            )
        }
    };
    Err(Failure::new(storage::UNKNOWN_CARD).text("name", name).fact("hint", Fact::Said(hint)))
}

/// The card of a name, a number, or a file: whatever has a slash or a dot in it is a file.
pub fn load(name: &str) -> Result<CardProfile, Failure> {
    if !name.contains(['/', '\\', '.']) {
        return find(name);
    }
    let read = std::fs::File::open(name).and_then(|file| {
        let mut text = String::new();
        // A card that was cut short would be another card.
        match file.take(SIZE_MAX + 1).read_to_string(&mut text)? as u64 > SIZE_MAX {
            true => Err(std::io::Error::other(format!("> {SIZE_MAX} bytes"))),
            false => Ok(text),
        }
    });
    let text =
        read.map_err(|error| Failure::new(storage::CANNOT_READ).text("path", name).text("detail", error.to_string()))?;
    let stem = std::path::Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or(name);
    parse(stem, name, &text)
}

fn unknown_number(pan: Pan) -> Result<CardProfile, Failure> {
    let text = format!(
        "pan = {}\nexpiry = 3012\nservice = 220\npin = 123456\nbalance = 0.00 CNY\ninterfaces = chip, tap, stripe\n",
        pan.clear_digits()
    );
    let mut card = read("unknown", "unknown", &text)?;
    card.known = false;
    Ok(card)
}

/// Reads a profile: lines of `key = value`, and comments that begin with `#`. `T7010` names the line of a mistake.
pub fn parse(name: &str, path: &str, text: &str) -> Result<CardProfile, Failure> {
    let card = read(name, path, text)?;
    if !card.pan.passes_luhn() {
        return Err(wrong(path, 0, "pan: Luhn"));
    }
    Ok(card)
}

/// A profile whose number may lack its check digit: somebody keyed it in.
fn read(name: &str, path: &str, text: &str) -> Result<CardProfile, Failure> {
    let mut keys = Keys { path, found: Vec::new() };
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(keys.wrong(at + 1, "key = value"));
        };
        let (key, value) = (key.trim(), value.trim());
        if !KEYS.contains(&key) {
            let meant = nearest_or_begun(key, KEYS.iter().copied()).unwrap_or("?");
            return Err(keys.wrong(at + 1, &format!("{key} → {meant}?")));
        }
        if keys.found.iter().any(|(other, ..)| *other == key) {
            return Err(keys.wrong(at + 1, &format!("{key} ×2")));
        }
        keys.found.push((key, value, at + 1));
    }
    let pan = keys.read("pan", |value| Pan::parse(value).ok())?;
    let expiry = keys.read("expiry", |value| Expiry::parse(value).ok())?;
    let service = keys.read("service", |value| is_digits(value, 3).then(|| value.to_owned()))?;
    let track2 = match keys.get("track2") {
        Some(_) => keys.read("track2", |value| Track2::parse(value).ok().filter(|track| track.pan() == pan))?,
        None => {
            let track =
                zeroize::Zeroizing::new(format!("{}={}{service}00000", pan.clear_digits(), expiry.clear_digits()));
            Track2::parse(&track).map_err(|_| keys.wrong(keys.line("pan"), "track2"))?
        }
    };
    Ok(CardProfile(Arc::new(Profile {
        name: name.to_owned(),
        account: format!("{name} {pan}").into(),
        track2,
        expiry,
        pin: keys.optional("pin", |value| Pin::parse(value).ok())?,
        sequence: keys
            .optional("sequence", |value| is_digits(value, 3).then(|| value.to_owned()))?
            .unwrap_or_else(|| "001".to_owned()),
        interfaces: keys.read("interfaces", interfaces)?,
        kind: keys
            .optional("kind", |value| match value {
                "debit" => Some(AccountKind::Debit),
                "credit" => Some(AccountKind::Credit),
                "prepaid" => Some(AccountKind::Prepaid),
                _ => None,
            })?
            .unwrap_or(AccountKind::Debit),
        balance: keys.read("balance", |value| Amount::parse(value).ok())?,
        limit: keys.optional("limit", |value| Amount::parse(value).ok())?,
        flags: keys.optional("flags", flags)?.unwrap_or_default(),
        known: true,
        pan,
    })))
}

const KEYS: &[&str] =
    &["pan", "track2", "expiry", "service", "pin", "sequence", "interfaces", "kind", "balance", "limit", "flags"];

struct Keys<'a> {
    path: &'a str,
    found: Vec<(&'a str, &'a str, usize)>,
}

impl Keys<'_> {
    fn get(&self, key: &str) -> Option<(&str, usize)> {
        self.found.iter().find(|(found, ..)| *found == key).map(|(_, value, line)| (*value, *line))
    }

    fn line(&self, key: &str) -> usize {
        self.get(key).map_or(0, |(_, line)| line)
    }

    fn read<T>(&self, key: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Failure> {
        self.optional(key, read)?.ok_or_else(|| self.wrong(0, &format!("{key} = ?")))
    }

    fn optional<T>(&self, key: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Failure> {
        match self.get(key) {
            None => Ok(None),
            // The value is not repeated: it may be a card number.
            Some((value, line)) => read(value).map(Some).ok_or_else(|| self.wrong(line, key)),
        }
    }

    fn wrong(&self, line: usize, detail: &str) -> Failure {
        wrong(self.path, line, detail)
    }
}

fn wrong(path: &str, line: usize, detail: &str) -> Failure {
    let detail = if line > 0 { format!("{line}: {detail}") } else { detail.to_owned() };
    Failure::new(storage::BAD_CARD_FILE).text("path", path).text("detail", detail)
}

fn is_digits(value: &str, count: usize) -> bool {
    value.len() == count && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn interfaces(value: &str) -> Option<Vec<Entry>> {
    value.split(',').map(|word| Entry::ALL.into_iter().find(|entry| entry.word() == word.trim())).collect()
}

fn flags(value: &str) -> Option<Vec<Flag>> {
    value
        .split(',')
        .map(|word| FLAGS.iter().find(|(_, known, _)| *known == word.trim()).map(|(flag, ..)| *flag))
        .collect()
}
