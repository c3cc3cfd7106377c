//! A whole file through the very engine that plays in a host.

use std::sync::Arc;
use std::time::Duration;

use super::audio_file::Audio;
use crate::engine::{Engine, Slot, StreamFormat};
use crate::latency::Margin;
use crate::model::Model;
use crate::model::any_package::LoadError;
use crate::model::request::ModelRequest;
use crate::rt::{Processor, Settings};
use crate::telemetry::{EngineState, Telemetry};

/// Why a file was not rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The model failed on the way.
    #[error("the model failed while playing ({0})")]
    Model(String),
    /// The model could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The two models cannot run side by side.
    #[error("the two models are of different rates or hops and cannot be blended; choose another second model")]
    NotInStep,
    /// No worker thread.
    #[error("the system refused a thread for the model ({0}); close some programs")]
    Thread(#[from] std::io::Error),
}

/// The model that plays, and the one to blend with, if any.
pub type Models = (Box<dyn Model>, Option<Box<dyn Model>>);

/// Longest wait for a model that is loaded already.
const HANDOVER: Duration = Duration::from_secs(20);

/// A model that is in one hop for longer has failed: what came after would be dry sound.
const MOST_PATIENCE: Duration = Duration::from_secs(15);

/// Plays `audio` through the model as a host does in a bounce, in the given blocks, and takes the latency off: the
/// result is as long as the input and aligned with it. Blocks.
///
/// Mono and stereo run as in the plugin; more channels run one by one, each as mono with a model of its own from
/// `make_models`, which gives the first model and the one to blend with, if any.
///
/// # Errors
/// When the model fails on the way.
pub fn transfer(
    audio: &Audio,
    mut make_models: impl FnMut() -> Result<Models, LoadError>,
    settings: &Settings,
    blocks: &mut dyn Iterator<Item = usize>,
    max_block_frames: usize,
) -> Result<Audio, RenderError> {
    let per_run = if audio.channels.len() <= 2 { audio.channels.len() } else { 1 };
    let mut channels = Vec::with_capacity(audio.channels.len());
    for run in audio.channels.chunks(per_run.max(1)) {
        let format = StreamFormat {
            host_rate_hz: f64::from(audio.rate_hz),
            max_block_frames,
            channels: run.len(),
            margin: Margin::Normal,
        };
        channels.extend(play(run, make_models()?, format, settings, blocks)?);
    }
    Ok(Audio { rate_hz: audio.rate_hz, channels })
}

fn play(
    input: &[Vec<f32>],
    models: Models,
    format: StreamFormat,
    settings: &Settings,
    blocks: &mut dyn Iterator<Item = usize>,
) -> Result<Vec<Vec<f32>>, RenderError> {
    let telemetry = Arc::new(Telemetry::default());
    let failed = |telemetry: &Telemetry| RenderError::Model(telemetry.model.lock().message.clone());
    let (first, second) = models;
    let has_second = second.is_some();
    let mut models = [Some(first), second].into_iter().flatten();
    let loader = Box::new(move |_: &ModelRequest| models.next().ok_or_else(|| "it was used up".into()));
    let engine = Engine::start(loader, Arc::clone(&telemetry))?;
    let shape = engine.load(Slot::First, ModelRequest::default(), HANDOVER).ok_or_else(|| failed(&telemetry))?;
    let mut delay_frames = 0;
    if has_second {
        let second = engine.load(Slot::Second, ModelRequest::default(), HANDOVER).ok_or_else(|| failed(&telemetry))?;
        if (second.sample_rate_hz, second.hop_frames) != (shape.sample_rate_hz, shape.hop_frames) {
            return Err(RenderError::NotInStep);
        }
        delay_frames = second.delay_frames;
    }
    let stream = engine.open_stream(format, &shape, delay_frames).ok_or_else(|| failed(&telemetry))?;
    let mut processor = Processor::new(Some(stream), format, Arc::clone(&telemetry));
    processor.set_waits(true);
    processor.reset();

    let latency_frames = processor.latency_frames();
    let mut sound: Vec<Vec<f32>> = input.to_vec();
    for channel in &mut sound {
        channel.resize(channel.len() + latency_frames, 0.0);
    }
    let frames = sound.first().map_or(0, Vec::len);
    let mut at = 0;
    while at < frames {
        let block = blocks.next().unwrap_or(format.max_block_frames).clamp(1, format.max_block_frames);
        let end = (at + block).min(frames);
        let mut views: Vec<&mut [f32]> = sound.iter_mut().map(|channel| &mut channel[at..end]).collect();
        processor.process(&mut views, &[], settings);
        let busy_for = telemetry.busy_for();
        if busy_for > MOST_PATIENCE {
            let s = busy_for.as_secs();
            return Err(RenderError::Model(format!("it has not answered for {s} s, and may never do so")));
        }
        at = end;
    }
    if telemetry.state() != EngineState::Ready {
        return Err(failed(&telemetry));
    }
    for channel in &mut sound {
        channel.drain(..latency_frames);
    }
    Ok(sound)
}
