//! The XML that jPOS' GenericPackager reads.

use crate::cli::dialect::jpos_class::{BITMAPS, packager};
use crate::cli::dialect::spec::{FIELDS_MAX, Spec, SpecField};
use crate::payment::iso8583::field::{Class, Encoding};
use crate::payment::iso8583::number::NumberForm;
use crate::script_error::words::Said;
use roxmltree::{Document, Node, ParsingOptions};

/// Elements a file may have.
const NODES_MAX: u32 = 20_000;

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
                // Without message type and bitmap nothing can be read, so these two are never left out.
                spec.form.mti = match packager(short).map(|packager| packager.encoding) {
                    Some(Encoding::Bcd) => NumberForm::Bcd,
                    Some(Encoding::Ebcdic037 | Encoding::Ebcdic1047) => NumberForm::Ebcdic,
                    Some(Encoding::Ascii) => NumberForm::Ascii,
                    _ => return Err(unknown(id, short)),
                };
            }
            1 => {
                let known = BITMAPS.iter().find(|(name, _)| *name == short);
                spec.form.bitmap = known.ok_or_else(|| unknown(id, short))?.1;
            }
            2..=192 => match field(node, id.to_string(), short, 0)? {
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

/// A field; `depth`: how many packagers of parts stand around it.
fn field(node: Node<'_, '_>, key: String, short: &str, depth: u8) -> Result<Option<SpecField>, Said> {
    let Some(packager) = packager(short) else { return Ok(None) };
    let max = node.attribute("length").and_then(|length| length.parse::<u16>().ok());
    let max = max.filter(|max| *max > 0).ok_or_else(|| without(node, "length"))?;
    // A sign and an odd count of digits: what fills their half byte differs between versions.
    if packager.class == Class::SignedDigits && packager.encoding == Encoding::Bcd && max % 2 == 0 {
        return Ok(None);
    }
    let pad = node.attribute("pad").is_some_and(|pad| pad.eq_ignore_ascii_case("true"));
    let mut field = SpecField {
        key,
        title: node.attribute("name").unwrap_or_default().to_owned(),
        class: packager.class,
        encoding: packager.encoding,
        length: packager.length(max),
        padding: packager.padding(max, pad),
        parts: None,
    };
    // A dialect has parts of parts, and no deeper; what is further in stays in one piece.
    if node.tag_name().name() == "isofieldpackager" && depth < 2 {
        field.parts = parts(node, field.class, depth + 1)?;
    }
    Ok(Some(field))
}

/// The fields inside a field: in a row, or announced by a bitmap in front.
fn parts(node: Node<'_, '_>, within: Class, depth: u8) -> Result<Option<(String, Vec<SpecField>)>, Said> {
    let inner: Vec<Node<'_, '_>> =
        node.children().filter(|child| child.tag_name().name().starts_with("isofield")).collect();
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
        let Some(mut part) = field(*child, id.to_string(), short, depth)? else { return Ok(None) };
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
