//! The whole path in a narrow bar: what of it is in sight, to be moved and pulled wider.

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Id, Rect, Sense, Stroke, StrokeKind, Ui, vec2};

use super::curve::{GUTTER, Scene};
use super::trace::{self, Look, Plot};
use crate::paint::control::{arrows, focus_ring, info, presses};
use crate::paint::ribbon::Pen;
use crate::paint::theme::{self, Metrics};
use crate::paths::editor::PathsEditor;
use crate::paths::editor::scale::Scale;
use crate::paths::editor::window::TimeWindow;

/// An edge is taken hold of from so far, in points.
const EDGE_POINTS: f32 = 5.0;

/// What is dragged.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    From,
    To,
    /// All of it, by a place so far from its beginning, seconds.
    Middle(f32),
}

/// Draws the bar into `rect`.
pub fn paint(ui: &Ui, rect: Rect, editor: &mut PathsEditor, scene: Scene, metrics: Metrics) {
    let bar = Rect::from_min_max(rect.min + vec2(metrics.px(GUTTER), 0.0), rect.max - vec2(metrics.px(4.0), 0.0));
    let scale = Scale::of(editor.axis(), scene.path);
    let whole = Plot { rect: bar, window: TimeWindow::of(editor.window.length_s()), scale };
    react(ui, &whole, editor, metrics);
    let painter = ui.painter_at(bar.expand(1.0));
    painter.rect_filled(bar, 3.0, theme::BACKGROUND);
    let mut pen = Pen::default();
    if let Some(course) = scene.path.course(editor.axis()) {
        let look = Look { half_width: metrics.fine(0.3), colour: theme::LINE_STRONG, column: 2.0 };
        trace::add(&mut pen, &whole, course, scene.path.hop_s, look);
    }
    pen.paint(&ui.painter_at(bar));
    let seen = Rect::from_x_y_ranges(whole.x(editor.window.start_s())..=whole.x(editor.window.end_s()), bar.y_range());
    if let Some([from, to]) = editor.selection {
        let band = Rect::from_x_y_ranges(whole.x(from)..=whole.x(to), bar.y_range());
        painter.rect_filled(band, 0.0, theme::ACCENT.gamma_multiply(0.2));
    }
    for dark in [bar.with_max_x(seen.left()), bar.with_min_x(seen.right())] {
        painter.rect_filled(dark, 3.0, Color32::from_black_alpha(110));
    }
    let line = if editor.window.is_all() { theme::LINE } else { theme::NEUTRAL };
    painter.rect_stroke(seen, 3.0, Stroke::new(1.2, line), StrokeKind::Inside);
    if let Some(at_s) = scene.playhead_s {
        painter.vline(whole.x(at_s), bar.y_range(), Stroke::new(1.5, theme::WARNING));
    }
}

fn react(ui: &Ui, whole: &Plot, editor: &mut PathsEditor, metrics: Metrics) {
    let id = Id::unique("timbreloom path overview");
    let response = ui.interact(whole.rect, id, Sense::click_and_drag());
    let held_id = id.with("held");
    let window = &mut editor.window;
    let edge = |x: f32| {
        let near = |edge_s: f32| (whole.x(edge_s) - x).abs() <= EDGE_POINTS;
        match () {
            () if near(window.start_s()) && !window.is_all() => Some(Held::From),
            () if near(window.end_s()) => Some(Held::To),
            () if near(window.start_s()) => Some(Held::From),
            () => None,
        }
    };
    let pointer = response.interact_pointer_pos().or(response.hover_pos());
    let hot = pointer.and_then(|at| edge(at.x));
    if response.drag_started() || response.clicked() {
        response.request_focus();
    }
    if response.drag_started()
        && let Some(at) = ui.input(|input| input.pointer.press_origin())
    {
        let at_s = whole.time(at.x);
        let held = edge(at.x).unwrap_or_else(|| {
            let is_inside = (window.start_s()..=window.end_s()).contains(&at_s);
            Held::Middle(if is_inside { at_s - window.start_s() } else { window.span_s() * 0.5 })
        });
        ui.data_mut(|data| data.insert_temp(held_id, held));
    }
    if let (true, Some(at)) = (response.dragged(), pointer)
        && let Some(held) = ui.data(|data| data.get_temp::<Held>(held_id))
    {
        let at_s = whole.time(at.x);
        match held {
            Held::From => window.show(at_s.clamp(0.0, window.end_s() - 0.05), window.end_s()),
            Held::To => window.show(window.start_s(), at_s.clamp(window.start_s() + 0.05, window.length_s())),
            Held::Middle(offset) => window.move_to(at_s - offset),
        }
    } else if let (true, Some(at)) = (response.clicked(), pointer) {
        let at_s = whole.time(at.x);
        if !(window.start_s()..=window.end_s()).contains(&at_s) {
            window.move_to(at_s - window.span_s() * 0.5);
        }
    }
    if response.double_clicked() {
        window.fit();
    }
    if response.has_focus() {
        let [right, up] = arrows(ui, id);
        window.scroll(right * 0.12);
        let middle = (window.start_s() + window.end_s()) * 0.5;
        window.zoom(0.64f32.powf(up + presses(ui, egui::Key::Plus) - presses(ui, egui::Key::Minus)), middle);
        if presses(ui, egui::Key::Home) > 0.0 {
            window.fit();
        }
    }
    let text = match window.is_all() {
        true => "The whole path".to_owned(),
        false => crate::paths::editor::range_name([window.start_s(), window.end_s()]),
    };
    response.widget_info(|| info(Role::ScrollBar, "Part of the path in sight", &text));
    focus_ring(ui, &response, whole.rect.expand(metrics.px(2.0)), 4.0);
    let icon = if hot.is_some() { CursorIcon::ResizeHorizontal } else { CursorIcon::Grab };
    response.on_hover_cursor(icon).on_hover_text("Drag: scroll. Its edges: zoom. Double-click: the whole path");
}
