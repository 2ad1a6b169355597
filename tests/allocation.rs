//! What reading a bytecode file may allocate; a binary of its own, because it counts with an allocator of its own.

use allocation_counter::measure;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tillscript::language::bytecode::file;
use tillscript::language::bytecode::verify::program::verify;
use tillscript::run::program::build;

fn files() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "till"));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let mut program = build(&path).program.expect("a shipped script");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.push((name.clone(), file::write(&program)));
        file::strip(&mut program);
        files.push((format!("{name}, stripped"), file::write(&program)));
    }
    files
}

#[test]
fn x() {
    for (name, bytes) in files() {
        let read = measure(|| drop(file::read(&bytes).unwrap()));
        let program = file::read(&bytes).unwrap();
        let proof = measure(|| verify(&program).unwrap());
        let kept = measure(|| std::mem::forget(file::read(&bytes)));
        println!(
            "{name}: {} bytes; read peak {} total {} ({:.1}x) kept {}; proof peak {}",
            bytes.len(),
            read.bytes_max,
            read.bytes_total,
            read.bytes_max as f64 / bytes.len() as f64,
            kept.bytes_current,
            proof.bytes_max
        );
    }
    let _ = Sha256::digest(b"");
}
