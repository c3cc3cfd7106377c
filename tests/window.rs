//! The real window of the built bundle, in a CLAP host, on an X server of the test's own: opened, played with, resized, closed.
//!
//! Without Xvfb, or without OpenGL in it, the test says so and passes. With `TIMBRELOOM_WINDOW_SHOTS` set to a folder its
//! pictures are kept there.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

#[path = "common/helper.rs"]
mod helper;
#[path = "window/server.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod server;

use std::process::Command;

use server::Server;

/// See `src/editor/frame.rs`.
const TIMES: &str = "TIMBRELOOM_WINDOW_TIMES";

const OPENINGS: usize = 50;

/// Has the helper play on a display of its own; -> the times of its windows.
fn play_elsewhere(helper: &mut Command) -> Option<String> {
    let server = match Server::start() {
        Ok(server) => server,
        Err(reason) => {
            eprintln!("SKIPPED: the window was not tried: {reason}");
            return None;
        }
    };
    let times = tempfile::NamedTempFile::new().unwrap();
    helper.env(TIMES, times.path());
    // Each window has a thread, and glibc gives a thread a pool of its own, up to 64 MB: what one window leaves to the next
    // would be taken for lost.
    helper.env("MALLOC_ARENA_MAX", "1");
    helper.env("DISPLAY", server.display()).env("LIBGL_ALWAYS_SOFTWARE", "1").env_remove("WAYLAND_DISPLAY");
    let said = helper::succeed(helper);
    assert!(said.contains("played all"), "{said}");
    for line in said.lines().filter(|line| line.starts_with("measured: ")) {
        println!("{line}");
    }
    Some(std::fs::read_to_string(times.path()).unwrap())
}

#[test]
#[ignore = "draws the manual's pictures: cargo xtask pictures"]
fn pictures_of_every_view() {
    assert!(std::env::var_os("TIMBRELOOM_WINDOW_SHOTS").is_some(), "TIMBRELOOM_WINDOW_SHOTS has to name a folder");
    assert!(play_elsewhere(&mut helper::task("draw-windows")).is_some());
}

#[test]
fn a_bias_is_dragged_in_the_real_window_and_the_host_and_the_sound_follow() {
    play_elsewhere(&mut helper::task("play-in-window"));
}

/// At first one was stored in its own points, and so came back smaller each time.
#[test]
fn a_zoomed_window_is_played_with_like_another_and_comes_back_as_large_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    let habits = data.path().join("timbreloom");
    std::fs::create_dir(&habits).unwrap();
    std::fs::write(habits.join("window.json"), r#"{"zoom": 150}"#).unwrap();
    play_elsewhere(helper::task("play-in-window").env("XDG_DATA_HOME", data.path()));
}

#[test]
fn a_knob_is_dragged_and_a_code_pressed_in_the_real_window_of_codes() {
    play_elsewhere(&mut helper::task("play-in-window-of-codes"));
}

#[test]
fn a_step_is_clicked_and_a_hit_drawn_in_the_real_window_of_drums() {
    play_elsewhere(&mut helper::task("play-in-window-of-drums"));
}

#[test]
fn keys_that_the_window_does_not_use_come_to_the_host() {
    play_elsewhere(&mut helper::task("keys-in-window"));
}

#[test]
fn fifty_windows_leave_neither_memory_nor_threads_behind() {
    let mut helper = helper::task("open-windows");
    let Some(times) = play_elsewhere(helper.arg(OPENINGS.to_string())) else { return };
    let lines: Vec<serde_json::Value> = times.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), OPENINGS, "each window was told that it was closed");
    let middle = |key: &str| {
        let mut values: Vec<f64> = lines.iter().filter_map(|line| line[key].as_f64()).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!("measured: from the GL context to the first frame laid out {:.1} ms (median)", middle("first_frame_ms"));
    println!("measured: laying out a frame {:.2} ms of CPU (median of means)", middle("mean_ms"));
}
