//! Looks at the facts of a slip from every side that a shop can see.

use crate::payment::merchant::division::{Division, divide, yuan};
use crate::payment::merchant::facts::{Facts, MachineFrom};
use crate::payment::merchant::fee::CardKind;
use crate::payment::merchant::finding::{Finding, Strength};
use crate::payment::merchant::institution::{self, Institution};
use crate::payment::merchant::number::{LENGTH, MerchantNumber, NumberFault};
use crate::payment::merchant::pair::Pair;
use crate::payment::merchant::region::{self, Reading};
use crate::payment::merchant::trade::{self, Class, Trade};

/// Characters of a terminal number, field 41.
const TERMINAL_CHARACTERS: usize = 8;
/// A merchant number with what its parts mean.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The number.
    pub number: MerchantNumber,
    /// Who its first three characters name.
    pub institution: Option<&'static Institution>,
    /// Where its region lies.
    pub region: Reading,
    /// Which trade its digits 8 to 11 name.
    pub trade: Option<&'static Trade>,
}

/// Everything that was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The number on the slip, if it can be read.
    pub parsed: Option<Parsed>,
    /// The fee, if it was told with an amount.
    pub division: Option<Division>,
    /// Findings, strongest first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The strongest finding.
    pub fn strongest(&self) -> Option<Strength> {
        self.findings.first().map(|finding| finding.strength)
    }
}

/// Looks at the facts.
pub fn examine(facts: &Facts) -> Report {
    let mut found = Vec::new();
    let parsed = facts.number.as_deref().and_then(|text| parse(text, ("签购单", "the slip"), &mut found));
    let app = facts.app_number.as_deref().and_then(|text| parse(text, ("持卡人记录", "the record"), &mut found));
    if let Some(parsed) = &parsed {
        of_institution(facts, parsed, &mut found);
        of_region(facts, parsed, &mut found);
        of_trade(facts, parsed, &mut found);
    }
    if let (Some(slip), Some(app)) = (&parsed, &app) {
        of_two_numbers(slip, app, &mut found);
    }
    of_names(facts, &mut found);
    of_terminal(facts, &mut found);
    of_amounts(facts, &mut found);
    let division = divide(facts, &mut found);
    of_points(facts, &mut found);
    of_machine(facts, &mut found);
    // Strongest first; among equals the order in which they were looked at.
    found.sort_by_key(|finding| std::cmp::Reverse(finding.strength));
    Report { parsed, division, findings: found }
}

/// A finding, put together.
pub(super) fn add(found: &mut Vec<Finding>, id: &'static str, strength: Strength, what: Pair, why: Pair, next: Pair) {
    found.push(Finding { id, strength, what, why, next });
}

fn parse(text: &str, place: (&str, &str), found: &mut Vec<Finding>) -> Option<Parsed> {
    match MerchantNumber::read(text) {
        Ok(number) => Some(Parsed {
            institution: institution::of_code(number.institution()),
            region: region::read(number.region()),
            trade: trade::of_mcc(number.trade()),
            number,
        }),
        Err(fault) => {
            let (what_zh, what_en) = match fault {
                NumberFault::Length(TERMINAL_CHARACTERS) => (
                    "有 8 个字符：这像是终端编号，不是商户编号".to_owned(),
                    "has 8 characters: this looks like the terminal number, not the merchant number".to_owned(),
                ),
                NumberFault::Length(length) => (
                    format!("有 {length} 个字符，商户编号是 {LENGTH} 个"),
                    format!("has {length} characters; a merchant number has {LENGTH}"),
                ),
                NumberFault::Character(at) => (
                    format!("第 {at} 个字符既不是数字也不是字母"),
                    format!("has a character at place {at} that is neither digit nor letter"),
                ),
                NumberFault::Letter(at) => (
                    format!("第 {at} 个字符是字母；只有最后四位可以是字母"),
                    format!("has a letter at place {at}; only the last four may be letters"),
                ),
            };
            add(
                found,
                "number-shape",
                Strength::Certain,
                Pair::new(
                    format!("{}上的商户编号{what_zh}", place.0),
                    format!("the merchant number of {} {what_en}", place.1),
                ),
                Pair::new(
                    "多半是抄错；若单据上就是这样，它不是正规的签购单",
                    "most likely a slip of the pen; if it is printed so, this is no regular slip",
                ),
                Pair::new("对照单据再输一次", "compare with the slip and type it again"),
            );
            None
        }
    }
}

fn of_institution(facts: &Facts, parsed: &Parsed, found: &mut Vec<Finding>) {
    let code = parsed.number.institution();
    if parsed.institution.is_none() {
        add(
            found,
            "institution-unknown",
            Strength::Weak,
            Pair::new(
                format!("前三位 {code} 不在已公开的机构表中"),
                format!("the first three digits, {code}, are in no public list"),
            ),
            Pair::new(
                "公开的表不全；新机构与外包号段常不在其中",
                "public lists are not complete; newer acquirers are often missing",
            ),
            Pair::new(
                "问收单机构客服：这三位是不是它的",
                "ask the acquirer's service desk whether these digits are its own",
            ),
        );
    }
    let Some((said, meant)) = &facts.acquirer else { return };
    if meant.is_empty() {
        add(
            found,
            "acquirer-unknown",
            Strength::Note,
            Pair::new(
                format!("不认识收单机构“{said}”，没有与编号比较"),
                format!("the acquirer “{said}” is not known here; it was not compared"),
            ),
            Pair::new("表中只有编号已公开的机构", "only acquirers whose numbers are public are listed"),
            Pair::new("直接用三位代码再试", "try again with its three digits"),
        );
    } else if !meant.iter().any(|row| row.code == code)
        && !meant.iter().any(|row| Some(row.zh) == parsed.institution.map(|i| i.zh))
    {
        let (zh, en) = parsed.institution.map_or(("未知机构", "nobody known"), |row| (row.zh, row.en));
        add(
            found,
            "institution-differs",
            Strength::Strong,
            Pair::new(
                format!("合同的收单机构是“{said}”，编号前三位 {code} 却指{zh}"),
                format!("the contract's acquirer is “{said}”, but the first three digits, {code}, name {en}"),
            ),
            Pair::new(
                "款项由另一家机构收单：可能是机构间转接或外包，也可能是换了商户",
                "another institution acquires the money: a transfer between companies, or another merchant's number",
            ),
            Pair::new(
                "向合同上的收单机构客服核对商户编号；核对前不要再刷大额",
                "ask the contract's acquirer for your merchant number; run no large amounts before it agrees",
            ),
        );
    }
}

/// The provinces of a reading, in words.
pub fn reading_words(reading: &Reading) -> Pair {
    let join = |names: Vec<&str>, between: &str| names.join(between);
    let interbank_zh = join(reading.interbank.iter().map(|row| row.zh).collect(), "或");
    let interbank_en = join(reading.interbank.iter().map(|row| row.en).collect(), " or ");
    match (reading.interbank.is_empty(), reading.administrative) {
        (true, None) => Pair::new("两种编码里都没有", "in neither of the two systems"),
        (true, Some(row)) => Pair::new(format!("行政区划：{}", row.zh), format!("{} (administrative)", row.en)),
        (false, None) => Pair::new(format!("银联地区码：{interbank_zh}"), format!("{interbank_en} (interbank)")),
        (false, Some(row)) => Pair::new(
            format!("银联地区码：{interbank_zh}；行政区划：{}", row.zh),
            format!("{interbank_en} (interbank) or {} (administrative)", row.en),
        ),
    }
}

fn of_region(facts: &Facts, parsed: &Parsed, found: &mut Vec<Finding>) {
    let code = parsed.number.region();
    let Some((said, province)) = &facts.place else { return };
    let Some(province) = province else {
        add(
            found,
            "place-unknown",
            Strength::Note,
            Pair::new(
                format!("不认识地名“{said}”，没有与编号比较"),
                format!("the place “{said}” is not known here; it was not compared"),
            ),
            Pair::new("表中有各省与较大的城市", "provinces and larger cities are listed"),
            Pair::new("改用省份再试", "try again with the province"),
        );
        return;
    };
    if !parsed.region.is_empty() && !parsed.region.fits(province) {
        let read = reading_words(&parsed.region);
        add(
            found,
            "region-differs",
            Strength::Medium,
            Pair::new(
                format!("店在{}，编号第 4～7 位 {code} 两种读法都不在那里（{}）", province.zh, read.zh),
                format!(
                    "the shop is in {}, and characters 4 to 7, {code}, lie elsewhere both ways: {}",
                    province.en, read.en
                ),
            ),
            Pair::new(
                "外地商户编号（不“落地”）；有的支付公司在这里填自己的数字或总部所在地",
                "a merchant number of elsewhere; some companies put digits of their own or their own seat here",
            ),
            Pair::new("问收单机构：本店登记在哪个地区", "ask the acquirer in which region this shop is filed"),
        );
    }
}

fn of_trade(facts: &Facts, parsed: &Parsed, found: &mut Vec<Finding>) {
    let digits = parsed.number.trade();
    let shop = facts.trade.as_ref();
    if let Some((said, None)) = shop {
        add(
            found,
            "trade-unknown",
            Strength::Note,
            Pair::new(
                format!("不认识行业“{said}”，没有与编号比较"),
                format!("the trade “{said}” is not known here; it was not compared"),
            ),
            Pair::new("表中只有常见行业", "only common trades are listed"),
            Pair::new("用 4 位 MCC 再试", "try again with the MCC of 4 digits"),
        );
    }
    let (Some((_, Some(shop))), Some(read)) = (shop, parsed.trade) else { return };
    if shop.mcc == read.mcc {
        return;
    }
    let cheaper = read.class != Class::Standard && shop.class == Class::Standard;
    let strength = match (cheaper, shop.group == read.group) {
        (true, _) => Strength::Strong,
        (false, false) => Strength::Medium,
        (false, true) => Strength::Weak,
    };
    let (class_zh, class_en) = read.class.names();
    let (id, why) = if cheaper {
        (
            "trade-cheaper",
            Pair::new(
                format!("编号里的行业属{class_zh}，发卡行与转接收得少：常见的套码、跳码去处。也可能这四位不是行业码"),
                format!(
                    "that trade is of the {class_en} class, where issuer and network take less: where switched sales usually go. Or these digits are no trade code"
                ),
            ),
        )
    } else {
        (
            "trade-differs",
            Pair::new(
                "登记的行业与实际不符，或这四位是机构自编的数字",
                "the shop is filed under another trade, or the acquirer puts digits of its own here",
            ),
        )
    };
    add(
        found,
        id,
        strength,
        Pair::new(
            format!("店是{}（{}），编号第 8～11 位 {digits} 却是{}", shop.zh, shop.mcc, read.zh),
            format!(
                "the shop's trade is {} ({}), but characters 8 to 11, {digits}, say {}",
                shop.en, shop.mcc, read.en
            ),
        ),
        why,
        Pair::new(
            "问收单机构：本店登记的 MCC 是什么，要求更正",
            "ask the acquirer which MCC this shop is filed under, and to put it right",
        ),
    );
}

fn of_two_numbers(slip: &Parsed, app: &Parsed, found: &mut Vec<Finding>) {
    if slip.number == app.number {
        return;
    }
    let parts: Vec<(&str, &str)> = [
        (slip.number.institution() != app.number.institution(), ("机构", "institution")),
        (slip.number.region() != app.number.region(), ("地区", "region")),
        (slip.number.trade() != app.number.trade(), ("行业", "trade")),
        (slip.number.serial() != app.number.serial(), ("序号", "serial number")),
    ]
    .into_iter()
    .filter_map(|(differs, names)| differs.then_some(names))
    .collect();
    let zh: Vec<&str> = parts.iter().map(|names| names.0).collect();
    let en: Vec<&str> = parts.iter().map(|names| names.1).collect();
    add(
        found,
        "number-differs",
        Strength::Strong,
        Pair::new(
            format!("签购单 {} ≠ 持卡人记录 {}（{}不同）", slip.number.text(), app.number.text(), zh.join("、")),
            format!(
                "the slip has {}, the cardholder's record {} ({} differ)",
                slip.number.text(),
                app.number.text(),
                en.join(", ")
            ),
        ),
        Pair::new(
            "最有力的跳码迹象：这笔交易以另一个商户清算。先排除看错了另一笔",
            "the strongest sign of switching: the sale was cleared under another merchant. First make sure that it is the same sale",
        ),
        Pair::new(
            "保存签购单与记录截图；问收单机构；不答复可向银联 95516 与人民银行当地分支机构反映",
            "keep the slip and a picture of the record; ask the acquirer; without an answer, UnionPay (95516) and the central bank's branch take complaints",
        ),
    );
}

/// A name without white space, brackets and the words of a company's form.
fn bare(name: &str) -> String {
    let kept: String = name
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| match c {
            '\u{FF10}'..='\u{FF5A}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .collect();
    ["有限责任公司", "股份有限公司", "有限公司", "个体工商户"].iter().fold(kept, |kept, form| kept.replace(form, ""))
}

fn of_names(facts: &Facts, found: &mut Vec<Finding>) {
    let Some(slip) = &facts.name else { return };
    for (id, other, (zh, en)) in [
        ("name-differs", &facts.app_name, ("持卡人记录", "the cardholder's record")),
        ("licence-name-differs", &facts.licence_name, ("营业执照", "the business licence")),
    ] {
        let Some(other) = other else { continue };
        let (a, b) = (bare(slip), bare(other));
        if a == b {
            continue;
        }
        let short = a.contains(&b) || b.contains(&a);
        let strength = match (short, id) {
            (true, _) => Strength::Weak,
            (false, "name-differs") => Strength::Strong,
            (false, _) => Strength::Medium,
        };
        add(
            found,
            id,
            strength,
            Pair::new(
                format!("签购单是“{slip}”，{zh}是“{other}”"),
                format!("the slip says “{slip}”, {en} says “{other}”"),
            ),
            if short {
                Pair::new("一个像是另一个的简称", "one seems to be short for the other")
            } else {
                Pair::new(
                    "名称属于另一个商户，或是分店、品牌名与公司名之别",
                    "the name of another merchant, or of a branch or brand beside the company's",
                )
            },
            Pair::new(
                "问收单机构登记的名称；应与营业执照一致",
                "ask the acquirer which name is filed; it should be that of the licence",
            ),
        );
    }
}

fn of_terminal(facts: &Facts, found: &mut Vec<Finding>) {
    let Some(terminal) = &facts.terminal else { return };
    let bare: Vec<char> = terminal.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if bare.len() == TERMINAL_CHARACTERS && bare.iter().all(char::is_ascii_alphanumeric) {
        return;
    }
    add(
        found,
        "terminal-shape",
        Strength::Certain,
        Pair::new(
            format!("终端编号有 {} 个字符；它应是 {TERMINAL_CHARACTERS} 个数字或字母", bare.len()),
            format!(
                "the terminal number has {} characters; it has {TERMINAL_CHARACTERS}, digits or letters",
                bare.len()
            ),
        ),
        Pair::new(
            "多半是抄错，或看成了机身序列号",
            "most likely a slip of the pen, or the serial number on the machine",
        ),
        Pair::new("对照签购单再输一次", "compare with the slip and type it again"),
    );
}

fn of_amounts(facts: &Facts, found: &mut Vec<Finding>) {
    let (Some(slip), Some(app)) = (facts.amount, facts.app_amount) else { return };
    if slip == app {
        return;
    }
    add(
        found,
        "amount-differs",
        Strength::Certain,
        Pair::new(
            format!("签购单 {} 元，持卡人记录 {} 元", yuan(slip), yuan(app)),
            format!("the slip says {} yuan, the cardholder's record {}", yuan(slip), yuan(app)),
        ),
        Pair::new(
            "可能看错了另一笔、含优惠或分期；否则两边的账不一致",
            "maybe another sale, a discount or instalments; otherwise the books do not agree",
        ),
        Pair::new(
            "按参考号（12 位）对是否同一笔，再找收单机构",
            "compare the reference number of 12 digits; if it is the same, ask the acquirer",
        ),
    );
}

fn of_points(facts: &Facts, found: &mut Vec<Finding>) {
    let standard = !matches!(&facts.trade, Some((_, Some(trade))) if trade.class != Class::Standard);
    if facts.points == Some(false) && facts.card == Some(CardKind::Credit) && standard {
        add(
            found,
            "no-points",
            Strength::Weak,
            Pair::new("贷记卡在标准类商户消费却没有积分", "a credit card at a standard shop, and no points"),
            Pair::new(
                "可能记在公益类、优惠类商户名下；也可能是发卡行的积分规则",
                "maybe booked under a class without points, maybe the issuer's own rule",
            ),
            Pair::new("看持卡人记录里的商户编号与名称", "look at merchant number and name in the cardholder's record"),
        );
    }
}

fn of_machine(facts: &Facts, found: &mut Vec<Finding>) {
    let (strength, from) = match facts.machine_from {
        Some(MachineFrom::Online) => (Strength::Medium, Pair::new("网上或电话推销来的", "on the net or after a call")),
        Some(MachineFrom::Agent) => (Strength::Note, Pair::new("代理给的", "from an agent")),
        _ => return,
    };
    add(
        found,
        "machine-from",
        strength,
        Pair::new(format!("机器是{}", from.zh), format!("the machine came {}", from.en)),
        Pair::new(
            "登记的商户可能不是本店，资金也可能先到别人账上",
            "it may be filed under another merchant, and the money may go to somebody else first",
        ),
        Pair::new(
            "拿机身序列号问收单机构登记在谁名下",
            "ask the acquirer under whom the serial number on the machine is filed",
        ),
    );
}
