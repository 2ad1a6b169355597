//! The standard library: scripts that ship inside the program.

/// One file of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LibraryFile {
    /// The path as an `import` writes it: `cn_pos.dialect`.
    pub path: &'static str,
    /// The name shown to people: `library/cn_pos/dialect.till`.
    pub name: &'static str,
    /// The script.
    pub text: &'static str,
}

macro_rules! files {
    ($($path:literal at $file:literal)*) => {
        /// Every file of the library, by path.
        pub const FILES: &[LibraryFile] = &[$(LibraryFile {
            path: $path,
            name: concat!("library/", $file),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/library/", $file)),
        }),*];
    };
}

files! {
    "cn_pos.answers" at "cn_pos/answers.till"
    "cn_pos.cards" at "cn_pos/cards.till"
    "cn_pos.chips" at "cn_pos/chips.till"
    "cn_pos.codes" at "cn_pos/codes.till"
    "cn_pos.dialect" at "cn_pos/dialect.till"
    "cn_pos.last" at "cn_pos/last.till"
    "cn_pos.numbers" at "cn_pos/numbers.till"
    "cn_pos.ready" at "cn_pos/ready.till"
    "cn_switch.dialect" at "cn_switch/dialect.till"
    "iso1987.codes" at "iso1987/codes.till"
    "iso1987.dialect" at "iso1987/dialect.till"
    "iso1987_binary.dialect" at "iso1987_binary/dialect.till"
    "iso1993.dialect" at "iso1993/dialect.till"
    "network_ebcdic.dialect" at "network_ebcdic/dialect.till"
    "receipts" at "receipts.till"
}

/// The file that an `import` of this path leads to.
pub fn find(path: &str) -> Option<&'static LibraryFile> {
    FILES.iter().find(|file| file.path == path)
}
