//! What the musician has set, at one moment.

use super::curve::CurveTable;
use super::lfo::LfoShape;
use super::modulation::{TARGETS, TargetSettings};

/// Places in a beat that are told apart.
const GRID: f64 = (1 << 20) as f64;

/// Attack, decay, sustain, release.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adsr {
    /// From silence to the top, seconds.
    pub attack_s: f32,
    /// Time in which the distance to the sustain falls by 60 dB, seconds.
    pub decay_s: f32,
    /// Amplitude while held, 0 to 1.
    pub sustain: f32,
    /// Time in which the sound falls by 60 dB, seconds.
    pub release_s: f32,
}

/// How fast something runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// By itself, from the note's beginning, Hz.
    Free(f32),
    /// A cycle in so many beats of the song; while it stands still, from the note's beginning.
    Beats(f32),
}

/// Everything that a note follows.
#[derive(Clone, Copy, Debug)]
pub struct SynthSettings<'a> {
    /// Frequency of A4, Hz.
    pub tuning_hz: f32,
    /// Added to every note, semitones.
    pub transpose: f32,
    /// What a bend to the end does, semitones: on the master channel and wherever MPE is off.
    pub bend_range: f32,
    /// What a bend of a note's own channel does with MPE, semitones.
    pub mpe_range: f32,
    /// Channel 1 is for all, each other one for the notes on it.
    pub is_mpe: bool,
    /// Duration of the way from the last note's pitch, seconds.
    pub glide_s: f32,
    /// Pitches are the codes' own.
    pub is_raw: bool,
    /// Codes by the least-cost path, not by the nearest value.
    pub is_path: bool,
    /// Price of jumps on the path.
    pub jump: f32,
    /// Between the softest and the loudest note, dB.
    pub velocity_db: f32,
    /// What full pressure adds, dB.
    pub pressure_db: f32,
    /// Of the amplitude; the source follows it.
    pub envelope: Adsr,
    /// Form of the low-frequency oscillator.
    pub lfo_shape: LfoShape,
    /// Its pace.
    pub lfo_pace: Pace,
    /// The drawn curve.
    pub curve: &'a CurveTable,
    /// Once through it.
    pub curve_pace: Pace,
    /// Of everything random.
    pub seed: u32,
    /// What is wanted.
    pub targets: [TargetSettings; TARGETS],
    /// Gain of the whole.
    pub output_gain: f32,
}

/// Where the song is.
#[derive(Clone, Copy, Debug)]
pub struct Song {
    /// Beats from the beginning; `None` while it stands still.
    pub beats: Option<f64>,
    /// Beats per minute.
    pub tempo_bpm: f64,
}

impl Song {
    /// The same song, some seconds on.
    #[must_use]
    pub fn later(self, by_s: f64) -> Self {
        Self { beats: self.beats.map(|beats| beats + by_s * self.tempo_bpm / 60.0), ..self }
    }

    /// Cycles since the start at a pace, for a note of an age.
    ///
    /// # Realtime
    /// Wait-free.
    pub fn cycles(&self, pace: Pace, age_s: f64) -> f64 {
        match pace {
            Pace::Free(hz) => age_s * f64::from(hz),
            Pace::Beats(beats) => {
                let now = self.beats.unwrap_or(age_s * self.tempo_bpm / 60.0);
                // Hosts add up the same place from blocks of other sizes: their rounding must not choose another code.
                (now * GRID).round() / GRID / f64::from(beats.max(1e-3))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_as_long_as_the_song_or_the_clock_says() {
        let song = Song { beats: Some(6.0), tempo_bpm: 120.0 };
        assert_eq!(song.cycles(Pace::Free(2.0), 3.0), 6.0);
        assert_eq!(song.cycles(Pace::Beats(4.0), 3.0), 1.5);
        assert_eq!(song.later(1.0).beats, Some(8.0));
        assert_eq!(Song { beats: None, ..song }.cycles(Pace::Beats(4.0), 3.0), 1.5);
    }
}
