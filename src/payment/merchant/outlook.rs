//! What no slip can tell, and the checks that people make elsewhere.

/// A check that a merchant or cardholder can make, and where. In force as of 2026-11.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is checked, in Chinese.
    pub zh: &'static str,
    /// What is checked, in English.
    pub en: &'static str,
    /// Where, in Chinese.
    pub where_zh: &'static str,
    /// Where, in English.
    pub where_en: &'static str,
}

/// The checks, most telling first.
pub const CHECKS: &[Check] = &[
    Check {
        zh: "签购单上的商户编号与持卡人记录里的是否相同",
        en: "that slip and cardholder's record have the same merchant number",
        where_zh: "云闪付账单、发卡行账单，或致电银联 95516",
        where_en: "the UnionPay app, the issuer's statement, or UnionPay by telephone, 95516",
    },
    Check {
        zh: "收单机构有《支付业务许可证》，业务范围含银行卡收单与本省，且没有过期（银行不需要）",
        en: "that the acquirer holds a payment licence for card acquiring in this province which has not run out (banks need none)",
        where_zh: "中国人民银行网站“已获许可机构（支付机构）”",
        where_en: "the list of licensed payment institutions of the People's Bank of China",
    },
    Check {
        zh: "合同上的收单机构就是商户编号前三位所指的机构",
        en: "that the contract's acquirer is the one of the first three digits",
        where_zh: "收单合同；收单机构的客服电话（从其官网取，不用业务员给的）",
        where_en: "the contract; the acquirer's telephone number from its own site, not from a seller",
    },
    Check {
        zh: "机器序列号登记在本店商户编号名下",
        en: "that the machine's serial number is filed under this shop's merchant number",
        where_zh: "收单机构客服，报机身序列号（TUSN）",
        where_en: "the acquirer's service desk, with the serial number on the machine (TUSN)",
    },
    Check {
        zh: "签购单、持卡人记录与营业执照上的名称一致",
        en: "that slip, cardholder's record and business licence show one name",
        where_zh: "营业执照；国家企业信用信息公示系统",
        where_en: "the licence; the national enterprise credit information system",
    },
];

/// What cannot be seen from a terminal, in Chinese and English.
pub const UNSEEN: &[(&str, &str)] = &[
    (
        "交易最终以哪个商户、哪个类别清算：跳码发生在收单机构之后，终端收到的应答里第 42 域仍是自己的商户编号",
        "under which merchant and class the sale was cleared: switching happens behind the acquirer, and the reply that the terminal gets still has its own number in field 42",
    ),
    (
        "收单机构今天是否仍有许可：名单会变，只能在人民银行网站查",
        "whether the acquirer is licensed today: the list changes, only the central bank's site tells",
    ),
    (
        "商户编号里的行业与地区是否真按规则编：许多机构填自己的数字，所以只作提示",
        "whether trade and region in the number follow the rule: many acquirers put digits of their own, so they are hints",
    ),
    (
        "发卡行与转接方实际收了多少：规定的是上限，不是实收",
        "what issuer and network really took: the rules give upper bounds, not what was charged",
    ),
];
