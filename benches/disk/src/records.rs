//! The records that everybody stores: those of sale after sale, as a terminal writes them.

use std::io;
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::world::journal::frame;
use tillscript::world::port::record::{Booked, DueReversal, Kind, PlainField, Record};
use tillscript::world::port::seal::Seal;

/// Sales of one batch of the terminal; then it settles, and the next batch begins.
const SALES_A_BATCH: u32 = 200;

/// The records of one terminal, without end.
pub struct Records {
    seal: Seal,
    stan: u32,
    step: u32,
    batch: u32,
}

impl Records {
    /// From the first sale on.
    pub fn new() -> Records {
        Records { seal: Seal::new(&[7; 16]), stan: 1, step: 0, batch: 1 }
    }

    /// The next one: number, reversal, booked, printing begins, printed.
    pub fn record(&mut self) -> Record {
        let stan = self.stan;
        self.step += 1;
        match self.step {
            1 => Record::StanTaken { stan },
            2 => Record::ReversalDue(self.due()),
            3 => Record::Booked(Booked {
                stan,
                batch: self.batch,
                kind: Kind::Sale,
                amount: Amount::new(i64::from(stan) * 100, Currency::CNY),
                card: "629999******0001".into(),
                reference: Some(format!("0105090{stan:05}")),
                authorisation: Some(format!("{stan:06}")),
                at_ms: 1_767_603_600_000 + i64::from(stan),
            }),
            4 => Record::PrintStarted { stan },
            5 => Record::Printed { stan },
            _ => {
                (self.stan, self.step) = (stan % 999_999 + 1, 0);
                if stan % SALES_A_BATCH != 0 {
                    return self.record();
                }
                self.batch += 1;
                Record::Batch { number: self.batch }
            }
        }
    }

    /// The next one as bytes: those that the journal writes for it.
    pub fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let record = self.record();
        let written = frame::write(u64::from(self.stan), &[0; 16], &record);
        written.map(|written| written.bytes).ok_or_else(|| io::Error::other("a record that cannot be written"))
    }

    fn due(&self) -> DueReversal {
        let stan = self.stan;
        let field = |number: u8, value: &str| PlainField { number, value: value.as_bytes().to_vec() };
        DueReversal {
            stan,
            batch: self.batch,
            request: Mti(200),
            mti: Mti(400),
            name: "sale".into(),
            card: "629999******0001".into(),
            amount: Some(Amount::new(i64::from(stan) * 100, Currency::CNY)),
            at_ms: 1_767_603_600_000 + i64::from(stan),
            fields: vec![
                field(3, "000000"),
                field(4, &format!("{:012}", i64::from(stan) * 100)),
                field(11, &format!("{stan:06}")),
                field(22, "051"),
                field(25, "00"),
                field(41, "10000007"),
                field(42, "898310053110007"),
                field(49, "156"),
                field(60, &format!("22{:06}00050", self.batch)),
            ],
            sealed: vec![self.seal.seal(stan, 2, b"6299990000000001"), self.seal.seal(stan, 14, b"3012")],
        }
    }
}
