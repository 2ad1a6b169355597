//! A whole simulated world: a terminal with all its devices, a host behind its line, people in front of it.

use crate::payment::card::Pin;
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::payment::iso8583::message::Message;
use crate::payment::keys::sign_in::BundleLayout;
use crate::script_error::catalogue::internal;
use crate::script_error::words::{Language, Said};
use crate::world::fault::{self, Fault, Faults};
use crate::world::host::acquirer::{Acquirer, Identity, Scripted};
use crate::world::host::ledger::{Ledger, LedgerLine};
use crate::world::host::link::SimulatedLink;
use crate::world::host::way::Line;
use crate::world::journal::file::{FileJournal, Recovery};
use crate::world::journal::memory::MemoryJournal;
#[cfg(feature = "net")]
use crate::world::net::remote::{RemoteLink, RemoteSetup};
use crate::world::port::calendar::{LATEST_MS, Moment};
use crate::world::port::card_reader::Entry;
use crate::world::port::failure::Failure;
use crate::world::port::journal::Journal;
use crate::world::port::parameters::{BATCH_LIMIT, OFFLINE_AMOUNT, OFFLINE_COUNT, Parameters};
use crate::world::port::pin_pad::KeySlot;
use crate::world::port::ports::Ports;
use crate::world::port::record::{Kind, Record};
use crate::world::port::seal::Seal;
use crate::world::profile;
use crate::world::saved::{Keeper, Saved};
use crate::world::scenario::{Scenario, Setting};
use crate::world::stage::{Inputs, Presented, SharedStage, Stage};
use crate::world::terminal::battery::SimulatedBattery;
use crate::world::terminal::beeper::SimulatedBeeper;
use crate::world::terminal::card_reader::SimulatedCardReader;
use crate::world::terminal::clock::SimulatedClock;
use crate::world::terminal::keypad::SimulatedKeypad;
use crate::world::terminal::log::SimulatedLog;
use crate::world::terminal::pin_pad::{Pad, SimulatedPinPad};
use crate::world::terminal::power::SimulatedPower;
use crate::world::terminal::printer::{self, Paper, SimulatedPrinter};
use crate::world::terminal::screen::{Glass, SimulatedScreen};
use crate::world::terminal::storage::FaultyJournal;
use crate::world::test_keys::{CardKeys, KeyOwner, ReadyKeys};
use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What a simulated world is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// How messages are written.
    pub dialect: Dialect,
    /// Keys, numbers and all else that is made up follow from it.
    pub seed: u64,
    /// Where journal and world are kept; `None` for a world that ends with the program.
    pub directory: Option<PathBuf>,
    /// The language of screen and slips.
    pub language: Language,
    /// Cards, in the order in which they are presented; a debit card when there are none.
    pub cards: Vec<Presented>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What the cashier keys in.
    pub inputs: Inputs,
    /// The time at the beginning of a new world.
    pub now_ms: i64,
    /// What the terminal knows about itself.
    pub parameters: Parameters,
    /// The battery, in ten-thousandths.
    pub battery: i64,
    /// Is the terminal on mains power?
    pub on_mains: bool,
    /// The printer's columns.
    pub paper_columns: usize,
    /// The screen's columns and lines.
    pub screen: (usize, usize),
}

/// The serial number of the simulated PIN pad.
pub const SERIAL: &str = "SIM0000000107";
/// The number of the simulated terminal.
pub const TERMINAL: &str = "10000007";
/// The version that the fault `old-software` gives the terminal.
const OLD_SOFTWARE: &str = "0.9";

impl Setup {
    /// The world as it is when nobody says otherwise: the terminal signed in, a debit card, nothing wrong.
    pub fn new(dialect: Dialect) -> Setup {
        let start = Moment { year: 2026, month: 1, day: 5, hour: 9, minute: 0, second: 0 };
        Setup {
            dialect,
            seed: 0,
            directory: None,
            language: Language::Zh,
            cards: Vec::new(),
            faults: Vec::new(),
            inputs: Inputs::default(),
            now_ms: start.to_ms(),
            parameters: Parameters {
                terminal_id: TERMINAL.to_owned(),
                merchant_id: "898310053110007".to_owned(),
                merchant_name: "测试商户 TEST SHOP".to_owned(),
                operator: "001".to_owned(),
                software: "3.0".to_owned(),
                batch_limit: BATCH_LIMIT,
                offline_count: OFFLINE_COUNT,
                offline_amount: OFFLINE_AMOUNT,
            },
            battery: 10_000,
            on_mains: true,
            paper_columns: 32,
            screen: (16, 4),
        }
    }

    /// Takes over what a scenario says.
    pub fn apply(&mut self, scenario: Scenario) {
        self.faults.extend(scenario.faults);
        self.cards.extend(scenario.cards);
        self.inputs.amounts.extend(scenario.inputs.amounts);
        self.inputs.digits.extend(scenario.inputs.digits);
        self.inputs.answers.extend(scenario.inputs.answers);
        for setting in scenario.settings {
            match setting {
                Setting::Seed(seed) => self.seed = seed,
                Setting::Clock(now_ms) => self.now_ms = now_ms,
                Setting::Language(language) => self.language = language,
                Setting::Battery(level) => self.battery = level,
                Setting::Mains(on_mains) => self.on_mains = on_mains,
                Setting::Paper(columns) => self.paper_columns = columns,
                Setting::Screen(columns, lines) => self.screen = (columns, lines),
                Setting::Operator(operator) => self.parameters.operator = operator,
                Setting::Software(software) => self.parameters.software = software,
            }
        }
    }
}

/// A simulated world. The driver works with `ports`; tests use the rest.
pub struct Simulation {
    /// What the running script can touch.
    pub ports: Ports,
    /// What opening the journal found; `None` for a journal in memory.
    pub recovery: Option<Recovery>,
    stage: SharedStage,
    keeper: Keeper,
    // True once a test has presented a card: the one from the beginning is gone then.
    has_given_card: bool,
}

impl Simulation {
    /// Builds the world, or goes on with the one that its directory holds.
    pub fn start(setup: Setup) -> Result<Simulation, Failure> {
        let saved = match &setup.directory {
            Some(directory) => Saved::read(directory)?,
            None => None,
        };
        Simulation::start_with(setup, saved)
    }

    /// Builds the world, or goes on with one that was kept.
    pub fn start_with(setup: Setup, saved: Option<Saved>) -> Result<Simulation, Failure> {
        let owner = KeyOwner {
            seed: saved.as_ref().map_or(setup.seed, |saved| saved.seed),
            terminal: setup.parameters.terminal_id.clone(),
        };
        let (journal, seal, recovery) = open_journal(&setup, &owner)?;
        let pad = pad(&owner, saved.as_ref())?;
        let mut cards: VecDeque<Presented> = setup.cards.into();
        if cards.is_empty() {
            cards.push_back(Presented { card: profile::find("debit")?, entry: None, pin: None });
        }
        let identity = Identity {
            terminal: setup.parameters.terminal_id.clone(),
            merchant: setup.parameters.merchant_id.clone(),
            serial: SERIAL.to_owned(),
        };
        let (columns, lines) = setup.screen;
        let mut known = Vec::new();
        for presented in &cards {
            remember(&mut known, &presented.card);
        }
        let stage = Rc::new(RefCell::new(Stage {
            now_ms: saved.as_ref().map_or(setup.now_ms, |saved| saved.now_ms).clamp(0, LATEST_MS),
            faults: Faults::default(),
            language: setup.language,
            glass: Glass { columns, lines, ..Glass::default() },
            inputs: setup.inputs,
            cards,
            in_reader: None,
            chance: None,
            asked: None,
            counters: saved.as_ref().map(|saved| saved.counters.clone()).unwrap_or_default(),
            chip_declined: BTreeSet::new(),
            pad,
            paper: Paper { columns: setup.paper_columns, ..Paper::default() },
            slips: Vec::new(),
            log: Vec::new(),
            beeps: 0,
            battery: setup.battery,
            on_mains: setup.on_mains,
            disk_failed: false,
            host_is_elsewhere: false,
            acquirer: Acquirer {
                dialect: setup.dialect,
                owner,
                identity,
                ledger: saved.map_or_else(Ledger::default, |saved| saved.ledger),
                cards: known,
                received: Vec::new(),
                scripted: VecDeque::new(),
                keys: ReadyKeys::default(),
                card_keys: CardKeys::default(),
                heard: None,
            },
            line: Line::default(),
            camera: None,
        }));
        let keeper = Keeper { directory: setup.directory };
        let ports = ports(&stage, &keeper, journal, seal, setup.parameters);
        let mut simulation = Simulation { ports, recovery, stage, keeper, has_given_card: false };
        // What has a past comes first: a terminal that is not signed in was so before its disk was full.
        let (with_past, others): (Vec<Fault>, Vec<Fault>) =
            setup.faults.into_iter().partition(|fault| *fault == Fault::NotSignedIn);
        for fault in with_past.into_iter().chain(others) {
            simulation.stage.borrow_mut().faults.set(fault);
            simulation.bring_about(fault)?;
        }
        Ok(simulation)
    }

    /// Puts a line to a host elsewhere in the place of the simulated one. The simulated host hears nothing any more.
    #[cfg(feature = "net")]
    pub fn connect(&mut self, remote: RemoteSetup) {
        let dialect = {
            let mut stage = self.stage.borrow_mut();
            stage.host_is_elsewhere = true;
            stage.acquirer.dialect.clone()
        };
        self.ports.host = Box::new(RemoteLink::new(remote, dialect, Rc::clone(&self.stage)));
    }

    /// Works with this journal from here on. A new one begins as every terminal does: with batch 1, signed in.
    pub fn work_with(&mut self, mut journal: Box<dyn Journal>, seal: Seal) -> Result<(), Failure> {
        begin(journal.as_mut())?;
        self.ports.journal = Box::new(FaultyJournal { journal, stage: Rc::clone(&self.stage) });
        self.ports.seal = seal;
        Ok(())
    }

    /// Nobody will ask what was printed; auditors still find what they need.
    pub fn read_no_slips(&mut self) {
        self.stage.borrow_mut().paper.is_unread = true;
    }

    /// Forgets what only somebody who watches wants to know: messages, slips, screens, the log. For a terminal that works long.
    pub fn forget_what_was_seen(&mut self) {
        let mut stage = self.stage.borrow_mut();
        stage.glass.shown.clear();
        stage.slips.clear();
        stage.paper.printed.clear();
        stage.paper.slips.clear();
        stage.chip_declined.clear();
        stage.log.clear();
        stage.acquirer.received.clear();
        stage.line.forget();
    }

    /// From here on nothing of this world is kept for a next run, whatever is sent. The journal keeps what is appended.
    pub fn keep_nothing(&mut self) {
        self.keeper = Keeper::default();
        let (stage, keeper) = (Rc::clone(&self.stage), Keeper::default());
        self.ports.host = Box::new(SimulatedLink { stage, keeper, detail: None });
    }

    /// Sets a fault by name: `given terminal.fault("paper-out")`.
    pub fn set_fault(&mut self, name: &str) -> Result<(), Failure> {
        let fault = fault::parse(name)?;
        self.stage.borrow_mut().faults.set(fault);
        self.bring_about(fault)
    }

    /// Takes every fault away, as if whatever was broken had been mended while the terminal was off.
    pub fn mend(&mut self) {
        let mut stage = self.stage.borrow_mut();
        stage.faults = Faults::default();
        stage.disk_failed = false;
        stage.acquirer.scripted.clear();
    }

    /// Somebody signs a terminal in that lost its keys or was told to: the keys of the host's last sign-in are in use again.
    pub fn sign_in_again(&mut self) {
        {
            let mut stage = self.stage.borrow_mut();
            let Stage { pad, acquirer, now_ms, .. } = &mut *stage;
            acquirer.ledger.signed_in = true;
            let generation = acquirer.ledger.generation;
            let slots = ["PIK", "MAK", "TDK"].map(|slot| (slot.to_owned(), generation));
            let saved = Saved::left(acquirer.owner.seed, *now_ms, slots.into(), acquirer.ledger.clone());
            saved.fill(pad, &acquirer.owner);
        }
        // A journal that cannot take it stays signed out, and the flows say so.
        let _ = self.ports.journal.append(Record::SignedIn);
    }

    /// Somebody presents a card: `given card.inserts("debit", pin: "123456")`.
    ///
    /// `name` is a profile's name, a file or a number; the first card given takes the place of the one that was there.
    pub fn present(&mut self, name: &str, entry: Option<Entry>, pin: Option<Pin>) -> Result<(), Failure> {
        let card = profile::load(name)?;
        let mut stage = self.stage.borrow_mut();
        remember(&mut stage.acquirer.cards, &card);
        let presented = Presented { card, entry, pin };
        if !self.has_given_card {
            stage.cards.clear();
            self.has_given_card = true;
        }
        stage.cards.push_back(presented);
        Ok(())
    }

    /// Makes a card known to its issuer, whoever presents it, and when.
    pub fn let_issuer_know(&mut self, card: &profile::CardProfile) {
        remember(&mut self.stage.borrow_mut().acquirer.cards, card);
    }

    /// The next customer comes, with this card only: the issuer knows it already, and nothing is read.
    pub fn next_customer(&mut self, presented: &Presented) {
        let mut stage = self.stage.borrow_mut();
        stage.cards.clear();
        stage.cards.push_back(presented.clone());
    }

    /// The host's next reply carries these fields: `given host.replies(F39: "51")`.
    pub fn reply_with(&mut self, fields: Vec<(u8, Vec<u8>)>) {
        self.stage.borrow_mut().acquirer.scripted.push_back(Scripted::Reply(fields));
    }

    /// The host answers the next message after so long: `given host.silent(for: 61s)`.
    pub fn silent_for(&mut self, milliseconds: i64) {
        self.stage.borrow_mut().acquirer.scripted.push_back(Scripted::Silent(milliseconds));
    }

    /// Was this text shown, in either language?
    pub fn shows(&self, text: &str) -> bool {
        let shown = |said: &Said| said.zh.contains(text) || said.en.contains(text);
        self.stage.borrow().shown().iter().any(shown)
    }

    /// Was this text printed, in either language?
    pub fn printed(&self, text: &str) -> bool {
        self.stage.borrow().slips.iter().any(|slip| printer::says(slip, text))
    }

    /// The first message of this type that the host received whose fields are as written.
    pub fn received(&self, mti: Mti, fields: &[(u8, Vec<u8>)]) -> Option<Message> {
        let fits = |message: &&Message| {
            message.mti == mti && fields.iter().all(|(number, value)| message.get(*number) == Some(value.as_slice()))
        };
        self.stage.borrow().acquirer.received.iter().map(Arc::as_ref).find(fits).cloned()
    }

    /// The message types the host received, in order.
    pub fn order(&self) -> Vec<Mti> {
        self.stage.borrow().acquirer.received.iter().map(|message| message.mti).collect()
    }

    /// What stands on the host's ledger.
    pub fn host_ledger(&self) -> Vec<LedgerLine> {
        self.stage.borrow().acquirer.live()
    }

    /// What stands in the terminal's batch.
    pub fn batch_ledger(&self) -> Vec<LedgerLine> {
        let booked = self.ports.journal.state().in_batch();
        booked.map(|booked| LedgerLine { stan: booked.stan, amount: booked.amount }).collect()
    }

    /// What stands in the terminal's journal, whatever the batch: an end of the day in between changes nothing.
    pub fn booked_ledger(&self) -> Vec<LedgerLine> {
        let booked = self.ports.journal.state().booked.iter().filter(|booked| booked.kind != Kind::Balance);
        booked.map(|booked| LedgerLine { stan: booked.stan, amount: booked.amount }).collect()
    }

    /// Is the world kept in a directory for later runs?
    pub fn is_kept(&self) -> bool {
        self.keeper.directory.is_some()
    }

    /// Makes line, printer and PIN pad anew, as the beginning has them.
    pub(in crate::world) fn renew_devices(&mut self) {
        let stage = || Rc::clone(&self.stage);
        self.ports.host = Box::new(SimulatedLink { stage: stage(), keeper: self.keeper.clone(), detail: None });
        self.ports.printer = Box::new(SimulatedPrinter(stage()));
        self.ports.pin_pad = Box::new(SimulatedPinPad(stage()));
    }

    /// Puts the people and the devices back to how they are at the beginning of a setup; what the host, the line, the paper
    /// and the PIN pad hold is as it was left.
    pub(in crate::world) fn put_back(&mut self, setup: &Setup) {
        self.has_given_card = false;
        self.ports.parameters.clone_from(&setup.parameters);
        let mut stage = self.stage.borrow_mut();
        stage.faults = Faults::default();
        stage.glass.shown.clear();
        stage.glass.now = None;
        stage.inputs.clone_from(&setup.inputs);
        stage.cards = setup.cards.iter().cloned().collect();
        (stage.in_reader, stage.asked) = (None, None);
        stage.slips.clear();
        stage.paper.printed.clear();
        stage.log.clear();
        (stage.beeps, stage.battery, stage.on_mains, stage.disk_failed) = (0, setup.battery, setup.on_mains, false);
        stage.acquirer.received.clear();
        stage.acquirer.scripted.clear();
    }

    /// The stage that its devices share.
    pub(in crate::world) fn stage(&self) -> &SharedStage {
        &self.stage
    }

    /// A look at everything else: what the screen shows, slips as text, the log, beeps.
    pub fn look<T>(&self, look: impl FnOnce(&Stage) -> T) -> T {
        look(&self.stage.borrow())
    }

    /// Keeps the world for the next run. The driver calls it at the end of a run, however it ended.
    pub fn save(&self) -> Result<(), Failure> {
        self.keeper.save(&self.stage.borrow())
    }

    /// What a fault changes at once; all others wait for their device.
    fn bring_about(&mut self, fault: Fault) -> Result<(), Failure> {
        match fault {
            Fault::OldSoftware => OLD_SOFTWARE.clone_into(&mut self.ports.parameters.software),
            Fault::BatchLimit { count } => self.ports.parameters.batch_limit = count,
            Fault::NotSignedIn => {
                {
                    let mut stage = self.stage.borrow_mut();
                    stage.pad.erase_active();
                    stage.acquirer.ledger.signed_in = false;
                }
                self.ports.journal.append(Record::SignedOut)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The device key of the simulated terminal, whose secure storage is made from a seed.
pub fn device_key_of(seed: u64) -> Zeroizing<[u8; 16]> {
    KeyOwner { seed, terminal: TERMINAL.to_owned() }.device_key()
}

/// The journal, its seal, and what opening it found.
type Opened = (Box<dyn Journal>, Seal, Option<Recovery>);

/// Opens the journal or begins one in memory. A new one begins with a terminal that is signed in.
fn open_journal(setup: &Setup, owner: &KeyOwner) -> Result<Opened, Failure> {
    let key = owner.device_key();
    let (mut journal, seal, recovery): Opened = match &setup.directory {
        None => (Box::new(MemoryJournal::default()), Seal::new(&key), None),
        Some(directory) => {
            let (journal, seal, recovery) = FileJournal::open(directory, &key)?;
            (Box::new(journal), seal, Some(recovery))
        }
    };
    begin(journal.as_mut())?;
    Ok((journal, seal, recovery))
}

/// Writes the first records of a terminal that is signed in, if they are not there: the power may have gone between them.
fn begin(journal: &mut dyn Journal) -> Result<(), Failure> {
    if journal.state().records == 0 {
        journal.append(Record::Batch { number: 1 })?;
    }
    if journal.state().records == 1 { journal.append(Record::SignedIn) } else { Ok(()) }
}

fn pad(owner: &KeyOwner, saved: Option<&Saved>) -> Result<Pad, Failure> {
    let mut pad = Pad::new(SERIAL, owner.master().as_ref());
    if let Some(saved) = saved {
        saved.fill(&mut pad, owner);
        return Ok(pad);
    }
    for slot in [KeySlot::Pik, KeySlot::Mak, KeySlot::Tdk] {
        let key = owner.work_key(slot, 1, BundleLayout::DoubleWithTrack);
        let missing = || Failure::new(internal::INTERNAL_DEFECT).text("detail", "no test key");
        if !key.is_some_and(|key| pad.inject(slot, &key)) {
            return Err(missing());
        }
    }
    Ok(pad)
}

/// The issuer knows every card that somebody brings along, by a file of their own too.
fn remember(known: &mut Vec<profile::CardProfile>, card: &profile::CardProfile) {
    match known.iter_mut().find(|other| other.pan == card.pan) {
        Some(place) => *place = card.clone(),
        None => known.push(card.clone()),
    }
}

fn ports(stage: &SharedStage, keeper: &Keeper, journal: Box<dyn Journal>, seal: Seal, parameters: Parameters) -> Ports {
    let stage = || Rc::clone(stage);
    Ports {
        screen: Box::new(SimulatedScreen(stage())),
        keypad: Box::new(SimulatedKeypad(stage())),
        card: Box::new(SimulatedCardReader(stage())),
        pin_pad: Box::new(SimulatedPinPad(stage())),
        host: Box::new(SimulatedLink { stage: stage(), keeper: keeper.clone(), detail: None }),
        printer: Box::new(SimulatedPrinter(stage())),
        battery: Box::new(SimulatedBattery(stage())),
        beeper: Box::new(SimulatedBeeper(stage())),
        clock: Box::new(SimulatedClock(stage())),
        log: Box::new(SimulatedLog(stage())),
        journal: Box::new(FaultyJournal { journal, stage: stage() }),
        power: Box::new(SimulatedPower(stage())),
        parameters,
        seal,
        is_watched: true,
    }
}
