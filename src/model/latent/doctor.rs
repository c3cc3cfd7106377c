//! The doctor of latent spaces: whether one can be trusted on stage.

use super::{LatentModel, LatentPackage};
use crate::controls::MAX_DIMS;
use crate::dsp::noise::Noise;
use crate::model::cpu_time::Stopwatch;
use crate::model::doctor::{Diagnosis, Health, MOST_PEAK};
use crate::model::provider::{Provider, ProviderChoice};
use crate::model::{DecoderInput, Model};

const COST_HOPS: usize = 200;

/// Examines a latent space on what is asked for or what there is. Blocks for about a second.
///
/// # Errors
/// The first thing found that speaks against playing it.
pub(super) fn examine(package: &LatentPackage, choice: &ProviderChoice) -> Result<Health, Diagnosis> {
    // On sessions of its own: these very files are examined, not what another instance loaded before.
    let mut model = LatentModel::load_apart_on(package, choice)?;
    let parity_error = examine_parity(package, &mut model)?;
    let peak = examine_loudness(package, &mut model)?;
    let times_real_time = measure_cost(package, &mut model)?;
    let info = model.info();
    Ok(Health {
        name: package.header.name.clone(),
        provider: info.provider,
        provider_note: info.provider_note,
        stage: Some(package.shape.stage),
        codes: None,
        classes: None,
        parity_error,
        descriptor_error: None,
        times_real_time,
        peak,
        model_latency_frames: package.shape.hop_frames + package.shape.delay_frames,
    })
}

/// Plays the package's example hop by hop; -> the largest difference from what the training code made of it whole.
fn examine_parity(package: &LatentPackage, model: &mut LatentModel) -> Result<f32, Diagnosis> {
    let parity = package.read_parity()?;
    let (hop, dims, columns) = (package.shape.hop_frames, package.shape.dims, package.shape.noise_columns);
    let (mut latent, mut audio) = ([0.0; MAX_DIMS], vec![0.0; hop]);
    let mut worst = 0.0f32;
    let failed = |error| Diagnosis::Run { folder: package.header.folder.clone(), error };
    let mut differ = |made: &[f32], wanted: &[f32], what| -> Result<(), Diagnosis> {
        for (made, wanted) in made.iter().zip(wanted) {
            // The example too: a difference from NaN would be lost in the comparison.
            if !made.is_finite() || !wanted.is_finite() {
                return Err(Diagnosis::NotANumber { folder: package.header.folder.clone(), what });
            }
            worst = worst.max((made - wanted).abs());
        }
        Ok(())
    };
    model.clear();
    for n in 0..package.parity.hops {
        let row = |list: &[f32], width: usize| list[n * width..(n + 1) * width].to_vec();
        let sound = row(&parity.audio, hop);
        let loudness_db = model.encode(0, &sound, &mut latent[..dims]).map_err(failed)?;
        let wanted_latent = row(&parity.latent, dims);
        differ(&latent[..dims], &wanted_latent, "latent")?;
        // dB are some hundred times larger than sound: compared on sound's scale
        differ(&[loudness_db * 0.01], &[parity.loudness_db[n] * 0.01], "loudness")?;
        let input = DecoderInput {
            latent: &wanted_latent,
            loudness_db: parity.loudness_db[n],
            f0_hz: parity.f0_hz[n],
            voicing: parity.voicing[n],
            noise: &row(&parity.noise, columns),
            sound: &sound,
        };
        model.decode(0, &input, &mut audio).map_err(failed)?;
        differ(&audio, &row(&parity.output, hop), "sound")?;
    }
    let tolerance = package.parity.tolerance;
    if worst <= tolerance {
        Ok(worst)
    } else {
        Err(Diagnosis::Parity { folder: package.header.folder.clone(), found: worst, tolerance })
    }
}

/// Decodes the reference cloud at the training sound's loudest, and at the edges that a musician can reach.
fn examine_loudness(package: &LatentPackage, model: &mut LatentModel) -> Result<f32, Diagnosis> {
    let dims = package.shape.dims;
    let mut noise = vec![0.0; package.shape.noise_columns];
    let mut source = Noise::new(1);
    // What a general stage shapes: noise, so that every band has something.
    let mut sound = vec![0.0; package.shape.hop_frames];
    let mut sound_source = Noise::new(2);
    let failed = |error| Diagnosis::Run { folder: package.header.folder.clone(), error };
    let mut audio = vec![0.0; package.shape.hop_frames];
    let f0_hz = package.shape.pitch.map_or(0.0, |range| (range.min_hz * range.max_hz).sqrt());
    let mut peak = 0.0f32;
    model.reset();
    let edges = [[3.0; MAX_DIMS], [-3.0; MAX_DIMS]];
    let step = package.reference_cloud.len().div_ceil(100);
    let cloud = package.reference_cloud.iter().step_by(step);
    for (is_edge, latent) in cloud.map(|l| (false, l)).chain(edges.iter().map(|l| (true, l))) {
        source.fill(&mut noise);
        let loudness_db = package.header.loudness_db.p99;
        sound_source.fill(&mut sound);
        sound.iter_mut().for_each(|sample| *sample *= 0.1);
        let input =
            DecoderInput { latent: &latent[..dims], loudness_db, f0_hz, voicing: 1.0, noise: &noise, sound: &sound };
        model.decode(0, &input, &mut audio).map_err(failed)?;
        if audio.iter().any(|sample| !sample.is_finite()) {
            return Err(Diagnosis::NotANumber { folder: package.header.folder.clone(), what: "sound" });
        }
        // The edges only have to stay numbers: out there a model may be loud.
        if !is_edge {
            peak = audio.iter().fold(peak, |peak, sample| peak.max(sample.abs()));
        }
    }
    model.reset();
    if peak <= MOST_PEAK {
        Ok(peak)
    } else {
        Err(Diagnosis::TooLoud { folder: package.header.folder.clone(), found: peak })
    }
}

/// By the time that this thread works: eight examinations at once, or a bounce beside them, make no model slower.
fn measure_cost(package: &LatentPackage, model: &mut LatentModel) -> Result<f64, Diagnosis> {
    let is_on_cpu = model.info().provider == Provider::Cpu.name();
    let shape = &package.shape;
    let sound: Vec<f32> = (0..shape.hop_frames).map(|n| (n as f32 * 0.03).sin() * 0.1).collect();
    let (mut latent, mut audio) = ([0.0; MAX_DIMS], vec![0.0; shape.hop_frames]);
    let noise = vec![0.5; shape.noise_columns];
    let failed = |error| Diagnosis::Run { folder: package.header.folder.clone(), error };
    let watch = if is_on_cpu { Stopwatch::of_work() } else { Stopwatch::of_time() };
    for _ in 0..COST_HOPS {
        let loudness_db = model.encode(0, &sound, &mut latent[..shape.dims]).map_err(failed)?;
        let latent = &latent[..shape.dims];
        let input = DecoderInput { latent, loudness_db, f0_hz: 220.0, voicing: 1.0, noise: &noise, sound: &sound };
        model.decode(0, &input, &mut audio).map_err(failed)?;
    }
    model.reset();
    let sound_s = (COST_HOPS * shape.hop_frames) as f64 / f64::from(shape.sample_rate_hz);
    Ok(sound_s / watch.elapsed().as_secs_f64())
}
