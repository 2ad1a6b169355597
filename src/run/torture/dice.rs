//! Chance that is the same everywhere: SplitMix64.

/// Numbers made from a seed.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice of a seed, and of one of its days.
    pub fn new(seed: u64, day: u64) -> Dice {
        let mut dice = Dice(seed ^ day.wrapping_mul(0xa076_1d64_78bd_642f));
        dice.roll();
        dice
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another; 0 below 0.
    pub fn below(&mut self, most: u64) -> u64 {
        // The bias is one in 2^64 / most.
        self.roll().checked_rem(most).unwrap_or(0)
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, times: u64) -> bool {
        self.below(100) < times
    }
}
