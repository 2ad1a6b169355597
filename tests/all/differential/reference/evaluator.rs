//! Walks the checked trees of a program, one node after another, and asks a world what devices say.

use super::super::planted::Planted;
use super::money::Region;
use super::show;
use super::value::{Fault, Raised, Running, Value, is_card_data};
use std::collections::BTreeSet;
use std::rc::Rc;
use tillscript::language::builtin::row::Op;
use tillscript::language::check::checked::{Checked, CheckedUnit, ErrorRef, FunctionId, FunctionKind, LocalId};
use tillscript::language::syntax::tree::{Block, Expression, ItemKind, Name};
use tillscript::language::types::Type;
use tillscript::language::vm::value::Value as Border;
use tillscript::script_error::catalogue;
use tillscript::script_error::source::Span;

/// What the world says to a request.
#[derive(Clone, Debug)]
pub(in super::super) enum Told {
    /// Done; here is the value.
    Value(Border),
    /// A device or the line failed: code, and facts by name, in Chinese and English.
    Failed(String, Vec<(String, String, String)>),
}

/// Whoever answers requests.
pub(in super::super) trait World {
    /// The answer to a request.
    fn answer(&mut self, op: Op, arguments: &[Border]) -> Told;
}

/// One request: what for, with what, and where in the source.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Asked {
    pub(in super::super) op: Op,
    pub(in super::super) arguments: Vec<Border>,
    pub(in super::super) place: (u16, u32, u32),
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(in super::super) enum Ended {
    /// With this value.
    Value(Border),
    /// With this error.
    Failed(Rc<Fault>),
}

/// Why evaluation does not simply go on.
pub(super) enum Stop {
    /// `return`
    Return(Value),
    /// `break`
    Break,
    /// An error travels up.
    Fail(Rc<Fault>),
}

/// A value, or why there is none.
pub(super) type Done = Result<Value, Stop>;

/// A function that is running.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) function: FunctionId,
    pub(super) step: Option<String>,
    pub(super) file: u16,
    pub(super) at: Span,
    /// Names with their values, those declared first first.
    pub(super) locals: Vec<(LocalId, Value)>,
    /// Loops around the place that runs.
    pub(super) loops: usize,
}

/// Who would handle an error: every error, or those with these codes.
pub(super) type Catches = Option<Vec<String>>;

/// The evaluator.
pub(in super::super) struct Evaluator<'c, 'w> {
    pub(super) checked: &'c Checked,
    /// The text of each file.
    pub(super) texts: &'c [&'c str],
    pub(super) world: &'w mut dyn World,
    pub(super) planted: Option<Planted>,
    pub(super) frames: Vec<Frame>,
    /// Handlers around the place that runs, outermost first.
    pub(super) guards: Vec<Catches>,
    /// Errors whose handlers run.
    pub(super) handling: Vec<Rc<Fault>>,
    pub(super) region: Option<Region>,
    /// The files of the constants whose values are being worked out: their places are those of their uses.
    pub(super) elsewhere: Vec<u16>,
    /// Does a handler wait for the call that is about to be performed?
    pub(super) guarding: bool,
    /// What was asked.
    pub(in super::super) asked: Vec<Asked>,
    /// Where the last decline, cancellation or failure became an outcome.
    pub(in super::super) outcome: Vec<Running>,
    /// Kinds of nodes and builtins that were evaluated.
    pub(in super::super) seen: BTreeSet<&'static str>,
}

impl<'c, 'w> Evaluator<'c, 'w> {
    /// An evaluator that has done nothing yet.
    pub(in super::super) fn new(
        checked: &'c Checked,
        texts: &'c [&'c str],
        world: &'w mut dyn World,
        planted: Option<Planted>,
    ) -> Self {
        Evaluator {
            checked,
            texts,
            world,
            planted,
            frames: Vec::new(),
            guards: Vec::new(),
            handling: Vec::new(),
            region: None,
            elsewhere: Vec::new(),
            guarding: false,
            asked: Vec::new(),
            outcome: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Runs a function to its end.
    pub(in super::super) fn run(&mut self, function: FunctionId, arguments: Vec<Value>) -> Ended {
        match self.call(function, arguments) {
            Ok(value) => Ended::Value(value.to_border()),
            Err(Stop::Fail(fault)) => Ended::Failed(fault),
            Err(_) => unreachable!("a function ends or fails"),
        }
    }

    /// The file whose nodes are being walked: that of a constant while its value is worked out.
    pub(super) fn unit(&self) -> &'c CheckedUnit {
        let file = self.elsewhere.last().copied().unwrap_or(self.frame().file);
        &self.checked.units[usize::from(file)]
    }

    pub(super) fn frame(&self) -> &Frame {
        self.frames.last().expect("a function runs")
    }

    pub(super) fn frame_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a function runs")
    }

    /// What follows belongs to this part of the source; the part before.
    pub(super) fn at(&mut self, span: Span) -> Span {
        if !self.elsewhere.is_empty() {
            return self.frame().at;
        }
        std::mem::replace(&mut self.frame_mut().at, span)
    }

    /// The type of an expression of the file that runs.
    pub(super) fn type_of(&self, expression: &Expression) -> &'c Type {
        self.unit().type_of(expression.id)
    }

    /// Calls a function of the program.
    pub(super) fn call(&mut self, function: FunctionId, arguments: Vec<Value>) -> Done {
        let signature = &self.checked.functions[usize::from(function.0)];
        let locals = signature.parameter_locals.iter().copied().zip(arguments).collect();
        self.frames.push(Frame { function, step: None, file: signature.file.0, at: Span::default(), locals, loops: 0 });
        // A constant may be a call's argument, but its place does not hold inside the call.
        let elsewhere = std::mem::take(&mut self.elsewhere);
        let item = &self.unit().unit.tree.items[signature.item];
        let done = match &item.kind {
            ItemKind::Flow(flow) => self.body(&flow.body),
            ItemKind::Test(test) => self.body(&test.body),
            ItemKind::Function(function) => self.value(&function.body),
            ItemKind::Text(text) => self.words(&text.words).map(|(zh, en)| Value::Phrase(zh, en)),
            ItemKind::Table(table) => self.table(table),
            ItemKind::Receipt(receipt) => self.slip(&receipt.lines).map(Value::Slip),
            _ => unreachable!("no other item is called"),
        };
        self.elsewhere = elsewhere;
        self.frames.pop();
        match done {
            Err(Stop::Return(value)) => Ok(value),
            Err(Stop::Break) => unreachable!("a break stands in a loop"),
            other => other,
        }
    }

    fn body(&mut self, block: &'c Block) -> Done {
        self.block(block)?;
        Ok(Value::Nothing)
    }

    /// The local a name declares or sets.
    pub(super) fn declared(&self, name: &Name) -> LocalId {
        *self.unit().declared.get(&name.span.start).expect("a checked name is declared")
    }

    /// A new name.
    pub(super) fn declare(&mut self, local: LocalId, value: Value) {
        self.frame_mut().locals.push((local, value));
    }

    /// Sets a `var`.
    pub(super) fn assign(&mut self, local: LocalId, value: Value) {
        let place = self.frame_mut().locals.iter_mut().rev().find(|(known, _)| *known == local);
        place.expect("a checked name is declared").1 = value;
    }

    /// The value of a name.
    pub(super) fn local(&self, local: LocalId) -> Value {
        let place = self.frame().locals.iter().rev().find(|(known, _)| *known == local);
        place.expect("a checked name is declared").1.clone()
    }

    /// Does something in a scope of its own.
    pub(super) fn scoped<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        let names = self.frame().locals.len();
        let done = inside(self);
        self.frame_mut().locals.truncate(names);
        done
    }

    /// Asks the world.
    pub(super) fn ask(&mut self, op: Op, arguments: Vec<Border>) -> Told {
        let (frame, shift) = (self.frame(), usize::from(self.planted == Some(Planted::LineOfRequest)) as u32);
        let place = (frame.file, frame.at.start + shift, frame.at.end);
        let told = self.world.answer(op, &arguments);
        self.asked.push(Asked { op, arguments, place });
        told
    }

    /// The functions that run, innermost first.
    pub(super) fn running(&self, with_values: bool) -> Vec<Running> {
        let shown = |frame: &Frame| {
            let unit = &self.checked.units[usize::from(frame.file)];
            let values = frame.locals.iter().filter_map(|(id, value)| {
                let local = &unit.locals[id.0 as usize];
                if is_card_data(&local.ty) {
                    return None;
                }
                Some((local.name.to_string(), show::in_trace(&self.checked.types, &local.ty, value, 0)?))
            });
            values.take(12).collect()
        };
        self.frames
            .iter()
            .rev()
            .map(|frame| Running {
                name: self.checked.functions[usize::from(frame.function.0)].name.to_string(),
                step: frame.step.clone(),
                place: (frame.file, frame.at.start, frame.at.end),
                shown: if with_values { shown(frame) } else { Vec::new() },
            })
            .collect()
    }

    /// Raises a new error with these facts.
    pub(super) fn raise(&mut self, code: &str, facts: Vec<(String, String, String)>) -> Stop {
        let fault = Rc::new(Fault { code: code.into(), facts, raised: Raised::default(), handled: true });
        self.fail(fault)
    }

    /// Raises a new error whose facts read alike in both languages.
    pub(super) fn raise_plain(&mut self, code: &str, facts: &[(&str, String)]) -> Stop {
        let facts = facts.iter().map(|(name, said)| (name.to_string(), said.clone(), said.clone())).collect();
        self.raise(code, facts)
    }

    /// Raises an error: notes where, unless it was raised before; reverses first, if it will leave undecided money.
    pub(super) fn fail(&mut self, fault: Rc<Fault>) -> Stop {
        let first = fault.raised.frames.is_empty();
        let fault = if first || self.planted == Some(Planted::RaisedAgain) {
            let raised = Raised { frames: self.running(true), cause: self.handling.last().cloned() };
            let Fault { code, facts, handled, .. } = &*fault;
            Rc::new(Fault { code: code.clone(), facts: facts.clone(), raised, handled: *handled })
        } else {
            fault
        };
        self.error_leaves_region(&fault);
        Stop::Fail(fault)
    }

    /// How many handlers stand outside the one that takes this error; `None`: nobody takes it.
    pub(super) fn taken_at(&self, fault: &Fault) -> Option<usize> {
        if !fault.handled {
            return None;
        }
        self.guards.iter().rposition(|guard| match guard {
            None => true,
            Some(codes) => codes.contains(&fault.code),
        })
    }

    /// The code of an error.
    pub(super) fn code_of(&self, error: ErrorRef) -> String {
        match error {
            ErrorRef::Catalogue(code) => code.0.into(),
            ErrorRef::Declared(at) => self.checked.errors[usize::from(at)].code.to_string(),
        }
    }

    /// Builds an error with its facts.
    pub(super) fn error(&self, error: ErrorRef, facts: Vec<String>) -> Value {
        let names: Vec<String> = match error {
            ErrorRef::Catalogue(code) => {
                let row = catalogue::find(code.0).expect("a row of the catalogue");
                row.facts.iter().map(|(name, _)| name.to_string()).collect()
            }
            ErrorRef::Declared(at) => {
                self.checked.errors[usize::from(at)].parameters.iter().map(|(name, _)| name.to_string()).collect()
            }
        };
        let mut facts = facts.into_iter();
        let facts = names
            .into_iter()
            .map(|name| {
                let said = facts.next().unwrap_or_default();
                (name, said.clone(), said)
            })
            .collect();
        Value::Error(Rc::new(Fault { code: self.code_of(error), facts, raised: Raised::default(), handled: true }))
    }

    /// Is the function that runs a test?
    pub(super) fn in_test(&self) -> bool {
        self.checked.functions[usize::from(self.frame().function.0)].kind == FunctionKind::Test
    }
}
