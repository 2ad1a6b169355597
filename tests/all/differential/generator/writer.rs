//! What the generator knows while it writes: names in scope, items declared so far, where it stands.

use super::super::dice::Dice;
use std::collections::BTreeSet;

/// A type, as the generator writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ty {
    Bool,
    Int,
    Text,
    /// 0: any length.
    Digits(u16),
    Bytes,
    Amount,
    Percent,
    Duration,
    Time,
    Code,
    Mti,
    Phrase,
    Slip,
    Error,
    Expiry,
    Kcv,
    /// A request of this type and field 3.
    Message(&'static str),
    Reply(&'static str),
    Pan,
    /// A record by name: declared, or the language's own.
    Record(String),
    /// A union by name.
    Union(String),
    List(Box<Ty>),
    Option(Box<Ty>),
    Nothing,
}

impl Ty {
    /// As a script writes it.
    pub(super) fn written(&self) -> String {
        match self {
            Ty::Digits(0) => "Digits".into(),
            Ty::Digits(length) => format!("Digits({length})"),
            Ty::Code => "ResponseCode".into(),
            Ty::Slip => "Receipt".into(),
            Ty::Message(_) => "Message".into(),
            Ty::Reply(_) => "Reply".into(),
            Ty::Record(name) | Ty::Union(name) => name.clone(),
            Ty::List(of) => format!("List[{}]", of.written()),
            Ty::Option(of) => format!("{}?", of.written()),
            other => format!("{other:?}"),
        }
    }

    /// Can two of them be compared with `==`?
    pub(super) fn comparable(&self) -> bool {
        !matches!(self, Ty::Phrase | Ty::Slip | Ty::Message(_) | Ty::Reply(_) | Ty::Pan | Ty::Nothing | Ty::Digits(_))
            && match self {
                Ty::List(of) | Ty::Option(of) => of.comparable(),
                Ty::Record(name) => !["Txn", "Card"].contains(&name.as_str()),
                _ => true,
            }
    }
}

/// A name in scope.
#[derive(Clone, Debug)]
pub(super) struct Var {
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) changeable: bool,
}

/// A declared record.
#[derive(Clone, Debug)]
pub(super) struct RecordItem {
    pub(super) name: String,
    pub(super) fields: Vec<(String, Ty)>,
}

/// A declared union.
#[derive(Clone, Debug)]
pub(super) struct UnionItem {
    pub(super) name: String,
    pub(super) variants: Vec<(String, Option<Ty>)>,
}

/// What can be called by name.
#[derive(Clone, Debug)]
pub(super) struct Callable {
    pub(super) name: String,
    pub(super) parameters: Vec<(String, Ty)>,
    pub(super) gives: Ty,
    /// Can only a flow call it?
    pub(super) flow: bool,
    /// Does it hold a `reversible`?
    pub(super) opens: bool,
}

/// Where the generator stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Constant,
    Pure,
    Flow,
    Test,
}

/// The generator.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) dice: Dice,
    pub(super) text: String,
    pub(super) indent: usize,
    pub(super) scopes: Vec<Vec<Var>>,
    pub(super) records: Vec<RecordItem>,
    pub(super) unions: Vec<UnionItem>,
    pub(super) constants: Vec<(String, Ty)>,
    pub(super) errors: Vec<(String, Vec<(String, Ty)>)>,
    pub(super) callables: Vec<Callable>,
    pub(super) devices: BTreeSet<&'static str>,
    pub(super) room: Room,
    /// The currency of every literal.
    pub(super) home: &'static str,
    /// What the flow being written gives.
    pub(super) gives: Ty,
    /// Loops around, in this flow.
    pub(super) loops: usize,
    /// Has a card number been masked? Its digits are not all there.
    pub(super) masked: bool,
    /// Inside a `reversible`: no way out but those its shape writes.
    pub(super) region: bool,
    /// May an expression ask devices or call flows?
    pub(super) effects: bool,
    /// Statements that may still be written.
    pub(super) budget: usize,
    pub(super) names: usize,
}

/// Names in both scripts.
const STEMS: &[&str] =
    &["a", "total", "tip", "金额", "次数", "name_of", "x", "结果", "value", "列表", "_hidden", "retry_no"];

impl Writer {
    pub(super) fn new(seed: u64) -> Writer {
        let mut dice = Dice::new(seed);
        let home = if dice.percent(80) { "CNY" } else { ["JPY", "KWD", "USD"][dice.below(3)] };
        Writer {
            dice,
            text: String::new(),
            indent: 0,
            scopes: vec![Vec::new()],
            records: Vec::new(),
            unions: Vec::new(),
            constants: Vec::new(),
            errors: Vec::new(),
            callables: Vec::new(),
            devices: BTreeSet::new(),
            room: Room::Constant,
            home,
            gives: Ty::Nothing,
            loops: 0,
            masked: false,
            region: false,
            effects: false,
            budget: 0,
            names: 0,
        }
    }

    /// A line of its own.
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        for _ in 0..self.indent {
            self.text.push_str("  ");
        }
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    /// A name that nothing has; now and then one that hides nothing but looks like others.
    pub(super) fn fresh(&mut self) -> String {
        self.names += 1;
        let stem = *self.dice.one(STEMS);
        format!("{stem}{}", self.names)
    }

    /// Opens a scope.
    pub(super) fn open(&mut self) {
        self.scopes.push(Vec::new());
        self.indent += 1;
    }

    /// Closes it.
    pub(super) fn close(&mut self) {
        self.scopes.pop();
        self.indent -= 1;
    }

    /// Declares a name.
    pub(super) fn declare(&mut self, name: &str, ty: Ty, changeable: bool) {
        let var = Var { name: name.into(), ty, changeable };
        self.scopes.last_mut().expect("a scope").push(var);
    }

    /// Every name that can be seen, innermost declaration only.
    pub(super) fn visible(&self) -> Vec<&Var> {
        let mut seen = BTreeSet::new();
        self.scopes.iter().rev().flat_map(|scope| scope.iter().rev()).filter(|var| seen.insert(&var.name)).collect()
    }

    /// A name of this type.
    pub(super) fn var(&mut self, ty: &Ty) -> Option<String> {
        let known: Vec<String> =
            self.visible().iter().filter(|var| var.ty == *ty).map(|var| var.name.clone()).collect();
        (!known.is_empty()).then(|| self.dice.one(&known).clone())
    }

    /// Does a value of the type hold card data, PINs, keys, or a message, which may carry them?
    pub(super) fn holds_secret(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Message(_) | Ty::Reply(_) | Ty::Pan => true,
            Ty::List(of) | Ty::Option(of) => self.holds_secret(of),
            Ty::Record(name) => {
                let declared = self.records.iter().find(|record| record.name == *name);
                ["Txn", "Card"].contains(&name.as_str())
                    || declared.is_some_and(|record| record.fields.iter().any(|(_, ty)| self.holds_secret(ty)))
            }
            Ty::Union(name) => {
                let declared = self.unions.iter().find(|union| union.name == *name);
                let carried = |union: &UnionItem| {
                    union.variants.iter().any(|(_, ty)| ty.as_ref().is_some_and(|ty| self.holds_secret(ty)))
                };
                name == "Outcome" || declared.is_some_and(carried)
            }
            _ => false,
        }
    }

    /// A type that a value can be made of; simple ones are likelier.
    pub(super) fn some_ty(&mut self, depth: usize) -> Ty {
        match self.dice.below(26) {
            0..4 => Ty::Int,
            4..6 => Ty::Bool,
            6..9 => Ty::Text,
            9..12 => Ty::Amount,
            12 => Ty::Percent,
            13 => Ty::Duration,
            14 | 15 => Ty::Digits([2, 6, 8, 3][self.dice.below(4)]),
            16 => Ty::Bytes,
            17 => Ty::Code,
            18 if !self.records.is_empty() => {
                let at = self.dice.below(self.records.len());
                Ty::Record(self.records[at].name.clone())
            }
            19 if !self.unions.is_empty() => {
                let at = self.dice.below(self.unions.len());
                Ty::Union(self.unions[at].name.clone())
            }
            20 if depth > 0 => Ty::List(Box::new(self.some_ty(depth - 1))),
            21 | 22 if depth > 0 => match self.some_ty(depth - 1) {
                Ty::Option(of) => Ty::Option(of),
                of => Ty::Option(Box::new(of)),
            },
            23 => Ty::Mti,
            24 => Ty::Union("Entry".into()),
            _ => Ty::Int,
        }
    }
}
