//! Which bracket was forgotten: pairing with the help of indentation.

use crate::script_error::catalogue::source;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::{FileId, Place, Span};

/// A bracket outside strings and comments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bracket {
    pub(super) at: u32,
    /// Where its line begins.
    pub(super) line: u32,
    /// How far its line is indented.
    pub(super) indent: u16,
    /// Is it the first sign of its line?
    pub(super) first: bool,
    pub(super) sign: u8,
}

/// What came of it.
pub(super) struct Verdict {
    pub(super) findings: Vec<Finding>,
    /// What to write over, so that the grammar finds pairs; `None` where nothing helps.
    pub(super) repairs: Vec<Option<(usize, usize, Option<char>)>>,
}

/// So many brackets of one item are reported.
const REPORTS_MAX: usize = 3;

/// The sign that opens what a sign closes.
pub(super) fn opener(closer: u8) -> u8 {
    match closer {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    }
}

/// The sign that closes what a sign opens.
pub(super) fn closer(opener: u8) -> char {
    match opener {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    }
}

/// Pairs the brackets of one item that does not add up. `end` is where the item ends, `next` the word that starts the next.
pub(super) fn balance(file: FileId, text: &str, brackets: &[Bracket], end: usize, next: Option<Span>) -> Verdict {
    let (left_open, unpaired) = pair(brackets);
    let mut verdict = Verdict { findings: Vec::new(), repairs: Vec::new() };
    let hopeless = left_open.len() > REPORTS_MAX;
    let mut used = Vec::new();
    for (count, (bracket, before)) in left_open.into_iter().take(REPORTS_MAX).enumerate() {
        let gap = gap(text, bracket, before.map_or(end, |before| before as usize), end);
        let repair = gap.repair.filter(|(start, _)| !used.contains(start) && !hopeless);
        used.extend(repair.map(|(start, _)| start));
        verdict.repairs.push(repair.map(|(start, end)| (start, end, Some(closer(bracket.sign)))));
        // One forgotten brace often leaves several open; the next item is named once.
        let next = if count == 0 { next } else { None };
        verdict.findings.push(left_open_finding(file, text, bracket, &gap, next));
    }
    for (count, bracket) in unpaired.into_iter().enumerate() {
        let at = bracket.at as usize;
        let width = width(text, at);
        verdict.repairs.push(Some((at, at + width, None)));
        if count < REPORTS_MAX {
            let sign = char::from(bracket.sign).to_string();
            let place = Place { file, span: Span::new(at, at + width) };
            let finding = Finding::error(source::UNPAIRED_CLOSER, place)
                .text("sign", sign)
                .label("这里没有要闭合的括号", "nothing is open that this could close")
                .guess(place.span, "", "删去它", "delete it");
            verdict.findings.push(finding);
        }
    }
    verdict
}

fn width(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

/// A bracket left open, and the bracket before which it should have been closed, if one says so.
type LeftOpen = (Bracket, Option<u32>);

fn pair(brackets: &[Bracket]) -> (Vec<LeftOpen>, Vec<Bracket>) {
    // How many braces too many or too few: indentation may blame no more than that.
    let surplus: i64 = brackets
        .iter()
        .map(|bracket| match bracket.sign {
            b'{' => 1,
            b'}' => -1,
            _ => 0,
        })
        .sum();
    let (mut too_many_open, mut too_many_closed) = (surplus.max(0), (-surplus).max(0));
    let mut open: Vec<Bracket> = Vec::new();
    let mut left_open: Vec<LeftOpen> = Vec::new();
    let mut unpaired = Vec::new();
    for bracket in brackets {
        if matches!(bracket.sign, b'(' | b'[' | b'{') {
            open.push(*bracket);
            continue;
        }
        let wanted = opener(bracket.sign);
        let mut depth = open.iter().rposition(|open| open.sign == wanted);
        // A brace that stands alone on its line closes the line with its indentation, if there is one.
        if let Some(at) = depth
            && wanted == b'{'
            && bracket.first
            && let Some(top) = open.get(at)
            && top.line != bracket.line
        {
            if bracket.indent < top.indent && too_many_open > 0 {
                let outer = open.iter().rposition(|open| open.sign == b'{' && open.indent == bracket.indent);
                if let Some(outer) = outer {
                    too_many_open -= (at - outer) as i64;
                    depth = Some(outer);
                }
            } else if bracket.indent > top.indent && too_many_closed > 0 {
                too_many_closed -= 1;
                depth = None;
            }
        }
        match depth {
            Some(depth) => {
                left_open.extend(open.drain(depth + 1..).map(|open| (open, Some(bracket.at))));
                open.pop();
            }
            None => unpaired.push(*bracket),
        }
    }
    left_open.extend(open.into_iter().map(|open| (open, None)));
    (left_open, unpaired)
}

/// Where a bracket should have been closed.
struct Gap {
    /// The line that no longer belongs to it.
    line: Option<Span>,
    /// Where a person would write the closing sign.
    write_at: usize,
    /// Bytes that may be written over.
    repair: Option<(usize, usize)>,
    /// The indentation of the line that opened it.
    indent: String,
}

/// Finds the first line behind the opener that is indented no further than the opener's line.
fn gap(text: &str, bracket: Bracket, before: usize, end: usize) -> Gap {
    let line_text = text.get(bracket.line as usize..).unwrap_or_default();
    let indent: String = line_text.chars().take_while(|sign| matches!(sign, ' ' | '\t')).take(200).collect();
    let mut at = bracket.at as usize;
    let mut written = None;
    while let Some(newline) = text.get(at..end).and_then(|rest| rest.find('\n')) {
        let (line_start, line_end) = (at, at + newline);
        let code_end = line_start + code_length(text.get(line_start..line_end).unwrap_or_default());
        if code_end > line_start || written.is_none() {
            written = Some((code_end, line_end + 1));
        }
        at = line_end + 1;
        let line = text.get(at..end).unwrap_or_default();
        let line = line.get(..line.find('\n').unwrap_or(line.len())).unwrap_or_default();
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with("//") {
            continue;
        }
        if line.len() - line.trim_start().len() <= usize::from(bracket.indent) {
            let start = at + (line.len() - line.trim_start().len());
            // The line of the bracket that closes the outer block.
            let line = Span::new(start, start + trimmed.len());
            let (write_at, upto) = written.unwrap_or((line_end, line_end + 1));
            return Gap { line: Some(line), write_at, repair: Some((write_at, upto)), indent };
        }
    }
    // All on one line, or nothing behind it: right before what closes the outer bracket.
    let stop = before.min(end);
    let code = text.get(bracket.at as usize..stop).unwrap_or_default();
    let write_at = bracket.at as usize + code.trim_end().len();
    let (write_at, upto) = match written {
        Some((code_end, upto)) if stop == end => (code_end, upto),
        _ => (write_at, stop),
    };
    Gap { line: None, write_at, repair: (upto > write_at).then_some((write_at, upto)), indent }
}

/// How much of a line is code: without the comment and white space at its end.
fn code_length(line: &str) -> usize {
    let mut in_string = false;
    let mut escaped = false;
    let bytes = line.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'/' if !in_string && bytes.get(at + 1) == Some(&b'/') => {
                return line.get(..at).unwrap_or_default().trim_end().len();
            }
            _ => {}
        }
    }
    line.trim_end().len()
}

fn left_open_finding(file: FileId, text: &str, bracket: Bracket, gap: &Gap, next: Option<Span>) -> Finding {
    let at = bracket.at as usize;
    let place = |span: Span| Place { file, span };
    let sign = char::from(bracket.sign);
    let mut finding = Finding::error(source::BLOCK_LEFT_OPEN, place(Span::new(at, at + width(text, at))))
        .text("sign", sign.to_string())
        .label("在此打开", "opened here");
    if let Some(line) = gap.line {
        finding = if sign == '{' {
            finding.also(
                place(line),
                "从缩进看，代码块应在此行之前结束",
                "indentation suggests the block ends before this line",
            )
        } else {
            finding.also(
                place(line),
                "从缩进看，括号应在此行之前闭合",
                "indentation suggests it closes before this line",
            )
        };
    }
    if let Some(next) = next {
        let word = text.get(next.range()).unwrap_or_default();
        finding = finding.also(
            place(next),
            format!("尚未闭合，却在此开始了新的 {word}"),
            format!("a new {word} starts here while it is still open"),
        );
    }
    let closer = closer(bracket.sign);
    let replacement = if sign == '{' && text.get(at..gap.write_at).is_some_and(|body| body.contains('\n')) {
        format!("\n{}{closer}", gap.indent)
    } else if sign == '{' {
        format!(" {closer}")
    } else {
        closer.to_string()
    };
    let edit = Edit { place: place(Span::new(gap.write_at, gap.write_at)), replacement };
    let finding =
        finding.note("已按补上括号继续检查其余内容", "checked the rest of the file as if it were closed there");
    finding.edits(vec![edit], false, format!("补上“{closer}”"), format!("write the `{closer}`"))
}
