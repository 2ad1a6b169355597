//! All tests of the house, in one binary.

#[path = "all/documents.rs"]
mod documents;
#[path = "all/errors.rs"]
mod errors;
#[path = "all/house.rs"]
mod house;
#[path = "all/payment.rs"]
mod payment;
#[path = "all/reference.rs"]
mod reference;
