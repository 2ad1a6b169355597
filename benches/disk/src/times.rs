//! Times of commits, and what is told of them.

use std::time::Duration;

/// The times of one contender at one batch size.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// The median of each round, in its order.
    rounds: Vec<Duration>,
    all: Vec<Duration>,
}

impl Times {
    /// Takes the commits of a round.
    pub fn round(&mut self, mut taken: Vec<Duration>) {
        taken.sort_unstable();
        self.rounds.extend(at(&taken, 50));
        self.all.append(&mut taken);
    }

    /// The median of the rounds' medians.
    pub fn median(&self) -> Duration {
        let mut rounds = self.rounds.clone();
        rounds.sort_unstable();
        at(&rounds, 50).unwrap_or_default()
    }

    /// So many in a hundred commits took no longer.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut all = self.all.clone();
        all.sort_unstable();
        at(&all, percent).unwrap_or_default()
    }

    /// How many times as long as another, round by round: the median of the ratios, which the slow hours of a disk do not
    /// change, as both meet them.
    pub fn ratio(&self, other: &Times) -> f64 {
        let mut ratios: Vec<f64> =
            self.rounds.iter().zip(&other.rounds).map(|(own, other)| own.as_secs_f64() / other.as_secs_f64()).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

fn at(sorted: &[Duration], percent: usize) -> Option<Duration> {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied()
}
