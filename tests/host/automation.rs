//! Automation: on its frame, and heard there.

use timbreloom::dsp::descriptors::{Descriptor, describe};

use super::*;

#[test]
fn automation_is_heard_where_it_is_drawn() {
    let input = vec![glide(SOUND_FRAMES); 2];
    let at = 30_011;
    for (name, text, earliest, latest) in [
        // A hop is 557 host frames long and takes one value; the model's filters reach a little to both sides.
        ("Bias 1", "2.5 sd", -1200, 1200),
        ("Bright", "100 %", -1200, 1200),
        ("Mix", "0 %", 0, 8),
        ("Output Gain", "-20 dB", 0, 8),
        ("Bypass", "On", 0, 8),
    ] {
        for block in [64, LARGEST] {
            let (id, value) = reading(&mut offline(EFFECT), name, text);
            let (latency, plain) = bounce(block, &input, &[]);
            let (_, changed) = bounce(block, &input, &[Event::value(at, id, value)]);
            let parting = first_difference(&plain[0], &changed[0]).expect("the change is not heard");
            let lateness = parting as i64 - (at + latency) as i64;
            println!("{name}, largest block {block}: heard {lateness} frames from where it is drawn");
            assert!(
                (earliest..=latest).contains(&lateness),
                "{name}, largest block {block}: heard {lateness} frames from where it is drawn (latency {latency})"
            );
        }
    }
}

#[test]
fn a_macro_moves_what_it_is_named_after_by_its_name_in_the_host() {
    let input = vec![glide(SOUND_FRAMES); 2];
    // The middle of the spectrum of what sounds, octaves above 1 Hz.
    let centre = |text: &str| {
        let (id, value) = reading(&mut offline(EFFECT), "Bright", text);
        let (latency, sound) = bounce(512, &input, &[Event::value(0, id, value)]);
        let rows = describe(&sound[0][latency..], 48_000.0, 512);
        let heard: Vec<f32> =
            rows.iter().map(|row| row[Descriptor::Centroid as usize]).filter(|hz| *hz > 0.0).collect();
        assert!(heard.len() > 50, "{} hops sound", heard.len());
        heard.iter().map(|hz| hz.log2()).sum::<f32>() / heard.len() as f32
    };
    let [dark, plain, bright] = ["-100 %", "0 %", "100 %"].map(centre);
    println!("dark {dark:.2}, plain {plain:.2}, bright {bright:.2} octaves");
    assert!(plain - dark > 0.3 && bright - plain > 0.3, "dark {dark}, plain {plain}, bright {bright}");
}

#[test]
fn an_oscillator_swings_a_macro_in_the_host_and_a_bounce_swings_alike_at_every_block_size() {
    let input = vec![glide(SOUND_FRAMES); 2];
    let set: Vec<Event> =
        [("LFO 1 Target", "Bright"), ("LFO 1 Depth", "100 %"), ("LFO 1 Shape", "Square"), ("LFO 1 Rate", "1 Hz")]
            .into_iter()
            .map(|(name, text)| {
                let (id, value) = reading(&mut offline(EFFECT), name, text);
                Event::value(0, id, value)
            })
            .collect();
    let (latency, sound) = bounce(512, &input, &set);
    let (other_latency, other) = bounce(64, &input, &set);
    let length = SOUND_FRAMES - latency.max(other_latency);
    assert_eq!(first_difference(&sound[0][latency..][..length], &other[0][other_latency..][..length]), None);
    // The middle of the spectrum while it is up, and while it is down, away from the edges; octaves above 1 Hz.
    let rows = describe(&sound[0][latency..], 48_000.0, 512);
    let mean = |from_s: f64| {
        let hops = (from_s * 48_000.0 / 512.0) as usize..((from_s + 0.3) * 48_000.0 / 512.0) as usize;
        let heard = rows[hops].iter().map(|row| row[Descriptor::Centroid as usize]).filter(|hz| *hz > 0.0);
        let octaves: Vec<f32> = heard.map(f32::log2).collect();
        octaves.iter().sum::<f32>() / octaves.len() as f32
    };
    let (up, down) = (mean(0.1), mean(0.6));
    println!("up {up:.2}, down {down:.2} octaves");
    assert!(up - down > 0.5, "up {up}, down {down}");
}
