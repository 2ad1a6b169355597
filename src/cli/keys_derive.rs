//! `till keys dukpt`: the keys of one transaction, from the base or the initial key.

use crate::cli::keys_answer::{Answer, Refusal, unreadable};
use crate::cli::keys_compute::{open_bytes, reveals, short, shown};
use crate::payment::hex;
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::dukpt::{self, DukptUse, KeySerial};
use crate::payment::keys::dukpt_aes::{self, WideKeySerial, WideKind, WideUse};
use crate::payment::keys::secret_key::SecretKey;
use clap::ArgMatches;

/// Derives them.
pub fn derive(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let serial = open_bytes(matches, "ksn")?;
    if serial.len() == 12 {
        return derive_wide(matches, answer, WideKeySerial::new(&serial)?);
    }
    let serial = KeySerial::new(&serial)?;
    let initial = match answer.key_if(matches, "ik", Algorithm::Des)? {
        Some(initial) => initial,
        None => dukpt::initial_key(&answer.key(matches, "bdk", Algorithm::Des)?, serial)?,
    };
    let transaction = dukpt::transaction_key(&initial, serial)?;
    let reveal = reveals(matches, answer);
    let mut tree = KeyTree::new(answer, reveal);
    tree.serial(serial.as_bytes(), serial.counter());
    tree.keys(&initial, &transaction);
    for purpose in DukptUse::ALL {
        tree.working(purpose.word(), &dukpt::working_key(&transaction, purpose)?);
    }
    tree.next(serial.next().ok().map(|next| hex::encode(next.as_bytes())));
    Ok(())
}

/// The rows about the keys of one transaction, alike for triple DES and AES.
struct KeyTree<'a> {
    answer: &'a mut Answer,
    reveal: bool,
}

impl<'a> KeyTree<'a> {
    fn new(answer: &'a mut Answer, reveal: bool) -> KeyTree<'a> {
        KeyTree { answer, reveal }
    }

    fn serial(&mut self, bytes: &[u8], counter: u32) {
        self.answer.row("ksn", "KSN", "KSN", hex::encode(bytes));
        self.answer.row("counter", "计数器", "counter", counter.to_string());
    }

    fn keys(&mut self, initial: &SecretKey, transaction: &SecretKey) {
        let (initial, transaction) = (self.say(initial), self.say(transaction));
        self.answer.row("initial_key", "初始密钥校验值", "check value of the initial key", initial);
        self.answer.row("transaction_key", "交易密钥校验值", "check value of the transaction key", transaction);
    }

    fn working(&mut self, word: &str, key: &SecretKey) {
        let name = word.replace('-', "_");
        let (zh, en) = (format!("{word} 密钥校验值"), format!("check value of the key for {word}"));
        let shown = self.say(key);
        self.answer.row(&name, &zh, &en, shown);
    }

    fn next(&mut self, serial: Option<String>) {
        if let Some(serial) = serial {
            self.answer.row("next_ksn", "下一个 KSN", "next KSN", serial);
        }
    }

    /// The check value, and the key where somebody asks for it.
    fn say(&self, key: &SecretKey) -> String {
        if self.reveal { format!("{} {}", short(key), shown(key)) } else { short(key) }
    }
}

fn derive_wide(matches: &ArgMatches, answer: &mut Answer, serial: WideKeySerial) -> Result<(), Refusal> {
    let kind = match matches.get_one::<String>("kind") {
        None => WideKind::Aes128,
        Some(word) => WideKind::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| {
            unreadable("kind", " aes128、aes192、aes256、tdes2 或 tdes3", "aes128, aes192, aes256, tdes2 or tdes3")
        })?,
    };
    let initial = match answer.key_if(matches, "ik", Algorithm::Aes)? {
        Some(initial) => initial,
        None => dukpt_aes::initial_key(&answer.key(matches, "bdk", Algorithm::Aes)?, serial)?,
    };
    let transaction = dukpt_aes::transaction_key(&initial, serial)?;
    let reveal = reveals(matches, answer);
    let mut tree = KeyTree::new(answer, reveal);
    tree.serial(serial.as_bytes(), serial.counter());
    tree.keys(&initial, &transaction);
    for purpose in WideUse::ALL {
        tree.working(purpose.word(), &dukpt_aes::working_key(&transaction, serial, purpose, kind)?);
    }
    tree.next(serial.next().ok().map(|next| hex::encode(next.as_bytes())));
    Ok(())
}
