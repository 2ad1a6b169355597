//! A smaller program that still differs: statements and items are taken away while it does.

use tillscript::language::syntax::parse::parse;
use tillscript::language::syntax::tree::{Handler, MatchArm, Statement};
use tillscript::language::syntax::visit::{self, Visitor};
use tillscript::script_error::source::{FileId, Span};

/// So many attempts at most.
const ATTEMPTS: usize = 600;

/// What can be taken away.
#[derive(Default)]
struct Pieces(Vec<Span>);

impl<'t> Visitor<'t> for Pieces {
    fn statement(&mut self, statement: &'t Statement) {
        self.0.push(statement.span);
    }

    fn handler(&mut self, handler: &'t Handler) {
        self.0.push(handler.span);
    }

    fn arm(&mut self, arm: &'t MatchArm) {
        self.0.push(arm.span);
    }
}

/// Takes statements, handlers, arms and items away as long as `still` holds.
pub(super) fn shrunk(text: &str, still: impl Fn(&str) -> bool) -> String {
    let mut text = text.to_string();
    let mut attempts = 0;
    loop {
        let tree = parse(FileId(0), &text).tree;
        let mut pieces = Pieces::default();
        for item in &tree.items {
            pieces.0.push(item.span);
            visit::item(item, &mut pieces);
        }
        let mut pieces = pieces.0;
        pieces.sort_by_key(|span| std::cmp::Reverse(span.end - span.start));
        let smaller = pieces.into_iter().find_map(|span| {
            attempts += 1;
            if attempts > ATTEMPTS {
                return None;
            }
            let without = format!("{}{}", &text[..span.start as usize], &text[span.end as usize..]);
            still(&without).then_some(without)
        });
        match smaller {
            Some(smaller) => text = smaller,
            None => {
                let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
                return lines.join("\n");
            }
        }
    }
}
