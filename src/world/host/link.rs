//! The simulated line: what gets through, and when.

use super::acquirer::{Acquirer, Request};
use super::delivery::{Delivery, deliver, deliver_unseen};
use super::way::{self, Line, Way};
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::script_error::words::Said;
use crate::world::crash::camera::{self, Moment, Wire};
use crate::world::fault::{Fault, Faults};
use crate::world::port::host_link::{HostLink, LinkFailure, NotReached, closed_after};
use crate::world::port::waited::Waited;
use crate::world::saved::Keeper;
use crate::world::stage::{SharedStage, Stage};
use zeroize::Zeroizing;

/// A line to the host in this process.
pub struct SimulatedLink {
    /// Where host and faults are.
    pub stage: SharedStage,
    /// Keeps what the host remembers.
    pub keeper: Keeper,
    /// Why the last exchange failed.
    pub detail: Option<Said>,
}

/// How long a reply takes.
const REPLY_MS: i64 = 350;
/// How long a try to connect takes to fail.
pub(in crate::world) const CONNECT_MS: i64 = 3_000;

impl HostLink for SimulatedLink {
    fn detail(&mut self) -> Option<Said> {
        self.detail.take()
    }

    fn exchange(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        self.detail = None;
        let waited = self.transfer(frame, within_ms);
        // The host is another machine: what it has booked survives whatever happens to the terminal.
        self.keeper.keep(&self.stage.borrow());
        camera::pass(&self.stage, Moment::Wire(Wire::Answered));
        waited
    }

    fn more(&mut self, within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        match self.stage.borrow_mut().line.next() {
            Some(frame) => Waited::new(0, Ok(frame.to_vec())),
            None => Waited::new(within_ms, Err(LinkFailure::Timeout)),
        }
    }

    fn reach(&mut self, _at: usize, within_ms: i64) -> Waited<Result<(), NotReached>> {
        if line_fails(&mut self.stage.borrow_mut().faults) {
            return Waited::new(CONNECT_MS.min(within_ms), Err(no_line()));
        }
        Waited::new(0, Ok(()))
    }
}

impl SimulatedLink {
    fn transfer(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        // A terminal without power sends nothing.
        if camera::pass(&self.stage, Moment::Wire(Wire::HandedOver)) {
            return Waited::new(0, Err(LinkFailure::Timeout));
        }
        let waited = self.carry(frame, within_ms);
        if camera::pass(&self.stage, Moment::Wire(Wire::AtHost)) {
            return Waited::new(0, Err(LinkFailure::Timeout));
        }
        waited
    }

    fn carry(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        let mut stage = self.stage.borrow_mut();
        let stage = &mut *stage;
        stage.line.clear();
        if line_fails(&mut stage.faults) {
            return Waited::new(CONNECT_MS.min(within_ms), Err(LinkFailure::NoLine));
        }
        let request = stage.acquirer.read(frame).ok();
        let message = request.as_ref().map(|request| request.message.as_ref());
        let mti = message.map(|message| message.mti);
        stage.line.note(message, &stage.acquirer.dialect);
        let way = stage.faults.set_out(mti, mti.is_some_and(way::is_financial));
        match way {
            Some(Way::Refused) => return Waited::new(0, Err(LinkFailure::NoLine)),
            Some(Way::ConnectHangs) => return Waited::new(within_ms, Err(LinkFailure::NoLine)),
            _ => {}
        }
        // The answer to an upload carries no MAC: whoever forges it speaks for the host, and no terminal can tell.
        let is_upload = mti == Some(UPLOAD);
        let is_heard = is_upload || way != Some(Way::Forged) && is_reversal(&stage.acquirer.dialect, mti);
        // What was held up on the line comes after this message.
        let Stage { acquirer, faults, line, now_ms, .. } = stage;
        let earlier = line.take_stale();
        let waited = match (way, &request) {
            (Some(Way::Forged), Some(request)) => match acquirer.forged(request, *now_ms) {
                Some(bytes) => Waited::new(REPLY_MS, Ok(bytes)),
                None => Waited::new(within_ms, Err(LinkFailure::Timeout)),
            },
            _ => on_the_way(way, acquirer, faults, line, frame, request.as_ref(), *now_ms, within_ms, &mut self.detail),
        };
        if let (Ok(reply), true) = (&waited.result, is_heard) {
            let reply = acquirer.read(reply).ok();
            let message = request.as_ref().map(|request| request.message.as_ref());
            line.answered(message, reply.as_ref().map(|reply| reply.message.as_ref()), &acquirer.dialect);
        }
        way::arrive(line, acquirer, faults, *now_ms, false);
        match way {
            Some(Way::RepeatedLater | Way::DelayedRequest) => line.hold(frame, true),
            Some(Way::StrandedRequest) => line.hold(frame, false),
            _ => {}
        }
        if earlier.is_empty() {
            return waited;
        }
        // They come first; what this message gets follows them on the line.
        let after_ms = waited.after_ms;
        let mut frames = earlier.into_iter();
        let first = frames.next().map(|frame| frame.to_vec()).unwrap_or_default();
        frames.for_each(|frame| line.follow_with(frame));
        if let Ok(reply) = waited.result {
            line.follow_with(Zeroizing::new(reply));
        }
        Waited::new(after_ms.min(REPLY_MS), Ok(first))
    }
}

/// What brings the details of a batch.
const UPLOAD: Mti = Mti(320);

fn is_reversal(dialect: &Dialect, mti: Option<Mti>) -> bool {
    dialect.reversal.as_ref().is_some_and(|rule| Some(rule.mti) == mti)
}

/// Lets the host deal with a message, if it arrives, and lets its reply come back, if it does.
#[allow(clippy::too_many_arguments, reason = "they are parts of one stage, borrowed one by one")]
fn on_the_way(
    way: Option<Way>,
    acquirer: &mut Acquirer,
    faults: &mut Faults,
    line: &mut Line,
    frame: &[u8],
    read: Option<&Request>,
    now_ms: i64,
    within_ms: i64,
    detail: &mut Option<Said>,
) -> Waited<Result<Vec<u8>, LinkFailure>> {
    let timeout = Waited::new(within_ms, Err(LinkFailure::Timeout));
    let mut broken = |bytes: usize| {
        *detail = Some(closed_after(bytes));
        Waited::new(REPLY_MS.min(within_ms), Err(LinkFailure::Dropped))
    };
    let arriving = match way {
        Some(Way::LostRequest | Way::DelayedRequest | Way::StrandedRequest) => return timeout,
        Some(Way::ClosedBefore) => return broken(0),
        Some(Way::HalfRequest) => Some(Zeroizing::new(frame.get(..frame.len() / 2).unwrap_or_default().to_vec())),
        Some(Way::FlippedRequest) => Some(way::flipped(&acquirer.dialect, frame)),
        _ => None,
    };
    let read = read.filter(|_| arriving.is_none());
    let arriving = arriving.as_ref().map_or(frame, |changed| changed.as_slice());
    let delivery = match read {
        Some(request) => deliver_unseen(acquirer, faults, request, now_ms),
        None => deliver(acquirer, faults, arriving, now_ms).delivery,
    };
    if way == Some(Way::DoubledRequest)
        && let Delivery::Reply { bytes, .. } = deliver(acquirer, faults, arriving, now_ms).delivery
    {
        line.keep_reply(&bytes);
    }
    let (after_ms, bytes) = match delivery {
        Delivery::Silence => return timeout,
        Delivery::Break { bytes } => return broken(bytes.len()),
        Delivery::Reply { after_ms, bytes } => (after_ms.unwrap_or(REPLY_MS), bytes),
    };
    // What comes too late comes to a line that is closed.
    if after_ms >= within_ms {
        return timeout;
    }
    let here = |bytes: Vec<u8>| Waited::new(after_ms, Ok(bytes));
    match way {
        Some(Way::ReplyLater) => {
            line.keep_reply(&bytes);
            timeout
        }
        Some(Way::DoubledReply) => {
            line.keep_reply(&bytes);
            here(bytes)
        }
        Some(Way::SlowReply) => {
            let needed = i64::try_from(bytes.len()).unwrap_or(i64::MAX).saturating_mul(1_000);
            if needed >= within_ms { timeout } else { Waited::new(needed, Ok(bytes)) }
        }
        Some(Way::Noise) => here(way::noise(bytes.len())),
        Some(Way::FlippedReply) => here(way::flipped(&acquirer.dialect, &bytes).to_vec()),
        Some(Way::WrongLength(lie)) => here(lie.tell(&acquirer.dialect, &bytes).to_vec()),
        Some(Way::LastByteMissing) => broken(bytes.len().saturating_sub(1)),
        Some(Way::ClosedAfter) => broken(0),
        Some(Way::SendError) => Waited::new(0, Err(LinkFailure::Dropped)),
        Some(Way::TwoFrames) => {
            // Its own request comes back first: whoever takes it for the reply takes anything.
            line.follow_with(Zeroizing::new(bytes));
            here(frame.to_vec())
        }
        _ => here(bytes),
    }
}

/// What is said of a simulated line that is down.
pub(in crate::world) fn no_line() -> NotReached {
    NotReached { at_tls: false, why: Said::new("连接未建立", "no connection was made") }
}

/// True if the simulated line does not let the terminal connect this time.
pub(in crate::world) fn line_fails(faults: &mut Faults) -> bool {
    let unstable = faults.count_down(|fault| match fault {
        Fault::Unstable { tries } => Some(tries),
        _ => None,
    });
    unstable || faults.has(Fault::NoLine)
}
