//! Letting connections in, until somebody ends it: what the host and the proxy do alike.

use super::server::Signals;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How long connections have to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Lets connections in until a line or a signal ends it. `command` takes a line from the keyboard, false ends it; `enter`
/// takes a connection, with what tells it of the end; `open` is how many there still are.
pub(super) async fn keep(
    listener: TcpListener,
    mut signals: Signals,
    mut lines: UnboundedReceiver<String>,
    mut command: impl FnMut(&str) -> bool,
    mut enter: impl FnMut(TcpStream, SocketAddr, watch::Receiver<()>),
    open: impl Fn() -> usize,
) {
    let (stop, stopped) = watch::channel(());
    let mut typing = true;
    loop {
        select! {
            biased;
            () = signals.next() => break,
            line = lines.recv(), if typing => match line {
                Some(line) => {
                    if !command(&line) {
                        break;
                    }
                }
                // Nobody is at the keyboard: it goes on.
                None => typing = false,
            },
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => enter(socket, peer, stopped.clone()),
                // Out of file handles, most of the time: those that are open have to end first.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
        }
    }
    drop(listener);
    drop(stop);
    // Each connection says goodbye; those that cannot are left behind.
    let _ = timeout(GOODBYE, async {
        while open() > 0 {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
