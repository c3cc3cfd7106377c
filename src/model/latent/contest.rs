//! Which execution provider runs a latent space: what is there, and what is quicker.
//!
//! The CPU is always there and always the fallback. Another one is used only where it comes up, really takes operators
//! of the graphs, and is quicker than the CPU at single hops of this very package.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::LatentPackage;
use super::graphs::Pair;
use crate::model::graph::SessionError;
use crate::model::provider::{Provider, ProviderChoice};
use crate::model::{accelerator, runtime};

/// Hops that a contest runs unmeasured, for memory and clocks to settle.
const WARM_UP_HOPS: usize = 8;

/// Hops that are measured; the median counts. Some 40 in all: 15 ms with the cello on a CPU.
const MEASURED_HOPS: usize = 33;

/// What runs, and why nothing else does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What runs.
    pub provider: Provider,
    /// Whole sentences for the musician; empty where there was nothing to decide.
    pub note: String,
}

impl Verdict {
    fn cpu(note: impl Into<String>) -> Self {
        Self { provider: Provider::Cpu, note: note.into() }
    }

    /// What `load` gives on this provider or, where that fails (a card may be full by now), on the CPU with a note.
    ///
    /// # Errors
    /// Those of `load` on the CPU.
    pub(super) fn or_cpu<T>(
        self,
        load: impl Fn(Provider) -> Result<T, SessionError>,
    ) -> Result<(T, Self), SessionError> {
        match load(self.provider) {
            Err(error) if self.provider != Provider::Cpu => {
                let failed = format!("{} is not used after all: {}.", self.provider.name(), reason(error));
                let note = if self.note.is_empty() { failed } else { format!("{} {failed}", self.note) };
                Ok((load(Provider::Cpu)?, Self::cpu(note)))
            }
            loaded => Ok((loaded?, self)),
        }
    }
}

/// What was found out in this process, by the package's hash. Kept, so that an instance that bounces runs as the one
/// that played, and one that is loaded later as the first one.
static VERDICTS: LazyLock<Mutex<HashMap<(String, ProviderChoice), Verdict>>> = LazyLock::new(Mutex::default);

/// What shall run this package. Blocks where there is something to try out, once for each package and process: loads
/// the graphs on each candidate and plays some hops. Says CPU at once where there is none.
pub fn decide(package: &LatentPackage, choice: &ProviderChoice) -> Verdict {
    let candidates: Vec<Provider> = match choice {
        ProviderChoice::Only(Provider::Cpu) => return Verdict::cpu(""),
        ProviderChoice::Unknown(word) => {
            return Verdict::cpu(format!(
                "“{word}” is asked for, which this version of Timbreloom does not know: the model runs on the CPU. \
                 The project keeps asking for it."
            ));
        }
        ProviderChoice::Only(provider) if !provider.is_built_in() => {
            let (name, id) = (provider.name(), provider.id());
            return Verdict::cpu(format!(
                "{name} is asked for, which this build of Timbreloom was made without (--features {id}): the model runs \
                 on the CPU. The project keeps asking for it."
            ));
        }
        ProviderChoice::Only(provider) => vec![*provider],
        ProviderChoice::Auto => Provider::ALL.into_iter().filter(|p| *p != Provider::Cpu && p.is_built_in()).collect(),
    };
    if candidates.is_empty() {
        return Verdict::cpu("");
    }
    // Held while measuring: a second instance waits for the first one's verdict, and does not disturb it.
    let mut verdicts = VERDICTS.lock();
    let key = (package.header.hash.clone(), choice.clone());
    verdicts.entry(key).or_insert_with(|| contest(&candidates, |provider| time_of_a_hop(package, provider))).clone()
}

/// The quickest of the candidates that come up, and the CPU; `measure` gives the time of a hop, or why there is none.
fn contest(candidates: &[Provider], mut measure: impl FnMut(Provider) -> Result<Duration, String>) -> Verdict {
    let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    let mut notes = Vec::new();
    let mut there = Vec::new();
    for &candidate in candidates {
        match measure(candidate) {
            Ok(time) => there.push((candidate, time)),
            Err(reason) => notes.push(format!("{} is not used: {reason}.", candidate.name())),
        }
    }
    let quickest = there.iter().min_by_key(|(_, time)| *time).copied();
    let mut provider = Provider::Cpu;
    // Where the CPU cannot be measured, loading the model will say why.
    if let Some((quickest, time)) = quickest
        && let Ok(cpu) = measure(Provider::Cpu)
    {
        if time < cpu {
            provider = quickest;
            notes.push(format!("{} takes {} for a hop of this model, the CPU {}.", quickest.name(), ms(time), ms(cpu)));
        }
        for (other, time) in there.into_iter().filter(|(other, _)| *other != provider) {
            let (name, time) = (other.name(), ms(time));
            notes.push(format!("{name} is not used: it takes {time} for a hop of this model, the CPU {}.", ms(cpu)));
        }
    }
    Verdict { provider, note: notes.join(" ") }
}

/// The median time of a hop, or why the provider cannot run the package. Blocks.
fn time_of_a_hop(package: &LatentPackage, provider: Provider) -> Result<Duration, String> {
    if provider != Provider::Cpu {
        runtime::environment().map_err(|e| e.to_string())?;
        if !accelerator::is_in_library(provider) {
            let variable = runtime::RUNTIME_VARIABLE;
            return Err(format!(
                "the ONNX Runtime library at hand is built without it (point {variable} to one that has it)"
            ));
        }
    }
    let mut pair = Pair::load(package, provider).map_err(reason)?;
    let mut player = pair.player(package);
    for _ in 0..WARM_UP_HOPS {
        player.hop().map_err(|e| e.reason)?;
    }
    let mut times = [Duration::ZERO; MEASURED_HOPS];
    for time in &mut times {
        let began = Instant::now();
        player.hop().map_err(|e| e.reason)?;
        *time = began.elapsed();
    }
    times.sort();
    Ok(times[MEASURED_HOPS / 2])
}

/// Why a provider does not load a package, as a part of a sentence without its full stop.
fn reason(error: SessionError) -> String {
    let text = match error {
        SessionError::Graph { reason, .. } => reason.lines().next().unwrap_or_default().to_owned(),
        other => other.to_string(),
    };
    text.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(times: &[(Provider, Result<u64, &str>)]) -> impl FnMut(Provider) -> Result<Duration, String> {
        move |asked| {
            let (_, time) = times.iter().find(|(provider, _)| *provider == asked).expect("only what is named is tried");
            (*time).map(Duration::from_micros).map_err(str::to_owned)
        }
    }

    #[test]
    fn the_quickest_runs_and_every_other_is_named_with_the_reason() {
        let times = [(Provider::Cpu, Ok(310)), (Provider::Cuda, Ok(120)), (Provider::DirectMl, Ok(1200))];
        let verdict = contest(&[Provider::Cuda, Provider::DirectMl], took(&times));
        assert_eq!(verdict.provider, Provider::Cuda);
        assert_eq!(
            verdict.note,
            "CUDA takes 0.12 ms for a hop of this model, the CPU 0.31 ms. \
             DirectML is not used: it takes 1.20 ms for a hop of this model, the CPU 0.31 ms."
        );
    }

    #[test]
    fn a_provider_slower_than_the_cpu_or_missing_leaves_the_cpu() {
        let times = [(Provider::Cpu, Ok(310)), (Provider::Cuda, Ok(900)), (Provider::CoreMl, Err("no such card"))];
        let verdict = contest(&[Provider::Cuda, Provider::CoreMl], took(&times));
        assert_eq!(verdict.provider, Provider::Cpu);
        assert_eq!(
            verdict.note,
            "CoreML is not used: no such card. CUDA is not used: it takes 0.90 ms for a hop of this model, the CPU 0.31 ms."
        );
        // The CPU is not even measured where nothing else comes up.
        let verdict = contest(&[Provider::Cuda], took(&[(Provider::Cuda, Err("no driver"))]));
        assert_eq!(verdict, Verdict::cpu("CUDA is not used: no driver."));
    }
}
