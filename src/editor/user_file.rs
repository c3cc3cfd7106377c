//! Small files of this user's, beside models and presets: read and changed as a whole.

use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::{self, Links};

/// More than anyone has; a larger file is not ours.
const MAX_BYTES: u64 = 1 << 20;

/// What such a file holds.
pub trait UserFile: Clone + Default + PartialEq + Serialize + DeserializeOwned {
    /// The file's name in the user's data folder.
    const FILE: &str;

    /// Reads the file. Blocks. What cannot be read counts as nothing: no project depends on it.
    fn read(data: &Path) -> Self {
        let path = data.join(Self::FILE);
        let text = files::read_bounded(&path, MAX_BYTES, Links::Follow).ok().flatten();
        text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Changes the file, which other instances may have changed meanwhile. Blocks.
    ///
    /// # Errors
    /// When it cannot be written.
    fn change(data: &Path, change: impl FnOnce(&mut Self)) -> std::io::Result<()> {
        let before = Self::read(data);
        let mut held = before.clone();
        change(&mut held);
        if held == before {
            return Ok(());
        }
        std::fs::create_dir_all(data)?;
        // Another process sees the old file or the new one, never half of one.
        let mut file = tempfile::Builder::new().prefix(".saving-").tempfile_in(data)?;
        serde_json::to_writer_pretty(&mut file, &held)?;
        file.flush()?;
        file.persist(data.join(Self::FILE)).map(drop).map_err(|error| error.error)
    }
}
