//! What a journal needs of a disk.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// A place for bytes. Tests put one behind the journal that fails as disks do.
pub trait Disk {
    /// Writes all bytes at an offset; an error may leave some of them written.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Waits until everything that was written will survive a power cut.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts everything from an offset off, and waits until that will survive a power cut.
    fn cut(&mut self, offset: u64) -> io::Result<()>;
}

impl Disk for File {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset))?;
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, offset: u64) -> io::Result<()> {
        self.set_len(offset)?;
        self.sync_all()
    }
}
