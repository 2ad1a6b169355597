//! Expressions of a type.

use super::literal::{CODES, ERRORS};
use super::writer::{Callable, Room, Ty, Writer};

/// An arm of a `match`: its pattern, and the names it binds with their types.
pub(super) type Arm = (String, Vec<(String, Ty)>);

impl Writer {
    /// An expression in brackets, unless it is short.
    pub(super) fn grouped(&mut self, ty: &Ty, depth: usize) -> String {
        let written = self.expression(ty, depth.saturating_sub(1));
        let simple = written.chars().all(|sign| sign.is_alphanumeric() || "_\".#%".contains(sign));
        let is_string = written.starts_with('"') || written.starts_with('(') || written.starts_with('[');
        if simple || is_string || !written.contains([' ', '-']) { written } else { format!("({written})") }
    }

    /// An expression of a type.
    pub(super) fn expression(&mut self, ty: &Ty, depth: usize) -> String {
        if self.dice.percent(35)
            && let Some(name) = self.var(ty)
        {
            return name;
        }
        if depth == 0 {
            return self.leaf(ty);
        }
        for _ in 0..3 {
            let found = match self.dice.below(12) {
                0..3 => self.operation(ty, depth),
                3 | 4 => self.call(ty, depth),
                5 => self.field(ty),
                6 => Some(self.choice(ty, depth)),
                7 => Some(self.matched(ty, depth)),
                8 => self.indexed(ty, depth),
                9 => self.member(ty, depth),
                10 => self.asked(ty, depth),
                _ => self.constant(ty),
            };
            if let Some(found) = found {
                return found;
            }
        }
        self.leaf(ty)
    }

    /// An expression that needs no other.
    fn leaf(&mut self, ty: &Ty) -> String {
        if let Some(name) = self.var(ty) {
            return name;
        }
        if Writer::has_literals(ty) {
            return self.literal(ty);
        }
        match ty {
            Ty::Option(of) => {
                if self.dice.percent(50) {
                    "none".into()
                } else {
                    self.leaf(of)
                }
            }
            Ty::List(of) => {
                let count = self.dice.below(4);
                let members: Vec<String> = (0..count).map(|_| self.leaf(of)).collect();
                format!("[{}]", members.join(", "))
            }
            Ty::Record(name) if name == "Rate" => {
                let (word, share) = (self.leaf(&Ty::Text), self.leaf(&Ty::Percent));
                format!("trade.Rate(name: {word}, share: {share})")
            }
            Ty::Record(name) => self.record(&name.clone(), 0),
            Ty::Union(name) => self.variant(&name.clone(), 0),
            Ty::Error => self.error(0),
            Ty::Phrase => {
                let (zh, en) = (self.worded(&Ty::Text, 0), self.worded(&Ty::Text, 0));
                format!("phrase(zh: {zh}, en: {en})")
            }
            Ty::Time => {
                self.devices.insert("clock");
                "clock.now()".into()
            }
            other => unreachable!("no leaf of {other:?}"),
        }
    }

    /// A record, its fields by name or in order; one that may be missing is left out now and then.
    pub(super) fn record(&mut self, name: &str, depth: usize) -> String {
        let item = self.records.iter().find(|record| record.name == name).expect("a declared record").clone();
        let by_name = self.dice.percent(60);
        let mut given = Vec::new();
        for (field, ty) in &item.fields {
            if by_name && matches!(ty, Ty::Option(_)) && self.dice.percent(40) {
                continue;
            }
            let value = self.expression(ty, depth.saturating_sub(1));
            given.push(if by_name { format!("{field}: {value}") } else { value });
        }
        if by_name && given.len() > 1 && self.dice.percent(40) {
            given.reverse();
        }
        format!("{name}({})", given.join(", "))
    }

    /// A variant without a value.
    pub(super) fn plain_variant(&mut self, union: &str) -> String {
        match union {
            "Entry" => (*self.dice.one(&["chip", "tap", "stripe", "manual"])).into(),
            "TxnKind" => (*self.dice.one(&["sale", "void", "refund"])).into(),
            "Probe" => (*self.dice.one(&["printing", "card_reader", "storage", "signed_in"])).into(),
            "KeySlot" => (*self.dice.one(&["PIK", "MAK", "TDK"])).into(),
            _ => self.variant(union, 0),
        }
    }

    pub(super) fn variant(&mut self, union: &str, depth: usize) -> String {
        match union {
            "Entry" | "TxnKind" | "KeySlot" | "Probe" => return self.plain_variant(union),
            "Outcome" => return self.outcome(depth),
            _ => {}
        }
        let item = self.unions.iter().find(|known| known.name == union).expect("a declared union").clone();
        let (name, payload) = self.dice.one(&item.variants).clone();
        match payload {
            Some(ty) => {
                let value = self.expression(&ty, depth.saturating_sub(1));
                format!("{name}({value})")
            }
            None => name,
        }
    }

    /// How a flow ends.
    pub(super) fn outcome(&mut self, depth: usize) -> String {
        match self.dice.below(5) {
            0 => "done".into(),
            1 => "cancelled".into(),
            2 | 3 => {
                let code = if self.dice.percent(40) {
                    (*self.dice.one(CODES)).into()
                } else {
                    self.expression(&Ty::Code, depth.saturating_sub(1))
                };
                format!("declined({code})")
            }
            _ => {
                let error = self.error(depth);
                format!("failed({error})")
            }
        }
    }

    /// An error value, with its facts in some order.
    pub(super) fn error(&mut self, depth: usize) -> String {
        if self.errors.is_empty() || self.dice.percent(40) {
            return (*self.dice.one(ERRORS)).into();
        }
        let (name, facts) = self.dice.one(&self.errors.clone()).clone();
        if facts.is_empty() {
            return name;
        }
        let mut given: Vec<String> = Vec::new();
        for (fact, ty) in &facts {
            let value = self.expression(ty, depth.saturating_sub(1));
            given.push(format!("{fact}: {value}"));
        }
        if self.dice.percent(40) {
            given.reverse();
        }
        format!("{name}({})", given.join(", "))
    }

    fn constant(&mut self, ty: &Ty) -> Option<String> {
        let known: Vec<String> =
            self.constants.iter().filter(|(_, has)| has == ty).map(|(name, _)| name.clone()).collect();
        (!known.is_empty()).then(|| self.dice.one(&known).clone())
    }

    /// A call of something declared.
    pub(super) fn call(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        if self.room == Room::Constant {
            return None;
        }
        if *ty == Ty::Text
            && self.dice.percent(10)
            && let Some(keyed) = self.asked(&Ty::Digits(0), depth)
        {
            return Some(keyed);
        }
        if *ty == Ty::Text && self.dice.percent(50) {
            return Some(match self.dice.below(3) {
                0 => {
                    let text = self.worded(&Ty::Text, depth - 1);
                    let (from, length) = (self.grouped(&Ty::Int, depth - 1), self.grouped(&Ty::Int, depth - 1));
                    format!("part({text}, from: {from}, length: {length})")
                }
                1 => {
                    let bytes = self.grouped(&Ty::Bytes, depth);
                    format!("hex({bytes})")
                }
                _ => {
                    if self.dice.percent(50) {
                        let text = self.grouped(&Ty::Text, depth - 1);
                        // Digits of what is surely a masked number are refused; behind a call nobody can tell.
                        if self.masked { format!("digits(trade.as_text({text}))") } else { format!("digits({text})") }
                    } else {
                        let (number, width) = (self.grouped(&Ty::Int, depth), self.dice.below(9));
                        format!("zero_pad({number}, {width})")
                    }
                }
            });
        }
        if *ty == Ty::Option(Box::new(Ty::Amount)) && self.dice.percent(50) {
            let text = self.grouped(&Ty::Text, depth);
            return Some(format!("available_balance({text})"));
        }
        let may = |callable: &Callable, this: &Writer| {
            callable.gives == *ty && (!callable.flow || this.effects) && !(callable.opens && this.region)
        };
        let known: Vec<Callable> = self.callables.iter().filter(|callable| may(callable, self)).cloned().collect();
        if known.is_empty() {
            return None;
        }
        let callable = self.dice.one(&known).clone();
        Some(self.call_of(&callable, depth))
    }

    /// A call of this, its arguments in order or by name.
    pub(super) fn call_of(&mut self, callable: &Callable, depth: usize) -> String {
        let by_name = self.dice.percent(25);
        let mut given: Vec<String> = Vec::new();
        for (name, ty) in &callable.parameters {
            let value = self.expression(ty, depth.saturating_sub(1));
            given.push(if by_name { format!("{name}: {value}") } else { value });
        }
        if by_name && self.dice.percent(50) {
            given.reverse();
        }
        let gap = if given.len() > 1 && self.dice.percent(10) { ",\n      " } else { ", " };
        if given.iter().any(|value| value.starts_with('-')) {
            return format!("{}({})", callable.name, given.join(", "));
        }
        format!("{}({})", callable.name, given.join(gap))
    }

    /// A field of a record, or of a message, that has the type.
    fn field(&mut self, ty: &Ty) -> Option<String> {
        let mut found = Vec::new();
        for var in self.visible() {
            match &var.ty {
                Ty::Record(name) => {
                    let item = self.records.iter().find(|record| record.name == *name);
                    let fields = item.map_or(Vec::new(), |record| record.fields.clone());
                    let fields = if name == "Card" { card_fields() } else { fields };
                    found.extend(
                        fields
                            .into_iter()
                            .filter(|(_, has)| has == ty)
                            .map(|(field, _)| format!("{}.{field}", var.name)),
                    );
                }
                Ty::Reply(_) => found.extend(
                    reply_fields()
                        .into_iter()
                        .filter(|(_, has)| has == ty)
                        .map(|(field, _)| format!("{}.{field}", var.name)),
                ),
                Ty::Message(_) => found.extend(
                    message_fields()
                        .into_iter()
                        .filter(|(_, has)| has == ty)
                        .map(|(field, _)| format!("{}.{field}", var.name)),
                ),
                _ => {}
            }
        }
        (!found.is_empty()).then(|| self.dice.one(&found).clone())
    }

    /// What values have: `text.length`, `code.meaning`.
    fn member(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        if self.room == Room::Constant {
            return None;
        }
        let of = match (ty, self.dice.below(4)) {
            (Ty::Int, 0) => (Ty::Text, "length"),
            (Ty::Int, 1) => (Ty::Bytes, "length"),
            (Ty::Int, 2) => (Ty::List(Box::new(Ty::Int)), "length"),
            (Ty::Int, _) => (Ty::Amount, "minor"),
            (Ty::Text, 0) => (Ty::Code, "text"),
            (Ty::Text, 1) => (Ty::Amount, "currency"),
            (Ty::Text, 2) => (Ty::Error, "code"),
            (Ty::Text, _) => (Ty::Error, "name"),
            (Ty::Digits(3), _) => (Ty::Amount, "currency_number"),
            (Ty::Phrase, _) => (Ty::Code, "meaning"),
            _ => return None,
        };
        let value = self.expression(&of.0, depth - 1);
        Some(format!("({value}).{}", of.1))
    }

    fn indexed(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        // The members of a list literal say its type, and `[1]` is no list of what may be missing.
        let unsure = matches!(ty, Ty::List(of) if matches!(**of, Ty::Option(_)));
        if unsure || matches!(ty, Ty::Option(_) | Ty::Phrase | Ty::Error | Ty::Digits(_)) || self.room == Room::Constant
        {
            return None;
        }
        let list = Ty::List(Box::new(ty.clone()));
        let index = if self.dice.percent(80) { self.dice.below(3).to_string() } else { self.grouped(&Ty::Int, depth) };
        match self.var(&list) {
            Some(list) => Some(format!("{list}[{index}]")),
            None => {
                let count = if self.dice.percent(4) { 20 } else { 1 + self.dice.below(3) };
                let member = |this: &mut Writer| {
                    if *ty == Ty::Text { this.worded(ty, depth - 1) } else { this.expression(ty, (depth - 1).min(1)) }
                };
                let members: Vec<String> = (0..count).map(|_| member(self)).collect();
                Some(format!("[{}][{index}]", members.join(", ")))
            }
        }
    }

    /// `if … { … } else { … }`
    fn choice(&mut self, ty: &Ty, depth: usize) -> String {
        if self.room == Room::Constant {
            return self.leaf(ty);
        }
        let condition = self.condition(depth - 1);
        let then = self.in_block(ty, depth - 1);
        let between = if self.dice.percent(20) {
            let other = self.condition(0);
            let value = self.in_block(ty, depth - 1);
            format!(" else if {other} {{ {value} }}")
        } else {
            String::new()
        };
        let otherwise = self.in_block(ty, depth - 1);
        format!("(if {condition} {{ {then} }}{between} else {{ {otherwise} }})")
    }

    /// The value of a block, now and then with a statement in front that changes a name.
    fn in_block(&mut self, ty: &Ty, depth: usize) -> String {
        let value = self.expression(ty, depth);
        // What a block begins with must not be read as going on with the line before.
        let value = if value.starts_with(['-', '[']) { format!("({value})") } else { value };
        if !matches!(self.room, Room::Flow) || !self.dice.percent(25) {
            return value;
        }
        let changeable: Vec<(String, Ty)> =
            self.visible().iter().filter(|var| var.changeable).map(|var| (var.name.clone(), var.ty.clone())).collect();
        if changeable.is_empty() || value.starts_with('(') {
            return value;
        }
        let (name, of) = self.dice.one(&changeable).clone();
        let new = self.expression(&of, depth.min(1));
        format!("\n    {name} = {new}\n    {value}\n  ")
    }

    /// `match … { … }` that gives a value.
    fn matched(&mut self, ty: &Ty, depth: usize) -> String {
        if self.room == Room::Constant {
            return self.leaf(ty);
        }
        let mut written = String::new();
        let (subject, arms) = self.arms(depth - 1);
        for (pattern, names) in arms {
            self.scopes.push(Vec::new());
            for (name, ty) in names {
                self.declare(&name, ty, false);
            }
            let value = self.in_block(ty, depth - 1);
            self.scopes.pop();
            written.push_str(&format!("\n    {pattern} => {{ {value} }}"));
        }
        format!("(match {subject} {{{written}\n  }})")
    }

    /// A subject and arms that cover it; each with the names it binds.
    pub(super) fn arms(&mut self, depth: usize) -> (String, Vec<Arm>) {
        let plain = |pattern: &str| (pattern.to_string(), Vec::new());
        let matched: Vec<(String, Ty)> = self
            .visible()
            .iter()
            .map(|var| (var.name.clone(), var.ty.clone()))
            .filter(|(_, ty)| can_match(ty))
            .collect();
        let (mut subject, ty) = if !matched.is_empty() && self.dice.percent(70) {
            self.dice.one(&matched).clone()
        } else {
            let ty = self.dice.one(&[Ty::Int, Ty::Text, Ty::Code, Ty::Amount, Ty::Union("Weather".into())]).clone();
            let subject = if let Ty::Union(_) = ty { self.var(&ty) } else { Some(self.worded(&ty, depth)) };
            match subject {
                Some(subject) if !subject.contains("none") => (subject, ty),
                _ => (self.grouped(&Ty::Int, 0), Ty::Int),
            }
        };
        let mut arms: Vec<(String, Vec<(String, Ty)>)> = Vec::new();
        match &ty {
            Ty::Option(of) => {
                let name = self.fresh();
                arms.push((format!("some {name}"), vec![(name, (**of).clone())]));
                arms.push(plain("none"));
                if self.dice.percent(50) {
                    arms.reverse();
                }
                return (subject, arms);
            }
            Ty::Union(name) => {
                let variants = self.variants(name);
                let all = self.dice.percent(70);
                for (variant, payload) in variants {
                    if !all && self.dice.percent(50) {
                        continue;
                    }
                    match payload {
                        Some(ty) if self.dice.percent(80) => {
                            let bound = self.fresh();
                            arms.push((format!("{variant}({bound})"), vec![(bound, ty)]));
                        }
                        _ => arms.push(plain(&variant)),
                    }
                }
                if arms.len() > 1 && arms.iter().take(2).all(|(_, names)| names.is_empty()) && self.dice.percent(50) {
                    let second = arms.remove(1).0;
                    arms[0].0 = format!("{}, {second}", arms[0].0);
                }
                if all {
                    return (subject, arms);
                }
            }
            Ty::Code => {
                let mut categories = vec!["accept", "decline", "capture", "rekey", "retry", "refer"];
                let complete = self.dice.percent(60);
                if !complete {
                    categories.truncate(2 + self.dice.below(4));
                }
                for category in categories {
                    arms.push(plain(category));
                }
                // A single code goes before or behind the category it belongs to.
                let place = self.dice.below(2);
                let code = if self.dice.percent(50) {
                    format!("\"{}\"", self.dice.one(&["51", "00", "ZZ"]))
                } else {
                    (*self.dice.one(CODES)).into()
                };
                // Now and then it is the very code that is matched, or the order of arms would hardly show.
                if subject.contains(['(', '"']) && self.dice.percent(50) {
                    subject = if code.starts_with('"') { subject } else { format!("trade.as_code({code})") };
                }
                arms.insert(place.min(arms.len()), plain(&code));
                if place > 0 {
                    arms.swap(0, 1);
                }
                if complete {
                    return (subject, arms);
                }
            }
            Ty::Error => {
                let mut names: Vec<String> = self.errors.iter().map(|(name, _)| name.clone()).collect();
                names.push("Timeout".into());
                names.push("NoLine".into());
                for name in names {
                    if !name.contains('.') && self.dice.percent(50) {
                        arms.push(plain(&name));
                    }
                }
            }
            _ => {
                let mut seen = Vec::new();
                for _ in 0..1 + self.dice.below(3) {
                    let literal = match self.constant(&ty) {
                        Some(constant) if !constant.contains('.') && self.dice.percent(30) => constant,
                        _ if matches!(ty, Ty::Bytes) => (*self.dice.one(&["#9F26", "#5A"])).into(),
                        _ => self.literal(&ty),
                    };
                    if !seen.contains(&literal) {
                        seen.push(literal.clone());
                        arms.push(plain(&literal));
                    }
                }
                if arms.len() > 1 && self.dice.percent(40) {
                    let second = arms.remove(1).0;
                    arms[0].0 = format!("{}, {second}", arms[0].0);
                }
            }
        }
        if self.dice.percent(50) {
            let name = self.fresh();
            arms.push((format!("other {name}"), vec![(name, ty.clone())]));
        } else {
            arms.push(plain("other"));
        }
        (subject, arms)
    }

    fn variants(&self, name: &str) -> Vec<(String, Option<Ty>)> {
        let plain = |names: &[&str]| names.iter().map(|name| (name.to_string(), None)).collect();
        match name {
            "Entry" => plain(&["chip", "tap", "stripe", "manual"]),
            "Outcome" => vec![
                ("done".into(), None),
                ("approved".into(), Some(Ty::Record("Txn".into()))),
                ("declined".into(), Some(Ty::Code)),
                ("cancelled".into(), None),
                ("failed".into(), Some(Ty::Error)),
            ],
            _ => self.unions.iter().find(|union| union.name == name).map_or(Vec::new(), |union| union.variants.clone()),
        }
    }
}

fn can_match(ty: &Ty) -> bool {
    match ty {
        Ty::Bool | Ty::Int | Ty::Text | Ty::Bytes | Ty::Amount | Ty::Percent | Ty::Duration | Ty::Code | Ty::Mti => {
            true
        }
        Ty::Error | Ty::Option(_) => true,
        Ty::Digits(length) => *length > 0,
        Ty::Union(name) => ["Entry", "Outcome", "Weather", "Choice", "Answer"].contains(&name.as_str()),
        _ => false,
    }
}

fn option(of: Ty) -> Ty {
    Ty::Option(Box::new(of))
}

fn card_fields() -> Vec<(String, Ty)> {
    vec![
        ("pan".into(), Ty::Pan),
        ("expiry".into(), option(Ty::Expiry)),
        ("entry".into(), Ty::Union("Entry".into())),
        ("sequence".into(), option(Ty::Digits(3))),
        ("asks_pin".into(), Ty::Bool),
        ("service_code".into(), option(Ty::Digits(3))),
    ]
}

fn reply_fields() -> Vec<(String, Ty)> {
    vec![
        ("code".into(), Ty::Code),
        ("mti".into(), Ty::Mti),
        ("F11".into(), Ty::Digits(6)),
        ("F41".into(), Ty::Text),
        ("F37".into(), option(Ty::Text)),
        ("F38".into(), option(Ty::Text)),
        ("F54".into(), option(Ty::Text)),
        ("F4".into(), option(Ty::Amount)),
        ("F59".into(), option(Ty::Bytes)),
    ]
}

fn message_fields() -> Vec<(String, Ty)> {
    vec![
        ("mti".into(), Ty::Mti),
        ("F11".into(), Ty::Digits(6)),
        ("F41".into(), Ty::Text),
        ("F63".into(), option(Ty::Text)),
    ]
}
