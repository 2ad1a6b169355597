//! Every code has its words, and every way to show them is right.

#[path = "errors/catalogue.rs"]
mod catalogue;
#[path = "errors/json.rs"]
mod json;
#[path = "errors/pages.rs"]
mod pages;
#[path = "errors/robust.rs"]
mod robust;
#[path = "errors/samples.rs"]
mod samples;
