//! Latent paths, the plane, markers and a walk in a project: opened in another process they sound the same.

use std::fs;
use std::path::Path;

use crate::common::package::shipped;
use crate::common::plugin::{EFFECT, RATE_HZ, content, fields, named, offline, set, with};
use crate::common::sounds::sung;
use crate::helper::{self, succeed};
use timbreloom::controls::Controls;
use timbreloom::latent::{Axes, Axis, Chain, LatentPath, Marker, Operator, PathSet, Plane, Source, Step, WalkPoint};
use timbreloom::model::kinds::Package;
use timbreloom::model::loader;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::offline::latent_path;

/// What *cello* hears in a sung second, as it was recorded and bent in two ways, and all that a plane may have around it.
fn paths() -> PathSet {
    let package = Package::open(&shipped("cello")).unwrap();
    let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
    let mut model = loader::load(&package, &ProviderChoice::CPU).unwrap();
    let sound = sung(RATE_HZ as usize).swap_remove(0);
    let path = latent_path::encode(&sound, RATE_HZ as u32, model.as_mut(), request, &Controls::default()).unwrap();
    let step = |operator, axes, range_s| Step { range_s, ..Step::new(operator, axes) };
    let drawn = Chain(vec![
        step(Operator::Draw { points: vec![(0.1, -1.5), (0.4, 2.0), (0.8, 0.0)] }, Axes::one(Axis::Latent(0)), None),
        step(Operator::Random { spread: 0.4, seed: 5 }, Axes::LATENT, Some((0.3, 0.7))),
        step(Operator::Bias { by: -5.0 }, Axes::one(Axis::Pitch), None),
    ]);
    let stretched = Chain(vec![
        step(Operator::Reverse, Axes::ALL, None),
        step(Operator::Stretch { by: 1.7 }, Axes::ALL, None),
        step(Operator::CrossFade { time_s: 0.2 }, Axes::ALL, None),
    ]);
    let moment = |n: usize| Source::Snapshot(Box::new(LatentPath { hops: vec![path.hops[n]], ..path.emptied() }));
    let marker = |x, y, source| Marker { place: [x, y], source };
    let plane = Plane {
        corners: [Some(Source::Slot(0)), Some(moment(40)), Some(Source::Random(3)), Some(Source::Slot(2))],
        markers: vec![
            marker(0.2, 0.2, Source::Slot(1)),
            marker(0.8, 0.3, moment(60)),
            marker(0.5, 0.9, Source::Slot(0)),
            marker(0.4, 0.5, Source::Random(11)),
        ],
        walk: [(0.0, 0.1, 0.1), (0.3, 0.9, 0.2), (0.55, 0.5, 0.95), (0.9, 0.1, 0.4)]
            .map(|(time_s, x, y)| WalkPoint { time_s, place: [x, y] })
            .to_vec(),
    };
    let set = PathSet::default().with_path(0, "as it came", &path, &Chain::default()).unwrap();
    let set = set.with_path(1, "drawn", &path, &drawn).unwrap().with_path(2, "stretched", &path, &stretched).unwrap();
    set.with_plane(&plane)
}

fn played(shared: &Path, task: &str, project: &str, made: &str) -> Vec<u8> {
    succeed(helper::task(task).args([EFFECT, &shared.display().to_string(), project, made]));
    let saved = fs::read(shared.join(format!("{made}.after"))).unwrap();
    assert!(saved == fs::read(shared.join(format!("{made}.before"))).unwrap(), "{made}: the project has changed");
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
        assert_eq!(fields(&project)["paths"], paths);
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
