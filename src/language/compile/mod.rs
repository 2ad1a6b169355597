//! From checked trees to a program.
