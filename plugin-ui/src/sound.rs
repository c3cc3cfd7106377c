//! What the window hears: spectra, pitch and loudness over time, as the plugin's side thread measures them.

/// Bands of a spectrum, evenly spaced in the logarithm of frequency; see [`band_hz`].
pub const SOUND_BANDS: usize = 160;

/// The lowest band's centre, Hz.
const LOWEST_HZ: f32 = 40.0;

/// The highest band's centre, Hz.
const HIGHEST_HZ: f32 = 18_000.0;

/// The centre of a band (or of a place between bands), Hz.
pub fn band_hz(band: f32) -> f32 {
    LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ).powf(band / (SOUND_BANDS - 1) as f32)
}

/// One moment of input and output, which are aligned: the output's latency is taken out.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundColumn {
    /// When it was, seconds since the sound began; columns come every 10 to 25 ms.
    pub at_s: f64,
    /// Level of each band at the input, dB of full scale, a sine of amplitude 1 being 0; at least -120.
    pub input_db: [f32; SOUND_BANDS],
    /// The same of the output.
    pub output_db: [f32; SOUND_BANDS],
    /// Pitch of the input, Hz; `None` where there is none.
    pub input_hz: Option<f32>,
    /// Pitch of the output, Hz; `None` where there is none.
    pub output_hz: Option<f32>,
    /// Loudness of the input, dB(A) of full scale; minus infinity for silence.
    pub input_loudness_db: f32,
    /// Loudness of the output, dB(A) of full scale; minus infinity for silence.
    pub output_loudness_db: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_span_the_range_in_equal_ratios() {
        assert!((band_hz(0.0) - 40.0).abs() < 1e-3);
        assert!((band_hz((SOUND_BANDS - 1) as f32) / 18_000.0 - 1.0).abs() < 1e-4);
        let ratio = |band: f32| band_hz(band + 1.0) / band_hz(band);
        assert!((ratio(10.0) / ratio(120.0) - 1.0).abs() < 1e-4);
    }
}
