//! List literals, built in pieces so that a long one does not need a register for each member.

use super::body::Body;
use super::too_large::Compiled;
use crate::language::bytecode::instruction::Instruction;
use crate::language::syntax::tree::Expression;
use crate::language::types::Type;

/// Members that are built at once.
const PIECE: usize = 16;

impl Body<'_> {
    /// `[a, b, c]`
    pub(super) fn list_into(&mut self, members: &[Expression], to: u8) -> Compiled<()> {
        let list = self.registers.ty(to);
        let member = match (&list, members.first()) {
            (Type::List(of), _) if **of != Type::Unknown => (**of).clone(),
            (_, Some(first)) => self.type_of(first),
            _ => Type::Unknown,
        };
        self.pieces_into(members, &member, to, |body, expression, register| body.value_into(expression, register))
    }

    /// A list of one member for each item.
    pub(super) fn pieces_into<T>(
        &mut self,
        items: &[T],
        member: &Type,
        to: u8,
        mut build: impl FnMut(&mut Self, &T, u8) -> Compiled<()>,
    ) -> Compiled<()> {
        let list = self.registers.ty(to);
        let mut so_far: Option<u8> = None;
        let mut pieces = items.chunks(PIECE).peekable();
        if pieces.peek().is_none() {
            return self.emit(Instruction::MakeList { to, base: to, count: 0 });
        }
        while let Some(piece) = pieces.next() {
            let last = pieces.peek().is_none();
            // The value is written into its goal once, at the end.
            let whole = match so_far {
                None if last => to,
                None => self.registers.temporary(&list)?,
                Some(whole) => whole,
            };
            let mark = self.registers.mark();
            let base = self.registers.row(&vec![member.clone(); piece.len()])?;
            for (at, item) in piece.iter().enumerate() {
                build(self, item, base + at as u8)?;
            }
            let count = piece.len() as u8;
            match so_far {
                None => self.emit(Instruction::MakeList { to: whole, base, count })?,
                Some(left) => {
                    let right = self.registers.temporary(&list)?;
                    self.emit(Instruction::MakeList { to: right, base, count })?;
                    let to = if last { to } else { whole };
                    self.emit(Instruction::JoinLists { to, left, right })?;
                }
            }
            self.give_back(mark);
            so_far = Some(whole);
        }
        Ok(())
    }
}
