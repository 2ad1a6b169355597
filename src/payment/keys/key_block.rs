//! Key blocks (ANSI X9.143, formerly TR-31): a key under another, bound to what it may be used for.

use crate::payment::hex;
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::cipher::KeyError;
use crate::payment::keys::secret_key::{Expanded, SecretKey};
use std::fmt;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

/// Which method protects the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyBlockVersion {
    /// Triple DES, keys made as variants. Old; kept for reading what is still about.
    A,
    /// Triple DES, keys derived with CMAC.
    B,
    /// As `A`; the header says so instead.
    C,
    /// AES in CBC, keys derived with CMAC.
    D,
    /// AES in counter mode (ISO 20038).
    E,
}

impl KeyBlockVersion {
    /// All of them.
    pub const ALL: [KeyBlockVersion; 5] =
        [KeyBlockVersion::A, KeyBlockVersion::B, KeyBlockVersion::C, KeyBlockVersion::D, KeyBlockVersion::E];

    /// The first character of the block.
    pub fn letter(self) -> char {
        match self {
            KeyBlockVersion::A => 'A',
            KeyBlockVersion::B => 'B',
            KeyBlockVersion::C => 'C',
            KeyBlockVersion::D => 'D',
            KeyBlockVersion::E => 'E',
        }
    }

    /// The version a letter names.
    pub fn parse(letter: char) -> Option<KeyBlockVersion> {
        KeyBlockVersion::ALL.into_iter().find(|version| version.letter() == letter)
    }

    /// Which cipher the protection key is for.
    pub fn algorithm(self) -> Algorithm {
        match self {
            KeyBlockVersion::A | KeyBlockVersion::B | KeyBlockVersion::C => Algorithm::Des,
            KeyBlockVersion::D | KeyBlockVersion::E => Algorithm::Aes,
        }
    }

    /// The length of a block is a multiple of this many characters: CBC fills whole blocks, counter mode needs none.
    fn step(self) -> usize {
        if self == KeyBlockVersion::E { 2 } else { self.algorithm().block() }
    }

    /// Bytes of the MAC at the end.
    fn mac_length(self) -> usize {
        match self {
            KeyBlockVersion::A | KeyBlockVersion::C => 4,
            KeyBlockVersion::B => 8,
            KeyBlockVersion::D | KeyBlockVersion::E => 16,
        }
    }
}

/// Why a block is refused. Never carries any of it but single characters of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyBlockError {
    /// The first character is no version we know.
    #[error("the key block begins with {found:?}; versions A to E are known")]
    Version {
        /// The character.
        found: char,
    },
    /// The length in the header is not that of the block, or no block can have it.
    #[error("the header says {said} characters, the block has {found}")]
    Length {
        /// What the header says.
        said: usize,
        /// How many there are.
        found: usize,
    },
    /// A character of the header that cannot stand there.
    #[error("the header has {found:?} at {at}, which cannot stand there")]
    Header {
        /// Counted from 0.
        at: usize,
        /// The character.
        found: char,
    },
    /// An optional block that runs over the end, is shorter than its own head, or fills no block of the cipher.
    #[error("optional block {index} does not fit")]
    OptionalBlock {
        /// Counted from 1.
        index: usize,
    },
    /// What follows the header is not hexadecimal, or fills no whole blocks of the cipher.
    #[error("what follows the header is not whole blocks in hexadecimal digits")]
    Body,
    /// The MAC is wrong: mostly another protection key, else a changed block.
    #[error("the key block is not the one its MAC belongs to: a wrong protection key, or changed on the way")]
    Mac,
    /// The key in the block has a length its algorithm does not allow, or more than the block holds.
    #[error("the key in the block is said to have {bits} bits, which cannot be")]
    KeyLength {
        /// What the block says.
        bits: usize,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The header: what the key may be used for. Everything in it is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBlockHeader {
    /// Which method protects the block.
    pub version: KeyBlockVersion,
    /// What the key is for, such as `P0` for PIN blocks.
    pub usage: [char; 2],
    /// `T` triple DES, `A` AES, `D` DES, `H` HMAC, `R` RSA, `E` elliptic curve, `S` DSA.
    pub algorithm: char,
    /// How it may be used: `E` encrypt only, `D` decrypt only, `B` both, `G` make, `V` verify, `C` both, `N` no limit …
    pub mode: char,
    /// Which version of the key, two characters; `00` for none.
    pub key_version: [char; 2],
    /// `E` may go out under a trusted key, `N` may not, `S` under the owner's rules.
    pub exportability: char,
    /// Optional blocks, as identifier and content.
    pub optional: Vec<([char; 2], String)>,
}

/// Characters of the header without optional blocks.
const HEADER: usize = 16;
/// More optional blocks than any real one has.
const OPTIONAL_MOST: usize = 16;
/// The longest block we take, in characters.
const LONGEST: usize = 9_999;

impl KeyBlockHeader {
    /// A header without optional blocks.
    pub fn new(version: KeyBlockVersion, usage: [char; 2], algorithm: char, mode: char) -> KeyBlockHeader {
        KeyBlockHeader {
            version,
            usage,
            algorithm,
            mode,
            key_version: ['0', '0'],
            exportability: 'N',
            optional: Vec::new(),
        }
    }

    /// Reads the header of a block; also says where the key begins. Needs no key.
    pub fn read(block: &str) -> Result<(KeyBlockHeader, usize), KeyBlockError> {
        let found = block.len();
        if let Some((at, character)) = block.char_indices().find(|(_, character)| !character.is_ascii_graphic()) {
            return Err(KeyBlockError::Header { at, found: character });
        }
        let at = |place: usize| block.as_bytes().get(place).map_or(' ', |byte| char::from(*byte));
        let wrong = |place: usize| KeyBlockError::Header { at: place, found: at(place) };
        let version = KeyBlockVersion::parse(at(0)).ok_or(KeyBlockError::Version { found: at(0) })?;
        let number = |from: usize, to: usize| -> Result<usize, KeyBlockError> {
            let digits = block.get(from..to).ok_or(KeyBlockError::Length { said: 0, found })?;
            match digits.bytes().position(|byte| !byte.is_ascii_digit()) {
                Some(place) => Err(wrong(from + place)),
                None => Ok(digits.parse().unwrap_or(0)),
            }
        };
        let said = number(1, 5)?;
        if said != found || !(HEADER..=LONGEST).contains(&found) || !found.is_multiple_of(version.step()) {
            return Err(KeyBlockError::Length { said, found });
        }
        for place in [5, 6, 9, 10] {
            if !at(place).is_ascii_uppercase() && !at(place).is_ascii_digit() {
                return Err(wrong(place));
            }
        }
        for (place, allowed) in [(7, "ADEHRST"), (8, "BCDEGNSTVXY"), (11, "ENS"), (14, "0"), (15, "0")] {
            // X9.143 leaves room for private modes in digits.
            if !(allowed.contains(at(place)) || place == 8 && at(place).is_ascii_digit()) {
                return Err(wrong(place));
            }
        }
        let mut header = KeyBlockHeader::new(version, [at(5), at(6)], at(7), at(8));
        (header.key_version, header.exportability) = ([at(9), at(10)], at(11));
        let count = number(12, 14)?;
        if count > OPTIONAL_MOST {
            return Err(wrong(12));
        }
        let mut from = HEADER;
        for index in 1..=count {
            let refused = KeyBlockError::OptionalBlock { index };
            let hexadecimal = |from: usize, to: usize| {
                block.get(from..to).and_then(|digits| usize::from_str_radix(digits, 16).ok()).ok_or(refused)
            };
            let (mut length, mut content) = (hexadecimal(from + 2, from + 4)?, from + 4);
            if length == 0 {
                // A longer block: how many bytes its length takes, then the length.
                let digits = hexadecimal(from + 4, from + 6)? * 2;
                if !(2..=6).contains(&digits) {
                    return Err(refused);
                }
                length = hexadecimal(from + 6, from + 6 + digits)?;
                content = from + 6 + digits;
            }
            let end = from.checked_add(length).ok_or(refused)?;
            let text = block.get(content..end).ok_or(refused)?;
            header.optional.push(([at(from), at(from + 1)], text.to_owned()));
            from = end;
        }
        if !from.is_multiple_of(version.algorithm().block()) {
            return Err(KeyBlockError::OptionalBlock { index: count });
        }
        Ok((header, from))
    }

    /// Which of our ciphers the key is for; `None` for one that we have no keys of.
    pub fn key_algorithm(&self) -> Option<Algorithm> {
        match self.algorithm {
            'T' | 'D' => Some(Algorithm::Des),
            'A' => Some(Algorithm::Aes),
            _ => None,
        }
    }

    /// Writes the header of a block of this many characters.
    fn write(&self, total: usize) -> String {
        let mut text = format!("{}{total:04}", self.version.letter());
        text.extend(self.usage);
        text.extend([self.algorithm, self.mode]);
        text.extend(self.key_version);
        text.push(self.exportability);
        text.push_str(&format!("{:02}00", self.optional_count()));
        text.push_str(&self.optional_text());
        text
    }

    fn optional_count(&self) -> usize {
        self.optional.len() + usize::from(self.filler().is_some())
    }

    fn optional_text(&self) -> String {
        let mut text = String::new();
        for (identifier, content) in &self.optional {
            text.extend(identifier);
            let length = content.len() + 4;
            match u8::try_from(length) {
                Ok(short) => text.push_str(&format!("{short:02X}{content}")),
                // Six characters more: two of zeros are in the four already.
                Err(_) => text.push_str(&format!("0002{:04X}{content}", length + 6)),
            }
        }
        text.extend(self.filler());
        text
    }

    /// The block `PB` that fills the optional blocks up to a whole block of the cipher.
    fn filler(&self) -> Option<String> {
        let block = self.version.algorithm().block();
        let used: usize =
            self.optional.iter().map(|(_, content)| content.len() + if content.len() > 251 { 10 } else { 4 }).sum();
        if used.is_multiple_of(block) {
            return None;
        }
        let missing = (block - used % block + if block - used % block < 4 { block } else { 0 }) as u8;
        Some(format!("PB{missing:02X}{}", "0".repeat(usize::from(missing) - 4)))
    }
}

impl fmt::Display for KeyBlockHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b] = self.usage;
        write!(f, "{} {a}{b} {} {} {}", self.version.letter(), self.algorithm, self.mode, self.exportability)
    }
}

/// A block opened: the header, and the key it binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedBlock {
    /// What the key may be used for.
    pub header: KeyBlockHeader,
    /// The key.
    pub key: SecretKey,
}

/// The two keys of a block, from its protection key.
struct BlockKeys {
    encryption: Expanded,
    authentication: Expanded,
}

/// Opens a block. The MAC is compared before anything of the key is looked at; weak keys are refused.
pub fn unwrap(block: &str, protection: &SecretKey) -> Result<OpenedBlock, KeyBlockError> {
    let (header, from) = KeyBlockHeader::read(block)?;
    let version = header.version;
    let (head, body) = block.split_at_checked(from).ok_or(KeyBlockError::Body)?;
    let body = hex::decode(body.as_bytes()).ok_or(KeyBlockError::Body)?;
    let cryptogram = body.len().checked_sub(version.mac_length()).ok_or(KeyBlockError::Body)?;
    let (cryptogram, mac) = body.split_at_checked(cryptogram).ok_or(KeyBlockError::Body)?;
    let keys = block_keys(version, protection)?;
    let mut clear = Zeroizing::new(cryptogram.to_vec());
    let body_of =
        |error| if matches!(error, KeyError::PartialBlock { .. }) { KeyBlockError::Body } else { error.into() };
    let found = match version {
        KeyBlockVersion::A | KeyBlockVersion::C => {
            let found = chained_mac(&keys.authentication, head.as_bytes(), cryptogram).map_err(body_of)?;
            keys.encryption.decrypt_cbc(start_of(head), &mut clear).map_err(body_of)?;
            found
        }
        KeyBlockVersion::B | KeyBlockVersion::D => {
            keys.encryption.decrypt_cbc(mac, &mut clear).map_err(body_of)?;
            keys.authentication.cmac(&joined(head.as_bytes(), &clear))
        }
        KeyBlockVersion::E => {
            count(&keys.encryption, mac, &mut clear)?;
            keys.authentication.cmac(&joined(head.as_bytes(), &clear))
        }
    };
    let right: bool = found.get(..mac.len()).unwrap_or(&[]).ct_eq(mac).into();
    if !right {
        return Err(KeyBlockError::Mac);
    }
    let (length, rest) = clear.split_first_chunk::<2>().ok_or(KeyBlockError::KeyLength { bits: 0 })?;
    let bits = usize::from(u16::from_be_bytes(*length));
    let refused = KeyBlockError::KeyLength { bits };
    let bytes = rest.get(..bits / 8).filter(|_| bits.is_multiple_of(8)).ok_or(refused)?;
    let algorithm = header.key_algorithm().ok_or(KeyBlockError::Header { at: 7, found: header.algorithm })?;
    if !algorithm.key_lengths().contains(&bytes.len()) || (header.algorithm == 'D' && bytes.len() != 8) {
        return Err(refused);
    }
    let key = SecretKey::new(algorithm, bytes)?;
    Ok(OpenedBlock { header, key })
}

/// Makes a block. `fill` gives the bytes behind the key that hide its length; it is used from its start, and zeros follow
/// where it is too short.
pub fn wrap(
    header: &KeyBlockHeader,
    key: &SecretKey,
    protection: &SecretKey,
    fill: &[u8],
) -> Result<String, KeyBlockError> {
    if let Some(needed) = header.key_algorithm().filter(|needed| *needed != key.algorithm()) {
        return Err(KeyError::Algorithm { needed, found: key.algorithm() }.into());
    }
    let version = header.version;
    let keys = block_keys(version, protection)?;
    let length = (2 + key.length()).next_multiple_of(if version == KeyBlockVersion::E { 1 } else { version.step() });
    let mut clear = Zeroizing::new(Vec::with_capacity(length));
    clear.extend_from_slice(&((key.length() * 8) as u16).to_be_bytes());
    clear.extend_from_slice(key.clear_bytes());
    let missing = length.saturating_sub(clear.len());
    clear.extend(fill.iter().copied().chain(std::iter::repeat(0)).take(missing));
    let total = HEADER + header.optional_text().len() + 2 * (length + version.mac_length());
    let head = header.write(total);
    // A header that we would not read must not go out.
    KeyBlockHeader::read(&format!("{head}{}", "0".repeat(total - head.len())))?;
    let mut cryptogram = clear.clone();
    let mac = match version {
        KeyBlockVersion::A | KeyBlockVersion::C => {
            keys.encryption.encrypt_cbc(start_of(&head), &mut cryptogram)?;
            chained_mac(&keys.authentication, head.as_bytes(), &cryptogram)?
        }
        KeyBlockVersion::B | KeyBlockVersion::D | KeyBlockVersion::E => {
            let mac = keys.authentication.cmac(&joined(head.as_bytes(), &clear));
            match version {
                KeyBlockVersion::E => count(&keys.encryption, &mac, &mut cryptogram)?,
                _ => keys.encryption.encrypt_cbc(&mac, &mut cryptogram)?,
            }
            mac
        }
    };
    let mac = mac.get(..version.mac_length()).unwrap_or(&[]);
    Ok(format!("{head}{}{}", hex::encode(&cryptogram), hex::encode(mac)))
}

/// Header and key data in one piece, wiped.
fn joined(head: &[u8], clear: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut all = Zeroizing::new(Vec::with_capacity(head.len() + clear.len()));
    all.extend_from_slice(head);
    all.extend_from_slice(clear);
    all
}

/// Versions A and C chain from the first eight characters of the header.
fn start_of(head: &str) -> &[u8] {
    head.as_bytes().get(..8).unwrap_or(&[])
}

/// The last block of a CBC over header and cryptogram.
fn chained_mac(key: &Expanded, head: &[u8], cryptogram: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut all = joined(head, cryptogram);
    key.encrypt_cbc(&[0; 8], &mut all)?;
    let from = all.len().saturating_sub(8);
    Ok(Zeroizing::new(all.get(from..).unwrap_or(&[]).to_vec()))
}

/// Counter mode: the MAC is the first counter.
fn count(key: &Expanded, start: &[u8], data: &mut [u8]) -> Result<(), KeyError> {
    let start: [u8; 16] = start.try_into().map_err(|_| KeyError::PartialBlock { length: start.len(), block: 16 })?;
    let first = u128::from_be_bytes(start);
    for (number, chunk) in (0_u128..).zip(data.chunks_mut(16)) {
        let mut block = Zeroizing::new(first.wrapping_add(number).to_be_bytes());
        key.encrypt_ecb(block.as_mut_slice())?;
        chunk.iter_mut().zip(block.iter()).for_each(|(to, from)| *to ^= from);
    }
    Ok(())
}

/// The keys that encrypt and authenticate, from the protection key.
fn block_keys(version: KeyBlockVersion, protection: &SecretKey) -> Result<BlockKeys, KeyError> {
    let algorithm = version.algorithm();
    if protection.algorithm() != algorithm {
        return Err(KeyError::Algorithm { needed: algorithm, found: protection.algorithm() });
    }
    if algorithm == Algorithm::Des && protection.length() == 8 {
        return Err(KeyError::SinglePart);
    }
    let key = |purpose: u16, variant: u8| -> Result<Expanded, KeyError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        match version {
            KeyBlockVersion::A | KeyBlockVersion::C => {
                bytes.iter_mut().zip(protection.clear_bytes()).for_each(|(to, from)| *to = from ^ variant);
            }
            KeyBlockVersion::B | KeyBlockVersion::D | KeyBlockVersion::E => {
                let number: u16 = match (algorithm, protection.length()) {
                    (Algorithm::Des, 16) => 0,
                    (Algorithm::Des, _) => 1,
                    (_, 16) => 2,
                    (_, 24) => 3,
                    _ => 4,
                };
                let expanded = protection.expand();
                let bits = (protection.length() * 8) as u16;
                let ([a, b], [c, d], [e, f]) = (purpose.to_be_bytes(), number.to_be_bytes(), bits.to_be_bytes());
                for (count, to) in (1_u8..).zip(bytes.chunks_mut(expanded.block())) {
                    let block = expanded.cmac(&[count, a, b, 0, c, d, e, f]);
                    to.iter_mut().zip(block.iter()).for_each(|(to, from)| *to = *from);
                }
            }
        }
        let bytes = bytes.get(..protection.length()).unwrap_or(&[]);
        Ok(SecretKey::unjudged(algorithm, bytes)?.expand())
    };
    // The purpose of counter mode differs from that of CBC, so that one protection key never gives the same key twice.
    let encrypts = if version == KeyBlockVersion::E { 2 } else { 0 };
    Ok(BlockKeys { encryption: key(encrypts, 0x45)?, authentication: key(1, 0x4D)? })
}
