//! Which packages there are, and which one a project means.

use std::path::PathBuf;

use super::embed::{self, EmbedError};
use super::kinds::{Kind, Package, kind_of};
use super::package_files::{MANIFEST, PackageError};
use super::places;
use super::request::ModelRequest;

/// Why no package answers a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum CatalogueError {
    #[error(
        "the model “{name}” is not installed. Looked in: {}. Copy its folder into one of them and load it again; \
         the project keeps asking for it.",
        looked.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NotFound { name: String, looked: Vec<PathBuf> },
    /// A package of this name is there, but broken.
    #[error(transparent)]
    Broken(#[from] PackageError),
    /// It is not installed, and what the project brought along is no use.
    #[error(transparent)]
    Embedded(#[from] EmbedError),
    #[error(
        "the package “{package}” that this project brings along for “{name}” is {}, and here {} are played. Install \
         “{name}”, or choose another one.",
        found.names()[0], played.iter().map(|kind| kind.names()[1]).collect::<Vec<_>>().join(" and ")
    )]
    OtherKind { name: String, package: String, found: Kind, played: Vec<Kind> },
}

/// A package that answers a request.
#[derive(Debug)]
pub struct Found {
    /// The package.
    pub package: Package,
    /// Which version it is, beside the one the project was made with.
    pub version: Version,
}

/// How a package stands to the one that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// The very one, or any was asked for.
    Asked,
    /// A later one that kept its latents: biases and paths mean what they did.
    SameLatents,
    /// Another one of its name.
    Other,
}

impl Version {
    /// What a musician is told where another version plays than the project was made with.
    pub fn remark(self, name: &str) -> Option<String> {
        match self {
            Self::Asked => None,
            Self::SameLatents => Some(format!(
                "This is a later version of “{name}” than the project was made with. Biases and paths mean what they did; it may \
                 sound different."
            )),
            Self::Other => Some(format!(
                "This is another version of “{name}” than the project was made with: it may sound different."
            )),
        }
    }
}

/// Every package in the folders, sound or broken, in the order of the folders and then of their names. Blocks: reads
/// manifests.
pub fn all() -> Vec<(PathBuf, Result<Package, PackageError>)> {
    all_in(&places::folders())
}

/// As [`all`], in these folders.
pub fn all_in(folders: &[PathBuf]) -> Vec<(PathBuf, Result<Package, PackageError>)> {
    let mut packages = Vec::new();
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        // A name with a dot in front is a package that is just being unpacked.
        let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
        let mut paths: Vec<PathBuf> = entries
            .flatten()
            .filter(|entry| !is_hidden(&entry.file_name()))
            .map(|entry| entry.path())
            .filter(|path| path.join(MANIFEST).is_file())
            .collect();
        paths.sort();
        packages.extend(paths.into_iter().map(|path| (path.clone(), Package::open(&path))));
    }
    packages
}

/// The package of the request's hash or else, with a remark, of its name, among those of these kinds; of that name rather one that
/// kept its latents. Blocks: reads manifests.
///
/// Names come from projects: one is compared with those that are installed, and never taken for a path.
///
/// # Errors
/// When there is none, or the only one of that name is broken.
pub fn find(request: &ModelRequest, kinds: &[Kind]) -> Result<Found, CatalogueError> {
    find_in(&places::folders(), request, kinds)
}

/// As [`find`], in these folders.
fn find_in(folders: &[PathBuf], request: &ModelRequest, kinds: &[Kind]) -> Result<Found, CatalogueError> {
    let mut by_name: Option<Package> = None;
    let keeps_latents = |package: &Package| package.header().shares_latents_with(&request.hash);
    let rank = |package: &Package| (!keeps_latents(package), package.kind());
    let mut broken = None;
    for (path, package) in all_in(folders) {
        match package {
            Ok(package) if !kinds.contains(&package.kind()) => {}
            Ok(package) if !request.hash.is_empty() && package.hash() == request.hash => {
                return Ok(Found { package, version: Version::Asked });
            }
            Ok(package)
                if package.name() == request.name
                    && by_name.as_ref().is_none_or(|there| rank(&package) < rank(there)) =>
            {
                by_name = Some(package);
            }
            // What does not say what it is may be anything.
            Err(error)
                if path.file_name().is_some_and(|name| name.to_string_lossy() == request.name)
                    && kind_of(&path).is_none_or(|kind| kinds.contains(&kind)) =>
            {
                broken = broken.or(Some(error));
            }
            _ => {}
        }
    }
    match (by_name, broken) {
        (Some(package), _) if request.hash.is_empty() => Ok(Found { package, version: Version::Asked }),
        (Some(package), _) if keeps_latents(&package) => Ok(Found { package, version: Version::SameLatents }),
        (Some(package), _) => Ok(Found { package, version: Version::Other }),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(CatalogueError::NotFound { name: request.name.clone(), looked: folders.to_vec() }),
    }
}

/// Whether the package of one request has the latents of the other, of another version. Blocks: reads manifests.
pub fn shares_latents(asked: &ModelRequest, of: &ModelRequest) -> bool {
    asked.name == of.name
        && !of.hash.is_empty()
        && asked.hash != of.hash
        && find(asked, &[Kind::Latent]).is_ok_and(|found| found.package.header().shares_latents_with(&of.hash))
}

/// As [`find`]; where the very version of the request is not installed, or its files are damaged, it is unpacked from what
/// the project brought along. Blocks: reads the package's files, may write them.
///
/// # Errors
/// When there is none, and none can be unpacked either.
pub fn find_or_unpack(
    request: &ModelRequest,
    kinds: &[Kind],
    embedded: Option<&[u8]>,
) -> Result<Found, CatalogueError> {
    let found = find(request, kinds);
    let Some(bytes) = embedded.filter(|_| !request.hash.is_empty() && !is_sound(&found)) else { return found };
    let unpacked = unpack(bytes, request, kinds);
    // Another version is better than none.
    if unpacked.is_err() && found.is_ok() { found } else { unpacked }
}

fn unpack(bytes: &[u8], request: &ModelRequest, kinds: &[Kind]) -> Result<Found, CatalogueError> {
    let package = Package::open(&embed::unpack(bytes, &request.hash)?)?;
    let found = package.kind();
    if kinds.contains(&found) {
        return Ok(Found { package, version: Version::Asked });
    }
    let (name, package) = (request.name.clone(), package.name().to_owned());
    Err(CatalogueError::OtherKind { name, package, found, played: kinds.to_vec() })
}

/// Whether it is the very version that was asked for, and its files are what its manifest says. Blocks: reads them.
pub(super) fn is_sound(found: &Result<Found, CatalogueError>) -> bool {
    found.as_ref().is_ok_and(|found| found.version == Version::Asked && found.package.read_all().is_ok())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_later_version_that_kept_its_latents_comes_before_another_one_of_the_name() {
        let models = tempfile::tempdir().expect("a folder");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/cello/manifest.json");
        let manifest = std::fs::read_to_string(shipped).expect("the cello");
        let (old, older) = ("a".repeat(64), "b".repeat(64));
        let write = |folder: &str, latents_of: &str| {
            let folder = models.path().join(folder);
            std::fs::create_dir_all(&folder).expect("writable");
            let mut kept: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
            kept["training"]["latents_of"] = serde_json::from_str(latents_of).expect("JSON");
            std::fs::write(folder.join(MANIFEST), kept.to_string()).expect("writable");
        };
        write("a", "[]");
        write("b", &format!("[\"{older}\", \"{old}\"]"));
        let ask = |hash: &str| {
            let request = ModelRequest { name: "cello".into(), hash: hash.into() };
            find_in(&[models.path().to_owned()], &request, &Kind::ALL).expect("one of the name")
        };
        for hash in [&old, &older] {
            let found = ask(hash);
            assert_eq!(found.version, Version::SameLatents);
            assert!(found.package.folder().ends_with("b"));
            assert!(found.version.remark("cello").is_some_and(|remark| remark.contains("mean what they did")));
        }
        assert_eq!(ask(&"c".repeat(64)).version, Version::Other);
        assert_eq!(ask("").version, Version::Asked);
        assert_eq!(ask(ask(&old).package.hash()).version, Version::Asked);
        for bad in ["[\"beef\"]", "\"beef\"", "[1]"] {
            write("b", bad);
            assert_eq!(ask(&old).version, Version::Other, "{bad}");
        }
    }

    #[test]
    fn a_broken_package_is_found_by_its_name_among_its_own_kind_alone() {
        let models = tempfile::tempdir().expect("a folder");
        let folder = models.path().join("x");
        std::fs::create_dir(&folder).expect("writable");
        let find_among = |kinds: &[Kind], manifest: &str| {
            std::fs::write(folder.join(MANIFEST), manifest).expect("writable");
            find_in(&[models.path().to_owned()], &ModelRequest::named("x"), kinds)
        };
        let space = r#"{"format":1,"kind":"continuous"}"#;
        assert!(matches!(find_among(&[Kind::Codes], space), Err(CatalogueError::NotFound { .. })));
        assert!(matches!(find_among(&Kind::ALL, space), Err(CatalogueError::Broken(_))));
        // What does not say what it is may be anything.
        assert!(matches!(find_among(&[Kind::Codes], "{"), Err(CatalogueError::Broken(_))));
    }
}
