//! The latent view: the training sound's cloud, the live trajectory before and after scale and bias in two dimensions, and
//! the point that sets their biases.

use egui::accesskit::Role;
use egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, pos2, vec2};

use super::control::{carry, info, note_press, react_in_plane, shows_focus, stop_scrolling, wheel_notches};
use super::legend::{self, Entry};
use super::plot::{beside, empty, ground, is_too_small, stand_in};
use super::ribbon::{Knot, Pen};
use super::theme::Metrics;
use super::{PaintContext, chooser, theme};
use crate::latent::{Axis, Biases, FADE_S, LatentView, Mapping};
use crate::pair::Plane;
use crate::summary::signed;
use crate::trail::Moment;
use crate::{LatentPoint, ModelView, Status, capital, dimension};

/// A sound that was heard longer ago is not where it is now, seconds.
const LIVE_S: f64 = 0.2;

/// The part of the panel where standard deviations are drawn.
struct Plot {
    rect: Rect,
    mapping: Mapping,
    /// Which dimensions lie across and up.
    dims: [usize; 2],
}

impl Plot {
    fn at(&self, at_sd: [f32; 2]) -> Pos2 {
        self.rect.min + Vec2::from(self.mapping.to_screen(at_sd))
    }

    fn place(&self, point: &LatentPoint) -> Pos2 {
        self.at(self.dims.map(|dim| point[dim]))
    }

    fn sd(&self, at: Pos2) -> [f32; 2] {
        self.mapping.to_sd((at - self.rect.min).into())
    }
}

/// Draws the panel into `panel` and lets the point be moved.
pub fn paint(
    ui: &mut Ui,
    panel: Rect,
    view: &mut LatentView,
    status: &Status,
    model: &ModelView,
    cx: &mut PaintContext,
) {
    let metrics = cx.metrics;
    let inner = ground(ui, panel, metrics);
    let (row, left) = (metrics.px(22.0), inner.left() + metrics.px(28.0));
    let top = Rect::from_min_max(inner.min, pos2(inner.right(), inner.top() + row));
    let entries = entries(is_outside(ui, view, model));
    let mut rows = vec![top.with_min_x(inner.left() + chooser::size(metrics).x + metrics.px(14.0))];
    if legend::fits(ui, &rows, &entries, metrics).is_none() {
        rows.push(top.translate(vec2(0.0, row)));
    }
    let under = rows[rows.len() - 1].bottom();
    let bottom = Rect::from_min_max(pos2(left, inner.bottom() - row), inner.max);
    let rect =
        Rect::from_min_max(pos2(left, under + metrics.px(4.0)), pos2(inner.right(), bottom.top() - metrics.px(18.0)));
    if is_too_small(rect) {
        return;
    }
    choosers(ui, top, bottom, view, model, cx);
    let mapping = Mapping::fit(rect.size().into(), view.shown_sd());
    let plot = Plot { rect, mapping, dims: view.dims() };
    axes(ui, &plot, metrics);
    ends(ui, &plot, model, metrics);

    if stand_in(ui, rect, status, cx) {
        return;
    }
    legend::paint(ui, &rows, &entries, metrics);
    cloud(ui, &plot, model, metrics);
    trails(ui, &plot, view, metrics);
    let is_touched = bias_point(ui, &plot, view, cx);
    live_dot(ui, &plot, view, model, metrics);
    if view.trail.is_empty() {
        let text = "Play something: the sound moves through this space.";
        // Above the word at the axis' low end.
        let place = plot.rect.with_max_y(plot.rect.bottom() - metrics.px(22.0));
        empty(ui, place.with_min_y(place.bottom() - metrics.px(24.0)), text, metrics);
    }
    if !is_touched {
        readout(ui, &plot, view, model, metrics);
    }
}

/// The dimension up at the left top, the dimension across under its axis.
fn choosers(ui: &Ui, top: Rect, bottom: Rect, view: &mut LatentView, model: &ModelView, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let [across, up] = view.dims();
    let size = chooser::size(metrics);
    let place = Rect::from_center_size(pos2(bottom.center().x, bottom.bottom() - size.y * 0.5), size);
    let place_up = Rect::from_min_size(top.min, size);
    for (axis, place, name, dim) in
        [(Axis::Up, place_up, "Dimension up", up), (Axis::Across, place, "Dimension across", across)]
    {
        if let Some(next) = chooser::paint(ui, place, name, dim, view.offered(), model, metrics) {
            view.choose(axis, next, model, cx.params);
        }
    }
}

fn axes(ui: &Ui, plot: &Plot, metrics: Metrics) {
    let painter = ui.painter_at(plot.rect.expand(1.0));
    painter.rect_filled(plot.rect, CornerRadius::same(4), theme::BACKGROUND);
    let tick = |at: Pos2, align: Align2, at_sd: f32| {
        ui.painter().text(at, align, signed(at_sd, 0), metrics.small(), theme::TEXT_QUIET);
    };
    let stroke = |at_sd: f32| Stroke::new(1.0, if at_sd == 0.0 { theme::LINE_STRONG } else { theme::LINE });
    for at_sd in plot.mapping.grid_sd(0) {
        let x = plot.at([at_sd, 0.0]).x;
        painter.vline(x, plot.rect.y_range(), stroke(at_sd));
        tick(pos2(x, plot.rect.bottom() + 3.0), Align2::CENTER_TOP, at_sd);
    }
    for at_sd in plot.mapping.grid_sd(1) {
        let y = plot.at([0.0, at_sd]).y;
        painter.hline(plot.rect.x_range(), y, stroke(at_sd));
        tick(pos2(plot.rect.left() - 5.0, y), Align2::RIGHT_CENTER, at_sd);
    }
}

/// What is heard towards each side of the plot, in words, where the model was measured.
fn ends(ui: &Ui, plot: &Plot, model: &ModelView, metrics: Metrics) {
    let (rect, gap) = (plot.rect, metrics.px(6.0));
    let middle = plot.at([0.0; 2]).clamp(rect.min, rect.max);
    let say = |at: Pos2, align: Align2, word: &str| {
        ui.painter().text(at, align, capital(word), metrics.body(), theme::TEXT_QUIET);
    };
    if let Some([low, high]) = dimension::ends(model, plot.dims[0]) {
        let y = middle.y - metrics.px(2.0);
        say(pos2(rect.left() + gap, y), Align2::LEFT_BOTTOM, low);
        say(pos2(rect.right() - gap, y), Align2::RIGHT_BOTTOM, high);
    }
    if let Some([low, high]) = dimension::ends(model, plot.dims[1]) {
        let x = middle.x + gap;
        say(pos2(x, rect.bottom() - gap), Align2::LEFT_BOTTOM, low);
        say(pos2(x, rect.top() + gap), Align2::LEFT_TOP, high);
    }
}

/// The cloud of the training sound and the box that holds 98 % of it per dimension.
fn cloud(ui: &Ui, plot: &Plot, model: &ModelView, metrics: Metrics) {
    let painter = ui.painter_at(plot.rect);
    for point in &model.cloud {
        let at = plot.place(point);
        if at.is_finite() {
            painter.circle_filled(at, metrics.fine(2.0), theme::CLOUD);
        }
    }
    let (low, high) = (plot.place(&model.p01), plot.place(&model.p99));
    let range = Rect::from_two_pos(low, high);
    if range.is_finite() && range.area() > 1.0 {
        let corners =
            [range.left_top(), range.right_top(), range.right_bottom(), range.left_bottom(), range.left_top()];
        painter.extend(Shape::dashed_line(&corners, Stroke::new(1.0, theme::TEXT_QUIET), 5.0, 4.0));
    }
}

/// Names what is drawn; each sign looks as it does in the plot.
fn entries(is_outside: bool) -> [Entry; 5] {
    let sounding = Entry::new(&["Sounding"], |ui, at, length, _| {
        ui.painter().hline(at.x..=at.x + length - 6.0, at.y, Stroke::new(2.0, theme::ACCENT));
        ui.painter().circle_filled(at + vec2(length - 6.0, 0.0), 4.0, theme::ACCENT);
    });
    let outside = Entry {
        words: &["Outside"],
        other: "Sounding",
        ink: theme::WARNING,
        sign: |ui, at, length, _| {
            let centre = at + vec2(length - 6.0, 0.0);
            ui.painter().circle(centre, 5.0, theme::ACCENT, Stroke::new(2.0, theme::WARNING));
        },
    };
    [
        if is_outside { outside } else { sounding },
        Entry::new(&["Your input", "Input"], |ui, at, length, _| {
            let stroke = Stroke::new(1.0, theme::TEXT_QUIET);
            ui.painter().hline(at.x..=at.x + length - 9.5, at.y, stroke);
            ui.painter().circle_stroke(at + vec2(length - 6.0, 0.0), 3.5, stroke);
        }),
        Entry::new(&["Recordings"], |ui, at, _, _| {
            for offset in [vec2(2.0, 2.0), vec2(7.0, -3.0), vec2(11.0, 2.0)] {
                ui.painter().circle_filled(at + offset, 2.0, theme::CLOUD);
            }
        }),
        Entry::new(&["Natural range", "Range"], |ui, at, _, _| {
            let (left, right) = (at - vec2(0.0, 5.0), at + vec2(14.0, 5.0));
            let corners = [left, pos2(right.x, left.y), right, pos2(left.x, right.y), left];
            ui.painter().extend(Shape::dashed_line(&corners, Stroke::new(1.0, theme::TEXT_QUIET), 3.0, 2.0));
        }),
        Entry::new(&["Bias"], |ui, at, _, _| {
            let centre = at + vec2(8.0, 0.0);
            ui.painter().circle_stroke(centre, 5.0, Stroke::new(1.5, theme::TEXT));
            for arm in [vec2(2.0, 0.0), vec2(0.0, 2.0)] {
                ui.painter().line_segment([centre - arm, centre + arm], Stroke::new(1.0, theme::TEXT));
            }
        }),
    ]
}

/// Where the sound is, bright, and quiet where it would be without scale and bias.
fn trails(ui: &Ui, plot: &Plot, view: &LatentView, metrics: Metrics) {
    let painter = ui.painter_at(plot.rect);
    let now_s = ui.input(|input| input.time);
    let strength = |moment: &Moment| moment.strength(now_s, FADE_S);
    let is_changed = view.is_changed();
    if is_changed {
        let knot = |moment: &Moment| Knot {
            at: plot.place(&moment.raw),
            half_width: metrics.fine(0.5),
            colour: theme::TEXT_QUIET.gamma_multiply(0.75 * strength(moment)),
        };
        trail(&painter, view, knot);
    }
    let knot = |moment: &Moment| Knot {
        at: plot.place(&moment.point),
        half_width: metrics.fine(0.4 + 0.8 * strength(moment)),
        colour: theme::ACCENT.gamma_multiply(strength(moment)),
    };
    trail(&painter, view, knot);
    let Some(newest) = view.trail.newest() else { return };
    let inside = |at: Pos2| at.clamp(plot.rect.min, plot.rect.max);
    let (at, raw, strength) = (inside(plot.place(&newest.point)), inside(plot.place(&newest.raw)), strength(newest));
    let way = at - raw;
    let radius = metrics.fine(4.0);
    if is_changed && way.length() > radius {
        let ends = [raw + way.normalized() * radius, at];
        let line = Stroke::new(1.0, theme::TEXT_QUIET.gamma_multiply(strength));
        painter.extend(Shape::dashed_line(&ends, line, 2.0, 3.0));
    }
    if is_changed {
        painter.circle_stroke(raw, radius, Stroke::new(1.5, theme::TEXT_QUIET.gamma_multiply(strength)));
    }
}

/// Where the sound is now, over all else, with an outline where the training sound hardly ever was.
fn live_dot(ui: &Ui, plot: &Plot, view: &LatentView, model: &ModelView, metrics: Metrics) {
    let Some(newest) = view.trail.newest() else { return };
    let strength = newest.strength(ui.input(|input| input.time), FADE_S);
    let painter = ui.painter_at(plot.rect.expand(metrics.px(8.0)));
    let at = plot.place(&newest.point).clamp(plot.rect.min, plot.rect.max);
    painter.circle_filled(at, metrics.fine(9.0), theme::ACCENT.gamma_multiply(0.25 * strength));
    painter.circle_filled(at, metrics.fine(5.0), theme::ACCENT.gamma_multiply(strength));
    if is_outside(ui, view, model) {
        painter.circle_stroke(at, metrics.fine(7.0), Stroke::new(2.0, theme::WARNING));
    }
}

/// Whether the sound is now outside the box, in the dimensions shown.
fn is_outside(ui: &Ui, view: &LatentView, model: &ModelView) -> bool {
    let now_s = ui.input(|input| input.time);
    let newest = view.trail.newest().filter(|newest| now_s - newest.at_s < LIVE_S);
    let leaves = |moment: &Moment, dim: usize| {
        let (low, high) = (model.p01[dim], model.p99[dim]);
        low < high && !(low..=high).contains(&moment.point[dim])
    };
    newest.is_some_and(|moment| view.dims().into_iter().any(|dim| leaves(moment, dim)))
}

/// The same line through the weighted means of neighbours, its ends as they are: an encoder's jitter from hop to hop is no way
/// that a sound goes.
fn calmed(knots: &[Knot]) -> Vec<Knot> {
    let mean = |n: usize| {
        let [before, here, after] =
            [n.saturating_sub(1), n, (n + 1).min(knots.len() - 1)].map(|n| knots[n].at.to_vec2());
        let at = if n == 0 || n + 1 == knots.len() { here } else { 0.25 * before + 0.5 * here + 0.25 * after };
        Knot { at: at.to_pos2(), ..knots[n] }
    };
    (0..knots.len()).map(mean).collect()
}

fn trail(painter: &Painter, view: &LatentView, knot: impl Fn(&Moment) -> Knot) {
    let mut pen = Pen::default();
    let mut knots = Vec::with_capacity(256);
    for moment in view.trail.moments() {
        if !moment.is_joined {
            pen.stroke(&calmed(&knots));
            knots.clear();
        }
        knots.push(knot(moment));
    }
    pen.stroke(&calmed(&knots));
    pen.paint(painter);
}

/// The draggable point and the arrow of the offset; returns whether the pointer is on it.
fn bias_point(ui: &Ui, plot: &Plot, view: &mut LatentView, cx: &mut PaintContext) -> bool {
    let metrics = cx.metrics;
    let (dims, biases) = (plot.dims, Biases(plot.dims));
    let at = plot.at(biases.at(cx.params)).clamp(plot.rect.min, plot.rect.max);
    let [across, up] = plot.mapping.points_per_sd;
    let change = |way: Vec2| [way.x / across, -way.y / up];
    anywhere(ui, plot, view, change, cx);
    let grip = Rect::from_center_size(at, Vec2::splat(metrics.px(28.0)));
    let response = ui.interact(grip, ui.scope_id().with("bias point"), Sense::click_and_drag());
    react_in_plane(ui, &response, biases, &mut view.bias, change, cx.params);
    if response.double_clicked() {
        view.zoom = 1.0;
    }

    let at_sd = biases.at(cx.params);
    let text = coordinates(at_sd);
    let names = format!("dimensions {} and {}", dims[0] + 1, dims[1] + 1);
    response.widget_info(|| info(Role::Slider, format!("Bias of {names}"), &text));
    let at = plot.at(at_sd).clamp(plot.rect.min, plot.rect.max);
    let is_hot = response.hovered() || view.bias.is_held();
    draw_point(ui, plot, at, is_hot, shows_focus(ui, &response), metrics);
    let label = format!("Bias {text}");
    if is_hot || (at_sd != [0.0; 2] && is_clear(ui, plot, view, at, &label, metrics)) {
        beside(ui, plot.rect, at, &label, metrics);
    } else if at_sd == [0.0; 2] && !view.was_moved {
        beside(ui, plot.rect, at, "Drag me", metrics);
    }
    view.was_moved |= at_sd != [0.0; 2];
    let help = format!(
        "Drag, or click anywhere, to set the bias of {names}. Shift: fine. Wheel: zoom. Double-click: back to none."
    );
    let response = response.on_hover_cursor(egui::CursorIcon::Grab);
    if !view.bias.is_held() {
        response.clone().on_hover_text(help);
    }
    response.hovered() || view.bias.is_held()
}

/// A click anywhere takes the point there, and a drag carries it on; the wheel zooms, and a double-click puts all back.
fn anywhere(ui: &Ui, plot: &Plot, view: &mut LatentView, change: impl Fn(Vec2) -> [f32; 2], cx: &mut PaintContext) {
    let biases = Biases(plot.dims);
    // The keyboard goes to the point itself.
    let response = ui.interact(plot.rect, ui.scope_id().with("space"), Sense::CLICK | Sense::DRAG);
    if response.hovered() {
        let notches = wheel_notches(ui);
        if notches != 0.0 && !cx.controls.holds_wheel() {
            view.zoom_by(notches);
            stop_scrolling(ui);
        }
    }
    if response.double_clicked() {
        view.zoom = 1.0;
        return view.bias.reset(&biases, cx.params);
    }
    note_press(ui, &response, &mut view.bias);
    let clicked_at = response.interact_pointer_pos().filter(|_| response.clicked());
    if let Some(at) = clicked_at.or(response.drag_started().then(|| view.bias.pointer().into())) {
        view.bias.begin(biases, cx.params);
        view.bias.move_to(plot.sd(at), cx.params);
        if clicked_at.is_some() {
            view.bias.end(cx.params);
        }
    }
    carry(ui, &response, &mut view.bias, change, cx.params);
}

/// Whether a label beside the point would hide nothing of the trajectory.
fn is_clear(ui: &Ui, plot: &Plot, view: &LatentView, at: Pos2, label: &str, metrics: Metrics) -> bool {
    let size = ui.painter().layout_no_wrap(label.to_owned(), metrics.small(), theme::TEXT).size();
    let reach = vec2(size.x + metrics.px(30.0), size.y * 0.5 + metrics.px(8.0));
    let around = Rect::from_center_size(at, reach * 2.0);
    // The label is on the right where that has room.
    let has_right = around.right() <= plot.rect.right();
    let place = if has_right { around.with_min_x(at.x) } else { around.with_max_x(at.x) };
    !view
        .trail
        .moments()
        .any(|moment| [&moment.point, &moment.raw].into_iter().any(|point| place.contains(plot.place(point))))
}

fn draw_point(ui: &Ui, plot: &Plot, at: Pos2, is_hot: bool, has_focus: bool, metrics: Metrics) {
    let painter = ui.painter_at(plot.rect.expand(metrics.px(12.0)));
    let radius = metrics.px(if is_hot { 9.0 } else { 8.0 });
    let origin = plot.at([0.0; 2]);
    let way = at - origin;
    if way.length() > radius {
        let stroke = Stroke::new(1.5, theme::TEXT);
        painter.line_segment([origin, at - way.normalized() * radius], stroke);
        painter.circle_filled(origin, 2.5, theme::TEXT);
    }
    painter.circle(at, radius, Color32::from_black_alpha(150), Stroke::new(2.0, theme::TEXT));
    for arm in [vec2(1.0, 0.0), vec2(0.0, 1.0)].map(|arm| arm * metrics.fine(3.0)) {
        painter.line_segment([at - arm, at + arm], Stroke::new(1.5, theme::TEXT));
    }
    if has_focus {
        painter.circle_stroke(at, radius + 4.0, Stroke::new(2.0, theme::FOCUS));
    }
}

/// The coordinates under the pointer, with a fine cross and a line to the nearest point of the training sound.
fn readout(ui: &Ui, plot: &Plot, view: &LatentView, model: &ModelView, metrics: Metrics) {
    let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|at| plot.rect.contains(*at));
    let Some(pointer) = pointer else { return };
    let painter = ui.painter_at(plot.rect);
    let stroke = Stroke::new(1.0, theme::LINE_STRONG.gamma_multiply(0.6));
    painter.hline(plot.rect.x_range(), pointer.y, stroke);
    painter.vline(pointer.x, plot.rect.y_range(), stroke);
    let at_sd = plot.sd(pointer);
    let text =
        [0, 1].map(|axis| format!("{} {}", dimension::name(model, plot.dims[axis]), signed(at_sd[axis], 2))).join("\n");
    let Some((index, _)) = view.nearest(at_sd, model) else {
        return beside(ui, plot.rect, pointer - vec2(0.0, metrics.px(24.0)), &text, metrics);
    };
    let nearest = plot.place(&model.cloud[index]);
    painter.line_segment([pointer, nearest], Stroke::new(1.5, theme::WARNING));
    painter.circle_stroke(nearest, metrics.fine(4.5), Stroke::new(1.5, theme::WARNING));
    // On the side that the line does not take.
    let side = if nearest.y < pointer.y { 1.0 } else { -1.0 };
    beside(ui, plot.rect, pointer + vec2(0.0, metrics.px(24.0) * side), &text, metrics);
}

/// Two coordinates for reading.
fn coordinates(at_sd: [f32; 2]) -> String {
    format!("{}, {}", signed(at_sd[0], 2), signed(at_sd[1], 2))
}
