//! The reference pages say what the tables say; `TILL_BLESS=1 cargo test reference` writes them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tillscript::language::builtin;
use tillscript::language::builtin::row::{Builtin, DEVICES, Of, Owner, Simple, Ty};
use tillscript::language::builtin::shapes::{RECORDS, UNIONS, types};
use tillscript::language::syntax::parse::parse;
use tillscript::language::types::{Level, Levels};
use tillscript::script_error::catalogue;
use tillscript::script_error::code::{Code, Layer, Row};
use tillscript::script_error::source::FileId;
use tillscript::script_error::words::Words;

const MARK: &str = "<!-- Written by tests/all/reference.rs from the tables of the program. Change the tables, then run TILL_BLESS=1 cargo test reference. -->";

/// Compares a page with what the tables give, or writes it.
fn check_page(name: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference").join(name);
    if std::env::var_os("TILL_BLESS").is_some() {
        fs::write(&path, wanted).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let line = found.lines().zip(wanted.lines()).take_while(|(found, wanted)| found == wanted).count() + 1;
    assert!(
        found == wanted,
        "docs/reference/{name} differs from the tables at line {line}; run: TILL_BLESS=1 cargo test reference"
    );
}

#[test]
fn builtins_page_is_what_the_table_says() {
    check_page("builtins.md", &builtins());
}

#[test]
fn types_page_is_what_the_shapes_say() {
    check_page("types.md", &types_page());
}

#[test]
fn codes_page_is_what_the_catalogue_says() {
    check_page("codes.md", &codes());
}

// ── Builtins ──

fn builtins() -> String {
    let mut page = format!(
        "# 内建 Builtins\n\n{MARK}\n\n\
         设备、函数、成员，以及只在测试里写的布置与查看。标签写在值之前（`within: 60s`）；签名里各参数按次序写，除非另有说明，标签可写可不写。\n\
         Devices, functions, members, and what only tests can use. A label stands before its value (`within: 60s`); \
         arguments stand in the order of the signature, and unless a row says otherwise the label may be left away.\n"
    );
    for device in DEVICES {
        let rows: Vec<_> =
            builtin::all().filter(|row| row.owner == Owner::Device(device.name) && !row.fixture).collect();
        if rows.is_empty() {
            continue;
        }
        chapter(&mut page, &format!("`{}`", device.name), device.about);
        rows.into_iter().for_each(|row| entry(&mut page, row));
    }
    chapter(
        &mut page,
        "函数 Functions",
        Words { zh: "不属于任何设备，不需要 `uses`。", en: "They belong to no device and need no `uses`." },
    );
    builtin::all().filter(|row| row.owner == Owner::Nobody).for_each(|row| entry(&mut page, row));
    chapter(&mut page, "成员 Members", Words { zh: "写在值后面的点之后。", en: "They follow a value and a dot." });
    builtin::all().filter(|row| matches!(row.owner, Owner::Value(_))).for_each(|row| entry(&mut page, row));
    chapter(
        &mut page,
        "测试 In tests",
        Words {
            zh: "`given` 之后布置模拟世界，`expect` 之后查看它；只能写在 `test` 里。",
            en: "`given` sets up the simulated world, `expect` looks at it; only inside `test`.",
        },
    );
    builtin::all().filter(|row| row.fixture).for_each(|row| entry(&mut page, row));
    page
}

fn chapter(page: &mut String, title: &str, about: Words) {
    write!(page, "\n## {title}\n\n{}\n\n{}\n", about.zh, about.en).unwrap();
}

fn entry(page: &mut String, row: &Builtin) {
    let name = full_name(row);
    write!(page, "\n### `{name}`\n\n```text\n{}\n```\n\n{}\n\n{}\n", signature(row), row.about.zh, row.about.en)
        .unwrap();
    let mut facts = Vec::new();
    let labels = |choose: fn(&builtin::row::Takes) -> bool| {
        let names: Vec<_> =
            row.takes.iter().filter(|takes| choose(takes)).map(|takes| format!("`{}:`", takes.name)).collect();
        names.join(" ")
    };
    let (labelled, optional) = (labels(|takes| takes.labelled), labels(|takes| takes.optional));
    if !labelled.is_empty() {
        facts.push(format!("须写标签 label required: {labelled}"));
    }
    if !optional.is_empty() {
        facts.push(format!("可以不写 may be left out: {optional}"));
    }
    if takes_fields(row) {
        facts.push("另可写任意多个报文域 also takes message fields: `F39: \"51\"`".into());
    }
    let most: Vec<_> = row
        .takes
        .iter()
        .map(|takes| takes.most)
        .chain(match row.owner {
            Owner::Value(of) => Some(of.most()),
            _ => None,
        })
        .collect();
    if let Some(most) = most.into_iter().max().filter(|most| *most > Level::Public) {
        facts.push(format!("最高可给 takes at most: {}", level(most)));
    }
    if row.level > Level::Public {
        facts.push(format!("给出 gives: {}", level(row.level)));
    }
    if row.lowers {
        facts.push("所给比所取低，别的内建都不会 gives less than it takes, which no other builtin does".into());
    }
    if !row.errors.is_empty() {
        let errors: Vec<_> = row.errors.iter().map(|code| caught(*code)).collect();
        facts.push(format!("可能的错误 errors: {}", errors.join(", ")));
    }
    if !facts.is_empty() {
        page.push('\n');
        facts.iter().for_each(|fact| writeln!(page, "- {fact}").unwrap());
    }
    write!(page, "\n```till\n{}\n```\n", row.example).unwrap();
}

fn full_name(row: &Builtin) -> String {
    match row.owner {
        Owner::Device(device) => format!("{device}.{}", row.name),
        Owner::Nobody => row.name.into(),
        Owner::Value(of) => format!("{}.{}", owner_type(of), row.name),
    }
}

fn owner_type(of: Of) -> &'static str {
    match of {
        Of::Text => "Text",
        Of::List => "List",
        Of::Amount => "Amount",
        Of::Reply => "Reply",
        Of::Message => "Message",
        Of::ResponseCode => "ResponseCode",
        Of::Error => "Error",
    }
}

fn signature(row: &Builtin) -> String {
    let mut text = full_name(row);
    if !row.property {
        let takes: Vec<_> = row.takes.iter().map(|takes| format!("{}: {}", takes.name, written(takes.ty))).collect();
        write!(text, "({})", takes.join(", ")).unwrap();
    }
    if row.gives != Ty::Plain(Simple::Nothing) {
        write!(text, " -> {}", written(row.gives)).unwrap();
    }
    text
}

/// How far a value may go, in words.
fn level(level: Level) -> &'static str {
    match level {
        Level::Public => "公开 public",
        Level::Masked => "屏蔽后 masked",
        Level::CardNumber => "卡号 card number",
        Level::Secret => "机密 secret",
        Level::Key => "密钥 key",
    }
}

/// `on word` (code) of an error a builtin raises.
fn caught(code: Code) -> String {
    let row = catalogue::row(code).unwrap_or_else(|| panic!("{code} has no row"));
    match row.word {
        Some(word) => format!("`{word}` ({code})"),
        None => format!("{} ({code})", row.name),
    }
}

/// Fixtures whose fields stand as labels.
fn takes_fields(row: &Builtin) -> bool {
    row.fixture && matches!((row.owner, row.name), (Owner::Device("host"), "replies" | "received"))
}

/// A type as a script writes it.
fn written(ty: Ty) -> String {
    match ty {
        Ty::Plain(simple) => simple_row(simple).0.into(),
        Ty::List(of) => format!("List[{}]", written(*of)),
        Ty::Optional(of) => format!("{}?", written(*of)),
        Ty::Digits(_) | Ty::Record(_) | Ty::Union(_) => types().written(&ty.to_type()),
    }
}

// ── Types ──

const SIMPLE: &[Simple] = &[
    Simple::Bool,
    Simple::Int,
    Simple::Text,
    Simple::Bytes,
    Simple::Amount,
    Simple::Percent,
    Simple::Duration,
    Simple::Time,
    Simple::Message,
    Simple::Reply,
    Simple::ResponseCode,
    Simple::Mti,
    Simple::Pan,
    Simple::Track,
    Simple::Expiry,
    Simple::PinBlock,
    Simple::Keys,
    Simple::ChipData,
    Simple::Cryptogram,
    Simple::Kcv,
    Simple::Phrase,
    Simple::Receipt,
    Simple::Error,
];

/// Name, literal and meaning. A `match`, so that a new type does not compile without its row here.
fn simple_row(simple: Simple) -> (&'static str, &'static str, Words) {
    let (name, literal, zh, en) = match simple {
        Simple::Bool => ("Bool", "`true` `false`", "是或否。", "True or false."),
        Simple::Int => ("Int", "`42`", "64 位整数，溢出即报错。", "A 64-bit integer; overflow is an error."),
        Simple::Text => ("Text", "`\"{amount} 元\"`", "文字；花括号里是值。", "Characters; braces hold values."),
        Simple::Bytes => ("Bytes", "`x\"6985\"`", "字节。", "Bytes."),
        Simple::Amount => (
            "Amount",
            "`12.50 CNY`",
            "金额：最小货币单位与币种，不用浮点数。",
            "Money: minor units and a currency, never floating point.",
        ),
        Simple::Percent => ("Percent", "`0.6%`", "百分比，精确到万分之一。", "A percentage, exact to 1/10000."),
        Simple::Duration => ("Duration", "`500ms` `60s` `2min` `1h`", "时长。", "A length of time."),
        Simple::Time => ("Time", "", "终端时钟的时刻。", "A moment on the terminal's clock."),
        Simple::Message => (
            "Message",
            "`message 0200 { F3: \"000000\" }`",
            "待发报文；域按方言检查。",
            "A message to send; the dialect checks its fields.",
        ),
        Simple::Reply => (
            "Reply",
            "",
            "已与请求匹配并通过校验的应答；用 `reply.F37` 取域。",
            "A reply matched with its request and checked; `reply.F37` reads a field.",
        ),
        Simple::ResponseCode => {
            ("ResponseCode", "`insufficient_funds`", "应答码，第 39 域。", "A response code, field 39.")
        }
        Simple::Mti => ("Mti", "`0200`", "消息类型。", "A message type."),
        Simple::Pan => ("Pan", "", "卡号。", "A card number."),
        Simple::Track => ("Track2", "", "磁道数据。", "Track data."),
        Simple::Expiry => ("Expiry", "", "卡有效期，YYMM。", "A card's expiry, YYMM."),
        Simple::PinBlock => ("PinBlock", "", "加密的 PIN 块。", "An encrypted PIN block."),
        Simple::ChipData => {
            ("ChipData", "", "芯片数据，用于第 55 域；可能含卡号。", "Chip data for field 55; card data may be in it.")
        }
        Simple::Keys => ("Keys", "", "签到下发的密钥包。", "The key bundle of a sign-in reply."),
        Simple::Cryptogram => ("Cryptogram", "", "主密钥下的一把工作密钥。", "One work key under the master key."),
        Simple::Kcv => ("Kcv", "", "密钥校验值，十六进制。", "A key's check value, in hexadecimal."),
        Simple::Phrase => (
            "Phrase",
            "`signing_in`",
            "一句话，中英文都有，显示时再选。",
            "A sentence in both languages; chosen when shown.",
        ),
        Simple::Receipt => ("Receipt", "", "一张单据。", "A slip."),
        Simple::Error => ("Error", "`Timeout`", "错误及其事实。", "An error and its facts."),
        Simple::Nothing => ("Nothing", "", "没有值。", "No value."),
    };
    (name, literal, Words { zh, en })
}

fn types_page() -> String {
    let mut page = format!(
        "# 类型 Types\n\n{MARK}\n\n\
         `T?` 是 `T` 或 `none`；`List[T]` 是列表；`Digits(n)` 是正好 n 位数字，可用在要 `Text` 的地方。\n\
         `T?` is a `T` or `none`; `List[T]` is a list; `Digits(n)` is exactly n digits and may stand where a `Text` is asked for.\n\n\
         ## 简单类型 Simple types\n\n| 类型 type | 写法 written | 含义 meaning | |\n|---|---|---|---|\n"
    );
    for simple in SIMPLE {
        let (name, literal, about) = simple_row(*simple);
        let of = Levels::default().of_type(&Ty::Plain(*simple).to_type());
        let secret = if of > Level::Public { level(of) } else { "" };
        writeln!(page, "| `{name}` | {literal} | {} {} | {secret} |", about.zh, about.en).unwrap();
    }
    page.push_str(
        "\n敏感类型不能显示、打印、写日志、比较，也不能进入错误的事实；卡号可用 `mask(pan)` 屏蔽。\n\
         A secret type cannot be shown, printed, logged or compared, nor be a fact of an error; `mask(pan)` masks a card number.\n\n\
         ## 记录 Records\n",
    );
    for record in RECORDS {
        write!(page, "\n### `{}`\n\n{}\n\n{}\n\n", record.name, record.about.zh, record.about.en).unwrap();
        for (name, ty) in record.fields {
            writeln!(page, "- `{name}: {}`", written(*ty)).unwrap();
        }
        if !record.built_by_scripts {
            page.push_str("\n脚本只能读取，不能自造。\nScripts read it and cannot build one.\n");
        }
    }
    page.push_str("\n## 联合 Unions\n");
    for union in UNIONS {
        write!(page, "\n### `{}`\n\n{}\n\n{}\n\n", union.name, union.about.zh, union.about.en).unwrap();
        for (name, payload) in union.variants {
            match payload {
                Some(ty) => writeln!(page, "- `{name}({})`", written(*ty)).unwrap(),
                None => writeln!(page, "- `{name}`").unwrap(),
            }
        }
    }
    page
}

// ── Codes ──

fn codes() -> String {
    let rows: Vec<&Row> = catalogue::all().collect();
    let mut page = format!(
        "# 代码 Codes\n\n{MARK}\n\n\
         `T` 是本程序的代码，共 {} 个；`E` 是脚本自己声明的。含义永不改变。`till explain T5101` 说明原因与各人该做的事。\n\
         `T` codes are this program's, {} of them; `E` codes are declared by scripts. A code never changes its meaning. \
         `till explain T5101` tells why it happens and what each person should do.\n",
        rows.len(),
        rows.len()
    );
    let mut layer: Option<Layer> = None;
    for row in rows {
        if layer != Some(row.layer) {
            layer = Some(row.layer);
            write!(
                page,
                "\n## {} `{}`\n\n| 代码 code | 名称 name | `on` | 含义 meaning |\n|---|---|---|---|\n",
                layer_title(row.layer),
                row.layer.word()
            )
            .unwrap();
        }
        let word = row.word.map_or(String::new(), |word| format!("`{word}`"));
        writeln!(page, "| {} | `{}` | {word} | {}<br>{} |", row.code, row.name, cell(row.title.zh), cell(row.title.en))
            .unwrap();
    }
    page
}

fn layer_title(layer: Layer) -> &'static str {
    match layer {
        Layer::Lexical => "源文件的字符 Signs of the source",
        Layer::Syntax => "语法 Syntax",
        Layer::Types => "名称与类型 Names and types",
        Layer::Flow => "流程 Flow",
        Layer::Reversal => "冲正规则 Reversal rules",
        Layer::Secrets => "敏感数据 Secrets",
        Layer::Capabilities => "设备声明 Capabilities",
        Layer::Texts => "文本与语言 Texts and languages",
        Layer::Tests => "测试 Tests",
        Layer::Bytecode => "字节码文件 Bytecode files",
        Layer::Person => "人 Persons",
        Layer::Issuer => "发卡方与主机的决定 Issuer and host",
        Layer::Card => "卡与芯片 Cards and chips",
        Layer::Keys => "密钥与安全 Keys and security",
        Layer::Network => "网络与主机链路 Network and host link",
        Layer::Hardware => "硬件 Hardware",
        Layer::Storage => "交易日志、存储与文件 Journal, storage and files",
        Layer::Limits => "上限与运算 Limits and arithmetic",
        Layer::Internal => "本程序的缺陷 Defects of this program",
    }
}

/// Text as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// An example is a statement, an expression, or a field of a message.
#[test]
fn every_example_can_be_read() {
    let mut found = Vec::new();
    for row in builtin::all() {
        let forms = [
            format!("flow f() {{\n  {}\n}}\n", row.example),
            format!("flow f() {{\n  let x = {}\n}}\n", row.example),
            format!("flow f() {{\n  let x = message 0200 {{\n    {}\n  }}\n}}\n", row.example),
            format!("test \"t\" {{\n  {}\n}}\n", row.example),
        ];
        if !forms.iter().any(|text| parse(FileId(0), text).findings.is_empty()) {
            found.push(format!("{}: {}", full_name(row), row.example));
        }
    }
    assert!(found.is_empty(), "these examples cannot be read:\n  {}", found.join("\n  "));
}

/// Rows are found by name, and a name stands once.
#[test]
fn every_builtin_has_a_name_of_its_own() {
    let mut names: Vec<_> = builtin::all().map(|row| (full_name(row), row.fixture)).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "two rows have one name");
    for row in builtin::all() {
        assert!(!row.about.zh.is_empty() && !row.about.en.is_empty(), "{} says nothing", full_name(row));
        for code in row.errors {
            assert!(catalogue::row(*code).is_some(), "{} raises {code}, which has no row", full_name(row));
        }
    }
}

/// `Ty` names its records and unions by name; a name that is none would be `Unknown`.
#[test]
fn every_type_of_a_row_exists() {
    let every = builtin::all()
        .flat_map(|row| row.takes.iter().map(|takes| takes.ty).chain([row.gives]))
        .chain(RECORDS.iter().flat_map(|record| record.fields.iter().map(|(_, ty)| *ty)))
        .chain(UNIONS.iter().flat_map(|union| union.variants.iter().filter_map(|(_, ty)| *ty)));
    for ty in every {
        assert!(!format!("{:?}", ty.to_type()).contains("Unknown"), "{ty:?} is no type");
    }
}
