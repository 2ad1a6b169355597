//! The simulated host against clients of every kind: none holds it up, none makes it hold more than it should.

use super::bench::{Host, LONG, dial, dialect, echo_frame, read_frame, say, start_ms};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::Duration;
use tillscript::payment::iso8583::frame::unframe;
use tillscript::payment::iso8583::unpack::unpack;
use tillscript::world::net::server::ServerSetup;

/// Field 11 of a frame.
fn stan(frame: &[u8]) -> String {
    let dialect = dialect();
    let message = unpack(unframe(&dialect, frame).expect("a frame").body, &dialect).expect("a message");
    message.text(11).unwrap_or_default().to_owned()
}

/// The host still answers.
fn lives(host: &Host) {
    let mut socket = dial(host.address);
    assert!(say(&mut socket, &echo_frame("000001")).is_some(), "the host answers no more");
}

/// True once the other side has closed.
fn is_closed(socket: &mut std::net::TcpStream) -> bool {
    let mut rest = Vec::new();
    let end = socket.read_to_end(&mut rest);
    end.is_ok_and(|_| rest.is_empty()) || socket.read(&mut [0; 1]).is_ok_and(|count| count == 0)
}

#[test]
fn many_messages_go_over_one_connection_in_one_segment_or_byte_by_byte() {
    let host = Host::with(&[]);
    let mut socket = dial(host.address);
    let three = [echo_frame("000001"), echo_frame("000002"), echo_frame("000003")].concat();
    socket.write_all(&three).expect("sent");
    for _ in 0..3 {
        assert!(read_frame(&mut socket).is_some());
    }
    for byte in echo_frame("000004") {
        socket.write_all(&[byte]).expect("sent");
    }
    assert!(read_frame(&mut socket).is_some());
    drop(socket);
    let (_, counts) = host.end();
    assert_eq!((counts.connections, counts.messages, counts.unreadable), (1, 4, 0));
}

#[test]
fn bytes_that_are_no_message_are_named_by_layer_and_end_the_line() {
    let host = Host::with(&[]);
    let mut giant = dial(host.address);
    giant.write_all(&[0xFF, 0xFF, 0x60]).expect("sent");
    assert!(is_closed(&mut giant));
    host.tells("NotCut { connection: 1");
    host.tells("layer: Frame, field: None, part: None, inner: None, offset: 0, needed: 16384, available: 65535, problem: TooLong");

    let mut cut_field = echo_frame("000001");
    let length = cut_field.len();
    cut_field.truncate(length - 3);
    cut_field[1] -= 3;
    let mut socket = dial(host.address);
    socket.write_all(&cut_field).expect("sent");
    assert!(is_closed(&mut socket));
    host.tells("layer: Field, field: Some(60)");

    let mut bitmap = echo_frame("000001");
    bitmap[15] = 0xFF;
    let mut socket = dial(host.address);
    socket.write_all(&bitmap).expect("sent");
    assert!(is_closed(&mut socket));
    lives(&host);
    assert_eq!(host.end().1.unreadable, 3);
}

#[test]
fn garbage_of_every_kind_is_survived() {
    let host = Host::with(&[]);
    let mut seed = 7u32;
    for round in 0..60 {
        let mut socket = dial(host.address);
        let bytes: Vec<u8> = (0..round * 17 + 1)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let _ = socket.write_all(&bytes);
        let _ = socket.shutdown(Shutdown::Write);
        let _ = socket.read_to_end(&mut Vec::new());
    }
    // Whole frames with damaged inside: every byte flipped once.
    let sound = echo_frame("000001");
    let mut socket = None;
    for at in 2..sound.len() {
        let mut damaged = sound.clone();
        damaged[at] ^= 0x81;
        let open = socket.get_or_insert_with(|| dial(host.address));
        if say(open, &damaged).is_none() {
            socket = None;
        }
    }
    lives(&host);
    host.end();
}

#[test]
fn half_a_message_ends_with_its_client_or_with_its_time() {
    let mut setup = ServerSetup::new(start_ms());
    setup.message = Duration::from_millis(300);
    setup.idle = LONG;
    let host = Host::start(setup, &[], false);
    let mut half = dial(host.address);
    half.write_all(&echo_frame("000001")[..10]).expect("sent");
    half.shutdown(Shutdown::Write).expect("shut");
    host.tells("end: Half(10)");
    // One byte at a time, for ever: the message has its time as a whole, not each byte.
    let mut slow = dial(host.address);
    let frame = echo_frame("000001");
    for byte in frame.iter().cycle().take(400) {
        if slow.write_all(&[*byte]).is_err() {
            break;
        }
        if host.events.lock().expect("events").iter().any(|event| event.contains("end: Slow")) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
        // Only the first half, again and again, would be a message: never let it end.
        if byte == &frame[frame.len() / 2] {
            std::thread::sleep(Duration::from_millis(400));
        }
    }
    host.tells("end: Slow(");
    lives(&host);
    host.end();
}

#[test]
fn a_silent_connection_is_closed_after_a_while() {
    let mut setup = ServerSetup::new(start_ms());
    setup.idle = Duration::from_millis(200);
    let host = Host::start(setup, &[], false);
    let mut socket = dial(host.address);
    assert!(is_closed(&mut socket));
    host.tells("end: Idle");
    host.end();
}

#[test]
fn more_connections_than_allowed_are_turned_away_and_the_others_served() {
    let mut setup = ServerSetup::new(start_ms());
    setup.connections_most = 50;
    let host = Host::start(setup, &[], false);
    let mut open = Vec::new();
    for _ in 0..50 {
        let mut socket = dial(host.address);
        assert!(say(&mut socket, &echo_frame("000001")).is_some());
        open.push(socket);
    }
    for _ in 0..100 {
        let mut socket = dial(host.address);
        assert!(say(&mut socket, &echo_frame("000001")).is_none(), "the fifty-first is served");
    }
    assert!(open.iter_mut().all(|socket| say(socket, &echo_frame("000002")).is_some()));
    open.truncate(10);
    host.tells("Closed");
    lives(&host);
    let (_, counts) = host.end();
    assert!(counts.turned_away >= 100, "{counts:?}");
}

#[test]
fn a_client_that_takes_no_replies_holds_up_nobody() {
    let host = Host::with(&[]);
    let mut deaf = dial(host.address);
    deaf.set_write_timeout(Some(Duration::from_millis(500))).expect("a limit");
    let many = echo_frame("000001").repeat(500);
    // Until the buffers on both sides are full.
    for _ in 0..200 {
        if deaf.write_all(&many).is_err() {
            break;
        }
    }
    lives(&host);
    drop(deaf);
    host.end();
}

#[test]
fn a_reply_that_comes_late_does_not_keep_the_others_waiting() {
    let host = Host::with(&["late:2s@0820#1"]);
    let mut socket = dial(host.address);
    socket.write_all(&[echo_frame("000001"), echo_frame("000002")].concat()).expect("sent");
    let first = read_frame(&mut socket).expect("a reply");
    let second = read_frame(&mut socket).expect("a late reply");
    assert_eq!([stan(&first), stan(&second)], ["000002", "000001"]);
    host.end();
}

#[test]
fn the_end_of_the_host_ends_its_connections() {
    let host = Host::with(&[]);
    let mut socket = dial(host.address);
    assert!(say(&mut socket, &echo_frame("000001")).is_some());
    host.end();
    assert!(is_closed(&mut socket));
}

#[test]
fn a_strict_host_ignores_what_is_framed_for_another() {
    let host = Host::start(ServerSetup::new(start_ms()), &[], true);
    let mut socket = dial(host.address);
    let mut other_address = echo_frame("000001");
    other_address[3] ^= 0x70;
    let mut other_version = echo_frame("000002");
    other_version[8] ^= 0x01;
    socket.write_all(&[other_address, other_version, echo_frame("000003")].concat()).expect("sent");
    let reply = read_frame(&mut socket).expect("the third is answered");
    assert_eq!(stan(&reply), "000003");
    host.tells("layer: Frame, field: None, part: None, inner: None, offset: 2");
    host.tells("layer: Header, field: None, part: None, inner: None, offset: 7");
    let (_, counts) = host.end();
    assert_eq!((counts.messages, counts.unreadable), (1, 2));
}
