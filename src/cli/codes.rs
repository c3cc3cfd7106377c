//! Commands for discrete models: look at a codebook, walk through it, play a target, and describe any sound.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::values::{GoalChoice, Note, WeightChoice};
use super::{Failure, Outcome, find, output, shown};
use crate::codes::book::Codebook;
use crate::codes::curve::CurveShape;
use crate::codes::matcher::Goal;
use crate::codes::path::{DEFAULT_JUMP, MAX_AHEAD};
use crate::codes::voice::Play;
use crate::dsp::descriptors::{Describer, Descriptor};
use crate::model::codes::CodesPackage;
use crate::model::loader;
use crate::offline::STANDARD;
use crate::offline::audio_file::{self, Audio, Reader, SampleFormat};
use crate::offline::drawn_curve::Drawn;
use crate::offline::output_file::{self, OutputFile};
use crate::offline::plot::codes::{self as plot, BookPicture, Followed, SoundPicture};
use crate::offline::target::{self, Score, Source, TargetAsk};

/// How codes are sounded: at which pitch and level.
#[derive(Args, Clone)]
pub(super) struct Playing {
    /// Play all codes at this note (C4, F#2, 60, 440Hz) instead of each at its own pitch.
    #[arg(long)]
    note: Option<Note>,
    /// Level, dB(A) re full scale.
    #[arg(long, default_value_t = -20.0, allow_hyphen_values = true, value_name = "DB")]
    level: f32,
    /// Of the noise: the same seed gives the same take.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
pub(super) struct CodebookAsk {
    /// Name of an installed discrete model, or its folder.
    package: String,
    /// centroid, bandwidth, fundamental, periodicity, loudness, flatness or rolloff.
    #[arg(short, long, default_value = "centroid")]
    descriptor: Descriptor,
    /// Tell the descriptors at this note (C4, F#2, 60, 440Hz) instead of at each code's own pitch.
    #[arg(long)]
    note: Option<Note>,
    /// Draw the map and the histogram into this PNG.
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Write all codes and descriptors into this CSV file.
    #[arg(long)]
    csv: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct TraverseAsk {
    /// Name of an installed discrete model, or its folder.
    package: String,
    /// The order: centroid, bandwidth, fundamental, periodicity, loudness, flatness or rolloff.
    #[arg(short, long, default_value = "centroid")]
    descriptor: Descriptor,
    /// Hops that each code sounds.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=200))]
    hops: u32,
    #[command(flatten)]
    playing: Playing,
    /// The WAV file to write.
    #[arg(short, long)]
    output: PathBuf,
    /// Draw the spectrogram and the descriptor into this PNG.
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Samples of the WAV file.
    #[arg(long, value_enum, default_value_t)]
    format: SampleFormat,
}

/// How codes are found.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
pub(super) enum Matching {
    /// The nearest code of each hop.
    Nearest,
    /// A path that also keeps codes near each other.
    Path,
}

#[derive(Args)]
pub(super) struct TargetCommand {
    /// Name of an installed discrete model, or its folder.
    package: String,
    /// A descriptor and its curve (repeatable): centroid=sine, exp, log or ramp, with a range as in
    /// centroid=sine:500..2000; or centroid=FILE.csv with a number per line or “seconds, value”; or centroid=FILE.wav, that
    /// sound's own curve.
    #[arg(short, long, required = true, value_name = "DESCRIPTOR=CURVE")]
    goal: Vec<GoalChoice>,
    /// How much a goal counts beside the others (repeatable) [default: 1].
    #[arg(long, value_name = "DESCRIPTOR=WEIGHT")]
    weight: Vec<WeightChoice>,
    /// How codes are found.
    #[arg(long = "match", value_enum, default_value = "path")]
    matching: Matching,
    /// Price of a jump between codes, for paths.
    #[arg(long, default_value_t = DEFAULT_JUMP)]
    jump: f32,
    /// Hops that a path looks ahead, 0 to 64.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(0..=64))]
    ahead: u32,
    /// Length of the sound [default: what the curves say, or 6].
    #[arg(long)]
    seconds: Option<f32>,
    /// How often shapes run through.
    #[arg(long, default_value_t = 1.0)]
    cycles: f32,
    /// Scale drawn curves and those of sounds into the codebook's 5th to 95th percentile.
    #[arg(long)]
    fit: bool,
    #[command(flatten)]
    playing: Playing,
    /// The WAV file to write.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Draw target and sound over the spectrogram into this PNG.
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Samples of the WAV file.
    #[arg(long, value_enum, default_value_t)]
    format: SampleFormat,
}

#[derive(Args)]
pub(super) struct DescribeAsk {
    /// A sound file, or - for standard input; stereo is mixed down.
    input: PathBuf,
    /// Frames from one row to the next, at the file's own rate.
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(32..=2048))]
    hop: u32,
    /// The CSV file to write [default: print it].
    #[arg(short, long)]
    output: Option<PathBuf>,
}

fn open(package: &str) -> Result<(CodesPackage, Arc<Codebook>), Failure> {
    let package = find::codes(package)?;
    let (book, remarks) = loader::load_book(&package)?;
    remarks.iter().for_each(|remark| super::complain(remark));
    Ok((package, book))
}

fn at_note(note: Option<Note>) -> String {
    note.map_or("at each code's own pitch".into(), |note| format!("at {:.2} Hz", note.hz))
}

fn level_of(playing: &Playing) -> Result<f32, Failure> {
    if (-80.0..=0.0).contains(&playing.level) {
        return Ok(playing.level);
    }
    Err(format!("--level should be -80 to 0 dB, but is {}; correct it", playing.level).into())
}

pub(super) fn codebook(ask: &CodebookAsk) -> Result<Outcome, Failure> {
    ask.plot.as_deref().map(output::check_picture).transpose()?;
    output::check([], ask.plot.as_deref().into_iter().chain(ask.csv.as_deref()))?;
    let (package, book) = open(&ask.package)?;
    let (descriptor, f0_hz) = (ask.descriptor, ask.note.map(|note| note.hz));
    let values: Vec<f32> = (0..book.len()).map(|code| book.value(descriptor, code, f0_hz)).collect();
    if let Some(path) = &ask.csv {
        write_csv(path, &book_csv(&book, f0_hz))?;
    }
    if let Some(path) = &ask.plot {
        plot::book(
            path,
            &BookPicture {
                title: &format!("{}: the codebook by {descriptor}, {}", package.header.name, at_note(ask.note)),
                plane: &book.plane,
                plane_share: package.plane_share,
                descriptor,
                values: &values,
            },
        )?;
    }
    let shares = [0.0, 0.05, 0.5, 0.95, 1.0].map(|share| book.percentile(descriptor, f0_hz, share));
    let [least, low, middle, high, most] = shares;
    let used = book.used.iter().filter(|&&count| count > 0.0).count();
    let unit = descriptor.unit();
    Ok(Outcome::new(
        format!(
            "{}: {} codes, {used} used in training. {descriptor} {}: {least:.2} to {most:.2} {unit}, median {middle:.2}, \
             5 to 95 % {low:.2} to {high:.2}.",
            package.header.name,
            book.len(),
            at_note(ask.note)
        ),
        json!({
            "name": package.header.name, "codes": book.len(), "used": used, "descriptor": descriptor.name(), "f0_hz": f0_hz,
            "min": least, "p05": low, "p50": middle, "p95": high, "max": most,
            "pitch": [package.pitch.min_hz, package.pitch.max_hz],
        }),
    ))
}

fn book_csv(book: &Codebook, f0_hz: Option<f32>) -> String {
    let keys = Descriptor::ALL.map(Descriptor::key).join(",");
    let mut text = format!("code,used,own_hz,x,y,{keys},most_often_followed_by\n");
    for code in 0..book.len() {
        let values = Descriptor::ALL.map(|descriptor| book.value(descriptor, code, f0_hz).to_string()).join(",");
        let [x, y] = book.plane[code];
        let next: Vec<String> = book.successors[code].iter().map(|(code, _)| code.to_string()).collect();
        let (used, own_hz) = (book.used[code], book.own_hz[code]);
        text.push_str(&format!("{code},{used},{own_hz},{x},{y},{values},{}\n", next.join(" ")));
    }
    text
}

pub(super) fn traverse(ask: &TraverseAsk) -> Result<Outcome, Failure> {
    output::check([], [&*ask.output].into_iter().chain(ask.plot.as_deref()))?;
    output::check_wav(&ask.output)?;
    ask.plot.as_deref().map(output::check_picture).transpose()?;
    let (package, book) = open(&ask.package)?;
    let level_db = level_of(&ask.playing)?;
    let (descriptor, f0_hz) = (ask.descriptor, ask.playing.note.map(|note| note.hz));
    let order = book.sorted(descriptor, f0_hz);
    let play = |code: usize| Play { code, f0_hz: f0_hz.unwrap_or(book.own_hz[code]), level_db };
    let plays: Vec<Play> = order.iter().flat_map(|&code| std::iter::repeat_n(play(code), ask.hops as usize)).collect();
    let sound = target::render(&book, &plays, ask.playing.seed);
    let wanted: Vec<f32> = plays.iter().map(|play| book.value(descriptor, play.code, f0_hz)).collect();
    let score = target::follow(&book, descriptor, wanted, &sound);
    finish(&ask.output, ask.format, &book, &sound)?;
    let note = told(&score);
    if let Some(path) = &ask.plot {
        let title = format!(
            "{}: all codes in rising order of {descriptor}, {}",
            package.header.name,
            at_note(ask.playing.note)
        );
        draw(path, &title, &book, &sound, &[(&score, note.clone())])?;
    }
    let seconds = sound.len() as f64 / f64::from(book.rate_hz);
    Ok(Outcome::new(
        format!(
            "{}: {seconds:.2} s, {} codes in rising order of {descriptor}. {note}",
            ask.output.display(),
            order.len()
        ),
        json!({ "output": shown(&ask.output), "codes": order, "seconds": seconds, "score": score_json(&score) }),
    )
    .beside(&ask.output))
}

pub(super) fn target(ask: &TargetCommand) -> Result<Outcome, Failure> {
    let level_db = level_of(&ask.playing)?;
    if !(0.0..=100.0).contains(&ask.jump) {
        return Err(format!("--jump should be 0 to 100, but is {}; correct it", ask.jump).into());
    }
    let curves = ask.goal.iter().map(|goal| Path::new(&goal.curve));
    output::check(curves, ask.output.as_deref().into_iter().chain(ask.plot.as_deref()))?;
    ask.output.as_deref().map(output::check_wav).transpose()?;
    ask.plot.as_deref().map(output::check_picture).transpose()?;
    let (package, book) = open(&ask.package)?;
    let mut remarks = Vec::new();
    let goals = ask.goal.iter().map(|goal| goal_of(goal, &ask.weight, &mut remarks));
    let goals = goals.collect::<Result<Vec<_>, Failure>>()?;
    if let Some(stray) = ask.weight.iter().find(|weight| ask.goal.iter().all(|g| g.descriptor != weight.descriptor)) {
        return Err(format!(
            "--weight {0}={1} has no goal; add --goal {0}=..., or leave it out",
            stray.descriptor, stray.weight
        )
        .into());
    }
    let path = (ask.matching == Matching::Path).then_some((ask.jump, (ask.ahead as usize).min(MAX_AHEAD)));
    let made = target::play(
        &book,
        &package.header.name,
        &TargetAsk {
            goals,
            f0_hz: ask.playing.note.map(|note| note.hz),
            seconds: ask.seconds,
            cycles: ask.cycles,
            is_fitted: ask.fit,
            path,
            level_db,
            seed: ask.playing.seed,
        },
    )?;
    if let Some(output) = &ask.output {
        finish(output, ask.format, &book, &made.sound)?;
    }
    let notes: Vec<String> = made.scores.iter().map(told).collect();
    let how = if path.is_some() { "by a least-cost path" } else { "by nearest code" };
    if let Some(path) = &ask.plot {
        let title = format!("{}: a target {how}, {}", package.header.name, at_note(ask.playing.note));
        let scores: Vec<(&Score, String)> = made.scores.iter().zip(notes.iter().cloned()).collect();
        draw(path, &title, &book, &made.sound, &scores)?;
    }
    let changes = made.plays.windows(2).filter(|pair| pair[0].code != pair[1].code).count();
    let changes = changes as f64 / (made.plays.len() - 1).max(1) as f64;
    let mut lines: Vec<String> =
        made.scores.iter().zip(&notes).map(|(score, note)| format!("{}: {note}", score.descriptor)).collect();
    lines.extend(remarks.iter().cloned());
    Ok(Outcome::new(
        format!("{} {how}, {changes:.2} changes of code per hop.\n{}", package.header.name, lines.join("\n")),
        json!({
            "name": package.header.name, "output": ask.output.as_deref().map(shown), "hops": made.plays.len(), "changes_per_hop": changes,
            "goals": made.scores.iter().map(score_json).collect::<Vec<_>>(),
            "codes": made.plays.iter().map(|play| play.code).collect::<Vec<_>>(), "remarks": remarks,
        }),
    )
    .beside(ask.output.as_deref().unwrap_or(Path::new(""))))
}

pub(super) fn describe(ask: &DescribeAsk) -> Result<Outcome, Failure> {
    output::check([&*ask.input], ask.output.as_deref())?;
    let mut reader = Reader::open(&ask.input)?;
    let (rate_hz, hop) = (reader.rate_hz(), ask.hop as usize);
    let mut describer = Describer::new(f64::from(rate_hz), hop);
    let mut text = format!("seconds,{}\n", Descriptor::ALL.map(Descriptor::key).join(","));
    let (mut hops, mut waiting, mut block) = (0, Vec::new(), Vec::new());
    while reader.next(&mut block)? {
        waiting.extend(audio_file::mono(&block));
        let whole = waiting.len() / hop * hop;
        for frames in waiting[..whole].chunks_exact(hop) {
            let row = describer.next(frames);
            hops += 1;
            let seconds = (hops * hop) as f64 / f64::from(rate_hz);
            text.push_str(&format!("{seconds:.6},{}\n", row.map(|value| value.to_string()).join(",")));
        }
        waiting.drain(..whole);
    }
    let remarks = output::remarks(&ask.input, &reader.report(), rate_hz);
    let Some(path) = &ask.output else {
        // The table alone goes to standard output.
        remarks.iter().for_each(|remark| super::complain(remark));
        let value = json!({ "csv": text, "remarks": remarks });
        return Ok(Outcome::new(text.trim_end().to_owned(), value));
    };
    write_csv(path, &text)?;
    let remarked: String = remarks.iter().map(|remark| format!("\n{remark}")).collect();
    let line = format!("{}: {hops} hops of {} descriptors{remarked}", path.display(), Descriptor::ALL.len());
    Ok(Outcome::new(line, json!({ "output": shown(path), "hops": hops, "remarks": remarks })).beside(path))
}

/// A goal and where its curve comes from; what there is to say of a sound is added to `remarks`.
fn goal_of(goal: &GoalChoice, weights: &[WeightChoice], remarks: &mut Vec<String>) -> Result<(Goal, Source), Failure> {
    let descriptor = goal.descriptor;
    let weight = weights.iter().rfind(|weight| weight.descriptor == descriptor).map_or(1.0, |weight| weight.weight);
    let source = match CurveShape::ALL.into_iter().find(|shape| shape.name() == goal.curve) {
        Some(shape) => Source::Shape(shape, goal.range),
        None => {
            let path = PathBuf::from(&goal.curve);
            if !path.exists() && path != Path::new(STANDARD) {
                let shapes = CurveShape::ALL.map(CurveShape::name).join(", ");
                let text = format!(
                    "{descriptor}={}: expected {shapes}, a CSV file or a sound; found no such file. Check the name",
                    goal.curve
                );
                return Err(text.into());
            }
            let is_csv =
                path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("txt"));
            if is_csv {
                Source::Drawn(path.clone(), Drawn::read(&path)?)
            } else {
                let (sound, report) = audio_file::read(&path)?;
                remarks.extend(output::remarks(&path, &report, sound.rate_hz));
                Source::Sound(path.clone(), sound)
            }
        }
    };
    Ok((Goal { descriptor, weight }, source))
}

fn told(score: &Score) -> String {
    let r = score.correlation.map_or("no correlation (it stands still)".into(), |r| format!("correlation {r:.4}"));
    let share = if score.range > 0.0 {
        format!(" ({:.1} % of the curve's range)", 100.0 * score.error / score.range)
    } else {
        String::new()
    };
    format!("{r}, mean absolute error {:.3} {}{share}", score.error, score.descriptor.unit()).replace("  ", " ")
}

fn score_json(score: &Score) -> serde_json::Value {
    json!({
        "descriptor": score.descriptor.name(), "correlation": score.correlation, "mean_absolute_error": score.error,
        "range": score.range,
    })
}

fn finish(output: &Path, format: SampleFormat, book: &Codebook, sound: &[f32]) -> Result<(), Failure> {
    audio_file::write_wav(output, &Audio { rate_hz: book.rate_hz, channels: vec![sound.to_vec()] }, format)?;
    Ok(())
}

fn draw(path: &Path, title: &str, book: &Codebook, sound: &[f32], scores: &[(&Score, String)]) -> Result<(), Failure> {
    // What is heard before the windows are full is no value to be drawn.
    let unheard = |(hop, &value): (usize, &f32)| if hop < target::UNSCORED { f32::NAN } else { value };
    let heard: Vec<Vec<f32>> =
        scores.iter().map(|(score, _)| score.heard.iter().enumerate().map(unheard).collect()).collect();
    let followed: Vec<Followed<'_>> = scores
        .iter()
        .zip(&heard)
        .map(|((score, note), heard)| Followed { descriptor: score.descriptor, wanted: &score.wanted, heard, note })
        .collect();
    let (rate_hz, hop_frames) = (book.rate_hz, book.hop_frames);
    plot::sound(path, &SoundPicture { title, sound, rate_hz, hop_frames, followed: &followed })?;
    Ok(())
}

fn write_csv(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = OutputFile::create(path)?;
    file.write_all(text.as_bytes()).map_err(|error| output_file::failure(path, &error))?;
    Ok(file.finish()?)
}
