//! Where in the spectrum a sound has its power.

use realfft::RealFftPlanner;

/// Power of the partials behind a window without edges, `[sound / 2 + 1]`.
pub fn power(sound: &[f32]) -> Vec<f64> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(sound.len());
    let mut spectrum = fft.make_output_vec();
    let window = |n: usize| (std::f32::consts::PI * n as f32 / sound.len() as f32).sin().powi(2);
    let mut windowed: Vec<f32> = sound.iter().enumerate().map(|(n, sample)| sample * window(n)).collect();
    fft.process(&mut windowed, &mut spectrum).unwrap();
    spectrum.iter().map(|value| f64::from(value.norm_sqr())).collect()
}

/// Centre of the third-octave band with the most power, Hz. Bands lie a 24th of an octave apart: the place is known finer than
/// its width.
pub fn dominant_hz(sound: &[f32], rate_hz: f64) -> f64 {
    let power = power(sound);
    let bin = |hz: f64| (hz * sound.len() as f64 / rate_hz) as usize;
    let edge = 2f64.powf(1.0 / 6.0);
    let band = |centre: f64| -> f64 { power[bin(centre / edge)..bin(centre * edge)].iter().sum() };
    let centres = (0..200).map(|n| 50.0 * 2f64.powf(f64::from(n) / 24.0));
    centres.max_by(|a, b| band(*a).total_cmp(&band(*b))).unwrap()
}
