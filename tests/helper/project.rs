//! Another computer, on which a project is made or opened.

use std::fs;
use std::path::Path;

use serde_json::json;
use test_host::{Event, Pace, Take};

use super::vst3;
use crate::common::plugin::{self, CODES, DRUMS, EFFECT, activate, named, offline, with};
use crate::common::sounds::{rms, sung};

/// Makes a project that asks for the strange copy of a model and brings it along; [`play`]s it, as `made`.
pub fn make(id: &str, shared: &str, model: &str) {
    let wanted = json!({ "is_wanted": true, "hash": "", "package": "" });
    let plain = with(&offline(id).save_state().unwrap(), &[("model", named(&format!("strange-{model}")))]);
    fs::write(Path::new(shared).join("embedding"), with(&plain, &[("embedded", wanted)])).unwrap();
    play(id, shared, "embedding", "made");
}

/// Loads `project`, plays, saves; leaves the sound (f32) and the state in the shared folder, under `made`. `project` is
/// saved anew before it is played, so that both states were written by this version.
pub fn play(id: &str, shared: &str, project: &str, made: &str) {
    let shared = Path::new(shared);
    let mut plugin = offline(id);
    plugin.load_state(&fs::read(shared.join(project)).unwrap()).unwrap();
    fs::write(shared.join(format!("{made}.before")), plugin.save_state().unwrap()).unwrap();
    let input = sung(48_000);
    let latency = activate(&mut plugin, 512);
    let sound = if id != EFFECT {
        let keys = if id == CODES { [50, 57] } else { [36, 42] };
        let note_on = |frame, key, velocity| Event::note_on(frame, 0, key, velocity);
        let events = [note_on(0, keys[0], 100), note_on(20_000, keys[1], 70), Event::note_off(40_000, 0, keys[0])];
        let take = Take { alone_frames: Some(48_000), events: &events, ..Take::default() };
        plugin.play(&take, &mut std::iter::repeat(512), Pace::Hurry).unwrap()
    } else {
        plugin::play(&mut plugin, &input, &[])
    };
    let bytes: Vec<u8> = sound[0].iter().flat_map(|sample| sample.to_le_bytes()).collect();
    fs::write(shared.join(format!("{made}.f32")), bytes).unwrap();
    fs::write(shared.join(format!("{made}.after")), plugin.save_state().unwrap()).unwrap();
    let is_dry = sound[0][latency..] == input[0][..input[0].len() - latency];
    let is_silent = sound[0].iter().all(|sample| *sample == 0.0);
    println!("{made}: latency {latency}, dry {is_dry}, silent {is_silent}, rms {}", rms(&sound[0]));
}

/// As [`play`] without notes, in VST3: the library's own, in this process.
pub fn play_in_vst3(id: &str, shared: &str, project: &str, made: &str) {
    let shared = Path::new(shared);
    let plugin = vst3::Instance::new(if id == DRUMS { vst3::DRUMS } else { vst3::EFFECT });
    plugin.load(&fs::read(shared.join(project)).unwrap());
    fs::write(shared.join(format!("{made}.before")), plugin.save_bytes()).unwrap();
    plugin.start_in(vst3::OFFLINE);
    let input = sung(48_000).swap_remove(0);
    let blocks = input.chunks_exact(vst3::FRAMES);
    let played = blocks.flat_map(|block| plugin.play_block(vst3::OFFLINE, block.try_into().unwrap(), &[]).0);
    let sound: Vec<f32> = played.collect();
    let bytes: Vec<u8> = sound.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    fs::write(shared.join(format!("{made}.f32")), bytes).unwrap();
    fs::write(shared.join(format!("{made}.after")), plugin.save_bytes()).unwrap();
    println!("{made}: rms {}", rms(&sound));
    plugin.stop();
}
