//! Defects that are planted on purpose, to see that torture finds them. They live beside the simulated world: no terminal
//! that is not on a test bench can have one.

pub mod hunt;
pub mod journal;
pub mod line;
pub mod rows;
