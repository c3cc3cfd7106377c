//! The sound view: spectrograms of input and output that scroll together, their pitch over them, their loudness below.

use egui::accesskit::Role;
use egui::{Align2, Color32, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::control::info;
use super::plot::{Style, beside, chip, empty, ground, is_too_small, sample, stand_in, time_axis, trace};
use super::ribbon::Pen;
use super::theme::Metrics;
use super::{PaintContext, spectrogram, theme};
use crate::sound::{SOUND_BANDS, band_hz};
use crate::sound_view::{SPAN_S, SoundView, band_at, hertz, note, spoken};
use crate::{SoundColumn, Status, palette, summary};

/// The loudness plot's edges, dB(A) of full scale.
const LOUDNESS_DB: [f32; 2] = [-70.0, 0.0];
/// Frequencies that are labelled where there is room.
const TICKS_HZ: [f32; 5] = [100.0, 300.0, 1000.0, 3000.0, 10_000.0];
/// The same in a tall plot.
const MORE_TICKS_HZ: [f32; 8] = [50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0];
/// Of the columns that fall into so many points the first is part of a trace.
const STEP_POINTS: f64 = 1.5;

/// Where time lies in the plots.
#[derive(Clone, Copy)]
struct Clock {
    right: f32,
    points_per_s: f64,
    newest_s: f64,
}

impl Clock {
    fn x(&self, at_s: f64) -> f32 {
        self.right - ((self.newest_s - at_s) * self.points_per_s) as f32
    }

    /// How long a dash with its gap takes, seconds: as wide at any width of the plot.
    fn dash_s(&self, metrics: Metrics) -> f64 {
        f64::from(metrics.fine(13.0)) / self.points_per_s
    }

    fn at_s(&self, x: f32) -> f64 {
        self.newest_s - f64::from(self.right - x) / self.points_per_s
    }
}

/// The rectangles of the plots.
struct Plots {
    /// An instrument has one only while its side-chain is heard.
    input: Option<Rect>,
    output: Rect,
    loudness: Rect,
}

impl Plots {
    /// The spectrograms, and whether they are of the input.
    fn spectra(&self) -> impl Iterator<Item = (Rect, bool)> {
        self.input.map(|plot| (plot, true)).into_iter().chain([(self.output, false)])
    }

    fn all(&self) -> Rect {
        self.input.unwrap_or(self.output).union(self.loudness)
    }
}

/// Whether anything that is shown came in.
fn has_input(view: &SoundView) -> bool {
    view.columns().any(|column| column.input_loudness_db > LOUDNESS_DB[0])
}

/// Draws the panel into `panel`.
pub fn paint(ui: &Ui, panel: Rect, view: &SoundView, status: &Status, cx: &PaintContext) {
    let metrics = cx.metrics;
    let inner = ground(ui, panel, metrics);
    let product = status.product;
    let [input_name, input_mark] = product.input;
    let [label, silent] = product.sound;
    let has_input = product.hears_a_track || has_input(view);
    let response = ui.interact(panel, ui.scope_id().with("sound view"), Sense::hover());
    response.widget_info(|| info(Role::Image, label, spoken(view, has_input.then_some(input_name))));

    let body = Rect::from_min_max(
        inner.min + vec2(metrics.px(38.0), metrics.px(22.0)),
        inner.max - vec2(metrics.px(46.0), metrics.px(18.0)),
    );
    if is_too_small(body) || stand_in(ui, body, status, cx) {
        return;
    }
    let plots = layout(body, has_input, metrics);
    let clock = Clock {
        right: body.right(),
        points_per_s: f64::from(body.width()) / SPAN_S,
        newest_s: view.newest_s().unwrap_or_default(),
    };
    let row = Rect::from_min_max(pos2(body.left(), inner.top()), pos2(inner.right(), body.top()));
    match plots.input {
        // Of chords there is no pitch: a line that is nowhere is not explained.
        None => legend(ui, row, &[(false, "")], view.columns().any(|column| column.output_hz.is_some()), metrics),
        Some(_) => legend(ui, row, &[(true, input_mark), (false, "out")], true, metrics),
    }
    for plot in plots.input.into_iter().chain([plots.output, plots.loudness]) {
        ui.painter().rect_filled(plot, 0.0, theme::BACKGROUND);
    }
    spectrogram::paint(ui, plots.spectra(), view, |at_s| clock.x(at_s));
    for (plot, is_input) in plots.spectra() {
        frequency_axis(ui, plot, if is_input { input_name } else { "Output" }, metrics);
    }
    loudness_axis(ui, plots.loudness, metrics);
    let (lowest, step) = (plots.loudness, if plots.loudness.width() >= metrics.px(420.0) { 1 } else { 2 });
    for x in time_axis(ui, lowest.x_range(), lowest.bottom() + 3.0, (SPAN_S, step), metrics) {
        ui.painter().vline(x, lowest.bottom()..=lowest.bottom() + 3.0, Stroke::new(1.0, theme::LINE_STRONG));
    }
    scale(ui, &plots, inner.right(), metrics);
    if view.newest().is_none() {
        return empty(ui, plots.input.unwrap_or(plots.output), silent, metrics);
    }
    let columns = drawn(view, clock);
    loudness_name(ui, plots.loudness, metrics);
    pitches(ui, &plots, clock, &columns, metrics);
    loudness(ui, plots.loudness, clock, &columns, metrics);
    crosshair(ui, &plots, clock, view, input_name, metrics);
}

fn layout(body: Rect, has_input: bool, metrics: Metrics) -> Plots {
    let gap = metrics.px(5.0);
    // The caption of the loudness lies above its plot, off its curves.
    let caption = metrics.px(17.0);
    let low = (body.height() * 0.2).clamp(metrics.px(40.0), metrics.px(150.0)).min(body.height() * 0.4);
    let row = |top: f32, height: f32| Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), height));
    let loudness = row(body.bottom() - low, low);
    if !has_input {
        return Plots { input: None, output: row(body.top(), body.height() - low - caption), loudness };
    }
    let each = (body.height() - low - gap - caption) * 0.5;
    Plots { input: Some(row(body.top(), each)), output: row(body.top() + each + gap, each), loudness }
}

/// The columns that traces go through. Which these are is fixed in time, so that a trace does not tremble as it moves.
fn drawn(view: &SoundView, clock: Clock) -> Vec<&SoundColumn> {
    let mut cell = i64::MIN;
    let is_next = |column: &&SoundColumn| {
        let before = std::mem::replace(&mut cell, (column.at_s * clock.points_per_s / STEP_POINTS).floor() as i64);
        cell != before
    };
    view.columns().filter(is_next).collect()
}

fn pitch_style(is_input: bool, dash_s: f64, metrics: Metrics) -> Style {
    Style { width: metrics.fine(1.8), colour: theme::WARNING, dash_s: is_input.then_some(dash_s) }
}

fn loudness_style(is_input: bool, metrics: Metrics) -> Style {
    // Where both are alike the thin line lies in the middle of the thick one, and both are seen.
    let (width, colour) = if is_input { (5.0, theme::NEUTRAL.gamma_multiply(0.55)) } else { (1.6, theme::ACCENT) };
    Style { width: metrics.fine(width), colour, dash_s: None }
}

/// The lines of each side with their names: the pitch of what goes in is broken, its loudness a broad pale line.
fn legend(ui: &Ui, row: Rect, sides: &[(bool, &str)], has_pitch: bool, metrics: Metrics) {
    let y = row.top() + metrics.px(9.0);
    let mut x = row.left();
    let length = metrics.px(22.0);
    type OfSide = fn(bool, Metrics) -> Style;
    let pairs: [(&str, OfSide); 2] =
        [("Pitch", |is_input, metrics| pitch_style(is_input, 1.0, metrics)), ("Loudness", loudness_style)];
    for (name, style) in pairs.into_iter().skip(usize::from(!has_pitch)) {
        for (n, &(is_input, side)) in sides.iter().enumerate() {
            sample(ui, pos2(x, y), length, style(is_input, metrics));
            let text = if n == 0 { format!("{name}{side}") } else { side.to_owned() };
            let galley = ui.painter().layout_no_wrap(text, metrics.small(), theme::TEXT_QUIET);
            let at = pos2(x + length + metrics.px(5.0), y - galley.size().y * 0.5);
            x = at.x + galley.size().x + metrics.px(if n + 1 < sides.len() { 8.0 } else { 16.0 });
            ui.painter().galley(at, galley, theme::TEXT_QUIET);
        }
    }
}

/// The height of a frequency in a plot.
fn y_of(plot: Rect, hz: f32) -> f32 {
    plot.bottom() - plot.height() * band_at(hz) / (SOUND_BANDS - 1) as f32
}

fn frequency_axis(ui: &Ui, plot: Rect, name: &str, metrics: Metrics) {
    let painter = ui.painter();
    let room = metrics.px(15.0);
    let is_tall = y_of(plot, 1000.0) - y_of(plot, 2000.0) >= room;
    let is_low = y_of(plot, 1000.0) - y_of(plot, 3000.0) < room;
    let ticks: &[f32] = if is_tall { &MORE_TICKS_HZ } else { &TICKS_HZ };
    for &hz in ticks.iter().step_by(if is_low { 2 } else { 1 }) {
        let y = y_of(plot, hz);
        let text = if hz >= 1000.0 { format!("{:.0}k", hz / 1000.0) } else { format!("{hz:.0}") };
        painter.hline(plot.left() - 4.0..=plot.left(), y, Stroke::new(1.0, theme::LINE_STRONG));
        painter.hline(plot.x_range(), y, Stroke::new(1.0, Color32::from_white_alpha(14)));
        let at = pos2(plot.left() - 6.0, y);
        painter.text(at, Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
    }
    chip(ui, plot.shrink(4.0), plot.min, Align2::LEFT_TOP, &format!("{name}, Hz"), theme::TEXT, metrics);
}

fn loudness_axis(ui: &Ui, plot: Rect, metrics: Metrics) {
    let painter = ui.painter();
    let step = if plot.height() >= metrics.px(84.0) { 10.0 } else { 20.0 };
    let mut level_db = LOUDNESS_DB[1] - step;
    while level_db > LOUDNESS_DB[0] + 5.0 {
        let y = y_of_loudness(plot, level_db);
        painter.hline(plot.x_range(), y, Stroke::new(1.0, theme::LINE));
        let is_labelled = plot.height() >= metrics.px(140.0) || level_db % 20.0 == 0.0;
        if is_labelled && y + metrics.px(7.0) < plot.bottom() + 3.0 {
            let text = summary::signed(level_db, 0);
            painter.text(pos2(plot.left() - 6.0, y), Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
        }
        level_db -= step;
    }
}

fn y_of_loudness(plot: Rect, level_db: f32) -> f32 {
    let [low, high] = LOUDNESS_DB;
    plot.bottom() - plot.height() * ((level_db - low) / (high - low)).clamp(0.0, 1.0)
}

/// The colours' meaning, beside both spectrograms.
fn scale(ui: &Ui, plots: &Plots, right: f32, metrics: Metrics) {
    let all = plots.all();
    let bar = Rect::from_min_max(
        pos2(all.right() + metrics.px(7.0), all.top() + metrics.px(7.0)),
        pos2(all.right() + metrics.px(15.0), plots.output.bottom() - metrics.px(7.0)),
    );
    let mut pen = Pen::default();
    pen.fill((0..=32).map(|step| {
        let share = step as f32 / 32.0;
        let [r, g, b] = palette::colour(share);
        let y = bar.bottom() - bar.height() * share;
        [pos2(bar.left(), y), pos2(bar.right(), y)].map(|at| (at, Color32::from_rgb(r, g, b)))
    }));
    pen.paint(ui.painter());
    let step = if bar.height() > metrics.px(220.0) { 10 } else { 20 };
    let mut level_db = palette::CEILING_DB as i32;
    while level_db >= palette::FLOOR_DB as i32 {
        let y = bar.bottom() - bar.height() * palette::share(level_db as f32);
        let text = summary::signed(level_db as f32, 0);
        ui.painter().hline(bar.right()..=bar.right() + 3.0, y, Stroke::new(1.0, theme::LINE_STRONG));
        let at = pos2(right, y);
        ui.painter().text(at, Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
        level_db -= step;
    }
    let at = pos2(right, bar.top() - metrics.px(20.0));
    ui.painter().text(at, Align2::RIGHT_CENTER, "dB", metrics.small(), theme::TEXT_QUIET);
}

/// Each sound's pitch on its own spectrogram: the input's broken, the output's whole.
fn pitches(ui: &Ui, plots: &Plots, clock: Clock, columns: &[&SoundColumn], metrics: Metrics) {
    for (plot, is_input) in plots.spectra() {
        let painter = ui.painter_at(plot);
        let style = pitch_style(is_input, clock.dash_s(metrics), metrics);
        let shade = Style { width: style.width + metrics.fine(2.4), colour: Color32::from_black_alpha(150), ..style };
        let mut pen = Pen::default();
        for style in [shade, style] {
            let places = columns.iter().map(|column| {
                let pitch = if is_input { column.input_hz } else { column.output_hz };
                let at = pitch.filter(|hz| hz.is_finite() && *hz > 0.0);
                (column.at_s, at.map(|hz| pos2(clock.x(column.at_s), y_of(plot, hz))))
            });
            trace(&mut pen, places, style);
        }
        pen.paint(&painter);
    }
}

fn loudness(ui: &Ui, plot: Rect, clock: Clock, columns: &[&SoundColumn], metrics: Metrics) {
    let mut pen = Pen::default();
    for is_input in [true, false] {
        let places = columns.iter().map(|column| {
            let level_db = if is_input { column.input_loudness_db } else { column.output_loudness_db };
            // Silence has no line.
            let at = (level_db > LOUDNESS_DB[0]).then(|| pos2(clock.x(column.at_s), y_of_loudness(plot, level_db)));
            (column.at_s, at)
        });
        trace(&mut pen, places, loudness_style(is_input, metrics));
    }
    pen.paint(&ui.painter_at(plot));
}

fn loudness_name(ui: &Ui, plot: Rect, metrics: Metrics) {
    let at = plot.left_top() + vec2(2.0, -2.0);
    ui.painter().text(at, Align2::LEFT_BOTTOM, "Loudness, dB(A)", metrics.small(), theme::TEXT);
}

/// Reads time, frequency or loudness, and level under the pointer.
fn crosshair(ui: &Ui, plots: &Plots, clock: Clock, view: &SoundView, input_name: &str, metrics: Metrics) {
    let all = plots.all();
    let Some(pointer) = ui.input(|input| input.pointer.hover_pos()).filter(|at| all.contains(*at)) else { return };
    let at_s = clock.at_s(pointer.x);
    let column = view.at(at_s);
    let stroke = Stroke::new(1.0, Color32::from_white_alpha(120));
    ui.painter().vline(pointer.x, all.y_range(), stroke);
    let ago = format!("{} s", summary::signed((at_s - clock.newest_s) as f32, 2));
    let show = |plot: Rect, text: &str| {
        ui.painter().hline(plot.x_range(), pointer.y, stroke);
        beside(ui, plot, pos2(pointer.x, pointer.y - metrics.px(13.0)), text, metrics);
    };
    for (plot, is_input) in plots.spectra() {
        if plot.contains(pointer) {
            let band = (plot.bottom() - pointer.y) / plot.height() * (SOUND_BANDS - 1) as f32;
            let hz = band_hz(band);
            let level = column.map_or_else(
                || "no sound".to_owned(),
                |column| {
                    let bands = if is_input { &column.input_db } else { &column.output_db };
                    format!("{} dB", summary::signed(bands[(band.round() as usize).min(SOUND_BANDS - 1)], 0))
                },
            );
            show(plot, &format!("{ago}   {}   {}   {level}", hertz(hz), note(hz)));
        }
    }
    if plots.loudness.contains(pointer) {
        let text = column.map_or_else(
            || format!("{ago}   no sound"),
            |column| {
                let [input, output] = [column.input_loudness_db, column.output_loudness_db].map(summary::level);
                match plots.input {
                    Some(_) => format!("{ago}   {input_name} {input}   Output {output}"),
                    None => format!("{ago}   {output}"),
                }
            },
        );
        show(plots.loudness, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plots_fit_and_do_not_overlap_at_any_size() {
        for [width, height] in [[300.0, 240.0], [1100.0, 700.0], [1900.0, 1200.0]] {
            let body = Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height));
            let metrics = Metrics::for_size(body.size());
            let Plots { input, output, loudness } = layout(body, true, metrics);
            let input = input.unwrap();
            assert!(input.bottom() < output.top() && output.bottom() < loudness.top());
            assert!(loudness.bottom() <= body.bottom() + 0.1 && input.height() > 60.0);
            let alone = layout(body, false, metrics);
            assert!(alone.input.is_none() && alone.output.top() == input.top() && alone.output.max == output.max);
        }
    }
}
