//! ISO 8583: a field is three independent choices, encoding, length and padding.

pub mod bcd;
pub mod bitmap;
pub mod canonical;
pub mod codec;
pub mod cut;
pub mod decode;
pub mod decode_error;
pub mod describe;
pub mod dialect;
pub mod ebcdic;
pub mod field;
pub mod frame;
pub mod guess;
pub mod header;
pub mod layout;
pub mod message;
pub mod message_mac;
pub mod number;
pub mod pack;
pub mod pack_error;
mod reader;
pub mod remark;
pub mod response;
pub mod row;
pub mod unpack;
pub mod view;
pub mod what_if;
