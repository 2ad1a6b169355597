//! `@allow(…)`, `@every_crash_point`.

use crate::language::syntax::tree::{Annotation, ExpressionKind};
use crate::script_error::catalogue;
use crate::script_error::catalogue::{source, types};
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place};
use smol_str::SmolStr;

/// Adds the codes that `@allow` names.
pub(crate) fn allowed(annotations: &[Annotation], codes: &mut Vec<SmolStr>) {
    for annotation in annotations {
        if annotation.name.text != "allow" {
            continue;
        }
        for argument in &annotation.arguments {
            if let ExpressionKind::Name(code) = &argument.kind {
                codes.push(code.clone());
            }
        }
    }
}

/// Reports annotations that do not belong here, and codes that do not exist.
pub(crate) fn check(annotations: &[Annotation], file: FileId, before_test: bool, findings: &mut Vec<Finding>) {
    for annotation in annotations {
        let name = &annotation.name;
        let place = Place { file, span: name.span };
        match name.text.as_str() {
            "allow" => allow(annotation, file, findings),
            "every_crash_point" if before_test => {}
            "every_crash_point" => findings.push(
                Finding::error(source::UNKNOWN_ANNOTATION, place)
                    .text("name", name.text.as_str())
                    .label("只能写在 test 之前", "belongs before a `test`"),
            ),
            // Unknown words were reported where they were read.
            _ => {}
        }
    }
}

fn allow(annotation: &Annotation, file: FileId, findings: &mut Vec<Finding>) {
    for argument in &annotation.arguments {
        let known = match &argument.kind {
            ExpressionKind::Name(code) => catalogue::find(code).is_some(),
            _ => false,
        };
        if !known {
            let written = match &argument.kind {
                ExpressionKind::Name(name) => name.as_str(),
                _ => "@allow",
            };
            findings.push(
                Finding::error(types::UNKNOWN_NAME, Place { file, span: argument.span })
                    .text("name", written)
                    .label("应为一个代码，如 T0302", "a code is expected, such as T0302"),
            );
        }
    }
}
