//! The window's walk.

use plugin_ui::drums::{Walk, WalkLength};

use super::DrumsError;
use crate::hits::renderer::Renderer;
use crate::hits::walk::{Course, WalkAsk, walk as make};

/// How long it may take from its beginning to its end, seconds.
const LENGTHS_S: (f64, f64) = (0.05, 120.0);

/// How far apart its grains may be, on the plane.
const STEPS: (f32, f32) = (0.02, 1.0);

/// Of its noise.
const TAKE: u64 = 1;

/// How long a walk takes from its beginning to its end, seconds; the tempo is in beats per minute.
pub fn walk_s(walk: &Walk, tempo_bpm: f64) -> f64 {
    let length_s = match walk.length {
        WalkLength::Seconds(seconds) => f64::from(seconds),
        WalkLength::Beats(beats) => f64::from(beats) * 60.0 / tempo_bpm,
    };
    // Written so that what is no number is the least.
    if length_s > LENGTHS_S.0 { length_s.min(LENGTHS_S.1) } else { LENGTHS_S.0 }
}

/// A walk so many times from its beginning to its end, and back as often if it goes to and fro: mono, at 44.1 kHz. It rises out
/// of silence and falls into it. Blocks for some milliseconds a second, allocates.
///
/// # Errors
/// When there is no walk, the model fails, or the walk is silent.
pub fn render_walk(
    renderer: &mut Renderer,
    walk: &Walk,
    tempo_bpm: f64,
    rounds: usize,
) -> Result<Vec<f32>, DrumsError> {
    let ask = asked(walk, tempo_bpm, rounds).ok_or(DrumsError::NoWalk)?;
    let frames = make(renderer.model_mut(), &ask)?.frames;
    if frames.is_empty() { Err(DrumsError::Silent) } else { Ok(frames) }
}

/// What a walk asks for; `None` where there is none.
fn asked(walk: &Walk, tempo_bpm: f64, rounds: usize) -> Option<WalkAsk> {
    let points = walk.course();
    let is_way = points.len() > 1;
    let course = Course::Plane(points);
    (is_way && course.length().is_finite()).then_some(WalkAsk {
        course,
        class: walk.class,
        pitch_st: 0.0,
        length_s: walk_s(walk, tempo_bpm),
        step: if walk.step > STEPS.0 { walk.step.min(STEPS.1) } else { STEPS.0 },
        jitter: 0.0,
        take: TAKE,
        is_pendulum: walk.is_pendulum,
        rounds,
    })
}

#[cfg(test)]
mod tests {
    use plugin_ui::drums::WalkKind;

    use super::*;

    fn line(step: f32) -> Walk {
        Walk { kind: WalkKind::Line, points: vec![[0.0, 1.0], [2.0, 1.0]], step, ..Walk::default() }
    }

    #[test]
    fn a_walk_goes_its_way_in_steps_that_are_held() {
        let pendulum = Walk { is_pendulum: true, class: 1, length: WalkLength::Beats(4.0), ..line(0.5) };
        let ask = asked(&pendulum, 120.0, 3).unwrap();
        assert_eq!(ask.course, Course::Plane(vec![[0.0, 1.0], [2.0, 1.0]]));
        assert_eq!((ask.class, ask.step, ask.whole_s()), (1, 0.5, 12.0));
        for (step, held) in [(f32::NAN, STEPS.0), (0.0, STEPS.0), (9.0, STEPS.1)] {
            assert_eq!(asked(&line(step), 120.0, 1).unwrap().step, held);
        }
    }

    #[test]
    fn there_is_no_walk_where_there_is_no_way() {
        for points in [vec![], vec![[0.0; 2]], vec![[f32::MAX, 0.0], [-f32::MAX, 0.0]]] {
            assert!(asked(&Walk { points, ..line(0.1) }, 120.0, 1).is_none());
        }
    }

    #[test]
    fn a_length_in_beats_follows_the_tempo_and_absurd_ones_are_held() {
        let of = |length| walk_s(&Walk { length, ..line(0.1) }, 90.0);
        assert_eq!([of(WalkLength::Beats(3.0)), of(WalkLength::Seconds(1.5))], [2.0, 1.5]);
        assert_eq!([of(WalkLength::Beats(f32::NAN)), of(WalkLength::Seconds(1e30))], [0.05, 120.0]);
        assert_eq!(walk_s(&line(0.1), 0.0), 120.0);
    }
}
