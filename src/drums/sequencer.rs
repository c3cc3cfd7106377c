//! What is struck on which frame, by where the song is. No host, no parameters, no sound; all on the audio thread.
//!
//! [`grid`] says where steps lie, [`clock`] on which frame a moment falls, [`settings`] what the musician wants, and
//! [`evolve`] how often sounds have changed by then.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

pub mod clock;
pub mod evolve;
pub mod grid;
pub mod settings;

use super::TRACKS;
use super::chance::seed;
use super::pattern::{MAX_RATCHET, Patterns, Step};
use crate::dsp::noise::Noise;
use clock::Clock;
use settings::SequencerSettings;

/// Tempi that are believed, beats per minute.
const TEMPI_BPM: (f64, f64) = (1.0, 1000.0);

/// Sample rates that are believed, Hz.
const RATES_HZ: (f64, f64) = (1_000.0, 10_000_000.0);

/// Songs are believed to be this long at most, beats: at this distance a frame is still told from the next.
const MAX_BEATS: f64 = 1e9;

/// Hosts that round positions have so many ticks in a beat at least.
const TICK_BEATS: f64 = 1.0 / 960.0;

/// So many steps before the one that plays are looked at: the last hit of one that is late falls into the next but one.
const STEPS_BEFORE: i64 = 2;

/// And so many after it: a step may be early.
const STEPS_AFTER: i64 = 1;

/// Parts of a step that are worked on at once.
const PIECES: f64 = 4.0;

/// Steps that may have a hit in a piece: those before and after, its own, and up to three that the host's haste and another
/// swing leave to be made up for.
const MAX_STEPS: usize = 7;

/// Strikes of a piece at most.
const MAX_STRIKES: usize = MAX_STEPS * TRACKS * MAX_RATCHET as usize;

/// Frames of a song, a block or part of one.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// How many.
    pub frames: usize,
    /// Frames a second, Hz.
    pub rate_hz: f64,
    /// Beats per minute.
    pub tempo_bpm: f64,
    /// Beats from the song's beginning to the first frame, below 0 before it; `None` while the song stands still.
    pub beats: Option<f64>,
}

impl Part {
    /// The same from so many frames after the song's beginning: where the song has had one tempo since then, they say exactly
    /// what some hosts round to ticks. Wait-free.
    #[must_use]
    pub fn counted(self, frames: i64) -> Self {
        let counted = frames as f64 * self.beats_per_frame();
        let is_same = |beats: &f64| (counted - beats).abs() <= TICK_BEATS;
        Self { beats: self.beats.map(|beats| if is_same(&beats) { counted } else { beats }), ..self }
    }

    fn beats_per_frame(&self) -> f64 {
        believed(self.tempo_bpm, TEMPI_BPM) / 60.0 / believed(self.rate_hz, RATES_HZ)
    }
}

/// The nearest of a range; what is no number is the least.
fn believed(value: f64, (least, most): (f64, f64)) -> f64 {
    if value > least { value.min(most) } else { least }
}

/// A hit that begins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Strike {
    /// Frame of the part.
    pub frame: usize,
    /// 0 to 7.
    pub track: usize,
    /// How hard, above 0 to 1.
    pub velocity: f32,
    /// Where its step stands in the song, in beats, whatever swing and shift make of it: what changes with a bar changes
    /// with a step that is early, too.
    pub beats: f64,
}

/// Strikes patterns where the song is. Everything in it but the clock follows from the song's position, so that a song
/// sounds the same wherever it is begun.
///
/// # Realtime
/// Wait-free, no allocation.
#[derive(Clone, Debug)]
pub struct Sequencer {
    /// `None` while nothing runs.
    clock: Option<Clock>,
    /// Those of a piece, until they are in order.
    strikes: [Strike; MAX_STRIKES],
}

impl Default for Sequencer {
    fn default() -> Self {
        Self { clock: None, strikes: [Strike::default(); MAX_STRIKES] }
    }
}

impl Sequencer {
    /// Forgets where it was; a song of its own begins again.
    pub fn reset(&mut self) {
        self.clock = None;
    }

    /// Where the song is after the last part, beats; `None` while it stands still.
    pub fn position(&self) -> Option<f64> {
        self.clock.map(|clock| clock.position())
    }

    /// Says what is struck in the next frames: by frame, then by track.
    pub fn process(
        &mut self,
        part: &Part,
        settings: &SequencerSettings,
        patterns: &Patterns,
        mut strike: impl FnMut(Strike),
    ) {
        let (grid, per_frame) = (settings.grid(), part.beats_per_frame());
        let is_believed = |beats: &f64| beats.abs() <= MAX_BEATS;
        let own = settings.runs_alone.then(|| self.position().unwrap_or_default());
        let Some(beats) = part.beats.filter(is_believed).or(own.filter(is_believed)) else {
            self.clock = None;
            return;
        };
        let mut clock = self
            .clock
            .map_or_else(|| Clock::begin(beats, per_frame, grid), |clock| clock.follow(beats, per_frame, grid));
        // Any cut is as good as any other: that is what the clock is for.
        let piece = (1.0 / (PIECES * grid.length.per_beat() * per_frame)).max(1.0) as usize;
        let mut done = 0;
        while done < part.frames {
            let frames = piece.min(part.frames - done);
            let count = self.collect(&clock, frames, settings, patterns);
            for found in &self.strikes[..count] {
                strike(Strike { frame: done + found.frame, ..*found });
            }
            clock.advance(frames);
            done += frames;
        }
        self.clock = Some(clock);
    }

    /// Puts the strikes of the next frames, which are a piece, in order; returns how many there are.
    fn collect(&mut self, clock: &Clock, frames: usize, settings: &SequencerSettings, patterns: &Patterns) -> usize {
        let grid = settings.grid();
        let (from, to) = clock.span(frames);
        let first = grid.place(from).floor() as i64 - STEPS_BEFORE;
        let last = grid.place(to).floor() as i64 + STEPS_AFTER;
        let mut count = 0;
        for index in (first..=last).take(MAX_STEPS) {
            let pattern = &patterns.0[settings.pattern_at(index)];
            let length = grid.beats(index as f64 + 1.0) - grid.beats(index as f64);
            for (track, line) in pattern.lines.iter().enumerate() {
                let step = line.steps[line.looped(settings.step_of_line(index))];
                if step.is_rest() || !settings.is_heard(track) {
                    continue;
                }
                let start = grid.beats(index as f64 + f64::from(step.shift()) / 100.0);
                if start > to || start + length < from || !is_struck(step, settings.take, track, index) {
                    continue;
                }
                for n in 0..step.ratchet() {
                    let hit = start + length * f64::from(n) / f64::from(step.ratchet());
                    let Some(frame) = clock.frame(hit, frames) else { continue };
                    let velocity = f32::from(step.velocity()) / 127.0;
                    let beats = index as f64 / grid.length.per_beat();
                    self.strikes[count] = Strike { frame, track, velocity, beats };
                    count += 1;
                }
            }
        }
        let order =
            |a: &Strike, b: &Strike| (a.frame, a.track).cmp(&(b.frame, b.track)).then(a.beats.total_cmp(&b.beats));
        self.strikes[..count].sort_unstable_by(order);
        count
    }
}

/// Chance has a step of the song struck: always the same one of a take.
fn is_struck(step: Step, take: u32, track: usize, index: i64) -> bool {
    let drawn = Noise::new(seed([u64::from(take), track as u64, index as u64])).uniform();
    drawn * 100.0 < f32::from(step.probability())
}

#[cfg(test)]
mod tests;
