//! The latent view: which two dimensions it shows and how far, and how its point sets their biases.

use crate::pair::{Grip, Plane};
use crate::param::BIAS;
use crate::trail::Trail;
use crate::{LATENT_DIMS, ModelView, ParamBackend, ParamId, Status};

/// What the view shows on each side of the mean where nothing is known of the model.
const HALF_RANGE_SD: f32 = 3.0;
/// The least and the most that it shows.
const HALF_RANGES_SD: [f32; 2] = [1.0, 6.0];
/// Room around what holds 98 % of the training sound: for lone points, and to go beyond.
const MARGIN: f32 = 1.35;
/// A notch of the wheel makes things so much larger.
const ZOOM_PER_NOTCH: f32 = 1.2;
/// The least and the most of it.
const ZOOM: [f32; 2] = [0.5, 3.0];
/// What an arrow key moves the point by.
const NUDGE_SD: f32 = 0.1;
/// Grid lines closer than this are thinned out.
const LEAST_GRID_POINTS: f32 = 34.0;
/// How long a point of the trajectory stays visible.
pub const FADE_S: f64 = 2.0;
/// The trajectory before scale and bias is drawn where it lies at least this far from the one after.
const LEAST_CHANGE_SD: f32 = 0.02;

/// How standard deviations of two dimensions lie in a rectangle, each fitted to its side; the mean in the middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mapping {
    size: [f32; 2],
    /// Screen points for one standard deviation, across and up.
    pub points_per_sd: [f32; 2],
}

impl Mapping {
    /// Fits what the model uses into a rectangle of `size` screen points.
    pub fn fit(size: [f32; 2], half_range_sd: [f32; 2]) -> Self {
        let fit = |axis: usize| size[axis].max(1.0) / (2.0 * half_range_sd[axis]);
        Self { size, points_per_sd: [fit(0), fit(1)] }
    }

    /// Screen points from the rectangle's left top corner.
    pub fn to_screen(self, at_sd: [f32; 2]) -> [f32; 2] {
        let [across, up] = self.points_per_sd;
        [self.size[0] * 0.5 + at_sd[0] * across, self.size[1] * 0.5 - at_sd[1] * up]
    }

    /// The inverse of `to_screen`.
    pub fn to_sd(self, screen: [f32; 2]) -> [f32; 2] {
        let [across, up] = self.points_per_sd;
        [(screen[0] - self.size[0] * 0.5) / across, (self.size[1] * 0.5 - screen[1]) / up]
    }

    /// Where grid lines go on an axis, in standard deviations.
    pub fn grid_sd(&self, axis: usize) -> impl Iterator<Item = f32> + use<> {
        let points_per_sd = self.points_per_sd[axis];
        let step = [1, 2, 5].into_iter().find(|&step| step as f32 * points_per_sd >= LEAST_GRID_POINTS);
        let step = step.unwrap_or(10);
        let half = (self.size[axis] * 0.5 / points_per_sd) as i32 / step;
        (-half..=half).map(move |line| (line * step) as f32)
    }
}

/// What the view has to show on each side of the mean, for two dimensions.
fn half_range_sd(model: &ModelView, dims: [usize; 2]) -> [f32; 2] {
    dims.map(|dim| {
        let furthest = [model.p01[dim], model.p99[dim]].map(f32::abs).into_iter().fold(0.0, f32::max);
        let [least, most] = HALF_RANGES_SD;
        if furthest > 0.0 { (furthest * MARGIN).clamp(least, most) } else { HALF_RANGE_SD }
    })
}

/// The two axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// From left to right.
    Across,
    /// From below to above.
    Up,
}

/// What the latent view keeps between frames.
#[derive(Debug)]
pub struct LatentView {
    generation: Option<u64>,
    /// Dimensions offered, at least 1.
    offered: usize,
    /// Which are shown, across and up, from 0.
    dims: [usize; 2],
    half_range_sd: [f32; 2],
    /// How much larger things are drawn than where all that the model uses just fits, 1.
    pub zoom: f32,
    /// Whether the point was away from the middle since the window opened: then nobody needs to be told that it can be moved.
    pub was_moved: bool,
    pub trail: Trail,
    /// The hand on the point that sets the biases.
    pub bias: Grip<Biases>,
}

impl Default for LatentView {
    fn default() -> Self {
        Self {
            generation: None,
            offered: LATENT_DIMS,
            dims: [0, 1],
            half_range_sd: [HALF_RANGE_SD; 2],
            zoom: 1.0,
            was_moved: false,
            trail: Trail::default(),
            bias: Grip::default(),
        }
    }
}

impl LatentView {
    /// Takes the frame's points; drops what was drawn of another model.
    pub fn update(&mut self, status: &Status, model: &ModelView, now_s: f64) {
        if self.generation != Some(model.generation) {
            self.generation = Some(model.generation);
            self.offered = model.dims.clamp(1, LATENT_DIMS);
            if self.dims.iter().any(|&dim| dim >= self.offered) {
                self.dims = [0, 1.min(self.offered - 1)];
            }
            self.half_range_sd = half_range_sd(model, self.dims);
        }
        self.trail.take(status, model, FADE_S, now_s);
    }

    /// What is shown on each side of the mean.
    pub fn shown_sd(&self) -> [f32; 2] {
        self.half_range_sd.map(|half| half / self.zoom)
    }

    /// Turns the wheel: up makes things larger.
    pub fn zoom_by(&mut self, notches: f32) {
        self.zoom = (self.zoom * ZOOM_PER_NOTCH.powf(notches)).clamp(ZOOM[0], ZOOM[1]);
    }

    /// Whether it would look different later though nothing new came.
    pub fn is_moving(&self) -> bool {
        !self.trail.is_empty()
    }

    /// Dimensions that can be chosen: 0 to one less.
    pub fn offered(&self) -> usize {
        self.offered
    }

    /// The dimensions shown, across and up, from 0.
    pub fn dims(&self) -> [usize; 2] {
        self.dims
    }

    /// Shows another dimension on an axis; where the other axis has it, the two change places.
    pub fn choose(&mut self, axis: Axis, dim: usize, model: &ModelView, params: &mut dyn ParamBackend) {
        let (axis, dim) = (axis as usize, dim.min(self.offered - 1));
        if self.dims[axis] == dim {
            return;
        }
        self.bias.end(params);
        if self.dims[1 - axis] == dim {
            self.dims[1 - axis] = self.dims[axis];
        }
        self.dims[axis] = dim;
        self.half_range_sd = half_range_sd(model, self.dims);
    }

    /// The point of the training sound nearest to a place in the two dimensions shown: its index and distance.
    pub fn nearest(&self, at_sd: [f32; 2], model: &ModelView) -> Option<(usize, f32)> {
        let [across, up] = self.dims;
        let distance = |point: &[f32; LATENT_DIMS]| (point[across] - at_sd[0]).hypot(point[up] - at_sd[1]);
        let points = model.cloud.iter().map(distance).enumerate().filter(|(_, distance)| distance.is_finite());
        points.min_by(|one, two| one.1.total_cmp(&two.1))
    }

    /// Whether scale and bias move the newest point, so that the way there is worth drawing.
    pub fn is_changed(&self) -> bool {
        self.trail
            .moments()
            .any(|moment| self.dims.iter().any(|&dim| (moment.point[dim] - moment.raw[dim]).abs() >= LEAST_CHANGE_SD))
    }
}

/// The biases of two dimensions, in standard deviations: of one across, of another up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Biases(pub [usize; 2]);

impl Plane for Biases {
    fn ids(&self) -> [ParamId; 2] {
        self.0.map(|dim| BIAS[dim])
    }

    fn at(&self, params: &dyn ParamBackend) -> [f32; 2] {
        self.ids().map(|id| params.plain(id, params.normalised(id)))
    }

    fn ends(&self, axis: usize, params: &dyn ParamBackend) -> [f32; 2] {
        let [one, other] = [0.0, 1.0].map(|end| params.plain(self.ids()[axis], end));
        [one.min(other), one.max(other)]
    }

    fn normalised(&self, axis: usize, at_sd: f32, params: &dyn ParamBackend) -> f32 {
        params.normalise(self.ids()[axis], at_sd)
    }

    fn step(&self) -> [f32; 2] {
        [NUDGE_SD; 2]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeParams;

    #[test]
    fn mapping_goes_both_ways_and_up_is_up() {
        let mapping = Mapping::fit([620.0, 480.0], [3.0, 4.0]);
        assert_eq!(mapping.to_screen([0.0, 0.0]), [310.0, 240.0]);
        assert_eq!((mapping.to_screen([3.0, 4.0]), mapping.to_screen([-3.0, -4.0])), ([620.0, 0.0], [0.0, 480.0]));
        assert!(mapping.to_screen([0.0, 1.0])[1] < 240.0);
        let there = mapping.to_sd(mapping.to_screen([1.25, -2.5]));
        assert!((there[0] - 1.25).abs() < 1e-5 && (there[1] + 2.5).abs() < 1e-5);
    }

    #[test]
    fn grid_stays_inside_and_readable() {
        let mapping = Mapping::fit([300.0, 150.0], [3.0, 3.0]);
        let lines: Vec<f32> = mapping.grid_sd(0).collect();
        assert!(lines.contains(&0.0));
        assert!(lines.windows(2).all(|pair| (pair[1] - pair[0]) * mapping.points_per_sd[0] >= LEAST_GRID_POINTS));
        assert!(lines.iter().all(|line| line.abs() * mapping.points_per_sd[0] <= 150.0));
    }

    #[test]
    fn each_axis_is_fitted_to_the_training_sound_and_not_to_lone_points() {
        let mut model = ModelView::default();
        assert_eq!(half_range_sd(&model, [0, 1]), [HALF_RANGE_SD; 2]);
        (model.p99[0], model.p01[1]) = (2.0, -3.0);
        model.cloud.push([80.0; LATENT_DIMS]);
        assert_eq!(half_range_sd(&model, [0, 1]), [2.0 * MARGIN, 3.0 * MARGIN]);
        (model.p99[0], model.p01[1]) = (f32::NAN, -1e9);
        assert_eq!(half_range_sd(&model, [0, 1]), [HALF_RANGE_SD, HALF_RANGES_SD[1]]);
    }

    #[test]
    fn a_dimension_of_the_other_axis_changes_places_and_none_beyond_the_models_is_shown() {
        let (mut view, mut params) = (LatentView::default(), FakeParams::default());
        let mut model = ModelView { generation: 1, dims: 8, ..ModelView::default() };
        view.update(&Status::default(), &model, 1.0);
        view.choose(Axis::Up, 0, &model, &mut params);
        assert_eq!(view.dims(), [1, 0]);
        view.choose(Axis::Across, 15, &model, &mut params);
        assert_eq!(view.dims(), [7, 0]);
        (model.generation, model.dims) = (2, 4);
        view.update(&Status::default(), &model, 1.0);
        assert_eq!((view.dims(), view.offered()), ([0, 1], 4));
        (model.generation, model.dims) = (3, 1);
        view.update(&Status::default(), &model, 1.0);
        assert_eq!(view.dims(), [0, 0]);
    }

    #[test]
    fn the_trail_rests_when_it_has_faded() {
        let (mut view, model) = (LatentView::default(), ModelView::default());
        let status = Status { points: vec![[1.0; LATENT_DIMS]], input_level_db: -12.0, ..Status::default() };
        view.update(&status, &model, 1.0);
        assert!(view.is_moving());
        view.update(&Status::default(), &model, 60.0);
        assert!(!view.is_moving());
    }

    #[test]
    fn the_nearest_reference_is_found_in_the_dimensions_shown() {
        let mut view = LatentView { dims: [2, 5], ..LatentView::default() };
        let mut model = ModelView::default();
        assert_eq!(view.nearest([0.0; 2], &model), None);
        model.cloud = vec![[f32::NAN; LATENT_DIMS], [0.0; LATENT_DIMS], [3.0; LATENT_DIMS]];
        (model.cloud[2][2], model.cloud[2][5]) = (1.0, -1.0);
        let (index, distance) = view.nearest([1.0, -1.5], &model).unwrap();
        assert_eq!((index, distance), (2, 0.5));
        view.dims = [0, 1];
        assert_eq!(view.nearest([1.0, -1.5], &model).unwrap().0, 1);
    }
}
