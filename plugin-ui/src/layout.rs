//! How the musician has arranged the window: plain data, to be saved with the project.

use serde::{Deserialize, Serialize};

/// One of the views of what plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// The latent space.
    #[default]
    Space,
    /// Every latent dimension.
    Lanes,
    /// What goes in and what comes out.
    Sound,
    /// The feedback loop.
    Feedback,
    /// Latent paths.
    Paths,
    /// The plane.
    Plane,
}

impl Tab {
    /// All of them, as they stand side by side.
    pub const ALL: [Self; 6] = [Self::Space, Self::Lanes, Self::Sound, Self::Feedback, Self::Paths, Self::Plane];

    /// The name on it.
    pub fn name(self) -> &'static str {
        ["Space", "Lanes", "Sound", "Feedback", "Paths", "Plane"][self as usize]
    }
}

/// What lies over the views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Panel {
    /// The model browser.
    Models,
    /// The preset browser.
    Presets,
    /// The settings.
    Settings,
}

/// A group of the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// What is played with most.
    Play,
    /// The notes.
    Pitch,
    /// What moves by itself: drift, oscillators, followers.
    #[serde(alias = "random")]
    Movement,
    /// The loudness.
    Loudness,
    /// The second model.
    Blend,
    /// The side-chain.
    SideChain,
    /// The feedback loop.
    Feedback,
    /// The stereo track.
    Stereo,
}

impl Group {
    /// The name on it.
    pub fn name(self) -> &'static str {
        ["Play", "Pitch", "Movement", "Loudness", "Blend", "Side-chain", "Feedback", "Stereo"][self as usize]
    }
}

/// The window's arrangement. Unknown names of a later version are refused by serde: then take the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// The view that is shown; the left one where there is room for two.
    pub left: Tab,
    /// The view beside it.
    pub right: Tab,
    /// What lies over the views.
    pub panel: Option<Panel>,
    /// The groups of the strip that are folded.
    pub folded: Vec<Group>,
}

impl Default for Layout {
    /// What does nothing at first is folded: the side-chain, before the host has been told to send one, and the feedback, which has
    /// a view of its own.
    fn default() -> Self {
        Self { left: Tab::Space, right: Tab::Lanes, panel: None, folded: vec![Group::Feedback, Group::SideChain] }
    }
}

impl Layout {
    /// Shows a view on one side; the other side gives way where it showed the same.
    pub fn show(&mut self, side: usize, tab: Tab) {
        let (shown, other) =
            if side == 0 { (&mut self.left, &mut self.right) } else { (&mut self.right, &mut self.left) };
        if *other == tab {
            *other = *shown;
        }
        *shown = tab;
    }

    /// The same with two different views: a saved arrangement may hold anything.
    pub(crate) fn repaired(mut self) -> Self {
        if self.left == self.right {
            self.right = if self.left == Tab::Space { Tab::Lanes } else { Tab::Space };
        }
        self
    }

    /// Whether a group is folded.
    pub fn is_folded(&self, group: Group) -> bool {
        self.folded.contains(&group)
    }

    /// Folds a group or unfolds it.
    pub fn fold(&mut self, group: Group) {
        toggle(&mut self.folded, group);
    }
}

/// Takes what is in the list out of it, and adds what is not.
pub(crate) fn toggle<T: PartialEq>(list: &mut Vec<T>, entry: T) {
    match list.iter().position(|listed| *listed == entry) {
        Some(at) => drop(list.remove(at)),
        None => list.push(entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sides_never_show_the_same_view() {
        let mut layout = Layout::default();
        layout.show(1, Tab::Space);
        assert_eq!((layout.left, layout.right), (Tab::Lanes, Tab::Space));
        layout.show(0, Tab::Sound);
        assert_eq!((layout.left, layout.right), (Tab::Sound, Tab::Space));
    }

    #[test]
    fn a_saved_layout_that_shows_one_view_twice_is_mended() {
        for tab in Tab::ALL {
            let repaired = Layout { left: tab, right: tab, ..Layout::default() }.repaired();
            assert!(repaired.left == tab && repaired.right != tab);
        }
    }
}
