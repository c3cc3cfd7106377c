//! Files that are either whole or absent, and what else a result may be written to.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::STANDARD;
use crate::interrupt::{self, Cleanup};

/// Why a result cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum OutputError {
    #[error("cannot write {}: the folder {} does not exist; create it or choose another", path.display(), folder.display())]
    NoFolder { path: PathBuf, folder: PathBuf },
    #[error("cannot write {}: it is a folder; give the name of a file", path.display())]
    IsFolder { path: PathBuf },
    #[error("cannot write {}: it is there already and read-only; choose another name, or make it writable", path.display())]
    ReadOnly { path: PathBuf },
    #[error("cannot write {}: {bytes} bytes are needed and {free} are free on that disk; make room or choose another",
            path.display())]
    NoRoom { path: PathBuf, bytes: u64, free: u64 },
    #[error("cannot write {}: {reason}; check free space and that you may write there", path.display())]
    Write { path: PathBuf, reason: String },
}

/// A result that is being written. A file appears under its name when it is finished, and not before; what was there is
/// kept until then, and for good if it is not finished, or the program is interrupted. A link is followed, and stays one;
/// pipes, devices and standard output (`-`) are written to as they are. Blocks.
pub struct OutputFile {
    path: PathBuf,
    to: To,
}

enum To {
    /// A hidden file beside the one that it will replace.
    Beside {
        temporary: NamedTempFile,
        target: PathBuf,
        is_hard_link: bool,
        _cleanup: Cleanup,
    },
    /// What cannot be replaced: a pipe, a device.
    Special(File),
    Standard(io::Stdout),
}

impl OutputFile {
    /// Begins a result. Anything that would keep it from being finished, as far as that is known, is found here.
    ///
    /// # Errors
    /// When there is no such folder, or the file may not be written.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        Self::create_ending(path, "")
    }

    /// As [`Self::create`]; the hidden file's name ends so, for libraries that look at it.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn create_ending(path: &Path, ending: &str) -> Result<Self, OutputError> {
        let to = if is_standard(path) { To::Standard(io::stdout()) } else { open(path, ending)? };
        Ok(Self { path: path.into(), to })
    }

    /// Whether parts that were written can be written over.
    pub fn is_seekable(&self) -> bool {
        matches!(self.to, To::Beside { .. })
    }

    /// Refuses what will not fit on the disk.
    ///
    /// # Errors
    /// When it is known that there is less room.
    pub fn check_room(&self, bytes: u64) -> Result<(), OutputError> {
        let To::Beside { target, .. } = &self.to else { return Ok(()) };
        match free_bytes(folder_of(target)) {
            Some(free) if free < bytes => Err(OutputError::NoRoom { path: self.path.clone(), bytes, free }),
            _ => Ok(()),
        }
    }

    /// Where a library can write that opens files itself; `None` where there is no file.
    pub fn temporary_path(&self) -> Option<&Path> {
        match &self.to {
            To::Beside { temporary, .. } => Some(temporary.path()),
            _ => None,
        }
    }

    /// Puts the whole result in its place.
    ///
    /// # Errors
    /// When the disk or the pipe refuses.
    pub fn finish(self) -> Result<(), OutputError> {
        let failed = |error: io::Error| failure(&self.path, &error);
        match self.to {
            To::Special(mut file) => file.flush().map_err(failed),
            To::Standard(mut stdout) => stdout.flush().map_err(failed),
            To::Beside { temporary, target, is_hard_link: false, .. } => {
                temporary.persist(target).map(drop).map_err(|error| failed(error.error))
            }
            // A name among several of one file: renaming would part them.
            To::Beside { mut temporary, target, is_hard_link: true, .. } => {
                let mut copy = || {
                    temporary.as_file_mut().seek(SeekFrom::Start(0))?;
                    let mut file = File::options().write(true).truncate(true).open(&target)?;
                    io::copy(temporary.as_file_mut(), &mut file).map(drop)
                };
                copy().map_err(failed)
            }
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.to {
            To::Beside { temporary, .. } => temporary.as_file_mut(),
            To::Special(file) => file,
            To::Standard(stdout) => stdout,
        }
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

impl Seek for OutputFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.to {
            To::Beside { temporary, .. } => temporary.as_file_mut().seek(to),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// Whether this is standard output, by any of its names.
pub fn is_standard(path: &Path) -> bool {
    [STANDARD, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// The folder a file lies in; `.` for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The error of a write, told of the file that was asked for.
pub fn failure(path: &Path, error: &io::Error) -> OutputError {
    OutputError::Write { path: path.into(), reason: error.to_string() }
}

/// Finds whatever would keep a result from being written there, as far as that is known, and leaves nothing behind.
///
/// # Errors
/// As [`OutputFile::create`].
pub fn check(path: &Path) -> Result<(), OutputError> {
    if is_standard(path) { Ok(()) } else { prepare(path, "").map(drop) }
}

fn open(path: &Path, ending: &str) -> Result<To, OutputError> {
    match prepare(path, ending)? {
        Some(beside) => Ok(beside),
        None => {
            let file = File::options().write(true).open(path);
            file.map(To::Special).map_err(|error| failure(path, &error))
        }
    }
}

/// A hidden file beside the one that is to be written; `None` where that is no file.
fn prepare(path: &Path, ending: &str) -> Result<Option<To>, OutputError> {
    let there = fs::metadata(path).ok();
    if let Some(there) = &there {
        if there.is_dir() {
            return Err(OutputError::IsFolder { path: path.into() });
        }
        if !there.is_file() {
            return Ok(None);
        }
        if there.permissions().readonly() {
            return Err(OutputError::ReadOnly { path: path.into() });
        }
    }
    let target = target_of(path);
    let temporary = temporary_beside(&target, ending).map_err(|error| match folder_of(&target) {
        folder if !folder.is_dir() => OutputError::NoFolder { path: path.into(), folder: folder.into() },
        _ => failure(path, &error),
    })?;
    if let Some(there) = &there {
        // Who may read the old file may read the new one, where the system lets us say so.
        let _ = temporary.as_file().set_permissions(there.permissions());
    }
    let half = temporary.path().to_owned();
    let cleanup = interrupt::on_interrupt(move || drop(fs::remove_file(half)));
    let is_hard_link = there.as_ref().is_some_and(has_other_names);
    Ok(Some(To::Beside { temporary, target, is_hard_link, _cleanup: cleanup }))
}

/// What a link leads to, also to what is not there yet.
fn target_of(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    // As many as systems follow.
    for _ in 0..40 {
        match fs::read_link(&target) {
            Ok(next) => target = folder_of(&target).join(next),
            Err(_) => break,
        }
    }
    target
}

/// Creates a hidden file in the folder of `path`, on the same disk so that a rename replaces it at once.
fn temporary_beside(path: &Path, ending: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".timbreloom-").suffix(ending);
    // Temporary files are private by default; the result is an ordinary file under the user's umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder_of(path))
}

#[cfg(unix)]
fn has_other_names(there: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(there) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &fs::Metadata) -> bool {
    false
}

/// Room for this user on the disk of a folder, bytes; `None` where the system does not say.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    use std::os::unix::ffi::OsStrExt as _;
    let name = std::ffi::CString::new(folder.as_os_str().as_bytes()).ok()?;
    // SAFETY: an all-zero `statvfs` is a valid value to be written over.
    let mut disk: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: `name` ends in a zero and `disk` is large enough, both live throughout the call.
    let answer = unsafe { libc::statvfs(name.as_ptr(), &mut disk) };
    #[allow(clippy::useless_conversion, reason = "the fields are narrower on some systems")]
    (answer == 0).then(|| u64::from(disk.f_bavail).saturating_mul(u64::from(disk.f_frsize)))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) -> Result<(), OutputError> {
        let mut file = OutputFile::create(path)?;
        file.write_all(text.as_bytes()).unwrap();
        file.finish()
    }

    #[test]
    fn a_file_appears_when_it_is_finished_and_what_was_there_is_kept_until_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, "old").unwrap();
        let mut file = OutputFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        write(&path, "new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no hidden file may stay behind");
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_links_and_special_files_are_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("disk")).unwrap();
        write(&at("disk/real.txt"), "old").unwrap();
        std::os::unix::fs::symlink("disk/real.txt", at("link.txt")).unwrap();
        write(&at("link.txt"), "new").unwrap();
        assert!(at("link.txt").is_symlink());
        assert_eq!(fs::read(at("disk/real.txt")).unwrap(), b"new");
        // One that leads to nothing yet.
        std::os::unix::fs::symlink("disk/later.txt", at("early.txt")).unwrap();
        write(&at("early.txt"), "later").unwrap();
        assert!(at("early.txt").is_symlink());
        assert_eq!(fs::read(at("disk/later.txt")).unwrap(), b"later");
        fs::hard_link(at("disk/real.txt"), at("twin.txt")).unwrap();
        write(&at("twin.txt"), "both").unwrap();
        assert_eq!(fs::read(at("disk/real.txt")).unwrap(), b"both");
        write(Path::new("/dev/null"), "gone").unwrap();
    }

    #[test]
    fn what_cannot_be_finished_is_refused_at_the_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let refused = |path: &Path| OutputFile::create(path).err().unwrap().to_string();
        assert!(refused(&folder.path().join("no/a.txt")).contains("does not exist"));
        assert!(refused(folder.path()).contains("is a folder"));
        write(&path, "kept").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert!(refused(&path).contains("read-only"));
        assert_eq!(fs::read(&path).unwrap(), b"kept");
        let file = OutputFile::create(&folder.path().join("b.txt")).unwrap();
        file.check_room(1).unwrap();
        if cfg!(unix) {
            assert!(file.check_room(u64::MAX).unwrap_err().to_string().contains("are free on that disk"));
        }
    }
}
