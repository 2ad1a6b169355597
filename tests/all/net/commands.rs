//! `till host` and what talks to it, typed in at a console: each in its own process.

use super::bench::{Folder, LONG};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

/// A command that goes on until it is told to end.
pub(super) struct Running {
    child: Child,
    keyboard: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Everything it has written so far.
    pub(super) said: Vec<String>,
}

fn till(words: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_till"));
    command
        .args(words)
        .current_dir(folder)
        .env_remove("TILL_LANG")
        .env("LC_ALL", "C")
        .env("COLUMNS", "100")
        .env_remove("RUST_BACKTRACE");
    command
}

impl Running {
    pub(super) fn start(words: &[&str], folder: &Path) -> Running {
        let mut child = till(words, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("till starts");
        let out = child.stdout.take().expect("its output");
        let (give, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines() {
                let Ok(line) = line else { return };
                if give.send(line).is_err() {
                    return;
                }
            }
        });
        let keyboard = child.stdin.take();
        Running { child, keyboard, lines, said: Vec::new() }
    }

    /// Waits for a line that holds this text.
    pub(super) fn says(&mut self, text: &str) -> String {
        if let Some(line) = self.said.iter().find(|line| line.contains(text)) {
            return line.clone();
        }
        let until = Instant::now() + LONG;
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.said.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
        panic!("it never said `{text}`:\n{}", self.said.join("\n"));
    }

    /// Where it listens.
    pub(super) fn address(&mut self) -> String {
        let line = self.says("listening");
        let at = line.find("tcp://").or_else(|| line.find("tls://")).expect("an address");
        line[at..].split(['"', ' ', ',']).next().unwrap_or_default().to_owned()
    }

    pub(super) fn types(&mut self, line: &str) {
        writeln!(self.keyboard.as_mut().expect("a keyboard"), "{line}").expect("typed");
    }

    /// Waits for its end; what it ended with.
    pub(super) fn end(mut self) -> (Option<i32>, Vec<String>) {
        let status = self.child.wait().expect("it ends");
        self.said.extend(self.lines.iter());
        (status.code(), std::mem::take(&mut self.said))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end: what it wrote, and its exit code.
pub(super) fn typed(words: &[&str], folder: &Path) -> (String, Option<i32>) {
    let output = till(words, folder).stdin(Stdio::null()).output().expect("till starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (said, output.status.code())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_whole_day_is_settled_with_a_host_in_another_process() {
    let mut host = Running::start(&["host", "--listen", "127.0.0.1:0"], root());
    let address = host.address();
    let folder = Folder::new();
    let journal = folder.0.to_str().expect("a path").to_owned();
    let day = ["run", "scripts/whole_day.till", "--host", &address, "--journal", &journal];
    let (said, exit) = typed(&day, root());
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("totals agree with the host's"), "{said}");
    for line in ["0220  10000007", "0100  10000007", "totals compared"] {
        host.says(line);
    }
    // A host that forgets a reversal: the totals differ, and the upload shows which transaction only the host has.
    host.types("fault forgets-reversals");
    host.types("fault crash-after:0200#1");
    let (said, _) = typed(&day, root());
    assert!(said.contains("T5102"), "{said}");
    let end = ["run", "scripts/end_of_day.till", "--host", &address, "--journal", &journal];
    let (said, exit) = typed(&end, root());
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("totals differ"), "{said}");
    host.says("details taken");
    host.types("ledger");
    host.says("only the host has 0");
    host.types("quit");
    assert_eq!(host.end().0, Some(0));
}

#[test]
fn a_day_with_a_host_in_another_process() {
    let mut host = Running::start(&["host", "--listen", "127.0.0.1:0"], root());
    let address = host.address();
    let (said, exit) = typed(&["run", "scripts/start_of_day.till", "--host", &address], root());
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("the host is at tcp://127.0.0.1:") && said.contains("outcome: approved"), "{said}");
    host.says("0800  10000007  000001  -> 00 work keys handed out");
    host.says("0200  10000007  000002  100.00 CNY  629999******0017  -> 00 booked");
    host.types("fault reply:51@0200");
    host.says("set: reply:51@0200");
    host.types("fault paper-out");
    host.says("T7104");
    let (said, _) = typed(&["run", "scripts/start_of_day.till", "--host", &address, "--lang", "zh"], root());
    assert!(said.contains("余额不足"), "{said}");
    host.says("-> 51 not booked  [fault reply:51@0200]");
    host.types("faults");
    host.types("clear");
    host.types("faults");
    host.says("no fault is set");
    host.types("ledger");
    host.says("terminal 10000007 · approved 1 · declined 0 · reversed 0 · batch 000001 host 100.00 CNY");
    host.types("quit");
    let (exit, said) = host.end();
    assert_eq!(exit, Some(0));
    assert!(said.iter().any(|line| line.starts_with("ended: ")), "{said:?}");
}

#[test]
fn a_day_over_tls() {
    let folder = Folder::new();
    let ca = folder.0.join("ca.pem").display().to_string();
    let mut host = Running::start(&["host", "--listen", "127.0.0.1:0", "--tls", "self", &ca], root());
    let address = host.address();
    assert!(address.starts_with("tls://"), "{address}");
    let words = ["run", "scripts/start_of_day.till", "--host", &address, "--tls-ca", &ca];
    let (said, exit) = typed(&words, root());
    assert_eq!(exit, Some(0), "{said}");
    // Without the CA nothing begins, and nothing is charged.
    let (said, exit) = typed(&words[..4], root());
    assert_eq!(exit, Some(5), "{said}");
    assert!(said.contains("T5303"), "{said}");
    host.types("quit");
    host.end();
}

#[cfg(unix)]
#[test]
fn signals_end_a_host_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let mut host = Running::start(&["host", "--listen", "127.0.0.1:0", "--format", "json"], root());
        host.address();
        let pid = host.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().expect("kill").success());
        let (exit, said) = host.end();
        assert_eq!(exit, Some(0), "{signal}");
        assert!(said.iter().any(|line| line.contains("\"event\":\"summary\"")), "{said:?}");
    }
}

#[test]
fn what_a_host_cannot_do_it_says() {
    let mut host = Running::start(&["host", "--listen", "127.0.0.1:0"], root());
    let address = host.address();
    let port = address.trim_start_matches("tcp://");
    for (words, exit, code) in [
        (&["host", "--listen", port][..], 5, "T5302"),
        (&["host", "--listen", "0.0.0.0:0"], 5, "T5302"),
        (&["host", "--listen", "nonsense"], 2, "T5301"),
        (&["host", "--dialect", "cn_poss"], 3, "T5209"),
        (&["host", "--dialect", "iso1987"], 3, "T5304"),
        (&["host", "--fault", "paper-out"], 2, "T7104"),
        (&["host", "--clock", "noon"], 2, "T7103"),
        (&["host", "--tls", "no.pem", "no.key"], 5, "T5303"),
        (&["run", "scripts/sale.till", "amount=1.00CNY", "--host", port, "--fault", "silent"], 2, "T7104"),
    ] {
        let (said, found) = typed(words, root());
        assert_eq!(found, Some(exit), "{words:?}: {said}");
        assert!(said.contains(code), "{words:?}: {said}");
    }
    host.types("quit");
    host.end();
}

#[test]
fn a_host_that_dies_in_the_middle_leaves_a_reversal_that_the_next_one_takes() {
    let folder = Folder::new();
    let journal = folder.0.join("journal").display().to_string();
    let mut host = Running::start(&["host", "--listen", "127.0.0.1:0", "--fault", "line-drop:0200"], root());
    let address = host.address();
    let sale = ["run", "scripts/sale.till", "amount=100.00CNY", "--journal", &journal, "--host", &address];
    let (said, exit) = typed(&sale, root());
    assert_eq!(exit, Some(6), "{said}");
    assert!(said.contains("T5102") && said.contains("reversals waiting: 1"), "{said}");
    host.says("[fault line-drop:0200]");
    // Nobody is there: the reversal stays, and the sale is not sent.
    drop(host);
    let (said, exit) = typed(&sale, root());
    assert_eq!(exit, Some(6), "{said}");
    assert!(said.contains("T5106"), "{said}");
    let mut host = Running::start(&["host", "--listen", address.trim_start_matches("tcp://")], root());
    host.address();
    let (said, exit) = typed(&sale, root());
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("reversal confirmed (25)") && said.contains("outcome: approved"), "{said}");
    host.says("-> 25 nothing to take back");
    host.types("quit");
    host.end();
}
