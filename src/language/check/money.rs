//! Money moves only inside `reversible`.

use super::body::Body;
use super::statement::message_of;
use crate::language::syntax::tree::Expression;
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::script_error::catalogue::flow;
use crate::script_error::source::Span;

impl Body<'_> {
    /// Reports a message that moves money and is sent outside `reversible`. Messages that are not written out in
    /// this body cannot be judged here.
    pub(crate) fn money_moves_inside(&mut self, message: &Expression, send: Span) {
        if self.reversible.is_some() {
            return;
        }
        let all = self.all;
        let (Some(dialect), Some((mti, processing))) = (&all.dialect, message_of(self, message)) else {
            return;
        };
        if !moves_money(dialect, mti, processing.as_deref()) {
            return;
        }
        let shown = match dialect.rule(mti, processing.as_deref()) {
            Some(rule) => format!("{mti} {}", rule.name),
            None => mti.to_string(),
        };
        let finding = self
            .error(flow::MONEY_OUTSIDE_REVERSIBLE, send)
            .text("message", shown)
            .label("发出后若无应答，无从冲正", "with no answer to this, nothing could be reversed");
        self.report(finding);
    }
}

/// Does this message move money? Without a known field 3 only if every kind of it does.
pub(crate) fn moves_money(dialect: &Dialect, mti: Mti, processing: Option<&str>) -> bool {
    if processing.is_some() {
        return dialect.rule(mti, processing).is_some_and(|rule| rule.moves_money);
    }
    let mut rules = dialect.messages.iter().filter(|rule| rule.mti == mti).peekable();
    rules.peek().is_some() && rules.all(|rule| rule.moves_money)
}
