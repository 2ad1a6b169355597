//! The terminal's doctor: looks at everything a payment needs, and tells a line of verdict each. No money moves.
//!
//! What can be looked at is a row of `builtin::doctor`, or a layer of `host`. A failed check is no error of a script: the
//! script is told, and goes on.

mod books;
mod equipment;
pub mod examination;
mod host;
pub mod verdict;
