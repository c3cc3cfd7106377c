//! How the musician has arranged the drum machine's window: plain data, to be saved with the project.

use serde::{Deserialize, Serialize};

use super::TRACKS;

/// One of the views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// The grid of steps.
    #[default]
    Beat,
    /// Grain space.
    Grains,
}

impl Tab {
    /// All of them, as they stand side by side.
    pub const ALL: [Self; 2] = [Self::Beat, Self::Grains];

    /// The name on it.
    pub fn name(self) -> &'static str {
        ["Beat", "Grains"][self as usize]
    }
}

/// A group of the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are named as in the window")]
pub enum Group {
    Hit,
    Shape,
    Kit,
}

/// The window's arrangement. Unknown names of a later version are refused by serde: then take the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// The view that is shown.
    pub tab: Tab,
    /// What lies over the views.
    pub panel: Option<crate::layout::Panel>,
    /// The track whose controls are shown, from 0.
    pub track: usize,
    /// Whether the pattern that sounds is shown.
    pub is_following: bool,
    /// The groups of the strip that are folded.
    pub folded: Vec<Group>,
}

impl Layout {
    /// The same with values in range: a saved arrangement may hold anything.
    pub(crate) fn repaired(mut self) -> Self {
        self.track = self.track.min(TRACKS - 1);
        self
    }

    /// Folds a group or unfolds it.
    pub fn fold(&mut self, group: Group) {
        crate::layout::toggle(&mut self.folded, group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_layout_shows_a_track_that_there_is() {
        assert_eq!(Layout { track: 99, ..Layout::default() }.repaired().track, TRACKS - 1);
    }
}
