//! A simulated acquirer and issuer in this process, behind the same port as a real host.

pub mod acquirer;
mod issuer;
pub mod ledger;
pub mod link;
mod reply;
mod sign_in;
