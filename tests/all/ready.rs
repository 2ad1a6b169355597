//! What is kept of the standard library is what its texts say; `TILL_BLESS=1 cargo test ready` keeps it anew.

use std::path::Path;
use tillscript::language::library::FILES;
use tillscript::language::ready;
use tillscript::run::library::made;
use tillscript::run::program::build_text;
use tillscript::script_error::source::FileId;

#[test]
fn ready_library_is_what_its_texts_say() {
    let made = made().expect("the library holds no mistake");
    if std::env::var_os("TILL_BLESS").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/library/ready.bin"), &made).unwrap();
        return;
    }
    let again = "the library, the grammar or the tree changed: run TILL_BLESS=1 cargo test ready, then the tests again";
    assert!(ready::is_kept(&made), "{again}");
    for file in FILES {
        let (tree, _) = ready::tree(file.path, FileId(7)).expect(again);
        assert_eq!(tree.file, FileId(7));
        let tables = tree.items.iter().any(ready::is_table);
        assert_eq!(ready::whole(file.path, FileId(7)).is_some(), tables, "{}", file.name);
    }
}

#[test]
fn library_alone_has_no_findings() {
    for file in FILES {
        let built = build_text("one.till", &format!("edition 1\n\nimport {} as it\n", file.path));
        let of_library = built.findings.iter().filter(|finding| finding.at.place.file != FileId(0));
        assert_eq!(of_library.count(), 0, "{}: {:?}", file.name, built.findings);
    }
}
