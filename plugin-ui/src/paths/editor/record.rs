//! How the next recording is made.

use super::super::{RecordLength, RecordStart, RecordWish};

/// When it may begin, and what that is called.
pub const STARTS: [(RecordStart, &str); 3] =
    [(RecordStart::Now, "Now"), (RecordStart::Bar, "Next bar"), (RecordStart::Sound, "First sound")];
/// How long it may be: open, seconds of the musician's choice, bars.
pub const LENGTHS: [(Length, &str); 6] = [
    (Length::Open, "Open"),
    (Length::Seconds, "Seconds"),
    (Length::Bars(1), "1 bar"),
    (Length::Bars(2), "2 bars"),
    (Length::Bars(4), "4 bars"),
    (Length::Bars(8), "8 bars"),
];
/// What came before it may be recorded, too, and what that is called.
pub const PRE_ROLLS: [(f32, &str); 4] = [(0.0, "None"), (0.5, "0.5 s"), (1.0, "1 s"), (2.0, "2 s")];

/// How long a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Until it is stopped.
    Open,
    /// As many as are set beside it.
    Seconds,
    /// Bars of the song.
    Bars(u32),
}

/// What the musician has chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordSettings {
    /// By its number in [`STARTS`].
    pub start: usize,
    /// By its number in [`LENGTHS`].
    pub length: usize,
    /// Length where it is in seconds.
    pub seconds: f32,
    /// By its number in [`PRE_ROLLS`].
    pub pre_roll: usize,
}

impl Default for RecordSettings {
    fn default() -> Self {
        Self { start: 0, length: 0, seconds: 4.0, pre_roll: 0 }
    }
}

impl RecordSettings {
    /// What is asked for, into a slot.
    pub fn wish(&self, slot: usize) -> RecordWish {
        let length = match LENGTHS[self.length.min(LENGTHS.len() - 1)].0 {
            Length::Open => RecordLength::Open,
            Length::Seconds => RecordLength::Seconds(self.seconds),
            Length::Bars(bars) => RecordLength::Bars(bars),
        };
        let start = STARTS[self.start.min(STARTS.len() - 1)].0;
        RecordWish { slot, start, length, pre_roll_s: PRE_ROLLS[self.pre_roll.min(PRE_ROLLS.len() - 1)].0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_what_was_chosen() {
        let settings = RecordSettings { start: 1, length: 4, pre_roll: 2, ..RecordSettings::default() };
        let wish = RecordWish { slot: 3, start: RecordStart::Bar, length: RecordLength::Bars(4), pre_roll_s: 1.0 };
        assert_eq!(settings.wish(3), wish);
        let settings = RecordSettings { length: 1, seconds: 2.5, ..RecordSettings::default() };
        assert_eq!(settings.wish(0).length, RecordLength::Seconds(2.5));
    }
}
