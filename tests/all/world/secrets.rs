//! No card number, track, PIN or key in any file, record or printed value.

use super::bench::{self, Folder, sale, sale_request, sign_in, world_in};
use tillscript::payment::hex;
use tillscript::world::port::pin_pad::KeySlot;
use tillscript::world::profile;
use tillscript::world::test_keys::KeyOwner;

/// Everything that must not be found anywhere, as text and as bytes.
fn secrets() -> Vec<Vec<u8>> {
    let card = profile::find("debit").unwrap();
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    let track = card.track2.clear_characters();
    let pan = card.pan.clear_digits();
    for text in [pan, track, card.pin.as_ref().unwrap().clear_digits(), &track.replace('=', "D")] {
        secrets.push(text.as_bytes().to_vec());
    }
    secrets.push(hex::decode(pan.as_bytes()).unwrap().to_vec());
    let owner = KeyOwner { seed: 0, terminal: "10000007".to_owned() };
    let mut keys = vec![owner.master().unwrap()];
    for generation in 1..=2 {
        for slot in [KeySlot::Pik, KeySlot::Mak, KeySlot::Tdk] {
            let layout = tillscript::payment::keys::sign_in::BundleLayout::DoubleWithTrack;
            keys.push(owner.work_key(slot, generation, layout).unwrap());
        }
    }
    for key in keys {
        let bytes = &key.clear_bytes()[..8];
        secrets.push(bytes.to_vec());
        secrets.push(hex::encode(bytes).into_bytes());
        secrets.push(hex::encode(bytes).to_lowercase().into_bytes());
    }
    secrets
}

fn assert_clean(what: &str, bytes: &[u8]) {
    for secret in secrets() {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_slice());
        assert!(!found, "{what} holds a secret of {} bytes", secret.len());
    }
}

#[test]
fn nothing_secret_is_kept_or_printed() {
    let folder = Folder::new();
    let mut world = world_in(&folder.0, &[]).unwrap();
    assert!(sign_in(&mut world, "004"));
    sale(&mut world, 10_000);
    world.set_fault("silent").unwrap();
    let came = sale(&mut world, 20_000);
    world.ports.log.info("6299990000000017");
    world.save().unwrap();

    let request = sale_request(&mut world, 10_000);
    let (read, pin) = bench::card(&mut world, None);
    assert_clean("a printed request", format!("{request:?}").as_bytes());
    assert_clean("a printed reply", format!("{came:?}").as_bytes());
    assert_clean("a printed card", format!("{read:?} {:?}", profile::shipped()).as_bytes());
    assert_clean("the stage", world.look(|stage| format!("{stage:?}")).as_bytes());
    assert_clean("the journal's state", format!("{:?}", world.ports.journal.state()).as_bytes());
    assert_clean("the seal", format!("{:?}", world.ports.seal).as_bytes());

    let pin_block = pin.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(&folder.0).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert_clean(&path.display().to_string(), &bytes);
        let block = bytes.windows(8).any(|window| window == pin_block);
        assert!(!block, "{} holds a PIN block", path.display());
        files += 1;
    }
    assert_eq!(files, 4, "journal, lock, device key, world");
    assert_eq!(bench::pending(&*world.ports.journal).len(), 1, "a card number is sealed among them");
}

#[test]
fn a_failure_about_a_card_file_does_not_repeat_its_number() {
    let failure = profile::parse(
        "x",
        "x.card",
        "pan = 6299990000000018\nexpiry = 3012\nservice = 220\nbalance = 1.00 CNY\ninterfaces = chip\n",
    );
    let shown = format!("{failure:?}");
    assert!(!shown.contains("0000000018"), "{shown}");
}
