//! Grain space: the plane that is shown, and the walk that is drawn on it.

use std::sync::Arc;

use super::walk::{MAX_TURNS, MAX_WALK_POINTS, Walk, WalkKind, WalkLength};
use super::{DrumsRequest, DrumsStatus, KitView};

/// Points of a free walk are at least so far apart, as a share of the plane.
const LEAST_SHARE: f32 = 0.006;
/// Room around the grains, as a share of their range.
const MARGIN: f32 = 0.06;
/// More grains on a walk than these would be a line.
const MOST_STOPS: f32 = 1000.0;
/// Beats that a walk may take.
pub const BEATS: [f32; 8] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
/// Seconds that a walk may take.
pub const SECONDS: [f32; 2] = [0.1, 30.0];
/// How far apart grains may be.
pub const STEP: [f32; 2] = [0.02, 1.0];
/// Rounds and windings.
pub const TURNS: [f32; 2] = [0.25, MAX_TURNS];

/// The part of the plane that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub centre: [f32; 2],
    /// From the centre to the nearer edges.
    pub reach: f32,
}

impl Default for Range {
    fn default() -> Self {
        Self { centre: [0.0; 2], reach: 3.0 }
    }
}

/// What the view keeps between frames.
#[derive(Debug, Default)]
pub struct GrainsView {
    walk: Walk,
    /// The plugin's walk as it was last seen: only another one takes the place of what is drawn here.
    seen: Option<Arc<Walk>>,
    /// The way of the walk, and where its grains are on it.
    course: Vec<[f32; 2]>,
    stops: Vec<[f32; 2]>,
    /// What the next stroke draws.
    pub tool: WalkKind,
    range: Range,
    /// The middle of each kind's grains.
    middles: Vec<Option<[f32; 2]>>,
    /// The package that these are of.
    generation: Option<u64>,
    /// Whether the plane is played by keys: after a stroke, the space bar is the host's own.
    pub has_keys: bool,
    label: &'static str,
    is_drawing: bool,
    is_held: bool,
    is_dirty: bool,
}

impl GrainsView {
    /// Takes the plugin's walk, if it is another one and nothing is held.
    pub fn update(&mut self, status: &DrumsStatus, kit: &KitView) {
        if self.generation.replace(kit.generation) != Some(kit.generation) {
            (self.range, self.middles) = (range(kit), middles(kit));
        }
        if self.is_held || self.seen.as_ref().is_some_and(|seen| *seen == status.walk) {
            return;
        }
        if self.walk != *status.walk {
            self.walk = Walk::clone(&status.walk);
            self.walk.points.truncate(MAX_WALK_POINTS);
            self.tool = self.walk.kind;
            self.follow();
        }
        self.seen = Some(Arc::clone(&status.walk));
    }

    pub fn walk(&self) -> &Walk {
        &self.walk
    }

    pub fn course(&self) -> &[[f32; 2]] {
        &self.course
    }

    /// Where the walk's grains are; none where they are too many to be told apart.
    pub fn stops(&self) -> &[[f32; 2]] {
        &self.stops
    }

    /// The middle of each kind's grains; `None` of one without any.
    pub fn middles(&self) -> &[Option<[f32; 2]>] {
        &self.middles
    }

    pub fn range(&self) -> Range {
        self.range
    }

    pub fn has_walk(&self) -> bool {
        self.course.len() > 1
    }

    pub fn is_drawing(&self) -> bool {
        self.is_drawing
    }

    /// Changes the walk; `label` is what undo calls it.
    pub fn edit(&mut self, label: &'static str, change: impl FnOnce(&mut Walk)) {
        let before = self.walk.clone();
        change(&mut self.walk);
        if self.walk != before {
            (self.label, self.is_dirty) = (label, true);
            self.follow();
        }
    }

    /// Finds the way of another walk.
    fn follow(&mut self) {
        self.course = self.walk.course();
        self.stops = stops(&self.course, self.walk.step);
    }

    /// A stroke begins.
    pub fn press(&mut self, at: [f32; 2]) {
        let kind = self.tool;
        (self.is_drawing, self.is_held) = (true, true);
        self.edit("Draw Walk", |walk| (walk.kind, walk.points) = (kind, vec![at]));
    }

    /// It goes on.
    pub fn drag_to(&mut self, at: [f32; 2]) {
        if !self.is_drawing || !at.iter().all(|place| place.is_finite()) {
            return;
        }
        let least = self.range.reach * LEAST_SHARE;
        self.edit("Draw Walk", |walk| match walk.kind {
            WalkKind::Free => {
                let is_near = walk.points.last().is_some_and(|last| (at[0] - last[0]).hypot(at[1] - last[1]) < least);
                if walk.points.len() >= MAX_WALK_POINTS {
                    thin(&mut walk.points);
                }
                if !is_near {
                    walk.points.push(at);
                }
            }
            _ => {
                walk.points.truncate(1);
                walk.points.push(at);
            }
        });
    }

    /// It ends; a mere click takes the walk away.
    pub fn let_go(&mut self) {
        if std::mem::take(&mut self.is_drawing) && self.walk.points.len() < 2 {
            self.clear();
        }
    }

    pub fn clear(&mut self) {
        self.edit("Clear Walk", |walk| walk.points.clear());
    }

    /// The tool's form in the middle of the plane: for the keyboard.
    pub fn draw_form(&mut self) {
        let (Range { centre: [x, y], reach }, kind) = (self.range, self.tool);
        let reach = reach * 0.6;
        let points = match kind {
            WalkKind::Free => (0..=48)
                .map(|n| {
                    let turn = n as f32 / 48.0 * std::f32::consts::TAU;
                    [x + reach * turn.sin(), y + reach * 0.6 * (2.0 * turn).sin()]
                })
                .collect(),
            WalkKind::Line => vec![[x - reach, y], [x + reach, y]],
            WalkKind::Circle | WalkKind::Spiral => vec![[x, y], [x + reach, y]],
        };
        self.edit("Draw Walk", |walk| (walk.kind, walk.points) = (kind, points));
    }

    /// Moves the whole walk by so many hundredths of the plane.
    pub fn move_by(&mut self, by: [f32; 2]) {
        let unit = self.range.reach * 0.02;
        self.edit("Move Walk", |walk| {
            walk.points.iter_mut().for_each(|point| *point = [point[0] + by[0] * unit, point[1] + by[1] * unit]);
        });
    }

    /// Widens or narrows the walk around its middle.
    pub fn scale(&mut self, factor: f32) {
        self.edit("Scale Walk", |walk| {
            let count = walk.points.len().max(1) as f32;
            let sum = walk.points.iter().fold([0.0; 2], |sum: [f32; 2], at| [sum[0] + at[0], sum[1] + at[1]]);
            // Circles and spirals have their middle first.
            let middle = match walk.kind {
                WalkKind::Circle | WalkKind::Spiral => walk.points.first().copied().unwrap_or_default(),
                WalkKind::Free | WalkKind::Line => sum.map(|sum| sum / count),
            };
            for point in &mut walk.points {
                *point = [0, 1].map(|axis| middle[axis] + (point[axis] - middle[axis]) * factor);
            }
        });
    }

    /// Takes hold: what is changed until it is let go is one step of undo.
    pub fn hold(&mut self) {
        self.is_held = true;
    }

    /// Lets go, and tells the plugin what has changed. To be called once per frame.
    pub fn tell(&mut self, is_let_go: bool, requests: &mut Vec<DrumsRequest>) {
        let was_held = self.is_held;
        if is_let_go {
            self.is_held = false;
        }
        let (is_done, is_dirty) = (!self.is_held, std::mem::take(&mut self.is_dirty));
        if is_dirty || (was_held && is_done && !self.label.is_empty()) {
            let (walk, label) = (Arc::new(self.walk.clone()), self.label);
            requests.push(DrumsRequest::SetWalk { walk, label, is_done });
        }
        if is_done {
            self.label = "";
        }
    }
}

/// Every second point: a long stroke goes on.
fn thin(points: &mut Vec<[f32; 2]>) {
    let mut at = 0;
    points.retain(|_| {
        at += 1;
        at % 2 == 1
    });
}

/// Places on a course that are so far apart.
fn stops(course: &[[f32; 2]], step: f32) -> Vec<[f32; 2]> {
    let far = |pair: &[[f32; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    let whole: f32 = course.windows(2).map(far).sum();
    if !(step.is_finite() && step > 0.0 && whole / step < MOST_STOPS) {
        return Vec::new();
    }
    let (mut stops, mut until) = (Vec::new(), 0.0);
    for pair in course.windows(2) {
        let length = far(pair);
        while until <= length && length > 0.0 {
            let part = until / length;
            stops.push([0, 1].map(|axis| pair[0][axis] + (pair[1][axis] - pair[0][axis]) * part));
            until += step;
        }
        until -= length;
    }
    stops
}

/// The middle of each kind's grains.
fn middles(kit: &KitView) -> Vec<Option<[f32; 2]>> {
    let middle = |class: usize| {
        let own = kit.grains.iter().filter(|grain| grain.class == class && grain.at.iter().all(|at| at.is_finite()));
        let (sum, count) = own.fold(([0.0; 2], 0.0), |(sum, count): ([f32; 2], f32), grain| {
            ([sum[0] + grain.at[0], sum[1] + grain.at[1]], count + 1.0)
        });
        (count > 0.0).then(|| sum.map(|sum| sum / count))
    };
    (0..kit.classes.len()).map(middle).collect()
}

/// All grains, and some room around them.
fn range(kit: &KitView) -> Range {
    let places = || kit.grains.iter().map(|grain| grain.at).filter(|at| at.iter().all(|place| place.is_finite()));
    let ends = |axis: usize| {
        let values = places().map(|at| at[axis]);
        values.fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)])
    };
    let ends = [ends(0), ends(1)];
    let reach = ends.iter().map(|[low, high]| (high - low) * 0.5).fold(0.0_f32, f32::max);
    if !(reach.is_finite() && reach > 0.0) {
        return Range::default();
    }
    Range { centre: ends.map(|[low, high]| (low + high) * 0.5), reach: reach * (1.0 + MARGIN) }
}

/// A length in words.
pub fn length_text(length: WalkLength) -> String {
    match length {
        WalkLength::Seconds(seconds) => format!("{seconds:.1} s"),
        WalkLength::Beats(1.0) => "1 beat".to_owned(),
        WalkLength::Beats(beats) if beats < 1.0 => format!("1/{:.0} beat", 1.0 / beats.max(1e-3)),
        WalkLength::Beats(beats) => format!("{beats:.0} beats"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn a_stroke_is_told_as_it_grows_and_done_when_it_ends() {
        let mut view = GrainsView::default();
        view.update(&DrumsStatus::default(), &fake::kit());
        let mut told = Vec::new();
        view.press([0.0, 0.0]);
        for n in 1..2000 {
            view.drag_to([n as f32 * 0.1, 0.0]);
        }
        view.tell(false, &mut told);
        view.let_go();
        view.tell(true, &mut told);
        let done: Vec<bool> =
            told.iter().map(|told| matches!(told, DrumsRequest::SetWalk { is_done: true, .. })).collect();
        assert_eq!(done, [false, true]);
        let DrumsRequest::SetWalk { walk, .. } = &told[1] else { panic!() };
        assert!(walk.points.len() <= MAX_WALK_POINTS && walk.points.len() > 200);
        assert!((walk.points[walk.points.len() - 1][0] - 199.9).abs() < 0.2, "the end of the stroke is there");
    }

    #[test]
    fn every_tool_draws_its_form_without_a_pointer() {
        for kind in WalkKind::ALL {
            let mut view = GrainsView { tool: kind, ..GrainsView::default() };
            view.draw_form();
            assert!(view.has_walk() && view.walk().kind == kind);
            let before = view.course()[0];
            view.move_by([1.0, 0.0]);
            assert_ne!(view.course()[0], before);
        }
    }

    #[test]
    fn grains_are_as_far_apart_as_the_step_says_around_corners_too() {
        let corner = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
        let expected = [[0.0, 0.0], [0.75, 0.0], [1.0, 0.5]];
        assert_eq!(stops(&corner, 0.75), expected);
        assert!(stops(&corner, 0.0).is_empty() && stops(&corner, f32::NAN).is_empty() && stops(&[], 1.0).is_empty());
    }

    #[test]
    fn lengths_are_told_as_musicians_do() {
        let told = [WalkLength::Beats(0.25), WalkLength::Beats(1.0), WalkLength::Beats(8.0), WalkLength::Seconds(2.5)];
        assert_eq!(told.map(length_text), ["1/4 beat", "1 beat", "8 beats", "2.5 s"]);
    }
}
