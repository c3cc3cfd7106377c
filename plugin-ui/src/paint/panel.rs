//! What all panels share: the frame with title and cross, fields, lists, and where the keyboard goes.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{
    Align2, CornerRadius, Id, Key, Margin, Rect, Response, ScrollArea, Sense, TextEdit, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use super::button;
use super::control::{focus_ring, info, lock_arrows, presses};
use super::icon::{self, Icon};
use super::theme::{self, Metrics};
use crate::format;
use crate::layout::Panel;

/// Which control opened the panel, and whether the panel still has to take the keyboard.
#[derive(Debug, Default)]
pub struct Opening {
    opener: Option<Id>,
    is_new: bool,
}

impl Opening {
    /// Opens a panel, or closes it if it is the one that is open.
    pub fn toggle(&mut self, panel: Panel, opener: Id, open: &mut Option<Panel>, ui: &Ui) {
        if *open == Some(panel) {
            return self.close(open, ui);
        }
        *open = Some(panel);
        (self.opener, self.is_new) = (Some(opener), true);
    }

    /// Closes the panel and gives the keyboard back to what opened it.
    pub fn close(&mut self, open: &mut Option<Panel>, ui: &Ui) {
        *open = None;
        self.is_new = false;
        if let Some(opener) = self.opener.take() {
            ui.memory_mut(|memory| memory.request_focus(opener));
        }
    }

    /// Whether the panel was opened just now; once.
    pub fn take_new(&mut self) -> bool {
        std::mem::take(&mut self.is_new)
    }
}

/// Which panel is open, and by whom it was opened.
#[derive(Debug)]
pub struct Door<'a> {
    pub open: &'a mut Option<Panel>,
    pub opening: &'a mut Opening,
}

/// Draws a panel's frame; returns the room inside and whether it shall close.
pub fn shell(ui: &Ui, rect: Rect, title: &str, metrics: Metrics) -> (Rect, bool) {
    ui.painter().rect_filled(rect, CornerRadius::same(6), theme::PANEL);
    let inner = rect.shrink(metrics.px(12.0));
    let head = Rect::from_min_size(inner.min, vec2(inner.width(), metrics.px(26.0)));
    ui.painter().text(head.left_center(), Align2::LEFT_CENTER, title, metrics.heading(), theme::TEXT);
    let cross = Rect::from_min_max(pos2(head.right() - head.height(), head.top()), head.max);
    let names = ["Close the panel", "Close (Escape)"];
    let is_closed = button::sign(ui, cross, Id::unique("timbreloom close panel"), Icon::Close, names, true).clicked();
    (Rect::from_min_max(pos2(inner.left(), head.bottom() + metrics.px(8.0)), inner.max), is_closed)
}

/// A child of `ui` that fills `rect`, with egui's own widgets in the window's sizes.
pub fn room(ui: &mut Ui, rect: Rect, salt: &str, metrics: Metrics, add: impl FnOnce(&mut Ui)) {
    ui.scope_builder(UiBuilder::new().max_rect(rect).id_salt(salt), |ui| {
        theme::scale(ui, metrics);
        ui.set_clip_rect(ui.clip_rect().intersect(rect.expand(3.0)));
        add(ui);
    });
}

/// A line to type into, with its name for assistive technology and a hint while it is empty.
pub fn field(ui: &mut Ui, id: &str, text: &mut String, [name, hint]: [&str; 2], width: f32) -> Response {
    // Quiet text on the field's ground can still be read; egui's own hint is too faint.
    let hint = theme::quiet(hint);
    let edit = TextEdit::singleline(text)
        .id(Id::unique(("timbreloom field", id)))
        .hint_text(hint)
        .margin(Margin::symmetric(8, 4))
        .align(Align2::LEFT_CENTER)
        .desired_width((width - 16.0).max(40.0));
    ui.add(edit).accessible_name(name)
}

/// Selects all that is in a field: what is typed takes its place.
pub fn select_all(ui: &Ui, field: &Response) {
    let mut state = TextEditState::load(ui.ctx(), field.id).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), CCursor::new(usize::MAX))));
    state.store(ui.ctx(), field.id);
}

/// Whether Enter was pressed in a field.
pub fn is_entered(ui: &Ui, field: &Response) -> bool {
    field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// A field for a path, with a button; returns the path once it is entered.
pub fn path_field(ui: &mut Ui, id: &str, text: &mut String, names: [&str; 2], action: &str) -> Option<PathBuf> {
    let mut entered = None;
    ui.horizontal(|ui| {
        let font = egui::TextStyle::Button.resolve(ui.style());
        let word = ui.painter().layout_no_wrap(action.to_owned(), font, theme::TEXT);
        let spacing = ui.spacing();
        let spare = word.size().x + 2.0 * spacing.button_padding.x + spacing.item_spacing.x + 2.0;
        let width = (ui.available_width() - spare).max(80.0);
        let response = field(ui, id, text, names, width);
        let path = format::path(text);
        let is_clicked = ui.add_enabled(path.is_some(), egui::Button::new(action)).clicked();
        entered = path.filter(|_| is_clicked || is_entered(ui, &response));
    });
    entered
}

/// The height of a row with a name and two lines below it.
pub fn row_height(metrics: Metrics) -> f32 {
    metrics.px(50.0)
}

/// Where the text of a row begins so that it stands in the row's middle, a name above lines.
pub fn text_top(row: Rect, lines: &egui::Galley, metrics: Metrics) -> f32 {
    row.center().y - (metrics.px(NAME) + lines.size().y) * 0.5
}

/// The height of a row's name.
pub const NAME: f32 = 16.0;

/// A list that opens, with the same sign as elsewhere in the window.
pub fn combo(salt: &'static str, shown: impl Into<egui::WidgetText>) -> egui::ComboBox<'static> {
    egui::ComboBox::from_id_salt(salt).selected_text(shown).icon(|ui, rect, _, _| {
        icon::paint(ui.painter(), rect.center(), rect.width() * 0.3, Icon::Down, theme::TEXT_QUIET);
    })
}

/// What the musician did with a list in this frame.
#[derive(Debug, Default)]
pub struct Picked {
    /// The row under the pointer.
    pub hovered: Option<usize>,
    /// The row that was clicked.
    pub clicked: Option<usize>,
    /// The row that was double-clicked, or the selected one upon Enter.
    pub entered: Option<usize>,
    /// By how many rows the selection shall move.
    pub step: isize,
}

/// The rows of a list: how many, which is selected, and how high each is.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub name: &'a str,
    pub count: usize,
    pub selected: Option<usize>,
    pub height: f32,
}

/// The star at the left of a row; returns whether it was pressed.
pub fn star(ui: &Ui, row: Rect, id: Id, name: &str, is_favourite: bool, metrics: Metrics) -> bool {
    let size = metrics.px(24.0);
    let place = Rect::from_center_size(pos2(row.left() + metrics.px(18.0), row.center().y), vec2(size, size));
    let response = ui.interact(place, id, Sense::CLICK);
    let name = format!("Favourite: {name}");
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_favourite, &name));
    let ink = if is_favourite || response.hovered() { theme::TEXT } else { theme::TEXT_QUIET };
    icon::paint(ui.painter(), place.center(), metrics.fine(6.5), Icon::Star(is_favourite), ink);
    response.clicked()
}

/// A list that fills `ui`: one stop of the Tab key, arrow keys within. `paint` draws a row and says what it is called.
pub fn list(
    ui: &mut Ui,
    rows: Rows,
    metrics: Metrics,
    mut paint: impl FnMut(&mut Ui, Rect, usize) -> String,
) -> Picked {
    let mut picked = Picked::default();
    let id = Id::unique(("timbreloom list", rows.name));
    let rect = ui.available_rect_before_wrap();
    let whole = ui.interact(rect, id, Sense::focusable_noninteractive());
    if whole.has_focus() {
        lock_arrows(ui, id);
        let page = (rect.height() / rows.height).max(2.0) - 1.0;
        let keys = [
            (Key::ArrowDown, 1.0),
            (Key::ArrowUp, -1.0),
            (Key::PageDown, page),
            (Key::PageUp, -page),
            (Key::End, rows.count as f32),
            (Key::Home, -(rows.count as f32)),
        ];
        picked.step = keys.into_iter().map(|(key, by)| presses(ui, key) * by).sum::<f32>() as isize;
        if presses(ui, Key::Enter) > 0.0 {
            picked.entered = rows.selected;
        }
    }
    let mut chosen = String::new();
    let seen_id = id.with("seen");
    let seen = ui.data(|data| data.get_temp::<Option<usize>>(seen_id)).flatten();
    ui.data_mut(|data| data.insert_temp(seen_id, rows.selected));
    ui.spacing_mut().item_spacing.y = 2.0;
    let list = ScrollArea::vertical().id_salt(rows.name).auto_shrink(false).show(ui, |ui| {
        for index in 0..rows.count {
            let (_, row) = ui.allocate_space(vec2(ui.available_width(), rows.height));
            let is_selected = rows.selected == Some(index);
            if is_selected && seen != rows.selected {
                ui.scroll_to_rect(row, None);
            }
            if !ui.is_rect_visible(row) {
                continue;
            }
            let response = ui.interact(row, id.with(index), Sense::CLICK);
            let ground = match (is_selected, response.hovered()) {
                (true, _) => theme::RAISED_HOVER,
                (false, true) => theme::RAISED,
                (false, false) => theme::PANEL,
            };
            ui.painter().rect_filled(row, 4.0, ground);
            if is_selected {
                // Light along the edge: the selection is not told by colour alone.
                let edge = Rect::from_min_max(row.min, pos2(row.left() + 3.0, row.bottom()));
                ui.painter().rect_filled(edge, 1.0, theme::ACCENT);
            }
            if response.hovered() {
                picked.hovered = Some(index);
            }
            let name = paint(ui, row, index);
            if response.double_clicked() {
                picked.entered = Some(index);
            } else if response.clicked() {
                picked.clicked = Some(index);
            }
            if response.clicked() {
                whole.request_focus();
            }
            response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_selected, &name));
            if is_selected {
                chosen = name;
            }
        }
    });
    super::fade::paint(ui, &list, theme::PANEL, metrics);
    whole.widget_info(|| info(Role::ListBox, rows.name, &chosen));
    focus_ring(ui, &whole, rect.expand(1.0), 4.0);
    picked
}
