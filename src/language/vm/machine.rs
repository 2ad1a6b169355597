//! The loop: one instruction after another until something outside has to happen.

use super::arithmetic as calc;
use super::equal::Values;
use super::failure::{Fact, Failure, Failures};
use super::frame::Frame;
use super::heap::Heap;
use super::limits::Limits;
use super::message;
use super::native::Native;
use super::run::{Run, State, WINDOW, Yield};
use super::show;
use super::slot;
use super::trap::{self, Trap};
use crate::language::builtin::row::Pure;
use crate::language::builtin::shapes::outcome;
use crate::language::bytecode::instruction::{Instruction, Show};
use crate::language::bytecode::program::{Function, Program, Switch};
use crate::language::types::Type;

/// Why the loop was left.
enum Exit {
    Call { function: u16, base: u8 },
    Return(Option<u64>),
    Request { op: u8, base: u8 },
    Statement(Instruction),
    Outcome { to: u8, tag: u8, value: u8 },
    Fail(u64),
    OutOfFuel,
}

/// Executes until the run stops.
pub(super) fn go(run: &mut Run, program: &Program) -> Yield {
    run.state = State::Paused;
    run.prepare();
    loop {
        let stopped = match run_frame(run, program) {
            Ok(Exit::Call { function, base }) => match run.call(program, function, base) {
                Ok(()) => None,
                Err(trap) => run.raise_trap(program, trap),
            },
            Ok(Exit::Return(value)) => run.leave(program, value),
            Ok(Exit::Request { op, base }) => run.ask(program, op, base),
            Ok(Exit::Statement(statement)) => run.decide(program, statement),
            Ok(Exit::Outcome { to, tag, value }) => make_outcome(run, program, to, tag, value),
            Ok(Exit::Fail(error)) => run.raise_value(program, error),
            Ok(Exit::OutOfFuel) => {
                run.trim(program);
                Some(Yield::OutOfFuel)
            }
            Err(trap) => run.raise_trap(program, trap),
        };
        if let Some(stopped) = stopped {
            return stopped;
        }
    }
}

/// What the cold instructions work on.
struct Memory<'a> {
    program: &'a Program,
    function: &'a Function,
    heap: &'a mut Heap,
    failures: &'a mut Failures,
    limits: &'a Limits,
    spent: &'a mut u64,
}

type Window = [u64; WINDOW];

/// Executes instructions of the innermost frame.
fn run_frame(run: &mut Run, program: &Program) -> Result<Exit, Trap> {
    let Run {
        frames,
        stack,
        heap,
        failures,
        limits,
        spent,
        granted,
        ..
    } = run;
    let frame = frames
        .last_mut()
        .ok_or(Trap::Defect("nothing is running"))?;
    let function = program
        .functions
        .get(usize::from(frame.function))
        .ok_or(Trap::Defect("a frame has no function"))?;
    let base = frame.base as usize;
    let window: &mut Window = stack
        .get_mut(base..base + WINDOW)
        .and_then(|window| window.try_into().ok())
        .ok_or(Trap::Defect("a frame has no registers"))?;
    let mut memory = Memory {
        program,
        function,
        heap,
        failures,
        limits,
        spent,
    };
    let mut pc = frame.pc;
    let exit = execute(&mut memory, frame, window, &mut pc, *granted);
    frame.pc = pc;
    exit
}

/// The loop itself. Registers are indexed by a byte, and the window has one for each.
fn execute(
    memory: &mut Memory<'_>,
    frame: &mut Frame,
    window: &mut Window,
    place: &mut u32,
    granted: u64,
) -> Result<Exit, Trap> {
    let code = memory.function.code.as_slice();
    let mut pc = *place;

    macro_rules! r {
        ($register:expr) => {
            window[usize::from($register)]
        };
    }
    // The error exit: the pc is written back only where the loop is left.
    macro_rules! checked {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(trap) => {
                    *place = pc;
                    return Err(trap);
                }
            }
        };
    }
    macro_rules! leave {
        ($exit:expr) => {{
            *place = pc;
            return Ok($exit);
        }};
    }
    // Only `Loop` goes back, and it is charged for: otherwise a run could go round for nothing.
    macro_rules! go_to {
        ($target:expr) => {{
            let target = $target;
            if target <= pc {
                *place = pc;
                return Err(Trap::Defect("a jump leads back"));
            }
            pc = target;
            continue;
        }};
    }

    loop {
        let Some(instruction) = code.get(pc as usize) else {
            *place = pc;
            return Err(Trap::Defect("the code ends without a return"));
        };
        match *instruction {
            Instruction::Move { to, from } => r!(to) = r!(from),
            Instruction::LoadInt { to, value } => r!(to) = i64::from(value) as u64,
            Instruction::LoadWord { to, word } => r!(to) = checked!(constant(memory, word)),
            Instruction::LoadText { to, text } => r!(to) = checked!(constant_text(memory, text)),
            Instruction::LoadNone { to } => r!(to) = 0,

            Instruction::AddInt { to, left, right } => {
                r!(to) = checked!(calc::add(r!(left), r!(right)))
            }
            Instruction::SubtractInt { to, left, right } => {
                r!(to) = checked!(calc::subtract(r!(left), r!(right)))
            }
            Instruction::MultiplyInt { to, left, right } => {
                r!(to) = checked!(calc::multiply(r!(left), r!(right)))
            }
            Instruction::DivideInt { to, left, right } => {
                r!(to) = checked!(calc::divide(r!(left), r!(right)))
            }
            Instruction::NegateInt { to, from } => r!(to) = checked!(calc::negate(r!(from))),
            Instruction::AddIntConstant { to, left, value } => {
                r!(to) = checked!(calc::add(r!(left), i64::from(value) as u64))
            }
            Instruction::AddAmount { to, left, right } => {
                r!(to) = checked!(calc::add_amount(r!(left), r!(right)))
            }
            Instruction::SubtractAmount { to, left, right } => {
                r!(to) = checked!(calc::subtract_amount(r!(left), r!(right)))
            }
            Instruction::MultiplyAmount { to, left, right } => {
                r!(to) = checked!(calc::multiply_amount(r!(left), r!(right)))
            }
            Instruction::DivideAmount { to, left, right } => {
                r!(to) = checked!(calc::divide_amount(r!(left), r!(right)))
            }
            Instruction::PercentOfAmount { to, left, right } => {
                r!(to) = checked!(calc::percent_of_amount(r!(left), r!(right)))
            }
            Instruction::NegateAmount { to, from } => {
                r!(to) = checked!(calc::negate_amount(r!(from)))
            }

            Instruction::EqualWord { to, left, right } => r!(to) = (r!(left) == r!(right)).into(),
            Instruction::LessInt { to, left, right } => {
                r!(to) = ((r!(left) as i64) < r!(right) as i64).into()
            }
            Instruction::LessOrEqualInt { to, left, right } => {
                r!(to) = (r!(left) as i64 <= r!(right) as i64).into()
            }
            Instruction::EqualAmount { to, left, right } => {
                let (left, right) = checked!(calc::comparable(r!(left), r!(right)));
                r!(to) = (left == right).into();
            }
            Instruction::LessAmount { to, left, right } => {
                let (left, right) = checked!(calc::comparable(r!(left), r!(right)));
                r!(to) = (left < right).into();
            }
            Instruction::LessOrEqualAmount { to, left, right } => {
                let (left, right) = checked!(calc::comparable(r!(left), r!(right)));
                r!(to) = (left <= right).into();
            }
            Instruction::EqualText { to, left, right } => {
                r!(to) = memory.values().equal_text(r!(left), r!(right)).into()
            }
            Instruction::LessText { to, left, right } => {
                r!(to) = memory.is_text_less(r!(left), r!(right)).into()
            }
            Instruction::EqualDeep { to, left, right } => {
                r!(to) = checked!(memory.equal(left, r!(left), r!(right)))
            }
            Instruction::Not { to, from } => r!(to) = (r!(from) == 0).into(),
            Instruction::Contains { to, item, list } => {
                r!(to) = checked!(memory.contains(item, r!(item), r!(list)))
            }

            Instruction::Jump { target } => go_to!(target),
            Instruction::JumpIf { test, target } => {
                if r!(test) != 0 {
                    go_to!(target);
                }
            }
            Instruction::JumpUnless { test, target } | Instruction::JumpIfNone { test, target } => {
                if r!(test) == 0 {
                    go_to!(target);
                }
            }
            Instruction::Loop { cost, target } => {
                // A turn that the compiler thinks free still counts.
                let cost = u64::from(cost.max(1));
                if *memory.spent + cost > granted {
                    leave!(Exit::OutOfFuel);
                }
                *memory.spent += cost;
                pc = target;
                continue;
            }
            Instruction::SwitchWord { on, table } => {
                go_to!(checked!(memory.switch_word(table, r!(on))))
            }
            Instruction::SwitchText { on, table } => {
                go_to!(checked!(memory.switch_text(table, r!(on))))
            }
            Instruction::SwitchTag { on, table } => {
                go_to!(checked!(memory.switch_word(table, r!(on) & 0xFF)))
            }
            Instruction::JumpUnlessLess {
                left,
                right,
                target,
            } => {
                if r!(left) as i64 >= r!(right) as i64 {
                    go_to!(target);
                }
            }

            Instruction::MakeRecord { to, base, count } => {
                r!(to) = checked!(memory.record(window, base, count))
            }
            Instruction::GetField { to, record, index } => {
                r!(to) = checked!(memory.record_field(r!(record), index))
            }
            Instruction::MakeVariant { to, tag, value } => {
                r!(to) = checked!(memory.variant(tag, r!(value)))
            }
            Instruction::MakeOutcome { to, tag, value } => leave!(Exit::Outcome { to, tag, value }),
            Instruction::GetPayload { to, from, tag } => {
                r!(to) = checked!(memory.payload(r!(from), tag))
            }
            Instruction::MakeSome { to, from } => r!(to) = checked!(memory.some(from, r!(from))),
            Instruction::GetSome { to, from } => {
                r!(to) = checked!(memory.out_of_some(to, r!(from)))
            }
            Instruction::MakeList { to, base, count } => {
                r!(to) = checked!(memory.list(window, base, count))
            }
            Instruction::JoinLists { to, left, right } => {
                r!(to) = checked!(memory.join_lists(r!(left), r!(right)))
            }
            Instruction::GetItem { to, list, index } => {
                r!(to) = checked!(memory.item(r!(list), r!(index) as i64))
            }
            Instruction::ListLength { to, list } => r!(to) = slot::list_place(r!(list)).1.into(),

            Instruction::JoinTexts { to, base, count } => {
                r!(to) = checked!(memory.join_texts(window, base, count))
            }
            Instruction::ToText { to, from, show } => {
                r!(to) = checked!(memory.to_text(from, r!(from), show))
            }

            Instruction::MakeMessage { to, base, shape } => {
                r!(to) = checked!(memory.message(window, None, base, shape))
            }
            Instruction::MakeMessageFrom {
                to,
                from,
                base,
                shape,
            } => {
                r!(to) = checked!(memory.message(window, Some(r!(from)), base, shape));
            }
            Instruction::GetMessageField { to, message, field } => {
                r!(to) = checked!(memory.message_field(to, r!(message), field))
            }
            Instruction::FindMessageField { to, message, field } => {
                r!(to) = checked!(memory.find_message_field(to, r!(message), field));
            }

            Instruction::Call { base, function, .. } => {
                let cost = checked!(memory.cost(function));
                if *memory.spent + cost > granted {
                    leave!(Exit::OutOfFuel);
                }
                *memory.spent += cost;
                leave!(Exit::Call { function, base });
            }
            Instruction::CallPure {
                to,
                native,
                base,
                count,
            } => {
                r!(to) = checked!(memory.native(window, to, native, base, count));
            }
            Instruction::Return { from } => leave!(Exit::Return(Some(r!(from)))),
            Instruction::ReturnNothing {} => leave!(Exit::Return(None)),
            Instruction::Request { op, base, .. } => leave!(Exit::Request { op, base }),

            Instruction::OpenReversal { .. }
            | Instruction::Commit { .. }
            | Instruction::Discard {}
            | Instruction::Reverse {}
            | Instruction::LeaveReversal {} => leave!(Exit::Statement(*instruction)),

            Instruction::MakeError { to, base, error } => {
                r!(to) = checked!(memory.error(window, base, error))
            }
            Instruction::Fail { error } => leave!(Exit::Fail(r!(error))),
            Instruction::IsError { to, value, error } => {
                r!(to) = checked!(memory.is_error(r!(value), error))
            }

            Instruction::Step { text } => frame.step = text.saturating_add(1),
        }
        pc += 1;
    }
}

/// Builds an outcome, and remembers where if it is one that somebody will ask about.
#[inline(never)]
fn make_outcome(run: &mut Run, program: &Program, to: u8, tag: u8, value: u8) -> Option<Yield> {
    let value = run.register(value);
    let cell = match tag {
        outcome::APPROVED | outcome::DECLINED | outcome::FAILED => {
            match run.heap.keep_cells(&run.limits, &[value]) {
                Ok(cell) => cell,
                Err(trap) => return run.raise_trap(program, trap),
            }
        }
        _ => 0,
    };
    if matches!(
        tag,
        outcome::DECLINED | outcome::CANCELLED | outcome::FAILED
    ) {
        run.outcome.clone_from(&run.frames);
    }
    run.set(to, slot::variant(tag, cell));
    run.step_over();
    None
}

fn constant(memory: &Memory<'_>, word: u32) -> Result<u64, Trap> {
    let words = &memory.program.words;
    words
        .get(word as usize)
        .copied()
        .ok_or(Trap::Defect("a constant is missing"))
}

fn constant_text(memory: &Memory<'_>, text: u32) -> Result<u64, Trap> {
    const MISSING: Trap = Trap::Defect("a constant text is missing");
    let (start, length) = *memory.program.texts.get(text as usize).ok_or(MISSING)?;
    let slot = slot::constant_text(start, length);
    if length as usize > slot::INLINE_MAX {
        return Ok(slot);
    }
    let bytes = memory.heap.text(&memory.program.bytes, slot);
    slot::inline(bytes.as_bytes()).ok_or(MISSING)
}

/// Every so many bytes count as an instruction.
const BYTES_PER_INSTRUCTION: u64 = 16;

impl Memory<'_> {
    fn values(&self) -> Values<'_> {
        Values {
            heap: self.heap,
            constants: &self.program.bytes,
            types: &self.program.types,
            failures: self.failures,
        }
    }

    /// The type of a register.
    fn ty(&self, register: u8) -> Result<&Type, Trap> {
        type_of(self.function, register)
    }

    fn charge_text(&mut self, slot: u64) {
        let length = match slot::text_place(slot) {
            slot::TextPlace::Heap(_, length) | slot::TextPlace::Constant(_, length) => length,
            slot::TextPlace::Inline(..) => return,
        };
        *self.spent += u64::from(length) / BYTES_PER_INSTRUCTION;
    }

    #[inline(never)]
    fn is_text_less(&self, left: u64, right: u64) -> bool {
        let bytes = &self.program.bytes;
        self.heap.text(bytes, left).as_bytes() < self.heap.text(bytes, right).as_bytes()
    }

    #[inline(never)]
    fn equal(&mut self, register: u8, left: u64, right: u64) -> Result<u64, Trap> {
        let (equal, parts) = self.values().equal(self.ty(register)?, left, right)?;
        *self.spent += parts;
        Ok(equal.into())
    }

    #[inline(never)]
    fn contains(&mut self, register: u8, item: u64, list: u64) -> Result<u64, Trap> {
        let (mut found, mut parts) = (false, 0);
        let ty = self.ty(register)?;
        for member in self.heap.members(list)? {
            let (equal, looked_at) = self.values().equal(ty, item, *member)?;
            parts += looked_at;
            if parts > u64::from(trap::WORK_MAX) {
                return Err(Trap::TooMuchWork);
            }
            if equal {
                found = true;
                break;
            }
        }
        *self.spent += parts;
        Ok(found.into())
    }

    fn switch(&self, table: u16) -> Result<&Switch, Trap> {
        self.program
            .switches
            .get(usize::from(table))
            .ok_or(Trap::Defect("a switch has no table"))
    }

    fn switch_word(&self, table: u16, on: u64) -> Result<u32, Trap> {
        let switch = self.switch(table)?;
        Ok(
            match switch.cases.binary_search_by_key(&on, |(key, _)| *key) {
                Ok(at) => switch
                    .cases
                    .get(at)
                    .map_or(switch.otherwise, |(_, target)| *target),
                Err(_) => switch.otherwise,
            },
        )
    }

    #[inline(never)]
    fn switch_text(&self, table: u16, on: u64) -> Result<u32, Trap> {
        let switch = self.switch(table)?;
        let values = self.values();
        for (key, target) in &switch.cases {
            let text = u32::try_from(*key).map_err(|_| Trap::Defect("a case has no text"))?;
            if values.equal_text(on, constant_text(self, text)?) {
                return Ok(*target);
            }
        }
        Ok(switch.otherwise)
    }

    fn record(&mut self, window: &Window, base: u8, count: u8) -> Result<u64, Trap> {
        let cells = part(window, base, count)?;
        self.heap.keep_cells(self.limits, cells).map(u64::from)
    }

    fn record_field(&self, record: u64, index: u8) -> Result<u64, Trap> {
        let at = u32::try_from(record).map_err(|_| Trap::Defect("a record is no reference"))?;
        self.heap.cell(at.saturating_add(index.into()))
    }

    fn variant(&mut self, tag: u8, value: u64) -> Result<u64, Trap> {
        let cell = self.heap.keep_cells(self.limits, &[value])?;
        Ok(slot::variant(tag, cell))
    }

    fn payload(&self, from: u64, tag: u8) -> Result<u64, Trap> {
        match slot::variant_parts(from) {
            (found, cell @ 1..) if found == tag => self.heap.cell(cell),
            _ => Err(Trap::Defect("a variant holds no such value")),
        }
    }

    fn some(&mut self, register: u8, value: u64) -> Result<u64, Trap> {
        let kind = self.ty(register)?.kind();
        message::boxed(self.heap, self.limits, kind, value)
    }

    fn out_of_some(&self, register: u8, value: u64) -> Result<u64, Trap> {
        if value == 0 {
            return Err(Trap::Defect("there is nothing in none"));
        }
        message::unbox(self.heap, self.ty(register)?.kind(), value)
    }

    #[inline(never)]
    fn list(&mut self, window: &Window, base: u8, count: u8) -> Result<u64, Trap> {
        self.heap.keep_list(self.limits, part(window, base, count)?)
    }

    #[inline(never)]
    fn join_lists(&mut self, left: u64, right: u64) -> Result<u64, Trap> {
        let list = self.heap.join_lists(self.limits, left, right)?;
        *self.spent += u64::from(slot::list_place(list).1) / 2;
        Ok(list)
    }

    fn item(&self, list: u64, index: i64) -> Result<u64, Trap> {
        let members = self.heap.members(list)?;
        usize::try_from(index)
            .ok()
            .and_then(|at| members.get(at))
            .copied()
            .ok_or(Trap::IndexOutside(index, members.len() as u32))
    }

    #[inline(never)]
    fn join_texts(&mut self, window: &Window, base: u8, count: u8) -> Result<u64, Trap> {
        let parts = part(window, base, count)?;
        let text = self
            .heap
            .join_texts(self.limits, &self.program.bytes, parts)?;
        self.charge_text(text);
        Ok(text)
    }

    #[inline(never)]
    fn to_text(&mut self, register: u8, value: u64, show: u8) -> Result<u64, Trap> {
        let show = Show::from_number(show).ok_or(Trap::Defect("a value is shown in no way"))?;
        let ty = type_of(self.function, register)?;
        let text = show::to_text(self.program, self.heap, show, ty, value)?;
        let text = self.heap.keep_text(self.limits, text.as_bytes())?;
        self.charge_text(text);
        Ok(text)
    }

    #[inline(never)]
    fn message(
        &mut self,
        window: &Window,
        from: Option<u64>,
        base: u8,
        shape: u16,
    ) -> Result<u64, Trap> {
        let shape = self
            .program
            .shapes
            .get(usize::from(shape))
            .ok_or(Trap::Defect("a message has no shape"))?;
        let values = window.get(usize::from(base)..).unwrap_or_default();
        message::build(self.heap, self.limits, shape, from, values)
    }

    fn message_field(&self, to: u8, message: u64, field: u8) -> Result<u64, Trap> {
        let ty = self.ty(to)?;
        message::read(self.heap, &self.program.bytes, message, field, ty)?
            .ok_or(Trap::FieldMissing(field))
    }

    fn find_message_field(&mut self, to: u8, message: u64, field: u8) -> Result<u64, Trap> {
        let Type::Optional(of) = type_of(self.function, to)? else {
            return Err(Trap::Defect("a field that may be missing is not optional"));
        };
        match message::read(self.heap, &self.program.bytes, message, field, of)? {
            Some(value) => message::boxed(self.heap, self.limits, of.kind(), value),
            None => Ok(0),
        }
    }

    fn cost(&self, function: u16) -> Result<u64, Trap> {
        self.program
            .functions
            .get(usize::from(function))
            .map(|function| u64::from(function.cost.max(1)))
            .ok_or(Trap::Defect("a call leads to no function"))
    }

    #[inline(never)]
    fn native(
        &mut self,
        window: &Window,
        to: u8,
        native: u8,
        base: u8,
        count: u8,
    ) -> Result<u64, Trap> {
        let pure = Pure::from_number(native).ok_or(Trap::Defect("a builtin is not known"))?;
        let arguments = part(window, base, count)?;
        let registers = self.function.registers.as_slice();
        let types = registers
            .get(usize::from(base)..usize::from(base) + usize::from(count))
            .ok_or(Trap::Defect("a builtin's arguments have no types"))?;
        for (ty, argument) in types.iter().zip(arguments) {
            if ty.kind() == crate::language::types::Kind::Text {
                self.charge_text(*argument);
            }
        }
        Native {
            program: self.program,
            heap: self.heap,
            failures: self.failures,
            limits: self.limits,
            arguments,
            types,
            gives: type_of(self.function, to)?,
        }
        .call(pure)
    }

    #[inline(never)]
    fn error(&mut self, window: &Window, base: u8, error: u16) -> Result<u64, Trap> {
        self.heap.room_for_cells(self.limits, 0)?;
        let row = self
            .program
            .errors
            .get(usize::from(error))
            .ok_or(Trap::Defect("an error is not known"))?;
        let count = u8::try_from(row.facts.len()).unwrap_or(u8::MAX);
        let facts = row
            .facts
            .iter()
            .zip(part(window, base, count)?)
            .map(|(name, slot)| {
                let text = self.heap.text(&self.program.bytes, *slot);
                let words = String::from_utf8_lossy(text.as_bytes()).into_owned();
                Fact {
                    name: name.clone(),
                    zh: words.clone(),
                    en: words,
                }
            })
            .collect();
        let failure = Failure {
            can_be_handled: trap::can_be_handled(&row.code),
            code: row.code.clone(),
            facts,
            frames: Vec::new(),
            cause: None,
        };
        let kept = self.limits.errors_kept;
        Ok(self.failures.keep(self.heap, kept, failure).0.into())
    }

    fn is_error(&self, value: u64, error: u16) -> Result<u64, Trap> {
        let row = self
            .program
            .errors
            .get(usize::from(error))
            .ok_or(Trap::Defect("an error is not known"))?;
        let (_, failure) = self
            .failures
            .at_slot(value)
            .ok_or(Trap::Defect("a slot holds no error"))?;
        Ok((failure.code == row.code).into())
    }
}

fn type_of(function: &Function, register: u8) -> Result<&Type, Trap> {
    function
        .registers
        .get(usize::from(register))
        .ok_or(Trap::Defect("a register has no type"))
}

/// Consecutive registers.
fn part(window: &Window, base: u8, count: u8) -> Result<&[u64], Trap> {
    let base = usize::from(base);
    window
        .get(base..base + usize::from(count))
        .ok_or(Trap::Defect("registers past the last"))
}
