//! What a run may use.

use serde::{Deserialize, Serialize};

/// The limits of one run, besides the instructions it is granted. Past each there is a code and a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of texts, lists, records, messages and errors together: `T8002`.
    pub heap_bytes: u32,
    /// Bytes of one text: `T8003`.
    pub text_bytes: u32,
    /// Members of one list: `T8004`.
    pub list_members: u32,
    /// Functions that call one another: `T8005`.
    pub depth: u16,
    /// Errors kept with their facts and traces; older ones keep their code only.
    pub errors_kept: u16,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            heap_bytes: 4 << 20,
            text_bytes: 64 << 10,
            list_members: 10_000,
            depth: Limits::DEPTH_MAX,
            errors_kept: 64,
        }
    }
}

impl Limits {
    /// No run is deeper, whatever it is granted.
    pub const DEPTH_MAX: u16 = 64;

    /// The limits, none larger than a slot can address.
    pub(super) fn bounded(self) -> Limits {
        const ADDRESSABLE: u32 = 1 << 29;
        Limits {
            heap_bytes: self.heap_bytes.min(ADDRESSABLE),
            text_bytes: self.text_bytes.min(ADDRESSABLE),
            list_members: self.list_members.min(ADDRESSABLE),
            depth: self.depth.clamp(1, Limits::DEPTH_MAX),
            errors_kept: self.errors_kept.max(1),
        }
    }
}
