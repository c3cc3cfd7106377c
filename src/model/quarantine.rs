//! A package whose loading ended two processes is not loaded again until the musician says so; where another provider than
//! the CPU was at work, not on that provider. One is a warning: a computer that was switched off is nobody's fault.
//!
//! While a package's graphs are loaded and run for the first time, a marker lies in the user's data folder, held by a
//! lock of the system. The lock goes with its process, however that ends; the marker goes only after success, an ordinary
//! error, or a polite end of the program. So a marker that nobody holds was left behind by a process that died while
//! loading: a strike. Loading it well takes the strikes away; an ordinary error is no crash, and says nothing of earlier ones.
//!
//! Parts of a package that are loaded by themselves, as a codebook's decoder and its encoder, are counted, refused and
//! pardoned by themselves: one strike each of two parts are two warnings. A marker that names no part, of a whole package or
//! of an earlier version, counts for all of them. Of the package as a whole its worst part tells: where one is in quarantine,
//! the package is.
//!
//! A lock and not the process's number: numbers are used again, and in a sandbox each host may be number 2.

pub(super) mod playing;

use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::manifest::Header;
use super::places;
use super::provider::Provider;
use crate::files::{self, Links};
use crate::interrupt::{self, Cleanup};

/// Processes that ended while they loaded a part of a package before it is not loaded any more.
const MOST_STRIKES: u16 = 2;

const MAX_MARKER_BYTES: u64 = 4096;

/// The last second of the year 9999: no date beyond it can be written.
const MAX_UNIX_S: u64 = 253_402_300_799;

/// Earlier processes ended while they loaded this package: as many as it takes, or (a warning) not yet as many.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", sentences(self))]
pub struct Quarantined {
    /// The package's name.
    pub name: String,
    /// The package's hash.
    pub hash: String,
    /// When the last of them began to load it, UTC, as in RFC 3339.
    pub when: String,
    /// The process that ended last.
    pub pid: u32,
    /// Whether they ended while they played it, and not while they loaded it.
    pub while_playing: bool,
    /// How many processes ended so; of a whole package, with the part that ended most of them.
    pub strikes: u16,
    /// The id of what it loaded the package with, and all that is in quarantine: another provider than the CPU, perhaps
    /// one that this version does not know. `None`: the package, on all of them.
    pub provider: Option<Box<str>>,
    /// What they left behind: of a whole package what other parts left, and then of the part that ended most of them, the
    /// last one's at the end. Without that the part is out of quarantine.
    pub markers: Vec<PathBuf>,
}

impl Quarantined {
    /// Whether it is not loaded any more; else this is a warning.
    pub fn is_out(&self) -> bool {
        self.strikes >= MOST_STRIKES
    }

    /// Of processes that ended while they loaded a package, or a part of it, on one provider, oldest first.
    fn while_loading(mut left: Vec<Left>) -> Option<Self> {
        let strikes_of = |part: Option<&str>| {
            let mut processes = HashSet::new();
            let of_part = left.iter().filter(|left| left.note.is_of(part));
            of_part.filter(|left| left.note.process.is_none_or(|process| processes.insert(process))).count()
        };
        let parts = left.iter().filter_map(|left| left.note.part.as_deref());
        // Of equals the one that did so last.
        let worst: Option<Box<str>> = parts.max_by_key(|&part| strikes_of(Some(part))).map(Into::into);
        let strikes = strikes_of(worst.as_deref());
        // Whoever deletes the last one is to let the worst part out.
        left.sort_by_key(|left| left.note.is_of(worst.as_deref()));
        Self::accused(strikes, left, false)
    }

    /// Of so many processes, which left this behind.
    fn accused(strikes: usize, left: Vec<Left>, while_playing: bool) -> Option<Self> {
        let last = &left.last()?.note;
        let strikes = strikes.min(usize::from(u16::MAX)) as u16;
        let (name, hash, pid) = (last.name.clone(), last.hash.clone(), last.pid);
        let (when, provider) = (when(last.began_unix_s), last.provider().map(Into::into));
        let markers = left.into_iter().map(|left| left.path).collect();
        Some(Self { name, hash, when, pid, while_playing, strikes, provider, markers })
    }
}

/// A time as in RFC 3339.
fn when(unix_s: u64) -> String {
    let when = UNIX_EPOCH + Duration::from_secs(unix_s.min(MAX_UNIX_S));
    humantime::format_rfc3339_seconds(when).to_string()
}

fn sentences(held: &Quarantined) -> String {
    let Quarantined { name, when, pid, provider, strikes, .. } = held;
    let did = if held.while_playing { "played" } else { "loaded" };
    let again = format!(
        "let it out in the window (“Try it again”), run `timbreloom models --release \"{name}\"`, or delete the file {}.",
        held.markers.last().map(|marker| marker.display().to_string()).unwrap_or_default()
    );
    let times = if *strikes == 2 { "twice" } else { "several times" };
    let with = provider
        .as_deref()
        .map(|id| Provider::ALL.into_iter().find(|provider| provider.id() == id).map_or(id, |known| known.name()));
    match (with, held.is_out()) {
        (None, true) => format!(
            "the model “{name}” is in quarantine: {times}, and last at {when} (process {pid}), a program ended while it \
             {did} this model, most likely crashed by it or out of memory. Install another copy of the model, or try \
             this one again: {again}"
        ),
        (None, false) => format!(
            "At {when} a program (process {pid}) ended while it {did} the model “{name}”. It is tried once more; should a \
             program end with it again, it goes into quarantine."
        ),
        (Some(provider), true) => format!(
            "{provider} is in quarantine for the model “{name}”, which runs without it: {times}, and last at {when} \
             (process {pid}), a program ended while it {did} this model with {provider}, most likely crashed by a driver \
             or out of memory. To try {provider} again, {again}"
        ),
        (Some(provider), false) => format!(
            "At {when} a program (process {pid}) ended while it {did} the model “{name}” with {provider}. It is tried once \
             more; should a program end with it again, {provider} goes into quarantine for this model."
        ),
    }
}

/// What a marker says.
#[derive(Serialize, Deserialize)]
struct MarkerText {
    name: String,
    hash: String,
    pid: u32,
    began_unix_s: u64,
    /// A provider's id. Versions before did not say: the package itself was in quarantine.
    #[serde(default)]
    provider: Option<Box<str>>,
    /// One process loads a package many times at once, for many instances, and ends once. Versions before did not say.
    #[serde(default)]
    process: Option<u64>,
    /// What of the package was loaded, unless all of it. Versions before did not say.
    #[serde(default)]
    part: Option<Box<str>>,
}

impl MarkerText {
    /// Of this process, in which a load or the playing begins now; with the name of the marker's file.
    fn new(name: &str, hash: &str, provider: Provider, part: Option<&str>) -> (Self, String) {
        let (pid, began) = (std::process::id(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let text = Self {
            name: name.into(),
            hash: hash.into(),
            pid,
            began_unix_s: began.as_secs(),
            provider: Some(provider.id().into()),
            process: Some(this_process()),
            part: part.map(Into::into),
        };
        (text, format!("{hash}-{pid}-{}.json", began.as_nanos()))
    }

    /// Whether it counts for this part; `None` is the whole package, for which all count.
    fn is_of(&self, part: Option<&str>) -> bool {
        part.is_none_or(|part| self.part.as_deref().is_none_or(|own| own == part))
    }

    /// What is accused beside the package. What crashes on the CPU, the last resort, is the package.
    fn provider(&self) -> Option<&str> {
        self.provider.as_deref().filter(|id| *id != Provider::Cpu.id())
    }
}

/// This very process, as no other one is called.
fn this_process() -> u64 {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    // Each hasher of the standard library begins elsewhere: as good as dice.
    *PROCESS.get_or_init(|| RandomState::new().hash_one(std::process::id()))
}

/// Whether this process may end in the midst of a load without anybody's harm: one that examines. What it is told is
/// remembered elsewhere, and a marker of it would accuse a package whenever its host is killed.
static IS_EXPENDABLE: AtomicBool = AtomicBool::new(false);

/// From here on this process leaves no markers.
pub(super) fn leave_no_markers() {
    IS_EXPENDABLE.store(true, Ordering::Relaxed);
}

/// What processes left behind that died while they loaded a package, or played it.
#[derive(Clone, Debug)]
pub struct Quarantine {
    /// Of the markers of loads.
    folder: Option<PathBuf>,
    /// Of the marks of what is played: see [`playing`].
    playing: Vec<PathBuf>,
}

impl Quarantine {
    /// The user's: of loads in `timbreloom/loading` in the data folder, and of what is played where that is watched. Without
    /// these folders nothing is ever in quarantine.
    pub fn of_user() -> Self {
        Self { folder: places::data_folder().map(|data| data.join("loading")), playing: playing::folders() }
    }

    /// One in a folder of the caller's choice, made on the first use; of what is played in `playing` within it.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), playing: vec![folder.join("playing")] }
    }

    /// Runs `load`, which is to load the package on this provider, under a marker, unless the package is in quarantine,
    /// or the provider is for this package. Blocks: touches files.
    ///
    /// A folder that cannot be written, or a file system without locks, is no error: there is no guard then.
    ///
    /// # Errors
    /// When two processes ended while they loaded this package, or the same part of it, on the CPU, or on this provider.
    /// Within: as `load`.
    pub fn guard<T, E>(
        &self,
        package: &Header,
        provider: Provider,
        load: impl FnOnce() -> Result<T, E>,
    ) -> Result<Result<T, E>, Quarantined> {
        self.guard_part(package, provider, None, load)
    }

    /// As [`Self::guard`], for a part of a package that is loaded by itself, or (`None`) for all of it: what ended while it
    /// loaded other parts does not count, and loading this one well takes no strike of theirs away.
    ///
    /// # Errors
    /// When two processes ended while they loaded this part, or the whole package, on the CPU, or on this provider. Within: as
    /// `load`.
    pub fn guard_part<T, E>(
        &self,
        package: &Header,
        provider: Provider,
        part: Option<&str>,
        load: impl FnOnce() -> Result<T, E>,
    ) -> Result<Result<T, E>, Quarantined> {
        let (name, hash) = (&*package.name, &*package.hash);
        let all = self.strikes(part);
        let strikes = all.iter().filter(|held| held.concerns(hash, provider));
        if let Some(held) = strikes.clone().find(|held| held.is_out()) {
            return Err(held.clone());
        }
        let folder = self.folder.as_ref().filter(|_| !IS_EXPENDABLE.load(Ordering::Relaxed));
        let marker = folder.and_then(|folder| Mark::set(folder, name, hash, provider, part, b"").ok());
        let is_marked = marker.is_some();
        let loaded = load();
        drop(marker);
        // If it has loaded well here, what ended them was something else, or is no more.
        let is_pardoned = is_marked && loaded.is_ok();
        let on_this = |held: &&Quarantined| is_pardoned && held.provider.is_some() == (provider != Provider::Cpu);
        for marker in strikes.filter(on_this).flat_map(|held| &held.markers) {
            let _ = remove(marker);
        }
        Ok(loaded)
    }

    /// What to say when a package is loaded all the same that ended one process. Blocks: reads files.
    pub fn warning(&self, hash: &str, provider: Provider) -> Option<Quarantined> {
        self.all().into_iter().find(|held| held.warns_of(hash, provider))
    }

    /// As [`Self::warning`], of a part that is loaded by itself, as by [`Self::guard_part`]. Blocks: reads files.
    pub fn warning_of_part(&self, hash: &str, provider: Provider, part: &str) -> Option<Quarantined> {
        self.strikes(Some(part)).into_iter().find(|held| held.warns_of(hash, provider))
    }

    /// All packages of which any part is in quarantine, oldest first. Blocks: reads files.
    pub fn held(&self) -> Vec<Quarantined> {
        self.all().into_iter().filter(Quarantined::is_out).collect()
    }

    /// Of loads and of playing.
    fn all(&self) -> Vec<Quarantined> {
        self.strikes(None).into_iter().chain(playing::accused(&self.playing)).collect()
    }

    /// Every package that ended a process while this part of it was loaded, or (`None`) any part, on each provider, by when it
    /// did so last. Blocks: reads files.
    fn strikes(&self, part: Option<&str>) -> Vec<Quarantined> {
        let entries = self.folder.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
        let paths = entries.into_iter().flatten().flatten().map(|entry| entry.path());
        let left = paths.filter_map(|path| Left::read(&abandoned(&path)?, path));
        let all = by_accused(left.filter(|left| left.note.is_of(part)));
        all.into_iter().filter_map(Quarantined::while_loading).collect()
    }

    /// Lets the package of this name or hash be loaded again; -> what was released. Blocks.
    ///
    /// # Errors
    /// When a marker cannot be deleted.
    pub fn release(&self, name: &str) -> std::io::Result<Vec<Quarantined>> {
        let mut released = Vec::new();
        for held in self.all().into_iter().filter(|held| held.name == name || held.hash == name) {
            held.markers.iter().try_for_each(|marker| remove(marker))?;
            if held.is_out() {
                released.push(held);
            }
        }
        Ok(released)
    }
}

impl Quarantined {
    pub(super) fn concerns(&self, hash: &str, provider: Provider) -> bool {
        self.hash == hash && self.provider.as_deref().is_none_or(|id| id == provider.id())
    }

    fn warns_of(&self, hash: &str, provider: Provider) -> bool {
        self.concerns(hash, provider) && !self.is_out()
    }
}

/// A mark while its process lives; goes with this value.
struct Mark {
    path: PathBuf,
    file: File,
    /// Whoever interrupts a program accuses nobody.
    _cleanup: Cleanup,
}

impl Mark {
    /// A mark that accuses this package from now on; what it says begins with `head`.
    fn set(
        folder: &Path,
        name: &str,
        hash: &str,
        provider: Provider,
        part: Option<&str>,
        head: &[u8],
    ) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (text, file_name) = MarkerText::new(name, hash, provider, part);
        let path = folder.join(file_name);
        // First: an interruption in between would leave the file.
        let marked = path.clone();
        let cleanup = interrupt::on_interrupt(move || drop(std::fs::remove_file(marked)));
        let file = File::options().write(true).create_new(true).open(&path)?;
        // From here on an error takes the file away again.
        let mut mark = Self { path, file, _cleanup: cleanup };
        mark.file.lock()?;
        // Written under the lock: who reads it before finds it empty, which says nothing.
        mark.file.write_all(&[head, &serde_json::to_vec(&text)?].concat())?;
        Ok(mark)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // Emptied first: should it not go away, or be open elsewhere, it no longer says anything.
        let _ = self.file.set_len(0);
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Another process may have been quicker.
fn remove(marker: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(marker) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// What a mark says whose process is gone; `None` when it lives, or the file is no mark.
fn abandoned(path: &Path) -> Option<Vec<u8>> {
    if path.extension().is_none_or(|extension| extension != "json") {
        return None;
    }
    let file = files::open(path, Links::Refuse).ok()?;
    // Shared, so that two who look at once do not take each other for the one who loads.
    file.try_lock_shared().ok()?;
    let mut text = Vec::new();
    file.take(MAX_MARKER_BYTES).read_to_end(&mut text).ok()?;
    Some(text)
}

/// A mark that was left behind.
struct Left {
    note: MarkerText,
    path: PathBuf,
}

impl Left {
    fn read(text: &[u8], path: PathBuf) -> Option<Self> {
        Some(Self { note: serde_json::from_slice(text).ok()?, path })
    }
}

/// What accuses one package on one provider together, oldest first, in the order of the latest of each.
fn by_accused(left: impl Iterator<Item = Left>) -> Vec<Vec<Left>> {
    let mut left: Vec<Left> = left.collect();
    left.sort_by(|a, b| (a.note.began_unix_s, &a.path).cmp(&(b.note.began_unix_s, &b.path)));
    let mut all: Vec<Vec<Left>> = Vec::new();
    for left in left {
        let is_same = |other: &Left| other.note.hash == left.note.hash && other.note.provider() == left.note.provider();
        let at = all.iter().position(|others| others.first().is_some_and(is_same));
        let mut others = at.map_or_else(Vec::new, |at| all.remove(at));
        others.push(left);
        all.push(others);
    }
    all
}
