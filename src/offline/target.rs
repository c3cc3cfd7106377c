//! Descriptor synthesis: curves of descriptors to codes, codes to sound, and how well the sound follows the curves.

use std::path::PathBuf;
use std::sync::Arc;

use super::drawn_curve::{CurveError, Drawn};
use crate::codes::book::Codebook;
use crate::codes::curve::CurveShape;
use crate::codes::matcher::{Goal, MAX_GOALS, Matcher};
use crate::codes::path::PathSearch;
use crate::codes::voice::{Play, Voice};
use crate::dsp::descriptors::{Descriptor, Row, describe};
use crate::dsp::resample::{self, HopIn};
use crate::offline::audio_file::Audio;

/// Longest sound that is made at once, seconds.
pub const MOST_SECONDS: f32 = 600.0;

/// Seconds where no curve says how long it is.
const USUAL_SECONDS: f32 = 6.0;

/// Share of the codes beyond a shape's usual range, on either side.
const MARGIN: f32 = 0.05;

/// Hops from a code's own to the one whose window is centred on its sound: a code's frame is two hops long, and the
/// window's middle is two hops old. Pitch is compared at the window's end, about a hop later.
const SPECTRUM_LAG: usize = 2;
const PITCH_LAG: usize = 1;

/// Hops at the start that no score counts: the windows are not full yet.
pub const UNSCORED: usize = 4;

/// Below this a sound's descriptors hold, dB(A).
const HELD_BELOW_DB: f32 = -55.0;

/// Where a goal's curve comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A shape, over a range in the descriptor's units; `None`: over the 5th to 95th percentile of the codes.
    Shape(CurveShape, Option<(f32, f32)>),
    /// A drawn curve, and its file.
    Drawn(PathBuf, Drawn),
    /// Another sound's own curve, and its file.
    Sound(PathBuf, Audio),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct TargetAsk {
    /// Descriptors and their curves.
    pub goals: Vec<(Goal, Source)>,
    /// The player's pitch; `None`: each code's own.
    pub f0_hz: Option<f32>,
    /// Length; `None`: what the curves say.
    pub seconds: Option<f32>,
    /// How often shapes run through.
    pub cycles: f32,
    /// Whether drawn curves and those of sounds are scaled into the shapes' usual range.
    pub is_fitted: bool,
    /// `None`: the nearest code of each hop; or the price of jumps and the look-ahead in hops of a least-cost path.
    pub path: Option<(f32, usize)>,
    /// dB(A) re full scale.
    pub level_db: f32,
    /// Of the noise.
    pub seed: u64,
}

/// Why a target cannot be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum TargetError {
    #[error(transparent)]
    Curve(#[from] CurveError),
    #[error("a target needs 1 to {MAX_GOALS} goals, such as centroid=sine; {found} are given")]
    Goals { found: usize },
    #[error("{descriptor} is asked for twice, and one sound cannot have both; leave one out")]
    Twice { descriptor: Descriptor },
    #[error("the note holds the fundamental, so it cannot follow a curve as well; leave out the note, or the goal")]
    NoteAndFundamental,
    #[error("the weight of {descriptor} should be above 0 and at most 1000, but is {found}; correct it")]
    Weight { descriptor: Descriptor, found: f32 },
    #[error("the length should be 0.1 to {MOST_SECONDS} seconds, but is {found}; correct it")]
    Length { found: f32 },
    #[error("the cycles should be above 0 and at most 1000, but are {found}; correct them")]
    Cycles { found: f32 },
    #[error(
        "{place}: expected a {descriptor} that {package} has {at}, {low:.1} to {high:.1} {}, found {found:.1}. \
         Stay within, or scale the curve into it with --fit", descriptor.unit()
    )]
    OutOfRange { place: String, package: String, at: String, descriptor: Descriptor, low: f32, high: f32, found: f32 },
    #[error("{}: holds no sound above {HELD_BELOW_DB} dB(A), so there is no curve to follow; choose a louder one", path.display())]
    Silent { path: PathBuf },
}

/// How one goal was met.
#[derive(Clone, Debug)]
pub struct Score {
    /// Of which descriptor.
    pub descriptor: Descriptor,
    /// What was wanted, per hop.
    pub wanted: Vec<f32>,
    /// What the sound has, per hop.
    pub heard: Vec<f32>,
    /// Pearson's; `None` for a curve that does not move.
    pub correlation: Option<f64>,
    /// Mean absolute error, in the descriptor's units.
    pub error: f64,
    /// The curve's range, in the descriptor's units.
    pub range: f64,
}

/// The sound of a target.
#[derive(Clone, Debug)]
pub struct TargetSound {
    /// What was played, hop by hop.
    pub plays: Vec<Play>,
    /// Mono, at the book's rate.
    pub sound: Vec<f32>,
    /// One per goal.
    pub scores: Vec<Score>,
}

/// Plays a target. Blocks, allocates.
///
/// # Errors
/// When the goals contradict each other, or ask for what no code has.
pub fn play(book: &Arc<Codebook>, name: &str, ask: &TargetAsk) -> Result<TargetSound, TargetError> {
    let curves = curves(book, name, ask)?;
    let goals: Vec<Goal> = ask.goals.iter().map(|(goal, _)| *goal).collect();
    let codes = match_codes(Matcher::new(book.clone(), &goals), &curves, ask);
    let plays: Vec<Play> = codes
        .into_iter()
        .map(|code| Play { code, f0_hz: ask.f0_hz.unwrap_or(book.own_hz[code]), level_db: ask.level_db })
        .collect();
    let sound = render(book, &plays, ask.seed);
    let rows = describe(&sound, f64::from(book.rate_hz), book.hop_frames);
    let scores = goals.iter().zip(curves).map(|(goal, wanted)| score(goal.descriptor, wanted, &rows)).collect();
    Ok(TargetSound { plays, sound, scores })
}

/// The sound of a sequence, and two hops more in which the last one rings out. Allocates.
pub fn render(book: &Arc<Codebook>, plays: &[Play], seed: u64) -> Vec<f32> {
    let mut voice = Voice::new(book.clone(), seed);
    let last = plays.last().copied();
    let mut sound = vec![0.0; (plays.len() + SPECTRUM_LAG) * book.hop_frames];
    let plays = plays.iter().copied().chain(std::iter::repeat_n(last, SPECTRUM_LAG).flatten());
    for (play, hop) in plays.zip(sound.chunks_exact_mut(book.hop_frames)) {
        voice.next(play, hop);
    }
    sound
}

/// How a sound of [`render`] follows what was wanted of each hop. Allocates.
pub fn follow(book: &Codebook, descriptor: Descriptor, wanted: Vec<f32>, sound: &[f32]) -> Score {
    score(descriptor, wanted, &describe(sound, f64::from(book.rate_hz), book.hop_frames))
}

fn match_codes(matcher: Matcher, curves: &[Vec<f32>], ask: &TargetAsk) -> Vec<usize> {
    let hops = curves.first().map_or(0, Vec::len);
    let mut wanted = [0.0; MAX_GOALS];
    let mut at = |hop: usize| {
        for (slot, curve) in wanted.iter_mut().zip(curves) {
            *slot = curve[hop];
        }
        wanted
    };
    let Some((jump, ahead)) = ask.path else {
        let mut last = None;
        let mut next = |hop| {
            last = Some(matcher.nearest_to(last, &at(hop), ask.f0_hz));
            last
        };
        return (0..hops).filter_map(&mut next).collect();
    };
    let mut search = PathSearch::new(matcher, jump, ahead);
    let mut codes: Vec<usize> = (0..hops).filter_map(|hop| search.next(&at(hop), ask.f0_hz)).collect();
    codes.extend(std::iter::from_fn(|| search.finish()));
    codes
}

fn score(descriptor: Descriptor, wanted: Vec<f32>, rows: &[Row]) -> Score {
    let is_pitch = matches!(descriptor, Descriptor::Fundamental | Descriptor::Periodicity);
    let lag = if is_pitch { PITCH_LAG } else { SPECTRUM_LAG };
    let heard: Vec<f32> = (0..wanted.len()).map(|hop| rows[hop + lag][descriptor as usize]).collect();
    let from = UNSCORED.min(wanted.len().saturating_sub(1));
    let (correlation, error) = compare(&wanted[from..], &heard[from..]);
    let bound = |pick: fn(f32, f32) -> f32, start| f64::from(wanted.iter().copied().fold(start, pick));
    let range = bound(f32::max, f32::MIN) - bound(f32::min, f32::MAX);
    Score { descriptor, wanted, heard, correlation, error, range }
}

/// Pearson's correlation (`None` if either stands still) and mean absolute difference.
fn compare(a: &[f32], b: &[f32]) -> (Option<f64>, f64) {
    let count = a.len().max(1) as f64;
    let mean = |list: &[f32]| list.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut aa, mut bb, mut ab, mut error) = (0.0, 0.0, 0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        let (x, y) = (f64::from(a) - mean_a, f64::from(b) - mean_b);
        (aa, bb, ab) = (aa + x * x, bb + y * y, ab + x * y);
        error += f64::from(a - b).abs();
    }
    let scale = (aa * bb).sqrt();
    ((scale > 1e-12 * count * (1.0 + mean_a * mean_a)).then(|| ab / scale), error / count)
}

/// What every goal wants, per hop, in the descriptors' units; checked.
fn curves(book: &Arc<Codebook>, name: &str, ask: &TargetAsk) -> Result<Vec<Vec<f32>>, TargetError> {
    if ask.goals.is_empty() || ask.goals.len() > MAX_GOALS {
        return Err(TargetError::Goals { found: ask.goals.len() });
    }
    for (index, (goal, _)) in ask.goals.iter().enumerate() {
        let descriptor = goal.descriptor;
        if ask.goals[..index].iter().any(|(other, _)| other.descriptor == descriptor) {
            return Err(TargetError::Twice { descriptor });
        }
        if descriptor == Descriptor::Fundamental && ask.f0_hz.is_some() {
            return Err(TargetError::NoteAndFundamental);
        }
        if !(goal.weight > 0.0 && goal.weight <= 1000.0) {
            return Err(TargetError::Weight { descriptor, found: goal.weight });
        }
    }
    if !(ask.cycles > 0.0 && ask.cycles <= 1000.0) {
        return Err(TargetError::Cycles { found: ask.cycles });
    }
    let longest = ask.goals.iter().filter_map(|(_, source)| match source {
        Source::Drawn(_, drawn) => drawn.seconds(),
        Source::Sound(_, audio) => Some(audio.seconds() as f32),
        Source::Shape(..) => None,
    });
    let seconds = ask.seconds.or(longest.reduce(f32::max)).unwrap_or(USUAL_SECONDS);
    if !(0.1..=MOST_SECONDS).contains(&seconds) {
        return Err(TargetError::Length { found: seconds });
    }
    let hop_seconds = book.hop_frames as f32 / book.rate_hz as f32;
    let hops = (seconds / hop_seconds).round().max(1.0) as usize;
    ask.goals.iter().map(|(goal, source)| curve(book, name, ask, goal.descriptor, source, hops, hop_seconds)).collect()
}

fn curve(
    book: &Arc<Codebook>,
    name: &str,
    ask: &TargetAsk,
    descriptor: Descriptor,
    source: &Source,
    hops: usize,
    hop_seconds: f32,
) -> Result<Vec<f32>, TargetError> {
    let usual = || {
        let at = |share| book.percentile(descriptor, ask.f0_hz, share);
        (at(MARGIN), at(1.0 - MARGIN))
    };
    let (low, high) = (book.percentile(descriptor, ask.f0_hz, 0.0), book.percentile(descriptor, ask.f0_hz, 1.0));
    let part = |hop: usize| hop as f32 / (hops - 1).max(1) as f32;
    let out_of_range = |place: String, found: f32| {
        let at = ask.f0_hz.map_or("at its codes' own pitches".to_owned(), |hz| format!("at {hz:.1} Hz"));
        TargetError::OutOfRange { place, package: name.into(), at, descriptor, low, high, found }
    };
    // A hair beyond is rounding, such as of a range that the program itself printed.
    let spare = 0.001 * (high - low) + 1e-6;
    let outside = |value: f32| !(low - spare <= value && value <= high + spare);
    let mut values: Vec<f32> = match source {
        Source::Shape(shape, range) => {
            let (from, to) = range.unwrap_or_else(usual);
            if let Some(found) = [from, to].into_iter().find(|&value| outside(value)) {
                return Err(out_of_range(format!("the range of {descriptor}={}", shape.name()), found));
            }
            (0..hops).map(|hop| from + (to - from) * shape.at(ask.cycles * part(hop))).collect()
        }
        Source::Drawn(path, drawn) => {
            let beyond = drawn.points.iter().zip(&drawn.lines).find(|(point, _)| outside(point.1));
            if let (false, Some((point, line))) = (ask.is_fitted, beyond) {
                return Err(out_of_range(format!("{}, line {line}", path.display()), point.1));
            }
            let time = |hop: usize| if drawn.is_timed { hop as f32 * hop_seconds } else { part(hop) };
            (0..hops).map(|hop| drawn.at(time(hop))).collect()
        }
        Source::Sound(path, audio) => {
            let values = curve_of(book, path, audio, descriptor, hops)?;
            let beyond = values.iter().enumerate().find(|(_, value)| outside(**value));
            if let (false, Some((hop, &found))) = (ask.is_fitted, beyond) {
                let moment = hop as f32 * hop_seconds;
                return Err(out_of_range(format!("{} at {moment:.2} s", path.display()), found));
            }
            values
        }
    };
    if ask.is_fitted && !matches!(source, Source::Shape(..)) {
        let (from, to) = usual();
        let least = values.iter().copied().fold(f32::MAX, f32::min);
        let span = values.iter().copied().fold(f32::MIN, f32::max) - least;
        for value in &mut values {
            *value = from + (to - from) * if span > 0.0 { (*value - least) / span } else { 0.5 };
        }
    }
    Ok(values)
}

/// A sound's own curve, held where it is silent, and beyond its end.
fn curve_of(
    book: &Codebook,
    path: &std::path::Path,
    audio: &Audio,
    descriptor: Descriptor,
    hops: usize,
) -> Result<Vec<f32>, TargetError> {
    let (from_hz, to_hz) = (f64::from(audio.rate_hz), f64::from(book.rate_hz));
    let mut hop_in = HopIn::new(from_hz / to_hz, book.hop_frames, resample::is_needed(from_hz, to_hz));
    let mut sound = audio.mono();
    // What the resampler and the last windows hold back.
    sound.resize(sound.len() + audio.rate_hz as usize / 4, 0.0);
    let (mut rest, mut at_rate) = (&sound[..], Vec::new());
    while rest.len() >= hop_in.missing_frames() {
        let (now, later) = rest.split_at(hop_in.missing_frames());
        rest = later;
        hop_in.push(now);
        at_rate.extend_from_slice(hop_in.hop());
    }
    let rows = describe(&at_rate, to_hz, book.hop_frames);
    let sounds = |row: &&Row| row[Descriptor::Loudness as usize] > HELD_BELOW_DB;
    let Some(first) = rows.iter().find(sounds) else { return Err(TargetError::Silent { path: path.into() }) };
    let mut held = first[descriptor as usize];
    let is_pitch = matches!(descriptor, Descriptor::Fundamental | Descriptor::Periodicity);
    let lag = if is_pitch { PITCH_LAG } else { SPECTRUM_LAG };
    let next = |hop: usize| {
        if let Some(row) = rows.get(hop + lag).filter(sounds) {
            held = row[descriptor as usize];
        }
        held
    };
    Ok((0..hops).map(next).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_is_pearsons_and_a_still_curve_has_none() {
        let rising: Vec<f32> = (0..50).map(|n| n as f32).collect();
        let doubled: Vec<f32> = rising.iter().map(|value| 2.0 * value + 7.0).collect();
        let falling: Vec<f32> = rising.iter().map(|value| -value).collect();
        assert!((compare(&rising, &doubled).0.unwrap() - 1.0).abs() < 1e-9);
        assert!((compare(&rising, &falling).0.unwrap() + 1.0).abs() < 1e-9);
        assert_eq!(compare(&[3.0; 9], &rising[..9]).0, None);
        assert_eq!(compare(&[1.0, 2.0], &[2.0, 4.0]).1, 1.5);
    }
}
