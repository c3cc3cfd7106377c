//! What has no pitch is played without one: the harmonics are silent, the noise stays and is as loud as what was heard.
//!
//! A decoder makes harmonics at the pitch that it is given, and is always given one: the last. What it makes of white noise, a
//! consonant or a hiss is left to what it learnt, and instruments that never breathe learnt to sing. A hop is taken for a noise
//! when the tracker has found no pitch for some hops, and the last pitch is not in it either: the ends of notes keep theirs.

use super::hop::Hop;
use crate::dsp::weighting::AWeighting;
use crate::model::{Shape, Stage};

/// Less voicing than this is none; Stability fades it over a few hops.
const VOICED: f32 = 0.15;

/// As many hops without a pitch are taken for a slip of the tracker within a note.
const BRIDGED_HOPS: u32 = 2;

/// How periodic an unvoiced hop is at the last pitch: from the first on harmonics begin to sound, from the second they sound in
/// full. White noise stays below 0.14, a breath in nineteen hops of twenty below 0.28; of the loud unvoiced hops of horns half lie above 0.47.
const KEPT: (f32, f32) = (0.25, 0.5);

/// At this loudness and below it is silence, dB(A), and nothing is done.
const SILENT_DB: f32 = -79.9;

/// Hops of the loudness's window: what is heard is weighed over them.
const WEIGHED_HOPS: usize = 4;

/// Its Hann window, hop by hop.
const WEIGHTS: [f32; WEIGHED_HOPS] = [0.1, 0.4, 0.4, 0.1];

/// Most that a decoder's noise is raised by to be as loud as what was heard, as a ratio of powers: 50 dB. (With 30 dB drum hits came
/// out of decoders without a breath of their own 20 dB too soft.)
const RAISED: f32 = 1e5;

/// Most that it is lowered by: 60 dB.
const LOWERED: f32 = 1e-6;

/// Over so many frames the noise is lowered: one that was raised while it was soft must not be so in a clap.
const FALL_FRAMES: f32 = 32.0;

/// One lane's memory of what was voiced and of how loud it was. Allocates nothing.
#[derive(Clone, Debug)]
pub(super) struct Unvoiced {
    /// Hops without a pitch.
    unvoiced_hops: u32,
    /// Mean squares of the last hops heard.
    heard: [f32; WEIGHED_HOPS],
    /// Of the last hop: the mean square that was asked for, weighted, and the most that it may have, not weighted.
    wanted: [f32; 2],
    hushed: f32,
    is_silent: bool,
    /// Whether the decoder makes harmonics of its own.
    is_pitched: bool,
    /// Linear, of the noise at the last hop's end.
    gain: f32,
    weighting: AWeighting,
}

impl Unvoiced {
    /// For a model of this shape.
    pub(super) fn new(shape: &Shape) -> Self {
        Self {
            unvoiced_hops: BRIDGED_HOPS,
            heard: [0.0; WEIGHED_HOPS],
            wanted: [0.0; 2],
            hushed: 0.0,
            is_silent: true,
            is_pitched: shape.stage == Stage::Pitched,
            gain: 1.0,
            weighting: AWeighting::new(f64::from(shape.sample_rate_hz)),
        }
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        (self.unvoiced_hops, self.heard, self.wanted) = (BRIDGED_HOPS, [0.0; WEIGHED_HOPS], [0.0; 2]);
        (self.hushed, self.is_silent, self.gain) = (0.0, true, 1.0);
        self.weighting.reset();
    }

    /// Takes what is heard in the next hop.
    pub(super) fn hear(&mut self, sound: &[f32]) {
        self.heard.copy_within(1.., 0);
        self.heard[WEIGHED_HOPS - 1] = mean_square(sound);
    }

    /// Level of the last hops heard, as the loudness's window weighs them, dB re full scale.
    pub(super) fn level_db(&self) -> f32 {
        let power: f32 = self.heard.iter().zip(WEIGHTS).map(|(power, weight)| power * weight).sum();
        10.0 * power.max(f32::MIN_POSITIVE).log10()
    }

    /// How far the harmonics of the next hop are to be lowered, 0 (as they are) to 1 (silent), when the last pitch is in it as
    /// much as `kept` says.
    pub(super) fn judge(&mut self, voicing: f32, kept: f32) -> f32 {
        self.unvoiced_hops = if voicing < VOICED { self.unvoiced_hops.saturating_add(1) } else { 0 };
        let (from, to) = KEPT;
        if self.unvoiced_hops > BRIDGED_HOPS { 1.0 - ((kept - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Whether the harmonics of this hop are needed by themselves.
    pub(super) fn parts(&self, hop: &Hop) -> bool {
        self.is_pitched && (hop.hushed > 0.0 || self.hushed > 0.0) && !(self.is_silent && is_silent(hop))
    }

    /// Lowers the harmonics in what was `made`, and brings the rest to the loudness of what was heard, as much louder or softer
    /// as the hop is asked for, but to no more power. In straight lines from hop to hop.
    pub(super) fn mix(&mut self, hop: &Hop, harmonics: &[f32], made: &mut [f32]) {
        for (sample, harmonic) in made.iter_mut().zip(harmonics) {
            *sample -= harmonic;
        }
        let is_first = self.hushed == 0.0;
        let now = wanted_of(hop);
        // A hop of sound is half of this frame and half of the one before, whose noise the harmonics still have at first.
        let before = if is_first { [0.0; 2] } else { self.wanted };
        let [asked, most] = std::array::from_fn(|n| 0.5 * (now[n] + before[n]));
        let power = mean_square(made).max(f32::MIN_POSITIVE);
        let weighted = self.weighting.mean_square(made).max(f32::MIN_POSITIVE);
        // A rumble does not become a consonant by being raised.
        let raised = (RAISED * (weighted / power).powi(2)).clamp(1.0, RAISED);
        let share = (asked / weighted).min(most / power).min(raised).max(LOWERED);
        let kept = (1.0 - hop.hushed).powi(2);
        let gain = (kept + (1.0 - kept) * share).sqrt();
        let frames = made.len() as f32;
        let noise = Line { from: self.gain, to: gain, frames: if gain < self.gain { FALL_FRAMES } else { frames } };
        let tone = Line { from: 1.0 - self.hushed, to: 1.0 - hop.hushed, frames };
        for (n, (sample, harmonic)) in made.iter_mut().zip(harmonics).enumerate() {
            *sample = *sample * noise.at(n + 1) + harmonic * tone.at(n + 1);
        }
        self.gain = gain;
        self.pass(hop, now);
    }

    /// Counts a hop that is played as it was made.
    pub(super) fn leave(&mut self, hop: &Hop) {
        self.gain = 1.0;
        self.pass(hop, wanted_of(hop));
    }

    fn pass(&mut self, hop: &Hop, wanted: [f32; 2]) {
        (self.wanted, self.hushed, self.is_silent) = (wanted, hop.hushed, is_silent(hop));
    }
}

/// The weighted mean square that is asked for, and the most that it may have when it is not weighted.
fn wanted_of(hop: &Hop) -> [f32; 2] {
    [hop.loudness_db, hop.level_db + hop.loudness_db - hop.heard_db].map(power_of)
}

/// A gain that moves in a straight line over the first `frames` of a hop.
struct Line {
    from: f32,
    to: f32,
    frames: f32,
}

impl Line {
    fn at(&self, frame: usize) -> f32 {
        self.from + (self.to - self.from) * (frame as f32 / self.frames).min(1.0)
    }
}

fn is_silent(hop: &Hop) -> bool {
    hop.loudness_db <= SILENT_DB
}

fn power_of(level_db: f32) -> f32 {
    (level_db / 10.0 * std::f32::consts::LN_10).exp()
}

/// At most 60 dB above full scale, and 0 of what is no number: nothing of it stays.
fn mean_square(sound: &[f32]) -> f32 {
    let power = sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32;
    if power.is_nan() { 0.0 } else { power.min(1e6) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lane::tests::shape;

    const HOP: usize = 512;

    fn hop(hushed: f32, loudness_db: f32) -> Hop {
        Hop { hushed, loudness_db, heard_db: loudness_db, ..Hop::default() }
    }

    fn pitched() -> Unvoiced {
        Unvoiced::new(&Shape { stage: Stage::Pitched, ..shape(1024) })
    }

    fn noise(seed: u64, level: f32) -> Vec<f32> {
        let mut sound = vec![0.0; HOP];
        crate::dsp::noise::Noise::new(seed).fill(&mut sound);
        sound.iter_mut().for_each(|sample| *sample *= level);
        sound
    }

    #[test]
    fn a_pitch_lost_for_two_hops_is_bridged_and_one_found_sounds_at_once() {
        let mut unvoiced = pitched();
        let voicing = [0.0, 0.9, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.9];
        let hushed = voicing.map(|voicing| unvoiced.judge(voicing, 0.1));
        assert_eq!(hushed, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn the_end_of_a_note_keeps_its_harmonics_as_far_as_its_pitch_is_in_it() {
        let mut unvoiced = pitched();
        let hushed = [0.8, 0.5, 0.375, 0.25, 0.0].map(|kept| unvoiced.judge(0.0, kept));
        assert_eq!(hushed, [0.0, 0.0, 0.5, 1.0, 1.0]);
    }

    #[test]
    fn a_noise_is_brought_to_what_was_heard_without_harmonics_and_at_once_when_it_grows() {
        let mut unvoiced = pitched();
        let harmonics = vec![0.3; HOP];
        let mut play = |heard: f32, made: f32, hop: &Hop, seed: u64, rises: bool| {
            unvoiced.hear(&noise(seed + 100, heard));
            let hop = &Hop { level_db: unvoiced.level_db(), ..*hop };
            assert!(unvoiced.parts(hop));
            let rise = |n: usize| (std::f32::consts::FRAC_PI_2 * n as f32 / HOP as f32).sin();
            let shape = |(n, noise): (usize, f32)| harmonics[n] + if rises { rise(n) } else { 1.0 } * noise;
            let mut sound: Vec<f32> = noise(seed, made).into_iter().enumerate().map(shape).collect();
            unvoiced.mix(hop, &harmonics, &mut sound);
            10.0 * mean_square(&sound).log10()
        };
        let level_db = |level: f32| 20.0 * level.log10();
        // White noise weighs 2 to 3 dB less than it has power.
        let asked = hop(1.0, -40.0);
        let last_db = (100..120).map(|seed| play(0.1, 0.0001, &asked, seed, false)).last().unwrap();
        assert!((last_db - -37.5).abs() < 1.5, "a decoder that hardly breathes is heard: {last_db} dB");
        let last_db = (0..20).map(|seed| play(0.1, 0.002, &asked, seed, false)).last().unwrap();
        assert!((last_db - -37.5).abs() < 1.5, "raised to the loudness: {last_db} dB");
        let last_db = (20..40).map(|seed| play(0.005, 0.1, &asked, seed, false)).last().unwrap();
        assert!((last_db - level_db(0.005)).abs() < 0.5, "no more power than was heard: {last_db} dB");
        let louder = Hop { loudness_db: -34.0, ..asked };
        let last_db = (40..60).map(|seed| play(0.005, 0.1, &louder, seed, false)).last().unwrap();
        assert!((last_db - level_db(0.01)).abs() < 0.5, "but as much louder as is asked for: {last_db} dB");
        let soft = hop(1.0, -60.0);
        (60..80).for_each(|seed| _ = play(0.005, 0.0001, &soft, seed, false));
        let clap_db = play(0.02, 0.1, &hop(1.0, -40.0), 80, true);
        assert!(clap_db < -35.0, "a clap is not raised by what went before: {clap_db} dB");
    }

    #[test]
    fn nothing_is_parted_in_notes_and_in_silence() {
        let mut unvoiced = pitched();
        assert!(!unvoiced.parts(&hop(0.0, -20.0)), "a note");
        assert!(
            !Unvoiced::new(&shape(1024)).parts(&hop(1.0, -40.0)),
            "a general stage, whatever its first model heard"
        );
        assert!(!unvoiced.parts(&hop(1.0, -80.0)), "silence");
        unvoiced.leave(&hop(1.0, -80.0));
        assert!(unvoiced.parts(&hop(1.0, -40.0)), "a noise after it");
        let mut made = noise(1, 0.1);
        unvoiced.mix(&hop(1.0, -40.0), &[0.0; HOP], &mut made);
        assert!(unvoiced.parts(&hop(1.0, -80.0)), "the noise is heard to its end");
        assert!(unvoiced.parts(&hop(0.0, -20.0)), "a note fades in over a hop");
        unvoiced.mix(&hop(0.0, -20.0), &[0.0; HOP], &mut made);
        assert!(!unvoiced.parts(&hop(0.0, -20.0)));
    }
}
