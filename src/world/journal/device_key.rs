//! The device key, in place of the secure storage that a real terminal has.
//!
//! This is a simulation: the key lies in a file beside the journal, readable by its owner only. A real terminal keeps
//! it in hardware that forgets it when it is opened.

use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// The name of the file.
pub const FILE: &str = "device.key";

/// Reads the device key of a journal, or lays down the given one where there is none yet.
pub fn read_or_create(directory: &Path, fresh: &[u8; 16]) -> Result<Zeroizing<[u8; 16]>, Failure> {
    let path = directory.join(FILE);
    let failed = |error: &std::io::Error| {
        Failure::new(storage::CANNOT_WRITE).text("path", path.display().to_string()).text("detail", error.to_string())
    };
    match File::open(&path) {
        Ok(mut file) => {
            let mut key = Zeroizing::new([0; 16]);
            let mut behind = [0; 1];
            let whole = file.read_exact(key.as_mut_slice()).is_ok();
            let ends = whole && matches!(file.read(&mut behind), Ok(0));
            if ends {
                return Ok(key);
            }
            Err(Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(Said::new("device.key 不是 16 字节", "device.key does not have 16 bytes"))))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Written aside and renamed: a key that was torn would make every sealed card number unreadable.
            let aside = directory.join("device.key.new");
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let written = options
                .open(&aside)
                .and_then(|mut file| file.write_all(fresh).and_then(|()| file.sync_all()))
                .and_then(|()| std::fs::rename(&aside, &path));
            written.map_err(|error| failed(&error))?;
            Ok(Zeroizing::new(*fresh))
        }
        Err(error) => Err(failed(&error)),
    }
}
