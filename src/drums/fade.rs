//! How a voice is ended before its sound is over.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

/// A half cosine down to silence, once it has begun. Wait-free, no allocation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fade {
    left_frames: usize,
    /// 0: it has not begun.
    of_frames: usize,
}

impl Fade {
    /// Falls silent within so many frames (at least 1); a fade that has begun goes on.
    pub fn begin(&mut self, frames: usize) {
        if self.of_frames == 0 {
            (self.left_frames, self.of_frames) = (frames.max(1), frames.max(1));
        }
    }

    /// Frames until there is silence; `None` where it has not begun.
    pub fn left_frames(&self) -> Option<usize> {
        (self.of_frames > 0).then_some(self.left_frames)
    }

    /// The next frame's gain, 1 to 0.
    pub fn next_gain(&mut self) -> f32 {
        if self.of_frames == 0 {
            return 1.0;
        }
        self.left_frames = self.left_frames.saturating_sub(1);
        0.5 - 0.5 * (std::f32::consts::PI * self.left_frames as f32 / self.of_frames as f32).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_falls_to_silence_in_the_frames_named_and_begins_once() {
        let mut fade = Fade::default();
        assert_eq!((fade.next_gain(), fade.left_frames()), (1.0, None));
        fade.begin(100);
        let mut way = vec![1.0];
        for frame in 0..100 {
            assert_eq!(fade.left_frames(), Some(100 - frame));
            way.push(fade.next_gain());
            fade.begin(50);
        }
        assert_eq!((way[100], fade.left_frames(), fade.next_gain()), (0.0, Some(0), 0.0));
        assert!(way[1] > 0.999 && way[99] < 0.001 && way.is_sorted_by(|a, b| a > b));
    }
}
