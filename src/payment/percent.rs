//! Percentages in hundredths of a percent, as people read them.

/// `20%`, `0.6%`, `-1.25%`: without zeros that say nothing.
pub fn shown(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    match (rest, rest % 10) {
        (0, _) => format!("{sign}{whole}%"),
        (_, 0) => format!("{sign}{whole}.{}%", rest / 10),
        _ => format!("{sign}{whole}.{rest:02}%"),
    }
}
