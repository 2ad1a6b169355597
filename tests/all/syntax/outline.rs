//! A tree as one short text, so that a test can show what it expects.

use tillscript::language::syntax::tree::{
    Annotation, Arm, Bilingual, Block, DialectClause, Expression, ExpressionKind, FieldName, HandledErrors, Handler,
    Item, ItemKind, Name, Parameter, Pattern, PatternKind, ReceiptLine, Statement, StatementKind, StringLiteral,
    StringPart, TableRow, Tree, TypeExpression, TypeKind, UnaryOperator,
};

/// The whole file.
pub(super) fn tree(tree: &Tree) -> String {
    let mut lines = Vec::new();
    if let Some(edition) = tree.edition {
        lines.push(format!("edition {}", edition.number));
    }
    for import in &tree.imports {
        let alias = import.alias.as_ref().map(|alias| format!(" as {}", alias.text)).unwrap_or_default();
        lines.push(format!("import {}{alias}", names(&import.path, ".")));
    }
    lines.extend(tree.items.iter().map(item));
    lines.join("\n")
}

fn names(names: &[Name], between: &str) -> String {
    names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(between)
}

fn annotations(annotations: &[Annotation]) -> String {
    annotations.iter().map(|annotation| format!("@{}{} ", annotation.name.text, list(&annotation.arguments))).collect()
}

fn list(values: &[Expression]) -> String {
    if values.is_empty() {
        return String::new();
    }
    format!("({})", values.iter().map(expression).collect::<Vec<_>>().join(", "))
}

fn item(item: &Item) -> String {
    let docs: String = item.docs.iter().map(|doc| format!("/// {doc} ")).collect();
    let public = if item.public { "pub " } else { "" };
    format!("{docs}{}{public}{}", annotations(&item.annotations), kind(&item.kind))
}

fn parameters(parameters: &[Parameter]) -> String {
    let all: Vec<String> =
        parameters.iter().map(|parameter| format!("{}: {}", parameter.name.text, ty(&parameter.ty))).collect();
    format!("({})", all.join(", "))
}

fn extends(base: &Option<Name>) -> String {
    base.as_ref().map(|base| format!(" extends {}", base.text)).unwrap_or_default()
}

fn kind(kind: &ItemKind) -> String {
    match kind {
        ItemKind::Flow(flow) => {
            let gives = flow.gives.as_ref().map(|gives| format!(" -> {}", ty(gives))).unwrap_or_default();
            let uses = flow.uses.as_ref().map(|uses| format!(" uses {}", names(uses, ", "))).unwrap_or_default();
            format!("flow {}{}{gives}{uses} {}", flow.name.text, parameters(&flow.parameters), block(&flow.body))
        }
        ItemKind::Function(function) => format!(
            "fn {}{} -> {} = {}",
            function.name.text,
            parameters(&function.parameters),
            ty(&function.gives),
            expression(&function.body)
        ),
        ItemKind::Constant(constant) => {
            let written = constant.ty.as_ref().map(|written| format!(": {}", ty(written))).unwrap_or_default();
            format!("const {}{written} = {}", constant.name.text, expression(&constant.value))
        }
        ItemKind::Union(union) => {
            let variants: Vec<String> = union
                .variants
                .iter()
                .map(|variant| {
                    format!(
                        "{}{}",
                        variant.name.text,
                        variant.payload.as_ref().map(|payload| format!("({})", ty(payload))).unwrap_or_default()
                    )
                })
                .collect();
            format!("type {} = {}", union.name.text, variants.join(" | "))
        }
        ItemKind::Record(record) => format!("record {}{}", record.name.text, parameters(&record.fields)),
        ItemKind::Text(text) => {
            format!("text {}{} {}", text.name.text, parameters(&text.parameters), words(&text.words))
        }
        ItemKind::Error(error) => {
            let guidance: Vec<String> =
                error.guidance.iter().map(|(who, said)| format!("{} {}", who.text, words(said))).collect();
            format!(
                "error {}{} {} {} {{ {} }}",
                error.name.text,
                parameters(&error.parameters),
                error.code.text,
                error.layer.text,
                guidance.join(" ")
            )
        }
        ItemKind::Codes(codes) => format!("codes {}{} {}", codes.name.text, extends(&codes.extends), rows(&codes.rows)),
        ItemKind::Table(table) => {
            let rows: Vec<String> =
                table.rows.iter().map(|(key, value)| format!("{} | {}", pattern(key), expression(value))).collect();
            format!(
                "table {}({}: {}) -> {} {{ {} }}",
                table.name.text,
                table.parameter.name.text,
                ty(&table.parameter.ty),
                ty(&table.gives),
                rows.join("; ")
            )
        }
        ItemKind::Receipt(receipt) => {
            format!("receipt {}{} {}", receipt.name.text, parameters(&receipt.parameters), lines(&receipt.lines))
        }
        ItemKind::Dialect(dialect) => {
            let clauses: Vec<String> = dialect.clauses.iter().map(clause).collect();
            format!("dialect {}{} {{ {} }}", dialect.name.text, extends(&dialect.extends), clauses.join("; "))
        }
        ItemKind::Test(test) => format!("test {} {}", string(&test.title), block(&test.body)),
    }
}

fn words(words: &Bilingual) -> String {
    let part =
        |language: &str, said: &Option<StringLiteral>| said.as_ref().map(|said| format!("{language} {}", string(said)));
    [part("zh", &words.zh), part("en", &words.en)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn rows(rows: &[TableRow]) -> String {
    let rows: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row
                .cells
                .iter()
                .map(|cell| if cell.quoted { format!("{:?}", cell.text.as_str()) } else { cell.text.to_string() })
                .collect();
            format!("[{}]", cells.join("|"))
        })
        .collect();
    rows.join(" ")
}

fn lines(all: &[ReceiptLine]) -> String {
    let all: Vec<String> = all
        .iter()
        .map(|line| match line {
            ReceiptLine::Centre(said) => format!("centre {}", words(said)),
            ReceiptLine::Line(said) => format!("line {}", words(said)),
            ReceiptLine::Row(said, value) => format!("row {} = {}", words(said), expression(value)),
            ReceiptLine::Rule(_) => "rule".to_owned(),
            ReceiptLine::Space(_) => "space".to_owned(),
            ReceiptLine::If { condition, then, otherwise } => {
                format!("if {} {} else {}", expression(condition), lines(then), lines(otherwise))
            }
        })
        .collect();
    format!("{{ {} }}", all.join("; "))
}

fn fields(fields: &[FieldName]) -> String {
    fields.iter().map(|field| format!("F{}", field.number)).collect::<Vec<_>>().join(" ")
}

fn clause(clause: &DialectClause) -> String {
    match clause {
        DialectClause::Form { form, choices } => {
            let choices = choices.iter().map(|(what, how)| format!(" {} {}", what.text, how.text));
            format!("form {}{}", form.text, choices.collect::<String>())
        }
        DialectClause::Header(all, _) => format!("header {}", rows(all)),
        DialectClause::Parts(parts) => format!(
            "parts F{}{} for {:?} {} {} {}",
            parts.field.number,
            parts.part.as_ref().map(|part| format!(".{}", part.text)).unwrap_or_default(),
            parts.mti.as_ref().map(|mti| mti.text.as_str()),
            parts.kind.text,
            names(&parts.options, " "),
            rows(&parts.rows)
        ),
        DialectClause::Framing { length, length_words, tpdu, header, .. } => format!(
            "framing {:?}{} {:?} {:?}",
            length.map(|(length, _)| length),
            length_words.iter().map(|word| format!(" {}", word.text)).collect::<String>(),
            tpdu.as_ref().map(|(bytes, _)| bytes),
            header.as_ref().map(|(bytes, _)| bytes)
        ),
        DialectClause::Approved(codes) => format!("approved {}", names(codes, " ")),
        DialectClause::Mac(mac) => format!("mac {}", mac.text),
        DialectClause::Fields(all) => format!("fields {}", rows(all)),
        DialectClause::Without(all) => format!("without {}", fields(all)),
        DialectClause::Message(message) => format!(
            "message {} for {:?} {} {} needs {} may {} reply {} echoes {} match {} moves {} mac {} wait {:?}",
            message.mti.text,
            message.processing.as_ref().and_then(|text| text.plain()),
            message.name.text,
            words(&message.words),
            fields(&message.needs),
            fields(&message.may),
            fields(&message.reply),
            fields(&message.echoes),
            fields(&message.match_key),
            message.moves_money,
            message.mac,
            message.wait_ms
        ),
        DialectClause::Reversal(reversal) => {
            let reasons: Vec<String> =
                reversal.reasons.iter().map(|(exit, code)| format!("{} {}", exit.text, code.text)).collect();
            format!(
                "reversal {} copies {} reason {} accepts {}",
                reversal.mti.text,
                fields(&reversal.copies),
                reasons.join(" "),
                names(&reversal.accepts, " ")
            )
        }
    }
}

fn ty(written: &TypeExpression) -> String {
    match &written.kind {
        TypeKind::Named { module: Some(module), name } => format!("{}.{}", module.text, name.text),
        TypeKind::Named { module: None, name } => name.text.to_string(),
        TypeKind::Digits(size) => format!("Digits({size})"),
        TypeKind::List(member) => format!("List[{}]", ty(member)),
        TypeKind::Optional(inner) => format!("{}?", ty(inner)),
    }
}

fn block(block: &Block) -> String {
    format!("{{ {} }}", block.statements.iter().map(statement).collect::<Vec<_>>().join("; "))
}

fn handlers(all: &[Handler]) -> String {
    all.iter()
        .map(|handler| {
            let errors = match &handler.errors {
                HandledErrors::Named(errors) => names(errors, ", "),
                HandledErrors::Other(None) => "other".to_owned(),
                HandledErrors::Other(Some(name)) => format!("other {}", name.text),
            };
            let retry = handler.retry.as_ref().map(|retry| {
                let every =
                    retry.every.as_ref().map(|every| format!(" every {}", expression(every))).unwrap_or_default();
                format!(" retry {}{every}", expression(&retry.times))
            });
            let body = handler.body.as_ref().map(|body| format!(" => {}", arm(body))).unwrap_or_default();
            format!(" on {errors}{}{body}", retry.unwrap_or_default())
        })
        .collect()
}

fn arm(arm: &Arm) -> String {
    match arm {
        Arm::Block(body) => block(body),
        Arm::Statement(one) => statement(one),
    }
}

fn statement(one: &Statement) -> String {
    let text = match &one.kind {
        StatementKind::Let { name, ty: written, value, handlers: all, changeable } => {
            let written = written.as_ref().map(|written| format!(": {}", ty(written))).unwrap_or_default();
            let word = if *changeable { "var" } else { "let" };
            format!("{word} {}{written} = {}{}", name.text, expression(value), handlers(all))
        }
        StatementKind::Assign { name, value, handlers: all } => {
            format!("{} = {}{}", name.text, expression(value), handlers(all))
        }
        StatementKind::Repeat { times, body } => format!("repeat {} times {}", expression(times), block(body)),
        StatementKind::For { name, list, body } => format!("for {} in {} {}", name.text, expression(list), block(body)),
        StatementKind::Reversible { request, by, body } => {
            let by = by.as_ref().map(|by| format!(" by {}", expression(by))).unwrap_or_default();
            format!("reversible {}{by} {}", expression(request), block(body))
        }
        StatementKind::Return(None) => "return".to_owned(),
        StatementKind::Return(Some(value)) => format!("return {}", expression(value)),
        StatementKind::Fail(value) => format!("fail {}", expression(value)),
        StatementKind::Step(title) => format!("step {}", string(title)),
        StatementKind::Commit(value) => format!("commit {}", expression(value)),
        StatementKind::Discard => "discard".to_owned(),
        StatementKind::Reverse => "reverse".to_owned(),
        StatementKind::Given(value) => format!("given {}", expression(value)),
        StatementKind::Expect(value) => format!("expect {}", expression(value)),
        StatementKind::Break => "break".to_owned(),
        StatementKind::Expression { value, handlers: all } => format!("{}{}", expression(value), handlers(all)),
    };
    format!("{}{text}", annotations(&one.annotations))
}

fn string(literal: &StringLiteral) -> String {
    let parts: String = literal
        .parts
        .iter()
        .map(|part| match part {
            StringPart::Text(text) => text.replace('\n', "↵").replace('\t', "⇥"),
            StringPart::Value(value) => format!("{{{}}}", expression(value)),
        })
        .collect();
    format!("\"{parts}\"")
}

/// One expression, operators with what they bind in parentheses.
pub(super) fn expression(value: &Expression) -> String {
    match &value.kind {
        ExpressionKind::Bool(value) => value.to_string(),
        ExpressionKind::Int(value) => value.to_string(),
        ExpressionKind::Amount { digits, decimals, currency } => format!("{digits}e-{decimals} {}", currency.text),
        ExpressionKind::Percent(value) => format!("{value}%%"),
        ExpressionKind::Duration(value) => format!("{value}ms"),
        ExpressionKind::Text(text) => string(text),
        ExpressionKind::Bytes(bytes) => format!("x{bytes:02X?}"),
        ExpressionKind::Tag(tag) => format!("#{tag:X}"),
        ExpressionKind::Mti(mti) => format!("mti {mti:04}"),
        ExpressionKind::None => "none".to_owned(),
        ExpressionKind::Name(name) => name.to_string(),
        ExpressionKind::List(values) => format!("[{}]", values.iter().map(expression).collect::<Vec<_>>().join(", ")),
        ExpressionKind::Message { mti, from, fields } => {
            let from = from.as_ref().map(|from| format!(" from {}", expression(from))).unwrap_or_default();
            let fields: Vec<String> =
                fields.iter().map(|(field, value)| format!("F{}: {}", field.number, expression(value))).collect();
            format!("message {}{from} {{ {} }}", mti.text, fields.join(", "))
        }
        ExpressionKind::Call { callee, arguments } => {
            let arguments: Vec<String> = arguments
                .iter()
                .map(|argument| {
                    let label = argument.label.as_ref().map(|label| format!("{}: ", label.text)).unwrap_or_default();
                    format!("{label}{}", expression(&argument.value))
                })
                .collect();
            format!("{}({})", expression(callee), arguments.join(", "))
        }
        ExpressionKind::Member { object, name } => format!("{}.{}", expression(object), name.text),
        ExpressionKind::Index { object, index } => format!("{}[{}]", expression(object), expression(index)),
        ExpressionKind::Unary { operator: UnaryOperator::Not, operand } => format!("(not {})", expression(operand)),
        ExpressionKind::Unary { operator: UnaryOperator::Negate, operand } => format!("(- {})", expression(operand)),
        ExpressionKind::Binary { operator, left, right, .. } => {
            format!("({} {} {})", expression(left), operator.sign(), expression(right))
        }
        ExpressionKind::If { condition, then, otherwise } => {
            let otherwise =
                otherwise.as_ref().map(|otherwise| format!(" else {}", block(otherwise))).unwrap_or_default();
            format!("if {} {}{otherwise}", expression(condition), block(then))
        }
        ExpressionKind::Match { subject, arms } => {
            let arms: Vec<String> = arms
                .iter()
                .map(|one| {
                    let patterns: Vec<String> = one.patterns.iter().map(pattern).collect();
                    format!("{}{} => {}", annotations(&one.annotations), patterns.join(", "), arm(&one.body))
                })
                .collect();
            format!("match {} {{ {} }}", expression(subject), arms.join("; "))
        }
    }
}

fn pattern(one: &Pattern) -> String {
    match &one.kind {
        PatternKind::Name { name, binds: None } => name.text.to_string(),
        PatternKind::Name { name, binds: Some(binds) } => format!("{}({})", name.text, binds.text),
        PatternKind::Literal(value) => format!("={}", expression(value)),
        PatternKind::None => "none".to_owned(),
        PatternKind::Some(name) => format!("some {}", name.text),
        PatternKind::Other(None) => "other".to_owned(),
        PatternKind::Other(Some(name)) => format!("other {}", name.text),
    }
}
