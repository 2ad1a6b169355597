//! A dialect whose every row is right and that still cannot work: replies nobody could match, reversals nobody could find.

use crate::language::check::cells::Complaints;
use crate::language::check::dialect::Draft;
use crate::language::check::dialect_rules::request_type;
use crate::language::syntax::tree::{DialectClause, DialectItem, FieldName, MessageClause, Name, ReversalClause};
use crate::payment::iso8583::dialect::{Dialect, FieldSet, MessageRule};
use crate::payment::iso8583::field::{Field, Holds};
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::Span;

/// The field of the response code.
const RESPONSE: u8 = 39;

/// Looks at a dialect in which nothing else is wrong.
pub(super) fn check(
    draft: &Draft,
    item: &DialectItem,
    messages: &[&MessageClause],
    reversal: Option<&ReversalClause>,
    complaints: &mut Complaints<'_>,
) {
    if draft.is_open() || !complaints.are_none() {
        return;
    }
    let dialect = &draft.dialect;
    for message in messages {
        once(message, complaints);
        answered(dialect, message, complaints);
        covered(dialect, message, complaints);
    }
    for clause in &item.clauses {
        if let DialectClause::Approved(codes) = clause {
            codes_once(codes, complaints);
        }
    }
    if let Some(reversal) = reversal {
        exits_once(reversal, complaints);
        codes_once(&reversal.accepts, complaints);
        copies(dialect, reversal, complaints);
    }
    reversal_complete(dialect, messages, reversal, complaints);
}

/// The number of the field that holds this.
fn holding(dialect: &Dialect, holds: Holds) -> Option<u8> {
    dialect.fields.iter().find(|field| field.holds == holds).map(|field| field.number)
}

/// No field twice in a list, and none both needed and optional.
fn once(message: &MessageClause, complaints: &mut Complaints<'_>) {
    let lists = [&message.needs, &message.may, &message.reply, &message.echoes, &message.match_key];
    for list in lists {
        fields_once(list, complaints);
    }
    for name in &message.may {
        let Some(needed) = message.needs.iter().find(|needed| needed.number == name.number) else {
            continue;
        };
        let number = name.number;
        let finding = complaints
            .detail(name.span, format!("F{number} 既是必备又是可选"), format!("F{number} is both needed and optional"))
            .also(complaints.place(needed.span), "在此列为必备", "needed here");
        complaints.push(without(finding, before(&message.may, name.span), name.span));
    }
}

fn fields_once(list: &[FieldName], complaints: &mut Complaints<'_>) {
    let mut seen: Vec<&FieldName> = Vec::new();
    for name in list {
        match seen.iter().find(|first| first.number == name.number) {
            Some(first) => {
                let number = name.number;
                let finding = complaints
                    .detail(name.span, format!("F{number} 写了两次"), format!("F{number} is there twice"))
                    .also(complaints.place(first.span), "第一次在此", "the first one");
                complaints.push(without(finding, before(list, name.span), name.span));
            }
            None => seen.push(name),
        }
    }
}

fn codes_once(codes: &[Name], complaints: &mut Complaints<'_>) {
    let mut seen: Vec<&Name> = Vec::new();
    for (at, code) in codes.iter().enumerate() {
        match seen.iter().find(|first| first.text == code.text) {
            Some(first) => {
                let finding = complaints
                    .detail(
                        code.span,
                        format!("应答码 {} 写了两次", code.text),
                        format!("the code {} is there twice", code.text),
                    )
                    .also(complaints.place(first.span), "第一次在此", "the first one");
                let before = at.checked_sub(1).and_then(|at| codes.get(at)).map(|code| code.span);
                complaints.push(without(finding, before, code.span));
            }
            None => seen.push(code),
        }
    }
}

/// Removes a word of a list with the space in front of it; words of one list are never at the start of a line's text.
fn without(finding: Finding, before: Option<Span>, span: Span) -> Finding {
    let start = before.map_or(span.start, |before| before.end);
    finding.edit(Span { start, end: span.end }, "", "删去这一个", "remove this one")
}

/// The word in front of one of a list.
fn before(list: &[FieldName], span: Span) -> Option<Span> {
    let at = list.iter().position(|name| name.span == span)?;
    list.get(at.checked_sub(1)?).map(|name| name.span)
}

/// Can a reply be told from any other, and an approval from a decline?
fn answered(dialect: &Dialect, message: &MessageClause, complaints: &mut Complaints<'_>) {
    let at = message.mti.span;
    let has = |list: &[FieldName], number: u8| list.iter().any(|name| name.number == number);
    if message.match_key.is_empty() {
        let finding = complaints
            .detail(
                at,
                format!("报文 {} 没有 match：任何一条应答都会被当作它的", message.mti.text),
                format!("message {} has no `match`: any reply would be taken for its own", message.mti.text),
            )
            .help("加上 match F11 F41", "add `match F11 F41`");
        complaints.push(finding);
        return;
    }
    if !message.moves_money {
        return;
    }
    if let Some(stan) = holding(dialect, Holds::Stan)
        && !has(&message.match_key, stan)
    {
        let first = message.match_key.first().map_or(at, |name| name.span);
        let last = message.match_key.last().map_or(at, |name| name.span);
        let finding = complaints
            .detail(
                first.to(last),
                format!("此报文动账，match 却没有流水号 F{stan}：分不清是哪一笔的应答"),
                format!("this message moves money, but `match` lacks the trace number F{stan}: nobody could tell which transaction is answered"),
            )
            .edit(Span { start: last.end, end: last.end }, format!(" F{stan}"), format!("在 match 中加上 F{stan}"), format!("add F{stan} to `match`"))
            .by_hand();
        complaints.push(finding);
    }
    if dialect.field(RESPONSE).is_some() && !has(&message.reply, RESPONSE) {
        let finding = complaints
            .detail(
                at,
                "此报文动账，reply 却没有 F39：看不出是否批准",
                "this message moves money, but `reply` lacks F39: nobody could tell whether it was approved",
            )
            .help("在 reply 中加上 F39", "add F39 to `reply`");
        complaints.push(finding);
    }
    let carries = |field: &Field| field.holds == Holds::Amount && has(&message.needs, field.number);
    if let Some(amount) = holding(dialect, Holds::Amount)
        && !dialect.fields.iter().any(carries)
    {
        let finding = complaints
            .detail(
                at,
                format!("此报文动账，needs 却没有金额 F{amount}"),
                format!("this message moves money, but `needs` lacks the amount F{amount}"),
            )
            .help(format!("在 needs 中加上 F{amount}"), format!("add F{amount} to `needs`"));
        complaints.push(doubtful(finding));
    }
}

/// A host of its own kind may do without; most do not.
fn doubtful(finding: Finding) -> Finding {
    Finding { severity: Severity::Warning, ..finding }
}

/// The MAC covers what stands in front of it, so nothing may stand behind.
fn covered(dialect: &Dialect, message: &MessageClause, complaints: &mut Complaints<'_>) {
    let Some(mac) = holding(dialect, Holds::Mac).filter(|_| message.mac) else {
        return;
    };
    let behind = message.needs.iter().chain(&message.may).find(|name| name.number > mac);
    if let Some(name) = behind {
        let number = name.number;
        let finding = complaints
            .detail(
                name.span,
                format!("F{number} 在 MAC（F{mac}）之后，MAC 管不到它"),
                format!("F{number} stands behind the MAC (F{mac}), which does not cover it"),
            )
            .note(
                "MAC 从报文类型算到它前一个域；其后的域在途中被改，没有人看得出",
                "the MAC is computed from the message type to the field before it; what comes after could be changed on the way unnoticed",
            );
        let list =
            if message.needs.iter().any(|needed| needed.span == name.span) { &message.needs } else { &message.may };
        complaints.push(without(finding, before(list, name.span), name.span));
    }
}

fn exits_once(reversal: &ReversalClause, complaints: &mut Complaints<'_>) {
    let mut seen: Vec<&Name> = Vec::new();
    for (exit, _) in &reversal.reasons {
        match seen.iter().find(|first| first.text == exit.text) {
            Some(first) => {
                let finding = complaints
                    .detail(
                        exit.span,
                        format!("冲正原因 {} 写了两次", exit.text),
                        format!("the reason for `{}` is there twice", exit.text),
                    )
                    .also(complaints.place(first.span), "第一次在此，以它为准", "the first one, which counts");
                complaints.push(finding);
            }
            None => seen.push(exit),
        }
    }
}

/// What a reversal copies: all by which the host finds the original, nothing that must not be kept.
fn copies(dialect: &Dialect, reversal: &ReversalClause, complaints: &mut Complaints<'_>) {
    fields_once(&reversal.copies, complaints);
    let copied = |number: u8| reversal.copies.iter().any(|name| name.number == number);
    let money: Vec<&MessageRule> = dialect.messages.iter().filter(|rule| rule.moves_money).collect();
    let carried = FieldSet(money.iter().map(|rule| rule.needed.0 | rule.optional.0).fold(0, |all, one| all | one));
    for (holds, zh, en) in [(Holds::Stan, "流水号", "trace number"), (Holds::Amount, "金额", "amount")] {
        let Some(number) = holding(dialect, holds) else {
            continue;
        };
        if money.iter().any(|rule| rule.needed.contains(number)) && !copied(number) {
            let end = reversal.copies.last().map(|name| name.span.end);
            let finding = complaints.detail(
                reversal.mti.span,
                format!("copies 没有{zh} F{number}：主机找不到原交易"),
                format!("`copies` lacks the {en} F{number}: a host would not find the original"),
            );
            complaints.push(match end {
                Some(end) => finding
                    .edit(
                        Span { start: end, end },
                        format!(" F{number}"),
                        format!("在 copies 中加上 F{number}"),
                        format!("add F{number} to `copies`"),
                    )
                    .by_hand(),
                None => finding.help(format!("加上 copies F{number}"), format!("add `copies F{number}`")),
            });
        }
    }
    for name in &reversal.copies {
        let number = name.number;
        let secret = dialect.field(number).is_some_and(|field| matches!(field.holds, Holds::Track | Holds::PinBlock));
        if secret {
            let finding = complaints
                .detail(
                    name.span,
                    format!("冲正不能复制 F{number}：磁道与 PIN 密文不得留存"),
                    format!("a reversal cannot copy F{number}: tracks and PIN blocks may not be kept"),
                )
                .note(
                    "冲正先落盘再发送；PCI DSS 不许在授权之后保存磁道与 PIN 块",
                    "a reversal is written to disk before it is sent; PCI DSS forbids keeping tracks and PIN blocks after authorisation",
                );
            complaints.push(without(finding, before(&reversal.copies, name.span), name.span));
        } else if !money.is_empty() && !carried.contains(number) {
            let finding = complaints.detail(
                name.span,
                format!("动账的报文都不带 F{number}，冲正无从复制"),
                format!("no message that moves money carries F{number}, so there is nothing to copy"),
            );
            complaints.push(without(finding, before(&reversal.copies, name.span), name.span));
        }
    }
    let closes = |code: &Name| dialect.approved.iter().any(|approved| approved.to_string() == code.text.as_str());
    if !dialect.approved.is_empty() && !reversal.accepts.iter().any(closes) {
        let first = reversal.accepts.first().map_or(reversal.mti.span, |code| code.span);
        let last = reversal.accepts.last().map_or(first, |code| code.span);
        complaints.add(
            first.to(last),
            "accepts 中没有一个批准码：冲正被主机接受了，终端还会一直重发",
            "`accepts` has none of the approved codes: a reversal that the host took would be sent again and again",
        );
    }
}

/// What a reversal carries has to be what its message needs and may carry. Looked at where this dialect changes either.
fn reversal_complete(
    dialect: &Dialect,
    messages: &[&MessageClause],
    clause: Option<&ReversalClause>,
    complaints: &mut Complaints<'_>,
) {
    let Some(reversal) = &dialect.reversal else {
        return;
    };
    let own = messages.iter().find(|message| request_type(&message.mti.text) == Some(reversal.mti));
    let Some(rule) = dialect.rule(reversal.mti, None).filter(|_| own.is_some() || clause.is_some()) else {
        return;
    };
    if let Some(own) = own.filter(|own| own.moves_money) {
        complaints.add(
            own.mti.span,
            format!("报文 {} 是冲正，不能写 moves_money：冲正没有冲正", reversal.mti),
            format!(
                "message {} is the reversal and cannot say `moves_money`: reversals have no reversal",
                reversal.mti
            ),
        );
    }
    let lacks = FieldSet(rule.needed.0 & !reversal.copied.0);
    for number in lacks.iter().filter(|number| *number != RESPONSE) {
        let named = own.and_then(|own| own.needs.iter().find(|name| name.number == number)).map(|name| name.span);
        let at = named.or(clause.map(|clause| clause.mti.span));
        let Some(at) = at else { continue };
        let finding = complaints.detail(
            at,
            format!("报文 {} 必备 F{number}，冲正却不复制它：自动冲正组不成", reversal.mti),
            format!("message {} needs F{number}, but the reversal does not copy it: none could be made", reversal.mti),
        );
        let finding = match clause.filter(|_| named.is_some()) {
            Some(clause) => finding.also(complaints.place(clause.mti.span), "copies 没有它", "`copies` lacks it"),
            None => finding,
        };
        complaints.push(match clause.and_then(|clause| clause.copies.last()) {
            Some(last) => {
                let end = last.span.end;
                finding
                    .edit(
                        Span { start: end, end },
                        format!(" F{number}"),
                        format!("在 copies 中加上 F{number}"),
                        format!("add F{number} to `copies`"),
                    )
                    .by_hand()
            }
            None => finding.help(
                format!("在 reversal 的 copies 中加上 F{number}"),
                format!("add F{number} to `copies` of the reversal"),
            ),
        });
    }
    let Some(clause) = clause else { return };
    let money = dialect.messages.iter().filter(|rule| rule.moves_money);
    let money = money.map(|rule| FieldSet(rule.needed.0 | rule.optional.0)).reduce(|all, one| FieldSet(all.0 | one.0));
    for name in &clause.copies {
        let number = name.number;
        // What no request has was reported above.
        if money.is_some_and(|money| !money.contains(number)) {
            continue;
        }
        let carried = rule.needed.contains(number) || rule.optional.contains(number);
        let kept = dialect.field(number).is_some_and(|field| !matches!(field.holds, Holds::Track | Holds::PinBlock));
        if !carried && kept {
            let finding = complaints.detail(
                name.span,
                format!("报文 {} 不带 F{number}，冲正却要复制它", reversal.mti),
                format!("message {} does not carry F{number}, but the reversal copies it", reversal.mti),
            );
            let finding = match own {
                Some(own) => finding.also(complaints.place(own.mti.span), "它的规则在此", "its rule is here"),
                None => finding,
            };
            complaints.push(without(finding, before(&clause.copies, name.span), name.span));
        }
    }
}
