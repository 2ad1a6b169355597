//! Which known mistake gives the value that somebody got.

pub mod mistake;
pub mod search;
pub mod key_source;
pub mod check_value;
pub mod pin_block;
pub mod mac;
