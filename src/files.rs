//! Files from outside: opened without waiting, known to be files, and read no further than is sensible.
//!
//! What carries a file's name may be a pipe, which holds whoever opens it until somebody writes, a device, or a link to
//! anything that this user may read. So a file is opened first, without waiting, and then looked at: between a look and
//! an opening it could become another.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// What may stand for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// A link to a file too: the musician named it, or its content is compared with a hash.
    Follow,
    /// Nothing but the file: what is handed on with others' files shall not be a link to this user's.
    Refuse,
}

/// Opens a regular file to be read. Never waits for another process.
///
/// # Errors
/// When there is none, it cannot be opened, or it is no regular file.
pub fn open(path: &Path, links: Links) -> Result<File> {
    let file = options(links).open(path).map_err(|error| if is_link(&error) { no_file("a link") } else { error })?;
    let about = file.metadata()?;
    if about.is_file() { Ok(file) } else { Err(no_file(kind(about.file_type()))) }
}

/// The bytes of a regular file; `None` when there are more than `limit`. Allocates as much as there is. Blocks.
///
/// # Errors
/// As [`open`], or when it cannot be read.
pub fn read_bounded(path: &Path, limit: u64, links: Links) -> Result<Option<Vec<u8>>> {
    let file = open(path, links)?;
    let length = file.metadata()?.len();
    if length > limit {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(length as usize);
    // A file may grow, and some have no honest length: one more byte than allowed tells.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// Whether there is a regular file, and not a link to one. Blocks.
pub fn is_plain(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|about| about.is_file())
}

fn no_file(what: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("it is {what}, and no file"))
}

#[cfg(unix)]
fn options(links: Links) -> std::fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    // A pipe without a writer is opened at once; for files the flag means nothing. A terminal does not become ours.
    let no_follow = if links == Links::Refuse { libc::O_NOFOLLOW } else { 0 };
    let mut options = File::options();
    options.read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | no_follow);
    options
}

#[cfg(windows)]
fn options(links: Links) -> std::fs::OpenOptions {
    use std::os::windows::fs::OpenOptionsExt;

    /// Opens the link itself, which is then seen to be no file.
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    let mut options = File::options();
    options.read(true).custom_flags(if links == Links::Refuse { FILE_FLAG_OPEN_REPARSE_POINT } else { 0 });
    options
}

/// Whether a file was not opened since it is a link.
fn is_link(error: &Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(libc::ELOOP);
    #[cfg(windows)]
    return false;
}

#[cfg(unix)]
fn kind(found: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;

    match found {
        _ if found.is_dir() => "a folder",
        _ if found.is_fifo() => "a pipe",
        _ if found.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(windows)]
fn kind(found: std::fs::FileType) -> &'static str {
    if found.is_dir() {
        "a folder"
    } else if found.is_symlink() {
        "a link"
    } else {
        "a device"
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]
mod tests {
    use std::os::unix::ffi::OsStrExt;
    use std::time::{Duration, Instant};

    use super::*;

    fn pipe(path: &Path) {
        let name = std::ffi::CString::new(path.as_os_str().as_bytes()).unwrap();
        // SAFETY: a name that ends in NUL.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    }

    #[test]
    fn what_is_no_file_is_named_for_what_it_is_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        pipe(&at("pipe"));
        std::fs::create_dir(at("folder")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        std::os::unix::fs::symlink(at("pipe"), at("link to a pipe")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("link to a device")).unwrap();
        let began = Instant::now();
        for (name, word) in
            [("pipe", "a pipe"), ("folder", "a folder"), ("link to a pipe", "a pipe"), ("link to a device", "a device")]
        {
            let error = read_bounded(&at(name), 100, Links::Follow).unwrap_err().to_string();
            assert!(error.contains(word), "{name}: {error}");
        }
        assert!(open(&at("socket"), Links::Follow).is_err());
        assert!(began.elapsed() < Duration::from_secs(5), "nothing waits");
    }

    #[test]
    fn links_are_followed_where_that_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "text").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(read_bounded(&link, 4, Links::Follow).unwrap().as_deref(), Some(&b"text"[..]));
        assert_eq!(read_bounded(&file, 4, Links::Refuse).unwrap().as_deref(), Some(&b"text"[..]));
        assert_eq!(read_bounded(&file, 3, Links::Refuse).unwrap(), None);
        assert!(read_bounded(&link, 4, Links::Refuse).unwrap_err().to_string().contains("a link"));
        assert!(is_plain(&file) && !is_plain(&link));
    }

    #[test]
    fn a_file_that_never_ends_is_read_no_further_than_is_asked() {
        // Regular, and without a length.
        assert_eq!(read_bounded(Path::new("/proc/self/maps"), 10, Links::Follow).unwrap(), None);
    }
}
