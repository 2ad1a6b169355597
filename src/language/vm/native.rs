//! What the machine does at once: one total, bounded function each.

use super::arithmetic;
use super::failure::Failures;
use super::heap::Heap;
use super::limits::Limits;
use super::message::{self, Holding, Message};
use super::slot::{self, TextPlace};
use super::trap::Trap;
use crate::language::builtin::row::Pure;
use crate::language::bytecode::program::Program;
use crate::language::types::{Kind, Type};
use crate::payment::amount::Amount;
use crate::payment::currency::Currency;
use crate::payment::hex;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::catalogue;
use crate::world::port::calendar::{LATEST_MS, Moment};

/// What a native function works on.
#[derive(Debug)]
pub struct Native<'a> {
    /// The program.
    pub program: &'a Program,
    /// The run's memory.
    pub heap: &'a mut Heap,
    /// The run's errors.
    pub failures: &'a Failures,
    /// The run's limits.
    pub limits: &'a Limits,
    /// Arguments.
    pub arguments: &'a [u64],
    /// Their types.
    pub types: &'a [Type],
    /// The type of what it gives.
    pub gives: &'a Type,
}

const RESPONSE_CODE: u8 = 39;

impl Native<'_> {
    /// Does it.
    pub fn call(mut self, native: Pure) -> Result<u64, Trap> {
        match native {
            Pure::Mask => mask(self.heap, self.argument(0)?),
            Pure::ToDigits => self.to_digits(),
            Pure::ZeroPad => self.zero_pad(),
            Pure::Part => self.part(),
            Pure::Contains => self.compare(|text, piece| text.contains(piece)),
            Pure::StartsWith => self.compare(|text, piece| text.starts_with(piece)),
            Pure::Hex => self.hex(),
            Pure::AvailableBalance => self.available_balance(),
            Pure::LuhnValid => luhn_valid(self.heap, self.argument(0)?),
            Pure::TextLength => self.text_length(),
            Pure::ListLength => Ok(self.heap.members(self.argument(0)?)?.len() as u64),
            Pure::AmountMinor => Ok(arithmetic::amount(self.argument(0)?)?.minor as u64),
            Pure::AmountCurrency => {
                let currency = arithmetic::amount(self.argument(0)?)?.currency;
                self.heap.keep_text(self.limits, currency.alpha().as_bytes())
            }
            Pure::AmountCurrencyNumber => currency_number(self.argument(0)?),
            Pure::ReplyCode => code_of_reply(self.program, self.heap, self.argument(0)?),
            Pure::ReplyMti | Pure::MessageMti => Ok(Message::at(self.heap, self.argument(0)?)?.mti().0.into()),
            Pure::CodeText => {
                let code = self.code()?;
                self.keep(&code.to_string())
            }
            Pure::CodeMeaning => self.code_meaning(),
            Pure::ErrorCode => {
                let (_, error) =
                    self.failures.at_slot(self.argument(0)?).ok_or(Trap::Defect("a slot holds no error"))?;
                self.heap.keep_text(self.limits, error.code.as_bytes())
            }
            Pure::ErrorName => self.error_name(),
            Pure::DayNear => self.day_near(),
            Pure::PhraseOf => {
                let cells = [self.argument(0)?, self.argument(1)?];
                self.heap.keep_cells(self.limits, &cells).map(u64::from)
            }
        }
    }

    fn argument(&self, at: usize) -> Result<u64, Trap> {
        self.arguments.get(at).copied().ok_or(Trap::Defect("a builtin lacks an argument"))
    }

    fn keep(&mut self, text: &str) -> Result<u64, Trap> {
        self.heap.keep_text(self.limits, text.as_bytes())
    }

    fn bytes(&self, at: usize) -> Result<Vec<u8>, Trap> {
        let slot = self.argument(at)?;
        Ok(self.heap.text(&self.program.bytes, slot).as_bytes().into())
    }

    fn code(&self) -> Result<ResponseCode, Trap> {
        ResponseCode::from_bits(self.argument(0)?).ok_or(Trap::Defect("a slot holds no response code"))
    }

    fn to_digits(&self) -> Result<u64, Trap> {
        let slot = self.argument(0)?;
        let text = self.heap.text(&self.program.bytes, slot);
        let length = text.as_bytes().len();
        let wanted = match self.gives {
            Type::Digits(wanted) if *wanted != 0 => usize::from(*wanted),
            _ => length,
        };
        if length == wanted && text.as_bytes().iter().all(u8::is_ascii_digit) {
            Ok(slot)
        } else {
            Err(Trap::NotDigits(wanted as i64))
        }
    }

    fn zero_pad(&mut self) -> Result<u64, Trap> {
        let (number, width) = (self.argument(0)? as i64, self.argument(1)? as i64);
        let places = usize::try_from(width)
            .ok()
            .filter(|width| *width <= self.limits.text_bytes as usize)
            .ok_or(Trap::NotDigits(width))?;
        let written = number.to_string();
        let fits = match self.gives {
            Type::Digits(wanted) if *wanted != 0 => usize::from(*wanted) == places,
            _ => true,
        };
        if number < 0 || written.len() > places || !fits {
            return Err(Trap::NotDigits(width));
        }
        self.keep(&format!("{number:0places$}"))
    }

    /// A part of a text, counted in characters. It lies where the text does.
    fn part(&mut self) -> Result<u64, Trap> {
        let slot = self.argument(0)?;
        let count = |at: usize| -> Result<usize, Trap> { Ok(usize::try_from(self.argument(at)? as i64).unwrap_or(0)) };
        let (from, length) = (count(1)?, count(2)?);
        let text = self.heap.text(&self.program.bytes, slot);
        let bytes = text.as_bytes();
        let (start, end) = if bytes.is_ascii() {
            let start = from.min(bytes.len());
            (start, start.saturating_add(length).min(bytes.len()))
        } else {
            let text = text.as_str().ok_or(Trap::Defect("a text does not hold characters"))?;
            let start = text.char_indices().nth(from).map_or(text.len(), |(start, _)| start);
            let rest = text.get(start..).unwrap_or_default();
            (start, rest.char_indices().nth(length).map_or(text.len(), |(end, _)| start + end))
        };
        if let Some(short) = slot::inline(bytes.get(start..end).unwrap_or_default()) {
            return Ok(short);
        }
        let (offset, length) = (start as u32, (end - start) as u32);
        Ok(match slot::text_place(slot) {
            TextPlace::Heap(start, _) => slot::heap_text(start + offset, length),
            TextPlace::Constant(start, _) => slot::constant_text(start + offset, length),
            TextPlace::Inline(..) => slot,
        })
    }

    fn compare(&self, holds: impl Fn(&str, &str) -> bool) -> Result<u64, Trap> {
        let text = self.heap.text(&self.program.bytes, self.argument(0)?);
        let piece = self.heap.text(&self.program.bytes, self.argument(1)?);
        match (text.as_str(), piece.as_str()) {
            (Some(text), Some(piece)) => Ok(holds(text, piece).into()),
            _ => Err(Trap::Defect("a text does not hold characters")),
        }
    }

    /// The day of the year before, of this year or of the next that lies nearest; the earlier of two as near.
    fn day_near(&mut self) -> Result<u64, Trap> {
        let near = self.argument(1)? as i64;
        let date = self.bytes(0)?;
        let date = std::str::from_utf8(&date).map_err(|_| Trap::Defect("a text does not hold characters"))?;
        if !(-LATEST_MS..=LATEST_MS).contains(&near) {
            return Ok(0);
        }
        let year = Moment::from_ms(near).year;
        let days = [year.saturating_sub(1), year, year.saturating_add(1)];
        let days = days.into_iter().filter_map(|year| Moment::parse(year, date, "000000")).map(Moment::to_ms);
        match days.min_by_key(|day| day.abs_diff(near)) {
            Some(day) => message::boxed(self.heap, self.limits, Kind::Word, day as u64),
            None => Ok(0),
        }
    }

    fn hex(&mut self) -> Result<u64, Trap> {
        let bytes = self.bytes(0)?;
        self.keep(&hex::encode(&bytes))
    }

    fn text_length(&self) -> Result<u64, Trap> {
        let text = self.heap.text(&self.program.bytes, self.argument(0)?);
        Ok(match self.types.first() {
            Some(Type::Bytes) => text.as_bytes().len() as u64,
            _ => text.as_str().map_or(0, |text| text.chars().count()) as u64,
        })
    }

    fn available_balance(&mut self) -> Result<u64, Trap> {
        let text = self.bytes(0)?;
        let Some(bits) = available(&text).and_then(Amount::to_bits) else {
            return Ok(0);
        };
        message::boxed(self.heap, self.limits, Kind::Amount, bits)
    }

    fn code_meaning(&mut self) -> Result<u64, Trap> {
        let code = self.code()?;
        let (zh, en) = match self.program.codes.row(code) {
            Some(row) => (row.zh.clone(), row.en.clone()),
            None => (format!("未知应答码 {code}"), format!("unknown response code {code}")),
        };
        let cells = [self.keep(&zh)?, self.keep(&en)?];
        self.heap.keep_cells(self.limits, &cells).map(u64::from)
    }

    fn error_name(&mut self) -> Result<u64, Trap> {
        let slot = self.argument(0)?;
        let (_, error) = self.failures.at_slot(slot).ok_or(Trap::Defect("a slot holds no error"))?;
        let declared = self.program.errors.iter().find(|row| row.code == error.code);
        let name = match declared {
            Some(row) => row.name.as_str(),
            None => catalogue::find(&error.code).map_or("", |row| row.name),
        };
        self.heap.keep_text(self.limits, name.as_bytes())
    }
}

/// The masked form of card data.
pub(super) fn mask(heap: &Heap, sealed: u64) -> Result<u64, Trap> {
    Ok(message::sealed(heap, sealed)?.2)
}

/// Whether a card number's check digit is right.
pub(super) fn luhn_valid(heap: &Heap, sealed: u64) -> Result<u64, Trap> {
    Ok(message::sealed(heap, sealed)?.1.into())
}

/// The three digits of an amount's currency.
#[inline(never)]
pub(super) fn currency_number(amount: u64) -> Result<u64, Trap> {
    let number = arithmetic::amount(amount)?.currency.numeric();
    let digit = |power: u16| b'0' + (number / power % 10) as u8;
    slot::inline(&[digit(100), digit(10), digit(1)]).ok_or(Trap::Defect("three digits are no short text"))
}

/// Field 39 of a reply, which must be there.
pub(super) fn code_of_reply(program: &Program, heap: &Heap, reply: u64) -> Result<u64, Trap> {
    let code = reply_code(program, heap, reply)?.ok_or(Trap::FieldMissing(RESPONSE_CODE))?;
    Ok(code.to_bits())
}

/// Field 39 of a reply.
pub fn reply_code(program: &Program, heap: &Heap, reply: u64) -> Result<Option<ResponseCode>, Trap> {
    const CODE: u64 = Holding::Code as u64;
    if let Some((CODE, bits)) = heap.places.find(&heap.cells, reply, RESPONSE_CODE) {
        return Ok(ResponseCode::from_bits(bits));
    }
    Ok(match Message::at(heap, reply)?.field(RESPONSE_CODE)? {
        Some((Holding::Text, slot)) => heap.text(&program.bytes, slot).as_str().and_then(ResponseCode::parse),
        Some((Holding::Code | Holding::Word, bits)) => ResponseCode::from_bits(bits),
        _ => None,
    })
}

/// The available balance in field 54: groups of account type (2), amount type (2, `02` is available), currency (3),
/// `C` or `D`, and twelve digits of minor units.
fn available(groups: &[u8]) -> Option<Amount> {
    let mut found = None;
    for group in groups.chunks(20) {
        let text = std::str::from_utf8(group).ok().filter(|text| text.len() == 20)?;
        let (kind, currency) = (text.get(2..4)?, text.get(4..7)?);
        let (sign, minor) = (text.get(7..8)?, text.get(8..20)?);
        if kind != "02" || found.is_some() {
            continue;
        }
        if !currency.bytes().chain(minor.bytes()).all(|c| c.is_ascii_digit()) {
            return None;
        }
        let minor: i64 = minor.parse().ok()?;
        let currency = Currency::from_numeric(currency.parse().ok()?)?;
        found = Some(match sign {
            "C" => Amount::new(minor, currency),
            "D" => Amount::new(-minor, currency),
            _ => return None,
        });
    }
    found
}
