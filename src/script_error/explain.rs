//! What `till explain` prints.

use super::catalogue;
use super::code::{Fact, FactKind, Help, Layer, Retry, Row};
use super::fill::fill;
use super::nearest::distance;
use super::render::audience_name;
use super::words::{Audience, Language, Words};
use super::wrap::wrap;
use std::cmp::Reverse;

/// Columns of a page.
const WIDTH: usize = 88;
/// Neighbours named on either side.
const RELATED_EACH: usize = 2;

/// The page of a code (`T5101`, in any case) or of a name (`Timeout`); `None` for what the catalogue does not have.
pub fn page(code: &str, language: Language) -> Option<String> {
    let row = row_of(code)?;
    let mut page = Sheet { language, text: String::new() };
    page.line(&format!("{}  {}", row.code, row.name));
    page.line(&titled(row, language));
    page.section(LAYER, layer_name(row.layer).in_language(language));
    if let Some(word) = row.word {
        page.section(CAUGHT, &format!("on {word} => ..."));
    }
    page.section(WHY, row.about.in_language(language));
    if !row.facts.is_empty() {
        let facts = row.facts.iter().map(|(name, kind)| format!("{name} ({})", kind_name(*kind).in_language(language)));
        page.section(FACTS, &facts.collect::<Vec<_>>().join(", "));
    }
    let sentence = |words: Words| shown_places(row, words, language);
    match row.help {
        Help::Author { fix } => page.section(FIX, &sentence(fix)),
        Help::People { cashier, cardholder, support, retry } => {
            page.section(audience_name(Audience::Cashier), &sentence(cashier));
            page.section(audience_name(Audience::Cardholder), &sentence(cardholder));
            page.section(audience_name(Audience::Support), &sentence(support));
            page.section(AGAIN, retry_name(retry).in_language(language));
        }
    }
    page.heading(EXAMPLE);
    for line in row.example.lines() {
        page.line(format!("    {line}").trim_end());
    }
    let related = related(row);
    if !related.is_empty() {
        page.heading(RELATED);
        for other in related {
            page.line(&format!("    {}  {}", other.code, titled(other, language)));
        }
    }
    Some(page.text)
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

fn row_of(code: &str) -> Option<&'static Row> {
    let code = code.trim();
    catalogue::find(&code.to_ascii_uppercase())
        .or_else(|| catalogue::all().find(|row| row.name.eq_ignore_ascii_case(code)))
}

/// The nearest codes of the same layer.
fn related(row: &Row) -> Vec<&'static Row> {
    let layer: Vec<&Row> = catalogue::all().filter(|other| other.layer == row.layer).collect();
    let Some(at) = layer.iter().position(|other| other.code == row.code) else { return Vec::new() };
    let before = layer[..at].iter().rev().take(RELATED_EACH).rev();
    before.chain(layer[at + 1..].iter().take(RELATED_EACH)).copied().collect()
}

fn titled(row: &Row, language: Language) -> String {
    shown_places(row, row.title, language)
}

/// A sentence with its places shown as `<name>`.
pub(super) fn shown_places(row: &Row, words: Words, language: Language) -> String {
    let facts: Vec<(&str, Fact)> = row.facts.iter().map(|(name, _)| (*name, Fact::Text(format!("<{name}>")))).collect();
    fill(words, &facts).in_language(language).to_string()
}

struct Sheet {
    language: Language,
    text: String,
}

impl Sheet {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn heading(&mut self, heading: Words) {
        self.text.push('\n');
        self.line(heading.in_language(self.language));
    }

    fn section(&mut self, heading: Words, text: &str) {
        self.heading(heading);
        for line in wrap(text, WIDTH - 4) {
            self.line(&format!("    {line}"));
        }
    }
}

const LAYER: Words = Words { zh: "层次", en: "layer" };
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
