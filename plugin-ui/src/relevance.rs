//! Which of the effect's parameters have no effect at present, and why.

use crate::session::{ModelCard, Session};
use crate::{ParamBackend, ParamId, param};

/// Values of Path Play, in their order: the song, and the position by hand.
const SONG: usize = 1;
const POSITION: usize = 2;

/// What says how a path is played.
const HOW_PATHS_PLAY: [ParamId; 13] = [
    param::PATH_SLOT,
    param::PATH_AMOUNT,
    param::PATH_PLAY,
    param::PATH_LENGTH,
    param::PATH_RATE,
    param::PATH_END,
    param::PATH_START,
    param::PATH_POSITION,
    param::PATH_MORPH_SLOT,
    param::PATH_MORPH,
    param::PATH_LATENT,
    param::PATH_LOUDNESS,
    param::PATH_PITCH,
];

/// What moves the pitch that a pitched model plays.
const OF_PITCH: [ParamId; 7] = [
    param::CONSONANTS,
    param::TRANSPOSE,
    param::OCTAVE,
    param::INTONATION,
    param::INTONATION_TIME,
    param::INTONATION_SCALE,
    param::INTONATION_KEY,
];

/// Why moving a parameter would change nothing now, in a sentence for its tooltip; `None` where it would.
pub fn why_idle(id: ParamId, params: &dyn ParamBackend, session: &Session) -> Option<&'static str> {
    let is_manual = || params.normalised(param::LOUDNESS_MODE) >= 0.5;
    let is_zero = |id: ParamId| params.normalised(id) <= 0.0;
    let chosen = |id: ParamId| (params.normalised(id) * params.step_count(id).unwrap_or(1) as f32).round() as usize;
    let plays_by = || chosen(param::PATH_PLAY);
    let follows_no_pitch = || {
        let first = |card: &&ModelCard| card.name == session.first.name;
        session.models.iter().find(first).is_some_and(|card| card.stage == "general")
    };
    let has_no_target = |id: ParamId| match id {
        param::LOUDNESS_DEPTH | param::LOUDNESS_TIME => is_zero(param::LOUDNESS_TARGET),
        param::PITCH_DEPTH => is_zero(param::PITCH_TARGET),
        _ => (0..param::LFO_COUNT).any(|at| {
            let of_it = [param::LFO_DEPTH, param::LFO_SHAPE, param::LFO_RATE, param::LFO_SYNC].map(|ids| ids[at]);
            of_it.contains(&id) && is_zero(param::LFO_TARGET[at])
        }),
    };
    match id {
        _ if has_no_target(id) => Some("No effect until it moves something: choose what."),
        _ if param::LFO_RATE.iter().zip(param::LFO_SYNC).any(|(&rate, sync)| rate == id && !is_zero(sync)) => {
            Some("No effect: it keeps the song's tempo. Set Sync to Free for a rate of its own.")
        }
        _ if OF_PITCH.contains(&id) && follows_no_pitch() => {
            Some("No effect: this model shapes your sound as it is, at its own pitch.")
        }
        param::INTONATION_TIME | param::INTONATION_SCALE | param::INTONATION_KEY if is_zero(param::INTONATION) => {
            Some("No effect while Intonation is zero.")
        }
        param::INTONATION_KEY if chosen(param::INTONATION_SCALE) == 0 => {
            Some("No effect: the chromatic scale is the same in every key.")
        }
        param::INTONATION_KEY if params.normalised(param::INTONATION_SCALE) >= 1.0 => {
            Some("No effect: the notes are the MIDI keys that you hold.")
        }
        param::SIDE_LATENT | param::SIDE_PITCH | param::SIDE_LOUDNESS if session.no_side_chain.is_some() => {
            session.no_side_chain
        }
        param::CONSONANTS if is_manual() => {
            Some("No effect: the loudness is set by hand. Choose Follow to take it from the input.")
        }
        param::LOUDNESS_LEVEL if !is_manual() => {
            Some("No effect: the loudness follows the input. Choose Manual to set it.")
        }
        param::LOUDNESS_OFFSET | param::LOUDNESS_RANGE | param::GATE if is_manual() => {
            Some("No effect: the loudness is set by hand. Choose Follow to take it from the input.")
        }
        param::BLEND | param::SECOND_SOURCE if session.second.name.is_empty() => {
            Some("No effect without a second model. Choose one in the model browser with \u{201c}Blend in\u{201d}.")
        }
        param::SECOND_SOURCE if is_zero(param::BLEND) => Some("No effect while Blend is at the first model alone."),
        param::RANDOM_RATE | param::RANDOM_TAKE if is_zero(param::RANDOM_AMOUNT) => {
            Some("No effect while the drift has no depth.")
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
        _ if HOW_PATHS_PLAY.contains(&id) && is_zero(param::PATH_MODE) => {
            Some("No effect while no path is heard: set Path to Replace or Add.")
        }
        param::PATH_SLOT | param::PATH_MORPH | param::PATH_MORPH_SLOT if !is_zero(param::PLANE) => {
            Some("No effect: the plane says what is heard. Set Plane to Off for a single path.")
        }
        param::PATH_MORPH_SLOT if is_zero(param::PATH_MORPH) => Some("No effect while Morph is zero."),
        param::PATH_LENGTH if plays_by() != SONG => Some("No effect: the song does not move along the path."),
        param::PATH_POSITION if plays_by() != POSITION => Some("No effect: set Play to Position."),
        param::PATH_RATE | param::PATH_END | param::PATH_START if plays_by() == POSITION => {
            Some("No effect: Position alone says where in the path the sound is.")
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
    fn pitch_is_not_moved_where_the_model_follows_none() {
        let (params, mut session) = (FakeParams::default(), fake::session());
        let idle =
            |session: &Session| [param::TRANSPOSE, param::OCTAVE].map(|id| why_idle(id, &params, session).is_some());
        session.first.name = "cello".into();
        assert_eq!(idle(&session), [false; 2]);
        let card = session.models.iter_mut().find(|card| card.name == "cello").unwrap();
        card.stage = "general".into();
        assert_eq!(idle(&session), [true; 2]);
    }

    #[test]
    fn a_blend_needs_a_second_model() {
        let params = FakeParams::default();
        assert!(why_idle(param::BLEND, &params, &Session::default()).unwrap().contains("second model"));
        assert_eq!(why_idle(param::BLEND, &params, &fake::session()), None);
    }

    #[test]
    fn a_side_chain_that_is_not_there_moves_nothing() {
        let (params, mut session) = (FakeParams::default(), Session::default());
        let knobs = [param::SIDE_LATENT, param::SIDE_PITCH, param::SIDE_LOUDNESS];
        assert!(knobs.iter().all(|&id| why_idle(id, &params, &session).is_none()));
        session.no_side_chain = Some("No effect here.");
        assert!(knobs.iter().all(|&id| why_idle(id, &params, &session).is_some()));
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

    #[test]
    fn what_a_path_does_not_listen_to_says_so() {
        let (mut params, session) = (FakeParams::default(), Session::default());
        for id in HOW_PATHS_PLAY {
            assert!(why_idle(id, &params, &session).unwrap().contains("Replace"), "{id:?}");
        }
        assert_eq!(why_idle(param::PATH_MODE, &params, &session), None);
        params.put_plain(param::PATH_MODE, 1.0);
        assert_eq!([param::PATH_RATE, param::PATH_MORPH].map(|id| why_idle(id, &params, &session)), [None; 2]);
        assert!(why_idle(param::PATH_MORPH_SLOT, &params, &session).is_some());
        let idle = |params: &FakeParams| {
            let all = [param::PATH_LENGTH, param::PATH_POSITION, param::PATH_END];
            all.map(|id| why_idle(id, params, &session).is_some())
        };
        for (play, wanted) in [(0.0, [true, true, false]), (1.0, [false, true, false]), (2.0, [true, false, true])] {
            params.put_plain(param::PATH_PLAY, play);
            assert_eq!(idle(&params), wanted, "{play}");
        }
        params.put_plain(param::PLANE, 1.0);
        assert!(why_idle(param::PATH_MORPH, &params, &session).unwrap().contains("plane"));
    }
}
