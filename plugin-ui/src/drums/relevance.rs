//! Which of the drum machine's parameters have no effect at present, and why.

use super::param;
use crate::{ParamBackend, ParamId, Session};

/// As [`crate::relevance::why_idle`].
pub fn why_idle(id: ParamId, params: &dyn ParamBackend, _: &Session) -> Option<&'static str> {
    let is_least = |id: ParamId| params.normalised(id) <= 0.0;
    match id {
        param::EVOLVE_WHAT if is_least(param::EVOLVE) => Some("No effect while Evolve is off."),
        param::SENSITIVITY if is_least(param::LISTEN) => Some("No effect while Listen is off."),
        _ => {
            let (stem, track) = param::of_track(id)?;
            let is_path = !is_least(param::PATH[track]);
            match stem {
                "class_b" if is_least(param::BLEND[track]) => Some("No effect while Blend is at its first drum."),
                "variation" if is_least(param::VARY[track]) => Some("No effect while Vary is at 0."),
                "vary" if is_least(param::VARIATION[track]) => Some("No effect: there is no variation. Press Vary."),
                "morph_draw" if is_least(param::MORPH[track]) => Some("No effect while Morph is at 0."),
                "pad_x" | "pad_y" if is_path => Some("No effect while the track plays a line through grain space."),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn what_has_no_effect_says_why_and_the_rest_is_silent() {
        let mut params = fake::drums_params();
        for id in param::all() {
            params.put(id, 0.0);
        }
        let idle = |params: &fake::FakeParams| {
            param::all().filter(|&id| why_idle(id, params, &Session::default()).is_some()).count()
        };
        assert_eq!(idle(&params), 2 + 8 * 4);
        for id in param::all() {
            params.put(id, 1.0);
        }
        assert_eq!(idle(&params), 8 * 2, "a line through grain space has no pad");
    }
}
