//! `till message`: bytes taken apart, put together, compared, made safe to share.

pub mod command;
pub mod decode;
pub mod diff;
pub mod encode;
pub mod guess;
pub mod input;
pub mod json;
pub mod mac;
pub mod page;
pub mod redact;
pub mod wanted;
