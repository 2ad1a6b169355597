//! Reads a script and everything it imports, and nothing outside its folder.

use crate::language::check::checked::Unit;
use crate::language::library::{self, LibraryFile};
use crate::language::ready;
use crate::language::syntax::parse;
use crate::language::syntax::tree::{Import, Tree};
use crate::script_error::catalogue::{source, storage, types};
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::nearest;
use crate::script_error::source::{FileId, Place, Source, Sources, Span, line_starts};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest script, in bytes. Larger files are refused before they are read whole.
pub const SOURCE_BYTES_MAX: u64 = 1 << 20;
/// The most files one program may be made of.
pub const FILES_MAX: usize = 256;

/// A program's files, parsed.
#[derive(Debug, Default)]
pub struct Files {
    /// Names and texts; index is `FileId`.
    pub sources: Sources,
    /// Trees and where imports lead; index is `FileId`. The first is the file the user named.
    pub units: Vec<Unit>,
    /// What was wrong so far.
    pub findings: Vec<Finding>,
}

/// Where a file comes from.
#[derive(Clone, PartialEq, Eq)]
enum Origin {
    /// The disk; a canonical path.
    Disk(PathBuf),
    /// The standard library; the module's path.
    Library(String),
    /// Text that was handed over; it may import the library only.
    Text,
}

/// Reads a script from disk with its imports. Findings tell what is missing; nothing panics on any input.
pub fn read(path: &Path) -> Files {
    read_instead(path, read_file(path), Library::Whole)
}

/// As `read`, to build a program of it: the library's dialects and codes come without their rows where nothing builds
/// on them, as it is kept what they come to.
pub(crate) fn read_to_build(path: &Path) -> Files {
    read_instead(path, read_file(path), Library::AsNeeded)
}

/// As `read_to_build`, with these bytes in the place of those on the disk.
pub(crate) fn read_to_build_as(path: &Path, bytes: &[u8]) -> Files {
    let allowed = bytes.len() as u64 <= SOURCE_BYTES_MAX;
    let bytes = if allowed { Ok(bytes.to_vec()) } else { Err(Refusal::TooLarge) };
    read_instead(path, bytes, Library::AsNeeded)
}

fn read_instead(path: &Path, bytes: Result<Vec<u8>, Refusal>, library: Library) -> Files {
    let mut reader = Reader { library, ..Reader::default() };
    let shown = path.display().to_string();
    let root = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
    reader.root = root.canonicalize().ok();
    match bytes {
        Ok(bytes) => {
            let origin = Origin::Disk(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()));
            reader.add(origin, shown, module_name(path), bytes);
        }
        Err(refusal) => {
            // Nothing of it is known, so nothing of it is shown.
            let file = reader.files.sources.add(Source::without_text(shown.clone(), vec![0]));
            let place = Place { file, span: Span::default() };
            let finding = match refusal {
                Refusal::TooLarge => {
                    Finding::error(source::SOURCE_TOO_LARGE, place).fact("limit", count(SOURCE_BYTES_MAX))
                }
                Refusal::Io(detail) => {
                    Finding::error(storage::CANNOT_READ, place).text("path", shown).text("detail", detail)
                }
            };
            reader.files.findings.push(finding);
            return reader.files;
        }
    }
    reader.follow_imports();
    reader.files
}

/// Takes a script as text; its imports come from the standard library alone.
pub fn from_text(name: &str, text: &str) -> Files {
    text_with(name, text, Library::Whole)
}

/// As `from_text`, to build a program of it, as `read_to_build` does.
pub(crate) fn from_text_to_build(name: &str, text: &str) -> Files {
    text_with(name, text, Library::AsNeeded)
}

/// As `from_text`, but reads the texts of the library too instead of what is kept of them.
pub(crate) fn from_text_reading_all(name: &str, text: &str) -> Files {
    text_with(name, text, Library::Texts)
}

fn text_with(name: &str, text: &str, library: Library) -> Files {
    let mut reader = Reader { library, ..Reader::default() };
    let module = Path::new(name).file_stem().map_or(name.into(), |stem| stem.to_string_lossy().into_owned());
    reader.add(Origin::Text, name.to_string(), module, text.as_bytes().to_vec());
    reader.follow_imports();
    reader.files
}

#[derive(Default)]
struct Reader {
    files: Files,
    origins: Vec<Origin>,
    root: Option<PathBuf>,
    library: Library,
}

/// What is taken of the library's files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Library {
    /// Everything as it is kept: whoever takes these files may build on them.
    #[default]
    Whole,
    /// Rows of dialects and codes only where the script declares some of its own.
    AsNeeded,
    /// Their texts, whatever is kept of them.
    Texts,
}

impl Reader {
    /// Parses a file and gives it the next number.
    fn add(&mut self, origin: Origin, shown: String, module: String, bytes: Vec<u8>) -> FileId {
        let file = FileId(self.files.units.len() as u16);
        let tree = match parse::decode(file, &bytes) {
            Ok(text) => {
                self.files.sources.add(Source::new(shown, text));
                let parsed = parse::parse(file, text);
                self.files.findings.extend(parsed.findings);
                parsed.tree
            }
            Err(finding) => {
                self.files.sources.add(Source::new(shown, String::from_utf8_lossy(&bytes).as_ref()));
                self.files.findings.push(*finding);
                Tree { file, ..Tree::default() }
            }
        };
        let name: smol_str::SmolStr = module.as_str().into();
        let path = name.clone();
        self.files.units.push(Unit { name, path, imports: Vec::new(), tree, library: false });
        self.origins.push(origin);
        file
    }

    /// Resolves the imports of every file, reading new ones as they turn up.
    fn follow_imports(&mut self) {
        let mut at = 0;
        while at < self.files.units.len() {
            let imports = self.files.units.get(at).map(|unit| unit.tree.imports.clone()).unwrap_or_default();
            let leads: Vec<Option<FileId>> =
                imports.iter().map(|import| self.follow(FileId(at as u16), import)).collect();
            if let Some(unit) = self.files.units.get_mut(at) {
                unit.imports = leads;
            }
            at += 1;
        }
        self.complete_library();
        self.find_cycles();
    }

    fn follow(&mut self, from: FileId, import: &Import) -> Option<FileId> {
        let path = import.path.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
        let module = import.path.last().map(|name| name.text.to_string()).unwrap_or_default();
        let place = Place { file: from, span: import.span };
        if let Some(found) = self.on_disk(from, import, place, &path) {
            return match found {
                Ok((canonical, shown)) => {
                    let origin = Origin::Disk(canonical.clone());
                    if let Some(known) = self.known(&origin) {
                        return Some(known);
                    }
                    self.read_new(place, &path, || read_file(&canonical), origin, shown, module)
                }
                Err(()) => None,
            };
        }
        let Some(found) = library::find(&path) else {
            let mut finding = Finding::error(types::IMPORT_NOT_FOUND, place).text("path", path.clone());
            if let Some(near) = nearest::nearest(&path, library::FILES.iter().map(|file| file.path)) {
                finding = finding.help(format!("是否想写“{near}”？"), format!("did you mean `{near}`?"));
            }
            self.files.findings.push(finding);
            return None;
        };
        let origin = Origin::Library(path.clone());
        if let Some(known) = self.known(&origin) {
            return Some(known);
        }
        if self.is_full(place, &path) {
            return None;
        }
        Some(self.add_library(found, module))
    }

    /// Adds the rows of the library's dialects and codes.
    fn complete_library(&mut self) {
        let units = &mut self.files.units;
        let own = |unit: &Unit| !unit.library && unit.tree.items.iter().any(ready::is_table);
        match self.library {
            Library::Texts => return,
            Library::AsNeeded if !units.iter().any(own) => return,
            Library::AsNeeded | Library::Whole => {}
        }
        for unit in units.iter_mut().filter(|unit| unit.library) {
            if let Some(tree) = ready::whole(&unit.path, unit.tree.file) {
                unit.tree = tree;
            }
        }
    }

    /// Takes a file of the library, most often without parsing it.
    fn add_library(&mut self, found: &LibraryFile, module: String) -> FileId {
        let file = FileId(self.files.units.len() as u16);
        let ready = if self.library == Library::Texts { None } else { ready::tree(found.path, file) };
        let (tree, lines) = ready.unwrap_or_else(|| {
            let parsed = parse::parse(file, found.text);
            self.files.findings.extend(parsed.findings);
            (parsed.tree, line_starts(found.text))
        });
        self.files.sources.add(Source::built_in(found.name, found.text, lines));
        let name = module.as_str().into();
        self.files.units.push(Unit { name, path: found.path.into(), imports: Vec::new(), tree, library: true });
        self.origins.push(Origin::Library(found.path.to_string()));
        file
    }

    fn known(&self, origin: &Origin) -> Option<FileId> {
        self.origins.iter().position(|known| known == origin).map(|at| FileId(at as u16))
    }

    fn read_new(
        &mut self,
        place: Place,
        path: &str,
        read: impl FnOnce() -> Result<Vec<u8>, Refusal>,
        origin: Origin,
        shown: String,
        module: String,
    ) -> Option<FileId> {
        if self.is_full(place, path) {
            return None;
        }
        match read() {
            Ok(bytes) => Some(self.add(origin, shown, module, bytes)),
            Err(refusal) => {
                let finding = Finding::error(types::IMPORT_NOT_FOUND, place).text("path", path);
                self.files.findings.push(match refusal {
                    Refusal::TooLarge => finding.note("文件超过 1 MiB", "the file is larger than 1 MiB"),
                    Refusal::Io(detail) => finding.note(detail.clone(), detail),
                });
                None
            }
        }
    }

    /// Reports an import that is one file too many.
    fn is_full(&mut self, place: Place, path: &str) -> bool {
        let full = self.files.units.len() >= FILES_MAX;
        if full {
            self.files.findings.push(Finding::error(types::IMPORT_NOT_FOUND, place).text("path", path).note(
                format!("一个程序最多 {FILES_MAX} 个文件"),
                format!("a program may have at most {FILES_MAX} files"),
            ));
        }
        full
    }

    /// The file an import names beside the importing one; `None` where there is none, an error where it leads outside.
    fn on_disk(
        &mut self,
        from: FileId,
        import: &Import,
        place: Place,
        path: &str,
    ) -> Option<Result<(PathBuf, String), ()>> {
        let Some(Origin::Disk(importing)) = self.origins.get(usize::from(from.0)) else { return None };
        let mut candidate = importing.parent()?.to_path_buf();
        let mut shown = self
            .files
            .sources
            .file(from)
            .map(|source| Path::new(&source.name).parent().map(Path::to_path_buf).unwrap_or_default())
            .unwrap_or_default();
        for name in &import.path {
            candidate.push(name.text.as_str());
            shown.push(name.text.as_str());
        }
        candidate.set_extension("till");
        shown.set_extension("till");
        if !candidate.is_file() {
            return None;
        }
        let canonical = candidate.canonicalize().ok()?;
        if self.root.as_ref().is_none_or(|root| !canonical.starts_with(root)) {
            self.files.findings.push(Finding::error(types::IMPORT_OUTSIDE, place).text("path", path));
            return Some(Err(()));
        }
        Some(Ok((canonical, shown.display().to_string())))
    }

    /// Reports each import that leads back to a file which is being imported.
    fn find_cycles(&mut self) {
        // White: not seen; grey: on the way; black: done. Iterative, so that depth cannot exhaust the stack.
        let mut colour = vec![0u8; self.files.units.len()];
        for start in 0..self.files.units.len() {
            let mut stack = vec![(start, 0usize)];
            while let Some((unit, at)) = stack.pop() {
                if at == 0 {
                    if colour[unit] != 0 {
                        continue;
                    }
                    colour[unit] = 1;
                }
                let lead = self.files.units[unit].imports.get(at).copied();
                match lead {
                    None => colour[unit] = 2,
                    Some(None) => stack.push((unit, at + 1)),
                    Some(Some(target)) => {
                        stack.push((unit, at + 1));
                        let target = usize::from(target.0);
                        match colour[target] {
                            0 => stack.push((target, 0)),
                            1 => {
                                let import = &self.files.units[unit].tree.imports[at];
                                let place = Place { file: FileId(unit as u16), span: import.span };
                                let path = self.files.units[target].path.to_string();
                                self.files.findings.push(Finding::error(types::IMPORT_CYCLE, place).text("path", path));
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
    }
}

/// Why a file was not read.
enum Refusal {
    TooLarge,
    Io(String),
}

/// Reads a file no larger than a script may be. Pipes and devices that never end stop at the limit too.
fn read_file(path: &Path) -> Result<Vec<u8>, Refusal> {
    let file = File::open(path).map_err(|error| Refusal::Io(error.to_string()))?;
    let metadata = file.metadata().map_err(|error| Refusal::Io(error.to_string()))?;
    if metadata.is_dir() {
        return Err(Refusal::Io("is a directory".into()));
    }
    // What it says of its length is only a hint: of pipes it is none.
    let mut bytes = Vec::with_capacity(metadata.len().min(SOURCE_BYTES_MAX) as usize + 1);
    file.take(SOURCE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| Refusal::Io(error.to_string()))?;
    if bytes.len() as u64 > SOURCE_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    Ok(bytes)
}

fn module_name(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn count(number: u64) -> Fact {
    Fact::Count(number as i64)
}
