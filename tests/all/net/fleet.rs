//! A fleet against a host elsewhere: killed at any moment and started again, its journals and the host's books agree.

use super::bench::{Folder, Host};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

fn fleet(log: &Path, address: &str, runs: u32) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_till"));
    command.args([
        "fleet",
        "scripts/sale.till",
        "amount=1.00CNY",
        "--terminals",
        "5",
        "--format",
        "json",
        "--host",
        address,
    ]);
    command.args(["--runs", &runs.to_string(), "--log"]).arg(log);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("TILL_LANG", "en").stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

#[test]
fn a_fleet_that_is_killed_goes_on_and_agrees_with_its_host() {
    let (host, folder) = (Host::with(&[]), Folder::new());
    let (address, log) = (format!("tcp://{}", host.address), folder.0.join("log"));
    for pause in [0, 30, 90, 200, 350] {
        let mut running = fleet(&log, &address, 100_000).spawn().expect("it starts");
        // However far it has come by then: what is looked at holds at every moment.
        thread::sleep(Duration::from_millis(pause));
        running.kill().expect("it is killed");
        running.wait().expect("it is over");
    }
    // Whatever waits goes out, and each terminal sells again.
    let ended = fleet(&log, &address, 25).output().expect("it runs");
    let line: Value = serde_json::from_slice(&ended.stdout).expect("a line of JSON");
    assert_eq!(ended.status.code(), Some(0), "{line}");
    assert_eq!((line["approved"].as_u64(), line["pending"].as_u64()), (Some(25), Some(0)), "{line}");
    assert!(line["syncs"].as_u64() > Some(0) && line["stopped"].is_null(), "{line}");
    let (standing, _) = host.end();
    let live: i64 = standing.iter().flat_map(|books| &books.live).map(|(_, amount)| amount.minor).sum();
    assert_eq!(line["booked_minor"].as_i64(), Some(live), "{line}");
}
