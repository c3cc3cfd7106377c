//! The program on real files: the same samples whatever the block, and sentences for what cannot be used.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

mod common;
#[path = "common/program.rs"]
mod program;

use std::path::Path;

use common::package::{alter, copy, general, root};
use common::sounds::{self, first_difference, rms};
use program::{fail, json, program, run, succeed};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn samples(path: &str) -> Vec<f32> {
    hound::WavReader::open(path).unwrap().samples::<f32>().map(Result::unwrap).collect()
}

/// A folder with two seconds of the sung line, and the place of what is made of it.
struct Folder {
    folder: tempfile::TempDir,
    input: String,
    output: String,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| text(&folder.path().join(name)).to_owned();
        let (input, output) = (at("sung.wav"), at("out.wav"));
        let mut reader = hound::WavReader::open(root().join("tests/fixtures/sung.wav")).unwrap();
        let mut writer = hound::WavWriter::create(&input, reader.spec()).unwrap();
        for sample in reader.samples::<i16>().take(88_200) {
            writer.write_sample(sample.unwrap()).unwrap();
        }
        writer.finalize().unwrap();
        Self { folder, input, output }
    }

    fn at(&self, name: &str) -> String {
        text(&self.folder.path().join(name)).to_owned()
    }

    fn sung(&self) -> Vec<f32> {
        sounds::read(self.input.as_ref())
    }

    /// What a transfer with these options makes, and what it says.
    fn transfer(&self, options: &[&str]) -> (Vec<f32>, String) {
        let said = succeed(&[&["transfer", &self.input, "-o", &self.output, "--format", "f32"], options].concat());
        (samples(&self.output), said)
    }

    fn render(&self, options: &[&str]) -> Vec<f32> {
        self.transfer(options).0
    }

    /// What a transfer with these options complains about.
    fn fail(&self, options: &[&str]) -> String {
        fail(&[&["transfer", &self.input, "-o", &self.output], options].concat())
    }
}

#[test]
fn a_transfer_gives_the_same_samples_in_blocks_of_every_size() {
    let folder = Folder::new();
    let whole = folder.render(&["--block", "512"]);
    assert_eq!(whole.len(), 88_200);
    assert!(rms(&whole) > 0.01);
    for block in ["1", "64", "333", "4096"] {
        let made = folder.render(&["--block", block]);
        assert_eq!(first_difference(&made, &whole), None, "blocks of {block} change the sound");
    }
}

#[test]
fn encode_and_decode_give_the_sound_of_a_transfer_and_stability_calms_both() {
    let folder = Folder::new();
    let (path, decoded) = (folder.at("path.json"), folder.at("decoded.wav"));
    let mut restless = Vec::new();
    for (options, stability) in [(&[][..], "0"), (&["--stability", "30"], "30")] {
        succeed(&[&["encode", &folder.input, "-m", "cello", "-o", &path], options].concat());
        let written: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let rows = written["latent"].as_array().unwrap();
        let first: Vec<f64> = rows.iter().map(|row| row[0].as_f64().unwrap()).collect();
        restless.push(first.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum::<f64>() / first.len() as f64);
        succeed(&["decode", &path, "-o", &decoded, "--format", "f32"]);
        let (decoded, direct) = (samples(&decoded), folder.render(&["--stability", stability]));
        // At the model's own rate a path, decoded with the same seed, is the transfer itself.
        assert!((direct.len()..direct.len() + 512).contains(&decoded.len()), "{} of {}", decoded.len(), direct.len());
        let apart = decoded.iter().zip(&direct).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart < 1e-4, "stability {stability}: {apart}");
    }
    assert!(restless[1] < 0.5 * restless[0], "{restless:?}");
}

/// The fixture plays what it heard a hop ago, and has no source of its own.
#[test]
fn a_general_model_shapes_the_inputs_sound_and_a_path_alone_brings_none() {
    let (folder, general) = (Folder::new(), general());
    let (path, general) = (folder.at("path.json"), text(&general));
    assert!(folder.render(&["-m", general, "--scale", "1=0"]) == folder.sung(), "it is the input, aligned");
    succeed(&["encode", &folder.input, "-m", general, "-o", &path]);
    succeed(&["decode", &path, "-m", general, "-o", &folder.output, "--format", "f32"]);
    assert_eq!(rms(&samples(&folder.output)), 0.0);
    assert!(succeed(&["check", general]).contains("general stage"));
}

#[test]
fn an_input_is_never_written_over_and_sound_is_written_as_wav_alone() {
    let folder = Folder::new();
    let (input, output): (&str, &str) = (&folder.input, &folder.output);
    let before = std::fs::read(input).unwrap();
    let (again, path, goal) = (folder.at("./sung.wav"), folder.at("path.json"), format!("centroid={input}"));
    for arguments in [
        &["transfer", input, "-o", &again][..],
        &["transfer", input, "-o", output, "--plot", input],
        &["encode", input, "-o", input],
        &["target", "horn-codes", "-g", &goal, "-o", input],
        &["target", "horn-codes", "-g", &goal, "--plot", input],
        &["describe", input, "-o", input],
    ] {
        assert!(fail(arguments).contains("is an input, and would be lost"), "{arguments:?}");
    }
    for arguments in [
        &["transfer", input, "-o", output, "--plot", output][..],
        &["codebook", "horn-codes", "--csv", output, "--plot", output],
        &["traverse", "horn-codes", "-o", output, "--plot", output],
    ] {
        assert!(fail(arguments).contains("is to be written twice"), "{arguments:?}");
    }
    assert_eq!(std::fs::read(input).unwrap(), before);
    succeed(&["encode", input, "-o", &path]);
    assert!(fail(&["decode", &path, "-o", &path]).contains("is an input"));
    for output in ["sound.mp3", "sound"].map(|name| folder.at(name)) {
        assert!(fail(&["transfer", input, "-o", &output]).contains("ends in .wav"));
        assert!(fail(&["decode", &path, "-o", &output]).contains("ends in .wav"));
    }
    assert_eq!(std::fs::read_dir(&folder.folder).unwrap().count(), 2, "the input and its path");
}

#[test]
fn a_parameter_is_heard_by_its_id_and_short_options_are_names_for_it() {
    let folder = Folder::new();
    let plain = folder.render(&[]);
    for (short, set) in [
        (&["--mix", "30"][..], &["--set", "mix=30"][..]),
        (&["--bias", "1=1.5"], &["--set", "bias_1=1.5 sd"]),
        (&["--scale", "1=0"], &["--set", "scale_1=0"]),
        (&["--transpose", "-12"], &["--set", "transpose=-12 st"]),
        (&["--stability", "100"], &["--set", "stability=100"]),
        (&["--loudness", "-12dB"], &["--set", "loudness_mode=Manual", "--set", "loudness_level=-12"]),
        (
            &["--feedback", "90 %", "--feedback-hz", "1.2 kHz"],
            &["--set", "feedback_amount=90", "--set", "feedback_frequency=1200"],
        ),
    ] {
        let by_name = folder.render(short);
        assert!(by_name != plain && by_name == folder.render(set), "{short:?} is not {set:?}");
    }
    for (options, wanted_db, within_db) in [
        (&["--set", "output_gain=-6.0 dB", "--set", "channels=Left + Right"][..], -6.0, 0.1),
        (&["--loudness-offset", "-12"], -12.0, 3.0),
    ] {
        let found_db = 20.0 * (rms(&folder.render(options)) / rms(&plain)).log10();
        assert!((found_db - wanted_db).abs() < within_db, "{options:?}: {found_db} dB");
    }
    let dry = folder.render(&["--mix", "0"]);
    assert!(dry == folder.sung() && dry == folder.render(&["--set", "bypass=on"]), "mix 0 is the input");
}

#[test]
fn a_setting_that_cannot_be_is_told_with_its_range_and_unit_before_anything_is_written() {
    let folder = Folder::new();
    for (option, value, expected) in [
        ("--set", "mixx=30", "no parameter is called “mixx”. Is it “mix”?"),
        ("--set", "mix", "the value is missing"),
        ("--set", "mix=101", "“mix” should be a number (%) from 0 to 100"),
        ("--set", "channels=middle", "“channels” should be one of “mid”, “both”"),
        ("--set", "freeze=maybe", "“freeze” should be on or off"),
        ("--mix", "NaN", "“mix” should be a number (%) from 0 to 100"),
        ("--bias", "17=1", "no parameter is called “bias_17”. Is it “bias_1”"),
        ("--bias", "1=4.1", "“bias_1” should be a number (sd) from -4 to 4"),
        ("--scale", "1=-0.1", "“scale_1” should be a number (x) from 0 to 4"),
        ("--transpose", "up", "“transpose” should be a number (st) from -24 to 24"),
        ("--loudness", "1dB", "“loudness_level” should be a number (dB) from -70 to 0"),
        ("--loudness-offset", "37", "“loudness_offset” should be a number (dB) from -36 to 36"),
        ("--feedback", "201", "“feedback_amount” should be a number (%) from 0 to 200"),
        ("--feedback-q", "0.1", "“feedback_q” should be a number from 0.3 to 40"),
    ] {
        let error = folder.fail(&[option, value]);
        assert!(error.contains(&format!("{option} {value}: {expected}")), "{error}");
    }
    let error = folder.fail(&["--mix", "20", "--set", "mix=30"]);
    assert!(error.contains("--mix 20: “mix” is set by --set mix=30 already"), "{error}");
    let error = fail(&["encode", &folder.input, "-o", &folder.output, "--stability", "101"]);
    assert!(error.contains("--stability 101: “stability” should be a number (%) from 0 to 100"), "{error}");
    let told = run(&["--json", "transfer", &folder.input, "-o", &folder.output, "--set", "mix=2x"]).stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert!(told["error"].as_str().unwrap().contains("--set mix=2x: “mix” should be"), "{told}");
    assert!(!Path::new(&folder.output).exists());
}

#[test]
fn the_page_of_parameters_lists_every_id() {
    let page = std::fs::read_to_string(root().join("docs/parameters.md")).unwrap();
    for parameter in timbreloom::instance::table().all() {
        let id = match parameter.id.rsplit_once('_') {
            Some((of, number)) if number.parse::<u32>().is_ok() => format!("`{of}_n`"),
            _ => format!("`{}`", parameter.id),
        };
        assert!(page.contains(&id), "{id}");
    }
}

#[test]
fn the_doctor_tells_sound_from_broken_packages() {
    for package in [text(&root().join("models/cello")), "cello"] {
        assert!(succeed(&["check", package]).contains("healthy"));
    }
    assert_eq!(json(&["check", "flute-codes"])["verdict"], "healthy");
    assert!(fail(&["check", text(&root().join("models"))]).contains("manifest.json"));
}

#[test]
fn models_are_listed_and_json_is_json() {
    let listed = succeed(&["models"]);
    assert!(listed.contains("cello") && listed.contains("pitched stage"), "{listed}");
    assert!(json(&["models"])["models"].as_array().unwrap().iter().any(|model| model["name"] == "cello"));
    let output = run(&["--json", "check", "/nowhere"]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(value["error"].as_str().unwrap().contains("/nowhere"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_preset_plays_what_its_options_say_and_options_change_it() {
    let folder = Folder::new();
    let write = |name: &str, parameters: serde_json::Value| {
        let path = folder.at(name);
        let preset = serde_json::json!({
            "timbreloom_preset": 1, "name": "Mine", "model": { "name": "horn" }, "parameters": parameters,
        });
        std::fs::write(&path, preset.to_string()).unwrap();
        path
    };
    let mine = serde_json::json!({ "bias_1": 1.5, "transpose": -12, "stability": 60, "loudness_offset": -18.0 });
    let path = write("mine.json", mine);
    let (by_preset, said) = folder.transfer(&["--preset", &path]);
    assert!(said.contains("through horn"), "{said}");
    let options = "-m horn --bias 1=1.5 --transpose -12 --stability 60 --loudness-offset -18";
    assert!(by_preset == folder.render(&options.split(' ').collect::<Vec<_>>()), "the same bits");
    let changed = folder.render(&["--preset", &path, "--transpose", "0"]);
    assert!(changed != by_preset && changed == folder.render(&["--preset", &path, "--set", "transpose=0 st"]));
    let path = write("odd.json", serde_json::json!({ "warp": 1, "bias_1": 9 }));
    let (_, said) = folder.transfer(&["--preset", &path]);
    assert!(said.contains("“parameters.warp”") && said.contains("“parameters.bias_1”"), "{said}");
    // By its name, with a second model.
    let (one, said) = folder.transfer(&["--preset", "cello and horn"]);
    assert!(said.contains("through cello"), "{said}");
    assert!(one != folder.render(&["--preset", "Cello and Horn", "--mix", "50"]));
    let error = folder.fail(&["--preset", "Nothing like it"]);
    assert!(error.contains("no preset is called “Nothing like it”"), "{error}");
}

#[test]
fn presets_are_listed_exported_and_never_overwritten() {
    let value = json(&["presets", "--model", "horn"]);
    let list = value["presets"].as_array().unwrap();
    assert!(list.len() >= 8 && list.iter().all(|preset| preset["model"]["name"] == "horn"), "{value}");
    assert!(list.iter().any(|preset| preset["name"] == "Brassy" && preset["origin"] == "factory"));
    assert!(succeed(&["presets"]).contains("Brassy"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("brassy.json");
    succeed(&["presets", "--export", "Brassy", "-o", text(&file)]);
    let error = fail(&["presets", "--export", "Brassy", "-o", text(&file)]);
    assert!(error.contains("nothing is overwritten") && error.contains("--replace"), "{error}");
    succeed(&["presets", "--export", "Brassy", "-o", text(&file), "--replace"]);
    // Into a data folder of its own.
    let import = |extra: &[&str]| {
        let arguments = [&["presets", "--import", text(&file)], extra].concat();
        program().args(arguments).env("XDG_DATA_HOME", folder.path()).output().unwrap()
    };
    if cfg!(target_os = "linux") {
        assert!(import(&[]).status.success());
        assert!(folder.path().join("timbreloom/presets/horn/Brassy.json").is_file());
        assert_eq!(import(&[]).status.code(), Some(2));
        assert!(import(&["--replace"]).status.success());
    }
}

#[test]
fn what_cannot_be_used_is_told_in_a_sentence() {
    let folder = Folder::new();
    let (input, output) = (&folder.input, &folder.output);
    assert!(fail(&["transfer", "/nowhere.wav", "-o", output]).contains("/nowhere.wav"));
    let error = folder.fail(&["-m", "tuba"]);
    assert!(error.contains("“tuba” is not installed. `timbreloom models`"), "{error}");
    assert!(folder.fail(&["-m", "Celo"]).contains("Is it “cello”?"));
    assert!(fail(&["presets", "-m", "tuba"]).contains("“tuba” is not installed"));
    assert!(fail(&["check", input]).contains("is not a folder"));
    assert!(fail(&["check", "hron"]).contains("Is it “horn”?"));
    assert!(fail(&["transfer", input, "-o", "/nowhere/out.wav"]).contains("/nowhere"));
    assert!(fail(&["decode", input, "-o", output]).contains("not a latent path"));
}

#[test]
fn a_provider_that_is_not_there_is_named_with_the_reason_and_the_cpu_plays_the_same_samples() {
    let folder = Folder::new();
    let render = |provider: &str| {
        let (sound, said) = folder.transfer(&["--provider", provider, "--json"]);
        (sound, serde_json::from_str::<serde_json::Value>(&said).unwrap())
    };
    let (expected, said) = render("cpu");
    assert_eq!((&said["provider"], &said["provider_note"]), (&"CPU".into(), &"".into()));
    let has_feature = [cfg!(feature = "cuda"), cfg!(feature = "directml"), cfg!(feature = "coreml")];
    for ((id, name), is_built_in) in
        [("cuda", "CUDA"), ("directml", "DirectML"), ("coreml", "CoreML")].into_iter().zip(has_feature)
    {
        let (sound, said) = render(id);
        let note = said["provider_note"].as_str().unwrap();
        assert!(note.starts_with(name), "{note}");
        // A computer that has one may well play on it.
        if said["provider"] == "CPU" {
            assert!(sound == expected, "{id}: the CPU plays something else");
            let wanted = if is_built_in { "is not used: " } else { "is asked for, which this build" };
            assert!(note.contains(wanted), "{note}");
        } else {
            assert!(is_built_in && said["provider"] == name, "{said}");
        }
    }
    let (sound, said) = render("auto");
    assert!(said["provider"] != "CPU" || sound == expected);
    let package = root().join("models/cello");
    let checked = succeed(&["check", text(&package), "--provider", "cuda"]);
    assert!(checked.contains("healthy") && checked.contains("CUDA"), "{checked}");
    assert!(fail(&["check", text(&package), "--provider", "abacus"]).contains("should be auto, cpu, cuda"));
}

#[test]
fn a_terminal_obeys_nothing_that_a_manifest_says() {
    let folder = tempfile::tempdir().unwrap();
    let package = copy(&general(), &folder.path().join("echo"));
    let nasty = "\u{1b}]0;mine\u{7}\u{9b}31m\u{202e}";
    alter(&package, |manifest| manifest["name"] = nasty.into());
    let complained = fail(&["check", text(&package)]);
    assert!(complained.contains("letters, digits"), "{complained}");
    let output = run(&["check", text(&package), "--json"]);
    let said = String::from_utf8(output.stdout).unwrap();
    let error: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(error["error"].as_str().unwrap().contains(nasty), "as it is, for machines: {said}");
    for words in [complained, said] {
        assert!(!words.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{words:?}");
    }
}
