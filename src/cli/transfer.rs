//! Playing sound files of any length through a model.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::commands::sentence;
use super::presets::Given;
use super::{Failure, Outcome, Transfer, find, output, presets, settings, shown};
use crate::controls::Controls;
use crate::latent::LatentPath;
use crate::latent::path::VOICED;
use crate::model::kinds::Package;
use crate::model::loader;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::offline::audio_file::{self, Promise, Reader, WavWriter};
use crate::offline::latent_path;
use crate::offline::plot::{self, TransferPicture};
use crate::offline::render::{Bounce, Models};
use crate::rt::EffectSettings;

/// A picture shows so much of a sound's beginning; all else is played without being held.
const PICTURE_SECONDS: u32 = 1800;

/// What is the same for all files.
struct Job<'a> {
    ask: &'a Transfer,
    package: Package,
    second: Option<Package>,
    settings: EffectSettings,
    given: Option<Given>,
}

/// Plays every input, and goes on behind one that cannot be played.
pub(super) fn transfer(ask: &Transfer) -> Result<Outcome, Failure> {
    let changes = ask.options.changes()?;
    let pairs = output::pair(&ask.input, &ask.output, ".wav")?;
    if let (Some(plot), [_, _, ..]) = (&ask.plot, &pairs[..]) {
        let plot = plot.display();
        return Err(format!("--plot {plot} is one picture, and there are several inputs; play them one by one").into());
    }
    let preset = ask.preset.as_deref().map(Path::new);
    let inputs = pairs.iter().map(|(input, _)| &**input).chain(preset);
    output::check(inputs, pairs.iter().map(|(_, output)| &**output).chain(ask.plot.as_deref()))?;
    pairs.iter().try_for_each(|(_, output)| output::check_wav(output))?;
    ask.plot.as_deref().map(output::check_picture).transpose()?;
    let mut desk = settings::desk();
    let given = ask.preset.as_deref().map(|name| presets::given(name, ask.model.as_deref(), &mut desk)).transpose()?;
    let package = match (&ask.model, &given) {
        (Some(model), _) => find::package(model)?,
        (None, Some(given)) => find::requested(&given.models[0])?.package,
        (None, None) => find::package(&ModelRequest::default().name)?,
    };
    let second = given.as_ref().map(|given| &given.models[1]).filter(|second| !second.name.is_empty());
    let second = second.map(find::requested).transpose()?.map(|found| found.package);
    let settings = changes.settings(&mut desk);
    let job = Job { ask, package, second, settings, given };
    output::for_each(&pairs, |input, output| play(&job, input, output))
}

/// What is drawn of a sound.
struct Excerpt {
    sound: Vec<f32>,
    most_frames: usize,
}

impl Excerpt {
    fn push(&mut self, block: &[Vec<f32>]) {
        if self.sound.len() < self.most_frames {
            self.sound.extend(audio_file::mono(block));
            self.sound.truncate(self.most_frames);
        }
    }
}

fn play(job: &Job<'_>, input: &Path, output: &Path) -> Result<Outcome, Failure> {
    let Job { ask, package, second, given, .. } = job;
    let mut reader = Reader::open(input)?;
    let (rate_hz, channels) = (reader.rate_hz(), reader.channels());
    let load = || {
        let boxed = |package: &Package| loader::load(package, &ask.provider);
        Ok((boxed(package)?, second.as_ref().map(boxed).transpose()?))
    };
    // A length that is guessed is none: the header then has room for any.
    let sure_frames = reader.expected_frames().filter(|_| matches!(reader.report().promise, Promise::Frames(_)));
    let mut writer = WavWriter::create(output, rate_hz, channels, ask.format, sure_frames)?;
    // Loaded before the clock starts, so that an error comes at once and the figure is the engine's.
    let loaded = load()?;
    let info = loaded.0.info();
    let mut loaded: Option<Models> = Some(loaded);
    let make = || loaded.take().map_or_else(load, Ok);
    let block_frames = ask.block as usize;
    let mut bounce = Bounce::new(rate_hz, channels, make, &job.settings, block_frames)?;
    let began = Instant::now();
    // On a terminal only.
    let bar = reader.expected_frames().map_or_else(indicatif::ProgressBar::new_spinner, indicatif::ProgressBar::new);
    let most_frames = if ask.plot.is_some() { (PICTURE_SECONDS * rate_hz) as usize } else { 0 };
    let mut drawn = [(); 2].map(|()| Excerpt { sound: Vec::new(), most_frames });

    let mut waiting: Vec<Vec<f32>> = vec![Vec::new(); channels];
    let mut out: Vec<Vec<f32>> = vec![Vec::new(); channels];
    let mut read = Vec::new();
    let mut is_more = true;
    while is_more {
        is_more = reader.next(&mut read)?;
        if is_more {
            drawn[0].push(&read);
            for (waiting, read) in waiting.iter_mut().zip(&read) {
                waiting.extend_from_slice(read);
            }
        }
        // The last block may be short; all others are not.
        while waiting[0].len() >= if is_more { block_frames } else { 1 } {
            let frames = waiting[0].len().min(block_frames);
            bounce.play(waiting.iter_mut().map(|waiting| waiting.drain(..frames).collect()).collect(), &mut out)?;
            bar.inc(frames as u64);
            give(&mut writer, &mut drawn[1], &mut out)?;
        }
    }
    bounce.finish(&mut out)?;
    give(&mut writer, &mut drawn[1], &mut out)?;
    bar.finish_and_clear();
    let report = reader.report();
    let seconds = report.frames as f64 / f64::from(rate_hz);
    let times_real_time = seconds / began.elapsed().as_secs_f64();
    let written = writer.finish()?;
    if let Some(path) = &ask.plot {
        let [sound_in, sound_out] = drawn.map(|excerpt| excerpt.sound);
        let name = input.file_name().unwrap_or(OsStr::new("standard input")).to_string_lossy();
        let part = if report.frames as usize > most_frames { ", its first half hour" } else { "" };
        let title = format!("{name}{part} through {}", package.name());
        draw(path, &title, package, rate_hz, [&sound_in, &sound_out], &job.settings.controls)?;
    }
    let clipped = match written.clipped_samples {
        0 => String::new(),
        n => format!(" {n} samples were clipped: lower the level, or write --format f32."),
    };
    let mut remarks: Vec<String> = given.iter().flat_map(|given| &given.remarks).map(ToString::to_string).collect();
    remarks.extend(output::remarks(input, &report, rate_hz));
    let remarked: String = remarks.iter().map(|remark| format!("\n{remark}")).collect();
    Ok(Outcome::new(
        format!(
            "{}: {seconds:.2} s through {} at {times_real_time:.1} times real time.{clipped}{}{remarked}",
            output.display(),
            package.name(),
            sentence(&info.provider_note)
        ),
        json!({
            "input": shown(input), "output": shown(output), "model": package.name(), "hash": package.hash(),
            "seconds": seconds, "times_real_time": times_real_time, "clipped_samples": written.clipped_samples,
            "preset": given.as_ref().map(|given| &given.name), "remarks": remarks,
            "provider": info.provider, "provider_note": info.provider_note,
        }),
    )
    .beside(output))
}

/// Writes what has come out, and keeps nothing of it.
fn give(writer: &mut WavWriter, drawn: &mut Excerpt, out: &mut [Vec<f32>]) -> Result<(), Failure> {
    writer.write(out)?;
    drawn.push(out);
    for channel in out {
        channel.clear();
    }
    Ok(())
}

fn draw(
    path: &Path,
    title: &str,
    package: &Package,
    rate_hz: u32,
    [sound_in, sound_out]: [&[f32]; 2],
    controls: &Controls,
) -> Result<(), Failure> {
    let mut model = loader::load(package, &ProviderChoice::CPU)?;
    let (shape, cloud) = (model.shape().clone(), model.info().reference_cloud);
    let mut analyse = |sound: &[f32], controls: &Controls| {
        latent_path::encode(sound, rate_hz, model.as_mut(), ModelRequest::named(package.name()), controls)
    };
    let as_heard = Controls { stability: 0.0, ..Controls::default() };
    let (path_in, path_out) = (analyse(sound_in, &as_heard)?, analyse(sound_out, &as_heard)?);
    let played = analyse(sound_in, controls)?;
    // The latents lag behind the sound by the model's delay.
    let lag = shape.delay_frames / shape.hop_frames;
    let pitch = |path: &LatentPath| -> Vec<Option<f32>> {
        path.hops.iter().skip(lag).map(|hop| (hop.voicing > VOICED).then_some(hop.f0_hz)).collect()
    };
    let loudness_db =
        |path: &LatentPath| -> Vec<f32> { path.hops.iter().skip(lag).map(|hop| hop.loudness_db).collect() };
    let latent: Vec<Vec<f32>> = played.hops.iter().map(|hop| hop.latent[..played.dims].to_vec()).collect();
    plot::transfer(
        path,
        &TransferPicture {
            title,
            input: sound_in,
            output: sound_out,
            rate_hz,
            hop_seconds: shape.hop_frames as f64 / f64::from(shape.sample_rate_hz),
            latent: &latent,
            reference_cloud: &cloud,
            input_pitch_hz: &pitch(&path_in),
            output_pitch_hz: &pitch(&path_out),
            input_loudness_db: &loudness_db(&path_in),
            output_loudness_db: &loudness_db(&path_out),
        },
    )?;
    Ok(())
}
