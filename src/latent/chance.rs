//! A latent path by chance: a smooth random walk through a model's latent space.

use super::path::{LatentHop, LatentPath};
use super::set::most_hops;
use crate::dsp::noise::Noise;
use crate::model::Shape;
use crate::model::request::ModelRequest;

/// How often each dimension takes a new direction, Hz.
const TURNS_HZ: f64 = 1.0;

/// Pitch where neither the caller nor the model knows one, Hz.
const PITCH_HZ: f32 = 220.0;

/// A path of a model of this shape whose dimensions wander alone, smoothly and with a standard deviation of 1, held within the
/// first and the ninety-ninth percentile of the model's sound; the same seed gives the same path. It is as loud as the middle
/// of the model's sound, and at `pitch_hz`, or in the middle of the model's own range. Allocates.
pub fn random_walk(model: ModelRequest, shape: &Shape, pitch_hz: Option<f32>, seconds: f32, seed: u32) -> LatentPath {
    let mut path = LatentPath::of(model, shape);
    let turns_a_hop = path.hop_s() * TURNS_HZ;
    let count = ((f64::from(seconds) / path.hop_s()).round() as usize).clamp(1, most_hops(shape.dims));
    let middle_hz = shape.pitch.map(|range| (range.min_hz * range.max_hz).sqrt());
    let hop = LatentHop {
        loudness_db: shape.loudness_p50_db,
        f0_hz: pitch_hz.or(middle_hz).unwrap_or(PITCH_HZ),
        voicing: 1.0,
        level_db: shape.loudness_p50_db,
        ..LatentHop::default()
    };
    path.hops = vec![hop; count];
    let mut turns = vec![0.0; (count as f64 * turns_a_hop) as usize + 2];
    for d in 0..shape.dims {
        Noise::new(u64::from(seed) << 32 | d as u64).fill(&mut turns);
        for (n, hop) in path.hops.iter_mut().enumerate() {
            let phase = n as f64 * turns_a_hop;
            let part = phase.fract() as f32;
            let share = part * part * (3.0 - 2.0 * part);
            let (from, to) = (turns[phase as usize], turns[phase as usize + 1]);
            // Between two turns their sum alone would be less spread out than either.
            let value = ((1.0 - share) * from + share * to) / (1.0 - share).hypot(share);
            hop.latent[d] = value.max(shape.p01[d]).min(shape.p99[d]);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::MAX_DIMS;
    use crate::model::{PitchRange, Stage};

    fn shape() -> Shape {
        Shape {
            sample_rate_hz: 44_100,
            hop_frames: 512,
            delay_frames: 1024,
            pitch_lag_frames: 0,
            dims: 4,
            pitch: Some(PitchRange { min_hz: 100.0, max_hz: 400.0 }),
            noise_columns: 0,
            stage: Stage::Pitched,
            p01: [-1.5; MAX_DIMS],
            p99: [2.0; MAX_DIMS],
            loudness_p50_db: -27.0,
            macros: Default::default(),
        }
    }

    fn walk(shape: &Shape, seconds: f32, seed: u32) -> LatentPath {
        random_walk(ModelRequest::named("cello"), shape, None, seconds, seed)
    }

    #[test]
    fn a_seed_is_a_path_and_another_one_is_another() {
        let path = walk(&shape(), 5.0, 7);
        assert_eq!(path, walk(&shape(), 5.0, 7));
        assert_ne!(path.hops, walk(&shape(), 5.0, 8).hops);
        assert_eq!((path.hops.len(), path.check()), (431, Ok(())));
        assert_eq!(path.hops[..100], walk(&shape(), 1.2, 7).hops[..100], "a longer one begins as a shorter one does");
        assert_eq!(walk(&shape(), f32::NAN, 7).hops.len(), 1);
        assert_eq!(walk(&shape(), f32::INFINITY, 7).hops.len(), most_hops(4));
    }

    #[test]
    fn it_is_as_spread_out_as_the_models_sound_stays_within_it_and_takes_no_leap() {
        let wide = Shape { p01: [-9.0; MAX_DIMS], p99: [9.0; MAX_DIMS], ..shape() };
        for d in 0..4 {
            let of = |shape: &Shape| walk(shape, 1000.0, 1).hops.iter().map(|hop| hop.latent[d]).collect::<Vec<f32>>();
            let free = of(&wide);
            let count = free.len() as f32;
            let mean = free.iter().sum::<f32>() / count;
            let spread = (free.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt();
            assert!(mean.abs() < 0.15 && (0.9..1.1).contains(&spread), "{mean}, {spread}");
            let held = of(&shape());
            assert!(held.iter().all(|value| (-1.5..=2.0).contains(value)));
            assert!(held.iter().zip(&free).all(|(held, free)| *held == free.clamp(-1.5, 2.0)));
            let step = free.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
            assert!(step < 0.2, "{step}");
        }
        assert!(walk(&wide, 5.0, 1).hops.iter().all(|hop| hop.latent[4..].iter().all(|&value| value == 0.0)));
    }

    #[test]
    fn it_is_as_loud_as_the_models_middle_and_at_a_pitch_of_its_range_or_the_one_that_is_given() {
        let hop = walk(&shape(), 1.0, 3).hops[50];
        assert_eq!((hop.loudness_db, hop.voicing, hop.hushed), (-27.0, 1.0, 0.0));
        assert!((hop.f0_hz - 200.0).abs() < 1e-3, "{}", hop.f0_hz);
        let given = random_walk(ModelRequest::named("cello"), &shape(), Some(330.0), 1.0, 3);
        assert!(given.hops.iter().all(|hop| hop.f0_hz == 330.0));
        assert_eq!(walk(&Shape { pitch: None, ..shape() }, 1.0, 3).hops[0].f0_hz, 220.0);
    }
}
