//! Which files a path can be taken from.

use std::path::Path;

const SOUNDS: [&str; 7] = ["wav", "flac", "aif", "aiff", "mp3", "ogg", "npz"];

/// Whether a file is a sound, or an archive of a path and nothing else that the window takes.
pub fn is_sound_or_archive(path: &Path) -> bool {
    SOUNDS.iter().any(|ending| has_ending(path, ending))
}

/// Whether a file may be one of a path: JSON, too, which presets are as well.
pub fn may_be_path(path: &Path) -> bool {
    is_sound_or_archive(path) || has_ending(path, "json")
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_endings() {
        let known = |name: &str| [is_sound_or_archive(Path::new(name)), may_be_path(Path::new(name))];
        assert_eq!([known("a.WAV"), known("b.npz"), known("c.json")], [[true; 2], [true; 2], [false, true]]);
        assert_eq!([known("wav"), known("d.zip"), known("e")], [[false; 2]; 3]);
    }
}
