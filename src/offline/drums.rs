//! The drum machine without a host: one hit, some bars of a song, a walk through grain space.
//!
//! All of them are what the plugin plays: the same recipes through the same renderer, and bars through the very machine, which
//! waits for each hit as it does in a bounce.

mod song;
mod walk;

use crate::drums::recipe::Recipe;
use crate::drums::settings::TrackSettings;
use crate::drums::sound::Sound;
use crate::drums::track::Track;
use crate::dsp::sample_guard::SampleGuard;
use crate::grains::schedule::RATE_HZ;
use crate::hits::kit::Kit;
use crate::hits::renderer::Renderer;
use crate::model::graph::SessionError;

pub use song::{Song, render_loop};
pub use walk::{render_walk, walk_s};

/// Frames that are played at a time. What is heard does not depend on it.
const BLOCK: usize = 512;

/// The longest hit, tuned down by two octaves, and what a track may add to it, seconds.
const MOST_RING_S: f64 = 25.0;

/// Why nothing was rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum DrumsError {
    #[error(transparent)]
    Model(#[from] SessionError),
    /// As the worker tells it, in whole sentences.
    #[error("{0}")]
    Hits(String),
    #[error("the drum kit has not answered in time; close some programs and try again")]
    TooSlow,
    #[error("nothing is heard of it: it is silent; choose another hit or another place")]
    Silent,
    #[error("there is no walk; draw one on the plane of grains")]
    NoWalk,
    #[error("the system refused a thread for the drum kit ({0}); close some programs")]
    Thread(#[from] std::io::Error),
}

/// A hit as its track plays it, whatever its level and pan: mono, at full velocity, from its onset until it has rung out.
/// Blocks for some milliseconds, allocates.
///
/// # Errors
/// When the model fails, or the hit is silent.
pub fn render_hit(
    renderer: &mut Renderer,
    recipe: &Recipe,
    kit: &Kit,
    settings: &TrackSettings,
    rate_hz: u32,
) -> Result<Vec<f32>, DrumsError> {
    let made = renderer.render(recipe, kit.own(usize::from(recipe.track)))?;
    let sound = Sound::new(recipe.key(), RATE_HZ as u32, made.frames, &mut SampleGuard::default());
    let out = ring_out(sound, settings, rate_hz);
    if out.is_empty() { Err(DrumsError::Silent) } else { Ok(out) }
}

/// What a track makes of a sound.
fn ring_out(sound: Sound, settings: &TrackSettings, rate_hz: u32) -> Vec<f32> {
    let settings = TrackSettings { level_db: 0.0, pan: 0.0, ..*settings };
    let (key, mut out) = (sound.key(), Vec::new());
    let mut track = Track::new(f64::from(rate_hz));
    // The first sound finds an empty place.
    let _ = track.take(Box::new(sound));
    track.strike(1.0, key, &settings);
    while track.is_sounding() && (out.len() as f64) < MOST_RING_S * f64::from(rate_hz) {
        let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
        track.render(&mut [&mut left, &mut right], 0..BLOCK, &settings);
        out.extend(left);
    }
    out.truncate(out.iter().rposition(|sample| *sample != 0.0).map_or(0, |last| last + 1));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_is_written_as_its_track_plays_it_but_for_level_and_pan() {
        let frames = vec![0.5, -0.25, 0.125];
        let sound = || Sound::new(1, 44_100, frames.clone(), &mut SampleGuard::default());
        let aside = TrackSettings { level_db: -20.0, pan: 1.0, ..TrackSettings::default() };
        assert_eq!(ring_out(sound(), &aside, 44_100), frames);
        let reverse = TrackSettings { is_reverse: true, ..aside };
        assert_eq!(ring_out(sound(), &reverse, 44_100), [0.125, -0.25, 0.5]);
        let low = TrackSettings { tune_st: -12.0, ..aside };
        assert!(ring_out(sound(), &low, 44_100).len() > 5);
        let silent = Sound::new(1, 44_100, Vec::new(), &mut SampleGuard::default());
        assert!(ring_out(silent, &aside, 44_100).is_empty());
    }
}
