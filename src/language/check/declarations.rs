//! Everything the files of a program declare, before any body is looked at.

use super::checked::{ConstantMeaning, DeclaredError, FunctionId, FunctionSignature, Unit};
use super::scope::{Declared, Scope};
use crate::language::builtin::shapes;
use crate::language::syntax::roll::Roll;
use crate::language::syntax::tree::Item;
use crate::language::syntax::visit::Visitor;
use crate::language::types::{Levels, Type, Types};
use crate::payment::currency::Currency;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::CodeTable;
use crate::script_error::source::{FileId, Span};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What is known about the value of a constant while checking.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The currency of an amount.
    pub(crate) currency: Option<Currency>,
    /// The value of a whole number.
    pub(crate) int: Option<i64>,
    /// The value of a text.
    pub(crate) text: Option<SmolStr>,
}

/// The declarations of all files.
#[derive(Debug)]
pub(crate) struct Declarations<'u> {
    /// The files.
    pub(crate) units: &'u [Unit],
    /// What is met in each file.
    pub(crate) rolls: Vec<Roll<'u>>,
    /// The names of each file.
    pub(crate) scopes: Vec<Scope>,
    /// Records and unions.
    pub(crate) types: Types,
    /// How far values of each type may go.
    pub(crate) levels: Levels,
    /// For each variant's name the only union that has it.
    pub(crate) variants: BTreeMap<SmolStr, Option<u16>>,
    /// Everything that becomes a function.
    pub(crate) functions: Vec<FunctionSignature>,
    /// Where the name of each function stands.
    pub(crate) function_names: Vec<Span>,
    /// The number each item was given, by its file and its place there.
    pub(crate) numbers: BTreeMap<(FileId, usize), Declared>,
    /// Constants.
    pub(crate) constants: Vec<ConstantMeaning>,
    /// What is known of each constant.
    pub(crate) known: Vec<Known>,
    /// Declared errors.
    pub(crate) errors: Vec<DeclaredError>,
    /// The dialect in force.
    pub(crate) dialect: Option<Dialect>,
    /// The response codes in force.
    pub(crate) codes: CodeTable,
}

impl<'u> Declarations<'u> {
    /// The names of a file.
    pub(crate) fn scope(&self, file: FileId) -> Option<&Scope> {
        self.scopes.get(usize::from(file.0))
    }

    /// A file.
    pub(crate) fn unit(&self, file: FileId) -> Option<&'u Unit> {
        self.units.get(usize::from(file.0))
    }

    /// The item behind a function.
    pub(crate) fn item(&self, file: FileId, item: usize) -> Option<&'u Item> {
        self.unit(file)?.tree.items.get(item)
    }

    /// Leads through an item, by its file and its place there, to what the visitor looks at.
    pub(crate) fn lead(&self, file: FileId, item: usize, visitor: &mut impl Visitor<'u>) {
        if let Some(roll) = self.rolls.get(usize::from(file.0)) {
            roll.lead(item, visitor);
        }
    }

    /// The signature of a function.
    pub(crate) fn signature(&self, id: FunctionId) -> Option<&FunctionSignature> {
        self.functions.get(usize::from(id.0))
    }

    /// A record or union that every script knows.
    pub(crate) fn shape(&self, name: &str) -> Option<Type> {
        let record = shapes::RECORDS.iter().position(|shape| shape.name == name).map(|at| Type::Record(at as u16));
        record.or_else(|| shapes::UNIONS.iter().position(|shape| shape.name == name).map(|at| Type::Union(at as u16)))
    }

    /// The names of all records and unions.
    pub(crate) fn type_names(&self) -> impl Iterator<Item = &str> {
        let records = self.types.records.iter().map(|record| record.name.as_str());
        records.chain(self.types.unions.iter().map(|union| union.name.as_str()))
    }

    /// A variant of a union: its tag and what it carries.
    pub(crate) fn variant(&self, union: u16, name: &str) -> Option<(u8, Option<&Type>)> {
        let union = self.types.unions.get(usize::from(union))?;
        let at = union.variants.iter().position(|(known, _)| known == name)?;
        let (_, payload) = union.variants.get(at)?;
        Some((u8::try_from(at).ok()?, payload.as_ref()))
    }

    /// The only union that has a variant of this name.
    pub(crate) fn union_with(&self, name: &str) -> Option<u16> {
        self.variants.get(name).copied().flatten()
    }

    /// Notes which union each variant belongs to; none where several have one of the name.
    pub(crate) fn index_variants(&mut self) {
        for (at, union) in self.types.unions.iter().enumerate() {
            for (name, _) in &union.variants {
                let only = u16::try_from(at).ok();
                self.variants
                    .entry(name.clone())
                    .and_modify(|known| *known = known.filter(|known| Some(*known) == only))
                    .or_insert(only);
            }
        }
    }
}

/// Is looking for the nearest of so many names worth it, after so many findings? Hostile files would make it cost
/// more than everything else.
pub(crate) fn worth_suggesting(findings: usize, names: usize) -> bool {
    (findings + 1).saturating_mul(names) <= 50_000
}
