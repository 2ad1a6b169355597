//! The shipped flows that are killed: what each is given, and what it needs first.

use tillscript::world::port::journal::JournalState;
use tillscript::world::port::record::{Booked, Kind};

/// A flow of a shipped script.
pub(super) struct Flow {
    /// Its script, without folder and ending.
    pub(super) script: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// What it is given, from what the journal says; `None` where it cannot be started.
    pub(super) arguments: fn(&JournalState) -> Option<Vec<String>>,
    /// What has to come first, every time.
    pub(super) needs: &'static [Needs],
    /// What its host does.
    pub(super) faults: &'static [&'static str],
}

/// What has to come before a flow.
pub(super) enum Needs {
    /// Another flow, run to its end.
    Run(&'static str),
    /// A batch that is settled and not closed.
    Settled,
    /// A batch that takes transactions.
    OpenBatch,
}

impl Flow {
    /// The one of this name.
    pub(super) fn called(name: &str) -> &'static Flow {
        FLOWS.iter().find(|flow| flow.name == name).expect("a flow")
    }
}

/// A host that finds other totals, so that the batch is uploaded.
const UNBALANCED: &[&str] = &["settlement-result:2"];
/// A host whose line breaks behind every other booking or so.
const DROPS: &[&str] = &["line-drop:0200#2", "line-drop:0200#5", "line-drop:0200#9", "line-drop:0400#2"];

/// Every shipped flow that moves money or ends a day.
pub(super) const FLOWS: &[Flow] = &[
    plain("sale", "sale", |_| words(&["amount=1.00CNY"]), &[Needs::OpenBatch]),
    Flow { script: "sale", name: "sale", arguments: |_| words(&["amount=1.00CNY"]), needs: &[], faults: DROPS },
    plain("void", "void", |state| stan(state, Kind::Sale), &[Needs::OpenBatch, Needs::Run("sale")]),
    plain("refund", "refund", |_| words(&["amount=0.50CNY", "reference=010409000001", "date=0104"]), &[]),
    plain("pre_auth", "pre_auth", |_| words(&["amount=2.00CNY"]), &[]),
    plain("pre_auth_void", "pre_auth_void", |state| held(state, "2.00"), &[Needs::Run("pre_auth")]),
    plain("completion", "completion", |state| held(state, "1.50"), &[Needs::Run("pre_auth")]),
    plain("completion", "completion_notice", |state| held(state, "1.50"), &[Needs::Run("pre_auth")]),
    plain(
        "completion_void",
        "completion_void",
        |state| stan(state, Kind::Completion),
        &[Needs::Run("pre_auth"), Needs::Run("completion")],
    ),
    plain("offline_sale", "offline_sale", |_| words(&["amount=3.00CNY", "authorisation=A12345"]), &[]),
    plain("offline_sale", "chip_sale", |_| words(&["amount=3.00CNY"]), &[]),
    plain("offline_sale", "upload", |_| words(&[]), &[Needs::Run("offline_sale")]),
    plain("tip_adjust", "tip_adjust", tip, &[Needs::Run("sale")]),
    plain("script_result", "script_result", |state| stan(state, Kind::Sale), &[Needs::Run("sale")]),
    plain("settlement", "settlement", |_| words(&[]), &[Needs::OpenBatch, Needs::Run("sale")]),
    Flow {
        script: "batch_upload",
        name: "batch_upload",
        arguments: |_| words(&[]),
        needs: &[Needs::Run("sale"), Needs::Settled],
        faults: UNBALANCED,
    },
    Flow {
        script: "end_of_day",
        name: "end_of_day",
        arguments: |_| words(&[]),
        needs: &[Needs::Run("sale")],
        faults: UNBALANCED,
    },
    plain("end_of_day", "end_of_day", |_| words(&[]), &[Needs::Run("sale")]),
    plain("sign_in", "sign_in", |_| words(&[]), &[Needs::Run("sale")]),
    plain("whole_day", "whole_day", |_| words(&[]), &[]),
];

const fn plain(
    script: &'static str,
    name: &'static str,
    arguments: fn(&JournalState) -> Option<Vec<String>>,
    needs: &'static [Needs],
) -> Flow {
    Flow { script, name, arguments, needs, faults: &[] }
}

fn words(words: &[&str]) -> Option<Vec<String>> {
    Some(words.iter().map(ToString::to_string).collect())
}

/// The last transaction of this kind in the batch that nothing took back.
fn last(state: &JournalState, kind: Kind) -> Option<&Booked> {
    let stands = |booked: &&Booked| booked.kind == kind && !state.day.taken_back.contains_key(&booked.stan);
    state.in_batch().filter(stands).last()
}

fn stan(state: &JournalState, kind: Kind) -> Option<Vec<String>> {
    Some(vec![format!("stan={:06}", last(state, kind)?.stan)])
}

fn tip(state: &JournalState) -> Option<Vec<String>> {
    Some(vec![format!("stan={:06}", last(state, Kind::Sale)?.stan), "tip=0.10CNY".to_owned()])
}

/// The last pre-authorisation of the batch.
fn held(state: &JournalState, amount: &str) -> Option<Vec<String>> {
    let code = last(state, Kind::Preauth)?.authorisation.clone()?;
    Some(vec![format!("amount={amount}CNY"), format!("authorisation={code}"), "date=0105".to_owned()])
}
