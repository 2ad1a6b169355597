//! What `till explain` prints.
