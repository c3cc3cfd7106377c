#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;
use crate::grains::bands::BANDS;
use crate::grains::features::COLUMNS;
use crate::grains::onset::ONSET_FRAMES;
use crate::grains::schedule::{RATE_HZ, times};
use crate::grains::slots::{SLOTS, Slots};
use crate::grains::synth::{GrainSynth, Grains};
use crate::model::doctor::{Diagnosis, Health};
use crate::model::kinds::{self, Kind, Package};
use crate::model::package::{Admitted, PackageKind};
use crate::model::provider::ProviderChoice;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn tick() -> GrainsPackage {
    GrainsPackage::open(&fixture("granular")).unwrap()
}

/// How loud the fixture's onsets are: a number in its graph.
const ONSET_GAIN: f32 = 0.125;

/// A copy of the fixture to break.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(fixture("granular")).unwrap().flatten() {
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Changes the manifest.
    fn edit(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut manifest = serde_json::from_slice(&fs::read(self.path("manifest.json")).unwrap()).unwrap();
        change(&mut manifest);
        fs::write(self.path("manifest.json"), serde_json::to_vec(&manifest).unwrap()).unwrap();
        self
    }

    /// Changes a file, and has the manifest agree with it.
    fn forge(self, key: &str, file: &str, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut bytes = fs::read(self.path(file)).unwrap();
        change(&mut bytes);
        fs::write(self.path(file), &bytes).unwrap();
        self.edit(|manifest| manifest[key]["sha256"] = format!("{:x}", Sha256::digest(&bytes)).into())
    }

    /// Changes numbers of the tables or the example.
    fn with_numbers(self, key: &str, change: impl FnOnce(&mut Vec<f32>)) -> Self {
        self.forge(key, &format!("{key}.f32"), |bytes| {
            let numbers = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            let mut numbers: Vec<f32> = numbers.collect();
            change(&mut numbers);
            *bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        })
    }

    /// Replaces numbers within a graph, all that are of this value.
    fn with_weights(self, graph: &str, from: f32, to: f32) -> Self {
        self.forge(graph, &format!("{graph}.onnx"), |bytes| {
            let (from, to) = (from.to_le_bytes(), to.to_le_bytes());
            let places: Vec<usize> = (0..bytes.len() - 4).filter(|&at| bytes[at..at + 4] == from).collect();
            assert!(!places.is_empty(), "{graph} has no such number");
            places.into_iter().for_each(|at| bytes[at..at + 4].copy_from_slice(&to));
        })
    }

    /// Makes the example again, so that it agrees with the onset and with what the decoder makes of its grains.
    fn with_its_own_example(self) -> Self {
        let package = GrainsPackage::open(self.0.path()).unwrap();
        let (parity, mut rows) = (package.read_parity().unwrap(), GrainRows::default());
        let (mut z, mut onset) = (Vec::new(), Vec::new());
        let mut model = GrainModel::load_apart(&package).unwrap();
        model.sequence(&parity.e, &parity.class, 440.0, &parity.middles, &mut z, &mut onset).unwrap();
        model.decode(&parity.z, &parity.class, 440.0, &parity.middles, &mut rows).unwrap();
        let GrainRows { density_db, level_db, place } = &rows;
        let grains = Grains { density_db, level_db, place, middles: &parity.middles, onset: &onset };
        let sound = GrainSynth::new().synthesise(grains, package.slots(440.0), parity.sound.len(), parity.seed);
        self.with_numbers("parity", |numbers| {
            let made = [&density_db[..], level_db, place, &onset, &sound].concat();
            let first = numbers.len() - made.len();
            numbers[first..].copy_from_slice(&made);
        })
    }

    fn examine(&self) -> Result<Health, Diagnosis> {
        examine(self.0.path())
    }

    #[track_caller]
    fn says(&self, words: &[&str]) {
        let said = self.examine().expect_err(words[0]).to_string();
        for word in words {
            assert!(said.contains(word), "“{word}” is not in: {said}");
        }
    }
}

fn examine(folder: &Path) -> Result<Health, Diagnosis> {
    kinds::examine(folder, &ProviderChoice::CPU)
}

#[test]
fn models_with_and_without_a_pitch_are_healthy_and_make_what_their_maker_made() {
    for (folder, name) in [("granular", "tick"), ("granular-pitched", "tock")] {
        let health = examine(&fixture(folder)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((&*health.name, health.stage, health.codes, health.model_latency_frames), (name, None, None, 0));
        assert!(health.parity_error < 1e-3 && (1e-3..4.0).contains(&health.peak), "{health:?}");
        let classes = health.classes.as_ref().unwrap();
        assert_eq!(classes.iter().map(|class| &*class.name).collect::<Vec<_>>(), ["kick", "hat"]);
        assert!(classes.iter().all(|class| class.times_real_time >= health.times_real_time), "{health:?}");
        assert!(health.times_real_time > 0.0, "{health:?}");
    }
}

#[test]
fn a_manifest_that_makes_no_sense_is_told_by_key_expectation_and_finding() {
    /// How it is made wrong, and the words to expect.
    type Case = (Box<dyn Fn(&mut Value)>, &'static [&'static str]);
    let cases: Vec<Case> = vec![
        (Box::new(|m| m["classes"] = json!([])), &["“classes”", "1 to 32", "is 0"]),
        (Box::new(|m| m["classes"] = json!(vec!["x"; 33])), &["“classes”", "1 to 32", "is 33"]),
        (Box::new(|m| m["classes"] = json!(["kick", ""])), &["“classes”", "names of 1 to 32 characters"]),
        (Box::new(|m| m["classes"] = json!(["kick", "x".repeat(33)])), &["“classes”", "names of 1 to 32 characters"]),
        (Box::new(|m| m["classes"] = json!(["kick", "hat\n"])), &["“classes”", "names of 1 to 32 characters"]),
        (Box::new(|m| m["classes"] = json!(["kick", "kick"])), &["“classes”", "names that differ", "kick, kick"]),
        (Box::new(|m| m["embedding"] = json!(33)), &["“embedding”", "2 to 32", "is 33"]),
        (Box::new(|m| m["embedding"] = json!(1)), &["“embedding”", "2 to 32", "is 1"]),
        (Box::new(|m| m["latent"] = json!(65)), &["“latent”", "2 to 64", "is 65"]),
        (Box::new(|m| m["partials"] = json!("spokes")), &["“partials”", "“slots” or “harmonics”", "is spokes"]),
        (
            Box::new(|m| m["pitch"] = json!({"min_hz": 100, "max_hz": 200})),
            &["“pitch”", "null with “slots”", "is a range"],
        ),
        (Box::new(|m| m["partials"] = json!("harmonics")), &["“pitch”", "a range with “harmonics”", "is null"]),
        (Box::new(|m| m["length_s"] = json!([0.1])), &["“length_s”", "2 finite numbers", "1 values"]),
        (Box::new(|m| m["length_s"] = json!([0.1, 6.5])), &["“length_s”", "0.05 to 6", "is 6.5"]),
        (Box::new(|m| m["length_s"] = json!([0.01, 1])), &["“length_s”", "0.05 to 6", "is 0.01"]),
        (Box::new(|m| m["cloud"] = json!(401)), &["“cloud”", "1 to 400", "is 401"]),
        (Box::new(|m| m["grains"] = json!(4001)), &["“grains”", "1 to 4000", "is 4001"]),
        (Box::new(|m| m["sample_rate_hz"] = json!(48_000)), &["“sample_rate_hz”", "44100", "is 48000"]),
        (Box::new(|m| m["parity"]["grains"] = json!(2049)), &["“parity.grains”", "2 to 2048", "is 2049"]),
        (Box::new(|m| m["parity"]["tolerance"] = json!(0.5)), &["“parity.tolerance”", "0 to 0.1", "is 0.5"]),
        (Box::new(|m| m["sequence"]["file"] = json!("../x")), &["“sequence.file”", "without a folder", "is ../x"]),
        (Box::new(|m| m["hit_encoder"]["sha256"] = json!("ab")), &["“hit_encoder.sha256”", "64 hex", "is ab"]),
        (Box::new(|m| m["tables"]["more"] = json!(1)), &["“tables.more”", "unknown field"]),
        (Box::new(|m| m["colour"] = json!("red")), &["unknown field `colour`"]),
        (Box::new(|m| drop(m.as_object_mut().unwrap().remove("latent"))), &["missing field `latent`"]),
        (Box::new(|m| m["latent"] = json!("3")), &["“latent”", "string"]),
    ];
    for (change, words) in cases {
        Copy::new().edit(change).says(&[words, &["manifest.json", "xport"]].concat());
    }
}

#[test]
fn tables_that_are_damaged_are_told_by_list() {
    // Hits of two classes; the axes, the middle, the points and the classes of the cloud.
    let [grain_axes, grain_middle, cloud, classes] = [40, 46, 49, 70];
    /// What is wrong, and the words to expect.
    type Case = (Box<dyn Fn(&mut Vec<f32>)>, &'static [&'static str]);
    let cases: Vec<Case> = vec![
        (Box::new(|t| t[0] = f32::NAN), &["“hits”", "-100 to 100"]),
        (Box::new(|t| t[39] = 1e9), &["“hits”", "-100 to 100"]),
        (Box::new(move |t| t[grain_axes] = f32::NAN), &["“grain axes”"]),
        (Box::new(move |t| t[grain_middle] = f32::NAN), &["“grain middle”"]),
        (Box::new(move |t| t[cloud] = f32::NEG_INFINITY), &["“grain cloud”"]),
        (Box::new(move |t| t[classes] = 2.0), &["“grain classes”", "below 2"]),
        (Box::new(move |t| t[classes] = 0.5), &["“grain classes”", "below 2"]),
        (Box::new(move |t| t[classes] = -1.0), &["“grain classes”", "below 2"]),
        (Box::new(|t| t.push(0.0)), &["“tables.file”", "308 bytes by the manifest", "is 312 bytes"]),
    ];
    for (change, words) in cases {
        Copy::new().with_numbers("tables", change).says(&[words, &["tables.f32", "xport"]].concat());
    }
    let damaged = Copy::new();
    fs::write(damaged.path("tables.f32"), b"damaged").unwrap();
    damaged.says(&["tables.f32", "SHA-256", "damaged"]);
    Copy::new().edit(|m| m["cloud"] = json!(6)).says(&["tables.f32", "“tables.file”", "340 bytes by the manifest"]);
}

#[test]
fn hits_and_cloud_are_those_of_the_file() {
    let tables = tick().read_tables().unwrap();
    assert_eq!(tables.hits.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20]);
    let Cloud { middle, axes, grains, classes } = &tables.cloud;
    assert_eq!((middle.len(), axes.each_ref().map(Vec::len), grains.len()), (3, [3, 3], 21));
    assert_eq!(classes, &[0, 1, 0, 1, 0, 1, 0]);
}

#[test]
fn an_example_that_makes_no_sense_is_told_by_list() {
    // Four of the embedding, two shares; then the frames.
    /// What is wrong, and the words to expect.
    type Case = (Box<dyn Fn(&mut Vec<f32>)>, &'static [&'static str]);
    let cases: Vec<Case> = vec![
        (Box::new(|p| p[0] = f32::NAN), &["“parity e”"]),
        (Box::new(|p| p[4] = 0.8), &["“parity class”", "add up to 1"]),
        (Box::new(|p| p[6] = 1.0), &["“parity frames”", "24 whole numbers, rising from 0"]),
        (Box::new(|p| p[8] = p[7]), &["“parity frames”"]),
        (Box::new(|p| p[7] = 16.5), &["“parity frames”"]),
        (Box::new(|p| p[29] = f32::NAN), &["“parity frames”"]),
        (Box::new(|p| p[29] = 1e9), &["“parity frames”", "at most 265112"]),
        (Box::new(|p| p.truncate(20)), &["“parity frames”"]),
        (Box::new(|p| p[30] = f32::NAN), &["“parity z”"]),
        (Box::new(|p| p[102] = f32::INFINITY), &["“parity densities”"]),
        (Box::new(|p| p[30 + 72 + 24 * 224] = f32::NAN), &["“parity onset”"]),
        (Box::new(|p| *p.last_mut().unwrap() = f32::NAN), &["“parity sound”"]),
        (Box::new(|p| p.truncate(p.len() - 1)), &["“parity.grains”", "bytes by the manifest"]),
    ];
    for (change, words) in cases {
        Copy::new().with_numbers("parity", change).says(&[words, &["parity.f32", "xport"]].concat());
    }
}

#[test]
fn a_model_that_makes_something_else_than_its_makers_is_refused_by_part() {
    let (z, density, level, place) = (30, 30 + 72, 30 + 72 + 24 * 96, 30 + 72 + 24 * (96 + 64));
    for (at, by, part) in [
        (z, 0.01, "grains"),
        (density, 1.0, "densities"),
        (level, 1.0, "levels"),
        (place, 0.01, "places"),
        (place + 24 * 64, 0.01, "onset"),
    ] {
        Copy::new().with_numbers("parity", |p| p[at] += by).says(&["differs by", &format!("({part})")]);
    }
    Copy::new().with_numbers("parity", |p| *p.last_mut().unwrap() += 0.01).says(&["differs by", "(sound)"]);
    // The seed is its noise's.
    Copy::new().edit(|m| m["parity"]["seed"] = json!(12)).says(&["differs by", "(sound)"]);
}

#[test]
fn a_graph_whose_tensors_are_others_is_told_by_file_and_tensor() {
    let decoder = fs::read(fixture("granular").join("decoder.onnx")).unwrap();
    let swapped = |graph: &str, file: &str| Copy::new().forge(graph, file, |bytes| bytes.clone_from(&decoder));
    swapped("sequence", "sequence.onnx").says(&["sequence.onnx", "“e”", "float32 [batch, 4]", "missing"]);
    swapped("grain_encoder", "grain_encoder.onnx").says(&["grain_encoder.onnx", "“features”", "missing"]);
    swapped("hit_encoder", "hit_encoder.onnx").says(&["hit_encoder.onnx", "“features”", "float32 [grains, 224]"]);
    let told = |mut package: GrainsPackage, change: fn(&mut GrainsPackage)| {
        change(&mut package);
        session::making(&package).err().unwrap().to_string()
    };
    let error = told(tick(), |package| package.latent = 4);
    assert!(error.contains("sequence.onnx") && error.contains("“z” should be float32 [grains, 4]"), "{error}");
    let error = told(tick(), |package| package.pitch = tock().pitch);
    assert!(error.contains("“pitch” should be float32 [batch], but is missing"), "{error}");
    let error = told(tock(), |package| package.pitch = None);
    assert!(error.contains("it asks for the inputs e, class, frame, pitch"), "{error}");
    // Of a model that makes no onset, and one that hears none.
    let renamed = |graph: &str, name: &[u8]| {
        Copy::new().forge(graph, &format!("{graph}.onnx"), |bytes| {
            let places: Vec<usize> =
                (0..bytes.len() - name.len()).filter(|&at| bytes[at..].starts_with(name)).collect();
            assert!(!places.is_empty());
            places.into_iter().for_each(|at| bytes[at] = b'x');
        })
    };
    renamed("sequence", b"onset").says(&["sequence.onnx", "“onset” should be float32 [batch, 2048], but is missing"]);
    let copy = renamed("hit_encoder", b"wave");
    copy.says(&["hit_encoder.onnx", "“wave” should be float32 [batch, 2048], but is missing"]);
}

fn tock() -> GrainsPackage {
    GrainsPackage::open(&fixture("granular-pitched")).unwrap()
}

#[test]
fn a_graph_that_gives_no_numbers_is_an_error_with_file_and_tensor_and_no_panic() {
    Copy::new().with_weights("decoder", -40.0, f32::NAN).says(&["decoder.onnx", "“density_db”", "not numbers"]);
    Copy::new().with_weights("sequence", 0.01, f32::NAN).says(&["sequence.onnx", "“z”", "not numbers"]);
    Copy::new().with_weights("sequence", ONSET_GAIN, f32::NAN).says(&["sequence.onnx", "“onset”", "not numbers"]);
    // The encoders are loaded when they are wanted, so the others play.
    let copy = Copy::new().with_weights("hit_encoder", 0.01, f32::INFINITY);
    let package = GrainsPackage::open(copy.0.path()).unwrap();
    let mut model = GrainModel::load_apart(&package).unwrap();
    let (middles, class, mut z, mut onset) = (times(2205), [1.0, 0.0], Vec::new(), Vec::new());
    let (features, wave) = (vec![-60.0; middles.len() * COLUMNS], [0.1; ONSET_FRAMES]);
    model.encode_grains(&features, &class, 440.0, &middles, &mut z).unwrap();
    assert_eq!(z.len(), middles.len() * 3);
    let error = model.encode_hit(&features, &wave, &class, 440.0, &middles).unwrap_err().to_string();
    assert!(error.contains("hit_encoder.onnx") && error.contains("not numbers"), "{error}");
    model.sequence(&[0.0; 4], &class, 440.0, &middles, &mut z, &mut onset).unwrap();
}

#[test]
fn calls_of_other_sizes_are_errors_and_the_next_call_is_well() {
    let mut model = GrainModel::load_apart(&tick()).unwrap();
    let (middles, class, mut z, mut onset) = (times(2205), [0.5, 0.5], Vec::new(), Vec::new());
    for (e, class) in [(&[0.0; 3][..], &class[..]), (&[0.0; 4], &[1.0])] {
        assert!(model.sequence(e, class, 440.0, &middles, &mut z, &mut onset).is_err());
    }
    for count in [0, MAX_GRAINS + 1] {
        let middles: Vec<usize> = (0..count).collect();
        let error = model.sequence(&[0.0; 4], &class, 440.0, &middles, &mut z, &mut onset).unwrap_err().to_string();
        assert!(error.contains("sequence.onnx") && error.contains(&format!("{count} grains")), "{error}");
    }
    assert!(model.decode(&[0.0; 9], &class, 440.0, &middles, &mut GrainRows::default()).is_err());
    let features = vec![-60.0; middles.len() * COLUMNS];
    for frames in [0, ONSET_FRAMES - 1, ONSET_FRAMES + 1] {
        assert!(model.encode_hit(&features, &vec![0.1; frames], &class, 440.0, &middles).is_err());
    }
    model.encode_hit(&features, &[0.1; ONSET_FRAMES], &class, 440.0, &middles).unwrap();
    model.sequence(&[0.0; 4], &class, 440.0, &middles, &mut z, &mut onset).unwrap();
    let most: Vec<usize> = (0..MAX_GRAINS).collect();
    model.sequence(&[0.0; 4], &class, 440.0, &most, &mut z, &mut onset).unwrap();
    assert_eq!((z.len(), onset.len()), (MAX_GRAINS * 3, ONSET_FRAMES));
}

#[test]
fn the_class_the_embedding_and_the_pitch_are_heard_and_a_pitch_that_is_none_is_an_error() {
    let mut model = GrainModel::load_apart(&tock()).unwrap();
    let middles = times(2205);
    let mut way = |e: f32, class: [f32; 2], f0_hz: f32| {
        let (mut z, mut onset) = (Vec::new(), Vec::new());
        model.sequence(&[e, 0.0, 0.0, 0.0], &class, f0_hz, &middles, &mut z, &mut onset).map(|()| (z, onset))
    };
    let plain = way(0.0, [1.0, 0.0], 220.0).unwrap();
    assert_eq!(way(0.0, [1.0, 0.0], 220.0).unwrap(), plain, "the same call gives the same");
    for other in [way(1.0, [1.0, 0.0], 220.0), way(0.0, [0.6, 0.4], 220.0), way(0.0, [1.0, 0.0], 230.0)] {
        let other = other.unwrap();
        assert!(other.0 != plain.0 && other.1 != plain.1);
    }
    assert!(way(0.0, [1.0, 0.0], f32::NAN).is_err());
    assert_eq!([tock(), tick()].map(|package| package.slots(220.0)), [Slots::Harmonics { f0_hz: 220.0 }, Slots::Erb]);
}

#[test]
fn an_encoded_hit_has_an_embedding_and_shares_of_the_classes() {
    let mut model = GrainModel::load_apart(&tick()).unwrap();
    let middles = times(2205);
    let (features, wave) = (vec![-60.0; middles.len() * COLUMNS], [0.1; ONSET_FRAMES]);
    let mut heard = |class: [f32; 2], wave: &[f32]| model.encode_hit(&features, wave, &class, 440.0, &middles).unwrap();
    let [first, second] = [[1.0, 0.0], [0.0, 1.0]].map(|class| heard(class, &wave));
    assert_eq!((first.0.len(), first.1.len()), (4, 2));
    assert!((first.1.iter().sum::<f32>() - 1.0).abs() < 1e-3);
    assert_eq!(first.1, second.1, "whatever the class");
    assert_ne!(first.0, second.0);
    let other = heard([1.0, 0.0], &[0.0; ONSET_FRAMES]);
    assert!(other.0 != first.0 && other.1 != first.1, "the first wave is heard");
    // Shares that are none: of a softmax that is left out.
    let copy = Copy::new().forge("hit_encoder", "hit_encoder.onnx", |bytes| {
        let at = bytes.windows(7).position(|part| part == b"Softmax").unwrap();
        bytes[at..at + 7].copy_from_slice(b"Sigmoid");
    });
    copy.says(&["hit_encoder.onnx", "“kind” should be shares that add up to 1"]);
}

#[test]
fn a_hit_that_is_silent_or_would_hurt_is_refused_by_class() {
    let grains_are_silent =
        || Copy::new().with_weights("decoder", -40.0, -240.0).with_weights("decoder", -26.0, -240.0);
    let silent = grains_are_silent().with_weights("sequence", ONSET_GAIN, 0.0).with_its_own_example();
    silent.says(&["the middle hit of “kick” is silent", "nothing would be heard"]);
    let loud = Copy::new().with_weights("decoder", -40.0, 40.0).with_its_own_example();
    loud.says(&["the middle hit of “kick” reaches a peak of", "it would hurt"]);
    let struck = grains_are_silent().with_weights("sequence", ONSET_GAIN, 100.0).with_its_own_example();
    struck.says(&["the middle hit of “kick” reaches a peak of 10.0", "it would hurt"]);
}

#[test]
fn it_is_neither_played_in_the_effect_nor_taken_for_codes_and_a_codebook_is_no_grain_model() {
    let package = Package::open(&fixture("granular")).unwrap();
    assert_eq!((package.kind(), package.kind().names()), (Kind::Grains, ["a grain model", "grain models"]));
    assert!(!Kind::OF_EFFECT.contains(&package.kind()));
    let run = |hash: &str| package.run(&Admitted::by_examiner(hash), &ProviderChoice::CPU).err().unwrap();
    let refused = run(package.hash());
    assert!(matches!(refused, Diagnosis::ForDrums { .. }) && refused.to_string().contains("Timbreloom Drums plays it"));
    assert!(matches!(run("another"), Diagnosis::NotAdmitted { .. }));
    let other = GrainModel::load_admitted(&Admitted::by_examiner("another"), &tick());
    assert!(matches!(other, Err(Diagnosis::NotAdmitted { .. })));
    let error = package.into_codes().unwrap_err().to_string();
    assert!(error.contains("“kind” should be “discrete”, but is granular"), "{error}");
    let codes = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/horn-codes");
    let error = Package::open(&codes).unwrap().into_grains().unwrap_err().to_string();
    assert!(error.contains("“kind” should be “granular”, but is discrete"), "{error}");
    assert_eq!(Package::open(&fixture("granular")).unwrap().into_grains().unwrap().classes, ["kick", "hat"]);
}

#[test]
fn all_its_files_travel_with_it() {
    let package = tick();
    let mut names: Vec<String> = package.read_all().unwrap().into_iter().map(|(name, _)| name).collect();
    names.sort();
    let all =
        ["decoder.onnx", "grain_encoder.onnx", "hit_encoder.onnx", "manifest.json", "parity.f32", "sequence.onnx"];
    assert_eq!(names, [&all[..], &["tables.f32"]].concat());
    assert_eq!(package.in_a_list(), "2 kinds of hits, 44100 Hz, for Timbreloom Drums");
    let summary = package.summary();
    assert_eq!((summary.classes, summary.codes, summary.stage, summary.dims), (Some(2), None, None, 4));
}

#[test]
fn rows_are_as_long_as_the_hit_and_grow_and_shrink_with_it() {
    let mut model = GrainModel::load_apart(&tick()).unwrap();
    let (mut z, mut onset, mut rows) = (Vec::new(), Vec::new(), GrainRows::default());
    for length_s in [0.05, 0.5, 0.05] {
        let middles = times((length_s * RATE_HZ) as usize);
        model.sequence(&[0.3; 4], &[0.0, 1.0], 440.0, &middles, &mut z, &mut onset).unwrap();
        model.decode(&z, &[0.0, 1.0], 440.0, &middles, &mut rows).unwrap();
        let counts = [rows.density_db.len() / BANDS, rows.level_db.len() / SLOTS, rows.place.len() / SLOTS];
        assert_eq!(counts, [middles.len(); 3]);
    }
}
