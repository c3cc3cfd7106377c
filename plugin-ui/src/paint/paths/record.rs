//! The Record button and how the next recording is made.

use egui::accesskit::Role;
use egui::style::StyleModifier;
use egui::{Align2, DragValue, Id, Popup, PopupCloseBehavior, Rect, Ui, pos2, vec2};

use crate::paint::PaintContext;
use crate::paint::button::{self, Row};
use crate::paint::icon::{self, Icon};
use crate::paint::theme;
use crate::paths::editor::PathsEditor;
use crate::paths::editor::record::{LENGTHS, Length, PRE_ROLLS, STARTS};
use crate::paths::{PathRequest, RecordStart, Recording};
use crate::session::Request;

/// Begins a recording, or ends the one that is armed or under way.
pub fn toggle(editor: &mut PathsEditor, recording: Recording, requests: &mut Vec<Request>) {
    let request = match recording {
        Recording::Off => editor.record_slot().map(|slot| PathRequest::Record(editor.wish(slot))),
        Recording::Waiting { .. } => Some(PathRequest::CancelRecording),
        Recording::Running { .. } => Some(PathRequest::StopRecording),
    };
    requests.extend(request.map(Request::Path));
}

/// What is being recorded, in words; empty while nothing is.
pub fn state(editor: &PathsEditor, recording: Recording) -> String {
    match recording {
        Recording::Off => String::new(),
        Recording::Waiting { slot } => {
            let what = awaited(editor, slot).unwrap_or("waits to begin");
            format!("Armed: path {} {what}. Escape cancels.", slot + 1)
        }
        Recording::Running { slot, elapsed_s, length_s } => {
            let of = length_s.map(|length_s| format!(" of {length_s:.1}")).unwrap_or_default();
            format!("Recording path {}: {elapsed_s:.1}{of} s. Escape cancels.", slot + 1)
        }
    }
}

/// What a recording that is armed begins with, in words; `None` where that is not known.
pub fn awaited(editor: &PathsEditor, slot: usize) -> Option<&'static str> {
    match editor.awaited(slot)? {
        RecordStart::Now => None,
        RecordStart::Bar => Some("begins with the next bar"),
        RecordStart::Sound => Some("begins with the first sound"),
    }
}

/// Draws the button and what opens its settings into `rect`.
pub fn paint(ui: &Ui, rect: Rect, editor: &mut PathsEditor, recording: Recording, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let split = rect.right() - metrics.px(18.0);
    let main = rect.with_max_x(split - 2.0);
    let is_narrow = main.width() < metrics.px(62.0);
    let slot = editor.record_slot();
    let (text, name, tooltip) = match (recording, slot) {
        (Recording::Off, Some(slot)) => {
            ("Record".to_owned(), "Record", format!("Records what you play into slot {} (R)", slot + 1))
        }
        (Recording::Off, None) => {
            ("Record".to_owned(), "Record", "All eight slots are full. Clear one in its menu first.".to_owned())
        }
        (Recording::Waiting { .. }, _) => ("Armed".to_owned(), "Stop recording", state(editor, recording)),
        (Recording::Running { elapsed_s, .. }, _) => {
            (format!("{elapsed_s:.1} s"), "Stop recording", format!("{} Click: stop (R)", state(editor, recording)))
        }
    };
    let is_enabled = recording != Recording::Off || slot.is_some();
    let id = Id::unique("timbreloom path record");
    let response = button::area(ui, main, id, name, is_enabled);
    let ink = if is_enabled { theme::TEXT } else { theme::IDLE };
    let dot = if is_enabled { theme::RECORD } else { theme::IDLE };
    let at = if is_narrow && recording == Recording::Off {
        main.center()
    } else {
        main.left_center() + vec2(metrics.px(11.0), 0.0)
    };
    let radius = metrics.fine(4.5);
    match recording {
        Recording::Off => drop(ui.painter().circle_filled(at, radius, dot)),
        Recording::Waiting { .. } => drop(ui.painter().circle_stroke(at, radius, egui::Stroke::new(2.0, dot))),
        Recording::Running { .. } => {
            let square = Rect::from_center_size(at, vec2(radius, radius) * 1.8);
            ui.painter().rect_filled(square, 1.0, dot);
        }
    }
    if !is_narrow || recording != Recording::Off {
        let place = pos2(at.x + metrics.px(8.0), main.center().y);
        ui.painter().text(place, Align2::LEFT_CENTER, text, metrics.small(), ink);
    }
    if response.clicked() {
        toggle(editor, recording, cx.requests);
    }
    response.on_hover_text(tooltip);
    settings(ui, rect.with_min_x(split), editor, cx);
}

fn settings(ui: &Ui, rect: Rect, editor: &mut PathsEditor, cx: &PaintContext) {
    let metrics = cx.metrics;
    let id = Id::unique("timbreloom path record settings");
    let response = button::area(ui, rect, id, "How it is recorded", true);
    icon::paint(ui.painter(), rect.center(), metrics.fine(4.0), Icon::Down, theme::TEXT_QUIET);
    let popup =
        Popup::menu(&response).style(StyleModifier::default()).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    popup.accessible_name("How it is recorded").show(|ui| {
        theme::scale(ui, metrics);
        ui.set_width(metrics.px(330.0));
        let settings = &mut editor.record;
        choices(ui, "It begins", &STARTS.map(|(_, name)| name), &mut settings.start, cx);
        choices(ui, "Length", &LENGTHS.map(|(_, name)| name), &mut settings.length, cx);
        if LENGTHS[settings.length].0 == Length::Seconds {
            let field = DragValue::new(&mut settings.seconds).range(0.1..=600.0).suffix(" s").speed(0.1);
            ui.add(field.max_decimals(1)).accessible_name("Seconds to record");
        }
        choices(ui, "Pre-roll", &PRE_ROLLS.map(|(_, name)| name), &mut settings.pre_roll, cx);
        ui.label(theme::quiet("What came so long before is part of the path, too."));
    });
    response.on_hover_text("When a recording begins, how long it is, and what came before it");
}

/// A title with choices beneath.
fn choices(ui: &mut Ui, name: &str, options: &[&str], chosen: &mut usize, cx: &PaintContext) {
    let metrics = cx.metrics;
    ui.label(theme::quiet(name));
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), metrics.px(22.0)));
    let id = Id::unique(("timbreloom path record", name));
    let row = Row { id, name, roles: [Role::RadioGroup, Role::RadioButton], options };
    if let Some(next) = button::row(ui, place, row, *chosen, metrics) {
        *chosen = next;
    }
}
