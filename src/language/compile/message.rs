//! Message literals and the field lists of fixtures.

use super::body::Body;
use super::too_large::Compiled;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Shape;
use crate::language::syntax::tree::{Expression, FieldName, Name};
use crate::language::types::Type;
use crate::payment::iso8583::dialect::{Dialect, FieldSet, Mti};

impl Body<'_> {
    /// `message 0200 from m { F4: a }`
    pub(super) fn message_into(
        &mut self,
        mti: &Name,
        from: Option<&Expression>,
        fields: &[(FieldName, Expression)],
        to: u8,
    ) -> Compiled<()> {
        let mti = Mti::parse(&mti.text).unwrap_or(Mti(0));
        let values: Vec<(u8, &Expression)> = fields.iter().map(|(field, value)| (field.number, value)).collect();
        let Some(source) = from else {
            let (base, shape) = self.shape(mti, &values, Vec::new())?;
            return self.emit(Instruction::MakeMessage { to, base, shape });
        };
        let from = self.kept(source)?;
        let copies = self.checked.dialect.as_ref().map_or(Vec::new(), |dialect| copied(dialect, mti).iter().collect());
        let (base, shape) = self.shape(mti, &values, copies)?;
        self.emit(Instruction::MakeMessageFrom { to, from, base, shape })
    }

    /// The fields a fixture names, as a message without a type.
    pub(super) fn fields_into(&mut self, values: &[(u8, &Expression)], to: u8) -> Compiled<()> {
        let (base, shape) = self.shape(Mti(0), values, Vec::new())?;
        self.emit(Instruction::MakeMessage { to, base, shape })
    }

    /// Works the values out in the order written; the shape tells which field lies where.
    fn shape(&mut self, mti: Mti, values: &[(u8, &Expression)], copies: Vec<u8>) -> Compiled<(u8, u16)> {
        let types: Vec<Type> = values.iter().map(|(_, value)| self.type_of(value)).collect();
        let base = self.registers.row(&types)?;
        for (at, (_, value)) in values.iter().enumerate() {
            self.value_into(value, base + at as u8)?;
        }
        let mut fields: Vec<(u8, u8, Type)> =
            values.iter().zip(types).enumerate().map(|(at, ((number, _), ty))| (*number, at as u8, ty)).collect();
        fields.sort_by_key(|(number, ..)| *number);
        let shape = self.tables.shape(Shape { mti, fields, copies })?;
        Ok((base, shape))
    }
}

/// What `from` takes over: for a reversal what the dialect says it copies, else what the message may have at all.
fn copied(dialect: &Dialect, mti: Mti) -> FieldSet {
    if let Some(reversal) = &dialect.reversal
        && reversal.mti == mti
    {
        return reversal.copied;
    }
    let mut fields = FieldSet::default();
    for rule in dialect.messages.iter().filter(|rule| rule.mti == mti) {
        fields.0 |= rule.needed.0 | rule.optional.0;
    }
    fields
}
