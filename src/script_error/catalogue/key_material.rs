//! Keys and key blocks that the program is handed and cannot use.

super::rows! {
    T4006 KEY_WEAK KeyWeak() Keys {
        title { zh "密钥是弱密钥" en "the key is a weak key" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "换一把密钥。DES 有 64 把弱密钥和半弱密钥，全零也是其中之一；改动校验位不会使它变强。" en "Use another key. DES has 64 weak and semi-weak keys, zeros among them; other parity bits do not make one stronger." }
        retry AfterFix
        about {
            zh "弱密钥加密两次就会还原，或与另一把互逆。它们多半来自未初始化的内存或测试时的占位值。"
            en "A weak key undoes itself or another one. Most of them come from memory nobody filled, or from a placeholder in a test."
        }
        example "till keys kcv --key 0101010101010101"
    }

    T4007 KEY_PARTS_EQUAL KeyPartsEqual() Keys {
        title { zh "密钥相邻的两半相同，强度只等于单倍长 DES" en "neighbouring parts of the key are equal, so that it is worth single DES only" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "换一把两半不同的密钥。若本意是单倍长，只给前 8 个字节。" en "Use a key whose parts differ. If single length is meant, give its 8 bytes only." }
        retry AfterFix
        about {
            zh "3DES 依次加密、解密、加密；两半相同时前两步互相抵消。常见原因是把 8 字节的密钥重复一遍凑成 16 字节。"
            en "Triple DES encrypts, decrypts and encrypts; equal parts cancel each other. Mostly somebody wrote a key of 8 bytes twice to get 16."
        }
        example "till keys kcv --key 0123456789ABCDEF0123456789ABCDEF"
    }

    T4008 KEY_LENGTH KeyLength(algorithm: Text, length: Count) Keys {
        title { zh "{algorithm} 没有 {length} 字节的密钥" en "{algorithm} has no keys of this length in bytes: {length}" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "数一数字符：两个十六进制字符是一个字节。DES 为 8、16、24 字节，AES 为 16、24、32 字节，SM4 为 16 字节。这里是 {length} 字节。" en "Count the characters: two hexadecimal digits are a byte. DES has 8, 16 or 24, AES 16, 24 or 32, SM4 16. Here are {length}." }
        retry AfterFix
        about {
            zh "长度不对多半是少抄或多抄了字符，或把十六进制文本本身当作字节。"
            en "A wrong length is mostly a character too few or too many, or hexadecimal text taken for the bytes themselves."
        }
        example "till keys kcv --key 0123456789ABCDEF01"
    }

    T4009 KEY_KIND KeyKind(needed: Text, found: Text) Keys {
        title { zh "这里要用{needed}，给的是{found}" en "this needs {needed}, not {found}" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "核对算法与单双倍长：需要{needed}。" en "Check the algorithm and single or double length: {needed} is needed." }
        retry AfterFix
        about {
            zh "X9.19 与 TR-31 等至少要双倍长密钥；AES 与 SM4 的分组是 16 字节，不能代替 DES。"
            en "X9.19, TR-31 and others need two parts at least; AES and SM4 have blocks of 16 bytes and cannot stand in for DES."
        }
        example "till keys mac --method x9_19 --key 0123456789ABCDEF --data 00"
    }

    T4010 KEY_CHECK_VALUE KeyCheckValue(expected: Text, found: Text) Keys {
        title { zh "密钥与校验值不符：应为 {expected}，算得 {found}" en "the key does not match its check value: {expected} expected, {found} found" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "应为 {expected}，算得 {found}。多半是主密钥或其索引不对；till keys solve kcv 会逐一尝试已知的错法。" en "{expected} expected, {found} found. Mostly it is the wrong master key or index; `till keys solve kcv` tries the known mistakes." }
        retry AfterFix
        about {
            zh "校验值是用密钥加密一组零的前几个字节，能证明密钥正确而不泄露它。"
            en "A check value is the beginning of zeros encrypted under the key: it proves the key without showing it."
        }
        example "till keys kcv --key 0123456789ABCDEFFEDCBA9876543210 --expect D2B91C"
    }

    T4011 KEY_BLOCK_VERSION KeyBlockVersion(found: Text) Keys {
        title { zh "密钥块的版本“{found}”不认识" en "the key block has the unknown version {found}" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "密钥块以 A、B、C、D 或 E 开头，这里是“{found}”。核对开头是否多抄了字符。" en "A key block begins with A, B, C, D or E; this one begins with {found}. Look for a character too many in front." }
        retry AfterFix
        about {
            zh "第一个字符是保护方法的版本：A、B、C 用 3DES，D、E 用 AES。"
            en "The first character is the version of the protection: A, B and C use triple DES, D and E use AES."
        }
        example "till keys tr31 --kbpk 0123456789ABCDEFFEDCBA9876543210 --block X0072P0TE00E0000F5161ED902807AF26F1D62263644BD24192FDB3193C730301CEE8701"
    }

    T4012 KEY_BLOCK_FORM KeyBlockForm(detail: Text) Keys {
        title { zh "密钥块的写法不对：{detail}" en "the key block is not well-formed: {detail}" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "{detail}。对照完整的原文，看是否截断、换行或改动。" en "{detail}. Compare it with the whole original: it may have been cut, broken into lines or changed." }
        retry AfterFix
        about {
            zh "头部 16 个字符依次为版本、长度、用途、算法、使用方式、密钥版本、可导出性、可选块数和保留位；长度须与全文相符。"
            en "The 16 characters of the header are version, length, usage, algorithm, mode, key version, exportability, number of optional blocks and a reserve; the length has to be that of the whole."
        }
        example "till keys tr31 --kbpk 0123456789ABCDEFFEDCBA9876543210 --block A0072P0TE00E0000F5161ED9"
    }

    T4013 KEY_BLOCK_MAC KeyBlockMac() Keys {
        title { zh "密钥块的 MAC 不符" en "the MAC of the key block is wrong" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "多半是保护密钥不对：比较两边的校验值。校验值相同，则密钥块在途中被改动，头部的一个字符也算。" en "Mostly it is another protection key: compare check values. If they agree, the block was changed on the way, be it one character of its header." }
        retry AfterFix
        about {
            zh "MAC 把密钥与头部绑在一起，先验它再看密钥。不符的密钥块什么也不会取出。"
            en "The MAC binds the key to its header and is verified before the key is looked at. Nothing is taken from a block whose MAC is wrong."
        }
        example "till keys tr31 --kbpk 0123456789ABCDEFFEDCBA9876543210 --block A0072P0TE00E0000F5161ED902807AF26F1D62263644BD24192FDB3193C730301CEE8701"
    }

    T4014 PIN_BLOCK_EMPTY PinBlockEmpty(reason: Text) Keys {
        title { zh "PIN 块里没有 PIN：{reason}" en "the PIN block holds no PIN: {reason}" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "{reason}。多半是密钥、卡号或格式不对；till keys solve pin-block 会逐一尝试。" en "{reason}. Mostly it is the wrong key, card number or format; `till keys solve pin-block` tries them." }
        retry AfterFix
        about {
            zh "解密后第一个字符是格式，第二个是长度，其后是数字与填充；四者都要合格。"
            en "Decrypted, the first digit is the format, the second the length, then come digits and fill; all four have to be right."
        }
        example "till keys pin-block --format-code 0 --key 0123456789ABCDEFFEDCBA9876543210 --pan 6299990000000018 --open 0011223344556677"
    }

    T4015 KEY_SERIAL KeySerial(detail: Text) Keys {
        title { zh "密钥序列号 (KSN) 不能用：{detail}" en "the key serial number (KSN) cannot be used: {detail}" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "{detail}。3DES 的 KSN 为 10 字节、计数器 21 位；AES 的为 12 字节、计数器 32 位。" en "{detail}. A KSN has 10 bytes with a counter of 21 bits for triple DES, 12 bytes with 32 bits for AES." }
        retry AfterFix
        about {
            zh "终端跳过计数器中 1 太多的号码，用尽后必须重新灌注初始密钥，绝不重复使用。"
            en "A terminal skips numbers with too many ones, needs a new initial key when all are used, and never uses one twice."
        }
        example "till keys dukpt --bdk 0123456789ABCDEFFEDCBA9876543210 --ksn FFFF9876543210E00000"
    }

    T4016 NOT_HEXADECIMAL NotHexadecimal(what: Text) Keys {
        title { zh "{what}不是成对的十六进制数字" en "{what} is not in pairs of hexadecimal digits" }
        cashier { zh "停用这台终端，联系收单机构。" en "Stop using this terminal and call the acquirer." }
        cardholder { zh "终端暂不可用，请稍候。" en "This terminal is not ready. Please wait." }
        support { zh "{what}只能用 0 到 9 与 A 到 F，两个一组，可以有空格。文件可用 @文件名，标准输入用减号。" en "Write {what} in pairs of 0 to 9 and A to F, with or without spaces. A file is given as @FILE, standard input as -." }
        retry AfterFix
        about {
            zh "多半是全角字符、字母 O 与数字 0 混淆，或少了一个字符。"
            en "Mostly a full-width character, the letter O for a zero, or one character too few."
        }
        example "till keys kcv --key 0123456789ABCDEG"
    }
}
