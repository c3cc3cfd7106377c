//! What is moved by oscillators and followers, and how far.

use crate::param::{LFO_TARGET, LOUDNESS_TARGET, MACRO, MACRO_COUNT, PITCH_TARGET, ROUTES};
use crate::{ModelView, ParamBackend, ParamId, dimension};

/// Whether a parameter chooses what is moved: nothing, a macro or a dimension.
pub fn is_target(id: ParamId) -> bool {
    LFO_TARGET.contains(&id) || id == LOUDNESS_TARGET || id == PITCH_TARGET
}

/// What one of its options is called with this model, from 0; `None` where the host's own word is right.
pub fn option(index: usize, model: &ModelView) -> Option<String> {
    index.checked_sub(1 + MACRO_COUNT).map(|dim| dimension::name(model, dim))
}

/// The heading above an option.
pub fn heading(index: usize) -> Option<&'static str> {
    match index {
        1 => Some("Macros"),
        _ if index == 1 + MACRO_COUNT => Some("Dimensions"),
        _ => None,
    }
}

/// Whether the model has that option.
pub fn has_option(index: usize, model: &ModelView) -> bool {
    match index {
        0 => true,
        at if at <= MACRO_COUNT => model.has_macro[at - 1],
        at => at - 1 - MACRO_COUNT < model.dims,
    }
}

/// Whether what is moved is something that the model does not have: a project keeps it for a model that has.
pub fn lacks(id: ParamId, params: &dyn ParamBackend, model: &ModelView) -> bool {
    let last = params.step_count(id).unwrap_or(1);
    is_target(id) && !has_option((params.normalised(id) * last as f32).round() as usize, model)
}

/// How far a macro's knob is moved to each side at most, of its whole range; 0 where it stands still.
pub fn reach(id: ParamId, params: &dyn ParamBackend) -> f32 {
    let Some(at) = MACRO.iter().position(|&each| each == id) else { return 0.0 };
    let moves = |target: ParamId| {
        let last = params.step_count(target).unwrap_or(1);
        (params.normalised(target) * last as f32).round() as usize == at + 1
    };
    // A depth of all of it, either way, is at an end of its range; the knob goes to both sides of its middle.
    let deep = |depth: ParamId| (params.normalised(depth) - 0.5).abs();
    ROUTES.iter().filter(|[target, _]| moves(*target)).map(|[_, depth]| deep(*depth)).sum::<f32>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{self, FakeParams};
    use crate::param::{LFO_DEPTH, PITCH_DEPTH};

    #[test]
    fn a_macro_is_moved_by_all_that_choose_it_and_by_nothing_else() {
        let mut params = FakeParams::default();
        assert_eq!(reach(MACRO[4], &params), 0.0);
        params.put(LFO_TARGET[1], 5.0 / 24.0);
        params.put(LFO_DEPTH[1], 0.25);
        assert!((reach(MACRO[4], &params) - 0.25).abs() < 1e-6);
        params.put(PITCH_TARGET, 5.0 / 24.0);
        params.put(PITCH_DEPTH, 1.0);
        assert!((reach(MACRO[4], &params) - 0.75).abs() < 1e-6);
        assert_eq!(reach(MACRO[3], &params), 0.0);
        assert_eq!(reach(LFO_DEPTH[1], &params), 0.0);
    }

    #[test]
    fn what_can_be_moved_is_what_the_model_has_by_its_own_names() {
        let model = ModelView { dims: 8, ..fake::model() };
        let there: Vec<usize> = (0..25).filter(|&at| has_option(at, &model)).collect();
        assert_eq!(there, [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        assert_eq!(option(9, &model), Some(dimension::name(&model, 0)));
        assert_eq!(option(8, &model), None);
    }

    #[test]
    fn what_another_model_had_is_kept_and_known_to_be_missing() {
        let mut params = FakeParams::default();
        let model = ModelView { dims: 8, ..fake::model() };
        // Warm, which it has not, and the eighth dimension and the ninth.
        for (option, is_missing) in [(0, false), (1, false), (6, true), (16, false), (17, true)] {
            params.put(LFO_TARGET[0], option as f32 / 24.0);
            assert_eq!(lacks(LFO_TARGET[0], &params, &model), is_missing, "{option}");
        }
        assert!(!lacks(LFO_DEPTH[0], &params, &model), "no choice of what is moved");
    }
}
