//! A delay of whole frames.

/// Delays one channel by a fixed number of frames. Everything but `new` is wait-free and does not allocate.
pub struct DelayLine {
    ring: Vec<f32>,
    at: usize,
}

impl DelayLine {
    /// Allocates a silent line of `frames` frames; 0 passes sound through.
    pub fn new(frames: usize) -> Self {
        Self { ring: vec![0.0; frames], at: 0 }
    }

    /// By how many frames it delays.
    pub fn frames(&self) -> usize {
        self.ring.len()
    }

    /// Takes one sample and returns the one that entered `frames` calls ago.
    pub fn next(&mut self, sample: f32) -> f32 {
        let Some(slot) = self.ring.get_mut(self.at) else { return sample };
        let late = std::mem::replace(slot, sample);
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
        }
        late
    }

    /// Replaces all that it holds by `value`; 0 is silence.
    pub fn fill(&mut self, value: f32) {
        self.ring.fill(value);
        self.at = 0;
    }
}
