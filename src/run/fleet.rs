//! Many terminals in one process, each with a journal of its own, all journals in one log on one disk.
//!
//! Each terminal is a thread of its own: what it writes waits for the disk together with what the others write meanwhile.

use crate::language::bytecode::program::{Entry, Program};
use crate::language::vm::value::Value;
use crate::run::happening::Happening;
use crate::run::report;
use crate::run::session::{Session, Terminal};
use crate::script_error::error::ScriptError;
use crate::world::audit::books::{Books, Tally};
use crate::world::audit::compare::audit;
use crate::world::audit::violation::Violation;
use crate::world::journal::file::FileJournal;
use crate::world::journal::group::Group;
use crate::world::journal::group_log::Held;
#[cfg(feature = "net")]
use crate::world::net::remote::RemoteSetup;
use crate::world::port::failure::Failure;
use crate::world::port::journal::Journal;
use crate::world::port::seal::Seal;
use crate::world::simulation::{Setup, Simulation};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// What a fleet is made of.
pub struct Fleet<'p> {
    /// The program that every terminal runs.
    pub program: &'p Program,
    /// The flow.
    pub entry: &'p Entry,
    /// What the flow is given.
    pub values: Vec<Value>,
    /// The world of each terminal, but for its number.
    pub setup: Setup,
    /// The log.
    pub group: Group,
    /// What each terminal has in the log.
    pub held: BTreeMap<u32, Held>,
    /// The key that card data in the journals is sealed with.
    pub key: Zeroizing<[u8; 16]>,
    /// The host elsewhere; without one each terminal has the simulated host to itself.
    #[cfg(feature = "net")]
    pub remote: Option<RemoteSetup>,
}

/// What a fleet did.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Runs of the flow.
    pub runs: u64,
    /// What came of the transactions of these runs.
    pub tally: Tally,
    /// Runs that ended in an error, by its code.
    pub failed: BTreeMap<String, u64>,
    /// Reversals that wait in the journals.
    pub pending: u64,
    /// Records of the journals that were written now.
    pub records: u64,
    /// What all journals have booked, less what was taken back, in minor units: of this time and of earlier ones.
    pub booked: i64,
    /// What is wrong between the books of a terminal and its host, by the number of the terminal.
    pub wrong: Vec<(u32, Violation)>,
    /// Terminals whose books were compared: those whose host is here and has been from their first record on.
    pub compared: u32,
    /// Why the fleet stopped before it was done: a journal could not be written.
    pub stopped: Option<Box<ScriptError>>,
}

/// The number of a terminal as its host knows it.
pub fn terminal_id(number: u32) -> String {
    format!("2{number:07}")
}

/// The number of the terminal that its host knows by this.
pub fn terminal_number(id: &str) -> Option<u32> {
    let number = id.strip_prefix('2')?.parse().ok()?;
    (terminal_id(number) == id).then_some(number)
}

impl Fleet<'_> {
    /// Runs the flow so many times, on terminals 1 to `terminals`, whichever is free. What waits from earlier goes out first.
    ///
    /// `watch` is told what happens at which terminal, on that terminal's thread. An error is one of opening a journal.
    pub fn run(&self, terminals: u32, runs: u64, watch: &(dyn Fn(u32, &Happening) + Sync)) -> Result<Done, Failure> {
        let (left, is_over, done) = (AtomicU64::new(runs), AtomicBool::new(false), Mutex::new(Ok(Done::default())));
        let common = Common { left: &left, is_over: &is_over, watch };
        std::thread::scope(|scope| {
            for number in 1..=terminals {
                let (common, done) = (&common, &done);
                scope.spawn(move || {
                    let own = self.terminal(number, common);
                    let mut all = done.lock().unwrap_or_else(PoisonError::into_inner);
                    match (own, all.as_mut()) {
                        (Ok(own), Ok(all)) => all.add(own),
                        (Err(failure), Ok(_)) => {
                            common.is_over.store(true, Ordering::Relaxed);
                            *all = Err(failure);
                        }
                        (_, Err(_)) => {}
                    }
                });
            }
        });
        done.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Is the host another program?
    fn is_elsewhere(&self) -> bool {
        #[cfg(feature = "net")]
        return self.remote.is_some();
        #[cfg(not(feature = "net"))]
        false
    }

    /// One terminal from its start to the end of the work.
    fn terminal(&self, number: u32, common: &Common<'_>) -> Result<Done, Failure> {
        let mut setup = self.setup.clone();
        setup.parameters.terminal_id = terminal_id(number);
        let mut world = Simulation::start(setup)?;
        let seal = Seal::new(&self.key);
        let before = self.held.get(&number).map_or(&[][..], |held| held.active.as_slice());
        let (journal, _) = FileJournal::on(self.group.member(number), before, &seal)?;
        let began = journal.state().records;
        world.work_with(Box::new(journal), seal)?;
        // Its host, if it is here, forgets everything when the program ends.
        let is_comparable = before.is_empty() && !self.is_elsewhere();
        #[cfg(feature = "net")]
        if let Some(remote) = &self.remote {
            world.connect(remote.clone());
        }
        world.ports.is_watched = false;
        let mut done = Done::default();
        let mut seen = |happening: &Happening| {
            happening.count(&mut done.tally);
            (common.watch)(number, happening);
        };
        let (mut world, ()) = with(world, self.program, &mut seen, |session| session.restart());
        let (mut failed, mut ran, mut stopped) = (BTreeMap::new(), 0, None);
        while stopped.is_none() && common.takes_one() {
            let (next, ended) =
                with(world, self.program, &mut seen, |session| session.run(self.entry.function, &self.values));
            world = next;
            world.forget_what_was_seen();
            ran += 1;
            if let report::Result::Failed(error) = ended.result {
                *failed.entry(error.code.clone()).or_insert(0) += 1;
                // After a failed write nobody knows what is on the disk, and the disk is that of all.
                if error.code.starts_with("T70") {
                    common.is_over.store(true, Ordering::Relaxed);
                    stopped = Some(error);
                }
            }
        }
        let state = world.ports.journal.state();
        (done.runs, done.failed, done.stopped) = (ran, failed, stopped);
        (done.pending, done.records) = (state.pending.len() as u64, state.records - began);
        done.booked = state.booked.iter().map(|booked| booked.amount.minor.saturating_mul(booked.kind.sign())).sum();
        if is_comparable && done.stopped.is_none() {
            done.compared = 1;
            let wrong = world.look(|stage| {
                audit(Books {
                    journal: state,
                    ledger: &stage.acquirer.ledger,
                    paper: None,
                    line: None,
                    chip_declined: Some(&stage.chip_declined),
                })
            });
            let wrong = wrong.into_iter().filter(|violation| !violation.is_waiting(state));
            done.wrong = wrong.map(|violation| (number, violation)).collect();
        }
        Ok(done)
    }
}

/// What all threads share.
struct Common<'c> {
    left: &'c AtomicU64,
    is_over: &'c AtomicBool,
    watch: &'c (dyn Fn(u32, &Happening) + Sync),
}

impl Common<'_> {
    /// Takes one of the runs that are left; false if there is none, or if everybody has to stop.
    fn takes_one(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
            && self.left.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

impl Done {
    fn add(&mut self, own: Done) {
        self.runs += own.runs;
        let Tally { begun, approved, declined, reversed, slips } = own.tally;
        self.tally.begun += begun;
        self.tally.approved += approved;
        self.tally.declined += declined;
        self.tally.reversed += reversed;
        self.tally.slips += slips;
        for (code, count) in own.failed {
            *self.failed.entry(code).or_insert(0) += count;
        }
        self.pending += own.pending;
        self.records += own.records;
        self.booked = self.booked.saturating_add(own.booked);
        self.wrong.extend(own.wrong);
        self.compared += own.compared;
        self.stopped = self.stopped.take().or(own.stopped);
    }
}

/// Card data of a session is gone with it, so each run has one of its own.
fn with<T>(
    world: Simulation,
    program: &Program,
    seen: &mut dyn FnMut(&Happening),
    call: impl FnOnce(&mut Session<'_>) -> T,
) -> (Simulation, T) {
    let mut session = Session::simulated(program, world, seen);
    let result = call(&mut session);
    let Terminal::Simulated(world) = session.into_terminal();
    (*world, result)
}
