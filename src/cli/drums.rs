//! Commands for grain models: hits, loops, walks through the space of grains, and hits by OSC.

mod hit;
mod play_file;
mod sequence;
mod server;
mod walk;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub(super) use hit::{DrumAsk, drum};
pub(super) use sequence::{SequenceAsk, sequence};
pub(super) use server::{Serving, serve};
pub(super) use walk::{WalkCommand, walk};

use super::{Failure, find, output};
use crate::dsp::resample;
use crate::files::{self, Links};
use crate::grains::schedule::RATE_HZ;
use crate::model::grains::GrainModel;
use crate::model::loader;
use crate::offline::audio_file::{self, Audio, SampleFormat};

/// The rate of what grain models make, Hz.
const MODEL_HZ: u32 = RATE_HZ as u32;

/// The package that these commands play unless another one is named.
pub(super) const DEFAULT_MODEL: &str = "drums";

/// Bytes of a file of JSON at most.
const MOST_BYTES: u64 = 4 << 20;

/// How far a place may be from the middle of the plane; beyond lies nothing that was heard in training.
const MOST_PLACE: f32 = 1000.0;

/// A grain model by its name or folder, ready to run. What there is to say of it is told on standard error.
fn open(word: &str) -> Result<GrainModel, Failure> {
    let (model, remarks) = loader::load_grain_model(&find::grains(word)?)?;
    remarks.iter().for_each(|remark| super::complain(remark));
    Ok(model)
}

/// A class by its name, or by its number from 0.
fn class_of(model: &GrainModel, word: &str) -> Result<usize, Failure> {
    let classes = model.classes();
    let named = classes.iter().position(|class| class.eq_ignore_ascii_case(word.trim()));
    let class = named.or(word.trim().parse().ok().filter(|number| *number < classes.len()));
    class.ok_or_else(|| {
        let slip = find::slip(word, classes.iter().map(String::as_str), 1);
        let name = &model.package().header.name;
        format!("“{word}” is no class of “{name}”.{slip} Its classes are {}.", classes.join(", ")).into()
    })
}

/// So far beyond the range, semitones, a note is its end: manifests and names round them otherwise.
const ROUNDING_ST: f32 = 0.05;

/// How far a pitch is from the middle of the model's range, semitones.
fn pitch_st_of(model: &GrainModel, hz: f32) -> Result<f32, Failure> {
    let package = model.package();
    let name = &package.header.name;
    let Some(range) = package.pitch else {
        return Err(format!("“{name}” takes no pitch: leave --pitch out, or choose a model of notes.").into());
    };
    let above_st = |from_hz: f32| 12.0 * (hz / from_hz).log2();
    if above_st(range.min_hz) < -ROUNDING_ST || above_st(range.max_hz) > ROUNDING_ST {
        return Err(format!(
            "“{name}” plays notes from {:.0} Hz to {:.0} Hz, and --pitch asks for {hz:.0} Hz.",
            range.min_hz, range.max_hz
        )
        .into());
    }
    Ok(above_st(package.middle_hz()))
}

/// A sound file that was read.
struct Recording {
    /// Mixed down, at the rate of grains.
    sound: Vec<f32>,
    /// The file's own rate, Hz, and how many frames it has at that.
    rate_hz: u32,
    frames: usize,
    /// What there is to say of the file.
    remarks: Vec<String>,
}

fn read(file: &Path) -> Result<Recording, Failure> {
    let (audio, report) = audio_file::read(file)?;
    let (rate_hz, frames) = (audio.rate_hz, audio.frames());
    let sound = resample::whole(&audio.mono(), f64::from(rate_hz), RATE_HZ);
    Ok(Recording { sound, rate_hz, frames, remarks: output::remarks(file, &report, rate_hz) })
}

/// A file of JSON.
fn read_json(file: &Path) -> Result<Value, Failure> {
    let unreadable = |reason: String| format!("{}: cannot be read: {reason}.", file.display());
    let bytes = files::read_bounded(file, MOST_BYTES, Links::Follow).map_err(|error| unreadable(error.to_string()))?;
    let bytes = bytes.ok_or_else(|| unreadable(format!("it is longer than {MOST_BYTES} bytes")))?;
    Ok(serde_json::from_slice(&bytes).map_err(|error| format!("{}: is no JSON ({error}).", file.display()))?)
}

/// With a number behind its name, before its ending.
fn numbered(file: &Path, number: u32) -> PathBuf {
    let mut name: OsString = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(ending) = file.extension() {
        name.push(".");
        name.push(ending);
    }
    file.with_file_name(name)
}

fn write(output: &Path, rate_hz: u32, sound: Vec<f32>, format: SampleFormat) -> Result<(), Failure> {
    audio_file::write_wav(output, &Audio { rate_hz, channels: vec![sound] }, format)?;
    Ok(())
}

/// Sentences below a line, each on a line of its own.
fn below(remarks: &[String]) -> String {
    remarks.iter().map(|remark| format!("\n{remark}")).collect()
}

/// A number within a range, for options.
fn within(text: &str, least: f32, most: f32) -> Result<f32, String> {
    let number = text.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("“{text}” should be a number from {least} to {most}"))
}

fn share(text: &str) -> Result<f32, String> {
    within(text, 0.0, 1.0)
}

/// Two numbers within a range, for options.
fn pair_within(text: &str, most: f32) -> Result<[f32; 2], String> {
    let wrong = || format!("“{text}” should be X,Y, both from -{most} to {most}");
    let (x, y) = text.split_once(',').ok_or_else(wrong)?;
    let number = |text: &str| within(text, -most, most).map_err(|_| wrong());
    Ok([number(x)?, number(y)?])
}

fn place(text: &str) -> Result<[f32; 2], String> {
    pair_within(text, MOST_PLACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_before_the_ending() {
        assert_eq!(numbered(Path::new("a/kick.wav"), 3), Path::new("a/kick-3.wav"));
        assert_eq!(numbered(Path::new("kick"), 12), Path::new("kick-12"));
    }

    #[test]
    fn options_take_numbers_of_their_range_alone() {
        assert_eq!((share("0.25"), share(" 1 ")), (Ok(0.25), Ok(1.0)));
        assert_eq!((place("-1,2.5"), pair_within("3, -3", 3.0)), (Ok([-1.0, 2.5]), Ok([3.0, -3.0])));
        for bad in ["", "2", "-0.1", "NaN", "inf", "x"] {
            assert!(share(bad).is_err_and(|said| said.contains("a number from 0 to 1")), "{bad}");
        }
        for bad in ["", "1", "1,", "1,2,3", "1,NaN", "1,4"] {
            assert!(pair_within(bad, 3.0).is_err_and(|said| said.contains("X,Y, both from -3 to 3")), "{bad}");
        }
    }
}
