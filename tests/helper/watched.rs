//! What the system itself is asked about.

use test_host::{Format, Library, Pace, Render, bundle};

/// Writes a file beside the folder that it is in.
pub fn write_elsewhere() {
    std::fs::write("../elsewhere", "x").unwrap();
}

/// Opens a socket.
pub fn speak() {
    drop(std::net::UdpSocket::bind("127.0.0.1:0").unwrap());
}

/// What a host does with a plugin: opens it, plays with it, saves it.
pub fn play(id: &str) {
    let mut plugin = Library::load(&bundle()).unwrap().instantiate(id).unwrap();
    plugin.set_render(Render::Offline).unwrap();
    plugin.activate(Format { rate_hz: 48_000.0, min_block_frames: 1, max_block_frames: 512 }).unwrap();
    let sound: Vec<f32> = (0..24_000).map(|n| (n as f32 * 0.02).sin() * 0.2).collect();
    let output = plugin.render(&[sound.clone(), sound], &mut std::iter::repeat(512), &[], Pace::Hurry).unwrap();
    assert!(output[0].iter().all(|sample| sample.is_finite()));
    assert!(!plugin.save_state().unwrap().is_empty());
    drop(plugin);
    // What speaks to a server does so some time later.
    std::thread::sleep(std::time::Duration::from_secs(2));
}
