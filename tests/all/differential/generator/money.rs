//! Cards, messages, and `reversible` with every legal way out.

use super::literal::CODES;
use super::writer::{Ty, Writer};

impl Writer {
    /// A card is read, and perhaps a PIN entered.
    pub(super) fn card(&mut self) {
        self.devices.insert("card");
        let name = self.fresh();
        self.effects = false;
        let amount = if self.dice.percent(40) {
            format!(", amount: {}", self.expression(&Ty::Amount, 1))
        } else {
            String::new()
        };
        self.line(format!("let {name} = card.read(accept: [chip, tap, stripe]{amount}, within: 60s)"));
        if self.dice.percent(50) {
            let error = self.error(1);
            self.line(format!("  on cancel, timeout => fail {error}"));
            self.line("  on chip_error retry 2");
        }
        self.declare(&name, Ty::Record("Card".into()), false);
        if self.dice.percent(60) {
            let masked = self.fresh();
            self.masked = true;
            self.line(format!("let {masked} = mask({name}.pan)"));
            self.declare(&masked, Ty::Text, false);
        }
        if self.dice.percent(40) {
            let sound = self.fresh();
            self.line(format!("let {sound} = luhn_valid({name}.pan)"));
            self.declare(&sound, Ty::Bool, false);
        }
        if self.dice.percent(40) {
            self.devices.insert("pinpad");
            let pin = self.fresh();
            self.line(format!("let {pin} = pinpad.enter_pin(for: {name}.pan, digits: 6, within: 30s)"));
        }
    }

    fn stan(&mut self) -> String {
        self.devices.insert("host");
        "host.next_stan()".into()
    }

    fn terminal(&mut self) -> String {
        self.devices.insert("store");
        if self.dice.percent(60) { "store.terminal_id".into() } else { "\"T0000001\"".into() }
    }

    /// A message that moves no money is sent, and its reply read.
    pub(super) fn messages(&mut self, depth: usize) {
        let (stan, terminal) = (self.stan(), self.terminal());
        let request = self.fresh();
        let sign_in = self.dice.percent(50);
        let kind = if sign_in { "0800" } else { "0200" };
        self.line(format!("let {request} = message {kind} {{"));
        if !sign_in {
            self.line("  F3: \"310000\"");
        }
        self.line(format!("  F11: {stan}"));
        self.line(format!("  F41: {terminal}"));
        if self.dice.percent(50) {
            let note = self.optional_text();
            self.line(format!("  F63: {note}"));
        }
        if sign_in && self.dice.percent(40) {
            let bytes = self.expression(&Ty::Bytes, 1);
            self.line(format!("  F59: {bytes}"));
        }
        self.line("}");
        self.declare(&request, Ty::Message("0800"), false);
        if self.dice.percent(25) {
            let copy = self.fresh();
            let (stan, note) = (self.stan(), self.optional_text());
            self.line(format!("let {copy} = message {kind} from {request} {{ F11: {stan} F63: {note} }}"));
            self.declare(&copy, Ty::Message("0800"), false);
        }
        let reply = self.fresh();
        self.line(format!("let {reply} = host.send({request}, within: 30s)"));
        match self.dice.below(4) {
            0 => {
                let error = self.error(1);
                self.line("  on no_line retry 2 every 1s");
                self.line(format!("  on timeout, bad_mac => fail {error}"));
            }
            1 => {
                let error = self.fresh();
                self.line(format!("  on other {error} => fail {error}"));
            }
            _ => {}
        }
        self.declare(&reply, Ty::Reply("0800"), false);
        if sign_in && depth > 0 && self.dice.percent(40) {
            self.keys(&reply);
        }
    }

    fn optional_text(&mut self) -> String {
        match self.dice.below(3) {
            0 => "\"a note\"".into(),
            1 => format!("trade.note_or_none({})", self.condition(0)),
            _ => self.var(&Ty::Option(Box::new(Ty::Text))).unwrap_or_else(|| "\"\"".into()),
        }
    }

    /// Work keys are loaded.
    fn keys(&mut self, reply: &str) {
        self.devices.insert("pinpad");
        let (keys, bundle, key, kcv) = (self.fresh(), self.fresh(), self.fresh(), self.fresh());
        self.line(format!("let {keys} = {reply}.F62"));
        self.line(format!("if {keys} != none {{"));
        self.line(format!("  let {bundle} = pinpad.read_keys({keys})"));
        self.line(format!("  for {key} in {bundle}.keys {{"));
        self.line(format!("    let {kcv} = pinpad.load({key}.slot, {key}.cryptogram, under: TMK)"));
        self.line(format!("    if {kcv} != {key}.kcv {{"));
        self.line("      pinpad.drop_keys()");
        self.line("    }");
        self.line("  }");
        self.line("}");
    }

    /// `reversible`: sent once, decided once on every way out.
    pub(super) fn reversible(&mut self, depth: usize) {
        let (stan, terminal) = (self.stan(), self.terminal());
        let (request, amount) = (self.fresh(), self.fresh());
        let value = self.expression(&Ty::Amount, 2);
        self.line(format!("let {amount}: Amount = {value}"));
        self.declare(&amount, Ty::Amount, false);
        self.line(format!("let {request} = message 0200 {{"));
        let mut fields = vec![
            "F3: \"000000\"".to_string(),
            format!("F4: {amount}"),
            format!("F11: {stan}"),
            format!("F41: {terminal}"),
        ];
        if self.dice.percent(50) {
            let note = self.optional_text();
            fields.push(format!("F63: {note}"));
        }
        if self.dice.percent(30) {
            fields.push("F60: \"22000001\"".into());
        }
        if self.dice.percent(40) {
            fields.reverse();
        }
        for field in fields {
            self.line(format!("  {field}"));
        }
        self.line("}");
        self.declare(&request, Ty::Message("0200"), false);
        let by = if self.dice.percent(20) {
            format!(" by message 0400 from {request} {{ F38: \"123456\" }}")
        } else {
            String::new()
        };
        self.line(format!("reversible {request}{by} {{"));
        self.open();
        self.region = true;
        let loops = std::mem::replace(&mut self.loops, 0);
        if self.dice.percent(30) {
            self.statements(1, depth.min(1));
        }
        if self.dice.percent(8) {
            let word = if self.dice.percent(50) { "discard" } else { "reverse" };
            self.line(word);
        } else {
            self.exchange(&request, &amount);
        }
        self.loops = loops;
        self.region = false;
        self.close();
        self.line("}");
    }

    fn exchange(&mut self, request: &str, amount: &str) {
        let reply = self.fresh();
        self.line(format!("let {reply} = host.send({request}, within: 60s)"));
        if self.dice.percent(70) {
            if self.dice.percent(50) {
                let times = self.dice.below(3);
                self.line(format!("  on no_line retry {times} => {{"));
            } else {
                self.line("  on no_line => {");
            }
            let word = if self.dice.percent(60) { "discard" } else { "reverse" };
            self.line(format!("    {word}"));
            let leaving = self.leaving();
            self.line(format!("    {leaving}"));
            self.line("  }");
        }
        match self.dice.below(4) {
            0 => {
                self.line("  on timeout => {");
                self.line("    reverse");
                let leaving = self.leaving();
                self.line(format!("    {leaving}"));
                self.line("  }");
            }
            1 => {
                let error = self.error(1);
                self.line(format!("  on timeout, line_dropped => fail {error}"));
            }
            2 => {
                let error = self.fresh();
                self.line(format!("  on other {error} => fail {error}"));
            }
            _ => {}
        }
        self.declare(&reply, Ty::Reply("0200"), false);
        if self.dice.percent(30) {
            self.statements(1, 0);
        }
        self.line(format!("match {reply}.code {{"));
        self.indent += 1;
        let mut arms: Vec<(String, bool)> = vec![("accept".into(), true)];
        let mut refused: Vec<&str> = vec!["decline", "capture", "rekey", "retry", "refer"];
        if self.dice.percent(50) {
            arms.push((refused.drain(..2).collect::<Vec<_>>().join(", "), false));
        }
        arms.push((refused.join(", "), false));
        if self.dice.percent(40) {
            arms.reverse();
        }
        // A single code goes before its category, or its arm would never be reached.
        if self.dice.percent(50) {
            let code = *self.dice.one(&CODES[6..8]);
            arms.insert(0, (code.into(), false));
        }
        for (pattern, approved) in arms {
            self.line(format!("{pattern} => {{"));
            self.open();
            if self.dice.percent(30) {
                self.statements(1, 0);
            }
            if approved {
                self.approved(request, amount, &reply)
            } else {
                self.refused(&reply)
            }
            self.close();
            self.line("}");
        }
        self.indent -= 1;
        self.line("}");
    }

    fn approved(&mut self, request: &str, amount: &str, reply: &str) {
        if self.dice.percent(15) {
            return self.line("reverse");
        }
        if self.dice.percent(8) {
            let error = self.error(1);
            return self.line(format!("fail {error}"));
        }
        let txn = self.fresh();
        self.line(format!("let {txn} = Txn(kind: sale, amount: {amount}, request: {request}, reply: {reply})"));
        self.declare(&txn, Ty::Record("Txn".into()), false);
        self.line(format!("commit {txn}"));
        if self.dice.percent(40) {
            self.effect();
        }
        if self.dice.percent(50) {
            if self.gives == Ty::Union("Outcome".into()) {
                self.line(format!("return approved({txn})"));
            } else {
                let leaving = self.leaving();
                self.line(leaving);
            }
        }
    }

    fn refused(&mut self, reply: &str) {
        match self.dice.below(5) {
            0 => self.line("reverse"),
            1 => {
                let error = self.error(1);
                return self.line(format!("fail {error}"));
            }
            _ => self.line("discard"),
        }
        if self.dice.percent(50) {
            if self.gives == Ty::Union("Outcome".into()) {
                self.line(format!("return declined({reply}.code)"));
            } else {
                let leaving = self.leaving();
                self.line(leaving);
            }
        }
    }

    /// A way out of the flow, after the decision.
    fn leaving(&mut self) -> String {
        if self.dice.percent(30) {
            let error = self.error(1);
            return format!("fail {error}");
        }
        match self.gives.clone() {
            Ty::Nothing => "return".into(),
            Ty::Union(name) if name == "Outcome" => "return cancelled".into(),
            gives => {
                let value = self.expression(&gives, 1);
                format!("return {value}")
            }
        }
    }
}
