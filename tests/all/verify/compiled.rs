//! Everything the compiler writes is proved.

use std::path::{Path, PathBuf};
use tillscript::language::bytecode::structure;
use tillscript::language::bytecode::verify::calls::DEPTH_MOST;
use tillscript::language::bytecode::verify::program::verify;
use tillscript::run::program::{build, build_text};

fn folder(name: &str, end: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    files.sort();
    files
}

#[test]
fn every_right_program_and_every_shipped_script_is_proved() {
    let pages =
        [("scripts", ".till"), ("tests/check", ".right.till"), ("tests/bytecode", ".till"), ("tests/dialect", ".till")];
    let (mut proved, mut wrong) = (0, Vec::new());
    let mut unbuilt = Vec::new();
    for path in pages.iter().flat_map(|(name, end)| folder(name, end)) {
        let Some(program) = build(&path).program else {
            // Pages of wrong dialects, and pages with modules that only their own test has.
            let modules = std::fs::read_to_string(&path).is_ok_and(|text| text.contains("\n//- "));
            unbuilt.extend(path.to_str().filter(|path| !modules && !path.contains("tests/dialect")).map(str::to_owned));
            continue;
        };
        proved += 1;
        if let Err(error) = structure::check(&program).and_then(|()| verify(&program)) {
            wrong.push(format!("{}: {}", path.display(), error.detail.en));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(unbuilt.is_empty(), "{unbuilt:?}");
    assert!(proved > 80, "{proved}");
}

/// Flows that call one another so deep, from a test around them.
fn chain(length: usize) -> String {
    let mut text = String::new();
    for at in 1..length {
        text.push_str(&format!("fn f{at}(n: Int) -> Int = f{}(n) + 1\n", at + 1));
    }
    text + &format!("fn f{length}(n: Int) -> Int = n\npub flow it() -> Int {{\n  return f1(0)\n}}\n")
}

#[test]
fn a_chain_of_calls_that_is_too_deep_is_a_finding_of_the_script() {
    let limit = usize::from(DEPTH_MOST);
    assert!(build_text("chain.till", &chain(limit - 1)).program.is_some());
    let built = build_text("chain.till", &chain(limit));
    assert!(built.program.is_none());
    let codes: Vec<&str> = built.findings.iter().map(|finding| finding.code.0).collect();
    assert_eq!(codes, ["T0235"]);
}

/// Shapes of regions, loops and handlers that the pages lack. Each is checked, compiled and proved.
const ODD: &[(&str, &str)] = &[
    (
        "a return out of a region, out of a guarded match",
        "  reversible request {
    let reply = host.send(request, within: 60s)
    let n = match reply.code {
      accept => {
        commit Txn(kind: sale, amount: amount, request: request, reply: reply)
        return cancelled
      }
      other => digits(reply.code.text).length
    } on other e => {
      reverse
      return cancelled
    }
    log.info(\"{n}\")
    discard
  }
  return cancelled",
    ),
    (
        "breaks and turns inside and around a region",
        "  repeat 3 times {
    reversible request {
      repeat 2 times {
        if amount == 1.00 CNY { break }
        log.info(\"turn\")
          on other e => { break }
      }
      if amount == 2.00 CNY {
        discard
        break
      }
      if amount == 3.00 CNY { discard } else { reverse }
    }
    log.info(\"again\")
      on other e retry 2 every 1s => { break }
  }
  return cancelled",
    ),
    (
        "a retry in a region whose handler decides",
        "  reversible request {
    let reply = host.send(request, within: 60s)
      on no_line retry 3 every 2s => {
        discard
        return cancelled
      }
      on timeout => {
        reverse
        return cancelled
      }
    for name in [\"a\", \"b\"] {
      match reply.code {
        accept => {
          log.info(name) on other e => { fail e }
          commit Txn(kind: sale, amount: amount, request: request, reply: reply)
          return cancelled
        }
        other => {
          discard
          return declined(reply.code)
        }
      }
    }
    reverse
  }
  return cancelled",
    ),
    (
        "a region inside a handler, and one behind it",
        "  log.info(\"first\")
    on other e => {
      reversible request {
        discard
      }
    }
  reversible request {
    reverse
  }
  if amount == 1.00 CNY {
    reversible request {
      fail NoLine
    }
  } else {
    reversible request {
      reverse
      return cancelled
    }
  }
  return cancelled",
    ),
];

#[test]
fn odd_shapes_are_proved() {
    for (name, body) in ODD {
        let text = format!(
            "edition 1\n\nimport cn_pos.dialect\nimport cn_pos.codes\n\npub flow odd(request: Message, amount: Amount) -> Outcome\n  uses host, log\n{{\n{body}\n}}\n"
        );
        let built = build_text("odd.till", &text);
        if built.program.is_none() {
            for finding in &built.findings {
                eprintln!("{} {:?} {:?}", finding.code, built.sources.locate(finding.at.place), finding.facts);
            }
            panic!("{name}");
        }
    }
}
