//! A host's extract: lines of values, named by the first line. Anybody may have written it, so every length has a limit.

use crate::payment::amount::Amount;
use crate::payment::currency::Currency;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;

/// The longest extract that is read, in bytes.
pub const BYTES_MAX: u64 = 64 << 20;
/// Lines of one extract.
const LINES_MAX: usize = 1_000_000;
/// Columns of a line.
const COLUMNS_MAX: usize = 64;
/// Bytes of a value.
const VALUE_MAX: usize = 1_024;

/// One transaction as the host has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line it stands on, from 1.
    pub line: usize,
    /// Trace number (field 11).
    pub stan: Option<u32>,
    /// Batch.
    pub batch: Option<u32>,
    /// Reference number (field 37): letters and digits, at most twelve.
    pub reference: Option<String>,
    /// The amount, without a sign.
    pub amount: Amount,
    /// Does it stand? False for what was reversed, voided or declined.
    pub stands: bool,
    /// The terminal, if the extract says so.
    pub terminal: Option<String>,
}

/// A whole extract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extract {
    /// In the order of the file.
    pub entries: Vec<Entry>,
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Stan,
    Batch,
    Reference,
    Amount,
    Currency,
    Status,
    Terminal,
    Other,
}

/// The names of the columns that are read; others may stand between them.
const NAMES: &[(&str, Column)] = &[
    ("stan", Column::Stan),
    ("trace", Column::Stan),
    ("流水号", Column::Stan),
    ("凭证号", Column::Stan),
    ("batch", Column::Batch),
    ("批次号", Column::Batch),
    ("rrn", Column::Reference),
    ("reference", Column::Reference),
    ("参考号", Column::Reference),
    ("amount", Column::Amount),
    ("金额", Column::Amount),
    ("currency", Column::Currency),
    ("币种", Column::Currency),
    ("status", Column::Status),
    ("状态", Column::Status),
    ("terminal", Column::Terminal),
    ("终端号", Column::Terminal),
];

/// Words of a status, and whether a transaction with it stands.
const STATUS: &[(&str, bool)] = &[
    ("", true),
    ("approved", true),
    ("stands", true),
    ("live", true),
    ("settled", true),
    ("00", true),
    ("成功", true),
    ("已清算", true),
    ("reversed", false),
    ("voided", false),
    ("declined", false),
    ("failed", false),
    ("已冲正", false),
    ("已撤销", false),
    ("失败", false),
    ("拒绝", false),
];

impl Extract {
    /// Reads an extract. `T7012` with the line that is wrong, and how.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Extract, Failure> {
        let wrong = |line: usize, detail: Said| {
            let at = Said::new(format!("第 {line} 行：{}", detail.zh), format!("line {line}: {}", detail.en));
            Failure::new(storage::BAD_EXTRACT).text("path", path).fact("detail", Fact::Said(at))
        };
        let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|error| {
            let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            wrong(
                line,
                Said::new(
                    "不是 UTF-8；请先转换编码（如 GBK 转 UTF-8）",
                    "it is not UTF-8; convert it first, from GBK for example",
                ),
            )
        })?;
        let mut rows = Rows::new(text);
        let head = match rows.next() {
            Some(Ok(row)) => row,
            Some(Err((line, said))) => return Err(wrong(line, said)),
            None => return Err(wrong(1, Said::new("文件是空的", "the file is empty"))),
        };
        let columns: Vec<Column> = head.values.iter().map(|name| column(name)).collect();
        for (needed, zh, en) in [
            (Column::Amount, "没有金额列（amount 或 金额）", "there is no column `amount`"),
            (Column::Stan, "没有流水号列（stan 或 流水号）", "there is no column `stan`"),
        ] {
            let is_there = columns.contains(&needed) || needed == Column::Stan && columns.contains(&Column::Reference);
            if !is_there {
                return Err(wrong(head.line, Said::new(zh, en)));
            }
        }
        if let Some(at) = (0..columns.len()).find(|at| {
            columns.get(*at).is_some_and(|column| *column != Column::Other && columns[..*at].contains(column))
        }) {
            let name = head.values.get(at).map(|name| inert(name)).unwrap_or_default();
            return Err(wrong(
                head.line,
                Said::new(format!("列“{name}”出现两次"), format!("the column `{name}` stands twice")),
            ));
        }
        let mut extract = Extract::default();
        for row in rows {
            let row = row.map_err(|(line, said)| wrong(line, said))?;
            if row.values.len() != columns.len() {
                let (found, wanted) = (row.values.len(), columns.len());
                return Err(wrong(
                    row.line,
                    Said::new(
                        format!("有 {found} 个值，应为 {wanted} 个"),
                        format!("{found} values, and there should be {wanted}"),
                    ),
                ));
            }
            extract.entries.push(entry(&columns, &row).map_err(|said| wrong(row.line, said))?);
            if extract.entries.len() > LINES_MAX {
                return Err(wrong(row.line, Said::new("超过 1000000 行", "more than 1,000,000 lines")));
            }
        }
        Ok(extract)
    }
}

fn column(name: &str) -> Column {
    let name = name.trim().to_lowercase();
    NAMES.iter().find(|(known, _)| *known == name).map_or(Column::Other, |(_, column)| *column)
}

fn entry(columns: &[Column], row: &Row) -> Result<Entry, Said> {
    let value = |wanted: Column| {
        let at = columns.iter().position(|column| *column == wanted)?;
        row.values.get(at).map(|value| value.trim()).filter(|value| !value.is_empty())
    };
    let number = |wanted: Column, zh: &str, en: &str| match value(wanted) {
        None => Ok(None),
        Some(text) => match text.parse::<u32>() {
            Ok(number @ 1..=999_999) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(number)),
            _ => Err(Said::new(format!("{zh}应为 1 至 999999"), format!("the {en} should be 1 to 999999"))),
        },
    };
    let stan = number(Column::Stan, "流水号", "trace number")?;
    let batch = number(Column::Batch, "批次号", "batch")?;
    let reference = value(Column::Reference).map(|text| {
        let fits = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let said =
            || Said::new("参考号应为至多 12 位字母或数字", "the reference should be at most 12 letters or digits");
        fits.then(|| text.to_owned()).ok_or_else(said)
    });
    let reference = reference.transpose()?;
    if stan.is_none() && reference.is_none() {
        return Err(Said::new("流水号与参考号都没有", "neither a trace number nor a reference"));
    }
    let currency = match value(Column::Currency) {
        None => Currency::CNY,
        Some(text) => Currency::parse(text)
            .or_else(|| text.parse().ok().and_then(Currency::from_numeric))
            .ok_or_else(|| Said::new("没有这个币种", "there is no such currency"))?,
    };
    let written = value(Column::Amount).ok_or_else(|| Said::new("没有金额", "no amount"))?;
    let amount = amount(written, currency)
        .ok_or_else(|| Said::new("金额应写作 128.00", "the amount should be written 128.00"))?;
    let status = value(Column::Status).unwrap_or_default().to_lowercase();
    let stands = STATUS.iter().find(|(word, _)| *word == status).map(|(_, stands)| *stands).ok_or_else(|| {
        Said::new("状态不认识；见 docs/reconcile.md", "the status is not known; docs/reconcile.md lists them")
    })?;
    let terminal = value(Column::Terminal).map(|text| inert(text).chars().take(16).collect());
    Ok(Entry { line: row.line, stan, batch, reference, amount, stands, terminal })
}

/// `128.00`, `1,280.00`, `-30.00`, `128.00CNY`: the sign says which way it went and is left out.
fn amount(text: &str, currency: Currency) -> Option<Amount> {
    let text: String = text.chars().filter(|sign| !matches!(sign, ',' | ' ')).collect();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    Amount::parse(digits).or_else(|_| Amount::parse(&format!("{digits}{currency}"))).ok()
}

/// A text that cannot do anything to a terminal.
fn inert(text: &str) -> String {
    text.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.' | ' ')).take(32).collect()
}

/// One line, taken apart.
struct Row {
    line: usize,
    values: Vec<String>,
}

/// Goes through the lines. A value in quotes may hold the separator, quotes written twice, and line ends.
struct Rows<'t> {
    rest: &'t str,
    line: usize,
    separator: char,
}

impl<'t> Rows<'t> {
    fn new(text: &'t str) -> Rows<'t> {
        let first = text.lines().next().unwrap_or_default();
        let separator = [',', ';', '\t'].into_iter().find(|sign| first.contains(*sign)).unwrap_or(',');
        Rows { rest: text, line: 1, separator }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, (usize, Said)>;

    fn next(&mut self) -> Option<Self::Item> {
        // Empty lines say nothing.
        while let Some(rest) = self.rest.strip_prefix('\n').or_else(|| self.rest.strip_prefix("\r\n")) {
            self.rest = rest;
            self.line += 1;
        }
        if self.rest.is_empty() {
            return None;
        }
        let begin = self.line;
        let failed = |zh: &str, en: &str| Some(Err((begin, Said::new(zh, en))));
        let (mut values, mut value) = (Vec::new(), String::new());
        let (mut quoted, mut after_quote) = (false, false);
        let mut signs = self.rest.char_indices().peekable();
        let mut end = self.rest.len();
        while let Some((at, sign)) = signs.next() {
            match sign {
                '"' if quoted => {
                    if signs.peek().is_some_and(|(_, next)| *next == '"') {
                        signs.next();
                        value.push('"');
                    } else {
                        (quoted, after_quote) = (false, true);
                    }
                }
                '"' if value.is_empty() && !after_quote => quoted = true,
                sign if sign == self.separator && !quoted => {
                    values.push(std::mem::take(&mut value));
                    after_quote = false;
                }
                '\n' if !quoted => {
                    end = at + 1;
                    self.line += 1;
                    break;
                }
                '\r' if !quoted => {}
                _ => {
                    if sign == '\n' {
                        self.line += 1;
                    }
                    value.push(sign);
                }
            }
            if value.len() > VALUE_MAX {
                self.rest = "";
                return failed(
                    "有值超过 1024 字节，或引号没有收住",
                    "a value is longer than 1,024 bytes, or its quotes are left open",
                );
            }
            if values.len() > COLUMNS_MAX {
                self.rest = "";
                return failed("超过 64 列", "more than 64 columns");
            }
        }
        if quoted {
            self.rest = "";
            return failed("引号没有收住", "quotes are left open");
        }
        values.push(value);
        self.rest = self.rest.get(end..).unwrap_or_default();
        Some(Ok(Row { line: begin, values }))
    }
}
