//! The doctor of codebooks: whether one can be trusted on stage, and whether its descriptors are its sound's.

use std::sync::Arc;

use super::session::{CodeEncoder, load_book};
use super::{CodesPackage, Measured};
use crate::codes::book::{Codebook, PITCHED_FROM};
use crate::codes::voice::{Play, Voice};
use crate::dsp::descriptors::{Describer, Descriptor, Row};
use crate::model::Stage;
use crate::model::cpu_time::Stopwatch;
use crate::model::doctor::{Comparison, DB_SCALE, Diagnosis, Health, MOST_PEAK};
use crate::model::provider::Provider;

/// Voices that shall play at once.
const VOICES: usize = 8;

/// Decibels that count as much as an octave or a periodicity of 1.
const DB_PER_UNIT: f32 = 40.0;

/// Codes that are heard before a package is played, evenly picked.
const SAMPLED: usize = 16;

/// Examines a codebook: files, shapes, example, all descriptors, loudness, cost. Blocks for some seconds.
///
/// # Errors
/// The first thing found that speaks against playing it.
pub(super) fn examine(package: &CodesPackage) -> Result<Health, Diagnosis> {
    let book = load_book(package)?;
    let parity_error = examine_parity(package, &book)?;
    let descriptor_error = examine_descriptors(package, &book, 1)?;
    let peak = examine_loudness(package, &book)?;
    Ok(Health {
        name: package.header.name.clone(),
        stage: Some(Stage::Pitched),
        codes: Some(book.len()),
        classes: None,
        parity_error,
        descriptor_error: Some(descriptor_error),
        times_real_time: measure_cost(&book),
        peak,
        model_latency_frames: package.header.hop_frames + package.header.delay_frames,
        provider: Provider::Cpu.name().into(),
        provider_note: String::new(),
    })
}

/// Hears a few codes of a package and compares them with their descriptors. Blocks for some milliseconds.
///
/// # Errors
/// When one is not the sound's.
pub(super) fn check_some_descriptors(package: &CodesPackage, book: &Arc<Codebook>) -> Result<(), Diagnosis> {
    examine_descriptors(package, book, book.len().div_ceil(SAMPLED)).map(drop)
}

fn examine_parity(package: &CodesPackage, book: &Arc<Codebook>) -> Result<f32, Diagnosis> {
    let parity = package.read_parity()?;
    let mut encoder = CodeEncoder::load(package)?;
    let mut voice = Voice::new(book.clone(), parity.seed);
    let (hop, width) = (package.header.hop_frames, package.width);
    let (mut vector, mut audio) = (vec![0.0; width], vec![0.0; hop]);
    let mut comparison = Comparison::new(&package.header.folder, parity.tolerance);
    for n in 0..parity.hops {
        let rows = n * hop..(n + 1) * hop;
        let loudness_db = encoder
            .next(&parity.audio[rows.clone()], parity.voicing[n], &mut vector)
            .map_err(|error| Diagnosis::Run { folder: package.header.folder.clone(), error })?;
        comparison.compare(&vector, &parity.vectors[n * width..(n + 1) * width], 1.0, "vectors")?;
        comparison.compare(&[loudness_db], &parity.loudness_db[n..=n], DB_SCALE, "loudness")?;
        let play = Play { code: parity.codes[n], f0_hz: parity.f0_hz[n], level_db: parity.level_db[n] };
        voice.next(play, &mut audio);
        comparison.compare(&audio, &parity.output[rows], 1.0, "sound")?;
    }
    Ok(comparison.worst())
}

/// Hears every `step`-th code at its own pitch and at one of the grid; -> the largest difference.
fn examine_descriptors(package: &CodesPackage, book: &Arc<Codebook>, step: usize) -> Result<f32, Diagnosis> {
    let mut describer = CodeDescriber::new(package, book);
    let grid = book.grid_hz.len();
    let mut worst = 0.0f32;
    for code in (0..book.len()).step_by(step) {
        let pitch = (code / step) % grid;
        for (f0_hz, stored) in
            [(book.own_hz[code], &book.own[code]), (book.grid_hz[pitch], &book.at_grid[code * grid + pitch])]
        {
            let heard = describer.describe(code, f0_hz);
            for descriptor in Descriptor::ALL {
                let (is, should) = (heard[descriptor as usize], stored[descriptor as usize]);
                let is_moot = descriptor == Descriptor::Fundamental
                    && heard[Descriptor::Periodicity as usize].min(stored[Descriptor::Periodicity as usize])
                        < PITCHED_FROM;
                let unit = if descriptor.unit().starts_with("dB") { DB_PER_UNIT } else { 1.0 };
                let difference = (descriptor.perceived(is) - descriptor.perceived(should)).abs() / unit;
                if is_moot {
                    continue;
                }
                if difference.is_nan() || difference > package.measured.tolerance {
                    let folder = package.header.folder.clone();
                    return Err(Diagnosis::Descriptor { folder, code, f0_hz, descriptor, stored: should, heard: is });
                }
                worst = worst.max(difference);
            }
        }
    }
    Ok(worst)
}

/// Holds codes and describes them, as the package's descriptors were measured.
struct CodeDescriber {
    voice: Voice,
    describer: Describer,
    package: Measured,
    hop: Vec<f32>,
}

impl CodeDescriber {
    fn new(package: &CodesPackage, book: &Arc<Codebook>) -> Self {
        Self {
            voice: Voice::new(book.clone(), package.measured.seed),
            describer: Describer::new(f64::from(book.rate_hz), book.hop_frames),
            package: package.measured,
            hop: vec![0.0; book.hop_frames],
        }
    }

    /// Medians over the hops that count. Allocates.
    fn describe(&mut self, code: usize, f0_hz: f32) -> Row {
        self.voice.reset();
        self.describer.reset();
        let mut rows = Vec::with_capacity(self.package.hops);
        for hop in 0..self.package.hops {
            self.voice.next(Play { code, f0_hz, level_db: self.package.level_db }, &mut self.hop);
            let row = self.describer.next(&self.hop);
            if hop >= self.package.first_hop {
                rows.push(row);
            }
        }
        std::array::from_fn(|n| {
            let mut values: Vec<f32> = rows.iter().map(|row| row[n]).collect();
            values.sort_by(f32::total_cmp);
            let middle = values.len() / 2;
            if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
        })
    }
}

fn examine_loudness(package: &CodesPackage, book: &Arc<Codebook>) -> Result<f32, Diagnosis> {
    let mut voice = Voice::new(book.clone(), 1);
    let mut audio = vec![0.0; book.hop_frames];
    let f0_hz = (package.pitch.min_hz * package.pitch.max_hz).sqrt();
    let mut peak = 0.0f32;
    for code in 0..book.len() {
        for f0_hz in [book.own_hz[code], f0_hz] {
            voice.next(Play { code, f0_hz, level_db: package.header.loudness_db.p99 }, &mut audio);
            let is_sound = audio.iter().all(|sample| sample.is_finite());
            let loudest = audio.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            let found = if is_sound { loudest } else { f32::INFINITY };
            if found > MOST_PEAK {
                return Err(Diagnosis::CodeTooLoud { folder: package.header.folder.clone(), code, found });
            }
            peak = peak.max(found);
        }
    }
    Ok(peak)
}

fn measure_cost(book: &Arc<Codebook>) -> f64 {
    const HOPS: usize = 40;
    let mut voices: Vec<Voice> = (0..VOICES as u64).map(|seed| Voice::new(book.clone(), seed)).collect();
    let mut audio = vec![0.0; book.hop_frames];
    let watch = Stopwatch::of_work();
    for hop in 0..HOPS {
        for (n, voice) in voices.iter_mut().enumerate() {
            let play = Play { code: (hop * 7 + n) % book.len(), f0_hz: 110.0 + 30.0 * n as f32, level_db: -30.0 };
            voice.next(play, &mut audio);
        }
    }
    (HOPS * book.hop_frames) as f64 / f64::from(book.rate_hz) / watch.elapsed().as_secs_f64()
}
