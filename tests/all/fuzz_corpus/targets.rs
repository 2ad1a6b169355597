//! What is done with arbitrary bytes at each place where a stranger's bytes come in: the bodies of the fuzz targets.
//!
//! Each takes any bytes, and panics only for a defect. `fuzz/` calls them with what the fuzzer makes up, `fuzz_corpus` with
//! what was kept of that.

use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use tillscript::language::bytecode::program::Program;
use tillscript::language::bytecode::{disassemble, file};
use tillscript::language::check::dialect::dialects;
use tillscript::language::library;
use tillscript::language::syntax::format::whole::format;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::emv::tlv::{self, Reader};
use tillscript::payment::emv::{bits, dol, issuer_script};
use tillscript::payment::iso8583::cut::{FRAME_MOST, FrameReader};
use tillscript::payment::iso8583::decode::decode;
use tillscript::payment::iso8583::describe::{Wording, describe};
use tillscript::payment::iso8583::dialect::{Dialect, HeaderHolds};
use tillscript::payment::iso8583::frame::{frame as make_frame, unframe};
use tillscript::payment::iso8583::layout::Layout;
use tillscript::payment::iso8583::pack::pack;
use tillscript::payment::iso8583::remark::remarks;
use tillscript::payment::iso8583::unpack::{mac_input, unpack};
use tillscript::payment::iso8583::what_if::what_if;
use tillscript::payment::keys::key_block::KeyBlockHeader;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build_text, flow, from_bytes};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::source_files;
use tillscript::run::trace::Replay;
use tillscript::run::world::library_dialect;
use tillscript::script_error::source::FileId;
use tillscript::world::host::centre::{Centre, CentreSetup};
use tillscript::world::profile;
use tillscript::world::scenario;
use tillscript::world::simulation::{Setup, Simulation};

/// A target and its body.
pub(super) type Target = (&'static str, fn(&[u8]));

/// Every target, by the name of its folder under `fuzz/corpus`.
#[allow(dead_code, reason = "the fuzz crate names the bodies one by one")]
pub(super) const TARGETS: &[Target] = &[
    ("source", source),
    ("bytecode", bytecode),
    ("trace", trace),
    ("scenario", scenario_file),
    ("card", card_file),
    ("message", message),
    ("frame", frame),
    ("stream", stream),
    ("tlv", tlv),
];

/// Longer texts only take longer.
const TEXT_MOST: usize = 64 << 10;

/// Script text: parsed, checked, formatted, compiled; what is compiled is proved and read back.
pub(super) fn source(bytes: &[u8]) {
    let Some(text) = text_of(bytes) else { return };
    let built = build_text("fuzz.till", text);
    assert!(built.program.is_some() || !built.findings.is_empty(), "refused without a finding");
    for finding in &built.findings {
        assert_ne!(finding.code.0, "T9001", "a defect: {:?}", finding.facts);
    }
    if let Ok(formatted) = format(FileId::default(), text) {
        assert_eq!(format(FileId::default(), &formatted).as_ref(), Ok(&formatted), "formatted twice is not the same");
    }
    if let Some(program) = built.program {
        let (again, _) = from_bytes(&file::write(&program)).expect("what is compiled is proved");
        assert_eq!(file::write(&again), file::write(&program), "the file does not hold the program");
    }
}

/// A bytecode file, as it is and with its hashes put right; what is taken is shown, written again and run.
pub(super) fn bytecode(bytes: &[u8]) {
    let _ = from_bytes(bytes);
    let _ = file::read_debug(bytes);
    let mut forged = bytes.to_vec();
    put_hashes_right(&mut forged);
    let Ok((program, _)) = from_bytes(&forged) else { return };
    disassemble::program(&program, None);
    assert_eq!(file::read(&file::write(&program)).map(|again| again.functions), Ok(program.functions.clone()));
    let Some(entry) = flow(&program, None) else { return };
    let Some(dialect) = program.dialect.clone().or_else(|| library_dialect().ok()) else { return };
    let Ok(simulation) = Simulation::start(Setup::new(dialect)) else { return };
    let amount = Value::Amount(Amount::parse("100.00CNY").expect("an amount"));
    let arguments = vec![amount; entry.parameters.len()];
    let mut watch = |_: &Happening| {};
    let mut session = Session::simulated(&program, simulation, &mut watch);
    let ended = session.run(entry.function, &arguments);
    assert!(session.open.is_none(), "money was left undecided: {ended:?}");
    if let RunResult::Failed(error) = ended.result {
        assert!(!error.code.to_string().is_empty());
    }
}

/// A trace, replayed with the sale that it may be of.
pub(super) fn trace(bytes: &[u8]) {
    static SALE: OnceLock<Program> = OnceLock::new();
    let program = SALE.get_or_init(|| {
        let built = build_text("sale.till", include_str!("../../../scripts/sale.till"));
        built.program.unwrap_or_else(|| panic!("the sale does not build: {:?}", built.findings))
    });
    let Some(text) = text_of(bytes) else { return };
    let Ok(replay) = Replay::read(text) else { return };
    let Some(dialect) = program.dialect.clone() else { return };
    let Ok(simulation) = Simulation::start(Setup::new(dialect)) else { return };
    let arguments = replay.head.arguments.clone();
    let mut watch = |_: &Happening| {};
    let mut session = Session::simulated(program, simulation, &mut watch);
    session.replay(replay);
    let entry = flow(program, None).expect("a flow");
    session.run(entry.function, &arguments);
}

/// A scenario, and the world it makes.
pub(super) fn scenario_file(bytes: &[u8]) {
    let Some(text) = text_of(bytes) else { return };
    // A card can be a file anywhere: the fuzzer must not open what it thinks of.
    if text.contains(['/', '\\', '.']) && text.lines().any(|line| line.trim_start().starts_with("card")) {
        return;
    }
    if let Ok(scenario) = scenario::parse("fuzz.scenario", text) {
        let mut setup = Setup::new(library_dialect().expect("a dialect"));
        setup.apply(scenario);
        let _ = Simulation::start(setup);
    }
}

/// A card profile.
pub(super) fn card_file(bytes: &[u8]) {
    let Some(text) = text_of(bytes) else { return };
    if let Ok(card) = profile::parse("fuzz", "fuzz.card", text) {
        let shown = format!("{card:?}");
        let digits = card.pan.clear_digits();
        assert!(digits.len() < 13 || !shown.contains(digits), "a card shows its number");
    }
}

/// A message in each dialect of the library, with its frame and without; what is read is written and read again.
pub(super) fn message(bytes: &[u8]) {
    for dialect in library_dialects() {
        for body in [Some(bytes), unframe(&dialect, bytes).ok().map(|framed| framed.body)].into_iter().flatten() {
            match unpack(body, &dialect) {
                Ok(message) => {
                    describe(&message, &dialect, Wording::Zh);
                    let _ = mac_input(body, &message, &dialect);
                    let again = pack(&message, &dialect).unwrap_or_else(|error| panic!("read, not written: {error}"));
                    assert_eq!(unpack(&again, &dialect).as_ref(), Ok(&message));
                }
                Err(error) => assert!(error.offset <= body.len() && !error.to_string().is_empty()),
            }
        }
    }
}

/// Bytes off the line in each dialect of the library: taken apart as far as possible, with what would mend them. A frame
/// that is read is made again, byte for byte.
pub(super) fn frame(bytes: &[u8]) {
    for dialect in library_dialects() {
        let decoded = decode(bytes, &dialect, None);
        assert!(decoded.left.end == bytes.len() && decoded.fields.iter().all(|field| field.at.end <= bytes.len()));
        assert!(decoded.problems.iter().all(|problem| problem.offset <= bytes.len() && !problem.path().is_empty()));
        remarks(&decoded, &dialect, |_| false);
        if bytes.len() <= 256 {
            what_if(bytes, &dialect, &decoded);
        }
        if let Ok(framed) = unframe(&dialect, bytes) {
            let mut own = dialect.clone();
            own.framing.tpdu = framed.tpdu.to_vec();
            own.framing.header = framed.header.to_vec();
            let again = make_frame(&own, framed.body, framed.host_command).expect("what was read can be written");
            let counted = own.framing.header_parts.iter().any(|part| part.holds == HeaderHolds::MessageLength);
            assert!(counted || *again == *bytes, "a frame came back changed");
        }
        for field in decoded.fields.iter().filter(|field| field.parts.is_some()) {
            let layout = dialect.field(field.number).and_then(|known| Layout::of(&known.layouts, decoded.mti?));
            let (Some(layout), Some(parts)) = (layout, &field.parts) else { continue };
            let values: Vec<_> = parts.values.iter().map(|part| (part.key, part.value.as_bytes())).collect();
            if parts.error.is_none() {
                let written = layout.write(field.number, &values).expect("parts that were read can be written");
                assert_eq!(layout.read(field.number, &written).values.len(), values.len());
            }
        }
    }
}

/// Chip data, strictly and leniently, as a data object list, and as a key block; what is read is written and read again.
pub(super) fn tlv(bytes: &[u8]) {
    for reader in [Reader::Strict, Reader::Lenient] {
        let reading = tlv::read(bytes, reader);
        words_of_nodes(&reading.nodes);
        issuer_script::scripts(&reading.nodes);
        if let Some(error) = &reading.error {
            assert!(error.offset <= bytes.len() && !error.to_string().is_empty());
            continue;
        }
        let written = tlv::write(&reading.nodes).unwrap_or_else(|error| panic!("read, not written: {error}"));
        let again = tlv::read(&written, reader);
        assert_eq!(again.error, None);
        assert_eq!(tlv::write(&again.nodes), Ok(written.clone()), "written twice is not the same");
    }
    let (entries, _) = dol::read(bytes);
    let (filled, how) = dol::fill(&entries, |_| Some(bytes));
    assert_eq!((filled.len(), how.len()), (entries.iter().map(|entry| entry.length).sum(), entries.len()));
    if let Some(text) = text_of(bytes) {
        let _ = KeyBlockHeader::read(text);
    }
}

fn words_of_nodes(nodes: &[tlv::Node<'_>]) {
    for node in nodes {
        for meaning in bits::meanings(node.tag, node.value) {
            assert!(!meaning.zh.is_empty() && !meaning.en.is_empty());
        }
        words_of_nodes(&node.children);
    }
}

/// A stream of frames in pieces: the first byte says how long each piece is. However it is cut, the same frames come out,
/// and the simulated host answers each.
pub(super) fn stream(bytes: &[u8]) {
    let Some((first, stream)) = bytes.split_first() else { return };
    let dialect = library_dialect().expect("a dialect");
    let cut = |size: usize| {
        let mut reader = FrameReader::new(&dialect);
        let mut found = Vec::new();
        for piece in stream.chunks(size) {
            reader.push(piece);
            loop {
                match reader.next_frame() {
                    Ok(Some(frame)) => found.push(Ok(frame.to_vec())),
                    Ok(None) => break,
                    Err(error) => {
                        found.push(Err(error));
                        return found;
                    }
                }
            }
        }
        let given: usize = found.iter().flatten().map(Vec::len).sum();
        assert_eq!(given + reader.unfinished(), stream.len(), "bytes were lost or made up");
        found
    };
    let whole = cut(stream.len().max(1));
    assert_eq!(cut(usize::from(*first).max(1)), whole, "how the bytes came changes what they are");
    let mut centre = Centre::new(CentreSetup {
        dialect: dialect.clone(),
        seed: 0,
        strict: first % 2 == 1,
        terminals: Vec::new(),
        cards: profile::shipped(),
    });
    for frame in whole.iter().flatten() {
        assert!(frame.len() <= FRAME_MOST + 4);
        centre.receive(frame, 0);
    }
}

fn text_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| text.len() <= TEXT_MOST)
}

/// The dialects that come with the program; made once, for they are the same for every input.
fn library_dialects() -> Vec<Dialect> {
    static FOUND: OnceLock<Vec<Dialect>> = OnceLock::new();
    let find = || {
        let mut all: Vec<Dialect> = Vec::new();
        for name in [
            "cn_pos.dialect",
            "iso1987.dialect",
            "iso1987_binary.dialect",
            "iso1993.dialect",
            "cn_switch.dialect",
            "network_ebcdic.dialect",
        ] {
            let module = library::find(name).expect("a module of the library");
            let (found, _) = dialects(&source_files::from_text(name, module.text).units);
            for (_, dialect) in found {
                if !all.iter().any(|known| known.name == dialect.name) {
                    all.push(dialect);
                }
            }
        }
        all
    };
    FOUND.get_or_init(find).clone()
}

/// Magic, format, edition, flags, hash.
const HEADER: usize = 40;

/// Sections under the hash.
const SECTIONS: usize = 8;

/// Bytes of the checksum, and of the id, that a debug section begins with.
const DEBUG_HEAD: usize = 16;

/// Hash, debug id and the debug section's checksum, as `docs/bytecode.md` says.
fn put_hashes_right(file: &mut [u8]) {
    let Some(flags) = file.get(7).copied() else { return };
    let sections = SECTIONS + usize::from(flags & 1);
    let mut at = HEADER + sections * 5;
    if file.len() < at {
        return;
    }
    let mut hash = Sha256::new();
    hash.update(&file[0..7]);
    for section in 0..SECTIONS {
        let row = &file[HEADER + section * 5..HEADER + section * 5 + 5];
        let length = u32::from_le_bytes([row[1], row[2], row[3], row[4]]) as usize;
        let Some(content) = file.get(at..at.saturating_add(length)) else { return };
        hash.update(row);
        hash.update(content);
        at += length;
    }
    let hash: [u8; 32] = hash.finalize().into();
    file[8..HEADER].copy_from_slice(&hash);
    if flags & 1 == 1
        && let Some(debug) = file.get_mut(at..)
        && debug.len() >= 2 * DEBUG_HEAD
    {
        debug[DEBUG_HEAD..2 * DEBUG_HEAD].copy_from_slice(&hash[..DEBUG_HEAD]);
        let checksum = Sha256::digest(&debug[DEBUG_HEAD..]);
        debug[..DEBUG_HEAD].copy_from_slice(&checksum[..DEBUG_HEAD]);
    }
}
