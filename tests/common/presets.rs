//! Presets are read, and heard one after the other: none too loud, silent or broken, and each unlike the model at rest and
//! the others.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use realfft::RealFftPlanner;
use timbreloom::model::package::PackageKind;
use timbreloom::preset::{Document, Entry, Table, factory};

use super::sounds::{peak, rms};

/// The presets that come with a package, and where they are: at least so many, each of them for it, with a name of its own
/// and words, in the canonical form.
pub fn sound_presets(package: &dyn PackageKind, table: &Table, least: usize) -> Vec<(String, Document)> {
    let (header, entries, mut names) = (package.header(), factory(package), HashSet::new());
    assert!(entries.len() >= least, "{}: {}", header.name, entries.len());
    let sound = |entry: Entry| {
        let place = entry.path.display().to_string();
        let written = Document::read(&entry.path).unwrap();
        assert_eq!((written.plugin, &written.model.name), (table.plugin, &header.name), "{place}");
        assert!(written.model.hash.is_empty(), "{place}: it belongs to the package beside it, whichever that is");
        let document = entry.document.unwrap();
        assert_eq!(document.model.hash, header.hash, "{place}");
        assert!(names.insert(document.name.to_lowercase()), "{place}: “{}” is taken", document.name);
        assert!(document.comment.len() > 20, "{place}: what does it do, and how is it played?");
        let (scene, remarks) = document.scene(table, &place);
        assert!(remarks.is_empty(), "{remarks:?}");
        // The canonical form: what is named differs from the default, and is written in the shortest way.
        let again = Document::of(&scene, table, "", "");
        assert_eq!((&again.parameters, &again.extras), (&document.parameters, &document.extras), "{place}");
        (place, document)
    };
    entries.into_iter().map(sound).collect()
}

const BANDS: usize = 48;

/// Levels of bands of a fifth of an octave from 40 Hz, dB, in windows of 46 ms: `[window][band]`.
fn bands(sound: &[f32]) -> Vec<[f32; BANDS]> {
    const WINDOW: usize = 2048;
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
    let mut spectrum = transform.make_output_vec();
    let hann = |n: usize| 0.5 - 0.5 * (std::f32::consts::TAU * n as f32 / WINDOW as f32).cos();
    let windows = sound.windows(WINDOW).step_by(WINDOW / 2);
    windows
        .map(|window| {
            let mut window: Vec<f32> = window.iter().enumerate().map(|(n, sample)| sample * hann(n)).collect();
            transform.process(&mut window, &mut spectrum).unwrap();
            let mut power = [1e-8f32; BANDS];
            for (n, value) in spectrum.iter().enumerate().skip(2) {
                let band = 5.0 * (n as f32 * 44_100.0 / WINDOW as f32 / 40.0).log2();
                power[(band.max(0.0) as usize).min(BANDS - 1)] += value.norm_sqr() / (WINDOW * WINDOW) as f32;
            }
            power.map(|power| 10.0 * power.log10())
        })
        .collect()
}

/// Mean difference of band levels where one of them sounds, dB.
fn distance(a: &[[f32; BANDS]], b: &[[f32; BANDS]]) -> f32 {
    let loudest = |window: &[f32; BANDS]| window.iter().fold(-200.0f32, |loudest, &level| loudest.max(level));
    let sounding = a.iter().zip(b).filter(|(a, b)| loudest(a).max(loudest(b)) > -60.0);
    let (mut sum, mut count) = (0.0, 0);
    for (a, b) in sounding {
        sum += a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>() / BANDS as f32;
        count += 1;
    }
    sum / count.max(1) as f32
}

/// The presets of all models, and what is wrong with them.
#[derive(Default)]
pub struct Judge {
    /// Of this model: its name and its sound's bands, at rest first.
    heard: Vec<(String, Vec<[f32; BANDS]>)>,
    failed: Vec<String>,
}

impl Judge {
    /// Another model, by its sound at rest.
    pub fn begin(&mut self, at_rest: &[f32]) {
        self.heard = vec![("the model at rest".to_owned(), bands(at_rest))];
    }

    /// Notes what does not hold of a preset.
    pub fn check(&mut self, holds: bool, name: &str, what: &str) {
        if !holds {
            self.failed.push(format!("{name}: {what}"));
        }
    }

    /// A preset's sound: below full scale, by so much louder than `beside` (dB), and so far from all before it (dB).
    pub fn hear(
        &mut self,
        name: &str,
        made: &[f32],
        beside: &[f32],
        louder_db: RangeInclusive<f32>,
        least_apart_db: f32,
    ) {
        self.check(made.iter().all(|sample| sample.is_finite()), name, "not a number");
        let peak = peak(made);
        self.check(peak <= 1.0, name, &format!("a peak of {:.1} dBFS", 20.0 * peak.log10()));
        let gain_db = 20.0 * (rms(made) / rms(beside)).log10();
        self.check(louder_db.contains(&gain_db), name, &format!("{gain_db:+.1} dB, and {louder_db:?} is granted"));
        let bands = bands(made);
        for (other, theirs) in std::mem::take(&mut self.heard) {
            let apart = distance(&bands, &theirs);
            println!("{name}: {apart:.2} dB from {other}, peak {peak:.2}, {gain_db:+.1} dB");
            self.check(apart >= least_apart_db, name, &format!("only {apart:.2} dB from {other}"));
            self.heard.push((other, theirs));
        }
        self.heard.push((name.to_owned(), bands));
    }

    /// After the last one.
    #[track_caller]
    pub fn end(self) {
        assert!(self.failed.is_empty(), "{}", self.failed.join("\n"));
    }
}
