//! `@allow(CODE, "reason")`: which warnings an author has answered for, and whether each answer was needed.

use super::checked::Unit;
use crate::language::syntax::roll::Roll;
use crate::language::syntax::tree::{Annotation, Expression, ExpressionKind, ItemKind, MatchArm, Statement};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::script_error::catalogue;
use crate::script_error::catalogue::{source, types};
use crate::script_error::code::Help;
use crate::script_error::finding::{Edit, Finding, Severity};
use crate::script_error::nearest::nearest;
use crate::script_error::source::{FileId, Place, Span};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Leaves out the warnings that annotations allow, and reports what is wrong with the annotations themselves.
///
/// A warning belongs to the innermost annotated item, statement or arm that its place lies in and that names its code.
pub(super) fn apply(units: &[Unit], rolls: &[Roll<'_>], entry: FileId, mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut regions: Vec<Vec<Region<'_>>> =
        units.iter().zip(rolls).map(|(unit, roll)| regions_of(unit, roll)).collect();
    let mut reports = Vec::new();
    for (unit, regions) in units.iter().zip(&regions) {
        regions.iter().for_each(|region| written(unit.tree.file, region, &mut reports));
    }
    // As they stand in the files, so that the regions around each are found in one walk.
    findings.extend(reports);
    findings.sort_by_key(place);
    let mut refused = Vec::new();
    keep(&mut regions, &mut findings, &mut refused);
    findings.extend(refused);
    // While anything is wrong, checks may have been silent that would have warned.
    if findings.iter().all(|finding| finding.severity != Severity::Error) {
        let mut idle = Vec::new();
        // What another program that imports the file needs, nobody can tell from here.
        for (unit, regions) in units.iter().zip(&regions).filter(|(unit, _)| unit.tree.file == entry) {
            regions.iter().for_each(|region| never_used(unit.tree.file, region, false, &mut idle));
        }
        idle.sort_by_key(place);
        keep(&mut regions, &mut idle, &mut Vec::new());
        for (unit, regions) in units.iter().zip(&regions).filter(|(unit, _)| unit.tree.file == entry) {
            regions.iter().for_each(|region| never_used(unit.tree.file, region, true, &mut idle));
        }
        findings.extend(idle);
    }
    findings
}

/// One item, statement or arm with annotations, and all that lies in it.
struct Region<'t> {
    annotations: &'t [Annotation],
    /// From the first annotation to the end of what it stands before.
    span: Span,
    before_test: bool,
    /// Each code that is allowed here: where it is written, and whether it was of use.
    codes: BTreeMap<&'t str, Use>,
}

#[derive(Clone, Copy)]
struct Use {
    at: Span,
    used: bool,
    /// It was said that an error cannot be allowed.
    refused: bool,
}

struct Annotated<'t> {
    regions: Vec<Region<'t>>,
}

impl<'t> Annotated<'t> {
    fn add(&mut self, annotations: &'t [Annotation], span: Span, before_test: bool) {
        let Some(first) = annotations.first() else { return };
        let mut codes = BTreeMap::new();
        for (code, at) in annotations.iter().filter(|one| is_allow(one)).flat_map(codes_of) {
            codes.entry(code).or_insert(Use { at, used: false, refused: false });
        }
        self.regions.push(Region { annotations, span: first.span.to(span), before_test, codes });
    }
}

impl<'t> Visitor<'t> for Annotated<'t> {
    const LOOKS: Looks = Looks::STATEMENT.and(Looks::ARM);

    fn statement(&mut self, statement: &'t Statement) {
        self.add(&statement.annotations, statement.span, false);
    }

    fn arm(&mut self, arm: &'t MatchArm) {
        self.add(&arm.annotations, arm.span, false);
    }
}

/// The annotated places of a file, in order, outer before inner.
fn regions_of<'t>(unit: &'t Unit, roll: &Roll<'t>) -> Vec<Region<'t>> {
    let mut annotated = Annotated { regions: Vec::new() };
    for (at, item) in unit.tree.items.iter().enumerate() {
        annotated.add(&item.annotations, item.span, matches!(item.kind, ItemKind::Test(_)));
        roll.lead(at, &mut annotated);
    }
    annotated.regions
}

fn is_allow(annotation: &Annotation) -> bool {
    annotation.name.text == "allow"
}

/// The codes an annotation names.
fn codes_of(annotation: &Annotation) -> impl Iterator<Item = (&str, Span)> {
    annotation.arguments.iter().filter_map(|argument| match &argument.kind {
        ExpressionKind::Name(code) => Some((code.as_str(), argument.span)),
        _ => None,
    })
}

fn place(finding: &Finding) -> (FileId, Span) {
    (finding.at.place.file, finding.at.place.span)
}

/// Takes the allowed warnings out; tells of errors that annotations try to allow. Findings are sorted by place.
fn keep(regions: &mut [Vec<Region<'_>>], findings: &mut Vec<Finding>, refused: &mut Vec<Finding>) {
    // The file, how many of its regions have begun, and which of those are still around.
    let mut file = FileId::default();
    let mut begun = 0;
    let mut around: Vec<usize> = Vec::new();
    findings.retain(|finding| {
        let place = finding.at.place;
        if place.file != file {
            (file, begun) = (place.file, 0);
            around.clear();
        }
        let Some(regions) = regions.get_mut(usize::from(file.0)) else { return true };
        let at = place.span.start;
        while let Some(region) = regions.get(begun).filter(|region| region.span.start <= at) {
            // What ended before this one began is not around it.
            while around
                .last()
                .and_then(|last| regions.get(*last))
                .is_some_and(|last| last.span.end <= region.span.start)
            {
                around.pop();
            }
            around.push(begun);
            begun += 1;
        }
        while around.last().and_then(|last| regions.get(*last)).is_some_and(|last| last.span.end <= at) {
            around.pop();
        }
        for index in around.iter().rev() {
            let Some(region) = regions.get_mut(*index) else { continue };
            let Some(use_of) = region.codes.get_mut(finding.code.0) else { continue };
            if finding.severity == Severity::Warning {
                use_of.used = true;
                return false;
            }
            if !std::mem::replace(&mut use_of.refused, true) {
                let argument = use_of.at;
                refused.push(not_a_warning(file, region, finding.code.0, argument).also(
                    place,
                    "这里是错误",
                    "here it is an error",
                ));
            }
            return true;
        }
        true
    });
}

/// Reports what is wrong with annotations as they are written.
fn written(file: FileId, region: &Region<'_>, findings: &mut Vec<Finding>) {
    for annotation in region.annotations {
        match annotation.name.text.as_str() {
            "allow" => allow(file, region, annotation, findings),
            "every_crash_point" if region.before_test => {}
            "every_crash_point" => findings.push(
                Finding::error(source::UNKNOWN_ANNOTATION, Place { file, span: annotation.name.span })
                    .text("name", annotation.name.text.as_str())
                    .label("只能写在 test 之前", "belongs before a `test`"),
            ),
            // Unknown words were reported where they were read.
            _ => {}
        }
    }
}

fn allow(file: FileId, region: &Region<'_>, annotation: &Annotation, findings: &mut Vec<Finding>) {
    let (reason, codes) = match annotation.arguments.split_last() {
        Some((last, codes)) if matches!(last.kind, ExpressionKind::Text(_)) => (Some(last), codes),
        _ => (None, annotation.arguments.as_slice()),
    };
    let before = findings.len();
    if codes.is_empty() {
        findings.push(no_code(file, annotation.name.span, "@allow"));
    }
    for argument in codes {
        match &argument.kind {
            ExpressionKind::Name(code) => match catalogue::find(code) {
                Some(row) if matches!(row.help, Help::People { .. }) => {
                    let finding = not_a_warning(file, region, code, argument.span);
                    findings.push(finding.label("运行时才会出现", "it is raised in a run"));
                }
                Some(_) => {}
                None => findings.push(unknown_code(file, argument, code)),
            },
            _ => findings.push(no_code(file, argument.span, "@allow")),
        }
    }
    if before == findings.len() {
        findings.extend(without_reason(file, annotation, reason));
    }
}

/// A reason is a text of its own with at least one letter in it.
fn without_reason(file: FileId, annotation: &Annotation, reason: Option<&Expression>) -> Option<Finding> {
    let at = |span| Place { file, span };
    let Some(reason) = reason else {
        let last = annotation.arguments.last()?;
        let end = Span { start: last.span.end, end: last.span.end };
        let edit = Edit { place: at(end), replacement: ", \"...\"".to_string() };
        return Some(Finding::error(source::ALLOW_WITHOUT_REASON, at(annotation.span)).edits(
            vec![edit],
            false,
            "写明理由",
            "say why",
        ));
    };
    let ExpressionKind::Text(text) = &reason.kind else { return None };
    let finding = Finding::error(source::ALLOW_WITHOUT_REASON, at(reason.span));
    match text.plain() {
        None => Some(finding.label("理由中不能有变量", "a reason holds no values")),
        Some(plain) if plain.chars().any(char::is_alphanumeric) => None,
        Some(_) => Some(finding.label("这里没有说明什么", "this says nothing")),
    }
}

fn no_code(file: FileId, span: Span, written: &str) -> Finding {
    Finding::error(types::UNKNOWN_NAME, Place { file, span })
        .text("name", written)
        .label("应为一个代码，如 T0302", "a code is expected, such as T0302")
}

fn unknown_code(file: FileId, argument: &Expression, written: &SmolStr) -> Finding {
    let finding = no_code(file, argument.span, written);
    // Some write the name that `till explain` shows beside the code.
    match catalogue::named(written).map(|row| row.code.0).or_else(|| of_warnings(written)) {
        Some(meant) => finding.did_you_mean(argument.span, meant),
        None => finding,
    }
}

/// A code in small letters, or with a letter too much; any other is as near to many.
fn of_warnings(written: &str) -> Option<&'static str> {
    let upper = written.to_ascii_uppercase();
    catalogue::find(&upper).map(|row| row.code.0).or_else(|| {
        let near = nearest(&upper, catalogue::all().map(|row| row.code.0))?;
        (near.len() != upper.len()).then_some(near)
    })
}

fn not_a_warning(file: FileId, region: &Region<'_>, code: &str, argument: Span) -> Finding {
    let finding = Finding::error(source::ERROR_ALLOWED, Place { file, span: argument }).text("code", code);
    match without(region, argument) {
        Some(span) => finding.edit(span, "", "删去它", "remove it"),
        None => finding,
    }
}

/// Reports codes that nothing needed; those of T0116 itself only in the second round, when the others were told.
fn never_used(file: FileId, region: &Region<'_>, second: bool, findings: &mut Vec<Finding>) {
    for annotation in region.annotations.iter().filter(|annotation| is_allow(annotation)) {
        let idle: Vec<(&str, Span)> = codes_of(annotation)
            .filter(|(code, at)| !region.codes.get(code).is_some_and(|first| first.used && first.at == *at))
            .collect();
        let count = codes_of(annotation).count();
        let about_itself = |code: &str| code == source::ALLOW_NEVER_USED.0;
        if idle.len() == count && idle.iter().any(|(code, _)| about_itself(code)) == second {
            let names: Vec<&str> = idle.iter().map(|(code, _)| *code).collect();
            findings.push(
                Finding::warning(source::ALLOW_NEVER_USED, Place { file, span: annotation.span })
                    .text("code", names.join(", "))
                    .edit(annotation.span, "", "删去它", "remove it"),
            );
        } else if idle.len() < count {
            for (code, at) in idle.into_iter().filter(|(code, _)| about_itself(code) == second) {
                let finding = Finding::warning(source::ALLOW_NEVER_USED, Place { file, span: at }).text("code", code);
                findings.push(match without(region, at) {
                    Some(span) => finding.edit(span, "", "删去它", "remove it"),
                    None => finding,
                });
            }
        }
    }
}

/// The span to delete so that one code leaves its annotation: all of it, if nothing else is allowed there.
fn without(region: &Region<'_>, argument: Span) -> Option<Span> {
    let annotation = region.annotations.iter().find(|one| one.arguments.iter().any(|other| other.span == argument))?;
    if codes_of(annotation).count() == 1 {
        return Some(annotation.span);
    }
    let place = annotation.arguments.iter().position(|other| other.span == argument)?;
    match annotation.arguments.get(place + 1) {
        Some(next) => Some(Span { start: argument.start, end: next.span.start }),
        None => Some(Span { start: annotation.arguments.get(place.checked_sub(1)?)?.span.end, end: argument.end }),
    }
}
