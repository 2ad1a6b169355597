//! Where the grammar stopped, said in our words.

use super::brackets::{self, Bracket};
use super::grammar::{Failure, Rule};
use super::words;
use crate::script_error::catalogue::source;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::nearest::nearest;
use crate::script_error::source::{FileId, Place, Span};
use crate::script_error::words::{Said, Words};

/// Something the grammar would have taken.
struct Wanted {
    rule: Rule,
    /// Less is more telling; only the most telling are said.
    rank: u8,
    words: Words,
}

const fn wanted(rule: Rule, rank: u8, zh: &'static str, en: &'static str) -> Wanted {
    Wanted { rule, rank, words: Words { zh, en } }
}

/// What each rule is called. What is not here is never said.
const WANTED: &[Wanted] = &[
    wanted(Rule::need_equals, 0, "“=”", "`=`"),
    wanted(Rule::need_colon, 0, "“:”", "`:`"),
    wanted(Rule::need_arrow, 0, "“=>”", "`=>`"),
    wanted(Rule::need_result, 0, "“->”", "`->`"),
    wanted(Rule::need_open_paren, 0, "“(”", "`(`"),
    wanted(Rule::need_close_paren, 0, "“)”", "`)`"),
    wanted(Rule::need_open_block, 0, "“{”", "`{`"),
    wanted(Rule::need_close_list, 0, "“]”", "`]`"),
    wanted(Rule::need_close_value, 0, "“}”", "`}`"),
    wanted(Rule::need_bar, 0, "“|”", "`|`"),
    wanted(Rule::need_in, 0, "in", "`in`"),
    wanted(Rule::need_times, 0, "times", "`times`"),
    wanted(Rule::need_code_word, 0, "两位应答码", "a response code of two signs"),
    wanted(Rule::need_value_on_line, 0, "值", "a value"),
    wanted(Rule::need_item, 0, "声明，如 flow", "an item such as `flow`"),
    wanted(Rule::need_clause, 0, "方言的子句", "a clause of the dialect"),
    wanted(Rule::need_receipt_line, 0, "回单行，如 row", "a line of the receipt such as `row`"),
    wanted(Rule::need_field, 0, "域，如 F4", "a field such as `F4`"),
    wanted(Rule::need_end, 0, "结尾", "the end"),
    wanted(Rule::name, 0, "名称", "a name"),
    wanted(Rule::ty, 0, "类型", "a type"),
    wanted(Rule::mti, 0, "消息类型，如 0200", "a message type such as `0200`"),
    wanted(Rule::member, 0, "成员名", "a member's name"),
    wanted(Rule::pattern, 0, "模式", "a pattern"),
    wanted(Rule::arm, 0, "分支", "an arm"),
    wanted(Rule::variant, 0, "名称", "a name"),
    wanted(Rule::code_word, 1, "两位应答码", "a response code of two signs"),
    wanted(Rule::sentence, 1, "zh 或 en 加一句话", "`zh` or `en` and a sentence"),
    wanted(Rule::language, 1, "zh 或 en 加一句话", "`zh` or `en` and a sentence"),
    wanted(Rule::guidance, 1, "对象，如 cashier", "a person such as `cashier`"),
    wanted(Rule::row, 1, "以“|”开头的行", "a row that begins with `|`"),
    wanted(Rule::table_row, 1, "以“|”开头的行", "a row that begins with `|`"),
    wanted(Rule::effect, 1, "语句", "a statement"),
    wanted(Rule::plain_effect, 1, "语句", "a statement"),
    wanted(Rule::let_statement, 1, "语句", "a statement"),
    wanted(Rule::expr, 1, "值", "a value"),
    wanted(Rule::string, 2, "字符串", "a string"),
    wanted(Rule::number, 2, "数字", "a number"),
    wanted(Rule::bytes, 2, "字节，如 x\"6000\"", "bytes such as `x\"6000\"`"),
    wanted(Rule::need_close_block, 2, "“}”", "`}`"),
    wanted(Rule::operator, 3, "运算符", "an operator"),
    wanted(Rule::field, 3, "域，如 F4", "a field such as `F4`"),
];

/// Words of other languages, and what there is instead.
const FOREIGN: &[(&str, Words)] = &[
    (
        "while",
        Words {
            zh: "循环都有上限：用 repeat 3 times 或 for x in xs",
            en: "loops are bounded: use `repeat 3 times` or `for x in xs`",
        },
    ),
    (
        "loop",
        Words {
            zh: "循环都有上限：用 repeat 3 times 或 for x in xs",
            en: "loops are bounded: use `repeat 3 times` or `for x in xs`",
        },
    ),
    ("switch", Words { zh: "用 match", en: "use `match`" }),
    ("case", Words { zh: "分支写作 模式 => 语句", en: "an arm is written `pattern => statement`" }),
    ("default", Words { zh: "其余情况写作 other => …", en: "the rest is written `other => …`" }),
    ("elif", Words { zh: "用 else if", en: "use `else if`" }),
    ("elseif", Words { zh: "用 else if", en: "use `else if`" }),
    ("function", Words { zh: "用 flow 或 fn", en: "use `flow` or `fn`" }),
    ("func", Words { zh: "用 flow 或 fn", en: "use `flow` or `fn`" }),
    ("def", Words { zh: "用 flow 或 fn", en: "use `flow` or `fn`" }),
    (
        "try",
        Words {
            zh: "错误在发生处处理：在调用后写 on timeout => …",
            en: "errors are handled where they happen: write `on timeout => …` behind the call",
        },
    ),
    (
        "catch",
        Words {
            zh: "错误在发生处处理：在调用后写 on timeout => …",
            en: "errors are handled where they happen: write `on timeout => …` behind the call",
        },
    ),
    ("throw", Words { zh: "用 fail", en: "use `fail`" }),
    ("raise", Words { zh: "用 fail", en: "use `fail`" }),
    (
        "continue",
        Words {
            zh: "没有 continue；用 if 包住其余语句", en: "there is no `continue`; put the rest into an `if`"
        },
    ),
    ("class", Words { zh: "用 record 或 type", en: "use `record` or `type`" }),
    ("struct", Words { zh: "用 record", en: "use `record`" }),
    ("enum", Words { zh: "用 type A = b | c", en: "use `type A = b | c`" }),
];

/// What failed where.
pub(super) struct Scene<'s> {
    pub(super) file: FileId,
    /// The text the grammar saw: the whole file.
    pub(super) text: &'s str,
    /// Where the piece begins and ends.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) brackets: &'s [Bracket],
}

impl Scene<'_> {
    fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

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
            return Some(finding.edit(found, "==", "比较用“==”", "compare with `==`"));
        }
        None
    }

    /// A word close to one that would have been right here, or a word of another language.
    fn misspelled(&self, found: Span, before: Option<Span>, failure: &Failure) -> Option<Finding> {
        let found_word = self.word(found);
        if let Some(word) = found_word
            && let Some(meant) = nearest(word, legal_words(failure))
        {
            let finding = self.expectation(found, failure).edit(
                found,
                meant,
                format!("是否想写“{meant}”？"),
                format!("did you mean `{meant}`?"),
            );
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
            let foreign = FOREIGN.iter().find(|(foreign, _)| *foreign == word);
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
            if let Some((_, instead)) = foreign {
                finding = finding.help(instead.zh, instead.en);
            } else if let Some(meant) = meant {
                finding = finding.edit(span, meant, format!("是否想写“{meant}”？"), format!("did you mean `{meant}`?"));
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
        for wanted in best {
            if said.len() < 3 && !said.iter().any(|said| said.en == wanted.words.en) {
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
        let (zh, en) = match self.separator(at.start, failure) {
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

    /// The first token of something that should be an item.
    pub(super) fn not_an_item(&self, found: Span) -> Finding {
        let mut finding =
            Finding::error(source::NOT_AN_ITEM, self.place(found)).fact("found", Fact::Said(self.shown(found)));
        if let Some(word) = self.word(found) {
            let candidates = words::ITEM_WORDS.into_iter().chain(["pub", "import", "edition"]);
            if let Some((_, instead)) = FOREIGN.iter().find(|(foreign, _)| *foreign == word) {
                finding = finding.help(instead.zh, instead.en);
            } else if let Some(meant) = nearest(word, candidates) {
                finding =
                    finding.edit(found, meant, format!("是否想写“{meant}”？"), format!("did you mean `{meant}`?"));
            } else if words::STATEMENT_WORDS.contains(&word) || word == "match" {
                finding = finding.label("语句只能写在 flow 或 test 里", "statements stand in a `flow` or a `test`");
            }
        }
        finding
    }

    // ── Tokens around the place ──

    fn shown(&self, at: Span) -> Said {
        let text = self.slice(at);
        if text.is_empty() {
            return Said::new("此项的结尾", "the end of the item");
        }
        let text: String =
            if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text.to_owned() };
        Said::new(text.clone(), text)
    }

    fn word(&self, span: Span) -> Option<&str> {
        let text = self.slice(span);
        let first = text.chars().next()?;
        (first == '_' || unicode_ident::is_xid_start(first)).then_some(text)
    }

    fn breaks(&self, from: usize, to: usize) -> bool {
        self.text.get(from..to).is_some_and(|between| between.contains('\n'))
    }

    fn line_before(&self, at: usize) -> &str {
        let before = self.text.get(self.start..at).unwrap_or_default();
        before.get(before.rfind('\n').map_or(0, |newline| newline + 1)..).unwrap_or_default()
    }

    fn innermost(&self, at: u32) -> Option<Bracket> {
        let mut open: Vec<Bracket> = Vec::new();
        for bracket in self.brackets.iter().take_while(|bracket| bracket.at < at) {
            if matches!(bracket.sign, b'(' | b'[' | b'{') {
                open.push(*bracket);
            } else {
                open.pop();
            }
        }
        open.pop()
    }

    fn begins_value(&self, found: Span) -> bool {
        self.word(found).is_some_and(|word| {
            !words::is_reserved(word) || matches!(word, "if" | "match" | "not" | "true" | "false" | "none")
        })
    }

    /// The token at or behind a byte, within the piece.
    pub(super) fn token(&self, at: usize) -> Span {
        let mut start = at;
        // The grammar may have stopped within a word.
        let before = self.text.get(self.start..at).unwrap_or_default();
        let inside =
            self.text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(unicode_ident::is_xid_continue);
        if inside {
            start -= before
                .chars()
                .rev()
                .take_while(|sign| unicode_ident::is_xid_continue(*sign))
                .map(char::len_utf8)
                .sum::<usize>();
        }
        start = self.skip_gap(start);
        Span::new(start, start + token_length(self.text.get(start..self.end).unwrap_or_default()))
    }

    fn skip_gap(&self, mut at: usize) -> usize {
        loop {
            let rest = self.text.get(at..self.end).unwrap_or_default();
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return at;
            }
            at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    /// The last token before a byte, within the piece.
    fn token_before(&self, at: usize) -> Option<Span> {
        let mut last = None;
        // From the start of an earlier line, so that comments and strings are read as what they are.
        let mut line = at;
        for _ in 0..64 {
            let before = self.text.get(self.start..line)?;
            let newline =
                before.trim_end_matches('\n').rfind('\n').map_or(self.start, |newline| self.start + newline + 1);
            let mut from = self.skip_gap(newline);
            while from < at {
                let length = token_length(self.text.get(from..self.end).unwrap_or_default());
                if length == 0 || from + length > at {
                    break;
                }
                last = Some(Span::new(from, from + length));
                from = self.skip_gap(from + length);
            }
            if last.is_some() || newline <= self.start {
                return last;
            }
            line = newline;
        }
        last
    }
}

/// Words that would be right where the grammar stopped.
fn legal_words(failure: &Failure) -> Vec<&'static str> {
    let mut legal = Vec::new();
    for rule in &failure.tried {
        match rule {
            Rule::need_item => legal.extend(words::ITEM_WORDS),
            Rule::need_in => legal.push("in"),
            Rule::need_times => legal.push("times"),
            Rule::need_clause => legal.extend(words::CLAUSE_WORDS),
            Rule::need_receipt_line => legal.extend(words::RECEIPT_WORDS),
            Rule::uses => legal.push("uses"),
            Rule::extends => legal.push("extends"),
            Rule::handler => legal.push("on"),
            Rule::retry => legal.push("retry"),
            Rule::every => legal.push("every"),
            Rule::else_branch => legal.push("else"),
            Rule::operator => legal.extend(["and", "or"]),
            Rule::alias => legal.push("as"),
            _ => {}
        }
    }
    legal
}

/// How long the token is that a text begins with.
pub(super) fn token_length(text: &str) -> usize {
    let Some(first) = text.chars().next() else {
        return 0;
    };
    if first == '_' || unicode_ident::is_xid_continue(first) {
        return text.find(|sign: char| !unicode_ident::is_xid_continue(sign)).unwrap_or(text.len());
    }
    if first == '"' {
        let mut escaped = false;
        for (at, sign) in text.char_indices().skip(1) {
            match sign {
                '\n' => return at,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return at + 1,
                _ => {}
            }
        }
        return text.len();
    }
    if ["==", "!=", "<=", ">=", "=>", "->"].iter().any(|sign| text.starts_with(sign)) { 2 } else { first.len_utf8() }
}
