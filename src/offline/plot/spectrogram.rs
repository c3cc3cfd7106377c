//! Levels over time and frequency, and their pictures.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use realfft::RealFftPlanner;

use super::{Area, Drawn, FAINT, GRID, SIZE, TEXT, font, format_tick, panel};

/// Analysis window in seconds, about 2048 frames at 44.1 kHz; rounded to a power of two.
const WINDOW_SECONDS: f64 = 0.046;
/// Frequencies shown, in Hz: from below a cello's lowest string to where little musical is left.
const SHOWN_HZ: (f32, f32) = (60.0, 12_000.0);
/// What lies this far below the loudest point is black, in dB.
const SHOWN_RANGE_DB: f32 = 80.0;
/// Where the picture begins within its area, pixels.
pub(super) const GRID_LEFT: i32 = 88;
/// Level given to silence, in dB.
const FLOOR_DB: f32 = -140.0;

/// Level in dB of each bin around each hop, as `[hop][bin]`; a sine of amplitude 1 on a bin is 0 dB.
///
/// Hann windows are centred at multiples of `hop_frames`, with silence beyond both ends; there are
/// `window_frames / 2 + 1` bins. Empty if the samples are, or either length is 0. Allocates.
fn spectrogram_db(samples: &[f32], window_frames: usize, hop_frames: usize) -> Vec<Vec<f32>> {
    if samples.is_empty() || window_frames == 0 || hop_frames == 0 {
        return Vec::new();
    }
    let shape: Vec<f32> = (0..window_frames)
        .map(|frame| 0.5 - 0.5 * (std::f32::consts::TAU * frame as f32 / window_frames as f32).cos())
        .collect();
    let gain = 2.0 / shape.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(window_frames);
    let (mut windowed, mut spectrum) = (fft.make_input_vec(), fft.make_output_vec());
    let level_db = |magnitude: f32| (20.0 * (gain * magnitude).log10()).max(FLOOR_DB);
    (0..samples.len())
        .step_by(hop_frames)
        .map(|centre| {
            for (frame, (slot, weight)) in windowed.iter_mut().zip(&shape).enumerate() {
                let index = (centre + frame).checked_sub(window_frames / 2);
                *slot = weight * index.and_then(|index| samples.get(index)).copied().unwrap_or(0.0);
            }
            fft.process(&mut windowed, &mut spectrum).expect("both buffers came from this plan");
            spectrum.iter().map(|bin| level_db(bin.norm())).collect()
        })
        .collect()
}

/// Perceptual colour of `0..=1`, dark to bright: a polynomial fit to matplotlib's magma (CC0).
pub(super) fn magma(value: f32) -> [u8; 3] {
    const FIT: [[f32; 3]; 7] = [
        [-0.002_136, -0.000_750, -0.005_386],
        [0.251_661, 0.677_523, 2.494_027],
        [8.353_717, -3.577_72, 0.314_468],
        [-27.668_733, 14.264_731, -13.649_213],
        [52.176_14, -27.943_606, 12.944_169],
        [-50.768_525, 29.046_583, 4.234_153],
        [18.655_706, -11.489_774, -5.601_962],
    ];
    let value = value.clamp(0.0, 1.0);
    let part = |index: usize| FIT.iter().rev().fold(0.0, |sum, row| sum * value + row[index]);
    [0, 1, 2].map(|index| (part(index).clamp(0.0, 1.0) * 255.0).round() as u8)
}

/// Draws sounds, each in its area, and the scale of their colours.
pub(super) fn spectrograms(areas: &[Area], bar: &Area, sounds: &[(&str, &[f32])], rate_hz: u32, seconds: f32) -> Drawn {
    let samples: Vec<&[f32]> = sounds.iter().map(|(_, samples)| *samples).collect();
    let grids = grids(&samples, rate_hz);
    for ((area, grid), (name, _)) in areas.iter().zip(&grids).zip(sounds) {
        grid.draw(area, name, seconds, &[])?;
    }
    let top_db = grids.first().map_or(0.0, |grid| grid.top_db);
    let mut chart = ChartBuilder::on(bar)
        .margin_top(28)
        .margin_bottom(60)
        .margin_right(66)
        .margin_left(8)
        .right_y_label_area_size(0)
        .build_cartesian_2d(0.0_f32..1.0, top_db - SHOWN_RANGE_DB..top_db)?;
    chart.draw_series((0..200).map(|step| {
        let low_db = top_db - SHOWN_RANGE_DB + SHOWN_RANGE_DB * step as f32 / 200.0;
        let [red, green, blue] = magma(step as f32 / 199.0);
        Rectangle::new([(0.0, low_db), (1.0, low_db + SHOWN_RANGE_DB / 200.0)], RGBColor(red, green, blue).filled())
    }))?;
    for tick in 0..=4 {
        let level_db = top_db - SHOWN_RANGE_DB * tick as f32 / 4.0;
        let (x, y) = chart.backend_coord(&(1.0, level_db));
        let (left, top) = bar.get_base_pixel();
        let style = font(16, FAINT).pos(Pos::new(HPos::Left, VPos::Center));
        bar.draw(&Text::new(format!("{level_db:.0}"), (x - left + 6, y - top), style))?;
    }
    bar.draw(&Text::new("level (dBFS)", (0, 2), font(16, TEXT)))?;
    Ok(())
}

/// The levels of one sound, and how they were measured.
pub(super) struct Grid {
    levels_db: Vec<Vec<f32>>,
    window_frames: usize,
    hop_frames: usize,
    rate_hz: f32,
    top_db: f32,
}

/// Measures sounds that are drawn side by side.
pub(super) fn grids(sounds: &[&[f32]], rate_hz: u32) -> Vec<Grid> {
    let window_frames = ((f64::from(rate_hz) * WINDOW_SECONDS) as usize).max(16).next_power_of_two();
    // Four columns a pixel at most: long files are sampled, short ones overlap by seven eighths.
    let longest = sounds.iter().map(|samples| samples.len()).max().unwrap_or(0);
    let hop_frames = (longest / (4 * SIZE.0 as usize / sounds.len().max(1))).max(window_frames / 8).max(1);
    let levels: Vec<_> = sounds.iter().map(|samples| spectrogram_db(samples, window_frames, hop_frames)).collect();
    // One scale for all, so that equal colours are equal levels.
    let peak_db = levels.iter().flatten().flatten().copied().fold(FLOOR_DB, f32::max);
    let (rate_hz, top_db) = (rate_hz as f32, (peak_db / 5.0).ceil() * 5.0);
    levels.into_iter().map(|levels_db| Grid { levels_db, window_frames, hop_frames, rate_hz, top_db }).collect()
}

/// A curve over a spectrogram: `(seconds, Hz)`, its colour and its width in pixels.
pub(super) type Overlay = (Vec<(f32, f32)>, RGBColor, u32);

impl Grid {
    pub(super) fn draw(&self, area: &Area, name: &str, seconds: f32, overlays: &[Overlay]) -> Drawn {
        let (window_frames, hop_frames) = (self.window_frames as f32, self.hop_frames as f32);
        let (rate_hz, top_db) = (self.rate_hz, self.top_db);
        let shown_hz = (SHOWN_HZ.0.min(rate_hz / 16.0), SHOWN_HZ.1.min(rate_hz / 2.0));
        let frequencies = (shown_hz.0..shown_hz.1)
            .log_scale()
            .with_key_points(vec![100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0]);
        let mut chart = panel(area, name, GRID_LEFT, [12, 16, 14], GRID_LEFT - 12)?
            .build_cartesian_2d(0.0..seconds, frequencies)?;
        let (width, height) = chart.plotting_area().dim_in_pixel();
        let mut pixels = Vec::with_capacity((width * height * 3) as usize);
        for y in 0..height {
            let rise = 1.0 - (y as f32 + 0.5) / height as f32;
            let bin = shown_hz.0 * (shown_hz.1 / shown_hz.0).powf(rise) * window_frames / rate_hz;
            for x in 0..width {
                let from = x as f32 / width as f32 * seconds * rate_hz / hop_frames;
                let to = (x + 1) as f32 / width as f32 * seconds * rate_hz / hop_frames;
                let level_db = loudest_db(&self.levels_db, from, to, bin);
                pixels.extend(magma(1.0 - (top_db - level_db) / SHOWN_RANGE_DB));
            }
        }
        let image = BitMapElement::with_owned_buffer((0.0, shown_hz.1), (width, height), pixels);
        chart.draw_series(image)?;
        for (points, colour, width) in overlays {
            let inside = |point: &&[(f32, f32)]| point.iter().all(|(_, hz)| shown_hz.0 <= *hz && *hz <= shown_hz.1);
            let steps = points.windows(2).filter(inside);
            chart.draw_series(steps.map(|step| PathElement::new(step, colour.stroke_width(*width))))?;
        }
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(GRID)
            .label_style(font(16, FAINT))
            .axis_desc_style(font(17, TEXT))
            .x_desc("time (s)")
            .y_desc("frequency (Hz)")
            .x_label_formatter(&|time| format_tick(*time, seconds))
            .y_label_formatter(&|hz| format!("{hz:.0}"))
            .draw()?;
        Ok(())
    }
}

/// Loudest level between two positions in hops, between bins in proportion; the floor beyond the end.
fn loudest_db(grid: &[Vec<f32>], from: f32, to: f32, bin: f32) -> f32 {
    let below = bin as usize;
    let share = bin - below as f32;
    let last = (to.ceil() as usize).max(from as usize + 1).min(grid.len());
    grid.get(from as usize..last).unwrap_or_default().iter().fold(FLOOR_DB, |loudest, levels| {
        let at = |index: usize| levels.get(index).copied().unwrap_or(FLOOR_DB);
        loudest.max(at(below) * (1.0 - share) + at(below + 1) * share)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::sine;
    use super::*;

    #[test]
    fn a_sine_peaks_in_its_bin_at_its_level() {
        for (bin, amplitude, level_db) in [(40, 1.0, 0.0), (100, 0.5, -6.02), (700, 0.01, -40.0)] {
            let grid = spectrogram_db(&sine(bin as f32 * 44_100.0 / 2_048.0, amplitude, 20_000), 2_048, 512);
            assert_eq!((grid.len(), grid[0].len()), (20_000_usize.div_ceil(512), 1_025));
            for levels in &grid[2..37] {
                let peak = (0..levels.len()).max_by(|a, b| levels[*a].total_cmp(&levels[*b])).unwrap();
                assert_eq!(peak, bin);
                assert!((levels[peak] - level_db).abs() < 0.05, "{}", levels[peak]);
                assert!(levels[bin + 3] < level_db - 60.0, "{}", levels[bin + 3]);
            }
        }
    }

    #[test]
    fn silence_is_at_the_floor_and_nothing_gives_nothing() {
        assert!(spectrogram_db(&[0.0; 100], 64, 16).iter().flatten().all(|level| *level == FLOOR_DB));
        for (samples, window_frames, hop_frames) in [(&[][..], 64, 16), (&[0.1][..], 0, 16), (&[0.1][..], 64, 0)] {
            assert!(spectrogram_db(samples, window_frames, hop_frames).is_empty());
        }
    }

    #[test]
    fn magma_runs_from_black_to_pale_and_only_brightens() {
        let brightness =
            |value: f32| magma(value).iter().zip([0.3, 0.6, 0.1]).map(|(c, w)| f32::from(*c) * w).sum::<f32>();
        assert!(brightness(0.0) < 3.0 && brightness(1.0) > 230.0);
        assert!((0..100).all(|step| brightness(step as f32 / 100.0) < brightness((step + 1) as f32 / 100.0)));
    }
}
