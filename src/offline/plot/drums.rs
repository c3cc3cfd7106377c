//! Pictures of what a grain model made: hits, loops, and walks through the space of grains.

use std::path::Path;

use plotters::prelude::*;

use super::spectrogram::{GRID_LEFT, spectrograms};
use super::{
    Area, BACKGROUND, Drawn, INPUT, Labelled, OUTPUT, PlotError, SIZE, TEXT, font, format_tick, mesh, panel,
    prepare_font, way, write,
};

/// Columns that a wave is drawn in.
const COLUMNS: usize = 1200;

/// Where the plots of waves lie beside those of the spectrogram's colours, pixels.
const WAVES_WIDTH: u32 = 1290;

/// What such a picture shows.
#[derive(Clone, Copy, Debug)]
pub struct DrumsPicture<'a> {
    /// Heading.
    pub title: &'a str,
    /// Mono sounds with their names, from left to right: what was made, or what was heard and what was made of it.
    pub sounds: &'a [(&'a str, &'a [f32])],
    /// Frames per second of all.
    pub rate_hz: u32,
    /// Of a walk.
    pub walk: Option<WalkOnPlane<'a>>,
}

/// A walk on the plane of grains.
#[derive(Clone, Copy, Debug)]
pub struct WalkOnPlane<'a> {
    /// Where it was, in its order.
    pub places: &'a [[f32; 2]],
    /// Where the grains of the training sound are.
    pub cloud: &'a [[f32; 2]],
}

/// Draws one PNG of [`SIZE`], whatever the path's extension; whole or not at all; blocks.
///
/// # Errors
/// When there is no sound, or the file cannot be written.
pub fn drums(path: &Path, picture: &DrumsPicture<'_>) -> Result<(), PlotError> {
    if picture.rate_hz == 0 || picture.sounds.iter().all(|(_, sound)| sound.is_empty()) {
        return Err(PlotError::Nothing { path: path.into(), what: "there is no sound; ask for another one" });
    }
    write(path, |temporary| draw(temporary, picture))
}

fn draw(path: &Path, picture: &DrumsPicture<'_>) -> Drawn {
    prepare_font()?;
    let root = BitMapBackend::new(path, SIZE).into_drawing_area();
    root.fill(&BACKGROUND)?;
    let title: String = picture.title.chars().take(110).collect();
    root.draw(&Text::new(title, (28, 18), font(28, TEXT)))?;
    let longest = picture.sounds.iter().map(|(_, sound)| sound.len()).max().unwrap_or(0);
    let seconds = longest as f32 / picture.rate_hz as f32;
    let (_, body) = root.split_vertically(60);
    let (upper, lower) = body.split_vertically(480);
    let (spectra, bar) = upper.split_horizontally(WAVES_WIDTH);
    let areas = spectra.split_evenly((1, picture.sounds.len()));
    spectrograms(&areas, &bar, picture.sounds, picture.rate_hz, seconds)?;
    let waves = match &picture.walk {
        None => lower.split_horizontally(WAVES_WIDTH).0,
        Some(WalkOnPlane { places, cloud }) => {
            let (waves, plane) = lower.split_horizontally(790);
            let [places, cloud] = [places, cloud].map(|points| finite(points));
            way(&plane, "the walk, from start to end", ["across", "up"], &places, &cloud)?;
            waves
        }
    };
    let areas = waves.split_evenly((1, picture.sounds.len()));
    for (n, (area, (name, sound))) in areas.iter().zip(picture.sounds).enumerate() {
        // What was heard, where there is something, has the colour of inputs.
        let colour = if n + 1 < picture.sounds.len() { INPUT } else { OUTPUT };
        wave(area, name, sound, [sound.len() as f32 / picture.rate_hz as f32, seconds], colour)?;
    }
    root.present()?;
    Ok(())
}

fn finite(points: &[[f32; 2]]) -> Vec<(f32, f32)> {
    points.iter().filter(|point| point.iter().all(|axis| axis.is_finite())).map(|[x, y]| (*x, *y)).collect()
}

/// A sound's lowest and highest samples over time; how long it is, and how much time is shown, seconds.
fn wave(area: &Area, name: &str, sound: &[f32], [own_s, seconds]: [f32; 2], colour: RGBColor) -> Drawn {
    let keys = vec![-1.0, -0.5, 0.0, 0.5, 1.0];
    let mut chart = panel(area, name, GRID_LEFT, [12, 12, 14], GRID_LEFT - 12)?
        .build_cartesian_2d(0.0..seconds, Labelled { scale: (-1.05f32..1.05).into(), keys })?;
    let label = |time: &f32| format_tick(*time, seconds);
    mesh(&mut chart, "time (s)", "of full scale", &label, &|value| format!("{value:.1}"))?;
    let columns = COLUMNS.min(sound.len());
    chart.draw_series((0..columns).map(|n| {
        let part = &sound[n * sound.len() / columns..(n + 1) * sound.len() / columns];
        let [low, high] = part.iter().fold([0.0f32; 2], |[low, high], sample| [low.min(*sample), high.max(*sample)]);
        let time = own_s * (n as f32 + 0.5) / columns as f32;
        PathElement::new([(time, low.max(-1.05)), (time, high.min(1.05))], colour.stroke_width(1))
    }))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::sine;
    use super::*;

    #[test]
    fn a_picture_is_whole_with_and_without_a_walk_whatever_is_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let sound = sine(200.0, 1.5, 20_000);
        let places = [[0.0, 1.0], [f32::NAN, 0.0], [1e6, -1e6]];
        let walk = Some(WalkOnPlane { places: &places, cloud: &places[..1] });
        let lonely = Some(WalkOnPlane { places: &[], cloud: &[] });
        let two: [(&str, &[f32]); 2] = [("heard", &sound[..500]), ("made", &sound)];
        for (sounds, walk) in [(&two[1..], None), (&two[..], None), (&two[1..], walk), (&two[1..], lonely)] {
            drums(&path, &DrumsPicture { title: "t", sounds, rate_hz: 44_100, walk }).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.ends_with(b"IEND\xaeB`\x82"));
        }
        let nothing = DrumsPicture { title: "t", sounds: &[("made", &[])], rate_hz: 44_100, walk: None };
        assert!(matches!(drums(&path, &nothing), Err(PlotError::Nothing { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
