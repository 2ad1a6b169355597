//! Keys, PIN blocks and MACs.

pub mod block_cipher;
pub mod card_values;
pub mod check_value;
pub mod cipher;
pub mod dukpt;
pub mod dukpt_aes;
pub mod issuer_keys;
pub mod key_block;
pub mod mac;
pub mod mac_method;
pub mod parity;
pub mod pin_block;
pub mod pin_block_wide;
pub mod secret_key;
pub mod security_module;
pub mod sign_in;
pub mod sm3;
pub mod software_module;
pub mod solve;
pub mod track_cipher;
pub mod transaction_key;
