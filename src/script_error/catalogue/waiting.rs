//! Waits: how long a call, a retry or a whole flow may take.

super::rows! {
    T0340 FLOW_LONGER FlowLonger(flow: Name, found: Duration, limit: Duration) Flow {
        title { zh "“{flow}”最多可等 {found}，超过它说明的 {limit}" en "`{flow}` may wait {found}, longer than the {limit} it states" }
        fix { zh "缩短 within: 或减少重试，或放宽 @within。" en "Wait less in `within:`, retry less, or allow more in `@within`." }
        about {
            zh "@within 说明持卡人最多要等多久。检查时把最长的一条路径上所有 within: 加起来：重试按次数乘，循环按圈数乘，调用的流程按它自己的 @within 或算出的时长计。上一笔冲正的补发不算在内，till check --cost 会另列。"
            en "`@within` states the longest a cardholder may have to wait. The check adds up every `within:` along the longest way: retries and loops as often as they run, called flows by their own `@within` or by what they wait. Delivering the reversal of an earlier transaction is not part of it; `till check --cost` lists that apart."
        }
        example "@within(60s)\npub flow f() -> Outcome uses card {\n  let _first = card.read(accept: [chip], within: 40s)\n  let _second = card.read(accept: [chip], within: 40s)\n  return done\n}"
    }

    T0341 INNER_LONGER InnerLonger(call: Name, found: Duration, limit: Duration) Flow {
        title { zh "“{call}”可等 {found}，比整个流程的 {limit} 还长" en "`{call}` may wait {found}, longer than the whole flow with its {limit}" }
        fix { zh "缩短里面的时限，或放宽外面的 @within。" en "Shorten the inner limit, or allow more in the outer `@within`." }
        about {
            zh "里面的时限不能超过外面的：外面说好的时间到了，里面还在等，两处必有一处写错。"
            en "An inner limit cannot exceed the outer one: when the outer time is up the inner call would still be waiting, so one of the two is wrong."
        }
        example "@within(30s)\npub flow f() -> Outcome uses card {\n  let _card = card.read(accept: [chip], within: 60s)\n  return done\n}"
    }

    T0342 RETRY_LONGER RetryLonger(found: Duration, limit: Duration) Flow {
        title { zh "连同重试可等 {found}，比整个流程的 {limit} 还长" en "with its retries this may wait {found}, longer than the whole flow with its {limit}" }
        fix { zh "减少重试次数，缩短 within:，或放宽 @within。" en "Retry less often, wait less in `within:`, or allow more in `@within`." }
        about {
            zh "重试 n 次共等：第一次，再加 n 次“间隔 + 时限”。单次不长，乘起来往往超出预期。"
            en "A call that is retried n times waits once, then n times pause and limit together. Each is short; the product often surprises."
        }
        example "@within(90s)\npub flow f() -> Outcome uses card {\n  let _card = card.read(accept: [chip], within: 30s)\n    on chip_error retry 3 every 2s => return cancelled\n  return done\n}"
    }

    T0343 SHORTER_THAN_DIALECT ShorterThanDialect(found: Duration, wanted: Duration) Flow {
        title { zh "只等 {found}，方言规定此报文等 {wanted}" en "waits {found}, but the dialect says {wanted} for this message" }
        fix { zh "等到方言规定的时间。" en "Wait as long as the dialect says." }
        about {
            zh "方言的 wait 是主机承诺应答的时间。等得更短，主机照常受理的交易在终端成了超时：动账的要冲正，其余的要重来。"
            en "A dialect's `wait` is the time in which the host promises to answer. Waiting less turns transactions the host carried out into time-outs: money is reversed, and everything else has to be done again."
        }
        example "import cn_pos.dialect\npub flow f() -> Outcome uses host, store {\n  let request = message 0800 { F11: host.next_stan(), F41: store.terminal_id, F42: store.merchant_id, F60: \"00000001003\", F63: \"001\" }\n  let reply = host.send(request, within: 5s)\n  step \"{reply.code}\"\n  return done\n}"
    }

    T0344 NO_TIME NoTime(call: Name) Flow {
        title { zh "“{call}”的时长为零或为负" en "`{call}` is given no time, or less than none" }
        fix { zh "写明要等多久，如 60s。" en "Say how long, such as `60s`." }
        about {
            zh "0 不表示不限时。时限为零，设备还没有机会回答就已超时。"
            en "Zero does not mean without limit. With no time at all a call has failed before the device could answer."
        }
        example "pub flow f() -> Outcome uses card {\n  let _card = card.read(accept: [chip], within: 0s)\n  return done\n}"
    }

    T0345 OVER_AN_HOUR OverAnHour(found: Duration) Flow {
        title { zh "等待 {found}，超过一小时" en "a wait of {found}, more than an hour" }
        fix { zh "检查单位：ms、s、min、h。" en "Check the unit: ms, s, min, h." }
        about {
            zh "没有人会在终端前等一小时。多半是单位写错，如 ms 写成 s、s 写成 min。"
            en "Nobody stands at a terminal for an hour. Most often the unit is a slip: s for ms, min for s."
        }
        example "pub flow f() -> Outcome uses card {\n  let _card = card.read(accept: [chip], within: 90min)\n  return done\n}"
    }

    T0346 NOT_KNOWN NotKnown(flow: Name) Flow {
        title { zh "“{flow}”等多久，编译时不全知道" en "not all that `{flow}` waits is known before the run" }
        fix { zh "把时限写成常数。" en "Make the limits constants." }
        about {
            zh "@within 要在部署之前证明。时限来自 pub 流程的参数、或循环的圈数由运行时的列表决定时，证明不了。"
            en "`@within` is proved before deployment. It cannot be where a limit is a parameter of a public flow, or where a list of the run says how often a loop waits."
        }
        example "@within(60s)\nflow f(t: Duration) -> Outcome uses card {\n  let _card = card.read(accept: [chip], within: t)\n  return done\n}"
    }

    T0347 BAD_WITHIN BadWithin() Flow {
        title { zh "@within 写得不对" en "this is not how `@within` is written" }
        fix { zh "在 flow 之前写一次 @within(180s)。" en "Write `@within(180s)` once, in front of a `flow`." }
        about {
            zh "@within 带一个编译时已知的时长，大于零，写在 flow 之前，只写一次。"
            en "`@within` takes one length of time that is known before the run and more than nothing. It stands once, in front of a `flow`."
        }
        example "@within\npub flow f() -> Outcome {\n  return done\n}"
    }
}
