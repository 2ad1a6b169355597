//! The terminal's line: the three failures that decide about money, deadlines, the other address, what nobody waited for.

use super::bench::{Folder, Host, LONG, answer_to, ask, echo_frame, nobody, read_frame, rogue, tcp, terminal};
use std::io::Write;
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tillscript::run::happening::Happening;
use tillscript::script_error::fill::said;
use tillscript::world::net::address::Address;
use tillscript::world::net::remote::RemoteSetup;
use tillscript::world::net::server::ServerSetup;
use tillscript::world::net::tls;
use tillscript::world::port::failure::Failure;

/// Short enough to wait for, long enough for a busy machine to hand a request over.
const SHORT: Duration = Duration::from_secs(2);

fn only(address: Address) -> RemoteSetup {
    RemoteSetup::new(vec![address])
}

fn code(result: &Result<impl Sized, Failure>) -> &'static str {
    result.as_ref().err().map_or("00", |failure| failure.code.0)
}

/// What the error says in this fact, in English.
fn fact(result: &Result<impl Sized, Failure>, wanted: &str) -> String {
    let facts = &result.as_ref().err().expect("a failure").facts;
    facts.iter().find(|(name, _)| *name == wanted).map(|(_, fact)| said(fact).en).unwrap_or_default()
}

fn strays(seen: &[Happening]) -> Vec<String> {
    seen.iter()
        .filter_map(|happening| match happening {
            Happening::Stray { why, .. } => Some(why.en.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_host_that_answers_is_believed() {
    let host = Host::with(&[]);
    let mut terminal = terminal(only(tcp(host.address)));
    for stan in ["000001", "000002", "000003"] {
        let (reply, seen) = ask(&mut terminal, stan, LONG);
        assert_eq!(reply.expect("a reply").text(39), Some("00"));
        assert!(strays(&seen).is_empty());
    }
    let (_, counts) = host.end();
    assert_eq!((counts.connections, counts.messages), (3, 3), "one connection a message, as terminals do");
}

#[test]
fn a_kept_line_carries_all_messages_and_is_opened_again_when_it_was_closed() {
    let host = Host::with(&[]);
    let mut remote = only(tcp(host.address));
    remote.keep = true;
    let mut terminal = terminal(remote);
    for stan in ["000001", "000002", "000003"] {
        assert_eq!(code(&ask(&mut terminal, stan, LONG).0), "00");
    }
    assert_eq!(host.end().1.connections, 1);
    // A host that closes after each message: the terminal sees that before it sends the next.
    let address = rogue(|_, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            let _ = socket.write_all(&answer_to(&request, |_| {}));
        }
    });
    let mut remote = only(tcp(address));
    remote.keep = true;
    let mut terminal = super::bench::terminal(remote);
    for stan in ["000001", "000002"] {
        assert_eq!(code(&ask(&mut terminal, stan, LONG).0), "00");
        // Until its end has come over the loopback.
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn where_nothing_listens_not_a_byte_has_left() {
    let (result, seen) = ask(&mut terminal(only(nobody())), "000001", SHORT);
    assert_eq!(code(&result), "T5001");
    assert!(fact(&result, "reason").contains("nothing listens"), "{result:?}");
    assert!(seen.iter().any(|happening| matches!(happening, Happening::Unreachable { .. })));
}

#[test]
fn a_name_that_leads_nowhere_is_no_line() {
    let address = Address::parse("tcp://nobody.invalid:9009").expect("an address");
    assert_eq!(code(&ask(&mut terminal(only(address)), "000001", SHORT).0), "T5001");
}

#[test]
fn a_host_that_takes_the_request_and_keeps_silent_is_a_time_out() {
    let address = rogue(|_, mut socket| {
        let _ = read_frame(&mut socket);
        thread::spawn(move || {
            thread::sleep(LONG);
            drop(socket);
        });
    });
    let (result, _) = ask(&mut terminal(only(tcp(address))), "000001", SHORT);
    assert_eq!((code(&result), fact(&result, "arrived").as_str()), ("T5101", "not a byte came back"));
}

#[test]
fn a_host_that_ends_the_line_leaves_the_money_in_doubt() {
    // Each closes at another moment; in each the kernel had the request.
    let at_once = rogue(|_, socket| drop(socket));
    let after_reading = rogue(|_, mut socket| {
        let _ = read_frame(&mut socket);
        let _ = socket.shutdown(Shutdown::Both);
    });
    let half_a_reply = rogue(|_, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            let reply = answer_to(&request, |_| {});
            let _ = socket.write_all(&reply[..reply.len() / 2]);
        }
    });
    for address in [at_once, after_reading, half_a_reply] {
        let (result, _) = ask(&mut terminal(only(tcp(address))), "000001", LONG);
        assert_eq!(code(&result), "T5102");
    }
    let (result, _) = ask(&mut terminal(only(tcp(half_a_reply))), "000002", LONG);
    assert!(fact(&result, "detail").contains("no whole message"), "{result:?}");
}

#[test]
fn half_a_reply_and_silence_is_a_time_out_that_says_so() {
    let address = rogue(|_, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            let _ = socket.write_all(&answer_to(&request, |_| {})[..9]);
            thread::spawn(move || {
                thread::sleep(LONG);
                drop(socket);
            });
        }
    });
    let (result, _) = ask(&mut terminal(only(tcp(address))), "000001", SHORT);
    assert_eq!(code(&result), "T5101");
    assert_eq!(fact(&result, "arrived"), "9 bytes came, which are no whole message");
}

#[test]
fn a_reply_byte_by_byte_is_a_reply() {
    let address = rogue(|_, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            for byte in answer_to(&request, |_| {}) {
                let _ = socket.write_all(&[byte]);
                let _ = socket.flush();
                thread::yield_now();
            }
        }
    });
    assert_eq!(code(&ask(&mut terminal(only(tcp(address))), "000001", LONG).0), "00");
}

#[test]
fn giant_lengths_and_garbage_cannot_be_read_and_hold_nobody_up() {
    for bytes in [vec![0xFF; 8], vec![0; 64], b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), vec![0xFF; 100_000]] {
        let address = rogue(move |_, mut socket| {
            let _ = read_frame(&mut socket);
            let _ = socket.write_all(&bytes);
        });
        assert_eq!(code(&ask(&mut terminal(only(tcp(address))), "000001", LONG).0), "T5103");
    }
}

#[test]
fn strangers_are_shown_and_never_taken_for_the_answer() {
    // A message of somebody else and the answer in one segment, then the answer once more.
    let address = rogue(|_, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            let stranger = answer_to(&request, |reply| reply.set(41, "99999999"));
            let wrong_type = answer_to(&request, |reply| reply.mti.0 = 810);
            let answer = answer_to(&request, |_| {});
            let _ = socket.write_all(&[stranger, wrong_type, answer.clone(), answer].concat());
            thread::sleep(Duration::from_millis(100));
        }
    });
    let (result, mut seen) = {
        let mut terminal = terminal(only(tcp(address)));
        let (result, mut seen) = ask(&mut terminal, "000001", LONG);
        // The duplicate may come a moment later; it is found with the next exchange.
        thread::sleep(Duration::from_millis(300));
        seen.extend(ask(&mut terminal, "000002", LONG).1);
        (result, seen)
    };
    assert_eq!(result.expect("the answer").text(41), Some("10000007"));
    seen.truncate(20);
    let strays = strays(&seen);
    assert!(strays.iter().any(|why| why.contains("F41 is 99999999, not 10000007")), "{strays:?}");
    assert!(strays.iter().any(|why| why == "its type should be 0830"), "{strays:?}");
    assert!(strays.iter().any(|why| why.contains("has its answer")), "{strays:?}");
}

#[test]
fn a_time_out_names_what_came_instead() {
    let address = rogue(|_, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            let far = answer_to(&request, |reply| {
                reply.set(41, "99999999");
                reply.set(42, "999999999999999");
            });
            let near = answer_to(&request, |reply| {
                reply.remove(42);
            });
            let _ = socket.write_all(&[far, near].concat());
            thread::spawn(move || {
                thread::sleep(LONG);
                drop(socket);
            });
        }
    });
    let (result, _) = ask(&mut terminal(only(tcp(address))), "000001", SHORT);
    assert_eq!(code(&result), "T5101");
    let said = "2 messages came and none matched; the closest is 0830: it lacks F42 of the match key";
    assert_eq!(fact(&result, "arrived"), said);
}

#[test]
fn a_late_answer_is_shown_and_not_used() {
    let address = rogue(|number, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            let answer = answer_to(&request, |_| {});
            if number == 0 {
                // A thread of its own, so that the next connection is served meanwhile.
                thread::spawn(move || {
                    thread::sleep(SHORT + Duration::from_millis(500));
                    let _ = socket.write_all(&answer);
                    thread::sleep(LONG);
                });
            } else {
                let _ = socket.write_all(&answer);
            }
        }
    });
    let mut terminal = terminal(only(tcp(address)));
    assert_eq!(code(&ask(&mut terminal, "000001", SHORT).0), "T5101");
    thread::sleep(Duration::from_secs(2));
    let (result, seen) = ask(&mut terminal, "000002", LONG);
    assert_eq!(result.expect("the answer").text(11), Some("000002"));
    assert_eq!(strays(&seen), ["it came too late and is not used"]);
}

#[test]
fn who_floods_the_line_is_given_up() {
    let address = rogue(|_, mut socket| {
        if let Some(request) = read_frame(&mut socket) {
            let stranger = answer_to(&request, |reply| reply.set(41, "99999999"));
            while socket.write_all(&stranger).is_ok() {}
        }
    });
    let (result, seen) = ask(&mut terminal(only(tcp(address))), "000001", LONG);
    assert_eq!(code(&result), "T5101");
    assert!(strays(&seen).len() <= 600, "{}", strays(&seen).len());
}

#[test]
fn the_other_address_is_used_only_while_nothing_has_left() {
    let backup = Host::with(&[]);
    let mut terminal = terminal(RemoteSetup::new(vec![nobody(), tcp(backup.address)]));
    for stan in ["000001", "000002"] {
        let (result, seen) = ask(&mut terminal, stan, LONG);
        assert_eq!(code(&result), "00");
        let changed = seen.iter().any(|happening| matches!(happening, Happening::Backup { .. }));
        assert_eq!(changed, stan == "000001", "the one that served last is tried first");
    }
    assert_eq!(backup.end().1.messages, 2);

    // The first takes the request and dies: the request must not go out once more.
    let backup = Host::with(&[]);
    let dies = rogue(|_, mut socket| {
        let _ = read_frame(&mut socket);
    });
    let mut terminal = super::bench::terminal(RemoteSetup::new(vec![tcp(dies), tcp(backup.address)]));
    assert_eq!(code(&ask(&mut terminal, "000001", LONG).0), "T5102");
    assert_eq!(backup.end().1.connections, 0);
}

/// A host with a certificate made for the test, and the file of its CA.
fn with_tls(folder: &Folder, name: &str, names: &[&str]) -> (Host, std::path::PathBuf) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let (config, pem) = tls::self_signed(&names).expect("a certificate");
    let ca = folder.0.join(name);
    std::fs::write(&ca, pem).expect("a file");
    let mut setup = ServerSetup::new(super::bench::start_ms());
    setup.tls = Some(config);
    (Host::start(setup, &[], false), ca)
}

fn over_tls(host: std::net::SocketAddr, ca: &std::path::Path) -> RemoteSetup {
    let mut remote = only(Address::parse(&format!("tls://{host}")).expect("an address"));
    remote.tls = Some(tls::client(ca).expect("a CA"));
    remote
}

#[test]
fn tls_carries_the_same_messages() {
    let folder = Folder::new();
    let (host, ca) = with_tls(&folder, "ca.pem", &["127.0.0.1"]);
    for keep in [false, true] {
        let mut remote = over_tls(host.address, &ca);
        remote.keep = keep;
        let mut terminal = terminal(remote);
        for stan in ["000001", "000002"] {
            assert_eq!(code(&ask(&mut terminal, stan, LONG).0), "00");
        }
    }
    assert_eq!(host.end().1.messages, 4);
}

#[test]
fn tls_that_cannot_be_trusted_is_no_line() {
    let folder = Folder::new();
    let (host, _) = with_tls(&folder, "ca.pem", &["127.0.0.1"]);
    let (other, ca_of_other) = with_tls(&folder, "other.pem", &["127.0.0.1"]);
    let (elsewhere, ca_of_elsewhere) = with_tls(&folder, "elsewhere.pem", &["host.example"]);
    let plain = Host::with(&[]);
    for (address, ca, reason) in [
        (host.address, &ca_of_other, "trusted CA"),
        (elsewhere.address, &ca_of_elsewhere, "another name"),
        (plain.address, &ca_of_other, "TLS"),
    ] {
        let (result, _) = ask(&mut terminal(over_tls(address, ca)), "000001", LONG);
        assert_eq!(code(&result), "T5001", "{reason}");
        assert!(fact(&result, "reason").contains(reason), "{result:?}");
    }
    for host in [host, other, elsewhere, plain] {
        assert_eq!(host.end().1.messages, 0, "not a byte of a request came");
    }
}

#[test]
fn a_host_that_hangs_in_the_handshake_is_no_line() {
    let folder = Folder::new();
    let (_host, ca) = with_tls(&folder, "ca.pem", &["127.0.0.1"]);
    let address = rogue(|_, socket| {
        thread::spawn(move || {
            thread::sleep(LONG);
            drop(socket);
        });
    });
    assert_eq!(code(&ask(&mut terminal(over_tls(address, &ca)), "000001", SHORT).0), "T5001");
}

#[test]
fn plain_words_to_a_tls_host_are_in_doubt() {
    let folder = Folder::new();
    let (host, _) = with_tls(&folder, "ca.pem", &["127.0.0.1"]);
    // The request was handed over, whoever it was that took it: the money line may say nothing better.
    let result = ask(&mut terminal(only(tcp(host.address))), "000001", LONG).0;
    assert!(["T5102", "T5103"].contains(&code(&result)), "{result:?}");
    assert_eq!(host.end().1.messages, 0);
}

#[test]
fn a_line_that_closes_while_many_ask_is_always_decided() {
    // Whatever moment the end comes at, the verdict is one of the three, and never that nothing left once a host has it.
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let address = rogue(move |number, mut socket| {
        if number % 2 == 0 && read_frame(&mut socket).is_some() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut terminal = terminal(only(tcp(address)));
    for stan in 1..=20 {
        let before = taken.load(Ordering::SeqCst);
        let result = ask(&mut terminal, &format!("{stan:06}"), LONG).0;
        assert!(["T5001", "T5102"].contains(&code(&result)));
        if taken.load(Ordering::SeqCst) > before {
            assert_eq!(code(&result), "T5102", "the host has the request");
        }
    }
    assert!(echo_frame("000001").len() > 20);
}
