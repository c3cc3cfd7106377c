//! Patterns of hits, played into a file.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::play_file::{PlayFile, desk};
use super::{below, numbered};
use crate::cli::settings::Changes;
use crate::cli::{Failure, Outcome, complain, output, shown};
use crate::drums::TRACKS;
use crate::drums::sequencer::grid::BAR_BEATS;
use crate::hits::renderer::Renderer;
use crate::instance::drums_table;
use crate::instance::midi_play::{Heard, Own};
use crate::model::loader;
use crate::offline::audio_file::{self, Audio, SampleFormat};
use crate::offline::drums::{Song, render_loop};
use crate::offline::output_file::is_standard;
use crate::offline::plot::drums::{DrumsPicture, drums};

/// The whole sound is held in memory: of eight stereo outputs at 48 kHz that is 5.5 GB.
const MOST_MINUTES: f64 = 30.0;

/// Play patterns of hits into a file: a preset of Timbreloom Drums, or a small file.
#[derive(Args)]
pub(in crate::cli) struct SequenceAsk {
    /// A preset of Timbreloom Drums, by its name or file, or a small file of JSON as docs/drums.md describes it.
    patterns: String,
    /// Name of an installed grain model, or a package's folder [default: that of the preset or file, or the drums].
    #[arg(short, long)]
    model: Option<String>,
    /// The WAV file to write, or - for standard output.
    #[arg(short, long)]
    output: PathBuf,
    /// Beats per minute, 20 to 400.
    #[arg(long, default_value_t = 120.0, value_parser = bpm)]
    bpm: f32,
    /// Bars of four beats.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=999))]
    bars: u32,
    /// Where the second of each pair of steps lies, 50 to 75 %.
    #[arg(long, value_name = "PERCENT")]
    swing: Option<String>,
    /// Which take of all that is drawn, 1 to 9999.
    #[arg(long, value_name = "N")]
    take: Option<String>,
    /// How often hits change by themselves: off, step, beat, bar, 2_bars or 4_bars.
    #[arg(long, value_name = "PERIOD")]
    evolve: Option<String>,
    /// Set any parameter of Timbreloom Drums by its id, as the window says it: draw_1=5, tune_2=-3 (repeatable).
    #[arg(long, value_name = "ID=VALUE")]
    set: Vec<String>,
    /// Frames a second, 8000 to 192000.
    #[arg(long, value_name = "HZ", default_value_t = 48_000, value_parser = clap::value_parser!(u32).range(8000..=192_000))]
    rate: u32,
    /// Write each track into a stereo file of its own: loop-1.wav to loop-8.wav.
    #[arg(long = "tracks")]
    has_tracks: bool,
    /// Begin out of silence and ring out, in place of a loop that goes on at its end as it begins.
    #[arg(long = "once")]
    is_once: bool,
    /// Samples of the WAV file.
    #[arg(long, value_enum, default_value_t)]
    format: SampleFormat,
    /// Draw spectrogram and wave into this PNG.
    #[arg(long)]
    plot: Option<PathBuf>,
}

fn bpm(text: &str) -> Result<f32, String> {
    super::within(text, 20.0, 400.0)
}

impl SequenceAsk {
    /// What is set over what the file says.
    fn changes(&self) -> Result<Changes, Failure> {
        let named = [("swing", &self.swing), ("take", &self.take), ("evolve", &self.evolve)];
        let named = named.into_iter().filter_map(|(id, value)| Some((id, value.as_ref()?)));
        let named = named.map(|(id, value)| (format!("--{id} {value}"), format!("{id}={value}")));
        let set = self.set.iter().map(|text| (format!("--set {text}"), text.clone()));
        Changes::of(drums_table(), "docs/drums.md", &named.chain(set).collect::<Vec<_>>())
    }

    /// The files, one or one for each track.
    fn files(&self) -> Result<Vec<PathBuf>, Failure> {
        if !self.has_tracks {
            return Ok(vec![self.output.clone()]);
        }
        if is_standard(&self.output) {
            return Err(
                "--tracks writes a file for each track; give the name of one in place of standard output.".into()
            );
        }
        Ok((1..=TRACKS as u32).map(|track| numbered(&self.output, track)).collect())
    }
}

pub(in crate::cli) fn sequence(ask: &SequenceAsk) -> Result<Outcome, Failure> {
    let (word, named) = (ask.patterns.as_str(), ask.model.as_deref());
    let (changes, files) = (ask.changes()?, ask.files()?);
    let minutes = f64::from(ask.bars) * BAR_BEATS / f64::from(ask.bpm);
    if minutes > MOST_MINUTES {
        return Err(format!(
            "{} bars at {} beats per minute are {minutes:.0} minutes, and at most {MOST_MINUTES} are rendered at once. Ask for \
             fewer with --bars.",
            ask.bars, ask.bpm
        )
        .into());
    }
    let input = PathBuf::from(word);
    output::check([&*input], files.iter().map(|file| &**file).chain(ask.plot.as_deref()))?;
    files.iter().try_for_each(|file| output::check_wav(file))?;
    ask.plot.as_deref().map(output::check_picture).transpose()?;
    let mut desk = desk();
    let given = PlayFile::read(word, named, &mut desk)?;
    let package = given.package(word, named, &desk)?;
    let (model, said) = loader::load_grain_model(&package)?;
    said.iter().for_each(|remark| complain(remark));
    let remarks = given.finish(word, &model, &mut desk)?;
    changes.put(&mut desk);
    let params = desk.params();
    let settings = params.settings(&Own);
    let patterns = params.patterns.get();
    let song = Song {
        settings: &settings,
        patterns: &patterns,
        bars: ask.bars,
        tempo_bpm: ask.bpm.into(),
        rate_hz: ask.rate,
        pairs: files.len(),
        is_loop: !ask.is_once,
    };
    let mut channels = render_loop(Renderer::new(model), params.hits.kit(), &song)?;
    let gain = 10f32.powf(Own.value(&params.output_gain) / 20.0);
    channels.iter_mut().flatten().for_each(|sample| *sample *= gain);
    if channels.iter().flatten().all(|sample| *sample == 0.0) {
        return Err(format!(
            "{word}: nothing is heard in these bars: the pattern has no steps there, or its tracks are silent. Choose another \
             one with --set pattern=2."
        )
        .into());
    }
    let name = &package.header.name;
    if let Some(plot) = &ask.plot {
        let title = format!("{word}: {} bars of {name} at {} bpm", ask.bars, ask.bpm);
        let mixed = audio_file::mono(&channels);
        drums(plot, &DrumsPicture { title: &title, sounds: &[("loop", &mixed)], rate_hz: ask.rate, walk: None })?;
    }
    let seconds = channels[0].len() as f64 / f64::from(ask.rate);
    let mut clipped = 0;
    for (file, pair) in files.iter().zip(channels.chunks(2)) {
        let audio = Audio { rate_hz: ask.rate, channels: pair.to_vec() };
        clipped += audio_file::write_wav(file, &audio, ask.format)?.clipped_samples;
    }
    let mut line = format!("{}: {seconds:.2} s, {} bars of {name} at {} bpm", ask.output.display(), ask.bars, ask.bpm);
    if ask.has_tracks {
        line += &format!(", each of {TRACKS} tracks in a file of its own");
    }
    if clipped > 0 {
        line += &format!(". {clipped} samples were clipped: set output_gain lower, or write --format f32.");
    }
    Ok(Outcome::new(
        line + &below(&remarks),
        json!({
            "outputs": files.iter().map(|file| shown(file)).collect::<Vec<_>>(), "model": name, "hash": package.header.hash,
            "seconds": seconds, "bars": ask.bars, "bpm": ask.bpm, "clipped_samples": clipped, "remarks": remarks,
        }),
    )
    .beside(&ask.output))
}
