//! The real program with real files and a real host: killed at every step that the system sees of it, started again, and the
//! books compared. And the order of its calls: a sync of the journal returns before a byte leaves.
//!
//! It takes `strace`; where there is none, a line says so and nothing is tested. `TILL_KILLS=2000` kills so often,
//! `TILL_BINARY` names another build.

use super::bench::{Folder, Host};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tillscript::world::journal::history::{End, History};

/// The calls that others can see: what is written to files, what goes over the line.
const CALLS: &str =
    "write,pwrite64,writev,fdatasync,fsync,ftruncate,rename,openat,mkdir,flock,connect,sendto,sendmsg,recvfrom,close";

fn till() -> String {
    std::env::var("TILL_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_till").to_owned())
}

fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        println!("strace is not here: the real process is not killed, and the order of its calls is not looked at");
    }
    found
}

/// The words of a sale at this host.
fn sale(journal: &Path, address: &str) -> Vec<String> {
    let words = ["run", "scripts/sale.till", "amount=1.00CNY", "--format", "short", "--host", address, "--journal"];
    words.iter().map(ToString::to_string).chain([journal.display().to_string()]).collect()
}

fn run(mut command: Command) -> Output {
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("TILL_LANG", "en").stdin(Stdio::null());
    command.output().expect("it runs")
}

fn plain(journal: &Path, address: &str) -> Output {
    let mut command = Command::new(till());
    command.args(sale(journal, address));
    run(command)
}

/// A sale under strace, which writes what it sees to a file.
fn traced(journal: &Path, address: &str, to: &Path, more: &[&str]) -> Output {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-y", "-o"]).arg(to).args(more).arg("--").arg(till()).args(sale(journal, address));
    run(command)
}

/// The calls of one sale on things outside, by name: how often each comes.
fn steps(trace: &str) -> BTreeMap<String, u32> {
    let mut steps = BTreeMap::new();
    for line in trace.lines() {
        let call = line.split_once(' ').map_or(line, |(_, rest)| rest.trim_start());
        if let Some((name, _)) = call
            .split_once('(')
            .filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
        {
            *steps.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    steps
}

/// What the terminal has booked: its trace numbers.
fn booked(journal: &Path) -> Vec<u32> {
    let history = History::read(journal).expect("a whole journal");
    let all = history.transactions();
    all.iter().filter(|transaction| transaction.end == End::Booked).map(|transaction| transaction.stan).collect()
}

/// Kills a sale at one step after the other and starts the terminal again after each. Gives how often it was killed.
fn kill(faults: &[&str], wanted: u32) -> u32 {
    let host = Host::with(faults);
    let address = format!("tcp://{}", host.address);
    let folder = Folder::new();
    let (journal, trace) = (folder.0.join("journal"), folder.0.join("trace"));
    assert!(plain(&journal, &address).status.code().is_some());
    traced(&journal, &address, &trace, &["-e", &format!("trace={CALLS}")]);
    let all: Vec<(String, u32)> = steps(&fs::read_to_string(&trace).expect("a trace"))
        .into_iter()
        .flat_map(|(name, count)| (1..=count).map(move |nth| (name.clone(), nth)))
        .collect();
    assert!(all.len() > 40, "strace saw {} steps only", all.len());
    let mut killed = 0;
    // Spread over all steps where there is no time for each; again from the beginning where there is time for more.
    let stride = (all.len() as u32).div_ceil(wanted.max(1)).max(1) as usize;
    let mut at = 0;
    for round in 0.. {
        if killed >= wanted || round > wanted * 4 {
            break;
        }
        let (name, nth) = &all[at % all.len()];
        at += stride;
        if at >= all.len() {
            at = (at % all.len() + 1) % all.len();
        }
        let inject = format!("inject={name}:signal=SIGKILL:when={nth}");
        let ended = traced(&journal, &address, &trace, &["-e", &format!("trace={name}"), "-e", &inject]);
        // strace ends as the program did: by the signal. A step that did not come this time kills nothing.
        killed += u32::from(ended.status.code().is_none());
        let again = plain(&journal, &address);
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(!said.contains("T70"), "{name} {nth}: {said}");
    }
    // The last one without a fault: whatever waits goes out.
    let (standing, _) = {
        let _ = plain(&journal, &address);
        host.end()
    };
    let live: Vec<u32> = standing.iter().flat_map(|books| books.live.iter().map(|(stan, _)| *stan)).collect();
    let history = History::read(&journal).expect("a whole journal");
    let waiting: Vec<u32> = history
        .transactions()
        .iter()
        .filter(|transaction| matches!(transaction.end, End::Open | End::Waiting { .. }))
        .map(|transaction| transaction.stan)
        .collect();
    let settled: Vec<u32> = live.into_iter().filter(|stan| !waiting.contains(stan)).collect();
    assert_eq!(settled, booked(&journal), "host and terminal disagree after {killed} kills with {faults:?}");
    killed
}

#[test]
fn the_real_process_is_killed_at_every_step_and_the_books_agree() {
    if !has_strace() {
        return;
    }
    let wanted: u32 = std::env::var("TILL_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(24);
    let killed = kill(&[], wanted.div_ceil(2)) + kill(&["line-drop:0200"], wanted / 2);
    println!("{killed} kills, the books agree");
    assert!(killed >= wanted * 3 / 4, "{killed} of {wanted} kills came about");
}

#[test]
fn a_sync_of_the_journal_returns_before_a_byte_leaves() {
    if !has_strace() {
        return;
    }
    let host = Host::with(&["line-drop:0200#1"]);
    let address = format!("tcp://{}", host.address);
    let folder = Folder::new();
    let (journal, trace) = (folder.0.join("journal"), folder.0.join("trace"));
    let (mut sent, mut synced) = (0, 0);
    // The first leaves a reversal behind, the second sends it.
    for _ in 0..2 {
        traced(&journal, &address, &trace, &["-e", "trace=write,pwrite64,writev,fdatasync,fsync,sendto,sendmsg"]);
        // Bytes of the journal that no sync has returned for.
        let mut open = false;
        let mut syncing = false;
        for line in fs::read_to_string(&trace).expect("a trace").lines() {
            let is_journal = line.contains("journal.till");
            let is_sync = line.contains("fdatasync(") || line.contains("fsync(");
            if is_journal && is_sync {
                syncing = line.contains("unfinished");
                if line.trim_end().ends_with("= 0") {
                    open = false;
                    synced += 1;
                }
            } else if syncing && line.contains("sync resumed") && line.trim_end().ends_with("= 0") {
                (open, syncing) = (false, false);
                synced += 1;
            } else if is_journal && line.contains("write") {
                open = true;
            } else if line.contains("<socket:[") && (line.contains("write") || line.contains("send")) {
                assert!(!open, "a byte leaves before the journal is synced:\n{line}");
                sent += 1;
            }
        }
        assert!(!open, "the run ends with a record that is not synced");
    }
    assert!(sent >= 3 && synced > sent, "{sent} sends and {synced} syncs were seen");
    host.end();
}
