//! Text to tree, with all findings at once.

use super::build::builder::Builder;
use super::build::item::Built;
use super::grammar::{self, Rule, SIZE_MAX};
use super::nodes::Nodes;
use super::prune;
use super::recover;
use super::room::with_room;
use super::scan::scanner::{FINDINGS_MAX, Piece, scan};
use super::scene::Scene;
use super::tree::{Expression, Tree};
use super::words;
use crate::script_error::catalogue::source;
use crate::script_error::code::{Code, Fact};
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::{FileId, Place, Span};
use smol_str::SmolStr;

/// What became of a text.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// What could be understood.
    pub tree: Tree,
    /// What could not, in the order of the text.
    pub findings: Vec<Finding>,
}

/// Reads a file's bytes as text. A byte-order mark is left out.
pub fn decode(file: FileId, bytes: &[u8]) -> Result<&str, Box<Finding>> {
    if bytes.len() > SIZE_MAX {
        return Err(Box::new(too_large(file)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let place = Place { file, span: Span::new(at, at + 1) };
        let finding = Finding::error(source::NOT_UTF8, place).fact("offset", Fact::Count(at as i64));
        Box::new(match bytes {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => finding.note("看起来是 UTF-16 编码", "this looks like UTF-16"),
            _ => finding,
        })
    })?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

fn too_large(file: FileId) -> Finding {
    let place = Place { file, span: Span::default() };
    Finding::error(source::SOURCE_TOO_LARGE, place).fact("limit", Fact::Count(SIZE_MAX as i64))
}

/// Reads a file's text: the tree of what could be understood, and everything that could not.
pub fn parse(file: FileId, text: &str) -> Parsed {
    with_room(|| whole(file, text))
}

fn whole(file: FileId, text: &str) -> Parsed {
    let mut parser = Parser {
        file,
        written: text,
        tree: Tree { file, ..Tree::default() },
        findings: Vec::new(),
        again: recover::BYTES_MAX,
        items_begun: false,
    };
    if text.len() > SIZE_MAX {
        return Parsed { tree: parser.tree, findings: vec![too_large(file)] };
    }
    let scan = scan(file, text);
    parser.findings = scan.findings;
    let seen = scan.repaired.as_deref().unwrap_or(text);
    if !scan.stopped {
        for piece in &scan.pieces {
            if parser.findings.len() >= FINDINGS_MAX {
                break;
            }
            parser.piece(seen, piece);
        }
    }
    let mut findings = parser.findings;
    findings.sort_by_key(|finding| finding.at.place.span);
    let mut findings = prune::prune(seen, &scan.pieces, findings);
    findings.truncate(FINDINGS_MAX);
    let mut tree = parser.tree;
    prune::doubtful(text, &findings, &mut tree);
    Parsed { tree, findings }
}

/// Rules of the grammar that are begun for a text, piece by piece: what reading it costs, whatever machine it is read on.
pub fn steps(text: &str) -> usize {
    if text.len() > SIZE_MAX {
        return 0;
    }
    let scan = scan(FileId(0), text);
    let seen = scan.repaired.as_deref().unwrap_or(text);
    let parts = scan.pieces.iter().filter(|piece| !piece.skip).filter_map(|piece| seen.get(piece.start..piece.end));
    if scan.stopped { 0 } else { parts.map(|part| grammar::steps(Rule::piece, part)).sum() }
}

/// Reads one expression.
pub fn expression(file: FileId, text: &str) -> Result<Expression, Vec<Finding>> {
    with_room(|| one_expression(file, text))
}

fn one_expression(file: FileId, text: &str) -> Result<Expression, Vec<Finding>> {
    if text.len() > SIZE_MAX {
        return Err(vec![too_large(file)]);
    }
    let scan = scan(file, text);
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    let (Some(piece), false) = (scan.pieces.first(), scan.findings.iter().any(is_error)) else {
        return Err(scan.findings);
    };
    let scene = Scene { file, text, start: piece.start, end: text.len(), brackets: &piece.brackets };
    let part = text.get(piece.start..).unwrap_or_default();
    let found = grammar::read(Rule::expression_piece, part).map_err(|failure| vec![scene.finding(&failure)])?;
    let mut builder = Builder::new(file, text, piece.start, 0);
    let built = builder.only_expression(found.nodes());
    match built {
        Some(value) if builder.findings.is_empty() => Ok(value),
        _ => Err(builder.findings),
    }
}

struct Parser<'t> {
    file: FileId,
    /// The text as written.
    written: &'t str,
    tree: Tree,
    findings: Vec<Finding>,
    /// Bytes that may still be parsed again.
    again: usize,
    items_begun: bool,
}

/// Findings that leave the tree as the author meant it.
const HARMLESS: [Code; 5] = [
    source::OPERATOR_STARTS_LINE,
    source::TWO_STATEMENTS_ON_LINE,
    source::COMPARISON_CHAIN,
    source::EDITION_UNKNOWN,
    source::UNKNOWN_ANNOTATION,
];

impl Parser<'_> {
    /// Parses one piece of the text the grammar may see.
    fn piece(&mut self, seen: &str, piece: &Piece) {
        let Some(part) = seen.get(piece.start..piece.end) else {
            return;
        };
        if part.trim().is_empty() {
            return;
        }
        if piece.skip {
            self.broken(part);
            return;
        }
        match grammar::read(Rule::piece, part) {
            Ok(found) => self.build(seen, piece, found.nodes(), true),
            Err(failure) => {
                let scene = Scene {
                    file: self.file,
                    text: seen,
                    start: piece.start,
                    end: piece.end,
                    brackets: &piece.brackets,
                };
                if only_comments(part) {
                    return;
                }
                self.findings.push(scene.finding(&failure));
                self.broken(part);
                if !failure.exhausted {
                    self.try_again(seen, piece, failure.at);
                }
            }
        }
    }

    /// Leaves out the failing statement and parses the rest, for its findings only.
    fn try_again(&mut self, seen: &str, piece: &Piece, first: usize) {
        let mut text = seen.as_bytes().get(..piece.end).unwrap_or_default().to_vec();
        let mut at = piece.start + first;
        for _ in 0..recover::TRIES_MAX {
            let length = piece.end - piece.start;
            if self.again < length || self.findings.len() >= FINDINGS_MAX {
                return;
            }
            self.again -= length;
            let Ok(current) = std::str::from_utf8(&text) else {
                return;
            };
            let Some((from, upto)) = recover::statement_around(current, piece.start, piece.end, &piece.brackets, at)
            else {
                return;
            };
            let Some(lines) = text.get_mut(from..upto) else {
                return;
            };
            lines.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
            let Ok(current) = std::str::from_utf8(&text) else {
                return;
            };
            let Some(part) = current.get(piece.start..piece.end) else {
                return;
            };
            match grammar::read(Rule::piece, part) {
                Ok(found) => {
                    self.build(current, piece, found.nodes(), false);
                    return;
                }
                Err(failure) => {
                    if failure.exhausted || piece.start + failure.at <= from {
                        return;
                    }
                    at = piece.start + failure.at;
                    let brackets: Vec<_> = piece
                        .brackets
                        .iter()
                        .filter(|bracket| current.as_bytes().get(bracket.at as usize) != Some(&b' '))
                        .copied()
                        .collect();
                    let scene = Scene {
                        file: self.file,
                        text: current,
                        start: piece.start,
                        end: piece.end,
                        brackets: &brackets,
                    };
                    self.findings.push(scene.finding(&failure));
                }
            }
        }
    }

    fn build(&mut self, seen: &str, piece: &Piece, nodes: Nodes<'_>, keep: bool) {
        let mut builder = Builder::new(self.file, self.written, piece.start, self.tree.expressions);
        let built = builder.piece(nodes);
        let next = builder.next;
        let findings = std::mem::take(&mut builder.findings);
        let sound = keep && findings.iter().all(|finding| HARMLESS.contains(&finding.code));
        self.findings.extend(findings);
        if let Some(rest) = built.rest {
            self.rest(seen, piece, rest);
        }
        if !sound {
            if keep && let Some(part) = seen.get(piece.start..piece.end) {
                self.broken(part);
            }
            return;
        }
        match built.built {
            Some(Built::Edition(edition)) => {
                if self.items_begun || self.tree.edition.is_some() || !self.tree.imports.is_empty() {
                    self.out_of_place(
                        edition.span,
                        "edition 只能写在文件开头，且只写一次",
                        "`edition` stands once, at the head of the file",
                    );
                }
                self.tree.edition = Some(edition);
            }
            Some(Built::Import(import)) => {
                if self.items_begun {
                    self.out_of_place(import.span, "import 写在所有声明之前", "imports stand before all items");
                }
                self.tree.imports.push(import);
            }
            Some(Built::Item(item)) => {
                self.items_begun = true;
                self.tree.items.push(*item);
            }
            None => {
                let place = Place { file: self.file, span: Span::new(piece.start, piece.start + 1) };
                let finding = Finding::error(crate::script_error::catalogue::internal::INTERNAL_DEFECT, place)
                    .text("detail", "an item the grammar knows and the builder does not");
                self.findings.push(finding);
            }
        }
        self.tree.expressions = next;
    }

    fn out_of_place(&mut self, span: Span, zh: &str, en: &str) {
        let found = self.written.get(span.range()).and_then(|text| text.split_whitespace().next()).unwrap_or_default();
        let place = Place { file: self.file, span };
        self.findings.push(Finding::error(source::NOT_AN_ITEM, place).text("found", found).label(zh, en));
    }

    /// What stands behind a finished item and is none.
    fn rest(&mut self, seen: &str, piece: &Piece, rest: Span) {
        let scene = Scene {
            file: self.file,
            text: seen,
            start: rest.start as usize,
            end: piece.end,
            brackets: &piece.brackets,
        };
        let found = scene.token(rest.start as usize);
        // What is behind it may belong to the last thing in it.
        let whole = Scene { start: piece.start, ..scene };
        let part = whole.unit_apart(found, whole.token_before(found.start as usize));
        self.findings.push(part.unwrap_or_else(|| whole.not_an_item(found)));
        self.tree.import_lost |= !self.items_begun;
        // It may be an item whose first word is missing.
        let text = seen.get(rest.start as usize..piece.end).unwrap_or_default();
        let names = text.split(|sign: char| !(sign == '_' || sign.is_alphanumeric())).filter(|word| !word.is_empty());
        self.tree.broken.extend(names.take(2).map(SmolStr::new));
    }

    /// Remembers the name of an item that could not be parsed.
    fn broken(&mut self, part: &str) {
        let mut lines =
            part.lines().skip_while(|line| line.trim().is_empty() || line.starts_with("//") || line.starts_with('@'));
        let Some(line) = lines.next() else { return };
        let mut names =
            line.split(|sign: char| !(sign == '_' || sign.is_alphanumeric())).filter(|word| !word.is_empty());
        let mut word = names.next();
        if word == Some("pub") {
            word = names.next();
        }
        let is_item = word.is_some_and(|word| words::ITEM_WORDS.contains(&word));
        self.tree.import_lost |= !is_item && !self.items_begun;
        self.items_begun |= is_item;
        match word {
            Some("test" | "import" | "edition") | None => {}
            Some(_) if is_item => self.tree.broken.extend(names.next().map(SmolStr::new)),
            // The word that leads it may be missing or misspelled: what it declares is one of the two that are there.
            Some(word) => {
                self.tree.broken.push(SmolStr::new(word));
                self.tree.broken.extend(names.next().map(SmolStr::new));
            }
        }
    }
}

/// Does a piece hold nothing but comments?
fn only_comments(part: &str) -> bool {
    part.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with("//"))
}
