//! What is played in Ardour: the effect on a sound, and the instrument on a tune.

use std::fmt::Write;

pub(super) const RATE_HZ: u32 = 44_100;

/// The point that the way back begins at.
const WAY_BACK: usize = 3;

/// What lies on the tracks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Material {
    /// The fixture that `place.py` gets.
    Sound,
    /// What `tune.py` has.
    Tune,
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
    /// The parameter that moves along the arrangement.
    pub(super) automated: &'static str,
    /// What it does: seconds and values, a straight line between. The steps lie in long notes, and on whole ticks of Ardour's
    /// grid at 120 beats a minute.
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

pub(super) const SONGS: [Song; 2] = [EFFECT, CODES];

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
        self.points().iter().fold(String::new(), |mut text, (frame, value)| {
            let comma = if text.is_empty() { "" } else { "," };
            write!(text, "{comma}{frame}={value}").expect("a string takes all text");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automation_is_spelled_in_frames_on_whole_ticks() {
        assert_eq!(EFFECT.spelled(), "0=0,66150=0,67253=2.5,220500=2.5,221603=0");
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
