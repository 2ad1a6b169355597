//! From the text of a generated program to what both sides run.

use std::sync::OnceLock;
use tillscript::language::bytecode::program::Program;
use tillscript::language::bytecode::verify::program::verify;
use tillscript::language::check::checked::{Checked, Unit};
use tillscript::language::check::program::check;
use tillscript::language::compile::program::compile;
use tillscript::language::syntax::parse::parse;
use tillscript::script_error::finding::Severity;
use tillscript::script_error::source::{FileId, Source, Sources};

/// The unit that every generated program imports.
pub(super) const TRADE: &str = include_str!("trade.till");

/// A program for both sides.
pub(super) struct Built {
    pub(super) checked: Checked,
    pub(super) program: Program,
}

/// Parses, checks, compiles and verifies; what is wrong, if anything is.
pub(super) fn build(text: &str) -> Result<Built, String> {
    static PARSED: OnceLock<Unit> = OnceLock::new();
    let trade = PARSED.get_or_init(|| {
        let parsed = parse(FileId(1), TRADE);
        assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
        Unit { name: "trade".into(), path: "trade".into(), tree: parsed.tree, imports: Vec::new(), library: false }
    });
    let mut sources = Sources::default();
    sources.add(Source::new("program.till", text));
    sources.add(Source::new("trade.till", TRADE));
    let parsed = parse(FileId(0), text);
    let mut findings = parsed.findings;
    let entry = Unit {
        name: "program".into(),
        path: "program".into(),
        imports: parsed.tree.imports.iter().map(|_| Some(FileId(1))).collect(),
        tree: parsed.tree,
        library: false,
    };
    let (checked, found) = check(vec![entry, trade.clone()], FileId(0));
    findings.extend(found);
    findings.retain(|finding| finding.severity == Severity::Error);
    if !findings.is_empty() {
        let mut said = String::new();
        for finding in &findings {
            let place = sources.locate(finding.at.place).map(|(name, at)| format!("{name}:{}:{}", at.line, at.column));
            said.push_str(&format!("{} {} {:?}\n", place.unwrap_or_default(), finding.code, finding.facts));
        }
        return Err(said);
    }
    let program = compile(&checked, &sources, "program").map_err(|findings| format!("{findings:?}"))?;
    verify(&program).map_err(|error| format!("does not verify: {error:?}"))?;
    Ok(Built { checked, program })
}
