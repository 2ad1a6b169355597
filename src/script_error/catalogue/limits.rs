//! Limits of a run, arithmetic, and values that do not fit.

super::rows! {
    T8001 OUT_OF_INSTRUCTIONS OutOfInstructions(limit: Count) Limits {
        title { zh "执行超过 {limit} 条指令" en "more than {limit} instructions were run" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "脚本的循环太长。看轨迹中的行，减少 repeat 次数或列表长度。" en "A loop of the script is too long. See the line in the trace; lower the repeat count or shorten the list." }
        retry No
        about {
            zh "每次运行的指令数有上限，使终端不会停在一个脚本里。"
            en "A run has a limit of instructions, so that no script can hold a terminal."
        }
        example "pub flow f() -> Outcome uses log {\n  repeat 10000 times {\n    repeat 10000 times {\n      log.info(\"x\")\n    }\n  }\n  return done\n}"
    }

    T8002 HEAP_FULL HeapFull(limit: Count) Limits {
        title { zh "脚本使用的内存超过 {limit} 字节" en "the script uses more than {limit} bytes of memory" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "脚本累积了过多的文字、列表或报文。看轨迹中的行。" en "The script keeps too many texts, lists or messages. See the line in the trace." }
        retry No
        about {
            zh "每次运行的内存有上限，与终端的内存相称。"
            en "A run has a limit of memory that suits a terminal."
        }
        example "pub flow f() -> Outcome {\n  var long: Text = \"0123456789\"\n  repeat 12 times {\n    long = \"{long}{long}\"\n  }\n  repeat 200 times {\n    let _more = \"{long}!\"\n  }\n  return done\n}"
    }

    T8003 TEXT_TOO_LONG TextTooLong(limit: Count) Limits {
        title { zh "文字超过 {limit} 字节" en "a text is longer than {limit} bytes" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "脚本拼接出过长的文字，看轨迹中的行。" en "The script builds too long a text; see the line in the trace." }
        retry No
        about {
            zh "单段文字与字节串有长度上限。报文、小票与屏幕都远小于它。"
            en "One text or byte string has a limit of length. Messages, slips and screens are far shorter."
        }
        example "pub flow f() -> Outcome {\n  var t: Text = \"0123456789\"\n  repeat 60 times {\n    t = \"{t}{t}\"\n  }\n  return done\n}"
    }

    T8004 LIST_TOO_LONG ListTooLong(limit: Count) Limits {
        title { zh "列表超过 {limit} 项" en "a list has more than {limit} items" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "脚本的列表过长，看轨迹中的行。" en "The script makes too long a list; see the line in the trace." }
        retry No
        about {
            zh "列表有长度上限，循环因此有界。"
            en "Lists have a limit of length, which keeps loops bounded."
        }
        example "till run long_list.till  # with a list of 10001 numbers"
    }

    T8005 CALLS_TOO_DEEP CallsTooDeep(limit: Count) Limits {
        title { zh "流程调用超过 {limit} 层" en "flows call each other more than {limit} deep" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "减少流程之间的层层调用，看轨迹。" en "Reduce the depth of calls between flows; see the trace." }
        retry No
        about {
            zh "流程不能递归，所以层数由程序的结构决定。上限使所需内存可以预知。"
            en "Flows do not recurse, so the depth follows from the program's structure. The limit keeps the memory known beforehand."
        }
        example "till run tests/errors/examples/deep-calls.till"
    }

    T8006 OVERFLOW Overflow(operation: Text) Limits {
        title { zh "计算结果超出范围：{operation}" en "the result is out of range: {operation}" }
        cashier { zh "先看钱款一行，再检查金额。" en "Read the money line, then check the amount." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "{operation} 超出 64 位整数。看轨迹中的行与值。" en "{operation} does not fit 64 bits. See line and values in the trace." }
        retry No
        about {
            zh "所有计算都检查范围，不会悄悄回绕成错误的金额。"
            en "All arithmetic is checked and never wraps round into a wrong amount."
        }
        example "pub flow f() -> Outcome {\n  var a = 9223372036854775807\n  a = a + 1\n  step \"{a}\"\n  return done\n}"
    }

    T8007 DIVISION_BY_ZERO DivisionByZero() Limits {
        title { zh "除数为零" en "division by zero" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "相除之前先判断除数。看轨迹中的行与值。" en "Check the divisor before dividing. See line and values in the trace." }
        retry No
        about {
            zh "除以零没有结果，运行在此停止。"
            en "Dividing by zero has no result, so the run stops here."
        }
        example "pub flow f() -> Outcome {\n  var a = 0\n  a = 1 / a\n  step \"{a}\"\n  return done\n}"
    }

    T8008 CURRENCY_MISMATCH CurrencyMismatch(left: Text, right: Text) Limits {
        title { zh "不同币种的金额不能一起计算：{left} 与 {right}" en "amounts in two currencies cannot be combined: {left} and {right}" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "运行时遇到 {left} 与 {right}。核对终端币种、第 49 域与传入的金额。" en "{left} met {right} in the run. Compare the terminal's currency, field 49 and the amount passed in." }
        retry No
        about {
            zh "编译时看不出的币种在运行时检查。语言中没有汇率，换算由主机给出。"
            en "Currencies that cannot be told when compiling are checked in the run. There is no exchange rate in the language; conversions come from the host."
        }
        example "pub flow f() -> Outcome {\n  let amounts = [1.00 CNY, 1.00 USD]\n  let _total = amounts[0] + amounts[1]\n  return done\n}"
    }

    T8009 INDEX_OUTSIDE IndexOutside(index: Count, length: Count) Limits {
        title { zh "下标 {index} 超出范围，共 {length} 项" en "index {index} is outside a list of {length}" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "取值之前先比较长度，或用 for 逐项取。看轨迹中的行。" en "Compare with the length first, or go through with `for`. See the line in the trace." }
        retry No
        about {
            zh "下标从 0 起。主机给的内容可能比预期短，使用前要检查长度。"
            en "Indexes start at 0. What a host sends may be shorter than expected, so check its length first."
        }
        example "pub flow f() -> Outcome {\n  var at = 2\n  at = [1, 2][at]\n  step \"{at}\"\n  return done\n}"
    }

    T8010 NOT_DIGITS NotDigits(length: Count) Limits on not_digits {
        title { zh "内容不是 {length} 位数字" en "not a number with this many digits: {length}" }
        cashier { zh "先看钱款一行，检查输入的号码。" en "Read the money line and check the number that was entered." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "转换为 Digits({length}) 失败。核对来源：键入的号码、终端参数或应答的域。" en "Converting to Digits({length}) failed. Check where it came from: a typed number, a terminal parameter or a field of the reply." }
        retry AfterFix
        about {
            zh "文字转为定长数字串时，须正好那么多位且全为数字。脚本可用 on not_digits 处理。"
            en "A text becomes digits only if it has exactly that many and nothing else. A script can handle it with `on not_digits`."
        }
        example "pub flow f() -> Outcome {\n  let _d = digits(\"12a4\")\n  return done\n}"
    }

    T8011 AMOUNT_NOT_SENDABLE AmountNotSendable(amount: Text) Limits {
        title { zh "金额 {amount} 不能放进报文" en "the amount {amount} cannot be put into a message" }
        cashier { zh "核对金额，须大于零、不超 12 位。" en "Check the amount: more than zero, at most 12 digits." }
        cardholder { zh "金额有误，请与收银员核对。" en "The amount is wrong. Please check it with the cashier." }
        support { zh "第 4 域为 12 位最小货币单位，不能为负。{amount} 的来源看轨迹。" en "Field 4 holds 12 digits of minor units and cannot be negative. The trace shows where {amount} came from." }
        retry AfterFix
        about {
            zh "负数或超过 12 位的金额无法写入第 4 域，截断会变成另一个金额，所以不发送。"
            en "A negative amount or one of more than 12 digits does not fit field 4. Cutting it would make another amount, so it is not sent."
        }
        example "import iso1987.dialect\npub flow f() -> Outcome uses host, store {\n  let request = message 0200 { F3: \"000000\", F4: 1.00 CNY - 2.00 CNY, F11: host.next_stan(), F41: store.terminal_id, F49: \"156\" }\n  reversible request {\n    let _reply = host.send(request, within: 60s)\n    reverse\n  }\n  return done\n}"
    }

    T8012 FIELD_DOES_NOT_FIT FieldDoesNotFit(field: Field, detail: Text) Limits {
        title { zh "{field}的内容放不进报文：{detail}" en "the value of {field} does not fit: {detail}" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "终端出错，请求没有发出。请稍候。" en "The terminal stopped before this request was sent. Please wait." }
        support { zh "{field}：{detail}。核对终端参数与方言中该域的编码和长度。" en "{field}: {detail}. Compare the terminal's parameters with encoding and length of the field in the dialect." }
        retry AfterFix
        about {
            zh "编译时看不出长度的值，在组包时检查。截断或补齐会改变含义，所以不发送。"
            en "A value whose length is not known when compiling is checked when the message is packed. Cutting or padding would change its meaning, so it is not sent."
        }
        example "import iso1987.dialect\npub flow f() -> Outcome uses host {\n  var _terminal: Text = \"123456789\"\n  let _reply = host.send(message 0800 { F11: host.next_stan(), F41: _terminal }, within: 60s)\n  return done\n}"
    }

    T8101 DISCARD_UNSAFE DiscardUnsafe() Limits {
        title { zh "请求可能已到达主机，不能丢弃冲正，已改为冲正" en "the request may have reached the host, so `discard` was turned into a reversal" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "交易已停止。" en "The transaction stopped." }
        support { zh "脚本在没有得到拒绝应答时写了 discard。只有主机明确拒绝，或请求确未发出，才可丢弃；其余写 reverse。" en "The script said `discard` without a declining reply. Only after a clear decline, or when nothing was sent, may it discard; otherwise write `reverse`." }
        retry No
        about {
            zh "丢弃冲正等于断定主机没有记账。没有应答或应答不可信时无法这样断定，程序因此改为冲正。"
            en "To discard the reversal is to claim that the host booked nothing. Without a trusted reply nobody can claim that, so the program reverses instead."
        }
        example "till run tests/errors/examples/discards.till --fault silent"
    }

    T8102 REVERSIBLE_MISUSED ReversibleMisused(detail: Text) Limits {
        title { zh "reversible 使用有误：{detail}" en "`reversible` was misused: {detail}" }
        cashier { zh "先看钱款一行；请联系技术支持。" en "Read the money line; call support." }
        cardholder { zh "交易已停止。" en "The transaction stopped." }
        support { zh "{detail}。一次 reversible 只发送它自己的请求一次，并以 commit、discard 或 reverse 结束。" en "{detail}. One `reversible` sends its own request once and ends with `commit`, `discard` or `reverse`." }
        retry No
        about {
            zh "待冲正的记录对应一个确定的请求。发送别的请求或决定两次，都会使账目说不清，所以停止并冲正。"
            en "The reversal that was written belongs to one request. Sending another one or deciding twice would leave the books in doubt, so the run stops and reverses."
        }
        example "import iso1987.dialect\npub flow f() -> Outcome uses host, store {\n  let request = message 0200 { F3: \"000000\", F4: 1.00 CNY, F11: host.next_stan(), F41: store.terminal_id, F49: \"156\" }\n  let requests = [request]\n  let reply = host.send(requests[0], within: 60s)\n  return declined(reply.code)\n}"
    }

    T8103 NOT_RECONCILED NotReconciled(reason: Text) Limits on not_reconciled {
        title { zh "批次不能关闭：{reason}" en "the batch cannot be closed: {reason}" }
        cashier { zh "请重做日终；仍不行找收单机构。" en "Run the end of day again; if it fails, call the acquirer." }
        cardholder { zh "终端正在结算，请稍候。" en "The terminal is settling. Please wait." }
        support { zh "{reason}。批次号只有在结算对平或批上送完成之后才加一；芯片的证书、冲正与通知须先送完。" en "{reason}. The batch number is raised only after a settlement that balanced or an upload that is complete, with every certificate of a chip, reversal and notice through." }
        retry AfterFix
        about {
            zh "换了批次，主机没有的那几笔就再也送不上去。所以由程序把关，脚本绕不过去。"
            en "Once the batch is changed, what the host lacks can never be sent to it. So the program sees to it, and no script gets round it."
        }
        example "pub flow f() -> Outcome uses batch {\n  batch.close()\n  return done\n}"
    }

    T8104 SETTLEMENT_UNREADABLE SettlementUnreadable(detail: Text) Limits on settlement_unreadable {
        title { zh "结算应答没有可用的对账结果：{detail}" en "the settlement reply has no result to go by: {detail}" }
        cashier { zh "请稍后重做日终；批次没有变。" en "Run the end of day again later; the batch is unchanged." }
        cardholder { zh "终端正在结算，请稍候。" en "The terminal is settling. Please wait." }
        support { zh "{detail}。第 48 域第 31 位与第 62 位：1 平，2 不平，3 出错。出错时请收单机构查该终端的批次。" en "{detail}. Places 31 and 62 of field 48: 1 balanced, 2 not balanced, 3 error. For an error ask the acquirer about this terminal's batch." }
        retry Later
        about {
            zh "结算应答没有应答码，结果只在第 48 域。结果不明时批次保持打开，以后用同一批次号再结算。"
            en "A settlement reply has no response code; its result stands in field 48 only. While it is not known, the batch stays open and is settled again under its number."
        }
        example "till run scripts/settlement.till --fault settlement-result:3"
    }

    T8105 NOTICE_MISUSED NoticeMisused(detail: Text) Limits {
        title { zh "通知不能这样发送：{detail}" en "this cannot be kept as a notice: {detail}" }
        cashier { zh "什么都没有发出；请联系技术支持。" en "Nothing was sent; call support." }
        cardholder { zh "交易没有进行。" en "The payment did not take place." }
        support { zh "{detail}。通知是不冲正的报文（0220、0620）：先写日志，再发送，直到主机应答。" en "{detail}. A notice is a message that is never reversed (0220, 0620): written to the journal, then sent until the host has answered it." }
        retry No
        about {
            zh "会动账且可冲正的报文属于 reversible；作为通知反复发送，会变成扣两次。"
            en "A message that moves money and can be reversed belongs in `reversible`; sent again and again as a notice, it would charge twice."
        }
        example "import cn_pos.dialect\npub flow f() -> Outcome uses notices, store {\n  notices.keep(message 0820 { F41: store.terminal_id, F42: store.merchant_id, F60: \"00{store.batch_no}301\" })\n  return done\n}"
    }
}
