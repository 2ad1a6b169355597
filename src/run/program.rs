//! From source to a checked, compiled program, and from a bytecode file to the same.

use crate::language::bytecode::file;
use crate::language::bytecode::file_error::FileError;
use crate::language::bytecode::program::{Entry, Program};
use crate::language::bytecode::verify::program::verify;
use crate::language::check::program::check_read;
use crate::language::check::waiting::wait::FlowWait;
use crate::language::compile::program::compile_taking;
use crate::language::syntax::room::with_room;
use crate::run::source_files::{self, Files};
use crate::script_error::catalogue::{internal, storage};
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::{FileId, Place, Source, Sources, Span};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The largest bytecode file, in bytes.
pub const BYTECODE_BYTES_MAX: u64 = 16 << 20;

/// The most findings of one program that are kept.
pub const FINDINGS_MAX: usize = 200;

/// What came of reading a script.
#[derive(Debug)]
pub struct Built {
    /// The files, for showing findings and errors.
    pub sources: Sources,
    /// Everything that was found, errors and warnings, in the order of the source.
    pub findings: Vec<Finding>,
    /// How many more there were; nobody reads past the first few hundred.
    pub more: usize,
    /// The program; `None` if any finding is an error.
    pub program: Option<Program>,
    /// How long each public flow may keep somebody waiting.
    pub waits: Vec<FlowWait>,
}

/// Reads, checks and compiles a script from disk.
pub fn build(path: &Path) -> Built {
    with_room(|| build_files(source_files::read_to_build(path), &path.display().to_string()))
}

/// As `build`, with these bytes in the place of those on the disk.
pub fn build_as(path: &Path, bytes: &[u8]) -> Built {
    with_room(|| build_files(source_files::read_to_build_as(path, bytes), &path.display().to_string()))
}

/// Checks and compiles a script given as text; its imports come from the standard library.
pub fn build_text(name: &str, text: &str) -> Built {
    with_room(|| build_files(source_files::from_text_to_build(name, text), name))
}

fn build_files(files: Files, name: &str) -> Built {
    let Files { sources, units, findings } = files;
    if units.is_empty() {
        return Built { sources, findings, more: 0, program: None, waits: Vec::new() };
    }
    // The checker goes on after mistakes of the parser: names of broken items count as known.
    let (mut checked, mut findings) = check_read(units, FileId(0), findings);
    let mut program = None;
    if findings.iter().all(|finding| finding.severity != Severity::Error) {
        match compile_taking(&mut checked, &sources, name) {
            // What is compiled here is proved like a file from elsewhere.
            Ok(compiled) => match verify(&compiled) {
                Ok(()) => program = Some(compiled),
                Err(error) => {
                    let place = Place { file: FileId(0), span: Span::default() };
                    let detail = Fact::Said(error.detail);
                    findings.push(Finding::error(internal::INTERNAL_DEFECT, place).fact("detail", detail));
                }
            },
            Err(limits) => findings.extend(limits),
        }
    }
    findings.sort_by_key(|finding| (finding.at.place.file, finding.at.place.span));
    let more = keep_first(&mut findings);
    Built { sources, findings, more, program, waits: checked.waits }
}

/// Keeps as many as anybody reads, errors before warnings; says how many it left out.
fn keep_first(findings: &mut Vec<Finding>) -> usize {
    let before = findings.len();
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let mut room = [FINDINGS_MAX, FINDINGS_MAX.saturating_sub(errors)];
    findings.retain(|finding| {
        let [of_errors, of_warnings] = &mut room;
        let left = if finding.severity == Severity::Error { of_errors } else { of_warnings };
        let keep = *left > 0;
        *left = left.saturating_sub(1);
        keep
    });
    before - findings.len()
}

/// Reads a compiled program, checks its structure and proves it. Its sources are known by name and line only.
pub fn load(path: &Path) -> Result<(Program, Sources), Box<ScriptError>> {
    let cannot = |detail: String| {
        let facts = vec![("path", Fact::Text(path.display().to_string())), ("detail", Fact::Text(detail))];
        Box::new(ScriptError::of(storage::CANNOT_READ, facts))
    };
    let handle = File::open(path).map_err(|error| cannot(error.to_string()))?;
    let mut bytes = Vec::new();
    handle.take(BYTECODE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| cannot(error.to_string()))?;
    if bytes.len() as u64 > BYTECODE_BYTES_MAX {
        return Err(cannot(format!("> {BYTECODE_BYTES_MAX} bytes")));
    }
    let (mut program, mut sources) = from_bytes(&bytes)?;
    // A stripped program finds its debug section beside it; one of another build is named, not used.
    let beside = path.with_extension("tilld");
    if program.debug.is_none() && beside.is_file() {
        let bytes = std::fs::read(&beside).map_err(|error| cannot(error.to_string()))?;
        let attached = file::read_debug(&bytes).and_then(|debug| file::attach(&mut program, debug));
        attached.map_err(|error| Box::new(ScriptError::of(error.code, error.facts())))?;
        sources = sources_of(&program);
    }
    Ok((program, sources))
}

/// Takes a compiled program out of bytes and proves it; its structure is checked where it is read.
pub fn from_bytes(bytes: &[u8]) -> Result<(Program, Sources), Box<ScriptError>> {
    let refuse = |error: FileError| {
        let facts = error.facts();
        Box::new(ScriptError::of(error.code, facts))
    };
    let program = file::read(bytes).map_err(refuse)?;
    verify(&program).map_err(refuse)?;
    let sources = sources_of(&program);
    Ok((program, sources))
}

/// The files a program was compiled from, without their texts.
fn sources_of(program: &Program) -> Sources {
    let mut sources = Sources::default();
    for (name, line_starts) in program.debug.iter().flat_map(|debug| &debug.files) {
        sources.add(Source::without_text(name.as_str(), line_starts.clone()));
    }
    sources
}

/// The flow with this name, or without one the flow named like its file, or the only one there is.
pub fn flow<'p>(program: &'p Program, name: Option<&str>) -> Option<&'p Entry> {
    let mut flows = program.entries.iter().filter(|entry| !entry.test);
    match name {
        Some(name) => flows.find(|entry| entry.name == name),
        None => {
            let stem = Path::new(program.name.as_str()).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let named = flows.clone().find(|entry| Some(entry.name.as_str()) == stem.as_deref());
            named.or_else(|| {
                let first = flows.next()?;
                flows.next().is_none().then_some(first)
            })
        }
    }
}
