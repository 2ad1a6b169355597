//! The simulated screen: a few short lines, Chinese characters two columns wide.

use crate::script_error::words::{Language, Said};
use crate::script_error::wrap::wrap;
use crate::world::port::failure::Failure;
use crate::world::port::screen::Screen;
use crate::world::port::waited::Waited;
use crate::world::stage::SharedStage;

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
        let mut lines = wrap(sentence.in_language(language), self.columns);
        lines.truncate(self.lines);
        lines
    }

    fn show(&mut self, sentence: &Said) {
        self.shown.push(sentence.clone());
        self.now = Some(sentence.clone());
    }
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
