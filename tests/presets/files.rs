//! The user's folder: nothing is lost, and nothing outside of it is touched.

use std::fs;
use std::path::Path;

use serde_json::json;
use timbreloom::preset::{Document, Library, Plugin, PresetError};

use crate::{parsed, preset};

fn named(name: &str) -> Document {
    let mut document = parsed(&preset(json!({ "transpose": -12.0 })));
    document.name = name.to_owned();
    document
}

fn names(library: &Library) -> Vec<String> {
    library.list().into_iter().map(|entry| entry.document.unwrap().name).collect()
}

#[test]
fn nothing_is_overwritten_without_being_told() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::at(&folder.path().join("presets"));
    assert!(library.list().is_empty());
    let path = library.save(&named("Low: “brass”/2"), false).unwrap();
    assert_eq!(path, library.folder().join("horn").join("Low_ _brass__2.json"));
    let mut other = named("Low: “brass”/2");
    other.comment = "another".into();
    let error = library.save(&other, false).unwrap_err();
    assert!(matches!(error, PresetError::Exists { .. }) && error.to_string().contains("nothing is overwritten"));
    assert_eq!(Document::read(&path).unwrap().comment, "");
    library.save(&other, true).unwrap();
    assert_eq!(Document::read(&path).unwrap(), other);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing temporary is left");
    assert!(matches!(library.save(&named(" "), false), Err(PresetError::BadValue { key: "name", .. })));
}

#[test]
fn two_plugins_may_each_have_a_preset_of_one_name_for_the_same_codes() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::at(folder.path());
    let effect = named("Bright");
    let mut codes = named("Bright");
    codes.plugin = Plugin::Codes;
    let paths = [library.save(&effect, false).unwrap(), library.save(&codes, false).unwrap()];
    assert_eq!(paths.map(|path| Document::read(&path).unwrap()), [effect, codes]);
    let renamed = library.rename(&library.folder().join("horn/Bright.codes.json"), "Dull").unwrap();
    assert_eq!((renamed.file_name().unwrap().to_str(), names(&library).len()), (Some("Dull.codes.json"), 2));
}

#[test]
fn presets_are_renamed_and_deleted_and_only_the_users_own() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::at(&folder.path().join("presets"));
    let (first, second) = (library.save(&named("One"), false).unwrap(), library.save(&named("Two"), false).unwrap());
    assert!(matches!(library.rename(&first, "Two"), Err(PresetError::Exists { .. })));
    assert!(matches!(library.rename(&first, ""), Err(PresetError::BadValue { .. })));
    assert_eq!(names(&library), ["One", "Two"]);
    let first = library.rename(&first, "Three").unwrap();
    assert_eq!(names(&library), ["Three", "Two"]);
    assert_eq!(library.rename(&first, "Three").unwrap(), first, "its own name is not taken");
    library.delete(&second).unwrap();
    assert_eq!(names(&library), ["Three"]);
    let outside = folder.path().join("other.json");
    named("Other").export(&outside, false).unwrap();
    let around = library.folder().join("..").join("other.json");
    for path in [&outside, &around, &library.folder().join("none.json"), &library.folder().to_owned()] {
        assert!(matches!(library.delete(path), Err(PresetError::NotYours { .. })), "{}", path.display());
        assert!(matches!(library.rename(path, "x"), Err(PresetError::NotYours { .. })), "{}", path.display());
    }
    assert!(outside.is_file());
    assert!(matches!(named("Other").export(&outside, false), Err(PresetError::Exists { .. })));
}

#[test]
fn files_and_folders_are_imported_and_what_is_broken_among_them_is_told() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let library = Library::at(&data.path().join("presets"));
    for name in ["One", "Two"] {
        named(name).export(&folder.path().join(format!("{name}.json")), false).unwrap();
    }
    fs::write(folder.path().join("broken.json"), "{").unwrap();
    fs::write(folder.path().join("readme.txt"), "no preset").unwrap();
    let results = library.import(folder.path(), false).unwrap();
    let refused: Vec<String> = results.into_iter().filter_map(Result::err).map(|e| e.to_string()).collect();
    assert!(refused.len() == 1 && refused[0].contains("broken.json"), "{refused:?}");
    assert_eq!(names(&library), ["One", "Two"]);
    let one = folder.path().join("One.json");
    assert!(matches!(library.import(&one, false), Err(PresetError::Exists { .. })));
    library.import(&one, true).unwrap();
    assert!(library.import(Path::new("/nowhere"), false).unwrap_err().to_string().contains("/nowhere: cannot be read"));
    assert!(library.import(tempfile::tempdir().unwrap().path(), false).is_err(), "an empty folder");
    // A broken file of the user's own is listed with its reason.
    fs::write(library.folder().join("horn").join("bad.json"), "{}").unwrap();
    assert_eq!(library.list().iter().filter(|entry| entry.document.is_err()).count(), 1);
}
