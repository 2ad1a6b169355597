//! Everything outside a script: what it can touch, and the simulated world behind it.

pub mod audit;
pub mod crash;
pub mod fault;
pub mod host;
pub mod journal;
#[cfg(feature = "net")]
pub mod net;
pub mod port;
pub mod profile;
pub mod reconcile;
pub mod saved;
pub mod scenario;
pub mod simulation;
pub mod stage;
pub mod terminal;
pub mod test_keys;
