//! Hits of a grain model: the worker that owns one and makes those that the audio thread orders, and what else is made and heard
//! with one.

pub mod hear;
pub mod kit;
pub mod pitch;
pub mod renderer;
pub mod resynthesis;
pub mod shared;
pub mod walk;
pub mod worker;

#[cfg(test)]
pub(crate) mod tests {
    use std::path::Path;

    use crate::model::grains::{GrainModel, GrainsPackage};

    fn fixture(name: &str) -> GrainModel {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
        GrainModel::load(&GrainsPackage::open(&folder).unwrap()).unwrap()
    }

    /// The grain model of the fixtures, with two kinds of hits.
    pub(super) fn tick() -> GrainModel {
        fixture("granular")
    }

    /// The one that is asked for a pitch.
    pub(super) fn tock() -> GrainModel {
        fixture("granular-pitched")
    }

    /// The pitch of a short sound between two, Hz: where it is most like itself a period later.
    pub(crate) fn period_hz(sound: &[f32], [least_hz, most_hz]: [f32; 2], rate_hz: f32) -> f32 {
        let alike = |lag: usize| {
            let (now, later) = (&sound[..sound.len() - lag], &sound[lag..]);
            let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            product(now, later) / (product(now, now) * product(later, later)).sqrt()
        };
        let lags = (rate_hz / most_hz) as usize..=(rate_hz / least_hz) as usize;
        let lag = lags.max_by(|a, b| alike(*a).total_cmp(&alike(*b))).unwrap();
        rate_hz / lag as f32
    }
}
