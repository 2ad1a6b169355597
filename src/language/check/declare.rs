//! Gathers the declarations of every file.

use super::checked::{ConstantId, ConstantMeaning, DeclaredError, FunctionId, FunctionKind, FunctionSignature, Unit};
use super::declarations::{Declarations, Known};
use super::scope::{Declared, Entry, Module, Scope, import_name};
use super::written_type;
use crate::language::builtin::shapes;
use crate::language::syntax::roll::Roll;
use crate::language::syntax::tree::{Item, ItemKind, Name, Parameter, PatternKind, Union};
use crate::language::types::{Levels, RecordType, Type, UnionType};
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::CodeTable;
use crate::script_error::catalogue::types as codes;
use crate::script_error::code::{Fact, Layer};
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place, Span};
use crate::script_error::words::Said;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The declarations of all files, with every written type resolved. Constants are still without their types.
pub(crate) fn declarations<'u>(
    units: &'u [Unit],
    dialect: Option<Dialect>,
    codes: CodeTable,
    findings: &mut Vec<Finding>,
) -> Declarations<'u> {
    let mut all = Declarations {
        units,
        rolls: units.iter().map(|unit| Roll::of(&unit.tree)).collect(),
        scopes: Vec::with_capacity(units.len()),
        types: shapes::types(),
        levels: Levels::default(),
        variants: BTreeMap::new(),
        functions: Vec::new(),
        function_names: Vec::new(),
        numbers: BTreeMap::new(),
        constants: Vec::new(),
        known: Vec::new(),
        errors: Vec::new(),
        dialect,
        codes,
    };
    for unit in units {
        let scope = names(&mut all, unit, findings);
        all.scopes.push(scope);
    }
    too_many(&all, findings);
    for unit in units {
        shapes_of(&mut all, unit, findings);
    }
    all.levels = Levels::of(&all.types);
    all.index_variants();
    super::type_cycle::report(&all, findings);
    for unit in units {
        signatures(&mut all, unit, findings);
    }
    all
}

/// Registers the names of one file and gives each item its number.
fn names(all: &mut Declarations<'_>, unit: &Unit, findings: &mut Vec<Finding>) -> Scope {
    let file = unit.tree.file;
    let mut scope = Scope { broken: unit.tree.broken.iter().cloned().collect(), ..Scope::default() };
    for (at, import) in unit.tree.imports.iter().enumerate() {
        let Some(name) = import_name(import) else {
            continue;
        };
        let module = Module { file: unit.imports.get(at).copied().flatten(), span: import.span };
        // `import a.codes` and `import b.codes` stand side by side as long as there is nothing to call in both.
        match scope.modules.get(&name.text).copied() {
            Some(first) if offers_names(all.units, first) && offers_names(all.units, module) => {
                findings.push(twice(file, name, Place { file, span: first.span }));
            }
            Some(first) if offers_names(all.units, first) => {}
            _ => {
                scope.modules.insert(name.text.clone(), module);
            }
        }
    }
    for (at, item) in unit.tree.items.iter().enumerate() {
        if let Some((name, what)) = number(all, file, at, item) {
            register(&mut scope, file, item.public, name, what, findings);
        }
    }
    scope
}

/// Does an imported file have anything that can be named? Dialects and response codes take effect by themselves.
fn offers_names(units: &[Unit], module: Module) -> bool {
    let unit = module.file.and_then(|file| units.get(usize::from(file.0)));
    unit.is_some_and(|unit| {
        let mut items = unit.tree.items.iter();
        items.any(|item| item.public && !matches!(item.kind, ItemKind::Codes(_) | ItemKind::Dialect(_)))
    })
}

/// Gives an item its number; its name too, if it declares one that can be used.
fn number<'i>(all: &mut Declarations<'_>, file: FileId, at: usize, item: &'i Item) -> Option<(&'i Name, Declared)> {
    let (name, declared) = match &item.kind {
        ItemKind::Flow(flow) => (Some(&flow.name), new_function(all, FunctionKind::Flow)),
        ItemKind::Function(function) => (Some(&function.name), new_function(all, FunctionKind::Function)),
        ItemKind::Text(text) => (Some(&text.name), new_function(all, FunctionKind::Text)),
        ItemKind::Receipt(receipt) => (Some(&receipt.name), new_function(all, FunctionKind::Receipt)),
        ItemKind::Table(table) => (Some(&table.name), new_function(all, FunctionKind::Table)),
        ItemKind::Test(_) => (None, new_function(all, FunctionKind::Test)),
        ItemKind::Constant(constant) => {
            let id = ConstantId(next(all.constants.len()));
            all.constants.push(ConstantMeaning { file, item: at, ty: Type::Unknown });
            all.known.push(Known::default());
            (Some(&constant.name), Declared::Constant(id))
        }
        ItemKind::Record(record) => {
            let id = next(all.types.records.len());
            all.types.records.push(Arc::new(RecordType { name: record.name.text.clone(), fields: Vec::new() }));
            (Some(&record.name), Declared::Record(id))
        }
        ItemKind::Union(union) => {
            let id = next(all.types.unions.len());
            all.types.unions.push(Arc::new(UnionType { name: union.name.text.clone(), variants: Vec::new() }));
            (Some(&union.name), Declared::Union(id))
        }
        ItemKind::Error(error) => {
            let id = next(all.errors.len());
            all.errors.push(DeclaredError {
                name: error.name.text.clone(),
                code: error.code.text.clone(),
                layer: Layer::of_script(&error.layer.text).unwrap_or(Layer::Limits),
                parameters: Vec::new(),
                title: Said::default(),
                cashier: Said::default(),
                cardholder: Said::default(),
                support: Said::default(),
            });
            (Some(&error.name), Declared::Error(id))
        }
        // Read by their own parts of the checker, and never named in an expression.
        ItemKind::Codes(_) | ItemKind::Dialect(_) => return None,
    };
    if let (Declared::Function(_), Some(signature)) = (declared, all.functions.last_mut()) {
        signature.file = file;
        signature.item = at;
        signature.public = item.public;
        signature.name = match (&item.kind, name) {
            (ItemKind::Test(test), _) => test.title.plain().unwrap_or_default().into(),
            (_, Some(name)) => name.text.clone(),
            (_, None) => SmolStr::default(),
        };
        all.function_names.push(name.map_or(item.span, |name| name.span));
    }
    all.numbers.insert((file, at), declared);
    name.map(|name| (name, declared))
}

fn new_function(all: &mut Declarations<'_>, kind: FunctionKind) -> Declared {
    let id = FunctionId(next(all.functions.len()));
    all.functions.push(FunctionSignature {
        name: SmolStr::default(),
        file: FileId(0),
        item: 0,
        kind,
        parameters: Vec::new(),
        parameter_locals: Vec::new(),
        gives: Type::Nothing,
        public: false,
        uses: Vec::new(),
        errors: Vec::new(),
    });
    Declared::Function(id)
}

fn next(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// More items of one kind than bytecode can number: said once, for the whole program.
fn too_many(all: &Declarations<'_>, findings: &mut Vec<Finding>) {
    let counts = [
        (all.functions.len(), "函数", "functions"),
        (all.constants.len(), "常量", "constants"),
        (all.types.records.len(), "记录类型", "records"),
        (all.types.unions.len(), "联合类型", "unions"),
        (all.errors.len(), "错误", "errors"),
    ];
    for (count, zh, en) in counts {
        if count >= usize::from(u16::MAX) {
            let name = all.units.first().map_or("", |unit| unit.name.as_str());
            findings.push(
                Finding::error(codes::FLOW_TOO_LARGE, Place::default())
                    .text("flow", name)
                    .fact("what", Fact::Said(Said::new(zh, en)))
                    .fact("limit", Fact::Count(i64::from(u16::MAX))),
            );
        }
    }
}

fn register(scope: &mut Scope, file: FileId, public: bool, name: &Name, what: Declared, findings: &mut Vec<Finding>) {
    let is_type = matches!(what, Declared::Record(_) | Declared::Union(_));
    let built_in = is_type
        && (written_type::is_built_in(&name.text)
            || shapes::RECORDS.iter().any(|shape| shape.name == name.text)
            || shapes::UNIONS.iter().any(|shape| shape.name == name.text));
    if built_in {
        findings.push(
            Finding::error(codes::DEFINED_TWICE, Place { file, span: name.span })
                .text("name", name.text.as_str())
                .label("语言本身已有此类型", "the language has a type of this name"),
        );
        return;
    }
    match scope.names.get(&name.text) {
        Some(first) => findings.push(twice(file, name, Place { file, span: first.span })),
        None => {
            scope.names.insert(name.text.clone(), Entry { what, public, span: name.span });
        }
    }
}

/// The finding for a name that is declared again.
pub(crate) fn twice(file: FileId, name: &Name, first: Place) -> Finding {
    Finding::error(codes::DEFINED_TWICE, Place { file, span: name.span })
        .text("name", name.text.as_str())
        .label("第二次", "the second time")
        .also(first, "先在此声明", "first defined here")
}

/// Resolves the types of records and unions.
fn shapes_of(all: &mut Declarations<'_>, unit: &Unit, findings: &mut Vec<Finding>) {
    let file = unit.tree.file;
    for (at, item) in unit.tree.items.iter().enumerate() {
        match (&item.kind, all.numbers.get(&(file, at)).copied()) {
            (ItemKind::Record(record), Some(Declared::Record(id))) => {
                let fields = parameters(all, file, &record.fields, findings);
                if let Some(record) = all.types.records.get_mut(usize::from(id)) {
                    Arc::make_mut(record).fields = fields;
                }
            }
            (ItemKind::Union(union), Some(Declared::Union(id))) => {
                let variants = variants(all, file, union, findings);
                if let Some(union) = all.types.unions.get_mut(usize::from(id)) {
                    Arc::make_mut(union).variants = variants;
                }
            }
            _ => {}
        }
    }
}

fn variants(
    all: &Declarations<'_>,
    file: FileId,
    union: &Union,
    findings: &mut Vec<Finding>,
) -> Vec<(SmolStr, Option<Type>)> {
    let mut variants = Vec::new();
    let mut spans: BTreeMap<&str, Span> = BTreeMap::new();
    for variant in &union.variants {
        let payload = variant.payload.as_ref().map(|ty| written_type::resolve(all, file, ty, findings));
        if let Some(span) = spans.insert(&variant.name.text, variant.name.span) {
            findings.push(twice(file, &variant.name, Place { file, span }));
        }
        variants.push((variant.name.text.clone(), payload));
    }
    if variants.len() > usize::from(u8::MAX) {
        let place = Place { file, span: union.name.span };
        findings.push(
            Finding::error(codes::FLOW_TOO_LARGE, place)
                .text("flow", union.name.text.as_str())
                .fact("what", Fact::Said(Said::new("变体", "variants")))
                .fact("limit", Fact::Count(i64::from(u8::MAX))),
        );
        variants.truncate(usize::from(u8::MAX));
    }
    variants
}

/// The most parameters of a function and fields of a record; a frame of the machine holds no more.
const PARAMETERS_MAX: usize = 200;

/// Names and types of parameters or fields; a name twice is reported.
fn parameters(
    all: &Declarations<'_>,
    file: FileId,
    written: &[Parameter],
    findings: &mut Vec<Finding>,
) -> Vec<(SmolStr, Type)> {
    if let Some(first) = written.get(PARAMETERS_MAX) {
        findings.push(
            Finding::error(codes::FLOW_TOO_LARGE, Place { file, span: first.name.span })
                .text("flow", first.name.text.as_str())
                .fact("what", Fact::Said(Said::new("参数或字段", "parameters or fields")))
                .fact("limit", Fact::Count(PARAMETERS_MAX as i64)),
        );
    }
    let mut spans: BTreeMap<&str, Span> = BTreeMap::new();
    written
        .iter()
        .take(PARAMETERS_MAX)
        .map(|parameter| {
            if let Some(span) = spans.insert(&parameter.name.text, parameter.name.span) {
                findings.push(twice(file, &parameter.name, Place { file, span }));
            }
            let ty = written_type::resolve(all, file, &parameter.ty, findings);
            (parameter.name.text.clone(), ty)
        })
        .collect()
}

/// Resolves the signatures of functions and errors.
fn signatures(all: &mut Declarations<'_>, unit: &Unit, findings: &mut Vec<Finding>) {
    let file = unit.tree.file;
    for (at, item) in unit.tree.items.iter().enumerate() {
        let number = all.numbers.get(&(file, at)).copied();
        let (written, gives): (&[Parameter], Type) = match &item.kind {
            ItemKind::Flow(flow) => (
                &flow.parameters,
                flow.gives.as_ref().map_or(Type::Nothing, |ty| written_type::resolve(all, file, ty, findings)),
            ),
            ItemKind::Function(function) => {
                (&function.parameters, written_type::resolve(all, file, &function.gives, findings))
            }
            ItemKind::Text(text) => (&text.parameters, Type::Phrase),
            ItemKind::Receipt(receipt) => (&receipt.parameters, Type::Receipt),
            ItemKind::Table(table) => {
                let value = written_type::resolve(all, file, &table.gives, findings);
                let covers_all = table.rows.iter().any(|(pattern, _)| matches!(pattern.kind, PatternKind::Other(_)));
                (std::slice::from_ref(&table.parameter), if covers_all { value } else { Type::optional(value) })
            }
            ItemKind::Error(error) => (&error.parameters, Type::Error),
            _ => continue,
        };
        let parameters = parameters(all, file, written, findings);
        match number {
            Some(Declared::Function(id)) => {
                if let Some(signature) = all.functions.get_mut(usize::from(id.0)) {
                    signature.parameters = parameters;
                    signature.gives = gives;
                }
            }
            Some(Declared::Error(id)) => {
                if let Some(error) = all.errors.get_mut(usize::from(id)) {
                    error.parameters = parameters;
                }
            }
            _ => {}
        }
    }
}
