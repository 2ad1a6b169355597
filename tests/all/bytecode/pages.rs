//! Pages that are written from tables, and the text form.

use super::hand;
use std::path::Path;
use tillscript::language::bytecode::{disassemble, reference};

#[test]
fn the_reference_of_instructions_is_written_from_their_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/instructions.md");
    let now = reference::instructions();
    if std::env::var_os("TILL_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &now).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(page == now, "run the tests once with TILL_BLESS=1 and look at {}", path.display());
}

#[test]
fn the_text_form_names_what_numbers_stand_for() {
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "../../bytecode" }, {
        insta::assert_snapshot!("hand", disassemble::program(&hand::program(), None));
    });
}

#[test]
fn numbers_and_names_of_instructions_are_each_used_once() {
    use std::collections::BTreeSet;
    use tillscript::language::bytecode::instruction::ROWS;
    let numbers: BTreeSet<u8> = ROWS.iter().map(|row| row.number).collect();
    let names: BTreeSet<&str> = ROWS.iter().map(|row| row.name).collect();
    assert_eq!((numbers.len(), names.len()), (ROWS.len(), ROWS.len()));
}
