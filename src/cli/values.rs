//! `name=value` on the command line as a value of the flow's parameter.

use crate::language::types::{Type, Types};
use crate::language::vm::value::Value;
use crate::payment::amount::{Amount, AmountParseError};
use crate::script_error::catalogue::storage;
use crate::script_error::code::{Code, Fact};
use crate::script_error::nearest::nearest;
use crate::script_error::words::Said;

/// What is wrong with an argument.
pub type Wrong = (Code, Vec<(&'static str, Fact)>);

/// The values of a flow's parameters, in order, out of `name=value` words.
pub fn arguments(names: &[smol_str::SmolStr], types: &[Type], known: &Types, words: &[String]) -> Result<Vec<Value>, Wrong> {
    let mut given: Vec<(&str, &str)> = Vec::new();
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            return Err(wrong(word, Said::new("应写作 参数名=值", "it should read name=value")));
        };
        if !names.iter().any(|known| known == name) {
            let near = nearest(name, names.iter().map(smol_str::SmolStr::as_str));
            let list = names.iter().map(smol_str::SmolStr::as_str).collect::<Vec<_>>().join(", ");
            return Err(wrong(
                name,
                match (near, list.is_empty()) {
                    (Some(near), _) => Said::new(
                        format!("流程没有这个参数，是否想写 {near}"),
                        format!("the flow has no such argument; did you mean {near}"),
                    ),
                    (None, true) => Said::new("这个流程没有参数", "the flow takes no arguments"),
                    (None, false) => Said::new(
                        format!("流程没有这个参数，它的参数有：{list}"),
                        format!("the flow has no such argument; it takes: {list}"),
                    ),
                },
            ));
        }
        if given.iter().any(|(known, _)| *known == name) {
            return Err(wrong(name, Said::new("写了两次", "it is given twice")));
        }
        given.push((name, value));
    }
    names
        .iter()
        .zip(types)
        .map(|(name, ty)| match given.iter().find(|(known, _)| known == name) {
            Some((_, value)) => parse(value, ty, known).map_err(|expected| wrong(name, expected)),
            None if matches!(ty, Type::Optional(_)) => Ok(Value::None),
            None => Err((
                storage::ARGUMENT_MISSING,
                vec![("name", Fact::Text(name.to_string())), ("type", Fact::Text(known.written(ty)))],
            )),
        })
        .collect()
}

/// One value; an error says what was expected.
fn parse(text: &str, ty: &Type, known: &Types) -> Result<Value, Said> {
    let same = |words: String| Said::new(words.clone(), words);
    let expected = || same(known.written(ty));
    match ty {
        Type::Bool => text.parse().map(Value::Bool).map_err(|_| same("true, false".into())),
        Type::Int => text.parse().map(Value::Int).map_err(|_| expected()),
        Type::Amount => Amount::parse(text).map(Value::Amount).map_err(|error| not_an_amount(&error)),
        Type::Text => Ok(Value::Text(text.to_string())),
        Type::Digits(length) => {
            let fits = *length == 0 || text.len() == usize::from(*length);
            match fits && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                true => Ok(Value::Text(text.to_string())),
                false => Err(expected()),
            }
        }
        Type::Duration => duration(text).map(Value::Int).ok_or_else(|| same("60s, 500ms, 2min".into())),
        Type::Optional(of) => parse(text, of, known),
        Type::Union(at) => {
            let variants = known.unions.get(usize::from(*at)).map(|union| union.variants.as_slice()).unwrap_or_default();
            let plain = variants.iter().position(|(name, payload)| name == text && payload.is_none());
            plain.map(|tag| Value::Variant { tag: tag as u8, payload: None }).ok_or_else(|| {
                let names = variants.iter().filter(|(_, payload)| payload.is_none()).map(|(name, _)| name.as_str());
                same(names.collect::<Vec<_>>().join(", "))
            })
        }
        // Cards, keys and messages come from devices and from flows, never from a command line: it shows in `ps`.
        _ => {
            let ty = known.written(ty);
            Err(Said::new(format!("{ty} 不能在命令行上给出"), format!("{ty} cannot be given on the command line")))
        }
    }
}

fn duration(text: &str) -> Option<i64> {
    let units = [("ms", 1), ("min", 60_000), ("s", 1_000), ("h", 3_600_000)];
    let (unit, scale) = units.into_iter().find(|(unit, _)| text.ends_with(unit))?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    number.checked_mul(scale).filter(|ms| *ms >= 0)
}

fn not_an_amount(error: &AmountParseError) -> Said {
    let zh = match error {
        AmountParseError::DigitExpected { at } => {
            let at = at + 1;
            return Said::new(format!("第 {at} 个字符应为数字"), format!("its character {at} should be a digit"));
        }
        AmountParseError::LeadingZero => "金额不以多余的零开头".into(),
        AmountParseError::UnknownCurrency { found } if found.is_empty() => {
            return Said::new("没有写币种", "it does not say its currency");
        }
        AmountParseError::UnknownCurrency { found } => format!("没有币种“{found}”"),
        AmountParseError::TooManyDecimals { currency, allowed, found } => {
            format!("{currency} 有 {allowed} 位小数，此处为 {found} 位")
        }
        AmountParseError::TooManyDigits => "金额最多 12 位".into(),
    };
    Said::new(zh, error.to_string())
}

fn wrong(name: &str, detail: Said) -> Wrong {
    (storage::ARGUMENT_WRONG, vec![("name", Fact::Text(name.to_string())), ("detail", Fact::Said(detail))])
}
