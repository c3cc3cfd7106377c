//! The effect in real time without a host, played by OSC; or hits of a grain model, asked for by OSC.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::Args;
use serde_json::json;

use super::drums::{self, Serving};
use super::{Failure, Outcome, complain, find, output, settings, shown};
use crate::instance::midi_play::MidiPlay;
use crate::instance::osc_play::OscPlay;
use crate::instance::transport::TransportPosition;
use crate::interrupt;
use crate::latent::set::MAX_PATHS;
use crate::latent::{Chain, PathSet};
use crate::model::loader;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::offline::audio_file::{self, Audio, AudioFileError, SampleFormat, WavWriter};
use crate::offline::latent_path;
use crate::offline::live::Live;
use crate::osc::OscPlace;

/// Frames that are played at once.
const BLOCK_FRAMES: usize = 512;

/// Of a silent input.
const SILENCE: (u32, usize) = (48_000, 2);

/// The first draw of hits.
const FIRST_DRAW: u32 = 1;

/// Play the effect by OSC, in real time and without a host; or answer who asks for hits.
#[derive(Args)]
pub(super) struct OscCommand {
    /// Name of an installed model, or a package's folder: by default the cello, with --drums the drums.
    #[arg(short, long)]
    model: Option<String>,
    /// Make hits of a grain model in place of playing the effect: /sample_note CLASS and /sample_path CLASS ask for one.
    #[arg(long = "drums", requires = "out", conflicts_with_all = [
        "input", "output", "paths", "set", "bias", "scale", "loudness", "loudness_offset", "transpose", "stability",
        "feedback", "feedback_hz", "feedback_q", "mix", "both_channels",
    ])]
    is_drums: bool,
    /// The folder for the hits: drums0.wav for the first class, and so on, each the last one of its class.
    #[arg(long, value_name = "FOLDER", requires = "is_drums")]
    out: Option<PathBuf>,
    /// The first hit's draw; each further one is the next, so that the same messages make the same hits again [default: 1].
    #[arg(long, value_name = "N", requires = "is_drums", value_parser = clap::value_parser!(u32).range(1..))]
    seed: Option<u32>,
    /// A sound file to play through the model, over and over; without it the input is silence.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The WAV file to write what is heard to.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// End after so many seconds; without it Ctrl-C ends it.
    #[arg(long, value_parser = seconds)]
    seconds: Option<f64>,
    /// The port to listen on; 0 for one that is free.
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// The port to send answers to, another one; 0 for the one that messages come from.
    #[arg(long, default_value_t = 9001)]
    send_port: u16,
    /// The address to listen on; 0.0.0.0 for anybody in your networks.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Latent paths for the slots, up to eight (.json, .npz); Path Mode and Plane say what they do.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    options: settings::Options,
    /// Samples of the WAV file.
    #[arg(long, value_enum, default_value_t)]
    format: SampleFormat,
}

impl OscCommand {
    /// Where is listened.
    fn place(&self) -> OscPlace {
        OscPlace { address: self.address, port: self.port, send_port: self.send_port }
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.0..=1e6).contains(seconds));
    seconds.ok_or_else(|| format!("“{text}” should be a number of seconds, 0 to 1000000"))
}

/// Listens, plays and writes until the time is over or somebody ends it.
pub(super) fn osc(ask: &OscCommand) -> Result<Outcome, Failure> {
    if let Some(folder) = ask.out.as_deref().filter(|_| ask.is_drums) {
        let (seed, seconds, format) = (ask.seed.unwrap_or(FIRST_DRAW), ask.seconds, ask.format);
        let model = ask.model.as_deref().unwrap_or(drums::DEFAULT_MODEL);
        return drums::serve(&Serving { model, folder, place: ask.place(), seed, seconds, format });
    }
    let mut desk = settings::desk();
    ask.options.changes()?.settings(&mut desk);
    let inputs = ask.input.iter().chain(&ask.paths).map(PathBuf::as_path);
    output::check(inputs, ask.output.as_deref())?;
    ask.output.as_deref().map(output::check_wav).transpose()?;
    let paths = read_paths(&ask.paths)?;
    let mut source = Source::open(ask.input.as_deref())?;
    let package = match &ask.model {
        Some(word) => find::package(word)?,
        None => find::package(&ModelRequest::default().name)?,
    };
    let model = loader::load(&package, &ProviderChoice::CPU)?;
    let (rate_hz, channels) = (source.rate_hz(), source.channels());
    let mut live = Live::new(rate_hz, channels, (model, None), paths, BLOCK_FRAMES)?;
    let create = |path: &Path| WavWriter::create(path, rate_hz, channels, ask.format, None);
    let mut writer = ask.output.as_deref().map(create).transpose()?;
    let params = Arc::clone(desk.params());
    let mut midi = MidiPlay::new(&params);
    let mut osc = OscPlay::new(&params, live.telemetry());
    let port = params.own.osc.serve(ask.place())?;
    // From here on what was written is worth being finished.
    let end = interrupt::end_gently();
    let place = SocketAddr::new(ask.address, port);
    complain(&format!("{} plays, and listens for OSC on {place}.", package.name()));
    let most_frames = ask.seconds.map_or(u64::MAX, |seconds| (seconds * f64::from(rate_hz)) as u64);
    let mut frames = 0;
    while frames < most_frames && !end.is_asked() {
        live.await_turn();
        let mut block = source.next((most_frames - frames).min(BLOCK_FRAMES as u64) as usize);
        midi.settle();
        osc.take(&mut midi, false);
        let mut settings = params.settings(&TransportPosition::default(), &midi);
        settings.controls.latent = osc.latent();
        live.play(&mut block, &settings)?;
        frames += block[0].len() as u64;
        if let Some(writer) = &mut writer {
            writer.write(&block)?;
        }
    }
    let clipped = writer.map(WavWriter::finish).transpose()?.map_or(0, |report| report.clipped_samples);
    let counts = params.own.osc.status().counts;
    let dropouts = live.telemetry().underruns.load(Ordering::Relaxed);
    let heard_s = frames as f64 / f64::from(rate_hz);
    let mut line = format!(
        "{}: {heard_s:.2} s, {dropouts} dropouts; {} messages taken, {} refused, {} too many.",
        package.name(),
        counts.taken,
        counts.refused,
        counts.flooded
    );
    if clipped > 0 {
        line += &format!(" {clipped} samples were clipped: lower the level, or write --format f32.");
    }
    let note = live.telemetry().paths_note.lock().clone();
    for remark in [&counts.last_refusal, &note].into_iter().filter(|remark| !remark.is_empty()) {
        line += &format!("\n{remark}");
    }
    let value = json!({
        "output": ask.output.as_deref().map(shown), "model": package.name(), "hash": package.hash(), "seconds": heard_s,
        "dropouts": dropouts, "clipped_samples": clipped, "port": port, "taken": counts.taken, "refused": counts.refused,
        "flooded": counts.flooded, "last_refusal": counts.last_refusal, "paths_note": note,
    });
    let outcome = Outcome::new(line, value);
    Ok(match &ask.output {
        Some(output) => outcome.beside(output),
        None => outcome,
    })
}

/// Paths in the slots, in the order in which they were named.
fn read_paths(files: &[PathBuf]) -> Result<PathSet, Failure> {
    if files.len() > MAX_PATHS {
        return Err(format!("--paths takes up to {MAX_PATHS} files, and {} were named.", files.len()).into());
    }
    let mut set = PathSet::default();
    for (n, file) in files.iter().enumerate() {
        let path = latent_path::read(file)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let with = set.with_path(n, &name, &path, &Chain::default());
        set = with.map_err(|reason| format!("{}: {reason}.", file.display()))?;
    }
    Ok(set)
}

/// What is played through the model.
enum Source {
    Silence,
    /// A sound, and the frame that comes next.
    Sound(Audio, usize),
}

impl Source {
    /// A sound file, or silence without one. More than two channels are mixed down.
    fn open(path: Option<&Path>) -> Result<Self, AudioFileError> {
        let Some(path) = path else { return Ok(Self::Silence) };
        let (mut audio, report) = audio_file::read(path)?;
        for remark in output::remarks(path, &report, audio.rate_hz) {
            complain(&remark);
        }
        if audio.channels.len() > 2 {
            audio.channels = vec![audio.mono()];
        }
        Ok(Self::Sound(audio, 0))
    }

    fn rate_hz(&self) -> u32 {
        match self {
            Self::Silence => SILENCE.0,
            Self::Sound(audio, _) => audio.rate_hz,
        }
    }

    fn channels(&self) -> usize {
        match self {
            Self::Silence => SILENCE.1,
            Self::Sound(audio, _) => audio.channels.len(),
        }
    }

    /// The next block, `[channel][frame]`; behind its end a sound begins again.
    fn next(&mut self, frames: usize) -> Vec<Vec<f32>> {
        match self {
            Self::Silence => vec![vec![0.0; frames]; SILENCE.1],
            Self::Sound(audio, at) => {
                let (from, to) = (*at, *at + frames);
                *at = to % audio.frames();
                // A file without a frame is refused when it is read.
                let looped = |channel: &Vec<f32>| (from..to).map(|n| channel[n % channel.len()]).collect();
                audio.channels.iter().map(looped).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_begins_again_behind_its_end() {
        let audio = Audio { rate_hz: 8_000, channels: vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]] };
        let mut source = Source::Sound(audio, 0);
        assert_eq!(source.next(2), [[1.0, 2.0], [4.0, 5.0]]);
        assert_eq!(source.next(5), [[3.0, 1.0, 2.0, 3.0, 1.0], [6.0, 4.0, 5.0, 6.0, 4.0]]);
        assert_eq!((source.next(1), source.channels()), (vec![vec![2.0], vec![5.0]], 2));
        assert_eq!(Source::Silence.next(3), vec![vec![0.0; 3]; 2]);
    }
}
