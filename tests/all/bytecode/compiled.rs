//! Small programs and what they are compiled to, page beside page in `tests/bytecode/`.

use super::build::{build, built};
use std::path::Path;
use tillscript::language::bytecode::{disassemble, file};
use tillscript::script_error::source::FileId;

#[test]
fn each_program_becomes_what_its_page_shows() {
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "../../bytecode", omit_expression => true }, {
        for path in programs() {
            let (program, sources) = built(&path);
            let mut page = disassemble::head(&program);
            for (index, function) in program.functions.iter().enumerate() {
                // What the library became would change with the library.
                if function.file == FileId(0) {
                    page.push('\n');
                    page.push_str(&disassemble::function(&program, index as u16, Some(&sources)));
                }
            }
            insta::assert_snapshot!(path.file_stem().unwrap().to_str().unwrap(), page);
        }
    });
}

#[test]
fn every_program_is_the_same_twice_and_comes_back_from_its_file() {
    for path in programs() {
        let (program, _) = built(&path);
        let (again, _) = built(&path);
        let bytes = file::write(&program);
        assert!(bytes == file::write(&again), "{} differs between two builds", path.display());
        match file::read(&bytes) {
            Ok(read) => assert!(read == program, "{} comes back changed", path.display()),
            Err(error) => panic!("{}: {}", path.display(), error.detail.en),
        }
    }
}

#[test]
fn the_shipped_scripts_are_compiled_into_sound_programs() {
    for name in ["sign_in", "sale", "balance", "start_of_day"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name).with_extension("till");
        let (program, _) = built(&path);
        match file::read(&file::write(&program)) {
            Ok(read) => assert!(read == program, "{name} comes back changed"),
            Err(error) => panic!("{name}: {}", error.detail.en),
        }
        assert!(!program.manifest.capabilities.is_empty() && program.manifest.dialect == "cn_pos", "{name}");
    }
}

#[test]
fn a_flow_with_too_many_names_is_told_so() {
    let mut text = String::from("pub flow large() -> Int {\n");
    for at in 0..300 {
        text.push_str(&format!("  let name{at} = {at}\n"));
    }
    text.push_str("  return name299\n}\n");
    let findings = build("large.till", &text).1.unwrap_err();
    let said: Vec<&str> = findings.iter().map(|finding| finding.code.0).collect();
    assert_eq!(said, ["T0235"]);
}

#[test]
fn a_long_list_and_a_long_string_need_few_registers() {
    let list: Vec<String> = (0..400).map(|at| at.to_string()).collect();
    let string = "{a} and ".repeat(300);
    let text = format!(
        "pub flow long(a: Int) -> Int {{\n  let all = [{}]\n  log.info(\"{string}\")\n  return all.length\n}}\n",
        list.join(", ")
    )
    .replace("-> Int {", "-> Int\n  uses log\n{");
    let (_, program) = build("long.till", &text);
    let program = program.unwrap();
    assert!(program.functions[0].registers.len() < 60, "{}", program.functions[0].registers.len());
    file::read(&file::write(&program)).unwrap();
}

#[test]
fn a_long_chain_of_else_if_is_compiled() {
    let mut text = String::from("pub flow chain(a: Int) -> Int {\n  if a == 0 { return 0 }");
    for at in 1..150 {
        text.push_str(&format!(" else if a == {at} {{ return {at} }}"));
    }
    text.push_str("\n  return -1\n}\n");
    let program = build("chain.till", &text).1.unwrap();
    assert!(program.functions[0].registers.len() < 8);
}

fn programs() -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bytecode");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "till"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 15);
    paths
}
