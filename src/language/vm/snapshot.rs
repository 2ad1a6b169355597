//! A run as bytes: bound to its program, checked when it is read back.
//!
//! `TRUN`, version, the program's hash, the run, and a CRC-32 of all of it. What is read is only believed as far as the
//! machine needs to believe it: frames, registers and the request are checked here, everything else where it is used.

use super::limits::Limits;
use super::prepared::Prepared;
use super::request::Purpose;
use super::run::{Run, State};
use super::stack::WINDOW;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Program;
use thiserror::Error;

const MAGIC: &[u8; 4] = b"TRUN";
const VERSION: u16 = 4;
const HASH: usize = 32;
const CHECKSUM: usize = 4;

/// Why bytes are no run of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// They do not begin as a run does.
    #[error("these bytes are no run")]
    NotARun,
    /// Another version wrote them.
    #[error("the run was written in version {0}")]
    Version(u16),
    /// The checksum or the structure is wrong.
    #[error("the run is damaged")]
    Damaged,
    /// It is a run of another program.
    #[error("the run belongs to another program")]
    OtherProgram,
    /// It does not fit its program.
    #[error("the run does not fit its program: {0}")]
    Invalid(&'static str),
}

impl Run {
    /// The run as bytes.
    pub fn to_bytes(&self, program: &Program) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(program.hash);
        let mut bytes = match postcard::to_extend(self, bytes.clone()) {
            Ok(bytes) => bytes,
            // INVARIANT: a run holds nothing that cannot be written; without its body it would be refused when read.
            Err(_) => bytes,
        };
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// Reads a run of this program.
    pub fn from_bytes(bytes: &[u8], program: &Program) -> Result<Run, SnapshotError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SnapshotError::NotARun)?;
        let (version, rest) = rest.split_first_chunk::<2>().ok_or(SnapshotError::Damaged)?;
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            return Err(SnapshotError::Version(version));
        }
        let (body, checksum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(SnapshotError::Damaged)?;
        if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
            return Err(SnapshotError::Damaged);
        }
        let (hash, _) = rest.split_first_chunk::<HASH>().ok_or(SnapshotError::Damaged)?;
        if *hash != program.hash {
            return Err(SnapshotError::OtherProgram);
        }
        let run = body.get(MAGIC.len() + size_of::<u16>() + HASH..).ok_or(SnapshotError::Damaged)?;
        let (run, rest) = postcard::take_from_bytes::<Run>(run).map_err(|_| SnapshotError::Damaged)?;
        if !rest.is_empty() {
            return Err(SnapshotError::Damaged);
        }
        run.validate(program).map_err(SnapshotError::Invalid)?;
        Ok(run)
    }

    fn validate(&self, program: &Program) -> Result<(), &'static str> {
        if self.rest.limits != self.rest.limits.bounded() {
            return Err("limits");
        }
        let handlers: usize = program
            .functions
            .iter()
            .map(|function| function.handlers.len())
            .sum::<usize>()
            .saturating_mul(usize::from(Limits::DEPTH_MAX));
        if self.rest.frames.len() > usize::from(Limits::DEPTH_MAX) || self.rest.handled.len() > handlers {
            return Err("too many frames");
        }
        if usize::from(self.entry) >= program.functions.len() {
            return Err("entry");
        }
        let mut base = 0;
        for frame in &self.rest.frames {
            let function = program.functions.get(usize::from(frame.function)).ok_or("function")?;
            if frame.base as usize != base || function.registers.len() >= WINDOW {
                return Err("frame");
            }
            base += function.registers.len();
        }
        if self.stack.used().len() != base {
            return Err("registers");
        }
        let has_ended = matches!(self.rest.state, State::Finished(_) | State::Failed(_));
        if has_ended != self.rest.frames.is_empty() {
            return Err("frames of a run that ended");
        }
        if !self.rest.heap.cells.starts_with(&Prepared::of(program).cells) || !self.rest.failures.is_sound() {
            return Err("memory");
        }
        if usize::from(self.rest.money.depth) > self.rest.frames.len()
            || (self.rest.money.depth == 0) != (self.rest.money.region == super::money::Region::Closed)
        {
            return Err("reversible region");
        }
        self.validate_request(program)
    }

    /// Does the run wait where its program asks for something?
    fn validate_request(&self, program: &Program) -> Result<(), &'static str> {
        let State::Waiting(purpose) = self.rest.state else {
            return Ok(());
        };
        let instruction = self.instruction(program);
        let fits = match purpose {
            Purpose::Builtin => matches!(instruction, Some(Instruction::Request { .. })),
            Purpose::Open => matches!(instruction, Some(Instruction::OpenReversal { .. })),
            Purpose::Commit => matches!(instruction, Some(Instruction::Commit { .. })),
            Purpose::Discard | Purpose::DiscardUnsafe => {
                matches!(instruction, Some(Instruction::Discard {}))
            }
            Purpose::Reverse => matches!(instruction, Some(Instruction::Reverse {})),
            Purpose::Leave => matches!(instruction, Some(Instruction::LeaveReversal {})),
            Purpose::Return => matches!(instruction, Some(Instruction::Return { .. } | Instruction::ReturnNothing {})),
            Purpose::Unwind(id) => self.rest.failures.get(id).is_some(),
        };
        let opens = matches!(purpose, Purpose::Builtin | Purpose::Open);
        if fits && self.rest.requests > 0 && (opens || self.rest.money.is_undecided()) {
            Ok(())
        } else {
            Err("request")
        }
    }
}
