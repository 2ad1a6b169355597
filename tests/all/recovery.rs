//! What waits goes out in its order, and each answer ends it, keeps it or holds up the rest, as the trade says.

use super::exchange::{dialect, reply};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use tillscript::payment::amount::Amount;
use tillscript::payment::iso8583::dialect::{Dialect, MessageRule, Mti, ReversalRule};
use tillscript::payment::iso8583::frame::{frame_reply, unframe};
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::pack;
use tillscript::payment::iso8583::response::{Category, CodeTable, ResponseCode};
use tillscript::payment::iso8583::unpack::unpack;
use tillscript::run::happening::Happening;
use tillscript::run::program::build_text;
use tillscript::run::recovery::{Which, send_notices, send_pending};
use tillscript::world::port::day::Notice;
use tillscript::world::port::host_link::{HostLink, LinkFailure};
use tillscript::world::port::record::{DueReversal, Record, RequestFacts};
use tillscript::world::port::waited::Waited;
use tillscript::world::simulation::{Setup, Simulation};

/// What the line does with a message.
#[derive(Clone, Copy)]
enum Line {
    /// The host answers with this code.
    Code(&'static str),
    /// It answers without one.
    NoCode,
    /// It answers with another amount: no reply to believe, and no time lost.
    OtherAmount,
    /// It keeps silent until the time is over.
    Silent,
    /// There is no line.
    None,
}

/// The messages that came, as type, trace number and field 39.
type Asked = Rc<RefCell<Vec<(u16, u32, String)>>>;

/// A line that does for each trace number what it is told, and answers 00 to the rest.
struct Told {
    dialect: Dialect,
    lines: BTreeMap<u32, Line>,
    asked: Asked,
}

impl HostLink for Told {
    fn exchange(&mut self, bytes: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        let framed = unframe(&self.dialect, bytes).expect("a frame");
        let request = unpack(framed.body, &self.dialect).expect("a message");
        let stan: u32 = request.text(11).and_then(|text| text.parse().ok()).expect("a trace number");
        self.asked.borrow_mut().push((request.mti.0, stan, request.text(39).unwrap_or_default().to_string()));
        let mut answer = reply(&request, &[3, 4, 11, 41, 42, 49], "00");
        match self.lines.get(&stan) {
            Some(Line::Silent) => return Waited::new(within_ms, Err(LinkFailure::Timeout)),
            Some(Line::None) => return Waited::new(0, Err(LinkFailure::NoLine)),
            Some(Line::Code(code)) => answer.set(39, code.as_bytes()),
            Some(Line::NoCode) => {
                answer = Message::new(answer.mti);
                for number in [3, 4, 11, 41, 42, 49] {
                    answer.set(number, request.get(number).expect("it was sent"));
                }
            }
            Some(Line::OtherAmount) => answer.set(4, b"000000000001".as_slice()),
            None => {}
        }
        answer.set(37, b"000000000037".as_slice());
        answer.set(38, b"AUTH38".as_slice());
        let body = pack(&answer, &self.dialect).expect("a reply");
        Waited::new(10, Ok(frame_reply(&self.dialect, &body, 0).expect("a frame").to_vec()))
    }
}

/// A dialect without MAC that knows notices and reversals.
fn speech() -> Dialect {
    let mut speech = dialect("iso1987");
    let sale = speech.messages.iter().find(|rule| rule.mti == Mti(200)).expect("a sale").clone();
    speech.messages.extend([Mti(220), Mti(620), Mti(400)].map(|mti| MessageRule {
        mti,
        processing: None,
        moves_money: false,
        reply_needed: Default::default(),
        echoed: [4, 11].into_iter().collect(),
        match_key: [11].into_iter().collect(),
        ..sale.clone()
    }));
    let code = |digits: &[u8; 2]| ResponseCode(*digits);
    speech.reversal = Some(ReversalRule {
        mti: Mti(400),
        copied: [3, 4, 11, 41, 42, 49].into_iter().collect(),
        reason_default: code(b"06"),
        reason_timeout: code(b"98"),
        reason_mac: code(b"A0"),
        accepted: vec![code(b"00"), code(b"25")],
    });
    speech
}

/// The codes of the library.
fn codes() -> CodeTable {
    let text = "import cn_pos.dialect\nimport cn_pos.codes\npub flow f() -> Outcome {\n  return done\n}\n";
    build_text("case.till", text).program.expect("it builds").codes
}

/// A code of a category.
fn of(category: Category) -> &'static str {
    let code = codes().rows.iter().find(|row| row.category == category).expect("one").code.to_string();
    Box::leak(code.into_boxed_str())
}

fn due(world: &Simulation, speech: &Dialect, mti: u16, stan: u32) -> DueReversal {
    let mut message = Message::new(Mti(mti));
    let fields = [(3, "000000"), (4, "000000010000"), (41, "10000007"), (42, "123456789012345"), (49, "156")];
    for (number, value) in fields {
        message.set(number, value.as_bytes());
    }
    message.set(11, format!("{stan:06}").as_bytes());
    let amount = Amount::parse("100.00CNY").ok();
    let facts = RequestFacts { mti: Mti(mti), batch: 1, amount, at_ms: 0 };
    DueReversal::seal(&message, speech, facts, &world.ports.seal).expect("it can be kept")
}

/// A world whose line does this.
fn world(lines: &[(u32, Line)]) -> (Simulation, Dialect, Asked) {
    let speech = speech();
    let mut world = Simulation::start(Setup::new(speech.clone())).expect("a world");
    let asked = Asked::default();
    world.ports.host =
        Box::new(Told { dialect: speech.clone(), lines: lines.iter().copied().collect(), asked: asked.clone() });
    (world, speech, asked)
}

/// What came of notices: the trace numbers that went out, those that still wait, and what was said of each answer.
struct Came {
    asked: Vec<u32>,
    left: Vec<u32>,
    answered: Vec<String>,
    given: usize,
}

/// Two notices (1 and 2) and a script result behind them (3), sent to a line that does this.
fn notices(lines: &[(u32, Line)], which: Which) -> Came {
    let (mut world, speech, asked) = world(lines);
    for (mti, stan) in [(220, 1), (220, 2), (620, 3)] {
        let notice = Notice { due: due(&world, &speech, mti, stan), booked: None, adjusts: None };
        world.ports.journal.append(Record::Noticed(Box::new(notice))).expect("written");
    }
    let mut answered = Vec::new();
    let mut watch = |happening| {
        if let Happening::NoticeAnswered { stan, by, taken } = happening {
            answered.push(format!("{stan} {by} {taken}"));
        }
    };
    let given = send_notices(&mut world.ports, &speech, &codes(), which, 60_000, &mut BTreeMap::new(), &mut watch)
        .expect("sent");
    let left = world.ports.journal.state().day.notices.iter().map(|notice| notice.due.stan).collect();
    let asked = asked.borrow().iter().map(|(_, stan, _)| *stan).collect();
    Came { asked, left, answered, given }
}

#[test]
fn script_results_go_first_and_alone_before_a_transaction() {
    let came = notices(&[], Which::All);
    assert_eq!(came.asked, [3, 1, 2]);
    assert_eq!(came.answered, ["3 00 true", "1 00 true", "2 00 true"]);
    assert_eq!((came.left, came.given), (vec![], 0));
    let came = notices(&[], Which::ScriptResults);
    assert_eq!((came.asked, came.left, came.given), (vec![3], vec![1, 2], 2));
}

#[test]
fn a_notice_that_the_host_has_or_refuses_waits_no_longer() {
    let decline = of(Category::Decline);
    let came = notices(&[(1, Line::Code("94")), (2, Line::Code(decline))], Which::All);
    assert_eq!(came.answered, ["3 00 true".to_string(), "1 94 true".into(), format!("2 {decline} false")]);
    assert_eq!((came.left, came.given), (vec![], 0));
}

#[test]
fn a_host_that_asks_for_a_sign_in_or_for_patience_is_asked_nothing_more() {
    for category in [Category::Rekey, Category::Retry] {
        let came = notices(&[(1, Line::Code(of(category)))], Which::All);
        assert_eq!((came.asked, came.left, came.given), (vec![3, 1], vec![1, 2], 2), "{category:?}");
        assert_eq!(came.answered, ["3 00 true"]);
    }
}

#[test]
fn an_answer_that_says_nothing_keeps_its_notice_and_does_not_hold_up_the_next() {
    for line in [Line::NoCode, Line::OtherAmount] {
        let came = notices(&[(1, line)], Which::All);
        assert_eq!((came.asked, came.left, came.given), (vec![3, 1, 2], vec![1], 1));
        assert_eq!(came.answered, ["3 00 true", "2 00 true"]);
    }
}

#[test]
fn without_a_line_or_without_time_nothing_more_is_tried() {
    for line in [Line::None, Line::Silent] {
        let came = notices(&[(1, line)], Which::All);
        assert_eq!((came.asked, came.left, came.given), (vec![3, 1], vec![1, 2], 2));
    }
    assert_eq!(notices(&[(3, Line::Silent)], Which::All).asked, [3]);
}

/// What a notice brings back stands in the journal.
#[test]
fn an_answered_notice_is_written_down() {
    let (mut world, speech, _) = world(&[]);
    let notice = Notice { due: due(&world, &speech, 220, 5), booked: None, adjusts: None };
    world.ports.journal.append(Record::Noticed(Box::new(notice))).expect("written");
    let before = world.ports.journal.state().records;
    let left = send_notices(&mut world.ports, &speech, &codes(), Which::All, 60_000, &mut BTreeMap::new(), &mut |_| {})
        .expect("sent");
    assert_eq!((left, world.ports.journal.state().records), (0, before + 1));
}

/// Reversals 1, 2 and 3, sent to a line that does this, that of `open` kept back: what went out, what was closed or why not,
/// what still waits.
fn reversals(lines: &[(u32, Line)], open: Option<u32>) -> (Vec<u32>, Result<Vec<u32>, &'static str>, Vec<u32>) {
    let (mut world, speech, asked) = world(lines);
    for stan in 1..=3 {
        let due = due(&world, &speech, 400, stan);
        world.ports.journal.append(Record::ReversalDue(due)).expect("written");
    }
    let reason = ResponseCode(*b"98");
    world.ports.journal.append(Record::ReversalReason { stan: 2, reason }).expect("written");
    let mut seen = Vec::new();
    let mut watch = |happening| match happening {
        Happening::ReversalSent { stan } => seen.push(format!("sent {stan}")),
        Happening::ReversalClosed { stan, by } => seen.push(format!("closed {stan} {by}")),
        _ => {}
    };
    let closed = send_pending(&mut world.ports, &speech, open, &mut watch).map_err(|failure| failure.code.0);
    let asked = asked.borrow();
    for (mti, stan, reason) in asked.iter() {
        assert_eq!((*mti, reason.as_str()), (400, if *stan == 2 { "98" } else { "06" }), "{stan}");
        assert!(seen.contains(&format!("sent {stan}")), "{seen:?}");
    }
    for stan in closed.iter().flatten() {
        assert!(seen.iter().any(|seen| seen.starts_with(&format!("closed {stan} "))), "{seen:?}");
    }
    let pending = &world.ports.journal.state().pending;
    for waits in pending {
        let went = asked.iter().filter(|(_, stan, _)| *stan == waits.due.stan).count();
        assert_eq!(waits.attempts as usize, went, "{}", waits.due.stan);
    }
    let left = pending.iter().map(|waits| waits.due.stan).collect();
    (asked.iter().map(|(_, stan, _)| *stan).collect(), closed, left)
}

#[test]
fn reversals_go_out_oldest_first_and_stop_at_the_first_that_is_not_confirmed() {
    assert_eq!(reversals(&[], None), (vec![1, 2, 3], Ok(vec![1, 2, 3]), vec![]));
    assert_eq!(reversals(&[(2, Line::Code("25"))], None).1, Ok(vec![1, 2, 3]));
    assert_eq!(reversals(&[], Some(2)), (vec![1, 3], Ok(vec![1, 3]), vec![2]));
    for line in [Line::Code("96"), Line::NoCode, Line::OtherAmount, Line::Silent, Line::None] {
        assert_eq!(reversals(&[(2, line)], None), (vec![1, 2], Err("T5106"), vec![2, 3]));
    }
}
