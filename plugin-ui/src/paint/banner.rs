//! What lies above the views: what is going on, what a request came to, what is learnt; and files held over the window.

use std::path::Path;

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, Id, LayerId, Order, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::icon::Icon;
use super::{PaintContext, button, notice, theme};
use crate::paths::{PathRequest, files};
use crate::session::{Request, Slot};
use crate::summary::Tone;

/// Draws the messages at the top of `rect`, one under the other; returns what is left below.
pub fn paint(ui: &Ui, rect: Rect, cx: &mut PaintContext) -> Rect {
    let session = cx.session;
    let mut left = rect;
    if let Some(id) = session.midi.learning {
        let text = format!("Move a controller for {}\u{2026} Escape stops.", cx.params.name(id));
        if let Some(true) = line(ui, &mut left, Tone::Waiting, &text, Some(["Stop", "Stop learning"]), cx) {
            cx.requests.push(Request::Learn(None));
        }
    }
    if !session.busy.is_empty() {
        line(ui, &mut left, Tone::Waiting, &session.busy, None, cx);
    }
    if let Some(notice) = &session.notice
        && let Some(true) = line(ui, &mut left, notice.tone, &notice.text, Some(["", "Dismiss the message"]), cx)
    {
        cx.requests.push(Request::Dismiss);
    }
    if session.needs_restart {
        let text = "You will hear the new model or latency once the host restarts the plugin: stop and start playback. \
                    If that does not help, switch the plugin off and on, or save the project and open it again.";
        line(ui, &mut left, Tone::Waiting, text, None, cx);
    }
    left
}

/// One message; returns whether its button was pressed.
fn line(
    ui: &Ui,
    rect: &mut Rect,
    tone: Tone,
    text: &str,
    action: Option<[&str; 2]>,
    cx: &PaintContext,
) -> Option<bool> {
    let metrics = cx.metrics;
    let margin = metrics.px(8.0);
    let button_width = match action {
        Some(["", _]) => metrics.px(24.0),
        Some(_) => metrics.px(56.0),
        None => 0.0,
    };
    let text_left = rect.left() + metrics.px(32.0);
    let width = rect.right() - margin * 2.0 - button_width - text_left;
    let galley = ui.painter().layout(text.to_owned(), metrics.body(), theme::TEXT, width.max(40.0));
    let height = (galley.size().y + margin).max(metrics.px(32.0));
    let ground = Rect::from_min_size(rect.min, vec2(rect.width(), height));
    let edge = if tone == Tone::Trouble { theme::WARNING } else { theme::LINE_STRONG };
    ui.painter().rect(ground, CornerRadius::same(6), theme::RAISED, Stroke::new(1.0, edge), StrokeKind::Inside);
    notice::sign(ui, pos2(ground.left() + metrics.px(17.0), ground.center().y), metrics.px(6.0), tone);
    ui.painter().galley(pos2(text_left, ground.center().y - galley.size().y * 0.5), galley, theme::TEXT);
    let id = Id::unique(("timbreloom message", text));
    let spoken = ui.interact(ground, id, Sense::hover());
    spoken.widget_info(|| WidgetInfo::labeled(Role::Alert, true, text));
    rect.set_top(ground.bottom() + metrics.px(6.0));
    let [word, name] = action?;
    let size = vec2(button_width, metrics.px(22.0));
    let place = Rect::from_min_size(pos2(ground.right() - margin - size.x, ground.center().y - size.y * 0.5), size);
    let response = match word {
        "" => button::sign(ui, place, id.with("button"), Icon::Close, [name; 2], true),
        word => button::word(ui, place, id.with("button"), [word, name], false, metrics),
    };
    Some(response.clicked())
}

/// What becomes of a file that is dropped on the window.
fn request_for(path: &Path, missing: Option<Slot>, has_paths: bool) -> Request {
    if has_paths && files::is_sound_or_archive(path) {
        return Request::Path(PathRequest::Import { slot: None, path: path.to_owned() });
    }
    let is_preset = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    match missing {
        _ if is_preset => Request::ImportPresets(path.to_owned()),
        Some(slot) => Request::Relink { slot, path: path.to_owned() },
        None => Request::ImportPackage(path.to_owned()),
    }
}

/// Takes files that were dropped, and shows the whole window as their target while they are held over it.
pub fn drop_target(ui: &Ui, rect: Rect, cx: &mut PaintContext) {
    let session = cx.session;
    let missing = [(Slot::First, &session.first), (Slot::Second, &session.second)]
        .into_iter()
        .find_map(|(slot, chosen)| chosen.missing.is_some().then_some(slot));
    // Only what hears a track has paths to take from sounds.
    let has_paths = cx.product.hears_a_track;
    for file in ui.input(|input| input.raw.dropped_files.clone()) {
        cx.requests.push(request_for(file.path(), missing, has_paths));
    }
    if ui.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("timbreloom drop")));
    painter.rect_filled(rect, 0.0, Color32::from_black_alpha(215));
    let frame = rect.shrink(cx.metrics.px(16.0));
    painter.rect_stroke(frame, CornerRadius::same(10), Stroke::new(3.0, theme::ACCENT), StrokeKind::Inside);
    let text = match missing {
        Some(_) => "Drop a model's folder or zip archive here to put it in the place of the missing one",
        None if has_paths => "Drop a model's folder, its zip archive, a preset or a sound here",
        None => "Drop a model's folder, its zip archive or a preset here",
    };
    let galley = painter.layout(text.to_owned(), cx.metrics.title(), theme::TEXT, frame.width() * 0.8);
    let place = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), frame);
    painter.galley(place.min, galley, theme::TEXT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_file_goes_where_its_ending_says() {
        let of = |name: &str, has_paths| request_for(Path::new(name), Some(Slot::First), has_paths);
        let import = |name: &str| Request::Path(PathRequest::Import { slot: None, path: name.into() });
        assert_eq!([of("a.flac", true), of("b.npz", true)], [import("a.flac"), import("b.npz")]);
        assert_eq!(of("c.json", true), Request::ImportPresets("c.json".into()));
        let relink = |name: &str| Request::Relink { slot: Slot::First, path: name.into() };
        assert_eq!([of("d.zip", true), of("a.flac", false)], [relink("d.zip"), relink("a.flac")]);
    }
}
