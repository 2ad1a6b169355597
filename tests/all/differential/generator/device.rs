//! Requests to devices, made from the rows of the builtins.

use super::writer::{Room, Ty, Writer};
use tillscript::language::builtin;
use tillscript::language::builtin::row::{Builtin, Does, Op, Owner, Simple, Takes, Ty as RowTy};

impl Writer {
    /// A request that gives this type; `None` where no device has one, or none may be asked.
    pub(super) fn asked(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        if !self.effects || self.room != Room::Flow {
            return None;
        }
        let rows: Vec<&'static Builtin> = requests().filter(|row| of_row(row.gives).as_ref() == Some(ty)).collect();
        if rows.is_empty() {
            return None;
        }
        let row = *self.dice.one(&rows);
        self.request(row, depth)
    }

    /// A request that gives nothing or something nobody takes.
    pub(super) fn some_request(&mut self, depth: usize) -> Option<(String, &'static Builtin)> {
        let rows: Vec<&'static Builtin> = requests()
            .filter(|row| row.gives == RowTy::Plain(Simple::Nothing))
            .filter(|row| !(self.region && row.owner == Owner::Device("printer")))
            .collect();
        let row = *self.dice.one(&rows);
        Some((self.request(row, depth)?, row))
    }

    /// The request of a row.
    pub(super) fn request(&mut self, row: &'static Builtin, depth: usize) -> Option<String> {
        let Owner::Device(device) = row.owner else { return None };
        let mut given = Vec::new();
        for takes in row.takes {
            if takes.optional && self.dice.percent(50) {
                continue;
            }
            given.push(self.given(row, takes, depth)?);
        }
        self.devices.insert(device);
        if row.property {
            return Some(format!("{device}.{}", row.name));
        }
        if given.len() > 1 && self.dice.percent(15) {
            // What has a label may stand anywhere.
            let label = row.takes.last().filter(|takes| takes.labelled).map(|takes| format!("{}: ", takes.name));
            let last = given.pop()?;
            if label.is_some_and(|label| last.starts_with(&label)) {
                given.insert(0, last);
            } else {
                given.push(last);
            }
        }
        Some(format!("{device}.{}({})", row.name, given.join(", ")))
    }

    fn given(&mut self, row: &'static Builtin, takes: &Takes, depth: usize) -> Option<String> {
        let value = match (takes.ty, row.does) {
            (RowTy::Plain(Simple::Duration), _) => self.literal(&Ty::Duration).replace("0s", "10s"),
            (RowTy::List(_), _) => "[chip, tap, stripe]".into(),
            (RowTy::Plain(Simple::Int), _) => (1 + self.dice.below(12)).to_string(),
            (RowTy::Plain(Simple::Percent), _) => self.literal(&Ty::Percent),
            // A clock is set to a day and a time that there are.
            (RowTy::Digits(4), Does::Request(Op::StoreSetClock)) => {
                (*self.dice.one(&["\"0101\"", "\"0229\"", "\"0730\"", "\"1231\""])).into()
            }
            (RowTy::Digits(_), Does::Request(Op::StoreSetClock)) => {
                (*self.dice.one(&["\"000000\"", "\"093005\"", "\"235959\""])).into()
            }
            (RowTy::Digits(length), _) => self.literal(&Ty::Digits(length)),
            (RowTy::Plain(Simple::Cryptogram), _) => return None,
            (ty, _) => {
                let ty = of_row(ty)?;
                if ty == Ty::Slip {
                    return self.call(&Ty::Slip, depth.min(2));
                }
                if matches!(ty, Ty::Pan) { self.var(&ty)? } else { self.expression(&ty, depth.min(2)) }
            }
        };
        let value = if value.starts_with(['-', '(']) && value.contains('\n') { format!("({value})") } else { value };
        Some(if takes.labelled { format!("{}: {value}", takes.name) } else { value })
    }
}

/// Requests that a flow makes by a call or a property; messages and cards have shapes of their own.
fn requests() -> impl Iterator<Item = &'static Builtin> {
    builtin::all().filter(|row| {
        !row.fixture
            && has_types(row)
            && matches!(row.does, Does::Request(op) if !matches!(op, Op::HostSend | Op::PinpadReadKeys | Op::PinpadLoad))
    })
}

/// Has the generator every type of this row?
pub(super) fn has_types(row: &Builtin) -> bool {
    let message = |ty: &RowTy| *ty == RowTy::Plain(Simple::Message);
    of_row(row.gives).is_some() && row.takes.iter().all(|takes| !message(&takes.ty) && of_row(takes.ty).is_some())
}

/// The type of a row, if the generator has it.
pub(super) fn of_row(ty: RowTy) -> Option<Ty> {
    Some(match ty {
        RowTy::Plain(simple) => match simple {
            Simple::Bool => Ty::Bool,
            Simple::Int => Ty::Int,
            Simple::Text => Ty::Text,
            Simple::Bytes => Ty::Bytes,
            Simple::Amount => Ty::Amount,
            Simple::Percent => Ty::Percent,
            Simple::Duration => Ty::Duration,
            Simple::Time => Ty::Time,
            Simple::ResponseCode => Ty::Code,
            Simple::Mti => Ty::Mti,
            Simple::Phrase => Ty::Phrase,
            Simple::Receipt => Ty::Slip,
            Simple::Pan => Ty::Pan,
            Simple::Kcv => Ty::Kcv,
            Simple::Expiry => Ty::Expiry,
            Simple::Nothing => Ty::Nothing,
            _ => return None,
        },
        RowTy::Digits(length) => Ty::Digits(length),
        RowTy::List(of) => Ty::List(Box::new(of_row(*of)?)),
        RowTy::Optional(of) => Ty::Option(Box::new(of_row(*of)?)),
        // Records that only the world makes have no literal.
        RowTy::Record(name) if ["Txn", "Card"].contains(&name) => Ty::Record(name.into()),
        RowTy::Record(_) => return None,
        RowTy::Union(name) => Ty::Union(name.into()),
    })
}
