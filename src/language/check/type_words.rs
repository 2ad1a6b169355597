//! What types are called in a sentence.

use crate::language::types::{Type, Types};
use crate::script_error::words::Said;
use std::collections::BTreeSet;

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

/// What a value of a type that nobody may read is, in the field's words; for what holds such values, those it holds.
pub(crate) fn sensitive(types: &Types, ty: &Type) -> Said {
    let ty = ty.innermost();
    if let Some(kind) = kind(ty) {
        return kind;
    }
    let held = held(types, ty);
    let written = types.written(ty);
    let zh: Vec<&str> = held.iter().map(|said| said.zh.as_str()).collect();
    let en: Vec<&str> = held.iter().map(|said| said.en.as_str()).collect();
    Said::new(format!("{written}（内有{}）", zh.join("、")), format!("`{written}` (it holds {})", en.join(", ")))
}

/// The kinds of sensitive values that a record or a union holds, however deep.
pub(crate) fn held(types: &Types, ty: &Type) -> Vec<Said> {
    let mut kinds: Vec<Said> = Vec::new();
    let mut seen: BTreeSet<(bool, u16)> = BTreeSet::new();
    let mut open = vec![ty.innermost()];
    while let Some(ty) = open.pop() {
        match ty {
            Type::Record(at) if seen.insert((false, *at)) => {
                let record = types.records.get(usize::from(*at));
                open.extend(record.iter().flat_map(|record| record.fields.iter().rev().map(|(_, ty)| ty.innermost())));
            }
            Type::Union(at) if seen.insert((true, *at)) => {
                let union = types.unions.get(usize::from(*at));
                let payloads = union.iter().flat_map(|union| union.variants.iter().rev());
                open.extend(payloads.filter_map(|(_, ty)| ty.as_ref().map(Type::innermost)));
            }
            other => kinds.extend(kind(other).filter(|kind| !kinds.contains(kind))),
        }
    }
    kinds
}

fn kind(ty: &Type) -> Option<Said> {
    Some(match ty {
        Type::Pan => Said::new("卡号", "a card number"),
        Type::Track => Said::new("磁道", "track data"),
        Type::PinBlock => Said::new("密码", "a PIN"),
        Type::ChipData => Said::new("芯片数据", "chip data"),
        Type::Keys => Said::new("工作密钥", "work keys"),
        Type::Cryptogram => Said::new("密钥", "a key"),
        Type::Message(_) => Said::new("报文", "a message"),
        Type::Reply(_) => Said::new("应答报文", "a reply"),
        _ => return None,
    })
}

/// A device as the place where something would be written.
pub(crate) fn sink(device: &str) -> Said {
    match device {
        "screen" | "keypad" => Said::new("屏幕", "the screen"),
        "printer" | "receipt" => Said::new("小票", "the slip"),
        "log" => Said::new("日志", "the log"),
        "store" => Said::new("存储", "the store"),
        "phrase" => Said::new("要显示的句子", "a sentence to be shown"),
        "error" => Said::new("错误", "an error"),
        other => Said::new(other, other),
    }
}
