//! A `reversible` while it is walked: what was found in it, told when all its paths are known.

use super::path::Paths;
use super::step::Steps;
use crate::language::check::checked::LocalId;
use crate::script_error::code::Code;
use crate::script_error::source::{Place, Span};
use crate::script_error::words::Said;
use std::collections::BTreeMap;

/// A `reversible`.
#[derive(Debug)]
pub(super) struct Region {
    /// From the word to the end of its request.
    pub(super) head: Span,
    /// The name of its request, where it has one.
    pub(super) request: Option<LocalId>,
    /// The data in its request of a card that may have been read by its chip.
    pub(super) chip: Option<Place>,
    /// How many loops are around it: a `break` with no more than these leaves it.
    pub(super) loops: usize,
    /// Every decision in it.
    pub(super) decisions: BTreeMap<Span, &'static str>,
    /// What to tell, by place and code.
    pub(super) pending: BTreeMap<(Span, Code), Pending>,
    /// A flow is called in it of which nothing is known, as it holds an error: nothing is told.
    pub(super) unknown: bool,
}

/// Something to tell about a place, with all the paths that come there.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// What it is.
    pub(super) what: What,
    /// The paths that are wrong there, and those that are not.
    pub(super) paths: Paths,
    /// How many blocks are around it, for the indentation of an edit.
    pub(super) blocks: usize,
}

/// What is wrong at a place.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A way out that may have decided nothing.
    Undecided {
        /// The way out.
        exit: Said,
        /// A statement before it can be added in front of it: it stands in a block.
        in_block: Option<bool>,
    },
    /// A second decision.
    Again,
    /// A `discard` that is not proved.
    Discard,
    /// A `commit` that is not proved.
    Commit,
    /// A `commit` before the chip was asked; its data in the request.
    Unasked(Place),
    /// The request is sent a second time.
    SentAgain,
    /// A flow is called that sends the request more than once.
    SentInside {
        /// The flow.
        flow: String,
        /// Where it does.
        steps: Steps,
    },
    /// The request is handed to a flow in a way that cannot be followed.
    Hidden {
        /// The flow.
        flow: String,
        /// It is handed over twice; otherwise inside another value.
        twice: bool,
        /// Where the flow sends it.
        steps: Steps,
    },
    /// Another request that moves money is sent.
    Another {
        /// Which.
        message: String,
        /// The flow that sends it, and where.
        by: Option<(String, Steps)>,
    },
    /// `declined` where no reply came: the name of the error, and its handler.
    NoDecline(Span),
    /// Something leaves the terminal before the sale is booked.
    Output {
        /// What is called.
        call: String,
        /// Where the flow that is called does it.
        steps: Steps,
    },
}
