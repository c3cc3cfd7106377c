//! Opens a project that brings its model along, where nothing is installed.

use std::fs;

use timbreloom::model::catalogue::{self, CatalogueError, Version};
use timbreloom::model::embed;
use timbreloom::model::embedded::{self, Embedded};
use timbreloom::model::kinds::{Kind, Package};
use timbreloom::model::places;
use timbreloom::model::request::ModelRequest;

use crate::common::package::{copy, general};

pub fn open_project() {
    let package = Package::open(&general()).unwrap();
    let packed = embed::pack(&package).unwrap();
    let request = ModelRequest { name: "echo".into(), hash: package.hash().to_owned() };
    let find = |hash: &str, bytes| {
        catalogue::find_or_unpack(&ModelRequest { hash: hash.into(), ..request.clone() }, &Kind::ALL, bytes)
    };
    let missing = |outcome: Result<catalogue::Found, CatalogueError>| match outcome {
        Err(CatalogueError::NotFound { looked, .. }) => looked.contains(&places::embedded_folder().unwrap()),
        _ => false,
    };
    assert!(missing(find(package.hash(), None)) && missing(find("", Some(&packed))));
    assert!(matches!(find(package.hash(), Some(b"damaged")), Err(CatalogueError::Embedded(_))));
    let found = find(package.hash(), Some(&packed)).unwrap();
    assert_eq!(found.package.folder(), places::embedded_folder().unwrap().join(package.hash()));
    assert_eq!(found.version, Version::Asked);
    // From now on it is there by itself, and stands in where another version is asked for and cannot be had.
    assert_eq!(find(package.hash(), None).unwrap().version, Version::Asked);
    assert_eq!(find(&"0".repeat(64), Some(&packed)).unwrap().version, Version::Other);
    // A folder whose manifest is whole and whose graph is not is no use: what the project brought along takes its place.
    let installed = places::user_folder().unwrap().join("echo");
    copy(&general(), &installed);
    fs::remove_dir_all(found.package.folder()).unwrap();
    assert_eq!(find(package.hash(), Some(&packed)).unwrap().package.folder(), installed);
    fs::write(installed.join("decoder.onnx"), "cut").unwrap();
    let of_project = Embedded::of(&package).unwrap();
    let brought = |request: &ModelRequest| embedded::find(request, &Kind::ALL, Some(&of_project)).unwrap().package;
    for package in [find(package.hash(), Some(&packed)).unwrap().package, brought(&request)] {
        assert_eq!(package.folder(), found.package.folder());
        package.read_all().unwrap();
    }
    // The same where that one is broken, too.
    fs::write(found.package.folder().join("decoder.onnx"), "cut").unwrap();
    brought(&request).read_all().unwrap();
    // What is played from there counts as asked for.
    fs::remove_dir_all(&installed).unwrap();
    let folder = found.package.folder();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(5000);
    fs::File::open(folder).unwrap().set_modified(long_ago).unwrap();
    assert_eq!(brought(&request).folder(), folder);
    assert!(fs::metadata(folder).unwrap().modified().unwrap() > long_ago + std::time::Duration::from_secs(1000));
    println!("opened");
}
