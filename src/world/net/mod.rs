//! Sockets: the line to a host elsewhere, the simulated host as a server, and what stands between the two.

pub mod address;
mod door;
pub mod line;
pub mod proxy;
pub mod proxy_rule;
pub mod remote;
pub mod server;
pub mod stream;
pub mod tls;
