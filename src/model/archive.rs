//! A package's files in a zip archive. Nothing in an archive is trusted.

use std::io::{Read, Seek, Write};
use std::path::{Component, Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::package_files::{MANIFEST, PRESETS, is_preset_file};

/// More than any package has, with its presets and what archivers add.
const MAX_ENTRIES: usize = 256;

/// Why an archive is not unpacked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    #[error("it is not a zip archive, or is damaged ({0})")]
    Damaged(String),
    #[error("it holds the name “{0}”, which leads out of its folder")]
    UnsafeName(String),
    /// A bomb, or no package: bytes or files, found or declared.
    #[error("unpacked it would be {found}, at most {limit} are accepted")]
    TooLarge { found: String, limit: String },
    #[error("it holds no {MANIFEST}")]
    NoManifest,
    #[error("it holds several packages; unpack it, and take one folder at a time")]
    SeveralManifests,
    #[error("{path}: cannot be written ({reason})")]
    Unwritable { path: PathBuf, reason: String },
}

/// Packs files by their names. The same files give the same bytes: no times, no owners.
pub(super) fn pack(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, ArchiveError> {
    let damaged = |e: &dyn std::fmt::Display| ArchiveError::Damaged(e.to_string());
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name, SimpleFileOptions::DEFAULT).map_err(|e| damaged(&e))?;
        writer.write_all(bytes).map_err(|e| damaged(&e))?;
    }
    Ok(writer.finish().map_err(|e| damaged(&e))?.into_inner())
}

/// Unpacks the one package of an archive into `folder`: the plain files beside its manifest, which may lie in a folder
/// of the archive, and its presets; all others (an archiver's own, deeper folders) are left out. Blocks.
///
/// # Errors
/// When the archive is damaged, a name leads out of the folder, or the files unpack to more than `limit_bytes`.
pub(super) fn unpack(archive: impl Read + Seek, folder: &Path, limit_bytes: u64) -> Result<(), ArchiveError> {
    let damaged = |e: zip::result::ZipError| ArchiveError::Damaged(e.to_string());
    let mut archive = ZipArchive::new(archive).map_err(damaged)?;
    if archive.len() > MAX_ENTRIES {
        let (found, limit) = (format!("{} files", archive.len()), MAX_ENTRIES.to_string());
        return Err(ArchiveError::TooLarge { found, limit });
    }
    let mut paths = Vec::new();
    for n in 0..archive.len() {
        let entry = archive.by_index(n).map_err(damaged)?;
        let path = safe_path(&entry.name().map_err(damaged)?)?;
        paths.push(entry.is_file().then_some(path));
    }
    let mut roots = paths.iter().flatten().filter(|path| path.file_name().is_some_and(|name| name == MANIFEST));
    let root = roots.next().and_then(|path| path.parent()).ok_or(ArchiveError::NoManifest)?;
    if roots.next().is_some() {
        return Err(ArchiveError::SeveralManifests);
    }
    let mut left = limit_bytes;
    for (n, path) in paths.iter().enumerate() {
        let Some(path) = path.as_ref() else { continue };
        let Some(place) = path.strip_prefix(root).ok().filter(|place| is_of_package(place)) else { continue };
        let mut entry = archive.by_index(n).map_err(damaged)?;
        let too_large = |found: String| ArchiveError::TooLarge { found, limit: format!("{} MiB", limit_bytes >> 20) };
        // The declared size spares the work, the counted one cannot lie.
        if entry.size() > left {
            return Err(too_large(format!("over {} MiB", (limit_bytes - left + entry.size()) >> 20)));
        }
        let target = folder.join(place);
        let unwritable = |e: std::io::Error| ArchiveError::Unwritable { path: target.clone(), reason: e.to_string() };
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(unwritable)?;
        }
        let mut file = std::fs::File::options().write(true).create_new(true).open(&target).map_err(unwritable)?;
        let mut chunk = vec![0; 1 << 16];
        loop {
            // Reading fails for a bad archive, writing for a full disk: not the same advice.
            let count = entry.read(&mut chunk).map_err(|e| ArchiveError::Damaged(e.to_string()))?;
            if count == 0 {
                break;
            }
            left =
                left.checked_sub(count as u64).ok_or_else(|| too_large(format!("over {} MiB", limit_bytes >> 20)))?;
            file.write_all(&chunk[..count]).map_err(unwritable)?;
        }
    }
    Ok(())
}

/// Whether a file at this place within a package's folder belongs to it: beside the manifest, or a preset.
fn is_of_package(place: &Path) -> bool {
    let mut parts = place.components().map(|part| part.as_os_str().to_string_lossy());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), None, None) => true,
        (Some(folder), Some(name), None) => folder == PRESETS && is_preset_file(&name),
        _ => false,
    }
}

/// A path that stays below the folder that it is joined to, on every system.
fn safe_path(name: &str) -> Result<PathBuf, ArchiveError> {
    let parts = || Path::new(name).components().filter(|part| *part != Component::CurDir);
    let is_safe = !name.contains(['\\', ':', '\0']) && parts().all(|part| matches!(part, Component::Normal(_)));
    if is_safe { Ok(parts().collect()) } else { Err(ArchiveError::UnsafeName(name.chars().take(100).collect())) }
}
