//! What is wrong with money on a path through several flows.

super::rows! {
    T0411 REQUEST_OUT_OF_SIGHT RequestOutOfSight(flow: Name) Reversal {
        title { zh "交给“{flow}”之后，看不出请求是否已发送" en "handed to `{flow}`, the request cannot be followed any more" }
        fix { zh "把请求单独作为一个参数交出。" en "Hand the request over as one parameter of its own." }
        about {
            zh "检查器跟随请求穿过每个流程，才能证明 discard 和 commit 没有错。请求夹在 Txn、列表等别的值里，或同时作为两个参数交出，就跟不住了；这样写一律不允许，以免漏掉冲正。"
            en "The checker follows the request through every flow, and only so can it prove that a `discard` or a `commit` is right. It cannot where the request lies inside a `Txn`, a list or another value, or is handed over as two parameters. That is refused, so that no reversal is lost."
        }
        example "import cn_pos.dialect\nflow ask(messages: List[Message]) -> Reply {\n  return host.send(messages[0], within: 60s)\n}\nflow f(m: Message) -> Outcome {\n  reversible m {\n    ask([m])\n    reverse\n    return done\n  }\n}"
    }

    T0412 NOT_A_REVERSAL NotAReversal(wanted: Text) Reversal {
        title { zh "by 之后须是冲正报文 {wanted}" en "what follows `by` has to be a reversal, a message {wanted}" }
        fix { zh "去掉 by，由方言从请求作出冲正。" en "Leave `by` out: the dialect makes the reversal from the request." }
        about {
            zh "by 之后的报文在出错、超时、断电之后代替方言的冲正发出。它若不是冲正报文，主机会把它当作另一笔交易：本要退回的钱反而再扣一次。"
            en "The message after `by` goes out instead of the dialect's reversal after an error, a time-out or a power cut. If it is no reversal, the host takes it for another transaction: what was to be taken back is charged once more."
        }
        example "import cn_pos.dialect\nflow f(m: Message) -> Outcome {\n  reversible m by m {\n    discard\n  }\n  return done\n}"
    }

    T0413 BOOKED_AGAIN BookedAgain(flow: Name) Reversal {
        title { zh "没有应答之后，“{flow}”会以新流水号再记一笔" en "after no answer, `{flow}` would book the amount again under a new trace number" }
        fix { zh "让错误继续上传；或在流程里用同一报文重发。" en "Let the error travel; or send the same message again inside the flow." }
        about {
            zh "退货、离线通知不冲正：发出后没有应答，主机可能已经记账。重发同一报文，主机凭流水号认得出重复；换一个流水号，就是第二笔退货，商户白付一次。"
            en "Refunds and notices are never reversed: after one without an answer the host may have booked it. If the same message is sent again, the host knows it by its trace number; under a new number it is a second refund, and the merchant pays twice."
        }
        example "import cn_pos.dialect\nflow refund(pan: Pan) -> Reply {\n  let m = message 0220 { F2: pan, F3: \"200000\", F4: 1.00 CNY, F11: host.next_stan(), F22: \"011\", F25: \"00\", F37: \"123456789012\", F41: store.terminal_id, F42: store.merchant_id, F49: \"156\", F60: \"25000001000\", F61: \"000001000001\", F63: \"000\" }\n  return host.send(m, within: 60s)\n}\nflow f(pan: Pan) -> Outcome {\n  refund(pan)\n    on timeout retry 2\n  return done\n}"
    }

    T0414 CHIP_NOT_ASKED ChipNotAsked() Reversal {
        title { zh "没有问芯片就 commit" en "`commit` before the chip was asked" }
        fix { zh "在 commit 之前写 chips.confirm(amount, request, reply)。" en "Write `chips.confirm(amount, request, reply)` before `commit`." }
        about {
            zh "插卡的交易，最后一句话是芯片的：主机批准之后，芯片看过应答仍可能拒绝（AAC），这样的交易要冲正。没有问过芯片就入账，芯片拒绝的交易也算成交，发卡行可以不认。只在确定时才提：第 55 域带着可能是插卡读出的数据，而到 commit 的每条路径上都没有 card.complete，经由别的流程的也算。读卡器自己做完这一步的，在 commit 前写 @allow(T0414, \"理由\")。"
            en "In a transaction by chip the card has the last word: shown the host's approval, it may still decline (AAC), and then it is reversed. Booked without asking, what the chip would decline counts as a sale, and the issuer does not have to honour it. It is told only where it is certain: field 55 carries data that may be a chip's, and on no way to the `commit` stands `card.complete`, not in a flow that is called either. Where the reader does this by itself, write `@allow(T0414, \"reason\")` before the `commit`."
        }
        example "import cn_pos.dialect\nimport cn_pos.codes\nflow f(amount: Amount) -> Outcome {\n  let c = card.read(accept: [chip], amount: amount, within: 60s)\n  let request = message 0200 { F2: c.pan, F3: \"000000\", F4: amount, F11: host.next_stan(), F22: \"052\", F25: \"00\", F41: store.terminal_id, F42: store.merchant_id, F49: amount.currency_number, F55: c.tags, F60: \"22000001000\" }\n  reversible request {\n    let reply = host.send(request, within: 60s)\n    match reply.code {\n      accept => {\n        commit Txn(kind: sale, amount: amount, request: request, reply: reply)\n        return done\n      }\n      decline, capture, rekey, retry, refer => {}\n    }\n    discard\n    return declined(reply.code)\n  }\n}"
    }
}
