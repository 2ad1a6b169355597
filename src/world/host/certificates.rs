//! What chips said, as a terminal's upload brings it: certificates of what stands, and declines.
//!
//! Its issuer can check a chip's last word as it checked the first: the cryptogram covers what field 55 says.

use super::acquirer::{Acquirer, stan_of};
use super::chip::CHIP_DATA;
use super::day::ITEM;
use super::ledger::Authorisation;
use super::reply::Answer;
use crate::payment::emv::tag::Tag;
use crate::payment::emv::tlv;
use crate::payment::iso8583::message::Message;
use crate::world::fault::{Fault, Faults};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A trace number that is smaller by more than this is not older: numbers begin anew behind 999 999.
const HALF_OF_ALL: u32 = 500_000;

/// What the upload of a batch has brought of its chips.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChipUpload {
    /// By the trace number of the transaction.
    pub taken: BTreeMap<u32, ChipTaken>,
    /// The trace number of the last message that brought one, and of the transaction that it was about; 0 for the end before.
    pub last: Option<(u32, u32)>,
    /// The trace number of the last message that told the end, whatever it was answered: what comes behind it is told anew.
    #[serde(default)]
    pub ended: Option<u32>,
}

/// What one chip said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChipTaken {
    /// The amount, in minor units.
    pub minor: i64,
    /// A certificate; otherwise the chip declined.
    pub certificate: bool,
    /// The cryptogram, tag 9F26.
    pub cryptogram: Vec<u8>,
}

/// Is a certificate expected of this request, once it is approved: an online sale or pre-authorisation that was read by a chip?
pub(super) fn is_expected(request: &Message, code: &str) -> bool {
    let by_chip = request.text(22).is_some_and(|mode| mode.starts_with("05"));
    by_chip && request.has(CHIP_DATA) && matches!(code, "22" | "10") && matches!(request.mti.0, 100 | 200)
}

/// Was a message with this number sent no later than the one with the other?
fn is_no_newer(sent: u32, than: u32) -> bool {
    sent <= than && than - sent < HALF_OF_ALL
}

impl Acquirer {
    /// Keeps in mind that the end of an upload was told. A terminal that hears a no to it, whoever says so, may tell everything again.
    pub(super) fn note_end_of_upload(&mut self, request: &Message) {
        let network = request.text(60).and_then(|text| text.get(8..11));
        if request.mti.0 != 320 || !matches!(network, Some("202" | "207")) {
            return;
        }
        let chips = &mut self.ledger.chips;
        let is_late = |sent: &u32| chips.last.is_some_and(|(newest, _)| is_no_newer(*sent, newest));
        chips.ended = stan_of(request).filter(|sent| !is_late(sent)).or(chips.ended);
    }

    /// A part of an upload has come. Behind an end it begins a new one, and what was told before counts no more; one that was sent
    /// before the end and comes late does not.
    pub(super) fn note_part_of_upload(&mut self, request: &Message) {
        let chips = &mut self.ledger.chips;
        let (Some(sent), Some(ended)) = (stan_of(request), chips.ended) else { return };
        if is_no_newer(sent, ended) {
            return;
        }
        // Whatever was sent before that end is late from here on.
        (chips.ended, chips.last) = (None, Some((ended, 0)));
        chips.taken.clear();
        self.ledger.uploads.clear();
        let batch = Some(self.ledger.batch);
        for known in self.ledger.authorisations.iter_mut().filter(|known| known.batch == batch) {
            known.certificates = 0;
        }
    }

    /// Takes what one chip said: 203 and 205 bring certificates, 204 and 206 declines.
    ///
    /// 30 for what cannot be read, 63 for a cryptogram that is not the chip's, 25 for a certificate of a transaction that is not on
    /// record, 64 for another amount, 12 for a number that does not go with the result of the settlement.
    pub(super) fn take_chip(
        &mut self,
        request: &Message,
        network: &str,
        balanced: bool,
        faults: &Faults,
    ) -> Result<Answer, &'static str> {
        let certificate = matches!(network, "203" | "205");
        if !balanced && matches!(network, "203" | "204") {
            return Err("12");
        }
        let details = request.text(48).filter(|text| text.len() == 2 + ITEM && text.starts_with("01")).ok_or("30")?;
        let number = |from: usize, to: usize| details.get(from..to).and_then(|digits| digits.parse::<i64>().ok());
        let (stan, minor) = (number(4, 10).ok_or("30")?, number(30, 42).ok_or("30")?);
        // INVARIANT: six digits fit.
        let stan = stan as u32;
        let kind = if certificate { "61" } else { "71" };
        if request.text(62) != Some(format!("{kind}{minor:012}156").as_str()) || !request.has(2) {
            return Err("30");
        }
        let data = request.get(CHIP_DATA).unwrap_or_default();
        let value = |wanted| tlv::elements(data).find(|(tag, _)| *tag == Tag::new(wanted)).map(|(_, value)| value);
        let cryptogram = value(0x9F26).filter(|value| value.len() == 8).ok_or("30")?.to_vec();
        if value(0x9F27) != Some(if certificate { &[0x40] } else { &[0x00] }) {
            return Err("30");
        }
        let card = self.card_of(request)?;
        self.hear_chip(request, &card)?;
        let sent = stan_of(request).ok_or("30")?;
        let last = self.ledger.chips.last;
        let is_late = last.is_some_and(|(newest, _)| is_no_newer(sent, newest));
        let is_last = last.is_some_and(|(_, about)| about == stan);
        // A terminal that has heard no answer sends the last one again, under a new number; a line may bring an old message late.
        let known = self.ledger.chips.taken.get(&stan);
        let is_again = is_last && known.is_some_and(|known| known.cryptogram == cryptogram);
        let batch = Some(self.ledger.batch);
        match self.ledger.find(batch, stan) {
            Some(known) if !agrees(known, minor) => return Err("64"),
            Some(known) if certificate && !is_again && !is_late && !faults.has(Fault::ForgetsCertificates) => {
                known.certificates += 1
            }
            None if certificate => return Err("25"),
            _ => {}
        }
        let chips = &mut self.ledger.chips;
        // What comes late was told again under a newer number, or was told before the count that did not agree.
        if !is_late {
            chips.last = Some((sent, stan));
            chips.taken.insert(stan, ChipTaken { minor, certificate, cryptogram });
        }
        Ok(Answer::code("00"))
    }
}

/// The amount is the one that was approved, or asked for. A tip that came later is no business of the chip's.
fn agrees(known: &Authorisation, minor: i64) -> bool {
    let asked = known.asked.map(|asked| asked.minor);
    known.chip == Some(minor) || asked == Some(minor) || known.amount.minor == minor
}
