//! Silence in a sound that never rests: what the cover for late sound leaves (`src/rt/wet_reader.rs`).
//!
//! A cover holds the last frame, fades it out in a straight line over 128 frames, and fades in what comes back: at the least
//! one frame of nothing at all. A sound may pass through nothing by itself, too, when its channels are equal; but then it has not
//! come there in a straight line, and does not stay.

/// The cover's fade.
const FADE_FRAMES: usize = 128;

/// Where the line is looked for, frames before the silence, beside the last one.
const LOOKS: [usize; 3] = [24, 64, 100];

/// How far from the line a frame may be, of its own: gains may move meanwhile.
const BEND: f32 = 0.1;

const CHANNELS: usize = 2;

/// What was found in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Stretches of silence that began.
    pub(super) dropouts: u64,
    pub(super) lost_frames: u64,
    /// The longest stretch, those from before included.
    pub(super) longest_frames: u64,
}

/// One instance's sound, block after block.
pub(super) struct Gaps {
    /// The end of the block before.
    tail: [[f32; FADE_FRAMES]; CHANNELS],
    silent_frames: u64,
    /// One frame of silence that was not come to in a straight line.
    is_doubtful: bool,
}

impl Default for Gaps {
    fn default() -> Self {
        Self { tail: [[0.0; FADE_FRAMES]; CHANNELS], silent_frames: 0, is_doubtful: false }
    }
}

impl Gaps {
    /// Takes a block of two channels, longer than the fade. Allocates nothing.
    pub(super) fn hear(&mut self, output: &[Vec<f32>]) -> Found {
        let frames = output.first().map_or(0, Vec::len);
        let mut found = Found::default();
        for frame in 0..frames {
            if output.iter().any(|channel| channel[frame] != 0.0) {
                (self.silent_frames, self.is_doubtful) = (0, false);
                continue;
            }
            self.silent_frames += 1;
            let is_first = self.silent_frames == 1;
            if is_first && !self.is_faded(output, frame) {
                self.is_doubtful = true;
                continue;
            }
            let is_second = std::mem::take(&mut self.is_doubtful);
            found.dropouts += u64::from(is_first || is_second);
            found.lost_frames += 1 + u64::from(is_second);
            found.longest_frames = found.longest_frames.max(self.silent_frames);
        }
        for (tail, channel) in self.tail.iter_mut().zip(output) {
            if let Some(last) = channel.last_chunk() {
                *tail = *last;
            }
        }
        found
    }

    /// Whether a straight line leads to the silence at this frame.
    fn is_faded(&self, output: &[Vec<f32>], frame: usize) -> bool {
        self.tail.iter().zip(output).any(|(tail, channel)| {
            let before = |by: usize| match frame.checked_sub(by) {
                Some(at) => channel[at],
                None => tail[FADE_FRAMES + frame - by],
            };
            let step = before(1);
            let is_on_line = |by: usize| (before(by) - by as f32 * step).abs() <= BEND * (by as f32 * step).abs();
            step != 0.0 && LOOKS.into_iter().all(is_on_line)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK_FRAMES: usize = 512;

    /// Of a sound, in blocks: all that was found together.
    fn heard(sound: impl Fn(usize) -> f32) -> Found {
        let mut gaps = Gaps::default();
        let mut sum = Found::default();
        for block in 0..8 {
            let channel: Vec<f32> = (0..BLOCK_FRAMES).map(|frame| sound(block * BLOCK_FRAMES + frame)).collect();
            let found = gaps.hear(&[channel.clone(), channel]);
            sum.dropouts += found.dropouts;
            sum.lost_frames += found.lost_frames;
            sum.longest_frames = sum.longest_frames.max(found.longest_frames);
        }
        sum
    }

    fn tone(frame: usize) -> f32 {
        0.3 * (frame as f32 * 0.029 + 0.1).sin() + 0.1
    }

    /// As `wet_reader.rs` covers a gap of so many frames.
    fn covered(gap: std::ops::Range<usize>) -> impl Fn(usize) -> f32 {
        move |frame| {
            let fade = FADE_FRAMES as f32;
            match frame.checked_sub(gap.start) {
                None => tone(frame),
                Some(since) if since < FADE_FRAMES.max(gap.len()) => {
                    tone(gap.start - 1) * (1.0 - (since as f32 + 1.0) / fade).max(0.0)
                }
                Some(since) => {
                    let back = since - FADE_FRAMES.max(gap.len()) + 1;
                    tone(frame) * (back as f32 / fade).min(1.0)
                }
            }
        }
    }

    #[test]
    fn a_cover_is_found_wherever_it_lies_and_however_short_it_is() {
        for start in [700, 1000, 1020, 1024, 1030, 1500] {
            assert_eq!(heard(covered(start..start + 1)), Found { dropouts: 1, lost_frames: 1, longest_frames: 1 });
            let long = heard(covered(start..start + 628));
            assert_eq!(long, Found { dropouts: 1, lost_frames: 501, longest_frames: 501 }, "{start}");
        }
    }

    #[test]
    fn a_sound_that_passes_through_nothing_is_none_and_one_that_stays_there_is() {
        assert_eq!(heard(tone), Found::default());
        assert_eq!(heard(|frame| if frame == 2000 { 0.0 } else { tone(frame) }), Found::default());
        // Near nothing every sound is straight, for a while.
        let slow = |frame: usize| (frame as f32 - 2000.0) * 1e-3 * if frame > 1960 { 1.0 } else { -1.0 };
        assert_eq!(heard(slow), Found::default());
        let stays = heard(|frame| if (2000..2003).contains(&frame) { 0.0 } else { tone(frame) });
        assert_eq!(stays, Found { dropouts: 1, lost_frames: 3, longest_frames: 3 });
    }
}
