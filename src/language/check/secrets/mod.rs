//! The proof that card data, PINs and keys stay where they belong.

mod masked;
mod origin;
mod plain_field;
pub mod program;
mod report;
mod trail;
