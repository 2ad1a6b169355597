//! The terminal's clock.

use super::calendar::Moment;

/// A clock. Time is local time of the terminal, in milliseconds since 1970; there is no time zone.
pub trait Clock {
    /// The time.
    fn now_ms(&self) -> i64;

    /// Lets time pass.
    fn elapse(&mut self, milliseconds: i64);

    /// Puts the clock to a time.
    fn set(&mut self, now_ms: i64);

    /// Puts the clock to the host's MMDD and hhmmss; the year stays the terminal's own.
    ///
    /// False, and nothing changes, if the digits are no date and time.
    fn set_from_host(&mut self, date: &str, time: &str) -> bool {
        let year = Moment::from_ms(self.now_ms()).year;
        match Moment::parse(year, date, time) {
            Some(moment) => {
                self.set(moment.to_ms());
                true
            }
            None => false,
        }
    }
}
