//! Why a preset is not read, written or found.

use std::path::PathBuf;

/// Why nothing came of a preset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresetError {
    /// A file or folder is not there or cannot be read.
    #[error("{path}: cannot be read ({reason}). Choose a preset file (.json) or a folder of them.")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// It is larger than any preset.
    #[error("{place}: is over {limit} bytes, more than any preset. This is not a Timbreloom preset.")]
    TooLarge {
        /// The file, or the clipboard.
        place: String,
        /// Bytes accepted.
        limit: u64,
    },
    /// It is no JSON, or lacks a key.
    #[error("{place}: is not a Timbreloom preset ({reason}). Save it again, or ask its maker for a new copy.")]
    NotAPreset {
        /// The file, or the clipboard.
        place: String,
        /// Where and why.
        reason: String,
    },
    /// It is of a format that this version does not know.
    #[error(
        "{place}: is of preset format {found}, this version of Timbreloom reads format {known}. Update Timbreloom."
    )]
    UnknownFormat {
        /// The file, or the clipboard.
        place: String,
        /// The format found.
        found: String,
        /// The format that this version reads.
        known: u32,
    },
    /// A value makes no sense.
    #[error("{place}: “{key}” should be {expected}, but is {found}. Correct it in a text editor, or save it again.")]
    BadValue {
        /// The file, or the clipboard.
        place: String,
        /// The key, dotted.
        key: &'static str,
        /// What would do.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// It holds another plugin's settings.
    #[error("{place}: holds settings of {theirs}. Load it there; {own} has other parameters.")]
    OtherPlugin {
        /// The file, the preset's name, or the clipboard.
        place: String,
        /// Whose settings it holds.
        theirs: &'static str,
        /// Who was to load it.
        own: &'static str,
    },
    /// Something of that name is there.
    #[error(
        "{path}: is there already, and nothing is overwritten. Choose another name, or say that it may be replaced."
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file that is to be changed is none of this user's presets.
    #[error(
        "{path}: is not one of your presets (they lie in {folder}). Factory presets stay as they are: save a copy."
    )]
    NotYours {
        /// The file.
        path: PathBuf,
        /// The user's folder.
        folder: PathBuf,
    },
    /// There is no place for it.
    #[error("{path}: cannot be written ({reason}). Free some space, or make the folder writable.")]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// No preset has this name.
    #[error("no preset is called “{name}”{of}. `timbreloom presets` lists them; a file can be named by its path.")]
    NotFound {
        /// The name asked for.
        name: String,
        /// ` for the model “…”`, or nothing.
        of: String,
    },
}
