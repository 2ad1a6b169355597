//! What keeps a terminal from working, or soon will, found by looking before anybody asks it to pay.

super::rows! {
    T5131 REVERSALS_WAIT ReversalsWait(count: Count, oldest: Text) Network {
        title { zh "有 {count} 笔冲正待发，最早的一笔 {oldest}" en "reversals waiting: {count}, the oldest from {oldest}" }
        cashier { zh "照常使用；不要为此重做那一笔。" en "Go on as usual; do not repeat the old one for it." }
        cardholder { zh "没有得到确认的扣款会自动退回。" en "A charge that was not confirmed is taken back automatically." }
        support { zh "用 till journal list 看是哪一笔、发过几次；长时间发不出去，查线路与主机对 0400 的应答。只有主机的应答或对账能了结它。" en "`till journal list` shows which and how often each was sent; if they stay, check the line and how the host answers 0400. Only the host's answer or a reconciliation closes one." }
        retry Later
        about {
            zh "请求可能已到主机而没有得到应答，冲正在日志里等着，总在下一笔动账交易之前发送。体检不发送它。"
            en "A request may have reached the host without an answer. Its reversal is in the journal and goes out before the next transaction that moves money. The doctor does not send it."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault silent --journal journal\ntill doctor --journal journal"
    }

    T5132 NOTICES_WAIT NoticesWait(count: Count, oldest: Text) Network {
        title { zh "有 {count} 条通知待上送，最早的一条 {oldest}" en "notices waiting: {count}, the oldest from {oldest}" }
        cashier { zh "联网后做日终，通知会一并上送。" en "Connect and run the end of day: they go along." }
        cardholder { zh "您的交易已成立，正等待上送。" en "Your transaction stands and waits to be sent." }
        support { zh "结算前必须上送完，否则总额对不上。上送不了，看主机对 0220、0620 的应答。" en "They must be through before the settlement, or the totals cannot agree. If they stay, see how the host answers 0220 and 0620." }
        retry Later
        about {
            zh "离线消费、退货、调整、脚本结果先写入日志，再上送，直到主机应答。它们不冲正。"
            en "Offline sales, refunds, adjustments and script results are written to the journal first and sent until the host has answered. They are never reversed."
        }
        example "till run scripts/offline_sale.till amount=100.00CNY authorisation=123456 --journal journal\ntill doctor --journal journal"
    }

    T5133 ECHO_REFUSED EchoRefused(code: Text) Network {
        title { zh "主机在，但对回响答 {code}" en "the host is there and answers the echo with {code}" }
        cashier { zh "停用，把 {code} 报给收单机构。" en "Do no transaction; tell the acquirer code {code}." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "线路与报文格式都对。97 查终端号，03 查商户号，40、12 为主机不支持这个网络管理码；其余用 till explain {code}。" en "Line and format are right. For 97 check the terminal number, for 03 the merchant number; 40 and 12 mean that the host does not know this network code; else `till explain {code}`." }
        retry AfterFix
        about {
            zh "回响不动账，任何登记过的终端都应得到 00。别的应答码说明主机不认这台终端，或不在工作。"
            en "An echo moves no money, and every terminal on record should get 00. Another code says that the host does not know this terminal, or does not work."
        }
        example "till doctor --fault terminal-unknown"
    }

    T5134 ECHO_UNANSWERED EchoUnanswered(reason: Text) Network {
        title { zh "回响没有得到可用的应答：{reason}" en "the echo got no answer that can be used: {reason}" }
        cashier { zh "暂停交易，先检查网络。" en "Do no transaction now; check the network first." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "线路通，{reason}。比对两边的长度头、TPDU 与报文头；till diagnose 会逐一试出来。" en "The line is there: {reason}. Compare length, TPDU and header of both sides; `till diagnose` tries which would work." }
        retry Later
        about {
            zh "连上了主机，送出了不动账的回响，没有得到读得通的应答。交易送出去也会这样，而交易没有应答就要冲正，所以先不要做。"
            en "There was a connection, an echo that moves no money went out, and no answer came that can be read. A transaction would fare the same, and would have to be reversed; so make none."
        }
        example "till doctor --fault host-down"
    }

    T6310 PIN_PAD_NOT_REGISTERED PinPadNotRegistered(registered: Text, attached: Text) Hardware {
        title { zh "密码键盘串号不符：登记 {registered}，接着的是 {attached}" en "PIN pad serial number: {registered} is registered, {attached} is attached" }
        cashier { zh "装回原密码键盘，或找收单机构。" en "Put the original PIN pad back, or call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "登记 {registered}，实际 {attached}。换过密码键盘的，在后台登记新串号并重新灌注主密钥；没换过的，查登记。" en "Registered {registered}, attached {attached}. If the PIN pad was replaced, register its new serial number and load its master key; if not, check the registration." }
        retry AfterFix
        about {
            zh "密码键盘与终端、商户绑定，主密钥在它里面。换上别的，签到会失败。"
            en "A PIN pad is bound to terminal and merchant, and the master key is inside it. With another one the sign-in fails."
        }
        example "till doctor --fault wrong-serial"
    }

    T6501 CLOCK_WRONG ClockWrong(found: Text, detail: Text) Hardware {
        title { zh "终端时钟不对：{found}，{detail}" en "the terminal's clock is wrong: {found}, {detail}" }
        cashier { zh "重新签到对时；仍不对找技术支持。" en "Sign in, which sets the clock; if still wrong, call support." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "终端时间 {found}，{detail}。签到应答只带月日与时分秒，年份要在终端上改。常见原因是后备电池耗尽；时钟不对，TLS 证书也会被判为过期。" en "The terminal says {found}: {detail}. A sign-in reply carries no year, so set that at the terminal. A flat backup battery is the usual cause; with a wrong clock TLS certificates count as expired too." }
        retry AfterFix
        about {
            zh "小票、批次与报文上的日期都取自终端时钟，冲正与撤销按日期找原交易。"
            en "Dates on slips, in batches and in messages come from the terminal's clock, and reversals and voids find their original by date."
        }
        example "till doctor --fault clock-off:-30000"
    }

    T7020 BATCH_OLD BatchOld(since: Text, hours: Count) Storage {
        title { zh "批次已开 {hours} 小时，第一笔在 {since}" en "the batch has been open for {hours} hours, since {since}" }
        cashier { zh "做一次日终。" en "Run the end of day." }
        cardholder { zh "终端工作正常。" en "The terminal works." }
        support { zh "超过一天不结算，撤销会被拒，款项也晚到。看日终为何没做成：通知、冲正、线路。" en "After a day without settlement voids are refused and the money comes late. See why the end of day failed: notices, reversals, line." }
        retry AfterFix
        about {
            zh "批次每天结算一次。多数收单机构只清算当日批次，过期的要人工处理。"
            en "A batch is settled once a day. Most acquirers clear the day's batch only, and an older one is worked on by hand."
        }
        example "till run scripts/sale.till amount=100.00CNY --journal journal\ntill doctor --journal journal --fault clock-off:30"
    }

    T7021 BATCH_FILLING BatchFilling(count: Count, limit: Count) Storage {
        title { zh "批次将满：{count} 笔，最多 {limit} 笔" en "the batch is filling up: {count} of {limit} transactions" }
        cashier { zh "现在做一次日终，不要等到满了。" en "Run the end of day now; do not wait until it is full." }
        cardholder { zh "终端工作正常。" en "The terminal works." }
        support { zh "已 {count} 笔，上限 {limit}。满了就不能再做交易，直到结算。" en "{count} of {limit}. Once it is full there are no more transactions until it is settled." }
        retry AfterFix
        about {
            zh "终端的批次只容得下一定笔数，上限写在脚本里，各家不同。"
            en "A terminal's batch holds so many transactions; the script says how many, and terminals differ."
        }
        example "import cn_pos.dialect\n\npub flow room() -> Outcome uses doctor {\n  doctor.check(batch_room(0))\n  return done\n}"
    }
}
