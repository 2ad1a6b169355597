//! The trade's formats and cryptography; knows nothing of scripts.

pub mod amount;
pub mod card;
pub mod currency;
pub mod emv;
pub mod hex;
pub mod iso8583;
pub mod keys;
pub mod merchant;
pub mod percent;
