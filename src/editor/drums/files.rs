//! Where bounces are written, and what they are called.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of bounces within the user's music, or else at home.
const FOLDER: &str = "Timbreloom";

/// Characters of a name at most, from a package.
const MAX_NAME_CHARS: usize = 40;

/// Where this user's bounces go; `None` for one without a home.
pub fn folder() -> Option<PathBuf> {
    dirs::audio_dir().or_else(dirs::home_dir).map(|home| home.join(FOLDER))
}

/// Makes an empty file that was not there yet, so that no other bounce takes its name: the stem, and a number behind it where
/// there is one already.
///
/// # Errors
/// When the folder takes none.
pub fn reserve(folder: &Path, stem: &str) -> io::Result<PathBuf> {
    for n in 1.. {
        let name = if n == 1 { format!("{stem}.wav") } else { format!("{stem} {n}.wav") };
        let path = folder.join(name);
        match File::create_new(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    unreachable!("a folder holds no end of files")
}

/// What a hit's file is called.
pub fn hit(track: usize, class: &str, draw: i64) -> String {
    let which = if draw == 0 { "own hit".to_owned() } else { format!("draw {draw}") };
    format!("Drum hit, {}, {which}, track {}", safe(class), track + 1)
}

/// What a loop's file is called; patterns from 0.
pub fn song(pattern: usize, chain: usize, tempo_bpm: f64) -> String {
    let patterns = match chain {
        1 => format!("pattern {}", pattern + 1),
        _ => format!("{chain} patterns from {}", pattern + 1),
    };
    format!("Drum loop, {patterns}, {tempo_bpm:.0} bpm")
}

/// What a walk's file is called.
pub fn walk(class: &str) -> String {
    format!("Drum walk, {}", safe(class))
}

/// A package's word, as file names of all systems may have it.
fn safe(word: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || " -_".contains(c) { c } else { '_' };
    word.chars().take(MAX_NAME_CHARS).map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_in_the_file_and_leaves_its_folder_by_no_word() {
        assert_eq!(hit(2, "snare", 17), "Drum hit, snare, draw 17, track 3");
        assert_eq!(hit(0, "../a:b", 0), "Drum hit, ___a_b, own hit, track 1");
        assert_eq!(song(0, 1, 120.0), "Drum loop, pattern 1, 120 bpm");
        assert_eq!(song(6, 3, 97.6), "Drum loop, 3 patterns from 7, 98 bpm");
        assert_eq!(walk(&"x".repeat(99)).len(), "Drum walk, ".len() + MAX_NAME_CHARS);
    }

    #[test]
    fn a_file_that_is_there_is_never_the_one_that_is_written() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("Drum loop 2.wav")).unwrap();
        for name in ["Drum loop.wav", "Drum loop 3.wav", "Drum loop 4.wav"] {
            assert_eq!(reserve(folder.path(), "Drum loop").unwrap(), folder.path().join(name));
        }
        assert!(reserve(&folder.path().join("nowhere"), "Drum loop").is_err());
    }
}
