//! Findings and errors made by hand over real source text.

use tillscript::script_error::catalogue::{flow, issuer, network, source, types};
use tillscript::script_error::code::Fact;
use tillscript::script_error::error::{Circumstances, Declined, Frame, Money, ScriptError};
use tillscript::script_error::finding::{Edit, Finding};
use tillscript::script_error::source::{FileId, Place, Source, Sources, Span};
use tillscript::script_error::words::Said;

/// A finding, its file, and the name of its page.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) finding: Finding,
    pub(crate) sources: Sources,
}

/// One file under one name.
pub(crate) fn sources(name: &str, text: &str) -> (Sources, FileId) {
    let mut sources = Sources::default();
    let file = sources.add(Source::new(name, text));
    (sources, file)
}

/// The place of the `nth` occurrence of a piece of the text, from 0.
pub(crate) fn place(text: &str, piece: &str, nth: usize) -> Place {
    let (at, _) = text.match_indices(piece).nth(nth).unwrap_or_else(|| panic!("`{piece}` is not there {nth} times"));
    Place { file: FileId(0), span: Span::new(at, at + piece.len()) }
}

pub(crate) const FULL_WIDTH: &str = "pub flow 消费（金额: Amount） -> Outcome uses host {\n  return cancelled\n}\n";

pub(crate) const SALE: &str = "\
pub flow sale(amount: Amount) -> Outcome uses card, host {
  step \"联机\"
  let request = message 0200 { F4: amount }
  reversible request {
    let reply = host.send(request, within: 60s)
    commit Txn(request: request, reply: reply)
  }
  return done
}
";

pub(crate) const MAIN: &str = "\
import sale

pub flow 开机(amount: Amount) -> Outcome uses card, host {
  step \"首笔\"
  return sale.sale(amount)
}
";

/// The findings whose pages are kept.
pub(crate) fn findings() -> Vec<Sample> {
    vec![
        full_width(),
        misspelt(),
        block_left_open(),
        amounts(),
        match_not_exhaustive(),
        tabs_and_emoji(),
        long_line(),
        end_of_file(),
        far_apart(),
        several_edits(),
    ]
}

fn sample(name: &'static str, file: &str, text: &str, finding: Finding) -> Sample {
    Sample { name, finding, sources: sources(file, text).0 }
}

fn full_width() -> Sample {
    let text = FULL_WIDTH;
    let (open, close) = (place(text, "（", 0), place(text, "）", 0));
    let finding = Finding::error(source::FULL_WIDTH_SIGN, open)
        .text("sign", "（")
        .label("全角括号 U+FF08", "full-width parenthesis U+FF08")
        .also(close, "与之配对的 U+FF09", "and its pair U+FF09")
        .note("字符串与注释里可以用全角符号", "full-width signs are fine inside strings and comments")
        .edits(
            vec![Edit { place: open, replacement: "(".into() }, Edit { place: close, replacement: ")".into() }],
            true,
            "改用半角符号",
            "use the ASCII signs",
        );
    sample("full-width", "sale.till", text, finding)
}

fn misspelt() -> Sample {
    let text = "flow ask_again() -> Outcome uses screen {\n  screen.show(wrong_pin)\n  retrun cancelled\n}\n";
    let finding = Finding::error(source::NOT_A_STATEMENT, place(text, "retrun", 0))
        .text("name", "retrun")
        .label("不是语句", "not a statement")
        .also(
            place(text, "cancelled", 0),
            "这会成为同一行的第二条语句",
            "this would be a second statement on the same line",
        )
        .edit(place(text, "retrun", 0).span, "return", "是否想写“return”？", "did you mean `return`?");
    sample("misspelt", "sale.till", text, finding)
}

fn block_left_open() -> Sample {
    let text = "flow check_serial() -> Outcome uses pinpad, store {\n  if pinpad.serial != store.pinpad_serial {\n    fail SerialMismatch\n  return done\n}\n\nflow sign_in() -> Outcome uses host {\n  return done\n}\n";
    let after = place(text, "fail SerialMismatch", 0).span.end;
    let insert = Place { file: FileId(0), span: Span { start: after, end: after } };
    let finding = Finding::error(source::BLOCK_LEFT_OPEN, place(text, "{", 1))
        .text("sign", "{")
        .label("在此打开", "opened here")
        .also(
            place(text, "return done", 0),
            "从缩进看，代码块应在此行之前结束",
            "indentation suggests the block ends before this line",
        )
        .also(
            place(text, "flow sign_in", 0),
            "代码块未闭合，却在此开始了新的流程",
            "a new flow starts here while the block is still open",
        )
        .note("已按补上括号继续检查其余内容", "checked the rest of the file as if the brace were there")
        .edits(vec![Edit { place: insert, replacement: "\n  }".into() }], true, "补上右括号", "close the block");
    sample("block-left-open", "sign_in.till", text, finding)
}

fn amounts() -> Sample {
    let text = "flow needs_pin(金额: Amount) -> Bool {\n  return 金额 > 1000\n}\n";
    let number = place(text, "1000", 0);
    let insert = Span { start: number.span.end, end: number.span.end };
    let finding = Finding::error(types::NOT_COMPARABLE, number)
        .fact("left", Fact::Said(Said::new("金额", "an Amount")))
        .fact("right", Fact::Said(Said::new("整数", "an Int")))
        .label("这是整数：是 1000 分还是 1000 元？", "this is an Int: 1000 fen, or 1000 yuan?")
        .also(place(text, "金额", 1), "这是金额", "this is an Amount")
        .note("金额必须带币种", "amounts always carry a currency")
        .edit(insert, ".00 CNY", "写明币种", "write the amount with its currency");
    sample("amount-and-number", "sale.till", text, finding)
}

fn match_not_exhaustive() -> Sample {
    let text = "flow finish(reply: Reply) -> Outcome uses screen {\n  match reply.code {\n    accept => return done\n  }\n  return declined(reply.code)\n}\n";
    let finding = Finding::error(flow::MATCH_NOT_EXHAUSTIVE, place(text, "match reply.code", 0))
        .text("missing", "decline, capture, rekey, retry, refer")
        .note(
            "类别 capture（04、07、33、41、43）：必须没收卡片",
            "category `capture` (04, 07, 33, 41, 43): the card must be kept",
        )
        .help("先处理需要动作的两类，再用 other 处理其余", "handle the two categories that need action, then the rest");
    sample("match-not-exhaustive", "sale.till", text, finding)
}

fn tabs_and_emoji() -> Sample {
    let text = "flow f() -> Outcome {\n\tlet 标题 = \"💳 请挥卡 👍\"; // 表\n\treturn done\n}\n";
    let finding = Finding::error(source::STRAY_SIGN, place(text, ";", 0))
        .text("sign", ";")
        .label("语句之间不写分号", "statements need no semicolon")
        .edit(place(text, ";", 0).span, "", "删去", "remove it");
    sample("tabs-and-emoji", "题目.till", text, finding)
}

fn long_line() -> Sample {
    let text = format!("const 说明 = \"{}\" + 错名 + \"{}\"\n", "中文说明很长".repeat(40), "还有更多文字".repeat(40));
    let finding = Finding::error(types::UNKNOWN_NAME, place(&text, "错名", 0))
        .text("name", "错名")
        .label("没有这个名称", "no such name");
    sample("long-line", "long.till", &text, finding)
}

fn end_of_file() -> Sample {
    let text = "flow f() -> Outcome {\n  return done\n";
    let end = Place { file: FileId(0), span: Span::new(text.len(), text.len()) };
    let finding = Finding::error(source::EXPECTED_OTHER, end)
        .text("expected", "`}`")
        .fact("found", Fact::Said(Said::new("文件末尾", "the end of the file")))
        .label("文件在此结束", "the file ends here");
    sample("end-of-file", "open.till", text, finding)
}

fn far_apart() -> Sample {
    let text = format!("const A = 1\n{}const A = 2\n", "// 无关的一行\n".repeat(120));
    let finding = Finding::error(types::DEFINED_TWICE, place(&text, "A", 1))
        .text("name", "A")
        .label("又一次", "again")
        .also(place(&text, "A", 0), "第一次", "first here");
    sample("far-apart", "far.till", &text, finding)
}

fn several_edits() -> Sample {
    let text = "pub flow f() -> Outcome\n  uses card,\n       camera\n{\n  return done\n}\n";
    let at = place(text, ",\n       camera", 0);
    let finding = Finding::warning(flow::USES_UNUSED, place(text, "camera", 0))
        .text("device", "camera")
        .edit(at.span, "", "从 uses 中删去 camera", "remove `camera` from `uses`")
        .help("也可以使用它", "or use it");
    sample("several-lines-removed", "uses.till", text, finding)
}

/// A time-out in `sale`, called from another file.
pub(crate) fn timeout() -> (ScriptError, Sources) {
    let (mut sources, _) = sources("sale.till", SALE);
    let main = sources.add(Source::new("main.till", MAIN));
    let call = place(MAIN, "sale.sale(amount)", 0);
    let error = ScriptError::of(
        network::TIMEOUT,
        vec![
            ("after", Fact::Duration(60_000)),
            ("message", Fact::Mti(200)),
            ("arrived", Fact::Said(Said::new("没有收到任何字节", "not a byte came back"))),
        ],
    )
    .called_from(Frame {
        flow: "sale".into(),
        step: Some("联机".into()),
        place: Some(place(SALE, "host.send(request, within: 60s)", 0)),
        function: 3,
        pc: 41,
        shown: vec![("amount".into(), "100.00 CNY".into()), ("request.F2".into(), "622202******5678".into())],
    })
    .called_from(Frame {
        flow: "开机".into(),
        step: Some("首笔".into()),
        place: Some(Place { file: main, span: call.span }),
        function: 1,
        pc: 9,
        shown: vec![("amount".into(), "100.00 CNY".into())],
    })
    .with_money(Money::ReversalQueued)
    .after_attempts(3)
    .because_of(ScriptError::of(network::LINE_DROPPED, Vec::new()))
    .under(circumstances());
    (error, sources)
}

/// A decline in `sale`.
pub(crate) fn declined() -> (Declined, Sources) {
    let (sources, _) = sources("sale.till", SALE);
    let mut declined = Declined::of(
        "51",
        "decline",
        Said::new("余额不足", "insufficient funds"),
        Some(Said::new("余额不足，请换卡或换付款方式。", "Insufficient funds. Ask for another card.")),
        issuer::DECLINED,
    );
    declined.name = "insufficient_funds".into();
    declined.trace = vec![Frame {
        flow: "sale".into(),
        step: Some("联机".into()),
        place: Some(place(SALE, "commit Txn(request: request, reply: reply)", 0)),
        function: 3,
        pc: 57,
        shown: Vec::new(),
    }];
    declined.circumstances = circumstances();
    (declined, sources)
}

/// The same error as `timeout`, from bytecode whose sources are not at hand.
pub(crate) fn timeout_without_text() -> (ScriptError, Sources) {
    let (error, with_text) = timeout();
    let mut sources = Sources::default();
    for (_, source) in with_text.iter() {
        sources.add(Source::without_text(source.name.clone(), source.line_starts.clone()));
    }
    (error, sources)
}

/// The same error from stripped bytecode.
pub(crate) fn timeout_stripped() -> (ScriptError, Sources) {
    let (mut error, _) = timeout();
    error.trace.iter_mut().for_each(|frame| frame.place = None);
    (error, Sources::default())
}

fn circumstances() -> Circumstances {
    Circumstances { at_ms: 1_787_220_672_345, terminal: "12345678".into(), program: "ab".repeat(32), request: 17 }
}

/// An error a script declared.
pub(crate) fn declared() -> (ScriptError, Sources) {
    let (mut error, sources) = timeout();
    error.code = "E4102".into();
    error.name = "WorkKeyMismatch".into();
    error.title = Said::new("MAK 校验值应为 8CA64D，算得 31F00B", "MAK: expected KCV 8CA64D, computed 31F00B");
    error.facts = vec![("slot".into(), Said::new("MAK", "MAK"))];
    error.cause = None;
    error.money = Money::NotMoved;
    (error, sources)
}

/// More values than fit beside a source line.
pub(crate) fn many_values() -> (ScriptError, Sources) {
    let (mut error, sources) = timeout();
    let shown = (1..=9).map(|number| (format!("request.F{number}"), "abcdefghij".repeat(2)));
    error.trace[0].shown = shown.collect();
    (error, sources)
}
