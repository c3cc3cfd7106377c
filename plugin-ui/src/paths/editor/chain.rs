//! Edits of the steps that bend a path: drawing, clearing, adding, resetting, moving.

use super::super::{AxisSet, MAX_PATH_POINTS, MAX_PATH_STEPS, PathAxis, PathView, StepKind, StepView};
use super::scale;
use super::stroke::{Point, merged, simplified};

/// The last drawn line of exactly this axis whose time is still that of the path: no later step acts on whole hops.
pub fn drawn(steps: &[StepView], axis: PathAxis) -> Option<usize> {
    let is_line = |step: &StepView| {
        step.kind == StepKind::Draw && step.axes == AxisSet::one(axis) && step.range_s.is_none() && !step.is_off
    };
    let at = steps.iter().rposition(is_line)?;
    steps[at..].iter().all(|step| step.kind.is_of_axes() || step.is_off).then_some(at)
}

/// The same, if no later step acts on the axis: what is drawn there is what comes out.
fn open_line(steps: &[StepView], axis: PathAxis) -> Option<usize> {
    let at = drawn(steps, axis)?;
    steps[at + 1..].iter().all(|step| step.kind.is_of_axes() && !step.axes.has(axis)).then_some(at)
}

/// Draws a line: over the last one of the axis where they touch and nothing else came after it, else as a step of its own.
/// Returns whether there was room.
pub fn draw(steps: &mut Vec<StepView>, axis: PathAxis, line: &[Point], unit: Point, touch_s: f32) -> bool {
    let line: Vec<Point> = line.iter().map(|&[time, value]| [time.max(0.0), scale::limit(axis, value)]).collect();
    if let Some(at) = open_line(steps, axis)
        && let Some(whole) = merged(&steps[at].points, &line, touch_s)
    {
        steps[at].points = simplified(&whole, unit, MAX_PATH_POINTS).into();
        return true;
    }
    let mut step = StepView::new(StepKind::Draw, AxisSet::one(axis), None);
    step.points = line.into();
    push(steps, step)
}

/// Puts a step at the end; returns whether there was room.
pub fn push(steps: &mut Vec<StepView>, step: StepView) -> bool {
    let has_room = steps.len() < MAX_PATH_STEPS;
    if has_room {
        steps.push(step);
    }
    has_room
}

/// A step that holds axes at a value: in a range, or everywhere.
pub fn held(axes: AxisSet, value: f32, range_s: Option<[f32; 2]>, length_s: f32) -> StepView {
    let [from, to] = range_s.unwrap_or([0.0, length_s]);
    let mut step = StepView::new(StepKind::Draw, axes, None);
    step.points = vec![[from, value], [to, value]].into();
    step
}

/// Whether the same step is there, and nothing after it acts on what it acts on: it would change nothing once more.
pub fn is_heard_already(steps: &[StepView], step: &StepView) -> bool {
    let leaves =
        |later: &StepView| later.is_off || later.kind.is_of_axes() && later.axes.without(step.axes) == later.axes;
    steps.iter().rposition(|other| other == step).is_some_and(|at| steps[at + 1..].iter().all(leaves))
}

/// A step of a kind with first values that can be heard. A drawn line begins and ends where the path does.
pub fn fresh(kind: StepKind, axes: AxisSet, range_s: Option<[f32; 2]>, seed: u32, path: &PathView) -> StepView {
    let mut step = StepView::new(kind, axes, range_s);
    step.seed = seed;
    if kind == StepKind::Draw {
        let [from, to] = range_s.unwrap_or([0.0, path.length_s() as f32]);
        let axis = PathAxis::all(path.dims).find(|&axis| axes.has(axis));
        let value = |at_s: f32| {
            let hop = (f64::from(at_s) / path.hop_s.max(1e-6)) as usize;
            let values = axis.and_then(|axis| path.course(axis)).map_or(&[][..], |course| course.values());
            let value = values.get(hop.min(values.len().saturating_sub(1))).copied().unwrap_or(0.0);
            if value.is_finite() { value } else { 60.0 }
        };
        // The line says itself where it is.
        (step.range_s, step.points) = (None, vec![[from, value(from)], [to, value(to)]].into());
    }
    step
}

/// Takes axes out of all steps of axes, and steps without any away.
pub fn reset(steps: &mut Vec<StepView>, axes: AxisSet) {
    for step in steps.iter_mut().filter(|step| step.kind.is_of_axes()) {
        step.axes = step.axes.without(axes);
    }
    steps.retain(|step| !step.kind.is_of_axes() || !step.axes.is_empty());
}

/// What axes are called together, on a path of so many dimensions.
pub fn axes_name(axes: AxisSet, dims: usize) -> String {
    let all: Vec<PathAxis> = PathAxis::all(dims).filter(|&axis| axes.has(axis)).collect();
    let is_latent = |axis: &PathAxis| matches!(axis, PathAxis::Latent(_));
    let latents = all.iter().filter(|axis| is_latent(axis)).count();
    let others: Vec<String> = all.iter().filter(|axis| !is_latent(axis)).map(|&axis| scale::name(axis)).collect();
    if all.len() == dims + 3 {
        return "Everything".into();
    }
    let mut names: Vec<String> = match latents {
        count if count == dims && dims > 1 => vec!["All latents".into()],
        count if count > 4 => vec![format!("{count} latents")],
        _ => all.iter().filter(|axis| is_latent(axis)).map(|&axis| scale::name(axis)).collect(),
    };
    names.extend(others);
    if names.is_empty() { "Nothing".into() } else { names.join(", ") }
}

/// What undo calls a step, as “Bias 1”.
pub fn label(kind: StepKind, axes: AxisSet, dims: usize) -> String {
    if kind.is_of_axes() {
        format!("{} {}", kind.name(), axes_name(axes, dims).to_lowercase())
    } else {
        kind.name().into()
    }
}

/// What a step is called in the list: a line that is flat by what it holds, as “Hold 0.00 sd”.
pub fn name(step: &StepView, dims: usize) -> String {
    let value = step.points.first().map(|&[_, value]| value);
    let Some(value) = value.filter(|value| is_line_at(step, *value)) else { return step.kind.name().into() };
    let mut axes = PathAxis::all(dims).filter(|&axis| step.axes.has(axis));
    let axis = axes.next();
    let is_one_unit = step.axes.without(AxisSet::LATENT).is_empty() || axes.next().is_none();
    match axis.filter(|_| is_one_unit) {
        Some(axis) => format!("Hold {}", scale::text(axis, value).replace(".0 dB", " dB")),
        None => "Hold".into(),
    }
}

fn is_line_at(step: &StepView, value: f32) -> bool {
    step.kind == StepKind::Draw && step.points.iter().all(|point| point[1] == value)
}

/// The unit behind a step's amount: that of its axes where they have one in common.
pub fn unit(step: &StepView) -> &'static str {
    let is_within = |axes: AxisSet| step.axes.without(axes).is_empty();
    match step.kind {
        StepKind::Bias | StepKind::Random if is_within(AxisSet::LATENT) => " sd",
        StepKind::Bias | StepKind::Random if is_within(AxisSet::one(PathAxis::Loudness)) => " dB",
        StepKind::Bias | StepKind::Random if is_within(AxisSet::one(PathAxis::Pitch)) => " st",
        kind => kind.amount().map_or("", |(_, unit, _)| unit),
    }
}

/// How much a drag of one point of the screen changes a step's amount.
pub fn speed(step: &StepView) -> f32 {
    match step.kind {
        StepKind::Bias if !step.axes.without(AxisSet::LATENT).is_empty() => 0.1,
        StepKind::Random | StepKind::Smooth | StepKind::Quantise => 0.005,
        StepKind::Loop => 0.05,
        _ => 0.01,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    const ONE: PathAxis = PathAxis::Latent(0);

    fn line(from: f32, to: f32, value: f32) -> Vec<Point> {
        vec![[from, value], [to, value]]
    }

    fn is_drawn(steps: &mut Vec<StepView>, axis: PathAxis, line: &[Point]) -> bool {
        draw(steps, axis, line, [0.01, 0.01], 0.03)
    }

    #[test]
    fn strokes_that_touch_become_one_step_and_others_steps_of_their_own() {
        let mut steps = Vec::new();
        for (from, to) in [(1.0, 2.0), (2.02, 3.0), (5.0, 6.0)] {
            assert!(is_drawn(&mut steps, ONE, &line(from, to, 0.5)));
        }
        assert_eq!(steps.len(), 2);
        // What is done to another axis in between changes nothing here, what is done to this one does.
        assert!(is_drawn(&mut steps, PathAxis::Loudness, &line(0.0, 9.0, -20.0)));
        assert!(is_drawn(&mut steps, ONE, &line(5.5, 7.0, 1.0)));
        assert_eq!(steps.len(), 3);
        steps.push(StepView::new(StepKind::Smooth, AxisSet::LATENT, None));
        assert!(is_drawn(&mut steps, ONE, &line(5.5, 7.0, 1.0)));
        assert_eq!(steps.len(), 5);
        steps.push(StepView::new(StepKind::Reverse, AxisSet::one(ONE), None));
        assert_eq!(drawn(&steps, ONE), Some(4), "its points can still be moved");
        steps.push(StepView::new(StepKind::Slice, AxisSet::ALL, Some([1.0, 2.0])));
        assert_eq!(drawn(&steps, ONE), None, "its time is no longer that of the path");
    }

    #[test]
    fn a_full_chain_takes_no_more_and_values_stay_within_what_an_axis_can_have() {
        let mut steps = Vec::new();
        assert!(is_drawn(&mut steps, PathAxis::Voicing, &line(-1.0, 2.0, 7.0)));
        assert_eq!(*steps[0].points, [[0.0, 1.0], [2.0, 1.0]]);
        while push(&mut steps, StepView::new(StepKind::Reverse, AxisSet::LATENT, None)) {}
        assert_eq!(steps.len(), MAX_PATH_STEPS);
        assert!(!is_drawn(&mut steps, ONE, &line(0.0, 1.0, 0.0)));
    }

    #[test]
    fn a_reset_takes_axes_out_and_leaves_what_acts_on_whole_hops() {
        let mut steps = vec![
            StepView::new(StepKind::Bias, AxisSet::one(ONE), None),
            StepView::new(StepKind::Scale, AxisSet::LATENT, None),
            StepView::new(StepKind::Slice, AxisSet::one(ONE), Some([0.0, 1.0])),
        ];
        reset(&mut steps, AxisSet::one(ONE));
        assert_eq!(steps.iter().map(|step| step.kind).collect::<Vec<_>>(), [StepKind::Scale, StepKind::Slice]);
        assert!(!steps[0].axes.has(ONE) && steps[0].axes.has(PathAxis::Latent(1)));
        reset(&mut steps, AxisSet::LATENT);
        assert_eq!(steps.len(), 1);
    }

    #[test]
    fn a_held_axis_is_not_held_again_until_something_else_acts_on_it() {
        let (one, two) = (AxisSet::one(ONE), AxisSet::one(PathAxis::Latent(1)));
        let zero = |axes| held(axes, 0.0, None, 8.0);
        let mut steps = vec![zero(one), zero(two)];
        assert!(is_heard_already(&steps, &zero(one)) && is_heard_already(&steps, &zero(two)));
        assert!(!is_heard_already(&steps, &held(one, 0.5, None, 8.0)));
        assert!(!is_heard_already(&steps, &held(one, 0.0, Some([1.0, 2.0]), 8.0)));
        for later in [StepKind::Bias, StepKind::Loop] {
            steps.push(StepView::new(later, AxisSet::LATENT, None));
            assert!(!is_heard_already(&steps, &zero(one)), "{}", later.name());
            steps[2].is_off = true;
            assert!(is_heard_already(&steps, &zero(one)));
            steps.pop();
        }
        steps[0].is_off = true;
        assert!(!is_heard_already(&steps, &zero(one)), "it is switched off");
    }

    #[test]
    fn axes_have_a_name_together() {
        let name = |axes| axes_name(axes, 12);
        let one = AxisSet::one(ONE).with(AxisSet::one(PathAxis::Latent(2)));
        assert_eq!([name(one), name(AxisSet::LATENT), name(AxisSet::ALL)], ["1, 3", "All latents", "Everything"]);
        assert_eq!(name(AxisSet::LATENT.without(one)), "10 latents");
        assert_eq!(name(one.with(AxisSet::one(PathAxis::Pitch))), "1, 3, Pitch");
        assert_eq!(label(StepKind::Bias, AxisSet::one(ONE), 12), "Bias 1");
        assert_eq!(label(StepKind::Scale, AxisSet::LATENT, 12), "Scale all latents");
        assert_eq!(label(StepKind::Slice, AxisSet::LATENT, 12), "Slice");
    }

    #[test]
    fn a_flat_line_is_called_by_what_it_holds() {
        let named = |axes, value| name(&held(axes, value, None, 8.0), 16);
        let loudness = AxisSet::one(PathAxis::Loudness);
        assert_eq!(named(AxisSet::one(ONE), 0.0), "Hold 0.00 sd");
        assert_eq!(named(AxisSet::LATENT, -1.5), "Hold \u{2212}1.50 sd");
        assert_eq!(named(loudness, -60.0), "Hold \u{2212}60 dB");
        assert_eq!(named(loudness.with(AxisSet::one(ONE)), 0.0), "Hold");
        let mut step = held(AxisSet::one(ONE), 0.0, None, 8.0);
        step.points = vec![[0.0, 0.0], [8.0, 1.0]].into();
        assert_eq!(name(&step, 16), "Draw");
        assert_eq!(name(&StepView::new(StepKind::Bias, AxisSet::LATENT, None), 16), "Bias");
    }

    #[test]
    fn a_new_line_begins_and_ends_on_the_path() {
        let path = fake::path("One", 16, 690, 1);
        let step = fresh(StepKind::Draw, AxisSet::one(ONE), Some([1.0, 2.0]), 1, &path);
        let value = path.course(ONE).unwrap().values()[(1.0 / path.hop_s) as usize];
        assert_eq!((step.points.len(), step.points[0], step.range_s), (2, [1.0, value], None));
        assert!(fresh(StepKind::Draw, AxisSet::ALL, None, 1, &PathView::default()).points.len() == 2);
    }
}
