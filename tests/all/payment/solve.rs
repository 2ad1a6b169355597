//! A planted mistake of each kind is found, and nothing is found where there is none.

use super::keys::key;
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use std::collections::BTreeSet;
use tillscript::payment::card::{Pan, Pin};
use tillscript::payment::hex;
use tillscript::payment::keys::block_cipher::Algorithm;
use tillscript::payment::keys::dukpt::{DukptUse, KeySerial, initial_key, transaction_key, working_key};
use tillscript::payment::keys::mac_method::{MacKey, MacMethod};
use tillscript::payment::keys::pin_block::{ClearPinBlock, PinBlockFormat};
use tillscript::payment::keys::pin_block_wide::WidePinBlock;
use tillscript::payment::keys::secret_key::SecretKey;
use tillscript::payment::keys::solve::check_value::{CheckRule, agreed};
use tillscript::payment::keys::solve::key_source::KeySource;
use tillscript::payment::keys::solve::mistake::Mistake;
use tillscript::payment::keys::solve::search::Solved;
use tillscript::payment::keys::solve::{check_value, mac, pin_block};

fn des(bytes: &[u8]) -> SecretKey {
    SecretKey::unjudged(Algorithm::Des, bytes).unwrap()
}

fn held(key: &SecretKey) -> KeySource {
    KeySource::Held { key: key.clone(), under: Some(des(&[0x23; 16].map(|byte: u8| byte ^ 0x41))) }
}

fn encrypted(key: &SecretKey, block: [u8; 8]) -> [u8; 8] {
    let mut block = block;
    key.expand().encrypt_ecb(&mut block).unwrap();
    block
}

fn is(solved: &Solved, mistake: Mistake, about: &str) {
    assert!(solved.found.contains(&vec![mistake]), "{about}: {:?} instead of {mistake:?}", solved.found);
    assert!(solved.tried.contains(&mistake));
}

const KEY: [u8; 16] = [0x1C, 0x1C, 0x2A, 0x2A, 0x34, 0x34, 0x46, 0x46, 0x51, 0x51, 0x5B, 0x5B, 0x6D, 0x6D, 0x7F, 0x7F];

/// True if no two ways of taking twelve digits of a number take the same.
fn pan_ways_differ(digits: &str) -> bool {
    let count = digits.len();
    let ways = [&digits[count - 13..count - 1], &digits[count - 12..], &digits[..12], &digits[1..13]];
    ways.iter().collect::<BTreeSet<_>>().len() == ways.len()
}

/// Keys as a mistake makes them, by hand.
fn wrong_keys(bytes: [u8; 16]) -> Vec<(Mistake, SecretKey)> {
    let (first, second) = bytes.split_at(8);
    let text = hex::encode(&bytes).into_bytes();
    let small = text.to_ascii_lowercase();
    let mut back = bytes;
    back.reverse();
    let KeySource::Held { under: Some(under), .. } = held(&des(&bytes)) else { unreachable!() };
    let mut cryptogram = bytes;
    under.expand().encrypt_ecb(&mut cryptogram).unwrap();
    let mut chained = cryptogram;
    under.expand().decrypt_cbc(&[0; 8], &mut chained).unwrap();
    vec![
        (Mistake::HalvesSwapped, des(&[second, first].concat())),
        (Mistake::FirstHalfOnly, des(first)),
        (Mistake::SecondHalfOnly, des(second)),
        (Mistake::ThirdPartIsSecond, des(&[first, second, second].concat())),
        (Mistake::KeyAsCapitalText, des(&text[..16])),
        (Mistake::KeyAsSmallText, des(&small[..24])),
        (Mistake::KeyReversed, des(&back)),
        (Mistake::StillWrapped, des(&cryptogram)),
        (Mistake::UnwrappedInCbc, des(&chained)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_planted_key_is_found_by_its_check_value_its_pin_block_and_its_mac(
        bytes in any::<[u8; 16]>(), pin in "[0-9]{4,12}", pan in "[0-9]{13,19}", data in prop::collection::vec(any::<u8>(), 16..120)
    ) {
        let key = des(&bytes);
        let source = held(&key);
        let (pin, pan) = (Pin::parse(&pin).unwrap(), Pan::parse(&pan).unwrap());
        let clear = *ClearPinBlock::build(PinBlockFormat::Iso0, &pin, &pan, [0; 8]).clear_bytes();
        for (mistake, wrong) in wrong_keys(bytes) {
            let observed = encrypted(&wrong, [0; 8]);
            is(&check_value::solve(&source, CheckRule::Zeros, &observed[..4]).unwrap(), mistake, "check value");
            let observed = encrypted(&wrong, clear);
            is(&pin_block::solve(&source, PinBlockFormat::Iso0, &pin, &pan, observed).unwrap(), mistake, "PIN block");
            let observed = MacKey::new(MacMethod::CupCbc, &wrong).unwrap().compute(&data).leftmost();
            is(&mac::solve(&source, MacMethod::CupCbc, &data, &[], &observed).unwrap(), mistake, "MAC");
        }
        // And as agreed: no mistake at all.
        let right = check_value::solve(&source, CheckRule::Zeros, &agreed(&key, CheckRule::Zeros)[..3]).unwrap();
        assert_eq!(right.found, [vec![]]);
    }

    #[test]
    fn card_number_digits_taken_wrongly_are_found(pin in "[0-9]{4,12}", pan in "[1-9]{16,19}") {
        let key = des(&KEY);
        let (pin, pan) = (Pin::parse(&pin).unwrap(), Pan::parse(&pan).unwrap());
        let digits = pan.clear_digits();
        let count = digits.len();
        let zeros = "0000".to_owned();
        for (mistake, taken) in [
            (Mistake::PanWithCheckDigit, zeros.clone() + &digits[count - 12..]),
            (Mistake::PanLeftmost, zeros.clone() + &digits[..12]),
            (Mistake::PanBehindFirst, zeros.clone() + &digits[1..13]),
            (Mistake::PanSixteen, digits[count - 16..].to_owned()),
            (Mistake::PanLeftJustified, digits[count - 13..count - 1].to_owned() + &zeros),
            (Mistake::PanZeros, "0".repeat(16)),
            (Mistake::PanAsText, hex::encode(&digits.as_bytes()[count - 9..count - 1])),
        ] {
            let field = *ClearPinBlock::build(PinBlockFormat::NoPan, &pin, &pan, [0; 8]).clear_bytes();
            let mut block = field;
            let taken = hex::decode(taken.as_bytes()).unwrap();
            block.iter_mut().zip(taken.iter()).for_each(|(to, from)| *to ^= from);
            let solved = pin_block::solve(&held(&key), PinBlockFormat::Iso0, &pin, &pan, encrypted(&key, block)).unwrap();
            // Two ways can take the same digits: then the first of them is told, or none is wrong.
            let [first, ..] = solved.found.as_slice() else { panic!("{mistake:?} is not found") };
            assert!(first.len() <= 1, "{mistake:?}: {:?}", solved.found);
            if pan_ways_differ(digits) {
                assert!(solved.found.contains(&vec![mistake]), "{mistake:?}: {:?}", solved.found);
            }
        }
    }
}

#[test]
fn each_way_to_spoil_a_check_value_is_found() {
    let key = des(&KEY);
    let solve = |rule, observed: &[u8]| check_value::solve(&held(&key), rule, observed).unwrap();
    let mut decrypted = [0; 8];
    key.expand().decrypt_ecb(&mut decrypted).unwrap();
    is(&solve(CheckRule::Zeros, &decrypted[..3]), Mistake::Decrypted, "decrypted");
    is(&solve(CheckRule::Zeros, &encrypted(&key, [b'0'; 8])[..4]), Mistake::AsciiZeros, "characters");
    is(&solve(CheckRule::Zeros, &encrypted(&key, [0xFF; 8])[..4]), Mistake::Ones, "ones");
    is(&solve(CheckRule::Zeros, &encrypted(&key, [0; 8])[4..]), Mistake::Rightmost, "right");
    let aes = SecretKey::new(Algorithm::Aes, &KEY).unwrap();
    let source = KeySource::Held { key: aes.clone(), under: None };
    let zeros = agreed(&aes, CheckRule::Zeros);
    let cmac = agreed(&aes, CheckRule::Cmac);
    is(&check_value::solve(&source, CheckRule::Cmac, &zeros[..3]).unwrap(), Mistake::EcbForCmac, "AES");
    is(&check_value::solve(&source, CheckRule::Zeros, &cmac[..3]).unwrap(), Mistake::CmacForEcb, "AES");
    for other in [Algorithm::Des, Algorithm::Sm4] {
        let wrong = agreed(&SecretKey::unjudged(other, &KEY).unwrap(), CheckRule::Zeros);
        is(&check_value::solve(&source, CheckRule::Zeros, &wrong[..4]).unwrap(), Mistake::OtherCipher(other), "cipher");
    }
    let even = SecretKey::new(Algorithm::Aes, &KEY.map(|byte| byte ^ 1)).unwrap();
    let source = KeySource::Held { key: even, under: None };
    let adjusted = SecretKey::unjudged(Algorithm::Aes, &KEY).unwrap();
    let observed = agreed(&adjusted, CheckRule::Zeros);
    is(&check_value::solve(&source, CheckRule::Zeros, &observed[..4]).unwrap(), Mistake::ParityAdjusted, "parity");
}

#[test]
fn each_way_to_spoil_a_pin_block_is_found() {
    let key = des(&KEY);
    let (pin, pan) = (Pin::parse("1234").unwrap(), Pan::parse("6299990000000000018").unwrap());
    let solve = |format, observed| pin_block::solve(&held(&key), format, &pin, &pan, observed).unwrap();
    let fill = [0xBD, 0x13, 0x57, 0x9A, 0xCE, 0xF0, 0x24, 0x68];
    for (agreed, used) in [
        (PinBlockFormat::Iso0, PinBlockFormat::NoPan),
        (PinBlockFormat::Iso0, PinBlockFormat::Iso2),
        (PinBlockFormat::Iso0, PinBlockFormat::Iso1),
        (PinBlockFormat::Iso0, PinBlockFormat::Iso3),
        (PinBlockFormat::Iso3, PinBlockFormat::Iso0),
        (PinBlockFormat::Iso1, PinBlockFormat::Iso3),
    ] {
        let block = encrypted(&key, *ClearPinBlock::build(used, &pin, &pan, fill).clear_bytes());
        is(&solve(agreed, block), Mistake::OtherFormat(used), "format");
        assert_eq!(solve(used, block).found, [vec![]], "{used:?} is right");
    }
    let agreed = *ClearPinBlock::build(PinBlockFormat::Iso0, &pin, &pan, fill).clear_bytes();
    is(&solve(PinBlockFormat::Iso0, agreed), Mistake::InTheClear, "clear");
    let mut decrypted = agreed;
    key.expand().decrypt_ecb(&mut decrypted).unwrap();
    is(&solve(PinBlockFormat::Iso0, decrypted), Mistake::Decrypted, "decrypted");
    let joined = |field: &str| {
        let number = hex::decode(b"0000000000000001").unwrap();
        let mut block: [u8; 8] = hex::decode(field.as_bytes()).unwrap().as_slice().try_into().unwrap();
        block.iter_mut().zip(number.iter()).for_each(|(to, from)| *to ^= from);
        encrypted(&key, block)
    };
    assert_eq!(joined("041234FFFFFFFFFF"), encrypted(&key, agreed), "as agreed");
    for (mistake, field) in [
        (Mistake::PinFilledWithZeros, "0412340000000000"),
        (Mistake::PinWithoutLength, "1234FFFFFFFFFFFF"),
        (Mistake::PinAsText, "0431323334FFFFFF"),
    ] {
        is(&solve(PinBlockFormat::Iso0, joined(field)), mistake, field);
    }
    let long = Pin::parse("123456789012").unwrap();
    let observed = joined("12123456789012FF");
    is(
        &pin_block::solve(&held(&key), PinBlockFormat::Iso0, &long, &pan, observed).unwrap(),
        Mistake::PinLengthDecimal,
        "12",
    );
    // Two mistakes at once.
    let both = encrypted(&des(&KEY[..8]), *ClearPinBlock::build(PinBlockFormat::NoPan, &pin, &pan, fill).clear_bytes());
    let found = solve(PinBlockFormat::Iso0, both).found;
    assert_eq!(found[0], [Mistake::FirstHalfOnly, Mistake::OtherFormat(PinBlockFormat::NoPan)]);
    // Nothing is made up.
    let nothing = solve(PinBlockFormat::Iso0, *b"anything");
    assert!(nothing.found.is_empty() && nothing.looked_at > 300 && nothing.looked_at < 5_000, "{}", nothing.looked_at);

    let aes = SecretKey::new(Algorithm::Aes, &KEY).unwrap();
    let source = KeySource::Held { key: aes.clone(), under: None };
    let behind = Pan::parse(&pan.clear_digits()[1..]).unwrap();
    let block = *WidePinBlock::build(&aes, &pin, &behind, fill).unwrap().as_bytes();
    is(&pin_block::solve_wide(&source, &pin, &pan, block).unwrap(), Mistake::PanBehindFirst, "format 4");
}

#[test]
fn each_way_to_spoil_a_mac_is_found() {
    let key = des(&KEY);
    let data = hex::decode(b"0200302004C020C09811000000000000000051001834021000063243922600").unwrap().to_vec();
    let front = hex::decode(b"002C6000030000603210320072").unwrap().to_vec();
    let value = |method: MacMethod, data: &[u8]| MacKey::new(method, &key).unwrap().compute(data).leftmost();
    let agreed = MacMethod::CupEcb;
    let solve = |observed: &[u8]| mac::solve(&held(&key), agreed, &data, &front, observed).unwrap();
    for other in MacMethod::ALL.into_iter().filter(|other| *other != agreed && other.algorithm() == Algorithm::Des) {
        is(&solve(&value(other, &data)), Mistake::OtherMethod(other), other.word());
    }
    let text = hex::encode(&data);
    let bitmap_out = [&data[..2], &data[10..]].concat();
    for (mistake, wrong) in [
        (Mistake::WithoutMti, data[2..].to_vec()),
        (Mistake::WithoutMtiText, data[4..].to_vec()),
        (Mistake::WithoutMtiAndBitmap, data[10..].to_vec()),
        (Mistake::WithoutBitmap, bitmap_out),
        (Mistake::BeginsLate(7), data[7..].to_vec()),
        (Mistake::BeginsEarly(6), [&front[7..], &data].concat()),
        (Mistake::BeginsEarly(13), [front.clone(), data.clone()].concat()),
        (Mistake::EndsEarly(3), data[..data.len() - 3].to_vec()),
        (Mistake::DataAsCapitalText, text.clone().into_bytes()),
        (Mistake::DataAsSmallText, text.to_lowercase().into_bytes()),
    ] {
        is(&solve(&value(agreed, &wrong)), mistake, "input");
    }
    // Zeros behind change nothing in a method that fills with them, unless they make a block more.
    let cmac = |data: &[u8]| MacKey::new(MacMethod::TdesCmac, &key).unwrap().compute(data).leftmost();
    let observed = cmac(&[data.clone(), vec![0; 8]].concat());
    is(&mac::solve(&held(&key), MacMethod::TdesCmac, &data, &[], &observed).unwrap(), Mistake::WithEmptyMac, "zeros");
    let letters = b"0200ABCXYZ 19".to_vec();
    let coded: Vec<u8> = vec![0xF0, 0xF2, 0xF0, 0xF0, 0xC1, 0xC2, 0xC3, 0xE7, 0xE8, 0xE9, 0x40, 0xF1, 0xF9];
    let of = |data: &[u8], observed: &[u8]| mac::solve(&held(&key), agreed, data, &[], observed).unwrap();
    is(&of(&letters, &value(agreed, &coded)), Mistake::DataInEbcdic, "EBCDIC");
    is(&of(&coded, &value(agreed, &letters)), Mistake::DataFromEbcdic, "ASCII");
    is(&of(text.as_bytes(), &value(agreed, &data)), Mistake::DataUnpacked, "unpacked");
    let whole = value(MacMethod::CupCbc, &data);
    let chained = |observed: &[u8]| mac::solve(&held(&key), MacMethod::CupCbc, &data, &[], observed).unwrap();
    is(&chained(&whole[4..]), Mistake::Rightmost, "right");
    is(&chained(&hex::encode(&whole).as_bytes()[..8]), Mistake::ValueAsText, "text");
    let digits = hex::encode(&whole);
    let ebcdic: Vec<u8> =
        digits.bytes().take(8).map(|d| if d < b'A' { 0xF0 + (d - b'0') } else { 0xC1 + (d - b'A') }).collect();
    is(&chained(&ebcdic), Mistake::ValueAsEbcdicText, "EBCDIC");
    let nothing = chained(b"nothing!");
    assert!(nothing.found.is_empty() && nothing.looked_at < 10_000, "{}", nothing.looked_at);
    let longest = vec![0x5A; mac::DATA_LONGEST];
    assert!(mac::solve(&held(&key), agreed, &longest, &[0; 300], b"nothing!").unwrap().found.is_empty());
}

#[test]
fn each_way_to_derive_the_wrong_key_is_found() {
    let base = SecretKey::from(&key("0123456789ABCDEFFEDCBA9876543210"));
    let serial = KeySerial::new(&hex::decode(b"FFFF9876543210E00008").unwrap()).unwrap();
    let (pin, pan) = (Pin::parse("1234").unwrap(), Pan::parse("4012345678909").unwrap());
    let source = KeySource::Derived { base: base.clone(), serial, purpose: DukptUse::Pin };
    let clear = *ClearPinBlock::build(PinBlockFormat::Iso0, &pin, &pan, [0; 8]).clear_bytes();
    let solve = |wrong: &SecretKey| {
        pin_block::solve(&source, PinBlockFormat::Iso0, &pin, &pan, encrypted(wrong, clear)).unwrap()
    };
    let initial = initial_key(&base, serial).unwrap();
    let transaction = transaction_key(&initial, serial).unwrap();
    is(&solve(&base), Mistake::BaseKey, "base");
    is(&solve(&initial), Mistake::InitialKey, "initial");
    is(&solve(&transaction), Mistake::TransactionKey, "transaction");
    let from_base = working_key(&transaction_key(&base, serial).unwrap(), DukptUse::Pin).unwrap();
    is(&solve(&from_base), Mistake::BaseAsInitial, "base as initial");
    for other in DukptUse::ALL.into_iter().filter(|other| *other != DukptUse::Pin) {
        is(&solve(&working_key(&transaction, other).unwrap()), Mistake::OtherUse(other), other.word());
    }
    for by in [-7_i8, -1, 1, 2, 8] {
        let off = serial.with_counter(serial.counter().checked_add_signed(i32::from(by)).unwrap());
        let wrong = working_key(&transaction_key(&initial, off).unwrap(), DukptUse::Pin).unwrap();
        is(&solve(&wrong), Mistake::CounterOff(by), "counter");
    }
    assert_eq!(solve(&working_key(&transaction, DukptUse::Pin).unwrap()).found, [vec![]]);
}

#[test]
fn every_mistake_has_its_words_in_both_languages() {
    let aes = KeySource::Held { key: SecretKey::new(Algorithm::Aes, &KEY).unwrap(), under: None };
    let source = held(&des(&KEY));
    let serial = KeySerial::new(&hex::decode(b"FFFF9876543210E00008").unwrap()).unwrap();
    let derived = KeySource::Derived { base: des(&KEY), serial, purpose: DukptUse::Pin };
    let (pin, pan) = (Pin::parse("1234").unwrap(), Pan::parse("4012345678909").unwrap());
    let tried = [
        check_value::solve(&aes, CheckRule::Cmac, &[1, 2, 3, 4]),
        check_value::solve(&source, CheckRule::Zeros, &[1, 2, 3, 4]),
        pin_block::solve(&derived, PinBlockFormat::Iso0, &pin, &pan, [9; 8]),
        mac::solve(&source, MacMethod::CupEcb, b"3030303040404040", &[1; 13], &[9; 8]),
        mac::solve(&source, MacMethod::CupEcb, &[0xF0, 0xF2, 0xC1], &[], &[9; 8]),
    ];
    let all: Vec<Mistake> = tried.into_iter().flat_map(|solved| solved.unwrap().tried).collect();
    let mut names = BTreeSet::new();
    for mistake in all {
        let words = mistake.words();
        for text in [&words.used_zh, &words.mend_zh] {
            assert!(text.chars().any(|sign| ('\u{4E00}'..='\u{9FFF}').contains(&sign)), "{mistake:?}: {text}");
            assert!(!text.ends_with('。'));
        }
        for text in [&words.used_en, &words.mend_en] {
            assert!(text.is_ascii() && !text.ends_with('.'), "{mistake:?}: {text}");
        }
        names.insert(mistake.name());
    }
    // Which kinds there are is counted here, so that one that is never tried is seen.
    assert!(names.len() >= 52, "{} kinds: {names:?}", names.len());
}
