//! What a program may have more of than the format can hold.

use crate::language::bytecode::verify::calls::DEPTH_MOST;
use crate::script_error::catalogue::types;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::Place;
use crate::script_error::words::{Said, Words};

/// A limit of the format was passed. Compiling the function stops at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooLarge {
    /// Of what there is too much.
    what: Words,
    /// How many there may be.
    limit: i64,
}

/// What compiling a part gives.
pub(super) type Compiled<T> = Result<T, TooLarge>;

/// More names and intermediate values at once than registers.
pub(super) const REGISTERS: TooLarge = TooLarge {
    what: Words {
        zh: "同时使用的变量与中间值的数目", en: "variables and intermediate values in use at once"
    },
    limit: 255,
};

/// More instructions in one function than can be told apart.
pub(super) const INSTRUCTIONS: TooLarge =
    TooLarge { what: Words { zh: "指令数", en: "instructions" }, limit: 65_535 };

/// Expressions inside expressions, deeper than the compiler follows.
pub(super) const NESTING: TooLarge =
    TooLarge { what: Words { zh: "表达式的嵌套层数", en: "levels of nested expressions" }, limit: 200 };

/// More rows in a table of the program than an index can name.
pub(super) const TABLES: TooLarge = TooLarge {
    what: Words {
        zh: "程序中报文、分支表或错误的数目", en: "messages, switches or errors in the program"
    },
    limit: 65_535,
};

/// Flows that call one another, deeper than the machine goes.
pub(super) const CALLS: TooLarge = TooLarge {
    what: Words { zh: "逐层调用的层数", en: "levels of flows that call one another" },
    limit: DEPTH_MOST as i64,
};

/// An amount that a machine word cannot hold.
pub(super) const AMOUNT: TooLarge = TooLarge {
    what: Words { zh: "金额（最小货币单位）", en: "minor units in an amount" },
    limit: 9_007_199_254_740_991,
};

impl TooLarge {
    /// The finding for a function.
    pub(super) fn finding(self, flow: &str, place: Place) -> Finding {
        Finding::error(types::FLOW_TOO_LARGE, place)
            .text("flow", flow)
            .fact("what", Fact::Said(Said::from(self.what)))
            .fact("limit", Fact::Count(self.limit))
    }
}
