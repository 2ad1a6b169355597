//! Key blocks, counters, card values and digests: what other programs made, and what is refused.

use super::keys::{bytes, key, some_pan};
use proptest::prelude::{any, prop, proptest};
use serde_json::json;
use tillscript::payment::card::{Pan, Pin};
use tillscript::payment::hex;
use tillscript::payment::keys::block_cipher::Algorithm;
use tillscript::payment::keys::card_values::{
    CardValueError, DecimalisationTable, cvv, natural_pin, pin_from_offset, pin_offset, pvv,
};
use tillscript::payment::keys::cipher::KeyError;
use tillscript::payment::keys::dukpt::{DukptError, KeySerial, transaction_key};
use tillscript::payment::keys::dukpt_aes::WideKeySerial;
use tillscript::payment::keys::issuer_keys::{CardKeyOption, card_key};
use tillscript::payment::keys::key_block::{KeyBlockError, KeyBlockHeader, KeyBlockVersion, unwrap, wrap};
use tillscript::payment::keys::mac::Padding;
use tillscript::payment::keys::mac_method::{MacKey, MacMethod};
use tillscript::payment::keys::parity::{even_bytes, with_odd_parity};
use tillscript::payment::keys::secret_key::SecretKey;
use tillscript::payment::keys::sm3::{hmac_sm3, sm3};
use tillscript::payment::keys::track_cipher::{TrackCipherError, decrypt_track, encrypt_track};

const KEY: &str = "0123456789ABCDEFFEDCBA9876543210";
const WORK: &str = "1C1C2A2A3434464651515B5B6D6D7F7F";

fn secret(text: &str) -> SecretKey {
    SecretKey::from(&key(text))
}

fn aes(text: &str) -> SecretKey {
    SecretKey::parse_hex(Algorithm::Aes, text).unwrap()
}

#[test]
fn blocks_that_another_program_made_are_opened() {
    // Made with psec 1.3.0: versions A to D, with and without an optional block.
    let wide = aes("00112233445566778899AABBCCDDEEFF");
    for (block, protection) in [
        ("A0088P0TE00N0000218CAE4EC91B2077D3DD6C4354AD592E07C443E207D0747B384A2B06B51455D98A2FDFE4", secret(KEY)),
        (
            "B0120P0TE00N0100KS1800604B120F9292800000AE0FF7948D2384971794948D3D7A481CC4B3B13920882EBF21E157F0264153D807EA43E3ADE4A705",
            secret(KEY),
        ),
        ("C0088P0TE00N00009A6B00DF61CA40E6F4DDCF2D1A92E5A9AAEB4EFC189072A22E526BFCBFBEA41B47E63480", secret(KEY)),
        (
            "D0144P0TE00N0200KS1800604B120F9292800000PB080000DD355754A4E1B91E976073D391657AA126054BF8E560886A0883C9F5B514C70243F0052F3F62E1EBCF0005B4C68DE923",
            wide,
        ),
    ] {
        let opened = unwrap(block, &protection).unwrap_or_else(|error| panic!("{block}: {error}"));
        assert_eq!(opened.key, secret(WORK), "{block}");
        assert_eq!(opened.header.usage, ['P', '0']);
    }
}

#[test]
fn a_changed_block_is_refused_whatever_was_changed() {
    for version in KeyBlockVersion::ALL {
        let protection = if version.algorithm() == Algorithm::Aes { aes(KEY) } else { secret(KEY) };
        let mut header = KeyBlockHeader::new(version, ['P', '0'], 'T', 'E');
        header.optional.push((['K', 'S'], "00604B120F9292800000".into()));
        let block = wrap(&header, &secret(WORK), &protection, &[0xA5; 32]).unwrap();
        assert_eq!(unwrap(&block, &protection).map(|opened| opened.key), Ok(secret(WORK)), "{block}");
        for at in 0..block.len() {
            let mut changed = block.clone().into_bytes();
            changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(unwrap(&changed, &protection).is_err(), "{version:?}, character {at}");
            assert!(unwrap(&block[..at], &protection).is_err());
        }
        assert_eq!(
            unwrap(
                &block,
                &match version.algorithm() {
                    Algorithm::Aes => aes("00112233445566778899AABBCCDDEEFF"),
                    _ => secret("89ABCDEF0123456776543210FEDCBA98"),
                }
            )
            .err(),
            Some(KeyBlockError::Mac)
        );
    }
}

#[test]
fn headers_that_cannot_be_are_refused_with_their_place() {
    let good = "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E";
    let read = |block: &str| KeyBlockHeader::read(block).map(|_| ());
    assert_eq!(read(good), Ok(()));
    let with = |at: usize, text: &str| [&good[..at], text, &good[at + text.len()..]].concat();
    let header = |at, found| Err(KeyBlockError::Header { at, found });
    assert_eq!(read(&with(0, "X")), Err(KeyBlockError::Version { found: 'X' }));
    assert_eq!(read(&with(1, "0088")), Err(KeyBlockError::Length { said: 88, found: 80 }));
    assert_eq!(read(&with(2, "A")), header(2, 'A'));
    assert_eq!(read(&with(5, "p")), header(5, 'p'));
    assert_eq!(read(&with(7, "Q")), header(7, 'Q'));
    assert_eq!(read(&with(8, "?")), header(8, '?'));
    assert_eq!(read(&with(11, "X")), header(11, 'X'));
    assert_eq!(read(&with(14, "1")), header(14, '1'));
    assert_eq!(read(&with(20, "密")), header(20, '密'));
    assert_eq!(read(""), Err(KeyBlockError::Version { found: ' ' }));
    // A bomb: more optional blocks than the block has room for, one that ends before it begins.
    assert!(matches!(read(&with(12, "16")), Err(KeyBlockError::OptionalBlock { index: 1 })));
    assert_eq!(read(&with(12, "99")), header(12, '9'));
    assert!(read(&with(12, "01KSFF")).is_err());
    assert!(read(&with(12, "0100KS0003FFFFFF")).is_err());
    let weak = SecretKey::unjudged(Algorithm::Des, &[1; 16]).unwrap();
    let block = wrap(&KeyBlockHeader::new(KeyBlockVersion::B, ['P', '0'], 'T', 'E'), &weak, &secret(KEY), &[]).unwrap();
    assert_eq!(unwrap(&block, &secret(KEY)).err(), Some(KeyBlockError::Key(KeyError::Weak)));
    let single = SecretKey::parse_hex(Algorithm::Des, "0123456789ABCDEF").unwrap();
    assert_eq!(unwrap(good, &single).err(), Some(KeyBlockError::Key(KeyError::SinglePart)));
    assert!(matches!(unwrap(good, &aes(KEY)), Err(KeyBlockError::Key(KeyError::Algorithm { .. }))));
}

proptest! {
    #[test]
    fn keys_of_every_length_come_back_from_every_block(
        bytes in prop::collection::vec(any::<u8>(), 32), version in 0..5_usize, length in 0..3_usize, fill in any::<[u8; 32]>()
    ) {
        let version = KeyBlockVersion::ALL[version];
        let protection = if version.algorithm() == Algorithm::Aes { aes(KEY) } else { secret(KEY) };
        for (algorithm, letter) in [(Algorithm::Des, 'T'), (Algorithm::Aes, 'A')] {
            let length = algorithm.key_lengths()[length];
            let Ok(key) = SecretKey::new(algorithm, &bytes[..length]) else { continue };
            let header = KeyBlockHeader::new(version, ['D', '0'], letter, 'B');
            let block = wrap(&header, &key, &protection, &fill).unwrap();
            assert_eq!(unwrap(&block, &protection).map(|opened| (opened.header, opened.key)), Ok((header, key)));
        }
    }

    #[test]
    fn any_text_is_no_reason_to_panic(text in ".{0,200}", tail in "[0-9A-F]{0,80}") {
        let _ = unwrap(&text, &secret(KEY));
        let _ = unwrap(&format!("B00{:02}P0TE00E0{}", (16 + tail.len()) % 100, tail), &secret(KEY));
        let _ = encrypt_track(&text, &key(WORK));
    }

    #[test]
    fn a_track_comes_back_whatever_its_length(track in "[0-9]{1,20}=[0-9]{0,17}") {
        let encrypted = encrypt_track(&track, &key(WORK)).unwrap();
        let opened = decrypt_track(&encrypted, &key(WORK)).unwrap();
        // Short tracks come back with their filler.
        assert_eq!(opened.trim_start_matches('F'), track.replace('=', "D"));
        assert_eq!(encrypted.len(), track.len().max(17));
    }
}

#[test]
fn a_track_with_another_character_is_refused() {
    assert_eq!(encrypt_track("62299x", &key(WORK)).err(), Some(TrackCipherError::Character { at: 5 }));
    assert_eq!(encrypt_track("", &key(WORK)).err(), Some(TrackCipherError::Empty));
}

#[test]
fn counters_skip_what_has_too_many_ones_and_end() {
    let serial = KeySerial::new(&bytes(&json!("FFFF9876543210E00000"))).unwrap();
    let narrow = |counter| serial.with_counter(counter);
    assert_eq!(narrow(1).next(), Ok(narrow(2)));
    // Ten ones are the most: 3FF is used, 7FE follows after 5FF and others.
    assert_eq!(narrow(0x3FF).next(), Ok(narrow(0x400)));
    assert_eq!(narrow(0x7FE).next(), Ok(narrow(0x800)));
    assert_eq!(narrow(0x1FF800).next(), Err(DukptError::Exhausted));
    let initial = secret("6AC292FAA1315B4D858AB3A3D7D5933A");
    let many = Err(DukptError::TooManyOnes { found: 11, most: 10 });
    assert_eq!(transaction_key(&initial, narrow(0x7FF)), many);
    assert_eq!(transaction_key(&initial, narrow(0)), Err(DukptError::CounterZero));
    let mut counted = 0_u32;
    let mut at = narrow(0);
    while let Ok(next) = at.next() {
        assert!(next.counter() > at.counter() && next.counter().count_ones() <= 10);
        (at, counted) = (next, counted + 1);
    }
    // X9.24-1: about a million transactions.
    assert_eq!(counted, 1_048_575);
    let wide = WideKeySerial::new(&bytes(&json!("12345678901234560001FFFE"))).unwrap();
    assert_eq!(wide.next().map(|next| next.counter()), Ok(0x20000), "0001FFFF has seventeen ones");
    assert_eq!(wide.with_counter(0xFFFF_0000).next(), Err(DukptError::Exhausted));
    assert_eq!(KeySerial::new(&[0; 7]).err(), Some(DukptError::SerialLength { needed: 10, found: 7 }));
    assert_eq!(KeySerial::new(&[0x98; 8]).unwrap().as_bytes()[..2], [0xFF; 2], "a short one is filled");
    assert_eq!(WideKeySerial::new(&[0; 10]).err(), Some(DukptError::SerialLength { needed: 12, found: 10 }));
}

#[test]
fn card_values_are_those_of_another_program() {
    // Recomputed with psec 1.3.0; the first CVV is IBM's own example.
    let key = key(KEY);
    let pan = |digits| Pan::parse(digits).unwrap();
    assert_eq!(cvv(&key, &pan("4123456789012345"), "8701", "101").unwrap().as_str(), "561");
    assert_eq!(cvv(&key, &pan("6299990000000000019"), "3012", "000").unwrap().as_str(), "773");
    let pin = |digits| Pin::parse(digits).unwrap();
    assert_eq!(pvv(&key, &pan("1234567890123456"), "1", &pin("1234")).unwrap().as_str(), "7880");
    assert_eq!(pvv(&key, &pan("6299990000000000019"), "3", &pin("9876")).unwrap().as_str(), "4444");
    let validation = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];
    for (table, chosen, offset) in [("0123456789012345", "1234", "8821"), ("1234567890123456", "987654", "535236")] {
        let table = DecimalisationTable::parse(table).unwrap();
        let natural = natural_pin(&key, validation, &table, chosen.len()).unwrap();
        assert_eq!(pin_offset(&natural, &pin(chosen)).unwrap(), offset);
        assert_eq!(pin_from_offset(&natural, offset).unwrap(), pin(chosen));
    }
    let digits = |what, needed| Some(CardValueError::Digits { what, needed });
    assert_eq!(cvv(&key, &some_pan(), "870", "101").err(), digits("the expiry", 4));
    assert_eq!(cvv(&key.first_part(), &some_pan(), "8701", "101").err(), Some(KeyError::SinglePart.into()));
    assert_eq!(DecimalisationTable::parse("012345678901234A").err(), digits("the decimalisation table", 16));
}

#[test]
fn long_card_numbers_have_their_keys_by_option_b() {
    // Recomputed with pyemv 1.5.0.
    for (digits, expected) in [
        ("12345678901234567", "F767ECC2263B2C543775CB62AB6B57D6"),
        ("990123456789012345", "3BE5EC6773CE83C16B83100289FB54F7"),
    ] {
        let card = card_key(&secret(KEY), CardKeyOption::B, &Pan::parse(digits).unwrap(), *b"45").unwrap();
        assert_eq!(hex::encode(card.clear_bytes()), expected, "{digits}");
    }
    let short = Pan::parse("9901234567890123").unwrap();
    let [a, b] = [CardKeyOption::A, CardKeyOption::B].map(|option| card_key(&secret(KEY), option, &short, *b"45"));
    assert_eq!(a, b);
}

#[test]
fn digests_are_those_of_the_standard() {
    // GB/T 32905-2016, annex A.
    assert_eq!(hex::encode(&sm3(b"abc")), "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0");
    assert_eq!(
        hex::encode(&sm3(&b"abcd".repeat(16))),
        "DEBE9FF92275B8A138604889C18E5A4D6FDB70E5387E5765293DCBA39C0C5732"
    );
    // The definition, RFC 2104, by hand.
    let key = b"TILL TEST KEY";
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
        block.to_vec()
    };
    let inner = sm3(&[pad(0x36), b"data".to_vec()].concat());
    assert_eq!(*hmac_sm3(key, b"data"), sm3(&[pad(0x5C), inner.to_vec()].concat()));
}

#[test]
fn padding_method_2_differs_from_method_1_where_it_must() {
    for (zeros, one) in [
        (MacMethod::Iso1(Padding::Zeros), MacMethod::Iso1(Padding::OneThenZeros)),
        (MacMethod::Iso3(Padding::Zeros), MacMethod::Iso3(Padding::OneThenZeros)),
    ] {
        let mac = |method, data: &[u8]| MacKey::new(method, &secret(KEY)).unwrap().compute(data).leftmost();
        // Method 2 is method 1 of the data with 80 and zeros behind; a whole block more where they fill theirs.
        assert_eq!(mac(one, b"1234567"), mac(zeros, b"1234567\x80"));
        assert_eq!(mac(one, b"12345678"), mac(zeros, b"12345678\x80\0\0\0\0\0\0\0"));
        assert_eq!(mac(one, b""), mac(zeros, b"\x80\0\0\0\0\0\0\0"));
        assert_eq!(mac(zeros, b"1234567"), mac(zeros, b"1234567\0"), "which is why method 1 needs a length elsewhere");
    }
    for method in MacMethod::ALL {
        assert_eq!(MacMethod::parse(method.word()), Some(method));
        let other = if method.algorithm() == Algorithm::Des { aes(KEY) } else { secret(KEY) };
        assert!(matches!(MacKey::new(method, &other), Err(KeyError::Algorithm { .. })));
    }
}

#[test]
fn parity_is_told_and_set_and_changes_no_check_value() {
    let odd = secret(KEY);
    assert!(even_bytes(&odd).is_empty());
    let even = secret("0022446688AACCEEFFDDBB9977553311");
    assert_eq!(even_bytes(&even).len(), 16);
    assert_eq!(with_odd_parity(&even), Ok(secret("0123456789ABCDEFFEDCBA9876543210")));
    assert!(with_odd_parity(&aes(KEY)).is_err());
}
