//! Statements of a flow.

use super::literal::ERRORS;
use super::writer::{Room, Ty, Writer};
use tillscript::language::builtin::row::Builtin;
use tillscript::script_error::catalogue;

impl Writer {
    /// So many statements, as far as the budget goes.
    pub(super) fn statements(&mut self, most: usize, depth: usize) {
        for _ in 0..1 + self.dice.below(most) {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: usize) {
        match self.dice.below(32) {
            0..8 => self.binding(),
            8..11 => self.assignment(),
            11..14 if depth > 0 => self.branch(depth),
            14 | 15 if depth > 0 => self.match_statement(depth),
            16 | 17 if depth > 0 && self.loops < 2 => self.repeated(depth),
            18 if depth > 0 => self.narrowed(depth),
            19..23 => self.effect(),
            23 => {
                let name = self.dice.one(&["card", "读卡", "联机", "one more"]).to_string();
                self.line(format!("step \"{name}\""));
            }
            24 => self.messages(depth),
            25 => self.card(),
            26 if self.loops > 0 && !self.region => {
                let condition = self.condition(1);
                self.line(format!("if {condition} {{"));
                self.line("  break");
                self.line("}");
            }
            27 => {
                let condition = self.condition(1);
                let error = self.error(2);
                self.line(format!("if {condition} {{"));
                self.line(format!("  fail {error}"));
                self.line("}");
            }
            28 if !self.region => {
                let condition = self.condition(1);
                self.line(format!("if {condition} {{"));
                self.indent += 1;
                self.give();
                self.indent -= 1;
                self.line("}");
            }
            29..32 if !self.region && depth > 0 => self.reversible(depth),
            _ => self.binding(),
        }
    }

    /// `return …`
    pub(super) fn give(&mut self) {
        let gives = self.gives.clone();
        if gives == Ty::Nothing {
            return self.line("return");
        }
        let value = self.expression(&gives, 3);
        self.line(format!("return {value}"));
    }

    /// `let x: T = …`, with handlers where it is a call.
    pub(super) fn binding(&mut self) {
        let (word, changeable) = if self.dice.percent(60) { ("let", false) } else { ("var", true) };
        let ty = match self.dice.below(12) {
            0 => Ty::Error,
            1 => Ty::Phrase,
            2 => Ty::Time,
            3 => Ty::Union("Outcome".into()),
            _ => self.some_ty(2),
        };
        let name = self.fresh();
        let written = self.named(&ty);
        self.effects = self.dice.percent(45);
        if self.effects
            && self.dice.percent(50)
            && let Some((call, row)) = self.guardable(&ty)
        {
            self.line(format!("{word} {name}: {written} = {call}"));
            self.handlers(&ty, row, true);
        } else {
            let value = match ty {
                // The world's clock is where times come from.
                Ty::Time if self.var(&Ty::Time).is_none() => {
                    self.devices.insert("clock");
                    "clock.now()".into()
                }
                _ => self.expression(&ty, 3),
            };
            let plain =
                matches!(ty, Ty::Bool | Ty::Int | Ty::Amount | Ty::Duration | Ty::Percent) && self.dice.percent(40);
            let annotation = if plain { String::new() } else { format!(": {written}") };
            self.line(format!("{word} {name}{annotation} = {value}"));
            if self.effects && self.dice.percent(15) && !value_ends_open(&value) {
                self.handlers(&ty, None, true);
            }
        }
        self.effects = false;
        self.declare(&name, ty, changeable);
    }

    /// A call of this type that handlers can stand under.
    fn guardable(&mut self, ty: &Ty) -> Option<(String, Option<&'static Builtin>)> {
        if self.dice.percent(55) {
            let rows: Vec<&'static Builtin> = tillscript::language::builtin::all()
                .filter(|row| {
                    !row.fixture && !row.errors.is_empty() && super::device::of_row(row.gives).as_ref() == Some(ty)
                })
                .collect();
            if !rows.is_empty() {
                let row = *self.dice.one(&rows);
                return Some((self.request(row, 2)?, Some(row)));
            }
        }
        self.call(ty, 3).map(|call| (call, None))
    }

    fn assignment(&mut self) {
        let changeable: Vec<(String, Ty)> =
            self.visible().iter().filter(|var| var.changeable).map(|var| (var.name.clone(), var.ty.clone())).collect();
        if changeable.is_empty() {
            return self.binding();
        }
        let (name, ty) = self.dice.one(&changeable).clone();
        self.effects = self.dice.percent(40);
        let guarded = if self.effects && self.dice.percent(50) { self.guardable(&ty) } else { None };
        match guarded {
            Some((call, row)) => {
                self.line(format!("{name} = {call}"));
                self.handlers(&ty, row, true);
            }
            None => {
                let value = self.expression(&ty, 3);
                self.line(format!("{name} = {value}"));
            }
        }
        self.effects = false;
    }

    fn branch(&mut self, depth: usize) {
        self.effects = self.dice.percent(20);
        let condition = self.condition(2);
        self.effects = false;
        self.line(format!("if {condition} {{"));
        self.inside(3, depth);
        if self.dice.percent(50) {
            if self.dice.percent(30) {
                let other = self.condition(1);
                self.line(format!("}} else if {other} {{"));
                self.inside(2, depth);
            }
            self.line("} else {");
            self.inside(2, depth);
        }
        self.line("}");
    }

    fn inside(&mut self, most: usize, depth: usize) {
        self.open();
        self.statements(most, depth - 1);
        self.close();
    }

    fn match_statement(&mut self, depth: usize) {
        let (subject, arms) = self.arms(1);
        self.line(format!("match {subject} {{"));
        self.indent += 1;
        for (pattern, names) in arms {
            self.line(format!("{pattern} => {{"));
            self.open();
            for (name, ty) in names {
                self.declare(&name, ty, false);
            }
            self.statements(2, depth - 1);
            self.close();
            self.line("}");
        }
        self.indent -= 1;
        self.line("}");
    }

    fn repeated(&mut self, depth: usize) {
        self.loops += 1;
        let list = Ty::List(Box::new(self.some_ty(0)));
        let over = if self.dice.percent(50) { self.var(&list) } else { None };
        match over {
            Some(list_name) => {
                let name = self.fresh();
                self.line(format!("for {name} in {list_name} {{"));
                self.open();
                let Ty::List(of) = list else { unreachable!("a list was asked for") };
                self.declare(&name, *of, false);
                self.statements(3, depth - 1);
                self.close();
            }
            None if self.dice.percent(50) => {
                let name = self.fresh();
                let members: Vec<String> = (0..1 + self.dice.below(3)).map(|_| self.expression(&Ty::Int, 1)).collect();
                self.line(format!("for {name} in [{}] {{", members.join(", ")));
                self.open();
                self.declare(&name, Ty::Int, false);
                self.statements(3, depth - 1);
                self.close();
            }
            None => {
                let times = self.dice.below(4);
                self.line(format!("repeat {times} times {{"));
                self.inside(3, depth);
            }
        }
        self.line("}");
        self.loops -= 1;
    }

    /// `if x != none { … }`, where x is there.
    fn narrowed(&mut self, depth: usize) {
        let optional: Vec<(String, Ty)> = self
            .visible()
            .iter()
            .filter(|var| matches!(var.ty, Ty::Option(_)) && !var.changeable)
            .map(|var| (var.name.clone(), var.ty.clone()))
            .collect();
        if optional.is_empty() {
            return self.branch(depth);
        }
        let (name, ty) = self.dice.one(&optional).clone();
        let Ty::Option(of) = ty else { unreachable!("an optional was asked for") };
        let also = if self.dice.percent(30) { format!("{} and ", self.condition(1)) } else { String::new() };
        self.line(format!("if {also}{name} != none {{"));
        self.open();
        self.declare(&name, *of, false);
        self.statements(3, depth - 1);
        self.close();
        self.line("}");
    }

    /// A request for its own sake, or a call of a flow that gives nothing.
    pub(super) fn effect(&mut self) {
        self.effects = true;
        let flows: Vec<_> = self
            .callables
            .iter()
            .filter(|known| known.gives == Ty::Nothing && !(known.opens && self.region))
            .cloned()
            .collect();
        if !flows.is_empty() && self.dice.percent(40) {
            let flow = self.dice.one(&flows).clone();
            let call = self.call_of(&flow, 2);
            self.line(call);
            if self.dice.percent(40) {
                self.handlers(&Ty::Nothing, None, false);
            }
        } else if let Some((call, row)) = self.some_request(2) {
            self.line(call);
            if self.dice.percent(40) {
                self.handlers(&Ty::Nothing, Some(row), false);
            }
        } else {
            self.devices.insert("screen");
            self.line("screen.clear()");
        }
        self.effects = false;
    }

    /// Handlers for a call that gives this type. `row`: of a builtin, whose errors are known.
    pub(super) fn handlers(&mut self, ty: &Ty, row: Option<&'static Builtin>, wants_value: bool) {
        let effects = std::mem::replace(&mut self.effects, false);
        let mut names: Vec<String> = match row {
            Some(row) => {
                row.errors.iter().filter_map(|code| catalogue::row(*code)).map(|row| row.name.into()).collect()
            }
            None => {
                let mut names: Vec<String> = ERRORS.iter().map(|name| name.to_string()).collect();
                names.extend(self.errors.iter().map(|(name, _)| name.clone()).filter(|name| !name.contains('.')));
                names
            }
        };
        let count = 1 + self.dice.below(3);
        for at in 0..count {
            let other = names.is_empty() || at + 1 == count && self.dice.percent(60);
            let (head, binds) = if other {
                let name = self.dice.percent(60).then(|| self.fresh());
                (name.as_ref().map_or("other".into(), |name| format!("other {name}")), name)
            } else {
                let mut taken = vec![names.remove(self.dice.below(names.len()))];
                if !names.is_empty() && self.dice.percent(30) {
                    taken.push(names.remove(self.dice.below(names.len())));
                }
                (taken.join(", "), None)
            };
            let retry = if self.dice.percent(35) {
                let every = if self.dice.percent(40) { " every 2s" } else { "" };
                let times = if self.constants.iter().any(|(name, _)| name == "trade.SHARED") && self.dice.percent(3) {
                    "trade.SHARED".to_string()
                } else {
                    self.dice.below(4).to_string()
                };
                format!(" retry {times}{every}")
            } else {
                String::new()
            };
            if !retry.is_empty() && self.dice.percent(30) {
                self.line(format!("  on {head}{retry}"));
            } else {
                self.handler_body(&format!("  on {head}{retry} =>"), binds, ty, wants_value);
            }
            if other {
                break;
            }
        }
        self.effects = effects;
    }

    fn handler_body(&mut self, head: &str, binds: Option<String>, ty: &Ty, wants_value: bool) {
        self.open();
        if let Some(name) = &binds {
            self.declare(name, Ty::Error, false);
        }
        let leaves = self.dice.percent(25);
        if leaves && !self.region && self.dice.percent(50) {
            self.indent -= 1;
            let value = if self.gives == Ty::Nothing { String::new() } else { self.expression(&self.gives.clone(), 2) };
            self.line(format!("{head} return {value}").trim_end());
            self.indent += 1;
        } else if leaves || self.dice.percent(15) {
            let error = match &binds {
                Some(name) if self.dice.percent(60) => name.clone(),
                _ => self.error(2),
            };
            self.indent -= 1;
            self.line(format!("{head} fail {error}"));
            self.indent += 1;
        } else if wants_value && self.dice.percent(50) {
            let value = self.expression(ty, 3);
            let value = if value.starts_with('-') { format!("({value})") } else { value };
            self.indent -= 1;
            self.line(format!("{head} {value}"));
            self.indent += 1;
        } else {
            self.indent -= 1;
            self.line(format!("{head} {{"));
            self.indent += 1;
            self.indent += 1;
            if self.budget > 0 && self.room == Room::Flow {
                self.statements(2, 0);
            }
            if wants_value {
                let value = self.expression(ty, 2);
                let value = if value.starts_with(['-', '(', '[']) {
                    let name = self.fresh();
                    let written = self.named(ty);
                    self.line(format!("let {name}: {written} = {value}"));
                    name
                } else {
                    value
                };
                self.line(value);
            }
            self.indent -= 1;
            self.line("  }");
        }
        self.close();
    }
}

/// Does the value end where a handler could be read as its own?
fn value_ends_open(value: &str) -> bool {
    value.contains("=>")
}
