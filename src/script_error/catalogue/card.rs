//! Card and chip.

super::rows! {
    T3001 CHIP_UNREADABLE ChipUnreadable() Card on chip_error {
        title { zh "读不到芯片" en "the chip cannot be read" }
        cashier { zh "擦净芯片，看清方向，重新插卡。" en "Wipe the chip, check which way up, and insert it again." }
        cardholder { zh "读不到您的芯片。请重新插卡，或换一张卡。" en "Your chip cannot be read. Please insert it again, or use another card." }
        support { zh "芯片上电或指令失败。个别卡出现是卡的问题；多数卡都出现，清洁或更换读卡器。" en "Power-up or a command to the chip failed. With a single card it is the card; with most cards, clean or replace the reader." }
        retry Now
        about {
            zh "触点脏污、卡片插反、芯片损坏或读卡器触点磨损都会如此。只有卡组织与收单机构允许时才可降级为刷卡。"
            en "Dirty contacts, a card inserted the wrong way, a broken chip or worn reader contacts. Falling back to the stripe is allowed only where scheme and acquirer permit it."
        }
        example "till run scripts/balance.till --fault chip-error"
    }

    T3002 STRIPE_UNREADABLE StripeUnreadable() Card on stripe_error {
        title { zh "读不到磁条" en "the magnetic stripe cannot be read" }
        cashier { zh "匀速再刷；有芯片的请插卡或挥卡。" en "Swipe again evenly; insert or tap a card with a chip." }
        cardholder { zh "读不到磁条。请再刷一次，或换一张卡。" en "The stripe cannot be read. Please swipe again, or use another card." }
        support { zh "磁道校验失败。个别卡出现是磁条磨损或消磁；多数卡都出现，清洁或更换磁头。" en "The track failed its check. With a single card the stripe is worn or erased; with most cards, clean or replace the head." }
        retry Now
        about {
            zh "刷得太快或太慢、磁条磨损或消磁、磁头脏污。不要手工输入卡号代替，除非业务明确允许。"
            en "Swiped too fast or too slowly, a worn or erased stripe, a dirty head. Do not key in the number instead unless that is expressly allowed."
        }
        example "till run scripts/sale.till amount=100.00CNY --card stripe-only --fault stripe-error"
    }

    T3003 CARD_REMOVED CardRemoved() Card on card_removed {
        title { zh "卡片过早拔出" en "the card was removed too early" }
        cashier { zh "请重新插卡，提示取卡前不要拔出。" en "Insert it again and leave it until told to take it." }
        cardholder { zh "卡片拔得太早。请重新插卡，看到提示再取。" en "The card was taken out too early. Insert it again and wait for the message." }
        support { zh "交易中途失去卡片。若主机已批准而卡未完成第二次密文，终端会冲正。频繁出现则检查卡座弹簧。" en "The card was lost in mid-transaction. If the host had approved before the card made its second cryptogram, the terminal reverses. If it happens often, check the slot." }
        retry Now
        about {
            zh "芯片交易要等卡片完成全部指令。挥卡时移开过早也会如此。"
            en "A chip transaction needs the card until its last command. A tapped card taken away too early does the same."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault card-pulled"
    }

    T3004 CARD_NOT_SUPPORTED CardNotSupported() Card on card_unsupported {
        title { zh "卡上没有终端支持的应用" en "the card has no application this terminal knows" }
        cashier { zh "请换一张卡，这里不受理这一张。" en "Ask for another card: this one is not taken here." }
        cardholder { zh "此终端不支持您的卡，请换一张。" en "This terminal does not take your card. Please use another one." }
        support { zh "卡与终端的 AID 没有交集。若该卡种本应受理，重新下载 AID 参数。" en "Card and terminal share no AID. If this kind of card should be accepted, download the AID parameters again." }
        retry No
        about {
            zh "终端只认参数中列出的应用（AID）。新终端或清过参数的终端，可能尚未下载参数。"
            en "A terminal knows only the applications (AIDs) in its parameters. A new or cleared terminal may not have downloaded them yet."
        }
        example "till run scripts/sale.till amount=100.00CNY --card tests/errors/examples/unknown-application.card"
    }

    T3005 CARD_BLOCKED CardBlocked() Card on card_blocked {
        title { zh "卡片或其应用已锁" en "the card or its application is blocked" }
        cashier { zh "请换一张卡，这一张已锁。" en "Ask for another card: this one is blocked." }
        cardholder { zh "您的卡已被锁定，请联系发卡行。" en "Your card is blocked. Please contact your bank." }
        support { zh "选择应用时卡片回送 6A81 或 6283。锁定来自发卡行，终端无法解除。" en "On selection the card answered 6A81 or 6283. The issuer blocked it; a terminal cannot undo that." }
        retry No
        about {
            zh "发卡行可通过发卡行脚本锁定应用或整张卡。换终端结果相同。"
            en "An issuer can block an application or a whole card with an issuer script. Another terminal would give the same result."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault card-blocked"
    }

    T3006 USE_CHIP UseChip() Card on use_chip {
        title { zh "此卡有芯片，不能刷磁条" en "this card has a chip and may not be swiped" }
        cashier { zh "请插卡或挥卡。" en "Insert or tap the card." }
        cardholder { zh "此卡有芯片，请插卡或挥卡。" en "This card has a chip. Please insert or tap it." }
        support { zh "磁道服务代码以 2 或 6 开头，说明是芯片卡。仅当芯片读失败且允许降级时才可刷卡。" en "The service code on the track starts with 2 or 6: a chip card. Swiping is allowed only after the chip failed and where fallback is permitted." }
        retry Now
        about {
            zh "磁条容易被复制，有芯片的卡须用芯片。主机也会以应答码 45 拒绝不该降级的交易。"
            en "A stripe is easy to copy, so a card with a chip has to use it. Some hosts answer such a fallback with response code 45."
        }
        example "till run scripts/sale.till amount=100.00CNY --scenario tests/errors/examples/swiped-chip-card.scenario"
    }

    T3101 CHIP_DATA_DAMAGED ChipDataDamaged(offset: Count, path: Text, detail: Text) Card {
        title { zh "芯片数据从第 {offset} 字节起不能读：{detail}" en "the chip data cannot be read from byte {offset} on: {detail}" }
        cashier { zh "请重新插卡；仍不行请换一张卡。" en "Insert the card again; if it fails again, use another card." }
        cardholder { zh "卡片无法读取，请换一张卡。" en "The card cannot be read. Please use another one." }
        support { zh "{path}：{detail}。先看它前一个标签的长度，错多半出在那里；再看数据是否截断。" en "{path}: {detail}. Look at the length of the tag in front of it first, that is where the mistake mostly is; then whether the data were cut." }
        retry AfterFix
        about {
            zh "标签、长度、值逐个排列；一个长度写错，其后的全部错位。能读懂的部分照样列出，其余不作猜测。"
            en "Tag, length and value follow one another; one wrong length shifts everything behind it. What could be read is shown, the rest is not guessed at."
        }
        example "till tlv 9C01005A20"
    }
}
