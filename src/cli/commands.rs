//! What each command does.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::settings::{self, Changes};
use super::values::Format;
use super::{Failure, Outcome, find, output, shown};
use crate::model::codes_doctor::CodesHealth;
use crate::model::doctor::{AnyHealth, Health};
use crate::model::provider::ProviderChoice;
use crate::model::quarantine::Quarantine;
use crate::model::request::ModelRequest;
use crate::model::{catalogue, codes_package, examiner};
use crate::offline::audio_file::{self, Reader};
use crate::offline::latent_path::{LatentPath, PathEncoder};

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
                    "name": package.name, "hash": package.hash, "folder": shown(&folder), "licence": package.licence,
                    "provenance": package.provenance, "stage": shape.stage.name(), "sample_rate_hz": shape.sample_rate_hz,
                    "dims": shape.dims, "model_latency_ms": latency_ms,
                }));
            }
            Err(error) => {
                lines.push(format!("(broken)         {error}"));
                list.push(json!({ "folder": shown(&folder), "error": error.to_string() }));
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
                    "name": package.name, "hash": package.hash, "folder": shown(&folder), "licence": package.licence,
                    "provenance": package.provenance, "kind": codes_package::KIND, "codes": package.codes,
                    "sample_rate_hz": package.sample_rate_hz,
                }));
            }
            Err(error) => {
                lines.push(format!("(broken)         {error}"));
                list.push(json!({ "folder": shown(&folder), "error": error.to_string() }));
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
    Ok(Outcome {
        line: lines.join("\n"),
        value: json!({ "models": list, "folders": folders.iter().map(|folder| shown(folder)).collect::<Vec<_>>() }),
        ..Outcome::default()
    })
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
        ..Outcome::default()
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
        ..Outcome::default()
    }
}

pub(super) fn encode(inputs: &[PathBuf], model: &str, output: &Path, stability: &str) -> Result<Outcome, Failure> {
    let asked = (format!("--stability {stability}"), format!("stability={stability}"));
    let controls = Changes::read(&[asked])?.settings(&mut settings::desk()).controls;
    let pairs = output::pair(inputs, output, ".json")?;
    output::check(pairs.iter().map(|(input, _)| &**input), pairs.iter().map(|(_, output)| &**output))?;
    let package = find::package(model)?;
    let mut model = package.load_on(&ProviderChoice::CPU)?;
    output::for_each(&pairs, |input, output| {
        let mut reader = Reader::open(input)?;
        let rate_hz = reader.rate_hz();
        let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
        let mut encoder = PathEncoder::new(rate_hz, model.as_mut(), request, &controls);
        let mut block = Vec::new();
        while reader.next(&mut block)? {
            encoder.push(&audio_file::mono(&block))?;
        }
        let path = encoder.finish()?;
        path.write(output)?;
        let dims = path.latent.first().map_or(0, Vec::len);
        let remarks = output::remarks(input, &reader.report(), rate_hz);
        let remarked: String = remarks.iter().map(|remark| format!("\n{remark}")).collect();
        Ok(Outcome::new(
            format!("{}: {} hops of {dims} dimensions{remarked}", output.display(), path.hops()),
            json!({
                "input": shown(input), "output": shown(output), "hops": path.hops(), "model": package.name(),
                "hash": package.hash(), "remarks": remarks,
            }),
        )
        .beside(output))
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
    Ok(Outcome::new(
        format!("{}: {:.2} s of {}", output.display(), sound.seconds(), package.name()),
        json!({ "output": shown(output), "seconds": sound.seconds(), "model": package.name() }),
    )
    .beside(output))
}

/// One more sentence at the end of a line, where there is one.
pub(super) fn sentence(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}
