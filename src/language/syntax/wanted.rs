//! What we call the things the grammar would have taken, and the words of other languages.

use super::grammar::{Failure, Rule};
use super::words;
use crate::script_error::words::Words;

/// Something the grammar would have taken.
pub(super) struct Wanted {
    pub(super) rule: Rule,
    /// Less is more telling; only the most telling are said.
    pub(super) rank: u8,
    pub(super) words: Words,
}

const fn wanted(rule: Rule, rank: u8, zh: &'static str, en: &'static str) -> Wanted {
    Wanted { rule, rank, words: Words { zh, en } }
}

/// What each rule is called. What is not here is never said.
pub(super) const WANTED: &[Wanted] = &[
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
const FOREIGN: &[(&[&str], Words)] = &[
    (
        &["while", "loop"],
        Words {
            zh: "循环都有上限：用 repeat 3 times 或 for x in xs",
            en: "loops are bounded: use `repeat 3 times` or `for x in xs`",
        },
    ),
    (&["switch"], Words { zh: "用 match", en: "use `match`" }),
    (&["case"], Words { zh: "分支写作 模式 => 语句", en: "an arm is written `pattern => statement`" }),
    (&["default"], Words { zh: "其余情况写作 other => …", en: "the rest is written `other => …`" }),
    (&["elif", "elseif"], Words { zh: "用 else if", en: "use `else if`" }),
    (&["function", "func", "def"], Words { zh: "用 flow 或 fn", en: "use `flow` or `fn`" }),
    (
        &["try", "catch"],
        Words {
            zh: "错误在发生处处理：在调用后写 on timeout => …",
            en: "errors are handled where they happen: write `on timeout => …` behind the call",
        },
    ),
    (&["throw", "raise"], Words { zh: "用 fail", en: "use `fail`" }),
    (
        &["continue"],
        Words {
            zh: "没有 continue；用 if 包住其余语句", en: "there is no `continue`; put the rest into an `if`"
        },
    ),
    (&["class"], Words { zh: "用 record 或 type", en: "use `record` or `type`" }),
    (&["struct"], Words { zh: "用 record", en: "use `record`" }),
    (&["enum"], Words { zh: "用 type A = b | c", en: "use `type A = b | c`" }),
];

/// What there is instead of a word of another language.
pub(super) fn instead_of(word: &str) -> Option<Words> {
    FOREIGN.iter().find(|(foreign, _)| foreign.contains(&word)).map(|(_, instead)| *instead)
}

/// Words that would be right where the grammar stopped.
pub(super) fn legal_words(failure: &Failure) -> Vec<&'static str> {
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
