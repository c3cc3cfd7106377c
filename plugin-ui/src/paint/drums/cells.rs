//! The cells of the grid: height and brightness are velocity, slits a ratchet, a cut corner and paleness chance, and a step
//! that is early or late stands beside its place.

use egui::{Align2, Color32, FontId, Painter, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::grid::Grid;
use super::{Scene, ink, kinds};
use crate::drums::beat::{BeatView, Cell, Touch};
use crate::drums::{STEPS, Step, TRACKS, param};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, notice};

/// Cells of every other group.
const OTHER: Color32 = Color32::from_rgb(0x1d, 0x21, 0x28);
/// The softest step is so high, as a share of its cell.
const LEAST_HEIGHT: f32 = 0.2;

/// How a cell looks beside what is in it.
struct Look {
    colour: Color32,
    ground: Color32,
    is_playing: bool,
    /// Its track is silent.
    is_dim: bool,
}

/// Draws all cells.
pub fn paint(
    ui: &Ui,
    grid: &Grid,
    view: &BeatView,
    scene: &Scene,
    touched: Option<Touch>,
    is_at_keyboard: bool,
    cx: &PaintContext,
) {
    let metrics = cx.metrics;
    let is_on = |ids: [crate::ParamId; TRACKS], track: usize| cx.params.normalised(ids[track]) >= 0.5;
    let has_solo = (0..TRACKS).any(|track| is_on(param::SOLO, track));
    numbers(ui, grid, metrics);
    let playing = scene.status.playing.filter(|playing| playing.pattern == view.shown());
    for track in 0..TRACKS {
        let line = view.line(track);
        let count = line.played().len();
        let now = playing.map(|playing| playing.steps[track]);
        let colour = ink::of(kinds::chosen(param::CLASS[track], cx.params));
        let is_dim = is_on(param::MUTE, track) || (has_solo && !is_on(param::SOLO, track));
        let is_hot = |step: usize| touched == Some(Touch::Step(Cell { track, step }));
        for step in 0..STEPS {
            let place = grid.cell(Cell { track, step });
            if step >= count {
                beyond(ui.painter(), place, line.steps[step], colour);
                continue;
            }
            let ground = match (is_hot(step), (step / grid.group).is_multiple_of(2)) {
                (true, _) => theme::RAISED_HOVER,
                (false, true) => theme::RAISED,
                (false, false) => OTHER,
            };
            let look = Look { colour, ground, is_playing: now == Some(step), is_dim };
            back(ui.painter(), place, line.steps[step], &look);
        }
        // What is early or late reaches over its neighbour.
        let painter = ui.painter().with_clip_rect(grid.row(track).expand2(vec2(metrics.px(4.0), 0.0)));
        for (step, &played) in line.played().iter().enumerate().filter(|(_, step)| step.is_on()) {
            let place = grid.cell(Cell { track, step });
            let look = Look { colour, ground: theme::PANEL, is_playing: now == Some(step), is_dim };
            bar(&painter, place, grid.pitch, played, &look, metrics);
        }
        if let Some(step) = now.filter(|&step| step < count) {
            let place = grid.cell(Cell { track, step });
            let (width, ink) = if line.steps[step].is_on() { (2.0, theme::TEXT) } else { (1.2, theme::TEXT_QUIET) };
            ui.painter().rect_stroke(place, 4.0, Stroke::new(metrics.fine(width), ink), StrokeKind::Inside);
        }
        end(ui, grid, track, count, touched == Some(Touch::End(track)), metrics);
    }
    selection(ui, grid, view, is_at_keyboard);
}

/// The number of each group above its first step.
fn numbers(ui: &Ui, grid: &Grid, metrics: Metrics) {
    for (group, first) in (0..STEPS).step_by(grid.group).enumerate() {
        let place = grid.cell(Cell { track: 0, step: first });
        let at = pos2(place.left() + 1.0, place.top() - metrics.px(4.0));
        let font = FontId::proportional(metrics.px(11.0));
        ui.painter().text(at, Align2::LEFT_BOTTOM, (group + 1).to_string(), font, theme::TEXT_QUIET);
        let from = at.x + metrics.px(11.0);
        let last = grid.cell(Cell { track: 0, step: (first + grid.group - 1).min(STEPS - 1) }).right();
        let y = at.y - metrics.px(6.0);
        if last > from {
            ui.painter().hline(from..=last, y, Stroke::new(1.0, theme::LINE));
        }
    }
}

/// A step beyond the line's end: a quiet point, or what was there before it was shortened.
fn beyond(painter: &Painter, place: Rect, step: Step, colour: Color32) {
    let ink = if step.is_on() { colour.gamma_multiply(0.5) } else { theme::LINE };
    painter.circle_filled(place.center(), if step.is_on() { 2.5 } else { 1.5 }, ink);
}

fn back(painter: &Painter, place: Rect, step: Step, look: &Look) {
    let tint = match (step.is_on(), look.is_dim) {
        (true, false) => 0.16,
        (true, true) => 0.06,
        _ => 0.0,
    };
    let lit = if look.is_playing { theme::RAISED_HOVER } else { look.ground };
    painter.rect_filled(place, 4.0, lit.lerp_to_gamma(look.colour, tint));
}

fn bar(painter: &Painter, place: Rect, pitch: f32, step: Step, look: &Look, metrics: Metrics) {
    let level = f32::from(step.velocity) / 127.0;
    let chance = f32::from(step.probability) / 100.0;
    let strong = look.colour.lerp_to_gamma(Color32::WHITE, if look.is_playing { 0.55 } else { 0.12 * level });
    let dark = theme::BACKGROUND.lerp_to_gamma(strong, 0.5 + 0.5 * level);
    let shown = if look.is_dim { theme::RAISED.lerp_to_gamma(dark, 0.35) } else { dark };
    let fill = shown.gamma_multiply(0.42 + 0.58 * chance);
    let height = place.height() * (LEAST_HEIGHT + (1.0 - LEAST_HEIGHT) * level);
    let aside = vec2(pitch * f32::from(step.shift) / 100.0, 0.0);
    let whole = Rect::from_min_max(pos2(place.left(), place.bottom() - height), place.max).translate(aside);
    let parts = usize::from(step.ratchet);
    let slit = (whole.width() / parts as f32 * 0.3).clamp(1.0, metrics.px(3.0));
    let width = (whole.width() - slit * (parts - 1) as f32) / parts as f32;
    for part in 0..parts {
        let left = whole.left() + (width + slit) * part as f32;
        let piece = Rect::from_min_max(pos2(left, whole.top()), pos2(left + width, whole.bottom()));
        painter.rect_filled(piece, if parts == 1 { 4.0 } else { 1.5 }, fill);
    }
    if step.probability < 100 {
        let size = (place.width() * 0.42).min(metrics.px(11.0));
        let tip = whole.right_top() + vec2(0.5, -0.5);
        let corners = vec![tip - vec2(size, 0.0), tip, tip + vec2(0.0, size)];
        painter.add(Shape::convex_polygon(corners, theme::PANEL, Stroke::NONE));
        painter.line_segment(
            [tip - vec2(size, 0.0), tip + vec2(0.0, size)],
            Stroke::new(1.2, strong.gamma_multiply(if look.is_dim { 0.4 } else { 1.0 })),
        );
    }
    if step.shift != 0 {
        // Where it would be in time.
        let x = place.left();
        painter.vline(x, place.y_range(), Stroke::new(1.0, theme::TEXT_QUIET.gamma_multiply(0.7)));
    }
}

/// The handle at the end of a line.
fn end(ui: &Ui, grid: &Grid, track: usize, count: usize, is_hot: bool, metrics: Metrics) {
    let at = grid.end(track, count);
    let row = grid.row(track);
    let is_short = count < STEPS;
    let ink = match (is_hot, is_short) {
        (true, _) => theme::TEXT,
        (false, true) => theme::TEXT_QUIET,
        (false, false) => theme::LINE_STRONG.gamma_multiply(0.7),
    };
    let height = if is_hot || is_short { row.height() * 0.8 } else { row.height() * 0.4 };
    let handle = Rect::from_center_size(at, vec2(metrics.fine(2.5), height));
    ui.painter().rect_filled(handle, 1.0, ink);
    if is_short {
        let galley = notice::one_line(ui, &count.to_string(), FontId::proportional(metrics.px(11.0)), ink, 40.0);
        let place = at + vec2(metrics.px(5.0), -galley.size().y * 0.5);
        let ground = Rect::from_min_size(place, galley.size()).expand2(vec2(2.0, 0.0));
        ui.painter().rect_filled(ground, 2.0, theme::PANEL);
        ui.painter().galley(place, galley, ink);
    }
}

fn selection(ui: &Ui, grid: &Grid, view: &BeatView, is_at_keyboard: bool) {
    let cells: Vec<Cell> = view.selected().collect();
    let whole = cells.iter().map(|&cell| grid.cell(cell)).reduce(Rect::union);
    if let Some(whole) = whole.filter(|_| cells.len() > 1) {
        let stroke = Stroke::new(1.5, theme::ACCENT);
        ui.painter().rect_stroke(whole.expand(1.0), 5.0, stroke, StrokeKind::Outside);
    }
    let (stroke, place) = match is_at_keyboard {
        true => (Stroke::new(2.0, theme::FOCUS), grid.cell(view.cursor()).expand(1.0)),
        false => (Stroke::new(1.0, theme::TEXT_QUIET), grid.cell(view.cursor())),
    };
    ui.painter().rect_stroke(place, 4.0, stroke, StrokeKind::Outside);
}
