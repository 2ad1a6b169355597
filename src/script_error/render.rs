//! Shows an error to a person, in full.

use super::catalogue::{self, issuer};
use super::code::{Fact, Help};
use super::error::{Declined, Frame, Guidance, Money, ScriptError};
use super::fill::{fill, inert, inert_whole};
use super::finding::{Cure, Finding, Severity};
use super::snippet::{Mark, draw, draw_edits};
use super::source::{Sources, display_width};
use super::words::{Audience, Language, Said, Words};
use super::wrap::wrap;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Element, Group, Level, Origin, Renderer, Title};

/// Causes shown of one error; a longer chain tells nobody more.
const CAUSES_MAX: usize = 8;
/// Columns the frame and a heading such as `= note: ` take.
const FRAME_WIDTH: usize = 14;

/// What frames are drawn with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decor {
    /// `|`, `-` and `^`: right in every console.
    #[default]
    Ascii,
    /// Box characters, which a Chinese console may draw twice as wide.
    Unicode,
}

/// How to show something to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Which language to choose of the two.
    pub language: Language,
    /// With ANSI colours.
    pub color: bool,
    /// Columns of the console.
    pub width: usize,
    /// What frames are drawn with.
    pub decor: Decor,
}

impl Style {
    /// Plain text in one language, 100 columns wide.
    pub fn plain(language: Language) -> Style {
        Style { language, color: false, width: 100, decor: Decor::Ascii }
    }

    fn say(&self, words: Words) -> &'static str {
        words.in_language(self.language)
    }
}

/// A finding with its source lines, notes and cures.
pub fn finding(finding: &Finding, sources: &Sources, style: &Style) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut page =
        Page::new(level.primary_title(title_of(finding, style.language)).id(finding.code.to_string()), style);
    let mut marks = vec![Mark {
        place: finding.at.place,
        text: finding.at.text.in_language(style.language).to_string(),
        primary: true,
    }];
    marks.extend(finding.labels.iter().map(|label| Mark {
        place: label.place,
        text: label.text.in_language(style.language).to_string(),
        primary: false,
    }));
    page.draw(marks, sources);
    for note in &finding.notes {
        page.note(note.in_language(style.language));
    }
    let mut diffs = Vec::new();
    for cure in &finding.cures {
        let text = inert_whole(&cure_text(cure, style.language));
        match draw_edits(&cure.edits, sources) {
            Some(diff) => diffs.push(Level::HELP.secondary_title(text).element(diff)),
            None => page.help(&text),
        }
    }
    if finding.cures.is_empty()
        && let Some(fix) = fix_of(finding, style.language)
    {
        page.help(&fix);
    }
    page.finish(diffs)
}

/// What a cure does, and whether a person has to do it.
pub(super) fn cure_text(cure: &Cure, language: Language) -> String {
    let text = cure.text.in_language(language);
    match (cure.by_hand, language) {
        (false, _) => text.to_string(),
        (true, Language::Zh) => format!("请人工修改：{text}"),
        (true, Language::En) => format!("by hand: {text}"),
    }
}

/// A script error: where, what happened to the money, and who does what now.
pub fn script_error(error: &ScriptError, sources: &Sources, style: &Style) -> String {
    let title = inert_whole(error.title.in_language(style.language));
    let mut page = Page::new(Level::ERROR.primary_title(title).id(inert(&error.code)), style);
    let values = page.trace_start(&error.trace, sources);
    page.line(money_line(error.money, style.language));
    page.lines(values);
    page.callers(&error.trace, sources);
    let causes = std::iter::successors(error.cause.as_deref(), |cause| cause.cause.as_deref());
    for cause in causes.take(CAUSES_MAX) {
        page.heading(
            CAUSE,
            &format!("{} {}", inert(&cause.code), inert_whole(cause.title.in_language(style.language))),
        );
    }
    if error.attempts > 1 {
        page.line(
            fill(ATTEMPTS, &[("count", Fact::Count(i64::from(error.attempts)))])
                .in_language(style.language)
                .to_string(),
        );
    }
    if let Some(response) = &error.response {
        page.heading(RESPONSE, &inert(response));
    }
    page.guidance(&error.guidance);
    page.explain(&error.code);
    page.finish(Vec::new())
}

/// A decline: what the host said, what happened to the money, and who does what now.
pub fn declined(declined: &Declined, sources: &Sources, style: &Style) -> String {
    let title = inert_whole(declined.title.in_language(style.language));
    let level = Level::WARNING.with_name("declined");
    let mut page = Page::new(level.primary_title(title).id(inert(&declined.response)), style);
    let values = page.trace_start(&declined.trace, sources);
    page.line(money_line(declined.money, style.language));
    page.lines(values);
    page.callers(&declined.trace, sources);
    let kind = if declined.name.is_empty() {
        inert(&declined.category)
    } else {
        format!("{} ({})", inert(&declined.name), inert(&declined.category))
    };
    page.heading(RESPONSE, &format!("{} {kind}", inert(&declined.response)));
    page.guidance(&declined.guidance);
    // A code that a table has is explained by its own page, any other by its category's; where nobody paid, the pages of
    // codes would speak of a card.
    let by_category = declined.name.is_empty() || declined.code == issuer::REQUEST_REFUSED.0;
    page.explain(if by_category { &declined.code } else { &declined.response });
    page.finish(Vec::new())
}

/// What happened to the money, in words: `钱款：未扣款。`
pub fn money_line(money: Money, language: Language) -> String {
    let words = match money {
        Money::NotMoved => Words { zh: "钱款：未扣款。", en: "money: nothing was charged." },
        Money::Moved => {
            Words { zh: "钱款：已扣款，交易有效。", en: "money: charged; the transaction stands." }
        }
        Money::TakenBack => {
            Words { zh: "钱款：撤销有效，原扣款退回。", en: "money: taken back; the void stands." }
        }
        Money::Credited => Words {
            zh: "钱款：已退给持卡人，退货有效。",
            en: "money: credited to the cardholder; the refund stands.",
        },
        Money::Held => Words {
            zh: "钱款：预授权有效，金额已冻结，尚未扣款。",
            en: "money: kept aside, not charged; the pre-authorisation stands.",
        },
        Money::Reversed => Words {
            zh: "钱款：已冲正，主机已确认，没有留下扣款。",
            en: "money: reversed; the host confirmed that no charge remains.",
        },
        Money::ReversalQueued => Words {
            zh: "钱款：冲正已排队，下一笔交易前先发送。",
            en: "money: a reversal is queued and goes out before the next transaction.",
        },
    };
    words.in_language(language).to_string()
}

/// The title of a finding, from the catalogue and its facts.
pub fn title_of(finding: &Finding, language: Language) -> String {
    match catalogue::row(finding.code) {
        Some(row) => fill(row.title, &finding.facts).in_language(language).to_string(),
        None => finding.code.to_string(),
    }
}

/// What the author should do, from the catalogue and the facts of the finding.
pub fn fix_of(finding: &Finding, language: Language) -> Option<String> {
    match catalogue::row(finding.code)?.help {
        Help::Author { fix } => Some(fill(fix, &finding.facts).in_language(language).to_string()),
        Help::People { .. } => None,
    }
}

/// Where a frame stands: `sale.till:12:3`, or its function and instruction if the program was stripped.
pub fn where_of(frame: &Frame, sources: &Sources) -> String {
    match frame.place.and_then(|place| sources.locate(place)) {
        Some((name, position)) => format!("{}:{}:{}", inert_whole(name), position.line, position.column),
        None => format!("{}#{}+{}", inert(&frame.flow), frame.function, frame.pc),
    }
}

const CAUSE: Words = Words { zh: "起因", en: "cause" };
const RESPONSE: Words = Words { zh: "应答码", en: "response code" };
const ATTEMPTS: Words = Words { zh: "已尝试 {count} 次。", en: "tried {count} times." };
const CALLED_FROM: Words =
    Words { zh: "调用自 {place}（流程“{flow}”）", en: "called from {place} (flow {flow})" };
const CALLED_IN_STEP: Words = Words {
    zh: "调用自 {place}（流程“{flow}”，步骤“{step}”）",
    en: "called from {place} (flow {flow}, step \"{step}\")",
};
const MORE_CALLERS: Words = Words { zh: "其间还有 {count} 层调用", en: "and {count} more callers between" };
/// The most callers that are all shown; of more, so many of the innermost and the outermost.
const CALLERS_MAX: usize = 12;
const CALLERS_INNER: usize = 6;
const CALLERS_OUTER: usize = 4;
const STEP: Words = Words { zh: "步骤“{step}”", en: "in step \"{step}\"" };
const WITH: Words = Words { zh: "其中 ", en: "with " };
const EXPLAIN: Words =
    Words { zh: "运行 `till explain {code}` 查看详情", en: "run `till explain {code}` for more" };

/// The word a report names a person by.
pub fn audience_name(audience: Audience) -> Words {
    match audience {
        Audience::Cashier => Words { zh: "收银员", en: "cashier" },
        Audience::Cardholder => Words { zh: "持卡人", en: "cardholder" },
        Audience::Support => Words { zh: "技术支持", en: "support" },
    }
}

impl Guidance {
    /// The sentence for one person.
    pub fn for_audience(&self, audience: Audience) -> &Said {
        match audience {
            Audience::Cashier => &self.cashier,
            Audience::Cardholder => &self.cardholder,
            Audience::Support => &self.support,
        }
    }
}

/// One report on its way to text.
struct Page<'a> {
    style: &'a Style,
    group: Group<'static>,
}

impl<'a> Page<'a> {
    fn new(title: Title<'static>, style: &'a Style) -> Page<'a> {
        Page { style, group: Group::with_title(title) }
    }

    fn add(&mut self, element: impl Into<Element<'static>>) {
        let group = std::mem::replace(&mut self.group, Group::with_level(Level::NOTE));
        self.group = group.element(element);
    }

    fn draw(&mut self, marks: Vec<Mark>, sources: &Sources) {
        let marks = marks.into_iter().map(|mark| Mark { text: inert_lines(&mark.text), ..mark }).collect();
        let drawn = draw(marks, sources);
        for element in drawn.elements {
            self.add(element);
        }
        for note in drawn.notes {
            self.note(&note);
        }
    }

    /// A message under `= `, broken to the width of the console.
    fn message(&mut self, level: Level<'static>, text: &str, heading_width: usize) {
        let width = self.style.width.saturating_sub(FRAME_WIDTH + heading_width).max(24);
        self.add(level.message(wrap(&inert_lines(text), width).join("\n")));
    }

    fn note(&mut self, text: &str) {
        self.message(Level::NOTE, text, 0);
    }

    fn help(&mut self, text: &str) {
        self.message(Level::HELP, text, 0);
    }

    fn line(&mut self, text: String) {
        self.message(Level::NOTE.no_name(), &text, 0);
    }

    fn heading(&mut self, heading: Words, text: &str) {
        let separator = match self.style.language {
            Language::Zh => "：",
            Language::En => ": ",
        };
        let heading = self.style.say(heading);
        let width = self.style.width.saturating_sub(FRAME_WIDTH).max(24);
        let lines = wrap(&inert_lines(&format!("{heading}{separator}{text}")), width);
        self.add(Level::NOTE.no_name().message(lines.join("\n  ")));
    }

    fn lines(&mut self, texts: Vec<String>) {
        texts.into_iter().filter(|text| !text.is_empty()).for_each(|text| self.line(text));
    }

    /// Where it happened: the innermost frame with its step and its values. What does not fit beside the
    /// source line comes back, to be said after the money line.
    fn trace_start(&mut self, trace: &[Frame], sources: &Sources) -> Vec<String> {
        let Some(frame) = trace.first() else { return Vec::new() };
        let (step, values) = (self.step_text(frame), self.values_text(frame, false));
        let source = frame.place.and_then(|place| sources.file(place.file).map(|source| (place, source)));
        let Some((place, source)) = source else {
            self.add(Origin::path(where_of(frame, sources)));
            return vec![step, values];
        };
        if source.text.is_none() {
            self.draw(vec![Mark { place, text: String::new(), primary: true }], sources);
            return vec![step, values];
        }
        let whole = if step.is_empty() { values.clone() } else { format!("{step}{}", self.values_text(frame, true)) };
        let fits = display_width(&whole) <= self.style.width / 2;
        let (text, rest) = if fits { (whole, Vec::new()) } else { (step, vec![values]) };
        self.draw(vec![Mark { place, text, primary: true }], sources);
        rest
    }

    fn callers(&mut self, trace: &[Frame], sources: &Sources) {
        // Of a long way up, both ends tell; what lies between would push the guidance off the page.
        let callers = trace.len().saturating_sub(1);
        let between = if callers > CALLERS_MAX { CALLERS_INNER + 1..callers - CALLERS_OUTER + 1 } else { 0..0 };
        for (at, frame) in trace.iter().enumerate().skip(1) {
            if between.contains(&at) {
                if at == between.start {
                    let count = Fact::Count(between.len() as i64);
                    self.line(fill(MORE_CALLERS, &[("count", count)]).in_language(self.style.language).to_string());
                }
                continue;
            }
            let words = if frame.step.is_some() { CALLED_IN_STEP } else { CALLED_FROM };
            let facts = [
                ("place", Fact::Text(where_of(frame, sources))),
                ("flow", Fact::Text(frame.flow.clone())),
                ("step", Fact::Text(frame.step.clone().unwrap_or_default())),
            ];
            let mut text = fill(words, &facts).in_language(self.style.language).to_string();
            text.push_str(&self.values_text(frame, true));
            self.line(text);
        }
    }

    fn step_text(&self, frame: &Frame) -> String {
        let step = frame.step.as_ref().map(|step| fill(STEP, &[("step", Fact::Text(step.clone()))]));
        step.map(|step| step.in_language(self.style.language).to_string()).unwrap_or_default()
    }

    /// Names and values of a frame; `continued` if words stand before them.
    fn values_text(&self, frame: &Frame, continued: bool) -> String {
        if frame.shown.is_empty() {
            return String::new();
        }
        let comma = match self.style.language {
            Language::Zh => "，",
            Language::En => ", ",
        };
        let values: Vec<String> =
            frame.shown.iter().map(|(name, value)| format!("{} = {}", inert(name), inert(value))).collect();
        format!("{}{}{}", if continued { comma } else { "" }, self.style.say(WITH), values.join(comma))
    }

    fn guidance(&mut self, guidance: &Guidance) {
        for audience in Audience::ALL {
            let text = guidance.for_audience(audience).in_language(self.style.language);
            if !text.is_empty() {
                self.heading(audience_name(audience), text);
            }
        }
    }

    fn explain(&mut self, code: &str) {
        // A script's own codes are explained where they are declared.
        if catalogue::find(code).is_some() {
            let text = fill(EXPLAIN, &[("code", Fact::Text(code.to_string()))]);
            self.line(text.in_language(self.style.language).to_string());
        }
    }

    fn finish(self, more: Vec<Group<'static>>) -> String {
        let renderer = if self.style.color { Renderer::styled() } else { Renderer::plain() };
        let decor = match self.style.decor {
            Decor::Ascii => DecorStyle::Ascii,
            Decor::Unicode => DecorStyle::Unicode,
        };
        let mut groups = vec![self.group];
        groups.extend(more);
        let mut text = renderer.term_width(self.style.width.max(40)).decor_style(decor).render(&groups);
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }
}

/// Text of several lines, each harmless.
fn inert_lines(text: &str) -> String {
    text.split('\n').map(inert_whole).collect::<Vec<_>>().join("\n")
}
