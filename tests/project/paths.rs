//! Latent paths, the plane, markers and a walk in a project: opened in another process they sound the same.

use std::fs;
use std::path::Path;

use crate::common::paths::paths;
use crate::common::plugin::{EFFECT, content, named, offline, set, with};
use crate::helper::{self, succeed};

fn played(shared: &Path, task: &str, project: &str, made: &str) -> Vec<u8> {
    succeed(helper::task(task).args([EFFECT, &shared.display().to_string(), project, made]));
    let [before, after] = ["before", "after"].map(|when| fs::read(shared.join(format!("{made}.{when}"))).unwrap());
    // The first time the model's version is noted.
    assert!(before == after || !project.ends_with(".after"), "{made}: the project has changed");
    fs::read(shared.join(format!("{made}.f32"))).unwrap()
}

#[test]
fn recorded_and_bent_paths_the_plane_and_the_terrain_bounce_the_same_in_fresh_processes_of_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path();
    let paths = serde_json::to_value(paths()).unwrap();
    let mut sounds = Vec::new();
    for (name, settings) in [
        ("morph", &[("Path Slot", "2"), ("Path Morph Slot", "3"), ("Path Morph", "40 %"), ("Path Rate", "130 %")][..]),
        ("plane", &[("Plane", "Lines"), ("Plane Walk", "On"), ("Path End", "Ping-Pong")]),
        ("terrain", &[("Plane", "Terrain"), ("Plane X", "45 %"), ("Plane Y", "60 %")]),
    ] {
        let mut plugin = offline(EFFECT);
        set(&mut plugin, &[("Path Mode", "Replace"), ("Path Loudness", "Path"), ("Path Pitch", "Path")]);
        set(&mut plugin, settings);
        let project = with(&plugin.save_state().unwrap(), &[("model", named("cello")), ("paths", paths.clone())]);
        fs::write(shared.join(name), &project).unwrap();
        let once = played(shared, "play-project", name, "once");
        // The other process opens what the first one has saved.
        let again = played(shared, "play-project", "once.after", "again");
        assert!(again == once, "{name}: CLAP sounds otherwise in another process");
        // VST3's states are the same without their length.
        fs::write(shared.join("vst3"), content(&project).to_string()).unwrap();
        let once = played(shared, "play-project-in-vst3", "vst3", "once-vst3");
        let again = played(shared, "play-project-in-vst3", "once-vst3.after", "again-vst3");
        assert!(again == once, "{name}: VST3 sounds otherwise in another process");
        sounds.extend([once, again]);
    }
    sounds.dedup();
    assert_eq!(sounds.len(), 3, "each sounds in its own way");
    let is_heard = |sound: &Vec<u8>| sound.iter().any(|&byte| byte != 0);
    assert!(sounds.iter().all(is_heard));
}
