//! Keys, PIN blocks and MACs.

pub mod block_cipher;
pub mod cipher;
pub mod secret_key;
pub mod check_value;
pub mod parity;
pub mod mac;
pub mod mac_method;
pub mod pin_block;
pub mod pin_block_wide;
pub mod sign_in;
pub mod dukpt;
pub mod dukpt_aes;
pub mod key_block;
pub mod card_values;
pub mod track_cipher;
pub mod issuer_keys;
pub mod sm3;
pub mod security_module;
pub mod software_module;
pub mod solve;
