//! A place for what somebody works out of a program once and uses again.

use std::any::Any;
use std::fmt::{self, Debug, Formatter};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::OnceLock;

trait Kept: Any + Send + Sync + UnwindSafe + RefUnwindSafe {}

impl<T: Any + Send + Sync + UnwindSafe + RefUnwindSafe> Kept for T {}

/// What was worked out of a program when it first ran. It is no part of the program: a clone has none of it, and two
/// programs are as equal without it.
///
/// Whoever changes a program that ran must change a clone: what was worked out would not follow.
#[derive(Default)]
pub struct WorkedOut(OnceLock<Box<dyn Kept>>);

impl WorkedOut {
    /// What is kept, worked out now if it was not; `None` if something of another type is kept.
    pub fn get_or_make<T>(&self, make: impl FnOnce() -> T) -> Option<&T>
    where
        T: Any + Send + Sync + UnwindSafe + RefUnwindSafe,
    {
        let kept: &dyn Any = self.0.get_or_init(|| Box::new(make())).as_ref();
        kept.downcast_ref()
    }
}

impl Clone for WorkedOut {
    fn clone(&self) -> WorkedOut {
        WorkedOut::default()
    }
}

impl PartialEq for WorkedOut {
    fn eq(&self, _: &WorkedOut) -> bool {
        true
    }
}

impl Debug for WorkedOut {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("WorkedOut")
    }
}
