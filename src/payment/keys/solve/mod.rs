//! Which known mistake gives the value that somebody got.

pub mod check_value;
pub mod key_source;
pub mod mac;
pub mod mistake;
pub mod pin_block;
pub mod search;
