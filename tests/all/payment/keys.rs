//! Keys, check values, PIN blocks and MACs against the vectors of the field.

use serde_json::Value;
use tillscript::payment::card::{Pan, Pin};
use tillscript::payment::hex;
use tillscript::payment::keys::check_value::{CheckValue, check_value, mac_key_check_value};
use tillscript::payment::keys::cipher::{KeyBytes, KeyError};
use tillscript::payment::keys::mac::{MacAlgorithm, mac, verify};
use tillscript::payment::keys::pin_block::{ClearPinBlock, EncryptedPinBlock, PinBlockError, PinBlockFormat};
use tillscript::payment::keys::sign_in::{BundleError, BundleLayout, WorkKeySlot, build_bundle, split_bundle};

/// Master key of the sign-in vector.
const MASTER: &str = "0123456789ABCDEFFEDCBA9876543210";

pub(super) fn vectors() -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../../vectors/keys.json")).unwrap();
    all["vectors"].as_array().unwrap().clone()
}

pub(super) fn vector(id: &str) -> Value {
    vectors().into_iter().find(|vector| vector["id"] == id).unwrap_or_else(|| panic!("no vector {id}"))
}

pub(super) fn bytes(text: &Value) -> Vec<u8> {
    hex::decode(text.as_str().unwrap().as_bytes()).unwrap().to_vec()
}

pub(super) fn key(text: &str) -> KeyBytes {
    KeyBytes::parse_hex(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(super) fn block(text: &Value) -> [u8; 8] {
    bytes(text).try_into().unwrap()
}

pub(super) fn some_pan() -> Pan {
    Pan::parse("5555555551234567").unwrap()
}

#[test]
fn a_bundle_of_each_layout_comes_back() {
    let (pik16, mak, tdk) = (key("1C1C2A2A3434464651515B5B6D6D7F7F"), key("C24A8FB57AA20123"), key(MASTER));
    let pik8 = pik16.first_part();
    for master in [key("89ABCDEF0123456776543210FEDCBA98"), key("89ABCDEF01234567")] {
        for layout in BundleLayout::ALL {
            let pik = if layout == BundleLayout::Single { &pik8 } else { &pik16 };
            let all = [(WorkKeySlot::Pik, pik), (WorkKeySlot::Mak, &mak), (WorkKeySlot::Tdk, &tdk)];
            let keys = &all[..layout.places().len()];
            let bundle = build_bundle(layout, &master, keys).unwrap();
            assert_eq!(bundle.len(), layout.length());
            for (wrapped, (slot, key)) in split_bundle(&bundle).unwrap().iter().zip(keys) {
                assert_eq!((wrapped.slot, &wrapped.open(&master).unwrap()), (*slot, *key));
            }
        }
    }
    assert_eq!(BundleLayout::ALL.map(BundleLayout::length), [24, 40, 60]);
    assert_eq!(["001", "003", "004"].map(BundleLayout::from_network_code), BundleLayout::ALL.map(Some));
    assert_eq!(BundleLayout::from_network_code("301"), None);
}

#[test]
fn a_bundle_of_another_length_or_with_a_changed_byte_is_refused() {
    let field62 = bytes(&vector("cup-signin-004")["in"]["field62"]);
    for found in (0..=90).filter(|length| ![24, 40, 60].contains(length)) {
        let bytes = vec![0x5A; found];
        assert_eq!(split_bundle(&bytes).err(), Some(BundleError::Length { found }));
    }
    let master = key(MASTER);
    for at in 0..field62.len() {
        let mut changed = field62.clone();
        changed[at] ^= 0x10;
        let refused = split_bundle(&changed).unwrap().iter().filter(|one| one.open(&master).is_err()).count();
        // The filler behind a MAC key is the one part that means nothing: bytes 28 to 35.
        assert_eq!(refused, usize::from(!(28..36).contains(&at)), "byte {at}");
    }
}

#[test]
fn the_wrong_master_key_is_told_by_the_check_value() {
    let field62 = bytes(&vector("cup-signin-004")["in"]["field62"]);
    let wrapped = &split_bundle(&field62).unwrap()[0];
    let Err(KeyError::CheckValue { slot, expected, found }) = wrapped.open(&key("89ABCDEF0123456776543210FEDCBA98"))
    else {
        panic!("must not open")
    };
    assert_eq!((slot, expected.to_string().as_str()), (WorkKeySlot::Pik, "E72ADFE6"));
    assert_ne!(expected, found);
    assert!(!format!("{wrapped:?}").contains("2D99"), "the cryptogram is not printed");
}

#[test]
fn weak_work_keys_are_refused_even_with_the_right_check_value() {
    let master = key(MASTER);
    let bundle_of = |pik: [u8; 16]| {
        let mut bundle = pik.to_vec();
        master.encrypt_ecb(&mut bundle).unwrap();
        // The check value of a key of equal parts is that of its single part.
        let check = match pik[0] {
            0 => vec![0x8C, 0xA6, 0x4D, 0xE9],
            _ => check_value(&KeyBytes::new(&pik[..8]).unwrap(), 4).as_bytes().to_vec(),
        };
        bundle.extend(check);
        bundle.extend([0; 20]);
        split_bundle(&bundle).unwrap()[0].open(&master).unwrap_err()
    };
    assert_eq!(bundle_of([0; 16]), KeyError::Weak);
    assert_eq!(bundle_of([0x3B; 16]), KeyError::EqualParts);
}

#[test]
fn keys_in_the_wrong_place_make_no_bundle() {
    let (master, double, single) = (key(MASTER), key("1C1C2A2A3434464651515B5B6D6D7F7F"), key("C24A8FB57AA20123"));
    let build = |keys: &[(WorkKeySlot, &KeyBytes)]| build_bundle(BundleLayout::Double, &master, keys).map(|_| ());
    let (pik, mak, tdk) = (WorkKeySlot::Pik, WorkKeySlot::Mak, WorkKeySlot::Tdk);
    assert_eq!(build(&[(pik, &double)]), Err(BundleError::Place { slot: mak }));
    assert_eq!(build(&[(mak, &single), (pik, &double)]), Err(BundleError::Place { slot: pik }));
    assert_eq!(build(&[(pik, &double), (mak, &single), (tdk, &double)]), Err(BundleError::Place { slot: tdk }));
    let key_length = BundleError::KeyLength { slot: pik, needed: 16, found: 8 };
    assert_eq!(build(&[(pik, &single), (mak, &single)]), Err(key_length));
}

#[test]
fn weak_keys_and_equal_parts_are_refused() {
    let new = |text: &str| KeyBytes::parse_hex(text).err();
    for weak in [
        "0000000000000000", // zeros are 01…01 with other parity bits
        "0101010101010101",
        "FFFFFFFFFFFFFFFF",
        "E0FEE0FEF1FEF1FE",
        "0123456789ABCDEF0000000000000000", // one weak half is enough
    ] {
        assert_eq!(new(weak), Some(KeyError::Weak), "{weak}");
    }
    for equal in [
        "0123456789ABCDEF0123456789ABCDEF",
        "0123456789ABCDEF0022446688AACCEE", // differs in parity bits only
        "0123456789ABCDEF0123456789ABCDEFFEDCBA9876543210",
        "FEDCBA98765432100123456789ABCDEF0123456789ABCDEF",
    ] {
        assert_eq!(new(equal), Some(KeyError::EqualParts), "{equal}");
    }
    assert_eq!(new("0123"), Some(KeyError::Length { found: 2 }));
    assert_eq!(new(""), Some(KeyError::Length { found: 0 }));
    assert_eq!(new("0123456789ABCDE"), Some(KeyError::NotHexadecimal));
    assert_eq!(new("0123456789ABCDEＦ"), Some(KeyError::NotHexadecimal));
    assert_eq!(KeyBytes::new(&[7; 32]).err(), Some(KeyError::Length { found: 32 }));
    assert_eq!(key("0123 4567 89AB CDEF"), key("0123456789abcdef"));
    assert_eq!(key("0123456789ABCDEF").length(), 8);
}

#[test]
fn a_key_never_prints_itself() {
    let key = key(MASTER);
    assert_eq!(format!("{key:?}"), "<key of 16 bytes>");
    let block = ClearPinBlock::build(PinBlockFormat::Iso0, &Pin::parse("1234").unwrap(), &some_pan(), [0; 8]);
    assert_eq!(format!("{block:?} {:?}", block.encrypt(&key)), "<PIN block> <encrypted PIN block>");
}

#[test]
fn three_parts_with_the_first_again_are_two_parts() {
    let two = key("0123456789ABCDEFFEDCBA9876543210");
    let three = key("0123456789ABCDEFFEDCBA98765432100123456789ABCDEF");
    let block = *b"8 bytes!";
    assert_eq!(two.encrypt_block(block), three.encrypt_block(block));
    let three = key("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123");
    // Recomputed with OpenSSL: des-ede3, and des-ede3-cbc with a start of 01…01.
    assert_eq!(hex::encode(&three.encrypt_block(block)), "F4F254C6547ADB57");
    let mut chained = block;
    three.encrypt_cbc([1; 8], &mut chained).unwrap();
    assert_eq!(hex::encode(&chained), "A303E626AEB1BC59");
    assert_eq!(three.decrypt_block(three.encrypt_block(block)), block);
}

#[test]
fn whole_blocks_only_go_through_ecb_and_cbc_and_come_back() {
    for key in [key("0123456789ABCDEF"), key(MASTER), key("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123")] {
        let clear: Vec<u8> = (0..40).collect();
        let (mut ecb, mut cbc) = (clear.clone(), clear.clone());
        key.encrypt_ecb(&mut ecb).unwrap();
        key.encrypt_cbc([9; 8], &mut cbc).unwrap();
        assert_ne!(ecb, cbc);
        assert_eq!(ecb[8..16], key.encrypt_block(clear[8..16].try_into().unwrap()));
        let joined: Vec<u8> = clear[8..16].iter().zip(&cbc[..8]).map(|(left, right)| left ^ right).collect();
        assert_eq!(cbc[8..16], key.encrypt_block(joined.try_into().unwrap()));
        key.decrypt_ecb(&mut ecb).unwrap();
        key.decrypt_cbc([9; 8], &mut cbc).unwrap();
        assert_eq!((&ecb, &cbc), (&clear, &clear));
        let mut partial = vec![0; 9];
        assert_eq!(key.encrypt_ecb(&mut partial), Err(KeyError::PartialBlock { length: 9, block: 8 }));
        assert_eq!(key.decrypt_cbc([0; 8], &mut partial), Err(KeyError::PartialBlock { length: 9, block: 8 }));
        assert_eq!(partial, [0; 9], "nothing was changed");
    }
}

#[test]
fn a_mac_key_is_checked_by_its_first_half() {
    let double = key("C24A8FB57AA201230123456789ABCDEF");
    assert_eq!(mac_key_check_value(&double, 4).to_string(), "0547DB3E");
    assert_ne!(check_value(&double, 4), mac_key_check_value(&double, 4));
    assert_eq!(check_value(&key(MASTER), 3).to_string(), "08D7B4");
    assert_eq!(check_value(&key(MASTER), 0).to_string(), "08D7B4", "never fewer than three bytes");
    assert_eq!(check_value(&key(MASTER), 99).as_bytes().len(), 8);
    assert_ne!(check_value(&key(MASTER), 3), check_value(&key(MASTER), 4));
    assert!(CheckValue::new(&[0; 2]).is_none() && CheckValue::new(&[0; 9]).is_none());
}

#[test]
fn a_pin_block_of_another_format_card_or_key_gives_no_pin() {
    let (pin, pan) = (Pin::parse("123456").unwrap(), some_pan());
    let fill = [0xFF; 8];
    let formats = [PinBlockFormat::Iso0, PinBlockFormat::Iso1, PinBlockFormat::Iso2, PinBlockFormat::Iso3];
    for format in formats {
        let block = ClearPinBlock::build(format, &pin, &pan, fill);
        for other in formats {
            assert_eq!(block.read(other, &pan).is_ok(), other == format, "{format:?} read as {other:?}");
        }
    }
    let block = ClearPinBlock::build(PinBlockFormat::Iso0, &pin, &pan, fill);
    let other_card = Pan::parse("6222021234567895678").unwrap();
    assert_ne!(block.read(PinBlockFormat::Iso0, &other_card), Ok(pin.clone()));

    let pik = key("1C1C2A2A3434464651515B5B6D6D7F7F");
    let encrypted = EncryptedPinBlock::from_bytes(*block.encrypt(&pik).as_bytes());
    assert_eq!(encrypted.decrypt(&pik).read(PinBlockFormat::Iso0, &pan), Ok(pin));
    assert!(encrypted.decrypt(&key(MASTER)).read(PinBlockFormat::Iso0, &pan).is_err());

    let read = |text: &str, format| {
        let bytes: [u8; 8] = hex::decode(text.as_bytes()).unwrap().as_slice().try_into().unwrap();
        ClearPinBlock::from_bytes(bytes).read(format, &some_pan()).err()
    };
    assert_eq!(read("231234FFFFFFFFFF", PinBlockFormat::Iso2), Some(PinBlockError::Length));
    assert_eq!(read("2D12345678901234", PinBlockFormat::Iso2), Some(PinBlockError::Length));
    assert_eq!(read("24123AFFFFFFFFFF", PinBlockFormat::Iso2), Some(PinBlockError::Digits));
    assert_eq!(read("241234FFFFFFFFF0", PinBlockFormat::Iso2), Some(PinBlockError::Fill));
    assert_eq!(read("F41234FFFFFFFFFF", PinBlockFormat::Iso2), Some(PinBlockError::Format));
}

#[test]
fn format_3_spreads_its_fill_over_a_to_f() {
    let fill = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
    let block = ClearPinBlock::build(PinBlockFormat::Iso3, &Pin::parse("1234").unwrap(), &some_pan(), fill);
    // 341234ABCDEFABCD joined with 0000555555123456.
    assert_eq!(hex::encode(block.clear_bytes()), "341261FE98FD9F9B");
}

#[test]
fn the_shortest_card_number_and_every_pin_length_make_a_block() {
    for pan in ["4012345678909", "6222021234567895678"].map(|digits| Pan::parse(digits).unwrap()) {
        for length in 4..=12 {
            let pin = Pin::parse(&"9876543210987"[..length]).unwrap();
            for format in [PinBlockFormat::Iso0, PinBlockFormat::Iso1, PinBlockFormat::Iso2, PinBlockFormat::Iso3] {
                let block = ClearPinBlock::build(format, &pin, &pan, [0x5A, 0xC3, 1, 2, 3, 4, 5, 6]);
                assert_eq!(block.read(format, &pan), Ok(pin.clone()), "{format:?}, {length} digits");
            }
        }
    }
}

#[test]
fn a_mac_is_verified_whole_and_changes_with_every_bit() {
    let key = key(MASTER);
    let data: Vec<u8> = (0..37).collect();
    for algorithm in MacAlgorithm::ALL {
        let right = mac(algorithm, &key, &data).unwrap();
        assert_eq!(verify(algorithm, &key, &data, &right), Ok(true), "{algorithm:?}");
        assert_eq!(verify(algorithm, &key, &data, &right[..4]), Ok(false), "a part of a MAC is none");
        assert_eq!(verify(algorithm, &key, &data, &[]), Ok(false));
        for bit in 0..data.len() * 8 {
            let mut changed = data.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify(algorithm, &key, &changed, &right), Ok(false), "{algorithm:?}, bit {bit}");
        }
        let empty = mac(algorithm, &key, &[]).unwrap();
        assert_eq!(mac(algorithm, &key, &[0; 8]), Ok(empty), "no data counts as a block of zeros");
        assert_eq!(MacAlgorithm::parse(algorithm.word()), Some(algorithm));
    }
    assert_eq!(mac(MacAlgorithm::X919, &key.first_part(), &data), Err(KeyError::SinglePart));
    // Recomputed with OpenSSL: the last block of des-ede-cbc.
    let code = mac(MacAlgorithm::CupCbc, &key, b"Now is the time for it").unwrap();
    assert_eq!(hex::encode(&code), "9A23873ACC66738F");
}
