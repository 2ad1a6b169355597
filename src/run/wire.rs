//! Messages of a run as messages of the wire, and back: card data comes out of the vault and goes into it.

use crate::language::vm::value::Value;
use crate::payment::amount::Amount;
use crate::payment::card::{Pan, Track2};
use crate::payment::currency::Currency;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::field::{Class, Field, Holds};
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::number::digits;
use crate::payment::iso8583::pack::MAC_FIELD;
use crate::payment::iso8583::response::ResponseCode;
use crate::run::content::{Content, RunMessage, characters};
use crate::run::vault::Vault;
use crate::script_error::catalogue::{internal, limits};
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;

/// Field 4 holds twelve digits.
const AMOUNT_MAX: i64 = 999_999_999_999;

/// What is shown of card data that has no masked form of its own.
pub(super) const HIDDEN: &str = "<hidden>";

/// A message a run built, as it is packed. Field 64 is left to the security module.
pub fn to_wire(of: RunMessage<'_>, vault: &Vault) -> Result<Message, Failure> {
    let mut message = Message::new(of.mti());
    for (number, content) in of.iter() {
        match content {
            Content::Nothing => {}
            Content::Amount(amount) if (0..=AMOUNT_MAX).contains(&amount.minor) => {
                message.set(number, digits::<12>(amount.minor.unsigned_abs()));
            }
            Content::Amount(amount) => {
                return Err(Failure::new(limits::AMOUNT_NOT_SENDABLE).text("amount", amount.to_string()));
            }
            Content::Text(text) => match text.as_bytes() {
                bytes if bytes.is_ascii() || std::str::from_utf8(bytes).is_ok() => message.set(number, bytes),
                // What is no UTF-8 is shown as such.
                bytes => message.set(number, characters(bytes)),
            },
            Content::Bytes(bytes) => message.set(number, bytes.as_bytes()),
            Content::Code(code) => message.set(number, code.0.as_slice()),
            Content::Mti(mti) => message.set(number, mti.to_string()),
            Content::Int(digits) if digits >= 0 => message.set(number, digits.to_string()),
            Content::Sealed(sealed, _) => match vault.open(sealed) {
                Some(clear) => message.set(number, clear),
                None => {
                    return Err(does_not_fit(
                        number,
                        "本次运行中已没有这项卡片数据",
                        "its card data is not in the session",
                    ));
                }
            },
            _ => return Err(does_not_fit(number, "这种值不能放进任何域", "the value is none a field can hold")),
        }
    }
    Ok(message)
}

/// A reply that passed every check, as a run holds it.
pub fn from_wire(reply: &Message, dialect: &Dialect, currency: Option<Currency>, vault: &mut Vault) -> Value {
    let own = reply.text(49).and_then(|digits| digits.parse().ok()).and_then(Currency::from_numeric);
    let currency = own.or(currency);
    let fields = reply
        .iter()
        .filter(|(number, _)| *number != MAC_FIELD)
        .filter_map(|(number, value)| {
            let field = dialect.field(number)?;
            Some((number, field_value(field, value.as_bytes(), currency, vault)?))
        })
        .collect();
    Value::Message { mti: reply.mti, fields }
}

/// What a field holds, as a run holds it; `None` for a value that is not what the field's rule promises.
fn field_value(field: &Field, content: &[u8], currency: Option<Currency>, vault: &mut Vault) -> Option<Value> {
    let text = || std::str::from_utf8(content).ok();
    let mut seal = |masked: String, sound| Value::Sealed { number: vault.seal(content), masked, sound };
    match field.holds {
        Holds::Pan => Some(match text().and_then(|text| Pan::parse(text).ok()) {
            Some(pan) => seal(pan.masked(), pan.passes_luhn()),
            None => seal(HIDDEN.into(), false),
        }),
        Holds::Track => {
            let masked = text().and_then(|text| Track2::parse(text).ok()).map(|track| track.masked());
            Some(seal(masked.unwrap_or_else(|| HIDDEN.into()), true))
        }
        Holds::PinBlock | Holds::Keys | Holds::ChipData => Some(seal(HIDDEN.into(), true)),
        Holds::Mac => None,
        Holds::Amount => Some(Value::Amount(Amount::new(text()?.parse().ok()?, currency?))),
        Holds::ResponseCode => Some(Value::Code(ResponseCode::parse(text()?)?)),
        Holds::Plain if field.class == Class::Bytes => Some(Value::Bytes(content.to_vec())),
        // Hosts send GBK in texts; what is no UTF-8 is shown as such and never drops the reply.
        _ => Some(Value::Text(characters(content))),
    }
}

/// Field 11 of a message as a number.
pub fn stan_of(message: &Message) -> Option<u32> {
    message.text(11).and_then(|digits| digits.parse().ok())
}

/// A value that no field can hold: only damaged bytecode gets here.
pub fn misused(what: &str) -> Failure {
    Failure::new(internal::INTERNAL_DEFECT).text("detail", what)
}

fn does_not_fit(number: u8, zh: &str, en: &str) -> Failure {
    let detail = Fact::Said(Said::new(zh, en));
    Failure::new(limits::FIELD_DOES_NOT_FIT).fact("field", Fact::Field(number)).fact("detail", detail)
}
