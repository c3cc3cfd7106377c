//! What bends the path: the steps in their order, and how to add some.

use egui::accesskit::Role;
use egui::{Align2, Id, Key, Modifiers, Popup, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{amount, chips, sign};
use crate::paint::control::{arrows, focus_ring, presses};
use crate::paint::icon::{self, Icon};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, button, fade, notice, plot};
use crate::paths::editor::{AmountTyping, PathsEditor, Target, Tool, chain, range_name, scale};
use crate::paths::{AxisSet, StepKind, StepView};

/// The steps that a click adds.
const QUICK: [StepKind; 4] = [StepKind::Scale, StepKind::Bias, StepKind::Random, StepKind::Reverse];
/// From this width on a step takes one line.
const ONE_LINE: f32 = 430.0;

/// What a kind of step does, for its tooltip.
fn about(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Scale => "Makes movements larger or smaller",
        StepKind::Bias => "Moves all values up or down",
        StepKind::Random => "Adds chance, the same for a number of the dice",
        StepKind::Reverse => "Plays it backwards",
        StepKind::Smooth => "Rounds quick movements off",
        StepKind::Quantise => "Holds each value for a while",
        StepKind::Envelope => "Multiplies by a curve that you draw",
        StepKind::Draw => "Takes the place of the values by a line that you draw",
        StepKind::Slice => "Keeps the selected range alone",
        StepKind::Stretch => "Makes it longer or shorter",
        StepKind::Loop => "Plays it several times in a row",
        StepKind::CrossFade => "Fades its end over into its beginning, so that it loops without a step",
    }
}

/// Draws the one-click operators into `row`: Scale, Bias, Random, Reverse, Reset, and all others in a menu.
pub fn operators(ui: &Ui, row: Rect, editor: &mut PathsEditor, cx: &PaintContext) {
    let metrics = cx.metrics;
    let gap = metrics.px(3.0);
    let widths = [44.0, 38.0, 57.0, 57.0, 44.0, 50.0];
    let unit = ((row.width() - gap * 5.0) / widths.iter().sum::<f32>()).min(metrics.fine(1.15));
    let mut left = row.left();
    let mut place = |index: usize| {
        let rect = Rect::from_min_size(pos2(left, row.top()), vec2(widths[index] * unit, row.height()));
        left = rect.right() + gap;
        rect
    };
    let (on, range) = (editor.scope_name(), editor.range_name());
    for (index, kind) in QUICK.into_iter().enumerate() {
        let rect = place(index);
        let tooltip = format!("{}: {on}, {range}", about(kind));
        let words = [kind.name(), &format!("Add {}", kind.name()), &tooltip];
        let id = Id::unique(("timbreloom path operator", kind.name()));
        if chips::word(ui, rect, id, words, editor.path().is_some(), metrics).clicked() {
            editor.add(kind);
        }
    }
    let tooltip = format!("Takes {on} out of all steps: as it was recorded");
    let words = ["Reset", "Reset the axis", &tooltip];
    let has_steps = !editor.steps().is_empty();
    if chips::word(ui, place(4), Id::unique("timbreloom path reset"), words, has_steps, metrics).clicked() {
        editor.reset();
    }
    add_menu(ui, place(5), editor, cx);
}

fn add_menu(ui: &Ui, rect: Rect, editor: &mut PathsEditor, cx: &PaintContext) {
    let metrics = cx.metrics;
    let is_enabled = editor.path().is_some();
    let response = button::area(ui, rect, Id::unique("timbreloom path add"), "Add a step", is_enabled);
    let ink = if is_enabled { theme::TEXT } else { theme::IDLE };
    let at = rect.center() - vec2(metrics.px(6.0), 0.0);
    ui.painter().text(at, Align2::CENTER_CENTER, "Add", metrics.small(), ink);
    let at = pos2(rect.right() - metrics.px(9.0), rect.center().y);
    icon::paint(ui.painter(), at, metrics.fine(3.0), Icon::Down, theme::TEXT_QUIET);
    Popup::menu(&response).accessible_name("Add a step").show(|ui| {
        theme::scale(ui, metrics);
        ui.set_width(metrics.px(200.0));
        ui.label(theme::quiet(format!("On {}, {}", editor.scope_name(), editor.range_name())));
        for kind in StepKind::ALL {
            if kind == StepKind::Slice {
                ui.separator();
                ui.label(theme::quiet("On all axes together"));
            }
            let is_possible = kind != StepKind::Slice || editor.selection.is_some();
            let line = ui.scope(|ui| chips::item(ui, kind.name(), is_possible, true));
            line.response.on_hover_text(match is_possible {
                true => about(kind),
                false => "Select a range first: it is what is left",
            });
            if line.inner {
                editor.add(kind);
                if matches!(kind, StepKind::Draw | StepKind::Envelope) {
                    editor.tool = Tool::Points;
                }
            }
        }
    });
    response.on_hover_text("Adds any kind of step");
}

/// Draws the list into `rect`.
pub fn list(ui: &mut Ui, rect: Rect, editor: &mut PathsEditor, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    ui.painter().rect_filled(rect, 4.0, theme::BACKGROUND);
    let inner = rect.shrink(metrics.px(3.0));
    if editor.steps().is_empty() {
        let text = match editor.path() {
            Some(_) => "Nothing bends this path yet. Draw on the curve, or add a step with the buttons above.",
            None => "Steps bend a path and leave its recording as it is. There is no path here yet.",
        };
        if rect.height() > metrics.px(40.0) {
            plot::empty(ui, inner, text, metrics);
        }
        return;
    }
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inner).id_salt("path steps"));
    child.set_clip_rect(ui.clip_rect().intersect(inner.expand(2.0)));
    child.spacing_mut().item_spacing.y = 2.0;
    let is_one_line = inner.width() >= metrics.px(ONE_LINE);
    let height = metrics.px(if is_one_line { 22.0 } else { 42.0 });
    let mut edit = None;
    let list = ScrollArea::vertical().id_salt("path step list").auto_shrink(false).show(&mut child, |ui| {
        for index in 0..editor.steps().len() {
            let (_, row) = ui.allocate_space(vec2(ui.available_width() - metrics.px(6.0), height));
            edit = step(ui, row, index, is_one_line, editor, metrics).or(edit);
        }
    });
    fade::paint(ui, &list, theme::BACKGROUND, metrics);
    match edit {
        Some(Edit::Move(index, by)) => editor.move_step(index, by),
        Some(Edit::Delete(index)) => editor.delete_step(index),
        None => return,
    }
    // The keyboard goes with what was moved, or to what came in its place.
    if let Some(step) = editor.step() {
        ui.memory_mut(|memory| memory.request_focus(row_id(step)));
    }
}

/// What changes the order of the list: done once it is drawn.
#[derive(Clone, Copy)]
enum Edit {
    Move(usize, isize),
    Delete(usize),
}

fn row_id(index: usize) -> Id {
    Id::unique(("timbreloom path step", index))
}

/// Where everything of a step lies.
struct Cells {
    switch: Rect,
    name: Rect,
    amount: Rect,
    place: Rect,
    dice: Rect,
    up: Rect,
    down: Rect,
    delete: Rect,
}

impl Cells {
    fn of(row: Rect, is_one_line: bool, metrics: Metrics) -> Self {
        let side = metrics.px(20.0);
        let line = if is_one_line { row } else { row.with_max_y(row.center().y) };
        let place = |left: f32, width: f32| {
            Rect::from_center_size(pos2(left + width * 0.5, line.center().y), vec2(width, side.min(line.height())))
        };
        let switch = place(row.left() + metrics.px(5.0), side);
        let [up, down, delete] = [3.0, 2.0, 1.0].map(|n| place(row.right() - side * n, side));
        let name_left = switch.right() + metrics.px(4.0);
        if is_one_line {
            let dice = place(up.left() - side - metrics.px(4.0), side);
            let name = place(name_left, metrics.px(78.0));
            let amount = place(name.right() + metrics.px(4.0), metrics.px(66.0)).shrink2(vec2(0.0, 1.0));
            let where_left = amount.right() + metrics.px(6.0);
            let where_ = place(where_left, dice.left() - where_left - metrics.px(4.0));
            return Self { switch, name, amount, place: where_, dice, up, down, delete };
        }
        let amount = place(up.left() - metrics.px(70.0), metrics.px(66.0)).shrink2(vec2(0.0, 1.0));
        let name = place(name_left, amount.left() - name_left - metrics.px(4.0));
        let below = row.with_min_y(row.center().y);
        let dice_left = row.right() - side;
        let dice = Rect::from_center_size(pos2(dice_left + side * 0.5, below.center().y), vec2(side, side));
        let where_ =
            Rect::from_min_max(pos2(name_left, below.top() + 1.0), pos2(dice_left - 4.0, below.bottom() - 2.0));
        Self { switch, name, amount, place: where_, dice, up, down, delete }
    }
}

/// A step, with what concerns it alone; returns what concerns the whole list.
fn step(
    ui: &mut Ui,
    row: Rect,
    index: usize,
    is_one_line: bool,
    editor: &mut PathsEditor,
    metrics: Metrics,
) -> Option<Edit> {
    let cells = Cells::of(row, is_one_line, metrics);
    let step = editor.steps().get(index)?.clone();
    let mut edit = None;
    let (id, number, last) = (row_id(index), index + 1, editor.steps().len() - 1);
    let response = ui.interact(row, id, Sense::click());
    let is_selected = editor.step() == Some(index);
    if response.clicked() {
        response.request_focus();
        editor.select_step(Some(index));
    }
    if response.gained_focus() {
        ui.scroll_to_rect(row, None);
    }
    if response.has_focus() {
        edit = keys(ui, id, index, &step, editor);
    }
    let short = chain::name(&step, editor.dims());
    let name = match short == step.kind.name() {
        true => chain::label(step.kind, step.axes, editor.dims()),
        false => format!("{short} on {}", chain::axes_name(step.axes, editor.dims()).to_lowercase()),
    };
    let off = if step.is_off { ", off" } else { "" };
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, true, is_selected, format!("Step {number}: {name}{off}"))
    });
    let ground = match (is_selected, response.contains_pointer()) {
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
    focus_ring(ui, &response, row, 4.0);
    switch(ui, cells.switch, index, &step, editor, metrics);
    let ink = if step.is_off { theme::IDLE } else { theme::TEXT };
    // What has no amount has its room for the name.
    let right = if step.kind.amount().is_some() { cells.name.right() } else { cells.amount.right() };
    notice::line(ui, cells.name.left_center(), &short, metrics.body(), ink, right - cells.name.left());
    response.on_hover_text(format!("{}\nAlt arrows: move. Space: on or off. Delete", about(step.kind)));
    amount::paint(ui, cells.amount, index, editor, metrics);
    where_it_acts(ui, cells.place, index, &step, editor, metrics);
    if step.kind == StepKind::Random {
        let words = [&*format!("Throw the dice of step {number}"), &format!("Other chance. Now number {}", step.seed)];
        let id = id.with("dice");
        let radius = metrics.fine(6.5);
        let dice = chips::sign(ui, cells.dice, id, words, [true, true], |painter, centre, ink| {
            sign::dice(painter, centre, radius, ink);
        });
        if dice.clicked() {
            let seed = editor.fresh_seed();
            editor.change(index, "Dice of", |step| step.seed = seed);
        }
    }
    let radius = metrics.fine(4.5);
    for (place, word, up, is_enabled) in [(cells.up, "up", 1.0, index > 0), (cells.down, "down", -1.0, index < last)] {
        let words = [&*format!("Move step {number} {word}"), if up > 0.0 { "Earlier" } else { "Later" }];
        let arrow = chips::sign(ui, place, id.with(word), words, [is_enabled, false], |painter, centre, ink| {
            sign::arrow(painter, centre, radius, up, ink);
        });
        if arrow.clicked() {
            edit = Some(Edit::Move(index, -up as isize));
        }
    }
    let words = [&*format!("Delete step {number}"), "Delete"];
    let cross = chips::sign(ui, cells.delete, id.with("delete"), words, [true, false], |painter, centre, ink| {
        icon::paint(painter, centre, radius, Icon::Close, ink);
    });
    if cross.clicked() {
        edit = Some(Edit::Delete(index));
    }
    edit
}

fn keys(ui: &Ui, id: Id, index: usize, step: &StepView, editor: &mut PathsEditor) -> Option<Edit> {
    let [_, up] = arrows(ui, id);
    let is_alt = ui.input(|input| input.modifiers.alt);
    if up != 0.0 && is_alt {
        return Some(Edit::Move(index, -up as isize));
    }
    if up != 0.0 {
        let next = index.saturating_add_signed(-up as isize).min(editor.steps().len() - 1);
        editor.select_step(Some(next));
        ui.memory_mut(|memory| memory.request_focus(row_id(next)));
    }
    if presses(ui, Key::Enter) > 0.0 && step.kind.amount().is_some() {
        let text = amount::text(step).replace('\u{2212}', "-");
        let (is_wrong, is_new) = (false, true);
        editor.typing = Some(AmountTyping { step: index, text, is_wrong, is_new });
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Space)) {
        flip(index, step, editor);
    }
    (presses(ui, Key::Delete) + presses(ui, Key::Backspace) > 0.0).then_some(Edit::Delete(index))
}

fn flip(index: usize, step: &StepView, editor: &mut PathsEditor) {
    editor.change(index, if step.is_off { "Switch on" } else { "Switch off" }, |step| step.is_off ^= true);
}

/// On or off, as a lamp.
fn switch(ui: &Ui, rect: Rect, index: usize, step: &StepView, editor: &mut PathsEditor, metrics: Metrics) {
    let response = ui.interact(rect, row_id(index).with("switch"), Sense::CLICK);
    response
        .widget_info(|| WidgetInfo::selected(Role::CheckBox, true, !step.is_off, format!("Step {} is on", index + 1)));
    let radius = metrics.fine(5.0);
    let line = if response.hovered() { theme::TEXT } else { theme::LINE_STRONG };
    let (fill, line) = if step.is_off { (theme::BACKGROUND, line) } else { (theme::ACCENT, theme::ACCENT) };
    ui.painter().circle(rect.center(), radius, fill, egui::Stroke::new(1.5, line));
    if response.on_hover_text(if step.is_off { "Switch it on" } else { "Switch it off" }).clicked() {
        flip(index, step, editor);
    }
}

/// On which axes and in which range a step acts, with a menu to change it.
fn where_it_acts(ui: &Ui, rect: Rect, index: usize, step: &StepView, editor: &mut PathsEditor, metrics: Metrics) {
    let axes = if step.kind.is_of_axes() { chain::axes_name(step.axes, editor.dims()) } else { "All axes".into() };
    let range = step.range_s.map(range_name).or_else(|| drawn_range(step));
    let text = range.map_or_else(|| axes.clone(), |range| format!("{axes} \u{00b7} {range}"));
    let id = row_id(index).with("where");
    let response = ui.interact(rect, id, Sense::click());
    if response.clicked() {
        response.request_focus();
        editor.select_step(Some(index));
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Where step {} acts: {text}", index + 1)));
    if response.hovered() {
        ui.painter().rect_filled(rect, 3.0, theme::RAISED_HOVER);
    }
    let ink = if step.is_off { theme::IDLE } else { theme::TEXT_QUIET };
    let at = rect.left_center() + vec2(metrics.px(3.0), 0.0);
    notice::line(ui, at, &text, metrics.small(), ink, rect.width() - metrics.px(6.0));
    focus_ring(ui, &response, rect.expand(1.0), 4.0);
    let one = AxisSet::one(editor.axis());
    Popup::menu(&response).accessible_name(format!("Where step {} acts", index + 1)).show(|ui| {
        theme::scale(ui, metrics);
        ui.set_width(metrics.px(220.0));
        if step.kind.is_of_axes() {
            let active = format!("On the axis shown ({})", scale::name(editor.axis()));
            for (name, axes) in [(&*active, one), ("On all latents", AxisSet::LATENT), ("On everything", AxisSet::ALL)]
            {
                if chips::item(ui, name, step.axes != axes, true) {
                    editor.change(index, "Axes of", |step| step.axes = axes);
                }
            }
            let (word, axes) = match step.axes.has(editor.axis()) {
                true => ("Without the axis shown", step.axes.without(one)),
                false => ("With the axis shown, too", step.axes.with(one)),
            };
            if chips::item(ui, word, !axes.is_empty(), true) {
                editor.change(index, "Axes of", |step| step.axes = axes);
            }
            ui.separator();
        }
        if step.kind != StepKind::Draw {
            let selection = editor.selection;
            if chips::item(ui, "In the selected range", selection.is_some() && step.range_s != selection, true) {
                editor.change(index, "Range of", |step| step.range_s = selection);
            }
            if chips::item(ui, "Everywhere", step.range_s.is_some() && step.kind != StepKind::Slice, true) {
                editor.change(index, "Range of", |step| step.range_s = None);
            }
        }
        if let Some(range) = step.range_s.or_else(|| ends(step))
            && chips::item(ui, "Select its range", true, true)
        {
            editor.selection = Some(range);
        }
        if step.kind == StepKind::Envelope && editor.target() != Target::Envelope(index) {
            ui.label(theme::quiet("Select the step to draw its envelope."));
        }
    });
    response.on_hover_text("Where it acts. Click: change");
}

/// From where to where a line is drawn.
fn ends(step: &StepView) -> Option<[f32; 2]> {
    let is_line = step.kind == StepKind::Draw && step.points.len() > 1;
    is_line.then(|| [step.points[0][0], step.points[step.points.len() - 1][0]])
}

fn drawn_range(step: &StepView) -> Option<String> {
    ends(step).map(range_name)
}
