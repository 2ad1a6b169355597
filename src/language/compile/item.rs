//! Items that become functions: flows, functions, texts, receipts, tables, tests.

use super::body::{Body, Goal, plain};
use super::too_large::Compiled;
use crate::language::bytecode::instruction::Instruction;
use crate::language::check::checked::ErrorRef;
use crate::language::syntax::tree::{Expression, Item, ItemKind, Pattern, Table};
use crate::language::types::Type;
use crate::script_error::catalogue::internal;

impl Body<'_> {
    /// The instructions of an item.
    pub(super) fn item(&mut self, item: &Item) -> Compiled<()> {
        self.at(item.span);
        match &item.kind {
            ItemKind::Flow(flow) => self.block_to(&flow.body, Goal::Nowhere)?,
            ItemKind::Test(test) => self.block_to(&test.body, Goal::Nowhere)?,
            ItemKind::Function(function) => self.give_value(&function.body)?,
            ItemKind::Text(text) => {
                let base = self.registers.row(&[Type::Text, Type::Text])?;
                self.words_into(&text.words, base, base + 1)?;
                let to = self.registers.temporary(&Type::Phrase)?;
                self.emit(Instruction::MakeRecord { to, base, count: 2 })?;
                self.emit(Instruction::Return { from: to })?;
            }
            ItemKind::Receipt(receipt) => {
                let to = self.registers.temporary(&Type::Receipt)?;
                self.lines_into(&receipt.lines, to)?;
                self.emit(Instruction::Return { from: to })?;
            }
            ItemKind::Table(table) => self.table(table)?,
            // Only these have a function.
            _ => {}
        }
        self.end(item)
    }

    fn table(&mut self, table: &Table) -> Compiled<()> {
        let Some((_, ty)) = self.signature.parameters.first() else {
            return Ok(());
        };
        let rows: Vec<(&[Pattern], &Expression)> =
            table.rows.iter().map(|(key, value)| (std::slice::from_ref(key), value)).collect();
        let missing = match self.signature.gives {
            Type::Optional(_) => Some(self.label()),
            _ => None,
        };
        self.match_on(0, &plain(ty), &rows, missing, |body, value| body.give_value(value))?;
        if let Some(missing) = missing {
            self.place(missing);
            let gives = plain(&self.signature.gives);
            let to = self.registers.temporary(&gives)?;
            self.emit(Instruction::LoadNone { to })?;
            self.emit(Instruction::Return { from: to })?;
        }
        Ok(())
    }

    fn give_value(&mut self, value: &Expression) -> Compiled<()> {
        let before = self.at(value.span);
        let mark = self.registers.mark();
        let from = self.value_as(value, &plain(&self.signature.gives))?;
        self.emit(Instruction::Return { from })?;
        self.registers.release(mark);
        self.at(before);
        Ok(())
    }

    /// What stands behind the last statement.
    fn end(&mut self, item: &Item) -> Compiled<()> {
        if !self.reachable() && self.here() > 0 {
            return Ok(());
        }
        self.at(item.span);
        if plain(&self.signature.gives) == Type::Nothing {
            return self.emit(Instruction::ReturnNothing {});
        }
        // INVARIANT: the checker lets no path through that gives no value; should one get here all the same, it fails.
        let error = self.tables.error(ErrorRef::Catalogue(internal::INTERNAL_DEFECT), self.checked)?;
        let facts = vec![Type::Text; self.tables.facts(error)];
        let base = self.registers.row(&facts)?;
        for at in 0..facts.len() {
            self.text_into(b"no value", base + at as u8)?;
        }
        let to = self.registers.temporary(&Type::Error)?;
        self.emit(Instruction::MakeError { to, base, error })?;
        self.emit(Instruction::Fail { error: to })
    }
}
