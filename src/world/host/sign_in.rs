//! Sign-in, sign-off and echo.

use super::acquirer::Acquirer;
use super::day::{asks_parameters, parameters};
use super::reply::Answer;
use crate::payment::iso8583::message::Message;
use crate::payment::keys::sign_in::{BundleLayout, WorkKeySlot, build_bundle};
use crate::world::fault::{Fault, Faults};
use crate::world::port::pin_pad::KeySlot;

/// Bytes of a check value in a key bundle.
const CHECK_LENGTH: usize = 4;
/// The check value of a key of zeros, DES and 3DES alike.
const WEAK_CHECK_VALUE: [u8; CHECK_LENGTH] = [0x8C, 0xA6, 0x4D, 0xE9];

impl Acquirer {
    /// Answers 0800: fresh work keys under the master key, the batch number, and the serial number on record.
    ///
    /// Field 59 with the serial number is our own: real hosts compare it themselves and answer with a code.
    pub(super) fn sign_in(&mut self, request: &Message, faults: &Faults) -> Answer {
        if request.has(70) {
            return self.manage(request);
        }
        let Some(code) = request.text(60).and_then(|text| text.get(8..11)) else {
            return Answer::code("30");
        };
        if asks_parameters(request) {
            return parameters(code, &self.identity.merchant);
        }
        let Some(layout) = BundleLayout::from_network_code(code) else {
            return Answer::code("40");
        };
        let code = code.to_owned();
        let generation = self.ledger.generation.saturating_add(1);
        let Some(bundle) = self.bundle(layout, generation, faults) else {
            return Answer::code("A7");
        };
        self.ledger.generation = generation;
        self.ledger.layout.clone_from(&code);
        self.ledger.signed_in = true;
        self.count();
        let serial = if faults.has(Fault::WrongSerial) {
            other_serial(&self.identity.serial)
        } else {
            self.identity.serial.clone()
        };
        let mut answer = Answer::code("00");
        answer.fields = vec![
            (59, serial.into_bytes()),
            (60, format!("00{:06}{code}", self.ledger.batch).into_bytes()),
            (62, bundle),
        ];
        answer
    }

    /// Answers 0820: 002 signs off, 301 is an echo. Where field 70 says it, 001 signs in, and no keys are handed out.
    pub(super) fn manage(&mut self, request: &Message) -> Answer {
        let by_network_field = request.text(70);
        let code = by_network_field.or_else(|| request.text(60).and_then(|text| text.get(8..11)));
        match code {
            Some("001") if by_network_field.is_some() => {
                self.ledger.signed_in = true;
                Answer::code("00")
            }
            Some("002") => {
                self.ledger.signed_in = false;
                Answer::code("00")
            }
            Some("301" | "362") => Answer::code("00"),
            _ => Answer::code("40"),
        }
    }

    fn bundle(&self, layout: BundleLayout, generation: u32, faults: &Faults) -> Option<Vec<u8>> {
        let master = self.owner.master()?;
        let work_key = |slot| self.owner.work_key(slot, generation, layout);
        let (pin, mac, track) = (work_key(KeySlot::Pik)?, work_key(KeySlot::Mak)?, work_key(KeySlot::Tdk)?);
        let mut keys = vec![(WorkKeySlot::Pik, &pin), (WorkKeySlot::Mak, &mac)];
        if layout == BundleLayout::DoubleWithTrack {
            keys.push((WorkKeySlot::Tdk, &track));
        }
        let mut bundle = build_bundle(layout, &master, &keys).ok()?;
        let wrong = faults.find(|fault| match fault {
            Fault::BadCheckValue(slot) => Some(*slot),
            _ => None,
        });
        let mut begin = 0;
        for (slot, length) in layout.places() {
            begin += length;
            if Some(KeySlot::from(*slot)) == wrong
                && let Some(byte) = bundle.get_mut(begin)
            {
                *byte ^= 0xFF;
            }
            begin += CHECK_LENGTH;
        }
        if faults.has(Fault::WeakKey) {
            // A key of zeros, with the check value that it really has.
            let length = layout.places().first().map_or(0, |(_, length)| *length);
            let mut weak = vec![0; length];
            master.encrypt_ecb(&mut weak).ok()?;
            bundle.iter_mut().zip(weak).for_each(|(to, from)| *to = from);
            bundle.iter_mut().skip(length).zip(WEAK_CHECK_VALUE).for_each(|(to, from)| *to = from);
        }
        if faults.has(Fault::ShortKeys) {
            bundle.truncate(layout.length() - 1);
        }
        Some(bundle.to_vec())
    }
}

/// A serial number that is another, whatever this one is.
pub(in crate::world) fn other_serial(serial: &str) -> String {
    let mut other = serial.to_owned();
    let last = if other.pop() == Some('9') { '8' } else { '9' };
    other.push(last);
    other
}
