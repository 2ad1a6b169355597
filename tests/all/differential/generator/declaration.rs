//! Items: records, unions, constants, errors, functions, tables, texts, receipts.

use super::writer::{Callable, RecordItem, Room, Ty, UnionItem, Writer};

impl Writer {
    /// Names of the unit that every program imports.
    pub(super) fn imported(&mut self) {
        self.constants.push(("trade.SHARED".into(), Ty::Int));
        self.constants.push(("trade.GREETING".into(), Ty::Text));
        self.unions.push(UnionItem {
            name: "Weather".into(),
            variants: vec![
                ("sunny".into(), None),
                ("rain".into(), Some(Ty::Int)),
                ("storm".into(), Some(Ty::Duration)),
            ],
        });
        self.errors.push(("trade.Broken".into(), vec![("part".into(), Ty::Text), ("count".into(), Ty::Int)]));
        let mut add = |name: &str, parameters: &[(&str, Ty)], gives: Ty, flow: bool| {
            self.callables.push(Callable {
                name: format!("trade.{name}"),
                parameters: parameters.iter().map(|(name, ty)| (name.to_string(), ty.clone())).collect(),
                gives,
                flow,
                opens: false,
            });
        };
        add("twice", &[("n", Ty::Int)], Ty::Int, false);
        add("shared_over", &[("n", Ty::Int)], Ty::Int, false);
        add("fee", &[("a", Ty::Amount), ("share", Ty::Percent)], Ty::Amount, false);
        add("grade", &[("n", Ty::Int)], Ty::Text, false);
        add("maybe_grade", &[("name", Ty::Text)], Ty::Option(Box::new(Ty::Int)), false);
        add("welcome", &[("name", Ty::Text), ("times", Ty::Int)], Ty::Phrase, false);
        add("careful", &[("n", Ty::Int)], Ty::Int, true);
    }

    /// `record`, `type`, `const`, `error`
    pub(super) fn shapes(&mut self) {
        for at in 0..self.dice.below(3) {
            let name = format!("Rec{at}");
            let fields: Vec<(String, Ty)> =
                (0..1 + self.dice.below(4)).map(|_| (self.fresh(), self.some_ty(1))).collect();
            let written: Vec<String> = fields.iter().map(|(name, ty)| format!("{name}: {}", self.named(ty))).collect();
            self.line(format!("record {name}({})", written.join(", ")));
            self.records.push(RecordItem { name, fields });
        }
        if self.dice.percent(60) {
            let name = self.dice.one(&["Choice", "Answer"]).to_string();
            let mut variants: Vec<(String, Option<Ty>)> = Vec::new();
            for word in ["yes_it", "no_it", "later_it", "也许"].iter().take(2 + self.dice.below(3)) {
                let payload = self.dice.percent(40).then(|| match self.some_ty(0) {
                    Ty::Union(_) => Ty::Int,
                    ty => ty,
                });
                variants.push((word.to_string(), payload));
            }
            let written: Vec<String> = variants
                .iter()
                .map(|(name, payload)| match payload {
                    Some(ty) => format!("{name}({})", self.named(ty)),
                    None => name.clone(),
                })
                .collect();
            self.line(format!("type {name} = {}", written.join(" | ")));
            self.unions.push(UnionItem { name, variants });
        }
        for at in 0..self.dice.below(4) {
            self.room = Room::Constant;
            let ty = match self.dice.below(6) {
                0 => Ty::Text,
                1 => Ty::Amount,
                2 => Ty::Percent,
                3 => Ty::Duration,
                4 => Ty::Bool,
                _ => Ty::Int,
            };
            let name = format!("CONST{at}");
            let value = if self.dice.percent(50) || ty == Ty::Bool || ty == Ty::Text {
                self.literal(&ty)
            } else {
                let left = self.literal(&ty);
                let right = self.literal(&ty);
                let sign = if self.dice.percent(50) { "+" } else { "-" };
                format!("{left} {sign} {right}")
            };
            self.line(format!("const {name} = {value}"));
            self.constants.push((name, ty));
        }
        if self.dice.percent(60) {
            let facts: Vec<(String, Ty)> = (0..self.dice.below(4))
                .map(|_| {
                    let ty = self.some_ty(0);
                    (self.fresh(), if matches!(ty, Ty::Record(_) | Ty::Union(_)) { Ty::Int } else { ty })
                })
                .collect();
            let written: Vec<String> = facts.iter().map(|(name, ty)| format!("{name}: {}", self.named(ty))).collect();
            let parameters = if facts.is_empty() { String::new() } else { format!("({})", written.join(", ")) };
            let number = 100 + self.dice.below(700);
            self.line(format!("error Wrong{parameters} E4{number} hardware {{"));
            let hole = facts.first().map_or(String::new(), |(name, _)| format!(" {{{name}}}"));
            for person in ["cashier", "cardholder", "support"] {
                self.line(format!("  {person} zh \"错{hole}\" en \"Wrong{hole}.\""));
            }
            self.line("}");
            self.errors.push(("Wrong".into(), facts));
        }
    }

    /// A type as this file names it.
    pub(super) fn named(&self, ty: &Ty) -> String {
        match ty {
            Ty::Union(name) if name == "Weather" => "trade.Weather".into(),
            Ty::List(of) => format!("List[{}]", self.named(of)),
            Ty::Option(of) => format!("{}?", self.named(of)),
            other => other.written(),
        }
    }

    fn parameters(&mut self, most: usize) -> Vec<(String, Ty)> {
        (0..self.dice.below(most + 1)).map(|_| (self.fresh(), self.some_ty(1))).collect()
    }

    pub(super) fn begin(&mut self, parameters: &[(String, Ty)]) -> String {
        self.scopes = vec![Vec::new()];
        let mut written = Vec::new();
        for (name, ty) in parameters {
            self.declare(name, ty.clone(), false);
            written.push(format!("{name}: {}", self.named(ty)));
        }
        written.join(", ")
    }

    /// `fn`, `table`, `text`, `receipt`
    pub(super) fn pure_items(&mut self) {
        self.effects = false;
        for at in 0..self.dice.below(3) {
            let parameters = self.parameters(3);
            let gives = self.some_ty(1);
            let written = self.begin(&parameters);
            self.room = Room::Pure;
            let body = self.expression(&gives, 3);
            let body = if body.starts_with('-') { format!("({body})") } else { body };
            let name = format!("pure{at}");
            let ty = self.named(&gives);
            self.line(format!("fn {name}({written}) -> {ty} = {body}"));
            self.add(name, parameters, gives, false, false);
        }
        if self.dice.percent(40) {
            self.table();
        }
        if self.dice.percent(50) {
            let parameters: Vec<(String, Ty)> = [Ty::Text, Ty::Amount, Ty::Int]
                .into_iter()
                .take(self.dice.below(4))
                .map(|ty| (self.fresh(), ty))
                .collect();
            let written = self.begin(&parameters);
            self.room = Room::Pure;
            let holes: Vec<String> = parameters.iter().map(|(name, _)| format!("{{{name}}}")).collect();
            let written = if parameters.is_empty() { String::new() } else { format!("({written})") };
            self.line(format!("text phrase_of{written} {{"));
            self.line(format!("  zh \"句 {}\"", holes.join(" ")));
            self.line(format!("  en \"Words {}\"", holes.join("-")));
            self.line("}");
            self.add("phrase_of".into(), parameters, Ty::Phrase, false, false);
        }
        if self.dice.percent(35) {
            self.receipt();
        }
    }

    fn add(&mut self, name: String, parameters: Vec<(String, Ty)>, gives: Ty, flow: bool, opens: bool) {
        self.callables.push(Callable { name, parameters, gives, flow, opens });
    }

    fn table(&mut self) {
        let key = match self.dice.below(4) {
            0 => Ty::Text,
            1 => Ty::Union("Entry".into()),
            2 => Ty::Digits(2),
            _ => Ty::Int,
        };
        let gives = self.dice.one(&[Ty::Int, Ty::Text, Ty::Amount, Ty::Digits(2)]).clone();
        let parameter = self.fresh();
        self.begin(&[]);
        self.room = Room::Constant;
        let mut keys: Vec<String> = Vec::new();
        for _ in 0..1 + self.dice.below(4) {
            let key = match &key {
                Ty::Union(name) => self.plain_variant(&name.clone()),
                other => self.literal(other),
            };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        self.line(format!("table row_of({parameter}: {}) -> {} {{", key.written(), gives.written()));
        for key in keys {
            let value = self.literal(&gives);
            self.line(format!("  | {key} | {value} |"));
        }
        let complete = self.dice.percent(50);
        if complete {
            let value = self.literal(&gives);
            self.line(format!("  | other | {value} |"));
        }
        self.line("}");
        let gives = if complete { gives } else { Ty::Option(Box::new(gives)) };
        self.add("row_of".into(), vec![(parameter, key)], gives, false, false);
    }

    fn receipt(&mut self) {
        let parameters: Vec<(String, Ty)> =
            [Ty::Bool, Ty::Amount, Ty::Text].into_iter().map(|ty| (self.fresh(), ty)).collect();
        let written = self.begin(&parameters);
        self.room = Room::Pure;
        let names: Vec<String> = parameters.iter().map(|(name, _)| name.clone()).collect();
        self.line(format!("receipt slip_of({written}) {{"));
        self.line("  centre zh \"单\" en \"SLIP\"");
        for _ in 0..1 + self.dice.below(4) {
            match self.dice.below(5) {
                0 => self.line("  rule"),
                1 => self.line("  space"),
                2 => self.line(format!("  line zh \"有 {{{}}}\" en \"has {{{}}}\"", names[2], names[2])),
                3 => {
                    let (of, other) = (self.expression(&Ty::Amount, 2), self.condition(1));
                    self.line(format!(
                        "  if {} {{ row zh \"额\" en \"AMOUNT\" = {of} }} else {{ if {other} {{ rule }} }}",
                        names[0]
                    ));
                }
                _ => {
                    let value = self.interpolated(2);
                    self.line(format!("  row zh \"行\" en \"ROW\" = {value}"));
                }
            }
        }
        self.line("}");
        self.add("slip_of".into(), parameters, Ty::Slip, false, false);
    }
}
