//! What types are called in a sentence.

use crate::language::types::{Type, Types};
use crate::script_error::words::Said;

/// A type as the subject of a sentence: `an Amount`, 金额.
pub(crate) fn subject(types: &Types, ty: &Type) -> Said {
    let written = types.written(ty);
    let article = if written.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    Said::new(
        match ty {
            Type::Bool => "真假值",
            Type::Int => "整数",
            Type::Text => "文字",
            Type::Amount => "金额",
            Type::Percent => "百分比",
            Type::Duration => "时长",
            Type::Time => "时间",
            Type::ResponseCode => "应答码",
            Type::Mti => "报文类型",
            Type::Pan => "卡号",
            Type::Error => "错误",
            _ => &written,
        },
        format!("{article} {written}"),
    )
}

/// A device as the place where something would be written.
pub(crate) fn sink(device: &str) -> Said {
    match device {
        "screen" | "keypad" => Said::new("屏幕", "the screen"),
        "printer" | "receipt" => Said::new("小票", "the slip"),
        "log" => Said::new("日志", "the log"),
        "store" => Said::new("存储", "the store"),
        "phrase" => Said::new("要显示的句子", "a sentence to be shown"),
        other => Said::new(other, other),
    }
}
