//! The parameters of latent paths and of the plane. An id is never renamed or reused once released.

use nih_plug::prelude::*;

use super::effect_choices::{PathClockChoice, PathEnd, PathFrom, PathLength, PathUse, PlaneChoice};
use super::midi_play::Heard;
use super::transport::TransportPosition;
use super::values::{percent, percentage, switch, whole};
use crate::controls::{AtEnd, PathClock, PathControls, PathMode, PlaneWeights};
use crate::latent::set::MAX_PATHS;

/// How paths are played.
#[derive(Params)]
pub struct PathParams {
    /// What they do to the latent.
    #[id = "path_mode"]
    pub mode: EnumParam<PathUse>,
    /// How much of them counts.
    #[id = "path_amount"]
    pub amount: FloatParam,
    /// Which one is played.
    #[id = "path_slot"]
    pub slot: IntParam,
    /// Which one it morphs to.
    #[id = "path_morph_slot"]
    pub morph_slot: IntParam,
    /// How far.
    #[id = "path_morph"]
    pub morph: FloatParam,
    /// What moves along it.
    #[id = "path_play"]
    pub play: EnumParam<PathClockChoice>,
    /// How long it is when the song moves along it.
    #[id = "path_length"]
    pub length: EnumParam<PathLength>,
    /// How fast it is played.
    #[id = "path_rate"]
    pub rate: FloatParam,
    /// What is done at its end.
    #[id = "path_end"]
    pub end: EnumParam<PathEnd>,
    /// Where in it, by position.
    #[id = "path_position"]
    pub position: FloatParam,
    /// Where it begins.
    #[id = "path_start"]
    pub start: FloatParam,
    /// Whose latent is heard.
    #[id = "path_latent"]
    pub latent: EnumParam<PathFrom>,
    /// Who says how loud it is.
    #[id = "path_loudness"]
    pub loudness: EnumParam<PathFrom>,
    /// Who says the pitch.
    #[id = "path_pitch"]
    pub pitch: EnumParam<PathFrom>,
}

/// The place on the plane.
#[derive(Params)]
pub struct PlaneParams {
    /// Whether it is played, and how it weighs.
    #[id = "plane"]
    pub weights: EnumParam<PlaneChoice>,
    /// From the left.
    #[id = "plane_x"]
    pub x: FloatParam,
    /// From below.
    #[id = "plane_y"]
    pub y: FloatParam,
    /// Whether the recorded walk moves the place.
    #[id = "plane_walk"]
    pub walk: BoolParam,
    /// Whether a note's slide and pressure do.
    #[id = "plane_mpe"]
    pub mpe: BoolParam,
}

impl Default for PathParams {
    fn default() -> Self {
        let slot = |name: &str, default| whole(name, default, 1, MAX_PATHS as i32);
        Self {
            mode: EnumParam::new("Path Mode", PathUse::Off),
            amount: percentage("Path Amount", 1.0, 0.0, 1.0),
            slot: slot("Path Slot", 1),
            morph_slot: slot("Path Morph Slot", 2),
            morph: percentage("Path Morph", 0.0, 0.0, 1.0),
            play: EnumParam::new("Path Play", PathClockChoice::Free),
            length: EnumParam::new("Path Length", PathLength::Recorded),
            // As recorded is in the middle.
            rate: percent(
                FloatParam::new("Path Rate", 1.0, FloatRange::Skewed { min: 0.25, max: 4.0, factor: 0.43 }),
                [0.25, 4.0],
            ),
            end: EnumParam::new("Path End", PathEnd::Loop),
            position: percentage("Path Position", 0.0, 0.0, 1.0),
            start: percentage("Path Start", 0.0, 0.0, 1.0),
            latent: EnumParam::new("Path Latent", PathFrom::Path),
            loudness: EnumParam::new("Path Loudness", PathFrom::Input),
            pitch: EnumParam::new("Path Pitch", PathFrom::Input),
        }
    }
}

impl Default for PlaneParams {
    fn default() -> Self {
        Self {
            weights: EnumParam::new("Plane", PlaneChoice::Off),
            x: percentage("Plane X", 0.5, 0.0, 1.0),
            y: percentage("Plane Y", 0.5, 0.0, 1.0),
            walk: switch("Plane Walk", false),
            mpe: switch("Plane MPE", false),
        }
    }
}

impl PlaneParams {
    /// How it weighs, as it is heard.
    pub fn weights(&self, midi: &impl Heard) -> PlaneWeights {
        match midi.value(&self.weights) {
            PlaneChoice::Off => PlaneWeights::Off,
            PlaneChoice::Lines => PlaneWeights::Lines,
            PlaneChoice::Discs => PlaneWeights::Discs,
            PlaneChoice::Terrain => PlaneWeights::Terrain,
        }
    }
}

impl PathParams {
    /// The values of this moment, with what MIDI controllers hold; without a note.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub(super) fn controls(&self, plane: &PlaneParams, song: &TransportPosition, midi: &impl Heard) -> PathControls {
        let slot = |param: &IntParam| (midi.value(param) - 1).clamp(0, MAX_PATHS as i32 - 1) as u8;
        PathControls {
            mode: match midi.value(&self.mode) {
                PathUse::Off => PathMode::Off,
                PathUse::Replace => PathMode::Replace,
                PathUse::Add => PathMode::Add,
            },
            amount: midi.value(&self.amount),
            slot: slot(&self.slot),
            morph_slot: slot(&self.morph_slot),
            morph: midi.value(&self.morph),
            plane: plane.weights(midi),
            place: [midi.value(&plane.x), midi.value(&plane.y)],
            walks: midi.value(&plane.walk),
            has_touch: midi.value(&plane.mpe),
            clock: match midi.value(&self.play) {
                PathClockChoice::Free => PathClock::Free,
                PathClockChoice::Song => PathClock::Song,
                PathClockChoice::Position => PathClock::Position,
                PathClockChoice::Note => PathClock::Note,
            },
            rate: midi.value(&self.rate),
            at_end: match midi.value(&self.end) {
                PathEnd::Loop => AtEnd::Loop,
                PathEnd::PingPong => AtEnd::PingPong,
                PathEnd::Once => AtEnd::Stop,
            },
            position: midi.value(&self.position),
            start: midi.value(&self.start),
            has_latent: midi.value(&self.latent) == PathFrom::Path,
            has_loudness: midi.value(&self.loudness) == PathFrom::Path,
            has_pitch: midi.value(&self.pitch) == PathFrom::Path,
            beats: song.position_beats,
            beats_per_s: song.beats_per_s(),
            bar_beats: song.beats_per_bar(),
            length_beats: midi.value(&self.length).beats(song.beats_per_bar()),
            note: None,
            since_s: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::midi_play::Own;

    #[test]
    fn a_new_instance_plays_no_path_and_knows_the_song_and_a_length_counts_its_bars() {
        let (path, plane) = (PathParams::default(), PlaneParams::default());
        let song = TransportPosition {
            position_s: Some(4.0),
            position_beats: Some(9.0),
            tempo_bpm: Some(90.0),
            bar_beats: Some(3.0),
        };
        let fresh = PathControls::default();
        assert_eq!(path.controls(&plane, &TransportPosition::default(), &Own), fresh);
        let in_song = PathControls { beats: Some(9.0), beats_per_s: 1.5, bar_beats: 3.0, ..fresh };
        assert_eq!(path.controls(&plane, &song, &Own), in_song);
        assert_eq!(PathLength::TwoBars.beats(song.beats_per_bar()), Some(6.0));
        assert_eq!(PathLength::Half.beats(song.beats_per_bar()), Some(2.0));
        let later = song.later(2.0);
        assert_eq!((later.position_s, later.position_beats), (Some(6.0), Some(12.0)));
    }
}
