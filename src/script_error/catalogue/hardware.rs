//! Printer, reader, PIN pad, battery and power.

super::rows! {
    T6101 PAPER_OUT PaperOut() Hardware on paper_out {
        title { zh "打印机缺纸" en "the printer is out of paper" }
        cashier { zh "装纸后补打；不要因此重做交易。" en "Load paper and reprint; do not repeat the transaction." }
        cardholder { zh "小票稍后补打，请稍候。缺纸不影响交易结果。" en "Your slip will be reprinted shortly. Missing paper does not change the result." }
        support { zh "已装纸仍提示，检查纸的正反面、卷径与缺纸传感器。" en "If paper is loaded, check which side is up, the size of the roll and the paper sensor." }
        retry AfterFix
        about {
            zh "打印是在交易决定之后做的，缺纸不改变交易结果。已批准的交易有效，装纸后补打即可。"
            en "Printing comes after the decision, so missing paper changes nothing about it. An approved transaction stands; load paper and reprint."
        }
        example "till run tests/errors/examples/print.till --fault paper-out"
    }

    T6102 PRINTER_FAULT PrinterFault() Hardware on printer_fault {
        title { zh "打印机故障" en "the printer does not work" }
        cashier { zh "合好纸仓盖，补打小票。" en "Close the lid properly and reprint the slip." }
        cardholder { zh "小票暂时打印不出。打印故障不影响交易结果。" en "The slip cannot be printed at the moment. That does not change the result." }
        support { zh "打印机无应答或报机械故障。查供电、机芯与连接。" en "The printer does not answer or reports a mechanical fault. Check power, mechanism and connection." }
        retry AfterFix
        about {
            zh "卡纸、纸仓盖未合、电压不足或机芯损坏。交易结果以钱款一行为准，不以小票为准。"
            en "A jam, an open lid, low voltage or a broken mechanism. The money line says what happened, not the slip."
        }
        example "till run tests/errors/examples/print.till --fault printer-fault"
    }

    T6103 PRINTER_HOT PrinterHot() Hardware on printer_hot {
        title { zh "打印头过热" en "the print head is too hot" }
        cashier { zh "等一两分钟后补打小票。" en "Wait a minute or two, then reprint the slip." }
        cardholder { zh "小票稍后打印，请稍候。" en "Your slip will be printed shortly. Please wait." }
        support { zh "热敏头超过温度上限，冷却后自动恢复。频繁出现，检查打印浓度与通风。" en "The thermal head is above its limit and recovers as it cools. If it happens often, check print density and airing." }
        retry Later
        about {
            zh "连续打印会使热敏头升温，终端暂停打印以保护它。交易结果不受影响。"
            en "Printing a lot heats the thermal head, and the terminal pauses to protect it. The transaction is not affected."
        }
        example "till run tests/errors/examples/print.till --fault printer-hot"
    }

    T6201 READER_FAULT ReaderFault() Hardware on reader_fault {
        title { zh "读卡器故障" en "the card reader does not work" }
        cashier { zh "重启再试；仍不行联系技术支持。" en "Restart and try again; if it still fails, call support." }
        cardholder { zh "读卡器暂不可用，请换一台终端。" en "The card reader does not work. Please try another terminal." }
        support { zh "读卡器无应答，与卡片无关。查连接、固件与读卡器模块。" en "The reader does not answer, whatever the card. Check connection, firmware and reader module." }
        retry AfterFix
        about {
            zh "读卡器本身没有应答；若只是某张卡读不出，会报另一个代码。"
            en "The reader itself does not answer; a single card that cannot be read has another code."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault reader-fault"
    }

    T6301 PIN_PAD_UNPLUGGED PinPadUnplugged() Hardware on pinpad_unplugged {
        title { zh "密码键盘未连接" en "the PIN pad is not connected" }
        cashier { zh "插好密码键盘的连线后再试。" en "Plug the PIN pad in firmly and try again." }
        cardholder { zh "密码键盘未连接，请稍候。" en "The PIN pad is not connected. Please wait." }
        support { zh "查连线、端口，以及内置或外接的设置。不要换用另一台密码键盘：串号会不符，密钥也不在其中。" en "Check cable, port, and whether internal or external is set. Do not swap in another PIN pad: its serial number would not match and it has no keys." }
        retry AfterFix
        about {
            zh "终端找不到密码键盘。密码键盘与终端、商户绑定，换用别的会串号不符，须先到收单机构登记。"
            en "The terminal cannot find its PIN pad. A PIN pad is bound to terminal and merchant; another one would not match its serial number and has to be registered with the acquirer first."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault pinpad-unplugged"
    }

    T6302 PIN_PAD_LOCKED PinPadLocked() Hardware on pinpad_locked {
        title { zh "密码键盘已锁定" en "the PIN pad has locked itself" }
        cashier { zh "等半分钟再试；提示被拆就停用。" en "Wait half a minute; if it speaks of tampering, stop." }
        cardholder { zh "密码键盘暂时锁定，请稍候。" en "The PIN pad is locked for the moment. Please wait." }
        support { zh "输密过于频繁会短暂自锁，约 30 秒后解除。防拆触发则密钥已清除，现场无法恢复，须更换或送修。" en "Entering PINs too quickly locks it for about 30 seconds. After a tamper alarm the keys are gone; that cannot be undone on site, so replace it or send it to service." }
        retry Later
        about {
            zh "两种情况：为防止猜测密码而短暂自锁；或外壳被打开、跌落、进液、电池耗尽触发防拆。后者重启或升级都无用。"
            en "Two cases: a short lock against guessing PINs; or a tamper alarm after opening, a fall, liquid or an empty backup battery. For the second, neither restart nor update helps."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault pinpad-locked"
    }

    T6401 LOW_BATTERY LowBattery(level: Text, needed: Text) Hardware on low_battery {
        title { zh "电量不足：现有 {level}，需要 {needed}" en "the battery is low: {level} left, {needed} needed" }
        cashier { zh "接上电源后再试。" en "Connect the charger and try again." }
        cardholder { zh "终端电量不足，请稍候。" en "The terminal's battery is low. Please wait." }
        support { zh "电量 {level}，低于所需的 {needed}。接电仍不升，更换电池或充电器。" en "Battery at {level}, below the needed {needed}. If charging does not help, replace battery or charger." }
        retry AfterFix
        about {
            zh "电量过低时不应开始交易：打印会拉低电压，断电会留下待冲正的交易。"
            en "A transaction should not start on a low battery: printing pulls the voltage down, and a power cut would leave a reversal to do."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault low-battery"
    }

    T6901 POWER_CUT PowerCut(point: Name) Hardware {
        title { zh "在 {point} 处断电（模拟）" en "power was cut at {point} (simulated)" }
        cashier { zh "重新开机；未决的交易会先冲正。" en "Switch on again; what is undecided is reversed first." }
        cardholder { zh "终端断电了。" en "The terminal lost power." }
        support { zh "模拟在 {point} 断电。用同一日志目录再运行一次，即可看到恢复的过程。" en "A power cut was simulated at {point}. Run again with the same journal directory to see the recovery." }
        retry AfterFix
        about {
            zh "冲正在请求发送之前已记入日志，所以断电后重新启动会先发送它。要看恢复，请加 --journal 并运行两次。"
            en "The reversal is in the journal before the request leaves, so the next start sends it first. To see the recovery, add --journal and run twice."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault power-cut:after-send"
    }
}
