//! All sockets of one terminal.

use super::battery::Battery;
use super::beeper::Beeper;
use super::card_reader::CardReader;
use super::clock::Clock;
use super::host_link::HostLink;
use super::journal::Journal;
use super::keypad::Keypad;
use super::log::Log;
use super::parameters::Parameters;
use super::pin_pad::PinPad;
use super::power::Power;
use super::printer::Printer;
use super::screen::Screen;
use super::seal::Seal;

/// What one terminal is made of. The driver of `run` answers a script's requests with it; the machine never sees it.
pub struct Ports {
    /// The screen.
    pub screen: Box<dyn Screen>,
    /// The cashier's keys.
    pub keypad: Box<dyn Keypad>,
    /// The card reader.
    pub card: Box<dyn CardReader>,
    /// The PIN pad.
    pub pin_pad: Box<dyn PinPad>,
    /// The line to the host.
    pub host: Box<dyn HostLink>,
    /// The printer.
    pub printer: Box<dyn Printer>,
    /// The battery.
    pub battery: Box<dyn Battery>,
    /// The beeper.
    pub beeper: Box<dyn Beeper>,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// The log.
    pub log: Box<dyn Log>,
    /// The journal: what survives a power cut.
    pub journal: Box<dyn Journal>,
    /// The power.
    pub power: Box<dyn Power>,
    /// What the terminal knows about itself.
    pub parameters: Parameters,
    /// Seals card data for the journal.
    pub seal: Seal,
    /// Does anybody read messages field by field? If not, they are not put into words.
    pub is_watched: bool,
}
