//! Seeded noise for the decoder: the same seed gives the same take, on every computer.

/// A counted generator of standard normal values.
///
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) into the Box-Muller transform; own code because the exact
/// sequence is part of a project's sound, and a dependency may change its own.
#[derive(Clone, Debug)]
pub struct Noise {
    seed: u64,
    state: u64,
}

impl Noise {
    /// A generator at the start of the sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    /// Back to the start of the sequence.
    pub fn reset(&mut self) {
        self.state = self.seed;
    }

    /// Fills `out` with independent values of mean 0 and variance 1.
    pub fn fill(&mut self, out: &mut [f32]) {
        for pair in out.chunks_mut(2) {
            let bits = self.next_u64();
            // 24 and 32 bits of one draw: the radius from (0, 1], the angle from [0, 1)
            let radius = (-2.0 * (((bits >> 40) + 1) as f32 / 16_777_216.0).ln()).sqrt();
            let angle = std::f32::consts::TAU * ((bits & 0xFF_FFFF) as f32 / 16_777_216.0);
            let (sine, cosine) = angle.sin_cos();
            pair[0] = radius * cosine;
            if let Some(second) = pair.get_mut(1) {
                *second = radius * sine;
            }
        }
    }

    fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_standard_normal() {
        let mut values = vec![0.0f32; 200_001];
        Noise::new(1).fill(&mut values);
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32;
        let beyond_two = values.iter().filter(|v| v.abs() > 2.0).count() as f32 / values.len() as f32;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance - 1.0).abs() < 0.01, "{variance}");
        assert!((beyond_two - 0.0455).abs() < 0.003, "{beyond_two}");
    }

    #[test]
    fn the_same_seed_gives_the_same_take_and_another_seed_another() {
        let take = |seed| {
            let mut out = [0.0; 64];
            Noise::new(seed).fill(&mut out);
            out
        };
        assert_eq!(take(7), take(7));
        assert_ne!(take(7), take(8));
    }
}
