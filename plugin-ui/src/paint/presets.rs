//! The preset browser: search, list, what a preset says, and everything that can be done with the settings.

use std::path::PathBuf;

use egui::{Button, Event, Id, Label, Rect, Response, RichText, Slider, TextEdit, Ui, pos2, vec2};

use super::notice::{self, one_line};
use super::panel::{self, Rows};
use super::{PaintContext, theme};
use crate::browse::{Owner, PresetSearch};
use crate::format;
use crate::session::{PresetCard, Request};
use crate::summary::Tone;

/// Characters that a preset's name may have.
const NAME_LENGTH: usize = 64;

/// What the musician is filling in.
#[derive(Debug, PartialEq)]
enum Form {
    /// A new preset; asked before an old one is replaced.
    Save { name: String, comment: String, is_asked: bool },
    /// Another name for the selected one.
    Rename { name: String },
    /// Asked before the selected one is deleted.
    Delete,
    /// Where presets are taken from.
    Import { path: String },
    /// Where the selected one is written to.
    Export { path: String },
    /// Settings as text.
    Paste { text: String },
}

/// The browser's state while the window is open.
#[derive(Debug)]
pub struct PresetPanel {
    search: PresetSearch,
    form: Option<Form>,
    /// The form was opened in this frame: its first field takes the keyboard.
    is_form_new: bool,
    strength_percent: f32,
    /// The file of the preset under the pointer.
    hovered: Option<PathBuf>,
    /// The path that was typed last, in case nothing came of it.
    typed: String,
}

impl Default for PresetPanel {
    fn default() -> Self {
        let search = PresetSearch { is_for_playing: true, ..PresetSearch::default() };
        Self { search, form: None, is_form_new: false, strength_percent: 40.0, hovered: None, typed: String::new() }
    }
}

impl PresetPanel {
    /// Closes the form, if one is open; returns whether one was.
    pub fn leave_form(&mut self) -> bool {
        self.form.take().is_some()
    }

    /// What was typed for a path last, if that came to nothing.
    fn typed_again(&self, cx: &PaintContext) -> String {
        let has_failed = cx.session.notice.as_ref().is_some_and(|notice| notice.tone == Tone::Trouble);
        if has_failed { self.typed.clone() } else { String::new() }
    }

    /// The form for a preset of the settings as they are, named as what they came from.
    fn save_form(cx: &PaintContext) -> Form {
        let name = cx.session.preset.clone();
        let own = cx.session.presets.iter().find(|preset| preset.name == name && preset.is_users);
        let comment = own.map(|preset| preset.comment.clone()).unwrap_or_default();
        Form::Save { name, comment, is_asked: false }
    }

    fn open(&mut self, form: Form) {
        (self.form, self.is_form_new) = (Some(form), true);
    }
}

fn save_id() -> Id {
    Id::unique("timbreloom save asked for")
}

/// Has the panel begin with the form for a new preset.
pub fn ask_to_save(ui: &Ui) {
    ui.data_mut(|data| data.insert_temp(save_id(), true));
}

/// Fills `rect`; returns whether it shall close.
pub fn paint(ui: &mut Ui, rect: Rect, state: &mut PresetPanel, is_new: bool, cx: &mut PaintContext) -> bool {
    let metrics = cx.metrics;
    if ui.data_mut(|data| data.remove_temp::<bool>(save_id())).is_some() {
        state.open(PresetPanel::save_form(cx));
    }
    let (inner, is_closed) = panel::shell(ui, rect, "Presets", metrics);
    let foot = Rect::from_min_max(pos2(inner.left(), inner.bottom() - metrics.px(28.0)), inner.max);
    let body = Rect::from_min_max(inner.min, pos2(inner.right(), foot.top() - metrics.px(8.0)));
    let split = body.left() + body.width() * 0.5;
    let left = Rect::from_min_max(body.min, pos2(split, body.bottom()));
    let right = Rect::from_min_max(pos2(split + metrics.px(14.0), body.top()), body.max);
    panel::room(ui, left, "presets", metrics, |ui| browse(ui, state, is_new, cx));
    panel::room(ui, right, "preset", metrics, |ui| match state.form.is_some() {
        true => form(ui, state, cx),
        false => shown(ui, state, cx),
    });
    panel::room(ui, foot, "settings", metrics, |ui| whole(ui, state, cx));
    // Settings that are pasted where no field takes them.
    if !ui.ctx().text_edit_focused() {
        let pasted = ui.input(|input| {
            input.events.iter().find_map(|event| match event {
                Event::Paste(text) => Some(text.clone()),
                _ => None,
            })
        });
        cx.requests.extend(pasted.map(Request::PasteSettings));
    }
    is_closed
}

fn browse(ui: &mut Ui, state: &mut PresetPanel, is_new: bool, cx: &mut PaintContext) {
    let (metrics, session) = (cx.metrics, cx.session);
    let width = ui.available_width();
    let names = ["Search presets", "Search"];
    let response = panel::field(ui, "search presets", &mut state.search.query, names, width);
    if is_new && state.form.is_none() {
        response.request_focus();
    }
    if state.search.selected.is_none() {
        state.search.selected =
            session.presets.iter().find(|preset| preset.name == session.preset).map(|preset| preset.path.clone());
    }
    state.search.playing.clone_from(&session.first.name);
    ui.horizontal_wrapped(|ui| {
        let search = &mut state.search;
        if !search.playing.is_empty() {
            let response = ui.checkbox(&mut search.is_for_playing, format!("For this {}", cx.product.model[0]));
            response.on_hover_text(format!("Only presets for {}", search.playing));
        }
        for (owner, text) in [(Owner::All, "All"), (Owner::Own, "Own"), (Owner::Factory, "Factory")] {
            ui.selectable_value(&mut search.owner, owner, text);
        }
        ui.checkbox(&mut search.is_favourites, "Favourites");
        if search.is_for_playing && !search.playing.is_empty() {
            return;
        }
        let all = format!("All {}", cx.product.model[1]);
        let shown = search.model.clone().unwrap_or_else(|| all.clone());
        let combo = panel::combo("model", shown).width(metrics.px(120.0)).show_ui(ui, |ui| {
            ui.selectable_value(&mut search.model, None, all);
            for model in PresetSearch::models(&session.presets) {
                ui.selectable_value(&mut search.model, Some(model.to_owned()), model);
            }
        });
        combo.response.accessible_name("Presets of model");
    });
    let found = state.search.found(&session.presets);
    state.hovered = None;
    if found.is_empty() {
        ui.label(theme::quiet("No preset fits the search."));
        return;
    }
    let selected = found.iter().position(|preset| state.search.is_selected(&preset.path));
    let rows = Rows { name: "Presets", count: found.len(), selected, height: panel::row_height(metrics) };
    let mut marked = None;
    let picked = panel::list(ui, rows, metrics, |ui, row, index| {
        let preset = found[index];
        let id = Id::unique(("timbreloom star of preset", &preset.path));
        if panel::star(ui, row, id, &preset.name, preset.is_favourite, metrics) {
            marked = Some(preset);
        }
        draw_row(ui, row, preset, cx)
    });
    if let Some(preset) = marked {
        let (model, name, is_favourite) = (preset.model.clone(), preset.name.clone(), !preset.is_favourite);
        cx.requests.push(Request::SetPresetFavourite { model, name, is_favourite });
    }
    state.hovered = picked.hovered.map(|index| found[index].path.clone());
    // One click is enough to hear it; going through the list by keys loads nothing until Enter.
    if let Some(preset) = picked.clicked.or(picked.entered).map(|index| found[index]) {
        state.search.selected = Some(preset.path.clone());
        state.form = None;
        if preset.problem.is_empty() {
            cx.requests.push(Request::LoadPreset(preset.path.clone()));
        }
    }
    if picked.step != 0 {
        state.search.step(picked.step, &session.presets);
        state.form = None;
    }
}

fn draw_row(ui: &Ui, row: Rect, preset: &PresetCard, cx: &PaintContext) -> String {
    let metrics = cx.metrics;
    let (left, right) = (row.left() + metrics.px(34.0), row.right() - metrics.px(8.0));
    let owner = if preset.is_users { "own" } else { "factory" };
    let side = format!("{} \u{00b7} {owner}", preset.model);
    let side = ui.painter().layout_no_wrap(side, metrics.small(), theme::TEXT_QUIET);
    let is_damaged = !preset.problem.is_empty();
    let below = if is_damaged { &preset.problem } else { &preset.comment };
    let line = notice::two_lines(ui, below, metrics.small(), theme::TEXT_QUIET, right - left - metrics.px(18.0));
    let (width, top) = (side.size().x, panel::text_top(row, &line, metrics));
    ui.painter().galley(pos2(right - width, top), side, theme::TEXT_QUIET);
    let name = one_line(ui, &preset.name, metrics.body(), theme::TEXT, right - left - width - metrics.px(8.0));
    ui.painter().galley(pos2(left, top), name, theme::TEXT);
    let mut indent = 0.0;
    let y = top + metrics.px(panel::NAME);
    if is_damaged {
        notice::sign(ui, pos2(left + metrics.px(6.0), y + metrics.px(7.0)), metrics.px(5.0), Tone::Trouble);
        indent = metrics.px(16.0);
    }
    ui.painter().galley(pos2(left + indent, y), line, theme::TEXT_QUIET);
    format!("{}, {}, {owner}{}", preset.name, preset.model, if is_damaged { ", damaged" } else { "" })
}

fn shown(ui: &mut Ui, state: &mut PresetPanel, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let presets = &cx.session.presets;
    let under = presets.iter().find(|preset| state.hovered.as_deref() == Some(preset.path.as_path()));
    let Some(preset) = under.or_else(|| state.search.shown(presets)) else {
        ui.label(theme::quiet(
            "Point at a preset to read about it, click it to hear it. Arrow keys and Enter do the same.",
        ));
        return;
    };
    ui.label(RichText::new(&preset.name).font(metrics.title()));
    let came = format!("Came with the {}", cx.product.model[0]);
    let owner = if preset.is_users { "Your own" } else { &came };
    ui.label(theme::quiet(format!("{owner}, for {}", preset.model)));
    if !preset.problem.is_empty() {
        ui.horizontal_top(|ui| {
            let (_, place) = ui.allocate_space(vec2(metrics.px(20.0), metrics.px(20.0)));
            notice::sign(ui, place.center(), metrics.px(7.0), Tone::Trouble);
            ui.add(Label::new(RichText::new(&preset.problem).color(theme::WARNING)).wrap());
        });
    }
    if !preset.comment.is_empty() {
        ui.add_space(metrics.px(4.0));
        ui.add(Label::new(RichText::new(&preset.comment).font(metrics.heading())).wrap());
        ui.add_space(metrics.px(4.0));
    }
    // What is done concerns the selected one: of one that is only pointed at there is nothing but to read.
    if !state.search.is_selected(&preset.path) {
        return;
    }
    let mut next = None;
    ui.horizontal_wrapped(|ui| {
        let load = ui.add_enabled(preset.problem.is_empty(), Button::new("Load").fill(theme::ACCENT_DIM));
        if load.clicked() {
            cx.requests.push(Request::LoadPreset(preset.path.clone()));
        }
        let text = if preset.is_favourite { "Remove from favourites" } else { "Add to favourites" };
        if ui.button(text).clicked() {
            let (model, name, is_favourite) = (preset.model.clone(), preset.name.clone(), !preset.is_favourite);
            cx.requests.push(Request::SetPresetFavourite { model, name, is_favourite });
        }
        if preset.is_users && ui.button("Rename\u{2026}").clicked() {
            next = Some(Form::Rename { name: preset.name.clone() });
        }
        if preset.is_users && ui.button("Delete\u{2026}").clicked() {
            next = Some(Form::Delete);
        }
        if ui.button("Export\u{2026}").clicked() {
            next = Some(Form::Export { path: String::new() });
        }
    });
    if let Some(form) = next {
        state.open(form);
    }
}

/// What concerns the settings as a whole.
fn whole(ui: &mut Ui, state: &mut PresetPanel, cx: &mut PaintContext) {
    ui.horizontal(|ui| {
        if ui.button("Save as\u{2026}").clicked() {
            state.open(PresetPanel::save_form(cx));
        }
        if ui.button("Import\u{2026}").clicked() {
            let path = state.typed_again(cx);
            state.open(Form::Import { path });
        }
        ui.separator();
        if ui.button("Copy").on_hover_text("Copies all settings as text, for another instance").clicked() {
            cx.requests.push(Request::CopySettings);
        }
        if ui.button("Paste\u{2026}").on_hover_text("Takes settings from a text. Ctrl V does it at once").clicked() {
            state.open(Form::Paste { text: String::new() });
        }
        ui.separator();
        if ui.button("Initialise").on_hover_text("Every parameter at its default. One step of undo").clicked() {
            cx.requests.push(Request::Initialise);
        }
        if ui.button("Randomise").on_hover_text(cx.product.randomise).clicked() {
            cx.requests.push(Request::Randomise { strength: state.strength_percent / 100.0 });
        }
        ui.label("Strength");
        ui.spacing_mut().slider_width = (ui.available_width() - cx.metrics.px(64.0)).clamp(24.0, 130.0);
        let slider = Slider::new(&mut state.strength_percent, 0.0..=100.0).suffix(" %").fixed_decimals(0);
        ui.add(slider).accessible_name("Strength of Randomise");
    });
}

/// The form in the place of the selected preset.
fn form(ui: &mut Ui, state: &mut PresetPanel, cx: &mut PaintContext) {
    let session = cx.session;
    let selected = state.search.shown(&session.presets);
    let is_new = std::mem::take(&mut state.is_form_new);
    let Some(form) = &mut state.form else { return };
    let width = ui.available_width();
    let (mut request, mut is_cancelled) = (None, false);
    let first = match form {
        Form::Save { name, comment, is_asked } => {
            ui.heading("Save as your own");
            let response = panel::field(ui, "preset name", name, ["Name of the preset", "Name"], width);
            let comment_field = TextEdit::multiline(comment).desired_rows(3).desired_width(width - 16.0);
            let comment_field = comment_field.id(Id::unique("timbreloom preset comment"));
            let hint = theme::quiet("What it does, on which sounds it shines");
            ui.add(comment_field.hint_text(hint)).accessible_name("Comment of the preset");
            let name = name.trim();
            let exists = session
                .presets
                .iter()
                .any(|preset| preset.is_users && preset.name == name && preset.model == session.first.name);
            if response.changed() {
                *is_asked = false;
            }
            let is_replacing = exists && *is_asked;
            if is_replacing {
                ui.label(format!("Your preset \u{201c}{name}\u{201d} is there already. Replace it?"));
            }
            let is_fit = (1..=NAME_LENGTH).contains(&name.chars().count());
            let action = if is_replacing { "Replace" } else { "Save" };
            let is_done = done(ui, action, is_fit, Some(&response), &mut is_cancelled);
            if is_done && exists && !*is_asked {
                *is_asked = true;
            } else if is_done {
                let (name, comment) = (name.to_owned(), comment.trim().to_owned());
                request = Some(Request::SavePreset { name, comment, may_replace: is_replacing });
            }
            Some(response)
        }
        Form::Rename { name } => {
            ui.heading("Rename");
            let response = panel::field(ui, "new name", name, ["New name of the preset", "Name"], width);
            let is_fit = (1..=NAME_LENGTH).contains(&name.trim().chars().count());
            let is_done = done(ui, "Rename", is_fit && selected.is_some(), Some(&response), &mut is_cancelled);
            if let (true, Some(preset)) = (is_done, selected) {
                request = Some(Request::RenamePreset { path: preset.path.clone(), name: name.trim().to_owned() });
            }
            Some(response)
        }
        Form::Delete => {
            let name = selected.map(|preset| preset.name.as_str()).unwrap_or_default();
            ui.heading(format!("Delete \u{201c}{name}\u{201d}?"));
            ui.label("Its file is deleted. The settings as they are stay.");
            let is_done = done(ui, "Delete", selected.is_some(), None, &mut is_cancelled);
            request = selected.filter(|_| is_done).map(|preset| Request::DeletePreset(preset.path.clone()));
            None
        }
        Form::Import { path } => {
            ui.heading("Import presets");
            let names = ["Path of presets to import", "Path of a preset or of a folder of them"];
            let response = panel::field(ui, "import presets", path, names, width);
            let typed = format::path(path);
            let is_done = done(ui, "Import", typed.is_some(), Some(&response), &mut is_cancelled);
            request = typed.filter(|_| is_done).map(Request::ImportPresets);
            Some(response)
        }
        Form::Export { path } => {
            ui.heading("Export");
            let names = ["Path to export to", "Path of the file to write"];
            let response = panel::field(ui, "export preset", path, names, width);
            let typed = format::path(path).zip(selected);
            let is_done = done(ui, "Export", typed.is_some(), Some(&response), &mut is_cancelled);
            request =
                typed.filter(|_| is_done).map(|(to, preset)| Request::ExportPreset { path: preset.path.clone(), to });
            Some(response)
        }
        Form::Paste { text } => {
            ui.heading("Paste settings");
            let height = (ui.available_height() - 60.0).max(40.0);
            let mut response = None;
            egui::ScrollArea::vertical().id_salt("paste").max_height(height).show(ui, |ui| {
                let edit = TextEdit::multiline(text).desired_rows(5).desired_width(width - 24.0);
                let edit = edit.id(Id::unique("timbreloom paste"));
                response = Some(ui.add(edit).accessible_name("Settings as text"));
            });
            let is_done = done(ui, "Take settings", !text.trim().is_empty(), None, &mut is_cancelled);
            if is_done {
                request = Some(Request::PasteSettings(text.clone()));
            }
            response
        }
    };
    if let (true, Some(first)) = (is_new, first) {
        first.request_focus();
        panel::select_all(ui, &first);
    }
    if request.is_some() || is_cancelled {
        cx.requests.extend(request);
        if let Some(Form::Import { path } | Form::Export { path }) = state.form.take() {
            state.typed = path;
        }
    }
}

/// The buttons of a form; returns whether it is done, which Enter in its field says, too.
fn done(ui: &mut Ui, action: &str, is_fit: bool, field: Option<&Response>, is_cancelled: &mut bool) -> bool {
    let is_entered = field.is_some_and(|field| panel::is_entered(ui, field));
    ui.horizontal(|ui| {
        let is_clicked = ui.add_enabled(is_fit, Button::new(action).fill(theme::ACCENT_DIM)).clicked();
        *is_cancelled = ui.button("Cancel").clicked();
        is_fit && (is_clicked || is_entered)
    })
    .inner
}
