//! Errors and findings as JSON lines.
