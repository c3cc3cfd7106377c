//! A codebook without a package, an instrument without a host.

use crate::codes::{CodeView, CodebookView, CodesStatus, CurvePoint, Descriptor, PlayingVoice, TARGETS, param};
use crate::fake::{self, FakeParams};
use crate::{EngineState, ParamBackend, Status};

/// As Timbreloom Codes tells of them.
pub const DESCRIPTORS: [Descriptor; 7] = [
    Descriptor { index: 0, name: "centroid", unit: "Hz", is_pitch: false },
    Descriptor { index: 1, name: "bandwidth", unit: "Hz", is_pitch: false },
    Descriptor { index: 2, name: "fundamental", unit: "Hz", is_pitch: true },
    Descriptor { index: 3, name: "periodicity", unit: "", is_pitch: false },
    Descriptor { index: 4, name: "loudness", unit: "dB(A)", is_pitch: false },
    Descriptor { index: 5, name: "flatness", unit: "dB", is_pitch: false },
    Descriptor { index: 6, name: "rolloff", unit: "Hz", is_pitch: false },
];

const WANTED: [&str; 6] = ["Centroid", "Bandwidth", "Fundamental", "Periodicity", "Flatness", "Rolloff"];
const PERIODS: [&str; 9] = ["Free", "1/16", "1/8", "1/4", "1/2", "4/4", "2 x 4/4", "4 x 4/4", "8 x 4/4"];
/// Quarter notes of [`PERIODS`].
const BEATS: [Option<f32>; 9] =
    [None, Some(0.25), Some(0.5), Some(1.0), Some(2.0), Some(4.0), Some(8.0), Some(16.0), Some(32.0)];
const TEMPO_BPM: f64 = 120.0;

/// The instrument's parameters; the drawn curve moves the first target.
pub fn codes_params() -> FakeParams {
    let mut fake = FakeParams::empty();
    for (id, name, range, unit, decimals) in [
        (param::OUTPUT_GAIN, "Output Gain", [-60.0, 24.0, 0.0], " dB", 1),
        (param::SMOOTHNESS, "Path Smoothness", [0.0, 100.0, 30.0], " %", 0),
        (param::TUNING, "Tuning", [400.0, 480.0, 440.0], " Hz", 1),
        (param::TRANSPOSE, "Transpose", [-36.0, 36.0, 0.0], " st", 2),
        (param::BEND_RANGE, "Bend Range", [0.0, 48.0, 2.0], " st", 1),
        (param::MPE_BEND_RANGE, "MPE Bend Range", [0.0, 96.0, 48.0], " st", 1),
        (param::GLIDE, "Glide", [0.0, 5000.0, 0.0], " ms", 0),
        (param::ATTACK, "Attack", [1.0, 10_000.0, 15.0], " ms", 1),
        (param::DECAY, "Decay", [1.0, 20_000.0, 400.0], " ms", 0),
        (param::SUSTAIN, "Sustain", [0.0, 100.0, 80.0], " %", 0),
        (param::RELEASE, "Release", [5.0, 20_000.0, 300.0], " ms", 0),
        (param::VELOCITY_RANGE, "Velocity Range", [0.0, 60.0, 30.0], " dB", 1),
        (param::PRESSURE_RANGE, "Pressure Range", [0.0, 36.0, 6.0], " dB", 1),
        (param::LFO_RATE, "LFO Rate", [0.01, 20.0, 1.0], " Hz", 2),
        (param::CURVE_RATE, "Curve Rate", [0.01, 20.0, 0.5], " Hz", 2),
        (param::TAKE, "Take", [1.0, 9999.0, 1.0], "", 0),
    ] {
        fake.add(id, name, range, unit, decimals);
    }
    fake.add_choice(param::CHOICE, "Code Choice", &["Nearest", "Path"]);
    fake.add_choice(param::PITCH_MODE, "Pitch From", &["In Tune", "Raw Codes"]);
    fake.add_choice(param::LIMITER, "Limiter", &["Off", "On"]);
    fake.add_choice(param::MPE, "MPE", &["Off", "On"]);
    fake.add_choice(param::LFO_SHAPE, "LFO Shape", &["Sine", "Exp", "Log", "Ramp", "Random"]);
    fake.add_choice(param::LFO_SYNC, "LFO Sync", &PERIODS);
    fake.add_choice(param::CURVE_SYNC, "Curve Sync", &PERIODS);
    fake.put_plain(param::CURVE_SYNC, 5.0);
    for target in 0..TARGETS {
        let name = |what: &str| format!("Target {} {what}", target + 1);
        fake.add_choice(param::DESCRIPTOR[target], &name("Descriptor"), &WANTED);
        fake.put_plain(param::DESCRIPTOR[target], [0.0, 1.0, 4.0][target]);
        fake.add(param::WEIGHT[target], &name("Weight"), [0.0, 100.0, [100.0, 0.0, 0.0][target]], " %", 0);
        fake.add(param::BASE[target], &name("Base"), [0.0, 100.0, 25.0], " %", 0);
        for (id, what, default) in [
            (param::FROM_VELOCITY, "from Velocity", 15.0),
            (param::FROM_WHEEL, "from Wheel", 60.0),
            (param::FROM_SLIDE, "from Slide", 0.0),
            (param::FROM_PRESSURE, "from Pressure", 0.0),
            (param::FROM_KEY, "from Key", 0.0),
            (param::FROM_ENVELOPE, "from Envelope", 0.0),
            (param::FROM_LFO, "from LFO", 0.0),
            (param::FROM_CURVE, "from Curve", 0.0),
            (param::FROM_SIDE, "from Side-Chain", 0.0),
        ] {
            fake.add(id[target], &name(what), [-100.0, 100.0, if target == 0 { default } else { 0.0 }], " %", 0);
        }
    }
    fake.put_plain(param::FROM_CURVE[0], 60.0);
    fake
}

/// 512 codes: a cloud of timbres from dark to bright, and an arm of breath noises without pitch; the same at each call.
pub fn codebook() -> CodebookView {
    let mut normal = fake::normal(2026);
    let mut code = |number: usize| {
        let [one, two, three] = [normal(), normal(), normal()];
        let is_noise = number % 8 == 7;
        let at =
            if is_noise { [2.6 + 0.5 * one, 1.6 + 0.35 * two] } else { [0.9 * one, 0.75 * two - 0.22 * one * one] };
        let bright = 0.5 * at[0] + 0.32 * at[1] + 0.12 * three;
        let centroid_hz = 1250.0 * bright.exp2();
        let bandwidth_hz = 900.0 * (0.7 * bright + 0.3 * at[1]).exp2();
        let periodicity = if is_noise { 0.32 + 0.1 * two.tanh() } else { 0.93 + 0.05 * two.tanh() };
        CodeView {
            at,
            values: [
                centroid_hz,
                bandwidth_hz,
                220.0 * (0.5 * two + 0.2 * three).exp2(),
                periodicity,
                -22.0 + 3.0 * three,
                if is_noise { -14.0 + 2.0 * one } else { -38.0 + 5.0 * bright },
                centroid_hz * 2.6 * (0.1 * three).exp2(),
            ],
            is_pitched: !is_noise,
        }
    };
    CodebookView {
        generation: 1,
        name: "horn-codes".to_owned(),
        descriptors: DESCRIPTORS.to_vec(),
        codes: (0..512).map(&mut code).collect(),
        pitch_hz: Some([60.0, 900.0]),
    }
}

/// The status of an instrument that plays a chord of three, at so many seconds: the first target follows the curve.
pub fn codes_playing(now_s: f64, book: &CodebookView, params: &FakeParams) -> CodesStatus {
    let curve: std::sync::Arc<[CurvePoint]> =
        [[0.0, 0.1], [0.25, 0.9], [0.4375, 0.35], [0.625, 0.7], [0.875, 0.15], [1.0, 0.1]]
            .map(|[place, value]| CurvePoint { place, value })
            .into();
    let period = params.plain(param::CURVE_SYNC, params.normalised(param::CURVE_SYNC)).round() as usize;
    let curve_beats = BEATS[period.min(BEATS.len() - 1)];
    let loops = now_s * TEMPO_BPM / 60.0 / f64::from(curve_beats.unwrap_or(4.0));
    // A chord from the start, a melody over it.
    let melody = [72, 74, 76, 79][(now_s * 1.5) as usize % 4];
    let wanted = |voice: usize| {
        let loops = loops - 0.06 * voice as f64;
        let place = loops.rem_euclid(1.0) as f32;
        let after = curve.partition_point(|point| point.place <= place).clamp(1, curve.len() - 1);
        let (one, two) = (curve[after - 1], curve[after]);
        let value = one.value + (place - one.place) / (two.place - one.place) * (two.value - one.value);
        [620.0 * (2.4 * value).exp2(), 700.0 * (1.2 * value).exp2(), -30.0]
    };
    let nearest = |hz: f32| {
        let far =
            |code: &CodeView| (code.values[0] / hz).log2().abs() + 0.3 * (code.at[1] - 0.5 * code.at[0] + 0.2).abs();
        let codes = book.codes.iter().enumerate();
        codes.min_by(|one, two| far(one.1).total_cmp(&far(two.1))).map_or(0, |(code, _)| code)
    };
    let mut status = CodesStatus {
        plugin: Status {
            state: EngineState::Ready,
            host_rate_hz: 48_000.0,
            load: 0.06,
            output_lufs: -15.2,
            output_level_db: -9.0 + 4.0 * (2.3 * now_s as f32).sin(),
            is_running: true,
            product: crate::Product::CODES,
            provider: "CPU".into(),
            ..Status::default()
        },
        shapes: ["sine", "exp", "log", "ramp"]
            .map(|name| (name, vec![CurvePoint::default(), CurvePoint { place: 1.0, value: 1.0 }]))
            .into(),
        curve_beats,
        curve_at: Some(loops.rem_euclid(1.0) as f32),
        ..CodesStatus::default()
    };
    for (index, (key, amplitude)) in [(48, 0.55), (55, 0.62), (64, 0.7), (melody, 0.95)].into_iter().enumerate() {
        let wanted = wanted(index);
        let code = nearest(wanted[0]);
        let values = book.codes.get(code).map_or([0.0; 7], |code| code.values);
        let achieved = [0, 1, 5].map(|index| values[index]);
        let f0_hz = 440.0 * ((key as f32 - 69.0) / 12.0).exp2();
        status.voices[index] = Some(PlayingVoice { code, key, f0_hz, amplitude, wanted, achieved });
    }
    status.curve = curve;
    status
}
