//! `till diagnose` against hosts that are wrong in one layer each: it names the layer, and an edit that works.

use super::bench::{Folder, Host, answer_to, dialect, nobody, read_frame, rogue};
use super::commands::{Running, typed};
use std::io::{Read, Write};
use std::path::Path;
use tillscript::payment::iso8583::frame::unframe;

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
fn a_header_of_another_length_is_found_and_the_edit_works() {
    let folder = Folder::new();
    for (framing, layer) in [
        ("framing length 2 tpdu x\"6000030000\" header x\"6032003200000000\"", "header"),
        ("framing length 2 tpdu x\"6000030000\"", "header"),
        ("framing length 2 header x\"603200320000\"", "frame"),
        ("framing length 2", "frame"),
    ] {
        let file = other(&folder, framing);
        let mut host = Running::start(&["host", "--listen", "127.0.0.1:0", "--dialect", &file], root());
        let address = host.address();
        let (fails, edit) = diagnose(&[&address]);
        assert_eq!(fails, layer, "{framing}");
        let clause = edit.strip_prefix("in the dialect, write: ").expect("an edit").to_owned();
        let mended = other(&folder, &clause);
        assert_eq!(diagnose(&[&address, "--dialect", &mended]).0, "", "{framing}: {clause}");
        host.types("quit");
        host.end();
    }
}

/// How a host reads the length of a frame: how many bytes it has, and how many follow it.
type ReadLength = fn(&[u8]) -> usize;

#[test]
fn a_length_that_is_written_another_way_is_named() {
    let kinds: [(usize, ReadLength, &str); 4] = [
        (
            4,
            |bytes| std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).unwrap_or(0),
            "four ASCII digits",
        ),
        (4, |bytes| bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), "four binary bytes"),
        (
            2,
            |bytes| bytes.iter().fold(0, |sum, byte| sum * 100 + usize::from(byte >> 4) * 10 + usize::from(byte & 15)),
            "four BCD digits",
        ),
        (2, |bytes| (usize::from(bytes[0]) << 8 | usize::from(bytes[1])).saturating_sub(2), "count themselves"),
    ];
    for (width, read, words) in kinds {
        let address = rogue(move |_, mut socket| {
            std::thread::spawn(move || {
                let mut length = vec![0; width];
                let mut body = Vec::new();
                if socket.read_exact(&mut length).is_err() {
                    return;
                }
                let count = read(&length);
                // What this host takes for a length it cannot have means another framing: it hangs up.
                if !(40..200).contains(&count) {
                    return;
                }
                body.resize(count, 0);
                if socket.read_exact(&mut body).is_err() {
                    return;
                }
                let request = [&(count as u16).to_be_bytes()[..], &body].concat();
                if unframe(&dialect(), &request).is_err() {
                    return;
                }
                let reply = answer_to(&request, |_| {});
                let count = reply.len() - 2;
                let prefix: Vec<u8> = match words {
                    "four ASCII digits" => format!("{count:04}").into_bytes(),
                    "four binary bytes" => (count as u32).to_be_bytes().to_vec(),
                    "four BCD digits" => {
                        u16::from_str_radix(&format!("{count:04}"), 16).expect("digits").to_be_bytes().to_vec()
                    }
                    _ => (count as u16 + 2).to_be_bytes().to_vec(),
                };
                let _ = socket.write_all(&[&prefix, &reply[2..]].concat());
                let _ = socket.read(&mut [0; 1]);
            });
        });
        let (fails, edit) = diagnose(&[&address.to_string(), "--within", "2"]);
        assert_eq!(fails, "frame", "{words}");
        assert!(edit.contains(words), "{edit} instead of {words}");
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
