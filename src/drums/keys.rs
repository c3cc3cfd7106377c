//! Which track a MIDI key strikes, as in General MIDI: by what the tracks' kinds of drums are called.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use super::{PATTERNS, TRACKS};

/// A drum of General MIDI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Drum {
    Kick,
    Rim,
    Snare,
    Clap,
    Tom,
    ClosedHat,
    OpenHat,
    Crash,
    Ride,
    /// None of them.
    #[default]
    Other,
}

/// The keys of each drum, with the usual one first; where several tracks share them, the first track has the first ones.
const KEYS: [(Drum, &[u8]); 9] = [
    (Drum::Kick, &[36, 35]),
    (Drum::Rim, &[37]),
    (Drum::Snare, &[38, 40]),
    (Drum::Clap, &[39]),
    (Drum::Tom, &[41, 43, 45, 47, 48, 50]),
    (Drum::ClosedHat, &[42, 44]),
    (Drum::OpenHat, &[46]),
    (Drum::Crash, &[49, 57, 55, 52]),
    (Drum::Ride, &[51, 53, 59]),
];

/// The key that strikes the first track where no drum has it; the other tracks follow.
const FIRST_KEY: u8 = 36;

/// The key that chooses the first pattern, C1; the others follow.
const FIRST_PATTERN_KEY: u8 = 24;

impl Drum {
    /// The one that a package means by the name of a class, as “closed_hat”.
    pub fn of_name(name: &str) -> Self {
        let name = name.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match () {
            () if has(&["hat"]) && has(&["open"]) => Self::OpenHat,
            () if has(&["hat"]) => Self::ClosedHat,
            () if has(&["kick", "bass drum", "bass_drum"]) => Self::Kick,
            () if has(&["rim", "side stick", "side_stick"]) => Self::Rim,
            () if has(&["snare"]) => Self::Snare,
            () if has(&["clap"]) => Self::Clap,
            () if has(&["tom"]) => Self::Tom,
            () if has(&["ride"]) => Self::Ride,
            () if has(&["crash", "cymbal", "splash", "china"]) => Self::Crash,
            () => Self::Other,
        }
    }

    fn keys(self) -> &'static [u8] {
        KEYS.iter().find(|(drum, _)| *drum == self).map_or(&[], |(_, keys)| keys)
    }
}

/// The track that a key strikes where the tracks are these drums: one that is the key's drum, where several are each its
/// part of the drum's keys. Keys 36 to 43 whose drum there is not strike the tracks by their number.
///
/// # Realtime
/// Wait-free, no allocation.
pub fn track_of(key: u8, drums: &[Drum; TRACKS]) -> Option<usize> {
    let meant = KEYS.iter().find_map(|(drum, keys)| Some((*drum, keys, keys.iter().position(|own| *own == key)?)));
    if let Some((drum, keys, place)) = meant {
        let count = drums.iter().filter(|own| **own == drum).count();
        let nth = place * count / keys.len();
        if let Some(track) = (0..TRACKS).filter(|track| drums[*track] == drum).nth(nth) {
            return Some(track);
        }
    }
    key.checked_sub(FIRST_KEY).map(usize::from).filter(|track| *track < TRACKS)
}

/// The key that a track is played on where the tracks are these drums: one that strikes it, but where more tracks are one
/// drum than it has keys.
///
/// # Realtime
/// Wait-free, no allocation.
pub fn key_of(track: usize, drums: &[Drum; TRACKS]) -> u8 {
    let track = track.min(TRACKS - 1);
    let drum = drums[track];
    let (count, nth) = drums
        .iter()
        .take(TRACKS)
        .enumerate()
        .filter(|(_, own)| **own == drum)
        .fold((0, 0), |(count, nth), (other, _)| (count + 1, if other < track { nth + 1 } else { nth }));
    let keys = drum.keys();
    keys.get((nth * keys.len()).div_ceil(count)).or(keys.last()).copied().unwrap_or(FIRST_KEY + track as u8)
}

/// The pattern that a key chooses, from 0: keys 24 to 31.
///
/// # Realtime
/// Wait-free, no allocation.
pub fn pattern_of(key: u8) -> Option<usize> {
    key.checked_sub(FIRST_PATTERN_KEY).map(usize::from).filter(|pattern| *pattern < PATTERNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIT: [Drum; TRACKS] =
        [Drum::Snare, Drum::Kick, Drum::ClosedHat, Drum::Tom, Drum::Tom, Drum::Crash, Drum::OpenHat, Drum::Other];

    #[test]
    fn names_of_classes_are_understood() {
        for (name, drum) in [
            ("kick", Drum::Kick),
            ("Bass Drum", Drum::Kick),
            ("snare", Drum::Snare),
            ("rimshot", Drum::Rim),
            ("clap", Drum::Clap),
            ("hat", Drum::ClosedHat),
            ("closed_hat", Drum::ClosedHat),
            ("open_hat", Drum::OpenHat),
            ("hihat-open", Drum::OpenHat),
            ("tom", Drum::Tom),
            ("crash", Drum::Crash),
            ("ride", Drum::Ride),
            ("ride cymbal", Drum::Ride),
            ("cowbell", Drum::Other),
        ] {
            assert_eq!(Drum::of_name(name), drum, "{name}");
        }
    }

    #[test]
    fn keys_strike_the_track_that_is_their_drum() {
        for (keys, track) in [(&[38, 40][..], 0), (&[35, 36], 1), (&[42, 44], 2), (&[46], 6), (&[49, 57, 55, 52], 5)] {
            for key in keys {
                assert_eq!(track_of(*key, &KIT), Some(track), "{key}");
            }
        }
        assert_eq!([41, 43, 45].map(|key| track_of(key, &KIT)), [Some(3); 3]);
        assert_eq!([47, 48, 50].map(|key| track_of(key, &KIT)), [Some(4); 3]);
    }

    #[test]
    fn keys_whose_drum_there_is_not_strike_tracks_by_their_number_or_none() {
        assert_eq!([37, 39].map(|key| track_of(key, &KIT)), [Some(1), Some(3)]);
        assert_eq!([51, 34, 0, 127].map(|key| track_of(key, &KIT)), [None; 4]);
        let unknown = [Drum::Other; TRACKS];
        assert_eq!([35, 36, 43, 44].map(|key| track_of(key, &unknown)), [None, Some(0), Some(7), None]);
    }

    #[test]
    fn a_track_is_played_on_a_key_that_strikes_it() {
        assert_eq!([0, 1, 2, 5].map(|track| key_of(track, &KIT)), [38, 36, 42, 49]);
        let mut toms = [Drum::Tom; TRACKS];
        toms[..3].fill(Drum::Snare);
        for (kit, tracks) in [(KIT, 0..7), ([Drum::Other; TRACKS], 0..8), (toms, 3..8)] {
            for track in tracks {
                assert_eq!(track_of(key_of(track, &kit), &kit), Some(track), "{kit:?}");
            }
        }
        assert_eq!(key_of(7, &[Drum::Kick; TRACKS]), 35, "there are no more keys than two");
    }

    #[test]
    fn the_octave_from_c1_chooses_patterns() {
        assert_eq!([23, 24, 31, 32].map(pattern_of), [None, Some(0), Some(7), None]);
    }
}
