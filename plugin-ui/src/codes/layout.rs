//! How the musician has arranged the instrument's window: plain data, to be saved with the project.

use serde::{Deserialize, Serialize};

/// One of the views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// The codebook.
    Map,
    /// The drawn curve.
    Curve,
    /// Wanted against achieved.
    Target,
    /// The spectrograms.
    Sound,
}

impl Tab {
    /// All of them, as they stand side by side.
    pub const ALL: [Self; 4] = [Self::Map, Self::Curve, Self::Target, Self::Sound];

    /// The name on it.
    pub fn name(self) -> &'static str {
        ["Map", "Curve", "Target", "Sound"][self as usize]
    }
}

/// A group of the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are named as in the window")]
pub enum Group {
    Play,
    Target1,
    Target2,
    Target3,
    Loudness,
    Movement,
    Pitch,
}

impl Group {
    /// The targets' groups in their order.
    pub const TARGETS: [Self; super::TARGETS] = [Self::Target1, Self::Target2, Self::Target3];
}

/// The window's arrangement. Unknown names of a later version are refused by serde: then take the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// The view that is shown; where there is room, a second one beside it, and a third beneath that.
    pub views: [Tab; 3],
    /// What lies over the views.
    pub panel: Option<crate::layout::Panel>,
    /// The name of what colours the map; `None` follows the first target, and so does one that is not known.
    pub descriptor: Option<String>,
    /// The target whose course is shown, from 0.
    pub target: usize,
    /// The lowest key of the keyboard.
    pub low_key: u8,
    /// The groups of the strip that are folded.
    pub folded: Vec<Group>,
}

impl Default for Layout {
    fn default() -> Self {
        let folded = vec![Group::Target2, Group::Target3];
        Self {
            views: [Tab::Map, Tab::Curve, Tab::Target],
            panel: None,
            descriptor: None,
            target: 0,
            low_key: 36,
            folded,
        }
    }
}

impl Layout {
    /// Shows a view at a place; a place that showed it gives way.
    pub fn show(&mut self, place: usize, tab: Tab) {
        let Some(&shown) = self.views.get(place) else { return };
        if let Some(other) = self.views.iter().position(|&view| view == tab) {
            self.views[other] = shown;
        }
        self.views[place] = tab;
    }

    /// The same with different views and values in range: a saved arrangement may hold anything.
    pub(crate) fn repaired(mut self) -> Self {
        for place in 1..self.views.len() {
            if self.views[..place].contains(&self.views[place]) {
                let free = Tab::ALL.into_iter().find(|tab| !self.views.contains(tab));
                self.views[place] = free.unwrap_or(Tab::Map);
            }
        }
        self.target = self.target.min(super::TARGETS - 1);
        self.low_key = self.low_key.min(108);
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
    fn no_view_is_shown_twice_whatever_is_chosen_or_saved() {
        let is_mixed = |layout: &Layout| (1..3).all(|place| !layout.views[..place].contains(&layout.views[place]));
        for place in 0..4 {
            for tab in Tab::ALL {
                let mut layout = Layout::default();
                layout.show(place, tab);
                assert!(is_mixed(&layout), "{layout:?}");
                let saved = Layout { views: [tab; 3], target: 9, low_key: 255, ..Layout::default() }.repaired();
                assert!(is_mixed(&saved) && saved.target < 3 && saved.low_key < 128, "{saved:?}");
            }
        }
    }
}
