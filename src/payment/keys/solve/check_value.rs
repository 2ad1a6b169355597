//! Which mistake gives a check value.

use crate::payment::keys::dukpt::DukptError;
use crate::payment::keys::secret_key::{Expanded, SecretKey};
use crate::payment::keys::solve::key_source::KeySource;
use crate::payment::keys::solve::mistake::Mistake;
use crate::payment::keys::solve::search::{Choice, Solved, begins, search};

/// How a check value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckRule {
    /// A block of zeros encrypted.
    Zeros,
    /// The CMAC of a block of zeros.
    Cmac,
}

/// What is encrypted, and how.
#[derive(Clone, Copy)]
enum Act {
    Encrypt(u8),
    Decrypt,
    Cmac,
}

/// What of the result is taken.
#[derive(Clone, Copy)]
enum Taken {
    Left,
    Right,
}

/// The check value as agreed, a whole block.
pub fn agreed(key: &SecretKey, rule: CheckRule) -> Vec<u8> {
    value(&key.expand(), if rule == CheckRule::Cmac { Act::Cmac } else { Act::Encrypt(0) })
}

/// Looks for the mistakes that give the observed check value of 3 to 16 bytes.
pub fn solve(source: &KeySource, rule: CheckRule, observed: &[u8]) -> Result<Solved, DukptError> {
    let keys = source.choice()?;
    let mut acts = match rule {
        CheckRule::Zeros => {
            let mut acts = Choice::agreed(Act::Encrypt(0));
            acts.or(Mistake::CmacForEcb, Act::Cmac);
            acts
        }
        CheckRule::Cmac => {
            let mut acts = Choice::agreed(Act::Cmac);
            acts.or(Mistake::EcbForCmac, Act::Encrypt(0));
            acts
        }
    };
    acts.or(Mistake::Decrypted, Act::Decrypt);
    acts.or(Mistake::AsciiZeros, Act::Encrypt(b'0'));
    acts.or(Mistake::Ones, Act::Encrypt(0xFF));
    let mut taken = Choice::agreed(Taken::Left);
    taken.or(Mistake::Rightmost, Taken::Right);
    Ok(search(&[keys.mistakes(), acts.mistakes(), taken.mistakes()], |at| {
        let [key, act, side] = at else { return false };
        let (Some(key), Some(act), Some(side)) = (keys.way(*key), acts.way(*act), taken.way(*side)) else {
            return false;
        };
        let value = value(&key.expand(), *act);
        match side {
            Taken::Left => begins(&value, observed),
            Taken::Right => begins(value.get(value.len().saturating_sub(observed.len())..).unwrap_or(&[]), observed),
        }
    }))
}

fn value(key: &Expanded, act: Act) -> Vec<u8> {
    let byte = if let Act::Encrypt(byte) = act { byte } else { 0 };
    let mut block = vec![byte; key.block()];
    // A whole block is never refused.
    let _ = match act {
        Act::Encrypt(_) => key.encrypt_ecb(&mut block),
        Act::Decrypt => key.decrypt_ecb(&mut block),
        Act::Cmac => {
            block = key.cmac(&block).to_vec();
            Ok(())
        }
    };
    block
}
