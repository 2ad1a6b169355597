//! What a program does is what its manifest says: devices, message types, the dialect; and nothing of tests in flows.

use super::calls::Reach;
use crate::language::builtin::row::{Builtin, Owner};
use crate::language::bytecode::fits::{Fault, Numbered};
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Program;

const DEVICE: Fault = ("使用了清单中没有的设备", "a device is used that the manifest does not name");
const MESSAGE: Fault = ("组装了清单中没有的报文", "a message is built that the manifest does not name");
const DIALECT: Fault = ("报文没有清单所写的方言", "a message has not the dialect that the manifest names");
const FIXTURE: Fault = ("流程使用了只有测试才能用的操作", "a flow does what only tests may do");

/// What one function may do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grants<'p> {
    program: &'p Program,
    numbered: &'p Numbered,
    /// Can a flow that a user starts come here? If not, only tests do.
    in_flows: bool,
    /// Is there the dialect that the manifest names?
    speaks: bool,
}

impl<'p> Grants<'p> {
    /// What this function may do.
    pub(super) fn of(program: &'p Program, numbered: &'p Numbered, reach: Reach) -> Self {
        let dialect = program.dialect.as_ref();
        Grants {
            program,
            numbered,
            in_flows: reach.in_flows,
            speaks: dialect.is_some_and(|dialect| dialect.name == program.manifest.dialect.as_str()),
        }
    }

    /// Is this instruction among it?
    pub(super) fn check(&self, instruction: Instruction) -> Result<(), Fault> {
        match instruction {
            Instruction::Request { op, .. } => match self.numbered.request(op) {
                Some(row) => self.request(row),
                // The pause of a retry belongs to no device.
                None => Ok(()),
            },
            Instruction::MakeMessage { shape, .. } | Instruction::MakeMessageFrom { shape, .. } => self.message(shape),
            _ => Ok(()),
        }
    }

    fn request(&self, row: &Builtin) -> Result<(), Fault> {
        if row.fixture && self.in_flows {
            return Err(FIXTURE);
        }
        match row.owner {
            Owner::Device(name) if self.in_flows => {
                let mut granted = self.program.manifest.capabilities.iter();
                if granted.any(|has| has == name) { Ok(()) } else { Err(DEVICE) }
            }
            _ => Ok(()),
        }
    }

    fn message(&self, shape: u16) -> Result<(), Fault> {
        let Some(shape) = self.program.shapes.get(usize::from(shape)) else { return Ok(()) };
        if shape.mti.0 == 0 {
            // The fields of a fixture.
            return if self.in_flows { Err(FIXTURE) } else { Ok(()) };
        }
        if !self.program.manifest.messages.contains(&shape.mti) {
            return Err(MESSAGE);
        }
        if self.speaks { Ok(()) } else { Err(DIALECT) }
    }
}
