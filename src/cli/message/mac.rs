//! Is the MAC of a message right? Said with every message that has one: what nobody verified is not to be believed.

use crate::cli::exit::Exit;
use crate::cli::given::{self, From};
use crate::cli::keys_answer::{Refusal, refuse, warn};
use crate::cli::style::Console;
use crate::payment::iso8583::decode::Decoded;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::field::Holds;
use crate::payment::iso8583::message_mac::{MacVerdict, MessageMacError, verify_mac};
use crate::payment::iso8583::pack::MAC_FIELD;
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::cipher::{KeyBytes, KeyError};
use crate::payment::keys::secret_key::SecretKey;
use crate::script_error::words::{Said, Words};

/// What is known of the MAC of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenMac {
    /// The field it stands in.
    pub field: u8,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is that of the message, under the key that was given.
    Right,
    /// It is not.
    Wrong,
    /// Nobody gave a key.
    NoKey,
    /// The dialect says nothing of how it is computed.
    NoMethod,
    /// The message cannot be read to its end, so what the MAC covers is not known.
    Unread,
}

impl Verdict {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Wrong => "wrong",
            Verdict::NoKey | Verdict::NoMethod | Verdict::Unread => "not_verified",
        }
    }
}

/// Reads the key of `--mac-key`.
pub fn key(console: &Console, word: &str) -> Result<KeyBytes, Exit> {
    let read = || -> Result<(SecretKey, From), Refusal> {
        let (bytes, from) = given::bytes(word, Words { zh: "密钥", en: "the key" })?;
        Ok((SecretKey::new(Algorithm::Des, &bytes)?, from))
    };
    let (key, from) = read().map_err(|refusal| refuse(console, &refusal))?;
    warn(console, from == From::CommandLine);
    key.des().map_err(|error| refuse(console, &error.into()))
}

/// What can be said of the MAC of a message; `None`: it has none.
pub fn seen(
    bytes: &[u8],
    decoded: &Decoded,
    dialect: &Dialect,
    key: Option<&KeyBytes>,
) -> Result<Option<SeenMac>, KeyError> {
    let holds_mac = |number: u8| dialect.field(number).is_some_and(|field| field.holds == Holds::Mac);
    let Some(field) = decoded.fields.iter().map(|field| field.number).find(|number| holds_mac(*number)) else {
        return Ok(None);
    };
    let verdict = match (key, decoded.is_ok(), decoded.to_message(), bytes.get(decoded.body_at..)) {
        _ if dialect.mac.is_none() || field != MAC_FIELD => Verdict::NoMethod,
        (_, false, ..) => Verdict::Unread,
        (None, ..) => Verdict::NoKey,
        (Some(key), true, Some(message), Some(body)) => match verify_mac(body, &message, dialect, key) {
            Ok(MacVerdict::Right) => Verdict::Right,
            Ok(MacVerdict::Wrong | MacVerdict::Missing) => Verdict::Wrong,
            Err(MessageMacError::NoAlgorithm) => Verdict::NoMethod,
            Err(MessageMacError::Pack(_)) => Verdict::Unread,
            Err(MessageMacError::Key(error)) => return Err(error),
        },
        _ => Verdict::Unread,
    };
    Ok(Some(SeenMac { field, verdict }))
}

/// The sentence about it.
pub fn said(seen: &SeenMac, dialect: &Dialect) -> Said {
    let field = seen.field;
    let method = dialect.mac.map_or("", |method| method.word());
    match seen.verdict {
        Verdict::Right => Said::new(
            format!("F{field} 相符（{method}，所给的密钥）"),
            format!("F{field} is right ({method}, under the key that was given)"),
        ),
        Verdict::Wrong => Said::new(
            format!("F{field} 不符（{method}，所给的密钥）：密钥不对，或报文被改过"),
            format!(
                "F{field} is wrong ({method}, under the key that was given): another key, or the message was changed"
            ),
        ),
        Verdict::NoKey => Said::new(
            format!("F{field} 未核对：用 --mac-key 给出密钥才能核对"),
            format!("F{field} was not verified: give the key with --mac-key"),
        ),
        Verdict::NoMethod => Said::new(
            format!("F{field} 未核对：方言 {} 没有说明它怎样计算", dialect.name),
            format!("F{field} was not verified: the dialect {} does not say how it is computed", dialect.name),
        ),
        Verdict::Unread => Said::new(
            format!("F{field} 未核对：报文没有读完"),
            format!("F{field} was not verified: the message cannot be read to its end"),
        ),
    }
}
