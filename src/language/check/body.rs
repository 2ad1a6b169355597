//! What is known while one body is checked: its names, what it may do, and what it was found to do.

use super::checked::{ByPlace, ErrorRef, FunctionId, HandlerMeaning, Local, LocalId, Meaning, PatternMeaning, Unit};
use super::declarations::{Declarations, worth_suggesting};
use super::declare;
use super::effect::{CallSite, Doings, Effect};
use super::scope::{Found, Scope};
use super::type_words;
use crate::language::syntax::tree::{Expression, ExpressionId, ExpressionKind, ItemKind, Name, Tree};
use crate::language::types::Type;
use crate::payment::currency::Currency;
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::catalogue::types as codes;
use crate::script_error::code::{Code, Fact};
use crate::script_error::finding::Finding;
use crate::script_error::nearest::nearest;
use crate::script_error::source::{FileId, Place, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What a file turns out to mean, filled while its bodies are checked.
#[derive(Debug, Default)]
pub(crate) struct UnitFacts {
    /// Type of each expression.
    pub(crate) types: Vec<Type>,
    /// Meaning of each expression.
    pub(crate) meanings: Vec<Meaning>,
    /// Every local.
    pub(crate) locals: Vec<Local>,
    /// Which local a name declares or sets.
    pub(crate) declared: ByPlace<LocalId>,
    /// Meaning of each pattern.
    pub(crate) patterns: ByPlace<PatternMeaning>,
    /// What each handler takes.
    pub(crate) handlers: ByPlace<HandlerMeaning>,
    /// Was it said that the file needs a dialect?
    pub(crate) said_no_dialect: bool,
    /// Names that hide another: by the byte where they are declared, the hidden local and where it is declared.
    pub(crate) shadows: BTreeMap<u32, (LocalId, Span)>,
    /// Was it said that the file needs a table of response codes?
    pub(crate) said_no_codes: bool,
}

impl UnitFacts {
    /// Nothing known yet about a file.
    pub(crate) fn new(tree: &Tree) -> UnitFacts {
        let count = tree.expressions as usize;
        UnitFacts { types: vec![Type::Unknown; count], meanings: vec![Meaning::Plain; count], ..UnitFacts::default() }
    }
}

/// What kind of body it is, as far as rules differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// May touch devices.
    Flow,
    /// May do all that a flow may, and prepare simulated devices.
    Test,
    /// Only computes.
    Pure,
    /// Has to be known when the program is compiled.
    Constant,
}

/// Names that are something other than `none`, depending on how a condition turned out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truths {
    /// If it is true.
    pub(crate) when_true: Vec<LocalId>,
    /// If it is false.
    pub(crate) when_false: Vec<LocalId>,
}

/// Where a text that is being read goes.
#[derive(Clone, Debug)]
pub(crate) struct Sink {
    /// The device, the builtin where there is none, or the fact of an error.
    pub(crate) name: SmolStr,
    /// Where it is named.
    pub(crate) span: Span,
    /// What happens to it there.
    pub(crate) how: How,
}

/// What happens to a value that is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Somebody reads it.
    Shown,
    /// It is cut, searched or measured.
    TakenApart,
    /// It becomes a fact of an error.
    Fact,
}

/// A body while it is checked.
pub(crate) struct Body<'b> {
    /// The program's declarations.
    pub(crate) all: &'b Declarations<'b>,
    /// The file.
    pub(crate) file: FileId,
    /// What the file means.
    pub(crate) facts: &'b mut UnitFacts,
    /// Where findings go.
    pub(crate) findings: &'b mut Vec<Finding>,
    /// The function.
    pub(crate) function: FunctionId,
    /// Its name, for findings.
    pub(crate) name: SmolStr,
    /// What kind of body it is.
    pub(crate) room: Room,
    /// What it has to give.
    pub(crate) gives: Type,
    /// What it does.
    pub(crate) doings: Doings,
    /// Was it said that this constant is none?
    pub(crate) said_impure: bool,
    /// How many loops are around.
    pub(crate) loops: usize,
    /// The `reversible` around, if any: where it begins.
    pub(crate) reversible: Option<Span>,
    /// How many `on other e` handlers are around.
    pub(crate) catching: usize,
    /// True on the right of `==`, where a bare variant or error stands for any of its kind.
    pub(crate) comparing: bool,
    /// Where the text being read goes.
    pub(crate) sink: Option<Sink>,
    /// The slip whose lines are being read, if any.
    pub(crate) slip: Option<Span>,
    /// What the condition just read tells.
    pub(crate) truths: Truths,
    /// The currency of the amount just read, if it is known.
    pub(crate) currency: Option<Currency>,
    /// Messages that names stand for: type and field 3, where both are written out.
    pub(crate) messages: BTreeMap<LocalId, (Mti, Option<SmolStr>)>,
    /// How deep the expression is that is being read.
    pub(crate) depth: usize,
    bound: BTreeMap<SmolStr, Bound>,
    shadowed: Vec<(SmolStr, Option<Bound>)>,
    blocks: usize,
    narrowed: BTreeSet<LocalId>,
    narrowed_here: Vec<LocalId>,
}

/// What a local name stands for.
#[derive(Clone, Copy, Debug)]
struct Bound {
    id: LocalId,
    /// How deep the block is that declares it.
    block: usize,
    span: Span,
}

impl<'b> Body<'b> {
    /// A body without any name yet.
    pub(crate) fn new(
        all: &'b Declarations<'b>,
        file: FileId,
        facts: &'b mut UnitFacts,
        findings: &'b mut Vec<Finding>,
        function: FunctionId,
        room: Room,
    ) -> Body<'b> {
        let signature = all.signature(function);
        Body {
            all,
            file,
            facts,
            findings,
            function,
            name: signature.map_or(SmolStr::default(), |signature| signature.name.clone()),
            room,
            gives: signature.map_or(Type::Nothing, |signature| signature.gives.clone()),
            doings: Doings::default(),
            said_impure: false,
            loops: 0,
            reversible: None,
            catching: 0,
            comparing: false,
            sink: None,
            slip: None,
            truths: Truths::default(),
            currency: None,
            messages: BTreeMap::new(),
            depth: 0,
            bound: BTreeMap::new(),
            shadowed: Vec::new(),
            blocks: 0,
            narrowed: BTreeSet::new(),
            narrowed_here: Vec::new(),
        }
    }

    /// A span of this file.
    pub(crate) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    /// Starts an error at a span of this file.
    pub(crate) fn error(&self, code: Code, span: Span) -> Finding {
        Finding::error(code, self.place(span))
    }

    /// Reports a finding.
    pub(crate) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// The known name that a wrong one was probably meant to be, while that is worth looking for.
    pub(crate) fn meant<'k>(&self, name: &str, known: &[&'k str]) -> Option<&'k str> {
        worth_suggesting(self.findings.len(), known.len()).then(|| nearest(name, known.iter().copied())).flatten()
    }

    /// Reports that no dialect is there, once a file: everything in it lacks the same.
    pub(crate) fn no_dialect(&mut self, span: Span) {
        // One that is declared and not in force is wrong, and that was said.
        let declared = |unit: &Unit| unit.tree.items.iter().any(|item| matches!(item.kind, ItemKind::Dialect(_)));
        if self.all.units.iter().any(declared) {
            return;
        }
        if !std::mem::replace(&mut self.facts.said_no_dialect, true) {
            let finding =
                self.error(codes::NO_DIALECT, span).label("没有方言说明报文", "no dialect says what messages are");
            let finding = self.importing(finding, "cn_pos.dialect", "引入银联的方言", "import UnionPay's dialect");
            self.report(finding);
        }
    }

    /// Reports that no table names response codes, once a file: every name in it lacks the same.
    pub(crate) fn no_codes(&mut self, span: Span, name: &str) {
        let declared = |unit: &Unit| unit.tree.items.iter().any(|item| matches!(item.kind, ItemKind::Codes(_)));
        if self.all.units.iter().any(declared) {
            return;
        }
        if !std::mem::replace(&mut self.facts.said_no_codes, true) {
            let finding = self
                .error(codes::UNKNOWN_NAME, span)
                .text("name", name)
                .label("应答码的名称来自码表", "names of response codes come from a table");
            let finding = self.importing(finding, "cn_pos.codes", "引入银联的码表", "import UnionPay's table");
            self.report(finding);
        }
    }

    /// Adds the cure that imports a file of the library. There are others, so the author decides.
    fn importing(&self, finding: Finding, path: &str, zh: &str, en: &str) -> Finding {
        let tree = self.all.units.iter().map(|unit| &unit.tree).find(|tree| tree.file == self.file);
        let last = tree.and_then(|tree| tree.imports.last());
        let edition = tree.and_then(|tree| tree.edition.as_ref());
        let (at, replacement) = match (last, edition) {
            (Some(last), _) => (last.span.end, format!("\nimport {path}")),
            (None, Some(edition)) => (edition.span.end, format!("\n\nimport {path}")),
            (None, None) => (0, format!("import {path}\n\n")),
        };
        finding.guess(Span { start: at, end: at }, replacement, zh, en)
    }

    /// A type as a script writes it.
    pub(crate) fn written(&self, ty: &Type) -> String {
        self.all.types.written(ty)
    }

    /// A type as the subject of a sentence.
    pub(crate) fn subject(&self, ty: &Type) -> Fact {
        Fact::Said(type_words::subject(&self.all.types, ty))
    }

    /// Notes what an expression means.
    pub(crate) fn mean(&mut self, id: ExpressionId, meaning: Meaning) {
        if let Some(place) = self.facts.meanings.get_mut(id.0 as usize) {
            *place = meaning;
        }
    }

    /// Notes the type of an expression.
    pub(crate) fn note_type(&mut self, id: ExpressionId, ty: &Type) {
        if let Some(place) = self.facts.types.get_mut(id.0 as usize) {
            *place = ty.clone();
        }
    }

    /// The type noted for an expression.
    pub(crate) fn type_of(&self, id: ExpressionId) -> Type {
        self.facts.types.get(id.0 as usize).cloned().unwrap_or(Type::Unknown)
    }

    /// The names of this file.
    pub(crate) fn scope(&self) -> Option<&'b Scope> {
        self.all.scope(self.file)
    }

    /// Declares a local. A name twice in one block is reported.
    pub(crate) fn declare(&mut self, name: &Name, ty: Type, changeable: bool) -> LocalId {
        let id = LocalId(self.facts.locals.len() as u32);
        self.facts.locals.push(Local { name: name.text.clone(), ty, function: self.function, changeable });
        let bound = Bound { id, block: self.blocks, span: name.span };
        let before = self.bound.insert(name.text.clone(), bound);
        if let Some(first) = before
            && first.block == self.blocks
        {
            let finding = declare::twice(self.file, name, self.place(first.span));
            self.report(finding);
        } else if let Some(hidden) = before {
            self.facts.shadows.insert(name.span.start, (hidden.id, hidden.span));
        }
        self.shadowed.push((name.text.clone(), before));
        self.facts.declared.insert(name.span.start, id);
        id
    }

    /// A local by its number.
    pub(crate) fn local(&self, id: LocalId) -> Option<&Local> {
        self.facts.locals.get(id.0 as usize)
    }

    /// The local a name stands for here.
    pub(crate) fn local_named(&self, name: &str) -> Option<LocalId> {
        self.bound.get(name).map(|bound| bound.id)
    }

    /// How many locals there are here.
    pub(crate) fn local_count(&self) -> usize {
        self.bound.len()
    }

    /// The names of all locals here.
    pub(crate) fn local_names(&self) -> impl Iterator<Item = &str> {
        self.bound.keys().map(SmolStr::as_str)
    }

    /// Does `work` in a block of its own: names and what is known of them end with it.
    pub(crate) fn in_block<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        let names = self.shadowed.len();
        let narrowed = self.narrowed_here.len();
        self.blocks += 1;
        let result = work(self);
        self.blocks -= 1;
        for id in self.narrowed_here.drain(narrowed..) {
            self.narrowed.remove(&id);
        }
        while self.shadowed.len() > names {
            let Some((name, before)) = self.shadowed.pop() else {
                break;
            };
            match before {
                Some(before) => self.bound.insert(name, before),
                None => self.bound.remove(&name),
            };
        }
        result
    }

    /// From here to the end of the block these names are known not to be `none`.
    pub(crate) fn narrow(&mut self, locals: &[LocalId]) {
        for id in locals {
            if self.narrowed.insert(*id) {
                self.narrowed_here.push(*id);
            }
        }
    }

    /// Does `work` while these names are known not to be `none`.
    pub(crate) fn narrowing<R>(&mut self, locals: &[LocalId], work: impl FnOnce(&mut Self) -> R) -> R {
        let new: Vec<LocalId> = locals.iter().copied().filter(|id| self.narrowed.insert(*id)).collect();
        let result = work(self);
        for id in new {
            self.narrowed.remove(&id);
        }
        result
    }

    /// Is a local known not to be `none` here?
    pub(crate) fn is_narrowed(&self, id: LocalId) -> bool {
        self.narrowed.contains(&id)
    }

    /// Notes that a device is touched. In a body that only computes it is reported.
    pub(crate) fn touch(&mut self, device: &'static str, what: &str, span: Span) {
        if matches!(self.room, Room::Pure | Room::Constant) {
            self.impure(what, span);
            return;
        }
        if !self.doings.devices.iter().any(|(known, _)| *known == device) {
            self.doings.devices.push((device, span));
        }
    }

    /// Notes that a device is named by something that was reported, so that it is not said to be unused too.
    pub(crate) fn touch_unheard(&mut self, device: &'static str, span: Span) {
        if !self.doings.devices.iter().any(|(known, _)| *known == device) {
            self.doings.devices.push((device, span));
        }
    }

    /// Reports something that only a flow may do. A constant that is none is said to be so once.
    pub(crate) fn impure(&mut self, what: &str, span: Span) {
        if self.room == Room::Constant && std::mem::replace(&mut self.said_impure, true) {
            return;
        }
        let finding = if self.room == Room::Constant {
            self.error(codes::NOT_CONSTANT, span).text("name", what)
        } else {
            self.error(crate::script_error::catalogue::flow::FN_TOUCHES_DEVICE, span).text("name", what)
        };
        self.report(finding);
    }

    /// Notes a call of a function.
    pub(crate) fn calls(&mut self, by: ExpressionId, function: FunctionId, span: Span) {
        self.doings.calls.push(CallSite { function, span, in_reversible: self.reversible.is_some() });
        self.doings.effects.push(Effect::Call { by, function });
    }

    /// What stands behind a name of an imported file; a private one is reported.
    pub(crate) fn public(&mut self, found: Found, name: &str, span: Span) -> Found {
        if let Found::Private(file, entry) = found {
            let finding = self.error(codes::NOT_PUBLIC, span).text("name", name).also(
                Place { file, span: entry.span },
                "在此声明，没有 pub",
                "declared here, without `pub`",
            );
            self.report(finding);
            return Found::Reported;
        }
        found
    }

    /// The errors a declared error and a built-in one are called by in findings.
    pub(crate) fn error_name(&self, error: ErrorRef) -> String {
        match error {
            ErrorRef::Catalogue(code) => {
                crate::script_error::catalogue::row(code).map_or(code.0.to_string(), |row| row.name.to_string())
            }
            ErrorRef::Declared(at) => {
                self.all.errors.get(usize::from(at)).map_or(String::new(), |error| error.name.to_string())
            }
        }
    }
}

/// A name or a path of names as it is written; for anything longer, `None`.
pub(crate) fn path(expression: &Expression) -> Option<String> {
    let mut words = Vec::new();
    let mut at = expression;
    loop {
        match &at.kind {
            ExpressionKind::Name(name) => {
                words.push(name.as_str());
                words.reverse();
                return Some(words.join("."));
            }
            ExpressionKind::Member { object, name } if words.len() < 8 => {
                words.push(name.text.as_str());
                at = object;
            }
            _ => return None,
        }
    }
}
