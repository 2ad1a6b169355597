//! Defects of this program.

super::rows! {
    T9001 INTERNAL_DEFECT InternalDefect(detail: Text) Internal {
        title { zh "本程序有缺陷：{detail}" en "this is a defect of till itself: {detail}" }
        cashier { zh "先看钱款一行，再重启终端。" en "Read the money line, then restart the terminal." }
        cardholder { zh "终端出错，交易已停止。" en "The terminal stopped because of an error." }
        support { zh "{detail}。这不是脚本的错。请附上运行记录（--trace）报告。" en "{detail}. This is not the script's fault. Please report it with the trace of the run (--trace)." }
        retry Later
        about {
            zh "程序的内部检查发现了不该出现的情况。日志已先行写下，未决的交易在下次启动时冲正。"
            en "A check inside the program found what should never happen. The journal was written first, so an undecided transaction is reversed at the next start."
        }
        example "till run scripts/sale.till amount=1.00CNY --trace report.trace"
    }
}
