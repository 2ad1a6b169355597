//! `till journal backup` and `till journal restore`.

use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::script_error::error::ScriptError;
use crate::script_error::words::Language;
use crate::world::journal::backup::{STANS_FENCED, Size, backup, fence, restore};
use crate::world::journal::file::FileJournal;
use crate::world::port::failure::Failure;
use crate::world::port::journal::Journal;
use crate::world::simulation::device_key_of;
use serde_json::json;
use std::path::Path;

pub(super) fn write(console: &Console, directory: &Path, file: &Path) -> Exit {
    match backup(directory, file) {
        Ok(size) => {
            told(console, "backup", size, file);
            Exit::Fine
        }
        Err(failure) => refused(console, failure),
    }
}

pub(super) fn read(console: &Console, directory: &Path, file: &Path, seed: u64) -> Exit {
    let fenced = restore(file, directory).and_then(|size| {
        let (mut journal, ..) = FileJournal::open(directory, &device_key_of(seed))?;
        fence(&mut journal)?;
        Ok((size, journal.state().batch, journal.state().next_stan()))
    });
    match fenced {
        Ok((size, batch, stan)) => {
            told(console, "restore", size, file);
            if console.format != Format::Json {
                console.line(&match console.style.language {
                    Language::Zh => format!(
                        "栅栏：批次改为 {batch:06}，跳过 {STANS_FENCED} 个流水号（下一个 {stan:06}），已签退。\n对账之前不做交易（T7013）：till reconcile {} 主机摘录.csv --lift",
                        directory.display()
                    ),
                    Language::En => format!(
                        "fence: batch {batch:06} from now on, {STANS_FENCED} trace numbers left out (next is {stan:06}), signed out.\nNo transaction before a reconciliation (T7013): till reconcile {} EXTRACT.csv --lift",
                        directory.display()
                    ),
                });
            }
            Exit::Fine
        }
        Err(failure) => refused(console, failure),
    }
}

fn told(console: &Console, what: &str, size: Size, file: &Path) {
    let Size { segments, records, bytes } = size;
    if console.format == Format::Json {
        let line = json!({ "v": 1, "kind": what, "file": file.display().to_string(), "segments": segments, "records": records, "bytes": bytes });
        console.line(&line.to_string());
        return;
    }
    let file = file.display();
    console.line(&match (console.style.language, what) {
        (Language::Zh, "backup") => format!("已备份到 {file}：{segments} 段，{records} 条记录，{bytes} 字节"),
        (Language::Zh, _) => format!("已从 {file} 恢复：{segments} 段，{records} 条记录"),
        (Language::En, "backup") => {
            format!("backed up to {file}; segments: {segments}, records: {records}, bytes: {bytes}")
        }
        (Language::En, _) => format!("restored from {file}; segments: {segments}, records: {records}"),
    });
}

fn refused(console: &Console, failure: Failure) -> Exit {
    console.refusal(&ScriptError::of(failure.code, failure.facts));
    Exit::Surroundings
}
