//! Three books of the same money: the terminal's journal, the host's ledger, the paper. What is wrong between them, by name.

pub mod books;
pub mod compare;
pub mod violation;
