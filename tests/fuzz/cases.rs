//! Stored cases, and the memory that one may take.

use std::fs;
use std::path::{Path, PathBuf};

/// What a case may add to the memory that was ever resident, bytes.
pub const MOST_GROWTH: u64 = 384 << 20;

/// The most memory that was ever resident, bytes.
pub fn peak_bytes() -> u64 {
    // SAFETY: all-zero bytes are a valid rusage, and the call fills it.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is valid and ours.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    usage.ru_maxrss as u64 * 1024
}

pub fn stored_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("fixtures").join("fuzz").join(name)
}

pub fn stored(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}
