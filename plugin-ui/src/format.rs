//! Numbers and names of models in words.

use std::path::PathBuf;

/// What a model's stage means for what is played into it.
pub fn stage(stage: &str) -> &str {
    match stage {
        "pitched" => "Pitched: follows one voice, its pitch and its loudness.",
        "general" => "General: takes any sound, chords and drums too.",
        other => other,
    }
}

/// A size in bytes, MB above a million.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A name in small letters with a capital, to stand by itself.
pub fn capital(name: &str) -> String {
    let mut letters = name.chars();
    let first: String = letters.by_ref().take(1).flat_map(char::to_uppercase).collect();
    first + letters.as_str()
}

/// The name of a piano's key: C4 is 60.
pub fn key(key: i32) -> String {
    const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    format!("{}{}", NAMES[key.rem_euclid(12) as usize], key.div_euclid(12) - 1)
}

/// The name of the nearest key of a piano tuned to 440 Hz: `A4`.
pub fn note(hz: f32) -> String {
    if !(hz.is_finite() && hz > 0.0) {
        return "\u{2013}".to_owned();
    }
    key((12.0 * (hz / 440.0).log2()).round() as i32 + 69)
}

/// A range of pitches: notes, and Hz.
pub fn pitches(range_hz: Option<[f32; 2]>) -> String {
    match range_hz {
        Some([low, high]) => format!("{} to {} ({low:.0} to {high:.0} Hz)", note(low), note(high)),
        None => "no pitch of its own".to_owned(),
    }
}

/// The path that was typed or pasted: without quotes, spaces around it or `file://`; `None` of nothing.
pub fn path(text: &str) -> Option<PathBuf> {
    let text = text.trim().trim_matches(['"', '\'']);
    let text = text.strip_prefix("file://").unwrap_or(text);
    (!text.is_empty()).then(|| PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_have_names() {
        assert_eq!([note(440.0), note(65.4), note(261.6), note(0.0)], ["A4", "C2", "C4", "\u{2013}"]);
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!([size(12), size(12_345), size(8_400_000)], ["12 bytes", "12 kB", "8.4 MB"]);
    }

    #[test]
    fn pasted_paths_lose_what_is_around_them() {
        assert_eq!(path(" \"/a b/c.zip\" "), Some(PathBuf::from("/a b/c.zip")));
        assert_eq!(path("file:///a/c.zip"), Some(PathBuf::from("/a/c.zip")));
        assert_eq!(path("  "), None);
    }
}
