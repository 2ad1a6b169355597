//! Texts, errors and slips: every sentence in both languages, with the same values.

use super::body::Body;
use super::declarations::Declarations;
use super::literal;
use super::scope::Declared;
use crate::language::syntax::tree::{
    Bilingual, ErrorItem, ExpressionKind, Name, Parameter, ReceiptLine, StringLiteral, StringPart, TextItem,
};
use crate::script_error::catalogue::{flow, secrets as codes_of_secrets, types as codes};
use crate::script_error::code::{Fact, Layer};
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::nearest::nearest;
use crate::script_error::source::{FileId, Place, Span};
use crate::script_error::words::{Audience, Said};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A value in a sentence: the name it starts with, and where.
struct Used {
    name: SmolStr,
    span: Span,
}

impl Body<'_> {
    /// A text: its sentences and the values in them.
    pub(crate) fn text_item(&mut self, item: &TextItem) {
        self.bilingual(&item.words, &item.name.text, item.name.span, &item.parameters);
    }

    /// The lines of a slip.
    pub(crate) fn receipt_lines(&mut self, name: &Name, parameters: &[Parameter], lines: &[ReceiptLine]) {
        for line in lines {
            match line {
                ReceiptLine::Centre(words) | ReceiptLine::Line(words) => {
                    self.printed(words, name, parameters);
                }
                ReceiptLine::Row(words, value) => {
                    self.printed(words, name, parameters);
                    let ty = self.infer(value, None);
                    // A row whose value is missing is left out of the slip.
                    let shown = super::expression::without_optional(&ty).clone();
                    self.sink = Some(receipt_sink(name.span));
                    self.printable(value, &shown);
                    self.sink = None;
                }
                ReceiptLine::Rule(_) | ReceiptLine::Space(_) => {}
                ReceiptLine::If { condition, then, otherwise } => {
                    let truths = self.condition(condition);
                    self.narrowing(&truths.when_true, |body| {
                        body.receipt_lines(name, parameters, then);
                    });
                    self.narrowing(&truths.when_false, |body| {
                        body.receipt_lines(name, parameters, otherwise);
                    });
                }
            }
        }
    }

    fn printed(&mut self, words: &Bilingual, name: &Name, parameters: &[Parameter]) {
        let before = self.all_sinks(Some(name.span));
        self.bilingual(words, &name.text, words.span, parameters);
        self.all_sinks(before);
    }

    fn all_sinks(&mut self, to: Option<Span>) -> Option<Span> {
        std::mem::replace(&mut self.slip, to)
    }

    /// A sentence in both languages.
    fn bilingual(&mut self, words: &Bilingual, name: &str, at: Span, parameters: &[Parameter]) {
        missing_languages(self.file, words, name, at, self.findings);
        if let (Some(zh), Some(en)) = (&words.zh, &words.en) {
            let zh_used = used(zh);
            let en_used = used(en);
            if let Some(finding) = placeholders(self.file, name, parameters, (zh, &zh_used), (en, &en_used)) {
                self.report(finding);
                // The values that are wrong were just said to be.
                let before = self.findings.len();
                self.sentence(zh);
                self.sentence(en);
                let new = self.findings.split_off(before);
                self.findings.extend(new.into_iter().filter(|finding| finding.code != codes::UNKNOWN_NAME));
                return;
            }
        }
        for words in [&words.zh, &words.en].into_iter().flatten() {
            self.sentence(words);
        }
    }

    fn sentence(&mut self, words: &StringLiteral) {
        self.sink = self.slip.map(receipt_sink);
        self.string(words);
        self.sink = None;
    }
}

fn receipt_sink(span: Span) -> super::body::Sink {
    super::body::Sink { name: "receipt".into(), span, how: super::body::How::Shown }
}

/// Reports the language a sentence lacks.
fn missing_languages(file: FileId, words: &Bilingual, name: &str, at: Span, findings: &mut Vec<Finding>) {
    for (language, has) in [("zh", words.zh.is_some()), ("en", words.en.is_some())] {
        if !has {
            findings.push(
                Finding::error(flow::LANGUAGE_MISSING, Place { file, span: at })
                    .text("language", language)
                    .text("name", name),
            );
        }
    }
}

/// The names of the values in a sentence. A value that starts with no name is not among them.
fn used(words: &StringLiteral) -> Vec<Used> {
    let mut found: Vec<Used> = Vec::new();
    let mut seen: BTreeSet<SmolStr> = BTreeSet::new();
    for part in &words.parts {
        if let StringPart::Value(value) = part {
            names_in(value, value.span, &mut found);
        }
    }
    found.retain(|used| seen.insert(used.name.clone()));
    found
}

/// The names a value is made of. Calls count by their arguments: the two languages may call different tables.
fn names_in(value: &crate::language::syntax::tree::Expression, span: Span, found: &mut Vec<Used>) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match &value.kind {
            ExpressionKind::Call { arguments, .. } => {
                open.extend(arguments.iter().map(|argument| &argument.value));
            }
            ExpressionKind::Unary { operand, .. } => open.push(operand),
            ExpressionKind::Binary { left, right, .. } => open.extend([left.as_ref(), right]),
            _ => {
                if let Some(name) = literal::root(value) {
                    found.push(Used { name, span });
                }
            }
        }
    }
}

/// The finding for two sentences that do not use the same values.
fn placeholders(
    file: FileId,
    name: &str,
    parameters: &[Parameter],
    (zh, zh_used): (&StringLiteral, &[Used]),
    (en, en_used): (&StringLiteral, &[Used]),
) -> Option<Finding> {
    let names = |used: &[Used]| -> BTreeSet<SmolStr> { used.iter().map(|used| used.name.clone()).collect() };
    let (in_zh, in_en) = (names(zh_used), names(en_used));
    let only_zh: Vec<&Used> = zh_used.iter().filter(|used| !in_en.contains(&used.name)).collect();
    let only_en: Vec<&Used> = en_used.iter().filter(|used| !in_zh.contains(&used.name)).collect();
    if only_zh.is_empty() && only_en.is_empty() {
        return None;
    }
    let is_parameter = |name: &str| parameters.iter().any(|known| known.name.text == name);
    let unknown = |used: &&&Used| !is_parameter(&used.name);
    let all = || only_zh.iter().chain(&only_en);
    let first = all().find(unknown).or_else(|| all().next())?;
    let place = |span: Span| Place { file, span };
    let mut finding = Finding::error(flow::PLACEHOLDERS_DIFFER, place(first.span)).text("name", name);
    let mut edits = Vec::new();
    if is_parameter(&first.name) {
        let (in_language, missing_in) = if in_zh.contains(&first.name) { ("zh", "en") } else { ("en", "zh") };
        finding = finding.label(
            format!("{in_language} 中有，{missing_in} 中缺"),
            format!("used in {in_language}, missing in {missing_in}"),
        );
    } else {
        finding = finding.label(format!("没有参数 {}", first.name), format!("no parameter `{}`", first.name));
    }
    // A parameter that only the other language uses is probably what the unknown one should be.
    let open = |used: &BTreeSet<SmolStr>| {
        let mut unused = parameters.iter().filter(|known| !used.contains(&known.name.text));
        unused.next().map(|known| &known.name)
    };
    if !is_parameter(&first.name) {
        let here = if in_zh.contains(&first.name) { &in_zh } else { &in_en };
        let near = nearest(&first.name, parameters.iter().map(|known| known.name.text.as_str()));
        let meant = near
            .and_then(|near| parameters.iter().find(|known| known.name.text == near))
            .map(|known| &known.name)
            .or_else(|| open(here));
        if let Some(meant) = meant {
            finding = finding.also(
                place(meant.span),
                format!("是否指 {}？", meant.text),
                format!("did you mean `{}`?", meant.text),
            );
            edits.push(Edit { place: place(first.span), replacement: meant.text.to_string() });
        }
    }
    for (used, text, other) in [(&only_zh, en, ("zh", "en")), (&only_en, zh, ("en", "zh"))] {
        for used in used.iter().filter(|used| is_parameter(&used.name)) {
            let renamed = edits.iter().any(|edit| edit.replacement == used.name.as_str());
            if !std::ptr::eq::<Used>(*used, *first) && !renamed {
                finding = finding.also(
                    place(used.span),
                    format!("{} 中有，{} 中缺", other.0, other.1),
                    format!("used in {}, missing in {}", other.0, other.1),
                );
            }
            if !renamed {
                let end = text.span.end.saturating_sub(1);
                edits.push(Edit { place: place(Span { start: end, end }), replacement: format!(" {{{}}}", used.name) });
            }
        }
    }
    if edits.is_empty() {
        return Some(finding);
    }
    Some(finding.edits(edits, false, "使用相同的占位", "use the same placeholders"))
}

/// Checks every declared error and fills its sentences.
pub(crate) fn errors(all: &mut Declarations<'_>, findings: &mut Vec<Finding>) {
    let mut taken: BTreeMap<SmolStr, Place> = BTreeMap::new();
    for unit in all.units {
        let file = unit.tree.file;
        for (at, item) in unit.tree.items.iter().enumerate() {
            let crate::language::syntax::tree::ItemKind::Error(error) = &item.kind else {
                continue;
            };
            let Some(Declared::Error(id)) = all.numbers.get(&(file, at)).copied() else {
                continue;
            };
            code(file, error, &mut taken, findings);
            layer(file, &error.layer, findings);
            secrets(all, file, error, id, findings);
            sentences(all, file, error, id, findings);
        }
    }
}

fn code(file: FileId, error: &ErrorItem, taken: &mut BTreeMap<SmolStr, Place>, findings: &mut Vec<Finding>) {
    let place = Place { file, span: error.code.span };
    let text = error.code.text.as_str();
    let digits = text.strip_prefix('E').unwrap_or_default();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        findings.push(Finding::error(flow::BAD_ERROR_CODE, place).text("code", text));
        return;
    }
    match taken.get(text) {
        Some(first) => findings.push(Finding::error(flow::CODE_TAKEN, place).text("code", text).also(
            *first,
            "先用在此处",
            "first used here",
        )),
        None => {
            taken.insert(error.code.text.clone(), place);
        }
    }
}

fn layer(file: FileId, layer: &Name, findings: &mut Vec<Finding>) {
    if Layer::of_script(&layer.text).is_some() {
        return;
    }
    let words = Layer::OF_SCRIPTS.map(Layer::word);
    let place = Place { file, span: layer.span };
    let finding = Finding::error(codes::UNKNOWN_NAME, place)
        .text("name", layer.text.as_str())
        .label("不是错误的层", "not a layer of errors");
    findings.push(match nearest(&layer.text, words) {
        Some(meant) => finding.did_you_mean(layer.span, meant),
        None => finding.note(format!("可用：{}", words.join("、")), format!("there are: {}", words.join(", "))),
    });
}

fn secrets(all: &Declarations<'_>, file: FileId, error: &ErrorItem, id: u16, findings: &mut Vec<Finding>) {
    let Some(declared) = all.errors.get(usize::from(id)) else {
        return;
    };
    for (parameter, (_, ty)) in error.parameters.iter().zip(&declared.parameters) {
        let place = Place { file, span: parameter.ty.span };
        let written = all.types.written(ty);
        if all.levels.of_type(ty).is_secret() {
            let what = super::type_words::sensitive(&all.types, ty);
            findings.push(
                Finding::error(codes_of_secrets::SECRET_IN_ERROR, place)
                    .fact("what", Fact::Said(what))
                    .label(format!("{written} 属敏感数据"), format!("{written} is sensitive"))
                    .text("name", parameter.name.text.as_str()),
            );
        } else if !literal::is_printable(&all.types, ty) {
            findings.push(
                Finding::error(codes::TYPE_MISMATCH, place)
                    .fact("expected", Fact::Said(Said::new("可写成文字的值", "a value that can be written as text")))
                    .text("found", written)
                    .label("错误的内容要写进句子", "facts of an error are written into sentences"),
            );
        }
    }
}

/// The parts of an error's guidance: for each of the three people, and a title.
const PARTS: [&str; 4] = ["title", "cashier", "cardholder", "support"];

fn sentences(all: &mut Declarations<'_>, file: FileId, error: &ErrorItem, id: u16, findings: &mut Vec<Finding>) {
    let mut said: BTreeMap<&str, (Said, Span)> = BTreeMap::new();
    for (part, words) in &error.guidance {
        let word = part.text.as_str();
        let Some(known) = PARTS.into_iter().find(|known| *known == word) else {
            findings.push(
                Finding::error(codes::UNKNOWN_NAME, Place { file, span: part.span })
                    .text("name", word)
                    .note(format!("可用：{}", PARTS.join("、")), format!("there are: {}", PARTS.join(", "))),
            );
            continue;
        };
        if let Some((_, first)) = said.get(known) {
            let first = Place { file, span: *first };
            findings.push(super::declare::twice(file, part, first));
            continue;
        }
        let name = format!("{} {word}", error.name.text);
        missing_languages(file, words, &name, part.span, findings);
        facts_only(file, error, words, findings);
        if let (Some(zh), Some(en)) = (&words.zh, &words.en) {
            let (zh_used, en_used) = (used(zh), used(en));
            let known_names =
                |used: &[Used]| used.iter().all(|used| error.parameters.iter().any(|p| p.name.text == used.name));
            // An unknown name was said to be unknown; it is not said again as a difference.
            if known_names(&zh_used) && known_names(&en_used) {
                findings.extend(placeholders(file, &name, &error.parameters, (zh, &zh_used), (en, &en_used)));
            }
        }
        let sentence = |words: &Option<StringLiteral>| words.as_ref().map_or(String::new(), template);
        said.insert(known, (Said::new(sentence(&words.zh), sentence(&words.en)), part.span));
    }
    for audience in Audience::ALL {
        let word = audience_word(audience);
        if !said.contains_key(word) {
            findings.push(
                Finding::error(flow::AUDIENCE_MISSING, Place { file, span: error.name.span })
                    .fact("audience", Fact::Said(audience_name(audience)))
                    .text("name", error.name.text.as_str()),
            );
        }
    }
    let mut take = |word: &str| said.remove(word).map(|(said, _)| said);
    let (title, cashier, cardholder, support) = (
        take("title"),
        take("cashier").unwrap_or_default(),
        take("cardholder").unwrap_or_default(),
        take("support").unwrap_or_default(),
    );
    if let Some(declared) = all.errors.get_mut(usize::from(id)) {
        declared.title = title.unwrap_or_else(|| cashier.clone());
        declared.cashier = cashier;
        declared.cardholder = cardholder;
        declared.support = support;
    }
}

/// Reports values in guidance that are not facts of the error.
fn facts_only(file: FileId, error: &ErrorItem, words: &Bilingual, findings: &mut Vec<Finding>) {
    let mut said: BTreeSet<SmolStr> = BTreeSet::new();
    for words in [&words.zh, &words.en].into_iter().flatten() {
        for part in &words.parts {
            let StringPart::Value(value) = part else {
                continue;
            };
            let name = match &value.kind {
                ExpressionKind::Name(name) => name.clone(),
                _ => SmolStr::default(),
            };
            let known = error.parameters.iter().any(|p| p.name.text == name);
            if known || said.contains(&name) {
                continue;
            }
            said.insert(name.clone());
            let place = Place { file, span: value.span };
            let shown = if name.is_empty() {
                super::body::path(value).unwrap_or_else(|| "{…}".to_string())
            } else {
                name.to_string()
            };
            let finding = Finding::error(codes::UNKNOWN_NAME, place)
                .text("name", shown)
                .label("这里只能写错误自己的内容", "only the error's own facts may stand here");
            let names = error.parameters.iter().map(|p| p.name.text.as_str());
            findings.push(match nearest(&name, names) {
                Some(meant) => finding.did_you_mean(value.span, meant),
                None => finding,
            });
        }
    }
}

/// A sentence with its values as `{fact}` places.
fn template(words: &StringLiteral) -> String {
    words
        .parts
        .iter()
        .map(|part| match part {
            StringPart::Text(text) => text.to_string(),
            StringPart::Value(value) => match &value.kind {
                ExpressionKind::Name(name) => format!("{{{name}}}"),
                _ => "?".to_string(),
            },
        })
        .collect()
}

fn audience_word(audience: Audience) -> &'static str {
    match audience {
        Audience::Cashier => "cashier",
        Audience::Cardholder => "cardholder",
        Audience::Support => "support",
    }
}

fn audience_name(audience: Audience) -> Said {
    match audience {
        Audience::Cashier => Said::new("收银员（cashier）", "cashier"),
        Audience::Cardholder => Said::new("持卡人（cardholder）", "cardholder"),
        Audience::Support => Said::new("技术支持（support）", "support"),
    }
}
