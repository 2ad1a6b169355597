//! What a newcomer and an attacker came upon, typed in as they did.

use super::grown;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tillscript::run::program::{FINDINGS_MAX, build_text};
use tillscript::script_error::finding::Severity;

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("till-trial-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder of the case");
    folder
}

fn till(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_till"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(words).env("TILL_LANG", "en").stdin(Stdio::null());
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a script given as text and gives what a person sees.
fn run(name: &str, script: &str, words: &[&str]) -> String {
    let folder = folder(name);
    let path = folder.join("trial.till");
    fs::write(&path, script).expect("the script");
    let mut all = vec!["run", path.to_str().expect("a path")];
    all.extend(words);
    let seen = text(&till(&all).output().expect("till runs"));
    fs::remove_dir_all(&folder).expect("cleaned up");
    seen
}

#[cfg(target_os = "linux")]
#[test]
fn bytecode_is_written_into_a_pipe_and_does_not_replace_it() {
    use std::os::unix::fs::FileTypeExt;
    let folder = folder("pipe");
    let pipe = folder.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let from = pipe.clone();
    let reader = std::thread::spawn(move || fs::read(from).expect("the pipe"));
    let built =
        till(&["build", "scripts/sale.till", "-o", pipe.to_str().expect("a path")]).output().expect("till runs");
    assert!(fs::metadata(&pipe).expect("the pipe").file_type().is_fifo(), "{}", text(&built));
    assert!(reader.join().expect("read").starts_with(b"TILL"));
    fs::remove_dir_all(&folder).expect("cleaned up");
}

#[cfg(target_os = "linux")]
fn full_disk() -> Stdio {
    fs::OpenOptions::new().write(true).open("/dev/full").expect("a device that is always full").into()
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_is_lost_is_no_success() {
    for words in [
        &["run", "scripts/sale.till", "amount=1.00CNY"][..],
        &["check", "scripts/sale.till"],
        &["explain", "T5101"],
        &["disassemble", "scripts/balance.till"],
    ] {
        let ended = till(words).stdout(full_disk()).output().expect("till runs");
        assert_eq!(ended.status.code(), Some(5), "{words:?}");
        assert!(String::from_utf8_lossy(&ended.stderr).contains("T7006"), "{words:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_trace_that_cannot_be_written_takes_no_money_back() {
    let words = ["run", "scripts/sale.till", "amount=1.00CNY", "--format", "short", "--trace", "/dev/full"];
    let ended = till(&words).output().expect("till runs");
    let seen = text(&ended);
    assert!(seen.contains("error[T7006]") && seen.contains("[money: moved]"), "{seen}");
    assert!(!seen.contains("not_moved"), "{seen}");
    assert_eq!(ended.status.code(), Some(5));
}

#[test]
fn constants_that_double_sixty_times_end_at_once() {
    let mut script = String::from("edition 1\nconst C0 = \"12345678\"\n");
    for at in 0..60 {
        script.push_str(&format!("const C{} = \"{{C{at}}}{{C{at}}}\"\n", at + 1));
    }
    script.push_str("pub flow long() -> Outcome uses log {\n  log.info(C60)\n  return done\n}\n");
    let built = build_text("doubling.till", &script);
    assert!(built.program.is_none());
    assert!(built.findings.iter().any(|finding| finding.severity == Severity::Error), "{:?}", built.findings);
}

#[test]
fn an_error_is_not_hidden_behind_hundreds_of_warnings() {
    let mut script = String::from("edition 1\n");
    for at in 0..FINDINGS_MAX + 20 {
        script.push_str(&format!("flow f{at}() uses card {{}}\n"));
    }
    script.push_str("flow last() {\n  nowhere()\n}\n");
    let built = build_text("warnings.till", &script);
    assert_eq!(built.findings.len(), FINDINGS_MAX);
    assert_eq!(built.more, 21);
    assert!(built.findings.iter().any(|finding| finding.severity == Severity::Error));
}

const NESTED: &str = r#"edition 1

error Boom(n: Int) E3901 card {
  title
    zh "第 {n} 次"
    en "boom {n}"
  cashier
    zh "重做。"
    en "Again."
  cardholder
    zh "请稍候。"
    en "Wait."
  support
    zh "查看。"
    en "Look."
}

flow inner(n: Int) -> Int uses log {
  log.info("at {n}")
  log.info("at {n}")
  if n > 2 { fail Boom(n: n) }
  return n + 1
}

pub flow outer() -> Outcome uses log {
  step "outside"
  let first = inner(1)
  step "second"
  let second = inner(first + 1)
  return done
}

pub flow read() -> Outcome uses card {
  let c = card.read(accept: [chip], within: 5s)
    on chip_error retry 2
  return done
}
"#;

#[test]
fn a_report_shows_no_variable_before_it_has_its_value() {
    let seen = run("values", NESTED, &["outer"]);
    assert!(seen.contains("with first = 2"), "{seen}");
    assert!(!seen.contains("second = 0"), "{seen}");
}

#[test]
fn only_tries_of_the_call_that_failed_are_counted() {
    assert!(!run("once", NESTED, &["outer"]).contains("= tried"));
    let seen = run("often", NESTED, &["read", "--fault", "chip-error"]);
    assert!(seen.contains("tried 3 times"), "{seen}");
}

#[test]
fn a_step_is_shown_when_it_begins_even_if_a_flow_it_calls_does_the_work() {
    let seen = run("steps", NESTED, &["outer"]);
    let order: Vec<_> = seen.lines().filter(|line| line.starts_with("== ") || line.contains(" log ")).collect();
    assert!(order.first().is_some_and(|line| line.contains("outside")), "{order:?}");
    let morning = text(&till(&["run", "scripts/start_of_day.till", "--lang", "zh"]).output().expect("till runs"));
    let steps: Vec<_> = morning.lines().filter(|line| line.starts_with("== ")).take(2).collect();
    assert_eq!(steps, ["== 签到", "== 检查终端"]);
}

#[test]
fn a_wrong_argument_is_told_in_words() {
    for (words, said) in [
        (&["x=1"][..], "the flow has no such argument; it takes: amount"),
        (&["amount=1.00CNY", "amount=1.00CNY"], "it is given twice"),
        (&["sale", "ten"], "it should read name=value"),
        (&["sael"], "Did you mean sale?"),
    ] {
        let mut all = vec!["run", "scripts/sale.till"];
        all.extend(words);
        let ended = till(&all).env("COLUMNS", "200").output().expect("till runs");
        assert!(text(&ended).contains(said), "{}", text(&ended));
        assert_eq!(ended.status.code(), Some(2));
    }
    let seen = run("no-flow", NESTED, &[]);
    assert!(seen.contains("Flows that can be run: outer, read."), "{seen}");
}

#[test]
fn a_power_cut_is_seen_again_in_a_replay_and_shows_no_code_of_an_earlier_answer() {
    let folder = folder("replay");
    let trace = folder.join("cut.trace");
    let trace = trace.to_str().expect("a path");
    for script in ["scripts/start_of_day.till", "scripts/balance.till"] {
        for fault in ["power-cut:before-journal", "power-cut:after-send", "power-cut:after-reply", "reader-fault"] {
            let seen = till(&["run", script, "--fault", fault, "--trace", trace]).output().expect("till runs");
            let again = till(&["run", script, "--replay", trace]).output().expect("till runs");
            assert_eq!(text(&seen), text(&again), "{script} {fault}");
            assert!(!text(&seen).contains("response code: 00"), "{script} {fault}");
        }
    }
    let keys = text(&till(&["run", "scripts/sign_in.till", "--fault", "bad-kcv"]).output().expect("till runs"));
    assert!(keys.contains("response code: 00"), "{keys}");
    fs::remove_dir_all(&folder).expect("cleaned up");
}

/// That they are not copied at every level, `tests/allocation.rs` counts.
#[test]
fn a_mebibyte_of_lists_in_lists_is_built() {
    let built = build_text("deep.till", &grown::lists(grown::TIMES));
    assert!(built.findings.is_empty(), "{:?}", built.findings);
}

#[test]
fn every_kind_of_json_line_stands_in_the_schema() {
    let schema = tillscript::script_error::schema::schema();
    let allowed = schema["oneOf"].as_array().expect("kinds").clone();
    let mut kinds = std::collections::BTreeSet::new();
    for words in [
        &["run", "scripts/sale.till", "amount=1.00CNY", "--format", "json"][..],
        &["run", "scripts/sale.till", "amount=1.00CNY", "--fault", "reply:51", "--format", "json"],
        &["run", "scripts/sale.till", "amount=1.00CNY", "--fault", "silent", "--format", "json"],
        &["run", "scripts/sale.till", "amount=1.00CNY", "--fault", "power-cut:after-send", "--format", "json"],
        &["test", "scripts/start_of_day.till", "--format", "json"],
        &["fmt", "--check", "scripts/sale.till", "--format", "json"],
        &["check", "--cost", "scripts/sale.till", "--format", "json"],
        &["check", "tests/all.rs", "--format", "json"],
        &["check", "--fix", "--dry-run", "tests/check/full-width-punctuation.till", "--format", "json"],
    ] {
        for line in text(&till(words).output().expect("till runs")).lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("an object a line");
            let kind = value["kind"].as_str().expect("a kind").to_string();
            let reference = serde_json::json!({"$ref": format!("#/$defs/{kind}")});
            assert!(allowed.contains(&reference), "the schema does not allow {kind}");
            let names = |object: &serde_json::Value| -> Vec<String> {
                object.as_object().expect("an object").keys().cloned().collect()
            };
            let known = names(&schema["$defs"][&kind]["properties"]);
            assert!(names(&value).iter().all(|name| known.contains(name)), "{line}");
            kinds.insert(kind);
        }
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["cost", "declined", "finding", "format", "mended", "outcome", "script_error", "test", "tests"]
    );
}

#[test]
fn a_file_that_cannot_be_read_shows_no_empty_line_of_it() {
    let seen = text(&till(&["check", "nosuch.till"]).output().expect("till runs"));
    assert!(seen.contains("T7005") && seen.contains("nosuch.till"), "{seen}");
    assert!(!seen.contains("1 |"), "{seen}");
}

#[test]
fn annotations_may_stand_on_the_line_of_their_item() {
    let text = "edition 1\n\npub fn one() -> Int = 1\n@allow(T0602, \"later ) it prints\") @allow(T0304, \"a ( b\") pub flow x() -> Outcome uses card {\n  \
                return done\n}\n@every_crash_point test \"a ( b\" {\n  expect x() == done\n}\n@allow(T0302, \"a\")\n\
                @allow(T0304, \"b\") pub fn two() -> Int = 2\n";
    let built = tillscript::run::program::build_text("annotated.till", text);
    assert!(built.program.is_some(), "{:?}", built.findings);
    // One of them is of use; the others are read, and said to be of none.
    let codes: Vec<&str> = built.findings.iter().map(|finding| finding.code.0).collect();
    assert_eq!(codes, ["T0116"; 3], "{:?}", built.findings);
}
