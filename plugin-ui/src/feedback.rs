//! The feedback view: what the loop's band-pass lets back, the output's spectrum under it, and the handle's gestures.

use crate::pair::{Grip, Plane};
use crate::param::{FEEDBACK_AMOUNT, FEEDBACK_FREQUENCY, FEEDBACK_Q};
use crate::sound::SOUND_BANDS;
use crate::{ParamBackend, ParamId, Status};

/// The rate at which the models run, and the loop with them.
const MODEL_RATE_HZ: f32 = 44_100.0;
/// The frequencies of the plot's edges: the band-pass goes down to the lower one, the spectrum's bands begin an octave above it.
pub const LOWEST_HZ: f32 = 20.0;
pub const HIGHEST_HZ: f32 = 20_000.0;
/// Silence in the spectrum.
pub const FLOOR_DB: f32 = -90.0;
const FALL_DB_PER_S: f32 = 90.0;
const PEAK_FALL_DB_PER_S: f32 = 9.0;
/// A key press moves the handle by this much of an octave.
const NUDGE_OCTAVES: f32 = 1.0 / 12.0;
/// And by this much of the amount's range.
const NUDGE_AMOUNT: f32 = 0.01;

/// The loop's band-pass as the parameters set it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    pub centre_hz: f32,
    pub q: f32,
    /// Band-passes one after the other: 1 in the loop of a pitched model, 3 of a general one.
    pub sections: u32,
}

impl Response {
    /// As the parameters are now.
    pub fn of(params: &dyn ParamBackend, sections: u32) -> Self {
        let plain = |id| params.plain(id, params.normalised(id));
        Self { centre_hz: plain(FEEDBACK_FREQUENCY), q: plain(FEEDBACK_Q), sections: sections.max(1) }
    }

    /// Linear gain at a frequency, 1 at the centre.
    ///
    /// The magnitude of Bristow-Johnson's band-pass with 0 dB at its peak, which the engine has in `src/dsp/band_pass.rs`
    /// and `src/engine/feedback.rs`: `H = alpha (1 - z^-2) / (1 + alpha - 2 cos w0 z^-1 + (1 - alpha) z^-2)`; both
    /// sides times `z` on the unit circle leave `alpha sin w / ((cos w - cos w0) + j alpha sin w)`.
    pub fn gain(&self, hz: f32) -> f32 {
        let omega = |hz: f32| std::f32::consts::TAU * hz / MODEL_RATE_HZ;
        let centre = omega(self.centre_hz.clamp(20.0, 0.45 * MODEL_RATE_HZ));
        let alpha = centre.sin() / (2.0 * self.q.clamp(0.1, 100.0));
        let at = omega(hz.min(0.499 * MODEL_RATE_HZ));
        let passed = alpha * at.sin();
        let gain = passed.abs() / (at.cos() - centre.cos()).hypot(passed).max(1e-12);
        gain.powi(self.sections as i32)
    }

    /// Where the gain has fallen by 3 dB, below and above the centre, Hz; of the analogue prototype.
    pub fn edges_hz(&self) -> [f32; 2] {
        let each = 2f32.powf(-0.5 / self.sections as f32);
        let half = (each.powi(-2) - 1.0).sqrt() / (2.0 * self.q.max(0.1));
        let middle = half.hypot(1.0);
        [self.centre_hz * (middle - half), self.centre_hz * (middle + half)]
    }
}

/// Where a frequency lies from the left edge to the right, 0 to 1.
pub fn share_of(hz: f32) -> f32 {
    (hz / LOWEST_HZ).ln() / (HIGHEST_HZ / LOWEST_HZ).ln()
}

/// The inverse of [`share_of`].
pub fn hz_of(share: f32) -> f32 {
    LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ).powf(share)
}

/// What the feedback view keeps between frames.
#[derive(Debug)]
pub struct FeedbackView {
    /// Band-passes in the loop of the model that plays.
    pub sections: u32,
    pub spectrum_db: [f32; SOUND_BANDS],
    pub peak_db: [f32; SOUND_BANDS],
    /// By how much the guard holds the loop back, at least 0.
    pub guard_db: f32,
    /// The hand on the curve's peak.
    pub handle: Grip<Peak>,
    last_s: f64,
}

impl Default for FeedbackView {
    fn default() -> Self {
        let silent = [FLOOR_DB; SOUND_BANDS];
        Self { sections: 1, spectrum_db: silent, peak_db: silent, guard_db: 0.0, handle: Grip::default(), last_s: 0.0 }
    }
}

impl FeedbackView {
    /// Takes the stage of the model that plays, as [`crate::session::ModelCard`] has it: the loop of a general one has more
    /// band-passes, by `src/engine/lane.rs`.
    pub fn take_stage(&mut self, stage: &str) {
        self.sections = if stage == "general" { 3 } else { 1 };
    }

    /// Takes the frame's sound; spectrum and peaks fall by themselves.
    pub fn update(&mut self, status: &Status, now_s: f64) {
        let since_s = (now_s - self.last_s).clamp(0.0, 1.0) as f32;
        self.last_s = now_s;
        for level_db in &mut self.spectrum_db {
            *level_db = (*level_db - FALL_DB_PER_S * since_s).max(FLOOR_DB);
        }
        for column in &status.sound {
            for (level_db, heard_db) in self.spectrum_db.iter_mut().zip(column.output_db) {
                *level_db = level_db.max(heard_db);
            }
        }
        for (peak_db, level_db) in self.peak_db.iter_mut().zip(self.spectrum_db) {
            *peak_db = (*peak_db - PEAK_FALL_DB_PER_S * since_s).max(level_db);
        }
        self.guard_db = if status.guard_db.is_finite() { status.guard_db.abs() } else { 0.0 };
    }

    /// Whether it would look different later though nothing new came.
    pub fn is_moving(&self) -> bool {
        self.peak_db.iter().any(|&peak_db| peak_db > FLOOR_DB)
    }

    /// What the guard does, as a sentence.
    pub fn guard(&self, is_on: bool) -> String {
        match self.guard_db {
            _ if !is_on => "Idle: nothing returns.".to_owned(),
            held_db if held_db >= 0.5 => format!("The guard holds the loop back by {held_db:.0} dB."),
            _ => "Idle.".to_owned(),
        }
    }
}

/// The curve's peak, both from 0 to 1: [`share_of`] the frequency across, share of the amount's range up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peak;

impl Plane for Peak {
    fn ids(&self) -> [ParamId; 2] {
        [FEEDBACK_FREQUENCY, FEEDBACK_AMOUNT]
    }

    fn at(&self, params: &dyn ParamBackend) -> [f32; 2] {
        let [hz, amount] = self.ids().map(|id| params.plain(id, params.normalised(id)));
        [share_of(hz), amount / params.plain(FEEDBACK_AMOUNT, 1.0).max(1e-6)]
    }

    fn ends(&self, _: usize, _: &dyn ParamBackend) -> [f32; 2] {
        [0.0, 1.0]
    }

    fn normalised(&self, axis: usize, share: f32, params: &dyn ParamBackend) -> f32 {
        let plain = if axis == 0 { hz_of(share) } else { share * params.plain(FEEDBACK_AMOUNT, 1.0) };
        params.normalise(self.ids()[axis], plain)
    }

    fn step(&self) -> [f32; 2] {
        [share_of(2.0 * LOWEST_HZ) * NUDGE_OCTAVES, NUDGE_AMOUNT]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SoundColumn;

    /// Samples of the engine's filter, whose equations `src/dsp/band_pass.rs` has: the loudest of a long sine.
    fn measured(response: Response, hz: f32) -> f32 {
        let omega = std::f32::consts::TAU * response.centre_hz / MODEL_RATE_HZ;
        let alpha = omega.sin() / (2.0 * response.q);
        let (b0, a1, a2) = (alpha / (1.0 + alpha), -2.0 * omega.cos() / (1.0 + alpha), (1.0 - alpha) / (1.0 + alpha));
        let (mut s1, mut s2, mut peak) = (0.0f32, 0.0f32, 0.0f32);
        for n in 0..44_100 {
            let x = (std::f32::consts::TAU * hz * n as f32 / MODEL_RATE_HZ).sin();
            let y = b0 * x + s1;
            (s1, s2) = (s2 - a1 * y, -b0 * x - a2 * y);
            if n > 30_000 {
                peak = peak.max(y.abs());
            }
        }
        peak
    }

    #[test]
    fn the_curve_is_the_filters() {
        let response = Response { centre_hz: 1000.0, q: 4.0, sections: 1 };
        for hz in [300.0, 900.0, 1000.0, 1300.0, 6000.0] {
            let (drawn, heard) = (response.gain(hz), measured(response, hz));
            assert!((drawn - heard).abs() < 0.01, "{hz} Hz: {drawn} and {heard}");
        }
        let thrice = Response { sections: 3, ..response };
        assert!((thrice.gain(1300.0) - response.gain(1300.0).powi(3)).abs() < 1e-6);
    }

    #[test]
    fn the_edges_are_3_db_down_whatever_the_sections() {
        for sections in [1, 3] {
            let response = Response { centre_hz: 500.0, q: 2.0, sections };
            for edge_hz in response.edges_hz() {
                assert!(
                    (response.gain(edge_hz) - std::f32::consts::FRAC_1_SQRT_2).abs() < 0.01,
                    "{sections}: {edge_hz}"
                );
            }
        }
        let mut view = FeedbackView::default();
        view.take_stage("general");
        assert_eq!(view.sections, 3);
        view.take_stage("pitched");
        assert_eq!(view.sections, 1);
    }

    #[test]
    fn spectrum_and_peaks_fall_at_their_own_speed_and_rest() {
        let mut view = FeedbackView::default();
        let mut column = SoundColumn {
            at_s: 0.0,
            input_db: [-120.0; SOUND_BANDS],
            output_db: [-120.0; SOUND_BANDS],
            input_hz: None,
            output_hz: None,
            input_loudness_db: f32::NEG_INFINITY,
            output_loudness_db: f32::NEG_INFINITY,
        };
        column.output_db[7] = -30.0;
        view.update(&Status { sound: vec![column], guard_db: -6.2, ..Status::default() }, 10.0);
        assert_eq!([view.spectrum_db[7], view.peak_db[7], view.spectrum_db[8]], [-30.0, -30.0, FLOOR_DB]);
        assert_eq!(view.guard(true), "The guard holds the loop back by 6 dB.");
        assert!(view.guard(false).contains("nothing"));
        view.guard_db = 0.0;
        assert_eq!(view.guard(true), "Idle.");
        view.guard_db = 6.2;
        view.update(&Status::default(), 10.5);
        assert_eq!([view.spectrum_db[7], view.peak_db[7]], [-75.0, -34.5]);
        assert!(view.is_moving());
        for second in 11..20 {
            view.update(&Status::default(), f64::from(second));
        }
        assert!(!view.is_moving());
    }
}
