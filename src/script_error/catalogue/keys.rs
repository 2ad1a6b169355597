//! Keys: sign-in, key loading, PIN block and MAC.

super::rows! {
    T4001 NOT_SIGNED_IN NotSignedIn() Keys on not_signed_in {
        title { zh "终端未签到，没有可用的工作密钥" en "the terminal is not signed in and has no work keys" }
        cashier { zh "请先签到，再做交易。" en "Sign in first, then repeat the transaction." }
        cardholder { zh "终端尚未就绪，请稍候。" en "The terminal is not ready yet. Please wait." }
        support { zh "工作密钥缺失，不能加密 PIN 或计算 MAC。换日、结算后或收到 A0、99、77 后需重新签到。" en "Work keys are missing, so neither PIN nor MAC can be made. Sign in again after a new day, a settlement, or a reply of A0, 99 or 77." }
        retry AfterFix
        about {
            zh "签到时主机下发工作密钥，存入密码键盘。没有签到就不能输密或计算 MAC，程序不会发送没有保护的报文。"
            en "At sign-in the host delivers work keys into the PIN pad. Without them no PIN and no MAC is possible, and the program sends nothing unprotected."
        }
        example "till run tests/errors/examples/read_card.till --fault not-signed-in"
    }

    T4002 NO_MASTER_KEY NoMasterKey(index: Count) Keys on no_master_key {
        title { zh "密码键盘的第 {index} 组没有主密钥" en "the PIN pad has no master key at index {index}" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请换一台。" en "This terminal cannot be used now. Please try another one." }
        support { zh "核对主密钥索引 {index}；索引无误则须由持有密钥的人员重新灌注主密钥。" en "Check the master-key index {index}; if it is right, the people who hold the keys have to load the master key again." }
        retry AfterFix
        about {
            zh "主密钥从未灌注，或因拆机、恢复出厂而清除，或索引设错。主密钥只能由授权人员灌注，重启不会恢复。"
            en "The master key was never loaded, or was erased by opening the case or a factory reset, or the index is wrong. Only authorised people can load it; a restart brings nothing back."
        }
        example "till run scripts/sign_in.till --fault no-master-key"
    }

    T4003 KEY_REFUSED KeyRefused(slot: Text) Keys on key_refused {
        title { zh "密码键盘拒绝了 {slot} 的密钥" en "the PIN pad refused the key for {slot}" }
        cashier { zh "重新签到；仍不行找收单机构。" en "Sign in again; if it fails again, call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "{slot}：弱密钥、长度不符、与另一槽位重复，或脚本装入了不该装的槽位。核对单双倍长设置与密钥索引，再向主机确认。" en "{slot}: a weak key, a wrong length, the same key as in another slot, or a slot that a script may not load. Check single or double length and the key index, then ask the host." }
        retry AfterFix
        about {
            zh "密码键盘不接受 DES 弱密钥、长度不符的密钥，也不允许两个槽位使用同一密钥。"
            en "A PIN pad takes neither weak DES keys nor keys of the wrong length, nor one key in two slots."
        }
        example "till run tests/errors/examples/one-key-twice.till"
    }

    T4004 BAD_KEY_BUNDLE BadKeyBundle(length: Count) Keys on bad_length {
        title { zh "签到应答中的密钥包长度不对（{length} 字节）" en "the key bundle of the sign-in reply has a wrong length, in bytes {length}" }
        cashier { zh "重新签到；仍不行找收单机构。" en "Sign in again; if it fails again, call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "第 62 域为 {length} 字节。核对终端与主机的单双倍长及是否含磁道密钥的设置（单倍长 24、双倍长 40、加磁道密钥 60 字节）。" en "Field 62 holds {length} bytes. Check that terminal and host agree: single length has 24, double 40, with a track key 60." }
        retry AfterFix
        about {
            zh "密钥包由若干把密钥与各自的校验值组成，长度须与约定相符。长度不符时一把也不会写入。"
            en "A bundle holds several keys, each with its check value, and its length follows from the agreement. If it does not fit, none of them is loaded."
        }
        example "till run scripts/sign_in.till --fault short-keys"
    }

    T4005 BAD_MAC BadMac() Keys on bad_mac {
        title { zh "应答报文的 MAC 不符" en "the MAC of the reply is wrong" }
        cashier { zh "先看钱款一行，再重新签到。" en "Read the money line, then sign in again." }
        cardholder { zh "主机的应答没有通过校验，不作数。" en "The host's answer failed its check and does not count." }
        support { zh "动账交易按原因 A0 冲正。MAK 不同步则重新签到；签到后仍不符，核对 MAC 算法与参与计算的域。" en "A transaction that moves money is reversed with reason A0. Sign in if the MAC key is out of step; if it stays, check the MAC method and which fields it covers." }
        retry AfterFix
        about {
            zh "应答可能被改动，或两边的 MAC 密钥不一致。无论哪种，都不能相信应答的内容，即使它写着批准。"
            en "Either the reply was changed on the way or the two MAC keys differ. In both cases its content cannot be trusted, even if it says approved."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault bad-mac"
    }
}
