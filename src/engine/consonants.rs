//! Lets the player's own consonants through in the place of the noise that a model makes of them.

use super::hop::Hop;
use crate::dsp::delay_line::DelayLine;
use crate::model::Shape;

/// A consonant is raised by no more, linear: 12 dB. A loudness that is widened would make a hiss of each breath.
const RAISED: f32 = 4.0;

/// One lane's own sound, as late as the model's is. Allocates in `new` only.
pub(super) struct Consonants {
    line: DelayLine,
    /// The hop that is due.
    own: Vec<f32>,
    /// How much of it was heard at the last hop's end, and how loud.
    share: f32,
    gain: f32,
}

impl Consonants {
    /// For a model of this shape.
    pub(super) fn new(shape: &Shape) -> Self {
        Self { line: DelayLine::new(shape.delay_frames), own: vec![0.0; shape.hop_frames], share: 0.0, gain: 1.0 }
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        self.line.fill(0.0);
        self.own.fill(0.0);
        (self.share, self.gain) = (0.0, 1.0);
    }

    /// Takes the next hop that comes in.
    pub(super) fn hear(&mut self, audio: &[f32]) {
        for (own, &sample) in self.own.iter_mut().zip(audio) {
            *own = self.line.next(sample);
        }
    }

    /// Puts so much of the own sound, 0 to 1, into what was `made` where the hop is taken for a noise, in straight lines from hop to
    /// hop; as much louder or softer as the hop is asked for.
    pub(super) fn let_through(&mut self, hop: &Hop, amount: f32, made: &mut [f32]) {
        let share = amount * hop.hushed;
        if share == 0.0 && self.share == 0.0 {
            return;
        }
        let asked = 10f32.powf((hop.loudness_db - hop.heard_db) / 20.0).min(RAISED);
        // The first hop has no loudness before it to come from.
        let from = if self.share == 0.0 { asked } else { self.gain };
        let step = 1.0 / made.len() as f32;
        for (n, (made, own)) in made.iter_mut().zip(&self.own).enumerate() {
            let at = (n + 1) as f32 * step;
            let share = self.share + (share - self.share) * at;
            let gain = from + (asked - from) * at;
            *made += share * (own * gain - *made);
        }
        (self.share, self.gain) = (share, asked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lane::tests::shape;

    const HOP: usize = 512;
    const DELAY: usize = 1024;

    fn hissing(hushed: f32, louder_db: f32) -> Hop {
        Hop { hushed, heard_db: -30.0, loudness_db: -30.0 + louder_db, ..Hop::default() }
    }

    /// What comes of hops of own sound that count up from 0, where the model makes -1 throughout.
    fn played(hops: &[Hop], amount: f32) -> Vec<f32> {
        let mut consonants = Consonants::new(&shape(DELAY));
        let mut out = Vec::new();
        for (at, hop) in hops.iter().enumerate() {
            let own: Vec<f32> = (0..HOP).map(|n| (at * HOP + n) as f32).collect();
            let mut made = vec![-1.0; HOP];
            consonants.hear(&own);
            consonants.let_through(hop, amount, &mut made);
            out.extend(made);
        }
        out
    }

    #[test]
    fn a_noise_is_the_own_sound_as_late_as_the_model_and_a_note_stays_the_models() {
        let mut hops = vec![hissing(0.0, 0.0); 12];
        hops[4..8].fill(hissing(1.0, 0.0));
        let made = played(&hops, 1.0);
        assert!(made[..4 * HOP].iter().chain(&made[9 * HOP..]).all(|&sample| sample == -1.0), "notes");
        for (n, &sample) in made.iter().enumerate().take(8 * HOP).skip(5 * HOP) {
            assert_eq!(sample, (n - DELAY) as f32);
        }
        assert_eq!(played(&hops, 0.0), vec![-1.0; hops.len() * HOP], "none was asked for");
    }

    #[test]
    fn a_consonant_is_as_much_louder_as_the_hop_and_at_most_by_twelve_db() {
        for (louder_db, gain) in [(0.0, 1.0), (-6.0, 0.501_187), (40.0, RAISED)] {
            let made = played(&[hissing(1.0, louder_db); 8], 1.0);
            for n in [4 * HOP, 7 * HOP + 99] {
                let due = gain * (n - DELAY) as f32;
                assert!((made[n] - due).abs() < 1e-3 * due, "{louder_db} dB: {} for {due}", made[n]);
            }
        }
    }

    #[test]
    fn it_comes_and_goes_without_a_step() {
        let mut hops = vec![hissing(0.0, 0.0); 6];
        hops[2..4].fill(hissing(1.0, 0.0));
        let mut consonants = Consonants::new(&shape(0));
        let mut last = -1.0f32;
        for hop in hops {
            let mut made = vec![-1.0; HOP];
            consonants.hear(&[1.0; HOP]);
            consonants.let_through(&hop, 1.0, &mut made);
            for sample in made {
                assert!((sample - last).abs() < 0.005, "from {last} to {sample}");
                last = sample;
            }
        }
    }
}
