//! How many messages `till host` answers in a second, and what each costs it. A measurement, run by hand:
//!
//! `cargo build --release && TILL_BINARY=$PWD/target/release/till cargo test --release --test all -- --ignored --nocapture load`

use super::bench::{Folder, dialect, echo_frame};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tillscript::payment::iso8583::cut::FrameReader;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};

/// How long each load lasts.
const LASTS: Duration = Duration::from_secs(5);

/// Ticks of the processor that a process has used, of which there are a hundred in a second.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let behind = stat.rsplit(')').next().unwrap_or_default();
    behind.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// One connection: one message under way at a time, until the time is up.
async fn client(address: SocketAddr, message: Vec<u8>, until: Instant) -> u64 {
    let mut socket = TcpStream::connect(address).await.expect("a connection");
    socket.set_nodelay(true).expect("no delay");
    let mut reader = FrameReader::new(&dialect());
    let mut piece = [0; 1024];
    let mut answered = 0;
    while Instant::now() < until {
        socket.write_all(&message).await.expect("sent");
        while reader.next_frame().expect("a frame").is_none() {
            let count = socket.read(&mut piece).await.expect("a reply");
            assert!(count > 0, "the host closed the line");
            reader.push(&piece[..count]);
        }
        answered += 1;
    }
    answered
}

#[test]
#[ignore = "a measurement"]
fn load() {
    let till = std::env::var("TILL_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_till").to_owned());
    let folder = Folder::new();
    let mut host = Command::new(&till)
        .args(["host", "--listen", "127.0.0.1:0", "--quiet", "--lang", "en"])
        .current_dir(&folder.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("till starts");
    let mut lines = BufReader::new(host.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line").expect("a line");
    let address: SocketAddr = first.rsplit("tcp://").next().expect("an address").trim().parse().expect("an address");
    for connections in [1, 100, 1000] {
        let before = ticks(host.id());
        let began = Instant::now();
        let tasks = LocalSet::new();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let answered: u64 = tasks.block_on(&runtime, async {
            let until = Instant::now() + LASTS;
            let clients: Vec<_> =
                (0..connections).map(|_| spawn_local(client(address, echo_frame("000001"), until))).collect();
            let mut all = 0;
            for client in clients {
                all += client.await.expect("a client");
            }
            all
        });
        let seconds = began.elapsed().as_secs_f64();
        let cpu = (ticks(host.id()) - before) as f64 / 100.0;
        let memory = std::fs::read_to_string(format!("/proc/{}/status", host.id())).unwrap_or_default();
        let memory = memory.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default().to_owned();
        println!(
            "{connections} connections: {:.0} messages/s, {:.2} us of the host's processor each, {memory}",
            answered as f64 / seconds,
            cpu * 1e6 / answered as f64
        );
        assert!(answered > 0);
    }
    drop(host.stdin.take());
    host.kill().expect("it ends");
    host.wait().expect("it ends");
}
