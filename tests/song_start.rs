//! Where a song begins to roll: what is rendered is the song's business alone, not that of the silence before it, and not of
//! where the host rolls in from; and nobody who plays hears a cut.

mod common;

use common::rig::{self, Rig, always_play, sound};
use timbreloom::controls::Controls;
use timbreloom::latency::{Margin, StreamFormat};
use timbreloom::rt::EffectSettings;

const RATE_HZ: f64 = 44_100.0;
const BLOCK: usize = 512;
const FRAMES: usize = 66_150;

fn format() -> StreamFormat {
    StreamFormat { margin: Margin::Safe, ..rig::format(RATE_HZ, BLOCK) }
}

fn cello() -> Rig {
    Rig::of_models(format(), "cello", None)
}

/// Nothing but the position; with a loop and a walk, nothing that was heard is ever forgotten.
fn settings(song_frame: Option<i64>, remembers: bool) -> EffectSettings {
    let song_s = song_frame.map(|frame| frame as f64 / RATE_HZ);
    let mut controls = Controls { song_s, ..Controls::default() };
    if remembers {
        (controls.feedback_gain, controls.random, controls.random_hz) = (0.6, 1.0, 3.0);
    }
    EffectSettings { controls, ..EffectSettings::default() }
}

/// Silence while the song stands, silence that it rolls in through, and a sound at the song's frame 0. What comes out for that,
/// the latency off.
fn render(rig: &mut Rig, standing: usize, roll_in: usize, remembers: bool) -> Vec<f32> {
    let before = standing + roll_in;
    let input = [vec![0.0; before], sound(FRAMES, RATE_HZ)].concat();
    // Blocks as they come: the host's grid is not the song's.
    let mut out = rig.bounce(&input, &[], |at| {
        let frame = at as i64 - before as i64;
        settings((at >= standing).then_some(frame), remembers)
    });
    out.split_off(before)
}

fn first_difference(a: &[f32], b: &[f32]) -> Option<usize> {
    assert!(b.iter().any(|sample| sample.abs() > 0.01), "there is something to compare");
    a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits())
}

#[test]
fn a_render_does_not_depend_on_how_long_the_song_stood_before() {
    let rendered = |blocks: usize| render(&mut cello(), blocks * BLOCK, 3840, true);
    let expected = rendered(0);
    for blocks in [1, 3, 92] {
        assert_eq!(first_difference(&rendered(blocks), &expected), None, "after {blocks} blocks");
    }
}

#[test]
fn a_render_that_is_not_announced_does_not_either() {
    let expected = render(&mut cello(), 0, 3840, true);
    let mut rig = cello();
    rig.restart(false);
    let out = render(&mut rig, 92 * BLOCK, 3840, true);
    assert_eq!(first_difference(&out, &expected), None);
}

#[test]
fn a_render_does_not_depend_on_where_within_a_hop_it_rolls_in() {
    let rendered = |roll_in| render(&mut cello(), 0, roll_in, true);
    let expected = rendered(3840);
    for roll_in in [3824, 3800, 3585] {
        assert_eq!(first_difference(&rendered(roll_in), &expected), None, "{roll_in} frames before");
    }
}

#[test]
fn what_is_played_from_a_stop_in_silence_is_what_is_rendered() {
    let expected = render(&mut cello(), 0, BLOCK, false);
    let standing = 176 * BLOCK;
    let input = [vec![0.0; standing + BLOCK], sound(FRAMES, RATE_HZ)].concat();
    // Again while the machine was too busy for it.
    let played = (0..10).find_map(|_| {
        cello().play_live(RATE_HZ, &input, &[], |at| {
            settings((at >= standing).then_some(at as i64 - (standing + BLOCK) as i64), false)
        })
    });
    let played = played.expect("in one of ten runs nothing comes late").split_off(standing + BLOCK);
    assert_eq!(first_difference(&played, &expected), None);
}

#[test]
fn nobody_who_plays_hears_the_song_begin_to_roll() {
    let input = sound(3 * FRAMES, RATE_HZ);
    let played = (0..10).find_map(|_| {
        let begins = 129 * BLOCK;
        Rig::new(format(), always_play())
            .play_live(RATE_HZ, &input, &[], |at| settings((at >= begins).then_some(at as i64 + 77), false))
    });
    let played = played.expect("in one of ten runs nothing comes late");
    assert_eq!(first_difference(&played[..input.len()], &input), None, "the sound goes on, of echoes");
}

#[test]
fn a_render_that_is_not_announced_cuts_no_sound_when_the_song_begins_to_roll() {
    let input = sound(3 * FRAMES, RATE_HZ);
    let begins = 129 * BLOCK;
    let mut rig = Rig::new(format(), always_play());
    rig.restart(false);
    let out = rig.bounce(&input, &[], |at| settings((at >= begins).then_some(at as i64 + 77), false));
    assert_eq!(first_difference(&out[..input.len()], &input), None, "the sound goes on, of echoes");
}

#[test]
fn a_frozen_timbre_outlasts_a_stop_in_silence() {
    let (note, stop) = (sound(44 * BLOCK, RATE_HZ), vec![0.0; 176 * BLOCK]);
    let (begins, input) = (note.len() + stop.len(), [&note[..], &stop, &note].concat());
    let played = |rolls: bool| {
        let frozen = |at: usize| {
            let mut settings = settings((rolls && at >= begins).then_some(at as i64 + 77), false);
            settings.controls.freeze = at >= note.len() / 2;
            settings
        };
        let played = (0..10).find_map(|_| cello().play_live(RATE_HZ, &input, &[], frozen));
        played.expect("in one of ten runs nothing comes late")
    };
    assert_eq!(first_difference(&played(true), &played(false)), None);
}
