//! JSON lines follow the schema in `docs/`, and the schema is what the tables say.

use super::samples;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tillscript::script_error::catalogue;
use tillscript::script_error::error::{Money, ScriptError};
use tillscript::script_error::json::{self, moment};
use tillscript::script_error::schema::{document, schema};
use tillscript::script_error::source::Sources;

#[test]
fn the_schema_in_docs_is_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/error.schema.json");
    let now = document();
    if fs::read_to_string(&path).unwrap_or_default() == now {
        return;
    }
    if std::env::var_os("TILL_BLESS").is_some() {
        fs::write(&path, now).unwrap();
        return;
    }
    panic!(
        "docs/error.schema.json is not what the tables say; run the tests once with TILL_BLESS=1 and look at the difference"
    );
}

#[test]
fn every_line_follows_the_schema() {
    let schema = schema();
    let mut lines = Vec::new();
    for sample in samples::findings() {
        lines.push(json::finding(&sample.finding, &sample.sources));
    }
    for (error, sources) in
        [samples::timeout(), samples::timeout_stripped(), samples::timeout_without_text(), samples::declared()]
    {
        lines.push(json::script_error(&error, &sources));
    }
    let (declined, sources) = samples::declined();
    lines.push(json::declined(&declined, &sources));
    for row in catalogue::all() {
        for money in Money::ALL {
            lines.push(json::script_error(
                &ScriptError::of(row.code, Vec::new()).with_money(money),
                &Sources::default(),
            ));
        }
    }
    for line in lines {
        assert_eq!(line.matches('\n').count(), 1, "one object a line");
        let value: Value = serde_json::from_str(&line).unwrap();
        if let Err(why) = follows(&value, &schema, &schema, true) {
            panic!("{why}\n{line}");
        }
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let schema = schema();
    let (error, sources) = samples::timeout();
    let good: Value = serde_json::from_str(&json::script_error(&error, &sources)).unwrap();
    assert_eq!(follows(&good, &schema, &schema, true), Ok(()));
    for (key, wrong) in [
        ("money", Value::from("perhaps")),
        ("code", Value::from("T9999")),
        ("v", Value::from(2)),
        ("trace", Value::Null),
        ("at", Value::from(0)),
    ] {
        let mut bad = good.clone();
        bad[key] = wrong;
        assert!(follows(&bad, &schema, &schema, true).is_err(), "{key} may be anything");
    }
    let mut bad = good;
    bad.as_object_mut().unwrap().remove("guidance");
    assert!(follows(&bad, &schema, &schema, true).is_err());
}

/// As much of JSON Schema as ours uses. `closed`: a key that the schema does not name is a mistake of ours.
fn follows(value: &Value, schema: &Value, root: &Value, closed: bool) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.strip_prefix("#/$defs/").ok_or(reference)?;
        return follows(value, root["$defs"].get(name).ok_or_else(|| format!("no $defs/{name}"))?, root, closed);
    }
    if let Some(any) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let results: Vec<_> = any.iter().map(|one| follows(value, one, root, closed)).collect();
        let right = results.iter().filter(|result| result.is_ok()).count();
        let enough = if schema["oneOf"].is_array() { right == 1 } else { right > 0 };
        return if enough { Ok(()) } else { Err(format!("{right} of {} fit: {results:?}", any.len())) };
    }
    if schema.get("const").is_some_and(|only| only != value)
        || schema["enum"].as_array().is_some_and(|known| !known.contains(value))
    {
        return Err(format!("{value} is not {schema}"));
    }
    let right = match schema["type"].as_str() {
        None => true,
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some(other) => return Err(format!("the test does not know the type {other}")),
    };
    if !right || schema["minimum"].as_i64().is_some_and(|least| value.as_i64() < Some(least)) {
        return Err(format!("{value} is not {schema}"));
    }
    if schema["pattern"] == "^E[0-9]{4}$"
        && !value.as_str().is_some_and(|code| code.len() == 5 && code.starts_with('E'))
    {
        return Err(format!("{value} is no code of a script"));
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        let key = required.as_str().unwrap();
        value.get(key).ok_or_else(|| format!("{key} is missing"))?;
    }
    if let (Some(members), Some(_)) = (value.as_object(), schema.get("type")) {
        for (key, member) in members {
            match schema["properties"].get(key).or(schema.get("additionalProperties")) {
                Some(schema) => follows(member, schema, root, closed).map_err(|why| format!("{key}: {why}"))?,
                None if closed => return Err(format!("the schema does not name {key}")),
                None => {}
            }
        }
    }
    for item in value.as_array().into_iter().flatten() {
        follows(item, &schema["items"], root, closed)?;
    }
    Ok(())
}

#[test]
fn moments_are_written_as_the_calendar_has_them() {
    assert_eq!(moment(0), "1970-01-01T00:00:00.000Z");
    assert_eq!(moment(951_782_400_000), "2000-02-29T00:00:00.000Z");
    assert_eq!(moment(1_787_220_672_345), "2026-08-20T10:11:12.345Z");
    assert_eq!(moment(-1), "1969-12-31T23:59:59.999Z");
    assert!(moment(i64::MAX).ends_with('Z') && moment(i64::MIN).ends_with('Z'));
}
