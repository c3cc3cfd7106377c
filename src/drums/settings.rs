//! What the musician has set for a track, at one moment.

/// Everything that the strikes of a track follow.
///
/// Tune, decay and reverse are those of the moment of the strike; level and pan move while it sounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackSettings {
    /// Semitones, -24 to 24.
    pub tune_st: f32,
    /// 0 to 1: how long it rings, see [`super::decay`]; 1 leaves the sound whole.
    pub decay: f32,
    /// From the end of the sound to its beginning.
    pub is_reverse: bool,
    /// -60 to 12 dB.
    pub level_db: f32,
    /// -1 (left) to 1 (right).
    pub pan: f32,
    /// A strike ends what sounds on the other tracks of its group; 0 is none.
    pub choke: u8,
}

impl Default for TrackSettings {
    /// The sound as it is.
    fn default() -> Self {
        Self { tune_st: 0.0, decay: 1.0, is_reverse: false, level_db: 0.0, pan: 0.0, choke: 0 }
    }
}

impl TrackSettings {
    /// The same within their ranges; a number that is none is what [`Self::default`] has.
    #[must_use]
    pub fn clamped(self) -> Self {
        let or = |value: f32, other: f32| if value.is_nan() { other } else { value };
        let whole = Self::default();
        Self {
            tune_st: or(self.tune_st, whole.tune_st).clamp(-24.0, 24.0),
            decay: or(self.decay, whole.decay).clamp(0.0, 1.0),
            level_db: or(self.level_db, whole.level_db).clamp(-60.0, 12.0),
            pan: or(self.pan, whole.pan).clamp(-1.0, 1.0),
            ..self
        }
    }

    /// Gains of the left and the right side.
    ///
    /// The power of both sides together is the same wherever the sound is panned to. In the middle both are 1, so that a
    /// sound at 0 dB is heard as it was made, and the side that it is panned to has 3 dB more.
    pub fn gains(self) -> [f32; 2] {
        let Self { level_db, pan, .. } = self.clamped();
        let level = 10f64.powf(f64::from(level_db) / 20.0);
        let side = |share: f64| (level * std::f64::consts::SQRT_2 * (share * std::f64::consts::FRAC_PI_4).sin()) as f32;
        [side(1.0 - f64::from(pan)), side(1.0 + f64::from(pan))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gains(level_db: f32, pan: f32) -> [f32; 2] {
        TrackSettings { level_db, pan, ..TrackSettings::default() }.gains()
    }

    #[test]
    fn the_middle_is_unity_the_sides_are_alone_and_the_power_is_constant() {
        assert_eq!(gains(0.0, 0.0), [1.0, 1.0]);
        assert_eq!(gains(0.0, -1.0), [std::f32::consts::SQRT_2, 0.0]);
        assert_eq!(gains(0.0, 1.0), [0.0, std::f32::consts::SQRT_2]);
        for n in -10..=10 {
            let [left, right] = gains(0.0, n as f32 / 10.0);
            assert!((left * left + right * right - 2.0).abs() < 1e-6);
        }
        assert!(gains(0.0, 0.1)[1] > 1.0);
        let [left, right] = gains(-20.0, 0.0);
        assert!(left == right && (left - 0.1).abs() < 1e-7);
    }

    #[test]
    fn absurd_settings_are_clamped() {
        let absurd = TrackSettings {
            tune_st: 900.0,
            decay: f32::NAN,
            is_reverse: true,
            level_db: f32::INFINITY,
            pan: -7.0,
            choke: 200,
        };
        let expected =
            TrackSettings { tune_st: 24.0, decay: 1.0, is_reverse: true, level_db: 12.0, pan: -1.0, choke: 200 };
        assert_eq!(absurd.clamped(), expected);
        assert_eq!(gains(f32::NAN, f32::NAN), [1.0, 1.0]);
    }
}
