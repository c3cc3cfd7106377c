//! Where a sound begins: a rise of its loudness.

/// A rise within two hops by more than this is an attack, dB.
const ATTACK_DB: f32 = 6.0;

/// Finds attacks hop by hop. Wait-free, no allocation.
#[derive(Clone, Copy, Debug)]
pub struct AttackDetector {
    /// Loudness of the last hop and of the one before, dB(A).
    loudness_db: [f32; 2],
}

impl AttackDetector {
    /// For a sound that goes on at this loudness, dB(A).
    pub fn after(loudness_db: f32) -> Self {
        Self { loudness_db: [loudness_db; 2] }
    }

    /// Whether the next hop, of this loudness in dB(A), is an attack.
    pub fn next(&mut self, loudness_db: f32) -> bool {
        let [last_db, before_db] = self.loudness_db;
        self.loudness_db = [loudness_db, last_db];
        loudness_db - last_db.min(before_db) > ATTACK_DB
    }
}

impl Default for AttackDetector {
    /// Before there was any sound: the first two hops are attacks, whatever they are.
    fn default() -> Self {
        Self::after(f32::NEG_INFINITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_within_two_hops_is_an_attack_and_a_slower_one_or_a_fall_is_not() {
        let attacks = |mut detector: AttackDetector, levels: &[f32]| -> Vec<bool> {
            levels.iter().map(|&level_db| detector.next(level_db)).collect()
        };
        let from = AttackDetector::after(-40.0);
        assert_eq!(attacks(from, &[-33.0, -30.0, -30.0]), [true, true, false]);
        assert_eq!(attacks(from, &[-37.5, -35.0, -32.5, -60.0]), [false; 4]);
        assert_eq!(attacks(AttackDetector::default(), &[-80.0, -80.0, -80.0]), [true, true, false]);
    }
}
