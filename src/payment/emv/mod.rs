//! Chip data: tags, templates and lists, with their names and what their bits say.

pub mod bit_table;
pub mod bits;
pub mod cardholder_verification;
pub mod cryptogram;
pub mod dictionary;
pub mod dol;
pub mod issuer_script;
pub mod tag;
pub mod tlv;
