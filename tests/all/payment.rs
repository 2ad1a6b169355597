//! The payment room: money, card data, keys, messages.

#[path = "payment/card_data.rs"]
mod card_data;
#[path = "payment/dialects.rs"]
pub(crate) mod dialects;
#[path = "payment/emv.rs"]
mod emv;
#[path = "payment/every_form.rs"]
mod every_form;
#[path = "payment/framing.rs"]
mod framing;
#[path = "payment/hostile_bytes.rs"]
mod hostile_bytes;
#[path = "payment/key_values.rs"]
mod key_values;
#[path = "payment/keys.rs"]
mod keys;
#[path = "payment/merchant.rs"]
mod merchant;
#[path = "payment/messages.rs"]
mod messages;
#[path = "payment/money.rs"]
mod money;
#[path = "payment/parts.rs"]
mod parts;
#[path = "payment/security_module.rs"]
mod security_module;
#[path = "payment/solve.rs"]
mod solve;
#[path = "payment/vectors.rs"]
mod vectors;
