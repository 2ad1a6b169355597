//! A whole program: its items, its flows, the entry, a test now and then.

use super::writer::{Callable, Room, Ty, Writer};

/// The text of a program.
pub(in super::super) fn write(seed: u64) -> String {
    let mut writer = Writer::new(seed);
    writer.line("edition 1");
    writer.line("");
    writer.line("import trade");
    writer.line("");
    writer.imported();
    writer.shapes();
    writer.pure_items();
    for at in 0..writer.dice.below(3) {
        writer.flow(&format!("part{at}"), false);
    }
    writer.flow("main", true);
    if writer.dice.percent(20) {
        writer.test();
    }
    writer.text
}

impl Writer {
    fn flow(&mut self, name: &str, entry: bool) {
        let parameters: Vec<(String, Ty)> = (0..self.dice.below(4)).map(|_| (self.fresh(), self.some_ty(1))).collect();
        let outcome = Ty::Union("Outcome".into());
        self.gives = match self.dice.below(6) {
            0 if !entry => Ty::Nothing,
            1 | 2 => outcome,
            _ => self.some_ty(1),
        };
        let gives = if self.gives == Ty::Nothing { String::new() } else { format!(" -> {}", self.named(&self.gives)) };
        let written = self.begin(&parameters);
        self.room = Room::Flow;
        self.effects = false;
        self.loops = 0;
        self.region = false;
        self.budget = if entry { 14 } else { 6 };
        // The body is written first: it tells which devices the flow touches.
        let before = std::mem::take(&mut self.text);
        self.open();
        self.statements(if entry { 8 } else { 4 }, 3);
        self.give();
        self.close();
        let body = std::mem::replace(&mut self.text, before);
        let called = |known: &Callable| known.opens && body.contains(&format!("{}(", known.name));
        let opens = body.contains("reversible ") || self.callables.iter().any(called);
        let uses = if entry && !self.devices.is_empty() {
            let devices: Vec<&str> = self.devices.iter().copied().collect();
            format!(" uses {}", devices.join(", "))
        } else {
            String::new()
        };
        let word = if entry { "pub flow" } else { "flow" };
        self.line(format!("{word} {name}({written}){gives}{uses} {{"));
        self.text.push_str(&body);
        self.line("}");
        self.line("");
        let gives = self.gives.clone();
        self.callables.push(Callable { name: name.into(), parameters, gives, flow: true, opens });
    }

    /// A test: fixtures, calls, claims.
    fn test(&mut self) {
        self.begin(&[]);
        self.line("test \"试一试 a flow\" {");
        self.open();
        self.room = Room::Test;
        for _ in 0..self.dice.below(4) {
            let fixture = *self.dice.one(&[
                "card.inserts(\"debit\", pin: \"123456\")",
                "card.taps(\"debit\")",
                "card.swipes(\"debit\")",
                "host.replies(F39: \"51\", F37: \"123\")",
                "host.silent(for: 61s)",
                "terminal.fault(\"no-line\")",
            ]);
            self.line(format!("given {fixture}"));
        }
        self.effects = true;
        let flows: Vec<Callable> = self
            .callables
            .iter()
            .filter(|known| known.flow && known.gives != Ty::Nothing && !known.name.contains('.'))
            .cloned()
            .collect();
        self.room = Room::Pure;
        for flow in flows.iter().take(2) {
            let call = self.call_of(flow, 1).replace('\n', " ");
            match &flow.gives {
                Ty::Union(name) if name == "Outcome" => {
                    let sign = if self.dice.percent(70) { "==" } else { "!=" };
                    let claim = match self.dice.below(5) {
                        0 => "done".into(),
                        1 => "cancelled".into(),
                        2 => "failed(Timeout)".into(),
                        3 => "declined(poor)".into(),
                        _ => "approved".to_string(),
                    };
                    self.line(format!("expect {call} {sign} {claim}"));
                }
                ty if ty.comparable() && !matches!(ty, Ty::Option(_) | Ty::List(_) | Ty::Union(_) | Ty::Text) => {
                    let value = self.expression(ty, 0);
                    self.line(format!("expect {call} == {value}"));
                }
                ty => {
                    let name = self.fresh();
                    self.line(format!("let {name} = {call}"));
                    self.declare(&name, ty.clone(), false);
                    if matches!(ty, Ty::Option(_)) {
                        self.line(format!("expect {name}"));
                    }
                }
            }
        }
        for _ in 0..1 + self.dice.below(3) {
            let claim = *self.dice.one(&[
                "screen.shows(\"a\")",
                "printer.printed(\"SLIP\")",
                "host.received(0200, F41: \"T0000001\")",
                "host.received(0800) == none",
                "host.order() == [0200, 0400]",
                "host.ledger() == batch.ledger()",
                "not (1 > 2)",
                "1 + 1 <= 2",
            ]);
            self.line(format!("expect {claim}"));
        }
        self.close();
        self.line("}");
    }
}
