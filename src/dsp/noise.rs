//! Seeded noise for the decoder: the same seed gives the same take, on every computer.

/// A counted generator of nearly normal values.
///
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014); the four 16-bit parts of each draw are added up (Irwin and Hall), a
/// fifth of Box and Muller's cost. The decoder adds up some five hundred of these for each sample, which makes noise as
/// normal as can be. Own code because the exact sequence is part of a project's sound, and a dependency may change its.
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

    /// Fills `out` with the next values of [`Self::normal`].
    pub fn fill(&mut self, out: &mut [f32]) {
        out.iter_mut().for_each(|value| *value = self.normal());
    }

    /// The next value, of mean 0 and variance 1, within -3.46..3.46.
    pub fn normal(&mut self) -> f32 {
        // The sum of four uniform 16-bit numbers has the mean 4 * 65535 / 2 and the variance 4 * (65536^2 - 1) / 12.
        const MEAN: f32 = 131_070.0;
        const DEVIATION: f32 = 37_837.226;
        let bits = self.next_u64();
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
        (sum as f32 - MEAN) * (1.0 / DEVIATION)
    }

    /// The next value, uniform in 0..1.
    pub fn uniform(&mut self) -> f32 {
        // The upper 24 bits: all that an f32 can hold without rounding up to 1.
        (self.next_u64() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
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
    fn values_are_nearly_standard_normal() {
        let mut values = vec![0.0f32; 200_001];
        Noise::new(1).fill(&mut values);
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32;
        let beyond_two = values.iter().filter(|v| v.abs() > 2.0).count() as f32 / values.len() as f32;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance - 1.0).abs() < 0.01, "{variance}");
        // A normal distribution has 0.0455 there, the sum of four uniform ones 2 * (4 - 2 - 2 / sqrt(3))^4 / 24 = 0.0427.
        assert!((beyond_two - 0.0427).abs() < 0.002, "{beyond_two}");
    }

    /// The trainer's noise is held to the same values: `models/training/tests/test_codes.py`.
    #[test]
    fn the_take_of_a_seed_never_changes() {
        #[derive(serde::Deserialize)]
        struct Take {
            seed: u64,
            values: Vec<f32>,
        }
        let text = include_str!("../../tests/fixtures/noise.json");
        let takes: Vec<Take> = serde_json::from_str(text).expect("the fixture is valid");
        assert!(!takes.is_empty());
        for take in takes {
            let mut values = vec![0.0; take.values.len()];
            Noise::new(take.seed).fill(&mut values);
            assert_eq!(values, take.values, "seed {}", take.seed);
        }
    }
}
