//! The path proof against the machine: what the checker lets pass is run in a world where everything goes wrong.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build_text, flow};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::world::dialect_of;
use tillscript::script_error::error::Money;
use tillscript::script_error::finding::{Finding, Severity};
use tillscript::world::fault;
use tillscript::world::simulation::{Setup, Simulation};

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const HEAD: &str = r#"import cn_pos.dialect
import cn_pos.codes
import cn_pos.numbers

receipt slip() {
  rule
}

error Refused E4201 issuer {
  cashier
    zh "主机拒绝。"
    en "The host refused."
  cardholder
    zh "请换一张卡。"
    en "Please use another card."
  support
    zh "主机拒绝。"
    en "The host refused."
}

flow ask(m: Message) -> Reply uses host {
  return host.send(m, within: 60s)
}

flow ask_through(number: Int, request: Message) -> Reply uses host {
  step "{number}"
  let reply = ask(request)
    on no_line retry 1
  return reply
}

flow ask_quietly(m: Message) -> Reply? uses host {
  let reply = ask(m)
    on timeout, line_dropped => return none
  return reply
}

flow ask_offline(m: Message) -> Reply? uses host {
  let reply = ask(m)
    on no_line => return none
  return reply
}

flow ask_and_judge(m: Message) -> Reply uses host {
  let reply = host.send(m, within: 60s)
  match reply.code {
    accept => return reply
    decline, capture, rekey, retry, refer => fail Refused
  }
}

flow ask_twice(m: Message) -> Reply uses host {
  let reply = ask(m)
    on timeout => return ask(m)
  return reply
}

flow ask_in_vain(m: Message) uses host {
  let reply = host.send(m, within: 60s)
    on timeout => return
  step "{reply.code}"
}

pub flow f(amount: Amount) -> Outcome
  uses card, host, pinpad, printer, store
{
  let c = card.read(accept: [chip, tap, stripe], amount: amount, within: 60s)
  let pin = pinpad.enter_pin(for: c.pan, digits: 6, within: 60s)
  let m = message 0200 {
    F2: c.pan
    F3: "000000"
    F4: amount
    F11: host.next_stan()
    F14: c.expiry
    F22: numbers.entry_mode(c.entry, true)
    F23: c.sequence
    F25: "00"
    F26: numbers.pin_length(true)
    F35: c.track2
    F41: store.terminal_id
    F42: store.merchant_id
    F49: amount.currency_number
    F52: pin
    F53: numbers.pin_security(true)
    F55: c.tags
    F60: "22{store.batch_no}000"
  }
"#;

/// Writes statements at random; most programs are wrong, and enough are right.
struct Author {
    dice: Dice,
    text: String,
    /// May it write `reverse`? Without that word, a run that reverses without an error has left undecided.
    reverses: bool,
    replied: bool,
    loops: usize,
}

impl Author {
    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{}{line}", "  ".repeat(depth));
    }

    fn decision(&mut self) -> &'static str {
        match self.dice.roll(if self.reverses { 4 } else { 3 }) {
            0 if self.replied => "commit Txn(kind: sale, amount: amount, request: m, reply: reply)",
            3 => "reverse",
            _ => "discard",
        }
    }

    fn block(&mut self, depth: usize, statements: u64) {
        for _ in 0..statements {
            self.statement(depth);
        }
    }

    fn way_out(&mut self, depth: usize) {
        match self.dice.roll(4) {
            0 => self.line(depth, "return cancelled"),
            1 => self.line(depth, "fail Timeout"),
            _ => self.line(depth, "return done"),
        }
    }

    fn decided(&mut self, depth: usize) {
        let decision = self.decision();
        self.line(depth, decision);
        if self.dice.roll(2) == 0 {
            self.way_out(depth);
        }
    }

    fn statement(&mut self, depth: usize) {
        match self.dice.roll(11) {
            0 | 1 => self.decided(depth),
            2 => self.line(depth, "step \"x\""),
            3 if depth < 6 => {
                let condition = ["store.signed_in", "amount > 1.00 CNY", "not store.signed_in"];
                let at = self.dice.roll(3) as usize;
                self.line(depth, &format!("if {} {{", condition[at]));
                let statements = self.dice.roll(3);
                self.block(depth + 1, statements);
                if self.dice.roll(2) == 0 {
                    self.line(depth, "} else {");
                    let statements = self.dice.roll(3);
                    self.block(depth + 1, statements);
                }
                self.line(depth, "}");
            }
            4 | 5 if self.replied && depth < 6 => self.verdict(depth),
            6 if self.replied && depth < 6 => {
                let conditions = [
                    "reply.code == approved",
                    "reply.code != approved",
                    "reply.code in [\"00\", \"10\", \"11\", \"A2\", \"A4\", \"A5\", \"A6\"]",
                    "reply.code == insufficient_funds",
                    "not (reply.code == approved or reply.code == partly_approved)",
                ];
                let at = self.dice.roll(5) as usize;
                self.line(depth, &format!("if {} {{", conditions[at]));
                self.decided(depth + 1);
                self.line(depth, "} else {");
                self.decided(depth + 1);
                self.line(depth, "}");
            }
            7 if depth < 5 => {
                let turns = 1 + self.dice.roll(2);
                self.line(depth, &format!("repeat {turns} times {{"));
                self.loops += 1;
                let statements = 1 + self.dice.roll(2);
                self.block(depth + 1, statements);
                self.loops -= 1;
                self.line(depth, "}");
            }
            8 if self.loops > 0 => self.line(depth, "break"),
            9 => {
                self.line(depth, "printer.print(slip())");
                if self.dice.roll(2) == 0 {
                    self.line(depth, "  on paper_out => {");
                    self.block(depth + 2, 1);
                    self.line(depth, "  }");
                }
            }
            10 if self.dice.roll(3) == 0 => self.way_out(depth),
            _ => self.line(depth, "step \"y\""),
        }
    }

    fn verdict(&mut self, depth: usize) {
        let ways: [&[&str]; 4] = [
            &["accept", "decline, capture, rekey, retry, refer"],
            &["accept", "capture, rekey", "other"],
            &["approved", "capture, rekey", "other"],
            &["decline, retry", "accept", "capture, rekey, refer"],
        ];
        let at = self.dice.roll(4) as usize;
        self.line(depth, "match reply.code {");
        for arm in ways[at] {
            self.line(depth + 1, &format!("{arm} => {{"));
            match self.dice.roll(4) {
                0 => {}
                1 => {
                    let statements = self.dice.roll(3);
                    self.block(depth + 2, statements);
                }
                _ if self.dice.roll(3) > 0 => {
                    // What a sensible author would write.
                    let commits = matches!(*arm, "accept" | "approved");
                    let decision = "commit Txn(kind: sale, amount: amount, request: m, reply: reply)";
                    self.line(depth + 2, if commits { decision } else { "discard" });
                }
                _ => self.decided(depth + 2),
            }
            self.line(depth + 1, "}");
        }
        self.line(depth, "}");
    }

    /// An exchange as a careful author would write it, with a slip now and then.
    fn careful(&mut self, depth: usize) {
        let commit = "commit Txn(kind: sale, amount: amount, request: m, reply: reply)";
        let no = if self.reverses && self.dice.roll(2) == 0 { "reverse" } else { "discard" };
        let slip = self.dice.roll(8);
        let yes = if slip == 0 { "discard" } else { commit };
        let no = if slip == 1 { commit } else { no };
        let (accept, action, other) = match self.dice.roll(3) {
            _ if slip == 2 => ("approved", "capture, rekey", "other"),
            0 => ("accept", "decline, capture", "rekey, retry, refer"),
            _ => ("accept", "capture, rekey", "other"),
        };
        let in_arms = self.dice.roll(2) == 0;
        if slip == 3 {
            self.line(depth, no);
            self.line(depth, "return done");
            return;
        }
        self.line(depth, "match reply.code {");
        self.line(depth + 1, &format!("{accept} => {{"));
        self.line(depth + 2, yes);
        self.line(depth + 2, if in_arms { "step \"x\"" } else { "return done" });
        self.line(depth + 1, "}");
        for arm in [action, other] {
            self.line(depth + 1, &format!("{arm} => {}", if in_arms { no } else { "{}" }));
        }
        self.line(depth, "}");
        if !in_arms {
            self.line(depth, no);
        }
    }

    fn send(&mut self, depth: usize) {
        // By itself, or by way of a flow.
        let call = match self.dice.roll(14) {
            0 | 1 => "ask(m)",
            2 => "ask_through(1, m)",
            3 | 4 => "ask_and_judge(m)",
            5 | 6 => "ask_quietly(m)",
            7 | 8 => "ask_offline(m)",
            9 if self.dice.roll(4) == 0 => "ask_twice(m)",
            10 if self.dice.roll(4) == 0 => {
                self.line(depth, "ask_in_vain(m)");
                "ask(m)"
            }
            _ => "host.send(m, within: 60s)",
        };
        self.line(depth, &format!("let reply = {call}"));
        let names: &[&str] = match call {
            "ask_and_judge(m)" => &["Refused", "no_line", "timeout, line_dropped", "other"],
            "ask_quietly(m)" => &["no_line", "other"],
            "ask_offline(m)" => &["timeout, line_dropped", "other"],
            _ => &["no_line", "timeout, line_dropped", "other"],
        };
        for names in names {
            if self.dice.roll(if *names == "Refused" { 2 } else { 3 }) > 0 {
                continue;
            }
            let retry = if self.dice.roll(4) == 0 { " retry 2" } else { "" };
            if self.dice.roll(5) == 0 && !retry.is_empty() {
                self.line(depth, &format!("  on {names}{retry}"));
                continue;
            }
            self.line(depth, &format!("  on {names}{retry} => {{"));
            self.block(depth + 2, 1);
            if self.dice.roll(2) == 0 {
                let decision = self.decision();
                self.line(depth + 2, decision);
            }
            let leave = ["return cancelled", "fail Timeout", "return done"][self.dice.roll(3) as usize];
            self.line(depth + 2, leave);
            self.line(depth, "  }");
        }
        if matches!(call, "ask_quietly(m)" | "ask_offline(m)") {
            self.line(depth, "if reply == none {");
            let decision = self.decision();
            self.line(depth + 1, decision);
            self.line(depth + 1, "return cancelled");
            self.line(depth, "}");
        }
        if call == "ask_and_judge(m)" && self.dice.roll(2) == 0 {
            // What came back was approved.
            self.line(depth, "commit Txn(kind: sale, amount: amount, request: m, reply: reply)");
            self.line(depth, "return done");
        }
        self.replied = true;
    }
}

/// The program of a seed.
fn program(seed: u64) -> (String, bool) {
    let mut dice = Dice(seed);
    for _ in 0..4 {
        dice.roll(2);
    }
    let reverses = dice.roll(2) == 0;
    let mut author = Author { dice, text: HEAD.to_string(), reverses, replied: false, loops: 0 };
    // A loop around the region: a `break` in it leaves the region too.
    let around = author.dice.roll(3) == 0;
    if around {
        author.line(1, "repeat 1 times {");
        author.loops += 1;
    }
    author.line(1, "reversible m {");
    if author.dice.roll(8) == 0 {
        author.block(2, 1);
    }
    if author.dice.roll(2) == 0 {
        author.send(2);
        author.careful(2);
    } else {
        if author.dice.roll(8) > 0 {
            author.send(2);
            author.verdict(2);
        }
        let statements = author.dice.roll(3);
        author.block(2, statements);
        if author.dice.roll(3) == 0 {
            author.decided(2);
        }
    }
    author.line(1, "}");
    if around {
        author.line(1, "}");
    }
    author.line(1, "return done");
    author.text.push_str("}\n");
    (author.text, reverses)
}

fn errors(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.severity == Severity::Error)
}

const FAULTS: [&str; 11] = [
    "",
    "reply:51",
    "reply:10",
    "reply:41",
    "reply:A0",
    "silent",
    "no-line",
    "line-drop",
    "bad-mac",
    "garbled",
    "paper-out",
];

/// Runs an accepted program in each world; says what is wrong with it.
fn wrong(text: &str, reverses: bool, moved: &mut u64) -> Option<String> {
    let built = build_text("case.till", text);
    let program = built.program?;
    for name in FAULTS {
        let mut setup = Setup::new(dialect_of(&program).expect("a dialect"));
        if !name.is_empty() {
            setup.faults.push(fault::parse(name).expect("a fault"));
        }
        let reversed = RefCell::new(false);
        let mut watch = |happening: &Happening| {
            if matches!(happening, Happening::ReversalQueued { .. }) {
                *reversed.borrow_mut() = true;
            }
        };
        let simulation = Simulation::start(setup).expect("a world");
        let mut session = Session::simulated(&program, simulation, &mut watch);
        let entry = flow(&program, None).expect("a flow");
        let ended = session.run(entry.function, &[Value::Amount(Amount::parse("100.00CNY").expect("an amount"))]);
        let world = session.ports.simulation().expect("simulated");
        world.mend();
        *moved += u64::from(ended.money == Money::Moved);
        let left_undecided = !reverses && *reversed.borrow() && !matches!(ended.result, RunResult::Failed(_));
        session.restart();
        let world = session.ports.simulation().expect("simulated");
        if world.host_ledger() != world.batch_ledger() {
            return Some(format!("{name}: host and terminal disagree"));
        }
        if let RunResult::Failed(error) = &ended.result
            && matches!(error.code.as_str(), "T8101" | "T8102")
        {
            return Some(format!("{name}: {} at run time", error.code));
        }
        if left_undecided {
            return Some(format!("{name}: the region was left undecided"));
        }
    }
    None
}

#[test]
fn what_passes_the_proof_never_goes_wrong_with_money() {
    let most = if std::env::var_os("TILL_SLOW").is_some() { 20_000 } else { 300 };
    let (mut passed, mut refused) = (0, BTreeMap::new());
    let mut moved = 0;
    for seed in 0..most {
        let (text, reverses) = program(seed);
        let built = build_text("case.till", &text);
        if let Some(first) = errors(&built.findings).next() {
            let code = first.code.0;
            assert!(code.starts_with("T04"), "seed {seed}: {code}\n{text}");
            *refused.entry(code).or_insert(0) += 1;
            continue;
        }
        passed += 1;
        if let Some(wrong) = wrong(&text, reverses, &mut moved) {
            panic!("seed {seed} passes the proof, but {wrong}\n{text}");
        }
    }
    eprintln!(
        "{passed} passed and were run in {} worlds, money moved {moved} times; refused: {refused:?}",
        FAULTS.len()
    );
    assert!(passed * 20 > most, "only {passed} of {most} passed: the proof, or the author, is too strict");
    assert!(moved > 20, "money moved only {moved} times: the host refuses too much to show anything");
    for code in ["T0401", "T0405", "T0406", "T0407", "T0410"] {
        assert!(refused.contains_key(code), "{code} was never found: {refused:?}");
    }
}
