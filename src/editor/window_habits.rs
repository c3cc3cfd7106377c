//! How this user likes windows, whatever the project: their zoom.

use std::path::Path;

use plugin_ui::session::Notice;
use plugin_ui::{Tone, Zoom};
use serde::{Deserialize, Serialize};

use super::user_file::UserFile;

/// What the file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowHabits {
    /// In per cent; one that is not offered counts as the nearest.
    pub zoom: u16,
}

impl Default for WindowHabits {
    fn default() -> Self {
        Self { zoom: Zoom::default().percent() }
    }
}

impl UserFile for WindowHabits {
    const FILE: &str = "window.json";
}

impl WindowHabits {
    /// The zoom of all windows. Blocks.
    pub fn zoom(data: &Path) -> Zoom {
        Zoom::nearest(Self::read(data).zoom)
    }

    /// Keeps the zoom. Blocks.
    ///
    /// # Errors
    /// What to tell the musician when it cannot be kept.
    pub fn set_zoom(data: &Path, zoom: Zoom) -> Result<(), Notice> {
        Self::change(data, |habits| habits.zoom = zoom.percent()).map_err(|error| Notice {
            tone: Tone::Trouble,
            text: format!(
                "The zoom lasts until this window closes: it cannot be kept in {} ({error}). Make the folder writable.",
                data.display()
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zoom_is_kept_and_a_strange_or_damaged_file_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("not there yet");
        assert_eq!(WindowHabits::zoom(&data), Zoom::default());
        WindowHabits::set_zoom(&data, Zoom::nearest(150)).unwrap();
        assert_eq!(WindowHabits::zoom(&data).percent(), 150);
        for (text, percent) in [("{\"zoom\": 9999}", 200), ("{\"zoom\": -1}", 100), ("{}", 100), ("[", 100)] {
            std::fs::write(data.join(WindowHabits::FILE), text).unwrap();
            assert_eq!(WindowHabits::zoom(&data).percent(), percent, "{text}");
        }
    }

    #[test]
    fn a_folder_that_takes_no_file_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a file");
        std::fs::write(&data, "").unwrap();
        let notice = WindowHabits::set_zoom(&data, Zoom::nearest(150)).unwrap_err();
        assert!(notice.tone == Tone::Trouble && notice.text.contains("a file"), "{}", notice.text);
    }
}
