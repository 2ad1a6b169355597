//! What the values in messages mean: money, lengths, dates, reversals, batches.

mod batch;
mod booking;
mod codes;
mod currency;
mod dates;
mod exclusive;
mod kinds;
mod message_currency;
mod minor;
mod numbers;
pub mod program;
mod reversal;
mod text;
mod values;
