//! What a slip tells about its acquirer: the merchant number's parts, the trade in it, the fee and its parts, and what
//! differs from the cardholder's own record.
//!
//! Everything here is a hint unless it says otherwise. Which merchant a sale was cleared under is decided behind the
//! acquirer; a terminal never sees it.

pub mod division;
pub mod examine;
pub mod facts;
pub mod fee;
pub mod finding;
pub mod institution;
pub mod number;
pub mod outlook;
pub mod pair;
pub mod region;
pub mod trade;
