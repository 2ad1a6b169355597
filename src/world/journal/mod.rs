//! The journal: append, checksum, sync, replay.

pub mod backup;
pub mod device_key;
pub mod disk;
pub mod file;
pub mod frame;
pub mod group;
pub mod group_log;
pub mod history;
pub mod log;
pub mod memory;
pub mod names;
pub mod room;
pub mod torn;
