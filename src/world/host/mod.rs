//! A simulated acquirer and issuer, behind the same port as a real host.

pub mod accounts;
pub mod acquirer;
pub mod centre;
pub mod delivery;
mod issuer;
pub mod ledger;
pub mod link;
mod reply;
mod sign_in;
pub mod way;
