//! The XML that jPOS' GenericPackager reads.

use crate::cli::dialect::spec::{FIELDS_MAX, Spec, SpecField, bitmap, length};
use crate::payment::iso8583::field::{Class, Encoding, Padding};
use crate::payment::iso8583::number::NumberForm;
use crate::script_error::words::Said;
use roxmltree::{Document, Node, ParsingOptions};

/// Elements a file may have.
const NODES_MAX: u32 = 20_000;

/// What a packager's class means: the letters in front of its name, and the rest.
///
/// `IFA` writes in ASCII, `IFB` in BCD and bytes, `IFE` in EBCDIC, `IFEB` lengths in EBCDIC before BCD; an `H` behind the
/// `L`s is a binary length, an `E` before `CHAR` is text in EBCDIC.
struct Packager {
    class: Class,
    encoding: Encoding,
    digits: u8,
    prefix: NumberForm,
}

/// Reads a file. Packagers that have no way of writing here are left out and named.
pub fn read(text: &str) -> Result<Spec, Said> {
    // The outer definition is only named, never fetched. Entities of its own have no business in such a file.
    if text.contains("<!ENTITY") {
        return Err(Said::new("文件声明了实体，拒绝展开", "the file declares entities, which are not expanded"));
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        Said::new(
            format!("XML 有误（第 {} 行第 {} 列）", at.row, at.col),
            format!("the XML is damaged (line {}, column {})", at.row, at.col),
        )
    })?;
    let root = document.root_element();
    if root.tag_name().name() != "isopackager" {
        return Err(Said::new("根元素不是 isopackager", "the root element is not `isopackager`"));
    }
    let mut spec = Spec::default();
    let mut count = 0;
    for node in root.children().filter(Node::is_element) {
        count += 1;
        if count > FIELDS_MAX {
            return Err(Said::new(
                format!("超过 {FIELDS_MAX} 个域"),
                format!("there are more than {FIELDS_MAX} fields"),
            ));
        }
        let Some(id) = node.attribute("id").and_then(|id| id.parse::<u16>().ok()) else {
            return Err(without(node, "id"));
        };
        let class = node.attribute("class").ok_or_else(|| without(node, "class"))?;
        let short = class.rsplit('.').next().unwrap_or(class);
        match id {
            0 => {
                spec.form.mti = match packager(short).map(|packager| packager.encoding) {
                    Some(Encoding::Bcd | Encoding::Binary) => NumberForm::Bcd,
                    Some(Encoding::Ebcdic037) => NumberForm::Ebcdic,
                    _ => NumberForm::Ascii,
                };
            }
            1 if short.contains("BITMAP") => {
                spec.form.bitmap = bitmap(match short {
                    "IFB_BITMAP" => Encoding::Binary,
                    "IFE_BITMAP" => Encoding::Ebcdic037,
                    _ => Encoding::Ascii,
                });
            }
            2..=192 => match field(node, id.to_string(), short)? {
                Some(field) => spec.fields.push(field),
                None => spec.left_out.push(unknown(id, short)),
            },
            _ => spec.left_out.push(unknown(id, short)),
        }
    }
    spec.form.lengths = spec.form.mti;
    spec.fields.sort_by_key(|field| field.key.parse::<u16>().unwrap_or(0));
    let twice = spec.fields.windows(2).find(|pair| pair[0].key == pair[1].key);
    match twice {
        Some(pair) => {
            let key = &pair[0].key;
            Err(Said::new(format!("域 {key} 写了两次"), format!("field {key} is there twice")))
        }
        None => Ok(spec),
    }
}

fn without(node: Node<'_, '_>, name: &str) -> Said {
    let row = node.document().text_pos_at(node.range().start).row;
    Said::new(format!("第 {row} 行的域没有 {name}"), format!("the field in line {row} has no `{name}`"))
}

fn unknown(id: u16, class: &str) -> Said {
    let class: String = class.chars().filter(|c| c.is_ascii_graphic()).take(60).collect();
    Said::new(
        format!("域 {id}：没有与 {class} 对应的写法"),
        format!("field {id}: there is no way of writing for {class}"),
    )
}

fn field(node: Node<'_, '_>, key: String, short: &str) -> Result<Option<SpecField>, Said> {
    let Some(Packager { class, encoding, digits, prefix }) = packager(short) else { return Ok(None) };
    let max = node.attribute("length").and_then(|length| length.parse::<u16>().ok());
    let max = max.filter(|max| *max > 0).ok_or_else(|| without(node, "length"))?;
    // BCD is filled on the left where the file says so; other numbers always are.
    let left = node.attribute("pad").is_none_or(|pad| pad == "true");
    let padding = match (class, encoding, digits) {
        (Class::Digits, Encoding::Bcd, 0) if left => Padding::ZerosLeft,
        (Class::Digits, Encoding::Bcd, 0) => Padding::ZerosRight,
        (Class::Digits, Encoding::Bcd, _) if node.attribute("pad") == Some("true") => Padding::ZerosLeft,
        (Class::Digits | Class::SignedDigits, _, 0) => Padding::ZerosLeft,
        (Class::Text | Class::Alphanumeric, _, 0) => Padding::SpacesRight,
        _ => Padding::None,
    };
    let mut field = SpecField {
        key,
        title: node.attribute("name").unwrap_or_default().to_owned(),
        class,
        encoding,
        length: length(digits, max, prefix),
        padding,
        parts: None,
    };
    if node.tag_name().name() == "isofieldpackager" {
        field.parts = parts(node, field.class)?;
    }
    Ok(Some(field))
}

/// The fields inside a field: in a row, or announced by a bitmap in front.
fn parts(node: Node<'_, '_>, within: Class) -> Result<Option<(String, Vec<SpecField>)>, Said> {
    let inner: Vec<Node<'_, '_>> = node.children().filter(|child| child.tag_name().name() == "isofield").collect();
    let mut words = "row".to_owned();
    let mut parts = Vec::new();
    for child in inner.iter().take(FIELDS_MAX) {
        let id = child.attribute("id").and_then(|id| id.parse::<u16>().ok()).ok_or_else(|| without(*child, "id"))?;
        let class = child.attribute("class").ok_or_else(|| without(*child, "class"))?;
        let short = class.rsplit('.').next().unwrap_or(class);
        if short.contains("BITMAP") {
            let bytes =
                child.attribute("length").and_then(|length| length.parse::<u16>().ok()).unwrap_or(8).clamp(1, 16);
            words = format!("bits {bytes}");
            continue;
        }
        if id == 0 && short.contains("NOP") {
            continue;
        }
        let Some(mut part) = field(*child, id.to_string(), short)? else { return Ok(None) };
        // What is inside a text is text, however the text itself is written.
        if within != Class::Bytes && !matches!(part.class, Class::Bytes) {
            part.encoding = Encoding::Ascii;
        }
        parts.push(part);
    }
    let in_order = parts.iter().enumerate().all(|(at, part)| part.key == (at + 1).to_string());
    if words == "row" && !in_order {
        return Ok(None);
    }
    Ok((!parts.is_empty()).then_some((words, parts)))
}

/// Understands the name of a packager.
fn packager(short: &str) -> Option<Packager> {
    let (family, rest) = short.split_once('_')?;
    let digits = rest.bytes().take_while(|byte| *byte == b'L').count();
    // `LL…` counts, and the L of a word such as `LLNUM` never stands alone.
    let (digits, kind) = if digits >= 2 { (digits as u8, rest.get(digits..)?) } else { (0, rest) };
    let (binary_length, kind) = match kind.strip_prefix('H') {
        Some(kind) if digits > 0 => (true, kind),
        _ => (false, kind),
    };
    if digits > 4 {
        return None;
    }
    let (class, own) = match kind {
        "NUM" | "NUMERIC" => (Class::Digits, None),
        "CHAR" => (Class::Text, None),
        "ECHAR" => (Class::Text, Some(Encoding::Ebcdic037)),
        "BINARY" => (Class::Bytes, None),
        "AMOUNT" => (Class::SignedDigits, None),
        _ => return None,
    };
    let text = match family {
        "IF" | "IFA" | "IFB" => Encoding::Ascii,
        "IFE" => Encoding::Ebcdic037,
        "IFEB" => Encoding::Bcd,
        _ => return None,
    };
    let encoding = own.unwrap_or(match (family, class) {
        ("IFA", Class::Bytes) => Encoding::HexText,
        (_, Class::Bytes) => Encoding::Binary,
        ("IFB", Class::Digits) => Encoding::Bcd,
        // A sign in ASCII before digits in BCD.
        ("IFB", Class::SignedDigits) => return None,
        _ => text,
    });
    let prefix = match family {
        _ if binary_length => NumberForm::Binary,
        "IFB" => NumberForm::Bcd,
        "IFE" | "IFEB" => NumberForm::Ebcdic,
        _ => NumberForm::Ascii,
    };
    if matches!(encoding, Encoding::Bcd) && class != Class::Digits {
        return None;
    }
    Some(Packager { class, encoding, digits, prefix })
}
