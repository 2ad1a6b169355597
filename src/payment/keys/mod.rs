//! Keys, PIN blocks and MACs.

pub mod check_value;
pub mod cipher;
pub mod mac;
pub mod pin_block;
pub mod sign_in;
