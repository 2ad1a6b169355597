//! The quick reader: finds where each rule of the grammar begins and ends, and gives up where a text does not parse.
//!
//! The rules themselves are made from `grammar/till.pest` by `build.rs`. It reads what pest's parser reads, about six
//! times as fast; why a text does not parse, pest says.

use super::grammar::Rule;

/// Rules that may be open at once. Brackets are limited before: this is for what nests without any.
const OPEN_MAX: u32 = 1000;

/// Rules that may be begun: a hundred for each byte, as many as pest takes at most, and some more for short texts.
fn steps_max(length: usize) -> usize {
    100_000 + 400 * length
}

/// A rule and the bytes it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) rule: Rule,
    pub(super) start: u32,
    pub(super) end: u32,
    /// The place of the first mark that is not in it.
    pub(super) next: u32,
}

/// The marks of a text that parses as a rule, in the order of their starts; none where it does not, or where it nests
/// deeper than is read here.
pub(super) fn read(rule: Rule, text: &str) -> Option<Vec<Mark>> {
    let mut reader = Reader::new(text);
    let read = reader.rule(rule);
    (read && !reader.gave_up).then_some(reader.marks)
}

/// Does a text nest deeper, or take more steps, than is read here?
pub(super) fn gives_up(rule: Rule, text: &str) -> bool {
    let mut reader = Reader::new(text);
    reader.rule(rule);
    reader.gave_up
}

/// Rules that are begun while a text is read, whether it parses or not.
pub(super) fn steps(rule: Rule, text: &str) -> usize {
    let mut reader = Reader::new(text);
    reader.rule(rule);
    steps_max(text.len()) - reader.steps
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    marks: Vec<Mark>,
    open: u32,
    steps: usize,
    gave_up: bool,
}

/// Where the reader stands.
#[derive(Clone, Copy)]
struct Here {
    at: usize,
    marks: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Reader<'t> {
        Reader {
            text,
            bytes: text.as_bytes(),
            at: 0,
            marks: Vec::with_capacity(text.len() / 4 + 8),
            open: 0,
            steps: steps_max(text.len()),
            gave_up: false,
        }
    }
}

impl Reader<'_> {
    #[inline(always)]
    fn next(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline(always)]
    fn here(&self) -> Here {
        Here { at: self.at, marks: self.marks.len() }
    }

    #[inline(always)]
    fn back(&mut self, here: Here) {
        self.at = here.at;
        self.marks.truncate(here.marks);
    }

    #[inline(always)]
    fn text(&mut self, text: &[u8]) -> bool {
        let read = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text));
        if read {
            self.at += text.len();
        }
        read
    }

    /// One sign: an ASCII byte of these, or another sign of those.
    #[inline(always)]
    fn one(&mut self, ascii: impl Fn(u8) -> bool, wide: impl Fn(char) -> bool) -> bool {
        match self.next() {
            Some(byte) if byte < 0x80 => {
                let read = ascii(byte);
                self.at += usize::from(read);
                read
            }
            Some(_) => match self.sign().filter(|sign| wide(*sign)) {
                Some(sign) => {
                    self.at += sign.len_utf8();
                    true
                }
                None => false,
            },
            None => false,
        }
    }

    #[inline(always)]
    fn is_one(&self, ascii: impl Fn(u8) -> bool, wide: impl Fn(char) -> bool) -> bool {
        match self.next() {
            Some(byte) if byte < 0x80 => ascii(byte),
            Some(_) => self.sign().is_some_and(wide),
            None => false,
        }
    }

    #[inline(never)]
    fn sign(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    #[inline(always)]
    fn any(&mut self) -> bool {
        let width = match self.next() {
            Some(byte) if byte < 0x80 => 1,
            _ => self.sign().map_or(0, char::len_utf8),
        };
        self.at += width;
        width > 0
    }

    /// Up to a byte of these, or to the end.
    #[inline(always)]
    fn skip(&mut self, stops: impl Fn(u8) -> bool) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| stops(*byte)).unwrap_or(rest.len());
        true
    }

    /// Up to one of these texts, or to the end.
    #[allow(dead_code, reason = "the grammar of the day may have no use for it")]
    fn skip_until(&mut self, stops: &[&[u8]]) -> bool {
        while self.at < self.bytes.len()
            && !stops.iter().any(|stop| self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(stop)))
        {
            self.at += 1;
        }
        true
    }

    #[inline(always)]
    fn end_of_input<const M: bool>(&mut self) -> bool {
        let read = self.at == self.bytes.len();
        if read {
            self.leaf::<M>(Rule::EOI, self.at);
        }
        read
    }

    /// A mark that holds no other.
    #[inline(always)]
    fn leaf<const M: bool>(&mut self, rule: Rule, start: usize) {
        if M {
            let next = self.marks.len() as u32 + 1;
            self.marks.push(Mark { rule, start: start as u32, end: self.at as u32, next });
        }
    }

    #[inline(always)]
    fn open<const M: bool>(&mut self, rule: Rule) -> usize {
        let place = self.marks.len();
        if M {
            self.marks.push(Mark { rule, start: self.at as u32, end: 0, next: 0 });
        }
        place
    }

    #[inline(always)]
    fn close<const M: bool>(&mut self, place: usize) {
        if M {
            let (end, next) = (self.at as u32, self.marks.len() as u32);
            if let Some(mark) = self.marks.get_mut(place) {
                (mark.end, mark.next) = (end, next);
            }
        }
    }

    #[inline(always)]
    fn take_back<const M: bool>(&mut self, place: usize) {
        if M {
            self.marks.truncate(place);
        }
    }

    #[inline(always)]
    fn enter(&mut self) -> bool {
        self.open += 1;
        if self.open > OPEN_MAX || self.steps == 0 || self.gave_up {
            self.open -= 1;
            self.gave_up = true;
            return false;
        }
        self.steps -= 1;
        true
    }

    #[inline(always)]
    fn leave(&mut self) {
        self.open -= 1;
    }
}

/// Made from the grammar; as it is made, not as one would write it.
#[allow(dead_code, non_snake_case, unused_parens, unused_variables, clippy::all)]
mod rules {
    use super::{Reader, Rule};

    include!(concat!(env!("OUT_DIR"), "/reader.rs"));
}
