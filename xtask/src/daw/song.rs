//! What is played in Ardour: the effect on a sound, the instrument on a tune, and the drum machine on a beat.

use std::fmt::{Display, Write};

pub(super) const RATE_HZ: u32 = 44_100;

/// What a new session of Ardour's has.
const ONE_TEMPO: [(f64, f64); 1] = [(0.0, 120.0)];

/// The point that the way back begins at.
const WAY_BACK: usize = 3;

/// What lies on the tracks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Material {
    /// The fixture that `place.py` gets.
    Sound,
    /// What `tune.py` has.
    Tune,
    /// What `beat.py` has: nothing lies there, and the plugin plays its patterns.
    Beat,
}

/// A session, and what of it is bounced.
pub(super) struct Song {
    /// Of the session, of its folder, and of its first snapshot.
    pub(super) name: &'static str,
    /// As Ardour lists it.
    pub(super) plugin: &'static str,
    /// The one that the plugin is on.
    pub(super) track: &'static str,
    pub(super) material: Material,
    /// Beats and beats a minute: from where on the song goes how fast.
    pub(super) tempi: &'static [(f64, f64)],
    /// The parameter that moves along the arrangement.
    pub(super) automated: &'static str,
    /// What it does: seconds and values, a straight line between. The steps lie in long notes, or between strikes, and on whole
    /// ticks of Ardour's grid at 120 beats a minute.
    automation: [(f64, f64); 5],
    /// Other parameters, NAME=VALUE,...
    pub(super) settings: &'static str,
    /// The parameter that is at 0 in the snapshot NAME-null; empty where there is no such snapshot.
    pub(super) nulled: &'static str,
    /// What is bounced and how the sound is called. `again.lua` saves all snapshots but the first.
    pub(super) bounces: [(&'static str, &'static str); 5],
}

/// The effect: as it was made, loaded and saved again, and the variants to compare with.
pub(super) const EFFECT: Song = Song {
    name: "song",
    plugin: "Timbreloom",
    track: "Cello",
    material: Material::Sound,
    tempi: &ONE_TEMPO,
    automated: "Bias 1",
    automation: [(0.0, 0.0), (1.5, 0.0), (1.525, 2.5), (5.0, 2.5), (5.025, 0.0)],
    settings: "",
    nulled: "Mix",
    bounces: [
        ("song", "song"),
        ("song-again", "song-again"),
        ("song-plain", "song-plain"),
        ("song-stay", "song-stay"),
        ("song-null", "song-null"),
    ],
};

/// The instrument: the same, and the first twice. Its settings are values that Ardour keeps as they are, as a share of the range
/// in 32 bits: the envelope's times are a quarter of their way, so that no bounce differs by rounding.
const CODES: Song = Song {
    name: "tune",
    plugin: "Timbreloom Codes",
    track: "Codes",
    material: Material::Tune,
    tempi: &ONE_TEMPO,
    automated: "Target 1 Base",
    automation: [(0.0, 0.25), (3.0, 0.25), (3.025, 0.875), (4.0, 0.875), (4.025, 0.25)],
    settings: "Attack=40.05859375,Decay=79.12109375,Sustain=0.75,Release=83.10546875,Velocity Range=15,\
               Target 1 from Velocity=0.125,Target 1 from Curve=0.25,Target 2 Weight=0.25",
    nulled: "",
    bounces: [
        ("tune", "tune"),
        ("tune", "tune-twice"),
        ("tune-again", "tune-again"),
        ("tune-plain", "tune-plain"),
        ("tune-stay", "tune-stay"),
    ],
};

/// The drum machine: as the instrument. The kick is hard to the left and the others are hard to the right, so short that each strike
/// begins out of silence; other hits of the kick are automated. At the second tempo a tick of Ardour's is 16 frames: where the tempo
/// has changed, only ticks tell where the song is.
const DRUMS: Song = Song {
    name: "beat",
    plugin: "Timbreloom Drums",
    track: "Drums",
    material: Material::Beat,
    tempi: &[(0.0, 120.0), (8.0, 86.132_812_5)],
    automated: "Track 1 Draw",
    automation: [(0.0, 0.0), (1.25, 0.0), (1.275, 5.0), (2.75, 5.0), (2.775, 0.0)],
    settings: "Swing=0.625,Track 1 Class=3,Track 2 Class=1,Track 3 Class=5,Track 1 Decay=0,Track 2 Decay=0,Track 3 Decay=0,\
               Track 1 Pan=-1,Track 2 Pan=1,Track 3 Pan=1",
    nulled: "",
    bounces: [
        ("beat", "beat"),
        ("beat", "beat-twice"),
        ("beat-again", "beat-again"),
        ("beat-plain", "beat-plain"),
        ("beat-stay", "beat-stay"),
    ],
};

pub(super) const SONGS: [Song; 3] = [EFFECT, CODES, DRUMS];

impl Song {
    /// The automation in frames.
    pub(super) fn points(&self) -> [(u64, f64); 5] {
        self.automation.map(|(seconds, value)| ((seconds * f64::from(RATE_HZ)).round() as u64, value))
    }

    /// The frame that the way back begins at.
    pub(super) fn way_back_frame(&self) -> u64 {
        self.points()[WAY_BACK].0
    }

    /// What the automated parameter is at where nothing moves it.
    pub(super) fn rest(&self) -> f64 {
        self.automation[0].1
    }

    /// The automation as `make.lua` reads it.
    pub(super) fn spelled(&self) -> String {
        spelled(&self.points())
    }

    /// The tempi as `make.lua` and `beat.py` read them.
    pub(super) fn spelled_tempi(&self) -> String {
        spelled(self.tempi)
    }
}

/// Pairs as `1=2,3=4`.
fn spelled(pairs: &[(impl Display, f64)]) -> String {
    pairs.iter().fold(String::new(), |mut text, (place, value)| {
        let comma = if text.is_empty() { "" } else { "," };
        write!(text, "{comma}{place}={value}").expect("a string takes all text");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automation_is_spelled_in_frames_on_whole_ticks() {
        assert_eq!(EFFECT.spelled(), "0=0,66150=0,67253=2.5,220500=2.5,221603=0");
        assert_eq!((EFFECT.spelled_tempi(), DRUMS.spelled_tempi()), ("0=120".into(), "0=120,8=86.1328125".into()));
        // 1920 ticks a beat, 120 beats a minute: Ardour would move what lies between.
        for (seconds, _) in SONGS.iter().flat_map(|song| song.automation) {
            let ticks = seconds * 2.0 * 1920.0;
            assert!((ticks - ticks.round()).abs() < 1e-9, "{seconds} s lies between ticks");
        }
    }

    #[test]
    fn every_automation_goes_back_to_where_it_begins() {
        for song in SONGS {
            let points = song.points();
            assert_eq!([points[1].1, points[4].1], [song.rest(); 2], "{}", song.name);
            assert_eq!((points[2].1, song.way_back_frame()), (points[WAY_BACK].1, points[3].0), "{}", song.name);
        }
    }
}
