//! From what was analysed to what the decoder is given: the player's operators on latent, loudness and pitch.

use super::hop::Hop;
use super::intonation::Tuner;
use super::movement::Mover;
use super::register::Register;
use super::wander::Wander;
use crate::controls::{Controls, Loudness, MAX_DIMS, MAX_MACROS, SideChain};
use crate::model::Shape;

/// Below it loudness is not drawn up by a range under 1, or rests would sound, dB(A).
const RANGE_FROM_DB: f32 = -60.0;

/// Louder than any sound: more would only drive a decoder out of its range, dB(A).
const LOUDEST_DB: f32 = 24.0;

/// By how much more what is below the gate falls.
const GATE_RATIO: f32 = 4.0;

/// One lane's operators with their memory. Allocates nothing.
#[derive(Clone, Debug)]
pub(super) struct Steer {
    dims: usize,
    hop_s: f32,
    middle_db: f32,
    /// What each macro adds, turned up full.
    macros: [[f32; MAX_DIMS]; MAX_MACROS],
    /// What frozen and locked dimensions stay at.
    held: [f32; MAX_DIMS],
    wander: Wander,
    mover: Mover,
    register: Register,
    tuner: Tuner,
    /// The smoothed latent; `None` before the first hop.
    smoothed: Option<[f32; MAX_DIMS]>,
}

impl Steer {
    /// For a model of this shape.
    pub(super) fn new(shape: &Shape) -> Self {
        Self {
            dims: shape.dims,
            hop_s: shape.hop_frames as f32 / shape.sample_rate_hz as f32,
            middle_db: shape.loudness_p50_db,
            macros: shape.macros,
            held: [0.0; MAX_DIMS],
            wander: Wander::default(),
            mover: Mover::new(shape),
            register: Register::new(shape),
            tuner: Tuner::default(),
            smoothed: None,
        }
    }

    /// Back to the stream's start.
    pub(super) fn reset(&mut self) {
        self.held = [0.0; MAX_DIMS];
        self.wander = Wander::default();
        self.mover.reset();
        self.register.reset();
        self.tuner = Tuner::default();
        self.smoothed = None;
    }

    /// Applies the controls to what was analysed (and steadied): lock and freeze, solo, scale, bias and macros, movement, the
    /// random walk, the amount, smoothing; then loudness and pitch.
    pub(super) fn apply(&mut self, hop: &mut Hop, controls: &Controls) {
        let walk = self.wander.next(controls, f64::from(self.hop_s));
        let moved = self.mover.next(hop, controls, self.hop_s);
        let turned = self.turned(&controls.macros, &moved.macros);
        let places = hop.latent.iter_mut().zip(&mut self.held).zip(walk).enumerate();
        for (d, ((value, held), walk)) in places.take(self.dims) {
            let is_held = controls.freeze || controls.lock >> d & 1 == 1;
            if !is_held {
                *held = *value;
            }
            let follows = controls.solo == 0 || controls.solo >> d & 1 == 1;
            let mut steered = if follows { *held } else { 0.0 };
            steered = steered * controls.scale[d] + controls.bias[d] + turned[d] + moved.dims[d];
            if controls.random > 0.0 {
                steered += controls.random * walk;
            }
            *value = steered * controls.amount;
        }
        self.smooth(hop, controls.smoothing_s);
        hop.loudness_db = match controls.loudness {
            Loudness::Follow => {
                let heard_db = gated(hop.loudness_db, controls.gate_db);
                ranged(heard_db, self.middle_db, controls.loudness_range) + controls.loudness_offset_db
            }
            Loudness::Manual => controls.loudness_level_db,
        }
        .min(LOUDEST_DB);
        // It hears all hops, so that what it knows does not depend on when it was switched on.
        let octaves = self.register.next(hop);
        let octaves = if controls.fits_octave { octaves } else { 0.0 };
        hop.f0_hz *= (octaves + controls.transpose_semitones / 12.0).exp2();
        hop.f0_hz *= (self.tuner.next(hop, &controls.intonation, self.hop_s) / 12.0).exp2();
    }

    /// Counts a hop that is not played: the random walk and the movement go on.
    pub(super) fn skip(&mut self) {
        self.wander.skip();
        self.mover.skip();
    }

    /// What the macros add to each dimension together. Movement turns them no farther than a hand can.
    fn turned(&self, macros: &[f32; MAX_MACROS], moved: &[f32; MAX_MACROS]) -> [f32; MAX_DIMS] {
        let turned: [f32; MAX_MACROS] = std::array::from_fn(|at| (macros[at] + moved[at]).clamp(-1.0, 1.0));
        std::array::from_fn(|d| self.macros.iter().zip(turned).map(|(way, turned)| way[d] * turned).sum())
    }

    fn smooth(&mut self, hop: &mut Hop, time_s: f32) {
        let keep = if time_s > 0.0 { (-self.hop_s / time_s).exp() } else { 0.0 };
        let before = self.smoothed.unwrap_or(hop.latent);
        for (value, before) in hop.latent.iter_mut().zip(before).take(self.dims) {
            *value += keep * (before - *value);
        }
        self.smoothed = Some(hop.latent);
    }
}

/// Four dB for each dB below the gate: what is a little too soft fades, and a room is silent.
fn gated(loudness_db: f32, gate_db: f32) -> f32 {
    if loudness_db < gate_db { gate_db + GATE_RATIO * (loudness_db - gate_db) } else { loudness_db }
}

/// Widens (above 1) or narrows the loudness around the model's middle. What is nearly silent falls as it came.
fn ranged(loudness_db: f32, middle_db: f32, range: f32) -> f32 {
    if range == 1.0 {
        return loudness_db;
    }
    let wanted = |db: f32| middle_db + (db - middle_db) * range;
    if range > 1.0 || loudness_db >= RANGE_FROM_DB {
        return wanted(loudness_db);
    }
    // three dB for each dB below, until the input's own loudness is reached
    (wanted(RANGE_FROM_DB) + 3.0 * (loudness_db - RANGE_FROM_DB)).max(loudness_db)
}

/// Puts what the side-chain has into a hop, by the shares.
pub(super) fn blend_side(hop: &mut Hop, side: &Hop, dims: usize, shares: &SideChain) {
    for (value, other) in hop.latent.iter_mut().zip(side.latent).take(dims) {
        *value += shares.latent * (other - *value);
    }
    hop.loudness_db += shares.loudness * (side.loudness_db - hop.loudness_db);
    let pitched = (hop.has_pitch(), side.has_pitch());
    // A glide from a pitch to none has no middle: the larger share decides.
    let is_sides = shares.pitch > 0.5 && side.f0_hz > 0.0;
    hop.f0_hz = match pitched {
        (true, true) => hop.f0_hz * ((side.f0_hz / hop.f0_hz).log2() * shares.pitch).exp2(),
        _ if is_sides => side.f0_hz,
        _ => hop.f0_hz,
    };
    hop.voicing += shares.pitch * (side.voicing - hop.voicing);
    hop.kept = match pitched {
        // Where a pitch is only held on to, what is kept goes with it.
        (false, false) if is_sides => side.kept,
        (false, false) => hop.kept,
        _ => hop.kept + shares.pitch * (side.kept - hop.kept),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lane::tests::shape;
    use crate::model::PitchRange;

    const MIDDLE_DB: f32 = -25.0;

    fn steer() -> Steer {
        Steer::new(&shape(1024))
    }

    fn hop(value: f32) -> Hop {
        Hop { latent: [value; MAX_DIMS], loudness_db: -20.0, f0_hz: 220.0, voicing: 1.0, ..Hop::default() }
    }

    fn latents(controls: &[Controls]) -> Vec<[f32; MAX_DIMS]> {
        let mut steer = steer();
        controls
            .iter()
            .enumerate()
            .map(|(n, controls)| {
                let mut hop = hop(n as f32);
                steer.apply(&mut hop, controls);
                hop.latent
            })
            .collect()
    }

    #[test]
    fn the_defaults_change_nothing_bit_for_bit() {
        let mut steer = steer();
        for n in 0..20 {
            let given = Hop { latent: std::array::from_fn(|d| (n * d) as f32 * 0.013), ..hop(0.0) };
            let mut made = given;
            steer.apply(&mut made, &Controls::default());
            assert_eq!(made, given);
        }
    }

    #[test]
    fn freeze_and_lock_hold_what_was_there_and_let_go_again() {
        let free = Controls::default();
        let frozen = Controls { freeze: true, ..free };
        let locked = Controls { lock: 0b100, ..free };
        let values = latents(&[free, free, frozen, frozen, free, locked, locked]);
        assert_eq!(values.iter().map(|z| z[0]).collect::<Vec<_>>(), [0.0, 1.0, 1.0, 1.0, 4.0, 5.0, 6.0]);
        assert_eq!(values.iter().map(|z| z[2]).collect::<Vec<_>>(), [0.0, 1.0, 1.0, 1.0, 4.0, 4.0, 4.0]);
    }

    #[test]
    fn solo_leaves_the_others_at_their_mean_with_their_bias() {
        let mut controls = Controls { solo: 0b10, ..Controls::default() };
        controls.bias[0] = 0.5;
        let last = *latents(&[controls; 4]).last().unwrap();
        assert_eq!(last[..3], [0.5, 3.0, 0.0]);
    }

    #[test]
    fn a_macro_goes_the_models_own_way_as_far_as_it_is_turned_and_several_add_up() {
        let mut way = shape(1024);
        way.macros[0][..2].copy_from_slice(&[2.0, -1.0]);
        way.macros[7][1] = 0.5;
        let mut controls = Controls::default();
        controls.macros[0] = -0.5;
        controls.macros[7] = 1.0;
        // One that the model does not have.
        controls.macros[3] = 1.0;
        let mut made = hop(1.0);
        Steer::new(&way).apply(&mut made, &controls);
        assert_eq!(made.latent[..3], [0.0, 2.0, 1.0]);
    }

    #[test]
    fn the_octave_is_fitted_where_it_is_asked_for_and_transposed_from_there() {
        let pitch = Some(PitchRange { min_hz: 55.0, max_hz: 220.0 });
        let low = Shape { pitch, ..shape(1024) };
        for (fits_octave, f0_hz) in [(false, 440.0), (true, 220.0)] {
            let controls = Controls { fits_octave, transpose_semitones: 12.0, ..Controls::default() };
            let mut made = hop(0.0);
            Steer::new(&low).apply(&mut made, &controls);
            assert_eq!(made.f0_hz, f0_hz);
        }
    }

    #[test]
    fn what_is_softer_than_the_gate_falls_four_times_as_fast_and_the_rest_stays() {
        let gate = Controls { gate_db: -50.0, ..Controls::default() };
        for (came, goes) in [(-20.0, -20.0), (-50.0, -50.0), (-51.0, -54.0), (-60.0, -90.0)] {
            let mut made = Hop { loudness_db: came, ..hop(0.0) };
            steer().apply(&mut made, &gate);
            assert_eq!(made.loudness_db, goes);
        }
        let held = Controls { loudness: Loudness::Manual, loudness_level_db: -30.0, ..gate };
        let mut made = Hop { loudness_db: -80.0, ..hop(0.0) };
        steer().apply(&mut made, &held);
        assert_eq!(made.loudness_db, -30.0, "a loudness that is held has no gate");
    }

    #[test]
    fn the_amount_goes_from_the_neutral_latent_to_all_of_it() {
        let mut controls = Controls { amount: 0.0, random: 1.0, ..Controls::default() };
        controls.bias[3] = 2.0;
        assert_eq!(latents(&[controls; 3])[2], [0.0; MAX_DIMS]);
        controls.amount = 0.5;
        controls.random = 0.0;
        assert_eq!(latents(&[controls; 3])[2][3], 2.0);
    }

    #[test]
    fn smoothing_has_its_time_constant() {
        let slow = Controls { smoothing_s: 0.2, ..Controls::default() };
        let mut steer = steer();
        steer.apply(&mut hop(0.0), &slow);
        let hops = (0.2 / steer.hop_s).round() as usize;
        let mut made = hop(1.0);
        for _ in 0..hops {
            made = hop(1.0);
            steer.apply(&mut made, &slow);
        }
        assert!((made.latent[0] - (1.0 - (-1.0f32).exp())).abs() < 0.02, "{}", made.latent[0]);
    }

    #[test]
    fn a_narrow_range_lifts_what_is_quiet_but_not_silence() {
        for (loudness_db, range, wanted_db) in
            [(-20.0, 1.0, -20.0), (-45.0, 0.5, -35.0), (-45.0, 2.0, -65.0), (-80.0, 0.5, -80.0), (-25.0, 0.0, -25.0)]
        {
            assert_eq!(ranged(loudness_db, MIDDLE_DB, range), wanted_db, "{loudness_db} x {range}");
        }
        let falls = (0..80).map(|n| ranged(-(n as f32), MIDDLE_DB, 0.3)).collect::<Vec<_>>();
        assert!(falls.windows(2).all(|pair| pair[1] <= pair[0]));
    }

    #[test]
    fn a_side_chain_brings_its_share_and_pitch_glides_along_log_frequency() {
        let side = Hop { latent: [2.0; MAX_DIMS], loudness_db: -40.0, f0_hz: 880.0, voicing: 0.8, ..Hop::default() };
        let shares = SideChain { latent: 0.25, pitch: 0.5, loudness: 1.0 };
        let mut made = hop(0.0);
        blend_side(&mut made, &side, 4, &shares);
        assert_eq!((made.latent[3], made.latent[4], made.loudness_db), (0.5, 0.0, -40.0));
        assert!((made.f0_hz - 440.0).abs() < 1e-3 && (made.voicing - 0.9).abs() < 1e-6);
        let unvoiced = Hop { f0_hz: 0.0, voicing: 0.0, ..side };
        let mut made = hop(0.0);
        blend_side(&mut made, &unvoiced, 4, &shares);
        assert_eq!((made.f0_hz, made.voicing), (220.0, 0.5));
        let mut made = Hop { kept: 0.9, ..hop(0.0) };
        blend_side(&mut made, &unvoiced, 4, &SideChain { pitch: 1.0, ..shares });
        assert_eq!((made.voicing, made.kept), (0.0, 0.0), "a tone that is not played is not kept");
        // Neither has a pitch: what is kept is of the one whose pitch is held on to.
        let main = Hop { voicing: 0.2, kept: 0.9, ..hop(0.0) };
        let held = Hop { voicing: 0.1, kept: 0.3, ..side };
        for (side, pitch, wanted) in
            [(held, 0.4, (220.0, 0.9)), (held, 0.6, (880.0, 0.3)), (unvoiced, 0.6, (220.0, 0.9))]
        {
            let mut made = main;
            blend_side(&mut made, &side, 4, &SideChain { pitch, ..shares });
            assert_eq!((made.f0_hz, made.kept), wanted, "share {pitch}");
        }
    }
}
