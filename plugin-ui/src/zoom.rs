//! How large the whole window is drawn, beside what the system asks for.

use crate::MIN_SIZE_POINTS;

/// A zoom of the window: one of [`Zoom::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Zoom(u16);

impl Zoom {
    /// Those that are offered, the smallest first.
    pub const ALL: [Self; 8] = [Self(75), Self(90), Self(100), Self(110), Self(125), Self(150), Self(175), Self(200)];

    /// The offered one that is nearest: what was kept may be another version's.
    pub fn nearest(percent: u16) -> Self {
        Self::ALL.into_iter().min_by_key(|zoom| zoom.0.abs_diff(percent)).unwrap_or_default()
    }

    /// In per cent.
    pub fn percent(self) -> u16 {
        self.0
    }

    /// For reading.
    pub fn text(self) -> String {
        format!("{} %", self.0)
    }

    /// What it means in a window that is drawn at another, in a sentence.
    pub fn about(self, drawn: Self) -> String {
        if drawn < self {
            format!("This window has room for {}. Make it larger for {}.", drawn.text(), self.text())
        } else {
            "Beside what your system asks for, in all windows of Timbreloom.".to_owned()
        }
    }

    /// The system's points for one of the window's.
    pub fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }

    /// The smallest window for it, in the system's points.
    pub fn least_size(self) -> [f32; 2] {
        MIN_SIZE_POINTS.map(|side| side * self.factor())
    }

    /// The largest up to this one for which a window of so many of the system's points has room: nothing is cut off. A window
    /// that is too small in any case is drawn as without a zoom.
    pub fn fitting(self, size: [f32; 2]) -> Self {
        // Half a point: sizes come rounded.
        let has_room = |zoom: &Self| zoom.least_size().into_iter().zip(size).all(|(least, side)| side + 0.5 >= least);
        let smaller = Self::ALL.into_iter().rev().filter(|&zoom| zoom <= self);
        smaller.into_iter().find(has_room).unwrap_or(self.min(Self::default()))
    }
}

impl Default for Zoom {
    /// As the system asks.
    fn default() -> Self {
        Self(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_becomes_one_that_is_offered() {
        let nearest = |percent| Zoom::nearest(percent).percent();
        assert_eq!([nearest(0), nearest(100), nearest(120), nearest(u16::MAX)], [75, 100, 125, 200]);
    }

    #[test]
    fn a_window_is_never_drawn_larger_than_it_has_room_for() {
        let fits = |percent, size| Zoom::nearest(percent).fitting(size).percent();
        assert_eq!(fits(200, [1600.0, 1000.0]), 200);
        assert_eq!(fits(200, [1599.6, 999.8]), 200, "a size comes rounded");
        assert_eq!(fits(200, [1600.0, 700.0]), 125);
        assert_eq!(fits(200, [800.0, 500.0]), 100);
        assert_eq!(fits(75, [800.0, 500.0]), 75);
        for zoom in Zoom::ALL {
            assert_eq!(zoom.fitting(zoom.least_size()), zoom);
        }
    }

    #[test]
    fn a_window_without_room_says_how_much_it_has() {
        let [large, small] = [200, 125].map(Zoom::nearest);
        assert_eq!(large.about(small), "This window has room for 125 %. Make it larger for 200 %.");
        assert_eq!(small.about(small), small.about(large));
    }

    #[test]
    fn a_window_that_is_too_small_for_a_moment_is_drawn_as_without_a_zoom() {
        assert_eq!(Zoom::nearest(200).fitting([60.0, 40.0]), Zoom::default());
        assert_eq!(Zoom::nearest(75).fitting([60.0, 40.0]).percent(), 75);
    }
}
