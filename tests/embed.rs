//! Packages in projects and in archives: what is packed comes back, and nothing else does.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[cfg(target_os = "linux")]
#[path = "common/helper.rs"]
mod helper;
#[cfg(target_os = "linux")]
#[path = "common/program.rs"]
mod program;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use common::package::{FILES, copy, general, shipped};
use proptest::prelude::*;
use timbreloom::model::embed::{self, EmbedError};
use timbreloom::model::import::{ImportError, import_into};
use timbreloom::model::kinds::Package;
#[cfg(target_os = "linux")]
use timbreloom::model::{embedded::Embedded, loader, request::ModelRequest};
use zip::write::SimpleFileOptions;

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::DEFAULT).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The package's files as an archive, below `prefix`, with others added.
fn zip_of_echo(prefix: &str, others: &[(&str, &[u8])]) -> Vec<u8> {
    let files = FILES.map(|name| (format!("{prefix}{name}"), fs::read(general().join(name)).unwrap()));
    let mut all: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    all.extend(others);
    zip_of(&all)
}

/// All files and folders below, as paths.
fn everything_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        found.push(entry.path());
        found.extend(everything_in(&entry.path()));
    }
    found.sort();
    found
}

/// The error's text; the folder must be left without a trace.
#[track_caller]
fn refusal(bytes: &[u8], hash: &str) -> String {
    let outer = tempfile::tempdir().unwrap();
    let embedded = outer.path().join("embedded");
    let error = embed::unpack_into(&embedded, bytes, hash).unwrap_err();
    let left: Vec<PathBuf> = everything_in(outer.path()).into_iter().filter(|path| *path != embedded).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    error.to_string()
}

#[test]
fn what_is_packed_comes_back_and_packs_to_the_same_bytes() {
    for folder in [general(), shipped("cello")] {
        let package = Package::open(&folder).unwrap();
        let packed = embed::pack(&package).unwrap();
        let embedded = tempfile::tempdir().unwrap();
        let target = embed::unpack_into(embedded.path(), &packed, package.hash()).unwrap();
        assert_eq!(target, embedded.path().join(package.hash()));
        let back = Package::open(&target).unwrap();
        assert_eq!(back.hash(), package.hash());
        assert_eq!(back.read_all().unwrap(), package.read_all().unwrap());
        assert!(embed::pack(&back).unwrap() == packed, "a project would change by being opened elsewhere");
        assert_eq!(target.join("card.md").is_file(), folder.join("card.md").is_file());
    }
}

/// A preset is not looked into here: broken ones travel, too.
const PRESETS: [(&str, &[u8]); 2] = [("presets/01-one.json", b"{}"), ("presets/02-two.json", b"two")];

#[test]
fn presets_travel_with_their_package_and_are_no_part_of_its_hash() {
    let (folder, models) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy(&general(), folder.path());
    fs::create_dir_all(folder.path().join("presets/deeper")).unwrap();
    for (name, bytes) in PRESETS {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    for name in ["readme.txt", ".hidden.json", "deeper/three.json"] {
        fs::write(folder.path().join("presets").join(name), "no").unwrap();
    }
    fs::write(folder.path().join("presets/huge.json"), vec![b' '; 70_000]).unwrap();
    let package = Package::open(folder.path()).unwrap();
    assert_eq!(package.hash(), Package::open(&general()).unwrap().hash());
    assert_eq!(package.size_bytes(), Package::open(&general()).unwrap().size_bytes() + 5);
    let carried = |folder: &Path| {
        let files = everything_in(&folder.join("presets")).into_iter();
        files.map(|path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let names = PRESETS.map(|(name, _)| name);
    let packed = embed::pack(&package).unwrap();
    let embedded = tempfile::tempdir().unwrap();
    let target = embed::unpack_into(embedded.path(), &packed, package.hash()).unwrap();
    assert_eq!(carried(&target), names);
    assert_eq!(fs::read(target.join(PRESETS[1].0)).unwrap(), PRESETS[1].1);
    assert!(embed::pack(&Package::open(&target).unwrap()).unwrap() == packed);
    let installed = import_into(models.path(), folder.path()).unwrap();
    assert_eq!((carried(installed.folder()), installed.hash()), (names.map(str::to_owned).to_vec(), package.hash()));
}

#[test]
fn presets_are_taken_out_of_an_archive_and_nothing_deeper() {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("models");
    let others: [(&str, &[u8]); 4] = [
        ("echo-1.0/presets/one.json", b"{}"),
        ("echo-1.0/presets/deeper/two.json", b"{}"),
        ("echo-1.0/presets/run.sh", b"no"),
        ("elsewhere/presets/three.json", b"{}"),
    ];
    let path = folder.path().join("echo.zip");
    fs::write(&path, zip_of_echo("echo-1.0/", &others)).unwrap();
    let installed = import_into(&models, &path).unwrap();
    let presets = installed.folder().join("presets");
    assert_eq!(everything_in(&presets), [presets.join("one.json")]);
    let error = refusal(&zip_of_echo("", &[("presets/../../evil.json", b"x")]), installed.hash());
    assert!(error.contains("leads out of its folder"), "{error}");
}

#[test]
fn unpacking_again_changes_nothing_and_mends_what_is_broken() {
    let package = Package::open(&general()).unwrap();
    let packed = embed::pack(&package).unwrap();
    let embedded = tempfile::tempdir().unwrap();
    let target = embed::unpack_into(embedded.path(), &packed, package.hash()).unwrap();
    let time = |name: &str| target.join(name).metadata().unwrap().modified().unwrap();
    let before = time("manifest.json");
    // With the package there, what the project holds is not even looked at.
    embed::unpack_into(embedded.path(), b"damaged", package.hash()).unwrap();
    assert_eq!(time("manifest.json"), before);
    fs::write(target.join("decoder.onnx"), "cut").unwrap();
    embed::unpack_into(embedded.path(), &packed, package.hash()).unwrap();
    Package::open(&target).unwrap().read_all().unwrap();
    assert_eq!(fs::read_dir(embedded.path()).unwrap().count(), 1, "nothing temporary is left");
}

#[test]
fn threads_that_unpack_at_once_all_succeed() {
    let package = Package::open(&general()).unwrap();
    let packed = embed::pack(&package).unwrap();
    let embedded = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| embed::unpack_into(embedded.path(), &packed, package.hash()).unwrap());
        }
    });
    assert_eq!(fs::read_dir(embedded.path()).unwrap().count(), 1);
}

#[test]
fn a_package_over_the_limit_is_not_packed() {
    let folder = tempfile::tempdir().unwrap();
    copy(&general(), folder.path());
    let package = Package::open(folder.path()).unwrap();
    let graph = fs::File::options().write(true).open(folder.path().join("decoder.onnx")).unwrap();
    graph.set_len(embed::MAX_EMBEDDED_BYTES).unwrap();
    let error = embed::pack(&package).unwrap_err();
    assert!(matches!(error, EmbedError::TooLarge { .. }));
    assert!(error.to_string().contains("at most 25.2 MB"), "{error}");
    graph.set_len(3).unwrap();
    assert!(matches!(embed::pack(&package).unwrap_err(), EmbedError::Package(_)), "a damaged file is not packed");
}

#[test]
fn dangerous_and_foreign_bytes_are_refused() {
    let package = Package::open(&general()).unwrap();
    let hash = package.hash();
    let packed = embed::pack(&package).unwrap();
    assert!(refusal(b"", hash).contains("not a zip archive"));
    for length in [packed.len() / 2, packed.len() - 1, 30] {
        assert!(refusal(&packed[..length], hash).contains("not a zip archive, or is damaged"), "{length}");
    }
    for name in ["../evil", "a/../../evil", "/evil", "..\\evil", "C:\\evil", "c:evil"] {
        let error = refusal(&zip_of_echo("", &[(name, b"x")]), hash);
        assert!(error.contains("leads out of its folder") && error.contains(name), "{name}: {error}");
    }
    assert!(refusal(&zip_of(&[("encoder.onnx", b"x")]), hash).contains("no manifest.json"));
    assert!(refusal(&zip_of_echo("", &[("b/manifest.json", b"x")]), hash).contains("several packages"));
    let many: Vec<String> = (0..300).map(|n| format!("{n}.txt")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(refusal(&zip_of_echo("", &many), hash).contains("304 files"));
    let other = "0".repeat(64);
    let error = refusal(&packed, &other);
    assert!(error.contains(&other) && error.contains(hash) && error.contains("“echo”"), "{error}");
    for not_a_hash in ["", "../../evil", &hash[1..], &hash.to_uppercase()] {
        assert!(refusal(&packed, not_a_hash).contains("no SHA-256"), "{not_a_hash}");
    }
    let mut parts = FILES.map(|name| (name, fs::read(general().join(name)).unwrap()));
    let incomplete: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    assert!(refusal(&zip_of(&incomplete[..3]), hash).contains("parity.f32"));
    parts[2].1[100] ^= 1;
    let forged: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    assert!(refusal(&zip_of(&forged), hash).contains("SHA-256"), "the manifest's hash alone is not enough");
}

#[test]
fn a_bomb_is_refused_whether_it_declares_its_size_or_not() {
    let package = Package::open(&general()).unwrap();
    let zeros = vec![0; (embed::MAX_EMBEDDED_BYTES + 1) as usize];
    let honest = zip_of_echo("", &[("bomb", &zeros)]);
    assert!(honest.len() < 1 << 20);
    assert!(refusal(&honest, package.hash()).contains("at most 24 MiB"));
    // The declared size, in the local header and in the directory, is a lie.
    let mut lying = honest;
    let size = (zeros.len() as u32).to_le_bytes();
    let places: Vec<usize> = lying.windows(4).enumerate().filter(|(_, w)| *w == size).map(|(at, _)| at).collect();
    assert!(places.len() >= 2, "{places:?}");
    for at in places {
        lying[at..at + 4].copy_from_slice(&10u32.to_le_bytes());
    }
    let error = refusal(&lying, package.hash());
    assert!(error.contains("at most 24 MiB") || error.contains("damaged"), "{error}");
    // And the other way round: a size beyond all limits, declared for a few bytes.
    let mut boasting = zip_of_echo("", &[("bomb", b"twelve bytes")]);
    let places: Vec<usize> =
        boasting.windows(4).enumerate().filter(|(_, w)| *w == 12u32.to_le_bytes()).map(|(at, _)| at).collect();
    for at in places {
        boasting[at..at + 4].copy_from_slice(&0xfff0_0000u32.to_le_bytes());
    }
    refusal(&boasting, package.hash());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Some bytes of a good archive are changed or cut away: an error or the very package, never a crash or anything
    /// outside its folder.
    #[test]
    fn damage_never_passes_unnoticed(cut in 0.0..1.0f64, flips in prop::collection::vec((0.0..1.0f64, 1u8..), 0..4)) {
        let package = Package::open(&general()).unwrap();
        let mut bytes = embed::pack(&package).unwrap();
        for (at, mask) in flips {
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] ^= mask;
        }
        if cut > 0.5 {
            bytes.truncate((cut * bytes.len() as f64) as usize);
        }
        let outer = tempfile::tempdir().unwrap();
        let embedded = outer.path().join("embedded");
        if let Ok(target) = embed::unpack_into(&embedded, &bytes, package.hash()) {
            prop_assert_eq!(Package::open(&target).unwrap().read_all().unwrap(), package.read_all().unwrap());
        }
        prop_assert!(everything_in(outer.path()).iter().all(|path| path.starts_with(&embedded)));
    }
}

#[test]
fn a_folder_and_an_archive_are_imported_once_and_versions_stay_apart() {
    let outer = tempfile::tempdir().unwrap();
    let models = outer.path().join("models");
    let first = import_into(&models, &general()).unwrap();
    assert_eq!(first.folder(), models.join("echo"));
    let archive = outer.path().join("echo.zip");
    // As archivers make them: in a folder, with files of their own.
    fs::write(&archive, zip_of_echo("echo/", &[("__MACOSX/._x", b"x"), ("echo/sounds/a.wav", b"x")])).unwrap();
    assert_eq!(import_into(&models, &archive).unwrap().folder(), first.folder(), "the same version is there already");
    let edited = outer.path().join("edited");
    copy(&general(), &edited);
    let manifest = fs::read_to_string(edited.join("manifest.json")).unwrap();
    fs::write(edited.join("manifest.json"), format!("{manifest}\n")).unwrap();
    let second = import_into(&models, &edited).unwrap();
    assert_eq!(second.folder(), models.join(format!("echo-{}", &second.hash()[..8])));
    assert_eq!(import_into(&models, &edited).unwrap().folder(), second.folder());
    assert_eq!(Package::open(&models.join("echo")).unwrap().hash(), first.hash(), "nothing is overwritten");
    assert_eq!(everything_in(&models).len(), 2 * 5, "two folders of four files");
    fs::write(second.folder().join("decoder.onnx"), "mine").unwrap();
    assert!(matches!(import_into(&models, &edited).unwrap_err(), ImportError::Occupied(_)));
}

#[test]
fn what_the_doctor_speaks_against_is_not_imported() {
    let outer = tempfile::tempdir().unwrap();
    let models = outer.path().join("models");
    let sick = outer.path().join("sick");
    copy(&general(), &sick);
    fs::write(sick.join("parity.f32"), "x").unwrap();
    let error = import_into(&models, &sick).unwrap_err().to_string();
    assert!(error.contains("was not installed") && error.contains("parity.f32"), "{error}");
    let archive = outer.path().join("sick.zip");
    fs::write(&archive, "no archive").unwrap();
    let error = import_into(&models, &archive).unwrap_err().to_string();
    assert!(error.contains("sick.zip") && error.contains("not a zip archive"), "{error}");
    fs::write(&archive, zip_of_echo("", &[("../../evil", b"x")])).unwrap();
    assert!(import_into(&models, &archive).unwrap_err().to_string().contains("leads out of its folder"));
    let error = import_into(&models, &outer.path().join("nowhere.zip")).unwrap_err().to_string();
    assert!(error.contains("nowhere.zip") && error.contains("cannot be read"), "{error}");
    assert!(everything_in(&models).is_empty(), "{:?}", everything_in(&models));
}

#[cfg(target_os = "linux")]
#[test]
fn the_program_imports_and_then_lists_and_the_catalogue_finds_what_a_project_brought() {
    let data = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut program = program::program();
        program.args(arguments).arg("--json").env("XDG_DATA_HOME", data.path()).env_remove("TIMBRELOOM_MODELS");
        let output = program.output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let imported = run(&["import", general().to_str().unwrap()]);
    assert_eq!(imported["name"], "echo");
    let folder = data.path().join("timbreloom").join("models").join("echo");
    assert_eq!(imported["folder"], folder.to_str().unwrap());
    let lists = |folder: &Path| {
        let models = run(&["models"]);
        models["models"].as_array().unwrap().iter().any(|model| model["folder"] == folder.to_str().unwrap())
    };
    assert!(lists(&folder));
    let package = Package::open(&general()).unwrap();
    let embedded = data.path().join("timbreloom").join("embedded");
    let target = embed::unpack_into(&embedded, &embed::pack(&package).unwrap(), package.hash()).unwrap();
    assert!(lists(&target));
    fs::rename(&target, embedded.join(".unpacking-x")).unwrap();
    assert!(!lists(&embedded.join(".unpacking-x")), "a half-made package is not offered");
    assert!(run(&["import", "nowhere"])["error"].as_str().unwrap().contains("cannot be read"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_project_brings_its_model_to_where_it_is_not_installed() {
    let data = tempfile::tempdir().unwrap();
    let mut task = helper::task("open-project");
    let said = helper::succeed(task.env("XDG_DATA_HOME", data.path()).env_remove("TIMBRELOOM_MODELS"));
    assert!(said.contains("opened"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn bytes_of_another_kind_do_not_silence_the_instrument_where_another_version_is_installed() {
    let package = Package::open(&general()).unwrap();
    let brought = Embedded::of(&package).unwrap();
    let load = |name: &str| {
        let request = ModelRequest { name: name.into(), hash: package.hash().to_owned() };
        loader::load_codes(&request, Some(&brought))
    };
    assert!(load("horn-codes").unwrap().remarks[0].contains("another version of “horn-codes”"));
    let error = load("nowhere-codes").unwrap_err().to_string();
    let words = "the package “echo” that this project brings along for “nowhere-codes” is a latent space, and here codebooks \
                 are played";
    assert!(error.contains(words), "{error}");
}

#[test]
fn an_import_that_was_broken_off_goes_with_the_next_one() {
    let models = tempfile::tempdir().unwrap();
    let left = models.path().join(".importing-abc");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("half a model"), "x").unwrap();
    fs::write(left.join(".lock"), "").unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(600);
    #[cfg(unix)]
    fs::File::open(&left).unwrap().set_modified(long_ago).unwrap();
    #[cfg(windows)]
    let _ = long_ago;
    let package = import_into(models.path(), &general()).unwrap();
    let there: Vec<PathBuf> = fs::read_dir(models.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    if cfg!(unix) {
        assert_eq!(there, [package.folder()]);
    }
}

#[cfg(unix)]
#[test]
fn what_projects_brought_along_is_kept_up_to_a_bound_the_latest_first() {
    let embedded = tempfile::tempdir().unwrap();
    let now = std::time::SystemTime::now();
    let old = |n: u64| embedded.path().join(format!("{n:064x}"));
    let make = |folder: &Path, bytes: u64, asked_s_ago: u64| {
        fs::create_dir(folder).unwrap();
        fs::File::create_new(folder.join("graph")).unwrap().set_len(bytes).unwrap();
        let asked = now - std::time::Duration::from_secs(asked_s_ago);
        fs::File::open(folder).unwrap().set_modified(asked).unwrap();
    };
    for n in 0..100 {
        make(&old(n), 10, 1000 - n);
    }
    make(&embedded.path().join("a musician's own"), 10, 5000);
    let package = Package::open(&general()).unwrap();
    let bytes = embed::pack(&package).unwrap();
    let unpacked = embed::unpack_into(embedded.path(), &bytes, package.hash()).unwrap();
    assert!(unpacked.is_dir() && embedded.path().join("a musician's own").is_dir());
    let kept: Vec<u64> = (0..100).filter(|n| old(*n).is_dir()).collect();
    assert_eq!(kept, (37..100).collect::<Vec<_>>(), "64 with the new one");

    // By their bytes too (sparse files, that take no place).
    make(&old(200), 700 << 20, 20);
    make(&old(201), 700 << 20, 10);
    fs::remove_dir_all(&unpacked).unwrap();
    embed::unpack_into(embedded.path(), &bytes, package.hash()).unwrap();
    assert!(!old(200).is_dir() && old(201).is_dir() && !old(99).is_dir());

    // Asked for again, it is the latest.
    let long_ago = now - std::time::Duration::from_secs(5000);
    fs::File::open(&unpacked).unwrap().set_modified(long_ago).unwrap();
    embed::unpack_into(embedded.path(), &bytes, package.hash()).unwrap();
    assert!(unpacked.metadata().unwrap().modified().unwrap() > now - std::time::Duration::from_secs(5));
}
