//! What can be made to go wrong in the simulated world, by name.

use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::nearest::{did_you_mean, nearest_or_begun};
use crate::script_error::words::{Said, Words};
use crate::world::host::way::{Lie, Way};
use crate::world::port::card_reader::ChipVerdict;
use crate::world::port::failure::Failure;
use crate::world::port::pin_pad::KeySlot;
use crate::world::port::power::PowerPoint;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table below says what each does")]
pub enum Fault {
    Reply(ResponseCode),
    Silent,
    Late { milliseconds: i64 },
    BadCheckValue(KeySlot),
    WeakKey,
    ShortKeys,
    WrongSerial,
    BadMac,
    NoLine,
    LineDrop,
    Unstable { tries: u32 },
    HostDown,
    TerminalUnknown,
    MerchantUnknown,
    Garbled,
    WrongStan,
    WrongAmount,
    NoResponseCode,
    SilentOnReversal,
    AnyMessage,
    ForgetsReversals,
    ForgetsCertificates,
    ReversalCode(ResponseCode),
    PartialApproval { percent: u32 },
    SettlementResult(u8),
    HostCommand(u8),
    WrongTerminal,
    CrashBefore,
    CrashAfter,
    WrongPassword,
    PaperOut,
    PrinterFault,
    PrinterHot,
    ReaderFault,
    ChipError,
    StripeError,
    CardPulled,
    CardPulledLate,
    ChipDeclines,
    ChipOffline(ChipVerdict),
    IssuerScript { before: bool },
    ScriptFails,
    BadCryptogram,
    BadIssuerAnswer,
    NoIssuerAnswer,
    CardBlocked,
    NoCard,
    Cancel,
    WrongPin { times: u32 },
    LowBattery { percent: i64 },
    PinPadUnplugged,
    PinPadLocked,
    NoMasterKey,
    NotSignedIn,
    StorageFull,
    JournalFailed,
    OldSoftware,
    BatchLimit { count: u32 },
    ClockOff { hours: i64 },
    PowerCut(PowerPoint),
    OnTheWay(Way),
    At(Occasion),
}

/// A fault of the host that was set for certain messages, of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// The message type; `None` for any.
    pub mti: Option<Mti>,
    /// Only the so-many-th such message since it was set; 0 for every one.
    pub nth: u32,
    /// What happens to it.
    pub what: OfHost,
}

/// What can be set for certain messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table below says what each does")]
pub enum OfHost {
    Reply(ResponseCode),
    Silent,
    Late { milliseconds: i64 },
    BadMac,
    LineDrop,
    Garbled,
    WrongStan,
    WrongAmount,
    NoResponseCode,
    WrongTerminal,
    CrashBefore,
    CrashAfter,
    OnTheWay(Way),
}

impl From<OfHost> for Fault {
    fn from(what: OfHost) -> Fault {
        match what {
            OfHost::Reply(code) => Fault::Reply(code),
            OfHost::Silent => Fault::Silent,
            OfHost::Late { milliseconds } => Fault::Late { milliseconds },
            OfHost::BadMac => Fault::BadMac,
            OfHost::LineDrop => Fault::LineDrop,
            OfHost::Garbled => Fault::Garbled,
            OfHost::WrongStan => Fault::WrongStan,
            OfHost::WrongAmount => Fault::WrongAmount,
            OfHost::NoResponseCode => Fault::NoResponseCode,
            OfHost::WrongTerminal => Fault::WrongTerminal,
            OfHost::CrashBefore => Fault::CrashBefore,
            OfHost::CrashAfter => Fault::CrashAfter,
            OfHost::OnTheWay(way) => Fault::OnTheWay(way),
        }
    }
}

impl Fault {
    /// True for what the terminal, its devices or the line to the host do wrong: a host elsewhere knows nothing of it.
    pub fn is_of_terminal(self) -> bool {
        use Fault::{
            BadCryptogram, BatchLimit, Cancel, CardBlocked, CardPulled, CardPulledLate, ChipDeclines, ChipError,
            ChipOffline, ClockOff, JournalFailed, LowBattery, NoCard, NoLine, NoMasterKey, NotSignedIn, OldSoftware,
            PaperOut, PinPadLocked, PinPadUnplugged, PowerCut, PrinterFault, PrinterHot, ReaderFault, ScriptFails,
            StorageFull, StripeError, Unstable, WrongPassword, WrongPin,
        };
        matches!(
            self,
            BadCryptogram
                | BatchLimit { .. }
                | CardBlocked
                | CardPulled
                | CardPulledLate
                | ChipDeclines
                | ChipOffline(_)
                | ScriptFails
                | Cancel
                | ChipError
                | ClockOff { .. }
                | JournalFailed
                | LowBattery { .. }
                | NoCard
                | NoLine
                | NoMasterKey
                | NotSignedIn
                | OldSoftware
                | PaperOut
                | PinPadLocked
                | PinPadUnplugged
                | PowerCut(_)
                | PrinterFault
                | PrinterHot
                | ReaderFault
                | StorageFull
                | StripeError
                | Unstable { .. }
                | WrongPassword
                | WrongPin { .. }
        ) || self.is_on_the_way()
    }
}

impl Fault {
    /// True for what happens to a message on the simulated line: neither terminal nor host does it.
    pub fn is_on_the_way(self) -> bool {
        matches!(self, Fault::OnTheWay(_) | Fault::At(Occasion { what: OfHost::OnTheWay(_), .. }))
    }
}

/// One name of the table.
#[derive(Clone, Copy)]
pub struct FaultRow {
    /// As `--fault` takes it.
    pub name: &'static str,
    /// What may stand behind a colon; empty if nothing may.
    pub value: &'static str,
    /// What it does.
    pub about: Words,
    /// The fault a value makes; `None` for a value that cannot be. The value is empty where none is written.
    pub make: fn(&str) -> Option<Fault>,
}

macro_rules! faults {
    ($( $name:literal $value:literal $zh:literal $en:literal $make:expr; )*) => {
        /// Every fault there is. Faults of the host hit the next financial message once, unless the row says otherwise;
        /// set for messages (`silent:0200`, `reply:51@0800#2`) they hit every such message, or the second one. Faults of
        /// devices stay.
        pub const ROWS: &[FaultRow] = &[ $( FaultRow {
            name: $name,
            value: $value,
            about: Words { zh: $zh, en: $en },
            make: $make,
        } ),* ];
    };
}

faults! {
    "reply" "NN[@MTI]" "主机以此应答码回答；非成功码不入账。" "The host answers with this code; nothing is booked unless it approves." |value| valued(value, |value| ResponseCode::parse(value).map(OfHost::Reply));
    "silent" "MTI" "主机收到请求并入账，但不应答。" "The host takes the request, books it, and never answers." |value| of_host(value, OfHost::Silent);
    "late" "SECONDS[@MTI]" "主机入账，应答迟到；不写秒数为 90 秒。" "The host books, and its answer comes late: after 90 seconds unless told." |value| valued(value, |value| seconds(value, 90).map(|milliseconds| OfHost::Late { milliseconds }));
    "bad-kcv" "PIK|MAK|TDK" "签到下发的工作密钥校验值不符；不写为 PIK。每次签到都如此。" "A work key of the sign-in does not match its check value: PIK unless told. At every sign-in." |value| work_key(value).map(Fault::BadCheckValue);
    "weak-key" "" "签到下发的 PIN 密钥是弱密钥。每次签到都如此。" "The PIN key of the sign-in is a weak one. At every sign-in." |value| plain(value, Fault::WeakKey);
    "short-keys" "" "签到下发的工作密钥少了一段。每次签到都如此。" "The work keys of the sign-in are cut short. At every sign-in." |value| plain(value, Fault::ShortKeys);
    "wrong-serial" "" "主机登记的串号是另一台。每次签到都如此。" "The host has another serial number registered. At every sign-in." |value| plain(value, Fault::WrongSerial);
    "bad-mac" "MTI" "主机入账，但应答的 MAC 不对。" "The host books, and its reply carries a wrong MAC." |value| of_host(value, OfHost::BadMac);
    "no-line" "" "线路不通，任何报文都发不出去。" "No line: not a byte of any message leaves the terminal." |value| plain(value, Fault::NoLine);
    "line-drop" "MTI" "主机收到并入账，应答中途断线。" "The host takes and books the request; the line breaks in the middle of its answer." |value| of_host(value, OfHost::LineDrop);
    "unstable" "TRIES" "前两次连接失败，之后正常；任何报文。" "The first two tries to connect fail, then the line holds; any message." |value| count(value, 2).map(|tries| Fault::Unstable { tries });
    "host-down" "" "线路通，主机不工作：任何报文都无应答，也不入账。" "The line is there, the host is not: no message is answered, nothing is booked." |value| plain(value, Fault::HostDown);
    "garbled" "MTI" "主机入账，应答的字节损坏。" "The host books, and its answer arrives damaged." |value| of_host(value, OfHost::Garbled);
    "wrong-stan" "MTI" "应答的流水号不是请求的。" "The reply carries another trace number." |value| of_host(value, OfHost::WrongStan);
    "wrong-amount" "MTI" "应答的金额不是请求的。" "The reply carries another amount." |value| of_host(value, OfHost::WrongAmount);
    "no-response-code" "MTI" "应答缺少应答码（39 域）。" "The reply lacks its response code (field 39)." |value| of_host(value, OfHost::NoResponseCode);
    "wrong-terminal" "MTI" "应答的终端号不是请求的。" "The reply carries another terminal number." |value| of_host(value, OfHost::WrongTerminal);
    "crash-before" "MTI" "主机收到请求，入账之前崩溃：没有应答，也没有入账。" "The host takes the request and crashes before it books: no answer, nothing booked." |value| of_host(value, OfHost::CrashBefore);
    "crash-after" "MTI" "主机入账之后崩溃：没有应答。" "The host crashes after it has booked: no answer." |value| of_host(value, OfHost::CrashAfter);
    "partial-approval" "PERCENT" "主机只批准一部分（10），若终端允许；不写为 50%。" "The host approves a part only (10), where the terminal allows it: 50 % unless told." |value| count(value, 50).filter(|percent| (1..100).contains(percent)).map(|percent| Fault::PartialApproval { percent });
    "forgets-reversals" "" "主机对冲正答 00，却什么都不做。" "The host answers a reversal with 00 and forgets it: nothing is taken back." |value| plain(value, Fault::ForgetsReversals);
    "forgets-certificates" "" "主机对批上送的芯片数据答 00，却不留存。" "The host answers the chip data of an upload with 00 and keeps none of it." |value| plain(value, Fault::ForgetsCertificates);
    "reversal-code" "NN" "主机处理冲正，但以此应答码回答，如 25、12、40、94、96。" "The host carries out a reversal and answers it with this code, such as 25, 12, 40, 94, 96." |value| ResponseCode::parse(value).map(Fault::ReversalCode);
    "settlement-result" "1|2|3" "主机对结算答此结果：1 平，2 不平，3 出错；不写为 2。" "The host answers a settlement with this result: 1 balanced, 2 not, 3 error; 2 unless told." |value| count(value, 2).filter(|result| (1..=3).contains(result)).map(|result| Fault::SettlementResult(result as u8));
    "host-command" "1..9" "主机在下一条金融报文的应答头里要求终端做事，如 3 重新签到；不写为 3。" "The header of the host's next financial reply asks for something, such as 3: sign in again; 3 unless told." |value| count(value, 3).filter(|digit| (1..=9).contains(digit)).map(|digit| Fault::HostCommand(digit as u8));
    "wrong-password" "" "主管密码输错。" "The supervisor's password is wrong." |value| plain(value, Fault::WrongPassword);
    "any-message" "" "主机的故障不分报文种类，签到也算。" "Faults of the host hit the next message of any kind, sign-in too." |value| plain(value, Fault::AnyMessage);
    "keep-silent-on-reversal" "" "主机处理冲正但从不应答。" "The host carries out reversals but never answers one." |value| plain(value, Fault::SilentOnReversal);
    "paper-out" "" "打印机缺纸。" "The printer is out of paper." |value| plain(value, Fault::PaperOut);
    "printer-fault" "" "打印机故障。" "The printer does not work." |value| plain(value, Fault::PrinterFault);
    "printer-hot" "" "打印头过热。" "The print head is too hot." |value| plain(value, Fault::PrinterHot);
    "reader-fault" "" "读卡器故障。" "The card reader does not work." |value| plain(value, Fault::ReaderFault);
    "chip-error" "" "芯片读不出。" "The chip cannot be read." |value| plain(value, Fault::ChipError);
    "stripe-error" "" "磁条读不出。" "The stripe cannot be read." |value| plain(value, Fault::StripeError);
    "card-pulled" "" "卡过早拔出。" "The card is pulled too early." |value| plain(value, Fault::CardPulled);
    "card-pulled-late" "" "主机应答之后、芯片确认之前拔卡。" "The card is pulled after the host has answered and before its chip confirms." |value| plain(value, Fault::CardPulledLate);
    "chip-declines" "" "主机批准之后，芯片在第二次 GENERATE AC 拒绝（AAC）。" "The chip declines at the second GENERATE AC (AAC), whatever the host said." |value| plain(value, Fault::ChipDeclines);
    "chip-offline" "AAC|ARQC" "请芯片脱机批准时，它拒绝（AAC）或要问主机（ARQC）；不写为 AAC。" "Asked to approve offline, the chip declines (AAC) or wants the host (ARQC); AAC unless told." |value| match value { "" | "AAC" => Some(Fault::ChipOffline(ChipVerdict::Aac)), "ARQC" => Some(Fault::ChipOffline(ChipVerdict::Arqc)), _ => None };
    "issuer-script" "71|72" "发卡行下一次对芯片交易的应答带脚本，批准与拒绝都算：71 在第二次 GENERATE AC 之前执行，72 在其后；不写为 72。" "The issuer's next answer to a chip transaction, yes or no, brings a script: 71 to be run before the second GENERATE AC, 72 after it; 72 unless told." |value| match value { "71" => Some(Fault::IssuerScript { before: true }), "" | "72" => Some(Fault::IssuerScript { before: false }), _ => None };
    "script-fails" "" "芯片拒绝发卡行脚本的命令；交易照样成立。" "The chip refuses the command of an issuer script; the transaction stands all the same." |value| plain(value, Fault::ScriptFails);
    "bad-arqc" "" "芯片的应用密文（ARQC、TC）不对，如伪造的卡：发卡行答 63。" "The chip's cryptogram (ARQC, TC) is wrong, as that of a forged card: the issuer answers 63." |value| plain(value, Fault::BadCryptogram);
    "bad-arpc" "" "发卡行下一次对芯片的应答（91）不对：芯片拒绝（AAC）。" "The issuer's next answer to a chip (91) is wrong: the chip declines (AAC)." |value| plain(value, Fault::BadIssuerAnswer);
    "no-arpc" "" "发卡行下一次不应答芯片（没有 91）：芯片拒绝（AAC）。" "The issuer's next answer to a chip (91) is missing: the chip declines (AAC)." |value| plain(value, Fault::NoIssuerAnswer);
    "card-blocked" "" "卡上的应用已锁定。" "The card's application is blocked." |value| plain(value, Fault::CardBlocked);
    "no-card" "" "没有人出示卡。" "Nobody presents a card." |value| plain(value, Fault::NoCard);
    "cancel" "" "持卡人在输密码时按取消。" "The cardholder presses cancel when asked for the PIN." |value| plain(value, Fault::Cancel);
    "wrong-pin" "TIMES" "持卡人输错密码；可写次数，不写则每次都错。" "The cardholder enters a wrong PIN: so many times, or always." |value| count(value, u32::MAX).map(|times| Fault::WrongPin { times });
    "low-battery" "PERCENT" "电量不足，未接电源；不写为 3%。" "The battery is low and the mains unplugged: 3 % unless told." |value| count(value, 3).filter(|percent| *percent <= 100).map(|percent| Fault::LowBattery { percent: i64::from(percent) });
    "pinpad-unplugged" "" "密码键盘未连接。" "The PIN pad is unplugged." |value| plain(value, Fault::PinPadUnplugged);
    "pinpad-locked" "" "密码键盘已锁定。" "The PIN pad is locked." |value| plain(value, Fault::PinPadLocked);
    "no-master-key" "" "密码键盘没有主密钥。" "The PIN pad has no master key." |value| plain(value, Fault::NoMasterKey);
    "not-signed-in" "" "终端未签到，没有工作密钥。" "The terminal is not signed in and has no work keys." |value| plain(value, Fault::NotSignedIn);
    "storage-full" "" "存储已满，日志写不下。" "The storage is full: the journal takes no record." |value| plain(value, Fault::StorageFull);
    "journal-failed" "" "磁盘故障，日志落盘失败。" "The disk fails while the journal is written." |value| plain(value, Fault::JournalFailed);
    "old-software" "" "终端程序版本过低：0.9。" "The terminal's software is too old: 0.9." |value| plain(value, Fault::OldSoftware);
    "batch-limit" "COUNT" "终端参数：一个批次最多这么多笔；不写为 1。" "A parameter of the terminal: a batch holds so many transactions, 1 unless told." |value| count(value, 1).map(|count| Fault::BatchLimit { count });
    "clock-off" "HOURS" "终端时钟快这么多小时，负数为慢；不写为 30。" "The terminal's clock is ahead by so many hours, or behind if negative: 30 unless told." |value| hours(value, 30).map(|hours| Fault::ClockOff { hours });
    "power-cut" "POINT" "在此处断电：before-journal、after-journal、after-send、after-reply、after-commit、before-print、in-print。" "The power goes at this point: before-journal, after-journal, after-send, after-reply, after-commit, before-print or in-print." |value| PowerPoint::parse(value).map(Fault::PowerCut);
    "insufficient-funds" "" "余额不足（51）。" "Insufficient balance (51)." |value| answers(value, b"51");
    "issuer-down" "" "发卡行不能操作（91）。" "The issuer is down (91)." |value| answers(value, b"91");
    "terminal-unknown" "" "主机没有登记此终端（97），任何报文。" "The host does not know the terminal (97): any message, every time." |value| plain(value, Fault::TerminalUnknown);
    "merchant-unknown" "" "主机没有登记此商户（03），任何报文。" "The host does not know the merchant (03): any message, every time." |value| plain(value, Fault::MerchantUnknown);
    "high-risk" "" "高风险卡（34）。" "A high-risk card (34)." |value| answers(value, b"34");
    "capture" "" "没收卡（41）。" "The card is to be retained (41)." |value| answers(value, b"41");
    "capture-special" "" "特定条件下没收卡（07）。" "The card is to be retained under special conditions (07)." |value| answers(value, b"07");
    "type-not-supported" "57|40" "发卡行不支持的交易类型（57，可写 40）。" "The issuer does not support the type of transaction (57, or 40)." |value| match value { "" | "57" => answers("", b"57"), "40" => answers("", b"40"), _ => None };
    "lost-request" "MTI" "请求在途中丢失，主机没有收到。" "The request is lost on its way; the host never hears of it." |value| of_host(value, OfHost::OnTheWay(Way::LostRequest));
    "doubled-request" "MTI" "请求到达两次。" "The request arrives twice." |value| of_host(value, OfHost::OnTheWay(Way::DoubledRequest));
    "repeated-later" "MTI" "请求到达；下一个报文之后，它又到达一次。" "The request arrives, and once more after the next message." |value| of_host(value, OfHost::OnTheWay(Way::RepeatedLater));
    "delayed-request" "MTI" "请求晚到：终端已超时，下一个报文（如冲正）先到。" "The request comes late: the terminal has given up, and the next message, such as its reversal, comes first." |value| of_host(value, OfHost::OnTheWay(Way::DelayedRequest));
    "stranded-request" "MTI" "请求滞留在途中，一切都结束之后才到。" "The request is held up on its way and arrives when all else is over." |value| of_host(value, OfHost::OnTheWay(Way::StrandedRequest));
    "doubled-reply" "MTI" "应答到达两次，第二次在下一个报文时到。" "The reply arrives twice, the second time when the next message waits for its own." |value| of_host(value, OfHost::OnTheWay(Way::DoubledReply));
    "reply-later" "MTI" "应答到不了，下一个报文等待时它才到。" "The reply does not arrive until the next message waits for its own." |value| of_host(value, OfHost::OnTheWay(Way::ReplyLater));
    "half-request" "MTI" "主机只收到半个请求就断线。" "Half of the request arrives; the line breaks." |value| of_host(value, OfHost::OnTheWay(Way::HalfRequest));
    "flipped-request" "MTI" "请求中有一位出错。" "One bit of the request is wrong when it arrives." |value| of_host(value, OfHost::OnTheWay(Way::FlippedRequest));
    "noise" "MTI" "应答的字节是噪声。" "Noise arrives instead of the reply." |value| of_host(value, OfHost::OnTheWay(Way::Noise));
    "flipped-reply" "MTI" "应答中有一位出错。" "One bit of the reply is wrong when it arrives." |value| of_host(value, OfHost::OnTheWay(Way::FlippedReply));
    "slow-reply" "MTI" "应答每秒到一个字节。" "The reply arrives at a byte a second." |value| of_host(value, OfHost::OnTheWay(Way::SlowReply));
    "last-byte-missing" "MTI" "应答缺最后一个字节就断线。" "The line breaks before the last byte of the reply." |value| of_host(value, OfHost::OnTheWay(Way::LastByteMissing));
    "closed-before" "MTI" "主机收到之前断线。" "The line breaks before the host has anything." |value| of_host(value, OfHost::OnTheWay(Way::ClosedBefore));
    "closed-after" "MTI" "主机入账之后、应答之前断线。" "The line breaks after the host has booked and before it answers." |value| of_host(value, OfHost::OnTheWay(Way::ClosedAfter));
    "send-error" "MTI" "终端得知发送失败，而请求已经送达。" "The terminal is told that sending failed; the request has arrived all the same." |value| of_host(value, OfHost::OnTheWay(Way::SendError));
    "two-frames" "MTI" "应答之前先到一个不相干的帧。" "A frame that is no answer arrives in front of the reply." |value| of_host(value, OfHost::OnTheWay(Way::TwoFrames));
    "refused" "MTI" "这一个报文连不上主机。" "No connection for this message." |value| of_host(value, OfHost::OnTheWay(Way::Refused));
    "connect-hangs" "MTI" "连接一直建立不了，直到超时。" "The connection hangs until the time is up." |value| of_host(value, OfHost::OnTheWay(Way::ConnectHangs));
    "forged" "MTI" "请求被截走，回来的是伪造的批准应答，MAC 不对。" "The request is caught on its way; a forged approval comes back, its MAC wrong." |value| of_host(value, OfHost::OnTheWay(Way::Forged));
    "wrong-length" "zero|more|less|most" "应答帧的长度不对；不写为 more。" "The length in front of the reply is wrong: zero, one more, one less, or the most there can be; more unless told." |value| lying_length(value);
}

/// The fault that `NAME` or `NAME:VALUE` names.
///
/// `T7104` with the nearest name where there is none, and with what may stand behind the colon where that is wrong.
pub fn parse(text: &str) -> Result<Fault, Failure> {
    let (name, value) = text.split_once(':').unwrap_or((text, ""));
    let unknown = |hint: Said| Failure::new(storage::UNKNOWN_FAULT).text("name", text).fact("hint", Fact::Said(hint));
    let Some(row) = ROWS.iter().find(|row| row.name == name) else {
        let names = ROWS.iter().map(|row| row.name);
        return Err(match nearest_or_begun(name, names) {
            Some(near) => unknown(did_you_mean(near)),
            None => unknown(Said::new("till run --help 列出所有故障。", "`till run --help` lists the faults.")),
        });
    };
    (row.make)(value).ok_or_else(|| match row.value {
        "" => unknown(Said::new(format!("写作 {name}，后面不带值。"), format!("Write {name}, without a value."))),
        takes => unknown(Said::new(format!("写作 {name}:{takes}。"), format!("Write {name}:{takes}."))),
    })
}

fn plain(value: &str, fault: Fault) -> Option<Fault> {
    value.is_empty().then_some(fault)
}

/// For the next financial message, or for the messages that the value names.
fn of_host(value: &str, what: OfHost) -> Option<Fault> {
    if value.is_empty() { Some(what.into()) } else { occasion(value, what) }
}

/// A value, and behind an `@` the messages that it is for.
fn valued(value: &str, make: impl FnOnce(&str) -> Option<OfHost>) -> Option<Fault> {
    match value.split_once('@') {
        None => make(value).map(Fault::from),
        Some((value, messages)) => occasion(messages, make(value)?),
    }
}

/// `0200`: every such message; `0200#2`: the second; `#2`: the second of any kind.
fn occasion(messages: &str, what: OfHost) -> Option<Fault> {
    let (mti, nth) = match messages.split_once('#') {
        None => (messages, 0),
        Some((mti, nth)) => (mti, nth.parse().ok().filter(|nth| *nth > 0)?),
    };
    let mti = if mti.is_empty() { None } else { Some(Mti::parse(mti)?) };
    Some(Fault::At(Occasion { mti, nth, what }))
}

/// `less`, or `less@0200#2`.
fn lying_length(value: &str) -> Option<Fault> {
    let (word, messages) = value.split_once('@').unwrap_or((value, ""));
    let what = OfHost::OnTheWay(Way::WrongLength(Lie::parse(if word.is_empty() { "more" } else { word })?));
    if messages.is_empty() { Some(what.into()) } else { occasion(messages, what) }
}

fn answers(value: &str, code: &[u8; 2]) -> Option<Fault> {
    plain(value, Fault::Reply(ResponseCode(*code)))
}

fn count(value: &str, otherwise: u32) -> Option<u32> {
    if value.is_empty() { Some(otherwise) } else { value.parse().ok() }
}

fn seconds(value: &str, otherwise: u32) -> Option<i64> {
    let seconds = count(value.strip_suffix('s').unwrap_or(value), otherwise)?;
    Some(i64::from(seconds) * 1_000)
}

/// A hundred years either way at most.
fn hours(value: &str, otherwise: i64) -> Option<i64> {
    let hours = if value.is_empty() { Some(otherwise) } else { value.parse().ok() };
    hours.filter(|hours: &i64| hours.abs() <= 876_000)
}

fn work_key(value: &str) -> Option<KeySlot> {
    match value {
        "" | "PIK" => Some(KeySlot::Pik),
        "MAK" => Some(KeySlot::Mak),
        "TDK" => Some(KeySlot::Tdk),
        _ => None,
    }
}

/// One fault that is set.
#[derive(Clone, Debug)]
struct Held {
    fault: Fault,
    /// As somebody wrote it; empty where nobody did.
    name: String,
    /// Messages it was set for that have come.
    met: u32,
    /// It is there for the message at hand only.
    for_now: bool,
}

/// The faults that are set.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    set: Vec<Held>,
    struck: Option<String>,
}

impl Faults {
    /// Sets one more.
    pub fn set(&mut self, fault: Fault) {
        self.set_named(fault, "");
    }

    /// Sets one more, and keeps how it was written.
    pub fn set_named(&mut self, fault: Fault, name: &str) {
        self.set.push(Held { fault, name: name.to_owned(), met: 0, for_now: false });
    }

    /// Those that are left, as they were written.
    pub fn names(&self) -> Vec<String> {
        self.set.iter().map(|held| held.name.clone()).collect()
    }

    /// How this one was written.
    pub fn name_of(&self, fault: Fault) -> Option<String> {
        self.set.iter().find(|held| held.fault == fault).map(|held| held.name.clone())
    }

    /// Takes away what was written so; false if nothing was.
    pub fn take_named(&mut self, name: &str) -> bool {
        let before = self.set.len();
        self.set.retain(|held| held.name != name);
        self.set.len() < before
    }

    /// A message has come: what was set for it is there until `part`. True if anything was.
    pub fn meet(&mut self, mti: Mti) -> bool {
        self.struck = None;
        let mut now = Vec::new();
        self.set.retain_mut(|held| {
            let Fault::At(Occasion { mti: wanted, nth, what }) = held.fault else { return true };
            // What happens on the way has happened before the host sees anything.
            if matches!(what, OfHost::OnTheWay(_)) {
                return true;
            }
            if wanted.is_some_and(|wanted| wanted != mti) {
                return true;
            }
            held.met = held.met.saturating_add(1);
            if nth == 0 || nth == held.met {
                now.push(Held { fault: what.into(), name: held.name.clone(), met: 0, for_now: true });
            }
            nth == 0 || held.met < nth
        });
        let any = !now.is_empty();
        self.set.splice(..0, now);
        any
    }

    /// A message sets out: what happens to it on its way, if anything was set for it or, where it `is_financial`, for the next.
    pub fn set_out(&mut self, mti: Option<Mti>, is_financial: bool) -> Option<Way> {
        let mut struck = None;
        self.set.retain_mut(|held| {
            let (nth, way) = match held.fault {
                Fault::OnTheWay(way) if is_financial && struck.is_none() => {
                    struck = Some(way);
                    return false;
                }
                Fault::At(Occasion { mti: wanted, nth, what: OfHost::OnTheWay(way) })
                    if wanted.is_none() || wanted == mti =>
                {
                    (nth, way)
                }
                _ => return true,
            };
            held.met = held.met.saturating_add(1);
            if nth == 0 || nth == held.met {
                struck.get_or_insert(way);
            }
            nth == 0 || held.met < nth
        });
        struck
    }

    /// The message is dealt with. Gives the fault that struck it, as it was written.
    pub fn part(&mut self) -> Option<String> {
        self.set.retain(|held| !held.for_now);
        self.struck.take()
    }

    /// Is it set?
    pub fn has(&self, fault: Fault) -> bool {
        self.set.iter().any(|held| held.fault == fault)
    }

    /// The first that fits, which stays.
    pub fn find<T>(&self, mut fits: impl FnMut(&Fault) -> Option<T>) -> Option<T> {
        self.set.iter().find_map(|held| fits(&held.fault))
    }

    /// The first that fits, which is thereby used up.
    pub fn take<T>(&mut self, mut fits: impl FnMut(&Fault) -> Option<T>) -> Option<T> {
        let (at, found) =
            self.set.iter().enumerate().find_map(|(at, held)| fits(&held.fault).map(|found| (at, found)))?;
        self.struck = Some(self.set.remove(at).name);
        Some(found)
    }

    /// Uses up this one fault; true if it was set.
    pub fn take_one(&mut self, fault: Fault) -> bool {
        self.take(|set| (*set == fault).then_some(())).is_some()
    }

    /// Counts one of a fault that holds several times; true if one was left.
    pub fn count_down(&mut self, mut left: impl FnMut(&mut Fault) -> Option<&mut u32>) -> bool {
        for held in &mut self.set {
            if let Some(times) = left(&mut held.fault).filter(|times| **times > 0) {
                *times -= 1;
                return true;
            }
        }
        false
    }
}
