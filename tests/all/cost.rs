//! Bounds that were proved before a run: none is ever passed, and none is far from what runs do.

use crate::rehearse;
use tillscript::language::bytecode::file;
use tillscript::language::bytecode::instruction::Instruction;
use tillscript::language::bytecode::program::Program;
use tillscript::language::check::waiting::wait::{FlowWait, spoken};
use tillscript::language::vm::value::Value;
use tillscript::run::cost;
use tillscript::run::program::{build_text, flow, from_bytes};
use tillscript::script_error::words::Language;

fn built(text: &str) -> (Program, Vec<FlowWait>) {
    let built = build_text("cost.till", text);
    (built.program.unwrap_or_else(|| panic!("{:?}", built.findings)), built.waits)
}

#[test]
fn no_run_executes_more_than_its_bound_and_writing_it_down_changes_nothing() {
    let (mut runs, mut cut_short) = (0, 0);
    for (name, program) in rehearse::programs() {
        let bounds = cost::bounds(&program);
        for entry in &program.entries {
            let Some(arguments) = rehearse::arguments(&program, entry) else { continue };
            let bound = &bounds[usize::from(entry.function)];
            let most = bound.most().unwrap_or_else(|| panic!("{name} {}: {bound:?}", entry.name));
            // A test brings its own faults; a flow is given each.
            let faults = match (entry.test, name.starts_with("scripts/")) {
                (true, _) => vec![String::new()],
                (false, true) => rehearse::faults(),
                (false, false) => vec![String::new(), "silent".to_string()],
            };
            for fault in faults {
                let faults: Vec<&str> = Some(fault.as_str()).filter(|fault| !fault.is_empty()).into_iter().collect();
                let world = || rehearse::world(&program, &faults, 0);
                let done = rehearse::run(&program, entry.function, &arguments, world(), false);
                let what = format!("{name} {} {fault}", entry.name);
                // A run that was stopped for want of fuel was stopped by what it is granted, not by its bound.
                assert!(done.ended.executed <= most, "{what}: {} executed, {most} proved", done.ended.executed);
                cut_short += usize::from(done.trace.contains("T8001"));
                let again = rehearse::run(&program, entry.function, &arguments, world(), true);
                assert_eq!(done, again, "{what}: written down and read back at every request");
                runs += 1;
            }
        }
    }
    assert!(runs > 300, "only {runs} runs; {cut_short} were cut short");
}

#[test]
fn the_runs_of_the_pages_keep_to_their_bounds_and_survive_being_written_down() {
    let mut runs = 0;
    for typed in rehearse::typed() {
        let most = cost::bounds(&typed.program)[usize::from(typed.function)].most().expect("a bound");
        let run =
            |rewrite| rehearse::run(&typed.program, typed.function, &typed.arguments, typed.setup.clone(), rewrite);
        let done = run(false);
        assert!(done.ended.executed <= most, "{}: {} executed, {most} proved", typed.line, done.ended.executed);
        assert_eq!(done, run(true), "{}", typed.line);
        runs += 1;
    }
    assert!(runs > 40, "only {runs} pages");
}

/// Flows that go straight on, so that the longest way is the only one.
const STRAIGHT: &[(&str, &str)] = &[
    ("nothing", "pub flow f() -> Outcome {\n  return done\n}\n"),
    (
        "a loop",
        "pub flow f() -> Outcome uses log {\n  repeat 100 times {\n    log.info(\"x\")\n  }\n  return done\n}\n",
    ),
    (
        "loops in loops",
        "pub flow f() -> Outcome {\n  var n = 0\n  repeat 7 times {\n    repeat 5 times {\n      n = n + 1\n    }\n    repeat 3 times {\n      n = n + 2\n    }\n  }\n  return done\n}\n",
    ),
    (
        "calls in loops",
        "flow g(n: Int) -> Int {\n  var m = n\n  repeat 10 times {\n    m = m + n\n  }\n  return m\n}\npub flow f() -> Outcome {\n  var n = 1\n  repeat 9 times {\n    n = g(1) + g(2)\n  }\n  return done\n}\n",
    ),
    (
        "a list that is written out",
        "const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]\npub flow f() -> Outcome {\n  var sum = 0\n  for one in ALL {\n    sum = sum + one\n  }\n  return done\n}\n",
    ),
    (
        "texts",
        "pub flow f() -> Outcome uses log {\n  var t: Text = \"0123456789012345678901234567890123456789\"\n  let more = \"{t}{t}{t}\"\n  let most = \"{more}{more}{more}\"\n  log.info(most)\n  return done\n}\n",
    ),
    (
        "lists that are compared",
        "pub flow f() -> Outcome {\n  let a = [1, 2, 3]\n  if 3 in a {\n    return done\n  }\n  return done\n}\n",
    ),
    (
        "errors that are handled",
        "flow g() -> Int {\n  let d = digits(\"x\")\n  return 1\n}\npub flow f() -> Outcome {\n  var n = 0\n  repeat 20 times {\n    n = g()\n      on not_digits => 2\n  }\n  return done\n}\n",
    ),
    (
        "retries",
        "flow g() -> Int {\n  let d = digits(\"x\")\n  return 1\n}\npub flow f() -> Outcome {\n  let n = g()\n    on not_digits retry 30 => 2\n  return done\n}\n",
    ),
];

#[test]
fn the_bound_of_a_flow_that_goes_straight_on_is_at_most_twice_what_it_executes() {
    for (name, text) in STRAIGHT {
        let (program, _) = built(text);
        let entry = flow(&program, Some("f")).expect("a flow");
        let bound = &cost::bounds(&program)[usize::from(entry.function)];
        let executed =
            rehearse::run(&program, entry.function, &[], rehearse::world(&program, &[], 0), false).ended.executed;
        assert!(bound.most().is_some_and(|most| executed <= most), "{name}: {executed} executed, {bound:?}");
        assert!(bound.instructions <= executed * 2 + 20, "{name}: {executed} executed, {bound:?}");
    }
}

#[test]
fn the_bounds_of_the_shipped_flows_are_near_what_they_execute() {
    // A sale may ask for the PIN three times, and mostly asks once.
    for (name, factor, arguments) in [
        (
            "sale.till",
            6,
            vec![Value::Amount(tillscript::payment::amount::Amount::parse("2000.00CNY").expect("an amount"))],
        ),
        ("balance.till", 4, vec![]),
        ("sign_in.till", 4, vec![]),
        ("start_of_day.till", 6, vec![]),
    ] {
        let program = rehearse::script(name);
        let entry = flow(&program, None).expect("a flow");
        let bound = &cost::bounds(&program)[usize::from(entry.function)];
        let executed = rehearse::run(&program, entry.function, &arguments, rehearse::world(&program, &[], 0), false)
            .ended
            .executed;
        assert!(bound.instructions <= executed * factor, "{name}: {executed} executed, {bound:?}");
        assert!(bound.depth <= 8 && bound.registers < 400, "{name}: {bound:?}");
    }
}

#[test]
fn a_loop_whose_counter_was_tampered_with_has_no_bound() {
    let (program, _) =
        built("pub flow f() -> Outcome uses log {\n  repeat 10 times {\n    log.info(\"x\")\n  }\n  return done\n}\n");
    let entry = flow(&program, None).expect("a flow").function;
    let bound = |program: &Program| cost::bounds(program)[usize::from(entry)].most();
    assert!(bound(&program).is_some());
    let code = &program.functions[usize::from(entry)].code;
    let grows = code.iter().position(|one| matches!(one, Instruction::AddIntConstant { .. })).expect("it counts");
    let Instruction::AddIntConstant { to, .. } = code[grows] else { unreachable!("found above") };
    for instead in [
        Instruction::AddIntConstant { to, left: to, value: 0 },
        Instruction::AddIntConstant { to, left: to, value: -1 },
        Instruction::Move { to, from: to },
        Instruction::LoadInt { to, value: 3 },
        // Sometimes passed by.
        Instruction::JumpIf { test: to, target: grows as u32 + 1 },
    ] {
        let mut forged = program.clone();
        forged.functions[usize::from(entry)].code[grows] = instead;
        assert_eq!(bound(&forged), None, "{instead:?}");
    }
    // Set back within the loop.
    let shown = code.iter().position(|one| matches!(one, Instruction::LoadText { .. })).expect("it shows");
    let mut forged = program.clone();
    forged.functions[usize::from(entry)].code[shown] = Instruction::LoadInt { to, value: 0 };
    assert_eq!(bound(&forged), None);
    // Begun below nothing.
    let starts = code.iter().position(|one| matches!(one, Instruction::LoadInt { to: at, value: 0 } if *at == to));
    let mut forged = program.clone();
    forged.functions[usize::from(entry)].code[starts.expect("it starts")] =
        Instruction::LoadInt { to, value: -1_000_000 };
    assert_eq!(bound(&forged), None);
}

#[test]
fn bytecode_says_the_same_as_the_script() {
    for name in ["sale.till", "sign_in.till", "balance.till", "start_of_day.till"] {
        let program = rehearse::script(name);
        let bytes = file::write(&program);
        let (read, _) = from_bytes(&bytes).expect("a program");
        assert_eq!(cost::bounds(&read), cost::bounds(&program), "{name}");
    }
}

fn waits(text: &str) -> FlowWait {
    built(text).1.into_iter().next().expect("a public flow")
}

#[test]
fn the_wait_of_a_sale_is_the_sum_of_what_it_waits_for() {
    let sale = waits(include_str!("../../scripts/sale.till"));
    let shares: Vec<(&str, i64, u64)> =
        sale.shares.iter().map(|share| (share.name.as_str(), share.each_ms, share.times)).collect();
    // The stripe after the chip, three PINs and three requests, a part approved, the chip's last word, and what is sent afterwards.
    let (minute, chip) = (60_000, 10_000);
    assert_eq!(
        shares,
        [
            ("card.read", minute, 3),
            ("card.read", minute, 1),
            ("pinpad.enter_pin", minute, 1),
            ("host.send", minute, 3),
            ("screen.confirm", minute, 1),
            ("card.complete", chip, 1),
            ("notices.send", minute, 1),
            ("pinpad.enter_pin", minute, 2)
        ]
    );
    assert_eq!(sale.own_ms(), 12 * minute + chip);
    assert_eq!(sale.around_the_request_ms(), Some((5 * minute, 7 * minute + chip)));
    // A reversal of an earlier sale: at the start, and again before each request.
    assert_eq!((sale.deliveries(), sale.most_ms()), (4, 16 * minute + chip));
}

#[test]
fn waits_follow_branches_loops_calls_and_ways_out() {
    let ask =
        |seconds: u32| format!("    screen.confirm(sure, within: {seconds}s)\n      on cancel, timeout => false\n");
    let words = "text sure {\n  zh \"确认？\"\n  en \"Sure?\"\n}\n";
    for (what, body, own, unknown) in [
        ("one after another", format!("{}{}", ask(10), ask(20)), 30, 0),
        ("the longer branch", format!("  if a {{\n{}  }} else {{\n{}  }}\n", ask(10), ask(20)), 20, 0),
        ("a branch that leaves", format!("  if a {{\n{}    return done\n  }}\n{}", ask(30), ask(20)), 30, 0),
        (
            "a branch that fails",
            format!("  if a {{\n{}    fail Timeout(after: 1s, message: \"\")\n  }}\n{}", ask(30), ask(40)),
            40,
            0,
        ),
        (
            "what cannot be reached",
            format!("  if a {{\n    return done\n  }} else {{\n    return done\n  }}\n{}", ask(50)),
            0,
            0,
        ),
        ("a loop", format!("  repeat 4 times {{\n{}  }}\n", ask(10)), 40, 0),
        (
            "a loop that is left",
            format!("  repeat 4 times {{\n{}    if a {{\n{}      break\n    }}\n  }}\n", ask(10), ask(100)),
            140,
            0,
        ),
        ("loops in loops", format!("  repeat 4 times {{\n    repeat 5 times {{\n{}    }}\n  }}\n", ask(1)), 20, 0),
        ("no turns", format!("  repeat 0 times {{\n{}  }}\n", ask(10)), 0, 0),
        ("a list", format!("  for b in [1, 2, 3] {{\n{}  }}\n", ask(10)), 30, 0),
        ("a flow", "  inner(7s)\n  inner(8s)\n".to_string(), 15, 0),
        ("a flow in a loop", "  repeat 3 times {\n    inner(7s)\n  }\n".to_string(), 21, 0),
        ("a parameter of a public flow", "  inner(t)\n".to_string(), 0, 1),
        ("a declared flow", "  stated()\n".to_string(), 60, 0),
    ] {
        let text = format!(
            "pub flow f(a: Bool, t: Duration) -> Outcome uses screen {{\n{body}  return done\n}}\nflow inner(t: Duration) uses screen {{\n  screen.confirm(sure, within: t)\n    on cancel, timeout => false\n}}\n@within(60s)\nflow stated() uses screen {{\n{}}}\n{words}",
            ask(10)
        );
        let built = build_text("cost.till", &text);
        let found: Vec<_> =
            built.findings.iter().map(|finding| finding.code.0).filter(|code| *code != "T0304").collect();
        let wait = built.waits.first().unwrap_or_else(|| panic!("{what}: {found:?}"));
        assert_eq!((wait.own_ms(), wait.unknown.len()), (own * 1_000, unknown), "{what}: {wait:?} {found:?}");
    }
}

#[test]
fn times_read_as_people_say_them() {
    for (ms, zh, en) in [
        (0, "0 秒", "0 s"),
        (500, "0.5 秒", "0.5 s"),
        (60_000, "1 分钟", "1 min"),
        (246_000, "4 分 6 秒", "4 min 6 s"),
        (3_600_000, "1 小时", "1 h"),
        (5_400_000, "1 小时 30 分钟", "1 h 30 min"),
    ] {
        let said = spoken(ms);
        assert_eq!((said.in_language(Language::Zh), said.in_language(Language::En)), (zh, en));
    }
}
