//! Movement of a lane: oscillators and followers, and what they add to macros and dimensions.

use super::hop::Hop;
use super::hop_count::HopCount;
use crate::controls::{Controls, LFOS, MAX_DIMS, MAX_MACROS, MovementTarget, Wave};
use crate::dsp::noise::Noise;
use crate::model::Shape;

/// What a dimension moves by, turned up full: from one end of the natural range to the other, standard deviations.
const REACH: f32 = 2.0;

/// The loudness moves all of the way when it is this far from the model's middle, dB.
const LOUDNESS_DB: f32 = 18.0;

/// And the pitch when it is this far from it, octaves.
const PITCH_OCTAVES: f32 = 1.0;

/// The middle of a model that has no pitches of its own, Hz.
const MIDDLE_HZ: f32 = 261.63;

/// An oscillator that is this far from where the song says goes there: another note value was chosen, or the tempo moves.
const OFF_TURNS: f64 = 0.02;

/// Steps a turn of a phase that is taken from the song. Hosts tell the same place of the song by sums that depend on the size of
/// their blocks, and a bounce has the same samples at every size.
const STEPS: f64 = 1_048_576.0;

/// What movement adds in one hop.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moved {
    /// To each macro, of the whole.
    pub macros: [f32; MAX_MACROS],
    /// To each dimension, standard deviations.
    pub dims: [f32; MAX_DIMS],
}

/// A wave's value, -1 to 1, at a moment in turns. Steps are those of `seed`.
fn at(wave: Wave, turns: f64, seed: u64) -> f32 {
    let part = turns.rem_euclid(1.0) as f32;
    match wave {
        Wave::Sine => (std::f32::consts::TAU * part).sin(),
        Wave::Triangle => 1.0 - 4.0 * ((part + 0.25).rem_euclid(1.0) - 0.5).abs(),
        Wave::Ramp => 2.0 * part - 1.0,
        Wave::Square => 1.0 - 2.0 * part.round().min(1.0),
        Wave::Steps => {
            let turn = turns.floor() as i64 as u64;
            2.0 * Noise::new(Noise::new(seed).next_u64() ^ turn).uniform() - 1.0
        }
    }
}

fn settled(turns: f64) -> f64 {
    (turns * STEPS).round() / STEPS
}

/// One lane's sources, with their memory. Allocates nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mover {
    middle_db: f32,
    middle_octave: f32,
    /// In turns.
    phases: [f64; LFOS],
    count: HopCount,
    /// Followed; `None` before the first hop.
    loudness_db: Option<f32>,
    /// Of the last hop that had one, octaves from the middle.
    pitch: f32,
}

impl Mover {
    /// For a model of this shape.
    pub(super) fn new(shape: &Shape) -> Self {
        let middle_hz = shape.pitch.map_or(MIDDLE_HZ, |pitch| (pitch.min_hz * pitch.max_hz).sqrt());
        Self {
            middle_db: shape.loudness_p50_db,
            middle_octave: middle_hz.log2(),
            phases: [0.0; LFOS],
            count: HopCount::default(),
            loudness_db: None,
            pitch: 0.0,
        }
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        (self.phases, self.count, self.loudness_db, self.pitch) = ([0.0; LFOS], HopCount::default(), None, 0.0);
    }

    /// Counts a hop that is left out: oscillators go on.
    pub(super) fn skip(&mut self) {
        self.count.skip();
    }

    /// Goes one hop on. `heard`: as it was analysed, before loudness and pitch are changed.
    ///
    /// While the song plays, an oscillator's phase is the song's position times its rate, so that a bounce from any bar moves
    /// as playback did there; a change of a free rate bends the movement and does not make it leap. The sources go on whether
    /// they move something or not: what they do does not depend on when they were put to use.
    pub(super) fn next(&mut self, heard: &Hop, controls: &Controls, hop_s: f32) -> Moved {
        let movement = &controls.movement;
        let gone = self.count.next(controls.song_s, f64::from(hop_s));
        let mut moved = Moved::default();
        for ((n, lfo), phase) in movement.lfos.iter().enumerate().zip(&mut self.phases) {
            let rate_hz = f64::from(lfo.rate_hz);
            let next = *phase + rate_hz * f64::from(hop_s) * gone.unwrap_or(1.0);
            let song_turns = lfo.song_turns.map(|turns| turns + controls.path.since_s * rate_hz);
            *phase = match (song_turns, controls.song_s, gone) {
                (Some(turns), _, None) => settled(turns),
                (Some(turns), _, _) if (turns - next).abs() > OFF_TURNS => settled(turns),
                (None, Some(now), None) => settled(now * rate_hz),
                _ => next,
            };
            let seed = u64::from(controls.take) << 8 | n as u64;
            moved.add(lfo.route.to, lfo.route.depth * at(lfo.wave, *phase, seed));
        }
        moved.add(movement.loudness.to, movement.loudness.depth * self.loudness(heard, movement.loudness_s, hop_s));
        moved.add(movement.pitch.to, movement.pitch.depth * self.pitch(heard));
        moved
    }

    /// -1 to 1.
    fn loudness(&mut self, heard: &Hop, time_s: f32, hop_s: f32) -> f32 {
        let keep = if time_s > 0.0 { (-hop_s / time_s).exp() } else { 0.0 };
        let before = self.loudness_db.unwrap_or(heard.loudness_db);
        let followed = heard.loudness_db + keep * (before - heard.loudness_db);
        self.loudness_db = Some(followed);
        ((followed - self.middle_db) / LOUDNESS_DB).clamp(-1.0, 1.0)
    }

    /// -1 to 1; what has none keeps the last one.
    fn pitch(&mut self, heard: &Hop) -> f32 {
        if heard.has_pitch() {
            self.pitch = heard.f0_hz.log2() - self.middle_octave;
        }
        (self.pitch / PITCH_OCTAVES).clamp(-1.0, 1.0)
    }
}

impl Moved {
    fn add(&mut self, to: MovementTarget, by: f32) {
        match to {
            MovementTarget::Nothing => {}
            MovementTarget::Macro(at) => self.macros[usize::from(at)] += by,
            MovementTarget::Dimension(at) => self.dims[usize::from(at)] += by * REACH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::{Lfo, Movement, Route};
    use crate::engine::lane::tests::shape;
    use crate::model::PitchRange;

    const HOP_S: f32 = 512.0 / 44_100.0;

    fn mover() -> Mover {
        Mover::new(&Shape { pitch: Some(PitchRange { min_hz: 110.0, max_hz: 440.0 }), ..shape(1024) })
    }

    fn to(target: MovementTarget, depth: f32) -> Route {
        Route { to: target, depth }
    }

    fn swinging(rate_hz: f32, song_turns: Option<f64>) -> Controls {
        let route = to(MovementTarget::Macro(2), 0.5);
        let lfos = [Lfo { route, wave: Wave::Sine, rate_hz, song_turns }, Lfo::default()];
        Controls { movement: Movement { lfos, ..Movement::default() }, ..Controls::default() }
    }

    /// What the first oscillator adds to its macro, hop by hop.
    fn swing(hops: usize, start_s: Option<f64>, controls: impl Fn(usize) -> Controls) -> Vec<f32> {
        let mut mover = mover();
        (0..hops)
            .map(|hop| {
                let song_s = start_s.map(|start| start + hop as f64 * f64::from(HOP_S));
                mover.next(&Hop::default(), &Controls { song_s, ..controls(hop) }, HOP_S).macros[2]
            })
            .collect()
    }

    #[test]
    fn an_oscillator_swings_at_its_rate_and_as_deep_as_it_is_set() {
        let values = swing(400, None, |_| swinging(2.0, None));
        let most = values.iter().copied().fold(0.0, f32::max);
        assert!((most - 0.5).abs() < 1e-3, "{most}");
        let ups = values.windows(2).filter(|two| two[0] < 0.0 && two[1] >= 0.0).count() as f32;
        assert!((ups - 400.0 * HOP_S * 2.0).abs() <= 1.0, "{ups}");
    }

    #[test]
    fn the_same_place_of_the_song_is_the_same_place_of_the_swing() {
        let whole = swing(400, Some(0.0), |_| swinging(1.7, None));
        let later = swing(100, Some(200.0 * f64::from(HOP_S)), |_| swinging(1.7, None));
        for (a, b) in whole[200..300].iter().zip(&later) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
        // A quarter of a turn each hop.
        let rate_hz = 0.25 / HOP_S;
        let synced = swing(8, Some(3.0), |hop| swinging(rate_hz, Some(hop as f64 / 4.0)));
        for (value, wanted) in synced.iter().zip([0.0, 0.5, 0.0, -0.5, 0.0, 0.5, 0.0, -0.5]) {
            assert!((value - wanted).abs() < 1e-5, "{synced:?}");
        }
        // Another note value: at once where the song says.
        let changed = swing(8, Some(3.0), |hop| match hop {
            0..4 => swinging(rate_hz, Some(hop as f64 / 4.0)),
            _ => swinging(rate_hz * 0.5, Some(hop as f64 / 8.0)),
        });
        assert!((changed[4] - 0.0).abs() < 1e-5 && (changed[6] + 0.5).abs() < 1e-5, "{changed:?}");
        // Sums of the host that differ in their last digits are the same.
        let noisy = swing(40, Some(3.0), |hop| swinging(rate_hz, Some(hop as f64 / 4.0 + 1e-12)));
        assert_eq!(noisy[..8], synced);
    }

    #[test]
    fn another_rate_bends_the_swing_and_does_not_make_it_leap() {
        for start_s in [None, Some(100.0)] {
            let values = swing(200, start_s, |hop| swinging(if hop < 100 { 1.0 } else { 1.5 }, None));
            let step = values.windows(2).map(|two| (two[1] - two[0]).abs()).fold(0.0, f32::max);
            assert!(step < 0.07, "{start_s:?}: {step}");
        }
    }

    #[test]
    fn the_loudness_moves_up_when_it_is_louder_and_takes_its_time() {
        let movement =
            Movement { loudness: to(MovementTarget::Dimension(4), 0.5), loudness_s: 0.1, ..Movement::default() };
        let controls = Controls { movement, ..Controls::default() };
        let mut mover = mover();
        let at = |mover: &mut Mover, loudness_db: f32| {
            mover.next(&Hop { loudness_db, ..Hop::default() }, &controls, HOP_S).dims[4]
        };
        let middle = mover.middle_db;
        assert!(at(&mut mover, middle).abs() < 1e-6);
        let first = at(&mut mover, middle + 9.0);
        let later = (0..60).map(|_| at(&mut mover, middle + 9.0)).last().unwrap();
        assert!(first > 0.0 && first < 0.2 * later, "{first} {later}");
        assert!((later - 0.5 * 0.5 * REACH).abs() < 0.01, "{later}");
        let loud = (0..200).map(|_| at(&mut mover, middle + 60.0)).last().unwrap();
        assert!((loud - 0.5 * REACH).abs() < 1e-3, "no farther than all of the way: {loud}");
    }

    #[test]
    fn the_pitch_moves_by_its_octave_and_a_rest_keeps_it() {
        let movement = Movement { pitch: to(MovementTarget::Macro(0), -1.0), ..Movement::default() };
        let controls = Controls { movement, ..Controls::default() };
        let mut mover = mover();
        let mut at = |f0_hz: f32, voicing: f32| {
            mover.next(&Hop { f0_hz, voicing, ..Hop::default() }, &controls, HOP_S).macros[0]
        };
        assert!((at(220.0, 1.0)).abs() < 1e-6);
        let fifth = at(330.0, 1.0);
        assert!((fifth + 0.585).abs() < 1e-3, "{fifth}");
        assert_eq!(at(90.0, 0.1), fifth);
        assert_eq!(at(1760.0, 1.0), -1.0);
    }

    const ALL: [Wave; 5] = [Wave::Sine, Wave::Triangle, Wave::Ramp, Wave::Square, Wave::Steps];

    #[test]
    fn every_wave_stays_within_its_range_and_has_no_middle_but_zero() {
        for wave in ALL {
            let values: Vec<f32> = (0..10_000).map(|n| at(wave, f64::from(n) * 0.0137, 5)).collect();
            assert!(values.iter().all(|value| (-1.0..=1.0).contains(value)), "{wave:?}");
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            assert!(mean.abs() < 0.12, "{wave:?} {mean}");
            let reach = values.iter().copied().fold(0.0f32, |most, value| most.max(value.abs()));
            assert!(reach > 0.9, "{wave:?} {reach}");
        }
    }

    #[test]
    fn sine_and_triangle_begin_in_the_middle_and_go_up() {
        for wave in [Wave::Sine, Wave::Triangle] {
            let value = |turns| at(wave, turns, 0);
            assert!(value(0.0).abs() < 1e-6 && value(1.0).abs() < 1e-6, "{wave:?}");
            assert!((value(0.25) - 1.0).abs() < 1e-6 && (value(0.75) + 1.0).abs() < 1e-6, "{wave:?}");
        }
        assert_eq!([at(Wave::Square, 0.1, 0), at(Wave::Square, 0.6, 0)], [1.0, -1.0]);
        assert!(at(Wave::Ramp, 0.1, 0) < at(Wave::Ramp, 0.9, 0));
    }

    #[test]
    fn steps_hold_for_a_turn_and_belong_to_their_seed() {
        let step = |turns, seed| at(Wave::Steps, turns, seed);
        assert_eq!(step(3.1, 1), step(3.9, 1));
        assert_ne!(step(3.1, 1), step(4.1, 1));
        assert_ne!(step(3.1, 1), step(3.1, 2));
    }
}
