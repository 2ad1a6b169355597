//! What a journal says, in sentences.

use crate::cli::style::{Console, counted};
use crate::payment::amount::Amount;
use crate::script_error::words::Language;
use crate::world::journal::history::{ChipEnd, End, Transaction};
use crate::world::port::record::Record;

/// How a transaction ended.
pub(super) fn ended(console: &Console, transaction: &Transaction) -> String {
    let zh = console.style.language == Language::Zh;
    if let Some(by) = transaction.taken_back_by {
        return if zh { format!("已由 {by:06} 撤销") } else { format!("voided by {by:06}") };
    }
    match &transaction.end {
        End::Booked => console.say("成立", "stands").to_owned(),
        End::Discarded => console.say("未扣款", "not charged").to_owned(),
        End::NeverSent { cause } if zh => format!("未发出（{cause}）"),
        End::NeverSent { cause } => format!("never sent ({cause})"),
        End::Reversed { by } if zh => format!("已冲正（{by}）"),
        End::Reversed { by } => format!("reversed ({by})"),
        End::Open => console.say("待冲正（未及决定）", "to be reversed (undecided)").to_owned(),
        End::Unheard => console.say("成立，待上送", "stands, still to be sent").to_owned(),
        End::Told => console.say("主机已收下", "the host has it").to_owned(),
        End::ChipDeclined => console.say("芯片拒绝，未扣款", "declined by the chip, not charged").to_owned(),
        End::Refused { by } if zh => format!("主机拒收（{by}），不成立"),
        End::Refused { by } => format!("refused by the host ({by})"),
        End::Cleared { by, and } if zh => format!("人工销账（{by}、{and}）"),
        End::Cleared { by, and } => format!("cleared by hand ({by}, {and})"),
        End::Waiting { reason } if zh => format!("待冲正（{reason}，已发 {} 次）", transaction.attempts),
        End::Waiting { reason } => format!("to be reversed ({reason}, sent {})", counted(transaction.attempts, "time")),
    }
}

/// What became of what a chip said.
pub(super) fn chip_said(console: &Console, end: ChipEnd) -> String {
    let said = match end {
        ChipEnd::Kept => console.say("留存，待批上送", "kept until the batch is uploaded"),
        ChipEnd::Uploaded => console.say("已批上送", "uploaded"),
        ChipEnd::Refused(by) if console.style.language == Language::Zh => {
            return format!("批上送时主机拒收（{by}），卡片数据已擦除");
        }
        ChipEnd::Refused(by) => return format!("refused by the host in the upload ({by}), card data erased"),
        ChipEnd::Dropped => {
            console.say("日志恢复时放弃，卡片数据已擦除", "given up when the journal was restored, card data erased")
        }
    };
    said.to_owned()
}

/// One record as a sentence.
pub(super) fn in_words(console: &Console, record: &Record) -> String {
    let zh = console.style.language == Language::Zh;
    let amount = |amount: &Option<Amount>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    match record {
        Record::ReversalDue(due) if zh => format!("发送 {} 之前记下冲正：{}", due.request, amount(&due.amount)),
        Record::ReversalDue(due) => format!("reversal recorded before {} left: {}", due.request, amount(&due.amount)),
        Record::ReversalReason { reason, .. } if zh => format!("决定冲正，原因 {reason}"),
        Record::ReversalReason { reason, .. } => format!("to be reversed, reason {reason}"),
        Record::Booked(booked) if zh => format!("入账 {} {}，冲正随之撤下", booked.kind.word(), booked.amount),
        Record::Booked(booked) => format!("booked: {} {}; its reversal is cleared", booked.kind.word(), booked.amount),
        Record::Discarded { .. } => {
            console.say("主机没有扣款，冲正撤下", "nothing was taken; the reversal is dropped").to_owned()
        }
        Record::NeverSent { cause, .. } if zh => format!("一个字节都没有发出（{cause}），冲正撤下"),
        Record::NeverSent { cause, .. } => format!("not a byte had left ({cause}); the reversal is dropped"),
        Record::ReversalSent { attempt, .. } if zh => format!("第 {attempt} 次发送冲正"),
        Record::ReversalSent { attempt, .. } => format!("reversal sent, try {attempt}"),
        Record::ReversalClosed { by, .. } if zh => format!("主机确认冲正，应答码 {by}；卡片数据已擦除"),
        Record::ReversalClosed { by, .. } => format!("the host confirmed the reversal with {by}; card data erased"),
        Record::Checkpoint(_) | Record::Carried(_) => {
            console.say("换段：从上一段带过来", "carried on into a new segment").to_owned()
        }
        Record::BookedOver(over) => in_words(console, &Record::Booked(over.booked.clone())),
        Record::BookedChip(chip) => format!(
            "{}{}",
            in_words(console, &Record::Booked(chip.over.booked.clone())),
            console.say("；芯片的交易证书（TC）留待批上送", "; the chip's certificate (TC) is kept for the upload")
        ),
        Record::ChipDeclined(_) => {
            console.say("芯片拒绝（AAC），留待批上送", "the chip declined (AAC); kept for the upload").to_owned()
        }
        Record::Uploaded { .. } => console.say("批上送中报给了主机", "told to the host in the upload").to_owned(),
        Record::UploadRefused { stan: Some(_), by } if zh => format!("批上送中主机拒收芯片数据，应答码 {by}；不再上送"),
        Record::UploadRefused { stan: Some(_), by } => {
            format!("the host refused what its chip said, with {by}; it is not uploaded again")
        }
        Record::Noticed(notice) if zh => {
            format!("发送 {} 之前记下通知：{}", notice.due.request, amount(&notice.due.amount))
        }
        Record::Noticed(notice) => {
            format!("notice recorded before {} left: {}", notice.due.request, amount(&notice.due.amount))
        }
        Record::NoticeAnswered { by, taken: true, .. } if zh => format!("主机收下通知，应答码 {by}；卡片数据已擦除"),
        Record::NoticeAnswered { by, taken: true, .. } => {
            format!("the host took the notice with {by}; card data erased")
        }
        Record::NoticeAnswered { by, .. } if zh => format!("主机拒收通知，应答码 {by}；不再发送"),
        Record::NoticeAnswered { by, .. } => format!("the host refused the notice with {by}; it is not sent again"),
        Record::Cleared { by, and, reason, .. } if zh => format!("人工销账：{by} 提出，{and} 同意，原因：{reason}"),
        Record::Cleared { by, and, reason, .. } => format!("cleared by hand: {by} asked, {and} agreed: {reason}"),
        Record::PrintStarted { .. } => console.say("开始打印签购单", "its slip is about to be printed").to_owned(),
        Record::Printed { .. } => console.say("签购单已打印", "its slip is on paper").to_owned(),
        Record::StanTaken { .. }
        | Record::SignedIn
        | Record::SignedOut
        | Record::Batch { .. }
        | Record::Settled { .. }
        | Record::UploadEnded
        | Record::UploadAnew
        | Record::Foreign { .. }
        | Record::UploadRefused { stan: None, .. }
        | Record::Chips(_)
        | Record::Slips { .. }
        | Record::Restored { .. }
        | Record::Fenced
        | Record::Answers(_)
        | Record::Reconciled { .. } => String::new(),
    }
}

/// As JSON writes it.
pub(super) fn chip_word(end: ChipEnd) -> &'static str {
    match end {
        ChipEnd::Kept => "kept",
        ChipEnd::Uploaded => "uploaded",
        ChipEnd::Refused(_) => "refused",
        ChipEnd::Dropped => "dropped",
    }
}
