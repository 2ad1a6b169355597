//! Whole days of sales at random: faults, power cuts, nights; at the end of each day the books are compared.
//!
//! A day is written down before it begins, from the seed alone, so that it can be played again with parts left out.

use super::customers::{self, Customer, PLAIN};
use super::dice::Dice;
use super::plan::{Choice, Plan};
use super::recover::audited;
use super::subject::Subject;
use crate::language::vm::value::Value;
use crate::payment::amount::Amount;
use crate::payment::currency::Currency;
use crate::run::happening::Happening;
use crate::run::report::Result as RunResult;
use crate::run::session::{Session, Terminal};
use crate::world::audit::books::Tally;
use crate::world::audit::violation::{Violation, Wrong};
use crate::world::crash::camera::CutHere;
use crate::world::crash::disk::Tear;
use crate::world::crash::outside::{Fingerprint, Outside, Plant, Stand};
use crate::world::port::failure::Failure;
use crate::world::stage::Presented;
use std::rc::Rc;

/// Sales of one day: then the books are compared, and a new terminal begins.
pub const SALES_A_DAY: u64 = 100;
/// Uses in a hundred in which something goes wrong.
const FAULTS: u64 = 20;
/// Uses in a hundred in which the power goes.
const CUTS: u64 = 10;
/// Uses in a hundred at which a bad hour begins.
const BAD_HOURS: u64 = 2;
/// Uses in a hundred that are not sales, where the scripts have such flows.
const OTHERS: u64 = 5;
/// Of these so many in a hundred are asked for by the first customer of the day: whoever wants a sale voided comes with the card it
/// was paid with. Flows that ask for a number are given the first one.
const SAME_CUSTOMER: u64 = 75;
/// Bytes of a segment of the journal: short, so that segments change often.
const SEGMENT_BYTES: u64 = 5 << 10;

/// One use of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which flow.
    pub subject: usize,
    /// The amount, where it takes one.
    pub minor: i64,
    /// Who comes: the place in the table of customers.
    pub customer: usize,
    /// What goes wrong.
    pub plan: Plan,
    /// Where the power goes, as a number to be taken by the length of the flow; and how.
    pub cut: Option<(u64, Tear)>,
    /// What goes wrong with the first message after it is switched on again; `None` where it stays on.
    pub start: Option<Plan>,
    /// A night passes before it.
    pub is_morning: bool,
}

/// What the days came to.
#[derive(Clone, Debug)]
pub struct Days {
    /// Sales, and other uses.
    pub uses: u64,
    /// Sales among them.
    pub sales: u64,
    /// Days.
    pub days: u64,
    /// Power cuts.
    pub cuts: u64,
    /// Uses with a fault.
    pub faults: u64,
    /// What came of the sales.
    pub tally: Tally,
    /// The first day that was wrong, and what was wrong with it.
    pub wrong: Option<WrongDay>,
    /// What the host did that no terminal can prevent: how many.
    pub of_host: u64,
    /// A hash over all days: the same seed gives the same everywhere.
    pub hash: Fingerprint,
}

impl Days {
    /// Before the first day.
    pub fn none() -> Days {
        Days {
            uses: 0,
            sales: 0,
            days: 0,
            cuts: 0,
            faults: 0,
            tally: Tally::default(),
            wrong: None,
            of_host: 0,
            hash: Fingerprint::of(&[]),
        }
    }
}

/// A day that was wrong.
#[derive(Clone, Debug)]
pub struct WrongDay {
    /// Its number, from 0.
    pub day: u64,
    /// What was wrong.
    pub violations: Vec<Violation>,
    /// The fewest uses that lead there.
    pub events: Vec<Event>,
}

/// The days of some subjects.
pub struct Calendar<'s, 'p> {
    subjects: &'s [Subject<'p>],
    plant: Plant<'s>,
    /// Those that move money, and those that do not.
    sales: Vec<usize>,
    others: Vec<usize>,
    /// The cards of all kinds of customers; empty where every use is made with the cards of the setup.
    cards: Vec<Presented>,
    /// Moments of each subject without a fault, with the card of each customer.
    moments: Vec<Vec<u32>>,
    /// Every fault a use can have.
    faults: Vec<Plan>,
    messages: Vec<Plan>,
    first: Rc<Outside>,
    stand: Option<Stand>,
}

impl<'s, 'p> Calendar<'s, 'p> {
    /// Measures the subjects. All speak the dialect of the first one. Customers come with all kinds of cards.
    pub fn new(subjects: &'s [Subject<'p>], choice: &Choice, plant: Plant<'s>) -> Result<Calendar<'s, 'p>, Failure> {
        let cards = customers::ROWS.iter().map(Customer::presents).collect::<Result<_, _>>()?;
        Calendar::with(subjects, choice, plant, cards)
    }

    /// As `new`, and every use is made with the cards of the setup, one after the other.
    pub fn with_cards_of_setup(
        subjects: &'s [Subject<'p>],
        choice: &Choice,
        plant: Plant<'s>,
    ) -> Result<Calendar<'s, 'p>, Failure> {
        Calendar::with(subjects, choice, plant, Vec::new())
    }

    fn with(
        subjects: &'s [Subject<'p>],
        choice: &Choice,
        plant: Plant<'s>,
        cards: Vec<Presented>,
    ) -> Result<Calendar<'s, 'p>, Failure> {
        let setup = subjects.first().map(|subject| subject.setup.clone()).ok_or_else(|| {
            let code = crate::script_error::catalogue::internal::INTERNAL_DEFECT;
            Failure::new(code).text("detail", "no subject")
        })?;
        let mut stand = Stand::new(setup, Plant::default())?;
        for presented in &cards {
            stand.simulation.let_issuer_know(&presented.card);
        }
        let first = Rc::new(stand.outside());
        stand.segment_bytes = Some(SEGMENT_BYTES);
        let mut faults: Vec<Plan> = choice.standing().into_iter().map(Plan::fault).collect();
        faults.extend((1..=2).flat_map(|nth| choice.of_message(nth)).map(Plan::fault));
        for trouble in choice.of_disk() {
            faults.extend((0..12).map(|at| Plan { disk: Some((at, trouble)), ..Plan::default() }));
        }
        let messages = choice.of_message(1).into_iter().map(Plan::fault).collect();
        let (sales, others, moments) = (Vec::new(), Vec::new(), Vec::new());
        let mut calendar =
            Calendar { subjects, plant, sales, others, cards, moments, faults, messages, first, stand: Some(stand) };
        for at in 0..subjects.len() {
            calendar.measure(at);
        }
        Ok(calendar)
    }

    /// Does any subject move money?
    pub fn can_sell(&self) -> bool {
        !self.sales.is_empty()
    }

    /// How long a subject is with each card, and whether it sells with the plain one.
    fn measure(&mut self, at: usize) {
        let mut moments = Vec::with_capacity(self.cards.len());
        for customer in 0..self.cards.len().max(1) {
            let (Some(stand), Some(subject)) = (self.morning(), self.subjects.get(at)) else { break };
            let mut stand = stand;
            self.comes(&mut stand, customer);
            stand.camera.borrow_mut().count_anew();
            let (stand, result, _) = run(stand, subject, subject.values.clone(), &mut |_| {});
            moments.push(stand.camera.borrow().passed());
            let moved = !stand.simulation.ports.journal.state().booked.is_empty();
            let sells = matches!(result, Some(RunResult::Approved(_) | RunResult::Done(_))) && moved;
            self.stand = Some(stand);
            match sells {
                _ if customer != PLAIN => {}
                true => self.sales.push(at),
                false => self.others.push(at),
            }
        }
        self.moments.push(moments);
    }

    /// This customer's card is the next one.
    fn comes(&self, stand: &mut Stand, customer: usize) {
        if let Some(presented) = self.cards.get(customer) {
            stand.simulation.next_customer(presented);
        }
    }

    /// The terminal as the last day has left it.
    pub fn stand(&self) -> Option<&Stand> {
        self.stand.as_ref()
    }

    /// A new terminal, switched on.
    fn morning(&mut self) -> Option<Stand> {
        let setup = &self.subjects.first()?.setup;
        let mut stand = self.stand.take().or_else(|| Stand::new(setup.clone(), Plant::default()).ok())?;
        stand.rewind(setup, &self.first);
        stand.simulation.ports.is_watched = false;
        stand.simulation.read_no_slips();
        stand.segment_bytes = Some(SEGMENT_BYTES);
        stand.start(self.plant).ok()?;
        Some(stand)
    }

    /// Some fault of a first message.
    fn some_message(&self, dice: &mut Dice) -> Plan {
        self.messages.get(dice.below(self.messages.len() as u64) as usize).cloned().unwrap_or_default()
    }

    /// Somebody, or mostly the one who came first.
    fn some_customer(&self, dice: &mut Dice, first: Option<usize>) -> usize {
        match first {
            _ if self.cards.is_empty() => PLAIN,
            Some(first) if dice.percent(SAME_CUSTOMER) => first,
            _ => Customer::at(dice.below(Customer::all())),
        }
    }

    /// Writes a day down.
    pub fn day(&self, seed: u64, day: u64, sales: u64) -> Vec<Event> {
        let mut dice = Dice::new(seed, day);
        let mut events = Vec::new();
        let mut left = sales;
        let mut bad = 0;
        let mut before = None;
        while left > 0 {
            let other = !self.others.is_empty() && dice.percent(OTHERS);
            let pool = if other { &self.others } else { &self.sales };
            let subject = pool.get(dice.below(pool.len() as u64) as usize).copied().unwrap_or(0);
            left -= u64::from(!other);
            let minor = 1 + dice.below(9_999) as i64;
            let customer = self.some_customer(&mut dice, before.filter(|_| other));
            before = before.or(Some(customer));
            let mut plan = match dice.percent(FAULTS) {
                true => self.faults.get(dice.below(self.faults.len() as u64) as usize).cloned().unwrap_or_default(),
                false => Plan::default(),
            };
            plan.turns = false;
            // Lines and hosts have bad hours: then one message after the other goes wrong.
            if bad == 0 && dice.percent(BAD_HOURS) {
                bad = 2 + dice.below(5);
            }
            let is_bad = bad > 0;
            bad = bad.saturating_sub(1);
            if is_bad {
                plan = self.some_message(&mut dice);
            }
            let cut = dice.percent(CUTS).then(|| (dice.roll(), tear(&mut dice)));
            let is_off = cut.is_some() || dice.percent(3) || is_bad && dice.percent(50);
            let start = is_off.then(|| match is_bad || dice.percent(FAULTS) {
                true => self.some_message(&mut dice),
                false => Plan::default(),
            });
            let is_morning = dice.below(SALES_A_DAY) < 2;
            events.push(Event { subject, minor, customer, plan, cut, start, is_morning });
        }
        events
    }

    /// Plays a day. Gives what is wrong in the evening, and adds to the sums.
    pub fn play(&mut self, events: &[Event], sums: &mut Days) -> Vec<Violation> {
        let Some(mut stand) = self.morning() else {
            return vec![Violation::of(Wrong::Unreadable, "a new journal")];
        };
        let mut tally = sums.tally;
        for event in events {
            sums.uses += 1;
            sums.sales += u64::from(self.sales.contains(&event.subject));
            let (next, failure) = self.one(stand, event, &mut tally, sums);
            stand = next;
            if let Some(failure) = failure {
                self.stand = Some(stand);
                return super::recover::unreadable(failure).violations;
            }
        }
        // Evening: whatever was wrong is mended, and all that waits is sent.
        stand.simulation.mend();
        stand.power_back();
        if let Err(failure) = stand.start(self.plant) {
            self.stand = Some(stand);
            return super::recover::unreadable(failure).violations;
        }
        let program = self.subjects.first().map(|subject| subject.program);
        let mut seen = |happening: &Happening| happening.count(&mut tally);
        for start in 0..3 {
            let Some(program) = program else { break };
            // A host that has other keys by now refuses every reversal until somebody signs the terminal in.
            if start == 2 {
                stand.sign_in_again();
            }
            let (next, ()) = with(stand, program, &mut seen, |session| session.restart());
            stand = next;
            if stand.simulation.ports.journal.state().waiting().next().is_none() {
                break;
            }
        }
        stand.let_everything_arrive();
        let mut violations = audited(&stand);
        sums.of_host += violations.iter().filter(|violation| violation.what.is_of_host()).count() as u64;
        violations.retain(|violation| !violation.what.is_of_host());
        sums.tally = tally;
        sums.days += 1;
        sums.hash = Fingerprint::of(&[&sums.hash.0, &stand.fingerprint().0]);
        self.stand = Some(stand);
        violations
    }

    /// One use of the terminal.
    fn one(&self, mut stand: Stand, event: &Event, tally: &mut Tally, sums: &mut Days) -> (Stand, Option<Failure>) {
        let Some(subject) = self.subjects.get(event.subject) else { return (stand, None) };
        if event.is_morning {
            stand.pass_time(NIGHT_MS);
        }
        // A terminal that was told to sign in does so before the next customer.
        if !stand.simulation.ports.journal.state().signed_in {
            stand.sign_in_again();
        }
        sums.faults += u64::from(event.plan.weight() > 0);
        stand.use_begins();
        self.comes(&mut stand, event.customer);
        for name in &event.plan.faults {
            // A terminal that cannot be brought into this state is spared it.
            let _ = stand.simulation.set_fault(name);
        }
        if let Some((at, trouble)) = event.plan.disk {
            stand.disk.trouble(at, trouble);
        }
        {
            let mut camera = stand.camera.borrow_mut();
            camera.count_anew();
            if let Some((number, tear)) = event.cut {
                let moments = self.moments.get(event.subject).and_then(|of| of.get(event.customer));
                let moments = moments.copied().unwrap_or(1).max(1);
                camera.cut(CutHere { at: 1 + (number % u64::from(moments)) as u32, tear });
            }
        }
        let mut values = subject.values.clone();
        for value in &mut values {
            if let Value::Amount(amount) = value {
                *amount = Amount::new(event.minor, Currency::CNY);
            }
        }
        let mut seen = |happening: &Happening| happening.count(tally);
        let (mut stand, _, is_broken) = run(stand, subject, values, &mut seen);
        let went = stand.camera.borrow().is_off();
        sums.cuts += u64::from(went);
        stand.simulation.mend();
        // A journal that has given up, and a terminal without power, have to be switched on again.
        if !went && !is_broken && event.start.is_none() {
            stand.disk.power_on_quietly();
            return (stand, None);
        }
        stand.power_back();
        if let Err(failure) = stand.start(self.plant) {
            return (stand, Some(failure));
        }
        for name in event.start.iter().flat_map(|plan| &plan.faults) {
            let _ = stand.simulation.set_fault(name);
        }
        let (mut stand, ()) = with(stand, subject.program, &mut seen, |session| session.restart());
        stand.simulation.mend();
        (stand, None)
    }

    /// Plays days until there were so many sales, or one is wrong.
    pub fn days(&mut self, seed: u64, sales: u64, watch: &mut dyn FnMut(&Days)) -> Days {
        let mut sums = Days::none();
        let mut day = 0;
        while sums.sales < sales {
            let events = self.day(seed, day, SALES_A_DAY.min(sales - sums.sales));
            let violations = self.play(&events, &mut sums);
            if !violations.is_empty() {
                let events = self.shortest(events, &violations);
                sums.wrong = Some(WrongDay { day, violations, events });
                break;
            }
            day += 1;
            watch(&sums);
        }
        sums
    }

    /// Leaves out of a day whatever is not needed for it to be wrong in the same way.
    fn shortest(&mut self, events: Vec<Event>, violations: &[Violation]) -> Vec<Event> {
        let Some(what) = violations.first().map(|violation| violation.what) else { return events };
        let mut is_wrong =
            |events: &[Event]| self.play(events, &mut Days::none()).iter().any(|violation| violation.what == what);
        let mut kept = events;
        let mut size = kept.len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < kept.len() {
                let mut fewer = kept.clone();
                fewer.drain(at..(at + size).min(kept.len()));
                if !fewer.is_empty() && is_wrong(&fewer) {
                    kept = fewer;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
        // Then what goes wrong in each use.
        for at in 0..kept.len() {
            let simpler: [fn(&mut Event); 5] = [
                |event| event.customer = PLAIN,
                |event| event.plan = Plan::default(),
                |event| event.start = event.start.take().map(|_| Plan::default()),
                |event| event.is_morning = false,
                |event| (event.cut, event.start) = (None, None),
            ];
            for change in simpler {
                let mut other = kept.clone();
                if let Some(event) = other.get_mut(at) {
                    change(event);
                }
                if other != kept && is_wrong(&other) {
                    kept = other;
                }
            }
        }
        kept
    }
}

const NIGHT_MS: i64 = 13 * 60 * 60 * 1_000;

/// What becomes of writes that were not synced.
fn tear(dice: &mut Dice) -> Tear {
    match dice.below(5) {
        0 => Tear::Lost,
        1 => Tear::Kept,
        2 => Tear::LastOnly,
        3 => Tear::Holed { sector: dice.below(3) as u32 },
        _ => Tear::Torn { bytes: dice.below(700) as u32, zeros: dice.percent(50) },
    }
}

fn with<T>(
    stand: Stand,
    program: &crate::language::bytecode::program::Program,
    seen: &mut dyn FnMut(&Happening),
    call: impl FnOnce(&mut Session<'_>) -> T,
) -> (Stand, T) {
    let Stand { simulation, disk, camera, segment_bytes } = stand;
    let mut session = Session::simulated(program, simulation, seen);
    let result = call(&mut session);
    let Terminal::Simulated(simulation) = session.into_terminal();
    (Stand { simulation, disk, camera, segment_bytes }, result)
}

/// Runs a subject. Says how it ended, and whether its journal has given up.
fn run(
    stand: Stand,
    subject: &Subject<'_>,
    values: Vec<Value>,
    seen: &mut dyn FnMut(&Happening),
) -> (Stand, Option<RunResult>, bool) {
    let function = subject.entry.function;
    let (stand, ended) = with(stand, subject.program, seen, |session| session.run(function, &values));
    let code = match &ended.result {
        RunResult::Failed(error) => error.code.clone(),
        _ => String::new(),
    };
    let is_broken = code.starts_with("T70") || stand.disk.has_failed();
    (stand, Some(ended.result), is_broken)
}
