//! Card data, PINs and keys that would go where they may not.

super::rows! {
    T0501 SECRET_SHOWN SecretShown(what: Text, sink: Text) Secrets {
        title { zh "{what}不能以明文写到{sink}" en "{what} may not go to {sink} in the clear" }
        fix { zh "卡号先屏蔽，如 mask(c.pan)；其余不要写出。" en "Mask a card number first, such as `mask(c.pan)`; leave anything else out." }
        about {
            zh "卡号、磁道、密码、密钥不得以明文出现在屏幕、小票、日志或存储中，装着它们的记录与报文也一样。卡号屏蔽后保留前六位与后四位。"
            en "Card numbers, tracks, PINs and keys never appear in the clear on screen, slip, log or store, and neither do the records and messages that hold them. A masked card number keeps its first six and last four digits."
        }
        example "flow f() -> Outcome {\n  let c = card.read(accept: [chip], within: 60s)\n  log.info(c.pan)\n  return done\n}"
    }

    T0502 SECRET_IN_TEXT SecretInText(what: Text) Secrets {
        title { zh "{what}不能成为文字" en "{what} cannot become text" }
        fix { zh "卡号先屏蔽，如 \"{mask(c.pan)}\"；其余不要写出。" en "Mask a card number first: \"{mask(c.pan)}\". Leave anything else out." }
        about {
            zh "文字可以流到任何地方，所以敏感数据不能成为文字的一部分，除非先屏蔽。磁道与 PIN 不能屏蔽后输出，只能不用。"
            en "A text can travel anywhere, so sensitive data cannot become part of one unless it is masked. Tracks and PINs have no masked form; leave them out."
        }
        example "fn f(p: Pan) -> Text = \"卡号 {p}\""
    }

    T0503 SECRET_IN_FIELD SecretInField(what: Text, field: Field) Secrets {
        title { zh "{field}不能放{what}" en "{field} does not take {what}" }
        fix { zh "放到规定的域里：卡号第 2 域，二磁道第 35 域，PIN 密文第 52 域。" en "Use the field made for it: 2 for the card number, 35 for track 2, 52 for the PIN block." }
        about {
            zh "每个域容许的敏感程度由方言规定。敏感数据放进普通域，会被主机与沿途的日志当普通内容保存。"
            en "The dialect says how sensitive a value each field may hold. In an ordinary field it would be stored as ordinary data by the host and every log on the way."
        }
        example "import iso1987.dialect\nfn f(p: Pan) -> Message = message 0800 { F11: \"000001\", F41: \"10000007\", F63: p }"
    }

    T0504 SECRET_COMPARED SecretCompared(what: Text) Secrets {
        title { zh "{what}不能比较" en "{what} may not be compared" }
        fix { zh "让密码键盘或主机去核对。" en "Let the PIN pad or the host check it." }
        about {
            zh "比较能逐步试出内容。密码由发卡行核对，密钥用校验值核对，卡号可比较其屏蔽形式。有没有值可以问：c.track2 == none。"
            en "Comparing can reveal a value bit by bit. A PIN is checked by the issuer, a key by its check value, and card numbers can be compared in their masked form. Whether there is a value may be asked: `c.track2 == none`."
        }
        example "fn f(a: PinBlock, b: PinBlock) -> Bool = a == b"
    }

    T0505 SECRET_IN_ERROR SecretInError(what: Text, name: Name) Secrets {
        title { zh "错误的“{name}”不能带{what}" en "the fact `{name}` of an error may not carry {what}" }
        fix { zh "改带屏蔽后的文字或校验值。" en "Carry masked text or a check value instead." }
        about {
            zh "错误会显示给收银员、写入日志、发给技术支持，其内容不得含敏感数据。"
            en "An error is shown to the cashier, written to logs and sent to support, so its facts may hold nothing sensitive."
        }
        example "error BadCard(pan: Pan) E1234 card {\n  cashier\n    zh \"请换卡。\"\n    en \"Use another card.\"\n  cardholder\n    zh \"请换卡。\"\n    en \"Use another card.\"\n  support\n    zh \"卡不可用。\"\n    en \"The card cannot be used.\"\n}"
    }

    T0506 SECRET_TAKEN_APART SecretTakenApart(what: Text, call: Name) Secrets {
        title { zh "{call} 不能拆看{what}" en "`{call}` may not look into {what}" }
        fix { zh "卡号先用 mask 屏蔽；其余交给密码键盘或主机。" en "Mask a card number with `mask` first; leave anything else to the PIN pad or the host." }
        about {
            zh "取一段、找一段、量长度、转成数字，都会把内容一点点搬到普通文字里。脚本手里只有屏蔽后的前六位与后四位；要按卡段分流，用屏蔽后的卡号。"
            en "Cutting out a part, searching, measuring or turning into digits moves the content into ordinary text bit by bit. A script has the first six and last four digits of the masked number; to route by card range, use those."
        }
        example "fn f(p: Pan) -> Text = part(p, from: 0, length: 6)"
    }

    T0507 SECRET_DECIDES SecretDecides(what: Text) Secrets {
        title { zh "不能按{what}的内容分支" en "a flow may not branch on {what}" }
        fix { zh "问允许问的：luhn_valid(c.pan)、c.track2 == none。" en "Ask what may be asked: `luhn_valid(c.pan)`, `c.track2 == none`." }
        about {
            zh "走哪一支，看屏幕、日志与跟踪的人都看得到，内容就这样漏出去。只有声明过的内建函数（如 luhn_valid）可以就卡号给出真假。"
            en "Which way a flow went can be seen on screens, in logs and in traces, and so the content leaks. Only builtins made for it, such as `luhn_valid`, answer yes or no about a card number."
        }
        example "fn f(p: Pan) -> Int = match p {\n  other => 1\n}"
    }

    T0508 HOLDS_SECRET_COMPARED HoldsSecretCompared(type: Text, what: Text) Secrets {
        title { zh "{type} 里有{what}，不能整个比较" en "`{type}` holds {what}, so it may not be compared as a whole" }
        fix { zh "只比较需要的成员；卡号比较屏蔽后的形式。" en "Compare only the members you need, and card numbers in their masked form." }
        about {
            zh "整个比较会连同其中的卡号、磁道、密码、密钥一起比较，列表里找一个（in）也是。用 none 或不带值的变体比较不看内容，可以写。"
            en "Comparing the whole also compares the card number, track, PIN or key in it, and so does looking for it in a list with `in`. Comparing with `none` or with a variant that carries nothing does not look inside and is fine."
        }
        example "fn f(a: Card, b: Card) -> Bool = a == b"
    }

    T0509 MASKED_AS_CARD_NUMBER MaskedAsCardNumber(use: Text) Secrets {
        title { zh "屏蔽后的卡号不是卡号：{use}" en "a masked number is no card number: {use}" }
        fix { zh "屏蔽只用于给人看；要卡号本身就用 c.pan。" en "Mask only what people read; where the number itself is needed, use `c.pan`." }
        about {
            zh "屏蔽后中间的数字已换成 *，不能发给主机，不能输入密码时用，也永远不会等于一个完整的卡号。"
            en "In a masked number the middle digits are stars: it cannot be sent to the host or used for PIN entry, and it never equals a whole card number."
        }
        example "fn f(p: Pan) -> Text = digits(mask(p))"
    }

    T0510 SECRET_IN_TEST SecretInTest(what: Text, field: Field) Secrets {
        title { zh "测试不能核对{field}里的{what}" en "a test may not compare {what} in {field}" }
        fix { zh "删去此域；要证明带了卡数据，看报文里有没有该域。" en "Leave the field out; to prove that card data was sent, look whether the field is there." }
        about {
            zh "测试写在文件里，会进版本库、进报告；写着卡号、磁道或密码的测试本身就是泄漏。"
            en "Tests are files: they go into repositories and reports. A test with a card number, a track or a PIN in it is a leak itself."
        }
        example "import iso1987.dialect\ntest \"t\" {\n  expect host.received(0200, F2: \"0000000000000000\") == none\n}"
    }

    T0511 SENSITIVE_FIELD_PLAIN SensitiveFieldPlain(field: Field, what: Text) Secrets {
        title { zh "{field}装的是{what}，方言却把它当普通内容" en "{field} holds {what}, but the dialect calls it plain" }
        fix { zh "在 holds 一列写明它装什么。" en "Say in the `holds` column what it holds." }
        about {
            zh "ISO 8583 规定了这些域装什么。方言把它们当普通内容，应答里的卡号就成了普通文字，可以被显示、打印、写进日志。"
            en "ISO 8583 says what these fields hold. With the dialect calling them plain, a card number in a reply becomes ordinary text that can be shown, printed and logged."
        }
        example "dialect bare {\n  form ascii\n  approved 00\n  fields {\n    | field | name  | class | encoding | length | holds         | zh | en |\n    | F2    | pan   | n     | ascii    | LL 19  |               | \"卡号\" | \"card number\" |\n    | F11   | stan  | n     | ascii    | 6      | stan          | \"流水号\" | \"trace number\" |\n    | F39   | code  | an    | ascii    | 2      | response_code | \"应答码\" | \"response code\" |\n  }\n}"
    }

    T0512 CARD_NUMBER_WRITTEN_OUT CardNumberWrittenOut() Secrets {
        title { zh "脚本里写着一个完整的卡号" en "a whole card number is written out in the script" }
        fix { zh "删去它；卡号只从读卡器来。" en "Remove it; card numbers come from the card reader only." }
        about {
            zh "脚本会进版本库、进字节码、进报错的摘录。16 至 19 位、校验位正确的数字串很可能是真卡号；不是的话，用 @allow(T0512, \"理由\") 说明。"
            en "A script goes into repositories, into bytecode and into the excerpts of error pages. A run of 16 to 19 digits with a right check digit are probably a real card number; if not, say so with `@allow(T0512, \"reason\")`."
        }
        example "flow f() -> Outcome uses log {\n  log.info(\"6299990000000009\")\n  return done\n}"
    }
}
