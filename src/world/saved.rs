//! What the simulated world remembers between runs: `world.json` beside the journal.

use crate::payment::keys::sign_in::BundleLayout;
use crate::script_error::catalogue::storage;
use crate::world::host::ledger::Ledger;
use crate::world::journal::disk::sync_directory;
use crate::world::port::failure::Failure;
use crate::world::port::pin_pad::KeySlot;
use crate::world::stage::Stage;
use crate::world::terminal::pin_pad::Pad;
use crate::world::test_keys::KeyOwner;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the file.
pub const FILE: &str = "world.json";
/// The form of the file that this program writes and reads.
const VERSION: u32 = 1;

/// The file. There is no key and no card number in it: keys are made anew from the seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The form of the file.
    pub version: u32,
    /// The seed of the world.
    pub seed: u64,
    /// The time at the end.
    pub now_ms: i64,
    /// Which work keys the PIN pad holds: the generation of each, by the name of its slot.
    pub pad: BTreeMap<String, u32>,
    /// What the host remembers.
    pub ledger: Ledger,
    /// How many transactions each card has counted, by the name of its account.
    #[serde(default)]
    pub counters: BTreeMap<Arc<str>, u16>,
}

/// Layouts in which a key of a generation may have been handed out.
const LAYOUTS: [BundleLayout; 2] = [BundleLayout::DoubleWithTrack, BundleLayout::Single];
/// The slots that hold work keys.
const WORK_SLOTS: [KeySlot; 3] = [KeySlot::Pik, KeySlot::Mak, KeySlot::Tdk];

impl Saved {
    /// The world as it is now.
    pub fn of(stage: &Stage) -> Saved {
        let mut ledger = stage.acquirer.ledger.clone();
        if stage.host_is_elsewhere {
            follow(&mut ledger, stage);
        }
        let mut pad = BTreeMap::new();
        for slot in stage.pad.active_slots() {
            let owner = &stage.acquirer.owner;
            // A key older than a few sign-ins opens nothing any more, so it need not be found again.
            let oldest = ledger.generation.saturating_sub(4).max(1);
            let generation = (oldest..=ledger.generation).rev().find(|generation| {
                let known = |layout: &BundleLayout| owner.work_key(slot, *generation, *layout);
                LAYOUTS.iter().filter_map(known).any(|key| stage.pad.holds(slot, &key))
            });
            pad.extend(generation.map(|generation| (slot.word().to_owned(), generation)));
        }
        let (seed, counters) = (stage.acquirer.owner.seed, stage.counters.clone());
        Saved { version: VERSION, seed, now_ms: stage.now_ms, pad, ledger, counters }
    }

    /// A world that was left so, with this seed. What its cards have counted is not in it.
    pub fn left(seed: u64, now_ms: i64, pad: BTreeMap<String, u32>, ledger: Ledger) -> Saved {
        Saved { version: VERSION, seed, now_ms, pad, ledger, counters: BTreeMap::new() }
    }

    /// Reads the file of a directory; `None` if there is none yet.
    pub fn read(directory: &Path) -> Result<Option<Saved>, Failure> {
        let path = directory.join(FILE);
        let cannot_read = |detail: String| {
            Failure::new(storage::CANNOT_READ).text("path", path.display().to_string()).text("detail", detail)
        };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot_read(error.to_string())),
        };
        let saved: Saved = serde_json::from_slice(&bytes).map_err(|error| cannot_read(error.to_string()))?;
        if saved.version != VERSION {
            return Err(cannot_read(format!("version {}", saved.version)));
        }
        Ok(Some(saved))
    }

    /// Puts the work keys into a PIN pad that it held at the end.
    pub fn fill(&self, pad: &mut Pad, owner: &KeyOwner) {
        let layout = self.ledger.key_layout();
        for slot in WORK_SLOTS {
            let generation = self.pad.get(slot.word());
            let key = generation.and_then(|generation| owner.work_key(slot, *generation, layout));
            if let Some(key) = key {
                pad.inject(slot, &key);
            }
        }
    }
}

/// A host elsewhere handed out keys that its simulated double here knows nothing of: which generation they are is found by
/// trying. Keys of a host that is not ours are not found, and the terminal has to sign in again.
fn follow(ledger: &mut Ledger, stage: &Stage) {
    if !stage.pad.active_slots().any(|slot| slot == KeySlot::Pik) {
        return;
    }
    let owner = &stage.acquirer.owner;
    let all = (1..=GENERATIONS_MOST).flat_map(|generation| CODES.map(|code| (generation, code)));
    let found = all.into_iter().find(|(generation, code)| {
        let Some(layout) = BundleLayout::from_network_code(code) else { return false };
        let is = |slot| owner.work_key(slot, *generation, layout).is_some_and(|key| stage.pad.holds(slot, &key));
        is(KeySlot::Mak) && is(KeySlot::Pik)
    });
    if let Some((generation, code)) = found {
        ledger.generation = generation;
        code.clone_into(&mut ledger.layout);
    }
}

/// Network codes whose layouts differ in the keys that are made.
const CODES: [&str; 2] = ["004", "001"];
/// Sign-ins at a host elsewhere that are looked through for the keys at hand.
const GENERATIONS_MOST: u32 = 1_000;

/// Writes the file whenever the host has dealt with a message.
#[derive(Clone, Debug, Default)]
pub struct Keeper {
    /// The directory; `None` for a world that ends with the program.
    pub directory: Option<PathBuf>,
}

impl Keeper {
    /// Writes the file, and leaves it to the end of the run to report if it could not.
    pub fn keep(&self, stage: &Stage) {
        let _ = self.save(stage);
    }

    /// Writes the file: aside, to the disk, then renamed, so that there is always a whole one.
    pub fn save(&self, stage: &Stage) -> Result<(), Failure> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        let path = directory.join(FILE);
        let cannot_write = |detail: String| {
            Failure::new(storage::CANNOT_WRITE).text("path", path.display().to_string()).text("detail", detail)
        };
        let mut text = serde_json::to_vec_pretty(&Saved::of(stage)).map_err(|error| cannot_write(error.to_string()))?;
        text.push(b'\n');
        let aside = directory.join("world.json.new");
        let written = File::create(&aside)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&aside, &path))
            .and_then(|()| sync_directory(directory));
        written.map_err(|error| cannot_write(error.to_string()))
    }
}
