//! One song many times in every host, on a busy computer: each host's renders are to be the same, bit for bit.
//!
//! Hosts differ in how they render: Ardour and DawDreamer say nothing of it in the set-up, pedalboard and the CLAP host do.
//! The plugin has to see for itself that nobody is listening, whoever else wants the processor.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use test_host::{Event, Format, Library, Pace, Render, Take};

use super::ardour::Ardour;
use super::song::EFFECT;
use super::{BUNDLED, bundled, make, script, sound};
use crate::bundle::{Bundle, Profile};
use crate::demo;
use crate::resources;
use crate::setup;
use crate::workspace::{Workspace, capture, last_words};

/// Threads that do nothing but work while the hosts render.
const BUSY_THREADS: usize = 3;

const RATE_HZ: f64 = 44_100.0;
const BLOCK_FRAMES: usize = 512;

/// What is rendered where.
const SONGS: [(Host, Song); 6] = [
    (Host::Clack, Song::Effect),
    (Host::Clack, Song::Codes),
    (Host::Pedalboard, Song::Effect),
    (Host::Pedalboard, Song::Codes),
    (Host::DawDreamer, Song::Effect),
    (Host::Ardour, Song::Effect),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Host {
    Clack,
    Pedalboard,
    DawDreamer,
    Ardour,
}

/// The effect with automation, feedback and random walk; the instrument with notes, pedal, bend and wheel.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Song {
    Effect,
    Codes,
}

impl Song {
    fn word(self) -> &'static str {
        match self {
            Self::Effect => "effect",
            Self::Codes => "codes",
        }
    }
}

/// Renders each song so often and prints how many sounds came of it. `only`: in the hosts of this name. An error unless it is
/// one each.
pub(crate) fn renders(workspace: &Workspace, count: usize, only: Option<&str>) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("this command plays the plugins in the hosts that Debian and Ubuntu have; it runs on Linux only");
    }
    let is_meant = |host: Host| only.is_none_or(|only| format!("{host:?}").eq_ignore_ascii_case(only));
    if !SONGS.iter().any(|(host, _)| is_meant(*host)) {
        bail!("there is no such host; clack, pedalboard, dawdreamer and ardour are known");
    }
    setup::for_renders(workspace, is_meant(Host::Ardour), is_meant(Host::DawDreamer))?;
    // A development build is quicker to make and slower to play: the harder case.
    let bundled = bundled(workspace, Profile::Dev)?;
    let folder = workspace.target.join("renders");
    let ardour = if is_meant(Host::Ardour) { Some(session(workspace, &bundled, &folder)?) } else { None };

    let busy = Busy::start();
    let mut is_one = true;
    for (host, song) in SONGS.into_iter().filter(|(host, _)| is_meant(*host)) {
        let mut hashes: BTreeMap<String, usize> = BTreeMap::new();
        for number in 1..=count {
            eprint!("\r{host:?}, {}: {number} of {count}", song.word());
            let hash = match host {
                Host::Clack => clack(workspace, &bundled, song)?,
                Host::Ardour => by_ardour(&folder, ardour.as_ref().context("Ardour was found above")?)?,
                _ => by_python(workspace, &bundled, host, song)?,
            };
            *hashes.entry(hash).or_default() += 1;
        }
        is_one &= hashes.len() == 1;
        eprint!("\r");
        println!("{:<28} {}", format!("{host:?}, {}", song.word()), told(&hashes, count));
    }
    drop(busy);
    if !is_one {
        bail!("a host's renders of one song differ");
    }
    Ok(())
}

/// The hashes with their counts, the most frequent first.
fn told(hashes: &BTreeMap<String, usize>, count: usize) -> String {
    let mut pairs: Vec<_> = hashes.iter().collect();
    pairs.sort_by(|a, b| b.1.cmp(a.1));
    let each: Vec<String> =
        pairs.iter().map(|(hash, times)| format!("{} ({times} of {count})", &hash[..19.min(hash.len())])).collect();
    each.join(", ")
}

/// Threads that take turns with the hosts until this is dropped.
struct Busy {
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Busy {
    fn start() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let work = |is_over: Arc<AtomicBool>| {
            let mut value = 1.0f64;
            while !is_over.load(Ordering::Relaxed) {
                value = std::hint::black_box((value * 1.000_001).sqrt() + 1.0);
            }
        };
        let thread = || {
            let is_over = Arc::clone(&is_over);
            std::thread::spawn(move || work(is_over))
        };
        let threads = (0..BUSY_THREADS).map(|_| thread()).collect();
        Self { is_over, threads }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // It does not panic.
            let _ = thread.join();
        }
    }
}

fn hash(channels: &[Vec<f32>]) -> String {
    let mut sha = Sha256::new();
    channels.iter().flatten().for_each(|sample| sha.update(sample.to_le_bytes()));
    format!("{:x}", sha.finalize())
}

/// In a fresh instance, as fast as blocks can follow each other, announced as a render.
fn clack(workspace: &Workspace, bundled: &Path, song: Song) -> Result<String> {
    let library = Library::load(&bundled.join("Timbreloom.clap"))?;
    let format = Format { rate_hz: RATE_HZ, min_block_frames: 1, max_block_frames: BLOCK_FRAMES };
    let mut blocks = std::iter::repeat(BLOCK_FRAMES);
    let channels = match song {
        Song::Effect => {
            let mut plugin = library.instantiate("org.timbreloom.effect")?;
            for (name, text) in [("Feedback Amount", "60"), ("Random Amount", "1"), ("Random Rate", "3")] {
                plugin.set_by_text(name, text)?;
            }
            let bias = plugin.param("Bias 1")?;
            plugin.set_render(Render::Offline)?;
            plugin.activate(format)?;
            let input = demo::read(&sound(workspace))?.samples;
            let points = input.len() / 997;
            let value = |n: usize| bias.min + (bias.max - bias.min) * (0.5 + 0.3 * (n as f64 * 0.05).sin());
            let events: Vec<Event> = (0..points).map(|n| Event::value(n * 997, bias.id, value(n))).collect();
            let input = vec![input.clone(), input];
            let take = Take { input: &input, events: &events, song_s: Some(0.0), ..Take::default() };
            plugin.play(&take, &mut blocks, Pace::Hurry)?
        }
        Song::Codes => {
            let mut plugin = library.instantiate("org.timbreloom.codes")?;
            for (name, text) in [("LFO Shape", "Random"), ("Target 1 from LFO", "40"), ("Target 1 from Wheel", "60")] {
                plugin.set_by_text(name, text)?;
            }
            plugin.set_render(Render::Offline)?;
            plugin.activate(format)?;
            let events = melody();
            let take = Take { alone_frames: Some(6 * 44_100), events: &events, song_s: Some(0.0), ..Take::default() };
            plugin.play(&take, &mut blocks, Pace::Hurry)?
        }
    };
    Ok(hash(&channels))
}

/// Chords under the pedal, bends and a wheel.
fn melody() -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..20u8 {
        let frame = usize::from(n) * 11_025;
        events.push(Event::note_on(frame, 0, 48 + n % 12, 60 + n));
        events.push(Event::note_on(frame, 0, 55 + n % 7, 90));
        events.push(Event::controller(frame + 10, 0, 1, 6 * n));
        events.push(Event::bend(frame + 500, 0, i16::from(n) * 300 - 3000));
        events.push(Event::controller(frame + 5000, 0, 64, if n % 4 == 0 { 127 } else { 0 }));
        events.push(Event::note_off(frame + 9000, 0, 48 + n % 12));
        events.push(Event::note_off(frame + 9500, 0, 55 + n % 7));
    }
    events
}

/// In a fresh process; `tests/daw/render.py` prints the hash last.
fn by_python(workspace: &Workspace, bundled: &Path, host: Host, song: Song) -> Result<String> {
    let mut python = Command::new(workspace.python());
    python.arg(script(workspace, "render.py")).arg(format!("{host:?}").to_lowercase()).arg(song.word());
    python.arg(sound(workspace)).env(BUNDLED, bundled);
    let output = capture(&mut python)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let hash = said.lines().find_map(|line| line.strip_prefix("sha256 "));
    match hash {
        Some(hash) if output.status.success() => Ok(hash.to_owned()),
        _ => bail!("{host:?} could not render ({})", last_words(&output)),
    }
}

/// The session of `cargo xtask daw`, with feedback and random walk, saved once.
fn session(workspace: &Workspace, bundled: &Path, folder: &Path) -> Result<Ardour> {
    resources::remove(folder)?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let ardour = Ardour::find(folder.join("home"))?;
    ardour.install(&Bundle::at(bundled))?;
    make(workspace, &ardour, folder, &EFFECT, "Feedback Amount=0.6,Random Amount=1,Random Rate=3")?;
    Ok(ardour)
}

fn by_ardour(folder: &Path, ardour: &Ardour) -> Result<String> {
    let file = folder.join("render.wav");
    resources::remove(&file)?;
    ardour.export(&folder.join(EFFECT.name), EFFECT.name, &file)?;
    let mut reader = hound::WavReader::open(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let samples: Vec<f32> = reader.samples::<f32>().collect::<Result<_, _>>().context("Ardour writes 32-bit floats")?;
    Ok(hash(&[samples]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_sound_is_told_first() {
        let hashes = BTreeMap::from([("a".repeat(64), 2), ("b".repeat(64), 58)]);
        assert_eq!(told(&hashes, 60), "bbbbbbbbbbbbbbbbbbb (58 of 60), aaaaaaaaaaaaaaaaaaa (2 of 60)");
    }
}
