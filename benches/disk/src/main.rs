//! How long a durable commit takes: a bare file, Till's journal, SQLite, redb, on one disk, in turns.
//!
//! `docs/journal.md` says how to run it and what the table means.

mod contenders;
mod databases;
mod page;
mod records;
mod times;

use contenders::{Contender, Overwrite, Raw, Till};
use databases::{Redb, Sqlite};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use times::Times;

/// Records that share one commit.
const BATCHES: [usize; 3] = [1, 8, 64];
/// Who takes part. The first is what the others are compared with.
const NAMES: [&str; 5] = ["raw append", "raw overwrite", "Till", "SQLite", "redb"];
/// Commits of one contender before it is the next one's turn.
const COMMITS: usize = 100;
/// Commits that are not counted, at the beginning of each turn: the disk comes to rest after the one before.
const WARM_UP: usize = 10;

fn main() -> ExitCode {
    let mut folder = None;
    let (mut rounds, mut write) = (11, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--write" => write = true,
            "--rounds" => match words.next().and_then(|count| count.parse().ok()).filter(|count| *count > 0) {
                Some(count) => rounds = count,
                None => return usage(),
            },
            _ if word.starts_with('-') || folder.is_some() => return usage(),
            _ => folder = Some(PathBuf::from(word)),
        }
    }
    let Some(folder) = folder else { return usage() };
    let measured = measure(&folder, rounds).and_then(|all| {
        let table = page::table(&all);
        print!("{table}");
        if write { page::put(&table, &folder, rounds) } else { Ok(()) }
    });
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(74)
        }
    }
}

fn usage() -> ExitCode {
    eprintln!(
        "usage: benches/disk/run FOLDER [--rounds N] [--write]\nFOLDER lies on the disk that is measured; not on tmpfs, which has no disk."
    );
    ExitCode::from(64)
}

/// The times of every contender at every batch size.
fn measure(folder: &Path, rounds: usize) -> io::Result<Vec<(usize, Vec<Times>)>> {
    if page::kind_of(folder).is_some_and(|kind| kind == "tmpfs") {
        return Err(io::Error::other(format!("{} is on tmpfs: nothing reaches a disk there", folder.display())));
    }
    let place = folder.join(format!("till-disk-{}", std::process::id()));
    let mut all = Vec::new();
    for batch in BATCHES {
        let mut times = vec![Times::default(); NAMES.len()];
        std::fs::create_dir_all(&place)?;
        {
            let mut contenders: Vec<Box<dyn Contender>> = vec![
                Box::new(Raw::new(&place.join("raw"), batch)?),
                Box::new(Overwrite::new(&place.join("overwrite"), batch)?),
                Box::new(Till::new(&place.join("till"), batch)?),
                Box::new(Sqlite::new(&place.join("sqlite"), batch)?),
                Box::new(Redb::new(&place.join("redb"), batch)?),
            ];
            for round in 0..rounds {
                // Each round begins with another one, so that none always follows the same neighbour.
                for turn in 0..contenders.len() {
                    let at = (round + turn) % contenders.len();
                    let (Some(contender), Some(times)) = (contenders.get_mut(at), times.get_mut(at)) else { continue };
                    contender.commits(WARM_UP, &mut Vec::new())?;
                    let mut taken = Vec::with_capacity(COMMITS);
                    contender.commits(COMMITS, &mut taken)?;
                    times.round(taken);
                }
                eprint!("\r{batch} to a commit: round {} of {rounds} ", round + 1);
            }
            for contender in &mut contenders {
                contender.check()?;
            }
        }
        eprintln!();
        std::fs::remove_dir_all(&place)?;
        all.push((batch, times));
    }
    Ok(all)
}
