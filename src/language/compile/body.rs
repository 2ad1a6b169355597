//! One function while it grows: its instructions, labels, handlers, regions, and where it stands.

use super::constants::Tables;
use super::fold::Constants;
use super::registers::Registers;
use super::too_large::{Compiled, INSTRUCTIONS, NESTING};
use crate::language::bytecode::cost;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, HandlerRow};
use crate::language::check::checked::{Checked, CheckedUnit, FunctionKind, FunctionSignature, Local, LocalId};
use crate::language::syntax::tree::{Expression, ExpressionId, Name};
use crate::language::types::Type;
use crate::script_error::source::{Sources, Span};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// A place to jump to; index into `Body::labels`. Jumps hold labels until the function is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(u32);

impl Label {
    /// As a jump holds it.
    pub(super) fn number(self) -> u32 {
        self.0
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Spot {
    at: u32,
    /// True once something goes there.
    wanted: bool,
}

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// Nobody wants it.
    Nowhere,
    /// Into this register, whose type it fits.
    Register(u8),
}

/// A loop around the place that is being compiled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// Behind the loop.
    pub(super) end: Label,
    /// How many reversible regions were open around it.
    pub(super) regions: usize,
}

/// A call whose failure is handled; the call tells it where its instruction stands.
#[derive(Debug)]
pub(super) struct Guard {
    /// The call.
    pub(super) call: ExpressionId,
    /// One counter for each handler with `retry`; zeroed before the call.
    pub(super) counters: Vec<u8>,
    /// Where a retry goes.
    pub(super) again: Label,
    /// The call's instructions, once they are there.
    pub(super) range: Option<(u32, u32)>,
}

/// A register that holds a named value.
#[derive(Clone, Debug)]
struct Named {
    local: LocalId,
    register: u8,
    from: u32,
}

/// Register, name, first instruction, one past the last.
pub(super) type ShownName = (u8, SmolStr, u32, u32);

/// How deep expressions may stand in each other. The parser's limit of brackets is 64; operators in a row nest too.
const NESTING_MOST: usize = 200;

/// How long one function can be.
const INSTRUCTIONS_MOST: usize = 65_535;

/// One function while it grows.
pub(super) struct Body<'c> {
    pub(super) checked: &'c Checked,
    pub(super) sources: &'c Sources,
    pub(super) tables: &'c mut Tables,
    pub(super) constants: &'c mut Constants,
    /// The record type of a slip's line.
    pub(super) line_type: Type,
    pub(super) signature: &'c FunctionSignature,
    /// The file whose expressions are being compiled: that of a constant while its value is.
    pub(super) unit: &'c CheckedUnit,
    pub(super) registers: Registers,
    pub(super) guard: Option<Guard>,
    pub(super) loops: Vec<Around>,
    pub(super) open_regions: usize,
    pub(super) regions: Vec<(u32, u32)>,
    code: Vec<Instruction>,
    lines: Vec<(u32, Span)>,
    span: Span,
    /// Above zero while a constant of another place is compiled: spans stay at its use.
    pub(super) elsewhere: usize,
    depth: usize,
    labels: Vec<Spot>,
    /// Where the last label was placed.
    last_place: u32,
    /// False behind a return, a jump or a fail: what follows is left out.
    reachable: bool,
    /// Targets are labels.
    handlers: Vec<HandlerRow>,
    locals: BTreeMap<(u16, LocalId), u8>,
    scopes: Vec<Vec<Named>>,
    names: Vec<(LocalId, ShownName)>,
    first_switch: usize,
}

impl<'c> Body<'c> {
    /// An empty function; its parameters lie in the first registers.
    pub(super) fn new(
        checked: &'c Checked,
        sources: &'c Sources,
        tables: &'c mut Tables,
        constants: &'c mut Constants,
        line_type: Type,
        signature: &'c FunctionSignature,
        unit: &'c CheckedUnit,
    ) -> Compiled<Body<'c>> {
        let first_switch = tables.switches.len();
        let mut body = Body {
            checked,
            sources,
            tables,
            constants,
            line_type,
            signature,
            unit,
            registers: Registers::default(),
            guard: None,
            loops: Vec::new(),
            open_regions: 0,
            regions: Vec::new(),
            code: Vec::new(),
            lines: Vec::new(),
            span: Span::default(),
            elsewhere: 0,
            depth: 0,
            labels: Vec::new(),
            last_place: 0,
            reachable: true,
            handlers: Vec::new(),
            locals: BTreeMap::new(),
            scopes: vec![Vec::new()],
            names: Vec::new(),
            first_switch,
        };
        for (at, (_, ty)) in signature.parameters.iter().enumerate() {
            let register = body.registers.local(&plain(ty))?;
            if let Some(local) = signature.parameter_locals.get(at) {
                body.name(*local, register);
            }
        }
        Ok(body)
    }

    /// Appends an instruction, if it can be reached.
    pub(super) fn emit(&mut self, mut instruction: Instruction) -> Compiled<()> {
        if !self.reachable {
            return Ok(());
        }
        if self.code.len() >= INSTRUCTIONS_MOST {
            return Err(INSTRUCTIONS);
        }
        if self.lines.last().is_none_or(|(_, span)| *span != self.span) {
            self.lines.push((self.here(), self.span));
        }
        if let Some(label) = target(&mut instruction) {
            let label = Label(*label);
            self.want(label);
        }
        self.code.push(instruction);
        self.reachable = !matches!(
            instruction,
            Instruction::Jump { .. }
                | Instruction::Loop { .. }
                | Instruction::Return { .. }
                | Instruction::ReturnNothing {}
                | Instruction::Fail { .. }
                | Instruction::SwitchWord { .. }
                | Instruction::SwitchText { .. }
                | Instruction::SwitchTag { .. }
        );
        Ok(())
    }

    /// The place of the next instruction.
    pub(super) fn here(&self) -> u32 {
        self.code.len() as u32
    }

    /// True if the next instruction can be reached.
    pub(super) fn reachable(&self) -> bool {
        self.reachable
    }

    /// Instructions that follow belong to this part of the source; the part before.
    pub(super) fn at(&mut self, span: Span) -> Span {
        if self.elsewhere > 0 {
            return self.span;
        }
        std::mem::replace(&mut self.span, span)
    }

    /// Gives temporaries back, but what a call that may be retried was given lives until its handlers are done.
    pub(super) fn give_back(&mut self, mark: usize) {
        if self.guard.as_ref().is_none_or(|guard| guard.counters.is_empty()) {
            self.registers.release(mark);
        }
    }

    /// A label to be placed later.
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(Spot::default());
        Label((self.labels.len() - 1) as u32)
    }

    /// Something goes to this label.
    pub(super) fn want(&mut self, label: Label) {
        if self.reachable
            && let Some(spot) = self.labels.get_mut(label.0 as usize)
        {
            spot.wanted = true;
        }
    }

    /// The label stands here.
    pub(super) fn place(&mut self, label: Label) {
        self.drop_jump_to(label);
        let here = self.here();
        self.last_place = here;
        if let Some(spot) = self.labels.get_mut(label.0 as usize) {
            spot.at = here;
            self.reachable |= spot.wanted;
        }
    }

    /// Takes a jump back that would go to the next instruction.
    fn drop_jump_to(&mut self, label: Label) {
        let goes_on = matches!(self.code.last(), Some(Instruction::Jump { target }) if *target == label.0);
        // Where another label stands behind the jump already, its place is fixed.
        if !goes_on || self.last_place == self.here() {
            return;
        }
        self.code.pop();
        let here = self.here();
        if self.lines.last().is_some_and(|(at, _)| *at == here) {
            self.lines.pop();
        }
        // Names that ended behind the jump end before it: the next instruction stands in its place.
        for (_, (.., to)) in self.names.iter_mut().rev().take_while(|(_, (.., to))| *to > here) {
            *to = here;
        }
    }

    /// Goes to a label.
    pub(super) fn jump(&mut self, label: Label) -> Compiled<()> {
        self.emit(Instruction::Jump { target: label.0 })
    }

    /// Handles these errors over these instructions at a label. Rows that are added first are tried first.
    pub(super) fn handle(&mut self, range: (u32, u32), errors: Vec<u16>, target: Label, error: u8) {
        if range.0 >= range.1 {
            return;
        }
        if let Some(spot) = self.labels.get_mut(target.0 as usize) {
            spot.wanted = true;
        }
        self.handlers.push(HandlerRow { from: range.0, to: range.1, errors, target: target.0, error });
    }

    /// Goes one expression deeper; pairs with `up`.
    pub(super) fn down(&mut self) -> Compiled<()> {
        self.depth += 1;
        if self.depth > NESTING_MOST {
            return Err(NESTING);
        }
        Ok(())
    }

    /// Comes back from `down`.
    pub(super) fn up(&mut self) {
        self.depth -= 1;
    }

    /// The type of an expression, as registers have it.
    pub(super) fn type_of(&self, expression: &Expression) -> Type {
        plain(self.unit.type_of(expression.id))
    }

    /// Opens a scope for names.
    pub(super) fn open_scope(&mut self) {
        self.scopes.push(Vec::new());
    }

    /// Closes a scope: its registers are free again.
    pub(super) fn close_scope(&mut self) {
        for named in self.scopes.pop().unwrap_or_default() {
            self.registers.free(named.register);
            self.forget(&named);
        }
    }

    /// A register for a new name.
    pub(super) fn declare(&mut self, local: LocalId) -> Compiled<u8> {
        let ty = self.local(local).map_or(Type::Unknown, |local| plain(&local.ty));
        let register = self.registers.local(&ty)?;
        self.name(local, register);
        Ok(register)
    }

    /// The local a name declares or sets.
    pub(super) fn declared(&self, name: &Name) -> Option<LocalId> {
        self.unit.declared.get(&name.span.start).copied()
    }

    /// A local of the file at hand.
    pub(super) fn local(&self, local: LocalId) -> Option<&'c Local> {
        self.unit.locals.get(local.0 as usize)
    }

    /// The register of a local.
    pub(super) fn register_of(&self, local: LocalId) -> Option<u8> {
        self.locals.get(&(self.unit.unit.tree.file.0, local)).copied()
    }

    /// True in the body of a test.
    pub(super) fn in_test(&self) -> bool {
        self.signature.kind == FunctionKind::Test
    }

    /// The function, its labels resolved, and the names of its registers.
    pub(super) fn finish(mut self) -> (Function, Vec<ShownName>) {
        while !self.scopes.is_empty() {
            self.close_scope();
        }
        let labels = std::mem::take(&mut self.labels);
        let place = |label: u32| labels.get(label as usize).map_or(0, |spot| spot.at);
        for instruction in &mut self.code {
            if let Some(target) = target(instruction) {
                *target = place(*target);
            }
        }
        for switch in self.tables.switches.iter_mut().skip(self.first_switch) {
            for (_, label) in &mut switch.cases {
                *label = place(*label);
            }
            switch.otherwise = place(switch.otherwise);
        }
        for row in &mut self.handlers {
            row.target = place(row.target);
        }
        let cost = charge(&mut self.code);
        self.regions.sort_unstable();
        let function = Function {
            name: self.signature.name.clone(),
            parameters: self.signature.parameters.iter().map(|(_, ty)| plain(ty)).collect(),
            gives: plain(&self.signature.gives),
            registers: self.registers.into_types(),
            code: self.code,
            cost,
            handlers: self.handlers,
            regions: self.regions,
            lines: self.lines,
            file: self.signature.file,
        };
        // Two names may begin at one instruction, where the second is another name for a value that is there: as they are written.
        self.names.sort_by_key(|(local, name)| (name.2, *local));
        (function, self.names.into_iter().map(|(_, name)| name).collect())
    }

    fn name(&mut self, local: LocalId, register: u8) {
        self.locals.insert((self.unit.unit.tree.file.0, local), register);
        let named = Named { local, register, from: self.here() };
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(named);
        }
    }

    /// Only from here on does the register hold what its name says, so that no trace shows a value nobody gave.
    pub(super) fn holds_from_here(&mut self, register: u8) {
        let here = self.here();
        if let Some(named) =
            self.scopes.last_mut().and_then(|scope| scope.iter_mut().rfind(|named| named.register == register))
        {
            named.from = here;
        }
    }

    fn forget(&mut self, named: &Named) {
        let to = self.here();
        if let Some(local) = self.local(named.local)
            && !local.ty.is_sealed()
            && named.from < to
        {
            self.names.push((named.local, (named.register, local.name.clone(), named.from, to)));
        }
    }
}

/// The type as registers have it: which message a message is matters to the checker only.
pub(super) fn plain(ty: &Type) -> Type {
    if !matches!(ty.innermost(), Type::Message(Some(_)) | Type::Reply(Some(_))) {
        return ty.clone();
    }
    match ty {
        Type::Message(_) => Type::Message(None),
        Type::Reply(_) => Type::Reply(None),
        Type::List(of) => Type::list(plain(of)),
        Type::Optional(of) => Type::optional(plain(of)),
        other => other.clone(),
    }
}

/// Where a jump leads; none for what is no jump.
fn target(instruction: &mut Instruction) -> Option<&mut u32> {
    match instruction {
        Instruction::Jump { target }
        | Instruction::JumpIf { target, .. }
        | Instruction::JumpUnless { target, .. }
        | Instruction::JumpIfNone { target, .. }
        | Instruction::Loop { target, .. }
        | Instruction::JumpUnlessLess { target, .. } => Some(target),
        _ => None,
    }
}

/// Writes into each `Loop` what a turn costs; what is left is the cost of the function.
fn charge(code: &mut [Instruction]) -> u32 {
    // INVARIANT: blocks nest, so their loops do.
    let Some(costs) = cost::costs(code) else {
        return 0;
    };
    for (at, turn) in costs.loops {
        if let Some(Instruction::Loop { cost, .. }) = code.get_mut(at as usize) {
            *cost = turn;
        }
    }
    costs.function
}
