//! What a musician opens: presets, latent paths, drawn curves, recordings.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use timbreloom::instance;
use timbreloom::model::Model;
use timbreloom::model::kinds::Package;
use timbreloom::model::loader;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::offline::audio_file;
use timbreloom::offline::drawn_curve::Drawn;
use timbreloom::offline::latent_path;
use timbreloom::preset::Document;

use super::Target;
use crate::common::package::{general, root, shipped};
use crate::mutate;

/// More of a path is not decoded: that is the model's time, not the file's danger.
const MAX_HOPS: usize = 64;

/// A preset, of either plugin.
pub struct Preset;

impl Target for Preset {
    fn seeds(&mut self) -> Vec<Vec<u8>> {
        let presets = shipped("cello").join("presets");
        let mut files: Vec<PathBuf> = fs::read_dir(presets).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().take(4).map(|file| fs::read(file).unwrap()).collect()
    }

    fn attack(&mut self, case: &[u8]) {
        if let Ok(document) = Document::parse(case, "a case") {
            for table in [instance::table(), instance::codes_table(), instance::drums_table()] {
                let _ = document.scene(table, "a case");
            }
            assert!(
                Document::parse(document.text().as_bytes(), "written").is_ok(),
                "what was read can be written and read"
            );
        }
    }
}

/// A latent path, read and played.
pub struct Path_ {
    file: PathBuf,
    model: Box<dyn Model>,
}

impl Path_ {
    pub fn new(scratch: &Path) -> Self {
        let model = loader::load(&Package::open(&general()).unwrap(), &ProviderChoice::CPU).unwrap();
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
        let Ok(path) = latent_path::read(&self.file) else { return };
        let fits = path.dims == self.model.shape().dims && path.hops.len() <= MAX_HOPS;
        if fits && latent_path::decode(&path, self.model.as_mut()).is_err() {
            self.model.reset();
        }
    }
}

/// A drawn curve.
pub struct Csv {
    pub file: PathBuf,
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
pub struct Sound {
    pub file: PathBuf,
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
