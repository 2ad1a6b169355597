//! The issuer and the chip: its cryptogram checked, the answer that the chip can check, scripts for it.

use super::acquirer::Acquirer;
use super::reply::Answer;
use crate::payment::emv::cryptogram::Covered;
use crate::payment::emv::issuer_script;
use crate::payment::emv::tag::Tag;
use crate::payment::emv::tlv;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::response::ResponseCode;
use crate::payment::keys::transaction_key::TransactionKey;
use crate::world::fault::{Fault, Faults};
use crate::world::profile::{CardProfile, Flag};
use std::sync::Arc;

/// Field 55.
pub(super) const CHIP_DATA: u8 = 55;

/// What the issuer answers to a wrong cryptogram: against the rules of security. Hosts differ here; none was found that
/// publishes its code.
const WRONG_CRYPTOGRAM: &str = "63";

/// Codes that the centre gives without having asked an issuer: no chip gets an answer with them.
const OF_THE_CENTRE: [&[u8; 2]; 28] = [
    b"03", b"12", b"13", b"14", b"15", b"20", b"22", b"23", b"25", b"30", b"31", b"40", b"45", b"58", b"60", b"64",
    b"66", b"68", b"77", b"79", b"90", b"91", b"92", b"94", b"95", b"96", b"97", b"98",
];
/// And those that say that somebody's keys are wrong: 99, A0, A7.
const OF_KEYS: [&[u8; 2]; 3] = [b"99", b"A0", b"A7"];

/// A chip that asked its issuer, and whose cryptogram was right.
#[derive(Debug)]
pub(in crate::world) struct Heard {
    cryptogram: [u8; 8],
    key: Arc<TransactionKey>,
}

impl Acquirer {
    /// Checks the cryptogram in field 55, whichever kind it is; 63 if it is wrong. Gives the chip where it waits for an
    /// answer.
    pub(super) fn hear_chip(&self, request: &Message, card: &CardProfile) -> Result<Option<Heard>, &'static str> {
        let Some(data) = request.get(CHIP_DATA).filter(|_| !card.has(Flag::UncheckedChip)) else { return Ok(None) };
        let value = |wanted| tlv::elements(data).find(|(tag, _)| *tag == Tag::new(wanted)).map(|(_, value)| value);
        let Some(found) = value(0x9F26) else { return Ok(None) };
        let covered = Covered::read(tlv::elements(data)).ok_or(WRONG_CRYPTOGRAM)?;
        let key = self.card_keys.transaction(card, covered.counter()).ok_or(WRONG_CRYPTOGRAM)?;
        if !key.verify(&covered.bytes(), found) {
            return Err(WRONG_CRYPTOGRAM);
        }
        // Two bits: 10 for an ARQC.
        let waits = value(0x9F27).is_some_and(|kind| matches!(kind, [kind] if kind >> 6 == 0b10));
        let cryptogram = <[u8; 8]>::try_from(found).ok();
        Ok(cryptogram.filter(|_| waits).map(|cryptogram| Heard { cryptogram, key }))
    }

    /// Puts what the issuer says to the chip into the answer: that it is the issuer who says so, and its script.
    pub(super) fn answer_chip(&mut self, answer: &mut Answer, faults: &mut Faults) {
        let Some(Heard { cryptogram, key }) = self.heard.take().filter(|_| is_of_issuer(answer.code)) else { return };
        let mut bytes = Vec::new();
        if !faults.take_one(Fault::NoIssuerAnswer) {
            let mut response = key.response(cryptogram, answer.code.0);
            if faults.take_one(Fault::BadIssuerAnswer) {
                response = response.map(|byte| !byte);
            }
            let [a, b] = answer.code.0;
            let mut data = response.to_vec();
            data.extend([a, b]);
            // INVARIANT: ten bytes, which any length holds.
            let _ = tlv::push(&mut bytes, Tag::new(0x91), &data);
        }
        bytes.extend(script_of(faults).unwrap_or_default());
        if !bytes.is_empty() {
            answer.fields.push((CHIP_DATA, bytes));
        }
    }
}

fn is_of_issuer(code: ResponseCode) -> bool {
    !OF_THE_CENTRE.iter().chain(&OF_KEYS).any(|other| **other == code.0)
}

/// The issuer's script, if a fault wants one: an identifier, and one command (PIN unblock) under a made-up MAC.
fn script_of(faults: &mut Faults) -> Option<Vec<u8>> {
    let before = faults.take(|fault| match fault {
        Fault::IssuerScript { before } => Some(*before),
        _ => None,
    })?;
    let mut script = Vec::new();
    tlv::push(&mut script, issuer_script::IDENTIFIER, &[0x00, 0x00, 0x00, 0x01]).ok()?;
    let command = [0x84, 0x24, 0x00, 0x00, 0x04, 0x5A, 0x5A, 0x5A, 0x5A];
    tlv::push(&mut script, issuer_script::COMMAND, &command).ok()?;
    let mut bytes = Vec::new();
    tlv::push(&mut bytes, if before { issuer_script::BEFORE } else { issuer_script::AFTER }, &script).ok()?;
    Some(bytes)
}
