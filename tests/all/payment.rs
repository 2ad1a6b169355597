//! The payment room: money, card data, keys, messages.

#[path = "payment/card_data.rs"]
mod card_data;
#[path = "payment/dialects.rs"]
pub(crate) mod dialects;
#[path = "payment/emv.rs"]
mod emv;
#[path = "payment/framing.rs"]
mod framing;
#[path = "payment/hostile_bytes.rs"]
mod hostile_bytes;
#[path = "payment/keys.rs"]
mod keys;
#[path = "payment/messages.rs"]
mod messages;
#[path = "payment/money.rs"]
mod money;
#[path = "payment/vectors.rs"]
mod vectors;
