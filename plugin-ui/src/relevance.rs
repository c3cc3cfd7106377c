//! Which of the effect's parameters have no effect at present, and why.

use crate::session::Session;
use crate::{ParamBackend, ParamId, param};

/// Why moving a parameter would change nothing now, in a sentence for its tooltip; `None` where it would.
pub fn why_idle(id: ParamId, params: &dyn ParamBackend, session: &Session) -> Option<&'static str> {
    let is_manual = || params.normalised(param::LOUDNESS_MODE) >= 0.5;
    let is_zero = |id: ParamId| params.normalised(id) <= 0.0;
    match id {
        param::LOUDNESS_LEVEL if !is_manual() => {
            Some("No effect: the loudness follows the input. Choose Manual to set it.")
        }
        param::LOUDNESS_OFFSET | param::LOUDNESS_RANGE if is_manual() => {
            Some("No effect: the loudness is set by hand. Choose Follow to take it from the input.")
        }
        param::BLEND | param::SECOND_SOURCE if session.second.name.is_empty() => {
            Some("No effect without a second model. Choose one in the model browser with \u{201c}Blend in\u{201d}.")
        }
        param::SECOND_SOURCE if is_zero(param::BLEND) => Some("No effect while Blend is at the first model alone."),
        param::RANDOM_RATE | param::RANDOM_TAKE if is_zero(param::RANDOM_AMOUNT) => {
            Some("No effect while Random amount is zero.")
        }
        param::FEEDBACK_DELAY if !is_zero(param::FEEDBACK_SYNC) => {
            Some("No effect: the delay follows the host's tempo. Set Sync to Off for milliseconds.")
        }
        param::FEEDBACK_FREQUENCY | param::FEEDBACK_Q | param::FEEDBACK_DELAY | param::FEEDBACK_SYNC
            if is_zero(param::FEEDBACK_AMOUNT) =>
        {
            Some("No effect while the feedback's amount is zero.")
        }
        param::PLANE_X | param::PLANE_Y | param::PLANE_WALK | param::PLANE_MPE if is_zero(param::PLANE) => {
            Some("No effect while the plane is off. Choose Lines, Discs or Terrain.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{self, FakeParams};

    #[test]
    fn loudness_has_one_half_that_acts() {
        let (mut params, session) = (FakeParams::default(), Session::default());
        assert!(why_idle(param::LOUDNESS_LEVEL, &params, &session).is_some());
        assert_eq!(why_idle(param::LOUDNESS_OFFSET, &params, &session), None);
        params.put(param::LOUDNESS_MODE, 1.0);
        assert_eq!(why_idle(param::LOUDNESS_LEVEL, &params, &session), None);
        assert!(why_idle(param::LOUDNESS_RANGE, &params, &session).is_some());
    }

    #[test]
    fn a_blend_needs_a_second_model() {
        let params = FakeParams::default();
        assert!(why_idle(param::BLEND, &params, &Session::default()).unwrap().contains("second model"));
        assert_eq!(why_idle(param::BLEND, &params, &fake::session()), None);
    }

    #[test]
    fn a_synced_delay_and_a_silent_loop_say_so() {
        let (mut params, session) = (FakeParams::default(), Session::default());
        assert!(why_idle(param::FEEDBACK_Q, &params, &session).is_some());
        params.put(param::FEEDBACK_AMOUNT, 0.5);
        assert_eq!(why_idle(param::FEEDBACK_DELAY, &params, &session), None);
        params.put(param::FEEDBACK_SYNC, 1.0);
        assert!(why_idle(param::FEEDBACK_DELAY, &params, &session).unwrap().contains("tempo"));
    }

    #[test]
    fn nothing_moves_a_place_on_a_plane_that_is_off() {
        let (mut params, session) = (FakeParams::default(), Session::default());
        let all = [param::PLANE_X, param::PLANE_Y, param::PLANE_WALK, param::PLANE_MPE];
        assert!(all.iter().all(|&id| why_idle(id, &params, &session).unwrap().contains("plane is off")));
        params.put_plain(param::PLANE, 2.0);
        assert!(all.iter().all(|&id| why_idle(id, &params, &session).is_none()));
    }
}
