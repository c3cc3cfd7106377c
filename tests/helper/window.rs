//! The real window of the built bundle, in a CLAP host, on the X server that the environment names.

mod alone;
pub mod codes;
pub mod drums;
pub mod keys;
pub mod pictures;
mod places;
#[path = "../window/server.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod server;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use server::Screen;
use test_host::{Instance, Library, Pace, Render, Touch};

use crate::common::plugin::{EFFECT, RATE_HZ, activate, library};
use crate::common::sounds::{both_sides, tone};

const SIZE: [u32; 2] = [1100, 700];
const LIMIT: Duration = Duration::from_secs(60);

/// How long a window's thread may take to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// Openings whose memory is left out: caches fill, and the GL library keeps its pools.
const WARM_UP: usize = 10;

/// What an opening may leave allocated, bytes. baseview 0.4 forgets the keyboard map that it asks the X server for (54 kB, 84
/// with the allocator's own), Mesa its options (5 kB); pools of the GL library grow on for some openings more. A window of
/// ours that stayed would be a hundred times this.
const MOST_LEFT_BYTES: i64 = 200 << 10;

/// Does what is to be done with windows, and says that all of it was done.
pub fn play_all(deed: impl FnOnce()) {
    let threads = count_of("Threads:");
    deed();
    println!("played all");
    // A window's thread ends after its window: a process that ends before it takes OpenGL away under it, and crashes.
    let began = Instant::now();
    while count_of("Threads:") > threads && began.elapsed() < FAREWELL {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn play(plugin: &mut Instance, seconds: f64, pace: Pace) -> Vec<f32> {
    let input = both_sides(tone(220.0, 5, 0.2, (seconds * RATE_HZ) as usize));
    plugin.render(&input, &mut std::iter::repeat(512), &[], pace).unwrap().swap_remove(0)
}

/// The same two seconds again: a bounce, which does not depend on what else the machine does.
fn take(plugin: &mut Instance) -> Vec<f32> {
    plugin.reset().unwrap();
    play(plugin, 2.0, Pace::Hurry)
}

/// How far apart, as a share of the first.
fn apart(a: &[f32], b: &[f32]) -> f64 {
    let power = |values: &mut dyn Iterator<Item = f32>| values.map(|v| f64::from(v).powi(2)).sum::<f64>();
    (power(&mut a.iter().zip(b).map(|(a, b)| a - b)) / power(&mut a.iter().copied())).sqrt()
}

fn instance(library: &Library) -> Instance {
    let mut plugin = library.instantiate(EFFECT).unwrap();
    plugin.set_render(Render::Offline).unwrap();
    activate(&mut plugin, 512);
    plugin
}

/// Plays in real time, so that the window has something to show, until `is_so`.
fn play_until(plugin: &mut Instance, what: &str, mut is_so: impl FnMut(&mut Instance) -> bool) {
    let began = Instant::now();
    while !is_so(plugin) {
        assert!(began.elapsed() < LIMIT, "in vain waited for: {what}");
        play(plugin, 0.05, Pace::RealTime);
    }
}

/// Where the window's controls for a bias lie, the likeliest first.
fn places_of_bias() -> Vec<[i16; 2]> {
    let mut places: Vec<_> =
        places::in_effect(SIZE, |name| name.starts_with("Bias")).into_iter().map(places::middle).collect();
    places.dedup();
    assert!(!places.is_empty(), "the window has no control for a bias");
    places
}

pub fn play_by_hand() {
    let screen = Screen::open(SIZE);
    let library = library();
    let mut plugin = instance(&library);
    let bias: Vec<u32> = (1..=16).map(|n| plugin.param(&format!("Bias {n}")).unwrap().id).collect();
    assert_eq!(plugin.open_window(screen.window()).unwrap(), SIZE);
    play_until(&mut plugin, "a picture", |_| screen.is_painted());
    screen.keep("open");

    let before = take(&mut plugin);
    let again = take(&mut plugin);
    assert!(apart(&before, &again) < 1e-3, "without a hand the sound stays: {}", apart(&before, &again));

    plugin.take_touches();
    let mut touches: Vec<Touch> = Vec::new();
    for place in places_of_bias() {
        screen.move_to(place);
        play(&mut plugin, 0.2, Pace::RealTime);
        screen.press(true);
        play(&mut plugin, 0.2, Pace::RealTime);
        for step in 1..=8 {
            screen.move_to([place[0] + step * 10, place[1] - step * 5]);
            play(&mut plugin, 0.08, Pace::RealTime);
        }
        screen.press(false);
        play(&mut plugin, 0.3, Pace::RealTime);
        touches = plugin.take_touches();
        if touches.iter().any(|touch| matches!(touch, Touch::Value(id, _) if bias.contains(id))) {
            break;
        }
    }
    screen.keep("dragged");
    let moved = touches.iter().find_map(|touch| match touch {
        Touch::Value(id, _) if bias.contains(id) => Some(*id),
        _ => None,
    });
    let moved = moved.unwrap_or_else(|| panic!("no drag moved a bias: {touches:?}"));
    let of_it: Vec<&Touch> = touches
        .iter()
        .filter(|touch| matches!(touch, Touch::Begin(id) | Touch::Value(id, _) | Touch::End(id) if *id == moved))
        .collect();
    let last = match of_it[..] {
        [Touch::Begin(_), .., Touch::Value(_, last), Touch::End(_)] => *last,
        _ => panic!("not a gesture: {of_it:?}"),
    };
    assert!((plugin.value(moved).unwrap() - last).abs() < 1e-6, "the parameter is where the hand left it");
    let param = plugin.params().unwrap().into_iter().find(|param| param.id == moved).unwrap();
    assert!((last - param.default).abs() > 0.02, "{} went from {} to {last}", param.name, param.default);
    let after = take(&mut plugin);
    assert!(apart(&before, &after) > 0.05, "the sound is another: {}", apart(&before, &after));

    let least = plugin_ui::MIN_SIZE_POINTS.map(|points| points as u32);
    assert_eq!(plugin.resize_window([10, 10]).unwrap(), least, "no smaller than it can be");
    let larger = [1280, 800];
    screen.resize(larger);
    assert_eq!(plugin.resize_window(larger).unwrap(), larger);
    play_until(&mut plugin, "the larger window", |plugin| {
        plugin.window_size().unwrap() == larger && screen.is_painted_at([1270, 790])
    });
    screen.keep("resized");
    plugin.close_window();
    assert_eq!(plugin.window_size().unwrap(), larger, "it opens again as large as it was");

    // The project has the size, and a window that was not open when it was loaded takes it.
    let state = plugin.save_state().unwrap();
    drop(plugin);
    let mut plugin = instance(&library);
    assert_eq!(plugin.window_size().unwrap(), SIZE);
    plugin.load_state(&state).unwrap();
    assert_eq!(plugin.open_window(screen.window()).unwrap(), larger);
    play_until(&mut plugin, "the window of the loaded project", |_| screen.is_painted_at([1270, 790]));
}

/// A figure of this process as Linux counts it.
fn count_of(key: &str) -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn resident_bytes() -> i64 {
    count_of("VmRSS:") * 1024
}

/// What is allocated and not freed: unlike what is resident it does not depend on how the allocator's pool is cut up.
fn allocated_bytes() -> i64 {
    // SAFETY: it reads the allocator's own counts, under its locks.
    let info = unsafe { libc::mallinfo2() };
    i64::try_from(info.uordblks + info.hblkhd).unwrap()
}

pub fn open_again_and_again(openings: usize) {
    let screen = Screen::open(SIZE);
    let library = library();
    let mut plugin = instance(&library);
    play(&mut plugin, 0.5, Pace::Hurry);
    let closed = resident_bytes();
    let mut warm = (0, 0);
    for opening in 1..=openings {
        plugin.open_window(screen.window()).unwrap();
        play_until(&mut plugin, "a picture", |_| screen.is_painted());
        play(&mut plugin, 0.2, Pace::RealTime);
        let open = resident_bytes();
        plugin.close_window();
        screen.clear();
        play(&mut plugin, 0.05, Pace::RealTime);
        if opening == 1 {
            println!("measured: the first window takes {:.1} MB", (open - closed) as f64 / 1e6);
        }
        if opening % WARM_UP == 0 {
            let (allocated, resident) = (allocated_bytes() as f64 / 1e6, resident_bytes() as f64 / 1e6);
            println!("measured: after {opening} windows {allocated:.2} MB are allocated, {resident:.1} MB resident");
        }
        if opening == WARM_UP {
            warm = (allocated_bytes(), count_of("Threads:"));
        }
    }
    let left = (allocated_bytes() - warm.0) / (openings - WARM_UP) as i64;
    println!("measured: each of the last {} windows left {:.1} kB allocated", openings - WARM_UP, left as f64 / 1e3);
    assert!(left < MOST_LEFT_BYTES, "{left} bytes of each window stayed");
    assert_eq!(count_of("Threads:"), warm.1, "threads");
}

/// Where pictures are kept, if anywhere.
fn shots() -> Option<PathBuf> {
    std::env::var_os("TIMBRELOOM_WINDOW_SHOTS").map(PathBuf::from)
}

impl Screen {
    /// Keeps a picture under this name, where pictures are wanted.
    fn keep(&self, name: &str) {
        let Some(folder) = shots() else { return };
        let (pixels, [width, height]) = self.picture();
        std::fs::create_dir_all(&folder).unwrap();
        write_png(&folder.join(format!("{name}.png")), &pixels, width, height);
    }
}

fn write_png(path: &Path, rgb: &[[u8; 3]], width: u32, height: u32) {
    let mut encoder = png::Encoder::new(std::fs::File::create(path).unwrap(), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Best);
    encoder.set_adaptive_filter(png::AdaptiveFilterType::Adaptive);
    encoder.write_header().unwrap().write_image_data(rgb.as_flattened()).unwrap();
}
