//! A trace: everything a run asked and was told, one JSON object a line; enough to see the same run again.
//!
//! It holds what runs hold: numbers of the vault and masked forms, never card data.

use crate::language::builtin::row::Op;
use crate::language::vm::value::Value;
use crate::run::answer::Said as Answered;
use crate::run::happening::Happening;
use crate::script_error::catalogue::{self, storage};
use crate::script_error::code::Fact;
use crate::script_error::fill;
use crate::script_error::words::Said;
use crate::world::audit::books::Standing;
use crate::world::port::failure::Failure;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::io::Write;

/// Version of the trace's form.
const VERSION: u32 = 1;
/// The longest trace that is read, in bytes.
pub const TRACE_BYTES_MAX: u64 = 64 << 20;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the form.
    pub till_trace: u32,
    /// SHA-256 of the program, hexadecimal.
    pub program: String,
    /// Name of the script.
    pub script: String,
    /// The flow that was started.
    pub flow: String,
    /// Its arguments.
    pub arguments: Vec<Value>,
    /// The seed of the simulated world.
    pub seed: u64,
    /// Was the world kept for a next run?
    #[serde(default)]
    pub kept: bool,
}

impl Head {
    /// The head of a new trace.
    pub fn new(program: String, script: String, flow: String, arguments: Vec<Value>, seed: u64) -> Head {
        Head { till_trace: VERSION, program, script, flow, arguments, seed, kept: false }
    }
}

/// Every other line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The run asked.
    Request {
        /// Number of the request.
        number: u32,
        /// The operation's word.
        op: String,
        /// What it was asked with.
        arguments: Vec<Value>,
    },
    /// The world answered.
    Answer {
        /// Number of the request.
        number: u32,
        /// The value.
        value: Value,
        /// The terminal's time afterwards.
        at_ms: i64,
    },
    /// The world failed.
    Failure {
        /// Number of the request.
        number: u32,
        /// A code of the catalogue.
        code: String,
        /// Facts: name, Chinese, English.
        facts: Vec<(String, String, String)>,
        /// The terminal's time afterwards.
        at_ms: i64,
    },
    /// The power went.
    PowerCut {
        /// Number of the request.
        number: u32,
        /// The point.
        point: String,
        /// The terminal's time.
        at_ms: i64,
    },
    /// Something was shown.
    Happening(Happening),
    /// The money after the run: what a replay cannot work out without the journal.
    End {
        /// `not_moved`, `moved`, `reversed`, `reversal_queued`.
        money: String,
        /// Reversals that wait.
        pending: usize,
        /// The terminal's number.
        terminal: String,
        /// The terminal's time.
        at_ms: i64,
        /// How terminal and host stand to each other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        books: Option<Standing>,
    },
}

/// Writes a trace.
pub struct Recorder {
    /// How terminal and host stand to each other at the end.
    pub books: Option<Standing>,
    to: Box<dyn Write>,
    damage: Option<String>,
}

impl Recorder {
    /// Starts a trace.
    pub fn start(to: Box<dyn Write>, head: &Head) -> Recorder {
        let mut recorder = Recorder { books: None, to, damage: None };
        recorder.line(head);
        recorder
    }

    /// The run asked.
    pub fn asked(&mut self, number: u32, op: Op, arguments: &[Value]) {
        self.line(&Line::Request { number, op: op.word().into(), arguments: arguments.to_vec() });
    }

    /// The world answered.
    pub fn answered(&mut self, number: u32, answer: &Answered, at_ms: i64) {
        let line = match answer {
            Answered::Value(value) => Line::Answer { number, value: value.clone(), at_ms },
            Answered::Failed(failure) => Line::Failure {
                number,
                code: failure.code.to_string(),
                facts: failure
                    .facts
                    .iter()
                    .map(|(name, fact)| {
                        let said = fill::said(fact);
                        (name.to_string(), said.zh, said.en)
                    })
                    .collect(),
                at_ms,
            },
        };
        self.line(&line);
    }

    /// The power went.
    pub fn power_cut(&mut self, number: u32, point: &str, at_ms: i64) {
        self.line(&Line::PowerCut { number, point: point.into(), at_ms });
    }

    /// Something was shown.
    pub fn happened(&mut self, happening: &Happening) {
        self.line(&Line::Happening(happening.clone()));
    }

    /// The run is over. An error if any line could not be written.
    pub fn end(mut self, money: &str, pending: usize, terminal: &str, at_ms: i64) -> Result<(), String> {
        self.line(&Line::End {
            money: money.into(),
            pending,
            terminal: terminal.into(),
            at_ms,
            books: self.books.clone(),
        });
        if let Err(error) = self.to.flush() {
            self.damage.get_or_insert(error.to_string());
        }
        match self.damage {
            Some(damage) => Err(damage),
            None => Ok(()),
        }
    }

    fn line(&mut self, line: &impl Serialize) {
        let written = serde_json::to_string(line)
            .map_err(|error| error.to_string())
            .and_then(|text| writeln!(self.to, "{text}").map_err(|error| error.to_string()));
        if let Err(error) = written {
            self.damage.get_or_insert(error);
        }
    }
}

/// A trace that is run again.
#[derive(Debug)]
pub struct Replay {
    /// The first line.
    pub head: Head,
    lines: VecDeque<Line>,
    /// The terminal's time, as the trace has it.
    pub at_ms: i64,
    /// The terminal's number, as the trace has it.
    pub terminal: String,
    /// The money's word, as the trace has it.
    pub money: String,
    /// Reversals that wait, as the trace has it.
    pub pending: usize,
    /// How terminal and host stood, as the trace has it.
    pub books: Option<Standing>,
}

/// What a trace says to a request.
pub enum Recorded {
    /// The world's answer.
    Answer(Answered),
    /// The power went.
    PowerCut(String),
}

impl Replay {
    /// Reads a trace; `T7009` with the line that is wrong.
    pub fn read(text: &str) -> Result<Replay, Failure> {
        let bad = |line: usize, detail: String| {
            Failure::new(storage::BAD_TRACE).text("detail", format!("{}: {detail}", line + 1))
        };
        let mut lines = text.lines().enumerate();
        let (_, first) = lines.next().ok_or_else(|| bad(0, "empty".into()))?;
        let head: Head = serde_json::from_str(first).map_err(|error| bad(0, error.to_string()))?;
        if head.till_trace != VERSION {
            return Err(bad(0, format!("till_trace {}", head.till_trace)));
        }
        let mut replay = Replay {
            head,
            lines: VecDeque::new(),
            at_ms: 0,
            terminal: String::new(),
            money: String::new(),
            pending: 0,
            books: None,
        };
        for (at, line) in lines {
            match serde_json::from_str(line).map_err(|error| bad(at, error.to_string()))? {
                Line::End { money, pending, terminal, at_ms, books } => {
                    replay.books = books;
                    (replay.money, replay.pending, replay.terminal, replay.at_ms) = (money, pending, terminal, at_ms);
                }
                line => replay.lines.push_back(line),
            }
        }
        Ok(replay)
    }

    /// What was shown next, up to the next request or answer.
    pub fn happenings(&mut self) -> Vec<Happening> {
        let mut shown = Vec::new();
        while let Some(Line::Happening(_)) = self.lines.front() {
            if let Some(Line::Happening(happening)) = self.lines.pop_front() {
                shown.push(happening);
            }
        }
        shown
    }

    /// Compares a request with the trace; `T7008` where they part.
    pub fn asked(&mut self, number: u32, op: Op, arguments: &[Value]) -> Result<(), Failure> {
        let found = match self.lines.pop_front() {
            Some(Line::Request { number: known, op: word, arguments: recorded })
                if known == number && word == op.word() && recorded == arguments =>
            {
                return Ok(());
            }
            Some(Line::Request { op, .. }) => op,
            _ => "-".into(),
        };
        Err(diverged(number, &found, op.word()))
    }

    /// The recorded answer to a request.
    pub fn answer(&mut self, number: u32) -> Result<Recorded, Failure> {
        match self.lines.pop_front() {
            Some(Line::Answer { number: known, value, at_ms }) if known == number => {
                self.at_ms = at_ms;
                Ok(Recorded::Answer(Answered::Value(value)))
            }
            Some(Line::Failure { number: known, code, facts, at_ms }) if known == number => {
                self.at_ms = at_ms;
                let row = catalogue::find(&code).ok_or_else(|| diverged(number, &code, "-"))?;
                let facts = row
                    .facts
                    .iter()
                    .filter_map(|(name, _)| {
                        let (_, zh, en) = facts.iter().find(|(known, _, _)| known == name)?;
                        Some((*name, Fact::Said(Said::new(zh.as_str(), en.as_str()))))
                    })
                    .collect();
                Ok(Recorded::Answer(Answered::Failed(Failure { code: row.code, facts })))
            }
            Some(Line::PowerCut { number: known, point, at_ms }) if known == number => {
                self.at_ms = at_ms;
                Ok(Recorded::PowerCut(point))
            }
            _ => Err(diverged(number, "-", "answer")),
        }
    }
}

fn diverged(number: u32, expected: &str, found: &str) -> Failure {
    Failure::new(storage::REPLAY_DIVERGED)
        .fact("request", Fact::Count(i64::from(number)))
        .text("expected", expected)
        .text("found", found)
}
