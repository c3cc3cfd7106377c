//! What was found about packages, by their hash: in the user's data folder, and in memory where that cannot be written.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::Finding;
use crate::files::{self, Links};
use crate::model::places;

/// Raised when the doctor asks for something new: what was found before does not count then.
pub(super) const EDITION: u32 = 2;

const MAX_BYTES: u64 = 64 << 10;

/// A ledger's folder and a package's hash.
type Key = (Option<PathBuf>, String);

/// What this process has found and could not write.
static KNOWN: LazyLock<Mutex<HashMap<Key, Entry>>> = LazyLock::new(Mutex::default);

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    edition: u32,
    version: String,
    /// Where the package lay, which the words name.
    folder: PathBuf,
    finding: Finding,
}

impl Entry {
    /// What was found, said of the copy in this folder.
    fn about(self, folder: &Path) -> Finding {
        let (there, here) = (self.folder.display().to_string(), folder.display().to_string());
        match self.finding {
            Finding::Unfit(text) => Finding::Unfit(text.replace(&there, &here)),
            other => other,
        }
    }

    fn counts(&self) -> bool {
        self.edition == EDITION && self.version == env!("CARGO_PKG_VERSION")
    }
}

/// What was found about packages.
pub struct Ledger {
    folder: Option<PathBuf>,
}

impl Ledger {
    /// The user's: `timbreloom/examined` in the data folder.
    pub fn of_user() -> Self {
        Self { folder: places::data_folder().map(|data| data.join("examined")) }
    }

    /// What is known of the package of this hash, a copy of which lies in `folder`. Blocks: may read a file.
    pub(super) fn recall(&self, hash: &str, folder: &Path) -> Option<Finding> {
        // Read each time: another process may have examined it again.
        let entry = self.read(hash).filter(Entry::counts);
        let entry = entry.or_else(|| KNOWN.lock().get(&(self.folder.clone(), hash.to_owned())).cloned());
        Some(entry?.about(folder))
    }

    /// Keeps what was found, unless it says nothing of the package itself. Blocks: writes a file, if it can.
    pub(super) fn remember(&self, hash: &str, folder: &Path, finding: &Finding) {
        if !finding.lasts() {
            return;
        }
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let entry = Entry { edition: EDITION, version, folder: folder.to_owned(), finding: finding.clone() };
        if self.write(hash, &entry).is_err() {
            KNOWN.lock().insert((self.folder.clone(), hash.to_owned()), entry);
        }
    }

    fn path(&self, hash: &str) -> Option<PathBuf> {
        // It names a file: nothing but a hash will do.
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.folder.as_ref().filter(|_| is_hash).map(|folder| folder.join(hash).with_extension("json"))
    }

    fn read(&self, hash: &str) -> Option<Entry> {
        let bytes = files::read_bounded(&self.path(hash)?, MAX_BYTES, Links::Refuse).ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    fn write(&self, hash: &str, entry: &Entry) -> std::io::Result<()> {
        let (Some(folder), Some(path)) = (&self.folder, self.path(hash)) else {
            return Err(std::io::ErrorKind::NotFound.into());
        };
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
        file.write_all(&serde_json::to_vec_pretty(entry)?)?;
        file.persist(path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn a_finding_is_remembered_for_all_copies_and_by_the_next_process() {
        let data = tempfile::tempdir().expect("a folder");
        let ledger = || Ledger { folder: Some(data.path().join("examined")) };
        let unfit = Finding::Unfit("/here/flute: it would hurt.".into());
        assert!(ledger().recall(HASH, Path::new("/here/flute")).is_none());
        ledger().remember(HASH, Path::new("/here/flute"), &unfit);
        let known = ledger().recall(HASH, Path::new("/there/copy"));
        assert!(matches!(known, Some(Finding::Unfit(text)) if text == "/there/copy: it would hurt."));
        // Another version's word does not count.
        let path = ledger().path(HASH).expect("a path");
        let text = std::fs::read_to_string(&path).expect("written");
        std::fs::write(&path, text.replace(&format!("\"edition\": {EDITION}"), "\"edition\": 0")).expect("writable");
        assert!(ledger().recall(HASH, Path::new("/there/copy")).is_none());
    }

    #[test]
    fn what_is_not_about_the_package_is_not_remembered_and_a_folder_in_the_way_is_no_error() {
        let data = tempfile::tempdir().expect("a folder");
        let here = Path::new("/here");
        let ledger = Ledger { folder: Some(data.path().join("examined")) };
        ledger.remember(HASH, here, &Finding::Elsewhere("no runtime".into()));
        assert!(ledger.recall(HASH, here).is_none());
        std::fs::write(data.path().join("file"), "in the way").expect("writable");
        let ledger = Ledger { folder: Some(data.path().join("file")) };
        ledger.remember(HASH, here, &Finding::Unfit("unfit".into()));
        assert!(matches!(ledger.recall(HASH, here), Some(Finding::Unfit(_))), "in memory");
        for name in ["", "../../x", &"/".repeat(64)] {
            assert_eq!(ledger.path(name), None);
        }
    }
}
