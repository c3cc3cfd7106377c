//! One hit that sounds.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use super::decay::Decay;
use super::fade::Fade;
use super::interpolate::{Kernel, Kernels};
use super::settings::TrackSettings;
use super::sound::Sound;

/// The gain of a velocity of 0..=1: its square, 40 log10 of it in dB, as DLS and the recommendations for General MIDI have
/// it. 1 is 0 dB, 1/2 is -12, 1/4 is -24; 0, and what is no number, is silence.
pub fn velocity_gain(velocity: f32) -> f32 {
    if velocity > 0.0 { velocity.min(1.0).powi(2) } else { 0.0 }
}

/// Plays the sound of one place of a shelf, tuned and at the host's rate, once. Wait-free, no allocation.
#[derive(Default)]
pub struct Voice {
    playing: Option<Playing>,
}

struct Playing {
    place: usize,
    /// Frames of the sound in a frame of the host's.
    ratio: f64,
    /// `None`: each frame of the host's is one of the sound's.
    kernel: Option<&'static Kernel>,
    is_reverse: bool,
    gain: f32,
    decay: Decay,
    fade: Fade,
    played_frames: u64,
}

impl Voice {
    /// Begins with the next frame, at full. `sound` is what lies in `place`; the rate is the host's, Hz.
    pub fn start(
        &mut self,
        place: usize,
        sound: &Sound,
        velocity: f32,
        settings: &TrackSettings,
        rate_hz: f64,
        kernels: &'static Kernels,
    ) {
        let TrackSettings { tune_st, decay, is_reverse, .. } = settings.clamped();
        let ratio = f64::from(sound.rate_hz()) / rate_hz * (f64::from(tune_st) / 12.0).exp2();
        self.playing = (!sound.frames().is_empty()).then(|| Playing {
            place,
            ratio,
            kernel: (ratio != 1.0).then(|| kernels.for_ratio(ratio)),
            is_reverse,
            gain: velocity_gain(velocity),
            decay: Decay::new(decay, rate_hz),
            fade: Fade::default(),
            played_frames: 0,
        });
    }

    /// The place of what it plays; `None` while it rests.
    pub fn place(&self) -> Option<usize> {
        self.playing.as_ref().map(|playing| playing.place)
    }

    /// Falls silent within so many frames.
    pub fn fade_out(&mut self, frames: usize) {
        if let Some(playing) = &mut self.playing {
            playing.fade.begin(frames);
        }
    }

    /// How much would be lost if another sound took its place: nothing while it rests, the less the nearer its fade is to
    /// the end.
    pub fn worth(&self) -> usize {
        self.playing.as_ref().map_or(0, |playing| playing.fade.left_frames().unwrap_or(usize::MAX))
    }

    /// Silent at once.
    pub fn stop(&mut self) {
        self.playing = None;
    }

    /// Adds the next frames of its sound, which is what lies in its place, to `out`.
    pub fn render(&mut self, sound: &Sound, out: &mut [f32]) {
        for out in out {
            let Some(playing) = &mut self.playing else { return };
            *out += playing.next(sound);
            if playing.is_over(sound) {
                self.playing = None;
            }
        }
    }
}

impl Playing {
    fn next(&mut self, sound: &Sound) -> f32 {
        let frames = sound.frames();
        // From the strike on, not from frame to frame: nothing adds up.
        let gone = self.played_frames as f64 * self.ratio;
        let position = if self.is_reverse { frames.len() as f64 - 1.0 - gone } else { gone };
        let sample = match self.kernel {
            Some(kernel) => kernel.at(frames, position),
            None => frames.get(position as usize).copied().unwrap_or_default(),
        };
        self.played_frames += 1;
        sample * (self.gain * self.decay.next_gain() * self.fade.next_gain())
    }

    fn is_over(&self, sound: &Sound) -> bool {
        // The kernel rings on after the last frame.
        let reach = self.kernel.map_or(0, Kernel::reach_frames);
        let end = (sound.frames().len() + reach) as f64;
        self.played_frames as f64 * self.ratio >= end || self.decay.is_over() || self.fade.left_frames() == Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::noise::Noise;
    use crate::dsp::sample_guard::SampleGuard;

    const RATE_HZ: f64 = 44_100.0;
    const PLAIN: TrackSettings =
        TrackSettings { tune_st: 0.0, decay: 1.0, is_reverse: false, level_db: 0.0, pan: 0.0, choke: 0 };

    fn sound(rate_hz: u32, frames: Vec<f32>) -> Sound {
        Sound::new(1, rate_hz, frames, &mut SampleGuard::default())
    }

    fn noise(frames: usize) -> Vec<f32> {
        let mut samples = vec![0.0; frames];
        Noise::new(3).fill(&mut samples);
        samples
    }

    fn struck(sound: &Sound, settings: &TrackSettings, rate_hz: f64) -> Voice {
        let mut voice = Voice::default();
        voice.start(0, sound, 1.0, settings, rate_hz, Kernels::shared());
        voice
    }

    /// Plays until the voice is over, in blocks.
    fn played(sound: &Sound, settings: &TrackSettings, rate_hz: f64, block: usize) -> Vec<f32> {
        let mut voice = struck(sound, settings, rate_hz);
        let mut out = Vec::new();
        while voice.place().is_some() {
            let from = out.len();
            out.resize(from + block, 0.0);
            voice.render(sound, &mut out[from..]);
        }
        out
    }

    #[test]
    fn at_its_own_rate_a_sound_is_played_to_the_bit_forwards_and_backwards() {
        let mut frames = noise(1_000);
        let sound = sound(44_100, frames.clone());
        assert_eq!(played(&sound, &PLAIN, RATE_HZ, 1), frames);
        frames.reverse();
        assert_eq!(played(&sound, &TrackSettings { is_reverse: true, ..PLAIN }, RATE_HZ, 1), frames);
    }

    #[test]
    fn it_lasts_as_long_as_its_rate_and_its_tuning_say() {
        let sound = sound(44_100, noise(44_100));
        for (rate_hz, tune_st, expected_s) in
            [(48_000.0, 0.0, 1.0), (96_000.0, 12.0, 0.5), (44_100.0, -12.0, 2.0), (22_050.0, 24.0, 0.25)]
        {
            let frames = played(&sound, &TrackSettings { tune_st, ..PLAIN }, rate_hz, 1).len();
            let measured_s = frames as f64 / rate_hz;
            assert!((measured_s - expected_s).abs() < 0.004, "{rate_hz} Hz, {tune_st} st: {measured_s}");
        }
    }

    #[test]
    fn reversed_and_tuned_it_is_the_reversed_sound_tuned() {
        let forwards = noise(3_000);
        let backwards: Vec<f32> = forwards.iter().rev().copied().collect();
        let (forwards, backwards) = (sound(44_100, forwards), sound(44_100, backwards));
        let tuned = TrackSettings { tune_st: 3.7, ..PLAIN };
        let a = played(&forwards, &TrackSettings { is_reverse: true, ..tuned }, 48_000.0, 64);
        let b = played(&backwards, &tuned, 48_000.0, 64);
        assert!(a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4));
        assert!(a.iter().map(|sample| sample * sample).sum::<f32>() > 100.0);
    }

    #[test]
    fn blocks_do_not_matter() {
        let sound = sound(44_100, noise(2_000));
        let settings = TrackSettings { tune_st: -5.3, decay: 0.4, is_reverse: true, ..PLAIN };
        let whole = played(&sound, &settings, 48_000.0, 1);
        for block in [7, 64, 5_000] {
            assert_eq!(played(&sound, &settings, 48_000.0, block)[..whole.len()], whole);
        }
    }

    #[test]
    fn decay_is_timed_in_what_is_heard_whatever_the_tuning() {
        let sound = sound(44_100, vec![1.0; 200_000]);
        for (decay, tune_st, expected_s) in [(0.0, 0.0, 0.02), (0.5, 12.0, 0.4), (0.5, -12.0, 0.4), (0.7, 0.0, 1.675)] {
            let out = played(&sound, &TrackSettings { decay, tune_st, ..PLAIN }, 48_000.0, 1);
            let last = out.iter().rposition(|&sample| sample > 0.001).unwrap();
            let measured_s = last as f32 / 48_000.0;
            assert!((measured_s / expected_s - 1.0).abs() < 0.05, "{decay}: {measured_s}");
            // Of the silence that follows nothing is computed.
            assert!((out.len() as f32) < 2.0 * last as f32);
        }
    }

    #[test]
    fn velocity_is_squared_and_what_is_no_velocity_is_silence() {
        let expected = [(1.0, 1.0), (0.5, 0.25), (0.0, 0.0), (7.0, 1.0), (-1.0, 0.0), (f32::NAN, 0.0)];
        assert!(expected.iter().all(|&(velocity, gain)| velocity_gain(velocity) == gain));
        let sound = sound(44_100, vec![0.5; 10]);
        let mut voice = Voice::default();
        voice.start(0, &sound, 0.5, &PLAIN, RATE_HZ, Kernels::shared());
        let mut out = [0.25; 12];
        voice.render(&sound, &mut out);
        assert_eq!(out[..10], [0.375; 10]);
        assert_eq!(out[10..], [0.25; 2]);
    }

    #[test]
    fn a_sound_without_frames_does_not_sound() {
        assert!(struck(&sound(44_100, Vec::new()), &PLAIN, RATE_HZ).place().is_none());
    }

    #[test]
    fn what_fades_is_worth_less_the_nearer_it_is_to_its_end_and_then_it_rests() {
        let sound = sound(44_100, vec![1.0; 1_000]);
        let mut voice = struck(&sound, &PLAIN, RATE_HZ);
        assert_eq!(voice.worth(), usize::MAX);
        voice.fade_out(100);
        voice.render(&sound, &mut [0.0; 60]);
        assert_eq!(voice.worth(), 40);
        voice.render(&sound, &mut [0.0; 40]);
        assert_eq!((voice.worth(), voice.place()), (0, None));
    }
}
