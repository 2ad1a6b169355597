//! The simulated screen: a few short lines, Chinese characters two columns wide.

use crate::script_error::words::{Language, Said};
use crate::world::port::failure::Failure;
use crate::world::port::screen::Screen;
use crate::world::port::waited::Waited;
use crate::world::stage::SharedStage;
use unicode_width::UnicodeWidthChar;

/// What a screen shows now and has shown.
#[derive(Clone, Debug)]
pub struct Glass {
    /// How many columns it has.
    pub columns: usize,
    /// How many lines it has.
    pub lines: usize,
    /// Everything that was shown, in order.
    pub shown: Vec<Said>,
    /// What is on it now.
    pub now: Option<Said>,
}

impl Default for Glass {
    fn default() -> Glass {
        Glass { columns: 16, lines: 4, shown: Vec::new(), now: None }
    }
}

impl Glass {
    /// The lines on the screen now; what does not fit is cut off, as on a real one.
    pub fn picture(&self, language: Language) -> Vec<String> {
        let Some(sentence) = &self.now else {
            return Vec::new();
        };
        let mut lines = wrapped(sentence.in_language(language), self.columns);
        lines.truncate(self.lines);
        lines
    }

    fn show(&mut self, sentence: &Said) {
        self.shown.push(sentence.clone());
        self.now = Some(sentence.clone());
    }
}

/// A text in lines of so many columns, broken at spaces where there are any, and never inside a character.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    // A character two columns wide needs two.
    let columns = columns.max(2);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, mut width) = (String::new(), 0);
        // Where the last space stands, and how wide the line is behind it.
        let mut space: Option<(usize, usize)> = None;
        for character in paragraph.chars() {
            let wide = character.width().unwrap_or(0);
            if width + wide > columns {
                if character == ' ' {
                    lines.push(std::mem::take(&mut line));
                    (width, space) = (0, None);
                    continue;
                }
                let keep = match space {
                    Some((at, behind)) if wide == 1 => {
                        width = behind;
                        line.split_off(at + 1)
                    }
                    _ => {
                        width = 0;
                        String::new()
                    }
                };
                lines.push(line.trim_end().to_owned());
                line = keep;
                space = None;
            }
            if character == ' ' {
                space = Some((line.len(), 0));
            } else if let Some((_, behind)) = &mut space {
                *behind += wide;
            }
            line.push(character);
            width += wide;
        }
        lines.push(line);
    }
    lines
}

/// A screen that remembers.
pub struct SimulatedScreen(pub SharedStage);

/// How long the cashier takes to answer.
const ANSWER_MS: i64 = 1_500;

impl Screen for SimulatedScreen {
    fn show(&mut self, sentence: &Said) {
        self.0.borrow_mut().glass.show(sentence);
    }

    fn confirm(&mut self, question: &Said, within_ms: i64) -> Waited<Result<bool, Failure>> {
        let mut stage = self.0.borrow_mut();
        stage.glass.show(question);
        let answer = stage.inputs.answers.pop_front().unwrap_or(true);
        Waited::new(ANSWER_MS.min(within_ms), Ok(answer))
    }

    fn clear(&mut self) {
        self.0.borrow_mut().glass.now = None;
    }
}
