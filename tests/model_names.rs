//! A name in a project is a name: never a path, whatever stands at its end.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::package::{copy, shipped};
use timbreloom::model::catalogue::{self, CatalogueError};
use timbreloom::model::kinds::Kind;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::model::{embedded, loader};

/// From the working folder of the test to somewhere else.
fn relative(to: &Path) -> String {
    let up = std::env::current_dir().unwrap().components().count();
    format!("{}{}", "../".repeat(up), to.strip_prefix("/").unwrap_or(to).display())
}

/// Names that would do something if they were paths, options, markup or formats.
fn names(folder: &Path) -> Vec<String> {
    let codes = copy(&shipped("horn-codes"), &folder.join("x"));
    let model = copy(&shipped("cello"), &folder.join("-o"));
    let mut names: Vec<String> = [&codes, &model].iter().map(|path| path.display().to_string()).collect();
    names.extend([relative(&codes), relative(&model)]);
    // These are there too, seen from the repository, where tests run.
    names.extend(["models/horn-codes", "./models/cello", "models/../models/cello/"].map(Into::into));
    names.extend(
        ["/tmp/x", "../x", "-o", "--help", "<b>x</b>", "{}", "{0}", "%s", "", ".", "..", "\0", "~"].map(Into::into),
    );
    names
}

#[test]
fn no_name_of_a_project_is_taken_for_a_path_whatever_the_package_and_plugin() {
    let folder = tempfile::tempdir().unwrap();
    for name in names(folder.path()) {
        let request = ModelRequest::named(&name);
        let is_refused = |found: Result<(), CatalogueError>| {
            let Err(error @ CatalogueError::NotFound { .. }) = found else { return false };
            error.to_string().contains(&format!("“{name}”"))
        };
        for kinds in [&Kind::ALL[..], &Kind::OF_EFFECT, &[Kind::Latent], &[Kind::Codes], &[Kind::Grains]] {
            assert!(is_refused(catalogue::find(&request, kinds).map(drop)), "{name:?} as {kinds:?}");
            assert!(is_refused(embedded::find(&request, kinds, None).map(drop)), "{name:?} as embedded {kinds:?}");
        }
        // As the plugins load.
        assert!(loader::load_codes(&request, None).is_err(), "{name:?} in the instrument");
        assert!(loader::load_grains(&request, None).is_err(), "{name:?} in the drum machine");
        let mut load = loader::from_catalogue(Vec::new(), Arc::new(parking_lot::Mutex::new(ProviderChoice::CPU)));
        assert!(load(&request).is_err(), "{name:?} in the effect");
    }
}

#[test]
fn no_hash_of_a_project_is_taken_for_a_path_either() {
    let folder = tempfile::tempdir().unwrap();
    for hash in names(folder.path()) {
        let request = ModelRequest { name: "no-such-model".into(), hash: hash.clone() };
        assert!(matches!(catalogue::find(&request, &Kind::ALL), Err(CatalogueError::NotFound { .. })), "{hash:?}");
        assert!(loader::load_codes(&request, None).is_err(), "{hash:?}");
        assert!(loader::load_grains(&request, None).is_err(), "{hash:?}");
    }
}
