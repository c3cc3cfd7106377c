//! Which hit a recording holds, as a grain model hears it.

use super::pitch::pitch_for;
use crate::grains::features::Analyser;
use crate::grains::onset::hit;
use crate::grains::schedule::RATE_HZ;
use crate::model::grains::GrainModel;
use crate::model::graph::SessionError;

/// A hit that was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// The class that it was heard as.
    pub class: usize,
    /// Its embedding among the hits of that class.
    pub e: Vec<f32>,
    /// What it sounds like: the share of each class, which add up to 1.
    pub shares: Vec<f32>,
    /// The pitch of its note that the model is asked for, Hz: see [`pitch_for`]; `None` where it has none, or the model takes none.
    pub f0_hz: Option<f32>,
}

/// Hears the hit of a recording at [`RATE_HZ`], from its onset on, as one of `class`, or of what it sounds like most. `None` where
/// the recording is silent. Blocks for some milliseconds, allocates.
///
/// # Errors
/// When the model fails.
pub fn hear(model: &mut GrainModel, recording: &[f32], class: Option<usize>) -> Result<Option<Heard>, SessionError> {
    let hit = hit(recording);
    if hit.is_empty() {
        return Ok(None);
    }
    let longest_s = model.length_s().iter().fold(0.0f32, |longest_s, length_s| longest_s.max(*length_s));
    let f0_hz = pitch_for(model.package(), &hit);
    let asked_hz = f0_hz.unwrap_or(model.package().middle_hz());
    // Whatever the class is said to be, the shares are the same.
    let (_, shares) = encode(model, &hit, longest_s, 0, asked_hz)?;
    let class = class.unwrap_or_else(|| most_alike(&shares));
    let (e, _) = encode(model, &hit, model.length_s()[class], class, asked_hz)?;
    Ok(Some(Heard { class, e, shares, f0_hz }))
}

/// The class with the largest share.
fn most_alike(shares: &[f32]) -> usize {
    (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0)
}

/// One class alone, as models take it.
pub fn alone(class: usize, count: usize) -> Vec<f32> {
    (0..count).map(|n| if n == class { 1.0 } else { 0.0 }).collect()
}

fn encode(
    model: &mut GrainModel,
    hit: &[f32],
    length_s: f32,
    class: usize,
    f0_hz: f32,
) -> Result<(Vec<f32>, Vec<f32>), SessionError> {
    let frames = (f64::from(length_s) * RATE_HZ) as usize;
    let features = Analyser::new().hear(&hit[..frames.min(hit.len())], model.package().slots(f0_hz));
    model.encode_hit(&features.rows, &features.wave, &alone(class, model.classes().len()), f0_hz, &features.middles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drums::recipe::Recipe;
    use crate::hits::renderer::Renderer;
    use crate::hits::tests::{tick, tock};

    #[test]
    fn a_hit_is_heard_the_same_wherever_it_is_in_a_recording_and_how_loud() {
        let mut renderer = Renderer::new(tick());
        let made = renderer.render(&Recipe { draw: 3, ..Recipe::default() }, &[]).unwrap();
        let recording = |silent_frames: usize, gain: f32| -> Vec<f32> {
            std::iter::repeat_n(0.0, silent_frames).chain(made.frames.iter().map(|sample| gain * sample)).collect()
        };
        let model = renderer.model_mut();
        let heard = hear(model, &recording(100, 1.0), None).unwrap().unwrap();
        assert_eq!((heard.e.len(), heard.shares.len()), (4, 2));
        assert!((heard.shares.iter().sum::<f32>() - 1.0).abs() < 1e-3 && heard.class == most_alike(&heard.shares));
        let again = hear(model, &recording(5000, 0.25), None).unwrap().unwrap();
        assert!(again.e.iter().zip(&heard.e).all(|(a, b)| (a - b).abs() < 1e-2), "{again:?}, not {heard:?}");
        let other = hear(model, &recording(100, 1.0), Some(1 - heard.class)).unwrap().unwrap();
        assert_eq!((other.class, &other.shares), (1 - heard.class, &heard.shares));
        assert_ne!(other.e, heard.e);
    }

    #[test]
    fn a_note_is_heard_with_its_pitch_where_the_model_is_asked_for_one() {
        let sound: Vec<f32> = (0..22_050).map(|n| 0.5 * (n as f32 * 0.03).sin()).collect();
        assert_eq!(hear(&mut tick(), &sound, None).unwrap().unwrap().f0_hz, None);
        let wanted_hz = 0.03 * RATE_HZ as f32 / std::f32::consts::TAU;
        let found_hz = hear(&mut tock(), &sound, None).unwrap().unwrap().f0_hz.unwrap();
        assert!((1200.0 * (found_hz / wanted_hz).log2()).abs() < 20.0, "{found_hz}, not {wanted_hz}");
    }

    #[test]
    fn silence_is_no_hit() {
        for recording in [&[][..], &[0.0; 4000], &[f32::NAN; 4000]] {
            assert_eq!(hear(&mut tick(), recording, None).unwrap(), None);
        }
    }
}
