//! Why a host does not answer: TCP, TLS, frame, header, match, echo, in this order, and the edit that would mend it.
//!
//! Only echoes are sent (08xx): no money moves, no keys change.

use crate::payment::iso8583::decode_error::DecodeError;
use crate::payment::iso8583::dialect::{Dialect, Framing, WireForm};
use crate::payment::iso8583::field::{Class, Encoding, Field};
use crate::payment::iso8583::frame::{frame, unframe};
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::number::NumberForm;
use crate::payment::iso8583::pack::pack;
use crate::payment::iso8583::response::ResponseCode;
use crate::payment::iso8583::unpack::unpack;
use crate::run::echo::echo;
use crate::run::message_words;
use crate::run::stray::{NearMiss, near_miss};
use crate::script_error::words::Said;
use crate::world::net::address::Address;
use crate::world::net::line::{Came, Line, NotOpened};
use crate::world::net::tls;
use rustls::ClientConfig;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The layers, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// A connection is made.
    Tcp,
    /// TLS, or its absence, is as the address says.
    Tls,
    /// Length and TPDU are those of the host.
    Frame,
    /// The header is as long as the host's, and what follows is written its way.
    Header,
    /// The reply has the type and the match key of its request.
    Match,
    /// The host says yes.
    Echo,
}

impl Layer {
    /// All of them, in order.
    pub const ALL: [Layer; 6] = [Layer::Tcp, Layer::Tls, Layer::Frame, Layer::Header, Layer::Match, Layer::Echo];

    /// The word on the page and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Layer::Tcp => "tcp",
            Layer::Tls => "tls",
            Layer::Frame => "frame",
            Layer::Header => "header",
            Layer::Match => "match",
            Layer::Echo => "echo",
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// The layers that are right, each with what was seen there.
    pub right: Vec<(Layer, Said)>,
    /// The first layer that fails, and why.
    pub fails: Option<(Layer, Said)>,
    /// The edit that would mend it: tried where it could be, and it worked.
    pub edit: Option<Said>,
}

/// What is asked, and as whom.
#[derive(Clone)]
pub struct Question {
    /// Where the host is said to be.
    pub address: Address,
    /// Whom to trust there, where the address asks for TLS.
    pub tls: Option<Arc<ClientConfig>>,
    /// How messages are said to be written.
    pub dialect: Dialect,
    /// The terminal's number.
    pub terminal: String,
    /// The merchant's number.
    pub merchant: String,
    /// How long each try waits for a reply.
    pub within: Duration,
}

/// Tries of other framings that go out at once: each is a connection.
const TRIES_AT_ONCE: usize = 4;
/// Headers of other lengths that are tried, in bytes.
const HEADERS: [usize; 12] = [0, 2, 4, 5, 6, 8, 10, 12, 14, 16, 20, 46];
/// The TPDU of terminals that were given no other.
const TPDU: [u8; 5] = [0x60, 0x00, 0x03, 0x00, 0x00];

/// Asks the host, layer by layer.
pub fn diagnose(question: &Question) -> Diagnosis {
    let mut found = Diagnosis::default();
    let Some(request) = echo_of(question, &question.dialect) else {
        let why =
            Said::new("方言没有不动账的网络管理报文（08xx）", "the dialect has no network management message (08xx)");
        found.fails = Some((Layer::Echo, why));
        return found;
    };
    let asked = match ask(question, &question.address, &question.dialect, &request) {
        Ok(asked) => asked,
        Err(NotOpened::Tcp(why)) => {
            found.fails = Some((Layer::Tcp, why));
            return found;
        }
        Err(NotOpened::Tls { why, plain }) => {
            found.right.push((Layer::Tcp, connected()));
            found.fails = Some((Layer::Tls, why));
            found.edit = plain.then(|| plain_instead(question, &request)).flatten();
            return found;
        }
    };
    found.right.push((Layer::Tcp, connected()));
    let reply = match asked {
        Asked::Reply(reply) => reply,
        Asked::Nothing(why) => {
            unanswered(question, &request, why, &mut found);
            return found;
        }
    };
    found.right.push((Layer::Tls, tls_words(question)));
    found.right.push((Layer::Frame, framing_words(&question.dialect.framing)));
    found.right.push((Layer::Header, header_words(&question.dialect.framing)));
    judge(question, &request, &reply, &mut found);
    found
}

/// What came of an echo.
enum Asked {
    /// A message of the dialect.
    Reply(Message),
    /// None, and what came instead.
    Nothing(Said),
}

/// Sends the echo over a connection of its own.
fn ask(question: &Question, address: &Address, dialect: &Dialect, request: &Message) -> Result<Asked, NotOpened> {
    let body = pack(request, dialect).map_err(|error| NotOpened::Tcp(message_words::of_pack(&error)))?;
    let bytes = frame(dialect, &body, 0).map_err(|error| NotOpened::Tcp(message_words::of_pack(&error)))?;
    let deadline = Instant::now() + question.within;
    let mut line = Line::open(address, question.tls.as_ref(), dialect, deadline)?;
    if let Err(not_sent) = line.send(&bytes, Instant::now() + question.within) {
        return Ok(Asked::Nothing(not_sent.why));
    }
    let read = |bytes: &[u8]| -> Result<Message, DecodeError> { unpack(unframe(dialect, bytes)?.body, dialect) };
    Ok(match line.receive(Instant::now() + question.within) {
        Came::Frame(bytes) => match read(&bytes) {
            Ok(reply) => Asked::Reply(reply),
            Err(error) => {
                let words = message_words::of_unpack(&error);
                Asked::Nothing(Said::new(
                    format!("应答无法解析：{}", words.zh),
                    format!("the reply cannot be read: {}", words.en),
                ))
            }
        },
        Came::Garbage(bytes) => Asked::Nothing(came_words(&bytes)),
        Came::Late { unfinished: 0 } => {
            let seconds = question.within.as_secs_f32();
            Asked::Nothing(Said::new(
                format!("连接保持着，但 {seconds} 秒内没有一个字节：主机不理睬它不认识的报文，或没有在工作"),
                format!(
                    "the line stays open, but not a byte came within {seconds} s: the host ignores what it does not know, or does not work"
                ),
            ))
        }
        Came::Late { .. } => Asked::Nothing(came_words(&line.unfinished())),
        Came::Closed { unfinished: 0, .. } => Asked::Nothing(Said::new(
            "主机未回一个字节就断开了：它不认识帧或报文头",
            "the host closed the line without a byte: it does not know the framing or the header",
        )),
        Came::Closed { .. } => Asked::Nothing(came_words(&line.unfinished())),
    })
}

/// No message came back although the line was there: plain against TLS, or framing and header.
fn unanswered(question: &Question, request: &Message, why: Said, found: &mut Diagnosis) {
    if !question.address.tls && speaks_tls(question) {
        found.fails = Some((
            Layer::Tls,
            Said::new("主机说的是 TLS，地址写的是不加密的 TCP", "the host speaks TLS, and the address says plain TCP"),
        ));
        let address = Address { tls: true, ..question.address.clone() };
        found.edit = Some(Said::new(
            format!("地址写作 {address}，并用 --tls-ca 给出信任的 CA"),
            format!("write {address}, and give the CA to trust with --tls-ca"),
        ));
        return;
    }
    found.right.push((Layer::Tls, tls_words(question)));
    match first_that_works(question, request) {
        Some(variant) => {
            if variant.layer == Layer::Header {
                found.right.push((Layer::Frame, framing_words(&question.dialect.framing)));
            }
            let reason =
                Said::new(format!("{}；{}", why.zh, variant.what.zh), format!("{}; {}", why.en, variant.what.en));
            found.fails = Some((variant.layer, reason));
            found.edit = Some(variant.edit);
        }
        None => found.fails = Some((Layer::Frame, why)),
    }
}

/// Another way of writing, and what it would mean if the host understood it.
struct Variant {
    layer: Layer,
    dialect: Dialect,
    what: Said,
    edit: Said,
}

/// The first variant that the host answers, in the order in which they are listed.
fn first_that_works(question: &Question, request: &Message) -> Option<Variant> {
    let mut variants = variants(&question.dialect);
    while !variants.is_empty() {
        let round: Vec<Variant> = variants.drain(..TRIES_AT_ONCE.min(variants.len())).collect();
        let (give, take) = mpsc::channel();
        for (at, variant) in round.iter().enumerate() {
            let (question, dialect, give) = (question.clone(), variant.dialect.clone(), give.clone());
            let request = echo_of(&question, &dialect).unwrap_or_else(|| request.clone());
            thread::spawn(move || {
                let asked = ask(&question, &question.address, &dialect, &request);
                let answered = matches!(&asked, Ok(Asked::Reply(reply)) if reply.mti == request.mti.reply());
                let _ = give.send((at, answered));
            });
        }
        drop(give);
        let mut worked: Vec<usize> = take.iter().filter(|(_, answered)| *answered).map(|(at, _)| at).collect();
        worked.sort_unstable();
        if let Some(first) = worked.first() {
            return round.into_iter().nth(*first);
        }
    }
    None
}

/// Everything that is tried: lengths, headers, TPDU, ASCII against BCD.
fn variants(dialect: &Dialect) -> Vec<Variant> {
    let framings = lengths(dialect).into_iter().chain(framings(dialect));
    let mut found: Vec<Variant> = framings
        .map(|(layer, framing, what)| {
            let clause = clause(&framing);
            Variant {
                layer,
                dialect: Dialect { framing, ..dialect.clone() },
                what,
                edit: Said::new(format!("在方言中写：{clause}"), format!("in the dialect, write: {clause}")),
            }
        })
        .collect();
    found.extend(other_forms(dialect));
    found
}

/// Lengths in front that are written another way.
fn lengths(dialect: &Dialect) -> Vec<(Layer, Framing, Said)> {
    let own = &dialect.framing;
    let forms = [
        (2, NumberForm::Binary, false, "两字节二进制", "two binary bytes"),
        (4, NumberForm::Ascii, false, "四位 ASCII 数字", "four ASCII digits"),
        (2, NumberForm::Bcd, false, "两字节 BCD（四位数字）", "four BCD digits in two bytes"),
        (4, NumberForm::Binary, false, "四字节二进制", "four binary bytes"),
        (2, NumberForm::Binary, true, "两字节二进制，且把自己也算进去", "two binary bytes that count themselves"),
        (4, NumberForm::Ascii, true, "四位 ASCII 数字，且把自己也算进去", "four ASCII digits that count themselves"),
    ];
    forms
        .into_iter()
        .filter(|(bytes, form, inclusive, ..)| {
            (*bytes, *form, *inclusive) != (own.length_bytes, own.length_form, own.length_inclusive)
        })
        .map(|(length_bytes, length_form, length_inclusive, zh, en)| {
            let framing = Framing { length_bytes, length_form, length_inclusive, ..own.clone() };
            let what = Said::new(format!("它的长度头是{zh}"), format!("its length in front is {en}"));
            (Layer::Frame, framing, what)
        })
        .collect()
}

/// Headers of other lengths, with TPDU and without.
fn framings(dialect: &Dialect) -> Vec<(Layer, Framing, Said)> {
    let own = &dialect.framing;
    let mut found: Vec<(Layer, Framing, Said)> = HEADERS
        .into_iter()
        .filter(|length| *length != own.header.len())
        .map(|length| {
            let mut header = own.header.clone();
            header.resize(length, 0);
            // What the parts are for is only known for a header of the dialect's own length.
            let header_parts = Vec::new();
            let what = Said::new(
                format!("它的报文头为 {length} 字节，方言写的是 {} 字节", own.header.len()),
                format!("its header has {length} bytes, that of the dialect {}", own.header.len()),
            );
            (Layer::Header, Framing { header, header_parts, ..own.clone() }, what)
        })
        .collect();
    if own.tpdu.is_empty() {
        let what = Said::new("它要求 TPDU", "it expects a TPDU");
        found.push((Layer::Frame, Framing { tpdu: TPDU.to_vec(), ..own.clone() }, what));
    } else {
        let what = Said::new("它不用 TPDU", "it has no TPDU");
        found.push((Layer::Frame, Framing { tpdu: Vec::new(), ..own.clone() }, what));
        let what = Said::new("它既不用 TPDU，也不用报文头", "it has neither TPDU nor header");
        found.push((Layer::Frame, bare(own), what));
    }
    found
}

/// Without TPDU and header.
fn bare(framing: &Framing) -> Framing {
    Framing { tpdu: Vec::new(), header: Vec::new(), header_parts: Vec::new(), ..framing.clone() }
}

/// Digits in ASCII against BCD, in the dialect's framing and without TPDU and header.
fn other_forms(dialect: &Dialect) -> [Variant; 2] {
    let (form, word, zh) = if dialect.form.mti == NumberForm::Ascii {
        (WireForm::BCD, "bcd", "它用 BCD 书写报文，方言写的不是")
    } else {
        (WireForm::ASCII, "ascii", "它用 ASCII 书写报文，方言写的不是")
    };
    let other = in_form(dialect, form);
    let variant = |framing: Framing, and: String| Variant {
        layer: Layer::Header,
        dialect: Dialect { framing, ..other.clone() },
        what: Said::new(zh, format!("it writes messages in {word}, and the dialect does not")),
        edit: Said::new(
            format!("在方言中写：form {word}{and}；各域的编码也照此改"),
            format!("in the dialect, write: form {word}{and}; and encode its fields that way"),
        ),
    };
    let without = bare(&dialect.framing);
    let clause = clause(&without);
    [variant(dialect.framing.clone(), String::new()), variant(without, format!(" {clause}"))]
}

/// The dialect with digits written the other way.
fn in_form(dialect: &Dialect, form: WireForm) -> Dialect {
    let encoding = |field: &Field| match (form == WireForm::ASCII, field.encoding, field.class) {
        (true, Encoding::Bcd, _) => Encoding::Ascii,
        (false, Encoding::Ascii, Class::Digits) => Encoding::Bcd,
        (_, encoding, _) => encoding,
    };
    let fields = dialect.fields.iter().map(|field| Field { encoding: encoding(field), ..field.clone() }).collect();
    Dialect { form, fields, ..dialect.clone() }
}

/// Does the host speak TLS? Nobody is trusted here, and a refusal of its certificate says that it does.
fn speaks_tls(question: &Question) -> bool {
    let Ok(nobody) = tls::trusting_nobody() else { return false };
    let address = Address { tls: true, ..question.address.clone() };
    let deadline = Instant::now() + question.within;
    match Line::open(&address, Some(&nobody), &question.dialect, deadline) {
        Ok(_) => true,
        Err(NotOpened::Tls { plain, .. }) => !plain,
        Err(NotOpened::Tcp(_)) => false,
    }
}

/// TLS failed: does the host answer in the clear?
fn plain_instead(question: &Question, request: &Message) -> Option<Said> {
    let address = Address { tls: false, ..question.address.clone() };
    match ask(question, &address, &question.dialect, request) {
        Ok(Asked::Reply(_)) => Some(Said::new(
            format!("主机用不加密的 TCP 应答：地址写作 {address}"),
            format!("the host answers over plain TCP: write {address}"),
        )),
        _ => None,
    }
}

/// A reply came. Is it one to the echo, and does it say yes?
fn judge(question: &Question, request: &Message, reply: &Message, found: &mut Diagnosis) {
    let dialect = &question.dialect;
    let rule = dialect.rule(request.mti, request.text(3));
    let key = rule.map(|rule| rule.match_key).unwrap_or_default();
    if let Some(NearMiss { why, differs, .. }) = near_miss(request, reply, key, dialect) {
        found.fails = Some((
            Layer::Match,
            Said::new(format!("收到 {}，但{}", reply.mti, why.zh), format!("{} came, but {}", reply.mti, why.en)),
        ));
        found.edit = differs.iter().find(|number| **number != 0).map(|number| {
            Said::new(
                format!("让主机原样返回第 {number} 域，或在方言 {} 的 match 中去掉 F{number}", request.mti),
                format!("let the host echo F{number}, or take F{number} out of `match` of message {}", request.mti),
            )
        });
        return;
    }
    let fields: Vec<String> = key.iter().map(|number| format!("F{number}")).collect();
    let same = fields.join(" ");
    found.right.push((
        Layer::Match,
        Said::new(format!("{}，匹配域 {same} 相同", reply.mti), format!("{}, {same} are the same", reply.mti)),
    ));
    let code = reply.text(39).and_then(ResponseCode::parse);
    match code {
        Some(code) if dialect.approves(code) => {
            let words = Said::new(format!("应答码 {code}"), format!("response code {code}"));
            found.right.push((Layer::Echo, words));
        }
        Some(code) => {
            found.fails =
                Some((Layer::Echo, Said::new(format!("主机应答 {code}"), format!("the host answers {code}"))));
            found.edit = edit_of(&code.to_string());
        }
        None => {
            let words = Said::new("应答没有应答码（第 39 域）", "the reply has no response code (F39)");
            found.fails = Some((Layer::Echo, words));
        }
    }
}

/// What the codes that hosts give to an echo mostly mean.
fn edit_of(code: &str) -> Option<Said> {
    let (zh, en) = match code {
        "97" => (
            "此终端没有登记：用 --terminal 写登记的终端号",
            "the terminal is not on record: give --terminal the number that is",
        ),
        "03" => (
            "此商户没有登记：用 --merchant 写登记的商户号",
            "the merchant is not on record: give --merchant the number that is",
        ),
        "30" => (
            "报文缺域或格式不对：比对方言中 08xx 的 needs",
            "a field is missing or wrong: compare `needs` of the 08xx message",
        ),
        "40" | "12" => (
            "主机不支持这个网络管理码：帧与报文头都是对的",
            "the host does not know this network code; framing and header are right",
        ),
        _ => return None,
    };
    Some(Said::new(zh, en))
}

/// The echo that asks this question in a dialect.
fn echo_of(question: &Question, dialect: &Dialect) -> Option<Message> {
    echo(dialect, &question.terminal, &question.merchant)
}

/// The `framing` clause that says so.
fn clause(framing: &Framing) -> String {
    let mut text = "framing".to_owned();
    if framing.length_bytes > 0 {
        let _ = write!(text, " length {}", framing.length_bytes);
        text.push_str(match framing.length_form {
            NumberForm::Binary => "",
            NumberForm::Bcd => " bcd",
            NumberForm::Ascii => " ascii",
            NumberForm::Ebcdic => " ebcdic",
        });
        if framing.length_inclusive {
            text.push_str(" inclusive");
        }
    }
    for (word, bytes) in [("tpdu", &framing.tpdu), ("header", &framing.header)] {
        if !bytes.is_empty() {
            let _ = write!(text, " {word} x\"");
            bytes.iter().for_each(|byte| {
                let _ = write!(text, "{byte:02x}");
            });
            text.push('"');
        }
    }
    text
}

/// What came, of which nobody knows what it is: its length and its first bytes. A reply to an echo holds no card data.
fn came_words(bytes: &[u8]) -> Said {
    let mut first = String::new();
    bytes.iter().take(16).for_each(|byte| {
        let _ = write!(first, "{byte:02X}");
    });
    Said::new(
        format!("收到 {} 字节，不是方言的报文（开头 {first}）", bytes.len()),
        format!("{} bytes came that are no message of the dialect (they begin {first})", bytes.len()),
    )
}

fn connected() -> Said {
    Said::new("已连上", "connected")
}

fn tls_words(question: &Question) -> Said {
    if question.address.tls {
        Said::new("握手完成，证书可信", "handshake done, certificate trusted")
    } else {
        Said::new("不加密，与地址所写一致", "plain, as the address says")
    }
}

fn framing_words(framing: &Framing) -> Said {
    Said::new(
        format!("长度 {} 字节，TPDU {} 字节", framing.length_bytes, framing.tpdu.len()),
        format!("{} bytes of length, {} of TPDU", framing.length_bytes, framing.tpdu.len()),
    )
}

fn header_words(framing: &Framing) -> Said {
    Said::new(format!("{} 字节", framing.header.len()), format!("{} bytes", framing.header.len()))
}
