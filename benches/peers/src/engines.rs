//! The engines that this program was built with. Till is not among them: `examples/beside.rs` of its own package does the same.

use crate::work::Engine;

#[cfg(feature = "boa")]
#[path = "boa.rs"]
mod boa;
#[cfg(feature = "koto")]
#[path = "koto.rs"]
mod koto;
#[cfg(any(feature = "lua54", feature = "luajit"))]
#[path = "lua.rs"]
mod lua;
#[path = "native.rs"]
mod native;
#[cfg(feature = "rhai")]
#[path = "rhai.rs"]
mod rhai;
#[cfg(feature = "rune")]
#[path = "rune.rs"]
mod rune;
#[cfg(feature = "starlark")]
#[path = "starlark.rs"]
mod starlark;
#[cfg(feature = "wasmi")]
#[path = "wasmi.rs"]
mod wasmi;

/// All of them.
pub const ENGINES: &[&Engine] = &[
    &native::ENGINE,
    &native::PACKED,
    #[cfg(any(feature = "lua54", feature = "luajit"))]
    &lua::ENGINE,
    #[cfg(feature = "starlark")]
    &starlark::ENGINE,
    #[cfg(feature = "rune")]
    &rune::ENGINE,
    #[cfg(feature = "koto")]
    &koto::ENGINE,
    #[cfg(feature = "rhai")]
    &rhai::ENGINE,
    #[cfg(feature = "boa")]
    &boa::ENGINE,
    #[cfg(feature = "wasmi")]
    &wasmi::ENGINE,
];

/// The engine with this name.
pub fn find(name: &str) -> Option<&'static Engine> {
    ENGINES.iter().copied().find(|engine| engine.name == name)
}
