//! The head of a row: the track's number and kind, its waveform, its keys and its level.

use egui::accesskit::Role;
use egui::{Align2, Color32, FontId, PointerButton, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::light::{self, Look};
use super::{Scene, Views, ink, kinds, sign, wave};
use crate::drums::throw::Throw;
use crate::drums::{DrumsRequest, HitState, param};
use crate::meter::Meter;
use crate::paint::control::pressed_on;
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, notice};

/// The softest and the loudest hit of a click on the waveform.
const VELOCITY: [f32; 2] = [0.35, 1.0];

/// How wide a head is in a view of such a width.
pub fn width(all: f32, metrics: Metrics) -> f32 {
    (all * 0.31).clamp(metrics.px(150.0), metrics.px(290.0))
}

/// Draws it into `rect`.
pub fn paint(
    ui: &Ui,
    rect: Rect,
    track: usize,
    views: &mut Views,
    scene: &Scene,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let metrics = cx.metrics;
    let class = kinds::chosen(param::CLASS[track], cx.params);
    let (colour, name) = (ink::of(class), kinds::name(scene.kit, class));
    let is_chosen = views.beat.cursor().track == track;
    let whole = ui.interact(rect, ui.scope_id().with(("track", track)), Sense::CLICK);
    if pressed_on(ui, &whole, PointerButton::Primary).is_some() {
        views.beat.select_track(track);
    }
    if whole.clicked() {
        // The keys of the grid are the track's own now, but for the space bar.
        (views.beat.wants_keyboard, views.beat.has_keys) = (true, false);
    }
    whole.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, format!("Track {}: {name}", track + 1)));
    let ground = match (is_chosen, whole.hovered()) {
        (true, _) => theme::RAISED_HOVER,
        (false, true) => theme::RAISED,
        (false, false) => theme::BACKGROUND,
    };
    ui.painter().rect_filled(rect, 4.0, ground);
    let edge = rect.with_max_x(rect.left() + metrics.px(if is_chosen { 5.0 } else { 3.0 }));
    ui.painter().rect_filled(edge, 2.0, if is_chosen { colour } else { colour.gamma_multiply(0.7) });

    let inner = Rect::from_min_max(
        pos2(rect.left() + metrics.px(9.0), rect.top() + metrics.px(2.0)),
        rect.max - vec2(metrics.px(3.0), metrics.px(2.0)),
    );
    let level = inner.with_min_x(inner.right() - metrics.px(5.0));
    let height = (inner.height() * 0.46).min(metrics.px(19.0));
    let side = (inner.width() * 0.115).clamp(height.min(metrics.px(15.0)), metrics.px(24.0));
    let keys_width = side * 5.0 + metrics.px(2.0) * 4.0;
    let left = inner.with_max_x(inner.left() + keys_width);
    let picture = Rect::from_min_max(
        pos2(left.right() + metrics.px(6.0), inner.top()),
        pos2(level.left() - metrics.px(4.0), inner.bottom()),
    );
    let title = left.with_max_y(inner.bottom() - height - 1.0);
    let number = FontId::proportional(metrics.px(11.0));
    let drawn =
        ui.painter().text(title.left_center(), Align2::LEFT_CENTER, (track + 1).to_string(), number, theme::TEXT_QUIET);
    let at = pos2(drawn.right() + metrics.px(5.0), title.center().y);
    let font = if title.height() > metrics.px(22.0) { metrics.heading() } else { metrics.body() };
    notice::line(ui, at, &name, font, colour, title.right() - at.x);
    whole.on_hover_text(format!("Track {}: {name}\nClick: its controls are shown at the side", track + 1));
    keys(ui, left.with_min_y(inner.bottom() - height), side, track, colour, cx, requests);
    hear(ui, picture, track, views, scene, colour, requests);
    meter(ui, level, &views.meters[track], colour);
}

/// Draw, vary, lock, mute and solo.
fn keys(
    ui: &Ui,
    rect: Rect,
    side: f32,
    track: usize,
    colour: Color32,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let gap = cx.metrics.px(2.0);
    let place = |n: usize| {
        Rect::from_min_size(pos2(rect.left() + (side + gap) * n as f32, rect.top()), vec2(side, rect.height()))
    };
    let radius = (rect.height() * 0.28).min(cx.metrics.fine(5.5));
    for (n, throw, key) in [(0, Throw::Draw, "D"), (1, Throw::Vary, "V")] {
        let place = place(n);
        let response = ui.interact(place, ui.scope_id().with(("throw", track, n)), Sense::CLICK);
        let name = format!("{} track {}", throw.name(), track + 1);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.clicked() {
            throw.one(track, cx.params, requests);
        }
        let is_down = response.is_pointer_button_down_on();
        let fill = if is_down {
            colour
        } else if response.hovered() {
            theme::RAISED_HOVER
        } else {
            theme::RAISED
        };
        let ink = if is_down { theme::BACKGROUND } else { theme::TEXT };
        ui.painter().rect_filled(place, 3.0, fill);
        match throw {
            Throw::Draw => sign::die(ui.painter(), place.center(), radius, ink),
            _ => sign::wave(ui.painter(), place.center(), radius, ink),
        }
        response.on_hover_text(format!("{}: {} ({key} on the grid)", throw.name(), throw.about()));
    }
    let nothing = |_: &egui::Painter, _: egui::Pos2, _: bool, _: Color32| ();
    light::small(
        ui,
        place(2),
        param::LOCK[track],
        Look { on: theme::NEUTRAL, text: "", key: "L" },
        |painter, centre, is_on, ink| sign::lock(painter, centre, radius, is_on, ink),
        cx,
    );
    light::small(ui, place(3), param::MUTE[track], Look { on: theme::WARNING, text: "M", key: "M" }, nothing, cx);
    light::small(ui, place(4), param::SOLO[track], Look { on: theme::ACCENT, text: "S", key: "S" }, nothing, cx);
}

/// The waveform: pressed, it is heard.
fn hear(
    ui: &Ui,
    rect: Rect,
    track: usize,
    views: &Views,
    scene: &Scene,
    colour: Color32,
    requests: &mut Vec<DrumsRequest>,
) {
    if rect.width() < 8.0 {
        return;
    }
    let shown = &scene.status.tracks[track];
    let response = ui.interact(rect, ui.scope_id().with(("hear", track)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Hear track {}", track + 1)));
    let pressed = pressed_on(ui, &response, PointerButton::Primary);
    // A screen reader presses without a place.
    let is_by_reader = response.clicked() && pressed.is_none() && !ui.input(|input| input.pointer.any_released());
    if pressed.is_some() || is_by_reader {
        let share = pressed.map_or(0.7, |at| ((rect.bottom() - at.y) / rect.height()).clamp(0.0, 1.0));
        requests.push(DrumsRequest::PlayHit { track, velocity: VELOCITY[0] + (VELOCITY[1] - VELOCITY[0]) * share });
    }
    ui.painter().rect_filled(rect, 3.0, if response.hovered() { theme::RAISED } else { theme::BACKGROUND });
    let level = Meter::share(views.meters[track].level_db);
    wave::paint(
        ui,
        rect.shrink2(vec2(3.0, 1.0)),
        &shown.picture,
        shown.hit,
        colour,
        (level * 1.4 - 0.4).clamp(0.0, 1.0),
    );
    response.on_hover_text(match shown.hit {
        HitState::Ready => "Press: hear it, harder near the top",
        HitState::Rendering => "This hit is being made; the one before is heard until then.",
        HitState::Missing => "There is no hit yet.",
    });
}

fn meter(ui: &Ui, rect: Rect, meter: &Meter, colour: Color32) {
    ui.painter().rect_filled(rect, 2.0, theme::RAISED);
    let share = Meter::share(meter.level_db);
    let ink = if meter.is_clipped() { theme::WARNING } else { colour };
    if share > 0.0 {
        ui.painter().rect_filled(rect.with_min_y(rect.bottom() - rect.height() * share), 2.0, ink);
    }
}
