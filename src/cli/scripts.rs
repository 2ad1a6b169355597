//! The scripts that a command line names, and how one of them is replaced.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Folders below a named one are walked so deep.
const FOLDERS_MAX: usize = 32;

/// Bytes read of a file: more than a script may have, so that a longer one is refused and not cut.
pub const BYTES_MAX: u64 = 2 << 20;

/// The scripts at a path, in order: the file itself, or all below a folder. Hidden folders and links are passed over.
pub fn below(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    walk(path, 0, files)
}

fn walk(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let failed = |error| (path.to_path_buf(), error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        entries.push(entry.map_err(failed)?);
    }
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type().map_err(failed)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_script = entry.path().extension().is_some_and(|extension| extension == "till");
        if kind.is_dir() && !hidden && depth < FOLDERS_MAX {
            walk(&entry.path(), depth + 1, files)?;
        } else if kind.is_file() && is_script {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Reads a file, as much of it as a script may have.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Puts new bytes in a file's place: beside it first, synced, with its permissions, then renamed over it.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link: what it points to is replaced.
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let result = fs::OpenOptions::new().write(true).create_new(true).open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.set_permissions(permissions)?;
        file.sync_all()
    });
    // A file of that name that was there before is not ours to remove.
    if let Err(error) = &result
        && error.kind() == io::ErrorKind::AlreadyExists
    {
        return result;
    }
    let result = result.and_then(|()| fs::rename(&beside, &path));
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}
