//! Goes through everything that can happen to a flow: each fault at each of its messages, the power cut at each moment,
//! each tear of the disk; and, if wanted, a second cut while the terminal recovers.
//!
//! The machine is a function and a run is lost with the power, so a cut leaves the outside world and nothing else. One run
//! with the camera on shows what a cut at every one of its moments leaves. Equal worlds are recovered from once.

use super::bench::{Bench, Watch};
use super::cells::Phase;
use super::plan::{Choice, Plan};
use super::recover::{self, Outcome, Verdict};
use super::report::{Origin, Report};
use super::subject::Subject;
use crate::run::report::Result as RunResult;
use crate::world::audit::violation::{Violation, Wrong};
use crate::world::crash::camera::{CutHere, Moment, Shot};
use crate::world::crash::outside::{Fingerprint, Plant};
use crate::world::port::failure::Failure;
use std::collections::{BTreeMap, HashMap};

/// How far to go.
#[derive(Clone, Debug)]
pub struct Options {
    /// Power cuts in one story: 1, or 2.
    pub crashes: u8,
    /// Faults.
    pub choice: Choice,
    /// This part of so many, from 1.
    pub shard: (u32, u32),
    /// The end is the first violation.
    pub stop_at_first: bool,
}

impl Options {
    /// One cut, these faults, all of it.
    pub fn new(choice: Choice) -> Options {
        Options { crashes: 1, choice, shard: (1, 1), stop_at_first: false }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Done of this stage.
    pub done: u64,
    /// There are so many of it, as far as is known.
    pub of: u64,
    /// Crash points so far.
    pub points: u64,
}

/// Where the runs that are looked at begin and what they were.
struct State {
    origin: Origin,
    /// Cuts in its shortest story.
    cuts: u32,
}

struct Engine<'e, 's, 'p> {
    bench: Bench<'s, 'p>,
    options: &'e Options,
    report: Report,
    /// Every world that was seen, in the order in which it was first seen.
    states: Vec<(Fingerprint, State)>,
    known: HashMap<Fingerprint, usize>,
    /// How often each world was left, by fault and phase.
    hits: BTreeMap<(String, Phase, Fingerprint), u64>,
    verdicts: HashMap<Fingerprint, Outcome>,
    /// The subject sells twice in a row where nothing goes wrong.
    is_repeatable: bool,
    watch: &'e mut dyn FnMut(Progress),
}

/// Tortures a subject.
pub fn torture(
    subject: &Subject<'_>,
    options: &Options,
    plant: Plant<'_>,
    watch: &mut dyn FnMut(Progress),
) -> Result<Report, Failure> {
    let bench = Bench::new(subject, plant)?;
    let mut engine = Engine {
        bench,
        options,
        report: Report::default(),
        states: Vec::new(),
        known: HashMap::new(),
        hits: BTreeMap::new(),
        verdicts: HashMap::new(),
        is_repeatable: false,
        watch,
    };
    engine.is_repeatable = engine.sells_twice();
    engine.runs();
    engine.recoveries();
    engine.count();
    Ok(engine.report)
}

impl Engine<'_, '_, '_> {
    fn is_over(&self) -> bool {
        self.options.stop_at_first && self.report.is_wrong()
    }

    fn is_mine(&self, number: u64) -> bool {
        let (part, of) = self.options.shard;
        number % u64::from(of.max(1)) == u64::from(part.saturating_sub(1))
    }

    fn sells_twice(&mut self) -> bool {
        // A test says what it expects of a world in which nothing has happened before.
        if self.bench.subject.entry.test {
            return false;
        }
        let first = std::rc::Rc::clone(&self.bench.first);
        let Ok(mut terminal) = self.bench.enter(&first, &Plan::default(), Watch::Count) else { return false };
        (0..2).all(|_| {
            if let Some(stand) = terminal.stand() {
                stand.use_begins();
            }
            let ended = terminal.run(&mut |_| {});
            ended.is_some_and(|ended| matches!(ended.result, RunResult::Approved(_) | RunResult::Done(_)))
        })
    }

    /// Runs the subject under every plan.
    fn runs(&mut self) {
        let choice = self.options.choice.clone();
        // Without a fault first: it says how long the run is, how many messages it has, how often the disk is touched.
        let (messages, operations) = self.run(&Plan::default(), true);
        (self.report.moments, self.report.messages) = (self.report.points.min(u64::from(u32::MAX)) as u32, messages);
        let mut plans: Vec<Plan> = choice.standing().into_iter().map(Plan::fault).collect();
        if choice != Choice::None {
            plans.push(Plan { turns: true, ..Plan::default() });
        }
        for trouble in choice.of_disk() {
            plans.extend((0..operations).map(|at| Plan { disk: Some((at, trouble)), ..Plan::default() }));
        }
        // Some faults make a flow send more than it does otherwise.
        let (mut most, mut nth) = (messages.max(1), 1);
        let (mut number, mut done) = (0, 0);
        loop {
            if nth <= most {
                plans.extend(choice.of_message(nth).into_iter().map(Plan::fault));
                nth += 1;
            }
            let Some(plan) = plans.get(number).cloned() else {
                if nth > most {
                    break;
                }
                continue;
            };
            number += 1;
            let is_mine = self.is_mine(number as u64);
            if is_mine && !self.is_over() {
                let (messages, _) = self.run(&plan, false);
                most = most.max(messages.min(MESSAGES_MOST));
                done += 1;
            }
            (self.watch)(Progress { done, of: plans.len() as u64, points: self.report.points });
        }
    }

    /// One run with the camera on. Gives its messages and the operations of its disk.
    fn run(&mut self, plan: &Plan, is_first: bool) -> (u32, u32) {
        let first = std::rc::Rc::clone(&self.bench.first);
        let (shots, messages, operations, executed) = match self.bench.enter(&first, plan, Watch::Film) {
            Ok(mut terminal) => {
                let before = terminal.stand().map_or(0, |stand| stand.disk.operations());
                let ended = terminal.run(&mut |_| {});
                let after = terminal.stand().map_or(0, |stand| stand.disk.operations());
                let executed = ended.map_or(0, |ended| ended.executed);
                (terminal.shots(), terminal.messages(), after - before, executed)
            }
            // A fault that keeps the terminal from starting moves no money.
            Err(_) => (Vec::new(), 0, 0, 0),
        };
        self.report.plans += 1;
        self.report.uses += 1;
        self.report.instruction_points += executed;
        if is_first {
            self.report.requests = requests(&shots);
            self.report.instructions = executed;
        }
        if let Some(violation) = machine_touched_world(&shots) {
            let origin = Origin { plan: plan.clone(), cut: None, then: None };
            self.report.keep(&violation, &origin);
        }
        let origin = |cut| Origin { plan: plan.clone(), cut, then: None };
        let phases = Phase::of(&shots);
        self.take(&plan.kind(), &shots, &phases, &origin);
        (messages, operations)
    }

    /// Keeps the worlds of these moments.
    fn take(
        &mut self,
        fault: &str,
        shots: &[Shot],
        phases: &[Phase],
        origin: &dyn Fn(Option<(CutHere, Moment)>) -> Origin,
    ) {
        for (shot, phase) in shots.iter().zip(phases) {
            for (tear, print) in &shot.states {
                self.report.points += 1;
                let is_end = shot.moment == Moment::End;
                let cut = CutHere { at: shot.at, tear: *tear };
                let origin = origin((!is_end).then_some((cut, shot.moment)));
                self.see(*print, origin);
                *self.hits.entry((fault.to_owned(), *phase, *print)).or_insert(0) += 1;
            }
        }
    }

    /// Keeps a world with its shortest story.
    fn see(&mut self, print: Fingerprint, origin: Origin) {
        let cuts = origin.cuts();
        match self.known.get(&print).and_then(|at| self.states.get_mut(*at)) {
            Some((_, known)) => {
                known.cuts = known.cuts.min(cuts);
                if origin.weight() < known.origin.weight() {
                    known.origin = origin;
                }
            }
            None => {
                self.known.insert(print, self.states.len());
                self.states.push((print, State { origin, cuts }));
            }
        }
    }

    /// Recovers from every world; from those in which something is sent then, under every fault of that message too.
    fn recoveries(&mut self) {
        let mut faults: Vec<Plan> = self.options.choice.of_message(1).into_iter().map(Plan::fault).collect();
        if !faults.is_empty() {
            faults.push(Plan { turns: true, ..Plan::default() });
        }
        let mut at = 0;
        while at < self.states.len() && !self.is_over() {
            let Some((print, origin, cuts)) =
                self.states.get(at).map(|(print, state)| (*print, state.origin.clone(), state.cuts))
            else {
                break;
            };
            at += 1;
            let verdict = self.verdict(print, &origin);
            if origin.then.is_none() && verdict.messages > 0 && verdict.violations.is_empty() {
                // The power may go again while it recovers, if one more cut is wanted.
                let film = cuts < u32::from(self.options.crashes);
                if film {
                    self.start_under(print, &origin, &Plan::default(), true);
                }
                for plan in &faults {
                    if self.is_over() {
                        break;
                    }
                    self.start_under(print, &origin, plan, film);
                }
            }
            let of = self.states.len() as u64;
            (self.watch)(Progress { done: at as u64, of, points: self.report.points });
        }
        self.report.worlds = self.states.len() as u64;
    }

    fn verdict(&mut self, print: Fingerprint, origin: &Origin) -> Verdict {
        let verdict = match self.bench.world(print) {
            Some(world) => recover::recover(&mut self.bench, &world, self.is_repeatable),
            None => Verdict { violations: Vec::new(), outcome: Outcome::Nothing, messages: 0 },
        };
        self.report.uses += 1;
        self.verdicts.insert(print, verdict.outcome);
        let mut violations = verdict.violations.clone();
        if verdict.messages > 0
            && let Some(world) = self.bench.world(print)
        {
            self.report.uses += 1;
            violations.extend(recover::recover_tomorrow(&mut self.bench, &world).violations);
            violations.sort();
            violations.dedup();
        }
        for violation in &violations {
            self.report.keep(violation, origin);
        }
        verdict
    }

    /// Starts the terminal in a world while something goes wrong with its first message.
    fn start_under(&mut self, print: Fingerprint, before: &Origin, plan: &Plan, film: bool) {
        let Some(world) = self.bench.world(print) else { return };
        let watch = if film { Watch::Film } else { Watch::Count };
        let Ok(mut terminal) = self.bench.enter(&world, plan, watch) else { return };
        terminal.session(&mut |_| {}, |session| session.restart());
        let shots = terminal.shots();
        let end = terminal.shoot();
        drop(terminal);
        self.report.uses += 1;
        let then = |cut| Origin { then: Some((plan.clone(), cut)), ..before.clone() };
        let phases = vec![Phase::Recovering; shots.len()];
        self.take(&plan.kind(), &shots, &phases, &then);
        if let Some(end) = end {
            self.report.points += 1;
            self.see(end, then(None));
            *self.hits.entry((plan.kind(), Phase::Recovering, end)).or_insert(0) += 1;
        }
    }

    /// Counts the cells.
    fn count(&mut self) {
        for ((fault, phase, print), times) in std::mem::take(&mut self.hits) {
            if let Some(outcome) = self.verdicts.get(&print) {
                self.report.audited += times;
                self.report.cells.hit(&fault, phase, *outcome, times);
            }
        }
    }
}

/// The request that each moment belongs to, and whether it was done by then.
fn requests(shots: &[Shot]) -> Vec<(u32, bool)> {
    let mut now = (0, false);
    let of = |shot: &Shot| {
        if let Moment::Request { number, done } = shot.moment {
            now = (number, done);
        }
        now
    };
    shots.iter().map(of).collect()
}

/// Messages of one run whose faults are tried; a flow that sends more repeats itself.
const MESSAGES_MOST: u32 = 12;

/// Between the answer to a request and the next request only the machine is at work: the world has to be the same.
fn machine_touched_world(shots: &[Shot]) -> Option<Violation> {
    let changed = shots.windows(2).find(|pair| match pair {
        [before, after] => {
            let done = matches!(before.moment, Moment::Request { done: true, .. });
            let asked = matches!(after.moment, Moment::Request { done: false, .. });
            done && asked && before.states.first() != after.states.first()
        }
        _ => false,
    })?;
    let at = changed.first().map_or(0, |shot| shot.at);
    Some(Violation::of(Wrong::MachineTouchedWorld, format!("moment {at}")))
}
