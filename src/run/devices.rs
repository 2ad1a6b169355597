//! What each request of a script does to the terminal.

use crate::language::builtin::row::Op;
use crate::language::vm::heap::TextBytes;
use crate::language::vm::request::Request;
use crate::language::vm::value::{ReceiptValue, Value};
use crate::language::vm::view::ReceiptLine;
use crate::payment::amount::Amount as Sum;
use crate::payment::card::Pan;
use crate::payment::iso8583::number::digits;
use crate::run::certificate::Asked;
use crate::run::chip;
use crate::run::content::{RunMessage, characters};
use crate::run::day;
use crate::run::doctor::examination;
use crate::run::exchange::{exchange, is_sign_in, rule_of};
use crate::run::happening::{Happening, Sentence, shown_slip};
use crate::run::recovery::{self, Which};
use crate::run::reversible;
use crate::run::session::Session;
use crate::run::wire::{HIDDEN, from_wire, misused, stan_of, to_wire};
use crate::script_error::catalogue::{hardware, limits, network, storage, types};
use crate::script_error::code::Fact;
use crate::script_error::words::{Language, Said};
use crate::world::port::card_reader::{CardRead, Entry};
use crate::world::port::failure::Failure;
use crate::world::port::pin_pad::KeySlot;
use crate::world::port::power::PowerPoint;
use crate::world::port::printer::{Slip, SlipLine, SlipWords};
use crate::world::port::record::Record;
use crate::world::port::waited::Waited;
use std::borrow::Cow;

/// Why a request was not answered with a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// A device or the host link failed; the script may handle it.
    Failed(Failure),
    /// The power is gone; nothing more happens in the session.
    PowerCut(PowerPoint),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(failure)
    }
}

/// Answers one request of a run. Messages and slips, which are long, are read where they lie in the machine.
pub fn answer_run(session: &mut Session<'_>, request: &Request<'_>) -> Result<Value, Stop> {
    let message = |at| RunMessage::seen(request.argument(at));
    match request.op() {
        Op::HostSend => {
            if let (Some(message), Some(within)) = (message(0), request.argument(1).as_int()) {
                session.booked = None;
                return host_send(session, message, within);
            }
        }
        Op::CardComplete => {
            if let (Some(reply), Some(within)) = (message(0), request.argument(1).as_int()) {
                return chip::complete(session, reply, within);
            }
        }
        Op::ReverseOpen => {
            if let Some(asked) = message(0) {
                return reversible::open(session, asked, message(1));
            }
        }
        Op::Commit => return reversible::commit(session, reversible::Txn::seen(request.argument(0))),
        Op::PrinterPrint => {
            let only = session.ports.printer.only_language().filter(|_| !session.is_observed());
            let lines: Vec<ReceiptLine<'_>> = request.argument(0).receipt_lines().collect();
            return print(session, lines.iter().map(|line| read_line(line, only)));
        }
        Op::ScreenShow => {
            if let Some((zh, en)) = request.argument(0).phrase() {
                return show(session, Said::new(characters(zh.as_bytes()), characters(en.as_bytes())));
            }
        }
        _ => {}
    }
    answer(session, request.op(), &owned(request))
}

/// The arguments of a request, copied: for traces, and for requests whose arguments are short.
pub fn owned(request: &Request<'_>) -> Vec<Value> {
    request.arguments().map(|view| view.to_value()).collect()
}

/// Answers one request whose arguments were copied. They come in the order of the builtin's row.
pub fn answer(session: &mut Session<'_>, op: Op, arguments: &[Value]) -> Result<Value, Stop> {
    use Value::{Amount, Int, List, Message, Phrase, Sealed, Text, Variant};
    match (op, arguments) {
        (Op::ScreenShow, [Phrase { zh, en }]) => show(session, Said::new(zh.as_str(), en.as_str())),
        (Op::ScreenConfirm, [Phrase { zh, en }, Int(within)]) => {
            let said = Said::new(zh.as_str(), en.as_str());
            session.happen(Happening::Screen { sentence: Sentence::from(&said) });
            let waited = session.ports.screen.confirm(&said, *within);
            Ok(Value::Bool(session.pass(waited)?))
        }
        (Op::ScreenClear, []) => {
            session.ports.screen.clear();
            Ok(Value::Nothing)
        }
        (Op::KeypadAmount, [Phrase { zh, en }, Int(within)]) => {
            let waited = session.ports.keypad.amount(&Said::new(zh.as_str(), en.as_str()), *within);
            Ok(Amount(session.pass(waited)?))
        }
        (Op::KeypadDigits, [Phrase { zh, en }, Int(most), Int(within)]) => {
            let most = usize::try_from(*most).unwrap_or(0);
            let waited = session.ports.keypad.digits(&Said::new(zh.as_str(), en.as_str()), most, *within);
            Ok(Text(session.pass(waited)?))
        }
        (Op::CardRead, [List(accept), amount, Int(within)]) => {
            let accept: Vec<Entry> = accept.iter().filter_map(entry).collect();
            let amount = match amount {
                Amount(amount) => Some(*amount),
                _ => None,
            };
            let waited = session.ports.card.read(&accept, amount, *within);
            let card = session.pass(waited)?;
            Ok(card_value(session, &card))
        }
        (Op::CardComplete, [Message { mti, fields }, Int(within)]) => {
            chip::complete(session, RunMessage::Kept(*mti, fields), *within)
        }
        (Op::CardDecide, [Amount(amount), Int(within)]) => chip::decide(session, *amount, *within),
        (Op::CardRelease, []) => {
            session.ports.card.release();
            Ok(Value::Nothing)
        }
        (Op::PinpadSerial, []) => Ok(Text(session.ports.pin_pad.serial()?)),
        (Op::PinpadEnterPin, [Sealed { number, .. }, Int(digits), amount, Int(within)]) => {
            let pan = session.vault.open(*number).and_then(|digits| std::str::from_utf8(digits).ok());
            let pan =
                pan.and_then(|digits| Pan::parse(digits).ok()).ok_or_else(|| misused("the card number is gone"))?;
            let digits = u8::try_from(*digits).unwrap_or(12);
            let amount = match amount {
                Amount(amount) => Some(*amount),
                _ => None,
            };
            let waited = session.ports.pin_pad.enter_pin(&pan, digits, amount, *within);
            let block = session.pass(waited)?;
            let number = session.vault.seal(block.as_bytes());
            session.happen(Happening::PinEntered);
            Ok(hidden(number))
        }
        (Op::PinpadReadKeys, [Sealed { number, .. }]) => {
            let bundle = session.vault.open(*number).ok_or_else(|| misused("the keys are gone"))?;
            let keys = session.ports.pin_pad.read_keys(bundle)?;
            let keys = keys
                .iter()
                .map(|key| {
                    let number = session.vault.seal(key.cryptogram());
                    Value::Record(vec![
                        Variant { tag: KeySlot::from(key.slot).tag(), payload: None },
                        hidden(number),
                        Text(key.check_value.to_string()),
                    ])
                })
                .collect();
            Ok(Value::Record(vec![List(keys)]))
        }
        (Op::PinpadLoad, [Variant { tag: slot, .. }, Sealed { number, .. }, Variant { tag: under, .. }]) => {
            let (Some(slot), Some(under)) = (KeySlot::from_tag(*slot), KeySlot::from_tag(*under)) else {
                return Err(misused("there is no such key slot").into());
            };
            let cryptogram = session.vault.open(*number).ok_or_else(|| misused("the key is gone"))?;
            let check_value = session.ports.pin_pad.load(slot, cryptogram, under)?.to_string();
            session.happen(Happening::KeyChecked { slot: slot.word().into(), check_value: check_value.clone() });
            Ok(Text(check_value))
        }
        (Op::PinpadActivateKeys, []) => nothing(session.ports.pin_pad.activate_keys()),
        (Op::PinpadDropKeys, []) => nothing(session.ports.pin_pad.drop_keys()),
        (Op::PinpadEraseWorkKeys, []) => nothing(session.ports.pin_pad.erase_work_keys()),
        (Op::HostSend, [Message { mti, fields }, Int(within)]) => {
            // With another message something else begins: a slip after it is not of what was booked before.
            session.booked = None;
            host_send(session, RunMessage::Kept(*mti, fields), *within)
        }
        (Op::HostNextStan, []) => Ok(Text(six_digits(session.ports.journal.take_stan()?))),
        (Op::PrinterPrint, [Value::Receipt(lines)]) => print(session, lines.iter().map(slip_line)),
        (Op::StoreTerminalId, []) => Ok(Text(session.ports.parameters.terminal_id.clone())),
        (Op::StoreMerchantId, []) => Ok(Text(session.ports.parameters.merchant_id.clone())),
        (Op::StoreMerchantName, []) => Ok(Text(session.ports.parameters.merchant_name.clone())),
        (Op::StoreBatchNo, []) => Ok(Text(six_digits(session.ports.journal.state().batch))),
        (Op::StoreOperator, []) => Ok(Text(session.ports.parameters.operator.clone())),
        (Op::StoreSignedIn, []) => Ok(Value::Bool(session.ports.journal.state().signed_in)),
        (Op::StoreSetClock, [Text(date), Text(time)]) => {
            // A date the host makes up changes nothing: a wrong clock is better than a lost sign-in.
            session.ports.clock.set_from_host(date, time);
            Ok(Value::Nothing)
        }
        (Op::StoreSetBatch, [Text(number)]) => match number.parse() {
            Ok(number @ 1..=999_999) => day::set_batch(session, number),
            _ => Err(Failure::new(limits::NOT_DIGITS).fact("length", Fact::Count(number.len() as i64)).into()),
        },
        (Op::StoreMarkSignedIn, []) => nothing(session.ports.journal.append(Record::SignedIn)),
        (Op::StoreMarkSignedOut, []) => nothing(session.ports.journal.append(Record::SignedOut)),
        (Op::StoreRequireSoftware, [Text(version)]) => nothing(session.ports.parameters.require_software(version)),
        (Op::BatteryLevel, []) => Ok(Int(session.ports.battery.level())),
        (Op::BatteryRequire, [Int(at_least)]) => nothing(session.ports.battery.require(*at_least)),
        (Op::BeeperBeep, []) => {
            session.ports.beeper.beep();
            session.happen(Happening::Beep);
            Ok(Value::Nothing)
        }
        (Op::ClockNow, []) => Ok(Int(session.ports.clock.now_ms())),
        (Op::LogInfo, [Text(text)]) => {
            session.ports.log.info(text);
            session.happen(Happening::Log { text: text.clone() });
            Ok(Value::Nothing)
        }
        (Op::BatchCount, []) => Ok(Int(session.ports.journal.state().batch_count() as i64)),
        (Op::BatchTotal, []) => match session.ports.journal.state().batch_total() {
            Ok(Some(total)) => Ok(Amount(total)),
            Ok(None) => match session.home_currency() {
                Some(currency) => Ok(Amount(Sum::zero(currency))),
                None => Err(misused("there is no currency").into()),
            },
            Err(_) => Err(Failure::new(limits::OVERFLOW).text("operation", "batch.total").into()),
        },
        (Op::JournalPending, []) => Ok(Int(session.ports.journal.state().pending.len() as i64)),
        (Op::Sleep, [Int(pause)]) => {
            session.ports.clock.elapse((*pause).max(0));
            Ok(Value::Nothing)
        }
        (Op::ReverseOpen, [Message { mti, fields }, by]) => {
            reversible::open(session, RunMessage::Kept(*mti, fields), RunMessage::of(by))
        }
        (Op::Commit, [Value::Record(txn)]) => reversible::commit(session, reversible::Txn::of(txn)),
        (Op::Discard, _) => reversible::discard(session),
        (Op::Reverse, reason) => reversible::reverse(session, reason.first()),
        (Op::DoctorCheck | Op::DoctorAskHost | Op::DoctorFailed, _) => examination::answer(session, op, arguments),
        _ => day::answer(session, op, arguments),
    }
}

/// The class of message types that settle: 05xx. What waits goes out before them, though they carry no MAC.
const SETTLEMENT: u16 = 5;

/// Sends a message: pending reversals first, then the message itself.
fn host_send(session: &mut Session<'_>, asked: RunMessage<'_>, within_ms: i64) -> Result<Value, Stop> {
    let Some(dialect) = session.program.dialect.as_ref() else {
        return Err(Failure::new(types::NO_DIALECT).into());
    };
    let mti = asked.mti();
    let request = to_wire(asked, &session.vault)?;
    let rule = rule_of(dialect, &request);
    if rule.is_some_and(|rule| rule.moves_money) && session.open.is_none_or(|open| stan_of(&request) != Some(open)) {
        return Err(Failure::new(limits::REVERSIBLE_MISUSED)
            .fact(
                "detail",
                Fact::Said(Said::new(
                    "动账的报文在 reversible 之外发送",
                    "a message that moves money was sent outside its reversible region",
                )),
            )
            .into());
    }
    if matches!(mti.0 / 100, 1 | 2) && session.ports.journal.state().fenced {
        return Err(Failure::new(storage::RECONCILE_FIRST).into());
    }
    if is_sign_in(mti) {
        // A reversal the host cannot check for want of keys must not keep the terminal from getting keys.
        let _ = session.send_pending();
    } else if session.open.is_some() && stan_of(&request) == session.open {
        // What waits went out before the reversal of this request was recorded; a script result is not asked twice.
        session.send_reversals()?;
    } else if rule.is_some_and(|rule| rule.mac) || mti.0 / 100 == SETTLEMENT {
        session.send_pending()?;
    }
    let is_open = session.open.is_some() && stan_of(&request) == session.open;
    let mut seen = Vec::new();
    let result = exchange(&mut session.ports, dialect, request, within_ms, &mut |happening| seen.push(happening));
    // Shown as sent, it may have left. Without a line not one byte did; an earlier attempt may have all the same.
    let no_line = result.as_ref().is_err_and(|failure| failure.code == network::NO_LINE);
    if is_open && !no_line && seen.iter().any(|happening| matches!(happening, Happening::Sent { .. })) {
        session.handed_over = true;
    }
    let cut = session.cut_at(PowerPoint::AfterSend);
    for happening in seen {
        // A terminal without power sees no reply.
        if cut.is_ok() || matches!(happening, Happening::Sent { .. }) {
            session.happen(happening);
        }
    }
    cut?;
    let reply = result?;
    session.cut_at(PowerPoint::AfterReply)?;
    if mti.0 / 100 == SETTLEMENT {
        session.settlement = Some(reply.text(48).unwrap_or_default().to_owned());
    }
    let currency = asked.any_amount().map(|amount| amount.currency);
    Ok(from_wire(&reply, dialect, currency, &mut session.vault))
}

/// Shows a sentence.
fn show(session: &mut Session<'_>, said: Said) -> Result<Value, Stop> {
    session.ports.screen.show(&said);
    if session.is_observed() {
        session.happen(Happening::Screen { sentence: Sentence { zh: said.zh, en: said.en } });
    }
    Ok(Value::Nothing)
}

/// Prints a slip.
fn print<'l>(session: &mut Session<'_>, lines: impl Iterator<Item = SlipLine<'l>>) -> Result<Value, Stop> {
    session.cut_at(PowerPoint::BeforePrint)?;
    let slip = Slip { lines: lines.collect(), of: session.open.or(session.booked) };
    // Once printing has begun, nobody knows after a power cut whether the slip is on paper: another one is a copy then.
    if let Some(stan) = session.booked {
        session.ports.journal.append(Record::PrintStarted { stan })?;
    }
    match session.ports.printer.print(&slip) {
        Ok(()) => {
            if let Some(stan) = session.booked {
                // It is on paper, whatever becomes of the record: without it the next one is marked, which is no harm.
                let _ = session.ports.journal.append(Record::Printed { stan });
            }
            let lines = if session.ports.is_watched { shown_slip(&slip) } else { Vec::new() };
            session.happen(Happening::Slip { lines });
            Ok(Value::Nothing)
        }
        Err(failure) if failure.code == hardware::POWER_CUT => Err(Stop::PowerCut(PowerPoint::InPrint)),
        Err(failure) => Err(failure.into()),
    }
}

fn slip_line(line: &ReceiptValue) -> SlipLine<'_> {
    let words = SlipWords { zh: Cow::Borrowed(&line.zh), en: Cow::Borrowed(&line.en) };
    match line.form {
        0 => SlipLine::Centre(words),
        1 => SlipLine::Line(words),
        2 => SlipLine::Row {
            label: words,
            value: SlipWords { zh: Cow::Borrowed(&line.value), en: Cow::Borrowed(&line.value) },
        },
        3 => SlipLine::Rule,
        _ => SlipLine::Space,
    }
}

/// A trace number or the number of a batch, which have no more than six.
fn six_digits(number: u32) -> String {
    digits::<6>(u64::from(number)).into_iter().map(char::from).collect()
}

/// A line as the machine holds it; in one language only, where nobody will read the other.
fn read_line<'l>(line: &'l ReceiptLine<'_>, only: Option<Language>) -> SlipLine<'l> {
    let said = |zh: &'l TextBytes<'_>, en: &'l TextBytes<'_>| {
        let text = |language, text: &'l TextBytes<'_>| match only {
            Some(only) if only != language => Cow::Borrowed(""),
            // Nearly all of it is UTF-8, which is quicker to see in one go.
            _ => match std::str::from_utf8(text.as_bytes()) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => String::from_utf8_lossy(text.as_bytes()),
            },
        };
        SlipWords { zh: text(Language::Zh, zh), en: text(Language::En, en) }
    };
    match line.form {
        0 => SlipLine::Centre(said(&line.zh, &line.en)),
        1 => SlipLine::Line(said(&line.zh, &line.en)),
        2 => SlipLine::Row { label: said(&line.zh, &line.en), value: said(&line.value, &line.value) },
        3 => SlipLine::Rule,
        _ => SlipLine::Space,
    }
}

/// A card as a run holds it: numbers of the vault and masked forms.
fn card_value(session: &mut Session<'_>, card: &CardRead) -> Value {
    if session.is_observed() {
        session.happen(Happening::Card { entry: card.entry.word().into(), masked: card.pan.masked() });
    }
    let optional = |value: Option<Value>| value.unwrap_or(Value::None);
    let number = session.vault.seal(card.pan.clear_digits().as_bytes());
    session.card_read = Some(Asked::of_card(number, card.sequence.clone()));
    let pan = Value::Sealed { number, masked: card.pan.masked(), sound: card.pan.passes_luhn() };
    let track = card.track2.as_ref().map(|track| Value::Sealed {
        number: session.vault.seal(track.clear_characters().as_bytes()),
        masked: track.masked(),
        sound: true,
    });
    let tags = card.tags.as_ref().map(|tags| hidden(session.vault.seal(tags)));
    Value::Record(vec![
        pan,
        optional(track),
        optional(card.expiry.as_ref().map(|expiry| Value::Text(expiry.clear_digits().into()))),
        Value::Variant { tag: card.entry.tag(), payload: None },
        optional(card.sequence.clone().map(Value::Text)),
        Value::Bool(card.asks_pin),
        optional(card.service_code.as_ref().map(|code| Value::Text(code.clear_digits().into()))),
        optional(tags),
    ])
}

/// A sealed value that has no masked form.
pub(super) fn hidden(number: u32) -> Value {
    Value::Sealed { number, masked: HIDDEN.into(), sound: true }
}

fn entry(value: &Value) -> Option<Entry> {
    match value {
        Value::Variant { tag, .. } => Entry::from_tag(*tag),
        _ => None,
    }
}

fn nothing(result: Result<(), Failure>) -> Result<Value, Stop> {
    result.map(|()| Value::Nothing).map_err(Stop::from)
}

impl Session<'_> {
    /// Lets the time of a call pass, and gives its result.
    pub(super) fn pass<T>(&mut self, waited: Waited<Result<T, Failure>>) -> Result<T, Stop> {
        self.ports.clock.elapse(waited.after_ms);
        waited.result.map_err(Stop::from)
    }

    /// Ends the session if the power goes at this point.
    pub(super) fn cut_at(&mut self, point: PowerPoint) -> Result<(), Stop> {
        if self.ports.power.cut_at(point) { Err(Stop::PowerCut(point)) } else { Ok(()) }
    }

    /// Sends script results that wait, then every reversal.
    pub(super) fn send_pending(&mut self) -> Result<(), Failure> {
        let Some(dialect) = self.program.dialect.as_ref() else { return Ok(()) };
        self.send_notices(Which::ScriptResults, dialect.reversal_wait_ms())?;
        self.send_reversals()
    }

    /// Sends every reversal that waits but that of the request at hand.
    fn send_reversals(&mut self) -> Result<(), Failure> {
        let Some(dialect) = self.program.dialect.as_ref() else { return Ok(()) };
        let mut seen = Vec::new();
        let sent = recovery::send_pending(&mut self.ports, dialect, self.open, &mut |happening| seen.push(happening));
        for happening in seen {
            self.happen(happening);
        }
        sent.map(|_| ())
    }

    /// Sends notices that wait; gives how many still do.
    pub(super) fn send_notices(&mut self, which: Which, within_ms: i64) -> Result<usize, Failure> {
        let Some(dialect) = self.program.dialect.as_ref() else { return Ok(0) };
        let codes = &self.program.codes;
        let mut seen = Vec::new();
        let mut watch = |happening| seen.push(happening);
        let troubles = &mut self.troubles;
        let left = recovery::send_notices(&mut self.ports, dialect, codes, which, within_ms, troubles, &mut watch);
        for happening in seen {
            self.happen(happening);
        }
        left
    }
}
