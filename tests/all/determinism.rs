//! The same run gives the same trace and the same page, byte for byte, in every build.
//!
//! The hashes stand in `tests/determinism.snap`. The program that is asked is the one these tests were built with, or
//! the one that `TILL_BINARY` names: `.ci/run` compares a release build so.

use crate::nesting::{SHAPES, deep};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Flows with what they are given.
const FLOWS: &[&[&str]] = &[
    &["scripts/sale.till", "amount=12.34CNY"],
    &["scripts/sale.till", "amount=2000.00CNY"],
    &["scripts/balance.till"],
    &["scripts/sign_in.till"],
    &["scripts/start_of_day.till"],
    &["scripts/whole_day.till"],
];

const FAULTS: &[&str] = &["", "silent", "reply:51", "bad-mac", "chip-error", "power-cut:after-send"];

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn determinism_of_every_shipped_flow() {
    let program = std::env::var("TILL_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_till").to_string());
    let folder = std::env::temp_dir().join(format!("till-determinism-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let trace = folder.join("one.trace");
    let mut page = String::new();
    for flow in FLOWS {
        for seed in ["0", "7"] {
            for fault in FAULTS {
                let mut command = Command::new(&program);
                command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("run").args(*flow);
                command.args(["--seed", seed, "--lang", "en", "--trace"]).arg(&trace).stdin(Stdio::null());
                if !fault.is_empty() {
                    command.args(["--fault", fault]);
                }
                let output = command.env("NO_COLOR", "1").env("COLUMNS", "100").output().expect("till runs");
                let written = fs::read(&trace).expect("a trace");
                let _ = fs::remove_file(&trace);
                let _ = writeln!(
                    page,
                    "{} seed {seed} {fault}: exit {}, trace {}, page {}",
                    flow.join(" "),
                    output.status.code().unwrap_or(-1),
                    hash(&written),
                    hash(&output.stdout)
                );
            }
        }
    }
    for shape in SHAPES {
        for levels in [shape.6, shape.6 + 1] {
            fs::write(folder.join("deep.till"), deep(shape, levels)).expect("a script");
            let mut command = Command::new(&program);
            command.current_dir(&folder).args(["check", "deep.till", "--format", "short", "--lang", "en"]);
            let output = command.output().expect("till runs");
            let exit = output.status.code().unwrap_or(-1);
            let _ = writeln!(page, "{} × {levels}: exit {exit}, page {}", shape.0, hash(&output.stdout));
        }
    }
    fs::remove_dir_all(&folder).expect("cleaned up");
    insta::with_settings!({
        snapshot_path => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("determinism", page);
    });
}
