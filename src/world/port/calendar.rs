//! Milliseconds since 1970 as a date and a time of day.

/// A date and a time of day, without a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// 2026
    pub year: i64,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
    /// 0 to 23
    pub hour: u8,
    /// 0 to 59
    pub minute: u8,
    /// 0 to 59
    pub second: u8,
}

/// The last millisecond of the year 9999: no clock of ours goes further.
pub const LATEST_MS: i64 = 253_402_300_799_999;

const DAY_MS: i64 = 86_400_000;
/// Days of the 400 years after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;

impl Moment {
    /// The moment so many milliseconds after the beginning of 1970.
    pub fn from_ms(milliseconds: i64) -> Moment {
        let (days, of_day) = (milliseconds.div_euclid(DAY_MS), milliseconds.rem_euclid(DAY_MS));
        // Years that begin in March have their leap day at the end; 719 468 days lie between 1 March 0 and 1970.
        let shifted = days + 719_468;
        let (era, of_era) = (shifted.div_euclid(ERA_DAYS), shifted.rem_euclid(ERA_DAYS));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let seconds = of_day / 1_000;
        Moment {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            // INVARIANT: each of these is below 60 by its divisor.
            month: month as u8,
            day: (of_year - (153 * shifted_month + 2) / 5 + 1) as u8,
            hour: (seconds / 3_600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
        }
    }

    /// Milliseconds from the beginning of 1970.
    pub fn to_ms(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = if month <= 2 { self.year - 1 } else { self.year };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let shifted_month = if month > 2 { month - 3 } else { month + 9 };
        let of_year = (153 * shifted_month + 2) / 5 + day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        let days = era * ERA_DAYS + of_era - 719_468;
        let seconds = i64::from(self.hour) * 3_600 + i64::from(self.minute) * 60 + i64::from(self.second);
        days * DAY_MS + seconds * 1_000
    }

    /// Reads MMDD and hhmmss as a host sends them; `None` if there is no such day or time in that year.
    pub fn parse(year: i64, date: &str, time: &str) -> Option<Moment> {
        let pair = |text: &str, from: usize| -> Option<u8> {
            let two = text.get(from..from + 2)?;
            two.bytes().all(|b| b.is_ascii_digit()).then(|| two.parse().ok())?
        };
        if date.len() != 4 || time.len() != 6 {
            return None;
        }
        let moment = Moment {
            year,
            month: pair(date, 0)?,
            day: pair(date, 2)?,
            hour: pair(time, 0)?,
            minute: pair(time, 2)?,
            second: pair(time, 4)?,
        };
        // A day that the calendar does not have comes back as another.
        (moment.month >= 1 && Moment::from_ms(moment.to_ms()) == moment).then_some(moment)
    }

    /// MMDD, as field 13 carries it.
    pub fn date(self) -> String {
        format!("{:02}{:02}", self.month, self.day)
    }

    /// hhmmss, as field 12 carries it.
    pub fn time(self) -> String {
        format!("{:02}{:02}{:02}", self.hour, self.minute, self.second)
    }
}

impl std::fmt::Display for Moment {
    /// `2026/01/05 09:00:00`, as slips show it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Moment { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
