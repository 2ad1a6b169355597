//! Whole runs in the simulated world: the money, the journal, the trace, and what must never be written anywhere.

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tillscript::language::bytecode::program::Program;
use tillscript::language::check::checked::ErrorRef;
use tillscript::language::check::program::check;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::card::Pan;
use tillscript::payment::keys::check_value::CheckValue;
use tillscript::payment::keys::mac::MacAlgorithm;
use tillscript::payment::keys::pin_block::EncryptedPinBlock;
use tillscript::payment::keys::sign_in::WrappedKey;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, build_text, flow};
use tillscript::run::report::{Ended, Result as RunResult};
use tillscript::run::session::Session;
use tillscript::run::source_files;
use tillscript::run::trace::{Head, Recorder};
use tillscript::run::world::dialect_of;
use tillscript::script_error::catalogue;
use tillscript::script_error::code::Code;
use tillscript::script_error::error::Money;
use tillscript::script_error::source::FileId;
use tillscript::world::fault::{self, ROWS};
use tillscript::world::port::failure::Failure;
use tillscript::world::port::pin_pad::{KeySlot, PinPad};
use tillscript::world::port::waited::Waited;
use tillscript::world::profile;
use tillscript::world::simulation::{Setup, Simulation};
use tillscript::world::stage::Presented;

fn script(name: &str) -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
    let built = build(&path);
    built.program.unwrap_or_else(|| panic!("{name} does not build: {:?}", built.findings))
}

fn amount(text: &str) -> Value {
    Value::Amount(Amount::parse(text).expect("an amount"))
}

fn setup(program: &Program) -> Setup {
    Setup::new(dialect_of(program).expect("a dialect"))
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("till-run-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Runs a flow once in this world and gives how it ended, and the session for a look around.
fn with_run<R>(
    program: &Program,
    arguments: &[Value],
    setup: Setup,
    prepare: impl FnOnce(&mut Session<'_>),
    look: impl FnOnce(&mut Session<'_>, Ended) -> R,
) -> R {
    let simulation = Simulation::start(setup).expect("a world");
    let mut watch = |_: &Happening| {};
    let mut session = Session::simulated(program, simulation, &mut watch);
    prepare(&mut session);
    let entry = flow(program, None).expect("a flow");
    let ended = session.run(entry.function, arguments);
    look(&mut session, ended)
}

#[test]
fn a_sale_is_approved_booked_and_printed() {
    let program = script("sale.till");
    with_run(
        &program,
        &[amount("100.00CNY")],
        setup(&program),
        |_| {},
        |session, ended| {
            assert!(matches!(ended.result, RunResult::Approved(_)), "{ended:?}");
            assert_eq!((ended.money, ended.pending), (Money::Moved, 0));
            let world = session.ports.simulation().expect("simulated");
            assert_eq!(world.host_ledger(), world.batch_ledger());
            assert_eq!(world.host_ledger().len(), 1);
            assert!(world.printed("签购单") && world.printed("100.00"));
        },
    );
}

/// Values of the faults that take one, so that every row of the table is tried.
fn spelled(row: &fault::FaultRow) -> Vec<String> {
    match row.name {
        "reply" => {
            ["00", "05", "51", "41", "91", "96", "A0", "Z9", "10"].iter().map(|code| format!("reply:{code}")).collect()
        }
        // Those that close a reversal; after the others it waits, as in the test after next.
        "reversal-code" => ["25", "12", "00"].iter().map(|code| format!("reversal-code:{code}")).collect(),
        "power-cut" => row_points().map(|point| format!("power-cut:{point}")).collect(),
        name => vec![name.to_string()],
    }
}

fn row_points() -> impl Iterator<Item = &'static str> {
    tillscript::world::port::power::PowerPoint::ALL.into_iter().map(|point| point.word())
}

#[test]
fn whatever_goes_wrong_with_a_sale_terminal_and_host_agree_after_the_next_start() {
    let program = script("sale.till");
    let mut tried = 0;
    for name in ROWS.iter().flat_map(spelled) {
        // The host that never answers reversals leaves its reversal waiting: that is the test after this one.
        if name == "keep-silent-on-reversal" {
            continue;
        }
        let mut setup = setup(&program);
        setup.faults.push(fault::parse(&name).expect("a fault"));
        with_run(
            &program,
            &[amount("100.00CNY")],
            setup,
            |_| {},
            |session, ended| {
                let approved = matches!(ended.result, RunResult::Approved(_));
                assert_eq!(
                    approved,
                    ended.money == Money::Moved && !matches!(ended.result, RunResult::PowerCut(_)),
                    "{name}: {ended:?}"
                );
                let waits = session.ports.journal.state().pending.len();
                assert_eq!(ended.pending, waits, "{name}");
                if matches!(ended.result, RunResult::Declined(_) | RunResult::Cancelled) {
                    assert_eq!((ended.money, waits), (Money::NotMoved, 0), "{name}");
                }
                // The line is mended, the terminal starts again.
                let world = session.ports.simulation().expect("simulated");
                world.mend();
                session.restart();
                let world = session.ports.simulation().expect("simulated");
                assert_eq!(world.host_ledger(), world.batch_ledger(), "{name}: {ended:?}");
                assert!(session.ports.journal.state().pending.is_empty(), "{name}: {ended:?}");
            },
        );
        tried += 1;
    }
    assert!(tried > 45, "only {tried} faults were tried");
}

#[test]
fn a_reversal_that_is_never_answered_waits_and_blocks_the_next_sale() {
    let program = script("sale.till");
    let mut setup = setup(&program);
    setup.faults.push(fault::parse("silent").expect("a fault"));
    setup.faults.push(fault::parse("keep-silent-on-reversal").expect("a fault"));
    with_run(
        &program,
        &[amount("100.00CNY")],
        setup,
        |_| {},
        |session, ended| {
            assert_eq!((ended.money, ended.pending), (Money::ReversalQueued, 1));
            let entry = flow(&program, None).expect("a flow");
            for _ in 0..3 {
                let again = session.run(entry.function, &[amount("1.00CNY")]);
                let RunResult::Failed(error) = &again.result else { panic!("{again:?}") };
                assert_eq!(error.code, "T5106");
                assert_eq!(again.pending, 1, "a reversal is never given up");
            }
        },
    );
}

#[test]
fn an_inquiry_waits_behind_a_reversal_too() {
    let directory = folder("inquiry");
    let with_faults = |program: &Program, faults: &[&str]| {
        let mut setup = setup(program);
        setup.directory = Some(directory.clone());
        setup.faults = faults.iter().map(|name| fault::parse(name).expect("a fault")).collect();
        setup
    };
    let sale = script("sale.till");
    with_run(
        &sale,
        &[amount("100.00CNY")],
        with_faults(&sale, &["silent"]),
        |_| {},
        |session, ended| {
            assert_eq!(ended.pending, 1);
            session.ports.simulation().expect("simulated").save().expect("saved");
        },
    );
    let balance = script("balance.till");
    with_run(
        &balance,
        &[],
        with_faults(&balance, &["keep-silent-on-reversal"]),
        |_| {},
        |_, ended| {
            let RunResult::Failed(error) = &ended.result else { panic!("{ended:?}") };
            assert_eq!((error.name.as_str(), ended.pending), ("ReversalUnfinished", 1));
        },
    );
    fs::remove_dir_all(&directory).expect("cleaned up");
}

/// A PIN pad that loses its keys while the reply is on its way.
struct Forgetful(Box<dyn PinPad>, Code);

impl PinPad for Forgetful {
    fn serial(&mut self) -> Result<String, Failure> {
        self.0.serial()
    }
    fn enter_pin(
        &mut self,
        pan: &Pan,
        digits: u8,
        amount: Option<Amount>,
        within_ms: i64,
    ) -> Waited<Result<EncryptedPinBlock, Failure>> {
        self.0.enter_pin(pan, digits, amount, within_ms)
    }
    fn read_keys(&mut self, bundle: &[u8]) -> Result<Vec<WrappedKey>, Failure> {
        self.0.read_keys(bundle)
    }
    fn load(&mut self, slot: KeySlot, cryptogram: &[u8], under: KeySlot) -> Result<CheckValue, Failure> {
        self.0.load(slot, cryptogram, under)
    }
    fn activate_keys(&mut self) -> Result<(), Failure> {
        self.0.activate_keys()
    }
    fn drop_keys(&mut self) -> Result<(), Failure> {
        self.0.drop_keys()
    }
    fn erase_work_keys(&mut self) -> Result<(), Failure> {
        self.0.erase_work_keys()
    }
    fn mac(&mut self, algorithm: MacAlgorithm, data: &[u8]) -> Result<[u8; 8], Failure> {
        self.0.mac(algorithm, data)
    }
    fn verify_mac(&mut self, _: MacAlgorithm, _: &[u8], _: &[u8]) -> Result<bool, Failure> {
        Err(Failure::new(self.1))
    }
}

impl Forgetful {
    /// Puts it in the place of the session's own, which a second world lends its pad for the moment of the exchange.
    fn put_into(session: &mut Session<'_>, says: Code) {
        let other = Simulation::start(setup(session.program)).expect("a world");
        let own = std::mem::replace(&mut session.ports.pin_pad, other.ports.pin_pad);
        session.ports.pin_pad = Box::new(Forgetful(own, says));
    }
}

#[test]
fn keys_lost_after_sending_are_no_proof_that_nothing_was_sent() {
    let program = script("sale.till");
    // Lost keys are told as a reply that cannot be believed; a pad that is gone is told as what it is.
    for (says, told) in [
        (catalogue::keys::NOT_SIGNED_IN, "T4005"),
        (catalogue::hardware::PIN_PAD_UNPLUGGED, catalogue::hardware::PIN_PAD_UNPLUGGED.0),
    ] {
        let prepare = |session: &mut Session<'_>| Forgetful::put_into(session, says);
        with_run(&program, &[amount("100.00CNY")], setup(&program), prepare, |session, ended| {
            let RunResult::Failed(error) = &ended.result else { panic!("{ended:?}") };
            assert_eq!((error.code.as_str(), ended.money, ended.pending), (told, Money::ReversalQueued, 1));
            let world = session.ports.simulation().expect("simulated");
            assert_eq!(world.host_ledger().len(), 1, "the host did book it");
        });
    }
}

#[test]
fn what_is_booked_is_what_was_asked_for() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flows/two-sales.till"));
    let text = text.expect("the script").replace("amount: amount, request", "amount: amount + 0.01 CNY, request");
    let built = build_text("two_sales.till", &text);
    let program = built.program.unwrap_or_else(|| panic!("{:?}", built.findings));
    let mut setup = setup(&program);
    setup.cards = vec![Presented { card: profile::find("prepaid").expect("a card"), entry: None, pin: None }];
    with_run(
        &program,
        &[],
        setup,
        |_| {},
        |session, ended| {
            let RunResult::Failed(error) = &ended.result else { panic!("{ended:?}") };
            assert_eq!((error.code.as_str(), ended.money, ended.pending), ("T8102", Money::ReversalQueued, 1));
            session.restart();
            let world = session.ports.simulation().expect("simulated");
            assert_eq!((world.host_ledger().len(), world.batch_ledger().len()), (0, 0));
        },
    );
}

/// A writer whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The trace of one run.
fn trace(program: &Program, arguments: &[Value], setup: Setup, rewrite: bool) -> String {
    let shared = Shared::default();
    let to = Box::new(shared.clone());
    let head = Head::new(String::new(), String::new(), String::new(), arguments.to_vec(), setup.seed);
    with_run(
        program,
        arguments,
        setup,
        |session| {
            session.record(Recorder::start(to, &head));
            session.rewrite = rewrite;
        },
        |session, ended| {
            let recorder = session.take_recorder().expect("the recorder");
            recorder.end(ended.money.word(), ended.pending, "", session.now_ms()).expect("memory takes everything");
        },
    );
    let bytes = shared.0.borrow().clone();
    String::from_utf8(bytes).expect("JSON")
}

#[test]
fn the_same_seed_gives_the_same_trace_byte_for_byte() {
    let program = script("start_of_day.till");
    for seed in [0, 7] {
        let setup = || Setup { seed, ..setup(&program) };
        assert_eq!(trace(&program, &[], setup(), false), trace(&program, &[], setup(), false));
    }
}

#[test]
fn a_run_written_down_at_every_request_goes_on_as_if_nothing_had_been() {
    for (name, arguments) in [("start_of_day.till", vec![]), ("sale.till", vec![amount("12.34CNY")])] {
        let program = script(name);
        for fault in ["", "silent", "reply:51", "bad-mac", "paper-out", "unstable"] {
            let setup = || {
                let mut setup = setup(&program);
                if !fault.is_empty() {
                    setup.faults.push(fault::parse(fault).expect("a fault"));
                }
                setup
            };
            assert_eq!(
                trace(&program, &arguments, setup(), false),
                trace(&program, &arguments, setup(), true),
                "{name} {fault}"
            );
        }
    }
}

/// A card of the simulated range whose digits are all over the place.
const CARD: &str = "pan = 6299 9913 5792 4684\nexpiry = 3012\nservice = 220\npin = 739164\nbalance = 10000.00 CNY\ninterfaces = chip\n";

#[test]
fn no_card_data_is_ever_written() {
    let program = script("sale.till");
    for fault in ["", "silent", "reply:51", "power-cut:after-send"] {
        let directory = folder(&format!("secrets{}", fault.replace(':', "-")));
        let mut setup = setup(&program);
        setup.directory = Some(directory.clone());
        // Digits that occur nowhere else by chance: a number of zeros would be found in every file.
        let card = profile::parse("needle", "needle", CARD).expect("a card");
        setup.cards = vec![Presented { card: card.clone(), entry: None, pin: None }];
        if !fault.is_empty() {
            setup.faults.push(fault::parse(fault).expect("a fault"));
        }
        let mut written = trace(&program, &[amount("100.00CNY")], setup, false).into_bytes();
        for entry in fs::read_dir(&directory).expect("the folder") {
            written.extend(fs::read(entry.expect("an entry").path()).expect("a file"));
        }
        let needles = needles(card.pan.clear_digits());
        assert!(!needles.is_empty());
        for needle in needles {
            let found = written.windows(needle.len()).any(|window| window == needle.as_slice());
            assert!(!found, "{fault}: {:?} was written", String::from_utf8_lossy(&needle));
        }
        fs::remove_dir_all(&directory).expect("cleaned up");
    }
}

/// The hidden digits of a card number as text and as BCD in both alignments.
fn needles(pan: &str) -> Vec<Vec<u8>> {
    let middle = &pan[5..pan.len() - 3];
    let bcd = |digits: &str| -> Vec<u8> {
        digits.as_bytes().chunks_exact(2).map(|pair| (pair[0] - b'0') << 4 | (pair[1] - b'0')).collect()
    };
    // The PIN in the clear, and the discretionary data of the track by its separator.
    let pin = b"739164".to_vec();
    let track = format!("{pan}=").into_bytes();
    vec![middle.as_bytes().to_vec(), bcd(middle), bcd(&middle[1..]), pin, track]
}

#[test]
fn a_script_of_a_mebibyte_of_anything_ends_with_a_code() {
    let shapes: [(&str, String); 8] = [
        ("quotes", "\"".repeat(1 << 20)),
        ("open", "(".repeat(1 << 20)),
        ("braces", "{".repeat(1 << 20)),
        ("close", ")".repeat(1 << 20)),
        ("not", format!("const A = {}true", "not ".repeat((1 << 18) - 8))),
        ("flows", "flow f() {}\n".repeat((1 << 20) / 12)),
        ("chinese", "冲正".repeat((1 << 20) / 6)),
        ("statements", format!("flow f() {{\n{}}}\n", "  g(1)\n".repeat((1 << 20) / 8))),
    ];
    for (name, text) in shapes {
        let built = build_text("hostile.till", &text);
        assert!(built.program.is_none(), "{name} was accepted");
        assert!(!built.findings.is_empty(), "{name} says nothing");
    }
}

/// The errors that can leave each flow a user can start, and the file's text.
fn errors_of(name: &str) -> (Vec<(String, String)>, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
    let files = source_files::read(&path);
    let (checked, _) = check(files.units, FileId(0));
    let errors = checked
        .functions
        .iter()
        .filter(|function| function.public && function.file == FileId(0))
        .flat_map(|function| &function.errors)
        .map(|error| match error {
            ErrorRef::Catalogue(code) => {
                let name = catalogue::row(*code).map_or("?", |row| row.name);
                (code.to_string(), name.to_string())
            }
            ErrorRef::Declared(at) => {
                let declared = &checked.errors[usize::from(*at)];
                (declared.code.to_string(), declared.name.to_string())
            }
        })
        .collect();
    (errors, fs::read_to_string(path).expect("the script"))
}

/// Errors that `host.send` can raise in general and that the tests of these flows cannot show, with the reason.
const CANNOT_HAPPEN: &[(&str, &str, &str)] = &[
    ("sign_in.till", "NotSignedIn", "a sign-in carries no MAC, so it needs no key"),
    ("sign_in.till", "BadMac", "its reply carries none either"),
    ("sign_in.till", "ReversalUnfinished", "a sign-in goes out while a reversal waits: it is what mends the keys"),
    ("sign_in.till", "AmountNotSendable", "it carries no amount"),
    ("sign_in.till", "FieldDoesNotFit", "terminal and merchant numbers have their length since they were set up"),
    ("sign_in.till", "ReplyMismatch", "all that it echoes is in its match key: another value is no answer"),
    ("sign_in.till", "SettleBeforeSignIn", "it takes an upload that broke: end_of_day.till tests it"),
    ("sale.till", "NotSignedIn", "the flow asks first, and keys and state change together"),
    ("sale.till", "ChipUnreadable", "after three tries the stripe is read instead"),
    ("sale.till", "NoticeMisused", "the only notice that it keeps is a script result"),
    (
        "sale.till",
        "SettlementUnfinished",
        "where a settlement is open, its region is not entered: settlement.till tests it",
    ),
    ("sale.till", "FieldDoesNotFit", "as for the sign-in; the amount has an error of its own"),
    ("balance.till", "NotSignedIn", "the flow asks first, and keys and state change together"),
    ("balance.till", "AmountNotSendable", "it carries no amount"),
    ("balance.till", "FieldDoesNotFit", "as for the sign-in"),
    ("balance.till", "ReversalUnfinished", "it takes a sale before it: `an_inquiry_waits_behind_a_reversal_too`"),
];

#[test]
fn every_error_a_shipped_flow_can_raise_has_its_test_in_the_script() {
    let mut missing = Vec::new();
    for name in ["sign_in.till", "sale.till", "balance.till", "start_of_day.till"] {
        let (errors, text) = errors_of(name);
        assert!(errors.len() > 5, "{name} can raise {errors:?} only");
        // What a flow that is called can raise is tested where that flow stands.
        for (code, error) in errors.iter().filter(|_| name != "start_of_day.till") {
            let cannot = CANNOT_HAPPEN.iter().any(|(file, known, _)| *file == name && known == error);
            // By its name, or behind that of the module which declares it.
            let is_tested = text.contains(&format!("failed({error})")) || text.contains(&format!(".{error})"));
            if cannot == is_tested {
                missing.push(format!("{name}: {code} {error}"));
            }
        }
    }
    assert!(missing.is_empty(), "these have no test:\n{}", missing.join("\n"));
}
