//! What the values in messages mean: money, lengths, dates, reversals, batches.

super::rows! {
    T0238 ARGUMENT_CURRENCY ArgumentCurrency(callee: Name, found: Text, expected: Text) Types {
        title { zh "{callee} 用 {expected} 计算，给它的却是 {found}" en "`{callee}` reckons in {expected}, but is given {found}" }
        fix { zh "给出同一币种的金额，或在计算前判断币种。" en "Give an amount in that currency, or look at the currency before combining." }
        about {
            zh "被调用的流程把参数与写明币种的金额比较或相加。另一种币种的金额传进去，运行到那里就会报错；先看 amount.currency 的流程不在此列。"
            en "The flow that is called compares or adds its parameter to an amount whose currency is written out. Given another currency a run fails there. A flow that looks at amount.currency first is not meant."
        }
        example "fn over(a: Amount) -> Bool = a > 1000.00 CNY\nfn f() -> Bool = over(500 JPY)"
    }

    T0239 CURRENCY_FIELD_DIFFERS CurrencyFieldDiffers(found: Text, amount: Text) Types {
        title { zh "第 49 域是 {found}，第 4 域的金额却是{amount}" en "field 49 says {found}, but the amount in field 4 is in {amount}" }
        fix { zh "写 F49: amount.currency_number。" en "Write `F49: amount.currency_number`." }
        about {
            zh "第 4 域只是一个数，第 49 域说明它是哪种货币。两者不符时主机照第 49 域记账：10000 日元会成为 10000 分。"
            en "Field 4 is a bare number, field 49 says of which currency. If they disagree the host books by field 49: 10000 yen become 10000 fen."
        }
        example "import iso1987.dialect\nfn f() -> Message = message 0200 {\n  F3: \"000000\"\n  F4: 100.00 CNY\n  F11: \"000001\"\n  F41: \"10000007\"\n  F49: \"840\"\n}"
    }

    T0240 CURRENCY_FIELD_FIXED CurrencyFieldFixed(found: Text) Types {
        title { zh "第 49 域写死为 {found}，金额却可能是任何币种" en "field 49 is fixed to {found}, but the amount may be of any currency" }
        fix { zh "写 F49: amount.currency_number。" en "Write `F49: amount.currency_number`." }
        about {
            zh "金额自带币种。第 49 域写死以后，用别的币种调用这个流程，主机会按写死的币种记账。"
            en "An amount carries its currency. With field 49 fixed, a call with another currency is booked by the host in the fixed one."
        }
        example "import iso1987.dialect\nfn f(amount: Amount) -> Message = message 0200 {\n  F3: \"000000\"\n  F4: amount\n  F11: \"000001\"\n  F41: \"10000007\"\n  F49: \"156\"\n}"
    }

    T0241 CURRENCY_LETTERS CurrencyLetters(found: Text) Types {
        title { zh "第 49 域要币种的数字代码，{found} 是字母代码" en "field 49 takes the currency's number, {found} is its letters" }
        fix { zh "写 amount.currency_number，如人民币 156。" en "Write `amount.currency_number`, such as 156 for the renminbi." }
        about {
            zh "ISO 4217 给每种货币三个字母和三位数字。报文里用数字；只有个别主机也认字母，那时用 @allow 说明。"
            en "ISO 4217 gives each currency three letters and three digits. Messages use the digits; if a host does take letters, say so with `@allow`."
        }
        example "import iso1987.dialect\nfn f(amount: Amount) -> Message = message 0200 {\n  F3: \"000000\"\n  F4: amount\n  F11: \"000001\"\n  F41: \"10000007\"\n  F49: amount.currency\n}"
    }

    T0242 MINOR_UNITS_ASSUMED MinorUnitsAssumed() Types {
        title { zh "这里假定了币种有几位小数" en "this takes for granted how many decimals the currency has" }
        fix { zh "直接用金额计算、比较或显示，不用 amount.minor。" en "Calculate with, compare and show the amount itself instead of amount.minor." }
        about {
            zh "amount.minor 是最小货币单位的数：1.00 CNY 是 100，100 JPY 也是 100，0.100 KWD 还是 100。除以 100 或与一个整数比较，只对两位小数的币种成立。"
            en "amount.minor counts minor units: 1.00 CNY is 100, and so are 100 JPY and 0.100 KWD. Dividing it by 100 or comparing it with a number is right for currencies with two decimals only."
        }
        example "fn yuan(a: Amount) -> Int = a.minor / 100"
    }

    T0243 HEX_AS_TEXT HexAsText(field: Field, count: Count) Types {
        title { zh "{field}是二进制域，此处是 {count} 个十六进制字符的文字" en "{field} holds bytes, this is a text; hexadecimal digits in it: {count}" }
        fix { zh "写成字节，如 x\"9F26\"。" en "Write it as bytes, such as x\"9F26\"." }
        about {
            zh "文字按字符发送，字节按字节发送。把十六进制写在引号里，域里装的就是这些字符本身，长度也多一倍。"
            en "A text is sent as its characters, bytes as themselves. Hexadecimal in quotes fills the field with the characters, twice as long as the bytes they spell."
        }
        example "import cn_pos.dialect\nfn f() -> Message = message 0820 {\n  F41: \"10000007\"\n  F42: \"898310053110007\"\n  F60: \"00000001301\"\n  F62: \"9F26089F2701\"\n}"
    }

    T0244 TRACE_NUMBER_REUSED TraceNumberReused(message: Text) Types {
        title { zh "报文 {message} 用了另一条报文的流水号" en "message {message} uses the trace number of another message" }
        fix { zh "每条新报文都取 host.next_stan()。" en "Take host.next_stan() for every new message." }
        about {
            zh "主机与终端都凭流水号把应答和请求配对、分辨重发。两条不同的报文用同一个号，第二条会被当作重发。"
            en "Host and terminal match replies to requests and recognise repeats by the trace number. The second of two messages under one number is taken for a repeat of the first."
        }
        example "import iso1987.dialect\nflow f() uses host, store {\n  let stan = host.next_stan()\n  host.send(message 0800 { F11: stan, F41: store.terminal_id }, within: 60s)\n  host.send(message 0820 { F11: stan, F41: store.terminal_id }, within: 60s)\n}"
    }

    T0245 TRACE_NUMBER_FIXED TraceNumberFixed(field: Field) Types {
        title { zh "{field}的流水号是写死的" en "the trace number in {field} is fixed" }
        fix { zh "写 F11: host.next_stan()。" en "Write `F11: host.next_stan()`." }
        about {
            zh "流水号由 host.next_stan() 给出，先落盘再使用，断电也不会重号。写死的号第二次运行就重复。"
            en "A trace number comes from host.next_stan(), which puts it on disk before it is used, so that power loss repeats none. A fixed one is a repeat from the second run on."
        }
        example "import iso1987.dialect\nflow f() uses host, store {\n  host.send(message 0800 { F11: \"000001\", F41: store.terminal_id }, within: 60s)\n}"
    }

    T0246 OWN_NUMBER_FIXED OwnNumberFixed(field: Field) Types {
        title { zh "{field}写死了一台终端或一个商户" en "{field} is fixed to one terminal or one merchant" }
        fix { zh "写 store.terminal_id 或 store.merchant_id。" en "Write store.terminal_id or store.merchant_id." }
        about {
            zh "终端号与商户号是终端的参数，各台不同，装机时下发。写死在脚本里，装到别的终端就是冒用。"
            en "Terminal and merchant number are parameters of the terminal; each has its own. Fixed in a script, every other terminal that runs it trades under a false name."
        }
        example "import iso1987.dialect\nflow f() uses host {\n  host.send(message 0800 { F11: host.next_stan(), F41: \"10000007\" }, within: 60s)\n}"
    }

    T0247 DATE_WITHOUT_YEAR DateWithoutYear(kind: Text) Types {
        title { zh "{kind}不能比大小" en "{kind} has no order" }
        fix { zh "先补上年份：day_near(date, clock.now())，再比较。" en "Add the year first, `day_near(date, clock.now())`, then compare." }
        about {
            zh "第 13、15 域只有月日，第 12 域只有时分秒。按数字比较，跨年或过了午夜就颠倒，而这种错一年只出现一天。"
            en "Fields 13 and 15 hold month and day only, field 12 a time of day. Compared as digits their order turns round over New Year or after midnight, a mistake that shows on one day of the year."
        }
        example "import cn_pos.dialect\nflow f(r: Reply, today: Digits(4)) uses store {\n  match r.F15 {\n    some date => {\n      if date > today {\n        store.mark_signed_out()\n      }\n    }\n    none => {}\n  }\n}"
    }

    T0248 IMPOSSIBLE_DATE ImpossibleDate(digits: Text, kind: Text) Types {
        title { zh "“{digits}”不可能是{kind}" en "`{digits}` cannot be {kind}" }
        fix { zh "检查次序：日期 MMDD，有效期 YYMM，时间 hhmmss。" en "Check the order: a date is MMDD, an expiry YYMM, a time hhmmss." }
        about {
            zh "月份是 01 到 12，日、时、分、秒也各有范围。卡面印的有效期是月在前，报文里是年在前，最容易写反。"
            en "A month is 01 to 12, and days, hours, minutes and seconds have their ranges too. A card shows its expiry month first, a message carries the year first: the two are easily mixed up."
        }
        example "import iso1987.dialect\nfn f() -> Message = message 0800 { F11: \"000001\", F13: \"3112\", F41: \"10000007\" }"
    }

    T0249 DIGITS_OF_ANOTHER_KIND DigitsOfAnotherKind(found: Text, expected: Text) Types {
        title { zh "此处要的是{expected}，给的是{found}" en "this takes {expected}, found {found}" }
        fix { zh "给出对应的域或值。" en "Give the field or value that is meant." }
        about {
            zh "日期与有效期同是四位，流水号与时间同是六位。类型只看位数，所以由域的含义来分辨。"
            en "A date and an expiry both have four digits, a trace number and a time both six. Types only see how many there are, so the meaning of the field tells them apart."
        }
        example "import cn_pos.dialect\nflow f(r: Reply, date: Digits(4)) uses store {\n  match r.F11 {\n    some time => store.set_clock(date, time)\n    none => {}\n  }\n}"
    }

    T0250 REVERSAL_FRESH_DATA ReversalFreshData(field: Field, message: Text) Types {
        title { zh "冲正 {message} 的{field}不是原交易的" en "{field} of the reversal {message} is not that of the original" }
        fix { zh "删去此域，由方言从原交易复制。" en "Leave the field out: the dialect copies it from the original." }
        about {
            zh "冲正要重复原交易的卡号、处理码、金额、流水号等域（方言 copies 所列）。换成新的流水号或别的金额，主机找不到原交易，或冲掉另一笔。"
            en "A reversal repeats card number, processing code, amount, trace number and the other fields under `copies` of the dialect. With a new trace number or another amount the host does not find the original, or takes back a different transaction."
        }
        example "import cn_pos.dialect\nflow f(m: Message) uses host {\n  reversible m by message 0400 from m { F11: host.next_stan() } {\n    reverse\n  }\n}"
    }

    T0251 REVERSAL_OF_ANOTHER ReversalOfAnother() Types {
        title { zh "冲正不是从受保护的请求复制的" en "the reversal is not copied from the request it protects" }
        fix { zh "from 后写 reversible 的那条请求。" en "Write the request of the `reversible` after `from`." }
        about {
            zh "reversible x by message 0400 from x：冲正要冲的就是 x。从别的报文复制，断电或超时后冲掉的是别的交易，而 x 无人管。"
            en "In `reversible x by message 0400 from x` the reversal is for x. Copied from another message it takes back another transaction after a time-out, and nobody looks after x."
        }
        example "import cn_pos.dialect\nflow f(m: Message, n: Message) {\n  reversible m by message 0400 from n { } {\n    reverse\n  }\n}"
    }

    T0252 BATCH_OUTSIDE_SETTLEMENT BatchOutsideSettlement() Types {
        title { zh "没有结算就更换批次号" en "the batch number is changed without a settlement" }
        fix { zh "先结算并核对结果，或采用主机给的批次号。" en "Settle and look at the result first, or take the host's batch number." }
        about {
            zh "批次是终端与主机对账的单位。中途更换，旧批次里的交易不再结算，主机也会以批次不符（77）拒绝。"
            en "Terminal and host agree on their books batch by batch. Changed in between, what stands in the old batch is never settled, and the host answers 77."
        }
        example "flow f() uses store {\n  store.set_batch(\"000001\")\n}"
    }

    T0253 BATCH_WITHOUT_RESULT BatchWithoutResult() Types {
        title { zh "没有看结算结果就更换批次" en "the batch is changed without a look at the settlement's result" }
        fix { zh "先看应答第 48 域的对账结果；不平则先批上送。" en "Look at the result in field 48 first; if it does not balance, upload the batch." }
        about {
            zh "结算应答没有第 39 域，结果在第 48 域：1 平，2 不平，3 出错。不平时先把逐笔明细批上送，再换批次。"
            en "The reply to a settlement has no field 39; its result stands in field 48: 1 balanced, 2 not, 3 error. If it does not balance, the transactions are uploaded one by one before the batch is changed."
        }
        example "import cn_pos.dialect\nflow f(m: Digits(6)) uses host, journal, store {\n  if journal.pending > 0 {\n    return\n  }\n  let reply = host.send(message 0500 {\n    F11: host.next_stan()\n    F41: store.terminal_id\n    F42: store.merchant_id\n    F48: \"00000000000000000000000000000000\"\n    F49: \"156\"\n    F60: \"00{store.batch_no}201\"\n    F63: store.operator\n  }, within: 60s)\n  store.set_batch(m)\n}"
    }

    T0254 BOOKED_DIFFERS BookedDiffers(what: Text) Types {
        title { zh "记入的{what}与请求的不同" en "the {what} that is booked is not that of the request" }
        fix { zh "Txn 的各项取自同一笔请求与它的应答。" en "Fill a Txn from one request and its own reply." }
        about {
            zh "commit 记入的是发出去并得到批准的那一笔。金额或应答不符，运行时拒绝记入，而主机已经批准；种类不符，结算时借贷合计就不平。"
            en "`commit` books what was sent and approved. With another amount or reply the run refuses to book it, after the host has approved; with another kind the totals disagree at settlement."
        }
        example "import cn_pos.dialect\nimport cn_pos.codes\nflow g(reply: Reply, amount: Amount, tip: Amount) -> Txn uses host, store {\n  let request = message 0200 {\n    F3: \"000000\"\n    F4: amount\n    F11: host.next_stan()\n    F22: \"051\"\n    F25: \"00\"\n    F41: store.terminal_id\n    F42: store.merchant_id\n    F49: amount.currency_number\n    F60: \"22{store.batch_no}000\"\n  }\n  return Txn(kind: sale, amount: amount + tip, request: request, reply: reply)\n}"
    }

    T0255 CODES_DISAGREE CodesDisagree(code: Text, detail: Text) Types {
        title { zh "应答码 {code}：{detail}" en "response code {code}: {detail}" }
        fix { zh "让方言的 approved 与码表的 accept 一致。" en "Let `approved` of the dialect and `accept` of the table agree." }
        about {
            zh "哪些码算批准写在两处：方言的 approved 决定收发时怎样校验，码表的类别决定脚本走哪一支。两处须列出同样的码。"
            en "What counts as an approval stands in two places: `approved` of the dialect decides how a reply is verified, the category in the table decides which arm a script takes. Both have to name the same codes."
        }
        example "import cn_pos.dialect\nimport cn_pos.codes\n\ndialect mine extends cn_pos {\n  approved 00 10 11 99 A2 A4 A5 A6\n}"
    }

    T0256 FIELD_UNPROTECTED FieldUnprotected(field: Field, holds: Text) Types {
        title { zh "{field}在 ISO 8583 中是{holds}，此行没有说明" en "{field} is {holds} in ISO 8583, and this row does not say so" }
        fix { zh "在 holds 一栏写明内容。" en "Say what it holds in the column `holds`." }
        about {
            zh "holds 决定脚本能放什么进去、应答里能读出什么。金额若当作普通数字，就没有币种可查；流水号若当作普通数字，就无从配对应答与冲正。"
            en "`holds` decides what a script may put in and what it reads out of a reply. An amount declared as plain digits loses its currency; a trace number can no longer tie a reply or a reversal to its request."
        }
        example "dialect mine {\n  form ascii\n  fields {\n    | field | name | class | encoding | length | zh | en |\n    | F4 | amount | n | ascii | 12 | \"金额\" | \"amount\" |\n  }\n}"
    }

    T0257 SETTLED_WITH_PENDING SettledWithPending() Types {
        title { zh "没有看待发冲正就发结算" en "the settlement is sent without a look at the reversals that wait" }
        fix { zh "先判断 journal.pending，为零才结算。" en "Look at journal.pending first, and settle when it is 0." }
        about {
            zh "程序在结算之前先发待发的冲正；有一笔没有确认，结算就不发（T5106）。事先看一看，流程才能告诉收银员在等什么，或改时再结算。"
            en "The reversals that wait are sent before a settlement, and while one is not confirmed the settlement is not sent (T5106). A flow that looks first can tell the cashier what is waited for, or settle later."
        }
        example "import cn_pos.dialect\nflow f() uses host, store {\n  host.send(message 0500 {\n    F11: host.next_stan()\n    F41: store.terminal_id\n    F42: store.merchant_id\n    F48: \"00000000000000000000000000000000\"\n    F49: \"156\"\n    F60: \"00{store.batch_no}201\"\n    F63: store.operator\n  }, within: 60s)\n}"
    }

    T0258 REASON_OVERWRITTEN ReasonOverwritten(field: Field) Types {
        title { zh "冲正的{field}由程序填写，写在这里的不会发出" en "{field} of a reversal is filled in by the program; what is written here is never sent" }
        fix { zh "删去它，在方言的 reversal 里用 reason 说明。" en "Remove it, and say it under `reason` in the dialect's `reversal`." }
        about {
            zh "冲正原因取决于流程怎样离开 reversible：超时是 98，MAC 不对是 A0，其余是默认值。离开时才知道，所以由程序按方言的 reason 填写。"
            en "The reason depends on how a flow leaves `reversible`: 98 after a time-out, A0 after a wrong MAC, the default otherwise. It is known on leaving only, so the program fills it in from `reason` of the dialect."
        }
        example "import cn_pos.dialect\nflow f(m: Message) {\n  reversible m by message 0400 from m { F39: \"96\" } {\n    reverse\n  }\n}"
    }
}
