//! The table of planted defects. One row, one defect.

use super::journal::{self, change_field, closing};
use super::line;
use crate::script_error::words::Words;
use crate::world::crash::disk::Flaws;
use crate::world::simulation::Simulation;

/// What is wrong, and where.
#[derive(Clone, Copy)]
pub enum Defect {
    /// Of the disk under the journal.
    Disk(Flaws),
    /// Of the terminal's journal, line, printer or PIN pad: done at every start.
    Terminal(fn(&mut Simulation)),
    /// Of the script: each pair is a text of the shop's flow and what takes its place.
    Script(&'static [(&'static str, &'static str)]),
    /// As `Terminal`, while batches are closed and their certificates uploaded.
    ClosingTerminal(fn(&mut Simulation)),
    /// As `Script`, of the flow that closes a batch.
    ClosingScript(&'static [(&'static str, &'static str)]),
}

/// One defect.
#[derive(Clone, Copy)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: Words,
    /// The defect.
    pub defect: Defect,
    /// False for a change that harms nobody: nothing may be reported of it.
    pub is_wrong: bool,
}

const RIGHT: Flaws = Flaws {
    sync_does_nothing: false,
    sync_is_late: false,
    failure_is_hidden: false,
    cut_is_forgotten: false,
    turn_before_sync: false,
    write_is_lost: 0,
    old_image: false,
    tail_resets: false,
    wipes_active: false,
};

macro_rules! planted {
    ($( $wrong:ident $name:literal $zh:literal $en:literal $defect:expr; )*) => {
        /// Every planted defect, and a few changes that are none.
        pub const ROWS: &[Row] = &[ $( Row {
            name: $name,
            about: Words { zh: $zh, en: $en },
            defect: $defect,
            is_wrong: planted!(@ $wrong),
        } ),* ];
    };
    (@ wrong) => { true };
    (@ harmless) => { false };
}

use Defect::{ClosingScript, ClosingTerminal, Disk, Script, Terminal};

planted! {
    // The six ways in which terminals in the field have lost cardholders' money.
    wrong "yesterday-deleted" "隔日的冲正未发送就被删除" "reversals of another day are deleted unsent" Terminal(|world| {
        let today = world.ports.clock.now_ms() / DAY_MS;
        closing(world, |pending| pending.due.at_ms / DAY_MS != today);
    });
    wrong "any-answer-closes" "冲正的任何应答都当作成功" "any answer to a reversal counts as success" Terminal(|world| line::any_answer_closes(world, false));
    wrong "any-bytes-close" "冲正收到任何字节都当作成功" "any bytes that come back for a reversal count as success" Terminal(|world| line::any_answer_closes(world, true));
    wrong "unpackable-deleted" "组不成报文的冲正被删除（原因未定的）" "a reversal that cannot be packed, as its reason is not known, is deleted" Terminal(|world| closing(world, |pending| pending.reason.is_none()));
    wrong "given-up" "发送两次未成就放弃冲正" "a reversal is given up after it was sent twice" Terminal(|world| closing(world, |pending| pending.attempts >= 2));
    wrong "send-error-drops" "发送出错就当作没有发出" "on a send error the reversal is dropped, although bytes may have left" Terminal(|world| line::with_line(world, line::send_error_is_no_line));
    wrong "cleared-by-hand" "冲正发过一次后，收银员可手工清除" "staff clear a reversal by hand once it was sent" Terminal(|world| closing(world, |pending| pending.attempts >= 1));
    // Recovery.
    wrong "closed-when-sent" "冲正一发出就算完成" "a reversal counts as done as soon as it is sent" Terminal(|world| journal::with(world, journal::closed_when_sent));
    wrong "cleared-at-start" "开机时清空待发冲正" "what waits is cleared at the start" Terminal(|world| closing(world, |_| true));
    wrong "forgotten-at-start" "开机时不看待发冲正" "what waits is not looked at after the start" Terminal(|world| journal::believing(world, |state| state.pending.clear()));
    wrong "timeout-is-not-sent" "超时当作没有发出" "a time-out counts as if nothing had left" Terminal(|world| line::with_line(world, line::timeout_is_no_line));
    wrong "timeout-dropped" "超时的冲正被丢弃" "the reversal of a time-out is dropped" Terminal(|world| journal::with(world, journal::timeout_dropped));
    wrong "wrong-mac-dropped" "MAC 错的冲正被丢弃" "the reversal of a wrong MAC is dropped" Terminal(|world| journal::with(world, journal::wrong_mac_dropped));
    wrong "reversal-new-number" "冲正用了另一个流水号" "the reversal has another trace number" Terminal(|world| journal::believing(world, |state| change_field(state, 11, b"000999")));
    wrong "reversal-other-amount" "冲正的金额不同" "the reversal has another amount" Terminal(|world| journal::believing(world, |state| change_field(state, 4, b"000000000001")));
    wrong "reversal-other-batch" "冲正的批次不同" "the reversal has another batch" Terminal(|world| journal::believing(world, |state| change_field(state, 60, b"22000009000")));
    wrong "reversal-other-terminal" "冲正的终端号不同" "the reversal has another terminal number" Terminal(|world| journal::believing(world, |state| change_field(state, 41, b"10000008")));
    wrong "numbers-begin-anew" "开机后流水号从 1 开始" "trace numbers begin anew at every start" Terminal(|world| journal::believing(world, |state| state.last_stan = 0));
    // The line.
    wrong "sent-again-after-timeout" "超时后以原流水号重发" "after a time-out the same request is sent again at once" Terminal(|world| line::with_line(world, line::sent_again_after_timeout));
    wrong "sent-again-after-break" "断线后以原流水号重发" "on a line that breaks the same request is sent again at once" Terminal(|world| line::with_line(world, line::sent_again_after_break));
    wrong "sent-twice" "每个请求都发两次" "every request is sent twice" Terminal(|world| line::with_line(world, line::sent_twice));
    wrong "any-mac" "不核对 MAC" "any MAC is taken as right" Terminal(line::trusts_any_mac);
    // The journal.
    wrong "due-not-written" "冲正不写日志" "the reversal is not written" Terminal(|world| journal::with(world, journal::due_not_written));
    wrong "due-written-late" "冲正在请求发出之后才写" "the reversal is written after the request has left" Terminal(|world| journal::with(world, journal::due_written_late));
    wrong "number-not-written" "流水号只记在内存" "the trace number is counted in memory only" Terminal(|world| journal::with(world, journal::stan_not_written));
    wrong "booking-not-written" "入账不写日志" "the booking is not written" Terminal(|world| journal::with(world, journal::booking_not_written));
    wrong "booking-in-two" "撤冲正与入账分两条写" "clearing the reversal and booking are two records" Terminal(|world| journal::with(world, journal::booking_in_two));
    wrong "booked-twice" "入账两次" "it is booked twice" Terminal(|world| journal::with(world, journal::booked_twice));
    wrong "amount-changed" "入账多一分" "one cent more is booked" Terminal(|world| journal::with(world, journal::amount_changed));
    wrong "kind-changed" "消费记成退货" "a sale is booked as a refund" Terminal(|world| journal::with(world, journal::kind_changed));
    wrong "batch-changed" "记入另一批次" "it is booked in another batch" Terminal(|world| journal::with(world, journal::batch_changed));
    wrong "approval-dropped" "批准的交易被丢弃" "an approval is dropped" Terminal(|world| journal::with(world, journal::approval_dropped));
    wrong "decline-booked" "被拒的交易入账" "a decline is booked" Terminal(|world| journal::with(world, journal::decline_booked));
    wrong "refusal-ignored" "写日志失败当作成功" "a record that the disk refuses counts as written" Terminal(|world| journal::with(world, journal::refusal_ignored));
    wrong "slip-too-soon" "签购单未打先记已打" "a slip counts as printed before printing has begun" Terminal(|world| journal::with(world, journal::slip_printed_too_soon));
    // The disk.
    wrong "no-sync" "落盘调用什么也不做" "a sync does nothing" Disk(Flaws { sync_does_nothing: true, ..RIGHT });
    wrong "late-sync" "每两次才落盘一次" "only every second sync is done" Disk(Flaws { sync_is_late: true, ..RIGHT });
    wrong "hidden-failure" "落盘失败当作成功" "a failed sync is told as a success" Disk(Flaws { failure_is_hidden: true, ..RIGHT });
    wrong "lost-write" "每第五次写入丢失" "every fifth write goes nowhere" Disk(Flaws { write_is_lost: 5, ..RIGHT });
    wrong "new-segment-not-synced" "换段时新段未落盘" "a new segment takes over before it is on the disk" Disk(Flaws { turn_before_sync: true, ..RIGHT });
    wrong "torn-end-begins-anew" "末尾残缺就从头开始" "a torn end makes the journal begin anew" Disk(Flaws { tail_resets: true, ..RIGHT });
    wrong "old-copy" "开机时恢复了旧副本" "an old copy of the journal comes back at a start" Disk(Flaws { old_image: true, ..RIGHT });
    wrong "wipes-active" "擦除了当前段的字节" "card data is erased in the wrong segment" Disk(Flaws { wipes_active: true, ..RIGHT });
    // Printers.
    wrong "prints-twice" "签购单打两张，均无重印标记" "every slip comes out twice, neither marked" Terminal(|world| line::with_printer(world, line::prints_twice));
    wrong "prints-nothing" "什么也没打出来" "no slip comes out" Terminal(|world| line::with_printer(world, line::prints_nothing));
    wrong "prints-another-amount" "签购单金额不同" "the slip shows another amount" Terminal(|world| line::with_printer(world, line::prints_another_amount));
    // Scripts that pass the checker, some with a warning.
    wrong "script-prints-first" "脚本先打印后入账" "the script prints before it commits" Script(&[("        commit t\n", ""), ("          on paper_out, printer_hot, printer_fault, low_battery => return approved(t)\n", "        commit t\n")]);
    wrong "script-prints-twice" "脚本打两张相同的签购单" "the script prints the same slip twice" Script(&[("        return approved(t)\n      }", "        printer.print(slip(t))\n        return approved(t)\n      }")]);
    wrong "script-books-a-refund" "脚本把消费记成退货" "the script books a sale as a refund" Script(&[("Txn(kind: sale", "Txn(kind: refund")]);
    wrong "script-shows-double" "脚本打印两倍金额" "the script prints twice the amount" Script(&[("= t.amount\n", "= t.amount + t.amount\n")]);
    wrong "script-slip-of-an-old-batch" "脚本先打印后冲正，再换批次，账上就看不到了" "the script prints, reverses and goes to a later batch, where its books forget it" Script(&[("        commit t\n", ""), ("low_battery => return approved(t)\n", "low_battery => {\n            reverse\n            return cancelled\n          }\n        reverse\n        store.set_batch(\"000005\")\n"), ("        return approved(t)\n      }", "        return cancelled\n      }")]);
    wrong "script-asks-the-chip-too-late" "脚本先入账，后问芯片" "the script books before it asks the chip" Script(&[("        commit t\n", "        commit t\n        if card.complete(reply, within: 10s) == none {\n          return approved(t)\n        }\n")]);
    wrong "dialect-closes-on-refusal" "方言把 05、64、96 当作冲正成功" "the dialect takes 05, 64 and 96 as the end of a reversal" Script(&[("import cn_pos.numbers\n", "import cn_pos.numbers\n\ndialect shop extends cn_pos {\n  reversal 0400 {\n    copies F2 F3 F4 F11 F14 F22 F23 F25 F38 F41 F42 F49 F55 F60 F61\n    reason default 06 timeout 98 mac A0\n    accepts 00 12 25 05 64 96\n  }\n}\n")]);
    wrong "dialect-reversal-without-mac" "方言的冲正不带 MAC" "the dialect has no MAC on reversals" Script(&[("import cn_pos.numbers\n", "import cn_pos.numbers\n\ndialect shop extends cn_pos {\n  message 0400 reversal zh \"冲正\" en \"Reversal\" {\n    needs F3 F4 F11 F22 F25 F39 F41 F42 F49 F60\n    may F2 F14 F23 F38 F48 F55 F57 F58 F59 F61 F62 F63\n    reply F3 F11 F39 F41 F42\n    echoes F3 F4 F11 F41 F42 F49\n    match F3 F11 F41 F42\n    wait 60s\n  }\n}\n")]);
    wrong "dialect-sale-without-mac" "方言的消费不带 MAC" "the dialect has no MAC on sales" Script(&[("import cn_pos.numbers\n", "import cn_pos.numbers\n\ndialect shop extends cn_pos {\n  message 0200 for \"00\" sale zh \"消费\" en \"Sale\" {\n    needs F3 F4 F11 F22 F25 F41 F42 F49 F60\n    may F2 F14 F23 F26 F35 F36 F38 F48 F52 F53 F54 F55 F57 F58 F59 F61 F62 F63\n    reply F3 F4 F11 F12 F13 F37 F39 F41 F42\n    echoes F3 F4 F11 F41 F42 F49\n    match F3 F11 F41 F42\n    moves_money wait 60s\n  }\n}\n")]);
    // Certificates of chips, and their upload.
    wrong "certificate-not-written" "入账时不留芯片的证书" "the chip's certificate is not written with the booking" ClosingTerminal(|world| journal::with(world, journal::certificate_not_written));
    wrong "upload-not-written" "上送到哪一笔只记在内存" "how far the upload came is kept in memory only" ClosingTerminal(|world| journal::with(world, journal::upload_not_written));
    wrong "certificates-dropped-at-start" "开机时清空待上送的证书" "certificates that wait are cleared at the start" ClosingTerminal(|world| journal::believing(world, |state| state.chips.clear()));
    wrong "script-marks-before-it-sends" "脚本先记已上送，后发送" "the script marks a certificate as uploaded before it is sent" ClosingScript(&[("        let reply = host.send(request, within: 60s)\n        match reply.code {\n          accept => batch.mark_chip(item.stan)\n", "        batch.mark_chip(item.stan)\n        let reply = host.send(request, within: 60s)\n        match reply.code {\n          accept => {}\n")]);
    wrong "script-takes-any-answer" "脚本把主机的任何应答都当作收下证书" "the script takes any answer for a certificate that was taken" ClosingScript(&[("          rekey, retry => fail Refused\n        }\n      }", "          rekey, retry => batch.mark_chip(item.stan)\n        }\n      }")]);
    harmless "closing-as-it-is" "日终流程原样" "the flow that closes a batch, with nothing changed" ClosingTerminal(|_| {});
    // Changes that harm nobody.
    harmless "as-it-is" "原样" "nothing is changed" Terminal(|_| {});
    harmless "booking-written-late" "入账与“开始打印”一起写：打印总在其后" "the booking is written with the record that printing begins: nothing is printed before" Terminal(|world| journal::with(world, journal::booking_written_late));
    harmless "reason-not-written" "冲正原因不写日志" "the reason of a reversal is not written" Terminal(|world| journal::with(world, journal::reason_not_written));
    harmless "discard-not-written" "被拒的不写日志，事后多冲正一次" "that a decline needs no reversal is not written: it is reversed needlessly" Terminal(|world| journal::with(world, journal::discard_not_written));
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
