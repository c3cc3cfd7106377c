//! The lanes: every dimension over time, with its bias, scale, lock and solo.

use egui::{Align2, Color32, Rect, Sense, Shape, Stroke, Ui, Vec2, pos2, vec2};

use super::control::{Place, drag, focus_ring, react, value_text};
use super::lane_switch::{padlock, solo, toggle};
use super::legend::{self, Entry};
use super::plot::{Style, empty, ground, is_too_small, sample, stand_in, time_axis, trace};
use super::ribbon::Pen;
use super::theme::Metrics;
use super::{PaintContext, theme};
use crate::lanes::{self, HALF_RANGE_SD, LaneSettings as Settings, LanesView, SPAN_S};
use crate::param::{BIAS, LOCK, RANDOM_AMOUNT, SCALE, SOLO};
use crate::trail::Moment;
use crate::{LATENT_DIMS, LatentPoint, ModelView, ParamId, Status, capital, dimension};

/// The bias of a low lane needs this many points of a drag for its whole range.
const LEAST_DRAG_POINTS: f32 = 180.0;
/// From this height on a lane has labels and edges that can be taken hold of.
const TALL: f32 = 34.0;
/// A lane does not get taller than this, whatever room there is.
const TALLEST: f32 = 150.0;
/// The widths of the bias's tab and of the scale's grip.
const TAB: f32 = 13.0;
const GRIP: f32 = 13.0;
/// The width of the word for what a lane moves.
const WORD: f32 = 48.0;
/// A trace that is younger has a dot at its end, seconds.
const LIVE_S: f64 = 0.2;
/// Of the values that fall into so many points the first is drawn.
const STEP_POINTS: f64 = 3.0;

/// The rectangles of one lane.
struct Lane {
    dim: usize,
    settings: Settings,
    number: Rect,
    /// What it moves; of no width where there are no words, or no room for them.
    word: Rect,
    lock: Rect,
    solo: Rect,
    plot: Rect,
    /// The tab of the bias, to the right of the plot.
    tab: Rect,
    /// The grip of the scale, beside the tab.
    grip: Rect,
    scale: Rect,
    bias: Rect,
}

impl Lane {
    fn y(&self, at_sd: f32) -> f32 {
        let share = (at_sd / HALF_RANGE_SD).clamp(-1.0, 1.0);
        self.plot.center().y - share * (self.plot.height() * 0.5 - 1.0)
    }

    fn is_tall(&self, metrics: Metrics) -> bool {
        self.plot.height() >= metrics.px(TALL)
    }
}

/// Draws the panel into `panel` and lets the lanes be set.
pub fn paint(
    ui: &mut Ui,
    panel: Rect,
    view: &mut LanesView,
    status: &Status,
    model: &ModelView,
    cx: &mut PaintContext,
) {
    let metrics = cx.metrics;
    let inner = ground(ui, panel, metrics);
    let head = Rect::from_min_max(inner.min, pos2(inner.right(), inner.top() + metrics.px(20.0)));
    let foot = Rect::from_min_max(pos2(inner.left(), inner.bottom() - metrics.px(16.0)), inner.max);
    let body = Rect::from_min_max(pos2(inner.left(), head.bottom() + 2.0), pos2(inner.right(), foot.top() - 2.0));
    if is_too_small(body) || stand_in(ui, body, status, cx) {
        return;
    }
    let dims = model.dims.clamp(1, LATENT_DIMS);
    let has_solo = lanes::has_solo(cx.params);
    let height = (body.height() / dims as f32).min(metrics.px(TALLEST));
    let settings = |dim| Settings::of(dim, has_solo, cx.params);
    let mut lanes: Vec<Lane> = (0..dims).map(|dim| layout(body, dim, height, settings(dim), model, metrics)).collect();
    headings(ui, head, &lanes[0], metrics);
    // What the walk adds is a change too, though it has no lane of its own.
    let has_walk = cx.params.normalised(RANDOM_AMOUNT) > 0.0;
    let all = lanes[0].plot.union(lanes[dims - 1].plot);
    let step = if all.width() > metrics.px(300.0) { 1 } else { 2 };
    time_axis(ui, all.x_range(), all.bottom() + 2.0, (SPAN_S, step), metrics);
    ui.painter().rect_filled(all, 4.0, theme::BACKGROUND);
    for lane in &lanes {
        range(ui, lane, model, metrics);
        word(ui, lane, model, metrics);
    }
    for lane in &mut lanes {
        controls(ui, lane, has_solo, cx);
    }
    traces(ui, &lanes, view, has_walk, metrics);
    if view.trail.is_empty() {
        let text = "Play something: each line shows one colour of the sound over the last seconds.";
        empty(ui, all, text, metrics);
    }
}

fn layout(body: Rect, dim: usize, height: f32, settings: Settings, model: &ModelView, metrics: Metrics) -> Lane {
    let top = body.top() + height * dim as f32;
    let gap = 2.0;
    let is_narrow = body.width() < metrics.px(440.0);
    let [scale_width, bias_width] =
        (if is_narrow { [44.0, 60.0] } else { [54.0, 68.0] }).map(|width| metrics.px(width));
    let mut left = body.left();
    let mut column = |width: f32| {
        let rect = Rect::from_min_size(pos2(left, top + gap * 0.5), vec2(width, height - gap));
        left += width;
        rect
    };
    let number = column(metrics.px(20.0));
    let has_words = !is_narrow && !model.dimension_names.is_empty();
    let word = column(if has_words { metrics.px(WORD) } else { 0.0 });
    let [lock, solo] = [(); 2].map(|()| {
        let cell = column(metrics.px(20.0));
        let side = (cell.height()).min(metrics.px(18.0));
        Rect::from_center_size(cell.center(), Vec2::splat(side))
    });
    column(metrics.px(4.0));
    let handles = [TAB, GRIP].map(|width| metrics.px(width));
    let taken =
        word.width() + metrics.px(4.0) + 3.0 * metrics.px(20.0) + handles[0] + handles[1] + scale_width + bias_width;
    let plot = column((body.width() - taken).max(20.0));
    let [tab, grip] = handles.map(&mut column);
    let scale = column(scale_width);
    let bias = column(bias_width);
    Lane { dim, settings, number, word, lock, solo, plot, tab, grip, scale, bias }
}

fn headings(ui: &Ui, head: Rect, lane: &Lane, metrics: Metrics) {
    let y = head.center().y;
    for (place, text) in [(lane.scale, "Scale"), (lane.bias, "Bias")] {
        let at = pos2(place.right() - 4.0, y);
        ui.painter().text(at, Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
    }
    let row = head.with_max_x(lane.grip.right());
    let entries = [
        Entry::new(&["Sounding", "Sounding", "Sounding", "Now"], |ui, at, length, metrics| {
            sample(ui, at, length, after(metrics, false));
        }),
        Entry::new(&["Your input", "Input"], |ui, at, length, metrics| sample(ui, at, length, before(metrics, false))),
        Entry::new(&["Natural range", "Range"], |ui, at, length, _| {
            let swatch = Rect::from_min_size(at - vec2(0.0, 5.0), vec2(length, 10.0));
            let line = Stroke::new(1.0, theme::LINE_STRONG);
            ui.painter().rect(swatch, 1.0, theme::RANGE, line, egui::StrokeKind::Inside);
        }),
    ];
    // Beside the switches there is nothing to name: the legend may start there.
    let beside = row.with_min_x(lane.plot.left());
    let row = if legend::fits(ui, &[beside], &entries, metrics) == Some(0) { beside } else { row };
    legend::paint(ui, &[row], &entries, metrics);
}

/// The range of the training sound.
fn range(ui: &Ui, lane: &Lane, model: &ModelView, metrics: Metrics) {
    let painter = ui.painter();
    let (low, high) = (lane.y(model.p01[lane.dim]), lane.y(model.p99[lane.dim]));
    if low.is_finite() && high.is_finite() && low - high >= 1.0 {
        let range = Rect::from_x_y_ranges(lane.plot.x_range(), high..=low);
        painter.rect_filled(range, 0.0, theme::RANGE);
        if lane.is_tall(metrics) {
            for y in [low, high] {
                painter.hline(lane.plot.x_range(), y, Stroke::new(1.0, theme::LINE_STRONG.gamma_multiply(0.6)));
            }
        }
    }
}

/// What the dimension moves, beside its number.
fn word(ui: &Ui, lane: &Lane, model: &ModelView, metrics: Metrics) {
    if lane.word.width() > 0.0 {
        let word = capital(dimension::word(model, lane.dim));
        ui.painter().text(lane.word.left_center(), Align2::LEFT_CENTER, word, metrics.small(), theme::TEXT_QUIET);
    }
}

fn after(metrics: Metrics, is_muted: bool) -> Style {
    let colour = if is_muted { theme::ACCENT_DIM } else { theme::ACCENT };
    Style { width: metrics.fine(1.4), colour, dash_s: None }
}

fn before(metrics: Metrics, is_muted: bool) -> Style {
    let strength = if is_muted { 0.4 } else { 0.75 };
    Style { width: metrics.fine(0.8), colour: theme::TEXT_QUIET.gamma_multiply(strength), dash_s: None }
}

/// All lanes' traces as one mesh; before scale and bias only where these change something.
fn traces(ui: &Ui, lanes: &[Lane], view: &LanesView, has_walk: bool, metrics: Metrics) {
    let now_s = ui.input(|input| input.time);
    let plot = lanes[0].plot;
    let per_s = f64::from(plot.width()) / SPAN_S;
    // Which values are drawn is fixed in time: a choice that moved with the traces would make them tremble.
    let mut cell = i64::MIN;
    let mut drawn: Vec<(f32, &Moment)> = Vec::with_capacity((f64::from(plot.width()) / STEP_POINTS) as usize + 8);
    for moment in view.trail.moments() {
        let its_cell = (moment.at_s * per_s / STEP_POINTS).floor() as i64;
        if its_cell != cell || !moment.is_joined {
            cell = its_cell;
            drawn.push((plot.right() - ((now_s - moment.at_s) * per_s) as f32, moment));
        }
    }
    let mut pen = Pen::default();
    for lane in lanes {
        let is_muted = lane.settings.is_muted;
        let mut line = |style: Style, value: fn(&Moment) -> &LatentPoint| {
            let places = drawn.iter().map(|&(x, moment)| {
                let at = pos2(x, lane.y(value(moment)[lane.dim]));
                (moment.at_s, moment.is_joined.then_some(at))
            });
            trace(&mut pen, places, style);
        };
        if !lane.settings.is_default || is_muted || has_walk {
            line(before(metrics, is_muted), |moment| &moment.raw);
        }
        line(after(metrics, is_muted), |moment| &moment.point);
    }
    let all = plot.union(lanes[lanes.len() - 1].plot);
    pen.paint(&ui.painter_at(all));
    let Some(newest) = view.trail.newest().filter(|newest| now_s - newest.at_s < LIVE_S) else { return };
    let x = plot.right() - ((now_s - newest.at_s) * per_s) as f32;
    let painter = ui.painter_at(all.expand(metrics.px(4.0)));
    for lane in lanes {
        let colour = after(metrics, lane.settings.is_muted).colour;
        let at = pos2(x, lane.y(newest.point[lane.dim]));
        painter.circle(at, metrics.fine(2.8), colour, Stroke::new(1.0, theme::BACKGROUND));
    }
}

fn controls(ui: &mut Ui, lane: &mut Lane, has_solo: bool, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let (bias, scale) = (BIAS[lane.dim], SCALE[lane.dim]);
    let text = (lane.dim + 1).to_string();
    let ink = match (lane.settings.is_muted, lane.settings.is_default) {
        (true, _) => theme::IDLE,
        (false, true) => theme::TEXT,
        (false, false) => theme::ACCENT,
    };
    if !lane.settings.is_default {
        // An edge marks what is not as it came: it is not told by colour alone.
        let left = lane.number.left() - 4.0;
        let edge = Rect::from_x_y_ranges(left..=left + 3.0, lane.number.y_range()).shrink2(vec2(0.0, 1.0));
        ui.painter().rect_filled(edge, 1.5, theme::ACCENT);
    }
    ui.painter().text(lane.number.center(), Align2::CENTER_CENTER, text, metrics.small(), ink);
    toggle(ui, lane.lock, LOCK[lane.dim], padlock, cx);
    toggle(ui, lane.solo, SOLO[lane.dim], solo, cx);

    // In a tall lane the line stays under the hand: the bias reaches from -4 to 4 deviations.
    let full = (lane.plot.height() * 4.0 / HALF_RANGE_SD).max(LEAST_DRAG_POINTS);
    let on_bias = react(ui, lane.plot.union(lane.tab), Place::View, bias, full, cx);
    let on_bias = on_bias.on_hover_cursor(egui::CursorIcon::ResizeVertical);
    let on_scale = react(ui, lane.grip, Place::View, scale, LEAST_DRAG_POINTS, cx);
    let on_scale = on_scale.on_hover_cursor(egui::CursorIcon::ResizeVertical);
    let is_on_edge = lane.is_tall(metrics) && band_edges(ui, lane, scale, cx);
    // They are drawn as they are after a drag of this frame.
    lane.settings = Settings::of(lane.dim, has_solo, cx.params);

    let is_bias_hot = (on_bias.hovered() && !is_on_edge) || cx.controls.is_dragging(bias);
    let is_scale_hot = on_scale.hovered() || is_on_edge || cx.controls.is_dragging(scale);
    band(ui, lane, is_bias_hot, is_scale_hot, metrics);
    focus_ring(ui, &on_bias, lane.plot, 2.0);
    focus_ring(ui, &on_scale, lane.grip.expand2(vec2(1.0, 0.0)), 3.0);
    let font = if lane.is_tall(metrics) { metrics.body() } else { metrics.small() };
    for (place, id, is_hot) in [(lane.scale, scale, is_scale_hot), (lane.bias, bias, is_bias_hot)] {
        let height = place.height().min(metrics.px(20.0));
        let place = Rect::from_center_size(place.center(), vec2(place.width() - 4.0, height));
        if is_hot {
            ui.painter().rect_filled(place, 3.0, theme::RAISED);
        }
        value_text(ui, place, Place::View, id, Align2::RIGHT_CENTER, font.clone(), cx);
    }
}

/// The edges of the band, to be pulled away from the bias or towards it; returns whether the pointer is on one.
fn band_edges(ui: &Ui, lane: &Lane, id: ParamId, cx: &mut PaintContext) -> bool {
    let [low, high] = lane.settings.band_sd();
    let mut is_hot = false;
    for (at_sd, outwards) in [(high, 1.0), (low, -1.0)] {
        let y = lane.y(at_sd);
        let place = Rect::from_x_y_ranges(lane.plot.x_range(), y - 3.0..=y + 3.0);
        // At the bias itself the line has the pointer.
        if (y - lane.y(lane.settings.bias_sd)).abs() < 6.0 {
            continue;
        }
        let salt = Place::View.widget_id(id).with(outwards > 0.0);
        let response = ui.interact(place, salt, Sense::CLICK | Sense::DRAG);
        // The scale reaches from 0 to 4 deviations.
        let full = lane.plot.height() * 0.5 * 4.0 / HALF_RANGE_SD;
        drag(ui, &response, id, |delta| -delta.y * outwards / full.max(40.0), cx);
        if response.double_clicked() {
            cx.controls.reset(id, cx.params);
        }
        is_hot |= response.on_hover_cursor(egui::CursorIcon::ResizeVertical).hovered();
    }
    is_hot
}

/// The bias as a line, the scale as a band around it and as a bracket beside the plot.
fn band(ui: &Ui, lane: &Lane, is_bias_hot: bool, is_scale_hot: bool, metrics: Metrics) {
    let painter = ui.painter_at(lane.plot.expand2(vec2(metrics.px(14.0), 0.0)));
    let settings = &lane.settings;
    let [low, high] = settings.band_sd().map(|at_sd| lane.y(at_sd));
    let bias = lane.y(settings.bias_sd);
    let is_quiet = settings.is_default && !is_scale_hot && !is_bias_hot;
    let ink = match (is_scale_hot, settings.is_default) {
        (true, _) => theme::TEXT,
        (false, true) => theme::LINE_STRONG,
        (false, false) => theme::NEUTRAL,
    };
    if !is_quiet {
        let area = Rect::from_x_y_ranges(lane.plot.x_range(), high..=low);
        painter.rect_filled(area, 0.0, Color32::from_white_alpha(if is_scale_hot { 20 } else { 10 }));
    }
    if lane.is_tall(metrics) && (is_scale_hot || (settings.scale - 1.0).abs() >= 5e-3) {
        let stroke = Stroke::new(1.0, ink.gamma_multiply(0.7));
        for y in [low, high] {
            let ends = [pos2(lane.plot.left(), y), pos2(lane.plot.right(), y)];
            painter.extend(Shape::dashed_line(&ends, stroke, 6.0, 4.0));
        }
    }
    let width = if is_bias_hot { 2.0 } else { 1.0 };
    let is_set = settings.bias_sd.abs() >= 5e-3;
    let line = if is_bias_hot || is_set { theme::TEXT } else { theme::LINE_STRONG };
    let across = if is_set && !is_bias_hot { line.gamma_multiply(0.6) } else { line };
    painter.hline(lane.plot.x_range(), bias, Stroke::new(width, across));

    // A grip as tall as the band: the scale.
    let painter = ui.painter();
    let grip_ink = match (is_scale_hot, (settings.scale - 1.0).abs() < 5e-3) {
        (true, _) => theme::TEXT,
        (false, true) => theme::LINE_STRONG,
        (false, false) => theme::ACCENT,
    };
    let middle = (low + high) * 0.5;
    let half = ((low - high) * 0.5).max((lane.grip.height() * 0.32).min(metrics.px(9.0))).min(lane.grip.height() * 0.5);
    let middle = middle.clamp(lane.grip.top() + half, lane.grip.bottom() - half);
    let width = metrics.px(if is_scale_hot { 9.0 } else { 7.0 });
    let grip = Rect::from_center_size(pos2(lane.grip.center().x, middle), vec2(width, half * 2.0));
    let fill = if is_scale_hot { theme::RAISED_HOVER } else { theme::RAISED };
    painter.rect(grip, 2.0, fill, Stroke::new(1.5, grip_ink), egui::StrokeKind::Inside);
    // A tab that points at the bias.
    let (left, right) = (lane.tab.left() + 1.0, lane.tab.right() - 1.0);
    let arm = metrics.fine(if is_bias_hot { 4.5 } else { 3.5 });
    let neck = left + arm;
    let corners = [[left, 0.0], [neck, -arm], [right, -arm], [right, arm], [neck, arm]];
    let tab_ink = match (is_bias_hot, is_set) {
        (true, _) => theme::TEXT,
        (false, true) => theme::ACCENT,
        (false, false) => theme::LINE_STRONG,
    };
    let corners = corners.map(|[x, offset]| pos2(x, bias + offset)).to_vec();
    painter.add(Shape::convex_polygon(corners, tab_ink, Stroke::NONE));
}

#[cfg(test)]
mod tests {
    use egui::Pos2;

    use super::*;
    use crate::fake::FakeParams;

    fn laid_out(body: Rect, dim: usize, height: f32, metrics: Metrics) -> Lane {
        layout(body, dim, height, Settings::of(dim, false, &FakeParams::default()), &crate::fake::model(), metrics)
    }

    #[test]
    fn sixteen_lanes_fit_in_300_points_and_their_columns_do_not_overlap() {
        for [width, height] in [[380.0, 284.0], [900.0, 1300.0]] {
            let body = Rect::from_min_size(Pos2::ZERO, vec2(width, height - 40.0));
            let lane = |dim| laid_out(body, dim, body.height() / 16.0, Metrics::for_size(vec2(width, height)));
            let lanes: Vec<Lane> = (0..16).map(lane).collect();
            assert!(lanes[15].plot.bottom() <= body.bottom() + 0.1);
            let lane = &lanes[3];
            let columns =
                [lane.number, lane.word, lane.lock, lane.solo, lane.plot, lane.tab, lane.grip, lane.scale, lane.bias];
            for pair in columns.windows(2) {
                assert!(pair[0].right() <= pair[1].left() + 0.1, "{pair:?}");
            }
            assert!(
                lane.bias.right() <= body.right() + 0.1 && lane.plot.width() >= 170.0 && lane.tab.width() >= 10.0,
                "{}",
                lane.plot.width()
            );
            assert!(lane.lock.height() >= 13.0, "{}", lane.lock.height());
        }
    }

    #[test]
    fn a_bias_with_its_unit_has_room_beside_the_scale() {
        let mut output = egui::Context::default().run_ui(egui::RawInput::default(), |ui| {
            for width in [400.0, 560.0, 900.0] {
                let metrics = Metrics::for_size(vec2(1920.0, 1080.0));
                let lane = laid_out(Rect::from_min_size(Pos2::ZERO, vec2(width, 800.0)), 0, 50.0, metrics);
                // The bias keeps away from the scale to its left, too.
                for (text, place, gap) in [("1.00 x", lane.scale, 0.0), ("\u{2212}0.80 sd", lane.bias, metrics.px(8.0))]
                {
                    let galley = ui.painter().layout_no_wrap(text.to_owned(), metrics.body(), Color32::WHITE);
                    let room = place.width() - 4.0 - gap;
                    assert!(galley.size().x <= room, "{text} is {} of {room}", galley.size().x);
                }
            }
        });
        output.textures_delta.clear();
    }
}
