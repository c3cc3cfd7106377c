//! What the system itself is asked about.

use crate::common::plugin::{self, activate, offline};
use crate::common::sounds::noise;

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
    let mut plugin = offline(id);
    activate(&mut plugin, 512);
    let output = plugin::play(&mut plugin, &noise(24_000), &[]);
    assert!(output[0].iter().all(|sample| sample.is_finite()));
    assert!(!plugin.save_state().unwrap().is_empty());
    drop(plugin);
    // What speaks to a server does so some time later.
    std::thread::sleep(std::time::Duration::from_secs(2));
}
