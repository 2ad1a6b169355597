//! A hand-written driver: does by hand what the driver of the machine does for a script.

use crate::payment::dialects;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::{Dialect, FieldSet, MessageRule, Mti, ReversalRule};
use tillscript::payment::iso8583::frame::{frame, unframe};
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::{pack, pack_for_mac};
use tillscript::payment::iso8583::response::ResponseCode;
use tillscript::payment::iso8583::unpack::{mac_input, unpack};
use tillscript::payment::keys::mac::MacAlgorithm;
use tillscript::world::port::card_reader::{CardRead, Entry};
use tillscript::world::port::failure::Failure;
use tillscript::world::port::host_link::LinkFailure;
use tillscript::world::port::journal::Journal;
use tillscript::world::port::pin_pad::{KeySlot, PinPad};
use tillscript::world::port::record::{Booked, DueReversal, Kind, Record, RequestFacts};
use tillscript::world::simulation::{Setup, Simulation};

pub(super) const ALGORITHM: MacAlgorithm = MacAlgorithm::CupEcb;

/// The interface of China with the rules of the messages that the simulated host knows.
pub(super) fn dialect() -> Dialect {
    let mut dialect = dialects::cup();
    dialect.messages = vec![
        rule(200, Some("000000"), &[3, 4, 11, 22, 25, 41, 42, 49, 60], true),
        rule(200, Some("31"), &[3, 11, 22, 25, 41, 42, 49, 60], true),
        rule(200, Some("20"), &[3, 4, 11, 22, 25, 41, 42, 49, 60, 61], true),
        rule(220, Some("20"), &[3, 4, 11, 22, 25, 41, 42, 49, 60], true),
        rule(400, None, &[3, 4, 11, 22, 25, 39, 41, 42, 49, 60], true),
        rule(800, None, &[11, 41, 42, 60], false),
        rule(820, None, &[41, 42, 60], false),
    ];
    dialect.approved = vec![code("00")];
    dialect.reversal = Some(ReversalRule {
        mti: Mti(400),
        copied: [2, 3, 4, 11, 14, 22, 23, 25, 41, 42, 49, 55, 60, 61].into_iter().collect(),
        reason_default: code("06"),
        reason_timeout: code("98"),
        reason_mac: code("A0"),
        accepted: vec![code("00"), code("12"), code("25")],
    });
    dialect
}

fn rule(mti: u16, processing: Option<&str>, needed: &[u8], mac: bool) -> MessageRule {
    MessageRule {
        mti: Mti(mti),
        processing: processing.map(str::to_owned),
        name: format!("message_{mti}"),
        zh: String::new(),
        en: String::new(),
        needed: needed.iter().copied().collect(),
        optional: FieldSet::default(),
        reply_needed: FieldSet::default(),
        echoed: [3, 4].into_iter().collect(),
        match_key: [11, 41].into_iter().collect(),
        moves_money: mac,
        mac,
        wait_s: 60,
    }
}

pub(super) fn code(text: &str) -> ResponseCode {
    ResponseCode::parse(text).unwrap()
}

pub(super) fn cny(minor: i64) -> Amount {
    Amount::new(minor, Currency::CNY)
}

/// A world with these faults.
pub(super) fn world(faults: &[&str]) -> Simulation {
    let mut simulation = Simulation::start(Setup::new(dialect())).unwrap();
    for fault in faults {
        simulation.set_fault(fault).unwrap();
    }
    simulation
}

/// A world in a directory.
pub(super) fn world_in(directory: &Path, faults: &[&str]) -> Result<Simulation, Failure> {
    let mut simulation = Simulation::start(Setup { directory: Some(directory.to_owned()), ..Setup::new(dialect()) })?;
    for fault in faults {
        simulation.set_fault(fault)?;
    }
    Ok(simulation)
}

/// A directory of its own, removed when dropped.
pub(super) struct Folder(pub(super) PathBuf);

static FOLDERS: AtomicU32 = AtomicU32::new(0);

impl Folder {
    pub(super) fn new() -> Folder {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("till-world-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What came back for a message.
#[derive(Debug)]
pub(super) enum Came {
    Reply { message: Message, mac_is_right: Option<bool> },
    Garbage,
    Nothing(LinkFailure),
}

impl Came {
    pub(super) fn code(&self) -> &str {
        match self {
            Came::Reply { message, .. } => message.text(39).unwrap_or("--"),
            Came::Garbage => "garbage",
            Came::Nothing(LinkFailure::NoLine) => "no line",
            Came::Nothing(LinkFailure::Timeout) => "timeout",
            Came::Nothing(LinkFailure::Dropped) => "dropped",
        }
    }

    pub(super) fn reply(&self) -> &Message {
        match self {
            Came::Reply { message, .. } => message,
            other => panic!("no reply: {other:?}"),
        }
    }
}

/// Packs, adds the MAC, sends, waits, unpacks, verifies.
pub(super) fn exchange(simulation: &mut Simulation, message: &Message) -> Came {
    let dialect = dialect();
    let ports = &mut simulation.ports;
    let mut message = message.clone();
    let with_mac = dialect.rule(message.mti, message.text(3)).is_some_and(|rule| rule.mac);
    if with_mac {
        let data = pack_for_mac(&message, &dialect).unwrap();
        message.set(64, ports.pin_pad.mac(ALGORITHM, &data).unwrap().as_slice());
    }
    let body = pack(&message, &dialect).unwrap();
    let waited = ports.host.exchange(&frame(&dialect, &body, 0).unwrap(), 60_000);
    ports.clock.elapse(waited.after_ms);
    let reply = match waited.result {
        Ok(reply) => reply,
        Err(failure) => return Came::Nothing(failure),
    };
    let Ok(framed) = unframe(&dialect, &reply) else { return Came::Garbage };
    let Ok(message) = unpack(framed.body, &dialect) else { return Came::Garbage };
    let mac_is_right = message.get(64).map(|mac| {
        let data = mac_input(framed.body, &message, &dialect).unwrap();
        ports.pin_pad.verify_mac(ALGORITHM, data, mac).unwrap()
    });
    Came::Reply { message, mac_is_right }
}

/// Fields that every request of a terminal has.
pub(super) fn request(simulation: &mut Simulation, mti: u16, network: &str) -> Message {
    let ports = &mut simulation.ports;
    let stan = ports.journal.take_stan().unwrap();
    let mut message = Message::new(Mti(mti));
    message.set(11, format!("{stan:06}"));
    message.set(41, ports.parameters.terminal_id.as_str());
    message.set(42, ports.parameters.merchant_id.as_str());
    message.set(60, format!("{}{:06}{}", &network[..2], ports.journal.state().batch, &network[2..]));
    message
}

/// Reads the card, asks for its PIN if it wants one.
pub(super) fn card(simulation: &mut Simulation, amount: Option<Amount>) -> (CardRead, Option<[u8; 8]>) {
    let ports = &mut simulation.ports;
    let read = ports.card.read(&[Entry::Chip, Entry::Tap, Entry::Stripe], amount, 60_000).result.unwrap();
    let pin = read.asks_pin.then(|| {
        let block = ports.pin_pad.enter_pin(&read.pan, 6, amount, 60_000).result.unwrap();
        *block.as_bytes()
    });
    (read, pin)
}

fn financial(simulation: &mut Simulation, kind: &str, processing: &str, mti: u16, amount: Option<Amount>) -> Message {
    let (read, pin) = card(simulation, amount);
    let mut message = request(simulation, mti, &format!("{kind}000"));
    message.set(2, read.pan.clear_digits());
    message.set(3, processing);
    if let Some(amount) = amount {
        message.set(4, format!("{:012}", amount.minor));
    }
    message.set(14, read.expiry.as_ref().unwrap().clear_digits());
    let mode = match read.entry {
        Entry::Chip => "05",
        Entry::Tap => "07",
        Entry::Stripe | Entry::Manual => "02",
    };
    message.set(22, format!("{mode}{}", if pin.is_some() { 1 } else { 2 }));
    message.set(25, "00");
    message.set(35, read.track2.as_ref().unwrap().clear_characters());
    message.set(49, "156");
    if let Some(pin) = pin {
        message.set(52, pin.as_slice());
        message.set(53, "2600000000000000");
    }
    if let Some(tags) = &read.tags {
        message.set(55, tags.as_slice());
    }
    message
}

pub(super) fn sale_request(simulation: &mut Simulation, minor: i64) -> Message {
    financial(simulation, "22", "000000", 200, Some(cny(minor)))
}

pub(super) fn balance_request(simulation: &mut Simulation) -> Message {
    financial(simulation, "01", "310000", 200, None)
}

pub(super) fn void_request(simulation: &mut Simulation, original: &Message) -> Message {
    let minor = original.text(4).unwrap().parse().unwrap();
    let mut message = financial(simulation, "23", "200000", 200, Some(cny(minor)));
    let batch = simulation.ports.journal.state().batch;
    message.set(61, format!("{batch:06}{}", original.text(11).unwrap()));
    message
}

pub(super) fn refund_request(simulation: &mut Simulation, minor: i64) -> Message {
    financial(simulation, "25", "200000", 220, Some(cny(minor)))
}

/// Records the reversal of a request as the driver does before it sends.
pub(super) fn record(simulation: &mut Simulation, request: &Message) -> DueReversal {
    let dialect = dialect();
    let rule = dialect.reversal.as_ref().unwrap();
    let mut reversal = Message::new(rule.mti);
    for (number, value) in request.iter().filter(|(number, _)| rule.copied.contains(*number)) {
        reversal.set(number, value);
    }
    let facts = RequestFacts {
        mti: request.mti,
        batch: simulation.ports.journal.state().batch,
        amount: request.text(4).map(|minor| cny(minor.parse().unwrap())),
        at_ms: simulation.ports.clock.now_ms(),
    };
    let due = DueReversal::seal(&reversal, &dialect, facts, &simulation.ports.seal).unwrap();
    simulation.ports.journal.append(Record::ReversalDue(due.clone())).unwrap();
    due
}

/// Sends every reversal that waits; those whose reply accepts and has the right MAC are closed.
pub(super) fn send_reversals(simulation: &mut Simulation) -> Vec<String> {
    let waiting = simulation.ports.journal.state().pending.clone();
    let mut codes = Vec::new();
    for pending in waiting {
        let mut reversal = pending.due.open(&simulation.ports.seal).unwrap();
        reversal.set(39, pending.reason.unwrap_or(code("06")).to_string());
        let (stan, attempt) = (pending.due.stan, pending.attempts + 1);
        simulation.ports.journal.append(Record::ReversalSent { stan, attempt }).unwrap();
        let came = exchange(simulation, &reversal);
        if let Came::Reply { message, mac_is_right: Some(true) } = &came {
            let by = code(message.text(39).unwrap());
            if ["00", "12", "25"].contains(&message.text(39).unwrap()) {
                simulation.ports.journal.append(Record::ReversalClosed { stan, by }).unwrap();
            }
        }
        codes.push(came.code().to_owned());
    }
    codes
}

/// A whole sale: recorded, sent, booked where it is approved, left for reversal where that is not known.
pub(super) fn sale(simulation: &mut Simulation, minor: i64) -> Came {
    let request = sale_request(simulation, minor);
    let due = record(simulation, &request);
    let came = exchange(simulation, &request);
    let stan = due.stan;
    let record = match &came {
        Came::Reply { message, mac_is_right: Some(true) }
            if message.text(39) == Some("00")
                && message.get(11) == request.get(11)
                && message.get(4) == request.get(4) =>
        {
            Record::Booked(Booked {
                stan,
                batch: due.batch,
                kind: Kind::Sale,
                amount: cny(minor),
                card: "629999******0017".to_owned(),
                reference: message.text(37).map(str::to_owned),
                authorisation: message.text(38).map(str::to_owned),
                at_ms: due.at_ms,
            })
        }
        Came::Reply { message, .. } if message.text(39).is_some_and(|code| code != "00") => Record::Discarded { stan },
        Came::Reply { .. } => Record::ReversalReason { stan, reason: code("A0") },
        Came::Nothing(LinkFailure::NoLine) => Record::Discarded { stan },
        Came::Garbage | Came::Nothing(_) => Record::ReversalReason { stan, reason: code("98") },
    };
    simulation.ports.journal.append(record).unwrap();
    came
}

/// A sign-in: true if every key matched and was put into use.
pub(super) fn sign_in(simulation: &mut Simulation, network: &str) -> bool {
    let mut message = request(simulation, 800, &format!("00{network}"));
    message.set(63, "001");
    let came = exchange(simulation, &message);
    let reply = came.reply();
    assert_eq!(reply.text(39), Some("00"));
    let pad = &mut simulation.ports.pin_pad;
    let keys = pad.read_keys(reply.get(62).unwrap()).unwrap();
    let matches = |pad: &mut Box<dyn PinPad>| {
        keys.iter().all(|key| {
            pad.load(key.slot.into(), key.cryptogram(), KeySlot::Tmk).is_ok_and(|value| value == key.check_value)
        })
    };
    if matches(pad) {
        pad.activate_keys().unwrap();
        true
    } else {
        pad.drop_keys().unwrap();
        false
    }
}

/// The pending reversals' trace numbers.
pub(super) fn pending(journal: &dyn Journal) -> Vec<u32> {
    journal.state().pending.iter().map(|pending| pending.due.stan).collect()
}
