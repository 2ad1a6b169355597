//! What tags mean: names in both languages, shape, length, and what of a value may be shown.

use crate::payment::emv::tag::Tag;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Two digits a byte, zeros on the left.
    Numeric,
    /// Two digits a byte, F on the right.
    Compressed,
    /// Characters.
    Text,
    /// Bytes.
    Binary,
    /// Further tags.
    Template,
    /// A list of tags and lengths.
    List,
}

/// What of a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// All of it.
    Open,
    /// A card number: first six and last four digits.
    CardNumber,
    /// A track: the card number in it as above, the rest hidden.
    Track,
    /// Nothing but its length: names, expiry, PIN data.
    Hidden,
}

/// A tag that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The tag.
    pub tag: Tag,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// How its value is written.
    pub shape: Shape,
    /// The fewest bytes.
    pub min: usize,
    /// The most bytes.
    pub max: usize,
    /// What of it may be shown.
    pub privacy: Privacy,
}

/// The entry of a tag.
pub fn entry(tag: Tag) -> Option<&'static Entry> {
    ENTRIES.binary_search_by_key(&tag, |entry| entry.tag).ok().and_then(|at| ENTRIES.get(at))
}

macro_rules! entries {
    ($( $tag:literal $shape:ident $min:literal $max:literal $privacy:ident $zh:literal $en:literal )*) => {
        /// Every tag that is known, in order.
        pub const ENTRIES: &[Entry] = &[ $( Entry {
            tag: Tag::new($tag), zh: $zh, en: $en, shape: Shape::$shape, min: $min, max: $max, privacy: Privacy::$privacy,
        } ),* ];
    };
}

// EMV 4.4 Book 3 annex A; contactless kernels for 9F66 to 9F7E; UnionPay-style terminals for DF31 and 9F63.
entries! {
    0x42 Numeric 3 3 Open "发卡机构标识号" "issuer identification number"
    0x4F Binary 5 16 Open "应用标识 (AID)" "application identifier (AID)"
    0x50 Text 1 16 Open "应用标签" "application label"
    0x56 Text 0 76 Track "磁道 1 数据" "track 1 data"
    0x57 Binary 0 19 Track "磁道 2 等效数据" "track 2 equivalent data"
    0x5A Compressed 0 10 CardNumber "主账号" "application primary account number (PAN)"
    0x61 Template 0 252 Open "应用模板" "application template"
    0x6F Template 0 252 Open "文件控制信息模板" "file control information template"
    0x70 Template 0 252 Open "数据记录模板" "record template"
    0x71 Template 0 252 Open "发卡行脚本模板 1" "issuer script template 1"
    0x72 Template 0 252 Open "发卡行脚本模板 2" "issuer script template 2"
    0x73 Template 0 252 Open "目录自定义模板" "directory discretionary template"
    0x77 Template 0 252 Open "响应报文模板格式 2" "response message template format 2"
    0x80 Binary 0 252 Open "响应报文模板格式 1" "response message template format 1"
    0x81 Binary 4 4 Open "授权金额（二进制）" "amount, authorised (binary)"
    0x82 Binary 2 2 Open "应用交互特征 (AIP)" "application interchange profile (AIP)"
    0x83 Binary 0 252 Open "命令模板" "command template"
    0x84 Binary 5 16 Open "专用文件名" "dedicated file name"
    0x86 Binary 0 252 Open "发卡行脚本命令" "issuer script command"
    0x87 Binary 1 1 Open "应用优先指示器" "application priority indicator"
    0x88 Binary 1 1 Open "短文件标识" "short file identifier"
    0x89 Text 6 6 Open "授权码" "authorisation code"
    0x8A Text 2 2 Open "授权响应码" "authorisation response code"
    0x8C List 0 252 Open "卡片风险管理数据列表 1 (CDOL1)" "card risk management data list 1 (CDOL1)"
    0x8D List 0 252 Open "卡片风险管理数据列表 2 (CDOL2)" "card risk management data list 2 (CDOL2)"
    0x8E Binary 10 252 Open "持卡人验证方法列表" "cardholder verification method list"
    0x8F Binary 1 1 Open "认证中心公钥索引" "certification authority public key index"
    0x90 Binary 0 248 Open "发卡行公钥证书" "issuer public key certificate"
    0x91 Binary 8 16 Open "发卡行认证数据" "issuer authentication data"
    0x92 Binary 0 252 Open "发卡行公钥余项" "issuer public key remainder"
    0x93 Binary 0 248 Open "签名的静态应用数据" "signed static application data"
    0x94 Binary 0 252 Open "应用文件定位器 (AFL)" "application file locator (AFL)"
    0x95 Binary 5 5 Open "终端验证结果 (TVR)" "terminal verification results (TVR)"
    0x97 List 0 252 Open "交易证书数据列表 (TDOL)" "transaction certificate data list (TDOL)"
    0x98 Binary 20 20 Open "交易证书哈希值" "transaction certificate hash value"
    0x99 Binary 0 252 Hidden "交易 PIN 数据" "transaction PIN data"
    0x9A Numeric 3 3 Open "交易日期 YYMMDD" "transaction date YYMMDD"
    0x9B Binary 2 2 Open "交易状态信息 (TSI)" "transaction status information (TSI)"
    0x9C Numeric 1 1 Open "交易类型" "transaction type"
    0x9D Binary 5 16 Open "目录定义文件名" "directory definition file name"
    0xA5 Template 0 252 Open "文件控制信息专有模板" "file control information proprietary template"
    0xE1 Template 0 252 Open "专有模板 E1" "private template E1"
    0xE2 Template 0 252 Open "专有模板 E2" "private template E2"
    0x5F20 Text 2 26 Hidden "持卡人姓名" "cardholder name"
    0x5F24 Numeric 3 3 Hidden "应用失效日期 YYMMDD" "application expiration date YYMMDD"
    0x5F25 Numeric 3 3 Open "应用生效日期 YYMMDD" "application effective date YYMMDD"
    0x5F28 Numeric 2 2 Open "发卡行国家代码" "issuer country code"
    0x5F2A Numeric 2 2 Open "交易货币代码" "transaction currency code"
    0x5F2D Text 2 8 Open "首选语言" "language preference"
    0x5F30 Numeric 2 2 Hidden "服务码" "service code"
    0x5F34 Numeric 1 1 Open "主账号序列号" "PAN sequence number"
    0x5F36 Numeric 1 1 Open "交易货币指数" "transaction currency exponent"
    0x5F50 Text 0 252 Open "发卡行网址" "issuer URL"
    0x5F53 Binary 0 34 Hidden "国际银行账号 (IBAN)" "international bank account number (IBAN)"
    0x5F54 Text 8 11 Open "银行标识代码 (BIC)" "bank identifier code (BIC)"
    0x5F55 Text 2 2 Open "发卡行国家代码（两字母）" "issuer country code (alpha 2)"
    0x5F56 Text 3 3 Open "发卡行国家代码（三字母）" "issuer country code (alpha 3)"
    0x5F57 Numeric 1 1 Open "账户类型" "account type"
    0x9F01 Numeric 6 6 Open "收单行标识" "acquirer identifier"
    0x9F02 Numeric 6 6 Open "授权金额" "amount, authorised"
    0x9F03 Numeric 6 6 Open "其他金额" "amount, other"
    0x9F04 Binary 4 4 Open "其他金额（二进制）" "amount, other (binary)"
    0x9F05 Binary 1 32 Open "应用自定义数据" "application discretionary data"
    0x9F06 Binary 5 16 Open "终端应用标识" "application identifier (terminal)"
    0x9F07 Binary 2 2 Open "应用用途控制 (AUC)" "application usage control (AUC)"
    0x9F08 Binary 2 2 Open "应用版本号（卡片）" "application version number (card)"
    0x9F09 Binary 2 2 Open "应用版本号（终端）" "application version number (terminal)"
    0x9F0B Text 27 45 Hidden "持卡人姓名扩展" "cardholder name, extended"
    0x9F0D Binary 5 5 Open "发卡行行为代码－默认" "issuer action code, default"
    0x9F0E Binary 5 5 Open "发卡行行为代码－拒绝" "issuer action code, denial"
    0x9F0F Binary 5 5 Open "发卡行行为代码－联机" "issuer action code, online"
    0x9F10 Binary 0 32 Open "发卡行应用数据" "issuer application data"
    0x9F11 Numeric 1 1 Open "发卡行代码表索引" "issuer code table index"
    0x9F12 Text 1 16 Open "应用首选名称" "application preferred name"
    0x9F13 Binary 2 2 Open "上次联机交易计数器" "last online transaction counter"
    0x9F14 Binary 1 1 Open "连续脱机交易下限" "lower consecutive offline limit"
    0x9F15 Numeric 2 2 Open "商户类别码" "merchant category code"
    0x9F16 Text 15 15 Open "商户号" "merchant identifier"
    0x9F17 Binary 1 1 Open "PIN 剩余次数" "PIN try counter"
    0x9F18 Binary 0 4 Open "发卡行脚本标识" "issuer script identifier"
    0x9F1A Numeric 2 2 Open "终端国家代码" "terminal country code"
    0x9F1B Binary 4 4 Open "终端最低限额" "terminal floor limit"
    0x9F1C Text 8 8 Open "终端号" "terminal identification"
    0x9F1D Binary 1 8 Open "终端风险管理数据" "terminal risk management data"
    0x9F1E Text 8 8 Open "接口设备序列号" "interface device serial number"
    0x9F1F Text 0 252 Hidden "磁道 1 自定义数据" "track 1 discretionary data"
    0x9F20 Compressed 0 252 Hidden "磁道 2 自定义数据" "track 2 discretionary data"
    0x9F21 Numeric 3 3 Open "交易时间 HHMMSS" "transaction time HHMMSS"
    0x9F22 Binary 1 1 Open "认证中心公钥索引（终端）" "certification authority public key index (terminal)"
    0x9F23 Binary 1 1 Open "连续脱机交易上限" "upper consecutive offline limit"
    0x9F24 Text 29 29 Open "支付账户参考号 (PAR)" "payment account reference (PAR)"
    0x9F26 Binary 8 8 Open "应用密文" "application cryptogram"
    0x9F27 Binary 1 1 Open "密文信息数据 (CID)" "cryptogram information data (CID)"
    0x9F2D Binary 0 248 Open "IC 卡 PIN 加密公钥证书" "ICC PIN encipherment public key certificate"
    0x9F2E Binary 1 3 Open "IC 卡 PIN 加密公钥指数" "ICC PIN encipherment public key exponent"
    0x9F2F Binary 0 252 Open "IC 卡 PIN 加密公钥余项" "ICC PIN encipherment public key remainder"
    0x9F32 Binary 1 3 Open "发卡行公钥指数" "issuer public key exponent"
    0x9F33 Binary 3 3 Open "终端性能" "terminal capabilities"
    0x9F34 Binary 3 3 Open "持卡人验证结果" "cardholder verification method results"
    0x9F35 Numeric 1 1 Open "终端类型" "terminal type"
    0x9F36 Binary 2 2 Open "应用交易计数器 (ATC)" "application transaction counter (ATC)"
    0x9F37 Binary 4 4 Open "不可预知数" "unpredictable number"
    0x9F38 List 0 252 Open "处理选项数据列表 (PDOL)" "processing options data list (PDOL)"
    0x9F39 Numeric 1 1 Open "服务点输入方式" "point-of-service entry mode"
    0x9F3A Binary 4 4 Open "参考货币金额" "amount, reference currency"
    0x9F3C Numeric 2 2 Open "交易参考货币代码" "transaction reference currency code"
    0x9F3D Numeric 1 1 Open "交易参考货币指数" "transaction reference currency exponent"
    0x9F40 Binary 5 5 Open "附加终端性能" "additional terminal capabilities"
    0x9F41 Numeric 2 4 Open "交易序列计数器" "transaction sequence counter"
    0x9F42 Numeric 2 2 Open "应用货币代码" "application currency code"
    0x9F43 Numeric 1 4 Open "应用参考货币指数" "application reference currency exponent"
    0x9F44 Numeric 1 1 Open "应用货币指数" "application currency exponent"
    0x9F45 Binary 2 2 Open "数据认证码" "data authentication code"
    0x9F46 Binary 0 248 Open "IC 卡公钥证书" "ICC public key certificate"
    0x9F47 Binary 1 3 Open "IC 卡公钥指数" "ICC public key exponent"
    0x9F48 Binary 0 252 Open "IC 卡公钥余项" "ICC public key remainder"
    0x9F49 List 0 252 Open "动态数据认证数据列表 (DDOL)" "dynamic data authentication data list (DDOL)"
    0x9F4A Binary 0 252 Open "静态数据认证标签列表" "static data authentication tag list"
    0x9F4B Binary 0 248 Open "签名的动态应用数据" "signed dynamic application data"
    0x9F4C Binary 2 8 Open "IC 卡动态数" "ICC dynamic number"
    0x9F4D Binary 2 2 Open "交易日志入口" "log entry"
    0x9F4E Text 0 252 Open "商户名称与地点" "merchant name and location"
    0x9F4F List 0 252 Open "交易日志格式" "log format"
    0x9F5B Binary 5 21 Open "发卡行脚本结果" "issuer script results"
    0x9F5D Numeric 6 6 Open "可用脱机消费金额" "available offline spending amount"
    0x9F63 Binary 16 16 Open "卡产品标识信息" "card product identification"
    0x9F66 Binary 4 4 Open "终端交易属性 (TTQ)" "terminal transaction qualifiers (TTQ)"
    0x9F6B Binary 0 19 Track "非接磁道 2 数据" "contactless track 2 data"
    0x9F6C Binary 2 2 Open "卡片交易属性 (CTQ)" "card transaction qualifiers (CTQ)"
    0x9F6E Binary 4 32 Open "形态因子或第三方数据" "form factor indicator or third party data"
    0x9F74 Text 6 6 Open "电子现金发卡行授权码" "electronic cash issuer authorisation code"
    0x9F77 Numeric 6 6 Open "电子现金余额上限" "electronic cash balance limit"
    0x9F78 Numeric 6 6 Open "电子现金单笔限额" "electronic cash single transaction limit"
    0x9F79 Numeric 6 6 Open "电子现金余额" "electronic cash balance"
    0x9F7A Binary 1 1 Open "电子现金终端支持指示器" "electronic cash terminal support indicator"
    0x9F7B Numeric 6 6 Open "电子现金终端交易限额" "electronic cash terminal transaction limit"
    0xBF0C Template 0 222 Open "发卡行自定义数据" "issuer discretionary data"
    0xDF31 Binary 5 21 Open "发卡行脚本结果" "issuer script results"
}
