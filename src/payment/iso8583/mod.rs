//! ISO 8583: a field is three independent choices, encoding, length and padding.

// pub mod bitmap;
pub mod dialect;
pub mod field;
// pub mod message;
// pub mod pack;
pub mod response;
// pub mod unpack;
