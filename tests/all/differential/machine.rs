//! The machine's side: compiled, verified, run; every request and the end are kept.

use super::reference::evaluator::{Asked, Told, World};
use super::reference::value::Running;
use super::seen::{Fault, Finish, Seen};
use bumpalo::Bump;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::failure::{ErrorId, FrameView};
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::{Answer, Value};
use tillscript::run::answer::lend;

/// More than any generated program counts.
const FUEL: u64 = 200_000_000;

/// Runs a function.
pub(super) fn run(program: &Program, function: u16, arguments: &[Value], world: &mut dyn World) -> Seen {
    let bump = Bump::new();
    let lent: Vec<Answer<'_>> = arguments.iter().map(|argument| lend(argument, &bump)).collect();
    let mut run = Run::start(program, function, &lent, Limits::default(), FUEL).expect("it can start");
    // What went before leaves nothing behind.
    run.resume(program, Event::Start);
    run.restart(program, function, &lent, FUEL).expect("it can start again");
    let mut asked = Vec::new();
    let mut stopped = run.resume(program, Event::Start);
    loop {
        match stopped {
            Yield::Request => {
                // Nothing is lost to a run that is packed while it waits.
                let packed = run.pack(program);
                run.unpack(&packed, program).expect("what was packed can be unpacked");
                let request = run.request(program).expect("a request");
                let (number, op) = (request.number(), request.op());
                let arguments: Vec<Value> = request.arguments().map(|view| view.to_value()).collect();
                let place = run.frames(program).first().map_or((0, 0, 0), place);
                let told = world.answer(op, &arguments);
                asked.push(Asked { op, arguments, place });
                let bump = Bump::new();
                stopped = match &told {
                    Told::Value(value) => {
                        let answer = lend(value, &bump);
                        run.resume(program, Event::Answer { request: number, answer })
                    }
                    Told::Failed(code, facts) => {
                        let facts: Vec<(&str, &str, &str)> =
                            facts.iter().map(|(name, zh, en)| (name.as_str(), zh.as_str(), en.as_str())).collect();
                        let answer = Answer::Failed { code, facts: &facts };
                        run.resume(program, Event::Answer { request: number, answer })
                    }
                };
            }
            Yield::Finished | Yield::Failed => break,
            Yield::OutOfFuel => panic!("a generated program ran out of fuel"),
        }
    }
    let finish = match run.failure() {
        None => Finish::Value(run.result(program).expect("a result")),
        Some(_) => Finish::Failed(chain(&run)),
    };
    let outcome = run.outcome_place(program).iter().map(running).collect();
    Seen { asked, finish, outcome }
}

/// The error a run ended in, and what each followed from.
fn chain(run: &Run) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut next = run.failure();
    while let Some(failure) = next {
        faults.push(Fault {
            code: failure.code.to_string(),
            facts: failure.facts.iter().map(|fact| (fact.name.to_string(), fact.zh.clone(), fact.en.clone())).collect(),
            frames: failure.frames.iter().map(running).collect(),
        });
        next = failure.cause.and_then(|cause: ErrorId| run.error(cause));
    }
    faults
}

fn running(frame: &FrameView) -> Running {
    Running {
        name: frame.name.to_string(),
        step: frame.step.clone(),
        place: place(frame),
        shown: frame.shown.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
    }
}

fn place(frame: &FrameView) -> (u16, u32, u32) {
    frame.place.map_or((u16::MAX, 0, 0), |place| (place.file.0, place.span.start, place.span.end))
}
