//! `match` and `table`: the first pattern that fits.

use super::super::planted::Planted;
use super::evaluator::{Done, Evaluator, Stop};
use super::value::{Value, same};
use tillscript::language::check::checked::PatternMeaning;
use tillscript::language::syntax::tree::{Expression, MatchArm, Pattern, PatternKind, Table};
use tillscript::payment::iso8583::response::Category;

impl<'c> Evaluator<'c, '_> {
    /// `match e { … }`. A single response code goes before its category; else the first pattern that fits.
    pub(super) fn match_value(&mut self, subject: &'c Expression, arms: &'c [MatchArm]) -> Done {
        self.seen.insert("expression match");
        let subject = self.value(subject)?;
        for categories_too in [false, true] {
            for arm in arms {
                for pattern in &arm.patterns {
                    if !categories_too && self.waits(pattern) {
                        continue;
                    }
                    if self.fits(pattern, &subject)? {
                        return self.scoped(|this| {
                            this.bind(pattern, &subject);
                            this.arm(&arm.body)
                        });
                    }
                }
            }
        }
        unreachable!("a checked match covers everything")
    }

    /// Is it left for later while the single patterns are tried?
    fn waits(&self, pattern: &Pattern) -> bool {
        if self.planted == Some(Planted::CategoryFirst) {
            let meaning = &self.unit().patterns[&pattern.span.start];
            return !matches!(meaning, PatternMeaning::Category(_));
        }
        self.is_broad(pattern)
    }

    /// `other`, and categories of response codes: they take what no single pattern takes.
    fn is_broad(&self, pattern: &Pattern) -> bool {
        let meaning = &self.unit().patterns[&pattern.span.start];
        matches!(meaning, PatternMeaning::Category(_) | PatternMeaning::Other(_))
    }

    fn fits(&mut self, pattern: &'c Pattern, value: &Value) -> Result<bool, Stop> {
        let unit = self.unit();
        Ok(match &unit.patterns[&pattern.span.start] {
            PatternMeaning::Variant { tag, .. } => {
                self.seen.insert("pattern variant");
                matches!(value, Value::Variant(has, _) if has == tag)
            }
            PatternMeaning::Category(category) => {
                self.seen.insert("pattern category");
                let Value::Code(code) = value else { unreachable!("a response code was checked") };
                self.category(code) == *category
            }
            PatternMeaning::Code(code) => {
                self.seen.insert("pattern response code");
                matches!(value, Value::Code(has) if *has == code.to_string())
            }
            PatternMeaning::Literal => {
                self.seen.insert("pattern literal");
                let PatternKind::Literal(literal) = &pattern.kind else { unreachable!("a literal is written") };
                let literal = self.value(literal)?;
                same(&literal, value)
            }
            PatternMeaning::Constant(id) => {
                self.seen.insert("pattern constant");
                let constant = self.constant(*id)?;
                same(&constant, value)
            }
            PatternMeaning::Error(error) => {
                self.seen.insert("pattern error");
                self.is_error(value, *error)
            }
            PatternMeaning::None => {
                self.seen.insert("pattern none");
                matches!(value, Value::None)
            }
            PatternMeaning::Some(_) => {
                self.seen.insert("pattern some");
                !matches!(value, Value::None)
            }
            PatternMeaning::Other(name) => {
                self.seen.insert(if name.is_some() { "pattern other name" } else { "pattern other" });
                true
            }
        })
    }

    /// What the table of codes says; a code that it lacks is a decline.
    fn category(&self, code: &str) -> Category {
        let row = self.checked.codes.rows.iter().find(|row| row.code.to_string() == code);
        row.map_or(Category::Decline, |row| row.category)
    }

    fn bind(&mut self, pattern: &Pattern, value: &Value) {
        match (&self.unit().patterns[&pattern.span.start], value) {
            (PatternMeaning::Variant { binds: Some(local), .. }, Value::Variant(_, Some(carried))) => {
                self.seen.insert("pattern variant with value");
                self.declare(*local, (**carried).clone());
            }
            (PatternMeaning::Some(local) | PatternMeaning::Other(Some(local)), value) => {
                self.declare(*local, value.clone());
            }
            _ => {}
        }
    }

    /// A table: the value beside the first key that fits, or `none`.
    pub(super) fn table(&mut self, table: &'c Table) -> Done {
        self.seen.insert("item table");
        let key = self.frame().locals.first().expect("a table has one parameter").1.clone();
        for broad in [false, true] {
            for (pattern, value) in &table.rows {
                if self.is_broad(pattern) == broad && self.fits(pattern, &key)? {
                    return self.value(value);
                }
            }
        }
        Ok(Value::None)
    }
}
