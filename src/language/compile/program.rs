//! The whole program: every function, what can be started, what it needs.

use super::body::{Body, ShownName};
use super::constants::Tables;
use super::fold::Constants;
use super::receipt::LINE_FIELDS;
use super::too_large::{CALLS, Compiled};
use crate::language::bytecode::file;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Debug, Entry, Function, Manifest, Program};
use crate::language::bytecode::verify::calls::{self, DEPTH_MOST};
use crate::language::check::checked::{Checked, CheckedUnit, FunctionKind, FunctionSignature};
use crate::language::syntax::room::with_room;
use crate::language::syntax::tree::Item;
use crate::language::types::{RecordType, Type};
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::finding::Finding;
use crate::script_error::source::{Place, Sources, Span};
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The edition of a file that names none.
const EDITION: u32 = 1;

/// Compiles a checked program. The findings are limits of the format that it passes; there are no others.
///
/// The same source gives the same program, byte for byte.
pub fn compile(checked: &Checked, sources: &Sources, name: &str) -> Result<Program, Vec<Finding>> {
    let mut program = with_room(|| unsealed(checked, sources, name))?;
    (program.dialect, program.codes) = (checked.dialect.clone(), checked.codes.clone());
    Ok(sealed(program, checked))
}

/// As `compile`, but the program gets the dialect and the codes themselves: most of what a short script comes with.
pub fn compile_taking(checked: &mut Checked, sources: &Sources, name: &str) -> Result<Program, Vec<Finding>> {
    let mut program = with_room(|| unsealed(checked, sources, name))?;
    (program.dialect, program.codes) = (checked.dialect.take(), std::mem::take(&mut checked.codes));
    Ok(sealed(program, checked))
}

fn sealed(mut program: Program, checked: &Checked) -> Program {
    program.manifest = manifest(checked, &program);
    file::seal(&mut program);
    program
}

/// The program without its dialect and its codes, and without what is worked out from all of it.
fn unsealed(checked: &Checked, sources: &Sources, name: &str) -> Result<Program, Vec<Finding>> {
    let mut program = Program { name: name.into(), types: checked.types.clone(), ..Program::default() };
    let line_type = line_type(checked, &mut program);
    let mut tables = Tables::default();
    let mut constants = Constants::default();
    let mut debug = Debug {
        files: sources.iter().map(|(_, file)| (file.name.clone(), file.line_starts.clone())).collect(),
        ..Debug::default()
    };
    let mut findings = Vec::new();
    for signature in &checked.functions {
        match function(checked, sources, &mut tables, &mut constants, &line_type, signature) {
            Ok((function, names)) => {
                program.functions.push(function);
                debug.names.push(names);
            }
            Err(too_large) => findings.push(too_large.finding(&signature.name, place_of(checked, signature))),
        }
    }
    // Of a chain of calls the first that is too deep is named; those around it are no mistakes of their own.
    for (signature, reach) in checked.functions.iter().zip(calls::of(&program).unwrap_or_default()) {
        if findings.is_empty() && reach.depth == DEPTH_MOST + 1 {
            findings.push(CALLS.finding(&signature.name, place_of(checked, signature)));
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    tables.fill(&mut program);
    program.edition = checked
        .units
        .get(usize::from(checked.entry.0))
        .and_then(|unit| unit.unit.tree.edition)
        .map_or(EDITION, |edition| edition.number)
        .try_into()
        .unwrap_or(u8::MAX);
    program.entries = entries(checked);
    program.debug = Some(debug);
    Ok(program)
}

fn function(
    checked: &Checked,
    sources: &Sources,
    tables: &mut Tables,
    constants: &mut Constants,
    line_type: &Type,
    signature: &FunctionSignature,
) -> Compiled<(Function, Vec<ShownName>)> {
    // INVARIANT: the checker made the signature from this item. An empty function keeps the numbers of the others.
    let Some((unit, item)) = item_of(checked, signature) else {
        return Ok((nothing(signature), Vec::new()));
    };
    let line_type = line_type.clone();
    let mut body = Body::new(checked, sources, tables, constants, line_type, signature, unit)?;
    body.item(item)?;
    Ok(body.finish())
}

fn place_of(checked: &Checked, signature: &FunctionSignature) -> Place {
    let span = item_of(checked, signature).map_or(Span::default(), |(_, item)| item.span);
    Place { file: signature.file, span }
}

fn item_of<'c>(checked: &'c Checked, signature: &FunctionSignature) -> Option<(&'c CheckedUnit, &'c Item)> {
    let unit = checked.units.get(usize::from(signature.file.0))?;
    Some((unit, unit.unit.tree.items.get(signature.item)?))
}

fn nothing(signature: &FunctionSignature) -> Function {
    Function {
        name: signature.name.clone(),
        parameters: Vec::new(),
        gives: Type::Nothing,
        registers: Vec::new(),
        code: vec![Instruction::ReturnNothing {}],
        cost: 1,
        handlers: Vec::new(),
        regions: Vec::new(),
        lines: Vec::new(),
        file: signature.file,
    }
}

/// The record of a slip's line, behind the program's own records, if it prints any.
fn line_type(checked: &Checked, program: &mut Program) -> Type {
    let prints = checked.functions.iter().any(|function| function.kind == FunctionKind::Receipt);
    if !prints {
        return Type::Unknown;
    }
    let at = program.types.records.len() as u16;
    program.types.records.push(Arc::new(RecordType {
        name: "ReceiptLine".into(),
        fields: LINE_FIELDS.map(|(name, ty)| (SmolStr::from(name), ty)).to_vec(),
    }));
    Type::Record(at)
}

/// Public flows of the user's file, then its tests.
fn entries(checked: &Checked) -> Vec<Entry> {
    let of_kind = |test: bool| {
        checked
            .functions
            .iter()
            .enumerate()
            .filter(move |(_, function)| {
                function.file == checked.entry
                    && match function.kind {
                        FunctionKind::Flow => !test && function.public,
                        FunctionKind::Test => test,
                        _ => false,
                    }
            })
            .map(move |(at, function)| Entry {
                name: function.name.clone(),
                function: at as u16,
                parameters: function.parameters.iter().map(|(name, _)| name.clone()).collect(),
                test,
                annotations: annotations(checked, function),
            })
    };
    of_kind(false).chain(of_kind(true)).collect()
}

/// Names of an item's annotations; what is allowed matters to the checker only.
fn annotations(checked: &Checked, function: &FunctionSignature) -> Vec<SmolStr> {
    let item = checked.units.get(usize::from(function.file.0)).and_then(|unit| unit.unit.tree.items.get(function.item));
    item.map_or(&[][..], |item| &item.annotations)
        .iter()
        .filter(|annotation| annotation.name.text != "allow")
        .map(|annotation| annotation.name.text.clone())
        .collect()
}

fn manifest(checked: &Checked, program: &Program) -> Manifest {
    let capabilities: BTreeSet<&str> = checked
        .functions
        .iter()
        .filter(|function| function.file == checked.entry && function.kind == FunctionKind::Flow)
        .flat_map(|function| function.uses.iter().copied())
        .collect();
    let messages: BTreeSet<Mti> = program.shapes.iter().map(|shape| shape.mti).filter(|mti| mti.0 != 0).collect();
    Manifest {
        capabilities: capabilities.into_iter().map(SmolStr::from).collect(),
        dialect: match &program.dialect {
            Some(dialect) if !messages.is_empty() => dialect.name.as_str().into(),
            _ => SmolStr::default(),
        },
        messages: messages.into_iter().collect(),
    }
}
