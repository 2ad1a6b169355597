//! The tables a program's functions share: words, texts, shapes, switches, errors. Nothing stands in them twice.

use super::too_large::{Compiled, TABLES};
use crate::language::bytecode::program::{DeclaredWords, ErrorRow, Program, Shape, Switch};
use crate::language::check::checked::{Checked, DeclaredError, ErrorRef};
use crate::script_error::catalogue;
use crate::script_error::words::Said;
use foldhash::HashMap;
use smol_str::SmolStr;

/// The tables while they grow. Rows stand in the order of their first use, so the same source gives the same program.
#[derive(Debug, Default)]
pub(super) struct Tables {
    words: Vec<u64>,
    word_places: HashMap<u64, u32>,
    bytes: Vec<u8>,
    texts: Vec<(u32, u32)>,
    text_places: HashMap<Box<[u8]>, u32>,
    shapes: Vec<Shape>,
    errors: Vec<ErrorRow>,
    error_places: HashMap<ErrorRef, u16>,
    /// Their targets are labels until the function that made them is done.
    pub(super) switches: Vec<Switch>,
}

impl Tables {
    /// The index of a word.
    pub(super) fn word(&mut self, word: u64) -> u32 {
        *self.word_places.entry(word).or_insert_with(|| {
            self.words.push(word);
            (self.words.len() - 1) as u32
        })
    }

    /// The index of a text.
    pub(super) fn text(&mut self, text: &[u8]) -> u32 {
        if let Some(at) = self.text_places.get(text) {
            return *at;
        }
        let at = self.texts.len() as u32;
        self.texts.push((self.bytes.len() as u32, text.len() as u32));
        self.bytes.extend_from_slice(text);
        self.text_places.insert(text.into(), at);
        at
    }

    /// The index of a shape.
    pub(super) fn shape(&mut self, shape: Shape) -> Compiled<u16> {
        if let Some(at) = self.shapes.iter().position(|has| *has == shape) {
            return u16::try_from(at).map_err(|_| TABLES);
        }
        self.shapes.push(shape);
        u16::try_from(self.shapes.len() - 1).map_err(|_| TABLES)
    }

    /// The index of a new switch.
    pub(super) fn switch(&mut self, switch: Switch) -> Compiled<u16> {
        self.switches.push(switch);
        u16::try_from(self.switches.len() - 1).map_err(|_| TABLES)
    }

    /// The index of an error.
    pub(super) fn error(&mut self, error: ErrorRef, checked: &Checked) -> Compiled<u16> {
        if let Some(at) = self.error_places.get(&error) {
            return Ok(*at);
        }
        let at = u16::try_from(self.errors.len()).map_err(|_| TABLES)?;
        self.errors.push(error_row(error, checked));
        self.error_places.insert(error, at);
        Ok(at)
    }

    /// How many facts an error of the table has.
    pub(super) fn facts(&self, error: u16) -> usize {
        self.errors.get(usize::from(error)).map_or(0, |row| row.facts.len())
    }

    /// Moves everything into the program.
    pub(super) fn fill(self, program: &mut Program) {
        program.words = self.words;
        program.bytes = self.bytes;
        program.texts = self.texts;
        program.shapes = self.shapes;
        program.switches = self.switches;
        program.errors = self.errors;
    }
}

fn error_row(error: ErrorRef, checked: &Checked) -> ErrorRow {
    match error {
        ErrorRef::Catalogue(code) => {
            let row = catalogue::row(code);
            ErrorRow {
                code: code.0.into(),
                name: row.map_or(code.0, |row| row.name).into(),
                facts: row.map_or(Vec::new(), |row| row.facts.iter().map(|(name, _)| (*name).into()).collect()),
                declared: None,
            }
        }
        ErrorRef::Declared(at) => match checked.errors.get(usize::from(at)) {
            Some(error) => ErrorRow {
                code: error.code.clone(),
                name: error.name.clone(),
                facts: error.parameters.iter().map(|(name, _)| name.clone()).collect(),
                declared: Some(Box::new(words(error))),
            },
            None => ErrorRow { code: SmolStr::default(), name: SmolStr::default(), facts: Vec::new(), declared: None },
        },
    }
}

fn words(error: &DeclaredError) -> DeclaredWords {
    let pair = |said: &Said| (SmolStr::from(&said.zh), SmolStr::from(&said.en));
    DeclaredWords {
        layer: error.layer.word().into(),
        title: pair(&error.title),
        cashier: pair(&error.cashier),
        cardholder: pair(&error.cardholder),
        support: pair(&error.support),
    }
}
