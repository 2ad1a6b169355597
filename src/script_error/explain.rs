//! What `till explain` prints.

use super::cardholder::begins_with_the_money;
use super::catalogue;
use super::code::{Fact, FactKind, Help, Layer, Retry, Row};
use super::fill::fill;
use super::handbook::entry::{Entry, TABLES, Trial};
use super::handbook::shelf;
use super::nearest::distance;
use super::render::audience_name;
use super::words::{Audience, Language, Said, Words};
use super::wrap::wrap;
use std::cmp::Reverse;

/// Columns of a page, where there are so many.
const WIDTH: usize = 80;
/// Columns a section is set in.
const INDENT: usize = 4;
/// Neighbours named on either side.
const RELATED_EACH: usize = 2;

/// How a page is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The reader's language.
    pub language: Language,
    /// For one person only; all three if `None`.
    pub audience: Option<Audience>,
    /// Columns there are.
    pub width: usize,
    /// What the tables of the library say of its code, a line each.
    pub tables: &'a [String],
}

/// The page of a code (`T5101`, in any case), of a name (`Timeout`) or of another entry (`51`); `None` for what the
/// handbook does not have.
pub fn page(code: &str, language: Language) -> Option<String> {
    let entry = shelf::find(code)?;
    Some(entry_page(entry, Wanted { language, audience: None, width: WIDTH, tables: &[] }))
}

/// The page of an entry: where the money is first, then who does what, then why.
pub fn entry_page(entry: &Entry, wanted: Wanted<'_>) -> String {
    let language = wanted.language;
    let mut page = Sheet { language, width: wanted.width.clamp(20, WIDTH), text: String::new() };
    match wanted.audience {
        Some(Audience::Cashier) => cashier_page(&mut page, entry),
        // Where the money is comes first, and nothing that only a shop can use.
        Some(Audience::Cardholder) => {
            if !entry.cardholder.iter().any(begins_with_the_money) {
                page.plain(entry.money_said.in_language(language));
            }
            for said in &entry.cardholder {
                page.plain(said.in_language(language));
            }
        }
        Some(Audience::Support) => {
            page.head(entry);
            page.steps(Some(audience_name(Audience::Support)), &entry.support);
            page.steps(Some(ASK), &entry.ask);
            facts_page(&mut page, entry, wanted.tables);
        }
        None => {
            page.head(entry);
            for audience in Audience::ALL {
                page.steps(Some(audience_name(audience)), entry.steps(audience));
            }
            page.steps(Some(FIX), &entry.author);
            page.points(AVOID, &entry.avoid);
            page.said(STOP, entry.stop.as_ref());
            page.steps(Some(ASK), &entry.ask);
            facts_page(&mut page, entry, wanted.tables);
        }
    }
    page.text
}

/// One short sentence first, then what it means for the money and what not to do.
fn cashier_page(page: &mut Sheet, entry: &Entry) {
    let language = page.language;
    if let Some(first) = entry.cashier.first() {
        page.plain(first.in_language(language));
    }
    page.text.push('\n');
    page.head(entry);
    page.steps(Some(THEN), entry.cashier.get(1..).unwrap_or_default());
    page.points(AVOID, &entry.avoid);
    page.said(STOP, entry.stop.as_ref());
}

/// Why, how to tell, what is shown, where it comes from.
fn facts_page(page: &mut Sheet, entry: &Entry, tables: &[String]) {
    let language = page.language;
    page.said(ABOUT, entry.about.as_ref());
    page.causes(entry);
    let screens = entry.screens.join(if language == Language::Zh { "；" } else { "; " });
    if !screens.is_empty() {
        page.section(SCREEN, &screens);
    }
    page.said(SLIP, entry.slip.as_ref());
    if let Some(row) = entry.row {
        row_page(page, row);
    } else {
        let (origin, class) = (entry.origin.name(), entry.origin.class().name());
        let from = format!("{} ({})", origin.in_language(language), class.in_language(language));
        page.section(LAYER, &from);
    }
    let mut read: Vec<String> =
        entry.codes.iter().map(|listed| format!("{}: {}", listed.code, in_tables(&listed.tables, language))).collect();
    read.extend(tables.iter().cloned());
    if !read.is_empty() {
        page.heading(READ);
        for line in read {
            page.body(&line);
        }
    }
    page.section(SURE, entry.sure.sentence().in_language(language));
    trial_page(page, entry);
    related_page(page, entry);
}

fn in_tables(tables: &[&str], language: Language) -> String {
    let name =
        |table: &&str| TABLES.iter().find(|(word, _)| word == table).map(|(_, words)| words.in_language(language));
    let between = if language == Language::Zh { "、" } else { ", " };
    tables.iter().filter_map(name).collect::<Vec<_>>().join(between)
}

/// What belongs to a code of ours only.
fn row_page(page: &mut Sheet, row: &Row) {
    let language = page.language;
    page.section(LAYER, layer_name(row.layer).in_language(language));
    if let Some(word) = row.word {
        page.section(CAUGHT, &format!("on {word} => ..."));
    }
    if !row.facts.is_empty() {
        let facts = row.facts.iter().map(|(name, kind)| format!("{name} ({})", kind_name(*kind).in_language(language)));
        page.section(FACTS, &facts.collect::<Vec<_>>().join(", "));
    }
    if let Help::People { retry, .. } = row.help {
        page.section(AGAIN, retry_name(retry).in_language(language));
    }
}

fn trial_page(page: &mut Sheet, entry: &Entry) {
    let language = page.language;
    if let Trial::NotYet(why) = &entry.trial {
        page.section(NOT_YET, why.in_language(language));
    }
    // The example of a row always shows it; a scenario of its own may show it better.
    let own = match &entry.trial {
        Trial::NotYet(_) => false,
        Trial::Runs(lines) => !lines.is_empty(),
        Trial::Reply(_) => true,
    };
    if own {
        page.heading(SEE_IT);
        page.line(&format!("    till reproduce {}", entry.id));
    }
    if let Some(row) = entry.row {
        page.heading(EXAMPLE);
        for line in row.example.lines() {
            page.line(format!("    {line}").trim_end());
        }
    }
}

/// Named neighbours; for a code of ours the nearest of its layer too.
fn related_page(page: &mut Sheet, entry: &Entry) {
    let language = page.language;
    let mut named: Vec<&Entry> = entry.see.iter().filter_map(|id| shelf::find(id)).collect();
    if named.is_empty() {
        named = entry.row.map(related).unwrap_or_default().iter().filter_map(|row| shelf::find(row.code.0)).collect();
    }
    if named.is_empty() {
        return;
    }
    page.heading(RELATED);
    for other in named {
        page.body(&format!("{}  {}", other.id, other.title.in_language(language)));
    }
}

/// The code or name that was probably meant. Of equals, the one that begins alike: people get beginnings right.
pub fn suggestion(code: &str) -> Option<&'static str> {
    // No code and no name is as long, and comparing would cost.
    let code: String = code.trim().chars().take(40).flat_map(char::to_lowercase).collect();
    let most = if code.chars().count() <= 5 { 1 } else { 2 };
    let alike = |word: &str| code.chars().zip(word.chars()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    catalogue::all()
        .flat_map(|row| [row.code.0, row.name])
        .map(|word| (distance(&code, &word.to_ascii_lowercase(), most), Reverse(alike(word)), word))
        .filter(|(distance, ..)| *distance <= most)
        .min_by_key(|(distance, alike, _)| (*distance, *alike))
        .map(|(.., word)| word)
}

/// The nearest codes of the same layer.
fn related(row: &Row) -> Vec<&'static Row> {
    let layer: Vec<&Row> = catalogue::all().filter(|other| other.layer == row.layer).collect();
    let Some(at) = layer.iter().position(|other| other.code == row.code) else { return Vec::new() };
    let before = layer[..at].iter().rev().take(RELATED_EACH).rev();
    before.chain(layer[at + 1..].iter().take(RELATED_EACH)).copied().collect()
}

/// A sentence with its places shown as `<name>`.
pub(super) fn shown_places(row: &Row, words: Words, language: Language) -> String {
    let facts: Vec<(&str, Fact)> = row.facts.iter().map(|(name, _)| (*name, Fact::Text(format!("<{name}>")))).collect();
    fill(words, &facts).in_language(language).to_string()
}

/// The same in both languages.
pub(super) fn both_languages(row: &Row, words: Words) -> Said {
    let facts: Vec<(&str, Fact)> = row.facts.iter().map(|(name, _)| (*name, Fact::Text(format!("<{name}>")))).collect();
    fill(words, &facts)
}

struct Sheet {
    language: Language,
    width: usize,
    text: String,
}

impl Sheet {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// What it is, and where the money is.
    fn head(&mut self, entry: &Entry) {
        let language = self.language;
        let title = entry.title.in_language(language);
        match entry.row {
            Some(row) => {
                self.line(&format!("{}  {}", row.code, row.name));
                self.plain(title);
            }
            None => self.plain(&format!("{}  {title}", entry.id)),
        }
        let colon = if language == Language::Zh { "：" } else { ": " };
        self.plain(&format!("{}{colon}{}", MONEY.in_language(language), entry.money_said.in_language(language)));
    }

    fn plain(&mut self, text: &str) {
        for line in wrap(text, self.width) {
            self.line(&line);
        }
    }

    fn heading(&mut self, heading: Words) {
        self.text.push('\n');
        self.line(heading.in_language(self.language));
    }

    fn body(&mut self, text: &str) {
        self.hung("", text);
    }

    /// A paragraph whose first line begins with a mark, and whose others stand under its text.
    fn hung(&mut self, mark: &str, text: &str) {
        let indent = INDENT + mark.len();
        for (at, line) in wrap(text, self.width.saturating_sub(indent)).into_iter().enumerate() {
            let front = if at == 0 { format!("{}{mark}", " ".repeat(INDENT)) } else { " ".repeat(indent) };
            self.line(format!("{front}{line}").trim_end());
        }
    }

    fn section(&mut self, heading: Words, text: &str) {
        self.heading(heading);
        self.body(text);
    }

    fn said(&mut self, heading: Words, said: Option<&Said>) {
        if let Some(said) = said {
            self.section(heading, said.in_language(self.language));
        }
    }

    /// Steps in order; one alone has no number.
    fn steps(&mut self, heading: Option<Words>, steps: &[Said]) {
        if steps.is_empty() {
            return;
        }
        match heading {
            Some(heading) => self.heading(heading),
            None => self.text.push('\n'),
        }
        for (at, step) in steps.iter().enumerate() {
            let mark = if steps.len() == 1 { String::new() } else { format!("{}. ", at + 1) };
            self.hung(&mark, step.in_language(self.language));
        }
    }

    fn points(&mut self, heading: Words, points: &[Said]) {
        if points.is_empty() {
            return;
        }
        self.heading(heading);
        for point in points {
            self.hung("- ", point.in_language(self.language));
        }
    }

    fn causes(&mut self, entry: &Entry) {
        if entry.why.is_empty() {
            return;
        }
        let language = self.language;
        self.heading(if entry.why.len() > 1 { WHY_LIKELIEST } else { WHY });
        for (at, cause) in entry.why.iter().enumerate() {
            let mark = if entry.why.len() == 1 { String::new() } else { format!("{}. ", at + 1) };
            self.hung(&mark, cause.said.in_language(language));
            if let Some(tell) = &cause.tell {
                let tell = format!("{}{}", TELL.in_language(language), tell.in_language(language));
                self.hung(&" ".repeat(mark.len()), &tell);
            }
        }
    }
}

const ABOUT: Words = Words { zh: "说明", en: "what it is" };
const SEE_IT: Words = Words { zh: "看它发生", en: "see it happen" };
const MONEY: Words = Words { zh: "钱款", en: "money" };
const AVOID: Words = Words { zh: "不要", en: "do not" };
const STOP: Words = Words { zh: "何时停下、找谁", en: "when to stop, whom to call" };
const ASK: Words = Words { zh: "下一步要问", en: "ask next" };
const THEN: Words = Words { zh: "然后", en: "then" };
const SCREEN: Words = Words { zh: "屏幕上的写法", en: "on the screen" };
const SLIP: Words = Words { zh: "签购单", en: "on the slip" };
const READ: Words = Words { zh: "在这些码表里", en: "in these tables" };
const SURE: Words = Words { zh: "把握", en: "how sure" };
const NOT_YET: Words = Words { zh: "还不能重现", en: "not reproduced yet" };
const WHY_LIKELIEST: Words = Words { zh: "原因，最可能的在前", en: "why, the likeliest first" };
const TELL: Words = Words { zh: "怎么看：", en: "to tell: " };
const LAYER: Words = Words { zh: "来自", en: "from" };
const CAUGHT: Words = Words { zh: "脚本中的处理", en: "in a script" };
const WHY: Words = Words { zh: "原因", en: "why" };
const FACTS: Words = Words { zh: "附带的事实", en: "facts" };
const FIX: Words = Words { zh: "怎么办", en: "what to do" };
const AGAIN: Words = Words { zh: "重试", en: "trying again" };
const EXAMPLE: Words = Words { zh: "示例", en: "example" };
const RELATED: Words = Words { zh: "相关代码", en: "related" };

fn kind_name(kind: FactKind) -> Words {
    match kind {
        FactKind::Text => Words { zh: "文字", en: "text" },
        FactKind::Name => Words { zh: "名称", en: "name" },
        FactKind::Count => Words { zh: "数", en: "number" },
        FactKind::Duration => Words { zh: "时长", en: "duration" },
        FactKind::Mti => Words { zh: "报文类型", en: "message type" },
        FactKind::Field => Words { zh: "域", en: "field" },
    }
}

fn retry_name(retry: Retry) -> Words {
    match retry {
        Retry::No => Words { zh: "没有用", en: "does not help" },
        Retry::Now => Words { zh: "可以立即重试", en: "may help at once" },
        Retry::Later => Words { zh: "过一会儿再试", en: "may help after a while" },
        Retry::AfterFix => Words { zh: "照上面做好之后再试", en: "helps once the above is done" },
    }
}

/// The name of a layer for people.
pub fn layer_name(layer: Layer) -> Words {
    match layer {
        Layer::Lexical => Words { zh: "字符与编码", en: "characters and encoding" },
        Layer::Syntax => Words { zh: "语法", en: "syntax" },
        Layer::Types => Words { zh: "名称与类型", en: "names and types" },
        Layer::Flow => Words { zh: "流程与分支", en: "ways through a flow" },
        Layer::Reversal => Words { zh: "冲正规则", en: "reversal rules" },
        Layer::Secrets => Words { zh: "敏感数据", en: "sensitive data" },
        Layer::Capabilities => Words { zh: "设备声明", en: "declared devices" },
        Layer::Texts => Words { zh: "文字与语言", en: "texts and languages" },
        Layer::Tests => Words { zh: "测试", en: "tests" },
        Layer::Bytecode => Words { zh: "字节码文件", en: "bytecode files" },
        Layer::Person => Words { zh: "持卡人或收银员", en: "cardholder or cashier" },
        Layer::Issuer => Words { zh: "发卡行或主机的决定", en: "decision of issuer or host" },
        Layer::Card => Words { zh: "卡片与芯片", en: "card and chip" },
        Layer::Keys => Words { zh: "密钥与安全", en: "keys and security" },
        Layer::Network => Words { zh: "网络与主机连接", en: "network and host link" },
        Layer::Hardware => Words { zh: "终端硬件", en: "terminal hardware" },
        Layer::Storage => Words { zh: "日志、存储与运行参数", en: "journal, storage and start-up" },
        Layer::Limits => Words { zh: "限额与计算", en: "limits and arithmetic" },
        Layer::Internal => Words { zh: "本程序的缺陷", en: "defect of this program" },
    }
}
