//! ISO 8583: a field is three independent choices, encoding, length and padding.

pub mod bcd;
pub mod bitmap;
pub mod canonical;
pub mod cut;
pub mod describe;
pub mod dialect;
pub mod field;
pub mod frame;
pub mod message;
pub mod message_mac;
pub mod pack;
pub mod pack_error;
mod reader;
pub mod response;
pub mod unpack;
pub mod unpack_error;
