//! Files that are held over the window, and dropped on it.

use std::path::Path;

use egui::{Align2, Color32, CornerRadius, Id, LayerId, Order, Rect, Stroke, StrokeKind, Ui};

use super::{PaintContext, theme};
use crate::paths::{PathRequest, files};
use crate::session::{Request, Slot};

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
pub fn target(ui: &Ui, rect: Rect, cx: &mut PaintContext) {
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
