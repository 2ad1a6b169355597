//! Leaves out the statement that failed, so that the next mistake in the same item is found too.

use super::brackets::Bracket;

/// How often one item is tried again.
pub(super) const TRIES_MAX: usize = 20;

/// Bytes of one file that may be parsed again.
pub(super) const BYTES_MAX: usize = 2 << 20;

/// The lines of the statement a byte stands in: from its first line to the line before the next statement of the
/// same block. `None` where it cannot be left out without tearing brackets apart.
pub(super) fn statement_around(
    text: &str,
    start: usize,
    end: usize,
    brackets: &[Bracket],
    at: usize,
) -> Option<(usize, usize)> {
    let mut open: Vec<Bracket> = Vec::new();
    for bracket in brackets.iter().take_while(|bracket| (bracket.at as usize) < at) {
        if matches!(bracket.sign, b'(' | b'[' | b'{') {
            open.push(*bracket);
        } else {
            open.pop();
        }
    }
    // Innermost block first, then its parents: a header such as `if a b {` belongs to the block around it.
    let blocks: Vec<Bracket> = open.into_iter().filter(|bracket| bracket.sign == b'{').collect();
    blocks.iter().rev().find_map(|block| lines_in(text, start, end, brackets, *block, at))
}

fn lines_in(
    text: &str,
    start: usize,
    end: usize,
    brackets: &[Bracket],
    block: Bracket,
    at: usize,
) -> Option<(usize, usize)> {
    let body = block.at as usize + 1;
    let first_line = body + text.get(body..end)?.find('\n')? + 1;
    if at < first_line {
        return None;
    }
    let mut base = None;
    let mut from = None;
    let mut upto = None;
    let mut line_start = first_line;
    for line in text.get(first_line..end)?.split_inclusive('\n') {
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        if !trimmed.is_empty() && !trimmed.starts_with("//") {
            let base = *base.get_or_insert(indent);
            let leads = indent <= base && !trimmed.starts_with("on ") && !trimmed.starts_with("else");
            if leads && line_start <= at {
                from = Some(line_start);
            } else if leads {
                upto = Some(line_start);
                break;
            }
        }
        line_start += line.len();
    }
    let (from, upto) = (from?, upto?);
    // Whole brackets only, and never the one that closes the block.
    let mut depth = 0i64;
    for bracket in brackets.iter().filter(|bracket| (from..upto).contains(&(bracket.at as usize))) {
        depth += if matches!(bracket.sign, b'(' | b'[' | b'{') { 1 } else { -1 };
        if depth < 0 {
            return None;
        }
    }
    (depth == 0 && from >= start).then_some((from, upto))
}
