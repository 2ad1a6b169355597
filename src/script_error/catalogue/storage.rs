//! Journal, files, traces, and what a run was started with.

super::rows! {
    T7001 STORAGE_FULL StorageFull() Storage on storage_full {
        title { zh "存储空间已满" en "the storage is full" }
        cashier { zh "先结算；仍提示就联系技术支持。" en "Settle first, then go on; if it stays, call support." }
        cardholder { zh "终端暂不能受理，请换一台终端。" en "This terminal cannot take payments now. Please try another one." }
        support { zh "日志写不下新的记录，因此不再发送请求。结算或上送后腾出空间；切勿直接删除日志。" en "The journal cannot hold another record, so nothing more is sent. Settle or upload to make room; never delete the journal." }
        retry AfterFix
        about {
            zh "每笔动账交易先写日志再发送。写不下就不发送，这样不会有记不住的扣款。"
            en "Every transaction that moves money is written to the journal before it is sent. If it cannot be written, it is not sent, so no charge can be forgotten."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault storage-full"
    }

    T7002 JOURNAL_FAILED JournalFailed(detail: Text) Storage on journal_failed {
        title { zh "日志写入失败：{detail}" en "writing to the journal failed: {detail}" }
        cashier { zh "停止交易，联系技术支持。" en "Stop taking payments and call support." }
        cardholder { zh "终端暂不能受理，请换一台终端。" en "This terminal cannot take payments now. Please try another one." }
        support { zh "{detail}。查磁盘空间、权限与介质。修好之前不得继续交易；用原日志目录再次启动会补做恢复。" en "{detail}. Check space, rights and the medium. No transaction until it is mended; starting again with the same journal directory recovers what is open." }
        retry AfterFix
        about {
            zh "日志不可靠时，终端无法保证断电后还记得要冲正，所以停止。"
            en "With a journal that cannot be relied on, the terminal could forget a reversal after a power cut, so it stops."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault journal-failed"
    }

    T7003 JOURNAL_DAMAGED JournalDamaged(detail: Text) Storage {
        title { zh "日志已损坏：{detail}" en "the journal is damaged: {detail}" }
        cashier { zh "停止交易，联系技术支持。" en "Stop taking payments and call support." }
        cardholder { zh "终端暂不能受理，请换一台终端。" en "This terminal cannot take payments now. Please try another one." }
        support { zh "{detail}。先备份日志，再与主机对账，查清有无未冲正的交易；不要删除后继续使用。" en "{detail}. Keep a copy of the journal, then compare with the host for transactions not reversed; do not delete it and go on." }
        retry AfterFix
        about {
            zh "记录的校验和不符，且不是断电留下的半条末尾记录。半条末尾记录会自动略去，不报此错。"
            en "A record fails its checksum and is not merely the half-written last one a power cut leaves; that one is dropped by itself and is no error."
        }
        example "till run scripts/sale.till amount=100.00CNY --journal journal  # after one bit of journal/journal.till changed"
    }

    T7004 JOURNAL_IN_USE JournalInUse(path: Text) Storage {
        title { zh "日志正被另一个程序使用：{path}" en "the journal is in use by another program: {path}" }
        cashier { zh "关闭另一个正在运行的程序后再试。" en "Close the other program and try again." }
        cardholder { zh "终端正忙，请稍候。" en "The terminal is busy. Please wait." }
        support { zh "{path} 已被锁定。两个程序同写一份日志会毁掉它；找出并结束另一个，或换一个目录。" en "{path} is locked. Two programs writing one journal would ruin it; find and end the other one, or use another directory." }
        retry AfterFix
        about {
            zh "一个日志目录同时只供一个终端使用。"
            en "A journal directory serves one terminal at a time."
        }
        example "till run scripts/sale.till amount=100.00CNY --journal journal  # while another till works with it"
    }

    T7005 CANNOT_READ CannotRead(path: Text, detail: Text) Storage {
        title { zh "无法读取 {path}：{detail}" en "cannot read {path}: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "检查路径与权限：{path}（{detail}）。" en "Check path and rights: {path} ({detail})." }
        retry AfterFix
        about {
            zh "文件不存在、没有权限，或不是普通文件。"
            en "The file does not exist, may not be read, or is no ordinary file."
        }
        example "till run nowhere.till"
    }

    T7006 CANNOT_WRITE CannotWrite(path: Text, detail: Text) Storage {
        title { zh "无法写入 {path}：{detail}" en "cannot write {path}: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "检查目录、权限与剩余空间：{path}（{detail}）。" en "Check directory, rights and free space: {path} ({detail})." }
        retry AfterFix
        about {
            zh "目录不存在、没有权限，或空间已满。"
            en "The directory does not exist, may not be written, or is full."
        }
        example "till build scripts/sale.till -o nowhere/sale.tillc"
    }

    T7007 SOFTWARE_TOO_OLD SoftwareTooOld(needed: Text, found: Text) Storage on software_too_old {
        title { zh "终端软件 {found} 太旧，脚本需要 {needed}" en "terminal software {found} is too old; the script needs {needed}" }
        cashier { zh "先结算，再更新终端或找收单机构。" en "Settle, then update the terminal or call the acquirer." }
        cardholder { zh "终端需要更新，请换一台终端。" en "The terminal needs an update. Please try another one." }
        support { zh "现有 {found}，需要 {needed} 或更新。先结算，再升级终端软件。" en "It has {found} and needs {needed} or newer. Settle first, then update the terminal software." }
        retry AfterFix
        about {
            zh "脚本用到了较新的终端软件才有的功能。升级之前先结算，以免升级清掉未上送的交易。"
            en "The script uses something only newer terminal software has. Settle before updating, so that the update cannot clear transactions not yet uploaded."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault old-software"
    }

    T7008 REPLAY_DIVERGED ReplayDiverged(request: Count, expected: Text, found: Text) Storage {
        title { zh "重放在第 {request} 个请求处不一致：记录为 {expected}，现在是 {found}" en "the replay differs at request {request}: recorded {expected}, now {found}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "脚本或程序版本与记录时不同。用记录时的字节码重放；相同字节码仍不一致，请报告。" en "Script or program differ from the recording. Replay with the bytecode of that time; if the same bytecode still differs, please report it." }
        retry No
        about {
            zh "重放时脚本须问出与记录相同的请求。第一处不同即停，因为其后的回答已不再对应。"
            en "In a replay the script has to ask for the same things as in the recording. It stops at the first difference, because the answers after it no longer fit."
        }
        example "till run scripts/sale.till amount=1.00CNY --replay other.trace  # in which card.read became card.eject"
    }

    T7009 BAD_TRACE BadTrace(detail: Text) Storage {
        title { zh "运行记录无法读取：{detail}" en "the trace cannot be read: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{detail}。用 --trace 重新记录；文件须完整且未被编辑。" en "{detail}. Record it again with --trace; the file has to be whole and unedited." }
        retry AfterFix
        about {
            zh "运行记录由 till run --trace 写出，每行一个请求或回答。缺行或改动都会使重放失去意义。"
            en "A trace is written by `till run --trace`. With lines missing or changed a replay would mean nothing."
        }
        example "till run scripts/sale.till --replay README.md"
    }

    T7010 BAD_CARD_FILE BadCardFile(path: Text, detail: Text) Storage {
        title { zh "卡片文件 {path} 有误：{detail}" en "the card file {path} is wrong: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "改正 {path}：{detail}。只可使用测试卡，不要写入真实卡号。" en "Correct {path}: {detail}. Use test cards only, never a real card number." }
        retry AfterFix
        about {
            zh "卡片文件描述一张模拟卡：卡号、磁道、PIN、有效期、服务代码与余额。"
            en "A card file describes a simulated card: number, tracks, PIN, expiry, service code and balance."
        }
        example "till run scripts/sale.till amount=1.00CNY --card README.md"
    }

    T7011 BAD_SCENARIO BadScenario(path: Text, detail: Text) Storage {
        title { zh "场景文件 {path} 有误：{detail}" en "the scenario file {path} is wrong: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "改正 {path}：{detail}。" en "Correct {path}: {detail}." }
        retry AfterFix
        about {
            zh "场景文件列出模拟环境中的卡片、故障与主机行为。"
            en "A scenario file lists cards, faults and what the host does in the simulated world."
        }
        example "till run scripts/sale.till amount=1.00CNY --scenario README.md"
    }

    T7012 BAD_EXTRACT BadExtract(path: Text, detail: Text) Storage {
        title { zh "主机摘录 {path} 有误：{detail}" en "the host's extract {path} is wrong: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端正在对账，请稍候。" en "The terminal is being reconciled. Please wait." }
        support { zh "改正 {path}：{detail}。格式见 docs/reconcile.md；没有对账，什么都没有改动。" en "Correct {path}: {detail}. docs/reconcile.md has the form; nothing was compared and nothing changed." }
        retry AfterFix
        about {
            zh "till reconcile 读取主机摘录（CSV）：第一行是列名，至少有流水号（或参考号）与金额。"
            en "`till reconcile` reads a host's extract in CSV: the first line names the columns; trace number (or reference) and amount have to be among them."
        }
        example "till reconcile journal README.md"
    }

    T7013 RECONCILE_FIRST ReconcileFirst() Storage {
        title { zh "日志由备份恢复，须先对账" en "the journal was restored from a backup; reconcile first" }
        cashier { zh "暂停交易，联系技术支持。" en "Stop taking payments and call support." }
        cardholder { zh "终端暂不能受理，请换一台终端。" en "This terminal cannot take payments now. Please try another one." }
        support { zh "备份之后做过的交易不在日志里，流水号可能已用过。向收单机构要摘录，运行 till reconcile 日志 摘录.csv --lift，再签到。" en "What happened after the backup is not in the journal, and its trace numbers may have been used. Get an extract from the acquirer, run `till reconcile JOURNAL EXTRACT.csv --lift`, then sign in." }
        retry AfterFix
        about {
            zh "恢复备份后，批次加一、流水号跳过一段、终端签退；对账之前不做任何交易，以免同一笔扣两次。待发的冲正照常发送。"
            en "After a restore the batch is raised, trace numbers are left out and the terminal is signed out; no transaction is made before a reconciliation, so that nothing is charged twice. Reversals that wait go out all the same."
        }
        example "till run scripts/sale.till amount=100.00CNY --journal journal  # after till journal restore and a sign-in"
    }

    T7031 BAD_BUNDLE BadBundle(detail: Text) Storage {
        title { zh "支持包无法读取：{detail}" en "the bundle cannot be read: {detail}" }
        cashier { zh "请重新做一个支持包再发送。" en "Make the bundle again and send that." }
        cardholder { zh "与您的付款无关，不必做什么。" en "This does not concern your payment; there is nothing to do." }
        support { zh "{detail}。请对方重新做一个：文件须完整，做好后不能再改。" en "{detail}. Ask for a new one: the file has to be whole and unchanged since it was made." }
        retry AfterFix
        about {
            zh "支持包由 till bundle create 写出，末行有全部内容的摘要。缺行或改动都会被发现。"
            en "A bundle is written by `till bundle create`; its last line has a digest of everything before it, which shows missing and changed lines."
        }
        example "till bundle show README.md"
    }

    T7032 BUNDLE_NOT_CLEAN BundleNotClean(detail: Text) Storage {
        title { zh "支持包没有写出：{detail}" en "the bundle was not written: {detail}" }
        cashier { zh "不要另行发送，联系技术支持。" en "Send these files in no other way; call support." }
        cardholder { zh "与您的付款无关，不必做什么。" en "This does not concern your payment; there is nothing to do." }
        support { zh "{detail}。看所指之处：脚本不应把卡号写进文本。若其实不是卡号，去掉那份运行记录再做。" en "{detail}. Look there: a script must not put a card number into a text. If it is none after all, leave that trace out." }
        retry AfterFix
        about {
            zh "写出之前逐一检查全部文字，无论哪种写法（十六进制、base64、EBCDIC、倒写等）。有一处像卡号、磁道或密钥就不写。"
            en "Before it is written every text is looked through, however it is written: hexadecimal, base64, EBCDIC, backwards and so on. One place that looks like a card number, a track or a key, and nothing is written."
        }
        example "till bundle create --trace tests/errors/examples/spoilt.trace -o help.bundle"
    }

    T7101 UNKNOWN_FLOW UnknownFlow(name: Name, hint: Text) Storage {
        title { zh "程序中没有可运行的流程“{name}”" en "the program has no flow `{name}` to run" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{hint}请核对拼写。" en "{hint} Check the spelling." }
        retry AfterFix
        about {
            zh "till run 文件 流程名 运行指定的流程。文件中只有一个 pub 流程时可以省略名称。"
            en "`till run FILE FLOW` runs that flow. With a single `pub` flow in the file the name can be left out."
        }
        example "till run scripts/sale.till refund"
    }

    T7102 ARGUMENT_MISSING ArgumentMissing(name: Name, type: Text) Storage {
        title { zh "缺少参数“{name}”（{type}）" en "the argument `{name}` ({type}) is missing" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "在命令行补上 {name}=值，类型为 {type}。" en "Add {name}=value to the command line, of type {type}." }
        retry AfterFix
        about {
            zh "流程的参数写成 名称=值，如 amount=100.00CNY。"
            en "Arguments of a flow are written name=value, such as amount=100.00CNY."
        }
        example "till run scripts/sale.till"
    }

    T7103 ARGUMENT_WRONG ArgumentWrong(name: Name, detail: Text) Storage {
        title { zh "参数“{name}”有误：{detail}" en "the argument `{name}` is wrong: {detail}" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "改正 {name}。参数写成 名称=值；金额写成 100.00CNY，时长写成 60s。" en "Correct {name}. Arguments are written name=value, amounts 100.00CNY, durations 60s." }
        retry AfterFix
        about {
            zh "值按参数的类型读取，写法与脚本中相同，金额与币种之间不留空格。"
            en "The value is read by the parameter's type and written as in a script, without the space before the currency."
        }
        example "till run scripts/sale.till amount=100"
    }

    T7104 UNKNOWN_FAULT UnknownFault(name: Name, hint: Text) Storage {
        title { zh "没有名为“{name}”的故障" en "there is no fault named `{name}`" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{hint}请核对拼写。" en "{hint} Check the spelling." }
        retry AfterFix
        about {
            zh "--fault 让模拟环境按名称出错，如 silent、reply:51、paper-out。可以写多个。"
            en "`--fault` makes the simulated world fail by name: silent, reply:51, paper-out. Several may be given."
        }
        example "till run scripts/sale.till amount=1.00CNY --fault earthquake"
    }

    T7105 UNKNOWN_CARD UnknownCard(name: Name, hint: Text) Storage {
        title { zh "没有名为“{name}”的卡片" en "there is no card named `{name}`" }
        cashier { zh "请联系技术支持。" en "Call support." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready. Please wait." }
        support { zh "{hint}请核对拼写。" en "{hint} Check the spelling." }
        retry AfterFix
        about {
            zh "--card 选一张内置的模拟卡，或读取卡片文件。"
            en "`--card` chooses a built-in simulated card, or reads a card file."
        }
        example "till run scripts/sale.till amount=1.00CNY --card library"
    }
}
