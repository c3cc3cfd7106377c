//! The stream keeps its promises at every rate and under every cut into blocks.

mod common;

use std::sync::Arc;

use common::rig::{Echo, HOP, Hearsay, Rig, always_play, format, sound};
use proptest::prelude::*;
use timbreloom::controls::Routing;
use timbreloom::latency::StreamFormat;
use timbreloom::model::Loader;
use timbreloom::rt::EffectSettings;

const RATES_HZ: [f64; 8] = [22_050.0, 32_000.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 176_400.0, 192_000.0];

fn stereo(rate_hz: f64) -> StreamFormat {
    StreamFormat { channels: 2, ..format(rate_hz, 512) }
}

fn rendered(rate_hz: f64, max_block: usize, blocks: &[usize], frames: usize) -> (usize, Vec<f32>) {
    let mut rig = Rig::new(format(rate_hz, max_block), always_play()).bouncing();
    let out = rig.play(&sound(frames, rate_hz), blocks, |_| EffectSettings::default());
    (rig.processor.latency_frames(), out)
}

/// The lag (host frames, interpolated by a parabola) at which `out` is most like `input`.
fn measured_lag(input: &[f32], out: &[f32], around: usize) -> f64 {
    let span = 4000.min(input.len() / 2);
    let from = out.len() - span;
    let likeness =
        |lag: usize| -> f64 { (from..out.len()).map(|n| f64::from(out[n]) * f64::from(input[n - lag])).sum() };
    let scores: Vec<f64> = (around - 4..=around + 4).map(likeness).collect();
    let best = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(4, |(n, _)| n).clamp(1, 7);
    let (before, here, after) = (scores[best - 1], scores[best], scores[best + 1]);
    (around + best) as f64 - 4.0 + 0.5 * (before - after) / (before - 2.0 * here + after)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_into_blocks_gives_the_same_samples(
        rate in 0usize..RATES_HZ.len(),
        blocks in prop::collection::vec(1usize..=8192, 1..6),
    ) {
        let rate_hz = RATES_HZ[rate];
        let frames = (rate_hz * 0.5) as usize;
        let (latency, whole) = rendered(rate_hz, 8192, &[8192], frames);
        let (other_latency, cut) = rendered(rate_hz, 8192, &blocks, frames);
        prop_assert_eq!(latency, other_latency);
        prop_assert!(whole == cut, "blocks {:?} at {} Hz change the sound", blocks, rate_hz);
    }
}

/// Controls act on what was heard a delay before: hops go on for both channels when the switch has been turned.
#[test]
fn the_second_channel_is_heard_as_long_as_it_is_played() {
    for rate_hz in [44_100.0, 48_000.0] {
        let heard = Hearsay::default();
        let listener = Arc::clone(&heard);
        let loader: Loader = Box::new(move |_| Ok(Box::new(Echo::telling(Arc::clone(&listener)))));
        let mut rig = Rig::with(stereo(rate_hz), loader, None).bouncing();
        let frames = rate_hz as usize * 4;
        let (mut left, mut right) = (sound(frames, rate_hz), vec![0.5; frames]);
        for (at, (left, right)) in left.chunks_mut(333).zip(right.chunks_mut(333)).enumerate() {
            let mut settings = EffectSettings::default();
            settings.controls.routing = match at % 60 {
                0..20 => Routing::Both,
                20..40 => Routing::Mid,
                40..45 => Routing::Linked,
                _ => Routing::MidAndSide,
            };
            rig.processor.process(&mut [left, right], &[], &settings);
        }
        // Its first hop of all begins before the sound does.
        let seconds: Vec<f32> =
            heard.lock().unwrap().iter().filter(|hop| hop.0 == 1).map(|hop| hop.1).skip(1).collect();
        assert!(seconds.len() > 60, "{}", seconds.len());
        let whole = HOP as f32 * 0.25;
        assert!(seconds.iter().all(|energy| (energy - whole).abs() < 0.1 * whole), "{rate_hz}: {seconds:?}");
    }
}

/// A stereo stream of this sound and another on the right, in these blocks.
fn rendered_in_stereo(blocks: &[usize], left: &[f32], right: &[f32], routing: Routing) -> Vec<f32> {
    let mut rig = Rig::new(stereo(48_000.0), always_play()).bouncing();
    let mut settings = EffectSettings::default();
    settings.controls.routing = routing;
    let (mut left, mut right) = (left.to_vec(), right.to_vec());
    let mut at = 0;
    for block in blocks.iter().cycle() {
        let end = (at + block).min(left.len());
        rig.processor.process(&mut [&mut left[at..end], &mut right[at..end]], &[], &settings);
        at = end;
        if at == left.len() {
            break;
        }
    }
    left
}

/// A microphone wired the wrong way round, a widener turned up: their middle is silence.
#[test]
fn anti_phase_stereo_is_heard_and_alike_in_all_blocks() {
    let left = sound(24_000, 48_000.0);
    let right: Vec<f32> = left.iter().map(|sample| -0.9 * sample).collect();
    let power = |sound: &[f32]| sound.iter().map(|sample| sample * sample).sum::<f32>();
    let whole = rendered_in_stereo(&[512], &left, &right, Routing::Mid);
    assert!(power(&whole[12_000..]) > 0.5 * power(&left[12_000..]));
    for blocks in [&[1][..], &[3, 1, 511], &[333], &[31, 32, 33]] {
        assert!(rendered_in_stereo(blocks, &left, &right, Routing::Mid) == whole, "{blocks:?}");
    }
}

#[test]
fn the_reported_latency_is_the_measured_one_at_every_rate_and_block() {
    for rate_hz in RATES_HZ {
        for max_block in [1, 16, 64, 333, 512, 1024, 4096, 8192] {
            let frames = (rate_hz * 0.6) as usize + 2 * max_block;
            let (latency, out) = rendered(rate_hz, max_block, &[max_block], frames);
            let lag = measured_lag(&sound(frames, rate_hz), &out, latency);
            // The true delay is no whole number of frames when rates differ: half a frame, and the parabola's error,
            // which is larger the more the sound is oversampled.
            assert!((lag - latency as f64).abs() <= 0.75, "{rate_hz} Hz, {max_block}: {lag} for {latency}");
        }
    }
}

#[test]
fn automation_of_a_bias_lands_on_the_same_frame_at_every_block_size() {
    let (rate_hz, change) = (48_000.0, 9_632);
    let frames = 30_000;
    let render = |block: usize| {
        let mut rig = Rig::new(format(rate_hz, 8192), always_play()).bouncing();
        // A host with sample-accurate automation cuts its block at the change.
        let mut cuts = vec![block; change / block];
        if change % block > 0 {
            cuts.push(change % block);
        }
        cuts.extend(vec![block; frames / block + 1]);
        let mut settings = EffectSettings::default();
        rig.play(&sound(frames, rate_hz), &cuts, |at| {
            settings.controls.bias[0] = if at >= change { 1.0 } else { 0.0 };
            settings
        })
    };
    let wanted = render(64);
    let plain = rendered(rate_hz, 8192, &[64], frames).1;
    let first = wanted.iter().zip(&plain).position(|(a, b)| a != b).expect("the bias is heard");
    let latency = rendered(rate_hz, 8192, &[64], 64).0;
    // It comes with the hop whose middle it reaches: within one hop of its place.
    assert!((first as f64 - (change + latency) as f64).abs() < 600.0, "{first} for {}", change + latency);
    for block in [1, 333, 512, 4096] {
        assert!(render(block) == wanted, "{block}");
    }
}
