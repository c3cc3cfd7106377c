//! What each command does.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

use super::{Failure, Outcome, find, shown};
use crate::model::doctor::{ClassHealth, Health};
use crate::model::kinds::{Kind, Package};
use crate::model::manifest::Header;
use crate::model::provider::ProviderChoice;
use crate::model::quarantine::Quarantine;
use crate::model::{Stage, catalogue, examiner, places};

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
            "provenance": header.provenance, "kind": package.kind().word(), "stage": summary.stage.map(Stage::name),
            "sample_rate_hz": sample_rate_hz, "dims": summary.dims, "codes": summary.codes, "classes": summary.classes,
            // Of a model that hears something.
            "model_latency_ms": summary.stage.map(|_| header.latency_ms()),
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
    let stage = stage.map(Stage::name);
    let runs = match (&health.classes, health.codes) {
        (Some(classes), _) => format!("hits made at {} times real time on one core;", by_class(classes)),
        (None, Some(codes)) => {
            format!("{codes} codes; eight voices at {times_real_time:.1} times real time on one core; hop by hop")
        }
        (None, None) => {
            let stage = stage.unwrap_or_default();
            format!("{stage} stage; {times_real_time:.1} times real time on one core{beside}; hop by hop")
        }
    };
    let descriptors =
        health.descriptor_error.map(|error| format!(" descriptors within {error:.1e} octaves of the sound's;"));
    // Of a model that hears something.
    let latency =
        stage.map(|_| format!("; {model_latency_frames} frames of latency at its own rate, without the host's"));
    Ok(Outcome::new(
        format!(
            "{name}: healthy. {runs} within {parity_error:.1e} of its maker's example;{} at its loudest {:+.1} dB re full \
             scale{}.{}{}",
            descriptors.unwrap_or_default(),
            level_db(*peak),
            latency.unwrap_or_default(),
            sentence(&health.provider_note),
            sentence(&warning)
        ),
        without_nulls(json!({
            "name": name, "kind": kind, "stage": stage, "codes": health.codes, "classes": health.classes,
            "verdict": "healthy", "times_real_time": times_real_time, "parity_error": parity_error,
            "descriptor_error": health.descriptor_error, "peak": peak,
            "model_latency_frames": stage.map(|_| model_latency_frames),
            "provider": health.provider, "provider_note": health.provider_note, "warning": warning,
        })),
    ))
}

/// How fast the hits of each class are made, as “40.1 (kick), 80.3 (hat)”.
fn by_class(classes: &[ClassHealth]) -> String {
    let figure = |class: &ClassHealth| format!("{:.1} ({})", class.times_real_time, class.name);
    classes.iter().map(figure).collect::<Vec<_>>().join(", ")
}

/// Without the keys that say nothing: `docs/program.md` names them.
fn without_nulls(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    value
}

/// One more sentence at the end of a line, where there is one.
pub(super) fn sentence(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}
