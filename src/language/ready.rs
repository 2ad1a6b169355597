//! The standard library as parser and checker left it, made ahead: a program that imports it starts without either.
//!
//! `scripts/library/ready.bin` is made from the library's own texts by `TILL_BLESS=1 cargo test ready`, and a test
//! compares the two. It begins with the print of the texts it was made from, which `build.rs` takes too: as long as the
//! two differ, the texts are read.

use crate::language::library::LibraryFile;
use crate::language::syntax::tree::{Item, ItemKind, Tree};
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::CodeTable;
use crate::script_error::source::{FileId, line_starts};
use serde::{Deserialize, Serialize};

const KEPT: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/library/ready.bin"));

/// The print of the library's texts and of the grammar they are read by.
const PRINT: &str = env!("TILL_LIBRARY_PRINT");

/// What is kept of one file of the library.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept<'b> {
    /// As an `import` writes it.
    path: &'b str,
    /// Where its lines start; like the rest, only passed over while another file is looked for.
    lines: &'b [u8],
    /// Its tree without the clauses of dialects and the rows of codes, which are most of it.
    #[serde(borrow)]
    tree: &'b [u8],
    /// Its tree with them, where it has any.
    whole: Option<&'b [u8]>,
    dialect: Option<&'b [u8]>,
    codes: Option<&'b [u8]>,
}

/// What a file of the library is made ahead of.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its tree.
    pub tree: Tree,
    /// Its dialect, bases included, if it declares one.
    pub dialect: Option<Dialect>,
    /// Its table of response codes, bases included, if it declares one.
    pub codes: Option<CodeTable>,
}

/// The bytes to keep.
pub fn pack(files: &[(LibraryFile, Made)]) -> Result<Vec<u8>, postcard::Error> {
    let mut parts = Vec::new();
    for (file, made) in files {
        let dialect = made.dialect.as_ref().map(postcard::to_stdvec).transpose()?;
        let codes = made.codes.as_ref().map(postcard::to_stdvec).transpose()?;
        let mut tree = made.tree.clone();
        tree.items.iter_mut().for_each(|item| match &mut item.kind {
            ItemKind::Dialect(dialect) => dialect.clauses.clear(),
            ItemKind::Codes(codes) => codes.rows.clear(),
            _ => {}
        });
        let tables = made.tree.items.iter().any(is_table);
        let whole = tables.then(|| postcard::to_stdvec(&made.tree)).transpose()?;
        let lines = postcard::to_stdvec(&line_starts(file.text))?;
        parts.push((file, lines, postcard::to_stdvec(&tree)?, whole, dialect, codes));
    }
    let kept: Vec<Kept<'_>> = parts
        .iter()
        .map(|(file, lines, tree, whole, dialect, codes)| Kept {
            path: file.path,
            lines,
            tree,
            whole: whole.as_deref(),
            dialect: dialect.as_deref(),
            codes: codes.as_deref(),
        })
        .collect();
    let mut bytes = PRINT.as_bytes().to_vec();
    bytes.extend(postcard::to_stdvec(&kept)?);
    Ok(bytes)
}

/// What is kept of a file; `None` where the library's texts are others by now.
fn kept(path: &str) -> Option<Kept<'static>> {
    let mut bytes = KEPT.strip_prefix(PRINT.as_bytes())?;
    // How many there are, and then one after the other.
    let count: u32;
    (count, bytes) = postcard::take_from_bytes(bytes).ok()?;
    for _ in 0..count {
        let kept: Kept<'static>;
        (kept, bytes) = postcard::take_from_bytes(bytes).ok()?;
        if kept.path == path {
            return Some(kept);
        }
    }
    None
}

/// Is it a dialect or a table of response codes?
pub fn is_table(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Dialect(_) | ItemKind::Codes(_))
}

/// The tree of a file of the library, as the program's file of this number, and where its lines start.
///
/// Clauses of dialects and rows of codes are left out: `dialect` and `codes` say what they come to, and nothing is found
/// in them. `whole` has them.
pub fn tree(path: &str, file: FileId) -> Option<(Tree, Vec<u32>)> {
    let kept = kept(path)?;
    let tree: Tree = postcard::from_bytes(kept.tree).ok()?;
    Some((Tree { file, ..tree }, postcard::from_bytes(kept.lines).ok()?))
}

/// The tree of a file of the library with all that stands in it, if `tree` leaves anything out.
pub fn whole(path: &str, file: FileId) -> Option<Tree> {
    let tree: Tree = postcard::from_bytes(kept(path)?.whole?).ok()?;
    Some(Tree { file, ..tree })
}

/// The dialect that a file of the library declares.
pub fn dialect(path: &str) -> Option<Dialect> {
    postcard::from_bytes(kept(path)?.dialect?).ok()
}

/// The table of response codes that a file of the library declares.
pub fn codes(path: &str) -> Option<CodeTable> {
    postcard::from_bytes(kept(path)?.codes?).ok()
}

/// Is this what is kept?
pub fn is_kept(bytes: &[u8]) -> bool {
    bytes == KEPT
}
