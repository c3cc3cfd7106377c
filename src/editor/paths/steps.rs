//! A path's steps, as the window shows them and as the chain has them.

use std::sync::Arc;

use plugin_ui::paths::{AxisSet, PathAxis, StepKind, StepView};

use crate::controls::MAX_DIMS;
use crate::latent::{Axes, Axis, Chain, Operator, Step};

/// As the window shows a chain.
pub fn shown(chain: &Chain) -> Vec<StepView> {
    chain.0.iter().map(shown_step).collect()
}

/// As the chain has what the window shows.
pub fn chain(steps: &[StepView]) -> Chain {
    Chain(steps.iter().map(step).collect())
}

fn shown_step(step: &Step) -> StepView {
    let kind = match &step.operator {
        Operator::Scale { .. } => StepKind::Scale,
        Operator::Bias { .. } => StepKind::Bias,
        Operator::Random { .. } => StepKind::Random,
        Operator::Reverse => StepKind::Reverse,
        Operator::Smooth { .. } => StepKind::Smooth,
        Operator::Quantise { .. } => StepKind::Quantise,
        Operator::Envelope { .. } => StepKind::Envelope,
        Operator::Draw { .. } => StepKind::Draw,
        Operator::Slice => StepKind::Slice,
        Operator::Stretch { .. } => StepKind::Stretch,
        Operator::Loop { .. } => StepKind::Loop,
        Operator::CrossFade { .. } => StepKind::CrossFade,
    };
    let amount = match step.operator {
        Operator::Scale { by } | Operator::Bias { by } | Operator::Stretch { by } => by,
        Operator::Random { spread, .. } => spread,
        Operator::Smooth { time_s } | Operator::CrossFade { time_s } => time_s,
        Operator::Quantise { step_s } => step_s,
        Operator::Loop { times } => times as f32,
        Operator::Reverse | Operator::Envelope { .. } | Operator::Draw { .. } | Operator::Slice => 0.0,
    };
    let points: Arc<[[f32; 2]]> = match &step.operator {
        Operator::Envelope { points } | Operator::Draw { points } => {
            points.iter().map(|&(place, value)| [place, value]).collect()
        }
        _ => Arc::default(),
    };
    let seed = if let Operator::Random { seed, .. } = step.operator { seed } else { 1 };
    let axes = step.axes.iter().map(|axis| AxisSet::one(shown_axis(axis))).fold(AxisSet::default(), AxisSet::with);
    let range_s = step.range_s.map(|(from_s, to_s)| [from_s, to_s]);
    StepView { kind, amount, seed, points, axes, range_s, is_off: step.is_off }
}

fn step(view: &StepView) -> Step {
    let points = || view.points.iter().map(|&[place, value]| (place, value)).collect();
    let amount = view.amount;
    let operator = match view.kind {
        StepKind::Scale => Operator::Scale { by: amount },
        StepKind::Bias => Operator::Bias { by: amount },
        StepKind::Random => Operator::Random { spread: amount, seed: view.seed },
        StepKind::Reverse => Operator::Reverse,
        StepKind::Smooth => Operator::Smooth { time_s: amount },
        StepKind::Quantise => Operator::Quantise { step_s: amount },
        StepKind::Envelope => Operator::Envelope { points: points() },
        StepKind::Draw => Operator::Draw { points: points() },
        StepKind::Slice => Operator::Slice,
        StepKind::Stretch => Operator::Stretch { by: amount },
        StepKind::Loop => Operator::Loop { times: amount.round().max(0.0) as u32 },
        StepKind::CrossFade => Operator::CrossFade { time_s: amount },
    };
    let chosen = Axis::all(MAX_DIMS).filter(|&axis| view.axes.has(shown_axis(axis)));
    Step {
        operator,
        axes: chosen.map(Axes::one).fold(Axes::default(), Axes::with),
        range_s: view.range_s.map(|[from_s, to_s]| (from_s, to_s)),
        is_off: view.is_off,
    }
}

/// As the window calls an axis.
pub fn shown_axis(axis: Axis) -> PathAxis {
    match axis {
        Axis::Latent(dim) => PathAxis::Latent(dim),
        Axis::Loudness => PathAxis::Loudness,
        Axis::Pitch => PathAxis::Pitch,
        Axis::Voicing => PathAxis::Voicing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_comes_back_from_the_window_as_it_went_there() {
        let points = vec![(0.0, 0.5), (0.7, 1.0)];
        let operators = [
            Operator::Scale { by: -1.5 },
            Operator::Bias { by: 0.3 },
            Operator::Random { spread: 0.2, seed: 77 },
            Operator::Reverse,
            Operator::Smooth { time_s: 0.25 },
            Operator::Quantise { step_s: 0.125 },
            Operator::Envelope { points: points.clone() },
            Operator::Draw { points },
            Operator::Slice,
            Operator::Stretch { by: 1.75 },
            Operator::Loop { times: 3 },
            Operator::CrossFade { time_s: 0.4 },
        ];
        assert_eq!(operators.len(), StepKind::ALL.len());
        for (n, operator) in operators.into_iter().enumerate() {
            let axes = [Axes::LATENT, Axes::ALL, Axes::one(Axis::Latent(n)), Axes::one(Axis::Pitch)][n % 4];
            let range_s = (n % 2 == 0).then_some((0.5, 1.5));
            let whole = Chain(vec![Step { operator, axes, range_s, is_off: n % 3 == 0 }]);
            let view = shown(&whole);
            assert_eq!(view[0].kind, StepKind::ALL[n]);
            assert_eq!(chain(&view), whole);
        }
    }

    #[test]
    fn the_windows_least_and_most_amounts_are_the_operators() {
        use crate::latent::path::tests::path;
        let path = path(4000);
        for kind in StepKind::ALL {
            let Some(([low, high, _], ..)) = kind.amount() else { continue };
            for (amount, is_within) in [(low, true), (high, true), (low - 0.6, false), (high + 0.6, false)] {
                let bent = chain(&[StepView { amount, ..StepView::new(kind, AxisSet::LATENT, None) }]).apply(&path);
                // Too long a path is another matter.
                let is_refused = bent.is_err_and(|error| error.reason.contains("should be"));
                let is_too_long = matches!(kind, StepKind::Loop) && amount > 900.0;
                assert!(is_too_long || is_refused != is_within, "{} {amount}", kind.name());
            }
        }
    }
}
