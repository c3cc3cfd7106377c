//! A package's files of numbers, whose lengths its manifest says.

use std::path::PathBuf;

use super::manifest::{Check, Header};
use super::package_files::{PackageError, lists, read_checked};

/// The largest of them, bytes.
pub(super) const MAX_LIST_BYTES: u64 = 64 << 20;

/// The bytes of a package's list and where it lies, hash compared. Blocks, allocates.
///
/// # Errors
/// When the file is missing, too large or another one.
pub(super) fn read(header: &Header, file: &str, sha256: &str) -> Result<(PathBuf, Vec<u8>), PackageError> {
    let path = header.folder.join(file);
    Ok((path.clone(), read_checked(path, sha256, MAX_LIST_BYTES)?))
}

/// Cuts what was read into lists of these lengths, values; `key` is what the manifest says them by.
///
/// # Errors
/// When they are longer or shorter together.
pub(super) fn cut<const N: usize>(
    check: &Check<'_>,
    key: &'static str,
    bytes: &[u8],
    lengths: [usize; N],
) -> Result<[Vec<f32>; N], PackageError> {
    let expected = 4 * lengths.iter().sum::<usize>();
    let is_length = bytes.len() == expected;
    check.that(key, is_length, &format!("{expected} bytes by the manifest"), &format!("{} bytes", bytes.len()))?;
    Ok(lists(bytes, lengths))
}

/// Whether all values are numbers of this range.
pub(super) fn are_within(list: &[f32], low: f32, high: f32) -> bool {
    list.iter().all(|&value| low <= value && value <= high)
}
