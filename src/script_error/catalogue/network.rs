//! Network and the link to the host.

super::rows! {
    T5001 NO_LINE NoLine(reason: Text) Network on no_line {
        title { zh "连不上主机，请求没有发出" en "the host cannot be reached; nothing was sent" }
        cashier { zh "检查网线、无线网或信号，再重试。" en "Check cable, Wi-Fi or mobile signal, then try again." }
        cardholder { zh "网络不通，这次请求没有发出。请稍候再试。" en "There is no connection, and this request was not sent. Please try again in a moment." }
        support { zh "{reason}。依次查：线路与信号、SIM 是否欠费、主机地址与端口、防火墙、证书与终端时间。" en "{reason}. Check in turn: line and signal, SIM account, host address and port, firewall, certificate and the terminal's clock." }
        retry Later
        about {
            zh "连接在发送之前就失败了，这次请求的字节一个也没有离开终端，所以主机不可能因它记账。"
            en "The connection failed before anything was sent. Not one byte of this request left the terminal, so the host cannot have booked it."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault no-line"
    }

    T5101 TIMEOUT Timeout(after: Duration, message: Text, arrived: Text) Network on timeout {
        title { zh "{after}内没有收到 {message} 的应答" en "no answer to {message} within {after}" }
        cashier { zh "先看钱款一行，再决定是否重做。" en "Read the money line before you repeat it." }
        cardholder { zh "主机没有及时应答。" en "The host did not answer in time." }
        support { zh "{message} 已发出，{after}内无应答：{arrived}。主机可能已处理。查线路、TPDU 与主机日志，确认冲正是否完成。" en "{message} was sent and not answered within {after}: {arrived}. The host may have processed it. Check line, TPDU and host log, and whether the reversal is through." }
        retry Later
        about {
            zh "请求已离开终端，结果未知：主机可能没收到，也可能已记账而应答丢失。动账交易因此一律冲正。迟到的应答不再采用。收到过不相符的报文时，会写明最接近的一个在哪一域不同：主机没有原样返回匹配域，是最常见的原因。"
            en "The request left the terminal and its result is unknown: the host may not have got it, or may have booked it and the answer got lost. A transaction that moves money is therefore always reversed. A late answer is not used. Where messages came that did not match, the closest one is named with the field that differs: a host that does not echo a field of the match key is the most common cause."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault silent"
    }

    T5102 LINE_DROPPED LineDropped(detail: Text) Network on line_dropped {
        title { zh "请求发出后线路断开" en "the line dropped after the request had left" }
        cashier { zh "先看钱款一行，再决定是否重做。" en "Read the money line before you repeat it." }
        cardholder { zh "与主机的连接中断。" en "The connection broke." }
        support { zh "请求已全部或部分发出，应答未收全：{detail}。主机可能已处理；查主机日志与线路质量。" en "The request left in whole or in part and no complete answer came: {detail}. The host may have processed it; check its log and the quality of the line." }
        retry Later
        about {
            zh "与无应答相同，结果未知，动账交易一律冲正。信号弱的移动网络上最常见。"
            en "As with no answer at all the result is unknown, so a transaction that moves money is reversed. Most common on a weak mobile signal."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault line-drop"
    }

    T5103 GARBLED_REPLY GarbledReply(detail: Text) Network on garbled {
        title { zh "应答报文无法解析：{detail}" en "the reply cannot be read: {detail}" }
        cashier { zh "先看钱款一行，再重试。" en "Read the money line, then try again." }
        cardholder { zh "主机的应答无法读取。" en "The host's answer could not be read." }
        support { zh "{detail}。核对长度头、编码与方言的域表；可能是线路干扰或主机换了版本。" en "{detail}. Check length prefix, encoding and the dialect's field table; noise on the line or a new version at the host are possible." }
        retry Later
        about {
            zh "收到了字节，但按方言拆不开。猜测内容会把拒绝读成批准，所以整包作废，动账交易冲正。"
            en "Bytes came in but cannot be unpacked by the dialect. Guessing could read a decline as an approval, so the whole reply is dropped and a transaction that moves money is reversed."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault garbled"
    }

    T5104 REPLY_MISMATCH ReplyMismatch(field: Field) Network on mismatch {
        title { zh "应答不是这次请求的：{field}不符" en "the reply does not belong to this request: {field} differs" }
        cashier { zh "先看钱款一行，再重试。" en "Read the money line, then try again." }
        cardholder { zh "主机的应答与这笔交易不符，没有采用。" en "The host's answer does not fit this transaction and was not used." }
        support { zh "应答的匹配域都对，{field}却与请求不同。比对金额、商户号与币种，并查主机日志。" en "The reply matches by its key, and yet {field} differs from the request. Compare amount, merchant number and currency, and look at the host's log." }
        retry Later
        about {
            zh "应答由报文类型与匹配域（流水号、终端号等）找到，金额等返回的域也须与请求一致。不一致的应答不采用，以免按错的金额入账。匹配域不符的报文不算应答，继续等待。"
            en "A reply is found by its message type and match key (STAN, terminal number and so on), and what it echoes, such as the amount, has to be as it was sent. One that differs is not used, or a wrong amount could be booked. A message whose key differs is no answer at all, and waiting goes on."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault wrong-amount"
    }

    T5105 REPLY_INCOMPLETE ReplyIncomplete(field: Field) Network on incomplete {
        title { zh "应答缺少{field}" en "the reply lacks {field}" }
        cashier { zh "先看钱款一行，再重试。" en "Read the money line, then try again." }
        cardholder { zh "主机的应答不完整，没有采用。" en "The host's answer was incomplete and was not used." }
        support { zh "方言要求应答带{field}，主机没有给出。向收单机构核对接口规范的版本。" en "The dialect needs {field} in the reply and the host did not send it. Compare versions of the interface with the acquirer." }
        retry Later
        about {
            zh "缺了必备的域就无法确认结果，例如没有应答码（第 39 域）时既非批准也非拒绝，按结果未知处理。"
            en "Without a needed field the result cannot be confirmed: without a response code (field 39) it is neither approved nor declined, and counts as unknown."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault no-response-code"
    }

    T5106 REVERSAL_UNFINISHED ReversalUnfinished(reason: Text) Network on reversal_unfinished {
        title { zh "上一笔的冲正尚未得到确认，本笔没有发送：{reason}" en "an earlier reversal is not confirmed, so this transaction was not sent: {reason}" }
        cashier { zh "等冲正完成，再做新的交易。" en "Wait until the reversal is through before you go on." }
        cardholder { zh "终端正在处理之前的一笔交易，本笔没有发送。请稍候。" en "The terminal is still finishing an earlier transaction; yours was not sent. Please wait." }
        support { zh "日志中有未确认的冲正：{reason}。00、12、25 视为冲正成功；其余应答须由收单机构查清原交易。" en "The journal holds a reversal that is not confirmed: {reason}. 00, 12 and 25 count as success; for any other reply the acquirer has to look up the original." }
        retry Later
        about {
            zh "冲正总在下一笔动账交易之前发送。它没有成功之前发送新交易，会让两笔都说不清。"
            en "A reversal always goes out before the next transaction that moves money. Sending a new one before it succeeded would leave both in doubt."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault silent --journal journal\ntill run scripts/sale.till amount=100.00CNY --fault keep-silent-on-reversal --journal journal"
    }

    T5107 SETTLEMENT_UNFINISHED SettlementUnfinished() Network on settlement_unfinished {
        title { zh "结算没有做完，暂不能做新的交易" en "a settlement is not finished, so no new transaction is possible" }
        cashier { zh "请先做完结算（日终），再做交易。" en "Finish the settlement (end of day) first, then go on." }
        cardholder { zh "终端正在结算，请稍候。" en "The terminal is settling. Please wait." }
        support { zh "主机已应答本批次的结算，批次还没有关闭。再运行一次日终：批上送从中断处续传，然后批次号加一。" en "The host has answered the settlement of this batch, and the batch is still open. Run the end of day again: the upload goes on where it broke, then the batch number is raised." }
        retry AfterFix
        about {
            zh "主机已按本批次的总额对账。这时再记一笔，会落在两个批次之间：主机算在下一批，终端算在这一批。"
            en "The host has compared the totals of this batch. One more transaction now would fall between two batches: the host's next, and the terminal's this one."
        }
        example "import cn_pos.dialect\npub flow f() -> Outcome uses batch, host, journal, notices, store {\n  if journal.pending > 0 {\n    return cancelled\n  }\n  let settled = host.send(message 0500 { F11: host.next_stan(), F41: store.terminal_id, F42: store.merchant_id, F48: batch.totals.details, F49: \"156\", F60: \"00{store.batch_no}201\", F63: store.operator }, within: 60s)\n  let _balanced = batch.reconcile(settled.F48)\n  notices.keep(message 0220 { F3: \"200000\", F4: 1.00 CNY, F11: host.next_stan(), F22: \"012\", F25: \"00\", F37: \"010509000001\", F41: store.terminal_id, F42: store.merchant_id, F49: \"156\", F60: \"25{store.batch_no}000\", F61: \"0000000000000104\", F63: \"CUP\" }, books: refund)\n  return done\n}"
    }

    T5301 BAD_ADDRESS BadAddress(address: Text, hint: Text) Network {
        title { zh "这不是主机地址：{address}" en "this is no address of a host: {address}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "改正地址：{hint}。" en "Correct the address: {hint}." }
        retry AfterFix
        about {
            zh "地址依次为 tcp:// 或 tls://、主机、冒号、端口，如 tcp://127.0.0.1:9009。主机是名称或 IP 地址，IPv6 写在方括号中。"
            en "An address is tcp:// or tls://, the host, a colon and the port, such as tcp://127.0.0.1:9009; the host is a name or an IP address, IPv6 in square brackets."
        }
        example "till run scripts/sale.till amount=100.00CNY --host bank"
    }

    T5302 CANNOT_LISTEN CannotListen(address: Text, detail: Text) Network {
        title { zh "不能在 {address} 上监听：{detail}" en "cannot listen on {address}: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "换一个端口，或结束占用它的程序；端口 0 由系统挑选空闲的一个。" en "Take another port, or end the program that has it; port 0 lets the system choose a free one." }
        retry AfterFix
        about {
            zh "端口已被占用、地址不是本机的、没有权限，或不是环回地址而没有写 --open-to-network。模拟主机不核对来者是谁，所以默认只让本机连接。"
            en "The port is taken, the address is not this machine's, the right to it is missing, or it is no loopback address and --open-to-network was not given. A simulated host does not ask who connects, so it lets in this machine only unless told."
        }
        example "till host --listen 192.0.2.1:9009 --open-to-network"
    }

    T5303 TLS_UNUSABLE TlsUnusable(path: Text, detail: Text) Network {
        title { zh "TLS 文件 {path} 不能用：{detail}" en "the TLS file {path} cannot be used: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "证书、CA 与私钥都是 PEM 文件：{path}（{detail}）。" en "Certificates, CA and key are PEM files: {path} ({detail})." }
        retry AfterFix
        about {
            zh "终端只信任 --tls-ca 给出的 CA，不用本机的证书库；tls:// 地址因此必须有 --tls-ca。till host --tls self 可做一张测试证书。"
            en "A terminal trusts the CA of --tls-ca and not the certificates of the machine, so a tls:// address needs --tls-ca. `till host --tls self` makes a certificate for tests."
        }
        example "till run scripts/sale.till amount=100.00CNY --host tls://127.0.0.1:9009 --tls-ca README.md"
    }

    T5304 NO_LENGTH_IN_FRONT NoLengthInFront(dialect: Name) Network {
        title { zh "方言 {dialect} 的报文前没有长度，不能在连接上收发" en "messages of {dialect} have no length in front, so they cannot go over a connection" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "用自己的方言扩展它，写上 framing length 2。" en "Extend it by a dialect of your own with `framing length 2`." }
        retry AfterFix
        about {
            zh "TCP 传的是字节流，没有长度就不知道一个报文到哪里结束。"
            en "TCP carries a stream of bytes; without a length nobody knows where a message ends."
        }
        example "till host --dialect iso1987"
    }
}
