//! The grid that points and selections snap to.

use super::super::PathsStatus;

/// A grid: its name, and its step in beats or in bars.
struct Grid {
    name: &'static str,
    beats: f32,
    bars: f32,
}

const fn beats(name: &'static str, beats: f32) -> Grid {
    Grid { name, beats, bars: 0.0 }
}

const fn bars(name: &'static str, bars: f32) -> Grid {
    Grid { name, beats: 0.0, bars }
}

/// What can be chosen; the first is none.
const GRIDS: [Grid; 8] = [
    beats("Off", 0.0),
    beats("1/16 beat", 1.0 / 16.0),
    beats("1/8 beat", 1.0 / 8.0),
    beats("1/4 beat", 1.0 / 4.0),
    beats("1/2 beat", 1.0 / 2.0),
    beats("1 beat", 1.0),
    bars("1/2 bar", 0.5),
    bars("1 bar", 1.0),
];

/// How times and pitches snap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snap {
    /// By its number, 0 being none.
    pub grid: usize,
    /// Whether drawn pitches are whole semitones.
    pub is_semitones: bool,
}

impl Default for Snap {
    fn default() -> Self {
        Self { grid: 0, is_semitones: true }
    }
}

impl Snap {
    /// Grids that can be chosen.
    pub const COUNT: usize = GRIDS.len();

    /// What a grid is called.
    pub fn name(grid: usize) -> &'static str {
        GRIDS.get(grid).map_or("", |grid| grid.name)
    }

    /// From one line to the next, seconds; `None` without a grid or a tempo.
    pub fn step_s(&self, status: &PathsStatus) -> Option<f32> {
        let grid = GRIDS.get(self.grid)?;
        let step_s = (grid.beats + grid.bars * status.bar_beats) * status.beat_s;
        (step_s.is_finite() && step_s > 1e-3).then_some(step_s)
    }

    /// The nearest moment on the grid.
    pub fn time(&self, at_s: f32, status: &PathsStatus) -> f32 {
        self.step_s(status).map_or(at_s, |step| (at_s / step).round() * step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_snap_to_parts_of_the_songs_beats_and_bars() {
        let status = PathsStatus { beat_s: 0.5, bar_beats: 3.0, ..PathsStatus::default() };
        let snapped = |name: &str| {
            let grid = (0..Snap::COUNT).find(|&grid| Snap::name(grid) == name).unwrap();
            Snap { grid, ..Snap::default() }.time(1.3, &status)
        };
        assert_eq!(["Off", "1/2 beat", "1 beat", "1 bar"].map(snapped), [1.3, 1.25, 1.5, 1.5]);
        assert_eq!(snapped("1/16 beat"), 1.3125);
        let bar = Snap { grid: Snap::COUNT - 1, ..Snap::default() };
        assert_eq!(bar.time(1.3, &PathsStatus::default()), 1.3, "without a tempo there is no grid");
    }
}
