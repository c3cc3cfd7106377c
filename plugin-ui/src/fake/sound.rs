//! Sound without audio: a gliding voice goes in, a low string with fewer partials comes out.

use crate::sound::{SOUND_BANDS, SoundColumn, band_hz};

/// Seconds between columns.
const STEP_S: f64 = 512.0 / 44_100.0;
const NOISE_DB: f32 = -84.0;

/// The columns heard from one time up to another, seconds since the sound began; the same at each call.
pub fn sound(from_s: f64, to_s: f64) -> Vec<SoundColumn> {
    let first = (from_s / STEP_S).ceil().max(0.0) as u32;
    let end = (to_s / STEP_S).ceil().max(0.0) as u32;
    (first..end).map(column).collect()
}

fn column(number: u32) -> SoundColumn {
    let at_s = f64::from(number) * STEP_S;
    let time = at_s as f32;
    // Notes of 1.6 s: a glide at the beginning, vibrato later, a rest at the end.
    let (note, within) = ((time / 1.6) as usize, time % 1.6);
    let hz = |note: usize| 220.0 * 2f32.powf([0.0, 3.0, 7.0, 5.0, 10.0][note % 5] / 12.0);
    let glide = (within / 0.25).min(1.0);
    let vibrato = 0.012 * (within - 0.4).clamp(0.0, 1.0) * (34.0 * within).sin();
    let input_hz = hz(note.wrapping_add(4)) * (hz(note) / hz(note.wrapping_add(4))).powf(glide) * (1.0 + vibrato);
    let is_sounding = within < 1.38;
    let level_db = if is_sounding { -16.0 - 9.0 * within } else { -90.0 };
    let late_db = if within < 1.46 { -14.0 - 7.0 * within } else { -26.0 - 160.0 * (within - 1.46) };
    SoundColumn {
        at_s,
        input_db: spectrum(number, input_hz, level_db, 5.0),
        output_db: spectrum(number.wrapping_mul(7), input_hz * 0.5, late_db, 3.2),
        input_hz: is_sounding.then_some(input_hz),
        output_hz: (within < 1.5).then_some(input_hz * 0.5),
        input_loudness_db: (level_db - 4.0).max(-90.0),
        output_loudness_db: (late_db - 3.0).max(-90.0),
    }
}

/// Partials that fall by so many dB an octave or so, over a floor of noise.
fn spectrum(seed: u32, hz: f32, level_db: f32, fall_db: f32) -> [f32; SOUND_BANDS] {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    std::array::from_fn(|band| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise_db = NOISE_DB + (state >> 24) as f32 / 28.0;
        let at = band_hz(band as f32);
        let partial = (at / hz).round().max(1.0);
        // A band is a good half tone wide, a window's main lobe some 20 Hz.
        let away = (at / (hz * partial)).log2().abs() * 12.0;
        let width = 0.25 + 30.0 / at;
        let comb_db = -(away / width).powi(2) * 6.0;
        let body_db = 7.0 * (2.2 * (at / 300.0).ln()).sin();
        let partial_db = level_db - fall_db * (partial - 1.0).sqrt() * 2.2 + body_db + comb_db.max(-46.0);
        partial_db.max(noise_db).max(-120.0)
    })
}
