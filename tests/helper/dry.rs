//! The effect where its models cannot be loaded.

use test_host::{Format, Library, Pace, Render, bundle};

/// Plays a sound through it and compares.
pub fn render() {
    let mut plugin = Library::load(&bundle()).unwrap().instantiate("org.timbreloom.effect").unwrap();
    plugin.set_render(Render::Offline).unwrap();
    plugin.activate(Format { rate_hz: 48_000.0, min_block_frames: 1, max_block_frames: 512 }).unwrap();
    let latency = plugin.latency_frames().unwrap();
    let sound: Vec<f32> = (0..10_000).map(|n| (n as f32 * 0.02).sin() * 0.2).collect();
    let input = vec![sound.clone(), sound];
    let output = plugin.render(&input, &mut std::iter::repeat(512), &[], Pace::Hurry).unwrap();
    assert!(output[0][latency..] == input[0][..10_000 - latency], "dry sound passes unchanged");
    println!("rendered dry");
}
