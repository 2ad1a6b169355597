//! Where the grammar stopped, said in our words.

use super::brackets;
use super::grammar::{Failure, Rule};
use super::scene::Scene;
use super::wanted::{WANTED, Wanted, instead_of, legal_words};
use super::words;
use crate::script_error::catalogue::source;
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::nearest::nearest;
use crate::script_error::source::Span;
use crate::script_error::words::{Said, Words};

impl Scene<'_> {
    /// Turns a failure into a finding. The failure's place counts from the start of the piece.
    pub(super) fn finding(&self, failure: &Failure) -> Finding {
        let mut tried = failure.tried.clone();
        // All that an operand may begin with: a value is wanted, not a name.
        if tried.contains(&Rule::name) && tried.contains(&Rule::list) {
            tried.retain(|rule| !matches!(rule, Rule::name | Rule::string | Rule::number));
            tried.push(Rule::expr);
        }
        let failure = &Failure { tried, ..*failure };
        let at = (self.start + failure.at).min(self.end);
        if failure.exhausted {
            let finding = Finding::error(source::PARSE_LIMIT, self.place(Span::new(at, at + 1)));
            return finding.fact("limit", Fact::Count(super::grammar::CALLS_MAX as i64));
        }
        let found = self.token(at);
        let before = self.token_before(found.start as usize);
        let has = |rule: Rule| failure.tried.contains(&rule);
        if let Some(finding) = self.unit_apart(found, before) {
            return finding;
        }
        if before.is_none() && [Rule::need_item, Rule::item, Rule::piece, Rule::import].into_iter().any(has) {
            return self.not_an_item(found);
        }
        if let Some(finding) = self.half_sign(found, before) {
            return finding;
        }
        if has(Rule::need_value_on_line) && self.begins_value(found) && self.breaks(at, found.start as usize) {
            let finding = Finding::error(source::OPERAND_ON_NEXT_LINE, self.place(found)).text("word", "fail");
            return match before {
                Some(word) => finding.also(self.place(word), "此处没有值", "nothing stands here"),
                None => finding,
            };
        }
        if let Some(finding) = self.misspelled(found, before, failure) {
            return finding;
        }
        self.expected(found, before, failure)
    }

    /// `60 s`: a unit of time that belongs to the number before it.
    pub(super) fn unit_apart(&self, unit: Span, before: Option<Span>) -> Option<Finding> {
        let number = before?;
        let gap = Span { start: number.end, end: unit.start };
        let digits = self.slice(number);
        let apart = matches!(self.slice(gap), " " | "  ") && matches!(self.slice(unit), "ms" | "s" | "min" | "h");
        if !apart || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let whole = number.to(unit);
        let finding = Finding::error(source::BAD_NUMBER, self.place(whole))
            .text("number", self.slice(whole))
            .label("时长与单位之间没有空格", "no space stands between a duration and its unit");
        let right = format!("{digits}{}", self.slice(unit));
        Some(finding.edit(gap, "", format!("改为“{right}”"), format!("write `{right}`")))
    }

    /// `=` where two are compared, `+=`, `===`.
    fn half_sign(&self, found: Span, before: Option<Span>) -> Option<Finding> {
        if self.slice(found) != "=" {
            return None;
        }
        let before = before?;
        let glued = before.end == found.start;
        let sign = self.slice(before);
        if glued && matches!(sign, "==" | "!=") {
            let both = Span { start: before.start, end: found.end };
            let finding = Finding::error(source::STRAY_SIGN, self.place(both)).text("sign", format!("{sign}="));
            return Some(finding.edit(found, "", format!("改用“{sign}”"), format!("use `{sign}`")));
        }
        if glued && matches!(sign, "+" | "-" | "*" | "/") {
            let both = Span { start: before.start, end: found.end };
            let finding = Finding::error(source::STRAY_SIGN, self.place(both)).text("sign", format!("{sign}="));
            return Some(finding.help(format!("写作 x = x {sign} …"), format!("Write `x = x {sign} …`.")));
        }
        let line = self.line_before(found.start as usize);
        let first = line.split_whitespace().find(|word| *word != "}");
        if matches!(first, Some("if" | "else" | "expect" | "return" | "match" | "for" | "repeat"))
            || self.innermost(found.start).is_some_and(|open| open.sign != b'{')
        {
            let finding = Finding::error(source::STRAY_SIGN, self.place(found)).text("sign", "=");
            if self.is_label(before) {
                let finding = Finding::error(source::STRAY_SIGN, self.place(found)).text("sign", "=");
                return Some(finding.guess(found, ":", "参数名之后写“:”", "a label is followed by `:`"));
            }
            // Between parentheses something else may have been meant.
            let sure = self.innermost(found.start).is_none_or(|open| open.sign == b'{');
            let edit = Edit { place: self.place(found), replacement: "==".to_string() };
            return Some(finding.edits(vec![edit], sure, "比较用“==”", "compare with `==`"));
        }
        None
    }

    /// Does a word stand where an argument of a call begins?
    fn is_label(&self, word: Span) -> bool {
        let called = self.innermost(word.start).is_some_and(|open| open.sign == b'(');
        let before = self.text.get(self.start..word.start as usize).unwrap_or_default().trim_end();
        called && self.word(word).is_some() && before.ends_with(['(', ','])
    }

    /// A word close to one that would have been right here, or a word of another language.
    fn misspelled(&self, found: Span, before: Option<Span>, failure: &Failure) -> Option<Finding> {
        let found_word = self.word(found);
        if let Some(word) = found_word
            && let Some(meant) = nearest(word, legal_words(failure))
        {
            let finding = self.expectation(found, failure).did_you_mean(found, meant);
            return Some(finding);
        }
        // The word before may be the culprit: `fro x in xs {`, `esle {`; but not within parentheses.
        let around = self.innermost(found.start).filter(|open| open.sign == b'{')?;
        let before = before.filter(|before| !self.breaks(before.end as usize, found.start as usize))?;
        let line = self.line_before(found.start as usize);
        let first = line.trim_start().trim_start_matches('}').trim_start();
        let length = first.find(|sign: char| !(sign == '_' || sign.is_alphanumeric())).unwrap_or(first.len());
        let start = found.start as usize - first.len();
        let first_span = Span::new(start, start + length);
        for span in [first_span, before] {
            let Some(word) = self.word(span) else {
                continue;
            };
            if self.innermost(span.start).is_none_or(|open| open.at != around.at) {
                continue;
            }
            let foreign = instead_of(word);
            let candidates = words::STATEMENT_WORDS.into_iter().chain(["else", "match", "on"]);
            let meant = if words::STATEMENT_WORDS.contains(&word) { None } else { nearest(word, candidates) };
            // A name before `=`, `(` or `.` is what it seems to be.
            let follows = self.slice(Span::new(span.end as usize, found.end as usize)).trim_start();
            if follows.starts_with(['=', '(', '.', ':', ',', '[']) {
                continue;
            }
            if foreign.is_none() && meant.is_none() {
                continue;
            }
            let mut finding = Finding::error(source::NOT_A_STATEMENT, self.place(span))
                .text("name", word)
                .label("不是语句", "not a statement");
            if let Some(instead) = foreign {
                finding = finding.help(instead.zh, instead.en);
            } else if let Some(meant) = meant {
                finding = finding.did_you_mean(span, meant);
            }
            return Some(finding);
        }
        None
    }

    fn expectation(&self, at: Span, failure: &Failure) -> Finding {
        let mut best: Vec<&Wanted> = WANTED.iter().filter(|wanted| failure.tried.contains(&wanted.rule)).collect();
        let rank = best.iter().map(|wanted| wanted.rank).min().unwrap_or(0);
        best.retain(|wanted| wanted.rank == rank || (wanted.rule == Rule::need_close_block && rank < 3));
        // A name begins a value as well.
        if best.iter().any(|wanted| wanted.words.en == "a statement") {
            best.retain(|wanted| wanted.words.en != "a value");
        }
        let mut said: Vec<Words> = Vec::new();
        let separator = self.separator(at.start, failure);
        let most = if separator.is_some() { 2 } else { 3 };
        for wanted in best {
            if said.len() < most && !said.iter().any(|said| said.en == wanted.words.en) {
                said.push(wanted.words);
            }
        }
        if said.is_empty() {
            said.push(Words { zh: "别的内容", en: "something else" });
        }
        let join = |texts: Vec<&str>, or: &str, comma: &str| match texts.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{}{or}{last}", rest.join(comma)),
            _ => texts.concat(),
        };
        let zh = join(said.iter().map(|said| said.zh).collect(), "或", "、");
        let en = join(said.iter().map(|said| said.en).collect(), " or ", ", ");
        let found = self.shown(at);
        let (zh, en) = match separator {
            Some(()) => (format!("“,”或{zh}"), format!("`,` or {en}")),
            None => (zh, en),
        };
        Finding::error(source::EXPECTED_OTHER, self.place(at))
            .fact("expected", Fact::Said(Said::new(zh, en)))
            .fact("found", Fact::Said(found))
    }

    /// Would a comma have been right as well: in arguments and in lists?
    fn separator(&self, at: u32, failure: &Failure) -> Option<()> {
        let open = self.innermost(at)?;
        let before = self.text.get(..open.at as usize)?.chars().next_back()?;
        let called = before == '_' || before == ')' || before == ']' || unicode_ident::is_xid_continue(before);
        let paren = failure.tried.contains(&Rule::need_close_paren) && open.sign == b'(' && called;
        let list = failure.tried.contains(&Rule::need_close_list) && open.sign == b'[' && !called;
        (paren || list).then_some(())
    }

    fn expected(&self, found: Span, before: Option<Span>, failure: &Failure) -> Finding {
        let closes = [(Rule::need_close_paren, b'('), (Rule::need_close_list, b'['), (Rule::need_close_block, b'{')];
        let closing = closes.iter().find(|(rule, _)| failure.tried.contains(rule)).map(|(_, sign)| *sign);
        let mut finding = self.expectation(found, failure);
        // What is missing at the end of a line is missing there, not where the next line begins.
        if let Some(before) = before
            && self.breaks(before.end as usize, found.start as usize)
            && !failure.tried.contains(&Rule::effect)
        {
            finding.at.place.span = Span { start: before.end.saturating_sub(1), end: before.end };
            if let Some((_, fact)) = finding.facts.iter_mut().find(|(name, _)| *name == "found")
                && found.start < found.end
            {
                *fact = Fact::Said(Said::new("此行的结尾", "the end of the line"));
            }
            finding = finding.label("此处之后", "behind this");
        }
        if let Some(word) = self.word(found)
            && words::is_reserved(word)
            && failure.tried.contains(&Rule::name)
        {
            finding = finding.label("这是保留字", "this word is reserved");
        }
        if let Some(sign) = closing
            && let Some(open) = self.innermost(found.start)
            && open.sign == sign
            && sign != b'{'
        {
            let at = open.at as usize;
            let closer = brackets::closer(sign);
            finding = finding.also(
                self.place(Span::new(at, at + 1)),
                format!("“{closer}”要闭合的是此处打开的括号"),
                format!("`{closer}` would close what was opened here"),
            );
        }
        finding
    }

    /// A sign or word behind a value that wants another value behind it, at the end of a line.
    fn wants_a_value(&self, found: Span) -> bool {
        const BETWEEN: [&str; 13] = ["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in"];
        let behind =
            self.text.get(found.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim();
        let last = behind.is_empty() || behind.starts_with("//");
        last && BETWEEN.contains(&self.slice(found)) && !self.line_before(found.start as usize).trim().is_empty()
    }

    /// The first token of something that should be an item.
    pub(super) fn not_an_item(&self, found: Span) -> Finding {
        if self.wants_a_value(found) {
            let nothing = Span { start: found.end, end: found.end };
            return Finding::error(source::EXPECTED_OTHER, self.place(found))
                .fact("expected", Fact::Said(Said::new("值", "a value")))
                .fact("found", Fact::Said(self.shown(nothing)))
                .label("此处之后", "behind this");
        }
        let mut finding =
            Finding::error(source::NOT_AN_ITEM, self.place(found)).fact("found", Fact::Said(self.shown(found)));
        if let Some(word) = self.word(found) {
            let candidates = words::ITEM_WORDS.into_iter().chain(["pub", "import", "edition"]);
            if let Some(instead) = instead_of(word) {
                finding = finding.help(instead.zh, instead.en);
            } else if let Some(meant) = nearest(word, candidates) {
                finding = finding.did_you_mean(found, meant);
            } else if words::STATEMENT_WORDS.contains(&word) || word == "match" {
                finding = finding.label("语句只能写在 flow 或 test 里", "statements stand in a `flow` or a `test`");
            }
        }
        finding
    }
}
