//! What each command does.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::settings::{self, Changes};
use super::{Failure, Outcome, find, output, shown};
use crate::latent::LatentPath;
use crate::model::Model;
use crate::model::doctor::Health;
use crate::model::kinds::{Kind, Package};
use crate::model::manifest::Header;
use crate::model::provider::ProviderChoice;
use crate::model::quarantine::Quarantine;
use crate::model::request::ModelRequest;
use crate::model::{catalogue, examiner, loader, places};
use crate::offline::audio_file::{self, Reader, SampleFormat};
use crate::offline::latent_path::{self, PathEncoder};

pub(super) fn models() -> Result<Outcome, Failure> {
    let mut lines = Vec::new();
    let mut list = Vec::new();
    // Names of their own for each kind: where codes are asked for, no latent space stands before them.
    let mut names = Names::default();
    let mut packages = catalogue::all();
    packages.sort_by_key(|(_, package)| (package.is_err(), package.as_ref().ok().map(Package::kind)));
    for (folder, package) in packages {
        let package = match package {
            Ok(package) => package,
            Err(error) => {
                lines.push(format!("(broken)         {error}"));
                list.push(json!({ "folder": shown(&folder), "error": error.to_string() }));
                continue;
            }
        };
        let (header, summary) = (package.header(), package.summary());
        let Header { name, hash, sample_rate_hz, .. } = header;
        lines.push(format!(
            "{name:<16} {}. {} [{}]{}",
            package.in_a_list(),
            header.description,
            folder.display(),
            names.remark(package.kind(), name, hash)
        ));
        list.push(without_nulls(json!({
            "name": name, "hash": hash, "folder": shown(&folder), "licence": header.licence,
            "provenance": header.provenance, "kind": package.kind().word(), "stage": summary.stage.name(),
            "sample_rate_hz": sample_rate_hz, "dims": summary.dims, "codes": summary.codes,
            "model_latency_ms": header.latency_ms(),
        })));
    }
    for held in Quarantine::of_user().held() {
        lines.push(format!("(quarantine)     {held}"));
        list.push(json!({ "name": held.name, "hash": held.hash, "quarantined": held.to_string() }));
    }
    let folders = places::folders();
    if lines.is_empty() {
        lines.push("No models are installed.".into());
    }
    let places: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    lines.push(format!("Looked in: {}", places.join(", ")));
    Ok(Outcome::new(
        lines.join("\n"),
        json!({ "models": list, "folders": folders.iter().map(|folder| shown(folder)).collect::<Vec<_>>() }),
    ))
}

/// The names that are taken, and by which version.
#[derive(Default)]
struct Names(HashMap<(Kind, String), String>);

impl Names {
    /// Takes a name; what is said of a package that comes too late.
    fn remark(&mut self, kind: Kind, name: &str, hash: &str) -> &'static str {
        let key = (kind, name.to_owned());
        match self.0.get(&key) {
            None => {
                self.0.insert(key, hash.to_owned());
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
    let health = examiner::examine(&folder, provider)?;
    let Health { name, stage, times_real_time, parity_error, peak, model_latency_frames, .. } = &health;
    let warning = health.warning().unwrap_or_default();
    let beside = if health.provider == "CPU" { String::new() } else { format!(" and {}", health.provider) };
    let kind = Package::open(&folder)?.kind().word();
    let runs = match health.codes {
        Some(codes) => format!("{codes} codes; eight voices at {times_real_time:.1} times real time on one core"),
        None => format!("{stage} stage; {times_real_time:.1} times real time on one core{beside}"),
    };
    let descriptors =
        health.descriptor_error.map(|error| format!(" descriptors within {error:.1e} octaves of the sound's;"));
    Ok(Outcome::new(
        format!(
            "{name}: healthy. {runs}; hop by hop within {parity_error:.1e} of its maker's example;{} at its loudest {:+.1} dB \
             re full scale; {model_latency_frames} frames of latency at its own rate, without the host's.{}{}",
            descriptors.unwrap_or_default(),
            level_db(*peak),
            sentence(&health.provider_note),
            sentence(&warning)
        ),
        without_nulls(json!({
            "name": name, "kind": kind, "stage": stage.name(), "codes": health.codes, "verdict": "healthy",
            "times_real_time": times_real_time, "parity_error": parity_error,
            "descriptor_error": health.descriptor_error, "peak": peak, "model_latency_frames": model_latency_frames,
            "provider": health.provider, "provider_note": health.provider_note, "warning": warning,
        })),
    ))
}

/// Without the keys that say nothing: `docs/program.md` names them.
fn without_nulls(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    value
}

pub(super) fn encode(inputs: &[PathBuf], model: &str, output: &Path, stability: &str) -> Result<Outcome, Failure> {
    let asked = (format!("--stability {stability}"), format!("stability={stability}"));
    let controls = Changes::read(&[asked])?.settings(&mut settings::desk()).controls;
    let pairs = output::pair(inputs, output, ".json")?;
    output::check(pairs.iter().map(|(input, _)| &**input), pairs.iter().map(|(_, output)| &**output))?;
    let package = find::package(model)?;
    let mut model = loader::load(&package, &ProviderChoice::CPU)?;
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
        latent_path::write(output, &path)?;
        let (dims, hops) = (path.dims, path.hops.len());
        let remarks = output::remarks(input, &reader.report(), rate_hz);
        let remarked: String = remarks.iter().map(|remark| format!("\n{remark}")).collect();
        Ok(Outcome::new(
            format!("{}: {hops} hops of {dims} dimensions{remarked}", output.display()),
            json!({
                "input": shown(input), "output": shown(output), "hops": hops, "model": package.name(),
                "hash": package.hash(), "remarks": remarks,
            }),
        )
        .beside(output))
    })
}

pub(super) fn decode(
    path: &Path,
    model: Option<&str>,
    output: &Path,
    format: SampleFormat,
) -> Result<Outcome, Failure> {
    output::check([path], [output])?;
    output::check_wav(output)?;
    let latent_path = latent_path::read(path)?;
    let package = match model {
        Some(name) => find::package(name)?,
        None => of_path(path, &latent_path.model)?,
    };
    let mut model = loader::load(&package, &ProviderChoice::CPU)?;
    check_dims(path, &latent_path, &package, model.as_ref())?;
    let sound = latent_path::decode(&latent_path, model.as_mut())?;
    audio_file::write_wav(output, &sound, format)?;
    Ok(Outcome::new(
        format!("{}: {:.2} s of {}", output.display(), sound.seconds(), package.name()),
        json!({ "output": shown(output), "seconds": sound.seconds(), "model": package.name() }),
    )
    .beside(output))
}

/// The package that made a path, in its version.
pub(super) fn of_path(file: &Path, request: &ModelRequest) -> Result<Package, Failure> {
    let found = find::requested(request)?;
    if found.is_other_version {
        let name = &request.name;
        return Err(format!(
            "{}: was made with another version of the model “{name}” than the one installed; its latent would mean \
             something else. Install that version, or say --model {name} to use this one.",
            file.display()
        )
        .into());
    }
    Ok(found.package)
}

/// Refuses a path that a model cannot play.
pub(super) fn check_dims(file: &Path, path: &LatentPath, package: &Package, model: &dyn Model) -> Result<(), Failure> {
    let (dims, of_model) = (path.dims, model.shape().dims);
    if dims == of_model {
        return Ok(());
    }
    Err(format!(
        "{}: has {dims} dimensions, the model “{}” has {of_model}; decode it with the model that made it",
        file.display(),
        package.name()
    )
    .into())
}

/// One more sentence at the end of a line, where there is one.
pub(super) fn sentence(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}
