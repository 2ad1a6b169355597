//! `till message encode`: JSON written as a message.

use crate::cli::exit::Exit;
use crate::cli::message::wanted::{Wanted, dialect};
use crate::cli::message::{input, mac};
use crate::cli::style::{Console, Format};
use crate::payment::hex;
use crate::payment::iso8583::decode::Begin;
use crate::payment::iso8583::decode_error::PartKey;
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::payment::iso8583::field::{Class, Field, Length};
use crate::payment::iso8583::frame::{frame, frame_reply};
use crate::payment::iso8583::layout::{Layout, LayoutKind};
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::message_mac::{MessageMacError, put_mac};
use crate::payment::iso8583::pack::pack;
use crate::payment::iso8583::pack_error::PackError;
use crate::payment::keys::cipher::KeyBytes;
use crate::run::message_words::of_pack;
use crate::script_error::catalogue::wire;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// The dialect where none is given.
const DIALECT: &str = "cn_pos";

/// Writes the message that JSON describes, framed unless `--begin body` says otherwise.
pub fn encode(console: &Console, wanted: &Wanted) -> Exit {
    let content = match input::content(console, &wanted.words) {
        Ok(content) => content,
        Err(exit) => return exit,
    };
    let known = match dialect(console, wanted.dialect.as_deref().unwrap_or(DIALECT)) {
        Ok(known) => known,
        Err(exit) => return exit,
    };
    let key = match wanted.mac_key.as_deref().map(|word| mac::key(console, word)).transpose() {
        Ok(key) => key,
        Err(exit) => return exit,
    };
    let written = serde_json::from_slice::<Value>(&content)
        .map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Said::new(
                format!("不是 JSON（第 {line} 行第 {column} 列）"),
                format!("it is no JSON (line {line}, column {column})"),
            )
        })
        .and_then(|object| write(&object, &known.dialect, wanted.begin, key.as_ref()));
    match written {
        Ok(bytes) => {
            let text = hex::encode(&bytes);
            match console.format {
                Format::Json => {
                    console.line(&json!({ "ok": true, "dialect": known.dialect.name, "hex": text }).to_string());
                }
                _ => console.line(&text),
            }
            Exit::Fine
        }
        Err(said) => {
            if console.format == Format::Json {
                let code = wire::MESSAGE_NOT_WRITABLE.to_string();
                console
                    .line(&json!({ "ok": false, "error": { "code": code, "zh": said.zh, "en": said.en } }).to_string());
                return Exit::Refused;
            }
            input::refuse(console, wire::MESSAGE_NOT_WRITABLE, vec![("detail", Fact::Said(said))])
        }
    }
}

fn write(
    object: &Value,
    dialect: &Dialect,
    begin: Option<Begin>,
    key: Option<&KeyBytes>,
) -> Result<Zeroizing<Vec<u8>>, Said> {
    let mti = object.get("mti").and_then(Value::as_str).and_then(Mti::parse);
    let mti = mti.ok_or_else(|| Said::new("mti 须为四位数字，如 \"0200\"", "`mti` is four digits such as \"0200\""))?;
    let none = Map::new();
    let fields = match object.get("fields") {
        None => &none,
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(Said::new("fields 须为对象", "`fields` is an object")),
    };
    let mut message = Message::new(mti);
    for (number, value) in fields {
        let field =
            number.parse::<u8>().ok().and_then(|number| dialect.field(number)).ok_or_else(|| {
                Said::new(format!("方言没有域 {number}"), format!("the dialect has no field {number}"))
            })?;
        message.set(field.number, &content(field, mti, value)?);
    }
    let fits = |error: PackError| {
        let said = of_pack(&error);
        let place =
            error.field().map_or((String::new(), String::new()), |field| (format!("F{field} "), format!("F{field}: ")));
        Said::new(format!("{}{}", place.0, said.zh), format!("{}{}", place.1, said.en))
    };
    if let Some(key) = key {
        put_mac(&mut message, dialect, key).map_err(|error| match error {
            MessageMacError::Pack(error) => fits(error),
            MessageMacError::NoAlgorithm => Said::new(
                format!("方言 {} 没有说明 MAC 怎样计算", dialect.name),
                format!("the dialect {} does not say how a MAC is computed", dialect.name),
            ),
            MessageMacError::Key(_) => {
                Said::new("这个密钥不能用于方言的 MAC", "the key does not serve the MAC of the dialect")
            }
        })?;
    }
    let body = pack(&message, dialect).map_err(fits)?;
    if begin == Some(Begin::Body) {
        return Ok(body);
    }
    let command = object
        .get("host_command")
        .map_or(Some(0), |command| command.as_u64().or_else(|| command.get("digit")?.as_u64()))
        .and_then(|command| u8::try_from(command).ok())
        .ok_or_else(|| Said::new("host_command 是一位数字", "`host_command` is one digit"))?;
    let mut dialect = dialect.clone();
    if let Some(tpdu) = bytes_of(object, "tpdu")? {
        dialect.framing.tpdu = tpdu;
    }
    let given_header = bytes_of(object, "header")?;
    if let Some(header) = given_header.filter(|header| !header.is_empty()) {
        dialect.framing.header = header;
    }
    let is_reply = mti.0 / 10 % 2 == 1;
    let own_tpdu = object.get("tpdu").is_some();
    match is_reply && !own_tpdu {
        true => frame_reply(&dialect, &body, command),
        false => frame(&dialect, &body, command),
    }
    .map(|framed| {
        let width = match begin {
            Some(Begin::Tpdu) => dialect.framing.length_width(),
            Some(Begin::Header) => dialect.framing.length_width() + dialect.framing.tpdu.len(),
            _ => 0,
        };
        Zeroizing::new(framed.get(width..).unwrap_or_default().to_vec())
    })
    .map_err(fits)
}

fn bytes_of(object: &Value, name: &str) -> Result<Option<Vec<u8>>, Said> {
    let Some(value) = object.get(name) else { return Ok(None) };
    let bytes = value.as_str().and_then(|text| hex::decode(text.as_bytes()));
    match bytes {
        Some(bytes) => Ok(Some(bytes.to_vec())),
        None => Err(Said::new(format!("{name} 须为十六进制"), format!("`{name}` is hexadecimal"))),
    }
}

/// What a field holds: a text, an object with `value`, `hex` or `parts`, or the parts themselves.
fn content(field: &Field, mti: Mti, value: &Value) -> Result<Zeroizing<Vec<u8>>, Said> {
    let number = field.number;
    match value {
        Value::String(text) => plain(field, text),
        Value::Object(object) => {
            if let Some(Value::String(text)) = object.get("hex") {
                return hex::decode(text.as_bytes()).ok_or_else(|| {
                    Said::new(
                        format!("F{number} 的 hex 不是十六进制"),
                        format!("`hex` of F{number} is not hexadecimal"),
                    )
                });
            }
            match (object.get("value"), object.get("parts")) {
                (Some(Value::String(text)), _) => plain(field, text),
                (None, Some(Value::Object(parts))) => from_parts(field, mti, parts),
                _ => from_parts(field, mti, object),
            }
        }
        _ => Err(Said::new(format!("F{number} 须为文本或对象"), format!("F{number} is a text or an object"))),
    }
}

fn plain(field: &Field, text: &str) -> Result<Zeroizing<Vec<u8>>, Said> {
    let number = field.number;
    if text.contains('*') && field.class != Class::Text || text.starts_with('<') && field.holds.is_sensitive() {
        return Err(Said::new(
            format!("F{number} 是遮盖过的，不能还原；测试数据可用 decode --reveal"),
            format!("F{number} is masked and cannot be brought back; for test data, decode with --reveal"),
        ));
    }
    match field.class {
        Class::Bytes => hex::decode(text.as_bytes()).ok_or_else(|| {
            Said::new(format!("F{number} 是字节，须写成十六进制"), format!("F{number} is bytes: write hexadecimal"))
        }),
        _ => Ok(Zeroizing::new(text.as_bytes().to_vec())),
    }
}

fn from_parts(field: &Field, mti: Mti, parts: &Map<String, Value>) -> Result<Zeroizing<Vec<u8>>, Said> {
    let number = field.number;
    let layout = Layout::of(&field.layouts, mti).ok_or_else(|| {
        Said::new(
            format!("方言没有说明 F{number} 的子域"),
            format!("the dialect does not say what F{number} is made of"),
        )
    })?;
    let mut values: Vec<(PartKey, Zeroizing<Vec<u8>>)> = Vec::new();
    for (key, value) in parts {
        let wrong = || Said::new(format!("F{number} 没有子域 {key}"), format!("F{number} has no part {key}"));
        let parsed = match layout.kind {
            LayoutKind::Row | LayoutKind::Bits { .. } => key.parse().ok().map(PartKey::Number),
            LayoutKind::Tags { .. } => PartKey::text(key.as_bytes()),
            LayoutKind::Ber => hex::decode(key.as_bytes()).and_then(|tag| PartKey::ber(&tag)),
        };
        let parsed = parsed.ok_or_else(wrong)?;
        let declared = layout.part(parsed);
        // A part that is made of parts: they say more than its text, which may be masked.
        if let (Some(part), Some(Value::Object(inner))) = (declared, value.get("parts")) {
            values.push((parsed, from_parts(&part.field, mti, inner)?));
            continue;
        }
        let text = value.as_str().or_else(|| value.get("value")?.as_str()).ok_or_else(wrong)?;
        let content = match declared {
            Some(part) => plain(&part.field, text)?,
            None if layout.kind == LayoutKind::Ber => hex::decode(text.as_bytes()).ok_or_else(wrong)?,
            None => Zeroizing::new(text.as_bytes().to_vec()),
        };
        values.push((parsed, content));
    }
    // Filling a fixed field would move its parts: each has to be there.
    let missing = layout.parts.iter().find(|part| !values.iter().any(|(key, _)| *key == part.key));
    if let (LayoutKind::Row, Length::Fixed { .. }, Some(part)) = (layout.kind, field.length, missing) {
        let key = part.key;
        return Err(Said::new(format!("F{number} 缺子域 {key}"), format!("F{number} lacks part {key}")));
    }
    let borrowed: Vec<(PartKey, &[u8])> = values.iter().map(|(key, value)| (*key, value.as_slice())).collect();
    layout.write(number, &borrowed).map_err(|error| {
        let said = of_pack(&error);
        Said::new(format!("F{number} {}", said.zh), format!("F{number}: {}", said.en))
    })
}
