//! The end of notes whose voice was needed for another one.

/// How long they take to fall silent, seconds.
const FADE_S: f32 = 0.006;

/// A ring of sound to come. Everything but `new` is wait-free and does not allocate.
pub struct Tail {
    ring: Vec<f32>,
    at: usize,
    /// Frames that may still hold sound.
    left: usize,
}

impl Tail {
    /// For a rate, Hz. Allocates.
    pub fn new(rate_hz: f32) -> Self {
        Self { ring: vec![0.0; ((FADE_S * rate_hz) as usize).max(2)], at: 0, left: 0 }
    }

    /// How long it takes to fall silent, frames.
    pub fn frames(&self) -> usize {
        self.ring.len()
    }

    /// Adds a sound from the next frame on, fading out.
    pub fn add(&mut self, sound: impl Iterator<Item = f32>) {
        let frames = self.ring.len();
        for (n, sample) in sound.take(frames).enumerate() {
            let fade = 0.5 + 0.5 * (std::f32::consts::PI * (n + 1) as f32 / frames as f32).cos();
            self.ring[(self.at + n) % frames] += sample * fade;
        }
        self.left = frames;
    }

    /// Adds what is due to `out`.
    pub fn render(&mut self, out: &mut [f32]) {
        let frames = self.ring.len();
        for out in out.iter_mut().take(self.left) {
            *out += std::mem::take(&mut self.ring[self.at]);
            self.at = (self.at + 1) % frames;
        }
        self.left -= self.left.min(out.len());
    }

    /// Whether nothing is left.
    pub fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Silent at once.
    pub fn reset(&mut self) {
        self.ring.fill(0.0);
        (self.at, self.left) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_fades_to_nothing_whatever_the_blocks() {
        let play = |block: usize| {
            let mut tail = Tail::new(48_000.0);
            tail.add(std::iter::repeat_n(1.0, 1000));
            let mut out = vec![0.0; 400];
            out.chunks_mut(block).for_each(|out| tail.render(out));
            assert!(tail.is_over());
            out
        };
        let whole = play(400);
        assert!(whole[0] > 0.99 && whole[287] < 1e-3 && whole[288..].iter().all(|&sample| sample == 0.0));
        assert!(whole.windows(2).all(|pair| pair[1] <= pair[0]));
        assert_eq!(play(7), whole);
    }
}
