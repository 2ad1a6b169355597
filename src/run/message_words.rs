//! What is wrong with a message, in words for people.

use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use crate::payment::iso8583::pack_error::{PackError, PartProblem};
use crate::script_error::words::Said;

/// Why a message cannot be written. The field itself is a fact of its own.
pub fn of_pack(error: &PackError) -> Said {
    match *error {
        PackError::TooLong { max, found, .. } => {
            Said::new(format!("最多 {max} 位，给了 {found} 位"), format!("it holds at most {max}, not {found}"))
        }
        PackError::TooShort { needed, found, .. } => {
            Said::new(format!("须为 {needed} 位，只有 {found} 位"), format!("it needs {needed}, not {found}"))
        }
        PackError::Character { place, .. } => Said::new(
            format!("第 {} 个字符不属于该域的类别", place + 1),
            format!("character {} is of another class", place + 1),
        ),
        PackError::UnknownField { .. } => Said::new("方言没有此域", "the dialect does not have it"),
        PackError::Unwritable { .. } => {
            Said::new("方言所写的编码无法实现", "it cannot be written the way the dialect asks")
        }
        PackError::BehindMac { .. } => {
            Said::new("它在 MAC 之后，不受 MAC 保护", "it stands behind the MAC, which does not cover it")
        }
        PackError::Part { key, problem, .. } => match problem {
            PartProblem::Unknown => Said::new(format!("没有子域 {key}"), format!("it has no part {key}")),
            PartProblem::Missing => Said::new(
                format!("缺子域 {key}，其后的子域却有"),
                format!("part {key} is missing, and a part behind it is there"),
            ),
            PartProblem::DoesNotFit => {
                Said::new(format!("子域 {key} 的值放不下"), format!("the value of part {key} does not fit"))
            }
        },
        PackError::MessageType => Said::new("报文类型多于四位", "the message type has more than four digits"),
        PackError::FrameTooLong { max, found } => Said::new(
            format!("整个报文最多 {max} 字节，此处为 {found}"),
            format!("a frame has at most {max} bytes, not {found}"),
        ),
        PackError::HostCommand => {
            Said::new("报文头中的主机指令须为一位数字", "the host's command in the header is one digit")
        }
    }
}

/// Where and why a reply cannot be read.
pub fn of_unpack(error: &DecodeError) -> Said {
    let DecodeError { needed, available, offset, .. } = error;
    let place = match (error.layer, error.field) {
        (Layer::Field, Some(number)) => format!("第 {number} 域"),
        (Layer::Field, None) => "各域".into(),
        (Layer::Frame, _) => "帧".into(),
        (Layer::Header, _) => "报文头".into(),
        (Layer::MessageType, _) => "报文类型".into(),
        (Layer::Bitmap, _) => "位图".into(),
        (Layer::Part, _) if error.part.is_none() => format!("{} ", error.path()),
        (Layer::Part, _) => format!("子域 {} ", error.path()),
    };
    let problem = match error.problem {
        DecodeProblem::Truncated => format!("需要 {needed} 字节，只有 {available} 字节"),
        DecodeProblem::Trailing if error.layer == Layer::Part => format!("在最后一个子域之后还多出 {available} 位"),
        DecodeProblem::Trailing => format!("结束后还多出 {available} 字节"),
        DecodeProblem::TooShort => format!("声明的长度 {available} 还不够它自己的 {needed} 字节"),
        DecodeProblem::OddCount => "的十六进制字符个数为奇数".into(),
        DecodeProblem::Digit => "有非数字的内容".into(),
        DecodeProblem::HexadecimalDigit => "有非十六进制数字的内容".into(),
        DecodeProblem::Character => "有不属于该类别的字符".into(),
        DecodeProblem::TooLong => format!("声明的长度为 {available}，最多 {needed}"),
        DecodeProblem::SpareNibble => "多余的半字节不为空".into(),
        DecodeProblem::UnknownField => "在位图中，但方言没有此域".into(),
        DecodeProblem::Foreign => "与方言规定的种类不同".into(),
        DecodeProblem::Unreadable => "按方言的声明无法读取".into(),
    };
    Said::new(format!("{place}{problem}（第 {offset} 字节）"), error.to_string())
}
