//! From the text of a script to its program, with the library.

use std::path::Path;
use tillscript::language::bytecode::program::Program;
use tillscript::language::check::checked::Unit;
use tillscript::language::check::program::check;
use tillscript::language::compile::program::compile;
use tillscript::language::library;
use tillscript::language::syntax::parse::parse;
use tillscript::script_error::finding::{Finding, Severity};
use tillscript::script_error::source::{FileId, Source, Sources};

/// The program of a file that has no mistakes.
pub(super) fn built(path: &Path) -> (Program, Sources) {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let (sources, program) = build(name, &text);
    match program {
        Ok(program) => (program, sources),
        Err(findings) => {
            for finding in &findings {
                let place = sources.locate(finding.at.place);
                let place = place.map(|(name, at)| format!("{name}:{}:{}", at.line, at.column));
                eprintln!("{} {} {:?}", place.unwrap_or_default(), finding.code, finding.facts);
            }
            panic!("{name} has mistakes");
        }
    }
}

/// The program of a text and the library it imports, or what is wrong with it.
pub(super) fn build(name: &str, text: &str) -> (Sources, Result<Program, Vec<Finding>>) {
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    let mut units: Vec<Unit> = Vec::new();
    let stem = name.trim_end_matches(".till");
    let mut wanted = vec![(stem.to_owned(), name.to_owned(), text.to_owned(), false)];
    let mut next = 0;
    while let Some((path, name, text, library)) = wanted.get(next).cloned() {
        next += 1;
        let file = sources.add(Source::new(name, text.clone()));
        let parsed = parse(file, &text);
        findings.extend(parsed.findings);
        let mut imports = Vec::new();
        for import in &parsed.tree.imports {
            let path: Vec<&str> = import.path.iter().map(|name| name.text.as_str()).collect();
            let path = path.join(".");
            let known = wanted.iter().position(|(has, ..)| *has == path);
            let place = known.or_else(|| {
                match library::find(&path) {
                    Some(found) => wanted.push((path, found.name.into(), found.text.into(), true)),
                    None => {
                        let beside = format!("{}/scripts/{path}.till", env!("CARGO_MANIFEST_DIR"));
                        let text = std::fs::read_to_string(beside).ok()?;
                        wanted.push((path.clone(), format!("{path}.till"), text, false));
                    }
                }
                Some(wanted.len() - 1)
            });
            imports.push(place.map(|place| FileId(place as u16)));
        }
        units.push(Unit {
            name: path.rsplit('.').next().unwrap_or(&path).into(),
            path: path.clone().into(),
            tree: parsed.tree,
            imports,
            library,
        });
    }
    let (checked, found) = check(units, FileId(0));
    findings.extend(found);
    findings.retain(|finding| finding.severity == Severity::Error);
    let program = if findings.is_empty() { compile(&checked, &sources, stem) } else { Err(findings) };
    (sources, program)
}
