//! Stack enough for whatever a script may nest, whoever calls.
//!
//! What a script may nest is limited by rules that a reader can know: 64 levels, a height of 500. It must not depend on
//! the thread it is read in, nor on how large a frame this build makes. So the work begins with a stack of its own where
//! the caller's may not do.

/// What the deepest script that is not refused needs, in any build, with reserve.
const NEEDED: usize = 4 << 20;

/// What is taken where the caller has less. Only what is used of it becomes memory.
const TAKEN: usize = 16 << 20;

/// Does the work with room for it.
pub fn with_room<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(NEEDED, TAKEN, work)
}
