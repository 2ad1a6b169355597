//! Sockets: the terminal's line to a host elsewhere, the simulated host as a server, hostile clients and hosts.

#[path = "net/bench.rs"]
mod bench;
#[path = "net/commands.rs"]
mod commands;
#[path = "net/diagnose.rs"]
mod diagnose;
#[path = "net/doctor.rs"]
mod doctor;
#[path = "net/fleet.rs"]
mod fleet;
#[path = "net/kill_flows.rs"]
mod kill_flows;
#[path = "net/kills.rs"]
mod kills;
#[path = "net/load.rs"]
mod load;
#[path = "net/proxy.rs"]
mod proxy;
#[path = "net/remote.rs"]
mod remote;
#[path = "net/server.rs"]
mod server;
#[path = "net/traces.rs"]
mod traces;
