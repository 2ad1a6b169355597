//! Long scripts: the sale of the benchmarks, again and again under other names.

use super::cases::workload;

/// A script of whole flows, of at least so many bytes; every flow, slip and text in it is used.
pub(crate) fn of_bytes(bytes: usize) -> String {
    grown(|text| text.len() >= bytes)
}

/// A script of whole flows, of at least so many lines.
pub(crate) fn of_lines(lines: usize) -> String {
    grown(|text| text.lines().count() >= lines)
}

fn grown(enough: impl Fn(&str) -> bool) -> String {
    let sale = workload("sale");
    let (head, rest) = sale.split_once("pub flow sale").expect("the sale has a flow");
    let (flow, error) = rest.split_once("error WrongCheckDigit").expect("the sale has an error");
    let flow = format!("pub flow sale{flow}");
    let mut text = format!("{head}error WrongCheckDigit{error}\n");
    for at in 1.. {
        if enough(&text) {
            break;
        }
        text.push_str(
            &flow
                .replace("flow sale(", &format!("flow sale_{at}("))
                .replace("slip(", &format!("slip_{at}("))
                .replace("print_later", &format!("print_later_{at}")),
        );
    }
    text
}

/// The script with one line in its middle changed, as somebody types.
pub(crate) fn edited(text: &str, change: u64) -> String {
    let middle = text.len() / 2;
    let at = middle + text.get(middle..).and_then(|rest| rest.find("F57: \"")).expect("a flow in the second half");
    let at = at + "F57: \"".len();
    format!("{}{change}{}", text.get(..at).expect("a border"), text.get(at..).expect("a border"))
}
