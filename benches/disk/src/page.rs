//! The table, and where it goes.

use crate::NAMES;
use crate::times::Times;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

const BEGIN: &str = "<!-- disk: written by benches/disk/run -->";
const END: &str = "<!-- end of disk -->";

/// A row for each contender at each batch size.
pub fn table(all: &[(usize, Vec<Times>)]) -> String {
    let mut text = "| records to a commit | who | a commit, median | 99 in 100 | records a second | × raw append |\n|---:|---|---:|---:|---:|---:|\n".to_owned();
    for (batch, times) in all {
        let raw = times.first().cloned().unwrap_or_default();
        for (name, times) in NAMES.iter().zip(times) {
            let median = times.median();
            let [half, most] = [median, times.percentile(99)].map(|time| time.as_secs_f64() * 1e6);
            let rate = *batch as f64 / median.as_secs_f64();
            text.push_str(&format!(
                "| {batch} | {name} | {half:.0} µs | {most:.0} µs | {rate:.0} | {:.2} |\n",
                times.ratio(&raw)
            ));
        }
    }
    text
}

/// Puts the table between its marks in `docs/journal.md`, with day, machine and command.
pub fn put(table: &str, folder: &Path, rounds: usize) -> io::Result<()> {
    let root = std::env::var_os("TILL_ROOT").ok_or_else(|| io::Error::other("run it by benches/disk/run"))?;
    let path = Path::new(&root).join("docs/journal.md");
    let page = fs::read_to_string(&path)?;
    let marks = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, behind) = marks.ok_or_else(|| io::Error::other(format!("{} has lost its marks", path.display())))?;
    let kind = kind_of(folder).unwrap_or_else(|| "an unknown file system".to_owned());
    let told = format!(
        "{}, {}, {kind}; `benches/disk/run FOLDER --rounds {rounds}`, the median of {rounds} rounds of {} commits each:",
        said("date", &["+%Y-%m-%d"]),
        machine(),
        crate::COMMITS
    );
    fs::write(&path, format!("{before}{BEGIN}\n{told}\n\n{table}{END}{behind}"))
}

/// The kind of file system that a folder is on.
pub fn kind_of(folder: &Path) -> Option<String> {
    let kind = said("stat", &["-f", "-c", "%T", folder.to_str()?]);
    if kind.is_empty() { None } else { Some(if kind.starts_with("ext2") { "ext4".to_owned() } else { kind }) }
}

fn machine() -> String {
    let facts = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cores = facts.lines().filter(|line| line.starts_with("processor")).count();
    let name = facts.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    format!("{cores} cores of {}", name.unwrap_or("an unknown processor"))
}

fn said(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
