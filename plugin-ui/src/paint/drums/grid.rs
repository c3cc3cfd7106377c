//! The grid of steps: where its cells lie, and what pointer, wheel and keys do on it.

use egui::accesskit::{Action, Role};
use egui::style::StyleModifier;
use egui::{
    Align2, CursorIcon, Event, EventFilter, Id, Key, Modifiers, PointerButton, Popup, PopupCloseBehavior, Pos2, Rect,
    Response, Sense, SetOpenCommand, Ui, pos2, vec2,
};

use super::{Scene, cells, kinds, light, menus, patterns};
use crate::ParamBackend;
use crate::drums::beat::{Aspect, BeatView, Cell, Spot, Touch};
use crate::drums::throw::Throw;
use crate::drums::{DrumsRequest, Line, STEPS, TRACKS, param};
use crate::keys;
use crate::paint::control::{
    arrows, came_by_keys, focus_ring, info, is_fine, pressed_on, presses, shows_focus, wheel_notches,
};
use crate::paint::plot::chip;
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, control};

/// What a notch of the wheel or a press of a key moves a velocity by.
const NOTCH: i32 = 4;
/// What a key moves a step's time by, per cent.
const SHIFT: i32 = 5;
/// How hard a track is heard by the key.
const KEY_VELOCITY: f32 = 0.8;

/// Where cells lie.
pub struct Grid {
    /// All rows, without the line of numbers above.
    pub rect: Rect,
    pub pitch: f32,
    /// Between two groups.
    gap: f32,
    /// Steps of a group.
    pub group: usize,
    row: f32,
    /// Between two rows.
    seam: f32,
}

/// Steps that stand together: three of a triplet, else four.
pub fn group(params: &dyn ParamBackend) -> usize {
    let is_triplet = params.text(param::STEP, params.normalised(param::STEP)).ends_with('T');
    if is_triplet { 3 } else { 4 }
}

impl Grid {
    /// Fills `all`, with numbers above and room at the right for the ends of lines.
    pub fn fit(all: Rect, group: usize, metrics: Metrics) -> Self {
        let rect = Rect::from_min_max(all.min + vec2(0.0, metrics.px(15.0)), all.max - vec2(metrics.px(9.0), 0.0));
        let gap = metrics.px(5.0);
        let pitch = (rect.width() - gap * ((STEPS - 1) / group) as f32) / STEPS as f32;
        Self { rect, pitch, gap, group, row: rect.height() / TRACKS as f32, seam: metrics.px(4.0) }
    }

    pub fn row(&self, track: usize) -> Rect {
        let top = self.rect.top() + self.row * track as f32;
        Rect::from_min_max(pos2(self.rect.left(), top), pos2(self.rect.right(), top + self.row - self.seam))
    }

    /// The left edge of a step; of one more than there are, the right edge of the last.
    fn left(&self, step: usize) -> f32 {
        let groups = step.min(STEPS - 1) / self.group;
        self.rect.left() + self.pitch * step as f32 + self.gap * groups as f32
    }

    pub fn cell(&self, cell: Cell) -> Rect {
        let row = self.row(cell.track);
        let left = self.left(cell.step);
        Rect::from_min_max(pos2(left + 1.0, row.top()), pos2(left + self.pitch - 1.0, row.bottom()))
    }

    /// Where the line of so many steps ends.
    pub fn end(&self, track: usize, count: usize) -> Pos2 {
        let row = self.row(track);
        pos2(self.left(count - 1) + self.pitch + 2.0, row.center().y)
    }

    fn spot(&self, at: Pos2) -> Spot {
        let step = (0..STEPS).rev().find(|&step| at.x >= self.left(step)).unwrap_or(0);
        let left = self.left(step);
        // The gap after a group belongs to its last step.
        let right = if step + 1 < STEPS { self.left(step + 1) } else { left + self.pitch };
        let across = step as f32 + (at.x - left) / (right - left);
        Spot { at: [across, (at.y - self.rect.top()) / self.row], y_points: at.y, cell_points: self.pitch }
    }
}

/// The grid has one place in the window.
fn grid_id() -> Id {
    Id::unique("timbreloom drum grid")
}

/// Draws the grid and lets it be played.
pub fn paint(
    ui: &Ui,
    grid: &Grid,
    view: &mut BeatView,
    scene: &Scene,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let metrics = cx.metrics;
    let place = Rect::from_min_max(grid.rect.min, grid.rect.max + vec2(metrics.px(9.0), 0.0));
    let response = ui.interact(place, grid_id(), Sense::click_and_drag());
    let over = ui.input(|input| input.pointer.interact_pos()).filter(|_| response.hovered());
    strokes(ui, grid, &response, place, view);
    if std::mem::take(&mut view.wants_keyboard) {
        response.request_focus();
    }
    view.has_keys |= came_by_keys(ui, &response);
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action)) as i32;
    view.change(Aspect::Velocity, (asked(Action::Increment) - asked(Action::Decrement)) * NOTCH);
    wheel(ui, grid, over.filter(|_| !cx.controls.holds_wheel()), view, scene);
    if response.has_focus() {
        keys::claim(ui, keys::Reach::Letters);
        if view.has_keys {
            keys::claim_space(ui);
        }
    }
    let is_menu_asked = response.has_focus() && take_keys(ui, view, cx, requests);
    let at = grid.cell(view.cursor()).right_bottom();
    menu(ui, &response, at, is_menu_asked).show(|ui| menus::line(ui, view, scene, cx, requests));

    let is_at_keyboard = shows_focus(ui, &response);
    let touched = over.map(|at| view.touch(grid.spot(at)));
    cells::paint(ui, grid, view, scene, touched, is_at_keyboard, cx);
    let cursor = view.cursor();
    let name = kinds::name(scene.kit, kinds::chosen(param::CLASS[cursor.track], cx.params));
    let count = view.line(cursor.track).played().len();
    let told = format!("{name}, step {} of {count}: {}", cursor.step + 1, view.told(cursor));
    response.widget_info(|| info(Role::Slider, "Steps", &told));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
    focus_ring(ui, &response, place.expand(3.0), 5.0);
    if let Some(velocity) = view.pulled() {
        let at = grid.cell(cursor).center_top() - vec2(0.0, metrics.px(4.0));
        chip(ui, ui.max_rect(), at, Align2::CENTER_BOTTOM, &velocity.to_string(), theme::TEXT, metrics);
    }
    let icon = match touched {
        Some(Touch::End(_)) => CursorIcon::ResizeHorizontal,
        Some(Touch::Step(_)) => CursorIcon::PointingHand,
        _ => CursorIcon::Default,
    };
    let response = response.on_hover_cursor(icon);
    if !view.is_held() && !Popup::is_any_open(ui.ctx()) {
        match touched {
            Some(Touch::End(track)) => {
                let count = view.line(track).played().len();
                drop(response.on_hover_text(format!("Drag: length of the line, now {count} steps")));
            }
            Some(Touch::Step(cell)) => {
                let told = format!("Step {}: {}", cell.step + 1, view.told(cell));
                drop(response.on_hover_text_at_pointer(format!(
                    "{told}\nClick: in or out. Drag across: paint. Drag up or down: velocity. Right-click: the line"
                )));
            }
            _ => {}
        }
    }
}

/// What the pointer has done since the last frame, in order: a quick hand clicks within one frame, and skips no step.
fn strokes(ui: &Ui, grid: &Grid, response: &Response, place: Rect, view: &mut BeatView) {
    let events = ui.input(|input| input.events.clone());
    let is_quick = response.hovered() && !ui.input(|input| input.pointer.any_down());
    let is_extending = is_fine(ui);
    // A press beside an open menu closes it, and does nothing else.
    let is_free = !Popup::is_any_open(ui.ctx());
    for event in events {
        match event {
            Event::PointerButton { pos, button: PointerButton::Primary, pressed: true, .. }
                if is_free && (response.is_pointer_button_down_on() || is_quick) && place.contains(pos) =>
            {
                response.request_focus();
                view.has_keys = false;
                view.press(grid.spot(pos), is_extending);
            }
            Event::PointerMoved(at) => view.drag_to(grid.spot(at), is_extending),
            Event::PointerButton { button: PointerButton::Primary, pressed: false, .. } => view.let_go(),
            _ => {}
        }
    }
    if let Some(at) = pressed_on(ui, response, PointerButton::Secondary) {
        response.request_focus();
        if let Touch::Step(cell) = view.touch(grid.spot(at)) {
            if !view.is_selected(cell) {
                view.select(cell, false);
            }
        } else {
            view.select_track(grid.spot(at).cell().track);
        }
    }
}

fn wheel(ui: &Ui, grid: &Grid, over: Option<Pos2>, view: &mut BeatView, scene: &Scene) {
    let notches = wheel_notches(ui);
    let Some(Touch::Step(cell)) = over.map(|at| view.touch(grid.spot(at))) else { return };
    if notches != 0.0 && view.step(cell).is_on() && !Popup::is_any_open(ui.ctx()) {
        if !view.is_selected(cell) {
            view.select(cell, false);
        }
        view.hold_for_wheel(scene.now_s);
        view.turn(notches * if is_fine(ui) { 1.0 } else { NOTCH as f32 });
        control::stop_scrolling(ui);
    }
}

/// What the keyboard does; returns whether the line's menu is asked for.
fn take_keys(ui: &Ui, view: &mut BeatView, cx: &mut PaintContext, requests: &mut Vec<DrumsRequest>) -> bool {
    clipboard(ui, view);
    let modifiers = ui.input(|input| input.modifiers);
    let is_asked = ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::F10));
    // Arrows are the grid's own in any case; Ctrl belongs to the host and to the window.
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(grid_id(), filter));
    if Popup::is_any_open(ui.ctx()) {
        return is_asked;
    }
    let pressed = |key| presses(ui, key) as i32;
    let is_pressed = |key| pressed(key) > 0;
    // Brackets need further keys on many keyboards.
    let longer = pressed(Key::CloseBracket) - pressed(Key::OpenBracket);
    if longer != 0 {
        let count = view.line(view.cursor().track).played().len().saturating_add_signed(longer as isize);
        view.set_length(view.cursor().track, count);
    }
    if modifiers.command || modifiers.ctrl || modifiers.alt {
        return is_asked;
    }
    let [right, up] = arrows(ui, grid_id());
    if right != 0.0 || up != 0.0 {
        view.has_keys = true;
        view.move_by([right as isize, -up as isize], modifiers.shift);
    }
    if is_pressed(Key::Escape) {
        view.select(view.cursor(), false);
    }
    if is_pressed(Key::Home) {
        view.move_by([-(STEPS as isize), 0], modifiers.shift);
    }
    if is_pressed(Key::End) {
        view.move_by([STEPS as isize, 0], modifiers.shift);
    }
    // After a click, Space starts the host's song and takes no step out.
    if is_pressed(Key::Enter) || (is_pressed(Key::Space) && view.has_keys) {
        view.toggle();
    }
    if is_pressed(Key::Delete) || is_pressed(Key::Backspace) || is_pressed(Key::Num0) {
        view.take_out();
    }
    let louder = pressed(Key::Plus) + pressed(Key::Equals) - pressed(Key::Minus);
    let later = pressed(Key::Period) - pressed(Key::Comma);
    if louder != 0 || later != 0 {
        view.hold();
        view.change(Aspect::Velocity, louder * NOTCH);
        view.change(Aspect::Shift, later * SHIFT);
    }
    let digits = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
    if let Some(digit) = digits.into_iter().position(is_pressed) {
        view.set(Aspect::Velocity, (digit as i32 + 1) * 127 / 9);
    }
    if is_pressed(Key::R) {
        view.cycle(Aspect::Ratchet, modifiers.shift);
    }
    if is_pressed(Key::P) {
        view.cycle(Aspect::Probability, modifiers.shift);
    }
    let track = view.cursor().track;
    for (key, ids) in [(Key::M, param::MUTE), (Key::S, param::SOLO), (Key::L, param::LOCK)] {
        if is_pressed(key) {
            light::flip(ids[track], cx);
        }
    }
    for (key, throw) in [(Key::D, Throw::Draw), (Key::V, Throw::Vary)] {
        if is_pressed(key) {
            throw.one(track, cx.params, requests);
        }
    }
    if is_pressed(Key::H) {
        requests.push(DrumsRequest::PlayHit { track, velocity: KEY_VELOCITY });
    }
    let page = pressed(Key::PageDown) - pressed(Key::PageUp);
    if page != 0 {
        patterns::go(view, view.shown().saturating_add_signed(page as isize), cx.params);
    }
    is_asked
}

/// Copies, cuts or pastes the line by the system's keys.
fn clipboard(ui: &Ui, view: &mut BeatView) {
    let track = view.cursor().track;
    for event in ui.input(|input| input.events.clone()) {
        match event {
            Event::Copy | Event::Cut => {
                view.copy_line(track);
                // Without a text in it, the clipboard would not be pasted from.
                ui.ctx().copy_text(view.written(track));
                if event == Event::Cut {
                    view.change_line(track, "Cut Line", Line::clear);
                }
            }
            Event::Paste(_) => view.paste_line(track),
            _ => {}
        }
    }
}

/// The menu of a line: right click, or Shift F10; it lies `at` a place where the pointer has not opened it.
fn menu<'a>(ui: &Ui, response: &'a Response, at: Pos2, is_asked: bool) -> Popup<'a> {
    let mut popup = Popup::context_menu(response)
        .style(StyleModifier::default())
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    if is_asked {
        popup = popup.open_memory(SetOpenCommand::Bool(true));
    }
    if Popup::position_of_id(ui.ctx(), popup.get_id()).is_none() && !response.secondary_clicked() {
        popup = popup.at_position(at);
    }
    popup.accessible_name("Menu of the line")
}
