//! Hits of a grain model: drawn, varied, like a recorded one, or a whole sound made again of them.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::{
    DEFAULT_MODEL, MODEL_HZ, Recording, below, class_of, numbered, open, pair_within, pitch_st_of, read, share, write,
};
use crate::cli::values::Note;
use crate::cli::{Failure, Outcome, output, shown};
use crate::drums::TRACKS;
use crate::drums::recipe::Recipe;
use crate::dsp::resample;
use crate::grains::schedule::RATE_HZ;
use crate::hits::hear::{Heard, hear};
use crate::hits::renderer::{Made, Renderer};
use crate::hits::resynthesis::resynthesise;
use crate::model::grains::GrainModel;
use crate::offline::audio_file::SampleFormat;
use crate::offline::output_file::is_standard;
use crate::offline::plot::drums::{DrumsPicture, drums};

/// Draws, variations and takes are numbered up to here.
const MOST_NUMBER: u32 = 9999;

/// The pad moves a hit by so much at most.
const MOST_PAD: f32 = 3.0;

/// A class is told of if this much of a hit sounds like it.
const LEAST_SHARE: f32 = 0.01;

/// Make single hits with a grain model, or a whole sound again of its grains.
#[derive(Args)]
pub(in crate::cli) struct DrumAsk {
    /// Name of an installed grain model, or a package's folder.
    #[arg(short, long, default_value = DEFAULT_MODEL)]
    model: String,
    /// The WAV file to write, or - for standard output.
    #[arg(short, long)]
    output: PathBuf,
    /// The kind of drum, by its name or its number from 0: by default the first, or what a sound is heard as.
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// Another kind of drum, to blend with the first.
    #[arg(long, value_name = "CLASS", requires = "blend")]
    class_b: Option<String>,
    /// How much of the other kind, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "class_b")]
    blend: Option<f32>,
    /// Which random hit, 1 to 9999: the same number is the same hit. 0 is the middle of the class, or the one of --like [default: 0].
    #[arg(long, visible_alias = "seed", value_name = "N", value_parser = clap::value_parser!(u32).range(..=i64::from(MOST_NUMBER)))]
    draw: Option<u32>,
    /// A straight line through the space of grains in place of a hit; with --class-b from grains of the one class to the other's.
    #[arg(long = "path")]
    is_path: bool,
    /// How far a variation of the hit goes, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    vary: Option<f32>,
    /// Which variation, 1 to 9999 [default: 1].
    #[arg(long, value_name = "N", requires = "vary", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_NUMBER)))]
    variation: Option<u32>,
    /// How far the hit goes towards another one, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    morph: Option<f32>,
    /// Which other one, as --draw [default: 0].
    #[arg(long, value_name = "N", requires = "morph", value_parser = clap::value_parser!(u32).range(..=i64::from(MOST_NUMBER)))]
    morph_draw: Option<u32>,
    /// Move the hit on the plane of its class: X,Y, both -3 to 3, in deviations.
    #[arg(long, value_name = "X,Y", value_parser = pad, allow_hyphen_values = true)]
    pad: Option<[f32; 2]>,
    /// The note of a model that is asked for a pitch: C4, F#2, 60 or 440Hz [default: that of --like, or the middle of its range].
    #[arg(long, value_name = "NOTE")]
    pitch: Option<Note>,
    /// The track of Timbreloom Drums whose draws these are, 1 to 8.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=TRACKS as i64))]
    track: u8,
    /// The take of Timbreloom Drums whose draws these are, 1 to 9999.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_NUMBER)))]
    take: u32,
    /// Begin with the hit of this recording in place of the middle of the class.
    #[arg(long, value_name = "FILE")]
    like: Option<PathBuf>,
    /// Make this sound again, of any length: cut where it is struck, and each piece made of the model's grains.
    #[arg(long, visible_alias = "resynthesize", value_name = "FILE", conflicts_with_all = [
        "class_b", "blend", "draw", "is_path", "vary", "variation", "morph", "morph_draw", "pad", "like", "count", "pitch",
    ])]
    resynthesise: Option<PathBuf>,
    /// So many hits, one after another from the draw on, each into a file with its number: kick-3.wav.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    count: Option<u32>,
    /// Samples of the WAV file.
    #[arg(long, value_enum, default_value_t)]
    format: SampleFormat,
    /// Draw spectrogram and wave into this PNG.
    #[arg(long)]
    plot: Option<PathBuf>,
}

fn pad(text: &str) -> Result<[f32; 2], String> {
    pair_within(text, MOST_PAD)
}

impl DrumAsk {
    /// The draws, and the file of each.
    fn files(&self) -> Result<Vec<(u32, PathBuf)>, Failure> {
        let Some(count) = self.count else { return Ok(vec![(self.draw.unwrap_or(0), self.output.clone())]) };
        let first = self.draw.unwrap_or(1);
        if first + count - 1 > MOST_NUMBER {
            return Err(format!("--count {count} from draw {first} on goes beyond {MOST_NUMBER}, the last one.").into());
        }
        if is_standard(&self.output) {
            return Err("--count writes a file for each hit; give the name of one in place of standard output.".into());
        }
        if self.plot.is_some() && count > 1 {
            return Err(format!("--plot draws one hit, and there are {count}: say it for each alone.").into());
        }
        Ok((first..first + count).map(|draw| (draw, numbered(&self.output, draw))).collect())
    }

    fn recipe(&self, classes: [usize; 2], draw: u32, pitch_st: f32) -> Recipe {
        Recipe {
            track: self.track - 1,
            classes: classes.map(|class| u8::try_from(class).expect("a model has at most 32 classes")),
            blend: self.blend.unwrap_or(0.0),
            draw: draw.into(),
            is_path: self.is_path,
            variation: self.vary.map_or(0, |_| self.variation.unwrap_or(1).into()),
            vary: self.vary.unwrap_or(0.0),
            morph: self.morph.unwrap_or(0.0),
            morph_draw: self.morph_draw.unwrap_or(0).into(),
            pad: self.pad.unwrap_or_default(),
            pitch_st,
            take: self.take,
            kit: 0,
        }
    }
}

pub(in crate::cli) fn drum(ask: &DrumAsk) -> Result<Outcome, Failure> {
    let files = ask.files()?;
    let inputs = ask.like.iter().chain(&ask.resynthesise).map(PathBuf::as_path);
    output::check(inputs, files.iter().map(|(_, file)| &**file).chain(ask.plot.as_deref()))?;
    files.iter().try_for_each(|(_, file)| output::check_wav(file))?;
    ask.plot.as_deref().map(output::check_picture).transpose()?;
    let model = open(&ask.model)?;
    match &ask.resynthesise {
        Some(file) => again(ask, file, model),
        None => hits(ask, &files, model),
    }
}

fn hits(ask: &DrumAsk, files: &[(u32, PathBuf)], mut model: GrainModel) -> Result<Outcome, Failure> {
    let named = ask.class.as_deref().map(|word| class_of(&model, word)).transpose()?;
    let (heard, remarks) = match &ask.like {
        None => (None, Vec::new()),
        Some(file) => {
            let Recording { sound, remarks, .. } = read(file)?;
            let silent =
                || format!("{}: it is silent, and no hit is heard in it. Give another recording.", file.display());
            (Some(hear(&mut model, &sound, named)?.ok_or_else(silent)?), remarks)
        }
    };
    let class = named.or(heard.as_ref().map(|heard| heard.class)).unwrap_or(0);
    let class_b = ask.class_b.as_deref().map_or(Ok(class), |word| class_of(&model, word))?;
    let asked_hz = ask.pitch.map(|note| note.hz).or(heard.as_ref().and_then(|heard| heard.f0_hz));
    let pitch_st = asked_hz.map_or(Ok(0.0), |hz| pitch_st_of(&model, hz))?;
    let mut renderer = Renderer::new(model);
    let own = heard.as_ref().map_or(&[][..], |heard| heard.e.as_slice());
    let mut lines: Vec<String> = heard.iter().map(|heard| told(heard, renderer.model())).collect();
    let mut made_hits = Vec::new();
    for (draw, file) in files {
        let Made { frames, e } = renderer.render(&ask.recipe([class, class_b], *draw, pitch_st), own)?;
        let what = name_of(ask, renderer.model(), [class, class_b], *draw);
        if frames.is_empty() {
            return Err(format!("{what} is silent; draw another one.").into());
        }
        let seconds = frames.len() as f64 / RATE_HZ;
        if let Some(plot) = &ask.plot {
            draw_hits(plot, &what, &[("hit", &frames)], MODEL_HZ)?;
        }
        write(file, MODEL_HZ, frames, ask.format)?;
        lines.push(format!("{}: {seconds:.2} s, {what}", file.display()));
        made_hits.push(json!({ "output": shown(file), "draw": draw, "seconds": seconds, "e": rounded(&e) }));
    }
    let header = &renderer.model().package().header;
    let mut value = json!({
        "model": header.name, "hash": header.hash, "class": renderer.model().classes()[class], "remarks": remarks,
    });
    if let Some(heard) = &heard {
        value["heard"] = heard_json(heard, renderer.model());
    }
    if ask.count.is_some() {
        value["hits"] = made_hits.into();
    } else {
        made_hits.iter_mut().for_each(|only| join(&mut value, only));
    }
    Ok(Outcome::new(lines.join("\n") + &below(&remarks), value).beside(&ask.output))
}

/// Adds the keys of one object to another.
fn join(value: &mut Value, other: &mut Value) {
    if let (Some(value), Some(other)) = (value.as_object_mut(), other.as_object_mut()) {
        value.append(other);
    }
}

/// What a hit is, in words.
fn name_of(ask: &DrumAsk, model: &GrainModel, [class, class_b]: [usize; 2], draw: u32) -> String {
    let (classes, name) = (model.classes(), &model.package().header.name);
    let what = match ask.blend {
        Some(blend) => format!("{} and {:.0} % {}", classes[class], 100.0 * blend, classes[class_b]),
        None => classes[class].clone(),
    };
    let form = if ask.is_path { "path" } else { "draw" };
    let what = match ask.pitch {
        Some(note) => format!("{what} at {:.1} Hz", note.hz),
        None => what,
    };
    match (draw, &ask.like) {
        (0, Some(like)) => format!("{what} of {name}, like {}", like.display()),
        _ => format!("{what} of {name}, {form} {draw}"),
    }
}

/// What a recording sounds like, and which hit of its class it is.
fn told(heard: &Heard, model: &GrainModel) -> String {
    let mut shares: Vec<(f32, &String)> = heard.shares.iter().copied().zip(model.classes()).collect();
    shares.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let shares = shares.iter().filter(|(share, _)| *share >= LEAST_SHARE);
    let shares: Vec<String> = shares.map(|(share, class)| format!("{:.0} % {class}", 100.0 * share)).collect();
    let e: Vec<String> = heard.e.iter().map(|value| format!("{value:.2}")).collect();
    let pitch = heard.f0_hz.map_or(String::new(), |hz| format!(" at {hz:.1} Hz"));
    format!("heard: {}{pitch}; as a {}: {}", shares.join(", "), model.classes()[heard.class], e.join(" "))
}

fn heard_json(heard: &Heard, model: &GrainModel) -> Value {
    let shares = model.classes().iter().cloned().zip(rounded(&heard.shares)).collect::<serde_json::Map<_, _>>();
    json!({ "class": model.classes()[heard.class], "e": rounded(&heard.e), "shares": shares, "f0_hz": heard.f0_hz })
}

/// As kits are written: four digits are more than is heard.
fn rounded(values: &[f32]) -> Vec<Value> {
    values.iter().map(|value| json!((f64::from(*value) * 1e4).round() / 1e4)).collect()
}

/// Makes a sound again, at its own rate and as long.
fn again(ask: &DrumAsk, file: &Path, mut model: GrainModel) -> Result<Outcome, Failure> {
    let class = ask.class.as_deref().map(|word| class_of(&model, word)).transpose()?;
    let Recording { sound, rate_hz, frames, remarks } = read(file)?;
    let made = resynthesise(&mut model, &sound, class, ask.take.into())?;
    let mut counts = vec![0usize; model.classes().len()];
    made.pieces.iter().for_each(|piece| counts[piece.class] += 1);
    let counted = counts.iter().zip(model.classes()).filter(|(count, _)| **count > 0);
    let counted: Vec<String> = counted.map(|(count, class)| format!("{count} of {class}")).collect();
    let output = &ask.output;
    let (seconds, header) = (sound.len() as f64 / RATE_HZ, &model.package().header);
    if let Some(plot) = &ask.plot {
        let title = format!("{} made again of {}", file.display(), header.name);
        draw_hits(plot, &title, &[("heard", &sound), ("made", &made.frames)], MODEL_HZ)?;
    }
    let mut again = resample::whole(&made.frames, RATE_HZ, f64::from(rate_hz));
    // There and back may be off by a frame.
    again.resize(frames, 0.0);
    write(output, rate_hz, again, ask.format)?;
    let pieces = if counted.is_empty() { "none: it is silent".into() } else { counted.join(", ") };
    Ok(Outcome::new(
        format!("{}: {seconds:.2} s made again of {}; pieces: {pieces}{}", output.display(), header.name, below(&remarks)),
        json!({
            "input": shown(file), "output": shown(output), "model": header.name, "hash": header.hash, "seconds": seconds,
            "pieces": made.pieces.iter().map(|piece| json!({
                "seconds": piece.from as f64 / RATE_HZ, "class": model.classes()[piece.class],
            })).collect::<Vec<_>>(),
            "remarks": remarks,
        }),
    )
    .beside(output))
}

fn draw_hits(plot: &Path, title: &str, sounds: &[(&str, &[f32])], rate_hz: u32) -> Result<(), Failure> {
    drums(plot, &DrumsPicture { title, sounds, rate_hz, walk: None })?;
    Ok(())
}
