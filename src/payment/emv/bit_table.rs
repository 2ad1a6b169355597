//! The rows behind the words: which bit of which byte of which tag says what.

use crate::payment::emv::tag::Tag;

/// A flag, or one value of a number in a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bit {
    /// Which byte, counted from 1.
    pub byte: u8,
    /// Which of its bits are looked at.
    pub mask: u8,
    /// What they have to be.
    pub is: u8,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

macro_rules! groups {
    ($( $name:ident $tag:literal { $( $byte:literal $mask:literal $(= $is:literal)? $zh:literal $en:literal )* } )*) => {
        $( const $name: &[Bit] = &[ $( Bit { byte: $byte, mask: $mask, is: groups!(@ $mask $($is)?), zh: $zh, en: $en } ),* ]; )*
        /// Every tag whose bits are known. The action codes have the bits of the results they are compared with.
        pub const GROUPS: &[(Tag, &[Bit])] = &[
            $( (Tag::new($tag), $name), )*
            (Tag::new(0x9F0D), TVR), (Tag::new(0x9F0E), TVR), (Tag::new(0x9F0F), TVR),
            (Tag::new(0xDF31), SCRIPT_RESULTS),
        ];
    };
    (@ $mask:literal) => { $mask };
    (@ $mask:literal $is:literal) => { $is };
}

// EMV 4.4 Book 3 annex C (82, 9F07, 95, 9B), 6.5.5 (9F27); Book 4 annex A (9F35, 9F33, 9F40).
groups! {
    TVR 0x95 {
        1 0x80 "未进行脱机数据认证" "offline data authentication was not performed"
        1 0x40 "静态数据认证失败" "static data authentication failed"
        1 0x20 "IC 卡数据缺失" "card data missing"
        1 0x10 "卡号在终端异常文件中" "card appears on the terminal's exception file"
        1 0x08 "动态数据认证失败" "dynamic data authentication failed"
        1 0x04 "复合动态数据认证失败" "combined data authentication failed"
        1 0x02 "选择了静态数据认证" "static data authentication selected"
        1 0x01 "选择了扩展数据认证" "extended data authentication selected"
        2 0x80 "卡片与终端的应用版本不一致" "card and terminal have different application versions"
        2 0x40 "应用已过期" "expired application"
        2 0x20 "应用尚未生效" "application not yet effective"
        2 0x10 "卡片不允许所请求的服务" "requested service not allowed for card product"
        2 0x08 "新卡" "new card"
        2 0x02 "生物特征验证成功" "biometric performed and successful"
        2 0x01 "不支持该生物特征模板" "biometric template format not supported"
        3 0x80 "持卡人验证失败" "cardholder verification was not successful"
        3 0x40 "未知的验证方法" "unrecognised cardholder verification method"
        3 0x20 "PIN 输入次数超限" "PIN try limit exceeded"
        3 0x10 "要求输入 PIN，但密码键盘不存在或故障" "PIN required and PIN pad not present or not working"
        3 0x08 "要求输入 PIN，密码键盘存在，但未输入" "PIN required, PIN pad present, but PIN was not entered"
        3 0x04 "已输入联机 PIN" "online PIN captured"
        3 0x02 "生物特征采集失败" "biometric required but capture device not working"
        3 0x01 "跳过了生物特征" "biometric required, device present, but not captured"
        4 0x80 "交易超过最低限额" "transaction exceeds floor limit"
        4 0x40 "超过连续脱机交易下限" "lower consecutive offline limit exceeded"
        4 0x20 "超过连续脱机交易上限" "upper consecutive offline limit exceeded"
        4 0x10 "交易被随机选中联机" "transaction selected randomly for online processing"
        4 0x08 "商户要求联机" "merchant forced transaction online"
        4 0x04 "生物特征次数超限" "biometric try limit exceeded"
        4 0x02 "不支持所选生物特征类型" "selected biometric type not supported"
        4 0x01 "扩展数据认证签名验证失败" "extended data authentication signature verification failed"
        5 0x80 "使用了默认 TDOL" "default TDOL used"
        5 0x40 "发卡行认证失败" "issuer authentication failed"
        5 0x20 "最后一次 GENERATE AC 之前脚本失败" "script processing failed before final GENERATE AC"
        5 0x10 "最后一次 GENERATE AC 之后脚本失败" "script processing failed after final GENERATE AC"
        5 0x08 "中继攻击防护超限" "relay resistance threshold exceeded"
        5 0x04 "中继攻击防护超时，或缺少椭圆曲线公钥" "relay resistance time limits exceeded, or elliptic-curve CA key missing"
        5 0x03 = 0x01 "未支持中继攻击防护" "relay resistance not supported"
        5 0x03 = 0x02 "已执行中继攻击防护" "relay resistance performed"
    }
    TSI 0x9B {
        1 0x80 "已进行脱机数据认证" "offline data authentication was performed"
        1 0x40 "已进行持卡人验证" "cardholder verification was performed"
        1 0x20 "已进行卡片风险管理" "card risk management was performed"
        1 0x10 "已进行发卡行认证" "issuer authentication was performed"
        1 0x08 "已进行终端风险管理" "terminal risk management was performed"
        1 0x04 "已进行脚本处理" "script processing was performed"
    }
    AIP 0x82 {
        1 0x80 "支持扩展数据认证" "extended data authentication supported"
        1 0x40 "支持静态数据认证" "static data authentication supported"
        1 0x20 "支持动态数据认证" "dynamic data authentication supported"
        1 0x10 "支持持卡人验证" "cardholder verification supported"
        1 0x08 "须执行终端风险管理" "terminal risk management to be performed"
        1 0x04 "支持发卡行认证" "issuer authentication supported"
        1 0x02 "支持设备端持卡人验证" "on-device cardholder verification supported"
        1 0x01 "支持复合动态数据认证" "combined data authentication supported"
        2 0x80 "支持非接芯片模式" "contactless chip mode supported"
        2 0x01 "支持中继攻击防护" "relay resistance supported"
    }
    USAGE 0x9F07 {
        1 0x80 "国内取现有效" "valid for domestic cash transactions"
        1 0x40 "国际取现有效" "valid for international cash transactions"
        1 0x20 "国内商品有效" "valid for domestic goods"
        1 0x10 "国际商品有效" "valid for international goods"
        1 0x08 "国内服务有效" "valid for domestic services"
        1 0x04 "国际服务有效" "valid for international services"
        1 0x02 "自动柜员机有效" "valid at cash machines"
        1 0x01 "自动柜员机以外的终端有效" "valid at terminals other than cash machines"
        2 0x80 "允许国内返现" "domestic cashback allowed"
        2 0x40 "允许国际返现" "international cashback allowed"
    }
    CAPABILITIES 0x9F33 {
        1 0x80 "手工键盘输入" "manual key entry"
        1 0x40 "磁条" "magnetic stripe"
        1 0x20 "接触式 IC 卡" "chip with contacts"
        2 0x80 "脱机明文 PIN" "plaintext PIN for checking by the card"
        2 0x40 "联机加密 PIN" "enciphered PIN for online checking"
        2 0x20 "签名（纸）" "signature on paper"
        2 0x10 "脱机加密 PIN" "enciphered PIN for checking by the card"
        2 0x08 "无须验证" "no verification required"
        2 0x04 "联机生物特征" "online biometric"
        2 0x02 "脱机生物特征" "offline biometric"
        3 0x80 "静态数据认证" "static data authentication"
        3 0x40 "动态数据认证" "dynamic data authentication"
        3 0x20 "吞卡" "card capture"
        3 0x08 "复合动态数据认证" "combined data authentication"
        3 0x04 "扩展数据认证" "extended data authentication"
    }
    ADDITIONAL 0x9F40 {
        1 0x80 "取现" "cash"
        1 0x40 "商品" "goods"
        1 0x20 "服务" "services"
        1 0x10 "返现" "cashback"
        1 0x08 "查询" "inquiry"
        1 0x04 "转账" "transfer"
        1 0x02 "付款" "payment"
        1 0x01 "管理" "administrative"
        2 0x80 "存现" "cash deposit"
        3 0x80 "数字键" "numeric keys"
        3 0x40 "字母与符号键" "alphabetic and special character keys"
        3 0x20 "命令键" "command keys"
        3 0x10 "功能键" "function keys"
        4 0x80 "打印给收银员" "print for attendant"
        4 0x40 "打印给持卡人" "print for cardholder"
        4 0x20 "显示给收银员" "display for attendant"
        4 0x10 "显示给持卡人" "display for cardholder"
        4 0x02 "代码表 10" "code table 10"
        4 0x01 "代码表 9" "code table 9"
        5 0x80 "代码表 8" "code table 8"
        5 0x40 "代码表 7" "code table 7"
        5 0x20 "代码表 6" "code table 6"
        5 0x10 "代码表 5" "code table 5"
        5 0x08 "代码表 4" "code table 4"
        5 0x04 "代码表 3" "code table 3"
        5 0x02 "代码表 2" "code table 2"
        5 0x01 "代码表 1" "code table 1"
    }
    CRYPTOGRAM 0x9F27 {
        1 0xC0 = 0x00 "AAC：脱机拒绝" "AAC: declined offline"
        1 0xC0 = 0x40 "TC：脱机批准" "TC: approved offline"
        1 0xC0 = 0x80 "ARQC：请求联机" "ARQC: online authorisation requested"
        1 0xC0 = 0xC0 "保留的密文类型" "reserved type of cryptogram"
        1 0x08 "须发送通知" "advice required"
        1 0x07 = 0x01 "原因：服务不允许" "reason: service not allowed"
        1 0x07 = 0x02 "原因：PIN 次数超限" "reason: PIN try limit exceeded"
        1 0x07 = 0x03 "原因：发卡行认证失败" "reason: issuer authentication failed"
    }
    TERMINAL_TYPE 0x9F35 {
        1 0xF0 = 0x10 "由金融机构控制" "controlled by a financial institution"
        1 0xF0 = 0x20 "由商户控制" "controlled by the merchant"
        1 0xF0 = 0x30 "由持卡人控制" "controlled by the cardholder"
        1 0x0F = 0x01 "有人值守，只能联机" "attended, online only"
        1 0x0F = 0x02 "有人值守，脱机可联机" "attended, offline with online capability"
        1 0x0F = 0x03 "有人值守，只能脱机" "attended, offline only"
        1 0x0F = 0x04 "无人值守，只能联机" "unattended, online only"
        1 0x0F = 0x05 "无人值守，脱机可联机" "unattended, offline with online capability"
        1 0x0F = 0x06 "无人值守，只能脱机" "unattended, offline only"
    }
    TRANSACTION_TYPE 0x9C {
        1 0xFF = 0x00 "消费" "purchase"
        1 0xFF = 0x01 "取现" "cash"
        1 0xFF = 0x09 "返现消费" "purchase with cashback"
        1 0xFF = 0x20 "退货" "refund"
        1 0xFF = 0x30 "查询" "inquiry"
    }
    ENTRY_MODE 0x9F39 {
        1 0xFF = 0x00 "未知" "unknown"
        1 0xFF = 0x01 "手工输入" "manual"
        1 0xFF = 0x02 "磁条" "magnetic stripe"
        1 0xFF = 0x05 "接触式 IC 卡" "chip with contacts"
        1 0xFF = 0x07 "非接 IC 卡" "contactless chip"
        1 0xFF = 0x80 "IC 卡降级为磁条" "fallback from chip to stripe"
        1 0xFF = 0x91 "非接磁条" "contactless, stripe data"
    }
    QUALIFIERS 0x9F66 {
        1 0x80 "支持非接磁条模式" "contactless stripe mode supported"
        1 0x40 "支持非接借贷记模式" "contactless full chip mode supported"
        1 0x20 "支持非接芯片模式" "contactless chip mode supported"
        1 0x10 "支持接触式芯片" "chip with contacts supported"
        1 0x08 "只能脱机" "offline only"
        1 0x04 "支持联机 PIN" "online PIN supported"
        1 0x02 "支持签名" "signature supported"
        1 0x01 "联机授权的脱机数据认证" "offline data authentication for online authorisations supported"
        2 0x80 "要求联机密文" "online cryptogram required"
        2 0x40 "要求持卡人验证" "cardholder verification required"
        2 0x20 "支持接触式脱机 PIN" "offline PIN with contacts supported"
        3 0x80 "支持发卡行更新" "issuer update processing supported"
        3 0x40 "支持设备端验证" "consumer device verification supported"
    }
    SCRIPT_RESULTS 0x9F5B {
        1 0xF0 = 0x00 "脚本未执行" "script not performed"
        1 0xF0 = 0x10 "脚本命令失败" "script command failed"
        1 0xF0 = 0x20 "脚本执行成功" "script performed"
        1 0x0F = 0x01 "第 1 条命令" "command 1"
        1 0x0F = 0x02 "第 2 条命令" "command 2"
        1 0x0F = 0x03 "第 3 条命令" "command 3"
        1 0x0F = 0x04 "第 4 条命令" "command 4"
        1 0x0F = 0x05 "第 5 条命令" "command 5"
        1 0x0F = 0x06 "第 6 条命令" "command 6"
        1 0x0F = 0x07 "第 7 条命令" "command 7"
        1 0x0F = 0x08 "第 8 条命令" "command 8"
        1 0x0F = 0x09 "第 9 条命令" "command 9"
        1 0x0F = 0x0A "第 10 条命令" "command 10"
        1 0x0F = 0x0B "第 11 条命令" "command 11"
        1 0x0F = 0x0C "第 12 条命令" "command 12"
        1 0x0F = 0x0D "第 13 条命令" "command 13"
        1 0x0F = 0x0E "第 14 条命令" "command 14"
        1 0x0F = 0x0F "第 15 条或更后的命令" "command 15 or later"
    }
}
