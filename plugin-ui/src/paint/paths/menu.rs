//! The menu of the slot that is shown.

use egui::style::StyleModifier;
use egui::{Id, Popup, PopupCloseBehavior, Pos2, Rect, SetOpenCommand, Ui};

use super::{chips, sign, slots};
use crate::paint::theme;
use crate::paint::{PaintContext, panel};
use crate::param;
use crate::paths::editor::{PathsEditor, SlotForm};
use crate::paths::{PATH_SLOTS, PathRequest};
use crate::session::Request;

/// Length of a random walk, seconds.
const WALK_S: f32 = 8.0;
/// Characters that a path's name may have.
const NAME_LENGTH: usize = 64;

/// Draws the button that opens the menu into `rect`; the menu lies at `at`, and opens if `is_asked`, too.
pub fn paint(ui: &Ui, rect: Rect, at: Pos2, is_asked: bool, editor: &mut PathsEditor, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let id = Id::unique("timbreloom path menu");
    let name = format!("Menu of path {}", editor.shown() + 1);
    let radius = metrics.fine(5.0);
    let tooltip = "Rename, copy, clear, import and more (Shift F10)";
    let response = chips::sign(ui, rect, id, [&name, tooltip], [true, true], |painter, centre, ink| {
        sign::more(painter, centre, radius, ink);
    });
    let mut popup = Popup::menu(&response)
        .style(StyleModifier::default())
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .at_position(at);
    if is_asked {
        popup = popup.open_memory(SetOpenCommand::Bool(true));
    }
    let shown = popup.accessible_name(&name).show(|ui| {
        theme::scale(ui, metrics);
        ui.set_width(metrics.px(250.0));
        match editor.form.take() {
            None => items(ui, editor, cx),
            Some(form) => fill(ui, form, editor, cx),
        }
    });
    if shown.is_none_or(|shown| shown.response.should_close()) {
        editor.form = None;
    }
}

fn ask(request: PathRequest, cx: &mut PaintContext) {
    cx.requests.push(Request::Path(request));
}

fn items(ui: &mut Ui, editor: &mut PathsEditor, cx: &mut PaintContext) {
    let slot = editor.shown();
    let path = editor.path().cloned();
    let (has_path, free) = (path.is_some(), editor.free_slot());
    if chips::item(ui, "Play", has_path && slots::heard(cx) != Some(slot), true) {
        slots::play(slot, cx);
    }
    if chips::item(ui, "Rename\u{2026}", has_path, false) {
        editor.form = path.as_ref().map(|path| SlotForm::Rename(path.name.clone()));
    }
    if chips::item(ui, "Copy to\u{2026}", has_path, false) {
        editor.form = Some(SlotForm::Copy);
    }
    let has_steps = path.as_ref().is_some_and(|path| !path.steps.is_empty());
    let flatten = ui.scope(|ui| chips::item(ui, "Flatten", has_steps, true));
    flatten.response.on_hover_text("What the steps make of it becomes the recording, and there are no steps any more");
    if flatten.inner {
        ask(PathRequest::Flatten { slot }, cx);
    }
    if chips::item(ui, "Clear", has_path, true) {
        ask(PathRequest::Clear { slot }, cx);
    }
    ui.separator();
    let walk = format!("Random walk of {WALK_S:.0} s {}", if has_path { "in its place" } else { "here" });
    if chips::item(ui, &walk, true, true) {
        let seed = editor.fresh_seed();
        ask(PathRequest::DrawRandom { slot, seconds: WALK_S, seed }, cx);
    }
    let second = slots::slot_of(param::PATH_MORPH_SLOT, cx);
    let to = free.filter(|_| has_path && second != slot && editor.view().slots[second].is_some());
    let text = match to {
        Some(to) => format!("Interpolate with {} into {}", second + 1, to + 1),
        None => format!("Interpolate with the morph slot ({})", second + 1),
    };
    if chips::item(ui, &text, to.is_some(), true)
        && let Some(to) = to
    {
        ask(PathRequest::Interpolate { first: slot, second, to }, cx);
    }
    ui.separator();
    let import = if has_path { "Import in its place\u{2026}" } else { "Import\u{2026}" };
    if chips::item(ui, import, true, false) {
        editor.form = Some(SlotForm::Import(String::new()));
    }
    if chips::item(ui, "Export\u{2026}", has_path, false) {
        editor.form = Some(SlotForm::Export(String::new()));
    }
}

/// The form in the place of the menu.
fn fill(ui: &mut Ui, form: SlotForm, editor: &mut PathsEditor, cx: &mut PaintContext) {
    let slot = editor.shown();
    let width = ui.available_width();
    let (mut form, mut request) = (form, None);
    let ids = ["path name", "import path", "export path"];
    let field = match &form {
        SlotForm::Rename(_) => Some(ids[0]),
        SlotForm::Copy => None,
        SlotForm::Import(_) => Some(ids[1]),
        SlotForm::Export(_) => Some(ids[2]),
    };
    match &mut form {
        SlotForm::Rename(name) => {
            ui.label("Rename");
            let field = panel::field(ui, ids[0], name, ["New name of the path", "Name"], width);
            let is_entered = panel::is_entered(ui, &field);
            let is_fit = (1..=NAME_LENGTH).contains(&name.trim().chars().count());
            let is_clicked = ui.add_enabled(is_fit, egui::Button::new("Rename")).clicked();
            if is_fit && (is_clicked || is_entered) {
                request = Some(PathRequest::Rename { slot, name: name.trim().to_owned() });
            }
        }
        SlotForm::Copy => {
            ui.label("Copy to");
            for to in (0..PATH_SLOTS).filter(|&to| to != slot) {
                let there = editor.view().slots[to].as_ref().map_or("empty", |path| path.name.as_str());
                if chips::item(ui, &format!("{}  {there}", to + 1), true, false) {
                    request = Some(PathRequest::Copy { from: slot, to });
                }
            }
        }
        SlotForm::Import(path) => {
            ui.label("Import a sound or a path");
            let names = ["File to import", "Path of a .wav, .json, \u{2026}"];
            if let Some(path) = panel::path_field(ui, ids[1], path, names, "Import") {
                request = Some(PathRequest::Import { slot: Some(slot), path });
            }
        }
        SlotForm::Export(path) => {
            ui.label("Export the bent path");
            let names = ["File to write", "Path of a .json or .npz"];
            if let Some(to) = panel::path_field(ui, ids[2], path, names, "Export") {
                request = Some(PathRequest::Export { slot, to });
            }
        }
    }
    if let Some(field) = field {
        focus_first(ui, field);
    }
    match request {
        Some(request) => {
            ask(request, cx);
            ui.close();
        }
        None => editor.form = Some(form),
    }
}

/// Gives a field the keyboard when its form opens.
fn focus_first(ui: &Ui, field: &str) {
    let field = Id::unique(("timbreloom field", field));
    let (seen, frame) = (field.with("seen"), ui.ctx().cumulative_frame_nr());
    let before: Option<u64> = ui.data(|data| data.get_temp(seen));
    ui.data_mut(|data| data.insert_temp(seen, frame));
    if before.is_none_or(|before| before + 1 < frame) {
        ui.memory_mut(|memory| memory.request_focus(field));
    }
}
