//! The text form of a program: for people and for tests, never read back.

use super::instruction::{Instruction, Operand, Role, Show};
use super::program::{Function, Program, Shape, Switch};
use crate::language::builtin::row::{Op, Pure};
use crate::language::types::Type;
use crate::payment::amount::Amount;
use crate::payment::hex;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::source::{Source, Sources, Span};
use std::fmt::Write;

/// Every table and function of a program. With sources, each line of the source stands before the instructions it became.
pub fn program(program: &Program, sources: Option<&Sources>) -> String {
    let mut text = Text {
        program,
        sources,
        out: String::new(),
    };
    text.head();
    for index in 0..program.functions.len() {
        text.out.push('\n');
        text.function(index);
    }
    text.out
}

/// What stands in front of the functions: entries, what the program uses, its errors.
pub fn head(program: &Program) -> String {
    let mut text = Text { program, sources: None, out: String::new() };
    text.head();
    text.out
}

/// One function, by its index.
pub fn function(program: &Program, index: u16, sources: Option<&Sources>) -> String {
    let mut text = Text {
        program,
        sources,
        out: String::new(),
    };
    text.function(usize::from(index));
    text.out
}

struct Text<'p> {
    program: &'p Program,
    sources: Option<&'p Sources>,
    out: String,
}

/// Constant texts are shown up to so many characters.
const TEXT_MOST: usize = 60;

impl Text<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn head(&mut self) {
        let program = self.program;
        self.line(&format!(
            "program {} edition {}",
            program.name, program.edition
        ));
        let uses = program.manifest.capabilities.join(", ");
        if !uses.is_empty() {
            self.line(&format!("uses {uses}"));
        }
        if let Some(dialect) = &program.dialect
            && !program.manifest.dialect.is_empty()
        {
            let messages: Vec<String> = program
                .manifest
                .messages
                .iter()
                .map(ToString::to_string)
                .collect();
            self.line(&format!(
                "dialect {} sends {}",
                dialect.name,
                messages.join(", ")
            ));
        }
        for entry in &program.entries {
            let word = if entry.test { "test" } else { "flow" };
            let annotations: String = entry
                .annotations
                .iter()
                .map(|name| format!(" @{name}"))
                .collect();
            self.line(&format!(
                "entry {word} {:?} = function {}{annotations}",
                entry.name, entry.function
            ));
        }
        for (at, error) in program.errors.iter().enumerate() {
            self.line(&format!(
                "error {at} = {} {}({})",
                error.code,
                error.name,
                error.facts.join(", ")
            ));
        }
    }

    fn function(&mut self, index: usize) {
        let program = self.program;
        let Some(function) = program.functions.get(index) else {
            return;
        };
        let parameters: Vec<String> = function
            .parameters
            .iter()
            .map(|ty| program.types.written(ty))
            .collect();
        self.line(&format!(
            "function {index} {:?}({}) -> {} cost {}",
            function.name,
            parameters.join(", "),
            program.types.written(&function.gives),
            function.cost
        ));
        self.registers(function);
        let source = self
            .sources
            .and_then(|sources| sources.file(function.file))
            .cloned()
            .or_else(|| {
                let (name, starts) = program
                    .debug
                    .as_ref()?
                    .files
                    .get(usize::from(function.file.0))?;
                Some(Source::without_text(name.clone(), starts.clone()))
            });
        let mut lines = function.lines.iter().peekable();
        let mut line_before = 0;
        for (pc, instruction) in function.code.iter().enumerate() {
            while let Some((_, span)) = lines.next_if(|(from, _)| *from as usize <= pc) {
                self.source_line(source.as_ref(), *span, &mut line_before);
            }
            self.instruction(function, pc, *instruction);
        }
        for row in &function.handlers {
            let errors: Vec<&str> = row
                .errors
                .iter()
                .filter_map(|at| program.errors.get(usize::from(*at)))
                .map(|error| error.name.as_str())
                .collect();
            let errors = if errors.is_empty() {
                "every error".to_owned()
            } else {
                errors.join(", ")
            };
            self.line(&format!(
                "  handler {}..{} {errors} -> {} in r{}",
                row.from, row.to, row.target, row.error
            ));
        }
        for (from, to) in &function.regions {
            self.line(&format!("  reversible {from}..{to}"));
        }
    }

    fn registers(&mut self, function: &Function) {
        let mut line = String::from("  registers");
        let mut at = 0;
        while let Some(ty) = function.registers.get(at) {
            let same = function
                .registers
                .iter()
                .skip(at)
                .take_while(|next| *next == ty)
                .count();
            let last = at + same - 1;
            let written = self.program.types.written(ty);
            let _ = match same {
                1 => write!(line, " r{at}: {written}"),
                _ => write!(line, " r{at}-r{last}: {written}"),
            };
            at += same;
        }
        if at > 0 {
            self.line(&line);
        }
    }

    fn source_line(&mut self, source: Option<&Source>, span: Span, before: &mut u32) {
        let Some(source) = source else { return };
        let line = source.position(span.start).line;
        if line == *before {
            return;
        }
        *before = line;
        let text = source.line(line).unwrap_or("").trim();
        self.line(&format!("  ; {line}: {text}"));
    }

    fn instruction(&mut self, function: &Function, pc: usize, instruction: Instruction) {
        let row = instruction.row();
        let mut line = format!("  {pc:4}  {:<18}", row.name);
        for operand in instruction.operands() {
            let _ = write!(line, " {}", self.operand(function, instruction, operand));
        }
        self.line(&line);
        if let Instruction::SwitchWord { table, .. }
        | Instruction::SwitchText { table, .. }
        | Instruction::SwitchTag { table, .. } = instruction
            && let Some(switch) = self.program.switches.get(usize::from(table))
        {
            self.switch(function, instruction, switch);
        }
    }

    fn operand(&self, function: &Function, instruction: Instruction, operand: Operand) -> String {
        let program = self.program;
        let value = operand.value;
        let name = operand.name;
        match operand.role {
            Role::Read | Role::Write => format!("r{value}"),
            Role::Base => format!("from r{value}"),
            Role::Count if name == "tag" => match self.variant(function, instruction) {
                Some(variant) => format!("tag {variant}"),
                None => format!("tag {value}"),
            },
            Role::Count => format!("{name} {value}"),
            Role::Number => match self.written(function, instruction) {
                Some(ty) => self.word(i64::from(value as i32) as u64, &ty),
                None => (value as i32).to_string(),
            },
            Role::Word => {
                let word = program.words.get(value as usize).copied().unwrap_or(0);
                let ty = self.written(function, instruction);
                self.word(word, &ty.unwrap_or(Type::Int))
            }
            Role::Text => self.text(value as usize),
            Role::Jump => format!("-> {value}"),
            Role::Function => {
                let name = program.functions.get(value as usize);
                format!("{:?}", name.map_or("", |function| &function.name))
            }
            Role::Switch => format!("table {value}"),
            Role::Shape => match program.shapes.get(value as usize) {
                Some(shape) => self.shape(shape),
                None => format!("shape {value}"),
            },
            Role::Error => program
                .errors
                .get(value as usize)
                .map_or(format!("error {value}"), |error| error.name.to_string()),
            Role::Op => u8::try_from(value)
                .ok()
                .and_then(Op::from_number)
                .map_or(format!("op {value}"), |op| op.word().to_owned()),
            Role::Native => u8::try_from(value)
                .ok()
                .and_then(Pure::from_number)
                .map_or(format!("native {value}"), |native| native.word().to_owned()),
            Role::Field => format!("F{value}"),
            Role::Show => u8::try_from(value)
                .ok()
                .and_then(Show::from_number)
                .map_or(format!("show {value}"), |show| format!("as {show:?}")),
        }
    }

    /// The name of the variant an instruction makes or opens.
    fn variant(&self, function: &Function, instruction: Instruction) -> Option<String> {
        let (register, tag) = match instruction {
            Instruction::MakeVariant { to, tag, .. } | Instruction::MakeOutcome { to, tag, .. } => (to, tag),
            Instruction::GetPayload { from, tag, .. } => (from, tag),
            _ => return None,
        };
        match function.registers.get(usize::from(register))? {
            ty @ Type::Union(_) => Some(self.word(u64::from(tag), ty)),
            _ => None,
        }
    }

    /// The type of the register an instruction that sets a constant writes.
    fn written(&self, function: &Function, instruction: Instruction) -> Option<Type> {
        let (Instruction::LoadInt { to, .. } | Instruction::LoadWord { to, .. }) = instruction
        else {
            return None;
        };
        function.registers.get(usize::from(to)).cloned()
    }

    fn word(&self, word: u64, ty: &Type) -> String {
        let number = word as i64;
        match ty {
            Type::Bool => (word != 0).to_string(),
            Type::Duration => format!("{number}ms"),
            Type::Percent => format!("{number} hundredths of a percent"),
            Type::Mti => format!("{number:04}"),
            Type::ResponseCode => ResponseCode::from_bits(word)
                .map_or(number.to_string(), |code| format!("{:?}", code.to_string())),
            Type::Amount => {
                Amount::from_bits(word).map_or(number.to_string(), |amount| amount.to_string())
            }
            Type::Union(at) => self
                .program
                .types
                .unions
                .get(usize::from(*at))
                .and_then(|union| union.variants.get(word as usize))
                .map_or(number.to_string(), |(name, _)| name.to_string()),
            _ => number.to_string(),
        }
    }

    fn text(&self, at: usize) -> String {
        let bytes = self
            .program
            .texts
            .get(at)
            .and_then(|(start, length)| {
                let start = *start as usize;
                self.program.bytes.get(start..start + *length as usize)
            })
            .unwrap_or(&[]);
        match std::str::from_utf8(bytes) {
            Ok(text) if text.chars().count() <= TEXT_MOST => format!("{text:?}"),
            Ok(text) => {
                let shown: String = text.chars().take(TEXT_MOST).collect();
                format!("{:?}…", shown)
            }
            Err(_) => format!("x\"{}\"", hex::encode(bytes.get(..TEXT_MOST).unwrap_or(bytes))),
        }
    }

    fn shape(&self, shape: &Shape) -> String {
        let fields: Vec<String> = shape
            .fields
            .iter()
            .map(|(field, offset, _)| format!("F{field} +{offset}"))
            .collect();
        let mut written = format!("{} {{ {} }}", shape.mti, fields.join(", "));
        if !shape.copies.is_empty() {
            let copies: Vec<String> = shape.copies.iter().map(|field| format!("F{field}")).collect();
            let _ = write!(written, " copies {}", copies.join(" "));
        }
        written
    }

    fn switch(&mut self, function: &Function, instruction: Instruction, switch: &Switch) {
        let on = match instruction {
            Instruction::SwitchWord { on, .. }
            | Instruction::SwitchText { on, .. }
            | Instruction::SwitchTag { on, .. } => function.registers.get(usize::from(on)).cloned(),
            _ => None,
        };
        // Cases that go to one place stand in one line, in the order of their first keys.
        let mut places: Vec<(u32, Vec<String>)> = Vec::new();
        for (key, target) in &switch.cases {
            let key = match instruction {
                Instruction::SwitchText { .. } => self.text(*key as usize),
                _ => self.word(*key, on.as_ref().unwrap_or(&Type::Int)),
            };
            match places.iter_mut().find(|(place, _)| place == target) {
                Some((_, keys)) => keys.push(key),
                None => places.push((*target, vec![key])),
            }
        }
        for (target, keys) in places {
            self.line(&format!("          {} -> {target}", keys.join(" ")));
        }
        self.line(&format!("          otherwise -> {}", switch.otherwise));
    }
}
