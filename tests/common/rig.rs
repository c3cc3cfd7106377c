//! A model that is pure arithmetic, so that its sound is known, and a stream around it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use timbreloom::controls::MAX_DIMS;
use timbreloom::engine::{Engine, Slot};
use timbreloom::latency::{Margin, StreamFormat};
use timbreloom::link::LANES;
use timbreloom::model::Loader;
use timbreloom::model::kinds::Package;
use timbreloom::model::loader;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::model::{DecoderInput, Model, RunError, Shape, Stage};
use timbreloom::rt::{EffectSettings, Processor};
use timbreloom::telemetry::{ModelInfo, Telemetry};

use super::package::shipped;

pub const HOP: usize = 512;
pub const DELAY: usize = 1024;

/// What a scripted model does with its n-th hop.
pub type Script = Arc<dyn Fn(u64) -> Act + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    Play,
    Sleep(Duration),
    Fail,
    Panic,
    NotANumber,
    /// Plays that many times as loud.
    Times(f32),
    /// Adds that to every sample.
    Adds(f32),
}

/// The lane and the energy of each hop that a model was given.
pub type Hearsay = Arc<Mutex<Vec<(usize, f32)>>>;

/// Gives its input back, DELAY frames late, times 1 + latent 1 (which is 0 unless biased).
pub struct Echo {
    shape: Shape,
    lines: [Vec<f32>; LANES],
    heard: [Vec<f32>; LANES],
    hops: u64,
    times: f32,
    more: f32,
    script: Script,
    hearsay: Option<Hearsay>,
}

impl Echo {
    pub fn new(script: Script) -> Self {
        let shape = Shape {
            sample_rate_hz: 44_100,
            hop_frames: HOP,
            delay_frames: DELAY,
            pitch_lag_frames: 0,
            dims: 4,
            pitch: None,
            noise_columns: 8,
            stage: Stage::Pitched,
            p01: [-2.0; MAX_DIMS],
            p99: [2.0; MAX_DIMS],
            loudness_p50_db: -25.0,
            macros: Default::default(),
        };
        Self {
            shape,
            lines: Default::default(),
            heard: Default::default(),
            hops: 0,
            times: 1.0,
            more: 0.0,
            script,
            hearsay: None,
        }
        .zeroed()
    }

    /// One that tells what it hears.
    pub fn telling(hearsay: Hearsay) -> Self {
        Self { hearsay: Some(hearsay), ..Self::new(always_play()) }
    }

    /// One of another hop, which is to be loaded and not to play.
    pub fn with_hop(mut self, frames: usize) -> Self {
        self.shape.hop_frames = frames;
        self
    }

    /// One that says that it is later than it is, which is to be loaded and not to play.
    pub fn with_delay(mut self, frames: usize) -> Self {
        self.shape.delay_frames = frames;
        self
    }

    fn zeroed(mut self) -> Self {
        self.reset();
        self
    }
}

impl Model for Echo {
    fn shape(&self) -> &Shape {
        &self.shape
    }

    fn info(&self) -> ModelInfo {
        ModelInfo { name: "echo".into(), ..ModelInfo::default() }
    }

    fn encode(&mut self, lane: usize, audio: &[f32], latent: &mut [f32]) -> Result<f32, RunError> {
        let act = (self.script)(self.hops);
        self.hops += 1;
        (self.times, self.more) = (1.0, 0.0);
        match act {
            Act::Play => {}
            Act::Times(times) => self.times = times,
            Act::Adds(more) => self.more = more,
            Act::Sleep(time) => std::thread::sleep(time),
            Act::Fail => return Err(RunError { graph: "the encoder", reason: "told to".into() }),
            Act::Panic => panic!("told to"),
            Act::NotANumber => {
                latent.fill(f32::NAN);
                return Ok(f32::NAN);
            }
        }
        self.heard[lane].copy_from_slice(audio);
        if let Some(hearsay) = &self.hearsay {
            hearsay
                .lock()
                .expect("nobody panics with it")
                .push((lane, audio.iter().map(|sample| sample * sample).sum()));
        }
        latent.fill(0.0);
        Ok(-20.0)
    }

    fn decode(&mut self, lane: usize, input: &DecoderInput<'_>, audio: &mut [f32]) -> Result<(), RunError> {
        let line = &mut self.lines[lane];
        line.extend_from_slice(&self.heard[lane]);
        for (out, late) in audio.iter_mut().zip(line.drain(..HOP)) {
            *out = late * (1.0 + input.latent[0]) * self.times + self.more;
        }
        Ok(())
    }

    fn reset(&mut self) {
        for lane in 0..LANES {
            self.lines[lane] = vec![0.0; DELAY];
            self.heard[lane] = vec![0.0; HOP];
        }
    }
}

/// Longer than any load takes.
pub const LIMIT: Duration = Duration::from_secs(20);

#[track_caller]
pub fn wait_until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LIMIT, "it never came to be");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A mono stream.
pub fn format(host_rate_hz: f64, max_block_frames: usize) -> StreamFormat {
    StreamFormat { host_rate_hz, max_block_frames, channels: 1, margin: Margin::Normal }
}

/// Comes back when so many frames have been heard since then.
pub fn wait_until_heard(began: Instant, frames: usize, rate_hz: f64) {
    let due = Duration::from_secs_f64(frames as f64 / rate_hz);
    std::thread::sleep(due.saturating_sub(began.elapsed()));
}

/// An instance without a host.
pub struct Rig {
    pub processor: Processor,
    pub telemetry: Arc<Telemetry>,
    pub engine: Engine,
}

impl Rig {
    pub fn new(format: StreamFormat, script: Script) -> Self {
        Self::with(format, Box::new(move |_| Ok(Box::new(Echo::new(Arc::clone(&script))))), None)
    }

    /// An instance of shipped models, that bounces.
    pub fn of_models(format: StreamFormat, first: &str, second: Option<&str>) -> Self {
        let loader =
            |request: &ModelRequest| Ok(loader::load(&Package::open(&shipped(&request.name))?, &ProviderChoice::CPU)?);
        Self::with_requests(format, Box::new(loader), ModelRequest::named(first), second.map(ModelRequest::named))
            .bouncing()
    }

    pub fn with(format: StreamFormat, loader: Loader, second: Option<ModelRequest>) -> Self {
        Self::with_requests(format, loader, ModelRequest::default(), second)
    }

    fn with_requests(format: StreamFormat, loader: Loader, first: ModelRequest, second: Option<ModelRequest>) -> Self {
        let telemetry = Arc::new(Telemetry::default());
        let engine = Engine::start(loader, Arc::clone(&telemetry)).expect("a thread");
        let shape = engine.load(Slot::First, first, LIMIT).expect("a model");
        let second = second.map(|request| engine.load(Slot::Second, request, LIMIT).expect("a second model"));
        let stream = engine.open_stream(format, &shape, second.map_or(0, |shape| shape.delay_frames));
        let mut processor = Processor::new(stream, format, Arc::clone(&telemetry));
        processor.reset();
        Self { processor, telemetry, engine }
    }

    /// Back to the stream's start. In a bounce it waits for its model, where it is played it does not.
    pub fn restart(&mut self, waits: bool) {
        self.processor.set_waits(waits);
        self.processor.reset();
    }

    pub fn bouncing(mut self) -> Self {
        self.restart(true);
        self
    }

    /// Plays `sound`, in blocks of 512, with one settings value per block, and takes the latency off.
    pub fn bounce(
        &mut self,
        sound: &[f32],
        side: &[f32],
        mut settings: impl FnMut(usize) -> EffectSettings,
    ) -> Vec<f32> {
        let latency = self.processor.latency_frames();
        let mut out = sound.to_vec();
        out.resize(sound.len() + latency, 0.0);
        let mut side = side.to_vec();
        side.resize(out.len(), 0.0);
        for (at, (block, side)) in out.chunks_mut(512).zip(side.chunks_mut(512)).enumerate() {
            self.processor.process(&mut [block], &[side], &settings(at * 512));
        }
        out.split_off(latency)
    }

    /// As [`Self::bounce`], but as a sound card asks: each block when its last frame has come. `None` when something came
    /// too late to be heard.
    pub fn play_live(
        &mut self,
        rate_hz: f64,
        sound: &[f32],
        side: &[f32],
        mut settings: impl FnMut(usize) -> EffectSettings,
    ) -> Option<Vec<f32>> {
        self.restart(false);
        let began = Instant::now();
        let out = self.bounce(sound, side, |at| {
            wait_until_heard(began, at + 512, rate_hz);
            settings(at)
        });
        (self.telemetry.underruns.load(Ordering::Relaxed) == 0).then_some(out)
    }

    /// Plays a mono sound in blocks of the given sizes (repeated); one settings value per block start.
    pub fn play(
        &mut self,
        sound: &[f32],
        blocks: &[usize],
        mut settings: impl FnMut(usize) -> EffectSettings,
    ) -> Vec<f32> {
        let mut out = sound.to_vec();
        let (mut at, mut turn) = (0, 0);
        while at < out.len() {
            let end = (at + blocks[turn % blocks.len()]).min(out.len());
            self.processor.process(&mut [&mut out[at..end]], &[], &settings(at));
            (at, turn) = (end, turn + 1);
        }
        out
    }
}

pub fn always_play() -> Script {
    Arc::new(|_| Act::Play)
}

/// By how many frames `out`, which begins at frame `at`, lags behind `input`, by cross-correlation.
pub fn best_lag(input: &[f32], out: &[f32], at: usize) -> usize {
    let score =
        |lag: usize| -> f64 { out.iter().zip(&input[at - lag..]).map(|(&o, &i)| f64::from(o) * f64::from(i)).sum() };
    (0..8000).max_by(|&a, &b| score(a).total_cmp(&score(b))).expect("there are lags")
}

/// A sound with something at every frequency below 2 kHz and no period: three detuned sines with slow beats.
pub fn sound(frames: usize, rate_hz: f64) -> Vec<f32> {
    (0..frames)
        .map(|n| {
            let t = n as f64 / rate_hz;
            let tone = |hz: f64| (std::f64::consts::TAU * hz * t).sin();
            (0.2 * (tone(97.3) + tone(411.7 + 30.0 * t) + tone(1234.5 - 50.0 * t))) as f32
        })
        .collect()
}

/// Threads that take all the processor they get, until this is dropped.
pub struct BusyThreads {
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl BusyThreads {
    pub fn start(count: usize) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let spin = |is_over: Arc<AtomicBool>| {
            move || {
                while !is_over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            }
        };
        let threads = (0..count).map(|_| std::thread::spawn(spin(Arc::clone(&is_over)))).collect();
        Self { is_over, threads }
    }
}

impl Drop for BusyThreads {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().expect("it only spins");
        }
    }
}
