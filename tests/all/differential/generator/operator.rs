//! Operators: which give a value of a type, and of what.

use super::writer::{Ty, Writer};

impl Writer {
    /// An operation that gives this type; `None` where there is none.
    pub(super) fn operation(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        match ty {
            Ty::Bool => Some(self.condition(depth)),
            Ty::Int => Some(match self.dice.below(5) {
                0 => format!("-{}", self.grouped(&Ty::Int, depth)),
                1 => self.between(&Ty::Int, "/", &Ty::Int, depth),
                2 => self.between(&Ty::Int, "*", &Ty::Int, depth),
                3 => self.between(&Ty::Int, "-", &Ty::Int, depth),
                _ => self.between(&Ty::Int, "+", &Ty::Int, depth),
            }),
            Ty::Amount => Some(match self.dice.below(6) {
                0 => format!("-{}", self.grouped(&Ty::Amount, depth)),
                1 => self.between(&Ty::Amount, "*", &Ty::Percent, depth),
                2 => self.between(&Ty::Amount, "/", &Ty::Int, depth),
                3 => self.between(&Ty::Amount, "*", &Ty::Int, depth),
                4 => self.between(&Ty::Amount, "-", &Ty::Amount, depth),
                _ => self.between(&Ty::Amount, "+", &Ty::Amount, depth),
            }),
            Ty::Duration => Some(match self.dice.below(5) {
                0 => self.between(&Ty::Duration, "*", &Ty::Int, depth),
                1 => self.between(&Ty::Duration, "/", &Ty::Int, depth),
                2 if self.var(&Ty::Time).is_some() => self.between(&Ty::Time, "-", &Ty::Time, depth),
                3 => format!("-{}", self.grouped(&Ty::Duration, depth)),
                _ => {
                    let sign = if self.dice.percent(50) { "+" } else { "-" };
                    self.between(&Ty::Duration, sign, &Ty::Duration, depth)
                }
            }),
            Ty::Percent => Some(match self.dice.below(4) {
                0 => self.between(&Ty::Percent, "*", &Ty::Int, depth),
                1 => self.between(&Ty::Percent, "/", &Ty::Int, depth),
                2 => format!("-{}", self.grouped(&Ty::Percent, depth)),
                _ => {
                    let sign = if self.dice.percent(50) { "+" } else { "-" };
                    self.between(&Ty::Percent, sign, &Ty::Percent, depth)
                }
            }),
            Ty::Time => {
                let sign = if self.dice.percent(50) { "+" } else { "-" };
                Some(self.between(&Ty::Time, sign, &Ty::Duration, depth))
            }
            Ty::Text => Some(self.interpolated(depth)),
            _ => None,
        }
    }

    fn between(&mut self, left: &Ty, sign: &str, right: &Ty, depth: usize) -> String {
        let left = self.grouped(left, depth);
        // Now and then the right side stands on a line of its own, but never begins with a sign.
        let right = self.grouped(right, depth);
        let gap = if self.dice.percent(8) && !right.starts_with('-') { "\n    " } else { " " };
        format!("({left} {sign}{gap}{right})")
    }

    /// A truth: comparisons, and what joins them.
    pub(super) fn condition(&mut self, depth: usize) -> String {
        match self.dice.below(9) {
            0 => format!("(not {})", self.grouped(&Ty::Bool, depth)),
            1 | 2 => {
                let word = if self.dice.percent(50) { "and" } else { "or" };
                self.between(&Ty::Bool, word, &Ty::Bool, depth)
            }
            3 | 4 => {
                let of = match self.dice.below(6) {
                    0 => Ty::Text,
                    1 => Ty::Amount,
                    2 => Ty::Percent,
                    3 => Ty::Duration,
                    _ => Ty::Int,
                };
                let sign = *self.dice.one(&["<", "<=", ">", ">="]);
                let (left, right) = (self.worded(&of, depth), self.worded(&of, depth));
                format!("({left} {sign} {right})")
            }
            5 | 6 => {
                let of = self.some_comparable();
                let sign = if self.dice.percent(70) { "==" } else { "!=" };
                // Two values that may be missing are compared by name, or with `none`.
                if let Ty::Option(_) = &of {
                    let left = self.var(&of).expect("some name has it");
                    if self.dice.percent(50) {
                        // Not as a condition of its own: that would tell the checker something about the name.
                        return format!("(({left} {sign} none) == true)");
                    }
                    let right = self.var(&of).expect("that name");
                    return format!("({left} {sign} {right})");
                }
                // A whole that holds card data is compared with a variant written out, which looks at no more.
                if self.holds_secret(&of) {
                    let (left, right) = (self.typed(&of, depth), self.outcome(depth));
                    return format!("({left} {sign} {right})");
                }
                let (left, right) = (self.typed(&of, depth), self.typed(&of, depth));
                format!("({left} {sign} {right})")
            }
            7 => {
                let of = match self.some_comparable() {
                    of if self.holds_secret(&of) => Ty::Int,
                    Ty::Option(_) => Ty::Int,
                    Ty::List(of) if matches!(*of, Ty::Option(_)) => Ty::Text,
                    of => of,
                };
                let list = self.typed(&Ty::List(Box::new(of.clone())), depth);
                let item = self.typed(&of, depth);
                format!("({item} in {list})")
            }
            _ => match self.dice.below(2) {
                0 => {
                    let (text, piece) = (self.worded(&Ty::Text, depth), self.worded(&Ty::Text, depth));
                    format!("contains({text}, {piece})")
                }
                _ => {
                    let (text, piece) = (self.worded(&Ty::Text, depth), self.worded(&Ty::Text, depth));
                    format!("starts_with({text}, {piece})")
                }
            },
        }
    }

    fn some_comparable(&mut self) -> Ty {
        let outcome = Ty::Union("Outcome".into());
        let known: Vec<Ty> = self
            .visible()
            .iter()
            .map(|var| var.ty.clone())
            .filter(|ty| ty.comparable() && !matches!(ty, Ty::Error))
            .filter(|ty| *ty == outcome || !self.holds_secret(ty))
            .collect();
        if !known.is_empty() && self.dice.percent(60) {
            return self.dice.one(&known).clone();
        }
        self.dice.one(&[Ty::Int, Ty::Text, Ty::Amount, Ty::Bool, Ty::Code, Ty::Bytes, Ty::Percent, Ty::Mti]).clone()
    }

    /// A value of a type, the type made plain where the expression alone would not say it.
    fn typed(&mut self, ty: &Ty, depth: usize) -> String {
        match ty {
            Ty::List(_) | Ty::Option(_) | Ty::Union(_) => self.var(ty).unwrap_or_else(|| self.identity(ty, depth)),
            Ty::Text => self.worded(ty, depth),
            _ => self.grouped(ty, depth),
        }
    }

    /// A list, optional or union whose type can be read off: a name, a call, or a list with members.
    fn identity(&mut self, ty: &Ty, depth: usize) -> String {
        match ty {
            Ty::List(of) => {
                let count = 1 + self.dice.below(3);
                let members: Vec<String> = (0..count).map(|_| self.typed(of, depth.saturating_sub(1))).collect();
                format!("[{}]", members.join(", "))
            }
            Ty::Union(name) => {
                let variant = self.plain_variant(name);
                if name == "Entry" || name == "TxnKind" {
                    variant
                } else {
                    self.expression(ty, depth.saturating_sub(1))
                }
            }
            other => self.expression(other, depth),
        }
    }

    /// A text that is surely no digits.
    pub(super) fn worded(&mut self, ty: &Ty, depth: usize) -> String {
        if *ty != Ty::Text {
            return self.grouped(ty, depth);
        }
        match self.dice.below(3) {
            0 => self.literal(&Ty::Text),
            1 => self.var(&Ty::Text).unwrap_or_else(|| self.literal(&Ty::Text)),
            _ => self.interpolated(depth),
        }
    }

    /// A string with values in it.
    pub(super) fn interpolated(&mut self, depth: usize) -> String {
        let mut text = String::from("\"t");
        for _ in 0..1 + self.dice.below(3) {
            let mut of = self.some_ty(0);
            if matches!(of, Ty::Record(_) | Ty::Union(_)) {
                of = Ty::Int;
            }
            let value = self.grouped(&of, depth.saturating_sub(2));
            // A string stands on one line, and holds no other with a line break.
            if value.contains('\n') || value.len() > 60 {
                continue;
            }
            text.push_str(&format!("{{{value}}}"));
            let between = *self.dice.one(&["", "-", " 次 ", "\\n", "z"]);
            text.push_str(between);
        }
        text.push('"');
        text
    }
}
