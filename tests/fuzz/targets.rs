//! What is attacked: each target reads a case in the way in which a stranger's file or song reaches the program or the plugin.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use sha2::{Digest, Sha256};
use test_host::{Event, EventKind, Expression, Format, Instance, Library, Pace, Render, Take};
use timbreloom::instance;
use timbreloom::model::Model;
use timbreloom::model::any_package::AnyPackage;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::{doctor, embed, import};
use timbreloom::offline::audio_file;
use timbreloom::offline::drawn_curve::Drawn;
use timbreloom::offline::latent_path::LatentPath;
use timbreloom::preset::Document;

use crate::{json, mutate, wire};

const RATE_HZ: f64 = 48_000.0;
const BLOCK_FRAMES: usize = 64;

/// Bytes that stand for one event.
const EVENT_BYTES: usize = 6;
const MAX_EVENTS: usize = 96;

/// More of a path is not decoded: that is the model's time, not the file's danger.
const MAX_HOPS: usize = 64;

/// One way in.
pub trait Target {
    /// Valid cases to begin with.
    fn seeds(&mut self) -> Vec<Vec<u8>>;

    /// Reads a case; an error is as good as a result.
    fn attack(&mut self, case: &[u8]);

    /// Another case out of one.
    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        mutate::bytes(case, random)
    }
}

/// The target of this name, with a folder of its own to write in.
pub fn target(name: &str, scratch: &Path) -> Box<dyn Target> {
    match name {
        "manifest" => Box::new(Manifest::new(scratch)),
        "graph" => Box::new(Graph::new(scratch)),
        "archive" => Box::new(Archive { scratch: scratch.to_owned() }),
        "state" => Box::new(State { id: EFFECT }),
        "codes-state" => Box::new(State { id: CODES }),
        "preset" => Box::new(Preset),
        "path" => Box::new(Path_::new(scratch)),
        "csv" => Box::new(Csv { file: scratch.join("case") }),
        "audio" => Box::new(Sound { file: scratch.join("case") }),
        "events" => Box::new(Events::new(EFFECT)),
        "codes-events" => Box::new(Events::new(CODES)),
        _ => panic!("there is no target “{name}”"),
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn fixture() -> PathBuf {
    root().join("tests").join("fixtures").join("general")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// True for one case in sixteen, and always for the same ones.
fn now_and_then(case: &[u8]) -> bool {
    case.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)).is_multiple_of(16)
}

/// A document of JSON, or now and then what only resembles one.
fn mutate_json(case: &[u8], random: &mut Rng) -> Vec<u8> {
    let structured = (random.u32(..8) > 0).then(|| json::mutate(case, random)).flatten();
    structured.unwrap_or_else(|| mutate::bytes(case, random))
}

/// A package's manifest; its other files are there, and valid.
struct Manifest {
    continuous: PathBuf,
    discrete: PathBuf,
}

impl Manifest {
    fn new(scratch: &Path) -> Self {
        let (continuous, discrete) = (scratch.join("continuous"), scratch.join("discrete"));
        copy(&fixture(), &continuous);
        copy(&root().join("models").join("horn-codes"), &discrete);
        Self { continuous, discrete }
    }
}

impl Target for Manifest {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        [&self.continuous, &self.discrete].map(|folder| fs::read(folder.join("manifest.json")).unwrap()).into()
    }

    fn attack(&mut self, case: &[u8]) {
        let is_discrete = case.windows(8).any(|part| part == b"discrete");
        let folder = if is_discrete { &self.discrete } else { &self.continuous };
        fs::write(folder.join("manifest.json"), case).unwrap();
        let Ok(package) = AnyPackage::open(folder) else { return };
        // The files are large, and their reading depends on few of the keys.
        if !now_and_then(case) {
            return;
        }
        let _ = package.read_all();
        match package {
            AnyPackage::Continuous(package) => {
                let _ = package.read_parity();
            }
            AnyPackage::Discrete(package) => {
                let _ = (package.read_tables(), package.read_parity(), package.read_encoder());
            }
        }
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        mutate_json(case, random)
    }
}

/// A package's graph or test vectors, with the hash that its manifest says it has: what a hostile model's maker would send.
struct Graph {
    folder: PathBuf,
    manifest: String,
}

/// What a case's first byte chooses.
const GRAPH_FILES: [&str; 3] = ["encoder.onnx", "decoder.onnx", "parity.f32"];

impl Graph {
    fn new(scratch: &Path) -> Self {
        let folder = scratch.join("package");
        copy(&fixture(), &folder);
        let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
        Self { folder, manifest }
    }
}

impl Target for Graph {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let seed = |(n, file): (usize, &&str)| [vec![n as u8], fs::read(fixture().join(file)).unwrap()].concat();
        GRAPH_FILES.iter().enumerate().map(seed).collect()
    }

    fn attack(&mut self, case: &[u8]) {
        let Some((first, content)) = case.split_first() else { return };
        let name = GRAPH_FILES[usize::from(*first) % GRAPH_FILES.len()];
        let (path, valid) = (self.folder.join(name), fs::read(fixture().join(name)).unwrap());
        fs::write(&path, content).unwrap();
        let manifest = self.manifest.replace(&sha256(&valid), &sha256(content));
        fs::write(self.folder.join("manifest.json"), manifest).unwrap();
        let _ = doctor::examine(&self.folder);
        fs::write(path, valid).unwrap();
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        let Some((first, content)) = case.split_first() else { return mutate::bytes(case, random) };
        let is_graph = usize::from(*first) % GRAPH_FILES.len() < 2;
        let structured = (is_graph && random.u32(..8) > 0).then(|| wire::mutate(content, random)).flatten();
        [vec![*first], structured.unwrap_or_else(|| mutate::bytes(content, random))].concat()
    }
}

/// A package in a zip archive, as it comes with a project or is imported.
struct Archive {
    scratch: PathBuf,
}

impl Archive {
    fn files(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).ok()?;
        let mut files = Vec::new();
        for n in 0..archive.len().min(16) {
            let entry = archive.by_index(n).ok()?;
            let name = entry.name().ok()?.to_string();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut std::io::Read::take(entry, 1 << 20), &mut content).ok()?;
            files.push((name, content));
        }
        Some(files)
    }

    fn zipped(files: &[(String, Vec<u8>)], is_stored: bool) -> Option<Vec<u8>> {
        let method = if is_stored { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        let options = zip::write::SimpleFileOptions::DEFAULT.compression_method(method);
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(name.as_str(), options).ok()?;
            std::io::Write::write_all(&mut writer, content).ok()?;
        }
        Some(writer.finish().ok()?.into_inner())
    }

    /// The hash that a project would name for what it brings along.
    fn hash(bytes: &[u8]) -> String {
        let files = Self::files(bytes).unwrap_or_default();
        let manifest = files.iter().find(|(name, _)| name.ends_with("manifest.json"));
        sha256(manifest.map_or(b"", |(_, content)| content))
    }

    fn changed(case: &[u8], random: &mut Rng) -> Option<Vec<u8>> {
        let mut files = Self::files(case)?;
        let at = random.usize(..files.len().max(1));
        let (name, content) = files.get_mut(at)?;
        match random.u32(..8) {
            0 => *name = format!("../{name}"),
            1 => *name = format!("folder/{name}"),
            2 => {
                *name = ["/etc/x", "..\\x", "presets/x.json", "presets/", "a\0b", "manifest.json", "-x"]
                    [random.usize(..7)]
                .into()
            }
            3 => *content = vec![0; [1 << 16, 1 << 20, 8 << 20][random.usize(..3)]],
            4 => {
                let copy = (format!("copy-{name}"), content.clone());
                files.extend(std::iter::repeat_n(copy, [1, 300][random.usize(..2)]));
            }
            5 => drop(files.remove(at)),
            6 => *content = mutate::bytes(content, random),
            _ => *content = mutate_json(content, random),
        }
        Self::zipped(&files, random.bool())
    }
}

impl Target for Archive {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        vec![embed::pack(&AnyPackage::open(&fixture()).unwrap()).unwrap()]
    }

    fn attack(&mut self, case: &[u8]) {
        let embedded = self.scratch.join("embedded");
        if let Ok(folder) = embed::unpack_into(&embedded, case, &Self::hash(case)) {
            let _ = fs::remove_dir_all(folder);
        }
        // Where it is installed the doctor examines it too, which takes its time.
        if now_and_then(case) {
            let (file, models) = (self.scratch.join("case.zip"), self.scratch.join("models"));
            fs::write(&file, case).unwrap();
            let _ = import::import_into(&models, &file);
            let _ = fs::remove_dir_all(models);
        }
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        let structured = random.bool().then(|| Self::changed(case, random)).flatten();
        match structured {
            Some(case) if random.u32(..4) > 0 => case,
            Some(case) => mutate::bytes(&case, random),
            None => mutate::bytes(case, random),
        }
    }
}

const EFFECT: &str = "org.timbreloom.effect";
const CODES: &str = "org.timbreloom.codes";

fn instance(id: &str) -> Instance {
    unsafe extern "C" {
        /// The entry of this very library, as a host finds it in the bundle.
        static clap_entry: test_host::EntryDescriptor;
    }
    // SAFETY: it is a constant of the library that this test is linked with.
    let library = Library::linked(unsafe { &clap_entry }).unwrap();
    library.instantiate(id).unwrap()
}

/// A project: what a host hands to a plugin. A case that begins with a brace gets the length that CLAP states have before it.
struct State {
    id: &'static str,
}

impl Target for State {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let mut seeds = vec![instance(self.id).save_state().unwrap().split_off(8)];
        if self.id == EFFECT {
            let first = root().join("tests").join("fixtures").join("states").join("0.1.0-first.clapstate");
            seeds.push(fs::read(first).unwrap().split_off(8));
        }
        seeds
    }

    fn attack(&mut self, case: &[u8]) {
        let mut plugin = instance(self.id);
        let length = (case.len() as u64).to_le_bytes();
        let bytes = if case.starts_with(b"{") { [&length[..], case].concat() } else { case.to_vec() };
        if plugin.load_state(&bytes).is_ok() {
            let saved = plugin.save_state().expect("what was loaded can be saved");
            assert!(plugin.load_state(&saved).is_ok(), "what was saved can be loaded");
        }
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        mutate_json(case, random)
    }
}

/// A preset, of either plugin.
struct Preset;

impl Target for Preset {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let presets = root().join("models").join("cello").join("presets");
        let mut files: Vec<PathBuf> = fs::read_dir(presets).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().take(4).map(|file| fs::read(file).unwrap()).collect()
    }

    fn attack(&mut self, case: &[u8]) {
        if let Ok(document) = Document::parse(case, "a case") {
            for table in [instance::table(), instance::codes_table()] {
                let _ = document.scene(table, "a case");
            }
            assert!(
                Document::parse(document.text().as_bytes(), "written").is_ok(),
                "what was read can be written and read"
            );
        }
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        mutate_json(case, random)
    }
}

/// A latent path, read and played.
struct Path_ {
    file: PathBuf,
    model: Box<dyn Model>,
}

impl Path_ {
    fn new(scratch: &Path) -> Self {
        let model = AnyPackage::open(&fixture()).unwrap().load_on(&ProviderChoice::CPU).unwrap();
        Self { file: scratch.join("case"), model }
    }
}

impl Target for Path_ {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let path = serde_json::json!({
            "format": 1,
            "model": { "name": "echo", "hash": "" },
            "sample_rate_hz": 44_100,
            "hop_frames": 64,
            "latent": [[0.1, -0.2], [0.3, 0.4], [0.0, 1.0]],
            "loudness_db": [-20.0, -30.0, -25.5],
            "f0_hz": [0.0, 220.0, 221.5],
            "voicing": [0.0, 0.9, 1.0],
        });
        vec![path.to_string().into_bytes()]
    }

    fn attack(&mut self, case: &[u8]) {
        fs::write(&self.file, case).unwrap();
        let Ok(path) = LatentPath::read(&self.file) else { return };
        let fits = path.latent.iter().all(|row| row.len() == self.model.shape().dims);
        if fits && path.hops() <= MAX_HOPS && path.decode(self.model.as_mut()).is_err() {
            self.model.reset();
        }
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        mutate_json(case, random)
    }
}

/// A drawn curve.
struct Csv {
    file: PathBuf,
}

impl Target for Csv {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let texts: [&[u8]; 4] = [
            b"seconds,value\n0,0.1\n0.5,2\n1.5,-3e2\n",
            b"\xef\xbb\xbf# drawn\n0.1\n0.2\n1e-30\n",
            b"0;1\n1;2\n1;3\n",
            b"0\t1\r\n\r\n2\t2\r\n",
        ];
        texts.map(<[u8]>::to_vec).into()
    }

    fn attack(&mut self, case: &[u8]) {
        fs::write(&self.file, case).unwrap();
        if let Ok(drawn) = Drawn::read(&self.file) {
            let seconds = drawn.seconds().unwrap_or(1.0);
            for time in [0.0, 0.3 * seconds, seconds, 2.0 * seconds, f32::MAX] {
                assert!(drawn.at(time).is_finite(), "at {time} of {seconds} s");
            }
        }
    }

    fn mutate(&self, case: &[u8], random: &mut Rng) -> Vec<u8> {
        const WORDS: [&str; 14] =
            ["NaN", "inf", "-inf", "1e39", "-1e-46", ",", ";", "\t", "\n", "#", "\u{feff}", "0x1", "1e9", "-0"];
        if random.bool() {
            return mutate::bytes(case, random);
        }
        let mut case = case.to_vec();
        let at = random.usize(..=case.len());
        case.splice(at..at, WORDS[random.usize(..WORDS.len())].bytes());
        case
    }
}

/// A recording of any format.
struct Sound {
    file: PathBuf,
}

impl Target for Sound {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let sounds = root().join("tests").join("fixtures").join("sound");
        let mut files: Vec<PathBuf> = fs::read_dir(sounds).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension != "py"));
        files.sort();
        files.iter().map(|file| fs::read(file).unwrap()).collect()
    }

    fn attack(&mut self, case: &[u8]) {
        fs::write(&self.file, case).unwrap();
        if let Ok((audio, report)) = audio_file::read(&self.file) {
            assert!(audio.channels.iter().flatten().all(|sample| sample.is_finite()), "a sample is not a number");
            let _ = (audio.mono(), report.remarks(audio.rate_hz));
        }
    }
}

/// What a host sends while it plays: notes, controllers, values, modulations, in blocks of any size. Six bytes are an event.
struct Events {
    id: &'static str,
    plugin: Instance,
    params: Vec<u32>,
}

impl Events {
    fn new(id: &'static str) -> Self {
        let mut plugin = instance(id);
        plugin.set_render(Render::Offline).unwrap();
        let params = plugin.params().unwrap().iter().map(|param| param.id).collect();
        Self { id, plugin, params }.activated()
    }

    fn activated(mut self) -> Self {
        let format = Format { rate_hz: RATE_HZ, min_block_frames: 1, max_block_frames: BLOCK_FRAMES };
        self.plugin.activate(format).unwrap();
        self
    }

    fn event(&self, frame: usize, bytes: &[u8]) -> Event {
        let number = u32::from(bytes[3] % 8);
        let id = self.params[usize::from(u16::from_le_bytes([bytes[3], bytes[4]])) % self.params.len()];
        let odd = [0.0, 1.0, 0.5, -1.0, 2.0, 1e308, -1e308, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-310, 127.0];
        let value = if bytes[2] < 128 { f64::from(bytes[2]) / 127.0 } else { odd[usize::from(bytes[2]) % odd.len()] };
        let expressions = [
            Expression::Volume,
            Expression::Pan,
            Expression::Tuning,
            Expression::Vibrato,
            Expression::Expression,
            Expression::Brightness,
            Expression::Pressure,
        ];
        let kind = match bytes[1] % 8 {
            0 => EventKind::Midi([bytes[2], bytes[3], bytes[4]]),
            1 => EventKind::Midi([0x80 | bytes[2] & 0x7f, bytes[3] & 127, bytes[4] & 127]),
            2 => EventKind::NoteOn(number, bytes[4], bytes[5], value),
            3 => EventKind::NoteOff(number),
            4 => EventKind::NoteChoke(number),
            5 => EventKind::Expression(number, expressions[usize::from(bytes[5]) % expressions.len()], value),
            6 => EventKind::Modulation { id, amount: value },
            _ => EventKind::Value { id, value },
        };
        Event { frame, kind }
    }
}

impl Target for Events {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let mut random = Rng::with_seed(16);
        (0..6).map(|_| (0..EVENT_BYTES * 16).map(|_| random.u8(..)).collect()).collect()
    }

    fn attack(&mut self, case: &[u8]) {
        let mut frame = 0;
        let events: Vec<Event> = case
            .chunks_exact(EVENT_BYTES)
            .take(MAX_EVENTS)
            .map(|bytes| {
                frame += usize::from(bytes[0] % 64);
                self.event(frame, bytes)
            })
            .collect();
        let frames = frame + 512;
        let sizes: Vec<usize> = case.iter().map(|byte| usize::from(byte % BLOCK_FRAMES as u8) + 1).collect();
        let mut blocks = sizes.into_iter().cycle();
        let input: Vec<Vec<f32>> = if self.id == EFFECT {
            vec![(0..frames).map(|n| ((n as f32) * 0.03).sin() * 0.3).collect(); 2]
        } else {
            Vec::new()
        };
        let alone_frames = (self.id == CODES).then_some(frames);
        let take = Take { input: &input, events: &events, alone_frames, song_s: Some(1.0), ..Take::default() };
        self.plugin.reset().unwrap();
        let output = self.plugin.play(&take, &mut blocks, Pace::Hurry).unwrap();
        let wrong = output.iter().flatten().find(|sample| !sample.is_finite());
        assert!(wrong.is_none(), "the output holds {wrong:?}");
    }
}
