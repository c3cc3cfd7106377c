//! A compact choice of a dimension: a step to each side, all of them in a menu, arrow keys.

use egui::accesskit::{Action, Role};
use egui::{Align2, Color32, Popup, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::control::{arrows, focus_ring, info};
use super::theme::{self, Metrics};
use crate::{ModelView, dimension};

/// Dimensions side by side in the menu.
const COLUMNS: usize = 4;
/// Where they have words.
const WORD_COLUMNS: usize = 2;

/// Its size in a row of controls.
pub fn size(metrics: Metrics) -> Vec2 {
    vec2(metrics.px(140.0), metrics.px(20.0))
}

/// Shows which of the model's first `count` dimensions is chosen, from 0; returns the one that the musician chooses instead.
pub fn paint(
    ui: &Ui,
    rect: Rect,
    name: &str,
    index: usize,
    count: usize,
    model: &ModelView,
    metrics: Metrics,
) -> Option<usize> {
    let (shown, item) = (|dim: usize| dimension::axis(model, dim), |dim: usize| dimension::name(model, dim));
    let number = |dim: usize| (dim + 1).to_string();
    let options = match model.dimension_names.is_empty() {
        true => Options { count, shown: &shown, item: &number, columns: COLUMNS },
        false => Options { count, shown: &shown, item: &item, columns: WORD_COLUMNS },
    };
    choose(ui, rect, name, index, options, metrics)
}

/// What can be chosen.
pub struct Options<'a> {
    pub count: usize,
    /// What stands between the arrows.
    pub shown: &'a dyn Fn(usize) -> String,
    /// What stands in the menu.
    pub item: &'a dyn Fn(usize) -> String,
    /// Items side by side in the menu.
    pub columns: usize,
}

/// [`paint`] for anything that can be told in a word.
pub fn choose(ui: &Ui, rect: Rect, name: &str, index: usize, options: Options, metrics: Metrics) -> Option<usize> {
    let count = options.count;
    let id = ui.scope_id().with(name);
    let whole = ui.interact(rect, id, Sense::click());
    if whole.clicked() {
        whole.request_focus();
    }
    let last = count.saturating_sub(1);
    let mut steps = 0.0;
    if whole.has_focus() {
        let [right, up] = arrows(ui, id);
        steps += right + up;
    }
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(id, action)) as f32;
    steps += asked(Action::Increment) - asked(Action::Decrement);

    ui.painter().rect_filled(rect, 4.0, if whole.hovered() { theme::RAISED_HOVER } else { theme::RAISED });
    let side = Vec2::new(rect.height(), rect.height());
    for (salt, place, step) in [
        ("less", Rect::from_min_size(rect.min, side), -1.0),
        ("more", Rect::from_min_size(pos2(rect.right() - side.x, rect.top()), side), 1.0),
    ] {
        let arrow = ui.interact(place, id.with(salt), Sense::CLICK);
        if arrow.clicked() {
            whole.request_focus();
            steps += step;
        }
        let can_go = if step > 0.0 { index < last } else { index > 0 };
        let colour = match (can_go, arrow.hovered()) {
            (false, _) => theme::LINE,
            (true, true) => theme::TEXT,
            (true, false) => theme::TEXT_QUIET,
        };
        triangle(ui, place.center(), step * metrics.fine(3.5), colour);
    }
    let text = (options.shown)(index);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, &text, metrics.small(), theme::TEXT);
    focus_ring(ui, &whole, rect.expand(2.0), 5.0);

    whole.widget_info(|| WidgetInfo {
        value: Some((index + 1) as f64),
        ..info(Role::SpinButton, name, (options.item)(index))
    });
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_min_numeric_value(1.0);
        node.set_max_numeric_value(count as f64);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
    let mut next = (index as f32 + steps).clamp(0.0, last as f32) as usize;
    Popup::menu(&whole).show(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(2.0);
        for first in (0..count).step_by(options.columns) {
            ui.horizontal(|ui| {
                for dim in first..count.min(first + options.columns) {
                    let label = egui::Button::selectable(dim == index, (options.item)(dim));
                    let width = match options.columns {
                        1 => rect.width(),
                        WORD_COLUMNS => metrics.px(100.0),
                        _ => metrics.px(26.0),
                    };
                    if ui.add_sized(vec2(width, metrics.px(26.0)), label).clicked() {
                        next = dim;
                        ui.close();
                    }
                }
            });
        }
    });
    (next != index).then_some(next)
}

fn triangle(ui: &Ui, centre: Pos2, reach: f32, colour: Color32) {
    let corners = [vec2(0.6, 0.0), vec2(-0.5, -1.0), vec2(-0.5, 1.0)].map(|corner| centre + corner * reach);
    ui.painter().add(Shape::convex_polygon(corners.to_vec(), colour, Stroke::NONE));
}
