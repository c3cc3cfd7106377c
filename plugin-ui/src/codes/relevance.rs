//! Which of the instrument's parameters have no effect at present, and why.

use super::param;
use crate::{ParamBackend, ParamId, Session};

/// As [`crate::relevance::why_idle`].
pub fn why_idle(id: ParamId, params: &dyn ParamBackend, session: &Session) -> Option<&'static str> {
    let is_first = |id: ParamId| params.normalised(id) <= 0.0;
    match id {
        param::SMOOTHNESS if is_first(param::CHOICE) => {
            Some("No effect: each hop takes the nearest code. Choose Path for a smoother way.")
        }
        param::MPE_BEND_RANGE if is_first(param::MPE) => Some("No effect while MPE is off."),
        param::LFO_RATE if !is_first(param::LFO_SYNC) => {
            Some("No effect: the LFO follows the host's tempo. Set its sync to Free for Hz.")
        }
        param::CURVE_RATE if !is_first(param::CURVE_SYNC) => {
            Some("No effect: the curve follows the host's tempo. Set its sync to Free for Hz.")
        }
        _ => {
            let (stem, number) = id.0.rsplit_once('_')?;
            let target = number.parse::<usize>().ok()?.checked_sub(1).filter(|&target| target < super::TARGETS)?;
            if stem == "from_side" && session.no_side_chain.is_some() {
                return session.no_side_chain;
            }
            let is_amount = stem == "base" || stem.starts_with("from_");
            (is_amount && is_first(param::WEIGHT[target])).then_some("No effect while this target's weight is zero.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn what_has_no_effect_says_why_and_the_rest_is_silent() {
        let mut params = fake::codes_params();
        let idle = |params: &fake::FakeParams| -> Vec<&str> {
            param::all().filter(|&id| why_idle(id, params, &Session::default()).is_some()).map(|id| id.0).collect()
        };
        // The curve follows the tempo; the second and third target have no weight.
        let idle_at_first = idle(&params);
        let expected = ["smoothness", "mpe_bend_range", "curve_rate", "base_2", "base_3", "from_velocity_2"];
        assert_eq!(idle_at_first[..expected.len()], expected);
        assert_eq!(idle_at_first.len(), 3 + 2 * 10);
        for id in [param::CHOICE, param::MPE, param::WEIGHT[1], param::WEIGHT[2]] {
            params.put(id, 1.0);
        }
        params.put(param::CURVE_SYNC, 0.0);
        params.put(param::LFO_SYNC, 1.0);
        assert_eq!(idle(&params), ["lfo_rate"]);
        let session = Session { no_side_chain: Some("No effect here."), ..Session::default() };
        let side = |target: usize| why_idle(param::FROM_SIDE[target], &params, &session);
        assert_eq!([0, 1, 2].map(side), [Some("No effect here."); 3]);
    }
}
