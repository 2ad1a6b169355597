//! Items: flows, tests, functions, constants; and what stands at the head of a file.

use super::builder::{Builder, Node, Nodes};
use crate::language::syntax::grammar::Rule;
use crate::language::syntax::tree::{
    Annotation, Constant, Edition, Flow, Function, Import, Item, ItemKind, Name, Parameter, StringLiteral, Test,
    TypeExpression, TypeKind,
};
use crate::language::syntax::words;
use crate::script_error::catalogue::source;
use crate::script_error::finding::Finding;
use crate::script_error::nearest::nearest;
use crate::script_error::source::Span;
use smol_str::SmolStr;

/// What one piece of a file holds.
pub(in crate::language::syntax) enum Built {
    Edition(Edition),
    Import(Import),
    Item(Box<Item>),
}

/// A piece, built.
pub(in crate::language::syntax) struct BuiltPiece {
    pub(in crate::language::syntax) built: Option<Built>,
    /// Where the rest begins that belongs to nothing.
    pub(in crate::language::syntax) rest: Option<Span>,
}

impl Builder<'_> {
    /// A `piece` of the grammar.
    pub(in crate::language::syntax) fn piece(&mut self, nodes: Nodes<'_>) -> BuiltPiece {
        let mut docs = Vec::new();
        let mut result = BuiltPiece { built: None, rest: None };
        let mut nodes = nodes;
        let Some(piece) = nodes.next() else {
            return result;
        };
        for node in piece.into_inner() {
            match node.as_rule() {
                Rule::doc => docs.push(doc_line(node.as_str())),
                Rule::edition => result.built = Some(Built::Edition(self.edition(node))),
                Rule::import => result.built = Some(Built::Import(self.import(node))),
                Rule::item => {
                    result.built = self.item(node, std::mem::take(&mut docs)).map(|item| Built::Item(Box::new(item)))
                }
                Rule::rest => result.rest = Some(self.span(&node)),
                _ => {}
            }
        }
        result
    }

    /// An `expression_piece` of the grammar.
    pub(in crate::language::syntax) fn only_expression(
        &mut self,
        nodes: Nodes<'_>,
    ) -> Option<crate::language::syntax::tree::Expression> {
        let piece = nodes.into_iter().next()?;
        let value = piece.into_inner().next()?;
        Some(self.flat(value))
    }

    fn edition(&mut self, node: Node<'_>) -> Edition {
        let whole = self.span(&node);
        let Some(number) = node.into_inner().next() else {
            return Edition { number: 0, span: whole };
        };
        let at = self.span(&number);
        let parsed = number.as_str().parse::<u32>().ok();
        if parsed != Some(1) {
            let finding = Finding::error(source::EDITION_UNKNOWN, self.place(at))
                .text("edition", number.as_str())
                .guess(at, "1", "改为 1", "write 1");
            self.report(finding);
        }
        Edition { number: parsed.unwrap_or(0), span: Span { start: whole.start, end: at.end } }
    }

    fn import(&mut self, node: Node<'_>) -> Import {
        let whole = self.span(&node);
        let mut path = Vec::new();
        let mut alias = None;
        let mut end = whole;
        for part in node.into_inner() {
            if part.as_rule() == Rule::alias {
                if let Some(name) = part.into_inner().next() {
                    let name = self.name(&name);
                    end = name.span;
                    alias = Some(name);
                }
            } else {
                let name = self.name(&part);
                end = name.span;
                path.push(name);
            }
        }
        Import { path, alias, span: Span { start: whole.start, end: end.end } }
    }

    fn item(&mut self, node: Node<'_>, mut docs: Vec<SmolStr>) -> Option<Item> {
        let mut annotations = Vec::new();
        let mut public = None;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::doc => docs.push(doc_line(part.as_str())),
                Rule::annotation => annotations.push(self.annotation(part)),
                Rule::public => public = Some(self.span(&part)),
                _ => {
                    let (kind, span) = self.item_kind(part)?;
                    let start = public.map_or(span.start, |public| public.start);
                    return Some(Item {
                        docs,
                        annotations,
                        public: public.is_some(),
                        kind,
                        span: Span { start, ..span },
                    });
                }
            }
        }
        None
    }

    fn item_kind(&mut self, node: Node<'_>) -> Option<(ItemKind, Span)> {
        let whole = self.span(&node);
        let rule = node.as_rule();
        let mut inner = node.into_inner();
        let kind = match rule {
            Rule::flow => {
                let (flow, end) = self.flow(&mut inner, whole)?;
                (ItemKind::Flow(flow), end)
            }
            Rule::test => {
                let title = self.string(inner.next()?);
                let body = self.block(inner.next()?);
                let end = body.span;
                (ItemKind::Test(Test { title, body }), end)
            }
            Rule::function => {
                let name = self.name(&inner.next()?);
                let parameters = self.parameters(inner.next()?);
                let gives = self.ty(inner.next()?);
                let body = self.flat(inner.next()?);
                let end = body.span;
                (ItemKind::Function(Function { name, parameters, gives, body }), end)
            }
            Rule::constant => {
                let name = self.name(&inner.next()?);
                let ty = self.ty_here(&mut inner);
                let value = self.flat(inner.next()?);
                let end = value.span;
                (ItemKind::Constant(Constant { name, ty, value }), end)
            }
            Rule::union_item => self.union(inner, whole)?,
            Rule::record => self.record(inner, whole)?,
            Rule::text_item => (ItemKind::Text(self.text(inner, whole)?), whole),
            Rule::error_item => (ItemKind::Error(self.error(inner)?), whole),
            Rule::codes => (ItemKind::Codes(self.codes(inner)?), whole),
            Rule::table => (ItemKind::Table(self.table(inner)?), whole),
            Rule::receipt => (ItemKind::Receipt(self.receipt(inner)?), whole),
            Rule::dialect => (ItemKind::Dialect(self.dialect(inner)?), whole),
            _ => return None,
        };
        Some((kind.0, Span { start: whole.start, end: kind.1.end }))
    }

    fn flow(&mut self, inner: &mut Nodes<'_>, whole: Span) -> Option<(Flow, Span)> {
        let name = self.name(&inner.next()?);
        let parameters = inner.next()?;
        let mut end = self.span(&parameters);
        let parameters = self.parameters(parameters);
        let mut gives = None;
        let mut uses = None;
        for part in inner {
            match part.as_rule() {
                Rule::gives => {
                    let ty = self.ty(part.into_inner().next()?);
                    end = ty.span;
                    gives = Some(ty);
                }
                Rule::uses => {
                    let names: Vec<Name> = part.into_inner().map(|name| self.name(&name)).collect();
                    end = names.last().map_or(end, |last| last.span);
                    uses = Some(names);
                }
                _ => {
                    let body = self.block(part);
                    let whole_end = body.span;
                    let head = Span { start: whole.start, end: end.end };
                    return Some((Flow { name, parameters, gives, uses, body, head }, whole_end));
                }
            }
        }
        None
    }

    /// `@name(…)`
    pub(super) fn annotation(&mut self, node: Node<'_>) -> Annotation {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let name = inner.next().map_or_else(|| no_name(span), |name| self.word(&name));
        if !words::ANNOTATIONS.contains(&name.text.as_str()) {
            let mut finding =
                Finding::error(source::UNKNOWN_ANNOTATION, self.place(name.span)).text("name", name.text.as_str());
            if let Some(meant) = nearest(&name.text, words::ANNOTATIONS) {
                finding = finding.guess(
                    name.span,
                    meant,
                    format!("是否想写“@{meant}”？"),
                    format!("did you mean `@{meant}`?"),
                );
            }
            self.report(finding);
        }
        let arguments = inner.next().map(|arguments| self.arguments(arguments)).unwrap_or_default();
        for label in arguments.iter().filter_map(|argument| argument.label.as_ref()) {
            self.expected(label.span, "不带标签的值", "a value without a label");
        }
        Annotation { name, arguments: arguments.into_iter().map(|argument| argument.value).collect(), span }
    }

    /// `(a: T, b: U)`
    pub(super) fn parameters(&mut self, node: Node<'_>) -> Vec<Parameter> {
        let mut inner = node.into_inner();
        let mut parameters = Vec::with_capacity(inner.room() / 2);
        while let (Some(name), Some(ty)) = (inner.next(), inner.next()) {
            let name = self.name(&name);
            let ty = self.ty(ty);
            parameters.push(Parameter { name, ty });
        }
        parameters
    }

    /// Parameters, if they come next.
    pub(super) fn parameters_here(&mut self, inner: &mut Nodes<'_>) -> Vec<Parameter> {
        match inner.peek() {
            Some(next) if next.as_rule() == Rule::parameters => {
                inner.next();
                self.parameters(next)
            }
            _ => Vec::new(),
        }
    }

    /// A type, if one comes next.
    pub(super) fn ty_here(&mut self, inner: &mut Nodes<'_>) -> Option<TypeExpression> {
        inner.peek().filter(|next| next.as_rule() == Rule::ty)?;
        inner.next().map(|ty| self.ty(ty))
    }

    /// A type as written.
    pub(super) fn ty(&mut self, node: Node<'_>) -> TypeExpression {
        let whole = self.span(&node);
        let mut module = None;
        let mut last = None;
        let mut size = None;
        let mut member = None;
        let mut optional = false;
        let mut end = whole;
        for part in node.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::name => module = last.replace(self.name(&part)),
                Rule::ty_size => size = part.into_inner().next().map(|number| (self.size(&number), span)),
                Rule::ty_member => member = part.into_inner().next().map(|ty| (self.ty(ty), span)),
                _ => {
                    optional = true;
                    continue;
                }
            }
            end = span;
        }
        let inner_span = Span { start: whole.start, end: end.end };
        let Some(name) = last else {
            return TypeExpression { kind: TypeKind::Named { module: None, name: no_name(whole) }, span: whole };
        };
        let plain = module.is_none();
        let kind = match (name.text.as_str(), size, member) {
            ("Digits", Some((size, _)), None) if plain => TypeKind::Digits(size),
            ("List", None, Some((member, _))) if plain => TypeKind::List(Box::new(member)),
            ("List", None, None) if plain => {
                self.expected(name.span, "List[T]", "`List[T]`");
                TypeKind::Named { module, name }
            }
            ("Digits", None, None) if plain => {
                self.expected(name.span, "Digits(n)", "`Digits(n)`");
                TypeKind::Named { module, name }
            }
            (_, None, None) => TypeKind::Named { module, name },
            (_, size, member) => {
                let at = size.map(|(_, at)| at).or(member.map(|(_, at)| at)).unwrap_or(whole);
                self.expected(
                    at,
                    "类型的结尾；只有 Digits(n) 和 List[T] 带参数",
                    "the end of the type; only Digits(n) and List[T] take more",
                );
                TypeKind::Named { module, name }
            }
        };
        let ty = TypeExpression { kind, span: inner_span };
        if optional { TypeExpression { kind: TypeKind::Optional(Box::new(ty)), span: whole } } else { ty }
    }

    fn size(&mut self, number: &Node<'_>) -> u16 {
        if let Ok(size) = number.as_str().parse::<u16>()
            && size > 0
            && !number.as_str().starts_with('0')
        {
            return size;
        }
        let span = self.span(number);
        let finding = Finding::error(source::BAD_NUMBER, self.place(span))
            .text("number", self.shown(span))
            .label("位数是 1 到 65535 的整数", "how many digits: a whole number from 1 to 65535");
        self.report(finding);
        1
    }
}

fn doc_line(line: &str) -> SmolStr {
    let line = line.trim_start_matches("///");
    SmolStr::new(line.strip_prefix(' ').unwrap_or(line).trim_end())
}

/// Stands where the grammar always puts a name.
pub(super) fn no_name(span: Span) -> Name {
    Name { text: SmolStr::default(), span }
}

/// Stands where the grammar always puts a string.
pub(super) fn no_string(span: Span) -> StringLiteral {
    StringLiteral { parts: Vec::new(), span }
}
