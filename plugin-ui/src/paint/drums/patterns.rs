//! Above the grid: which pattern is shown and played, and how the beat runs.

use egui::accesskit::Role;
use egui::style::StyleModifier;
use egui::{Align2, Id, Popup, PopupCloseBehavior, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{Scene, menus};
use crate::control::set_once;
use crate::drums::beat::BeatView;
use crate::drums::layout::Layout;
use crate::drums::{DrumsRequest, PATTERNS, param};
use crate::paint::control::{Place, arrows, focus_ring, info};
use crate::paint::icon::Icon;
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, bar, button, menu as paint_menu, switch};
use crate::{ParamBackend, ParamId};

/// From this width on all stands in one row, in points of the design.
const ONE_ROW: f32 = 1000.0;
const ROW: f32 = 24.0;
const GAP: f32 = 6.0;

/// How high it is in a view of such a width.
pub fn height(width: f32, metrics: Metrics) -> f32 {
    if width >= metrics.px(ONE_ROW) { metrics.px(ROW) } else { metrics.px(ROW * 2.0 + GAP) }
}

/// A pattern from 0 to the last, and how many are played from the first one on.
fn chain(params: &dyn ParamBackend) -> [usize; 2] {
    let plain = |id: ParamId| params.plain(id, params.normalised(id)).round().max(1.0) as usize;
    [plain(param::PATTERN) - 1, plain(param::CHAIN)]
}

/// Whether a pattern is one of those that are played.
fn is_played(pattern: usize, params: &dyn ParamBackend) -> bool {
    let [first, count] = chain(params);
    (pattern + PATTERNS - first % PATTERNS) % PATTERNS < count
}

/// Shows a pattern; one that is not in the chain is played, too.
pub fn go(view: &mut BeatView, pattern: usize, params: &mut dyn ParamBackend) {
    let pattern = pattern.min(PATTERNS - 1);
    if !is_played(pattern, params) {
        let value = params.normalise(param::PATTERN, pattern as f32 + 1.0);
        set_once(params, param::PATTERN, value);
    }
    view.show(pattern);
}

/// Cuts places off a row from the left.
struct Cut {
    free: Rect,
    gap: f32,
}

impl Cut {
    fn take(&mut self, width: f32) -> Rect {
        let place = self.free.with_max_x((self.free.left() + width).min(self.free.right()));
        self.free.set_left((place.right() + self.gap).min(self.free.right()));
        place
    }
}

/// Draws it into `rect`.
pub fn paint(
    ui: &mut Ui,
    rect: Rect,
    view: &mut BeatView,
    layout: &mut Layout,
    scene: &Scene,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let metrics = cx.metrics;
    let upper = rect.with_max_y(rect.top() + metrics.px(ROW));
    let is_one_row = rect.height() < metrics.px(ROW) * 1.5;
    let mut cut = Cut { free: upper, gap: metrics.px(6.0) };
    let [run, menu] = [140.0, 24.0].map(|width| metrics.px(width));
    let chain = metrics.px(38.0 + 52.0) + cut.gap;
    let spare = upper.width() - run - menu - chain - cut.gap * 3.0;
    let row = cut.take(if is_one_row { metrics.px(256.0) } else { spare.min(metrics.px(480.0)) });
    buttons(ui, row, view, scene, cx);
    more(ui, cut.take(menu), view, layout, cx, requests);
    label(ui, &mut cut, "Chain", 38.0, cx);
    list(ui, cut.take(metrics.px(52.0)), param::CHAIN, cx);
    segments(ui, cut.take(run), param::RUN, cx);
    if !is_one_row {
        cut.free = rect.with_min_y(rect.bottom() - metrics.px(ROW));
    }
    label(ui, &mut cut, "Step", 30.0, cx);
    list(ui, cut.take(metrics.px(64.0)), param::STEP, cx);
    label(ui, &mut cut, "Swing", 36.0, cx);
    let others = metrics.px(8.0 + 42.0 + 78.0 + 98.0) + cut.gap * 4.0;
    let swing = cut.take((cut.free.width() - others).clamp(metrics.px(60.0), metrics.px(420.0)));
    bar::paint(ui, swing, param::SWING, cx);
    cut.take(metrics.px(8.0) - cut.gap);
    label(ui, &mut cut, "Evolve", 42.0, cx);
    list(ui, cut.take(metrics.px(78.0)), param::EVOLVE, cx);
    segments(ui, cut.take(metrics.px(98.0)), param::EVOLVE_WHAT, cx);
}

fn list(ui: &Ui, place: Rect, id: ParamId, cx: &mut PaintContext) {
    switch::list(ui, place.shrink2(vec2(0.0, 1.0)), Place::View, id, cx);
}

fn segments(ui: &Ui, place: Rect, id: ParamId, cx: &mut PaintContext) {
    switch::segments(ui, place.shrink2(vec2(0.0, 1.0)), Place::View, id, cx);
}

fn label(ui: &Ui, cut: &mut Cut, text: &str, width: f32, cx: &PaintContext) {
    let at = cut.take(cx.metrics.px(width)).left_center();
    ui.painter().text(at, Align2::LEFT_CENTER, text, cx.metrics.small(), theme::TEXT_QUIET);
}

/// All patterns side by side: one stop of the Tab key, arrow keys within.
fn buttons(ui: &Ui, rect: Rect, view: &mut BeatView, scene: &Scene, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let id = Id::unique("timbreloom drum patterns");
    let whole = ui.interact(rect, id, Sense::focusable_noninteractive());
    let shown = view.shown();
    let mut next = shown;
    if whole.has_focus() {
        let [right, up] = arrows(ui, id);
        next = (shown as f32 + right - up).clamp(0.0, PATTERNS as f32 - 1.0) as usize;
    }
    let gap = metrics.px(3.0);
    let width = (rect.width() - gap * (PATTERNS - 1) as f32) / PATTERNS as f32;
    for pattern in 0..PATTERNS {
        let left = rect.left() + (width + gap) * pattern as f32;
        let place = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        let response = ui.interact(place, id.with(pattern), Sense::CLICK);
        if response.clicked() {
            next = pattern;
            whole.request_focus();
        }
        let (is_filled, is_chained) = (!view.patterns()[pattern].is_silent(), is_played(pattern, cx.params));
        let is_sounding = scene.status.playing.is_some_and(|playing| playing.pattern == pattern);
        let name = format!("Pattern {}{}", pattern + 1, if is_filled { "" } else { ", empty" });
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, pattern == shown, &name));
        let fill = match (pattern == shown, response.hovered()) {
            (true, _) => theme::ACCENT_DIM,
            (false, true) => theme::RAISED_HOVER,
            (false, false) if is_filled => theme::RAISED,
            _ => theme::BACKGROUND,
        };
        let line = if pattern == shown { theme::ACCENT } else { theme::LINE };
        ui.painter().rect(place, 4.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
        let ink = if is_filled || pattern == shown { theme::TEXT } else { theme::IDLE };
        ui.painter().text(place.center(), Align2::CENTER_CENTER, (pattern + 1).to_string(), metrics.body(), ink);
        if is_chained {
            // A bar under those that are played; it is lit while one sounds.
            let bar = Rect::from_min_max(
                place.left_bottom() - vec2(-4.0, metrics.px(4.0)),
                place.right_bottom() - vec2(4.0, 2.0),
            );
            ui.painter().rect_filled(bar, 1.0, if is_sounding { theme::TEXT } else { theme::ACCENT });
        }
        let what = if is_chained { "shows it" } else { "plays it and shows it" };
        response.on_hover_text(format!("{name}\nClick: {what}. The bar: it is played"));
    }
    if next != shown {
        go(view, next, cx.params);
    }
    let value = cx.params.text(param::PATTERN, cx.params.normalised(param::PATTERN));
    whole
        .widget_info(|| info(Role::RadioGroup, cx.params.name(param::PATTERN), format!("{value}, shown {}", next + 1)));
    focus_ring(ui, &whole, rect.expand(2.0), 5.0);
    paint_menu::attach(ui, &whole, param::PATTERN, false, cx);
}

/// The button of the pattern's menu.
fn more(
    ui: &Ui,
    rect: Rect,
    view: &mut BeatView,
    layout: &mut Layout,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let id = Id::unique("timbreloom drum pattern menu");
    let name = format!("Menu of pattern {}", view.shown() + 1);
    let response = button::sign(ui, rect, id, Icon::Down, [&name, "Copy, paste, clear, shift the pattern"], true);
    let popup =
        Popup::menu(&response).style(StyleModifier::default()).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    popup.accessible_name(&name).show(|ui| menus::pattern(ui, view, layout, cx, requests));
}
