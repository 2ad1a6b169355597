//! The currency of amounts, where it can be known, through names and calls.

use super::program::Errors;
use super::values::{Seen, Values};
use crate::language::builtin::row::Pure;
use crate::language::check::checked::{FunctionId, LocalId, Meaning, Target};
use crate::language::check::scope::Declared;
use crate::language::syntax::tree::{
    BinaryOperator, Block, Expression, ExpressionKind, ItemKind, Name, Statement, StatementKind, UnaryOperator,
};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::language::types::Type;
use crate::payment::currency::Currency;
use crate::script_error::catalogue::{data, types};
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of an amount's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// This one, as written there.
    Known(Currency, Place),
    /// That of a parameter.
    Parameter(u16),
    /// Nothing.
    Unknown,
}

/// What a function says about the currencies of its amounts.
#[derive(Clone, Debug, Default, PartialEq)]
struct Summary {
    /// For each parameter the currency it is combined with, and where.
    asks: BTreeMap<u16, (Currency, Place)>,
    /// The currency of what it gives.
    gives: Option<Of>,
}

/// How often summaries are carried on from callee to caller: through so many calls a currency is followed.
const ROUNDS_MAX: usize = 4;

/// The currencies of a program.
pub(super) struct Currencies<'c, 'v> {
    values: &'c Values<'v>,
    errors: &'c Errors,
    summaries: BTreeMap<FunctionId, Summary>,
    known: BTreeMap<(FileId, u32), Of>,
    /// The functions whose summaries were asked for.
    asked: BTreeSet<FunctionId>,
    found: Vec<Finding>,
}

impl<'c, 'v> Currencies<'c, 'v> {
    /// Works out the currencies of every flow and function.
    pub(super) fn new(values: &'c Values<'v>, errors: &'c Errors) -> Currencies<'c, 'v> {
        let mut all = Currencies {
            values,
            errors,
            summaries: BTreeMap::new(),
            known: BTreeMap::new(),
            asked: BTreeSet::new(),
            found: Vec::new(),
        };
        for _ in 0..ROUNDS_MAX {
            let before = all.summaries.clone();
            all.round();
            // Another round would find the same, where what was asked for has not changed.
            if all.asked.iter().all(|id| all.summaries.get(id) == before.get(id)) {
                break;
            }
        }
        all
    }

    /// Hands out what was found.
    pub(super) fn report(&self, findings: &mut Vec<Finding>) {
        findings.extend(self.found.iter().cloned());
    }

    /// The currency of an expression.
    pub(super) fn of(&self, seen: Seen<'v>) -> Of {
        self.known.get(&(seen.file, seen.expression.id.0)).copied().unwrap_or(Of::Unknown)
    }

    fn round(&mut self) {
        self.found.clear();
        let mut summaries = BTreeMap::new();
        for unit in self.values.all.units {
            let file = unit.tree.file;
            for (at, item) in unit.tree.items.iter().enumerate() {
                if !matches!(item.kind, ItemKind::Flow(_) | ItemKind::Function(_)) {
                    continue;
                }
                let Some(Declared::Function(id)) = self.values.all.numbers.get(&(file, at)).copied() else {
                    continue;
                };
                let mut walk = Walk::new(self, file, id);
                self.values.all.lead(file, at, &mut walk);
                if let ItemKind::Function(function) = &item.kind {
                    let gives = walk.at(&function.body);
                    walk.give(gives);
                }
                let Walk { mut summary, guarded, noted, asked, found, .. } = walk;
                summary.asks.retain(|parameter, _| !guarded.contains(parameter));
                summaries.insert(id, summary);
                self.asked.extend(asked);
                self.known.extend(noted.into_iter().map(|(id, of)| ((file, id), of)));
                if !self.errors.within(file, item.span) {
                    self.found.extend(found);
                }
            }
        }
        self.summaries = summaries;
    }
}

struct Walk<'w, 'c, 'v> {
    all: &'w Currencies<'c, 'v>,
    file: FileId,
    parameters: BTreeMap<LocalId, u16>,
    locals: BTreeMap<LocalId, Of>,
    noted: BTreeMap<u32, Of>,
    guarded: BTreeSet<u16>,
    summary: Summary,
    asked: Vec<FunctionId>,
    found: Vec<Finding>,
}

impl<'w, 'c, 'v> Walk<'w, 'c, 'v> {
    fn new(all: &'w Currencies<'c, 'v>, file: FileId, id: FunctionId) -> Walk<'w, 'c, 'v> {
        let mut parameters = BTreeMap::new();
        if let Some(signature) = all.values.all.signature(id) {
            for (at, (local, (_, ty))) in signature.parameter_locals.iter().zip(&signature.parameters).enumerate() {
                if *ty == Type::Amount
                    && let Ok(at) = u16::try_from(at)
                {
                    parameters.insert(*local, at);
                }
            }
        }
        Walk {
            all,
            file,
            parameters,
            locals: BTreeMap::new(),
            noted: BTreeMap::new(),
            guarded: BTreeSet::new(),
            summary: Summary::default(),
            asked: Vec::new(),
            found: Vec::new(),
        }
    }

    fn seen(&self, expression: &'v Expression) -> Seen<'v> {
        Seen { file: self.file, expression }
    }

    fn at(&self, expression: &Expression) -> Of {
        self.noted.get(&expression.id.0).copied().unwrap_or(Of::Unknown)
    }

    fn note(&mut self, expression: &Expression, of: Of) {
        if of != Of::Unknown {
            self.noted.insert(expression.id.0, of);
        }
    }

    /// Two amounts meet in an operator: one currency, or a finding.
    fn meet(&mut self, left: &Expression, sign: &str, right: &Expression, whole: Span) -> Of {
        match (self.at(left), self.at(right)) {
            (Of::Known(one, here), Of::Known(other, there)) => {
                if one != other {
                    self.mixed(left, (one, here), sign, right, (other, there), whole);
                }
                Of::Known(one, here)
            }
            (Of::Known(currency, _), Of::Parameter(at)) => {
                self.ask(at, currency, right.span);
                self.at(left)
            }
            (Of::Parameter(at), Of::Known(currency, _)) => {
                self.ask(at, currency, left.span);
                self.at(right)
            }
            (Of::Unknown, other) => other,
            (one, _) => one,
        }
    }

    fn ask(&mut self, parameter: u16, currency: Currency, span: Span) {
        let place = Place { file: self.file, span };
        self.summary.asks.entry(parameter).or_insert((currency, place));
    }

    fn mixed(
        &mut self,
        left: &Expression,
        (one, here): (Currency, Place),
        sign: &str,
        right: &Expression,
        (other, there): (Currency, Place),
        whole: Span,
    ) {
        let both = format!("{} {sign} {}", one.alpha(), other.alpha());
        let mut finding = Finding::error(types::CURRENCIES_MIXED, Place { file: self.file, span: whole })
            .text("left", one.alpha())
            .text("right", other.alpha())
            .label(both.clone(), both);
        for (value, currency, place) in [(left, one, here), (right, other, there)] {
            if place.file != self.file || place.span != value.span {
                finding = finding.also(
                    place,
                    format!("{} 由此而来", currency.alpha()),
                    format!("{} comes from here", currency.alpha()),
                );
            }
        }
        self.found.push(finding.note(
            "语言中没有汇率；请由主机返回换算金额（第 5、6 域）",
            "there is no exchange rate in the language; ask the host for the converted amount (F5, F6)",
        ));
    }

    /// What a call of a function says about the currencies of its arguments.
    fn call(&mut self, expression: &'v Expression, callee: &'v Expression, id: FunctionId) -> Of {
        self.asked.push(id);
        let Some(summary) = self.all.summaries.get(&id) else {
            return Of::Unknown;
        };
        let seen = self.seen(expression);
        for (parameter, (asked, asked_at)) in &summary.asks {
            let Some(argument) = self.all.values.argument(seen, usize::from(*parameter)) else {
                continue;
            };
            match self.at(argument.expression) {
                Of::Known(given, from) if given != *asked => {
                    let finding = self.unsuited(argument, callee, *parameter, id, (given, from), (*asked, *asked_at));
                    self.found.push(finding);
                }
                Of::Parameter(own) => {
                    self.summary.asks.entry(own).or_insert((*asked, *asked_at));
                }
                _ => {}
            }
        }
        match summary.gives {
            Some(Of::Parameter(parameter)) => self
                .all
                .values
                .argument(seen, usize::from(parameter))
                .map_or(Of::Unknown, |argument| self.at(argument.expression)),
            Some(Of::Known(currency, place)) => Of::Known(currency, place),
            _ => Of::Unknown,
        }
    }

    fn unsuited(
        &self,
        argument: Seen<'v>,
        callee: &Expression,
        parameter: u16,
        id: FunctionId,
        (given, from): (Currency, Place),
        (asked, asked_at): (Currency, Place),
    ) -> Finding {
        let signature = self.all.values.all.signature(id);
        let name = signature.and_then(|signature| signature.parameters.get(usize::from(parameter)));
        let name = name.map_or(SmolStr::default(), |(name, _)| name.clone());
        let callee = crate::language::check::body::path(callee).unwrap_or_default();
        let mut finding = Finding::warning(data::ARGUMENT_CURRENCY, argument.place())
            .text("callee", callee.as_str())
            .text("found", given.alpha())
            .text("expected", asked.alpha())
            .label(format!("这是 {}", given.alpha()), format!("this is in {}", given.alpha()));
        if from != argument.place() {
            finding =
                finding.also(from, format!("{} 由此而来", given.alpha()), format!("{} comes from here", given.alpha()));
        }
        finding
            .also(
                asked_at,
                format!("“{name}”在此与 {} 的金额一起计算", asked.alpha()),
                format!("`{name}` is combined with an amount in {} here", asked.alpha()),
            )
            .note(
                "两种币种相遇时运行即报错；语言中没有汇率",
                "a run fails where two currencies meet; there is no exchange rate in the language",
            )
            .help(
                format!("给出 {} 的金额，或先判断币种再计算", asked.alpha()),
                format!("give an amount in {}, or look at the currency before combining", asked.alpha()),
            )
    }

    fn give(&mut self, of: Of) {
        let joined = match self.summary.gives {
            None => of,
            Some(known) if known == of => of,
            Some(Of::Known(currency, place)) => match of {
                Of::Known(other, _) if other == currency => Of::Known(currency, place),
                _ => Of::Unknown,
            },
            Some(_) => Of::Unknown,
        };
        self.summary.gives = Some(joined);
    }

    /// The parameter whose currency an expression reads.
    fn looks_at(&self, expression: &'v Expression) -> Option<u16> {
        let seen = self.seen(expression);
        let values = self.all.values;
        let object =
            values.member(seen, Pure::AmountCurrency).or_else(|| values.member(seen, Pure::AmountCurrencyNumber))?;
        match self.at(object.expression) {
            Of::Parameter(at) => Some(at),
            _ => None,
        }
    }

    fn last_value(&self, block: &Block) -> Of {
        match block.statements.last().map(|statement| &statement.kind) {
            Some(StatementKind::Expression { value, handlers }) if handlers.is_empty() => self.at(value),
            _ => Of::Unknown,
        }
    }

    fn bind(&mut self, name: &Name, of: Of) {
        if let Some(local) = self.all.values.declared(self.file, name) {
            self.locals.insert(local, of);
        }
    }
}

impl<'v> Visitor<'v> for Walk<'_, '_, 'v> {
    const LOOKS: Looks = Looks::LEFT_STATEMENT.and(
        Looks::AMOUNT
            .and(Looks::NAME)
            .and(Looks::MEMBER)
            .and(Looks::UNARY)
            .and(Looks::BINARY)
            .and(Looks::IF)
            .and(Looks::MATCH)
            .and(Looks::CALL)
            .left(),
    );

    fn leave_statement(&mut self, statement: &'v Statement) {
        match &statement.kind {
            StatementKind::Let { name, value, handlers, changeable: false, .. } if handlers.is_empty() => {
                let of = self.at(value);
                self.bind(name, of);
            }
            StatementKind::Return(Some(value)) => {
                let of = self.at(value);
                self.give(of);
            }
            _ => {}
        }
    }

    fn leave_expression(&mut self, expression: &'v Expression) {
        let seen = self.seen(expression);
        match &expression.kind {
            ExpressionKind::Amount { currency, .. } => {
                if let Some(currency) = Currency::parse(&currency.text) {
                    self.note(expression, Of::Known(currency, seen.place()));
                }
            }
            ExpressionKind::Name(_) | ExpressionKind::Member { .. } => match self.all.values.meaning(seen) {
                Some(Meaning::Local(local)) => {
                    let of = match self.parameters.get(local) {
                        Some(at) => Of::Parameter(*at),
                        None => self.locals.get(local).copied().unwrap_or(Of::Unknown),
                    };
                    self.note(expression, of);
                }
                Some(Meaning::Constant(id)) => {
                    let currency = self.all.values.all.known.get(usize::from(id.0)).and_then(|known| known.currency);
                    if let Some(currency) = currency {
                        let place = self.all.values.root(seen).place();
                        self.note(expression, Of::Known(currency, place));
                    }
                }
                _ => {}
            },
            ExpressionKind::Unary { operator: UnaryOperator::Negate, operand } => {
                let of = self.at(operand);
                self.note(expression, of);
            }
            ExpressionKind::Binary { operator, left, right, .. } => match operator {
                BinaryOperator::Add | BinaryOperator::Subtract => {
                    let of = self.meet(left, operator.sign(), right, expression.span);
                    self.note(expression, of);
                }
                BinaryOperator::Multiply | BinaryOperator::Divide => {
                    let of = self.at(left);
                    self.note(expression, of);
                }
                BinaryOperator::Less
                | BinaryOperator::LessOrEqual
                | BinaryOperator::Greater
                | BinaryOperator::GreaterOrEqual => {
                    self.meet(left, operator.sign(), right, expression.span);
                }
                BinaryOperator::Equal | BinaryOperator::NotEqual => {
                    self.meet(left, operator.sign(), right, expression.span);
                    let looked = self.looks_at(left).into_iter().chain(self.looks_at(right));
                    let looked: Vec<u16> = looked.collect();
                    self.guarded.extend(looked);
                }
                BinaryOperator::In => {
                    let looked = self.looks_at(left);
                    self.guarded.extend(looked);
                }
                BinaryOperator::And | BinaryOperator::Or => {}
            },
            ExpressionKind::If { then, otherwise: Some(otherwise), .. } => {
                let (one, other) = (self.last_value(then), self.last_value(otherwise));
                let of = match (one, other) {
                    (Of::Known(left, place), Of::Known(right, _)) if left == right => Of::Known(left, place),
                    (one, other) if one == other => one,
                    _ => Of::Unknown,
                };
                self.note(expression, of);
            }
            ExpressionKind::Match { subject, .. } => {
                let looked = self.looks_at(subject);
                self.guarded.extend(looked);
            }
            ExpressionKind::Call { callee, .. } => {
                if let Some(Meaning::Call { target: Target::Function(id), .. }) = self.all.values.meaning(seen) {
                    let of = self.call(expression, callee, *id);
                    self.note(expression, of);
                }
            }
            _ => {}
        }
    }
}
