//! The spectrograms' colours: each step of level looks like as large a step of lightness.

/// The level that is drawn darkest, dB of full scale.
pub const FLOOR_DB: f32 = -90.0;
/// The level that is drawn brightest, dB of full scale.
pub const CEILING_DB: f32 = -10.0;

/// From the window's ground over blue and the accent's green to near white, evenly spaced; red, green, blue.
const STOPS: [[f32; 3]; 9] = [
    [16.0, 18.0, 22.0],
    [37.0, 36.0, 66.0],
    [51.0, 59.0, 107.0],
    [53.0, 88.0, 132.0],
    [51.0, 120.0, 147.0],
    [62.0, 151.0, 158.0],
    [104.0, 180.0, 163.0],
    [159.0, 206.0, 173.0],
    [214.0, 230.0, 186.0],
];

/// Where a level lies on the scale, 0 to 1.
pub fn share(level_db: f32) -> f32 {
    let share = (level_db - FLOOR_DB) / (CEILING_DB - FLOOR_DB);
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
}

/// The colour of a place on the scale, 0 to 1.
pub fn colour(share: f32) -> [u8; 3] {
    let at = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f32;
    let low = (at as usize).min(STOPS.len() - 2);
    let part = at - low as f32;
    std::array::from_fn(|channel| {
        let [one, two] = [STOPS[low][channel], STOPS[low + 1][channel]];
        (one + (two - one) * part).round() as u8
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The luminance of a colour, 0 to 1.
    pub fn luminance([r, g, b]: [u8; 3]) -> f32 {
        let linear = |byte: u8| {
            let share = f32::from(byte) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    /// CIE 1976 lightness, 0 to 100.
    fn lightness(colour: [u8; 3]) -> f32 {
        let luminance = luminance(colour);
        if luminance > 0.008_856 { 116.0 * luminance.cbrt() - 16.0 } else { 903.3 * luminance }
    }

    #[test]
    fn equal_steps_of_level_are_equal_steps_of_lightness() {
        let steps: Vec<f32> = (0..=8).map(|step| lightness(colour(step as f32 / 8.0))).collect();
        let whole = (steps[8] - steps[0]) / 8.0;
        for pair in steps.windows(2) {
            let step = pair[1] - pair[0];
            assert!((step / whole - 1.0).abs() < 0.1, "{step} of {whole} in {steps:?}");
        }
        assert!(
            (0..255).all(|n| lightness(colour(n as f32 / 255.0)) <= lightness(colour((n + 1) as f32 / 255.0)) + 0.3)
        );
    }

    #[test]
    fn levels_beyond_the_scale_stay_on_it() {
        assert_eq!([share(f32::NEG_INFINITY), share(-90.0), share(-50.0), share(20.0)], [0.0, 0.0, 0.5, 1.0]);
        assert_eq!(share(f32::NAN), 0.0);
    }
}
