//! What cardholder or cashier did or left undone.

super::rows! {
    T1001 CANCELLED Cancelled() Person on cancel {
        title { zh "交易被取消" en "the transaction was cancelled" }
        cashier { zh "需要时重新发起交易。" en "Start again if the sale is still wanted." }
        cardholder { zh "您已取消操作。请取回卡片。" en "You cancelled. Please take your card." }
        support { zh "有人按了取消键，设备与线路均正常。若频繁出现，看是哪一步。" en "Somebody pressed cancel; devices and line are fine. If it happens often, look at which step." }
        retry Now
        about {
            zh "在读卡、输密或确认时按了取消键。脚本可用 on cancel 处理。"
            en "The cancel key was pressed while reading the card, entering the PIN or confirming. A script can handle it with `on cancel`."
        }
        example "till run tests/errors/examples/read_card.till --fault cancel"
    }

    T1002 NO_INPUT NoInput(after: Duration) Person on timeout {
        title { zh "{after}内没有人操作" en "nobody did anything for {after}" }
        cashier { zh "请持卡人准备好后重新发起交易。" en "Start again when the cardholder is ready." }
        cardholder { zh "等待超时。请再试一次。" en "The terminal waited too long. Please try again." }
        support { zh "{after}内没有出示卡片或按键。若持卡人确已操作，检查读卡器与键盘。" en "No card and no key within {after}. If the cardholder did act, check reader and keypad." }
        retry Now
        about {
            zh "等待人的动作超过了 within: 规定的时间。这不是网络超时。脚本可用 on timeout 处理。"
            en "Waiting for a person took longer than `within:` allows. This is not a network time-out. A script can handle it with `on timeout`."
        }
        example "till run tests/errors/examples/read_card.till --fault no-card"
    }
}
