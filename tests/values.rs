//! Values that are no sound and no setting: the output stays finite and bounded, and what was held back is told.

mod common;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::rig::{Act, Rig, format, sound};
use common::sounds::{first_difference, peak};
use timbreloom::controls::{Controls, Intonation, PitchClasses, SideChain};
use timbreloom::dsp::sample_guard::{LOUDEST, SampleGuard, SoftClip};
use timbreloom::rt::EffectSettings;
use timbreloom::telemetry::EngineState;

const RATE_HZ: f64 = 48_000.0;
const BLOCK: usize = 512;

fn echo(act: Act) -> Rig {
    Rig::new(format(RATE_HZ, BLOCK), Arc::new(move |_| act)).bouncing()
}

fn of_model(name: &str) -> Rig {
    Rig::of_models(format(RATE_HZ, BLOCK), name, None)
}

fn bounce(rig: &mut Rig, input: &[f32], settings: EffectSettings) -> Vec<f32> {
    rig.play(input, &[BLOCK], |_| settings)
}

#[test]
fn an_input_that_is_no_number_is_silence_from_its_first_frame_and_never_charges_the_model() {
    let music = sound(48_000, RATE_HZ);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for mix in [0.0, 0.5, 1.0] {
            let settings = EffectSettings { mix, ..EffectSettings::default() };
            // More hops than a model may fail in a row, then music.
            let input = [vec![bad; 48_000], music.clone()].concat();
            let silence = [vec![0.0; 48_000], music.clone()].concat();
            let mut rig = echo(Act::Play);
            let out = bounce(&mut rig, &input, settings);
            assert_eq!(
                rig.telemetry.held.read(),
                SampleGuard { not_numbers: 48_000, ..SampleGuard::default() },
                "{bad}, {mix}"
            );
            assert_eq!(
                (rig.telemetry.state(), rig.telemetry.bad_hops.load(Ordering::Relaxed)),
                (EngineState::Ready, 0)
            );
            let expected = bounce(&mut echo(Act::Play), &silence, settings);
            assert_eq!(first_difference(&out, &expected), None, "{bad}, mix {mix}");
        }
    }
}

#[test]
fn a_side_chain_that_is_no_number_is_silence_too() {
    let side = SideChain { latent: 1.0, pitch: 1.0, loudness: 1.0 };
    let settings = EffectSettings { controls: Controls { side, ..Controls::default() }, ..EffectSettings::default() };
    let input = sound(24_000, RATE_HZ);
    let mut rig = of_model("cello");
    let expected = rig.bounce(&input, &[], |_| settings);
    rig.processor.reset();
    let out = rig.bounce(&input, &vec![f32::NAN; 24_000], |_| settings);
    assert_eq!(first_difference(&out, &expected), None);
    assert_eq!(rig.telemetry.held.read().not_numbers, 24_000);
}

#[test]
fn no_input_passes_the_dry_way_beyond_36_db() {
    for loud in [1e3, 1e30, f32::MAX, -f32::MAX] {
        for settings in [
            EffectSettings { mix: 0.0, ..EffectSettings::default() },
            EffectSettings { mix: 0.5, input_gain: 15.8, output_gain: 15.8, ..EffectSettings::default() },
            EffectSettings { bypass: true, ..EffectSettings::default() },
        ] {
            let mut rig = echo(Act::Play);
            let input: Vec<f32> = sound(24_000, RATE_HZ).iter().map(|sample| sample * loud).collect();
            let out = bounce(&mut rig, &input, settings);
            assert!(out.iter().all(|sample| sample.abs() <= LOUDEST), "{loud}, {settings:?}");
            assert!(rig.telemetry.held.read().absurd > 0, "nothing is told");
            assert!(rig.telemetry.held.read().sentence().unwrap().contains("beyond +36 dB"));
        }
    }
}

#[test]
fn a_model_that_is_too_loud_is_rounded_off_below_18_db_and_told() {
    let input = sound(48_000, RATE_HZ);
    let mut rig = echo(Act::Times(60.0));
    let out = bounce(&mut rig, &input, EffectSettings::default());
    let peak = peak(&out);
    assert!((0.97 * SoftClip::EFFECT.ceiling..=SoftClip::EFFECT.ceiling).contains(&peak), "{peak}");
    assert!(rig.telemetry.held.read().rounded > 10_000, "{:?}", rig.telemetry.held.read());
    assert_eq!(rig.telemetry.bad_hops.load(Ordering::Relaxed), 0, "loud is not broken");
}

#[test]
fn a_model_that_gives_absurd_values_has_failed() {
    for absurd in [1e30, f32::MAX, -1e30] {
        let mut rig = echo(Act::Adds(absurd));
        let out = bounce(&mut rig, &sound(4_000, RATE_HZ), EffectSettings::default());
        assert!(rig.telemetry.bad_hops.load(Ordering::Relaxed) > 0, "{absurd}");
        assert!(out.iter().all(|&sample| sample == 0.0), "{absurd}: muted");
        bounce(&mut rig, &sound(48_000, RATE_HZ), EffectSettings::default());
        assert_eq!(rig.telemetry.state(), EngineState::Faulted, "{absurd}");
        assert!(rig.telemetry.model.lock().message.contains("no sound is so loud"), "{absurd}");
    }
}

#[test]
fn sane_settings_hold_nothing_back_of_any_shipped_model() {
    let pitched =
        ["cello", "cello-live", "choir", "clarinet", "flute", "guitar", "horn", "scream", "synth", "trombone", "voice"];
    for model in pitched.into_iter().chain(["strings", "drums-live"]) {
        let mut rig = of_model(model);
        let loud: Vec<f32> = sound(24_000, RATE_HZ).iter().map(|sample| sample * 1.6).collect();
        let out = rig.bounce(&loud, &[], |_| EffectSettings::default());
        assert_eq!(rig.telemetry.held.read(), SampleGuard::default(), "{model}");
        assert!(out.iter().any(|sample| sample.abs() > 0.01), "{model} says nothing");
    }
}

#[test]
fn automation_at_its_ends_drives_no_shipped_model_beyond_18_db() {
    for model in ["cello-live", "choir", "flute", "horn", "scream", "synth"] {
        let mut rig = of_model(model);
        let settings = |at: usize| {
            let mut controls =
                Controls { loudness_offset_db: 24.0, random: 2.0, random_hz: 10.0, ..Controls::default() };
            let side = if (at / BLOCK) % 6 < 3 { 1.0 } else { -1.0 };
            for d in 0..controls.bias.len() {
                controls.bias[d] = side * if d % 2 == 0 { 4.0 } else { -4.0 };
                controls.scale[d] = 4.0;
            }
            EffectSettings { controls, ..EffectSettings::default() }
        };
        let out = rig.bounce(&sound(48_000, RATE_HZ), &[], settings);
        let peak = peak(&out);
        println!("{model}: {:.1} dB, {:?}", 20.0 * peak.log10(), rig.telemetry.held.read());
        assert!(peak <= SoftClip::EFFECT.ceiling, "{model}: {peak}");
        assert_eq!(rig.telemetry.state(), EngineState::Ready, "{model}");
    }
}

#[test]
fn settings_that_are_no_numbers_leave_the_output_finite_and_nothing_behind() {
    let input = sound(12_000, RATE_HZ);
    let expected = bounce(&mut echo(Act::Play), &[input.clone(), input.clone()].concat(), EffectSettings::default());
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38, -1e38] {
        let controls = Controls {
            bias: [bad; 16],
            scale: [bad; 16],
            amount: bad,
            random: bad,
            random_hz: bad,
            smoothing_s: bad,
            loudness_range: bad,
            loudness_offset_db: bad,
            loudness_level_db: bad,
            transpose_semitones: bad,
            stability: bad,
            feedback_gain: bad,
            feedback_hz: bad,
            feedback_q: bad,
            feedback_delay_s: bad,
            consonants: bad,
            intonation: Intonation { amount: bad, time_s: bad, notes: PitchClasses::of(60), follows_keys: false },
            side: SideChain { latent: bad, pitch: bad, loudness: bad },
            blend: bad,
            song_s: Some(f64::from(bad)),
            ..Controls::default()
        };
        let (input_gain, wet_gain, output_gain) = (bad, bad, bad);
        let (limits, bypass) = (false, false);
        let all = EffectSettings { controls, input_gain, wet_gain, output_gain, mix: bad, width: bad, limits, bypass };
        let mut rig = echo(Act::Play);
        let out = bounce(&mut rig, &input, all);
        assert!(out.iter().all(|sample| sample.abs() <= LOUDEST), "{bad}");
        if !bad.is_finite() {
            // Taken for what a new instance has: not even the way back is heard.
            let after = bounce(&mut rig, &input, EffectSettings::default());
            assert_eq!(first_difference(&[out, after].concat(), &expected), None, "{bad}");
        }
    }
}

#[test]
fn what_is_too_small_to_hear_is_nothing() {
    let tiny = vec![f32::MIN_POSITIVE / 4.0; 24_000];
    for settings in [EffectSettings::default(), EffectSettings { bypass: true, ..EffectSettings::default() }] {
        let mut rig = echo(Act::Play);
        assert_eq!(first_difference(&bounce(&mut rig, &tiny, settings), &vec![0.0; tiny.len()]), None);
        assert_eq!(rig.telemetry.held.read(), SampleGuard::default());
    }
}
