//! Message authentication codes.

use serde::{Deserialize, Serialize};

/// How a MAC is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MacAlgorithm {
    /// XOR of all blocks, as hexadecimal text, through DES twice; eight ASCII characters.
    CupEcb,
}
