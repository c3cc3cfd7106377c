//! When the grains of a hit are, and how long: short ones at its onset, longer ones after it.
//!
//! Their windows are Hann windows over four hops, bent so that neighbours of unlike length still add up.

/// Frames in a second.
pub const RATE_HZ: f64 = 44_100.0;

/// A hit is at most that long, frames: 6 s.
pub const MOST_FRAMES: usize = 264_600;

/// From the first grain's middle to the second's, frames.
pub const FIRST_HOP: usize = 16;

/// The hops grow up to this, frames.
pub const LAST_HOP: usize = 512;

/// A window is at most that long, frames.
pub const MOST_WINDOW: usize = 4 * LAST_HOP;

/// The window that tells partials from noise, frames: a Hann window.
pub(super) const LONG_FRAMES: usize = 2048;

/// From one long window to the next, frames; the first one begins at the onset.
pub(super) const LONG_HOP: usize = 512;

/// What the squares of the windows over one moment add up to.
pub const WINDOW_POWER: f64 = 1.5;

/// How much longer a hop is than the first one, for each frame since the onset.
const GROWTH: f64 = 0.15;

/// The middles of the grains of a hit of that many frames, at most [`MOST_FRAMES`]; the last ones lie behind its end. Frames
/// since the onset, rising. Allocates.
pub fn times(frames: usize) -> Vec<usize> {
    let end = (frames.min(MOST_FRAMES) + LAST_HOP) as f64;
    let next = |at: &f64| Some(at + (FIRST_HOP as f64 + GROWTH * at).min(LAST_HOP as f64));
    let middles = std::iter::successors(Some(0.0f64), next).take_while(|&at| at < end);
    middles.map(|at| at.round_ties_even() as usize).collect()
}

/// Where the window of one grain lies: from the first of five knots over the grain's middle to the last, a quarter of the
/// Hann window between each two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    knots: [i64; 5],
}

impl Window {
    /// Of the grain of that index among these middles. Before the first one come two more, [`FIRST_HOP`] apart, and two
    /// behind the last, [`LAST_HOP`] apart.
    pub fn of(middles: &[usize], grain: usize) -> Self {
        let last = middles.last().map_or(0, |&last| last as i64);
        let knot = |index: i64| match usize::try_from(index) {
            Ok(index) if index < middles.len() => middles[index] as i64,
            Ok(index) => last + (LAST_HOP * (index - middles.len() + 1)) as i64,
            Err(_) => index * FIRST_HOP as i64,
        };
        Self { knots: std::array::from_fn(|place| knot(grain as i64 + place as i64 - 2)) }
    }

    /// An unbent one over four hops of [`LAST_HOP`] that begins at frame 0.
    pub fn unbent() -> Self {
        Self { knots: std::array::from_fn(|place| (place * LAST_HOP) as i64) }
    }

    /// Its first frame, since the onset.
    pub fn first_frame(&self) -> i64 {
        self.knots[0]
    }

    /// How long it is.
    pub fn frames(&self) -> usize {
        usize::try_from(self.knots[4] - self.knots[0]).unwrap_or(0)
    }

    /// Frames of the grain's transform: a power of two.
    pub fn size(&self) -> usize {
        self.frames().next_power_of_two()
    }

    /// Its four quarters, frames.
    pub fn hops(&self) -> [usize; 4] {
        std::array::from_fn(|place| usize::try_from(self.knots[place + 1] - self.knots[place]).unwrap_or(0))
    }

    /// Its weights, 0 to 1, one a frame.
    pub fn weights(&self) -> impl Iterator<Item = f64> {
        self.hops().into_iter().enumerate().flat_map(|(quarter, hop)| {
            (0..hop).map(move |frame| {
                let place = quarter as f64 - 2.0 + frame as f64 / hop as f64;
                0.5 + 0.5 * (std::f64::consts::FRAC_PI_2 * place).cos()
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grains_are_short_at_the_onset_and_of_one_length_later() {
        let middles = times(28_665);
        assert_eq!(middles[..4], [0, 16, 34, 56]);
        let hops: Vec<usize> = middles.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(hops.is_sorted_by(|a, b| *a <= b + 1), "{hops:?}");
        assert!(hops[30..].iter().all(|hop| hop.abs_diff(LAST_HOP) <= 1), "{hops:?}");
        assert!((28_665..28_665 + LAST_HOP).contains(middles.last().unwrap()));
    }

    #[test]
    fn a_hit_has_no_more_grains_than_a_decoder_takes_at_once() {
        assert_eq!(times(usize::MAX), times(MOST_FRAMES));
        assert!((100..=2048).contains(&times(MOST_FRAMES).len()));
        assert_eq!(times(0).first(), Some(&0));
    }

    #[test]
    fn squares_of_windows_add_up_to_the_same_but_for_the_ends() {
        let frames = 9000;
        let middles = times(frames);
        let mut sums = vec![0.0; frames];
        for grain in 0..middles.len() {
            let window = Window::of(&middles, grain);
            for (frame, weight) in (window.first_frame()..).zip(window.weights()) {
                if let Some(sum) = usize::try_from(frame).ok().and_then(|frame| sums.get_mut(frame)) {
                    *sum += weight * weight;
                }
            }
        }
        // A grain before the onset, and one behind the last, would have given the rest: 0.8 dB at most.
        let (onset, end) = (FIRST_HOP, middles[middles.len() - 2]);
        assert!(sums[onset..end].iter().all(|sum| (sum - WINDOW_POWER).abs() < 1e-9));
        assert!(sums[..onset].is_sorted() && sums[end..].is_sorted_by(|a, b| a >= b));
        assert_eq!(sums[0], 1.25);
        assert!(sums.iter().all(|&sum| sum > 1.2499));
    }

    #[test]
    fn a_transform_holds_its_window() {
        let middles = times(20_000);
        let sizes: Vec<usize> = (0..middles.len()).map(|grain| Window::of(&middles, grain).size()).collect();
        assert_eq!((sizes[0], *sizes.iter().max().unwrap()), (128, MOST_WINDOW));
        assert!((0..middles.len()).all(|grain| Window::of(&middles, grain).frames() <= sizes[grain]));
        assert_eq!(Window::unbent().hops(), [LAST_HOP; 4]);
    }
}
