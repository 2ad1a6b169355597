//! Every construct becomes the tree its text says.

use super::outline;
use tillscript::language::syntax::parse::{self, parse};
use tillscript::script_error::source::FileId;

/// Parses a text without a mistake.
fn outlined(text: &str) -> String {
    let parsed = parse(FileId(0), text);
    assert!(parsed.findings.is_empty(), "{text}\n{:#?}", parsed.findings);
    outline::tree(&parsed.tree)
}

fn expression(text: &str) -> String {
    match parse::expression(FileId(0), text) {
        Ok(value) => outline::expression(&value),
        Err(findings) => panic!("{text}: {findings:#?}"),
    }
}

#[test]
fn expressions() {
    let table = [
        ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
        ("a or b and not c == d", "(a or (b and (not (c == d))))"),
        ("not not a", "(not (not a))"),
        ("-a * -b.c", "((- a) * (- b.c))"),
        ("- - 1", "(- (- 1))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("a in [1, 2,] and b != none", "((a in [1, 2]) and (b != none))"),
        ("a / b / c", "((a / b) / c)"),
        ("12.50 CNY", "1250e-2 CNY"),
        ("1000 JPY + 0.05 CNY", "(1000e-0 JPY + 5e-2 CNY)"),
        ("20%", "2000%%"),
        ("0.6%", "60%%"),
        ("60s", "60000ms"),
        ("500ms", "500ms"),
        ("2min", "120000ms"),
        ("1h", "3600000ms"),
        ("0200", "mti 0200"),
        ("200", "200"),
        ("0", "0"),
        ("#9F26", "#9F26"),
        ("x\"69 85\"", "x[69, 85]"),
        ("x\"\"", "x[]"),
        ("true == false", "(true == false)"),
        (r#""卡号 {mask(c.pan)}，\"{f("x")}\"\n\{\}""#, "\"卡号 {mask(c.pan)}，\"{f(\"x\")}\"↵{}\""),
        ("\"\"", "\"\""),
        ("f()", "f()"),
        (
            "card.read(accept: [chip, tap], for: a, match: b, within: 60s)",
            "card.read(accept: [chip, tap], for: a, match: b, within: 60000ms)",
        ),
        ("host.received(0200, F4: 1.00 CNY)", "host.received(mti 0200, F4: 100e-2 CNY)"),
        ("xs[0].if.match", "xs[0].if.match"),
        ("a\n  .b()\n  .c", "a.b().c"),
        ("message 0800 { F11: host.next_stan(), F41: t }", "message 0800 { F11: host.next_stan(), F41: t }"),
        ("message 0400 from m {\n  F38: none\n  F39: \"06\"\n}", "message 0400 from m { F38: none, F39: \"06\" }"),
        ("message.code", "message.code"),
        ("if a { 1 } else if b { 2 } else { 3 }", "if a { 1 } else { if b { 2 } else { 3 } }"),
        (
            "match e {\n  -5 => 3\n  chip, tap => 1\n  some x => x\n  none => 0\n  approved(t) => t.n\n  \"51\" => 2\n  0200 => 4\n  1.00 CNY => 5\n  true => 6\n  other y => {}\n}",
            "match e { =(- 5) => 3; chip, tap => 1; some x => x; none => 0; approved(t) => t.n; =\"51\" => 2; =mti 0200 => 4; =100e-2 CNY => 5; =true => 6; other y => {  } }",
        ),
        ("ifs + matches + lets + 金额_1", "(((ifs + matches) + lets) + 金额_1)"),
    ];
    for (text, expected) in table {
        assert_eq!(expression(text), expected, "{text}");
    }
}

#[test]
fn statements() {
    let table = [
        ("let x = 1", "let x = 1"),
        ("var pin: PinBlock? = none", "var pin: PinBlock? = none"),
        ("let x: List[receipts.Line]? = y", "let x: List[receipts.Line]? = y"),
        ("x = f()", "x = f()"),
        ("return", "return"),
        ("return failed(NoLine)", "return failed(NoLine)"),
        ("fail SerialMismatch(registered: a)", "fail SerialMismatch(registered: a)"),
        ("step \"读卡\"", "step \"读卡\""),
        ("commit t", "commit t"),
        ("discard", "discard"),
        ("reverse", "reverse"),
        ("break", "break"),
        ("given host.silent(for: 61s)", "given host.silent(for: 61000ms)"),
        ("expect sale(1.00 CNY) == approved", "expect (sale(100e-2 CNY) == approved)"),
        ("repeat n + 1 times { f() }", "repeat (n + 1) times { f() }"),
        ("for x in xs { f(x) }", "for x in xs { f(x) }"),
        ("reversible r { discard }", "reversible r { discard }"),
        (
            "reversible r by message 0400 from r { F39: \"06\" } { reverse }",
            "reversible r by message 0400 from r { F39: \"06\" } { reverse }",
        ),
        ("@allow(T0302)\n  f()", "@allow(T0302) f()"),
        (
            "f()\n  on timeout, cancel => return cancelled\n  on no_line retry 3 every 2s\n  on other e retry 1 => {\n    g(e)\n  }\n  on other => x = 2",
            "f() on timeout, cancel => return cancelled on no_line retry 3 every 2000ms on other e retry 1 => { g(e) } on other => x = 2",
        ),
        ("let x = f() on timeout => g()\n  on no_line => h()", "let x = f() on timeout => g() on no_line => h()"),
        (
            "match a {\n  b => f()\n    on timeout => return\n  @allow(T0302)\n  other => return\n}",
            "match a { b => f() on timeout => return; @allow(T0302) other => return }",
        ),
        ("if a {\n  } // behind\n  else {\n  }", "if a {  } else {  }"),
    ];
    for (text, expected) in table {
        let file = format!("flow f() {{\n  {text}\n}}\n");
        assert_eq!(outlined(&file), format!("flow f() {{ {expected} }}"), "{text}");
    }
}

#[test]
fn items() {
    let table = [
        (
            "edition 1\nimport cn_pos.codes\nimport cn_pos.work_keys as wk\n",
            "edition 1\nimport cn_pos.codes\nimport cn_pos.work_keys as wk",
        ),
        (
            "/// 消费\n///\n/// two\n@every_crash_point\n@allow(T0302, T0304)\npub flow sale(a: Amount, b: Digits(6)?,) -> Outcome\n  uses card, host\n{\n}\n",
            "/// 消费 ///  /// two @every_crash_point @allow(T0302, T0304) pub flow sale(a: Amount, b: Digits(6)?) -> Outcome uses card, host {  }",
        ),
        ("fn with_tip(a: Amount) -> Amount = a + 1.00 CNY\n", "fn with_tip(a: Amount) -> Amount = (a + 100e-2 CNY)"),
        ("const A: Int = 1 // one\nconst B = A\n", "const A: Int = 1\nconst B = A"),
        ("type Answer = yes | no | later(Duration)\n", "type Answer = yes | no | later(Duration)"),
        ("type Answer =\n  | yes\n  | no\n", "type Answer = yes | no"),
        ("record Merchant(number: Text, name: Text)\n", "record Merchant(number: Text, name: Text)"),
        ("text hello { zh \"你好\" en \"Hello\" }\n", "text hello() zh \"你好\" en \"Hello\""),
        ("text void(a: Amount) {\n  en \"Void {a}?\"\n}\n", "text void(a: Amount) en \"Void {a}?\""),
        (
            "error PaperGone E6201 hardware {\n  title zh \"缺纸\" en \"No paper\"\n  cashier zh \"装纸\"\n}\n",
            "error PaperGone() E6201 hardware { title zh \"缺纸\" en \"No paper\" cashier zh \"装纸\" }",
        ),
        (
            "codes cn_pos extends iso1987 {\n  | code | name | zh |\n  | 00 | approved | \"成功\" | // ok\n  | A0 | bad_mac |  |\n}\n",
            "codes cn_pos extends iso1987 [code|name|zh] [00|approved|\"成功\"] [A0|bad_mac|]",
        ),
        (
            "table entry_digits(entry: Entry) -> Digits(2) {\n  | chip | \"05\" |\n  | other | \"00\" |\n}\n",
            "table entry_digits(entry: Entry) -> Digits(2) { chip | \"05\"; other | \"00\" }",
        ),
        (
            "receipt slip(t: Txn) {\n  centre zh \"银联\" en \"UnionPay\"\n  rule\n  row zh \"卡号\" en \"CARD\" = mask(t.pan)\n  if t.tip > 0.00 CNY {\n    line en \"tip\"\n  } else if a {\n    rule\n  } else {\n    space\n  }\n  space\n}\n",
            "receipt slip(t: Txn) { centre zh \"银联\" en \"UnionPay\"; rule; row zh \"卡号\" en \"CARD\" = mask(t.pan); if (t.tip > 0e-2 CNY) { line en \"tip\" } else { if a { rule } else { space } }; space }",
        ),
        ("test \"余额不足\" {\n  given f()\n}\n", "test \"余额不足\" { given f() }"),
        ("@every_crash_point\ntest \"t\" {\n}\n", "@every_crash_point test \"t\" {  }"),
    ];
    for (text, expected) in table {
        assert_eq!(outlined(text), expected, "{text}");
    }
}

#[test]
fn dialects() {
    let text = r#"dialect cn_pos extends iso1987 {
  form bcd
  framing length 2 tpdu x"6000000000" header x"603100311001"
  approved 00 10 11
  mac cup_ecb
  without F5 F6
  fields {
    | field | name | encoding | length | padding |
    | F2 | pan | bcd | LL(19) | none |
  }
  message 0200 for "000000" sale zh "消费" en "Sale" {
    needs F3 F4 may F14
    reply F39
    echoes F3 F11
    match F11 F41
    moves_money
    mac
    wait 60s
  }
  message 0800 sign_in { needs F11 }
  reversal 0400 {
    copies F2 F3
    reason default 06 timeout 98 mac A0
    accepts 00 12 25
  }
}
"#;
    assert_eq!(
        outlined(text),
        "dialect cn_pos extends iso1987 { form bcd; \
         framing Some(2) Some([96, 0, 0, 0, 0]) Some([96, 49, 0, 49, 16, 1]); approved 00 10 11; mac cup_ecb; without F5 F6; \
         fields [field|name|encoding|length|padding] [F2|pan|bcd|LL(19)|none]; \
         message 0200 for Some(\"000000\") sale zh \"消费\" en \"Sale\" needs F3 F4 may F14 reply F39 echoes F3 F11 match F11 F41 \
         moves true mac true wait Some(60000); \
         message 0800 for None sign_in  needs F11 may  reply  echoes  match  moves false mac false wait None; \
         reversal 0400 copies F2 F3 reason default 06 timeout 98 mac A0 accepts 00 12 25 }"
    );
}

#[test]
fn clause_words_are_ordinary_names_elsewhere() {
    let text = "flow form(needs: Int, reply: Reply, wait: Int) {\n  let message = reply\n  let from = wait\n  let times = 1\n  let other = text(form, by: from)\n  repeat times times {\n    retry(every, uses)\n  }\n}\n";
    assert_eq!(
        outlined(text),
        "flow form(needs: Int, reply: Reply, wait: Int) { let message = reply; let from = wait; let times = 1; \
         let other = text(form, by: from); repeat times times { retry(every, uses) } }"
    );
}

#[test]
fn spans_are_the_text_they_stand_for() {
    let text = "flow f() {\n  let x = (a + b).c(1) // note\n  if a {\n  } else if b {\n  }\n}\n// end\n";
    let parsed = parse(FileId(0), text);
    let tillscript::language::syntax::tree::ItemKind::Flow(flow) = &parsed.tree.items[0].kind else { panic!() };
    let shown = |span: tillscript::script_error::source::Span| &text[span.range()];
    assert_eq!(shown(parsed.tree.items[0].span), text.trim_end().trim_end_matches("// end").trim_end());
    assert_eq!(shown(flow.head), "flow f()");
    assert_eq!(shown(flow.body.statements[0].span), "let x = (a + b).c(1)");
    assert_eq!(shown(flow.body.statements[1].span), "if a {\n  } else if b {\n  }");
    let tillscript::language::syntax::tree::StatementKind::Expression { value, .. } = &flow.body.statements[1].kind
    else {
        panic!()
    };
    let tillscript::language::syntax::tree::ExpressionKind::If { otherwise: Some(otherwise), .. } = &value.kind else {
        panic!()
    };
    assert_eq!(shown(otherwise.statements[0].span), "if b {\n  }");
}

#[test]
fn expressions_are_numbered_without_repetition() {
    let text = "const A = 1 + 2\nconst B = [f(x), \"{y}\"]\n";
    let parsed = parse(FileId(0), text);
    // 1, 2, +; x, f, f(x), y, "…", […]
    assert_eq!(parsed.tree.expressions, 9);
}
