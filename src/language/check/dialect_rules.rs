//! The rules of a dialect: what each message needs and brings back, and how a reversal is made.

use crate::language::check::cells::Complaints;
use crate::language::check::dialect::{Draft, response_code, response_codes};
use crate::language::syntax::tree::{
    Bilingual, DialectItem, FieldName, MessageClause, Name, ReversalClause, StringLiteral,
};
use crate::payment::iso8583::dialect::{FieldSet, MessageRule, Mti, ReversalRule};
use crate::payment::iso8583::field::Holds;
use crate::payment::iso8583::pack::MAC_FIELD;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::catalogue::flow;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use crate::script_error::words::Said;

/// The field of the processing code, which tells messages of one type apart.
pub(super) const PROCESSING: u8 = 3;
/// The field of the response code.
const RESPONSE: u8 = 39;
/// How long to wait where a rule does not say.
const WAIT_S: u16 = 60;
/// The longest anybody should stand at a terminal.
const WAIT_S_MAX: i64 = 600;
/// Rules a dialect may have.
const MESSAGES_MAX: usize = 256;

/// The type of a request: four digits, the third one even.
pub(super) fn request_type(text: &str) -> Option<Mti> {
    Mti::parse(text).filter(|mti| mti.0 / 10 % 2 == 0)
}

/// Adds the rules of this dialect to those of its base.
pub(super) fn add_messages(draft: &mut Draft, messages: &[&MessageClause], complaints: &mut Complaints<'_>) {
    if let Some(first) = messages.get(MESSAGES_MAX) {
        complaints.add(
            first.mti.span,
            format!("报文规则最多 {MESSAGES_MAX} 条"),
            format!("a dialect has at most {MESSAGES_MAX} messages"),
        );
    }
    let mut own: Vec<(Mti, Option<String>, Span)> = Vec::new();
    for message in messages.iter().take(MESSAGES_MAX) {
        let Some(mti) = mti(&message.mti, complaints) else {
            continue;
        };
        let processing = message.processing.as_ref().and_then(|text| processing(text, draft, message, complaints));
        if let Some((_, other, at)) =
            own.iter().find(|(known, other, _)| *known == mti && meet(other.as_deref(), processing.as_deref()))
        {
            let (zh, en) = match (other, &processing) {
                (None, None) => (format!("报文 {mti} 写了两次"), format!("message {mti} is there twice")),
                _ => (
                    format!("报文 {mti} 的两条规则对同一处理码都成立"),
                    format!("two rules of message {mti} fit the same processing code"),
                ),
            };
            let finding =
                complaints.detail(message.mti.span, zh, en).also(complaints.place(*at), "另一条在此", "the other one");
            complaints.push(finding);
            continue;
        }
        let same_name = draft.dialect.messages.iter().find(|rule| rule.name == message.name.text.as_str());
        if let Some(rule) = same_name {
            complaints.add(
                message.name.span,
                format!("名称 {} 已属于报文 {}", message.name.text, rule.mti),
                format!("the name `{}` is that of message {} already", message.name.text, rule.mti),
            );
        }
        own.push((mti, processing.clone(), message.mti.span));
        let rule = rule(draft, mti, processing, message, complaints);
        draft.dialect.messages.push(rule);
    }
}

/// Could one processing code fit both?
fn meet(left: Option<&str>, right: Option<&str>) -> bool {
    match (left, right) {
        (None, None) => true,
        (Some(left), Some(right)) => left.starts_with(right) || right.starts_with(left),
        _ => false,
    }
}

fn rule(
    draft: &Draft,
    mti: Mti,
    processing: Option<String>,
    message: &MessageClause,
    complaints: &mut Complaints<'_>,
) -> MessageRule {
    let (zh, en) = both(&message.words, &message.name, complaints);
    let needed = fields(&message.needs, draft, complaints);
    let optional = fields(&message.may, draft, complaints);
    let mut reply_needed = fields(&message.reply, draft, complaints);
    let echoed = fields(&message.echoes, draft, complaints);
    let match_key = fields(&message.match_key, draft, complaints);
    for name in &message.match_key {
        // What a request may leave out tells its reply apart all the same: the reply has it then, or neither has it. Where
        // money moves nothing is left to chance.
        let in_request = needed.contains(name.number) || !message.moves_money && optional.contains(name.number);
        let in_reply = reply_needed.contains(name.number) || echoed.contains(name.number);
        if match_key.contains(name.number) && !(in_request && in_reply) {
            let (zh, en) = if in_request { ("reply 或 echoes", "`reply` or `echoes`") } else { ("needs", "`needs`") };
            complaints.add(
                name.span,
                format!("F{} 用来匹配应答，却不在 {zh} 中", name.number),
                format!("F{} matches the reply to its request, but is not in {en}", name.number),
            );
        }
    }
    for name in &message.echoes {
        let number = name.number;
        if echoed.contains(number) && !needed.contains(number) && !optional.contains(number) {
            complaints.add(
                name.span,
                format!("请求不带 F{number}，无从原样带回"),
                format!("the request has no F{number} that could come back"),
            );
        }
    }
    if message.mac && draft.dialect.mac.is_none() {
        complaints.add(
            message.mti.span,
            "此报文要带 MAC，方言却没有 mac 行说明算法",
            "this message carries a MAC, but the dialect has no `mac` line with the algorithm",
        );
    }
    reply_needed.0 |= match_key.0 & needed.0;
    MessageRule {
        mti,
        processing,
        name: message.name.text.to_string(),
        zh,
        en,
        needed,
        optional,
        reply_needed,
        echoed,
        match_key,
        moves_money: message.moves_money,
        mac: message.mac,
        wait_s: wait(message, complaints),
    }
}

fn mti(name: &Name, complaints: &mut Complaints<'_>) -> Option<Mti> {
    let mti = request_type(&name.text);
    if mti.is_none() {
        complaints.add(
            name.span,
            format!("“{}”不是请求的报文类型：四位数字，第三位为偶数", name.text),
            format!("`{}` is no request: four digits, the third one even", name.text),
        );
    }
    mti
}

fn processing(
    literal: &StringLiteral,
    draft: &Draft,
    message: &MessageClause,
    complaints: &mut Complaints<'_>,
) -> Option<String> {
    let text = literal.plain().unwrap_or_default();
    if !(1..=6).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        complaints.add(literal.span, "处理码的开头是 1 至 6 位数字", "a processing code begins with one to six digits");
        return None;
    }
    let needs_it = message.needs.iter().any(|name| name.number == PROCESSING);
    if !needs_it && draft.knows(PROCESSING) {
        complaints.add(
            literal.span,
            "按处理码区分的报文，needs 中须有 F3",
            "a message told by its processing code has F3 in `needs`",
        );
    }
    Some(text.to_owned())
}

/// The names in both languages; a missing one is reported.
fn both(words: &Bilingual, name: &Name, complaints: &mut Complaints<'_>) -> (String, String) {
    let mut one = |literal: &Option<StringLiteral>, language: &'static str| match literal {
        None => {
            let finding = Finding::error(flow::LANGUAGE_MISSING, complaints.place(name.span))
                .text("language", language)
                .text("name", name.text.as_str());
            complaints.push(finding);
            String::new()
        }
        Some(literal) => match literal.plain() {
            Some(text) => text.to_owned(),
            None => {
                complaints.add(literal.span, "报文的名称里不能有 { }", "the name of a message holds no `{ }`");
                String::new()
            }
        },
    };
    (one(&words.zh, "zh"), one(&words.en, "en"))
}

/// A list of fields; those that the dialect does not have are reported and left out.
fn fields(names: &[FieldName], draft: &Draft, complaints: &mut Complaints<'_>) -> FieldSet {
    let mut set = FieldSet::default();
    for name in names {
        let number = name.number;
        let field = draft.dialect.field(number);
        if field.is_some_and(|field| field.holds == Holds::Mac) {
            complaints.add(
                name.span,
                format!("F{number} 是 MAC，由密码键盘加上；规则里写 mac"),
                format!("F{number} is the MAC, which the PIN pad adds; write `mac` in the rule"),
            );
        } else if !draft.knows(number) {
            complaints.add(name.span, format!("没有 F{number}"), format!("there is no F{number}"));
        } else if number > 127 {
            complaints.add(
                name.span,
                format!("规则只到 F127，不能写 F{number}"),
                format!("rules reach to F127, not to F{number}"),
            );
        } else {
            set.insert(number);
        }
    }
    set
}

fn wait(message: &MessageClause, complaints: &mut Complaints<'_>) -> u16 {
    let Some(ms) = message.wait_ms else {
        return WAIT_S;
    };
    if ms % 1000 == 0 && (1..=WAIT_S_MAX).contains(&(ms / 1000)) {
        return (ms / 1000) as u16;
    }
    complaints.add(
        message.mti.span,
        format!("wait 须为 1 至 {WAIT_S_MAX} 的整秒数"),
        format!("`wait` is whole seconds, 1 to {WAIT_S_MAX}"),
    );
    WAIT_S
}

/// Takes over the reversal of this dialect, if it has one of its own.
pub(super) fn add_reversal(draft: &mut Draft, clause: Option<&ReversalClause>, complaints: &mut Complaints<'_>) {
    let Some(clause) = clause else {
        return;
    };
    let Some(mti) = mti(&clause.mti, complaints) else {
        return;
    };
    let mut reasons: [Option<ResponseCode>; 3] = [None; 3];
    const EXITS: [&str; 3] = ["default", "timeout", "mac"];
    for (exit, code) in &clause.reasons {
        let code = response_code(code, complaints);
        match EXITS.iter().position(|word| *word == exit.text) {
            Some(at) => {
                if let Some(slot) = reasons.get_mut(at) {
                    *slot = slot.or(code);
                }
            }
            None => {
                let what = Said::new("冲正原因", "reason");
                complaints.unknown_word(&exit.text, exit.span, what, EXITS.into_iter());
            }
        }
    }
    let [default, timeout, mac] = reasons;
    let has_default = clause.reasons.iter().any(|(exit, _)| exit.text == "default");
    if !has_default {
        complaints.add(clause.mti.span, "冲正须有 reason default", "a reversal needs `reason default`");
    }
    let accepted = response_codes(&clause.accepts, complaints);
    if clause.accepts.is_empty() {
        complaints.add(
            clause.mti.span,
            "冲正须有 accepts：哪些应答码算冲正成功",
            "a reversal needs `accepts`: the codes that close it",
        );
    }
    if !draft.knows(RESPONSE) {
        complaints.add(
            clause.mti.span,
            "冲正原因放在 F39，方言却没有 F39",
            "the reason of a reversal stands in F39, which this dialect does not have",
        );
    }
    let copied = fields(&clause.copies, draft, complaints);
    let reason_default = default.unwrap_or(ResponseCode(*b"06"));
    draft.dialect.reversal = Some(ReversalRule {
        mti,
        copied,
        reason_default,
        reason_timeout: timeout.unwrap_or(reason_default),
        reason_mac: mac.unwrap_or(reason_default),
        accepted,
    });
}

/// Do the parts of the finished dialect fit together? Each of these mistakes would leave money in the air.
pub(super) fn agree(draft: &Draft, item: &DialectItem, messages: &[&MessageClause], complaints: &mut Complaints<'_>) {
    let dialect = &draft.dialect;
    if draft.is_open() {
        return;
    }
    if let Some(message) = messages.iter().find(|message| message.moves_money) {
        if dialect.approved.is_empty() {
            complaints.add(
                message.mti.span,
                "此报文动账，方言却没有 approved：批准也会被当作拒绝",
                "this message moves money, but the dialect has no `approved`: an approval would count as a decline",
            );
        }
        if dialect.reversal.is_none() {
            complaints.add(
                message.mti.span,
                "此报文动账，方言却没有 reversal：无法冲正",
                "this message moves money, but the dialect has no `reversal`: it could never be taken back",
            );
        }
    }
    if let Some(reversal) = &dialect.reversal
        && dialect.rule(reversal.mti, None).is_none()
        && !messages.iter().any(|message| request_type(&message.mti.text) == Some(reversal.mti))
    {
        complaints.add(
            item.name.span,
            format!("冲正用报文 {}，却没有它的 message 规则", reversal.mti),
            format!("reversals are message {}, which has no `message` rule", reversal.mti),
        );
    }
    let has_mac_field = dialect.field(MAC_FIELD).is_some_and(|field| field.holds == Holds::Mac);
    if dialect.mac.is_some() && !has_mac_field && messages.iter().any(|message| message.mac) {
        complaints.add(
            item.name.span,
            "有报文要带 MAC，域表却没有 holds 为 mac 的域",
            "messages carry a MAC, but no field of the table holds `mac`",
        );
    }
}
