//! A level meter's movement: up at once, down slowly, the peak held for a while.

pub const FLOOR_DB: f32 = -60.0;
pub const CEILING_DB: f32 = 6.0;
const FALL_DB_PER_S: f32 = 30.0;
/// What a limiter does is short: it is shown for longer, falling so much more slowly.
const LIMIT_FALLS: f32 = 0.2;
const HOLD_S: f64 = 1.5;
/// How long a meter says that full scale was passed.
const CLIP_S: f64 = 2.0;
/// Levels that are marked, dB of full scale.
pub const TICKS_DB: [f32; 5] = [0.0, -6.0, -12.0, -24.0, -48.0];

/// What a meter shows now, both in dB of full scale and never below the floor.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    pub level_db: f32,
    pub peak_db: f32,
    /// Short-term loudness, LUFS; minus infinity where nothing is told of it.
    pub lufs: f32,
    /// By how much a limiter holds peaks back, dB; falls slowly.
    pub limited_db: f32,
    peak_at_s: f64,
    /// When full scale was passed last.
    clipped_at_s: Option<f64>,
    now_s: f64,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            level_db: FLOOR_DB,
            peak_db: FLOOR_DB,
            lufs: f32::NEG_INFINITY,
            limited_db: 0.0,
            peak_at_s: 0.0,
            clipped_at_s: None,
            now_s: 0.0,
        }
    }
}

impl Meter {
    /// Takes the peak of the time since the last frame.
    pub fn update(&mut self, peak_db: f32, now_s: f64) {
        let heard_db = if peak_db.is_nan() { FLOOR_DB } else { peak_db.clamp(FLOOR_DB, CEILING_DB) };
        let fall_db = (now_s - self.now_s).max(0.0) as f32 * FALL_DB_PER_S;
        self.now_s = now_s;
        if heard_db > 0.0 {
            self.clipped_at_s = Some(now_s);
        }
        self.limited_db = (self.limited_db - LIMIT_FALLS * fall_db).max(0.0);
        self.level_db = (self.level_db - fall_db).max(heard_db).max(FLOOR_DB);
        if self.level_db >= self.peak_db {
            self.peak_db = self.level_db;
            self.peak_at_s = now_s;
        } else if now_s - self.peak_at_s > HOLD_S {
            self.peak_db = (self.peak_db - fall_db).max(self.level_db);
        }
    }

    /// Takes what is told of the output beside its peak, before [`Self::update`].
    pub fn tell(&mut self, lufs: f32, limited_db: f32) {
        (self.lufs, self.limited_db) = (lufs, self.limited_db.max(limited_db));
    }

    /// Whether it would look different later without any sound.
    pub fn is_moving(&self) -> bool {
        self.peak_db > FLOOR_DB || self.is_clipped() || self.limited_db > 0.0
    }

    /// Whether full scale was passed a short while ago.
    pub fn is_clipped(&self) -> bool {
        self.clipped_at_s.is_some_and(|at_s| self.now_s - at_s < CLIP_S)
    }

    /// Where a level lies on the meter, from 0 to 1.
    pub fn share(level_db: f32) -> f32 {
        ((level_db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_at_once_falls_slowly_and_rests() {
        let mut meter = Meter::default();
        meter.update(-6.0, 1.0);
        assert_eq!(meter.level_db, -6.0);
        meter.update(f32::NEG_INFINITY, 1.1);
        assert!((meter.level_db + 9.0).abs() < 1e-3);
        assert_eq!(meter.peak_db, -6.0);
        for frame in 0..400 {
            meter.update(f32::NAN, 1.1 + f64::from(frame) / 60.0);
        }
        assert_eq!(meter.level_db, FLOOR_DB);
        assert!(!meter.is_moving());
    }
}
