//! What is known at an instruction: which registers are written, and where the money may stand.

/// Registers that are written on every way to an instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written([u64; 4]);

impl Written {
    /// Registers 0 up to `count`: the parameters.
    pub(super) fn first(count: usize) -> Written {
        let mut written = Written::default();
        for register in 0..=u8::MAX {
            if usize::from(register) < count {
                written.insert(register);
            }
        }
        written
    }

    /// The register holds a value from here on.
    pub(super) fn insert(&mut self, register: u8) {
        if let Some(word) = self.0.get_mut(usize::from(register / 64)) {
            *word |= 1 << (register % 64);
        }
    }

    /// Does the register hold a value?
    pub(super) fn contains(&self, register: u8) -> bool {
        self.0.get(usize::from(register / 64)).is_some_and(|word| word >> (register % 64) & 1 == 1)
    }

    /// Only what is written on the other way too.
    pub(super) fn meet(&mut self, other: &Written) {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word &= other;
        }
    }

    /// Is everything written that is written there?
    pub(super) fn covers(&self, other: &Written) -> bool {
        self.0.iter().zip(other.0).all(|(word, other)| word & other == other)
    }
}

/// Where the reversible region may stand: any of several, for ways that meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Money(u8);

impl Money {
    /// No region is open.
    pub(super) const CLOSED: Money = Money(1);
    /// The reversal is recorded, nothing is decided.
    pub(super) const OPEN: Money = Money(2);
    /// It is decided, the region was not left yet.
    pub(super) const DECIDED: Money = Money(4);
    /// It cannot be reached.
    pub(super) const NOWHERE: Money = Money(0);

    /// Either of both.
    pub(super) fn or(self, other: Money) -> Money {
        Money(self.0 | other.0)
    }

    /// May no region be open?
    pub(super) fn may_be_closed(self) -> bool {
        self.0 & Money::CLOSED.0 != 0
    }

    /// May a region be open, decided or not?
    pub(super) fn may_be_inside(self) -> bool {
        self.0 & (Money::OPEN.0 | Money::DECIDED.0) != 0
    }

    /// Is every place it may stand at among those?
    pub(super) fn is_among(self, other: Money) -> bool {
        self.0 & !other.0 == 0
    }
}

/// What is known at an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Registers that hold a value.
    pub(super) written: Written,
    /// Where the money may stand.
    pub(super) money: Money,
}

impl State {
    /// What is known where two ways meet.
    pub(super) fn meet(&mut self, other: &State) {
        self.written.meet(&other.written);
        self.money = self.money.or(other.money);
    }
}

/// What is known before each instruction of a function, in no more room than its registers ask for.
#[derive(Debug, Default)]
pub(super) struct States {
    /// So many for each instruction.
    words: usize,
    written: Vec<u64>,
    /// `NOWHERE` if nothing comes there.
    money: Vec<Money>,
}

impl States {
    /// Nothing is known of a function with so many registers and instructions.
    pub(super) fn clear(&mut self, registers: usize, instructions: usize) {
        self.words = registers.div_ceil(64);
        self.written.clear();
        self.written.resize(self.words * instructions, 0);
        self.money.clear();
        self.money.resize(instructions, Money::NOWHERE);
    }

    /// What is known before an instruction; `None` if nothing comes there.
    pub(super) fn get(&self, at: u32) -> Option<State> {
        let money = self.money.get(at as usize).copied().filter(|money| *money != Money::NOWHERE)?;
        let first = self.words * at as usize;
        let mut written = Written::default();
        for (to, from) in written.0.iter_mut().zip(self.written.get(first..first + self.words)?) {
            *to = *from;
        }
        Some(State { written, money })
    }

    /// This is known there, whatever was known before.
    pub(super) fn set(&mut self, at: u32, state: &State) {
        // The structural check refuses targets outside.
        let Some(money) = self.money.get_mut(at as usize) else { return };
        *money = state.money;
        let first = self.words * at as usize;
        for (to, from) in self.written.iter_mut().skip(first).take(self.words).zip(state.written.0) {
            *to = from;
        }
    }

    /// One more way leads there.
    pub(super) fn meet(&mut self, at: u32, state: &State) {
        let known = self.get(at).map_or(*state, |mut known| {
            known.meet(state);
            known
        });
        self.set(at, &known);
    }
}
