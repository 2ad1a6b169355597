//! What each section of the file holds.

use super::file_error::FileError;
use super::instruction::{Instruction, InstructionRow, OPERANDS_MOST, ROWS, Role};
use super::program::{Function, HandlerRow, Program, Shape, Switch};
use super::type_table::{TypesRead, TypesWritten};
use super::wire::{Read, Reader, Writer};
use crate::language::builtin::shapes;
use crate::language::types::{RecordType, Types, UnionType};
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::source::FileId;
use std::sync::Arc;

/// Constant texts.
pub(super) fn write_strings(program: &Program) -> Vec<u8> {
    let mut to = Writer::default();
    to.count(program.texts.len());
    for (start, length) in &program.texts {
        to.number(u64::from(*start));
        to.number(u64::from(*length));
    }
    to.block(&program.bytes);
    to.into_bytes()
}

/// Constant texts.
pub(super) fn read_strings(bytes: &[u8], program: &mut Program) -> Read<()> {
    let mut from = Reader::new(bytes);
    program.texts = from.list(|from| Ok((from.number()?, from.number()?)))?;
    program.bytes = from.block()?.to_vec();
    from.end()
}

/// Records and unions; they stand behind the table of types.
pub(super) fn write_shapes_of_types(program: &Program, types: &mut TypesWritten) -> Vec<u8> {
    let mut to = Writer::default();
    to.count(program.types.records.len());
    for record in &program.types.records {
        to.text(&record.name);
        to.count(record.fields.len());
        for (name, ty) in &record.fields {
            to.text(name);
            to.number(types.index(ty));
        }
    }
    to.count(program.types.unions.len());
    for union in &program.types.unions {
        to.text(&union.name);
        to.count(union.variants.len());
        for (name, payload) in &union.variants {
            to.text(name);
            match payload {
                None => to.raw(&[0]),
                Some(ty) => {
                    to.raw(&[1]);
                    to.number(types.index(ty));
                }
            }
        }
    }
    to.into_bytes()
}

/// Records and unions. Those that every program has are not kept again: a short file would take many times its size.
pub(super) fn read_shapes_of_types(from: &mut Reader<'_>, types: &mut TypesRead) -> Read<Types> {
    let ours = shapes::ours();
    let mut known = ours.records.iter();
    let records = from.list(|from| {
        let name = from.text()?;
        let fields = from.list(|from| Ok((from.text()?, types.next(from)?)))?;
        Ok(shared(RecordType { name, fields }, known.next()))
    })?;
    let mut known = ours.unions.iter();
    let unions = from.list(|from| {
        let union = UnionType {
            name: from.text()?,
            variants: from.list(|from| {
                let name = from.text()?;
                match from.byte()? {
                    0 => Ok((name, None)),
                    1 => Ok((name, Some(types.next(from)?))),
                    _ => Err(bad_mark()),
                }
            })?,
        };
        Ok(shared(union, known.next()))
    })?;
    Ok(Types { records, unions })
}

/// What was read, or ours if it is the same.
fn shared<T: PartialEq>(read: T, ours: Option<&Arc<T>>) -> Arc<T> {
    match ours {
        Some(ours) if **ours == read => ours.clone(),
        _ => Arc::new(read),
    }
}

/// Words, shapes of messages, switches.
pub(super) fn write_constants(program: &Program, types: &mut TypesWritten) -> Vec<u8> {
    let mut to = Writer::default();
    to.count(program.words.len());
    for word in &program.words {
        to.number(*word);
    }
    to.count(program.shapes.len());
    for shape in &program.shapes {
        to.number(u64::from(shape.mti.0));
        to.count(shape.fields.len());
        for (field, register, ty) in &shape.fields {
            to.raw(&[*field, *register]);
            to.number(types.index(ty));
        }
        to.block(&shape.copies);
    }
    to.count(program.switches.len());
    for switch in &program.switches {
        to.count(switch.cases.len());
        let mut before = 0;
        for (key, target) in &switch.cases {
            // Keys ascend, so the differences are small; wrapping keeps any program writable.
            to.number(key.wrapping_sub(before));
            to.number(u64::from(*target));
            before = *key;
        }
        to.number(u64::from(switch.otherwise));
    }
    to.into_bytes()
}

/// Words, shapes of messages, switches.
pub(super) fn read_constants(bytes: &[u8], types: &mut TypesRead, program: &mut Program) -> Read<()> {
    let mut from = Reader::new(bytes);
    program.words = from.list(Reader::number)?;
    program.shapes = from.list(|from| {
        Ok(Shape {
            mti: Mti(from.number()?),
            fields: from.list(|from| Ok((from.byte()?, from.byte()?, types.next(from)?)))?,
            copies: from.block()?.to_vec(),
        })
    })?;
    program.switches = from.list(|from| {
        let mut before: u64 = 0;
        Ok(Switch {
            cases: from.list(|from| {
                before = before.wrapping_add(from.number()?);
                Ok((before, from.number()?))
            })?,
            otherwise: from.number()?,
        })
    })?;
    from.end()
}

/// Functions: their registers, their code.
pub(super) fn write_functions(program: &Program, types: &mut TypesWritten) -> Vec<u8> {
    let mut to = Writer::default();
    to.count(program.functions.len());
    for function in &program.functions {
        to.text(&function.name);
        to.count(function.parameters.len());
        for ty in &function.parameters {
            to.number(types.index(ty));
        }
        to.number(types.index(&function.gives));
        to.count(function.registers.len());
        for ty in &function.registers {
            to.number(types.index(ty));
        }
        to.number(u64::from(function.cost));
        to.count(function.code.len());
        for instruction in &function.code {
            to.raw(&[instruction.number()]);
            instruction.each_operand(|role, value| match role {
                Role::Number => to.signed(i64::from(value as i32)),
                _ => to.number(u64::from(value)),
            });
        }
        to.count(function.handlers.len());
        for row in &function.handlers {
            for number in [row.from, row.to, row.target] {
                to.number(u64::from(number));
            }
            to.raw(&[row.error]);
            to.count(row.errors.len());
            for error in &row.errors {
                to.number(u64::from(*error));
            }
        }
        to.count(function.regions.len());
        for (start, end) in &function.regions {
            to.number(u64::from(*start));
            to.number(u64::from(*end));
        }
    }
    to.into_bytes()
}

/// Functions: their registers, their code.
pub(super) fn read_functions(bytes: &[u8], types: &mut TypesRead) -> Read<Vec<Function>> {
    let mut rows: [Option<&'static InstructionRow>; 256] = [None; 256];
    for row in ROWS {
        if let Some(place) = rows.get_mut(usize::from(row.number)) {
            *place = Some(row);
        }
    }
    let mut from = Reader::new(bytes);
    let functions = from.list(|from| {
        Ok(Function {
            name: from.text()?,
            parameters: from.list(|from| types.next(from))?,
            gives: types.next(from)?,
            registers: from.list(|from| types.next(from))?,
            cost: from.number()?,
            code: from.list(|from| instruction(from, &rows))?,
            handlers: from.list(|from| {
                Ok(HandlerRow {
                    from: from.number()?,
                    to: from.number()?,
                    target: from.number()?,
                    error: from.byte()?,
                    errors: from.list(Reader::number)?,
                })
            })?,
            regions: from.list(|from| Ok((from.number()?, from.number()?)))?,
            lines: Vec::new(),
            file: FileId::default(),
        })
    })?;
    from.end()?;
    Ok(functions)
}

fn instruction(from: &mut Reader<'_>, rows: &[Option<&'static InstructionRow>; 256]) -> Read<Instruction> {
    let number = from.byte()?;
    let unknown = || {
        FileError::invalid(
            format!("没有编号为 {number} 的指令，或操作数过大"),
            format!("there is no instruction {number}, or an operand is too large"),
        )
    };
    let row = rows.get(usize::from(number)).copied().flatten().ok_or_else(unknown)?;
    let mut operands = [0; OPERANDS_MOST];
    for ((_, role, _), operand) in row.operands.iter().zip(&mut operands) {
        *operand = match role {
            Role::Number => i32::try_from(from.signed()?).map_err(|_| unknown())? as u32,
            _ => from.number()?,
        };
    }
    let mut operands = operands.into_iter();
    Instruction::read(number, || operands.next()).ok_or_else(unknown)
}

const _: () = {
    let mut at = 0;
    while at < ROWS.len() {
        assert!(ROWS[at].operands.len() <= OPERANDS_MOST);
        at += 1;
    }
};

fn bad_mark() -> FileError {
    FileError::damaged("标记不对", "a mark is wrong")
}
