//! Shows an error to a person.
