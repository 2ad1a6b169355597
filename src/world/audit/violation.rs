//! What can be wrong between journal, ledger and paper.

use crate::payment::amount::Amount;
use crate::script_error::words::{Said, Words};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Violation {
    /// What.
    pub what: Wrong,
    /// The batch of the transaction; 0 where it is about none.
    pub batch: u32,
    /// Its trace number; 0 where it is about none.
    pub stan: u32,
    /// As the terminal has it.
    pub terminal: Option<Minor>,
    /// As the host has it.
    pub host: Option<Minor>,
    /// What else is known.
    pub detail: String,
}

/// An amount as it is ordered and compared here: minor units and the currency's number.
pub type Minor = (i64, u16);

/// The kinds of wrong. The order is that of how bad each is for somebody's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wrong {
    /// More than one live authorisation for one transaction.
    Doubled,
    /// Live at the host; the terminal knows nothing of it, or took it back.
    Orphan,
    /// The terminal has booked it; nothing is live at the host.
    Lost,
    /// The chip declined it in the end; the terminal has booked it all the same.
    ChipDeclined,
    /// Terminal and host have different amounts.
    AmountsDiffer,
    /// The totals differ although each transaction agrees.
    TotalsDiffer,
    /// A reversal or a notice still waits when all is over.
    Pending,
    /// A trace number was used for two requests.
    StanReused,
    /// The journal cannot be read any more.
    Unreadable,
    /// The terminal cannot be used any more.
    Unusable,
    /// It goes on and on sending.
    Restless,
    /// The journal says that the slip is on paper; it is not.
    SlipMissing,
    /// Two slips that look the same, neither marked as a copy.
    SlipDoubled,
    /// A slip for a transaction that does not stand.
    SlipOfNothing,
    /// The slip shows another amount.
    SlipAmount,
    /// The batch is closed, and the host has no certificate of a transaction that a chip said yes to.
    CertificateMissing,
    /// The host was given the certificate of a transaction more than once, or another one.
    CertificateDoubled,
    /// The host confirmed the reversal, or refused the notice, and charged all the same. No terminal can prevent it; it is
    /// reported by name.
    HostKeptIt,
    /// The host said of a notice that it has it already (94), and does not. No terminal can prevent that either.
    HostLacksIt,
    /// An answer to the upload, which carries no MAC, took or refused the certificate, and the host has none. No terminal can prevent
    /// that.
    HostLacksCertificate,
    /// Between two requests of the script something outside changed.
    MachineTouchedWorld,
}

impl Wrong {
    /// All of them.
    pub const ALL: [Wrong; 21] = [
        Wrong::Doubled,
        Wrong::Orphan,
        Wrong::Lost,
        Wrong::ChipDeclined,
        Wrong::AmountsDiffer,
        Wrong::TotalsDiffer,
        Wrong::Pending,
        Wrong::StanReused,
        Wrong::Unreadable,
        Wrong::Unusable,
        Wrong::Restless,
        Wrong::SlipMissing,
        Wrong::SlipDoubled,
        Wrong::SlipOfNothing,
        Wrong::SlipAmount,
        Wrong::CertificateMissing,
        Wrong::CertificateDoubled,
        Wrong::HostKeptIt,
        Wrong::HostLacksIt,
        Wrong::HostLacksCertificate,
        Wrong::MachineTouchedWorld,
    ];

    /// True for what the host does and no terminal can prevent.
    pub fn is_of_host(self) -> bool {
        matches!(self, Wrong::HostKeptIt | Wrong::HostLacksIt | Wrong::HostLacksCertificate)
    }

    /// As JSON and tables write it.
    pub fn word(self) -> &'static str {
        match self {
            Wrong::Doubled => "doubled",
            Wrong::Orphan => "orphan",
            Wrong::Lost => "lost",
            Wrong::ChipDeclined => "chip_declined",
            Wrong::AmountsDiffer => "amounts_differ",
            Wrong::TotalsDiffer => "totals_differ",
            Wrong::Pending => "pending",
            Wrong::StanReused => "stan_reused",
            Wrong::Unreadable => "unreadable",
            Wrong::Unusable => "unusable",
            Wrong::Restless => "restless",
            Wrong::SlipMissing => "slip_missing",
            Wrong::SlipDoubled => "slip_doubled",
            Wrong::SlipOfNothing => "slip_of_nothing",
            Wrong::SlipAmount => "slip_amount",
            Wrong::CertificateMissing => "certificate_missing",
            Wrong::CertificateDoubled => "certificate_doubled",
            Wrong::HostKeptIt => "host_kept_it",
            Wrong::HostLacksIt => "host_lacks_it",
            Wrong::HostLacksCertificate => "host_lacks_certificate",
            Wrong::MachineTouchedWorld => "machine_touched_world",
        }
    }

    /// What it means for people.
    pub fn about(self) -> Words {
        match self {
            Wrong::Doubled => Words { zh: "同一笔扣了不止一次", en: "charged more than once" },
            Wrong::Orphan => Words {
                zh: "主机上已扣款，终端却没有这笔成功的交易",
                en: "charged at the host, and the terminal has no such transaction",
            },
            Wrong::Lost => Words {
                zh: "终端记为成功，主机上却没有扣款",
                en: "booked by the terminal, and nothing is charged at the host",
            },
            Wrong::ChipDeclined => Words {
                zh: "芯片最后拒绝了，终端却记为成功",
                en: "the chip declined it in the end, and the terminal has booked it",
            },
            Wrong::AmountsDiffer => {
                Words { zh: "终端与主机金额不同", en: "terminal and host have different amounts" }
            }
            Wrong::TotalsDiffer => {
                Words { zh: "终端与主机总额不同", en: "the totals of terminal and host differ" }
            }
            Wrong::Pending => Words {
                zh: "一切结束后仍有冲正或通知在等待",
                en: "a reversal or a notice still waits when all is over",
            },
            Wrong::StanReused => Words { zh: "流水号用了两次", en: "a trace number was used twice" },
            Wrong::Unreadable => Words { zh: "日志再也读不出", en: "the journal cannot be read any more" },
            Wrong::Unusable => Words { zh: "终端此后无法做交易", en: "the terminal cannot be used any more" },
            Wrong::Restless => Words { zh: "恢复时报文发个不停", en: "recovery goes on and on sending" },
            Wrong::SlipMissing => Words {
                zh: "日志说签购单已打印，纸上却没有",
                en: "the journal says that the slip is on paper, and it is not",
            },
            Wrong::SlipDoubled => Words {
                zh: "两张相同的签购单，都没有重印标记",
                en: "two equal slips, and neither is marked as a copy",
            },
            Wrong::SlipOfNothing => Words {
                zh: "有签购单，交易却不成立",
                en: "there is a slip, and the transaction does not stand",
            },
            Wrong::SlipAmount => Words { zh: "签购单上是另一个金额", en: "the slip shows another amount" },
            Wrong::CertificateMissing => Words {
                zh: "批次已关闭，主机却没有这笔的交易证书（TC）",
                en: "the batch is closed, and the host has no certificate (TC) of this transaction",
            },
            Wrong::CertificateDoubled => Words {
                zh: "同一笔的交易证书（TC）上送了不止一次",
                en: "the certificate (TC) of a transaction was uploaded more than once",
            },
            Wrong::HostKeptIt => Words {
                zh: "主机确认了冲正或拒收了通知，却仍然扣着款：须与主机对账",
                en: "the host confirmed the reversal, or refused the notice, and charged all the same: reconcile with it",
            },
            Wrong::HostLacksIt => Words {
                zh: "主机说已有这笔通知（94），账上却没有：须与主机对账",
                en: "the host said that it has this notice already (94), and has not: reconcile with it",
            },
            Wrong::HostLacksCertificate => Words {
                zh: "批上送的应答（没有 MAC）说已收下或拒收交易证书（TC），主机却没有",
                en: "the answer to the upload, which carries no MAC, took or refused the certificate (TC), and the host has none",
            },
            Wrong::MachineTouchedWorld => Words {
                zh: "两个请求之间，外部状态变了",
                en: "something outside changed between two requests",
            },
        }
    }
}

impl Violation {
    /// About no single transaction.
    pub fn of(what: Wrong, detail: impl Into<String>) -> Violation {
        Violation { what, batch: 0, stan: 0, terminal: None, host: None, detail: detail.into() }
    }

    /// About one transaction.
    pub fn at(what: Wrong, batch: u32, stan: u32) -> Violation {
        Violation { batch, stan, ..Violation::of(what, "") }
    }

    /// In a sentence.
    pub fn said(&self) -> Said {
        let about = self.what.about();
        let amount = |minor: Option<Minor>| minor.and_then(amount_of).map(|amount| amount.to_string());
        let (mut zh, mut en) = (about.zh.to_owned(), about.en.to_owned());
        if self.stan > 0 {
            zh.push_str(&format!("：流水号 {:06}，批次 {:06}", self.stan, self.batch));
            en.push_str(&format!(": trace number {:06}, batch {:06}", self.stan, self.batch));
        }
        if let Some(terminal) = amount(self.terminal) {
            zh.push_str(&format!("，终端 {terminal}"));
            en.push_str(&format!(", terminal {terminal}"));
        }
        if let Some(host) = amount(self.host) {
            zh.push_str(&format!("，主机 {host}"));
            en.push_str(&format!(", host {host}"));
        }
        if !self.detail.is_empty() {
            zh.push_str(&format!("（{}）", self.detail));
            en.push_str(&format!(" ({})", self.detail));
        }
        Said::new(zh, en)
    }
}

/// An amount again.
pub fn amount_of(minor: Minor) -> Option<Amount> {
    let currency = crate::payment::currency::Currency::from_numeric(minor.1)?;
    Some(Amount::new(minor.0, currency))
}
