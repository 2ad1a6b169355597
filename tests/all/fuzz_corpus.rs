//! What the fuzz targets were fed and what they found, once more at every build; and their dictionaries, from the tables.
//!
//! `TILL_SEED=1 cargo test --test all -- fuzz_corpus` writes the first inputs of each target anew;
//! `TILL_BLESS=1` writes the dictionaries.

#[path = "fuzz_corpus/targets.rs"]
mod targets;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;
use tillscript::language::builtin;
use tillscript::language::bytecode::file;
use tillscript::language::bytecode::instruction::ROWS;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::emv::dictionary::ENTRIES;
use tillscript::payment::hex;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::frame::frame;
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::pack;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, build_text, flow};
use tillscript::run::session::Session;
use tillscript::run::trace::{Head, Recorder};
use tillscript::run::world::{dialect_of, library_dialect};
use tillscript::world::fault;
use tillscript::world::profile;
use tillscript::world::simulation::{Setup, Simulation};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("fuzz/corpus").join(target);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.into_iter().map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect()
}

#[test]
fn everything_the_fuzz_targets_keep_is_survived() {
    if std::env::var_os("TILL_SEED").is_some() {
        plant();
    }
    for (name, body) in targets::TARGETS {
        let inputs = corpus(name);
        assert!(inputs.len() >= 4, "{name} has {} inputs", inputs.len());
        for (path, bytes) in inputs {
            assert!(bytes.len() <= 64 << 10, "{path} is too long to keep");
            let done = std::panic::catch_unwind(|| body(&bytes));
            assert!(done.is_ok(), "{path} is not survived");
        }
    }
}

#[test]
fn each_target_has_its_file_its_corpus_and_its_dictionary() {
    for (name, _) in targets::TARGETS {
        for path in [
            format!("fuzz/fuzz_targets/{name}.rs"),
            format!("fuzz/corpus/{name}"),
            format!("fuzz/dictionaries/{name}.dict"),
        ] {
            assert!(root().join(&path).exists(), "{path} is missing");
        }
    }
    let targets = fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap().count();
    assert_eq!(targets, targets::TARGETS.len());
}

// ── Dictionaries ──

/// The texts in double quotes of a grammar or a word table.
fn quoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let mut parts = line.split('"').skip(1);
        while let Some(word) = parts.next() {
            found.push(word.to_owned());
            parts.next();
        }
    }
    found
}

/// The words that begin each line, up to a separator, of files with this ending.
fn leading(folder: &str, ending: &str, separator: char) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(ending) {
            let text = fs::read_to_string(path).unwrap();
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            found.extend(lines.filter_map(|line| Some(line.split_once(separator)?.0.trim().to_owned())));
        }
    }
    found
}

/// The keys of all objects in lines of JSON.
fn keys(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, member) in members {
                found.push(format!("\"{key}\""));
                keys(member, found);
            }
        }
        serde_json::Value::Array(members) => members.iter().for_each(|member| keys(member, found)),
        _ => {}
    }
}

fn words_of(target: &str) -> Vec<Vec<u8>> {
    let texts = |words: Vec<String>| words.into_iter().map(String::into_bytes).collect();
    match target {
        "source" => {
            let mut words = quoted(&fs::read_to_string(root().join("grammar/till.pest")).unwrap());
            words.extend(quoted(&fs::read_to_string(root().join("src/language/syntax/words.rs")).unwrap()));
            words.extend(builtin::all().map(|row| row.name.to_owned()));
            words.retain(|word| word.is_ascii() && word.len() <= 24 && !word.contains('\\'));
            texts(words)
        }
        "bytecode" => {
            let mut words: Vec<Vec<u8>> = ROWS.iter().map(|row| vec![row.number]).collect();
            words.extend((1..=9).map(|section: u8| vec![section, 0, 0, 0, 0]));
            words.push(b"TILL\x01\x00\x01\x00".to_vec());
            words.push(b"TILL\x01\x00\x01\x01".to_vec());
            words.push(vec![0xFF, 0xFF, 0xFF, 0xFF, 0x0F]);
            words.push(vec![0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]);
            words
        }
        "trace" => {
            let mut words = Vec::new();
            for world in ["", "reply:51", "power-cut:after-send"] {
                for line in recorded(world).lines() {
                    keys(&serde_json::from_str(line).unwrap(), &mut words);
                }
            }
            words.extend(builtin::all().map(|row| format!("\"{}\"", row.name)));
            texts(words)
        }
        "scenario" => {
            let mut words: Vec<String> = fault::ROWS.iter().map(|row| row.name.to_owned()).collect();
            words.extend(profile::names().map(str::to_owned));
            words.extend(quoted(&constants("src/world/scenario.rs")));
            words.extend(leading("scripts/cards", ".card", '=').into_iter().filter(|word| word == "pin"));
            texts(words)
        }
        "card" => {
            let mut words = leading("scripts/cards", ".card", '=');
            words.extend(quoted(&constants("src/world/profile.rs")));
            texts(words)
        }
        "message" | "frame" | "stream" => {
            let mut words: Vec<Vec<u8>> = Vec::new();
            for mti in [100u16, 110, 200, 210, 220, 230, 320, 330, 400, 410, 500, 510, 800, 810, 820, 830] {
                words.push(format!("{mti:04}").into_bytes());
                words.push(vec![(mti / 1000 * 16 + mti / 100 % 10) as u8, (mti / 10 % 10 * 16 + mti % 10) as u8]);
            }
            words.extend([
                b"156".to_vec(),
                b"00".to_vec(),
                vec![0x60],
                vec![0x22],
                vec![0xFF; 8],
                vec![0x80, 0, 0, 0, 0, 0, 0, 0],
            ]);
            words
        }
        "tlv" => {
            let mut words: Vec<Vec<u8>> = ENTRIES.iter().map(|entry| entry.tag.bytes().collect()).collect();
            words.extend([vec![0x81, 0x80], vec![0x82, 0x01, 0x00], vec![0x80], vec![0xFF], vec![0x9F, 0xFF]]);
            words.push(b"D0112P0AE00E0000".to_vec());
            words.push(b"B0104B0TX12S0100KS18".to_vec());
            words
        }
        other => panic!("no dictionary is made for {other}"),
    }
}

/// The lines of a source file that declare tables of words: from a `const` of texts to its end.
fn constants(path: &str) -> String {
    let text = fs::read_to_string(root().join(path)).unwrap();
    let mut kept = String::new();
    let mut inside = false;
    for line in text.lines() {
        inside |= line.starts_with("const ") && line.contains("&str");
        if inside && !line.contains("include_str!") {
            kept.push_str(line);
            kept.push('\n');
        }
        inside &= !line.ends_with("];");
    }
    kept
}

fn dictionary(target: &str) -> String {
    let words: BTreeSet<Vec<u8>> = words_of(target).into_iter().filter(|word| !word.is_empty()).collect();
    let mut written = format!("# Written by a test from the tables: words that the target {target} knows.\n");
    for word in words {
        written.push('"');
        for byte in word {
            match byte {
                b'"' | b'\\' => written.extend(['\\', char::from(byte)]),
                b' '..=b'~' => written.push(char::from(byte)),
                byte => written.push_str(&format!("\\x{byte:02X}")),
            }
        }
        written.push_str("\"\n");
    }
    written
}

#[test]
fn the_dictionaries_are_what_the_tables_say() {
    for (target, _) in targets::TARGETS {
        let path = root().join("fuzz/dictionaries").join(format!("{target}.dict"));
        let now = dictionary(target);
        if std::env::var_os("TILL_BLESS").is_some() {
            fs::write(&path, &now).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == now, "{} is not what the tables say: TILL_BLESS=1 writes it", path.display());
        assert!(now.lines().count() > 10, "{target}: {now}");
    }
}

// ── First inputs ──

#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The trace of a sale in this world.
fn recorded(world: &str) -> String {
    let program = build(&root().join("scripts/sale.till")).program.expect("a shipped script");
    let mut setup = Setup::new(dialect_of(&program).expect("a dialect"));
    setup.faults.extend(fault::parse(world).ok());
    let simulation = Simulation::start(setup).expect("a world");
    let arguments = vec![Value::Amount(Amount::parse("100.00CNY").expect("an amount"))];
    let entry = flow(&program, None).expect("a flow");
    let paper = Paper::default();
    let mut watch = |_: &Happening| {};
    let mut session = Session::simulated(&program, simulation, &mut watch);
    let head = Head::new(String::new(), "sale.till".into(), entry.name.to_string(), arguments.clone(), 0);
    session.record(Recorder::start(Box::new(paper.clone()), &head));
    session.run(entry.function, &arguments);
    drop(session);
    String::from_utf8(paper.0.take()).expect("a trace is text")
}

/// Writes the first inputs of every target.
fn plant() {
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = root().join("fuzz/corpus").join(target);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("seed-{name}")), bytes).unwrap();
    };
    let read = |path: &str| fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    for name in ["balance", "sign_in"] {
        put("source", name, &read(&format!("scripts/{name}.till")));
    }
    for name in ["loops", "handlers", "messages", "texts", "unions"] {
        let path = format!("tests/bytecode/{name}.till");
        if root().join(&path).exists() {
            put("source", name, &read(&path));
            let text = String::from_utf8(read(&path)).unwrap();
            if let Some(mut program) = build_text(&format!("{name}.till"), &text).program {
                file::strip(&mut program);
                // The library's tables are long and say little about the code.
                program.codes.rows.clear();
                put("bytecode", name, &file::write(&program));
            }
        }
    }
    put("bytecode", "format-5", &read("tests/bytecode/format-5.tillc"));
    let small = "edition 1\npub flow small(amount: Amount) -> Outcome\n  uses log\n{\n  for n in [1, 2, 3] {\n    log.info(\"{n} {amount}\")\n      on other e => { break }\n  }\n  return cancelled\n}\n";
    put("source", "small", small.as_bytes());
    let mut program = build_text("small.till", small).program.expect("a small script");
    put("bytecode", "small-debug", &file::write(&program));
    file::strip(&mut program);
    put("bytecode", "small", &file::write(&program));
    for (name, world) in
        [("approved", ""), ("declined", "reply:51"), ("silent", "silent"), ("cut", "power-cut:after-send")]
    {
        put("trace", name, recorded(world).as_bytes());
    }
    for entry in fs::read_dir(root().join("scripts/cards")).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if ["debit", "credit", "foreign", "stolen", "prepaid"].contains(&name.as_str()) {
            put("card", &name, &fs::read(&path).unwrap());
        }
    }
    let scenarios: &[(&str, &str)] = &[
        ("faults", "fault reply:51\nfault late:30\nfault power-cut:after-send\nfault bad-kcv:MAK\n"),
        ("cards", "card debit insert pin 123456\ncard foreign tap\ncard stripe-only swipe\n"),
        ("inputs", "input amount 100.00CNY\ninput digits 123456\ninput answer yes\n"),
        (
            "settings",
            "# a comment\nset seed 7\nset clock 2026-01-05 09:00:00\nset language en\nset battery 50%\nset mains no\nset paper 32\nset screen 16x4\nset operator 002\nset software 3.0\n",
        ),
    ];
    for (name, text) in scenarios {
        put("scenario", name, text.as_bytes());
    }
    let chips: &[(&str, &str)] = &[
        ("sale", "9F2608A1B2C3D4E5F607189F2701809F100807010103A0B804019F37041A2B3C4D9F360201239505008004800082027C00"),
        ("reply", "910A1A2B3C4D5E6F708130308A023030721D9F180400000001860D8424000008CF323F09A0F6AB9E8605841E000008"),
        ("record", "70265A0862999900000000175F24033012318E0E000003E80000000042031E031F008C069F02069F0306"),
        ("list", "9F02069F03069F1A0295055F2A029A039C019F3704"),
        ("filled", "00009C0100FF9C010000"),
    ];
    for (name, text) in chips {
        put("tlv", name, &hex::decode(text.as_bytes()).expect("digits"));
    }
    let block =
        "B0104B0TX12S0100KS1800604B120F9292800000BB68BE8680A400D9191AD4ECE45B6E6C0D21C4738A52190E248719E24B433627";
    put("tlv", "key-block", block.as_bytes());
    put("stream", "giant", &[3, 0xFF, 0xFF, 0x60, 0, 3, 0, 0]);
    put("stream", "empty-frame", &[1, 0, 0, 0, 0]);
    let dialect = library_dialect().expect("a dialect");
    let fields: &[(u16, &[(u8, &str)])] = &[
        (800, &[(11, "000001"), (41, "10000007"), (42, "898310053110007")]),
        (200, &[(3, "000000"), (4, "000000010000"), (11, "000002"), (25, "00"), (41, "10000007"), (49, "156")]),
        (
            210,
            &[(3, "000000"), (4, "000000010000"), (11, "000002"), (37, "123456789012"), (39, "00"), (41, "10000007")],
        ),
        (410, &[(11, "000002"), (39, "25"), (41, "10000007")]),
    ];
    for (mti, fields) in fields {
        let mut message = Message::new(Mti(*mti));
        for (number, text) in *fields {
            message.set(*number, *text);
        }
        let body = pack(&message, &dialect).unwrap_or_else(|error| panic!("{mti}: {error}"));
        put("message", &format!("{mti:04}"), &body);
        let framed = frame(&dialect, &body, 0).expect("a frame");
        put("message", &format!("{mti:04}-framed"), &framed);
        put("stream", &format!("{mti:04}-in-sevens"), &[&[7], framed.as_slice()].concat());
        put("stream", &format!("{mti:04}-twice"), &[&[200], framed.as_slice(), framed.as_slice()].concat());
        put("stream", &format!("{mti:04}-cut"), &[&[16], framed.as_slice(), &framed[..framed.len() / 2]].concat());
    }
}
