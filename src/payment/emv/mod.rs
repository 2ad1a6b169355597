//! Chip data: tags, templates and lists, with their names and what their bits say.

pub mod tag;
pub mod tlv;
pub mod dictionary;
pub mod bits;
pub mod bit_table;
pub mod cardholder_verification;
pub mod dol;
pub mod issuer_script;
