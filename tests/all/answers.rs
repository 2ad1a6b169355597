//! What a flow does with answers, errors and names: nothing is said of what is right, and safe cures cure.

use super::grown;
use std::fs;
use std::path::{Path, PathBuf};
use tillscript::run::program::build_text;
use tillscript::script_error::finding::{Finding, Severity};

/// The codes these checks raise.
fn is_ours(code: &str) -> bool {
    ("T0314"..="T0336").contains(&code)
}

fn found(text: &str) -> Vec<Finding> {
    build_text("case.till", text).findings
}

fn ours(text: &str) -> Vec<String> {
    found(text).iter().map(|finding| finding.code.0.to_string()).filter(|code| is_ours(code)).collect()
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let files = fs::read_dir(folder).expect("tests/check is there");
    let mut cases: Vec<PathBuf> = files
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "till"))
        .collect();
    cases.sort();
    cases
}

#[test]
fn safe_cures_of_answers_and_names_are_right() {
    let mut cured = 0;
    for case in cases() {
        let mut text = fs::read_to_string(&case).expect("a case can be read");
        if text.contains("//- ") {
            continue;
        }
        let before = found(&text);
        let mut edits: Vec<_> = before
            .iter()
            .filter(|finding| is_ours(finding.code.0))
            .filter_map(|finding| finding.cures.iter().find(|cure| cure.safe))
            .inspect(|_| cured += 1)
            .flat_map(|cure| cure.edits.clone())
            .collect();
        if edits.is_empty() {
            continue;
        }
        let safe = |findings: &[Finding]| {
            let ours = findings.iter().filter(|finding| is_ours(finding.code.0));
            ours.filter(|finding| finding.cures.iter().any(|cure| cure.safe)).count()
        };
        let errors =
            |findings: &[Finding]| findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span.start));
        for edit in edits {
            text.replace_range(edit.place.span.range(), &edit.replacement);
        }
        let after = found(&text);
        assert_eq!(safe(&after), 0, "{}\n{text}\n{after:?}", case.display());
        assert!(errors(&after) <= errors(&before), "{}\n{text}\n{after:?}", case.display());
    }
    assert!(cured >= 6, "only {cured} cures were tried");
}

const HEAD: &str = "import cn_pos.dialect\nimport cn_pos.codes\nimport cn_pos.numbers\n";

/// Programs that look like a mistake and are none.
const RIGHT: &[(&str, &str)] = &[
    (
        "what is approved is told apart once it is known to be approved",
        "flow f(reply: Reply) -> Outcome {
  match reply.code {
    accept => {
      if reply.code == approved {
        return done
      }
      return cancelled
    }
    decline, capture, rekey, retry, refer => return declined(reply.code)
  }
}",
    ),
    (
        "known to be approved because everything else has left",
        "flow f(reply: Reply) -> Outcome {
  match reply.code {
    accept => {}
    decline, capture, rekey, retry, refer => return declined(reply.code)
  }
  if reply.code != \"00\" {
    step \"in part\"
  }
  return done
}",
    ),
    ("one special approval is asked for", "fn f(code: ResponseCode) -> Bool = code == partly_approved"),
    ("a mixed set asks something else", "fn f(code: ResponseCode) -> Bool = code in [approved, \"51\"]"),
    (
        "what the answer was is remembered and asked for later",
        "flow f(m: Message) -> Outcome {
  var again = false
  repeat 3 times {
    let reply = host.send(m, within: 60s)
    match reply.code {
      retry => again = true
      accept, decline, capture, rekey, refer => again = false
    }
    if not again {
      return declined(reply.code)
    }
  }
  return cancelled
}",
    ),
    (
        "each turn of `for` sends another message",
        "flow f(ms: List[Message]) -> Outcome {
  for m in ms {
    let reply = host.send(m, within: 60s)
    match reply.code {
      accept, decline, capture, retry, refer => screen.show(reply.code.meaning)
      rekey => return cancelled
    }
  }
  return done
}",
    ),
    (
        "an inquiry that moves no money may be asked again",
        "flow f() -> Outcome {
  repeat 3 times {
    let reply = host.send(message 0820 { F41: store.terminal_id, F42: store.merchant_id, F60: \"00000001301\" }, within: 60s)
    match reply.code {
      accept => return done
      decline, capture, rekey, retry, refer => screen.show(reply.code.meaning)
    }
  }
  return cancelled
}",
    ),
    (
        "another card is read in each turn",
        "flow f(m: Message) -> Outcome {
  repeat 3 times {
    let c = card.read(accept: [chip], within: 60s)
    let reply = host.send(m, within: 60s)
    match reply.code {
      accept => return done
      capture => screen.show(keep(mask(c.pan)))
      decline, rekey, retry, refer => return declined(reply.code)
    }
  }
  return cancelled
}
text keep(card: Text) {
  zh \"{card} 请联系收单机构\"
  en \"{card}: call the acquirer\"
}",
    ),
    (
        "a single turn sends once",
        "flow f(m: Message) -> Outcome {
  repeat 1 times {
    let reply = host.send(m, within: 60s)
    match reply.code {
      accept => return done
      capture => {}
      decline, rekey, retry, refer => return declined(reply.code)
    }
  }
  return cancelled
}",
    ),
    (
        "an error that is passed on is not hidden",
        "flow f(m: Message) -> Outcome {
  let reply = host.send(m, within: 60s)
    on other e => return failed(e)
  return declined(reply.code)
}",
    ),
    (
        "keys that could not be put into use sign the terminal out",
        "flow f() -> Outcome {
  pinpad.activate_keys()
    on key_refused => store.mark_signed_out()
  return done
}",
    ),
    (
        "a time-out of a person is a cancel",
        "flow f() -> Outcome {
  let c = card.read(accept: [chip], within: 60s)
    on cancel, timeout => return cancelled
  step \"{mask(c.pan)}\"
  return done
}",
    ),
    (
        "some paths commit and some do not, and one outcome is for all",
        "flow f(m: Message, t: Txn) -> Outcome {
  reversible m {
    let reply = host.send(m, within: 60s)
    match reply.code {
      accept => commit t
      decline, capture, rekey, retry, refer => discard
    }
    return declined(reply.code)
  }
}",
    ),
    (
        "the mode is noted while the card is read",
        "flow f(has_pin: Bool) -> Message {
  var mode: Digits(3) = numbers.entry_mode(chip, has_pin)
  let c = card.read(accept: [chip], within: 60s)
    on chip_error => {
      mode = numbers.entry_mode(stripe, has_pin)
      card.read(accept: [stripe], within: 60s)
    }
  return message 0200 {
    F2: c.pan
    F3: \"310000\"
    F11: host.next_stan()
    F22: mode
    F25: \"00\"
    F41: store.terminal_id
    F42: store.merchant_id
    F49: \"156\"
    F60: \"01000001000\"
  }
}",
    ),
    (
        "two questions to a device may have two answers",
        "flow f() -> Outcome {
  if store.signed_in {
    return done
  } else if store.signed_in {
    return cancelled
  }
  if clock.now() == clock.now() {
    return done
  }
  return cancelled
}",
    ),
    (
        "a value that a loop reads in its next turn, and one that a handler reads",
        "pub flow f() -> Outcome uses log, store {
  var batch = \"000001\"
  var name = \"\"
  repeat 2 times {
    log.info(\"{batch}\")
    batch = store.batch_no
  }
  if store.signed_in {
    name = \"a\"
    store.set_batch(\"000002\")
    name = \"b\"
  } on other e => {
    log.info(\"{name} {e.name}\")
    fail e
  }
  return done
}",
    ),
    (
        "names that are used where one does not look for them",
        "import receipts
pub flow f(t: Txn) -> Outcome uses printer {
  printer.print(slip(t.amount))
    on paper_out => fail NoPaper
  return g(kind: yes)
}
flow g(kind: Answer) -> Outcome {
  match kind {
    yes => return done
    no => return cancelled
  }
}
type Answer = yes | no
record Pair(answer: Answer, shop: receipts.Shop)
pub fn pair(p: Pair) -> Answer = p.answer
receipt slip(a: Amount) {
  row zh \"金额\" en \"Amount\" = a
}
error NoPaper E4301 person {
  cashier
    zh \"请装纸。\"
    en \"Load paper.\"
  cardholder
    zh \"请稍候。\"
    en \"Please wait.\"
  support
    zh \"缺纸。\"
    en \"No paper.\"
}",
    ),
    (
        "a sketch may hold what nothing uses yet",
        "import receipts
const LIMIT = 1.00 CNY
flow f(a: Amount) -> Outcome {
  let b = 1
  return done
}",
    ),
    (
        "the same value, known to be there, may keep its name",
        "pub fn f(pin: Int?) -> Int = match pin {
  some pin => pin
  none => 0
}",
    ),
];

#[test]
fn what_only_looks_wrong_is_left_alone() {
    let mut wrong = String::new();
    for (name, text) in RIGHT {
        let text = format!("{HEAD}{text}\n");
        let errors: Vec<String> = found(&text)
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| format!("{} {:?}", finding.code, finding.facts))
            .collect();
        let ours = ours(&text);
        let ours: Vec<&String> = ours.iter().filter(|code| *code != "T0329").collect();
        if !ours.is_empty() || !errors.is_empty() {
            wrong += &format!("{name}: {ours:?} {errors:?}\n");
        }
    }
    assert_eq!(wrong, "");
}

/// What they cost is counted in `tests/allocation.rs`.
#[test]
fn large_files_are_looked_through_to_the_end() {
    for (name, shape) in grown::ANSWERS.iter().chain(grown::DEEP) {
        let findings = found(&shape(grown::TIMES));
        assert!(findings.len() <= 500, "{name}: {} findings", findings.len());
    }
}
