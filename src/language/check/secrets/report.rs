//! What is said where a value would go further than its level allows.

use crate::language::check::body::{Body, How};
use crate::language::check::type_words;
use crate::language::syntax::tree::{Expression, FieldName};
use crate::language::types::{Level, Type};
use crate::script_error::catalogue::secrets;
use crate::script_error::code::{Code, Fact};
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;

impl Body<'_> {
    /// May nobody read a value of this type in the clear?
    pub(crate) fn is_secret(&self, ty: &Type) -> bool {
        self.all.levels.of_type(ty).is_secret()
    }

    /// Reports a sensitive value that stands where another type is wanted. `false`: nothing was said, as the wanted type
    /// is none that would show it, take it apart or decide by it.
    pub(crate) fn secret_instead(&mut self, value: &Expression, wanted: &Type, found: &Type) -> bool {
        if !self.is_secret(found) {
            return false;
        }
        match wanted {
            Type::Bool => self.secret_decides(value.span, found),
            Type::Text | Type::Digits(_) | Type::Bytes | Type::Phrase | Type::Receipt | Type::Kcv | Type::Expiry => {
                self.secret(value, found);
            }
            Type::List(of) if **of == Type::Unknown && found.is_sealed() && !is_list(found) => {
                self.secret_apart(value, found, "[…]");
            }
            _ => return false,
        }
        true
    }

    /// Reports a sensitive value that would become readable.
    pub(crate) fn secret(&mut self, value: &Expression, ty: &Type) {
        let finding = match self.sink.clone() {
            None => self.about_secret(secrets::SECRET_IN_TEXT, value.span, ty),
            Some(sink) => match sink.how {
                How::Shown => self
                    .about_secret(secrets::SECRET_SHOWN, value.span, ty)
                    .fact("sink", Fact::Said(type_words::sink(&sink.name)))
                    .also(self.place(sink.span), "在此以明文写出", "written in the clear here"),
                How::TakenApart => {
                    self.secret_apart(value, ty, &sink.name);
                    return;
                }
                How::Fact => self
                    .about_secret(secrets::SECRET_IN_ERROR, value.span, ty)
                    .text("name", sink.name.as_str())
                    .also(self.place(sink.span), "放进此错误", "goes into this error"),
            },
        };
        let finding = self.why(finding, ty);
        let finding =
            if *ty == Type::Pan { self.masked(finding, value.span) } else { self.instead(finding, value, ty) };
        self.report(finding);
    }

    /// Reports a sensitive value that a sign would join to a text.
    pub(crate) fn secret_joined(&mut self, value: &Expression, ty: &Type) {
        let finding = self.about_secret(secrets::SECRET_IN_TEXT, value.span, ty);
        let finding = self.why(finding, ty);
        let finding = match ty {
            Type::Pan => finding
                .help("屏蔽后放进文字：\"卡号 {mask(c.pan)}\"", "mask it inside the text: \"card {mask(c.pan)}\""),
            _ => self.instead(finding, value, ty),
        };
        self.report(finding);
    }

    /// Reports a sensitive value that something would look into.
    pub(crate) fn secret_apart(&mut self, value: &Expression, ty: &Type, call: &str) {
        let finding = self.about_secret(secrets::SECRET_TAKEN_APART, value.span, ty).text("call", call);
        let finding = match ty {
            Type::Pan => {
                let finding = finding.note(
                    "脚本只能看屏蔽后的前六位与后四位",
                    "a script can see only the first six and last four digits, masked",
                );
                // Digits are never made of a masked number, and nothing else works on text.
                let works = ["part", "contains", "starts_with", ".length"].contains(&call);
                if works { self.masked_by_hand(finding, value.span) } else { finding }
            }
            _ => self.why(finding, ty),
        };
        self.report(finding);
    }

    /// Reports a branch on the content of a sensitive value.
    pub(crate) fn secret_decides(&mut self, at: Span, ty: &Type) {
        let finding = self.about_secret(secrets::SECRET_DECIDES, at, ty);
        let finding = match ty {
            Type::Optional(_) => finding.help(
                "只问有没有值：与 none 比较，或 some 与 none 两支",
                "ask only whether there is a value: compare with `none`, or match `some` and `none`",
            ),
            _ => self.why(finding, ty),
        };
        self.report(finding);
    }

    /// Reports a comparison that would look at a sensitive value. `false`: the type is none.
    pub(crate) fn secret_compared(&mut self, value: &Expression, ty: &Type) -> bool {
        // Messages cannot be compared at all, which is said elsewhere.
        if matches!(ty.innermost(), Type::Message(_) | Type::Reply(_)) || !self.is_secret(ty) {
            return false;
        }
        let finding = if ty.is_sealed() {
            let finding = self.about_secret(secrets::SECRET_COMPARED, value.span, ty).note(
                "比较能逐步试出内容，哪怕只答是或否",
                "comparing gives the content away bit by bit, even by yes and no",
            );
            match ty.innermost() {
                Type::Pan => finding.help(
                    "比较屏蔽后的形式，如 mask(a) == mask(b)",
                    "compare masked forms, such as `mask(a) == mask(b)`",
                ),
                Type::Keys | Type::Cryptogram => {
                    finding.help("比较校验值，如 a.kcv == b.kcv", "compare check values, such as `a.kcv == b.kcv`")
                }
                Type::Track | Type::ChipData => {
                    finding.help("只能问有没有：与 none 比较", "ask only whether it is there: compare it with `none`")
                }
                _ => finding,
            }
        } else {
            let held = type_words::held(&self.all.types, ty);
            let zh: Vec<&str> = held.iter().map(|said| said.zh.as_str()).collect();
            let en: Vec<&str> = held.iter().map(|said| said.en.as_str()).collect();
            let what = crate::script_error::words::Said::new(zh.join("、"), en.join(", "));
            self.error(secrets::HOLDS_SECRET_COMPARED, value.span)
                .text("type", self.written(ty.innermost()))
                .fact("what", Fact::Said(what))
                .label("整个拿来比较", "compared as a whole")
                .note("比较会逐个成员看下去", "comparing looks at every member, however deep")
        };
        self.report(finding);
        true
    }

    /// Reports a record or a union with sensitive values that stands for a field.
    pub(crate) fn secret_in_field(&mut self, field: FieldName, value: &Expression, ty: &Type) {
        let finding =
            self.about_secret(secrets::SECRET_IN_FIELD, value.span, ty).fact("field", Fact::Field(field.number));
        let finding = self.instead(finding, value, ty);
        self.report(finding);
    }

    fn about_secret(&self, code: Code, at: Span, ty: &Type) -> Finding {
        let written = self.written(super::super::expression::without_optional(ty));
        self.error(code, at)
            .fact("what", Fact::Said(type_words::sensitive(&self.all.types, ty)))
            .label(format!("{written} 属敏感数据"), format!("{written} is sensitive"))
    }

    fn why(&self, finding: Finding, ty: &Type) -> Finding {
        match self.all.levels.of_type(ty) {
            Level::CardNumber => {
                finding.note("PCI DSS：卡号只能屏蔽后给人看", "PCI DSS: people may see a card number only masked")
            }
            Level::Secret => finding.note(
                "PCI DSS：磁道、芯片数据与密码在授权之后不得留存，屏蔽了也不行",
                "PCI DSS: tracks, chip data and PINs may not be kept after authorisation, not even masked",
            ),
            Level::Key if ty.is_sealed() => finding.note(
                "密钥只在密码键盘里；要核对密钥，用校验值",
                "keys stay in the PIN pad; a key is checked by its check value",
            ),
            _ => finding,
        }
    }

    /// What else may be said of a value, where there is something.
    fn instead(&self, finding: Finding, value: &Expression, ty: &Type) -> Finding {
        let path = crate::language::check::body::path(value);
        let what = type_words::sensitive(&self.all.types, ty);
        match (ty.innermost(), path) {
            (Type::Keys | Type::Cryptogram, _) => {
                finding.help("要写就写校验值，如 key.kcv", "write its check value instead, such as `key.kcv`")
            }
            (Type::Track | Type::ChipData | Type::PinBlock, _) => finding.help(
                format!("不要写出：{}没有屏蔽形式", what.zh),
                format!("leave it out: {} has no masked form", what.en),
            ),
            (Type::Message(_) | Type::Reply(_), Some(path)) => finding.help(
                format!("只写需要的域，如 {path}.F11"),
                format!("write only the fields you need, such as `{path}.F11`"),
            ),
            (Type::Record(at), Some(path)) => {
                let record = self.all.types.records.get(usize::from(*at));
                let open = record.and_then(|record| {
                    record
                        .fields
                        .iter()
                        .find(|(_, ty)| crate::language::check::literal::is_printable(&self.all.types, ty))
                });
                match open {
                    Some((field, _)) => finding.help(
                        format!("只写可以公开的成员，如 {path}.{field}"),
                        format!("write only members that may be read, such as `{path}.{field}`"),
                    ),
                    None => finding,
                }
            }
            _ => finding,
        }
    }
}

fn is_list(ty: &Type) -> bool {
    match ty {
        Type::Optional(of) => is_list(of),
        ty => matches!(ty, Type::List(_)),
    }
}
