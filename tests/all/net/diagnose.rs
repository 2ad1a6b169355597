//! `till diagnose` against hosts that are wrong in one layer each: it names the layer, and an edit that works.

use super::bench::{Folder, Host, answer_to, nobody, read_frame, rogue};
use super::commands::{Running, typed};
use std::io::Write;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The layer that fails and the edit, in English.
fn diagnose(words: &[&str]) -> (String, String) {
    let all: Vec<&str> = ["diagnose"].iter().chain(words).chain(&["--format", "json"]).copied().collect();
    let (said, exit) = typed(&all, root());
    let found: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let fails = text(&found["fails"]);
    assert_eq!(exit, Some(i32::from(!fails.is_empty())), "{said}");
    (fails, text(&found["edit"]["en"]))
}

/// A dialect that differs from the library's in its framing.
fn other(folder: &Folder, framing: &str) -> String {
    let path = folder.0.join("other.till");
    let text = format!("edition 1\n\nimport cn_pos.dialect\n\ndialect other extends cn_pos {{\n  {framing}\n}}\n");
    std::fs::write(&path, text).expect("a file");
    path.display().to_string()
}

#[test]
fn a_sound_host_is_right_in_every_layer() {
    let host = Host::with(&[]);
    let address = host.address.to_string();
    assert_eq!(diagnose(&[&address]), (String::new(), String::new()));
    let (said, exit) = typed(&["diagnose", &address, "--lang", "zh"], root());
    assert!(exit == Some(0) && said.contains("各层都对"), "{said}");
    for layer in ["tcp", "tls", "frame", "header", "match", "echo"] {
        assert!(said.contains(layer), "{said}");
    }
    let (standing, counts) = host.end();
    assert!(standing.iter().all(|books| books.live.is_empty()), "no money moves");
    assert_eq!(counts.messages, 2);
}

#[test]
fn nothing_that_listens_is_tcp() {
    assert_eq!(diagnose(&[&nobody().socket()]).0, "tcp");
}

#[test]
fn another_framing_is_found_and_the_edit_works() {
    let folder = Folder::new();
    for (framing, layer) in [
        ("framing length 2 tpdu x\"6000030000\" header x\"6032003200000000\"", "header"),
        ("framing length 2 tpdu x\"6000030000\"", "header"),
        ("framing length 2 header x\"603200320000\"", "frame"),
        ("framing length 2", "frame"),
        ("framing length 4 ascii tpdu x\"6000030000\" header x\"603200320000\"", "frame"),
        ("framing length 2 bcd tpdu x\"6000030000\" header x\"603200320000\"", "frame"),
        ("framing length 4 tpdu x\"6000030000\" header x\"603200320000\"", "frame"),
        ("framing length 2 inclusive tpdu x\"6000030000\" header x\"603200320000\"", "frame"),
    ] {
        let file = other(&folder, framing);
        let mut host = Running::start(&["host", "--listen", "127.0.0.1:0", "--dialect", &file], root());
        let address = host.address();
        let (fails, edit) = diagnose(&[&address, "--within", "1"]);
        assert_eq!(fails, layer, "{framing}");
        let clause = edit.strip_prefix("in the dialect, write: ").expect("an edit").to_owned();
        let mended = other(&folder, &clause);
        assert_eq!(diagnose(&[&address, "--dialect", &mended]).0, "", "{framing}: {clause}");
        host.types("quit");
        host.end();
    }
}

#[test]
fn tls_and_plain_are_told_apart() {
    let folder = Folder::new();
    let ca = folder.0.join("ca.pem").display().to_string();
    let mut host = Running::start(&["host", "--listen", "127.0.0.1:0", "--tls", "self", &ca], root());
    let address = host.address();
    let plain = address.replace("tls://", "tcp://");
    let (fails, edit) = diagnose(&[&plain]);
    assert_eq!(fails, "tls");
    assert!(edit.contains(&address), "{edit}");
    assert_eq!(diagnose(&[&address, "--tls-ca", &ca]).0, "");
    host.types("quit");
    host.end();
    let host = Host::with(&[]);
    let (fails, edit) = diagnose(&[&format!("tls://{}", host.address), "--tls-ca", &ca]);
    assert_eq!(fails, "tls");
    assert!(edit.contains(&format!("tcp://{}", host.address)), "{edit}");
    host.end();
}

#[test]
fn a_field_of_the_match_key_that_does_not_come_back_is_named() {
    let address = rogue(|_, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            let reply = answer_to(&request, |reply| {
                reply.remove(42);
            });
            let _ = socket.write_all(&reply);
        }
    });
    let (fails, edit) = diagnose(&[&address.to_string()]);
    assert_eq!(fails, "match");
    assert!(edit.contains("F42") && edit.contains("match"), "{edit}");
}

#[test]
fn a_host_that_says_no_is_right_up_to_there() {
    let host = Host::with(&["terminal-unknown"]);
    let (fails, edit) = diagnose(&[&host.address.to_string()]);
    assert_eq!(fails, "echo");
    assert!(edit.contains("--terminal"), "{edit}");
    host.end();
}

#[test]
fn a_host_that_keeps_silent_whatever_it_is_sent_is_said_to() {
    let host = Host::with(&["host-down"]);
    let (fails, edit) = diagnose(&[&host.address.to_string(), "--within", "1"]);
    assert_eq!((fails.as_str(), edit.as_str()), ("frame", ""));
    host.end();
}
