//! A simulated acquirer and issuer, behind the same port as a real host.

pub mod accounts;
pub mod acquirer;
pub mod centre;
pub mod certificates;
mod chip;
mod day;
pub mod delivery;
mod issuer;
pub mod ledger;
pub mod link;
mod reply;
pub mod sign_in;
mod transaction;
pub mod way;
