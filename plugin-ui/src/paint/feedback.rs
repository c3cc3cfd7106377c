//! The feedback view: the loop's response over the output's spectrum, its handles, its values, and the guard.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Key, Pos2, Rect, Sense, Stroke, Ui, Vec2, pos2, vec2};

use super::control::{
    Place, drag, focus_ring, info, is_fine, presses, react, react_in_plane, shows_focus, turn, value_text,
};
use super::guard::guard;
use super::legend::{self, Entry};
use super::plot::{beside, empty, ground, is_too_small, stand_in};
use super::ribbon::{Knot, Pen};
use super::theme::Metrics;
use super::{PaintContext, switch, theme};
use crate::feedback::{FLOOR_DB, FeedbackView, HIGHEST_HZ, LOWEST_HZ, Peak, Response, hz_of, share_of};
use crate::pair::Plane;
use crate::param::{FEEDBACK_AMOUNT, FEEDBACK_DELAY, FEEDBACK_FREQUENCY, FEEDBACK_Q, FEEDBACK_SYNC};
use crate::sound::band_hz;
use crate::{ParamBackend, ParamId, Status, summary};

/// The spectrum's upper edge, dB of full scale; its lower one is [`FLOOR_DB`].
const CEILING_DB: f32 = 0.0;
/// The amount's range takes this much of the plot's height.
const AMOUNT_SHARE: f32 = 0.92;
/// Points between the curve's corners.
const CURVE_STEP: f32 = 2.0;
/// Points of a drag for the whole range of Q or of a value below the plot.
const DRAG_POINTS: f32 = 260.0;
const TICKS_HZ: [f32; 10] = [100.0, 1000.0, 10_000.0, 20.0, 50.0, 500.0, 5000.0, 200.0, 2000.0, 20_000.0];

/// Where things lie in the plot.
#[derive(Clone, Copy)]
struct Plot {
    rect: Rect,
}

impl Plot {
    fn x(&self, hz: f32) -> f32 {
        self.rect.left() + self.rect.width() * share_of(hz)
    }

    fn y_of_gain(&self, share: f32) -> f32 {
        self.rect.bottom() - self.rect.height() * AMOUNT_SHARE * share
    }

    fn y_of_level(&self, level_db: f32) -> f32 {
        let share = (level_db - FLOOR_DB) / (CEILING_DB - FLOOR_DB);
        self.rect.bottom() - self.rect.height() * share.clamp(0.0, 1.0)
    }
}

/// Draws the panel into `panel` and lets the loop be shaped.
pub fn paint(ui: &mut Ui, panel: Rect, view: &mut FeedbackView, status: &Status, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let inner = ground(ui, panel, metrics);
    let guard_row = Rect::from_min_max(pos2(inner.left(), inner.bottom() - metrics.px(26.0)), inner.max);
    let values_row = Rect::from_min_max(
        pos2(inner.left(), guard_row.top() - metrics.px(44.0)),
        pos2(inner.right(), guard_row.top() - metrics.px(4.0)),
    );
    let rect = Rect::from_min_max(
        inner.min + vec2(metrics.px(46.0), metrics.px(22.0)),
        pos2(inner.right() - metrics.px(36.0), values_row.top() - metrics.px(24.0)),
    );
    if is_too_small(rect) {
        return;
    }
    let plot = Plot { rect };
    let is_on = cx.params.plain(FEEDBACK_AMOUNT, cx.params.normalised(FEEDBACK_AMOUNT)) > 0.0;
    axes(ui, plot, cx);
    names(ui, Rect::from_min_max(inner.min, pos2(inner.right(), rect.top() - metrics.px(4.0))), rect.left(), metrics);
    if stand_in(ui, rect, status, cx) {
        return;
    }
    spectrum(ui, plot, view);
    curve(ui, plot, view, is_on, cx);
    if !is_on {
        let text = "Feedback is off. Drag the handle up, or type an amount below, to send the output back into the \
                    model. The broken line is the shape that would return.";
        empty(ui, rect.with_max_y(rect.center().y), text, metrics);
    }
    edges(ui, plot, view, cx);
    handle(ui, plot, view, cx);
    values(ui, values_row, cx);
    guard(ui, guard_row, view, is_on, metrics);
}

fn axes(ui: &Ui, plot: Plot, cx: &PaintContext) {
    let (metrics, rect) = (cx.metrics, plot.rect);
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(4), theme::BACKGROUND);
    let mut used: Vec<f32> = Vec::with_capacity(TICKS_HZ.len());
    for hz in TICKS_HZ {
        let x = plot.x(hz);
        if used.iter().any(|other| (other - x).abs() < metrics.px(34.0)) {
            continue;
        }
        used.push(x);
        painter.vline(x, rect.y_range(), Stroke::new(1.0, theme::LINE));
        let text = if hz >= 1000.0 { format!("{:.0}k", hz / 1000.0) } else { format!("{hz:.0}") };
        let align = match hz {
            _ if hz == HIGHEST_HZ => Align2::RIGHT_TOP,
            _ if hz == LOWEST_HZ => Align2::LEFT_TOP,
            _ => Align2::CENTER_TOP,
        };
        painter.text(pos2(x, rect.bottom() + 3.0), align, text, metrics.small(), theme::TEXT_QUIET);
    }
    sings(ui, plot, cx);
    let steps = if rect.height() < metrics.px(110.0) { 2 } else { 4 };
    for step in 0..=steps {
        let share = step as f32 / steps as f32;
        let y = plot.y_of_gain(share);
        // Where a round through the loop keeps its level, if that is in the middle of the range.
        let is_unity = step * 2 == steps;
        let colour = if is_unity { theme::LINE_STRONG } else { theme::LINE };
        painter.hline(rect.x_range(), y, Stroke::new(1.0, colour));
        let top = cx.params.plain(FEEDBACK_AMOUNT, 1.0);
        let text = cx.params.text(FEEDBACK_AMOUNT, cx.params.normalise(FEEDBACK_AMOUNT, top * share));
        painter.text(pos2(rect.left() - 5.0, y), Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
    }
    let step = if rect.height() < metrics.px(150.0) { 30 } else { 20 };
    for level_db in (FLOOR_DB as i32..=CEILING_DB as i32).rev().step_by(step) {
        let y = plot.y_of_level(level_db as f32);
        // An axis of its own: its ticks stand outside and have no lines across.
        painter.hline(rect.right()..=rect.right() + 4.0, y, Stroke::new(1.0, theme::LINE_STRONG));
        let text = summary::signed(level_db as f32, 0);
        painter.text(pos2(rect.right() + 7.0, y), Align2::LEFT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
    }
}

/// Above 100 % a round through the loop is louder than the one before: the zone is tinted, and says so.
fn sings(ui: &Ui, plot: Plot, cx: &PaintContext) {
    let metrics = cx.metrics;
    let unity = plot.y_of_gain(cx.params.parse(FEEDBACK_AMOUNT, "100 %").unwrap_or(1.0));
    let zone = plot.rect.with_max_y(unity);
    if zone.height() < 1.0 {
        return;
    }
    ui.painter().rect_filled(zone, CornerRadius::same(4), theme::WARNING.gamma_multiply(0.08));
    let at = zone.right_bottom() - vec2(metrics.px(8.0), metrics.px(4.0));
    ui.painter().text(at, Align2::RIGHT_BOTTOM, "sings by itself", metrics.small(), theme::WARNING);
}

/// Names the three lines and says which side each is read at.
fn names(ui: &Ui, row: Rect, left: f32, metrics: Metrics) {
    let entries = [
        Entry::new(&["What returns (left)", "Returns (left)", "Returns"], |ui, at, length, metrics| {
            ui.painter().hline(at.x..=at.x + length, at.y, Stroke::new(metrics.fine(2.0), theme::ACCENT));
        }),
        Entry::new(&["Output, dB (right)", "Output (right)", "Output"], |ui, at, length, _| {
            let bar = Rect::from_min_size(at - vec2(0.0, 4.0), vec2(length, 8.0));
            ui.painter().rect_filled(bar, 1.0, theme::CLOUD.gamma_multiply(0.8));
        }),
        Entry::new(&["its peaks", "peaks"], |ui, at, length, _| {
            ui.painter().hline(at.x..=at.x + length, at.y, Stroke::new(1.0, theme::NEUTRAL));
        }),
    ];
    let beside = row.with_min_x(left);
    let row = if legend::fits(ui, &[beside], &entries, metrics) == Some(0) { beside } else { row };
    legend::paint(ui, &[row], &entries, metrics);
}

fn spectrum(ui: &Ui, plot: Plot, view: &FeedbackView) {
    if !view.is_moving() {
        return;
    }
    let painter = ui.painter_at(plot.rect);
    let mut pen = Pen::default();
    let fill = theme::CLOUD.gamma_multiply(0.55);
    let place = |band: usize, level_db: f32| pos2(plot.x(band_hz(band as f32)), plot.y_of_level(level_db));
    pen.fill(view.spectrum_db.iter().enumerate().map(|(band, &level_db)| {
        let at = place(band, level_db);
        [(at, fill), (pos2(at.x, plot.rect.bottom()), fill.gamma_multiply(0.6))]
    }));
    pen.paint(&painter);
    let peaks = view.peak_db.iter().enumerate();
    let line: Vec<Pos2> = peaks.map(|(band, &level_db)| place(band, level_db)).collect();
    painter.line(line, Stroke::new(1.0, theme::NEUTRAL.gamma_multiply(0.8)));
}

fn curve(ui: &Ui, plot: Plot, view: &FeedbackView, is_on: bool, cx: &PaintContext) {
    let response = Response::of(cx.params, view.sections);
    let [_, amount] = Peak.at(cx.params);
    let mut xs: Vec<f32> = Vec::with_capacity((plot.rect.width() / CURVE_STEP) as usize + 2);
    let mut x = plot.rect.left();
    while x < plot.rect.right() {
        xs.push(x);
        x += CURVE_STEP;
    }
    // A narrow peak lies between two corners: it is one of its own.
    xs.extend([plot.x(response.centre_hz), plot.rect.right()]);
    xs.sort_by(f32::total_cmp);
    // While it is off the shape that waits is shown, quietly, as if at a quarter of the range.
    let height = if is_on { amount } else { 0.25 };
    let at = |x: f32| {
        let hz = hz_of((x - plot.rect.left()) / plot.rect.width());
        pos2(x, plot.y_of_gain(response.gain(hz) * height))
    };
    let painter = ui.painter_at(plot.rect.expand(1.0));
    if !is_on {
        let line: Vec<Pos2> = xs.iter().map(|&x| at(x)).collect();
        return painter.extend(egui::Shape::dashed_line(&line, Stroke::new(1.5, theme::LINE_STRONG), 6.0, 5.0));
    }
    let fill = theme::ACCENT.gamma_multiply(0.16);
    let mut pen = Pen::default();
    pen.fill(xs.iter().map(|&x| {
        let at = at(x);
        [(at, fill), (pos2(at.x, plot.rect.bottom()), fill.gamma_multiply(0.2))]
    }));
    let knots: Vec<Knot> =
        xs.iter().map(|&x| Knot { at: at(x), half_width: cx.metrics.fine(1.0), colour: theme::ACCENT }).collect();
    pen.stroke(&knots);
    pen.paint(&painter);
}

/// The two side handles: outwards or down for a lower Q, inwards or up for a higher.
fn edges(ui: &Ui, plot: Plot, view: &FeedbackView, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let response = Response::of(cx.params, view.sections);
    let [_, amount] = Peak.at(cx.params);
    if amount <= 0.0 {
        return;
    }
    for (edge_hz, inwards) in response.edges_hz().into_iter().zip([1.0, -1.0]) {
        let at = pos2(plot.x(edge_hz), plot.y_of_gain(amount * std::f32::consts::FRAC_1_SQRT_2));
        let at = at.clamp(plot.rect.min, plot.rect.max);
        let grip = Rect::from_center_size(at, Vec2::splat(metrics.px(18.0)));
        let id = ui.scope_id().with(("edge", inwards > 0.0));
        let response = ui.interact(grip, id, Sense::DRAG).on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
        drag(ui, &response, FEEDBACK_Q, |delta| (delta.x * inwards - delta.y) / DRAG_POINTS, cx);
        let is_hot = response.hovered() || response.dragged();
        let size = metrics.fine(if is_hot { 5.0 } else { 4.0 });
        let corners = [vec2(0.0, -size), vec2(size, 0.0), vec2(0.0, size), vec2(-size, 0.0)].map(|arm| at + arm);
        let fill = if is_hot { theme::ACCENT } else { theme::BACKGROUND };
        let stroke = Stroke::new(1.5, theme::ACCENT);
        ui.painter().add(egui::Shape::convex_polygon(corners.to_vec(), fill, stroke));
        if is_hot {
            let text = format!("Q {}", cx.params.text(FEEDBACK_Q, cx.params.normalised(FEEDBACK_Q)));
            beside(ui, plot.rect, at, &text, metrics);
        }
    }
}

/// The handle on the peak: frequency across, amount up, the wheel for Q.
fn handle(ui: &Ui, plot: Plot, view: &mut FeedbackView, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let place = |params: &dyn ParamBackend| {
        let [across, amount] = Peak.at(params);
        pos2(plot.rect.left() + plot.rect.width() * across, plot.y_of_gain(amount)).clamp(plot.rect.min, plot.rect.max)
    };
    let grip = Rect::from_center_size(place(cx.params), Vec2::splat(metrics.px(28.0)));
    let response = ui.interact(grip, ui.scope_id().with("feedback handle"), Sense::click_and_drag());
    let whole = vec2(plot.rect.width(), -plot.rect.height() * AMOUNT_SHARE);
    react_in_plane(ui, &response, Peak, &mut view.handle, |way| (way / whole).into(), cx.params);
    if response.double_clicked() {
        cx.controls.reset(FEEDBACK_Q, cx.params);
    }
    turn(ui, &response, FEEDBACK_Q, cx);
    let narrower = presses(ui, Key::PageUp) - presses(ui, Key::PageDown);
    if response.has_focus() && narrower != 0.0 {
        cx.controls.nudge(FEEDBACK_Q, narrower, is_fine(ui), cx.params);
    }
    let params = &*cx.params;
    let text = |id: ParamId| params.text(id, params.normalised(id));
    let [hz, amount] = [FEEDBACK_FREQUENCY, FEEDBACK_AMOUNT].map(text);
    let q = text(FEEDBACK_Q);
    response.widget_info(|| info(Role::Slider, "Feedback frequency and amount", format!("{hz}, {amount}")));

    let at = place(params);
    let is_hot = response.hovered() || view.handle.is_held();
    let radius = metrics.fine(if is_hot { 8.0 } else { 7.0 });
    let painter = ui.painter();
    painter.circle(at, radius, theme::ACCENT_DIM, Stroke::new(2.0, theme::TEXT));
    if shows_focus(ui, &response) {
        painter.circle_stroke(at, radius + 4.0, Stroke::new(2.0, theme::FOCUS));
    }
    if is_hot {
        beside(ui, plot.rect, at, &format!("{hz}   {amount}   Q {q}"), metrics);
    }
    let help = "Across: frequency. Up: amount. Wheel: Q. Shift: fine. Double-click: back to the defaults.";
    let response = response.on_hover_cursor(egui::CursorIcon::Grab);
    if !view.handle.is_held() {
        response.on_hover_text(help);
    }
}

/// The loop's values, each to be dragged, turned, stepped or typed; the sync is chosen.
fn values(ui: &mut Ui, row: Rect, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    // Each with its share of the width, by the longest value.
    let cells: [(ParamId, &str, f32); 5] = [
        (FEEDBACK_AMOUNT, "Amount", 1.0),
        (FEEDBACK_FREQUENCY, "Frequency", 1.25),
        (FEEDBACK_Q, "Q", 0.75),
        (FEEDBACK_DELAY, "Delay", 1.15),
        (FEEDBACK_SYNC, "Sync", 0.85),
    ];
    let gap = metrics.px(6.0);
    let unit = (row.width() - gap * (cells.len() - 1) as f32) / cells.iter().map(|(.., share)| share).sum::<f32>();
    let mut left = row.left();
    for (id, label, share) in cells {
        let cell = Rect::from_min_size(pos2(left, row.top()), vec2(unit * share, row.height()));
        left = cell.right() + gap;
        if id == FEEDBACK_SYNC {
            // A choice of a few is chosen, not typed.
            switch::labelled_list(ui, cell, label, Place::View, id, cx);
            continue;
        }
        let response = react(ui, cell, Place::View, id, DRAG_POINTS, cx);
        let is_idle = cx.why_idle(id).is_some();
        super::button::ground(ui, &response, cell, !is_idle);
        focus_ring(ui, &response, cell.expand(2.0), 5.0);
        let at = cell.min + vec2(metrics.px(8.0), metrics.px(4.0));
        ui.painter().text(
            at,
            Align2::LEFT_TOP,
            label,
            metrics.small(),
            if is_idle { theme::IDLE } else { theme::TEXT },
        );
        let value = Rect::from_min_max(
            pos2(cell.left() + metrics.px(5.0), cell.bottom() - metrics.px(21.0)),
            cell.max - vec2(metrics.px(5.0), metrics.px(2.0)),
        );
        let value = value.with_min_x(value.left() + metrics.px(3.0));
        value_text(ui, value, Place::View, id, Align2::LEFT_CENTER, metrics.body(), cx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_lie_inside_the_plot() {
        let plot = Plot { rect: Rect::from_min_size(Pos2::ZERO, vec2(400.0, 200.0)) };
        for hz in TICKS_HZ {
            assert!((-0.1..=400.1).contains(&plot.x(hz)), "{hz}");
        }
        assert!(plot.y_of_level(0.0) < plot.y_of_level(-90.0) && plot.y_of_gain(1.0) > 0.0);
    }
}
