//! Pictures of what was done with latent paths: the sounds, and the path that came of them.

use std::path::Path;

use plotters::prelude::*;

use super::spectrogram::spectrograms;
use super::{
    Area, BACKGROUND, CURVES_LEFT, Drawn, FAINT, Labelled, PlotError, SIZE, TEXT, font, format_tick, latent, mesh,
    panel, pieces, prepare_font, write,
};
use crate::controls::MAX_DIMS;
use crate::latent::LatentPath;

/// Colours of the dimensions that are drawn, the first ones.
const DIMENSIONS: [RGBColor; 4] =
    [RGBColor(255, 168, 76), RGBColor(92, 205, 214), RGBColor(190, 150, 255), RGBColor(140, 220, 130)];

/// What such a picture shows.
#[derive(Debug, Clone, Copy)]
pub struct PathsPicture<'a> {
    /// Heading.
    pub title: &'a str,
    /// Mono sounds with their names, from left to right, one to five.
    pub sounds: &'a [(&'a str, &'a [f32])],
    /// Frames per second of all.
    pub rate_hz: u32,
    /// The path that came of them.
    pub path: &'a LatentPath,
    /// Latent frames of the training set `[point][dimension]`.
    pub reference_cloud: &'a [[f32; MAX_DIMS]],
}

/// Draws one PNG of [`SIZE`], whatever the path's extension; whole or not at all; blocks.
///
/// # Errors
/// When there is nothing to draw, or the file cannot be written.
pub fn paths(path: &Path, picture: &PathsPicture<'_>) -> Result<(), PlotError> {
    let nothing = |what| PlotError::Nothing { path: path.into(), what };
    if picture.sounds.is_empty() || picture.rate_hz == 0 || picture.path.hops.is_empty() {
        return Err(nothing("there is no sound and no path"));
    }
    write(path, |temporary| draw(temporary, picture))
}

fn draw(path: &Path, picture: &PathsPicture<'_>) -> Drawn {
    prepare_font()?;
    let root = BitMapBackend::new(path, SIZE).into_drawing_area();
    root.fill(&BACKGROUND)?;
    let title: String = picture.title.chars().take(110).collect();
    root.draw(&Text::new(title, (28, 18), font(28, TEXT)))?;
    let longest = picture.sounds.iter().map(|(_, sound)| sound.len()).max().unwrap_or(0);
    let seconds = longest as f32 / picture.rate_hz as f32;
    let (_, body) = root.split_vertically(60);
    let (upper, lower) = body.split_vertically(480);
    let (spectra, bar) = upper.split_horizontally(1290);
    let areas = spectra.split_evenly((1, picture.sounds.len()));
    spectrograms(&areas, &bar, picture.sounds, picture.rate_hz, seconds)?;
    let (curves, plane) = lower.split_horizontally(790);
    dimensions(&curves, picture.path)?;
    let cloud: Vec<(f32, f32)> = picture.reference_cloud.iter().filter_map(first_two).collect();
    let points: Vec<(f32, f32)> = picture.path.hops.iter().filter_map(|hop| first_two(&hop.latent)).collect();
    latent(&plane, "the path, from start to end", &points, &cloud)?;
    root.present()?;
    Ok(())
}

fn first_two(latent: &[f32; MAX_DIMS]) -> Option<(f32, f32)> {
    let point = (latent[0], latent[1]);
    (point.0.is_finite() && point.1.is_finite()).then_some(point)
}

/// The first dimensions over time, in one chart.
fn dimensions(area: &Area, path: &LatentPath) -> Drawn {
    let shown = path.dims.min(DIMENSIONS.len());
    for (d, colour) in DIMENSIONS.iter().enumerate().take(shown) {
        let x = CURVES_LEFT + 330 + 90 * d as i32;
        area.draw(&Rectangle::new([(x, 8), (x + 22, 11)], colour.filled()))?;
        area.draw(&Text::new((d + 1).to_string(), (x + 30, 0), font(19, TEXT)))?;
    }
    let values = path.hops.iter().flat_map(|hop| &hop.latent[..shown]).filter(|value| value.is_finite());
    let reach = values.fold(2.0f32, |most, value| most.max(value.abs())).ceil();
    let seconds = path.length_s() as f32;
    let step = (reach / 4.0).ceil();
    let keys = (-4..=4).map(|n| n as f32 * step).filter(|key| key.abs() <= reach).collect();
    let mut chart = panel(area, "dimensions of the path", CURVES_LEFT, [12, 12, 14], CURVES_LEFT - 12)?
        .build_cartesian_2d(0.0..seconds, Labelled { scale: (-reach..reach).into(), keys })?;
    let label = |time: &f32| format_tick(*time, seconds);
    mesh(&mut chart, "time (s)", "standard deviations", &label, &|value| format!("{value:.0}"))?;
    chart.draw_series([PathElement::new([(0.0, 0.0), (seconds, 0.0)], FAINT.stroke_width(1))])?;
    for (d, colour) in DIMENSIONS.iter().enumerate().take(shown) {
        for piece in pieces(path.hops.iter().map(|hop| Some(hop.latent[d])), path.hop_s()) {
            chart.draw_series(piece.windows(2).map(|step| PathElement::new(step, colour.stroke_width(2))))?;
        }
    }
    Ok(())
}
