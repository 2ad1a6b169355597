//! What a journal needs of a disk.

use super::names;
use super::room::Roomy;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A place for bytes. Tests put one behind the journal that fails as disks do.
pub trait Disk {
    /// Writes all bytes at an offset; an error may leave some of them written.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Waits until everything that was written will survive a power cut.
    fn sync(&mut self) -> io::Result<()>;

    /// Sets off towards the disk what was written, where others share its syncs. Only `sync` waits for it.
    fn begin_sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Cuts everything from an offset off, and waits until that will survive a power cut.
    fn cut(&mut self, offset: u64) -> io::Result<()>;

    /// Tells where the last record ends: what is behind it need not be kept when the segment is put aside.
    fn ends_at(&mut self, _end: u64) {}

    /// Puts what is there aside as segment `number` and goes on with these bytes in its place.
    ///
    /// After a power cut the old is there or the new, whole. An error means that nobody knows which; what could not
    /// even begin is `Turn::Refused`, and everything is as before.
    fn turn(&mut self, number: u32, bytes: &[u8]) -> io::Result<Turn>;

    /// Overwrites bytes of a segment that was put aside with zeros; one that is gone has none.
    fn wipe(&mut self, number: u32, place: Range<u64>) -> io::Result<()>;

    /// The same of several places. All are tried; the first error is told.
    fn wipe_all(&mut self, number: u32, places: Vec<Range<u64>>) -> io::Result<()> {
        let mut result = Ok(());
        for place in places {
            result = result.and(self.wipe(number, place));
        }
        result
    }

    /// Writes a few bytes beside the segments, waits until they are on the disk and takes them away again. `None` for a
    /// disk that cannot be tried so.
    fn attempt(&mut self) -> Option<io::Result<()>> {
        None
    }

    /// Where the segments lie; `None` if they are no files.
    fn directory(&self) -> Option<&Path> {
        None
    }
}

/// What came of a wish to begin a new segment.
#[derive(Debug)]
pub enum Turn {
    /// It is begun.
    Done,
    /// It is not; nothing has changed.
    Refused(io::Error),
}

/// The files of a journal in their directory.
#[derive(Debug)]
pub struct Folder {
    directory: PathBuf,
    file: Roomy,
    /// Where the last record ends, once it is known.
    end: Option<u64>,
}

/// Room is made in steps of so many bytes: for some two hundred sales of a hundred and fifty bytes a record.
const ROOM: u64 = 64 << 10;

impl Folder {
    /// Opens the segment that is written to, or makes an empty one.
    ///
    /// A change of segments that the power has cut short is brought to its end, or undone.
    pub fn open(directory: &Path) -> io::Result<Folder> {
        let (active, next) = (directory.join(names::ACTIVE), directory.join(names::NEXT));
        if active.try_exists()? {
            // It was not yet put in its place, so it never counted.
            remove(&next)?;
        } else if next.try_exists()? {
            fs::rename(&next, &active)?;
            sync_directory(directory)?;
        } else if let Some(number) = names::archived(directory)?.last() {
            let detail = format!("{} is missing, but {} is there", names::ACTIVE, names::archive(*number));
            return Err(io::Error::new(ErrorKind::NotFound, detail));
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&active)?;
        Ok(Folder { directory: directory.to_owned(), file: Roomy::new(file, ROOM)?, end: None })
    }

    /// The segment that is written to.
    pub fn file(&mut self) -> &mut File {
        self.file.file()
    }
}

impl Disk for Folder {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }

    fn cut(&mut self, offset: u64) -> io::Result<()> {
        self.file.cut(offset)
    }

    fn ends_at(&mut self, end: u64) {
        self.end = Some(end);
    }

    fn turn(&mut self, number: u32, bytes: &[u8]) -> io::Result<Turn> {
        let [active, next] = [names::ACTIVE, names::NEXT].map(|name| self.directory.join(name));
        let archive = self.directory.join(names::archive(number));
        let file = match self.prepare(&next, &archive, bytes) {
            Ok(file) => file,
            Err(error) => {
                remove(&next)?;
                return Ok(Turn::Refused(error));
            }
        };
        // From here to the second renaming there is no active segment; opening knows what that means.
        fs::rename(&active, &archive)?;
        sync_directory(&self.directory)?;
        fs::rename(&next, &active)?;
        sync_directory(&self.directory)?;
        self.file = Roomy::new(file, ROOM)?;
        Ok(Turn::Done)
    }

    fn wipe(&mut self, number: u32, place: Range<u64>) -> io::Result<()> {
        self.wipe_all(number, vec![place])
    }

    /// One sync for all of them.
    fn wipe_all(&mut self, number: u32, places: Vec<Range<u64>>) -> io::Result<()> {
        if places.is_empty() {
            return Ok(());
        }
        let path = self.directory.join(names::archive(number));
        let mut file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        // Never behind its end: that would make it longer.
        let length = file.metadata()?.len();
        if places.iter().any(|place| place.end > length) {
            return Err(io::Error::new(ErrorKind::InvalidData, "a segment is shorter than it was"));
        }
        for place in places {
            file.seek(SeekFrom::Start(place.start))?;
            file.write_all(&vec![0; (place.end - place.start) as usize])?;
        }
        file.sync_data()
    }

    fn attempt(&mut self) -> Option<io::Result<()>> {
        let path = self.directory.join(names::ATTEMPT);
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(&[0; ATTEMPT_BYTES])?;
            file.sync_all()
        });
        Some(written.and(remove(&path)).inspect_err(|_| {
            let _ = fs::remove_file(&path);
        }))
    }

    fn directory(&self) -> Option<&Path> {
        Some(&self.directory)
    }
}

/// Bytes that are written to see whether the disk takes them: more than the records of several transactions.
const ATTEMPT_BYTES: usize = 64 << 10;

impl Folder {
    /// Writes the next segment beside the active one. What was erased in that is on the disk afterwards.
    fn prepare(&mut self, next: &Path, archive: &Path, bytes: &[u8]) -> io::Result<File> {
        if archive.try_exists()? {
            return Err(io::Error::new(ErrorKind::AlreadyExists, format!("{} is there already", archive.display())));
        }
        // What is put aside is as long as its records.
        match self.end.take() {
            Some(end) => self.file.cut(end)?,
            None => self.file.sync()?,
        }
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(next)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(file)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes sure that names made or changed in a directory are on the disk.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    // Only Unix can open a directory; elsewhere the name goes with the file.
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}
