//! A package whose loading ended a process is not loaded again until the musician says so; where another provider than
//! the CPU was at work, not on that provider.
//!
//! While a package's graphs are loaded and run for the first time, a marker lies in the user's data folder, held by a
//! lock of the system. The lock goes with its process, however that ends; the marker goes only after success or an
//! ordinary error. So a marker that nobody holds was left behind by a process that died while loading.
//!
//! A lock and not the process's number: numbers are used again, and in a sandbox each host may be number 2.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::catalogue;
use super::package::Package;
use super::provider::Provider;

const MAX_MARKER_BYTES: u64 = 4096;

/// The last second of the year 9999: no date beyond it can be written.
const MAX_UNIX_S: u64 = 253_402_300_799;

/// An earlier process ended while it loaded this package.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", sentences(.name, .when, *.pid, .provider, .marker))]
pub struct Quarantined {
    /// The package's name.
    pub name: String,
    /// The package's hash.
    pub hash: String,
    /// When it began to load, UTC, as in RFC 3339.
    pub when: String,
    /// The process that ended.
    pub pid: u32,
    /// The id of what it loaded the package with, and all that is in quarantine: another provider than the CPU, perhaps
    /// one that this version does not know. `None`: the package, on all of them.
    pub provider: Option<Box<str>>,
    /// What keeps the package in quarantine.
    pub marker: PathBuf,
}

fn sentences(name: &str, when: &str, pid: u32, provider: &Option<Box<str>>, marker: &Path) -> String {
    let again = format!("run `timbreloom models --release \"{name}\"`, or delete the file {}.", marker.display());
    let Some(id) = provider.as_deref() else {
        return format!(
            "the model “{name}” is in quarantine: at {when} a program (process {pid}) ended while it loaded this model, \
             most likely crashed by it or out of memory. Install another copy of the model, or try this one again: \
             {again}"
        );
    };
    let provider = Provider::ALL.into_iter().find(|provider| provider.id() == id).map_or(id, |known| known.name());
    format!(
        "{provider} is in quarantine for the model “{name}”, which runs without it: at {when} a program (process {pid}) \
         ended while it loaded this model with {provider}, most likely crashed by a driver or out of memory. To try \
         {provider} again, {again}"
    )
}

/// What a marker says.
#[derive(Serialize, Deserialize)]
struct Note {
    name: String,
    hash: String,
    pid: u32,
    began_unix_s: u64,
    /// A provider's id. Versions before did not say: the package itself was in quarantine.
    #[serde(default)]
    provider: Option<Box<str>>,
}

/// Whether this process may end in the midst of a load without anybody's harm: one that examines. What it is told is
/// remembered elsewhere, and a marker of it would accuse a package whenever its host is killed.
static IS_EXPENDABLE: AtomicBool = AtomicBool::new(false);

/// From here on this process leaves no markers.
pub(super) fn leave_no_markers() {
    IS_EXPENDABLE.store(true, Ordering::Relaxed);
}

/// The folder of markers.
pub struct Quarantine {
    folder: Option<PathBuf>,
}

impl Quarantine {
    /// The user's: `timbreloom/loading` in the data folder. Without a data folder nothing is ever in quarantine.
    pub fn of_user() -> Self {
        Self { folder: catalogue::data_folder().map(|data| data.join("loading")) }
    }

    /// One in a folder of the caller's choice, made on the first use.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()) }
    }

    /// Runs `load`, which is to load the package on this provider, under a marker, unless the package is in quarantine,
    /// or the provider is for this package. Blocks: touches files.
    ///
    /// A folder that cannot be written, or a file system without locks, is no error: there is no guard then.
    ///
    /// # Errors
    /// When a process ended while it loaded this package on the CPU, or on this provider.
    pub fn guard<T>(&self, package: &Package, provider: Provider, load: impl FnOnce() -> T) -> Result<T, Quarantined> {
        self.guard_named(&package.name, &package.hash, provider, load)
    }

    /// As [`Self::guard`], for a package of any kind.
    ///
    /// # Errors
    /// As [`Self::guard`].
    pub fn guard_named<T>(
        &self,
        name: &str,
        hash: &str,
        provider: Provider,
        load: impl FnOnce() -> T,
    ) -> Result<T, Quarantined> {
        let forbids =
            |held: &Quarantined| held.hash == hash && held.provider.as_deref().is_none_or(|id| id == provider.id());
        if let Some(held) = self.held().into_iter().find(forbids) {
            return Err(held);
        }
        let folder = self.folder.as_ref().filter(|_| !IS_EXPENDABLE.load(Ordering::Relaxed));
        let marker = folder.and_then(|folder| Marker::set(folder, name, hash, provider).ok());
        let loaded = load();
        drop(marker);
        Ok(loaded)
    }

    /// All that is in quarantine, oldest first. Blocks: reads files.
    pub fn held(&self) -> Vec<Quarantined> {
        let entries = self.folder.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
        let mut held: Vec<Quarantined> =
            entries.into_iter().flatten().flatten().filter_map(|entry| left_behind(&entry.path())).collect();
        held.sort_by(|a, b| (&a.when, &a.marker).cmp(&(&b.when, &b.marker)));
        held
    }

    /// Lets the package of this name or hash be loaded again; -> what was released. Blocks.
    ///
    /// # Errors
    /// When a marker cannot be deleted.
    pub fn release(&self, name: &str) -> std::io::Result<Vec<Quarantined>> {
        let mut released = Vec::new();
        for held in self.held() {
            if held.name == name || held.hash == name {
                std::fs::remove_file(&held.marker)?;
                released.push(held);
            }
        }
        Ok(released)
    }
}

/// A marker while its process lives and loads.
struct Marker {
    path: PathBuf,
    file: File,
}

impl Marker {
    fn set(folder: &Path, name: &str, hash: &str, provider: Provider) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let pid = std::process::id();
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let path = folder.join(format!("{hash}-{pid}-{}.json", began.as_nanos()));
        let file = File::options().write(true).create_new(true).open(&path)?;
        // From here on an error takes the file away again.
        let mut marker = Self { path, file };
        marker.file.lock()?;
        // Written under the lock: who reads it before finds it empty, which says nothing.
        let note = Note {
            name: name.into(),
            hash: hash.into(),
            pid,
            began_unix_s: began.as_secs(),
            provider: Some(provider.id().into()),
        };
        marker.file.write_all(&serde_json::to_vec_pretty(&note)?)?;
        Ok(marker)
    }
}

impl Drop for Marker {
    fn drop(&mut self) {
        // Emptied first: should it not go away, or be open elsewhere, it no longer says anything.
        let _ = self.file.set_len(0);
        let _ = std::fs::remove_file(&self.path);
    }
}

/// What a marker says whose process is gone; `None` when it lives, or the file is no marker.
fn left_behind(path: &Path) -> Option<Quarantined> {
    if path.extension().is_none_or(|extension| extension != "json") {
        return None;
    }
    let file = File::open(path).ok()?;
    // Shared, so that two who look at once do not take each other for the one who loads.
    match file.try_lock_shared() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return None,
    }
    let mut text = Vec::new();
    (&file).take(MAX_MARKER_BYTES).read_to_end(&mut text).ok()?;
    let note: Note = serde_json::from_slice(&text).ok()?;
    let when = UNIX_EPOCH + Duration::from_secs(note.began_unix_s.min(MAX_UNIX_S));
    Some(Quarantined {
        name: note.name,
        hash: note.hash,
        when: humantime::format_rfc3339_seconds(when).to_string(),
        pid: note.pid,
        // What crashes on the CPU, the last resort, is the package.
        provider: note.provider.filter(|id| **id != *Provider::Cpu.id()),
        marker: path.to_owned(),
    })
}
