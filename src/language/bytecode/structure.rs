//! The structural check: every index names something, every jump lands, every register holds what its reader expects.
//!
//! One pass over tables and code. It makes a program safe to read, not honest: that every register is written before it is
//! read, that reversals balance and that secrets stay sealed is proved by the verifier, in `verify`.

use super::cost;
use super::file_error::FileError;
use super::fits::{self, Fault, Frame, Numbered};
use super::instruction::{Holds, Instruction, Role};
use super::program::{Debug, Function, HandlerRow, Program};
use super::word_types;
use crate::language::builtin::row::DEVICES;
use crate::language::builtin::shapes;
use crate::language::types::{Kind, Type};
use crate::script_error::code::Layer;
use crate::script_error::source::FileId;

/// Registers of one function.
const REGISTERS_MOST: usize = 255;

/// Fields of a record, variants of a union.
const PARTS_MOST: usize = 255;

const REGISTER: Fault = ("寄存器不存在", "there is no such register");
const KIND: Fault = ("寄存器的类型不符", "a register holds another type than the instruction works on");
const INDEX: Fault = ("编号不存在", "an index names nothing");
const JUMP: Fault = ("跳转的目标不对", "a jump goes out of the function or the wrong way");
const COST: Fault = ("循环的计费不对", "what a loop is charged is wrong");
const END: Fault = ("函数的末尾没有结束", "the function runs on past its last instruction");

/// Checks a program; the first thing wrong is T0904 with its place.
pub fn check(program: &Program) -> Result<(), FileError> {
    let texts = texts(program)?;
    types(program)?;
    tables(program)?;
    let numbered = Numbered::new();
    // A switch belongs to one instruction; so all of them together are looked at once.
    let mut switched = vec![false; program.switches.len()];
    for (index, function) in program.functions.iter().enumerate() {
        let frame = Frame { program, function, texts: &texts, numbered: &numbered };
        whole_function(&frame).map_err(|fault| in_function(index, function, fault))?;
        for (pc, instruction) in function.code.iter().enumerate() {
            take_switch(*instruction, &mut switched)
                .map_err(|fault| at_instruction(index, function, pc, *instruction, fault))?;
            one_instruction(&frame, pc as u32, *instruction)
                .map_err(|fault| at_instruction(index, function, pc, *instruction, fault))?;
        }
    }
    entries(program)
}

/// Checks that a debug section fits its program.
pub(super) fn check_debug(program: &Program, debug: &Debug) -> Result<(), FileError> {
    let functions = program.functions.len();
    let wrong = || FileError::invalid("调试信息与函数不符", "the debug section does not fit the functions");
    if debug.names.len() != functions || debug.lines.len() != functions {
        return Err(wrong());
    }
    let known = |file: FileId| usize::from(file.0) < debug.files.len().max(1);
    for ((function, names), (file, lines)) in program.functions.iter().zip(&debug.names).zip(&debug.lines) {
        let length = function.code.len() as u32;
        let names_fit = names.iter().all(|(register, _, from, to)| {
            usize::from(*register) < function.registers.len() && from <= to && *to <= length
        });
        let lines_fit =
            lines.iter().all(|(at, _)| *at < length) && lines.is_sorted_by(|(one, _), (next, _)| one < next);
        if !names_fit || !lines_fit || !known(*file) {
            return Err(wrong());
        }
    }
    Ok(())
}

/// Texts lie one behind the other and fill the bytes; what each is made of.
fn texts(program: &Program) -> Result<Vec<fits::Holds>, FileError> {
    let mut at = 0;
    let mut holds = Vec::with_capacity(program.texts.len());
    for (start, length) in &program.texts {
        let end = at + *length as usize;
        let bytes = program.bytes.get(at..end);
        match bytes {
            Some(bytes) if *start as usize == at => {
                holds.push(fits::Holds::of(bytes));
            }
            _ => {
                return Err(FileError::invalid(
                    format!("第 {} 段文字的位置不对", holds.len()),
                    format!("text {} lies in the wrong place", holds.len()),
                ));
            }
        }
        at = end;
    }
    if at == program.bytes.len() {
        Ok(holds)
    } else {
        Err(FileError::invalid("文字之外有多余的字节", "there are bytes that belong to no text"))
    }
}

/// Our records and unions first, as the world knows them; every type names something.
fn types(program: &Program) -> Result<(), FileError> {
    let ours = shapes::ours();
    if !program.types.records.starts_with(&ours.records) || !program.types.unions.starts_with(&ours.unions) {
        return Err(FileError::invalid(
            "内置的记录与联合类型不符",
            "the built-in records and unions are not what they should be",
        ));
    }
    let of_records = program.types.records.iter().flat_map(|record| {
        let fields = record.fields.iter().map(|(_, ty)| ty);
        fields.map(|ty| (&record.name, ty))
    });
    let of_unions = program.types.unions.iter().flat_map(|union| {
        let payloads = union.variants.iter().filter_map(|(_, ty)| ty.as_ref());
        payloads.map(|ty| (&union.name, ty))
    });
    for (name, ty) in of_records.chain(of_unions) {
        if !names_something(ty, program) {
            return Err(FileError::invalid(format!("{name} 的类型不存在"), format!("a type in {name} names nothing")));
        }
    }
    let records = program.types.records.iter();
    let unions = program.types.unions.iter();
    let sizes = records
        .map(|record| (&record.name, record.fields.len()))
        .chain(unions.map(|union| (&union.name, union.variants.len())));
    for (name, size) in sizes {
        if size > PARTS_MOST {
            return Err(FileError::invalid(format!("{name} 的成员过多"), format!("{name} has too many parts")));
        }
    }
    Ok(())
}

fn names_something(ty: &Type, program: &Program) -> bool {
    match ty {
        Type::List(of) | Type::Optional(of) => names_something(of, program),
        Type::Record(at) => usize::from(*at) < program.types.records.len(),
        Type::Union(at) => usize::from(*at) < program.types.unions.len(),
        _ => true,
    }
}

/// Shapes, switches, errors, response codes, dialect: sorted where they are searched, and complete.
fn tables(program: &Program) -> Result<(), FileError> {
    for (at, shape) in program.shapes.iter().enumerate() {
        let sorted =
            shape.fields.is_sorted_by(|one, next| one.0 < next.0) && shape.copies.is_sorted_by(|one, next| one < next);
        let known = shape.mti.0 <= 9_999
            && shape.fields.iter().all(|(field, _, ty)| (1..=128).contains(field) && names_something(ty, program))
            && shape.copies.iter().all(|field| (1..=128).contains(field));
        if !sorted || !known {
            return Err(FileError::invalid(
                format!("第 {at} 个报文的域不对"),
                format!("the fields of message {at} are wrong"),
            ));
        }
    }
    for (at, switch) in program.switches.iter().enumerate() {
        if !switch.cases.is_sorted_by(|one, next| one.0 < next.0) {
            return Err(FileError::invalid(
                format!("第 {at} 个分支表没有按次序"),
                format!("switch {at} is not sorted"),
            ));
        }
    }
    for (at, error) in program.errors.iter().enumerate() {
        let layer = error.declared.as_ref().is_none_or(|declared| Layer::of_script(&declared.layer).is_some());
        if error.code.is_empty() || error.facts.len() > REGISTERS_MOST || !layer {
            return Err(FileError::invalid(format!("第 {at} 个错误不对"), format!("error {at} is wrong")));
        }
    }
    let codes_sorted = program.codes.rows.is_sorted_by(|one, next| one.code < next.code);
    let fields_sorted = program
        .dialect
        .as_ref()
        .is_none_or(|dialect| dialect.fields.is_sorted_by(|one, next| one.number < next.number));
    if !codes_sorted || !fields_sorted {
        return Err(FileError::invalid("应答码或域没有按次序", "response codes or fields are not sorted"));
    }
    let capable =
        program.manifest.capabilities.iter().all(|name| DEVICES.iter().any(|device| device.name == name.as_str()));
    if !capable {
        return Err(FileError::invalid("清单中有不存在的设备", "the manifest names a device that does not exist"));
    }
    Ok(())
}

/// What concerns a function as a whole.
fn whole_function(frame: &Frame<'_>) -> Result<(), Fault> {
    let function = frame.function;
    if function.registers.len() > REGISTERS_MOST || !function.registers.starts_with(&function.parameters) {
        return Err(REGISTER);
    }
    let types = function.registers.iter().chain([&function.gives]);
    if !types.into_iter().all(|ty| names_something(ty, frame.program)) {
        return Err(INDEX);
    }
    let ends = matches!(
        function.code.last(),
        Some(
            Instruction::Return { .. }
                | Instruction::ReturnNothing {}
                | Instruction::Fail { .. }
                | Instruction::Loop { .. }
        )
    );
    if !ends {
        return Err(END);
    }
    let costs = cost::costs(&function.code).ok_or(JUMP)?;
    let charged = |(at, cost): &(u32, u8)| matches!(function.code.get(*at as usize), Some(Instruction::Loop { cost: has, .. }) if has == cost);
    if costs.function != function.cost || !costs.loops.iter().all(charged) {
        return Err(COST);
    }
    for row in &function.handlers {
        handler(frame, row)?;
    }
    let length = function.code.len() as u32;
    let mut before = 0;
    for (from, to) in &function.regions {
        if *from < before || from >= to || *to > length {
            return Err(JUMP);
        }
        before = *to;
    }
    Ok(())
}

/// A handler goes on behind what it guards, so that only `Loop` ever goes back.
fn handler(frame: &Frame<'_>, row: &HandlerRow) -> Result<(), Fault> {
    let length = frame.function.code.len() as u32;
    if row.from >= row.to || row.to > length || row.target < row.to || row.target >= length {
        return Err(JUMP);
    }
    let errors = frame.program.errors.len();
    if row.errors.iter().any(|error| usize::from(*error) >= errors) {
        return Err(INDEX);
    }
    if *frame.ty(row.error)? == Type::Error { Ok(()) } else { Err(KIND) }
}

fn one_instruction(frame: &Frame<'_>, pc: u32, instruction: Instruction) -> Result<(), Fault> {
    let mut same: Option<Kind> = None;
    for operand in instruction.operands() {
        match operand.role {
            Role::Read | Role::Write => {
                let kind = frame.ty(operand.value as u8)?.kind();
                let right = match operand.holds {
                    Holds::Any => true,
                    Holds::Same => *same.get_or_insert(kind) == kind,
                    // A slip is a list of lines.
                    Holds::Kind(Kind::List) => matches!(kind, Kind::List | Kind::Receipt),
                    Holds::Kind(wanted) => kind == wanted,
                };
                if !right {
                    return Err(KIND);
                }
            }
            Role::Jump => {
                let back = matches!(instruction, Instruction::Loop { .. });
                jump(frame, pc, operand.value, back)?;
            }
            Role::Switch => switch(frame, pc, instruction, operand.value)?,
            Role::Error if operand.value as usize >= frame.program.errors.len() => {
                return Err(INDEX);
            }
            // The rest is looked at by `Frame::check`, which knows how many values there are and what they mean.
            _ => {}
        }
    }
    frame.check(instruction)?;
    word_types::check(frame, instruction)
}

fn take_switch(instruction: Instruction, switched: &mut [bool]) -> Result<(), Fault> {
    let (Instruction::SwitchWord { table, .. }
    | Instruction::SwitchText { table, .. }
    | Instruction::SwitchTag { table, .. }) = instruction
    else {
        return Ok(());
    };
    match switched.get_mut(usize::from(table)) {
        Some(taken) if !*taken => {
            *taken = true;
            Ok(())
        }
        _ => Err(INDEX),
    }
}

fn jump(frame: &Frame<'_>, pc: u32, target: u32, back: bool) -> Result<(), Fault> {
    let inside = (target as usize) < frame.function.code.len();
    if inside && (target <= pc) == back { Ok(()) } else { Err(JUMP) }
}

fn switch(frame: &Frame<'_>, pc: u32, instruction: Instruction, table: u32) -> Result<(), Fault> {
    let table = frame.program.switches.get(table as usize).ok_or(INDEX)?;
    jump(frame, pc, table.otherwise, false)?;
    let keys = match instruction {
        Instruction::SwitchText { .. } => frame.program.texts.len() as u64,
        Instruction::SwitchTag { on, .. } => match frame.ty(on)? {
            Type::Union(at) => {
                frame.program.types.unions.get(usize::from(*at)).map_or(0, |union| union.variants.len() as u64)
            }
            _ => return Err(KIND),
        },
        _ => u64::MAX,
    };
    for (key, target) in &table.cases {
        jump(frame, pc, *target, false)?;
        if *key >= keys && keys != u64::MAX {
            return Err(INDEX);
        }
    }
    Ok(())
}

fn entries(program: &Program) -> Result<(), FileError> {
    for entry in &program.entries {
        let function = program.functions.get(usize::from(entry.function));
        if function.is_none_or(|function| function.parameters.len() != entry.parameters.len()) {
            return Err(FileError::invalid(
                format!("入口“{}”的函数不对", entry.name),
                format!("the entry {} names the wrong function", entry.name),
            ));
        }
    }
    Ok(())
}

/// What is wrong with a function.
pub(super) fn in_function(index: usize, function: &Function, (zh, en): Fault) -> FileError {
    let name = &function.name;
    FileError::invalid(format!("函数 {index}（{name}）：{zh}"), format!("function {index} ({name}): {en}"))
}

/// What is wrong with an instruction.
pub(super) fn at_instruction(
    index: usize,
    function: &Function,
    pc: usize,
    instruction: Instruction,
    (zh, en): Fault,
) -> FileError {
    let name = &function.name;
    let what = instruction.row().name;
    FileError::invalid(
        format!("函数 {index}（{name}）第 {pc} 条指令 {what}：{zh}"),
        format!("function {index} ({name}), instruction {pc} {what}: {en}"),
    )
}
