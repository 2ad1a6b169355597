//! Dialects and response codes: the library's against the facts, and every way to declare one wrongly.

#[path = "dialect/facts.rs"]
mod facts;
#[path = "dialect/literals.rs"]
mod literals;
#[path = "dialect/packagers.rs"]
mod packagers;
#[path = "dialect/wire.rs"]
mod wire;
#[path = "dialect/wrong.rs"]
mod wrong;

use std::sync::OnceLock;
use tillscript::language::check::checked::Unit;
use tillscript::language::check::{codes, dialect};
use tillscript::language::library::FILES;
use tillscript::language::syntax::parse::parse;
use tillscript::payment::iso8583::dialect::Dialect;
use tillscript::payment::iso8583::response::CodeTable;
use tillscript::script_error::finding::Finding;
use tillscript::script_error::source::{FileId, Place, Source, Sources};

/// Files parsed, with what the parser found.
struct Program {
    sources: Sources,
    units: Vec<Unit>,
    findings: Vec<Finding>,
}

/// The file under test first, then the library.
fn program(own: Option<&str>) -> Program {
    let mut program = Program { sources: Sources::default(), units: Vec::new(), findings: Vec::new() };
    let library = FILES.iter().map(|file| (file.path, file.text, true));
    for (path, text, library) in own.map(|text| ("own", text, false)).into_iter().chain(library) {
        let file = program.sources.add(Source::new(path, text));
        let parsed = parse(file, text);
        program.findings.extend(parsed.findings);
        program.units.push(Unit {
            name: path.rsplit('.').next().unwrap_or(path).into(),
            path: path.into(),
            tree: parsed.tree,
            imports: Vec::new(),
            library,
        });
    }
    program
}

/// Each with the file that declares it.
type Dialects = Vec<(FileId, Dialect)>;
type CodeTables = Vec<(FileId, CodeTable)>;

/// What the declarations of these files give, and everything found.
fn declared(own: Option<&str>) -> (Program, Dialects, CodeTables) {
    let mut program = program(own);
    let (dialects, found) = dialect::dialects(&program.units);
    program.findings.extend(found);
    let (tables, found) = codes::tables(&program.units);
    program.findings.extend(found);
    (program, dialects, tables)
}

/// A dialect of the library.
fn library_dialect(name: &str) -> &'static Dialect {
    static BUILT: OnceLock<Dialects> = OnceLock::new();
    let built = BUILT.get_or_init(|| declared(None).1);
    let found = built.iter().find(|(_, dialect)| dialect.name == name);
    &found.expect("the library has it").1
}

/// A table of the library.
fn library_codes(name: &str) -> &'static CodeTable {
    static BUILT: OnceLock<CodeTables> = OnceLock::new();
    let built = BUILT.get_or_init(|| declared(None).2);
    let found = built.iter().find(|(_, table)| table.name == name);
    &found.expect("the library has it").1
}

/// Findings as a reader of a snapshot sees them: place, the very text the carets stand under, code, both languages.
fn described(sources: &Sources, findings: &[Finding]) -> String {
    use tillscript::script_error::catalogue;
    use tillscript::script_error::fill::fill;
    let at = |place: Place| {
        let source = sources.file(place.file).expect("a file");
        let position = source.position(place.span.start);
        let text = source.text.as_deref().unwrap_or_default();
        let under = text.get(place.span.range()).expect("a span inside its file");
        let under: String = under.lines().next().unwrap_or_default().chars().take(40).collect();
        format!("{}:{} <{under}>", position.line, position.column)
    };
    let mut lines = Vec::new();
    for finding in findings {
        let row = catalogue::row(finding.code).expect("a row");
        let title = fill(row.title, &finding.facts);
        assert!(!title.zh.contains('?') && !title.en.contains('?'), "a fact is missing: {title:?}");
        lines.push(format!("{} {} {}", at(finding.at.place), finding.code, title.en));
        lines.push(format!("  {}", title.zh));
        if !finding.at.text.is_empty() {
            lines.push(format!("  here  {} / {}", finding.at.text.en, finding.at.text.zh));
        }
        for label in &finding.labels {
            lines.push(format!("  also  {} {} / {}", at(label.place), label.text.en, label.text.zh));
        }
        for note in &finding.notes {
            lines.push(format!("  note  {} / {}", note.en, note.zh));
        }
        for cure in &finding.cures {
            lines.push(format!("  help  {} / {}", cure.text.en, cure.text.zh));
            for edit in &cure.edits {
                lines.push(format!("        {} becomes <{}>", at(edit.place), edit.replacement));
            }
        }
    }
    if lines.is_empty() {
        lines.push("no findings".into());
    }
    lines.join("\n")
}

#[test]
fn library_builds_without_findings() {
    let (program, dialects, tables) = declared(None);
    assert_eq!(described(&program.sources, &program.findings), "no findings");
    let names: Vec<&str> = dialects.iter().map(|(_, dialect)| dialect.name.as_str()).collect();
    assert_eq!(names, ["cn_pos", "cn_switch", "iso1987", "iso1987_binary", "iso1993", "network_ebcdic"]);
    let names: Vec<&str> = tables.iter().map(|(_, table)| table.name.as_str()).collect();
    assert_eq!(names, ["cn_pos", "iso1987"]);
}
