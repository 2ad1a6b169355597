//! The names of a journal's files in its directory.

use std::fs;
use std::io;
use std::path::Path;

/// The segment that is written to.
pub const ACTIVE: &str = "journal.till";
/// The segment that is about to take its place.
pub const NEXT: &str = "journal.next";
/// The lock. It is the system's, so it goes with its process, however that ends.
pub const LOCK: &str = "journal.lock";

/// What is written to see whether the disk takes anything; there for an instant.
pub const ATTEMPT: &str = "journal.attempt";

/// A segment that was put aside.
pub fn archive(number: u32) -> String {
    format!("journal-{number:06}.till")
}

/// A file of segments that the terminals of a fleet put aside.
pub fn volume(number: u32) -> String {
    format!("group-{number:06}.till")
}

/// The numbers of the segments that were put aside, in order.
pub fn archived(directory: &Path) -> io::Result<Vec<u32>> {
    numbered(directory, "journal-", archive)
}

/// The numbers of the files of segments that a fleet put aside, in order.
pub fn volumes(directory: &Path) -> io::Result<Vec<u32>> {
    numbered(directory, "group-", volume)
}

fn numbered(directory: &Path, begin: &str, full: fn(u32) -> String) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let digits = name.to_str().and_then(|name| name.strip_prefix(begin)?.strip_suffix(".till"));
        numbers.extend(digits.and_then(|digits| digits.parse::<u32>().ok()).filter(|number| name == *full(*number)));
    }
    numbers.sort_unstable();
    Ok(numbers)
}
