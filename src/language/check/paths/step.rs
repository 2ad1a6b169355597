//! The places a path comes by inside the flows it calls, for the labels of a finding.

use crate::script_error::finding::Finding;
use crate::script_error::source::Place;
use crate::script_error::words::Words;
use std::rc::Rc;

/// So many places inside called flows are shown: the first calls, and what it comes to in the end.
const STEPS_MAX: usize = 4;

/// The request leaves.
pub(super) const SENT: Words = Words { zh: "请求在此发出", en: "the request leaves here" };
/// A flow is called that sends it.
pub(super) const CALLED: Words = Words { zh: "经此调用", en: "by way of this call" };
/// No reply came, or none that can be believed.
pub(super) const LOST: Words = Words { zh: "在此没有可信的应答", en: "no reply can be trusted here" };
/// The response code was looked at.
pub(super) const JUDGED: Words = Words { zh: "在此看了应答码", en: "the response code is looked at here" };
/// It leaves once more.
pub(super) const AGAIN: Words = Words { zh: "在此又发一次", en: "it leaves once more here" };
/// The customer gets something.
pub(super) const OUTPUT: Words = Words { zh: "在此交给客户", en: "handed to the customer here" };
/// A message is written out.
pub(super) const WRITTEN: Words = Words { zh: "报文在此写出", en: "the message is written here" };

/// A place, and what happens there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Where.
    pub(super) place: Place,
    /// What.
    pub(super) what: Words,
}

/// Steps in the order they are taken.
pub(super) type Steps = Rc<[Step]>;

/// One step.
pub(super) fn one(place: Place, what: Words) -> Steps {
    Rc::from([Step { place, what }])
}

/// A step, then others. A long way is clear from its beginning and its end.
pub(super) fn then(place: Place, what: Words, rest: &[Step]) -> Steps {
    let mut steps = vec![Step { place, what }];
    steps.extend(rest.iter().copied().filter(|step| step.place != place));
    if steps.len() > STEPS_MAX {
        let last = steps.split_off(steps.len() - (STEPS_MAX - 1));
        steps.truncate(1);
        steps.extend(last);
    }
    Rc::from(steps)
}

/// Shows the steps beside a finding.
pub(super) fn show(finding: Finding, steps: &[Step]) -> Finding {
    steps.iter().fold(finding, |finding, step| finding.also(step.place, step.what.zh, step.what.en))
}
