//! Short sounds that let a model be heard before anything is plugged in.
//!
//! They are the ones of `docs/listen`: computed, no recordings, by the trainer's `listen.py`.

use std::path::Path;

use crate::offline::audio_file::{self, AudioFileError};

/// How loud each is at its loudest, linear: as a take with some headroom.
const PEAK: f32 = 0.5;
/// Silence before a sound begins again, seconds.
const PAUSE_S: f64 = 0.7;

/// What they are called, in their order.
pub const NAMES: [&str; 4] = ["A sung line", "A spoken sentence", "A whistle", "Two chords"];

const FILES: [(&str, &[u8]); NAMES.len()] = [
    ("sung-before.ogg", include_bytes!("../../docs/listen/sung-before.ogg")),
    ("spoken-before.ogg", include_bytes!("../../docs/listen/spoken-before.ogg")),
    ("whistle-before.ogg", include_bytes!("../../docs/listen/whistle-before.ogg")),
    ("chord-before.ogg", include_bytes!("../../docs/listen/chord-before.ogg")),
];

/// One of them with its pause, mono at 44.1 kHz; empty beyond the last one. Takes some hundredths of a second.
///
/// # Errors
/// When it cannot be decoded.
pub fn read(index: usize) -> Result<Vec<f32>, AudioFileError> {
    let Some(&(name, bytes)) = FILES.get(index) else { return Ok(Vec::new()) };
    let audio = audio_file::decode(Path::new(name), bytes)?;
    let mut sound = audio.mono();
    let peak = sound.iter().fold(f32::MIN_POSITIVE, |peak, sample| peak.max(sample.abs()));
    sound.iter_mut().for_each(|sample| *sample *= PEAK / peak);
    sound.resize(sound.len() + (PAUSE_S * f64::from(audio.rate_hz)) as usize, 0.0);
    Ok(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sound_is_some_seconds_long_and_as_loud_as_the_others_and_begins_and_ends_softly() {
        for (index, name) in NAMES.iter().enumerate() {
            let sound = read(index).unwrap_or_else(|error| panic!("{error}"));
            let seconds = sound.len() as f64 / 44_100.0;
            assert!((2.0..9.0).contains(&seconds), "{name}: {seconds} s");
            let peak = sound.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            assert!((peak - PEAK).abs() < 1e-3, "{name}: {peak}");
            assert!(sound[0].abs() < 0.02 && sound[sound.len() - 1] == 0.0, "{name}");
        }
        assert!(read(NAMES.len()).is_ok_and(|none| none.is_empty()));
    }
}
