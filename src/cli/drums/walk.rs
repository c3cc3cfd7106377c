//! Walks through the space of grains.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde_json::json;

use super::{DEFAULT_MODEL, MODEL_HZ, MOST_PLACE, class_of, open, pitch_st_of, place, read_json, within, write};
use crate::cli::values::Note;
use crate::cli::{Failure, Outcome, output, shown};
use crate::hits::walk::{Course, GrainPlane, WalkAsk, Walked, walk as make};
use crate::model::grains::GrainModel;
use crate::offline::audio_file::SampleFormat;
use crate::offline::plot::drums::{DrumsPicture, WalkOnPlane, drums};

/// Rounds and windings at most.
const MOST_TURNS: f32 = 100.0;

/// Places of a file at most.
const MOST_POINTS: usize = 4096;

/// Play a walk through the space of a grain model: sound without an end, grain by grain.
#[derive(Args)]
#[command(group = ArgGroup::new("way").required(true).args(["from", "circle", "spiral", "points", "random"]))]
pub(in crate::cli) struct WalkCommand {
    /// Name of an installed grain model, or a package's folder.
    #[arg(short, long, default_value = DEFAULT_MODEL)]
    model: String,
    /// The WAV file to write, or - for standard output.
    #[arg(short, long)]
    output: PathBuf,
    /// The kind of drum whose grains are heard, by its name or its number from 0 [default: the first].
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// The note of a model that is asked for a pitch: C4, F#2, 60 or 440Hz [default: the middle of its range].
    #[arg(long, value_name = "NOTE")]
    pitch: Option<Note>,
    /// Begin a straight line at this place of the plane; --to ends it.
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true, requires = "to")]
    from: Option<[f32; 2]>,
    /// Where the line ends.
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true, requires = "from")]
    to: Option<[f32; 2]>,
    /// Go round in a circle of this radius, so many times; below 0 with the clock.
    #[arg(long, value_name = "R,TURNS", value_parser = circle, allow_hyphen_values = true)]
    circle: Option<Round>,
    /// Go round from the first radius to the second, so many times; below 0 with the clock.
    #[arg(long, value_name = "R0,R1,TURNS", value_parser = spiral, allow_hyphen_values = true)]
    spiral: Option<Round>,
    /// The middle of a circle or a spiral.
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true, default_value = "0,0")]
    centre: [f32; 2],
    /// Go in straight lines through the places of a JSON file: [[0, 0], [1.5, -2]].
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,
    /// Go so many straight lines through all of the space, from one grain of the training sound to another.
    #[arg(long, value_name = "LINES", value_parser = clap::value_parser!(u32).range(1..=1000))]
    random: Option<u32>,
    /// How long it takes from its beginning to its end.
    #[arg(long, default_value_t = 8.0, value_parser = seconds)]
    seconds: f32,
    /// Stay at places that are so far apart on the way, one after another, in place of gliding [default: 0, which glides].
    #[arg(long, value_name = "DISTANCE", default_value_t = 0.0, hide_default_value = true, value_parser = step)]
    step: f32,
    /// How far each grain strays from the way.
    #[arg(long, value_name = "DISTANCE", default_value_t = 0.0, value_parser = jitter)]
    jitter: f32,
    /// Of all that is drawn: noise, jitter, lines.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// From its end go back the same way, in as long again.
    #[arg(long = "pendulum")]
    is_pendulum: bool,
    /// Samples of the WAV file.
    #[arg(long, value_enum, default_value_t)]
    format: SampleFormat,
    /// Draw the walk over the training sound's grains, spectrogram and wave into this PNG.
    #[arg(long)]
    plot: Option<PathBuf>,
}

/// Radii at the beginning and at the end, and turns.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Round {
    radii: [f32; 2],
    turns: f32,
}

fn circle(text: &str) -> Result<Round, String> {
    let round = text.split_once(',').and_then(|(radius, turns)| round([radius, radius, turns]));
    round.ok_or_else(|| format!("“{text}” should be a radius above 0 and a number of turns: R,TURNS"))
}

fn spiral(text: &str) -> Result<Round, String> {
    let parts: Vec<&str> = text.split(',').collect();
    let round = if let [from, to, turns] = parts[..] { round([from, to, turns]) } else { None };
    round.ok_or_else(|| format!("“{text}” should be two radii from 0 on and a number of turns: R0,R1,TURNS"))
}

fn round([from, to, turns]: [&str; 3]) -> Option<Round> {
    let radius = |text: &str| within(text, 0.0, MOST_PLACE).ok();
    let turns = within(turns, -MOST_TURNS, MOST_TURNS).ok()?;
    let round = Round { radii: [radius(from)?, radius(to)?], turns };
    (round.radii != [0.0; 2] && turns != 0.0).then_some(round)
}

fn seconds(text: &str) -> Result<f32, String> {
    within(text, 0.05, 600.0)
}

fn step(text: &str) -> Result<f32, String> {
    within(text, 0.0, MOST_PLACE)
}

fn jitter(text: &str) -> Result<f32, String> {
    within(text, 0.0, MOST_PLACE)
}

impl WalkCommand {
    /// The way, and what it is called.
    fn course(&self, model: &GrainModel, class: usize) -> Result<(Course, String), Failure> {
        let wound = |Round { radii: [from, to], turns }: Round| {
            Course::round(self.centre, turns, move |share| from + (to - from) * share)
        };
        Ok(match self {
            Self { from: Some(from), to: Some(to), .. } => (Course::Plane(vec![*from, *to]), "a line".into()),
            Self { circle: Some(circle), .. } => (wound(*circle), "a circle".into()),
            Self { spiral: Some(spiral), .. } => (wound(*spiral), "a spiral".into()),
            Self { points: Some(file), .. } => {
                let points = read_points(file)?;
                let said = format!("{} places", points.len());
                (Course::Plane(points), said)
            }
            Self { random: Some(lines), .. } => {
                let course = Course::random(&model.tables().cloud, class, *lines as usize, self.seed);
                (course, format!("{lines} lines through the space"))
            }
            _ => return Err("say where to walk: --from and --to, --circle, --spiral, --points or --random.".into()),
        })
    }
}

/// Places from a JSON file.
fn read_points(file: &Path) -> Result<Vec<[f32; 2]>, Failure> {
    let wrong = |reason: String| {
        format!("{}: it should be a list of places as [[0, 0], [1.5, -2]], but {reason}.", file.display())
    };
    let points: Vec<[f32; 2]> = serde_json::from_value(read_json(file)?).map_err(|error| wrong(error.to_string()))?;
    if !(1..=MOST_POINTS).contains(&points.len()) {
        return Err(wrong(format!("it has {}, and 1 to {MOST_POINTS} are possible", points.len())).into());
    }
    if let Some(n) = points.iter().position(|point| !point.iter().all(|axis| axis.abs() <= MOST_PLACE)) {
        return Err(wrong(format!("place {} is not within -{MOST_PLACE} and {MOST_PLACE}", n + 1)).into());
    }
    Ok(points)
}

pub(in crate::cli) fn walk(ask: &WalkCommand) -> Result<Outcome, Failure> {
    let WalkCommand { output, plot, .. } = ask;
    output::check(ask.points.as_deref(), [&**output].into_iter().chain(plot.as_deref()))?;
    output::check_wav(output)?;
    plot.as_deref().map(output::check_picture).transpose()?;
    let mut model = open(&ask.model)?;
    let class = ask.class.as_deref().map_or(Ok(0), |word| class_of(&model, word))?;
    let (course, what) = ask.course(&model, class)?;
    let (length, length_s) = (course.length(), f64::from(ask.seconds));
    let (step, jitter, take, is_pendulum) = (ask.step, ask.jitter, ask.seed, ask.is_pendulum);
    let pitch_st = ask.pitch.map_or(Ok(0.0), |note| pitch_st_of(&model, note.hz))?;
    let wanted = WalkAsk { course, class, pitch_st, length_s, step, jitter, take, is_pendulum, rounds: 1 };
    let mut walked = make(&mut model, &wanted)?;
    walked.cut(wanted.whole_s());
    let Walked { frames, places } = walked;
    let (name, of_class) = (&model.package().header.name, &model.classes()[class]);
    if frames.is_empty() {
        return Err(format!("the grains of {of_class} on this way are silent; walk elsewhere on the plane.").into());
    }
    if let Some(plot) = plot {
        let title = format!("{}: {what} among the grains of {name}, as {of_class}", output.display());
        let cloud = GrainPlane(&model.tables().cloud).places();
        let walk = Some(WalkOnPlane { places: &places, cloud: &cloud });
        drums(plot, &DrumsPicture { title: &title, sounds: &[("sound", &frames)], rate_hz: MODEL_HZ, walk })?;
    }
    write(output, MODEL_HZ, frames, ask.format)?;
    let (seconds, grains, hash) = (wanted.whole_s() as f32, places.len(), &model.package().header.hash);
    Ok(Outcome::new(
        format!("{}: {seconds} s, {grains} grains of {name} on {what}, as {of_class}", output.display()),
        json!({
            "output": shown(output), "model": name, "hash": hash, "class": of_class, "seconds": seconds, "grains": grains,
            "length": length,
        }),
    )
    .beside(output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_have_radii_and_turns() {
        assert_eq!(circle("1.5,2"), Ok(Round { radii: [1.5, 1.5], turns: 2.0 }));
        assert_eq!(spiral("0, 2,-0.5"), Ok(Round { radii: [0.0, 2.0], turns: -0.5 }));
        for bad in ["", "1", "0,1", "1,0", "-1,1", "1,NaN", "1,2,3"] {
            assert!(circle(bad).is_err_and(|said| said.contains("R,TURNS")), "{bad}");
        }
        for bad in ["", "1,2", "0,0,1", "1,2,0", "1,-2,1", "1,2,3,4"] {
            assert!(spiral(bad).is_err_and(|said| said.contains("R0,R1,TURNS")), "{bad}");
        }
    }

    #[test]
    fn places_come_from_a_file_that_holds_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("points.json");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            read_points(&file).map_err(|error| error.to_string())
        };
        assert_eq!(read("[[0, 0], [1.5, -2]]"), Ok(vec![[0.0, 0.0], [1.5, -2.0]]));
        for (text, words) in [
            ("{}", "a list of places"),
            ("[]", "it has 0, and 1 to 4096 are possible"),
            ("[[1, 2], [3]]", "points.json"),
            ("[[1, 2], [1e9, 0]]", "place 2 is not within -1000 and 1000"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
        assert!(read_points(&folder.path().join("none.json")).unwrap_err().to_string().contains("cannot be read"));
    }
}
