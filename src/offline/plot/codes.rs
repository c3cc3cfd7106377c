//! Pictures of codebooks and of what was played from them: maps, histograms, spectrograms with target and sound.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::spectrogram::{GRID_LEFT, Overlay, grids, magma};
use super::{
    Area, BACKGROUND, CURVES_LEFT, Drawn, FAINT, INPUT, Labelled, OUTPUT, PANEL, PlotError, SIZE, TEXT, curves, font,
    format_tick, legend, mesh, panel, pieces, prepare_font, write,
};
use crate::dsp::descriptors::Descriptor;

/// Columns of a histogram.
const BINS: usize = 40;

/// As in the instrument's window.
const WANTED: RGBColor = OUTPUT;
const HEARD: RGBColor = INPUT;

/// Size of a codebook's picture, pixels.
const MAP_SIZE: (u32, u32) = (1400, 760);

/// A codebook as one descriptor sees it.
#[derive(Clone, Copy, Debug)]
pub struct BookPicture<'a> {
    /// Heading.
    pub title: &'a str,
    /// Each code on the two axes of the map, deviations.
    pub plane: &'a [[f32; 2]],
    /// Share of the variance of each axis.
    pub plane_share: [f32; 2],
    /// Which descriptor.
    pub descriptor: Descriptor,
    /// Its value per code.
    pub values: &'a [f32],
}

/// A curve that was wanted and the one that was heard, per hop.
#[derive(Clone, Copy, Debug)]
pub struct Followed<'a> {
    /// Of which descriptor.
    pub descriptor: Descriptor,
    /// What was wanted.
    pub wanted: &'a [f32],
    /// What the sound has.
    pub heard: &'a [f32],
    /// What to say of the two.
    pub note: &'a str,
}

/// Sound that was made of codes.
#[derive(Clone, Copy, Debug)]
pub struct SoundPicture<'a> {
    /// Heading.
    pub title: &'a str,
    /// Mono.
    pub sound: &'a [f32],
    /// Frames per second.
    pub rate_hz: u32,
    /// Frames per hop.
    pub hop_frames: usize,
    /// One panel each.
    pub followed: &'a [Followed<'a>],
}

/// A map of the codes coloured by a descriptor, and its histogram, as PNG; whole or not at all; blocks.
///
/// # Errors
/// When there are no codes, or the file cannot be written.
pub fn book(path: &Path, picture: &BookPicture<'_>) -> Result<(), PlotError> {
    if picture.values.is_empty() || picture.values.len() != picture.plane.len() {
        return Err(PlotError::Nothing { path: path.into(), what: "there are no codes; choose another package" });
    }
    if picture.values.iter().any(|value| !value.is_finite()) {
        return Err(PlotError::Nothing {
            path: path.into(),
            what: "a descriptor is not a number; choose another package",
        });
    }
    write(path, |temporary| draw_book(temporary, picture))
}

/// A spectrogram with what was wanted and heard over it, and a panel for each, as PNG; whole or not at all; blocks.
///
/// # Errors
/// When there is no sound, or the file cannot be written.
pub fn sound(path: &Path, picture: &SoundPicture<'_>) -> Result<(), PlotError> {
    if picture.sound.is_empty() || picture.rate_hz == 0 || picture.hop_frames == 0 {
        return Err(PlotError::Nothing { path: path.into(), what: "there is no sound; ask for a longer one" });
    }
    write(path, |temporary| draw_sound(temporary, picture))
}

fn heading(root: &Area, title: &str) -> Drawn {
    root.fill(&BACKGROUND)?;
    let title: String = title.chars().take(110).collect();
    root.draw(&Text::new(title, (28, 16), font(26, TEXT)))?;
    Ok(())
}

/// With the descriptor's unit, as axes are labelled.
fn labelled(descriptor: Descriptor) -> String {
    match descriptor.unit() {
        "" => descriptor.name().to_owned(),
        unit => format!("{descriptor} ({unit})"),
    }
}

/// Where a value lies on the scale of colours: outliers share the colours of the 2nd and 98th percentile.
fn colour_scale(descriptor: Descriptor, values: &[f32]) -> (f32, f32) {
    let mut sorted: Vec<f32> = values.iter().map(|&value| descriptor.perceived(value)).collect();
    sorted.sort_by(f32::total_cmp);
    let at = |share: f32| sorted[((sorted.len() - 1) as f32 * share).round() as usize];
    (at(0.02), at(0.98).max(at(0.02) + 1e-6))
}

/// Dark to bright, but never so dark that a dot is lost on the panel.
fn colour(share: f32) -> RGBColor {
    let [red, green, blue] = magma(0.34 + 0.66 * share.clamp(0.0, 1.0));
    RGBColor(red, green, blue)
}

fn draw_book(path: &Path, picture: &BookPicture<'_>) -> Drawn {
    prepare_font()?;
    let root = BitMapBackend::new(path, MAP_SIZE).into_drawing_area();
    heading(&root, picture.title)?;
    let (_, body) = root.split_vertically(56);
    let (map, right) = body.split_horizontally(700);
    let (bar, histogram) = right.split_horizontally(110);
    let scale = colour_scale(picture.descriptor, picture.values);
    draw_map(&map, picture, scale)?;
    draw_bar(&bar, picture, scale)?;
    draw_histogram(&histogram, picture, scale)?;
    root.present()?;
    Ok(())
}

fn share_of(descriptor: Descriptor, value: f32, (low, high): (f32, f32)) -> f32 {
    (descriptor.perceived(value) - low) / (high - low)
}

fn draw_map(area: &Area, picture: &BookPicture<'_>, scale: (f32, f32)) -> Drawn {
    let title = format!("{} codes, coloured by {}", picture.values.len(), picture.descriptor);
    let reach = |axis: usize| {
        let values = || picture.plane.iter().map(|point| point[axis]).filter(|value| value.is_finite());
        let (low, high) = (values().fold(-0.5, f32::min), values().fold(0.5, f32::max));
        let spare = 0.05 * (high - low);
        low - spare..high + spare
    };
    let mut chart = panel(area, &title, 84, [12, 12, 14], 60)?.build_cartesian_2d(reach(0), reach(1))?;
    let [first, second] = picture.plane_share.map(|share| 100.0 * share);
    let label = |value: &f32| format!("{value:.1}");
    let names = [
        format!("principal component 1 ({first:.0} % of the variance), deviations"),
        format!("principal component 2 ({second:.0} %), deviations"),
    ];
    mesh(&mut chart, &names[0], &names[1], &label, &label)?;
    let dot = |(point, &value): (&[f32; 2], &f32)| {
        Circle::new((point[0], point[1]), 5, colour(share_of(picture.descriptor, value, scale)).filled())
    };
    chart.draw_series(picture.plane.iter().zip(picture.values).map(dot))?;
    Ok(())
}

fn draw_bar(area: &Area, picture: &BookPicture<'_>, (low, high): (f32, f32)) -> Drawn {
    let mut chart = ChartBuilder::on(area)
        .margin_top(60)
        .margin_bottom(80)
        .margin_right(78)
        .margin_left(8)
        .build_cartesian_2d(0.0_f32..1.0, low..high)?;
    let step = (high - low) / 200.0;
    chart.draw_series((0..200).map(|n| {
        let from = low + step * n as f32;
        Rectangle::new([(0.0, from), (1.0, from + step)], colour(n as f32 / 199.0).filled())
    }))?;
    for place in round_places(picture.descriptor, low, high) {
        let (x, y) = chart.backend_coord(&(1.0, place));
        let (left, top) = area.get_base_pixel();
        let style = font(16, FAINT).pos(Pos::new(HPos::Left, VPos::Center));
        let text = place_label(picture.descriptor, place, high - low);
        area.draw(&Text::new(text, (x - left + 6, y - top), style))?;
    }
    let style = font(16, TEXT).pos(Pos::new(HPos::Left, VPos::Bottom));
    area.draw(&Text::new(labelled(picture.descriptor), (4, 44), style))?;
    Ok(())
}

fn draw_histogram(area: &Area, picture: &BookPicture<'_>, scale: (f32, f32)) -> Drawn {
    // On the scale of the colours and of the matching: in octaves for frequencies.
    let mut places: Vec<f32> = picture.values.iter().map(|&value| picture.descriptor.perceived(value)).collect();
    places.sort_by(f32::total_cmp);
    let low = places.first().copied().unwrap_or_default();
    let high = places.last().copied().unwrap_or_default().max(low + 1e-3);
    let width = (high - low) / BINS as f32;
    let mut counts = [0u32; BINS];
    for place in &places {
        counts[(((place - low) / width) as usize).min(BINS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let title = format!("histogram of {}", picture.descriptor);
    let scale_of_values = Labelled { scale: (low..high).into(), keys: round_places(picture.descriptor, low, high) };
    let mut chart =
        panel(area, &title, 84, [4, 12, 28], 60)?.build_cartesian_2d(scale_of_values, 0.0..most as f32 * 1.12)?;
    let x_name = labelled(picture.descriptor);
    let x_label = |place: &f32| place_label(picture.descriptor, *place, high - low);
    mesh(&mut chart, &x_name, "codes", &x_label, &|count| format!("{count:.0}"))?;
    chart.draw_series(counts.iter().enumerate().map(|(bin, &count)| {
        let from = low + width * bin as f32;
        let shade = colour((from + 0.5 * width - scale.0) / (scale.1 - scale.0));
        Rectangle::new([(from + 0.06 * width, 0.0), (from + 0.94 * width, count as f32)], shade.filled())
    }))?;
    // What shapes and the instrument's 0 to 100 % go over.
    for (share, side) in [(0.05, HPos::Left), (0.95, HPos::Right)] {
        let place = places[((places.len() - 1) as f32 * share).round() as usize];
        let top = most as f32 * 1.12;
        chart.draw_series([PathElement::new([(place, 0.0), (place, top)], TEXT.stroke_width(1))])?;
        let style = font(16, TEXT).pos(Pos::new(side, VPos::Top));
        let nudge = if share < 0.5 { 5 } else { -5 };
        let text = format!("{:.0} %", 100.0 * share);
        chart.draw_series([EmptyElement::at((place, top)) + Text::new(text, (nudge, 3), style)])?;
    }
    Ok(())
}

/// Round values within a range of the perceived scale, as places on it.
fn round_places(descriptor: Descriptor, low: f32, high: f32) -> Vec<f32> {
    if !descriptor.is_ratio() {
        return round_values(low, high);
    }
    let sets: [&[f32]; 3] = [&[1.0, 1.5, 2.0, 3.0, 5.0, 7.0], &[1.0, 2.0, 5.0], &[1.0]];
    let places = |steps: &[f32]| -> Vec<f32> {
        let all = (0..5).flat_map(|power| steps.iter().map(move |step| (step * 10f32.powi(power)).log2()));
        all.filter(|place| (low..=high).contains(place)).collect()
    };
    // A set that is too sparse is worse than one that is a little dense.
    sets.into_iter().map(places).find(|places| places.len() <= 9).unwrap_or_default()
}

fn place_label(descriptor: Descriptor, place: f32, range: f32) -> String {
    if descriptor.is_ratio() { format!("{:.0}", place.exp2()) } else { format_tick(place, range) }
}

/// About five round values within a range.
fn round_values(low: f32, high: f32) -> Vec<f32> {
    let rough = ((high - low) / 5.0).max(1e-6);
    let decade = 10f32.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|part| part * decade).into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let first = (low / step).ceil();
    (0..12).map(|n| (first + n as f32) * step).filter(|value| *value <= high).collect()
}

fn draw_sound(path: &Path, picture: &SoundPicture<'_>) -> Drawn {
    prepare_font()?;
    let panels = picture.followed.len().max(1) as u32;
    let size = (SIZE.0, 540 + 300 * panels);
    let root = BitMapBackend::new(path, size).into_drawing_area();
    heading(&root, picture.title)?;
    legend(&root, 1150, 22, &[("target", WANTED), ("sound", HEARD)])?;
    let seconds = picture.sound.len() as f32 / picture.rate_hz as f32;
    let hop_seconds = picture.hop_frames as f64 / f64::from(picture.rate_hz);
    let (_, body) = root.split_vertically(56);
    let (upper, mut rest) = body.split_vertically(480);
    // The sound of a hop is centred on its end.
    let over = |values: &[f32]| -> Vec<(f32, f32)> {
        values.iter().enumerate().map(|(hop, &hz)| ((hop as f64 * hop_seconds + hop_seconds) as f32, hz)).collect()
    };
    let mut overlays: Vec<Overlay> = Vec::new();
    for followed in picture.followed.iter().filter(|followed| followed.descriptor.is_ratio()) {
        // Dark edges, so that both are seen on bright harmonics too; beneath both lines, so that both are seen where they agree.
        overlays.push((over(followed.wanted), PANEL, 9));
        overlays.push((over(followed.heard), PANEL, 5));
        overlays.push((over(followed.wanted), WANTED, 6));
        overlays.push((over(followed.heard), HEARD, 2));
    }
    let grids = grids(&[picture.sound], picture.rate_hz);
    let names: Vec<String> = picture.followed.iter().map(|f| f.descriptor.name().to_owned()).collect();
    let name = format!("spectrogram, target and sound of {}", names.join(" and "));
    // The curves' labels are wider: time shall lie above time.
    let (_, upper) = upper.split_horizontally(CURVES_LEFT - GRID_LEFT);
    grids[0].draw(&upper, &name, seconds, &overlays)?;
    for followed in picture.followed {
        let (area, below) = rest.split_vertically(300);
        rest = below;
        let limits = |low: f32, high: f32| {
            let spare = 0.06 * (high - low).max(1e-3);
            (low - spare, high + spare)
        };
        let span = {
            let all = || followed.wanted.iter().chain(followed.heard).copied();
            all().fold(f32::MIN, f32::max) - all().fold(f32::MAX, f32::min)
        };
        let of = |values: &[f32]| pieces(values.iter().map(|&value| Some(value)), hop_seconds);
        let title = format!("{}: {}", followed.descriptor, followed.note);
        let y_name = labelled(followed.descriptor);
        let both = [(of(followed.wanted), WANTED), (of(followed.heard), HEARD)];
        curves(&area, [&title, &y_name], seconds, both, limits, round_values, &|value| format_tick(*value, span))?;
    }
    root.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scant_or_strange_values_still_give_a_whole_picture() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let is_png = || std::fs::read(&path).unwrap().starts_with(b"\x89PNG\r\n\x1a\n");
        for values in [vec![440.0], vec![1.0; 9], vec![-3.0, 1e5]] {
            let plane = vec![[0.0, 1.0]; values.len()];
            for descriptor in Descriptor::ALL {
                let (plane, values) = (&plane[..], &values[..]);
                let picture = BookPicture { title: "t", plane, plane_share: [0.5, 0.2], descriptor, values };
                book(&path, &picture).unwrap();
                assert!(is_png());
            }
        }
        let endless = [f32::NAN, f32::INFINITY];
        let plane = &[[0.0; 2]; 2];
        let picture =
            BookPicture { title: "", plane, plane_share: [0.5; 2], descriptor: Descriptor::Loudness, values: &endless };
        assert!(matches!(book(&path, &picture), Err(PlotError::Nothing { .. })));
        let followed = [Followed { descriptor: Descriptor::Centroid, wanted: &[1.0], heard: &[f32::NAN], note: "" }];
        let picture =
            SoundPicture { title: "", sound: &[0.0; 100], rate_hz: 44_100, hop_frames: 512, followed: &followed };
        sound(&path, &picture).unwrap();
        assert!(is_png());
        assert!(matches!(sound(&path, &SoundPicture { sound: &[], ..picture }), Err(PlotError::Nothing { .. })));
    }
}
