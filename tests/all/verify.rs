//! The verifier: what is compiled passes, what is forged is refused or harmless.

#[path = "verify/compiled.rs"]
mod compiled;
#[path = "verify/forged.rs"]
mod forged;
#[path = "verify/large.rs"]
mod large;
#[path = "verify/operands.rs"]
mod operands;
#[path = "verify/rules.rs"]
mod rules;
#[path = "verify/shapes.rs"]
mod shapes;
#[path = "verify/values.rs"]
mod values;
