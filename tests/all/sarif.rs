//! `--format sarif`: the document has the shape SARIF 2.1.0 asks for, and says where everything is.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tillscript::script_error::catalogue;
use tillscript::script_error::code::Help;

fn document(folder: &Path, words: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_till"))
        .args(["check", "--format", "sarif"])
        .args(words)
        .current_dir(folder)
        .env_remove("TILL_LANG")
        .env("LC_ALL", "C")
        .output()
        .expect("till runs");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one document")
}

/// A checker of the shape: the objects of the standard that we write, each with its required and its known properties.
mod shape {
    use serde_json::{Map, Value};

    /// What is wrong, and where in the document.
    pub(super) type Wrong = Vec<String>;

    fn object<'v>(
        value: &'v Value,
        at: &str,
        known: &[&str],
        required: &[&str],
        wrong: &mut Wrong,
    ) -> Option<&'v Map<String, Value>> {
        let Some(fields) = value.as_object() else {
            wrong.push(format!("{at} is no object"));
            return None;
        };
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            wrong.push(format!("{at}.{name} is unknown"));
        }
        for name in required.iter().filter(|name| !fields.contains_key(**name)) {
            wrong.push(format!("{at}.{name} is missing"));
        }
        Some(fields)
    }

    fn list<'v>(value: Option<&'v Value>, at: &str, wrong: &mut Wrong) -> Vec<(String, &'v Value)> {
        match value {
            None => Vec::new(),
            Some(Value::Array(values)) => {
                values.iter().enumerate().map(|(index, value)| (format!("{at}[{index}]"), value)).collect()
            }
            Some(_) => {
                wrong.push(format!("{at} is no list"));
                Vec::new()
            }
        }
    }

    fn text(value: Option<&Value>, at: &str, wrong: &mut Wrong) {
        if value.is_none_or(|value| value.as_str().is_none_or(str::is_empty)) {
            wrong.push(format!("{at} is no text, or empty"));
        }
    }

    fn message(value: Option<&Value>, at: &str, wrong: &mut Wrong) {
        let Some(fields) =
            value.and_then(|value| object(value, at, &["text", "markdown", "id", "arguments"], &["text"], wrong))
        else {
            return;
        };
        text(fields.get("text"), &format!("{at}.text"), wrong);
    }

    pub(super) fn log(value: &Value) -> Wrong {
        let mut wrong = Vec::new();
        let Some(log) = object(value, "log", &["$schema", "version", "runs"], &["version", "runs"], &mut wrong) else {
            return wrong;
        };
        if log.get("version").and_then(Value::as_str) != Some("2.1.0") {
            wrong.push("log.version".to_string());
        }
        for (at, run) in list(log.get("runs"), "runs", &mut wrong) {
            let known = ["tool", "language", "columnKind", "results"];
            let Some(run) = object(run, &at, &known, &["tool", "results"], &mut wrong) else { continue };
            if run.get("columnKind").and_then(Value::as_str) != Some("utf16CodeUnits") {
                wrong.push(format!("{at}.columnKind"));
            }
            let rules = tool(run.get("tool").unwrap_or(&Value::Null), &at, &mut wrong);
            for (at, result) in list(run.get("results"), &format!("{at}.results"), &mut wrong) {
                self::result(result, &at, &rules, &mut wrong);
            }
        }
        wrong
    }

    fn tool(value: &Value, at: &str, wrong: &mut Wrong) -> Vec<String> {
        let at = format!("{at}.tool");
        let Some(tool) = object(value, &at, &["driver"], &["driver"], wrong) else { return Vec::new() };
        let known = ["name", "version", "semanticVersion", "rules"];
        let driver = object(tool.get("driver").unwrap_or(&Value::Null), &at, &known, &["name"], wrong);
        let Some(driver) = driver else { return Vec::new() };
        text(driver.get("name"), &format!("{at}.name"), wrong);
        let mut ids = Vec::new();
        for (at, rule) in list(driver.get("rules"), &format!("{at}.rules"), wrong) {
            let known = ["id", "name", "shortDescription", "fullDescription", "help", "properties"];
            let Some(rule) = object(rule, &at, &known, &["id"], wrong) else { continue };
            text(rule.get("id"), &format!("{at}.id"), wrong);
            for part in ["shortDescription", "fullDescription", "help"] {
                message(rule.get(part), &format!("{at}.{part}"), wrong);
            }
            ids.push(rule.get("id").and_then(Value::as_str).unwrap_or_default().to_string());
        }
        let mut once = ids.clone();
        once.sort();
        once.dedup();
        if once.len() != ids.len() {
            wrong.push(format!("{at}: a rule stands twice"));
        }
        ids
    }

    fn result(value: &Value, at: &str, rules: &[String], wrong: &mut Wrong) {
        let known = ["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "fixes", "properties"];
        let Some(result) = object(value, at, &known, &["message", "ruleId", "locations"], wrong) else { return };
        let index = result.get("ruleIndex").and_then(Value::as_u64).and_then(|index| rules.get(index as usize));
        if index.map(String::as_str) != result.get("ruleId").and_then(Value::as_str) {
            wrong.push(format!("{at}.ruleIndex does not lead to its rule"));
        }
        if !matches!(result.get("level").and_then(Value::as_str), Some("none" | "note" | "warning" | "error")) {
            wrong.push(format!("{at}.level"));
        }
        message(result.get("message"), &format!("{at}.message"), wrong);
        let places = list(result.get("locations"), &format!("{at}.locations"), wrong);
        if places.is_empty() {
            wrong.push(format!("{at} has no location"));
        }
        for (at, place) in
            places.into_iter().chain(list(result.get("relatedLocations"), &format!("{at}.related"), wrong))
        {
            location(place, &at, wrong);
        }
        for (at, fix) in list(result.get("fixes"), &format!("{at}.fixes"), wrong) {
            let Some(fix) = object(fix, &at, &["description", "artifactChanges"], &["artifactChanges"], wrong) else {
                continue;
            };
            message(fix.get("description"), &format!("{at}.description"), wrong);
            let changes = list(fix.get("artifactChanges"), &format!("{at}.changes"), wrong);
            if changes.is_empty() {
                wrong.push(format!("{at} changes nothing"));
            }
            for (at, change) in changes {
                let required = ["artifactLocation", "replacements"];
                let Some(change) = object(change, &at, &required, &required, wrong) else { continue };
                artifact(change.get("artifactLocation").unwrap_or(&Value::Null), &at, wrong);
                let replacements = list(change.get("replacements"), &format!("{at}.replacements"), wrong);
                if replacements.is_empty() {
                    wrong.push(format!("{at} replaces nothing"));
                }
                for (at, replacement) in replacements {
                    let known = ["deletedRegion", "insertedContent"];
                    let Some(fields) = object(replacement, &at, &known, &["deletedRegion"], wrong) else { continue };
                    region(fields.get("deletedRegion").unwrap_or(&Value::Null), &at, wrong);
                    if !fields.get("insertedContent").is_none_or(|content| content["text"].is_string()) {
                        wrong.push(format!("{at}.insertedContent"));
                    }
                }
            }
        }
    }

    fn location(value: &Value, at: &str, wrong: &mut Wrong) {
        let Some(place) = object(value, at, &["id", "physicalLocation", "message"], &["physicalLocation"], wrong)
        else {
            return;
        };
        let known = ["artifactLocation", "region"];
        let Some(place) = object(place.get("physicalLocation").unwrap_or(&Value::Null), at, &known, &known, wrong)
        else {
            return;
        };
        artifact(place.get("artifactLocation").unwrap_or(&Value::Null), at, wrong);
        region(place.get("region").unwrap_or(&Value::Null), at, wrong);
    }

    fn artifact(value: &Value, at: &str, wrong: &mut Wrong) {
        let Some(fields) = object(value, at, &["uri", "uriBaseId"], &["uri"], wrong) else { return };
        let uri = fields.get("uri").and_then(Value::as_str).unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%:".contains(&byte);
        if uri.is_empty() || !uri.bytes().all(plain) {
            wrong.push(format!("{at}: `{uri}` is no address"));
        }
        // Code scanning finds files by addresses relative to the repository.
        if uri.starts_with('/') || fields.contains_key("uriBaseId") == uri.starts_with("file:") {
            wrong.push(format!("{at}: `{uri}` is neither relative nor whole"));
        }
    }

    fn region(value: &Value, at: &str, wrong: &mut Wrong) {
        let known = ["startLine", "startColumn", "endLine", "endColumn"];
        let Some(fields) = object(value, at, &known, &["startLine"], wrong) else { return };
        let number = |name: &str| fields.get(name).map(|value| value.as_u64().unwrap_or(0));
        if known.iter().filter_map(|name| number(name)).any(|number| number == 0) {
            wrong.push(format!("{at}: lines and columns count from 1"));
        }
        let start = (number("startLine"), number("startColumn"));
        let end = (number("endLine"), number("endColumn"));
        if end.0.is_some() && end < start {
            wrong.push(format!("{at} ends before it begins"));
        }
    }
}

#[test]
fn the_document_of_every_page_has_the_shape_of_the_standard() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for words in [&["tests/check", "tests/parse"][..], &["--lang", "zh", "tests/check"], &["scripts"]] {
        let document = document(root, words);
        let wrong = shape::log(&document);
        assert!(wrong.is_empty(), "{words:?}: {:#?}", wrong.iter().take(20).collect::<Vec<_>>());
        let results = document["runs"][0]["results"].as_array().expect("results").len();
        assert!(if words == ["scripts"] { results == 0 } else { results > 100 }, "{words:?}: {results}");
    }
}

#[test]
fn rules_are_the_catalogue_in_both_languages() {
    let folder = std::env::temp_dir();
    let document = document(&folder, &["nosuch-file.till"]);
    assert_eq!(shape::log(&document), Vec::<String>::new());
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for row in catalogue::all().filter(|row| matches!(row.help, Help::Author { .. })) {
        let rule =
            rules.iter().find(|rule| rule["id"] == row.code.0).unwrap_or_else(|| panic!("{} is missing", row.code));
        assert_eq!(rule["name"], row.name);
        assert_eq!(rule["properties"]["zh"]["about"], row.about.zh);
        assert_eq!(rule["properties"]["en"]["about"], row.about.en);
        assert_eq!(rule["fullDescription"]["text"], row.about.en);
    }
    // A file that cannot be read is a result too, under a rule that stands behind the others.
    assert_eq!(run["results"][0]["ruleId"], "T7005");
    assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "nosuch-file.till");
}

#[test]
fn places_labels_and_cures_are_where_an_editor_looks() {
    let folder = std::env::temp_dir().join(format!("till-sarif-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("店 一")).expect("a folder");
    // A sign of two UTF-16 units and Chinese ones stand before the place.
    let text = "\u{FEFF}flow f（a: Text） -> Text {\n  return \"😀金额\" + b\n}\n";
    fs::write(folder.join("店 一/销售.till"), text).expect("a script");
    for base in [".", &folder.display().to_string()] {
        let document = document(&folder, &[base]);
        assert_eq!(shape::log(&document), Vec::<String>::new());
        let results = document["runs"][0]["results"].as_array().expect("results");
        let wide = &results[0];
        assert_eq!(wide["ruleId"], "T0002");
        let place = &wide["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "%E5%BA%97%20%E4%B8%80/%E9%94%80%E5%94%AE.till");
        assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
        let region = serde_json::json!({ "startLine": 1, "startColumn": 7, "endLine": 1, "endColumn": 8 });
        assert_eq!(place["region"], region);
        assert_eq!(wide["relatedLocations"][0]["physicalLocation"]["region"]["startColumn"], 15);
        let change = &wide["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["replacements"][0]["deletedRegion"], region);
        assert_eq!(change["replacements"][0]["insertedContent"]["text"], "(");
        let name = results
            .iter()
            .find(|result| result["locations"][0]["physicalLocation"]["region"]["startLine"] == 2)
            .expect("line 2");
        let column = &name["locations"][0]["physicalLocation"]["region"]["startColumn"];
        // `  return "` is ten columns, the sign two, the words two.
        assert!(column == 10 || column == 19, "{name}");
    }
    let _ = fs::remove_dir_all(&folder);
}
