//! Beneath the grid: what the selected steps are, and the menu of their line.

use egui::style::StyleModifier;
use egui::{Align2, Id, Popup, PopupCloseBehavior, Rect, Ui, pos2, vec2};

use super::rail::{self, Moved, Rail};
use super::{Scene, ink, kinds, menus};
use crate::drums::beat::{Aspect, BeatView};
use crate::drums::{DrumsRequest, param};
use crate::paint::icon::{self, Icon};
use crate::paint::theme::{self, Metrics};
use crate::paint::{PaintContext, button, notice};

/// How high it is.
pub fn height(metrics: Metrics) -> f32 {
    metrics.px(34.0)
}

/// Draws it into `rect`.
pub fn paint(
    ui: &Ui,
    rect: Rect,
    view: &mut BeatView,
    scene: &Scene,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let metrics = cx.metrics;
    let cursor = view.cursor();
    let class = kinds::chosen(param::CLASS[cursor.track], cx.params);
    let colour = ink::of(class);
    let count = view.selected().count();
    let what = if count > 1 { format!("{count} steps") } else { format!("Step {}", cursor.step + 1) };
    let left = rect.with_max_x(rect.left() + (rect.width() * 0.14).clamp(metrics.px(60.0), metrics.px(110.0)));
    let line = left.top() + left.height() * 0.27;
    notice::line(ui, pos2(left.left(), line), &kinds::name(scene.kit, class), metrics.small(), colour, left.width());
    let line = left.bottom() - left.height() * 0.25;
    notice::line(ui, pos2(left.left(), line), &what, metrics.body(), theme::TEXT, left.width());

    let menu = rect.with_min_x(rect.right() - metrics.px(64.0)).shrink2(vec2(0.0, metrics.px(4.0)));
    let gap = metrics.px(12.0);
    let rails =
        Rect::from_min_max(pos2(left.right() + metrics.px(8.0), rect.top()), pos2(menu.left() - gap, rect.bottom()));
    let width = (rails.width() - gap * 3.0) / 4.0;
    let step = view.step(cursor);
    for (n, aspect) in Aspect::ALL.into_iter().enumerate() {
        let place = Rect::from_min_size(
            pos2(rails.left() + (width + gap) * n as f32, rails.top()),
            vec2(width, rails.height()),
        );
        let [low, high, rest] = aspect.range();
        let value = aspect.of(&step);
        let is_idle = !step.is_on() && aspect != Aspect::Velocity;
        let shown = Rail {
            label: if width < metrics.px(100.0) { short(aspect) } else { aspect.name() },
            name: aspect.name(),
            tooltip: tooltip(aspect),
            value: value as f32,
            range: [low as f32, high as f32],
            rest: rest as f32,
            step: match aspect {
                Aspect::Velocity => 4.0,
                Aspect::Probability | Aspect::Shift => 5.0,
                Aspect::Ratchet => 1.0,
            },
            text: &if step.is_on() { aspect.text(value) } else { "\u{2013}".to_owned() },
            is_idle,
            colour,
        };
        let id = Id::unique("timbreloom drum step").with(n);
        if let Some(moved) = rail::paint(ui, place, id, &shown, metrics) {
            match moved {
                Moved::To(_) => view.hold(),
                Moved::Turned(_) => view.hold_for_wheel(scene.now_s),
            }
            view.set(aspect, moved.value().round() as i32);
        }
    }
    let id = Id::unique("timbreloom drum line menu");
    let name = format!("Menu of line {}", cursor.track + 1);
    let response = button::area(ui, menu, id, &name, true);
    let at = menu.left_center() + vec2(metrics.px(10.0), 0.0);
    ui.painter().text(at, Align2::LEFT_CENTER, "Line", metrics.small(), theme::TEXT);
    let at = menu.right_center() - vec2(metrics.px(12.0), 0.0);
    icon::paint(ui.painter(), at, metrics.fine(4.5), Icon::Down, theme::TEXT_QUIET);
    let popup =
        Popup::menu(&response).style(StyleModifier::default()).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    popup.accessible_name(&name).show(|ui| menus::line(ui, view, scene, cx, requests));
    response.on_hover_text("Copy, paste, clear, shift, fill or loosen the line (right-click on the grid, Shift F10)");
}

/// Where the whole name has no room.
fn short(aspect: Aspect) -> &'static str {
    ["Vel", "Prob", "Ratch", "Time"][aspect as usize]
}

fn tooltip(aspect: Aspect) -> &'static str {
    [
        "How hard the step is hit. On the grid: drag up or down, 1 to 9, + and \u{2212}",
        "How often the step sounds as it comes round. On the grid: P",
        "How many quick hits there are in its time. On the grid: R",
        "Early to the left, late to the right. On the grid: comma and point",
    ][aspect as usize]
}
