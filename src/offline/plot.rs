//! Pictures of what a transfer did, as PNG: spectrograms, pitch, loudness and the latent path.

pub mod codes;
pub mod drums;
pub mod paths;
mod spectrogram;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, ValueFormatter};
use plotters::coord::types::RangedCoordf32;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::output_file::{OutputError, OutputFile};
use crate::controls::MAX_DIMS;
use crate::dsp::pitch::{hz_of_note, note_of_hz};
use spectrogram::spectrograms;

/// Width and height of every picture, in pixels.
pub const SIZE: (u32, u32) = (1400, 1100);

const BACKGROUND: RGBColor = RGBColor(18, 17, 26);
const PANEL: RGBColor = RGBColor(26, 25, 37);
const GRID: RGBColor = RGBColor(52, 50, 70);
const TEXT: RGBColor = RGBColor(226, 224, 236);
const FAINT: RGBColor = RGBColor(165, 162, 184);
const CLOUD: RGBColor = RGBColor(112, 108, 140);
const INPUT: RGBColor = RGBColor(92, 205, 214);
const OUTPUT: RGBColor = RGBColor(255, 168, 76);
const FONT: &str = "timbreloom";

/// Where the plots of curves begin within their areas, pixels.
const CURVES_LEFT: i32 = 112;

/// What a transfer's picture shows; slices over hops are as long as the sound they describe.
#[derive(Debug, Clone, Copy)]
pub struct TransferPicture<'a> {
    /// Heading, such as the names of file and model.
    pub title: &'a str,
    /// Mono input, full scale 1.
    pub input: &'a [f32],
    /// Mono output, aligned with the input.
    pub output: &'a [f32],
    /// Frames per second of both.
    pub rate_hz: u32,
    /// Time from one hop to the next in the slices below.
    pub hop_seconds: f64,
    /// Latent frames `[hop][dimension]`, at least 2 dimensions, in standard deviations.
    pub latent: &'a [Vec<f32>],
    /// Latent frames of the training set `[point][dimension]`.
    pub reference_cloud: &'a [[f32; MAX_DIMS]],
    /// Pitch of the input per hop; `None` where unvoiced.
    pub input_pitch_hz: &'a [Option<f32>],
    /// Pitch of the output per hop; `None` where unvoiced.
    pub output_pitch_hz: &'a [Option<f32>],
    /// Loudness of the input per hop, in dB(A).
    pub input_loudness_db: &'a [f32],
    /// Loudness of the output per hop, in dB(A).
    pub output_loudness_db: &'a [f32],
}

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum PlotError {
    #[error("cannot draw {}: {what}", path.display())]
    Nothing { path: PathBuf, what: &'static str },
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error("cannot draw {}: a picture is written to a file, and this is none; give the name of one", path.display())]
    NoFile { path: PathBuf },
    #[error("cannot draw {}: {reason}; please report this", path.display())]
    Draw { path: PathBuf, reason: String },
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Draws a transfer as one PNG of [`SIZE`], whatever the path's extension; whole or not at all; blocks.
///
/// # Errors
/// When there is no sound to draw, the latent has fewer than 2 dimensions, or the file cannot be written.
pub fn transfer(path: &Path, picture: &TransferPicture<'_>) -> Result<(), PlotError> {
    let nothing = |what| PlotError::Nothing { path: path.into(), what };
    if picture.input.is_empty() && picture.output.is_empty() {
        return Err(nothing("both input and output are empty; choose a file that holds sound"));
    }
    if picture.rate_hz == 0 || !(picture.hop_seconds.is_finite() && picture.hop_seconds > 0.0) {
        return Err(nothing("its sample rate and hop must be above 0"));
    }
    let (Some(points), Some(cloud)) = (plane_of(picture.latent), plane_of(picture.reference_cloud)) else {
        return Err(nothing("the latent has fewer than 2 dimensions; choose another model"));
    };
    write(path, |temporary| draw(temporary, picture, &points, &cloud))
}

/// Draws into a file beside `path` that takes its place when it is whole.
fn write(path: &Path, draw: impl FnOnce(&Path) -> Drawn) -> Result<(), PlotError> {
    let file = OutputFile::create_ending(path, ".png")?;
    let temporary = file.temporary_path().ok_or_else(|| PlotError::NoFile { path: path.into() })?;
    draw(temporary).map_err(|error| PlotError::Draw { path: path.into(), reason: error.to_string() })?;
    Ok(file.finish()?)
}

/// Dimensions 1 and 2 of each finite frame; none if a frame has fewer.
fn plane_of<Row: AsRef<[f32]>>(rows: &[Row]) -> Option<Vec<(f32, f32)>> {
    let pairs = rows.iter().map(|row| Some((*row.as_ref().first()?, *row.as_ref().get(1)?)));
    let pairs: Vec<_> = pairs.collect::<Option<_>>()?;
    Some(pairs.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()).collect())
}

fn draw(path: &Path, picture: &TransferPicture<'_>, points: &[(f32, f32)], cloud: &[(f32, f32)]) -> Drawn {
    prepare_font()?;
    let root = BitMapBackend::new(path, SIZE).into_drawing_area();
    root.fill(&BACKGROUND)?;
    let title: String = picture.title.chars().take(90).collect();
    root.draw(&Text::new(title, (28, 18), font(28, TEXT)))?;
    legend(&root, 1180, 24, &[("input", INPUT), ("output", OUTPUT)])?;

    let seconds = picture.input.len().max(picture.output.len()) as f32 / picture.rate_hz as f32;
    let (_, body) = root.split_vertically(60);
    let (upper, lower) = body.split_vertically(480);
    let (spectra, bar) = upper.split_horizontally(1290);
    let (left, right) = spectra.split_horizontally(645);
    let sounds = [("input", picture.input), ("output", picture.output)];
    spectrograms(&[left, right], &bar, &sounds, picture.rate_hz, seconds)?;

    let (curves, plane) = lower.split_horizontally(790);
    let (upper_curve, lower_curve) = curves.split_vertically(278);
    pitch(&upper_curve, picture, seconds)?;
    loudness(&lower_curve, picture, seconds)?;
    latent(&plane, "latent path as steered, from start to end", points, cloud)?;
    root.present()?;
    Ok(())
}

/// Makes the built-in font known to plotters, once.
fn prepare_font() -> Drawn {
    static FONT_IS_READY: OnceLock<bool> = OnceLock::new();
    let register =
        || plotters::style::register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT).is_ok();
    if !FONT_IS_READY.get_or_init(register) {
        return Err("the built-in font is unreadable".into());
    }
    Ok(())
}

fn font(size: u32, colour: RGBColor) -> TextStyle<'static> {
    (FONT, size).into_font().color(&colour)
}

fn legend(area: &Area, x: i32, y: i32, entries: &[(&str, RGBColor)]) -> Drawn {
    for (index, (name, colour)) in entries.iter().enumerate() {
        let x = x + 100 * index as i32;
        area.draw(&Rectangle::new([(x, y + 8), (x + 24, y + 11)], colour.filled()))?;
        area.draw(&Text::new(name.to_string(), (x + 32, y), font(19, TEXT)))?;
    }
    Ok(())
}

fn format_tick(value: f32, range: f32) -> String {
    if range >= 8.0 {
        format!("{value:.0}")
    } else if range >= 0.8 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// The unbroken pieces of a curve over time, as `(seconds, value)`.
fn pieces(values: impl Iterator<Item = Option<f32>>, hop_seconds: f64) -> Vec<Vec<(f32, f32)>> {
    let mut pieces = vec![Vec::new()];
    for (hop, value) in values.enumerate() {
        match (value.filter(|value| value.is_finite()), pieces.last_mut()) {
            (Some(value), Some(piece)) => piece.push(((hop as f64 * hop_seconds) as f32, value)),
            (None, Some(piece)) if !piece.is_empty() => pieces.push(Vec::new()),
            _ => {}
        }
    }
    pieces
}

/// Pieces of a curve, as [`pieces`] gives them, and its colour.
type Coloured = (Vec<Vec<(f32, f32)>>, RGBColor);

/// Draws a broad curve and a thin one upon it over time; `keys` gives the labelled values of a range.
fn curves(
    area: &Area,
    [name, y_name]: [&str; 2],
    seconds: f32,
    [broad, thin]: [Coloured; 2],
    limits: impl Fn(f32, f32) -> (f32, f32),
    keys: impl Fn(f32, f32) -> Vec<f32>,
    label: &dyn Fn(&f32) -> String,
) -> Drawn {
    let values = || broad.0.iter().chain(&thin.0).flatten().map(|(_, value)| *value);
    let is_empty = values().next().is_none();
    let (low, high) = if is_empty {
        (0.0, 1.0)
    } else {
        limits(values().fold(f32::INFINITY, f32::min), values().fold(f32::NEG_INFINITY, f32::max))
    };
    let key_points = if is_empty { Vec::new() } else { keys(low, high) };
    let mut chart = panel(area, name, CURVES_LEFT, [12, 12, 14], CURVES_LEFT - 12)?
        .build_cartesian_2d(0.0..seconds, Labelled { scale: (low..high).into(), keys: key_points })?;
    mesh(&mut chart, "time (s)", y_name, &|time| format_tick(*time, seconds), label)?;
    // The broad one shows as a band around the other where the two agree. Step by step, since
    // plotters mitres the corners of a whole path into spikes that are no part of the curve.
    for ((pieces, colour), width) in [(broad, 5), (thin, 2)] {
        for piece in pieces {
            if let [(time, value)] = piece[..] {
                chart.draw_series([Circle::new((time, value), width / 2, colour.filled())])?;
            }
            let steps = piece.windows(2);
            chart.draw_series(steps.map(|step| PathElement::new(step, colour.stroke_width(width))))?;
        }
    }
    if is_empty {
        let style = font(18, FAINT).pos(Pos::new(HPos::Center, VPos::Center));
        chart.draw_series([Text::new("none found", (seconds / 2.0, 0.5), style)])?;
    }
    Ok(())
}

/// A panel with its title; margins at the left, below and at the right, and the width of the labels at the left, pixels.
fn panel<'a, 'b>(
    area: &'a Area<'b>,
    title: &str,
    title_left: i32,
    [left, bottom, right]: [i32; 3],
    labels_width: i32,
) -> Result<ChartBuilder<'a, 'static, BitMapBackend<'b>>, Box<dyn std::error::Error>> {
    area.draw(&Text::new(title.to_owned(), (title_left, 0), font(20, TEXT)))?;
    let mut chart = ChartBuilder::on(area);
    chart.margin_top(28).margin_left(left).margin_bottom(bottom).margin_right(right);
    chart.x_label_area_size(44).y_label_area_size(labels_width);
    Ok(chart)
}

/// A linear axis labelled at chosen values: plotters' own combinator has no formatter for floats.
struct Labelled {
    scale: RangedCoordf32,
    keys: Vec<f32>,
}

impl Ranged for Labelled {
    type FormatOption = DefaultFormatting;
    type ValueType = f32;

    fn map(&self, value: &f32, limit: (i32, i32)) -> i32 {
        self.scale.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f32> {
        self.keys.clone()
    }

    fn range(&self) -> std::ops::Range<f32> {
        self.scale.range()
    }
}

fn mesh<X, Y>(
    chart: &mut ChartContext<BitMapBackend, Cartesian2d<X, Y>>,
    x_name: &str,
    y_name: &str,
    x_label: &dyn Fn(&f32) -> String,
    y_label: &dyn Fn(&f32) -> String,
) -> Drawn
where
    X: Ranged<ValueType = f32> + ValueFormatter<f32>,
    Y: Ranged<ValueType = f32> + ValueFormatter<f32>,
{
    chart.plotting_area().fill(&PANEL)?;
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(font(16, FAINT))
        .axis_desc_style(font(17, TEXT))
        .x_desc(x_name)
        .y_desc(y_name)
        .x_label_formatter(x_label)
        .y_label_formatter(y_label)
        .draw()?;
    Ok(())
}

fn pitch(area: &Area, picture: &TransferPicture<'_>, seconds: f32) -> Drawn {
    // On a scale of notes: equal intervals are equally far apart.
    let notes = |pitch_hz: &[Option<f32>]| {
        let note = |hz: &Option<f32>| hz.filter(|hz| *hz > 0.0).map(note_of_hz);
        pieces(pitch_hz.iter().map(note), picture.hop_seconds)
    };
    let limits = |low: f32, high: f32| {
        let spare = ((10.0 - (high - low)) / 2.0).max(2.0);
        ((low - spare).floor(), (high + spare).ceil())
    };
    let keys = |low: f32, high: f32| {
        let step = [1, 2, 3, 4, 6, 12, 24].into_iter().find(|step| (high - low) / *step as f32 <= 8.0).unwrap_or(24);
        (0..200).step_by(step).map(|note| note as f32).filter(|note| (low..=high).contains(note)).collect()
    };
    let label = |note: &f32| {
        const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
        let (index, hz) = (note.round() as i32, hz_of_note(*note));
        format!("{}{}  {hz:.0}", NAMES[index.rem_euclid(12) as usize], index.div_euclid(12) - 1)
    };
    let both = [(notes(picture.input_pitch_hz), INPUT), (notes(picture.output_pitch_hz), OUTPUT)];
    curves(area, ["pitch", "note, frequency (Hz)"], seconds, both, limits, keys, &label)
}

fn loudness(area: &Area, picture: &TransferPicture<'_>, seconds: f32) -> Drawn {
    let levels = |levels: &[f32]| pieces(levels.iter().map(|level| Some(*level)), picture.hop_seconds);
    // Digital silence would squeeze everything audible into the top of the panel.
    let limits = |low: f32, high: f32| {
        let top = ((high + 3.0) / 10.0).ceil() * 10.0;
        (((low - 3.0) / 10.0).floor().max(top / 10.0 - 8.0).min(top / 10.0 - 2.0) * 10.0, top)
    };
    let keys =
        |low: f32, high: f32| (0..=8).map(|step| low + 10.0 * step as f32).filter(|level| *level <= high).collect();
    let both = [(levels(picture.input_loudness_db), INPUT), (levels(picture.output_loudness_db), OUTPUT)];
    curves(area, ["loudness", "level, dB(A)"], seconds, both, limits, keys, &|level| format!("{level:.0}"))
}

fn latent(area: &Area, name: &str, points: &[(f32, f32)], cloud: &[(f32, f32)]) -> Drawn {
    let axes = ["dimension 1 (standard deviations)", "dimension 2 (standard deviations)"];
    way(area, name, axes, points, cloud)
}

/// A way over a plane, among the places of the training set.
fn way(area: &Area, name: &str, axes: [&str; 2], points: &[(f32, f32)], cloud: &[(f32, f32)]) -> Drawn {
    let reach = |value: fn(&(f32, f32)) -> f32| {
        let largest = points.iter().chain(cloud).map(|point| value(point).abs()).fold(2.0, f32::max);
        -largest.ceil()..largest.ceil()
    };
    let mut chart =
        panel(area, name, 72, [12, 12, 28], 60)?.build_cartesian_2d(reach(|point| point.0), reach(|point| point.1))?;
    let plain = |value: &f32| format!("{value:.0}");
    mesh(&mut chart, axes[0], axes[1], &plain, &plain)?;
    chart.draw_series(cloud.iter().map(|point| Circle::new(*point, 2, CLOUD.filled())))?;
    let steps = points.len().saturating_sub(1).max(1) as f32;
    chart.draw_series(
        points
            .windows(2)
            .enumerate()
            .map(|(index, pair)| PathElement::new(pair, time_colour(index as f32 / steps).stroke_width(2))),
    )?;
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        for (point, name, colour) in [(*first, "start", time_colour(0.0)), (*last, "end", time_colour(1.0))] {
            chart.draw_series([Circle::new(point, 6, colour.filled()), Circle::new(point, 7, TEXT.stroke_width(2))])?;
            let beside = EmptyElement::at(point) + Text::new(name, (13, -24), font(20, TEXT));
            chart.draw_series([beside])?;
        }
    }
    let (width, _) = area.dim_in_pixel();
    area.draw(&Circle::new((width as i32 - 152, 12), 3, CLOUD.filled()))?;
    area.draw(&Text::new("training set", (width as i32 - 140, 2), font(18, TEXT)))?;
    Ok(())
}

/// Colour of a moment in `0..=1`, from the input's hue to the output's by way of white.
fn time_colour(moment: f32) -> RGBColor {
    let (from, to, share) = if moment < 0.5 { (INPUT, TEXT, 2.0 * moment) } else { (TEXT, OUTPUT, 2.0 * moment - 1.0) };
    let mix = |from: u8, to: u8| (f32::from(from) + (f32::from(to) - f32::from(from)) * share).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn sine(hz: f32, amplitude: f32, frames: usize) -> Vec<f32> {
        (0..frames).map(|frame| amplitude * (std::f32::consts::TAU * hz * frame as f32 / 44_100.0).sin()).collect()
    }

    #[test]
    fn curves_break_where_there_is_no_value() {
        let values = [None, Some(1.0), Some(2.0), None, None, Some(f32::NAN), Some(3.0)];
        assert_eq!(pieces(values.into_iter(), 0.5), [vec![(0.5, 1.0), (1.0, 2.0)], vec![(3.0, 3.0)]]);
    }

    fn empty<'a>() -> TransferPicture<'a> {
        TransferPicture {
            title: "",
            input: &[],
            output: &[],
            rate_hz: 44_100,
            hop_seconds: 0.0116,
            latent: &[],
            reference_cloud: &[],
            input_pitch_hz: &[],
            output_pitch_hz: &[],
            input_loudness_db: &[],
            output_loudness_db: &[],
        }
    }

    #[test]
    fn scant_or_strange_input_still_gives_a_whole_picture() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.picture");
        let long = sine(440.0, 0.5, 50_000);
        let hours = "a very long title ".repeat(30);
        let wild = [f32::NAN, f32::INFINITY, 1e6].map(|value| vec![value; 16]);
        let pictures = [
            TransferPicture { input: &[0.0], ..empty() },
            TransferPicture { input: &[0.5; 100], rate_hz: 1_000, title: &hours, ..empty() },
            TransferPicture { output: &long, rate_hz: 768_000, latent: &wild, ..empty() },
            TransferPicture {
                input: &long,
                input_pitch_hz: &[Some(440.0), Some(0.0), Some(f32::NAN), Some(-1.0)],
                output_loudness_db: &[f32::NEG_INFINITY, -200.0, f32::NAN, 3.0],
                ..empty()
            },
        ];
        for picture in &pictures {
            transfer(&path, picture).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.ends_with(b"IEND\xaeB`\x82"));
            assert_eq!(bytes[16..24], [SIZE.0.to_be_bytes(), SIZE.1.to_be_bytes()].concat());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file may stay behind");
    }

    #[test]
    fn what_cannot_be_drawn_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let sound = TransferPicture { input: &[0.1; 100], ..empty() };
        assert!(matches!(transfer(&path, &empty()), Err(PlotError::Nothing { .. })));
        assert!(matches!(transfer(&path, &TransferPicture { rate_hz: 0, ..sound }), Err(PlotError::Nothing { .. })));
        let narrow = TransferPicture { latent: &[vec![1.0]], ..sound };
        assert!(matches!(transfer(&path, &narrow), Err(PlotError::Nothing { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
