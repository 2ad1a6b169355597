//! MACs and PIN blocks of the security module beside the same with bare RustCrypto, in one run; see docs/keys.md.
//!
//! `cargo bench --bench keys` prints nanoseconds and their ratio. Nanoseconds belong to the machine and the moment; the
//! ratio is what is looked at: each side takes its turn, the best of many rounds counts.

use cmac::{Cmac, KeyInit, Mac};
use des::cipher::{Array, BlockCipherEncrypt};
use std::hint::black_box;
use std::time::Instant;
use tillscript::payment::card::{Pan, Pin};
use tillscript::payment::keys::block_cipher::Algorithm;
use tillscript::payment::keys::mac::Padding;
use tillscript::payment::keys::mac_method::MacMethod;
use tillscript::payment::keys::pin_block::PinBlockFormat;
use tillscript::payment::keys::secret_key::SecretKey;
use tillscript::payment::keys::security_module::{KeyHandle, KeyUse, SecurityModule};
use tillscript::payment::keys::software_module::SoftwareModule;

const ROUNDS: usize = 60;
const CALLS: u32 = 400;
const KEY: [u8; 16] = [0x1C, 0x1C, 0x2A, 0x2A, 0x34, 0x34, 0x46, 0x46, 0x51, 0x51, 0x5B, 0x5B, 0x6D, 0x6D, 0x7F, 0x7F];
/// A 0200 with twenty fields has about so many bytes under its MAC.
const DATA: usize = 160;

fn main() {
    let data: Vec<u8> = (0..DATA).map(|at| at as u8).collect();
    let mut module = SoftwareModule::new();
    let key = |cipher, bytes: &[u8]| SecretKey::new(cipher, bytes).expect("a test key");
    let mut load = |purpose, cipher, bytes: &[u8]| module.load_clear(purpose, &key(cipher, bytes)).expect("loaded");
    let single = load(KeyUse::Mac, Algorithm::Des, &KEY[..8]);
    let double = load(KeyUse::Mac, Algorithm::Des, &KEY);
    let wide = load(KeyUse::Mac, Algorithm::Aes, &KEY);
    let pin_key = load(KeyUse::Pin, Algorithm::Des, &KEY);
    let des = des::Des::new_from_slice(&KEY[..8]).expect("8 bytes");
    let tdes = des::TdesEde2::new_from_slice(&KEY).expect("16 bytes");
    let aes = Cmac::<aes::Aes128>::new_from_slice(&KEY).expect("16 bytes");

    println!("{:<28} {:>9} {:>9} {:>7}", "", "till ns", "bare ns", "ratio");
    let mac = |handle: KeyHandle, method| {
        let (module, data) = (&module, &data);
        move || {
            let value = module.mac(handle, method, black_box(data)).expect("a MAC");
            black_box(value.leftmost());
        }
    };
    compare("x9_9, 160 bytes", mac(single, MacMethod::Iso1(Padding::Zeros)), || {
        black_box(bare_cbc(&des, black_box(&data)));
    });
    compare("cup_ecb, 160 bytes", mac(single, MacMethod::CupEcb), || {
        black_box(bare_cup(&des, black_box(&data)));
    });
    compare("cup_cbc double, 160 bytes", mac(double, MacMethod::CupCbc), || {
        black_box(bare_cbc(&tdes, black_box(&data)));
    });
    compare("aes_cmac, 160 bytes", mac(wide, MacMethod::AesCmac), || {
        let mut mac = aes.clone();
        mac.update(black_box(&data));
        black_box(mac.finalize().into_bytes());
    });
    let (pin, pan) = (Pin::parse("123456").expect("a PIN"), Pan::parse("6299990000000018").expect("a number"));
    let pin_block = || {
        let block = module.pin_block(pin_key, PinBlockFormat::Iso0, black_box(&pin), black_box(&pan), [0; 8]);
        black_box(block.expect("a block"));
    };
    compare("PIN block, format 0", pin_block, || {
        black_box(bare_pin_block(&tdes, black_box(b"123456"), black_box(b"6299990000000018")));
    });
}

fn compare(name: &str, mut ours: impl FnMut(), mut bare: impl FnMut()) {
    let (mut best_ours, mut best_bare) = (u128::MAX, u128::MAX);
    for _ in 0..ROUNDS {
        best_ours = best_ours.min(timed(&mut ours));
        best_bare = best_bare.min(timed(&mut bare));
    }
    let of = |nanoseconds: u128| nanoseconds as f64 / f64::from(CALLS);
    println!("{name:<28} {:>9.0} {:>9.0} {:>7.2}", of(best_ours), of(best_bare), of(best_ours) / of(best_bare));
}

fn timed(act: &mut impl FnMut()) -> u128 {
    let begun = Instant::now();
    (0..CALLS).for_each(|_| act());
    begun.elapsed().as_nanos()
}

/// CBC filled with zeros, as one would write it with the crate at hand.
fn bare_cbc(cipher: &impl BlockCipherEncrypt<BlockSize = des::cipher::consts::U8>, data: &[u8]) -> [u8; 8] {
    let mut state = Array::from([0_u8; 8]);
    for chunk in data.chunks(8) {
        state.iter_mut().zip(chunk).for_each(|(to, from)| *to ^= from);
        cipher.encrypt_block(&mut state);
    }
    state.into()
}

fn bare_cup(cipher: &des::Des, data: &[u8]) -> [u8; 8] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let text = |block: &[u8; 8]| {
        let mut text = [0_u8; 16];
        for (pair, byte) in text.chunks_exact_mut(2).zip(block) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        text
    };
    let mut fold = [0_u8; 8];
    for chunk in data.chunks(8) {
        fold.iter_mut().zip(chunk).for_each(|(to, from)| *to ^= from);
    }
    let digits = text(&fold);
    let mut state = Array::<u8, _>::from([0_u8; 8]);
    state.copy_from_slice(&digits[..8]);
    cipher.encrypt_block(&mut state);
    state.iter_mut().zip(&digits[8..]).for_each(|(to, from)| *to ^= from);
    cipher.encrypt_block(&mut state);
    let mut code = [0; 8];
    code.copy_from_slice(&text(&state.into())[..8]);
    code
}

fn bare_pin_block(cipher: &des::TdesEde2, pin: &[u8], pan: &[u8]) -> [u8; 8] {
    let mut nibbles = [0x0F_u8; 16];
    (nibbles[0], nibbles[1]) = (0, pin.len() as u8);
    nibbles[2..].iter_mut().zip(pin).for_each(|(to, digit)| *to = digit - b'0');
    let number = &pan[pan.len() - 13..pan.len() - 1];
    nibbles[4..].iter_mut().zip(number).for_each(|(to, digit)| *to ^= digit - b'0');
    let mut block = Array::from([0_u8; 8]);
    for (to, pair) in block.iter_mut().zip(nibbles.chunks_exact(2)) {
        *to = pair[0] << 4 | pair[1];
    }
    cipher.encrypt_block(&mut block);
    block.into()
}
