//! Text to tree, with all findings at once.

use super::build::{Builder, Built};
use super::grammar::{self, Rule};
use super::tree::Tree;
use crate::script_error::catalogue::source;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place, Span};

/// What became of a text.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// What could be understood.
    pub tree: Tree,
    /// What could not, in the order of the text.
    pub findings: Vec<Finding>,
}

/// Reads a file's text.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut parsed = Parsed {
        tree: Tree {
            file,
            ..Tree::default()
        },
        findings: Vec::new(),
    };
    let mut starts = vec![0];
    let mut at = 0;
    let mut head = false;
    for line in text.split_inclusive('\n') {
        let word: String = line
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '@' || *c == '/')
            .collect();
        let is_head = word.starts_with('@') || word.starts_with("///");
        let is_item = super::words::ITEM_WORDS.contains(&word.as_str())
            || word == "pub"
            || word == "import"
            || word == "edition";
        if (is_item || is_head) && !head && at > 0 {
            starts.push(at);
        }
        if is_item || is_head {
            head = is_head;
        }
        at += line.len();
    }
    starts.push(text.len());
    for pair in starts.windows(2) {
        let [start, end] = pair else { continue };
        let piece = &text[*start..*end];
        if piece.trim().is_empty() {
            continue;
        }
        match grammar::read(Rule::piece, piece) {
            Ok(nodes) => {
                let mut builder = Builder::new(file, text, *start, parsed.tree.expressions);
                let built = builder.piece(nodes);
                parsed.tree.expressions = builder.next;
                parsed.findings.append(&mut builder.findings);
                match built.built {
                    Some(Built::Edition(edition)) => parsed.tree.edition = Some(edition),
                    Some(Built::Import(import)) => parsed.tree.imports.push(import),
                    Some(Built::Item(item)) => parsed.tree.items.push(*item),
                    None => {}
                }
            }
            Err(failure) => {
                let at = start + failure.at;
                let place = Place {
                    file,
                    span: Span::new(at, at + 1),
                };
                let finding = Finding::error(source::EXPECTED_OTHER, place)
                    .fact("expected", Fact::Text(format!("{:?}", failure.tried)))
                    .text("found", text[at..].chars().take(1).collect::<String>());
                parsed.findings.push(finding);
            }
        }
    }
    parsed
}
