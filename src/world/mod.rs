//! Everything outside a script: what it can touch, and the simulated world behind it.

pub mod journal;
pub mod port;
