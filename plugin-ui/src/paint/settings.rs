//! The settings: what runs the models, the window, what travels with the project, OSC, MIDI controllers, folders, help, and what this is.

mod about;
mod osc;

use egui::{Align, Grid, Label, Layout, Rect, RichText, ScrollArea, Ui, vec2};

use super::control::Place;
use super::{PaintContext, menu, notice, panel, switch, theme};
use crate::session::{Request, Slot};
use crate::summary::Tone;
use crate::{Zoom, format, param};

/// Keys that the window knows, and what they do.
const KEYS: [[&str; 2]; 9] = [
    ["Tab, Shift Tab", "to the next control, and back"],
    ["Arrow keys", "move a control, or choose within a group"],
    ["Shift", "makes a drag, the wheel or an arrow key ten times finer"],
    ["Page Up, Page Down", "ten steps; Home and End to the ends"],
    ["Enter", "type a value"],
    ["Backspace, Delete", "back to the default, as a double-click"],
    ["Shift F10", "the control's menu, as a right click"],
    ["Ctrl Z, Ctrl Shift Z", "undo, redo"],
    ["Escape", "closes what is open"],
];

/// What Escape does where the format brings MIDI.
const STOPS_LEARNING: [&str; 2] = ["Escape", "closes what is open, and stops learning"];

/// Fills `rect`; returns whether it shall close.
pub fn paint(ui: &mut Ui, rect: Rect, is_new: bool, cx: &mut PaintContext) -> bool {
    let metrics = cx.metrics;
    let (inner, is_closed) = panel::shell(ui, rect, "Settings", metrics);
    panel::room(ui, inner, "settings", metrics, |ui| {
        ScrollArea::vertical().id_salt("settings").auto_shrink(false).show(ui, |ui| {
            if inner.width() > metrics.px(620.0) {
                ui.spacing_mut().item_spacing.x = metrics.px(24.0);
                ui.columns(2, |columns| {
                    for column in &mut *columns {
                        theme::scale(column, metrics);
                    }
                    let [left, right] = columns else { return };
                    // Columns stretch what is in them; buttons shall not be stretched.
                    left.with_layout(Layout::top_down(Align::Min), |left| {
                        provider(left, is_new, cx);
                        project(left, cx);
                        osc::paint(left, is_new, cx);
                        folders(left, cx);
                        about::paint(left, cx);
                    });
                    right.with_layout(Layout::top_down(Align::Min), |right| {
                        window(right, cx);
                        midi(right, cx);
                        keys(right, cx);
                    });
                });
            } else {
                provider(ui, is_new, cx);
                window(ui, cx);
                project(ui, cx);
                midi(ui, cx);
                osc::paint(ui, is_new, cx);
                folders(ui, cx);
                keys(ui, cx);
                about::paint(ui, cx);
            }
        });
    });
    is_closed
}

fn section(ui: &mut Ui, title: &str, cx: &PaintContext) {
    ui.add_space(cx.metrics.px(8.0));
    ui.heading(RichText::new(title).color(theme::ACCENT));
}

fn quiet(ui: &mut Ui, text: &str) {
    ui.add(Label::new(theme::quiet(text)).wrap());
}

/// A sentence with the sign of trouble.
fn trouble(ui: &mut Ui, text: &str, cx: &PaintContext) {
    ui.horizontal_top(|ui| {
        let (_, place) = ui.allocate_space(egui::Vec2::splat(cx.metrics.px(18.0)));
        notice::sign(ui, place.center(), cx.metrics.px(6.0), Tone::Trouble);
        ui.add(Label::new(text).wrap());
    });
}

fn provider(ui: &mut Ui, is_new: bool, cx: &mut PaintContext) {
    let provider = &cx.session.provider;
    section(ui, &format!("What runs the {}", cx.product.model[1]), cx);
    let mut chosen = provider.chosen.clone();
    let combo = panel::combo("provider", &provider.chosen).show_ui(ui, |ui| {
        for name in &provider.offered {
            ui.selectable_value(&mut chosen, name.clone(), name);
        }
    });
    let response = combo.response.accessible_name("Execution provider");
    if is_new {
        response.request_focus();
    }
    if chosen != provider.chosen {
        cx.requests.push(Request::SetProvider(chosen));
    }
    if !provider.running.is_empty() {
        ui.label(format!("Running on the {}.", provider.running));
    }
    if !provider.note.is_empty() {
        quiet(ui, &provider.note);
    }
    if !cx.product.hears_a_track {
        return;
    }
    ui.horizontal(|ui| {
        ui.label("Latency");
        let size = vec2(cx.metrics.px(170.0), cx.metrics.px(24.0));
        let (_, place) = ui.allocate_space(size);
        switch::segments(ui, place, Place::View, param::LATENCY, cx);
    });
    quiet(ui, "Low reacts fastest, Safe forgives a busy computer. Takes effect when the host restarts the plugin.");
}

fn window(ui: &mut Ui, cx: &mut PaintContext) {
    let zoom = cx.session.zoom;
    section(ui, "Window", cx);
    let mut chosen = zoom;
    ui.horizontal(|ui| {
        ui.label("Zoom");
        let combo = panel::combo("zoom", zoom.text()).show_ui(ui, |ui| {
            for offered in Zoom::ALL {
                ui.selectable_value(&mut chosen, offered, offered.text());
            }
        });
        combo.response.accessible_name("Zoom of the window");
    });
    if chosen != zoom {
        cx.requests.push(Request::SetZoom(chosen));
    }
    quiet(ui, &zoom.about(Zoom::nearest((ui.ctx().zoom_factor() * 100.0).round() as u16)));
}

fn project(ui: &mut Ui, cx: &mut PaintContext) {
    let session = cx.session;
    section(ui, cx.product.titles[0], cx);
    for (slot, chosen) in [(Slot::First, &session.first), (Slot::Second, &session.second)] {
        if chosen.name.is_empty() {
            continue;
        }
        let mut is_wanted = chosen.is_embedding_wanted;
        let text = format!("Save {} inside the project", chosen.name);
        if ui.checkbox(&mut is_wanted, text).changed() {
            cx.requests.push(Request::Embed { slot, is_wanted });
        }
        if chosen.embedded_bytes > 0 {
            quiet(ui, &format!("The project is {} larger for it.", format::size(chosen.embedded_bytes)));
        }
        if !chosen.embedding_problem.is_empty() {
            trouble(ui, &chosen.embedding_problem, cx);
        }
        if chosen.can_undo_relink && ui.button(format!("Undo the relink of {}", chosen.name)).clicked() {
            cx.requests.push(Request::UndoRelink(slot));
        }
    }
    let [model, _] = cx.product.model;
    quiet(ui, &format!("A {model} that travels with the project sounds the same on another computer."));
}

fn midi(ui: &mut Ui, cx: &mut PaintContext) {
    let midi = &cx.session.midi;
    if !midi.is_offered {
        return;
    }
    section(ui, "MIDI controllers", cx);
    if midi.mapped.is_empty() {
        quiet(ui, "None. Right-click a control and choose MIDI learn.");
    }
    for mapped in &midi.mapped {
        let name = cx.params.name(mapped.param);
        ui.horizontal_wrapped(|ui| {
            ui.label(&name);
            ui.label(theme::quiet(menu::describe(mapped)));
            if ui.button("Forget").on_hover_text(format!("Takes the controller off {name}")).clicked() {
                cx.requests.push(Request::Unmap(mapped.param));
            }
        });
        menu::range(ui, mapped, cx);
    }
    if !midi.mapped.is_empty() && ui.button("Forget all controllers").clicked() {
        cx.requests.push(Request::UnmapAll);
    }
    let mut soft = midi.soft_takeover;
    let tooltip = "A controller moves its parameter once it has come to the parameter's value";
    if ui.checkbox(&mut soft, "Soft takeover").on_hover_text(tooltip).changed() {
        cx.requests.push(Request::SetSoftTakeover(soft));
    }
}

fn folders(ui: &mut Ui, cx: &mut PaintContext) {
    let (models, presets) = (cx.session.models.len(), cx.session.presets.len());
    section(ui, cx.product.titles[1], cx);
    ui.label(format!("{models} {}, {presets} presets.", cx.product.model[1]));
    if ui.button("Read the folders again").clicked() {
        cx.requests.push(Request::Rescan);
    }
}

fn keys(ui: &mut Ui, cx: &PaintContext) {
    section(ui, "Keys", cx);
    Grid::new("keys").num_columns(2).spacing(vec2(cx.metrics.px(12.0), cx.metrics.px(3.0))).show(ui, |ui| {
        for line in KEYS.iter().chain(cx.product.keys) {
            let stops_learning = cx.session.midi.is_offered && line[0] == STOPS_LEARNING[0];
            let [key, does] = if stops_learning { STOPS_LEARNING } else { *line };
            ui.label(theme::quiet(key));
            ui.add(Label::new(does).wrap());
            ui.end_row();
        }
    });
}
