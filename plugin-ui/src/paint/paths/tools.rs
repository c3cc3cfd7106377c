//! The tools, the grid, and what is done at once: putting at rest and setting.

use egui::accesskit::Role;
use egui::style::StyleModifier;
use egui::{Align2, Id, Popup, PopupCloseBehavior, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{chips, sign};
use crate::paint::button::{self, Segment};
use crate::paint::chooser::{self, Options};
use crate::paint::control::{arrows, focus_ring, info};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, panel};
use crate::paths::PathAxis;
use crate::paths::editor::snap::Snap;
use crate::paths::editor::{PathsEditor, Tool};

/// How much of the room each tool takes with its name.
const WORDS: [f32; 4] = [72.0, 74.0, 90.0, 60.0];

/// Draws the row into `row`.
pub fn paint(ui: &mut Ui, row: Rect, editor: &mut PathsEditor, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let is_wide = row.width() >= metrics.px(560.0);
    let mut free = row.left();
    let mut left = |width: f32, gap: f32| {
        let place = Rect::from_min_size(pos2(free, row.top()), vec2(metrics.px(width), row.height()));
        free = place.right() + metrics.px(gap);
        place
    };
    tools(ui, left(if is_wide { 296.0 } else { 116.0 }, 8.0), editor, is_wide, metrics);
    if is_wide {
        let place = left(30.0, 2.0);
        ui.painter().text(place.left_center(), Align2::LEFT_CENTER, "Snap", metrics.small(), theme::TEXT_QUIET);
    }
    let name = |grid: usize| Snap::name(grid).to_owned();
    let shown = |grid: usize| if grid == 0 && !is_wide { "Snap off".to_owned() } else { name(grid) };
    let options = Options { count: Snap::COUNT, shown: &shown, item: &name, columns: 1 };
    let place = left(98.0, 8.0).shrink2(vec2(0.0, 1.0));
    if let Some(next) = chooser::choose(ui, place, "Snap to the song", editor.snap.grid, options, metrics) {
        editor.snap.grid = next;
    }
    if editor.axis() == PathAxis::Pitch {
        let has_room = row.width() >= metrics.px(440.0);
        let place = left(if has_room { 72.0 } else { 34.0 }, 8.0).shrink2(vec2(0.0, 1.0));
        let names = [if has_room { "Semitones" } else { "st" }, "Pitches snap to semitones"];
        let id = Id::unique("timbreloom path semitones");
        let response = chips::check(ui, place, id, names, editor.snap.is_semitones, metrics);
        if response.on_hover_text("Drawn pitches are whole semitones. Shift: not").clicked() {
            editor.snap.is_semitones ^= true;
        }
    }
    let place = left(54.0, 4.0);
    rest(ui, place, editor, metrics);
    let place = left(44.0, 8.0);
    set(ui, place, editor, metrics);
    let place = left(34.0, 0.0);
    if !editor.window.is_all() && place.right() <= row.right() {
        let words = ["Fit", "Show the whole path", "Shows the whole path (Home)"];
        if chips::word(ui, place, Id::unique("timbreloom path fit"), words, true, metrics).clicked() {
            editor.window.fit();
        }
    }
}

fn tools(ui: &Ui, rect: Rect, editor: &mut PathsEditor, is_wide: bool, metrics: Metrics) {
    let id = Id::unique("timbreloom path tools");
    let whole = ui.interact(rect, id, Sense::focusable_noninteractive());
    let mut next = Tool::ALL.iter().position(|&tool| tool == editor.tool).unwrap_or(0);
    if whole.has_focus() {
        let [right, up] = arrows(ui, id);
        next = (next as f32 + right - up).clamp(0.0, 3.0) as usize;
    }
    button::tray(ui, rect, false);
    let shares = if is_wide { WORDS } else { [1.0; 4] };
    let unit = rect.width() / shares.iter().sum::<f32>();
    let mut left = rect.left();
    for (index, tool) in Tool::ALL.into_iter().enumerate() {
        let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(unit * shares[index], rect.height()));
        left = cell.right();
        let response = ui.interact(cell, id.with(index), Sense::CLICK);
        if response.clicked() {
            next = index;
            whole.request_focus();
        }
        let [name, tooltip] = tool.words();
        let is_chosen = index == next;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, name));
        let look = Segment { is_chosen, is_hot: response.hovered(), is_idle: false };
        button::segment_ground(ui, cell, look);
        let radius = metrics.fine(6.0);
        let centre = if is_wide { pos2(cell.left() + metrics.px(14.0), cell.center().y) } else { cell.center() };
        sign::tool(ui.painter(), centre, radius, tool, theme::TEXT);
        if is_wide {
            let at = pos2(cell.left() + metrics.px(26.0), cell.center().y);
            ui.painter().text(at, Align2::LEFT_CENTER, name, metrics.small(), theme::TEXT);
        }
        response.on_hover_text(format!("{name} ({})\n{tooltip}", index + 1));
    }
    editor.tool = Tool::ALL[next];
    whole.widget_info(|| info(Role::RadioGroup, "Tool", editor.tool.words()[0]));
    focus_ring(ui, &whole, rect.expand(2.0), 5.0);
}

/// What Zero and Set act on, in words.
fn reach(editor: &PathsEditor) -> String {
    format!("{}, {}", editor.scope_name(), editor.range_name())
}

fn rest(ui: &Ui, place: Rect, editor: &mut PathsEditor, metrics: Metrics) {
    let (why_not, word) = (editor.why_no_rest(), editor.rest_name());
    let (rest, name) = match word {
        "Silence" => ("\u{2212}60 dB", "Silence the axis"),
        _ => ("0", "Put the axis at zero"),
    };
    let tooltip = why_not.map_or_else(|| format!("Puts {} at {rest}", reach(editor)), str::to_owned);
    let words = [word, name, &tooltip];
    if chips::word(ui, place, Id::unique("timbreloom path rest"), words, why_not.is_none(), metrics).clicked() {
        editor.rest();
    }
}

fn set(ui: &Ui, place: Rect, editor: &mut PathsEditor, metrics: Metrics) {
    let tooltip = format!("Sets {} to a value", reach(editor));
    let words = ["Set\u{2026}", "Set the axis to a value", &tooltip];
    let response = chips::word(ui, place, Id::unique("timbreloom path set"), words, true, metrics);
    let popup =
        Popup::menu(&response).style(StyleModifier::default()).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    popup.accessible_name("Set the axis to a value").show(|ui| {
        theme::scale(ui, metrics);
        ui.set_width(metrics.px(230.0));
        ui.label(theme::quiet(format!("Set {} to", reach(editor))));
        let hint = editor.set_hint();
        let mut text = std::mem::take(&mut editor.set_text);
        let width = ui.available_width();
        let field = panel::field(ui, "path value", &mut text, ["Value to set", hint], width);
        editor.set_text = text;
        if response.clicked() {
            field.request_focus();
        }
        editor.is_set_wrong &= !field.changed() && !response.clicked();
        let is_entered = panel::is_entered(ui, &field);
        if ui.button("Set").clicked() || is_entered {
            editor.is_set_wrong = !editor.set_typed();
            if editor.is_set_wrong {
                field.request_focus();
            } else {
                ui.close();
                response.request_focus();
            }
        }
        if editor.is_set_wrong {
            ui.colored_label(theme::WARNING, "This value is not understood.");
        }
    });
}
