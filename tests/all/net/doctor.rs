//! The doctor in front of hosts on sockets: which layer, which address, and nothing but echoes.

use super::bench::{Host, answer_to, nobody, read_frame, rogue};
use super::commands::typed;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

fn doctor(words: &[&str]) -> (String, Option<i32>) {
    let mut all = vec!["doctor", "--format", "short"];
    all.extend(words);
    typed(&all, Path::new(env!("CARGO_MANIFEST_DIR")))
}

fn at(address: SocketAddr) -> String {
    format!("tcp://{address}")
}

#[test]
fn a_host_that_answers_hears_one_echo_and_nothing_else() {
    let host = Host::with(&[]);
    let (said, exit) = doctor(&["--host", &at(host.address)]);
    assert_eq!(exit, Some(0), "{said}");
    for line in ["ok: line: tcp://", "ok: frame: ", "ok: echo: response code 00", "not_checked: serial_number: "] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let (books, counts) = host.end();
    assert_eq!(counts.messages, 1);
    assert!(books.is_empty(), "money moved");
}

#[test]
fn a_backup_host_stands_in_and_is_itself_looked_at() {
    let host = Host::with(&[]);
    let (nobody, there) = (nobody().to_string(), at(host.address));
    let (said, exit) = doctor(&["--host", &nobody, "--backup-host", &there]);
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("warning: line: T5001") && said.contains("ok: backup_host: "), "{said}");
    let (said, exit) = doctor(&["--host", &there, "--backup-host", &nobody]);
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("ok: echo: ") && said.contains("warning: backup_host: T5001"), "{said}");
    let (said, exit) = doctor(&["--host", &nobody, "--backup-host", &nobody]);
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.contains("failed: line: T5001") && said.contains("failed: backup_host: T5001"), "{said}");
    assert_eq!(host.end().1.messages, 2);
}

#[test]
fn the_layer_at_fault_is_named() {
    let closes = rogue(|_, mut socket| {
        let _ = read_frame(&mut socket);
    });
    let (said, exit) = doctor(&["--host", &at(closes)]);
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.contains("ok: line: ") && said.contains("failed: frame: T5134"), "{said}");
    let refuses = rogue(|_, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            let _ = socket.write_all(&answer_to(&request, |reply| reply.set(39, "97")));
        }
    });
    let (said, exit) = doctor(&["--host", &at(refuses)]);
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.contains("ok: frame: ") && said.contains("failed: echo: T5133"), "{said}");
}
