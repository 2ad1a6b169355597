//! Every vector of the field comes out: keys, check values, PIN blocks, MACs, DUKPT, key blocks, cards.

use super::keys::{bytes, key, some_pan, vectors};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use tillscript::payment::card::{Pan, Pin};
use tillscript::payment::hex;
use tillscript::payment::keys::block_cipher::Algorithm;
use tillscript::payment::keys::check_value::{CheckValue, cmac_check_value, zero_check_value};
use tillscript::payment::keys::dukpt::{self, DukptUse, KeySerial};
use tillscript::payment::keys::dukpt_aes::{self, WideKeySerial, WideKind, WideUse};
use tillscript::payment::keys::issuer_keys::{
    CardKeyOption, application_cryptogram, card_key, response_cryptogram_1, response_cryptogram_2, script_mac,
    session_key, verify_cryptogram,
};
use tillscript::payment::keys::key_block::{KeyBlockError, KeyBlockHeader, unwrap, wrap};
use tillscript::payment::keys::mac::{MacAlgorithm, Padding, mac};
use tillscript::payment::keys::mac_method::{MacKey, MacMethod};
use tillscript::payment::keys::pin_block::{ClearPinBlock, PinBlockFormat};
use tillscript::payment::keys::pin_block_wide::{WidePinBlock, pan_field, pin_field};
use tillscript::payment::keys::secret_key::SecretKey;
use tillscript::payment::keys::sign_in::{BundleLayout, WorkKeySlot, build_bundle, split_bundle};
use tillscript::payment::keys::track_cipher::{decrypt_track, encrypt_track, track_part};
use tillscript::payment::keys::transaction_key::CardKey;

/// A vector, and which of its values were looked at.
struct Vector {
    value: Value,
    looked_at: RefCell<BTreeSet<String>>,
}

impl Vector {
    fn id(&self) -> &str {
        self.value["id"].as_str().unwrap()
    }

    fn given(&self, name: &str) -> &Value {
        self.looked_at.borrow_mut().insert(format!("in.{name}"));
        &self.value["in"][name]
    }

    fn text(&self, name: &str) -> &str {
        self.given(name).as_str().unwrap_or_else(|| panic!("{} has no {name}", self.id()))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        self.text(name);
        bytes(&self.value["in"][name])
    }

    fn data(&self) -> Vec<u8> {
        match self.given("data_ascii").as_str() {
            Some(ascii) => ascii.as_bytes().to_vec(),
            None => self.bytes("data"),
        }
    }

    fn secret(&self, algorithm: Algorithm, name: &str) -> SecretKey {
        SecretKey::unjudged(algorithm, &self.bytes(name)).unwrap_or_else(|error| panic!("{}: {error}", self.id()))
    }

    fn pin(&self) -> Pin {
        Pin::parse(self.text("pin")).unwrap()
    }

    fn pan(&self) -> Pan {
        self.given("pan").as_str().map_or_else(some_pan, |pan| Pan::parse(pan).unwrap())
    }

    fn out(&self, name: &str) -> Option<&str> {
        self.looked_at.borrow_mut().insert(format!("out.{name}"));
        self.value["out"][name].as_str()
    }

    /// Compares, if the vector gives the value; a shorter one is compared with the beginning.
    fn is(&self, name: &str, found: &[u8]) {
        if let Some(expected) = self.out(name) {
            let found = hex::encode(found);
            assert_eq!(found.get(..expected.len()), Some(expected), "{}: {name}", self.id());
        }
    }

    /// Fails if the vector says something that nobody looked at.
    fn done(&self) {
        for side in ["in", "out"] {
            for name in self.value[side].as_object().unwrap().keys() {
                let looked_at = self.looked_at.borrow();
                assert!(looked_at.contains(&format!("{side}.{name}")), "{}: nobody looks at {side}.{name}", self.id());
            }
        }
    }
}

#[test]
fn every_vector_comes_out() {
    let mut seen = BTreeSet::new();
    for value in vectors() {
        let vector = Vector { value, looked_at: RefCell::default() };
        match vector.value["alg"].as_str().unwrap() {
            "SM4-ECB" | "SM4-ECB-ITER" => sm4(&vector),
            "TDES-ECB-DEC" => {
                let mut data = vector.data();
                vector.secret(Algorithm::Des, "key").expand().decrypt_ecb(&mut data).unwrap();
                vector.is("out", &data);
            }
            "TDES-ECB-ENC" => {
                let mut data = vector.data();
                vector.secret(Algorithm::Des, "key").expand().encrypt_ecb(&mut data).unwrap();
                vector.is("out", &data);
            }
            "CMAC-AES" => one_mac(&vector, MacMethod::AesCmac),
            "CMAC-TDES" => one_mac(&vector, MacMethod::TdesCmac),
            "MAC-X9.19" => {
                assert_eq!(vector.given("padding"), 1);
                one_mac(&vector, MacMethod::Iso3(Padding::Zeros));
            }
            "MAC-X9.9" => {
                one_mac(&vector, MacMethod::Iso1(Padding::Zeros));
                one_mac(&vector, MacMethod::CupCbc);
            }
            "MAC-SM4-CBC" => one_mac(&vector, MacMethod::Sm4Cbc),
            "MAC-CUP-ECB" => cup_mac(&vector),
            "KCV-DES" | "KCV-TDES" => zero_kcv(&vector, Algorithm::Des),
            "KCV-AES" => zero_kcv(&vector, Algorithm::Aes),
            "KCV-SM4" => zero_kcv(&vector, Algorithm::Sm4),
            "KCV-AES-CMAC" => vector.is("out", cmac_check_value(&vector.secret(Algorithm::Aes, "key"), 5).as_bytes()),
            "PINBLOCK-0" => pin_block(&vector, PinBlockFormat::Iso0, "out"),
            "PINBLOCK-1" => pin_block(&vector, PinBlockFormat::Iso1, "out"),
            "PINBLOCK-2" => pin_block(&vector, PinBlockFormat::Iso2, "out"),
            "PINBLOCK-3-PREFIX" => pin_block(&vector, PinBlockFormat::Iso3, "prefix"),
            "PANFIELD-4" => vector.is("out", pan_field(vector.text("pan")).as_slice()),
            "PINFIELD-4" => vector.is("prefix", pin_field(&vector.pin(), [7; 8]).as_slice()),
            "PINBLOCK-4" => wide_block(&vector, &vector.secret(Algorithm::Aes, "key"), "random", "out"),
            "DUKPT-TDES" => dukpt_tdes(&vector),
            "DUKPT-AES" => dukpt_wide(&vector),
            "TR31-UNWRAP" => key_block(&vector),
            "TR31-INVALID" => {
                assert_eq!(vector.out("result"), Some("reject"));
                let refused = unwrap(vector.text("block"), &vector.secret(Algorithm::Des, "kbpk")).unwrap_err();
                assert!(matches!(refused, KeyBlockError::Length { .. }), "{}: {refused}", vector.id());
            }
            "EMV-AC" => cryptogram(&vector),
            "EMV-SCRIPT-MAC" => script(&vector),
            "CUP-TDB" => track(&vector),
            "CUP-SIGNIN-62" => sign_in(&vector),
            other => panic!("{}: nothing is done with {other}", vector.id()),
        }
        vector.done();
        assert!(seen.insert(vector.id().to_owned()), "{} is there twice", vector.id());
    }
    assert_eq!(seen.len(), 133, "{seen:?}");
}

fn sm4(vector: &Vector) {
    let key = vector.secret(Algorithm::Sm4, "key").expand();
    let mut data = vector.data();
    for _ in 0..vector.given("n").as_u64().unwrap_or(1) {
        key.encrypt_ecb(&mut data).unwrap();
    }
    vector.is("out", &data);
    // Ten thousand steps back are enough to see that decryption is its inverse.
    for _ in 0..vector.given("n").as_u64().unwrap_or(1).min(10_000) {
        let mut back = data.clone();
        key.decrypt_ecb(&mut back).unwrap();
        key.encrypt_ecb(&mut back).unwrap();
        assert_eq!(back, data);
        key.decrypt_ecb(&mut data).unwrap();
    }
}

fn one_mac(vector: &Vector, method: MacMethod) {
    let key = MacKey::new(method, &vector.secret(method.algorithm(), "key")).unwrap();
    let value = key.compute(&vector.data());
    vector.is("out", value.as_bytes());
    assert!(key.verify(&vector.data(), value.as_bytes()));
}

fn cup_mac(vector: &Vector) {
    let (key, data) = (vector.secret(Algorithm::Des, "key"), vector.data());
    if let Some(frame) = vector.given("wire_frame").as_str() {
        // Length, TPDU and header in front are not covered, and field 64 is not.
        assert!(frame.ends_with(&format!("{}{}", hex::encode(&data), vector.out("field64").unwrap())));
    }
    let code = mac(MacAlgorithm::CupEcb, &key.des().unwrap(), &data).unwrap();
    assert_eq!(MacKey::new(MacMethod::CupEcb, &key).unwrap().compute(&data).leftmost(), code);
    vector.is("field64", &code);
    assert_eq!(vector.out("mac_ascii").unwrap().as_bytes(), code);
    // The steps in between, once more by hand.
    let mut fold = [0_u8; 8];
    data.chunks(8).for_each(|block| fold.iter_mut().zip(block).for_each(|(to, from)| *to ^= from));
    vector.is("fold", &fold);
    let text = hex::encode(&fold).into_bytes();
    let (first, second) = text.split_at(8);
    let mut state = first.to_vec();
    key.expand().encrypt_ecb(&mut state).unwrap();
    vector.is("enc1", &state);
    state.iter_mut().zip(second).for_each(|(to, from)| *to ^= from);
    key.expand().encrypt_ecb(&mut state).unwrap();
    vector.is("enc2", &state);
}

fn zero_kcv(vector: &Vector, algorithm: Algorithm) {
    let key = vector.secret(algorithm, "key");
    let expected = CheckValue::new(&hex::decode(vector.out("out").unwrap().as_bytes()).unwrap()).unwrap();
    assert_eq!(zero_check_value(&key, expected.as_bytes().len()), expected, "{}", vector.id());
}

fn pin_block(vector: &Vector, format: PinBlockFormat, name: &str) {
    let mut fill = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
    if vector.given("nonce").is_string() {
        fill = vector.bytes("nonce").try_into().unwrap();
    }
    let block = ClearPinBlock::build(format, &vector.pin(), &vector.pan(), fill);
    vector.is(name, block.clear_bytes());
    assert_eq!(block.read(format, &vector.pan()), Ok(vector.pin()));
}

fn wide_block(vector: &Vector, key: &SecretKey, fill: &str, name: &str) {
    let fill = vector.bytes(fill).try_into().unwrap();
    let block = WidePinBlock::build(key, &vector.pin(), &vector.pan(), fill).unwrap();
    vector.is(name, block.as_bytes());
    assert_eq!(block.read(key, &vector.pan()), Ok(vector.pin()));
}

fn dukpt_tdes(vector: &Vector) {
    let serial = KeySerial::new(&vector.bytes("ksn")).unwrap();
    let initial = dukpt::initial_key(&vector.secret(Algorithm::Des, "bdk"), serial).unwrap();
    vector.is("ik", initial.clear_bytes());
    let transaction = dukpt::transaction_key(&initial, serial).unwrap();
    vector.is("txn_key", transaction.clear_bytes());
    let working = |purpose| dukpt::working_key(&transaction, purpose).unwrap();
    let mut block = vector.bytes("pin_block_clear");
    working(DukptUse::Pin).expand().encrypt_ecb(&mut block).unwrap();
    vector.is("pin_block", &block);
    let data = vector.data();
    let code = |method, purpose| MacKey::new(method, &working(purpose)).unwrap().compute(&data).leftmost();
    vector.is("mac_request", &code(MacMethod::Iso3(Padding::Zeros), DukptUse::MacRequest));
    vector.is("mac_response", &code(MacMethod::Iso3(Padding::Zeros), DukptUse::MacResponse));
    vector.is("cmac_request", &code(MacMethod::TdesCmac, DukptUse::MacRequest));
    vector.is("cmac_response", &code(MacMethod::TdesCmac, DukptUse::MacResponse));
    let mut filled = data.clone();
    filled.resize(data.len().next_multiple_of(8), 0);
    working(DukptUse::DataRequest).expand().encrypt_cbc(&[0; 8], &mut filled).unwrap();
    vector.is("data_request", &filled);
}

fn dukpt_wide(vector: &Vector) {
    let serial = WideKeySerial::new(&vector.bytes("ksn")).unwrap();
    let initial = dukpt_aes::initial_key(&vector.secret(Algorithm::Aes, "bdk"), serial).unwrap();
    vector.is("ik", initial.clear_bytes());
    let transaction = dukpt_aes::transaction_key(&initial, serial).unwrap();
    vector.is("txn_key", transaction.clear_bytes());
    let Some(kind) = vector.given("work_alg").as_str() else { return };
    let kind = WideKind::ALL.into_iter().find(|known| known.word().eq_ignore_ascii_case(kind)).unwrap();
    let working = |purpose| dukpt_aes::working_key(&transaction, serial, purpose, kind).unwrap();
    vector.is("pin_key", working(WideUse::Pin).clear_bytes());
    vector.is("mac_gen_key", working(WideUse::MacGeneration).clear_bytes());
    vector.is("data_enc_key", working(WideUse::DataEncryption).clear_bytes());
    if vector.given("random").is_string() {
        wide_block(vector, &working(WideUse::Pin), "random", "pin_block");
    }
}

fn key_block(vector: &Vector) {
    let block = vector.text("block");
    let (header, from) = KeyBlockHeader::read(block).unwrap_or_else(|error| panic!("{}: {error}", vector.id()));
    let protection = vector.secret(header.version.algorithm(), "kbpk");
    let opened = unwrap(block, &protection).unwrap_or_else(|error| panic!("{}: {error}", vector.id()));
    vector.is("key", opened.key.clear_bytes());
    // Wrapped again, the header is the same; the fill is not, and may be shorter.
    let again = wrap(&header, &opened.key, &protection, &[0x5A; 32]).unwrap();
    assert_eq!(again[5..from], block[5..from], "{}", vector.id());
    assert_eq!(unwrap(&again, &protection).as_ref(), Ok(&opened), "{}", vector.id());
}

fn card_and_session(vector: &Vector) -> (SecretKey, SecretKey) {
    let issuer = vector.secret(Algorithm::Des, "issuer_mk");
    let sequence = vector.text("psn").as_bytes().try_into().unwrap();
    let card = card_key(&issuer, CardKeyOption::A, &vector.pan(), sequence).unwrap();
    vector.is("icc_mk_kcv", zero_check_value(&card, 3).as_bytes());
    let session = session_key(&card, vector.bytes("r").try_into().unwrap()).unwrap();
    vector.is("sk_kcv", zero_check_value(&session, 3).as_bytes());
    (card, session)
}

fn cryptogram(vector: &Vector) {
    let (card, session) = card_and_session(vector);
    let padding = if vector.text("padding") == "EMV" { Padding::OneThenZeros } else { Padding::Zeros };
    let found = application_cryptogram(&session, &vector.data(), padding).unwrap();
    vector.is("arqc", &found);
    assert_eq!(verify_cryptogram(&session, &vector.data(), padding, &found), Ok(true));
    let response = vector.bytes("arc").try_into().unwrap();
    vector.is("arpc_method1_mk", &response_cryptogram_1(&card, found, response).unwrap());
    vector.is("arpc_method1_sk", &response_cryptogram_1(&session, found, response).unwrap());
    // The keys that are expanded once give the same.
    if padding == Padding::OneThenZeros {
        let issuer = vector.secret(Algorithm::Des, "issuer_mk");
        let sequence = vector.text("psn").as_bytes().try_into().unwrap();
        let card = CardKey::derive(&issuer, CardKeyOption::A, &vector.pan(), sequence).unwrap();
        let key = card.diversified(vector.bytes("r").try_into().unwrap());
        assert_eq!(key.cryptogram(&vector.data()), found, "{}", vector.id());
        assert!(key.verify(&vector.data(), &found) && !key.verify(&vector.data(), &[0; 8]));
        vector.is("arpc_method1_sk", &key.response(found, response));
        assert!(key.answers(found, response, &key.response(found, response)));
        // Data that fill their blocks, and none at all.
        for length in [0, 1, 7, 8, 9, 16, 37] {
            let data = vec![0xA5; length];
            assert_eq!(key.cryptogram(&data), application_cryptogram(&session, &data, padding).unwrap(), "{length}");
        }
    }
    if vector.given("csu").is_string() {
        let update = vector.bytes("csu").try_into().unwrap();
        let answer = response_cryptogram_2(&session, found, update, &vector.bytes("prop")).unwrap();
        vector.is("arpc_method2_sk", &answer);
    }
}

fn script(vector: &Vector) {
    let (_, session) = card_and_session(vector);
    vector.is("mac", &script_mac(&session, &vector.bytes("command")).unwrap());
}

fn track(vector: &Vector) {
    let (part, offset) = track_part(vector.text("track")).unwrap();
    vector.is("tdb", part.as_slice());
    vector.out("offset");
    assert_eq!(vector.value["out"]["offset"], offset);
    if vector.given("tdk").is_string() {
        let key = vector.secret(Algorithm::Des, "tdk").des().unwrap();
        let encrypted = encrypt_track(vector.text("track"), &key).unwrap();
        assert_eq!(vector.out("encrypted_track"), Some(encrypted.as_str()));
        assert_eq!(*decrypt_track(&encrypted, &key).unwrap(), vector.text("track").replace('=', "D"));
    }
}

fn sign_in(vector: &Vector) {
    let (master, field62) = (key(vector.text("tmk")), vector.bytes("field62"));
    let wrapped = split_bundle(&field62).unwrap();
    // A key that opens has its check value.
    for (name, one) in ["pik", "mak", "tdk"].into_iter().zip(&wrapped) {
        vector.is(name, one.open(&master).unwrap().clear_bytes());
        vector.out(&format!("{name}_kcv_ok"));
        assert_eq!(vector.value["out"][format!("{name}_kcv_ok")], true);
    }
    let opened: Vec<_> = wrapped.iter().map(|one| one.open(&master).unwrap()).collect();
    let keys: Vec<(WorkKeySlot, _)> = wrapped.iter().map(|one| one.slot).zip(&opened).collect();
    let built = build_bundle(BundleLayout::DoubleWithTrack, &master, &keys).unwrap();
    assert_eq!(hex::encode(&built), hex::encode(&field62), "built as it came");
}
