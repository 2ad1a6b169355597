//! Strings, sentences in both languages, and the lines of slips.

use super::super::planted::Planted;
use super::evaluator::{Evaluator, Stop};
use super::show;
use tillscript::language::syntax::tree::{Bilingual, Expression, ReceiptLine, StringLiteral, StringPart};
use tillscript::language::types::Type;
use tillscript::language::vm::value::ReceiptValue;

impl<'c> Evaluator<'c, '_> {
    /// The text of a string.
    pub(super) fn string(&mut self, string: &'c StringLiteral) -> Result<String, Stop> {
        let mut text = String::new();
        for part in &string.parts {
            match part {
                StringPart::Text(part) => text.push_str(part),
                StringPart::Value(value) => {
                    self.seen.insert("string value");
                    text.push_str(&self.as_text(value)?);
                }
            }
        }
        Ok(text)
    }

    /// A value written as text.
    fn as_text(&mut self, expression: &'c Expression) -> Result<String, Stop> {
        let value = self.value(expression)?;
        let ty = self.type_of(expression);
        if self.planted == Some(Planted::PercentAsNumber) && *ty == Type::Percent {
            return Ok(value.number().to_string());
        }
        Ok(show::in_text(&self.checked.types, ty, &value))
    }

    /// A sentence: Chinese, then English.
    pub(super) fn words(&mut self, words: &'c Bilingual) -> Result<(String, String), Stop> {
        self.seen.insert("item text");
        let one = |this: &mut Self, string: &'c Option<StringLiteral>| match string {
            Some(string) => {
                this.at(string.span);
                this.string(string)
            }
            None => Ok(String::new()),
        };
        Ok((one(self, &words.zh)?, one(self, &words.en)?))
    }

    /// The lines of a slip.
    pub(super) fn slip(&mut self, lines: &'c [ReceiptLine]) -> Result<Vec<ReceiptValue>, Stop> {
        self.seen.insert("item receipt");
        let mut slip = Vec::new();
        let line = |form, (zh, en), value| ReceiptValue { form, zh, en, value };
        let empty = || (String::new(), String::new());
        for written in lines {
            match written {
                ReceiptLine::Centre(words) => slip.push(line(0, self.words(words)?, String::new())),
                ReceiptLine::Line(words) => slip.push(line(1, self.words(words)?, String::new())),
                ReceiptLine::Row(words, value) => {
                    let words = self.words(words)?;
                    slip.push(line(2, words, self.as_text(value)?));
                }
                ReceiptLine::Rule(_) => slip.push(line(3, empty(), String::new())),
                ReceiptLine::Space(_) => slip.push(line(4, empty(), String::new())),
                ReceiptLine::If { condition, then, otherwise } => {
                    let lines = if self.value(condition)?.truth() { then } else { otherwise };
                    slip.extend(self.slip(lines)?);
                }
            }
        }
        Ok(slip)
    }
}
