//! Grain models on the command line: hits, loops, walks, and hits by OSC; the same files for the same words.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Stdio};
use std::time::Duration;

mod common;
#[path = "common/program.rs"]
mod program;

use common::package::{granular, granular_pitched, root};
use program::{fail, json, program, succeed};
use rosc::{OscMessage, OscPacket, OscType};
use serde_json::Value;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(30);

/// A folder for what is written, and the words for it.
struct Bench {
    folder: tempfile::TempDir,
    model: String,
}

impl Bench {
    fn new() -> Self {
        Self::with(&granular())
    }

    fn with(model: &Path) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), model: model.to_str().unwrap().to_owned() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.text(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// What a command with this model and this output tells to machines.
    #[track_caller]
    fn run(&self, output: &str, arguments: &[&str]) -> Value {
        json(&[arguments, &["-m", &self.model, "-o", &self.text(output)]].concat())
    }

    /// The bytes of what it writes.
    #[track_caller]
    fn made(&self, arguments: &[&str]) -> Vec<u8> {
        self.run("made.wav", arguments);
        fs::read(self.path("made.wav")).unwrap()
    }

    /// What a command with this model complains about; it writes nothing.
    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let said = fail(&[arguments, &["-m", &self.model, "-o", &self.text("none.wav")]].concat());
        assert!(!self.path("none.wav").exists(), "{arguments:?}: {said}");
        said
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn spec(wav: &Path) -> (u16, u32, u32) {
    let reader = hound::WavReader::open(wav).unwrap();
    (reader.spec().channels, reader.spec().sample_rate, reader.duration())
}

fn is_picture(file: &Path) -> bool {
    fs::read(file).unwrap().starts_with(b"\x89PNG\r\n\x1a\n")
}

#[test]
fn a_draw_is_one_hit_and_every_other_word_makes_another() {
    let bench = Bench::new();
    let plain = ["drum", "--class", "hat", "--draw", "3"];
    let told = bench.run("hit.wav", &plain);
    assert_eq!((&told["class"], &told["draw"], &told["model"]), (&"hat".into(), &3.into(), &"tick".into()));
    assert_eq!(told["e"].as_array().unwrap().len(), 4);
    let (channels, rate_hz, frames) = spec(&bench.path("hit.wav"));
    assert_eq!((channels, rate_hz), (1, 44_100));
    assert!((f64::from(frames) / 44_100.0 - told["seconds"].as_f64().unwrap()).abs() < 1e-6);
    let hit = fs::read(bench.path("hit.wav")).unwrap();
    for same in [&plain[..], &["drum", "--class", "1", "--seed", "3"], &["drum", "--class", "HAT", "--draw=3"]] {
        assert!(bench.made(same) == hit, "{same:?}");
    }
    for other in [
        &["--draw", "4"][..],
        &["--draw", "0"],
        &["--draw", "3", "--class", "kick"],
        &["--draw", "3", "--class-b", "kick", "--blend", "0.5"],
        &["--draw", "3", "--path"],
        &["--draw", "3", "--vary", "0.3"],
        &["--draw", "3", "--vary", "0.3", "--variation", "2"],
        &["--draw", "3", "--morph", "0.5", "--morph-draw", "9"],
        &["--draw", "3", "--pad", "-1,2"],
        &["--draw", "3", "--take", "2"],
        &["--draw", "3", "--track", "2"],
    ] {
        let class: &[&str] =
            if other.contains(&"kick") && !other.contains(&"--blend") { &[] } else { &["--class", "hat"] };
        assert!(bench.made(&[&["drum"][..], class, other].concat()) != hit, "{other:?}");
    }
}

#[test]
fn a_note_is_made_at_the_pitch_that_is_asked_for_and_only_by_a_model_of_notes() {
    let bench = Bench::with(&granular_pitched());
    for words in [&["drum", "--class", "hat", "--draw", "3"][..], &["walk", "--from", "0,0", "--to", "1,1"]] {
        let made = |pitch: &str| bench.made(&[words, &["--pitch", pitch]].concat());
        assert!(made("A3") != made("E4") && made("A3") == made("220Hz"), "{words:?}");
        // A manifest may have rounded the note that it ends with.
        assert!(made("392.4Hz") != made("A3"), "{words:?}");
        let refusal = bench.refused(&[words, &["--pitch", "C6"]].concat());
        assert!(refusal.contains("plays notes from 200 Hz to 392 Hz, and --pitch asks for 1047 Hz"), "{refusal}");
        let refusal = Bench::new().refused(&[words, &["--pitch", "A3"]].concat());
        assert!(refusal.contains("“tick” takes no pitch"), "{refusal}");
    }
}

#[test]
fn a_track_of_a_loop_that_is_tuned_plays_a_model_of_notes_at_that_pitch() {
    let bench = Bench::with(&granular_pitched());
    let text = r#"{ "format": 1, "tracks": [{ "class": "hat", "draw": 3, "tune": 4 }], "patterns": { "1": [{ "steps": "9..............." }] } }"#;
    let pattern = bench.file("pattern.json", text);
    bench.run("loop.wav", &["sequence", &pattern, "--bars", "1", "--rate", "44100", "--format", "f32"]);
    let asked_hz = (200.0f32 * 392.0).sqrt() * (4.0f32 / 12.0).exp2();
    let pitch = format!("{asked_hz}Hz");
    bench.run("hit.wav", &["drum", "--class", "hat", "--draw", "3", "--pitch", &pitch, "--format", "f32"]);
    let samples = |name: &str| -> Vec<f32> {
        let mut reader = hound::WavReader::open(bench.path(name)).unwrap();
        let channels = usize::from(reader.spec().channels);
        let left: Vec<f32> = reader.samples().step_by(channels).map(Result::unwrap).collect();
        let peak = left.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        left.iter().map(|sample| sample / peak).collect()
    };
    let (played, made) = (samples("loop.wav"), samples("hit.wav"));
    let differs = made.iter().zip(&played).position(|(made, played)| (made - played).abs() > 1e-3);
    assert_eq!(differs, None, "{} frames", made.len());
}

#[test]
fn several_hits_are_numbered_by_their_draws() {
    let bench = Bench::new();
    let told = bench.run("kick.wav", &["drum", "--draw", "5", "--count", "3"]);
    assert_eq!(told["hits"].as_array().unwrap().len(), 3);
    assert_eq!(bench.names(), ["kick-5.wav", "kick-6.wav", "kick-7.wav"]);
    assert!(bench.made(&["drum", "--draw", "6"]) == fs::read(bench.path("kick-6.wav")).unwrap());
    assert!(bench.refused(&["drum", "--draw", "9998", "--count", "3"]).contains("goes beyond 9999"));
    let plot = bench.text("a.png");
    assert!(bench.refused(&["drum", "--count", "2", "--plot", &plot]).contains("--plot draws one hit"));
}

#[test]
fn a_recording_is_heard_and_its_hit_made() {
    let bench = Bench::new();
    bench.made(&["drum", "--class", "hat", "--draw", "2"]);
    let recording = bench.text("made.wav");
    let told = bench.run("like.wav", &["drum", "--like", &recording]);
    let heard = &told["heard"];
    let shares: BTreeMap<String, f64> = serde_json::from_value(heard["shares"].clone()).unwrap();
    assert!((shares.values().sum::<f64>() - 1.0).abs() < 2e-3 && shares.len() == 2, "{shares:?}");
    let loudest = shares.iter().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
    assert_eq!((heard["class"].as_str(), told["class"].as_str()), (Some(&**loudest), Some(&**loudest)));
    assert_eq!(heard["e"], told["e"]);
    let as_hat = bench.run("as-hat.wav", &["drum", "--like", &recording, "--class", "hat"]);
    assert_eq!((&as_hat["class"], &as_hat["heard"]["shares"]), (&"hat".into(), &heard["shares"]));
    let said = succeed(&["drum", "--like", &recording, "-m", &bench.model, "-o", &bench.text("like.wav")]);
    assert!(said.contains("heard: ") && said.contains(" of tick, like "), "{said}");
    let silent = bench.text("silent.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&silent, spec).unwrap();
    (0..4800).for_each(|_| writer.write_sample(0i16).unwrap());
    writer.finalize().unwrap();
    assert!(bench.refused(&["drum", "--like", &silent]).contains("silent.wav: it is silent"));
    assert!(bench.refused(&["drum", "--like", &bench.text("nothing.wav")]).contains("nothing.wav"));
}

#[test]
fn a_sound_is_made_again_at_its_rate_and_as_long() {
    let bench = Bench::new();
    let sung = root().join("tests/fixtures/sung.wav");
    let again = ["drum", "--resynthesise", sung.to_str().unwrap()];
    let told = bench.run("again.wav", &[&again[..], &["--plot", &bench.text("again.png")]].concat());
    let (_, rate_hz, frames) = spec(&sung);
    assert_eq!(spec(&bench.path("again.wav")), (1, rate_hz, frames));
    assert!(is_picture(&bench.path("again.png")));
    let pieces = told["pieces"].as_array().unwrap();
    assert!(!pieces.is_empty() && pieces.iter().all(|piece| piece["seconds"].as_f64().is_some()), "{told}");
    let made = fs::read(bench.path("again.wav")).unwrap();
    assert!(bench.made(&again) == made);
    assert!(bench.made(&[&again[..], &["--take", "2"]].concat()) != made);
    let told = bench.run("hats.wav", &[&again[..], &["--class", "hat"]].concat());
    assert!(told["pieces"].as_array().unwrap().iter().all(|piece| piece["class"] == "hat"), "{told}");
    let said = fail(&[&again[..], &["-m", &bench.model, "-o", sung.to_str().unwrap()]].concat());
    assert!(said.contains("is an input, and would be lost"), "{said}");
}

#[test]
fn walks_are_the_same_of_a_seed_and_as_long_as_they_are_asked_for() {
    let bench = Bench::new();
    let circle = ["walk", "--circle", "1.5,2", "--seconds", "0.7"];
    let plot = bench.text("walk.png");
    let told = bench.run("walk.wav", &[&circle[..], &["--plot", &plot, "--class", "hat"]].concat());
    assert_eq!((&told["class"], &told["grains"]), (&"hat".into(), &61.into()));
    assert_eq!(spec(&bench.path("walk.wav")), (1, 44_100, 30_870));
    assert!(is_picture(&bench.path("walk.png")));
    let points = bench.file("points.json", "[[0, 0], [1.5, -2], [-1, 1]]");
    let walked = bench.made(&circle);
    assert!(bench.made(&circle) == walked);
    for other in [
        &["--circle", "1.5,2", "--seed", "2"][..],
        &["--circle", "1.5,2", "--jitter", "0.2"],
        &["--circle", "1.5,2", "--step", "0.5"],
        &["--circle", "1.5,-2", "--centre", "0.5,-1"],
        &["--spiral", "0,2,3"],
        &["--from", "-2,0", "--to", "2,1"],
        &["--points", &points],
        &["--random", "4"],
    ] {
        let all = [&["walk", "--seconds", "0.7"][..], other].concat();
        let made = bench.made(&all);
        assert!(made != walked && made.len() == walked.len(), "{other:?}");
        assert!(bench.made(&all) == made, "{other:?}");
    }
    let told = bench.run("swung.wav", &[&circle[..], &["--pendulum"]].concat());
    assert_eq!(spec(&bench.path("swung.wav")), (1, 44_100, 61_740), "there and back");
    assert_eq!((&told["grains"], told["seconds"].as_f64().map(|seconds| seconds as f32)), (&121.into(), Some(1.4)));
    for (arguments, words) in [
        (&["walk"][..], "required"),
        (&["walk", "--from", "0,0"], "--to"),
        (&["walk", "--random", "3", "--spiral", "0,1,1"], "cannot be used with"),
        (&["walk", "--circle", "0,1"], "a radius above 0"),
        (&["walk", "--random", "3", "--seconds", "0"], "a number from 0.05 to 600"),
        (&["walk", "--points", &bench.file("bad.json", "[[1]]")], "bad.json"),
        (&["walk", "--points", &bench.file("text.json", "hello")], "is no JSON"),
    ] {
        let said = bench.refused(arguments);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

/// Two tracks over a bar.
const PATTERN: &str = r#"{
    "format": 1, "swing": 55, "kit": [[], [0.5, -1]],
    "tracks": [{"class": "kick", "draw": 3, "tune": -2}, {"class": "hat", "pan": 30}],
    "patterns": {"1": [{"steps": "9...9...9...9..."}, {"steps": ".5..", "details": {"2": {"ratchet": 2}}}]}
}"#;

#[test]
fn a_loop_is_as_long_as_its_bars_and_the_same_of_a_take() {
    let bench = Bench::new();
    let pattern = bench.file("pattern.json", PATTERN);
    let bar = ["sequence", &pattern, "--bars", "1"];
    let told = bench.run("loop.wav", &[&bar[..], &["--plot", &bench.text("loop.png")]].concat());
    assert_eq!((&told["seconds"], &told["bars"], &told["bpm"]), (&2.0.into(), &1.into(), &120.0.into()));
    assert_eq!(spec(&bench.path("loop.wav")), (2, 48_000, 96_000));
    assert!(is_picture(&bench.path("loop.png")));
    let made = fs::read(bench.path("loop.wav")).unwrap();
    assert!(bench.made(&bar) == made);
    for other in [
        &["--take", "2"][..],
        &["--swing", "66"],
        &["--evolve", "step"],
        &["--set", "draw_1=4"],
        &["--set", "output_gain=-6"],
        &["--bpm", "119"],
    ] {
        assert!(bench.made(&[&bar[..], other].concat()) != made, "{other:?}");
    }
    bench.run("slow.wav", &[&bar[..], &["--bpm", "90", "--rate", "44100", "--set", "swing=50"]].concat());
    assert_eq!(spec(&bench.path("slow.wav")), (2, 44_100, 117_600));
}

#[test]
fn tracks_come_in_files_of_their_own_that_add_up_to_the_loop() {
    let bench = Bench::new();
    let pattern = bench.file("pattern.json", PATTERN);
    let bar = ["sequence", &pattern, "--bars", "1", "--format", "f32"];
    bench.run("loop.wav", &bar);
    let told = bench.run("loop.wav", &[&bar[..], &["--tracks"]].concat());
    assert_eq!(told["outputs"].as_array().unwrap().len(), 8);
    let samples = |name: &str| -> Vec<f32> {
        hound::WavReader::open(bench.path(name)).unwrap().samples().map(Result::unwrap).collect()
    };
    let mixed = samples("loop.wav");
    let mut sum = vec![0.0; mixed.len()];
    for track in 1..=8 {
        let own = samples(&format!("loop-{track}.wav"));
        assert_eq!(own.iter().any(|sample| *sample != 0.0), track <= 2, "{track}");
        sum.iter_mut().zip(own).for_each(|(sum, sample)| *sum += sample);
    }
    let differs = mixed.iter().zip(&sum).position(|(mixed, sum)| (mixed - sum).abs() > 1e-5);
    assert_eq!(differs, None);
}

#[test]
fn a_preset_of_the_plugin_plays_as_a_small_file_that_says_the_same() {
    let bench = Bench::new();
    let small = bench.file("small.json", PATTERN);
    let given: Value = serde_json::from_str(PATTERN).unwrap();
    let preset = serde_json::json!({
        "timbreloom_preset": 1, "plugin": "drums", "name": "Ticks", "model": { "name": "tick" },
        "parameters": { "swing": 55, "class_1": 0, "draw_1": 3, "tune_1": -2, "class_2": 1, "pan_2": 30 },
        "extras": { "patterns": given["patterns"], "kit": given["kit"] },
    });
    let preset = bench.file("preset.json", &preset.to_string());
    let made = bench.made(&["sequence", &small, "--bars", "1"]);
    assert!(bench.made(&["sequence", &preset, "--bars", "1"]) == made);
}

#[test]
fn a_pattern_file_that_makes_no_sense_is_told_by_file_and_key() {
    let bench = Bench::new();
    type Case = (fn(&mut Value), &'static [&'static str]);
    let cases: [Case; 14] = [
        (|v| v["format"] = 2.into(), &["“format” should be 1, but is 2"]),
        (|v| v["colour"] = "red".into(), &["“colour” is no key here", "“tracks”"]),
        (|v| v["draw_1"] = 1.into(), &["“draw_1” is no key here"]),
        (|v| v["swing"] = 99.into(), &["“swing” should be a number", "from 50 to 75", "but is 99"]),
        (|v| v["model"] = 7.into(), &["pattern.json"]),
        (|v| v["kit"] = "x".into(), &["“kit” should be a list of at most 8 lists"]),
        (|v| v["tracks"] = 1.into(), &["“tracks” should be a list of at most 8 tracks, each in braces, but is 1"]),
        (|v| v["tracks"][1] = 1.into(), &["track 2 should be in braces, but is 1"]),
        (
            |v| v["tracks"][0]["class"] = "snare".into(),
            &["in track 1, “class”", "“snare” is no class of “tick”", "kick, hat"],
        ),
        (|v| v["tracks"][0]["tune"] = 25.into(), &["in track 1, “tune” should be a number", "-24 to 24, but is 25"]),
        (|v| v["tracks"][1]["choke"] = "5".into(), &["in track 2, “choke” should be one of “off”"]),
        (|v| v["tracks"][1]["size"] = 5.into(), &["in track 2, “size” is no key of a track"]),
        (|v| v["patterns"]["9"] = serde_json::json!([]), &["a key should be the number of a pattern, 1 to 8"]),
        (|v| v["patterns"]["1"][0]["steps"] = "x".into(), &["In pattern 1, line 1, step 1 of “steps”"]),
    ];
    for (change, words) in cases {
        let mut value: Value = serde_json::from_str(PATTERN).unwrap();
        change(&mut value);
        let file = bench.file("pattern.json", &value.to_string());
        // The model that the file asks for is only looked for where none is named.
        let said = match value["model"].is_null() {
            true => bench.refused(&["sequence", &file]),
            false => fail(&["sequence", &file, "-o", &bench.text("none.wav")]),
        };
        for word in words.iter().chain(&["pattern.json: "]) {
            assert!(said.contains(word), "“{word}” is not in: {said}");
        }
    }
    let pattern = bench.file("pattern.json", PATTERN);
    for (arguments, words) in [
        (&["sequence", &bench.file("text.json", "hello")][..], "text.json: is no JSON"),
        (&["sequence", &bench.file("list.json", "[1]")], "list.json: an object in braces is expected, but it is [1]"),
        (&["sequence", "no preset of this name"], "no preset of this name"),
        (&["sequence", &pattern, "--swing", "80"], "--swing 80: “swing” should be"),
        (&["sequence", &pattern, "--set", "drow_1=3"], "no parameter is called “drow_1”. Is it “draw_1”"),
        (&["sequence", &pattern, "--take", "3", "--set", "take=4"], "“take” is set by --take 3 already"),
        (&["sequence", &pattern, "--set", "pattern=2"], "nothing is heard in these bars"),
        (&["sequence", &pattern, "--bars", "999", "--bpm", "60"], "999 bars at 60 beats per minute are 67 minutes"),
        (&["sequence", &pattern, "--bpm", "5"], "a number from 20 to 400"),
    ] {
        let said = bench.refused(arguments);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn the_page_of_grain_models_lists_every_parameter() {
    let page = fs::read_to_string(root().join("docs/drums.md")).unwrap();
    for parameter in timbreloom::instance::drums_table().all().iter().filter(|parameter| parameter.is_of_preset) {
        let id = match parameter.id.rsplit_once('_') {
            Some((of, number)) if number.parse::<u32>().is_ok() => format!("`{of}_n`"),
            _ => format!("`{}`", parameter.id),
        };
        assert!(page.contains(&id), "{id}");
    }
}

#[test]
fn what_is_no_hit_is_told() {
    let bench = Bench::new();
    for (arguments, words) in [
        (&["drum", "--class", "kik"][..], "“kik” is no class of “tick”. Is it “kick”? Its classes are kick, hat."),
        (&["drum", "--class", "2"], "“2” is no class of “tick”"),
        (&["drum", "--class-b", "hat"], "--blend"),
        (&["drum", "--class-b", "hat", "--blend", "2"], "a number from 0 to 1"),
        (&["drum", "--draw", "10000"], "10000"),
        (&["drum", "--pad", "1,4"], "X,Y, both from -3 to 3"),
        (&["drum", "--variation", "2"], "--vary"),
        (&["drum", "--resynthesise", "a.wav", "--draw", "2"], "cannot be used with"),
    ] {
        let said = bench.refused(arguments);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    let said = fail(&["drum", "-m", "horn-codes", "-o", &bench.text("none.wav")]);
    assert!(said.contains("“horn-codes” is a discrete model, and this command plays granular ones"), "{said}");
    let said = fail(&["drum", "-m", &bench.model, "-o", &bench.text("hit.png")]);
    assert!(said.contains("give it a name that ends in .wav"), "{said}");
}

/// The program while it makes hits, and a patch that asks for them.
struct Served {
    child: Child,
    stderr: BufReader<ChildStderr>,
    patch: UdpSocket,
}

impl Served {
    /// Comes back when it listens.
    fn new(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = program();
        command.args(["osc", "--drums", "--port", "0", "--send-port", "0", "--seconds", "60", "--json"]);
        command.arg("-m").arg(granular()).arg("--out").arg(folder).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let port = line.trim().trim_end_matches('.').rsplit_once("127.0.0.1:").unwrap_or_else(|| panic!("{line}")).1;
        let patch = UdpSocket::bind("127.0.0.1:0").unwrap();
        patch.connect(format!("127.0.0.1:{port}")).unwrap();
        patch.set_read_timeout(Some(LIMIT)).unwrap();
        Self { child, stderr, patch }
    }

    fn say(&self, address: &str, args: Vec<OscType>) {
        let message = OscPacket::Message(OscMessage { addr: address.into(), args });
        self.patch.send(&rosc::encoder::encode(&message).unwrap()).unwrap();
    }

    #[track_caller]
    fn hear(&self) -> OscMessage {
        let mut buffer = [0; 4096];
        let bytes = self.patch.recv(&mut buffer).unwrap();
        match rosc::decoder::decode_udp(&buffer[..bytes]).unwrap().1 {
            OscPacket::Message(message) => message,
            packet => panic!("{packet:?}"),
        }
    }

    /// Ends it as Ctrl-C does; -> what it tells.
    #[cfg(unix)]
    #[track_caller]
    fn end(mut self) -> Value {
        // SAFETY: it is our own child, which has not been waited for.
        assert_eq!(unsafe { libc::kill(self.child.id() as libc::pid_t, libc::SIGINT) }, 0);
        let (mut said, mut complained) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        self.stderr.read_to_string(&mut complained).unwrap();
        assert!(self.child.wait().unwrap().success(), "{complained}");
        serde_json::from_str(&said).unwrap()
    }
}

/// What the patch asks for, and the class of each.
fn asked() -> Vec<(&'static str, OscType, i32)> {
    vec![
        ("/sample_note", OscType::Int(0), 0),
        ("/sample_note", OscType::Int(1), 1),
        ("/sample_path", OscType::Int(0), 0),
        ("/sample_note", OscType::Float(1.0), 1),
        ("/sample_path", OscType::String("hat".into()), 1),
    ]
}

#[cfg(unix)]
#[test]
fn a_patch_that_asks_again_as_it_did_gets_the_same_files() {
    let bench = Bench::new();
    let session = |name: &str, seed: &str| {
        let folder = bench.path(name);
        let served = Served::new(&folder, &["--seed", seed]);
        let mut files = Vec::new();
        for (address, class, number) in asked() {
            served.say(address, vec![class]);
            let answer = served.hear();
            let [OscType::Int(class), OscType::String(file), OscType::Int(frames), OscType::Int(rate_hz)] =
                &answer.args[..]
            else {
                panic!("{answer:?}")
            };
            assert_eq!((answer.addr.as_str(), *class, *rate_hz), ("/buffer", number, 44_100));
            assert!(Path::new(file).is_absolute() && file.ends_with(&format!("drums{number}.wav")), "{file}");
            assert_eq!(spec(Path::new(file)), (1, 44_100, *frames as u32));
            files.push(fs::read(file).unwrap());
        }
        (files, served.end())
    };
    let (first, told) = session("first", "5");
    assert_eq!((&told["made"], &told["next_seed"], &told["taken"]), (&5.into(), &10.into(), &5.into()));
    let mut names: Vec<_> =
        fs::read_dir(bench.path("first")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["drums0.wav", "drums1.wav"], "no hidden file stays behind");
    assert!(first[1] != first[3], "each is another hit");
    assert!(session("again", "5").0 == first);
    assert!(session("other", "6").0 != first);
}

#[cfg(unix)]
#[test]
fn what_makes_no_sense_is_counted_and_told_and_the_next_hit_is_made() {
    let bench = Bench::new();
    let served = Served::new(&bench.path("hits"), &[]);
    served.patch.send(b"hello").unwrap();
    let answer = served.hear();
    assert_eq!(answer.addr, "/timbreloom/error");
    assert!(
        matches!(&answer.args[..], [OscType::String(said)] if said.starts_with("This packet is no OSC")),
        "{answer:?}"
    );
    served.say("/sample_note", vec![OscType::Int(2)]);
    served.say("/buffer", vec![OscType::Int(0)]);
    served.say("/sample_note", vec![OscType::Int(0)]);
    while served.hear().addr != "/buffer" {}
    let told = served.end();
    assert_eq!((&told["made"], &told["refused"], &told["next_seed"]), (&1.into(), &3.into(), &2.into()));
}

#[test]
fn a_drum_server_that_cannot_serve_says_so() {
    let bench = Bench::new();
    let file = bench.file("file", "");
    for (arguments, words) in [
        (&["osc", "--drums"][..], "--out"),
        (&["osc", "--out", "x"], "--drums"),
        (&["osc", "--drums", "--out", "x", "--set", "mix=30"], "cannot be used with"),
        (&["osc", "--drums", "--out", &file], "file: is no folder"),
        (&["osc", "--drums", "--out", &bench.text("x"), "-m", "horn"], "is a continuous model"),
    ] {
        let said = fail(arguments);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}
