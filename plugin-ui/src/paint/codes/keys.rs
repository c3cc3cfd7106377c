//! The piano keyboard: what sounds, and what is played on it by hand.

use egui::accesskit::Role;
use egui::{Align2, Color32, CornerRadius, Key, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};

use super::Scene;
use crate::codes::CodesRequest;
use crate::codes::keys::{self, Keys, KeysView};
use crate::codes::layout::Layout;
use crate::paint::control::{arrows, focus_ring, info, presses, shows_focus};
use crate::paint::icon::Icon;
use crate::paint::theme;
use crate::paint::{PaintContext, button};

/// A white key is at least so wide.
const KEY_POINTS: f32 = 15.0;
/// How hard a key is struck by the Enter key.
const KEY_VELOCITY: f32 = 0.8;
const WHITE: Color32 = Color32::from_rgb(0xc6, 0xcd, 0xd8);
const WHITE_BEYOND: Color32 = Color32::from_rgb(0x83, 0x8b, 0x98);
const BLACK: Color32 = Color32::from_rgb(0x1c, 0x20, 0x27);

/// Draws the keyboard into `rect` and lets it be played.
pub fn paint(
    ui: &Ui,
    rect: Rect,
    view: &mut KeysView,
    layout: &mut Layout,
    scene: &Scene,
    cx: &PaintContext,
    requests: &mut Vec<CodesRequest>,
) {
    let metrics = cx.metrics;
    let side = metrics.px(20.0);
    let board = rect.shrink2(Vec2::new(side + metrics.px(4.0), 0.0));
    let keys = Keys::fit(layout.low_key, board.width(), metrics.fine(KEY_POINTS));
    layout.low_key = keys.low();
    for (place, icon, name, by) in [
        (rect.with_max_x(rect.left() + side), Icon::Previous, "Octave down", -12_i16),
        (rect.with_min_x(rect.right() - side), Icon::Next, "Octave up", 12),
    ] {
        let next = (i16::from(keys.low()) + by).clamp(0, 108) as u8;
        let can_go = Keys::fit(next, board.width(), metrics.fine(KEY_POINTS)).low() != keys.low();
        let place = Rect::from_center_size(place.center(), Vec2::new(side, place.height().min(metrics.px(40.0))));
        if button::sign(ui, place, ui.scope_id().with(name), icon, [name; 2], can_go).clicked() {
            layout.low_key = next;
        }
    }

    let id = ui.scope_id().with("keyboard");
    let response = ui.interact(board, id, Sense::click_and_drag());
    view.cursor = view.cursor.clamp(keys.low(), keys.high());
    if response.is_pointer_button_down_on() {
        let at = ui.input(|input| input.pointer.interact_pos()).map(|at| (at - board.min) / board.size());
        if let Some((key, velocity)) = at.and_then(|at| keys.at(at.x, at.y.clamp(0.0, 1.0))) {
            view.play(key, velocity, requests);
        }
        response.request_focus();
    }
    if response.has_focus() {
        let [right, up] = arrows(ui, id);
        let by = right + up + 12.0 * (presses(ui, Key::PageUp) - presses(ui, Key::PageDown));
        view.cursor = (f32::from(view.cursor) + by).clamp(f32::from(keys.low()), f32::from(keys.high())) as u8;
        if ui.input(|input| input.key_pressed(Key::Enter) || input.key_pressed(Key::Space)) {
            view.is_by_key = true;
            view.play(view.cursor, KEY_VELOCITY, requests);
        }
    }
    response.widget_info(|| WidgetInfo {
        value: Some(f64::from(view.cursor)),
        ..info(Role::Slider, "Keyboard", keys::name(view.cursor))
    });
    draw(ui, board, keys, view, scene, cx);
    if shows_focus(ui, &response)
        && let Some(place) = keys.place(view.cursor)
    {
        let key = within(board, place);
        let ink = if keys::is_black(view.cursor) { theme::FOCUS } else { theme::BACKGROUND };
        let foot = Rect::from_min_max(pos2(key.left(), key.bottom() - key.width()), key.max).shrink(2.0);
        ui.painter().rect_stroke(key.shrink(2.0), 2.0, Stroke::new(2.0, ink), StrokeKind::Inside);
        ui.painter().rect_filled(foot.shrink(2.0), 1.0, ink);
    }
    focus_ring(ui, &response, board.expand(2.0), 4.0);
    if view.held().is_none() {
        response.on_hover_text_at_pointer(
            "Click to play: harder nearer to the key\u{2019}s end.\nGrey keys: beyond the package\u{2019}s training.",
        );
    }
}

fn within(board: Rect, [left, top, right, bottom]: [f32; 4]) -> Rect {
    let at = |x: f32, y: f32| board.min + board.size() * Vec2::new(x, y);
    Rect::from_min_max(at(left, top), at(right, bottom))
}

fn draw(ui: &Ui, board: Rect, keys: Keys, view: &KeysView, scene: &Scene, cx: &PaintContext) {
    let metrics = cx.metrics;
    let painter = ui.painter_at(board.expand(1.0));
    painter.rect_filled(board, 2.0, theme::BACKGROUND);
    let range = scene.book.pitch_hz.map(|range| range.map(keys::key_of));
    let is_beyond =
        |key: u8| range.is_some_and(|[low, high]| f32::from(key) < low.round() || f32::from(key) > high.round());
    for key in keys.all() {
        let Some(place) = keys.place(key) else { continue };
        let rect = within(board, place);
        let voice = scene.status.voices.iter().flatten().find(|voice| voice.key == key);
        let is_lit = voice.is_some() || view.held() == Some(key);
        let is_black = keys::is_black(key);
        let fill = match (is_lit, is_black) {
            (true, _) => theme::ACCENT,
            (false, true) => BLACK,
            (false, false) if is_beyond(key) => WHITE_BEYOND,
            (false, false) => WHITE,
        };
        let corners = CornerRadius { sw: 2, se: 2, ..CornerRadius::ZERO };
        let face = if is_black { rect } else { rect.shrink2(Vec2::new(0.5, 0.0)) };
        painter.rect(face, corners, fill, Stroke::new(1.0, theme::BACKGROUND), StrokeKind::Inside);
        let foot = pos2(rect.center().x, rect.bottom() - metrics.px(8.0));
        if is_lit {
            // A mark of its own, so that colour never speaks alone.
            painter.circle_filled(foot, metrics.fine(3.0), theme::BACKGROUND);
        } else if key.is_multiple_of(12) && rect.width() > metrics.px(13.0) {
            let font = egui::FontId::proportional(metrics.px(10.0));
            painter.text(foot, Align2::CENTER_CENTER, keys::name(key), font, theme::BACKGROUND);
        }
    }
}
