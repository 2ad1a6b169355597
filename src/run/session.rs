//! One terminal, one program, one journal: answers what a run asks for, until it ends.

use crate::language::builtin::row::Op;
use crate::language::builtin::shapes::{OUTCOME, outcome};
use crate::language::bytecode::program::Program;
use crate::language::types::Type;
use crate::language::vm::limits::Limits;
use crate::language::vm::request::Request;
use crate::language::vm::run::{Event, Run, Yield};
use crate::language::vm::value::Value;
use crate::payment::currency::Currency;
use crate::payment::iso8583::dialect::Mti;
use crate::run::answer::{Said, lend};
use crate::run::certificate::Asked;
use crate::run::devices::{self, Stop};
use crate::run::doctor::examination::Examination;
use crate::run::exchange::RESPONSE_CODE;
use crate::run::happening::Happening;
use crate::run::recovery::Which;
use crate::run::report::{self, Ended};
use crate::run::spending::Spending;
use crate::run::stray;
use crate::run::trace::{Recorded, Recorder, Replay};
use crate::run::vault::Vault;
use crate::script_error::catalogue::{hardware, internal, limits};
use crate::script_error::code::Fact;
use crate::script_error::error::{Money, ScriptError};
use crate::world::audit::books::{Standing, Tally};
use crate::world::port::failure::Failure;
use crate::world::port::journal::JournalState;
use crate::world::port::ports::Ports;
use crate::world::simulation::Simulation;
use bumpalo::Bump;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Instructions one run may execute before it is stopped; far more than any shipped flow needs.
pub const INSTRUCTIONS_MAX: u64 = 1_000_000;

/// How long a notice waits for its answer when the terminal starts again.
const RESTART_WAIT_MS: i64 = 60_000;

/// Who is shown what happens.
pub type Watcher<'w> = dyn FnMut(&Happening) + 'w;

/// One terminal at work.
pub struct Session<'s> {
    /// What runs.
    pub program: &'s Program,
    /// The terminal.
    pub ports: Terminal,
    /// Card data of the session.
    pub vault: Vault,
    /// The trace number of the open reversal.
    pub open: Option<u32>,
    /// The trace number of the transaction that this run booked last: its slips are about it.
    pub booked: Option<u32>,
    /// The trace number of the open transaction, if its chip has declined it: it cannot be committed.
    pub chip_declined: Option<u32>,
    /// What the request of the open transaction says of its chip.
    pub asked_chip: Option<Asked>,
    /// What the chip said to the open transaction, if it was yes.
    pub chip_approved: Option<Zeroizing<Vec<u8>>>,
    /// The card that was read last, for what its chip decides by itself.
    pub card_read: Option<Asked>,
    /// A byte of its request may have been handed to the line.
    pub handed_over: bool,
    /// The transactions of this run that moved money or might have: trace number, and where the money is.
    pub transactions: Vec<(u32, Money)>,
    /// Field 39 of the last reply of the transaction at hand.
    pub response: Option<String>,
    /// The request that was sent last is one with a cardholder behind it, not a sign-in, a settlement or an upload.
    pub asked_for_a_payment: bool,
    /// What the header of a reply asked for last and nobody has looked at yet; 0 for nothing.
    pub host_command: u8,
    /// Field 48 of the last reply to a settlement, until it is looked at.
    pub settlement: Option<String>,
    /// How often the request that failed last was given out in a row; 0 where none did.
    pub attempts: u32,
    /// Paces waiting for eyes.
    pub real_time: bool,
    /// Cuts the power at a request.
    pub power: Option<CutAt>,
    /// Writes the run to bytes and reads it back at every request; nothing may change by it.
    pub rewrite: bool,
    /// Instructions that a run is granted.
    pub fuel: u64,
    /// How many requests the last run gave out.
    pub requests: u32,
    /// What the doctor knows.
    pub examination: Examination,
    /// Nothing that waits in the journal is sent when a run begins.
    pub holds_back: bool,
    /// What a run spends is kept here, if anybody wants to know.
    pub spending: Option<Spending>,
    /// What came of the transactions so far.
    pub tally: Tally,
    /// What the last try of a notice that waits came to, by trace number: the code of an error, or field 39.
    pub troubles: BTreeMap<u32, String>,
    watcher: &'s mut Watcher<'s>,
    recorder: Option<Recorder>,
    replay: Option<Replay>,
    steps: Vec<String>,
}

impl<'s> Session<'s> {
    /// A session of a program in a simulated world.
    pub fn simulated(
        program: &'s Program,
        simulation: impl Into<Box<Simulation>>,
        watcher: &'s mut Watcher<'s>,
    ) -> Session<'s> {
        Session {
            program,
            ports: Terminal::Simulated(simulation.into()),
            vault: Vault::default(),
            open: None,
            booked: None,
            chip_declined: None,
            asked_chip: None,
            chip_approved: None,
            card_read: None,
            handed_over: false,
            transactions: Vec::new(),
            response: None,
            asked_for_a_payment: true,
            host_command: 0,
            settlement: None,
            attempts: 0,
            real_time: false,
            power: None,
            rewrite: false,
            fuel: INSTRUCTIONS_MAX,
            requests: 0,
            examination: Examination::default(),
            holds_back: false,
            spending: None,
            tally: Tally::default(),
            troubles: BTreeMap::new(),
            watcher,
            recorder: None,
            replay: None,
            steps: Vec::new(),
        }
    }

    /// Records everything the run asks and is told.
    pub fn record(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    /// Answers from a trace instead of from the world.
    pub fn replay(&mut self, replay: Replay) {
        self.replay = Some(replay);
    }

    /// Ends the session and gives the terminal back.
    pub fn into_terminal(self) -> Terminal {
        self.ports
    }

    /// Gives back the recorder.
    pub fn take_recorder(&mut self) -> Option<Recorder> {
        self.recorder.take()
    }

    /// Is there anybody who reads what was on the screen, or a trace that keeps it?
    pub fn is_observed(&self) -> bool {
        self.ports.is_watched || self.recorder.is_some()
    }

    /// Shows something, and keeps it in the trace.
    pub fn happen(&mut self, happening: Happening) {
        if let Some(recorder) = &mut self.recorder {
            recorder.happened(&happening);
        }
        self.show(&happening);
    }

    /// Shows something that happened, now or when the trace was written, and follows the money by it.
    fn show(&mut self, happening: &Happening) {
        happening.count(&mut self.tally);
        match *happening {
            Happening::ReversalRecorded { stan } => self.transactions.push((stan, Money::ReversalQueued)),
            Happening::Booked { stan, kind } => self.money_is(stan, kind.money()),
            Happening::Discarded { stan } | Happening::NeverSent { stan, .. } => self.money_is(stan, Money::NotMoved),
            Happening::ReversalClosed { stan, .. } => self.money_is(stan, Money::Reversed),
            Happening::NoticeKept { stan, kind: Some(kind), .. } => {
                self.tally.begun += 1;
                self.tally.approved += 1;
                self.transactions.push((stan, kind.money()));
            }
            // Whatever the host says to an adjustment, the sale itself stands.
            Happening::NoticeKept { adjusts: Some(original), .. } => self.transactions.push((original, Money::Moved)),
            Happening::NoticeAnswered { stan, taken: false, .. } => {
                // It stood until the host said no; one of an earlier run was counted there.
                if self.transactions.iter().any(|(known, _)| *known == stan) {
                    self.tally.approved = self.tally.approved.saturating_sub(1);
                    self.tally.declined += 1;
                }
                self.money_is(stan, Money::NotMoved);
            }
            Happening::HostCommand { digit } => self.host_command = digit,
            _ => {}
        }
        (self.watcher)(happening);
    }

    fn money_is(&mut self, stan: u32, money: Money) {
        if let Some(transaction) = self.transactions.iter_mut().rfind(|(known, _)| *known == stan) {
            transaction.1 = money;
        }
    }

    /// Where the money of the last transaction is; nothing moved where there was none.
    pub fn money(&self) -> Money {
        self.transactions.last().map_or(Money::NotMoved, |(_, money)| *money)
    }

    /// Runs a function to its end.
    ///
    /// Reversals that wait from earlier go out first; if they cannot, the run starts all the same, and its first
    /// financial request is refused.
    pub fn run(&mut self, function: u16, arguments: &[Value]) -> Ended {
        self.transactions.clear();
        self.asked_for_a_payment = true;
        self.booked = None;
        (self.asked_chip, self.chip_approved, self.card_read) = (None, None, None);
        self.examination.failed = 0;
        let waits = |state: &JournalState| !state.pending.is_empty() || !state.day.notices.is_empty();
        if self.replay.is_none() && !self.holds_back && waits(self.ports.journal.state()) {
            let _ = self.send_pending();
        }
        let bump = Bump::new();
        let lent: Vec<_> = arguments.iter().map(|value| lend(value, &bump)).collect();
        // A run whose spending is kept is granted its instructions one by one.
        let granted = if self.spending.is_some() { 0 } else { self.fuel };
        let mut run = match Run::start(self.program, function, &lent, Limits::default(), granted) {
            Ok(run) => run,
            Err(error) => return self.not_started(&error.to_string()),
        };
        if let Some(spending) = &mut self.spending {
            spending.began(&run);
        }
        let mut yielded = run.resume(self.program, Event::Start);
        let mut failed: Option<(Op, Vec<Value>)> = None;
        // What answers lie in meanwhile; emptied for each.
        let mut lent = Bump::new();
        if self.replay.is_none() && self.ports.power.is_off() {
            let _ = self.cut(0, "start");
            return self.power_cut(&run, "start");
        }
        loop {
            match yielded {
                Yield::Request => {}
                Yield::OutOfFuel => {
                    let granted = self.spending.as_mut().and_then(|it| it.go_on(&mut run, self.program, self.fuel));
                    if let Some(next) = granted {
                        yielded = next;
                        continue;
                    }
                    let limit = self.fuel.to_string();
                    let facts = [("limit", limit.as_str(), limit.as_str())];
                    yielded =
                        run.resume(self.program, Event::Abort { code: limits::OUT_OF_INSTRUCTIONS.0, facts: &facts });
                    continue;
                }
                Yield::Finished | Yield::Failed => return self.over(&run, function),
            }
            if self.rewrite {
                run = match Run::from_bytes(&run.to_bytes(self.program), self.program) {
                    Ok(run) => run,
                    Err(error) => return self.not_started(&error.to_string()),
                };
            }
            let Some(request) = run.request(self.program) else { return self.over(&run, function) };
            let (number, op) = (request.number(), request.op());
            self.requests = number;
            if let Some(spending) = &mut self.spending {
                spending.asked(&run, self.program, op);
            }
            let before = self.now_ms();
            self.show_step(&run);
            if op != Op::Sleep {
                // Only what failed is tried again; a loop that prints ten lines tried nothing twice.
                let again = failed.take().is_some_and(|(was, with)| was == op && with == devices::owned(&request));
                self.attempts = if again { self.attempts.saturating_add(1) } else { 1 };
            }
            let answered = match self.answer(number, &request) {
                Ok(answered) => answered,
                Err(Cut::Power(point)) => return self.power_cut(&run, &point),
                Err(Cut::Diverged(failure)) => {
                    let error = report::of_code(self, &run, failure.code, failure.facts);
                    return self.ended(report::Result::Failed(Box::new(error)), run.executed());
                }
            };
            if let Some(spending) = &mut self.spending {
                let now = self.replay.as_ref().map_or_else(|| self.ports.clock.now_ms(), |replay| replay.at_ms);
                let has_failed = matches!(answered, Said::Failed(_));
                spending.answered(&run, self.program, op, now - before, has_failed);
            }
            match &answered {
                Said::Failed(_) => failed = Some((op, devices::owned(&request))),
                Said::Value(_) if op != Op::Sleep => self.attempts = 0,
                Said::Value(_) => {}
            }
            lent.reset();
            yielded =
                answered.lend(&lent, |answer| run.resume(self.program, Event::Answer { request: number, answer }));
        }
    }

    /// Starts the terminal again after a power cut: what was in memory is gone, what waits in the journal goes out.
    pub fn restart(&mut self) {
        self.power = None;
        (self.open, self.booked) = (None, None);
        self.vault = Vault::default();
        (self.asked_chip, self.chip_approved, self.card_read) = (None, None, None);
        let _ = self.send_pending();
        let _ = self.send_notices(Which::All, RESTART_WAIT_MS);
    }

    /// The world's answer to one request, or the trace's.
    fn answer(&mut self, number: u32, request: &Request<'_>) -> Result<Said, Cut> {
        let op = request.op();
        // The code of an earlier transaction says nothing about this one.
        if matches!(op, Op::CardRead | Op::HostNextStan | Op::HostSend | Op::ReverseOpen) {
            self.response = None;
        }
        if let (Op::HostSend, Some(message)) = (op, request.argument(0).message()) {
            self.asked_for_a_payment = is_a_payment(message.mti());
        }
        let answered = match self.replay.take() {
            Some(mut replay) => {
                let answered = self.replayed(&mut replay, number, op, &devices::owned(request));
                self.replay = Some(replay);
                answered?
            }
            None => self.live(number, request)?,
        };
        if let (Said::Value(value), Op::HostSend) = (&answered, op) {
            self.response = response_of(value);
        }
        Ok(answered)
    }

    fn live(&mut self, number: u32, request: &Request<'_>) -> Result<Said, Cut> {
        if let Some(recorder) = &mut self.recorder {
            recorder.asked(number, request.op(), &devices::owned(request));
        }
        let (before, began) = (self.ports.clock.now_ms(), self.real_time.then(Instant::now));
        if self.power.is_some_and(|cut| cut.before(number)) || self.ports.power.passes(number, false) {
            return Err(self.cut(number, &format!("request {number}")));
        }
        let answered = devices::answer_run(self, request);
        if self.ports.power.is_off() {
            return Err(self.cut(number, &format!("request {number}")));
        }
        let answered = match answered {
            Ok(value) => Said::Value(value),
            Err(Stop::Failed(failure)) => Said::Failed(failure),
            Err(Stop::PowerCut(point)) => return Err(self.cut(number, point.word())),
        };
        if self.power.is_some_and(|cut| cut.after(number)) || self.ports.power.passes(number, true) {
            return Err(self.cut(number, &format!("request {number}")));
        }
        let now = self.ports.clock.now_ms();
        if let Some(began) = began {
            // A host that sets the clock back or far ahead is no reason to sleep.
            let pause = Duration::from_millis((now - before).clamp(0, 120_000) as u64);
            // A host elsewhere has taken its time already.
            std::thread::sleep(pause.saturating_sub(began.elapsed()));
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.answered(number, &answered, now);
        }
        Ok(answered)
    }

    fn cut(&mut self, number: u32, point: &str) -> Cut {
        let now = self.ports.clock.now_ms();
        self.happen(Happening::PowerCut { point: point.into() });
        if let Some(recorder) = &mut self.recorder {
            recorder.power_cut(number, point, now);
        }
        Cut::Power(point.into())
    }

    fn replayed(&mut self, replay: &mut Replay, number: u32, op: Op, arguments: &[Value]) -> Result<Said, Cut> {
        for happening in replay.happenings() {
            self.show(&happening);
        }
        replay.asked(number, op, arguments).map_err(Cut::Diverged)?;
        for happening in replay.happenings() {
            self.show(&happening);
        }
        match replay.answer(number).map_err(Cut::Diverged)? {
            Recorded::Answer(answered) => Ok(answered),
            Recorded::PowerCut(point) => Err(Cut::Power(point)),
        }
    }

    /// Shows the steps the run is in, those of callers first, as far as they are new.
    fn show_step(&mut self, run: &Run) {
        if self.replay.is_some() || !self.ports.is_watched {
            return;
        }
        let steps: Vec<String> = run.frames(self.program).into_iter().rev().filter_map(|frame| frame.step).collect();
        let known = steps.iter().zip(&self.steps).take_while(|(now, before)| now == before).count();
        for name in steps.iter().skip(known) {
            self.happen(Happening::Step { name: name.clone() });
        }
        self.steps = steps;
    }

    fn over(&mut self, run: &Run, function: u16) -> Ended {
        if self.replay.is_none() {
            self.ports.power.run_ends();
        }
        self.show_rest();
        self.show_strays();
        if let Some(spending) = &mut self.spending {
            spending.ended(run);
        }
        let result = match run.failure() {
            Some(failure) => report::Result::Failed(Box::new(report::of_failure(self, run, failure))),
            None => {
                let gives = self.program.functions.get(usize::from(function)).map(|function| &function.gives);
                let gives_outcome = gives == Some(&Type::Union(OUTCOME));
                let value = match run.result_view(self.program) {
                    // Where nobody watches, nobody reads request and reply of what was approved.
                    Some(view) if gives_outcome && !self.ports.is_watched && view.tag() == Some(outcome::APPROVED) => {
                        Value::Variant { tag: outcome::APPROVED, payload: None }
                    }
                    Some(view) => view.to_value(),
                    None => Value::Nothing,
                };
                report::of_value(self, run, gives_outcome, value)
            }
        };
        self.ended(result, run.executed())
    }

    fn power_cut(&mut self, run: &Run, point: &str) -> Ended {
        self.show_rest();
        if let Some(spending) = &mut self.spending {
            spending.ended(run);
        }
        let error = report::of_code(self, run, hardware::POWER_CUT, vec![("point", Fact::Text(point.into()))]);
        self.ended(report::Result::PowerCut(Box::new(error)), run.executed())
    }

    fn not_started(&mut self, detail: &str) -> Ended {
        let error = ScriptError::of(internal::INTERNAL_DEFECT, vec![("detail", Fact::Text(detail.into()))]);
        self.ended(report::Result::Failed(Box::new(error)), 0)
    }

    /// Shows what a trace has behind the last answer.
    fn show_rest(&mut self) {
        let rest = self.replay.as_mut().map(Replay::happenings).unwrap_or_default();
        for happening in rest {
            self.show(&happening);
        }
    }

    /// Shows what came on the line after the last exchange.
    fn show_strays(&mut self) {
        let (None, Some(dialect)) = (&self.replay, &self.program.dialect) else { return };
        let shown: Vec<Happening> =
            self.ports.host.notes().into_iter().map(|note| stray::of_note(note, dialect)).collect();
        for happening in shown {
            self.happen(happening);
        }
    }

    fn ended(&mut self, result: report::Result, executed: u64) -> Ended {
        let pending = match &self.replay {
            Some(replay) => replay.pending,
            None => self.ports.journal.state().pending.len(),
        };
        // What must not be missed comes first: a reversal that waits, then money that is gone.
        let order =
            [Money::ReversalQueued, Money::Moved, Money::Held, Money::TakenBack, Money::Credited, Money::Reversed];
        let is = |money: &Money| self.transactions.iter().any(|(_, known)| known == money);
        let money = order.into_iter().find(is).unwrap_or(Money::NotMoved);
        let books = match &self.replay {
            Some(replay) => replay.books.clone(),
            None => self.standing(),
        };
        Ended { result, money, transactions: self.transactions.clone(), pending, executed, books }
    }

    /// How terminal and host stand to each other; `None` where no money moved, or where nobody watches.
    fn standing(&self) -> Option<Standing> {
        if !self.ports.is_watched || self.tally.begun == 0 && self.tally.reversed == 0 {
            return None;
        }
        match &self.ports {
            Terminal::Simulated(world) => Some(Standing::of(world, self.tally)),
        }
    }

    /// The terminal's time; in a replay, as the trace has it.
    pub fn now_ms(&self) -> i64 {
        self.replay.as_ref().map_or_else(|| self.ports.clock.now_ms(), |replay| replay.at_ms)
    }

    /// The terminal's number; in a replay, as the trace has it.
    pub fn terminal(&self) -> String {
        self.replay.as_ref().map_or_else(|| self.ports.parameters.terminal_id.clone(), |replay| replay.terminal.clone())
    }

    /// The currency of an empty batch; `None` if the table of currencies has lost the yuan.
    pub fn home_currency(&self) -> Option<Currency> {
        Currency::from_numeric(156)
    }
}

/// The terminal a session works with.
pub enum Terminal {
    /// With everything around it simulated.
    Simulated(Box<Simulation>),
}

impl Terminal {
    /// The simulated world, for fixtures of tests.
    pub fn simulation(&mut self) -> Option<&mut Simulation> {
        match self {
            Terminal::Simulated(simulation) => Some(simulation),
        }
    }
}

impl Deref for Terminal {
    type Target = Ports;

    fn deref(&self) -> &Ports {
        match self {
            Terminal::Simulated(simulation) => &simulation.ports,
        }
    }
}

impl DerefMut for Terminal {
    fn deref_mut(&mut self) -> &mut Ports {
        match self {
            Terminal::Simulated(simulation) => &mut simulation.ports,
        }
    }
}

/// True for authorisations (x1xx), financial messages (x2xx) and their reversals (x4xx): somebody's card is behind them.
fn is_a_payment(mti: Mti) -> bool {
    matches!(mti.to_string().as_bytes().get(1), Some(b'1' | b'2' | b'4'))
}

/// Field 39 of a reply.
fn response_of(reply: &Value) -> Option<String> {
    let Value::Message { fields, .. } = reply else { return None };
    fields.iter().find_map(|(number, value)| match value {
        Value::Code(code) if *number == RESPONSE_CODE => Some(code.to_string()),
        _ => None,
    })
}

/// Why a request got no answer.
enum Cut {
    /// The power went.
    Power(String),
    /// The run and the trace part.
    Diverged(Failure),
}

/// A power cut at a request, counted as the run numbers them; for tests at every crash point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutAt {
    /// The request.
    pub request: u32,
    /// Before the world did anything, or after it did everything.
    pub done: bool,
}

impl CutAt {
    fn before(self, request: u32) -> bool {
        self.request == request && !self.done
    }

    fn after(self, request: u32) -> bool {
        self.request == request && self.done
    }
}
