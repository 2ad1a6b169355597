//! A file with room ahead: zeros that were written before they are needed.
//!
//! A sync of a file that has grown writes its new length too, which is a commit of the file system's own journal. A record
//! that overwrites zeros changes nothing but bytes, and its sync waits for those alone. The zeros have to be written, not only
//! asked for: a place that was merely set aside is marked as written at the first sync after, which is such a commit again.
//!
//! Whoever reads the file finds zeros behind the last record and knows that it ends there.

use super::file::is_full;
use std::fs::File;
use std::io;

/// A file, and how far it reaches.
#[derive(Debug)]
pub struct Roomy {
    file: File,
    length: u64,
    step: u64,
}

impl Roomy {
    /// Takes a file. Room is made in steps of so many bytes.
    pub fn new(file: File, step: u64) -> io::Result<Roomy> {
        let length = file.metadata()?.len();
        Ok(Roomy { file, length, step: step.max(1) })
    }

    /// The file.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Writes all bytes at an offset, and room behind them where there was none. An error may leave some of them written.
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        if end > self.length {
            let reach = (end / self.step).saturating_add(1).saturating_mul(self.step);
            let mut wide = Vec::with_capacity((reach - offset) as usize);
            wide.extend_from_slice(bytes);
            wide.resize((reach - offset) as usize, 0);
            match put(&mut self.file, offset, &wide) {
                Ok(()) => {
                    self.length = reach;
                    return Ok(());
                }
                // Room is a convenience: where the disk has none, the record itself may still fit.
                Err(error) if is_full(&error) => self.length = self.file.metadata()?.len(),
                Err(error) => return Err(error),
            }
        }
        put(&mut self.file, offset, bytes)?;
        self.length = self.length.max(end);
        Ok(())
    }

    /// Waits until all bytes, and the length where it has changed, will survive a power cut.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Cuts everything from an offset off, room too, and waits until that will survive a power cut.
    pub fn cut(&mut self, offset: u64) -> io::Result<()> {
        self.file.set_len(offset)?;
        self.length = offset;
        self.file.sync_all()
    }
}

#[cfg(unix)]
fn put(file: &mut File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    file.write_all_at(bytes, offset)
}

#[cfg(not(unix))]
fn put(file: &mut File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}
