//! A bare file, and Till's journal.

use crate::records::Records;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tillscript::world::journal::file::FileJournal;
use tillscript::world::journal::group::{Group, LogFile, Member};
use tillscript::world::journal::log::ROOM;
use tillscript::world::journal::room::Roomy;
use tillscript::world::port::failure::Failure;
use tillscript::world::port::journal::Journal;
use tillscript::world::port::seal::Seal;

/// Somebody who commits records.
pub trait Contender {
    /// So many commits, each of a batch; how long each took is put into `taken`. Records are made before the time runs.
    fn commits(&mut self, count: usize, taken: &mut Vec<Duration>) -> io::Result<()>;

    /// Is everything there that was committed? Read back as a program does that starts anew.
    fn check(&mut self) -> io::Result<()>;
}

/// Appends to a file, and waits for the disk: no less can be done.
pub struct Raw {
    path: PathBuf,
    file: File,
    records: Records,
    batch: usize,
    written: u64,
}

impl Raw {
    pub fn new(folder: &Path, batch: usize) -> io::Result<Raw> {
        fs::create_dir_all(folder)?;
        let path = folder.join("records");
        let file = OpenOptions::new().create_new(true).append(true).open(&path)?;
        Ok(Raw { path, file, records: Records::new(), batch, written: 0 })
    }
}

impl Contender for Raw {
    fn commits(&mut self, count: usize, taken: &mut Vec<Duration>) -> io::Result<()> {
        for _ in 0..count {
            let mut bytes = Vec::new();
            for _ in 0..self.batch {
                bytes.extend(self.records.bytes()?);
            }
            let began = Instant::now();
            self.file.write_all(&bytes)?;
            self.file.sync_data()?;
            taken.push(began.elapsed());
            self.written += bytes.len() as u64;
        }
        Ok(())
    }

    fn check(&mut self) -> io::Result<()> {
        same("raw append", fs::metadata(&self.path)?.len(), self.written)
    }
}

/// Overwrites zeros that were written and synced before, and waits for the disk: what an append costs whose file does not grow.
pub struct Overwrite {
    path: PathBuf,
    file: File,
    records: Records,
    batch: usize,
    written: u64,
    room: u64,
}

/// Room is made in steps of so many bytes, before the time runs.
const STEP: u64 = 8 << 20;

impl Overwrite {
    pub fn new(folder: &Path, batch: usize) -> io::Result<Overwrite> {
        fs::create_dir_all(folder)?;
        let path = folder.join("records");
        let file = OpenOptions::new().create_new(true).read(true).write(true).open(&path)?;
        Ok(Overwrite { path, file, records: Records::new(), batch, written: 0, room: 0 })
    }
}

impl Contender for Overwrite {
    fn commits(&mut self, count: usize, taken: &mut Vec<Duration>) -> io::Result<()> {
        for _ in 0..count {
            let mut bytes = Vec::new();
            for _ in 0..self.batch {
                bytes.extend(self.records.bytes()?);
            }
            if self.written + bytes.len() as u64 > self.room {
                self.file.write_all_at(&vec![0; STEP as usize], self.room)?;
                self.file.sync_all()?;
                self.room += STEP;
            }
            let began = Instant::now();
            self.file.write_all_at(&bytes, self.written)?;
            self.file.sync_data()?;
            taken.push(began.elapsed());
            self.written += bytes.len() as u64;
        }
        Ok(())
    }

    fn check(&mut self) -> io::Result<()> {
        let bytes = fs::read(&self.path)?;
        let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        same("raw overwrite", written as u64, self.written)
    }
}

/// The journal. A batch of one is the journal of one terminal in its folder; larger ones are as many terminals that share a log,
/// each with a record of its own.
pub enum Till {
    One { journal: Box<FileJournal>, records: Records, count: u64 },
    Many { path: PathBuf, group: Group, terminals: Vec<(FileJournal<Member>, Records)>, counts: u64, syncs: u64 },
}

const KEY: [u8; 16] = [7; 16];

impl Till {
    pub fn new(folder: &Path, batch: usize) -> io::Result<Till> {
        fs::create_dir_all(folder)?;
        if batch == 1 {
            let (journal, _, _) = FileJournal::open(folder, &KEY).map_err(told)?;
            return Ok(Till::One { journal: Box::new(journal), records: Records::new(), count: 0 });
        }
        let path = folder.join("log");
        let file = OpenOptions::new().create_new(true).write(true).open(&path)?;
        // As `till fleet` opens its log.
        let (group, _) = Group::open(Box::new(Roomy::new(file, ROOM)?), &[])?;
        let seal = Seal::new(&KEY);
        let terminals = (0..batch as u32).map(|terminal| {
            let (journal, _) = FileJournal::on(group.member(terminal), &[], &seal).map_err(told)?;
            Ok((journal, Records::new()))
        });
        let terminals = terminals.collect::<io::Result<Vec<_>>>()?;
        let syncs = group.syncs();
        Ok(Till::Many { path, group, terminals, counts: 0, syncs })
    }
}

impl Contender for Till {
    fn commits(&mut self, times: usize, taken: &mut Vec<Duration>) -> io::Result<()> {
        match self {
            Till::One { journal, records, count } => {
                for _ in 0..times {
                    let record = records.record();
                    let began = Instant::now();
                    journal.append(record).map_err(told)?;
                    taken.push(began.elapsed());
                    *count += 1;
                }
            }
            Till::Many { terminals, counts, .. } => {
                for _ in 0..times {
                    let made: Vec<_> = terminals.iter_mut().map(|(_, records)| records.record()).collect();
                    let began = Instant::now();
                    for ((journal, _), record) in terminals.iter_mut().zip(made) {
                        journal.begin_append(record).map_err(told)?;
                    }
                    for (journal, _) in terminals.iter_mut() {
                        journal.settle().map_err(told)?;
                    }
                    taken.push(began.elapsed());
                    *counts += 1;
                }
            }
        }
        Ok(())
    }

    fn check(&mut self) -> io::Result<()> {
        match self {
            Till::One { journal, count, .. } => {
                let walked = journal.verify().ok_or_else(|| io::Error::other("no files"))?.map_err(told)?;
                same("Till, records on the disk", walked, journal.state().records)?;
                // Segments begin with records of the journal's own.
                if walked < *count { same("Till", walked, *count) } else { Ok(()) }
            }
            Till::Many { path, group, terminals, counts, syncs } => {
                let done = group.syncs() - *syncs;
                if done < *counts {
                    return Err(io::Error::other(format!("{done} syncs for {counts} commits: one was skipped")));
                }
                let bytes = fs::read(path)?;
                let (_, held) = Group::open(Box::new(Nowhere), &bytes)?;
                for (at, (journal, _)) in terminals.iter().enumerate() {
                    let own = held.get(&(at as u32)).ok_or_else(|| io::Error::other("a terminal is missing"))?;
                    let (again, _) = Group::open(Box::new(Nowhere), &[])?;
                    let (read, _) = FileJournal::on(again.member(0), &own.active, &Seal::new(&KEY)).map_err(told)?;
                    same("Till, records of a terminal", read.state().records, journal.state().records)?;
                }
                Ok(())
            }
        }
    }
}

/// The file of a log that is only read.
struct Nowhere;

impl LogFile for Nowhere {
    fn append(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn same(what: &str, found: u64, expected: u64) -> io::Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(io::Error::other(format!("{what}: {found}, not {expected}")))
}

fn told(failure: Failure) -> io::Error {
    io::Error::other(format!("{} {:?}", failure.code.0, failure.facts))
}
