//! The labels of corners and of the chosen marker: what is there, how much of it is heard, and a menu of other things.

use egui::accesskit::Role;
use egui::{Align2, Color32, Id, Popup, Rect, Response, Sense, Ui, Vec2, pos2, vec2};

use super::sources::{Choice, Kind, TAKEN, items};
use super::{Places, Scene, percent};
use crate::paint::control::{focus_ring, info, shows_focus};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, button, notice};
use crate::paths::PathRequest;
use crate::paths::plane_editor::ground::colour;
use crate::paths::plane_editor::markers::ask;
use crate::paths::plane_editor::source::{CORNER_NAMES, Spot, name, problem};
use crate::summary::Tone;

/// The keys that capture into the corners.
pub const CAPTURE_KEYS: [&str; 4] = ["1", "2", "3", "4"];
/// A label narrower than this has no room for a percentage, in points.
const LEAST_FOR_SHARE: f32 = 96.0;

/// The colour of a corner or marker by its number.
pub fn ink(number: usize, spot: &Spot) -> Color32 {
    let [red, green, blue] = colour(number, spot.plays);
    Color32::from_rgb(red, green, blue)
}

/// Draws the labels of the four corners, each with its menu, and the buttons that capture into them.
pub fn corners(ui: &Ui, places: &Places, scene: &Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    for (corner, &rect) in places.corners.iter().enumerate() {
        if scene.has_markers || rect.width() < metrics.px(30.0) {
            continue;
        }
        let (title, key) = (format!("Corner {}", CORNER_NAMES[corner]), CAPTURE_KEYS[corner]);
        let id = ui.scope_id().with(("plane corner", corner));
        let help = format!("Click to choose what is heard here. Key {key} captures this moment. {TAKEN}");
        let response = paint(ui, rect, id, [&title, &help], corner, scene, metrics);
        let choice = menu(ui, &response, Kind::Corner(key), &title, corner, scene, metrics);
        let place = places.captures[corner];
        let mut captures = choice == Some(Choice::Capture);
        if place.width() > 0.0 {
            let name = format!("Capture {}", CORNER_NAMES[corner]);
            let response = button::word(ui, place, id.with("capture"), ["Capture", &name], false, metrics);
            let help =
                format!("Puts this moment into this corner. {TAKEN} Key {key} while the plane has the keyboard.");
            captures |= response.on_hover_text(help).clicked();
        }
        if captures {
            ask(cx.requests, PathRequest::CaptureCorner { corner });
        } else if let Some(Choice::Source(source)) = choice {
            ask(cx.requests, PathRequest::SetCorner { corner, source });
        }
    }
}

/// The menu of a label, which opens with a click or Enter.
pub fn menu(
    ui: &Ui,
    response: &Response,
    kind: Kind,
    title: &str,
    number: usize,
    scene: &Scene,
    metrics: Metrics,
) -> Option<Choice> {
    let now = scene.spots.get(number).and_then(|spot| spot.source.as_ref());
    let takes_keyboard = response.clicked() && shows_focus(ui, response);
    let popup = Popup::menu(response).accessible_name(format!("What is heard: {title}"));
    let choice = popup.show(|ui| items(ui, kind, now, takes_keyboard, scene, metrics))?.inner;
    if choice.is_some() {
        response.request_focus();
    }
    choice
}

/// Draws the label of a corner or marker.
pub fn paint(
    ui: &Ui,
    rect: Rect,
    id: Id,
    [title, help]: [&str; 2],
    number: usize,
    scene: &Scene,
    metrics: Metrics,
) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    if response.clicked() {
        response.request_focus();
    }
    let Some(spot) = scene.spots.get(number) else { return response };
    let (text, share) = (name(spot.source.as_ref(), &scene.paths.view), scene.weights[number]);
    let said = format!("{}, {}", text.replace("  ", " "), percent(share));
    response.widget_info(|| info(Role::ComboBox, title, &said));

    button::ground(ui, &response, rect, true);
    let painter = ui.painter();
    let colour = ink(number, spot);
    let trouble = spot.source.as_ref().and_then(|source| problem(source, &scene.paths.view));
    let at = pos2(rect.left() + metrics.px(11.0), rect.center().y);
    match (&trouble, &spot.source) {
        (Some(_), _) => notice::sign(ui, at, metrics.fine(5.0), Tone::Trouble),
        (None, Some(_)) => {
            let patch = Rect::from_center_size(at, Vec2::splat(metrics.fine(9.0)));
            painter.rect_filled(patch, 2.0, colour);
        }
        (None, None) => notice::sign(ui, at, metrics.fine(5.0), Tone::Waiting),
    }
    let left = at.x + metrics.px(9.0);
    let mut right = rect.right() - metrics.px(7.0);
    if rect.width() >= metrics.px(LEAST_FOR_SHARE) && spot.plays && scene.is_on {
        let at = pos2(right, rect.center().y);
        let font = metrics.small();
        painter.text(at, Align2::RIGHT_CENTER, percent(share), font, theme::TEXT_QUIET);
        right -= metrics.px(35.0);
    }
    let text_ink = if spot.plays { theme::TEXT } else { theme::TEXT_QUIET };
    notice::line(ui, pos2(left, rect.center().y), &text, metrics.small(), text_ink, right - left);
    if scene.is_on && spot.plays && share >= 0.01 {
        let bar = rect.shrink2(vec2(3.0, 0.0)).with_max_y(rect.bottom() - 1.5);
        let bar = bar.with_min_y(bar.bottom() - metrics.fine(2.5));
        painter.rect_filled(bar.with_max_x(bar.left() + bar.width() * share.clamp(0.0, 1.0)), 1.0, colour);
    }
    focus_ring(ui, &response, rect.expand(1.0), 5.0);
    let lines = [format!("{title}: {said}"), trouble.unwrap_or_default(), help.to_owned()];
    let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    response.on_hover_text(lines.join("\n"))
}
