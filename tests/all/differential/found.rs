//! What the comparison has found, each as the small program that showed it.

use super::build::build;
use super::compare::both;
use super::coverage::Coverage;
use super::seen::{Finish, Seen};

/// What both sides do with `main` of a program.
fn seen(text: &str) -> Seen {
    let text = format!("edition 1\n\nimport trade\n\n{text}");
    let built = build(&text).unwrap_or_else(|said| panic!("{text}\n{said}"));
    let main = built.checked.functions.iter().position(|function| function.name == "main").expect("a main");
    let (machine, reference) = both(&text, &built, main as u16, &[], 1, None, &mut Coverage::default());
    assert_eq!(machine, reference, "{text}");
    machine
}

fn codes(seen: &Seen) -> Vec<&str> {
    match &seen.finish {
        Finish::Failed(faults) => faults.iter().map(|fault| fault.code.as_str()).collect(),
        Finish::Value(value) => panic!("{value:?}"),
    }
}

const BAD: &str = "error Bad E4777 hardware {
  cashier zh \"错\" en \"Wrong.\"
  cardholder zh \"错\" en \"Wrong.\"
  support zh \"错\" en \"Wrong.\"
}

flow late() {
  fail Timeout
}
";

#[test]
fn two_values_that_may_be_missing_are_compared() {
    let seen = seen(
        "fn same(a: Int?, b: Int?) -> Bool = a == b\n\npub flow main() -> Bool {\n  return same(1, 1) and same(none, none) and not same(1, none)\n}\n",
    );
    assert_eq!(seen.finish, Finish::Value(tillscript::language::vm::value::Value::Bool(true)));
}

#[test]
fn a_list_of_what_is_there_is_no_list_of_what_may_be_missing() {
    let refused = build(
        "edition 1\n\npub flow main(there: List[Int]) -> Int? {\n  let all: List[Int?] = there\n  return all[0]\n}\n",
    );
    assert!(refused.err().is_some_and(|said| said.contains("T0202")));
    seen("pub flow main() -> Int? {\n  let all: List[Int?] = [4, 5]\n  return all[1]\n}\n");
}

/// `later` is another name for a value that is there, and begins at the instruction at which `first` does.
#[test]
fn names_that_begin_together_are_shown_as_they_are_written() {
    let seen = seen(
        r##"pub flow main() -> Bytes
  uses batch, clock, host, store
{
  var bad: Error = trade.Broken(part: "sixsix", count: 12)
  let code: ResponseCode = trade.as_code(no_switch)
  let fee: Amount = trade.fee(((1.25 CNY) + (0.02 CNY)), [20%, 100%, 33.33%][0])
  let sum: Amount = trade.fee(
    (if ("t{0210}" > "brace \{x\}") { fee } else { fee }),
    (if contains("t{true} 次 {false}\n", "brace \{x\}") { 100% } else { 100% })
  )
  let request = message 0200 {
    F3: "000000"
    F4: sum
    F11: host.next_stan()
    F41: "T0000001"
    F63: ""
  }
  reversible request {
    if (
      [x"", #DF8129, x"00FF10A0B0C0D0E0F0"][2] ==
        (if (false or false) { x"00FF10A0B0C0D0E0F0" } else if (60 <= 12) { x"" } else { #5A })
    ) {
      batch.dispute(
        (
          (
            match sum {
              other => {
                code
              }
            }
          )
        )
      )
        on JournalFailed => fail NoInput
    } else {
      let first: Outcome = (
        if (
          (
            match bad {
              other some => {
                sum
              }
            }
          ) !=
            (trade.fee(sum, 33.33%))
        ) {
          (
            match code {
              other => {
                failed(NoLine)
              }
            }
          )
        } else {
          declined(poor)
        }
      )
      let second: ResponseCode = (
        match bad {
          other later => {
            (if (500ms > 500ms) { (if (false or true) { code } else { code }) } else { ([code][2]) })
          }
        }
      )
    }
    let reply = host.send(request, within: 60s)
    match reply.code {
      accept => {
        let txn = Txn(kind: sale, amount: sum, request: request, reply: reply)
        commit txn
      }
      decline, capture, rekey, retry, refer => {
        discard
      }
    }
  }
  let last: Digits(8) = (if (code in [code, code, code]) { "20000021" } else { "01102022" })
  return (
    match last {
      other => {
        x"00FF10A0B0C0D0E0F0"
      }
    }
  )
}
"##,
    );
    assert_eq!(codes(&seen), ["T8009"]);
}

#[test]
fn a_name_of_the_last_arm_is_not_shown_behind_the_match() {
    let seen = seen(
        "pub flow main() -> Int {\n  let n = match trade.twice(2) {\n    1 => 5\n    other last => 6\n  }\n  return n / 0\n}\n",
    );
    assert_eq!(codes(&seen), ["T8007"]);
}

#[test]
fn an_error_keeps_its_cause_where_its_like_was_built_before() {
    let seen = seen(&format!(
        "{BAD}\npub flow main() -> Int {{\n  let e: Error = Bad\n  late()\n    on other => fail Bad\n  return 1\n}}\n"
    ));
    assert_eq!(codes(&seen), ["E4777", "T5101"]);
}

#[test]
fn what_an_empty_handler_took_is_no_cause_of_later_errors() {
    let seen = seen(&format!("{BAD}\npub flow main() -> Int {{\n  late()\n    on other => {{}}\n  fail Bad\n}}\n"));
    assert_eq!(codes(&seen), ["E4777"]);
}

#[test]
fn an_overflow_says_which_operator_was_written() {
    for (expression, sign) in [("least - 5", "-"), ("most + 5", "+"), ("most - (-5)", "-"), ("least + (-5)", "+")] {
        let seen = seen(&format!(
            "pub flow main() -> Int {{\n  let most = trade.twice(4611686018427387903) + 1\n  let least = -most - 1\n  return {expression}\n}}\n"
        ));
        let Finish::Failed(faults) = &seen.finish else { panic!("{expression} gives a value") };
        assert_eq!(faults[0].facts, [("operation".into(), sign.into(), sign.into())], "{expression}");
    }
}

#[test]
fn facts_of_an_error_are_worked_out_in_the_order_written() {
    let seen = seen(
        "pub flow main() -> Int {\n  let n = trade.twice(0)\n  fail trade.Broken(count: 1 / n, part: [\"a\", \"b\"][n + 7])\n}\n",
    );
    assert_eq!(codes(&seen), ["T8007"]);
}

#[test]
fn a_handler_under_a_call_does_not_guard_what_the_call_is_given() {
    for retry in ["", " retry 2"] {
        let seen = seen(&format!(
            "pub flow main() -> Int {{\n  let n = trade.twice(0)\n  let m = trade.twice(1 / n)\n    on other{retry} => 5\n  return m\n}}\n",
        ));
        assert_eq!(codes(&seen), ["T8007"]);
    }
}

#[test]
fn a_handler_under_an_operator_or_a_member_guards_all_of_it() {
    for value in ["trade.twice(1 / n) + 1", "\"{trade.twice(1 / n)}\".length", "[3, trade.twice(1 / n)][0]"] {
        let seen = seen(&format!(
            "pub flow main() -> Int {{\n  let n = trade.twice(0)\n  let m = {value}\n    on other => 5\n  return m\n}}\n",
        ));
        assert_eq!(seen.finish, Finish::Value(tillscript::language::vm::value::Value::Int(5)), "{value}");
    }
}

#[test]
fn what_a_block_on_the_right_assigns_is_compared_as_it_was_before() {
    let block = "if trade.twice(1) == 2 {\n    n = 9\n    two()\n  } else {\n    two()\n  }";
    for (ty, comparison) in [("Int", format!("n in [{block}]")), ("Int?", format!("n == ({block})"))] {
        let seen = seen(&format!(
            "fn two() -> {ty} = trade.twice(1)\n\npub flow main() -> Bool {{\n  var n = two()\n  let same = {comparison}\n  return same\n}}\n"
        ));
        assert_eq!(seen.finish, Finish::Value(tillscript::language::vm::value::Value::Bool(true)), "{comparison}");
    }
}
