//! What was found on a slip, and how strong it is.

use crate::payment::merchant::pair::Pair;

/// How strong a finding is, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Good to know; nothing is wrong by it.
    Note,
    /// May have a harmless reason more often than not.
    Weak,
    /// Worth asking the acquirer.
    Medium,
    /// Rarely has a harmless reason.
    Strong,
    /// Two things that must agree do not, or a number cannot be what it is given as.
    Certain,
}

impl Strength {
    /// Its word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Strength::Note => "note",
            Strength::Weak => "weak",
            Strength::Medium => "medium",
            Strength::Strong => "strong",
            Strength::Certain => "certain",
        }
    }

    /// Its name for people.
    pub fn name(self) -> Pair {
        match self {
            Strength::Note => Pair::new("备注", "note"),
            Strength::Weak => Pair::new("弱", "weak"),
            Strength::Medium => Pair::new("中", "medium"),
            Strength::Strong => Pair::new("强", "strong"),
            Strength::Certain => Pair::new("确定", "certain"),
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name for programs.
    pub id: &'static str,
    /// How strong it is.
    pub strength: Strength,
    /// What was found.
    pub what: Pair,
    /// What it may mean, harmless reasons too.
    pub why: Pair,
    /// What to do next.
    pub next: Pair,
}
