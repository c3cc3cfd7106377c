//! The lanes: each dimension over time, with what its lane shows and how its height is shared.

use crate::param::{BIAS, SCALE, SOLO};
use crate::trail::Trail;
use crate::{ModelView, ParamBackend, Status};

/// How much of the past a lane shows, seconds.
pub const SPAN_S: f64 = 6.0;
/// A lane shows so many standard deviations on each side of the mean: what models use. What lies beyond is drawn at the edge.
pub const HALF_RANGE_SD: f32 = 3.0;

/// What the lanes keep between frames.
#[derive(Debug, Default)]
pub struct LanesView {
    pub trail: Trail,
}

impl LanesView {
    /// Takes the frame's points; drops what was drawn of another model.
    pub fn update(&mut self, status: &Status, model: &ModelView, now_s: f64) {
        self.trail.take(status, model, SPAN_S, now_s);
    }

    /// Whether it would look different later though nothing new came: traces move out of sight.
    pub fn is_moving(&self) -> bool {
        !self.trail.is_empty()
    }
}

/// The settings of one lane, in standard deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaneSettings {
    pub bias_sd: f32,
    pub scale: f32,
    /// Neither bias nor scale changes the dimension.
    pub is_default: bool,
    /// Another dimension has solo and this one has not: it rests at its mean.
    pub is_muted: bool,
}

/// Whether any dimension has solo, so that those without it rest.
pub fn has_solo(params: &dyn ParamBackend) -> bool {
    SOLO.iter().any(|&id| params.normalised(id) >= 0.5)
}

impl LaneSettings {
    /// As the parameters are now; `has_solo` is asked for once for all lanes.
    pub fn of(dim: usize, has_solo: bool, params: &dyn ParamBackend) -> Self {
        let plain = |id| params.plain(id, params.normalised(id));
        let (bias_sd, scale) = (plain(BIAS[dim]), plain(SCALE[dim]));
        let is_default = bias_sd.abs() < 5e-3 && (scale - 1.0).abs() < 5e-3;
        let is_muted = has_solo && params.normalised(SOLO[dim]) < 0.5;
        Self { bias_sd, scale, is_default, is_muted }
    }

    /// Where one standard deviation of what the encoder gives ends up: below and above the bias.
    pub fn band_sd(&self) -> [f32; 2] {
        [self.bias_sd - self.scale.abs(), self.bias_sd + self.scale.abs()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LATENT_DIMS;
    use crate::fake::FakeParams;

    #[test]
    fn a_lane_knows_its_band_and_who_has_solo() {
        let mut params = FakeParams::default();
        let of = |dim: usize, params: &FakeParams| LaneSettings::of(dim, has_solo(params), params);
        assert!(of(3, &params).is_default && !of(3, &params).is_muted);
        params.put_plain(BIAS[3], 1.0);
        params.put_plain(SCALE[3], 0.5);
        params.put(SOLO[4], 1.0);
        let lane = of(3, &params);
        let [low, high] = lane.band_sd();
        assert!((low - 0.5).abs() < 1e-5 && (high - 1.5).abs() < 1e-5);
        assert!(!lane.is_default && lane.is_muted && !of(4, &params).is_muted);
    }

    #[test]
    fn traces_rest_when_they_are_out_of_sight_and_another_model_starts_empty() {
        let (mut view, mut model) = (LanesView::default(), ModelView::default());
        let status = Status { points: vec![[1.0; LATENT_DIMS]], input_level_db: -12.0, ..Status::default() };
        view.update(&status, &model, 1.0);
        assert!(view.is_moving());
        view.update(&Status::default(), &model, 1.0 + SPAN_S);
        assert!(!view.is_moving());
        view.update(&status, &model, 8.0);
        model.generation += 1;
        view.update(&Status::default(), &model, 8.01);
        assert!(!view.is_moving());
    }
}
