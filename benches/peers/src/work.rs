//! The work: rows, what each must give, and the scripts with their lists written in.

/// What is measured. Each engine does the same and gives the same number.
pub(crate) const ROWS: &[Row] = &[
    Row { name: "fib", unit: "fib(30)", units: 1, wanted: 832_040 },
    Row { name: "loop", unit: "turn", units: 10_000, wanted: 49_994_930 },
    Row { name: "strings", unit: "number joined", units: 100_000, wanted: 588_890 },
    Row { name: "table64", unit: "look-up", units: 6_400, wanted: 318_200 },
    Row { name: "match64", unit: "call with a match", units: 6_400, wanted: 318_200 },
    Row { name: "luhn", unit: "card number", units: 1_000, wanted: 100 },
    Row { name: "sale_luhn", unit: "sale, check digit in the script", units: SALES, wanted: SALE * SALES },
    Row { name: "sale", unit: "sale, check digit built in", units: SALES, wanted: SALE * SALES },
    Row {
        name: "suspend",
        unit: "sale, suspended and resumed",
        units: SUSPENDED as u64,
        wanted: SALE * SUSPENDED as u64,
    },
];

/// One row of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) units: u64,
    pub(crate) wanted: u64,
}

/// Sales one after another in a round of the rows `sale` and `sale_luhn`.
pub(crate) const SALES: u64 = 100;

/// Sales that wait at one time in the row `suspend`.
pub(crate) const SUSPENDED: usize = 1_000;

/// An approved sale, and the length of its slip.
pub(crate) const SALE: u64 = 1_000 + 192;

/// Does one round and gives its number.
pub(crate) type Round = Box<dyn FnMut() -> u64>;

/// Sales that wait for the host.
pub(crate) trait Holder {
    /// Begins so many and leaves each of them waiting in `send`.
    fn hold(&mut self, count: usize);
    /// Answers them all, and gives what they gave together.
    fn release(&mut self) -> u64;
}

/// An engine.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) round: fn(&str) -> Option<Round>,
    pub(crate) holder: Option<fn() -> Box<dyn Holder>>,
    /// A function that compiles a long source of so many bytes, and the bytes it is.
    pub(crate) compile: Option<fn() -> (usize, Round)>,
}

impl Engine {
    /// The row, `suspend` too.
    pub(crate) fn set_up(&self, row: &str) -> Option<Round> {
        if row != "suspend" {
            return (self.round)(row);
        }
        let mut holder = (self.holder?)();
        Some(Box::new(move || {
            holder.hold(SUSPENDED);
            holder.release()
        }))
    }
}

pub(crate) const CODES: [&str; 64] = [
    "00", "01", "02", "03", "04", "05", "06", "07", "09", "10", "11", "12", "13", "14", "15", "19", "20", "21", "22",
    "23", "25", "30", "31", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "51", "52",
    "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", "64", "65", "66", "67", "68", "75", "77", "90",
    "91", "92", "94", "96", "97", "98", "A0",
];

pub(crate) fn weight(at: usize) -> u64 {
    ((at * 37 + 11) % 101) as u64
}

pub(crate) fn category(code: &str) -> &'static str {
    match code {
        "00" | "10" | "11" => "accept",
        "04" | "07" | "33" | "34" | "35" | "36" | "37" | "41" | "43" | "67" => "capture",
        "77" | "A0" => "rekey",
        "01" | "02" => "refer",
        "06" | "09" | "19" | "91" | "92" | "96" | "98" => "retry",
        _ => "decline",
    }
}

pub(crate) fn pans() -> impl Iterator<Item = String> {
    (0..1_000).map(|at| format!("{}", 6_222_020_012_340_000u64 + at))
}

/// What every host gives when a card is read, in the order of `CARD_NAMES`.
pub(crate) const CARD_NAMES: [&str; 7] = ["pan", "track2", "expiry", "entry", "sequence", "tags", "masked"];
pub(crate) const CARD: [&str; 7] = [
    "6222020012345671",
    "6222020012345671=30122010000000000",
    "3012",
    "chip",
    "001",
    "0102030405060708",
    "622202******5671",
];

/// Fields of the approval.
pub(crate) const REPLY: [(u8, &str); 8] = [
    (3, "000000"),
    (11, "000017"),
    (12, "093015"),
    (13, "0105"),
    (37, "123456789012"),
    (39, "00"),
    (41, "T0000001"),
    (42, "123456789012345"),
];

pub(crate) const STAN: &str = "000017";

/// The shop: name, number, terminal, operator, batch.
pub(crate) const SHOP: [(&str, &str); 5] = [
    ("name", "CORNER SHOP"),
    ("number", "123456789012345"),
    ("terminal", "T0000001"),
    ("operator", "001"),
    ("batch", "000042"),
];

/// What a host function for the check digit does.
pub(crate) fn is_sound(digits: &[u8]) -> bool {
    let mut sum = 0u32;
    for (at, byte) in digits.iter().rev().enumerate() {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        sum += match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, twice @ 0..10) => twice,
            (_, twice) => twice - 9,
        };
    }
    sum.is_multiple_of(10)
}

/// How one language writes the lists that are written into its script.
pub(crate) struct Writing {
    /// One pair of a map.
    pub(crate) pair: fn(&str, &str) -> String,
    /// One arm of a match: position, code, weight.
    pub(crate) arm: fn(usize, &str, u64) -> String,
}

/// The script with its lists.
pub(crate) fn script(text: &str, writing: &Writing) -> String {
    let quoted = |text: &str| format!("\"{text}\"");
    let codes: Vec<String> = CODES.iter().map(|code| quoted(code)).collect();
    let pans: Vec<String> = pans().map(|pan| quoted(&pan)).collect();
    let pairs = |value: &dyn Fn(usize) -> String| -> String {
        let pairs: Vec<String> = CODES.iter().enumerate().map(|(at, code)| (writing.pair)(code, &value(at))).collect();
        pairs.join(", ")
    };
    let arms: Vec<String> = CODES.iter().enumerate().map(|(at, code)| (writing.arm)(at, code, weight(at))).collect();
    text.replace("$CODES", &codes.join(", "))
        .replace("$PANS", &pans.join(", "))
        .replace("$WEIGHTS", &pairs(&|at| weight(at).to_string()))
        .replace("$CATEGORIES", &pairs(&|at| quoted(category(CODES[at]))))
        .replace("$ARMS", &arms.join("\n"))
}

/// The part of a script from `from` on, up to `to`, again and again under other names, to at least so many bytes.
pub(crate) fn again(text: &str, from: &str, to: Option<&str>, names: &[&str], bytes: usize) -> String {
    let start = text.find(from).expect("the part begins");
    let end = to.map_or(text.len(), |to| start + text[start..].find(to).expect("the part ends"));
    let part = &text[start..end];
    let mut long = String::new();
    let mut at = 0;
    while long.len() < bytes {
        let mut copy = part.to_string();
        for name in names {
            copy = copy.replace(&format!("{name}("), &format!("{name}_{at}("));
        }
        long.push_str(&copy);
        at += 1;
    }
    long
}

pub(crate) const JS: Writing = Writing {
    pair: |key, value| format!("[\"{key}\", {value}]"),
    arm: |_, code, weight| format!("    case \"{code}\": return {weight};"),
};
pub(crate) const PYTHON: Writing = Writing {
    pair: |key, value| format!("\"{key}\": {value}"),
    arm: |at, code, weight| {
        format!("    {} code == \"{code}\":\n        return {weight}", if at == 0 { "if" } else { "elif" })
    },
};
pub(crate) const LUA: Writing = Writing {
    pair: |key, value| format!("[\"{key}\"] = {value}"),
    arm: |at, code, weight| {
        let end = if at + 1 == CODES.len() { " end" } else { "" };
        format!("  {} code == \"{code}\" then return {weight}{end}", if at == 0 { "if" } else { "elseif" })
    },
};
