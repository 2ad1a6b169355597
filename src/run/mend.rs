//! Mends a script by the cures that need no decision.

use crate::run::program::{Built, build_as};
use crate::script_error::code::Code;
use crate::script_error::edits::{apart, applied};
use crate::script_error::finding::{Cure, Edit, Finding, Severity};
use crate::script_error::source::{FileId, Place};
use crate::script_error::words::Said;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Checked again at most so often: one mended place can bring another to light.
const ROUNDS_MAX: usize = 400;

/// What stands before the text of some files.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What became of a script.
#[derive(Debug)]
pub struct Mending {
    /// Its new bytes; `None` if nothing was mended.
    pub bytes: Option<Vec<u8>>,
    /// What was mended, in the order it was.
    pub mended: Vec<Mended>,
    /// What was not, since it would have brought new errors.
    pub refused: Vec<Mended>,
    /// The program as it is now: what is left to find.
    pub built: Built,
}

/// One cure that was applied.
#[derive(Clone, Debug)]
pub struct Mended {
    /// Of which finding.
    pub code: Code,
    /// Where it was when it was mended.
    pub line: u32,
    /// In characters.
    pub column: u32,
    /// What was done.
    pub text: Said,
}

/// Applies the safe cures to a script until there is none left, and to no file that it imports.
///
/// A step after which there are errors that were not there before is taken back; then each cure is tried by itself.
pub fn mend(path: &Path, bytes: &[u8]) -> Mending {
    let mark = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let mut now = bytes.to_vec();
    let mut mending = Mending { bytes: None, mended: Vec::new(), refused: Vec::new(), built: build_as(path, bytes) };
    let mut avoided = BTreeSet::new();
    let mut singly = false;
    for _ in 0..ROUNDS_MAX {
        let Some(text) = now.get(mark..).and_then(|text| std::str::from_utf8(text).ok()) else { break };
        let open: Vec<(&Finding, &Cure)> = (mending.built.findings.iter())
            .filter_map(|finding| Some((finding, safe(finding)?)))
            .filter(|(finding, cure)| !avoided.contains(&key(text, finding.code, cure)))
            .collect();
        let mut chosen = apart(open.iter().map(|(_, cure)| cure.edits.as_slice()));
        if singly {
            chosen.truncate(1);
        }
        if chosen.is_empty() {
            break;
        }
        let edits: Vec<Edit> = chosen.iter().flat_map(|edits| edits.iter().cloned()).collect();
        let used: Vec<&(&Finding, &Cure)> = open
            .iter()
            .filter(|(_, cure)| chosen.iter().any(|edits| std::ptr::eq(*edits, cure.edits.as_slice())))
            .collect();
        let step: Vec<Mended> = used.iter().map(|(finding, cure)| mended(&mending.built, finding, cure)).collect();
        let keys: Vec<_> = used.iter().map(|(finding, cure)| key(text, finding.code, cure)).collect();
        let next = applied(text, &edits).map(|text| [now.get(..mark).unwrap_or_default(), text.as_bytes()].concat());
        let built = next.as_ref().map(|next| build_as(path, next));
        match (next, built) {
            (Some(next), Some(built)) if next != now && !has_new_errors(&mending.built, &built) => {
                now = next;
                mending.built = built;
                mending.mended.extend(step);
            }
            _ if singly => {
                avoided.extend(keys);
                mending.refused.extend(step);
            }
            _ => singly = true,
        }
    }
    mending.bytes = (now != bytes).then_some(now);
    mending
}

/// The first cure that a machine may apply and that changes nothing but the script itself.
fn safe(finding: &Finding) -> Option<&Cure> {
    let own = |edit: &Edit| edit.place.file == FileId(0);
    finding.cures.iter().find(|cure| cure.safe && !cure.edits.is_empty() && cure.edits.iter().all(own))
}

/// What tells a cure from others wherever it has moved to.
fn key(text: &str, code: Code, cure: &Cure) -> (Code, Vec<(String, String)>) {
    let was = |place: Place| text.get(place.span.range()).unwrap_or_default().to_string();
    (code, cure.edits.iter().map(|edit| (was(edit.place), edit.replacement.clone())).collect())
}

fn mended(built: &Built, finding: &Finding, cure: &Cure) -> Mended {
    let position = built.sources.locate(finding.at.place).map(|(_, position)| position);
    Mended {
        code: finding.code,
        line: position.map_or(1, |position| position.line),
        column: position.map_or(1, |position| position.column),
        text: cure.text.clone(),
    }
}

/// Are there errors of a code that there were not, or more of them than before?
fn has_new_errors(before: &Built, after: &Built) -> bool {
    let (old, new) = (errors(before), errors(after));
    // Of more findings than are kept nobody knows the codes.
    if before.more + after.more > 0 {
        let count = |errors: &BTreeMap<Code, usize>, built: &Built| errors.values().sum::<usize>() + built.more;
        return count(&new, after) > count(&old, before);
    }
    new.iter().any(|(code, count)| old.get(code).is_none_or(|before| before < count))
}

fn errors(built: &Built) -> BTreeMap<Code, usize> {
    let mut errors = BTreeMap::new();
    for finding in built.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        *errors.entry(finding.code).or_insert(0) += 1;
    }
    errors
}
