//! The JSON schema of what `json` writes, made from the tables.

use super::catalogue;
use super::code::{FactKind, Layer, Retry, Row};
use super::error::Money;
use super::json::VERSION;
use serde_json::{Map, Value, json};

/// The schema as it stands in `docs/error.schema.json`.
pub fn schema() -> Value {
    let circumstances = [
        ("terminal", nullable(json!({"type": "string"}))),
        ("program", nullable(json!({"type": "string"}))),
        ("at", json!({"type": "string", "description": "When, UTC: 2026-08-20T10:11:12.345Z"})),
        ("request", json!({"type": "integer", "minimum": 0, "description": "The last request the run had given out"})),
    ];
    let finding = object(
        "Found before a run",
        [
            ("v", json!({"const": VERSION})),
            ("kind", json!({"const": "finding"})),
            ("code", reference("code")),
            ("name", json!({"type": "string"})),
            ("layer", reference("layer")),
            ("severity", json!({"enum": ["error", "warning"]})),
            ("title", reference("words")),
            ("location", nullable(reference("location"))),
            ("label", nullable(reference("words"))),
            (
                "labels",
                list(object(
                    "Another place",
                    [("location", nullable(reference("location"))), ("text", reference("words"))],
                )),
            ),
            ("notes", list(reference("words"))),
            ("cures", list(reference("cure"))),
            ("args", reference("args")),
        ],
    );
    let script_error = object(
        "A run ended in an error",
        [
            ("v", json!({"const": VERSION})),
            ("kind", json!({"const": "script_error"})),
            ("code", json!({"anyOf": [reference("code"), {"type": "string", "pattern": "^E[0-9]{4}$"}]})),
            ("name", json!({"type": "string"})),
            ("layer", reference("layer")),
            ("severity", json!({"enum": ["error"]})),
            ("title", reference("words")),
            ("location", nullable(reference("location"))),
            ("money", reference("money")),
            ("args", reference("args")),
            ("trace", list(reference("frame"))),
            ("cause", list(reference("cause"))),
            ("response_code", nullable(json!({"type": "string"}))),
            ("attempts", json!({"type": "integer", "minimum": 0})),
            ("retry", reference("retry")),
            ("guidance", reference("guidance")),
        ]
        .into_iter()
        .chain(circumstances.clone()),
    );
    let declined = object(
        "The host or the issuer said no",
        [
            ("v", json!({"const": VERSION})),
            ("kind", json!({"const": "declined"})),
            ("code", reference("code")),
            ("response_code", json!({"type": "string", "description": "Field 39"})),
            ("response_name", nullable(json!({"type": "string"}))),
            ("category", json!({"type": "string"})),
            ("title", reference("words")),
            ("location", nullable(reference("location"))),
            ("money", reference("money")),
            ("trace", list(reference("frame"))),
            ("retry", reference("retry")),
            ("guidance", reference("guidance")),
        ]
        .into_iter()
        .chain(circumstances),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What till writes with --format json: one object a line",
        "oneOf": [
            reference("finding"), reference("script_error"), reference("declined"), reference("outcome"), reference("test"),
            reference("tests"), reference("format"), reference("mended"), reference("cost"),
        ],
        "$defs": {
            "finding": finding,
            "script_error": script_error,
            "declined": declined,
            "outcome": object("How a run ended, the last line of it", [
                ("v", json!({"const": VERSION})),
                ("kind", json!({"const": "outcome"})),
                ("outcome", json!({"enum": ["done", "approved", "cancelled", "declined", "failed", "power_cut"]})),
                ("money", reference("money")),
                (
                    "transactions",
                    list(object("One transaction of the run that moved money or might have", [
                        ("stan", json!({"type": "string"})),
                        ("money", reference("money")),
                    ])),
                ),
                ("pending_reversals", count(0)),
                ("instructions", count(0)),
                (
                    "books",
                    nullable(books()),
                ),
            ]),
            "test": object("One test of a script", [
                ("v", json!({"const": VERSION})),
                ("kind", json!({"const": "test"})),
                ("file", json!({"type": "string"})),
                ("title", json!({"type": "string"})),
                ("passed", json!({"type": "boolean"})),
                ("power_cuts", count(0)),
                (
                    "failed_power_cut",
                    nullable(object("The request at which it was cut, and whether the world had done it", [
                        ("request", count(1)),
                        ("done", json!({"type": "boolean"})),
                    ])),
                ),
            ]),
            "tests": object("The sum of all tests, the last line of `till test`", [
                ("v", json!({"const": VERSION})),
                ("kind", json!({"const": "tests"})),
                ("passed", count(0)),
                ("failed", count(0)),
                ("books", books()),
                ("inconsistent", list(json!({"type": "string"}))),
                ("open", list(json!({"type": "string"}))),
                ("host_did_not", list(json!({"type": "string"}))),
            ]),
            "mended": object("One place that was mended, or would be with --dry-run; not applied where that would bring new errors", [
                ("v", json!({"const": VERSION})),
                ("kind", json!({"const": "mended"})),
                ("file", json!({"type": "string"})),
                ("code", reference("code")),
                ("line", count(1)),
                ("column", count(1)),
                ("text", reference("words")),
                ("applied", json!({"type": "boolean"})),
                ("written", json!({"type": "boolean"})),
            ]),
            "format": object("One file that was formatted, or would be with --check", [
                ("v", json!({"const": VERSION})),
                ("kind", json!({"const": "format"})),
                ("file", json!({"type": "string"})),
                ("changed", json!({"type": "boolean"})),
                ("written", json!({"type": "boolean"})),
            ]),
            "cost": object("What one public flow can cost at most, with --cost", [
                ("v", json!({"const": VERSION})),
                ("kind", json!({"const": "cost"})),
                ("flow", json!({"type": "string"})),
                ("waits", nullable(json!({
                    "type": "object",
                    "description": "In milliseconds; null for bytecode, which does not say. unknown: what only the run knows, not in the sums",
                }))),
                ("instructions", nullable(json!({"type": "integer", "minimum": 0}))),
                (
                    "instructions_by_size",
                    json!({"type": "integer", "minimum": 0, "description": "More of them with lists and texts at their limits"}),
                ),
                ("instructions_granted", json!({"type": "integer", "minimum": 0})),
                ("loops_over_lists", list(json!({"type": "object"}))),
                ("calls_deep", json!({"type": "integer", "minimum": 0})),
                ("calls_deep_granted", json!({"type": "integer", "minimum": 0})),
                ("registers", json!({"type": "integer", "minimum": 0})),
            ]),
            "words": object("In both languages", [("zh", json!({"type": "string"})), ("en", json!({"type": "string"}))]),
            "args": {
                "type": "object",
                "description": "Named facts, masked; one text, or one for each language. Names by code: see x-facts of the code",
                "additionalProperties": {"anyOf": [{"type": "string"}, reference("words")]},
            },
            "location": object("Where in a source file", [
                ("file", json!({"type": "string"})),
                ("span", object("Bytes from the start of the file", [("start", count(0)), ("end", count(0))])),
                ("line", count(1)),
                ("column", json!({"type": "integer", "minimum": 1, "description": "In characters, from 1, as an editor shows it"})),
                ("utf16_column", json!({"type": "integer", "minimum": 0, "description": "In UTF-16 units, from 0, as the language server protocol counts"})),
                ("end_line", count(1)),
                ("end_column", count(1)),
                ("end_utf16_column", count(0)),
            ]),
            "cure": object("What to do; a machine may apply the edits of a safe one", [
                ("text", reference("words")),
                ("safe", json!({"type": "boolean"})),
                ("by_hand", json!({"type": "boolean", "description": "It decides where the money is: a person puts it in, never a machine"})),
                ("edits", list(object("Replaces a span", [("location", nullable(reference("location"))), ("replacement", json!({"type": "string"}))]))),
            ]),
            "frame": object("One call, innermost first", [
                ("flow", json!({"type": "string"})),
                ("step", nullable(json!({"type": "string"}))),
                ("location", nullable(reference("location"))),
                ("function", count(0)),
                ("pc", count(0)),
                ("values", json!({"type": "object", "description": "Names and values, masked", "additionalProperties": {"type": "string"}})),
            ]),
            "cause": object("What brought it about, nearest first", [
                ("code", json!({"type": "string"})),
                ("name", json!({"type": "string"})),
                ("layer", reference("layer")),
                ("title", reference("words")),
                ("args", reference("args")),
            ]),
            "guidance": object("What each person should do", [
                ("cashier", reference("words")),
                ("cardholder", reference("words")),
                ("support", reference("words")),
            ]),
            "money": {"enum": Money::WORDS.map(Money::word), "description": "What happened to the money"},
            "retry": {"enum": Retry::ALL.map(Retry::word), "description": "Whether trying again can help"},
            "layer": {"enum": Layer::ALL.map(Layer::word)},
            "code": {"oneOf": catalogue::all().map(code).collect::<Vec<_>>()},
        },
    })
}

/// The file's text.
pub fn document() -> String {
    // INVARIANT: a Value always prints.
    let mut text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    text.push('\n');
    text
}

fn code(row: &Row) -> Value {
    let facts: Map<String, Value> =
        row.facts.iter().map(|(name, kind)| (name.to_string(), json!(kind_word(*kind)))).collect();
    json!({"const": row.code.0, "title": row.name, "description": row.title.en, "x-facts": facts})
}

fn kind_word(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Text => "text",
        FactKind::Name => "name",
        FactKind::Count => "count",
        FactKind::Duration => "duration",
        FactKind::Mti => "mti",
        FactKind::Field => "field",
    }
}

fn object<'a>(description: &str, properties: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let properties: Vec<(&str, Value)> = properties.into_iter().collect();
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        properties.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    // Readers have to accept more: within one version things are only added.
    json!({"type": "object", "description": description, "required": required, "properties": properties})
}

/// How terminal and host stand to each other.
fn books() -> Value {
    object(
        "How terminal and host stand to each other, after what moved money or might have",
        [
            ("sales", count(0)),
            ("approved", count(0)),
            ("declined", count(0)),
            ("reversed", count(0)),
            ("unknown", count(0)),
            ("slips", count(0)),
            ("slips_owed", count(0)),
            ("notices_unheard", count(0)),
            ("batch", nullable(json!({"type": "string"}))),
            ("host", nullable(json!({"type": "string"}))),
            ("consistent", nullable(json!({"type": "boolean"}))),
        ],
    )
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn nullable(value: Value) -> Value {
    json!({"anyOf": [value, {"type": "null"}]})
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn count(minimum: u32) -> Value {
    json!({"type": "integer", "minimum": minimum})
}
