//! The end of the day at the host: totals compared, batches uploaded, script results, parameters.

use super::acquirer::{Acquirer, stan_of};
use super::certificates::ChipUpload;
use super::ledger::{Authorisation, Difference, Settled, Standing};
use super::reply::Answer;
use crate::payment::iso8583::message::Message;
use crate::world::fault::{Fault, Faults};
use std::collections::BTreeMap;

/// Digits of one half of field 48 before its result.
const HALF: usize = 30;
/// Digits of one item of an upload: type, trace number, card, amount.
pub(super) const ITEM: usize = 40;
/// The last batch number; after it comes 1.
const BATCH_MAX: u32 = 999_999;

impl Acquirer {
    /// The batch goes on to the next where a terminal begins it, and only once the one before was settled. Where the totals differed and
    /// the end of the upload has not come, as somebody else has answered it, the difference is kept for people to look at.
    pub(super) fn go_to_batch(&mut self, request: &Message) {
        let Some(settled) = self.ledger.settled else { return };
        let before = self.ledger.batch;
        let next = if before >= BATCH_MAX { 1 } else { before + 1 };
        if settled.batch == before && self.batch_of(request) == Some(next) {
            if !settled.over {
                self.differ();
            }
            self.ledger.batch = next;
            self.ledger.settled = None;
            self.ledger.uploads.clear();
            self.ledger.chips = ChipUpload::default();
        }
    }

    /// Answers 0500 and 0320.
    pub(super) fn settle(&mut self, request: &Message, faults: &Faults) -> Result<Answer, &'static str> {
        if request.mti.0 / 100 == 5 { Ok(self.compare(request, faults)) } else { self.upload(request, faults) }
    }

    /// A refusal. A settlement has no response code: its result 3 says that nothing was compared.
    pub(super) fn refusal(&self, request: &Message, code: &str) -> Answer {
        let mut answer = Answer::code(code);
        if request.mti.0 / 100 == 5 {
            answer.fields.push((48, with_results(request.text(48).unwrap_or(""), [b'3', b'3']).into_bytes()));
        }
        answer
    }

    /// Compares the terminal's totals with its own. Asked again, as after a power cut, it answers again.
    fn compare(&mut self, request: &Message, faults: &Faults) -> Answer {
        let batch = self.ledger.batch;
        let own = [self.totals(batch, false), self.totals(batch, true)];
        let said = request.text(48).unwrap_or("");
        let forced = faults.find(|fault| match fault {
            Fault::SettlementResult(result) => Some(b'0' + *result),
            _ => None,
        });
        let result = |at: usize| {
            let half = said.get(at * (HALF + 1)..at * (HALF + 1) + HALF);
            let fits = half == own.get(at).map(String::as_str);
            forced.unwrap_or(if fits { b'1' } else { b'2' })
        };
        let results = [result(0), result(1)];
        if !results.contains(&b'3') {
            let over = results == [b'1', b'1'];
            self.ledger.settled = Some(Settled { batch, over });
        }
        self.count();
        let mut answer = Answer::code("00");
        answer.fields.push((48, with_results(said, results).into_bytes()));
        answer
    }

    /// Debits and credits of a batch as field 48 has them: what stands, a void as a credit of its own.
    fn totals(&self, batch: u32, foreign: bool) -> String {
        let mut sums = [(0_i64, 0_u32); 2];
        for known in self.of_batch(batch).filter(|known| known.foreign == foreign) {
            let Some((sum, count)) = side(&known.code).and_then(|side| sums.get_mut(side)) else { continue };
            *sum = sum.saturating_add(known.amount.minor);
            *count += 1;
        }
        let [(debit, debits), (credit, credits)] = sums;
        format!("{debit:012}{debits:03}{credit:012}{credits:03}")
    }

    fn of_batch(&self, batch: u32) -> impl Iterator<Item = &Authorisation> {
        let of = move |known: &&Authorisation| known.batch == Some(batch) && known.standing != Standing::Reversed;
        self.ledger.authorisations.iter().filter(of)
    }

    /// Takes a part of an upload, or its end.
    fn upload(&mut self, request: &Message, faults: &Faults) -> Result<Answer, &'static str> {
        let Some(settled) = self.ledger.settled.filter(|settled| settled.batch == self.ledger.batch) else {
            return Err("12");
        };
        let details = request.text(48).ok_or("30")?;
        let network = request.text(60).and_then(|text| text.get(8..11));
        match network {
            Some(network @ ("203" | "204" | "205" | "206")) => {
                self.note_part_of_upload(request);
                self.take_chip(request, network, settled.over, faults)
            }
            Some("201") => {
                self.note_part_of_upload(request);
                let (count, items) = details.split_at_checked(2).ok_or("30")?;
                let count: usize = count.parse().map_err(|_| "30")?;
                if items.len() != count * ITEM {
                    return Err("30");
                }
                for item in items.as_bytes().chunks(ITEM) {
                    let number = |from: usize, to: usize| {
                        let digits = item.get(from..to).and_then(|digits| std::str::from_utf8(digits).ok());
                        digits.and_then(|digits| digits.parse::<i64>().ok())
                    };
                    let (Some(stan), Some(minor)) = (number(2, 8), number(28, 40)) else { return Err("30") };
                    // INVARIANT: six digits fit.
                    self.ledger.uploads.insert(stan as u32, minor);
                }
                Ok(Answer::code("00"))
            }
            Some("202" | "207") => {
                let count = self.ledger.uploads.len() + self.ledger.chips.taken.len();
                if details.trim_start_matches('0').parse::<usize>().unwrap_or(0) != count {
                    return Err("95");
                }
                if !settled.over {
                    self.differ();
                }
                self.ledger.settled = Some(Settled { over: true, ..settled });
                Ok(Answer::code("00"))
            }
            _ => Err("40"),
        }
    }

    /// Sets the books side by side; a difference is kept for people to look at.
    fn differ(&mut self) {
        let batch = self.ledger.batch;
        let own: BTreeMap<u32, i64> = self
            .of_batch(batch)
            .filter(|known| side(&known.code).is_some())
            .map(|known| (known.stan, known.amount.minor))
            .collect();
        let missing = |from: &BTreeMap<u32, i64>, of: &BTreeMap<u32, i64>| -> Vec<(u32, i64)> {
            of.iter()
                .filter(|(stan, minor)| from.get(stan) != Some(minor))
                .map(|(stan, minor)| (*stan, *minor))
                .collect()
        };
        // A certificate shows its transaction as a detail does; its amount was held against the ledger when it came.
        let mut told = self.ledger.uploads.clone();
        for (stan, taken) in self.ledger.chips.taken.iter().filter(|(_, taken)| taken.certificate) {
            let known = self.ledger.authorisations.iter().rev();
            let mut known = known.filter(|known| known.stan == *stan && known.batch == Some(batch));
            let counts = known.next().is_none_or(|known| side(&known.code).is_some());
            if counts {
                told.insert(*stan, own.get(stan).copied().unwrap_or(taken.minor));
            }
        }
        let only_terminal = missing(&own, &told);
        let only_host = missing(&told, &own);
        if !(only_terminal.is_empty() && only_host.is_empty()) {
            self.ledger.differences.push(Difference { batch, only_terminal, only_host });
        }
    }

    /// Takes what an issuer's script came to: once, and 94 if it is told again.
    pub(super) fn script_result(&mut self, request: &Message) -> Result<Answer, &'static str> {
        let number = (self.batch_of(request), stan_of(request).ok_or("30")?);
        if self.ledger.taken.insert(number) { Ok(Answer::code("00")) } else { Err("94") }
    }
}

/// Which side of the totals a transaction counts on: 0 debits, 1 credits; pre-authorisations on neither.
pub(super) fn side(code: &str) -> Option<usize> {
    match code {
        "22" | "20" | "24" | "30" | "36" => Some(0),
        "23" | "21" | "25" | "27" => Some(1),
        _ => None,
    }
}

/// Field 48 with the results put in.
fn with_results(said: &str, results: [u8; 2]) -> String {
    let mut digits: Vec<u8> = said.bytes().filter(u8::is_ascii_digit).collect();
    digits.resize(2 * (HALF + 1), b'0');
    for (at, result) in results.into_iter().enumerate() {
        if let Some(place) = digits.get_mut(at * (HALF + 1) + HALF) {
            *place = result;
        }
    }
    digits.into_iter().map(char::from).collect()
}

/// Is it a request for parameters: 360, or its end, 361?
pub(super) fn asks_parameters(request: &Message) -> bool {
    request.text(60).and_then(|text| text.get(8..11)).is_some_and(|code| matches!(code, "360" | "361"))
}

/// Answers it: 360 brings the parameters, in a form of our own, and says 361 as there are no more.
pub(super) fn parameters(code: &str, merchant: &str) -> Answer {
    let mut answer = Answer::code("00");
    if code == "360" {
        answer
            .fields
            .push((62, format!("11=60;12=3;22=模拟商户 SIM {merchant};30=500;31=20;32=1000000;").into_bytes()));
    }
    answer
}
