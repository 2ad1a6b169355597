//! Dialects: from declarations that build on one another to values.

use crate::language::check::cells::Complaints;
use crate::language::check::checked::Unit;
use crate::language::check::dialect_fields;
use crate::language::check::dialect_parts;
use crate::language::check::dialect_rules;
use crate::language::check::dialect_sense;
use crate::language::check::dialect_words::{BITMAPS, FORMS, NUMBERS, meaning};
use crate::language::check::lineage::{Base, lineage};
use crate::language::syntax::tree::{DialectClause, DialectItem, FieldName, ItemKind, MessageClause, Name};
use crate::payment::iso8583::codec::CodecCell;
use crate::payment::iso8583::dialect::{Dialect, FieldSet, Framing, Mti, WireForm};
use crate::payment::iso8583::field::Field;
use crate::payment::iso8583::header;
use crate::payment::iso8583::number::NumberForm;
use crate::payment::iso8583::response::ResponseCode;
use crate::payment::keys::mac::MacAlgorithm;
use crate::script_error::catalogue::types;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Span};
use crate::script_error::words::Said;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a TPDU.
const TPDU: usize = 5;
/// Bytes a header may have.
const HEADER_MAX: usize = 64;

/// Every dialect that these files declare, bases included, and what is wrong with them.
///
/// A dialect with mistakes is there as far as it could be understood, so that messages written in it give no further findings.
pub fn dialects(units: &[Unit]) -> (Vec<(FileId, Dialect)>, Vec<Finding>) {
    let items: Vec<(FileId, &DialectItem)> = units
        .iter()
        .flat_map(|unit| unit.tree.items.iter().map(|item| (unit.tree.file, &item.kind)))
        .filter_map(|(file, kind)| match kind {
            ItemKind::Dialect(dialect) => Some((file, dialect)),
            _ => None,
        })
        .collect();
    let heads: Vec<(FileId, &Name, Option<&Name>)> =
        items.iter().map(|(file, item)| (*file, &item.name, item.extends.as_ref())).collect();
    let mut findings = Vec::new();
    let family = lineage(&heads, units, types::BAD_DIALECT, &mut findings);
    let mut drafts: BTreeMap<usize, Draft> = BTreeMap::new();
    for (at, base) in &family {
        if let Some((file, item)) = items.get(*at) {
            let above = match base {
                Base::None => None,
                Base::Item(above) => drafts.get(above),
                Base::Unknown => None,
            };
            let complaints = Complaints::new(types::BAD_DIALECT, *file, &mut findings);
            let draft = Builder::new(item, above, *base == Base::Unknown, complaints).build();
            drafts.insert(*at, draft);
        }
    }
    let built =
        drafts.into_iter().filter_map(|(at, draft)| items.get(at).map(|(file, _)| (*file, draft.dialect))).collect();
    (built, findings)
}

/// A dialect in the making.
#[derive(Clone)]
pub(super) struct Draft {
    /// As far as it is understood.
    pub(super) dialect: Dialect,
    /// Fields whose row is wrong. They count as known, so that one mistake is one finding.
    damaged: FieldSet,
    /// True if the base could not be found: then any field may be one of its fields.
    fields_open: bool,
}

impl Draft {
    /// True if the base is missing: then nothing can be said about the whole.
    pub(super) fn is_open(&self) -> bool {
        self.fields_open
    }

    /// May a rule name this field?
    pub(super) fn knows(&self, number: u8) -> bool {
        self.fields_open || self.damaged.contains(number) || self.dialect.field(number).is_some()
    }
}

struct Builder<'a, 'f> {
    item: &'a DialectItem,
    draft: Draft,
    has_form: bool,
    complaints: Complaints<'f>,
}

impl<'a, 'f> Builder<'a, 'f> {
    fn new(
        item: &'a DialectItem,
        above: Option<&Draft>,
        base_unknown: bool,
        complaints: Complaints<'f>,
    ) -> Builder<'a, 'f> {
        let mut draft = above.cloned().unwrap_or_else(|| Draft {
            dialect: Dialect {
                name: String::new(),
                base: None,
                form: WireForm::ASCII,
                framing: Framing::default(),
                fields: Vec::new(),
                messages: Vec::new(),
                approved: Vec::new(),
                reversal: None,
                mac: None,
                table: CodecCell::default(),
            },
            damaged: FieldSet::default(),
            fields_open: base_unknown,
        });
        draft.dialect.name = item.name.text.to_string();
        draft.dialect.base = item.extends.as_ref().map(|base| base.text.to_string());
        Builder { item, has_form: above.is_some() || base_unknown, draft, complaints }
    }

    fn build(mut self) -> Draft {
        self.clauses_once();
        self.fields();
        let mut messages: Vec<&MessageClause> = Vec::new();
        let mut reversal = None;
        for clause in &self.item.clauses {
            match clause {
                DialectClause::Form { form, choices } => self.form(form, choices),
                DialectClause::Framing { length, length_words, tpdu, header, .. } => {
                    self.framing(*length, length_words, tpdu.as_ref(), header.as_ref())
                }
                DialectClause::Approved(codes) => {
                    self.draft.dialect.approved = response_codes(codes, &mut self.complaints);
                }
                DialectClause::Mac(word) => self.mac(word),
                DialectClause::Message(message) => messages.push(message),
                DialectClause::Reversal(clause) => reversal = Some(clause),
                DialectClause::Header(..) | DialectClause::Parts(_) => {}
                DialectClause::Fields(_) | DialectClause::Without(_) => {}
            }
        }
        self.header();
        dialect_parts::add(&mut self.draft, &self.item.clauses, &mut self.complaints);
        if !self.has_form {
            self.complaints.add(
                self.item.name.span,
                "没有基础方言，须写明 form bcd、form ascii 或 form ebcdic",
                "a dialect without a base has to say `form bcd`, `form ascii` or `form ebcdic`",
            );
        }
        dialect_rules::add_messages(&mut self.draft, &messages, &mut self.complaints);
        dialect_rules::add_reversal(&mut self.draft, reversal, &mut self.complaints);
        dialect_rules::agree(&self.draft, self.item, &messages, &mut self.complaints);
        dialect_sense::check(&self.draft, self.item, &messages, reversal, &mut self.complaints);
        self.draft
    }

    /// Every clause but `fields`, `without` and `message` stands once.
    fn clauses_once(&mut self) {
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for clause in &self.item.clauses {
            let (word, span) = match clause {
                DialectClause::Form { form, .. } => ("form", form.span),
                DialectClause::Header(_, span) => ("header", *span),
                DialectClause::Framing { span, .. } => ("framing", *span),
                DialectClause::Approved(codes) => {
                    ("approved", codes.first().map_or(self.item.name.span, |code| code.span))
                }
                DialectClause::Mac(name) => ("mac", name.span),
                DialectClause::Reversal(clause) => ("reversal", clause.mti.span),
                DialectClause::Fields(_)
                | DialectClause::Without(_)
                | DialectClause::Message(_)
                | DialectClause::Parts(_) => continue,
            };
            let Some((_, first)) = seen.iter().find(|(known, _)| *known == word) else {
                seen.push((word, span));
                continue;
            };
            let finding = self
                .complaints
                .detail(span, format!("{word} 写了两次"), format!("`{word}` is there twice"))
                .also(self.complaints.place(*first), "第一次在此", "the first one");
            self.complaints.push(finding);
        }
    }

    fn form(&mut self, word: &Name, choices: &[(Name, Name)]) {
        self.has_form = true;
        match meaning(FORMS, &word.text) {
            Some(form) => self.draft.dialect.form = form,
            None => {
                let known = FORMS.iter().map(|(word, _)| *word);
                let what = Said::new("写法", "form");
                self.complaints.unknown_word(&word.text, word.span, what, known);
            }
        }
        let numbers = || NUMBERS.iter().map(|(word, _)| *word);
        for (what, how) in choices {
            let form = &mut self.draft.dialect.form;
            let good = match what.text.as_str() {
                "bitmap" => meaning(BITMAPS, &how.text).map(|bitmap| form.bitmap = bitmap),
                "lengths" => meaning(NUMBERS, &how.text).map(|lengths| form.lengths = lengths),
                _ => meaning(NUMBERS, &how.text).filter(|mti| *mti != NumberForm::Binary).map(|mti| form.mti = mti),
            };
            if good.is_some() {
                continue;
            }
            let said = Said::new("写法", "way of writing");
            if what.text == "bitmap" {
                self.complaints.unknown_word(&how.text, how.span, said, BITMAPS.iter().map(|(word, _)| *word));
            } else {
                let mti = what.text == "mti";
                let known = numbers().filter(|word| !mti || *word != "binary");
                self.complaints.unknown_word(&how.text, how.span, said, known);
            }
        }
    }

    /// What the header is made of. The parts of the base hold where its header is as long as this one.
    fn header(&mut self) {
        for clause in &self.item.clauses {
            if let DialectClause::Header(rows, span) = clause {
                let parts = dialect_parts::header(rows, *span, &mut self.complaints);
                let (have, takes) = (2 * self.draft.dialect.framing.header.len(), header::width(&parts));
                if have != takes && !parts.is_empty() {
                    self.complaints.add(
                        *span,
                        format!("各部分共 {takes} 个半字节，framing 的报文头却有 {have} 个"),
                        format!("the parts take {takes} half bytes, the header of `framing` has {have}"),
                    );
                }
                self.draft.dialect.framing.header_parts = parts;
            }
        }
    }

    fn mac(&mut self, word: &Name) {
        match MacAlgorithm::parse(&word.text) {
            Some(algorithm) => self.draft.dialect.mac = Some(algorithm),
            None => {
                let known = MacAlgorithm::ALL.iter().map(|algorithm| algorithm.word());
                let what = Said::new(" MAC 算法", "MAC algorithm");
                self.complaints.unknown_word(&word.text, word.span, what, known);
                // Rules that ask for a MAC are right; only the algorithm's name is not.
                self.draft.dialect.mac = Some(MacAlgorithm::CupEcb);
            }
        }
    }

    fn framing(
        &mut self,
        length: Option<(u64, Span)>,
        length_words: &[Name],
        tpdu: Option<&(Vec<u8>, Span)>,
        header: Option<&(Vec<u8>, Span)>,
    ) {
        let mut framing = Framing::default();
        match length {
            None | Some((0, _)) => {}
            Some((bytes @ (2 | 4), _)) => framing.length_bytes = bytes as u8,
            Some((other, span)) => self.complaints.add(
                span,
                format!("报文长度占 0、2 或 4 字节，不是 {other}"),
                format!("the length in front takes 0, 2 or 4 bytes, not {other}"),
            ),
        }
        for word in length_words {
            match meaning(NUMBERS, &word.text) {
                Some(form) => framing.length_form = form,
                None => framing.length_inclusive = true,
            }
        }
        if let Some((bytes, span)) = tpdu {
            if bytes.len() == TPDU {
                framing.tpdu.clone_from(bytes);
            } else {
                self.complaints.add(
                    *span,
                    format!("TPDU 是 {TPDU} 字节，此处有 {}", bytes.len()),
                    format!("a TPDU has {TPDU} bytes, this has {}", bytes.len()),
                );
            }
        }
        if let Some((bytes, span)) = header {
            if bytes.len() <= HEADER_MAX {
                framing.header.clone_from(bytes);
            } else {
                self.complaints.add(
                    *span,
                    format!("报文头最多 {HEADER_MAX} 字节，此处有 {}", bytes.len()),
                    format!("a header has at most {HEADER_MAX} bytes, this has {}", bytes.len()),
                );
            }
        }
        let before = std::mem::take(&mut self.draft.dialect.framing.header_parts);
        if header::width(&before) == 2 * framing.header.len() {
            framing.header_parts = before;
        }
        self.draft.dialect.framing = framing;
    }

    /// The base's fields, without those that `without` names, and the rows of this dialect in their place.
    fn fields(&mut self) {
        let mut fields: BTreeMap<u8, Field> =
            std::mem::take(&mut self.draft.dialect.fields).into_iter().map(|field| (field.number, field)).collect();
        let mut removed: BTreeMap<u8, Span> = BTreeMap::new();
        for clause in &self.item.clauses {
            if let DialectClause::Without(names) = clause {
                for name in names {
                    self.without(*name, &mut fields, &mut removed);
                }
            }
        }
        let mut own: BTreeMap<u8, Span> = BTreeMap::new();
        let mut names: Vec<(String, Span, u8)> = Vec::new();
        for clause in &self.item.clauses {
            let DialectClause::Fields(rows) = clause else {
                continue;
            };
            let at = rows.first().map_or(self.item.name.span, |row| row.span);
            for row in dialect_fields::read(rows, at, &mut self.complaints) {
                let number = row.number;
                if let Some(first) = own.get(&number) {
                    self.twice(number, row.at, *first);
                    continue;
                }
                own.insert(number, row.at);
                if let Some(gone) = removed.get(&number) {
                    let finding = self
                        .complaints
                        .detail(
                            row.at,
                            format!("F{number} 既在 without 中，又在域表中"),
                            format!("F{number} is in `without` and in the table"),
                        )
                        .also(self.complaints.place(*gone), "在此去掉", "taken out here");
                    self.complaints.push(finding);
                }
                match row.field {
                    Some(field) => {
                        names.push((field.name.clone(), row.name_at, number));
                        fields.insert(number, field);
                    }
                    None => {
                        fields.remove(&number);
                        self.draft.damaged.insert(number);
                    }
                }
            }
        }
        self.names_once(names, &fields);
        self.draft.dialect.fields = fields.into_values().collect();
        self.forget(&removed);
    }

    fn twice(&mut self, number: u8, at: Span, first: Span) {
        let finding = self
            .complaints
            .detail(at, format!("F{number} 写了两次"), format!("F{number} is there twice"))
            .also(self.complaints.place(first), "第一次在此", "the first one");
        self.complaints.push(finding);
    }

    /// No two fields may have one name: reports and tools call them by it.
    fn names_once(&mut self, mut own: Vec<(String, Span, u8)>, fields: &BTreeMap<u8, Field>) {
        own.sort_by_key(|(_, _, number)| *number);
        let mut first: BTreeMap<&str, u8> = BTreeMap::new();
        let is_own = |number: u8| own.iter().any(|(_, _, known)| *known == number);
        for field in fields.values().filter(|field| !is_own(field.number)) {
            first.entry(&field.name).or_insert(field.number);
        }
        for (name, at, number) in &own {
            if let Some(other) = first.get(name.as_str()) {
                self.complaints.add(
                    *at,
                    format!("名称 {name} 已属于 F{other}"),
                    format!("the name `{name}` is that of F{other} already"),
                );
            } else {
                first.insert(name, *number);
            }
        }
    }

    fn without(&mut self, name: FieldName, fields: &mut BTreeMap<u8, Field>, removed: &mut BTreeMap<u8, Span>) {
        let number = name.number;
        if let Some(first) = removed.get(&number) {
            self.twice(number, name.span, *first);
        } else if fields.remove(&number).is_some() || self.draft.knows(number) {
            removed.insert(number, name.span);
        } else {
            self.complaints.add(
                name.span,
                format!("基础方言没有 F{number}，无从去掉"),
                format!("the base has no F{number} to take out"),
            );
        }
    }

    /// Takes removed fields out of the rules that come from the base. A rule that cannot do without one is reported,
    /// unless this dialect writes its messages anew.
    fn forget(&mut self, removed: &BTreeMap<u8, Span>) {
        let anew: BTreeSet<Mti> = self
            .item
            .clauses
            .iter()
            .filter_map(|clause| match clause {
                DialectClause::Message(message) => dialect_rules::request_type(&message.mti.text),
                _ => None,
            })
            .collect();
        let rules = &mut self.draft.dialect.messages;
        rules.retain(|rule| !anew.contains(&rule.mti));
        let gone: FieldSet =
            removed.keys().copied().filter(|number| self.draft.dialect.field(*number).is_none()).collect();
        let mut missed: BTreeMap<u8, String> = BTreeMap::new();
        for rule in &mut self.draft.dialect.messages {
            let wanted = rule.needed.0 | rule.reply_needed.0 | rule.match_key.0;
            for number in FieldSet(wanted & gone.0).iter() {
                missed.entry(number).or_insert_with(|| format!("{} {}", rule.mti, rule.name));
            }
            for set in
                [&mut rule.needed, &mut rule.optional, &mut rule.reply_needed, &mut rule.echoed, &mut rule.match_key]
            {
                set.0 &= !gone.0;
            }
        }
        if let Some(reversal) = &mut self.draft.dialect.reversal {
            reversal.copied.0 &= !gone.0;
        }
        for (number, rule) in missed {
            let at = removed.get(&number).copied().unwrap_or(self.item.name.span);
            let finding = self
                .complaints
                .detail(
                    at,
                    format!("基础方言的报文 {rule} 需要 F{number}"),
                    format!("message {rule} of the base needs F{number}"),
                )
                .help(
                    "保留该域，或在本方言中重写这种报文",
                    "keep the field, or write the rules of that message anew in this dialect",
                );
            self.complaints.push(finding);
        }
    }
}

/// Codes of two letters or digits; a wrong one is reported and left out.
pub(super) fn response_codes(names: &[Name], complaints: &mut Complaints<'_>) -> Vec<ResponseCode> {
    let mut codes = Vec::with_capacity(names.len());
    for name in names {
        match response_code(name, complaints) {
            Some(code) if !codes.contains(&code) => codes.push(code),
            _ => {}
        }
    }
    codes
}

/// A code of two letters or digits; a wrong one is reported.
pub(super) fn response_code(name: &Name, complaints: &mut Complaints<'_>) -> Option<ResponseCode> {
    let code = ResponseCode::parse(&name.text);
    if code.is_none() {
        complaints.add(
            name.span,
            format!("“{}”不是应答码：须两位字母或数字", name.text),
            format!("`{}` is no response code: two letters or digits", name.text),
        );
    }
    code
}
