//! Engines take turns, each figure in a process of its own; then the tables.

use crate::work::{self, ROWS, Row, SALE};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// Who does the work.
#[derive(Clone)]
enum Who {
    /// An engine in a program built by this crate; the folder holds `peers` and `held`.
    Built(PathBuf),
    /// Till, in examples of its own package; the folder holds `beside` and `held`.
    Till(PathBuf),
    /// A program of the system: command, script that runs the work, the work.
    System { command: Vec<String>, work: String },
}

#[derive(Clone)]
struct Peer {
    name: String,
    who: Who,
}

/// Best and median of what was measured.
#[derive(Clone, Copy)]
struct Figure {
    best: f64,
    median: f64,
}

fn figure(mut values: Vec<f64>) -> Option<Figure> {
    values.sort_by(f64::total_cmp);
    Some(Figure { best: *values.first()?, median: *values.get(values.len() / 2)? })
}

const USAGE: &str = "peers [--turns N] [--only NAME,NAME] [--write]";

/// Measures all there is, and prints the tables; `--write` puts them into docs/performance.md.
pub fn measure(options: &[&str]) -> ExitCode {
    let (mut turns, mut only, mut write) = (5, Vec::new(), false);
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        match (*option, rest.as_slice()) {
            ("--turns", [count, ..]) => turns = count.parse().unwrap_or(turns),
            ("--only", [names, ..]) => only = names.split(',').collect(),
            ("--write", _) => {
                write = true;
                continue;
            }
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
        rest.next();
    }
    let peers: Vec<Peer> =
        peers().into_iter().filter(|peer| only.is_empty() || only.contains(&peer.name.as_str())).collect();
    eprintln!("{} engines, {turns} turns", peers.len());
    let began = Instant::now();
    let mut page = String::new();
    let (times, wrong) = times(&peers, turns);
    time_tables(&peers, &times, &mut page);
    memory_table(&peers, &mut page);
    compile_table(&peers, turns, &mut page);
    start_table(&peers, 6 * turns, &mut page);
    let _ = writeln!(page, "Measured on {}, in {} s, {turns} turns.", machine(), began.elapsed().as_secs());
    println!("{page}");
    let wrote = if write { put(&page) } else { ExitCode::SUCCESS };
    if wrong { ExitCode::FAILURE } else { wrote }
}

/// Till's own folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn own_folder() -> PathBuf {
    std::env::current_exe().ok().and_then(|path| path.parent().map(Path::to_path_buf)).unwrap_or_default()
}

/// The engines of this program, LuaJIT in its own, and what the system has.
fn peers() -> Vec<Peer> {
    let mut found = Vec::new();
    let till = root().join("target/release/examples");
    if till.join("beside").is_file() {
        found.push(Peer { name: "till".into(), who: Who::Till(till) });
    }
    // `run` puts each engine that it could build into a folder of its own; without it there is this program.
    let engines = root().join("target/peers/engines");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(engines).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders.push(own_folder());
    for folder in folders {
        let Ok(output) = Command::new(folder.join("peers")).arg("engines").output() else { continue };
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if !found.iter().any(|peer: &Peer| peer.name == line) {
                found.push(Peer { name: line.to_string(), who: Who::Built(folder.clone()) });
            }
        }
    }
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let here = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success());
    let run = |name: &str| scripts.join(name).display().to_string();
    if here("node") {
        let command = ["node", "--expose-gc", &run("run.js")].map(str::to_string).to_vec();
        let work = work::script(include_str!("../scripts/work.js"), &work::JS);
        found.push(Peer { name: "node".into(), who: Who::System { command, work } });
    }
    if here("python3") {
        let command = ["python3", "-I", "-S", &run("run.py")].map(str::to_string).to_vec();
        let work = work::script(include_str!("../scripts/work.py"), &work::PYTHON);
        found.push(Peer { name: "python3".into(), who: Who::System { command, work } });
    }
    found
}

impl Peer {
    /// Runs one of the commands; gives the numbers it prints, or `None` if the engine cannot do that.
    fn ask(&self, program: &str, words: &[&str], input: Option<&str>) -> Option<Vec<f64>> {
        let (mut command, input) = match &self.who {
            Who::Built(folder) => {
                let mut command = Command::new(folder.join(program));
                match (program, words) {
                    ("held", [_, count]) => command.args([self.name.as_str(), count]),
                    (_, words) => command.args(["on", self.name.as_str()]).args(words),
                };
                (command, "")
            }
            Who::Till(folder) => {
                let mut command = Command::new(folder.join(if program == "held" { "held" } else { "beside" }));
                match (program, words) {
                    ("held", [_, count]) => command.arg(count),
                    (_, words) => command.args(words),
                };
                (command, "")
            }
            Who::System { command, work } => {
                let (program, rest) = command.split_first()?;
                let mut command = Command::new(program);
                command.args(rest).args(words);
                (command, input.unwrap_or(work))
            }
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().ok()?;
        let _ = child.stdin.take()?.write_all(input.as_bytes());
        let output = child.wait_with_output().ok()?;
        if output.status.code() == Some(3) {
            return None;
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let numbers: Option<Vec<f64>> = said.split_whitespace().map(|word| word.parse().ok()).collect();
        numbers.filter(|numbers| output.status.success() && !numbers.is_empty()).or_else(|| {
            eprintln!("{} {words:?}: {} {}", self.name, output.status, said.trim());
            None
        })
    }
}

/// Nanoseconds of one unit.
type Times = BTreeMap<(usize, usize), Figure>;

/// The figures, and whether an engine gave a wrong number: such a figure is left out and told.
fn times(peers: &[Peer], turns: usize) -> (Times, bool) {
    let mut samples: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    let mut cannot = Vec::new();
    let mut wrong = false;
    for turn in 0..turns {
        for (at, row) in ROWS.iter().enumerate() {
            for (who, peer) in peers.iter().enumerate() {
                if cannot.contains(&(at, who)) {
                    continue;
                }
                match peer.ask("peers", &["sample", row.name], None).as_deref() {
                    Some([ns, _, gave]) if *gave == row.wanted as f64 => {
                        samples.entry((at, who)).or_default().push(ns / row.units as f64);
                    }
                    Some([_, _, gave]) => {
                        eprintln!("WRONG: {} gave {gave} for {}, not {}", peer.name, row.name, row.wanted);
                        samples.remove(&(at, who));
                        wrong = true;
                        cannot.push((at, who));
                    }
                    _ => cannot.push((at, who)),
                }
            }
        }
        eprintln!("turn {} of {turns}", turn + 1);
    }
    (samples.into_iter().filter_map(|(key, values)| Some((key, figure(values)?))).collect(), wrong)
}

fn time(ns: f64) -> String {
    match ns {
        ..100.0 => format!("{ns:.1} ns"),
        ..1e4 => format!("{ns:.0} ns"),
        ..1e7 => format!("{:.1} µs", ns / 1e3),
        _ => format!("{:.1} ms", ns / 1e6),
    }
}

fn ratio(value: f64) -> String {
    match value {
        ..0.995 => format!("{value:.2}"),
        ..9.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn header(page: &mut String, first: &str, columns: impl Iterator<Item = &'static str>) {
    let mut rule = String::from("|---|");
    let _ = write!(page, "| {first} |");
    for column in columns {
        let _ = write!(page, " {column} |");
        rule.push_str("---:|");
    }
    let _ = writeln!(page, "\n{rule}");
}

fn is_native(peer: &Peer) -> bool {
    peer.name.starts_with("native")
}

fn time_tables(peers: &[Peer], times: &Times, page: &mut String) {
    let columns = || ROWS.iter().map(|row: &Row| row.name);
    let _ = writeln!(page, "Time of one unit, best of all turns (median in brackets):\n");
    header(page, "engine", columns());
    for (who, peer) in peers.iter().enumerate() {
        let _ = write!(page, "| {} |", peer.name);
        for at in 0..ROWS.len() {
            match times.get(&(at, who)) {
                Some(figure) => {
                    let _ = write!(page, " {} ({}) |", time(figure.best), time(figure.median));
                }
                None => page.push_str(" – |"),
            }
        }
        page.push('\n');
    }
    for base in ["native", "lua54"] {
        let Some(by) = peers.iter().position(|peer| peer.name == base) else { continue };
        let _ = writeln!(page, "\n× {base} (smaller is faster):\n");
        header(page, "engine", columns());
        for (who, peer) in peers.iter().enumerate() {
            let _ = write!(page, "| {} |", peer.name);
            for at in 0..ROWS.len() {
                match (times.get(&(at, who)), times.get(&(at, by))) {
                    (Some(figure), Some(base)) => {
                        let _ = write!(page, " {} |", ratio(figure.best / base.best));
                    }
                    _ => page.push_str(" – |"),
                }
            }
            page.push('\n');
        }
    }
    let Some(till) = peers.iter().position(|peer| peer.name == "till") else { return };
    let _ = writeln!(page, "\nTill beside the fastest peer of each row, JITs included (below 1: Till is faster):\n");
    header(page, "row", ["unit", "Till", "fastest peer", "its time", "Till × peer"].into_iter());
    for (at, row) in ROWS.iter().enumerate() {
        let best = peers
            .iter()
            .enumerate()
            .filter(|(who, peer)| *who != till && !is_native(peer))
            .filter_map(|(who, peer)| Some((times.get(&(at, who))?.best, peer)))
            .min_by(|(one, _), (other, _)| one.total_cmp(other));
        if let (Some(own), Some((ns, peer))) = (times.get(&(at, till)), best) {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} | {} |",
                row.name,
                row.unit,
                time(own.best),
                peer.name,
                time(ns),
                ratio(own.best / ns)
            );
        }
    }
}

/// How many sales wait while memory is looked at. mlua on LuaJIT holds no more than about 8 000 coroutines.
fn held(peer: &Peer) -> usize {
    match peer.name.as_str() {
        "till" | "native" | "native-packed" => 100_000,
        "luajit" => 5_000,
        _ => 10_000,
    }
}

fn memory_table(peers: &[Peer], page: &mut String) {
    let _ =
        writeln!(page, "\nBytes of one sale that waits in `send` with its 17 fields; all were finished afterwards:\n");
    header(page, "engine", ["held", "heap bytes each", "resident bytes each"].into_iter());
    for peer in peers {
        let count = held(peer);
        let asked = peer.ask("held", &["hold", &count.to_string()], None);
        let Some(&[heap, resident, gave]) = asked.as_deref() else { continue };
        let right = gave == (SALE * count as u64) as f64;
        let heap = if heap > 0.0 { heap.to_string() } else { "–".to_string() };
        let _ = writeln!(
            page,
            "| {} | {count} | {heap} | {resident} |{}",
            peer.name,
            if right { "" } else { " wrong result |" }
        );
    }
}

fn compile_table(peers: &[Peer], turns: usize, page: &mut String) {
    let text = |script: String, from, names: &[&str]| work::again(&script, from, None, names, 1_000_000);
    let names = ["begin", "finish", "sell", "sale", "sale_luhn", "waiting_sale"];
    let js = text(work::script(include_str!("../scripts/work.js"), &work::JS), "function begin", &names);
    let python = text(work::script(include_str!("../scripts/work.py"), &work::PYTHON), "def begin", &names);
    let _ = writeln!(
        page,
        "\nParse and compile a long source, the sale again and again (Till checks types, paths, secrets and answers, and proves the bytecode, too):\n"
    );
    header(page, "engine", ["MB/s, best", "median", "bytes"].into_iter());
    for peer in peers {
        let input = match peer.name.as_str() {
            "node" => Some(js.as_str()),
            "python3" => Some(python.as_str()),
            _ => None,
        };
        let mut rates = Vec::new();
        let mut size = 0.0;
        for _ in 0..turns.min(3) {
            let Some(numbers) = peer.ask("peers", &["compile"], input) else { break };
            size = input.map_or(numbers[1], |input| input.len() as f64);
            rates.push(numbers[0] / size);
        }
        if let Some(it) = figure(rates) {
            let _ = writeln!(page, "| {} | {:.1} | {:.1} | {size} |", peer.name, 1e3 / it.best, 1e3 / it.median);
        }
    }
}

fn start_table(peers: &[Peer], turns: usize, page: &mut String) {
    let root = root();
    let mut programs: Vec<(String, Command)> = vec![("/bin/true".into(), Command::new("/bin/true"))];
    for peer in peers {
        let command = match &peer.who {
            Who::Built(folder) => {
                let mut command = Command::new(folder.join("peers"));
                command.args(["on", &peer.name, "once"]);
                command
            }
            Who::Till(folder) => {
                let mut command = Command::new(folder.join("beside"));
                command.arg("once");
                command
            }
            Who::System { .. } => continue,
        };
        programs.push((format!("{}, script to result of one sale", peer.name), command));
    }
    let till = root.join("target/release/till");
    if till.is_file() {
        let mut command = Command::new(&till);
        command.arg("run").arg(root.join("benches/workloads/hello.till"));
        programs.push(("`till run hello.till`, the whole program".into(), command));
    }
    for (name, words) in [
        ("lua5.4", &["-e", "print(1)"][..]),
        ("luajit", &["-e", "print(1)"]),
        ("python3", &["-I", "-S", "-c", "print(1)"]),
        ("node", &["-e", "console.log(1)"]),
    ] {
        if Command::new(name).args(words).output().is_ok_and(|it| it.status.success()) {
            let mut command = Command::new(name);
            command.args(words);
            programs.push((format!("`{name}`, print(1)"), command));
        }
    }
    let mut took: Vec<Vec<f64>> = vec![Vec::new(); programs.len()];
    for _ in 0..turns {
        for ((_, command), took) in programs.iter_mut().zip(&mut took) {
            let began = Instant::now();
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
            if status.is_ok_and(|status| status.success()) {
                took.push(began.elapsed().as_nanos() as f64);
            }
        }
    }
    let _ = writeln!(page, "\nWhole processes, start to end:\n");
    header(page, "process", ["best", "median"].into_iter());
    for ((name, _), took) in programs.iter().zip(took) {
        if let Some(it) = figure(took) {
            let _ = writeln!(page, "| {name} | {:.2} ms | {:.2} ms |", it.best / 1e6, it.median / 1e6);
        }
    }
    page.push('\n');
}

fn machine() -> String {
    let said = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string()).unwrap_or_default()
    };
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = info.lines().filter(|line| line.starts_with("processor")).count();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{}, {} ({cores} cores, load {} at the end), {}",
        said("date", &["-u", "+%Y-%m-%d"]),
        model.trim_start_matches([':', ' ', '\t']),
        load.split(' ').next().unwrap_or_default(),
        said("rustc", &["--version"]),
    )
}

const BEGIN: &str = "<!-- peers: written by benches/peers/run -->";
const END: &str = "<!-- end of peers -->";

fn put(page: &str) -> ExitCode {
    let path = root().join("docs/performance.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let Some((before, rest)) = text.split_once(BEGIN) else {
        eprintln!("{} has no `{BEGIN}`", path.display());
        return ExitCode::FAILURE;
    };
    let after = rest.split_once(END).map_or("", |(_, after)| after);
    match std::fs::write(&path, format!("{before}{BEGIN}\n\n{page}\n{END}{after}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
