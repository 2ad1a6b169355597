//! One mistake, one message: leaves out what only follows from a mistake beside it.

use super::scan::scanner::Piece;
use super::tree::Tree;
use super::words;
use crate::script_error::catalogue::source;
use crate::script_error::code::Code;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::Span;

/// What the grammar and the layout checks say. After one of them the rest of the line, or of the item, is doubtful.
const STRUCTURE: [Code; 7] = [
    source::NOT_A_STATEMENT,
    source::EXPECTED_OTHER,
    source::OPERATOR_STARTS_LINE,
    source::OPERAND_ON_NEXT_LINE,
    source::TWO_STATEMENTS_ON_LINE,
    source::COMPARISON_CHAIN,
    source::NOT_AN_ITEM,
];

/// What is said of brackets.
const BRACKETS: [Code; 2] = [source::UNPAIRED_CLOSER, source::BLOCK_LEFT_OPEN];

/// Signs that do not belong; the grammar sees the text with something else in their place.
const REPAIRED: [Code; 5] = [
    source::FULL_WIDTH_SIGN,
    source::INVISIBLE_CHARACTER,
    source::BIDIRECTIONAL_CHARACTER,
    source::CONTROL_CHARACTER,
    source::STRAY_SIGN,
];

/// Leaves out followers piece by piece. Findings are in the order of the text, and so are pieces.
pub(super) fn prune(text: &str, pieces: &[Piece], findings: Vec<Finding>) -> Vec<Finding> {
    if findings.is_empty() {
        return findings;
    }
    let breaks: Vec<u32> =
        text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32).collect();
    let mut left = findings.into_iter().peekable();
    let mut kept = Vec::new();
    for piece in pieces {
        let mut here = Vec::new();
        while let Some(finding) = left.next_if(|finding| (finding.at.place.span.start as usize) < piece.end) {
            here.push(finding);
        }
        kept.extend(of_piece(text, &breaks, here));
    }
    kept.extend(left);
    kept
}

fn of_piece(text: &str, breaks: &[u32], mut findings: Vec<Finding>) -> Vec<Finding> {
    let is_structure = |finding: &Finding| STRUCTURE.contains(&finding.code);
    let start = |finding: &Finding| finding.at.place.span.start;
    let first = |code: Code| findings.iter().find(|finding| finding.code == code).map(start);
    let open = first(source::BLOCK_LEFT_OPEN);
    let stray = first(source::UNPAIRED_CLOSER);
    // Behind a bracket that is not closed nothing stands where it was meant to.
    let upto = match (open, stray) {
        (Some(open), _) => {
            findings.retain(|finding| finding.code != source::UNPAIRED_CLOSER);
            Some(open)
        }
        // Where something is missing before it, the closer is right and its opener is what is missing.
        (None, Some(stray)) => {
            let earlier = findings.iter().any(|finding| is_structure(finding) && start(finding) <= stray);
            let mut said = earlier;
            findings.retain(|finding| finding.code != source::UNPAIRED_CLOSER || !std::mem::replace(&mut said, true));
            Some(stray)
        }
        (None, None) => None,
    };
    if let Some(upto) = upto {
        let mut said = false;
        findings.retain(|finding| {
            let keep =
                !is_structure(finding) || (start(finding) <= upto && (open.is_none() && !said || open.is_some()));
            said |= is_structure(finding);
            keep
        });
    }
    // A finished item with something behind it: most often what tore it is told of already.
    let mut said = false;
    findings.retain(|finding| {
        let keep = finding.code != source::NOT_AN_ITEM || !said;
        said |= finding.severity == Severity::Error;
        keep
    });
    // Where a sign was repaired, the grammar saw something else than what is written.
    let repaired: Vec<usize> = (findings.iter())
        .filter(|finding| REPAIRED.contains(&finding.code) && finding.severity == Severity::Error)
        .map(|finding| breaks.partition_point(|at| *at < start(finding)))
        .collect();
    findings.retain(|finding| {
        !is_structure(finding) || !repaired.contains(&breaks.partition_point(|at| *at < start(finding)))
    });
    // Of one line, and of lines that follow on each other, the first.
    let mut last: Option<(usize, Code)> = None;
    findings.retain(|finding| {
        if !is_structure(finding) {
            return true;
        }
        let line = breaks.partition_point(|at| *at < start(finding));
        let follows = last.is_some_and(|(before, code)| {
            let goes_on = line == before + 1 && code == source::EXPECTED_OTHER && finding.code == code;
            line == before || goes_on && !begins_statement(text, breaks, line)
        });
        last = Some((line, finding.code));
        !follows
    });
    findings
}

/// Does a word that leads a statement begin the line?
fn begins_statement(text: &str, breaks: &[u32], line: usize) -> bool {
    let start = line.checked_sub(1).and_then(|before| breaks.get(before)).map_or(0, |at| *at as usize + 1);
    let rest = text.get(start..).unwrap_or_default().trim_start();
    let word = rest.split(|letter: char| !letter.is_ascii_lowercase()).next().unwrap_or_default();
    words::STATEMENT_WORDS.contains(&word)
}

/// The lines on which the structure is in doubt: what the checker finds there follows from it.
pub(super) fn doubtful(text: &str, findings: &[Finding], tree: &mut Tree) {
    let is_structure = |finding: &&Finding| STRUCTURE.contains(&finding.code) || BRACKETS.contains(&finding.code);
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    for finding in errors.filter(is_structure) {
        let span = finding.at.place.span;
        let start = text.get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let end = text.get(span.end as usize..).and_then(|behind| behind.find('\n'));
        tree.doubtful.push(Span::new(start, end.map_or(text.len(), |end| span.end as usize + end)));
    }
}
