//! What each command does.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::values::{Format, LoudnessChoice};
use super::{Failure, Outcome, Transfer, find, output, presets};
use crate::controls::{Controls, Loudness, Routing};
use crate::model::any_package::AnyPackage;
use crate::model::codes_doctor::CodesHealth;
use crate::model::doctor::{AnyHealth, Health};
use crate::model::provider::ProviderChoice;
use crate::model::quarantine::Quarantine;
use crate::model::request::ModelRequest;
use crate::model::{catalogue, codes_package, examiner};
use crate::offline::audio_file::{self, Audio};
use crate::offline::latent_path::LatentPath;
use crate::offline::plot::{self, TransferPicture};
use crate::offline::render::{self, Models};
use crate::plugin::table;
use crate::preset::Kind;
use crate::rt::Settings;

/// The parameter of two commands' option.
const STABILITY: &str = "stability";

pub(super) fn models() -> Result<Outcome, Failure> {
    let mut lines = Vec::new();
    let mut list = Vec::new();
    let mut names = Names::default();
    for (folder, package) in catalogue::all() {
        match package {
            Ok(package) => {
                let shape = &package.shape;
                let latency_ms = 1e3 * (shape.hop_frames + shape.delay_frames) as f64 / f64::from(shape.sample_rate_hz);
                lines.push(format!(
                    "{:<16} {} stage, {} Hz, {} dimensions, {latency_ms:.1} ms within the model. {} [{}]{}",
                    package.name,
                    shape.stage,
                    shape.sample_rate_hz,
                    shape.dims,
                    package.description,
                    folder.display(),
                    names.remark(&package.name, &package.hash)
                ));
                list.push(json!({
                    "name": package.name, "hash": package.hash, "folder": folder, "licence": package.licence,
                    "provenance": package.provenance, "stage": shape.stage.name(), "sample_rate_hz": shape.sample_rate_hz,
                    "dims": shape.dims, "model_latency_ms": latency_ms,
                }));
            }
            Err(error) => {
                lines.push(format!("(broken)         {error}"));
                list.push(json!({ "folder": folder, "error": error.to_string() }));
            }
        }
    }
    // Names of their own: where codes are asked for, no continuous model stands before them.
    let mut names = Names::default();
    for (folder, package) in catalogue::all_codes() {
        match package {
            Ok(package) => {
                lines.push(format!(
                    "{:<16} {} codes, {} Hz, for transfer, codebook, traverse and target. {} [{}]{}",
                    package.name,
                    package.codes,
                    package.sample_rate_hz,
                    package.description,
                    folder.display(),
                    names.remark(&package.name, &package.hash)
                ));
                list.push(json!({
                    "name": package.name, "hash": package.hash, "folder": folder, "licence": package.licence,
                    "provenance": package.provenance, "kind": codes_package::KIND, "codes": package.codes,
                    "sample_rate_hz": package.sample_rate_hz,
                }));
            }
            Err(error) => {
                lines.push(format!("(broken)         {error}"));
                list.push(json!({ "folder": folder, "error": error.to_string() }));
            }
        }
    }
    for held in Quarantine::of_user().held() {
        lines.push(format!("(quarantine)     {held}"));
        list.push(json!({ "name": held.name, "hash": held.hash, "quarantined": held.to_string() }));
    }
    let folders = catalogue::folders();
    if lines.is_empty() {
        lines.push("No models are installed.".into());
    }
    let places: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    lines.push(format!("Looked in: {}", places.join(", ")));
    Ok(Outcome { line: lines.join("\n"), value: json!({ "models": list, "folders": folders }) })
}

/// The names that are taken, and by which version.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    /// Takes a name; what is said of a package that comes too late.
    fn remark(&mut self, name: &str, hash: &str) -> &'static str {
        match self.0.get(name) {
            None => {
                self.0.insert(name.to_owned(), hash.to_owned());
                ""
            }
            Some(first) if first == hash => " (the same once more)",
            Some(_) => " (another version: only projects that ask for it get it, the name means the one above)",
        }
    }
}

/// A sample's level, dB re full scale; silence is -120.
fn level_db(sample: f32) -> f32 {
    20.0 * sample.max(1e-6).log10()
}

pub(super) fn check(package: &Path, provider: &ProviderChoice) -> Result<Outcome, Failure> {
    let folder = find::folder(package)?;
    match examiner::examine(&folder, provider)? {
        AnyHealth::Continuous(health) => Ok(healthy(&health)),
        AnyHealth::Discrete(health) => Ok(healthy_codes(&health)),
    }
}

fn healthy(health: &Health) -> Outcome {
    let warning = health.warning().unwrap_or_default();
    Outcome {
        line: format!(
            "{}: healthy. {} stage; {:.1} times real time on one core{}; hop by hop within {:.1e} of its maker's example; \
             at its loudest {:+.1} dB re full scale; {} frames of latency at its own rate, without the host's.{}{}",
            health.name,
            health.stage,
            health.times_real_time,
            if health.provider == "CPU" { String::new() } else { format!(" and {}", health.provider) },
            health.parity_error,
            level_db(health.peak),
            health.model_latency_frames,
            sentence(&health.provider_note),
            sentence(&warning)
        ),
        value: json!({
            "name": health.name, "stage": health.stage.name(), "verdict": "healthy", "times_real_time": health.times_real_time,
            "parity_error": health.parity_error, "peak": health.peak,
            "model_latency_frames": health.model_latency_frames,
            "provider": health.provider, "provider_note": health.provider_note, "warning": warning,
        }),
    }
}

fn healthy_codes(health: &CodesHealth) -> Outcome {
    let warning = health.warning().unwrap_or_default();
    Outcome {
        line: format!(
            "{}: healthy. {} codes; eight voices at {:.1} times real time on one core; within {:.1e} of its maker's example; \
             descriptors within {:.1e} octaves of the sound's; at its loudest {:+.1} dB re full scale.{}",
            health.name,
            health.codes,
            health.times_real_time,
            health.parity_error,
            health.descriptor_error,
            level_db(health.peak),
            sentence(&warning)
        ),
        value: json!({
            "name": health.name, "kind": codes_package::KIND, "verdict": "healthy", "codes": health.codes,
            "times_real_time": health.times_real_time, "parity_error": health.parity_error,
            "descriptor_error": health.descriptor_error, "peak": health.peak, "warning": warning,
        }),
    }
}

pub(super) fn transfer(ask: &Transfer) -> Result<Outcome, Failure> {
    let preset = ask.preset.as_deref().map(Path::new);
    output::check([&*ask.input].into_iter().chain(preset), [&*ask.output].into_iter().chain(ask.plot.as_deref()))?;
    output::check_wav(&ask.output)?;
    let given = ask.preset.as_deref().map(|name| presets::given(name, ask.model.as_deref())).transpose()?;
    let package = match (&ask.model, &given) {
        (Some(model), _) => find::package(model)?,
        (None, Some(given)) => find::requested(&given.models[0])?.package,
        (None, None) => find::package(&ModelRequest::default().name)?,
    };
    let second = given.as_ref().map(|given| &given.models[1]).filter(|second| !second.name.is_empty());
    let second = second.map(find::requested).transpose()?.map(|found| found.package);
    let input = audio_file::read(&ask.input)?;
    let settings = settings(ask, given.as_ref().map(|given| given.settings).unwrap_or_default())?;
    let load = || {
        let boxed = |package: &AnyPackage| package.load_on(&ask.provider);
        Ok((boxed(&package)?, second.as_ref().map(boxed).transpose()?))
    };
    // Loaded before the clock starts, so that an error comes at once and the figure is the engine's.
    let loaded = load()?;
    let info = loaded.0.info();
    let mut loaded: Option<Models> = Some(loaded);
    let began = Instant::now();
    let bar = progress(&input);
    let block = ask.block as usize;
    let mut blocks = std::iter::repeat_with(|| {
        bar.inc(block as u64);
        block
    });
    let make = || loaded.take().map_or_else(load, Ok);
    let rendered = render::transfer(&input, make, &settings, &mut blocks, block);
    bar.finish_and_clear();
    let output = rendered?;
    let times_real_time = input.seconds() / began.elapsed().as_secs_f64();
    let report = audio_file::write_wav(&ask.output, &output, ask.format.into())?;
    if let Some(path) = &ask.plot {
        draw(path, ask, &package, [&input, &output], &settings.controls)?;
    }
    let clipped = match report.clipped_samples {
        0 => String::new(),
        n => format!(" {n} samples were clipped: lower the level, or write --format f32."),
    };
    let remarks: Vec<String> = given.iter().flat_map(|given| &given.remarks).map(ToString::to_string).collect();
    let remarked: String = remarks.iter().map(|remark| format!("\n{remark}")).collect();
    Ok(Outcome {
        line: format!(
            "{}: {:.2} s through {} at {times_real_time:.1} times real time.{clipped}{}{remarked}",
            ask.output.display(),
            input.seconds(),
            package.name(),
            sentence(&info.provider_note)
        ),
        value: json!({
            "output": ask.output, "model": package.name(), "hash": package.hash(), "seconds": input.seconds(),
            "times_real_time": times_real_time, "clipped_samples": report.clipped_samples,
            "preset": given.as_ref().map(|given| &given.name), "remarks": remarks,
            "provider": info.provider, "provider_note": info.provider_note,
        }),
    })
}

pub(super) fn encode(input: &Path, model: &str, output: &Path, stability: f32) -> Result<Outcome, Failure> {
    output::check([input], [output])?;
    let stability = within("--stability", stability, STABILITY, 1.0)? / 100.0;
    let package = find::package(model)?;
    let sound = audio_file::read(input)?;
    let mut model = package.load_on(&ProviderChoice::CPU)?;
    let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
    let controls = Controls { stability, ..Controls::default() };
    let path = LatentPath::encode(&sound.mono(), sound.rate_hz, model.as_mut(), request, &controls)?;
    path.write(output)?;
    Ok(Outcome {
        line: format!("{}: {} hops of {} dimensions", output.display(), path.hops(), model.shape().dims),
        value: json!({ "output": output, "hops": path.hops(), "model": package.name(), "hash": package.hash() }),
    })
}

pub(super) fn decode(path: &Path, model: Option<&str>, output: &Path, format: Format) -> Result<Outcome, Failure> {
    output::check([path], [output])?;
    output::check_wav(output)?;
    let latent_path = LatentPath::read(path)?;
    let package = match model {
        Some(name) => find::package(name)?,
        None => {
            let found = find::requested(&latent_path.model)?;
            if found.is_other_version {
                let name = &latent_path.model.name;
                return Err(format!(
                    "{}: was made with another version of the model “{name}” than the one installed; its latent would \
                     mean something else. Install that version, or say --model {name} to use this one.",
                    path.display()
                )
                .into());
            }
            found.package
        }
    };
    let mut model = package.load_on(&ProviderChoice::CPU)?;
    let dims = latent_path.latent[0].len();
    if dims != model.shape().dims {
        return Err(format!(
            "{}: has {dims} dimensions, the model “{}” has {}; decode it with the model that made it",
            path.display(),
            package.name(),
            model.shape().dims
        )
        .into());
    }
    let sound = latent_path.decode(model.as_mut())?;
    audio_file::write_wav(output, &sound, format.into())?;
    Ok(Outcome {
        line: format!("{}: {:.2} s of {}", output.display(), sound.seconds(), package.name()),
        value: json!({ "output": output, "seconds": sound.seconds(), "model": package.name() }),
    })
}

/// One more sentence at the end of a line, where there is one.
fn sentence(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// What the options say, over what the preset (or else the default) says.
fn settings(ask: &Transfer, mut settings: Settings) -> Result<Settings, Failure> {
    let controls = &mut settings.controls;
    // Parameters show shares in per cent; some options and all controls are the plain share.
    for (option, value, id, shown, per_held, control) in [
        ("--loudness-offset", ask.loudness_offset, "loudness_offset", 1.0, 1.0, &mut controls.loudness_offset_db),
        ("--transpose", ask.transpose, "transpose", 1.0, 1.0, &mut controls.transpose_semitones),
        ("--stability", ask.stability, STABILITY, 1.0, 100.0, &mut controls.stability),
        ("--feedback", ask.feedback, "feedback_amount", 100.0, 1.0, &mut controls.feedback_gain),
        ("--feedback-hz", ask.feedback_hz, "feedback_frequency", 1.0, 1.0, &mut controls.feedback_hz),
        ("--feedback-q", ask.feedback_q, "feedback_q", 1.0, 1.0, &mut controls.feedback_q),
        ("--mix", ask.mix, "mix", 100.0, 1.0, &mut settings.mix),
    ] {
        if let Some(value) = value {
            *control = within(option, value, id, shown)? / per_held;
        }
    }
    if ask.both_channels {
        controls.routing = Routing::Both;
    }
    match ask.loudness {
        Some(LoudnessChoice::LevelDb(level_db)) => {
            controls.loudness = Loudness::Manual;
            controls.loudness_level_db = within("--loudness", level_db, "loudness_level", 1.0)?;
        }
        Some(LoudnessChoice::Follow) => controls.loudness = Loudness::Follow,
        None => {}
    }
    for bias in &ask.bias {
        controls.bias[bias.dimension] = within("a dimension's --bias", bias.value, "bias_1", 1.0)?;
    }
    for scale in &ask.scale {
        controls.scale[scale.dimension] = within("a dimension's --scale", scale.value, "scale_1", 1.0)?;
    }
    Ok(settings)
}

/// An option's value, refused outside of the range of the plugin's parameter `id`, which shows `shown` where the option says 1.
fn within(option: &str, value: f32, id: &str, shown: f32) -> Result<f32, Failure> {
    let Some(&Kind::Number(low, high)) = table().get(id).map(|parameter| &parameter.kind) else {
        return Err(format!("{option} has no parameter “{id}”; please report this").into());
    };
    let (low, high) = (low / shown, high / shown);
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(format!("{option} should be {low} to {high}, but is {value}").into())
    }
}

/// A progress bar over all frames, on a terminal only.
fn progress(input: &Audio) -> indicatif::ProgressBar {
    let runs = if input.channels.len() <= 2 { 1 } else { input.channels.len() };
    indicatif::ProgressBar::new((input.frames() * runs) as u64)
}

fn draw(
    path: &Path,
    ask: &Transfer,
    package: &AnyPackage,
    [input, output]: [&Audio; 2],
    controls: &Controls,
) -> Result<(), Failure> {
    let mut model = package.load_on(&ProviderChoice::CPU)?;
    let (shape, cloud) = (model.shape().clone(), model.info().reference_cloud);
    let mut analyse = |sound: &[f32], controls: &Controls| {
        LatentPath::encode(sound, input.rate_hz, model.as_mut(), ModelRequest::named(package.name()), controls)
    };
    let (sound_in, sound_out) = (input.mono(), output.mono());
    let as_heard = Controls { stability: 0.0, ..Controls::default() };
    let (path_in, path_out) = (analyse(&sound_in, &as_heard)?, analyse(&sound_out, &as_heard)?);
    let played = analyse(&sound_in, controls)?;
    let pitch = |path: &LatentPath| -> Vec<Option<f32>> {
        path.f0_hz.iter().zip(&path.voicing).map(|(&f0, &voicing)| (voicing > 0.5).then_some(f0)).collect()
    };
    // The latents lag behind the sound by the model's delay.
    let lag = shape.delay_frames / shape.hop_frames;
    let shifted = |list: &[f32]| list.iter().skip(lag).copied().collect::<Vec<f32>>();
    let shifted_pitch = |list: Vec<Option<f32>>| list.into_iter().skip(lag).collect::<Vec<_>>();
    let name = ask.input.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    plot::transfer(
        path,
        &TransferPicture {
            title: &format!("{name} through {}", package.name()),
            input: &sound_in,
            output: &sound_out,
            rate_hz: input.rate_hz,
            hop_seconds: shape.hop_frames as f64 / f64::from(shape.sample_rate_hz),
            latent: &played.latent,
            reference_cloud: &cloud,
            input_pitch_hz: &shifted_pitch(pitch(&path_in)),
            output_pitch_hz: &shifted_pitch(pitch(&path_out)),
            input_loudness_db: &shifted(&path_in.loudness_db),
            output_loudness_db: &shifted(&path_out.loudness_db),
        },
    )?;
    Ok(())
}
