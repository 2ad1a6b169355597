//! The simulated world as a test bench for power cuts: a disk that forgets, a camera for every moment, worlds to go on with.

pub mod camera;
pub mod disk;
pub mod outside;
