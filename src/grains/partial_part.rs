//! The part of a sound that is partials: a sine for each slot, gliding from grain to grain.

use super::quick::{QUARTER_TURN, cosine, gain_of, turns};
use super::schedule::RATE_HZ;
use super::slots::{FARTHEST, SLOTS, Slots};

/// What is quieter is not played, dB re full scale; what is louder keeps that much less.
const SILENT_DB: f32 = -90.0;

/// The loudest partial, dB re full scale.
const LOUDEST_DB: f32 = 6.0;

/// From here on nothing is played, Hz.
const TOP_HZ: f64 = 20_000.0;

/// The lowest partials all begin at the start of their period, as struck skins do; were the others to, all together would be
/// a click.
const LOW_SLOTS: usize = 4;

/// Frames that are done at once.
const LANES: usize = 4;

/// The partials of one grain, ready to play.
#[derive(Clone, Debug)]
pub(super) struct Partials {
    amplitude: [f32; SLOTS],
    hz: [f64; SLOTS],
}

impl Partials {
    /// Of levels `[SLOTS]`, dB, and places `[SLOTS]`, within
    /// [`FARTHEST`]. What is no number is silent, or in the middle of its slot.
    pub(super) fn new(level_db: &[f32], place: &[f32], slots: Slots) -> Self {
        let mut made = Self { amplitude: [0.0; SLOTS], hz: [0.0; SLOTS] };
        for (slot, (&level_db, &place)) in level_db.iter().zip(place).enumerate().take(SLOTS) {
            let place = if place.is_nan() { 0.0 } else { place.clamp(-FARTHEST as f32, FARTHEST as f32) };
            let hz = slots.hz(slot, f64::from(place));
            made.hz[slot] = hz;
            if hz > 0.0 && hz < TOP_HZ {
                // The lower bound comes first: of a number and none, `max` takes the number.
                let level_db = level_db.max(SILENT_DB);
                made.amplitude[slot] = gain_of(level_db.min(LOUDEST_DB)) - gain_of(SILENT_DB);
            }
        }
        made
    }
}

/// Plays partials from grain to grain: frequency and amplitude change in straight lines, phases go on. Does not allocate.
pub(super) struct PartialPart {
    now: Partials,
    /// A turn is all of a `u32`.
    phase: [u32; SLOTS],
}

impl PartialPart {
    /// At the middle of the first grain.
    pub(super) fn at(first: Partials) -> Self {
        Self { now: first, phase: std::array::from_fn(|slot| turns(start(slot))) }
    }

    /// So many frames before the first grain: partials rise from silence, and reach it as in [`Self::at`].
    pub(super) fn before(first: &Partials, frames: usize) -> Self {
        let now = Partials { amplitude: [0.0; SLOTS], hz: first.hz };
        let before = |slot: usize| turns(start(slot) - now.hz[slot] * frames as f64 / RATE_HZ);
        Self { phase: std::array::from_fn(before), now }
    }

    /// Goes on to the next grain, which comes after so many frames, and adds what is heard until then to `sound`, or of
    /// that as much as it holds.
    pub(super) fn glide(&mut self, next: Partials, frames: usize, sound: &mut [f32]) {
        let heard = sound.len().min(frames);
        for slot in 0..SLOTS {
            let (from, to) = (self.now.hz[slot] / RATE_HZ, next.hz[slot] / RATE_HZ);
            let glide = Glide { phase: self.phase[slot], advance: from, bend: (to - from) / frames.max(1) as f64 };
            let (amplitude, end) = (self.now.amplitude[slot], next.amplitude[slot]);
            if amplitude > 0.0 || end > 0.0 {
                glide.add(amplitude, (end - amplitude) / frames.max(1) as f32, &mut sound[..heard]);
            }
            self.phase[slot] = glide.phase_after(frames);
        }
        self.now = next;
    }

    /// Adds the partials to all of a sound as they are.
    pub(super) fn hold(&mut self, sound: &mut [f32]) {
        self.glide(self.now.clone(), sound.len(), sound);
    }
}

/// A partial's phase at the middle of the first grain, turns: those above the low ones are spread by the golden ratio.
fn start(slot: usize) -> f64 {
    if slot < LOW_SLOTS { 0.0 } else { (slot as f64 * 0.618_033_988_749_895).fract() }
}

/// A sine whose frequency changes in a straight line.
struct Glide {
    /// A turn is all of a `u32`.
    phase: u32,
    /// Turns a frame.
    advance: f64,
    /// What the advance grows by each frame, turns.
    bend: f64,
}

impl Glide {
    fn phase_after(&self, frames: usize) -> u32 {
        let frames = frames as f64;
        self.phase.wrapping_add(turns(frames * (self.advance + frames * self.bend / 2.0)))
    }

    /// Adds it to a sound, with an amplitude that grows by `rise` each frame.
    fn add(&self, amplitude: f32, rise: f32, sound: &mut [f32]) {
        // Each lane takes every fourth frame. Over four frames at once the bend is large enough for its 32 bits.
        let bend_lanes = (LANES * LANES) as f64 * self.bend;
        let stride = turns(LANES as f64 * self.advance + bend_lanes / 2.0);
        let bend = turns(bend_lanes);
        let mut phases: [u32; LANES] = std::array::from_fn(|lane| self.phase_after(lane).wrapping_sub(QUARTER_TURN));
        let mut strides: [u32; LANES] =
            std::array::from_fn(|lane| stride.wrapping_add(turns(LANES as f64 * lane as f64 * self.bend)));
        let mut amplitudes: [f32; LANES] = std::array::from_fn(|lane| amplitude + rise * lane as f32);
        let rise = rise * LANES as f32;
        let (whole, rest) = sound.as_chunks_mut::<LANES>();
        for frames in whole {
            for lane in 0..LANES {
                frames[lane] += amplitudes[lane] * cosine(phases[lane]);
                phases[lane] = phases[lane].wrapping_add(strides[lane]);
                strides[lane] = strides[lane].wrapping_add(bend);
                amplitudes[lane] += rise;
            }
        }
        for ((sample, phase), amplitude) in rest.iter_mut().zip(phases).zip(amplitudes) {
            *sample += amplitude * cosine(phase);
        }
    }
}
