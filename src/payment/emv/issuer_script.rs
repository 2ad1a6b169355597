//! Commands that an issuer sends to its card through the terminal: templates 71 and 72.

use crate::payment::emv::tag::Tag;
use crate::payment::emv::tlv::Node;
use thiserror::Error;

/// Before the second GENERATE AC.
pub const BEFORE: Tag = Tag::new(0x71);
/// After it.
pub const AFTER: Tag = Tag::new(0x72);
/// The script's identifier.
pub const IDENTIFIER: Tag = Tag::new(0x9F18);
/// A command.
pub const COMMAND: Tag = Tag::new(0x86);

/// A script. EMV 4.4 Book 3, 10.10: a terminal supports 128 bytes of scripts in one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerScript<'b> {
    /// True for template 71: run before the second GENERATE AC.
    pub before_second: bool,
    /// Four bytes; `None` where there is none, or an empty one.
    pub identifier: Option<[u8; 4]>,
    /// The commands, in order.
    pub commands: Vec<ScriptCommand<'b>>,
}

/// One command of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptCommand<'b> {
    /// The command as the card gets it: class, instruction, two parameters, data.
    pub bytes: &'b [u8],
    /// Where it begins in what was read.
    pub offset: usize,
}

impl ScriptCommand<'_> {
    /// What the command does; `None` for one we have no name for.
    pub fn name(&self) -> Option<(&'static str, &'static str)> {
        let [class, instruction, _, second, ..] = self.bytes else { return None };
        Some(match (instruction, second) {
            (0x24, 0) => ("解锁密码", "PIN unblock"),
            (0x24, _) => ("修改密码", "PIN change"),
            (0x18, _) => ("应用解锁", "application unblock"),
            (0x1E, _) => ("应用锁定", "application block"),
            (0x16, _) => ("卡片锁定", "card block"),
            (0xDA, _) => ("写数据", "put data"),
            (0xDC, _) => ("更新记录", "update record"),
            _ => return None,
        })
        // Scripts are sent with secure messaging; another class is another command set.
        .filter(|_| class & 0xF0 == 0x80 || class & 0xF0 == 0)
    }
}

/// A script that a terminal has to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ScriptFault {
    /// The identifier has neither four bytes nor none.
    #[error("the script identifier has {found} bytes, not 4")]
    Identifier {
        /// How many.
        found: usize,
    },
    /// A second identifier.
    #[error("the script has two identifiers")]
    TwoIdentifiers,
    /// No command in it.
    #[error("the script has no command")]
    NoCommand,
    /// A command without class, instruction and parameters.
    #[error("a command of {found} bytes is none")]
    Command {
        /// How many.
        found: usize,
    },
    /// A tag that has no place in a script.
    #[error("{0} has no place in a script")]
    Stranger(Tag),
    /// All scripts of a message together are longer than a terminal has to take.
    #[error("the scripts have {found} bytes, more than 128")]
    TooLong {
        /// How many.
        found: usize,
    },
}

/// The most bytes of scripts in one message.
pub const SCRIPTS_LONGEST: usize = 128;

/// The scripts among these nodes, each with what is wrong in it. Nothing is left out: a script with a fault is given with
/// what was understood.
pub fn scripts<'b>(nodes: &[Node<'b>]) -> Vec<(IssuerScript<'b>, Vec<ScriptFault>)> {
    let mut found = Vec::new();
    let mut total = 0;
    for node in nodes.iter().filter(|node| [BEFORE, AFTER].contains(&node.tag)) {
        let mut script = IssuerScript { before_second: node.tag == BEFORE, identifier: None, commands: Vec::new() };
        let mut faults = Vec::new();
        let mut identifiers = 0;
        total += node.value.len();
        for child in &node.children {
            match child.tag {
                IDENTIFIER => {
                    identifiers += 1;
                    match child.value {
                        [] => {}
                        [a, b, c, d] => script.identifier = Some([*a, *b, *c, *d]),
                        other => faults.push(ScriptFault::Identifier { found: other.len() }),
                    }
                }
                COMMAND => {
                    if child.value.len() < 4 {
                        faults.push(ScriptFault::Command { found: child.value.len() });
                    }
                    script.commands.push(ScriptCommand { bytes: child.value, offset: child.offset });
                }
                stranger => faults.push(ScriptFault::Stranger(stranger)),
            }
        }
        if identifiers > 1 {
            faults.push(ScriptFault::TwoIdentifiers);
        }
        if script.commands.is_empty() {
            faults.push(ScriptFault::NoCommand);
        }
        if total > SCRIPTS_LONGEST {
            faults.push(ScriptFault::TooLong { found: total });
        }
        found.push((script, faults));
    }
    found
}

/// What became of a script, as the terminal reports it to the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptOutcome {
    /// No command was given to the card.
    NotPerformed,
    /// The command with this number, counted from 1, failed; 15 stands for that and all later ones.
    Failed(u8),
    /// Every command was taken.
    Performed,
}

/// The five bytes that report a script: what became of it, and its identifier.
pub fn result(outcome: ScriptOutcome, identifier: Option<[u8; 4]>) -> [u8; 5] {
    let first = match outcome {
        ScriptOutcome::NotPerformed => 0x00,
        ScriptOutcome::Failed(command) => 0x10 | command.min(0x0F),
        ScriptOutcome::Performed => 0x20,
    };
    let [a, b, c, d] = identifier.unwrap_or([0; 4]);
    [first, a, b, c, d]
}

/// True if a card's answer lets the script go on: EMV 4.4 Book 3, 10.10.
pub fn goes_on(status: [u8; 2]) -> bool {
    matches!(status, [0x90 | 0x62 | 0x63, _])
}
