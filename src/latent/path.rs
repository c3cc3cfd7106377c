//! A sound's way through a model's latent space.

use crate::controls::MAX_DIMS;
use crate::model::Shape;
use crate::model::request::ModelRequest;

/// Longer paths than this (14 hours at 86 hops a second) are not meant to be held.
pub const MAX_HOPS: usize = 1 << 22;

/// Voicing from which a hop is taken to have a pitch.
pub const VOICED: f32 = 0.5;

/// What a path says of one hop.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LatentHop {
    /// Standard deviations; dimensions the model lacks are 0.
    pub latent: [f32; MAX_DIMS],
    /// dB(A) re full scale.
    pub loudness_db: f32,
    /// Hz; 0 where there is no pitch.
    pub f0_hz: f32,
    /// 0 to 1.
    pub voicing: f32,
    /// How far the harmonics are lowered where a noise was heard, 0 to 1.
    pub hushed: f32,
    /// Most level that a hop with lowered harmonics may have, dB re full scale.
    pub level_db: f32,
}

impl LatentHop {
    /// The sum of hops, each times its weight; the weights are to add up to 1. Pitch is weighted along log frequency
    /// among the hops that have one. A weight of 1 gives that hop to the bit.
    pub fn weighted<'a>(parts: impl Iterator<Item = (&'a Self, f32)>) -> Self {
        let mut sum = Self::default();
        let (mut octaves, mut pitched) = (0.0, 0.0);
        let (mut held_octaves, mut held) = (0.0, 0.0);
        for (hop, weight) in parts {
            if weight == 1.0 {
                return *hop;
            }
            if weight == 0.0 {
                continue;
            }
            for (sum, value) in sum.latent.iter_mut().zip(hop.latent) {
                *sum += weight * value;
            }
            sum.loudness_db += weight * hop.loudness_db;
            sum.voicing += weight * hop.voicing;
            sum.hushed += weight * hop.hushed;
            sum.level_db += weight * hop.level_db;
            if hop.f0_hz > 0.0 {
                let (octaves, weights) =
                    if hop.voicing >= VOICED { (&mut octaves, &mut pitched) } else { (&mut held_octaves, &mut held) };
                *octaves += weight * hop.f0_hz.log2();
                *weights += weight;
            }
        }
        // A pitch that is only held on to counts where nothing has one.
        let (octaves, weights) = if pitched > 0.0 { (octaves, pitched) } else { (held_octaves, held) };
        sum.f0_hz = if weights > 0.0 { (octaves / weights).exp2() } else { 0.0 };
        sum
    }

    /// From the first, at a share of 0, to the second, at 1; as [`Self::weighted`].
    pub fn between(first: &Self, second: &Self, share: f32) -> Self {
        Self::weighted([(first, 1.0 - share), (second, share)].into_iter())
    }

    /// Whether a decoder may be given it: numbers, and none that no sound has.
    fn is_sane(&self) -> bool {
        self.latent.iter().all(|value| value.abs() <= 1e3)
            && [self.loudness_db, self.level_db].iter().all(|value| (-1e3..=1e3).contains(value))
            && (0.0..=1e5).contains(&self.f0_hz)
            && [self.voicing, self.hushed].iter().all(|value| (0.0..=1.0).contains(value))
    }
}

/// A latent path, hop by hop. Reads and writes as JSON, see `docs/paths.md`.
#[derive(Clone, Debug, PartialEq)]
pub struct LatentPath {
    /// The model that made it: a latent means nothing to another one.
    pub model: ModelRequest,
    /// Rate of the model, Hz.
    pub sample_rate_hz: u32,
    /// Frames per hop at that rate.
    pub hop_frames: usize,
    /// Latent dimensions, at most [`MAX_DIMS`].
    pub dims: usize,
    /// From the beginning.
    pub hops: Vec<LatentHop>,
}

impl LatentPath {
    /// One of a model of this shape, with nothing in it.
    pub fn of(model: ModelRequest, shape: &Shape) -> Self {
        Self {
            model,
            sample_rate_hz: shape.sample_rate_hz,
            hop_frames: shape.hop_frames,
            dims: shape.dims,
            hops: Vec::new(),
        }
    }

    /// One of the same model and rate, with nothing in it.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self { model: self.model.clone(), hops: Vec::new(), ..*self }
    }

    /// Length of a hop, seconds.
    pub fn hop_s(&self) -> f64 {
        self.hop_frames as f64 / f64::from(self.sample_rate_hz)
    }

    /// Length, seconds.
    pub fn length_s(&self) -> f64 {
        self.hops.len() as f64 * self.hop_s()
    }

    /// The nearest hop to a time, held within the path; the path's end is behind its last hop.
    pub fn hop_at(&self, time_s: f64) -> usize {
        ((time_s / self.hop_s()).round().max(0.0) as usize).min(self.hops.len())
    }

    /// Whether two paths' hops mean the same: of the same model, as fast, of as many dimensions.
    pub fn fits(&self, other: &Self) -> bool {
        let of = |path: &Self| (path.sample_rate_hz, path.hop_frames, path.dims);
        self.model.agrees(&other.model.name, &other.model.hash) && of(self) == of(other)
    }

    /// Checks what a file or a project says.
    ///
    /// # Errors
    /// Names the key, and what was expected.
    pub fn check(&self) -> Result<(), String> {
        let hops = self.hops.len();
        if hops == 0 || hops > MAX_HOPS {
            return Err(format!("“latent” should hold 1 to {MAX_HOPS} hops, but holds {hops}"));
        }
        if !(1..=MAX_DIMS).contains(&self.dims) {
            return Err(format!("“latent” hop 0 has {} values, 1 to {MAX_DIMS} expected", self.dims));
        }
        if !(1000..=384_000).contains(&self.sample_rate_hz) {
            return Err(format!("“sample_rate_hz” should be 1000 to 384000, but is {}", self.sample_rate_hz));
        }
        if !(1..=1 << 16).contains(&self.hop_frames) {
            return Err(format!("“hop_frames” should be 1 to {}, but is {}", 1 << 16, self.hop_frames));
        }
        match self.hops.iter().position(|hop| !hop.is_sane()) {
            Some(n) => Err(format!(
                "hop {n} holds something that no sound has: latents should be within 1000, levels within 1000 dB, “f0_hz” \
                 from 0 to 100000, “voicing” and “hushed” from 0 to 1"
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// So many hops in which every quantity moves; every seventh has no pitch.
    pub(crate) fn path(hops: usize) -> LatentPath {
        let hop = |n: usize| {
            let place = n as f32;
            let mut latent = [0.0; MAX_DIMS];
            for (d, value) in latent.iter_mut().enumerate().take(4) {
                *value = (0.1 * place + d as f32).sin() * (d + 1) as f32;
            }
            LatentHop {
                latent,
                loudness_db: -20.0 + (0.05 * place).cos(),
                f0_hz: if n % 7 == 3 { 0.0 } else { 220.0 + (n % 500) as f32 },
                voicing: if n % 7 == 3 { 0.1 } else { 0.9 },
                hushed: 0.01 * (n % 10) as f32,
                level_db: -18.0 - 0.1 * (n % 5) as f32,
            }
        };
        LatentPath {
            model: ModelRequest { name: "cello".into(), hash: "00ff".into() },
            sample_rate_hz: 44_100,
            hop_frames: 512,
            dims: 4,
            hops: (0..hops).map(hop).collect(),
        }
    }

    #[test]
    fn a_whole_weight_is_that_hop_to_the_bit_and_pitch_goes_along_log_frequency() {
        let path = path(10);
        let parts = |weights: [f32; 3]| LatentHop::weighted(path.hops.iter().zip(weights));
        for n in 0..3 {
            let mut weights = [0.0; 3];
            weights[n] = 1.0;
            assert_eq!(parts(weights), path.hops[n]);
        }
        let low = LatentHop { f0_hz: 220.0, voicing: 0.9, ..path.hops[0] };
        let high = LatentHop { f0_hz: 880.0, voicing: 0.7, ..path.hops[1] };
        let middle = LatentHop::between(&low, &high, 0.5);
        assert!((middle.f0_hz - 440.0).abs() < 1e-3 && (middle.voicing - 0.8).abs() < 1e-6);
        assert_eq!(middle.latent[0], 0.5 * low.latent[0] + 0.5 * high.latent[0]);
        // One that has none does not pull the pitch of the other down.
        let none = LatentHop { f0_hz: 0.0, voicing: 0.0, ..low };
        assert!((LatentHop::between(&none, &high, 0.25).f0_hz - 880.0).abs() < 1e-3);
        let held = LatentHop { f0_hz: 100.0, voicing: 0.1, ..low };
        assert!((LatentHop::between(&held, &high, 0.25).f0_hz - 880.0).abs() < 1e-3, "a pitch that is only held");
        assert!((LatentHop::between(&held, &none, 0.75).f0_hz - 100.0).abs() < 1e-3);
    }

    #[test]
    fn a_path_is_read_as_it_is_written_to_the_bit() {
        let path = path(30);
        let text = serde_json::to_string(&path).unwrap();
        assert_eq!(serde_json::from_str::<LatentPath>(&text).unwrap(), path);
    }

    #[test]
    fn a_document_of_nonsense_is_refused_by_its_key() {
        let good = serde_json::to_value(path(3)).unwrap();
        for (key, value, words) in [
            ("format", serde_json::json!(2), "“format” should be 1, but is 2"),
            ("latent", serde_json::json!([]), "“loudness_db” should have 0 values"),
            ("latent", serde_json::json!([[1.0], [1.0, 2.0], [0.0]]), "“latent” hop 1 has 2 values, 1 (at most 16)"),
            ("voicing", serde_json::json!([1.0]), "“voicing” should have 3 values like “latent”, but has 1"),
            ("sample_rate_hz", serde_json::json!(0), "“sample_rate_hz” should be 1000 to 384000, but is 0"),
            ("hop_frames", serde_json::json!(0), "“hop_frames” should be 1 to 65536, but is 0"),
            ("unheard", serde_json::json!(0), "unknown field `unheard`"),
        ] {
            let mut wrong = good.clone();
            wrong[key] = value;
            let error = serde_json::from_value::<LatentPath>(wrong).unwrap_err().to_string();
            assert!(error.contains(words), "{key}: {error}");
        }
    }
}
