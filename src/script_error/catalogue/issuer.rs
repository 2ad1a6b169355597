//! What issuer or host decided, one row per category of response code.

super::rows! {
    T2101 DECLINED DeclinedByIssuer(code: Text) Issuer {
        title { zh "交易被拒绝（应答码 {code}）" en "declined (response code {code})" }
        cashier { zh "未获批准，请换卡或换付款方式。" en "Not approved: ask for another card or way of paying." }
        cardholder { zh "发卡行未批准这笔交易。原因请向发卡行查询，或换一张卡。" en "Your bank did not approve this transaction. Ask your bank why, or use another card." }
        support { zh "主机应答 {code}，终端与线路正常。按方言的应答码表解释；同一码在不同机构含义可能不同。" en "The host answered {code}; terminal and line are fine. Read it by the dialect's table; one code can mean different things at different hosts." }
        retry No
        about {
            zh "拒绝是发卡行或主机的决定，不是终端的故障。余额不足（51）、密码错（55）等都属此类。原因消除之前，重试结果不变。"
            en "A decline is a decision of issuer or host, not a fault of the terminal. Insufficient funds (51) and wrong PIN (55) are of this kind. Trying again changes nothing until its reason is gone."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault reply:51"
    }

    T2102 CARD_TO_RETAIN CardToRetain(code: Text) Issuer {
        title { zh "发卡行要求没收卡（应答码 {code}）" en "the issuer asks to retain the card (response code {code})" }
        cashier { zh "不要强行留卡，联系收单机构。" en "Never take the card by force; call the acquirer." }
        cardholder { zh "发卡行要求留下这张卡。请联系发卡行了解原因。" en "Your bank asks to keep this card. Please call your bank to learn why." }
        support { zh "没收类应答码 {code}（如 04、07、33、41、43）：挂失、被盗、作弊或状态特殊。按收单机构规定登记与交回。" en "Code {code} asks to retain the card (such as 04, 07, 33, 41, 43): lost, stolen, suspected fraud or special conditions. Record and return it by the acquirer's rules." }
        retry No
        about {
            zh "没收卡是发卡行的要求，收银员的安全第一，任何时候都不可强留。不要再次刷卡尝试。各方言中属于此类的代码不尽相同。"
            en "Retaining is the issuer's wish; the cashier's safety comes first, and force is never right. Do not try the card again. Which codes belong here differs between dialects."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault reply:04"
    }

    T2103 SIGN_IN_AGAIN SignInAgain(code: Text) Issuer {
        title { zh "主机要求重新签到（应答码 {code}）" en "the host asks to sign in again (response code {code})" }
        cashier { zh "请重新签到，再做一次交易。" en "Sign in again, then repeat the transaction." }
        cardholder { zh "终端需要重新签到，请稍候。" en "The terminal has to sign in again. Please wait." }
        support { zh "密钥或批次与主机不同步：A0 为 MAC，99 为 PIN 格式或密钥，77 为批次。签到后仍出现，核对主密钥、MAC 算法与批次号。" en "Keys or batch are out of step with the host: A0 MAC, 99 PIN format or key, 77 batch. If it stays after signing in, check the master key, the MAC method and the batch number." }
        retry AfterFix
        about {
            zh "工作密钥或批次号与主机不一致，重新签到会下发新的工作密钥并同步批次。重新签到不影响已完成的交易。"
            en "Work keys or batch number differ from the host's. Signing in brings new work keys and the right batch, and leaves finished transactions as they are."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault reply:A0"
    }

    T2104 TRY_LATER TryLater(code: Text) Issuer {
        title { zh "主机或发卡行暂不可用（应答码 {code}）" en "host or issuer is not available at the moment (response code {code})" }
        cashier { zh "稍后再试；持续出现找收单机构。" en "Try again later; if it stays, call the acquirer." }
        cardholder { zh "发卡行暂时无法处理。请稍后再试，或换一张卡。" en "Your bank cannot be reached at the moment. Try again later, or use another card." }
        support { zh "应答码 {code}（如 90 日切、91 发卡行状态不正常、92 线路异常、96 系统异常）。终端正常；影响面大时向收单机构通报。" en "Code {code} (such as 90 cut-off, 91 issuer inoperative, 92 route fault, 96 system malfunction). The terminal is fine; report it to the acquirer if many cards are affected." }
        retry Later
        about {
            zh "问题在主机或发卡行一侧，与卡片和密码无关。立即反复重试往往无效，还会增加对方负担。"
            en "The trouble is at host or issuer and has nothing to do with card or PIN. Trying at once and again rarely helps and adds to their load."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault reply:91"
    }

    T2105 CALL_ISSUER CallIssuer(code: Text) Issuer {
        title { zh "须与发卡行或收单机构联系（应答码 {code}）" en "call the issuer or the acquirer first (response code {code})" }
        cashier { zh "请持卡人联系发卡行，不要重试。" en "Ask the cardholder to call the issuer; do not try again." }
        cardholder { zh "请致电卡背面的电话，向发卡行查询。" en "Please call your bank at the number on the back of the card." }
        support { zh "应答码 {code}：01、02 为查询发卡行；03、97 为商户或终端未登记，由收单机构处理。" en "Code {code}: 01 and 02 refer to the issuer; 03 and 97 mean that merchant or terminal is not registered, which the acquirer can put right." }
        retry AfterFix
        about {
            zh "主机既未批准也非简单拒绝，要由人与对方联系后才能继续。联系之前重试没有用。"
            en "The host neither approved nor plainly declined: a person has to call first. Trying again before that does not help."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault reply:01"
    }

    T2106 UNKNOWN_RESPONSE UnknownResponse(code: Text) Issuer {
        title { zh "应答码 {code} 不在方言的表中，按未批准处理" en "response code {code} is not in the dialect's table and counts as not approved" }
        cashier { zh "请换卡，并把应答码告诉技术支持。" en "Use another card, and tell support the response code." }
        cardholder { zh "交易未获批准。请换一张卡，或向发卡行查询。" en "It was not approved. Please use another card, or ask your bank." }
        support { zh "方言的 codes 表中没有 {code}。向收单机构问明含义与类别后补进表中；在此之前绝不当作批准。" en "The dialect's `codes` table lacks {code}. Ask the acquirer for meaning and category and add the row; until then it is never taken for approved." }
        retry No
        about {
            zh "不认识的应答码一律按未批准处理。把未知当成功，会让商户交出货物却收不到钱。"
            en "A response code we do not know is never an approval. Taking the unknown for success would give goods away without payment."
        }
        example "till run scripts/sale.till amount=100.00CNY --fault reply:ZZ"
    }

    T2107 REQUEST_REFUSED RequestRefused(code: Text) Issuer {
        title { zh "主机拒绝了终端的请求（应答码 {code}）" en "the host refused the terminal's request (response code {code})" }
        cashier { zh "抄下应答码，联系收单机构。" en "Note the response code and call the acquirer." }
        cardholder { zh "与您的付款无关，请稍候。" en "This does not concern your payment. Please wait." }
        support { zh "被拒的是签到、结算、上送一类的请求，应答码 {code}；之前的交易不变。每台终端都这样，是主机一侧的事；只有这一台，核对终端号、商户号、批次号与报文各域。" en "A sign-in, a settlement, an upload or the like was refused with {code}; earlier transactions are unchanged. If every terminal gets it, it is at the host; if only this one, compare terminal, merchant and batch number and the fields of the message." }
        retry AfterFix
        about {
            zh "应答码表是为付款写的，同一个码也会用来拒绝没有持卡人的请求：签到、结算、批上送、参数下载。这时没有人付款，也就没有人被拒绝付款。"
            en "The tables of response codes are written for payments, and the same codes refuse requests that have no cardholder: sign-in, settlement, batch upload, parameter download. Nobody was paying, so nobody's payment was declined."
        }
        example "till run scripts/sign_in.till --fault reply:96@0800"
    }
}
