//! Holds a foreign sound's way through the latent space steady: range, smoothing, octave flips.
//!
//! A voice played into a cello leaves the latent's trained range and flickers from hop to hop, which is heard as
//! gargling. One control, 0 to 1, goes from "as the encoder says" to "slow and within the training sound".

use super::hop::Hop;
use crate::controls::MAX_DIMS;
use crate::dsp::attack::AttackDetector;
use crate::model::Shape;

/// From this stability on the latent stays within its range entirely; below, in part.
const FULL_CLAMP_AT: f32 = 0.25;

/// Share of the way from the range's middle to its end that is passed as it is.
const KNEE: f32 = 0.75;

/// Time constant of the latent's smoothing at full stability, seconds.
const LATENT_S: f32 = 0.080;

/// Time constant of the voicing's smoothing at full stability, seconds; consonants are shorter than 80 ms.
const VOICING_S: f32 = 0.030;

/// How near to an octave a leap of pitch is for it to be a tracker's error, octaves: 30 cents.
const OCTAVE_TOLERANCE: f32 = 30.0 / 1200.0;

/// One lane's steadying state. Allocates nothing.
#[derive(Clone, Debug)]
pub(super) struct Stability {
    low: [f32; MAX_DIMS],
    high: [f32; MAX_DIMS],
    dims: usize,
    hop_s: f32,
    latent: [f32; MAX_DIMS],
    voicing: f32,
    attack: AttackDetector,
    is_first: bool,
}

impl Stability {
    /// For a model of this shape.
    pub(super) fn new(shape: &Shape) -> Self {
        Self {
            low: shape.p01,
            high: shape.p99,
            dims: shape.dims,
            hop_s: shape.hop_frames as f32 / shape.sample_rate_hz as f32,
            latent: [0.0; MAX_DIMS],
            voicing: 0.0,
            attack: AttackDetector::default(),
            is_first: true,
        }
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        self.is_first = true;
    }

    /// Steadies the latent and the voicing of the next hop by `amount`, 0 (leaves them, bit for bit) to 1.
    pub(super) fn steady(&mut self, hop: &mut Hop, amount: f32) {
        // Attacks are not smoothed.
        let is_attack = self.attack.next(hop.loudness_db) || self.is_first;
        if std::mem::take(&mut self.is_first) {
            self.attack = AttackDetector::after(hop.loudness_db);
        }
        let clamped = (amount / FULL_CLAMP_AT).min(1.0);
        let keep = |full_s: f32| if is_attack { 0.0 } else { kept(self.hop_s, full_s * amount) };
        let (keep_latent, keep_voicing) = (keep(LATENT_S), keep(VOICING_S));
        for d in 0..self.dims {
            let value = hop.latent[d];
            let wanted = value + clamped * (within(value, self.low[d], self.high[d]) - value);
            // The state runs along at 0 too, so that turning the control up does not bring back an old sound.
            self.latent[d] = wanted + keep_latent * (self.latent[d] - wanted);
            hop.latent[d] = self.latent[d];
        }
        self.voicing = hop.voicing + keep_voicing * (self.voicing - hop.voicing);
        hop.voicing = self.voicing;
    }
}

/// Share of the old value that a one-pole of this time constant keeps over a hop.
fn kept(hop_s: f32, time_s: f32) -> f32 {
    if time_s > 0.0 { (-hop_s / time_s).exp() } else { 0.0 }
}

/// Draws a value into a range: as it is in the middle, bent from the knee on, never beyond the ends.
fn within(value: f32, low: f32, high: f32) -> f32 {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    if half <= 0.0 {
        return middle;
    }
    let place = (value - middle) / half;
    if place.abs() <= KNEE {
        return value;
    }
    let bent = KNEE + (1.0 - KNEE) * ((place.abs() - KNEE) / (1.0 - KNEE)).tanh();
    middle + half * bent.copysign(place)
}

/// Holds the old octave for one hop when the pitch leaps by one: a leap that is meant is still there a hop later.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OctaveHold {
    /// The last pitch given, Hz.
    last_hz: Option<f32>,
    is_holding: bool,
}

impl OctaveHold {
    /// The pitch to play for a voiced hop (`None`: unvoiced, which ends every hold).
    pub(super) fn next(&mut self, f0_hz: Option<f32>) -> Option<f32> {
        let given = match (f0_hz, self.last_hz) {
            (Some(now), Some(last)) => {
                let leap = (now / last).log2();
                let is_octave = (leap.abs() - 1.0).abs() <= OCTAVE_TOLERANCE;
                self.is_holding = is_octave && !self.is_holding;
                // The other octave's small steps, vibrato, are kept.
                Some(if self.is_holding { now * (-leap.signum()).exp2() } else { now })
            }
            _ => {
                self.is_holding = false;
                f0_hz
            }
        };
        self.last_hz = given;
        given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape() -> Shape {
        Shape { dims: 2, p99: [3.0; MAX_DIMS], ..crate::engine::lane::tests::shape(1024) }
    }

    fn hop(latent: f32, loudness_db: f32, voicing: f32) -> Hop {
        let mut hop = Hop { loudness_db, voicing, ..Hop::default() };
        hop.latent[..2].fill(latent);
        hop
    }

    fn steadied(stability: &mut Stability, mut hop: Hop, amount: f32) -> Hop {
        stability.steady(&mut hop, amount);
        hop
    }

    /// Hops after a step from 0 to 1 until 63 % of it are reached.
    fn hops_to_follow(amount: f32, pick: fn(&Hop) -> f32) -> usize {
        let mut stability = Stability::new(&shape());
        steadied(&mut stability, hop(0.0, -20.0, 0.0), amount);
        (1..100).find(|_| pick(&steadied(&mut stability, hop(1.0, -20.0, 1.0), amount)) >= 0.632).unwrap_or(100)
    }

    #[test]
    fn at_zero_everything_passes_bit_for_bit() {
        let mut stability = Stability::new(&shape());
        for n in 0..50 {
            let wild = hop(9.7 * (n as f32 * 1.7).sin(), -20.0, 0.3);
            assert_eq!(steadied(&mut stability, wild, 0.0), wild);
        }
    }

    #[test]
    fn the_middle_of_the_range_passes_and_nothing_leaves_it() {
        for value in [-1.3, 0.0, 0.5, 2.3] {
            assert_eq!(within(value, -2.0, 3.0), value);
        }
        for value in [-1e30, -50.0, -2.0, 3.0, 50.0, 1e30] {
            assert!((-2.0..=3.0).contains(&within(value, -2.0, 3.0)), "{value}");
        }
        assert_eq!(within(4.0, 1.0, 1.0), 1.0);
        let mut last = -2.0;
        for n in -400..=400 {
            let here = within(n as f32 * 0.01, -2.0, 3.0);
            assert!(here >= last && here - last <= 0.011, "neither falls nor leaps at {n}");
            last = here;
        }
    }

    #[test]
    fn the_clamp_comes_in_by_degrees_and_is_whole_at_a_quarter() {
        let clamped = |amount| steadied(&mut Stability::new(&shape()), hop(10.0, -20.0, 1.0), amount).latent[0];
        let rising: Vec<f32> = [0.0, 0.1, 0.2, 0.25, 1.0].map(clamped).to_vec();
        assert!(rising[0] == 10.0 && rising[1] < 10.0 && rising[2] < rising[1] && rising[2] > 3.0, "{rising:?}");
        assert!(rising[3] <= 3.0 && rising[4] == rising[3], "{rising:?}");
    }

    #[test]
    fn the_latent_follows_in_80_ms_at_most_and_the_voicing_in_30() {
        // A hop is 11.6 ms.
        assert_eq!(hops_to_follow(0.0, |hop| hop.latent[0]), 1);
        assert_eq!(hops_to_follow(1.0, |hop| hop.latent[0]), 7);
        assert_eq!(hops_to_follow(0.3, |hop| hop.latent[0]), 3);
        assert_eq!(hops_to_follow(1.0, |hop| hop.voicing), 3);
        assert_eq!(hops_to_follow(0.3, |hop| hop.voicing), 1);
    }

    /// The trainer's own recursion is held to the same hops: `models/training/tests/test_stability.py`.
    #[test]
    fn each_hop_is_what_training_makes_of_it() {
        #[derive(serde::Deserialize)]
        struct Fixture {
            sample_rate_hz: u32,
            hop_frames: usize,
            cases: Vec<Case>,
        }
        #[derive(serde::Deserialize)]
        struct Case {
            amount: f32,
            latent: Vec<[f32; 2]>,
            loudness_db: Vec<f32>,
            steadied: Vec<[f32; 2]>,
        }
        let text = include_str!("../../tests/fixtures/stability.json");
        let fixture: Fixture = serde_json::from_str(text).expect("the fixture is valid");
        // A range whose middle holds it all: training knows none.
        let shape = Shape {
            sample_rate_hz: fixture.sample_rate_hz,
            hop_frames: fixture.hop_frames,
            p01: [-100.0; MAX_DIMS],
            p99: [100.0; MAX_DIMS],
            ..shape()
        };
        assert!(!fixture.cases.is_empty());
        for case in &fixture.cases {
            let mut stability = Stability::new(&shape);
            assert!(case.latent.len() == case.steadied.len() && !case.latent.is_empty());
            for (n, (latent, expected)) in case.latent.iter().zip(&case.steadied).enumerate() {
                let mut hop = hop(0.0, case.loudness_db[n], 1.0);
                hop.latent[..2].copy_from_slice(latent);
                stability.steady(&mut hop, case.amount);
                for (made, expected) in hop.latent.iter().zip(expected) {
                    assert!((made - expected).abs() < 1e-5, "{}, hop {n}: {made}, not {expected}", case.amount);
                }
            }
        }
    }

    #[test]
    fn an_attack_is_not_smoothed() {
        let mut stability = Stability::new(&shape());
        for _ in 0..3 {
            steadied(&mut stability, hop(-1.0, -40.0, 0.0), 1.0);
        }
        // 4 dB a hop: the second hop makes 8 within two.
        assert!(steadied(&mut stability, hop(1.0, -36.0, 1.0), 1.0).latent[0] < -0.5);
        let attack = steadied(&mut stability, hop(1.0, -32.0, 1.0), 1.0);
        assert_eq!((attack.latent[0], attack.voicing), (1.0, 1.0));
        assert!(steadied(&mut stability, hop(-1.0, -32.0, 1.0), 1.0).latent[0] > -1.0, "smoothed again after it");
    }

    #[test]
    fn a_reset_forgets() {
        let mut stability = Stability::new(&shape());
        steadied(&mut stability, hop(-1.0, -20.0, 0.0), 1.0);
        stability.reset();
        assert_eq!(steadied(&mut stability, hop(1.0, -20.0, 1.0), 1.0).latent[0], 1.0);
    }

    #[test]
    fn an_octave_flip_of_one_hop_is_not_heard_and_a_leap_comes_one_hop_late() {
        let play = |track: &[f32]| {
            let mut hold = OctaveHold::default();
            track.iter().map(|&hz| hold.next(Some(hz)).unwrap_or(0.0)).collect::<Vec<f32>>()
        };
        assert_eq!(play(&[220.0, 221.0, 442.0, 222.0, 111.0, 222.0]), [220.0, 221.0, 221.0, 222.0, 222.0, 222.0]);
        assert_eq!(play(&[220.0, 440.0, 440.0, 440.0]), [220.0, 220.0, 440.0, 440.0]);
        assert_eq!(play(&[220.0, 330.0, 165.0]), [220.0, 330.0, 330.0]);
        assert_eq!(play(&[220.0, 430.0]), [220.0, 430.0], "40 cents off an octave is no flip");
    }

    #[test]
    fn silence_ends_an_octaves_hold() {
        let mut hold = OctaveHold::default();
        assert_eq!([Some(220.0), None, Some(440.0)].map(|hz| hold.next(hz)), [Some(220.0), None, Some(440.0)]);
    }
}
