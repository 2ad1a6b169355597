//! Whether a response code that a pattern or a comparison lets through can be an approval.

use crate::language::check::checked::PatternMeaning;
use crate::language::check::declarations::Declarations;
use crate::payment::iso8583::response::{Category, ResponseCode};

/// What a branch can still mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Says {
    /// The host may have approved.
    pub(super) yes: bool,
    /// The host may have refused.
    pub(super) no: bool,
}

/// The approvals that no arm has taken so far. They are the dialect's, as for the machine; where there is none,
/// those of category `accept`.
pub(super) struct Approvals<'d> {
    all: &'d Declarations<'d>,
    left: Vec<ResponseCode>,
}

impl<'d> Approvals<'d> {
    /// All of them.
    pub(super) fn new(all: &'d Declarations<'d>) -> Approvals<'d> {
        Approvals { all, left: approved(all) }
    }

    /// What a pattern lets through; it is taken from what later arms can get.
    pub(super) fn take(&mut self, meaning: Option<&PatternMeaning>) -> Says {
        let before = self.left.len();
        match meaning {
            Some(PatternMeaning::Category(category)) => {
                self.left.retain(|code| self.all.codes.category(*code) != *category);
                Says { yes: self.left.len() < before, no: self.refuses(*category) }
            }
            Some(PatternMeaning::Code(code)) => {
                self.left.retain(|known| known != code);
                let yes = self.left.len() < before;
                Says { yes, no: !approved(self.all).contains(code) }
            }
            Some(PatternMeaning::Other(_)) => Says { yes: !std::mem::take(&mut self.left).is_empty(), no: true },
            // A constant: which code it is does not matter much, and anything is safe to assume.
            _ => Says { yes: true, no: true },
        }
    }

    /// Is there a refusal of this category? Codes that no table names are declines.
    fn refuses(&self, category: Category) -> bool {
        let approved = approved(self.all);
        category == Category::Decline
            || self.all.codes.rows.iter().any(|row| row.category == category && !approved.contains(&row.code))
    }
}

/// What it says if a code is one of these, and if it is none of them.
pub(super) fn among(all: &Declarations<'_>, codes: &[ResponseCode]) -> (Says, Says) {
    let approved = approved(all);
    let inside = Says {
        yes: codes.iter().any(|code| approved.contains(code)),
        no: codes.iter().any(|code| !approved.contains(code)),
    };
    let outside = Says { yes: approved.iter().any(|code| !codes.contains(code)), no: true };
    (inside, outside)
}

/// The codes that mean yes.
pub(crate) fn approved(all: &Declarations<'_>) -> Vec<ResponseCode> {
    match &all.dialect {
        Some(dialect) => dialect.approved.clone(),
        None => {
            let accepted = all.codes.rows.iter().filter(|row| row.category == Category::Accept);
            accepted.map(|row| row.code).collect()
        }
    }
}
