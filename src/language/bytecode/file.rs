//! The bytecode file: header, hash, sections; written the same way for the same program, read without trust.

use super::debug_section;
use super::file_error::{FORMAT, FileError};
use super::program::{Debug, Program};
use super::sections;
use super::structure;
use super::table;
use super::type_table::{TypesRead, TypesWritten};
use super::wire::{Read, Reader, Writer};
use sha2::{Digest, Sha256};

/// The first bytes of every file.
const MAGIC: &[u8; 4] = b"TILL";

/// Flag: the debug section is there.
const HAS_DEBUG: u8 = 1;

/// Nobody writes a larger program by hand.
const FILE_MOST: usize = 16 * 1024 * 1024;

/// What a section holds; the number in the file. Append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Section {
    Strings = 1,
    Types = 2,
    Constants = 3,
    Functions = 4,
    Errors = 5,
    Codes = 6,
    Dialect = 7,
    Manifest = 8,
    Debug = 9,
}

impl Section {
    /// In the order of the file.
    const HASHED: [Section; 8] = [
        Section::Strings,
        Section::Types,
        Section::Constants,
        Section::Functions,
        Section::Errors,
        Section::Codes,
        Section::Dialect,
        Section::Manifest,
    ];
}

/// The program as a file. Hash and debug id are worked out here, whatever the program says of them.
pub fn write(program: &Program) -> Vec<u8> {
    let contents = hashed_sections(program);
    let hash = hash(program.edition, &contents);
    let debug = program.debug.as_ref().map(|debug| debug_section::write(program, debug, id_of(&hash)));

    let mut file = Vec::new();
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&FORMAT.to_le_bytes());
    file.push(program.edition);
    file.push(if debug.is_some() { HAS_DEBUG } else { 0 });
    file.extend_from_slice(&hash);
    let sections =
        Section::HASHED.into_iter().zip(&contents).chain(debug.as_ref().map(|debug| (Section::Debug, debug)));
    for (section, content) in sections.clone() {
        file.push(section as u8);
        file.extend_from_slice(&(content.len() as u32).to_le_bytes());
    }
    for (_, content) in sections {
        file.extend_from_slice(content);
    }
    file
}

/// The program of a file, checked for its structure. Nothing of a file that is damaged or against the rules gets out.
pub fn read(bytes: &[u8]) -> Result<Program, FileError> {
    let mut file = Reader::new(bytes);
    if bytes.len() < MAGIC.len() || file.take(MAGIC.len())? != MAGIC {
        return Err(FileError::other_kind());
    }
    if bytes.len() > FILE_MOST {
        return Err(FileError::damaged("文件过大", "the file is too large"));
    }
    let format = u16::from_le_bytes([file.byte()?, file.byte()?]);
    if format != FORMAT {
        return Err(FileError::version(format));
    }
    let edition = file.byte()?;
    let flags = file.byte()?;
    if flags & !HAS_DEBUG != 0 {
        return Err(FileError::damaged("有不认识的标志", "there is an unknown flag"));
    }
    let has_debug = flags & HAS_DEBUG != 0;
    let stored: [u8; 32] =
        file.take(32)?.try_into().map_err(|_| FileError::damaged("文件不完整", "the file ends too early"))?;
    let mut lengths = Vec::new();
    for section in Section::HASHED.into_iter().chain(has_debug.then_some(Section::Debug)) {
        if file.byte()? != section as u8 {
            return Err(FileError::damaged("各节的次序不对", "the sections are out of order"));
        }
        let length = [file.byte()?, file.byte()?, file.byte()?, file.byte()?];
        lengths.push(u32::from_le_bytes(length) as usize);
    }
    let mut contents: Vec<&[u8]> = Vec::new();
    for length in &lengths {
        contents.push(file.take(*length)?);
    }
    file.end()?;
    let debug = if has_debug { contents.pop() } else { None };
    if hash(edition, &contents) != stored {
        return Err(FileError::damaged("校验和不符", "the checksum does not match"));
    }
    let mut program = decode(&contents, bytes.len())?;
    program.edition = edition;
    program.hash = stored;
    program.debug_id = id_of(&stored);
    structure::check(&program)?;
    if let Some(debug) = debug {
        attach(&mut program, debug_section::read(debug)?)?;
    }
    Ok(program)
}

/// Works out the hash and the id that ties the debug section to it.
pub fn seal(program: &mut Program) {
    program.hash = hash(program.edition, &hashed_sections(program));
    program.debug_id = id_of(&program.hash);
    if let Some(debug) = &mut program.debug {
        debug.id = program.debug_id;
    }
}

/// Takes spans and names out of a program, to keep them beside it.
pub fn strip(program: &mut Program) -> Debug {
    let mut debug = program.debug.take().unwrap_or_default();
    debug.id = program.debug_id;
    debug.lines = program
        .functions
        .iter_mut()
        .map(|function| (std::mem::take(&mut function.file), std::mem::take(&mut function.lines)))
        .collect();
    debug
}

/// Gives a program its spans and names back; those of another program would tell lies about every error.
pub fn attach(program: &mut Program, mut debug: Debug) -> Result<(), FileError> {
    if debug.id != program.debug_id {
        return Err(FileError::debug_mismatch());
    }
    structure::check_debug(program, &debug)?;
    for (function, (file, lines)) in program.functions.iter_mut().zip(std::mem::take(&mut debug.lines)) {
        function.file = file;
        function.lines = lines;
    }
    program.debug = Some(debug);
    Ok(())
}

/// A debug section by itself, as a file beside the program.
pub fn write_debug(debug: &Debug) -> Vec<u8> {
    debug_section::write_stripped(debug)
}

/// The debug section of such a file.
pub fn read_debug(bytes: &[u8]) -> Result<Debug, FileError> {
    if bytes.len() > FILE_MOST {
        return Err(FileError::damaged("文件过大", "the file is too large"));
    }
    debug_section::read(bytes)
}

fn hashed_sections(program: &Program) -> Vec<Vec<u8>> {
    let mut types = TypesWritten::default();
    // What uses types is written before the table of types is.
    let records = sections::write_shapes_of_types(program, &mut types);
    let constants = sections::write_constants(program, &mut types);
    let functions = sections::write_functions(program, &mut types);
    let mut of_types = Writer::default();
    types.write(&mut of_types);
    of_types.raw(&records);
    vec![
        sections::write_strings(program),
        of_types.into_bytes(),
        constants,
        functions,
        table::write(&program.errors),
        table::write(&program.codes),
        table::write(&program.dialect),
        table::write(&(&program.name, &program.entries, &program.manifest)),
    ]
}

fn decode(contents: &[&[u8]], size: usize) -> Read<Program> {
    let [strings, types, constants, functions, errors, codes, dialect, manifest] = contents else {
        return Err(FileError::damaged("文件不完整", "the file ends too early"));
    };
    let mut program = Program::default();
    sections::read_strings(strings, &mut program)?;
    let mut reader = Reader::new(types);
    let mut types = TypesRead::read(&mut reader, size.saturating_mul(4))?;
    program.types = sections::read_shapes_of_types(&mut reader, &mut types)?;
    reader.end()?;
    sections::read_constants(constants, &mut types, &mut program)?;
    program.functions = sections::read_functions(functions, &mut types)?;
    program.errors = table::read(errors)?;
    program.codes = table::read(codes)?;
    // Rows of tables came one by one, into room for twice as many.
    program.errors.shrink_to_fit();
    program.codes.rows.shrink_to_fit();
    program.dialect = table::read(dialect)?;
    (program.name, program.entries, program.manifest) = table::read(manifest)?;
    Ok(program)
}

/// Over everything that decides how the program runs.
fn hash(edition: u8, contents: &[impl AsRef<[u8]>]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(MAGIC);
    hash.update(FORMAT.to_le_bytes());
    hash.update([edition]);
    for (section, content) in Section::HASHED.into_iter().zip(contents) {
        let content = content.as_ref();
        hash.update([section as u8]);
        hash.update((content.len() as u32).to_le_bytes());
        hash.update(content);
    }
    hash.finalize().into()
}

fn id_of(hash: &[u8; 32]) -> [u8; 16] {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(hash) {
        *to = *from;
    }
    id
}
