//! What a lane plays along latent paths.

use super::tests::shape;
use super::*;
use crate::controls::{PathControls, PathMode, PlaneWeights};
use crate::engine::path_player::PathPlayer;
use crate::latent::path::tests::path;
use crate::latent::{Chain, PathSet, Plane, Source};
use crate::telemetry::ModelInfo;

const RATE_HZ: f64 = 44_100.0;
const HOP: usize = 512;

/// Says in its sound what it is given: so many frames of each value.
struct Telling(Shape);

impl Model for Telling {
    fn shape(&self) -> &Shape {
        &self.0
    }

    fn info(&self) -> ModelInfo {
        ModelInfo { name: "cello".into(), ..ModelInfo::default() }
    }

    fn encode(&mut self, _: usize, _: &[f32], latent: &mut [f32]) -> Result<f32, RunError> {
        latent.fill(0.25);
        Ok(-80.0)
    }

    fn decode(&mut self, _: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError> {
        let others = [input.loudness_db, input.f0_hz, input.voicing, input.noise[0]];
        audio.fill(0.0);
        for (out, value) in audio.iter_mut().zip(input.latent.iter().chain(&others)) {
            *out = *value;
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

fn telling() -> Telling {
    Telling(Shape { dims: 4, noise_columns: 1, stage: Stage::Pitched, ..shape(1024) })
}

#[test]
fn a_path_in_the_place_of_all_that_is_heard_sounds_as_it_does_decoded_to_the_bit() {
    let path = path(60);
    let set = PathSet::default().with_path(0, "sung", &path, &Chain::default()).unwrap();
    let mut model = telling();
    let mut decoded = Lane::new(0, model.shape());
    let mut lane = Lane::new(0, model.shape());
    let mut player = PathPlayer::default();
    let mode = PathMode::Replace;
    let path_controls = PathControls { mode, has_loudness: true, has_pitch: true, ..PathControls::default() };
    for (n, hop) in path.hops.iter().enumerate() {
        let song_s = Some(n as f64 * HOP as f64 / RATE_HZ);
        let controls = Controls { song_s, path: path_controls, ..Controls::default() };
        let weave = player.next(&set, &model, &controls);
        let heard = lane.analyse(&mut model, &[0.0; HOP], &controls).unwrap();
        lane.play(&mut model, heard, &controls, weave.as_ref()).unwrap();
        decoded.synthesise(&mut model, &Hop::of_path(hop)).unwrap();
        assert_eq!(lane.made(), decoded.made(), "hop {n}");
    }
}

#[test]
fn a_path_that_is_off_or_of_another_model_changes_no_bit() {
    let path = path(60);
    let mut other = path.clone();
    other.model.name = "horn".into();
    let set = PathSet::default().with_path(0, "sung", &other, &Chain::default()).unwrap();
    let set = set.with_path(1, "own", &path, &Chain::default()).unwrap();
    let of = |path: PathControls| {
        let mut model = telling();
        let (mut lane, mut player) = (Lane::new(0, model.shape()), PathPlayer::default());
        let controls = Controls { path, random: 0.5, ..Controls::default() };
        let mut made = Vec::new();
        for n in 0..20 {
            let audio: Vec<f32> = (0..HOP).map(|frame| (((n * HOP + frame) as f32) * 0.03).sin()).collect();
            let weave = player.next(&set, &model, &controls);
            let heard = lane.analyse(&mut model, &audio, &controls).unwrap();
            lane.play(&mut model, heard, &controls, weave.as_ref()).unwrap();
            made.extend_from_slice(lane.made());
        }
        made
    };
    let at_rest = of(PathControls::default());
    let fresh = PathControls { has_loudness: true, has_pitch: true, ..PathControls::default() };
    let on = PathControls { mode: PathMode::Replace, ..fresh };
    for silent in [fresh, on, PathControls { amount: 0.0, slot: 1, ..on }] {
        assert_eq!(of(silent), at_rest);
    }
    for heard in [
        PathControls { slot: 1, ..on },
        PathControls { slot: 1, mode: PathMode::Add, ..on },
        PathControls { slot: 1, amount: 0.5, ..on },
    ] {
        assert_ne!(of(heard), at_rest);
    }
}

#[test]
fn noise_that_is_heard_stays_noise_where_the_plane_is_the_input() {
    let plane = Plane { corners: std::array::from_fn(|_| Some(Source::Live)), ..Plane::default() };
    let set = PathSet::default().with_plane(&plane);
    let path = PathControls {
        mode: PathMode::Replace,
        plane: PlaneWeights::Lines,
        has_loudness: true,
        has_pitch: true,
        ..PathControls::default()
    };
    let controls = Controls { path, ..Controls::default() };
    let mut model = telling();
    let (mut lane, mut player) = (Lane::new(0, model.shape()), PathPlayer::default());
    let (mut noise, mut audio) = (Noise::new(7), vec![0.0; HOP]);
    let mut hushed = 0.0;
    for _ in 0..20 {
        noise.fill(&mut audio);
        audio.iter_mut().for_each(|sample| *sample *= 0.1);
        let weave = player.next(&set, &model, &controls);
        let heard = lane.analyse(&mut model, &audio, &controls).unwrap();
        hushed = lane.play(&mut model, heard, &controls, weave.as_ref()).unwrap().hushed;
    }
    assert_eq!(hushed, 1.0);
}
