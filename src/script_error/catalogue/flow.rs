//! Ways through a flow, reversal, capabilities, texts and tests.

super::rows! {
    T0301 MATCH_NOT_EXHAUSTIVE MatchNotExhaustive(missing: Text) Flow {
        title { zh "match 没有覆盖所有情况，尚缺 {missing}" en "match does not cover every case; missing: {missing}" }
        fix { zh "先写需要动作的类别，其余用 other。" en "Handle the categories that need action, then the rest with `other`." }
        about {
            zh "应答码按类别须全部处理：accept、decline、capture、rekey、retry、refer。漏掉一类，没收卡或重新签到之类的动作就会被漏做。"
            en "A match on a response code has to cover every category: accept, decline, capture, rekey, retry, refer. A category left out is an action left out, such as keeping the card or signing in again."
        }
        example "import cn_pos.codes\nflow f(code: ResponseCode) -> Outcome {\n  match code {\n    accept => return done\n  }\n}"
    }

    T0302 OTHER_HIDES_ACTION OtherHidesAction(categories: Text) Flow {
        title { zh "other 同时吞掉了需要处理的类别：{categories}" en "`other` also catches categories that need action: {categories}" }
        fix { zh "写明这些类别，或在其前加 @allow(T0302, \"理由\")。" en "Name these categories, or put `@allow(T0302, \"reason\")` before it." }
        about {
            zh "capture 要留卡，rekey 要重新签到；归入 other 后，收银员就看不到该做什么。确实不需区分时，用 @allow(T0302, \"理由\") 说明。"
            en "`capture` means keeping the card and `rekey` means signing in again; lumped into `other`, the cashier is never told. Where the difference really does not matter, say so with `@allow(T0302, \"reason\")`."
        }
        example "import cn_pos.codes\nflow f(code: ResponseCode) -> Outcome {\n  match code {\n    accept => return done\n    other => return declined(code)\n  }\n}"
    }

    T0303 MISSING_RETURN MissingReturn(flow: Name) Flow {
        title { zh "“{flow}”有一条路径没有 return" en "one way through `{flow}` ends without `return`" }
        fix { zh "在该路径末尾补上 return 或 fail。" en "End it with `return` or `fail`." }
        about {
            zh "流程的每条路径都要说明结果。漏写的路径若默认成功，收银员会以为交易已完成。"
            en "Every way through a flow has to say how it ended. A default of success would let the cashier believe in a sale that never was."
        }
        example "flow f(a: Bool) -> Outcome {\n  if a {\n    return done\n  }\n}"
    }

    T0304 UNREACHABLE Unreachable() Flow {
        title { zh "这里永远不会执行到" en "this is never reached" }
        fix { zh "删去它，或移到 return 之前。" en "Delete it, or move it before the `return`." }
        about {
            zh "前面的每条路径都已 return、fail 或 break。这里的代码看似有用，其实从不运行。"
            en "Every way before it has already returned, failed or left the loop. The code looks useful and never runs."
        }
        example "flow f() -> Outcome {\n  return done\n  step \"x\"\n}"
    }

    T0305 RECURSION Recursion(flow: Name) Flow {
        title { zh "“{flow}”直接或间接调用了自己" en "`{flow}` calls itself, directly or by way of others" }
        fix { zh "改用 repeat 或 for。" en "Use `repeat` or `for` instead." }
        about {
            zh "流程不得递归，这样部署之前就知道最多执行多少指令、最多等待多久。重试写成 on ... retry 3 或 repeat 3 times。"
            en "Flows do not recurse, so that the most instructions and the longest wait are known before deployment. A retry is written `on ... retry 3` or `repeat 3 times`."
        }
        example "flow f() -> Outcome {\n  return f()\n}"
    }

    T0306 WAIT_WITHOUT_LIMIT WaitWithoutLimit(call: Name) Flow {
        title { zh "{call} 会等待，必须给出时限" en "`{call}` waits, so it needs a time limit" }
        fix { zh "加上时限，如 within: 60s。" en "Add a limit, such as `within: 60s`." }
        about {
            zh "流程不得无限等待：没有应答的主机、走开的持卡人都会让终端停在那里。"
            en "A flow may not wait for ever: a host that never answers or a cardholder who walked away would hold the terminal."
        }
        example "flow f() -> Outcome {\n  let c = card.read(accept: [chip])\n  return done\n}"
    }

    T0307 DUPLICATE_ARM DuplicateArm(name: Name) Flow {
        title { zh "“{name}”已在前面处理过" en "`{name}` is already handled above" }
        fix { zh "删去其一，或合并两处。" en "Remove one, or join the two." }
        about {
            zh "match 与 on 从上往下取第一个相符的，后面同名的一支永远用不到。"
            en "`match` and `on` take the first that fits, so a second one of the same name is never used."
        }
        example "flow f(code: ResponseCode) -> Outcome {\n  match code {\n    accept => return done\n    accept => return cancelled\n    decline, capture, rekey, retry, refer => return declined(code)\n  }\n}"
    }

    T0308 UNKNOWN_ERROR_NAME UnknownErrorName(name: Name) Flow {
        title { zh "没有名为“{name}”的错误" en "there is no error named `{name}`" }
        fix { zh "检查拼写，或用 error 声明它。" en "Check the spelling, or declare it with `error`." }
        about {
            zh "on 后面写错误的小写名（timeout、no_line、paper_out）或用 error 声明的名称；用 till explain 可查每个错误的名称。"
            en "After `on` stands the small name of an error (timeout, no_line, paper_out) or one declared with `error`. `till explain` shows the name of each."
        }
        example "flow f() -> Outcome {\n  let c = card.read(accept: [chip], within: 60s)\n    on time_out => return cancelled\n  return done\n}"
    }

    T0309 HANDLER_NEVER_USED HandlerNeverUsed(name: Name) Flow {
        title { zh "这次调用不会出现“{name}”" en "this call never raises `{name}`" }
        fix { zh "删去该处理，或移到会出现它的调用后面。" en "Remove the handler, or move it to the call that raises it." }
        about {
            zh "每个设备方法声明了可能出现的错误。不会出现的处理从不执行，常是写错了地方。"
            en "Each method of a device declares the errors it can raise. A handler for another one never runs, and usually stands at the wrong call."
        }
        example "flow f() -> Outcome {\n  let c = card.read(accept: [chip], within: 60s)\n    on paper_out => return cancelled\n  return done\n}"
    }

    T0310 BREAK_OUTSIDE BreakOutside() Flow {
        title { zh "break 不在循环之内" en "`break` outside a loop" }
        fix { zh "删去它；要离开流程，用 return。" en "Remove it; to leave the flow, use `return`." }
        about {
            zh "break 离开最近的 repeat 或 for。"
            en "`break` leaves the nearest `repeat` or `for`."
        }
        example "flow f() -> Outcome {\n  break\n  return done\n}"
    }

    T0311 STATEMENT_OUTSIDE_TEST StatementOutsideTest(word: Name) Flow {
        title { zh "{word} 只能写在 test 里" en "`{word}` belongs in a `test`" }
        fix { zh "移到 test 里。" en "Move it into a `test`." }
        about {
            zh "given 布置模拟设备，expect 检查结果；真实终端上没有可布置的设备，所以流程里不能写。"
            en "`given` prepares simulated devices and `expect` looks at the result; on a real terminal there is nothing to prepare, so a flow cannot use them."
        }
        example "flow f() -> Outcome {\n  expect 1 == 1\n  return done\n}"
    }

    T0312 HANDLER_GIVES_NO_VALUE HandlerGivesNoValue() Flow {
        title { zh "此处理既不给出值，也不离开流程" en "this handler neither gives a value nor leaves the flow" }
        fix { zh "给出一个替代值，或以 return、fail 离开。" en "Give a value to go on with, or leave with `return` or `fail`." }
        about {
            zh "let 后面的 on 要么给出用来继续的值，要么离开流程；否则后面的代码拿不到值。"
            en "An `on` after a `let` either gives the value to go on with or leaves the flow; otherwise the code below would have none."
        }
        example "flow f() -> Outcome {\n  let c = card.read(accept: [chip], within: 60s)\n    on timeout => { step \"x\" }\n  return done\n}"
    }

    T0313 FN_TOUCHES_DEVICE FnTouchesDevice(name: Name) Flow {
        title { zh "fn 不能使用设备或流程：{name}" en "a `fn` may not use a device or a flow: `{name}`" }
        fix { zh "改用 flow，或把所需的值作为参数传入。" en "Make it a `flow`, or pass in the value it needs." }
        about {
            zh "fn 是纯计算：相同的参数总得相同的结果，可以用在任何地方。设备的动作会等待、会出错，须写在 flow 里。"
            en "A `fn` only computes: the same arguments always give the same result. What a device does can wait and fail, so it belongs in a `flow`."
        }
        example "fn f() -> Stan = host.next_stan()"
    }

    T0401 REVERSAL_UNDECIDED ReversalUndecided(exit: Text) Reversal {
        title { zh "此 {exit} 离开 reversible 时没有说明冲正如何处理" en "this {exit} leaves `reversible` without saying what happens to the reversal" }
        fix { zh "在此之前写 commit、discard 或 reverse。" en "Write `commit`, `discard` or `reverse` before it." }
        about {
            zh "离开 reversible 的每条路径都要说明冲正如何处理：commit 入账，discard 没有扣款，reverse 冲正。忘了说明，好的交易会被冲正，或冲正一直悬着。超时、出错与断电无须写明：一律自动冲正。"
            en "Every way out of `reversible` says what happens to the reversal: `commit` books the sale, `discard` says that nothing was taken, `reverse` takes it back. A forgotten one reverses a good sale or leaves the reversal open. Timeouts, errors and power loss need no statement: they always reverse."
        }
        example "import cn_pos.dialect\nflow f(m: Message) -> Outcome {\n  reversible m {\n    return cancelled\n  }\n}"
    }

    T0402 NESTED_REVERSIBLE NestedReversible() Reversal {
        title { zh "reversible 里不能再有 reversible" en "a `reversible` inside another one" }
        fix { zh "先结束外层，再开始下一笔。" en "Finish the outer one before the next begins." }
        about {
            zh "同一时刻只能有一笔待定的交易：两笔同时未决时，出错后说不清该冲正哪一笔。"
            en "Only one transaction may be undecided at a time: with two, a failure could not tell which to reverse."
        }
        example "import cn_pos.dialect\nflow f(m: Message) -> Outcome {\n  reversible m {\n    reversible m {\n      discard\n    }\n    discard\n  }\n  return done\n}"
    }

    T0403 MONEY_OUTSIDE_REVERSIBLE MoneyOutsideReversible(message: Text) Reversal {
        title { zh "报文 {message} 会动账，却在 reversible 之外发送" en "message {message} moves money but is sent outside `reversible`" }
        fix { zh "用 reversible 请求 { ... } 包住发送与判断。" en "Wrap sending and deciding in `reversible request { ... }`." }
        about {
            zh "动账的请求发出后若没有应答，终端必须能冲正。reversible 在发送之前先把冲正记入日志，断电也不会丢。"
            en "When a request that moves money gets no answer, the terminal has to be able to reverse it. `reversible` writes the reversal to the journal before the request leaves, so even a power cut cannot lose it."
        }
        example "import iso1987.dialect\nflow f() -> Outcome {\n  let request = message 0200 { F3: \"000000\", F4: 1.00 CNY, F11: host.next_stan(), F41: store.terminal_id, F49: \"156\" }\n  let reply = host.send(request, within: 60s)\n  return done\n}"
    }

    T0404 DECISION_OUTSIDE_REVERSIBLE DecisionOutsideReversible(word: Name) Reversal {
        title { zh "{word} 不在 reversible 之内" en "`{word}` outside `reversible`" }
        fix { zh "移到 reversible 块内。" en "Move it into the `reversible` block." }
        about {
            zh "commit、discard 与 reverse 决定当前这笔 reversible 的冲正如何处理；块外没有可决定的。"
            en "`commit`, `discard` and `reverse` decide what becomes of the reversal of the current `reversible`; outside there is nothing to decide."
        }
        example "flow f() -> Outcome {\n  discard\n  return done\n}"
    }

    T0405 DECIDED_TWICE DecidedTwice() Reversal {
        title { zh "同一条路径上第二次决定冲正" en "the reversal is decided a second time on one path" }
        fix { zh "每条路径只留一个 commit、discard 或 reverse。" en "Keep one `commit`, `discard` or `reverse` on each path." }
        about {
            zh "第一个决定已写入日志，第二个改变不了它；两个不同的决定说明脚本对钱的去向没有想清楚。"
            en "The first decision is in the journal and a second one cannot change it. Two of them mean that the script is not clear about where the money goes."
        }
        example "import cn_pos.dialect\nflow f(m: Message) -> Outcome {\n  reversible m {\n    discard\n    reverse\n  }\n  return done\n}"
    }

    T0406 DISCARD_IN_DOUBT DiscardInDoubt() Reversal {
        title { zh "主机可能已扣款，不能 discard" en "`discard` where the host may have taken the money" }
        fix { zh "改用 reverse，或先用 match 看 reply.code。" en "Use `reverse`, or look at `reply.code` with `match` first." }
        about {
            zh "discard 丢掉冲正，只在没有扣款时才对：请求还没有发出（如 no_line），或应答码已看过且不是批准。超时、断线、应答损坏、MAC 不对都证明不了没有扣款。"
            en "`discard` drops the reversal, which is right only if nothing was taken: the request has not left (as with `no_line`), or the response code was looked at and is no approval. A time-out, a dropped line, a garbled reply or a bad MAC proves nothing."
        }
        example "import cn_pos.dialect\nflow f(m: Message) -> Outcome {\n  reversible m {\n    let reply = host.send(m, within: 60s)\n    discard\n    return declined(reply.code)\n  }\n}"
    }

    T0407 SENT_AGAIN SentAgain(danger: Text) Reversal {
        title { zh "在此发送会{danger}" en "sending this here {danger}" }
        fix { zh "让错误继续上传；冲正之后再重做。" en "Let the error travel; start again after the reversal." }
        about {
            zh "没有等到应答时，第一次请求可能已经成功；再发一次，不论流水号新旧，都可能重复扣款。reversible 里只发它的那一笔请求，只发一次。no_line 时一个字节都没有送出，可以 retry。"
            en "Without an answer the first request may have gone through; sending again, with an old trace number or a new one, may charge twice. A `reversible` sends its one request, once. With `no_line` not one byte was sent, so that may be retried."
        }
        example "import cn_pos.dialect\nflow f(m: Message) -> Outcome {\n  reversible m {\n    let reply = host.send(m, within: 60s)\n      on timeout retry 2\n    reverse\n    return done\n  }\n}"
    }

    T0408 TIMEOUT_AS_DECLINE TimeoutAsDecline() Reversal {
        title { zh "没有应答不等于被拒绝" en "no answer is not a decline" }
        fix { zh "让错误继续上传，或用 fail 说明结果未知。" en "Let the error travel, or `fail` with what is not known." }
        about {
            zh "declined 表示主机已拒绝、没有扣款。超时、断线、应答不可信时，主机可能已批准；报告为拒绝，持卡人会再付一次。"
            en "`declined` says that the host refused and nothing was taken. After a time-out, a dropped line or a reply that cannot be trusted it may have approved; reported as a decline, the cardholder would pay twice."
        }
        example "import cn_pos.dialect\nflow f(m: Message) -> Outcome {\n  reversible m {\n    let reply = host.send(m, within: 60s)\n      on timeout => return declined(\"68\")\n    reverse\n    return done\n  }\n}"
    }

    T0409 OUTPUT_BEFORE_COMMIT OutputBeforeCommit(call: Name) Reversal {
        title { zh "{call} 先于 commit" en "`{call}` comes before `commit`" }
        fix { zh "移到 commit 之后。" en "Move it behind `commit`." }
        about {
            zh "commit 之前断电，这笔交易会被冲正。小票已在持卡人手里、卡已取走，账却没有。先入账，再打印、退卡。"
            en "If power fails before `commit`, the sale is reversed: the cardholder holds the slip, or has taken the card, and there is no sale. Book first, then print and let the card go."
        }
        example "import cn_pos.dialect\nimport cn_pos.codes\nflow f(m: Message) -> Outcome {\n  reversible m {\n    let reply = host.send(m, within: 60s)\n    match reply.code {\n      accept => {\n        card.release()\n        commit Txn(kind: sale, amount: 1.00 CNY, request: m, reply: reply)\n        return done\n      }\n      decline, capture, rekey, retry, refer => {}\n    }\n    discard\n    return declined(reply.code)\n  }\n}"
    }

    T0410 COMMIT_IN_DOUBT CommitInDoubt() Reversal {
        title { zh "没有批准就 commit" en "`commit` without an approval" }
        fix { zh "在 match reply.code 的 accept 一支里 commit。" en "`commit` in the `accept` arm of `match reply.code`." }
        about {
            zh "commit 把交易记入批次，并清除冲正。主机没有批准的交易入了账，结算时对不平，商户收不到这笔钱。"
            en "`commit` books the sale into the batch and clears the reversal. A sale that the host did not approve makes settlement fail to balance, and the merchant is never paid for it."
        }
        example "import cn_pos.dialect\nflow f(m: Message) -> Outcome {\n  reversible m {\n    let reply = host.send(m, within: 60s)\n    commit Txn(kind: sale, amount: 1.00 CNY, request: m, reply: reply)\n    return done\n  }\n}"
    }

    T0601 USES_MISSING UsesMissing(device: Name) Capabilities {
        title { zh "此流程使用了 {device} 却未声明" en "this flow uses `{device}` but does not say so" }
        fix { zh "在 uses 中加上 {device}。" en "Add `{device}` to its `uses`." }
        about {
            zh "pub 流程要写明会用到哪些设备；部署清单与测试据此准备，审核的人一眼可见。"
            en "A `pub` flow says which devices it touches; the manifest and the tests are made from that line, and a reviewer sees it at once."
        }
        example "pub flow f() -> Outcome {\n  let c = card.read(accept: [chip], within: 60s)\n  return done\n}"
    }

    T0602 USES_UNUSED UsesUnused(device: Name) Capabilities {
        title { zh "声明了 {device} 却没有使用" en "`{device}` is declared but not used" }
        fix { zh "从 uses 中删去 {device}。" en "Remove `{device}` from `uses`." }
        about {
            zh "多写的设备会使部署清单要求不需要的权限。"
            en "A device too many makes the manifest ask for rights that nobody needs."
        }
        example "pub flow f() -> Outcome uses card {\n  return done\n}"
    }

    T0603 UNKNOWN_DEVICE UnknownDevice(name: Name) Capabilities {
        title { zh "没有名为“{name}”的设备" en "there is no device `{name}`" }
        fix { zh "检查拼写，如 screen、card、pinpad、host、printer。" en "Check the spelling: screen, card, pinpad, host, printer and so on." }
        about {
            zh "uses 后面写设备名。设备由语言提供，脚本不能自己声明。"
            en "After `uses` stand names of devices. Devices come with the language; a script cannot declare its own."
        }
        example "pub flow f() -> Outcome uses camera {\n  return done\n}"
    }

    T0701 LANGUAGE_MISSING LanguageMissing(language: Text, name: Name) Texts {
        title { zh "“{name}”缺少 {language} 文字" en "`{name}` has no {language} text" }
        fix { zh "补上 {language} 一行。" en "Add the {language} line." }
        about {
            zh "每段文字都要有 zh 与 en，收银员、持卡人与技术支持未必读同一种语言。"
            en "Every text has both zh and en, since cashier, cardholder and support may not read the same language."
        }
        example "text hello {\n  zh \"你好\"\n}"
    }

    T0702 PLACEHOLDERS_DIFFER PlaceholdersDiffer(name: Name) Texts {
        title { zh "“{name}”的两种语言使用的值不一致" en "the two languages of `{name}` do not use the same values" }
        fix { zh "两种语言用相同的占位。" en "Use the same placeholders in both." }
        about {
            zh "一种语言少了一个值，读它的人就少知道一件事；多了一个则无从填写。"
            en "With a value missing in one language its reader knows less; with one too many there is nothing to fill in."
        }
        example "text ask(a: Amount) {\n  zh \"撤销 {a}？\"\n  en \"Void?\"\n}"
    }

    T0703 CODE_TAKEN CodeTaken(code: Text) Texts {
        title { zh "错误代码 {code} 已被使用" en "the error code {code} is taken" }
        fix { zh "换一个代码。" en "Choose another code." }
        about {
            zh "代码是人与人之间报错用的号码，一个号码只能指一件事。"
            en "A code is what people quote to each other, so one code means one thing."
        }
        example "error A() E1000 card {\n  cashier\n    zh \"一\"\n    en \"one\"\n  cardholder\n    zh \"一\"\n    en \"one\"\n  support\n    zh \"一\"\n    en \"one\"\n}\nerror B() E1000 card {\n  cashier\n    zh \"二\"\n    en \"two\"\n  cardholder\n    zh \"二\"\n    en \"two\"\n  support\n    zh \"二\"\n    en \"two\"\n}"
    }

    T0704 AUDIENCE_MISSING AudienceMissing(audience: Text, name: Name) Texts {
        title { zh "错误“{name}”没有写给 {audience} 的话" en "the error `{name}` says nothing to the {audience}" }
        fix { zh "补上 {audience} 一段。" en "Add the part for the {audience}." }
        about {
            zh "每个错误都要告诉收银员、持卡人与技术支持各该做什么。没有要做的，也要写明请稍候之类的话。"
            en "Every error tells cashier, cardholder and support what to do. Where there is nothing to do, say that: please wait."
        }
        example "error A() E1000 card {\n  cashier\n    zh \"一\"\n    en \"one\"\n  support\n    zh \"一\"\n    en \"one\"\n}"
    }

    T0705 BAD_ERROR_CODE BadErrorCode(code: Text) Texts {
        title { zh "“{code}”不是可用的错误代码" en "`{code}` is not an error code a script can use" }
        fix { zh "写成 E 加四位数字，如 E4102。" en "Write E and four digits, such as E4102." }
        about {
            zh "脚本的错误以 E 开头，T 开头的归本语言所有，二者不会混淆。"
            en "Errors of a script start with E; those of the language itself start with T, so the two cannot be mixed up."
        }
        example "error A() E12 card {\n  cashier\n    zh \"一\"\n    en \"one\"\n  cardholder\n    zh \"一\"\n    en \"one\"\n  support\n    zh \"一\"\n    en \"one\"\n}"
    }

    T0801 EXPECT_FAILED ExpectFailed(expected: Text, found: Text) Tests {
        title { zh "期望 {expected}，实际 {found}" en "expected {expected}, found {found}" }
        fix { zh "改正流程，或改正测试的期望。" en "Correct the flow, or what the test expects." }
        about {
            zh "测试运行到此处，实际结果与期望不同。用 till test --filter 单独运行这个测试，可看到它的每一步。"
            en "The test ran to this line and what it saw was not what it expected. Run it alone with `till test --filter` to see each step."
        }
        example "test \"t\" {\n  expect 1 == 2\n}"
    }
}
