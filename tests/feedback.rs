//! Feedback shaping on the shipped models: the loop sings where its band-pass is, and no setting of it runs away.

mod common;

use common::rig::{Rig, format};
use common::sounds::peak;
use common::spectrum::dominant_hz;
use realfft::RealFftPlanner;
use timbreloom::controls::Controls;
use timbreloom::rt::EffectSettings;

const RATE_HZ: f64 = 44_100.0;

/// What a model makes of a sound, by settings that may change.
fn bounce(model: &str, sound: &[f32], settings: impl FnMut(usize) -> EffectSettings) -> Vec<f32> {
    Rig::of_models(format(RATE_HZ, 512), model, None).bounce(sound, &[], settings)
}

/// 10 ms of noise at -20 dBFS, then silence.
fn burst(seconds: f64) -> Vec<f32> {
    let mut sound = vec![0.0; (seconds * RATE_HZ) as usize];
    let mut state = 1u32;
    for sample in &mut sound[..441] {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample = 0.17 * (state as f32 / u32::MAX as f32 * 2.0 - 1.0);
    }
    sound
}

fn looped(f_hz: f32, q: f32, gain: f32) -> EffectSettings {
    let controls = Controls { feedback_gain: gain, feedback_hz: f_hz, feedback_q: q, ..Controls::default() };
    EffectSettings { controls, ..EffectSettings::default() }
}

/// How far the loop's song lies from where it should, octaves; and its level, dB.
fn sings(model: &str, f_hz: f32, q: f32) -> (f64, f64) {
    let sound = bounce(model, &burst(4.0), |_| looped(f_hz, q, 2.0));
    let late = &sound[sound.len() - 65_536..];
    let rms = (late.iter().map(|s| f64::from(s * s)).sum::<f64>() / late.len() as f64).sqrt();
    ((dominant_hz(late, RATE_HZ) / f64::from(f_hz)).log2(), 20.0 * rms.max(1e-9).log10())
}

#[test]
fn a_burst_into_the_loop_of_a_pitched_model_sings_where_the_band_pass_is() {
    for f_hz in [150.0, 300.0, 600.0, 1000.0, 1500.0] {
        for q in [2.0, 7.0, 20.0] {
            let (octaves, level_db) = sings("cello", f_hz, q);
            println!("cello {f_hz} Hz, Q {q}: {octaves:+.3} octaves, {level_db:.1} dB");
            assert!(level_db > -50.0, "{f_hz} Hz, Q {q}: {level_db:.1} dB");
            assert!(octaves.abs() <= 1.0 / 3.0, "{f_hz} Hz, Q {q}: {octaves:.2} octaves away");
        }
    }
}

#[test]
fn so_does_one_of_a_general_model_and_up_to_4_khz() {
    for model in ["strings", "drums-live"] {
        for f_hz in [150.0, 500.0, 1500.0, 4000.0] {
            for q in [2.0, 20.0] {
                let (octaves, level_db) = sings(model, f_hz, q);
                println!("{model} {f_hz} Hz, Q {q}: {octaves:+.3} octaves, {level_db:.1} dB");
                assert!(level_db > -50.0, "{model}, {f_hz} Hz, Q {q}: {level_db:.1} dB");
                assert!(octaves.abs() <= 1.0 / 3.0, "{model}, {f_hz} Hz, Q {q}: {octaves:.2} octaves away");
            }
        }
    }
}

#[test]
fn a_held_note_is_coloured_where_the_band_pass_is() {
    let note: Vec<f32> =
        (0..4 * 44_100).map(|n| 0.1 * ((n as f64 * 110.0 / RATE_HZ).fract() as f32 * 2.0 - 1.0)).collect();
    let share = |settings: EffectSettings, f_hz: f64| {
        let sound = bounce("cello", &note, |_| settings);
        let late = &sound[sound.len() - 65_536..];
        let mut planner = RealFftPlanner::<f32>::new();
        let fft = planner.plan_fft_forward(late.len());
        let mut spectrum = fft.make_output_vec();
        fft.process(&mut late.to_vec(), &mut spectrum).expect("the sizes are the plan's");
        let power = |low: f64, high: f64| -> f64 {
            let bin = |hz: f64| (hz * late.len() as f64 / RATE_HZ) as usize;
            spectrum[bin(low)..bin(high)].iter().map(|value| f64::from(value.norm_sqr())).sum()
        };
        10.0 * (power(f_hz / 1.3, f_hz * 1.3) / power(40.0, 15_000.0)).log10()
    };
    for f_hz in [330.0, 880.0] {
        let gained_db = share(looped(f_hz as f32, 3.0, 1.5), f_hz) - share(looped(f_hz as f32, 3.0, 0.0), f_hz);
        println!("held note, {f_hz} Hz: {gained_db:+.1} dB");
        assert!(gained_db > 3.0, "{f_hz} Hz: {gained_db:.1} dB");
    }
}

#[test]
fn no_setting_of_the_loop_exceeds_full_scale() {
    for model in ["cello", "strings", "drums-live"] {
        let mut sound = burst(60.0);
        let loud = burst(1.0);
        for second in [10, 30] {
            for (sample, &burst) in sound[second * 44_100..].iter_mut().zip(&loud) {
                *sample += 4.0 * burst;
            }
        }
        // every 0.5 s another corner of f, Q and amount
        let corner = |at: usize| {
            let turn = at / 22_050;
            let f_hz = [20.0, 60.0, 150.0, 440.0, 1500.0, 5000.0, 18_000.0][turn % 7];
            let q = [0.3, 2.0, 10.0, 40.0][turn / 7 % 4];
            looped(f_hz, q, [2.0, 1.0][turn / 28 % 2])
        };
        let out = bounce(model, &sound, corner);
        let peak = peak(&out);
        println!("{model}: peak {:.1} dBFS", 20.0 * peak.log10());
        assert!(peak <= 1.0, "{model}: {peak}");
    }
}
