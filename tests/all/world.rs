//! The world room: ports, journal, terminal, host, faults.

#[path = "world/bench.rs"]
mod bench;
#[path = "world/devices.rs"]
mod devices;
#[path = "world/disk.rs"]
mod disk;
#[path = "world/faults.rs"]
mod faults;
#[path = "world/group.rs"]
mod group;
#[path = "world/host.rs"]
mod host;
#[path = "world/journal.rs"]
mod journal;
#[path = "world/room.rs"]
mod room;
#[path = "world/secrets.rs"]
mod secrets;

pub(super) use journal::every_kind as every_kind_of_record;
