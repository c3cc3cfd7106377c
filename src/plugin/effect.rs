//! Timbreloom, the effect: an insert that plays a continuous model.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use nih_plug::prelude::*;

use super::params::{self, EffectParams};
use crate::editor;
use crate::engine::{Engine, StreamFormat};
use crate::model::request::ModelRequest;
use crate::model::{Shape, loader};
use crate::rt::Processor;
use crate::telemetry::{EngineState, ModelInfo, Telemetry};

/// How long `activate` waits for a model; a cold disk and a virus scanner need seconds.
const LOAD_LIMIT: Duration = Duration::from_secs(20);

/// An instance of the effect.
#[derive(Default)]
pub struct Timbreloom {
    params: Arc<EffectParams>,
    telemetry: Arc<Telemetry>,
    engine: Option<Engine>,
    loaded: Option<(ModelRequest, Shape)>,
    format: Option<StreamFormat>,
    processor: Option<Processor>,
}

impl Timbreloom {
    /// The shape of the model that the project asks for, loaded if it is not yet. `None`: see the telemetry.
    fn load_model(&mut self) -> Option<Shape> {
        let request = self.params.model.lock().clone();
        if let Some((loaded, shape)) = &self.loaded
            && *loaded == request
            && self.telemetry.state() == EngineState::Ready
        {
            return Some(shape.clone());
        }
        self.loaded = None;
        self.format = None;
        if self.engine.is_none() {
            let found = Arc::clone(&self.params.model);
            match Engine::start(loader::from_catalogue(found), Arc::clone(&self.telemetry)) {
                Ok(engine) => self.engine = Some(engine),
                Err(error) => {
                    let message = format!("the system refused a thread for the model ({error}). Close some programs.");
                    self.telemetry.set_model(ModelInfo { name: request.name, message, ..ModelInfo::default() });
                    self.telemetry.set_state(EngineState::Missing);
                    return None;
                }
            }
        }
        let shape = self.engine.as_ref()?.load(request, LOAD_LIMIT)?;
        // The loader may have filled in the hash.
        self.loaded = Some((self.params.model.lock().clone(), shape.clone()));
        Some(shape)
    }
}

impl Plugin for Timbreloom {
    const NAME: &'static str = "Timbreloom";
    const VENDOR: &'static str = "Timbreloom";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(2),
            main_output_channels: NonZeroU32::new(2),
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(1),
            main_output_channels: NonZeroU32::new(1),
            ..AudioIOLayout::const_default()
        },
    ];
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;

    type Editor = editor::EffectEditor;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn filter_state(state: &mut PluginState) {
        params::mend_state(state);
    }

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn editor(&mut self, _: AsyncExecutor<Self>) -> Option<Self::Editor> {
        editor::create(Arc::clone(&self.params), Arc::clone(&self.telemetry))
    }

    fn activate(
        &mut self,
        layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let format = StreamFormat {
            host_rate_hz: f64::from(config.sample_rate),
            max_block_frames: config.max_buffer_size as usize,
            channels: layout.main_input_channels.map_or(1, NonZeroU32::get) as usize,
        };
        let shape = self.load_model();
        // Hosts activate several times in a row: what has not changed is kept, so that nothing is loaded twice.
        if self.format != Some(format) || self.processor.is_none() {
            let stream = match (&self.engine, &shape) {
                (Some(engine), Some(shape)) => engine.open_stream(format, shape),
                _ => None,
            };
            self.processor = Some(Processor::new(stream, format.host_rate_hz, Arc::clone(&self.telemetry)));
            self.format = shape.is_some().then_some(format);
        }
        if let Some(processor) = &mut self.processor {
            processor.set_waits(config.process_mode == ProcessMode::Offline);
            context.set_latency_samples(processor.latency_frames() as u32);
        }
        true
    }

    fn reset(&mut self) {
        if let Some(processor) = &mut self.processor {
            processor.reset();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        _aux: &mut AuxiliaryBuffers,
        _context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        #[cfg(feature = "assert_process_allocs")]
        break_the_rule_if_told_to();
        if let Some(processor) = &mut self.processor {
            processor.process(buffer.as_slice(), &self.params.settings());
            return ProcessStatus::Tail(processor.tail_frames() as u32);
        }
        ProcessStatus::Normal
    }
}

/// Allocates on the audio thread, so that a test can see the guard against that fail. Only built with the guard.
#[cfg(feature = "assert_process_allocs")]
fn break_the_rule_if_told_to() {
    use std::sync::LazyLock;
    static TOLD_TO: LazyLock<bool> =
        LazyLock::new(|| util::permit_alloc(|| std::env::var_os("TIMBRELOOM_TEST_ALLOCATES_IN_PROCESS").is_some()));
    if *TOLD_TO {
        std::hint::black_box(vec![0u8; 64]);
    }
}

impl ClapPlugin for Timbreloom {
    const CLAP_ID: &'static str = "org.timbreloom.effect";
    const CLAP_DESCRIPTION: Option<&'static str> = Some("Play a track inside the latent space of a neural audio model");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = &[
        ClapFeature::AudioEffect,
        ClapFeature::Stereo,
        ClapFeature::Mono,
        ClapFeature::PitchShifter,
        ClapFeature::Custom("timbreloom:timbre-transfer"),
    ];
}

impl Vst3Plugin for Timbreloom {
    const VST3_CLASS_ID: [u8; 16] = *b"TimbreloomEffect";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Fx, Vst3SubCategory::PitchShift, Vst3SubCategory::Modulation];
}
