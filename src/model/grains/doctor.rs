//! The doctor of grain models: whether one makes the hits that it was trained for, and how fast.

use super::{GrainModel, GrainRows, GrainsPackage};
use crate::grains::bands::BANDS;
use crate::grains::features::COLUMNS;
use crate::grains::onset::first_frames;
use crate::grains::schedule::{RATE_HZ, times};
use crate::grains::slots::SLOTS;
use crate::grains::synth::{GrainSynth, Grains};
use crate::model::cpu_time::Stopwatch;
use crate::model::doctor::{ClassHealth, Comparison, DB_SCALE, Diagnosis, Health, MOST_PEAK};
use crate::model::provider::Provider;

/// Softer than this a hit is taken for silence, peak, linear gain (-60 dB).
const LEAST_PEAK: f32 = 1e-3;

/// Examines a grain model: files, shapes, example, the middle hit of every class, cost. Blocks for about a second.
///
/// # Errors
/// The first thing found that speaks against playing it.
pub(super) fn examine(package: &GrainsPackage) -> Result<Health, Diagnosis> {
    let mut model = GrainModel::load_apart(package)?;
    let mut synth = GrainSynth::new();
    let parity_error = examine_parity(package, &mut model, &mut synth)?;
    let (classes, peak) = examine_hits(package, &mut model, &mut synth)?;
    let slowest = classes.iter().map(|class| class.times_real_time).fold(f64::INFINITY, f64::min);
    Ok(Health {
        name: package.header.name.clone(),
        stage: None,
        codes: None,
        classes: Some(classes),
        parity_error,
        descriptor_error: None,
        times_real_time: slowest,
        peak,
        model_latency_frames: 0,
        provider: Provider::Cpu.name().into(),
        provider_note: String::new(),
    })
}

/// Makes the package's example again, and hears it; -> the largest difference from what the training code made.
fn examine_parity(package: &GrainsPackage, model: &mut GrainModel, synth: &mut GrainSynth) -> Result<f32, Diagnosis> {
    let parity = package.read_parity()?;
    let (class, middles, f0_hz) = (&parity.class, &parity.middles, package.middle_hz());
    let (mut z, mut onset, mut rows) = (Vec::new(), Vec::new(), GrainRows::default());
    let mut comparison = Comparison::new(&package.header.folder, parity.tolerance);
    model.sequence(&parity.e, class, f0_hz, middles, &mut z, &mut onset)?;
    comparison.compare(&z, &parity.z, 1.0, "grains")?;
    comparison.compare(&onset, &parity.onset, 1.0, "onset")?;
    model.decode(&parity.z, class, f0_hz, middles, &mut rows)?;
    comparison.compare(&rows.density_db, &parity.density_db, DB_SCALE, "densities")?;
    comparison.compare(&rows.level_db, &parity.level_db, DB_SCALE, "levels")?;
    comparison.compare(&rows.place, &parity.place, 1.0, "places")?;
    let (density_db, level_db, place) = (&*parity.density_db, &*parity.level_db, &*parity.place);
    let grains = Grains { density_db, level_db, place, middles, onset: &parity.onset };
    let sound = synth.synthesise(grains, package.slots(f0_hz), parity.sound.len(), parity.seed);
    comparison.compare(&sound, &parity.sound, 1.0, "sound")?;
    let features = features(&rows);
    model.encode_grains(&features, class, f0_hz, middles, &mut z)?;
    model.encode_hit(&features, &first_frames(&parity.sound), class, f0_hz, middles)?;
    Ok(comparison.worst())
}

/// What an encoder hears of these rows.
fn features(rows: &GrainRows) -> Vec<f32> {
    let mut features = Vec::with_capacity(rows.density_db.len() / BANDS * COLUMNS);
    let partials = rows.level_db.chunks_exact(SLOTS).zip(rows.place.chunks_exact(SLOTS));
    for (density_db, (level_db, place)) in rows.density_db.chunks_exact(BANDS).zip(partials) {
        features.extend([density_db, level_db, place].concat());
    }
    features
}

/// Makes the middle hit of every class, whose embedding is all zeros, as long as it may be, at the lowest, the middle and the highest
/// pitch; -> how fast the slowest of each was made, and the loudest one's peak.
fn examine_hits(
    package: &GrainsPackage,
    model: &mut GrainModel,
    synth: &mut GrainSynth,
) -> Result<(Vec<ClassHealth>, f32), Diagnosis> {
    let middle_hz = package.middle_hz();
    let pitches_hz = package.pitch.map_or(vec![middle_hz], |range| vec![range.min_hz, middle_hz, range.max_hz]);
    let e = vec![0.0; package.embedding];
    let (mut z, mut onset, mut rows) = (Vec::new(), Vec::new(), GrainRows::default());
    let (mut found, mut loudest) = (Vec::with_capacity(package.classes.len()), 0.0f32);
    for (index, (name, &length_s)) in package.classes.iter().zip(&package.length_s).enumerate() {
        let mut class = vec![0.0; package.classes.len()];
        class[index] = 1.0;
        let frames = (f64::from(length_s) * RATE_HZ) as usize;
        let middles = times(frames);
        let (mut slowest_s, mut peak) = (0.0f64, 0.0f32);
        for &f0_hz in &pitches_hz {
            // By the time that this thread works: other programs beside it make no model slower.
            let watch = Stopwatch::of_work();
            model.sequence(&e, &class, f0_hz, &middles, &mut z, &mut onset)?;
            model.decode(&z, &class, f0_hz, &middles, &mut rows)?;
            let GrainRows { density_db, level_db, place } = &rows;
            let grains = Grains { density_db, level_db, place, middles: &middles, onset: &onset };
            let sound = synth.synthesise(grains, package.slots(f0_hz), frames, 1);
            slowest_s = slowest_s.max(watch.elapsed().as_secs_f64());
            let is_sound = sound.iter().all(|sample| sample.is_finite());
            let own = sound.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            peak = peak.max(if is_sound { own } else { f32::INFINITY });
        }
        // Some systems count in steps, and may have counted none.
        let took_s = slowest_s.max(1e-6);
        let (folder, class) = (package.header.folder.clone(), name.clone());
        if peak > MOST_PEAK {
            return Err(Diagnosis::HitTooLoud { folder, class, found: peak });
        }
        if peak < LEAST_PEAK {
            return Err(Diagnosis::HitSilent { folder, class, found: peak });
        }
        loudest = loudest.max(peak);
        found.push(ClassHealth { name: class, times_real_time: f64::from(length_s) / took_s });
    }
    Ok((found, loudest))
}
