//! When sound comes, and when the host is told that it comes at another time.

use super::*;

#[test]
fn dry_sound_is_late_by_exactly_the_reported_latency() {
    let mut plugin = offline(EFFECT);
    plugin.set_by_text("Mix", "0 %").unwrap();
    for (rate_hz, blocks) in
        [(44_100.0, &[1, 64, 512, 4096][..]), (48_000.0, &[1, 32, 480, 512, 8192]), (96_000.0, &[16, 333, 1024, 8192])]
    {
        for &block in blocks {
            let latency = activate_at(&mut plugin, rate_hz, block);
            let input = noise(latency + 3 * block + 4000);
            let output = play(&mut plugin, &input, &[]);
            assert_late(&output, &input, latency, &format!("{rate_hz} Hz, blocks of {block}"));
            println!("{rate_hz} Hz, blocks of {block}: {latency} frames, {:.1} ms", latency as f64 / rate_hz * 1e3);
            plugin.deactivate();
        }
    }
}

#[test]
fn latency_at_48_khz_in_blocks_of_512_is_at_most_60_ms() {
    let mut plugin = instance(EFFECT);
    let latency = activate(&mut plugin, 512);
    assert!(latency <= 2880, "{latency} frames, {:.1} ms", latency as f64 / 48.0);
}

#[test]
fn wet_sound_is_where_the_dry_sound_is() {
    // Bursts of tone: the middle of what the model makes of each is compared with the middle of the burst.
    for rate_hz in [44_100.0, 48_000.0, 96_000.0] {
        let mut plugin = offline(EFFECT);
        let latency = activate_at(&mut plugin, rate_hz, 512);
        let mut burst = glide((0.4 * rate_hz) as usize);
        burst.extend(vec![0.0; (0.4 * rate_hz) as usize]);
        let mono: Vec<f32> = burst.iter().copied().cycle().take(4 * burst.len()).collect();
        let output = play(&mut plugin, &[mono.clone(), mono.clone()], &[]);
        let hop = (0.001 * rate_hz) as usize;
        let envelope = |sound: &[f32]| sound.chunks(hop).map(rms).collect::<Vec<f32>>();
        let (dry, wet) = (envelope(&mono[..mono.len() - latency]), envelope(&output[0][latency..]));
        let score = |lag: i32| -> f32 {
            let product = |k: i32| dry.get(k as usize).unwrap_or(&0.0) * wet.get((k + lag) as usize).unwrap_or(&0.0);
            (60..dry.len() as i32 - 60).map(product).sum()
        };
        let lag_ms = (-60..=60).max_by(|a, b| score(*a).total_cmp(&score(*b))).unwrap();
        println!("{rate_hz} Hz: wet sound is {lag_ms} ms behind the dry");
        assert!(lag_ms.abs() <= 20, "{rate_hz} Hz: wet sound is {lag_ms} ms behind the dry");
    }
}

#[test]
fn bypass_is_the_input_late_by_the_latency() {
    let mut plugin = offline(EFFECT);
    plugin.set_by_text("Output Gain", "-12 dB").unwrap();
    let bypass = plugin.params().unwrap().into_iter().find(|param| param.is_bypass).unwrap();
    plugin.set_values(&[(bypass.id, 1.0)]).unwrap();
    let latency = activate(&mut plugin, 512);
    let input = noise(48_000);
    let output = play(&mut plugin, &input, &[]);
    assert_late(&output, &input, latency, "bypass");
}

#[test]
fn a_latency_mode_comes_with_the_hosts_restart_and_never_in_a_bounce() {
    let input = sung(24_000);
    for render in [Render::Realtime, Render::Offline] {
        let mut plugin = instance(EFFECT);
        plugin.set_render(render).unwrap();
        let normal = activate(&mut plugin, 512);
        let before = plugin.callbacks().restarts;
        let (mode, safe) = reading(&mut plugin, "Latency", "Safe");
        play(&mut plugin, &input, &[Event::value(4096, mode, safe)]);
        let asked = plugin.callbacks().restarts - before;
        assert_eq!(asked, u32::from(render == Render::Realtime), "{render:?}");
        assert_eq!(plugin.latency_frames().unwrap(), normal, "not while it plays");
        plugin.deactivate();
        let grown = activate(&mut plugin, 512) - normal;
        // one and a half hops of 557.3 host frames
        assert!((835..=837).contains(&grown), "{grown}");
    }
}

#[test]
fn a_latency_mode_that_is_taken_back_is_asked_for_anew_the_next_time() {
    let mut plugin = instance(EFFECT);
    activate(&mut plugin, 512);
    let input = sung(4_096);
    for (text, restarts) in [("Safe", 1), ("Normal", 1), ("Low", 2), ("Safe", 2), ("Normal", 2)] {
        let (mode, value) = reading(&mut plugin, "Latency", text);
        play(&mut plugin, &input, &[Event::value(0, mode, value)]);
        assert_eq!(plugin.callbacks().restarts, restarts, "{text}");
    }
}

#[test]
fn an_activation_tells_of_a_latency_that_has_changed_and_asks_for_nothing() {
    let mut plugin = instance(EFFECT);
    for (block, changes) in [(512, 1), (512, 1), (64, 2), (64, 2), (4096, 3)] {
        for _ in 0..20 {
            activate(&mut plugin, block);
            play(&mut plugin, &noise(block), &[]);
            plugin.deactivate();
        }
        let asked = plugin.callbacks();
        assert_eq!((asked.restarts, asked.latency_changes), (0, changes), "largest block {block}");
    }
}
