//! Folders in which something is put together before it gets its name, and which go when their process does.
//!
//! Each is held by a lock of the system, which goes with its process, however that ends. So one that nobody holds was left
//! behind, and whoever makes the next one takes it away.

use std::fs::File;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::files::{self, Links};
use crate::interrupt::{self, Cleanup};

/// What is locked in each; hidden, as no file of a package is.
const LOCK: &str = ".lock";

/// Younger than this one is being made, and may not be locked yet.
const YOUNG: Duration = Duration::from_secs(60);

/// Older than this, one without a lock is from a version that made none.
const OLD: Duration = Duration::from_secs(3600);

/// A folder for the life of this value.
pub(super) struct Scratch {
    folder: TempDir,
    _lock: File,
    _cleanup: Cleanup,
}

impl Scratch {
    /// Makes one in `parent`, with a name that begins so, and takes away what others have left behind. Blocks.
    pub(super) fn new(parent: &Path, prefix: &str) -> Result<Self> {
        sweep(parent, prefix);
        let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?;
        let lock = File::create_new(folder.path().join(LOCK))?;
        // A file system without locks: nobody can take this one for left behind either.
        let _ = lock.lock();
        let path = folder.path().to_owned();
        let cleanup = interrupt::on_interrupt(move || drop(std::fs::remove_dir_all(path)));
        Ok(Self { folder, _lock: lock, _cleanup: cleanup })
    }

    /// A new folder within, by this name, that may be moved away.
    pub(super) fn make(&self, name: impl AsRef<Path>) -> Result<PathBuf> {
        let made = self.folder.path().join(name);
        std::fs::create_dir_all(&made)?;
        Ok(made)
    }
}

/// Takes away the folders in `parent` with such names whose process is gone. Blocks.
pub(super) fn sweep(parent: &Path, prefix: &str) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_named_so = entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes());
        // Not through a link: it is removed with all that is in it.
        if is_named_so && entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_left_behind(&entry.path()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn is_left_behind(folder: &Path) -> bool {
    let Ok(age) = folder.metadata().and_then(|about| about.modified()).map(|made| made.elapsed().unwrap_or_default())
    else {
        return false;
    };
    match files::open(&folder.join(LOCK), Links::Refuse) {
        Ok(lock) => age > YOUNG && lock.try_lock().is_ok(),
        Err(error) => age > OLD && error.kind() == std::io::ErrorKind::NotFound,
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn age(folder: &Path, by: Duration) {
        File::open(folder).unwrap().set_modified(SystemTime::now() - by).unwrap();
    }

    #[test]
    fn what_a_dead_process_left_behind_goes_and_what_a_living_one_holds_stays() {
        let parent = tempfile::tempdir().unwrap();
        let held = Scratch::new(parent.path(), ".making-").unwrap();
        age(held.folder.path(), 2 * YOUNG);
        let made = |name: &str, has_lock: bool, by: Duration| {
            let folder = parent.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("half a model"), "x").unwrap();
            if has_lock {
                std::fs::write(folder.join(LOCK), "").unwrap();
            }
            age(&folder, by);
        };
        made(".making-left", true, 2 * YOUNG);
        made(".making-new", true, Duration::ZERO);
        made(".making-of an earlier version", false, 2 * OLD);
        made(".making-without a lock", false, 2 * YOUNG);
        made("model", false, 2 * OLD);
        let elsewhere = tempfile::tempdir().unwrap();
        age(elsewhere.path(), 2 * OLD);
        std::os::unix::fs::symlink(elsewhere.path(), parent.path().join(".making-link")).unwrap();
        let next = Scratch::new(parent.path(), ".making-").unwrap();
        let is_there = |name: &str| parent.path().join(name).symlink_metadata().is_ok();
        assert!(held.folder.path().is_dir() && next.folder.path().is_dir());
        for stays in [".making-new", ".making-without a lock", "model", ".making-link"] {
            assert!(is_there(stays), "{stays}");
        }
        for goes in [".making-left", ".making-of an earlier version"] {
            assert!(!is_there(goes), "{goes}");
        }
        let path = held.folder.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }
}
