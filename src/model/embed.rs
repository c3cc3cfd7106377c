//! A package within a project: packed into bytes that are saved with it, unpacked where the model is not installed.

use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::archive::{self, ArchiveError};
use super::kinds::Package;
use super::package_files::PackageError;
use super::places;
use super::scratch::Scratch;

/// The largest package that is embedded, bytes before packing: hosts keep a project's state in memory, and some copy
/// it for each step of undo.
pub const MAX_EMBEDDED_BYTES: u64 = 24 << 20;

/// Packages that projects brought along, and their bytes, that are kept on this computer.
const MOST_KEPT: usize = 64;
const MOST_KEPT_BYTES: u64 = 1 << 30;

/// What the folder is called in which a package waits for its name; hidden from the catalogue.
const SCRATCH: &str = ".unpacking-";

/// Why a package is not embedded, or not taken out of a project.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum EmbedError {
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error(
        "the model “{name}” is {:.1} MB, at most {:.1} MB are embedded in a project. Keep its folder ({folder}) beside \
         the project instead, and install it where the project is opened.",
        mb(*.found), mb(MAX_EMBEDDED_BYTES)
    )]
    TooLarge { name: String, folder: PathBuf, found: u64 },
    #[error("the project asks for a model by “{0}”, which is no SHA-256. The project's state is damaged.")]
    NotAHash(String),
    #[error(
        "the model embedded in this project cannot be read: its text is damaged ({0}). Install the model, or load an older copy of the project."
    )]
    Text(String),
    #[error(
        "the model embedded in this project cannot be unpacked: {0}. Install the model, or load an older copy of the project."
    )]
    Archive(#[from] ArchiveError),
    #[error(
        "the model embedded in this project is “{name}” with the hash {found}, the project asks for {expected}. Install that model."
    )]
    WrongHash { name: String, expected: String, found: String },
    /// It panicked.
    #[error("packing the model “{0}” for the project broke. Save the project without it.")]
    Broke(String),
    #[error(
        "{path}: the embedded model cannot be written there ({reason}). Free some space, or make the folder writable."
    )]
    Unwritable { path: PathBuf, reason: String },
}

fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The package as bytes to be saved in a project; the same package always gives the same bytes. Blocks, allocates.
///
/// # Errors
/// When it is larger than [`MAX_EMBEDDED_BYTES`], or its files are not what its manifest says.
pub fn pack(package: &Package) -> Result<Vec<u8>, EmbedError> {
    let check = |found: u64| {
        let (name, folder) = (package.name().to_owned(), package.folder().to_owned());
        if found <= MAX_EMBEDDED_BYTES { Ok(()) } else { Err(EmbedError::TooLarge { name, folder, found }) }
    };
    // Twice: before all of it is in memory, and what was read.
    check(package.size_bytes())?;
    let files = package.read_all()?;
    check(files.iter().map(|(_, bytes)| bytes.len() as u64).sum())?;
    Ok(archive::pack(&files)?)
}

/// Unpacks a project's package into the user's data folder, where the catalogue finds it; -> its folder. Does nothing
/// when it is there already. Blocks.
///
/// # Errors
/// When the bytes are damaged, dangerous or another package's, or cannot be written.
pub fn unpack(bytes: &[u8], expected_hash: &str) -> Result<PathBuf, EmbedError> {
    let folder = places::embedded_folder().ok_or_else(|| EmbedError::Unwritable {
        path: PathBuf::from("timbreloom/embedded"),
        reason: "this user has no data folder".into(),
    })?;
    unpack_into(&folder, bytes, expected_hash)
}

/// As [`unpack`], into a folder named by the hash within `embedded`.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_into(embedded: &Path, bytes: &[u8], expected_hash: &str) -> Result<PathBuf, EmbedError> {
    // It names a folder: nothing but a hash will do.
    if !is_hash(expected_hash) {
        return Err(EmbedError::NotAHash(expected_hash.chars().take(100).collect()));
    }
    let target = embedded.join(expected_hash);
    if is_sound(&target, expected_hash) {
        touch(&target);
        return Ok(target);
    }
    let unwritable = |e: std::io::Error| EmbedError::Unwritable { path: embedded.to_owned(), reason: e.to_string() };
    std::fs::create_dir_all(embedded).map_err(unwritable)?;
    let scratch = Scratch::new(embedded, SCRATCH).map_err(unwritable)?;
    let folder = scratch.make("package").map_err(unwritable)?;
    archive::unpack(Cursor::new(bytes), &folder, MAX_EMBEDDED_BYTES)?;
    let package = Package::open(&folder)?;
    if package.hash() != expected_hash {
        let (name, found) = (package.name().to_owned(), package.hash().to_owned());
        return Err(EmbedError::WrongHash { name, expected: expected_hash.to_owned(), found });
    }
    package.read_all()?;
    // A rename outlives a power cut before what it renames does.
    sync(&folder).map_err(unwritable)?;
    settle(&folder, &target, expected_hash).map_err(unwritable)?;
    keep_the_latest(embedded, &target);
    Ok(target)
}

/// Lets those go that were asked for longest ago, until the rest fits; `target` was asked for just now. What goes comes back
/// with its project, and what plays is in memory.
fn keep_the_latest(embedded: &Path, target: &Path) {
    touch(target);
    let entries = std::fs::read_dir(embedded).into_iter().flatten().flatten();
    // Of others, such as a musician's own folder, nothing is known.
    let is_ours = |path: &Path| {
        let named = path.file_name().and_then(|name| name.to_str()).is_some_and(is_hash);
        named && path.symlink_metadata().is_ok_and(|about| about.is_dir()) && path != target
    };
    let mut others: Vec<(SystemTime, PathBuf, u64)> = entries
        .map(|entry| entry.path())
        .filter(|path| is_ours(path))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, size_bytes(&path), path)))
        .map(|(asked, bytes, path)| (asked, path, bytes))
        .collect();
    others.sort();
    let mut bytes = size_bytes(target) + others.iter().map(|(_, _, bytes)| bytes).sum::<u64>();
    let mut packages = others.len() + 1;
    for (_, path, size) in others {
        if bytes <= MOST_KEPT_BYTES && packages <= MOST_KEPT {
            return;
        }
        if std::fs::remove_dir_all(&path).is_ok() {
            bytes -= size;
            packages -= 1;
        }
    }
}

/// Notes that this package is in use, where it is one that a project brought along. Blocks.
pub(super) fn note_use(folder: &Path) {
    if places::embedded_folder().is_some_and(|embedded| folder.starts_with(embedded)) {
        touch(folder);
    }
}

/// Notes that this one was asked for just now.
fn touch(folder: &Path) {
    #[cfg(unix)]
    let folder = File::open(folder);
    #[cfg(windows)]
    let folder = {
        use std::os::windows::fs::OpenOptionsExt;
        const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
        File::options().write(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(folder)
    };
    let _ = folder.and_then(|folder| folder.set_modified(SystemTime::now()));
}

/// Of all files below.
fn size_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(about) if about.is_dir() => size_bytes(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Waits until all files below are on the disk.
fn sync(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path())?;
        } else {
            // Windows flushes only what may be written.
            File::options().write(true).open(entry.path())?.sync_all()?;
        }
    }
    // Elsewhere a folder cannot be opened as a file.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Moves a finished folder to its place, over a broken one but never over a sound one: another process that was quicker
/// may be loading it. Where it stays, the caller's handle cleans it up.
fn settle(folder: &Path, target: &Path, hash: &str) -> std::io::Result<()> {
    let moved = std::fs::rename(folder, target);
    if moved.is_ok() || is_sound(target, hash) {
        return Ok(());
    }
    if target.exists() {
        std::fs::remove_dir_all(target)?;
        return std::fs::rename(folder, target);
    }
    moved
}

fn is_sound(folder: &Path, hash: &str) -> bool {
    Package::open(folder).is_ok_and(|package| package.hash() == hash && package.read_all().is_ok())
}
