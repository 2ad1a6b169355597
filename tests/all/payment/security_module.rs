//! A security module lets a key be used for one thing, and gives none out.

use super::keys::{block, bytes, key, some_pan, vector};
use serde_json::json;
use tillscript::payment::card::Pin;
use tillscript::payment::hex;
use tillscript::payment::keys::block_cipher::Algorithm;
use tillscript::payment::keys::check_value::{CheckValue, check_value, zero_check_value};
use tillscript::payment::keys::cipher::KeyError;
use tillscript::payment::keys::dukpt::{DukptError, DukptUse, KeySerial};
use tillscript::payment::keys::key_block::{KeyBlockHeader, KeyBlockVersion};
use tillscript::payment::keys::mac::{MacAlgorithm, Padding, mac};
use tillscript::payment::keys::mac_method::MacMethod;
use tillscript::payment::keys::pin_block::PinBlockFormat;
use tillscript::payment::keys::secret_key::SecretKey;
use tillscript::payment::keys::security_module::{KeyUse, ModuleError, SecurityModule, WrappedForModule};
use tillscript::payment::keys::software_module::SoftwareModule;

const MASTER: &str = "0123456789ABCDEFFEDCBA9876543210";
const WORK: &str = "1C1C2A2A3434464651515B5B6D6D7F7F";

fn secret(text: &str) -> SecretKey {
    SecretKey::from(&key(text))
}

/// A work key under the master key.
fn wrapped(text: &str, purpose: KeyUse, check: Option<CheckValue>) -> (Vec<u8>, KeyUse, Option<CheckValue>) {
    let mut cryptogram = key(text).clear_bytes().to_vec();
    key(MASTER).encrypt_ecb(&mut cryptogram).unwrap();
    (cryptogram, purpose, check)
}

fn as_module((cryptogram, purpose, check_value): &(Vec<u8>, KeyUse, Option<CheckValue>)) -> WrappedForModule<'_> {
    WrappedForModule { purpose: *purpose, algorithm: Algorithm::Des, cryptogram, check_value: *check_value }
}

#[test]
fn keys_are_used_by_handle_and_give_what_they_give_in_the_clear() {
    let mut module = SoftwareModule::new();
    let master = module.load_clear(KeyUse::Keys, &secret(MASTER)).unwrap();
    let pin_key = wrapped(WORK, KeyUse::Pin, Some(check_value(&key(WORK), 4)));
    let pin_key = module.load_wrapped(as_module(&pin_key), master).unwrap();
    let pin = Pin::parse("1234").unwrap();
    let made = module.pin_block(pin_key, PinBlockFormat::Iso0, &pin, &some_pan(), [0; 8]).unwrap();
    assert_eq!(*made.as_bytes(), block(&vector("cup-pinblock-under-pik")["out"]["out"]));
    assert_eq!(module.check_value(pin_key, 4), Ok(check_value(&key(WORK), 4)));

    let mac_key = module.load_clear(KeyUse::Mac, &secret("C24A8FB57AA20123")).unwrap();
    let data = bytes(&vector("cup-mac-v1")["in"]["data"]);
    // The second method takes the way without the kept schedule.
    for algorithm in [MacAlgorithm::CupEcb, MacAlgorithm::X99, MacAlgorithm::CupCbc, MacAlgorithm::CupEcb] {
        let right = mac(algorithm, &key("C24A8FB57AA20123"), &data).unwrap();
        assert_eq!(module.mac(mac_key, algorithm.into(), &data).unwrap().leftmost(), right);
        assert_eq!(module.verify_mac(mac_key, algorithm.into(), &data, &right), Ok(true));
        assert_eq!(module.verify_mac(mac_key, algorithm.into(), &data, &right[..7]), Ok(false));
    }
    let single = ModuleError::Key(KeyError::SinglePart);
    assert_eq!(module.mac(mac_key, MacMethod::Iso3(Padding::Zeros), &data).unwrap_err(), single);

    let track_key = module.load_clear(KeyUse::Data, &secret("89ABCDEF0123456776543210FEDCBA98")).unwrap();
    let track = &vector("cup-track-enc");
    let encrypted = module.encrypt_track(track_key, track["in"]["track"].as_str().unwrap()).unwrap();
    assert_eq!(encrypted.as_str(), track["out"]["encrypted_track"]);

    let wide = SecretKey::parse_hex(Algorithm::Aes, "00112233445566778899AABBCCDDEEFF").unwrap();
    let wide = module.load_clear(KeyUse::Pin, &wide).unwrap();
    assert!(module.wide_pin_block(wide, &pin, &some_pan(), [7; 8]).is_ok());
    assert!(matches!(
        module.pin_block(wide, PinBlockFormat::Iso0, &pin, &some_pan(), [0; 8]),
        Err(ModuleError::Key(KeyError::Algorithm { .. }))
    ));
}

#[test]
fn a_key_serves_one_use_only() {
    let mut module = SoftwareModule::new();
    let uses = [KeyUse::Keys, KeyUse::Pin, KeyUse::Mac, KeyUse::Data, KeyUse::Derivation];
    let handles = uses.map(|purpose| module.load_clear(purpose, &secret(MASTER)).unwrap());
    let pin = Pin::parse("1234").unwrap();
    for (allowed, handle) in uses.into_iter().zip(handles) {
        let wrapped = wrapped(WORK, KeyUse::Pin, None);
        let serial = KeySerial::new(&bytes(&json!("FFFF9876543210E00001"))).unwrap();
        let asked = [
            (KeyUse::Keys, module.load_wrapped(as_module(&wrapped), handle).err()),
            (KeyUse::Pin, module.pin_block(handle, PinBlockFormat::Iso0, &pin, &some_pan(), [0; 8]).err()),
            (KeyUse::Mac, module.mac(handle, MacMethod::CupEcb, b"data").err()),
            (KeyUse::Data, module.encrypt_track(handle, "6299990000000018=3012").err()),
            (KeyUse::Derivation, module.derive(handle, serial, DukptUse::Pin).err()),
        ];
        for (wanted, refused) in asked {
            let expected = (wanted != allowed).then_some(ModuleError::Use { allowed, wanted });
            assert_eq!(refused, expected, "a key for {allowed} asked for {wanted}");
        }
    }
}

#[test]
fn a_bad_key_leaves_nothing_behind() {
    let mut module = SoftwareModule::new();
    let master = module.load_clear(KeyUse::Keys, &secret(MASTER)).unwrap();
    let expected = CheckValue::new(&[1, 2, 3, 4]).unwrap();
    let wrong = wrapped(WORK, KeyUse::Mac, Some(expected));
    let found = check_value(&key(WORK), 4);
    assert_eq!(module.load_wrapped(as_module(&wrong), master), Err(ModuleError::CheckValue { expected, found }));
    // A weak key with its right check value, and one of equal halves.
    for (clear, refused) in [([0_u8; 16], KeyError::Weak), ([0x3B; 16], KeyError::EqualParts)] {
        let mut cryptogram = clear.to_vec();
        key(MASTER).encrypt_ecb(&mut cryptogram).unwrap();
        let weak = SecretKey::unjudged(Algorithm::Des, &clear).unwrap();
        let check = Some(zero_check_value(&weak, 4));
        let loaded = module.load_wrapped(as_module(&(cryptogram, KeyUse::Pin, check)), master);
        assert_eq!(loaded, Err(ModuleError::Key(refused)));
    }
    let odd = (vec![0; 9], KeyUse::Pin, None);
    assert!(matches!(
        module.load_wrapped(as_module(&odd), master),
        Err(ModuleError::Key(KeyError::PartialBlock { .. }))
    ));
    assert!(!format!("{module:?}").to_uppercase().contains("0123456789ABCDEF"), "{module:?}");
    module.erase(master);
    assert_eq!(module.check_value(master, 3), Err(ModuleError::NoSuchKey));
    module.erase(master);
}

#[test]
fn a_key_goes_out_only_in_a_block_and_only_where_its_own_allowed_it() {
    let mut module = SoftwareModule::new();
    let protection = module.load_clear(KeyUse::Keys, &secret("DD7515F2BFC17F85CE48F3CA25CB21F6")).unwrap();
    let block = vector("tr31-test3_ascii")["in"]["block"].as_str().unwrap().to_owned();
    let pin_key = module.load_block(&block, protection).unwrap();
    let header = KeyBlockHeader::new(KeyBlockVersion::B, ['P', '0'], 'T', 'E');
    let out = module.export_block(pin_key, protection, &header, &[1; 8]).unwrap();
    let again = module.load_block(&out, protection).unwrap();
    assert_eq!(module.is_same(pin_key, again), Ok(true));
    // The new block says that the key must not go out, and so does a key that came without one.
    let injected = module.load_clear(KeyUse::Pin, &secret(WORK)).unwrap();
    for kept in [again, injected] {
        assert_eq!(module.export_block(kept, protection, &header, &[]), Err(ModuleError::NotExportable));
    }
    // A PIN key does not become a MAC key on its way.
    let other = KeyBlockHeader::new(KeyBlockVersion::B, ['M', '3'], 'T', 'G');
    let refused = Err(ModuleError::Use { allowed: KeyUse::Pin, wanted: KeyUse::Mac });
    assert_eq!(module.export_block(pin_key, protection, &other, &[]), refused);
}

#[test]
fn transaction_keys_are_derived_inside() {
    let mut module = SoftwareModule::new();
    let initial = module.load_clear(KeyUse::Derivation, &secret("6AC292FAA1315B4D858AB3A3D7D5933A")).unwrap();
    let serial = KeySerial::new(&bytes(&json!("FFFF9876543210E00001"))).unwrap();
    let mac_key = module.derive(initial, serial, DukptUse::MacRequest).unwrap();
    let code = module.mac(mac_key, MacMethod::Iso3(Padding::Zeros), b"4012345678909D987").unwrap();
    assert!(hex::encode(code.as_bytes()).starts_with("9CCC7817"));
    let zero = ModuleError::Dukpt(DukptError::CounterZero);
    assert_eq!(module.derive(initial, serial.with_counter(0), DukptUse::Pin), Err(zero));
}
