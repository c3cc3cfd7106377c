//! The top bar: model, preset, A/B, undo and settings; beneath, the state in words, and meters.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Id, Key, Modifiers, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::button::{self, Row};
use super::control::info;
use super::icon::{self, Icon};
use super::notice::{one_line, sign};
use super::panel::Door;
use super::theme::{self, Metrics};
use super::{PaintContext, fault, logo, presets, switch, try_sound};
use crate::browse::neighbour;
use crate::fault::Faults;
use crate::heard::{self, Heard};
use crate::layout::Panel;
use crate::meter::{FLOOR_DB, Meter, TICKS_DB};
use crate::session::{Request, Side};
use crate::{ModelView, Status, param, summary};

/// What the bar shows, and what of the window it changes.
pub struct Header<'a> {
    pub status: &'a Status,
    pub model: &'a ModelView,
    /// An instrument has none.
    pub input: Option<(&'a Meter, &'a Heard)>,
    pub output: &'a Meter,
    pub faults: &'a mut Faults,
    pub door: Door<'a>,
}

/// What a limiter takes away is shown from here on, dB.
const LEAST_SHOWN_DB: f32 = 0.1;

/// From this width on the bar has room for the logo, points.
const LOGO_FROM: f32 = 1000.0;

/// The room that the words for what is heard need at most.
const HEARS: f32 = 150.0;

/// The height of the bar.
pub fn height(metrics: Metrics) -> f32 {
    metrics.px(74.0)
}

/// Draws the bar into `rect`.
pub fn paint(ui: &Ui, rect: Rect, header: &mut Header, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    ui.painter().rect_filled(rect, CornerRadius::same(6), theme::PANEL);
    let is_bypassed = is_bypassed(cx);
    let response = ui.interact(rect, ui.scope_id().with("status"), Sense::hover());
    let spoken = || summary::spoken(header.status, header.model, is_bypassed);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, spoken()));

    let inner = rect.shrink2(vec2(metrics.px(8.0), metrics.px(6.0)));
    let controls = Rect::from_min_size(inner.min, vec2(inner.width(), metrics.px(34.0)));
    let states = Rect::from_min_max(pos2(inner.left(), controls.bottom() + metrics.px(4.0)), inner.max);
    upper(ui, controls, header, cx);
    lower(ui, states, header, is_bypassed, cx);
}

/// An instrument has no bypass of its own.
fn is_bypassed(cx: &PaintContext) -> bool {
    cx.product.hears_a_track && cx.params.normalised(param::BYPASS) >= 0.5
}

/// Cuts columns off a row, from the left or from the right.
struct Cut {
    free: Rect,
    gap: f32,
}

impl Cut {
    fn left(&mut self, width: f32) -> Rect {
        let column = Rect::from_min_max(self.free.min, pos2(self.free.left() + width, self.free.bottom()));
        self.free.set_left(column.right() + self.gap);
        column
    }

    fn right(&mut self, width: f32) -> Rect {
        let column = Rect::from_min_max(pos2(self.free.right() - width, self.free.top()), self.free.max);
        self.free.set_right(column.left() - self.gap);
        column
    }
}

fn upper(ui: &Ui, rect: Rect, header: &mut Header, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let square = rect.height() - metrics.px(4.0);
    let mut cut = Cut { free: rect, gap: metrics.px(10.0) };
    // The places are cut first and drawn from left to right, which is the order of the Tab key.
    let settings = cut.right(square).shrink2(vec2(0.0, metrics.px(2.0)));
    let bypass = cx.product.hears_a_track.then(|| cut.right(metrics.px(76.0)).shrink2(vec2(0.0, metrics.px(4.0))));
    let sounds = (!cx.session.sounds.is_empty()).then(|| cut.right(square).shrink2(vec2(0.0, metrics.px(2.0))));
    let history = cut.right(square * 2.0 + metrics.px(3.0)).shrink2(vec2(0.0, metrics.px(2.0)));
    let sides = cut.right(metrics.px(62.0) + square).shrink2(vec2(0.0, metrics.px(4.0)));
    // A narrow bar is for what is played with.
    if rect.width() >= LOGO_FROM {
        let place = cut.left(metrics.px(30.0));
        logo::paint(ui.painter(), place.center() + vec2(metrics.px(3.0), 0.0), metrics.fine(12.0), theme::PANEL);
    }
    let model = cut.left(cut.free.width() * 0.46);
    model_button(ui, model, header, cx);
    preset(ui, cut.free, header, cx);
    compare(ui, sides, cx);
    undo_redo(ui, history, cx);
    if let Some(sounds) = sounds {
        try_sound::paint(ui, sounds, cx);
    }
    if let Some(bypass) = bypass {
        switch::toggle(ui, bypass, param::BYPASS, cx);
    }
    let id = Id::unique("timbreloom settings");
    let response = button::sign(ui, settings, id, Icon::Settings, ["Settings", "Settings"], true);
    if response.clicked() {
        header.door.opening.toggle(Panel::Settings, id, header.door.open, ui);
    }
}

fn model_button(ui: &Ui, rect: Rect, header: &mut Header, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let name = summary::name(header.status, header.model);
    let id = Id::unique("timbreloom models");
    let response = button::area(ui, rect, id, &format!("Model: {name}"), true);
    ui.ctx().accesskit_node_builder(id, |node| node.set_expanded(*header.door.open == Some(Panel::Models)));
    if response.clicked() {
        header.door.opening.toggle(Panel::Models, id, header.door.open, ui);
    }
    let (tone, _) = summary::state(header.status, is_bypassed(cx));
    sign(ui, pos2(rect.left() + metrics.px(16.0), rect.center().y), metrics.px(6.0), tone);
    icon::paint(
        ui.painter(),
        pos2(rect.right() - metrics.px(14.0), rect.center().y),
        metrics.fine(5.0),
        Icon::Down,
        theme::TEXT_QUIET,
    );
    let left = rect.left() + metrics.px(30.0);
    let room = rect.right() - metrics.px(28.0) - left;
    let title = one_line(ui, name, metrics.title(), theme::TEXT, room);
    let (width, size) = (title.size().x, title.size());
    ui.painter().galley(pos2(left, rect.center().y - size.y * 0.5), title, theme::TEXT);
    let card = cx.session.models.iter().find(|card| card.name == header.model.name);
    let domain = card.map(|card| card.domain.as_str()).unwrap_or_default();
    let beside = room - width - metrics.px(8.0);
    if !domain.is_empty() && beside > metrics.px(40.0) {
        let text = one_line(ui, domain, metrics.small(), theme::TEXT_QUIET, beside);
        let at = pos2(left + width + metrics.px(8.0), rect.center().y - text.size().y * 0.5 + metrics.px(2.0));
        ui.painter().galley(at, text, theme::TEXT_QUIET);
    }
    if *header.door.open != Some(Panel::Models) {
        response.on_hover_text(cx.product.choose);
    }
}

fn preset(ui: &Ui, rect: Rect, header: &mut Header, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let rect = rect.shrink2(vec2(0.0, metrics.px(2.0)));
    let mut cut = Cut { free: rect, gap: metrics.px(3.0) };
    let [previous, save, next] = [cut.left(metrics.px(24.0)), cut.right(metrics.px(24.0)), cut.right(metrics.px(24.0))];
    let session = cx.session;
    let turn = |ui: &Ui, place: Rect, by: isize, icon: Icon, name: &str, cx: &mut PaintContext| {
        let to = neighbour(&session.presets, &session.preset, &session.first.name, by);
        let tooltip = to.map_or_else(
            || format!("There are no presets for this {}", cx.product.model[0]),
            |to| format!("{name}: {}", to.name),
        );
        let id = Id::unique(("timbreloom", name));
        if button::sign(ui, place, id, icon, [name, &tooltip], to.is_some()).clicked()
            && let Some(to) = to
        {
            cx.requests.push(Request::LoadPreset(to.path.clone()));
        }
    };
    turn(ui, previous, -1, Icon::Previous, "Previous preset", cx);
    let id = Id::unique("timbreloom presets");
    let (shown, spoken) = match (session.preset.as_str(), session.is_preset_edited) {
        ("", _) => ("No preset".to_owned(), "Preset: none".to_owned()),
        (name, true) => (format!("{name} (edited)"), format!("Preset: {name}, edited")),
        (name, false) => (name.to_owned(), format!("Preset: {name}")),
    };
    let response = button::area(ui, cut.free, id, &spoken, true);
    ui.ctx().accesskit_node_builder(id, |node| node.set_expanded(*header.door.open == Some(Panel::Presets)));
    if response.clicked() {
        header.door.opening.toggle(Panel::Presets, id, header.door.open, ui);
    }
    let ink = if session.preset.is_empty() { theme::TEXT_QUIET } else { theme::TEXT };
    let text = one_line(ui, &shown, metrics.body(), ink, cut.free.width() - metrics.px(30.0));
    let at = pos2(cut.free.left() + metrics.px(8.0), cut.free.center().y - text.size().y * 0.5);
    let is_cut = text.elided;
    ui.painter().galley(at, text, ink);
    let arrow = cut.free.right_center() - vec2(metrics.px(11.0), 0.0);
    icon::paint(ui.painter(), arrow, metrics.fine(4.5), Icon::Down, theme::TEXT_QUIET);
    if *header.door.open != Some(Panel::Presets) {
        response.on_hover_text(if is_cut { shown.as_str() } else { "Choose or save a preset" });
    }
    turn(ui, next, 1, Icon::Next, "Next preset", cx);
    let id = Id::unique("timbreloom save preset");
    let tooltip = if session.is_preset_edited { "Save what was edited" } else { "Save as a preset" };
    if button::sign(ui, save, id, Icon::Save, ["Save preset", tooltip], true).clicked() {
        presets::ask_to_save(ui);
        if *header.door.open != Some(Panel::Presets) {
            header.door.opening.toggle(Panel::Presets, id, header.door.open, ui);
        }
    }
    if session.is_preset_edited {
        ui.painter().circle_filled(save.right_top() + vec2(-5.0, 5.0), metrics.fine(2.5), theme::ACCENT);
    }
}

fn compare(ui: &Ui, rect: Rect, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let square = rect.height();
    let sides = rect.with_max_x(rect.right() - square - metrics.px(3.0));
    let chosen = usize::from(cx.session.side == Side::B);
    let row = Row {
        id: Id::unique("timbreloom compare"),
        name: "Compare A and B",
        roles: [Role::RadioGroup, Role::RadioButton],
        options: &["A", "B"],
    };
    if button::row(ui, sides, row, chosen, metrics).is_some() {
        cx.requests.push(Request::SwitchSide);
    }
    let copy = rect.with_min_x(rect.right() - square);
    let name = if chosen == 0 { "Copy A to B" } else { "Copy B to A" };
    if button::sign(ui, copy, Id::unique("timbreloom copy side"), Icon::Copy, [name; 2], true).clicked() {
        cx.requests.push(Request::CopyToOtherSide);
    }
}

fn undo_redo(ui: &Ui, rect: Rect, cx: &mut PaintContext) {
    let square = rect.height();
    let places = [rect.with_max_x(rect.left() + square), rect.with_min_x(rect.right() - square)];
    let session = cx.session;
    let is_free = !ui.ctx().text_edit_focused();
    let shift = ui.input(|input| input.modifiers.shift);
    let by_key = is_free && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Z));
    let by_redo_key =
        is_free && !by_key && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z));
    let steps = [
        (Icon::Undo, "Undo", &session.undo, Request::Undo, by_key && !shift),
        (Icon::Redo, "Redo", &session.redo, Request::Redo, by_redo_key || (by_key && shift)),
    ];
    for ((icon, name, step, request, is_asked), place) in steps.into_iter().zip(places) {
        let tooltip = match step {
            Some(step) => format!("{name}: {step}"),
            None => format!("{name}: nothing"),
        };
        let id = Id::unique(("timbreloom", name));
        let is_clicked = button::sign(ui, place, id, icon, [name, &tooltip], step.is_some()).clicked();
        if is_clicked || (is_asked && step.is_some()) {
            cx.requests.push(request);
        }
    }
}

/// The state in words, latency, what runs the model, its load, late hops, and the meters.
fn lower(ui: &Ui, rect: Rect, header: &mut Header, is_bypassed: bool, cx: &PaintContext) {
    let (metrics, status) = (cx.metrics, header.status);
    let mut cut = Cut { free: rect, gap: metrics.px(16.0) };
    meters(
        ui,
        cut.right((rect.width() * 0.42).min(metrics.px(520.0))),
        metrics,
        header.input.map(|(meter, _)| meter),
        header.output,
    );

    if header.faults.tone().is_some() {
        let place = cut.right(fault::sign_width(header.faults, cx));
        let place = Rect::from_center_size(place.center(), vec2(place.width(), metrics.px(22.0)));
        fault::sign(ui, place, header.faults, &mut header.door, cx);
    }
    let is_late = status.underruns > 0;
    let late = if is_late { status.underruns.to_string() } else { "none".to_owned() };
    let load = summary::load(status);
    let is_heavy = status.load > 1.0 && load.is_some();
    let latency = summary::latency(status).map(|(time, _)| time);
    let provider = match cx.session.provider.running.as_str() {
        "" => status.provider.to_string(),
        running => running.to_owned(),
    };
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "\u{2013}".to_owned());
    let state = summary::sentence(status, is_bypassed, &provider);
    let parts = latency_parts(header, cx);
    let of_provider = if provider.is_empty() { String::new() } else { format!(" ({provider})") };
    let dropouts = summary::underruns(status).unwrap_or_else(|| "The model has always been in time.".to_owned());
    let stats = [
        ("Latency", or_dash(latency), false, parts.as_str()),
        ("Load", or_dash(load) + &of_provider, is_heavy, "Time that the model needs, of the time that it has"),
        ("Dropouts", late, is_late, dropouts.as_str()),
    ];
    let mut left = cut.free.left() + metrics.px(4.0);
    // What it hears is for a window that is wide enough for it; the state in words comes first.
    let hears = header.input.filter(|_| state.is_none() && status.is_running && !is_bypassed).map(|(_, heard)| {
        let card = cx.session.models.iter().find(|card| card.name == header.model.name);
        heard.says(card, heard::moved_st(cx.params))
    });
    let hears = hears.as_ref().map(|hears| ("Hears", hears.words.clone(), hears.is_warning, hears.about.as_str()));
    for (label, value, is_warning, about) in stats.into_iter().chain(hears) {
        if label == "Hears" && cut.free.right() - left < metrics.px(HEARS) {
            break;
        }
        let right = stat(ui, pos2(left, cut.free.center().y), metrics, [label, &value], is_warning);
        let place = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
        ui.interact(place, ui.scope_id().with(label), Sense::hover()).on_hover_text(about);
        left = right + metrics.px(16.0);
    }
    let sentence = match cx.session.needs_restart {
        true => "A change takes effect when the host restarts the plugin.".to_owned(),
        false => state.unwrap_or_default(),
    };
    let is_warning = !status.held.is_empty() && *sentence == *status.held;
    if is_warning {
        sign(ui, pos2(left + metrics.px(6.0), cut.free.center().y), metrics.px(5.0), summary::Tone::Trouble);
        left += metrics.px(15.0);
    }
    let room = cut.free.right() - left;
    if room > metrics.px(60.0) && !sentence.is_empty() {
        let colour = if is_warning { theme::WARNING } else { theme::TEXT_QUIET };
        let line = one_line(ui, &sentence, metrics.small(), colour, room);
        let place = Rect::from_min_size(pos2(left, rect.center().y - line.size().y * 0.5), line.size());
        let is_cut = line.elided;
        ui.painter().galley(place.min, line, colour);
        if is_cut {
            ui.interact(place, ui.scope_id().with("state"), Sense::hover()).on_hover_text(sentence);
        }
    }
}

/// A label and its value on one line; returns where they end.
fn stat(ui: &Ui, at: egui::Pos2, metrics: Metrics, [label, value]: [&str; 2], is_warning: bool) -> f32 {
    let painter = ui.painter();
    let drawn = painter.text(at, Align2::LEFT_CENTER, label, metrics.small(), theme::TEXT_QUIET);
    let mut left = drawn.right() + metrics.px(5.0);
    if is_warning {
        sign(ui, pos2(left + metrics.px(6.0), at.y), metrics.px(5.0), summary::Tone::Trouble);
        left += metrics.px(15.0);
    }
    let colour = if is_warning { theme::WARNING } else { theme::TEXT };
    painter.text(pos2(left, at.y), Align2::LEFT_CENTER, value, metrics.small(), colour).right()
}

/// What the latency is made of, in words.
fn latency_parts(header: &Header, cx: &PaintContext) -> String {
    let Some((time, frames)) = summary::latency(header.status) else {
        return "Known once the host has started the plugin.".to_owned();
    };
    if !cx.product.hears_a_track {
        // It hears nothing, and has no time granted that could be chosen.
        return format!(
            "The plugin adds {time} ({frames}) between a note and its sound; in a song the host makes up for it."
        );
    }
    let granted = cx.params.text(param::LATENCY, cx.params.normalised(param::LATENCY));
    let card = cx.session.models.iter().find(|card| card.name == header.model.name);
    let own = card.filter(|card| card.delay_ms > 0.0).map(|card| format!(" ({:.1} ms)", card.delay_ms));
    format!(
        "You hear the model {time} ({frames}) after you play; in a song the host makes up for it.\nIt is the model's own look back at \
         the sound{}, one packet to be filled, the host's buffer, and the time granted for computing ({granted}).",
        own.unwrap_or_default()
    )
}

fn meters(ui: &Ui, rect: Rect, metrics: Metrics, input: Option<&Meter>, output: &Meter) {
    let half = (rect.width() - metrics.px(12.0)) * 0.5;
    let meters = [("In", input, theme::NEUTRAL), ("Out", Some(output), theme::ACCENT)];
    for (index, (label, meter, colour)) in meters.into_iter().enumerate() {
        let Some(meter) = meter else { continue };
        let left = rect.left() + (half + metrics.px(12.0)) * index as f32;
        let row = Rect::from_min_size(pos2(left, rect.top()), vec2(half, rect.height()));
        meter_row(ui, row, label, meter, colour, metrics);
    }
}

/// A level with its peak, marks at round levels, and a lamp for what passed full scale.
fn meter_row(ui: &Ui, row: Rect, label: &str, meter: &Meter, colour: egui::Color32, metrics: Metrics) {
    let painter = ui.painter();
    painter.text(row.left_center(), Align2::LEFT_CENTER, label, metrics.small(), theme::TEXT_QUIET);
    let (left, right) = (row.left() + metrics.px(24.0), row.right() - metrics.px(66.0));
    let has_numbers = right - left >= metrics.px(120.0);
    let middle = row.center().y - if has_numbers { metrics.px(5.0) } else { 0.0 };
    let bar = Rect::from_x_y_ranges(left..=right, middle - metrics.px(4.0)..=middle + metrics.px(4.0));
    painter.rect_filled(bar, 2.0, theme::RAISED);
    let x = |level_db: f32| bar.left() + bar.width() * Meter::share(level_db);
    painter.rect_filled(bar.with_max_x(x(meter.level_db)), 2.0, colour);
    if meter.level_db > 0.0 {
        // What lies above full scale.
        let over = Rect::from_x_y_ranges(x(0.0)..=x(meter.level_db), bar.y_range());
        painter.rect_filled(over, 0.0, theme::WARNING);
    }
    let font = egui::FontId::proportional(metrics.px(10.0));
    let mut free = f32::INFINITY;
    for level_db in TICKS_DB {
        let line = egui::Stroke::new(1.0, theme::LINE_STRONG);
        painter.vline(x(level_db), bar.bottom()..=bar.bottom() + metrics.px(3.0), line);
        let text = summary::signed(level_db, 0);
        let galley = painter.layout_no_wrap(text, font.clone(), theme::TEXT_QUIET);
        let at = pos2(x(level_db) - galley.size().x * 0.5, bar.bottom() + metrics.px(2.0));
        if has_numbers && at.x + galley.size().x + 2.0 < free {
            free = at.x;
            painter.galley(at, galley, theme::TEXT_QUIET);
        }
    }
    // Full scale.
    painter.vline(x(0.0), bar.y_range().expand(2.0), egui::Stroke::new(1.0, theme::LINE_STRONG));
    if meter.peak_db > FLOOR_DB {
        painter.vline(x(meter.peak_db), bar.y_range().expand(1.0), egui::Stroke::new(2.0, theme::TEXT));
    }
    if meter.limited_db > LEAST_SHOWN_DB {
        // From full scale down, above the level: what the limiter takes away.
        let gone = Rect::from_x_y_ranges(x(-meter.limited_db)..=x(0.0), bar.top() - metrics.px(4.0)..=bar.top() - 1.0);
        painter.rect_filled(gone, 1.0, theme::TEXT);
    }
    // The lamp is filled, not only coloured, while it says something.
    let lamp =
        Rect::from_center_size(pos2(bar.right() + metrics.px(8.0), middle), vec2(metrics.px(7.0), metrics.px(10.0)));
    let is_clipped = meter.is_clipped();
    if is_clipped {
        painter.rect_filled(lamp, 1.0, theme::WARNING);
    } else {
        let line = egui::Stroke::new(1.0, theme::LINE_STRONG);
        painter.rect_stroke(lamp, 1.0, line, egui::StrokeKind::Inside);
    }
    let text = summary::level(meter.peak_db);
    let ink = if is_clipped { theme::WARNING } else { theme::TEXT };
    painter.text(pos2(row.right(), middle), Align2::RIGHT_CENTER, text, metrics.small(), ink);
    let loudness = (meter.lufs > FLOOR_DB).then(|| summary::lufs(meter.lufs));
    if let Some(text) = loudness.as_ref().filter(|_| has_numbers) {
        let at = pos2(row.right(), bar.bottom() + metrics.px(7.0));
        painter.text(at, Align2::RIGHT_CENTER, text, font, theme::TEXT_QUIET);
    }
    let response = ui.interact(row, ui.scope_id().with(("meter", label)), Sense::hover());
    let side = if label == "In" { "input" } else { "output" };
    let said = if is_clipped { "clips" } else { "does not clip" };
    let (name, value) = (format!("Level of the {side}"), format!("{}, {said}", summary::level(meter.peak_db)));
    response.widget_info(|| info(Role::Meter, &name, &value));
    let mut about = format!("The {side}'s peak. The lamp stays lit for two seconds after it passed 0 dB.");
    if let Some(loudness) = loudness {
        about += &format!("\nLoudness of the last three seconds: {loudness}.");
    }
    if meter.limited_db > LEAST_SHOWN_DB {
        about += &format!("\nThe limiter holds peaks back by {:.1} dB.", meter.limited_db);
    }
    response.on_hover_text(about);
}
