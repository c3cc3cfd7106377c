//! A sound, of any length, through the very engine that plays in a host.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::{Engine, Slot};
use crate::latency::Margin;
use crate::latency::StreamFormat;
use crate::model::Model;
use crate::model::loader::LoadError;
use crate::model::request::ModelRequest;
use crate::rt::{EffectSettings, Processor};
use crate::telemetry::{EngineState, Telemetry};

/// Why a file was not rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum RenderError {
    #[error("the model failed while playing ({0})")]
    Model(String),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("the two models are of different rates or hops and cannot be blended; choose another second model")]
    NotInStep,
    #[error("the system refused a thread for the model ({0}); close some programs")]
    Thread(#[from] std::io::Error),
}

/// The model that plays, and the one to blend with, if any.
pub type Models = (Box<dyn Model>, Option<Box<dyn Model>>);

/// Longest wait for a model that is loaded already.
const HANDOVER: Duration = Duration::from_secs(20);

/// A model that is in one hop for longer has failed: what came after would be dry sound.
const MOST_PATIENCE: Duration = Duration::from_secs(15);

/// A bounce in parts: sound goes in, and comes out late by the latency, which is taken off. What it holds does not grow.
///
/// Mono and stereo run as in the plugin; more channels run side by side, each as mono with a model of its own. Blocks.
pub struct Bounce {
    /// One for all channels, or one for each.
    parts: Vec<Part>,
    settings: EffectSettings,
    max_block_frames: usize,
}

/// What one processor plays.
pub(super) struct Part {
    processor: Processor,
    pub(super) telemetry: Arc<Telemetry>,
    /// Frames of the latency that are still to be taken off.
    early_frames: usize,
    /// Its worker plays as long as it is there.
    pub(super) engine: Engine,
}

impl Bounce {
    /// Loads from `make_models` what is needed: the first model and the one to blend with, if any.
    ///
    /// # Errors
    /// When a model cannot be loaded, or two do not fit each other.
    pub fn new(
        rate_hz: u32,
        channels: usize,
        mut make_models: impl FnMut() -> Result<Models, LoadError>,
        settings: &EffectSettings,
        max_block_frames: usize,
    ) -> Result<Self, RenderError> {
        let (count, per_part) = if channels <= 2 { (1, channels) } else { (channels, 1) };
        let format = StreamFormat {
            host_rate_hz: f64::from(rate_hz),
            max_block_frames,
            channels: per_part,
            margin: Margin::Normal,
        };
        let make = |_| -> Result<Part, RenderError> {
            let mut part = Part::new(make_models()?, format)?;
            part.processor.set_waits(true);
            Ok(part)
        };
        let parts = (0..count).map(make).collect::<Result<_, RenderError>>()?;
        Ok(Self { parts, settings: *settings, max_block_frames })
    }

    /// Plays a block, `[channel][frame]` and at most as long as it was said, and appends what is to be heard by now.
    ///
    /// # Errors
    /// When the model fails.
    pub fn play(&mut self, mut block: Vec<Vec<f32>>, out: &mut [Vec<f32>]) -> Result<(), RenderError> {
        let per_part = block.len().div_ceil(self.parts.len().max(1)).max(1);
        let runs = block.chunks_mut(per_part).zip(out.chunks_mut(per_part));
        for (part, (block, out)) in self.parts.iter_mut().zip(runs) {
            part.play(block, out, &self.settings)?;
        }
        Ok(())
    }

    /// Plays to the end of what went in.
    ///
    /// # Errors
    /// When the model fails.
    pub fn finish(mut self, out: &mut [Vec<f32>]) -> Result<(), RenderError> {
        let mut left = self.parts.iter().map(|part| part.processor.latency_frames()).max().unwrap_or(0);
        while left > 0 {
            let frames = left.min(self.max_block_frames);
            self.play(vec![vec![0.0; frames]; out.len()], out)?;
            left -= frames;
        }
        Ok(())
    }
}

impl Part {
    pub(super) fn new((first, second): Models, format: StreamFormat) -> Result<Self, RenderError> {
        let telemetry = Arc::new(Telemetry::default());
        let has_second = second.is_some();
        let mut models = [Some(first), second].into_iter().flatten();
        let loader = Box::new(move |_: &ModelRequest| models.next().ok_or_else(|| "it was used up".into()));
        let engine = Engine::start(loader, Arc::clone(&telemetry))?;
        let load = |slot| engine.load(slot, ModelRequest::default(), HANDOVER).ok_or_else(|| failed(&telemetry));
        let shape = load(Slot::First)?;
        let mut delay_frames = 0;
        if has_second {
            let second = load(Slot::Second)?;
            if (second.sample_rate_hz, second.hop_frames) != (shape.sample_rate_hz, shape.hop_frames) {
                return Err(RenderError::NotInStep);
            }
            delay_frames = second.delay_frames;
        }
        let stream = engine.open_stream(format, &shape, delay_frames).ok_or_else(|| failed(&telemetry))?;
        let mut processor = Processor::new(Some(stream), format, Arc::clone(&telemetry));
        processor.reset();
        let early_frames = processor.latency_frames();
        Ok(Self { processor, telemetry, early_frames, engine })
    }

    fn play(
        &mut self,
        block: &mut [Vec<f32>],
        out: &mut [Vec<f32>],
        settings: &EffectSettings,
    ) -> Result<(), RenderError> {
        self.process(block, settings)?;
        let early = self.early_frames.min(block.first().map_or(0, Vec::len));
        self.early_frames -= early;
        for (out, block) in out.iter_mut().zip(block) {
            out.extend_from_slice(&block[early..]);
        }
        Ok(())
    }

    /// A block in its place, late by the latency.
    pub(super) fn process(&mut self, block: &mut [Vec<f32>], settings: &EffectSettings) -> Result<(), RenderError> {
        let mut views: Vec<&mut [f32]> = block.iter_mut().map(Vec::as_mut_slice).collect();
        self.processor.process(&mut views, &[], settings);
        let busy_for = self.telemetry.busy_for();
        if busy_for > MOST_PATIENCE {
            let s = busy_for.as_secs();
            return Err(RenderError::Model(format!("it has not answered for {s} s, and may never do so")));
        }
        if self.telemetry.state() != EngineState::Ready {
            return Err(failed(&self.telemetry));
        }
        Ok(())
    }
}

fn failed(telemetry: &Telemetry) -> RenderError {
    RenderError::Model(telemetry.model.lock().message.clone())
}
