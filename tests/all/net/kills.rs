//! The real program with real files and a real host over TCP: every flow that moves money is killed at every step that the
//! system sees of it, through the proxy for a share of the kills, and the books are held against each other by the audit of
//! `till torture`.
//!
//! Nothing is started again after a kill: the next run has to put right what the last one left. It takes `strace`; where there
//! is none, a line says so and nothing is tested. `TILL_KILLS=2000` kills so often, `TILL_BINARY` names another build.

use super::bench::{Folder, Host};
use super::kill_flows::{FLOWS, Flow, Needs};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use tillscript::world::audit::books::Books;
use tillscript::world::audit::compare::audit;
use tillscript::world::journal::file::FileJournal;
use tillscript::world::port::journal::{Journal, JournalState};
use tillscript::world::simulation::device_key_of;

/// The calls that others can see: what is written to files, what goes over the line.
const CALLS: &str =
    "write,pwrite64,writev,fdatasync,fsync,ftruncate,rename,mkdir,flock,connect,sendto,sendmsg,recvfrom,read,close";

/// What the proxy does to every message of these kinds; nothing that a terminal would wait a minute for.
const RULES: [&str; 3] = ["duplicate-response:0210", "close-response:0230", "truncate-response:0110"];

/// One kill in so many goes through the proxy.
const PROXY_EACH: u32 = 4;

/// Kills unless told.
const FEW: u32 = FLOWS.len() as u32;

fn till() -> String {
    std::env::var("TILL_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_till").to_owned())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        println!("strace is not here: the real process is not killed, and the order of its calls is not looked at");
    }
    found
}

/// A terminal's folder, its host in this process, and a proxy in another.
struct Shop {
    host: Host,
    folder: Folder,
    proxy: Child,
    through: String,
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.proxy.kill();
        let _ = self.proxy.wait();
    }
}

impl Shop {
    fn open(faults: &[&str]) -> Shop {
        let host = Host::with(faults);
        let mut words = vec!["proxy".to_owned(), "127.0.0.1:0".to_owned(), format!("tcp://{}", host.address)];
        words.extend(RULES.iter().flat_map(|rule| ["--fault".to_owned(), (*rule).to_owned()]));
        words.extend(["--format".to_owned(), "json".to_owned()]);
        let mut proxy = Command::new(till())
            .args(&words)
            .env("TILL_LANG", "en")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a proxy");
        let through = listening(&mut proxy);
        let shop = Shop { host, folder: Folder::new(), proxy, through };
        shop.plain(Flow::called("sign_in"));
        shop
    }

    fn journal(&self) -> PathBuf {
        self.folder.0.join("journal")
    }

    fn words(&self, flow: &Flow, arguments: Vec<String>, by_proxy: bool) -> Vec<String> {
        let address = if by_proxy { self.through.clone() } else { format!("tcp://{}", self.host.address) };
        let mut words = vec!["run".to_owned(), format!("scripts/{}.till", flow.script), flow.name.to_owned()];
        words.extend(arguments);
        words.extend(["--format", "short", "--host", &address, "--journal"].map(str::to_owned));
        words.push(self.journal().display().to_string());
        words
    }

    /// Runs a flow to its end, whatever comes of it.
    fn plain(&self, flow: &Flow) {
        if let Some(arguments) = (flow.arguments)(&self.state()) {
            let ended = output(Command::new(till()).args(self.words(flow, arguments, false)));
            let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.code().is_some_and(|code| code != 70), "{}: {said}", flow.name);
            assert!(!said.contains("T70"), "{}: {said}", flow.name);
        }
    }

    /// Runs a flow under strace; what it saw goes to `to`.
    fn traced(&self, flow: &Flow, by_proxy: bool, to: &Path, more: &[&str]) -> Option<Output> {
        let words = self.words(flow, (flow.arguments)(&self.state())?, by_proxy);
        // No `--seccomp-bpf`: strace 6.1 injects nothing then.
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o"]).arg(to).args(more).arg("--").arg(till()).args(words);
        Some(output(&mut command))
    }

    /// What all records of the journal say.
    fn state(&self) -> JournalState {
        // What is opened before its first run is no new terminal any more.
        if !self.journal().exists() {
            return JournalState::default();
        }
        match FileJournal::open(&self.journal(), &device_key_of(0)) {
            Ok((journal, ..)) => journal.state().clone(),
            Err(failure) => panic!("the journal cannot be opened: {failure:?}"),
        }
    }

    /// Lets everything that waits go out, and holds the books against each other.
    fn rest(&self, after: &str) {
        for round in 0.. {
            let state = self.state();
            let waits = state.pending.len() + state.day.notices.len();
            if waits == 0 && state.day.settlement.is_none() {
                break;
            }
            assert!(round < 5, "{after}: {waits} messages still wait, settlement {:?}", state.day.settlement);
            for name in ["sign_in", "upload", "end_of_day"] {
                if name != "end_of_day" || state.day.settlement.is_some() {
                    self.plain(Flow::called(name));
                }
            }
        }
        let (journal, ledger) = (self.state(), self.host.ledger());
        let wrong = audit(Books { journal: &journal, ledger: &ledger, paper: None, line: None, chip_declined: None });
        let said: Vec<String> = wrong.iter().map(|violation| violation.said().en).collect();
        assert!(said.is_empty(), "{after}: {said:#?}");
    }

    /// Kills a flow at one step after the other. Gives how often it was killed, and how many steps it has.
    fn kill(&self, flow: &Flow, wanted: u32) -> (u32, usize) {
        let trace = self.folder.0.join("trace");
        self.prepare(flow);
        self.traced(flow, false, &trace, &["-e", &format!("trace={CALLS}")]);
        let all = steps(&fs::read_to_string(&trace).unwrap_or_default());
        assert!(all.len() > 30, "{}: strace saw {} steps only", flow.name, all.len());
        let mut killed = 0;
        // Spread over all steps where there is no time for each; again from the beginning where there is time for more.
        let stride = (all.len() as u32).div_ceil(wanted.max(1)).max(1) as usize;
        for (at, round) in (0..).map(|round: u32| (round as usize * stride, round)) {
            if killed >= wanted || round > wanted * 2 {
                break;
            }
            // The second time round begins one step later.
            let (name, nth) = &all[(at + at / all.len()) % all.len()];
            self.prepare(flow);
            let inject = format!("inject={name}:signal=SIGKILL:when={nth}");
            let by_proxy = round % PROXY_EACH == PROXY_EACH - 1;
            let ended = self.traced(flow, by_proxy, &trace, &["-e", &format!("trace={name}"), "-e", &inject]);
            // strace ends as the program did: by the signal. A step that did not come this time kills nothing.
            killed += u32::from(ended.is_some_and(|ended| ended.status.code().is_none()));
        }
        (killed, all.len())
    }

    /// Brings about what a flow needs.
    fn prepare(&self, flow: &Flow) {
        for needed in flow.needs {
            match needed {
                Needs::Run(name) => self.plain(Flow::called(name)),
                Needs::Settled if self.state().day.settlement.is_some() => {}
                Needs::Settled => self.plain(Flow::called("settlement")),
                Needs::OpenBatch if self.state().day.settlement.is_none() => {}
                Needs::OpenBatch => self.plain(Flow::called("end_of_day")),
            }
        }
    }
}

/// Where a proxy listens: its first line says it. The rest is read and thrown away, so that it never waits for a reader.
fn listening(proxy: &mut Child) -> String {
    use std::io::{BufRead, BufReader};
    let mut lines = BufReader::new(proxy.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line").expect("text");
    std::thread::spawn(move || lines.for_each(drop));
    let at = first.find("tcp://").expect("an address");
    first[at..].split(['"', ' ', ',']).next().unwrap_or_default().to_owned()
}

fn output(command: &mut Command) -> Output {
    command.current_dir(root()).env("TILL_LANG", "en").stdin(Stdio::null());
    command.output().expect("it runs")
}

/// The calls of one run on things outside: name, and the so-many-th of that name.
fn steps(trace: &str) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for line in trace.lines() {
        let call = line.split_once(' ').map_or(line, |(_, rest)| rest.trim_start());
        if let Some((name, _)) = call
            .split_once('(')
            .filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
        {
            *counts.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    counts.into_iter().flat_map(|(name, count)| (1..=count).map(move |nth| (name.clone(), nth))).collect()
}

#[test]
fn every_flow_that_moves_money_is_killed_at_every_step_and_the_books_agree() {
    if !has_strace() {
        return;
    }
    let wanted: u32 = std::env::var("TILL_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(FEW);
    let each = wanted.div_ceil(FLOWS.len() as u32);
    let (next, told) = (AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(flow) = FLOWS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let shop = Shop::open(flow.faults);
                    let (killed, steps) = shop.kill(flow, each);
                    shop.rest(&format!("{} after {killed} kills", flow.name));
                    told.lock().expect("a list").push((flow.name, killed, steps));
                }
            });
        }
    });
    let mut told = told.into_inner().expect("a list");
    told.sort_unstable();
    for (name, killed, steps) in &told {
        println!("{name}: {killed} kills over {steps} steps");
    }
    let killed: u32 = told.iter().map(|(_, killed, _)| killed).sum();
    println!("{killed} kills of {} flows, one in {PROXY_EACH} through the proxy: the books agree", told.len());
    assert_eq!(told.len(), FLOWS.len());
    assert!(killed >= wanted * 3 / 4, "{killed} of {wanted} kills came about");
}

#[test]
fn a_sync_of_the_journal_returns_before_a_byte_leaves() {
    if !has_strace() {
        return;
    }
    let shop = Shop::open(&["line-drop:0200#1"]);
    let trace = shop.folder.0.join("trace");
    let (mut sent, mut synced) = (0, 0);
    // The first leaves a reversal behind, the second sends it.
    for _ in 0..2 {
        let calls = "trace=write,pwrite64,writev,fdatasync,fsync,sendto,sendmsg";
        shop.traced(Flow::called("sale"), false, &trace, &["-y", "-e", calls]);
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
}
