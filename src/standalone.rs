//! The effect without a host: on JACK, ALSA or what the system has, with a window, and with a file for those who have no
//! live input. Only built with the feature `standalone`.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clap::Parser;
use nih_plug::prelude::*;

use crate::dsp::resample::{HopIn, is_needed};
use crate::editor::EffectEditor;
use crate::offline::audio_file::{self, Audio, AudioFileError};
use crate::plugin::Timbreloom;
use crate::telemetry::AtomicF32;

/// The effect's own, which the player hands on.
type Task = <Timbreloom<true> as Plugin>::BackgroundTask;

/// Frames that are resampled at once.
const HOP_FRAMES: usize = 512;

/// What the program is told. Everything from the first option that it does not know on is for the framework.
#[derive(Debug, Parser)]
#[command(
    name = "timbreloom-standalone",
    about = "Timbreloom without a host: on JACK, ALSA, or what the system has",
    after_help = "Further options, such as --backend jack, --output-device NAME or --sample-rate 44100, are the \
                  framework's: `timbreloom-standalone -- --help` lists them."
)]
struct Arguments {
    /// Plays this file, over and over, instead of an input: WAV, AIFF, FLAC, MP3, Ogg Vorbis and others
    #[arg(long, value_name = "FILE")]
    play: Option<PathBuf>,
    /// Opens no window; Ctrl-C ends it
    #[arg(long)]
    no_window: bool,
    /// Ends after this many seconds; for tests
    #[arg(long, hide = true)]
    seconds: Option<f64>,
    /// For the framework
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    framework: Vec<String>,
}

/// What the framework's constructor cannot be given.
#[derive(Default)]
struct Wish {
    sound: Option<Audio>,
    has_no_window: bool,
    played_frames: AtomicU64,
    rate_hz: AtomicF32,
    peak: AtomicF32,
}

static WISH: OnceLock<Wish> = OnceLock::new();

/// Why it does not start.
#[derive(Debug, thiserror::Error)]
pub enum StandaloneError {
    /// The file cannot be played.
    #[error(transparent)]
    File(#[from] AudioFileError),
    /// Its own words are in the framework's log.
    #[error("no sound or no window, see above. Try --backend dummy, or --no-window.")]
    Framework,
}

/// Runs until the window is closed. Main thread.
///
/// # Errors
/// When the file cannot be played, or the framework does not start.
pub fn run() -> Result<(), StandaloneError> {
    let arguments = Arguments::parse();
    let sound = arguments.play.as_deref().map(open).transpose()?;
    let wish = WISH.get_or_init(|| Wish { sound, has_no_window: arguments.no_window, ..Wish::default() });
    if let Some(seconds) = arguments.seconds {
        end_after(Duration::from_secs_f64(seconds.clamp(0.0, 1e6)), arguments.no_window);
    }
    let name = std::iter::once("timbreloom-standalone".to_owned());
    // What separates the framework's options from ours is not for it.
    let rest = arguments.framework.into_iter().filter(|word| word != "--");
    let has_run = nice_export_standalone_with_args::<Player, _>(name.chain(rest));
    let seconds = wish.played_frames.load(Ordering::Relaxed) as f64 / f64::from(wish.rate_hz.load().max(1.0));
    eprintln!("Played {seconds:.1} s; the loudest sample was {:.1} dB.", util::gain_to_db(wish.peak.load()));
    if has_run { Ok(()) } else { Err(StandaloneError::Framework) }
}

fn open(path: &Path) -> Result<Audio, StandaloneError> {
    let (sound, report) = audio_file::read(path)?;
    eprintln!("Playing {} ({:.1} s), over and over.", path.display(), sound.seconds());
    for remark in report.remarks(sound.rate_hz) {
        eprintln!("{}: {remark}", path.display());
    }
    Ok(sound)
}

/// As Ctrl-C does, which the framework waits for where there is no window; a window has to be closed by hand.
fn end_after(time: Duration, has_no_window: bool) {
    let wait = move || {
        std::thread::sleep(time);
        #[cfg(unix)]
        if has_no_window {
            // SAFETY: the framework has a handler for it by now, or the process ends, which is what was asked for.
            unsafe { libc::raise(libc::SIGINT) };
            return;
        }
        let _ = has_no_window;
        std::process::exit(0);
    };
    if let Err(error) = std::thread::Builder::new().name("timbreloom-end".into()).spawn(wait) {
        eprintln!("It will not end by itself: the system refused a thread ({error}).");
    }
}

/// The sound at another rate, each channel for itself. Blocks.
fn at_rate(sound: &Audio, rate_hz: f64) -> Vec<Vec<f32>> {
    let own_hz = f64::from(sound.rate_hz);
    if !is_needed(own_hz, rate_hz) {
        return sound.channels.clone();
    }
    let resample = |channel: &Vec<f32>| {
        let mut hops = HopIn::new(own_hz / rate_hz, HOP_FRAMES, true);
        let (mut at, mut out) = (0, Vec::new());
        while at < channel.len() {
            let mut frames = vec![0.0; hops.missing_frames()];
            let there = frames.len().min(channel.len() - at);
            frames[..there].copy_from_slice(&channel[at..at + there]);
            at += frames.len();
            if hops.push(&frames) {
                out.extend_from_slice(hops.hop());
            }
        }
        out
    };
    sound.channels.iter().map(resample).collect()
}

/// The effect with a file in the place of its input, if there is one.
#[derive(Default)]
struct Player {
    effect: Timbreloom<true>,
    /// `[channel][frame]` at the backend's rate; no channels without a file.
    sound: Vec<Vec<f32>>,
    at: usize,
}

impl Player {
    /// Puts the next frames of the file in the place of the input.
    fn fill(&mut self, buffer: &mut Buffer) {
        let frames = self.sound.first().map_or(0, Vec::len);
        if frames == 0 {
            return;
        }
        for (index, channel) in buffer.as_slice().iter_mut().enumerate() {
            // A mono file is heard on both sides.
            let sound = &self.sound[index.min(self.sound.len() - 1)];
            for (n, sample) in channel.iter_mut().enumerate() {
                *sample = sound[(self.at + n) % frames];
            }
        }
        self.at = (self.at + buffer.samples()) % frames;
    }
}

impl Plugin for Player {
    const NAME: &'static str = Timbreloom::<true>::NAME;
    crate::plugin::of_every_plugin!();
    // Without the side-chain, for which there is no second file.
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[AudioIOLayout {
        main_input_channels: NonZeroU32::new(2),
        main_output_channels: NonZeroU32::new(2),
        ..AudioIOLayout::const_default()
    }];
    const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;

    type Editor = EffectEditor;
    type BackgroundTask = Task;

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        self.effect.task_executor()
    }

    fn params(&self) -> Arc<dyn Params> {
        self.effect.params()
    }

    fn editor(&mut self, _: AsyncExecutor<Self>) -> Option<Self::Editor> {
        let has_no_window = WISH.get().is_some_and(|wish| wish.has_no_window);
        if has_no_window { None } else { self.effect.window() }
    }

    fn filter_state(state: &mut PluginState) {
        Timbreloom::<true>::filter_state(state);
    }

    fn activate(&mut self, layout: &AudioIOLayout, config: &BufferConfig, _: &mut impl ActivateContext<Self>) -> bool {
        if let Some(wish) = WISH.get() {
            wish.rate_hz.store(config.sample_rate);
            self.sound = wish.sound.as_ref().map(|sound| at_rate(sound, config.sample_rate.into())).unwrap_or_default();
        }
        // The framework would only complain of a latency: nobody here plays anything else that would have to wait.
        self.effect.prepare(layout, config);
        true
    }

    fn reset(&mut self) {
        self.effect.reset();
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        self.fill(buffer);
        let status = self.effect.perform(buffer, aux, context);
        if let Some(wish) = WISH.get() {
            wish.played_frames.fetch_add(buffer.samples() as u64, Ordering::Relaxed);
            let samples = buffer.as_slice().iter().flat_map(|channel| channel.iter());
            wish.peak.store(samples.fold(wish.peak.load(), |peak, sample| peak.max(sample.abs())));
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_at_another_rate_keeps_its_length_and_pitch() {
        let tone = |n: usize| (std::f32::consts::TAU * 441.0 * n as f32 / 44_100.0).sin();
        let sound = Audio { rate_hz: 44_100, channels: vec![(0..44_100).map(tone).collect()] };
        let channel = &at_rate(&sound, 48_000.0)[0];
        assert!(channel.len().abs_diff(48_000) <= 2 * HOP_FRAMES, "{}", channel.len());
        let middle = &channel[10_000..34_000];
        let rises = middle.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!(rises.abs_diff(220) <= 1, "{rises} periods in half a second of 441 Hz");
    }
}
