//! The editor of the drawn curve.

use egui::accesskit::{Action, Role};
use egui::{Align2, Key, Pos2, Rect, Sense, Stroke, Ui, Vec2, pos2, vec2};

use super::Scene;
use crate::codes::curve::{CurveView, GRIDS, is_heard};
use crate::codes::param;
use crate::control::set_once;
use crate::format::capital;
use crate::paint::chooser::{self, Options};
use crate::paint::control::{Place, arrows, focus_ring, info, presses, shows_focus};
use crate::paint::plot::{beside, chip};
use crate::paint::ribbon::{Knot, Pen};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, button, notice, switch};

/// A point is taken hold of from so far, in points.
const GRIP_POINTS: f32 = 14.0;

/// Where the curve is drawn.
#[derive(Clone, Copy)]
struct Plot {
    rect: Rect,
}

impl Plot {
    fn at(&self, place: f32, value: f32) -> Pos2 {
        pos2(self.rect.left() + self.rect.width() * place, self.rect.bottom() - self.rect.height() * value)
    }

    fn from(&self, at: Pos2) -> [f32; 2] {
        [(at.x - self.rect.left()) / self.rect.width(), (self.rect.bottom() - at.y) / self.rect.height()]
    }
}

/// Draws the editor into `inner`.
pub fn paint(ui: &mut Ui, inner: Rect, view: &mut CurveView, scene: &Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let head = inner.with_max_y(inner.top() + metrics.px(22.0));
    tools(ui, head, view, scene, cx);
    let mut body = inner.with_min_y(head.bottom() + metrics.px(6.0));
    if !is_heard(cx.params) {
        body = unheard(ui, body, cx);
    }
    let rect = Rect::from_min_max(
        body.min + vec2(metrics.px(42.0), metrics.px(8.0)),
        body.max - vec2(metrics.px(8.0), metrics.px(20.0)),
    );
    if rect.height() < 40.0 {
        return;
    }
    let plot = Plot { rect };
    ground(ui, plot, view, scene, metrics);
    let (hovered, is_at_keyboard) = react(ui, plot, view);
    draw(ui, plot, view, scene, hovered, is_at_keyboard, metrics);
}

/// Loop, grid and shapes to start from.
fn tools(ui: &mut Ui, head: Rect, view: &mut CurveView, scene: &Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let mut free = head.left();
    // A place of a width in points as they are.
    let mut left = |width: f32| {
        let place = Rect::from_min_size(pos2(free, head.top()), vec2(width, head.height()));
        free = if width > 0.0 { place.right() + metrics.px(4.0) } else { free };
        place
    };
    let label = |ui: &Ui, place: Rect, text: &str| {
        ui.painter().text(place.left_center(), Align2::LEFT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
    };
    let place = left(metrics.px(28.0));
    label(ui, place, "Loop");
    let place = left(metrics.px(76.0));
    switch::list(ui, place, Place::View, param::CURVE_SYNC, cx);
    left(metrics.px(6.0));
    let place = left(metrics.px(28.0));
    label(ui, place, "Snap");
    let place = left(metrics.px(84.0)).shrink2(vec2(0.0, metrics.px(1.0)));
    let name = |index: usize| match GRIDS[index] {
        0 => "Off".to_owned(),
        parts => format!("1/{parts}"),
    };
    let options = Options { count: GRIDS.len(), shown: &name, item: &name, columns: 1 };
    if let Some(next) = chooser::choose(ui, place, "Snap to a part of the loop", view.grid, options, metrics) {
        view.grid = next;
    }
    left(metrics.px(6.0));
    if head.right() - place.right() > metrics.px(244.0) {
        let place = left(metrics.px(60.0));
        label(ui, place, "Start with");
    }
    let shapes = &scene.status.shapes;
    for (index, (name, points)) in shapes.iter().enumerate() {
        let spare = head.right() - left(0.0).left();
        let width = (spare / (shapes.len() - index) as f32).min(metrics.px(44.0)) - metrics.px(4.0);
        let place = left(width);
        let tooltip = format!("Start over with {name}");
        let id = ui.scope_id().with(("curve shape", name));
        let response = button::word(ui, place, id, [&capital(name), &tooltip], false, metrics);
        if response.on_hover_text(&tooltip).clicked() {
            view.start_with(points);
        }
    }
}

/// Says that no target follows the curve, and offers to let the first one do so.
fn unheard(ui: &Ui, body: Rect, cx: &mut PaintContext) -> Rect {
    let metrics = cx.metrics;
    let row = body.with_max_y(body.top() + metrics.px(24.0));
    let place = Rect::from_min_max(pos2(row.right() - metrics.px(152.0), row.top() + 2.0), row.max - vec2(2.0, 2.0));
    let text = "No target follows the curve yet.";
    let room = place.left() - row.left() - metrics.px(16.0);
    let at = pos2(row.left() + metrics.px(8.0), row.center().y);
    notice::line(ui, at, text, metrics.small(), theme::TEXT, room);
    let names = ["Let target 1 follow it"; 2];
    if button::word(ui, place, ui.scope_id().with("follow curve"), names, false, metrics).clicked() {
        set_once(cx.params, param::FROM_CURVE[0], 1.0);
        if cx.params.normalised(param::WEIGHT[0]) <= 0.0 {
            set_once(cx.params, param::WEIGHT[0], 1.0);
        }
    }
    body.with_min_y(row.bottom() + metrics.px(4.0))
}

fn ground(ui: &Ui, plot: Plot, view: &CurveView, scene: &Scene, metrics: Metrics) {
    let painter = ui.painter();
    painter.rect_filled(plot.rect, 0.0, theme::BACKGROUND);
    let parts = GRIDS.get(view.grid).copied().filter(|&parts| parts > 0).unwrap_or(4);
    for part in 0..=parts {
        let is_main = (part * 4).is_multiple_of(parts);
        let stroke = Stroke::new(1.0, if is_main { theme::LINE_STRONG.gamma_multiply(0.55) } else { theme::LINE });
        painter.vline(plot.at(part as f32 / parts as f32, 0.0).x, plot.rect.y_range(), stroke);
    }
    let rows: &[f32] =
        if plot.rect.height() > metrics.px(110.0) { &[0.0, 0.25, 0.5, 0.75, 1.0] } else { &[0.0, 0.5, 1.0] };
    for &value in rows {
        let y = plot.at(0.0, value).y;
        painter.hline(plot.rect.x_range(), y, Stroke::new(1.0, theme::LINE));
        let text = format!("{:.0} %", value * 100.0);
        // Off the points at the beginning of the loop.
        let at = pos2(plot.rect.left() - metrics.fine(9.0), y);
        painter.text(at, Align2::RIGHT_CENTER, text, metrics.small(), theme::TEXT_QUIET);
    }
    for quarter in 0..=4 {
        let place = quarter as f32 / 4.0;
        let text = match scene.status.curve_beats {
            Some(beats) => format!("{}", (beats * place * 100.0).round() / 100.0),
            None => format!("{:.0} %", place * 100.0),
        };
        let unit = if scene.status.curve_beats.is_some() { " beats" } else { " of the loop" };
        let text = if quarter == 4 { text + unit } else { text };
        let align =
            [Align2::LEFT_TOP, Align2::CENTER_TOP, Align2::CENTER_TOP, Align2::CENTER_TOP, Align2::RIGHT_TOP][quarter];
        let at = pos2(plot.at(place, 0.0).x, plot.rect.bottom() + 4.0);
        painter.text(at, align, text, metrics.small(), theme::TEXT_QUIET);
    }
}

/// Adds, moves and deletes points; returns the one under the pointer, and whether the keyboard is here.
fn react(ui: &Ui, plot: Plot, view: &mut CurveView) -> (Option<usize>, bool) {
    let id = ui.scope_id().with("curve");
    let response = ui.interact(plot.rect.expand(GRIP_POINTS * 0.5), id, Sense::click_and_drag());
    let pointer = ui.input(|input| input.pointer.interact_pos());
    let far = |index: usize, at: Pos2| {
        let point = view.points()[index];
        plot.at(point.place, point.value).distance(at)
    };
    let near = |at: Pos2| {
        let all = (0..view.points().len()).map(|index| (index, far(index, at)));
        all.min_by(|one, two| one.1.total_cmp(&two.1)).filter(|(_, far)| *far <= GRIP_POINTS).map(|(index, _)| index)
    };
    let hovered = pointer.filter(|_| response.hovered()).and_then(near);
    let is_fine = ui.input(|input| input.modifiers.shift);
    let [is_pressed, is_other] = ui.input(|input| {
        [egui::PointerButton::Primary, egui::PointerButton::Secondary]
            .map(|button| input.pointer.button_pressed(button))
    });
    let on_point = response.is_pointer_button_down_on().then_some(pointer).flatten();
    if let Some(at) = on_point.filter(|_| is_pressed || is_other) {
        response.request_focus();
        let [place, value] = plot.from(at);
        match (near(at), is_other) {
            (Some(index), false) => view.select(index),
            (Some(index), true) => {
                view.select(index);
                view.delete();
            }
            (None, false) => drop(view.add(place, value, is_fine)),
            (None, true) => {}
        }
        if is_pressed {
            view.hold();
        }
    } else if let Some(at) = on_point.filter(|_| view.is_held()) {
        let [place, value] = plot.from(at);
        view.move_to(place, value, is_fine);
    }
    if response.double_clicked() && hovered.is_some() {
        view.delete();
    }
    if response.has_focus() {
        keys(ui, id, view, is_fine);
    }
    announce(ui, &response, view);
    focus_ring(ui, &response, plot.rect.expand(4.0), 5.0);
    let is_at_keyboard = shows_focus(ui, &response);
    if !view.is_held() {
        response.on_hover_text_at_pointer(match hovered {
            Some(_) => "Drag: move (Shift: off the grid). Double-click: delete",
            None => "Click: add a point (Shift: off the grid)",
        });
    }
    (hovered, is_at_keyboard)
}

fn keys(ui: &Ui, id: egui::Id, view: &mut CurveView, is_fine: bool) {
    let pressed = |key| presses(ui, key);
    view.select_by((pressed(Key::PageDown) - pressed(Key::PageUp)) as isize);
    let [right, up] = arrows(ui, id);
    if right != 0.0 || up != 0.0 {
        view.nudge([right, up], is_fine);
        // As long as the key is down, however often it repeats.
        view.hold();
    }
    if pressed(Key::Home) > 0.0 {
        view.select(0);
    }
    if pressed(Key::End) > 0.0 {
        view.select(usize::MAX);
    }
    if pressed(Key::Insert) + pressed(Key::Enter) > 0.0 {
        view.add_after();
    }
    if pressed(Key::Delete) + pressed(Key::Backspace) > 0.0 {
        view.delete();
    }
}

fn announce(ui: &Ui, response: &egui::Response, view: &mut CurveView) {
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action)) as f32;
    let up = asked(Action::Increment) - asked(Action::Decrement);
    if up != 0.0 {
        view.nudge([0.0, up], false);
    }
    let text = match view.points().get(view.selected()) {
        Some(point) => {
            format!("Point {} of {}: {}", view.selected() + 1, view.points().len(), words(point.place, point.value))
        }
        None => "No points.".to_owned(),
    };
    response.widget_info(|| info(Role::Slider, "Target curve", &text));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}

fn words(place: f32, value: f32) -> String {
    format!("{:.1} % of the loop, {:.0} %", place * 100.0, value * 100.0)
}

fn draw(
    ui: &Ui,
    plot: Plot,
    view: &CurveView,
    scene: &Scene,
    hovered: Option<usize>,
    is_at_keyboard: bool,
    metrics: Metrics,
) {
    let painter = ui.painter();
    let mut corners: Vec<Pos2> = view.points().iter().map(|point| plot.at(point.place, point.value)).collect();
    // The curve is held at both ends of the loop.
    corners.insert(0, plot.at(0.0, view.at(0.0)));
    corners.push(plot.at(1.0, view.at(1.0)));
    let mut pen = Pen::default();
    pen.fill(corners.iter().map(|&at| {
        let ground = theme::ACCENT.gamma_multiply(0.12);
        [(at, ground), (pos2(at.x, plot.rect.bottom()), ground)]
    }));
    for pair in corners.windows(2) {
        pen.stroke(&[pair[0], pair[1]].map(|at| Knot { at, half_width: metrics.fine(0.9), colour: theme::ACCENT }));
    }
    pen.paint(painter);
    if let Some(place) = scene.status.curve_at.filter(|place| (0.0..=1.0).contains(place)) {
        let at = plot.at(place, view.at(place));
        painter.vline(at.x, plot.rect.y_range(), Stroke::new(1.5, theme::WARNING));
        painter.circle_filled(at, metrics.fine(4.0), theme::WARNING);
        let top = pos2(at.x + 4.0, plot.rect.top() + 2.0);
        chip(ui, plot.rect, top, Align2::LEFT_TOP, "now", theme::WARNING, metrics);
    }
    for (index, point) in view.points().iter().enumerate() {
        let at = plot.at(point.place, point.value);
        let is_chosen = index == view.selected() && (is_at_keyboard || view.is_held());
        let radius = metrics.fine(if hovered == Some(index) || is_chosen { 6.0 } else { 4.0 });
        let fill = if is_chosen { theme::TEXT } else { theme::PANEL };
        painter.circle(at, radius, fill, Stroke::new(metrics.fine(1.8), theme::TEXT));
        if is_chosen && is_at_keyboard {
            painter.circle_stroke(at, radius + 4.0, Stroke::new(2.0, theme::FOCUS));
        }
    }
    let told = if view.is_held() || is_at_keyboard { Some(view.selected()) } else { hovered };
    if let Some(point) = told.and_then(|index| view.points().get(index)) {
        let at = plot.at(point.place, point.value);
        // Above or beneath, where the pointer leaves it in sight.
        let lift = if at.y > plot.rect.center().y { -1.0 } else { 1.0 };
        beside(ui, plot.rect, at + Vec2::new(0.0, lift * metrics.px(16.0)), &words(point.place, point.value), metrics);
    }
    if is_at_keyboard {
        let text = "Arrows: move. Page Up, Page Down: other point. Insert, Delete.";
        let galley = notice::one_line(ui, text, metrics.small(), theme::TEXT_QUIET, plot.rect.width() - 12.0);
        if !galley.elided {
            let at = plot.rect.left_bottom() + vec2(4.0, -4.0);
            chip(ui, plot.rect, at, Align2::LEFT_BOTTOM, text, theme::TEXT_QUIET, metrics);
        }
    }
}
