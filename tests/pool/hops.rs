//! Some hops through any model.

use timbreloom::controls::MAX_DIMS;
use timbreloom::model::{DecoderInput, Model};

const HOPS: usize = 12;

pub fn cores() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

/// Both lanes through both graphs with sound of their own; -> all that came out, as bits.
pub fn play(model: &mut dyn Model, seed: usize) -> Vec<u32> {
    let shape = model.shape().clone();
    let (mut latent, mut audio) = ([0.0; MAX_DIMS], vec![0.0; shape.hop_frames]);
    let mut noise = vec![0.0; shape.noise_columns];
    let mut source = timbreloom::dsp::noise::Noise::new(seed as u64);
    let mut bits = Vec::new();
    for hop in 0..HOPS {
        for lane in 0..2 {
            let step = 0.01 * (1 + seed % 7 + lane) as f32;
            let sound: Vec<f32> =
                (0..shape.hop_frames).map(|n| ((hop * shape.hop_frames + n) as f32 * step).sin() * 0.3).collect();
            source.fill(&mut noise);
            let loudness_db = model.encode(lane, &sound, &mut latent[..shape.dims]).unwrap();
            model.hear_voicing(lane, &sound, 0.9, &mut latent[..shape.dims]).unwrap();
            let input = DecoderInput {
                latent: &latent[..shape.dims],
                loudness_db,
                f0_hz: 110.0 * (1 + lane) as f32,
                voicing: 1.0,
                noise: &noise,
                sound: &sound,
            };
            model.decode(lane, &input, &mut audio).unwrap();
            bits.push(loudness_db.to_bits());
            bits.extend(latent.iter().chain(&audio).map(|value| value.to_bits()));
        }
    }
    bits
}
