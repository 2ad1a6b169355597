//! What a flow does with the host's answer, with errors, and with its own names.

super::rows! {
    T0314 CODE_AS_TEXT CodeAsText() Flow {
        title { zh "应答码当作文字来判断" en "a response code is judged as a text" }
        fix { zh "直接比较应答码，或用 match 按类别处理。" en "Compare the code itself, or handle its categories with `match`." }
        about {
            zh "应答码有自己的类型：名称、含义与类别都来自码表。取出它的两个字符再比较，写错一个字符也无人发现，批准的码也容易漏掉几个。"
            en "A response code has a type of its own: its name, meaning and category come from the table. Once it is two characters of text, a wrong character is never found, and some of the approvals are easily left out."
        }
        example "import cn_pos.codes\nfn is_yes(code: ResponseCode) -> Bool = code.text == \"51\""
    }

    T0315 APPROVALS_LOST ApprovalsLost(codes: Text) Flow {
        title { zh "这些应答码也是批准，却没有当作批准：{codes}" en "these codes approve too, but are not taken for approvals: {codes}" }
        fix { zh "在 match 中用 accept，或列出全部批准的应答码。" en "Use `accept` in a `match`, or list every code that approves." }
        about {
            zh "批准不只有 00：方言给出全部批准的应答码，如贵宾批准、部分批准。主机已扣款，而终端当作拒绝，持卡人会再付一次，账也对不平。"
            en "00 is not the only approval: the dialect lists every response code that approves, such as those for VIPs or for part of the amount. If the host has taken the money and the terminal calls it a decline, the cardholder pays twice and the books do not balance."
        }
        example "import cn_pos.dialect\nimport cn_pos.codes\nflow f(reply: Reply) -> Outcome {\n  if reply.code == approved {\n    return done\n  }\n  return declined(reply.code)\n}"
    }

    T0316 SENT_AFTER_CAPTURE SentAfterCapture() Flow {
        title { zh "发卡行要求留卡之后，同一笔又发一次" en "sent again after the issuer asked to keep the card" }
        fix { zh "应答为 capture 时离开循环。" en "Leave the loop when the answer is `capture`." }
        about {
            zh "capture 类应答码（挂失、被窃、伪卡等）不会因重发而改变。再发只会触发发卡行的风控，并给用假卡的人再试的机会。"
            en "A code of category `capture` (lost, stolen, forged) does not change by asking again. Another request raises the issuer's alarm and gives whoever holds the card another try."
        }
        example "import cn_pos.dialect\nimport cn_pos.codes\nflow f(m: Message) -> Outcome {\n  repeat 3 times {\n    let reply = host.send(m, within: 60s)\n    match reply.code {\n      accept => return done\n      capture => {}\n      decline, rekey, retry, refer => return declined(reply.code)\n    }\n  }\n  return cancelled\n}"
    }

    T0317 SENT_AFTER_ANSWER SentAfterAnswer(answer: Text) Flow {
        title { zh "{answer}的一笔又发一次" en "a request that was {answer} is sent again" }
        fix { zh "有了结果就离开循环；只有 retry 类应答码值得重发。" en "Leave the loop once the answer is there; only codes of category `retry` are worth another try." }
        about {
            zh "已批准的再发一次，就是再扣一次款。余额不足、卡过期、须联系发卡行之类的拒绝，原样重发仍是拒绝；卡组织对反复重发收费，也会当作试卡。"
            en "An approved request sent once more is charged once more. Insufficient funds, an expired card, refer to issuer: the same request is declined again; card schemes charge for such repetition, and it looks like someone trying out cards."
        }
        example "import cn_pos.dialect\nimport cn_pos.codes\nflow f(m: Message) -> Outcome {\n  repeat 3 times {\n    let reply = host.send(m, within: 60s)\n    match reply.code {\n      accept => return done\n      decline => {}\n      capture, rekey, retry, refer => return declined(reply.code)\n    }\n  }\n  return cancelled\n}"
    }

    T0318 PIN_SENT_AGAIN PinSentAgain() Flow {
        title { zh "密码错之后，没有重新输密就又发一次" en "sent again after a wrong PIN, without asking for the PIN again" }
        fix { zh "重发之前先请持卡人重新输密。" en "Ask for the PIN again before sending." }
        about {
            zh "同一个 PIN 块再发一次仍是错，却用掉持卡人一次机会；三次之后卡被锁。重新输密后，PIN 块与流水号都要用新的。"
            en "The same PIN block is wrong again and uses up one of the cardholder's tries; after three the card is locked. After another entry, the PIN block and the trace number both have to be new."
        }
        example "import cn_pos.dialect\nimport cn_pos.codes\nflow f(m: Message) -> Outcome {\n  repeat 3 times {\n    let reply = host.send(m, within: 60s)\n    match reply.code {\n      accept => return done\n      wrong_pin => {}\n      decline, capture, rekey, retry, refer => return declined(reply.code)\n    }\n  }\n  return cancelled\n}"
    }

    T0319 ERROR_SWALLOWED ErrorSwallowed(call: Name) Flow {
        title { zh "{call} 出了错，却当作没有发生" en "`{call}` failed, and the flow goes on as if it had not" }
        fix { zh "告诉收银员，或以 return、fail 离开。" en "Tell the cashier, or leave with `return` or `fail`." }
        about {
            zh "吞掉的错误不会出现在报告里：小票没有打出、密钥没有换上，却没有人知道。后面的步骤以为它已成功。"
            en "An error that is dropped is in no report: the slip was not printed or the keys were not put into use, and nobody knows. The steps behind it believe that it worked."
        }
        example "receipt slip() {\n  rule\n}\nflow f() -> Outcome {\n  printer.print(slip)\n    on paper_out => {}\n  return done\n}"
    }

    T0320 OTHER_HIDES_ERRORS OtherHidesErrors(errors: Text) Flow {
        title { zh "other 吞掉了关系到钱或密钥的错误：{errors}" en "`other` also takes errors that touch money or keys: {errors}" }
        fix { zh "写明能处理的错误，其余让它继续上传。" en "Name the errors that you can deal with and let the rest travel." }
        about {
            zh "MAC 不对、应答不匹配、日志写不进，说明账或密钥可能已出错，须有人处理。归入 other 后，它们与没纸、取消没有分别，报告里也查不到。"
            en "A bad MAC, a reply that does not match, a journal that cannot be written: books or keys may be wrong and somebody has to act. Lumped into `other` they look like a lack of paper or a cancel, and no report shows them."
        }
        example "flow f() -> Outcome {\n  store.mark_signed_out()\n    on other => screen.clear()\n  return done\n}"
    }

    T0321 TIMEOUT_AS_CANCELLED TimeoutAsCancelled(outcome: Name) Flow {
        title { zh "没有应答不等于 {outcome}" en "no answer does not mean `{outcome}`" }
        fix { zh "让错误继续上传，或用 fail 说明结果未知。" en "Let the error travel, or `fail` with what is not known." }
        about {
            zh "cancelled 表示有人取消、什么都没有发生，done 表示已办成。请求发出而没有等到可信的应答时，主机可能已经入账，两者都不能说。"
            en "`cancelled` says that a person stopped it and nothing happened, `done` that it is done. When a request left and no reply that can be trusted came, the host may have carried it out, so neither can be said."
        }
        example "import cn_pos.dialect\nflow f(m: Message) -> Outcome {\n  let reply = host.send(m, within: 60s)\n    on timeout => return cancelled\n  return declined(reply.code)\n}"
    }

    T0322 OUTCOME_CONTRADICTS OutcomeContradicts(outcome: Name, decision: Name) Flow {
        title { zh "已经 {decision}，却报告 {outcome}" en "`{decision}` was reached, but `{outcome}` is reported" }
        fix { zh "commit 之后报告 approved；discard 或 reverse 之后不能报告 approved。" en "Report `approved` after `commit`, and never after `discard` or `reverse`." }
        about {
            zh "结果是给收银员与后台看的：报告批准而没有入账，货已交出，钱却没有；已入账而报告拒绝，持卡人会再付一次。"
            en "Cashier and back office go by the outcome. Approved but not booked: the goods are gone and no money came. Booked but reported as declined: the cardholder pays again."
        }
        example "import cn_pos.dialect\nflow f(m: Message, t: Txn) -> Outcome {\n  reversible m {\n    discard\n  }\n  return approved(t)\n}"
    }

    T0323 NEVER_MATCHES NeverMatches(name: Name) Flow {
        title { zh "“{name}”永远轮不到" en "`{name}` is never reached: everything it could take is taken before it" }
        fix { zh "删去这一支，或移到前面。" en "Remove it, or move it before the others." }
        about {
            zh "match 与 on 从上往下取第一个相符的。前面的各支已包含它的全部情况，这一支看似有用，其实从不运行。"
            en "`match` and `on` take the first that fits. What stands before it covers every case of this one, so it looks useful and never runs."
        }
        example "fn f(a: Bool) -> Int = match a {\n  true => 1\n  false => 2\n  other => 3\n}"
    }

    T0324 CONDITION_SETTLED ConditionSettled(value: Name) Flow {
        title { zh "此条件总是 {value}" en "this condition is always `{value}`" }
        fix { zh "改正比较的对象，或去掉这个条件。" en "Compare with what was meant, or drop the condition." }
        about {
            zh "条件不论怎样都得同一结果，多半是比较错了对象，或把 and 与 or 写反：x != a or x != b 总是真。"
            en "A condition that always turns out the same usually compares the wrong thing, or has `and` where `or` was meant: `x != a or x != b` is always true."
        }
        example "fn f(a: Int) -> Bool = a == a"
    }

    T0325 SAME_CONDITION SameCondition() Flow {
        title { zh "同一条件前面已判断过" en "the same condition was asked before" }
        fix { zh "改正条件，或删去这一支。" en "Correct the condition, or remove the branch." }
        about {
            zh "else if 只在前面的条件都不成立时才判断，同样的条件再问一次必不成立，这一支永远不执行。"
            en "An `else if` is asked only when all conditions before it were false; asked again, the same one is false too, so this branch never runs."
        }
        example "fn f(a: Int) -> Int = if a == 1 { 1 } else if a == 1 { 2 } else { 3 }"
    }

    T0326 SAME_BRANCHES SameBranches() Flow {
        title { zh "两个分支完全相同" en "both branches do the same" }
        fix { zh "改正其中一支，或去掉条件。" en "Correct one of them, or drop the condition." }
        about {
            zh "条件成立与否做的事都一样，说明条件是多余的，或者复制之后忘了修改。"
            en "If it makes no difference how the condition turns out, the condition is needless, or one branch was copied and never changed."
        }
        example "fn f(a: Int) -> Int = if a == 1 { 2 } else { 2 }"
    }

    T0327 NAME_UNUSED NameUnused(name: Name) Flow {
        title { zh "“{name}”没有被使用" en "`{name}` is never used" }
        fix { zh "使用它、删去它，或以 _ 开头说明是有意的。" en "Use it, remove it, or begin it with `_` to say that this is meant." }
        about {
            zh "取了名而从不使用，常是用错了另一个名称，或漏写了一步。确实不用时，名称以 _ 开头，检查就不再提示。"
            en "A name that nothing reads often means that another was used by mistake, or that a step is missing. If it is meant, let the name begin with `_` and nothing is said."
        }
        example "pub flow f() -> Outcome {\n  let a = 1\n  return done\n}"
    }

    T0328 ITEM_UNUSED ItemUnused(name: Name) Flow {
        title { zh "“{name}”从未被使用" en "nothing uses `{name}`" }
        fix { zh "使用它、删去它；要给别的文件用就写 pub，有意留着就以 _ 开头。" en "Use it or remove it; make it `pub` for other files, or begin it with `_` to keep it." }
        about {
            zh "没有 pub 的声明只在本文件中可用。没有人用到它，多半是忘了调用。"
            en "What is not `pub` can be used in its own file only. If nothing there uses it, a call was probably forgotten."
        }
        example "pub flow f() -> Outcome {\n  return done\n}\nconst LIMIT = 100.00 CNY"
    }

    T0329 IMPORT_UNUSED ImportUnused(name: Name) Flow {
        title { zh "引入了 {name}，却没有使用" en "`{name}` is imported but never used" }
        fix { zh "删去这一行。" en "Remove the line." }
        about {
            zh "引入的文件既没有用到它的名称，也没有带来方言或应答码。"
            en "Nothing in this file names anything of it, and it brings neither a dialect nor response codes."
        }
        example "import cn_pos.numbers\npub flow f() -> Outcome {\n  return done\n}"
    }

    T0330 VAR_NEVER_CHANGED VarNeverChanged(name: Name) Flow {
        title { zh "“{name}”从不改变，应写 let" en "`{name}` never changes, so it is a `let`" }
        fix { zh "把 var 改为 let。" en "Write `let` instead of `var`." }
        about {
            zh "var 告诉读的人：后面还会改。从不改变的写 let；若本该改变，可能是漏写了赋值，或在内层又声明了同名的。"
            en "`var` tells the reader to look for changes. What never changes is a `let`; if it should change, an assignment is missing, or an inner block declared the same name again."
        }
        example "pub fn g(a: Int) -> Int = a\npub flow f() -> Outcome {\n  var a = 1\n  step \"{g(a)}\"\n  return done\n}"
    }

    T0331 VALUE_NEVER_READ ValueNeverRead(name: Name) Flow {
        title { zh "赋给“{name}”的值没有被读到" en "the value given to `{name}` here is never read" }
        fix { zh "删去这次赋值，或在被覆盖之前使用它。" en "Remove the assignment, or read it before it is replaced." }
        about {
            zh "赋值之后没有读取，或读取之前又被覆盖。多半是覆盖错了变量，或漏了一步。"
            en "Nothing reads the name after this, or it is given another value first. Usually the wrong variable was set, or a step is missing."
        }
        example "pub fn g(a: Int) -> Int = a\npub flow f() -> Outcome {\n  var a = 1\n  step \"{g(a)}\"\n  a = 2\n  return done\n}"
    }

    T0332 NAME_SHADOWS NameShadows(name: Name) Flow {
        title { zh "内层的“{name}”遮住了外层同名的" en "this `{name}` hides the one outside" }
        fix { zh "换一个名称；本想改变外层的，就写赋值。" en "Choose another name; to change the outer one, assign to it." }
        about {
            zh "内层再声明同名的，块结束后外层的值没有改变。本想给 var 赋值而多写了 let，是常见的错。"
            en "A name declared again in an inner block ends with it, and the outer one is unchanged. Writing `let` where an assignment to a `var` was meant is a common mistake."
        }
        example "pub fn g(a: Int) -> Int = a\npub flow f() -> Outcome {\n  let a = 1\n  if g(a) == 1 {\n    let a = 2\n    step \"{g(a)}\"\n  }\n  step \"{g(a)}\"\n  return done\n}"
    }

    T0333 ENTRY_MODE_FIXED EntryModeFixed(field: Field) Flow {
        title { zh "{field}没有按卡的读入方式填写" en "{field} does not say how the card was read" }
        fix { zh "由 c.entry 得出，如 numbers.entry_mode(c.entry, has_pin)。" en "Make it from `c.entry`, as in `numbers.entry_mode(c.entry, has_pin)`." }
        about {
            zh "芯片读不出而改刷磁条（降级）时，服务点输入方式须说明是磁条；仍写芯片，主机会因缺少芯片数据而拒绝，或由收单机构承担伪卡损失。"
            en "When the chip cannot be read and the stripe is taken instead (fallback), the entry mode has to say stripe. If it still says chip, the host declines for want of chip data, or the acquirer bears the loss from a forged card."
        }
        example "import cn_pos.dialect\nflow f() -> Message {\n  let c = card.read(accept: [chip, stripe], within: 60s)\n  return message 0200 { F2: c.pan, F3: \"310000\", F11: host.next_stan(), F22: \"051\", F25: \"00\", F41: store.terminal_id, F42: store.merchant_id, F49: \"156\", F60: \"01000001000\" }\n}"
    }

    T0334 ANSWER_NOT_READ AnswerNotRead() Flow {
        title { zh "主机的应答没有人看" en "nobody looks at the host's answer" }
        fix { zh "用 match 看 reply.code；确实不需要时，取名 _reply。" en "Look at `reply.code` with `match`; if it really does not matter, say so: `let _reply = ...`." }
        about {
            zh "应答里可能是拒绝、要求留卡、要求重新签到。不看应答码，流程就把每一种都当作成功。"
            en "The answer may be a decline, an order to keep the card, an order to sign in again. A flow that does not look at the response code takes each of them for a success."
        }
        example "import cn_pos.dialect\npub flow f() -> Outcome uses host, store {\n  let reply = host.send(message 0820 { F41: store.terminal_id, F42: store.merchant_id, F60: \"00000001301\" }, within: 60s)\n  return done\n}"
    }

    T0335 TIMEOUT_NOT_HANDLED TimeoutNotHandled(call: Name) Flow {
        title { zh "{call} 处理了取消，却没有处理超时" en "`{call}`: a cancel is handled, a time-out is not" }
        fix { zh "在 cancel 旁边写上 timeout。" en "Write `timeout` beside `cancel`." }
        about {
            zh "人可以按取消，也可以走开。按取消有着落，走开却成了脚本错误，收银员看到的是出错的报告。"
            en "A person can press cancel, or walk away. Here pressing cancel ends well and walking away becomes a script error, with an error report for the cashier."
        }
        example "flow f() -> Outcome {\n  let c = card.read(accept: [chip], within: 60s)\n    on cancel => return cancelled\n  step \"{mask(c.pan)}\"\n  return done\n}"
    }

    T0336 HANDLER_TOO_LATE HandlerTooLate(call: Name) Flow {
        title { zh "这里的处理管不到“{call}”" en "this handler does not guard `{call}`" }
        fix { zh "把它单独写成一个 let，处理写在那下面。" en "Give it a `let` of its own, and write the handler under that." }
        about {
            zh "调用下面的 on 只管这次调用本身；括号里的先算好，再调用。那里出错时，错误照常向上走。重试也只重复调用本身。"
            en "An `on` under a call guards that call alone. What stands in its brackets is worked out before, and an error there travels up as ever. A retry, too, repeats the call alone."
        }
        example "flow text() -> Phrase {\n  let _c = card.read(accept: [chip], within: 60s)\n  return phrase(zh: \"卡\", en: \"card\")\n}\nflow f() -> Outcome {\n  screen.show(text())\n    on timeout => return cancelled\n  return done\n}"
    }
}
