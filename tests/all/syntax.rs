//! Parsing: every construct, every mistake, hostile texts.

#[path = "syntax/constructs.rs"]
mod constructs;
#[path = "syntax/hostile.rs"]
mod hostile;
#[path = "syntax/lossless.rs"]
mod lossless;
#[path = "syntax/mistakes.rs"]
mod mistakes;
#[path = "syntax/outline.rs"]
mod outline;
#[path = "syntax/readers.rs"]
mod readers;
#[path = "syntax/roll.rs"]
mod roll;
