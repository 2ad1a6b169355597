//! Findings as one SARIF 2.1.0 document, for code scanning.

use super::catalogue;
use super::code::{Help, Row};
use super::error::ScriptError;
use super::explain::shown_places;
use super::finding::{Cure, Edit, Finding, Severity};
use super::json::harmless;
use super::render::{cure_text, fix_of, title_of};
use super::source::{FileId, Place, Source, Sources};
use super::words::{Language, Said};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

/// Where the form is described.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Where relative addresses begin: at the root of the repository, as code scanning takes it.
const ROOT: &str = "%SRCROOT%";

/// A document while results are added to it.
#[derive(Debug)]
pub struct Document {
    language: Language,
    /// The folder that names of files are relative to, with `/` at its end.
    base: String,
    /// The codes of the results, in the order they came.
    rules: IndexMap<&'static str, &'static Row>,
    results: Vec<Value>,
}

impl Document {
    /// An empty document whose sentences are in one language. Names below `base` are written relative to it.
    pub fn new(language: Language, base: &str) -> Document {
        let mut base = base.replace('\\', "/");
        if !base.is_empty() && !base.ends_with('/') {
            base.push('/');
        }
        // All that can be found before a run, so that a rule keeps its place whatever was found.
        let rules = catalogue::all().filter(|row| matches!(row.help, Help::Author { .. }));
        let rules = rules.map(|row| (row.code.0, row)).collect();
        Document { language, base, rules, results: Vec::new() }
    }

    /// Adds a finding.
    pub fn finding(&mut self, finding: &Finding, sources: &Sources) {
        let mut result = self.result(finding.code.0, finding.severity);
        result.insert("message".into(), json!({ "text": self.message(finding) }));
        let locations: Vec<Value> = self.location(finding.at.place, sources).into_iter().collect();
        result.insert("locations".into(), Value::Array(locations));
        let related: Vec<Value> = finding
            .labels
            .iter()
            .filter_map(|label| {
                let mut location = self.location(label.place, sources)?;
                let fields = location.as_object_mut()?;
                fields.insert("message".into(), json!({ "text": label.text.in_language(self.language) }));
                Some(location)
            })
            .collect();
        if !related.is_empty() {
            result.insert("relatedLocations".into(), Value::Array(related));
        }
        // What a viewer can apply with one key is no edit by hand: those are sentences of the message only.
        let fixes = finding.cures.iter().filter(|cure| !cure.by_hand);
        let fixes: Vec<Value> = fixes.filter_map(|cure| self.fix(cure, sources)).collect();
        if !fixes.is_empty() {
            result.insert("fixes".into(), Value::Array(fixes));
        }
        if finding.cures.iter().any(|cure| cure.by_hand) {
            result.insert("properties".into(), json!({ "byHand": true }));
        }
        self.results.push(Value::Object(result));
    }

    /// Adds why a file could not be read or was refused as a whole.
    pub fn refusal(&mut self, error: &ScriptError, name: &str) {
        let Some(row) = catalogue::find(&error.code) else { return };
        let mut result = self.result(row.code.0, Severity::Error);
        let text = format!(
            "{}\n{}",
            error.title.in_language(self.language),
            error.guidance.support.in_language(self.language)
        );
        result.insert("message".into(), json!({ "text": text }));
        let place = json!({ "artifactLocation": self.artifact(name), "region": { "startLine": 1 } });
        result.insert("locations".into(), json!([{ "physicalLocation": place }]));
        self.results.push(Value::Object(result));
    }

    /// The whole document, ending in a line break.
    pub fn finish(self) -> String {
        let rules: Vec<Value> = self.rules.values().map(|row| rule(row, self.language)).collect();
        let document = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "till",
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                } },
                "language": match self.language { Language::Zh => "zh-CN", Language::En => "en-US" },
                "columnKind": "utf16CodeUnits",
                "results": self.results,
            }],
        });
        // INVARIANT: strings, numbers and lists only, which always serialize.
        let mut text = harmless(&serde_json::to_string_pretty(&document).unwrap_or_default());
        text.push('\n');
        text
    }

    /// What every result begins with.
    fn result(&mut self, code: &'static str, severity: Severity) -> Map<String, Value> {
        if let Some(row) = catalogue::find(code) {
            self.rules.entry(code).or_insert(row);
        }
        let mut result = Map::new();
        result.insert("ruleId".into(), json!(code));
        if let Some(index) = self.rules.get_index_of(code) {
            result.insert("ruleIndex".into(), json!(index));
        }
        let level = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        result.insert("level".into(), json!(level));
        result
    }

    /// The title, what the place is, why, and what to do: the first line stands alone.
    fn message(&self, finding: &Finding) -> String {
        let said = |said: &Said| said.in_language(self.language).to_string();
        let mut lines = vec![title_of(finding, self.language), said(&finding.at.text)];
        lines.extend(finding.notes.iter().map(said));
        lines.extend(finding.cures.iter().map(|cure| cure_text(cure, self.language)));
        if finding.cures.is_empty() {
            lines.extend(fix_of(finding, self.language));
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    fn location(&self, place: Place, sources: &Sources) -> Option<Value> {
        let source = sources.file(place.file)?;
        Some(json!({ "physicalLocation": {
            "artifactLocation": self.artifact(&source.name),
            "region": region(source, place),
        } }))
    }

    /// A cure as replacements, file by file; `None` if it has none, or touches a file that is not the author's.
    fn fix(&self, cure: &Cure, sources: &Sources) -> Option<Value> {
        let mut files: IndexMap<FileId, Vec<&Edit>> = IndexMap::new();
        cure.edits.iter().for_each(|edit| files.entry(edit.place.file).or_default().push(edit));
        let mut changes = Vec::new();
        for (file, edits) in files {
            let source = sources.file(file).filter(|source| !source.name.starts_with("library/"))?;
            let replacements: Vec<Value> = edits
                .iter()
                .map(|edit| {
                    json!({
                        "deletedRegion": region(source, edit.place),
                        "insertedContent": { "text": edit.replacement },
                    })
                })
                .collect();
            changes.push(json!({ "artifactLocation": self.artifact(&source.name), "replacements": replacements }));
        }
        (!changes.is_empty()).then(|| {
            json!({
                "description": { "text": cure.text.in_language(self.language) },
                "artifactChanges": changes,
            })
        })
    }

    /// A file's address: relative to the root where it lies below it.
    fn artifact(&self, name: &str) -> Value {
        let name = name.replace('\\', "/");
        let mut inside =
            if self.base.is_empty() { name.as_str() } else { name.strip_prefix(&self.base).unwrap_or(&name) };
        while let Some(rest) = inside.strip_prefix("./") {
            inside = rest;
        }
        if inside.starts_with('/') {
            return json!({ "uri": format!("file://{}", encoded(inside)) });
        }
        json!({ "uri": encoded(inside), "uriBaseId": ROOT })
    }
}

/// Lines and columns count from 1, columns in UTF-16 units; the end is one past the last.
fn region(source: &Source, place: Place) -> Value {
    if source.text.is_none() {
        return json!({ "startLine": 1 });
    }
    let (start, end) = (source.position(place.span.start), source.position(place.span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.utf16 + 1,
        "endLine": end.line,
        "endColumn": end.utf16 + 1,
    })
}

/// What is said of a code whatever the place, in the reader's language, and in both for whoever shows the other.
fn rule(row: &Row, language: Language) -> Value {
    let help = match row.help {
        Help::Author { fix } => fix,
        Help::People { support, .. } => support,
    };
    let title = |language| shown_places(row, row.title, language);
    let help = |language| shown_places(row, help, language);
    let both = |language| json!({ "title": title(language), "about": row.about.in_language(language), "help": help(language) });
    json!({
        "id": row.code.0,
        "name": row.name,
        "shortDescription": { "text": title(language) },
        "fullDescription": { "text": row.about.in_language(language) },
        "help": { "text": help(language) },
        "properties": { "tags": [row.layer.word()], "zh": both(Language::Zh), "en": both(Language::En) },
    })
}

/// A path as part of an address: what is not a plain letter, digit or sign is written as its bytes.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
