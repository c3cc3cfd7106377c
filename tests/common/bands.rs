//! How far two sounds are apart, by the levels of bands of a fifth of an octave.

use realfft::RealFftPlanner;

pub const BANDS: usize = 48;

/// Levels of bands of a fifth of an octave from 40 Hz, dB, in windows of 46 ms: `[window][band]`.
pub fn bands(sound: &[f32]) -> Vec<[f32; BANDS]> {
    const WINDOW: usize = 2048;
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
    let mut spectrum = transform.make_output_vec();
    let hann = |n: usize| 0.5 - 0.5 * (std::f32::consts::TAU * n as f32 / WINDOW as f32).cos();
    let windows = sound.windows(WINDOW).step_by(WINDOW / 2);
    windows
        .map(|window| {
            let mut window: Vec<f32> = window.iter().enumerate().map(|(n, sample)| sample * hann(n)).collect();
            transform.process(&mut window, &mut spectrum).unwrap();
            let mut power = [1e-8f32; BANDS];
            for (n, value) in spectrum.iter().enumerate().skip(2) {
                let band = 5.0 * (n as f32 * 44_100.0 / WINDOW as f32 / 40.0).log2();
                power[(band.max(0.0) as usize).min(BANDS - 1)] += value.norm_sqr() / (WINDOW * WINDOW) as f32;
            }
            power.map(|power| 10.0 * power.log10())
        })
        .collect()
}

/// Mean difference of band levels where one of them sounds, dB.
pub fn distance(a: &[[f32; BANDS]], b: &[[f32; BANDS]]) -> f32 {
    let loudest = |window: &[f32; BANDS]| window.iter().fold(-200.0f32, |loudest, &level| loudest.max(level));
    let sounding = a.iter().zip(b).filter(|(a, b)| loudest(a).max(loudest(b)) > -60.0);
    let (mut sum, mut count) = (0.0, 0);
    for (a, b) in sounding {
        sum += a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>() / BANDS as f32;
        count += 1;
    }
    sum / count.max(1) as f32
}

pub fn rms(sound: &[f32]) -> f32 {
    (sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32).sqrt()
}
