//! Who was charged once, twice, or not: each transaction of a journal held against the entries of an extract.

use super::extract::{Entry, Extract};
use crate::payment::amount::Amount;
use crate::script_error::words::Words;
use crate::world::journal::history::{End, Transaction};
use crate::world::port::record::Kind;
use std::collections::BTreeMap;

/// What came of holding one transaction against the extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Finding {
    /// Both say the same, and money moved.
    ChargedOnce,
    /// Both say the same, and no money moved.
    NotCharged,
    /// It stands at the host more than once.
    ChargedTwice,
    /// It stands at the host, and the terminal says that it does not.
    ChargedWrongly,
    /// It stands at the host, and its reversal waits in the terminal.
    ReversalWaits,
    /// Nothing stands at the host; a reversal waits all the same.
    ReversalWaitsForNothing,
    /// A notice of it waits in the terminal: the host has it as soon as it has answered.
    NoticeWaits,
    /// The terminal has booked it; at the host nothing stands.
    NotAtHost,
    /// Both have it, with different amounts.
    AmountsDiffer,
    /// The host has it, and the terminal knows nothing of it.
    NotInJournal,
}

impl Finding {
    /// All of them, those that need something done first.
    pub const ALL: [Finding; 10] = [
        Finding::ChargedTwice,
        Finding::ChargedWrongly,
        Finding::NotInJournal,
        Finding::AmountsDiffer,
        Finding::NotAtHost,
        Finding::ReversalWaits,
        Finding::ReversalWaitsForNothing,
        Finding::NoticeWaits,
        Finding::ChargedOnce,
        Finding::NotCharged,
    ];

    /// As JSON writes it.
    pub fn word(self) -> &'static str {
        match self {
            Finding::ChargedOnce => "charged_once",
            Finding::NotCharged => "not_charged",
            Finding::ChargedTwice => "charged_twice",
            Finding::ChargedWrongly => "charged_wrongly",
            Finding::ReversalWaits => "reversal_waits",
            Finding::ReversalWaitsForNothing => "reversal_waits_for_nothing",
            Finding::NoticeWaits => "notice_waits",
            Finding::NotAtHost => "not_at_host",
            Finding::AmountsDiffer => "amounts_differ",
            Finding::NotInJournal => "not_in_journal",
        }
    }

    /// True where terminal and host agree.
    pub fn agrees(self) -> bool {
        matches!(self, Finding::ChargedOnce | Finding::NotCharged)
    }

    /// What it is, for people.
    pub fn about(self) -> Words {
        match self {
            Finding::ChargedOnce => Words { zh: "扣款一次，相符", en: "charged once; both agree" },
            Finding::NotCharged => Words { zh: "未扣款，相符", en: "not charged; both agree" },
            Finding::ChargedTwice => Words { zh: "扣款不止一次", en: "charged more than once" },
            Finding::ChargedWrongly => Words {
                zh: "主机已扣款，终端记为不成立",
                en: "charged at the host; the terminal says that it does not stand",
            },
            Finding::ReversalWaits => {
                Words { zh: "主机已扣款，冲正在等待", en: "charged at the host; its reversal waits" }
            }
            Finding::ReversalWaitsForNothing => Words {
                zh: "主机没有扣款，冲正仍在等待",
                en: "not charged at the host; a reversal waits all the same",
            },
            Finding::NoticeWaits => Words { zh: "通知在等待发送", en: "its notice waits to be sent" },
            Finding::NotAtHost => {
                Words { zh: "终端记为成功，主机没有", en: "the terminal has booked it; the host has not" }
            }
            Finding::AmountsDiffer => Words { zh: "金额不同", en: "the amounts differ" },
            Finding::NotInJournal => {
                Words { zh: "主机有，终端日志没有", en: "the host has it; the journal does not" }
            }
        }
    }

    /// What to do; empty where there is nothing to do.
    pub fn to_do(self) -> Words {
        match self {
            Finding::ChargedOnce | Finding::NotCharged => Words { zh: "", en: "" },
            Finding::ChargedTwice => Words {
                zh: "请收单机构凭参考号退回多扣的一笔；持卡人只应付一次。",
                en: "Ask the acquirer to give the extra one back, by its reference; the cardholder owes one.",
            },
            Finding::ChargedWrongly => Words {
                zh: "请收单机构凭参考号退回；持卡人没有拿到商品的凭据。",
                en: "Ask the acquirer to give it back, by its reference; the cardholder has no slip for it.",
            },
            Finding::ReversalWaits => Words {
                zh: "让终端联机做一笔任意交易，冲正会先发出；之后再对一次账。",
                en: "Let the terminal go online with any transaction: the reversal goes out first. Then reconcile again.",
            },
            Finding::ReversalWaitsForNothing => Words {
                zh: "让终端联机一次；主机会答复无原交易，冲正随之结束。",
                en: "Let the terminal go online once: the host will say that there is no original, and the reversal ends.",
            },
            Finding::NoticeWaits => Words {
                zh: "让终端联机一次，通知会先发出；之后再对一次账。",
                en: "Let the terminal go online once: the notice goes out. Then reconcile again.",
            },
            Finding::NotAtHost => Words {
                zh: "持卡人没有被扣款。查摘录的日期范围；确实没有的，凭签购单向收单机构补请款，勿自行重做。",
                en: "The cardholder was not charged. Check the dates of the extract; if it is really missing, claim it from the acquirer with the slip. Do not simply sell again.",
            },
            Finding::AmountsDiffer => Words {
                zh: "以签购单为准，请收单机构更正差额。",
                en: "The slip counts: ask the acquirer to correct the difference.",
            },
            Finding::NotInJournal => Words {
                zh: "查是否属于另一台终端、另一批次或恢复备份之前的日志；都不是的，请收单机构说明。",
                en: "See whether it belongs to another terminal, another batch, or a journal from before a backup was restored; if not, ask the acquirer what it is.",
            },
        }
    }
}

/// One line of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// What came of it.
    pub finding: Finding,
    /// Batch, 0 if nobody says.
    pub batch: u32,
    /// Trace number, 0 if nobody says.
    pub stan: u32,
    /// As the terminal has it.
    pub terminal: Option<Amount>,
    /// As the host has it.
    pub host: Option<Amount>,
    /// The references of the entries that stand at the host, else the terminal's.
    pub references: Vec<String>,
    /// The card, masked, as the journal has it.
    pub card: String,
    /// Lines of the extract.
    pub lines: Vec<usize>,
}

/// Holds every transaction that is about money against the extract, and every entry of the extract against the journal.
///
/// An entry belongs to a transaction by batch and trace number; without a trace number, by its reference. Entries of
/// another terminal are left out if `terminal` says which one this is.
pub fn compare(transactions: &[Transaction], extract: &Extract, terminal: Option<&str>) -> Vec<Compared> {
    let is_ours = |entry: &&Entry| match (terminal, &entry.terminal) {
        (Some(own), Some(named)) => own == named,
        _ => true,
    };
    let entries: Vec<&Entry> = extract.entries.iter().filter(is_ours).collect();
    let mut by_stan: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut by_reference: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        match (entry.stan, &entry.reference) {
            (Some(stan), _) => by_stan.entry(stan).or_default().push(at),
            (None, Some(reference)) => by_reference.entry(reference).or_default().push(at),
            (None, None) => {}
        }
    }
    let mut used = vec![false; entries.len()];
    let mut all = Vec::new();
    for transaction in transactions.iter().filter(|transaction| transaction.kind() != Some(Kind::Balance)) {
        let reference = transaction.booked.as_ref().and_then(|booked| booked.reference.as_deref());
        let candidates = by_stan.get(&transaction.stan).into_iter().flatten();
        let candidates =
            candidates.chain(reference.and_then(|reference| by_reference.get(reference)).into_iter().flatten());
        let mut own: Vec<&Entry> = Vec::new();
        for at in candidates {
            let (Some(entry), Some(used)) = (entries.get(*at), used.get_mut(*at)) else { continue };
            if *used || entry.batch.is_some_and(|batch| batch != transaction.batch) {
                continue;
            }
            // A number comes again after some time; where both have a reference, it decides.
            if let (Some(ours), Some(theirs), None) = (reference, &entry.reference, entry.batch)
                && ours != theirs
                && entry.stands
            {
                continue;
            }
            *used = true;
            own.push(entry);
        }
        all.push(one(transaction, &own));
    }
    for (entry, _) in entries.iter().zip(&used).filter(|(entry, used)| !**used && entry.stands) {
        all.push(Compared {
            finding: Finding::NotInJournal,
            batch: entry.batch.unwrap_or(0),
            stan: entry.stan.unwrap_or(0),
            terminal: None,
            host: Some(entry.amount),
            references: entry.reference.iter().cloned().collect(),
            card: String::new(),
            lines: vec![entry.line],
        });
    }
    all
}

fn one(transaction: &Transaction, entries: &[&Entry]) -> Compared {
    let standing: Vec<&&Entry> = entries.iter().filter(|entry| entry.stands).collect();
    let amount = transaction.amount;
    let differs = standing.iter().any(|entry| {
        amount
            .is_some_and(|amount| amount.minor.abs() != entry.amount.minor || amount.currency != entry.amount.currency)
    });
    let finding = match (&transaction.end, standing.len()) {
        (End::Booked, 0) => Finding::NotAtHost,
        (_, 2..) => Finding::ChargedTwice,
        (End::Booked, _) if differs => Finding::AmountsDiffer,
        (End::Booked, _) => Finding::ChargedOnce,
        (End::Waiting { .. } | End::Open, 0) => Finding::ReversalWaitsForNothing,
        (End::Waiting { .. } | End::Open, _) => Finding::ReversalWaits,
        (End::Unheard, _) => Finding::NoticeWaits,
        (_, 0) => Finding::NotCharged,
        // An adjustment that the host keeps as an entry of its own.
        (End::Told, _) => Finding::ChargedOnce,
        (
            End::Discarded
            | End::NeverSent { .. }
            | End::Reversed { .. }
            | End::Refused { .. }
            | End::Cleared { .. }
            | End::ChipDeclined,
            _,
        ) => Finding::ChargedWrongly,
    };
    let mut references: Vec<String> = standing.iter().filter_map(|entry| entry.reference.clone()).collect();
    if references.is_empty() {
        references.extend(transaction.booked.as_ref().and_then(|booked| booked.reference.clone()));
    }
    Compared {
        finding,
        batch: transaction.batch,
        stan: transaction.stan,
        terminal: amount,
        host: standing.first().map(|entry| entry.amount),
        references,
        card: transaction.card.clone(),
        lines: entries.iter().map(|entry| entry.line).collect(),
    }
}
