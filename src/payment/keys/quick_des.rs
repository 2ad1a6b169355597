//! DES in a few hundred instructions a block, for the simulated chips and their issuer: a chip sale takes thirty blocks, and
//! days at random are thousands of sales a second.
//!
//! FIPS 46-3, its tables written down as they stand there and put together when the program is built. All other keys go
//! through `cipher` and the crate behind it; a test holds the two against each other.

use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Where each bit comes from, counted from 1 at the left: the initial permutation.
const FIRST: [u8; 64] = [
    58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32,
    24, 16, 8, 57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47,
    39, 31, 23, 15, 7,
];
/// The final permutation.
const LAST: [u8; 64] = [
    40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31, 38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21,
    61, 29, 36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27, 34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9,
    49, 17, 57, 25,
];
/// Permuted choice 1: which bits of a key count.
const CHOICE_1: [u8; 56] = [
    57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55,
    47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
/// Permuted choice 2: which of these make a round key.
const CHOICE_2: [u8; 48] = [
    14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30,
    40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
/// The permutation behind the boxes.
const BEHIND: [u8; 32] = [
    16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4,
    25,
];
/// How far both halves of the key turn before each round.
const TURNS: [u32; 16] = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
/// The boxes: four rows of sixteen hexadecimal digits each.
const BOXES: [&[u8; 64]; 8] = [
    b"E4D12FB83A6C59070F74E2D1A6CB953841E8D62BFC973A50FC8249175B3EA06D",
    b"F18E6B34972DC05A3D47F28EC01A69B50E7BA4D158C6932FD8A13F42B67C05E9",
    b"A09E63F51DC7B428D709346A285ECBF1D6498F30B12C5AE71AD069874FE3B52C",
    b"7DE3069A1285BC4FD8B56F03472C1AE9A690CB7DF13E52843F06A1D8945BC72E",
    b"2C417AB6853FD0E9EB2C47D150FA3986421BAD78F9C5630EB8C71E2D6F09A453",
    b"C1AF92680D34E75BAF427C9561DE0B389EF528C3704A1DB6432C95FABE17608D",
    b"4B2EF08D3C975A61D0B7491AE35C2F8614BDC37EAF6805926BD814A7950FE23C",
    b"D2846FB1A93E50C71FD8A374C56B0E927B419CE206ADF35821E74A8DFC90356B",
];

/// The bits of a half of the key.
const HALF: u64 = 0x0FFF_FFFF;

static AT_FIRST: [[u64; 16]; 16] = by_nibbles(&FIRST, 0);
static AT_LAST: [[u64; 16]; 16] = by_nibbles(&LAST, 0);
static OF_KEY: [[u64; 16]; 16] = by_nibbles(&CHOICE_1, 0);
static OF_ROUND: [[u64; 16]; 14] = by_nibbles(&CHOICE_2, 1);
static BOXED: [[u32; 64]; 8] = boxes();

/// A permutation as a table: what each value of each nibble gives. `form` 1 lays groups of six bits out as a round takes them.
const fn by_nibbles<const NIBBLES: usize>(places: &[u8], form: u8) -> [[u64; 16]; NIBBLES] {
    let mut table = [[0; 16]; NIBBLES];
    let mut to = 0;
    while to < places.len() {
        let from = places[to] as usize - 1;
        let bit = match form {
            1 => place_in_round(to),
            _ => places.len() - 1 - to,
        };
        let mut value = 0;
        while value < 16 {
            if value >> (3 - from % 4) & 1 == 1 {
                table[from / 4][value] |= 1 << bit;
            }
            value += 1;
        }
        to += 1;
    }
    table
}

/// Where a bit of a round key is looked for: the groups 1, 3, 5, 7 in the upper word, the others in the lower one, each at
/// the end of a byte.
const fn place_in_round(bit: usize) -> usize {
    let (group, within) = (bit / 6, bit % 6);
    let word = if group % 2 == 0 { 32 } else { 0 };
    let byte = (4 - group / 2) % 4;
    word + 8 * byte + 5 - within
}

/// Each box with the permutation behind it.
const fn boxes() -> [[u32; 64]; 8] {
    let mut boxed = [[0; 64]; 8];
    let mut number = 0;
    while number < 8 {
        let mut six = 0;
        while six < 64 {
            // The outer bits choose the row, the inner ones the place in it.
            let at = (six >> 5 << 1 | six & 1) * 16 + (six >> 1 & 0xF);
            let digit = BOXES[number][at];
            let four = if digit <= b'9' { digit - b'0' } else { digit - b'A' + 10 };
            let mut to = 0;
            while to < 32 {
                let from = BEHIND[to] as usize - 1;
                if from / 4 == number && four >> (3 - from % 4) & 1 == 1 {
                    boxed[number][six] |= 1 << (31 - to);
                }
                to += 1;
            }
            six += 1;
        }
        number += 1;
    }
    boxed
}

/// Puts bits through a permutation.
fn through<const NIBBLES: usize>(table: &[[u64; 16]; NIBBLES], bits: u64) -> u64 {
    table.iter().rev().enumerate().fold(0, |all, (at, values)| all | values[(bits >> (4 * at) & 0xF) as usize])
}

/// A DES key, expanded: one word a round. Prints as `<expanded key>`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct QuickDes([u64; 16]);

impl QuickDes {
    /// Takes eight bytes; their parity does not matter.
    pub fn new(key: &[u8; 8]) -> QuickDes {
        let chosen = through(&OF_KEY, u64::from_be_bytes(*key));
        let (mut left, mut right) = (chosen >> 28, chosen & HALF);
        QuickDes(TURNS.map(|turn| {
            left = (left << turn | left >> (28 - turn)) & HALF;
            right = (right << turn | right >> (28 - turn)) & HALF;
            through(&OF_ROUND, left << 28 | right)
        }))
    }

    /// One block encrypted.
    pub fn encrypt(&self, block: [u8; 8]) -> [u8; 8] {
        rounds(block, self.0.iter())
    }

    /// One block decrypted.
    pub fn decrypt(&self, block: [u8; 8]) -> [u8; 8] {
        rounds(block, self.0.iter().rev())
    }
}

impl fmt::Debug for QuickDes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<expanded key>")
    }
}

fn rounds<'k>(block: [u8; 8], keys: impl Iterator<Item = &'k u64>) -> [u8; 8] {
    let mixed = through(&AT_FIRST, u64::from_be_bytes(block));
    let (mut left, mut right) = ((mixed >> 32) as u32, mixed as u32);
    for key in keys {
        // Six bits of the half for each box, of which neighbours share two.
        let odd = right.rotate_left(5) ^ (*key >> 32) as u32;
        let even = right.rotate_left(9) ^ *key as u32;
        let of = |number: usize, word: u32, byte: u32| BOXED[number][(word >> (8 * byte) & 0x3F) as usize];
        let out = of(0, odd, 0)
            | of(1, even, 0)
            | of(2, odd, 3)
            | of(3, even, 3)
            | of(4, odd, 2)
            | of(5, even, 2)
            | of(6, odd, 1)
            | of(7, even, 1);
        (left, right) = (right, left ^ out);
    }
    through(&AT_LAST, u64::from(right) << 32 | u64::from(left)).to_be_bytes()
}
