//! The latent view: the training sound's cloud, the live trajectory, and the point that sets bias 1 and 2.

use egui::accesskit::Role;
use egui::epaint::TextShape;
use egui::{Align2, Color32, CornerRadius, Key, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::control::{lock_arrows, presses};
use super::ribbon::{self, Knot};
use super::theme::Metrics;
use super::{Desk, notice, theme};
use crate::control::FINE;
use crate::latent::{BiasPoint, LatentView, Mapping};
use crate::summary::{self, signed};
use crate::trail::TrailPoint;
use crate::{EngineState, ModelView, Status};

/// The part of the panel where standard deviations are drawn.
struct Plot {
    rect: Rect,
    mapping: Mapping,
}

impl Plot {
    fn at(&self, at_sd: [f32; 2]) -> Pos2 {
        self.rect.min + Vec2::from(self.mapping.to_screen(at_sd))
    }

    fn sd(&self, at: Pos2) -> [f32; 2] {
        self.mapping.to_sd((at - self.rect.min).into())
    }
}

/// Draws the panel into `panel` and lets the point be moved.
pub fn paint(ui: &Ui, panel: Rect, view: &mut LatentView, status: &Status, model: &ModelView, desk: &mut Desk) {
    let metrics = desk.metrics;
    ui.painter().rect_filled(panel, CornerRadius::same(6), theme::PANEL);
    let inner = panel.shrink(metrics.px(8.0));
    let above = match summary::underruns(status) {
        Some(sentence) => notice::warning(ui, inner, &sentence, metrics),
        None => inner,
    };
    let top = above.top() + metrics.px(20.0);
    let legend_row = Rect::from_min_max(above.min, pos2(above.right(), top));
    let rect = Rect::from_min_max(
        pos2(above.left() + metrics.px(40.0), top + metrics.px(4.0)),
        pos2(above.right(), above.bottom() - metrics.px(36.0)),
    );
    let plot = Plot { rect, mapping: Mapping::fit(rect.size().into(), view.half_range_sd) };
    axes(ui, &plot, metrics);

    match &status.state {
        EngineState::Loading => notice::hint(ui, rect, "Loading the model", metrics),
        EngineState::Missing(trouble) => notice::trouble(ui, rect, "The model is missing", trouble, metrics),
        EngineState::Faulted(trouble) => notice::trouble(ui, rect, "The model has stopped", trouble, metrics),
        EngineState::Ready => {
            legend(ui, legend_row, metrics);
            cloud(ui, &plot, model, metrics);
            let pointer = bias_point(ui, &plot, view, desk);
            trail(ui, &plot, view, metrics);
            readout(ui, &plot, pointer, metrics);
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
    let title = |dim: usize| {
        let text = format!("Dimension {dim} (standard deviations)");
        ui.painter().layout_no_wrap(text, metrics.small(), theme::TEXT_QUIET)
    };
    let (across, up) = (title(1), title(2));
    let at = pos2(plot.rect.center().x - across.size().x * 0.5, plot.rect.bottom() + metrics.px(19.0));
    ui.painter().galley(at, across, theme::TEXT_QUIET);
    let at = pos2(plot.rect.left() - metrics.px(40.0), plot.rect.center().y + up.size().x * 0.5);
    ui.painter().add(TextShape::new(at, up, theme::TEXT_QUIET).with_angle(-std::f32::consts::FRAC_PI_2));
}

/// The cloud of the training sound and the box that holds 98 % of it per dimension.
fn cloud(ui: &Ui, plot: &Plot, model: &ModelView, metrics: Metrics) {
    let painter = ui.painter_at(plot.rect);
    for point in &model.cloud {
        if point[0].is_finite() && point[1].is_finite() {
            painter.circle_filled(plot.at([point[0], point[1]]), metrics.fine(2.0), theme::CLOUD);
        }
    }
    let (low, high) = (plot.at([model.p01[0], model.p01[1]]), plot.at([model.p99[0], model.p99[1]]));
    let range = Rect::from_two_pos(low, high);
    if range.is_finite() && range.area() > 1.0 {
        let corners =
            [range.left_top(), range.right_top(), range.right_bottom(), range.left_bottom(), range.left_top()];
        painter.extend(Shape::dashed_line(&corners, Stroke::new(1.0, theme::TEXT_QUIET), 5.0, 4.0));
    }
}

/// Names what is drawn; each sign looks as it does in the plot.
fn legend(ui: &Ui, row: Rect, metrics: Metrics) {
    let painter = ui.painter();
    let y = row.top() + metrics.px(9.0);
    let mut x = row.left() + metrics.px(40.0);
    let mut item = |text: &str, draw: &dyn Fn(Pos2)| {
        draw(pos2(x, y));
        let drawn =
            painter.text(pos2(x + metrics.px(18.0), y), Align2::LEFT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
        x = drawn.right() + metrics.px(12.0);
    };
    item("Sounding", &|at| {
        painter.line_segment([at, at + vec2(9.0, 0.0)], Stroke::new(2.0, theme::ACCENT));
        painter.circle_filled(at + vec2(9.0, 0.0), 3.5, theme::ACCENT);
    });
    item("Training sound", &|at| {
        for offset in [vec2(2.0, 2.0), vec2(7.0, -3.0), vec2(11.0, 2.0)] {
            painter.circle_filled(at + offset, 2.0, theme::CLOUD);
        }
    });
    item("98 % of it", &|at| {
        let line = [at, at + vec2(14.0, 0.0)];
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.0, theme::TEXT_QUIET), 4.0, 3.0));
    });
    item("Bias", &|at| {
        painter.circle_stroke(at + vec2(8.0, 0.0), 4.5, Stroke::new(1.5, theme::TEXT));
    });
}

fn trail(ui: &Ui, plot: &Plot, view: &LatentView, metrics: Metrics) {
    let painter = ui.painter_at(plot.rect);
    let now_s = ui.input(|input| input.time);
    let points: Vec<TrailPoint> = view.trail.visible(now_s).collect();
    let mut ribbon = Vec::with_capacity(points.len());
    for point in &points {
        if !point.is_joined {
            ribbon::paint(&painter, &ribbon);
            ribbon.clear();
        }
        let colour = theme::ACCENT.gamma_multiply(point.strength);
        ribbon.push(Knot { at: plot.at(point.at_sd), half_width: metrics.fine(0.6 + 0.9 * point.strength), colour });
    }
    ribbon::paint(&painter, &ribbon);
    if let Some(newest) = points.last() {
        let at = plot.at(newest.at_sd).clamp(plot.rect.min, plot.rect.max);
        painter.circle_filled(at, metrics.fine(9.0), theme::ACCENT.gamma_multiply(0.25 * newest.strength));
        painter.circle_filled(at, metrics.fine(5.0), theme::ACCENT.gamma_multiply(newest.strength));
    }
}

/// The draggable point and the arrow of the offset; returns whether the pointer is on it.
fn bias_point(ui: &Ui, plot: &Plot, view: &mut LatentView, desk: &mut Desk) -> bool {
    let metrics = desk.metrics;
    let at = plot.at(BiasPoint::at_sd(desk.params)).clamp(plot.rect.min, plot.rect.max);
    let grip = Rect::from_center_size(at, Vec2::splat(metrics.px(28.0)));
    let response = ui.interact(grip, ui.scope_id().with("bias point"), Sense::click_and_drag());
    let is_fine = ui.input(|input| input.modifiers.shift);
    let (bias, params) = (&mut view.bias, &mut *desk.params);

    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.drag_started() {
        bias.begin(params);
    }
    if response.dragged() {
        let change = response.drag_delta() * if is_fine { FINE } else { 1.0 } / plot.mapping.points_per_sd;
        bias.move_by([change.x, -change.y], params);
    }
    if response.drag_stopped() {
        bias.end(params);
    }
    if response.double_clicked() {
        bias.reset(params);
    }
    if response.has_focus() {
        lock_arrows(ui, response.id);
        let right = presses(ui, Key::ArrowRight) - presses(ui, Key::ArrowLeft);
        let up = presses(ui, Key::ArrowUp) - presses(ui, Key::ArrowDown);
        bias.nudge([right, up], is_fine, params);
        if presses(ui, Key::Backspace) + presses(ui, Key::Delete) > 0.0 {
            bias.reset(params);
        }
    }

    let at_sd = BiasPoint::at_sd(params);
    let text = coordinates(at_sd);
    response.widget_info(|| WidgetInfo {
        label: Some("Bias of dimensions 1 and 2".to_owned()),
        current_text_value: Some(text.clone()),
        ..WidgetInfo::new(Role::Slider)
    });
    let at = plot.at(at_sd).clamp(plot.rect.min, plot.rect.max);
    let is_hot = response.hovered() || view.bias.is_held();
    draw_point(ui, plot, at, is_hot, response.has_focus(), metrics);
    if is_hot || at_sd != [0.0; 2] {
        label(ui, plot, at, &format!("Bias {text}"), metrics);
    }
    let help = "Drag to set the bias of dimensions 1 and 2. Shift: fine. Double-click: back to none.";
    let response = response.on_hover_cursor(egui::CursorIcon::Grab);
    if !view.bias.is_held() {
        response.clone().on_hover_text(help);
    }
    response.hovered() || view.bias.is_held()
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

/// Text beside a point, on whichever side has room.
fn label(ui: &Ui, plot: &Plot, at: Pos2, text: &str, metrics: Metrics) {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), metrics.small(), theme::TEXT);
    let gap = metrics.px(14.0);
    let fits_right = at.x + gap + galley.size().x + 4.0 < plot.rect.right();
    let left = if fits_right { at.x + gap } else { at.x - gap - galley.size().x };
    let top = (at.y - galley.size().y * 0.5).clamp(plot.rect.top() + 2.0, plot.rect.bottom() - galley.size().y - 2.0);
    let ground = Rect::from_min_size(pos2(left, top), galley.size()).expand2(vec2(4.0, 1.0));
    ui.painter().rect_filled(ground, 3.0, Color32::from_black_alpha(190));
    ui.painter().galley(pos2(left, top), galley, theme::TEXT);
}

/// The coordinates under the pointer, with a fine cross.
fn readout(ui: &Ui, plot: &Plot, is_touched: bool, metrics: Metrics) {
    let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|at| plot.rect.contains(*at));
    let Some(pointer) = pointer else { return };
    if is_touched {
        return;
    }
    let painter = ui.painter_at(plot.rect);
    let stroke = Stroke::new(1.0, theme::LINE_STRONG.gamma_multiply(0.6));
    painter.hline(plot.rect.x_range(), pointer.y, stroke);
    painter.vline(pointer.x, plot.rect.y_range(), stroke);
    let at_sd = plot.sd(pointer);
    label(ui, plot, pointer - vec2(0.0, metrics.px(12.0)), &coordinates(at_sd), metrics);
}

/// Two coordinates for reading.
fn coordinates(at_sd: [f32; 2]) -> String {
    format!("{}, {}", signed(at_sd[0], 2), signed(at_sd[1], 2))
}
