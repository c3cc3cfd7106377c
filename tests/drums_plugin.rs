//! Timbreloom Drums as CLAP hosts see it, with the small grain model of the fixtures.
//!
//! Needs the bundle: `cargo xtask test` makes it and runs this.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[path = "common/helper.rs"]
mod helper;

use std::fs;
use std::iter::repeat;
use std::path::Path;

use common::plugin::{DRUMS, activate, content, instance, load_with, offline, set, ticking};
use common::sounds::peak;
use serde_json::{Value, json};
use test_host::{Event, Instance, Note, Pace, Take};

const LARGEST: usize = 4096;

/// Frames of a beat in the host's song.
const BEAT: usize = 24_000;

/// No hit of the fixtures is longer, frames.
const HIT: usize = 4_500;

/// One that bounces, with settings as a musician types them and patterns as presets have them.
fn machine(texts: &[(&str, &str)], patterns: Value) -> Instance {
    let mut plugin = offline(DRUMS);
    load_with(&mut plugin, &ticking());
    load_with(&mut plugin, &[("patterns", patterns)]);
    set(&mut plugin, texts);
    assert_eq!(activate(&mut plugin, LARGEST), 0);
    plugin
}

/// Plays from the song's beginning, or with a song that stands still.
fn play(plugin: &mut Instance, (frames, block): (usize, usize), song: bool, events: &[Event]) -> Vec<Vec<f32>> {
    let take =
        Take { alone_frames: Some(frames), events, song_s: song.then_some(0.0), more_outputs: 0, ..Take::default() };
    plugin.play(&take, &mut repeat(block), Pace::Hurry).unwrap()
}

/// Where hits begin: where there is sound after silence.
fn onsets(sound: &[f32]) -> Vec<usize> {
    let is_onset = |&n: &usize| sound[n] != 0.0 && sound[n.saturating_sub(500)..n].iter().all(|sample| *sample == 0.0);
    (0..sound.len()).filter(is_onset).collect()
}

fn is_near(found: &[usize], wanted: &[usize]) -> bool {
    found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| (*wanted..wanted + 8).contains(found))
}

/// The first track on each beat, the second one on the third of them.
fn beats() -> Value {
    json!({"1": [{"steps": "9...5...9...5..."}, {"steps": "........9......."}]})
}

#[test]
fn keys_strike_the_track_that_is_their_drum_as_hard_as_they_are_pressed() {
    let mut plugin = machine(&[("Track 2 Level", "-60 dB")], json!({}));
    let mut struck = |key, velocity| {
        let sound = play(&mut plugin, (BEAT, 512), false, &[Event::note_on(1000, 0, key, velocity)]).swap_remove(0);
        assert!(sound[..1000].iter().all(|sample| *sample == 0.0));
        peak(&sound)
    };
    let (hard, soft, hat) = (struck(36, 127), struck(36, 50), struck(42, 127));
    assert!(hard > 0.3 && soft < 0.5 * hard && soft > 0.0, "{hard} {soft}");
    assert!(hat < 0.01 && hat > 0.0, "the second track is the hat, and is soft: {hat}");
    assert_eq!(struck(0, 127), 0.0);
    assert_eq!(struck(51, 127), 0.0, "no track is a ride");
}

#[test]
fn a_pattern_plays_on_its_frames_with_the_same_samples_in_blocks_of_any_size() {
    let mut plugin = machine(&[], beats());
    let frames = 4 * BEAT;
    let sounds = [32, 97, 512].map(|block| {
        plugin.reset().unwrap();
        play(&mut plugin, (frames, block), true, &[])
    });
    assert!(is_near(&onsets(&sounds[0][0]), &[0, BEAT, 2 * BEAT, 3 * BEAT]), "{:?}", onsets(&sounds[0][0]));
    assert!(peak(&sounds[0][0][BEAT..BEAT + HIT]) < 0.6 * peak(&sounds[0][0][..HIT]), "a digit is a velocity");
    for sound in &sounds[1..] {
        assert!(*sound == sounds[0]);
    }
    plugin.reset().unwrap();
    assert_eq!(peak(&play(&mut plugin, (frames, 512), false, &[])[0]), 0.0, "the song stands still");
}

#[test]
fn a_live_host_hears_what_it_bounces() {
    let mut bounced = machine(&[("Evolve", "Beat")], beats());
    let expected = play(&mut bounced, (2 * BEAT, 480), true, &[]);
    let mut live = instance(DRUMS);
    live.load_state(&bounced.save_state().unwrap()).unwrap();
    activate(&mut live, LARGEST);
    let take = Take { alone_frames: Some(2 * BEAT), song_s: Some(0.0), ..Take::default() };
    let heard = live.play(&take, &mut repeat(480), Pace::RealTime).unwrap();
    assert!(heard == expected);
    let [first, second] = [0, BEAT].map(|at| expected[0][at..at + 64].to_vec());
    assert!(first.iter().zip(&second).any(|(a, b)| (a - b).abs() > 1e-3), "hits evolve");
}

#[test]
fn a_host_that_renders_without_saying_so_gets_every_hit() {
    let mut bounced = machine(&[("Evolve", "Step")], beats());
    let every = json!({"1": [{"steps": "9999999999999999"}, {"steps": "9999999999999999"}]});
    load_with(&mut bounced, &[("patterns", every)]);
    let expected = play(&mut bounced, (8 * BEAT, 480), true, &[]);
    let mut hurried = instance(DRUMS);
    hurried.load_state(&bounced.save_state().unwrap()).unwrap();
    activate(&mut hurried, LARGEST);
    assert!(play(&mut hurried, (8 * BEAT, 480), true, &[]) == expected);
}

#[test]
fn a_key_chooses_a_pattern_at_once_until_the_song_stops() {
    let patterns = json!({"1": [{"steps": "9..............."}], "3": [{"steps": "....9......."}]});
    let mut plugin = machine(&[], patterns);
    let third = [Event::note_on(BEAT / 2, 0, 26, 100)];
    let sound = play(&mut plugin, (2 * BEAT, 512), true, &third).swap_remove(0);
    assert!(is_near(&onsets(&sound), &[0, BEAT]), "{:?}", onsets(&sound));
    play(&mut plugin, (512, 512), false, &[]);
    let sound = play(&mut plugin, (2 * BEAT, 512), true, &[]).swap_remove(0);
    assert!(is_near(&onsets(&sound), &[0]), "{:?}", onsets(&sound));
}

#[test]
fn each_track_has_an_output_of_its_own_in_a_layout_for_that() {
    let mut plugin = offline(DRUMS);
    load_with(&mut plugin, &ticking());
    load_with(&mut plugin, &[("patterns", beats())]);
    plugin.set_layout("Output for each track").unwrap();
    activate(&mut plugin, LARGEST);
    let take = Take { alone_frames: Some(4 * BEAT), song_s: Some(0.0), more_outputs: 7, ..Take::default() };
    let sound = plugin.play(&take, &mut repeat(512), Pace::Hurry).unwrap();
    assert!(is_near(&onsets(&sound[0]), &[0, BEAT, 2 * BEAT, 3 * BEAT]));
    assert!(is_near(&onsets(&sound[2]), &[2 * BEAT]) && is_near(&onsets(&sound[3]), &[2 * BEAT]));
    assert!(sound[4..].iter().all(|channel| peak(channel) == 0.0));
    let mut mixed = machine(&[], beats());
    let mix = play(&mut mixed, (4 * BEAT, 512), true, &[]);
    assert!(mix[0].iter().zip(sound[0].iter().zip(&sound[2])).all(|(mix, (one, two))| (mix - one - two).abs() < 1e-6));
}

#[test]
fn the_host_gets_what_patterns_play_as_notes_and_not_what_keys_strike() {
    let mut plugin = machine(&[], beats());
    for block in [97, 512] {
        plugin.reset().unwrap();
        play(&mut plugin, (3 * BEAT, block), true, &[Event::note_on(100, 0, 42, 127)]);
        let notes = plugin.take_notes();
        let begins: Vec<(usize, u16)> =
            notes.iter().filter(|note| note.velocity.is_some()).map(|note| (note.frame, note.key)).collect();
        assert_eq!(begins.len(), 4, "{notes:?}");
        for ((frame, key), (at, wanted)) in begins.iter().zip([(0, 36), (BEAT, 36), (2 * BEAT, 36), (2 * BEAT, 42)]) {
            assert!((at..at + 2).contains(frame) && *key == wanted, "{notes:?}");
        }
        let hard = notes.iter().find_map(|note| note.velocity).unwrap();
        assert!((hard - 1.0).abs() < 1e-6);
        let ends: Vec<&Note> = notes.iter().filter(|note| note.velocity.is_none()).collect();
        assert_eq!(ends.len(), 4);
        assert!(ends.iter().zip(&begins).all(|(end, (frame, key))| end.frame == frame + 1440 && end.key == *key));
    }
}

#[test]
fn a_machine_that_always_runs_needs_no_song_and_a_track_that_is_muted_is_left_out() {
    let mut plugin = machine(&[("Run", "Always"), ("Track 1 Mute", "On")], beats());
    let sound = play(&mut plugin, (4 * BEAT, 512), false, &[]).swap_remove(0);
    assert!(is_near(&onsets(&sound), &[2 * BEAT]), "{:?}", onsets(&sound));
}

/// Of the first track on the left and the second one on the right, in a layout with a side-chain; it listens, if at all.
fn listening(texts: &[(&str, &str)], layout: &str) -> Instance {
    let mut plugin = offline(DRUMS);
    load_with(&mut plugin, &ticking());
    set(&mut plugin, &[("Track 1 Pan", "-100"), ("Track 2 Pan", "100")]);
    // These would sound like the second one: the model has but two kinds of hits.
    (3..=8).for_each(|track| plugin.set_by_text(&format!("Track {track} Mute"), "On").unwrap());
    set(&mut plugin, texts);
    plugin.set_layout(layout).unwrap();
    activate(&mut plugin, LARGEST);
    plugin
}

/// Knocks like the first track's hit and like the second one's, at these frames and levels, on one side of the side-chain.
fn knocks(at: &[(usize, u8, f32)], frames: usize) -> Vec<Vec<f32>> {
    let mut plugin = machine(&[], json!({}));
    let mut side = vec![0.0; frames];
    for &(frame, key, level) in at {
        let hit = play(&mut plugin, (HIT, 512), false, &[Event::note_on(0, 0, key, 127)]).swap_remove(0);
        side[frame..].iter_mut().zip(&hit).for_each(|(sample, own)| *sample += level * own);
    }
    vec![side, vec![0.0; frames]]
}

fn answered(plugin: &mut Instance, side: &[Vec<f32>], block: usize, more_outputs: usize) -> Vec<Vec<f32>> {
    plugin.reset().unwrap();
    let take = Take { side, alone_frames: Some(side[0].len()), more_outputs, ..Take::default() };
    plugin.play(&take, &mut repeat(block), Pace::Hurry).unwrap()
}

#[test]
fn knocks_at_the_side_chain_strike_the_track_that_sounds_like_them_as_hard_as_they_are() {
    let at = [(2000, 36, 1.0), (12_001, 42, 1.0), (22_000, 42, 0.2), (33_333, 36, 0.2)];
    let side = knocks(&at, 2 * BEAT);
    let mut plugin = listening(&[("Listen", "On")], "Stereo with side-chain");
    let [small, large] = [64, 480].map(|block| answered(&mut plugin, &side, block, 0));
    assert!(small == large);
    // A stroke is known 24 ms after it has risen.
    let near = |found: usize, frame: usize| (frame + 1152..frame + 1152 + 100).contains(&found);
    for (channel, frames) in small.iter().zip([[2000, 33_333], [12_001, 22_000]]) {
        let found = onsets(channel);
        assert!(found.len() == 2 && near(found[0], frames[0]) && near(found[1], frames[1]), "{found:?} {frames:?}");
        let [hard, soft] = frames.map(|frame| peak(&channel[frame + 1152..frame + 1152 + HIT]));
        assert!(soft > 0.0 && soft < 0.5 * hard, "{hard} {soft}");
    }
    let mut tracks = listening(&[("Listen", "On")], "Output for each track, with side-chain");
    let out = answered(&mut tracks, &side, 480, 7);
    assert!(out[0] == small[0] && out[3] == small[1]);
    assert!([1, 2].iter().chain(&[4, 9, 15]).all(|&channel| peak(&out[channel]) == 0.0));
}

#[test]
fn a_machine_that_does_not_listen_or_not_so_closely_lets_knocks_pass() {
    let side = knocks(&[(2000, 36, 0.02)], BEAT);
    let loudest = |texts: &[(&str, &str)]| {
        let out = answered(&mut listening(texts, "Stereo with side-chain"), &side, 480, 0);
        peak(&out[0]).max(peak(&out[1]))
    };
    assert_eq!(loudest(&[]), 0.0);
    assert_eq!(loudest(&[("Listen", "On"), ("Sensitivity", "0 %")]), 0.0);
    assert!(loudest(&[("Listen", "On"), ("Sensitivity", "100 %")]) > 0.0);
}

#[test]
fn a_machine_without_its_model_is_silent_and_its_project_stays_as_it_is() {
    let mut plugin = offline(DRUMS);
    let missing = json!({"name": "nobody-has-this", "hash": "a".repeat(64)});
    load_with(&mut plugin, &[("model", missing), ("patterns", beats()), ("kit", json!([[0.5], [1.0, -1.0]]))]);
    let before = plugin.save_state().unwrap();
    activate(&mut plugin, LARGEST);
    let sound = play(&mut plugin, (2 * BEAT, 512), true, &[]);
    assert!(sound.iter().all(|channel| peak(channel) == 0.0));
    assert!(plugin.save_state().unwrap() == before);
}

/// A project that plays by itself, with all that makes hits other ones.
fn project() -> Instance {
    let mut plugin = machine(
        &[
            ("Run", "Always"),
            ("Swing", "62 %"),
            ("Take", "7"),
            ("Evolve", "Beat"),
            ("Evolve What", "Vary"),
            ("Track 1 Tune", "-3 st"),
            ("Track 2 Draw", "4711"),
            ("Track 2 Pan", "-40 %"),
            ("Track 3 Blend", "30 %"),
            ("Track 3 Class B", "1"),
            ("Track 3 Morph", "50 %"),
        ],
        json!({"1": [{"steps": "9..7"}, {"steps": "..9", "details": {"3": {"ratchet": 3}}}, {"steps": ".5...", "length": 5}]}),
    );
    load_with(&mut plugin, &[("kit", json!([[0.5, -1.0], [], [1.25]]))]);
    plugin
}

/// Plays a project in a process of its own; its sound, and the state that it saves.
#[cfg(target_os = "linux")]
fn elsewhere(shared: &Path, task: &str, state: &[u8], made: &str) -> (Vec<u8>, Vec<u8>) {
    fs::write(shared.join("project"), state).unwrap();
    let mut command = helper::task(task);
    command.arg(DRUMS).arg(shared).args(["project", made]).env("XDG_DATA_HOME", shared.join(made));
    helper::succeed(&mut command);
    let read = |kind: &str| fs::read(shared.join(format!("{made}.{kind}"))).unwrap();
    (read("f32"), read("after"))
}

#[cfg(target_os = "linux")]
#[test]
fn a_project_bounces_to_the_same_bytes_in_another_process_in_clap_and_in_vst3() {
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path();
    let state = project().save_state().unwrap();
    let (once, saved) = elsewhere(shared, "play-project", &state, "once");
    assert!(saved == state, "the project has changed");
    assert!(once.iter().any(|&byte| byte != 0));
    let (again, _) = elsewhere(shared, "play-project", &saved, "again");
    assert!(again == once, "CLAP");
    // VST3's states are the same without their length.
    let (first, saved) = elsewhere(shared, "play-project-in-vst3", content(&state).to_string().as_bytes(), "vst3");
    let (second, _) = elsewhere(shared, "play-project-in-vst3", &saved, "vst3-again");
    assert!(second == first, "VST3");
    // The host of the CLAP presses two keys beside.
    let mut plugin = project();
    plugin.reset().unwrap();
    let alone = play(&mut plugin, (48_000, 512), false, &[]).swap_remove(0);
    let alone: Vec<u8> = alone.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    assert!(alone[..first.len()] == first[..], "CLAP and VST3");
}
