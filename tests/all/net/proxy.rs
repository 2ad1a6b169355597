//! The proxy between a terminal and a host: each thing that it can do to a message, and what it shows.

use super::bench::{Host, LONG, ask, dial, dialect, echo_frame, read_frame, tcp, terminal};
use super::commands::{Running, typed};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tillscript::payment::iso8583::frame::unframe;
use tillscript::payment::iso8583::unpack::unpack;
use tillscript::world::net::proxy::ProxySetup;
use tillscript::world::net::proxy_rule::{ROWS, Rules, parse};
use tillscript::world::net::remote::RemoteSetup;
use tillscript::world::net::server::Server;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

struct Proxy {
    address: SocketAddr,
    lines: UnboundedSender<String>,
    thread: Option<thread::JoinHandle<()>>,
    events: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn before(target: SocketAddr, rules: &[&str]) -> Proxy {
        let rules = Rules(rules.iter().map(|rule| parse(rule).expect("a rule")).collect());
        let (lines, take) = unbounded_channel();
        let (give, address) = mpsc::channel();
        let events = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&events);
        let thread = thread::spawn(move || {
            let server = Server::bind("127.0.0.1:0").expect("a port");
            give.send(server.address()).expect("somebody waits");
            let setup = ProxySetup { dialect: dialect(), target: tcp(target), target_tls: None, tls: None };
            let watch = move |event: &tillscript::world::net::proxy::Event<'_>| {
                seen.lock().expect("events").push(format!("{event:?}"));
            };
            server.relay(setup, rules, take, Box::new(|line, _| line != "quit"), Box::new(watch));
        });
        let address = address.recv_timeout(LONG).expect("the proxy listens");
        Proxy { address, lines, thread: Some(thread), events }
    }

    fn end(mut self) -> Vec<String> {
        let _ = self.lines.send("quit".to_owned());
        self.thread.take().expect("it runs").join().expect("the proxy does not panic");
        std::mem::take(&mut self.events.lock().expect("events"))
    }
}

/// Sends three echoes over one connection and gives the trace numbers of what came back, in order.
fn through(rules: &[&str]) -> (Vec<u32>, Vec<String>, u64) {
    let host = Host::with(&[]);
    let proxy = Proxy::before(host.address, rules);
    let mut socket = dial(proxy.address);
    let mut came = Vec::new();
    let stan = |frame: &[u8]| {
        let dialect = dialect();
        let message = unpack(unframe(&dialect, frame).expect("a frame").body, &dialect).expect("a message");
        message.text(11).and_then(|stan| stan.parse().ok()).unwrap_or(0)
    };
    for number in ["000001", "000002", "000003"] {
        if socket.write_all(&echo_frame(number)).is_err() {
            break;
        }
    }
    socket.set_read_timeout(Some(Duration::from_secs(3))).expect("a limit");
    while let Some(frame) = read_frame(&mut socket) {
        came.push(stan(&frame));
        if came.len() == 6 {
            break;
        }
    }
    drop(socket);
    let events = proxy.end();
    (came, events, host.end().1.messages)
}

#[test]
fn without_rules_everything_passes_and_is_shown() {
    let (came, events, messages) = through(&[]);
    assert_eq!((came, messages), (vec![1, 2, 3], 3));
    for side in ["Request", "Response"] {
        assert_eq!(events.iter().filter(|event| event.contains(&format!("side: {side}"))).count(), 3);
    }
}

#[test]
fn each_rule_does_what_its_row_says() {
    assert_eq!(through(&["drop-response:0830#2"]).0, [1, 3]);
    let (came, _, messages) = through(&["drop-request@000002"]);
    assert_eq!((came, messages), (vec![1, 3], 2), "the host never hears of it");
    assert_eq!(through(&["duplicate-response#1"]).0, [1, 1, 2, 3]);
    let (came, _, messages) = through(&["duplicate-request:0820#3"]);
    assert_eq!((came, messages), (vec![1, 2, 3, 3], 4));
    assert_eq!(through(&["reorder-response#1"]).0, [2, 1, 3]);
    assert_eq!(through(&["delay-response#1=1s"]).0, [2, 3, 1]);
    let (came, _, _) = through(&["truncate-response#2=10"]);
    assert_eq!(came, [1], "the rest never comes");
    let (came, _, messages) = through(&["close-request#2"]);
    assert_eq!((came.len() <= 1, messages <= 1), (true, true));
    let (_, events, messages) = through(&["corrupt-request#1=13"]);
    assert!(messages < 3, "the host cannot read the first");
    assert!(events.iter().any(|event| event.contains("corrupt-request#1=13")));
}

#[test]
fn bytes_that_are_no_frames_pass_as_they_come() {
    let host = Host::with(&[]);
    let proxy = Proxy::before(host.address, &["drop-request"]);
    let mut socket = dial(proxy.address);
    socket.write_all(&[0xFF; 40]).expect("sent");
    host.tells("NotCut");
    drop(socket);
    assert!(proxy.end().iter().any(|event| event.contains("NotCut { connection: 1, side: Request")));
    host.end();
}

#[test]
fn a_host_that_is_not_there_ends_the_line_of_the_terminal() {
    let nobody = super::bench::nobody();
    let address = nobody.socket().parse().expect("numbers");
    let proxy = Proxy::before(address, &[]);
    let (result, _) = ask(&mut terminal(RemoteSetup::new(vec![tcp(proxy.address)])), "000001", LONG);
    // The proxy took the request, so the terminal cannot know that nobody got it.
    assert_eq!(result.expect_err("no reply").code.0, "T5102");
    assert!(proxy.end().iter().any(|event| event.contains("Unreachable")));
}

#[test]
fn a_rule_that_is_none_is_refused_with_its_cure() {
    for wrong in [
        "",
        "drop",
        "drop-reply",
        "dropp-response",
        "drop-response:210",
        "drop-response#0",
        "drop-response@7",
        "drop-response=5s",
        "delay-request=soon",
        "corrupt-request=x",
        "truncate-response=-1",
    ] {
        let failure = parse(wrong).expect_err(wrong);
        assert_eq!(failure.code.0, "T7104", "{wrong}");
    }
    for row in ROWS {
        for side in ["request", "response"] {
            assert!(parse(&format!("{}-{side}", row.name)).is_ok());
            assert!(parse(&format!("{}-{side}:0200#2@000007", row.name)).is_ok());
        }
        assert!(!row.about.zh.is_empty() && !row.about.en.is_empty());
    }
}

/// A sale that waits two seconds for its answer.
const HASTY: &str = "edition 1

import cn_pos.dialect
import cn_pos.codes

pub flow hasty(amount: Amount) -> Outcome
  uses card, host, store
{
  let c = card.read(accept: [chip, tap, stripe], amount: amount, within: 60s)
  let request = message 0200 {
    F2: c.pan
    F3: \"000000\"
    F4: amount
    F11: host.next_stan()
    F22: \"012\"
    F25: \"00\"
    F41: store.terminal_id
    F42: store.merchant_id
    F49: \"156\"
    F60: \"22{store.batch_no}000\"
  }
  reversible request {
    let reply = host.send(request, within: 2s)
    match reply.code {
      accept => {
        commit Txn(kind: sale, amount: amount, request: request, reply: reply)
        return done
      }
      capture, rekey, decline, retry, refer => {}
    }
    discard
    return declined(reply.code)
  }
}
";

#[test]
fn a_sale_whose_answer_is_lost_ends_with_a_reversal_that_is_queued_and_then_sent() {
    let folder = super::bench::Folder::new();
    std::fs::write(folder.0.join("hasty.till"), HASTY).expect("a file");
    let here: &Path = &folder.0;
    let mut host = Running::start(&["host", "--listen", "127.0.0.1:0"], here);
    let target = host.address();
    let words = ["proxy", "127.0.0.1:0", &target, "--fault", "drop-response:0210#1", "--lang", "zh"];
    let mut proxy = Running::start(&words, here);
    let line = proxy.says("tcp://127.0.0.1:");
    let address = line[line.find("tcp://").expect("an address")..].split(' ').next().expect("a word").to_owned();
    let sale = ["run", "hasty.till", "amount=1.00CNY", "--card", "prepaid", "--journal", "journal", "--host", &address];
    let (said, exit) = typed(&sale, here);
    assert_eq!(exit, Some(6), "{said}");
    assert!(said.contains("error[T5101]") && said.contains("not a byte came back"), "{said}");
    assert!(said.contains("a reversal is queued"), "{said}");
    proxy.says("[drop-response:0210#1]");
    host.says("-> 00 booked");
    let (said, exit) = typed(&sale, here);
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("reversal confirmed (00)"), "{said}");
    host.says("0400  10000007  000001  1.00 CNY");
    proxy.types("quit");
    host.types("quit");
    let (_, shown) = proxy.end();
    assert!(shown.iter().any(|line| line.contains("F4") && line.contains("1.00 CNY")), "{shown:?}");
    assert!(shown.iter().all(|line| !line.contains("62999900")), "a card number is shown: {shown:?}");
    host.end();
}
