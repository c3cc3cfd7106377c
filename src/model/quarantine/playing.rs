//! A package that ended two processes while it played is not played again until the musician says so.
//!
//! A graph may load well, pass every examination and turn bad in hop 400. So while a package plays that others made, a
//! mark lies in the user's runtime folder (in memory; else in the data folder), held by a lock as the marks of a load are,
//! whose first byte says whether the process is within a call of a graph. A process that dies within one accuses the
//! package; one that is killed between two, by a host that ends in a hurry, or that is ended politely accuses nobody. The
//! byte is written by workers, never on the audio thread, and costs a microsecond of a call's 100 to 300.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Left, Mark, Quarantined, abandoned, by_accused};
use crate::model::places;
use crate::model::provider::Provider;
use parking_lot::Mutex;

/// White space, both: the text behind is JSON all the same.
const IDLE: u8 = b' ';
const IN_CALL: u8 = b'\t';

/// After so many calls that went well, a minute of both graphs, what ended processes before counts no longer.
const CALLS_THAT_PARDON: u64 = 10_000;

/// The user's folders of marks, best first.
pub(super) fn folders() -> Vec<PathBuf> {
    let runtime = dirs::runtime_dir().map(|runtime| runtime.join("timbreloom"));
    runtime.into_iter().chain(places::data_folder()).map(|folder| folder.join("playing")).collect()
}

/// A mark while its process plays.
pub(in crate::model) struct Watch {
    mark: Mark,
    /// Calls under way; locked while the byte is written, so that both agree.
    under_way: Mutex<usize>,
    calls: AtomicU64,
    /// What earlier processes left behind.
    strikes: Vec<PathBuf>,
}

impl Watch {
    /// Begins to watch a package; nothing where no folder can be written. Blocks: touches files.
    ///
    /// # Errors
    /// When two processes ended while they played this package on the CPU, or on this provider.
    pub(in crate::model) fn begin(name: &str, hash: &str, provider: Provider) -> Result<Option<Self>, Quarantined> {
        Self::begin_in(&folders(), name, hash, provider)
    }

    fn begin_in(folders: &[PathBuf], name: &str, hash: &str, provider: Provider) -> Result<Option<Self>, Quarantined> {
        let mut strikes = Vec::new();
        for held in accused(folders).into_iter().filter(|held| held.concerns(hash, provider)) {
            if held.is_out() {
                return Err(held);
            }
            strikes.extend(held.markers);
        }
        Ok(folders.iter().find_map(|folder| Self::set(folder, name, hash, provider, strikes.clone()).ok()))
    }

    fn set(folder: &Path, name: &str, hash: &str, provider: Provider, strikes: Vec<PathBuf>) -> std::io::Result<Self> {
        let mark = Mark::set(folder, name, hash, provider, None, &[IDLE])?;
        Ok(Self { mark, under_way: Mutex::new(0), calls: AtomicU64::new(0), strikes })
    }

    /// A call of a graph begins; it ends when what is returned is dropped. Blocks for a moment: writes a byte.
    pub(in crate::model) fn call(&self) -> Call<'_> {
        self.count(1);
        Call(self)
    }

    fn count(&self, by: isize) {
        let mut under_way = self.under_way.lock();
        let before = *under_way;
        *under_way = before.saturating_add_signed(by);
        let byte = match (before, *under_way) {
            (0, 1) => IN_CALL,
            (1, 0) => IDLE,
            _ => return,
        };
        // A mark that cannot be written accuses nobody.
        let _ = write_first(&self.mark.file, byte);
    }
}

/// A call under way.
pub(in crate::model) struct Call<'a>(&'a Watch);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.count(-1);
        // At once, and not when the package goes: some hosts end without letting anything go.
        if self.0.calls.fetch_add(1, Ordering::Relaxed) + 1 == CALLS_THAT_PARDON {
            self.0.strikes.iter().for_each(|strike| drop(std::fs::remove_file(strike)));
        }
    }
}

#[cfg(unix)]
fn write_first(file: &File, byte: u8) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, &[byte], 0)
}

#[cfg(windows)]
fn write_first(file: &File, byte: u8) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, &[byte], 0)
}

/// The packages that ended processes while they played, by the marks in these folders; takes away those of processes that
/// died between two calls. Blocks: reads files.
pub(super) fn accused(folders: &[PathBuf]) -> Vec<Quarantined> {
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let all = by_accused(entries.filter_map(|entry| left_behind(entry.path())));
    all.into_iter().filter_map(|left| Quarantined::accused(left.len(), left, true)).collect()
}

/// A mark whose process died within a call.
fn left_behind(path: PathBuf) -> Option<Left> {
    let text = abandoned(&path)?;
    if text.first() == Some(&IN_CALL) {
        return Left::read(&text, path);
    }
    // Emptied, perhaps, by a process that is just about to remove it: then it is gone already.
    if !text.is_empty() {
        let _ = std::fs::remove_file(&path);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves a mark as a process that dies: the lock goes, the file stays.
    fn die(folders: &[PathBuf], hash: &str, provider: Provider, is_in_call: bool) {
        let watch = Watch::begin_in(folders, "flute", hash, provider).expect("not accused").expect("writable");
        let copy = watch.mark.path.with_extension("copy");
        let call = is_in_call.then(|| watch.call());
        std::fs::copy(&watch.mark.path, &copy).expect("a mark");
        drop(call);
        let path = watch.mark.path.clone();
        drop(watch);
        std::fs::rename(copy, path).expect("writable");
    }

    #[test]
    fn who_dies_between_two_calls_accuses_nobody_and_within_one_twice_the_package() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = [folder.path().join("playing")];
        for _ in 0..3 {
            die(&folders, "aa", Provider::Cpu, false);
        }
        assert!(accused(&folders).is_empty());
        assert_eq!(std::fs::read_dir(&folders[0]).expect("there").count(), 0, "nothing is left of them");
        die(&folders, "aa", Provider::Cpu, true);
        assert_eq!(accused(&folders)[0].strikes, 1);
        die(&folders, "aa", Provider::Cpu, true);
        let held = Watch::begin_in(&folders, "flute", "aa", Provider::Cpu).err().expect("in quarantine");
        assert!(held.to_string().contains("while it played this model"), "{held}");
        assert_eq!((held.strikes, held.markers.len()), (2, 2));
        assert!(Watch::begin_in(&folders, "flute", "aa", Provider::Cuda).is_err(), "nor on a card");
        assert!(Watch::begin_in(&folders, "flute", "bb", Provider::Cpu).is_ok(), "another package");
    }

    #[test]
    fn a_minute_that_went_well_pardons_and_a_card_is_accused_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = [folder.path().join("playing")];
        die(&folders, "aa", Provider::Cpu, true);
        let watch = Watch::begin_in(&folders, "flute", "aa", Provider::Cpu).expect("once").expect("writable");
        (1..CALLS_THAT_PARDON).for_each(|_| drop(watch.call()));
        assert_eq!(accused(&folders).len(), 1);
        drop(watch.call());
        assert!(accused(&folders).is_empty(), "while it plays: the host may end without a word");
        drop(watch);
        die(&folders, "aa", Provider::Cuda, true);
        die(&folders, "aa", Provider::Cuda, true);
        assert!(Watch::begin_in(&folders, "flute", "aa", Provider::Cuda).is_err());
        assert!(Watch::begin_in(&folders, "flute", "aa", Provider::Cpu).is_ok());
    }

    #[test]
    fn without_a_folder_to_write_in_nobody_is_watched() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("file"), "in the way").expect("writable");
        assert!(matches!(Watch::begin_in(&[folder.path().join("file")], "flute", "aa", Provider::Cpu), Ok(None)));
        let folders = [folder.path().join("file"), folder.path().join("second")];
        assert!(matches!(Watch::begin_in(&folders, "flute", "aa", Provider::Cpu), Ok(Some(_))));
    }
}
