//! Parameters without a plugin, and a model without a package, for tests and pictures.

pub mod alone;
mod logo;
mod motion;
mod sound;

use std::collections::BTreeMap;

pub use logo::{LOGO_SIZES, logos};
pub use motion::wander;
pub use sound::sound;

use crate::param::{self, ParamId};
use crate::{EngineState, LATENT_DIMS, LatentPoint, ModelView, ParamBackend, Status};

mod codes;
mod drums;
mod paths;
mod session;

pub use codes::{DESCRIPTORS, codebook, codes_params, codes_playing};
pub use drums::{drums_params, drums_playing, drums_resting, kit, obey};
pub use paths::{path, paths};
pub use session::session;

/// What the feedback's delay can be set to besides milliseconds.
/// Turns of an oscillator.
const PERIODS: [&str; 9] = ["Free", "1/16", "1/8", "1/4", "1/2", "4/4", "2 x 4/4", "4 x 4/4", "8 x 4/4"];

/// What can be moved.
const TARGETS: [&str; 25] = [
    "Nothing",
    "Bright",
    "Breath",
    "Body",
    "Hollow",
    "Nasal",
    "Warm",
    "Boom",
    "Air",
    "Dimension 1",
    "Dimension 2",
    "Dimension 3",
    "Dimension 4",
    "Dimension 5",
    "Dimension 6",
    "Dimension 7",
    "Dimension 8",
    "Dimension 9",
    "Dimension 10",
    "Dimension 11",
    "Dimension 12",
    "Dimension 13",
    "Dimension 14",
    "Dimension 15",
    "Dimension 16",
];

const NOTE_VALUES: [&str; 8] = ["Off", "1/64", "1/32", "1/16", "1/8", "1/8 dotted", "1/4", "1/2"];

/// Of intonation.
const SCALES: [&str; 13] = [
    "Chromatic",
    "Major",
    "Minor",
    "Harmonic Minor",
    "Dorian",
    "Phrygian",
    "Lydian",
    "Mixolydian",
    "Major Pentatonic",
    "Minor Pentatonic",
    "Blues",
    "Whole Tone",
    "Held Notes",
];

const KEYS: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

/// A call that changed a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// `ParamBackend::begin`.
    Begin(ParamId),
    /// `ParamBackend::set`, with the normalised value.
    Set(ParamId, f32),
    /// `ParamBackend::end`.
    End(ParamId),
}

impl Gesture {
    /// The parameter that was called.
    pub fn id(&self) -> ParamId {
        let (Self::Begin(id) | Self::Set(id, _) | Self::End(id)) = *self;
        id
    }

    /// `b`, `s` or `e`.
    pub fn kind(&self) -> char {
        match self {
            Self::Begin(_) => 'b',
            Self::Set(..) => 's',
            Self::End(_) => 'e',
        }
    }
}

/// A linear range with a unit.
#[derive(Clone, Debug, Default)]
struct FakeParam {
    name: String,
    low: f32,
    high: f32,
    default: f32,
    normalised: f32,
    unit: &'static str,
    decimals: usize,
    choices: &'static [&'static str],
    step_count: Option<usize>,
}

/// Every parameter of the window, in memory; keeps a list of the gestures made.
#[derive(Clone, Debug)]
pub struct FakeParams {
    params: BTreeMap<ParamId, FakeParam>,
    /// All calls so far, oldest first.
    pub gestures: Vec<Gesture>,
}

impl Default for FakeParams {
    fn default() -> Self {
        let mut fake = Self::empty();
        for (id, name, range, unit, decimals) in [
            (param::MIX, "Mix", [0.0, 100.0, 100.0], " %", 0),
            (param::INPUT_GAIN, "Input gain", [-60.0, 24.0, 0.0], " dB", 1),
            (param::OUTPUT_GAIN, "Output gain", [-60.0, 24.0, 0.0], " dB", 1),
            (param::WET_GAIN, "Wet gain", [-60.0, 24.0, 0.0], " dB", 1),
            (param::TRANSPOSE, "Transpose", [-24.0, 24.0, 0.0], " st", 0),
            (param::INTONATION, "Intonation", [0.0, 100.0, 0.0], " %", 0),
            (param::INTONATION_TIME, "Intonation Time", [0.0, 1000.0, 120.0], " ms", 0),
            (param::CONSONANTS, "Consonants", [0.0, 100.0, 0.0], " %", 0),
            (param::AMOUNT, "Amount", [0.0, 100.0, 100.0], " %", 0),
            (param::STABILITY, "Stability", [0.0, 100.0, 30.0], " %", 0),
            (param::SMOOTHING, "Smoothing", [0.0, 2000.0, 0.0], " ms", 0),
            (param::RANDOM_AMOUNT, "Random amount", [0.0, 3.0, 0.0], " sd", 2),
            (param::RANDOM_RATE, "Random rate", [0.02, 20.0, 1.0], " Hz", 2),
            (param::RANDOM_TAKE, "Random take", [1.0, 9999.0, 1.0], "", 0),
            (param::LOUDNESS_RANGE, "Loudness range", [0.0, 200.0, 100.0], " %", 0),
            (param::GATE, "Gate", [-90.0, -20.0, -90.0], " dB", 0),
            (param::LOUDNESS_OFFSET, "Loudness offset", [-36.0, 36.0, 0.0], " dB", 1),
            (param::LOUDNESS_LEVEL, "Loudness level", [-70.0, 0.0, -20.0], " dB", 1),
            (param::BLEND, "Blend", [0.0, 100.0, 0.0], " %", 0),
            (param::SIDE_LATENT, "Side-chain latent", [0.0, 100.0, 0.0], " %", 0),
            (param::SIDE_PITCH, "Side-chain pitch", [0.0, 100.0, 0.0], " %", 0),
            (param::SIDE_LOUDNESS, "Side-chain loudness", [0.0, 100.0, 0.0], " %", 0),
            (param::FEEDBACK_AMOUNT, "Feedback amount", [0.0, 200.0, 0.0], " %", 0),
            (param::FEEDBACK_FREQUENCY, "Feedback frequency", [20.0, 18_000.0, 800.0], " Hz", 0),
            (param::FEEDBACK_Q, "Feedback Q", [0.3, 40.0, 1.0], "", 2),
            (param::FEEDBACK_DELAY, "Feedback delay", [0.0, 2000.0, 0.0], " ms", 1),
            (param::LOUDNESS_DEPTH, "Loudness Follower Depth", [-100.0, 100.0, 50.0], " %", 0),
            (param::LOUDNESS_TIME, "Loudness Follower Time", [0.0, 2000.0, 120.0], " ms", 0),
            (param::PITCH_DEPTH, "Pitch Follower Depth", [-100.0, 100.0, 50.0], " %", 0),
            (param::WIDTH, "Width", [0.0, 200.0, 100.0], " %", 0),
            (param::PATH_AMOUNT, "Path amount", [0.0, 100.0, 100.0], " %", 0),
            (param::PATH_SLOT, "Path slot", [1.0, 8.0, 1.0], "", 0),
            (param::PATH_MORPH_SLOT, "Path morph slot", [1.0, 8.0, 2.0], "", 0),
            (param::PATH_MORPH, "Path morph", [0.0, 100.0, 0.0], " %", 0),
            (param::PATH_RATE, "Path rate", [25.0, 400.0, 100.0], " %", 0),
            (param::PATH_POSITION, "Path position", [0.0, 100.0, 0.0], " %", 0),
            (param::PATH_START, "Path start", [0.0, 100.0, 0.0], " %", 0),
            (param::PLANE_X, "Plane X", [0.0, 100.0, 50.0], " %", 0),
            (param::PLANE_Y, "Plane Y", [0.0, 100.0, 50.0], " %", 0),
        ] {
            fake.add(id, name, range, unit, decimals);
        }
        fake.param_mut(param::TRANSPOSE).step_count = Some(48);
        fake.param_mut(param::RANDOM_TAKE).step_count = Some(9998);
        fake.param_mut(param::PATH_SLOT).step_count = Some(7);
        fake.param_mut(param::PATH_MORPH_SLOT).step_count = Some(7);
        fake.add_choice(param::PATH_MODE, "Path mode", &["Off", "Replace", "Add"]);
        fake.add_choice(param::PATH_PLAY, "Path play", &["Free", "Song", "Position", "Note"]);
        let lengths = &["As Recorded", "1/4", "1/2", "1 Bar", "2 Bars", "4 Bars", "8 Bars"];
        fake.add_choice(param::PATH_LENGTH, "Path length", lengths);
        fake.add_choice(param::PATH_END, "Path end", &["Loop", "Ping-Pong", "Once"]);
        fake.add_choice(param::PATH_LATENT, "Path latent", &["Input", "Path"]);
        fake.add_choice(param::PATH_LOUDNESS, "Path loudness", &["Input", "Path"]);
        fake.add_choice(param::PATH_PITCH, "Path pitch", &["Input", "Path"]);
        fake.add_choice(param::PLANE, "Plane", &["Off", "Lines", "Discs", "Terrain"]);
        fake.add_choice(param::PLANE_WALK, "Plane walk", &["Off", "On"]);
        fake.add_choice(param::PLANE_MPE, "Plane MPE", &["Off", "On"]);
        fake.add_choice(param::BYPASS, "Bypass", &["Off", "On"]);
        fake.add_choice(param::LIMITER, "Limiter", &["Off", "On"]);
        fake.add_choice(param::FREEZE, "Freeze", &["Off", "On"]);
        fake.add_choice(param::OCTAVE, "Octave", &["As Played", "Fit"]);
        fake.add_choice(param::INTONATION_SCALE, "Intonation Scale", &SCALES);
        fake.add_choice(param::INTONATION_KEY, "Intonation Key", &KEYS);
        fake.add_choice(param::LOUDNESS_MODE, "Loudness mode", &["Follow", "Manual"]);
        fake.add_choice(param::SECOND_SOURCE, "Second source", &["Input", "First Latent"]);
        fake.add_choice(param::CHANNELS, "Channels", &["Mid", "Left + Right", "Mid + Side", "Linked"]);
        fake.add_choice(param::LATENCY, "Latency", &["Low", "Normal", "Safe"]);
        fake.add_choice(param::FEEDBACK_SYNC, "Feedback sync", &NOTE_VALUES);
        let words = ["Bright", "Breath", "Body", "Hollow", "Nasal", "Warm", "Boom", "Air"];
        for (id, word) in param::MACRO.into_iter().zip(words) {
            fake.add(id, word, [-100.0, 100.0, 0.0], " %", 0);
        }
        for at in 0..param::LFO_COUNT {
            let name = |what: &str| format!("LFO {} {what}", at + 1);
            fake.add(param::LFO_DEPTH[at], &name("Depth"), [-100.0, 100.0, 50.0], " %", 0);
            fake.add(param::LFO_RATE[at], &name("Rate"), [0.02, 20.0, 1.0], " Hz", 2);
            fake.add_choice(param::LFO_SHAPE[at], &name("Shape"), &["Sine", "Triangle", "Ramp", "Square", "Steps"]);
            fake.add_choice(param::LFO_SYNC[at], &name("Sync"), &PERIODS);
            fake.add_choice(param::LFO_TARGET[at], &name("Target"), &TARGETS);
        }
        fake.add_choice(param::LOUDNESS_TARGET, "Loudness Follower Target", &TARGETS);
        fake.add_choice(param::PITCH_TARGET, "Pitch Follower Target", &TARGETS);
        for dim in 0..LATENT_DIMS {
            fake.add(param::BIAS[dim], &format!("Bias {}", dim + 1), [-4.0, 4.0, 0.0], "", 2);
            fake.add(param::SCALE[dim], &format!("Scale {}", dim + 1), [0.0, 4.0, 1.0], "", 2);
            fake.add_choice(param::LOCK[dim], &format!("Lock {}", dim + 1), &["Off", "On"]);
            fake.add_choice(param::SOLO[dim], &format!("Solo {}", dim + 1), &["Off", "On"]);
        }
        fake.put_plain(param::PATH_LATENT, 1.0);
        fake.param_mut(param::PATH_LATENT).default = 1.0;
        fake.put_plain(param::LATENCY, 1.0);
        fake.param_mut(param::LATENCY).default = 0.5;
        fake
    }
}

impl FakeParams {
    fn empty() -> Self {
        Self { params: BTreeMap::new(), gestures: Vec::new() }
    }

    fn add(&mut self, id: ParamId, name: &str, [low, high, default]: [f32; 3], unit: &'static str, decimals: usize) {
        let (name, default) = (name.to_owned(), (default - low) / (high - low));
        let param = FakeParam { name, low, high, default, normalised: default, unit, decimals, ..FakeParam::default() };
        self.params.insert(id, param);
    }

    /// A parameter with named values, at the first of them.
    fn add_choice(&mut self, id: ParamId, name: &str, choices: &'static [&'static str]) {
        let last = choices.len() - 1;
        self.add(id, name, [0.0, last as f32, 0.0], "", 0);
        let choice = self.param_mut(id);
        (choice.choices, choice.step_count) = (choices, Some(last));
    }

    fn param(&self, id: ParamId) -> &FakeParam {
        self.params.get(&id).expect("the fake has every id of param::all")
    }

    fn param_mut(&mut self, id: ParamId) -> &mut FakeParam {
        self.params.get_mut(&id).expect("the fake has every id of param::all")
    }

    /// Sets a value as the host would: without a gesture.
    pub fn put(&mut self, id: ParamId, normalised: f32) {
        self.param_mut(id).normalised = normalised;
    }

    /// Sets a value in the parameter's unit, without a gesture.
    pub fn put_plain(&mut self, id: ParamId, plain: f32) {
        self.put(id, self.normalise(id, plain));
    }
}

impl ParamBackend for FakeParams {
    fn name(&self, id: ParamId) -> String {
        self.param(id).name.clone()
    }

    fn normalised(&self, id: ParamId) -> f32 {
        self.param(id).normalised
    }

    fn default_normalised(&self, id: ParamId) -> f32 {
        self.param(id).default
    }

    fn plain(&self, id: ParamId, normalised: f32) -> f32 {
        let param = self.param(id);
        param.low + (param.high - param.low) * normalised
    }

    fn normalise(&self, id: ParamId, plain: f32) -> f32 {
        let param = self.param(id);
        ((plain - param.low) / (param.high - param.low)).clamp(0.0, 1.0)
    }

    fn text(&self, id: ParamId, normalised: f32) -> String {
        let param = self.param(id);
        let plain = self.plain(id, normalised);
        match param.choices.get(plain.round() as usize) {
            Some(choice) => (*choice).to_owned(),
            None => format!("{plain:.*}{}", param.decimals, param.unit),
        }
    }

    fn parse(&self, id: ParamId, text: &str) -> Option<f32> {
        let choices = self.param(id).choices;
        if let Some(chosen) = choices.iter().position(|choice| choice.eq_ignore_ascii_case(text.trim())) {
            return Some(self.normalise(id, chosen as f32));
        }
        let digits = text.trim().trim_end_matches(self.param(id).unit.trim()).trim().replace('\u{2212}', "-");
        Some(self.normalise(id, digits.parse().ok()?))
    }

    fn step_count(&self, id: ParamId) -> Option<usize> {
        self.param(id).step_count
    }

    fn begin(&mut self, id: ParamId) {
        self.gestures.push(Gesture::Begin(id));
    }

    fn set(&mut self, id: ParamId, normalised: f32) {
        self.gestures.push(Gesture::Set(id, normalised));
        self.put(id, normalised);
    }

    fn end(&mut self, id: ParamId) {
        self.gestures.push(Gesture::End(id));
    }
}

/// Values with a deviation of 1. A small congruential generator: a picture has to look alike everywhere, not to be random.
fn normal(mut seed: u32) -> impl FnMut() -> f32 {
    let mut uniform = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 24) as f32
    };
    move || (0..12).map(|_| uniform()).sum::<f32>() - 6.0
}

/// A model with a bent cloud of 400 points; the same at each call.
pub fn model() -> ModelView {
    let mut normal = normal(12_345);
    let cloud: Vec<LatentPoint> = (0..400)
        .map(|_| {
            let mut point: LatentPoint = std::array::from_fn(|_| normal());
            point[1] = 0.75 * point[1] + 0.35 * (point[0] * point[0] - 1.0);
            point
        })
        .collect();
    let percentile = |share: f32| {
        std::array::from_fn(|dim| {
            let mut values: Vec<f32> = cloud.iter().map(|point| point[dim]).collect();
            values.sort_by(f32::total_cmp);
            values[(share * (values.len() - 1) as f32) as usize]
        })
    };
    let (p01, p99) = (percentile(0.01), percentile(0.99));
    let (name, description) = ("cello".to_owned(), "Bowed cello, pitched.".to_owned());
    let has_macro = [true, true, true, true, true, false, false, true];
    let names = ["bright", "dull", "nasal", "body", "", "breath", "warm", "clean"];
    let dimension_names = (0..LATENT_DIMS).map(|dim| names.get(dim).copied().unwrap_or_default().to_owned()).collect();
    ModelView { generation: 1, name, description, dims: LATENT_DIMS, cloud, p01, p99, has_macro, dimension_names }
}

/// The status of a plugin that plays, at so many seconds since the sound began.
pub fn playing(now_s: f64, points: usize) -> Status {
    let point = |index: usize| {
        let at_s = now_s as f32 - (points - 1 - index) as f32 * 512.0 / 44_100.0;
        let mut point = [0.0; LATENT_DIMS];
        point[0] = 0.9 + 1.1 * (1.3 * at_s).sin() + 0.25 * (7.1 * at_s).sin();
        point[1] = 0.2 + 0.9 * (1.9 * at_s).cos() + 0.2 * (9.7 * at_s).cos();
        point
    };
    Status {
        state: EngineState::Ready,
        provider: "CPU".into(),
        latency_frames: 2563,
        host_rate_hz: 48_000.0,
        load: 0.31,
        input_level_db: -14.0 + 4.0 * (3.0 * now_s as f32).sin(),
        output_level_db: -11.0 + 5.0 * (2.3 * now_s as f32).sin(),
        output_lufs: -17.4,
        wet_above_dry_db: Some(-2.4),
        points: (0..points).map(point).collect(),
        raw_points: (0..points).map(point).collect(),
        is_running: true,
        ..Status::default()
    }
}
