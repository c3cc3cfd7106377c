//! The latent view: which part of dimensions 1 and 2 it shows, and how its point sets bias 1 and 2.

use crate::control::set_once;
use crate::param::BIAS;
use crate::trail::Trail;
use crate::{ModelView, ParamBackend, Status};

/// The view shows at least this much on each side of the mean.
const LEAST_HALF_RANGE_SD: f32 = 3.0;
/// And at most this much of a lone far point.
const MOST_HALF_RANGE_SD: f32 = 6.0;
/// Room between the furthest point and the edge.
const MARGIN: f32 = 1.1;
/// What an arrow key moves the point by.
const NUDGE_SD: f32 = 0.1;
/// Grid lines closer than this are thinned out.
const LEAST_GRID_POINTS: f32 = 34.0;

/// How standard deviations of dimensions 1 and 2 lie in a rectangle; equal on both axes, the mean in the middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mapping {
    size: [f32; 2],
    /// Screen points for one standard deviation.
    pub points_per_sd: f32,
}

impl Mapping {
    /// Fits what the model uses into a rectangle of `size` screen points.
    pub fn fit(size: [f32; 2], half_range_sd: [f32; 2]) -> Self {
        let fit = |axis: usize| size[axis].max(1.0) / (2.0 * half_range_sd[axis]);
        Self { size, points_per_sd: fit(0).min(fit(1)) }
    }

    /// Screen points from the rectangle's left top corner.
    pub fn to_screen(self, at_sd: [f32; 2]) -> [f32; 2] {
        [self.size[0] * 0.5 + at_sd[0] * self.points_per_sd, self.size[1] * 0.5 - at_sd[1] * self.points_per_sd]
    }

    /// The inverse of `to_screen`.
    pub fn to_sd(self, screen: [f32; 2]) -> [f32; 2] {
        [(screen[0] - self.size[0] * 0.5) / self.points_per_sd, (self.size[1] * 0.5 - screen[1]) / self.points_per_sd]
    }

    /// Where grid lines go on an axis, in standard deviations.
    pub fn grid_sd(&self, axis: usize) -> impl Iterator<Item = f32> + use<> {
        let step = [1, 2, 5].into_iter().find(|&step| step as f32 * self.points_per_sd >= LEAST_GRID_POINTS);
        let step = step.unwrap_or(10);
        let half = (self.size[axis] * 0.5 / self.points_per_sd) as i32 / step;
        (-half..=half).map(move |line| (line * step) as f32)
    }
}

/// What the view has to show on each side of the mean, for dimensions 1 and 2.
fn half_range_sd(model: &ModelView) -> [f32; 2] {
    [0, 1].map(|dim| {
        let ends = [model.p01[dim], model.p99[dim]];
        let furthest = ends.into_iter().chain(model.cloud.iter().map(|point| point[dim]));
        let furthest = furthest.filter(|value| value.is_finite()).fold(0.0_f32, |most, value| most.max(value.abs()));
        (furthest * MARGIN).clamp(LEAST_HALF_RANGE_SD, MOST_HALF_RANGE_SD)
    })
}

/// What the latent view keeps between frames.
#[derive(Debug, Default)]
pub struct LatentView {
    generation: Option<u64>,
    pub half_range_sd: [f32; 2],
    pub trail: Trail,
    pub bias: BiasPoint,
}

impl LatentView {
    /// Takes the frame's points; drops what was drawn of another model.
    pub fn update(&mut self, status: &Status, model: &ModelView, now_s: f64) {
        if self.generation != Some(model.generation) {
            self.generation = Some(model.generation);
            self.half_range_sd = half_range_sd(model);
            self.trail.clear();
        }
        self.trail.push(&status.points, now_s);
    }
}

/// The draggable point: bias 1 across, bias 2 up.
#[derive(Debug, Default)]
pub struct BiasPoint {
    /// While dragged, where the hand is; limited to the parameters' ranges.
    held_at_sd: Option<[f32; 2]>,
}

impl BiasPoint {
    /// Bias 1 and 2, in standard deviations.
    pub fn at_sd(params: &dyn ParamBackend) -> [f32; 2] {
        [0, 1].map(|dim| params.plain(BIAS[dim], params.normalised(BIAS[dim])))
    }

    pub fn is_held(&self) -> bool {
        self.held_at_sd.is_some()
    }

    pub fn begin(&mut self, params: &mut dyn ParamBackend) {
        self.end(params);
        params.begin(BIAS[0]);
        params.begin(BIAS[1]);
        self.held_at_sd = Some(Self::at_sd(params));
    }

    /// Moves the point by so many standard deviations.
    pub fn move_by(&mut self, change_sd: [f32; 2], params: &mut dyn ParamBackend) {
        let Some(at_sd) = &mut self.held_at_sd else { return };
        for dim in 0..2 {
            let [low, high] = [0.0, 1.0].map(|end| params.plain(BIAS[dim], end));
            let moved = (at_sd[dim] + change_sd[dim]).clamp(low.min(high), high.max(low));
            if moved != at_sd[dim] {
                at_sd[dim] = moved;
                params.set(BIAS[dim], params.normalise(BIAS[dim], moved));
            }
        }
    }

    /// Lets go, if the point is held.
    pub fn end(&mut self, params: &mut dyn ParamBackend) {
        if self.held_at_sd.take().is_some() {
            params.end(BIAS[0]);
            params.end(BIAS[1]);
        }
    }

    /// Moves by so many key presses to the right and up.
    pub fn nudge(&mut self, presses: [f32; 2], is_fine: bool, params: &mut dyn ParamBackend) {
        let step_sd = if is_fine { NUDGE_SD * crate::control::FINE } else { NUDGE_SD };
        let at_sd = Self::at_sd(params);
        for dim in 0..2 {
            if presses[dim] != 0.0 {
                let moved = params.normalise(BIAS[dim], at_sd[dim] + presses[dim] * step_sd);
                set_once(params, BIAS[dim], moved);
            }
        }
    }

    pub fn reset(&mut self, params: &mut dyn ParamBackend) {
        self.end(params);
        for id in [BIAS[0], BIAS[1]] {
            let default = params.default_normalised(id);
            set_once(params, id, default);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LATENT_DIMS;
    use crate::fake::{FakeParams, Gesture};

    #[test]
    fn mapping_goes_both_ways_and_up_is_up() {
        let mapping = Mapping::fit([620.0, 480.0], [3.0, 4.0]);
        assert_eq!(mapping.points_per_sd, 60.0);
        assert_eq!(mapping.to_screen([0.0, 0.0]), [310.0, 240.0]);
        assert!(mapping.to_screen([0.0, 1.0])[1] < 240.0);
        let there = mapping.to_sd(mapping.to_screen([1.25, -2.5]));
        assert!((there[0] - 1.25).abs() < 1e-5 && (there[1] + 2.5).abs() < 1e-5);
    }

    #[test]
    fn grid_stays_inside_and_readable() {
        let mapping = Mapping::fit([300.0, 150.0], [3.0, 3.0]);
        let lines: Vec<f32> = mapping.grid_sd(0).collect();
        assert!(lines.contains(&0.0));
        assert!(lines.windows(2).all(|pair| (pair[1] - pair[0]) * mapping.points_per_sd >= LEAST_GRID_POINTS));
        assert!(lines.iter().all(|line| line.abs() * mapping.points_per_sd <= 150.0));
    }

    #[test]
    fn range_ignores_nonsense_and_one_far_point() {
        let mut model = ModelView { p99: [4.0; LATENT_DIMS], ..ModelView::default() };
        assert_eq!(half_range_sd(&model), [4.0 * MARGIN; 2]);
        model.cloud.push([f32::NAN; LATENT_DIMS]);
        model.cloud.push([80.0; LATENT_DIMS]);
        assert_eq!(half_range_sd(&model), [MOST_HALF_RANGE_SD; 2]);
        assert_eq!(half_range_sd(&ModelView::default()), [LEAST_HALF_RANGE_SD; 2]);
    }

    #[test]
    fn another_model_starts_with_an_empty_trail() {
        let (mut view, mut model) = (LatentView::default(), ModelView::default());
        let status = Status { points: vec![[1.0; LATENT_DIMS]], ..Status::default() };
        view.update(&status, &model, 1.0);
        model.generation += 1;
        view.update(&Status::default(), &model, 1.01);
        assert!(view.trail.is_empty());
    }

    #[test]
    fn dragging_the_point_is_one_gesture_of_both_biases() {
        let (mut point, mut params) = (BiasPoint::default(), FakeParams::default());
        point.begin(&mut params);
        point.move_by([0.5, -0.25], &mut params);
        point.move_by([0.5, 0.0], &mut params);
        point.end(&mut params);
        point.end(&mut params);
        let kinds: Vec<(char, &str)> = params.gestures.iter().map(|gesture| (gesture.kind(), gesture.id().0)).collect();
        let expected = ["bias_1", "bias_2"];
        let [one, two] = expected;
        assert_eq!(kinds, [('b', one), ('b', two), ('s', one), ('s', two), ('s', one), ('e', one), ('e', two)]);
        let at_sd = BiasPoint::at_sd(&params);
        assert!((at_sd[0] - 1.0).abs() < 1e-5 && (at_sd[1] + 0.25).abs() < 1e-5, "{at_sd:?}");
    }

    #[test]
    fn the_point_stops_at_the_ranges_and_comes_back_at_once() {
        let (mut point, mut params) = (BiasPoint::default(), FakeParams::default());
        let most = params.plain(BIAS[0], 1.0);
        point.begin(&mut params);
        point.move_by([100.0, 0.0], &mut params);
        assert!((BiasPoint::at_sd(&params)[0] - most).abs() < 1e-5);
        point.move_by([-1.0, 0.0], &mut params);
        assert!((BiasPoint::at_sd(&params)[0] - (most - 1.0)).abs() < 1e-5);
    }

    #[test]
    fn double_click_resets_both() {
        let (mut point, mut params) = (BiasPoint::default(), FakeParams::default());
        point.nudge([3.0, -2.0], false, &mut params);
        assert!((BiasPoint::at_sd(&params)[0] - 0.3).abs() < 1e-5);
        params.gestures.clear();
        point.reset(&mut params);
        assert!(BiasPoint::at_sd(&params).iter().all(|bias| bias.abs() < 1e-6));
        let kinds: String = params.gestures.iter().map(Gesture::kind).collect();
        assert_eq!(kinds, "bsebse");
    }
}
