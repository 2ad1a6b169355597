//! What becomes of one frame: read, answered, and what the faults make of the answer.

use super::acquirer::{Acquirer, Receipt, Request};
use super::day::asks_parameters;
use crate::payment::amount::Amount;
use crate::payment::card::Pan;
use crate::payment::currency::Currency;
use crate::payment::iso8583::decode_error::DecodeError;
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;
use crate::world::fault::{Fault, Faults};

/// What goes back over the line.
#[derive(Debug)]
pub enum Delivery {
    /// A reply, at once or after so many milliseconds.
    Reply {
        /// Milliseconds; `None` for as long as a reply takes.
        after_ms: Option<i64>,
        /// The frame.
        bytes: Vec<u8>,
    },
    /// Nothing at all; the line stays.
    Silence,
    /// The line ends, perhaps in the middle of a reply.
    Break {
        /// What still goes out; empty for nothing.
        bytes: Vec<u8>,
    },
}

/// What a request was, masked, and what was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The message type.
    pub mti: Mti,
    /// Field 41.
    pub terminal: Option<String>,
    /// Field 11.
    pub stan: Option<String>,
    /// Field 4.
    pub amount: Option<Amount>,
    /// The card, masked.
    pub card: Option<String>,
    /// Field 39 of the reply.
    pub code: Option<ResponseCode>,
    /// What the host did.
    pub decision: Decision,
    /// The fault that struck, as it was set.
    pub fault: Option<String>,
}

/// What the host did with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A transaction stands in the books.
    Booked,
    /// A question was answered.
    Answered,
    /// Nothing was booked; the code says why.
    Refused,
    /// A reversal was taken: the original does not stand.
    TakenBack,
    /// A reversal whose original never came; it will not be taken any more.
    NothingToTakeBack,
    /// New work keys went out.
    SignedIn,
    /// The line was tried, the terminal signed off, or parameters were asked for.
    Managed,
    /// Totals were compared: balanced or not.
    Compared,
    /// A part of a batch was taken.
    Uploaded,
    /// It was not even looked at.
    Ignored,
}

/// What came of a frame.
#[derive(Debug)]
pub struct Handled {
    /// What goes back.
    pub delivery: Delivery,
    /// The request, or where the bytes stop being a message of the dialect.
    pub seen: Result<Seen, DecodeError>,
}

/// Takes a frame, answers it, and lets the faults have their way.
pub fn deliver(acquirer: &mut Acquirer, faults: &mut Faults, frame: &[u8], now_ms: i64) -> Handled {
    match acquirer.read(frame) {
        Ok(request) => deliver_request(acquirer, faults, &request, now_ms),
        Err(error) => Handled { delivery: Delivery::Break { bytes: Vec::new() }, seen: Err(error) },
    }
}

/// As `deliver`, of a request that was read already.
pub(super) fn deliver_request(acquirer: &mut Acquirer, faults: &mut Faults, request: &Request, now_ms: i64) -> Handled {
    let mut seen = seen(request);
    let delivery = answer(acquirer, faults, request, now_ms, Some(&mut seen));
    Handled { delivery, seen: Ok(seen) }
}

/// As `deliver_request`, for a line at which nobody looks at what the host sees.
pub(super) fn deliver_unseen(acquirer: &mut Acquirer, faults: &mut Faults, request: &Request, now_ms: i64) -> Delivery {
    answer(acquirer, faults, request, now_ms, None)
}

fn answer(
    acquirer: &mut Acquirer,
    faults: &mut Faults,
    request: &Request,
    now_ms: i64,
    seen: Option<&mut Seen>,
) -> Delivery {
    if faults.has(Fault::HostDown) {
        if let Some(seen) = seen {
            seen.fault = faults.name_of(Fault::HostDown);
        }
        return Delivery::Silence;
    }
    let met = faults.meet(request.message.mti);
    if (met || matches!(request.message.mti.0 / 100, 1 | 2)) && faults.take_one(Fault::CrashBefore) {
        let fault = faults.part();
        if let Some(seen) = seen {
            seen.fault = fault;
        }
        return Delivery::Break { bytes: Vec::new() };
    }
    let receipt = acquirer.receive(request, met, faults, now_ms);
    let Some(seen) = seen else {
        let delivery = line(receipt, faults);
        faults.part();
        return delivery;
    };
    seen.code = receipt.code;
    seen.card = receipt.card.as_ref().map(Pan::masked);
    seen.decision = decision(acquirer, request, &receipt);
    let delivery = line(receipt, faults);
    seen.fault = faults.part();
    delivery
}

/// What the line and the faults of the host make of a reply.
fn line(receipt: Receipt, faults: &mut Faults) -> Delivery {
    let Some(mut reply) = receipt.reply else {
        return Delivery::Break { bytes: Vec::new() };
    };
    let mut after_ms = receipt.silent_ms;
    if receipt.is_reversal && faults.has(Fault::SilentOnReversal) {
        return Delivery::Silence;
    }
    if receipt.is_financial {
        if faults.take_one(Fault::Silent) {
            return Delivery::Silence;
        }
        if faults.take_one(Fault::CrashAfter) {
            return Delivery::Break { bytes: Vec::new() };
        }
        if faults.take_one(Fault::LineDrop) {
            reply.truncate(reply.len() / 2);
            return Delivery::Break { bytes: reply };
        }
        let late = |fault: &Fault| match fault {
            Fault::Late { milliseconds } => Some(*milliseconds),
            _ => None,
        };
        after_ms = faults.take(late).or(after_ms);
        if faults.take_one(Fault::Garbled) {
            return Delivery::Reply { after_ms, bytes: receipt.garbled.unwrap_or(reply) };
        }
    }
    Delivery::Reply { after_ms, bytes: reply }
}

fn seen(request: &Request) -> Seen {
    let message = &request.message;
    let text = |number| message.text(number).map(str::to_owned);
    Seen {
        mti: message.mti,
        terminal: text(41),
        stan: text(11),
        amount: amount(message.text(4), message.text(49)),
        card: None,
        code: None,
        decision: Decision::Ignored,
        fault: None,
    }
}

fn amount(minor: Option<&str>, currency: Option<&str>) -> Option<Amount> {
    let minor = minor?.parse().ok()?;
    let currency = currency.map_or(Some(Currency::CNY), |code| {
        code.parse().ok().and_then(Currency::from_numeric).or_else(|| Currency::parse(code))
    })?;
    Some(Amount::new(minor, currency))
}

fn decision(acquirer: &Acquirer, request: &Request, receipt: &Receipt) -> Decision {
    let approved = receipt.code.is_some_and(|code| acquirer.dialect.approves(code));
    let message = &request.message;
    match message.mti.0 / 100 {
        _ if receipt.is_reversal && approved => Decision::TakenBack,
        _ if receipt.is_reversal && receipt.code == Some(ResponseCode(*b"25")) => Decision::NothingToTakeBack,
        5 => Decision::Compared,
        _ if !approved => Decision::Refused,
        3 => Decision::Uploaded,
        1 | 2 if message.text(3).is_some_and(|code| code.starts_with("31")) => Decision::Answered,
        1 | 2 => Decision::Booked,
        8 if message.mti == Mti(800) && !message.has(70) && !asks_parameters(message) => Decision::SignedIn,
        _ => Decision::Managed,
    }
}
