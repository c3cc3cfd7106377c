//! The menus of a line and of a pattern.

use egui::{DragValue, Ui};

use super::{Scene, kinds};
use crate::drums::beat::BeatView;
use crate::drums::layout::Layout;
use crate::drums::{DrumsRequest, Line, TRACKS, param};
use crate::paint::menu::item;
use crate::paint::{PaintContext, theme};

/// A line that can be chosen or not; it closes the menu.
fn choice(ui: &mut Ui, text: &str, is_enabled: bool) -> bool {
    ui.add_enabled_ui(is_enabled, |ui| item(ui, text)).inner
}

/// What can be done with the line of the selected track.
pub fn line(ui: &mut Ui, view: &mut BeatView, scene: &Scene, cx: &PaintContext, requests: &mut Vec<DrumsRequest>) {
    theme::scale(ui, cx.metrics);
    ui.set_min_width(cx.metrics.px(210.0));
    let track = view.cursor().track;
    let name = |track: usize| kinds::name(scene.kit, kinds::chosen(param::CLASS[track], cx.params));
    ui.label(theme::quiet(format!("Line {}: {}", track + 1, name(track))));
    if item(ui, "Copy line") {
        view.copy_line(track);
    }
    if choice(ui, "Paste line", view.can_paste_line()) {
        view.paste_line(track);
    }
    if item(ui, "Clear line") {
        view.change_line(track, "Clear Line", Line::clear);
    }
    ui.separator();
    fill(ui, view, track);
    ui.separator();
    ui.horizontal(|ui| {
        // They leave the menu open: one shifts until it fits.
        for (text, by) in [("Shift left", -1), ("Shift right", 1)] {
            if ui.button(text).clicked() {
                view.change_line(track, "Shift Line", |line| line.turn(by));
            }
        }
    });
    if ui.button("Loosen a little").on_hover_text("Softer, louder, early, late: as a hand would play it").clicked() {
        view.loosen(track);
    }
    ui.separator();
    if item(ui, "Bounce the hit to a file") {
        requests.push(DrumsRequest::BounceHit { track });
    }
    ui.menu_button("Copy the hit to", |ui| {
        for to in (0..TRACKS).filter(|&to| to != track) {
            if item(ui, &format!("{}  {}", to + 1, name(to))) {
                requests.push(DrumsRequest::CopyHit { from: track, to });
            }
        }
    });
}

/// So many hits, spread as evenly as can be.
fn fill(ui: &mut Ui, view: &mut BeatView, track: usize) {
    let count = view.line(track).played().len();
    let [mut hits, mut turn] = view.fill;
    (hits, turn) = (hits.min(count), turn.min(count - 1));
    let mut is_asked = false;
    ui.horizontal(|ui| {
        ui.label("Spread");
        let field = ui.add(DragValue::new(&mut hits).range(0..=count).speed(0.1));
        is_asked |= field.on_hover_text("How many hits").accessible_name("Hits to spread").changed();
        ui.label(format!("hits over {count},"));
        ui.label("from");
        let mut first = turn + 1;
        let field = ui.add(DragValue::new(&mut first).range(1..=count).speed(0.1));
        is_asked |= field.on_hover_text("The step of the first hit").accessible_name("First hit").changed();
        turn = first - 1;
    });
    view.fill = [hits, turn];
    is_asked |= ui.button("Fill the line evenly").clicked();
    if is_asked {
        view.hold();
        view.change_line(track, "Fill Line", |line| line.spread(hits, turn));
    }
}

/// What can be done with the pattern that is shown.
pub fn pattern(
    ui: &mut Ui,
    view: &mut BeatView,
    layout: &mut Layout,
    cx: &PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    theme::scale(ui, cx.metrics);
    ui.set_min_width(cx.metrics.px(190.0));
    ui.label(theme::quiet(format!("Pattern {}", view.shown() + 1)));
    if item(ui, "Copy pattern") {
        view.copy_pattern();
    }
    if choice(ui, "Paste pattern", view.can_paste_pattern()) {
        view.paste_pattern();
    }
    if item(ui, "Clear pattern") {
        view.clear_pattern();
    }
    ui.separator();
    ui.horizontal(|ui| {
        for (text, by) in [("Shift left", -1), ("Shift right", 1)] {
            if ui.button(text).clicked() {
                view.turn_pattern(by);
            }
        }
    });
    ui.separator();
    let text = "Show what is played";
    ui.checkbox(&mut layout.is_following, text).on_hover_text("The grid shows each pattern of a chain as it sounds");
    ui.separator();
    if item(ui, "Bounce the loop to a file") {
        requests.push(DrumsRequest::BounceLoop);
    }
}
