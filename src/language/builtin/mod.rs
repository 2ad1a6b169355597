//! Every builtin: what a script can call, read and match, one row each.

use self::row::Builtin;

pub mod batch;
pub mod card;
pub mod doctor;
pub mod fixtures;
pub mod functions;
pub mod host;
pub mod journal;
pub mod members;
pub mod notices;
pub mod pinpad;
pub mod printer;
pub mod row;
pub mod screen;
pub mod shapes;
pub mod store;
pub mod terminal;

/// Every family, in the order of the reference: the devices, then what belongs to none.
const FAMILIES: &[&[Builtin]] = &[
    screen::ROWS,
    card::ROWS,
    pinpad::ROWS,
    host::ROWS,
    printer::ROWS,
    store::ROWS,
    terminal::ROWS,
    journal::ROWS,
    batch::ROWS,
    notices::ROWS,
    doctor::ROWS,
    functions::ROWS,
    members::ROWS,
    fixtures::ROWS,
];

/// Every row, in the order of the reference.
pub fn all() -> impl Iterator<Item = &'static Builtin> {
    FAMILIES.iter().flat_map(|rows| rows.iter())
}

/// The row of a device's method or property, `host.send`.
pub fn of_device(device: &str, name: &str) -> Option<&'static Builtin> {
    let owner = row::Owner::Device(match_device(device));
    all().find(|row| row.owner == owner && row.name == name)
}

/// The row of a function that belongs to no device, `mask`.
pub fn function(name: &str) -> Option<&'static Builtin> {
    functions::ROWS.iter().find(|row| row.name == name)
}

/// The device with this name, as the rows spell it; empty if there is none.
fn match_device(name: &str) -> &'static str {
    row::DEVICES.iter().find(|device| device.name == name).map_or("", |device| device.name)
}
